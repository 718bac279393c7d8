#!/bin/sh
# Starts the service with the demo catalogue on a free port and runs the browser tests against it.
set -eu
cd "$(dirname "$0")/../.."

folder=$(mktemp -d)
log="$folder/log"
DATA_DIR="$folder/data" BIND=127.0.0.1:0 "${CARGO_TARGET_DIR:-target}/debug/footbridge" serve --demo 2>"$log" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; rm -rf "$folder"' EXIT INT TERM

tries=0
until BASE_URL=$(sed -n 's/^Footbridge is at //p' "$log") && [ -n "$BASE_URL" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] && kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
    sleep 0.2
done
BASE_URL=$(echo "$BASE_URL" | sed 's/localhost/127.0.0.1/')
FOOTBRIDGE_LOG=$log
export BASE_URL FOOTBRIDGE_LOG
node --test --test-concurrency=1 tests/browser/*.test.mjs
