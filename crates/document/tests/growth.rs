//! How the work of reading grows with a file: twice the content takes about twice the steps.

use crate::package;

use package::{docx, package};
use zhaoren_cancel::count;
use zhaoren_document::{Limits, read};

/// Asserts that twice the content takes about twice the steps, whatever comes of it.
fn grows_linearly(name: &str, file: impl Fn(usize) -> Vec<u8>) {
    let steps = |size: usize| {
        let bytes = file(size);
        count(|| read(&bytes, &Limits::IMPORT).is_ok()).1
    };
    let (once, twice) = (steps(500), steps(1_000));
    assert!(once >= 400, "{name}: {once} steps are no measure");
    assert!(twice * 10 <= once * 22 + 20_000, "{name}: {once} steps, then {twice}");
}

fn html(body: String) -> Vec<u8> {
    format!("<html><body>{body}</body></html>").into_bytes()
}

#[test]
fn texts() {
    grows_linearly("lines", |n| "第一条 甲。\n".repeat(n).into_bytes());
    grows_linearly("blanks", |n| format!("{}甲", " \u{3000}".repeat(n)).into_bytes());
    grows_linearly("empty lines", |n| format!("甲{}乙", "\r\n".repeat(n)).into_bytes());
    grows_linearly("lines of one width", |n| {
        "  甲乙丙丁戊己庚辛\n壬癸子丑寅卯辰巳午未\n".repeat(n).into_bytes()
    });
    grows_linearly("bold words", |n| format!("# 甲\n{}", "**甲**乙".repeat(n)).into_bytes());
    grows_linearly("links", |n| format!("# 甲\n{}", "[甲](乙)".repeat(n)).into_bytes());
    grows_linearly("open links", |n| format!("# 甲\n{}", "](".repeat(n)).into_bytes());
    grows_linearly("brackets", |n| format!("# 甲\n{}](", "[".repeat(n)).into_bytes());
    grows_linearly("a table", |n| format!("|a|b|\n|--|--|\n{}", "|甲|乙|\n".repeat(n)).into_bytes());
    grows_linearly("a wide table", |n| format!("|a|\n|--|\n|{}\n", "甲|".repeat(n)).into_bytes());
    grows_linearly("bytes of GBK", |n| encoding_rs::GBK.encode(&"甲乙，丙。\n".repeat(n)).0.into_owned());
}

#[test]
fn pages() {
    grows_linearly("paragraphs", |n| html("<p>第一条 甲。</p>".repeat(n)));
    grows_linearly("links", |n| html(format!("<p>甲。</p>{}", "<div><a href=1>甲</a></div>".repeat(n))));
    grows_linearly("nested boxes", |n| html(format!("{}<p>甲。</p>", "<div>".repeat(n))));
    grows_linearly("boxes in boxes", |n| html(format!("{}<p>甲。</p>", "<div><p>甲".repeat(n))));
    grows_linearly("open words", |n| html(format!("{}<p>甲。</p>", "<b>甲".repeat(n))));
    grows_linearly("ends of nothing", |n| html(format!("<p>甲。{}", "</div></b></td>".repeat(n))));
    grows_linearly("layout in layout", |n| html(format!("{}甲。", "<table><tr><td>乙<td>丙".repeat(n))));
    grows_linearly("rows", |n| html(format!("<table border=1>{}</table>", "<tr><td>甲<td>乙".repeat(n))));
    grows_linearly("cells", |n| html(format!("<table border=1><tr>{}</table>", "<td>甲".repeat(n))));
    grows_linearly("labels", |n| html(format!("<p>甲。</p><ul>{}</ul>", "<li>索引号：甲".repeat(n))));
    grows_linearly("styles", |n| html(format!("<style>{}</style><p>甲。", ".a,.b{display:none}".repeat(n))));
    grows_linearly("parts of an archive", |n| {
        let part = "--x\nContent-Type: image/png\n\nabc\n".repeat(n);
        format!("MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n{part}").into_bytes()
    });
    grows_linearly("comments", |n| html(format!("{}<p>甲。", "<!-- a -->".repeat(n))));
    grows_linearly("broken tags", |n| html(format!("<p>甲。{}", "<a href=\"".repeat(n))));
    grows_linearly("references", |n| html(format!("<p>甲。{}", "&nbsp;&#20113;&x;".repeat(n))));
}

#[test]
fn words() {
    let p = "<w:p><w:r><w:t>第一条 甲。</w:t></w:r></w:p>";
    grows_linearly("paragraphs", |n| docx(&p.repeat(n), &[]));
    grows_linearly("runs", |n| docx(&format!("<w:p>{}</w:p>", "<w:r><w:t>甲</w:t></w:r>".repeat(n)), &[]));
    grows_linearly("breaks", |n| {
        docx(&format!("<w:p><w:r><w:t>甲</w:t>{}</w:r></w:p>", "<w:br/>".repeat(n)), &[])
    });
    grows_linearly("open fields", |n| {
        let field = "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:t>甲</w:t></w:r>";
        docx(&format!("{p}<w:p>{}</w:p>", field.repeat(n)), &[])
    });
    grows_linearly("ends that are deleted", |n| {
        docx(&"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>甲</w:t></w:r></w:p>".repeat(n), &[])
    });
    grows_linearly("rows merged down", |n| {
        let row = "<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr></w:tc><w:tc><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:tc></w:tr>";
        docx(&format!("<w:tbl>{}</w:tbl>", row.repeat(n)), &[])
    });
    grows_linearly("attributes", |n| docx(&format!("<w:p {}/>{p}", "a='1' ".repeat(n * 10)), &[]));
    grows_linearly("styles on styles", |n| {
        let style = |at: usize| {
            let before = at.saturating_sub(1);
            format!("<w:style w:styleId='{at}'><w:basedOn w:val='{before}'/></w:style>")
        };
        let styles = format!("<w:styles xmlns:w='w'>{}</w:styles>", (0..n).map(style).collect::<String>());
        let paragraph =
            |at: usize| format!("<w:p><w:pPr><w:pStyle w:val='{at}'/></w:pPr><w:r><w:t>甲</w:t></w:r></w:p>");
        docx(&(0..n).map(paragraph).collect::<String>(), &[("word/styles.xml", &styles)])
    });
}

#[test]
fn sheets_and_archives() {
    let xlsx = |cells: String, merges: String| {
        let sheet =
            format!("<worksheet><sheetData>{cells}</sheetData><mergeCells>{merges}</mergeCells></worksheet>");
        package(&[
            (
                "xl/workbook.xml",
                b"<workbook><sheets><sheet name='a' r:id='r1' xmlns:r='r'/></sheets></workbook>",
            ),
            (
                "xl/_rels/workbook.xml.rels",
                b"<Relationships><Relationship Id='r1' Target='s.xml'/></Relationships>",
            ),
            ("xl/s.xml", sheet.as_bytes()),
        ])
    };
    grows_linearly("rows", |n| xlsx("<row><c><v>1</v></c><c><v>2</v></c></row>".repeat(n), String::new()));
    grows_linearly("columns", |n| xlsx(format!("<row>{}</row>", "<c><v>1</v></c>".repeat(n)), String::new()));
    grows_linearly("one range merged over and over", |n| {
        xlsx("<row><c><v>1</v></c></row>".repeat(20), "<mergeCell ref='A1:A20'/>".repeat(n))
    });
    grows_linearly("hidden columns", |n| {
        let columns = "<cols><col min='1' max='16384' hidden='1'/></cols>".repeat(n);
        xlsx(format!("</sheetData>{columns}<sheetData><row><c><v>1</v></c></row>"), String::new())
    });
    grows_linearly("entries", |n| {
        let names: Vec<String> = (0..n).map(|at| format!("{at}.txt")).collect();
        let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), "甲".as_bytes())).collect();
        package(&parts)
    });
}
