//! Coal mines/escaping methane and carbon dioxide
//!
//! # What it decides
//! The greenhouse gases of a coal mine over a period in tonnes of carbon dioxide equivalent: methane and carbon dioxide
//! that escape, flaring, and what is entered of fuels, electricity and heat (see `ghg-combustion`).
//!
//! # What it leaves undecided
//! Which assessment report's potential a report must use: it is asked.
//!
//! # Source
//! 中国煤炭生产企业温室气体核算指南（试行）2014; GB/T 32151.11-2018. Numbers: `data/ghg-coal-mine/`, `data/ghg-factors/`,
//! unconfirmed.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::combustion::product;
use super::{FACTORS, co2_of_carbon, mass};
use crate::Unjudged;
use crate::assess::{Answer, Assessment, CannotTell, Column, ColumnChoice, Row, Rows};
use crate::edition::{Basis, Text, Theme};
use crate::law::Law;

const GUIDE: &str = "ghg-coal-mine";

/// Cubic metres in the unit in which gas is counted, 10⁴ m³.
const WAN: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

const FIGURES: &[(&str, &str, &str)] = &[
    ("methane_wan_m3", "逸散甲烷体积", "volume of escaped methane"),
    ("methane", "甲烷逸散排放", "from escaped methane"),
    ("carbon_dioxide", "二氧化碳逸散排放", "from escaped carbon dioxide"),
    ("flare", "火炬燃烧排放", "from flaring"),
    ("energy", "燃料、电力和热力排放", "from fuels, electricity and heat"),
];

pub(super) const COAL_MINE: Assessment = Assessment {
    id: "ghg-coal-mine",
    theme: Theme::Climate,
    title: ("煤炭生产企业温室气体排放", "Greenhouse gases of a coal mine"),
    about: (
        "由原煤产量、瓦斯等级鉴定的相对涌出量、火炬燃烧和利用量计算甲烷、二氧化碳逸散等排放（二氧化碳当量）；燃料、电力、热力排放由“工业燃料燃烧”得出后填入。",
        "Escaping methane and carbon dioxide and flaring of a mine, in carbon dioxide equivalent, from its output, graded gas emission, gas flared and used; what fuels and power emit is entered.",
    ),
    standards: &[GUIDE, FACTORS],
    rows: Rows::Each,
    columns: |law| {
        let (mut gwp, mut after) = (Vec::new(), Vec::new());
        if let Some((_, table)) = law.latest(FACTORS).and_then(|tables| tables.factors("gwp")) {
            gwp =
                table.row.iter().map(|row| ColumnChoice::new(&row.key, &row.name.zh, &row.name.en)).collect();
        }
        if let Some((_, table)) = law.latest(GUIDE).and_then(|tables| tables.factors("escape")) {
            let post = table.row.iter().filter(|row| row.key.starts_with("post_"));
            after = post.map(|row| ColumnChoice::new(&row.key, &row.name.zh, &row.name.en)).collect();
        }
        vec![
            Column::text("mine", "煤矿", "mine"),
            Column::judged_day(),
            Column::number("underground", "井工原煤产量", "coal raised underground", Unit::Tonne),
            Column::number("relative_gas", "相对瓦斯涌出量", "relative gas emission", Unit::M3PerTonne),
            Column::number(
                "relative_co2",
                "相对二氧化碳涌出量",
                "relative carbon dioxide emission",
                Unit::M3PerTonne,
            ),
            Column::number("open_pit", "露天原煤产量", "coal raised in open pits", Unit::Tonne),
            Column::choice("after_mining", "矿后活动类型", "kind of mine, after mining", after).required(),
            Column::number("flared", "火炬燃烧纯甲烷量", "pure methane flared", Unit::WanM3),
            Column::number("used", "利用纯甲烷量", "pure methane used", Unit::WanM3),
            Column::number(
                "energy",
                "燃料、电力和热力排放",
                "emission of fuels, electricity and heat",
                Unit::Tco2,
            ),
            Column::choice("gwp", "增温潜势依据", "report of the warming potential", gwp).required(),
        ]
    },
    figures: FIGURES,
    example: &[&[
        ("mine", "示例煤矿"),
        ("day", "2025-12-31"),
        ("underground", "1000000"),
        ("relative_gas", "2"),
        ("after_mining", "post_low"),
        ("used", "50"),
        ("gwp", "ar5"),
    ]],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let row = rows.first().ok_or(Unjudged::NothingMeasured)?;
    let tables = law.tables(GUIDE, basis)?;
    let shared = law.tables(FACTORS, Assessment::by_day(basis))?;
    let (density_source, density) = tables.need(tables.factors("density"), "density")?;
    let (escape_source, escape) = tables.need(tables.factors("escape"), "escape")?;
    let (flare_source, flare) = tables.need(tables.factors("flare"), "flare")?;
    let (gwp_source, gwp) = shared.need(shared.factors("gwp"), "gwp")?;

    let given = |key: &str| row.value(key).unwrap_or_default();
    let (underground, open_pit) = (given("underground"), given("open_pit"));
    if underground.is_zero() && open_pit.is_zero() {
        return Err(CannotTell::new("missing", "缺少：原煤产量", "missing: coal raised"));
    }
    let relative = match row.value("relative_gas") {
        Some(relative) => relative,
        None if underground.is_zero() => Decimal::ZERO,
        None => {
            return Err(CannotTell::new("missing", "缺少：相对瓦斯涌出量", "missing: relative gas emission"));
        }
    };
    let report = row.choice("gwp").ok_or(Unjudged::NothingMeasured)?;
    let potential = shared.need(gwp.get(report, "ch4"), report)?;
    let after = row.choice("after_mining").ok_or(Unjudged::NothingMeasured)?;
    let of_pit = tables.need(escape.get("open_pit", "ef"), "open_pit")?;
    let of_after = tables.need(escape.get(after, "ef"), after)?;

    let wan = |tonnes: Decimal, factor: Decimal| -> Result<Decimal, CannotTell> {
        Ok(product(&[tonnes, factor])? / WAN)
    };
    let from_mine = wan(underground, relative)?;
    let from_pit = wan(open_pit, of_pit)?;
    let all_coal = underground.checked_add(open_pit).ok_or(Unjudged::NothingMeasured)?;
    let from_after = wan(all_coal, of_after)?;
    let (flared, used) = (given("flared"), given("used"));
    let escaped = from_mine + from_pit + from_after - flared - used;
    if escaped.is_sign_negative() {
        return Err(CannotTell::new(
            "contradiction",
            "火炬燃烧和利用的甲烷多于产生的甲烷，请核对数据",
            "more methane is flared and used than there is: check the data",
        ));
    }
    let methane_density = tables.need(density.get("ch4", "t"), "ch4")?;
    let methane = product(&[escaped, methane_density, potential])?;
    let co2_density = tables.need(density.get("co2", "t"), "co2")?;
    let carbon_dioxide = product(&[wan(underground, given("relative_co2"))?, co2_density])?;
    let carbon = tables.need(flare.get("ch4", "carbon").zip(flare.get("ch4", "of")), "flare")?;
    let molar = shared.need(co2_of_carbon(&shared), "molar")?;
    let flaring = product(&[flared, carbon.0, carbon.1, molar])?;
    let energy = given("energy");
    let all = methane + carbon_dioxide + flaring + energy;

    let step = Text::new(
        format!(
            "甲烷：({from_mine} 井工 + {from_pit} 露天 + {from_after} 矿后 − {flared} 火炬 − {used} 利用) × {methane_density} × {potential}"
        ),
        format!(
            "methane: ({from_mine} underground + {from_pit} open pit + {from_after} after − {flared} flared − {used} used) × {methane_density} × {potential}"
        ),
    );
    let figures = [
        (escaped, Unit::WanM3),
        (methane, Unit::Tco2e),
        (carbon_dioxide, Unit::Tco2e),
        (flaring, Unit::Tco2e),
        (energy, Unit::Tco2e),
    ];
    let answer = Answer {
        value: Some(mass("emission", "温室气体排放量", "greenhouse gases emitted", all, Unit::Tco2e)),
        figures: FIGURES
            .iter()
            .zip(figures)
            .map(|((key, zh, en), (value, unit))| mass(key, zh, en, value, unit))
            .collect(),
        steps: vec![step],
        ..Answer::default()
    };
    let answer = answer.by(tables.edition(), &[&density_source, &escape_source, &flare_source]);
    Ok(answer.by(shared.edition(), &[&gwp_source]))
}
