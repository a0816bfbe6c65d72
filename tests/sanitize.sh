#!/bin/sh
# Runs the tests of the batch kernel and the catalogue under the address sanitizer, for every register width, to check the
# memory safety of the `unsafe` code in matcher::kernel. Needs a nightly compiler.
set -eu
cd "$(dirname "$0")/.."
RUSTFLAGS="-Zsanitizer=address" PROPTEST_CASES="${PROPTEST_CASES:-400}" \
    cargo +nightly test --locked --target x86_64-unknown-linux-gnu --target-dir target/sanitize \
    -p zhaoren-matcher --test it compiled
