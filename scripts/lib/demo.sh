# Starts the demo city on free ports with a fresh data folder; to be sourced from the repository's root.
# Sets BASE_URL and the passwords OPERATOR_PASSWORD, SECURITY_PASSWORD and AUDIT_PASSWORD, `work` (a folder of its own, removed at the end) and `account NAME`, which prints
# the password of an account.

bin="${CARGO_TARGET_DIR:-$HOME/.cache/sanggan/target}/debug/sanggan"
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

# What the demo said: `said EVENT NAME FIELD`.
said() { python3 -c "
import json, sys
for line in open('$work/said.json'):
    said = json.loads(line)
    if said.get('event') == '$1' and said.get('name', '$2') == '$2':
        print(said['$3']); break
else:
    sys.exit('the demo did not say $1 $2')"; }
account() { said account "$1" password; }

# `start_demo OPTION…` waits until it answers.
start_demo() {
    "$bin" demo --data "$work/data" --http 127.0.0.1:0 --gateway 127.0.0.1:0 --format json "$@" \
        >"$work/said.json" 2>"$work/server.log" &
    server=$!
    for _ in $(seq 1 240); do
        grep -q '"event":"ready"' "$work/said.json" && break
        kill -0 "$server" 2>/dev/null || { cat "$work/server.log" >&2; exit 1; }
        sleep 0.5
    done
    BASE_URL=$(said ready '' url) || { tail -50 "$work/server.log" >&2; exit 1; }
    OPERATOR_PASSWORD=$(account operator)
    SECURITY_PASSWORD=$(account security-admin)
    AUDIT_PASSWORD=$(account audit-admin)
    export BASE_URL OPERATOR_PASSWORD SECURITY_PASSWORD AUDIT_PASSWORD
}
