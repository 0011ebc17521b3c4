//! Data loggers: how they do, how their codes are bound, what is wrong with their packets.

use std::collections::{BTreeMap, HashMap};

use axum::Json;
use axum::extract::{Path, State};
use sanggan_base::Mn;
use sanggan_gateway::{DeviceStatus, GATEWAY_DEFECTS};
use sanggan_hj212::Defect;
use sanggan_lake::FrameQuery;
use sanggan_pack::Device;

use super::frames;
use crate::AppState;
use crate::auth::Caller;
use crate::dto::{
    Binding, DefectInfo, DeviceBrief, DeviceDetail, DeviceList, DeviceState, DeviceSummary, Names,
};
use crate::problem::{Answer, Problem, ProblemBody};

/// Packets shown on a device's page.
const RECENT_FRAMES: usize = 50;

impl From<sanggan_gateway::DeviceState> for DeviceState {
    fn from(state: sanggan_gateway::DeviceState) -> DeviceState {
        match state {
            sanggan_gateway::DeviceState::Online => DeviceState::Online,
            sanggan_gateway::DeviceState::Late => DeviceState::Late,
            sanggan_gateway::DeviceState::Offline => DeviceState::Offline,
            sanggan_gateway::DeviceState::Never => DeviceState::Never,
            sanggan_gateway::DeviceState::Quarantined => DeviceState::Quarantined,
        }
    }
}

/// Every device the gateway knows of, by number.
pub(crate) fn statuses(state: &AppState) -> HashMap<Mn, DeviceStatus> {
    state.intake().map_or_else(HashMap::new, |intake| {
        intake.devices_snapshot().into_iter().map(|status| (status.mn.clone(), status)).collect()
    })
}

fn of_status(state: &AppState, status: &DeviceStatus) -> DeviceBrief {
    let registry = state.registry();
    let station = status.station.as_ref().and_then(|code| registry.station(code));
    DeviceBrief {
        mn: status.mn.to_string(),
        station: status.station.as_ref().map(ToString::to_string),
        station_name: station.map(|station| Names::from(&station.name)),
        state: status.state.into(),
        last_seen: status.last_seen.map(|at| at.to_string()),
        peer: status.peer.as_ref().map(ToString::to_string),
        edition: status.edition.map(|edition| edition.name().to_owned()),
        frames_today: status.frames_today,
        defects: status.defects_last_day.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect(),
        clock_offset_s: status.clock_offset_s,
        shared_mn: status.shared_mn,
        simulated: status.simulated,
    }
}

/// A registered device in one line; one the gateway has not heard of was never here.
pub(crate) fn brief(state: &AppState, device: &Device, status: Option<&DeviceStatus>) -> DeviceBrief {
    if let Some(status) = status {
        return of_status(state, status);
    }
    let registry = state.registry();
    DeviceBrief {
        mn: device.mn.to_string(),
        station: Some(device.station.to_string()),
        station_name: registry.station(&device.station).map(|station| Names::from(&station.name)),
        state: DeviceState::Never,
        last_seen: None,
        peer: None,
        edition: device.edition.map(|edition| edition.name().to_owned()),
        frames_today: 0,
        defects: BTreeMap::new(),
        clock_offset_s: None,
        shared_mn: false,
        simulated: device.simulated,
    }
}

fn all(state: &AppState) -> Vec<DeviceBrief> {
    let mut statuses = statuses(state);
    let mut rows: Vec<DeviceBrief> = state
        .registry()
        .devices()
        .iter()
        .map(|device| brief(state, device, statuses.remove(&device.mn).as_ref()))
        .collect();
    // What is left is known only from its packets.
    let mut rest: Vec<DeviceBrief> = statuses.values().map(|status| of_status(state, status)).collect();
    rest.sort_by(|a, b| a.mn.cmp(&b.mn));
    rows.extend(rest);
    rows
}

fn summary_of(state: &AppState, rows: &[DeviceBrief]) -> DeviceSummary {
    let mut summary = DeviceSummary::default();
    for row in rows {
        match row.state {
            DeviceState::Online => summary.online += 1,
            DeviceState::Late => summary.late += 1,
            DeviceState::Offline | DeviceState::Never => summary.offline += 1,
            DeviceState::Quarantined => summary.quarantined += 1,
        }
        if row.state != DeviceState::Quarantined {
            summary.total += 1;
        }
        for (code, count) in &row.defects {
            *summary.defects_last_day.entry(code.clone()).or_default() += count;
        }
    }
    if let Some(intake) = state.intake() {
        let busy = intake.snapshot();
        summary.frames_last_hour = busy.frames_last_hour;
        summary.values_last_hour = busy.values_last_hour;
    }
    summary
}

/// How all devices do.
pub(crate) fn summary(state: &AppState) -> Option<DeviceSummary> {
    Some(summary_of(state, &all(state)))
}

/// The totals that everyone may see.
pub(crate) fn public_summary(state: &AppState) -> Option<DeviceSummary> {
    summary(state).map(|summary| DeviceSummary { defects_last_day: BTreeMap::new(), ..summary })
}

/// Every device.
#[utoipa::path(
    get, path = "/devices", operation_id = "listDevices", tag = "devices",
    responses((status = 200, description = "Registered ones by number, then the quarantined", body = DeviceList))
)]
pub(crate) async fn list_devices(State(state): State<AppState>) -> Json<DeviceList> {
    let devices = all(&state);
    Json(DeviceList { summary: summary_of(&state, &devices), devices })
}

/// One device.
#[utoipa::path(
    get, path = "/devices/{mn}", operation_id = "getDevice", tag = "devices",
    params(("mn" = String, Path, description = "The device's number")),
    responses(
        (status = 200, description = "The device", body = DeviceDetail),
        (status = 404, description = "No such device", body = ProblemBody)
    )
)]
pub(crate) async fn get_device(
    State(state): State<AppState>,
    caller: Caller,
    Path(mn): Path<String>,
) -> Answer<Json<DeviceDetail>> {
    let mn = frames::mn(&mn)?;
    let registry = state.registry();
    let statuses = statuses(&state);
    let device = registry.device(&mn);
    let row = match (device, statuses.get(&mn)) {
        (Some(device), status) => brief(&state, device, status),
        (None, Some(status)) => of_status(&state, status),
        (None, None) => return Err(Problem::not_found(format!("there is no device `{mn}`"))),
    };
    let bindings = device.map_or_else(Vec::new, |device| {
        let binding = |binding: &sanggan_pack::Binding| Binding {
            sent: binding.sent.clone(),
            parameter: binding.parameter.to_string(),
            unit: binding.unit.map(|unit| unit.symbol().to_owned()),
        };
        device.bindings.iter().map(binding).collect()
    });
    let query =
        FrameQuery { mn: Some(mn), newest_first: true, limit: RECENT_FRAMES, ..FrameQuery::default() };
    let recent_frames =
        state.lake().frames(query).await?.iter().map(|frame| frames::brief(&caller, frame)).collect();
    Ok(Json(DeviceDetail { device: row, bindings, recent_frames }))
}

/// What the defect codes mean.
#[utoipa::path(
    get, path = "/defects", operation_id = "listDefects", tag = "devices",
    responses((status = 200, description = "Every code", body = Vec<DefectInfo>))
)]
pub(crate) async fn list_defects() -> Json<Vec<DefectInfo>> {
    let wire = Defect::ALL.iter().map(|defect| DefectInfo {
        code: defect.code().to_owned(),
        name: Names::new(defect.name_zh(), defect.name_en()),
        meaning: Names::new(defect.meaning_zh(), defect.meaning()),
    });
    let gateway = GATEWAY_DEFECTS.iter().map(|defect| DefectInfo {
        code: defect.code.to_owned(),
        name: Names::new(defect.name_zh, defect.name_en),
        meaning: Names::new(defect.meaning_zh, defect.meaning),
    });
    Json(wire.chain(gateway).collect())
}
