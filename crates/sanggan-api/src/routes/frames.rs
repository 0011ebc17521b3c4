//! Packets as received.
//!
//! A packet carries the device's password. Only those who may admit devices see it; for others it is blotted out,
//! so the text they see is not the text the SM3 was taken of, and the answer says so.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use sanggan_base::time::{DAY_MS, HOUR_MS};
use sanggan_base::{FrameId, Millis, Mn, SeriesKey};
use sanggan_hj212::{Decoded, decode_packet};
use sanggan_lake::{Frame, FrameQuery, FrameStatus, ReadQuery};
use sanggan_store::Operation;
use serde::Deserialize;
use utoipa::IntoParams;

use super::Ask;
use crate::auth::Caller;
use crate::dto::{DecodedFrame, FrameBrief, FrameDefect, FrameDetail, FramePage, FrameReading};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::{AppState, paths, when, words};

/// Most packets in one answer.
const LIMIT_MAX: usize = 1_000;
const LIMIT_DEFAULT: usize = 100;
/// Characters of a packet shown in lists.
const BRIEF_CHARS: usize = 200;

/// Which packets.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FrameAsk {
    /// Only of this device.
    mn: Option<String>,
    /// `stored`, `quarantined`, `duplicate`, `unreadable`, `control`.
    status: Option<String>,
    /// `true`: only those with a defect.
    defective: Option<bool>,
    /// Received from then on.
    from: Option<String>,
    /// Received before.
    to: Option<String>,
    /// Older than this packet (the `next` of the page before).
    after: Option<u64>,
    /// At most this many.
    limit: Option<usize>,
}

/// The name of a status in the API.
pub(crate) fn status_name(status: FrameStatus) -> &'static str {
    match status {
        FrameStatus::Stored => "stored",
        FrameStatus::Quarantined => "quarantined",
        FrameStatus::Duplicate => "duplicate",
        FrameStatus::Unreadable => "unreadable",
        FrameStatus::Control => "control",
    }
}

fn status(name: &str) -> Answer<FrameStatus> {
    const ALL: [FrameStatus; 5] = [
        FrameStatus::Stored,
        FrameStatus::Quarantined,
        FrameStatus::Duplicate,
        FrameStatus::Unreadable,
        FrameStatus::Control,
    ];
    ALL.into_iter()
        .find(|status| status_name(*status) == name)
        .ok_or_else(|| Problem::bad_field("status", format!("`{name}` is no frame status")))
}

/// Reads a device number of a path or query.
pub(crate) fn mn(text: &str) -> Answer<Mn> {
    Mn::parse(text).map_err(|error| Problem::bad_field("mn", error.to_string()))
}

/// The packet as text, and whether all its bytes are in it.
fn text_of(bytes: &[u8]) -> (String, bool) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.trim_end().to_owned(), true);
    }
    // Chinese text comes as GBK; the codec knows how to read it.
    match decode_packet(bytes, None) {
        Ok(decoded) => {
            let length = String::from_utf8_lossy(&bytes[..bytes.len().min(6)]).into_owned();
            let crc = String::from_utf8_lossy(&bytes[bytes.trim_ascii_end().len().saturating_sub(4)..])
                .trim_end()
                .to_owned();
            (format!("{length}{}{crc}", decoded.message.text()), true)
        }
        Err(_) => (String::from_utf8_lossy(bytes).trim_end().to_owned(), false),
    }
}

/// The text with the password blotted out.
fn blot(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.to_ascii_uppercase().find("PW=") {
        let (before, from) = rest.split_at(at + 3);
        out.push_str(before);
        let end = from.find([';', '&', ',']).unwrap_or(from.len());
        if end > 0 {
            out.push_str("••••••");
        }
        rest = &from[end..];
    }
    out.push_str(rest);
    out
}

/// A packet's text as the caller may see it, and whether the password was blotted out.
pub(crate) fn shown_text(caller: &Caller, bytes: &[u8]) -> (String, bool, bool) {
    let (text, whole) = text_of(bytes);
    if caller.may(Operation::DecideQuarantine) {
        return (text, whole, false);
    }
    let blotted = blot(&text);
    let changed = blotted != text;
    (blotted, whole, changed)
}

fn codes(defects: &str) -> Vec<String> {
    defects.split(',').filter(|code| !code.is_empty()).map(str::to_owned).collect()
}

/// A packet in one line.
pub(crate) fn brief(caller: &Caller, frame: &Frame) -> FrameBrief {
    FrameBrief {
        id: frame.id.0,
        received_at: frame.received_at.to_string(),
        peer: frame.peer.clone(),
        mn: frame.mn.as_ref().map(ToString::to_string),
        cn: frame.cn,
        status: status_name(frame.status).to_owned(),
        defects: codes(&frame.defects),
        text: shown_text(caller, &frame.bytes).0.chars().take(BRIEF_CHARS).collect(),
        sm3: frame.sm3.clone(),
    }
}

/// Packets, newest first.
#[utoipa::path(
    get, path = "/frames", operation_id = "listFrames", tag = "devices", params(FrameAsk),
    responses(
        (status = 200, description = "Newest first", body = FramePage),
        (status = 400, description = "A field is faulty", body = ProblemBody)
    )
)]
pub(crate) async fn list_frames(
    State(state): State<AppState>,
    caller: Caller,
    Ask(ask): Ask<FrameAsk>,
) -> Answer<Json<FramePage>> {
    let limit = ask.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::bad_field("limit", format!("`limit` must be 1 to {LIMIT_MAX}")));
    }
    let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let query = FrameQuery {
        mn: text(&ask.mn).map(|text| mn(&text)).transpose()?,
        status: text(&ask.status).map(|name| status(&name)).transpose()?,
        only_defective: ask.defective.unwrap_or(false),
        from: text(&ask.from).map(|text| when::moment("from", &text)).transpose()?,
        to: text(&ask.to).map(|text| when::moment("to", &text)).transpose()?,
        after: ask.after.map(FrameId),
        newest_first: true,
        limit: limit + 1,
    };
    let mut frames = state.lake().frames(query).await?;
    let more = frames.len() > limit;
    frames.truncate(limit);
    let next = frames.last().filter(|_| more).map(|frame| frame.id.0);
    Ok(Json(FramePage { frames: frames.iter().map(|frame| brief(&caller, frame)).collect(), next }))
}

/// One packet, decoded again, with the values it brought.
#[utoipa::path(
    get, path = "/frames/{id}", operation_id = "getFrame", tag = "devices",
    params(("id" = u64, Path, description = "The packet's number")),
    responses(
        (status = 200, description = "The packet", body = FrameDetail),
        (status = 404, description = "No such packet", body = ProblemBody)
    )
)]
pub(crate) async fn get_frame(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<FrameDetail>> {
    let id: u64 = id.parse().map_err(|_| Problem::bad_field("id", "`id` is not the number of a packet"))?;
    let frame = state
        .lake()
        .frame(FrameId(id))
        .await?
        .ok_or_else(|| Problem::not_found(format!("there is no packet {id}")))?;
    let decoded = decode_packet(&frame.bytes, None).ok();
    let (text, whole, password_hidden) = shown_text(&caller, &frame.bytes);
    let readings = readings(&state, &frame, decoded.as_ref()).await?;
    let defects = codes(&frame.defects)
        .into_iter()
        .map(|code| {
            let found = decoded.as_ref().and_then(|decoded| {
                decoded
                    .defects
                    .iter()
                    .find(|found| found.defect.code() == code)
                    .map(|found| decoded.excerpt(found))
            });
            let detail = found.filter(|text| !text.is_empty());
            let detail = detail.map(|text| if password_hidden { blot(text) } else { text.to_owned() });
            FrameDefect { code, detail }
        })
        .collect();
    Ok(Json(FrameDetail {
        id: frame.id.0,
        received_at: frame.received_at.to_string(),
        mn: frame.mn.as_ref().map(ToString::to_string),
        cn: frame.cn,
        status: status_name(frame.status).to_owned(),
        hex: (!whole).then(|| frame.bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        decoded: decoded.as_ref().map(decoded_frame),
        defects,
        readings,
        text,
        password_hidden,
        sm3: frame.sm3,
        peer: frame.peer,
    }))
}

fn decoded_frame(decoded: &Decoded) -> DecodedFrame {
    let message = &decoded.message;
    let mut header = BTreeMap::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            header.insert(name.to_owned(), value);
        }
    };
    put("QN", message.qn().map(str::to_owned));
    put("ST", message.st_text().map(str::to_owned));
    put("CN", message.get("CN").map(str::to_owned));
    put("MN", message.mn_text().map(str::to_owned));
    put("Flag", message.get("Flag").map(str::to_owned));
    put("PNUM", message.pnum().map(|number| number.to_string()));
    put("PNO", message.pno().map(|number| number.to_string()));
    put("DataTime", message.data_time().map(|at| at.to_string()));
    put("edition", Some(format!("{:?}", message.edition()).trim_start_matches('Y').to_owned()));
    put("length_declared", decoded.declared_len.map(|length| length.to_string()));
    put("length_found", Some(decoded.segment_len.to_string()));
    put("crc_given", decoded.crc_given.map(|crc| format!("{crc:04X}")));
    put("crc", Some(format!("{:04X}", decoded.crc)));
    let groups = message
        .groups()
        .map(|group| {
            group.fields().map(|field| (field.name().to_owned(), field.value().to_owned())).collect()
        })
        .collect();
    DecodedFrame { header, groups }
}

/// The values a packet brought: those of its station about its data time that name it.
async fn readings(state: &AppState, frame: &Frame, decoded: Option<&Decoded>) -> Answer<Vec<FrameReading>> {
    let registry = state.registry();
    let Some(device) = frame.mn.as_ref().and_then(|mn| registry.device(mn)) else { return Ok(Vec::new()) };
    let series: Vec<(sanggan_base::SeriesId, SeriesKey)> = state.lake().series_of(&device.station);
    let centre: Millis = decoded.and_then(|decoded| decoded.message.data_time()).unwrap_or(frame.received_at);
    // A device may stamp a day with its end, and a split packet may hold several times of one day.
    let query = ReadQuery {
        series: series.iter().map(|(id, _)| *id).collect(),
        from: centre.plus(-DAY_MS - HOUR_MS),
        to: centre.plus(HOUR_MS),
        as_of: None,
    };
    let versions = state.lake().read_versions(query).await?;
    Ok(versions
        .into_iter()
        .filter(|observation| observation.frame == Some(frame.id))
        .filter_map(|observation| {
            let key = &series.iter().find(|(id, _)| *id == observation.series)?.1;
            Some(FrameReading {
                station: key.station.to_string(),
                parameter: key.parameter.to_string(),
                measure: key.measure.name().to_owned(),
                cadence: key.cadence.name().to_owned(),
                at: observation.at.to_string(),
                value: observation.value,
                flag: observation.flag.name().to_owned(),
                unit: words::unit(state, &key.station, key.parameter.as_str()).symbol().to_owned(),
                explain: paths::observation(key, observation.at),
            })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_shows() {
        let rows = [
            ("##0101QN=1;ST=32;PW=123456;MN=A;CP=&&&&1C80", "##0101QN=1;ST=32;PW=••••••;MN=A;CP=&&&&1C80"),
            ("pw=a;PW=b", "pw=••••••;PW=••••••"),
            ("PW=", "PW="),
            ("PW=;MN=1", "PW=;MN=1"),
            ("nothing", "nothing"),
        ];
        for (text, want) in rows {
            assert_eq!(blot(text), want);
        }
    }
}
