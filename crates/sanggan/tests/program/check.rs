use sanggan_testkit::{packet, shared_data};

use crate::{json, run};

#[test]
fn a_check_counts_frames_values_devices_and_defects() {
    let folder = tempfile::tempdir().expect("a folder");
    let segment =
        |mn: &str, cp: &str| format!("ST=32;CN=2011;PW=123456;MN={mn};CP=&&DataTime=20160824003817;{cp}&&");
    let good = packet(&segment("LD130133000015", "B01-Rtd=36.91;011-Rtd=231.0,011-Flag=N"));
    let mut broken = packet(&segment("LD130133000016", "B01-Rtd=1.0"));
    let last = broken.len() - 3;
    broken[last] = if broken[last] == b'0' { b'1' } else { b'0' };
    let bytes = [good.as_slice(), b"\r\n", &broken, b"no packet at all\r\n"].concat();
    std::fs::write(folder.path().join("a.txt"), bytes).expect("writes");
    let tally = json(folder.path(), &["frames", "check", "a.txt"]);
    assert_eq!(tally["frames"], 3, "{tally}");
    assert_eq!(tally["whole"], 1, "{tally}");
    assert_eq!(tally["values"], 2, "{tally}");
    assert_eq!(tally["devices"], 1, "{tally}");
    assert_eq!(tally["defects"]["crc_mismatch"], 1, "{tally}");
    let text = run(folder.path(), &["frames", "check", "a.txt"]).stdout;
    assert!(text.contains("crc_mismatch"), "{text}");
}

#[test]
fn the_recorded_morning_is_checked_whole() {
    let Some(path) = shared_data(env!("CARGO_MANIFEST_DIR"), "hj212-2016-08-24-morning.txt.xz") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let tally = json(folder.path(), &["frames", "check", &path.display().to_string()]);
    let number = |name: &str| tally[name].as_u64().unwrap_or_else(|| panic!("no `{name}` in {tally}"));
    assert!(number("frames") >= 70_740, "one packet a line at least: {tally}");
    assert!(
        number("whole") > 70_000 && number("whole") < number("frames"),
        "a few dozen are broken: {tally}"
    );
    assert!(number("values") > 500_000 && number("devices") > 100, "{tally}");
}
