#!/bin/sh
# Installs what the tests need beside Rust, Node and a C compiler: PostgreSQL's server and Chromium.
# As root on Debian or Ubuntu it installs them; elsewhere it says what to install.
set -eu

have_postgres() {
    command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

have_chromium() {
    [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 ||
        command -v google-chrome >/dev/null 2>&1
}

wanted=
have_postgres || wanted="$wanted postgresql"
have_chromium || wanted="$wanted chromium"
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $wanted
else
    echo "For all tests, please install:$wanted. The tests that need them are skipped until then." >&2
fi
