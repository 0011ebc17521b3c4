//! `sanggan standards`: the library of the law, on the terminal and as reference pages.

mod pages;

use sanggan_standards::{Edition, Law, Sheet, Status, Text};

use crate::cli::{Format, Lang, StandardsVerb};
use crate::exit::Failure;
use crate::output;

/// Runs one verb.
pub(crate) fn run(law: &Law, verb: &StandardsVerb, format: Format) -> Result<(), Failure> {
    match verb {
        StandardsVerb::List { lang } => list(law, *lang, format),
        StandardsVerb::Show { edition, lang } => show(law, edition, *lang, format),
        StandardsVerb::Check { folder } => check(folder, format),
        StandardsVerb::Reference => output::json(&pages::all(law)),
    }
}

#[derive(serde::Serialize)]
struct EditionLine<'a> {
    edition: &'a str,
    path: &'a str,
    title: &'a Text,
    theme: &'static str,
    from: String,
    to: Option<String>,
    status: Status,
    region: Option<&'a str>,
}

fn list(law: &Law, lang: Lang, format: Format) -> Result<(), Failure> {
    let lines: Vec<EditionLine<'_>> = law
        .editions()
        .iter()
        .map(|edition| EditionLine {
            edition: edition.id.as_str(),
            path: edition.slug(),
            title: &edition.title,
            theme: edition.theme.name(),
            from: edition.from.to_string(),
            to: edition.to.map(|to| to.to_string()),
            status: edition.status,
            region: edition.region.as_deref(),
        })
        .collect();
    if format == Format::Json {
        return output::json(&lines);
    }
    let rows: Vec<Vec<String>> = law
        .editions()
        .iter()
        .map(|edition| {
            vec![
                edition.slug().to_owned(),
                edition.from.to_string(),
                edition.to.map_or(String::new(), |to| to.to_string()),
                if edition.status == Status::Unconfirmed { "?".to_owned() } else { String::new() },
                lang.pick(&edition.title),
            ]
        })
        .collect();
    output::text(&output::table(&["edition", "from", "to", "", "title"], &rows))?;
    output::note(
        "`?` = at least one table is not confirmed. `sanggan standards show EDITION` shows its tables.",
    );
    Ok(())
}

fn find<'a>(law: &'a Law, name: &str) -> Result<&'a Edition, Failure> {
    let is = |edition: &&Edition| edition.slug() == name || edition.id.as_str() == name;
    law.editions().iter().find(is).ok_or_else(|| {
        Failure::bad_input(
            format!("there is no edition `{name}`"),
            "`sanggan standards list` lists them: gb-3838/2002",
        )
    })
}

fn show(law: &Law, name: &str, lang: Lang, format: Format) -> Result<(), Failure> {
    let edition = find(law, name)?;
    let sheets = law.sheets(&edition.id);
    if format == Format::Json {
        return output::json(&sheets.iter().map(|sheet| pages::as_json(sheet)).collect::<Vec<_>>());
    }
    let mut text = pages::edition_head(edition, lang);
    for sheet in &sheets {
        text.push_str(&pages::sheet(sheet, lang, 2));
    }
    output::text(&text)
}

/// Checks a folder of law by laying it over the compiled-in one.
fn check(folder: &std::path::Path, format: Format) -> Result<(), Failure> {
    let files = crate::law::read_folder(folder)?;
    if files.is_empty() {
        return Err(Failure::bad_input(
            format!("`{}` holds no file of law", folder.display()),
            "a file lies in a folder of its standard: gb-3838/2002.toml",
        ));
    }
    let law = Law::load_over(&files)
        .map_err(Failure::step("lay these files over the law", sanggan_base::ErrorCode::BadInput))?;
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let read: Vec<&Edition> =
        law.editions().iter().filter(|edition| names.contains(&edition.file.as_str())).collect();
    if format == Format::Json {
        let ids: Vec<&str> = read.iter().map(|edition| edition.id.as_str()).collect();
        return output::json(&ids);
    }
    for edition in read {
        let tables: Vec<Sheet> = law.sheets(&edition.id);
        let rows: usize = tables.iter().map(|sheet| sheet.rows.len()).sum();
        output::text(&format!("{}: {} tables, {rows} rows, in order\n", edition.id, tables.len()))?;
    }
    Ok(())
}
