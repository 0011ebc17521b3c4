//! Stations, devices and limits.

use sanggan_base::{Millis, Mn, StationCode};
use sanggan_pack::{Device, LimitLine, MonitorSet, Station};
use serde_json::{Value, json};

use crate::db::{Tx, args};
use crate::journal::{Entry, record};
use crate::rows::{read_device, read_limits, station, write_device, write_limits, write_station};
use crate::{Actor, Store, StoreError};

/// What seeding did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SeedReport {
    /// Entries that were not there and are now.
    pub added: usize,
    /// Entries of an earlier seed that a newer pack changed.
    pub updated: usize,
    /// Entries left alone: already so, or changed or removed by a person.
    pub kept: usize,
}

/// What to do with one entry of a seed.
enum Seeding {
    Add,
    Update,
    Keep,
}

/// `present`: the entry as it is; `origin`: what the last seed brought; `new`: what this one brings.
fn seeding(present: Option<&Value>, origin: Option<&Value>, removed: bool, new: &Value) -> Seeding {
    match (present, origin) {
        (None, _) if removed => Seeding::Keep,
        (None, _) => Seeding::Add,
        (Some(present), Some(origin)) if present == origin && origin != new => Seeding::Update,
        (Some(_), _) => Seeding::Keep,
    }
}

impl Store {
    /// Brings in a pack's stations, devices and limits. May be done at every start: what a person changed or
    /// removed stays so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seed(&self, set: &MonitorSet, now: Millis) -> Result<SeedReport, StoreError> {
        const ATTEMPT: &str = "seed the registers";
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        let mut report = SeedReport::default();
        for station in &set.stations {
            let new = value(station);
            let present = station_value(tx, &station.code).await?;
            let origin =
                origin(tx, "SELECT origin FROM station WHERE code = ?", station.code.as_str()).await?;
            let removed = is_removed(tx, "station", station.code.as_str()).await?;
            let step = seeding(present.as_ref(), origin.as_ref(), removed, &new);
            if report.count(&step) {
                write_station(tx, station).await?;
                set_origin(tx, "UPDATE station SET origin = ?2 WHERE code = ?1", station.code.as_str(), &new)
                    .await?;
                let entry = Change { kind: "station", key: station.code.as_str(), action: "station.seed" };
                entry.record(tx, present, Some(new), "pack", &Actor::System, now).await?;
            }
        }
        for device in &set.devices {
            let new = value(device);
            let present = device_value(tx, &device.mn).await?;
            let origin = origin(tx, "SELECT origin FROM device WHERE mn = ?", device.mn.as_str()).await?;
            let removed = is_removed(tx, "device", device.mn.as_str()).await?
                || station_value(tx, &device.station).await?.is_none();
            let step = seeding(present.as_ref(), origin.as_ref(), removed, &new);
            if report.count(&step) {
                write_device(tx, device).await?;
                set_origin(tx, "UPDATE device SET origin = ?2 WHERE mn = ?1", device.mn.as_str(), &new)
                    .await?;
                let entry = Change { kind: "device", key: device.mn.as_str(), action: "device.seed" };
                let (before, after) = (present.map(without_password), Some(without_password(new)));
                entry.record(tx, before, after, "pack", &Actor::System, now).await?;
            }
        }
        for station in &set.stations {
            let lines: Vec<LimitLine> =
                set.limits.iter().filter(|line| line.station == station.code).cloned().collect();
            let new = value(&lines);
            let has_row = station_value(tx, &station.code).await?.is_some();
            let present = value(&read_limits(tx, Some(&station.code)).await?);
            let sql = "SELECT origin FROM station_limits WHERE station = ?";
            let seeded = tx.fetch_optional(ATTEMPT, sql, args![station.code.as_str()]).await?;
            let seeded: Option<Option<String>> = seeded.map(|row| row.optional("origin")).transpose()?;
            let step = match seeded {
                _ if !has_row => Seeding::Keep,
                None if lines.is_empty() => continue,
                None => Seeding::Add,
                Some(origin) => seeding(Some(&present), parse_origin(origin)?.as_ref(), false, &new),
            };
            if report.count(&step) {
                write_limits(tx, &station.code, &lines, Some(&new)).await?;
                let entry = Change { kind: "limits", key: station.code.as_str(), action: "limits.seed" };
                entry.record(tx, Some(present), Some(new), "pack", &Actor::System, now).await?;
            }
        }
        write.commit_and_tell(ATTEMPT).await?;
        Ok(report)
    }

    /// Makes or changes a station.
    ///
    /// # Errors
    /// [`StoreError::BadInput`] for coordinates that are none.
    pub async fn put_station(
        &self,
        station: &Station,
        why: &str,
        actor: &Actor,
        now: Millis,
    ) -> Result<(), StoreError> {
        const ATTEMPT: &str = "put a station";
        check_place(station.lon, station.lat)?;
        let mut write = self.write(ATTEMPT).await?;
        put_station_in(&mut write.tx, station, why, actor, now).await?;
        write.commit_and_tell(ATTEMPT).await
    }

    /// Removes a station and its limits. Its data stay in the lake.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Conflict`] while it has devices.
    pub async fn remove_station(
        &self,
        code: &StationCode,
        why: &str,
        actor: &Actor,
        now: Millis,
    ) -> Result<(), StoreError> {
        const ATTEMPT: &str = "remove a station";
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        let Some(present) = station_value(tx, code).await? else {
            return Err(StoreError::NotFound { kind: "station", key: code.to_string() });
        };
        let sql = "SELECT count(*) FROM device WHERE station = ?";
        let devices: i64 = tx.scalar(ATTEMPT, sql, args![code.as_str()]).await?.unwrap_or(0);
        if devices > 0 {
            let why = format!("it still has {devices} device(s)");
            return Err(StoreError::Conflict { kind: "station", key: code.to_string(), why });
        }
        remove(tx, "DELETE FROM station WHERE code = ?1", "station", code.as_str(), now).await?;
        let entry = Change { kind: "station", key: code.as_str(), action: "station.remove" };
        entry.record(tx, Some(present), None, why, actor, now).await?;
        write.commit_and_tell(ATTEMPT).await
    }

    /// Makes or changes a device with its bindings.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when its station is not there.
    pub async fn put_device(
        &self,
        device: &Device,
        why: &str,
        actor: &Actor,
        now: Millis,
    ) -> Result<(), StoreError> {
        const ATTEMPT: &str = "put a device";
        let mut write = self.write(ATTEMPT).await?;
        put_device_in(&mut write.tx, device, "device.put", why, actor, now).await?;
        write.commit_and_tell(ATTEMPT).await
    }

    /// Removes a device. Its data stay in the lake.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn remove_device(
        &self,
        mn: &Mn,
        why: &str,
        actor: &Actor,
        now: Millis,
    ) -> Result<(), StoreError> {
        const ATTEMPT: &str = "remove a device";
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        let Some(present) = device_value(tx, mn).await? else {
            return Err(StoreError::NotFound { kind: "device", key: mn.to_string() });
        };
        remove(tx, "DELETE FROM device WHERE mn = ?1", "device", mn.as_str(), now).await?;
        let entry = Change { kind: "device", key: mn.as_str(), action: "device.remove" };
        entry.record(tx, Some(without_password(present)), None, why, actor, now).await?;
        write.commit_and_tell(ATTEMPT).await
    }

    /// Sets all limit lines of a station.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the station is not there, [`StoreError::BadInput`] when a line is of another.
    pub async fn set_limits(
        &self,
        station: &StationCode,
        limits: &[LimitLine],
        why: &str,
        actor: &Actor,
        now: Millis,
    ) -> Result<(), StoreError> {
        const ATTEMPT: &str = "set the limits of a station";
        if let Some(line) = limits.iter().find(|line| &line.station != station) {
            let why = format!("a line of station `{}` among those of `{station}`", line.station);
            return Err(StoreError::BadInput { subject: "limit line", why });
        }
        if let Some(line) = limits.iter().find(|line| !line.value.is_finite()) {
            let why = format!("the limit of {} is no number", line.parameter);
            return Err(StoreError::BadInput { subject: "limit line", why });
        }
        let mut write = self.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        if station_value(tx, station).await?.is_none() {
            return Err(StoreError::NotFound { kind: "station", key: station.to_string() });
        }
        let present = value(&read_limits(tx, Some(station)).await?);
        write_limits(tx, station, limits, None).await?;
        let entry = Change { kind: "limits", key: station.as_str(), action: "limits.set" };
        entry.record(tx, Some(present), Some(value(&limits)), why, actor, now).await?;
        write.commit_and_tell(ATTEMPT).await
    }
}

impl SeedReport {
    /// Counts the step; whether it writes.
    fn count(&mut self, step: &Seeding) -> bool {
        match step {
            Seeding::Add => self.added += 1,
            Seeding::Update => self.updated += 1,
            Seeding::Keep => self.kept += 1,
        }
        !matches!(step, Seeding::Keep)
    }
}

/// What the journal says was changed.
struct Change<'a> {
    kind: &'static str,
    key: &'a str,
    action: &'static str,
}

impl Change<'_> {
    async fn record(
        &self,
        tx: &mut Tx,
        before: Option<Value>,
        after: Option<Value>,
        why: &str,
        actor: &Actor,
        at: Millis,
    ) -> Result<(), StoreError> {
        let (subject_kind, subject, action) = (self.kind, self.key, self.action);
        let (version, changes) = (None, None);
        let entry = Entry { at, actor, action, subject_kind, subject, version, changes, before, after, why };
        record(tx, entry).await.map(drop)
    }
}

pub(crate) fn check_place(lon: Option<f64>, lat: Option<f64>) -> Result<(), StoreError> {
    let good = match (lon, lat) {
        (None, None) => true,
        (Some(lon), Some(lat)) => (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat),
        _ => false,
    };
    if good {
        return Ok(());
    }
    let why = "lon and lat go together, in degrees east (-180 to 180) and north (-90 to 90)".to_owned();
    Err(StoreError::BadInput { subject: "coordinates", why })
}

pub(crate) async fn put_station_in(
    tx: &mut Tx,
    station: &Station,
    why: &str,
    actor: &Actor,
    now: Millis,
) -> Result<(), StoreError> {
    let present = station_value(tx, &station.code).await?;
    write_station(tx, station).await?;
    unremove(tx, "station", station.code.as_str()).await?;
    let entry = Change { kind: "station", key: station.code.as_str(), action: "station.put" };
    entry.record(tx, present, Some(value(station)), why, actor, now).await
}

pub(crate) async fn put_device_in(
    tx: &mut Tx,
    device: &Device,
    action: &'static str,
    why: &str,
    actor: &Actor,
    now: Millis,
) -> Result<(), StoreError> {
    if !(1..=60).contains(&device.minute_interval) {
        let why = format!("{} is not from 1 to 60", device.minute_interval);
        return Err(StoreError::BadInput { subject: "minute interval", why });
    }
    if station_value(tx, &device.station).await?.is_none() {
        return Err(StoreError::NotFound { kind: "station", key: device.station.to_string() });
    }
    let present = device_value(tx, &device.mn).await?;
    write_device(tx, device).await?;
    unremove(tx, "device", device.mn.as_str()).await?;
    let entry = Change { kind: "device", key: device.mn.as_str(), action };
    let (before, after) = (present.map(without_password), Some(without_password(value(device))));
    entry.record(tx, before, after, why, actor, now).await
}

fn value<T: serde::Serialize>(thing: &T) -> Value {
    serde_json::to_value(thing).expect("plain structs of text and finite numbers")
}

/// A device as the journal shows it: whether it has a password, not which.
fn without_password(mut device: Value) -> Value {
    if let Some(password) = device.get_mut("password")
        && !password.is_null()
    {
        *password = json!("(set)");
    }
    device
}

async fn station_value(tx: &mut Tx, code: &StationCode) -> Result<Option<Value>, StoreError> {
    let sql = "SELECT * FROM station WHERE code = ?";
    let row = tx.fetch_optional("read a station", sql, args![code.as_str()]).await?;
    Ok(row.as_ref().map(station).transpose()?.as_ref().map(value))
}

/// Whether there is such a station.
pub(crate) async fn has_station(tx: &mut Tx, code: &StationCode) -> Result<bool, StoreError> {
    Ok(station_value(tx, code).await?.is_some())
}

async fn device_value(tx: &mut Tx, mn: &Mn) -> Result<Option<Value>, StoreError> {
    Ok(read_device(tx, mn).await?.as_ref().map(value))
}

fn parse_origin(origin: Option<String>) -> Result<Option<Value>, StoreError> {
    origin
        .map(|text| {
            serde_json::from_str(&text)
                .map_err(|_| StoreError::Corrupt { what: "origin", text: text.clone() })
        })
        .transpose()
}

async fn origin(tx: &mut Tx, sql: &'static str, key: &str) -> Result<Option<Value>, StoreError> {
    parse_origin(tx.scalar("read what a seed brought", sql, args![key]).await?)
}

async fn set_origin(tx: &mut Tx, sql: &'static str, key: &str, origin: &Value) -> Result<(), StoreError> {
    tx.execute("keep what a seed brought", sql, args![key, origin.to_string()]).await.map(drop)
}

async fn is_removed(tx: &mut Tx, kind: &str, key: &str) -> Result<bool, StoreError> {
    let sql = "SELECT at FROM removed WHERE kind = ? AND key = ?";
    Ok(tx.fetch_optional("read what was removed", sql, args![kind, key]).await?.is_some())
}

async fn remove(
    tx: &mut Tx,
    sql: &'static str,
    kind: &str,
    key: &str,
    now: Millis,
) -> Result<(), StoreError> {
    const ATTEMPT: &str = "remove an entry";
    tx.execute(ATTEMPT, sql, args![key]).await?;
    let sql = "INSERT INTO removed (kind, key, at) VALUES (?1, ?2, ?3)
         ON CONFLICT (kind, key) DO UPDATE SET at = ?3";
    tx.execute(ATTEMPT, sql, args![kind, key, now]).await.map(drop)
}

async fn unremove(tx: &mut Tx, kind: &str, key: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM removed WHERE kind = ? AND key = ?";
    tx.execute("put an entry back", sql, args![kind, key]).await.map(drop)
}
