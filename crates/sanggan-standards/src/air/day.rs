//! AIR/air-day
//!
//! # What it decides
//! The daily index (日报): AQI, level, colour, primary pollutants, each pollutant's IAQI; and whether the day meets the
//! daily limits of GB 3095, with the exceedance multiples.
//!
//! # What it leaves undecided
//! Days with a gap: whether they meet, unless what was measured already exceeds; under HJ 633-2026 also the index when
//! it would be 100 or less (5.3.1). Days before the first edition.
//!
//! # Source
//! HJ 633-2012 5.1.2 as published, HJ 633-2026 4.2, 4.3, 5.3; GB 3095 table 1; multiples by HJ 663.

use super::sample::{
    Given, IAQI, basis_of, carbon_monoxide, concentration, hold_against_limits, index_answer, place_column,
    zone, zone_column,
};
use crate::assess::{Answer, Assessment, Column, Exclusion, Row, Rows};
use crate::edition::{Basis, Text, Theme};
use crate::hj_633::Report;
use crate::law::{GB_3095, HJ_633, Law};
use crate::{Averaging, Pollutant};

/// The daily index.
pub(super) const ASSESSMENT: Assessment = Assessment {
    id: "air-day",
    theme: Theme::Air,
    title: ("空气质量指数（日报）", "Air quality index of a day"),
    about: (
        "由六项污染物的日平均浓度（臭氧为日最大8小时平均）计算空气质量指数、级别、首要污染物和各项分指数，并按 GB 3095 日均限值判定当日是否达标。可指明版本试算，如 2012、2026、2026-final（终期限值）。",
        "Works out the daily index, its level, the primary pollutants and each pollutant's own index from the six daily means (ozone by its largest 8-hour mean), and whether the day meets the daily limits of GB 3095. Another edition may be asked for: 2012, 2026, 2026-final (the final limits).",
    ),
    standards: &[GB_3095, HJ_633],
    rows: Rows::Each,
    columns,
    figures: &IAQI,
    example: &[&[
        ("place", "朔州市"),
        ("day", "2026-05-08"),
        ("so2", "18"),
        ("no2", "28"),
        ("co", "0.9"),
        ("o3_8h", "142"),
        ("pm10", "96"),
        ("pm25", "40"),
    ]],
    judge,
};

pub(super) const COLUMNS: [(&str, Pollutant, Averaging); 7] = [
    ("so2", Pollutant::So2, Averaging::Day),
    ("no2", Pollutant::No2, Averaging::Day),
    ("co", Pollutant::Co, Averaging::Day),
    ("o3_8h", Pollutant::O3, Averaging::Mda8),
    ("pm10", Pollutant::Pm10, Averaging::Day),
    ("pm25", Pollutant::Pm25, Averaging::Day),
    ("o3", Pollutant::O3, Averaging::MaxHour),
];

/// The averaging time of a pollutant's daily value.
pub(super) fn daily(pollutant: Pollutant) -> Averaging {
    match pollutant {
        Pollutant::O3 => Averaging::Mda8,
        _ => Averaging::Day,
    }
}

/// The columns of a day's concentrations.
pub(super) fn concentrations(law: &Law) -> Vec<Column> {
    vec![
        concentration(Pollutant::So2).or("SO2_24h", &["SO2 24小时平均", "SO2日均", "二氧化硫24小时平均"]),
        concentration(Pollutant::No2).or("NO2_24h", &["NO2 24小时平均", "NO2日均", "二氧化氮24小时平均"]),
        carbon_monoxide(law).or("CO_24h", &["CO 24小时平均", "CO日均", "一氧化碳24小时平均"]),
        Column::number("o3_8h", "臭氧日最大8小时平均", "O3, largest 8-hour mean of the day", Pollutant::O3.unit())
            .or(
                "mda8",
                &[
                    "O3_8h_max",
                    "O3_mda8",
                    "O3-8h",
                    "O3 8小时",
                    "O3日最大8小时平均",
                    "臭氧8小时",
                    "臭氧8小时平均",
                    "臭氧最大8小时平均",
                    "臭氧日最大8小时滑动平均",
                ],
            ),
        concentration(Pollutant::Pm10).or("PM10_24h", &["PM10 24小时平均", "PM10日均"]),
        concentration(Pollutant::Pm25).or("PM2.5_24h", &["PM25_24h", "PM2.5 24小时平均", "PM2.5日均"]),
        concentration(Pollutant::O3)
            .or("O3_1h", &["O3_1h_max", "O3日最大1小时平均", "臭氧日最大1小时平均", "臭氧1小时"])
            .note(
                "日最大1小时平均；只在2012版、8小时平均高于其最高一档时使用，不能代替日最大8小时平均。",
                "The day's largest hourly mean; used by the 2012 edition only, where the 8-hour mean is above its last breakpoint. It does not stand in for the largest 8-hour mean.",
            ),
    ]
}

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = vec![place_column(), Column::judged_day()];
    columns.extend(concentrations(law));
    columns.push(zone_column());
    columns
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    let Some(row) = rows.first() else { return Answer::cannot_tell(crate::Unjudged::NothingMeasured) };
    let index_basis = basis_of(law, HJ_633, basis);
    let given = Given::of(row, &COLUMNS);
    let result = match given.index(law, Report::Day, index_basis) {
        Ok(result) => result,
        Err(why) => return Answer { excluded: given.excluded, ..Answer::cannot_tell(why) },
    };
    let mut answer = index_answer(law, &result, index_basis);
    answer.excluded.extend(given.excluded.iter().cloned());
    if row.cell("o3").is_some() && row.cell("o3_8h").is_none() {
        answer.excluded.push(Exclusion {
            what: Text::new("O3 日最大1小时平均", "O3, largest hourly mean"),
            why: Text::new(
                "日报用日最大8小时平均（列 o3_8h）",
                "the daily index takes the largest 8-hour mean (column o3_8h)",
            ),
        });
    }
    if !answer.items.is_empty() {
        let meets = hold_against_limits(law, &mut answer, &given, daily, zone(row), basis);
        // What may not be published is not said to exceed or to meet either.
        answer.meets = meets.filter(|_| answer.cannot_tell.is_none());
    }
    answer
}
