//! The rules, case by case, in rows an expert can read: `cases/*.cases`, `question => answer`.
//!
//! A line that begins with `#` names the clause. `UPDATE_CASES=1 cargo test` writes the answers anew.

use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Date;
use sanggan_base::{ParameterCode, Unit};
use sanggan_standards::{
    AirSample, AnnualInput, Averaging, Basis, DayRule, FigureKind, HourFlow, Law, LimitVerdict, Medium,
    Pollutant, Report, ZoneClass, outlet, statistics,
};

/// Runs every row of a file and shows all that differ.
fn run(name: &str, answer: impl Fn(&mut Words<'_>) -> String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(name);
    let text = std::fs::read_to_string(&path).expect("the case file is there");
    let (mut wrong, mut fresh, mut rows) = (String::new(), String::new(), 0);
    for (number, line) in text.lines().enumerate() {
        let Some((question, want)) = line.split_once("=>").filter(|_| !line.starts_with('#')) else {
            assert!(line.is_empty() || line.starts_with('#'), "{name}:{}: no row: {line}", number + 1);
            writeln!(fresh, "{line}").expect("a text");
            continue;
        };
        rows += 1;
        let mut words = Words { words: question.split_whitespace().collect(), at: 0 };
        let got = answer(&mut words);
        assert_eq!(words.at, words.words.len(), "{name}:{}: not all words were read: {line}", number + 1);
        writeln!(fresh, "{} => {got}", question.trim_end()).expect("a text");
        if got != want.trim() {
            writeln!(
                wrong,
                "{name}:{}: {}\n  want {}\n  got  {got}",
                number + 1,
                question.trim(),
                want.trim()
            )
            .expect("a text");
        }
    }
    if std::env::var_os("UPDATE_CASES").is_some() {
        std::fs::write(&path, fresh).expect("the case file can be written");
        return;
    }
    assert!(0 < rows, "{name} has no rows");
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The words of a question, read from left to right.
struct Words<'a> {
    words: Vec<&'a str>,
    at: usize,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> &'a str {
        self.at += 1;
        self.words[self.at - 1]
    }

    fn rest(&mut self) -> Vec<&'a str> {
        let rest = self.words[self.at..].to_vec();
        self.at = self.words.len();
        rest
    }

    /// `2026-03-01`, or `2026-03-01/2012` to ask under another edition.
    fn basis(&mut self) -> Basis<'a> {
        let word = self.next();
        let (day, edition) = word.split_once('/').map_or((word, None), |(day, edition)| (day, Some(edition)));
        Basis::new(day.parse().expect("a day"), edition)
    }
}

fn pollutant(symbol: &str) -> Pollutant {
    Pollutant::ALL
        .into_iter()
        .find(|one| one.symbol() == symbol)
        .unwrap_or_else(|| panic!("no pollutant: {symbol}"))
}

fn zone(word: &str) -> ZoneClass {
    match word {
        "first" => ZoneClass::First,
        "second" => ZoneClass::Second,
        other => panic!("no zone: {other}"),
    }
}

fn symbols(pollutants: &[Pollutant]) -> String {
    if pollutants.is_empty() {
        return "-".to_owned();
    }
    pollutants.iter().map(|one| one.symbol()).collect::<Vec<_>>().join("+")
}

#[test]
fn air_quality_index() {
    run("hj-633.cases", |words| {
        let basis = words.basis();
        let report = match words.next() {
            "hour" => Report::Hour,
            "day" => Report::Day,
            "hour_as_written" => Report::HourAsWritten,
            other => panic!("no report: {other}"),
        };
        let mut sample = AirSample::new();
        for word in words.rest() {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            let (symbol, averaging) =
                name.split_once('/').map_or((name, None), |(symbol, one)| (symbol, Some(one)));
            let pollutant = pollutant(symbol);
            if value == "not_monitored" {
                sample.set_not_monitored(pollutant);
                continue;
            }
            let usual = match (report, pollutant) {
                (Report::Day, Pollutant::O3) => Averaging::Mda8,
                (Report::Day, _) => Averaging::Day,
                _ => Averaging::Hour,
            };
            let averaging =
                averaging.map_or(usual, |name| Averaging::from_name(name).expect("an averaging time"));
            sample.set(pollutant, averaging, Some(value.parse().expect("a number")));
        }
        let result = Law::embedded().aqi(&sample, report, basis);
        let quick = Law::embedded().aqi_quick(&sample, report, basis);
        assert_eq!((quick.aqi, quick.primary.iter().collect()), (result.aqi, result.primary.clone()));
        let class = result.class.as_ref().map_or("-", |class| class.name.zh.as_str());
        match (&result.aqi, &result.unjudged) {
            (Some(aqi), None) => {
                let missing = if result.missing.is_empty() {
                    String::new()
                } else {
                    format!(" missing {}", symbols(&result.missing))
                };
                format!("{aqi} {class} primary {}{missing}", symbols(&result.primary))
            }
            (None, Some(unjudged)) => format!("cannot tell: {unjudged}"),
            other => panic!("an index or a reason, not {other:?}"),
        }
    });
}

#[test]
fn ambient_limits() {
    run("gb-3095.cases", |words| {
        let (basis, zone) = (words.basis(), zone(words.next()));
        let code = words.next();
        let parameter = Pollutant::ALL.into_iter().find(|one| one.symbol() == code).map(Pollutant::code);
        let parameter = parameter.unwrap_or_else(|| ParameterCode::parse(code).expect("a code"));
        let averaging = Averaging::from_name(words.next()).expect("an averaging time");
        let value: f64 = words.next().parse().expect("a number");
        match Law::embedded().air_limit(&parameter, averaging, zone, basis) {
            Ok(limit) => match limit.judge(value) {
                LimitVerdict::Met { value } => format!("met, {value} of {} ({})", limit.value, limit.edition),
                LimitVerdict::Exceeded { value, by, multiple } => {
                    format!(
                        "exceeded, {value} of {} by {by}, multiple {multiple} ({})",
                        limit.value, limit.edition
                    )
                }
                LimitVerdict::NotJudged(unjudged) => format!("cannot tell: {unjudged}"),
            },
            Err(unjudged) => format!("cannot tell: {unjudged}"),
        }
    });
}

/// `PM2.5/mean=35.4` or `PM2.5/mean=35.4:300of324`.
fn annual_inputs(words: &[&str]) -> Vec<AnnualInput> {
    let one = |word: &&str| {
        let (name, value) = word.split_once('=').expect("name=value");
        let (symbol, kind) = name.split_once('/').expect("pollutant/figure");
        let (value, counts) = value.split_once(':').unwrap_or((value, "365of324"));
        let (used, required) = counts.split_once("of").expect("used of required");
        let (used, required): (u32, u32) =
            (used.parse().expect("a count"), required.parse().expect("a count"));
        let kind = FigureKind::from_name(kind).expect("a figure");
        let (pollutant, value) = (pollutant(symbol), value.parse().ok());
        AnnualInput { pollutant, kind, value, valid: required <= used, used, required }
    };
    words.iter().map(one).collect()
}

#[test]
fn yearly_figures() {
    run("hj-663.cases", |words| {
        let (basis, zone) = (words.basis(), zone(words.next()));
        let inputs = annual_inputs(&words.rest());
        let result = Law::embedded().annual(&inputs, zone, basis);
        let whole = match (result.meets, &result.unjudged) {
            (Some(true), _) => "meets".to_owned(),
            (Some(false), _) => "does not meet".to_owned(),
            (None, unjudged) => format!("cannot tell: {}", unjudged.as_ref().expect("a reason")),
        };
        let over = result.figures.iter().filter_map(|figure| match &figure.verdict {
            LimitVerdict::Exceeded { value, multiple, .. } => Some(format!(
                "; {} {} {value}, multiple {multiple}",
                figure.pollutant.symbol(),
                figure.kind.name()
            )),
            _ => None,
        });
        format!("{whole}{}", over.collect::<String>())
    });
}

#[test]
fn composite_index() {
    run("ranking.cases", |words| {
        let basis = words.basis();
        match Law::embedded().composite(&annual_inputs(&words.rest()), basis) {
            Ok(result) => {
                let doubt = if result.status == sanggan_standards::Status::Unconfirmed {
                    ", unconfirmed"
                } else {
                    ""
                };
                let valid = if result.valid { "" } else { ", too few data" };
                format!("{} main {} ({}{doubt}{valid})", result.value, symbols(&result.main), result.edition)
            }
            Err(unjudged) => format!("cannot tell: {unjudged}"),
        }
    });
}

fn show(figure: statistics::Figure) -> String {
    let value = figure.value.map_or("nothing".to_owned(), |value| {
        sanggan_standards::exact(value)
            .map_or("?".to_owned(), |exact| exact.round_dp(4).normalize().to_string())
    });
    let verdict = if figure.valid { "valid" } else { "invalid" };
    format!("{value} {verdict}, {} of {}, {} left out", figure.used, figure.required, figure.excluded)
}

/// `5x12` = twelve times 5; `-x3` = three gaps; `!7` = a value marked invalid.
fn series(words: &[&str]) -> Vec<Option<(f64, bool)>> {
    let mut values = Vec::new();
    for word in words {
        let (value, times) =
            word.split_once('x').map_or((*word, 1), |(value, n)| (value, n.parse().expect("a count")));
        let one = match (value, value.strip_prefix('!')) {
            ("-", _) => None,
            (_, Some(invalid)) => Some((invalid.parse().expect("a number"), false)),
            (valid, None) => Some((valid.parse().expect("a number"), true)),
        };
        values.extend(std::iter::repeat_n(one, times));
    }
    values
}

#[test]
fn enough_data() {
    run("statistics.cases", |words| {
        let (what, day) = (words.next(), words.next().parse::<Date>().expect("a day"));
        let law = Law::embedded();
        let rules = law.air_rules(day);
        let option = if matches!(what, "minutes" | "real_time" | "percentile") { words.next() } else { "" };
        let values = series(&words.rest());
        let valid: Vec<Option<f64>> =
            values.iter().map(|one| one.filter(|one| one.1).map(|one| one.0)).collect();
        let excluded = values.iter().flatten().filter(|one| !one.1).count() as u32;
        let flat: Vec<f64> = valid.iter().flatten().copied().collect();
        let dated: Vec<(Date, f64)> = valid
            .iter()
            .scan(day, |at, value| {
                let here = *at;
                *at = at.tomorrow().expect("a day");
                Some(value.map(|value| (here, value)))
            })
            .flatten()
            .collect();
        match what {
            "minutes" => {
                let given: Vec<(f64, bool)> = values.into_iter().flatten().collect();
                show(statistics::hour_from_minutes(
                    &given,
                    option.parse().expect("minutes"),
                    rules.hour_minutes_min,
                ))
            }
            "real_time" => {
                let at = values.iter().enumerate().filter_map(|(minute, one)| Some((minute as u8, (*one)?)));
                let given: Vec<(u8, f64, bool)> =
                    at.map(|(minute, (value, valid))| (minute, value, valid)).collect();
                show(statistics::hour_from_real_time(
                    &given,
                    option.parse().expect("minutes"),
                    rules.hour_minutes_min,
                ))
            }
            "mean_8h" => show(statistics::mean(&valid, rules.mean_8h_hours_min, excluded)),
            "mean_24h" => show(statistics::mean(&valid, rules.mean_24h_hours_min, excluded)),
            "day" => show(statistics::mean(&valid, rules.day_hours_min, excluded)),
            "max_hour" => show(statistics::largest(&valid, rules.day_hours_min, excluded)),
            "mda8" => show(statistics::mda8(&valid.try_into().expect("24 hours"), rules)),
            "month" => {
                let required = statistics::month_days_required(rules, day);
                show(statistics::month_from_days(&flat, None, excluded, required))
            }
            "year" => show(statistics::year_from_days(&dated, None, excluded, rules)),
            "percentile" => {
                let value = statistics::percentile(&flat, option.parse().expect("percent"));
                value
                    .and_then(sanggan_standards::exact)
                    .map_or("nothing".to_owned(), |value| value.to_string())
            }
            other => panic!("no statistic: {other}"),
        }
    });
}

#[test]
fn outlets() {
    run("outlet.cases", |words| {
        let what = words.next();
        let (medium, unit) = match words.next() {
            "gas" => (Medium::Gas, Unit::MgPerM3),
            "water" => (Medium::Water, Unit::MgPerL),
            other => panic!("no medium: {other}"),
        };
        let rule: DayRule = Law::embedded().outlet_rules(medium, words.next().parse().expect("a day")).day;
        // `C@Q` an hour's concentration and volume; `C@-`, `-@Q`; `kg=5@Q` a sent total; `stop` a standstill; `xN` times.
        let mut hours = Vec::new();
        for word in words.rest() {
            let (hour, times) =
                word.split_once('x').map_or((word, 1), |(hour, n)| (hour, n.parse().expect("a count")));
            let flow = if hour == "stop" {
                HourFlow { concentration: None, volume: None, sent_kg: None, discharging: false }
            } else {
                let (left, volume) = hour.split_once('@').expect("C@Q");
                let sent_kg = left.strip_prefix("kg=").map(|kg| kg.parse().expect("a number"));
                let concentration = if sent_kg.is_some() { None } else { left.parse().ok() };
                HourFlow { concentration, volume: volume.parse().ok(), sent_kg, discharging: true }
            };
            hours.extend(std::iter::repeat_n(flow, times));
        }
        show(match what {
            "load" => outlet::load(&hours, unit, rule),
            "mean" => outlet::flow_weighted_mean(&hours, rule),
            "volume" => outlet::volume(&hours, rule),
            other => panic!("no figure: {other}"),
        })
    });
}

#[test]
fn a_flow_becomes_a_volume_and_a_mass() {
    // 10 L/s for an hour are 36 m³; at 50 mg/L they carry 1.8 kg.
    let volume = outlet::volume_m3(10.0, Unit::LPerS, 1.0).expect("a flow");
    assert!((volume - 36.0).abs() < 1e-9);
    assert!((outlet::load_kg(50.0, Unit::MgPerL, volume).expect("a load") - 1.8).abs() < 1e-9);
    // 100,000 m³ at 35 mg/m³ carry 3.5 kg.
    assert!((outlet::load_kg(35.0, Unit::MgPerM3, 100_000.0).expect("a load") - 3.5).abs() < 1e-9);
    assert_eq!(outlet::volume_m3(1.0, Unit::Kg, 1.0), None);
    assert_eq!(outlet::load_kg(1.0, Unit::Celsius, 1.0), None);
    assert_eq!(outlet::load_kg(-1.0, Unit::MgPerL, 1.0), None);
}
