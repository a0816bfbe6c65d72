"""DuckDB and Polars over the rows and rules that `batch --export DIR` wrote. Prints pairs a second of each.

Each engine holds the rows in memory before it is asked. Items are asked in groups, so that one pass over the rows
answers many of them, as somebody who wants speed would write it; the group size that does best is taken.
"""

import os
import sys
import time

import duckdb
import polars as pl

FOLDER = sys.argv[1]
ITEMS = [line.rstrip("\n").split("\t") for line in open(f"{FOLDER}/items.tsv", encoding="utf-8")]
ANSWERS = [tuple(map(int, line.split())) for line in open(f"{FOLDER}/answers.tsv", encoding="utf-8")]
ROWS = f"{FOLDER}/rows.csv"
THREADS = os.cpu_count()


def check(found, name):
    for place, (answer, expected) in enumerate(zip(found, ANSWERS, strict=True)):
        answer = tuple(int(value or 0) for value in answer)
        if answer != expected:
            sys.exit(f"{name}: item {place}: {answer} instead of {expected}")


def in_duckdb(group):
    out = []
    for start in range(0, len(ITEMS), group):
        parts = []
        for certain, possible in ITEMS[start : start + group]:
            parts += [
                f"count(*) FILTER (WHERE {certain})",
                f"sum(n) FILTER (WHERE {certain})",
                f"count(*) FILTER (WHERE {possible})",
                f"sum(n) FILTER (WHERE {possible})",
            ]
        row = db.execute(f"SELECT {', '.join(parts)} FROM rows").fetchone()
        out += [row[at : at + 4] for at in range(0, len(row), 4)]
    return out


def in_polars(group):
    out = []
    for start in range(0, len(ITEMS), group):
        parts = []
        for place, rails in enumerate(ITEMS[start : start + group]):
            for rail, sql in zip("cp", rails, strict=True):
                test = pl.sql_expr(sql)
                parts.append(test.sum().alias(f"{rail}{place}"))
                parts.append(pl.col("n").filter(test).sum().alias(f"{rail}s{place}"))
        row = frame.lazy().select(parts).collect().row(0)
        out += [row[at : at + 4] for at in range(0, len(row), 4)]
    return out


db = duckdb.connect()
db.execute(f"CREATE TABLE rows AS SELECT * FROM read_csv('{ROWS}', all_varchar=false)")
columns = [name for name, *_ in db.execute("DESCRIBE rows").fetchall() if name != "n"]
db.execute(
    "CREATE OR REPLACE TABLE rows AS SELECT n::UINTEGER AS n, "
    + ", ".join(f"{name}::USMALLINT AS {name}" for name in columns)
    + " FROM rows"
)
frame = pl.read_csv(ROWS, schema_overrides={name: pl.UInt16 for name in columns} | {"n": pl.Int64})
rows = frame.height
print(f"{rows} rows x {len(ITEMS)} items, {THREADS} threads")
for name, run in [(f"DuckDB {duckdb.__version__}", in_duckdb), (f"Polars {pl.__version__}", in_polars)]:
    best = None
    for group in (1, 10, 50):
        begun = time.perf_counter()
        found = run(group)
        seconds = time.perf_counter() - begun
        check(found, name)
        if best is None or seconds < best[0]:
            best = (seconds, group)
    seconds, group = best
    print(f"{name:<20} {rows * len(ITEMS) / seconds:>12.3e} pairs/s  ({seconds:.2f} s, {group} items a query)")
