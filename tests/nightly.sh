#!/usr/bin/env bash
# Tests for the night: processes killed by the clock at moments that no failpoint names, and properties with many more cases than
# in tests/run.sh, with the same oracles. Takes an hour or two on two cores. Requirements as for tests/run.sh.
#
#     tests/nightly.sh [CASES]
#
# CASES is the number of cases of each property that has no number of its own (default 20,000).
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$1"; }

step "kills by the clock"
if command -v cargo-nextest > /dev/null; then
  cargo nextest run --workspace --locked --run-ignored only -E 'test(/(^|::)nightly_/)'
else
  cargo test --workspace --locked -- --ignored nightly_
fi

step "properties with many cases"
export PROPTEST_CASES="${1:-20000}"
for crate in policy matcher text indexer push conditions engine; do
  if command -v cargo-nextest > /dev/null; then
    cargo nextest run --locked -p "zhaoren-$crate"
  else
    cargo test --locked -p "zhaoren-$crate"
  fi
done

step "no failpoint in a release"
cargo build --release --locked
if grep -q ZHAOREN_FAILPOINT target/release/zhaoren; then
  echo "the release has failpoints" >&2
  exit 1
fi
