//! Our answers beside those the authorities published. Needs `../shared/data` beside the checkout.

#![expect(clippy::print_stdout, reason = "the shares are what these tests are for")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use sanggan_standards::{
    AirSample, AnnualInput, Averaging, Basis, FigureKind, Law, Pollutant, Report, ZoneClass, statistics,
};

fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: ../shared/data/{name} is not there");
    None
}

fn text_of(path: &Path) -> String {
    let bytes = std::fs::read(path).expect("readable");
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "xz") {
        liblzma::read::XzDecoder::new(bytes.as_slice())
            .read_to_string(&mut text)
            .expect("an xz file of UTF-8");
    } else {
        text = String::from_utf8(bytes).expect("UTF-8");
    }
    text
}

/// One row of the hourly publication.
struct Row {
    day: Date,
    fields: BTreeMap<String, String>,
}

impl Row {
    fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.text(name).parse().ok()
    }
}

fn rows(path: &Path) -> Vec<Row> {
    let text = text_of(path);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().expect("a head line").clone();
    let day_of = |text: &str| -> Option<Date> {
        let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
        Date::new(part(0..4)?, i8::try_from(part(4..6)?).ok()?, i8::try_from(part(6..8)?).ok()?).ok()
    };
    let row = |record: csv::StringRecord| {
        let fields: BTreeMap<String, String> = names
            .iter()
            .zip(record.iter())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Row { day: day_of(&fields["date"]).expect("a date"), fields }
    };
    reader.records().map(|record| row(record.expect("a CSV row"))).collect()
}

const COLUMNS: [(&str, Pollutant, Averaging); 7] = [
    ("so2", Pollutant::So2, Averaging::Hour),
    ("no2", Pollutant::No2, Averaging::Hour),
    ("co", Pollutant::Co, Averaging::Hour),
    ("o3_1h", Pollutant::O3, Averaging::Hour),
    ("o3_8h", Pollutant::O3, Averaging::Mean8h),
    ("pm10", Pollutant::Pm10, Averaging::Hour),
    ("pm25", Pollutant::Pm25, Averaging::Hour),
];

/// The publication's words for a primary pollutant.
fn published_name(pollutant: Pollutant) -> &'static str {
    match pollutant {
        Pollutant::So2 => "二氧化硫",
        Pollutant::No2 => "二氧化氮",
        Pollutant::Co => "一氧化碳",
        Pollutant::O3 => "臭氧1小时",
        Pollutant::Pm10 => "颗粒物(PM10)",
        Pollutant::Pm25 => "细颗粒物(PM2.5)",
    }
}

/// Equal rows of all rows that can be compared.
#[derive(Default)]
struct Share {
    equal: u32,
    of: u32,
    others: BTreeMap<String, u32>,
}

impl Share {
    fn add(&mut self, equal: bool, other: impl FnOnce() -> String) {
        self.of += 1;
        if equal {
            self.equal += 1;
        } else {
            *self.others.entry(other()).or_default() += 1;
        }
    }

    fn print(&self, name: &str) {
        println!("  {name:<8} {:>6} of {:>6} equal, {:.3} %", self.equal, self.of, self.percent());
        for (other, count) in &self.others {
            println!("           {count:>6} {other}");
        }
    }

    fn percent(&self) -> f64 {
        100.0 * f64::from(self.equal) / f64::from(self.of.max(1))
    }
}

fn compare_hours(name: &str) {
    let Some(path) = shared(name) else { return };
    let law = Law::embedded();
    let (mut aqi, mut level, mut primary) = (Share::default(), Share::default(), Share::default());
    let mut not_compared: BTreeMap<&str, u32> = BTreeMap::new();
    let mut written = Share::default();
    let rows = rows(&path);
    for row in &rows {
        let mut sample = AirSample::new();
        for (column, pollutant, averaging) in COLUMNS {
            sample.set(pollutant, averaging, row.number(column));
        }
        // A handful of rows are stale copies of 2017; the edition is the same.
        let ours = law.aqi_hour(&sample, Basis::OfDay(row.day));
        let quick = law.aqi_quick(&sample, Report::Hour, Basis::OfDay(row.day));
        assert_eq!((quick.aqi, quick.primary.iter().collect::<Vec<_>>()), (ours.aqi, ours.primary.clone()));
        let named: Vec<&str> = row
            .text("primary")
            .split(['\n', ','])
            .map(str::trim)
            .filter(|name| !name.is_empty() && *name != "—")
            .collect();
        let names: Vec<&str> = ours.primary.iter().copied().map(published_name).collect();
        let same_names = names.len() == named.len() && names.iter().all(|name| named.contains(name));
        let class = ours.class.as_ref().map_or("", |class| class.name.zh.as_str());
        let official = row.number("aqi");
        if let Some(official) = official {
            aqi.add(ours.aqi.map(f64::from) == Some(official), || {
                format!("official {official}, ours {:?}", ours.aqi)
            });
            let as_written = law.aqi(&sample, Report::HourAsWritten, Basis::OfDay(row.day));
            written.add(as_written.aqi.map(f64::from) == Some(official), || "(differs)".to_owned());
        }
        let has_level = !matches!(row.text("level"), "" | "—");
        if has_level {
            level.add(class == row.text("level"), || format!("official {}, ours {class}", row.text("level")));
            primary.add(same_names, || format!("official {named:?}, ours {names:?}"));
        }
        let why = match (official.is_some(), has_level, ours.aqi.is_some()) {
            (true, _, _) => continue,
            (false, true, _) => "no AQI published, but level and primary pollutant (compared above)",
            (false, false, true) => "values without AQI and level, mostly without both PM10 and PM2.5",
            (false, false, false) => "nothing published for the hour",
        };
        *not_compared.entry(why).or_default() += 1;
    }
    println!("{name}: {} rows", rows.len());
    aqi.print("AQI");
    level.print("level");
    primary.print("primary");
    for (why, count) in not_compared {
        println!("  not compared by AQI: {count:>5} {why}");
    }
    println!("  by the letter of HJ 633-2012 5.1.3 instead: {:.3} % AQI equal", written.percent());
    for share in [&aqi, &level, &primary] {
        assert!(0 < share.of && 99.9 <= share.percent(), "{}", share.percent());
    }
}

#[test]
fn shuozhou_hours_equal_the_official_ones() {
    compare_hours("air-shuozhou-hourly-2020-spring.csv");
}

#[test]
fn station_hours_equal_the_official_ones() {
    compare_hours("air-stations-hourly-2020-spring.csv.xz");
}

/// (column, pollutant, the figure of the annual table that the README of the data gives).
const DAILY: [(&str, Pollutant, FigureKind); 6] = [
    ("so2", Pollutant::So2, FigureKind::Mean),
    ("no2", Pollutant::No2, FigureKind::Mean),
    ("pm10", Pollutant::Pm10, FigureKind::Mean),
    ("pm25", Pollutant::Pm25, FigureKind::Mean),
    ("co", Pollutant::Co, FigureKind::Percentile(95)),
    ("o3", Pollutant::O3, FigureKind::Percentile(90)),
];

#[test]
fn shuozhou_years_are_reproduced() {
    let Some(path) = shared("air-shuozhou-daily-2015-2016.csv") else { return };
    let law = Law::embedded();
    let text = text_of(&path);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().expect("a head line").clone();
    let records: Vec<BTreeMap<String, String>> = reader
        .records()
        .map(|record| {
            names.iter().map(str::to_owned).zip(record.expect("a row").iter().map(str::to_owned)).collect()
        })
        .collect();
    let given = [
        (2015, ["76.0", "35.0", "93.5", "52.0", "2.62", "197"], "6.85"),
        (2016, ["67.1", "32.9", "100.4", "57.2", "1.95", "178"], "6.61"),
    ];
    for (year, figures, composite) in given {
        // Before 2016 the standard held city by city, so the edition is asked for by name.
        let basis = Basis::Edition("2012", date(year, 12, 31));
        let rules = law.air_rules(date(year, 12, 31));
        let mut inputs = Vec::new();
        println!("Shuozhou {year}");
        for (column, pollutant, kind) in DAILY {
            let days: Vec<(Date, f64)> = records
                .iter()
                .filter_map(|record| {
                    Some((record["date"].parse::<Date>().ok()?, record[column].parse().ok()?))
                })
                .filter(|(day, _)| day.year() == year)
                .collect();
            for wanted in
                law.annual_figures(basis).expect("an edition").iter().filter(|(one, _)| *one == pollutant)
            {
                let percent =
                    if let FigureKind::Percentile(percent) = wanted.1 { Some(percent) } else { None };
                let figure = statistics::year_from_days(&days, percent, 0, rules);
                inputs.push(AnnualInput {
                    pollutant,
                    kind: wanted.1,
                    value: figure.value,
                    valid: figure.valid,
                    used: figure.used,
                    required: figure.required,
                });
            }
            let figure = inputs
                .iter()
                .find(|input| input.pollutant == pollutant && input.kind == kind)
                .expect("made above");
            let want = figures[DAILY.iter().position(|(name, _, _)| *name == column).expect("listed")];
            let digits = want.split_once('.').map_or(0, |(_, tail)| tail.len());
            let got = figure.value.map(|value| format!("{value:.digits$}"));
            println!(
                "  {:<5} {:<4} {} (given {want}), {} days",
                pollutant.symbol(),
                kind.name(),
                got.as_deref().unwrap_or("-"),
                figure.used
            );
            assert_eq!(got.as_deref(), Some(want), "{year} {column}");
        }
        let result = law.composite(&inputs, basis).expect("all six are there");
        println!("  {} ({})", result.formula, result.edition);
        let year_verdict = law.annual(&inputs, ZoneClass::Second, basis);
        for figure in &year_verdict.figures {
            let limit = figure.limit.as_ref().map(|limit| limit.value.to_string()).unwrap_or_default();
            let value = figure.value.map(|value| value.to_string()).unwrap_or_default();
            println!(
                "  {:<5} {:<4} {value:>5} of {limit:>4}: {:?}",
                figure.pollutant.symbol(),
                figure.kind.name(),
                figure.verdict
            );
        }
        assert_eq!(result.value.to_string(), composite, "{year}");
    }
}
