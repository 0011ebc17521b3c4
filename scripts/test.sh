#!/usr/bin/env bash
# The whole test suite, or the parts named: web, rust, tidy, clients, e2e. States how long each part took.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HOME/.cache/sanggan/target}"

parts=("$@")
[ ${#parts[@]} -eq 0 ] && parts=(web rust tidy clients e2e)

part_web() {
    scripts/web.sh
    (cd web && npm run --silent lint && npm run --silent test)
}

part_rust() {
    # The same feature graph as `make run`, so nothing is built twice.
    cargo test --workspace --locked --no-fail-fast
    cargo build --workspace --locked
}

part_tidy() {
    cargo fmt --all --check
    cargo xtask tidy
    cargo xtask gen --check
}

part_clients() {
    scripts/clients.sh
}

part_e2e() {
    scripts/e2e.sh
}

scripts/install.sh test
total=$SECONDS
for part in "${parts[@]}"; do
    began=$SECONDS
    echo "== $part"
    "part_$part"
    echo "== $part passed in $((SECONDS - began)) s"
done
echo "== all passed in $((SECONDS - total)) s: ${parts[*]}"
