//! Our classes of surface water beside the published ones. Needs `../shared/data` beside the checkout.

#![expect(clippy::print_stdout, reason = "the shares are what this test is for")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use sanggan_standards::water::{WaterBody, WaterClassifier};
use sanggan_standards::{Basis, Law, Row, assess};

const FILE: &str = "surface-water-stations-2020.csv.xz";

/// The items the stations measure, by the column of the file.
const ITEMS: [&str; 5] = ["ph", "do", "codmn", "nh3n", "tp"];

const CLASSES: [(&str, u8); 6] = [("Ⅰ", 0), ("Ⅱ", 1), ("Ⅲ", 2), ("Ⅳ", 3), ("Ⅴ", 4), ("劣Ⅴ", 5)];

struct Station {
    fields: BTreeMap<String, String>,
}

impl Station {
    fn text(&self, column: &str) -> &str {
        self.fields.get(column).map_or("", String::as_str)
    }

    fn official(&self) -> Option<u8> {
        CLASSES.iter().find(|(name, _)| *name == self.text("class")).map(|(_, class)| *class)
    }

    fn value(&self, item: &str, raw: bool) -> Option<f64> {
        self.text(&if raw { format!("{item}_raw") } else { item.to_owned() }).parse().ok()
    }

    fn key(&self) -> (String, String, String) {
        let text = |column| self.text(column).to_owned();
        (text("province"), text("river"), text("section"))
    }

    /// The values in the order of the classifier.
    fn values(&self, classifier: &WaterClassifier, raw: bool) -> Vec<Option<f64>> {
        let value = |key: &String| ITEMS.contains(&key.as_str()).then(|| self.value(key, raw)).flatten();
        classifier.item_keys().iter().map(value).collect()
    }
}

/// How river and lake are told apart by names: the water body's name decides where it is given, else the section's.
fn told(river: &str, section: &str) -> WaterBody {
    let lake = if river.is_empty() {
        let passes = ["入", "出", "口", "桥", "闸", "渡", "水厂", "水文"];
        ["湖", "库", "淀"].iter().any(|word| section.contains(word))
            && !passes.iter().any(|word| section.contains(word))
    } else {
        ["湖", "库", "淀", "池", "泊"].iter().any(|word| river.ends_with(word))
    };
    if lake { WaterBody::Lake } else { WaterBody::River }
}

fn stations() -> Option<Vec<Station>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(FILE);
    if !path.exists() {
        println!("skipped: ../shared/data/{FILE} is not there");
        return None;
    }
    let bytes = std::fs::read(&path).expect("readable");
    let mut text = String::new();
    liblzma::read::XzDecoder::new(bytes.as_slice()).read_to_string(&mut text).expect("an xz file of UTF-8");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().expect("a head line").clone();
    let station = |record: csv::StringRecord| Station {
        fields: names.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect(),
    };
    Some(reader.records().map(|record| station(record.expect("a CSV row"))).collect())
}

#[derive(Default)]
struct Share {
    equal: u32,
    of: u32,
}

impl Share {
    fn add(&mut self, equal: bool) {
        self.of += 1;
        self.equal += u32::from(equal);
    }

    fn percent(&self) -> f64 {
        100.0 * f64::from(self.equal) / f64::from(self.of.max(1))
    }

    fn print(&self, name: &str) {
        println!("  {name:<46} {:>6} of {:>6} equal, {:.2} %", self.equal, self.of, self.percent());
    }
}

fn count(into: &mut BTreeMap<String, u32>, what: impl Into<String>) {
    *into.entry(what.into()).or_default() += 1;
}

fn print_counts(title: &str, counts: &BTreeMap<String, u32>) {
    println!("{title}");
    for (what, count) in counts {
        println!("  {count:>6} {what}");
    }
}

#[test]
fn stations_have_the_published_class() {
    let Some(stations) = stations() else { return };
    let law = Law::embedded();
    let basis = Basis::OfDay(jiff::civil::date(2020, 6, 1));
    let compiled = |body| law.water_classifier(Some(body), basis).expect("in force");
    let (river, lake) = (compiled(WaterBody::River), compiled(WaterBody::Lake));
    let of_body = |body| if body == WaterBody::Lake { &lake } else { &river };
    let class = |station: &Station, body: WaterBody, raw: bool| {
        let classifier = of_body(body);
        classifier.classify(&station.values(classifier, raw)).ok().map(|one| one.class)
    };
    let water = assess::assessment("water").expect("it is there");
    let names = ["I", "II", "III", "IV", "V", "inferior_V"];

    let (mut as_river, mut as_lake, mut apart) = (Share::default(), Share::default(), Share::default());
    let (mut rounded, mut either, mut with_nitrogen) = (Share::default(), Share::default(), Share::default());
    let (mut why, mut unpublished, mut facts) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    // What the publication shows of a station: rows only its river or only its lake limits explain.
    let mut fits: BTreeMap<(String, String, String), (u32, u32, u32)> = BTreeMap::new();
    for station in &stations {
        let body = told(station.text("river"), station.text("section"));
        let Some(official) = station.official() else {
            let ours = if class(station, body, true).is_some() { "with a class of ours" } else { "without" };
            let published = if station.text("class").is_empty() { "empty" } else { "`-`" };
            count(&mut unpublished, format!("class {published}, status {}, {ours}", station.text("status")));
            continue;
        };
        let (r, l) = (class(station, WaterBody::River, true), class(station, WaterBody::Lake, true));
        let ours = class(station, body, true);
        as_river.add(r == Some(official));
        as_lake.add(l == Some(official));
        apart.add(ours == Some(official));
        either.add(r == Some(official) || l == Some(official));
        rounded.add(class(station, body, false) == Some(official));
        let fit = fits.entry(station.key()).or_default();
        match (r == Some(official), l == Some(official)) {
            (true, true) => fit.2 += 1,
            (true, false) => fit.0 += 1,
            (false, true) => fit.1 += 1,
            (false, false) => {}
        }
        if ours != Some(official) {
            let which = match (body, r == Some(official), l == Some(official)) {
                (WaterBody::River, false, true) => {
                    "total phosphorus: told as a river, published by the lake limits"
                }
                (WaterBody::Lake, true, false) => {
                    "total phosphorus: told as a lake, published by the river limits"
                }
                _ => "neither as a river nor as a lake",
            };
            count(&mut why, which);
        }
        // What else might have decided.
        let fitting = if r == Some(official) { WaterBody::River } else { WaterBody::Lake };
        if class(station, fitting, false) != Some(official) {
            count(&mut facts, "the rounded columns would give another class, the unrounded ones agree");
        }
        if station.value("tp", true).is_none() {
            count(&mut facts, "published without total phosphorus: river or lake makes no difference");
        }
        let mut without = station.values(of_body(fitting), true);
        without[0] = Some(7.0);
        if of_body(fitting).classify(&without).ok().map(|one| one.class) != Some(official) {
            count(&mut facts, "pH outside 6 to 9 alone makes it worse than V");
        }
        if station.text("status") != "正常" {
            count(&mut facts, format!("published with the status {}", station.text("status")));
        }
        // Total nitrogen as if it counted.
        let nitrogen = station.value("tn", true).map(|value| {
            [0.2, 0.5, 1.0, 1.5, 2.0].iter().position(|limit| value <= *limit).map_or(5, |at| at as u8)
        });
        with_nitrogen.add(ours.max(nitrogen) == Some(official));
        // The assessment says the same.
        let mut cells: Vec<(&str, &str)> =
            vec![("body", if body == WaterBody::Lake { "lake" } else { "river" })];
        let raw: Vec<(String, &str)> =
            ITEMS.iter().map(|item| ((*item).to_owned(), station.text(&format!("{item}_raw")))).collect();
        cells.extend(raw.iter().map(|(item, value)| (item.as_str(), *value)));
        let answer = water.answer(law, &[Row::of(law, water, &cells)], basis);
        let id = answer.class.map(|class| class.id);
        assert_eq!(id.as_deref(), ours.map(|class| names[usize::from(class)]), "{:?}", station.key());
    }

    println!("{FILE}: {} rows, {} with a published class", stations.len(), apart.of);
    as_river.print("all as rivers");
    as_lake.print("all as lakes");
    apart.print("told apart by names");
    rounded.print("told apart by names, on the rounded columns");
    with_nitrogen.print("told apart by names, total nitrogen counted");
    either.print("by the limits of a river or of a lake");
    print_counts("disagreements when told apart by names:", &why);
    print_counts("what else was looked at:", &facts);
    print_counts("rows without a published class:", &unpublished);

    let only = |pick: fn(&(u32, u32, u32)) -> bool| fits.values().filter(|fit| pick(fit)).count();
    let both = only(|fit| 0 < fit.0 && 0 < fit.1);
    println!(
        "stations: {}, {} that only the river limits explain, {} only the lake limits, {} either, {both} neither throughout",
        fits.len(),
        only(|fit| 0 < fit.0 && fit.1 == 0),
        only(|fit| 0 < fit.1 && fit.0 == 0),
        only(|fit| fit.0 == 0 && fit.1 == 0),
    );
    learned(&stations, &class);

    assert_eq!(either.equal, either.of, "a class that neither river nor lake limits give");
    assert_eq!(both, 0, "a station that is now a river and now a lake");
    assert!(97.5 <= apart.percent(), "{}", apart.percent());
    assert!(95.0 <= as_river.percent(), "{}", as_river.percent());
}

/// The kind of water as a register of stations would have it: taken from what was published up to the end of July and
/// tried on the months after. Where the publication shows nothing, by the names.
fn learned(stations: &[Station], class: &dyn Fn(&Station, WaterBody, bool) -> Option<u8>) {
    let mut register: BTreeMap<(String, String, String), WaterBody> = BTreeMap::new();
    let (mut share, mut by_names) = (Share::default(), Share::default());
    for station in stations.iter().filter(|station| station.text("file_day") < "2020-08-01") {
        let Some(official) = station.official() else { continue };
        let fits = |body| class(station, body, true) == Some(official);
        match (fits(WaterBody::River), fits(WaterBody::Lake)) {
            (true, false) => register.insert(station.key(), WaterBody::River),
            (false, true) => register.insert(station.key(), WaterBody::Lake),
            _ => None,
        };
    }
    for station in stations.iter().filter(|station| "2020-08-01" <= station.text("file_day")) {
        let Some(official) = station.official() else { continue };
        let names = told(station.text("river"), station.text("section"));
        let body = register.get(&station.key()).copied().unwrap_or(names);
        share.add(class(station, body, true) == Some(official));
        by_names.add(class(station, names, true) == Some(official));
    }
    println!("rows from August on:");
    by_names.print("told apart by names");
    share.print("by the kind that showed up to July");
    assert!(99.0 <= share.percent(), "{}", share.percent());
}
