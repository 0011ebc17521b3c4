//! Continuous monitoring of flue gas: capture rate of a quarter, and what stands in for hours without valid data.
//!
//! Source: HJ 75-2017, clause 12. Numbers: `data/hj-75/`.

use jiff::civil::Date;
use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::series::{Gap, Hour, HourKind, TooFew, columns, count, gaps, hours, left_out};
use crate::assess::{Answer, Assessment, CannotTell, ClassAnswer, Column, Figure, Row, Rows};
use crate::circumstances::{Circumstance, Circumstances};
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::{HJ_75, Law};
use crate::schema::general::{Bands, Factors};
use crate::tables::Tables;
use crate::{Rounding, Unjudged};

/// α = valid ÷ (all − standing still), percent; `None` when the plant stood still all the time.
pub fn capture_rate(hours: usize, valid: usize, stopped: usize) -> Option<Decimal> {
    let running = Decimal::from(hours.checked_sub(stopped)?);
    (Decimal::from(valid) * Decimal::ONE_HUNDRED).checked_div(running)
}

/// Replaces each gap by the greatest of the valid hours before it; `window` says how many, by the hours of the gap.
pub fn substitute_by_maximum(
    hours: &[(HourKind, Option<Decimal>)],
    window: impl Fn(usize) -> usize,
) -> Vec<Gap> {
    let kinds: Vec<HourKind> = hours.iter().map(|(kind, _)| *kind).collect();
    let one = |(first, length)| {
        let required = window(length);
        let valid = |hour: &(HourKind, Option<Decimal>)| hour.1.filter(|_| hour.0 == HourKind::Valid);
        let before: Vec<Decimal> = hours[..first].iter().rev().filter_map(valid).take(required).collect();
        let enough = before.len() == required;
        let few = TooFew { used: before.len(), required };
        let substitute = before.into_iter().max().filter(|_| enough).ok_or(few);
        Gap { first, hours: length, substitute }
    };
    gaps(&kinds).into_iter().map(one).collect()
}

/// The numbers of HJ 75 that the substitution goes by.
pub(crate) struct Rules<'a> {
    tables: Tables<'a>,
    grade: (Sourced, &'a Bands),
    windows: (Sourced, &'a Factors),
}

impl<'a> Rules<'a> {
    pub(crate) fn of(law: &'a Law, basis: Basis<'_>) -> Result<Rules<'a>, Unjudged> {
        let tables = law.tables(HJ_75, basis)?;
        let grade = tables.need(tables.bands("capture_grade"), "capture_grade")?;
        let windows = tables.need(tables.factors("substitution"), "substitution")?;
        Ok(Rules { tables, grade, windows })
    }

    /// What a capture rate allows.
    pub(crate) fn class(&self, rate: Decimal) -> Option<ClassAnswer> {
        let band = self.grade.1.band(rate, &Circumstances::new())?;
        Some(ClassAnswer { id: band.id.clone(), name: band.name.clone(), colour: band.colour.clone() })
    }

    /// How many valid hours before a gap are looked at; `None` where the data are not usable.
    fn window(&self, rate: Decimal, gap: usize) -> Option<usize> {
        let mut case = Circumstances::new();
        case.set("capture", Circumstance::Number(rate));
        case.set("gap", Circumstance::Number(Decimal::from(gap)));
        let rows = &self.windows.1.row;
        let row = rows.iter().find(|row| case.hold(&row.when) == crate::Holds::Yes)?;
        row.values.get("hours").and_then(|hours| super::series::whole(*hours))
    }

    /// The gaps of a series of hourly amounts at a capture rate.
    pub(crate) fn substitute(
        &self,
        amounts: &[(HourKind, Option<Decimal>)],
        rate: Decimal,
    ) -> Result<Vec<Gap>, CannotTell> {
        let usable = self.window(rate, 1).is_some();
        if !usable {
            return Err(CannotTell::new(
                "capture_rate",
                format!("有效数据捕集率 {}%，数据不能使用，须以其他方法核定", shown(rate)),
                format!(
                    "the capture rate is {} %: the data are not usable, another method is to be used",
                    shown(rate)
                ),
            ));
        }
        Ok(substitute_by_maximum(amounts, |gap| self.window(rate, gap).unwrap_or(usize::MAX)))
    }

    pub(crate) fn vouch(&self, answer: Answer) -> Answer {
        answer.by(self.tables.edition(), &[&self.grade.0, &self.windows.0])
    }
}

/// A percentage as it is shown.
fn shown(rate: Decimal) -> Decimal {
    Rounding::HalfEven(2).apply(rate).normalize()
}

/// The hours of the quarter of a day.
fn hours_of_quarter(day: Date) -> Option<usize> {
    let first = quarter_begin(day)?;
    let next = first.checked_add(jiff::Span::new().months(3)).ok()?;
    let days = first.until(next).ok()?.get_days();
    usize::try_from(days).ok().map(|days| days * 24)
}

fn quarter_begin(day: Date) -> Option<Date> {
    let month = (day.month() - 1) / 3 * 3 + 1;
    Date::new(day.year(), month, 1).ok()
}

/// The day of the first row that has one, else the day asked for; rows of different quarters are no quarter.
fn quarter_day(rows: &[Row], basis: Basis<'_>) -> Result<Date, CannotTell> {
    let days: Vec<Date> = rows.iter().filter_map(|row| row.day("day")).collect();
    let day = days.first().copied().unwrap_or(basis.day());
    if days.iter().any(|other| quarter_begin(*other) != quarter_begin(day)) {
        return Err(CannotTell::new(
            "several_quarters",
            "各行不在同一季度；请用“季度”列分开",
            "the rows are not of one quarter: part them by the column `quarter`",
        ));
    }
    Ok(day)
}

pub(super) const CEMS_VALIDITY: Assessment = Assessment {
    id: "cems-validity",
    theme: Theme::Discharge,
    title: ("烟气自动监测季度有效数据捕集率", "Capture rate of flue-gas monitoring"),
    about: (
        "由一个季度的小时数据状态算有效数据捕集率，停运时段不计入分母；未给出的小时按缺失计。",
        "The capture rate of a quarter from the states of its hours; hours of stand-still are left out of the denominator, hours not given count as missing.",
    ),
    standards: &[HJ_75],
    rows: Rows::By(&["outlet", "parameter", "quarter"]),
    columns: |law| {
        let mut all = columns(law);
        all.push(Column::text("quarter", "季度", "quarter").note("只用于分组", "only to part the rows"));
        all.push(
            Column::signed("value", "小时值", "hourly value", Unit::MgPerM3)
                .or("数值", &[])
                .note("只看有无", "only whether there is one"),
        );
        all
    },
    figures: &[
        ("capture_rate", "有效数据捕集率", "capture rate"),
        ("quarter_hours", "季度小时数", "hours of the quarter"),
        ("valid_hours", "有效小时数", "valid hours"),
        ("invalid_hours", "无效小时数", "invalid hours"),
        ("stopped_hours", "停运小时数", "hours of stand-still"),
    ],
    example: &[
        &[("day", "2026-04-01"), ("state", "valid"), ("hours", "2000")],
        &[("day", "2026-05-20"), ("state", "fault"), ("hours", "64")],
        &[("day", "2026-06-20"), ("state", "stopped"), ("hours", "120")],
    ],
    judge: |law, rows, basis| validity(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn validity(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let rules = Rules::of(law, basis)?;
    // A row marked valid needs no value here: only the state counts.
    let hours = hours(law, rows, |row| row.choice("state").is_some() || row.cell("value").is_some())?;
    let day = quarter_day(rows, basis)?;
    let all = hours_of_quarter(day).ok_or(Unjudged::NothingMeasured)?;
    if all < hours.len() {
        return Err(CannotTell::new(
            "hours",
            format!("有 {} 小时，多于本季度的 {all} 小时", hours.len()),
            format!("there are {} hours, more than the {all} of the quarter", hours.len()),
        ));
    }
    let (valid, stopped) = (count(&hours, HourKind::Valid), count(&hours, HourKind::Stopped));
    let mut answer = answer_of_hours(&[
        ("quarter_hours", "季度小时数", "hours of the quarter", all),
        ("valid_hours", "有效小时数", "valid hours", valid),
        ("invalid_hours", "无效小时数", "invalid hours", all - valid - stopped),
        ("stopped_hours", "停运小时数", "hours of stand-still", stopped),
    ]);
    answer.excluded = left_out(law, &hours);
    answer = answer.by(rules.tables.edition(), &[&rules.grade.0]);
    let Some(rate) = capture_rate(all, valid, stopped) else {
        answer.cannot_tell =
            Some(CannotTell::new("stopped", "整个季度停运", "the plant stood still all the quarter"));
        return Ok(answer);
    };
    answer.class = rules.class(rate);
    answer.meets = Some(rules.window(rate, 1).is_some());
    answer.value = Some(percent(rate));
    Ok(answer)
}

fn percent(rate: Decimal) -> Figure {
    Figure::new("capture_rate", Text::new("有效数据捕集率", "capture rate"), shown(rate), Unit::Percent)
}

pub(crate) fn answer_of_hours(figures: &[(&str, &str, &str, usize)]) -> Answer {
    let figures = figures
        .iter()
        .map(|(key, zh, en, hours)| Figure::new(key, Text::new(*zh, *en), Decimal::from(*hours), Unit::Hour));
    Answer { figures: figures.collect(), ..Answer::default() }
}

pub(super) const CEMS_SUBSTITUTION: Assessment = Assessment {
    id: "cems-substitution",
    theme: Theme::Discharge,
    title: ("烟气排放量的修约", "Substituted emission of flue gas"),
    about: (
        "按时间顺序的小时排放量中，失控和无效时段以此前若干有效小时的最大值代替，求总排放量；须有捕集率，或给出整个季度的小时。",
        "Hourly amounts in the order of time: hours out of control or invalid are replaced by the greatest of so many valid hours before; the capture rate is needed, or all hours of a quarter.",
    ),
    standards: &[HJ_75],
    rows: Rows::By(&["outlet", "parameter"]),
    columns: |law| {
        let mut all = columns(law);
        all.push(
            Column::number("emission", "小时排放量", "hourly emission", Unit::Kg).or("排放量", &["排放量kg"]),
        );
        all.push(capture_column());
        all
    },
    figures: LOAD_FIGURES,
    example: &[
        &[("emission", "4"), ("hours", "180"), ("capture_rate", "95")],
        &[("state", "fault"), ("hours", "6")],
        &[("emission", "3.5"), ("hours", "14")],
    ],
    judge: |law, rows, basis| substitution(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

/// The figures of a load.
pub(super) const LOAD_FIGURES: &[(&str, &str, &str)] = &[
    ("load", "排放量", "load"),
    ("measured", "有效小时的排放量", "load of the valid hours"),
    ("substituted", "替代的排放量", "load that was substituted"),
    ("valid_hours", "有效小时数", "valid hours"),
    ("invalid_hours", "无效小时数", "invalid hours"),
    ("stopped_hours", "停运小时数", "hours of stand-still"),
];

/// The column of the quarter's capture rate.
pub(crate) fn capture_column() -> Column {
    Column::number("capture_rate", "季度有效数据捕集率", "capture rate of the quarter", Unit::Percent)
        .or("捕集率", &["α", "有效数据捕集率"])
}

fn substitution(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let hours = hours(law, rows, |row| row.value("emission").is_some())?;
    let amounts: Vec<_> = hours.iter().map(|hour| (hour.kind, hour.row.value("emission"))).collect();
    load_with_gaps(law, rows, basis, &hours, &amounts)
}

/// The total of hourly amounts of flue gas, its gaps substituted.
pub(crate) fn load_with_gaps(
    law: &Law,
    rows: &[Row],
    basis: Basis<'_>,
    hours: &[Hour<'_>],
    amounts: &[(HourKind, Option<Decimal>)],
) -> Result<Answer, CannotTell> {
    let rules = Rules::of(law, basis)?;
    let found = if amounts.iter().any(|(kind, _)| *kind == HourKind::Invalid) {
        rules.substitute(amounts, rate_of(rows, basis, hours)?)?
    } else {
        Vec::new()
    };
    let measured = amounts.iter().filter(|(kind, _)| *kind == HourKind::Valid).filter_map(|(_, kg)| *kg);
    let answer = total(law, hours, sum(measured)?, &found)?;
    Ok(rules.vouch(answer))
}

/// The capture rate that was given, else that of the rows when they are all hours of a quarter.
fn rate_of(rows: &[Row], basis: Basis<'_>, hours: &[Hour<'_>]) -> Result<Decimal, CannotTell> {
    if let Some(given) = rows.iter().find_map(|row| row.value("capture_rate")) {
        return if given <= Decimal::ONE_HUNDRED {
            Ok(given)
        } else {
            Err(CannotTell::new("capture_rate", "捕集率大于 100%", "a capture rate is not above 100 %"))
        };
    }
    let whole = quarter_day(rows, basis).ok().and_then(hours_of_quarter) == Some(hours.len());
    let (valid, stopped) = (count(hours, HourKind::Valid), count(hours, HourKind::Stopped));
    capture_rate(hours.len(), valid, stopped).filter(|_| whole).ok_or_else(|| {
        CannotTell::new("missing", "缺少：季度有效数据捕集率", "missing: capture rate of the quarter")
    })
}

pub(crate) fn sum(values: impl Iterator<Item = Decimal>) -> Result<Decimal, CannotTell> {
    values
        .into_iter()
        .try_fold(Decimal::ZERO, |sum, one| sum.checked_add(one))
        .ok_or_else(|| CannotTell::new("too_large", "数值太大", "the numbers are too large"))
}

/// The answer about a load: measured and substituted, or why a gap has no substitute.
pub(crate) fn total(
    law: &Law,
    hours: &[Hour<'_>],
    measured: Decimal,
    gaps: &[Gap],
) -> Result<Answer, CannotTell> {
    let valid = count(hours, HourKind::Valid);
    if valid == 0 && gaps.is_empty() {
        return Err(Unjudged::NothingMeasured.into());
    }
    let of_hours = answer_of_hours(&[
        ("valid_hours", "有效小时数", "valid hours", valid),
        ("invalid_hours", "无效小时数", "invalid hours", count(hours, HourKind::Invalid)),
        ("stopped_hours", "停运小时数", "hours of stand-still", count(hours, HourKind::Stopped)),
    ]);
    let kg = |key: &str, zh: &str, en: &str, value: Decimal| {
        Figure::new(key, Text::new(zh, en), Rounding::HalfEven(6).apply(value).normalize(), Unit::Kg)
    };
    let mut answer = Answer { excluded: left_out(law, hours), ..Answer::default() };
    answer.steps = gaps.iter().map(|gap| gap.said(&Text::new("", "gap"))).collect();
    answer.figures.push(kg("measured", "有效小时的排放量", "load of the valid hours", measured));
    if let Some(few) = gaps.iter().find_map(|gap| gap.substitute.as_ref().err()) {
        answer.cannot_tell = Some(CannotTell::new(
            "too_few_data",
            format!("缺失时段之前的有效小时不足：有 {}，应有 {}", few.used, few.required),
            format!("too few valid hours before a gap: {} of {}", few.used, few.required),
        ));
        answer.figures.extend(of_hours.figures);
        return Ok(answer);
    }
    let filled = gaps.iter().filter_map(|gap| {
        gap.substitute.as_ref().ok().and_then(|value| value.checked_mul(Decimal::from(gap.hours)))
    });
    let substituted = sum(filled)?;
    let all = sum([measured, substituted].into_iter())?;
    answer.value = Some(kg("load", "排放量", "load", all));
    answer.figures.push(kg("substituted", "替代的排放量", "load that was substituted", substituted));
    answer.figures.extend(of_hours.figures);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_quarter_has_its_hours() {
        for (day, want) in [
            (date(2026, 2, 28), 90 * 24),
            (date(2024, 1, 1), 91 * 24),
            (date(2026, 6, 30), 91 * 24),
            (date(2026, 9, 1), 92 * 24),
            (date(2026, 12, 31), 92 * 24),
        ] {
            assert_eq!(hours_of_quarter(day), Some(want), "{day}");
        }
    }
}
