//! The index of an hour or day: each pollutant's index with its formula, the largest of them, the class.

use jiff::civil::Date;
use sanggan_base::{Grain, Millis, StationCode};
use sanggan_standards::{AqiResult, Basis, Pollutant};

use super::{Asker, number, rules, title};
use crate::assess::{self, Six};
use crate::dto::{Counts, ExplainInput, Explanation, Names, Verdict};
use crate::problem::{Answer, Problem};
use crate::{paths, words};

/// Explains an hour's index.
pub(crate) async fn aqi_hour(
    asker: &Asker<'_>,
    station: &StationCode,
    start: Millis,
    edition: Option<&str>,
) -> Answer<Explanation> {
    let six = read(asker, station, Grain::Hour, start).await?;
    let judged = assess::judge_hour(asker.state, start, &six, edition);
    Ok(explain(asker, station, Grain::Hour, start, &six, &judged, edition))
}

/// Explains a day's index.
pub(crate) async fn aqi_day(
    asker: &Asker<'_>,
    station: &StationCode,
    date: Date,
    edition: Option<&str>,
) -> Answer<Explanation> {
    let start = Millis::start_of(date);
    let six = read(asker, station, Grain::Day, start).await?;
    let judged = assess::judge_day(asker.state, date, &six, edition);
    Ok(explain(asker, station, Grain::Day, start, &six, &judged, edition))
}

async fn read(asker: &Asker<'_>, station: &StationCode, grain: Grain, start: Millis) -> Answer<Six> {
    let stations = std::slice::from_ref(station);
    let mut found =
        assess::read_six(asker.state, stations, grain, start, start.next(grain), asker.as_of).await?;
    found.remove(station).and_then(|mut periods| periods.remove(&start)).ok_or_else(|| {
        Problem::not_found(format!(
            "`{station}` has no figures for this {grain}: {}",
            paths::period(grain, start)
        ))
    })
}

fn explain(
    asker: &Asker<'_>,
    station: &StationCode,
    grain: Grain,
    start: Millis,
    six: &Six,
    judged: &AqiResult,
    edition: Option<&str>,
) -> Explanation {
    let state = asker.state;
    let basis = Basis::new(start.local_date(), edition);
    let mut inputs = Vec::new();
    let mut excluded = Vec::new();
    for pollutant in Pollutant::ALL {
        let code = pollutant.code();
        let index = judged.indices.iter().find(|index| index.pollutant == pollutant);
        let kind = assess::kind_for(six, pollutant, grain, index);
        let row = six.get(pollutant, kind);
        let explain = row.map(|_| paths::statistic(grain, station, code.as_str(), kind, start));
        let name = words::symbol(state, code.as_str()).to_owned();
        let what = words::kind(kind);
        let input = ExplainInput {
            title: Names::new(format!("{name} {}", what.zh), format!("{name} {}", what.en)),
            value: row.and_then(|row| row.value),
            unit: words::unit(state, station, code.as_str()).symbol().to_owned(),
            flag: None,
            at: Some(start.to_string()),
            iaqi: index.map(|index| u32::from(index.iaqi)),
            used: index.is_some(),
            why_not: None,
            formula: index.map(|index| index.formula.clone()),
            explain,
            frame: None,
        };
        if index.is_some() {
            inputs.push(input);
        } else {
            let why = match row {
                None => Names::new("没有数据", "no data"),
                Some(row) if !row.valid => Names::new(
                    format!("有效数据不足：{}/{}", row.used, row.required),
                    format!("too few valid data: {} of {}", row.used, row.required),
                ),
                Some(_) => Names::new("该版本不评价此项", "this edition does not use it"),
            };
            excluded.push(ExplainInput { why_not: Some(why), ..input });
        }
    }
    let found = state.law().edition("HJ 633", basis).ok();
    let text = found.map_or_else(
        || judged.unjudged.as_ref().map_or_else(|| Names::same(""), words::unjudged),
        |edition| {
            let title = rules::edition_title(edition);
            Names::new(
                format!("{}：AQI 取各项污染物空气质量分指数（IAQI）的最大值", title.zh),
                format!("{}: the AQI is the largest of the pollutants' individual indices (IAQI)", title.en),
            )
        },
    );
    let rule = match (&judged.sourced, found) {
        (Some(sourced), Some(edition)) => {
            rules::of_law(&edition.standard, edition.id.as_str(), sourced, text)
        }
        _ => rules::none("HJ 633", text),
    };
    let counts = Counts {
        used: inputs.len() as u32,
        required: (inputs.len() + judged.missing.len()) as u32,
        excluded: excluded.len() as u32,
    };
    let what = match grain {
        Grain::Hour => Names::new("AQI（实时报）", "hourly AQI"),
        _ => Names::new("AQI（日报）", "daily AQI"),
    };
    Explanation {
        title: title(state, station, &[what, words::period(grain, start)]),
        value: judged.aqi.map(f64::from),
        unit: sanggan_base::Unit::None.symbol().to_owned(),
        valid: judged.aqi.is_some(),
        verdict: Some(Verdict {
            aqi: judged.aqi.map(u32::from),
            level: judged.class.as_ref().map(|class| class.level.zh.clone()),
            class: judged.class.as_ref().map(|class| Names::from(&class.name)),
            colour: judged.class.as_ref().map(|class| class.colour.clone()),
            primary: words::codes(&judged.primary),
            unjudged: judged.unjudged.as_ref().map(words::unjudged),
        }),
        rule,
        formula: formula(judged),
        counts,
        inputs,
        excluded,
        frame: None,
        // An index is read from the breakpoints; no limit is compared with it.
        limits: Vec::new(),
        as_of: asker.as_of_text(),
    }
}

/// One line a pollutant, then the largest.
fn formula(judged: &AqiResult) -> Option<String> {
    if judged.indices.is_empty() {
        return None;
    }
    let mut lines: Vec<String> = judged
        .indices
        .iter()
        .map(|index| {
            let rounded = index.concentration.normalize();
            format!(
                "IAQI({}): {} → {rounded} {}; {}",
                index.pollutant.symbol(),
                number(index.given),
                index.unit.symbol(),
                index.formula
            )
        })
        .collect();
    let all: Vec<String> =
        judged.indices.iter().map(|index| format!("{} {}", index.pollutant.symbol(), index.iaqi)).collect();
    let largest = judged.indices.iter().map(|index| index.iaqi).max()?;
    lines.push(format!("AQI = max({}) = {largest}", all.join(", ")));
    Some(lines.join("\n"))
}
