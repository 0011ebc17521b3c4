//! What a pack's registers begin with: mistakes are told with file, line and column.

use expect_test::expect;
use sanggan_pack::{Pack, PackFaults};
use sanggan_records::faults_of;

const THINGS: &str = r#"version = 1
name = { zh = "物件", en = "Things" }
about = { zh = "物件。", en = "Things." }
reason = { zh = "测试", en = "For a test" }
group = "water"
department = "water"
sources = ["a form"]
key = "code"
title = "code"
list = ["code"]

[[field]]
id = "code"
name = { zh = "编号", en = "Code" }
type = "text"
pattern = 'T[0-9]+'

[[field]]
id = "kind"
name = { zh = "类别", en = "Kind" }
type = "enum"
values = [{ id = "big", zh = "大", en = "Big" }, { id = "small", zh = "小", en = "Small" }]
required = true

[[field]]
id = "weight"
name = { zh = "重量", en = "Weight" }
type = "number"
unit = "kg"
max = 10
required_when = 'kind == "big"'

[[field]]
id = "beside"
name = { zh = "旁边", en = "Beside" }
type = "reference"
to = "test-things"
many = true

[lifecycle]
start = "new"
state = [{ id = "new", zh = "新", en = "New" }, { id = "old", zh = "旧", en = "Old", final = true }]

[[lifecycle.transition]]
id = "age"
zh = "变旧"
en = "Age"
from = ["new"]
to = "old"
"#;

fn shown(definition: &str, real: &str, demo: &str) -> String {
    let mut files = Pack::embedded_city_files();
    files.retain(|path, _| !path.contains("records/"));
    for (path, text) in [
        ("registers/test-things.toml", definition),
        ("records/test-things.csv", real),
        ("demo/records/test-things.csv", demo),
    ] {
        files.insert(path.to_owned(), text.to_owned());
    }
    let pack = Pack::of_city(&files).unwrap_or_else(|faults| panic!("{faults}"));
    PackFaults(faults_of(&pack)).to_string()
}

#[test]
fn records_that_are_sound_have_no_fault() {
    let real = "code,kind,weight,beside,_state\nT1,大,3.5,T2,old\nT2,small,,,\n";
    let demo = "code,kind,weight,beside\nT3,Big,2,T1;T2\n";
    expect!["could not read the pack: 0 fault(s)"].assert_eq(&shown(THINGS, real, demo));
}

#[test]
fn records_that_are_not_are_told() {
    let real = "code,kind,weight,beside,_state,_schematic\nT1,huge,3,,,\nt2,big,,,,\nT3,small,12,T9,,\nT4,small,1,T8,gone,maybe\nT4,small\n,small,,,,\n";
    let demo = "code,kind\nT8,small\nT1,small\n";
    expect![[r#"
        could not read the pack: 11 fault(s)
          city/records/test-things.csv:6: has 2 cells, the header has 6
          city/records/test-things.csv:6: code: `T4` is in city/records/test-things.csv:5 already
          city/demo/records/test-things.csv:3: code: `T1` is in city/records/test-things.csv:2 already
          city/records/test-things.csv:2: kind: Kind: `huge` is not in the list; allowed: big, small
          city/records/test-things.csv:3: code: Code: `t2` has the wrong form, it must match T[0-9]+
          city/records/test-things.csv:4: weight: Weight may not be more than 10 kg, this is 12
          city/records/test-things.csv:4: beside: Beside: `Things` has no record `T9`; add it first or correct this
          city/records/test-things.csv:5: beside: Beside: `Things` has no record `T8`; add it first or correct this
          city/records/test-things.csv:5: _state: there is no state `gone`
          city/records/test-things.csv:5: _schematic: `maybe` is neither true nor false
          city/records/test-things.csv:7: code: Code must be filled in"#]].assert_eq(&shown(THINGS, real, demo));
}

#[test]
fn what_does_not_compile_is_told_with_its_line() {
    let wrong = THINGS.replace("'kind == \"big\"'", "'kind = '").replace("'T[0-9]+'", "'T[0-9'");
    expect![[r#"
        could not read the pack: 2 fault(s)
          city/registers/test-things.toml:16: field.code.pattern: regex parse error:
            ^(?:T[0-9)$
                 ^
        error: unclosed character class
          city/registers/test-things.toml:31: field.weight.required_when: `kind = ` is no CEL expression: ERROR: <input>:1:6: Syntax error: token recognition error at: '= '
        | kind = 
        | .....^"#]].assert_eq(&shown(&wrong, "code,kind\n", "code,kind\n"));
}
