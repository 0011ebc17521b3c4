//! The gateway's Prometheus figures.

use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use sanggan_lake::FrameStatus;

const CONNECTIONS: &str = "sanggan_gateway_connections";
const ACCEPTED: &str = "sanggan_gateway_connections_accepted_total";
const CLOSED: &str = "sanggan_gateway_connections_closed_total";
const FRAMES: &str = "sanggan_gateway_frames_total";
const VALUES: &str = "sanggan_gateway_values_total";
const DURABLE: &str = "sanggan_gateway_frames_durable_total";
const DEFECTS: &str = "sanggan_gateway_defects_total";
const ANSWERS: &str = "sanggan_gateway_answers_total";
const GARBAGE: &str = "sanggan_gateway_garbage_bytes_total";
const REFUSED: &str = "sanggan_gateway_refused_total";
const STORE_FAILED: &str = "sanggan_gateway_store_failures_total";
const LATENCY: &str = "sanggan_gateway_durable_seconds";

/// Tells the recorder what the figures mean. Call once after it is installed.
pub fn describe() {
    describe_gauge!(CONNECTIONS, "Open connections of data loggers.");
    describe_counter!(ACCEPTED, "Connections accepted.");
    describe_counter!(CLOSED, "Connections closed, by reason.");
    describe_counter!(FRAMES, "Packets taken in, by status.");
    describe_counter!(VALUES, "Values made durable.");
    describe_counter!(DURABLE, "Packets made durable.");
    describe_counter!(DEFECTS, "Defects of packets, by code.");
    describe_counter!(ANSWERS, "Answers sent.");
    describe_counter!(GARBAGE, Unit::Bytes, "Bytes that belong to no packet.");
    describe_counter!(REFUSED, "Connections and packets refused, by reason.");
    describe_counter!(STORE_FAILED, "Batches the lake could not store at once.");
    describe_histogram!(LATENCY, Unit::Seconds, "From receipt of a packet until it is durable.");
}

pub(crate) fn connections(now: usize) {
    gauge!(CONNECTIONS).set(now as f64);
}

pub(crate) fn accepted() {
    counter!(ACCEPTED).increment(1);
}

pub(crate) fn closed(reason: &'static str) {
    counter!(CLOSED, "reason" => reason).increment(1);
}

pub(crate) fn frame(status: FrameStatus) {
    let status = match status {
        FrameStatus::Stored => "stored",
        FrameStatus::Quarantined => "quarantined",
        FrameStatus::Duplicate => "duplicate",
        FrameStatus::Unreadable => "unreadable",
        FrameStatus::Control => "control",
    };
    counter!(FRAMES, "status" => status).increment(1);
}

pub(crate) fn durable(frames: usize, values: usize) {
    counter!(DURABLE).increment(frames as u64);
    counter!(VALUES).increment(values as u64);
}

pub(crate) fn defect(code: &'static str) {
    counter!(DEFECTS, "code" => code).increment(1);
}

pub(crate) fn answers(count: usize) {
    counter!(ANSWERS).increment(count as u64);
}

pub(crate) fn garbage(bytes: usize) {
    counter!(GARBAGE).increment(bytes as u64);
}

pub(crate) fn refused(reason: &'static str) {
    counter!(REFUSED, "reason" => reason).increment(1);
}

pub(crate) fn store_failed() {
    counter!(STORE_FAILED).increment(1);
}

pub(crate) fn latency(took: Duration) {
    histogram!(LATENCY).record(took.as_secs_f64());
}
