//! On-line monitoring of waste water: what stands in for hours without valid data.
//!
//! Source: HJ 356-2019, clause 8. Numbers: `data/hj-356/`.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::series::{self, Gap, HourKind, TooFew, gaps, hours};
use crate::assess::{Answer, Assessment, CannotTell, Column, ColumnKind, Figure, ItemAnswer, Row, Rows};
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::{HJ_356, Law};
use crate::schema::general::{FactorRow, Factors};
use crate::tables::Tables;
use crate::{Rounding, Unjudged};

/// How the hours before a gap become its substitute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// By their arithmetic mean.
    ByMean,
    /// By their median.
    ByMedian,
}

/// Decimals to which a substitute is kept.
const DIGITS: u32 = 6;

/// Replaces each gap by the mean or median of the period before it, `periods` times as long; hours of stand-still do
/// not count, and a period that is not all there gives none.
pub fn substitute_by_period(
    hours: &[(HourKind, Option<Decimal>)],
    how: Replaced,
    periods: usize,
) -> Vec<Gap> {
    let kinds: Vec<HourKind> = hours.iter().map(|(kind, _)| *kind).collect();
    let one = |(first, length): (usize, usize)| {
        let required = length.saturating_mul(periods);
        let running = hours[..first].iter().rev().filter(|(kind, _)| *kind != HourKind::Stopped);
        let before: Vec<_> = running.take(required).collect();
        let valid: Vec<Decimal> = before
            .iter()
            .filter(|(kind, _)| *kind == HourKind::Valid)
            .filter_map(|(_, value)| *value)
            .collect();
        let whole = before.len() == required;
        let used = if whole { valid.len() } else { before.len() };
        let found = match how {
            Replaced::ByMean => mean(&valid),
            Replaced::ByMedian => median(valid),
        };
        Gap { first, hours: length, substitute: found.filter(|_| whole).ok_or(TooFew { used, required }) }
    };
    gaps(&kinds).into_iter().map(one).collect()
}

fn mean(values: &[Decimal]) -> Option<Decimal> {
    let sum = values.iter().try_fold(Decimal::ZERO, |sum, one| sum.checked_add(*one))?;
    let mean = sum.checked_div(Decimal::from(values.len()))?;
    Some(Rounding::HalfEven(DIGITS).apply(mean).normalize())
}

fn median(mut values: Vec<Decimal>) -> Option<Decimal> {
    values.sort_unstable();
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    mean(&[lower, upper])
}

/// What HJ 356 says of one item.
pub(crate) struct Rule<'a> {
    row: &'a FactorRow,
    how: Replaced,
    sourced: Sourced,
}

impl Rule<'_> {
    /// The gaps of a series of this item.
    pub(crate) fn substitute(&self, hours: &[(HourKind, Option<Decimal>)]) -> Vec<Gap> {
        let periods = self.row.values.get("periods").and_then(|periods| series::whole(*periods));
        substitute_by_period(hours, self.how, periods.unwrap_or(1))
    }

    /// The key of its item, when this is one of its names.
    pub(crate) fn key_if_called(&self, name: &str) -> Option<String> {
        Column::of_factor(self.row, unit_of(&self.row.key)).is_called(name).then(|| self.row.key.clone())
    }

    pub(crate) fn key(&self) -> &str {
        &self.row.key
    }

    pub(crate) fn name(&self) -> &Text {
        &self.row.name
    }

    pub(crate) fn sourced(&self) -> &Sourced {
        &self.sourced
    }
}

/// The rules of an edition by item.
pub(crate) fn rules<'a>(tables: &Tables<'a>) -> Vec<Rule<'a>> {
    let of = |table: Option<(Sourced, &'a Factors)>, how| {
        let rows = table
            .into_iter()
            .flat_map(|(sourced, body)| body.row.iter().map(move |row| (row, sourced.clone())));
        rows.map(move |(row, sourced)| Rule { row, how, sourced })
    };
    of(tables.factors("substituted_by_mean"), Replaced::ByMean)
        .chain(of(tables.factors("substituted_by_median"), Replaced::ByMedian))
        .collect()
}

/// The rule of one item.
pub(crate) fn rule<'a>(tables: &Tables<'a>, key: &str) -> Result<Rule<'a>, Unjudged> {
    tables.need(rules(tables).into_iter().find(|rule| rule.row.key == key), key)
}

fn unit_of(key: &str) -> Unit {
    match key {
        "ph" => Unit::None,
        "flow" => Unit::M3PerH,
        _ => Unit::MgPerL,
    }
}

pub(super) const WASTEWATER_SUBSTITUTION: Assessment = Assessment {
    id: "wastewater-substitution",
    theme: Theme::Discharge,
    title: ("废水自动监测缺失数据的替代", "Substitution in waste-water monitoring"),
    about: (
        "按时间顺序的小时数据中，无效时段以前一等长时段的均值代替（pH 取中位值）；给出每段的替代值和替代后的平均值。",
        "Hourly values in the order of time: invalid hours are replaced by the mean (pH: the median) of the period of equal length before; gives each substitute and the mean with them.",
    ),
    standards: &[HJ_356],
    rows: Rows::By(&["outlet"]),
    columns: all_columns,
    figures: &[
        ("substituted", "替代的数据个数", "values substituted"),
        ("cod", "化学需氧量均值", "mean chemical oxygen demand"),
        ("nh3n", "氨氮均值", "mean ammonia nitrogen"),
        ("tp", "总磷均值", "mean total phosphorus"),
        ("tn", "总氮均值", "mean total nitrogen"),
        ("flow", "流量均值", "mean flow"),
        ("ph", "pH 均值", "mean pH"),
    ],
    example: &[
        &[("cod", "30"), ("flow", "100"), ("ph", "7.1")],
        &[("cod", "34"), ("flow", "110"), ("ph", "7.3")],
        &[("flow", "105"), ("ph", "7.2")],
        &[("cod", "32"), ("flow", "102"), ("ph", "7.2")],
    ],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn all_columns(law: &Law) -> Vec<Column> {
    let mut all = series::columns(law);
    all.retain(|column| column.key != "parameter");
    if let Some(state) = all.iter_mut().find(|column| column.key == "state") {
        *state = state.clone().note(
            "标记针对整行；只有一台仪器缺测时不填，留空该项",
            "it is for the whole row; where one instrument failed leave it empty, and the value too",
        );
    }
    all.extend(columns(law));
    all
}

/// The columns of the items HJ 356 speaks of.
pub(crate) fn columns(law: &Law) -> Vec<Column> {
    let tables = law.latest(HJ_356);
    let of = |rule: Rule<'_>| {
        let mut column = Column::of_factor(rule.row, unit_of(&rule.row.key));
        if let (ColumnKind::Number { max, .. }, "ph") = (&mut column.kind, column.key.as_str()) {
            *max = Some(Decimal::from(14));
        }
        column
    };
    tables.iter().flat_map(rules).map(of).collect()
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let tables = law.tables(HJ_356, basis)?;
    let mut answer = Answer::default();
    let (mut filled, mut lacking) = (0, Vec::new());
    for rule in rules(&tables) {
        let key = rule.row.key.as_str();
        if rows.iter().all(|row| row.cell(key).is_none()) {
            continue;
        }
        let series: Vec<(HourKind, Option<Decimal>)> = hours(law, rows, |row| row.value(key).is_some())?
            .iter()
            .map(|hour| (hour.kind, hour.row.value(key)))
            .collect();
        answer = answer.by(tables.edition(), &[rule.sourced()]);
        let found = rule.substitute(&series);
        answer.deciding.extend(found.iter().map(|gap| gap.said(&rule.row.name)));
        if found.iter().any(|gap| gap.substitute.is_err()) {
            lacking.push(rule.row.name.clone());
            continue;
        }
        filled += found.iter().map(|gap| gap.hours).sum::<usize>();
        let mean = mean_with(&series, &found);
        let name = rule.row.name.clone();
        answer.figures.extend(mean.map(|mean| Figure::new(key, name.clone(), mean, unit_of(key))));
        answer.items.push(ItemAnswer {
            key: key.to_owned(),
            name,
            value: mean,
            unit: unit_of(key),
            limit: None,
            class: None,
            meets: None,
            multiple: None,
            note: None,
        });
    }
    if answer.edition.is_none() {
        return Err(Unjudged::NothingMeasured.into());
    }
    if lacking.is_empty() {
        let name = Text::new("替代的数据个数", "values substituted");
        answer.value = Some(Figure::new("substituted", name, Decimal::from(filled), Unit::Count));
    } else {
        let names = Text::joined(&lacking.iter().collect::<Vec<_>>(), "、", ", ");
        answer.cannot_tell = Some(CannotTell::new(
            "too_few_data",
            format!("缺失时段之前的数据不足：{}", names.zh),
            format!("too few data before a gap: {}", names.en),
        ));
    }
    Ok(answer)
}

/// The mean of the valid values and the substitutes.
fn mean_with(series: &[(HourKind, Option<Decimal>)], gaps: &[Gap]) -> Option<Decimal> {
    let valid = series.iter().filter(|(kind, _)| *kind == HourKind::Valid).filter_map(|(_, value)| *value);
    let filled = gaps.iter().flat_map(|gap| {
        gap.substitute.as_ref().ok().into_iter().flat_map(|value| std::iter::repeat_n(*value, gap.hours))
    });
    let all: Vec<Decimal> = valid.chain(filled).collect();
    mean(&all)
}
