//! What changes between two versions of one definition, and what would be lost.

mod common;

use std::sync::Arc;

use expect_test::expect;
use sanggan_pack::{RegisterDef, migrate};

use common::{CLINICS, load};

fn def(text: &str) -> Arc<RegisterDef> {
    let pack =
        load(&[("national/registers/care/clinics.toml", text)]).unwrap_or_else(|faults| panic!("{faults}"));
    Arc::clone(pack.registers.get("clinics").expect("defined"))
}

/// The plan from the clinics as they are to the clinics with changes, as version 2.
fn planned(name: &str, changes: &[(&str, &str)]) -> String {
    let mut text = CLINICS.replacen("version = 1", "version = 2", 1);
    for (from, to) in changes {
        assert!(text.contains(from), "{name}: the definition does not contain {from:?}");
        text = text.replacen(from, to, 1);
    }
    format!("{name}\n{}", shown(&migrate::plan(&def(CLINICS), &def(&text))))
}

fn shown(plan: &Result<Vec<migrate::Step>, Vec<migrate::Loss>>) -> String {
    let lines: Vec<String> = match plan {
        Ok(steps) => {
            steps.iter().map(|step| format!("  {}", serde_json::to_string(step).expect("JSON"))).collect()
        }
        Err(losses) => losses.iter().map(|loss| format!("  LOSS {loss}")).collect(),
    };
    if lines.is_empty() { "  nothing".to_owned() } else { lines.join("\n") }
}

const BEDS: &str = "type = \"integer\"\nunit = \"beds\"\nmin = 0\nmax = 50";

#[test]
fn what_changes() {
    let more = "[[field]]\nid = \"rooms\"\nname = { zh = \"房间\", en = \"Rooms\" }\ntype = \"integer\"\nrequired = true\n\n[lifecycle]";
    let rows = [
        planned("only words", &[("Places that heal.", "Places that cure.")]),
        planned("a field more", &[("[lifecycle]", more)]),
        planned(
            "another name",
            &[
                ("id = \"beds\"", "id = \"places\"\nwas = \"beds\""),
                ("beds > 0", "places > 0"),
                ("'beds * 2'", "'places * 2'"),
            ],
        ),
        planned(
            "another name in a group",
            &[
                ("id = \"name\"", "id = \"title\"\nwas = \"name\""),
                ("title = \"name\"", "title = \"title\""),
                ("list = [\"code\", \"name\"]", "list = [\"code\", \"title\"]"),
                ("[[\"name\"", "[[\"title\""),
            ],
        ),
        planned("numbers", &[(BEDS, "type = \"number\"\nunit = \"beds\"")]),
        planned("limits", &[("max = 50", "max = 60"), ("max_length = 40", "max_length = 60")]),
        planned(
            "required",
            &[("max = 50", "max = 50\nrequired = true"), ("required = true", "required = false")],
        ),
        planned(
            "more values",
            &[(
                "values_of = \"kinds\"",
                "values = [{ id = \"town\", zh = \"镇\", en = \"Town\" }, { id = \"village\", zh = \"村\", en = \"Village\" }, { id = \"city\", zh = \"市\", en = \"City\" }]\nmany = true",
            )],
        ),
        planned(
            "a value less",
            &[("values_of = \"kinds\"", "values = [{ id = \"town\", zh = \"镇\", en = \"Town\" }]")],
        ),
        planned("several", &[("to = \"wards\"", "to = \"wards\"\nmany = true")]),
        planned("any shape", &[("type = \"point\"", "type = \"shape\"")]),
        planned("a list becomes text", &[("type = \"enum\"\nvalues_of = \"kinds\"", "type = \"text\"")]),
        planned(
            "a text becomes long",
            &[
                ("type = \"text\"\nrequired = true", "type = \"long_text\"\nrequired = true"),
                ("unique = [[\"name\", \"area\"]]\n", ""),
            ],
        ),
        planned("another formula", &[("'beds * 2'", "'beds + beds'")]),
        planned(
            "given up",
            &[
                ("title =", "dropped = [\"seen_on\"]\ntitle ="),
                ("review = { every = \"12 months\", field = \"seen_on\" }\n", ""),
                (
                    "[[field]]\nid = \"seen_on\"\nname = { zh = \"检查日\", en = \"Seen on\" }\ntype = \"date\"\nreaders = [\"health\"]\nrequired_when = 'kind == \"town\"'\n",
                    "",
                ),
            ],
        ),
        planned(
            "a formula given up",
            &[(
                "[[field]]\nid = \"beds_twice\"\nname = { zh = \"两倍床位\", en = \"Beds twice\" }\ntype = \"computed\"\nformula = 'beds * 2'\ngives = \"integer\"\n",
                "",
            )],
        ),
        planned(
            "another state",
            &[("id = \"closed\"", "id = \"gone\""), ("to = \"closed\"", "to = \"gone\"")],
        ),
        planned("unique", &[("[[\"name\", \"area\"]]", "[[\"name\"]]")]),
    ];
    expect![[r#"
        only words
          nothing
        a field more
          {"step":"add_field","field":"rooms","required":true}
        another name
          {"step":"rename_field","from":"beds","to":"places"}
          {"step":"compute","field":"beds_twice"}
        another name in a group
          {"step":"rename_field","from":"name","to":"title"}
        numbers
          {"step":"widen_field","field":"beds","how":{"to":"number"}}
        limits
          {"step":"widen_field","field":"code","how":{"to":"limits"}}
          {"step":"widen_field","field":"beds","how":{"to":"limits"}}
        required
          {"step":"set_required","field":"name","required":false}
          {"step":"set_required","field":"beds","required":true}
        more values
          {"step":"widen_field","field":"kind","how":{"to":"values","added":["city"]}}
          {"step":"widen_field","field":"kind","how":{"to":"many"}}
        a value less
          {"step":"check_unused","field":"kind","value":"village"}
        several
          {"step":"widen_field","field":"ward","how":{"to":"many"}}
        any shape
          {"step":"widen_field","field":"place","how":{"to":"any_shape"}}
        a list becomes text
          {"step":"widen_field","field":"kind","how":{"to":"text","long":false}}
        a text becomes long
          {"step":"widen_field","field":"name","how":{"to":"text","long":true}}
          {"step":"drop_unique","fields":["name","area"]}
        another formula
          {"step":"compute","field":"beds_twice"}
        given up
          {"step":"drop_field","field":"seen_on"}
        a formula given up
          {"step":"drop_field","field":"beds_twice"}
        another state
          {"step":"check_state_unused","state":"closed"}
        unique
          {"step":"drop_unique","fields":["name","area"]}
          {"step":"add_unique","fields":["name"]}
    "#]]
    .assert_eq(&(rows.join("\n") + "\n"));
}

#[test]
fn what_would_be_lost() {
    let rows = [
        planned("another type", &[(BEDS, "type = \"boolean\""), ("when = 'beds > 0'", "when = 'beds'")]),
        planned("another unit", &[("unit = \"beds\"", "unit = \"rooms\"")]),
        planned("another register", &[("to = \"wards\"", "to = \"clinics\"")]),
        planned("a shape that doesn't hold it", &[("type = \"point\"", "type = \"line\"")]),
        planned("computed over", &[(BEDS, "type = \"computed\"\nformula = '1'\ngives = \"integer\"")]),
        planned(
            "gone in silence",
            &[("id = \"photos\"", "id = \"pictures\""), ("[\"photos\"]", "[\"pictures\"]")],
        ),
        planned(
            "two take one",
            &[
                ("id = \"photos\"", "id = \"pictures\"\nwas = \"photos\""),
                ("[\"photos\"]", "[\"pictures\"]"),
                ("id = \"seen_on\"", "id = \"visited_on\"\nwas = \"photos\""),
                ("field = \"seen_on\"", "field = \"visited_on\""),
            ],
        ),
        planned("the same version", &[("version = 2", "version = 1"), ("max = 50", "max = 60")]),
        {
            let narrower = CLINICS.replacen("version = 1", "version = 2", 1);
            let several = narrower.replacen("to = \"wards\"", "to = \"wards\"\nmany = true", 1);
            format!("back\n{}", shown(&migrate::plan(&def(&several), &def(CLINICS))))
        },
        {
            let cut = CLINICS.find("[lifecycle]").expect("it has one");
            let without = CLINICS[..cut].replacen("version = 1", "version = 2", 1);
            let ends = shown(&migrate::plan(&def(CLINICS), &def(&without)));
            let later = CLINICS.replacen("version = 1", "version = 3", 1);
            let begins = shown(&migrate::plan(&def(&without), &def(&later)));
            format!("a lifecycle ends\n{ends}\na lifecycle begins\n{begins}")
        },
    ];
    expect![[r#"
        another type
          LOSS field.beds: its type is another, and its values would not all fit; add a field with another id beside it and move the values over, or take it out with `dropped = ["beds"]` once it is empty
        another unit
          LOSS field.beds: its unit is another, so its values would mean something else; add a field with another id beside it and move the values over, or take it out with `dropped = ["beds"]` once it is empty
        another register
          LOSS field.ward: it leads to another register, where its records are not; add a field with another id beside it and move the values over, or take it out with `dropped = ["ward"]` once it is empty
        a shape that doesn't hold it
          LOSS field.place: its shapes would not fit; add a field with another id beside it and move the values over, or take it out with `dropped = ["place"]` once it is empty
        computed over
          LOSS field.beds: what people wrote in it would be computed over; add a field with another id beside it and move the values over, or take it out with `dropped = ["beds"]` once it is empty
        gone in silence
          LOSS field.photos: the definition has it no longer; say which field has its values now with `was = "photos"`, or give it up with `dropped = ["photos"]`
        two take one
          LOSS field.visited_on.was: `photos` goes to `pictures` already; let one field take its values
          LOSS field.seen_on: the definition has it no longer; say which field has its values now with `was = "seen_on"`, or give it up with `dropped = ["seen_on"]`
        the same version
          LOSS version: fields changed and it is still 1; raise `version` to 2
        back
          LOSS field.ward: it held several values and would hold one; add a field with another id beside it and move the values over, or take it out with `dropped = ["ward"]` once it is empty
          LOSS version: the store has version 2 and the definition is version 1; take the newer definition, or raise `version` to 3
        a lifecycle ends
          LOSS lifecycle: the states of all records would be lost; keep the lifecycle; states may be `final` and transitions taken out
        a lifecycle begins
          {"step":"set_state","state":"open"}
    "#]].assert_eq(&(rows.join("\n") + "\n"));
}

#[test]
fn a_plan_is_the_same_from_a_definition_kept_as_json() {
    let kept: RegisterDef =
        serde_json::from_str(&serde_json::to_string(&*def(CLINICS)).expect("JSON")).expect("a definition");
    assert_eq!(migrate::plan(&kept, &def(CLINICS)), Ok(Vec::new()));
}

#[test]
fn a_rename_is_done_once() {
    let second = CLINICS
        .replacen("version = 1", "version = 2", 1)
        .replacen("id = \"photos\"", "id = \"pictures\"\nwas = \"photos\"", 1)
        .replacen("[\"photos\"]", "[\"pictures\"]", 1);
    let third = second.replacen("version = 2", "version = 3", 1);
    assert_eq!(migrate::plan(&def(&second), &def(&third)), Ok(Vec::new()));
}
