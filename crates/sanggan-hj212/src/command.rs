//! What the platform tells a device to do.

use sanggan_base::Millis;

use crate::{Cn, Edition, Packet, St, format_qn, format_time};

/// A stretch of time, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    /// First moment.
    pub begin: Millis,
    /// Last moment.
    pub end: Millis,
}

/// A request or notice of the platform.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// 1000 设置超时时间及重发次数.
    SetTimeout {
        /// Seconds, 1 to 99.
        over_time: u8,
        /// Resends, 1 to 99.
        re_count: u8,
    },
    /// 1002 设置数采仪MN编码 (2025).
    SetMn {
        /// The new MN.
        mn: String,
    },
    /// 1011 提取现场机时间.
    GetTime {
        /// Of this instrument, or of the logger.
        pol_id: Option<String>,
    },
    /// 1012 设置现场机时间.
    SetTime {
        /// Of this instrument, or of the logger.
        pol_id: Option<String>,
        /// The time to set.
        time: Millis,
    },
    /// 1014 设置新密钥 (2025).
    SetKey {
        /// When the key was made.
        created: Millis,
        /// The 16 characters of the key.
        key: String,
    },
    /// 1061 提取实时数据间隔.
    GetRtdInterval,
    /// 1062 设置实时数据间隔.
    SetRtdInterval {
        /// Seconds, 30 to 3600.
        seconds: u16,
    },
    /// 1063 提取分钟数据间隔.
    GetMinInterval,
    /// 1064 设置分钟数据间隔.
    SetMinInterval {
        /// Minutes: 1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30.
        minutes: u8,
    },
    /// 1072 设置现场机密码.
    SetPassword {
        /// The new password.
        password: String,
    },
    /// 2011 取污染物实时数据.
    StartRealTime,
    /// 2012 停止察看污染物实时数据.
    StopRealTime,
    /// 2021 取设备运行状态数据.
    StartDeviceState,
    /// 2022 停止察看设备运行状态.
    StopDeviceState,
    /// 2031 取污染物日历史数据.
    DayHistory(TimeRange),
    /// 2041 取设备运行时间日历史数据.
    DeviceDayHistory(TimeRange),
    /// 2051 取污染物分钟数据.
    MinuteHistory(TimeRange),
    /// 2061 取污染物小时数据.
    HourHistory(TimeRange),
    /// 3011 零点校准量程校准.
    Calibrate {
        /// The parameter.
        pol_id: String,
    },
    /// 3012 即时采样.
    SampleNow {
        /// The parameter.
        pol_id: String,
    },
    /// 3013 启动清洗/反吹.
    Clean {
        /// The parameter.
        pol_id: String,
    },
    /// 3014 比对采样.
    Compare {
        /// The parameter.
        pol_id: String,
    },
    /// 3015 超标留样.
    KeepSample,
    /// 3016 设置采样时间周期.
    SetCycle {
        /// The parameter.
        pol_id: String,
        /// `hhmmss` of the first sample.
        start: String,
        /// Hours, 1 to 24.
        hours: u8,
    },
    /// 3017 提取采样时间周期.
    GetCycle {
        /// The parameter.
        pol_id: String,
    },
    /// 3018 提取出样时间.
    GetSampleTime {
        /// The parameter.
        pol_id: String,
    },
    /// 3019 提取设备唯一标识.
    GetIdentity {
        /// The parameter.
        pol_id: String,
    },
    /// 3020 提取现场机信息.
    GetInfo {
        /// The parameter.
        pol_id: String,
        /// Which information (`i11001` log, `i12001` state, `i13004` parameter).
        info_id: String,
        /// For logs.
        range: Option<TimeRange>,
    },
    /// 3021 设置现场机参数.
    SetInfo {
        /// The parameter.
        pol_id: String,
        /// Which information.
        info_id: String,
        /// The new value.
        value: String,
    },
    /// 3022 即时留样 (2025).
    KeepSampleNow {
        /// The parameter.
        pol_id: String,
    },
    /// 3024 启动标样核查 (2025).
    StartCheck {
        /// The parameter.
        pol_id: String,
    },
}

impl Command {
    /// Its command number.
    pub fn cn(&self) -> Cn {
        match self {
            Command::SetTimeout { .. } => Cn::SET_TIMEOUT,
            Command::SetMn { .. } => Cn::SET_MN,
            Command::GetTime { .. } => Cn::TIME,
            Command::SetTime { .. } => Cn::SET_TIME,
            Command::SetKey { .. } => Cn::KEY,
            Command::GetRtdInterval => Cn::RTD_INTERVAL,
            Command::SetRtdInterval { .. } => Cn::SET_RTD_INTERVAL,
            Command::GetMinInterval => Cn::MIN_INTERVAL,
            Command::SetMinInterval { .. } => Cn::SET_MIN_INTERVAL,
            Command::SetPassword { .. } => Cn::SET_PASSWORD,
            Command::StartRealTime => Cn::REAL_TIME,
            Command::StopRealTime => Cn::STOP_REAL_TIME,
            Command::StartDeviceState => Cn::DEVICE_STATE,
            Command::StopDeviceState => Cn::STOP_DEVICE_STATE,
            Command::DayHistory(_) => Cn::DAY,
            Command::DeviceDayHistory(_) => Cn::DEVICE_DAY,
            Command::MinuteHistory(_) => Cn::MINUTE,
            Command::HourHistory(_) => Cn::HOUR,
            Command::Calibrate { .. } => Cn::CALIBRATE,
            Command::SampleNow { .. } => Cn::SAMPLE_NOW,
            Command::Clean { .. } => Cn::CLEAN,
            Command::Compare { .. } => Cn::COMPARE,
            Command::KeepSample => Cn::KEEP_SAMPLE,
            Command::SetCycle { .. } => Cn::SET_CYCLE,
            Command::GetCycle { .. } => Cn::CYCLE,
            Command::GetSampleTime { .. } => Cn::SAMPLE_TIME,
            Command::GetIdentity { .. } => Cn::IDENTITY,
            Command::GetInfo { .. } => Cn::SITE_INFO,
            Command::SetInfo { .. } => Cn::SET_PARAMETER,
            Command::KeepSampleNow { .. } => Cn::KEEP_SAMPLE_NOW,
            Command::StartCheck { .. } => Cn::START_CHECK,
        }
    }

    /// The groups of its data area.
    fn groups(&self) -> Vec<String> {
        let one = |group: String| vec![group];
        let of = |pol_id: &str| format!("PolId={pol_id}");
        match self {
            Command::SetTimeout { over_time, re_count } => {
                vec![format!("OverTime={over_time}"), format!("ReCount={re_count}")]
            }
            Command::SetMn { mn } => one(format!("i23005-Info={mn}")),
            Command::GetTime { pol_id } => pol_id.iter().map(|id| of(id)).collect(),
            Command::SetTime { pol_id, time } => {
                let time = format!("SystemTime={}", format_time(*time));
                pol_id.iter().map(|id| of(id)).chain([time]).collect()
            }
            Command::SetKey { created, key } => {
                one(format!("SKCreateTime={},NewSK={key}", format_qn(*created)))
            }
            Command::SetRtdInterval { seconds } => one(format!("RtdInterval={seconds}")),
            Command::SetMinInterval { minutes } => one(format!("MinInterval={minutes}")),
            Command::SetPassword { password } => one(format!("NewPW={password}")),
            Command::GetRtdInterval
            | Command::GetMinInterval
            | Command::StartRealTime
            | Command::StopRealTime
            | Command::StartDeviceState
            | Command::StopDeviceState
            | Command::KeepSample => Vec::new(),
            Command::DayHistory(range)
            | Command::DeviceDayHistory(range)
            | Command::MinuteHistory(range)
            | Command::HourHistory(range) => vec![range.begin_field(), range.end_field()],
            Command::Calibrate { pol_id }
            | Command::SampleNow { pol_id }
            | Command::Clean { pol_id }
            | Command::Compare { pol_id }
            | Command::GetCycle { pol_id }
            | Command::GetSampleTime { pol_id }
            | Command::GetIdentity { pol_id }
            | Command::KeepSampleNow { pol_id }
            | Command::StartCheck { pol_id } => one(of(pol_id)),
            // The field table says `Ctime`, examples C.35 and C.36 and the devices say `CTime`.
            Command::SetCycle { pol_id, start, hours } => {
                vec![of(pol_id), format!("CstartTime={start}"), format!("CTime={hours}")]
            }
            Command::GetInfo { pol_id, info_id, range } => {
                let range = range.map(|range| format!("{},{}", range.begin_field(), range.end_field()));
                [of(pol_id), format!("InfoId={info_id}")].into_iter().chain(range).collect()
            }
            Command::SetInfo { pol_id, info_id, value } => {
                vec![of(pol_id), format!("InfoId={info_id}"), format!("{info_id}-Info={value}")]
            }
        }
    }

    /// The packet for one device; `at` becomes the request number that its answers carry.
    ///
    /// Every request and notice asks for an answer, as in annex C of 2017 and 2025.
    pub fn packet(&self, edition: Edition, st: St, mn: &str, pw: &str, at: Millis) -> Packet {
        let mut packet = Packet::new(edition, st, self.cn(), at).device(mn, pw).wanting_answer();
        packet.groups = self.groups();
        packet
    }
}

impl TimeRange {
    fn begin_field(&self) -> String {
        format!("BeginTime={}", format_time(self.begin))
    }

    fn end_field(&self) -> String {
        format!("EndTime={}", format_time(self.end))
    }
}
