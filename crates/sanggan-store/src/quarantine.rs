//! Devices that signed in without being known, until someone decides.

use sanggan_base::{AreaCode, Millis, Mn, StationCode};
use sanggan_pack::{Device, Name, Position, StampConvention, Station, StationKind};
use serde::{Deserialize, Serialize};

use crate::db::{Row, Tx, args};
use crate::journal::{Entry, record};
use crate::{Actor, Store, StoreError, monitor, rows};

/// Waiting numbers kept; beyond these the longest unseen go, so that a peer that makes up numbers cannot fill the disk.
const KEPT_WAITING: i64 = 10_000;
/// Minutes of an admitted device's minute data until someone says otherwise: the usual interval.
const MINUTE_INTERVAL: u8 = 10;
/// Characters of a sample frame kept.
const SAMPLE_CHARS: usize = 1_024;

/// Why a frame's device is in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineReason {
    /// No device has this number.
    UnknownMn,
    /// The device is known, and the password it sent is another.
    WrongPassword,
}

/// What has been decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineState {
    /// Nothing yet.
    Waiting,
    /// It is a device now.
    Admitted,
    /// Its frames are not wanted.
    Refused,
}

/// What the gateway saw of a device in quarantine since it last told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The number it signed in with.
    pub mn: Mn,
    /// When the first of these frames came.
    pub first_at: Millis,
    /// When the last of these frames came.
    pub last_at: Millis,
    /// How many these are.
    pub frames: u64,
    /// From where the last came.
    pub peer: String,
    /// System code (ST) of the last.
    pub st: Option<String>,
    /// The password the last sent; kept so that admitting can adopt it, shown to nobody.
    pub password: Option<String>,
    /// Text of the last frame, cut to 1,024 characters.
    pub sample_frame: String,
    /// Why it is here.
    pub reason: QuarantineReason,
}

/// One row of the quarantine list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quarantined {
    /// The number it signs in with.
    pub mn: Mn,
    /// When it first came.
    pub first_seen: Millis,
    /// When it last came.
    pub last_seen: Millis,
    /// Frames received of it while in quarantine.
    pub frames: u64,
    /// From where it last came.
    pub peer: String,
    /// System code (ST) it sent.
    pub st: Option<String>,
    /// Text of its last frame, the password blotted out.
    pub sample_frame: String,
    /// Why it is here.
    pub reason: QuarantineReason,
    /// What has been decided.
    pub state: QuarantineState,
}

/// A station to be made for an admitted device.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewStation {
    /// Its code; not yet taken.
    pub code: StationCode,
    /// Its name.
    pub name: Name,
    /// What sort of place it is.
    pub kind: StationKind,
    /// The area it lies in.
    pub area: AreaCode,
    /// Degrees east.
    #[serde(default)]
    pub lon: Option<f64>,
    /// Degrees north.
    #[serde(default)]
    pub lat: Option<f64>,
}

/// How a device is let in.
#[derive(Debug, Clone, PartialEq)]
pub enum Admission {
    /// It belongs to a station that exists.
    At(StationCode),
    /// A station is made for it.
    New(NewStation),
}

impl Store {
    /// Adds what was seen of unknown devices; a waiting or refused one keeps its state, an admitted one that comes
    /// with a wrong password waits again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn quarantine_seen(&self, sightings: &[Sighting]) -> Result<(), StoreError> {
        const ATTEMPT: &str = "keep what was seen of unknown devices";
        if sightings.is_empty() {
            return Ok(());
        }
        let mut write = self.write(ATTEMPT).await?;
        for seen in sightings {
            let sql = "INSERT INTO quarantine (mn, first_seen, last_seen, frames, peer, st, password, sample_frame, reason,
                     state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'waiting')
                 ON CONFLICT (mn) DO UPDATE SET
                     first_seen = CASE WHEN ?2 < quarantine.first_seen THEN ?2 ELSE quarantine.first_seen END,
                     last_seen = CASE WHEN ?3 > quarantine.last_seen THEN ?3 ELSE quarantine.last_seen END,
                     frames = quarantine.frames + ?4, peer = ?5, st = coalesce(?6, quarantine.st),
                     password = coalesce(?7, quarantine.password), sample_frame = ?8, reason = ?9,
                     state = CASE WHEN quarantine.state = 'admitted' AND ?9 = 'wrong_password' THEN 'waiting'
                         ELSE quarantine.state END";
            let args = args![
                seen.mn.as_str(),
                seen.first_at,
                seen.last_at,
                i64::try_from(seen.frames).unwrap_or(i64::MAX),
                &seen.peer,
                &seen.st,
                &seen.password,
                blot_password(&seen.sample_frame),
                seen.reason.name(),
            ];
            write.tx.execute(ATTEMPT, sql, args).await?;
        }
        let sql = "DELETE FROM quarantine WHERE state = 'waiting' AND mn NOT IN
                 (SELECT mn FROM quarantine WHERE state = 'waiting' ORDER BY last_seen DESC, mn LIMIT ?)";
        write.tx.execute(ATTEMPT, sql, args![KEPT_WAITING]).await?;
        write.commit(ATTEMPT).await
    }

    /// The devices that wait or were refused, the latest first; admitted ones too when `all`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn quarantine(&self, all: bool) -> Result<Vec<Quarantined>, StoreError> {
        let sql =
            "SELECT mn, first_seen, last_seen, frames, peer, st, sample_frame, reason, state FROM quarantine
             WHERE ? OR state <> 'admitted' ORDER BY last_seen DESC, mn";
        let rows = self.db().fetch("read the quarantine", sql, args![all]).await?;
        rows.iter().map(quarantined).collect()
    }

    /// Makes a device of a quarantined number. `password`: what it must send from now on; `None` adopts the one it
    /// sent last. The caller then decodes the frames kept meanwhile.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for a number not in quarantine or a station that is not there,
    /// [`StoreError::Conflict`] when the new station's code is taken.
    pub async fn admit(
        &self,
        mn: &Mn,
        admission: Admission,
        password: Option<String>,
        actor: &Actor,
        now: Millis,
    ) -> Result<(Station, Device), StoreError> {
        const ATTEMPT: &str = "admit a device";
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        let sql = "SELECT password FROM quarantine WHERE mn = ?";
        let sent = tx.fetch_optional(ATTEMPT, sql, args![mn.as_str()]).await?;
        let Some(sent) = sent.map(|row| row.optional::<String>("password")).transpose()? else {
            return Err(StoreError::NotFound { kind: "device in quarantine", key: mn.to_string() });
        };
        let station = match admission {
            Admission::At(code) => code,
            Admission::New(new) => {
                if monitor::has_station(tx, &new.code).await? {
                    let why = "a station has this code already".to_owned();
                    return Err(StoreError::Conflict { kind: "station", key: new.code.to_string(), why });
                }
                monitor::check_place(new.lon, new.lat)?;
                let station = Station {
                    code: new.code,
                    name: new.name,
                    kind: new.kind,
                    area: new.area,
                    lon: new.lon,
                    lat: new.lat,
                    position: Position::Surveyed,
                    simulated: false,
                };
                monitor::put_station_in(tx, &station, "for an admitted device", actor, now).await?;
                station.code
            }
        };
        let password = password.or(sent);
        let device = match rows::read_device(tx, mn).await? {
            Some(known) => Device { station, password, ..known },
            None => Device {
                mn: mn.clone(),
                station,
                password,
                edition: None,
                stamp: StampConvention::Begin,
                minute_interval: MINUTE_INTERVAL,
                bindings: Vec::new(),
                simulated: false,
            },
        };
        monitor::put_device_in(tx, &device, "quarantine.admit", "admitted from quarantine", actor, now)
            .await?;
        decide(tx, mn, QuarantineState::Admitted).await?;
        write.commit_and_tell(ATTEMPT).await?;
        let registry = self.registry();
        let station = registry.station(&device.station);
        let station = station
            .ok_or_else(|| StoreError::NotFound { kind: "station", key: device.station.to_string() })?;
        Ok((Station::clone(station), device))
    }

    /// Refuses a quarantined number: it stays listed, its further frames need not be kept.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn refuse(&self, mn: &Mn, why: &str, actor: &Actor, now: Millis) -> Result<(), StoreError> {
        const ATTEMPT: &str = "refuse a device";
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        let sql = "SELECT state FROM quarantine WHERE mn = ?";
        let state: Option<String> = tx.scalar(ATTEMPT, sql, args![mn.as_str()]).await?;
        let Some(state) = state else {
            return Err(StoreError::NotFound { kind: "device in quarantine", key: mn.to_string() });
        };
        if state == QuarantineState::Admitted.name() {
            let why = "it has been admitted; remove the device instead".to_owned();
            return Err(StoreError::Conflict { kind: "device in quarantine", key: mn.to_string(), why });
        }
        decide(tx, mn, QuarantineState::Refused).await?;
        let entry = Entry {
            at: now,
            actor,
            action: "quarantine.refuse",
            subject_kind: "device",
            subject: mn.as_str(),
            version: None,
            changes: None,
            before: Some(serde_json::json!({ "state": state })),
            after: Some(serde_json::json!({ "state": "refused" })),
            why,
        };
        record(tx, entry).await?;
        write.commit_and_tell(ATTEMPT).await
    }
}

impl QuarantineReason {
    /// The name in the store and the API.
    pub fn name(self) -> &'static str {
        match self {
            QuarantineReason::UnknownMn => "unknown_mn",
            QuarantineReason::WrongPassword => "wrong_password",
        }
    }

    fn from_name(name: &str) -> Option<QuarantineReason> {
        [QuarantineReason::UnknownMn, QuarantineReason::WrongPassword]
            .into_iter()
            .find(|it| it.name() == name)
    }
}

impl QuarantineState {
    /// The name in the store and the API.
    pub fn name(self) -> &'static str {
        match self {
            QuarantineState::Waiting => "waiting",
            QuarantineState::Admitted => "admitted",
            QuarantineState::Refused => "refused",
        }
    }

    fn from_name(name: &str) -> Option<QuarantineState> {
        [QuarantineState::Waiting, QuarantineState::Admitted, QuarantineState::Refused]
            .into_iter()
            .find(|it| it.name() == name)
    }
}

async fn decide(tx: &mut Tx, mn: &Mn, state: QuarantineState) -> Result<(), StoreError> {
    let sql = "UPDATE quarantine SET state = ?2 WHERE mn = ?1";
    tx.execute("decide on a device in quarantine", sql, args![mn.as_str(), state.name()]).await.map(drop)
}

fn quarantined(row: &Row) -> Result<Quarantined, StoreError> {
    let (mn, reason, state) = (row.text("mn")?, row.text("reason")?, row.text("state")?);
    Ok(Quarantined {
        first_seen: Millis(row.int("first_seen")?),
        last_seen: Millis(row.int("last_seen")?),
        frames: row.int("frames")?.unsigned_abs(),
        peer: row.text("peer")?,
        st: row.optional("st")?,
        sample_frame: row.text("sample_frame")?,
        mn: Mn::parse(&mn).map_err(|_| StoreError::Corrupt { what: "MN", text: mn })?,
        reason: QuarantineReason::from_name(&reason)
            .ok_or(StoreError::Corrupt { what: "reason", text: reason })?,
        state: QuarantineState::from_name(&state)
            .ok_or(StoreError::Corrupt { what: "state", text: state })?,
    })
}

/// The frame, cut, with the content of its `PW` field replaced by stars.
fn blot_password(frame: &str) -> String {
    let cut: String = frame.chars().take(SAMPLE_CHARS).collect();
    let mut out = String::with_capacity(cut.len());
    let mut rest = cut.as_str();
    while let Some(at) = rest.find("PW=") {
        let (before, from) = rest.split_at(at + "PW=".len());
        let end = from.find(';').unwrap_or(from.len());
        out.push_str(before);
        out.push_str("***");
        rest = &from[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_does_not_show_in_the_sample() {
        assert_eq!(
            blot_password("##0010ST=31;PW=123456;MN=1;CP=&&NewPW=9&&"),
            "##0010ST=31;PW=***;MN=1;CP=&&NewPW=***"
        );
        assert_eq!(blot_password("PW="), "PW=***");
        assert_eq!(blot_password("中文"), "中文");
        assert_eq!(blot_password(&"数".repeat(3000)).chars().count(), SAMPLE_CHARS);
    }
}
