//! A sentence is searched in two phases: ranking, hits and counts have to agree.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use zhaoren_indexer::{Entry, EntryKind, Index, Lexicon, SearchRequest, build};
use zhaoren_policy::document::{Document, Status};

const QUESTION: &str = "移栽公园里的古树需要经过谁批准以及多久答复";

fn entry(id: usize, title: &str, text: &str, status: Status) -> Entry {
    Entry {
        id: id.to_string(),
        kind: EntryKind::Document,
        title: title.into(),
        document: Document { title: title.into(), status, ..Document::default() },
        text: text.into(),
        clauses: Vec::new(),
        methods: Vec::new(),
        delivery: None,
        tags: Vec::new(),
        aka: Vec::new(),
    }
}

fn index(folder: &std::path::Path) -> Index {
    let answer = "移栽公园古树的，应当经园林部门批准，园林部门七日内答复。";
    let mut entries = vec![
        entry(0, "甲城花木办法第二条", answer, Status::InForce),
        entry(1, "乙城花木办法第二条", answer, Status::Repealed),
    ];
    for id in 2..900 {
        let text = format!("公园第{id}号门的古树每{id}日浇水，园林部门批准的除外。");
        entries.push(entry(id, &format!("丙城浇水办法第{id}条"), &text, Status::InForce));
    }
    build(folder, &entries, &Lexicon::built_in(), &|_| {}).unwrap();
    Index::open(folder).unwrap()
}

#[test]
fn displayed_hits_follow_the_ranking() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    let ranked = index.top_ids(QUESTION, 100).unwrap();
    assert_eq!(
        ranked[0], "0",
        "in force before repealed, and the answer before all that shares words with it"
    );
    let search = |offset: usize, filters: &[(&str, &str)]| {
        let filters = filters.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let query = QUESTION.into();
        index
            .search(&SearchRequest { query, limit: 1000, offset, filters, ..SearchRequest::default() })
            .unwrap()
    };
    let all = search(0, &[]);
    let shown: Vec<&str> = all.hits.iter().map(|hit| hit.id.as_str()).collect();
    assert_eq!(shown[..100], ranked[..]);
    assert_eq!(all.total, shown.len(), "every match is counted, and shown once");
    assert_eq!(all.total, shown.iter().collect::<std::collections::BTreeSet<_>>().len());
    assert!(all.total > 600, "what the second phase never saw is there too: {}", all.total);
    assert!(all.hits.windows(2).all(|two| two[0].score >= two[1].score));
    let later: Vec<String> = search(250, &[]).hits.into_iter().map(|hit| hit.id).collect();
    assert_eq!(later, shown[250..]);
    let repealed = search(0, &[("status", "repealed")]);
    assert_eq!(repealed.total, 1);
    assert_eq!(repealed.hits[0].id, "1");
}

#[test]
fn articles_have_the_authority_of_their_document() {
    let folder = tempfile::tempdir().unwrap();
    let answer = "移栽公园古树的，应当经园林部门批准，园林部门七日内答复。";
    let mut entries = vec![
        entry(0, "甲城花木办法第二条", answer, Status::InForce),
        entry(1, "花木法第二条", answer, Status::InForce),
        entry(2, "乙城花木办法第二条", answer, Status::InForce),
    ];
    let cites = "违反《乙城花木办法》的，不予批准。";
    entries.push(entry(3, "丙城浇水办法第一条", cites, Status::InForce));
    build(folder.path(), &entries, &Lexicon::built_in(), &|_| {}).unwrap();
    let index = Index::open(folder.path()).unwrap();
    // A law first, then the cited document, then the rest.
    assert_eq!(index.top_ids(QUESTION, 3).unwrap(), ["1", "2", "0"]);
}
