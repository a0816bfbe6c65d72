#!/usr/bin/env python3
"""Rates of reading files: a folder of 500 mixed files is made from texts of this generator, read form by form and imported whole.

    benches/documents.py [files]        needs a release build (cargo build --release --bin zhaoren); ZHAOREN names another program

Prints files and pages a second for each form, the time of the import and its peak memory, DOCX beside python-docx and PDF beside
pdftotext in the same run. A peer that is absent is named. Texts are counted before and after: a rate of half a text is none.
"""
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("ZHAOREN", str(ROOT / "target/release/zhaoren"))
# Shares of the forms, in hundredths. DOC cannot be written here: a file of the tests is copied.
SHARES = {"docx": 24, "pdf": 20, "html": 20, "ofd": 8, "txt": 8, "rtf": 6, "odt": 4, "xlsx": 4, "doc": 4, "md": 2}
LINES_OF_A_PAGE, LETTERS_OF_A_LINE = 30, 28
PLACES = ["云溪区", "临川市", "南屏县", "北岭区", "东浦市", "西坪县"]
FIELDS = ["智能传感", "生物医药", "绿色能源", "软件服务", "先进制造", "现代农业"]
SUPPORTS = ["设备投资补助", "研发费用补贴", "贷款贴息", "首次认定奖励", "场地租金补贴", "人才引进资助"]
NUMBERS = "零一二三四五六七八九十"


def counted(number):
    """A number below 100 as it is written in 第…条."""
    tens, ones = divmod(number, 10)
    return ((NUMBERS[tens] if tens > 1 else "") + "十" if tens else "") + (NUMBERS[ones] if ones or not tens else "")


def policy(seed):
    """Title, number and paragraphs of one measure."""
    chance = random.Random(seed)
    place, field = chance.choice(PLACES), chance.choice(FIELDS)
    title = f"{place}促进{field}产业发展若干措施（第{seed}号）"
    lines = [f"为促进{field}产业高质量发展，结合{place}实际，制定本措施。"]
    for article in range(1, 41):
        support, amount = chance.choice(SUPPORTS), chance.randrange(1, 90) * 10
        lines.append(
            f"第{counted(article)}条 对在{place}登记注册、上年度营业收入不低于{amount * 20}万元的{field}企业，按照实际投入的{chance.randrange(5, 40)}%"
            f"给予{support}，单个企业每年最高不超过{amount}万元。同一事项已经享受上级同类支持的，不重复享受。"
        )
        lines += [f"（{counted(item)}）申报企业应当{chance.choice(['依法纳税', '信用良好', '独立核算', '安全生产'])}，并提交第{item}类材料；" for item in (1, 2)]
    lines.append("本措施自2026年1月1日起施行，有效期至2028年12月31日。")
    return title, f"{place[:1]}政规〔2026〕{seed}号", lines


def packed(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts:
            archive.writestr(name, text)
    return out.getvalue()


def docx(title, number, lines):
    body = "".join(f"<w:p><w:r><w:t xml:space=\"preserve\">{escape(line)}</w:t></w:r></w:p>" for line in [title, number, *lines])
    space = "http://schemas.openxmlformats.org"
    return packed([
        ("[Content_Types].xml", f'<Types xmlns="{space}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
         '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'),
        ("_rels/.rels", f'<Relationships xmlns="{space}/package/2006/relationships"><Relationship Id="r" Type="{space}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'),
        ("word/document.xml", f'<w:document xmlns:w="{space}/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>'),
    ])


def pages(title, number, lines):
    """Lines as they are set on pages: centred heads, an indent of two letters, full lines."""
    rows = [title, number]
    for line in lines:
        line = "　　" + line
        rows += [line[at : at + LETTERS_OF_A_LINE] for at in range(0, len(line), LETTERS_OF_A_LINE)]
    return [rows[at : at + LINES_OF_A_PAGE] for at in range(0, len(rows), LINES_OF_A_PAGE)]


def pdf(title, number, lines):
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", None, None, None, None]
    cmap = ("/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def\n"
            "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
            + "256 beginbfrange\n" + "".join(f"<{high:02X}00> <{high:02X}FF> <{high:02X}00>\n" for high in range(256)) + "endbfrange\nendcmap end end")
    objects[2] = "<< /Type /Font /Subtype /Type0 /BaseFont /Sans /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 6 0 R >>"
    objects[3] = "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Sans /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 /FontDescriptor 5 0 R >>"
    objects[4] = "<< /Type /FontDescriptor /FontName /Sans /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 700 /StemV 80 >>"
    objects[5] = f"<< /Length {len(cmap)} >>\nstream\n{cmap}\nendstream"
    kids = []
    for rows in pages(title, number, lines):
        text = "BT /F1 14 Tf 24 TL 72 770 Td\n" + "".join(f"<{row.encode('utf-16-be').hex()}> Tj T*\n" for row in rows) + "ET"
        objects.append(f"<< /Length {len(text)} >>\nstream\n{text}\nendstream")
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects)} 0 R >>")
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out, places = bytearray(b"%PDF-1.5\n"), []
    for at, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{at} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += "".join(f"{place:010d} 00000 n \n" for place in places).encode()
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF".encode()
    return bytes(out)


def ofd(title, number, lines):
    sheets = pages(title, number, lines)
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    parts = [
        ("OFD.xml", f'<ofd:OFD {space} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo/><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>'),
        ("Doc_0/Document.xml", f'<ofd:Document {space}><ofd:CommonData><ofd:MaxUnitID>9</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>'
         + "".join(f'<ofd:Page ID="{at}" BaseLoc="Pages/Page_{at}/Content.xml"/>' for at in range(len(sheets))) + "</ofd:Pages></ofd:Document>"),
    ]
    for at, rows in enumerate(sheets):
        texts = "".join(
            f'<ofd:TextObject ID="{at * 100 + row}" Boundary="25 {25 + row * 8} 170 8" Font="1" Size="5"><ofd:TextCode X="0" Y="5" DeltaX="g {len(text) - 1} 5">{escape(text)}</ofd:TextCode></ofd:TextObject>'
            for row, text in enumerate(rows))
        parts.append((f"Doc_0/Pages/Page_{at}/Content.xml", f'<ofd:Page {space}><ofd:Content><ofd:Layer ID="9">{texts}</ofd:Layer></ofd:Content></ofd:Page>'))
    return packed(parts)


def html(title, number, lines):
    menu = "".join(f'<li><a href="/{at}">栏目{at}</a></li>' for at in range(20))
    body = "".join(f"<p>{escape(line)}</p>" for line in [number, *lines])
    return (f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title><meta name="ArticleTitle" content="{title}"><script>var a=1;</script></head>'
            f'<body><div class="nav"><ul>{menu}</ul></div><div id="zoom"><h1>{title}</h1>{body}</div><div class="foot">网站标识码：0000000000</div></body></html>').encode()


def txt(title, number, lines):
    return "\n".join([title, number, *lines]).encode("gb18030")


def md(title, number, lines):
    return ("# " + title + "\n\n**" + number + "**\n\n" + "\n\n".join(lines)).encode()


def rtf(title, number, lines):
    signs = lambda line: "".join(sign if ord(sign) < 128 else f"\\u{ord(sign) - 65536 if ord(sign) > 32767 else ord(sign)}?" for sign in line)
    return ("{\\rtf1\\ansi\\ansicpg936\\uc1 " + "".join(signs(line) + "\\par\n" for line in [title, number, *lines]) + "}").encode("ascii")


def odt(title, number, lines):
    names = {"office": "office", "text": "text"}
    spaces = " ".join(f'xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for key, name in names.items())
    body = "".join(f"<text:p>{escape(line)}</text:p>" for line in [title, number, *lines])
    return packed([("mimetype", "application/vnd.oasis.opendocument.text"),
                   ("content.xml", f"<office:document-content {spaces}><office:body><office:text>{body}</office:text></office:body></office:document-content>")])


def xlsx(title, number, lines):
    row = lambda at, cells: f'<row r="{at}">' + "".join(f'<c r="{name}{at}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for name, cell in zip("AB", cells)) + "</row>"
    rows = "".join(row(at, cells) for at, cells in enumerate([[title, number], ["序号", "内容"], *([str(at), line] for at, line in enumerate(lines))], 1))
    main, links = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return packed([
        ("[Content_Types].xml", "<Types/>"),
        ("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{links}"><sheets><sheet name="措施" sheetId="1" r:id="r1"/></sheets></workbook>'),
        ("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="{links}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'),
        ("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'),
    ])


def doc(*_):
    return (ROOT / "crates/document/tests/files/doc-numbering.doc").read_bytes()


def make(folder, files):
    """Writes the files; returns those of each form, and the pages of the forms that have pages."""
    made, count, seed = {}, {}, 0
    for form, share in SHARES.items():
        for _ in range(max(1, files * share // 100)):
            seed += 1
            text = policy(seed)
            path = folder / f"{form}-{seed:04}.{form}"
            path.write_bytes(globals()[form](*text))
            made.setdefault(form, []).append(path)
            if form in ("pdf", "ofd"):
                count[form] = count.get(form, 0) + len(pages(*text))
    return made, count


def timed(command, output=subprocess.DEVNULL):
    """Seconds, peak memory in MB, and the exit code of a command."""
    begun = time.perf_counter()
    child = subprocess.Popen(command, stdout=output, stderr=subprocess.PIPE)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - begun, usage.ru_maxrss / 1024, child.returncode, errors.decode(errors="replace")


def best(command, runs=3):
    return min((timed(command) for _ in range(runs)), key=lambda run: run[0])


READ_DOCX = """
import sys, docx
letters = 0
for path in sys.argv[1:]:
    document = docx.Document(path)
    letters += sum(len(p.text) for p in document.paragraphs) + sum(len(c.text) for t in document.tables for r in t.rows for c in r.cells)
assert letters > 1000 * len(sys.argv[1:]), letters
"""


def peers(made, rates):
    """The same files read by programs that do only that."""
    python = os.environ.get("PYTHON_DOCX", sys.executable)
    if subprocess.run([python, "-c", "import docx"], capture_output=True).returncode:
        print("python-docx: absent, not measured")
    else:
        seconds, memory, code, errors = best([python, "-c", READ_DOCX, *map(str, made["docx"])])
        assert code == 0, errors
        rate = len(made["docx"]) / seconds
        print(f"python-docx: {rate:.0f} files a second, {memory:.0f} MB; zhaoren is {rates['docx'] / rate:.1f} times as fast")
    if not shutil.which("pdftotext"):
        print("pdftotext: absent, not measured")
        return
    # A process a file, since it takes no more: the start of a process is measured too, and taken off.
    loop = 'for file in "$@"; do pdftotext -q "$file" - > /dev/null; done'
    seconds, memory, *_ = best(["sh", "-c", loop, "sh", *map(str, made["pdf"])])
    starts, *_ = best(["sh", "-c", 'for file in "$@"; do pdftotext -v 2> /dev/null; done', "sh", *map(str, made["pdf"])])
    rate = len(made["pdf"]) / max(seconds - starts, 1e-3)
    text = subprocess.run(["pdftotext", "-q", str(made["pdf"][0]), "-"], capture_output=True, text=True).stdout
    assert "第四十条" in text, "pdftotext has the text too"
    print(f"pdftotext: {rate:.0f} files a second without the starts of its processes ({len(made['pdf']) / seconds:.0f} with them); zhaoren is {rates['pdf'] / rate:.1f} times as fast")


def main():
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    work = Path(tempfile.mkdtemp())
    try:
        folder = work / "files"
        folder.mkdir()
        made, count = make(folder, files)
        total = sum(map(len, made.values()))
        size = sum(path.stat().st_size for paths in made.values() for path in paths)
        print(f"{total} files, {size / 1e6:.1f} MB, {os.cpu_count()} cores")
        rates = {}
        for form, paths in made.items():
            command = [PROGRAM, "read", "--json", *map(str, paths)]
            seconds, memory, code, errors = best(command)
            assert code == 0, errors
            found = json.loads(subprocess.run([PROGRAM, "read", "--json", str(paths[0])], capture_output=True).stdout)
            whole = form == "doc" or all(word in found["text"] for word in ("第一条", "第四十条", "有效期至2028年12月31日"))
            assert whole, f"{paths[0]} is not read whole"
            rates[form] = len(paths) / seconds
            extra = f", {count[form] / seconds:.0f} pages a second" if form in count else ""
            print(f"read {form}: {rates[form]:.0f} files a second{extra}, {memory:.0f} MB")
        peers(made, rates)
        data = work / "data"
        subprocess.run([PROGRAM, "--data", str(data), "search", "补贴"], capture_output=True, check=True)
        seconds, memory, code, errors = timed([PROGRAM, "--data", str(data), "import", str(folder), "--json"])
        assert code == 0, errors
        print(f"import of all {total}: {seconds:.1f} s, {total / seconds:.0f} files a second with the index, peak {memory:.0f} MB")
    finally:
        shutil.rmtree(work)


main()
