//! The trophic level index of lakes and reservoirs.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::standard::{METHOD, STATISTICS};
use crate::assess::{
    Answer, Assessment, CannotTell, Cell, ClassAnswer, Column, Figure, ItemAnswer, Row, Rows,
};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::Law;
use crate::schema::general::FactorRow;
use crate::tables::Tables;
use crate::{Rounding, Unjudged, to_f64};

/// The trophic state of a lake.
pub(super) const TROPHIC: Assessment = Assessment {
    id: "trophic",
    theme: Theme::Water,
    title: ("湖库营养状态", "Trophic state of a lake or reservoir"),
    about: (
        "由叶绿素a、总磷、总氮、透明度和高锰酸盐指数计算综合营养状态指数 TLI(Σ) 和营养状态分级。五项缺一不可。",
        "The trophic level index TLI(Σ) and the trophic state from chlorophyll a, total phosphorus, total nitrogen, transparency and permanganate index; all five are needed.",
    ),
    standards: &[METHOD, STATISTICS],
    rows: Rows::Each,
    columns,
    figures: &[
        ("tli_chla", "TLI（叶绿素a）", "TLI (chlorophyll a)"),
        ("tli_tp", "TLI（总磷）", "TLI (total phosphorus)"),
        ("tli_tn", "TLI（总氮）", "TLI (total nitrogen)"),
        ("tli_sd", "TLI（透明度）", "TLI (transparency)"),
        ("tli_codmn", "TLI（高锰酸盐指数）", "TLI (permanganate index)"),
    ],
    example: &[&[
        ("湖库", "甲水库"),
        ("叶绿素a(µg/L)", "10"),
        ("总磷(mg/L)", "0.05"),
        ("总氮(mg/L)", "1.0"),
        ("透明度(m)", "1"),
        ("高锰酸盐指数(mg/L)", "4"),
    ]],
    judge,
};

fn unit(key: &str) -> Unit {
    match key {
        "chla" => Unit::UgPerL,
        "sd" => Unit::M,
        _ => Unit::MgPerL,
    }
}

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = vec![
        Column::text("lake", "湖库", "lake")
            .or("section", &["湖泊", "水库", "点位", "断面", "站点", "station"]),
        Column::judged_day(),
    ];
    let factors = law.latest(METHOD).and_then(|tables| tables.factors("trophic_items"));
    if let Some((_, factors)) = factors {
        columns.extend(factors.row.iter().map(|row| Column::of_factor(row, unit(&row.key))));
    }
    columns
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    let method = match law.tables(METHOD, basis) {
        Ok(method) => method,
        Err(why) => return Answer::cannot_tell(why),
    };
    let Some(row) = rows.first() else { return Answer::cannot_tell(super::standard::nothing_measured()) };
    of_row(law, &method, row, basis).unwrap_or_else(Answer::cannot_tell)
}

fn of_row(law: &Law, method: &Tables, row: &Row, basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let (sourced, factors) = method.need(method.factors("trophic_items"), "trophic_items")?;
    let (bands_by, bands) = method.need(method.bands("trophic"), "trophic")?;
    let missing: Vec<&Text> =
        factors.row.iter().filter(|one| row.number(&one.key).is_none()).map(|one| &one.name).collect();
    if !missing.is_empty() {
        let missing = Text::joined(&missing, "、", ", ");
        return Err(CannotTell::new(
            "incomplete",
            format!("缺{}", missing.zh),
            format!("no index without {}", missing.en),
        ));
    }
    let below = share_below_detection(law, basis);
    let digits = bands.digits.unwrap_or(2);
    let mut answer = Answer::default().by(method.edition(), &[&sourced, &bands_by]);
    let (mut weighted, mut weights) = (0.0, 0.0);
    for one in &factors.row {
        let (value, by) = value_of(row, one, below.as_ref())?;
        if let Some((tables, sourced)) = by {
            answer = answer.by(tables.edition(), &[sourced]);
        }
        let coefficient = |key: &'static str| -> Result<f64, Unjudged> {
            method.need(one.values.get(key).copied().map(to_f64), key)
        };
        let level = 10.0 * (coefficient("a")? + coefficient("b")? * to_f64(value).ln());
        let weight = coefficient("r")?.powi(2);
        weighted += weight * level;
        weights += weight;
        let level = rounded(level, digits).ok_or_else(|| not_positive(one))?;
        let name = Text::new(format!("TLI（{}）", one.name.zh), format!("TLI ({})", one.name.en));
        answer = answer.figure(Figure::new(&format!("tli_{}", one.key), name, level, Unit::None));
        answer.items.push(ItemAnswer {
            key: one.key.clone(),
            name: one.name.clone(),
            value: Some(value),
            unit: unit(&one.key),
            limit: None,
            class: None,
            meets: None,
            multiple: None,
            note: Some(Text::same(format!("TLI = {level}"))),
        });
    }
    let index = method.need(rounded(weighted / weights, digits), "trophic")?;
    let band = method.need(bands.band(index, &Circumstances::new()), "trophic")?;
    let name = Text::new("综合营养状态指数", "trophic level index");
    answer.value = Some(Figure::new("tli", name, index, Unit::None));
    answer.class =
        Some(ClassAnswer { id: band.id.clone(), name: band.name.clone(), colour: band.colour.clone() });
    Ok(answer)
}

type Below<'a> = (Tables<'a>, Sourced, Decimal);

fn share_below_detection<'a>(law: &'a Law, basis: Basis<'_>) -> Option<Below<'a>> {
    let of_day = law.tables(STATISTICS, Basis::OfDay(basis.day())).ok();
    let tables = of_day.or_else(|| law.latest(STATISTICS))?;
    let (sourced, share) = super::standard::share_below_detection(&tables)?;
    Some((tables, sourced, share))
}

/// A value above zero and, when it stands for one below the detection limit, what says so.
type Positive<'b, 'a> = (Decimal, Option<(Tables<'a>, &'b Sourced)>);

/// A value above zero, and what stands for it when it is below the detection limit.
fn value_of<'b, 'a>(
    row: &Row,
    item: &FactorRow,
    below: Option<&'b Below<'a>>,
) -> Result<Positive<'b, 'a>, CannotTell> {
    let positive = |value: Option<Decimal>| {
        value.filter(|value| Decimal::ZERO < *value).ok_or_else(|| not_positive(item))
    };
    match row.cell(&item.key) {
        Some(Cell::Number(measured)) if measured.below_detection => {
            let value = below.and_then(|(_, _, share)| measured.value.checked_mul(*share));
            Ok((positive(value)?, below.map(|(tables, sourced, _)| (*tables, sourced))))
        }
        Some(Cell::Number(measured)) => Ok((positive(Some(measured.value))?, None)),
        _ => Err(super::standard::nothing_measured()),
    }
}

fn not_positive(row: &FactorRow) -> CannotTell {
    CannotTell::new(
        "not_positive",
        format!("{}不大于零，没有对数", row.name.zh),
        format!("{} is not above zero and has no logarithm", row.name.en),
    )
}

fn rounded(value: f64, digits: u32) -> Option<Decimal> {
    let mut value = Rounding::HalfEven(digits).apply_f64(value)?;
    value.rescale(digits);
    Some(value)
}
