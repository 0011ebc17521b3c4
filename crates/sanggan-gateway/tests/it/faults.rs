//! The lake is slow, full or closed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sanggan_base::{FrameId, Reading};
use sanggan_gateway::{GatewaySettings, Sink};
use sanggan_hj212::format_qn;
use sanggan_lake::{BoxFuture, Lake, LakeError, NewFrame};
use tokio::sync::Semaphore;

use crate::support::*;

/// A lake that stores a batch only when it is let, and fails as often as told.
struct Moody {
    lake: Lake,
    lets: Arc<Semaphore>,
    failures: AtomicU32,
}

impl Sink for Moody {
    fn append(&self, frames: Vec<NewFrame>) -> BoxFuture<'_, Result<Vec<FrameId>, LakeError>> {
        Box::pin(async move {
            self.lets.acquire().await.expect("never closed").forget();
            let left = self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
            if left.is_ok() {
                let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
                return Err(LakeError::Commit { frames: frames.len(), source: full.into() });
            }
            self.lake.append(frames).await
        })
    }

    fn append_late_readings(
        &self,
        readings: Vec<(FrameId, Reading)>,
    ) -> BoxFuture<'_, Result<(), LakeError>> {
        self.lake.append_late_readings(readings)
    }
}

fn moody(lets: &Arc<Semaphore>, failures: u32) -> Wish {
    let lets = Arc::clone(lets);
    Wish {
        sink: Some(Box::new(move |lake| {
            Arc::new(Moody { lake: lake.clone(), lets, failures: AtomicU32::new(failures) })
        })),
        ..Wish::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_leaves_before_the_lake_says_durable() {
    let lets = Arc::new(Semaphore::new(0));
    let platform = Platform::with(moody(&lets, 0)).await;
    let mut logger = platform.connect().await;
    logger.send(&real_time("AIR01", 0, 1.0)).await;
    assert!(logger.hears_nothing(Duration::from_millis(150)).await);
    lets.add_permits(1);
    let answer = logger.next().await.expect("an answer");
    assert_eq!(shown(&answer), format!("9014 {}", format_qn(NOW)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_waited_out_and_the_packet_is_stored_once() {
    let lets = Arc::new(Semaphore::new(3));
    let platform = Platform::with(moody(&lets, 3)).await;
    let mut logger = platform.connect().await;
    logger.send(&real_time("AIR01", 0, 1.0)).await;
    until("the intake says that it is blocked", || async { platform.intake.snapshot().blocked }).await;
    assert!(logger.hears_nothing(Duration::from_millis(100)).await, "nothing is acknowledged meanwhile");
    assert!(platform.frames().await.is_empty());
    lets.add_permits(1);
    let answer = logger.next().await.expect("an answer");
    assert_eq!(shown(&answer), format!("9014 {}", format_qn(NOW)));
    assert_eq!(platform.frame_rows().await, ["stored AIR01 []"]);
    assert!(!platform.intake.snapshot().blocked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_packet_answered_before_the_disk_filled_up_is_there() {
    let wish = Wish { hot_bytes_max: Some(512 * 1024), ..Wish::default() };
    let platform = Platform::with(wish).await;
    let mut logger = platform.connect().await;
    let mut answered = 0;
    for second in 0..20_000 {
        logger.send(&real_time("AIR01", second, 1.0)).await;
        match tokio::time::timeout(Duration::from_millis(1500), logger.next()).await {
            Ok(Some(_)) => answered += 1,
            Ok(None) => panic!("the connection is kept"),
            Err(_) => break,
        }
    }
    assert!(answered > 0 && platform.intake.snapshot().blocked, "answered {answered}");
    let stored = platform.frames().await.len();
    assert_eq!(stored, answered, "all that was answered and nothing else");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_lake_acknowledges_nothing() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    logger.ask(&real_time("AIR01", 0, 1.0)).await;
    platform.lake.close().await;
    logger.send(&real_time("AIR01", 1, 1.0)).await;
    assert!(logger.next().await.is_none(), "closed without an answer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_are_not_read_while_the_lake_is_slow() {
    let lets = Arc::new(Semaphore::new(0));
    let mut wish = moody(&lets, 0);
    wish.settings = Some(GatewaySettings {
        queue_frames: 8,
        batch_frames: 4,
        in_flight_max: 4,
        idle_timeout: Duration::from_secs(60),
        ..settings()
    });
    let platform = Platform::with(wish).await;
    // Far more than queue, batch and socket buffers hold.
    let sender_address = platform.gateway.local_addr();
    let sender = tokio::spawn(async move {
        let mut logger = Logger::connect(sender_address, "127.0.0.1").await;
        let padding = format!("Pad={}", "x".repeat(700));
        for number in 0..20_000i64 {
            let time = format!("DataTime={}", sanggan_hj212::format_time(NOW));
            let bytes = packet(
                "AIR01",
                sanggan_hj212::Cn::REAL_TIME,
                NOW.plus(number),
                &[&time, "a34004-Rtd=1.0", &padding],
            );
            if !logger.try_send(&bytes).await {
                return;
            }
        }
    });
    until("packets are under way", || async { platform.intake.snapshot().frames > 0 }).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let held = platform.intake.snapshot().frames;
    assert!(held <= 16, "{held} packets are held although nothing is durable");
    assert!(!sender.is_finished(), "the sender is held back");
    sender.abort();
    lets.add_permits(Semaphore::MAX_PERMITS / 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_answers_what_is_under_way() {
    let lets = Arc::new(Semaphore::new(0));
    let platform = Platform::with(moody(&lets, 0)).await;
    let mut logger = platform.connect().await;
    logger.send(&real_time("AIR01", 0, 1.0)).await;
    until("it is under way", || async { platform.intake.snapshot().frames == 1 }).await;
    let (stopped, ()) = tokio::join!(
        async {
            platform.gateway.shutdown().await;
            platform.intake.close().await;
            true
        },
        async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            lets.add_permits(1);
        }
    );
    assert!(stopped);
    assert_eq!(shown(&logger.next().await.expect("an answer")), format!("9014 {}", format_qn(NOW)));
    assert!(logger.next().await.is_none());
}

/// A lake that is cut off before one of its writes, as by a crash.
struct CutOff {
    lake: Lake,
    left: AtomicU32,
}

impl CutOff {
    fn goes_on(&self) -> Result<(), LakeError> {
        let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        left.map(drop).map_err(|_| LakeError::Closed)
    }
}

impl Sink for CutOff {
    fn append(&self, frames: Vec<NewFrame>) -> BoxFuture<'_, Result<Vec<FrameId>, LakeError>> {
        Box::pin(async move {
            self.goes_on()?;
            self.lake.append(frames).await
        })
    }

    fn append_late_readings(
        &self,
        readings: Vec<(FrameId, Reading)>,
    ) -> BoxFuture<'_, Result<(), LakeError>> {
        Box::pin(async move {
            self.goes_on()?;
            self.lake.append_late_readings(readings).await
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_while_a_split_packet_is_completed_loses_no_value() {
    for writes in 1..3 {
        let wish = Wish {
            sink: Some(Box::new(move |lake| {
                Arc::new(CutOff { lake: lake.clone(), left: AtomicU32::new(writes) })
            })),
            ..Wish::default()
        };
        let platform = Platform::with(wish).await;
        let part = |number: u8, cp: &str| {
            let qn = format_qn(NOW);
            let header = format!("QN={qn};ST=22;CN=2051;PW={PW};MN=AIR01;Flag=7;PNUM=2;PNO={number}");
            framed(&format!("{header};CP=&&{cp}&&"))
        };
        let first = part(1, "a34004-Avg=1.0,a34004-Flag=N");
        let time = sanggan_hj212::format_time(NOW);
        let second = part(2, &format!("DataTime={time};a34002-Avg=2.0,a34002-Flag=N"));
        let mut logger = platform.connect().await;
        logger.ask(&first).await;
        logger.send(&second).await;
        assert!(logger.next().await.is_none(), "cut off without an answer");
        // The device sends again what was not answered.
        let platform = platform.restart().await;
        platform.connect().await.ask(&second).await;
        for parameter in ["a34004", "a34002"] {
            let rows = platform.versions("air-1", parameter, sanggan_base::Cadence::Minute).await;
            assert_eq!(rows.len(), 1, "{parameter} after {writes} writes");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_that_wait_for_the_disk_together_are_stored_together() {
    let lets = Arc::new(Semaphore::new(0));
    let platform = Platform::with(moody(&lets, 0)).await;
    let mut logger = platform.connect().await;
    // Taken by the disk alone, so that the parts wait in one batch behind it.
    logger.send(&real_time("AIR01", 0, 1.0)).await;
    until("it is under way", || async { platform.intake.snapshot().frames == 1 }).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let time = sanggan_hj212::format_time(NOW);
    for (number, cp) in [(2, "a34002-Avg=2.0".to_owned()), (1, format!("DataTime={time};a34004-Avg=1.0"))] {
        let qn = format_qn(NOW);
        let header = format!("QN={qn};ST=22;CN=2051;PW={PW};MN=AIR01;Flag=7;PNUM=2;PNO={number}");
        logger.send(&framed(&format!("{header};CP=&&{cp}&&"))).await;
    }
    until("all are under way", || async { platform.intake.snapshot().frames == 3 }).await;
    lets.add_permits(2);
    for _ in 0..3 {
        logger.next().await.expect("an answer");
    }
    for parameter in ["a34004", "a34002"] {
        let rows = platform.versions("air-1", parameter, sanggan_base::Cadence::Minute).await;
        assert_eq!(rows.len(), 1, "{parameter}");
        let frame = platform.lake.frame(rows[0].frame.expect("it came in a packet")).await;
        let bytes = frame.expect("readable").expect("there").bytes;
        assert!(String::from_utf8_lossy(&bytes).contains(parameter), "{parameter} leads to its own packet");
    }
}
