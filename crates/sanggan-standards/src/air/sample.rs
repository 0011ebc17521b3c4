//! What the evaluators of air share: the columns of the six pollutants, the way from a row to a sample, and which
//! editions of the several air standards belong together.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::assess::{
    Cell, ClassAnswer, Column, ColumnChoice, ColumnKind, Exclusion, Figure, ItemAnswer, Row,
};
use crate::edition::{Basis, Text};
use crate::gb_3095::{LimitVerdict, ZoneClass};
use crate::hj_633::{AirSample, AqiClass, AqiResult, Report};
use crate::law::{GB_3095, HJ_633, HJ_663, Law, RANKING};
use crate::{Averaging, CannotTell, Pollutant, to_f64};

/// The figures with each pollutant's own index, as every index assessment declares them.
pub(super) const IAQI: [(&str, &str, &str); 6] = [
    ("iaqi_so2", "SO2 分指数", "IAQI of SO2"),
    ("iaqi_no2", "NO2 分指数", "IAQI of NO2"),
    ("iaqi_co", "CO 分指数", "IAQI of CO"),
    ("iaqi_o3", "O3 分指数", "IAQI of O3"),
    ("iaqi_pm10", "PM10 分指数", "IAQI of PM10"),
    ("iaqi_pm25", "PM2.5 分指数", "IAQI of PM2.5"),
];

/// The key of a pollutant in columns, items and figures.
pub(super) fn key(pollutant: Pollutant) -> &'static str {
    match pollutant {
        Pollutant::So2 => "so2",
        Pollutant::No2 => "no2",
        Pollutant::Co => "co",
        Pollutant::O3 => "o3",
        Pollutant::Pm10 => "pm10",
        Pollutant::Pm25 => "pm25",
    }
}

/// Its name in both languages.
pub(super) fn name(pollutant: Pollutant) -> Text {
    Text::new(format!("{} {}", pollutant.name_zh(), pollutant.symbol()), pollutant.symbol())
}

/// Its symbol alone, for lists.
pub(super) fn symbol(pollutant: Pollutant) -> Text {
    Text::same(pollutant.symbol())
}

/// Several pollutants as one text.
pub(super) fn symbols(pollutants: &[Pollutant]) -> Text {
    let texts: Vec<Text> = pollutants.iter().copied().map(symbol).collect();
    Text::joined(&texts.iter().collect::<Vec<_>>(), "、", ", ")
}

/// The column of a pollutant's concentration.
pub(super) fn concentration(pollutant: Pollutant) -> Column {
    let aliases: &[&str] = match pollutant {
        Pollutant::So2 => &["二氧化硫", "二氧化硫 SO2", "二氧化硫浓度", "SO2浓度"],
        Pollutant::No2 => &["二氧化氮", "二氧化氮 NO2", "二氧化氮浓度", "NO2浓度"],
        Pollutant::Co => &["一氧化碳", "一氧化碳 CO", "一氧化碳浓度", "CO浓度"],
        Pollutant::O3 => &["臭氧", "臭氧 O3", "臭氧浓度", "O3浓度", "ozone"],
        Pollutant::Pm10 => &["可吸入颗粒物", "可吸入颗粒物 PM10", "颗粒物(PM10)", "PM10浓度", "PM_10"],
        Pollutant::Pm25 => &[
            "PM2.5",
            "PM2_5",
            "PM_2.5",
            "细颗粒物",
            "细颗粒物 PM2.5",
            "细颗粒物(PM2.5)",
            "颗粒物(PM2.5)",
            "PM2.5浓度",
        ],
    };
    let column = Column::number(key(pollutant), pollutant.name_zh(), pollutant.symbol(), pollutant.unit())
        .or(pollutant.code_str(), aliases);
    match pollutant {
        Pollutant::Co => column.note(
            "以 mg/m³ 计；表中为 µg/m³ 的，在列标题中写明单位。高于指数表最高一档的数视为单位有误。",
            "In mg/m³; where the table has µg/m³ the heading says so. A number above the last breakpoint is taken for a wrong unit.",
        ),
        _ => column,
    }
}

/// The same for carbon monoxide with the end of the law's table as the largest number: what lies above it is the
/// concentration in µg/m³, a thousand times too large, and would otherwise be judged the worst class.
pub(super) fn carbon_monoxide(law: &Law) -> Column {
    let mut column = concentration(Pollutant::Co);
    let end = law
        .latest(HJ_633)
        .and_then(|tables| tables.loaded.aqi.as_ref())
        .and_then(|aqi| aqi.row(Pollutant::Co, Averaging::Hour))
        .map(|row| row.last());
    if let ColumnKind::Number { max, .. } = &mut column.kind {
        *max = end;
    }
    column
}

/// The column that says for which class of zone limits are taken.
pub(super) fn zone_column() -> Column {
    let mut first = ColumnChoice::new("first", "一类区", "class 1");
    first.aliases = ["一类", "1", "I"].map(str::to_owned).to_vec();
    let mut second = ColumnChoice::new("second", "二类区", "class 2");
    second.aliases = ["二类", "2", "II"].map(str::to_owned).to_vec();
    Column::choice("zone", "环境空气功能区", "ambient air zone", vec![first, second])
        .or("功能区", &["功能区类别"])
        .note("不填按二类区。", "Class 2 when empty.")
}

/// The zone a row names; people live in class 2.
pub(super) fn zone(row: &Row) -> ZoneClass {
    match row.choice("zone") {
        Some("first") => ZoneClass::First,
        _ => ZoneClass::Second,
    }
}

/// The place a row is about, passed through.
pub(super) fn place_column() -> Column {
    Column::text("place", "点位", "place").or(
        "station",
        &[
            "name",
            "站点",
            "站点名称",
            "点位名称",
            "监测点",
            "监测点位",
            "城市",
            "区县",
            "县区",
            "city",
            "county",
        ],
    )
}

/// The basis as it applies to `standard`: an edition asked for by the name of another air standard's edition is the
/// one of the same publication (`2026-final` of the limits goes with the index rule of 2026).
pub(super) fn basis_of<'a>(law: &'a Law, standard: &'static str, basis: Basis<'a>) -> Basis<'a> {
    let Basis::Edition(asked, day) = basis else { return basis };
    if law.pick(standard, basis).is_ok() {
        return basis;
    }
    let air = [GB_3095, HJ_633, HJ_663, RANKING];
    let editions = law.editions().iter().filter(|edition| air.contains(&edition.standard.as_str()));
    let called = |edition: &&'a crate::Edition| edition.name == asked || edition.id.as_str() == asked;
    // A ranking rule names the very limits it divides by: `2026-final` asks for the one with the final limits.
    let by_limits = law.loaded.iter().find(|one| {
        let limits_of = one.composite().map(|(_, body)| body.limits_of.as_str());
        one.edition.standard == standard
            && one.edition.by_date
            && limits_of.is_some_and(|id| editions.clone().any(|own| own.id.as_str() == id && called(&own)))
    });
    if let Some(found) = by_limits {
        return Basis::Edition(&found.edition.name, day);
    }
    let family = editions.clone().find(called).map(|edition| Basis::Edition(&edition.family, day));
    family.filter(|family| law.pick(standard, *family).is_ok()).unwrap_or(basis)
}

/// The concentrations of a row.
///
/// A value below the detection limit lies between 0 and the limit: both samples are judged, and only what they agree
/// in is told.
#[derive(Debug, Clone, Default)]
pub(super) struct Given {
    /// With the detection limit where a value is below it.
    high: AirSample,
    /// With 0 there.
    low: AirSample,
    below: Vec<Pollutant>,
    /// Cells that say "not detected" without a limit.
    pub(super) excluded: Vec<Exclusion>,
}

impl Given {
    /// Reads the columns named (column, pollutant, averaging time).
    pub(super) fn of(row: &Row, columns: &[(&str, Pollutant, Averaging)]) -> Given {
        let mut given = Given::default();
        for &(column, pollutant, averaging) in columns {
            match row.cell(column) {
                Some(Cell::Number(measured)) => {
                    let value = to_f64(measured.value);
                    given.high.set(pollutant, averaging, Some(value));
                    given.low.set(
                        pollutant,
                        averaging,
                        Some(if measured.below_detection { 0.0 } else { value }),
                    );
                    if measured.below_detection {
                        given.below.push(pollutant);
                    }
                }
                Some(Cell::NotDetected) => given.excluded.push(Exclusion {
                    what: symbol(pollutant),
                    why: Text::new("未检出而未给出检出限", "not detected, and no detection limit is given"),
                }),
                _ => {}
            }
        }
        given
    }

    /// The sample, with the detection limit where a value is below it.
    pub(super) fn sample(&self) -> &AirSample {
        &self.high
    }

    /// Whether the report's own figure of a pollutant was given.
    fn has(&self, pollutant: Pollutant, report: Report) -> bool {
        let averaging = match (report, pollutant) {
            (Report::Day, Pollutant::O3) => Averaging::Mda8,
            (Report::Day, _) => Averaging::Day,
            (Report::Hour | Report::HourAsWritten, _) => Averaging::Hour,
        };
        self.high.get(pollutant, averaging).is_some()
    }

    /// The index, where values below the detection limit do not decide it.
    pub(super) fn index(&self, law: &Law, report: Report, basis: Basis<'_>) -> Result<AqiResult, CannotTell> {
        let high = law.aqi(&self.high, report, basis);
        let beyond: Vec<Pollutant> =
            high.missing.iter().copied().filter(|&one| self.has(one, report)).collect();
        if !beyond.is_empty() {
            let names = symbols(&beyond);
            return Err(CannotTell::new(
                "stand_in_missing",
                format!("{} 高于其最高一档，缺少代用的另一平均时间的浓度", names.zh),
                format!(
                    "{} is above its last breakpoint, and the mean over the other time that stands in is missing",
                    names.en
                ),
            ));
        }
        if self.below.is_empty() {
            return Ok(high);
        }
        let low = law.aqi(&self.low, report, basis);
        if low.aqi == high.aqi && low.primary == high.primary && low.unjudged == high.unjudged {
            return Ok(high);
        }
        let names = symbols(&self.below);
        Err(CannotTell::new(
            "below_detection",
            format!("{} 低于检出限，其取值会改变指数", names.zh),
            format!("{} below the detection limit, and its value would change the index", names.en),
        ))
    }
}

/// A class as an answer; its id is the Roman number of the level.
pub(super) fn class_answer(class: &AqiClass) -> ClassAnswer {
    let id = class.level.en.rsplit(' ').next().unwrap_or_default().to_owned();
    ClassAnswer { id, name: class.name.clone(), colour: Some(class.colour.clone()) }
}

/// What every index answer has: value, class, primary pollutants, an item and a figure a pollutant, the formulas, what
/// is missing, and effect and advice of the class.
pub(super) fn index_answer(law: &Law, result: &AqiResult, basis: Basis<'_>) -> crate::Answer {
    let mut answer = crate::Answer {
        value: result.aqi.map(|aqi| {
            Figure::new("aqi", Text::new("空气质量指数 AQI", "AQI"), Decimal::from(aqi), Unit::None)
        }),
        class: result.class.as_deref().map(class_answer),
        deciding: result.primary.iter().copied().map(symbol).collect(),
        cannot_tell: result.unjudged.clone().map(CannotTell::from),
        ..crate::Answer::default()
    };
    let classes = law.aqi_classes(basis).unwrap_or_default();
    let class_of = |iaqi: u16| {
        // Best first: an index of 0 belongs to the first class, also where its range begins at 1.
        classes.iter().find(|class| iaqi <= class.to).map(|class| class_answer(class))
    };
    for index in &result.indices {
        let pollutant = index.pollutant;
        answer.items.push(ItemAnswer {
            key: key(pollutant).to_owned(),
            name: name(pollutant),
            value: Some(index.concentration),
            unit: index.unit,
            limit: None,
            class: class_of(index.iaqi),
            meets: Some(!result.exceeding.contains(&pollutant)),
            multiple: None,
            note: Some(Text::new(
                format!("IAQI {}（{}）", index.iaqi, index.averaging.name_zh()),
                format!("IAQI {} ({})", index.iaqi, index.averaging.name().replace('_', " ")),
            )),
        });
        answer.steps.push(Text::new(
            format!("{} IAQI：{}", pollutant.symbol(), index.formula),
            format!("{} IAQI: {}", pollutant.symbol(), index.formula),
        ));
        if let Some((name, zh, en)) = IAQI.get(pollutant.index()) {
            answer.figures.push(Figure::new(
                name,
                Text::new(*zh, *en),
                Decimal::from(index.iaqi),
                Unit::None,
            ));
        }
    }
    if !result.exceeding.is_empty() {
        let names = symbols(&result.exceeding);
        answer.steps.push(Text::new(
            format!("超标污染物：{}", names.zh),
            format!("Pollutants above IAQI 100: {}", names.en),
        ));
    }
    if let Some(class) = &result.class {
        answer.steps.push(Text::new(
            format!("健康影响：{}", class.effect.zh),
            format!("Effect: {}", class.effect.en),
        ));
        answer
            .steps
            .push(Text::new(format!("建议：{}", class.advice.zh), format!("Advice: {}", class.advice.en)));
    }
    answer.excluded.extend(result.missing.iter().map(|pollutant| Exclusion {
        what: symbol(*pollutant),
        why: Text::new("没有有效值，未参与计算", "no valid value, left out"),
    }));
    if let (Ok(tables), Some(sourced)) = (law.tables(HJ_633, basis), &result.sourced) {
        answer = answer.by(tables.edition(), &[sourced]);
    }
    answer
}

/// Holds the items of an answer against the limits of GB 3095 for this averaging time; O3 of a day by its own.
/// Returns whether all six are there and meet.
pub(super) fn hold_against_limits(
    law: &Law,
    answer: &mut crate::Answer,
    given: &Given,
    averaging: fn(Pollutant) -> Averaging,
    zone: ZoneClass,
    basis: Basis<'_>,
) -> Option<bool> {
    let limits_basis = basis_of(law, GB_3095, basis);
    let (mut exceeded, mut open) = (false, false);
    let mut sources = Vec::new();
    for pollutant in Pollutant::ALL {
        let averaging = averaging(pollutant);
        let Ok(limit) = law.air_limit(&pollutant.code(), averaging, zone, limits_basis) else { continue };
        let missing = || LimitVerdict::NotJudged(crate::Unjudged::missing(pollutant, averaging));
        let verdict = match given.high.get(pollutant, averaging) {
            Some(value) => match limit.judge(value) {
                // Somewhere below a detection limit that is itself above the limit.
                LimitVerdict::Exceeded { .. } if given.below.contains(&pollutant) => missing(),
                verdict => verdict,
            },
            None => missing(),
        };
        exceeded |= verdict.meets() == Some(false);
        open |= verdict.meets().is_none();
        if let Some(item) = answer.items.iter_mut().find(|item| item.key == key(pollutant)) {
            item.limit = Some(Text::same(format!("≤ {}", limit.value.normalize())));
            *item = item.clone().verdict(&verdict);
        }
        if !sources.contains(&limit.sourced) {
            sources.push(limit.sourced);
        }
    }
    let tables = law.tables(GB_3095, limits_basis).ok()?;
    *answer = std::mem::take(answer).by(tables.edition(), &sources.iter().collect::<Vec<_>>());
    if exceeded { Some(false) } else { (!open && !sources.is_empty()).then_some(true) }
}
