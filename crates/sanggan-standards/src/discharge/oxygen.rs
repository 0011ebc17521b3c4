//! Conversion of a measured concentration to the reference oxygen content.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sanggan_base::Unit;

use crate::assess::{Answer, Assessment, CannotTell, Column, Figure, Row, Rows};
use crate::edition::{Basis, Edition, Sourced, Text, Theme};
use crate::law::{HJ_75, Law};
use crate::{Rounding, Unjudged};

/// The oxygen content a limit is stated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReferenceOxygen {
    /// The reference oxygen content, percent.
    pub o2: Decimal,
    /// The oxygen content of air in the formula of the standard, percent.
    pub air: Decimal,
}

/// Where the conversion ends to make sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// From here on nothing is divided, percent.
    pub not_divided_from: Decimal,
    /// Above this the plant may stand still, percent.
    pub doubtful_above: Decimal,
    /// Decimals of the result.
    pub digits: u32,
}

/// Why a concentration was not converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotConverted {
    /// The oxygen content is close to that of air.
    #[error("the oxygen content is {0} %: close to that of air, nothing is converted")]
    CloseToAir(Decimal),
    /// The reference is not below the oxygen content of air, or the result is out of range.
    #[error("the conversion has no result")]
    NoResult,
}

impl NotConverted {
    /// The reason as an answer.
    pub fn reason(self) -> CannotTell {
        let zh = match self {
            NotConverted::CloseToAir(o2) => format!("含氧量 {o2}% 接近空气，不折算"),
            NotConverted::NoResult => "折算没有结果".to_owned(),
        };
        CannotTell::new("oxygen", zh, self.to_string())
    }
}

/// ρ = ρ' × (air − reference) ÷ (air − measured), rounded as the guard says.
///
/// # Errors
/// [`NotConverted`]: nothing is divided close to the oxygen content of air.
pub fn convert(
    measured: Decimal,
    o2: Decimal,
    reference: ReferenceOxygen,
    guard: Guard,
) -> Result<Decimal, NotConverted> {
    if guard.not_divided_from <= o2 || reference.air <= o2 {
        return Err(NotConverted::CloseToAir(o2));
    }
    if reference.air <= reference.o2 {
        return Err(NotConverted::NoResult);
    }
    let scaled = measured.checked_mul(reference.air - reference.o2).ok_or(NotConverted::NoResult)?;
    let result = scaled.checked_div(reference.air - o2).ok_or(NotConverted::NoResult)?;
    Ok(Rounding::HalfEven(guard.digits).apply(result).normalize())
}

/// The oxygen content that an excess-air coefficient stands for: 21 − 21 ÷ α.
pub(crate) fn oxygen_of_excess_air(alpha: Decimal, air: Decimal) -> Option<Decimal> {
    if alpha < Decimal::ONE {
        return None;
    }
    Some(air - air.checked_div(alpha)?)
}

/// What the conversion goes by.
pub(crate) struct Bounds<'a> {
    edition: &'a Edition,
    formula: Sourced,
    bounds: Sourced,
    pub(crate) guard: Guard,
}

impl<'a> Bounds<'a> {
    /// Those of the edition of HJ 75 in force; before the first the first one's, for a conversion is a calculation.
    pub(crate) fn of(law: &'a Law, basis: Basis<'_>) -> Result<Bounds<'a>, Unjudged> {
        let tables = match law.tables(HJ_75, Basis::OfDay(basis.day())) {
            Ok(tables) => tables,
            Err(unjudged) => law.latest(HJ_75).ok_or(unjudged)?,
        };
        let (formula, digits) = tables.need(tables.factors("oxygen"), "oxygen")?;
        let (bounds, guard) = tables.need(tables.factors("oxygen_guard"), "oxygen_guard")?;
        let value = |table: &crate::Factors, key: &str| tables.need(table.get(key, "value"), key);
        let guard = Guard {
            not_divided_from: value(guard, "not_divided_from")?,
            doubtful_above: value(guard, "doubtful_above")?,
            digits: value(digits, "digits")?.to_u32().unwrap_or_default(),
        };
        Ok(Bounds { edition: tables.edition(), formula, bounds, guard })
    }

    /// The answer with the formula, and with the bounds where one of them decided.
    pub(crate) fn vouch(&self, answer: Answer, bounded: bool) -> Answer {
        let answer = answer.by(self.edition, &[&self.formula]);
        if bounded { answer.by(self.edition, &[&self.bounds]) } else { answer }
    }
}

pub(super) const OXYGEN_CONVERSION: Assessment = Assessment {
    id: "oxygen-conversion",
    theme: Theme::Discharge,
    title: ("基准氧含量折算", "Conversion to the reference oxygen content"),
    about: (
        "把实测浓度折算为基准氧含量（或过量空气系数）下的浓度；含氧量接近空气时只作标记，不作除法。",
        "Converts a measured concentration to the reference oxygen content (or excess-air coefficient); close to the oxygen content of air it flags and does not divide.",
    ),
    standards: &[HJ_75],
    rows: Rows::Each,
    columns,
    figures: &[
        ("converted", "折算浓度", "converted concentration"),
        ("factor", "折算系数", "conversion factor"),
    ],
    example: &[&[("concentration", "30"), ("o2", "11"), ("reference_o2", "9")]],
    judge,
};

fn columns(_: &Law) -> Vec<Column> {
    vec![
        Column::text("outlet", "排放口", "outlet").or("排口", &["站点"]),
        Column::judged_day(),
        Column::number("concentration", "实测浓度", "measured concentration", Unit::MgPerM3)
            .or("浓度", &["实测值", "value"])
            .required(),
        Column::number("o2", "实测含氧量", "measured oxygen content", Unit::Percent)
            .or("含氧量", &["氧含量", "O2", "a19001", "oxygen"]),
        Column::number("alpha", "实测过量空气系数", "measured excess-air coefficient", Unit::None)
            .or("过量空气系数", &["α"]),
        Column::number("reference_o2", "基准氧含量", "reference oxygen content", Unit::Percent)
            .or("基准含氧量", &["基准氧"]),
        Column::number(
            "reference_alpha",
            "规定的过量空气系数",
            "prescribed excess-air coefficient",
            Unit::None,
        )
        .or("基准过量空气系数", &[]),
        Column::yes_no("stopped", "是否停运", "standing still").or("停运", &["停产"]),
    ]
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    let Some(row) = rows.first() else { return Answer::cannot_tell(Unjudged::NothingMeasured) };
    // The edition asked for by name must exist; the formula is the same in all.
    if let Err(unjudged) = law.tables(HJ_75, basis) {
        return Answer::cannot_tell(unjudged);
    }
    let bounds = match Bounds::of(law, basis) {
        Ok(bounds) => bounds,
        Err(unjudged) => return Answer::cannot_tell(unjudged),
    };
    match converted(row, bounds.guard) {
        Ok((concentration, factor, doubtful)) => {
            let name = Text::new("折算浓度", "converted concentration");
            let answer = Answer {
                value: Some(Figure::new("converted", name, concentration, Unit::MgPerM3)),
                steps: doubtful.iter().cloned().collect(),
                ..Answer::default()
            };
            bounds.vouch(answer, doubtful.is_some()).figure(Figure::new(
                "factor",
                Text::new("折算系数", "conversion factor"),
                factor,
                Unit::None,
            ))
        }
        Err(why) => bounds.vouch(Answer::cannot_tell(why), true),
    }
}

fn converted(row: &Row, guard: Guard) -> Result<(Decimal, Decimal, Option<Text>), CannotTell> {
    if row.is_yes("stopped") == Some(true) {
        return Err(CannotTell::new(
            "stopped",
            "停运时段不折算",
            "nothing is converted while the plant stands still",
        ));
    }
    let air = Decimal::from(AIR_OXYGEN);
    let missing =
        |zh: &str, en: &str| CannotTell::new("missing", format!("缺少：{zh}"), format!("missing: {en}"));
    let oxygen = |percent: &str, alpha: &str| {
        let of_alpha = || row.value(alpha).map(|alpha| oxygen_of_excess_air(alpha, air));
        row.value(percent).map(Some).or_else(of_alpha)
    };
    let no_alpha =
        || CannotTell::new("alpha", "过量空气系数小于 1", "an excess-air coefficient is not below 1");
    let o2 = oxygen("o2", "alpha").ok_or_else(|| missing("实测含氧量", "measured oxygen content"))?;
    let reference = oxygen("reference_o2", "reference_alpha")
        .ok_or_else(|| missing("基准氧含量", "reference oxygen content"))?;
    let (o2, reference) = (o2.ok_or_else(no_alpha)?, reference.ok_or_else(no_alpha)?);
    let measured = row.number("concentration").ok_or_else(|| {
        CannotTell::new("not_detected", "未检出的值不折算", "a value that was not detected is not converted")
    })?;
    if measured.below_detection {
        return Err(CannotTell::new(
            "not_detected",
            "低于检出限的值不折算",
            "a value below the detection limit is not converted",
        ));
    }
    let reference = ReferenceOxygen { o2: reference, air };
    let concentration = convert(measured.value, o2, reference, guard).map_err(NotConverted::reason)?;
    let unit = Guard { digits: FACTOR_DIGITS, ..guard };
    let factor = convert(Decimal::ONE, o2, reference, unit).map_err(NotConverted::reason)?;
    Ok((concentration, factor, doubtful(o2, guard)))
}

/// What to say of an oxygen content that is high but still divided.
pub(crate) fn doubtful(o2: Decimal, guard: Guard) -> Option<Text> {
    (guard.doubtful_above < o2).then(|| {
        Text::new(
            format!("含氧量 {o2}% 偏高，设施可能停运，请核实"),
            format!("an oxygen content of {o2} % is high: the plant may stand still, check it"),
        )
    })
}

/// The oxygen content of air in the formula, percent; a constant of the formula, as the 7 of a pH.
const AIR_OXYGEN: i64 = 21;
/// Decimals to which the factor is shown.
const FACTOR_DIGITS: u32 = 4;
