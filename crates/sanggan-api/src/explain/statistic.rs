//! A computed hour, day, month or year.

use sanggan_base::{Grain, Millis, ParameterCode, StatKind, StationCode};
use sanggan_lake::{ReadQuery, Statistic};
use sanggan_pack::StationKind;
use sanggan_standards::{DayRule, Medium, statistics::month_days_required};

use super::recipe::{Asked, How, Recipe, recipes};
use super::{Asker, number, rules, title};
use crate::assess;
use crate::dto::{Counts, Explanation, LimitLine, Names, RuleInfo};
use crate::problem::{Answer, Problem};
use crate::routes::{series, stations};
use crate::{paths, words};

/// Values written out in a formula before it is cut short.
const FORMULA_VALUES_MAX: usize = 24;

/// Explains a statistic by what it was made of.
pub(crate) async fn statistic(
    asker: &Asker<'_>,
    grain: Grain,
    station: &StationCode,
    parameter: &ParameterCode,
    kind: StatKind,
    start: Millis,
) -> Answer<Explanation> {
    let state = asker.state;
    let none = || {
        Problem::not_found(format!(
            "`{station}` has no {kind} of `{parameter}` for the {grain} {}",
            paths::period(grain, start)
        ))
    };
    let id = assess::computed(state, station, parameter).ok_or_else(none)?;
    let query = ReadQuery { series: vec![id], from: start, to: start.next(grain), as_of: asker.as_of };
    let rows = state.lake().read_statistics(query, grain, vec![kind]).await?;
    let row = rows.into_iter().find(|row| row.start == start).ok_or_else(none)?;
    let asked = Asked { station, parameter, grain, kind, start };
    let mut found = recipes(asker, &asked).await?;
    let proven = found.iter().position(|recipe| !recipe.parts.is_empty() && recipe.gives(&row));
    let listed = || found.iter().position(|recipe| !recipe.parts.is_empty());
    let chosen = proven.or_else(listed);
    let recipe = match chosen {
        Some(index) => found.swap_remove(index),
        None => Recipe { parts: Vec::new(), how: How::Listed },
    };
    let unit = series::statistic_unit(state, station, parameter.as_str(), kind);
    let mut rule = rule(asker, station, grain, kind, start);
    if proven.is_none() && recipe.how != How::Listed {
        // The inputs as they are now do not give the stored figure: a newer one is being computed.
        let note = Names::new(
            "输入数据在计算之后有变化，新结果正在计算。",
            "The inputs changed after this was computed; a newer figure is on its way.",
        );
        rule.note = Some(match rule.note {
            None => note,
            Some(old) => Names::new(format!("{}\n{}", old.zh, note.zh), format!("{}\n{}", old.en, note.en)),
        });
    }
    let formula = formula(&recipe, &row, &unit);
    let (inputs, excluded): (Vec<_>, Vec<_>) = recipe.parts.into_iter().partition(|part| part.input.used);
    Ok(Explanation {
        title: title(
            state,
            station,
            &[words::parameter(state, parameter.as_str()), words::kind(kind), words::period(grain, start)],
        ),
        value: row.value,
        unit,
        valid: row.valid,
        verdict: None,
        rule,
        formula,
        counts: Counts { used: row.used, required: row.required, excluded: row.excluded },
        inputs: inputs.into_iter().map(|part| part.input).collect(),
        excluded: excluded.into_iter().map(|part| part.input).collect(),
        frame: None,
        limits: limits(asker, station, parameter, grain, kind, start),
        as_of: asker.as_of_text(),
    })
}

/// The steps with the numbers filled in.
fn formula(recipe: &Recipe, row: &Statistic, unit: &str) -> Option<String> {
    let used: Vec<f64> = recipe.parts.iter().filter_map(|part| part.value).collect();
    let value = number(row.value?);
    let list = |sign: &str| {
        let shown: Vec<String> = used.iter().take(FORMULA_VALUES_MAX).map(|value| number(*value)).collect();
        let more = if used.len() > FORMULA_VALUES_MAX { format!("{sign}…") } else { String::new() };
        format!("{}{more}", shown.join(sign))
    };
    if used.is_empty() {
        return None;
    }
    Some(match recipe.how {
        How::Mean => {
            let sum: f64 = used.iter().sum();
            format!("({}) ÷ {n} = {} ÷ {n} = {value} {unit}", list(" + "), number(sum), n = used.len())
        }
        How::Circle => {
            format!("atan2(Σ sin, Σ cos), n = {}: {} → {value} {unit}", used.len(), list(", "))
        }
        How::Sum => format!("{} = {value} {unit}", list(" + ")),
        How::Largest => format!("max({}) = {value} {unit}", list(", ")),
        How::Percentile(percent) => {
            let mut sorted = used.clone();
            sorted.sort_by(f64::total_cmp);
            let n = sorted.len();
            let k = 1.0 + (n as f64 - 1.0) * f64::from(percent) / 100.0;
            let s = (k.floor() as usize).clamp(1, n);
            let low = sorted[s - 1];
            let high = sorted[s.min(n - 1)];
            format!(
                "n = {n}; k = 1 + (n − 1) × {percent}% = {k}; s = {s}\n\
                 X({s}) + (X({s1}) − X({s})) × (k − s) = {low} + ({high} − {low}) × {rest} = {value} {unit}",
                k = number(k),
                s1 = (s + 1).min(n),
                low = number(low),
                high = number(high),
                rest = number(k - s as f64),
            )
        }
        How::Listed => return None,
    })
}

/// The rule on the least amount of data, with its numbers from the standard's table.
fn rule(asker: &Asker<'_>, station: &StationCode, grain: Grain, kind: StatKind, start: Millis) -> RuleInfo {
    let state = asker.state;
    let day = start.local_date();
    let station_kind = state.registry().station(station).map(|station| station.kind);
    let medium = match station_kind {
        Some(StationKind::GasOutlet) => Medium::Gas,
        Some(StationKind::WaterOutlet | StationKind::SurfaceWater) => Medium::Water,
        Some(StationKind::Air) => Medium::Air,
        None if station.as_str().starts_with(assess::AREA_PREFIX) => Medium::Air,
        Some(StationKind::Unknown) | None => {
            return rules::of_platform(words::kind(kind));
        }
    };
    if medium != Medium::Air {
        let outlet = state.law().outlet_rules(medium, day);
        let text = match (grain, outlet.day) {
            (Grain::Hour, _) => minutes(outlet.hour_minutes_min),
            (Grain::Day, DayRule::Hours(hours)) => hours_text(hours),
            (Grain::Day, DayRule::PercentOfDischarge(percent)) => Names::new(
                format!("有效小时数不少于排放小时数的 {percent}%"),
                format!("valid hours for at least {percent} % of the hours with discharge"),
            ),
            (Grain::Month | Grain::Year, _) => match outlet.month_days_min {
                Some(days) => days_text(days),
                None => words::kind(kind),
            },
        };
        return rules::of_law(
            standard(outlet.edition.as_str()),
            outlet.edition.as_str(),
            &outlet.sourced,
            text,
        );
    }
    let air = state.law().air_rules(day);
    let area = station.as_str().starts_with(assess::AREA_PREFIX);
    let own = matches!(
        (grain, kind),
        (_, StatKind::Mda8 | StatKind::Mean24h | StatKind::P90 | StatKind::P95 | StatKind::P98)
    );
    let text = match (grain, kind) {
        _ if area && matches!(grain, Grain::Hour | Grain::Day) => Names::new(
            format!("区域内不少于 {}% 的点位有效，取其算术平均", air.area_stations_percent),
            format!(
                "the mean of the area's stations, of which at least {} % must be valid",
                air.area_stations_percent
            ),
        ),
        (Grain::Hour, StatKind::Mean8h) => Names::new(
            format!("截至该小时的连续8小时内不少于 {} 个有效小时值", air.mean_8h_hours_min),
            format!("at least {} valid hours of the eight that end with this one", air.mean_8h_hours_min),
        ),
        (Grain::Hour, StatKind::Mean24h) => hours_text(air.mean_24h_hours_min),
        (Grain::Hour, _) => minutes(air.hour_minutes_min),
        (Grain::Day, StatKind::Mda8) => Names::new(
            format!(
                "当日不少于 {} 个有效8小时滑动平均；不足而最大值超过 {} µg/m³ 时仍有效",
                air.mda8_windows_min,
                number(air.mda8_exceedance)
            ),
            format!(
                "at least {} valid 8-hour means in the day, or a largest one above {} µg/m³",
                air.mda8_windows_min,
                number(air.mda8_exceedance)
            ),
        ),
        (Grain::Day, _) => hours_text(air.day_hours_min),
        (Grain::Month, _) => days_text(month_days_required(air, day)),
        (Grain::Year, _) => Names::new(
            format!(
                "全年不少于 {} 个有效日均值，且每月不少于 {} 个（二月 {} 个）",
                air.year_days_min, air.month_days_min, air.february_days_min
            ),
            format!(
                "at least {} valid days in the year and {} in each month ({} in February)",
                air.year_days_min, air.month_days_min, air.february_days_min
            ),
        ),
    };
    // The tables in the order of their use: limits' validity table first, then the evaluation regulation's.
    let (sourced, edition) = if area && matches!(grain, Grain::Hour | Grain::Day) {
        (air.sourced.last(), air.editions.last())
    } else if own {
        (air.sourced.get(1).or(air.sourced.first()), air.editions.last())
    } else {
        (air.sourced.first(), air.editions.first())
    };
    match (sourced, edition) {
        (Some(sourced), Some(edition)) => {
            rules::of_law(standard(edition.as_str()), edition.as_str(), sourced, text)
        }
        _ => rules::of_platform(text),
    }
}

/// `HJ 663` of `HJ 663-2013`.
fn standard(edition: &str) -> &str {
    edition.split_once('-').map_or(edition, |(standard, _)| standard)
}

fn minutes(least: u32) -> Names {
    Names::new(
        format!("小时内有效数据覆盖不少于 {least} 分钟"),
        format!("valid values for at least {least} minutes of the hour"),
    )
}

fn hours_text(least: u32) -> Names {
    Names::new(format!("不少于 {least} 个有效小时值"), format!("at least {least} valid hours"))
}

fn days_text(least: u32) -> Names {
    Names::new(format!("不少于 {least} 个有效日值"), format!("at least {least} valid days"))
}

/// The averaging time of the limits a figure is compared with; `None` for a figure that is compared with none.
fn averaging(grain: Grain, kind: StatKind) -> Option<&'static str> {
    match (grain, kind) {
        (_, StatKind::Load | StatKind::Volume) | (Grain::Month, _) => None,
        // A moving mean is an input of the day's largest one or of an index; the limit is the day's.
        (_, StatKind::Mean8h | StatKind::Mean24h) => None,
        (Grain::Hour, _) => Some("hour"),
        (Grain::Day, StatKind::Mda8) => Some("mda8"),
        (Grain::Day, StatKind::MaxHour) => Some("hour"),
        (Grain::Day, _) => Some("day"),
        // A year's percentile of daily figures is held against the limit of those.
        (Grain::Year, StatKind::P90) => Some("mda8"),
        (Grain::Year, StatKind::P95 | StatKind::P98) => Some("day"),
        (Grain::Year, StatKind::Mean | StatKind::FlowWeightedMean | StatKind::ConvertedMean) => Some("year"),
        (Grain::Year, StatKind::Mda8 | StatKind::MaxHour) => None,
    }
}

/// The limits of the figure's own parameter and averaging time.
fn limits(
    asker: &Asker<'_>,
    station: &StationCode,
    parameter: &ParameterCode,
    grain: Grain,
    kind: StatKind,
    start: Millis,
) -> Vec<LimitLine> {
    let state = asker.state;
    let day = start.local_date();
    let Some(averaging) = averaging(grain, kind) else { return Vec::new() };
    let registry = state.registry();
    let own = registry.limits_on(station, parameter, day).map(|line| stations::limit_line(line));
    let air = match stations::kind_of(state, station) {
        crate::dto::StationKind::Air => stations::air_limits(state, day),
        _ => Vec::new(),
    };
    own.chain(air)
        .filter(|line| line.parameter == parameter.as_str() && line.averaging == averaging)
        .collect()
}
