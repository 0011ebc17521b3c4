//! Answers: which one is due, and its bytes.
//!
//! An answer has ST=91 and the asker's QN, PW and MN. From 2017 on the QN stands in the header and the flag
//! carries the version; 2005 puts the QN into the data area.

use crate::{Cn, Edition, ExeRtn, Message, Packet, QnRtn, St};

/// The number of the answer that is owed for this message, or nothing.
///
/// 9013 for notices and heartbeats, 9014 for data and everything else a device uploads; nothing for answers
/// and results, and for messages that ask for none.
pub fn due(message: &Message) -> Option<Cn> {
    let cn = message.cn()?;
    if !message.wants_answer() || cn.is_answer() {
        return None;
    }
    let notice = [Cn::ASK_TIME, Cn::KEY, Cn::STOP_REAL_TIME, Cn::STOP_DEVICE_STATE, Cn::HEARTBEAT];
    Some(if notice.contains(&cn) { Cn::NOTICE_ANSWER } else { Cn::DATA_ANSWER })
}

/// The answer that is due, ready to send, if any.
///
/// `None` also for a message whose QN, PW or MN could not stand in a packet.
pub fn bytes_due(message: &Message) -> Option<Vec<u8>> {
    let packet = if due(message)? == Cn::NOTICE_ANSWER { notice(message) } else { data(message) };
    packet.encode().ok()?.into_iter().next()
}

/// 9011 请求应答 (sent by devices; the simulator needs it).
pub fn request(to: &Message, result: QnRtn) -> Packet {
    answer(to, Cn::REQUEST_ANSWER).group(format!("QnRtn={}", result.number()))
}

/// 9012 执行结果 (sent by devices).
pub fn result(to: &Message, result: ExeRtn) -> Packet {
    answer(to, Cn::RESULT).group(format!("ExeRtn={}", result.number()))
}

/// 9013 通知应答.
pub fn notice(to: &Message) -> Packet {
    answer(to, Cn::NOTICE_ANSWER)
}

/// 9014 数据应答; in 2005 with the number of the command it answers.
pub fn data(to: &Message) -> Packet {
    let packet = answer(to, Cn::DATA_ANSWER);
    match to.cn() {
        Some(cn) if packet.edition == Edition::Y2005 => packet.group(format!("CN={cn}")),
        _ => packet,
    }
}

fn answer(to: &Message, cn: Cn) -> Packet {
    let old = to.edition() == Edition::Y2005;
    let qn = to.qn().map(str::to_owned);
    let packet = Packet {
        edition: to.edition(),
        qn: qn.clone().filter(|_| !old),
        st: St::INTERACTION,
        cn,
        pw: to.pw().map(str::to_owned),
        mn: to.mn_text().map(str::to_owned),
        with_flag: true,
        answer: false,
        resent: false,
        groups: Vec::new(),
    };
    match qn.filter(|_| old) {
        Some(qn) => packet.group(format!("QN={qn}")),
        None => packet,
    }
}
