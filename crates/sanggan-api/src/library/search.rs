//! Finding words in the library: numbers, titles, items, conditions, notes, in both languages.

use sanggan_standards::{Edition, Law, Text};

use super::names;
use crate::dto::{Names, StandardHit};

/// Most places shown of one standard.
const HITS_MAX: usize = 5;

/// Every line of every table, ready to be searched. Made once: the law does not change while the process runs.
#[derive(Debug)]
pub(crate) struct SearchIndex {
    editions: Vec<IndexedEdition>,
}

#[derive(Debug)]
struct IndexedEdition {
    standard: String,
    slug: String,
    /// Number, name, title.
    about: String,
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    table: String,
    text: Names,
    plain: String,
}

/// What was found of one standard.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Whether number or title of an edition say all that was asked for.
    pub(crate) by_name: bool,
    /// The places, the first few.
    pub(crate) hits: Vec<StandardHit>,
}

impl SearchIndex {
    pub(crate) fn new(law: &Law) -> SearchIndex {
        SearchIndex { editions: law.editions().iter().map(|edition| index(law, edition)).collect() }
    }

    /// What is found of a standard; `None` when nothing is.
    pub(crate) fn find(&self, standard: &str, asked: &str) -> Option<Found> {
        let asked = plain(asked);
        let words: Vec<&str> = asked.split_whitespace().collect();
        let mut found = Found::default();
        // The newest edition is the one people mean.
        for edition in self.editions.iter().rev().filter(|edition| edition.standard == standard) {
            let left: Vec<&&str> = words.iter().filter(|word| !edition.about.contains(**word)).collect();
            if left.is_empty() {
                found.by_name = true;
            }
            // Words that the number or the title says need not stand in the line too, but some word has to.
            let wanted = if left.is_empty() { words.iter().collect() } else { left };
            let lines =
                edition.lines.iter().filter(|line| wanted.iter().all(|word| line.plain.contains(**word)));
            let room = HITS_MAX - found.hits.len();
            found.hits.extend(lines.take(room).map(|line| StandardHit {
                edition_slug: edition.slug.clone(),
                table: line.table.clone(),
                text: line.text.clone(),
            }));
        }
        (found.by_name || !found.hits.is_empty()).then_some(found)
    }
}

fn index(law: &Law, edition: &Edition) -> IndexedEdition {
    let number = edition.id.as_str();
    let about = [
        number,
        // `gb3838-2002` is how it is typed in a hurry.
        &number.replace(' ', ""),
        edition.slug(),
        &edition.title.zh,
        &edition.title.en,
    ];
    let mut lines = Vec::new();
    for sheet in law.sheets(&edition.id) {
        let mut push = |text: Names| {
            let plain = plain(&format!("{} {}", text.zh, text.en));
            lines.push(Line { table: sheet.id.clone(), text, plain });
        };
        push(Names::from(&sheet.title));
        if sheet.sourced.clause != sheet.title {
            push(Names::from(&sheet.sourced.clause));
        }
        for row in &sheet.rows {
            let cells: Vec<&Text> = row.cells.iter().filter(|cell| cell.zh != "-").collect();
            push(Names::from(&Text::joined(&cells, "，", ", ")));
            names(row.note.as_ref()).into_iter().for_each(&mut push);
        }
        names(sheet.formula.as_ref()).into_iter().for_each(&mut push);
        names(sheet.sourced.note.as_ref()).into_iter().for_each(&mut push);
    }
    IndexedEdition {
        standard: edition.standard.clone(),
        slug: edition.slug().to_owned(),
        about: plain(&about.join(" ")),
        lines,
    }
}

/// Lower case, with subscripts and full-width letters as plain ones: `PM₂.₅` is found by `pm2.5`.
fn plain(text: &str) -> String {
    let one = |c: char| match c {
        '₀'..='₉' => char::from(b'0' + (c as u32 - '₀' as u32) as u8),
        '！'..='～' => char::from_u32(c as u32 - '！' as u32 + '!' as u32).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    };
    text.chars().map(one).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_as_people_type_them() {
        let index = SearchIndex::new(Law::embedded());
        for asked in
            ["GB 3095", "gb3095", "ＧＢ３０９５-2012", "环境空气质量标准", "ambient AIR quality", "gb-3095"]
        {
            assert!(index.find("GB 3095", asked).is_some_and(|found| found.by_name), "{asked}");
        }
        let found = index.find("GB 3095", "pm2.5").expect("a row of the table");
        assert!(!found.by_name && !found.hits.is_empty() && found.hits.len() <= HITS_MAX);
        assert!(found.hits[0].text.zh.contains("PM"), "{found:?}");
        // A word of the title and a word of a row.
        assert!(index.find("GB 3095", "ambient pm10").is_some());
        assert!(index.find("GB 3095", "pm10 nothing-of-the-kind").is_none());
    }
}
