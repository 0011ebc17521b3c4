//! Hours of an outlet in the order of time, read from rows; one row may stand for several hours alike.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sanggan_base::Unit;

use crate::assess::{CannotTell, Column, ColumnChoice, Exclusion, Row};
use crate::edition::Text;
use crate::law::{HJ_75, HJ_356, Law};

/// What an hour counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HourKind {
    /// Its data are used.
    Valid,
    /// Its data are missing or not to be used, while the plant ran.
    Invalid,
    /// The plant stood still: nothing is asked for.
    Stopped,
}

/// One hour.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hour<'a> {
    pub(crate) row: &'a Row,
    pub(crate) kind: HourKind,
}

/// A stretch of hours without valid data, and what stands in for each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The number of its first hour, from 0.
    pub first: usize,
    /// Its hours, without those of stand-still.
    pub hours: usize,
    /// What each of its hours is taken as.
    pub substitute: Result<Decimal, TooFew>,
}

/// Too little came before a gap to replace it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooFew {
    /// The hours there are.
    pub used: usize,
    /// The hours that are asked for.
    pub required: usize,
}

impl Gap {
    /// `第5时起3小时：9`.
    pub(crate) fn said(&self, of: &Text) -> Text {
        let (first, hours) = (self.first + 1, self.hours);
        let (zh, en) = match &self.substitute {
            Ok(value) => (value.to_string(), value.to_string()),
            Err(few) => (
                format!("无法替代（有 {}，应有 {}）", few.used, few.required),
                format!("no substitute ({} of {})", few.used, few.required),
            ),
        };
        Text::new(
            format!("{}第{first}时起{hours}小时：{zh}", of.zh),
            format!("{}, {hours} hour(s) from hour {first}: {en}", of.en),
        )
    }
}

/// The gaps of a series: hours that are invalid one after another; hours of stand-still neither end nor lengthen one.
pub(crate) fn gaps(kinds: &[HourKind]) -> Vec<(usize, usize)> {
    let mut gaps: Vec<(usize, usize)> = Vec::new();
    let mut open = false;
    for (at, kind) in kinds.iter().enumerate() {
        match kind {
            HourKind::Stopped => {}
            HourKind::Valid => open = false,
            HourKind::Invalid => {
                match gaps.last_mut().filter(|_| open) {
                    Some((_, hours)) => *hours += 1,
                    None => gaps.push((at, 1)),
                }
                open = true;
            }
        }
    }
    gaps
}

/// The flags of HJ 212 (and words of reports) by the state they mean.
const FLAGS: &[(&str, &[&str])] = &[
    ("valid", &["N", "normal", "正常"]),
    ("invalid", &["T", "超限"]),
    ("stopped", &["F", "停产"]),
    ("fault", &["D", "B"]),
    ("maintenance", &["M", "维护", "维修"]),
    ("calibration", &["C"]),
];

/// The columns of a series: outlet, parameter, day, state, hours a row stands for.
pub(crate) fn columns(law: &Law) -> Vec<Column> {
    let choices = states(law).into_iter().map(|(id, name, _)| {
        let flags = FLAGS.iter().filter(|(state, _)| *state == id).flat_map(|(_, flags)| *flags);
        let aliases = flags.map(|&flag| flag.to_owned()).collect();
        ColumnChoice { id, name, aliases }
    });
    vec![
        Column::text("outlet", "排放口", "outlet").or("排口", &["站点", "监控点"]),
        Column::text("parameter", "监测项目", "parameter").or("项目", &["污染物", "因子"]),
        Column::judged_day(),
        Column::choice("state", "数据状态", "state of the data", choices.collect())
            .or("状态", &["标记", "status", "工况"])
            .note("不填：有数值为有效，无数值为无效", "when empty: valid with a value, invalid without"),
        Column::number("hours", "小时数", "hours", Unit::Hour)
            .or("时数", &["持续小时数"])
            .note("这一行代表的小时数，不填为 1", "the hours the row stands for; 1 when empty"),
    ]
}

/// The states a row may name, of gas and water, (id, name, kind).
fn states(law: &Law) -> Vec<(String, Text, HourKind)> {
    let mut all: Vec<(String, Text, HourKind)> = Vec::new();
    for standard in [HJ_75, HJ_356] {
        let Some((_, list)) = law.latest(standard).and_then(|tables| tables.list("states")) else { continue };
        for row in &list.row {
            let kind = match row.parent.as_deref().unwrap_or(&row.id) {
                "valid" => HourKind::Valid,
                "stopped" => HourKind::Stopped,
                _ => HourKind::Invalid,
            };
            if all.iter().all(|(id, ..)| *id != row.id) {
                all.push((row.id.clone(), row.name.clone(), kind));
            }
        }
    }
    all
}

/// The most hours a series may have: more than ten years.
const MOST_HOURS: usize = 100_000;

/// The hours of the rows, in their order. `measured` says whether a row has what an hour needs.
pub(crate) fn hours<'a>(
    law: &Law,
    rows: &'a [Row],
    measured: impl Fn(&Row) -> bool,
) -> Result<Vec<Hour<'a>>, CannotTell> {
    let states = states(law);
    let mut hours = Vec::with_capacity(rows.len());
    for row in rows {
        let count = match row.value("hours") {
            None => 1,
            Some(count) => whole(count).ok_or_else(|| {
                CannotTell::new(
                    "hours",
                    "小时数应为不太大的整数",
                    "the hours of a row are a whole number, not too large",
                )
            })?,
        };
        if MOST_HOURS < hours.len() + count {
            return Err(CannotTell::new("hours", "小时数太多", "there are too many hours"));
        }
        let marked = row.choice("state").and_then(|id| states.iter().find(|(state, ..)| state == id));
        let kind = match (marked.map(|(.., kind)| *kind), measured(row)) {
            (Some(HourKind::Stopped), _) => HourKind::Stopped,
            (Some(HourKind::Valid) | None, true) => HourKind::Valid,
            _ => HourKind::Invalid,
        };
        hours.extend(std::iter::repeat_n(Hour { row, kind }, count));
    }
    Ok(hours)
}

/// A whole number of hours.
pub(crate) fn whole(count: Decimal) -> Option<usize> {
    if !count.fract().is_zero() {
        return None;
    }
    count.to_usize().filter(|count| *count <= MOST_HOURS)
}

pub(crate) fn count(hours: &[Hour<'_>], kind: HourKind) -> usize {
    hours.iter().filter(|hour| hour.kind == kind).count()
}

/// The hours left out, by the state they are marked with.
pub(crate) fn left_out(law: &Law, hours: &[Hour<'_>]) -> Vec<Exclusion> {
    let mut all = Vec::new();
    for (id, name, kind) in states(law) {
        let of_state = hours.iter().filter(|hour| hour.row.choice("state") == Some(id.as_str())).count();
        if 0 < of_state && kind != HourKind::Valid {
            let why = Text::new(format!("{of_state} 小时"), format!("{of_state} hour(s)"));
            all.push(Exclusion { what: name, why });
        }
    }
    let unmarked = |hour: &&Hour<'_>| hour.kind == HourKind::Invalid && hour.row.choice("state").is_none();
    let empty = hours.iter().filter(unmarked).count();
    if 0 < empty {
        all.push(Exclusion {
            what: Text::new("无数值", "no value"),
            why: Text::new(format!("{empty} 小时"), format!("{empty} hour(s)")),
        });
    }
    all
}
