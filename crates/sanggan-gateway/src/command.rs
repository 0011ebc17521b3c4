//! Telling a device to do something, and following what comes of it.
//!
//! The exchange of HJ 212: request → 9011 (will it do it) → packets, if it was asked for data → 9012 (what came
//! of it). Unanswered requests are sent again (OverTime, ReCount); the packets a device sends go the usual way.

use std::sync::Arc;

use sanggan_base::{Cadence, Mn};
use sanggan_hj212::{Command, Edition, ExeRtn, QnRtn, St, TimeRange, format_qn};
use sanggan_pack::{ProtocolEdition, StationKind};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::device::DeviceEntry;
use crate::{GatewayError, Intake};

/// A command that waits for answers.
pub(crate) struct Pending {
    pub(crate) qn: String,
    pub(crate) told: mpsc::UnboundedSender<Progress>,
}

/// What a packet tells of a command.
#[derive(Debug)]
pub(crate) enum Progress {
    Answered(QnRtn),
    Packet(String),
    Result(ExeRtn),
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandReport {
    /// The request number under which it was sent.
    pub qn: String,
    /// How often it was sent.
    pub sent: u32,
    /// How the device answered the request (9011), if it did.
    pub answer: Option<QnRtn>,
    /// What it said came of it (9012); `None` when it did not say in time.
    pub result: Option<ExeRtn>,
    /// The data segments of the packets it sent for it; all of them are durable.
    pub packets: Vec<String>,
}

impl CommandReport {
    /// Whether the device says that it did it.
    pub fn is_done(&self) -> bool {
        self.result == Some(ExeRtn::Done)
    }
}

impl Intake {
    /// Sends a command to a connected device and waits for what comes of it.
    ///
    /// Returns when the device refuses, reports its result, or stays silent for the execution timeout after it
    /// last gave a sign.
    ///
    /// # Errors
    /// [`GatewayError::NoDevice`], [`GatewayError::NotConnected`], [`GatewayError::Encode`];
    /// [`GatewayError::NoAnswer`] when it gives no sign at all after all resends.
    pub async fn send_command(&self, mn: &Mn, command: &Command) -> Result<CommandReport, GatewayError> {
        let registry = self.store().registry();
        let device = registry.device(mn).ok_or_else(|| GatewayError::NoDevice(mn.clone()))?;
        let entry = self.devices().find(mn.as_str()).ok_or_else(|| GatewayError::NotConnected(mn.clone()))?;
        let at = self.unique_moment();
        let qn = format_qn(at);
        let (told, mut news) = mpsc::unbounded_channel();
        let bytes = {
            let mut inner = entry.inner.lock();
            let edition = match inner.edition.or(device.edition) {
                Some(ProtocolEdition::V2005) => Edition::Y2005,
                Some(ProtocolEdition::V2025) => Edition::Y2025,
                Some(ProtocolEdition::V2017) | None => Edition::Y2017,
            };
            let kind = registry.station(&device.station).map(|station| station.kind);
            let st = inner.st.unwrap_or_else(|| usual_st(kind));
            let pw = device.password.clone().or_else(|| inner.pw.as_deref().map(str::to_owned));
            let packet = command.packet(edition, st, mn.as_str(), pw.as_deref().unwrap_or_default(), at);
            let packets =
                packet.encode().map_err(|source| GatewayError::Encode { mn: mn.clone(), source })?;
            inner.pending.push(Pending { qn: qn.clone(), told });
            bytes::Bytes::from(packets.concat())
        };
        let _waiting = Waiting { entry: &entry, qn: &qn };
        self.exchange(mn, &entry, bytes, &qn, &mut news).await
    }

    async fn exchange(
        &self,
        mn: &Mn,
        entry: &Arc<DeviceEntry>,
        bytes: bytes::Bytes,
        qn: &str,
        news: &mut mpsc::UnboundedReceiver<Progress>,
    ) -> Result<CommandReport, GatewayError> {
        let settings = self.settings();
        let mut report =
            CommandReport { qn: qn.to_owned(), sent: 0, answer: None, result: None, packets: Vec::new() };
        let mut first = None;
        while first.is_none() {
            if report.sent > settings.command_resends {
                return Err(GatewayError::NoAnswer { mn: mn.clone(), sent: report.sent });
            }
            let orders = entry.inner.lock().links.last().map(|link| link.orders.clone());
            let orders = orders.ok_or_else(|| GatewayError::NotConnected(mn.clone()))?;
            let sent = orders.send_timeout(bytes.clone(), settings.command_timeout).await;
            sent.map_err(|_| GatewayError::NotConnected(mn.clone()))?;
            report.sent += 1;
            first = timeout(settings.command_timeout, news.recv()).await.ok().flatten();
        }
        let mut next = first;
        while let Some(progress) = next {
            match progress {
                Progress::Answered(answer) => {
                    report.answer = Some(answer);
                    if answer != QnRtn::Ready {
                        break;
                    }
                }
                Progress::Packet(text) => report.packets.push(text),
                Progress::Result(result) => {
                    report.result = Some(result);
                    break;
                }
            }
            next = timeout(settings.execution_timeout, news.recv()).await.ok().flatten();
        }
        Ok(report)
    }

    /// Asks a device for the history of a stretch of time, to close a gap. What it sends is stored the usual way
    /// and is durable when this returns.
    ///
    /// # Errors
    /// As [`Intake::send_command`]; [`GatewayError::NoHistory`] for a cadence devices keep no history of.
    pub async fn fetch_history(
        &self,
        mn: &Mn,
        cadence: Cadence,
        range: TimeRange,
    ) -> Result<CommandReport, GatewayError> {
        let command = match cadence {
            Cadence::Minute => Command::MinuteHistory(range),
            Cadence::Hour => Command::HourHistory(range),
            Cadence::Day => Command::DayHistory(range),
            Cadence::RealTime | Cadence::Computed => return Err(GatewayError::NoHistory(cadence)),
        };
        self.send_command(mn, &command).await
    }
}

/// The system code of a station whose device has not sent one yet.
fn usual_st(kind: Option<StationKind>) -> St {
    match kind {
        Some(StationKind::Air) => St::AIR,
        Some(StationKind::GasOutlet) => St::AIR_SOURCE,
        Some(StationKind::SurfaceWater) => St::SURFACE_WATER,
        Some(StationKind::WaterOutlet | StationKind::Unknown) | None => St::WATER_SOURCE,
    }
}

/// Takes the command off the device's list when the wait is over, however it ends.
struct Waiting<'a> {
    entry: &'a DeviceEntry,
    qn: &'a str,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.entry.inner.lock().pending.retain(|pending| pending.qn != self.qn);
    }
}
