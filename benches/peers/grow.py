"""Makes a collection of any size out of a judged one: articles as they are, or more of them put together from sampled clauses.

grow.py ARTICLES COUNT > synthetic.jsonl      the made ones are named 合成 and are good for times alone
"""

import gzip
import json
import random
import re
import sys

path, count = sys.argv[1], int(sys.argv[2])
opened = gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")
articles = [json.loads(line) for line in opened if line.strip()]
dice = random.Random(20261125)
if count < len(articles):
    articles = dice.sample(articles, count)
for article in articles:
    print(json.dumps(article, ensure_ascii=False))
clauses = [[part for part in re.split("(?<=[。；])", article["content"]) if part] for article in articles]
for number in range(len(articles), count):
    length = len(dice.choice(clauses))
    text = "".join(dice.choice(dice.choice(clauses) or [""]) for _ in range(length))
    made = {"id": f"made-{number}", "name": f"合成{number // 200}第{number % 200 + 1}条", "content": text or "合成"}
    print(json.dumps(made, ensure_ascii=False))
