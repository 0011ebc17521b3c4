#!/usr/bin/env bash
# Installs the system packages that are missing: a C compiler for SQLite and zstd; for the tests, Chromium, a font
# with Chinese characters, PostgreSQL with PostGIS, the GDAL tools, and Python for the clients of the map
# interfaces. Pass `test` to get the latter.
set -euo pipefail

missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }

need cc gcc
need make make
need git git
if [ "${1:-}" = test ]; then
    need chromium chromium
    need xz xz-utils
    need ogrinfo gdal-bin
    compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql-15)
    compgen -G '/usr/share/postgresql/*/extension/postgis.control' >/dev/null || missing+=(postgresql-15-postgis-3)
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv)
    fc-list 2>/dev/null | grep -q 'Noto Sans CJK' || missing+=(fonts-noto-cjk)
fi

for tool in cargo node npm; do
    command -v "$tool" >/dev/null 2>&1 || {
        echo "install: \`$tool\` is needed and not here" >&2
        echo "hint: cargo comes with rustup (https://rustup.rs), node 20 and npm from https://nodejs.org" >&2
        exit 1
    }
done

[ ${#missing[@]} -eq 0 ] && exit 0
echo "install: ${missing[*]}" >&2
if [ "$(id -u)" -eq 0 ]; then as_root=(); else as_root=(sudo); fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
