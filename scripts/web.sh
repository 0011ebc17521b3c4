#!/usr/bin/env bash
# Builds the web app into web/dist; does nothing when no source changed since the last build.
set -euo pipefail
cd "$(dirname "$0")/../web"

stamp=$(find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
[ -f dist/.stamp ] && [ "$(cat dist/.stamp)" = "$stamp" ] && exit 0

lock=$(sha256sum package-lock.json | cut -d' ' -f1)
if [ ! -f node_modules/.lock ] || [ "$(cat node_modules/.lock)" != "$lock" ]; then
    npm ci --no-audit --no-fund --loglevel=error
    echo "$lock" >node_modules/.lock
fi
npm run --silent build
echo "$stamp" >dist/.stamp
