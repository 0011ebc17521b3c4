#!/usr/bin/env bash
# Starts the demo city on free ports with a fresh data folder and lets a real browser use it.
set -euo pipefail
cd "$(dirname "$0")/.."
bin="${CARGO_TARGET_DIR:-$HOME/.cache/sanggan/target}/debug/sanggan"
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

"$bin" demo --data "$work/data" --http 127.0.0.1:0 --format json >"$work/ready.json" 2>"$work/server.log" &
server=$!
for _ in $(seq 1 120); do
    [ -s "$work/ready.json" ] && break
    kill -0 "$server" 2>/dev/null || { cat "$work/server.log" >&2; exit 1; }
    sleep 0.5
done
[ -s "$work/ready.json" ] || { echo "e2e: the demo did not start within 60 s" >&2; tail -50 "$work/server.log" >&2; exit 1; }
(cd web && READY="$work/ready.json" npm run --silent e2e) || { tail -40 "$work/server.log" >&2; exit 1; }
