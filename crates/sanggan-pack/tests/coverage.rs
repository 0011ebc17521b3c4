//! What `coverage.toml` may claim, and which claim is refused.

mod common;

use expect_test::expect;
use sanggan_pack::{Coverage, CoverageState, PackFaults, test_names};

use common::load;

const PLAN: &str = r#"version = 1
[[row]]
id = "S001"
zh = "诊所"
en = "Clinics"
section = "1§1"
kind = "register"
cap = "C7"
tier = "A"
[[row]]
id = "S002"
zh = "急救"
en = "First aid"
section = "1§2"
kind = "workflow"
cap = "C5"
tier = "B"
[[row]]
id = "S003"
zh = "会诊"
en = "Consultation"
section = "1§3"
kind = "model"
cap = "C9"
tier = "C"
"#;

const COVERAGE: &str = r#"version = 1
[[row]]
id = "S003"
state = "planned"
reason = { zh = "没有模型。", en = "There is no model." }
[[row]]
id = "S001"
state = "working"
definition = ["clinics"]
page = "/registers/clinics"
test = ["tests/clinics.rs::a_clinic_closes"]
[[row]]
id = "S002"
state = "partial"
page = "/alerts"
test = ["web/e2e/aid.mjs::help comes: soon"]
reason = { zh = "只有电话。", en = "Only by telephone." }
"#;

fn read(plan: &str, coverage: &str) -> Result<Coverage, PackFaults> {
    let pack = load(&[("city/plan-rows.toml", plan), ("city/coverage.toml", coverage)])?;
    let known = [("tests/clinics.rs", "a_clinic_closes"), ("web/e2e/aid.mjs", "help comes: soon")];
    pack.coverage(&|path, name| known.contains(&(path, name)))
}

fn row(mistake: &str, from: &str, to: &str) -> String {
    assert!(COVERAGE.contains(from), "{mistake}");
    let faults = match read(PLAN, &COVERAGE.replacen(from, to, 1)) {
        Ok(_) => "  no fault".to_owned(),
        Err(faults) => faults.0.iter().map(|fault| format!("  {fault}")).collect::<Vec<_>>().join("\n"),
    };
    format!("{mistake}\n{faults}")
}

#[test]
fn rows_come_in_the_order_of_the_plan_with_their_totals() {
    let coverage = read(PLAN, COVERAGE).unwrap_or_else(|faults| panic!("{faults}"));
    let rows: Vec<(&str, CoverageState)> =
        coverage.rows.iter().map(|row| (row.row.id.as_str(), row.state)).collect();
    let wanted = [
        ("S001", CoverageState::Working),
        ("S002", CoverageState::Partial),
        ("S003", CoverageState::Planned),
    ];
    assert_eq!(rows, wanted);
    expect![[r#"{"id":"S001","name":{"zh":"诊所","en":"Clinics"},"section":"1§1","kind":"register","cap":"C7","tier":"A","state":"working","definition":["clinics"],"page":"/registers/clinics","test":["tests/clinics.rs::a_clinic_closes"],"reason":null}"#]]
    .assert_eq(&serde_json::to_string(&coverage.rows[0]).expect("JSON"));
    expect![[r#"{"rows":3,"working":1,"partial":1,"planned":1}"#]]
        .assert_eq(&serde_json::to_string(&coverage.totals).expect("JSON"));
}

#[test]
fn no_claim_goes_unproved() {
    let rows = [
        row(
            "a row less",
            "id = \"S003\"\nstate = \"planned\"\nreason = { zh = \"没有模型。\", en = \"There is no model.\" }\n[[row]]\n",
            "",
        ),
        row("a row twice", "id = \"S003\"", "id = \"S001\""),
        row("a row more", "id = \"S003\"", "id = \"S004\""),
        row("no state", "state = \"planned\"", "state = \"soon\""),
        row("no such register", "[\"clinics\"]", "[\"clinics\", \"hospitals\"]"),
        row(
            "a register for other rows",
            "id = \"S003\"\nstate = \"planned\"",
            "id = \"S003\"\ndefinition = [\"clinics\"]\nstate = \"planned\"",
        ),
        row("no such page", "\"/registers/clinics\"", "\"/registers/hospitals\""),
        row("no path", "\"/alerts\"", "\"alerts\""),
        row("no such test", "a_clinic_closes", "a_clinic_opens"),
        row("no test's name", "tests/clinics.rs::", ""),
        row("working without a test", "test = [\"tests/clinics.rs::a_clinic_closes\"]\n", ""),
        row("working nowhere", "definition = [\"clinics\"]\npage = \"/registers/clinics\"\n", ""),
        row("no reason", "reason = { zh = \"只有电话。\", en = \"Only by telephone.\" }", ""),
        row("half a reason", ", en = \"Only by telephone.\"", ""),
    ];
    expect![[r#"
        a row less
          city/coverage.toml: S003: nothing is said of this row
        a row twice
          city/coverage.toml:7: row.S001.id: stands twice
          city/coverage.toml: S003: nothing is said of this row
        a row more
          city/coverage.toml:3: row.S004.id: the plan's list has no such row
          city/coverage.toml: S003: nothing is said of this row
        no state
          city/coverage.toml:4: row.S003.state: there is no state `soon`; known: working, partial, planned
        no such register
          city/coverage.toml:9: row.S001.definition: there is no register `hospitals`
        a register for other rows
          city/coverage.toml:4: row.S003.definition: `clinics` does not name S003 in its `rows`
        no such page
          city/coverage.toml:10: row.S001.page: there is no register `hospitals`
        no path
          city/coverage.toml:15: row.S002.page: `alerts` is no path of the app (wanted: `/…`)
        no such test
          city/coverage.toml:11: row.S001.test: there is no test `a_clinic_opens` in tests/clinics.rs
        no test's name
          city/coverage.toml:11: row.S001.test: `a_clinic_closes` is not `path::name`
        working without a test
          city/coverage.toml:7: row.S001.test: a row that works names the test that shows it
        working nowhere
          city/coverage.toml:7: row.S001.page: a row that works names its definition or its page
        no reason
          city/coverage.toml:13: row.S002.reason: say in both languages what is missing, and why
        half a reason
          city/coverage.toml:17: row.S002.reason.en: is missing
    "#]]
    .assert_eq(&(rows.join("\n") + "\n"));
}

#[test]
fn the_plan_s_list_is_whole() {
    let faults = |plan: &str| match read(plan, COVERAGE) {
        Ok(_) => "no fault".to_owned(),
        Err(faults) => faults.to_string(),
    };
    let rows = [
        faults(&PLAN.replace("S002", "S005")),
        faults(&PLAN.replace("section = \"1§2\"\n", "").replace("en = \"Clinics\"", "en = \"诊所\"")),
        faults(&PLAN.replace("S001", "S003")),
        match load(&[("city/coverage.toml", COVERAGE)]).map(|pack| pack.coverage(&|_, _| true)) {
            Ok(Err(faults)) => faults.to_string(),
            other => panic!("{other:?}"),
        },
    ];
    expect![[r#"
        could not read the pack: 1 fault(s)
          city/plan-rows.toml:11: row.S005.id: `S002` stands here in the plan's list
        could not read the pack: 2 fault(s)
          city/plan-rows.toml:5: row.S001.en: has Chinese characters
          city/plan-rows.toml:11: row.S002.section: is missing
        could not read the pack: 4 fault(s)
          city/plan-rows.toml:3: row.S003.id: `S001` stands here in the plan's list
          city/plan-rows.toml:19: row.S003.id: stands twice
          national/registers/care/clinics.toml:4: rows: the plan's list has no row `S001`
          national/registers/wards.toml:4: rows: the plan's list has no row `S001`
        could not read the pack: 1 fault(s)
          city/plan-rows.toml: is not there
    "#]]
    .assert_eq(&(rows.join("\n") + "\n"));
}

#[test]
fn tests_are_found_in_sources() {
    let rust = "#[test]\nfn one() {}\nfn helper() {}\n#[tokio::test(flavor = \"multi_thread\")]\nasync fn two() {}\n\
                #[test]\n#[should_panic]\nfn three() {}\n#[derive(Debug)]\nstruct T;\nfn four() {}\n";
    let script = "await check('the public, it\\'s open', async () => 1)\ntest(\"a\", f)\n  it(`b`, f)\nexpect(check).toBe('c')\n\
                  split('d')\nx.test('e')\n";
    let python = "def test_a():\n  pass\ndef helper():\n  pass\nasync def test_b(x):\n  pass\n";
    assert_eq!(test_names("a/b.rs", rust), ["one", "two", "three"]);
    assert_eq!(test_names("a/b.mjs", script), ["a", "b", "the public, it's open"]);
    assert_eq!(test_names("a/b.py", python), ["test_a", "test_b"]);
    assert_eq!(test_names("a/b.txt", rust), [""; 0]);
}
