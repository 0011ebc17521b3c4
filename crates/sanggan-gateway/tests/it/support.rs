//! A platform in a temporary folder, and data loggers made of text.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sanggan_base::{
    AreaCode, Cadence, Measure, Millis, Mn, Observation, ParameterCode, SeriesKey, StationCode,
};
use sanggan_gateway::{Gateway, GatewaySettings, Intake, Parts, Sink};
use sanggan_hj212::{Cn, Decoded, Decoder, Edition, Limits, Packet, St};
use sanggan_lake::{Clock, Frame, FrameQuery, Lake, LakeOptions, ReadQuery};
use sanggan_pack::{Device, Name, Pack, Position, StampConvention, Station, StationKind};
use sanggan_store::{Actor, Store};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// What everything in a test must happen within; reached only when it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// 2026-11-23T10:00:00+08:00.
pub(crate) const NOW: Millis = Millis(1_795_399_200_000);
/// The password every test device has.
pub(crate) const PW: &str = "123456";

/// A platform with two stations; dropped with its folder.
pub(crate) struct Platform {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) lake: Lake,
    pub(crate) store: Store,
    pub(crate) intake: Arc<Intake>,
    pub(crate) gateway: Gateway,
    clock: Arc<AtomicI64>,
}

/// What a test may want otherwise.
#[derive(Default)]
pub(crate) struct Wish {
    pub(crate) settings: Option<GatewaySettings>,
    pub(crate) sink: Option<Box<dyn FnOnce(&Lake) -> Arc<dyn Sink>>>,
    pub(crate) hot_bytes_max: Option<u64>,
}

/// Settings with short waits.
pub(crate) fn settings() -> GatewaySettings {
    GatewaySettings {
        listen: "127.0.0.1:0".parse().expect("an address"),
        retry_min: Duration::from_millis(5),
        retry_max: Duration::from_millis(20),
        housekeeping: Duration::from_millis(20),
        command_timeout: Duration::from_millis(200),
        execution_timeout: Duration::from_secs(5),
        ..GatewaySettings::default()
    }
}

impl Platform {
    pub(crate) async fn new() -> Platform {
        Platform::with(Wish::default()).await
    }

    pub(crate) async fn with(wish: Wish) -> Platform {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Platform::open(folder, wish).await
    }

    pub(crate) async fn open(folder: tempfile::TempDir, wish: Wish) -> Platform {
        let clock = Arc::new(AtomicI64::new(NOW.0));
        let shared = Arc::clone(&clock);
        let time: Clock = Arc::new(move || Millis(shared.load(Ordering::SeqCst)));
        let mut options = LakeOptions::new(folder.path().join("lake"));
        options.commit_delay_ms = 1;
        options.hot_bytes_max = wish.hot_bytes_max;
        let lake = Lake::open(options, Arc::clone(&time)).await.expect("the lake opens");
        let store = Store::open(&folder.path().join("store.sqlite")).await.expect("the store opens");
        if store.registry().device_count() == 0 {
            for (code, kind) in [("air-1", StationKind::Air), ("outlet-1", StationKind::WaterOutlet)] {
                store
                    .put_station(&station(code, kind), "test", &Actor::System, NOW)
                    .await
                    .expect("a station");
            }
            for (mn, code) in [("AIR01", "air-1"), ("OUT01", "outlet-1")] {
                store.put_device(&device(mn, code), "test", &Actor::System, NOW).await.expect("a device");
            }
        }
        let pack = Arc::new(Pack::embedded().expect("the built-in pack"));
        let parts = Parts { lake: lake.clone(), store: store.clone(), pack, clock: time };
        let settings = wish.settings.unwrap_or_else(settings);
        let sink = wish.sink.map_or_else(|| Arc::new(lake.clone()) as Arc<dyn Sink>, |make| make(&lake));
        let intake = Intake::open_with_sink(settings, parts, sink).await.expect("the intake opens");
        let gateway = Gateway::start(Arc::clone(&intake)).await.expect("a port");
        Platform { folder, lake, store, intake, gateway, clock }
    }

    /// Stops everything and starts it again on the same folder.
    pub(crate) async fn restart(self) -> Platform {
        self.gateway.shutdown().await;
        self.intake.close().await;
        self.lake.close().await;
        self.store.close().await;
        Platform::open(self.folder, Wish::default()).await
    }

    pub(crate) fn set_clock(&self, now: Millis) {
        self.clock.store(now.0, Ordering::SeqCst);
    }

    pub(crate) async fn connect(&self) -> Logger {
        Logger::connect(self.gateway.local_addr(), "127.0.0.1").await
    }

    /// Every packet in the lake.
    pub(crate) async fn frames(&self) -> Vec<Frame> {
        let query = FrameQuery { limit: 100_000, ..FrameQuery::default() };
        self.lake.frames(query).await.expect("frames")
    }

    /// One line a packet: status, device, defects that no edition of the standard minds less than others left out.
    pub(crate) async fn frame_rows(&self) -> Vec<String> {
        let row = |frame: Frame| {
            let mn = frame.mn.map_or_else(|| "-".to_owned(), |mn| mn.to_string());
            format!("{} {mn} [{}]", frame.status.name(), notable(&frame.defects))
        };
        self.frames().await.into_iter().map(row).collect()
    }

    /// The versions of a series, oldest first.
    pub(crate) async fn versions(
        &self,
        station: &str,
        parameter: &str,
        cadence: Cadence,
    ) -> Vec<Observation> {
        let key = SeriesKey {
            station: StationCode::parse(station).expect("a code"),
            parameter: ParameterCode::parse(parameter).expect("a code"),
            measure: Measure::Mean,
            cadence,
        };
        let Some(series) = self.lake.find_series(&key) else { return Vec::new() };
        let query =
            ReadQuery { series: vec![series], from: Millis(0), to: Millis(i64::MAX / 2), as_of: None };
        self.lake.read_versions(query).await.expect("versions")
    }

    /// The values of a series with their flags, one line each.
    pub(crate) async fn rows(&self, station: &str, parameter: &str, cadence: Cadence) -> Vec<String> {
        let versions = self.versions(station, parameter, cadence).await;
        versions.iter().map(|o| format!("{} {} {}", o.at, o.value, o.flag.name())).collect()
    }
}

/// Defect codes without the notes about header fields that test packets leave out on purpose.
pub(crate) fn notable(defects: &str) -> String {
    let left_out = ["mn_not_24_hex", "missing_qn", "missing_flag", "bad_mn"];
    let kept: Vec<&str> = defects.split(',').filter(|code| !left_out.contains(code)).collect();
    kept.join(",")
}

pub(crate) fn station(code: &str, kind: StationKind) -> Station {
    Station {
        code: StationCode::parse(code).expect("a code"),
        name: Name { zh: code.to_owned(), en: code.to_owned() },
        kind,
        area: AreaCode::parse("140602").expect("a code"),
        lon: None,
        lat: None,
        position: Position::Schematic,
        simulated: false,
    }
}

pub(crate) fn device(mn: &str, station: &str) -> Device {
    Device {
        mn: self::mn(mn),
        station: StationCode::parse(station).expect("a code"),
        password: Some(PW.to_owned()),
        edition: None,
        stamp: StampConvention::Begin,
        minute_interval: 10,
        bindings: Vec::new(),
        simulated: false,
    }
}

pub(crate) fn mn(text: &str) -> Mn {
    Mn::parse(text).expect("an MN")
}

/// A packet of a 2017 device that wants an answer.
pub(crate) fn packet(mn: &str, cn: Cn, qn: Millis, groups: &[&str]) -> Vec<u8> {
    packet_with(mn, PW, cn, qn, groups)
}

pub(crate) fn packet_with(mn: &str, pw: &str, cn: Cn, qn: Millis, groups: &[&str]) -> Vec<u8> {
    let mut packet = Packet::new(Edition::Y2017, St::AIR, cn, qn).device(mn, pw).wanting_answer();
    for group in groups {
        packet = packet.group(*group);
    }
    packet.encode().expect("it can be written").concat()
}

/// A real-time packet of an air station, `n` seconds after [`NOW`].
pub(crate) fn real_time(mn: &str, seconds: i64, value: f64) -> Vec<u8> {
    let at = NOW.plus(seconds * 1000);
    let time = format!("DataTime={}", sanggan_hj212::format_time(at));
    let value = format!("a34004-Rtd={value},a34004-Flag=N");
    packet(mn, Cn::REAL_TIME, at, &[&time, &value])
}

/// A bare segment with its length and check code.
pub(crate) fn framed(segment: &str) -> Vec<u8> {
    let crc = sanggan_hj212::crc16(segment.as_bytes());
    format!("##{:04}{segment}{crc:04X}\r\n", segment.len()).into_bytes()
}

/// One connection of a data logger.
pub(crate) struct Logger {
    stream: TcpStream,
    decoder: Decoder,
}

impl Logger {
    /// Connects from the given address of this machine.
    pub(crate) async fn connect(to: SocketAddr, from: &str) -> Logger {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(format!("{from}:0").parse().expect("an address")).expect("an address of this machine");
        let stream = socket.connect(to).await.expect("the gateway listens");
        Logger { stream, decoder: Decoder::new(Limits::default()) }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the gateway reads");
    }

    /// Whether the bytes could be sent.
    pub(crate) async fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// The next packet of the platform; `None` when it closes the connection.
    pub(crate) async fn next(&mut self) -> Option<Decoded> {
        timeout(PATIENCE, self.read()).await.expect("the platform says something in time")
    }

    /// Whether the platform stays silent for so long.
    pub(crate) async fn hears_nothing(&mut self, during: Duration) -> bool {
        timeout(during, self.read()).await.is_err()
    }

    async fn read(&mut self) -> Option<Decoded> {
        loop {
            if let Some(decoded) = self.decoder.next_message().expect("the platform speaks HJ 212") {
                assert!(decoded.whole(), "the platform's packets are right: {:?}", decoded.defects);
                return Some(decoded);
            }
            let mut buffer = [0u8; 1024];
            match self.stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.decoder.push(&buffer[..count]),
            }
        }
    }

    /// Sends a packet and waits for its answer.
    pub(crate) async fn ask(&mut self, bytes: &[u8]) -> Decoded {
        self.send(bytes).await;
        self.next().await.expect("an answer")
    }
}

/// The request number and command number of an answer.
pub(crate) fn shown(answer: &Decoded) -> String {
    let cn = answer.message.cn().map_or(0, |cn| cn.0);
    format!("{cn} {}", answer.message.qn().unwrap_or("-"))
}

/// Waits until `check` holds.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut check: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !check().await {
        assert!(tokio::time::Instant::now() < deadline, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
