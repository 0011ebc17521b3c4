//! What the platform asks of a device.

use std::time::Duration;

use sanggan_base::Cadence;
use sanggan_gateway::GatewayError;
use sanggan_hj212::{Cn, Command, Decoded, ExeRtn, QnRtn, TimeRange, format_time, reply};

use crate::support::*;

fn bytes(packet: &sanggan_hj212::Packet) -> Vec<u8> {
    packet.encode().expect("it can be written").concat()
}

/// The 9011 and 9012 a device sends for a command.
fn obey(order: &Decoded, result: ExeRtn) -> Vec<u8> {
    let message = &order.message;
    [bytes(&reply::request(message, QnRtn::Ready)), bytes(&reply::result(message, result))].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_is_sent_again_until_it_is_answered() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    logger.ask(&real_time("AIR01", 0, 1.0)).await;
    let intake = platform.intake.clone();
    let command = Command::SetTime { pol_id: None, time: NOW };
    let waiting = tokio::spawn(async move { intake.send_command(&mn("AIR01"), &command).await });
    let ignored = logger.next().await.expect("the command");
    let order = logger.next().await.expect("the command once more");
    assert_eq!(order.message.cn(), Some(Cn::SET_TIME));
    assert_eq!(order.message.text(), ignored.message.text());
    logger.send(&obey(&order, ExeRtn::Done)).await;
    let report = waiting.await.expect("no panic").expect("answered");
    assert!(report.is_done());
    assert!(report.sent >= 2, "sent {}", report.sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_and_a_refusing_device_are_reported() {
    let platform = Platform::new().await;
    let absent = platform.intake.send_command(&mn("AIR01"), &Command::GetRtdInterval).await;
    assert!(matches!(absent, Err(GatewayError::NotConnected(_))), "{absent:?}");
    let unknown = platform.intake.send_command(&mn("NOBODY"), &Command::GetRtdInterval).await;
    assert!(matches!(unknown, Err(GatewayError::NoDevice(_))), "{unknown:?}");
    let mut logger = platform.connect().await;
    logger.ask(&real_time("AIR01", 0, 1.0)).await;
    let silent = platform.intake.send_command(&mn("AIR01"), &Command::GetRtdInterval).await;
    assert!(matches!(silent, Err(GatewayError::NoAnswer { sent: 4, .. })), "{silent:?}");
    for _ in 0..4 {
        logger.next().await.expect("the command");
    }
    let intake = platform.intake.clone();
    let waiting =
        tokio::spawn(async move { intake.send_command(&mn("AIR01"), &Command::GetRtdInterval).await });
    let order = logger.next().await.expect("the command");
    logger.send(&bytes(&reply::request(&order.message, QnRtn::Refused))).await;
    let report = waiting.await.expect("no panic").expect("answered");
    assert_eq!((report.answer, report.result), (Some(QnRtn::Refused), None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_is_closed_from_the_devices_history() {
    let platform = Platform::new().await;
    let mut logger = platform.connect().await;
    logger.ask(&real_time("AIR01", 0, 1.0)).await;
    let intake = platform.intake.clone();
    let range = TimeRange { begin: NOW.plus(-7_200_000), end: NOW };
    let waiting = tokio::spawn(async move { intake.fetch_history(&mn("AIR01"), Cadence::Hour, range).await });
    let order = logger.next().await.expect("the command");
    assert_eq!(order.message.cn(), Some(Cn::HOUR));
    assert_eq!((order.message.begin_time(), order.message.end_time()), (Some(range.begin), Some(range.end)));
    logger.send(&bytes(&reply::request(&order.message, QnRtn::Ready))).await;
    // All packets of the history carry the number of the request.
    let qn = order.message.qn_time().expect("a number");
    for hour in [2, 1] {
        let time = format!("DataTime={}", format_time(NOW.plus(-hour * 3_600_000)));
        let value = format!("a34004-Avg={hour}0,a34004-Flag=N");
        let answer = logger.ask(&packet("AIR01", Cn::HOUR, qn, &[&time, &value])).await;
        assert_eq!(answer.message.cn(), Some(Cn::DATA_ANSWER));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    logger.send(&bytes(&reply::result(&order.message, ExeRtn::Done))).await;
    let report = waiting.await.expect("no panic").expect("answered");
    assert!(report.is_done());
    assert_eq!(report.packets.len(), 2);
    let values: Vec<f64> =
        platform.versions("air-1", "a34004", Cadence::Hour).await.iter().map(|o| o.value).collect();
    assert_eq!(values, [20.0, 10.0]);
    assert!(platform.frame_rows().await.iter().all(|row| row.ends_with("[]")));
}
