//! GB 3096/levels
//!
//! # What it decides
//! Leq, L10, L50, L90 and the standard deviation of the samples of a point and day, the day level Ld, the night level Ln
//! and the day-night level Ldn; with a functional zone given, whether Ld and Ln meet their limits.
//!
//! # What it leaves undecided
//! Percentile levels of too few samples; Ld and Ln when a sample has neither period nor time of day; whether the samples
//! cover enough of the day to stand for it.
//!
//! # Source
//! Definitions of GB 3096-2008. Numbers: `data/gb-3096/`, tables `levels`, `day_night`, `limits`.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::acoustics::{self, Sample};
use super::{DAY, GB_3096, LEVEL_DIGITS, NIGHT, level_of, limit_of, missing, period_name, period_of};
use crate::assess::{Answer, Assessment, CannotTell, Cell, Column, Figure, ItemAnswer, Row, Rows};
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::Law;
use crate::tables::Tables;
use crate::{Rounding, Unjudged, to_f64};

const FIGURES: &[(&str, &str, &str)] = &[
    ("l10", "L10", "L10"),
    ("l50", "L50", "L50"),
    ("l90", "L90", "L90"),
    ("sd", "标准偏差", "standard deviation"),
    ("ld", "昼间等效声级Ld", "day level Ld"),
    ("ln", "夜间等效声级Ln", "night level Ln"),
    ("ldn", "昼夜等效声级Ldn", "day-night level Ldn"),
    ("samples", "样本数", "samples"),
];

pub(super) const LEVELS: Assessment = Assessment {
    id: "noise-levels",
    theme: Theme::Noise,
    title: ("噪声统计声级", "Statistical noise levels"),
    about: (
        "同一测点同一日的各次声级合并计算等效声级、累积百分声级、标准偏差、昼间和夜间等效声级；填写功能区类别时判定昼间、夜间是否达标。",
        "From all samples of a point and day: equivalent level, percentile levels, standard deviation, day and night level; with a functional zone, whether day and night meet their limits.",
    ),
    standards: &[GB_3096],
    rows: Rows::By(&["point", "day"]),
    columns,
    figures: FIGURES,
    example: &[
        &[("point", "二中"), ("day", "2026-04-20"), ("clock", "10:00"), ("level", "53.2"), ("zone", "1类")],
        &[("point", "二中"), ("day", "2026-04-20"), ("clock", "15:00"), ("level", "55.6"), ("zone", "1类")],
        &[("point", "二中"), ("day", "2026-04-20"), ("clock", "23:00"), ("level", "44.1"), ("zone", "1类")],
    ],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = super::head();
    columns.extend([
        Column::number("level", "声级", "level", Unit::DbA)
            .or("leq", &["Leq", "LAeq", "A声级", "等效声级", "小时等效声级"])
            .required(),
        Column::number("duration", "时长", "duration", Unit::Second)
            .or("seconds", &["测量时长", "持续时间"])
            .note("各行都不填时按等时长计", "left out everywhere, all samples count alike"),
        super::clock_column(),
    ]);
    columns.extend(super::period_column(law, GB_3096));
    columns.push(super::zone_column(law, &[GB_3096]));
    columns
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let tables = law.tables(GB_3096, basis)?;
    let (source, shares) = tables.need(tables.factors("levels"), "levels")?;
    let mut used = vec![source];
    used.extend(rows.first().and_then(|row| super::period_source(&tables, row)));
    let name = Text::new("声级", "level");
    let timed = rows.iter().filter(|row| row.cell("duration").is_some()).count();
    if timed != 0 && timed != rows.len() {
        return Err(missing("部分行的时长", "the duration of some rows"));
    }
    let mut samples = Vec::with_capacity(rows.len());
    for row in rows {
        let level = level_of(row, "level", &name)?.ok_or(Unjudged::NothingMeasured)?;
        let duration = match row.cell("duration") {
            None => 1.0,
            Some(Cell::Number(measured)) if !measured.below_detection && !measured.value.is_zero() => {
                to_f64(measured.value)
            }
            Some(_) => return Err(missing("大于零的时长", "a duration above zero")),
        };
        samples.push((Sample { level: to_f64(level), duration }, period_of(&tables, row)?));
    }
    let all: Vec<Sample> = samples.iter().map(|(sample, _)| *sample).collect();
    let of = |period: &str| -> Vec<Sample> {
        samples.iter().filter(|(_, one)| *one == Some(period)).map(|(sample, _)| *sample).collect()
    };
    let mut answer = Answer {
        value: rounded(acoustics::leq(&all))
            .map(|leq| Figure::new("leq", Text::new("等效声级Leq", "equivalent level Leq"), leq, Unit::DbA)),
        ..Answer::default()
    };
    if answer.value.is_none() {
        return Err(Unjudged::NothingMeasured.into());
    }
    let mut lacking = Vec::new();
    for row in &shares.row {
        let share = row.values.get("share").map_or(0.0, |share| to_f64(*share) / 100.0);
        match rounded(acoustics::exceeded(&all, share)) {
            Some(level) => answer.figures.push(figure(&row.key, level)),
            None => lacking.push(&row.name),
        }
    }
    if !lacking.is_empty() {
        let names = Text::joined(&lacking, "、", ", ");
        answer.steps.push(Text::new(
            format!("样本太少，不计算：{}", names.zh),
            format!("too few samples for: {}", names.en),
        ));
    }
    answer.figures.extend(rounded(acoustics::deviation(&all)).map(|sd| figure("sd", sd)));

    // A sample of no known period would be missing from one of the two levels, so neither is given.
    if samples.iter().all(|(_, period)| period.is_some()) {
        let (day, night) = (acoustics::leq(&of(DAY)), acoustics::leq(&of(NIGHT)));
        answer.figures.extend(rounded(day).map(|ld| figure("ld", ld)));
        answer.figures.extend(rounded(night).map(|ln| figure("ln", ln)));
        if let (Some(day), Some(night), Some((source, weights))) = (day, night, tables.factors("day_night")) {
            let weight = |period, key| weights.get(period, key).map(to_f64);
            let both = |level, period| Some((level, weight(period, "hours")?, weight(period, "added")?));
            if let (Some(day), Some(night)) = (both(day, DAY), both(night, NIGHT)) {
                answer
                    .figures
                    .extend(rounded(acoustics::combined(&[day, night])).map(|ldn| figure("ldn", ldn)));
                used.push(source);
            }
        }
        if let Some(zone) = zone_of(rows)? {
            for (period, level) in [(DAY, day), (NIGHT, night)] {
                let Some(level) = rounded(level) else { continue };
                compare(&tables, zone, period, level, &mut used, &mut answer)?;
            }
            let failed = answer.items.iter().any(|item| item.meets == Some(false));
            answer.meets = (!answer.items.is_empty()).then_some(!failed);
        }
    } else if rows.iter().any(|row| row.choice("zone").is_some()) {
        return Err(missing("时段或测量时刻", "the period or the time of day"));
    }
    let count = Decimal::from(samples.len());
    answer.figures.push(Figure::new("samples", Text::new("样本数", "samples"), count, Unit::Count));
    Ok(answer.by(tables.edition(), &used.iter().collect::<Vec<_>>()))
}

/// The zone all rows agree in.
fn zone_of(rows: &[Row]) -> Result<Option<&str>, CannotTell> {
    let mut zones: Vec<&str> = rows.iter().filter_map(|row| row.choice("zone")).collect();
    zones.dedup();
    match zones.as_slice() {
        [] => Ok(None),
        [zone] => Ok(Some(zone)),
        _ => Err(CannotTell::new(
            "contradiction",
            "同一测点填写了不同的功能区类别",
            "the rows of one point name different zones",
        )),
    }
}

fn compare(
    tables: &Tables<'_>,
    zone: &str,
    period: &str,
    level: Decimal,
    used: &mut Vec<Sourced>,
    answer: &mut Answer,
) -> Result<(), CannotTell> {
    let (source, _, limit) = limit_of(tables, zone, period)?;
    let name = period_name(period);
    let name = Text::new(format!("{}等效声级", name.zh), format!("{} level", name.en));
    let meets = level <= limit;
    if !meets {
        answer.deciding.push(name.clone());
    }
    answer.items.push(ItemAnswer {
        key: if period == NIGHT { "ln" } else { "ld" }.to_owned(),
        name,
        value: Some(level),
        unit: Unit::DbA,
        limit: Some(Text::same(format!("≤ {limit}"))),
        class: None,
        meets: Some(meets),
        multiple: None,
        note: (!meets).then(|| {
            let by = level - limit;
            Text::new(format!("超标 {by} dB(A)"), format!("{by} dB(A) above the limit"))
        }),
    });
    if !used.contains(&source) {
        used.push(source);
    }
    Ok(())
}

fn rounded(level: Option<f64>) -> Option<Decimal> {
    Rounding::HalfEven(LEVEL_DIGITS).apply_f64(level?)
}

fn figure(key: &str, value: Decimal) -> Figure {
    let name = FIGURES.iter().find(|(id, ..)| *id == key);
    let name = name.map_or_else(|| Text::same(key), |(_, zh, en)| Text::new(*zh, *en));
    Figure::new(key, name, value, Unit::DbA)
}
