//! Any bytes, cut anywhere: no panic, bounded memory, and the same messages as in one piece.
//!
//! In `crates/sanggan-hj212`: `cargo +nightly fuzz run decode fuzz/corpus tests/corpus/ok tests/corpus/err`
//! (what the fuzzer finds goes into the first folder, which git ignores).
#![no_main]

use libfuzzer_sys::fuzz_target;
use sanggan_hj212::{DecodeError, Decoded, Decoder, Key, Limits, Packet, decode_packet, reply, split_line};

const LIMITS: Limits = Limits { max_segment: 1500, max_garbage: 600, max_fields: 60 };

fn decode<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Result<Decoded, DecodeError>> {
    let mut decoder = Decoder::new(LIMITS);
    decoder.set_key(Some(Key::new([b'0'; 16])));
    let mut all = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        while let Some(outcome) = decoder.next_message().transpose() {
            all.push(outcome);
        }
        assert!(decoder.pending() <= LIMITS.max_segment + 20);
    }
    while let Some(outcome) = decoder.finish().transpose() {
        all.push(outcome);
    }
    all
}

fuzz_target!(|bytes: &[u8]| {
    let cut = bytes.last().map_or(1, |last| last & 31);
    let whole = decode([bytes].into_iter());
    assert_eq!(decode(bytes.chunks(usize::from(cut).max(1))), whole);
    for decoded in whole.iter().flatten() {
        assert!(decoded.values().count() <= decoded.message.fields().count());
        decoded.defects.iter().for_each(|found| drop(decoded.excerpt(found).len()));
        reply::bytes_due(&decoded.message);
        Packet::from_message(&decoded.message).map(|packet| packet.encode());
    }
    assert_eq!(split_line(bytes).map(<[u8]>::len).sum::<usize>(), bytes.len());
    let _ = decode_packet(bytes, None);
});
