#!/usr/bin/env bash
# Runs every fuzz target for a minute (the first argument is another time in seconds; further arguments select targets), starting from
# tests/fuzz/corpus. A stable compiler is sufficient: coverage comes from LLVM's own pass, and no sanitizer is used, since only the
# kernel has unsafe code. Exits with 1 if an input panics, takes more than 20 seconds or more than 2 GiB; the input is then stored in
# tests/fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")"
seconds="${1:-60}"
shift || true
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for file in fuzz_targets/*.rs; do targets+=("$(basename "$file" .rs)"); done
fi
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
# The target triple is named so that the flags do not reach build scripts.
triple="$(rustc -vV | sed -n 's/^host: //p')"
RUSTFLAGS="$coverage --cfg fuzzing -Ccodegen-units=1" cargo build --release --locked --target "$triple" \
  "${targets[@]/#/--bin=}"
seeds() {
  case "$1" in
    items) echo ../../seeds/policies ;;
    profiles | bodies | tables) echo ../../seeds/enterprises ;;
    documents | drafts) echo ../../seeds/documents ;;
    files) echo ../../crates/document/tests/files ;;
    mappings) echo ../../seeds/facts ;;
  esac
}
failed=()
for target in "${targets[@]}"; do
  mkdir -p "corpus/$target" "artifacts/$target"
  # New inputs are written to a separate folder; those that add coverage are then merged into the stored corpus.
  found="$(mktemp -d)"
  # shellcheck disable=SC2046 # a target without seeds has no further folder
  if ! "target/$triple/release/$target" "$found" "corpus/$target" $(seeds "$target") \
    -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
    -artifact_prefix="artifacts/$target/" 2> "artifacts/$target.log"; then
    failed+=("$target")
  fi
  grep -E 'stat::number_of_executed_units|stat::peak_rss_mb' "artifacts/$target.log" | sed "s/^/$target /" || true
  "target/$triple/release/$target" -merge=1 -max_len=4096 "corpus/$target" "$found" 2> /dev/null || true
  rm -rf "$found"
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "failed: ${failed[*]} (see tests/fuzz/artifacts)" >&2
  exit 1
fi
echo "${#targets[@]} targets, ${seconds} s each: no finding"
