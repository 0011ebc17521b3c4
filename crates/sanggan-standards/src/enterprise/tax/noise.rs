//! tax-noise: the environmental protection tax of industrial noise in a month.
//!
//! # What it decides
//! The excess in whole decibels by work place and by day and night, the highest point, two units on a long boundary,
//! half the tax for few days, the tax due.
//!
//! # What it leaves undecided
//! The level itself and its limit (GB 12348).
//!
//! # Source
//! Environmental Protection Tax Law, annex 1 with its remarks; Caishui [2018] No. 23, 4.

use rust_decimal::{Decimal, RoundingStrategy};
use sanggan_base::Unit;

use crate::assess::{Assessment, ClassAnswer, Column, ColumnChoice, Figure, ItemAnswer, Row, Rows};
use crate::edition::{Basis, Text, Theme};
use crate::enterprise::tax::outlet::due_figure;
use crate::enterprise::tax::{ANNEX, LAW, TaxLaw, who_and_when};
use crate::law::Law;
use crate::{Answer, CannotTell};

pub(crate) const ASSESSMENT: Assessment = Assessment {
    id: "tax-noise",
    theme: Theme::Enterprise,
    title: ("环境保护税：工业噪声", "Environmental protection tax: industrial noise"),
    about: (
        "按作业场所、昼夜分别取超标最高的测点，超标分贝四舍五入取整查税额；边界超过100米且两处以上超标的按两个单位，超标不足15天的减半。",
        "The highest point of each work place by day and by night, whole decibels over the limit, two units on a boundary longer than 100 m with two points over, half for fewer than 15 days.",
    ),
    standards: &[LAW, ANNEX],
    rows: Rows::By(&["enterprise", "month"]),
    columns,
    figures: &[("excess", "最高超标分贝数", "highest excess")],
    example: &[
        &[
            ("month", "2026-03"),
            ("point", "东厂界"),
            ("period", "昼"),
            ("level", "71"),
            ("limit", "65"),
            ("days", "20"),
        ],
        &[
            ("month", "2026-03"),
            ("point", "东厂界"),
            ("period", "夜"),
            ("level", "57"),
            ("limit", "55"),
            ("days", "10"),
        ],
    ],
    judge,
};

fn columns(_: &Law) -> Vec<Column> {
    let mut day = ColumnChoice::new("day", "昼间", "day");
    day.aliases = ["昼", "白天", "d"].map(str::to_owned).to_vec();
    let mut night = ColumnChoice::new("night", "夜间", "night");
    night.aliases = ["夜", "晚上", "n"].map(str::to_owned).to_vec();
    let mut columns = who_and_when();
    columns.extend([
        Column::text("place", "作业场所", "work place").or("场所", &["厂区"]),
        Column::text("point", "测点", "point").or("监测点位", &["点位", "测点名称"]).required(),
        Column::choice("period", "昼夜", "day or night", vec![day, night]).or("时段", &[]).required(),
        Column::number("level", "等效声级", "Leq", Unit::DbA).or("leq", &["监测值", "测量值", "噪声值"]),
        Column::number("limit", "标准限值", "limit", Unit::DbA).or("限值", &["噪声限值"]),
        Column::number("excess", "超标分贝数", "decibels over the limit", Unit::DbA).or("超标声级", &[]),
        Column::number("peak", "峰值噪声", "peak level", Unit::DbA).or("lmax", &["最大声级"]).note(
            "夜间突发噪声；与等效声级比，取超标多的",
            "sudden noise at night: the greater excess counts",
        ),
        Column::number("peak_limit", "峰值限值", "limit of the peak", Unit::DbA),
        Column::number("days", "超标天数", "days over the limit", Unit::Day).or("超标天（夜）数", &["天数"]),
        Column::number("boundary", "边界长度", "length of the boundary", Unit::M).or("厂界长度", &[]),
    ]);
    columns
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    answer(law, rows, basis).unwrap_or_else(Answer::cannot_tell)
}

/// The points of one work place by day or by night.
struct Source<'a> {
    place: &'a str,
    period: &'a str,
    points: Vec<Point<'a>>,
    days: Option<Decimal>,
    boundary: Option<Decimal>,
}

struct Point<'a> {
    name: &'a str,
    excess: Decimal,
}

fn answer(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let law = TaxLaw::of(law, rows, basis)?;
    let (rates_by, _) = law.annex_factors("noise")?;
    let (rules_by, _) = law.annex_factors("noise-rules")?;
    let (money_by, _) = law.law_factors("money")?;
    let mut answer = Answer::default();
    let (mut due, mut highest) = (Decimal::ZERO, Decimal::ZERO);
    for source in sources(rows)? {
        let (own, item) = charge(&law, &source)?;
        highest = highest.max(item.value.unwrap_or_default());
        if !own.is_zero() {
            answer.deciding.push(item.name.clone());
        }
        due += own;
        answer.items.push(item);
    }
    answer.value = Some(due_figure(law.money(due)?));
    let answer = answer.by(law.tax.edition(), &[&money_by]).by(law.annex.edition(), &[&rates_by, &rules_by]);
    Ok(answer.figure(Figure::new(
        "excess",
        Text::new("最高超标分贝数", "highest excess"),
        highest,
        Unit::DbA,
    )))
}

fn sources(rows: &[Row]) -> Result<Vec<Source<'_>>, CannotTell> {
    let mut sources: Vec<Source<'_>> = Vec::new();
    for row in rows {
        let place = row.text("place").unwrap_or_default();
        let period = row.choice("period").unwrap_or_default();
        let name = row.text("point").unwrap_or_default();
        let excess = excess(row, name)?;
        let at = match sources.iter().position(|one| one.place == place && one.period == period) {
            Some(at) => at,
            None => {
                sources.push(Source { place, period, points: Vec::new(), days: None, boundary: None });
                sources.len() - 1
            }
        };
        let Some(source) = sources.get_mut(at) else { continue };
        source.days = source.days.max(row.value("days"));
        source.boundary = source.boundary.max(row.value("boundary"));
        match source.points.iter_mut().find(|point| point.name == name) {
            Some(point) => point.excess = point.excess.max(excess),
            None => source.points.push(Point { name, excess }),
        }
    }
    Ok(sources)
}

/// Whole decibels over the limit, half up; zero or less is within it.
fn excess(row: &Row, point: &str) -> Result<Decimal, CannotTell> {
    let over =
        |level: &str, limit: &str| row.value(level).zip(row.value(limit)).map(|(level, limit)| level - limit);
    let greatest = row.value("excess").max(over("level", "limit")).max(over("peak", "peak_limit"));
    greatest
        .map(|excess| excess.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero))
        .ok_or_else(|| {
            CannotTell::new(
                "missing",
                format!("{point}：缺声级与限值，或超标分贝数"),
                format!("{point}: a level and its limit, or the excess, is missing"),
            )
        })
}

fn charge(law: &TaxLaw<'_>, source: &Source<'_>) -> Result<(Decimal, ItemAnswer), CannotTell> {
    let (_, rates) = law.annex_factors("noise")?;
    let (_, rules) = law.annex_factors("noise-rules")?;
    let rule = |key: &str| law.number(&law.annex, rules, key, "value");
    let excess = source.points.iter().map(|point| point.excess).max().unwrap_or_default();
    let band = rates.row.iter().find(|row| {
        let bound = |column: &str| row.values.get(column).copied();
        bound("from").is_some_and(|from| from <= excess) && bound("to").is_none_or(|to| excess <= to)
    });
    let (zh, en) = if source.period == "night" { ("夜间", "night") } else { ("昼间", "day") };
    let mut item = ItemAnswer {
        key: format!("{}{}", source.place, source.period),
        name: Text::new(format!("{}{zh}", source.place), format!("{} {en}", source.place).trim().to_owned()),
        value: Some(excess.max(Decimal::ZERO)),
        unit: Unit::DbA,
        limit: None,
        class: None,
        meets: Some(band.is_none()),
        multiple: None,
        note: None,
    };
    let Some(band) = band else { return Ok((Decimal::ZERO, item)) };
    item.class = Some(ClassAnswer { id: band.key.clone(), name: band.name.clone(), colour: None });
    let least =
        rates.row.iter().filter_map(|row| row.values.get("from")).min().copied().unwrap_or(Decimal::ONE);
    let over = source.points.iter().filter(|point| least <= point.excess).count();
    let units = match source.boundary {
        Some(boundary) if rule("boundary")? < boundary && 2 <= over => rule("units")?,
        None if 2 <= over => {
            return Err(CannotTell::new(
                "missing",
                format!("{zh}有{over}处超标：缺边界长度（boundary）"),
                format!("{over} points are over the limit by {en}: the length of the boundary is missing"),
            ));
        }
        _ => Decimal::ONE,
    };
    let days = source.days.ok_or_else(|| {
        CannotTell::new(
            "missing",
            format!("{zh}：缺当月超标天数（days）"),
            format!("{en}: the days over the limit in the month are missing (`days`)"),
        )
    })?;
    let share = if days < rule("days")? { rule("half")? } else { Decimal::ONE_HUNDRED };
    let rate = band.values.get("rate").copied().unwrap_or_default();
    let due = law.money(rate * units * share / Decimal::ONE_HUNDRED)?;
    item.note = Some(Text::same(format!("{rate} × {units} × {share} % = {due}")));
    Ok((due, item))
}
