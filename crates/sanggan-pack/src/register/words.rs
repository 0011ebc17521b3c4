//! Which words may name what.

/// Words every record has already, or that an expression knows already.
pub(super) const RESERVED_FIELDS: [&str; 13] = [
    "rid",
    "version",
    "state",
    "state_since",
    "changed_at",
    "changed_by",
    "schematic",
    "retired",
    "today",
    "true",
    "false",
    "null",
    "in",
];

/// The most letters of an id.
const LONGEST: usize = 40;

/// The form of a field's id, a state's and a transition's.
pub(super) const FIELD_ID: &str = "a small letter, then small letters, digits and `_`, at most 40";

/// The form of a register's id.
pub(super) const REGISTER_ID: &str = "a small letter, then small letters, digits and single `-`, at most 40";

/// The form of an enumeration value's id.
pub(super) const ENUM_ID: &str = "letters and digits, inside also `_`, `-` and `.`, at most 40";

pub(super) fn is_field_id(id: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    id.len() <= LONGEST && id.bytes().all(rest) && id.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
}

pub(super) fn is_register_id(id: &str) -> bool {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    id.len() <= LONGEST
        && id.split('-').all(word)
        && id.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
}

pub(super) fn is_enum_id(id: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    id.len() <= LONGEST && id.bytes().all(rest) && end(id.as_bytes().first()) && end(id.as_bytes().last())
}

/// Whether this is the id of a row of the plan's list: `S` and three digits.
pub(crate) fn is_row_id(id: &str) -> bool {
    id.len() == 4 && id.starts_with('S') && id[1..].bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{is_enum_id, is_field_id, is_register_id, is_row_id};

    #[test]
    fn words_are_told_apart() {
        let long = "a".repeat(41);
        let rows = [
            ("code", [true, true, true, false]),
            ("flow_m3_d", [true, false, true, false]),
            ("river-outfalls", [false, true, true, false]),
            ("900-214-08", [false, false, true, false]),
            ("HW08", [false, false, true, false]),
            ("-a", [false; 4]),
            ("a--b", [false, false, true, false]),
            ("a-", [false; 4]),
            ("1a", [false, false, true, false]),
            ("S124", [false, false, true, true]),
            ("S12", [false, false, true, false]),
            ("编码", [false; 4]),
            ("", [false; 4]),
            (long.as_str(), [false; 4]),
        ];
        for (word, wanted) in rows {
            let found = [is_field_id(word), is_register_id(word), is_enum_id(word), is_row_id(word)];
            assert_eq!(found, wanted, "{word}");
        }
    }
}
