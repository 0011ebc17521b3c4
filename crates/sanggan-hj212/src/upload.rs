//! What a data logger sends; the simulator and the tests use it.

use sanggan_base::{Cadence, Flag, Millis};

use crate::{Edition, Packet, St, Suffix};

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
    pub fn real_time(_code: &str, _value: &str, _flag: Flag) -> DataPoint {
        todo!()
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

impl Upload {
    /// The packet; `at` becomes the QN (left out by 2005 for data). The answer bit is not set.
    pub fn packet(&self, edition: Edition, st: St, mn: &str, pw: &str, at: Millis) -> Packet {
        let _ = (edition, st, mn, pw, at);
        todo!()
    }
}
