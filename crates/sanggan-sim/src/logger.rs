//! A data logger (数采仪) as a state machine: time and bytes go in, bytes to send come out.

use std::collections::VecDeque;
use std::sync::Arc;

use sanggan_base::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use sanggan_base::{Flag, Millis, Mn, Unit};

use crate::fault::{WireFault, WireFaults};
use crate::noise;
use crate::packet::{self, Incoming, Segment, long_stamp, parse_stamp, stamp};
use crate::site::Site;
use crate::world::{Period, Sample, World};

/// Which edition of the standard the logger speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// HJ/T 212-2005.
    V2005,
    /// HJ 212-2017.
    V2017,
    /// HJ 212-2025.
    V2025,
}

/// How often the logger sends what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Distance of real-time packets.
    pub real_time_ms: i64,
    /// Length of minute data.
    pub minute_ms: i64,
    /// How long it waits for an answer.
    pub answer_ms: i64,
    /// How often it sends a packet again before it drops the link.
    pub resend_max: u32,
}

/// One parameter as the logger sends it.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Where it stands among [`Site::parameters`].
    pub position: usize,
    /// The code it is sent under.
    pub sent: String,
    /// Digits after the point.
    pub digits: usize,
    /// The platform's unit and the one sent.
    pub units: Option<(Unit, Unit)>,
}

/// Everything about one logger.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggerSpec {
    /// Its number.
    pub mn: Mn,
    /// Its password.
    pub password: String,
    /// What it speaks.
    pub edition: Edition,
    /// `ST` of its uploads.
    pub st: String,
    /// What it sends.
    pub channels: Vec<Channel>,
    /// How often.
    pub timing: Timing,
    /// Whether it asks for answers.
    pub wants_answer: bool,
    /// Whether it stamps periods with their end.
    pub stamps_end: bool,
    /// Key for the encrypted section of HJ 212-2025.
    pub key: Option<[u8; 16]>,
    /// A notice sent on connecting, in whatever encoding.
    pub notice: Option<Vec<u8>>,
    /// What goes wrong on the wire.
    pub wire_faults: WireFaults,
}

/// What the driver of a logger must do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send these bytes.
    Send(Vec<u8>),
    /// Send these bytes in pieces of a few bytes.
    Trickle(Vec<u8>),
    /// Close the link and make it again.
    Reconnect,
}

/// 设备正常 as makers before 2017 write it: in GBK.
pub const GBK_NOTICE: &[u8] = &[0xC9, 0xE8, 0xB1, 0xB8, 0xD5, 0xFD, 0xB3, 0xA3];
/// Most packets kept for later; beyond, the oldest real-time packets go.
const QUEUE_MAX: usize = 4096;
/// Longest `CP` before a packet is split (HJ 212-2017, 6.3).
const CP_MAX: usize = 950;
/// Most periods sent for one history request.
const HISTORY_PERIODS_MAX: i64 = 200;

#[derive(Debug, Clone)]
struct Outgoing {
    segment: Segment,
    number: u64,
    tries: u32,
    is_real_time: bool,
}

/// One logger. Drive it with [`Logger::poll`] at [`Logger::wake_at`].
#[derive(Debug, Clone)]
pub struct Logger {
    spec: LoggerSpec,
    site: Arc<Site>,
    world: Arc<World>,
    seed: u64,
    connected: bool,
    buffer: Vec<u8>,
    queue: VecDeque<Outgoing>,
    waiting_until: Option<Millis>,
    real_time_on: bool,
    next_real_time: Millis,
    next_minute: Millis,
    next_hour: Millis,
    next_day: Millis,
    stagger_ms: i64,
    sent: u64,
    last_qn: i64,
    dropped: u64,
}

impl Logger {
    /// A logger at `site`, switched on at `now`: it sends the periods that end from now on.
    pub fn new(spec: LoggerSpec, site: Arc<Site>, world: Arc<World>, now: Millis) -> Logger {
        let seed = noise::hash(world.seed(), &[noise::text_key(spec.mn.as_str())]);
        let stagger_ms =
            (noise::unit(noise::hash(seed, &[1])) * 0.9 * spec.timing.real_time_ms as f64) as i64;
        let floor = |length: i64| Millis(now.0.div_euclid(length) * length);
        Logger {
            connected: false,
            buffer: Vec::new(),
            queue: VecDeque::new(),
            waiting_until: None,
            real_time_on: true,
            next_real_time: now.plus(stagger_ms / 4),
            next_minute: floor(spec.timing.minute_ms),
            next_hour: floor(HOUR_MS),
            next_day: now.floor(sanggan_base::Grain::Day),
            stagger_ms: stagger_ms.min(MINUTE_MS / 2),
            sent: 0,
            last_qn: 0,
            dropped: 0,
            seed,
            spec,
            site,
            world,
        }
    }

    /// Its number.
    pub fn mn(&self) -> &Mn {
        &self.spec.mn
    }

    /// Packets that wait for their turn or for an answer.
    pub fn backlog(&self) -> usize {
        self.queue.len()
    }

    /// Packets given up because the queue was full.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The link stands.
    pub fn connected(&mut self, now: Millis) {
        self.connected = true;
        self.waiting_until = None;
        self.buffer.clear();
        if let Some(notice) = &self.spec.notice {
            let cp = [format!("DataTime={};i12103-Info=//", stamp(now)).as_bytes(), notice, b"//"].concat();
            let segment = self.segment(now, 3020, cp, false);
            self.enqueue(segment, false);
        }
    }

    /// The link broke. Unanswered packets stay and are sent again as late data.
    pub fn disconnected(&mut self) {
        self.connected = false;
        self.waiting_until = None;
        let is_2025 = self.spec.edition == Edition::V2025;
        for outgoing in &mut self.queue {
            outgoing.tries = 0;
            outgoing.segment.resent = is_2025 && (2000..3000).contains(&outgoing.segment.cn);
        }
    }

    /// When [`Logger::poll`] next has something to do.
    pub fn wake_at(&self) -> Millis {
        let mut wake = self.next_period_due();
        if self.real_time_on {
            wake = wake.min(self.next_real_time);
        }
        match self.waiting_until {
            Some(deadline) => wake.min(deadline),
            None if self.connected && !self.queue.is_empty() => Millis(0),
            None => wake,
        }
    }

    fn next_period_due(&self) -> Millis {
        let minute = self.next_minute.plus(self.spec.timing.minute_ms + self.stagger_ms);
        let hour = self.next_hour.plus(HOUR_MS + self.stagger_ms + 5_000);
        let day = self.next_day.plus(DAY_MS + self.stagger_ms + 10_000);
        minute.min(hour).min(day)
    }

    /// Takes bytes of the platform and reacts to the packets in them.
    pub fn received(&mut self, now: Millis, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        while let Some(incoming) = packet::take_packet(&mut self.buffer) {
            match incoming.cn {
                9013 | 9014 => self.answered(&incoming),
                1000..=3999 => self.commanded(now, &incoming),
                _ => {}
            }
        }
    }

    fn answered(&mut self, incoming: &Incoming) {
        let matches = |outgoing: &Outgoing| {
            outgoing.segment.qn == incoming.qn
                && (outgoing.segment.part.is_none()
                    || incoming.part.is_none()
                    || outgoing.segment.part.map(|(_, number)| number) == incoming.part)
        };
        if self.waiting_until.is_some() && self.queue.front().is_some_and(matches) {
            self.queue.pop_front();
            self.waiting_until = None;
        }
    }

    /// Everything that is due at `now`.
    pub fn poll(&mut self, now: Millis) -> Vec<Step> {
        self.produce(now);
        let mut steps = Vec::new();
        if !self.connected {
            return steps;
        }
        if let Some(deadline) = self.waiting_until {
            if now < deadline {
                return steps;
            }
            self.waiting_until = None;
            if self.queue.front().is_some_and(|first| first.tries > self.spec.timing.resend_max) {
                steps.push(Step::Reconnect);
                return steps;
            }
        }
        while let Some(first) = self.queue.front_mut() {
            first.tries += 1;
            let (segment, number, tries) = (first.segment.clone(), first.number, first.tries);
            // A resent packet is sent as it should have been at first.
            let fault = if tries == 1 && !segment.resent {
                self.spec.wire_faults.of_packet(self.seed, number)
            } else {
                None
            };
            let waits = wants_answer(&segment) && fault != Some(WireFault::MissingQn);
            self.write(&segment, fault, &mut steps);
            if !waits || fault == Some(WireFault::ClockReset) {
                self.queue.pop_front();
            } else {
                self.waiting_until = Some(now.plus(self.spec.timing.answer_ms));
            }
            if steps.last() == Some(&Step::Reconnect) || self.waiting_until.is_some() {
                break;
            }
        }
        steps
    }

    fn write(&self, segment: &Segment, fault: Option<WireFault>, steps: &mut Vec<Step>) {
        let mut segment = segment.clone();
        match fault {
            Some(WireFault::MissingQn) => segment.qn = None,
            Some(WireFault::DoubledDataTime) => {
                if let Some(time) = time_of(&segment.cp) {
                    segment.cp.splice(23..23, time);
                }
            }
            Some(WireFault::TrailingSemicolon) => segment.cp.push(b';'),
            Some(WireFault::ClockReset) if time_of(&segment.cp).is_some() => {
                segment.cp[9..23].copy_from_slice(b"20000101000000");
            }
            _ => {}
        }
        let mut bytes = match self.spec.key {
            Some(key) if (2000..3000).contains(&segment.cn) => segment.encrypted_packet(key),
            _ => segment.packet(),
        };
        match fault {
            Some(WireFault::BadCrc) => {
                let last = bytes.len() - 3;
                bytes[last] = if bytes[last] == b'0' { b'1' } else { b'0' };
            }
            Some(WireFault::WrongLength) => {
                let length = format!("{:04}", bytes.len() - 12 + 3);
                bytes[2..6].copy_from_slice(length.as_bytes());
            }
            _ => {}
        }
        match fault {
            Some(WireFault::Trickle) => steps.push(Step::Trickle(bytes)),
            Some(WireFault::Duplicate) => steps.extend([Step::Send(bytes.clone()), Step::Send(bytes)]),
            Some(WireFault::Reconnect) => steps.extend([Step::Send(bytes), Step::Reconnect]),
            _ => steps.push(Step::Send(bytes)),
        }
    }

    fn produce(&mut self, now: Millis) {
        let Timing { real_time_ms, minute_ms, .. } = self.spec.timing;
        if self.real_time_on && now >= self.next_real_time {
            if let Some(cp) = self.real_time_cp(now) {
                self.enqueue_data(now, 2011, cp, true);
            }
            let missed = (now.0 - self.next_real_time.0).div_euclid(real_time_ms);
            self.next_real_time = self.next_real_time.plus((missed + 1) * real_time_ms);
        }
        // After a long sleep only the last day's periods are still worth sending.
        self.next_minute = skip(self.next_minute, minute_ms, now);
        while now >= self.next_minute.plus(minute_ms + self.stagger_ms) {
            self.enqueue_period(now, 2051, self.next_minute, minute_ms);
            self.next_minute = self.next_minute.plus(minute_ms);
        }
        self.next_hour = skip(self.next_hour, HOUR_MS, now);
        while now >= self.next_hour.plus(HOUR_MS + self.stagger_ms + 5_000) {
            self.enqueue_period(now, 2061, self.next_hour, HOUR_MS);
            self.next_hour = self.next_hour.plus(HOUR_MS);
        }
        while now >= self.next_day.plus(DAY_MS + self.stagger_ms + 10_000) {
            self.enqueue_period(now, 2031, self.next_day, DAY_MS);
            self.next_day = self.next_day.plus(DAY_MS);
        }
    }

    fn enqueue_period(&mut self, now: Millis, cn: u16, start: Millis, length_ms: i64) {
        if let Some(cp) = self.period_cp(start, length_ms) {
            self.enqueue_data(now, cn, cp, false);
        }
    }

    fn enqueue_data(&mut self, now: Millis, cn: u16, cp: String, is_real_time: bool) {
        let parts = split(&cp);
        let total = parts.len() as u16;
        let whole = self.segment(now, cn, Vec::new(), self.spec.wants_answer);
        for (i, part) in parts.into_iter().enumerate() {
            let mut segment = Segment { cp: part.into_bytes(), ..whole.clone() };
            if total > 1 {
                segment.part = Some((total, i as u16 + 1));
                segment.flag = segment.flag.map(|flag| flag | 2);
            }
            self.enqueue(segment, is_real_time);
        }
    }

    fn enqueue(&mut self, segment: Segment, is_real_time: bool) {
        if self.queue.len() >= QUEUE_MAX {
            let oldest = self.queue.iter().skip(1).position(|o| o.is_real_time).map_or(1, |i| i + 1);
            self.queue.remove(oldest);
            self.dropped += 1;
        }
        self.sent += 1;
        self.queue.push_back(Outgoing { segment, number: self.sent, tries: 0, is_real_time });
    }

    fn segment(&mut self, now: Millis, cn: u16, cp: Vec<u8>, wants_answer: bool) -> Segment {
        // Two packets of one logger never share a QN.
        self.last_qn = now.0.max(self.last_qn + 1);
        let version = match self.spec.edition {
            Edition::V2005 => 0,
            Edition::V2017 => 1 << 2,
            Edition::V2025 => 2 << 2,
        };
        Segment {
            qn: Some(long_stamp(Millis(self.last_qn))),
            st: self.spec.st.clone(),
            cn,
            password: self.spec.password.clone(),
            mn: self.spec.mn.as_str().to_owned(),
            flag: Some(version | u8::from(wants_answer)),
            part: None,
            resent: false,
            cp,
        }
    }

    fn real_time_cp(&self, now: Millis) -> Option<String> {
        let samples = self.world.sample(&self.site, now);
        if samples.is_empty() {
            return None;
        }
        let mut cp = format!("DataTime={}", stamp(now));
        for channel in &self.spec.channels {
            let Sample { value, converted, flag } = samples[channel.position];
            let code = &channel.sent;
            cp.push_str(&format!(";{code}-Rtd={}", channel.number(value)));
            if self.site.is_converted(channel.position) {
                cp.push_str(&format!(",{code}-ZsRtd={}", channel.number(converted)));
            }
            cp.push_str(&format!(",{code}-Flag={}", mark(flag)));
        }
        Some(cp)
    }

    fn period_cp(&self, start: Millis, length_ms: i64) -> Option<String> {
        let count = (length_ms / MINUTE_MS).clamp(1, 24) as u32;
        let periods = self.world.period(&self.site, start, length_ms, count);
        if periods.is_empty() {
            return None;
        }
        let shown = if self.spec.stamps_end { start.plus(length_ms) } else { start };
        let mut cp = format!("DataTime={}", stamp(shown));
        for channel in &self.spec.channels {
            let Period { mean, min, max, converted, total, flag } = periods[channel.position];
            let code = &channel.sent;
            cp.push(';');
            if self.site.is_flow(channel.position) || self.site.is_concentration(channel.position) {
                cp.push_str(&format!("{code}-Cou={total:.3},"));
            }
            cp.push_str(&format!(
                "{code}-Min={},{code}-Avg={},{code}-Max={}",
                channel.number(min),
                channel.number(mean),
                channel.number(max)
            ));
            if self.site.is_converted(channel.position) {
                let [mean, min, max] = converted.map(|value| channel.number(value));
                cp.push_str(&format!(",{code}-ZsMin={min},{code}-ZsAvg={mean},{code}-ZsMax={max}"));
            }
            cp.push_str(&format!(",{code}-Flag={}", mark(flag)));
        }
        Some(cp)
    }

    fn commanded(&mut self, now: Millis, command: &Incoming) {
        let answer = |logger: &mut Logger, cn: u16, cp: String| {
            let mut segment = logger.segment(now, cn, cp.into_bytes(), false);
            segment.qn = command.qn.clone();
            logger.enqueue(segment, false);
        };
        if matches!(command.cn, 1013 | 2012 | 2022) {
            self.real_time_on &= command.cn != 2012;
            answer(self, 9013, String::new());
            return;
        }
        if command.flag & 1 == 1 {
            answer(self, 9011, "QnRtn=1".to_owned());
        }
        let parameter =
            |name: &str| command.cp.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let mut result = 1;
        match command.cn {
            1011 => answer(self, 1011, format!("SystemTime={}", stamp(now))),
            1061 => answer(self, 1061, format!("RtdInterval={}", self.spec.timing.real_time_ms / 1000)),
            1062 => match parameter("RtdInterval").and_then(|text| text.parse::<i64>().ok()) {
                Some(seconds) if (1..=3600).contains(&seconds) => {
                    self.spec.timing.real_time_ms = seconds * 1000;
                    self.next_real_time = now.plus(seconds * 1000);
                }
                _ => result = 3,
            },
            1063 => answer(self, 1063, format!("MinInterval={}", self.spec.timing.minute_ms / MINUTE_MS)),
            2011 => self.real_time_on = true,
            2051 | 2061 | 2031 => {
                let length = match command.cn {
                    2051 => self.spec.timing.minute_ms,
                    2061 => HOUR_MS,
                    _ => DAY_MS,
                };
                match (
                    parameter("BeginTime").and_then(parse_stamp),
                    parameter("EndTime").and_then(parse_stamp),
                ) {
                    (Some(begin), Some(end)) => {
                        for i in 0..HISTORY_PERIODS_MAX {
                            let start = begin.plus(i * length);
                            if start > end || start.plus(length) > now {
                                break;
                            }
                            self.enqueue_period(now, command.cn, start, length);
                        }
                    }
                    _ => result = 3,
                }
            }
            1000 | 1012 | 1072 | 2021 | 3011..=3021 => {}
            _ => result = 2,
        }
        answer(self, 9012, format!("ExeRtn={result}"));
    }
}

impl Channel {
    fn number(&self, value: f64) -> String {
        let value = self.units.map_or(value, |(from, to)| from.convert(value, to).unwrap_or(value));
        format!("{value:.*}", self.digits)
    }
}

/// The digits of the DataTime at the head of a data area.
fn time_of(cp: &[u8]) -> Option<[u8; 14]> {
    cp.strip_prefix(b"DataTime=")?.get(..14)?.try_into().ok()
}

fn wants_answer(segment: &Segment) -> bool {
    segment.flag.is_some_and(|flag| flag & 1 == 1) && segment.qn.is_some()
}

/// Moves a period's beginning forward so that at most a day lies between it and `now`.
fn skip(start: Millis, length_ms: i64, now: Millis) -> Millis {
    let behind = now.0 - start.0 - DAY_MS;
    if behind <= 0 { start } else { start.plus(behind / length_ms * length_ms) }
}

/// Cuts `cp` at `;` into parts of at most [`CP_MAX`] bytes, each with the DataTime at its head.
fn split(cp: &str) -> Vec<String> {
    if cp.len() <= CP_MAX {
        return vec![cp.to_owned()];
    }
    let mut items = cp.split(';');
    let time = items.next().unwrap_or_default();
    let mut parts = vec![time.to_owned()];
    for item in items {
        let full = parts.last().is_some_and(|part| part.len() + item.len() + 1 > CP_MAX);
        if full {
            parts.push(time.to_owned());
        }
        if let Some(part) = parts.last_mut() {
            part.push(';');
            part.push_str(item);
        }
    }
    parts
}

fn mark(flag: Flag) -> char {
    match flag {
        Flag::Stopped => 'F',
        Flag::Maintenance => 'M',
        Flag::Manual => 'S',
        Flag::Fault => 'D',
        Flag::Calibration => 'C',
        Flag::OverRange => 'T',
        Flag::NoContact => 'B',
        _ => 'N',
    }
}

#[cfg(test)]
#[path = "logger_tests.rs"]
mod tests;
