//! `sanggan frames`: looks at recorded frames without storing them.

use std::path::PathBuf;

use sanggan_gateway::GATEWAY_DEFECTS;
use sanggan_hj212::{Defect, Severity, Tally, decode_packet, defect, split_line};

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

/// Prints every defect: the decoder's, then what the platform finds when it takes a packet in.
pub(crate) fn defects(format: Format) -> Result<(), Failure> {
    match format {
        Format::Text => output::text(&reference()),
        Format::Json => output::json(&known()),
    }
}

#[derive(serde::Serialize)]
struct Known {
    code: &'static str,
    /// Of the decoder's own only.
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<Severity>,
    name_zh: &'static str,
    name_en: &'static str,
    meaning_zh: &'static str,
    meaning_en: &'static str,
}

fn known() -> Vec<Known> {
    let decoder = Defect::ALL.iter().map(|defect| Known {
        code: defect.code(),
        severity: Some(defect.severity()),
        name_zh: defect.name_zh(),
        name_en: defect.name_en(),
        meaning_zh: defect.meaning_zh(),
        meaning_en: defect.meaning(),
    });
    let gateway = GATEWAY_DEFECTS.iter().map(|info| Known {
        code: info.code,
        severity: None,
        name_zh: info.name_zh,
        name_en: info.name_en,
        meaning_zh: info.meaning_zh,
        meaning_en: info.meaning,
    });
    decoder.chain(gateway).collect()
}

/// The reference page `docs/reference/defects.md`.
fn reference() -> String {
    let mut page = defect::reference();
    page.push_str(
        "\n## Found when a packet is taken in 接收时发现\n\n\
         | code 代码 | 中文 | English | 含义 | meaning |\n|---|---|---|---|---|\n",
    );
    for info in GATEWAY_DEFECTS {
        let code = format!("`{}`", info.code);
        page.push_str(&defect::table_row(&[
            &code,
            info.name_zh,
            info.name_en,
            info.meaning_zh,
            info.meaning,
        ]));
    }
    page
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
