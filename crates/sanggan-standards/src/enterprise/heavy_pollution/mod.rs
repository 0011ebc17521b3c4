//! heavy-pollution/warning level
//!
//! # What it decides
//! The level of a heavy-pollution warning that a series of forecast days calls for, the condition that starts it and
//! from which day, whether it may be lifted, and the shares of emissions to be cut.
//!
//! # What it leaves undecided
//! Hours within a day (a mean over 24 hours that crosses midnight), regional joint warnings, stricter local plans, and
//! who issues the warning.
//!
//! # Source
//! 环大气〔2024〕6号 and the grading before it. Numbers: `data/heavy-pollution/`, unconfirmed.
//!
//! * WARN-1: a day without a forecast that could change the level leaves it open.
//! * WARN-2: the highest level reached in an episode is kept until it is lifted.

mod episode;

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::Unjudged;
use crate::assess::{
    Answer, Assessment, CannotTell, Cell, Column, ColumnKind, Exclusion, Figure, ItemAnswer, Row, Rows,
};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::{HJ_633, Law};
use crate::schema::general::{List, ListRow};
use crate::single_factor::class;
use crate::tables::Tables;
use episode::{Air, DAY_HOURS, ForecastDay, Level, Reading};

const STANDARD: &str = "heavy-pollution";

/// More days in a row without a forecast than this part a series as well as any number of them.
const LONGEST_GAP: i32 = 31;

pub(super) const ASSESSMENT: Assessment = Assessment {
    id: "heavy-pollution",
    theme: Theme::Enterprise,
    title: ("重污染天气预警", "Heavy-pollution warning"),
    about: (
        "由同一地点连续各日的预报日AQI判定应启动的预警级别、启动条件和起始日、可否解除，并给出减排比例；缺报的日如可能影响级别则不作判定；臭氧、沙尘等成因的日不计入。不代替更严的地方预案。",
        "The warning level that the forecast daily AQIs of a place call for, what starts it and from which day, whether it may be lifted, and the shares of emissions to be cut. Days without a forecast leave the level open where they could matter; days of ozone, dust or wildfire do not count. A stricter local plan prevails.",
    ),
    standards: &[STANDARD, HJ_633],
    rows: Rows::By(&["place"]),
    columns,
    figures: &[
        ("days", "预报日数", "forecast days"),
        ("days_above", "高于黄色起始值的日数", "days above the start of yellow"),
        ("cut_so2", "二氧化硫减排比例", "cut of sulfur dioxide"),
        ("cut_nox", "氮氧化物减排比例", "cut of nitrogen oxides"),
        ("cut_pm", "颗粒物减排比例", "cut of particles"),
        ("cut_vocs", "挥发性有机物减排比例", "cut of VOCs"),
    ],
    example: &[
        &[("place", "朔州市"), ("day", "2026-01-10"), ("aqi", "168")],
        &[("place", "朔州市"), ("day", "2026-01-11"), ("aqi", "214")],
        &[("place", "朔州市"), ("day", "2026-01-12"), ("aqi", "232")],
        &[("place", "朔州市"), ("day", "2026-01-13"), ("aqi", "96")],
        &[("place", "朔州市"), ("day", "2026-01-14"), ("aqi", "71")],
    ],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn columns(law: &Law) -> Vec<Column> {
    let mut aqi = Column::number("aqi", "预报日AQI", "forecast daily AQI", Unit::None)
        .or("AQI", &["日AQI", "预报AQI", "空气质量指数", "AQI日均值"])
        .note("不填为没有预报", "no forecast when empty");
    let most = law.latest(HJ_633).and_then(|tables| tables.loaded.aqi.as_ref());
    if let ColumnKind::Number { max, .. } = &mut aqi.kind {
        *max = most.map(|aqi| Decimal::from(aqi.index_max));
    }
    let mut columns = vec![
        Column::text("place", "地点", "place").or("city", &["城市", "县区", "区域"]),
        Column::judged_day().or("forecast_day", &["预报日期", "预报日"]).required(),
        aqi,
    ];
    let causes = law.latest(STANDARD).map(|tables| tables.circumstances()).unwrap_or_default();
    columns.extend(causes.iter().map(Column::of_circumstance));
    columns
}

/// The series in the order of its days, days that no row names as unknown.
fn series(rows: &[Row], not_counted: &List) -> Result<(Vec<ForecastDay>, Vec<Exclusion>), CannotTell> {
    let mut given = Vec::with_capacity(rows.len());
    let mut excluded = Vec::new();
    for row in rows {
        let Some(day) = row.day("day") else { continue };
        let cause = row.choice("cause").and_then(|id| not_counted.row.iter().find(|entry| entry.id == id));
        let air = match (cause, row.cell("aqi")) {
            (Some(cause), _) => {
                excluded.push(Exclusion { what: Text::same(day.to_string()), why: why_not_counted(cause) });
                Air::NotCounted
            }
            (None, None) => Air::Unknown,
            (None, Some(Cell::Number(aqi))) if !aqi.below_detection && aqi.value.fract().is_zero() => {
                Air::Aqi(aqi.value.normalize())
            }
            (None, Some(_)) => {
                return Err(CannotTell::new(
                    "unreadable",
                    format!("{day} 的AQI不是整数"),
                    format!("the AQI of {day} is no whole number"),
                ));
            }
        };
        given.push(ForecastDay { day, air });
    }
    given.sort_by_key(|one| one.day);
    let mut days: Vec<ForecastDay> = Vec::with_capacity(given.len());
    for one in given {
        if let Some(before) = days.last().map(|last| last.day) {
            if before == one.day {
                return Err(CannotTell::new(
                    "twice",
                    format!("{} 有两行", one.day),
                    format!("there are two rows for {}", one.day),
                ));
            }
            let mut missing = before.tomorrow();
            let mut count = 0;
            while let Ok(day) = missing
                && day < one.day
                && count < LONGEST_GAP
            {
                days.push(ForecastDay { day, air: Air::Unknown });
                missing = day.tomorrow();
                count += 1;
            }
        }
        days.push(one);
    }
    Ok((days, excluded))
}

fn why_not_counted(cause: &ListRow) -> Text {
    let text = cause.text.as_ref().unwrap_or(&cause.name);
    Text::new(format!("{}：{}", cause.name.zh, text.zh), format!("{}: {}", cause.name.en, text.en))
}

/// The highest level the series calls for: its number, the day of the start, the conditions.
type Reached<'l, 'a> = Option<(usize, usize, Vec<&'l episode::Condition<'a>>)>;

fn reached<'l, 'a>(
    levels: &'l [Level<'a>],
    days: &[ForecastDay],
    reading: Reading,
    join: usize,
) -> Reached<'l, 'a> {
    levels.iter().enumerate().rev().find_map(|(number, level)| {
        level.starts(days, reading, join).map(|(first, conditions)| (number, first, conditions))
    })
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let tables = law.tables(STANDARD, basis)?;
    let (source, grades) = tables.need(tables.grades("levels"), "levels")?;
    let (list_source, not_counted) = tables.need(tables.list("not_counted"), "not_counted")?;
    let (rule_source, _) = tables.need(tables.factors("rules"), "rules")?;
    let (join, lift) = (hours(&tables, "join")?, hours(&tables, "lift")?);
    let (days, excluded) = series(rows, not_counted)?;
    if days.iter().all(|one| one.air == Air::Unknown) {
        return Err(Unjudged::NothingMeasured.into());
    }
    let mut sources: Vec<Sourced> = vec![source, rule_source];
    if !excluded.is_empty() {
        sources.push(list_source);
    }
    let mut levels = Vec::new();
    for grade in grades.iter().skip(1) {
        let (source, body) = tables.need(tables.factors(&grade.id), &grade.id)?;
        sources.push(source);
        levels.push(tables.need(Level::of(&grade.id, body), &grade.id)?);
    }
    let start = tables.need(levels.first().and_then(Level::lowest), "yellow")?;

    let sure = reached(&levels, &days, Reading::Clean, join);
    let possible = reached(&levels, &days, Reading::Foul, join);
    let number = |one: &Reached<'_, '_>| one.as_ref().map(|(number, ..)| *number);
    let mut answer = Answer { excluded, ..Answer::default() };
    answer.items = items(&levels, grades, &days, join);
    let counted = days.iter().filter(|one| one.air != Air::Unknown).count();
    let above = days.iter().filter(|one| start.holds(one.air, Reading::Clean)).count();
    answer.figures.push(count("days", "预报日数", "forecast days", counted));
    answer.figures.push(count("days_above", "高于黄色起始值的日数", "days above the start of yellow", above));
    if number(&sure) == number(&possible) {
        let id = sure
            .as_ref()
            .map(|(number, ..)| levels[*number].id)
            .or(grades.first().map(|one| one.id.as_str()));
        answer.class = id.map(|id| class(grades, id));
        let peak = days.iter().filter_map(|one| match one.air {
            Air::Aqi(aqi) => Some(aqi),
            _ => None,
        });
        answer.value = peak
            .max()
            .map(|aqi| Figure::new("aqi_max", Text::new("最高日AQI", "highest daily AQI"), aqi, Unit::None));
        match &sure {
            Some((level, first, conditions)) => {
                answer.deciding = conditions.iter().map(|condition| condition.row.name.clone()).collect();
                sources.extend(cuts(&tables, levels[*level].id, &mut answer));
                answer.steps.extend(start_steps(&tables, days.get(*first)));
                let strict = reached(&levels, &days, Reading::Clean, 0);
                if number(&strict) != Some(*level) {
                    let name = strict.map_or(0, |(number, ..)| number + 1);
                    answer.steps.extend(grades.get(name).map(|grade| joined(&grade.name, join)));
                }
            }
            None => answer.steps.extend(temporary(&tables, &days, join, &mut sources)),
        }
        if sure.is_some() {
            answer.steps.push(lifting(&days, start, lift));
        }
    } else {
        answer.cannot_tell = Some(open(grades, &days, number(&sure), number(&possible)));
    }
    answer.steps.push(Text::new(
        "每个预报日计24小时；过程中级别有波动的取最高级别；跨自然日的24小时均值和区域联动未计算",
        "each forecast day counts 24 hours; the highest level of the episode is kept; means over 24 hours across midnight and regional warnings are not worked out",
    ));
    Ok(answer.by(tables.edition(), &sources.iter().collect::<Vec<_>>()))
}

fn hours(tables: &Tables<'_>, rule: &str) -> Result<usize, CannotTell> {
    use rust_decimal::prelude::ToPrimitive;
    let found = tables.factors("rules").and_then(|(_, body)| body.get(rule, "hours"));
    Ok(tables.need(found.and_then(|hours| hours.to_usize()), rule)?)
}

fn count(key: &str, zh: &str, en: &str, number: usize) -> Figure {
    Figure::new(key, Text::new(zh, en), Decimal::from(number), Unit::Day)
}

/// Every condition of every level with the hours the series brings to it.
fn items(
    levels: &[Level<'_>],
    grades: &[crate::schema::general::Grade],
    days: &[ForecastDay],
    join: usize,
) -> Vec<ItemAnswer> {
    let mut items = Vec::new();
    for level in levels {
        let name = class(grades, level.id).name;
        for condition in &level.conditions {
            let hours = |reading| {
                let longest = condition.longest(days, reading, join);
                Decimal::from(longest.map_or(0, |stretch| stretch.days * DAY_HOURS))
            };
            let (least, most) = (hours(Reading::Clean), hours(Reading::Foul));
            let meets = condition.hours() <= least;
            items.push(ItemAnswer {
                key: format!("{}_{}", level.id, condition.row.key),
                name: Text::joined(&[&name, &condition.row.name], "：", ": "),
                value: Some(least),
                unit: Unit::Hour,
                limit: Some(condition.said()),
                class: None,
                meets: (meets == (condition.hours() <= most)).then_some(meets),
                multiple: None,
                note: condition.row.note.clone(),
            });
        }
    }
    items
}

/// The shares of emissions to be cut at a level; the source of the table.
fn cuts(tables: &Tables<'_>, level: &str, answer: &mut Answer) -> Option<Sourced> {
    let (source, body) = tables.factors("cuts")?;
    let row = body.row(level, &Circumstances::new())?;
    for column in &body.column {
        if let Some(share) = row.values.get(&column.key) {
            let name = Text::new(format!("{}减排比例", column.name.zh), format!("cut of {}", column.name.en));
            answer.figures.push(Figure::new(&format!("cut_{}", column.key), name, *share, column.unit));
        }
    }
    Some(source)
}

fn start_steps(tables: &Tables<'_>, first: Option<&ForecastDay>) -> Vec<Text> {
    let day = first.map(|one| one.day.to_string()).unwrap_or_default();
    let mut steps = vec![Text::new(
        format!("达到条件的过程自 {day} 起"),
        format!("the days that meet the condition begin on {day}"),
    )];
    if let Ok(notice) = hours(tables, "notice") {
        steps.push(Text::new(
            format!("原则上提前 {notice} 小时发布"),
            format!("announced {notice} hours ahead in principle"),
        ));
    }
    steps
}

fn joined(without: &Text, join: usize) -> Text {
    Text::new(
        format!("间隔不足{join}小时的两段按一次过程计，间隔不计时数；不合并时为：{}", without.zh),
        format!(
            "two stretches fewer than {join} hours apart count as one, the hours between not counted; apart they would be: {}",
            without.en
        ),
    )
}

/// Whether the days after the last polluted one are enough to lift the warning.
fn lifting(days: &[ForecastDay], start: &episode::Condition<'_>, lift: usize) -> Text {
    let last = days.iter().rposition(|one| start.holds(one.air, Reading::Foul));
    let after = days.get(last.map_or(0, |last| last + 1)..).unwrap_or_default();
    match after.first() {
        Some(first) if lift < after.len() * DAY_HOURS => Text::new(
            format!("自 {} 起低于黄色启动条件，持续超过{lift}小时，可以解除", first.day),
            format!(
                "below the start of yellow from {} for more than {lift} hours: it may be lifted",
                first.day
            ),
        ),
        _ => Text::new(
            format!("序列之内未见低于黄色启动条件并持续超过{lift}小时，尚不能解除"),
            format!(
                "the series does not end with more than {lift} hours below the start of yellow: not yet to be lifted"
            ),
        ),
    }
}

/// Below yellow a place may still take temporary measures, where the edition knows them.
fn temporary(
    tables: &Tables<'_>,
    days: &[ForecastDay],
    join: usize,
    sources: &mut Vec<Sourced>,
) -> Option<Text> {
    let (source, body) = tables.factors("temporary")?;
    let level = Level::of("temporary", body)?;
    let (_, conditions) = level.starts(days, Reading::Clean, join)?;
    let names: Vec<&Text> = conditions.iter().map(|condition| &condition.row.name).collect();
    let names = Text::joined(&names, "且", " and ");
    sources.push(source);
    Some(Text::new(
        format!("{}：未达预警条件，可按统一部署采取临时管控措施", names.zh),
        format!("{}: no warning, yet temporary measures may be taken when the place is told to", names.en),
    ))
}

/// Why the level is open: the days without a forecast that matter.
fn open(
    grades: &[crate::schema::general::Grade],
    days: &[ForecastDay],
    sure: Option<usize>,
    possible: Option<usize>,
) -> CannotTell {
    let name = |number: Option<usize>| {
        let at = number.map_or(0, |number| number + 1);
        grades.get(at).map_or_else(|| Text::same("—"), |grade| grade.name.clone())
    };
    let (sure, possible) = (name(sure), name(possible));
    let unknown: Vec<String> =
        days.iter().filter(|one| one.air == Air::Unknown).take(5).map(|one| one.day.to_string()).collect();
    let more = days.iter().filter(|one| one.air == Air::Unknown).count() - unknown.len();
    let list = unknown.join("、");
    let (zh_more, en_more) = match more {
        0 => (String::new(), String::new()),
        more => (format!("等，另{more}日"), format!(" and {more} more")),
    };
    CannotTell::new(
        "gap",
        format!("{list}{zh_more} 没有预报：至少为{}，可能为{}", sure.zh, possible.zh),
        format!(
            "no forecast for {}{en_more}: at least {}, possibly {}",
            unknown.join(", "),
            sure.en,
            possible.en
        ),
    )
}
