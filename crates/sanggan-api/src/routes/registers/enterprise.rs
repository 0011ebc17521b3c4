//! 一企一档: everything about one enterprise in one answer.

use axum::Json;
use axum::extract::{Path, State};
use sanggan_base::StationCode;
use sanggan_pack::FieldKind;
use sanggan_records::rights;
use sanggan_records::{Ask, Condition, RecordId, Sort, Test, Total, Value};

use super::records::number;
use crate::AppState;
use crate::auth::Caller;
use crate::dto::{EnterpriseFile, EnterpriseStation, FileSection, Names, RecordLink};
use crate::problem::{Answer, ProblemBody};
use crate::registers::{Opened, rows, seen};
use crate::routes::{devices, outlets, stations};

/// The register of enterprises.
const ENTERPRISES: &str = "enterprises";
/// Records shown of each register.
const EACH: u32 = 50;
/// Days over which exceedances are counted.
const DAYS: i64 = 30;

/// Everything about one enterprise: its record, the records of every register that belong to it, its outlets with
/// their devices, what they measure now and how often they were above a limit.
#[utoipa::path(
    get, path = "/enterprises/{rid}/file", operation_id = "getEnterpriseFile", tag = "registers",
    params(("rid" = i64, Path, description = "The enterprise's number in its register")),
    responses(
        (status = 200, description = "The file", body = EnterpriseFile),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 404, description = "No such enterprise, or not the caller's to see", body = ProblemBody)
    )
)]
pub(crate) async fn get_enterprise_file(
    State(state): State<AppState>,
    caller: Caller,
    Path(rid): Path<String>,
) -> Answer<Json<EnterpriseFile>> {
    let opened = Opened::of(&state, &caller, ENTERPRISES)?;
    let rid = number(&rid)?;
    let record = state.store().read_record(ENTERPRISES, &opened.scope, rid, None).await?;
    let enterprise = rows::one(&state, &opened, &record).await?;
    let (mut sections, mut watched) = (Vec::new(), Vec::new());
    for (id, _) in seen(&state, &opened.who) {
        if let Some((section, stations)) = section(&state, &caller, &id, rid).await? {
            sections.push(section);
            watched.extend(stations);
        }
    }
    let office = &state.models().registers().office;
    let place = |group: &str| office.groups.iter().position(|known| known.id == group);
    sections.sort_by(|a: &FileSection, b: &FileSection| {
        (place(&a.group), &a.register).cmp(&(place(&b.group), &b.register))
    });
    let mut live = Vec::new();
    for (code, outlet) in watched {
        live.extend(station(&state, &code, outlet).await?);
    }
    let exceedances = outlets::exceedances(&state).await?;
    let exceedances = exceedances
        .into_iter()
        .filter(|one| live.iter().any(|station: &EnterpriseStation| station.station.code == one.station))
        .collect();
    Ok(Json(EnterpriseFile {
        as_of: state.now().to_string(),
        enterprise,
        sections,
        stations: live,
        exceedances,
        days: DAYS as u32,
    }))
}

type Watched = Vec<(StationCode, RecordLink)>;

/// The records of one register that belong to the enterprise, and the stations they name.
async fn section(
    state: &AppState,
    caller: &Caller,
    register: &str,
    rid: RecordId,
) -> Answer<Option<(FileSection, Watched)>> {
    let opened = Opened::of(state, caller, register)?;
    let def = std::sync::Arc::clone(opened.def());
    let Some(field) = &def.enterprise else { return Ok(None) };
    // The enterprise itself heads the file.
    if def.id == ENTERPRISES {
        return Ok(None);
    }
    let ask = Ask {
        conditions: vec![Condition { field: field.clone(), test: Test::In(vec![Value::Reference(rid)]) }],
        today: Some(crate::registers::today(state.now())),
        sort: vec![Sort { field: "_changed_at".to_owned(), descending: true }],
        limit: EACH,
        total: Total::Exact,
        ..Ask::default()
    };
    let Ok(scope) = rights::may_ask(&opened.who, &def, &ask) else { return Ok(None) };
    let page = state.store().records(&def.id, &scope, &ask).await?;
    if page.records.is_empty() {
        return Ok(None);
    }
    let (key, title) = (def.position(&def.key), def.position(&def.title));
    let text = |record: &sanggan_records::Record, nth: Option<usize>| match nth.map(|nth| &record.values[nth])
    {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let mut watched = Vec::new();
    for record in &page.records {
        for (field, value) in def.fields.iter().zip(&record.values) {
            if let (FieldKind::Station, Value::Text(code)) = (&field.kind, value)
                && let Ok(code) = StationCode::parse(code)
            {
                let link = RecordLink {
                    register: def.id.clone(),
                    rid: record.id.0,
                    key: text(record, key),
                    title: text(record, title),
                };
                watched.push((code, link));
            }
        }
    }
    let section = FileSection {
        register: def.id.clone(),
        name: Names::from(&def.name),
        group: def.group.clone(),
        list: def.list.clone(),
        total: page.total.unwrap_or(page.records.len() as u64),
        records: rows::rows(state, &opened, &page.records).await?,
    };
    Ok(Some((section, watched)))
}

/// A station of the enterprise, as it is now; `None`: the platform knows no station of this code any more.
async fn station(
    state: &AppState,
    code: &StationCode,
    record: RecordLink,
) -> Answer<Option<EnterpriseStation>> {
    let registry = state.registry();
    let Some(station) = registry.station(code) else { return Ok(None) };
    let statuses = devices::statuses(state);
    let devices = registry.devices_of(code).iter();
    let devices = devices.map(|device| devices::brief(state, device, statuses.get(&device.mn))).collect();
    let is_outlet = station.kind.is_outlet();
    Ok(Some(EnterpriseStation {
        station: stations::brief(state, station),
        record,
        devices,
        now: if is_outlet { Some(outlets::now(state, code).await?) } else { None },
        over: if is_outlet { outlets::overs(state, station, DAYS).await? } else { Vec::new() },
    }))
}
