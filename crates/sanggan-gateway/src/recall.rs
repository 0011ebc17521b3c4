//! What the gateway must know of the time before it started: it reads it from the lake's newest packets.

use std::sync::{Arc, OnceLock};

use sanggan_base::FrameId;
use sanggan_hj212::decode_packet;
use sanggan_lake::{Frame, FrameQuery, FrameStatus};
use sanggan_store::Registry;

use crate::judge;
use crate::{GatewayError, Intake, defects, error};

/// Packets read at once.
const PAGE: usize = 4096;

impl Intake {
    /// Fills the devices' memories of repeats, last-seen times and open split packets.
    pub(crate) async fn recall(&self) -> Result<(), GatewayError> {
        let from = self.now().plus(-(self.settings().recall.as_millis() as i64));
        let registry = self.store().registry();
        let first = self.oldest_to_recall(from).await?;
        let Some(mut after) = first else { return Ok(()) };
        let mut recalled = 0usize;
        loop {
            let query = FrameQuery { from: Some(from), after, limit: PAGE, ..FrameQuery::default() };
            let page = self.lake().frames(query).await.map_err(error::lake("read the newest packets"))?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            recalled += page.len();
            for frame in &page {
                self.recall_frame(frame, &registry);
            }
            if page.len() < PAGE {
                break;
            }
        }
        tracing::info!(frames = recalled, "recalled the newest packets");
        Ok(())
    }

    /// The id after which the packets to recall begin: at most so many, the newest. `None`: there are none.
    async fn oldest_to_recall(
        &self,
        from: sanggan_base::Millis,
    ) -> Result<Option<Option<FrameId>>, GatewayError> {
        let most = self.settings().recall_frames_max;
        if most == 0 {
            return Ok(None);
        }
        let newest = FrameQuery { from: Some(from), newest_first: true, limit: 1, ..FrameQuery::default() };
        let newest = self.lake().frames(newest).await.map_err(error::lake("read the newest packet"))?;
        // Ids grow by one a packet, so counting back from the newest bounds the number.
        Ok(newest.first().map(|newest| newest.id.0.checked_sub(most as u64).map(FrameId)))
    }

    fn recall_frame(&self, frame: &Frame, registry: &Registry) {
        let Some(mn) = &frame.mn else { return };
        let whose = self.admitted(registry, mn);
        let Some(entry) = self.devices().entry(mn, whose.is_some(), registry.device_count()) else { return };
        let mut inner = entry.inner.lock();
        for code in frame.defects.split(',').filter_map(defects::describe_defect) {
            inner.defects.add(code.code, frame.received_at);
        }
        let Ok(decoded) = decode_packet(&frame.bytes, None) else { return };
        let imposter =
            whose.as_ref().is_some_and(|whose| !judge::password_fits(&whose.device, &decoded.message));
        if imposter || !decoded.trustworthy() {
            return;
        }
        let peer: Arc<str> = frame.peer.as_str().into();
        // The platform's clock may have been ahead when it came.
        let received_at = frame.received_at.min(self.now());
        inner.heard(received_at, &peer, false);
        inner.today.add(received_at, 0, false);
        judge::remember_header(&mut inner, &decoded.message);
        // What was quarantined then and is admitted now has been decoded by the admission.
        if let Some(print) = judge::fingerprint(&decoded.message) {
            inner.remembered.offer(print);
        }
        let values = decoded.values().count();
        inner.today.add_values(received_at, values);
        if frame.status == FrameStatus::Stored && decoded.message.is_split() {
            let settled = inner.parts.saw(&decoded.message, frame.received_at);
            if settled.time.is_none() {
                inner.parts.wait(Arc::new(OnceLock::from(frame.id)), decoded.message);
            }
        }
    }
}
