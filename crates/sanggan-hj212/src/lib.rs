//! The HJ 212 codec: bytes of data loggers ⇄ messages, in the editions 2005, 2017 and 2025.
//!
//! Knows no socket, no file, no clock and no station: bytes and keys come in, messages and bytes go out.
//!
//! Read first: [`Decoder`] (a stream) or [`decode_packet`] (one recorded packet), [`Decoded`], [`Message`],
//! and for the way out [`Packet`] with [`Command`], [`Upload`] and [`reply`].
//!
//! * HJ-1: the messages of a stream do not depend on how its bytes were cut into pieces.
//! * HJ-2: no input panics, and memory is bounded by [`Limits`] whatever a peer sends.
//! * HJ-3: what a device does against the standard is a [`Defect`] beside the message; an error means that
//!   nothing usable came out at all.
//! * HJ-4: a packet whose check code is wrong may have any byte changed, so it is kept, shown and counted,
//!   but gives no values ([`Usable::No`]). A wrong length with a right check code is usable.
//!   (The standard's code drops its low byte at each step, so it has only 256 values: one damaged packet in
//!   256 passes. A length that fits too makes that far rarer; [`Decoded::whole`] says so.)
//! * HJ-5: text is kept as sent; numbers and times are read beside it, never written over it.
//!
//! # Sources
//! HJ/T 212-2005; HJ 212-2017 clauses 6.3 (packets), 6.6 (fields), annexes A (check code), C (examples);
//! HJ 212-2025 annex A (check code, SM4).

pub mod codes;
mod command;
mod crc;
mod decoder;
pub mod defect;
mod error;
mod frame;
mod judge;
mod mark;
mod message;
mod number;
mod packet;
mod parse;
mod reassemble;
pub mod reply;
mod sm4;
mod suffix;
mod tally;
mod time;
mod upload;
mod value;
mod words;

pub use command::{Command, TimeRange};
pub use crc::{crc16, crc16_modbus};
pub use decoder::{
    Decoded, Decoder, NotUsable, Usable, decode_packet, decode_packet_into, decode_segment, split_line,
};
pub use defect::{Defect, Found, Severity};
pub use error::DecodeError;
pub use frame::Limits;
pub use message::{Datum, Field, Group, Message};
pub use packet::{EncodeError, Packet, frame as frame_segment};
pub use reassemble::{Incomplete, Joined, Reassembler, ReassemblyLimits, join};
pub use sm4::{Key, decrypt_section, encrypt_section};
pub use suffix::Suffix;
pub use tally::Tally;
pub use time::{Stamp, format_qn, format_time, parse_stamp};
pub use upload::{DataPoint, Upload};
pub use value::Value;
pub use words::{Cn, Edition, ExeRtn, PacketFlag, QnRtn, St};
