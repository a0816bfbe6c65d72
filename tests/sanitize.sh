#!/bin/sh
# The batch kernel and the catalogue, every width of register, under the address sanitizer: what `unsafe` in
# matcher::kernel promises is tried with memory watched. Needs a nightly compiler.
set -eu
cd "$(dirname "$0")/.."
RUSTFLAGS="-Zsanitizer=address" PROPTEST_CASES="${PROPTEST_CASES:-400}" \
    cargo +nightly test --locked --target x86_64-unknown-linux-gnu --target-dir target/sanitize \
    -p zhaoren-matcher --test it compiled
