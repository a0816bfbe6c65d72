#!/usr/bin/env bash
# Builds the pages of the repository into a site: docs/, and what they link to. Needs mdBook (cargo install mdbook).
#
#     docs/book.sh [FOLDER]     # default: target/book; the site is FOLDER/html
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v mdbook > /dev/null; then
  echo "mdbook is not installed: cargo install mdbook" >&2
  exit 2
fi
book="${1:-target/book}"
mkdir -p "$book"
rm -rf "$book/src" "$book/html"
# The pages keep their paths in the repository, so that links between them stay valid.
mkdir -p "$book/src/benches" "$book/src/tests/fuzz"
cp -r docs "$book/src/docs"
rm "$book/src/docs/SUMMARY.md" "$book/src/docs/book.sh" "$book/src/docs/book.toml"
pages=(README.zh-CN.md README.md ARCHITECTURE.md CONTRIBUTING.md SECURITY.md CHANGELOG.md)
cp "${pages[@]}" "$book/src/"
cp benches/RESULTS.md "$book/src/benches/"
cp tests/fuzz/README.md "$book/src/tests/fuzz/"
cp docs/book.toml "$book/book.toml"
{
  echo "# 目录"
  echo
  echo "[首页](README.zh-CN.md)"
  echo
  sed -n 's/](\([a-z-]*\.md\))/](docs\/\1)/p' docs/SUMMARY.md
  cat << 'PAGES'
- [变更记录](CHANGELOG.md)
- [测量结果](benches/RESULTS.md)
- [For contributors](CONTRIBUTING.md)
  - [Architecture](ARCHITECTURE.md)
  - [Fuzzing](tests/fuzz/README.md)
  - [Security](SECURITY.md)
  - [README](README.md)
PAGES
} > "$book/src/SUMMARY.md"
mdbook build "$book"
echo "$book/html/index.html"
