//! Parameter codes as sent → the codes of HJ 524 and HJ 525 (table: `data/codes.toml`).

use std::{collections::HashMap, sync::LazyLock};

use sanggan_base::ParameterCode;

use crate::St;

/// A parameter's code and whether a table knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The code used everywhere inside; `raw:<code as sent>` when no table knows it.
    pub code: ParameterCode,
    /// Whether a table knows it.
    pub known: bool,
    /// Whether it was sent as a 2005 code.
    pub from_2005: bool,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    parameter: Vec<Row>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    code: String,
    name: String,
    old: Option<String>,
    #[serde(rename = "source")]
    _source: Option<String>,
}

struct Table {
    /// Code in lower case → (code, name).
    known: HashMap<String, (ParameterCode, String)>,
    /// Old water codes → code.
    water: HashMap<String, ParameterCode>,
    /// Old air codes → code.
    air: HashMap<String, ParameterCode>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../data/codes.toml"))
        .expect("the table is part of the crate and tested");
    let mut table = Table { known: HashMap::new(), water: HashMap::new(), air: HashMap::new() };
    for row in file.parameter {
        let code = ParameterCode::parse(&row.code).expect("the table is part of the crate and tested");
        if let Some(old) = row.old {
            let side = if row.code.starts_with('w') { &mut table.water } else { &mut table.air };
            side.insert(old, code.clone());
        }
        table.known.insert(row.code.to_ascii_lowercase(), (code, row.name));
    }
    table
});

/// The parameter of a code as sent by a system of kind `st`.
///
/// Codes of 2017 (`w01018`, `A34004`) pass through in the table's letter case; codes of 2005 (`011`, `S01`,
/// `B02`) are looked up, where `st` says whether the water or the air table comes first; anything else becomes
/// `raw:<code>` with characters that no id may hold shown as `_`.
pub fn parameter_of(st: Option<St>, code: &str) -> Parameter {
    let table = &*TABLE;
    if let Some((code, _)) = table.known.get(&code.to_ascii_lowercase()) {
        return Parameter { code: code.clone(), known: true, from_2005: false };
    }
    let old = code.to_ascii_uppercase();
    let tables = match st.as_ref().map(St::as_str) {
        Some("21" | "24" | "26" | "32" | "33" | "34" | "52") => [&table.water, &table.air],
        _ => [&table.air, &table.water],
    };
    if let Some(code) = tables.iter().find_map(|table| table.get(&old)) {
        return Parameter { code: code.clone(), known: true, from_2005: true };
    }
    Parameter { code: raw(code), known: false, from_2005: false }
}

fn raw(code: &str) -> ParameterCode {
    let fits = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':') { c } else { '_' };
    let text: String = "raw:".chars().chain(code.chars().map(fits)).take(32).collect();
    ParameterCode::parse(&text).expect("not empty, at most 32 characters, each replaced if unfit")
}

/// The Chinese name of a known parameter.
pub fn name_of(code: &ParameterCode) -> Option<&'static str> {
    TABLE.known.get(&code.as_str().to_ascii_lowercase()).map(|(_, name)| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_by_edition_and_medium() {
        let show = |(st, code): (&str, &str)| {
            let parameter = parameter_of(St::parse(st), code);
            let name = name_of(&parameter.code).unwrap_or("-");
            let age = if parameter.from_2005 { "2005" } else { "" };
            format!(
                "{st} {code} → {} {name} {}{age}\n",
                parameter.code,
                if parameter.known { "known " } else { "unknown " }
            )
        };
        let rows: String = [
            ("32", "011"),
            ("32", "060"),
            ("32", "B01"),
            ("31", "01"),
            ("31", "02"),
            ("31", "03"),
            ("31", "S01"),
            ("31", "s08"),
            ("31", "B02"),
            ("??", "011"),
            ("32", "03"),
            ("22", "a34004"),
            ("22", "A34004"),
            ("23", "leq"),
            ("31", "T10"),
            ("22", "PM2.5"),
            ("22", "一二三"),
            ("22", ""),
            ("22", "a-code-much-longer-than-any-id-may-be"),
        ]
        .into_iter()
        .map(show)
        .collect();
        expect_test::expect![[r#"
            32 011 → w01018 化学需氧量 known 2005
            32 060 → w21003 氨氮 known 2005
            32 B01 → w00000 污水 known 2005
            31 01 → a34013 烟尘 known 2005
            31 02 → a21026 二氧化硫 known 2005
            31 03 → a21002 氮氧化物 known 2005
            31 S01 → a19001 氧气含量 known 2005
            31 s08 → a01013 烟气压力 known 2005
            31 B02 → a00000 废气 known 2005
            ?? 011 → w01018 化学需氧量 known 2005
            32 03 → a21002 氮氧化物 known 2005
            22 a34004 → a34004 细微颗粒物PM2.5 known 
            22 A34004 → a34004 细微颗粒物PM2.5 known 
            23 leq → Leq 等效声级 known 
            31 T10 → raw:T10 - unknown 
            22 PM2.5 → raw:PM2_5 - unknown 
            22 一二三 → raw:___ - unknown 
            22  → raw: - unknown 
            22 a-code-much-longer-than-any-id-may-be → raw:a-code-much-longer-than-any- - unknown 
        "#]]
        .assert_eq(&rows);
    }

    #[test]
    fn an_old_code_is_unique_in_its_medium() {
        let file: File = toml::from_str(include_str!("../data/codes.toml")).expect("parses");
        let mut seen = std::collections::HashSet::new();
        for row in file.parameter.iter() {
            assert!(seen.insert(row.code.clone()), "{} twice", row.code);
            if let Some(old) = &row.old {
                assert!(seen.insert(format!("{}{old}", row.code.starts_with('w'))), "{old} twice");
            }
        }
    }
}
