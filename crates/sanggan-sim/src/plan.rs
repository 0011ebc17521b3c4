//! What goes wrong in a demonstration, and where: a data file that picks stations and loggers by their turn.

use sanggan_base::time::{LOCAL_OFFSET_MS, MINUTE_MS};
use sanggan_base::{Flag, ParameterCode};

use crate::fault::{Schedule, ScheduledFault, ValueFault, WireFault, WireFaults};
use crate::site::SiteKind;

/// Says why a plan file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The text is no such plan.
    #[error("could not read the fault plan")]
    Read {
        /// What the TOML reader says.
        #[source]
        source: toml::de::Error,
    },
}

/// Every fault of a demonstration.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultPlan {
    value: Vec<ValueRow>,
    wire: Vec<WireRow>,
    device: Vec<DeviceRow>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Air,
    Water,
    Gas,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    Exceedance,
    Stuck,
    Drift,
    Maintenance,
    Calibration,
    Fault,
    Silent,
}

#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ValueRow {
    kind: Kind,
    /// Which station of the kind, counted from 0 in the order of their codes; wraps around.
    nth: usize,
    parameter: Option<ParameterCode>,
    fault: What,
    #[serde(default = "one")]
    factor: f64,
    every_min: i64,
    for_min: i64,
    /// Minutes after local midnight of 1970-01-01.
    #[serde(default)]
    offset_min: i64,
    #[serde(default = "one")]
    chance: f64,
}

fn one() -> f64 {
    1.0
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wire {
    BadCrc,
    WrongLength,
    MissingQn,
    DoubledDataTime,
    TrailingSemicolon,
    ClockReset,
    Duplicate,
    Reconnect,
    Trickle,
}

#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRow {
    /// Which logger, counted from 0 in the order of their numbers; wraps around.
    nth: usize,
    fault: Wire,
    /// One packet in so many.
    one_in: u32,
}

/// What is odd about a whole logger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// It is not registered.
    Unknown,
    /// A second logger with the number of the picked one.
    SharedMn,
    /// It sends notices in GBK.
    GbkNotice,
    /// It sends a wrong password.
    WrongPassword,
}

/// One odd logger.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceRow {
    /// Which logger it is, or is copied from; wraps around.
    pub nth: usize,
    /// What is odd about it.
    pub oddity: Oddity,
    /// Its number, where it has one of its own.
    pub mn: Option<sanggan_base::Mn>,
}

impl FaultPlan {
    /// Reads a plan from TOML.
    ///
    /// # Errors
    /// [`PlanError::Read`] names the line.
    pub fn from_toml(text: &str) -> Result<FaultPlan, PlanError> {
        toml::from_str(text).map_err(|source| PlanError::Read { source })
    }

    /// The built-in plan: a little of everything, so that every page has something to show.
    pub fn built_in() -> FaultPlan {
        FaultPlan::from_toml(include_str!("../data/faults.toml"))
            .expect("the built-in plan is read by a test")
    }

    /// The value faults of the `nth` of `count` stations of a kind.
    pub fn of_site(&self, kind: SiteKind, nth: usize, count: usize) -> Vec<ScheduledFault> {
        let kind = match kind {
            SiteKind::Air => Kind::Air,
            SiteKind::Water => Kind::Water,
            SiteKind::Gas => Kind::Gas,
        };
        self.value
            .iter()
            .filter(|row| row.kind == kind && row.nth % count.max(1) == nth)
            .map(ValueRow::scheduled)
            .collect()
    }

    /// The wire faults of the `nth` of `count` loggers.
    pub fn of_logger(&self, nth: usize, count: usize) -> WireFaults {
        let rows = self.wire.iter().filter(|row| row.nth % count.max(1) == nth);
        WireFaults(rows.map(|row| (row.fault.fault(), row.one_in)).collect())
    }

    /// The odd loggers.
    pub fn devices(&self) -> &[DeviceRow] {
        &self.device
    }
}

impl ValueRow {
    fn scheduled(&self) -> ScheduledFault {
        let fault = match self.fault {
            What::Exceedance => ValueFault::Exceedance { factor: self.factor },
            What::Stuck => ValueFault::Stuck,
            What::Drift => ValueFault::Drift { share_per_hour: self.factor },
            What::Maintenance => ValueFault::Mark(Flag::Maintenance),
            What::Calibration => ValueFault::Mark(Flag::Calibration),
            What::Fault => ValueFault::Mark(Flag::Fault),
            What::Silent => ValueFault::Silent,
        };
        let schedule = Schedule {
            every_ms: self.every_min * MINUTE_MS,
            for_ms: self.for_min * MINUTE_MS,
            offset_ms: self.offset_min * MINUTE_MS - LOCAL_OFFSET_MS,
            chance: self.chance,
        };
        ScheduledFault { parameter: self.parameter.clone(), fault, schedule }
    }
}

impl Wire {
    fn fault(self) -> WireFault {
        match self {
            Wire::BadCrc => WireFault::BadCrc,
            Wire::WrongLength => WireFault::WrongLength,
            Wire::MissingQn => WireFault::MissingQn,
            Wire::DoubledDataTime => WireFault::DoubledDataTime,
            Wire::TrailingSemicolon => WireFault::TrailingSemicolon,
            Wire::ClockReset => WireFault::ClockReset,
            Wire::Duplicate => WireFault::Duplicate,
            Wire::Reconnect => WireFault::Reconnect,
            Wire::Trickle => WireFault::Trickle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanggan_base::Millis;

    #[test]
    fn the_built_in_plan_has_every_kind_of_fault() {
        let plan = FaultPlan::built_in();
        let wire: Vec<WireFault> = plan.wire.iter().map(|row| row.fault.fault()).collect();
        for fault in WireFault::ALL {
            assert!(wire.contains(&fault), "{fault:?} is in no row");
        }
        for oddity in [Oddity::Unknown, Oddity::SharedMn, Oddity::GbkNotice, Oddity::WrongPassword] {
            assert!(plan.devices().iter().any(|row| row.oddity == oddity), "{oddity:?} is in no row");
        }
    }

    #[test]
    fn at_any_moment_some_outlet_is_above_its_usual_level() {
        let plan = FaultPlan::built_in();
        let rows: Vec<ScheduledFault> =
            plan.value.iter().filter(|row| row.fault == What::Exceedance).map(ValueRow::scheduled).collect();
        for minute in 0..2 * 24 * 60 {
            let at = Millis(minute * MINUTE_MS);
            assert!(rows.iter().any(|row| row.schedule.since(1, at).is_some()), "none at minute {minute}");
        }
    }

    #[test]
    fn picks_wrap_around() {
        let plan = FaultPlan::built_in();
        let of_one = plan.of_site(SiteKind::Water, 0, 1).len();
        let of_three: usize = (0..3).map(|nth| plan.of_site(SiteKind::Water, nth, 3).len()).sum();
        assert_eq!(of_one, of_three);
        assert!(of_one >= 2);
    }
}
