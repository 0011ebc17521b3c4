#!/usr/bin/env bash
# Starts the demo city on free ports with a fresh data folder and lets a real browser use it.
set -euo pipefail
cd "$(dirname "$0")/.."
bin="${CARGO_TARGET_DIR:-$HOME/.cache/sanggan/target}/debug/sanggan"
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

# Two months of simulated past are enough for the pages; real-time packets come five times as often as usual.
"$bin" demo --data "$work/data" --http 127.0.0.1:0 --gateway 127.0.0.1:0 --history 60 --speed 5 --format json \
    >"$work/said.json" 2>"$work/server.log" &
server=$!
for _ in $(seq 1 240); do
    grep -q '"event":"ready"' "$work/said.json" && break
    kill -0 "$server" 2>/dev/null || { cat "$work/server.log" >&2; exit 1; }
    sleep 0.5
done
field() { python3 -c "
import json, sys
for line in open('$work/said.json'):
    said = json.loads(line)
    if said.get('event') == '$1' and said.get('name', '$2') == '$2':
        print(said['$3']); break
else:
    sys.exit('e2e: the demo did not say $1 $2 within two minutes')"; }
BASE_URL=$(field ready '' url) || { tail -50 "$work/server.log" >&2; exit 1; }
ADMIN_PASSWORD=$(field account admin password)
export BASE_URL ADMIN_PASSWORD E2E_OUT="${E2E_OUT:-$work}"
(cd web && npm run --silent e2e) || { tail -40 "$work/server.log" >&2; exit 1; }
