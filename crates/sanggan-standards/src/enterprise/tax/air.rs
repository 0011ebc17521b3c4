//! tax-air: the environmental protection tax of an air outlet in a month.
//!
//! # What it decides
//! Equivalents of each pollutant, which of them are taxed, reductions, the tax due.
//!
//! # What it leaves undecided
//! Whether the amounts were reckoned in the order of methods of article 10; the rate where neither it nor a region with
//! a known rate is given.
//!
//! # Source
//! Environmental Protection Tax Law, articles 7–13 and annex 2; regulation, articles 7–11; Caishui [2018] No. 23 and 117.

use sanggan_base::Unit;

use crate::assess::{Assessment, Column, Exclusion, Row, Rows};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Status, Text, Theme};
use crate::enterprise::tax::outlet::{self, Load};
use crate::enterprise::tax::{ANNEX, Found, LAW, TaxLaw, find, left_out, plain, too_large};
use crate::law::Law;
use crate::schema::general::{FactorRow, Factors};
use crate::{Answer, CannotTell};

pub(crate) const ASSESSMENT: Assessment = Assessment {
    id: "tax-air",
    theme: Theme::Enterprise,
    title: ("环境保护税：大气污染物", "Environmental protection tax: air"),
    about: (
        "按排放口和月份计算各大气污染物的污染当量数，排序取前三项，按减征条件计算应纳税额；税额取所给的 rate 或地区的适用税额。",
        "Equivalents of the pollutants of an outlet in a month, the first three of them, reductions and the tax due, at the rate given or that of the region.",
    ),
    standards: &[LAW, ANNEX],
    rows: Rows::By(&["enterprise", "outlet", "month"]),
    columns,
    figures: outlet::FIGURES,
    example: &[
        &[
            ("outlet", "DA001"),
            ("month", "2026-03"),
            ("pollutant", "二氧化硫"),
            ("amount", "950"),
            ("region", "山西"),
        ],
        &[
            ("outlet", "DA001"),
            ("month", "2026-03"),
            ("pollutant", "氮氧化物"),
            ("amount", "1900"),
            ("region", "山西"),
        ],
        &[
            ("outlet", "DA001"),
            ("month", "2026-03"),
            ("pollutant", "烟尘"),
            ("amount", "218"),
            ("region", "山西"),
        ],
    ],
    judge,
};

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = outlet::columns(law, Unit::MgPerM3);
    columns.extend(
        law.latest(ANNEX).iter().flat_map(|annex| annex.circumstances()).map(Column::of_circumstance),
    );
    columns
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    answer(law, rows, basis).unwrap_or_else(Answer::cannot_tell)
}

fn answer(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let law = TaxLaw::of(law, rows, basis)?;
    if let Some(why) = law.exemption(rows)? {
        return law.exempt(&why, outlet::due_figure);
    }
    let (sourced, values) = law.annex_factors("air")?;
    let (mut loads, mut excluded) = (Vec::new(), Vec::new());
    for row in rows {
        match load(values, row)? {
            Some(load) => loads.push(load),
            None => excluded.push(not_taxed(&law, row)?),
        }
    }
    outlet::tax(&law, "air", loads, rows, excluded, vec![sourced])
}

/// The load of a row; `None` for a pollutant the annex does not list.
fn load<'a>(values: &Factors, row: &'a Row) -> Result<Option<Load<'a>>, CannotTell> {
    let name = row.text("pollutant").unwrap_or_default();
    let mut case = Circumstances::new();
    if let Some(origin) = row.choice("origin") {
        case = case.with("origin", origin);
    }
    let factor = match find(values, name, &case) {
        Found::Row(factor) => factor,
        Found::Asks => {
            return Err(CannotTell::new(
                "origin_unknown",
                format!("{name}：须说明来源（燃烧按烟尘，扬尘或工业粉尘按一般性粉尘）"),
                format!("{name}: say its origin (combustion counts as soot, other dust as general dust)"),
            ));
        }
        Found::Nothing => return Ok(None),
    };
    weighed(factor, "air", None, row).map(Some)
}

/// A load of kilograms.
pub(crate) fn weighed<'a>(
    factor: &FactorRow,
    rank: &'static str,
    group: Option<String>,
    row: &'a Row,
) -> Result<Load<'a>, CannotTell> {
    let (kilograms, generated) = outlet::discharged(row, &factor.name)?;
    let value = factor.values.get("equivalent").copied().unwrap_or_default();
    let equivalents = kilograms.checked_div(value).ok_or_else(too_large)?;
    let (zh, en) = if generated { ("产生量 ", "generated ") } else { ("", "") };
    let how = format!("{} kg ÷ {} kg", kilograms.normalize(), value.normalize());
    let how = Text::new(format!("{zh}{how}"), format!("{en}{how}"));
    Ok(Load {
        key: factor.key.clone(),
        name: factor.name.clone(),
        rank,
        group,
        equivalents,
        how: with_doubt(how, factor),
        status: factor.status,
        row,
    })
}

/// A reckoning, with what is said of its equivalent value where that is not confirmed.
pub(crate) fn with_doubt(how: Text, factor: &FactorRow) -> Text {
    match &factor.note {
        Some(note) if factor.status == Some(Status::Unconfirmed) => {
            Text::new(format!("{}（{}）", how.zh, note.zh), format!("{} ({})", how.en, note.en))
        }
        _ => how,
    }
}

/// Something the annex is known not to list. A name nobody knows is not passed over: it may be a slip of the pen.
pub(crate) fn not_taxed(law: &TaxLaw<'_>, row: &Row) -> Result<Exclusion, CannotTell> {
    let name = row.text("pollutant").unwrap_or_default();
    let (_, list) = law.annex.need(law.annex.list("not-taxed"), "not-taxed")?;
    let known = list.row.iter().find(|entry| {
        let also = entry.text.as_ref().map_or("", |text| text.zh.as_str());
        [entry.id.as_str(), &entry.name.zh, &entry.name.en]
            .into_iter()
            .chain(also.split('、'))
            .any(|own| plain(own) == plain(name))
    });
    let Some(entry) = known else {
        return Err(CannotTell::new(
            "unknown_pollutant",
            format!("附表中没有“{name}”，请核对名称"),
            format!("the annex has no `{name}`: check the name"),
        ));
    };
    let pilot = matches!(entry.id.as_str(), "vocs" | "nmhc").then(|| law.tax.list("vocs")).flatten();
    Ok(match pilot.and_then(|(sourced, _)| sourced.note) {
        Some(note) => Exclusion { what: entry.name.clone(), why: note },
        None => left_out(entry.name.clone(), "附表未列入，不是应税污染物", "not in the annex: not taxed"),
    })
}
