//! Outlines of small texts, one for each structure that was parsed wrongly in real documents.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use proptest::prelude::*;
use zhaoren_policy::clause::ClauseKind;
use zhaoren_reader::{DocumentMetadata, Outline, outline};

fn read(text: &str) -> Outline {
    outline(text, &DocumentMetadata::default())
}

fn check(text: &str, expected: &[&str]) {
    let found: Vec<String> = read(text).clauses.into_iter().map(|clause| clause.article).collect();
    assert_eq!(found, expected, "{text}");
}

fn headings(text: &str) -> Vec<String> {
    read(text).clauses.into_iter().map(|clause| clause.heading.unwrap_or_default()).collect()
}

#[test]
fn labels_set_with_spaces() {
    check("第 1 条 甲。\n第 1 0 条 乙。", &["第1条", "第10条"]);
    check(
        "第一条 职责：\n(一) 甲；\n( 二) 乙；\n( 三) 丙。",
        &["第一条", "第一条（一）", "第一条（二）", "第一条（三）"],
    );
}

#[test]
fn headings_above_articles() {
    check(
        "一、总体\n第一条 甲。\n第二条 条件：\n（一）乙；\n（二）丙。\n二、支持\n(一)奖励\n第三条 丁。\n(二)补贴\n第四条 戊。",
        &[
            "一",
            "第一条",
            "第二条",
            "第二条（一）",
            "第二条（二）",
            "二",
            "二（一）",
            "第三条",
            "二（二）",
            "第四条",
        ],
    );
}

#[test]
fn paragraphs_of_an_article() {
    let text = "第一条 企业应当登记。\n登记事项包括：\n（一）名称；\n（二）住所。\n除前款外，还包括：\n（一）章程；\n（二）期限。\n第二条 【对象】\n本区企业。";
    check(
        text,
        &[
            "第一条",
            "第一条第二款",
            "第一条第二款（一）",
            "第一条第二款（二）",
            "第一条第三款",
            "第一条第三款（一）",
            "第一条第三款（二）",
            "第二条",
        ],
    );
    let clauses = read(text).clauses;
    assert_eq!(clauses[1].kind, ClauseKind::Paragraph);
    assert_eq!((clauses[2].kind, clauses[2].parent), (ClauseKind::Subparagraph, Some(1)));
    assert_eq!(clauses[0].extent.end, clauses[7].span.start);
    assert!(read(text).notes.is_empty());
}

#[test]
fn lines_between_two_items_are_not_paragraphs() {
    check(
        "第一条 下列项目：\n（一）技改。\n仅限本区。\n（二）研发。\n其他项目除外。",
        &["第一条", "第一条（一）", "第一条（二）", "第一条第二款"],
    );
}

#[test]
fn bracketed_sections_keep_their_lists_separate() {
    check(
        "某项补贴\n【服务内容】\n1．奖励\n2．贴息\n【条件要求】\n1．登记\n【联络方式】\n某局",
        &[
            "引言",
            "【服务内容】",
            "【服务内容】1.",
            "【服务内容】2.",
            "【条件要求】",
            "【条件要求】1.",
            "【联络方式】",
        ],
    );
    check("十二、支持\n1.甲。\n附  则\n1.乙。\n2.丙。", &["十二", "十二/1.", "附则", "附则/1.", "附则/2."]);
}

#[test]
fn lists_of_annexes_are_not_annexes() {
    let notice = "各单位：\n请执行。\n附件1：某办法\n附件2：某细则\n某局\n2023年5月29日\n某办法\n第一章\n总则\n第一条 甲。";
    check(notice, &["引言", "第一章", "第一条"]);
    assert_eq!(headings(notice)[1], "总则");
    check("一、甲\n附件：\n建设项目\n附件\n建设项目\n一、乙", &["一", "附件", "附件/一"]);
    check("一、甲\n附件1：申请表", &["一", "附件1"]);
}

#[test]
fn excerpts_may_start_at_a_later_number() {
    check(
        "二、提升\n4.品牌。给予奖励。\n5.主体。给予补助。\n三、培育\n6.粮食。",
        &["二", "二/4.", "二/5.", "三", "三/6."],
    );
    assert_eq!(read("五、评估\n六、其他").notes.len(), 1);
    // The number of a document in a collection is no label.
    check("13.\n某市方案\n一、甲\n14.乙", &["引言", "一"]);
}

#[test]
fn lists_inside_the_lines_of_an_answer() {
    check("1.有何条件？\n答：须（一）就业；（二）守法。\n2.何时申报？\n答：十月。", &["1.", "2."]);
}

#[test]
fn repeated_labels_are_noted() {
    let found = read("1.甲。\n2.乙。\n资助方式如下\n1.丙。\n2.丁。");
    let articles: Vec<&str> = found.clauses.iter().map(|clause| clause.article.as_str()).collect();
    assert_eq!(articles, ["1.", "2.", "1.#2", "2.#2"]);
    assert!(found.notes.iter().any(|note| note.text.contains("重复")), "{:?}", found.notes);
}

#[test]
fn heading_words() {
    assert_eq!(
        headings(
            "第一章 总 则\n第一条 【落户奖】\n给予奖励。\n第二条 资金设立 区政府设立资金。\n第三条 为了发展，制定本办法。"
        ),
        ["总则", "落户奖", "资金设立", ""]
    );
    assert_eq!(headings("1.改造目标\n达到标准。\n2.营业执照复印件"), ["改造目标", ""]);
    assert_eq!(headings("（四）\n劳动就业。\n建立平台。"), ["劳动就业"]);
}

#[test]
fn unusable_metadata_is_noted() {
    let given = DocumentMetadata {
        number: Some("（依据某〔2020〕30号）".into()),
        issuer: Some("公安分局\n民政局\n司法局\n财政局\n建设委".into()),
        date: Some("2018".into()),
        ..DocumentMetadata::default()
    };
    let found = outline("某局关于某事的通知\n某规〔2023〕5号\n正文\n2023年5月1日", &given);
    assert_eq!(found.document.number.as_deref(), Some("某规〔2023〕5号"));
    assert_eq!(found.document.issuer.as_deref(), Some("某局"));
    assert_eq!(found.document.published.map(|d| d.to_string()).as_deref(), Some("2023-05-01"));
    assert_eq!(found.notes.len(), 3, "{:?}", found.notes);
}

#[test]
fn differences_are_noted_and_supplied_metadata_kept() {
    let given = DocumentMetadata {
        number: Some("甲发〔2020〕1号/甲发〔2021〕2号".into()),
        date: Some("2023-06-01".into()),
        ..DocumentMetadata::default()
    };
    let found =
        outline("某局关于某事的通知\n甲发〔2021〕2号\n2023年5月1日\n本通知自2023年1月1日起施行。", &given);
    assert_eq!(found.document.number.as_deref(), Some("甲发〔2020〕1号"));
    assert_eq!(found.document.published.map(|d| d.to_string()).as_deref(), Some("2023-06-01"));
    let notes: Vec<&str> = found.notes.iter().map(|note| note.text.as_str()).collect();
    for part in ["不止一个", "文号采用", "成文日期采用", "施行日期2023-01-01早于"] {
        assert!(notes.iter().any(|note| note.contains(part)), "{part}: {notes:?}");
    }
}

#[test]
fn continued_sentences_begin_no_list() {
    check("一、甲\n推进标准统一，服务线上线下标准统\n一、服务同质。\n二、乙", &["一", "二"]);
}

#[test]
fn items_printed_twice_count_twice() {
    check("4.甲。\n5.乙。\n5.乙。\n6.丙。", &["4.", "5.", "5.#2", "6."]);
}

proptest! {
    /// Lines of every kind of provision in any order: no text is lost, no span overlaps, no citation repeats.
    #[test]
    fn outlines_are_consistent_for_any_line_order(
        lines in prop::collection::vec(
            prop::sample::select(vec![
                "第一条 甲。", "第二条 条件：", "第 1 0 条 乙", "第一章", "总则", "附  则", "【条件要求】", "（一）丙；", "( 二) 丁。",
                "一、戊", "二、己", "1.庚", "2.辛。", "（1）壬", "①癸", "附件1", "附件：", "2023年5月1日", "本办法自2023年1月1日起施行，有效期5年。",
                "另一段话，没有编号。", "半句话，没有说完的一行文字在此", "1.5万元", "",
            ]),
            0..40,
        ),
    ) {
        let text = lines.join("\n");
        let found = read(&text);
        let mut end = 0;
        let mut seen = std::collections::BTreeSet::new();
        for (index, clause) in found.clauses.iter().enumerate() {
            prop_assert!(clause.span.start >= end && clause.span.end <= clause.extent.end);
            prop_assert!(text.get(end..clause.span.start).is_some_and(|gap| gap.trim().is_empty()));
            prop_assert!(text.get(clause.span.clone()).is_some_and(|own| !own.trim().is_empty()));
            prop_assert!(clause.parent.is_none_or(|parent| parent < index));
            if let Some(parent) = clause.parent {
                prop_assert!(found.clauses[parent].extent.end >= clause.extent.end);
            }
            prop_assert!(seen.insert(clause.article.clone()), "{}", clause.article);
            end = clause.span.end;
        }
        prop_assert!(text.get(end..).is_some_and(|rest| rest.trim().is_empty()));
    }
}
