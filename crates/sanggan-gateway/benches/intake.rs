//! Durable intake from many connections, and the memory of idle ones.
//!
//! The loggers run in a process of their own, so that resident memory is the platform's alone. Each keeps up to
//! `WINDOW` packets unanswered; a packet counts when its answer is there, so every value counted is synced to the
//! disk. Numbers by environment: `CONNECTIONS` (100), `FRAMES` a connection (2000), `IDLE` connections (10000; the
//! process needs as many file handles: `ulimit -n`).

#![allow(clippy::print_stdout, reason = "its table is its output")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use sanggan_base::{AreaCode, Millis, Mn, StationCode};
use sanggan_gateway::{Gateway, GatewaySettings, Intake, Parts};
use sanggan_hj212::{Cn, Edition, Packet, St, format_time};
use sanggan_lake::{Clock, Lake, LakeOptions};
use sanggan_pack::{Device, MonitorSet, Name, Pack, Position, StampConvention, Station, StationKind};
use sanggan_store::Store;

/// Packets of one connection that may be unanswered.
const WINDOW: usize = 50;
/// 2026-11-23T10:00:00+08:00, the platform's time throughout.
const NOW: Millis = Millis(1_795_399_200_000);
const CODES: [&str; 8] = ["a34004", "a34002", "a21026", "a21004", "a21005", "a05024", "a01001", "a01002"];
/// Mean, smallest and largest of each code.
const VALUES: usize = CODES.len() * 3;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, "loggers", address, first, connections, frames] => {
            let number = |text: &str| text.parse().expect("a number");
            loggers(address.parse().expect("an address"), number(first), number(connections), number(frames));
        }
        _ => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
            runtime.expect("a runtime").block_on(bench());
        }
    }
}

fn wanted(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

async fn bench() {
    let (busy, frames, idle) = (wanted("CONNECTIONS", 100), wanted("FRAMES", 2000), wanted("IDLE", 10_000));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let clock: Clock = Arc::new(|| NOW);
    let mut options = LakeOptions::new(folder.path().join("lake"));
    options.hot_rows_max = 1_000_000_000;
    let lake = Lake::open(options, Arc::clone(&clock)).await.expect("the lake opens");
    let store = Store::open(&folder.path().join("store.sqlite")).await.expect("the store opens");
    store.seed(&region(busy + idle), NOW).await.expect("devices");
    let pack = Arc::new(Pack::embedded().expect("the built-in pack"));
    let parts = Parts { lake: lake.clone(), store, pack, clock };
    let settings = GatewaySettings {
        listen: "127.0.0.1:0".parse().expect("an address"),
        connections_max: busy + idle + 10,
        connections_per_peer_max: busy + idle + 10,
        ..GatewaySettings::default()
    };
    let intake = Intake::open(settings, parts).await.expect("the intake opens");
    let gateway = Gateway::start(Arc::clone(&intake)).await.expect("a port");
    let address = gateway.local_addr();
    let before = resident_mib();

    println!("| what | value |\n|---|---|");
    // One packet each makes the series, which a city does once.
    run(address, 0, busy, 1).await.done();
    let loaded = run(address, 0, busy, frames).await;
    let (seconds, bytes) = (loaded.seconds, loaded.bytes);
    loaded.done();
    let total = (busy * frames) as f64;
    println!("| connections × packets × values | {busy} × {frames} × {VALUES} |");
    println!("| packets/s acknowledged after fsync | {:.0} |", total / seconds);
    println!("| values/s acknowledged after fsync | {:.0} |", total * VALUES as f64 / seconds);
    println!("| MB/s on the wire | {:.1} |", bytes as f64 / seconds / 1e6);
    println!("| resident before and after, MiB | {before:.0}, {:.0} |", resident_mib());

    let before = resident_mib();
    let waiting = run(address, busy, idle, 1).await;
    let open = gateway.snapshot().connections;
    let after = resident_mib();
    println!("| idle connections, each signed in | {open} |");
    println!("| resident with them, MiB | {after:.0} |");
    println!("| KiB a connection with its device | {:.1} |", (after - before) * 1024.0 / idle.max(1) as f64);
    waiting.done();

    let stored = lake.status().hot_frames as usize;
    assert_eq!(stored, busy + busy * frames + idle, "every packet acknowledged is there, once");
    gateway.shutdown().await;
    intake.close().await;
}

/// A run of the logger process that keeps its connections open until told.
struct Loaded {
    child: std::process::Child,
    seconds: f64,
    bytes: u64,
}

impl Loaded {
    fn done(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().expect("it ends").success());
    }
}

async fn run(address: SocketAddr, first: usize, connections: usize, frames: usize) -> Loaded {
    let start = move || {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .arg("loggers")
            .args([address.to_string(), first.to_string(), connections.to_string(), frames.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process for the loggers");
        let mut line = String::new();
        let out = child.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let mut numbers = line.split_whitespace();
        let seconds = numbers.next().and_then(|text| text.parse().ok()).expect("seconds");
        let bytes = numbers.next().and_then(|text| text.parse().ok()).expect("bytes");
        Loaded { child, seconds, bytes }
    };
    tokio::task::spawn_blocking(start).await.expect("the loggers ran")
}

/// The logger process: connects, sends, counts answers, says how long it took, and stays until stdin ends.
fn loggers(address: SocketAddr, first: usize, connections: usize, frames: usize) {
    let few = connections.min(200);
    let lists: Vec<Vec<usize>> =
        (0..few).map(|thread| (thread..connections).step_by(few).map(|n| n + first).collect()).collect();
    let start = Arc::new(std::sync::Barrier::new(few + 1));
    let threads: Vec<_> = lists
        .into_iter()
        .map(|numbers| {
            let start = Arc::clone(&start);
            std::thread::spawn(move || {
                let mut streams: Vec<(TcpStream, Vec<Vec<u8>>)> = numbers
                    .iter()
                    .map(|&number| {
                        let stream = TcpStream::connect(address).expect("the gateway listens");
                        stream.set_nodelay(true).expect("a socket option");
                        (stream, packets(number, frames))
                    })
                    .collect();
                start.wait();
                let mut bytes = 0u64;
                for (stream, packets) in &mut streams {
                    for window in packets.chunks(WINDOW) {
                        let sent = window.concat();
                        stream.write_all(&sent).expect("the gateway reads");
                        bytes += sent.len() as u64;
                        answers(stream, window.len());
                    }
                }
                let open: Vec<TcpStream> = streams.into_iter().map(|(stream, _)| stream).collect();
                (open, bytes)
            })
        })
        .collect();
    start.wait();
    let began = Instant::now();
    let mut kept = Vec::new();
    let mut bytes = 0;
    for thread in threads {
        let (open, sent) = thread.join().expect("a logger ended well");
        kept.push(open);
        bytes += sent;
    }
    println!("{} {bytes}", began.elapsed().as_secs_f64());
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// Reads so many answers; each ends with a line end.
fn answers(stream: &mut TcpStream, count: usize) {
    let mut left = count;
    let mut buffer = [0u8; 8192];
    while left > 0 {
        let read = stream.read(&mut buffer).expect("the gateway answers");
        assert!(read > 0, "the gateway closed the connection");
        let ends = buffer[..read].iter().filter(|&&byte| byte == b'\n').count();
        left = left.checked_sub(ends).expect("no more answers than packets");
    }
}

/// Minute packets of one logger; a run of one packet and a run of many do not repeat each other.
fn packets(number: usize, frames: usize) -> Vec<Vec<u8>> {
    let base = if frames == 1 { -1 } else { 0 };
    (0..frames as i64)
        .map(|frame| {
            let at = NOW.plus(-(frame + base + 2) * 60_000);
            let mut packet = Packet::new(Edition::Y2017, St::AIR, Cn::MINUTE, at)
                .device(&mn(number), "123456")
                .wanting_answer()
                .group(format!("DataTime={}", format_time(at)));
            for (index, code) in CODES.iter().enumerate() {
                let value = 10.0 + index as f64 + (frame % 97) as f64 / 10.0;
                packet = packet.group(format!(
                    "{code}-Min={:.1},{code}-Avg={value:.1},{code}-Max={:.1},{code}-Flag=N",
                    value - 1.0,
                    value + 1.0
                ));
            }
            packet.encode().expect("it can be written").concat()
        })
        .collect()
}

fn mn(number: usize) -> String {
    format!("{number:024X}")
}

fn region(devices: usize) -> MonitorSet {
    let code = |number: usize| StationCode::parse(&format!("s{number}")).expect("a code");
    let stations = (0..devices).map(|number| Station {
        code: code(number),
        name: Name { zh: number.to_string(), en: number.to_string() },
        kind: StationKind::Air,
        area: AreaCode::parse("140602").expect("a code"),
        lon: None,
        lat: None,
        position: Position::Schematic,
        simulated: true,
    });
    let loggers = (0..devices).map(|number| Device {
        mn: Mn::parse(&mn(number)).expect("an MN"),
        station: code(number),
        password: Some("123456".to_owned()),
        edition: None,
        stamp: StampConvention::Begin,
        minute_interval: 1,
        bindings: Vec::new(),
        simulated: true,
    });
    MonitorSet { stations: stations.collect(), devices: loggers.collect(), ..MonitorSet::default() }
}

/// Resident memory of this process.
fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
