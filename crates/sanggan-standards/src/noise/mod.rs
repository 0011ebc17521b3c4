//! Noise: limits of functional zones, plant boundaries and construction sites, statistical levels, city evaluation.

pub mod acoustics;
mod city;
mod levels;
mod limit;

use rust_decimal::Decimal;

use crate::assess::{Assessment, CannotTell, Cell, Column, ColumnChoice, Row};
use crate::circumstances::Circumstances;
use crate::edition::Text;
use crate::law::Law;
use crate::tables::Tables;

const GB_3096: &str = "GB 3096";
const GB_12348: &str = "GB 12348";
const GB_12523: &str = "GB 12523";
const HJ_640: &str = "HJ 640";

/// Decimals to which levels computed from samples and means are given, as the tables' `rounding` says.
const LEVEL_DIGITS: u32 = 1;

const DAY: &str = "day";
const NIGHT: &str = "night";

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] =
    &[limit::NOISE, levels::LEVELS, city::ATTAINMENT, city::AREA, city::ROAD];

fn head() -> Vec<Column> {
    vec![
        Column::text("point", "测点", "measuring point")
            .or("site", &["点位", "点位名称", "监测点", "测点名称"]),
        Column::judged_day(),
    ]
}

/// Day or night, as the standard's circumstance words it.
fn period_column(law: &Law, standard: &str) -> Option<Column> {
    let tables = law.latest(standard)?;
    tables.circumstances().iter().find(|one| one.key == "period").map(Column::of_circumstance)
}

fn clock_column() -> Column {
    Column::text("clock", "测量时刻", "time of day")
        .or("hour", &["时刻", "小时", "开始时间", "测量开始时间"])
        .note(
            "如 22:30；未填时段时由它判定昼间或夜间",
            "such as 22:30; tells day from night where the period is not given",
        )
}

/// The functional zone: every class any of the standards has a limit for.
fn zone_column(law: &Law, standards: &[&str]) -> Column {
    let mut choices: Vec<ColumnChoice> = Vec::new();
    for (_, body) in standards.iter().filter_map(|standard| law.latest(standard)?.factors("limits")) {
        for row in &body.row {
            if choices.iter().all(|choice| choice.id != row.key) {
                // A name of one zone here may be a zone of its own in another standard (`4a` within `4`).
                let own = |alias: &&String| choices.iter().all(|choice| choice.id != **alias);
                let aliases = row.aliases.iter().filter(own).cloned().collect();
                choices.push(ColumnChoice { id: row.key.clone(), name: row.name.clone(), aliases });
            }
        }
    }
    Column::choice("zone", "声环境功能区类别", "functional zone", choices)
        .or("class", &["功能区", "功能区类别", "声功能区", "类别", "厂界外声环境功能区类别"])
}

/// Day or night: as given, else by the time of day; `None` when neither was given.
fn period_of(tables: &Tables<'_>, row: &Row) -> Result<Option<&'static str>, CannotTell> {
    match row.choice("period") {
        Some(NIGHT) => return Ok(Some(NIGHT)),
        Some(_) => return Ok(Some(DAY)),
        None => {}
    }
    let Some(clock) = row.text("clock") else {
        return Ok(None);
    };
    let hour = hour_of(clock).ok_or_else(|| {
        CannotTell::new(
            "unreadable",
            format!("测量时刻：“{clock}”不是时刻（应为 22:30）"),
            format!("time of day: `{clock}` is no time (22:30 is one)"),
        )
    })?;
    let (_, periods) = tables.need(tables.factors("periods"), "periods")?;
    let bound = |key| tables.need(periods.get(DAY, key), "periods");
    Ok(Some(if bound("from")? <= hour && hour < bound("to")? { DAY } else { NIGHT }))
}

/// What vouches for the period of a row, when it was told by the time of day.
fn period_source(tables: &Tables<'_>, row: &Row) -> Option<crate::Sourced> {
    let told = row.choice("period").is_none() && row.text("clock").is_some();
    told.then(|| tables.factors("periods").map(|(source, _)| source)).flatten()
}

/// `22:30`, `2026-03-01 22:30:15`, `22`, `22时` → 22.5, 22.504…, 22, 22.
fn hour_of(clock: &str) -> Option<Decimal> {
    let time = clock.rsplit(['T', ' ']).next()?.replace(['时', '：'], ":").replace('分', "");
    let mut hour = Decimal::ZERO;
    let parts = time.trim_end_matches(':').split(':');
    for (part, (least, scale)) in parts.zip([(24, 1), (60, 60), (60, 3600)]) {
        let number: u32 = part.trim().parse().ok().filter(|number| *number < least)?;
        hour += Decimal::from(number).checked_div(Decimal::from(scale))?;
    }
    Some(hour)
}

/// A level as measured; below a detection limit there is no level to compare.
fn level_of(row: &Row, key: &str, name: &Text) -> Result<Option<Decimal>, CannotTell> {
    match row.cell(key) {
        None => Ok(None),
        Some(Cell::Number(measured)) if !measured.below_detection => Ok(Some(measured.value)),
        Some(_) => Err(CannotTell::new(
            "not_a_value",
            format!("{}：应填声级数值", name.zh),
            format!("{}: a level is needed", name.en),
        )),
    }
}

fn missing(zh: &str, en: &str) -> CannotTell {
    CannotTell::new("missing", format!("缺少：{zh}"), format!("missing: {en}"))
}

/// The limit of a zone in a period.
fn limit_of(
    tables: &Tables<'_>,
    zone: &str,
    period: &str,
) -> Result<(crate::Sourced, Text, Decimal), CannotTell> {
    let (source, body) = tables.need(tables.factors("limits"), "limits")?;
    let found = body.row(zone, &Circumstances::new());
    let limit = found.and_then(|row| Some((row.name.clone(), *row.values.get(period)?)));
    let (name, limit) = limit.ok_or_else(|| {
        let edition = &tables.edition().id;
        CannotTell::new(
            "no_limit",
            format!("{edition} 没有“{zone}”类区的限值，4类区须注明4a或4b"),
            format!("{edition} has no limit for zone `{zone}`; of class 4 say whether 4a or 4b"),
        )
    })?;
    Ok((source, name, limit))
}

fn period_name(period: &str) -> Text {
    if period == NIGHT { Text::new("夜间", "night") } else { Text::new("昼间", "day") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read_as_people_write_them() {
        for (clock, want) in [
            ("22:30", Some("22.5")),
            ("2026-03-01 05:45:00", Some("5.75")),
            ("6", Some("6")),
            ("22时", Some("22")),
            ("22时30分", Some("22.5")),
            ("24:00", None),
            ("7:61", None),
            ("noon", None),
            ("", None),
        ] {
            let got = hour_of(clock).map(|hour| hour.normalize().to_string());
            assert_eq!(got.as_deref(), want, "{clock}");
        }
    }
}
