//! Former names, advice beside the hits, exclusions, and document numbers that are nearly right.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use zhaoren_indexer::{
    AdviceKind, EXCLUSION, Entry, EntryKind, Index, Lexicon, SearchRequest, SearchResponse, build,
};
use zhaoren_policy::clause::{Clause, ClauseKind};
use zhaoren_policy::document::{Document, DocumentKind};

struct World {
    index: Index,
    _folder: tempfile::TempDir,
}

fn entry(id: &str, title: &str, text: &str) -> Entry {
    Entry {
        id: id.into(),
        kind: EntryKind::Item,
        title: title.into(),
        document: Document::default(),
        text: text.into(),
        clauses: Vec::new(),
        methods: Vec::new(),
        delivery: None,
        tags: Vec::new(),
        aka: Vec::new(),
    }
}

fn world() -> World {
    let refund = Entry {
        aka: vec!["稳岗补贴".into()],
        ..entry("refund", "失业保险稳岗返还", "返还上年实缴的失业保险费。")
    };
    let hiring = entry("hiring", "一次性扩岗补助", "招用毕业生的，按人数给予补助补贴。");
    let text = "住宿餐饮等行业不适用。";
    let clause = Clause {
        kind: ClauseKind::Paragraph,
        label: String::new(),
        article: "条件1".into(),
        heading: Some(EXCLUSION.into()),
        parent: None,
        span: 0..text.len(),
        extent: 0..text.len(),
    };
    let deduction = Entry { clauses: vec![clause], ..entry("deduction", "研发费用加计扣除", text) };
    let six = entry("six", "“六税两费”减半征收", "小微企业减半缴纳。");
    let plan = Entry {
        kind: EntryKind::Document,
        document: Document {
            title: "示例区行动方案".into(),
            number: Some("示发规范〔2022〕8号".into()),
            kind: Some(DocumentKind::Plan),
            ..Document::default()
        },
        ..entry("plan", "示例区行动方案", "推进企业上市，建设绿色工厂，完善服务。")
    };
    let folder = tempfile::tempdir().unwrap();
    let entries = [refund, hiring, deduction, six, plan];
    build(folder.path(), &entries, &Lexicon::built_in(), &|_| {}).unwrap();
    World { index: Index::open(folder.path()).unwrap(), _folder: folder }
}

impl World {
    fn ask(&self, query: &str) -> SearchResponse {
        let request = SearchRequest { query: query.into(), limit: 10, ..SearchRequest::default() };
        self.index.search(&request).unwrap()
    }

    fn first(&self, query: &str) -> Option<String> {
        self.ask(query).hits.into_iter().next().map(|hit| hit.id)
    }

    fn advice(&self, query: &str) -> Option<AdviceKind> {
        self.ask(query).advice.map(|advice| advice.kind)
    }
}

#[test]
fn former_names_count_as_titles() {
    let world = world();
    for typed in ["稳岗补贴", "稳岗补贴今年什么时候发", "穩崗補貼", "wengangbutie"] {
        assert_eq!(world.first(typed).as_deref(), Some("refund"), "{typed}");
    }
    let suggested = world.index.suggest("稳岗补", 3).unwrap();
    assert_eq!(suggested[0].text, "失业保险稳岗返还");
    assert_eq!(suggested[0].id.as_deref(), Some("refund"));
}

#[test]
fn those_excluded_are_not_led_to_the_item() {
    let found = world().ask("餐饮店有什么补贴");
    let ids: Vec<&str> = found.hits.iter().map(|hit| hit.id.as_str()).collect();
    assert!(ids.starts_with(&["six", "refund"]) && !ids.contains(&"deduction"), "{ids:?}");
}

#[test]
fn what_the_catalogue_lacks_is_said() {
    let world = world();
    for typed in ["上市奖励", "绿色工厂", "电费", "企业注销怎么办理"] {
        assert_eq!(world.advice(typed), Some(AdviceKind::NoItem), "{typed}");
    }
    let about = world.ask("上市奖励").advice.unwrap();
    assert!(about.text.starts_with("本库没有“上市”这一事项") && about.about == ["上市"], "{about:?}");
    // Words that no entry has may be another register for an item; only a subject is known to be lacking.
    assert_eq!(world.advice("陨石坠落有补贴吗"), None);
    // The trade of the firm is not the subject of its question.
    assert_eq!(world.advice("电商企业的稳岗补贴"), None);
    for typed in
        ["稳岗补贴", "六税两费", "“上市”", "标题:方案 上市", "行动方案 上市", "示发规范〔2022〕8号", ""]
    {
        assert_eq!(world.advice(typed), None, "{typed}");
    }
}

#[test]
fn questions_in_general_are_asked_back() {
    let world = world();
    for typed in ["我们公司能拿什么补贴", "企业可以享受哪些政策", "帮我看看有什么可以申报的"]
    {
        assert_eq!(world.advice(typed), Some(AdviceKind::Profile), "{typed}");
    }
}

#[test]
fn nearly_right_numbers_find_their_document() {
    let world = world();
    for typed in [
        "示发规范2022 8号",
        "示发规范2022-8",
        "示发规范《2022》8号",
        "示发规范〔2022]8号",
        "示发规范2022年8号",
        "示发规〔2022〕8号",
        "示发规范2022 8号是什么文件",
    ] {
        assert_eq!(world.first(typed).as_deref(), Some("plan"), "{typed}");
    }
    assert_eq!(world.first("他发办〔2022〕8号"), None);
}

#[test]
fn words_of_taiwan_are_read() {
    let found = world().ask("資訊安全 晶片");
    let read: Vec<&str> = found.understood.iter().flat_map(|one| &one.meant).map(String::as_str).collect();
    assert!(read.contains(&"信息") && read.contains(&"芯片"), "{read:?}");
}
