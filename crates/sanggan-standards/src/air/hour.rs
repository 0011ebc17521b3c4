//! AIR/air-hour
//!
//! # What it decides
//! The real-time index (实时报) of an hour: AQI, level, colour, primary pollutants, each pollutant's IAQI, and which
//! hourly limits of GB 3095 are exceeded.
//!
//! # What it leaves undecided
//! Whether the hour "meets": particles have no hourly limit. Hours under HJ 633-2026 with a gap and an index of 100 or
//! less (5.3.1).
//!
//! # Source
//! HJ 633-2012 5.1.3 as published, HJ 633-2026 4.2, 4.3, 5.3; GB 3095 table 1.

use super::sample::{
    Given, IAQI, basis_of, carbon_monoxide, concentration, hold_against_limits, index_answer, place_column,
    zone, zone_column,
};
use crate::assess::{Answer, Assessment, Column, Row, Rows};
use crate::edition::{Basis, Theme};
use crate::hj_633::Report;
use crate::law::{GB_3095, HJ_633, Law};
use crate::{Averaging, Pollutant};

/// The real-time index of an hour.
pub(super) const ASSESSMENT: Assessment = Assessment {
    id: "air-hour",
    theme: Theme::Air,
    title: ("空气质量指数（实时报）", "Air quality index of an hour"),
    about: (
        "由六项污染物的1小时平均浓度计算实时空气质量指数、级别、首要污染物和各项分指数，并列出超过 GB 3095 1小时限值的项目。颗粒物没有1小时限值，不判定该小时是否达标。",
        "Works out the real-time index, its level, the primary pollutants and each pollutant's own index from the six 1-hour means, and names what exceeds the hourly limits of GB 3095. Particles have no hourly limit, so whether the hour meets is left open.",
    ),
    standards: &[HJ_633, GB_3095],
    rows: Rows::Each,
    columns,
    figures: &IAQI,
    example: &[&[
        ("place", "平朔"),
        ("day", "2026-05-08"),
        ("so2", "12"),
        ("no2", "35"),
        ("co", "0.8"),
        ("o3", "96"),
        ("pm10", "88"),
        ("pm25", "41"),
    ]],
    judge,
};

const COLUMNS: [(&str, Pollutant, Averaging); 7] = [
    ("so2", Pollutant::So2, Averaging::Hour),
    ("no2", Pollutant::No2, Averaging::Hour),
    ("co", Pollutant::Co, Averaging::Hour),
    ("o3", Pollutant::O3, Averaging::Hour),
    ("pm10", Pollutant::Pm10, Averaging::Hour),
    ("pm25", Pollutant::Pm25, Averaging::Hour),
    ("so2_24h", Pollutant::So2, Averaging::Mean24h),
];

fn columns(law: &Law) -> Vec<Column> {
    vec![
        place_column(),
        Column::judged_day(),
        Column::text("hour", "时刻", "hour").or("小时", &["时"]),
        concentration(Pollutant::So2).or("SO2_1h", &["SO2 1小时平均", "二氧化硫1小时平均"]),
        concentration(Pollutant::No2).or("NO2_1h", &["NO2 1小时平均", "二氧化氮1小时平均"]),
        carbon_monoxide(law).or("CO_1h", &["CO 1小时平均", "一氧化碳1小时平均"]),
        concentration(Pollutant::O3).or("O3_1h", &["O3 1小时平均", "臭氧1小时", "臭氧1小时平均"]),
        concentration(Pollutant::Pm10).or("PM10_1h", &["PM10 1小时平均"]),
        concentration(Pollutant::Pm25).or("PM2.5_1h", &["PM25_1h", "PM2.5 1小时平均"]),
        Column::number("so2_24h", "SO2 24小时滑动平均", "SO2, 24-hour moving mean", Pollutant::So2.unit())
            .or("二氧化硫24小时滑动平均", &["二氧化硫24小时平均", "SO2 24小时平均"])
            .note(
                "只在2012版、SO2 1小时平均高于其最高一档时使用。",
                "Used by the 2012 edition only, where the hour's SO2 is above its last breakpoint.",
            ),
        Column::number("o3_8h", "O3 8小时滑动平均", "O3, 8-hour moving mean", Pollutant::O3.unit())
            .or("臭氧8小时", &["臭氧8小时滑动平均", "臭氧8小时平均"])
            .note("实际发布的实时报不用此项。", "The published real-time index does not use it."),
        zone_column(),
    ]
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    let Some(row) = rows.first() else { return Answer::cannot_tell(crate::Unjudged::NothingMeasured) };
    let index_basis = basis_of(law, HJ_633, basis);
    let given = Given::of(row, &COLUMNS);
    let result = match given.index(law, Report::Hour, index_basis) {
        Ok(result) => result,
        Err(why) => return Answer { excluded: given.excluded, ..Answer::cannot_tell(why) },
    };
    let mut answer = index_answer(law, &result, index_basis);
    answer.excluded.extend(given.excluded.iter().cloned());
    if !answer.items.is_empty() {
        let _ = hold_against_limits(law, &mut answer, &given, |_| Averaging::Hour, zone(row), basis);
    }
    answer
}
