//! HJ 640/city
//!
//! # What it decides
//! The grade of a city's area noise (mean of the grid) and of its road traffic noise (mean weighted by length), by day
//! or by night; the rate at which functional zones meet their limits, by zone class, day and night.
//!
//! # What it leaves undecided
//! Whether the grid and the roads measured are as many as the standard asks for.
//!
//! # Source
//! HJ 640-2012; limits of GB 3096-2008. Numbers: `data/hj-640/`, `data/gb-3096/`.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::{DAY, GB_3096, HJ_640, LEVEL_DIGITS, NIGHT, level_of, limit_of, missing};
use crate::assess::{
    Answer, Assessment, CannotTell, Cell, ClassAnswer, Column, Exclusion, Figure, Row, Rows,
};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Text, Theme};
use crate::law::Law;
use crate::{Rounding, Unjudged};

pub(super) const AREA: Assessment = Assessment {
    id: "noise-area",
    theme: Theme::Noise,
    title: ("区域环境噪声总体水平", "Area noise of a city"),
    about: (
        "按 HJ 640 以各网格等效声级的算术平均值评定城市区域环境噪声总体水平等级，昼间、夜间分别评定。",
        "The grade of a city's area noise by the mean of its grid (HJ 640), day and night each by itself.",
    ),
    standards: &[HJ_640],
    rows: Rows::By(&["city", "period"]),
    columns: area_columns,
    figures: &[("points", "网格数", "grid points")],
    example: &[
        &[("city", "朔州市"), ("period", "昼间"), ("point", "1"), ("leq", "52.4")],
        &[("city", "朔州市"), ("period", "昼间"), ("point", "2"), ("leq", "55.9")],
        &[("city", "朔州市"), ("period", "昼间"), ("point", "3"), ("leq", "54.0")],
    ],
    judge: |law, rows, basis| mean(law, rows, basis, "area").unwrap_or_else(Answer::cannot_tell),
};

pub(super) const ROAD: Assessment = Assessment {
    id: "noise-road",
    theme: Theme::Noise,
    title: ("道路交通噪声强度", "Road traffic noise of a city"),
    about: (
        "按 HJ 640 以路段长度加权的平均等效声级评定城市道路交通噪声强度等级，昼间、夜间分别评定。",
        "The grade of a city's road traffic noise by the mean weighted by the length of the roads (HJ 640), day and night each by itself.",
    ),
    standards: &[HJ_640],
    rows: Rows::By(&["city", "period"]),
    columns: road_columns,
    figures: &[("points", "路段数", "stretches of road"), ("length", "路段总长", "length of the roads")],
    example: &[
        &[("city", "朔州市"), ("period", "昼间"), ("point", "开发路"), ("leq", "68.9"), ("length", "2400")],
        &[("city", "朔州市"), ("period", "昼间"), ("point", "振华街"), ("leq", "66.2"), ("length", "3600")],
    ],
    judge: |law, rows, basis| mean(law, rows, basis, "road").unwrap_or_else(Answer::cannot_tell),
};

pub(super) const ATTAINMENT: Assessment = Assessment {
    id: "noise-attainment",
    theme: Theme::Noise,
    title: ("功能区噪声达标率", "How often functional zones meet their limits"),
    about: (
        "各类声环境功能区昼间、夜间达标点次占监测点次的百分比；每行为一个测点一次监测的昼间、夜间等效声级。",
        "The share of measurements that meet the limit, by zone class, day and night; each row is one measurement of one point with its day and night level.",
    ),
    standards: &[GB_3096],
    rows: Rows::By(&["city", "zone"]),
    columns: attainment_columns,
    figures: &[
        ("day_samples", "昼间点次", "measurements by day"),
        ("day_met", "昼间达标点次", "met by day"),
        ("day_rate", "昼间达标率", "rate by day"),
        ("night_samples", "夜间点次", "measurements by night"),
        ("night_met", "夜间达标点次", "met by night"),
        ("night_rate", "夜间达标率", "rate by night"),
    ],
    example: &[
        &[("city", "朔州市"), ("zone", "2类"), ("point", "A"), ("ld", "57.1"), ("ln", "48.8")],
        &[("city", "朔州市"), ("zone", "2类"), ("point", "B"), ("ld", "58.4"), ("ln", "51.2")],
    ],
    judge: |law, rows, basis| attainment(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn head() -> Vec<Column> {
    let city =
        Column::text("city", "统计范围", "area of the statistics").or("scope", &["城市", "县区", "范围"]);
    std::iter::once(city).chain(super::head()).collect()
}

fn area_columns(law: &Law) -> Vec<Column> {
    let mut columns = head();
    columns.extend(super::period_column(law, HJ_640).map(Column::required));
    columns.push(
        Column::number("leq", "等效声级", "equivalent level", Unit::DbA)
            .or("laeq", &["Leq", "网格等效声级", "路段等效声级", "监测值"]),
    );
    columns
}

fn road_columns(law: &Law) -> Vec<Column> {
    let mut columns = area_columns(law);
    columns.push(
        Column::number("length", "路段长度", "length of the stretch", Unit::M)
            .or("road_length", &["长度"])
            .required(),
    );
    columns
}

fn attainment_columns(law: &Law) -> Vec<Column> {
    let mut columns = head();
    columns.push(super::zone_column(law, &[GB_3096]).required());
    let level = |key, zh, en| Column::number(key, zh, en, Unit::DbA);
    columns.push(level("ld", "昼间等效声级", "day level").or("day_level", &["Ld", "昼间"]));
    columns.push(level("ln", "夜间等效声级", "night level").or("night_level", &["Ln", "夜间"]));
    columns
}

/// The mean of the levels, weighted by length for roads, and its grade.
fn mean(law: &Law, rows: &[Row], basis: Basis<'_>, table: &str) -> Result<Answer, CannotTell> {
    let tables = law.tables(HJ_640, basis)?;
    let (source, bands) = tables.need(tables.bands(table), table)?;
    let period = rows.first().and_then(|row| row.choice("period"));
    let period = period.ok_or_else(|| missing("时段（昼间或夜间）", "period (day or night)"))?;
    let name = Text::new("等效声级", "equivalent level");
    let (mut sum, mut weights, mut points) = (Decimal::ZERO, Decimal::ZERO, 0usize);
    for row in rows {
        let Some(level) = level_of(row, "leq", &name)? else { continue };
        let weight = match row.cell("length") {
            _ if table == "area" => Decimal::ONE,
            Some(Cell::Number(length)) if !length.below_detection => length.value,
            _ => return Err(missing("路段长度", "the length of the stretch")),
        };
        let product = level.checked_mul(weight).and_then(|product| sum.checked_add(product));
        let total = weights.checked_add(weight);
        let (Some(product), Some(total)) = (product, total) else {
            return Err(too_large());
        };
        (sum, weights, points) = (product, total, points + 1);
    }
    let mean = sum.checked_div(weights).ok_or(Unjudged::NothingMeasured)?;
    let mean = Rounding::HalfEven(LEVEL_DIGITS).apply(mean);
    let band = bands.band(mean, &Circumstances::new().with("period", period));
    let band = tables.need(band, table)?;
    let value = Text::new("平均等效声级", "mean level");
    let mut answer = Answer {
        value: Some(Figure::new("mean", value, mean, bands.unit)),
        class: Some(ClassAnswer {
            id: band.id.clone(),
            name: band.name.clone(),
            colour: band.colour.clone(),
        }),
        figures: vec![count(
            "points",
            if table == "area" { ("网格数", "grid points") } else { ("路段数", "stretches of road") },
            points,
        )],
        ..Answer::default()
    };
    if table != "area" {
        let length = Text::new("路段总长", "length of the roads");
        answer.figures.push(Figure::new("length", length, weights.normalize(), Unit::M));
    }
    if points < rows.len() {
        let lacking = rows.len() - points;
        answer.excluded.push(Exclusion {
            what: Text::new(format!("{lacking}个测点"), format!("{lacking} points")),
            why: Text::new("没有等效声级", "without a level"),
        });
    }
    Ok(answer.by(tables.edition(), &[&source]))
}

fn attainment(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let tables = law.tables(GB_3096, basis)?;
    let zone = rows.first().and_then(|row| row.choice("zone"));
    let zone = zone.ok_or_else(|| missing("声环境功能区类别", "functional zone"))?;
    let mut answer = Answer::default();
    let (mut met_all, mut samples_all, mut sources) = (0usize, 0usize, Vec::new());
    for (period, key, zh, en) in [(DAY, "ld", "昼间", "by day"), (NIGHT, "ln", "夜间", "by night")] {
        let (source, _, limit) = limit_of(&tables, zone, period)?;
        let name = Text::new(format!("{zh}等效声级"), format!("level {en}"));
        let (mut met, mut samples) = (0usize, 0usize);
        for row in rows {
            if let Some(level) = level_of(row, key, &name)? {
                samples += 1;
                met += usize::from(level <= limit);
            }
        }
        let of = |what: &str| format!("{period}_{what}");
        answer.figures.push(count(
            &of("samples"),
            (&format!("{zh}点次"), &format!("measurements {en}")),
            samples,
        ));
        answer.figures.push(count(&of("met"), (&format!("{zh}达标点次"), &format!("met {en}")), met));
        if let Some(rate) = rate(met, samples) {
            let name = Text::new(format!("{zh}达标率"), format!("rate {en}"));
            answer.figures.push(Figure::new(&of("rate"), name, rate, Unit::Percent));
        }
        (met_all, samples_all) = (met_all + met, samples_all + samples);
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    let rate = rate(met_all, samples_all).ok_or(Unjudged::NothingMeasured)?;
    let name = Text::new("总点次达标率", "rate of all measurements");
    answer.value = Some(Figure::new("rate", name, rate, Unit::Percent));
    answer.meets = Some(met_all == samples_all);
    Ok(answer.by(tables.edition(), &sources.iter().collect::<Vec<_>>()))
}

fn rate(met: usize, samples: usize) -> Option<Decimal> {
    let share = Decimal::from(met).checked_mul(Decimal::ONE_HUNDRED)?.checked_div(Decimal::from(samples))?;
    Some(Rounding::HalfEven(LEVEL_DIGITS).apply(share))
}

fn count(key: &str, name: (&str, &str), number: usize) -> Figure {
    Figure::new(key, Text::new(name.0, name.1), Decimal::from(number), Unit::Count)
}

fn too_large() -> CannotTell {
    CannotTell::new("unreadable", "数值太大，不能计算", "the numbers are too large to be added up")
}
