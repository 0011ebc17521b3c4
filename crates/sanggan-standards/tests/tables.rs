//! The data tables: dates, sources, units, and that a broken file is refused with its name and key.

use jiff::civil::date;
use sanggan_standards::{AirSample, Averaging, Basis, Law, Pollutant, Report, Status};

const HEAD: &str = r#"
standard = "HJ 633"
edition = "test"
family = "test"
theme = "air"
from = 2020-01-01
title = { zh = "试", en = "test" }
"#;

const TABLE: &str = r#"
[[table]]
id = "basic"
kind = "limits"
clause = { zh = "表1", en = "table 1" }
source = { zh = "试验", en = "test" }
checked_on = 2026-11-23
status = "confirmed"
rounding = { zh = "不修约", en = "no rounding" }
note = { zh = "注", en = "a note" }
digits = { a34004 = 0 }
"#;

#[test]
fn every_table_is_sourced_and_every_edition_dated() {
    let law = Law::embedded();
    assert!(14 <= law.editions().len());
    for edition in law.editions() {
        let tables = law.sources(&edition.id);
        assert!(!tables.is_empty(), "{}", edition.id);
        for (id, sourced) in tables {
            let texts = [&sourced.clause, &sourced.source, &sourced.rounding];
            for text in texts.into_iter().chain(&sourced.note) {
                assert!(!text.zh.is_empty() && !text.en.is_empty(), "{} {id}: {text:?}", edition.id);
                // Each language says it in its own words: no English sentence in the Chinese, no Chinese in the English.
                assert!(!text.en.chars().any(is_han), "{} {id}: {}", edition.id, text.en);
                // An address is the same in both.
                let tokens = text.zh.split(|c: char| !c.is_ascii_alphanumeric() && !"./-_".contains(c));
                let words = tokens
                    .filter(|token| !token.contains(['.', '/']))
                    .flat_map(|token| token.split(|c: char| !c.is_ascii_alphabetic()))
                    .filter(|word| 6 < word.len());
                assert_eq!(words.count(), 0, "{} {id}: {}", edition.id, text.zh);
            }
            assert!(date(2026, 1, 1) <= sourced.checked_on, "{} {id}", edition.id);
            let explained = sourced.status == Status::Confirmed || sourced.note.is_some();
            assert!(explained, "{} {id} is unconfirmed and does not say why", edition.id);
        }
        assert!(!edition.title.zh.is_empty() && !edition.title.en.is_empty());
    }
}

#[test]
fn on_every_day_from_2016_exactly_one_edition_judges() {
    let law = Law::embedded();
    for standard in ["GB 3095", "HJ 633", "HJ 663"] {
        let mut day = date(2016, 1, 1);
        while day < date(2033, 1, 1) {
            let held = law
                .editions()
                .iter()
                .filter(|one| one.standard == standard && one.by_date && one.holds_on(day));
            assert_eq!(held.count(), 1, "{standard} on {day}");
            assert!(law.edition(standard, Basis::OfDay(day)).is_ok());
            day = day.tomorrow().expect("a day");
        }
    }
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

fn refused(text: &str) -> String {
    let error = Law::load(&[("x/y.toml", text)]).expect_err("a broken file");
    let cause =
        std::error::Error::source(&error).map(|cause| format!(": {}", cause.to_string().replace('\n', " ")));
    format!("{error}{}", cause.unwrap_or_default())
}

#[test]
fn a_broken_file_is_refused_with_its_name_and_key() {
    let row = |row: &str| format!("{HEAD}{TABLE}{row}");
    let good = "[[table.row]]\nparameter = \"a34004\"\naveraging = \"day\"\nunit = \"ug/m3\"\nfirst = 35\nsecond = 75\n";
    let cases = [
        ("standard = 3".to_owned(), vec!["x/y.toml", "the head", "line 1", "standard"]),
        (format!("{HEAD}limit = 3\ntable = []\n"), vec!["the head", "limit"]),
        (row("colour = 3"), vec!["x/y.toml", "table `basic`", "colour"]),
        (row(&good.replace("day", "daily")), vec!["a34004 daily", "no such averaging time"]),
        (row(&good.replace("ug/m3", "ug/m4")), vec!["table `basic`", "ug/m4"]),
        (row(&good.replace("ug/m3", "mg/m3")), vec!["a34004 day", "unit"]),
        (row(&good.replace("a34004", "a34002")), vec!["digits.a34002"]),
        (row(&good.replace("75", "15")), vec!["a34004 day", "first-grade"]),
        (row(&format!("{good}{good}")), vec!["a34004 day", "two such rows"]),
        (
            row(good).replace("en = \"test\" }\nchecked", "en = \" \" }\nchecked"),
            vec!["table `basic`, source.en", "empty"],
        ),
        (row(good).replace("\"表1\"", "\"\""), vec!["table `basic`, clause.zh", "empty"]),
        (row(good).replace("\"不修约\"", "\"\""), vec!["table `basic`, rounding.zh", "empty"]),
        (row(good).replace("\"a note\"", "\"\""), vec!["table `basic`, note.en", "empty"]),
        (row(good).replace("title = { zh = \"试\"", "title = { zh = \"\""), vec!["title.zh", "empty"]),
        (row(good).replace("clause = { zh = \"表1\", ", "clause = { "), vec!["table `basic`", "zh"]),
        (row(good).replace("zh = \"表1\", en = \"table 1\"", "zh = \"表1\""), vec!["table `basic`", "en"]),
        (
            row(good).replace("clause = { zh = \"表1\", en = \"table 1\" }", "clause = \"table 1\""),
            vec!["table `basic`", "clause"],
        ),
        (row(good).replace("checked_on = 2026-11-23", ""), vec!["table `basic`", "checked_on"]),
        (
            row(good).replace("from = 2020-01-01", "from = 2020-01-01\nto = 2019-01-01"),
            vec!["to", "ends before"],
        ),
    ];
    for (text, wanted) in cases {
        let message = refused(&text);
        for part in wanted {
            assert!(message.contains(part), "`{part}` is not in: {message}");
        }
    }
}

#[test]
fn editions_may_leave_no_gap() {
    let row = "[[table.row]]\nparameter = \"a34004\"\naveraging = \"day\"\nunit = \"ug/m3\"\nfirst = 35\nsecond = 75\n";
    let one = format!("{HEAD}{TABLE}{row}")
        .replace("from = 2020-01-01", "from = 2020-01-01\nto = 2021-12-31\nreplaced_by = \"b\"");
    let two = format!("{HEAD}{TABLE}{row}")
        .replace("\"test\"\nfamily", "\"b\"\nfamily")
        .replace("2020-01-01", "2022-01-02");
    let error = Law::load(&[("x/a.toml", &one), ("x/b.toml", &two)]).expect_err("a gap of one day");
    assert!(
        error.to_string().contains("`x/a.toml`: to: it is not the day before `x/b.toml` begins"),
        "{error}"
    );
}

#[test]
fn classes_carry_what_a_legend_needs() {
    let law = Law::embedded();
    for day in [date(2020, 1, 1), date(2026, 4, 1)] {
        let classes = law.aqi_classes(Basis::OfDay(day)).expect("an edition");
        let rows: Vec<String> = classes
            .iter()
            .map(|class| format!("{}-{} {} {}", class.from, class.to, class.name.zh, class.colour))
            .collect();
        let first = classes[0].from;
        assert_eq!(
            rows,
            [
                &format!("{first}-50 优 #00e400"),
                "51-100 良 #ffff00",
                "101-150 轻度污染 #ff7e00",
                "151-200 中度污染 #ff0000",
                "201-300 重度污染 #99004c",
                "301-500 严重污染 #7e0023",
            ]
        );
        assert!(classes.iter().all(|class| !class.advice.zh.is_empty() && !class.effect.en.is_empty()));
    }
    assert!(law.aqi_sensitive_groups(Pollutant::O3, Basis::OfDay(date(2026, 4, 1))).is_some());
    assert!(law.aqi_sensitive_groups(Pollutant::O3, Basis::OfDay(date(2020, 4, 1))).is_none());
}

#[test]
fn what_was_not_read_at_the_source_is_marked() {
    let law = Law::embedded();
    let day = date(2026, 11, 23);
    for medium in [sanggan_standards::Medium::Gas, sanggan_standards::Medium::Water] {
        let rules = law.outlet_rules(medium, day);
        assert_eq!(rules.sourced.status, Status::Unconfirmed, "{}", rules.edition);
        assert!(rules.sourced.source.zh.contains("未见标准原文") && rules.sourced.note.is_some());
    }
    let index = law.aqi(
        &AirSample::new().with(Pollutant::Pm25, Averaging::Hour, 40.0),
        Report::Hour,
        Basis::OfDay(day),
    );
    let sourced = index.sourced.expect("an edition judged");
    assert_eq!(sourced.status, Status::Confirmed);
    assert_eq!(sourced.clause.zh, "4.2.2～4.2.6、表3；4.2.3、4.2.4、5.3");
}

#[test]
fn an_index_explains_itself() {
    let sample = AirSample::new().with(Pollutant::Pm25, Averaging::Hour, 40.0).with(
        Pollutant::Pm10,
        Averaging::Hour,
        700.0,
    );
    let result = Law::embedded().aqi(&sample, Report::Hour, Basis::OfDay(date(2020, 4, 1)));
    let formulas: Vec<&str> = result.indices.iter().map(|index| index.formula.as_str()).collect();
    assert_eq!(formulas, ["600 < 700 → 500", "(100 − 50) ÷ (75 − 35) × (40 − 35) + 50 = 56.25 → 57"]);
    let sourced = result.sourced.expect("an edition judged");
    assert!(
        sourced.clause.en.contains("table 1")
            && sourced.note.expect("a practice note").en.contains("Published practice")
    );
    assert_eq!(result.edition.expect("an edition").as_str(), "HJ 633-2012");
}

proptest::proptest! {
    #[test]
    fn no_input_panics_and_the_quick_way_agrees(
        values in proptest::collection::vec(proptest::option::of(proptest::num::f64::ANY), 54),
        year in 1900_i16..2200,
        asked in proptest::option::of("[0-9a-z-]{0,12}"),
    ) {
        let law = Law::embedded();
        let basis = Basis::new(date(year, 7, 1), asked.as_deref());
        let mut sample = AirSample::new();
        for (at, value) in values.iter().enumerate() {
            sample.set(Pollutant::ALL[at % 6], Averaging::ALL[at / 6], *value);
        }
        for report in [Report::Hour, Report::Day, Report::HourAsWritten] {
            let full = law.aqi(&sample, report, basis);
            let quick = law.aqi_quick(&sample, report, basis);
            proptest::prop_assert_eq!(full.aqi, quick.aqi);
            proptest::prop_assert_eq!(full.aqi.is_some(), full.unjudged.is_none());
            proptest::prop_assert_eq!(full.aqi.is_some(), full.class.is_some());
            proptest::prop_assert!(full.aqi.is_none_or(|aqi| aqi <= 500));
        }
    }

    #[test]
    fn an_index_never_falls_as_the_concentration_rises(low in 0.0_f64..3000.0, more in 0.0_f64..500.0) {
        for (pollutant, averaging) in [
            (Pollutant::Pm25, Averaging::Hour),
            (Pollutant::No2, Averaging::Hour),
            (Pollutant::O3, Averaging::Hour),
            (Pollutant::Co, Averaging::Hour),
        ] {
            for day in [date(2020, 1, 1), date(2026, 4, 1)] {
                let index = |value| {
                    let sample = AirSample::new().with(pollutant, averaging, value);
                    Law::embedded().aqi_quick(&sample, Report::Hour, Basis::OfDay(day)).max_iaqi
                };
                proptest::prop_assert!(index(low) <= index(low + more));
            }
        }
    }
}

const GENERAL: &str = r#"
standard = "GB 1"
edition = "2020"
family = "2020"
theme = "water"
from = 2020-01-01
title = { zh = "试", en = "test" }
[[circumstance]]
key = "body"
name = { zh = "水体", en = "water body" }
choice = [{ id = "river", name = { zh = "河流", en = "river" } }, { id = "lake", name = { zh = "湖库", en = "lake" } }]
[[table]]
id = "t"
clause = { zh = "表1", en = "table 1" }
source = { zh = "试", en = "test" }
checked_on = 2026-11-23
status = "confirmed"
rounding = { zh = "不修约", en = "none" }
"#;

/// A general table, and what is said of a broken one.
#[test]
fn a_broken_general_table_is_refused_with_its_key() {
    let item = r#"item = [{ key = "tp", name = { zh = "总磷", en = "TP" }, unit = "mg/L" }]"#;
    let graded = format!("kind = \"graded\"\ngrades = [\"I\", \"II\"]\n{item}\n");
    let band = |bounds: &str| {
        let row = |id: &str, bounds: &str| {
            format!("[[table.row]]\nid = \"{id}\"\nname = {{ zh = \"甲\", en = \"a\" }}\n{bounds}\n")
        };
        let (one, two) = bounds.split_once('|').expect("two bands");
        format!("kind = \"bands\"\nunit = \"1\"\n{}{}", row("a", one), row("b", two))
    };
    let row = |row: &str| format!("{graded}[[table.row]]\nitem = \"tp\"\nbound = \"max\"\n{row}\n");
    let fine = [
        row("limits = [0.1, 0.2]\nwhen = { body = \"river\" }"),
        row("limits = [\"not_detected\", 0.2]\nwhen = { body = [\"river\", \"lake\"] }"),
        band("at_most = 1|above = 1"),
        band("at_least = 70|below = 70"),
    ];
    let load = |table: &str| Law::load_over(&[("gb-1/2020.toml".to_owned(), format!("{GENERAL}{table}"))]);
    for table in fine {
        load(&table).unwrap_or_else(|error| panic!("{error}: {table}"));
    }
    let broken = [
        (row("limits = [0.2, 0.1]"), "tp: a worse grade has a stricter limit than a better one"),
        (row("limits = [0.1]"), "tp: a row has one limit a grade"),
        (row("limits = [0.1, 0.2]\nwhen = { body = \"sea\" }"), "tp: `body` has no such choice or span"),
        (
            row("limits = [0.1, 0.2]\nwhen = { place = \"sea\" }"),
            "tp: the circumstance `place` is not declared in the file",
        ),
        (
            row("limits = [0.1, 0.2]").replace("item = \"tp\"", "item = \"tn\""),
            "tn: there is no such item in the table",
        ),
        (row("limits = [0.1, 0.2]").replace("mg/L", "furlong"), "could not read `gb-1/2020.toml`, table `t`"),
        (band("at_most = 1|at_least = 1"), "b: there is a gap or an overlap with the band `a`"),
        (band("below = 1|above = 1"), "b: there is a gap or an overlap with the band `a`"),
    ];
    for (table, why) in broken {
        let error = load(&table).expect_err(why);
        assert!(error.to_string().contains(why), "{error}: {table}");
    }
}
