#!/usr/bin/env bash
# Fuzzes the HJ 212 decoder with the test corpus as seed. SECONDS_MAX sets how long (600).
set -euo pipefail
cd "$(dirname "$0")/../crates/sanggan-hj212/fuzz"
command -v cargo-fuzz >/dev/null || { echo "fuzz: cargo-fuzz is needed" >&2; echo "hint: cargo install cargo-fuzz; rustup toolchain install nightly" >&2; exit 1; }
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HOME/.cache/sanggan/target}/fuzz"
cargo +nightly fuzz run decode corpus/decode ../tests/corpus/ok ../tests/corpus/err -- -max_total_time="${SECONDS_MAX:-600}" -max_len=4096
