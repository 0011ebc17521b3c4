//! What one decoded packet means: the heart of the gateway, without sockets and without waiting.

use std::sync::{Arc, OnceLock};

use sanggan_base::{Cadence, Millis, Mn, Reading};
use sanggan_hj212::{Cn, Command, Decoded, Edition, Message, QnRtn, Suffix, reply};
use sanggan_lake::{FrameStatus, Lake};
use sanggan_pack::{Device, Pack, ProtocolEdition, Station};
use sanggan_store::QuarantineReason;
use tokio::sync::mpsc;

use crate::binding::{Bound, Missing, Period, Read};
use crate::command::Progress;
use crate::defects;
use crate::device::{DeviceInner, sighting};
use crate::pipeline::IdSlot;
use crate::repeats::{Fingerprint, Repeat};

/// Whose packet it is, as far as the registry knows.
#[derive(Clone)]
pub(crate) struct Admitted {
    pub(crate) device: Arc<Device>,
    pub(crate) station: Arc<Station>,
}

/// The circumstances of a packet.
pub(crate) struct Circumstances<'a> {
    pub(crate) pack: &'a Pack,
    pub(crate) lake: &'a Lake,
    pub(crate) received_at: Millis,
    /// The moment its times are compared with; that of receipt, where it is known.
    pub(crate) reference: Millis,
    pub(crate) peer: &'a Arc<str>,
    /// The number of its connection; 0 for an import.
    pub(crate) connection: u64,
    /// The lake is known to hold the same packet.
    pub(crate) repeated: bool,
    pub(crate) answer_quarantined: bool,
    pub(crate) set_clock_on_request: bool,
}

impl Circumstances<'_> {
    /// Whether the packet came over a connection just now.
    fn is_live(&self) -> bool {
        self.connection != 0
    }
}

/// What is to be done with a packet.
pub(crate) struct Judged {
    pub(crate) status: FrameStatus,
    pub(crate) defects: Vec<&'static str>,
    pub(crate) readings: Vec<Reading>,
    /// Where the packet's id is wanted once it has one.
    pub(crate) id: Option<IdSlot>,
    /// Readings of earlier parts that this packet made readable.
    pub(crate) late: Vec<(IdSlot, Reading)>,
    pub(crate) answer: Option<Vec<u8>>,
    /// The device has shown that it is the registered one.
    pub(crate) signed_in: bool,
    pub(crate) progress: Option<(mpsc::UnboundedSender<Progress>, Progress)>,
}

impl Judged {
    pub(crate) fn new(status: FrameStatus, decoded: &Decoded) -> Judged {
        Judged {
            status,
            defects: decoded.defects.iter().map(|found| found.defect.code()).collect(),
            readings: Vec::new(),
            id: None,
            late: Vec::new(),
            answer: None,
            signed_in: false,
            progress: None,
        }
    }
}

/// The series a packet needs that the device's binding does not know yet.
pub(crate) fn missing(
    inner: &mut DeviceInner,
    decoded: &Decoded,
    whose: &Admitted,
    pack: &Pack,
) -> Vec<Missing> {
    let Some(cadence) = decoded.message.cadence() else { return Vec::new() };
    bound(inner, whose).missing(decoded.values(), cadence, &pack.parameters)
}

fn bound<'i>(inner: &'i mut DeviceInner, whose: &Admitted) -> &'i mut Bound {
    let fits = inner.bound.as_ref().is_some_and(|bound| bound.is_of(&whose.device, &whose.station));
    if !fits {
        inner.bound = None;
    }
    inner.bound.get_or_insert_with(|| Bound::new(Arc::clone(&whose.device), Arc::clone(&whose.station)))
}

/// Whether the packet's password is that of the device.
pub(crate) fn password_fits(device: &Device, message: &Message) -> bool {
    device.password.as_deref().is_none_or(|password| message.pw() == Some(password))
}

/// Judges a packet of the device `mn` and updates what is known of the device.
///
/// Takes the message out of `decoded` when the packet has to wait for its siblings.
pub(crate) fn judge(
    inner: &mut DeviceInner,
    mn: &Mn,
    decoded: &mut Decoded,
    whose: Option<&Admitted>,
    around: &Circumstances<'_>,
) -> Judged {
    if !decoded.trustworthy() {
        if whose.is_some_and(|whose| password_fits(&whose.device, &decoded.message)) {
            inner.heard(around.received_at, around.peer, around.is_live());
        }
        return Judged::new(FrameStatus::Unreadable, decoded);
    }
    match whose {
        None => judge_unknown(inner, mn, decoded, around),
        Some(whose) if !password_fits(&whose.device, &decoded.message) => {
            judge_impostor(inner, mn, decoded, around)
        }
        Some(whose) => judge_admitted(inner, decoded, whose, around),
    }
}

fn judge_unknown(inner: &mut DeviceInner, mn: &Mn, decoded: &Decoded, around: &Circumstances<'_>) -> Judged {
    let message = &decoded.message;
    inner.heard(around.received_at, around.peer, around.is_live());
    remember_header(inner, message);
    let repeat = repeat(inner, message, around);
    let status = if repeat == Repeat::Same { FrameStatus::Duplicate } else { FrameStatus::Quarantined };
    let mut judged = Judged::new(status, decoded);
    if repeat == Repeat::Conflicting {
        judged.defects.push(defects::CONFLICTING_REPEAT);
    }
    note_sighting(inner, mn, message, QuarantineReason::UnknownMn, around);
    if around.answer_quarantined {
        judged.answer = reply::bytes_due(message);
    }
    judged
}

fn judge_impostor(inner: &mut DeviceInner, mn: &Mn, decoded: &Decoded, around: &Circumstances<'_>) -> Judged {
    // Neither its last-seen time nor its memory of repeats is touched: this may be somebody else.
    let message = &decoded.message;
    let mut judged = Judged::new(FrameStatus::Quarantined, decoded);
    judged.defects.push(defects::WRONG_PASSWORD);
    note_sighting(inner, mn, message, QuarantineReason::WrongPassword, around);
    if message.wants_answer() && !message.cn().is_some_and(Cn::is_answer) {
        judged.answer = first_packet(&reply::request(message, QnRtn::BadPassword));
    }
    judged
}

fn note_sighting(
    inner: &mut DeviceInner,
    mn: &Mn,
    message: &Message,
    reason: QuarantineReason,
    around: &Circumstances<'_>,
) {
    inner.sighted(sighting(
        mn,
        around.received_at,
        around.peer,
        message.st_text(),
        message.pw(),
        message.text(),
        reason,
    ));
}

fn judge_admitted(
    inner: &mut DeviceInner,
    decoded: &mut Decoded,
    whose: &Admitted,
    around: &Circumstances<'_>,
) -> Judged {
    inner.heard(around.received_at, around.peer, around.is_live());
    remember_header(inner, &decoded.message);
    let mut judged = Judged::new(FrameStatus::Control, decoded);
    judged.signed_in = true;
    judged.answer = answer(inner, &decoded.message, whose, around);
    judged.progress = progress(inner, &decoded.message);

    let repeat = repeat(inner, &decoded.message, around);
    if repeat == Repeat::Same {
        judged.status = FrameStatus::Duplicate;
        return judged;
    }
    let conflicting = repeat == Repeat::Conflicting;
    if conflicting {
        judged.defects.push(defects::CONFLICTING_REPEAT);
    }
    if is_shared(inner, &decoded.message, conflicting, around) {
        judged.defects.push(defects::SHARED_MN);
    }
    note_clock(inner, &decoded.message, around.received_at);
    if decoded.message.cadence().is_some() {
        take_values(inner, decoded, whose, around, &mut judged);
    }
    judged
}

/// Reads the packet's values, or keeps the packet until a sibling brings the time.
fn take_values(
    inner: &mut DeviceInner,
    decoded: &mut Decoded,
    whose: &Admitted,
    around: &Circumstances<'_>,
    judged: &mut Judged,
) {
    let settled = inner.parts.saw(&decoded.message, around.received_at);
    if settled.given_up > 0 {
        judged.defects.push(defects::SPLIT_INCOMPLETE);
    }
    for (part, time) in settled.released {
        let read = read(inner, &part.message, time, whose, around);
        judged.late.extend(read.readings.into_iter().map(|reading| (Arc::clone(&part.id), reading)));
    }
    match settled.time {
        Some(time) => {
            let read = read(inner, &decoded.message, time, whose, around);
            judged.readings = read.readings;
            judged.defects.extend(read.defects);
            if !judged.readings.is_empty() {
                judged.status = FrameStatus::Stored;
            }
        }
        None if decoded.message.is_split() => {
            judged.status = FrameStatus::Stored;
            judged.defects.push(defects::WAITING_FOR_PART);
            let id: IdSlot = Arc::new(OnceLock::new());
            judged.id = Some(Arc::clone(&id));
            inner.parts.wait(id, std::mem::take(&mut decoded.message));
        }
        // No time at all: the codec has said so, and there is nowhere to put the values.
        None => {}
    }
}

/// The readings of a message at a time.
pub(crate) fn read(
    inner: &mut DeviceInner,
    message: &Message,
    time: Millis,
    whose: &Admitted,
    around: &Circumstances<'_>,
) -> Read {
    let Some(cadence) = message.cadence() else { return Read::default() };
    let minutes = (message.cn() == Some(Cn::FURNACE)).then_some(5);
    let period = Period { cadence, stamp: time, minutes };
    bound(inner, whose).read(
        message.values(),
        period,
        around.reference,
        &around.pack.parameters,
        &around.pack.defaults.clock,
        &|key| around.lake.series_id(key).ok(),
    )
}

/// What the packet is beside those that came before.
fn repeat(inner: &mut DeviceInner, message: &Message, around: &Circumstances<'_>) -> Repeat {
    match fingerprint(message) {
        Some(print) => {
            let repeat = inner.remembered.offer(print);
            if around.repeated { Repeat::Same } else { repeat }
        }
        // Heartbeats without number and time look all the same and are none the less new.
        None => Repeat::New,
    }
}

/// What a packet is known by; `None` when it has neither number nor time and so cannot be a repeat.
pub(crate) fn fingerprint(message: &Message) -> Option<Fingerprint> {
    let cn = message.cn().map_or(0, |cn| cn.0);
    let part = u32::from(message.pno().unwrap_or(0));
    let time = message.data_time().map_or(i64::MIN, |time| time.0);
    // The password counts, so that a packet with another one is never taken for the same.
    let pw = message.pw().unwrap_or_default();
    let content = [message.st_text().unwrap_or_default(), pw, message.cp()].join("\n");
    if let Some(qn) = message.qn() {
        // Answers to a history request share its number, so the time counts too.
        return Some(Fingerprint::numbered(cn, part, qn, time, content.as_bytes()));
    }
    message.data_time()?;
    let fields = message
        .fields()
        .filter(|field| field.suffix().is_some_and(|suffix| suffix != Suffix::Flag))
        .map(|field| (field.name(), field.value()));
    Some(Fingerprint::timed(cn, part, time, content.as_bytes(), fields))
}

pub(crate) fn remember_header(inner: &mut DeviceInner, message: &Message) {
    inner.edition = Some(match message.edition() {
        Edition::Y2005 => ProtocolEdition::V2005,
        Edition::Y2017 => ProtocolEdition::V2017,
        Edition::Y2025 => ProtocolEdition::V2025,
    });
    if !message.cn().is_some_and(Cn::is_answer) {
        inner.st = message.st().or(inner.st);
    }
    if inner.pw.as_deref() != message.pw() {
        inner.pw = message.pw().map(Into::into);
    }
}

/// Whether a second device uses this number, judged by this new packet.
fn is_shared(
    inner: &mut DeviceInner,
    message: &Message,
    conflicting: bool,
    around: &Circumstances<'_>,
) -> bool {
    if around.connection == 0 || message.cadence().is_none() {
        return false;
    }
    let cn = message.cn().map_or(0, |cn| cn.0);
    let other_sent_it = inner.alternation.last(cn).is_some_and(|last| {
        last != around.connection && inner.links.iter().any(|link| link.connection == last)
    });
    if conflicting && other_sent_it {
        inner.alternation.convict(around.received_at);
    }
    inner.alternation.saw(around.connection, cn, around.received_at);
    inner.alternation.is_shared(around.received_at)
}

/// How far the device's clock is off, from the number it gave the packet or the time of momentary data.
fn note_clock(inner: &mut DeviceInner, message: &Message, received_at: Millis) {
    let momentary = message.cadence() == Some(Cadence::RealTime);
    if message.is_resent() || message.cn().is_some_and(Cn::is_answer) {
        return;
    }
    let shown = message.qn_time().or_else(|| message.data_time().filter(|_| momentary));
    if let Some(shown) = shown {
        inner.clock_offset_s = Some((shown.0 - received_at.0) as f64 / 1000.0);
    }
}

/// The answer due, with the time to set where the device asks for it.
fn answer(
    inner: &DeviceInner,
    message: &Message,
    whose: &Admitted,
    around: &Circumstances<'_>,
) -> Option<Vec<u8>> {
    let mut bytes = reply::bytes_due(message);
    if around.set_clock_on_request
        && message.cn() == Some(Cn::ASK_TIME)
        && let (Some(st), Some(mn)) = (message.st().or(inner.st), message.mn_text())
    {
        let pol_id = message.pol_id().map(str::to_owned);
        let pw = whose.device.password.as_deref().or(message.pw()).unwrap_or_default();
        let command = Command::SetTime { pol_id, time: around.received_at };
        let packet = command.packet(message.edition(), st, mn, pw, around.received_at);
        if let Some(order) = first_packet(&packet) {
            bytes.get_or_insert_default().extend_from_slice(&order);
        }
    }
    bytes
}

/// The command this packet belongs to, and what it tells of it.
fn progress(inner: &DeviceInner, message: &Message) -> Option<(mpsc::UnboundedSender<Progress>, Progress)> {
    let qn = message.qn()?;
    let pending = inner.pending.iter().find(|pending| *pending.qn == *qn)?;
    let step = match message.cn()? {
        Cn::REQUEST_ANSWER => Progress::Answered(message.qn_rtn().unwrap_or(QnRtn::Ready)),
        Cn::RESULT => Progress::Result(message.exe_rtn().unwrap_or(sanggan_hj212::ExeRtn::Done)),
        cn if cn.is_answer() => Progress::Answered(QnRtn::Ready),
        _ => Progress::Packet(message.text().to_owned()),
    };
    Some((pending.told.clone(), step))
}

/// The bytes of a packet that is never split.
fn first_packet(packet: &sanggan_hj212::Packet) -> Option<Vec<u8>> {
    packet.encode().ok()?.into_iter().next()
}
