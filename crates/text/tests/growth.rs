//! Growth of the work with the length of a text, and the bound on listed repairs.

use zhaoren_cancel::count;
use zhaoren_text::{MOST_REPAIRS, decode, docno, html_to_text, numeral, restore, simplify};

/// Asserts that twice the input takes about twice the steps.
fn grows_linearly(name: &str, work: impl Fn(usize)) {
    let steps = |size: usize| count(|| work(size)).1;
    // Tables built once for all texts do not count as growth.
    work(10);
    let (once, twice) = (steps(1_000), steps(2_000));
    assert!(once >= 500, "{name}: {once} steps are no measure");
    assert!(twice * 10 <= once * 22 + 10_000, "{name}: {once} steps, then {twice}");
}

/// Decoding and repairs take linear time.
#[test]
fn decoding_and_repairs() {
    grows_linearly("broken bytes", |n| drop(restore(&b"\xe6\x94".repeat(n))));
    grows_linearly("one long misread line", |n| drop(restore(&[0xb8, 0xaa, 0x9f, 0xd0, 0xfb].repeat(n))));
    grows_linearly("lost bytes", |n| drop(restore("嵤┬庞梅旨壏诸惐\u{fffd}".repeat(n).as_bytes())));
    grows_linearly("readings", |n| drop(restore("企業(yè)".repeat(n).as_bytes())));
    grows_linearly("misplaced readings", |n| drop(restore("域?qū)蚨?/p>".repeat(n).as_bytes())));
    grows_linearly("wide figures", |n| drop(restore("１２a".repeat(n).as_bytes())));
    grows_linearly("letters of a wrong encoding", |n| drop(restore("Ä³ÊÐ".repeat(n).as_bytes())));
    grows_linearly("letters that are no encoding", |n| drop(restore("é a ".repeat(n).as_bytes())));
    grows_linearly("letters set apart", |n| drop(restore("云 溪 区 甲 ".repeat(n).as_bytes())));
    grows_linearly("line ends", |n| drop(restore("甲\u{b}\r".repeat(n).as_bytes())));
    grows_linearly("decoding alone", |n| drop(decode(&b"\xff\xfea\0b\0".repeat(n))));
}

/// Conversion to simplified characters takes linear time in one long line.
#[test]
fn simplification_of_one_long_line() {
    grows_linearly("few traditional characters", |n| {
        drop(simplify(&format!("{}業", "甲".repeat(150)).repeat(n)))
    });
    grows_linearly("著", |n| drop(simplify(&"著作隨著".repeat(n))));
}

/// Tags and character references of a page are read in linear time.
#[test]
fn pages() {
    let page = |part: &str, n: usize| drop(html_to_text(&format!("<body>{}", part.repeat(n))));
    grows_linearly("paragraphs", |n| page("<p>甲</p>", n));
    grows_linearly("references without an end", |n| page("&a", n));
    grows_linearly("tags with a broken name", |n| page("<a\0>甲", n));
    grows_linearly("quotes that do not close", |n| page("<p =\">甲", n));
    grows_linearly("hidden elements", |n| {
        drop(html_to_text(&format!("{}{}", "<nav>".repeat(n), "</svg>".repeat(n))));
    });
}

/// Document numbers and numerals are found in linear time.
#[test]
fn numbers_of_documents() {
    grows_linearly("brackets", |n| drop(docno::find_all(&"〔 ".repeat(n))));
    grows_linearly("spaces", |n| drop(docno::find_all(&format!("国发〔{}2020〕8号", " ".repeat(n)))));
    grows_linearly("one after the other", |n| drop(docno::find_all(&"国发〔2020〕8号".repeat(n))));
    grows_linearly("第", |n| drop(docno::find_all(&"第 ".repeat(n))));
    grows_linearly("typed", |n| drop(docno::parse(&"国".repeat(n))));
    grows_linearly("parts", |n| drop(docno::find_all(&"国发〔2020〕8-1".repeat(n))));
    grows_linearly("numeral", |n| assert_eq!(numeral::parse(&"零".repeat(n)), Some(0)));
}

/// However damaged a text is, a bounded number of repairs is listed, and the others are counted.
#[test]
fn repairs_are_bounded() {
    let restored = restore("１一二三四五六七八\u{e010}".repeat(MOST_REPAIRS).as_bytes());
    assert_eq!(restored.repairs.len(), MOST_REPAIRS);
    assert_eq!(restored.repairs.len() + restored.repairs_left_out, 2 * MOST_REPAIRS);
    let named = restored.repairs.iter().filter(|repair| !repair.restored).count();
    assert_eq!(named + restored.unrestored_left_out, MOST_REPAIRS);
    assert!(restored.text.starts_with("1一二三四五六七八\u{e010}1一"), "repairs are done all the same");
    assert_eq!(restore("１".as_bytes()).repairs_left_out, 0);
}
