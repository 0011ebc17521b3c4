//! A pack of two small registers, to make mistakes in.

#![allow(dead_code, reason = "each test file uses its part")]

use sanggan_pack::{Files, Pack, PackFaults};

/// A register with nearly everything.
pub(crate) const CLINICS: &str = r#"version = 1
name = { zh = "诊所", en = "Clinics" }
about = { zh = "卫生诊所。", en = "Places that heal." }
rows = ["S001"]
group = "care"
department = "health"
sources = ["a form"]
key = "code"
title = "name"
area = "area"
geometry = "place"
list = ["code", "name"]
unique = [["name", "area"]]
public = { fields = ["code"], when = 'beds > 0' }
review = { every = "12 months", field = "seen_on" }

[[field]]
id = "code"
name = { zh = "编码", en = "Code" }
type = "text"
max_length = 40
pattern = '[0-9A-Z]+'
section = { zh = "基本", en = "Basics" }

[[field]]
id = "name"
name = { zh = "名称", en = "Name" }
type = "text"
required = true

[[field]]
id = "area"
name = { zh = "区县", en = "Area" }
type = "area"

[[field]]
id = "kind"
name = { zh = "类别", en = "Kind" }
type = "enum"
values_of = "kinds"

[[field]]
id = "beds"
name = { zh = "床位", en = "Beds" }
type = "integer"
unit = "beds"
min = 0
max = 50
section = { zh = "病房", en = "Rooms" }

[[field]]
id = "ward"
name = { zh = "病区", en = "Ward" }
type = "reference"
to = "wards"

[[field]]
id = "photos"
name = { zh = "照片", en = "Photos" }
type = "attachment"
photo = true

[[field]]
id = "seen_on"
name = { zh = "检查日", en = "Seen on" }
type = "date"
readers = ["health"]
required_when = 'kind == "town"'

[[field]]
id = "place"
name = { zh = "位置", en = "Place" }
type = "point"

[[field]]
id = "beds_twice"
name = { zh = "两倍床位", en = "Beds twice" }
type = "computed"
formula = 'beds * 2'
gives = "integer"

[lifecycle]
start = "open"
state = [
  { id = "open", zh = "开放", en = "Open", deadline = "30 days" },
  { id = "closed", zh = "关闭", en = "Closed", final = true },
]

[[lifecycle.transition]]
id = "close"
zh = "关闭"
en = "Close"
from = ["open"]
to = "closed"
evidence = ["photos"]
"#;

/// A register with nearly nothing.
pub(crate) const WARDS: &str = r#"version = 1
name = { zh = "病区", en = "Wards" }
about = { zh = "病区。", en = "Wards." }
rows = ["S001"]
group = "care"
department = "health"
sources = ["a form"]
key = "code"
title = "code"
list = ["code"]

[[field]]
id = "code"
name = { zh = "编码", en = "Code" }
type = "text"
"#;

const OFFICE: &str = r#"version = 1
department = [{ id = "health", zh = "卫生局", en = "Health bureau" }]
group = [{ id = "care", zh = "医疗", en = "Care" }]
"#;

const KINDS: &str = r#"version = 1
values = [{ id = "town", zh = "镇", en = "Town" }, { id = "village", zh = "村", en = "Village" }]
"#;

/// The small pack with files put in or in place of others (`city/records/clinics.csv`), and one taken out.
pub(crate) fn with_file(files: &[(&str, &str)], without: Option<&str>) -> Result<Pack, PackFaults> {
    let own = [
        ("national/parameters.toml", include_str!("../../../../packs/china/parameters.toml")),
        ("national/defaults.toml", include_str!("../../../../packs/china/defaults.toml")),
        ("national/office.toml", OFFICE),
        ("national/lists/kinds.toml", KINDS),
        ("national/registers/care/clinics.toml", CLINICS),
        ("national/registers/wards.toml", WARDS),
        ("city/city.toml", include_str!("../../../../packs/shuozhou/city.toml")),
        ("city/outline.geojson", include_str!("../../../../packs/shuozhou/outline.geojson")),
    ];
    let (mut national, mut city) = (Files::new(), Files::new());
    for (path, text) in own.iter().chain(files) {
        let (folder, name) = path.split_once('/').expect("begins with the pack");
        let into = if folder == "city" { &mut city } else { &mut national };
        into.insert(name.to_owned(), (*text).to_owned());
        if without == Some(path) {
            into.remove(name);
        }
    }
    Pack::load(&national, &city)
}

/// The small pack with files put in or in place of others.
pub(crate) fn load(files: &[(&str, &str)]) -> Result<Pack, PackFaults> {
    with_file(files, None)
}

/// The faults with these files.
pub(crate) fn faults_with(files: &[(&str, &str)]) -> String {
    match load(files) {
        Ok(_) => "  no fault".to_owned(),
        Err(faults) => faults.0.iter().map(|fault| format!("  {fault}")).collect::<Vec<_>>().join("\n"),
    }
}

/// The faults with this text for the clinics.
pub(crate) fn faults(clinics: &str) -> String {
    faults_with(&[("national/registers/care/clinics.toml", clinics)])
}
