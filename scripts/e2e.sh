#!/usr/bin/env bash
# Starts the demo city on free ports with a fresh data folder and lets a real browser use it.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/demo.sh

# Two months of simulated past are enough for the pages; real-time packets come five times as often as usual.
start_demo --history 60 --speed 5
export E2E_OUT="${E2E_OUT:-$work}"
(cd web && npm run --silent e2e) || { tail -40 "$work/server.log" >&2; exit 1; }
