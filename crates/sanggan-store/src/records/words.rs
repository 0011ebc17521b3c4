//! Words to be found: text split the same way for both databases, Chinese into single characters.
//!
//! What is kept are terms of ASCII letters and digits only, so that no database's own idea of words comes into it:
//! `u6851` is 桑, `aabc` is the word `abc`, and `z…` in a word stands for another letter. A word in a question is a
//! phrase of its terms, so 桑干 finds 桑干河 and neither 干桑 nor 桑…干; the last term of a phrase, when it is no single
//! character, may go on (`w010` finds `w01018`).
//!
//! * WORDS-1: both databases find the same records for every text: terms beyond [`TERMS`] of a record, and those a
//!   record has more than [`TIMES`] times, are found in neither (PostgreSQL cannot keep their places).

use std::collections::HashMap;
use std::fmt::Write;

/// Terms of one record that are kept.
const TERMS: usize = 12_000;
/// Places of one term in one record that are kept.
const TIMES: usize = 250;
/// Longest term, in octets.
const TERM_LENGTH: usize = 200;
/// A term that no question has: stands between fields and where a term is left out.
const GAP: &str = "z";

/// Written as single characters, without spaces between words.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{3105}'..='\u{312f}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The narrow form of a full-width letter, digit or sign.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    }
}

/// The terms of a text, in order.
fn terms(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let flush = |word: &mut String, out: &mut Vec<String>| {
        if word.is_empty() {
            return;
        }
        // The beginning of a word is the beginning of its term, whatever letters follow.
        let mut term = String::from("a");
        for byte in word.bytes() {
            match byte {
                b'z' => term.push_str("zz"),
                0..0x80 => term.push(char::from(byte)),
                _ => write!(term, "z{byte:02x}").expect("a string takes everything"),
            }
        }
        term.truncate(TERM_LENGTH);
        out.push(term);
        word.clear();
    };
    for c in text.chars().map(narrow) {
        if stands_alone(c) {
            flush(&mut word, &mut out);
            out.push(format!("u{:x}", u32::from(c)));
        } else if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        } else {
            flush(&mut word, &mut out);
        }
    }
    flush(&mut word, &mut out);
    out
}

/// What a record's fields hold, as kept: terms in order, [`GAP`]s between.
pub(crate) fn kept<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut times: HashMap<String, usize> = HashMap::new();
    for text in texts {
        if !out.is_empty() {
            out.push(GAP.to_owned());
        }
        for term in terms(text) {
            let count = times.entry(term.clone()).or_default();
            *count += 1;
            out.push(if *count > TIMES { GAP.to_owned() } else { term });
        }
    }
    out.truncate(TERMS);
    out
}

/// For SQLite's FTS5: the terms with spaces between.
pub(crate) fn sqlite_document(terms: &[String]) -> String {
    terms.join(" ")
}

/// For PostgreSQL: a `tsvector` with each term's places.
pub(crate) fn postgres_document(terms: &[String]) -> String {
    let mut out = String::new();
    for (at, term) in terms.iter().enumerate() {
        if term != GAP {
            write!(out, "{term}:{} ", at + 1).expect("a string takes everything");
        }
    }
    out
}

/// The phrases of a question; all must be found. Empty: it has no word in it.
pub(crate) fn phrases(question: &str) -> Vec<Vec<String>> {
    let question: String = question.chars().map(narrow).collect();
    question.split_whitespace().map(terms).filter(|phrase| !phrase.is_empty()).collect()
}

/// Whether the last term of a phrase may go on.
fn goes_on(phrase: &[String]) -> bool {
    phrase.last().is_some_and(|term| !term.starts_with('u'))
}

/// The question for FTS5, asked of one column.
pub(crate) fn sqlite_question(phrases: &[Vec<String>], column: &str) -> String {
    let each = phrases.iter().map(|phrase| {
        format!("{column} : \"{}\"{}", phrase.join(" "), if goes_on(phrase) { " *" } else { "" })
    });
    each.collect::<Vec<_>>().join(" AND ")
}

/// The question as a `tsquery`.
pub(crate) fn postgres_question(phrases: &[Vec<String>]) -> String {
    let each = phrases
        .iter()
        .map(|phrase| format!("({}{})", phrase.join(" <-> "), if goes_on(phrase) { ":*" } else { "" }));
    each.collect::<Vec<_>>().join(" & ")
}

/// Whether a record with these terms is found: what both databases answer.
pub(crate) fn found(kept: &[String], phrases: &[Vec<String>]) -> bool {
    phrases.iter().all(|phrase| {
        kept.windows(phrase.len()).any(|window| {
            let (Some(last), Some(end)) = (phrase.last(), window.last()) else { return false };
            window[..window.len() - 1] == phrase[..phrase.len() - 1]
                && if goes_on(phrase) { end.starts_with(last.as_str()) } else { end == last }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(text: &str, question: &str) -> bool {
        found(&kept([text]), &phrases(question))
    }

    #[test]
    fn chinese_is_found_by_one_two_and_more_characters_and_only_as_it_stands() {
        for question in [
            "桑",
            "干",
            "桑干",
            "干河",
            "桑干河 排污口",
            "排污口",
            "W01",
            "w01018",
            "ＳＺ",
            "sz-ww",
            "SZ-WW-00",
        ] {
            assert!(finds("桑干河（朔城区）入河排污口 SZ-WW-001 因子w01018", question), "{question}");
        }
        for question in ["干桑", "桑河", "桑干 恢河", "01018", "ww-sz", "z"] {
            assert!(!finds("桑干河（朔城区）入河排污口 SZ-WW-001 因子w01018", question), "{question}");
        }
        assert!(finds("Café Ω", "caf") && finds("Café Ω", "CAFÉ") && finds("Café Ω", "ω"));
        assert!(phrases("——，。").is_empty());
    }

    #[test]
    fn a_phrase_does_not_go_from_one_field_to_the_next() {
        assert!(!found(&kept(["桑", "干"]), &phrases("桑干")));
        assert!(found(&kept(["桑", "干"]), &phrases("桑 干")));
    }

    #[test]
    fn questions_and_documents_are_written_for_each() {
        let terms = kept(["桑干 ab", "c"]);
        assert_eq!(sqlite_document(&terms), "u6851 u5e72 aab z ac");
        assert_eq!(postgres_document(&terms), "u6851:1 u5e72:2 aab:3 ac:5 ");
        let question = phrases("桑干 a-b");
        assert_eq!(sqlite_question(&question, "w"), "w : \"u6851 u5e72\" AND w : \"aa ab\" *");
        assert_eq!(postgres_question(&question), "(u6851 <-> u5e72) & (aa <-> ab:*)");
    }

    #[test]
    fn what_postgresql_cannot_keep_is_kept_by_neither() {
        let text = "水".repeat(20_000);
        let terms = kept([text.as_str()]);
        assert_eq!(terms.len(), TERMS);
        assert_eq!(terms.iter().filter(|term| *term != GAP).count(), TIMES);
    }
}
