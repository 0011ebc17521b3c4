//! Stations, devices and limits as rows of the base.

use std::str::FromStr;

use sanggan_base::{Mn, StationCode, Unit};
use sanggan_pack::{Binding, Device, LimitLine, Name, Station};
use serde_json::Value;

use crate::StoreError;
use crate::db::{Row, Tx, args};

pub(crate) async fn read_device(tx: &mut Tx, mn: &Mn) -> Result<Option<Device>, StoreError> {
    const ATTEMPT: &str = "read a device";
    let row = tx.fetch_optional(ATTEMPT, "SELECT * FROM device WHERE mn = ?", args![mn.as_str()]).await?;
    let Some(row) = row else { return Ok(None) };
    let mut device = device(&row)?;
    let sql = "SELECT sent, parameter, unit FROM binding WHERE mn = ? ORDER BY nth";
    let bindings = tx.fetch(ATTEMPT, sql, args![mn.as_str()]).await?;
    device.bindings = bindings.iter().map(binding).collect::<Result<_, _>>()?;
    Ok(Some(device))
}

pub(crate) async fn write_station(tx: &mut Tx, station: &Station) -> Result<(), StoreError> {
    let sql = "INSERT INTO station (code, name_zh, name_en, kind, area, lon, lat, position, simulated)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (code) DO UPDATE SET name_zh = ?2, name_en = ?3, kind = ?4, area = ?5, lon = ?6, lat = ?7,
             position = ?8, simulated = ?9";
    let args = args![
        station.code.as_str(),
        &station.name.zh,
        &station.name.en,
        station.kind.name(),
        station.area.as_str(),
        station.lon,
        station.lat,
        station.position.name(),
        station.simulated,
    ];
    tx.execute("write a station", sql, args).await.map(drop)
}

pub(crate) async fn write_device(tx: &mut Tx, device: &Device) -> Result<(), StoreError> {
    const ATTEMPT: &str = "write a device";
    let sql = "INSERT INTO device (mn, station, password, edition, stamp, minute_interval, simulated)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (mn) DO UPDATE SET station = ?2, password = ?3, edition = ?4, stamp = ?5, minute_interval = ?6,
             simulated = ?7";
    let args = args![
        device.mn.as_str(),
        device.station.as_str(),
        &device.password,
        device.edition.map(|edition| edition.name()),
        device.stamp.name(),
        device.minute_interval,
        device.simulated,
    ];
    tx.execute(ATTEMPT, sql, args).await?;
    tx.execute(ATTEMPT, "DELETE FROM binding WHERE mn = ?", args![device.mn.as_str()]).await?;
    for (nth, binding) in (0i64..).zip(&device.bindings) {
        let sql = "INSERT INTO binding (mn, sent, parameter, unit, nth) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (mn, sent) DO UPDATE SET parameter = ?3, unit = ?4, nth = ?5";
        let unit = binding.unit.map(Unit::symbol);
        let args = args![device.mn.as_str(), &binding.sent, binding.parameter.as_str(), unit, nth];
        tx.execute(ATTEMPT, sql, args).await?;
    }
    Ok(())
}

/// `origin`: what a seed brings; `None` leaves what the last one brought.
pub(crate) async fn write_limits(
    tx: &mut Tx,
    station: &StationCode,
    lines: &[LimitLine],
    origin: Option<&Value>,
) -> Result<(), StoreError> {
    const ATTEMPT: &str = "write limits";
    tx.execute(ATTEMPT, "DELETE FROM limit_line WHERE station = ?", args![station.as_str()]).await?;
    let sql = "INSERT INTO station_limits (station, origin) VALUES (?1, ?2)
         ON CONFLICT (station) DO UPDATE SET origin = coalesce(?2, station_limits.origin)";
    tx.execute(ATTEMPT, sql, args![station.as_str(), origin.map(Value::to_string)]).await?;
    for line in lines {
        let sql = "INSERT INTO limit_line (station, parameter, value, bound, unit, averaging, label_zh, label_en,
                 clause_zh, clause_en, standard_zh, standard_en, edition, in_force_from, in_force_until, status,
                 reference_oxygen)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let args = args![
            line.station.as_str(),
            line.parameter.as_str(),
            line.value,
            line.bound.name(),
            line.unit.symbol(),
            line.averaging.name(),
            &line.label.zh,
            &line.label.en,
            &line.clause.zh,
            &line.clause.en,
            &line.standard.zh,
            &line.standard.en,
            &line.edition,
            line.from.to_string(),
            line.until.map(|until| until.to_string()),
            line.status.name(),
            line.reference_oxygen,
        ];
        tx.execute(ATTEMPT, sql, args).await?;
    }
    Ok(())
}

pub(crate) async fn read_stations(tx: &mut Tx) -> Result<Vec<Station>, StoreError> {
    let rows = tx.fetch("read the stations", "SELECT * FROM station ORDER BY code", args![]).await?;
    rows.iter().map(station).collect()
}

pub(crate) async fn read_devices(tx: &mut Tx) -> Result<Vec<Device>, StoreError> {
    const ATTEMPT: &str = "read the devices";
    let rows = tx.fetch(ATTEMPT, "SELECT * FROM device ORDER BY mn", args![]).await?;
    let mut devices: Vec<Device> = rows.iter().map(device).collect::<Result<_, _>>()?;
    let sql = "SELECT mn, sent, parameter, unit FROM binding ORDER BY mn, nth";
    for row in &tx.fetch(ATTEMPT, sql, args![]).await? {
        let mn = row.text("mn")?;
        if let Ok(index) = devices.binary_search_by(|device| device.mn.as_str().cmp(&mn)) {
            devices[index].bindings.push(binding(row)?);
        }
    }
    Ok(devices)
}

/// The limits of one station or of all.
pub(crate) async fn read_limits(tx: &mut Tx, of: Option<&StationCode>) -> Result<Vec<LimitLine>, StoreError> {
    let sql = "SELECT * FROM limit_line WHERE ?1 IS NULL OR station = ?1 ORDER BY station, id";
    let rows = tx.fetch("read the limits", sql, args![of.map(StationCode::as_str)]).await?;
    rows.iter().map(limit_line).collect()
}

/// A column that holds a text of a type.
fn typed<T>(row: &Row, what: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    let text = row.text(what)?;
    parse(&text).ok_or(StoreError::Corrupt { what, text })
}

fn optional<T>(
    row: &Row,
    what: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    let text: Option<String> = row.optional(what)?;
    text.map(|text| parse(&text).ok_or(StoreError::Corrupt { what, text })).transpose()
}

pub(crate) fn station(row: &Row) -> Result<Station, StoreError> {
    Ok(Station {
        code: typed(row, "code", |text| StationCode::parse(text).ok())?,
        name: Name { zh: row.get("name_zh")?, en: row.get("name_en")? },
        kind: typed(row, "kind", sanggan_pack::StationKind::from_name)?,
        area: typed(row, "area", |text| sanggan_base::AreaCode::parse(text).ok())?,
        lon: row.optional("lon")?,
        lat: row.optional("lat")?,
        position: typed(row, "position", sanggan_pack::Position::from_name)?,
        simulated: row.get("simulated")?,
    })
}

/// Without its bindings.
pub(crate) fn device(row: &Row) -> Result<Device, StoreError> {
    Ok(Device {
        mn: typed(row, "mn", |text| Mn::parse(text).ok())?,
        station: typed(row, "station", |text| StationCode::parse(text).ok())?,
        password: row.optional("password")?,
        edition: optional(row, "edition", sanggan_pack::ProtocolEdition::from_name)?,
        stamp: typed(row, "stamp", sanggan_pack::StampConvention::from_name)?,
        minute_interval: minutes(row)?,
        bindings: Vec::new(),
        simulated: row.get("simulated")?,
    })
}

fn minutes(row: &Row) -> Result<u8, StoreError> {
    let minutes = row.int("minute_interval")?;
    u8::try_from(minutes)
        .map_err(|_| StoreError::Corrupt { what: "minute_interval", text: minutes.to_string() })
}

pub(crate) fn binding(row: &Row) -> Result<Binding, StoreError> {
    Ok(Binding {
        sent: row.get("sent")?,
        parameter: typed(row, "parameter", |text| sanggan_base::ParameterCode::parse(text).ok())?,
        unit: optional(row, "unit", |text| Unit::parse(text).ok())?,
    })
}

fn limit_line(row: &Row) -> Result<LimitLine, StoreError> {
    let day = |text: &str| jiff::civil::Date::from_str(text).ok();
    Ok(LimitLine {
        station: typed(row, "station", |text| StationCode::parse(text).ok())?,
        parameter: typed(row, "parameter", |text| sanggan_base::ParameterCode::parse(text).ok())?,
        value: row.get("value")?,
        bound: typed(row, "bound", sanggan_pack::Bound::from_name)?,
        unit: typed(row, "unit", |text| Unit::parse(text).ok())?,
        averaging: typed(row, "averaging", sanggan_pack::Averaging::from_name)?,
        label: Name { zh: row.get("label_zh")?, en: row.get("label_en")? },
        clause: Name { zh: row.get("clause_zh")?, en: row.get("clause_en")? },
        standard: Name { zh: row.get("standard_zh")?, en: row.get("standard_en")? },
        edition: row.get("edition")?,
        from: typed(row, "in_force_from", day)?,
        until: optional(row, "in_force_until", day)?,
        status: typed(row, "status", sanggan_pack::LimitStatus::from_name)?,
        reference_oxygen: row.optional("reference_oxygen")?,
    })
}
