#!/bin/sh
# Lucene 9 on a judged collection, on jieba's words (cut before, split at blanks) and with its own analyzer for Chinese.
# The jar comes with pyserini from PyPI, of which nothing else is installed; needs a JDK (Debian: default-jdk-headless).
#   lucene.sh ARTICLES QUERIES QRELS      as `zhaoren eval-search`, gzip or plain
set -eu
articles=$(realpath "$1") queries=$(realpath "$2") qrels=$(realpath "$3")
cd "$(dirname "$0")"
folder=target/lucene venv=target/lucene/venv
mkdir -p "$folder"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -c 'import jieba' 2>/dev/null || "$venv/bin/pip" install -q jieba
if ! ls "$folder"/*.jar >/dev/null 2>&1; then
    "$venv/bin/pip" download -q --no-deps -d "$folder" pyserini
    "$venv/bin/python" - "$folder" <<'P'
import glob, sys, tarfile, zipfile
folder = sys.argv[1]
for path in glob.glob(f"{folder}/pyserini-*"):
    if path.endswith(".whl"):
        archive = zipfile.ZipFile(path)
        jars = [name for name in archive.namelist() if name.endswith("fatjar.jar")]
        open(f"{folder}/anserini.jar", "wb").write(archive.read(jars[0]))
    else:
        with tarfile.open(path) as archive:
            jar = next(member for member in archive if member.name.endswith("fatjar.jar"))
            open(f"{folder}/anserini.jar", "wb").write(archive.extractfile(jar).read())
P
fi
"$venv/bin/python" lucene.py cut "$articles" "$queries" "$folder"
java -cp "$folder"/anserini.jar Lucene.java "$folder"
"$venv/bin/python" lucene.py score "$qrels" "$folder"
