//! What a data logger sends; the simulator and the tests use it.

use sanggan_base::{Cadence, Flag, Millis};

use crate::{Cn, Edition, Packet, St, Suffix, format_time};

/// The figures of one parameter in one upload.
#[derive(Debug, Clone, PartialEq)]
pub struct DataPoint {
    /// The parameter's code as sent.
    pub code: String,
    /// Figures in the order to send, e.g. `[(Min, "1.0"), (Avg, "1.2"), (Max, "1.5")]`; the text is sent as it is.
    pub figures: Vec<(Suffix, String)>,
    /// The data mark; [`Flag::Unmarked`] sends none.
    pub flag: Flag,
}

impl DataPoint {
    /// One momentary value.
    pub fn real_time(code: &str, value: &str, flag: Flag) -> DataPoint {
        DataPoint { code: code.to_owned(), figures: vec![(Suffix::Rtd, value.to_owned())], flag }
    }

    fn group(&self) -> String {
        let figures =
            self.figures.iter().map(|(suffix, text)| format!("{}-{}={text}", self.code, suffix.text()));
        let flag = mark(self.flag).map(|mark| format!("{}-Flag={mark}", self.code));
        figures.chain(flag).collect::<Vec<_>>().join(",")
    }
}

/// An upload of a device.
#[derive(Debug, Clone, PartialEq)]
pub enum Upload {
    /// 2011, 2051, 2061, 2031: values at a time (period data: its beginning).
    Data {
        /// Decides the command number.
        cadence: Cadence,
        /// `DataTime`.
        time: Millis,
        /// The values.
        points: Vec<DataPoint>,
    },
    /// 2021: states of facilities, number → state 0 to 5.
    DeviceState {
        /// `DataTime`.
        time: Millis,
        /// `SBn-RS`.
        states: Vec<(u16, u8)>,
    },
    /// 2041: hours that facilities ran in a day.
    DeviceDay {
        /// `DataTime`.
        time: Millis,
        /// `SBn-RT`.
        hours: Vec<(u16, f64)>,
    },
    /// 2081: the logger was switched on.
    Restart {
        /// `DataTime`.
        time: Millis,
        /// `RestartTime`.
        restarted: Millis,
    },
    /// 1013: asks for the time.
    AskTime,
    /// 1011: the device's clock.
    Time(Millis),
    /// 1061: the real-time interval in seconds.
    RtdInterval(u16),
    /// 1063: the minute interval in minutes.
    MinInterval(u8),
    /// 9015: heartbeat (2025).
    Heartbeat,
}

/// The letter of a flag; the flags that only the platform sets have none.
fn mark(flag: Flag) -> Option<char> {
    Some(match flag {
        Flag::Normal => 'N',
        Flag::Stopped => 'F',
        Flag::Maintenance => 'M',
        Flag::Manual => 'S',
        Flag::Fault => 'D',
        Flag::Calibration => 'C',
        Flag::OverRange => 'T',
        Flag::NoContact => 'B',
        _ => return None,
    })
}

impl Upload {
    /// Its command number.
    pub fn cn(&self) -> Cn {
        match self {
            Upload::Data { cadence, .. } => match cadence {
                Cadence::RealTime | Cadence::Computed => Cn::REAL_TIME,
                Cadence::Minute => Cn::MINUTE,
                Cadence::Hour => Cn::HOUR,
                Cadence::Day => Cn::DAY,
            },
            Upload::DeviceState { .. } => Cn::DEVICE_STATE,
            Upload::DeviceDay { .. } => Cn::DEVICE_DAY,
            Upload::Restart { .. } => Cn::RESTART,
            Upload::AskTime => Cn::ASK_TIME,
            Upload::Time(_) => Cn::TIME,
            Upload::RtdInterval(_) => Cn::RTD_INTERVAL,
            Upload::MinInterval(_) => Cn::MIN_INTERVAL,
            Upload::Heartbeat => Cn::HEARTBEAT,
        }
    }

    fn groups(&self) -> Vec<String> {
        let at = |time: &Millis| format!("DataTime={}", format_time(*time));
        match self {
            Upload::Data { time, points, .. } => {
                [at(time)].into_iter().chain(points.iter().map(DataPoint::group)).collect()
            }
            Upload::DeviceState { time, states } => {
                let states = states.iter().map(|(number, state)| format!("SB{number}-RS={state}"));
                [at(time)].into_iter().chain(states).collect()
            }
            Upload::DeviceDay { time, hours } => {
                let hours = hours.iter().map(|(number, hours)| format!("SB{number}-RT={hours}"));
                [at(time)].into_iter().chain(hours).collect()
            }
            Upload::Restart { time, restarted } => {
                vec![at(time), format!("RestartTime={}", format_time(*restarted))]
            }
            Upload::AskTime | Upload::Heartbeat => Vec::new(),
            Upload::Time(time) => vec![format!("SystemTime={}", format_time(*time))],
            Upload::RtdInterval(seconds) => vec![format!("RtdInterval={seconds}")],
            Upload::MinInterval(minutes) => vec![format!("MinInterval={minutes}")],
        }
    }

    /// The packet; `at` becomes the QN. The answer bit is not set.
    ///
    /// 2005 has neither QN nor flag on uploads; a time request or an uploaded setting carries the QN in its
    /// data area there.
    pub fn packet(&self, edition: Edition, st: St, mn: &str, pw: &str, at: Millis) -> Packet {
        let mut packet = Packet::new(edition, st, self.cn(), at).device(mn, pw);
        packet.groups = self.groups();
        if edition == Edition::Y2005 {
            packet.with_flag = false;
            let qn = packet.qn.take();
            if !self.cn().is_data() && *self != Upload::Heartbeat {
                packet.groups.splice(0..0, qn.map(|qn| format!("QN={qn}")));
            }
        }
        packet
    }
}
