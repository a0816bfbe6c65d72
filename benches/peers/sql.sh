#!/bin/sh
# The batch kernel's world in DuckDB and Polars: the same rows and the same rules, as SQL. Installs both from PyPI into
# benches/peers/target/venv. Options go to the `batch` program; every answer is compared before a time counts.
set -eu
cd "$(dirname "$0")"
venv=target/venv
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -c 'import duckdb, polars' 2>/dev/null || "$venv/bin/pip" install -q duckdb polars
cargo run --release --locked --bin batch -- --interpreted 1000000000 "$@" --export target/sql
"$venv/bin/python" sql.py target/sql
