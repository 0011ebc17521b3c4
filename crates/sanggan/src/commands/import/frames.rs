//! `sanggan import frames`: recorded packets take the same way as packets from a socket.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use sanggan_base::{Millis, Mn};
use sanggan_gateway::{Import, ImportOptions, Kept, Outcome, Recorded};
use sanggan_lake::FrameStatus;
use serde::{Deserialize, Serialize};

use super::faults::Faults;
use crate::checkpoint::{Checkpoint, Place};
use crate::cli::{Format, ImportFramesArgs};
use crate::exit::Failure;
use crate::lines::{Lines, file_hash};
use crate::platform::Stores;
use crate::{output, progress, stop};

/// Lines taken in at once; after each such batch the checkpoint moves on.
const BATCH_LINES: usize = 4096;

/// What became of the lines of the files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FramesTally {
    /// Lines read, without empty ones.
    pub(crate) lines: u64,
    /// Packets in them.
    pub(crate) frames: u64,
    /// Values read from them.
    pub(crate) values: u64,
    /// Values stored: what says again what is known already is not stored twice.
    pub(crate) values_stored: u64,
    /// Devices seen.
    pub(crate) devices: u64,
    /// Packets by what became of them.
    pub(crate) kept: BTreeMap<String, u64>,
    /// Packets that have the defect, by its code.
    pub(crate) defects: BTreeMap<String, u64>,
    /// Numbers of the devices seen; kept so that an interrupted import counts them right.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    seen: BTreeSet<Mn>,
}

impl FramesTally {
    fn count(&mut self, outcome: &Outcome) {
        self.frames += 1;
        self.values += outcome.values as u64;
        *self.kept.entry(kept_name(outcome.kept).to_owned()).or_default() += 1;
        for code in outcome.defects.split(',').filter(|code| !code.is_empty()) {
            *self.defects.entry(code.to_owned()).or_default() += 1;
        }
        // A packet that cannot be read names no device: its number may be what was damaged.
        let readable = !matches!(outcome.kept, Kept::As(FrameStatus::Unreadable, _));
        if let Some(mn) = outcome.mn.as_ref().filter(|_| readable) {
            self.seen.insert(mn.clone());
        }
        self.devices = self.seen.len() as u64;
    }

    fn merge(&mut self, other: &FramesTally) {
        self.lines += other.lines;
        self.frames += other.frames;
        self.values += other.values;
        self.values_stored += other.values_stored;
        for (into, from) in [(&mut self.kept, &other.kept), (&mut self.defects, &other.defects)] {
            for (name, count) in from {
                *into.entry(name.clone()).or_default() += count;
            }
        }
        self.seen.extend(other.seen.iter().cloned());
        self.devices = self.seen.len() as u64;
    }

    fn as_text(&self) -> String {
        let mut text = format!(
            "lines    {}\nframes   {}\nvalues   {} ({} stored, the rest says the same again)\ndevices  {}\n",
            self.lines, self.frames, self.values, self.values_stored, self.devices
        );
        for (title, counts) in [("kept as", &self.kept), ("defects", &self.defects)] {
            if !counts.is_empty() {
                let rows: Vec<Vec<String>> =
                    counts.iter().map(|(name, count)| vec![format!("  {name}"), count.to_string()]).collect();
                text.push('\n');
                text.push_str(&output::table(&[title, ""], &rows));
            }
        }
        text
    }
}

fn kept_name(kept: Kept) -> &'static str {
    match kept {
        Kept::As(FrameStatus::Stored, _) => "stored",
        Kept::As(FrameStatus::Quarantined, _) => "quarantined",
        Kept::As(FrameStatus::Duplicate, _) => "duplicate",
        Kept::As(FrameStatus::Unreadable, _) => "unreadable",
        Kept::As(FrameStatus::Control, _) => "control",
        Kept::Before => "imported_before",
        Kept::Refused => "refused",
    }
}

/// Imports every file and prints the tally of all.
pub(crate) async fn run(stores: &Stores, args: &ImportFramesArgs, format: Format) -> Result<(), Failure> {
    let received = args.received_around.as_deref().map(parse_time).transpose()?;
    let intake = stores.intake(stores.gateway_settings()).await?;
    let options = ImportOptions { admit_unknown: args.admit_unknown.then(|| stores.pack.city.code.clone()) };
    let mut faults = Faults::open(args.faults.as_deref())?;
    let mut import = intake.import(options);
    let stop = stop::on_signal();
    let mut total = FramesTally::default();
    let mut result = Ok(());
    for path in &args.files {
        match one_file(stores, &mut import, path, received, &mut faults, &stop).await {
            Ok(tally) => total.merge(&tally),
            Err(failure) => {
                result = Err(failure);
                break;
            }
        }
    }
    intake.close().await;
    if result.is_ok() {
        total.seen.clear();
        match format {
            Format::Json => output::json(&total)?,
            Format::Text => output::text(&total.as_text())?,
        }
    }
    result
}

async fn one_file(
    stores: &Stores,
    import: &mut Import,
    path: &Path,
    received: Option<Millis>,
    faults: &mut Faults,
    stop: &tokio_util::sync::CancellationToken,
) -> Result<FramesTally, Failure> {
    let name =
        path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
    let hash = file_hash(path)?;
    let place = Place::of(&stores.folder, "frames", &hash);
    let mut mark = place.load::<FramesTally>()?.unwrap_or(Checkpoint {
        file_sm3: hash,
        file_name: name.clone(),
        lines: 0,
        done: false,
        tally: FramesTally::default(),
    });
    if mark.done {
        output::note(&format!("{name}: imported before, nothing to do"));
        return Ok(mark.tally);
    }
    if mark.lines > 0 {
        output::note(&format!("{name}: goes on after line {}", mark.lines));
    }
    let mut lines = Lines::open(path)?;
    let bar = progress::over_bytes(&name, lines.file_bytes);
    let started = Instant::now();
    let (mut taken, mut line) = (0u64, Vec::new());
    let mut batch: Vec<Recorded> = Vec::with_capacity(BATCH_LINES);
    let mut numbers: Vec<u64> = Vec::with_capacity(BATCH_LINES);
    loop {
        let more = lines.next(&mut line)?;
        if more && lines.number > mark.lines && !line.iter().all(u8::is_ascii_whitespace) {
            let peer = Arc::from(format!("file:{name}:{}", lines.number));
            batch.push(Recorded { bytes: line.clone(), received_at: received, peer });
            numbers.push(lines.number);
        }
        if batch.len() >= BATCH_LINES || (!more && !batch.is_empty()) {
            mark.tally.lines += batch.len() as u64;
            let before = stored_values(stores);
            let outcomes = import.ingest(std::mem::take(&mut batch)).await?;
            mark.tally.values_stored += stored_values(stores) - before;
            for outcome in &outcomes {
                mark.tally.count(outcome);
                tell(faults, &name, &numbers, outcome)?;
            }
            taken += outcomes.len() as u64;
            numbers.clear();
            mark.lines = lines.number;
            place.save(&mark)?;
            bar.set_position(lines.position());
            bar.set_message(format!("{:.0} frames/s", taken as f64 / started.elapsed().as_secs_f64()));
            if stop.is_cancelled() {
                bar.abandon();
                return Err(Failure::Interrupted);
            }
        }
        if !more {
            break;
        }
    }
    mark.done = true;
    mark.lines = lines.number;
    place.save(&mark)?;
    bar.finish_and_clear();
    faults.end_of_file()?;
    let seconds = started.elapsed().as_secs_f64();
    output::note(&format!(
        "{name}: {taken} frames in {seconds:.1} s ({:.0} frames/s)",
        taken as f64 / seconds
    ));
    Ok(mark.tally)
}

/// Versions of values in the lake.
fn stored_values(stores: &Stores) -> u64 {
    let status = stores.lake.status();
    status.hot_observations + status.sealed_observations
}

/// In a faults file every defect of every line; at the terminal only lines of which nothing could be read.
fn tell(faults: &mut Faults, name: &str, numbers: &[u64], outcome: &Outcome) -> Result<(), Failure> {
    let line = numbers.get(outcome.record).copied().unwrap_or(0);
    let unreadable = matches!(outcome.kept, Kept::As(FrameStatus::Unreadable, _) | Kept::Refused);
    if unreadable {
        faults.tell(name, line, &format!("{}: {}", kept_name(outcome.kept), outcome.defects))
    } else if faults.takes_all() && !outcome.defects.is_empty() {
        faults.tell(name, line, &outcome.defects)
    } else {
        Ok(())
    }
}

/// `2016-08-24`, `2016-08-24T08:00` or `2016-08-24 08:00:00`, Beijing time.
fn parse_time(text: &str) -> Result<Millis, Failure> {
    // A date alone means its noon.
    let whole = if text.len() == "2016-08-24".len() { format!("{text}T12:00") } else { text.to_owned() };
    let civil = whole.parse::<jiff::civil::DateTime>();
    civil.ok().and_then(Millis::from_local).ok_or_else(|| {
        Failure::bad_input(
            format!("`{text}` is no time"),
            "write 2016-08-24 or 2016-08-24T08:00, Beijing time",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_beijing_time() {
        let show = |text: &str| parse_time(text).map(|at| at.to_string()).ok();
        assert_eq!(show("2016-08-24").as_deref(), Some("2016-08-24T12:00:00+08:00"));
        assert_eq!(show("2016-08-24T08:30").as_deref(), Some("2016-08-24T08:30:00+08:00"));
        assert_eq!(show("24 August"), None);
    }

    #[test]
    fn tallies_add_up_and_count_a_device_once() {
        let outcome = |mn: &str, values| Outcome {
            record: 0,
            mn: Mn::parse(mn).ok(),
            kept: Kept::Before,
            defects: "missing_qn,length_mismatch".into(),
            values,
        };
        let (mut a, mut b) = (FramesTally::default(), FramesTally::default());
        a.count(&outcome("A", 2));
        b.count(&outcome("A", 3));
        b.count(&outcome("B", 0));
        a.merge(&b);
        assert_eq!((a.frames, a.values, a.devices), (3, 5, 2));
        assert_eq!(a.defects["missing_qn"], 3);
        let kept: Checkpoint<FramesTally> = Checkpoint {
            file_sm3: String::new(),
            file_name: String::new(),
            lines: 1,
            done: false,
            tally: a.clone(),
        };
        let text = serde_json::to_string(&kept).expect("serialises");
        let again: Checkpoint<FramesTally> = serde_json::from_str(&text).expect("reads");
        assert_eq!(again.tally, a);
    }
}
