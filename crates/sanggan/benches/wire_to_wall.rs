//! From the wire to the wall: how long a packet takes from the logger's socket to a browser's event stream, in the
//! real program, while other loggers keep it busy.
//!
//! Numbers by environment: `LOGGERS` (200), `RATE` packets a second of all of them together (20000), `SECONDS` (20).
//! The load and the program share the machine's cores.

#![allow(clippy::print_stdout, reason = "its table is its output")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use sanggan_testkit::{Program, packet};

const BINARY: &str = env!("CARGO_BIN_EXE_sanggan");
/// Values of one packet of the load.
const VALUES: usize = 6;
/// A probe is sent this often.
const PROBE_EVERY: Duration = Duration::from_millis(50);

fn wanted(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// `YYYYMMDDhhmmss` of now plus `ahead` seconds, in Beijing time.
fn stamp(ahead: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let local = sanggan_base::Millis(now.as_millis() as i64 + ahead * 1000).local();
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}",
        local.year(),
        local.month(),
        local.day(),
        local.hour(),
        local.minute(),
        local.second()
    )
}

fn mn(logger: u64) -> String {
    format!("BE0000000000000000{logger:06}")
}

/// A real-time packet of an air station; `value` is its PM2.5.
fn frame(mn: &str, millis: u64, value: f64) -> Vec<u8> {
    let stamp = stamp(0);
    let rest = ["a34002", "a21026", "a21004", "a21005", "a05024"];
    let rest: Vec<String> =
        rest.iter().map(|code| format!("{code}-Rtd={:.3},{code}-Flag=N", 20.0 + value % 7.0)).collect();
    packet(&format!(
        "QN={stamp}{millis:03};ST=22;CN=2011;PW=123456;MN={mn};Flag=4;CP=&&DataTime={stamp};a34004-Rtd={value:.3},a34004-Flag=N;{}&&",
        rest.join(";")
    ))
}

fn main() {
    let (loggers, rate, seconds) = (wanted("LOGGERS", 200), wanted("RATE", 20_000), wanted("SECONDS", 20));
    let folder = tempfile::tempdir().expect("a temporary folder");
    register(folder.path(), loggers);

    let arguments = [
        "serve",
        "--data",
        "data",
        "--format",
        "json",
        "--set",
        "http.listen=127.0.0.1:0",
        "--set",
        "gateway.listen=127.0.0.1:0",
    ];
    let mut program = Program::start(BINARY, folder.path(), &arguments);
    let ready = program.event("ready", Duration::from_secs(60));
    let address =
        |name: &str| -> SocketAddr { ready[name].as_str().expect("an address").parse().expect("an address") };
    let (http, gateway) = (address("http"), address("gateway"));

    let idle = probe(http, gateway, seconds.min(10));
    let (busy, sent) = {
        let stop = Arc::new(AtomicBool::new(false));
        let sent = Arc::new(AtomicU64::new(0));
        let load = load(gateway, loggers, rate, &stop, &sent);
        std::thread::sleep(Duration::from_secs(2));
        let before = (sent.load(Ordering::Relaxed), Instant::now());
        let busy = probe(http, gateway, seconds);
        let reached = (sent.load(Ordering::Relaxed) - before.0) as f64 / before.1.elapsed().as_secs_f64();
        stop.store(true, Ordering::Relaxed);
        load.into_iter().for_each(|thread| thread.join().expect("the load ends"));
        (busy, reached)
    };
    println!("| frame → event in the browser's stream | probes | p50 ms | p99 ms | largest ms | lost |");
    println!("|---|---|---|---|---|---|");
    row("no load", idle);
    row(&format!("{loggers} loggers, {sent:.0} packets/s, {:.0} values/s", sent * VALUES as f64), busy);
    program.stop(Duration::from_secs(60));
}

fn row(name: &str, (mut times, lost): (Vec<Duration>, usize)) {
    times.sort();
    let at = |share: f64| {
        times.get(((times.len() as f64 - 1.0) * share) as usize).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    println!(
        "| {name} | {} | {:.1} | {:.1} | {:.1} | {lost} |",
        times.len() + lost,
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

/// Makes the devices known by importing one packet of each.
fn register(folder: &std::path::Path, loggers: u64) {
    let mut file = std::fs::File::create(folder.join("register.txt")).expect("a file");
    for logger in 0..=loggers {
        file.write_all(&frame(&mn(logger), logger % 1000, 10.0)).expect("written");
    }
    let ran = Program::run(
        BINARY,
        folder,
        &["import", "frames", "register.txt", "--admit-unknown", "--data", "data"],
    );
    assert!(ran.status.success(), "the loggers could not be registered: {}", ran.stderr);
}

/// Sends a value nobody else sends every [`PROBE_EVERY`] and waits for it on the event stream.
fn probe(http: SocketAddr, gateway: SocketAddr, seconds: u64) -> (Vec<Duration>, usize) {
    let (arrived, arrivals) = channel();
    let mut events = TcpStream::connect(http).expect("the web server listens");
    write!(
        events,
        "GET /api/v1/live?raw=1&station=mn-{} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n",
        mn(0)
    )
    .expect("asked");
    events.set_read_timeout(Some(Duration::from_secs(3))).expect("a time-out");
    std::thread::spawn(move || {
        for line in BufReader::new(events).lines().map_while(Result::ok) {
            if line.starts_with("data:")
                && line.contains("a34004")
                && arrived.send((Instant::now(), line)).is_err()
            {
                return;
            }
        }
    });
    std::thread::sleep(Duration::from_millis(500));
    let mut wire = TcpStream::connect(gateway).expect("the gateway listens");
    wire.set_nodelay(true).expect("set");
    let mut sent = Vec::new();
    let until = Instant::now() + Duration::from_secs(seconds);
    let base = wanted("PROBE_BASE", 10);
    while Instant::now() < until {
        let number = sent.len() as u64;
        // A concentration that is believable and unlike every other: its thousandths count the probes.
        let value = base as f64 + number as f64 / 1000.0;
        let bytes = frame(&mn(0), number % 1000, value);
        sent.push((format!("{value:?}"), Instant::now()));
        wire.write_all(&bytes).expect("sent");
        std::thread::sleep(PROBE_EVERY);
    }
    let mut times = Vec::new();
    let patience = Instant::now() + Duration::from_secs(5);
    let mut open = sent.clone();
    while !open.is_empty() && Instant::now() < patience {
        let Ok((at, line)) = arrivals.recv_timeout(Duration::from_millis(500)) else { break };
        open.retain(|(value, since)| {
            let found = line.contains(&format!("\"value\":{value},"))
                || line.contains(&format!("\"value\":{value}}}"));
            if found {
                times.push(at.duration_since(*since));
            }
            !found
        });
    }
    (times, open.len())
}

/// Threads that together send `rate` packets a second over `loggers` connections until told to stop.
fn load(
    gateway: SocketAddr,
    loggers: u64,
    rate: u64,
    stop: &Arc<AtomicBool>,
    sent: &Arc<AtomicU64>,
) -> Vec<std::thread::JoinHandle<()>> {
    const THREADS: u64 = 2;
    (0..THREADS)
        .map(|thread| {
            let (stop, sent) = (Arc::clone(stop), Arc::clone(sent));
            std::thread::spawn(move || {
                let mine: Vec<u64> = (1..=loggers).filter(|logger| logger % THREADS == thread).collect();
                let mut wires: Vec<TcpStream> =
                    mine.iter().map(|_| TcpStream::connect(gateway).expect("the gateway listens")).collect();
                let began = Instant::now();
                let mut count: u64 = 0;
                while !stop.load(Ordering::Relaxed) {
                    let due = (began.elapsed().as_secs_f64() * (rate / THREADS) as f64) as u64;
                    if count >= due {
                        std::thread::sleep(Duration::from_millis(1));
                        continue;
                    }
                    let which = (count as usize) % mine.len();
                    let round = count / mine.len() as u64;
                    let bytes = frame(&mn(mine[which]), round % 1000, 10.0 + (count % 5000) as f64 / 100.0);
                    // Back-pressure: a full socket blocks here, and the rate that is reported falls.
                    if wires[which].write_all(&bytes).is_err() {
                        return;
                    }
                    // Answers are not asked for (Flag=4), so nothing needs to be read.
                    let _ = wires[which].take_error();
                    count += 1;
                    sent.fetch_add(1, Ordering::Relaxed);
                }
                for wire in &mut wires {
                    let _ = wire.set_read_timeout(Some(Duration::from_millis(1)));
                    let _ = wire.read(&mut [0u8; 16]);
                }
            })
        })
        .collect()
}
