//! Counting what a lot of packets hold.

use std::collections::{BTreeMap, BTreeSet};

use crate::{DecodeError, Decoded, Usable};

/// The count of many packets, as `sanggan frames check` prints it.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Tally {
    /// Packets seen, usable or not.
    pub frames: u64,
    /// Packets whose length and check code are right.
    pub whole: u64,
    /// Numeric data values of usable packets.
    pub values: u64,
    /// Different device numbers in usable packets.
    pub devices: u64,
    /// Packets whose values are not used, by reason, and packets that gave nothing, by error code.
    pub unusable: BTreeMap<String, u64>,
    /// Packets that have the defect, by its code.
    pub defects: BTreeMap<String, u64>,
    /// Packets by command number as sent (`-` when there is none).
    pub by_cn: BTreeMap<String, u64>,
    /// Packets by system code as sent (`-` when there is none).
    pub by_st: BTreeMap<String, u64>,
    /// Packets by edition.
    pub by_edition: BTreeMap<String, u64>,
    #[serde(skip)]
    seen: BTreeSet<String>,
}

fn add(counts: &mut BTreeMap<String, u64>, key: &str, count: u64) {
    match counts.get_mut(key) {
        Some(sum) => *sum += count,
        None => {
            counts.insert(key.to_owned(), count);
        }
    }
}

impl Tally {
    /// Counts what came of one packet.
    pub fn count(&mut self, outcome: &Result<Decoded, DecodeError>) {
        match outcome {
            Ok(decoded) => self.count_packet(decoded),
            Err(error) => self.count_error(error),
        }
    }

    /// Counts a packet that was read.
    pub fn count_packet(&mut self, decoded: &Decoded) {
        let message = &decoded.message;
        self.frames += 1;
        self.whole += u64::from(decoded.whole());
        for found in &decoded.defects {
            add(&mut self.defects, found.defect.code(), 1);
        }
        match message.cn() {
            Some(cn) => add(&mut self.by_cn, &cn.to_string(), 1),
            None => add(&mut self.by_cn, "-", 1),
        }
        match message.st() {
            Some(st) => add(&mut self.by_st, st.as_str(), 1),
            None => add(&mut self.by_st, "-", 1),
        }
        add(&mut self.by_edition, message.edition().name(), 1);
        match decoded.usable() {
            Usable::No(reason) => add(&mut self.unusable, reason.code(), 1),
            Usable::Yes => {
                self.values += decoded.values().count() as u64;
                if let Some(mn) = message.mn_text()
                    && !self.seen.contains(mn)
                {
                    self.seen.insert(mn.to_owned());
                    self.devices = self.seen.len() as u64;
                }
            }
        }
    }

    /// Counts a packet that gave nothing.
    pub fn count_error(&mut self, error: &DecodeError) {
        self.frames += 1;
        add(&mut self.unusable, error.code(), 1);
    }

    /// The device numbers seen in usable packets.
    pub fn device_numbers(&self) -> impl Iterator<Item = &str> {
        self.seen.iter().map(String::as_str)
    }

    /// Adds another count to this one.
    pub fn merge(&mut self, other: &Tally) {
        self.frames += other.frames;
        self.whole += other.whole;
        self.values += other.values;
        self.seen.extend(other.seen.iter().cloned());
        self.devices = self.seen.len() as u64;
        let maps = [
            (&mut self.unusable, &other.unusable),
            (&mut self.defects, &other.defects),
            (&mut self.by_cn, &other.by_cn),
            (&mut self.by_st, &other.by_st),
            (&mut self.by_edition, &other.by_edition),
        ];
        for (mine, theirs) in maps {
            for (key, count) in theirs {
                add(mine, key, *count);
            }
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "frames   {}", self.frames)?;
        writeln!(f, "whole    {}", self.whole)?;
        writeln!(f, "values   {}", self.values)?;
        writeln!(f, "devices  {}", self.devices)?;
        let tables = [
            ("unusable", &self.unusable),
            ("defects", &self.defects),
            ("by command", &self.by_cn),
            ("by system", &self.by_st),
            ("by edition", &self.by_edition),
        ];
        for (title, counts) in tables {
            writeln!(f, "{title}")?;
            for (key, count) in counts {
                writeln!(f, "  {key:<22} {count:>8}")?;
            }
        }
        Ok(())
    }
}
