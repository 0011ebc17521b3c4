//! What the records of a large register cost: import, filtered pages, search, the map, history; on both databases.
//!
//! `cargo bench -p sanggan-store --bench registers [-- RECORDS]` (default 1,000,000 outlets of the built-in
//! definition, 17 fields filled). PostgreSQL is the tests' own, which does not wait for the disk, unless
//! `BENCH_POSTGRES` names the address of an empty database with PostGIS.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::stream;
use jiff::civil::date;
use sanggan_base::Millis;
use sanggan_geo::geo_types::Point;
use sanggan_pack::{FieldKind, Pack};
use sanggan_records::rights::{Caller, Scope};
use sanggan_records::{
    Ask, Bounds, By, Codes, Condition, Due, Event, Models, RecordId, Sort, Test, Total, Value,
};
use sanggan_store::Store;
use sanggan_store::records::{ImportDone, ImportMatch, ImportMode, ImportPlan, ImportRow};
use sanggan_testkit::Base;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const OUTLETS: &str = "outlets";
/// Enterprises the outlets belong to.
const ENTERPRISES: u64 = 2_000;
/// Rows the reader hands over at one time.
const BATCH: u64 = 5_000;
/// Runs of each question, each with other arguments.
const RUNS: u64 = 200;
/// Times each question is asked before it is measured.
const WARM: u64 = 20;

fn main() -> ExitCode {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(run(count)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

#[expect(clippy::print_stderr, reason = "a benchmark talks to its terminal")]
fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("{error} ({:?})", error.source());
    ExitCode::FAILURE
}

#[expect(clippy::print_stdout, reason = "the table is the result")]
fn say(line: &str) {
    println!("{line}");
}

fn now() -> Millis {
    Millis::start_of(date(2026, 11, 23))
}

/// Numbers that look like none follows from another, the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides.max(1)
    }

    fn within(&mut self, from: f64, to: f64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a die of a million sides")]
        let part = self.roll(1_000_000) as f64 / 1_000_000.0;
        from + (to - from) * part
    }
}

/// A row of the outlets' file.
struct Writer {
    models: Arc<Models>,
    areas: Vec<String>,
}

impl Writer {
    fn at(&self, register: &str, field: &str) -> usize {
        self.models
            .get(register)
            .and_then(|model| model.position(field))
            .expect("a field of the built-in definition")
    }

    fn word(&self, field: &str, dice: &mut Dice) -> Value {
        let model = self.models.get(OUTLETS).expect("built in");
        match &model.def().fields[self.at(OUTLETS, field)].kind {
            FieldKind::Enum { values, .. } => {
                Value::Text(values[usize::try_from(dice.roll(values.len() as u64)).unwrap_or(0)].id.clone())
            }
            _ => Value::Null,
        }
    }

    fn area(&self, dice: &mut Dice) -> Value {
        Value::Text(self.areas[usize::try_from(dice.roll(self.areas.len() as u64)).unwrap_or(0)].clone())
    }

    fn enterprise(&self, nth: u64, dice: &mut Dice) -> ImportRow {
        let text = |text: String| Value::Text(text);
        ImportRow {
            line: nth + 2,
            values: vec![
                (self.at("enterprises", "code"), text(format!("E{nth:06}"))),
                (self.at("enterprises", "name"), text(format!("朔州第{nth}煤电有限公司"))),
                (self.at("enterprises", "area"), self.area(dice)),
            ],
            ..ImportRow::default()
        }
    }

    fn outlet(&self, nth: u64, dice: &mut Dice) -> ImportRow {
        let at = |field: &str| self.at(OUTLETS, field);
        let text = |text: String| Value::Text(text);
        let place = Point::new(dice.within(111.9, 113.6), dice.within(39.0, 40.3));
        let day = date(2025, 1, 1)
            .saturating_add(jiff::Span::new().days(i64::try_from(dice.roll(690)).unwrap_or(0)));
        let enterprise = dice.roll(ENTERPRISES);
        let words =
            ["锅炉烟囱", "焦炉推焦", "脱硫塔出口", "生活污水总排口", "矿井水排口", "雨水排口", "破碎除尘"];
        let name = words[usize::try_from(dice.roll(7)).unwrap_or(0)];
        ImportRow {
            line: nth + 2,
            values: vec![
                (at("code"), text(format!("E{enterprise:06}-DA{nth:07}"))),
                (at("number"), text("DA001".to_owned())),
                (at("name"), text(format!("{enterprise}号厂{name}{nth}"))),
                (at("area"), self.area(dice)),
                (at("medium"), self.word("medium", dice)),
                (at("kind"), self.word("kind", dice)),
                (at("place"), Value::Shape(Box::new(place.into()))),
                (at("online_required"), Value::Boolean(dice.roll(2) == 0)),
                (at("has_sign"), Value::Boolean(true)),
                (at("stack_height"), Value::Number(dice.within(15.0, 240.0).round())),
                (at("stack_diameter"), Value::Number(dice.within(0.3, 9.0).round())),
                (at("gas_temperature"), Value::Number(dice.within(20.0, 180.0).round())),
                (at("gas_flow"), Value::Number(dice.within(1_000.0, 900_000.0).round())),
                (at("source_unit"), text(format!("{}号机组", dice.roll(9) + 1))),
                (at("bypass"), self.word("bypass", dice)),
                (at("surveyed_on"), Value::Date(day)),
            ],
            keys: vec![(at("enterprise"), vec![format!("E{enterprise:06}")])],
            ..ImportRow::default()
        }
    }
}

async fn run(count: u64) -> Outcome<()> {
    let pack = Pack::embedded()?;
    let codes = Arc::new(Codes::of(&pack.parameters, &pack.city));
    let models = Arc::new(Models::new(&pack.registers, &codes).map_err(|faults| format!("{faults:?}"))?);
    let writer = Arc::new(Writer { models, areas: codes.areas.keys().cloned().collect() });
    for postgres in [false, true] {
        let (name, base, url);
        if postgres {
            name = "PostgreSQL";
            let given = std::env::var("BENCH_POSTGRES").ok();
            base = if given.is_some() { Base::sqlite() } else { Base::postgres() };
            url = given.unwrap_or_else(|| base.url().to_owned());
        } else {
            name = "SQLite";
            base = Base::sqlite();
            url = base.url().to_owned();
        }
        let store = Store::connect(&url, base.folder()).await?;
        store.define(&writer.models, now()).await?;
        say(&format!("\n{name}, {count} outlets\n"));
        fill(&store, &writer, count).await?;
        ask(&store, &writer, count).await?;
        store.close().await;
    }
    Ok(())
}

async fn import(
    store: &Store,
    register: &str,
    count: u64,
    make: impl Fn(u64) -> ImportRow + Send + Sync + 'static,
) -> Outcome<(ImportDone, Duration)> {
    let caller = Caller::system();
    let by = By { caller: &caller, now: now(), why: "" };
    let plan = ImportPlan {
        existing: ImportMatch::Create,
        mode: ImportMode::AllOrNothing,
        schematic: true,
        faults: 10,
    };
    let mut waited = Duration::ZERO;
    let began = Instant::now();
    let batches = stream::iter((0..count).step_by(usize::try_from(BATCH)?).map(|first| {
        // Making the rows is not the store's work.
        let making = Instant::now();
        let rows: Vec<ImportRow> = (first..count.min(first + BATCH)).map(&make).collect();
        waited += making.elapsed();
        rows
    }));
    let done = store.import_records(register, batches, plan, &|_| {}, by).await?;
    let took = began.elapsed();
    if !done.written || done.progress.bad > 0 {
        return Err(format!("{} bad rows: {:?}", done.progress.bad, done.faults.first()).into());
    }
    Ok((done, took - waited))
}

async fn fill(store: &Store, writer: &Arc<Writer>, count: u64) -> Outcome<()> {
    let own = Arc::clone(writer);
    import(store, "enterprises", ENTERPRISES, move |nth| own.enterprise(nth, &mut Dice(nth))).await?;
    let own = Arc::clone(writer);
    let (done, took) = import(store, OUTLETS, count, move |nth| own.outlet(nth, &mut Dice(nth + 77))).await?;
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = done.created as f64 / took.as_secs_f64();
    say(&format!("| import, all or nothing | {rate:.0} rows/s | {:.1} s |", took.as_secs_f64()));
    Ok(())
}

fn is(field: &str, value: Value) -> Condition {
    Condition { field: field.to_owned(), test: Test::In(vec![value]) }
}

fn by(field: &str, descending: bool) -> Vec<Sort> {
    vec![Sort { field: field.to_owned(), descending }]
}

type Question = (&'static str, Box<dyn Fn(&mut Dice) -> Ask + Send + Sync>);

fn questions(writer: &Arc<Writer>, count: u64) -> Vec<Question> {
    let own = || Arc::clone(writer);
    // A rectangle that holds about a thousand of all.
    #[expect(clippy::cast_precision_loss, reason = "a side of a rectangle")]
    let side = (1_000.0 / count as f64).sqrt().min(1.0);
    let (a, b, c, d) = (own(), own(), own(), own());
    vec![
        ("first page", Box::new(|_| Ask::default())),
        (
            "page by area and kind, ordered by key",
            Box::new(move |dice| Ask {
                conditions: vec![is("area", a.area(dice)), is("kind", a.word("kind", dice))],
                sort: by("code", false),
                ..Ask::default()
            }),
        ),
        (
            "page of one enterprise",
            Box::new(|dice| Ask {
                conditions: vec![is(
                    "enterprise",
                    Value::Reference(RecordId(1 + dice.roll(ENTERPRISES) as i64)),
                )],
                ..Ask::default()
            }),
        ),
        (
            "page by four conditions, ordered by name",
            Box::new(move |dice| Ask {
                conditions: vec![
                    is("area", b.area(dice)),
                    is("kind", b.word("kind", dice)),
                    is("medium", b.word("medium", dice)),
                    Condition { field: "stack_height".to_owned(), test: Test::AtLeast(Value::Number(200.0)) },
                ],
                sort: by("name", true),
                ..Ask::default()
            }),
        ),
        (
            "overdue, the longest first",
            Box::new(|_| Ask {
                due: Some(Due::Overdue),
                today: Some(date(2026, 11, 23)),
                sort: by("_due", false),
                ..Ask::default()
            }),
        ),
        (
            "two Chinese characters that every seventh has",
            Box::new(|_| Ask { words: "烟囱".to_owned(), ..Ask::default() }),
        ),
        (
            "one character that all have, ordered by key",
            Box::new(|_| Ask { words: "号".to_owned(), sort: by("code", false), ..Ask::default() }),
        ),
        (
            "a word that one has",
            Box::new(move |dice| Ask { words: format!("DA{:07}", dice.roll(count)), ..Ask::default() }),
        ),
        (
            "rectangle with 1,000 features",
            Box::new(move |dice| {
                let (west, south) =
                    (dice.within(111.9, 113.6 - 1.7 * side), dice.within(39.0, 40.3 - 1.3 * side));
                let bounds = Bounds { west, south, east: west + 1.7 * side, north: south + 1.3 * side };
                Ask { bounds: Some(bounds), limit: 1_000, ..Ask::default() }
            }),
        ),
        (
            "rectangle of the whole city, 1,000 features",
            Box::new(|_| {
                let bounds = Bounds { west: 111.0, south: 38.0, east: 114.0, north: 41.0 };
                Ask { bounds: Some(bounds), limit: 1_000, ..Ask::default() }
            }),
        ),
        (
            "count by area and kind",
            Box::new(move |dice| Ask {
                conditions: vec![is("area", c.area(dice)), is("kind", c.word("kind", dice))],
                limit: 1,
                total: Total::Exact,
                ..Ask::default()
            }),
        ),
        (
            "page by area as it was a day before the last change",
            Box::new(move |dice| Ask {
                conditions: vec![is("area", d.area(dice))],
                as_of: Some(now()),
                ..Ask::default()
            }),
        ),
    ]
}

fn line(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let ms = |at: usize| times[at.min(times.len() - 1)].as_secs_f64() * 1_000.0;
    say(&format!("| {what} | {:.1} | {:.1} |", ms(times.len() / 2), ms(times.len() * 99 / 100)));
}

async fn ask(store: &Store, writer: &Arc<Writer>, count: u64) -> Outcome<()> {
    let caller = Caller::system();
    let city = Scope::Areas(Vec::new());
    let mut dice = Dice(1);
    let mut times = Vec::new();
    for nth in 0..RUNS {
        let rid = RecordId(1 + i64::try_from(dice.roll(count))?);
        let record = store.read_record(OUTLETS, &city, rid, None).await?;
        #[expect(clippy::cast_precision_loss, reason = "a height")]
        let height = Value::Number(16.0 + nth as f64 / 10.0);
        let values = vec![(writer.at(OUTLETS, "stack_height"), height)];
        let event = Event::Change { version: record.version, values };
        let by = By { caller: &caller, now: Millis(now().0 + 86_400_000), why: "" };
        let began = Instant::now();
        store.act(OUTLETS, Some(rid), event, by).await?;
        times.push(began.elapsed());
    }
    say("| | p50 ms | p99 ms |\n|---|---|---|");
    line("one change, lasting", times);
    for (what, question) in questions(writer, count) {
        let mut times = Vec::new();
        for nth in 0..RUNS + WARM {
            let ask = question(&mut dice);
            let began = Instant::now();
            store.records(OUTLETS, &city, &ask).await?;
            if nth >= WARM {
                times.push(began.elapsed());
            }
        }
        line(what, times);
    }
    let mut deep = Vec::new();
    let mut ask = Ask { sort: by("code", false), limit: 1_000, ..Ask::default() };
    for _ in 0..RUNS {
        let began = Instant::now();
        let page = store.records(OUTLETS, &city, &ask).await?;
        deep.push(began.elapsed());
        ask.after = page.next;
    }
    line("the next 1,000 of all, page after page", deep);
    let mut history = Vec::new();
    for _ in 0..RUNS {
        let rid = RecordId(1 + i64::try_from(dice.roll(count))?);
        let began = Instant::now();
        store.record_history(OUTLETS, rid).await?;
        history.push(began.elapsed());
    }
    line("history of a record", history);
    let mut tiles = Vec::new();
    for _ in 0..RUNS {
        let (x, y) = (u32::try_from(13_290 + dice.roll(70))?, u32::try_from(6_180 + dice.roll(60))?);
        let began = Instant::now();
        store.record_tile(OUTLETS, (14, x, y), &city, &["code", "kind"]).await?;
        tiles.push(began.elapsed());
    }
    line("tile of zoom 14", tiles);
    Ok(())
}
