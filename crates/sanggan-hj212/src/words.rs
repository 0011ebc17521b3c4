//! The small closed words of the protocol: edition, flag, command number, system code, result codes.

use sanggan_base::Cadence;

/// Which edition of the standard a packet follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Edition {
    /// HJ/T 212-2005.
    #[serde(rename = "2005")]
    Y2005,
    /// HJ 212-2017.
    #[serde(rename = "2017")]
    Y2017,
    /// HJ 212-2025.
    #[serde(rename = "2025")]
    Y2025,
}

impl Edition {
    /// Every edition, oldest first.
    pub const ALL: [Edition; 3] = [Edition::Y2005, Edition::Y2017, Edition::Y2025];

    /// The year as text, as in files and the API.
    pub fn name(self) -> &'static str {
        match self {
            Edition::Y2005 => "2005",
            Edition::Y2017 => "2017",
            Edition::Y2025 => "2025",
        }
    }

    /// The edition with this name.
    pub fn from_name(name: &str) -> Option<Edition> {
        Edition::ALL.into_iter().find(|edition| edition.name() == name)
    }

    /// The version number in the six high bits of `Flag`.
    pub fn version(self) -> u8 {
        self as u8
    }
}

/// The `Flag` of a packet: `V5 V4 V3 V2 V1 V0 D A`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct PacketFlag(pub u8);

impl PacketFlag {
    /// Makes a flag.
    pub fn new(edition: Edition, answer: bool, split: bool) -> PacketFlag {
        PacketFlag(edition.version() << 2 | u8::from(split) << 1 | u8::from(answer))
    }

    /// Whether the sender wants an answer (bit 0).
    pub fn answer(self) -> bool {
        self.0 & 1 != 0
    }

    /// Whether the packet says it has a number and a total (bit 1).
    ///
    /// HJ/T 212-2005 sets this bit on requests that are not split at all; see
    /// [`Message::is_split`](crate::Message::is_split).
    pub fn split(self) -> bool {
        self.0 & 2 != 0
    }

    /// The version number in bits 2 to 7.
    pub fn version(self) -> u8 {
        self.0 >> 2
    }

    /// The edition of the version number; a version from the future reads as the newest.
    pub fn edition(self) -> Edition {
        match self.version() {
            0 => Edition::Y2005,
            1 => Edition::Y2017,
            _ => Edition::Y2025,
        }
    }
}

/// A command number (命令编码), e.g. 2011.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Cn(pub u16);

macro_rules! command_numbers {
    ($($constant:ident = $number:literal, $zh:literal, $en:literal;)+) => {
        impl Cn {
            $(#[doc = concat!($zh, " ", $en, ".")] pub const $constant: Cn = Cn($number);)+

            /// Every command number that an edition defines.
            pub const ALL: &'static [Cn] = &[$(Cn::$constant),+];

            /// What it means, in Chinese and English, if an edition defines it.
            pub fn meaning(self) -> Option<(&'static str, &'static str)> {
                match self.0 { $($number => Some(($zh, $en)),)+ _ => None }
            }
        }
    };
}

command_numbers! {
    SET_TIMEOUT = 1000, "设置超时时间及重发次数", "set timeout and number of resends";
    SERIAL_NUMBER = 1001, "上传数采仪硬件序号", "upload hardware serial number";
    SET_MN = 1002, "设置数采仪MN编码", "set the MN";
    TIME = 1011, "提取/上传现场机时间", "get or upload the device clock";
    SET_TIME = 1012, "设置现场机时间", "set the device clock";
    ASK_TIME = 1013, "现场机时间校准请求", "device asks for the time";
    KEY = 1014, "密钥更新", "ask for or set a new key";
    RTD_INTERVAL = 1061, "提取/上传实时数据间隔", "get or upload the real-time interval";
    SET_RTD_INTERVAL = 1062, "设置实时数据间隔", "set the real-time interval";
    MIN_INTERVAL = 1063, "提取/上传分钟数据间隔", "get or upload the minute interval";
    SET_MIN_INTERVAL = 1064, "设置分钟数据间隔", "set the minute interval";
    SET_PASSWORD = 1072, "设置现场机密码", "set the password";
    REAL_TIME = 2011, "实时数据", "real-time data";
    STOP_REAL_TIME = 2012, "停止察看实时数据", "stop real-time data";
    RAW = 2013, "原始监测数据", "raw monitoring data";
    DEVICE_STATE = 2021, "设备运行状态数据", "state of treatment facilities";
    STOP_DEVICE_STATE = 2022, "停止察看设备运行状态", "stop facility state";
    DAY = 2031, "日历史数据", "day data";
    DEVICE_DAY = 2041, "设备运行时间日历史数据", "running time of facilities per day";
    MINUTE = 2051, "分钟数据", "minute data";
    NOISE_SINGLE = 2052, "噪声单次测量数据", "single noise measurement";
    HOUR = 2061, "小时数据", "hour data";
    CHECK = 2062, "自动标样核查数据", "automatic standard-sample check";
    ALARM = 2072, "报警数据(2005)", "alarm (2005)";
    ALARM_EVENT = 2073, "上传报警事件(2005)", "alarm event (2005)";
    RESTART = 2081, "上传数采仪开机时间", "upload start-up time";
    FURNACE = 2111, "炉膛温度5分钟均值", "5-minute mean furnace temperature";
    CALIBRATE = 3011, "零点校准量程校准", "zero and span calibration";
    SAMPLE_NOW = 3012, "即时采样", "sample now";
    CLEAN = 3013, "启动清洗/反吹", "start cleaning";
    COMPARE = 3014, "比对采样", "comparison sample";
    KEEP_SAMPLE = 3015, "超标留样", "keep sample on exceedance";
    SET_CYCLE = 3016, "设置采样时间周期", "set sampling cycle";
    CYCLE = 3017, "提取/上传采样时间周期", "get or upload sampling cycle";
    SAMPLE_TIME = 3018, "提取/上传出样时间", "get or upload time to result";
    IDENTITY = 3019, "提取/上传设备唯一标识", "get or upload device identity";
    SITE_INFO = 3020, "提取/上传现场机信息", "get or upload site information";
    SET_PARAMETER = 3021, "设置现场机参数", "set a site parameter";
    KEEP_SAMPLE_NOW = 3022, "即时留样", "keep a sample now";
    START_CHECK = 3024, "启动标样核查", "start a standard-sample check";
    REQUEST_ANSWER = 9011, "请求应答", "answer to a request";
    RESULT = 9012, "执行结果", "result of a request";
    NOTICE_ANSWER = 9013, "通知应答", "answer to a notice";
    DATA_ANSWER = 9014, "数据应答", "answer to data";
    HEARTBEAT = 9015, "心跳包", "heartbeat";
}

impl Cn {
    /// How often values under this command number come, if it carries values.
    pub fn cadence(self) -> Option<Cadence> {
        match self {
            Cn::REAL_TIME => Some(Cadence::RealTime),
            Cn::MINUTE | Cn::FURNACE => Some(Cadence::Minute),
            Cn::HOUR => Some(Cadence::Hour),
            Cn::DAY => Some(Cadence::Day),
            _ => None,
        }
    }

    /// Whether it belongs to the data group (2000 to 2999).
    pub fn is_data(self) -> bool {
        (2000..3000).contains(&self.0)
    }

    /// Whether it is an answer or result itself (9011 to 9014), which nobody answers.
    pub fn is_answer(self) -> bool {
        (9011..=9014).contains(&self.0)
    }
}

impl std::fmt::Display for Cn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

/// A system code (系统编码): two characters `0-9A-Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct St([u8; 2]);

impl St {
    /// 地表水质量监测 surface water quality.
    pub const SURFACE_WATER: St = St(*b"21");
    /// 空气质量监测 air quality.
    pub const AIR: St = St(*b"22");
    /// 声环境质量监测 noise.
    pub const NOISE: St = St(*b"23");
    /// 挥发性有机物监测 volatile organic compounds.
    pub const VOC: St = St(*b"27");
    /// 大气环境污染源 flue gas and other air sources.
    pub const AIR_SOURCE: St = St(*b"31");
    /// 地表水体环境污染源 waste-water sources.
    pub const WATER_SOURCE: St = St(*b"32");
    /// 工地扬尘污染源 construction dust.
    pub const DUST: St = St(*b"39");
    /// 用电监控 electricity of treatment facilities (2025).
    pub const ELECTRICITY: St = St(*b"44");
    /// 关键生产工况 key process state (2025).
    pub const PROCESS: St = St(*b"45");
    /// 系统交互 interaction: answers.
    pub const INTERACTION: St = St(*b"91");

    /// Two characters `0-9A-Z` (lower case is raised), else `None`.
    pub fn parse(text: &str) -> Option<St> {
        let [a, b] = *text.as_bytes() else { return None };
        let pair = [a.to_ascii_uppercase(), b.to_ascii_uppercase()];
        pair.iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()).then_some(St(pair))
    }

    /// The two characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only ASCII letters and digits get in")
    }

    /// What it stands for, in Chinese and English, if an edition defines it.
    pub fn meaning(self) -> Option<(&'static str, &'static str)> {
        Some(match &self.0 {
            b"21" => ("地表水质量监测", "surface water quality"),
            b"22" => ("空气质量监测", "air quality"),
            b"23" => ("声环境质量监测", "noise"),
            b"24" => ("地下水质量监测", "groundwater quality"),
            b"25" => ("土壤质量监测", "soil quality"),
            b"26" => ("海水质量监测", "sea-water quality"),
            b"27" => ("挥发性有机物监测", "volatile organic compounds"),
            b"31" => ("大气环境污染源", "air pollution source"),
            b"32" => ("地表水体环境污染源", "surface-water pollution source"),
            b"33" => ("地下水体环境污染源", "groundwater pollution source"),
            b"34" => ("海洋环境污染源", "marine pollution source"),
            b"35" => ("土壤环境污染源", "soil pollution source"),
            b"36" => ("声环境污染源", "noise source"),
            b"37" => ("振动环境污染源", "vibration source"),
            b"38" => ("放射性环境污染源", "radiation source"),
            b"39" => ("工地扬尘污染源", "construction dust"),
            b"41" => ("电磁环境污染源", "electromagnetic source"),
            b"44" => ("用电监控", "electricity monitoring"),
            b"45" => ("关键生产工况监控", "key process state"),
            b"51" => ("烟气排放过程监控", "flue-gas process"),
            b"52" => ("污水排放过程监控", "waste-water process"),
            b"91" => ("系统交互", "interaction"),
            _ => return None,
        })
    }
}

impl std::fmt::Display for St {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for St {
    type Error = String;
    fn try_from(text: String) -> Result<St, String> {
        St::parse(&text).ok_or_else(|| format!("not a system code: `{text}`"))
    }
}

impl From<St> for String {
    fn from(st: St) -> String {
        st.as_str().to_owned()
    }
}

/// The result of a request as the device first answers it (请求返回, in 9011).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QnRtn {
    /// 1 准备执行请求 about to carry it out.
    Ready,
    /// 2 请求被拒绝 refused.
    Refused,
    /// 3 PW错误.
    BadPassword,
    /// 4 MN错误.
    BadMn,
    /// 5 ST错误.
    BadSt,
    /// 6 Flag错误.
    BadFlag,
    /// 7 QN错误.
    BadQn,
    /// 8 CN错误.
    BadCn,
    /// 9 CRC校验错误.
    BadCrc,
    /// 100 未知错误, or a number no edition defines.
    Other(u16),
}

impl QnRtn {
    /// The meaning of a number.
    pub fn from_number(number: u16) -> QnRtn {
        match number {
            1 => QnRtn::Ready,
            2 => QnRtn::Refused,
            3 => QnRtn::BadPassword,
            4 => QnRtn::BadMn,
            5 => QnRtn::BadSt,
            6 => QnRtn::BadFlag,
            7 => QnRtn::BadQn,
            8 => QnRtn::BadCn,
            9 => QnRtn::BadCrc,
            other => QnRtn::Other(other),
        }
    }

    /// The number as sent.
    pub fn number(self) -> u16 {
        match self {
            QnRtn::Ready => 1,
            QnRtn::Refused => 2,
            QnRtn::BadPassword => 3,
            QnRtn::BadMn => 4,
            QnRtn::BadSt => 5,
            QnRtn::BadFlag => 6,
            QnRtn::BadQn => 7,
            QnRtn::BadCn => 8,
            QnRtn::BadCrc => 9,
            QnRtn::Other(number) => number,
        }
    }
}

/// The result of a request after the device carried it out (执行结果, in 9012).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExeRtn {
    /// 1 执行成功 done.
    Done,
    /// 2 执行失败，但不知道原因 failed, reason unknown.
    Failed,
    /// 3 命令请求条件错误 wrong conditions.
    BadConditions,
    /// 4 通讯超时 timed out.
    TimedOut,
    /// 5 系统繁忙不能执行 busy.
    Busy,
    /// 6 系统故障 faulty.
    Fault,
    /// 100 没有数据 no data.
    NoData,
    /// A number no edition defines.
    Other(u16),
}

impl ExeRtn {
    /// The meaning of a number.
    pub fn from_number(number: u16) -> ExeRtn {
        match number {
            1 => ExeRtn::Done,
            2 => ExeRtn::Failed,
            3 => ExeRtn::BadConditions,
            4 => ExeRtn::TimedOut,
            5 => ExeRtn::Busy,
            6 => ExeRtn::Fault,
            100 => ExeRtn::NoData,
            other => ExeRtn::Other(other),
        }
    }

    /// The number as sent.
    pub fn number(self) -> u16 {
        match self {
            ExeRtn::Done => 1,
            ExeRtn::Failed => 2,
            ExeRtn::BadConditions => 3,
            ExeRtn::TimedOut => 4,
            ExeRtn::Busy => 5,
            ExeRtn::Fault => 6,
            ExeRtn::NoData => 100,
            ExeRtn::Other(number) => number,
        }
    }
}
