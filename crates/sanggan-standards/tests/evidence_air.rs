//! Periods, trends and other editions on real data. Needs `../shared/data` beside the checkout.

#![expect(clippy::print_stdout, reason = "the figures are what these tests are for")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use sanggan_standards::air::whatif::{what_if, what_if_hours};
use sanggan_standards::{AirSample, Averaging, Basis, Law, Pollutant, Row, ZoneClass, assessment, trend};

fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: ../shared/data/{name} is not there");
    None
}

type Record = BTreeMap<String, String>;

fn records(path: &Path) -> Vec<Record> {
    let bytes = std::fs::read(path).expect("readable");
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "xz") {
        liblzma::read::XzDecoder::new(bytes.as_slice())
            .read_to_string(&mut text)
            .expect("an xz file of UTF-8");
    } else {
        text = String::from_utf8(bytes).expect("UTF-8");
    }
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().expect("a head line").clone();
    let record = |row: csv::StringRecord| {
        names.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect::<Record>()
    };
    reader.records().map(|row| record(row.expect("a CSV row"))).collect()
}

#[test]
fn a_file_of_days_gives_the_year_of_shuozhou() {
    let Some(path) = shared("air-shuozhou-daily-2015-2016.csv") else { return };
    let law = Law::embedded();
    let period = assessment("air-period").expect("it is one");
    let all = records(&path);
    for (year, wanted) in [(2015, "6.85"), (2016, "6.61")] {
        let of_year: Vec<&Record> =
            all.iter().filter(|row| row["date"].starts_with(&year.to_string())).collect();
        let rows: Vec<Row> = of_year
            .iter()
            .map(|row| {
                let cell = |name: &str| row[name].as_str();
                Row::of(
                    law,
                    period,
                    &[
                        ("day", cell("date")),
                        ("so2", cell("so2")),
                        ("no2", cell("no2")),
                        ("co", cell("co")),
                        ("o3_8h", cell("o3")),
                        ("pm10", cell("pm10")),
                        ("pm25", cell("pm25")),
                    ],
                )
            })
            .collect();
        let answer = period.answer(law, &rows, Basis::Edition("2012", date(year, 12, 31)));
        println!("Shuozhou {year}: {}", answer.line());
        assert_eq!(answer.value.as_ref().map(|value| value.value.to_string()).as_deref(), Some(wanted));
        assert_eq!(answer.meets, Some(false));

        let days: Vec<(Date, AirSample)> = of_year
            .iter()
            .map(|row| {
                let mut sample = AirSample::new();
                for (column, pollutant, averaging) in [
                    ("so2", Pollutant::So2, Averaging::Day),
                    ("no2", Pollutant::No2, Averaging::Day),
                    ("co", Pollutant::Co, Averaging::Day),
                    ("o3", Pollutant::O3, Averaging::Mda8),
                    ("pm10", Pollutant::Pm10, Averaging::Day),
                    ("pm25", Pollutant::Pm25, Averaging::Day),
                ] {
                    sample.set(pollutant, averaging, row[column].parse().ok());
                }
                (row["date"].parse().expect("a day"), sample)
            })
            .collect();
        let mut good = Vec::new();
        for one in what_if(law, &days, ZoneClass::Second, &[Some("2012"), Some("2026"), Some("2026-final")]) {
            let counts = one.counts.expect("the editions are there");
            let classes: Vec<u32> = counts.classes.iter().map(|class| class.days).collect();
            println!(
                "  under {:?}: {} days, {} good ({} %), levels {classes:?}, {} above a daily limit, {} meet all",
                one.asked.unwrap_or_default(),
                counts.valid,
                counts.good,
                counts.good_share.unwrap_or_default(),
                counts.exceeding,
                counts.meeting
            );
            assert_eq!(classes.iter().sum::<u32>(), counts.valid);
            assert_eq!(counts.exceeding + counts.meeting, counts.valid);
            good.push((counts.good, counts.meeting));
        }
        // Stricter breakpoints never make more good days; the final limits keep the index and tighten the limits.
        assert!(good[1].0 <= good[0].0 && good[2].0 == good[1].0 && good[2].1 <= good[1].1);
        assert!(good[0].0 == good[0].1 && good[1].0 == good[1].1);
    }
}

#[test]
fn the_spring_of_2020_under_the_rule_of_2026() {
    let law = Law::embedded();
    for file in ["air-shuozhou-hourly-2020-spring.csv", "air-stations-hourly-2020-spring.csv.xz"] {
        let Some(path) = shared(file) else { return };
        let hours: Vec<(Date, AirSample)> = records(&path)
            .iter()
            .filter_map(|row| {
                let day = row["date"].as_str();
                // A few stale copies are of 2017 and 2019.
                let day = Date::strptime("%Y%m%d", day).ok().filter(|day| day.year() == 2020)?;
                let mut sample = AirSample::new();
                for (column, pollutant) in [
                    ("so2", Pollutant::So2),
                    ("no2", Pollutant::No2),
                    ("co", Pollutant::Co),
                    ("o3_1h", Pollutant::O3),
                    ("pm10", Pollutant::Pm10),
                    ("pm25", Pollutant::Pm25),
                ] {
                    sample.set(pollutant, Averaging::Hour, row[column].parse().ok());
                }
                Some((day, sample))
            })
            .collect();
        let answers = what_if_hours(law, &hours, &[None, Some("2026")]).expect("the editions are there");
        println!("{file}");
        for one in &answers {
            let classes: Vec<u32> = one.classes.iter().map(|class| class.days).collect();
            println!(
                "  under {:?}: {} hours, {} with an index, {} of 100 or less, levels {classes:?}",
                one.asked.as_deref().unwrap_or("the edition in force"),
                one.hours,
                one.valid,
                one.good
            );
            assert_eq!(classes.iter().sum::<u32>(), one.valid);
        }
        assert!(answers[1].good <= answers[0].good);
    }
}

#[test]
fn the_trend_of_a_station_in_beijing() {
    let Some(path) = shared("air-beijing-aotizhongxin-2013-2017.csv.xz") else { return };
    let rows = records(&path);
    let part = |row: &Record, name: &str| row[name].parse::<i16>().expect("a number");
    for (item, falls) in [("PM2.5", false), ("PM10", false), ("SO2", true), ("NO2", false), ("O3", false)] {
        // Months with at least the hours of 25 days of 20 go in.
        let mut months: BTreeMap<(i16, i16), Vec<f64>> = BTreeMap::new();
        for row in &rows {
            if let Ok(value) = row[item].parse::<f64>() {
                months.entry((part(row, "year"), part(row, "month"))).or_default().push(value);
            }
        }
        let series: Vec<(f64, f64)> = months
            .iter()
            .filter(|(_, hours)| 25 * 20 <= hours.len())
            .map(|((year, month), hours)| {
                let mean = hours.iter().sum::<f64>() / hours.len() as f64;
                (f64::from(*year) + (f64::from(*month) - 1.0) / 12.0, mean)
            })
            .collect();
        // Monthly means follow the seasons, which widens the spread and hides slow trends; four years are too few for yearly ones.
        let values: Vec<f64> = series.iter().map(|(_, value)| *value).collect();
        let test = trend::mann_kendall(&values, 10).expect("long enough");
        let line = trend::theil_sen(&series, test.variance, 0.05).expect("different times");
        let (low, high) = line.interval.expect("long enough");
        println!(
            "Aotizhongxin {item}: {} months, S {}, Z {:.3}, p {:.4}, slope {:.2} a year ({low:.2} to {high:.2})",
            test.n,
            test.s,
            test.z,
            test.p.unwrap_or(f64::NAN),
            line.slope
        );
        assert!(low <= line.slope && line.slope <= high);
        assert_eq!(test.p.is_some_and(|p| p < 0.05) && test.s < 0, falls, "{item}");
    }
}
