//! AIR/dustfall
//!
//! # What it decides
//! The dust fall of an area in a month: each point brought to 30 days, their mean; where local law has an aim, whether
//! it is reached.
//!
//! # What it leaves undecided
//! Whether anything is reached without local law: there is no national limit.
//!
//! # Source
//! HJ 1221-2021: `data/hj-1221/`. Local law: a file `dustfall/<edition>.toml` laid over the compiled-in ones.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::sample::place_column;
use crate::assess::{
    Answer, Assessment, CannotTell, Cell, ClassAnswer, Column, Exclusion, Figure, ItemAnswer, Row, Rows,
};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Text, Theme};
use crate::law::Law;
use crate::{Rounding, Unjudged};

const METHOD: &str = "HJ 1221";
const LOCAL: &str = "dustfall";

/// The dust fall of an area.
pub(super) const ASSESSMENT: Assessment = Assessment {
    id: "dustfall",
    theme: Theme::Air,
    title: ("降尘量", "Dust fall"),
    about: (
        "把各点位的降尘量折算为30天，求区域平均。国家没有降尘限值：装有地方规定（如朔州市规划目标）时判断是否达到，否则只给出数值。",
        "Brings the dust fall of each point to 30 days and takes the mean of the area. There is no national limit: with local law (such as the aim of Shuozhou's plan) it tells whether that is reached, else the figure only.",
    ),
    standards: &[METHOD],
    rows: Rows::By(&["area", "period"]),
    columns,
    figures: &[("points", "参加平均的点位数", "points in the mean")],
    example: &[
        &[("area", "朔城区"), ("place", "一号点"), ("day", "2026-05-31"), ("dustfall", "5.8")],
        &[("area", "朔城区"), ("place", "二号点"), ("day", "2026-05-31"), ("deposit", "6.2"), ("days", "31")],
    ],
    judge,
};

fn columns(_law: &Law) -> Vec<Column> {
    vec![
        Column::text("area", "区域", "area").or("区县", &["县区", "城市", "county", "district"]),
        place_column(),
        Column::text("period", "时段", "period").or("月份", &["month"]),
        Column::judged_day().note("采样结束日。", "The day sampling ended."),
        Column::number("dustfall", "降尘量", "dust fall", Unit::TPerKm2Month)
            .or("a34011", &["降尘", "dust fall"])
            .note("已折算为30天的降尘量。", "Already brought to 30 days."),
        Column::number("deposit", "收集量", "deposit", Unit::TPerKm2).or("沉降量", &["收集的降尘量"]).note(
            "采样期间收集的总量，与采样天数一并填写。",
            "What was collected in all, with the days of sampling.",
        ),
        Column::number("days", "采样天数", "days of sampling", Unit::None).or("天数", &["n", "采样时间"]),
        Column::yes_no("control", "清洁对照点", "clean control point")
            .or("对照点", &["清洁对照"])
            .note("对照点不计入区域平均。", "A control point is not in the mean."),
    ]
}

/// A point's dust fall for 30 days: the greatest and the least it can be.
fn point(row: &Row, days: Decimal) -> Result<(Decimal, Decimal), Text> {
    let (measured, factor) = match (row.cell("dustfall"), row.cell("deposit"), row.value("days")) {
        (Some(Cell::Number(measured)), _, _) => (*measured, Decimal::ONE),
        (_, Some(Cell::Number(measured)), Some(sampled)) => match days.checked_div(sampled) {
            Some(factor) => (*measured, factor),
            None => return Err(Text::new("采样天数为0", "the days of sampling are 0")),
        },
        (_, Some(Cell::Number(_)), None) => {
            return Err(Text::new("没有采样天数", "the days of sampling are missing"));
        }
        (Some(Cell::NotDetected), ..) | (_, Some(Cell::NotDetected), _) => {
            return Err(Text::new("未检出而未给出检出限", "not detected, and no detection limit is given"));
        }
        _ => return Err(Text::new("没有数值", "no value")),
    };
    let most =
        measured.value.checked_mul(factor).ok_or_else(|| Text::new("数值过大", "the value is too large"))?;
    Ok((most, if measured.below_detection { Decimal::ZERO } else { most }))
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    judged(law, rows, basis).unwrap_or_else(Answer::cannot_tell)
}

fn judged(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let tables = law.tables(METHOD, basis)?;
    let (sourced, factors) = tables.need(tables.factors("statement"), "statement")?;
    let number = |key: &str| tables.need(factors.get(key, "value"), key);
    let (days, digits) = (number("days")?, crate::to_f64(number("digits")?) as u32);
    let rounding = Rounding::HalfEven(digits);
    let mut answer = Answer::default();
    let (mut most, mut least, mut points) = (Decimal::ZERO, Decimal::ZERO, 0_u32);
    for (at, row) in rows.iter().enumerate() {
        let name = Text::same(row.text("place").map_or_else(|| format!("{}", at + 1), str::to_owned));
        let control = row.is_yes("control") == Some(true);
        let why = match point(row, days) {
            Ok((high, low)) => {
                answer.items.push(ItemAnswer {
                    key: name.zh.clone(),
                    name: name.clone(),
                    value: Some(rounding.apply(high)),
                    unit: Unit::TPerKm2Month,
                    limit: None,
                    class: None,
                    meets: None,
                    multiple: None,
                    note: control.then(|| Text::new("清洁对照点", "clean control point")),
                });
                if !control {
                    let sums = most.checked_add(high).zip(least.checked_add(low));
                    (most, least) = sums.ok_or_else(too_large)?;
                    points += 1;
                    continue;
                }
                Text::new("清洁对照点不计入平均", "a clean control point is not in the mean")
            }
            Err(why) => why,
        };
        answer.excluded.push(Exclusion { what: name, why });
    }
    let mean = |sum: Decimal| sum.checked_div(Decimal::from(points)).map(|mean| rounding.apply(mean));
    let (Some(high), Some(low)) = (mean(most), mean(least)) else {
        return Ok(Answer { excluded: answer.excluded, ..Answer::cannot_tell(Unjudged::NothingMeasured) });
    };
    if high != low {
        return Ok(Answer {
            excluded: answer.excluded,
            ..Answer::cannot_tell(CannotTell::new(
                "below_detection",
                "有低于检出限的点位，其取值会改变平均值",
                "a point is below the detection limit, and what it is would change the mean",
            ))
        });
    }
    let name = Text::new("区域降尘量（30天）", "dust fall of the area, 30 days");
    let mut value = high;
    value.rescale(digits);
    answer.value = Some(Figure::new("dustfall", name, value, Unit::TPerKm2Month));
    answer.figures.push(Figure::new(
        "points",
        Text::new("参加平均的点位数", "points in the mean"),
        Decimal::from(points),
        Unit::None,
    ));
    answer = answer.by(tables.edition(), &[&sourced]);
    Ok(held_against_local_law(law, answer, high, basis))
}

fn too_large() -> CannotTell {
    CannotTell::new("unreadable", "数值过大，不能计算", "the values are too large to work with")
}

fn held_against_local_law(law: &Law, mut answer: Answer, value: Decimal, basis: Basis<'_>) -> Answer {
    let local = law.tables(LOCAL, Assessment::by_day(basis)).ok();
    let found = local.and_then(|tables| tables.bands("aim").map(|(sourced, bands)| (tables, sourced, bands)));
    let Some((tables, sourced, bands)) = found else {
        answer.excluded.push(Exclusion {
            what: Text::new("是否达到", "whether it is reached"),
            why: Text::new(
                "国家没有降尘限值，未装地方规定",
                "there is no national limit, and no local law is installed",
            ),
        });
        return answer;
    };
    if let Some(band) = bands.band(value, &Circumstances::new()) {
        answer.class =
            Some(ClassAnswer { id: band.id.clone(), name: band.name.clone(), colour: band.colour.clone() });
        answer.meets = Some(band.id == "met");
    }
    answer.by(tables.edition(), &[&sourced])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> Law {
        let folder =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/shuozhou/law/dustfall");
        let mut files = Vec::new();
        for file in std::fs::read_dir(folder).expect("the pack has local law").flatten() {
            let name = format!("dustfall/{}", file.file_name().display());
            files.push((name, std::fs::read_to_string(file.path()).expect("a text")));
        }
        Law::load_over(&files).expect("the pack's law is of the form")
    }

    #[test]
    fn the_plan_of_shuozhou_wants_less_than_seven() {
        let law = local();
        let told = |day: &str, cells: &[(&str, &str)]| {
            let row = Row::of(&law, &ASSESSMENT, cells);
            ASSESSMENT.answer(&law, &[row], Basis::OfDay(day.parse().expect("a day"))).line()
        };
        for (day, dustfall, want) in [
            ("2022-01-31", "6.9", "dustfall=6.9, class met, met, points=1, unconfirmed, [HJ 1221-2021]"),
            ("2022-01-31", "6.94", "dustfall=6.9, class met, met, points=1, unconfirmed, [HJ 1221-2021]"),
            (
                "2022-01-31",
                "7.0",
                "dustfall=7.0, class not_met, not met, points=1, unconfirmed, [HJ 1221-2021]",
            ),
            (
                "2022-01-31",
                "6.96",
                "dustfall=7.0, class not_met, not met, points=1, unconfirmed, [HJ 1221-2021]",
            ),
            (
                "2025-02-28",
                "8.1",
                "dustfall=8.1, class not_met, not met, points=1, unconfirmed, [HJ 1221-2021]",
            ),
            ("2026-05-31", "5.8", "dustfall=5.8, class met, met, points=1, unconfirmed, [HJ 1221-2021]"),
            (
                "2020-12-31",
                "5.8",
                "cannot tell (no_edition_in_force): no edition of HJ 1221 was in force nationwide on 2020-12-31",
            ),
        ] {
            assert_eq!(told(day, &[("dustfall", dustfall)]), want, "{day} {dustfall}");
        }
    }
}
