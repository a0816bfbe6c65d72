#!/usr/bin/env bash
# Measures the server under a mixed load of a real client, while documents and items are imported and the index is replaced.
# Prints for each kind of request the failures, p50 and p99, the rate per second, and the time of the same call in the process.
#
#   benches/load.sh [seconds]        needs release builds (cargo build --release --bin zhaoren; cargo build --release -p
#                                     zhaoren-server --example inside); installs `oha` with cargo if it is missing
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-20}
zhaoren=${ZHAOREN:-target/release/zhaoren}
command -v oha > /dev/null || [ -x "${OHA:=$HOME/.cargo/bin/oha}" ] || cargo install --locked oha --no-default-features --features rustls
oha=$(command -v oha || echo "$OHA")
work=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$work"' EXIT

"$zhaoren" --data "$work/data" serve --listen 127.0.0.1:0 2> "$work/log" &
until grep -q listening "$work/log"; do sleep 0.2; done
base=http://$(grep -o '127.0.0.1:[0-9]*' "$work/log" | head -1)
head -1 seeds/enterprises/samples.jsonl > "$work/profile.json"
for _ in 1 2 3; do
  curl -sf "$base/v1/match?as_of=2026-07-01" -H 'content-type: application/json' -d "@$work/profile.json" > /dev/null
  curl -sf "$base/v1/search?q=%E8%A1%A5%E8%B4%B4" > /dev/null
done

# One line of JSON from oha: status codes, latencies, rate.
load() { # name connections arguments…
  local name=$1 connections=$2
  shift 2
  "$oha" --no-tui --output-format json -z "${seconds}s" -c "$connections" "$@" > "$work/$name.json" 2> "$work/$name.err"
}
show() {
  jq -r --arg name "$1" '
    ((.statusCodeDistribution // {}) | to_entries) as $codes
    | ($codes | map(select(.key != "200") | .value) | add // 0) as $other
    | ((.errorDistribution // {}) | with_entries(select(.key | test("deadline") | not)) | map(.) | add // 0) as $errors
    | "\($name): \($codes | map(.value) | add // 0) answers, \($other + $errors) failed, " +
      "p50 \(.latencyPercentiles.p50 * 1e5 | round / 100) ms, p99 \(.latencyPercentiles.p99 * 1e5 | round / 100) ms, " +
      "\(.summary.requestsPerSec * 10 | round / 10) a second"' "$work/$1.json"
}
match=(-m POST -T application/json -D "$work/profile.json" "$base/v1/match?as_of=2026-07-01")
search=("$base/v1/search?q=%E8%A1%A5%E8%B4%B4&limit=10")
health=("$base/healthz")

echo "== one kind at a time, 2 connections"
load health 2 "${health[@]}"; show health
load match 2 "${match[@]}"; show match
load search 2 "${search[@]}"; show search

echo "== mixed, 4 connections each, while an import is made every second and the index is rebuilt and rolled back"
(
  for round in $(seq 1 "$seconds"); do
    printf '{"id":"load-%s","title":"压测事项 %s","criteria":{"fact":"employees","at_least":%s}}\n' "$round" "$round" "$round" > "$work/item.jsonl"
    curl -s -o /dev/null -w 'import %{http_code}\n' "$base/v1/import" -H 'content-type: application/x-ndjson' --data-binary "@$work/item.jsonl"
    case $((round % 5)) in
      3) curl -s -o /dev/null -w 'rollback %{http_code}\n' -X POST "$base/v1/index/rollback" ;;
      4) curl -s -o /dev/null -w 'rebuild %{http_code}\n' -X POST "$base/v1/index/rebuild" ;;
    esac
    sleep 1
  done > "$work/writes"
) &
writer=$!
load mixed-match 4 "${match[@]}" &
one=$!
load mixed-search 4 "${search[@]}" &
two=$!
wait $one $two $writer
show mixed-match
show mixed-search
sort "$work/writes" | uniq -c
curl -s "$base/metrics" | grep -E '^zhaoren_(swaps_total|index_generation|index_in_step)'

echo "== the same call inside the process"
kill %1
wait %1 2> /dev/null || true
"${INSIDE:-target/release/examples/inside}" "$work/data" "$work/profile.json" "$seconds"
