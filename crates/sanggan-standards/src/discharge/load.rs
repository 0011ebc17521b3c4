//! The load of an outlet from hourly concentrations and flows, its gaps substituted as HJ 75 and HJ 356 say.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::cems::{LOAD_FIGURES, capture_column, load_with_gaps, total};
use super::series::{Gap, Hour, HourKind, TooFew, columns, hours};
use super::wastewater::{rule, rules};
use crate::assess::{Answer, Assessment, CannotTell, Column, Row, Rows};
use crate::edition::{Basis, Text, Theme};
use crate::law::{HJ_75, HJ_356, Law};
use crate::{Unjudged, exact, outlet, to_f64};

const WATER: &str = "water_concentration";
const GAS: &str = "gas_concentration";

pub(super) const EMISSION_LOAD: Assessment = Assessment {
    id: "emission-load",
    theme: Theme::Discharge,
    title: ("排放量核算", "Load of an outlet"),
    about: (
        "由小时浓度和流量求排放量（kg）；无效时段废气按 HJ 75 以排放量最大值、废水按 HJ 356 以浓度和流量均值代替。",
        "The load in kg from hourly concentrations and flows; invalid hours of flue gas are replaced by the greatest load (HJ 75), of waste water by mean concentration and flow (HJ 356).",
    ),
    standards: &[HJ_356, HJ_75],
    rows: Rows::By(&["outlet", "parameter"]),
    columns: all_columns,
    figures: LOAD_FIGURES,
    example: &[
        &[("parameter", "COD"), ("water_concentration", "30"), ("flow", "500"), ("hours", "4")],
        &[("parameter", "COD"), ("flow", "480"), ("hours", "2")],
        &[("parameter", "COD"), ("water_concentration", "28"), ("flow", "510"), ("hours", "18")],
    ],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn all_columns(law: &Law) -> Vec<Column> {
    let mut all = columns(law);
    all.push(Column::number(WATER, "废水浓度", "concentration in water", Unit::MgPerL).or("水质浓度", &[]));
    all.push(
        Column::number(GAS, "废气浓度", "concentration in gas", Unit::MgPerM3).or("烟气浓度", &[]).note(
            "标态干基实测浓度，不是折算浓度",
            "as measured, dry, standard state; not converted to reference oxygen",
        ),
    );
    all.push(
        Column::number("flow", "流量", "flow", Unit::M3PerH)
            .or("小时流量", &["烟气流量", "废水流量", "a00000", "w00000"]),
    );
    all.push(capture_column());
    all
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let any = |key: &str| rows.iter().any(|row| row.cell(key).is_some());
    match (any(WATER), any(GAS)) {
        (true, true) => Err(CannotTell::new(
            "media",
            "同一排放口不能既有废水浓度又有废气浓度",
            "an outlet has concentrations in water or in gas, not both",
        )),
        (true, false) => water(law, rows, basis),
        (false, true) => {
            // The edition asked for by name is one of HJ 356; that of HJ 75 goes by the day.
            gas(law, rows, Assessment::by_day(basis))
        }
        (false, false) => Err(Unjudged::NothingMeasured.into()),
    }
}

fn gas(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let both = |row: &Row| row.value(GAS).is_some() && row.value("flow").is_some();
    let hours = hours(law, rows, both)?;
    let mut amounts = Vec::with_capacity(hours.len());
    for hour in &hours {
        let kg = match hour.kind {
            HourKind::Valid => Some(kilograms(hour.row.value(GAS), hour.row.value("flow"), Unit::MgPerM3)?),
            _ => None,
        };
        amounts.push((hour.kind, kg));
    }
    load_with_gaps(law, rows, basis, &hours, &amounts)
}

/// Concentration × an hour's flow.
fn kilograms(
    concentration: Option<Decimal>,
    flow: Option<Decimal>,
    unit: Unit,
) -> Result<Decimal, CannotTell> {
    let kg = concentration
        .zip(flow)
        .and_then(|(concentration, flow)| outlet::load_kg(to_f64(concentration), unit, to_f64(flow)));
    kg.and_then(exact).ok_or_else(|| CannotTell::new("too_large", "数值太大", "the numbers are too large"))
}

/// One series of a water outlet: concentrations or flows, each with its own gaps.
struct Series {
    values: Vec<(HourKind, Option<Decimal>)>,
    gaps: Vec<Gap>,
}

impl Series {
    /// The value of an hour: measured, or the substitute of its gap.
    fn at(&self, hour: usize) -> Option<Decimal> {
        match self.values.get(hour)? {
            (HourKind::Valid, value) => *value,
            (HourKind::Stopped, _) => Some(Decimal::ZERO),
            (HourKind::Invalid, _) => {
                let gap = self.gaps.iter().rfind(|gap| gap.first <= hour)?;
                gap.substitute.as_ref().ok().copied()
            }
        }
    }

    fn too_few(&self) -> Option<TooFew> {
        self.gaps.iter().find_map(|gap| gap.substitute.as_ref().err().copied())
    }
}

fn water(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let tables = law.tables(HJ_356, basis)?;
    let both = |row: &Row| row.value(WATER).is_some() && row.value("flow").is_some();
    let hours = hours(law, rows, both)?;
    let series = |column: &str| -> Vec<(HourKind, Option<Decimal>)> {
        hours.iter().map(|hour| (kind_of(hour, column), hour.row.value(column))).collect()
    };
    let is_gap =
        |series: &[(HourKind, Option<Decimal>)]| series.iter().any(|(kind, _)| *kind == HourKind::Invalid);
    let mut sourced = Vec::new();
    let mut read = |column: &str, rule_key: Result<String, CannotTell>| -> Result<Series, CannotTell> {
        let values = series(column);
        if !is_gap(&values) {
            return Ok(Series { values, gaps: Vec::new() });
        }
        let rule = rule(&tables, &rule_key?)?;
        let gaps = rule.substitute(&values);
        sourced.push(rule.sourced().clone());
        Ok(Series { values, gaps })
    };
    let concentrations = read(WATER, item_of(&tables, rows))?;
    let flows = read("flow", Ok("flow".to_owned()))?;
    let (mut measured, mut gaps) = (Decimal::ZERO, Vec::new());
    let too_few = concentrations.too_few().or(flows.too_few());
    for (at, hour) in hours.iter().enumerate() {
        let pair = concentrations.at(at).zip(flows.at(at));
        match (hour.kind, pair) {
            (HourKind::Stopped, _) => {}
            (HourKind::Valid, pair) => {
                let kg = kilograms(pair.map(|(one, _)| one), pair.map(|(_, flow)| flow), Unit::MgPerL)?;
                measured = super::cems::sum([measured, kg].into_iter())?;
            }
            (HourKind::Invalid, Some((concentration, flow))) => {
                let kg = kilograms(Some(concentration), Some(flow), Unit::MgPerL)?;
                gaps.push(Gap { first: at, hours: 1, substitute: Ok(kg) });
            }
            (HourKind::Invalid, None) => {
                let few = too_few.unwrap_or(TooFew { used: 0, required: 1 });
                gaps.push(Gap { first: at, hours: 1, substitute: Err(few) });
            }
        }
    }
    let mut answer = total(law, &hours, measured, &gaps)?;
    answer.steps = concentrations
        .gaps
        .iter()
        .map(|gap| gap.said(&Text::new("浓度", "concentration")))
        .chain(flows.gaps.iter().map(|gap| gap.said(&Text::new("流量", "flow"))))
        .collect();
    let states = tables.need(tables.list("states"), "states")?.0;
    answer = answer.by(tables.edition(), &[&states]);
    for one in &sourced {
        answer = answer.by(tables.edition(), &[one]);
    }
    Ok(answer)
}

/// An hour whose mark makes it invalid is so for both; else each value counts by itself.
fn kind_of(hour: &Hour<'_>, column: &str) -> HourKind {
    let marked = hour.row.choice("state").is_some_and(|state| state != "valid");
    match (hour.kind, hour.row.value(column)) {
        (HourKind::Stopped, _) => HourKind::Stopped,
        (HourKind::Invalid, _) if marked => HourKind::Invalid,
        (_, Some(_)) => HourKind::Valid,
        (_, None) => HourKind::Invalid,
    }
}

/// The item whose rule replaces the concentrations.
fn item_of(tables: &crate::Tables<'_>, rows: &[Row]) -> Result<String, CannotTell> {
    let named = rows
        .iter()
        .find_map(|row| row.text("parameter"))
        .ok_or_else(|| CannotTell::new("missing", "缺少：监测项目", "missing: parameter"))?;
    rules(tables).iter().find_map(|rule| rule.key_if_called(named)).ok_or_else(|| {
        CannotTell::new(
            "no_rule",
            format!("HJ 356 没有“{named}”的替代规定"),
            format!("HJ 356 does not say how `{named}` is substituted"),
        )
    })
}
