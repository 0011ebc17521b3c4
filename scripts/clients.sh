#!/usr/bin/env bash
# Real clients against the demo city: GDAL and OWSLib read every collection of /ogc, Schemathesis asks every
# operation that only reads what its description promises. They live in a folder of their own under the cache.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/demo.sh

tools="${SANGGAN_CACHE:-$HOME/.cache/sanggan}/clients"
wanted=$(sha256sum tests/clients/requirements.txt | cut -d ' ' -f 1)
if [ "$(cat "$tools/made-of" 2>/dev/null)" != "$wanted" ]; then
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check --requirement tests/clients/requirements.txt
    echo "$wanted" >"$tools/made-of"
fi

start_demo --history 2
OPERATOR_PASSWORD=$(account operator)
export OPERATOR_PASSWORD SCRATCH="$work" PYTHONDONTWRITEBYTECODE=1
failed() { tail -40 "$work/server.log" >&2; exit 1; }

"$tools/bin/python" -m pytest --quiet -p no:cacheprovider tests/clients || failed

# Every operation that only reads, as nobody and as an operator. The live stream never ends, and is tried elsewhere.
ask() {
    echo "-- $1"
    shift
    (cd "$work" && "$tools/bin/st" --config-file "$OLDPWD/tests/clients/schemathesis.toml" run "$BASE_URL/api/openapi.json" --include-method GET \
        --exclude-operation-id followLive --warnings off "$@") || failed
}
cookie=$("$tools/bin/python" tests/clients/session.py operator)
ask "as nobody"
ask "as an operator" --header "Cookie: $cookie"
