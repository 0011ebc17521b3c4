//! Carbon dioxide of fuels, carbonates, bought power and heat
//!
//! # What it decides
//! The emission of a power plant or another enterprise over a period, source by source; for a power plant also its
//! emission by power and heat supplied.
//!
//! # What it leaves undecided
//! Process emissions of other industries; quotas; the revision of the guide for power plants whose number is not known.
//!
//! # Source
//! 环办气候函〔2022〕485号; sector guides. Numbers: `data/ghg-power/`, `data/ghg-combustion/`, `data/ghg-factors/`,
//! unconfirmed.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::{FACTORS, co2_of_carbon, mass};
use crate::assess::{
    Answer, Assessment, CannotTell, Column, ColumnChoice, ColumnKind, Figure, ItemAnswer, Row, Rows,
};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::Law;
use crate::schema::general::Factors;
use crate::tables::Tables;
use crate::{Rounding, Unjudged};

/// Sources that are bought and not burnt.
const ELECTRICITY: (&str, &str, &str) = ("electricity", "外购电力", "bought electricity");
const HEAT: (&str, &str, &str) = ("heat", "外购热力", "bought heat");

/// Tables of a guide that hold sources.
const SOURCES: [&str; 3] = ["fuels", "gases", "carbonates"];

const FIGURES: &[(&str, &str, &str)] = &[
    ("combustion", "化石燃料燃烧排放", "from burning fuels"),
    ("carbonates", "脱硫过程排放", "from desulphurisation"),
    ("electricity", "外购电力排放", "from bought electricity"),
    ("heat", "外购热力排放", "from bought heat"),
];

const POWER_FIGURES: &[(&str, &str, &str)] = &[
    ("combustion", "化石燃料燃烧排放", "from burning fuels"),
    ("carbonates", "脱硫过程排放", "from desulphurisation"),
    ("electricity", "外购电力排放", "from bought electricity"),
    ("heat", "外购热力排放", "from bought heat"),
    ("power_intensity", "供电碳排放强度", "emission by power supplied"),
    ("heat_intensity", "供热碳排放强度", "emission by heat supplied"),
];

pub(super) const POWER: Assessment = Assessment {
    id: "ghg-power",
    theme: Theme::Climate,
    title: ("发电企业温室气体排放", "Greenhouse gases of a power plant"),
    about: (
        "由各燃料消耗量、实测或缺省的热值与含碳量、外购电力计算二氧化碳排放量和供电、供热碳排放强度；一行一种来源。",
        "Carbon dioxide from fuels (measured or default parameters) and bought electricity, and the emission by power and heat supplied; one row a source.",
    ),
    standards: &["ghg-power", FACTORS],
    rows: Rows::By(&["enterprise", "period"]),
    columns: |law| {
        let mut columns = columns(law, "ghg-power");
        columns.extend([
            Column::number("power_supplied", "供电量", "power supplied", Unit::MWh),
            Column::number("heat_supplied", "供热量", "heat supplied", Unit::GJ),
            share("heat_share", "供热比", "share of heat"),
        ]);
        columns
    },
    figures: POWER_FIGURES,
    example: &[
        &[
            ("enterprise", "示例电厂"),
            ("period", "2025"),
            ("day", "2025-12-31"),
            ("source", "coal"),
            ("amount", "1000000"),
            ("ncv", "20"),
            ("cc", "0.027"),
            ("power_supplied", "2000000"),
            ("heat_share", "0"),
        ],
        &[
            ("enterprise", "示例电厂"),
            ("period", "2025"),
            ("day", "2025-12-31"),
            ("source", "electricity"),
            ("amount", "1000"),
            ("factor", "0.5306"),
        ],
    ],
    judge: |law, rows, basis| judge(law, rows, basis, "ghg-power").unwrap_or_else(Answer::cannot_tell),
};

pub(super) const COMBUSTION: Assessment = Assessment {
    id: "ghg-combustion",
    theme: Theme::Climate,
    title: ("工业燃料燃烧温室气体排放", "Greenhouse gases of industrial combustion"),
    about: (
        "由燃料消耗量（实测或缺省参数）、脱硫碳酸盐、外购电力和热力计算二氧化碳排放量；一行一种来源。",
        "Carbon dioxide from fuels (measured or default parameters), carbonates, bought electricity and heat; one row a source.",
    ),
    standards: &["ghg-combustion", FACTORS],
    rows: Rows::By(&["enterprise", "period"]),
    columns: |law| columns(law, "ghg-combustion"),
    figures: FIGURES,
    example: &[
        &[
            ("enterprise", "示例陶瓷厂"),
            ("period", "2025"),
            ("day", "2025-12-31"),
            ("source", "natural_gas"),
            ("amount", "100"),
        ],
        &[
            ("enterprise", "示例陶瓷厂"),
            ("period", "2025"),
            ("day", "2025-12-31"),
            ("source", "electricity"),
            ("amount", "2000"),
            ("grid_year", "2023"),
            ("grid_region", "national"),
        ],
    ],
    judge: |law, rows, basis| judge(law, rows, basis, "ghg-combustion").unwrap_or_else(Answer::cannot_tell),
};

/// A share between nothing and all.
fn share(key: &str, zh: &str, en: &str) -> Column {
    let mut column = Column::number(key, zh, en, Unit::None);
    if let ColumnKind::Number { max, .. } = &mut column.kind {
        *max = Some(Decimal::ONE);
    }
    column
}

fn columns(law: &Law, guide: &'static str) -> Vec<Column> {
    let mut sources = Vec::new();
    if let Some(tables) = law.latest(guide) {
        for (_, body) in SOURCES.iter().filter_map(|table| tables.factors(table)) {
            sources.extend(body.row.iter().map(|row| ColumnChoice {
                id: row.key.clone(),
                name: row.name.clone(),
                aliases: row.aliases.clone(),
            }));
        }
    }
    sources.extend([ELECTRICITY, HEAT].map(|(id, zh, en)| ColumnChoice::new(id, zh, en)));
    let (mut years, mut regions) = (Vec::new(), Vec::new());
    if let Some((_, grid)) = law.latest(FACTORS).and_then(|tables| tables.factors("grid")) {
        years = grid.row.iter().map(|row| ColumnChoice::new(&row.key, &row.name.zh, &row.name.en)).collect();
        regions =
            grid.column.iter().map(|one| ColumnChoice::new(&one.key, &one.name.zh, &one.name.en)).collect();
    }
    vec![
        Column::text("enterprise", "企业", "enterprise").or("企业名称", &["机组", "电厂"]),
        Column::text("period", "核算期", "period").or("年度", &["月份"]),
        Column::judged_day(),
        Column::choice("source", "排放源", "source", sources).or("燃料", &["燃料品种", "fuel"]).required(),
        Column::number("amount", "消耗量", "amount", Unit::None)
            .note(
                "固体、液体燃料和碳酸盐 t，气体 10⁴Nm³，电力 MWh，热力 GJ",
                "t; gases 10⁴Nm³; electricity MWh; heat GJ",
            )
            .required(),
        Column::number("ncv", "低位发热量", "net calorific value", Unit::None)
            .note("GJ/t 或 GJ/10⁴Nm³；空白用缺省值", "GJ/t or GJ/10⁴Nm³; the default where empty"),
        Column::number("cc", "单位热值含碳量", "carbon by energy", Unit::TcPerGj),
        Column::number("carbon", "收到基元素碳含量", "carbon content as received", Unit::None).note(
            "tC/t；有实测时代替发热量与单位热值含碳量",
            "tC/t; where measured, in place of the two before",
        ),
        share("of", "碳氧化率", "oxidised share"),
        Column::number("factor", "排放因子", "factor", Unit::None).note(
            "电力 tCO2/MWh，热力 tCO2/GJ；空白则由年份与范围取",
            "electricity tCO2/MWh, heat tCO2/GJ; else by year and region",
        ),
        Column::choice("grid_year", "电力因子年份", "year of the grid factor", years),
        Column::choice("grid_region", "电力因子范围", "region of the grid factor", regions),
    ]
}

/// One source's part.
struct Part {
    kind: &'static str,
    item: ItemAnswer,
    tco2: Decimal,
    step: Text,
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>, guide: &'static str) -> Result<Answer, CannotTell> {
    let tables = law.tables(guide, basis)?;
    let shared = law.tables(FACTORS, Assessment::by_day(basis))?;
    let (mut parts, mut used) = (Vec::new(), Vec::new());
    for row in rows {
        let source = row.choice("source").ok_or(Unjudged::NothingMeasured)?;
        let part = match source {
            "electricity" | "heat" => bought(&shared, row, source, &mut used)?,
            _ => burnt(&tables, &shared, row, source, &mut used)?,
        };
        parts.push(part);
    }
    let total =
        |kind: &str| -> Decimal { parts.iter().filter(|part| part.kind == kind).map(|part| part.tco2).sum() };
    let all: Decimal = parts.iter().map(|part| part.tco2).sum();
    let mut answer = Answer {
        value: Some(mass("emission", "二氧化碳排放量", "carbon dioxide emitted", all, Unit::Tco2)),
        figures: FIGURES.iter().map(|(key, zh, en)| mass(key, zh, en, total(key), Unit::Tco2)).collect(),
        ..Answer::default()
    };
    if guide == "ghg-power" {
        answer.figures.extend(intensities(rows, all)?);
    }
    (answer.items, answer.steps) = parts.into_iter().map(|part| (part.item, part.step)).unzip();
    let (shared_used, own): (Vec<_>, Vec<_>) = used.into_iter().partition(|(of_shared, _)| *of_shared);
    let own: Vec<Sourced> = own.into_iter().map(|(_, source)| source).collect();
    let shared_used: Vec<Sourced> = shared_used.into_iter().map(|(_, source)| source).collect();
    let answer = answer.by(tables.edition(), &own.iter().collect::<Vec<_>>());
    Ok(answer.by(shared.edition(), &shared_used.iter().collect::<Vec<_>>()))
}

fn burnt(
    tables: &Tables<'_>,
    shared: &Tables<'_>,
    row: &Row,
    source: &str,
    used: &mut Vec<(bool, Sourced)>,
) -> Result<Part, CannotTell> {
    let anywhere = Circumstances::new();
    let found = SOURCES.into_iter().find_map(|table| {
        let (sourced, body) = tables.factors(table)?;
        Some((table, sourced, body.row(source, &anywhere)?))
    });
    let (table, sourced, factors) = tables.need(found, source)?;
    used.push((false, sourced));
    let amount = row.value("amount").ok_or(Unjudged::NothingMeasured)?;
    let default = |key: &str| factors.values.get(key).copied();
    if table == "carbonates" {
        let ef = tables.need(default("ef"), source)?;
        let tco2 = product(&[amount, ef])?;
        let step = Text::same(format!("{amount} t × {ef} = {} tCO2", shown(tco2)));
        return Ok(Part { kind: "carbonates", item: item(source, &factors.name, tco2), tco2, step });
    }
    let missing = |zh: &str, en: &str| {
        let (name_zh, name_en) = (&factors.name.zh, &factors.name.en);
        CannotTell::new(
            "missing",
            format!("{name_zh}缺少{zh}，也没有缺省值"),
            format!("{name_en}: no {en}, and no default"),
        )
    };
    let of = row.value("of").or(default("of")).ok_or_else(|| missing("碳氧化率", "oxidised share"))?;
    let molar = shared.need(co2_of_carbon(shared), "molar")?;
    if let Some((sourced, _)) = shared.factors("molar") {
        used.push((true, sourced));
    }
    let (carbon, how) = match row.value("carbon") {
        Some(carbon) => (carbon, format!("{carbon}")),
        None => {
            let ncv = row
                .value("ncv")
                .or(default("ncv"))
                .ok_or_else(|| missing("低位发热量", "calorific value"))?;
            let cc = row
                .value("cc")
                .or(default("cc"))
                .ok_or_else(|| missing("单位热值含碳量", "carbon by energy"))?;
            (product(&[ncv, cc])?, format!("{ncv} × {cc}"))
        }
    };
    let tco2 = product(&[amount, carbon, of, molar])?;
    let step = Text::new(
        format!("{}：{amount} × {how} × {of} × 44/12 = {} tCO2", factors.name.zh, shown(tco2)),
        format!("{}: {amount} × {how} × {of} × 44/12 = {} tCO2", factors.name.en, shown(tco2)),
    );
    let defaulted =
        row.value("carbon").is_none() && (row.value("ncv").is_none() || row.value("cc").is_none());
    let mut item = item(source, &factors.name, tco2);
    item.note = defaulted.then(|| Text::new("采用缺省值", "with default values"));
    Ok(Part { kind: "combustion", item, tco2, step })
}

fn bought(
    shared: &Tables<'_>,
    row: &Row,
    source: &str,
    used: &mut Vec<(bool, Sourced)>,
) -> Result<Part, CannotTell> {
    let amount = row.value("amount").ok_or(Unjudged::NothingMeasured)?;
    let (name, kind) = if source == "heat" { (HEAT, "heat") } else { (ELECTRICITY, "electricity") };
    let of_law = |table: &str, key: &str, column: &str| -> Option<(Sourced, Decimal)> {
        let (sourced, body): (Sourced, &Factors) = shared.factors(table)?;
        Some((sourced, body.get(key, column)?))
    };
    let factor = match row.value("factor") {
        Some(factor) => factor,
        None => {
            let found = if source == "heat" {
                of_law("heat", "heat", "factor")
            } else {
                let asked = row.choice("grid_year").zip(row.choice("grid_region"));
                let (year, region) = asked.ok_or_else(|| {
                    CannotTell::new(
                        "missing",
                        "外购电力缺少：排放因子，或因子的年份与范围",
                        "missing for electricity: the factor, or its year and region",
                    )
                })?;
                of_law("grid", year, region)
            };
            let (sourced, factor) = shared.need(found, "this factor")?;
            used.push((true, sourced));
            factor
        }
    };
    let tco2 = product(&[amount, factor])?;
    let step = Text::new(
        format!("{}：{amount} × {factor} = {} tCO2", name.1, shown(tco2)),
        format!("{}: {amount} × {factor} = {} tCO2", name.2, shown(tco2)),
    );
    Ok(Part { kind, item: item(source, &Text::new(name.1, name.2), tco2), tco2, step })
}

/// Emission by what was supplied; a plant that also heats needs its share of heat.
fn intensities(rows: &[Row], all: Decimal) -> Result<Vec<Figure>, CannotTell> {
    let given = |key: &str| rows.iter().find_map(|row| row.value(key));
    let (power, heat, part) = (given("power_supplied"), given("heat_supplied"), given("heat_share"));
    let mut figures = Vec::new();
    if power.is_none() && heat.is_none() {
        return Ok(figures);
    }
    let part = match (part, heat) {
        (Some(part), _) => part,
        (None, None) => Decimal::ZERO,
        (None, Some(heat)) if heat.is_zero() => Decimal::ZERO,
        (None, Some(_)) => {
            return Err(CannotTell::new("missing", "供热机组缺少：供热比", "missing: the share of heat"));
        }
    };
    let mut add = |key: &str, zh: &str, en: &str, of: Decimal, by: Option<Decimal>, unit| {
        if let Some(value) = by.and_then(|by| of.checked_div(by)) {
            figures.push(Figure::new(key, Text::new(zh, en), Rounding::HalfEven(4).apply(value), unit));
        }
    };
    let (zh, en) = ("供电碳排放强度", "emission by power supplied");
    add("power_intensity", zh, en, product(&[all, Decimal::ONE - part])?, power, Unit::Tco2PerMwh);
    let (zh, en) = ("供热碳排放强度", "emission by heat supplied");
    add("heat_intensity", zh, en, product(&[all, part])?, heat, Unit::Tco2PerGj);
    Ok(figures)
}

pub(super) fn product(factors: &[Decimal]) -> Result<Decimal, CannotTell> {
    let all = factors.iter().try_fold(Decimal::ONE, |product, factor| product.checked_mul(*factor));
    all.ok_or_else(|| {
        CannotTell::new("too_large", "数值太大，无法计算", "a number is too large to compute with")
    })
}

fn shown(value: Decimal) -> Decimal {
    Rounding::HalfEven(super::DIGITS).apply(value)
}

fn item(key: &str, name: &Text, tco2: Decimal) -> ItemAnswer {
    ItemAnswer {
        key: key.to_owned(),
        name: name.clone(),
        value: Some(shown(tco2)),
        unit: Unit::Tco2,
        limit: None,
        class: None,
        meets: None,
        multiple: None,
        note: None,
    }
}
