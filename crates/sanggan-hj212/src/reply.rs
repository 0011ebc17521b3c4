//! Answers: which one is due, and its bytes.
//!
//! An answer has ST=91 and the asker's QN, PW and MN. From 2017 on the QN stands in the header and the flag
//! carries the version; 2005 puts the QN into the data area.

use crate::{Cn, ExeRtn, Message, Packet, QnRtn};

/// The number of the answer that a platform owes for this message: 9014 for data, 9013 for notices and
/// heartbeats, nothing for answers, results and messages that ask for none.
pub fn due(_message: &Message) -> Option<Cn> {
    todo!()
}

/// The answer that is due, ready to send, if any.
pub fn bytes_due(_message: &Message) -> Option<Vec<u8>> {
    todo!()
}

/// 9011 请求应答 (sent by devices; the simulator needs it).
pub fn request(_to: &Message, _result: QnRtn) -> Packet {
    todo!()
}

/// 9012 执行结果 (sent by devices).
pub fn result(_to: &Message, _result: ExeRtn) -> Packet {
    todo!()
}

/// 9013 通知应答.
pub fn notice(_to: &Message) -> Packet {
    todo!()
}

/// 9014 数据应答.
pub fn data(_to: &Message) -> Packet {
    todo!()
}
