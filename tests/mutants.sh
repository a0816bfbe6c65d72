#!/usr/bin/env bash
# Mutation testing of the rules: small changes are made to the code one by one, and a test has to fail for each. The survivors are
# listed at the end; each has to be killed by a test, or explained in benches/RESULTS.md.
#
#     tests/mutants.sh derive|access|matcher [SHARD/OF]
#
# Needs cargo-mutants (crates.io). It works in a copy of the tree. The matcher has some two thousand mutants at half a minute each: give
# it a shard, such as 0/40, and name it in the results.
set -euo pipefail
cd "$(dirname "$0")/.."
what="${1:?derive, access or matcher}"
shard=()
[ -z "${2:-}" ] || shard=(--shard "$2")
out="target/mutants/$what"
mkdir -p "$out"
case "$what" in
  derive)
    files=(-p zhaoren-policy -f 'crates/policy/src/derive/**')
    tests=(--lib --test it)
    ;;
  access)
    files=(-p zhaoren-engine -f crates/engine/src/access.rs)
    tests=(--lib access)
    ;;
  matcher)
    files=(-p zhaoren-matcher -f 'crates/matcher/src/**')
    tests=()
    ;;
  *)
    echo "derive, access or matcher, not: $what" >&2
    exit 2
    ;;
esac
status=0
PROPTEST_CASES="${PROPTEST_CASES:-64}" cargo mutants "${files[@]}" "${shard[@]}" --timeout 300 --colors never -o "$out" -- "${tests[@]}" || status=$?
for list in caught missed timeout unviable; do
  printf '%s %s\n' "$list" "$(wc -l < "$out/mutants.out/$list.txt")"
done
cat "$out/mutants.out/missed.txt"
# cargo-mutants exits with 2 if mutants survive.
exit "$status"
