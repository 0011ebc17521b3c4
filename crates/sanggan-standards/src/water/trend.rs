//! How a section, a river or a basin changed between two periods.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::standard::{GB_3838, METHOD, grade_answer};
use crate::assess::{Answer, Assessment, CannotTell, Column, ColumnChoice, Figure, Row, Rows};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Text, Theme};
use crate::law::Law;
use crate::schema::general::{Bands, Grade};
use crate::tables::Tables;
use crate::{Rounding, Unjudged};

/// The change of water quality.
pub(super) const WATER_TREND: Assessment = Assessment {
    id: "water-trend",
    theme: Theme::Water,
    title: ("水质变化趋势", "Change of water quality between two periods"),
    about: (
        "比较两个时段：断面（点位）按水质状况等级相差的级数，河流、流域按Ⅰ～Ⅲ类与劣Ⅴ类断面比例之差（ΔG−ΔD）。两时段的断面应相同。",
        "Compares two periods: a section by the levels of state between them, a river or basin by the changes of the shares of classes I to III and of worse than V (ΔG − ΔD). Both periods are to have the same sections.",
    ),
    standards: &[METHOD, GB_3838],
    rows: Rows::Each,
    columns,
    figures: &[
        ("levels", "等级变化", "levels of change"),
        ("dg", "ΔG", "ΔG"),
        ("dd", "ΔD", "ΔD"),
        ("dg_dd", "ΔG−ΔD", "ΔG − ΔD"),
    ],
    example: &[&[
        ("name", "桑干河"),
        ("good_before", "60"),
        ("good_after", "75"),
        ("bad_before", "20"),
        ("bad_after", "10"),
    ]],
    judge,
};

const SHARES: [(&str, &str, &str); 4] = [
    ("good_before", "前时段Ⅰ～Ⅲ类比例", "share of I to III before"),
    ("good_after", "后时段Ⅰ～Ⅲ类比例", "share of I to III after"),
    ("bad_before", "前时段劣Ⅴ类比例", "share worse than V before"),
    ("bad_after", "后时段劣Ⅴ类比例", "share worse than V after"),
];

fn columns(law: &Law) -> Vec<Column> {
    let grades = law.latest(GB_3838).and_then(|tables| tables.grades("classes"));
    let choices: Vec<ColumnChoice> = grades
        .map(|(_, grades)| {
            grades
                .iter()
                .map(|grade| ColumnChoice {
                    id: grade.id.clone(),
                    name: grade.name.clone(),
                    aliases: grade.aliases.clone(),
                })
                .collect()
        })
        .unwrap_or_default();
    let mut columns = vec![
        Column::text("name", "断面或河流", "section or river")
            .or("section", &["river", "断面", "河流", "流域"]),
        Column::judged_day(),
        Column::choice("before", "前时段类别", "class before", choices.clone()),
        Column::choice("after", "后时段类别", "class after", choices),
    ];
    columns.extend(SHARES.map(|(key, zh, en)| Column::number(key, zh, en, Unit::Percent)));
    columns
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    let judged = law.tables(METHOD, basis).map_err(CannotTell::from).and_then(|method| {
        let row = rows.first().ok_or_else(super::standard::nothing_measured)?;
        match (row.choice("before"), row.choice("after")) {
            (Some(before), Some(after)) => Ok(of_section(&method, before, after)?),
            (Some(_), None) | (None, Some(_)) => {
                Err(missing("两个时段的类别", "the classes of both periods"))
            }
            (None, None) => of_river(&method, row),
        }
    });
    judged.unwrap_or_else(Answer::cannot_tell)
}

fn missing(zh: &str, en: &str) -> CannotTell {
    CannotTell::new("missing", format!("缺少：{zh}"), format!("missing: {en}"))
}

fn of_section(method: &Tables, before: &str, after: &str) -> Result<Answer, Unjudged> {
    let (sections_by, sections) = method.need(method.grades("section"), "section")?;
    let (states_by, states) = method.need(method.grades("states"), "states")?;
    let level = |class: &str| -> Result<usize, Unjudged> {
        let section = sections.iter().find(|grade| grade.id == class);
        let state = section.and_then(|grade| grade.state.as_ref());
        let found = state.and_then(|state| states.iter().position(|grade| grade.name.zh == state.zh));
        method.need(found, class)
    };
    let (was, is) = (level(before)?, level(after)?);
    let levels = Decimal::from(was) - Decimal::from(is);
    let (sourced, bands) = method.need(method.bands("trend_level"), "trend_level")?;
    let mut answer =
        class(method, bands, levels)?.by(method.edition(), &[&sourced, &sections_by, &states_by]);
    let name = |at: usize| states.get(at).map_or_else(|| Text::same("-"), |grade| grade.name.clone());
    answer.steps.push(Text::new(
        format!("{} → {}", name(was).zh, name(is).zh),
        format!("{} → {}", name(was).en, name(is).en),
    ));
    let label = Text::new("等级变化", "levels of change");
    Ok(answer.figure(Figure::new("levels", label, levels, Unit::None)))
}

fn of_river(method: &Tables, row: &Row) -> Result<Answer, CannotTell> {
    let mut shares = [Decimal::ZERO; 4];
    for (share, (key, zh, en)) in shares.iter_mut().zip(SHARES) {
        let value = row.value(key).ok_or_else(|| missing(zh, en))?;
        if Decimal::ONE_HUNDRED < value {
            return Err(CannotTell::new(
                "not_a_share",
                format!("{zh}大于100%"),
                format!("{en} is above 100 %"),
            ));
        }
        *share = value;
    }
    let [good_before, good_after, bad_before, bad_after] = shares;
    if Decimal::ONE_HUNDRED < good_before + bad_before || Decimal::ONE_HUNDRED < good_after + bad_after {
        return Err(CannotTell::new(
            "not_a_share",
            "同一时段两个比例之和大于100%",
            "the two shares of a period come to more than 100 %",
        ));
    }
    let (dg, dd) = (good_after - good_before, bad_after - bad_before);
    let (sourced, bands) = method.need(method.bands("trend_points"), "trend_points")?;
    let answer = class(method, bands, dg - dd)?.by(method.edition(), &[&sourced]);
    let figure = |key: &str, name: &str, value: Decimal| {
        Figure::new(key, Text::same(name), Rounding::HalfEven(1).apply(value).normalize(), Unit::Percent)
    };
    Ok(answer.figure(figure("dg", "ΔG", dg)).figure(figure("dd", "ΔD", dd)).figure(figure(
        "dg_dd",
        "ΔG−ΔD",
        dg - dd,
    )))
}

/// The change by its size and direction; above zero is better.
fn class(method: &Tables, bands: &Bands, change: Decimal) -> Result<Answer, Unjudged> {
    let size = method.need(bands.band(change.abs(), &Circumstances::new()), "trend")?;
    let (sourced, trends) = method.need(method.grades("trend"), "trend")?;
    let direction = if change.is_sign_negative() { "worse" } else { "better" };
    let id = |grade: &&Grade| grade.id == size.id || grade.id == format!("{}_{direction}", size.id);
    let trend = method.need(trends.iter().find(id), "trend")?;
    Ok(Answer { class: Some(grade_answer(trend)), ..Answer::default() }.by(method.edition(), &[&sourced]))
}
