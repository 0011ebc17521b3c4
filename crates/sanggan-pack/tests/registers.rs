//! Definitions of registers: what a good one gives, and which fault each mistake is told as.

mod common;

use expect_test::expect;
use sanggan_pack::{FieldKind, Pack, Period, RegisterDef};

use common::{CLINICS, WARDS, faults, faults_with, load, with_file};

/// One mistake, and the faults it gives.
fn row(mistake: &str, from: &str, to: &str) -> String {
    assert!(CLINICS.contains(from), "{mistake}: the definition does not contain {from:?}");
    format!("{mistake}\n{}", faults(&CLINICS.replacen(from, to, 1)))
}

#[test]
fn a_definition_becomes_types() {
    let pack = load(&[]).unwrap_or_else(|faults| panic!("{faults}"));
    let def = pack.registers.get("clinics").expect("defined");
    assert_eq!((def.version, def.group.as_str(), def.department.as_str()), (1, "care", "health"));
    assert_eq!(def.review.as_ref().map(|review| review.every), Some(Period { months: 12, days: 0 }));
    let shown: Vec<String> = def
        .fields
        .iter()
        .map(|field| {
            let section = field.section.as_ref().map_or("-", |name| name.en.as_str());
            let marks = [(field.required, " required"), (field.searched, " searched")];
            let marks: String = marks.iter().filter(|(set, _)| *set).map(|(_, mark)| *mark).collect();
            format!("{section}: {}{marks}", field.id)
        })
        .collect();
    expect![[r#"
        Basics: code required searched
        Basics: name required searched
        Basics: area
        Basics: kind
        Rooms: beds
        Rooms: ward
        Rooms: photos
        Rooms: seen_on
        Rooms: place
        Rooms: beds_twice"#]]
    .assert_eq(&shown.join("\n"));
    let values = |def: &RegisterDef, id: &str| match &def.field(id).expect("a field").kind {
        FieldKind::Enum { values, .. } => values.iter().map(|value| value.id.clone()).collect::<Vec<_>>(),
        other => panic!("{id} is {other:?}"),
    };
    assert_eq!(values(def, "kind"), ["town", "village"], "from the shared list");
    let lifecycle = def.lifecycle.as_ref().expect("it has one");
    assert_eq!(lifecycle.states[0].deadline, Some(Period { months: 0, days: 30 }));
    assert!(lifecycle.states[1].is_final && lifecycle.transitions[0].departments.is_empty());
    let fault = pack.registers.fault("clinics", "field.beds_twice.formula", "does not compile");
    expect!["national/registers/care/clinics.toml:79: field.beds_twice.formula: does not compile"]
        .assert_eq(&fault.to_string());
    let holder = pack.registers.fault("clinics", "lifecycle.transition.close.when", "is not there");
    expect!["national/registers/care/clinics.toml:90: lifecycle.transition.close.when: is not there"]
        .assert_eq(&holder.to_string());
}

#[test]
fn a_definition_goes_through_json_unchanged() {
    let pack = load(&[]).unwrap_or_else(|faults| panic!("{faults}"));
    let built_in = Pack::embedded().unwrap_or_else(|faults| panic!("{faults}"));
    for def in pack.registers.all().chain(built_in.registers.all()) {
        let text = serde_json::to_string(&**def).expect("JSON");
        let back: RegisterDef = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(**def, back);
    }
}

#[test]
fn seeds_are_carried_as_they_are() {
    let text = "code,name,area,_state,_schematic\nC1,甲,140602,open,true\n";
    let pack = load(&[("city/demo/records/clinics.csv", text)]).unwrap_or_else(|faults| panic!("{faults}"));
    let [seed] = pack.seeds.as_slice() else { panic!("{:?}", pack.seeds) };
    assert_eq!((seed.register.as_str(), seed.demo, seed.csv.as_str()), ("clinics", true, text));
    assert_eq!(seed.file, "city/demo/records/clinics.csv");
}

#[test]
fn mistakes_of_the_head() {
    let rows = [
        row("no TOML", "version = 1", "version = = 1"),
        row("no version", "version = 1\n", ""),
        row("version 0", "version = 1", "version = 0"),
        row("unknown key", "group =", "colour = \"red\"\ngroup ="),
        row("one language", "name = { zh = \"诊所\", en = \"Clinics\" }", "name = { zh = \"诊所\" }"),
        row("Chinese as English", "en = \"Clinics\"", "en = \"诊所\""),
        row("no row", "rows = [\"S001\"]", "rows = []"),
        row(
            "no row, but a reason",
            "rows = [\"S001\"]",
            "reason = { zh = \"内部\", en = \"For ourselves\" }",
        ),
        row("a wrong row", "[\"S001\"]", "[\"S1\", \"S999\"]"),
        row("no such group", "group = \"care\"", "group = \"cure\""),
        row("no such department", "department = \"health\"", "department = \"wealth\""),
        row("no source", "sources = [\"a form\"]", "sources = []"),
        row("key of another kind", "key = \"code\"", "key = \"beds\""),
        row("no key", "key = \"code\"\n", ""),
        row("title that isn't there", "title = \"name\"", "title = \"nmae\""),
        row("area of another kind", "area = \"area\"", "area = \"name\""),
        row("geometry of another kind", "geometry = \"place\"", "geometry = \"area\""),
        row("enterprise of another kind", "geometry =", "enterprise = \"ward\"\ngeometry ="),
        row("list", "list = [\"code\", \"name\"]", "list = [\"code\", \"code\", \"size\", \"place\"]"),
        row("unique", "[[\"name\", \"area\"]]", "[[\"name\", \"photos\", \"street\"], []]"),
        row("public", "fields = [\"code\"]", "fields = [\"code\", \"seen_on\", \"nothing\"]"),
        row("review", "every = \"12 months\", field = \"seen_on\"", "every = \"soon\", field = \"name\""),
    ];
    expect![[r#"
        no TOML
          national/registers/care/clinics.toml:1: extra `=`, expected nothing
          national/registers/care/clinics.toml:1: unexpected key or value, expected newline, `#`
        no version
          national/registers/care/clinics.toml:1: version: is missing
        version 0
          national/registers/care/clinics.toml:1: version: wanted: 1 or more
        unknown key
          national/registers/care/clinics.toml:5: colour: no such key is read here; known: version, name, about, rows, reason, group, department, sources, key, title, area, enterprise, geometry, list, unique, dropped, public, review, lifecycle, graph, chain, zone, field
        one language
          national/registers/care/clinics.toml:2: name.en: is missing
        Chinese as English
          national/registers/care/clinics.toml:2: name.en: has Chinese characters
        no row
          national/registers/care/clinics.toml:4: rows: carries no row of the plan's list; name one, or say why in `reason`
        no row, but a reason
          no fault
        a wrong row
          national/registers/care/clinics.toml:4: rows: `S1` is no row of the plan's list (wanted: S and three digits)
        no such group
          national/registers/care/clinics.toml:5: group: office.toml has no group `cure`; known: care
        no such department
          national/registers/care/clinics.toml:6: department: office.toml has no department `wealth`; known: health
        no source
          national/registers/care/clinics.toml:7: sources: names no source; name the standard, the form or the plan's section
        key of another kind
          national/registers/care/clinics.toml:8: key: `beds` is not a text field
        no key
          national/registers/care/clinics.toml:1: key: is missing
        title that isn't there
          national/registers/care/clinics.toml:9: title: there is no field `nmae`
        area of another kind
          national/registers/care/clinics.toml:10: area: `name` is not an area field
        geometry of another kind
          national/registers/care/clinics.toml:11: geometry: `area` is not a point, line, polygon or shape field
        enterprise of another kind
          national/registers/care/clinics.toml:11: enterprise: `ward` does not lead to `enterprises`
        list
          national/registers/care/clinics.toml:12: list: `code` stands twice
          national/registers/care/clinics.toml:12: list: there is no field `size`
          national/registers/care/clinics.toml:12: list: `place` is not a field other than a shape
        unique
          national/registers/care/clinics.toml:13: unique: `photos` is not a field of one written value
          national/registers/care/clinics.toml:13: unique: there is no field `street`
          national/registers/care/clinics.toml:13: unique: has an empty group
        public
          national/registers/care/clinics.toml:14: public.fields: `seen_on` has `readers`; it cannot be public as well
          national/registers/care/clinics.toml:14: public.fields: there is no field `nothing`
        review
          national/registers/care/clinics.toml:15: review.every: `soon` is no length of time (wanted: `30 days`, `12 months`, `1 year`)
    "#]].assert_eq(&(rows.join("\n") + "\n"));
}

#[test]
fn mistakes_of_fields() {
    let beds = "id = \"beds\"\n";
    let rows = [
        row("id", beds, "id = \"Beds\"\n"),
        row("reserved", beds, "id = \"retired\"\n"),
        row("twice", beds, "id = \"name\"\n"),
        row("no type", "type = \"integer\"\n", ""),
        row("unknown type", "type = \"integer\"\n", "type = \"int\"\n"),
        row("a key of another type", "type = \"integer\"\n", "type = \"boolean\"\n"),
        row("bounds", "min = 0\nmax = 50", "min = 60\nmax = 50"),
        row("a text for a number", "min = 0", "min = \"0\""),
        row("no list of that name", "values_of = \"kinds\"", "values_of = \"sorts\""),
        row(
            "two lists",
            "values_of = \"kinds\"",
            "values_of = \"kinds\"\nvalues = [{ id = \"a\", zh = \"甲\", en = \"A\" }]",
        ),
        row("no list", "values_of = \"kinds\"", ""),
        row(
            "values",
            "values_of = \"kinds\"",
            "values = [{ id = \"a b\", zh = \"甲\", en = \"A\" }, { id = \"a\", zh = \"\", en = \"B\" }, { id = \"a\", zh = \"乙\", en = \"B\", colour = 1 }]",
        ),
        row("no such register", "to = \"wards\"", "to = \"words\""),
        row("no such department", "readers = [\"health\"]", "readers = [\"wealth\"]"),
        row("gives", "gives = \"integer\"", "gives = \"float\""),
        row("no formula", "formula = 'beds * 2'\n", ""),
        row("a computed field is written", "formula = 'beds * 2'", "formula = 'beds * 2'\nrequired = true"),
        row("searched", "photo = true", "photo = true\nsearched = true"),
        row("needless", "max = 50", "max = 50\nrequired = true\nrequired_when = 'kind == \"town\"'"),
        row("no enterprise", "max = 50", "max = 50\nenterprise_writes = true"),
        row("section apart", "photo = true", "photo = true\nsection = { zh = \"基本\", en = \"Basics\" }"),
        row("what was", "max = 50", "max = 50\nwas = \"name\""),
        row("dropped", "title =", "dropped = [\"beds\"]\ntitle ="),
    ];
    expect![[r#"
        id
          national/registers/care/clinics.toml:43: field.Beds.id: `Beds` is no field id (a small letter, then small letters, digits and `_`, at most 40)
        reserved
          national/registers/care/clinics.toml:43: field.retired.id: `retired` is a word every record has already
        twice
          national/registers/care/clinics.toml:43: field.name: stands twice
        no type
          national/registers/care/clinics.toml:43: field.beds.type: is missing
        unknown type
          national/registers/care/clinics.toml:45: field.beds.type: there is no type `int`; known: text, long_text, number, integer, boolean, date, time, enum, reference, parameter, area, station, attachment, point, line, polygon, shape, computed
        a key of another type
          national/registers/care/clinics.toml:46: field.beds.unit: no such key is read here; known: id, name, required, required_when, readers, enterprise_writes, searched, section, help, source, was, type
          national/registers/care/clinics.toml:47: field.beds.min: no such key is read here; known: id, name, required, required_when, readers, enterprise_writes, searched, section, help, source, was, type
          national/registers/care/clinics.toml:48: field.beds.max: no such key is read here; known: id, name, required, required_when, readers, enterprise_writes, searched, section, help, source, was, type
        bounds
          national/registers/care/clinics.toml:47: field.beds.min: min 60 is above max 50
        a text for a number
          national/registers/care/clinics.toml:47: field.beds.min: wanted: a whole number; found: the text `0`
        no list of that name
          national/registers/care/clinics.toml:40: field.kind.values_of: there is no lists/sorts.toml; known: kinds
        two lists
          national/registers/care/clinics.toml:40: field.kind.values_of: beside `values`; only one of them
        no list
          national/registers/care/clinics.toml:37: field.kind.values: is missing: an enum needs `values` or `values_of`
        values
          national/registers/care/clinics.toml:40: field.kind.values.a b.id: `a b` is no id of a value (letters and digits, inside also `_`, `-` and `.`, at most 40)
          national/registers/care/clinics.toml:40: field.kind.values.a.zh: is empty
          national/registers/care/clinics.toml:40: field.kind.values.a.id: stands twice
          national/registers/care/clinics.toml:40: field.kind.values.a.colour: no such key is read here; known: id, zh, en
        no such register
          national/registers/care/clinics.toml:55: field.ward.to: there is no register `words`
        no such department
          national/registers/care/clinics.toml:67: field.seen_on.readers: office.toml has no department `wealth`; known: health
        gives
          national/registers/care/clinics.toml:80: field.beds_twice.gives: a formula cannot give `float`; known: text, number, integer, boolean, date
        no formula
          national/registers/care/clinics.toml:76: field.beds_twice.formula: is missing
        a computed field is written
          national/registers/care/clinics.toml:78: field.beds_twice.type: a computed field is never required and nobody writes it
        searched
          national/registers/care/clinics.toml:62: field.photos.searched: only words are searched; this field holds none
        needless
          national/registers/care/clinics.toml:50: field.beds.required_when: says nothing beside `required = true`
        no enterprise
          national/registers/care/clinics.toml:49: field.beds.enterprise_writes: the register has no `enterprise`, so no record belongs to one
        section apart
          national/registers/care/clinics.toml:62: field.photos.section: section `基本` stands above already; put its fields together
        what was
          national/registers/care/clinics.toml:49: field.beds.was: `name` is a field still, or is dropped
        dropped
          national/registers/care/clinics.toml:9: dropped: `beds` is a field
    "#]].assert_eq(&(rows.join("\n") + "\n"));
}

#[test]
fn mistakes_of_states() {
    let rows = [
        row("no such start", "start = \"open\"", "start = \"opened\""),
        row("from nowhere", "from = [\"open\"]", "from = [\"open\", \"away\"]"),
        row("to nowhere", "to = \"closed\"", "to = \"shut\""),
        row("a dead end", ", final = true }", " }"),
        row("a deadline at the end", "final = true", "final = true, deadline = \"1 year\""),
        row("deadline", "\"30 days\"", "\"30\""),
        row("what it needs", "evidence = [\"photos\"]", "evidence = [\"name\"]\nrequires = [\"rooms\"]"),
        row("who", "evidence = [\"photos\"]", "departments = [\"wealth\"]\nenterprise = true"),
        row(
            "twice",
            "  { id = \"closed\"",
            "  { id = \"open\", zh = \"开\", en = \"Open\" },\n  { id = \"closed\"",
        ),
        row("id", "id = \"close\"", "id = \"close it\""),
    ];
    expect![[r#"
        no such start
          national/registers/care/clinics.toml:83: lifecycle.start: there is no state `opened`
        from nowhere
          national/registers/care/clinics.toml:93: lifecycle.transition.close.from: there is no state `away`
        to nowhere
          national/registers/care/clinics.toml:86: lifecycle.state.closed: no way leads to it from `open`
          national/registers/care/clinics.toml:94: lifecycle.transition.close.to: there is no state `shut`
        a dead end
          national/registers/care/clinics.toml:86: lifecycle.state.closed: no transition leads out of it; add one, or `final = true`
        a deadline at the end
          national/registers/care/clinics.toml:86: lifecycle.state.closed.deadline: nothing is due in a final state
        deadline
          national/registers/care/clinics.toml:85: lifecycle.state.open.deadline: `30` is no length of time (wanted: `30 days`, `12 months`, `1 year`)
        what it needs
          national/registers/care/clinics.toml:95: lifecycle.transition.close.evidence: `name` is not an attachment field
          national/registers/care/clinics.toml:96: lifecycle.transition.close.requires: there is no field `rooms`
        who
          national/registers/care/clinics.toml:95: lifecycle.transition.close.departments: office.toml has no department `wealth`; known: health
          national/registers/care/clinics.toml:96: lifecycle.transition.close.enterprise: the register has no `enterprise`, so no record belongs to one
        twice
          national/registers/care/clinics.toml:86: lifecycle.state.open.id: stands twice
        id
          national/registers/care/clinics.toml:90: lifecycle.transition.close it: `close it` is no id (a small letter, then small letters, digits and `_`, at most 40)
    "#]].assert_eq(&(rows.join("\n") + "\n"));
}

#[test]
fn mistakes_of_roles() {
    let role = |name: &str, text: &str| format!("{name}\n{}", faults(&format!("{CLINICS}\n{text}\n")));
    let rows = [
        role("a node", "[graph]\nnode = \"spring\"\ninto = \"ward\"\nlength = \"beds\""),
        role("no node", "[graph]\nnode = \"clinic\"\ninto_at = \"name\"\non = \"area\""),
        role("on no river", "[graph]\nnode = \"spring\"\non = \"ward\"\non_at = \"beds\""),
        role(
            "a chain",
            "[chain]\nfrom = \"ward\"\nto = \"name\"\nwhat = \"photos\"\nsent = \"code\"\nsent_on = \"seen_on\"",
        ),
        role("half a chain", "[chain]\nfrom = \"ward\""),
        role("a zone", "[zone]\nkind = \"kind\"\nfrom = \"seen_on\"\nuntil = \"beds\""),
        role("a strip in one language", "[zone.buffer]\nof = \"ward\"\nmetres = \"beds\"\nzh = \"带\""),
        role(
            "a strip along nothing",
            "[zone.buffer]\nof = \"ward\"\nmetres = \"beds\"\nzh = \"带\"\nen = \"Strip\"",
        ),
    ];
    expect![[r#"
        a node
          national/registers/care/clinics.toml:99: graph.into: leads to `wards`, which has no [graph]: the way would end there
        no node
          national/registers/care/clinics.toml:97: graph: `into_at` and `length` say nothing without `into`
          national/registers/care/clinics.toml:98: graph.node: there is no node `clinic`; known: river, section, outlet, source, works, spring, reservoir, intake, point
          national/registers/care/clinics.toml:99: graph.into_at: `name` is not a number or integer field
          national/registers/care/clinics.toml:100: graph.on: `area` is not a reference to one record
        on no river
          national/registers/care/clinics.toml:99: graph.on: leads to `wards`, whose records are no rivers
        a chain
          national/registers/care/clinics.toml:99: chain.to: `name` is not a reference to one record
          national/registers/care/clinics.toml:100: chain.what: `photos` is not a text, enum, parameter or reference field of one value
          national/registers/care/clinics.toml:101: chain.sent: `code` is not a number or integer field
        half a chain
          national/registers/care/clinics.toml:97: chain.to: is missing
          national/registers/care/clinics.toml:97: chain.what: is missing
          national/registers/care/clinics.toml:97: chain.sent: is missing
          national/registers/care/clinics.toml:97: chain.sent_on: is missing
        a zone
          national/registers/care/clinics.toml:100: zone.until: `beds` is not a date or time field
        a strip in one language
          national/registers/care/clinics.toml:97: zone.buffer.en: is missing
          national/registers/care/clinics.toml:98: zone.buffer.of: leads to `wards`, which has no `geometry` to draw the strip along
        a strip along nothing
          national/registers/care/clinics.toml:98: zone.buffer.of: leads to `wards`, which has no `geometry` to draw the strip along
    "#]].assert_eq(&(rows.join("\n") + "\n"));
}

#[test]
fn mistakes_between_files() {
    let rows = [
        faults_with(&[("city/registers/clinics.toml", CLINICS)]),
        faults_with(&[("national/registers/Clinics.toml", WARDS)]),
        faults_with(&[("city/lists/kinds.toml", "version = 1\nvalues = []\n")]),
        faults_with(&[(
            "national/office.toml",
            "version = 2\n[[department]]\nid = \"health\"\nzh = \"卫\"\n",
        )]),
        faults_with(&[("city/records/clinic.csv", "code\n")]),
        faults_with(&[(
            "city/records/clinics.csv",
            "\u{feff}name,\"beds\",beds,beds_twice,rooms,_state,_colour\n",
        )]),
        faults_with(&[("city/records/wards.csv", "code,_state\n")]),
        faults_with(&[("city/record/clinics.csv", "code\n"), ("city/register/x.toml", "")]),
        faults_with(&[(
            "city/plan-rows.toml",
            "version = 1\n[[row]]\nid = \"S002\"\nzh = \"一\"\nen = \"One\"\nsection = \"1\"\nkind = \"register\"\ncap = \"C1\"\ntier = \"A\"\n",
        )]),
        {
            let moved =
                with_file(&[("city/registers/wards.toml", WARDS)], Some("national/registers/wards.toml"));
            match moved {
                Ok(_) => "no fault".to_owned(),
                Err(faults) => faults.to_string(),
            }
        },
    ];
    expect![[r#"
          city/registers/clinics.toml: the register `clinics` is in national/registers/care/clinics.toml already
          national/registers/Clinics.toml: the file's name `Clinics` is no register id (a small letter, then small letters, digits and single `-`, at most 40)
          city/lists/kinds.toml: values: the list has no value
          city/lists/kinds.toml: a list of this name is in another file already
          national/office.toml:1: version: this program reads version 1 of this file
          national/office.toml:3: department.health.en: is missing
          national/registers/care/clinics.toml:5: group: office.toml has no group `care`; known: none
          national/registers/wards.toml:5: group: office.toml has no group `care`; known: none
          city/records/clinic.csv: there is no register `clinic`
          city/records/clinics.csv:1: beds: the column stands twice
          city/records/clinics.csv:1: beds_twice: is computed; leave the column out
          city/records/clinics.csv:1: rooms: `clinics` has no such field
          city/records/clinics.csv:1: _colour: `clinics` has no such field
          city/records/clinics.csv:1: code: the column of the key is missing
          city/records/wards.csv:1: _state: the register has no lifecycle
          city/record/clinics.csv: no such file is read; known: city.toml, outline.geojson, limits.toml, stations.toml, demo.toml, plan-rows.toml, coverage.toml, office.toml, lists/*.toml, registers/**/*.toml, records/*.csv, demo/records/*.csv
          city/register/x.toml: no such file is read; known: city.toml, outline.geojson, limits.toml, stations.toml, demo.toml, plan-rows.toml, coverage.toml, office.toml, lists/*.toml, registers/**/*.toml, records/*.csv, demo/records/*.csv
          city/plan-rows.toml:3: row.S002.id: `S001` stands here in the plan's list
          national/registers/care/clinics.toml:4: rows: the plan's list has no row `S001`
          national/registers/wards.toml:4: rows: the plan's list has no row `S001`
        could not read the pack: 1 fault(s)
          national/registers/care/clinics.toml:55: field.ward.to: leads to city/registers/wards.toml, which other cities don't have; move one of the two
    "#]].assert_eq(&(rows.join("\n") + "\n"));
}

#[test]
fn a_city_names_its_offices_its_own_way() {
    let office = "version = 1\ndepartment = [{ id = \"health\", zh = \"卫健委\", en = \"Health office\" }, \
                  { id = \"fire\", zh = \"消防\", en = \"Fire brigade\" }]\n";
    let pack = load(&[("city/office.toml", office)]).unwrap_or_else(|faults| panic!("{faults}"));
    let names: Vec<&str> = pack.registers.office.departments.iter().map(|one| one.name.zh.as_str()).collect();
    assert_eq!(names, ["卫健委", "消防"]);
}
