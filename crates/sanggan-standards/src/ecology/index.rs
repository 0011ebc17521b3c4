//! 环监测〔2021〕99号 and HJ 192/ecological index
//!
//! # What it decides
//! The ecological quality index (EQI) or the older ecological index (EI) of a region from its first-level indices, the
//! class, and how it changed against an earlier year.
//!
//! # What it leaves undecided
//! The first-level indices themselves: they come from remote sensing and surveys and are entered.
//!
//! # Source
//! 区域生态质量评价办法（试行）; HJ 192-2015. Numbers: `data/eqi/`, `data/ei/`, unconfirmed.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::assess::{Answer, Assessment, CannotTell, Column, ColumnKind, Figure, ItemAnswer, Row, Rows};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Text, Theme};
use crate::law::Law;
use crate::schema::general::Bands;
use crate::{Rounding, Unjudged};

/// Index values run from 0 to this.
const FULL: Decimal = Decimal::ONE_HUNDRED;

/// One of the two indices: its standard, and which of its parts count by what they lack to 100.
struct Index {
    standard: &'static str,
    key: &'static str,
    name: (&'static str, &'static str),
    reversed: &'static [&'static str],
    /// A column that is added as it is.
    added: Option<&'static str>,
}

const OF_EQI: Index = Index {
    standard: "eqi",
    key: "eqi",
    name: ("生态质量指数", "ecological quality index"),
    reversed: &["stress"],
    added: None,
};

const OF_EI: Index = Index {
    standard: "HJ 192",
    key: "ei",
    name: ("生态环境状况指数", "ecological index"),
    reversed: &["land_stress", "pollution"],
    added: Some("restriction"),
};

const CHANGE: (&str, &str, &str) = ("change", "与上次之差", "change against the earlier value");
const CHANGE_CLASS: (&str, &str) = ("变化", "change");

pub(super) const EQI: Assessment = Assessment {
    id: "eqi",
    theme: Theme::Ecology,
    title: ("区域生态质量指数", "Ecological quality index"),
    about: (
        "由生态格局、生态功能、生物多样性和生态胁迫四项指数计算 EQI、类别和变化幅度；各项指数由遥感和调查得出后填入。",
        "EQI, its class and its change from the indices of pattern, function, biodiversity and stress, which are entered.",
    ),
    standards: &["eqi"],
    rows: Rows::Each,
    columns: |law| columns(law, &OF_EQI),
    figures: &[CHANGE],
    example: &[&[
        ("region", "朔州市"),
        ("day", "2024-12-31"),
        ("pattern", "50"),
        ("function", "60"),
        ("biodiversity", "55"),
        ("stress", "30"),
        ("previous", "53.5"),
    ]],
    judge: |law, rows, basis| judge(law, rows, basis, &OF_EQI).unwrap_or_else(Answer::cannot_tell),
};

pub(super) const EI: Assessment = Assessment {
    id: "ei",
    theme: Theme::Ecology,
    title: ("生态环境状况指数（2015）", "Ecological index (2015)"),
    about: (
        "由五项分指数和环境限制指数计算 HJ 192-2015 的 EI、级别和变化幅度，用于与历史年份比较。",
        "The EI of HJ 192-2015, its class and its change from five indices and the restriction, to compare with earlier years.",
    ),
    standards: &["HJ 192"],
    rows: Rows::Each,
    columns: |law| columns(law, &OF_EI),
    figures: &[CHANGE],
    example: &[&[
        ("region", "右玉县"),
        ("day", "2019-12-31"),
        ("richness", "40"),
        ("vegetation", "70"),
        ("water_density", "20"),
        ("land_stress", "35"),
        ("pollution", "10"),
        ("restriction", "0"),
        ("previous", "45.2"),
    ]],
    judge: |law, rows, basis| judge(law, rows, basis, &OF_EI).unwrap_or_else(Answer::cannot_tell),
};

/// A number between bounds.
fn bounded(mut column: Column, least: Decimal, most: Decimal) -> Column {
    if let ColumnKind::Number { min, max, .. } = &mut column.kind {
        (*min, *max) = (Some(least), Some(most));
    }
    column
}

fn columns(law: &Law, index: &Index) -> Vec<Column> {
    let mut columns = vec![Column::text("region", "区域", "region"), Column::judged_day()];
    let weights = law.latest(index.standard).and_then(|tables| tables.factors("weights"));
    for row in weights.iter().flat_map(|(_, weights)| &weights.row) {
        columns.push(bounded(Column::of_factor(row, Unit::None).required(), Decimal::ZERO, FULL));
    }
    if let Some(key) = index.added {
        let column = Column::signed(key, "环境限制指数", "restriction index", Unit::None)
            .note("没有限制情形时填 0", "0 where nothing restricts");
        columns.push(bounded(column.required(), -FULL, Decimal::ZERO));
    }
    let previous = Column::number("previous", "上次指数", "earlier value", Unit::None);
    columns.push(bounded(previous, Decimal::ZERO, FULL));
    columns
}

/// A number with the decimals its bands are stated for.
fn rounded(value: Decimal, bands: &Bands) -> Decimal {
    let Some(digits) = bands.digits else { return value };
    let mut value = Rounding::HalfEven(digits).apply(value);
    value.rescale(digits);
    value
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>, index: &Index) -> Result<Answer, CannotTell> {
    let row = rows.first().ok_or(Unjudged::NothingMeasured)?;
    let tables = law.tables(index.standard, basis)?;
    let (weight_source, weights) = tables.need(tables.factors("weights"), "weights")?;
    let (class_source, classes) = tables.need(tables.bands("classes"), "classes")?;
    let (change_source, changes) = tables.need(tables.bands("change"), "change")?;
    let (mut sum, mut terms) = (Decimal::ZERO, Vec::new());
    for part in &weights.row {
        let given = row.value(&part.key).ok_or(Unjudged::NothingMeasured)?;
        let weight = tables.need(part.values.get("weight").copied(), &part.key)?;
        let reversed = index.reversed.contains(&part.key.as_str());
        sum += weight * if reversed { FULL - given } else { given };
        terms.push(if reversed {
            format!("{weight}×(100−{given})")
        } else {
            format!("{weight}×{given}")
        });
    }
    if let Some(key) = index.added {
        let given = row.value(key).ok_or(Unjudged::NothingMeasured)?;
        sum += given;
        terms.push(format!("({given})"));
    }
    let value = rounded(sum, classes);
    let anywhere = Circumstances::new();
    let mut answer = Answer {
        value: Some(Figure::new(index.key, Text::new(index.name.0, index.name.1), value, Unit::None)),
        class: classes.band(value, &anywhere).map(super::class),
        steps: vec![Text::same(format!("{} = {value}", terms.join(" + ")))],
        ..Answer::default()
    };
    let mut used = vec![&weight_source, &class_source];
    if let Some(previous) = row.value("previous") {
        let change = rounded(value - previous, changes);
        answer.figures.push(Figure::new(CHANGE.0, Text::new(CHANGE.1, CHANGE.2), change, Unit::None));
        if let Some(band) = changes.band(change, &anywhere) {
            answer.steps.push(Text::new(
                format!("{}：{}（{change}）", CHANGE_CLASS.0, band.name.zh),
                format!("{}: {} ({change})", CHANGE_CLASS.1, band.name.en),
            ));
            answer.items.push(ItemAnswer {
                key: CHANGE.0.to_owned(),
                name: Text::new(CHANGE.1, CHANGE.2),
                value: Some(change),
                unit: Unit::None,
                limit: None,
                class: Some(super::class(band)),
                meets: None,
                multiple: None,
                note: None,
            });
        }
        used.push(&change_source);
    }
    Ok(answer.by(tables.edition(), &used))
}
