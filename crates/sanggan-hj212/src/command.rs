//! What the platform tells a device to do.

use sanggan_base::Millis;

use crate::{Cn, Edition, Packet, St};

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
        todo!()
    }

    /// The packet for one device; `at` becomes the request number that its answers carry.
    pub fn packet(&self, edition: Edition, st: St, mn: &str, pw: &str, at: Millis) -> Packet {
        let _ = (edition, st, mn, pw, at);
        todo!()
    }
}
