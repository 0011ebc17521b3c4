//! A recording through the socket: the platform's clock follows the recorded times, so that what was live then
//! is live again, so many times as fast as asked.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use sanggan_api::ApiSettings;
use sanggan_base::{Millis, Mn};
use sanggan_config::Settings;
use sanggan_gateway::Gateway;
use sanggan_hj212::{Decoded, decode_packet, split_line};
use sanggan_lake::Clock;
use sanggan_pack::{Device, MonitorSet, Name, Position, StampConvention, Station};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio_util::sync::CancellationToken;

use super::print_accounts;
use crate::cli::{DemoArgs, Format};
use crate::commands::serve::announce;
use crate::exit::Failure;
use crate::lines::Lines;
use crate::platform::{Platform, Stores, now};
use crate::{output, progress};

/// Packets that are sent together, at the median of their times: wrong clocks among them do not count.
const STRIDE: usize = 128;
/// How long the last packets may take to arrive before the recording counts as sent.
const ARRIVAL: Duration = Duration::from_secs(10);
/// A gap longer than this in the recording is jumped over.
const GAP_MS: i64 = 5 * 60_000;

/// A clock that runs in the recording's time: it never goes back.
struct ReplayClock {
    speed: f64,
    began: Instant,
    start: AtomicI64,
}

impl ReplayClock {
    fn now(&self) -> Millis {
        let passed = self.began.elapsed().as_secs_f64() * 1000.0 * self.speed;
        Millis(self.start.load(Ordering::Relaxed) + passed as i64)
    }

    /// Moves on to `at` where that lies far ahead.
    fn jump_to(&self, at: Millis) {
        let ahead = at.0 - self.now().0;
        if ahead > GAP_MS {
            self.start.fetch_add(ahead, Ordering::Relaxed);
        }
    }
}

/// What a first walk over the recording finds.
struct Survey {
    /// Time of the first stride.
    start: Millis,
    /// System code by device.
    devices: HashMap<Mn, String>,
    lines: u64,
}

/// Runs the platform in the recording's time and sends it the recording.
pub(super) async fn run(
    settings: Settings,
    api: ApiSettings,
    args: &DemoArgs,
    file: &Path,
    format: Format,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let survey = survey(file)?;
    output::note(&format!(
        "{}: {} lines of {} devices, from {}; {} times as fast",
        file.display(),
        survey.lines,
        survey.devices.len(),
        survey.start,
        args.speed
    ));
    let replay = Arc::new(ReplayClock {
        speed: args.speed,
        began: Instant::now(),
        start: AtomicI64::new(survey.start.0),
    });
    let clock: Clock = {
        let replay = Arc::clone(&replay);
        Arc::new(move || replay.now())
    };
    let stores = Stores::open(settings, clock).await?;
    if !args.quarantine {
        let set = recorded_stations(&stores, &survey);
        stores.store.seed(&set, now()).await?;
    }
    print_accounts(&stores, format).await?;
    let platform = Platform::start(stores, api).await?;
    announce(&platform, false, format)?;
    let gateway = Arc::clone(&platform.gateway);
    let (path, sending_stop) = (file.to_owned(), stop.clone());
    let sending = tokio::spawn(async move { send(&path, &gateway, &replay, &sending_stop).await });
    let ran = platform.run_until(stop.clone()).await;
    stop.cancel();
    match sending.await {
        Ok(sent) => sent.and(ran),
        Err(_) => ran,
    }
}

/// Reads the recording once: when it begins, and who is in it.
fn survey(file: &Path) -> Result<Survey, Failure> {
    let mut lines = Lines::open(file)?;
    let mut line = Vec::new();
    let mut times = Times::default();
    let mut survey = Survey { start: Millis(0), devices: HashMap::new(), lines: 0 };
    let mut start = None;
    while lines.next(&mut line)? {
        survey.lines += 1;
        for packet in split_line(&line) {
            let Ok(decoded) = decode_packet(packet, None) else { continue };
            times.take(&decoded);
            if let Some(mn) = decoded.message.mn().filter(|_| decoded.trustworthy()) {
                let st = decoded.message.st_text().unwrap_or_default().to_owned();
                survey.devices.entry(mn).or_insert(st);
            }
        }
        if start.is_none() && survey.lines as usize >= STRIDE {
            start = times.median();
        }
    }
    survey.start = start.or_else(|| times.median()).ok_or_else(|| {
        Failure::bad_input(
            format!("`{}` holds no packet with a time", file.display()),
            "one packet a line is expected",
        )
    })?;
    Ok(survey)
}

/// A station and a device for each number in the recording.
fn recorded_stations(stores: &Stores, survey: &Survey) -> MonitorSet {
    let mut set = MonitorSet::default();
    for (mn, st) in &survey.devices {
        let kept: String = mn
            .as_str()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':') { c } else { '_' })
            .collect();
        let Ok(code) = sanggan_base::StationCode::parse(&format!("mn-{kept}")) else { continue };
        let name = Name { zh: mn.as_str().to_owned(), en: mn.as_str().to_owned() };
        if !set.stations.iter().any(|station: &Station| station.code == code) {
            set.stations.push(Station {
                code: code.clone(),
                name,
                kind: stores.pack.defaults.kind_of_st(st),
                area: stores.pack.city.code.clone(),
                lon: None,
                lat: None,
                position: Position::Schematic,
                simulated: false,
            });
        }
        set.devices.push(Device {
            mn: mn.clone(),
            station: code,
            password: None,
            edition: None,
            stamp: StampConvention::Begin,
            minute_interval: stores.pack.defaults.minute_interval,
            bindings: Vec::new(),
            simulated: false,
        });
    }
    set
}

/// The newest data times, and their median as the guess of the time of receipt.
#[derive(Default)]
struct Times(VecDeque<i64>);

impl Times {
    fn take(&mut self, decoded: &Decoded) {
        if let Some(at) = decoded.message.data_time() {
            if self.0.len() == STRIDE {
                self.0.pop_front();
            }
            self.0.push_back(at.0);
        }
    }

    fn median(&self) -> Option<Millis> {
        let mut sorted: Vec<i64> = self.0.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().map(Millis)
    }
}

/// Sends the recording, each device over a connection of its own.
async fn send(
    file: &Path,
    gateway: &Gateway,
    clock: &ReplayClock,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let mut lines = Lines::open(file)?;
    let bar = progress::over_bytes("replay", lines.file_bytes);
    let mut links = Links { gateway: gateway.local_addr(), open: HashMap::new() };
    let mut times = Times::default();
    let mut stride: Vec<(Option<Mn>, Vec<u8>)> = Vec::with_capacity(STRIDE);
    let (mut line, mut sent) = (Vec::new(), 0u64);
    let began = Instant::now();
    loop {
        let more = lines.next(&mut line)?;
        if more {
            for packet in split_line(&line) {
                let decoded = decode_packet(packet, None).ok();
                if let Some(decoded) = &decoded {
                    times.take(decoded);
                }
                stride.push((decoded.and_then(|decoded| decoded.message.mn()), packet.to_vec()));
            }
        }
        if stride.len() >= STRIDE || !more {
            if let Some(at) = times.median() {
                clock.jump_to(at);
                while clock.now() < at && !stop.is_cancelled() {
                    let wait_ms = ((at.0 - clock.now().0) as f64 / clock.speed).clamp(1.0, 200.0);
                    tokio::time::sleep(Duration::from_millis(wait_ms as u64)).await;
                }
            }
            if stop.is_cancelled() {
                bar.abandon();
                return Ok(());
            }
            for (mn, packet) in stride.drain(..) {
                sent += 1;
                links.send(mn, packet).await;
            }
            bar.set_position(lines.position());
            bar.set_message(format!("{} {sent} frames", clock.now()));
        }
        if !more {
            break;
        }
    }
    bar.finish_and_clear();
    // What was sent is still on its way through the sockets.
    let patience = Instant::now() + ARRIVAL;
    while gateway.intake().snapshot().frames < sent && Instant::now() < patience && !stop.is_cancelled() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    output::note(&format!("the recording is sent: {sent} frames in {seconds:.0} s; the platform stays up"));
    // The links stay open, as loggers' do.
    stop.cancelled().await;
    drop(links);
    Ok(())
}

struct Links {
    gateway: std::net::SocketAddr,
    open: HashMap<Option<Mn>, OwnedWriteHalf>,
}

impl Links {
    /// Sends one packet; makes the link where there is none or it broke. A packet that cannot be sent twice over
    /// is told and left out.
    async fn send(&mut self, mn: Option<Mn>, mut packet: Vec<u8>) {
        packet.extend_from_slice(b"\r\n");
        for attempt in 0..2 {
            if !self.open.contains_key(&mn) {
                match TcpStream::connect(self.gateway).await {
                    Ok(stream) => {
                        let (mut reader, writer) = stream.into_split();
                        tokio::spawn(async move {
                            // Answers are not looked at: the recording goes on as it did.
                            let mut buffer = [0u8; 1024];
                            while reader.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
                        });
                        self.open.insert(mn.clone(), writer);
                    }
                    Err(error) => {
                        tracing::warn!(error = &error as &dyn std::error::Error, "replay could not connect");
                        continue;
                    }
                }
            }
            let Some(link) = self.open.get_mut(&mn) else { continue };
            match link.write_all(&packet).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::debug!(error = &error as &dyn std::error::Error, attempt, "replay lost a link");
                    self.open.remove(&mn);
                }
            }
        }
        tracing::warn!(mn = ?mn, "a recorded packet could not be sent");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_jumps_over_gaps_and_never_back() {
        let clock = ReplayClock { speed: 1.0, began: Instant::now(), start: AtomicI64::new(1_000_000) };
        clock.jump_to(Millis(0));
        assert!(clock.now() >= Millis(1_000_000));
        clock.jump_to(Millis(1_000_000 + GAP_MS / 2));
        assert!(clock.now() < Millis(1_000_000 + GAP_MS / 2), "a short wait is waited for");
        clock.jump_to(Millis(50_000_000));
        assert!(clock.now() >= Millis(50_000_000));
    }
}
