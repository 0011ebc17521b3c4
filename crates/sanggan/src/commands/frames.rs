//! `sanggan frames`: looks at recorded frames without storing them.

use std::path::PathBuf;

use sanggan_hj212::{Tally, decode_packet, split_line};

use crate::cli::Format;
use crate::exit::Failure;
use crate::lines::Lines;
use crate::{output, progress};

/// Decodes every line of `files` and prints the tally.
pub(crate) fn check(files: &[PathBuf], format: Format) -> Result<(), Failure> {
    let mut tally = Tally::default();
    let mut line = Vec::new();
    for path in files {
        let mut lines = Lines::open(path)?;
        let bar = progress::over_bytes(&path.display().to_string(), lines.file_bytes);
        while lines.next(&mut line)? {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            for packet in split_line(&line) {
                tally.count(&decode_packet(packet, None));
            }
            if lines.number.is_multiple_of(1024) {
                bar.set_position(lines.position());
            }
        }
        bar.finish_and_clear();
    }
    match format {
        Format::Json => output::json(&tally),
        Format::Text => output::text(&as_text(&tally)),
    }
}

/// The tally for people.
pub(crate) fn as_text(tally: &Tally) -> String {
    let mut text = format!(
        "frames   {}\nwhole    {} (length and check code right)\nvalues   {}\ndevices  {}\n",
        tally.frames, tally.whole, tally.values, tally.devices
    );
    for (title, counts) in [
        ("unusable", &tally.unusable),
        ("defects", &tally.defects),
        ("by command", &tally.by_cn),
        ("by system", &tally.by_st),
        ("by edition", &tally.by_edition),
    ] {
        if counts.is_empty() {
            continue;
        }
        let rows: Vec<Vec<String>> =
            counts.iter().map(|(name, count)| vec![format!("  {name}"), count.to_string()]).collect();
        text.push('\n');
        text.push_str(&output::table(&[title, ""], &rows));
    }
    text
}
