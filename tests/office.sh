#!/usr/bin/env bash
# One policy through LibreOffice into every form that it writes, and each read again: the clauses have to be the same.
#
#     tests/office.sh            needs a build (cargo build --bin zhaoren); ZHAOREN names another program, SOFFICE another office
#
# Where LibreOffice is not installed it says so and ends with 3: the round trips were not run. Fonts for Chinese are needed for PDF.
set -euo pipefail
cd "$(dirname "$0")/.."
zhaoren=${ZHAOREN:-target/debug/zhaoren}
office=${SOFFICE:-$(command -v soffice || command -v libreoffice || true)}
if [ -z "$office" ]; then
  echo "NOT RUN: LibreOffice (soffice) is not installed" >&2
  exit 3
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/source.html" << 'HTML'
<!DOCTYPE html><html><head><meta charset="utf-8"><title>云溪区传感产业扶持办法</title></head><body>
<h1>云溪区传感产业扶持办法</h1>
<p>云政规〔2026〕7号</p>
<p>第一条 为支持传感产业发展，制定本办法。</p>
<p>第二条 申报企业应当符合下列条件：</p>
<p>（一）在云溪区登记注册；</p>
<p>（二）上年度营业收入不低于2000万元；</p>
<p>（三）没有严重失信记录。</p>
<p>第三条 奖励标准见下表：</p>
<table border="1"><tr><th>类别</th><th>首次</th><th>复审</th></tr><tr><td>专精特新企业</td><td>20万元</td><td>10万元</td></tr></table>
<p>第四条 本办法自2026年5月1日起施行，有效期三年。</p>
</body></html>
HTML

# Title, number, term and articles of a file, and the words of every clause without blanks and the separators of a table.
facts() {
  "$zhaoren" read --json "$1" | python3 -c '
import json, re, sys
read = json.load(sys.stdin)
document = read["document"]
print(document.get("number"), document.get("effective"), document.get("expires"))
for clause in read["clauses"]:
    words = re.sub(r"[\s|]", "", clause["text"])
    if clause["kind"] != "preamble":
        print(clause["article"], words)
'
}

facts "$work/source.html" > "$work/expected"
[ "$(wc -l < "$work/expected")" -ge 8 ] || { cat "$work/expected" >&2; exit 1; }
failed=()
convert() { # form, filter, source
  local target="$work/$1"
  mkdir -p "$target"
  "$office" -env:UserInstallation="file://$work/profile" --headless --convert-to "$2" --outdir "$target" "$3" > "$work/log" 2>&1 \
    || { tail -5 "$work/log" >&2; failed+=("$1 (not written)"); return; }
  local file
  file=$(find "$target" -type f | head -1)
  if [ -z "$file" ]; then failed+=("$1 (not written)"); return; fi
  if facts "$file" > "$target.read" && diff -u "$work/expected" "$target.read"; then
    echo "$1: the same clauses"
  else
    failed+=("$1")
  fi
}
convert odt "odt:writer8" "$work/source.html"
source="$work/odt/source.odt"
if [ -f "$source" ]; then
  convert docx "docx:Office Open XML Text" "$source"
  convert doc "doc:MS Word 97" "$source"
  convert rtf "rtf:Rich Text Format" "$source"
  convert pdf "pdf:writer_pdf_Export" "$source"
  convert txt "txt:Text (encoded):UTF8" "$source"
fi
if [ ${#failed[@]} -gt 0 ]; then
  echo "different: ${failed[*]}" >&2
  exit 1
fi
