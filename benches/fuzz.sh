#!/usr/bin/env bash
# Fuzzes the server with schemathesis: valid and invalid requests made from its OpenAPI document; then 10,000 connections idle.
# Fails on a crash, a response with status 500, a response that is not as documented, or a connection that starves others.
#
#   benches/fuzz.sh [examples]       needs a release build; installs schemathesis from PyPI into a folder of its own
set -euo pipefail
cd "$(dirname "$0")/.."
examples=${1:-50}
zhaoren=${ZHAOREN:-target/release/zhaoren}
work=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$work"' EXIT
schemathesis=${SCHEMATHESIS:-}
if [ -z "$schemathesis" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install -q schemathesis
  schemathesis=$work/venv/bin/schemathesis
fi
ulimit -n "$(ulimit -Hn)"
"$zhaoren" --data "$work/data" serve --listen 127.0.0.1:0 --set limits.silence=120s 2> "$work/log" &
server=$!
until grep -q listening "$work/log"; do sleep 0.2; done
base=http://$(grep -o '127.0.0.1:[0-9]*' "$work/log" | head -1)

fuzz() {
  (cd "$work" && "$schemathesis" run "$base/openapi.json" --url "$base" --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
    --max-examples "$examples" --seed 1 --no-color "$@") || failed=1
}
fuzz --exclude-path-regex '/v1/(index/|keys)'
kill -0 $server && echo "the server lives"
echo "$(grep -c '"status":5' "$work/log" || true) answers of 5xx in the log"

echo "== keys, which close the door to whoever has none"
key=$("$zhaoren" --data "$work/data" keys add --role administrator --name fuzz --holder fuzz)
sleep 3
fuzz --include-path-regex '/v1/keys' -H "Authorization: Bearer $key"
kill -0 $server && echo "the server lives"

echo "== 10,000 connections that say nothing"
# A new key, since the fuzzer may have revoked its own through the routes of keys.
KEY=$("$zhaoren" --data "$work/data" keys add --role administrator --name connections --holder connections)
export KEY
python3 - "$base" "$server" << 'PY'
import os, resource, socket, sys, time, urllib.request
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
host, port = sys.argv[1].removeprefix("http://").split(":")
memory = lambda: int([l for l in open(f"/proc/{sys.argv[2]}/status") if l.startswith("VmRSS")][0].split()[1]) // 1024
before, held = memory(), []
for _ in range(10_000):
    one = socket.create_connection((host, int(port)))
    one.sendall(b"GET /healthz HTTP/1.1\r\n")
    held.append(one)
took = []
for _ in range(200):
    begun = time.perf_counter()
    asked = urllib.request.Request(sys.argv[1] + "/v1/search?q=%E8%A1%A5%E8%B4%B4", headers={"Authorization": "Bearer " + os.environ["KEY"]})
    assert urllib.request.urlopen(asked).status == 200
    took.append(time.perf_counter() - begun)
took.sort()
print(f"{len(held)} held, search p50 {took[100]*1e3:.1f} ms, p99 {took[197]*1e3:.1f} ms, resident {before} to {memory()} MB")
PY
kill -TERM $server
wait $server && echo "ended well"
exit "${failed:-0}"
