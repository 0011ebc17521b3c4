//! All editions of all standards, read and checked once.

use std::sync::{Arc, OnceLock};

use jiff::civil::Date;

use crate::edition::{Basis, Edition, EditionId, Sourced, Status};
use crate::hj_633::tables::AqiTables;
use crate::schema::general::Circumstance;
use crate::schema::{Annual, Composite, Content, FileForm, Limits, ReferenceState, TableForm};
use crate::statistics::rules::RuleBook;
use crate::{Unjudged, check};

/// The data files compiled into the program: whatever lies in `data/`, listed by the build script.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

static LAW: OnceLock<Law> = OnceLock::new();

pub(crate) const GB_3095: &str = "GB 3095";
pub(crate) const HJ_633: &str = "HJ 633";
pub(crate) const HJ_663: &str = "HJ 663";
pub(crate) const RANKING: &str = "ranking";
pub(crate) const HJ_75: &str = "HJ 75";
pub(crate) const HJ_356: &str = "HJ 356";

/// Every standard the platform knows.
#[derive(Debug)]
pub struct Law {
    pub(crate) loaded: Vec<Loaded>,
    editions: Vec<Edition>,
    pub(crate) rules: RuleBook,
}

/// One edition with its tables.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) edition: Edition,
    pub(crate) reference_state: Option<ReferenceState>,
    pub(crate) circumstances: Vec<Circumstance>,
    pub(crate) tables: Vec<TableForm>,
    pub(crate) aqi: Option<AqiTables>,
}

impl Loaded {
    /// The edition's tables of limits.
    pub(crate) fn limits(&self) -> impl Iterator<Item = (&TableForm, &Limits)> {
        self.tables.iter().filter_map(|table| match &table.content {
            Content::Limits(body) => Some((table, body)),
            _ => None,
        })
    }

    /// The edition's table of yearly figures.
    pub(crate) fn annual(&self) -> Option<(&TableForm, &Annual)> {
        self.tables.iter().find_map(|table| match &table.content {
            Content::Annual(body) => Some((table, body)),
            _ => None,
        })
    }

    /// The edition's composite index.
    pub(crate) fn composite(&self) -> Option<(&TableForm, &Composite)> {
        self.tables.iter().find_map(|table| match &table.content {
            Content::Composite(body) => Some((table, body)),
            _ => None,
        })
    }

    /// A named number of the edition and the table it stands in.
    pub(crate) fn value(&self, key: &str) -> Option<(&TableForm, f64)> {
        self.tables.iter().find_map(|table| match &table.content {
            Content::Values(body) => Some((table, *body.value.get(key)?)),
            _ => None,
        })
    }
}

/// Says why a data file is no law.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LawError {
    /// Not TOML, or not of the form of a standard.
    #[error("could not read `{file}`, {key}")]
    Read {
        /// The data file.
        file: String,
        /// The table, or `the head`.
        key: String,
        /// Line and key.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// Files were to be laid over a law that already judged.
    #[error("could not lay files over the law: it is already in use; do it first thing at the start")]
    InUse,
    /// A rule among the keys is broken.
    #[error("`{file}`: {key}: {why}")]
    Check {
        /// The data file.
        file: String,
        /// The table and key.
        key: String,
        /// What is wrong.
        why: String,
    },
}

impl LawError {
    pub(crate) fn check(file: &str, key: impl Into<String>, why: impl Into<String>) -> LawError {
        LawError::Check { file: file.to_owned(), key: key.into(), why: why.into() }
    }
}

impl Law {
    /// The law this process judges by: what is compiled in, and what [`Law::install`] laid over it.
    pub fn embedded() -> &'static Law {
        LAW.get_or_init(|| Law::load(FILES).expect("a test reads the same files"))
    }

    /// Lays files over the compiled-in ones, by name (`gb-3838/2002.toml`): one of the same name replaces, a new one
    /// adds an edition. For local law and for corrections; called once at the start, before anything is judged.
    ///
    /// # Errors
    /// [`LawError`] names the file and key; a law already in use is [`LawError::InUse`].
    pub fn install(over: &[(String, String)]) -> Result<&'static Law, LawError> {
        let law = Law::load_over(over)?;
        LAW.set(law).map_err(|_| LawError::InUse)?;
        Ok(Law::embedded())
    }

    /// The compiled-in law with files laid over it, not installed: to check them.
    ///
    /// # Errors
    /// [`LawError`] names the file and key.
    pub fn load_over(over: &[(String, String)]) -> Result<Law, LawError> {
        let mut files: Vec<(&str, &str)> =
            FILES.iter().copied().filter(|(name, _)| over.iter().all(|(own, _)| own != name)).collect();
        files.extend(over.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        Law::load(&files)
    }

    /// Reads a law from files (name, text).
    ///
    /// # Errors
    /// [`LawError`] names the file and key.
    pub fn load(files: &[(&str, &str)]) -> Result<Law, LawError> {
        let mut loaded =
            files.iter().map(|(name, text)| load_file(name, text)).collect::<Result<Vec<_>, _>>()?;
        loaded.sort_by(|a, b| {
            (&a.edition.standard, a.edition.from).cmp(&(&b.edition.standard, b.edition.from))
        });
        check::dates(&loaded)?;
        let rules = RuleBook::compile(&loaded)?;
        let editions = loaded.iter().map(|one| one.edition.clone()).collect();
        Ok(Law { loaded, editions, rules })
    }

    /// Every edition, by standard and date.
    pub fn editions(&self) -> &[Edition] {
        &self.editions
    }

    /// The edition of `standard` (`GB 3095`, `HJ 633`, `HJ 663`, `ranking`) that the basis names.
    ///
    /// # Errors
    /// [`Unjudged`] when none holds.
    pub fn edition(&self, standard: &'static str, basis: Basis<'_>) -> Result<&Edition, Unjudged> {
        self.pick(standard, basis).map(|one| &one.edition)
    }

    /// What vouches for each table of an edition: (table id, clause, source, status …).
    pub fn sources(&self, edition: &EditionId) -> Vec<(&str, Sourced)> {
        let of_edition = self.loaded.iter().filter(|one| one.edition.id == *edition);
        of_edition
            .flat_map(|one| one.tables.iter().map(|table| (table.id.as_str(), table.sourced())))
            .collect()
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&Loaded> {
        Law::find(&self.loaded, id)
    }

    pub(crate) fn find<'a>(loaded: &'a [Loaded], id: &str) -> Option<&'a Loaded> {
        loaded.iter().find(|one| one.edition.id.as_str() == id)
    }

    pub(crate) fn pick(&self, standard: &'static str, basis: Basis<'_>) -> Result<&Loaded, Unjudged> {
        let mut of_standard = self.loaded.iter().filter(|one| one.edition.standard == standard);
        match basis {
            Basis::OfDay(day) => of_standard
                .clone()
                .find(|one| one.edition.by_date && one.edition.holds_on(day))
                .ok_or_else(|| Unjudged::NoEditionInForce {
                    standard,
                    day,
                    phased_in: of_standard
                        .find(|one| {
                            one.edition.phased_from.is_some_and(|from| from <= day && day < one.edition.from)
                        })
                        .map(|one| one.edition.name.clone()),
                }),
            Basis::Edition(name, day) => {
                let short = name.strip_prefix(standard).map_or(name, |rest| rest.trim_start_matches('-'));
                let family: Vec<&Loaded> =
                    of_standard.clone().filter(|one| one.edition.family == short).collect();
                nearest(&family, day)
                    .or_else(|| of_standard.find(|one| one.edition.name == short))
                    .ok_or_else(|| Unjudged::NoSuchEdition { standard, edition: name.to_owned() })
            }
        }
    }
}

/// The edition that holds on the day, else the first before it begins, else the last.
pub(crate) fn nearest<'a>(by_date: &[&'a Loaded], day: Date) -> Option<&'a Loaded> {
    let held = by_date.iter().find(|one| one.edition.holds_on(day));
    held.or_else(|| by_date.first().filter(|one| day < one.edition.from)).or_else(|| by_date.last()).copied()
}

fn load_file(name: &str, text: &str) -> Result<Loaded, LawError> {
    let read =
        |key: String| move |source| LawError::Read { file: name.to_owned(), key, source: Box::new(source) };
    let form: FileForm = toml::from_str(text).map_err(read("the head".to_owned()))?;
    let mut tables: Vec<TableForm> = Vec::with_capacity(form.table.len());
    for (number, raw) in form.table.into_iter().enumerate() {
        let id = raw
            .get("id")
            .and_then(toml::Value::as_str)
            .map_or(format!("table {}", number + 1), str::to_owned);
        tables.push(raw.try_into().map_err(read(format!("table `{id}`")))?);
    }
    let edition = Edition {
        id: EditionId(Arc::from(format!("{}-{}", form.standard, form.edition))),
        standard: form.standard,
        name: form.edition,
        family: form.family,
        title: form.title,
        theme: form.theme,
        region: form.region,
        from: form.from,
        to: form.to,
        phased_from: form.phased_from,
        replaced_by: form.replaced_by,
        by_date: form.by_date,
        status: tables.iter().map(|table| table.status).min().unwrap_or(Status::Unconfirmed),
        file: name.to_owned(),
    };
    check::file(name, &edition, &form.circumstance, &tables)?;
    if let Some(state) = &form.reference_state {
        check::text(name, "reference_state.note", &state.note)?;
    }
    let aqi = AqiTables::compile(name, &tables)?;
    Ok(Loaded {
        edition,
        reference_state: form.reference_state,
        circumstances: form.circumstance,
        tables,
        aqi,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_file_is_compiled_in() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
        let mut found = Vec::new();
        for folder in std::fs::read_dir(&root).expect("data/ is there").flatten() {
            for file in std::fs::read_dir(folder.path()).expect("a folder a standard").flatten() {
                found.push(format!("{}/{}", folder.file_name().display(), file.file_name().display()));
            }
        }
        let mut known: Vec<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        found.sort();
        known.sort();
        assert_eq!(found, known);
    }
}
