//! What goes wrong, and when: schedules that depend on the time only.

use sanggan_base::{Flag, Millis, ParameterCode};

use crate::noise;

/// When something happens: for `for_ms` in every `every_ms`, beginning `offset_ms` after the epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// The distance from one occurrence to the next.
    pub every_ms: i64,
    /// How long one occurrence lasts.
    pub for_ms: i64,
    /// Shifts all occurrences.
    pub offset_ms: i64,
    /// The share of the occurrences that really come, 0 to 1.
    pub chance: f64,
}

impl Schedule {
    /// The beginning of the occurrence that lasts at `at`, if one does.
    pub fn since(&self, seed: u64, at: Millis) -> Option<Millis> {
        let every = self.every_ms.max(1);
        let shifted = at.0 - self.offset_ms;
        let number = shifted.div_euclid(every);
        if shifted.rem_euclid(every) >= self.for_ms {
            return None;
        }
        let bits = noise::hash(seed, &[number as u64, 991]);
        (noise::unit(bits) < self.chance).then(|| Millis(number * every + self.offset_ms))
    }
}

/// A fault of what is measured; it shows in history and live values alike.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueFault {
    /// The value is really too high.
    Exceedance {
        /// The usual value is multiplied by this at the height of the occurrence.
        factor: f64,
    },
    /// The instrument repeats its last value.
    Stuck,
    /// The instrument drifts.
    Drift {
        /// Share of the value added each hour.
        share_per_hour: f64,
    },
    /// The logger marks the value.
    Mark(
        /// The flag it marks it with.
        Flag,
    ),
    /// Nothing is sent.
    Silent,
}

/// One value fault with its schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduledFault {
    /// The parameter it strikes; `None`: all of the station.
    pub parameter: Option<ParameterCode>,
    /// What happens.
    pub fault: ValueFault,
    /// When.
    pub schedule: Schedule,
}

/// A fault of the packet or of the link. Real devices do all of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireFault {
    /// The check sum is wrong.
    BadCrc,
    /// The length field is wrong.
    WrongLength,
    /// There is no QN.
    MissingQn,
    /// The digits of the DataTime stand twice in a row.
    DoubledDataTime,
    /// A `;` stands before the closing `&&`.
    TrailingSemicolon,
    /// The clock has fallen back to the year 2000.
    ClockReset,
    /// The packet is sent twice.
    Duplicate,
    /// The link is dropped and made again.
    Reconnect,
    /// The bytes arrive in small pieces.
    Trickle,
}

impl WireFault {
    /// Every wire fault.
    pub const ALL: [WireFault; 9] = [
        WireFault::BadCrc,
        WireFault::WrongLength,
        WireFault::MissingQn,
        WireFault::DoubledDataTime,
        WireFault::TrailingSemicolon,
        WireFault::ClockReset,
        WireFault::Duplicate,
        WireFault::Reconnect,
        WireFault::Trickle,
    ];
}

/// How often each wire fault of one logger comes: one packet in so many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WireFaults(
    /// The fault and the number of packets between two of its kind.
    pub Vec<(WireFault, u32)>,
);

impl WireFaults {
    /// The fault that strikes the packet with this number.
    pub fn of_packet(&self, seed: u64, number: u64) -> Option<WireFault> {
        self.0
            .iter()
            .enumerate()
            .find(|(i, (_, one_in))| {
                let bits = noise::hash(seed, &[number, *i as u64, 313]);
                *one_in > 0 && bits.is_multiple_of(u64::from(*one_in))
            })
            .map(|(_, (fault, _))| *fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_occurrence_begins_and_ends_when_it_should() {
        let schedule = Schedule { every_ms: 100, for_ms: 10, offset_ms: 5, chance: 1.0 };
        let active: Vec<i64> = (0..220).filter(|&t| schedule.since(1, Millis(t)).is_some()).collect();
        let expected: Vec<i64> = (5..15).chain(105..115).chain(205..215).collect();
        assert_eq!(active, expected);
        assert_eq!(schedule.since(1, Millis(112)), Some(Millis(105)));
        assert_eq!(Schedule { chance: 0.0, ..schedule }.since(1, Millis(112)), None);
    }

    #[test]
    fn wire_faults_come_about_as_often_as_asked() {
        let faults = WireFaults(vec![(WireFault::BadCrc, 50)]);
        let count = (0..10_000).filter(|&n| faults.of_packet(3, n).is_some()).count();
        assert!((120..300).contains(&count), "{count} of 10000");
    }
}
