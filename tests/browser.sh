#!/usr/bin/env bash
# Installs what the tests of the console need: a headless Chromium with its driver from Debian's packages, Chinese fonts, and
# axe-core, which checks accessibility (WCAG). Prints the path of axe's script, or an empty line if it is not available.
# Fails without a browser; the caller then reports that the pages were not tested in one.
set -euo pipefail

AXE=4.11.0

exec 8> "${TMPDIR:-/tmp}/zhaoren-browser-install.lock"
flock 8
if ! command -v chromium > /dev/null || ! command -v chromedriver > /dev/null; then
  [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || { echo "Chromium is not installed" >&2; exit 1; }
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update && apt-get install -y --no-install-recommends chromium chromium-driver fonts-noto-cjk; } > /dev/null 2>&1 \
    || { echo "Chromium cannot be installed" >&2; exit 1; }
fi

folder="$1"
script="$folder/axe-$AXE.js"
if [ ! -s "$script" ]; then
  mkdir -p "$folder"
  kept=$(mktemp -d)
  if (cd "$kept" && npm pack --silent "axe-core@$AXE" > /dev/null 2>&1 && tar -xzf axe-core-*.tgz package/axe.min.js); then
    mv "$kept/package/axe.min.js" "$script"
  fi
  rm -rf "$kept"
fi
if [ -s "$script" ]; then echo "$script"; else echo; fi
