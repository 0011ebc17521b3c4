//! The words of answers in both languages. No number of a standard stands here.

use jiff::civil::Date;
use sanggan_base::{Cadence, Flag, Grain, Measure, Millis, ParameterCode, StatKind, StationCode, Unit};
use sanggan_pack::{Name, StationKind};
use sanggan_standards::{Pollutant, Status, Text, Unjudged};

use crate::AppState;
use crate::assess::AREA_PREFIX;
use crate::dto::{self, Names};

impl From<&Name> for Names {
    fn from(name: &Name) -> Names {
        Names::new(&name.zh, &name.en)
    }
}

impl From<&Text> for Names {
    fn from(text: &Text) -> Names {
        Names::new(&text.zh, &text.en)
    }
}

impl From<StationKind> for dto::StationKind {
    fn from(kind: StationKind) -> dto::StationKind {
        match kind {
            StationKind::Air => dto::StationKind::Air,
            StationKind::WaterOutlet => dto::StationKind::WaterOutlet,
            StationKind::GasOutlet => dto::StationKind::GasOutlet,
            StationKind::SurfaceWater => dto::StationKind::SurfaceWater,
            StationKind::Unknown => dto::StationKind::Unknown,
        }
    }
}

impl From<dto::StationKind> for StationKind {
    fn from(kind: dto::StationKind) -> StationKind {
        match kind {
            dto::StationKind::Air => StationKind::Air,
            dto::StationKind::WaterOutlet => StationKind::WaterOutlet,
            dto::StationKind::GasOutlet => StationKind::GasOutlet,
            dto::StationKind::SurfaceWater => StationKind::SurfaceWater,
            dto::StationKind::Unknown => StationKind::Unknown,
        }
    }
}

/// The name of a parameter; of an unknown one its code.
pub(crate) fn parameter(state: &AppState, code: &str) -> Names {
    state.pack().parameters.get(code).map_or_else(|| Names::same(code), |row| Names::from(&row.name))
}

/// The short form of a parameter (`PM2.5`); of an unknown one its code.
pub(crate) fn symbol<'a>(state: &'a AppState, code: &'a str) -> &'a str {
    state.pack().parameters.get(code).map_or(code, |row| &row.symbol)
}

/// The unit in which a parameter is kept at a station or for an area.
pub(crate) fn unit(state: &AppState, station: &StationCode, code: &str) -> Unit {
    let kind = match state.registry().station(station) {
        Some(station) => station.kind,
        None if station.as_str().starts_with(AREA_PREFIX) => StationKind::Air,
        None => StationKind::Unknown,
    };
    state.pack().parameters.unit(code, kind).unwrap_or(Unit::None)
}

/// The name of a station or area; of an unknown one its code.
pub(crate) fn station(state: &AppState, code: &StationCode) -> Names {
    if let Some(station) = state.registry().station(code) {
        return Names::from(&station.name);
    }
    let city = &state.pack().city;
    match code.as_str().strip_prefix(AREA_PREFIX) {
        Some(area) if area == city.code.as_str() => Names::from(&city.name),
        Some(area) => {
            city.area(area).map_or_else(|| Names::same(code.as_str()), |area| Names::from(&area.name))
        }
        None => Names::same(code.as_str()),
    }
}

/// What a statistic is called.
pub(crate) fn kind(kind: StatKind) -> Names {
    match kind {
        StatKind::Mean => Names::new("平均浓度", "mean"),
        StatKind::Mean8h => Names::new("8小时滑动平均", "8-hour moving mean"),
        StatKind::Mda8 => Names::new("日最大8小时平均", "largest 8-hour mean of the day"),
        StatKind::MaxHour => Names::new("最大小时值", "largest hourly mean"),
        StatKind::P90 => Names::new("第90百分位数", "90th percentile"),
        StatKind::P95 => Names::new("第95百分位数", "95th percentile"),
        StatKind::P98 => Names::new("第98百分位数", "98th percentile"),
        StatKind::FlowWeightedMean => Names::new("流量加权平均浓度", "flow-weighted mean"),
        StatKind::Load => Names::new("排放量", "discharged mass"),
        StatKind::Volume => Names::new("排放体积", "discharged volume"),
        StatKind::Mean24h => Names::new("24小时滑动平均", "24-hour moving mean"),
        StatKind::ConvertedMean => Names::new("折算浓度均值", "mean at reference oxygen"),
    }
}

/// What a measure is called.
pub(crate) fn measure(measure: Measure) -> Names {
    match measure {
        Measure::Mean => Names::new("均值", "mean"),
        Measure::Min => Names::new("最小值", "minimum"),
        Measure::Max => Names::new("最大值", "maximum"),
        Measure::Total => Names::new("累计值", "total"),
        Measure::ConvertedMean => Names::new("折算均值", "converted mean"),
        Measure::ConvertedMin => Names::new("折算最小值", "converted minimum"),
        Measure::ConvertedMax => Names::new("折算最大值", "converted maximum"),
        Measure::ConvertedTotal => Names::new("折算累计值", "converted total"),
    }
}

/// What a cadence is called.
pub(crate) fn cadence(cadence: Cadence) -> Names {
    match cadence {
        Cadence::RealTime => Names::new("实时数据", "real-time value"),
        Cadence::Minute => Names::new("分钟数据", "minute value"),
        Cadence::Hour => Names::new("小时数据", "hour value sent by the device"),
        Cadence::Day => Names::new("日数据", "day value sent by the device"),
        Cadence::Computed => Names::new("平台计算", "computed by the platform"),
    }
}

/// Why a flagged value is not used; `None` for a valid flag.
pub(crate) fn why_not(flag: Flag) -> Option<Names> {
    Some(match flag {
        Flag::Normal | Flag::Unmarked => return None,
        Flag::Stopped => Names::new("停运（F）", "facility stopped (F)"),
        Flag::Maintenance => Names::new("维护（M）", "maintenance (M)"),
        Flag::Manual => Names::new("手工输入（S）", "set by hand (S)"),
        Flag::Fault => Names::new("仪器故障（D）", "instrument fault (D)"),
        Flag::Calibration => Names::new("校准（C）", "calibrating (C)"),
        Flag::OverRange => Names::new("超过测量上限（T）", "above the measuring range (T)"),
        Flag::NoContact => Names::new("通讯异常（B）", "no contact with the instrument (B)"),
        Flag::UnknownMark => Names::new("标准中没有的标记", "a mark no edition knows"),
        Flag::ClockSuspect => Names::new("设备时钟不可信", "the device's clock cannot be right"),
        Flag::Implausible => Names::new("数值不可能", "a value that cannot be"),
        Flag::Invalid => Names::new("已判无效", "marked invalid"),
    })
}

/// Why the law gives no answer.
pub(crate) fn unjudged(why: &Unjudged) -> Names {
    let zh = match why {
        Unjudged::NoEditionInForce { standard, day, .. } => format!("{day} 无全国实施的 {standard} 版本"),
        Unjudged::NoSuchEdition { standard, edition } => format!("{standard} 没有版本“{edition}”"),
        Unjudged::NoLimit { edition, parameter, averaging } => {
            format!("{edition} 没有 {parameter}（{averaging}）的限值")
        }
        Unjudged::NothingMeasured => "没有有效监测值".to_owned(),
        Unjudged::Incomplete { missing, would_be, publish_above } => format!(
            "缺少 {}；其余项目指数最大为 {would_be}，未超过 {publish_above}，不予发布",
            missing.iter().map(|pollutant| pollutant.symbol()).collect::<Vec<_>>().join("、")
        ),
        Unjudged::TooFewData { used, required } => format!("数据不足：{used}/{required}"),
        Unjudged::NotAConcentration { value } => format!("“{value}”不是浓度值"),
        Unjudged::Missing { pollutant, averaging } => format!("缺少 {pollutant} 的 {averaging} 值"),
        other => other.to_string(),
    };
    Names::new(zh, why.to_string())
}

/// How sure the platform is of a table.
pub(crate) fn status(status: Status) -> &'static str {
    match status {
        Status::Confirmed => "confirmed",
        Status::Unconfirmed => "unconfirmed",
    }
}

/// A period, as people write it.
pub(crate) fn period(grain: Grain, start: Millis) -> Names {
    let local = start.local();
    let date = local.date();
    match grain {
        Grain::Hour => {
            let end = start.next(Grain::Hour).local();
            Names::same(format!(
                "{date} {:02}:00–{:02}:00",
                local.hour(),
                if end.hour() == 0 { 24 } else { end.hour() }
            ))
        }
        Grain::Day => Names::new(chinese_date(date), date.to_string()),
        Grain::Month => Names::new(
            format!("{}年{}月", date.year(), date.month()),
            format!("{:04}-{:02}", date.year(), date.month()),
        ),
        Grain::Year => Names::new(format!("{}年", date.year()), format!("{}", date.year())),
    }
}

fn chinese_date(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// The six pollutants of the index, as parameter codes.
pub(crate) fn codes(pollutants: &[Pollutant]) -> Vec<String> {
    pollutants.iter().map(|pollutant| pollutant.code_str().to_owned()).collect()
}

/// An exact decimal of the law as the binary number that JSON carries.
pub(crate) fn number(decimal: impl std::fmt::Display) -> Option<f64> {
    decimal.to_string().parse().ok()
}

/// The unit of a parameter's totals as the wire sends them.
pub(crate) fn total_unit(state: &AppState, code: &str) -> Unit {
    state.pack().parameters.get(code).and_then(|row| row.total).unwrap_or(Unit::Kg)
}

/// The stations an area's figures are made of; all air stations for the city.
pub(crate) fn member_stations(state: &AppState, area: &StationCode) -> Vec<StationCode> {
    let Some(code) = area.as_str().strip_prefix(AREA_PREFIX) else { return Vec::new() };
    let city = code == state.pack().city.code.as_str();
    let registry = state.registry();
    registry
        .stations_of_kind(StationKind::Air)
        .filter(|station| city || station.area.as_str() == code)
        .map(|station| station.code.clone())
        .collect()
}

/// The parameters a load or flow-weighted mean of `parameter` is made of: itself and the station's flows.
pub(crate) fn flow_parameters(
    state: &AppState,
    station: &StationCode,
    parameter: &ParameterCode,
) -> Vec<ParameterCode> {
    let is_flow = |code: &ParameterCode| {
        const FLOWS: [Unit; 3] = [Unit::LPerS, Unit::M3PerS, Unit::M3PerH];
        FLOWS.contains(&unit(state, station, code.as_str()))
    };
    let mut found: Vec<ParameterCode> = state
        .lake()
        .series_of(station)
        .into_iter()
        .map(|(_, key)| key.parameter)
        .filter(|code| code == parameter || is_flow(code))
        .collect();
    found.sort();
    found.dedup();
    found
}
