#!/usr/bin/env bash
# Installs the tests' requirements from Debian's packages (as root; otherwise they have to be installed already), and runs all tests. A
# test fails if it lacks a requirement that ZHAOREN_REQUIRE names; by default these are all that can be installed. `all` adds the right
# to mount a small disk, and real policy texts next to the repository. Without those a few tests report that they were skipped.
#
#     tests/run.sh [ARGUMENTS OF cargo test]
#
# With cargo-nextest installed, each test is a process, so that waiting and computing tests run at the same time; examples in the
# documentation follow. Without it, cargo test runs the same tests.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
need() { command -v "$1" > /dev/null || packages+=("${@:2}"); }
need curl curl
need jq jq
need openssl openssl
need systemd-analyze systemd
need chromedriver chromium chromium-driver fonts-noto-cjk
ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || command -v initdb > /dev/null || packages+=(postgresql)
command -v helm > /dev/null || [ -d /usr/share/gocode/src/github.com/Masterminds/sprig ] && command -v go > /dev/null \
  || packages+=(golang-go golang-github-masterminds-sprig-dev golang-gopkg-yaml.v2-dev)
if [ ${#packages[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "to be installed first: ${packages[*]}" >&2
    exit 2
  fi
  # PostgreSQL's package would otherwise create and start a cluster of its own.
  mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  { apt-get update && apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold "${packages[@]}"; } > "$log" 2>&1 \
    || { tail -20 "$log" >&2; exit 2; }
fi

export ZHAOREN_REQUIRE="${ZHAOREN_REQUIRE-postgres,browser,chart,systemd,shell}"
if command -v cargo-nextest > /dev/null; then
  cargo nextest run --workspace --locked "$@"
  exec cargo test --doc --workspace --locked
fi
exec cargo test --workspace --locked "$@"
