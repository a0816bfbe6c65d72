//! Growth of the work on an outline with its text, and the bound on the size of the outline.

use zhaoren_cancel::count;
use zhaoren_reader::{DocumentMetadata, MOST_CLAUSES, MOST_NOTES, Outline, outline};

fn read(text: &str) -> Outline {
    outline(text, &DocumentMetadata::default())
}

/// Asserts that twice the text takes about twice the steps.
fn grows_linearly(name: &str, text: impl Fn(usize) -> String) {
    let steps = |size: usize| count(|| read(&text(size))).1;
    let (once, twice) = (steps(1_000), steps(2_000));
    assert!(once >= 1_000, "{name}: {once} steps are no measure");
    assert!(twice * 10 <= once * 22 + 10_000, "{name}: {once} steps, then {twice}");
}

/// White space before a text is skipped in linear time.
#[test]
fn white_space_at_the_beginning_of_a_line() {
    grows_linearly("spaces", |n| format!("{}a", " ".repeat(n)));
    grows_linearly("wide spaces", |n| format!("{}附", "\u{3000}".repeat(n)));
    grows_linearly("empty lines", |n| format!("第一章{}a", " \n".repeat(n)));
    grows_linearly("indented lines", |n| "  \t a\n".repeat(n));
    grows_linearly("late lists below white space", |n| format!("{}{}", " ".repeat(n), "\n7.a\n\n".repeat(n)));
}

/// Labels are read in linear time, many in a text or in one line.
#[test]
fn labels_in_any_number() {
    grows_linearly("一、", |n| "一、a\n".repeat(n));
    grows_linearly("items of one article", |n| format!("第一条 甲\n第二条 乙\n{}", "（1）a\n".repeat(n)));
    grows_linearly("附件 in one line", |n| "附件 ".repeat(n));
    grows_linearly("annexes", |n| (1..=n).map(|at| format!("附件{at}\n")).collect());
    grows_linearly("annexes with text", |n| (1..=n).map(|at| format!("附件{at}\n甲乙。\n")).collect());
    grows_linearly("annexes over and over", |n| "附件1\n".repeat(n));
    grows_linearly("gaps in the numbering", |n| (1..=n).map(|at| format!("第{}条 甲\n", at * 2)).collect());
    grows_linearly("a spaced number", |n| format!("第{}条", "1 ".repeat(n)));
    grows_linearly("brackets", |n| "（ ".repeat(n));
    grows_linearly("one line", |n| "一、甲；（一）乙；1.丙；".repeat(n));
    grows_linearly("articles", |n| (1..=n).map(|at| format!("第{at}条 甲。\n乙。\n丙。\n")).collect());
}

/// The dates of one long sentence are read in linear time.
#[test]
fn one_sentence_with_many_dates() {
    grows_linearly("后施行", |n| "后施行".repeat(n));
    grows_linearly("自", |n| "自2024年1月1日至".repeat(n));
    grows_linearly("numbers", |n| format!("自{}", "一".repeat(n)));
    grows_linearly("有效期", |n| "本办法有效期".repeat(n));
    grows_linearly("延长至", |n| "本办法执行期限延长至".repeat(n));
    grows_linearly("试行", |n| "本办法试行两".repeat(n));
}

/// Heads, signatures and names of measures are read in linear time.
#[test]
fn heads_and_signatures_in_any_number() {
    grows_linearly("one line of a head", |n| format!("关于{}\n（甲）", "（2026年1月1日）".repeat(n)));
    grows_linearly("words of a head", |n| "甲 ".repeat(n));
    grows_linearly("adopted", |n| format!("2026年1月1日{}通过", "据2026年1月1日".repeat(n)));
    grows_linearly("signatures", |n| "某局\n2026年1月1日\n".repeat(n));
    grows_linearly("organs", |n| format!("{}2026年1月1日", "某局\n".repeat(n)));
    grows_linearly("names", |n| {
        format!("某局关于印发{}的通知\n各单位：\n甲。\n{}", "《某某办法》".repeat(n), "某某\n".repeat(n))
    });
    grows_linearly("cited", |n| "《甲》 第一条 ".repeat(n));
}

/// An outline holds a bounded number of clauses and notes, gives the number left out, and loses no text.
#[test]
fn clauses_and_notes_are_bounded() {
    let count = MOST_CLAUSES + 5;
    let text = "一、a\n".repeat(count);
    let found = read(&text);
    assert_eq!(found.clauses.len(), MOST_CLAUSES);
    assert_eq!(found.clauses_left_out, 5);
    assert!(found.notes.len() <= MOST_NOTES + 2, "{}", found.notes.len());
    assert!(found.notes.iter().any(|note| note.text.contains("其后5条")), "{:?}", found.notes.last());
    let held: usize = found.clauses.iter().map(|clause| clause.span.len()).sum();
    assert_eq!(held, text.len());
    let whole = read("一、a\n二、b\n");
    assert_eq!((whole.clauses.len(), whole.clauses_left_out), (2, 0));
}
