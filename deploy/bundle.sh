#!/bin/sh
# Bundle of the sources and of all crates they use, to build where there is no network:
#
#     deploy/bundle.sh out/                       here, with a network or a filled cache (CARGO_NET_OFFLINE=true)
#     tar xf zhaoren-0.1.0-sources.tar.gz         there, with Rust 1.95 and a C compiler
#     cd zhaoren-0.1.0 && cargo build --release --locked --offline --bin zhaoren
#
# It holds the committed state (HEAD), and says which in COMMIT.
set -eu
out=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
name=zhaoren-$version
when=$(git log -1 --format=%ct)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

git archive --prefix="$name/" HEAD | tar x -C "$root"
git rev-parse HEAD > "$root/$name/COMMIT"
cd "$root/$name"
mkdir -p .cargo
cargo vendor --locked --versioned-dirs vendor > .cargo/config.toml 2> "$root/log" || { cat "$root/log" >&2; exit 1; }
cd "$root"
# The same commit gives the same bytes.
tar c --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$when" "$name" \
    | gzip -9n > "$out/$name-sources.tar.gz"
(cd "$out" && sha256sum "$name-sources.tar.gz" > "$name-sources.tar.gz.sha256")
echo "$out/$name-sources.tar.gz"
