//! Frames per second of the codec on one core: the recorded morning if it is there, else frames of its kind.
//!
//! `cargo bench -p sanggan-hj212`. Each line is the best of several passes over the same bytes, each pass
//! framing, checking, parsing and reading every value.

#![allow(clippy::print_stdout, missing_docs)]

use std::{hint::black_box, io::Read, path::Path, time::Instant};

use sanggan_base::{Cadence, Flag, Millis};
use sanggan_hj212::{
    DataPoint, Decoded, Decoder, Edition, Limits, St, Upload, crc16, decode_packet_into, frame_segment,
};

fn recorded() -> Option<Vec<u8>> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/hj212-2016-08-24-morning.txt.xz");
    let mut bytes = Vec::new();
    liblzma::read::XzDecoder::new(std::fs::File::open(path).ok()?).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn made() -> Vec<u8> {
    let mut bytes = Vec::new();
    for minute in 0..70_000_i64 {
        let time = Millis(1_772_323_200_000 + minute * 60_000);
        let points = ["011", "060", "001", "B01", "101", "065"].map(|code| {
            DataPoint::real_time(code, &format!("{}.{:03}", minute % 97, minute % 1000), Flag::Normal)
        });
        let upload = Upload::Data { cadence: Cadence::RealTime, time, points: points.to_vec() };
        let packet = upload.packet(Edition::Y2005, St::WATER_SOURCE, "88888880000001", "123456", time);
        for segment in packet.segments().expect("it fits") {
            bytes.extend(frame_segment(segment.as_bytes()));
        }
    }
    bytes
}

/// Nanoseconds this thread has had a core, so that other work on the machine counts less; else the clock's.
fn cpu_time(begin: Instant) -> f64 {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    spent.map_or_else(|| begin.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

fn best(name: &str, bytes: usize, mut pass: impl FnMut() -> (u64, u64)) {
    let (mut seconds, mut counts) = (f64::MAX, (0, 0));
    let start = Instant::now();
    for _ in 0..12 {
        let begin = cpu_time(start);
        counts = black_box(pass());
        seconds = seconds.min(cpu_time(start) - begin);
    }
    let (frames, values) = counts;
    println!(
        "{name:<34} {frames:>7} frames {values:>8} values {:>7.2} M frames/s {:>8.1} MB/s {:>6.0} ns/frame",
        frames as f64 / seconds / 1e6,
        bytes as f64 / seconds / 1e6,
        seconds / frames.max(1) as f64 * 1e9,
    );
}

fn main() {
    let (source, bytes) = match recorded() {
        Some(bytes) => ("recorded morning", bytes),
        None => ("made-up frames", made()),
    };
    println!("{source}: {} bytes", bytes.len());
    let lines: Vec<&[u8]> = bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()).collect();

    best("check code only", bytes.len(), || {
        (lines.len() as u64, lines.iter().map(|line| u64::from(crc16(line))).sum())
    });
    let mut decoded = Decoded::default();
    best("lines, memory used again", bytes.len(), || {
        let mut counts = (0, 0);
        for line in &lines {
            if decode_packet_into(line, None, &mut decoded).is_ok() {
                counts.0 += 1;
                counts.1 += decoded.values().fold(0, |n, value| n + u64::from(value.value.is_finite()));
            }
        }
        counts
    });
    best("stream, memory used again", bytes.len(), || {
        let mut counts = (0, 0);
        let mut decoder = Decoder::new(Limits::default());
        for piece in bytes.chunks(16 * 1024) {
            decoder.push(piece);
            loop {
                match decoder.next_into(&mut decoded) {
                    Ok(false) => break,
                    Ok(true) => {
                        counts.0 += 1;
                        counts.1 +=
                            decoded.values().fold(0, |n, value| n + u64::from(value.value.is_finite()));
                    }
                    Err(_) => {}
                }
            }
        }
        counts
    });
    best("stream, own memory each", bytes.len(), || {
        let mut counts = (0, 0);
        let mut decoder = Decoder::new(Limits::default());
        for piece in bytes.chunks(16 * 1024) {
            decoder.push(piece);
            loop {
                match decoder.next_message() {
                    Ok(None) => break,
                    Ok(Some(decoded)) => {
                        counts.0 += 1;
                        counts.1 +=
                            decoded.values().fold(0, |n, value| n + u64::from(value.value.is_finite()));
                    }
                    Err(_) => {}
                }
            }
        }
        counts
    });
}
