//! Every defect and every error, one file each: `corpus/ok/<defect>.packet` holds the bytes, `.txt` what came
//! of them. Rewrite the texts with `UPDATE_EXPECT=1`, and read the difference.

use std::{collections::BTreeSet, fmt::Write, fs, path::PathBuf};

use sanggan_hj212::{DecodeError, Decoded, Decoder, Defect, Key, Limits, Usable, decode_packet};

const LIMITS: Limits = Limits { max_segment: 1500, max_garbage: 2000, max_fields: 60 };

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name)
}

fn describe(out: &mut String, outcome: &Result<Decoded, DecodeError>) {
    let decoded = match outcome {
        Ok(decoded) => decoded,
        Err(error) => {
            let go_on = if error.can_continue() { "go on" } else { "close" };
            let _ = writeln!(out, "  error {}: {error} ({go_on})", error.code());
            return;
        }
    };
    let message = &decoded.message;
    let usable = match decoded.usable() {
        Usable::Yes if decoded.whole() => "whole",
        Usable::Yes => "usable",
        Usable::No(reason) => reason.code(),
    };
    let cn = message.cn().map_or("-".into(), |cn| cn.to_string());
    let st = message.st().map_or("-".into(), |st| st.to_string());
    let at = message.time().map_or("-".into(), |at| at.to_string());
    let (edition, mn) = (message.edition().name(), message.mn_text().unwrap_or("-"));
    let _ = writeln!(out, "  {usable} {edition} ST {st} CN {cn} MN {mn} at {at}");
    for value in decoded.values() {
        let _ = writeln!(out, "    {} {} {} {}", value.code, value.measure, value.value, value.flag.name());
    }
    for found in &decoded.defects {
        let _ = writeln!(out, "    ! {} `{}`", found.defect, decoded.excerpt(found).escape_debug());
    }
}

fn outcomes(bytes: &[u8], key: Option<Key>) -> Vec<Result<Decoded, DecodeError>> {
    let mut decoder = Decoder::new(LIMITS);
    decoder.set_key(key);
    decoder.push(bytes);
    let mut outcomes = Vec::new();
    let mut closed = false;
    while let Some(outcome) =
        if closed { decoder.finish().transpose() } else { decoder.next_message().transpose() }.or_else(|| {
            closed = true;
            decoder.finish().transpose()
        })
    {
        outcomes.push(outcome);
    }
    outcomes
}

fn check(folder_name: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for entry in fs::read_dir(folder(folder_name)).expect("is there") {
        let path = entry.expect("reads").path();
        if path.extension().is_none_or(|ext| ext != "packet") {
            continue;
        }
        let name = path.file_stem().expect("has a name").to_string_lossy().into_owned();
        let bytes = fs::read(&path).expect("reads");
        let mut text = String::from("stream\n");
        let mut all = outcomes(&bytes, None);
        all.iter().for_each(|outcome| describe(&mut text, outcome));
        if name == "encrypted" {
            text.push_str("with the key\n");
            let key = Key::from_text("0000000000000000");
            outcomes(&bytes, key).iter().for_each(|outcome| describe(&mut text, outcome));
        }
        text.push_str("one packet\n");
        let single = decode_packet(&bytes, None);
        describe(&mut text, &single);
        all.push(single);
        expect_test::expect_file![path.with_extension("txt")].assert_eq(&text);
        let codes: BTreeSet<&str> = all
            .iter()
            .flat_map(|outcome| match outcome {
                Ok(decoded) => decoded.defects.iter().map(|found| found.defect.code()).collect(),
                Err(error) => vec![error.code()],
            })
            .collect();
        let clean = name.starts_with("clean");
        assert!(
            codes.contains(name.as_str()) || clean && codes.is_subset(&["missing_qn", "missing_flag"].into()),
            "{name}: {codes:?}"
        );
        seen.insert(name);
    }
    seen
}

#[test]
fn every_defect_has_its_packet() {
    let seen = check("ok");
    for defect in Defect::ALL {
        assert!(seen.contains(defect.code()), "no packet for {defect}");
    }
}

#[test]
fn every_error_has_its_packet() {
    let all = [
        DecodeError::NoStart { raw: vec![] },
        DecodeError::NoFields { raw: vec![] },
        DecodeError::TooLong { raw: vec![], limit: 0 },
        DecodeError::Garbage { skipped: 0 },
    ];
    let codes: BTreeSet<String> = all.iter().map(|error| error.code().to_owned()).collect();
    assert_eq!(check("err"), codes);
}
