//! Peers that are slow, silent, many, or do not speak the protocol.

use std::time::{Duration, Instant};

use sanggan_base::Cadence;
use sanggan_gateway::GatewaySettings;

use crate::support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packets_do_not_depend_on_how_their_bytes_were_cut() {
    let platform = Platform::new().await;
    let stream: Vec<u8> = (0..4).flat_map(|second| real_time("AIR01", second, 1.0)).collect();
    let mut expected = 0;
    for size in [1usize, 2, 3, 5, 7, 11, 64, 1000] {
        let mut logger = platform.connect().await;
        for piece in stream.chunks(size) {
            logger.send(piece).await;
            tokio::task::yield_now().await;
        }
        for _ in 0..4 {
            logger.next().await.expect("an answer");
        }
        expected += 4;
        assert_eq!(platform.frames().await.len(), expected, "pieces of {size}");
    }
    assert_eq!(platform.rows("air-1", "a34004", Cadence::RealTime).await.len(), 4);
    let rows = platform.frame_rows().await;
    assert!(rows.iter().all(|row| row.ends_with("[]")), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_packet_must_be_complete_in_time_however_slowly_it_comes() {
    let deadline = Duration::from_millis(300);
    let settings = GatewaySettings { frame_deadline: deadline, ..settings() };
    let platform = Platform::with(Wish { settings: Some(settings), ..Wish::default() }).await;
    let mut logger = platform.connect().await;
    let began = Instant::now();
    let mut sent = 0;
    for byte in real_time("AIR01", 0, 1.0) {
        if !logger.try_send(&[byte]).await {
            break;
        }
        sent += 1;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(logger.next().await.is_none(), "closed");
    assert!(began.elapsed() >= deadline && sent > 5, "not before the deadline");
    until("the rest is kept", || async { platform.frames().await.len() == 1 }).await;
    let rows = platform.frame_rows().await;
    assert!(rows[0].starts_with("unreadable") && rows[0].contains("truncated"), "{rows:?}");
    // Somebody else is served all the while.
    platform.connect().await.ask(&real_time("AIR01", 1, 1.0)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_peer_is_closed_after_the_idle_time() {
    let settings = GatewaySettings { idle_timeout: Duration::from_millis(150), ..settings() };
    let platform = Platform::with(Wish { settings: Some(settings), ..Wish::default() }).await;
    let mut logger = platform.connect().await;
    logger.ask(&real_time("AIR01", 0, 1.0)).await;
    assert!(logger.next().await.is_none());
    until("its seat is free", || async { platform.gateway.snapshot().connections == 0 }).await;
    assert_eq!(platform.intake.device(&mn("AIR01")).expect("known").connections, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_packet_after_some_garbage_is_taken_and_endless_garbage_is_cut_off() {
    let settings = GatewaySettings { garbage_bytes_max: 8 * 1024, ..settings() };
    let platform = Platform::with(Wish { settings: Some(settings), ..Wish::default() }).await;
    let mut logger = platform.connect().await;
    logger.send(&[0xAAu8; 4000]).await;
    logger.ask(&real_time("AIR01", 0, 1.0)).await;
    assert_eq!(platform.frame_rows().await, ["stored AIR01 [stray_bytes]"]);

    let mut hostile = platform.connect().await;
    let mut sent = 0;
    while sent < 4_000_000 && hostile.try_send(&[b'x'; 1000]).await {
        sent += 1000;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(sent < 4_000_000, "cut off");
    until("a sample is kept", || async { platform.frames().await.len() == 2 }).await;
    let sample = &platform.frames().await[1];
    assert_eq!(sample.defects, "garbage");
    assert!(sample.bytes.len() <= 1024 && sample.bytes.iter().all(|&byte| byte == b'x'));
    logger.ask(&real_time("AIR01", 1, 1.0)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packets_without_a_field_are_kept_up_to_the_bound() {
    let settings = GatewaySettings { garbage_bytes_max: 4 * 1024, ..settings() };
    let platform = Platform::with(Wish { settings: Some(settings), ..Wish::default() }).await;
    let mut hostile = platform.connect().await;
    for _ in 0..10_000 {
        if !hostile.try_send(b"##0010;;;;;;;;;;0000\r\n").await {
            break;
        }
    }
    assert!(hostile.next().await.is_none(), "cut off");
    let kept = platform.frames().await.len();
    assert!(kept > 1 && kept < 1000, "{kept} kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_beyond_the_caps_are_closed_at_once() {
    let settings = GatewaySettings { connections_max: 3, connections_per_peer_max: 2, ..settings() };
    let platform = Platform::with(Wish { settings: Some(settings), ..Wish::default() }).await;
    let address = platform.gateway.local_addr();
    let mut first = Logger::connect(address, "127.0.0.1").await;
    let mut second = Logger::connect(address, "127.0.0.1").await;
    let mut third = Logger::connect(address, "127.0.0.1").await;
    assert!(third.next().await.is_none(), "the peer has two already");
    let mut other = Logger::connect(address, "127.0.0.2").await;
    other.ask(&real_time("AIR01", 0, 1.0)).await;
    let mut fourth = Logger::connect(address, "127.0.0.3").await;
    assert!(fourth.next().await.is_none(), "there are three already");
    assert_eq!((platform.gateway.snapshot().connections, platform.gateway.snapshot().refused), (3, 2));
    first.ask(&real_time("AIR01", 1, 1.0)).await;
    drop(first);
    until("a seat is free", || async { platform.gateway.snapshot().connections == 2 }).await;
    let mut again = Logger::connect(address, "127.0.0.1").await;
    again.ask(&real_time("AIR01", 2, 1.0)).await;
    second.ask(&real_time("AIR01", 3, 1.0)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_does_not_take_its_answers_is_closed() {
    let settings = GatewaySettings { write_timeout: Duration::from_millis(200), ..settings() };
    let platform = Platform::with(Wish { settings: Some(settings), ..Wish::default() }).await;
    let mut logger = platform.connect().await;
    let heartbeat = packet("AIR01", sanggan_hj212::Cn::HEARTBEAT, NOW, &[]);
    let batch: Vec<u8> = heartbeat.repeat(100);
    let mut open = true;
    let began = Instant::now();
    while open && began.elapsed() < PATIENCE {
        open = tokio::time::timeout(Duration::from_secs(2), logger.try_send(&batch)).await.unwrap_or(true);
        open &= platform.gateway.snapshot().connections > 0;
    }
    assert!(!open, "it would be served for ever");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_loggers_are_served_at_once() {
    let platform = Platform::new().await;
    let address = platform.gateway.local_addr();
    let tasks: Vec<_> = (0..500)
        .map(|number| {
            tokio::spawn(async move {
                let mut logger = Logger::connect(address, "127.0.0.1").await;
                for second in 0..4 {
                    logger.ask(&real_time(&format!("MANY{number:03}"), second, 1.0)).await;
                }
                logger
            })
        })
        .collect();
    let mut loggers = Vec::new();
    for task in tasks {
        loggers.push(task.await.expect("all answered"));
    }
    assert_eq!(platform.gateway.snapshot().connections, 500);
    assert_eq!(platform.frames().await.len(), 2000);
    assert_eq!(platform.intake.devices_snapshot().len(), 502);
    drop(loggers);
    until("all are gone", || async { platform.gateway.snapshot().connections == 0 }).await;
}
