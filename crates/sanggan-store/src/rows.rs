//! Stations, devices and limits as rows of the base.

use std::str::FromStr;

use sanggan_base::{Mn, StationCode, Unit};
use sanggan_pack::{Binding, Device, LimitLine, Name, Station};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use crate::StoreError;
use crate::store::failed;

pub(crate) type Tx = Transaction<'static, Sqlite>;

pub(crate) async fn read_device(tx: &mut Tx, mn: &Mn) -> Result<Option<Device>, StoreError> {
    const ATTEMPT: &str = "read a device";
    let row = sqlx::query("SELECT * FROM device WHERE mn = ?1")
        .bind(mn.as_str())
        .fetch_optional(&mut **tx)
        .await
        .map_err(failed(ATTEMPT))?;
    let Some(row) = row else { return Ok(None) };
    let mut device = device(&row)?;
    let bindings = sqlx::query("SELECT sent, parameter, unit FROM binding WHERE mn = ?1 ORDER BY rowid")
        .bind(mn.as_str())
        .fetch_all(&mut **tx)
        .await
        .map_err(failed(ATTEMPT))?;
    device.bindings = bindings.iter().map(binding).collect::<Result<_, _>>()?;
    Ok(Some(device))
}

pub(crate) async fn write_station(tx: &mut Tx, station: &Station) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO station (code, name_zh, name_en, kind, area, lon, lat, position, simulated)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (code) DO UPDATE SET name_zh = ?2, name_en = ?3, kind = ?4, area = ?5, lon = ?6, lat = ?7,
             position = ?8, simulated = ?9",
    )
    .bind(station.code.as_str())
    .bind(&station.name.zh)
    .bind(&station.name.en)
    .bind(station.kind.name())
    .bind(station.area.as_str())
    .bind(station.lon)
    .bind(station.lat)
    .bind(station.position.name())
    .bind(station.simulated)
    .execute(&mut **tx)
    .await
    .map_err(failed("write a station"))?;
    Ok(())
}

pub(crate) async fn write_device(tx: &mut Tx, device: &Device) -> Result<(), StoreError> {
    const ATTEMPT: &str = "write a device";
    sqlx::query(
        "INSERT INTO device (mn, station, password, edition, stamp, minute_interval, simulated)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (mn) DO UPDATE SET station = ?2, password = ?3, edition = ?4, stamp = ?5, minute_interval = ?6,
             simulated = ?7",
    )
    .bind(device.mn.as_str())
    .bind(device.station.as_str())
    .bind(&device.password)
    .bind(device.edition.map(|edition| edition.name()))
    .bind(device.stamp.name())
    .bind(device.minute_interval)
    .bind(device.simulated)
    .execute(&mut **tx)
    .await
    .map_err(failed(ATTEMPT))?;
    sqlx::query("DELETE FROM binding WHERE mn = ?1")
        .bind(device.mn.as_str())
        .execute(&mut **tx)
        .await
        .map_err(failed(ATTEMPT))?;
    for binding in &device.bindings {
        sqlx::query("INSERT OR REPLACE INTO binding (mn, sent, parameter, unit) VALUES (?1, ?2, ?3, ?4)")
            .bind(device.mn.as_str())
            .bind(&binding.sent)
            .bind(binding.parameter.as_str())
            .bind(binding.unit.map(Unit::symbol))
            .execute(&mut **tx)
            .await
            .map_err(failed(ATTEMPT))?;
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
    let fail = failed(ATTEMPT);
    sqlx::query("DELETE FROM limit_line WHERE station = ?1")
        .bind(station.as_str())
        .execute(&mut **tx)
        .await
        .map_err(&fail)?;
    sqlx::query(
        "INSERT INTO station_limits (station, origin) VALUES (?1, ?2)
         ON CONFLICT (station) DO UPDATE SET origin = coalesce(?2, origin)",
    )
    .bind(station.as_str())
    .bind(origin.map(Value::to_string))
    .execute(&mut **tx)
    .await
    .map_err(&fail)?;
    for line in lines {
        sqlx::query(
            "INSERT INTO limit_line (station, parameter, value, bound, unit, averaging, label_zh, label_en,
                 clause_zh, clause_en, standard_zh, standard_en, edition, in_force_from, in_force_until, status, reference_oxygen)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )
        .bind(line.station.as_str())
        .bind(line.parameter.as_str())
        .bind(line.value)
        .bind(line.bound.name())
        .bind(line.unit.symbol())
        .bind(line.averaging.name())
        .bind(&line.label.zh)
        .bind(&line.label.en)
        .bind(&line.clause.zh)
        .bind(&line.clause.en)
        .bind(&line.standard.zh)
        .bind(&line.standard.en)
        .bind(&line.edition)
        .bind(line.from.to_string())
        .bind(line.until.map(|until| until.to_string()))
        .bind(line.status.name())
        .bind(line.reference_oxygen)
        .execute(&mut **tx)
        .await
        .map_err(&fail)?;
    }
    Ok(())
}

pub(crate) async fn read_stations(tx: &mut Tx) -> Result<Vec<Station>, StoreError> {
    let rows = sqlx::query("SELECT * FROM station ORDER BY code")
        .fetch_all(&mut **tx)
        .await
        .map_err(failed("read the stations"))?;
    rows.iter().map(station).collect()
}

pub(crate) async fn read_devices(tx: &mut Tx) -> Result<Vec<Device>, StoreError> {
    const ATTEMPT: &str = "read the devices";
    let rows = sqlx::query("SELECT * FROM device ORDER BY mn")
        .fetch_all(&mut **tx)
        .await
        .map_err(failed(ATTEMPT))?;
    let mut devices: Vec<Device> = rows.iter().map(device).collect::<Result<_, _>>()?;
    let bindings = sqlx::query("SELECT mn, sent, parameter, unit FROM binding ORDER BY mn, rowid")
        .fetch_all(&mut **tx)
        .await
        .map_err(failed(ATTEMPT))?;
    for row in &bindings {
        let mn: String = row.try_get("mn").map_err(failed(ATTEMPT))?;
        if let Ok(index) = devices.binary_search_by(|device| device.mn.as_str().cmp(&mn)) {
            devices[index].bindings.push(binding(row)?);
        }
    }
    Ok(devices)
}

/// The limits of one station or of all.
pub(crate) async fn read_limits(tx: &mut Tx, of: Option<&StationCode>) -> Result<Vec<LimitLine>, StoreError> {
    let rows = sqlx::query("SELECT * FROM limit_line WHERE ?1 IS NULL OR station = ?1 ORDER BY station, id")
        .bind(of.map(StationCode::as_str))
        .fetch_all(&mut **tx)
        .await
        .map_err(failed("read the limits"))?;
    rows.iter().map(limit_line).collect()
}

/// A column that holds a text of a type.
fn typed<T>(row: &SqliteRow, what: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    let text: String = row.try_get(what).map_err(failed("read a row"))?;
    parse(&text).ok_or(StoreError::Corrupt { what, text })
}

fn optional<T>(
    row: &SqliteRow,
    what: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    let text: Option<String> = row.try_get(what).map_err(failed("read a row"))?;
    text.map(|text| parse(&text).ok_or(StoreError::Corrupt { what, text })).transpose()
}

fn plain<'r, T>(row: &'r SqliteRow, column: &str) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite>,
{
    row.try_get(column).map_err(failed("read a row"))
}

pub(crate) fn station(row: &SqliteRow) -> Result<Station, StoreError> {
    Ok(Station {
        code: typed(row, "code", |text| StationCode::parse(text).ok())?,
        name: Name { zh: plain(row, "name_zh")?, en: plain(row, "name_en")? },
        kind: typed(row, "kind", sanggan_pack::StationKind::from_name)?,
        area: typed(row, "area", |text| sanggan_base::AreaCode::parse(text).ok())?,
        lon: plain(row, "lon")?,
        lat: plain(row, "lat")?,
        position: typed(row, "position", sanggan_pack::Position::from_name)?,
        simulated: plain(row, "simulated")?,
    })
}

/// Without its bindings.
pub(crate) fn device(row: &SqliteRow) -> Result<Device, StoreError> {
    Ok(Device {
        mn: typed(row, "mn", |text| Mn::parse(text).ok())?,
        station: typed(row, "station", |text| StationCode::parse(text).ok())?,
        password: plain(row, "password")?,
        edition: optional(row, "edition", sanggan_pack::ProtocolEdition::from_name)?,
        stamp: typed(row, "stamp", sanggan_pack::StampConvention::from_name)?,
        minute_interval: plain(row, "minute_interval")?,
        bindings: Vec::new(),
        simulated: plain(row, "simulated")?,
    })
}

pub(crate) fn binding(row: &SqliteRow) -> Result<Binding, StoreError> {
    Ok(Binding {
        sent: plain(row, "sent")?,
        parameter: typed(row, "parameter", |text| sanggan_base::ParameterCode::parse(text).ok())?,
        unit: optional(row, "unit", |text| Unit::parse(text).ok())?,
    })
}

fn limit_line(row: &SqliteRow) -> Result<LimitLine, StoreError> {
    let day = |text: &str| jiff::civil::Date::from_str(text).ok();
    Ok(LimitLine {
        station: typed(row, "station", |text| StationCode::parse(text).ok())?,
        parameter: typed(row, "parameter", |text| sanggan_base::ParameterCode::parse(text).ok())?,
        value: plain(row, "value")?,
        bound: typed(row, "bound", sanggan_pack::Bound::from_name)?,
        unit: typed(row, "unit", |text| Unit::parse(text).ok())?,
        averaging: typed(row, "averaging", sanggan_pack::Averaging::from_name)?,
        label: Name { zh: plain(row, "label_zh")?, en: plain(row, "label_en")? },
        clause: Name { zh: plain(row, "clause_zh")?, en: plain(row, "clause_en")? },
        standard: Name { zh: plain(row, "standard_zh")?, en: plain(row, "standard_en")? },
        edition: plain(row, "edition")?,
        from: typed(row, "in_force_from", day)?,
        until: optional(row, "in_force_until", day)?,
        status: typed(row, "status", sanggan_pack::LimitStatus::from_name)?,
        reference_oxygen: plain(row, "reference_oxygen")?,
    })
}
