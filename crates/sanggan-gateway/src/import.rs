//! Packets from a file: the same way as from a socket, without the socket.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use sanggan_base::{AreaCode, FrameId, Millis, Mn, StationCode};
use sanggan_hj212::{Decoded, decode_packet, split_line};
use sanggan_lake::{FrameQuery, FrameStatus};
use sanggan_pack::Name;
use sanggan_store::{Actor, Admission, NewStation, QuarantineReason};
use tokio::sync::mpsc;

use crate::device::sighting;
use crate::intake::{Origin, Taken};
use crate::pipeline::Done;
use crate::{GatewayError, Intake, error};

/// Packets read at once when asking what is there already.
const PAGE: usize = 4096;
/// Times of the newest packets from which the time of receipt is guessed where the file does not say it.
const WINDOW: usize = 512;
/// Packets judged by one such guess.
const STRIDE: usize = 64;

/// One recorded line.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The line, with or without its line end; may hold several packets.
    pub bytes: Vec<u8>,
    /// When it was received, if the record says so.
    pub received_at: Option<Millis>,
    /// `file:NAME:LINE`.
    pub peer: Arc<str>,
}

/// How an import treats what it finds.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// Admit every unknown device with a station of its own, in this area, so that its values are stored.
    pub admit_unknown: Option<AreaCode>,
}

/// What became of one recorded packet.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Which of the given records it was in.
    pub record: usize,
    /// Its device.
    pub mn: Option<Mn>,
    /// What became of it.
    pub kept: Kept,
    /// Codes of its defects, comma separated.
    pub defects: Arc<str>,
    /// Values read from it and given to the lake, which keeps one that repeats the newest of its series once.
    pub values: usize,
}

/// What became of a recorded packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is in the lake now.
    As(FrameStatus, FrameId),
    /// The same line of the same file had been imported before; nothing was done.
    Before,
    /// An operator has refused its device; it was not kept.
    Refused,
}

/// An import under way. Give it the records in their order; a second import of the same file changes nothing, so
/// an interrupted one is simply begun again.
#[derive(Debug)]
pub struct Import {
    intake: Arc<Intake>,
    options: ImportOptions,
    /// The lake held no packet when the import began, so there is nothing to ask it for.
    began_empty: bool,
    known: HashMap<Option<Mn>, Known>,
    times: VecDeque<i64>,
}

/// Packets of one device that the lake had before.
#[derive(Debug, Default)]
struct Known {
    /// Of the bytes.
    contents: HashSet<u64>,
    /// Of peer and bytes.
    lines: HashSet<u64>,
}

/// A packet of a record, before it is taken in.
struct Packet {
    record: usize,
    mn: Option<Mn>,
    decoded: Result<Decoded, (Vec<u8>, &'static str)>,
    reference: Option<Millis>,
}

impl Packet {
    fn raw(&self) -> &[u8] {
        match &self.decoded {
            Ok(decoded) => &decoded.raw,
            Err((raw, _)) => raw,
        }
    }
}

impl Intake {
    /// Begins an import.
    pub fn import(self: &Arc<Self>, options: ImportOptions) -> Import {
        Import {
            intake: Arc::clone(self),
            options,
            began_empty: self.lake().status().last_frame == 0,
            known: HashMap::new(),
            times: VecDeque::new(),
        }
    }

    /// Imports some records; see [`Import`] for many.
    ///
    /// # Errors
    /// As [`Import::ingest`].
    pub async fn ingest_recorded(
        self: &Arc<Self>,
        records: Vec<Recorded>,
        options: ImportOptions,
    ) -> Result<Vec<Outcome>, GatewayError> {
        self.import(options).ingest(records).await
    }
}

impl Import {
    /// Takes in the next records; returns when all of them are durable. One outcome a packet, in order.
    ///
    /// Where a record does not say when it was received, its packets are stored as received now, and whether
    /// their times can be right is judged by the times of the packets around them.
    ///
    /// # Errors
    /// [`GatewayError::Closed`], [`GatewayError::Lake`], [`GatewayError::Store`]. What was taken in before stays.
    pub async fn ingest(&mut self, records: Vec<Recorded>) -> Result<Vec<Outcome>, GatewayError> {
        let packets = self.decode(&records);
        let (told, mut durable) = mpsc::unbounded_channel();
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(packets.len());
        let mut under_way = 0usize;
        for packet in packets {
            let record = &records[packet.record];
            let mn = packet.mn.clone();
            self.load_known(mn.as_ref()).await?;
            let index = outcomes.len();
            let (line, content) = (hash(&(&*record.peer, packet.raw())), hash(packet.raw()));
            let known = self.known.entry(mn.clone()).or_default();
            if known.lines.contains(&line) {
                outcomes.push(Outcome {
                    record: packet.record,
                    mn,
                    kept: Kept::Before,
                    defects: "".into(),
                    values: 0,
                });
                continue;
            }
            let repeated = known.contents.contains(&content);
            known.lines.insert(line);
            known.contents.insert(content);
            self.admit_if_wanted(&packet, record).await?;
            let origin = Origin {
                peer: &record.peer,
                connection: 0,
                received_at: record.received_at.unwrap_or_else(|| self.intake.now()),
                reference: packet.reference,
                repeated,
            };
            let done = Done::Recorded { to: told.clone(), index };
            let taken = match packet.decoded {
                Ok(decoded) => self.intake.take(decoded, &origin, done).await?,
                Err((raw, code)) => self.intake.take_unreadable(raw, code, &origin, done).await?,
            };
            under_way += usize::from(!taken.refused);
            outcomes.push(outcome(packet.record, mn, taken));
        }
        drop(told);
        while under_way > 0 {
            // The channel ends early only when the pipeline dropped what it could not store.
            let (index, id) = durable.recv().await.ok_or(GatewayError::Closed)?;
            under_way -= 1;
            if let Some(Outcome { kept: Kept::As(_, kept), .. }) = outcomes.get_mut(index) {
                *kept = id;
            }
        }
        Ok(outcomes)
    }

    /// Reads every packet and guesses the time of receipt where the record does not say it.
    fn decode(&mut self, records: &[Recorded]) -> Vec<Packet> {
        let mut packets = Vec::with_capacity(records.len());
        for (record, recorded) in records.iter().enumerate() {
            for bytes in split_line(&recorded.bytes) {
                let decoded = decode_packet(bytes, None).map_err(|failed| (bytes.to_vec(), failed.code()));
                let mn = decoded.as_ref().ok().and_then(|decoded| decoded.message.mn());
                packets.push(Packet { record, mn, decoded, reference: recorded.received_at });
            }
        }
        for stride in packets.chunks_mut(STRIDE) {
            for packet in stride.iter() {
                let time = packet.decoded.as_ref().ok().and_then(|decoded| decoded.message.data_time());
                if let Some(time) = time {
                    if self.times.len() == WINDOW {
                        self.times.pop_front();
                    }
                    self.times.push_back(time.0);
                }
            }
            // A guess may be hours off: data times of one recording differ by how often each device sends.
            let slack = i64::from(self.intake.pack().defaults.clock.guess_s) * 1000;
            let median = median(&self.times).map(|median| median.plus(slack));
            for packet in stride.iter_mut() {
                packet.reference = packet.reference.or(median);
            }
        }
        packets
    }

    /// Asks the lake once a device which of its packets are there already.
    async fn load_known(&mut self, mn: Option<&Mn>) -> Result<(), GatewayError> {
        let key = mn.cloned();
        if self.began_empty || self.known.contains_key(&key) {
            return Ok(());
        }
        let mut known = Known::default();
        let mut after = None;
        loop {
            // Packets without a number are asked for by their status; those with one are passed over.
            let status = mn.is_none().then_some(FrameStatus::Unreadable);
            let query = FrameQuery { mn: key.clone(), status, after, limit: PAGE, ..FrameQuery::default() };
            let page = self.intake.lake().frames(query).await.map_err(error::lake("read earlier packets"))?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for frame in page.iter().filter(|frame| frame.mn.as_ref() == mn) {
                known.contents.insert(hash(frame.bytes.as_slice()));
                known.lines.insert(hash(&(frame.peer.as_str(), frame.bytes.as_slice())));
            }
            if page.len() < PAGE {
                break;
            }
        }
        self.known.insert(key, known);
        Ok(())
    }

    /// Makes a device of the packet's number when the options say so and nobody has refused it.
    async fn admit_if_wanted(&self, packet: &Packet, record: &Recorded) -> Result<(), GatewayError> {
        let (Some(area), Some(mn), Ok(decoded)) = (&self.options.admit_unknown, &packet.mn, &packet.decoded)
        else {
            return Ok(());
        };
        let registry = self.intake.store().registry();
        if registry.device(mn).is_some() || registry.is_refused(mn) || !decoded.trustworthy() {
            return Ok(());
        }
        let message = &decoded.message;
        let now = self.intake.now();
        let seen = sighting(
            mn,
            record.received_at.unwrap_or(now),
            &record.peer,
            message.st_text(),
            message.pw(),
            message.text(),
            QuarantineReason::UnknownMn,
        );
        let told = self.intake.store().quarantine_seen(&[seen]).await;
        told.map_err(error::store("write the quarantine list"))?;
        let code = station_code(mn);
        let admission = if registry.station(&code).is_some() {
            Admission::At(code)
        } else {
            Admission::New(NewStation {
                code,
                name: Name { zh: mn.as_str().to_owned(), en: mn.as_str().to_owned() },
                kind: self.intake.pack().defaults.kind_of_st(message.st_text().unwrap_or_default()),
                area: area.clone(),
                lon: None,
                lat: None,
            })
        };
        self.intake.admit(mn, admission, None, &Actor::System).await?;
        Ok(())
    }
}

fn outcome(record: usize, mn: Option<Mn>, taken: Taken) -> Outcome {
    let kept = match taken.status {
        Some(status) if !taken.refused => Kept::As(status, FrameId(0)),
        _ => Kept::Refused,
    };
    Outcome { record, mn, kept, defects: taken.defects.unwrap_or_else(|| "".into()), values: taken.values }
}

/// The code of the station that an import makes for a device: its number, as far as a code may hold it.
fn station_code(mn: &Mn) -> StationCode {
    let kept: String = mn
        .as_str()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':') { c } else { '_' })
        .collect();
    StationCode::parse(&format!("mn-{kept}")).expect("at most 35 bytes of allowed characters")
}

fn median(times: &VecDeque<i64>) -> Option<Millis> {
    let mut sorted: Vec<i64> = times.iter().copied().collect();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().map(Millis)
}

fn hash<T: Hash + ?Sized>(what: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}
