//! How each device does right now: when it was last heard, from where, with which faults.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use sanggan_base::time::{HOUR_MS, MINUTE_MS};
use sanggan_base::{Millis, Mn, StationCode};
use sanggan_pack::ProtocolEdition;
use serde::Serialize;

/// Whether a device is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Sent when it should.
    Online,
    /// Overdue.
    Late,
    /// Silent for long.
    Offline,
    /// Registered and never heard of.
    Never,
    /// Known only from its packets; waits for an operator.
    Quarantined,
}

/// A device's state has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceEvent {
    /// Which device.
    pub mn: Mn,
    /// Its station, when it is admitted.
    pub station: Option<StationCode>,
    /// The new state.
    pub state: DeviceState,
    /// When it was last heard.
    pub last_seen: Option<Millis>,
}

/// How a device does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeviceStatus {
    /// Which device.
    pub mn: Mn,
    /// Its station, when it is admitted.
    pub station: Option<StationCode>,
    /// Whether it is there.
    pub state: DeviceState,
    /// Open connections on which it has signed in.
    pub connections: u32,
    /// Where its last packet came from.
    pub peer: Option<Arc<str>>,
    /// When its last packet came.
    pub last_seen: Option<Millis>,
    /// The edition its last packet was written in.
    pub edition: Option<ProtocolEdition>,
    /// Packets since local midnight.
    pub frames_today: u64,
    /// Values stored since local midnight.
    pub values_today: u64,
    /// Defects of the last 24 hours, by code.
    pub defects_last_day: BTreeMap<&'static str, u64>,
    /// Seconds its clock is ahead of the platform's, from its last packet that told.
    pub clock_offset_s: Option<f64>,
    /// Whether two devices sign in with its number.
    pub shared_mn: bool,
    /// Split packets of which parts never came, since the start.
    pub splits_incomplete: u64,
    /// A device of the demonstration.
    pub simulated: bool,
}

/// Counts by hour of the last 24 hours, for a handful of codes.
#[derive(Debug, Default)]
pub(crate) struct DayCounts {
    rows: Vec<(&'static str, Box<[(i64, u32); 24]>)>,
}

impl DayCounts {
    pub(crate) fn add(&mut self, code: &'static str, at: Millis) {
        let hour = at.0.div_euclid(HOUR_MS);
        let found = self.rows.iter().position(|(known, _)| *known == code);
        let index = found.unwrap_or_else(|| {
            self.rows.push((code, Box::new([(i64::MIN, 0); 24])));
            self.rows.len() - 1
        });
        let bucket = &mut self.rows[index].1[hour.rem_euclid(24) as usize];
        if bucket.0 == hour {
            bucket.1 = bucket.1.saturating_add(1);
        } else if bucket.0 < hour {
            *bucket = (hour, 1);
        }
    }

    /// Forgets what is older than a day, so that a cured fault takes no room.
    pub(crate) fn prune(&mut self, now: Millis) {
        let oldest = now.0.div_euclid(HOUR_MS) - 23;
        self.rows.retain(|(_, buckets)| buckets.iter().any(|&(hour, _)| hour >= oldest));
    }

    pub(crate) fn at(&self, now: Millis) -> BTreeMap<&'static str, u64> {
        let oldest = now.0.div_euclid(HOUR_MS) - 23;
        self.rows
            .iter()
            .map(|(code, buckets)| {
                let sum = buckets.iter().filter(|&&(hour, _)| hour >= oldest).map(|&(_, n)| u64::from(n));
                (*code, sum.sum())
            })
            .filter(|&(_, count)| count > 0)
            .collect()
    }
}

/// Packets and values of the running local day.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Today {
    day: Option<Date>,
    frames: u64,
    values: u64,
}

impl Today {
    /// A packet came at `at`. `live`: just now, so that a later day known before was the clock's fault.
    pub(crate) fn add(&mut self, at: Millis, values: usize, live: bool) {
        let day = at.local_date();
        match self.day {
            Some(known) if known > day && !live => return,
            Some(known) if known == day => {}
            _ => *self = Today { day: Some(day), frames: 0, values: 0 },
        }
        self.frames += 1;
        self.values += values as u64;
    }

    pub(crate) fn add_values(&mut self, at: Millis, values: usize) {
        if self.day == Some(at.local_date()) {
            self.values += values as u64;
        }
    }

    /// Packets and values of `now`'s day.
    pub(crate) fn at(&self, now: Millis) -> (u64, u64) {
        if self.day == Some(now.local_date()) { (self.frames, self.values) } else { (0, 0) }
    }
}

/// Packets and values of the last 60 minutes, of all devices together.
#[derive(Debug)]
pub(crate) struct LastHour {
    minutes: [(i64, u64, u64); 60],
}

impl Default for LastHour {
    fn default() -> Self {
        LastHour { minutes: [(i64::MIN, 0, 0); 60] }
    }
}

impl LastHour {
    pub(crate) fn add(&mut self, at: Millis, frames: usize, values: usize) {
        let minute = at.0.div_euclid(MINUTE_MS);
        let slot = &mut self.minutes[minute.rem_euclid(60) as usize];
        if slot.0 < minute {
            *slot = (minute, 0, 0);
        }
        if slot.0 == minute {
            slot.1 += frames as u64;
            slot.2 += values as u64;
        }
    }

    pub(crate) fn at(&self, now: Millis) -> (u64, u64) {
        let oldest = now.0.div_euclid(MINUTE_MS) - 59;
        let recent = self.minutes.iter().filter(|slot| slot.0 >= oldest);
        recent.fold((0, 0), |(frames, values), slot| (frames + slot.1, values + slot.2))
    }
}

/// Tells two devices with one number from one device that reconnects.
///
/// A device that reconnects goes on on its new connection. Where packets of one kind come by turns on two
/// connections that are both open, twice back to the earlier one, two devices must be sending.
#[derive(Debug, Default)]
pub(crate) struct Alternation {
    by_cn: Vec<Turns>,
    shared_until: Option<Millis>,
}

#[derive(Debug)]
struct Turns {
    cn: u16,
    last: u64,
    before: u64,
    returns: u32,
    since: Millis,
}

/// Kinds of packets followed for one device; there are four that carry values.
const KINDS_MAX: usize = 8;

/// For how long a number counts as shared after the last sign of it, and how long turns are remembered.
const SHARED_FOR_MS: i64 = 24 * HOUR_MS;

impl Alternation {
    /// A packet of kind `cn` came on `connection`; whether that shows two devices.
    pub(crate) fn saw(&mut self, connection: u64, cn: u16, at: Millis) -> bool {
        let Some(turns) = self.by_cn.iter_mut().find(|turns| turns.cn == cn) else {
            if self.by_cn.len() >= KINDS_MAX {
                return false;
            }
            self.by_cn.push(Turns { cn, last: connection, before: 0, returns: 0, since: at });
            return false;
        };
        if turns.last == connection {
            return false;
        }
        if turns.before == connection && at.0 - turns.since.0 < SHARED_FOR_MS {
            turns.returns += 1;
        } else {
            turns.returns = 0;
            turns.since = at;
        }
        turns.before = turns.last;
        turns.last = connection;
        if turns.returns >= 2 {
            self.convict(at);
            return true;
        }
        false
    }

    /// The connection on which the last packet of kind `cn` came.
    pub(crate) fn last(&self, cn: u16) -> Option<u64> {
        self.by_cn.iter().find(|turns| turns.cn == cn).map(|turns| turns.last).filter(|&last| last != 0)
    }

    /// The number is shared beyond doubt.
    pub(crate) fn convict(&mut self, at: Millis) {
        self.shared_until = Some(at.plus(SHARED_FOR_MS));
    }

    /// The connection is gone and cannot take part in turns.
    pub(crate) fn closed(&mut self, connection: u64) {
        for turns in &mut self.by_cn {
            if turns.before == connection {
                turns.before = 0;
                turns.returns = 0;
            }
            if turns.last == connection {
                turns.last = 0;
                turns.returns = 0;
            }
        }
    }

    pub(crate) fn is_shared(&self, now: Millis) -> bool {
        self.shared_until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Millis = Millis(1_790_000_000_000);

    #[test]
    fn counts_leave_after_a_day() {
        let mut counts = DayCounts::default();
        counts.add("missing_qn", NOON);
        counts.add("missing_qn", NOON.plus(HOUR_MS));
        counts.add("bad_length", NOON.plus(HOUR_MS));
        assert_eq!(counts.at(NOON.plus(HOUR_MS)), BTreeMap::from([("missing_qn", 2), ("bad_length", 1)]));
        assert_eq!(
            counts.at(NOON.plus(24 * HOUR_MS)),
            BTreeMap::from([("missing_qn", 1), ("bad_length", 1)])
        );
        counts.prune(NOON.plus(25 * HOUR_MS));
        assert!(counts.rows.is_empty());
        assert_eq!(counts.at(NOON.plus(26 * HOUR_MS)), BTreeMap::new());
    }

    #[test]
    fn today_begins_at_local_midnight() {
        let midnight = NOON.floor(sanggan_base::Grain::Day);
        let mut today = Today::default();
        today.add(midnight.plus(-1), 5, true);
        today.add(midnight, 7, true);
        today.add(midnight.plus(1), 1, true);
        today.add(midnight.plus(-1), 3, false);
        assert_eq!(today.at(midnight), (2, 8));
        assert_eq!(today.at(midnight.plus(24 * HOUR_MS)), (0, 0));
    }

    #[test]
    fn a_reconnect_is_one_device_and_turns_are_two() {
        let mut device = Alternation::default();
        for (connection, shows_two) in [(1, false), (1, false), (2, false), (2, false), (3, false)] {
            assert_eq!(device.saw(connection, 2011, NOON), shows_two);
        }
        device.closed(3);
        let turns: Vec<bool> = [4, 5, 4, 5].iter().map(|&c| device.saw(c, 2011, NOON)).collect();
        assert_eq!(turns, [false, false, false, true]);
        assert!(device.is_shared(NOON));
        assert!(!device.is_shared(NOON.plus(SHARED_FOR_MS)));
    }

    #[test]
    fn kinds_of_packets_may_use_connections_of_their_own() {
        let mut device = Alternation::default();
        for _ in 0..5 {
            assert!(!device.saw(1, 2011, NOON));
            assert!(!device.saw(2, 2051, NOON));
        }
    }
}
