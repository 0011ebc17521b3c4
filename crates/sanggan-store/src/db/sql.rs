//! Placeholders.

use std::fmt::Write;

use super::Sql;

/// The statement with `?` (in order) and `?3` (by number) written as PostgreSQL wants them: `$1`, `$3`. Those in
/// quotes and comments stay.
pub(super) fn numbered(sql: Sql) -> Sql {
    if !sql.contains('?') {
        return sql;
    }
    let mut out = String::with_capacity(sql.len() + 16);
    let mut next = 0usize;
    let mut rest = &*sql;
    while let Some(at) = rest.find(['?', '\'', '"', '-', '/']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let skipped = match from.as_bytes() {
            [b'?', ..] => {
                let digits = from[1..].bytes().take_while(u8::is_ascii_digit).count();
                next = from[1..=digits].parse().unwrap_or(next + 1);
                write!(out, "${next}").expect("a string takes everything");
                rest = &from[1 + digits..];
                continue;
            }
            [quote @ (b'\'' | b'"'), ..] => from[1..].find(char::from(*quote)).map(|end| end + 2),
            [b'-', b'-', ..] => from.find('\n'),
            [b'/', b'*', ..] => from.find("*/").map(|end| end + 2),
            _ => Some(1),
        };
        let (kept, after) = from.split_at(skipped.unwrap_or(from.len()));
        out.push_str(kept);
        rest = after;
    }
    out.push_str(rest);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_outside_of_quotes_and_comments() {
        for (given, wanted) in [
            ("SELECT 1", "SELECT 1"),
            ("a = ? AND b = ? OR c = ?", "a = $1 AND b = $2 OR c = $3"),
            ("VALUES (?1, ?2, ?1)", "VALUES ($1, $2, $1)"),
            (
                "x = '?' AND \"a?\" = ? -- why?\n AND z = ? /* ? */ / ?",
                "x = '?' AND \"a?\" = $1 -- why?\n AND z = $2 /* ? */ / $3",
            ),
            ("x = 'it''s ?' AND y = ?12", "x = 'it''s ?' AND y = $12"),
            ("名 = ? - 1", "名 = $1 - 1"),
            ("open '? ", "open '? "),
        ] {
            assert_eq!(numbered(given.into()), wanted);
        }
    }
}
