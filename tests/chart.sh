#!/usr/bin/env bash
# Renders the Helm chart with values over its own, and validates the result by Kubernetes' schemas if a validator is installed.
#
#     chart.sh [VALUES]...      prints the documents
#
# Uses Helm if it is installed, otherwise Go with sprig (Debian: golang-go golang-github-masterminds-sprig-dev golang-gopkg-yaml.v2-dev).
# Without either it exits with 3, and the caller reports that the chart was not rendered. The validator is kubernetes-validate (PyPI).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
chart="$here/../deploy/helm/zhaoren"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

if command -v helm > /dev/null; then
  over=()
  for values in "$@"; do over+=(--values "$values"); done
  helm lint --quiet "$chart" "${over[@]}" >&2
  helm template zhaoren "$chart" --namespace city "${over[@]}" > "$out/all.yaml"
elif command -v go > /dev/null && [ -d /usr/share/gocode/src/github.com/Masterminds/sprig ]; then
  GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS="" go run "$here/chart/render.go" "$chart" "$@" > "$out/all.yaml"
else
  echo "neither Helm nor Go with sprig is installed" >&2
  exit 3
fi
validator=${KUBERNETES_VALIDATE:-$(command -v kubernetes-validate || true)}
if [ -n "$validator" ]; then
  "$validator" --strict --quiet --no-warn "$out/all.yaml" >&2
else
  echo "SKIPPED: kubernetes-validate is not installed" >&2
fi
cat "$out/all.yaml"
