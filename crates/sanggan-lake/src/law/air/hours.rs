//! The hours of many days, in flat memory: what `aqi_day` keeps of each group while rows pass by.

use datafusion::arrow::array::{Array, LargeBinaryArray, LargeBinaryBuilder};
use datafusion::arrow::error::ArrowError;
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::EmitTo;
use sanggan_standards::Pollutant;

/// Ozone's place: the one of which single hours are needed.
const O3: usize = 3;
/// No row with a time was seen yet.
const NO_DAY: i32 = i32::MIN;
/// No hour of ozone was seen yet.
const NO_OZONE: u32 = u32::MAX;

/// One group: the hours of one place on one day.
///
/// A mean needs only a sum and which hours there were. The order of adding may differ between runs; what that changes
/// is far below what the law's rounding keeps (LAW-3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hours {
    /// Days since 1970-01-01, local time.
    day: i32,
    /// Where its ozone is.
    ozone: u32,
    /// Rows of parameters that are none of the six.
    others: u32,
    /// Which hours are there, a bit each, by pollutant.
    seen: [u32; 6],
    sums: [f64; 6],
    /// Rows whose value is no concentration or that have no time, by pollutant; no more than 255 are told apart.
    left_out: [u8; 6],
    /// Pollutants of which an hour came more than once, a bit each.
    twice: u8,
    /// Whether rows of more than one day were seen.
    mixed: bool,
}

const NOTHING: Hours = Hours {
    day: NO_DAY,
    ozone: NO_OZONE,
    others: 0,
    seen: [0; 6],
    sums: [0.0; 6],
    left_out: [0; 6],
    twice: 0,
    mixed: false,
};

impl Hours {
    /// The day, when rows with a time were seen.
    pub(crate) fn day(&self) -> Option<i32> {
        (self.day != NO_DAY).then_some(self.day)
    }

    /// Whether rows of more than one day were seen.
    pub(crate) fn is_mixed(&self) -> bool {
        self.mixed
    }

    /// How many hours of a pollutant there are.
    pub(crate) fn count(&self, pollutant: usize) -> u32 {
        self.seen[pollutant].count_ones()
    }

    /// The mean of the hours there are.
    pub(crate) fn mean(&self, pollutant: usize) -> Option<f64> {
        let count = self.count(pollutant);
        (0 < count).then(|| self.sums[pollutant] / f64::from(count))
    }

    /// Rows left out of a pollutant.
    pub(crate) fn left_out(&self, pollutant: usize) -> u8 {
        self.left_out[pollutant]
    }

    /// Pollutants of which an hour came more than once.
    pub(crate) fn twice(&self) -> impl Iterator<Item = Pollutant> {
        let twice = self.twice;
        Pollutant::ALL
            .into_iter()
            .enumerate()
            .filter(move |(at, _)| twice & (1 << at) != 0)
            .map(|(_, one)| one)
    }

    /// Rows of parameters that are none of the six.
    pub(crate) fn others(&self) -> u32 {
        self.others
    }
}

/// Many groups.
#[derive(Debug, Default)]
pub(crate) struct Days {
    groups: Vec<Hours>,
    ozone: Vec<[f64; 24]>,
}

impl Days {
    pub(crate) fn grow(&mut self, groups: usize) {
        self.groups.resize(groups, NOTHING);
    }

    pub(crate) fn bytes(&self) -> usize {
        self.groups.capacity() * size_of::<Hours>() + self.ozone.capacity() * size_of::<[f64; 24]>()
    }

    /// Takes one hour's value. `hour`: whole hours since 1970-01-01 00:00 local time.
    #[inline]
    pub(crate) fn add(&mut self, group: usize, pollutant: usize, hour: i64, value: f64) {
        let days = hour.div_euclid(24);
        let of_day = (hour - days * 24) as usize;
        let day = days.clamp(i64::from(NO_DAY) + 1, i64::from(i32::MAX)) as i32;
        let hours = &mut self.groups[group];
        if hours.day != day {
            hours.mixed |= hours.day != NO_DAY;
            hours.day = hours.day.max(day);
        }
        if !super::super::args::is_amount(value) {
            hours.left_out[pollutant] = hours.left_out[pollutant].saturating_add(1);
            return;
        }
        let bit = 1_u32 << of_day;
        hours.twice |= u8::from(hours.seen[pollutant] & bit != 0) << pollutant;
        hours.seen[pollutant] |= bit;
        hours.sums[pollutant] += value;
        if pollutant == O3 {
            if hours.ozone == NO_OZONE {
                hours.ozone = self.ozone.len() as u32;
                self.ozone.push([0.0; 24]);
            }
            self.ozone[hours.ozone as usize][of_day] = value;
        }
    }

    /// Takes a row of a parameter that is none of the six.
    pub(crate) fn pass_over(&mut self, group: usize) {
        let others = &mut self.groups[group].others;
        *others = others.saturating_add(1);
    }

    /// Takes a row without a time.
    pub(crate) fn leave_out(&mut self, group: usize, pollutant: usize) {
        let left_out = &mut self.groups[group].left_out[pollutant];
        *left_out = left_out.saturating_add(1);
    }

    /// Hands out the first groups, with the ozone of their hours.
    pub(crate) fn emit(&mut self, emit_to: EmitTo) -> Days {
        if matches!(emit_to, EmitTo::All) {
            return std::mem::take(self);
        }
        let groups = emit_to.take_needed(&mut self.groups);
        let mut taken = Days { groups, ozone: Vec::new() };
        // each side keeps its own hours of ozone
        let all = std::mem::take(&mut self.ozone);
        for (of_side, kept) in [(&mut taken.groups, &mut taken.ozone), (&mut self.groups, &mut self.ozone)] {
            for hours in of_side.iter_mut().filter(|hours| hours.ozone != NO_OZONE) {
                kept.push(all[hours.ozone as usize]);
                hours.ozone = kept.len() as u32 - 1;
            }
        }
        taken
    }

    pub(crate) fn groups(&self) -> &[Hours] {
        &self.groups
    }

    /// The hours of ozone of a group.
    pub(crate) fn ozone(&self, hours: &Hours) -> [Option<f64>; 24] {
        let mut all = [None; 24];
        if let Some(values) = self.ozone.get(hours.ozone as usize) {
            for (at, slot) in all.iter_mut().enumerate() {
                *slot = (hours.seen[O3] & (1 << at) != 0).then_some(values[at]);
            }
        }
        all
    }

    /// The groups as bytes, for another partition to merge: only what is there.
    pub(crate) fn write(&self) -> LargeBinaryArray {
        let mut written = LargeBinaryBuilder::with_capacity(self.groups.len(), self.groups.len() * 64);
        let mut bytes = Vec::with_capacity(512);
        for hours in &self.groups {
            bytes.clear();
            bytes.extend(hours.day.to_le_bytes());
            bytes.extend(hours.others.to_le_bytes());
            bytes.push(hours.twice);
            bytes.push(u8::from(hours.mixed));
            bytes.extend(hours.left_out);
            for (pollutant, seen) in hours.seen.iter().enumerate().filter(|(_, seen)| **seen != 0) {
                bytes.push(pollutant as u8);
                bytes.extend(seen.to_le_bytes());
                bytes.extend(hours.sums[pollutant].to_le_bytes());
                if pollutant == O3 {
                    self.ozone(hours).iter().flatten().for_each(|value| bytes.extend(value.to_le_bytes()));
                }
            }
            written.append_value(&bytes);
        }
        written.finish()
    }

    /// Merges what [`Days::write`] wrote.
    pub(crate) fn merge(&mut self, written: &LargeBinaryArray, groups: &[usize]) -> Result<()> {
        for (row, &group) in groups.iter().enumerate() {
            if written.is_valid(row) {
                self.merge_one(group, &mut Reader(written.value(row)))?;
            }
        }
        Ok(())
    }

    fn merge_one(&mut self, group: usize, from: &mut Reader<'_>) -> Result<()> {
        let day = i32::from_le_bytes(from.take()?);
        let others = u32::from_le_bytes(from.take()?);
        let [twice, mixed] = from.take()?;
        let left_out: [u8; 6] = from.take()?;
        let hours = &mut self.groups[group];
        hours.mixed |= mixed != 0 || (day != NO_DAY && hours.day != NO_DAY && day != hours.day);
        // which of several days is kept may not depend on the order of merging
        hours.day = hours.day.max(day);
        hours.others = hours.others.saturating_add(others);
        hours.twice |= twice;
        for (here, there) in hours.left_out.iter_mut().zip(left_out) {
            *here = here.saturating_add(there);
        }
        while !from.0.is_empty() {
            let [pollutant] = from.take()?;
            let pollutant = usize::from(pollutant).min(5);
            let seen = u32::from_le_bytes(from.take()?);
            hours.twice |= u8::from(hours.seen[pollutant] & seen != 0) << pollutant;
            hours.seen[pollutant] |= seen;
            hours.sums[pollutant] += f64::from_le_bytes(from.take()?);
            if pollutant == O3 {
                if hours.ozone == NO_OZONE {
                    hours.ozone = self.ozone.len() as u32;
                    self.ozone.push([0.0; 24]);
                }
                let all = &mut self.ozone[hours.ozone as usize];
                for (_, slot) in all.iter_mut().enumerate().filter(|(at, _)| seen & (1 << at) != 0) {
                    *slot = f64::from_le_bytes(from.take()?);
                }
            }
        }
        Ok(())
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let damaged = || {
            DataFusionError::from(ArrowError::InvalidArgumentError(
                "a state of aqi_day is cut off".to_owned(),
            ))
        };
        let (first, rest) = self.0.split_first_chunk::<N>().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*first)
    }
}
