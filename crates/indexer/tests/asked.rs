//! Past questions: their answers are found again, their words are learnt from, and without a log nothing changes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use zhaoren_indexer::{AnsweredQuestion, BuildOptions, Entry, EntryKind, Index, Lexicon, build_with};
use zhaoren_policy::document::Document;

const CLAUSES: [(&str, &str); 6] = [
    ("a", "对吸纳就业困难人员的用人单位，按人数给予社会保险补贴。"),
    ("b", "对租用办公场地的初创组织，减免三个月租金。"),
    ("c", "道路两侧的树木由养护单位每年修剪两次。"),
    ("d", "用人单位安置退役军人的，同样给予社会保险补贴。"),
    ("e", "河道内禁止倾倒废弃物。"),
    ("f", "图书馆每周一闭馆整理书架。"),
];

fn index(folder: &std::path::Path, log: &[(&str, &str)]) -> Index {
    let entry = |(id, text): &(&str, &str)| Entry {
        id: (*id).into(),
        kind: EntryKind::Document,
        title: format!("甲办法第{id}号"),
        document: Document::default(),
        text: (*text).into(),
        clauses: Vec::new(),
        methods: Vec::new(),
        delivery: None,
        tags: Vec::new(),
        aka: Vec::new(),
    };
    let mut entries: Vec<Entry> = CLAUSES.iter().map(entry).collect();
    // A term counts as common only among many entries.
    entries.extend(
        (0..80).map(|n| entry(&(format!("z{n}").as_str(), "路灯每晚六点开启，次日清晨关闭，阴天延长照明。"))),
    );
    let answered = |(question, entry): &(&str, &str)| AnsweredQuestion {
        question: (*question).into(),
        entry: (*entry).into(),
    };
    let asked = log.iter().map(answered).collect();
    build_with(
        folder,
        &entries,
        &BuildOptions { answered_questions: asked, ..BuildOptions::with_lexicon(Lexicon::built_in()) },
        &|_| {},
    )
    .unwrap();
    Index::open(folder).unwrap()
}

#[test]
fn past_answers_are_found_again() {
    let (with, without) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = [("公司请了残疾员工国家给钱不给", "a"), ("公司请了残疾员工国家给钱不给", "gone")];
    let (asked, plain) = (index(with.path(), &log), index(without.path(), &[]));
    let question = "我公司请了残疾员工国家给钱不给呀";
    assert!(plain.top_ids(question, 1).unwrap().is_empty(), "no word of it stands in any clause");
    let found = asked.top_ids(question, 2).unwrap();
    assert_eq!(found[0], "a");
    // Learnt: words that lead to one clause lead to another with the same words.
    assert_eq!(found.get(1), Some(&"d"), "{found:?}");
    assert!(!without.path().join("generation/000001/asked.json").exists());
}

#[test]
fn unrelated_logs_do_not_change_the_order() {
    let (with, without) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = [("周一能去看书还书吗", "f"), ("往河里丢垃圾罚不罚", "e")];
    let (asked, plain) = (index(with.path(), &log), index(without.path(), &[]));
    for question in ["租用办公场地有没有减免租金的办法", "用人单位安置退役军人能拿什么补贴"]
    {
        assert_eq!(asked.top_ids(question, 6).unwrap(), plain.top_ids(question, 6).unwrap(), "{question}");
    }
}
