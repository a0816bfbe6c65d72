"""Cuts a judged collection for Lucene, and scores what it found.

cut ARTICLES QUERIES FOLDER     writes articles and queries, raw and as jieba's words parted by blanks
score QRELS FOLDER              prints nDCG@10, R@10 and R@100 of each analyzer
"""

import gzip
import json
import math
import sys

DEPTH = 10


def lines(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")
    with opened as file:
        yield from (line for line in file if line.strip())


def cut(articles, queries, folder):
    import jieba

    jieba.setLogLevel(60)

    def write(name, rows):
        with open(f"{folder}/{name}.raw", "w") as raw, open(f"{folder}/{name}.cut", "w") as words:
            for number, text in rows:
                text = " ".join(text.split())
                raw.write(f"{number}\t{text}\n")
                kept = (word.lower() for word in jieba.cut(text, HMM=False) if any(c.isalnum() for c in word))
                words.write(f"{number}\t{' '.join(kept)}\n")

    rows = map(json.loads, lines(articles))
    write("articles", ((row["id"], f"{row.get('name', '')} {row['content']}") for row in rows))
    write("queries", ((row["id"], row["query"]) for row in map(json.loads, lines(queries))))


def score(qrels, folder):
    grades = {}
    for line in lines(qrels):
        query, _, article, grade = line.split()
        if int(grade) > 0:
            grades.setdefault(query, {})[article] = int(grade)
    for name in ("jieba", "cjk"):
        sums = [0.0, 0.0, 0.0]
        rows = [line.rstrip("\n").split("\t") for line in open(f"{folder}/{name}.found")]
        rows = [row for row in rows if row[0] in grades]
        for query, *found in rows:
            judged = grades[query]
            gain = sum(judged.get(one, 0) / math.log2(place + 2) for place, one in enumerate(found[:DEPTH]))
            best = sum(
                grade / math.log2(place + 2)
                for place, grade in enumerate(sorted(judged.values(), reverse=True)[:DEPTH])
            )
            sums[0] += gain / best
            sums[1] += sum(one in judged for one in found[:10]) / len(judged)
            sums[2] += sum(one in judged for one in found[:100]) / len(judged)
        ndcg, ten, hundred = (total / len(rows) for total in sums)
        print(f"{name}: {len(rows)} queries, nDCG@10 {ndcg:.3f}, R@10 {ten:.3f}, R@100 {hundred:.3f}")


if sys.argv[1] == "cut":
    cut(*sys.argv[2:5])
else:
    score(*sys.argv[2:4])
