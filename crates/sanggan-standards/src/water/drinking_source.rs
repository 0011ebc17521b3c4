//! Surface-water sources of drinking water: the limits of the protection zone and the supplementary items.
//!
//! * SOURCE-1: a source passes only when every item of both tables was measured and meets its limit.

use rust_decimal::Decimal;

use super::standard::{
    BODY, GB_3838, Judged, METHOD, Reading, Sample, Standard, limit_text, names, nothing_measured,
};
use crate::assess::{Answer, Assessment, CannotTell, Column, ColumnChoice, Exclusion, ItemAnswer, Row, Rows};
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::Law;
use crate::schema::general::{Bound, Conditional, ConditionalRow, Item, LimitCell};

/// Whether a source of drinking water meets its limits.
pub(super) const DRINKING_SOURCE: Assessment = Assessment {
    id: "drinking-source",
    theme: Theme::Water,
    title: ("集中式饮用水地表水源", "Surface-water source of drinking water"),
    about: (
        "按 GB 3838 表1 的21项（一级保护区Ⅱ类、二级保护区Ⅲ类，不填按Ⅲ类）和表2 的5个补充项目评价水源是否达标；表3 的80个特定项目由主管部门选定，给出的都评价，超标即不达标。总氮、粪大肠菌群单独列出。",
        "Whether a source meets the 21 items of GB 3838 table 1 (class II in the first-grade protection zone, III in the second, III when not said) and the five supplementary items of table 2; of the 80 specific items of table 3, which the authority chooses from, those given are evaluated and none may exceed. Total nitrogen and faecal coliforms are shown by themselves.",
    ),
    standards: &[GB_3838, METHOD],
    rows: Rows::Each,
    columns,
    figures: &[],
    example: &[&[
        ("水源地", "甲水库"),
        ("body", "lake"),
        ("ph", "7.9"),
        ("do", "7.8"),
        ("codmn", "2.6"),
        ("cod", "11"),
        ("bod5", "1.8"),
        ("nh3n", "0.12"),
        ("tp", "0.02"),
        ("cu", "0.002"),
        ("zn", "0.05L"),
        ("fluoride", "0.4"),
        ("se", "0.0004L"),
        ("as", "0.001"),
        ("hg", "0.00004L"),
        ("cd", "0.0001L"),
        ("cr6", "0.004L"),
        ("pb", "0.002L"),
        ("cyanide", "0.004L"),
        ("phenol", "0.0003L"),
        ("oil", "0.01L"),
        ("las", "0.05L"),
        ("sulfide", "0.01L"),
        ("sulfate", "86"),
        ("chloride", "31"),
        ("nitrate_n", "2.4"),
        ("fe", "0.03L"),
        ("mn", "0.01L"),
    ]],
    judge,
};

fn columns(law: &Law) -> Vec<Column> {
    let zones = vec![
        ColumnChoice::new("II", "一级保护区", "first-grade zone"),
        ColumnChoice::new("III", "二级保护区", "second-grade zone"),
    ];
    let mut columns = vec![
        Column::text("source", "水源地", "source")
            .or("section", &["断面", "点位", "水源", "名称", "station"]),
        Column::judged_day(),
        Column::choice("zone", "保护区", "protection zone", zones).note("不填按Ⅲ类", "class III when empty"),
    ];
    columns.extend(Standard::body_column(law).map(Column::required));
    columns.extend(Standard::columns(law));
    for table in ["supplementary", "specific"] {
        let body = law.latest(GB_3838).and_then(|tables| tables.conditional(table));
        columns.extend(body.into_iter().flat_map(|(_, body)| body.item.iter().map(Column::of_item)));
    }
    columns
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    let judged = Standard::of(law, basis).map_err(CannotTell::from).and_then(|standard| {
        let row = rows.first().ok_or_else(nothing_measured)?;
        of_row(&standard, row)
    });
    judged.unwrap_or_else(Answer::cannot_tell)
}

fn of_row(standard: &Standard, row: &Row) -> Result<Answer, CannotTell> {
    let readings = standard.readings(row, None);
    let sample = standard.sample(&readings, None, row.choice(BODY).unwrap_or("lake"));
    let zone = row.choice("zone").and_then(|id| standard.limits.1.grades.iter().position(|one| one == id));
    let target = zone.unwrap_or(standard.limit_class);
    let (sourced, supplementary) =
        standard.gb.need(standard.gb.conditional("supplementary"), "supplementary")?;
    let (specific_by, specific) = standard.gb.need(standard.gb.conditional("specific"), "specific")?;
    let mut answer = Answer::default()
        .by(standard.gb.edition(), &[&standard.limits.0, &sourced])
        .by(standard.method.edition(), &[&standard.counted.0]);
    let below = |reading: &Option<Reading>| matches!(reading, Some(Reading::Value(_, Some(_))));
    let read = |table| further(standard, row, table);
    let (more, chosen) = (read(supplementary), read(specific));
    let mut all = readings.iter().map(|(_, one)| one).chain(more.iter().chain(&chosen).map(|one| &one.2));
    if all.any(below)
        && let Some((tables, sourced)) = standard.below_detection()
    {
        answer = answer.by(tables.edition(), &[sourced]);
    }
    for (_, limit, _) in chosen.iter().filter(|one| one.2.is_some()) {
        let status = limit.status.unwrap_or(specific_by.status);
        answer = answer.by(standard.gb.edition(), &[&Sourced { status, ..specific_by.clone() }]);
    }
    let mut lacking = lacking(&sample);
    answer.items = sample.items.iter().map(|judged| standard.item_answer(judged, Some(target))).collect();
    let over: Vec<&Judged> = sample.items.iter().filter(|one| one.counts && target < one.class).collect();
    answer.deciding = over.iter().map(|one| standard.pollutant(one)).collect();
    let not_given = chosen.iter().filter(|one| one.2.is_none()).count();
    for (item, limit, reading) in more {
        match reading {
            Some(Reading::Value(value, _)) => further_item(standard, item, limit, value, &mut answer),
            _ => lacking.push(item),
        }
    }
    for (item, limit, reading) in chosen {
        match reading {
            Some(Reading::Value(value, _)) => further_item(standard, item, limit, value, &mut answer),
            // Given, but not in a way that can be judged.
            Some(Reading::NotDetected) => lacking.push(item),
            None => {}
        }
    }
    if 0 < not_given {
        answer.excluded.push(Exclusion {
            what: Text::new(
                format!("表3 未给出的{not_given}项"),
                format!("{not_given} items of table 3 that were not given"),
            ),
            why: Text::new(
                "由主管部门选择确定，未给出的不评价",
                "the authority chooses them; what is not given is not evaluated",
            ),
        });
    }
    if answer.items.is_empty() {
        answer.cannot_tell = Some(nothing_measured());
    } else if !answer.deciding.is_empty() {
        answer.meets = Some(false);
    } else if lacking.is_empty() {
        answer.meets = Some(true);
    } else {
        let lacking = names(lacking.iter().copied());
        answer.cannot_tell = Some(CannotTell::new(
            "incomplete",
            format!("已测项目均达标，但缺{}", lacking.zh),
            format!("what was measured meets its limits, but there is no {}", lacking.en),
        ));
    }
    let class = standard.class_name(target);
    answer
        .steps
        .push(Text::new(format!("表1 按{}限值", class.zh), format!("table 1 by the limits of {}", class.en)));
    Ok(answer)
}

fn lacking<'a>(sample: &Sample<'a>) -> Vec<&'a Item> {
    sample.missing.iter().chain(&sample.unusable).copied().collect()
}

fn item_of<'a>(table: &'a Conditional, key: &str) -> Option<&'a Item> {
    table.item.iter().find(|item| item.key == key)
}

/// What a row says of the items of a further table.
fn further<'a>(
    standard: &Standard<'a>,
    row: &Row,
    table: &'a Conditional,
) -> Vec<(&'a Item, &'a ConditionalRow, Option<Reading>)> {
    let one = |limit: &'a ConditionalRow| {
        let item = item_of(table, &limit.item)?;
        Some((item, limit, standard.read(row, &item.key)))
    };
    table.row.iter().filter_map(one).collect()
}

/// Judges an item of a further table and puts it into the answer.
fn further_item(
    standard: &Standard,
    item: &Item,
    limit: &ConditionalRow,
    value: Decimal,
    answer: &mut Answer,
) {
    let value = item.rounding().apply(value);
    let max = limit.max;
    let multiple = max
        .filter(|max| *max < value)
        .and_then(|max| value.checked_sub(max)?.checked_div(max))
        .map(|multiple| standard.round_multiple(multiple));
    let one = ItemAnswer {
        key: item.key.clone(),
        name: item.name.clone(),
        value: Some(value),
        unit: item.unit,
        limit: max.map(|max| limit_text(Bound::Max, &LimitCell::Number(max))),
        class: None,
        meets: max.map(|max| value <= max),
        multiple,
        note: None,
    };
    if one.meets == Some(false) {
        answer.deciding.push(with_multiple(&one));
    }
    answer.items.push(one);
}

fn with_multiple(item: &ItemAnswer) -> Text {
    match item.multiple {
        Some(times) => {
            Text::new(format!("{}（{times}）", item.name.zh), format!("{} ({times})", item.name.en))
        }
        None => item.name.clone(),
    }
}
