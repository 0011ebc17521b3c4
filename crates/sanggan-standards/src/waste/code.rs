//! National catalogue of hazardous wastes/code
//!
//! # What it decides
//! Whether a hazardous-waste code is well formed, and to which category it belongs by its last two digits.
//!
//! # What it leaves undecided
//! Whether the catalogue has an entry of this code: its single entries are not held.
//!
//! # Source
//! 国家危险废物名录 2021, 2025 editions. Categories: `data/hazardous-waste/`.

use crate::Unjudged;
use crate::assess::{Answer, Assessment, CannotTell, ClassAnswer, Column, Exclusion, Row, Rows};
use crate::edition::{Basis, Text, Theme};
use crate::law::Law;

const STANDARD: &str = "hazardous-waste";

/// Digits of the three parts of a code: industry, sequence, category.
const PARTS: [usize; 3] = [3, 3, 2];

pub(super) const CODE: Assessment = Assessment {
    id: "hazardous-waste-code",
    theme: Theme::Waste,
    title: ("危险废物代码", "Hazardous-waste code"),
    about: (
        "核对危险废物代码的写法（900-041-49）、类别和危险特性缩写；名录的具体条目未收录，是否有该条目不作判断。",
        "Whether a code is well formed (900-041-49), its category, and the letters of its properties. Whether the catalogue has the entry is not told.",
    ),
    standards: &[STANDARD],
    rows: Rows::Each,
    columns: |_| {
        vec![
            Column::text("waste", "废物名称", "waste").or("废物", &["名称"]),
            Column::judged_day(),
            Column::text("code", "废物代码", "code").or("危废代码", &["危险废物代码", "代码"]).required(),
            Column::text("category", "废物类别", "category").or("类别", &["危废类别"]),
            Column::text("properties", "危险特性", "hazardous properties").or("特性", &[]),
        ]
    },
    figures: &[],
    example: &[&[
        ("waste", "沾染废机油的抹布"),
        ("day", "2026-03-01"),
        ("code", "HW49 900-041-49"),
        ("category", "HW49"),
        ("properties", "T/In"),
    ]],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let row = rows.first().ok_or(Unjudged::NothingMeasured)?;
    let tables = law.tables(STANDARD, basis)?;
    let (source, categories) = tables.need(tables.list("categories"), "categories")?;
    let (form_source, _) = tables.need(tables.list("code"), "code")?;
    let (property_source, properties) = tables.need(tables.list("properties"), "properties")?;
    let written = row.text("code").ok_or(Unjudged::NothingMeasured)?;
    let code = well_formed(written).ok_or_else(|| {
        CannotTell::new(
            "malformed",
            format!("“{written}”不是危险废物代码（如 900-041-49）"),
            format!("`{written}` is no hazardous-waste code (900-041-49 is one)"),
        )
    })?;
    let category = format!("HW{}", &code[8..]);
    let found = categories.row.iter().find(|row| row.id == category);
    let mut answer = Answer {
        class: found.map(|row| ClassAnswer {
            id: row.id.clone(),
            name: Text::new(format!("{} {}", row.id, row.name.zh), format!("{} {}", row.id, row.name.en)),
            colour: None,
        }),
        meets: Some(found.is_some()),
        steps: vec![Text::new(
            format!("行业 {}，顺序 {}，类别 {category}", &code[..3], &code[4..7]),
            format!("industry {}, sequence {}, category {category}", &code[..3], &code[4..7]),
        )],
        excluded: vec![Exclusion {
            what: Text::new("名录条目", "entry of the catalogue"),
            why: Text::new("名录的具体条目未收录", "the single entries are not held"),
        }],
        ..Answer::default()
    };
    if found.is_none() {
        answer
            .deciding
            .push(Text::new(format!("没有类别 {category}"), format!("there is no category {category}")));
    }
    let named = [leading_category(written), row.text("category").and_then(leading_category)];
    for other in named.into_iter().flatten().filter(|other| *other != category) {
        answer.meets = Some(false);
        answer.deciding.push(Text::new(
            format!("写明的类别 {other} 与代码的类别 {category} 不一致"),
            format!("the category written, {other}, is not that of the code, {category}"),
        ));
    }
    for letter in row.text("properties").into_iter().flat_map(|text| text.split(['/', ',', '，', '、', ' ']))
    {
        let letter = letter.trim();
        let known =
            |known: &&crate::ListRow| known.id.eq_ignore_ascii_case(letter) || known.name.zh == letter;
        if !letter.is_empty() && properties.row.iter().find(known).is_none() {
            answer.meets = Some(false);
            answer.deciding.push(Text::new(
                format!("没有危险特性“{letter}”"),
                format!("there is no property `{letter}`"),
            ));
        }
    }
    Ok(answer.by(tables.edition(), &[&source, &form_source, &property_source]))
}

/// `HW49 900-041-49`, `900-041-49` or `90004149` as `900-041-49`.
fn well_formed(written: &str) -> Option<String> {
    let bare = match leading_category(written) {
        Some(_) => written.trim().get(4..)?.trim_start_matches([' ', '-', '　', '/']),
        None => written.trim(),
    };
    let parts: Vec<&str> = bare.split('-').collect();
    let dashed =
        parts.len() == PARTS.len() && parts.iter().zip(PARTS).all(|(part, digits)| part.len() == digits);
    let digits: String = bare.chars().filter(|c| *c != '-').collect();
    let numeric =
        digits.len() == PARTS.iter().sum::<usize>() && digits.bytes().all(|byte| byte.is_ascii_digit());
    ((dashed || !bare.contains('-')) && numeric)
        .then(|| format!("{}-{}-{}", &digits[..3], &digits[3..6], &digits[6..]))
}

/// The category a text begins with: `HW49`.
fn leading_category(text: &str) -> Option<String> {
    let head = text.trim().get(..4)?.to_ascii_uppercase();
    (head.starts_with("HW") && head[2..].bytes().all(|byte| byte.is_ascii_digit())).then_some(head)
}
