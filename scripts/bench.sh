#!/usr/bin/env bash
# Runs every benchmark in the release profile and prints their tables. Sizes stand at the top of each benchmark; BENCH_SCALE
# (1) makes those of the lake smaller. DuckDB is installed into a virtual environment for the comparison on the same files.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HOME/.cache/sanggan/target}"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/sanggan"
files="${BENCH_FILES:-$cache/bench-lake}"
ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"

scripts/install.sh
scripts/web.sh
mkdir -p "$files"
if [ ! -x "$cache/peer/bin/python" ]; then
    python3 -m venv "$cache/peer"
    "$cache/peer/bin/pip" install --quiet duckdb pytz
fi

echo "== machine: $(nproc) cores, $(awk '/MemTotal/ {printf "%.0f GiB", $2/1048576}' /proc/meminfo), $(uname -sr)"
echo "== decode"
cargo bench --quiet -p sanggan-hj212 --bench decode
echo "== durable intake, 10,000 connections"
cargo bench --quiet -p sanggan-gateway --bench intake
echo "== lake"
cargo bench --quiet -p sanggan-lake --bench lake -- "$files"
"$cache/peer/bin/python" crates/sanggan-lake/benches/peer.py "$files"
echo "== registers"
cargo bench --quiet -p sanggan-store --bench registers
echo "== wire to wall"
cargo bench --quiet -p sanggan --bench wire_to_wall
