//! Builds a Chinese full-text index of three texts and asks it: `cargo run --example search`.

#![allow(clippy::print_stdout, reason = "the output is what the example shows")]

use std::error::Error;

use zhaoren_indexer::{Entry, EntryKind, Index, Lexicon, SearchRequest, build};

/// An entry of a made-up document.
fn document(id: &str, title: &str, text: &str) -> Entry {
    Entry {
        id: id.into(),
        kind: EntryKind::Document,
        title: title.into(),
        document: Default::default(),
        text: text.into(),
        clauses: Vec::new(),
        methods: Vec::new(),
        delivery: None,
        tags: Vec::new(),
        aka: Vec::new(),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let entries = [
        document(
            "loan",
            "小微企业贷款贴息通知（示例）",
            "对小微企业的银行贷款给予贴息，符合条件的免申即享。",
        ),
        document("rent", "科技园区房租减免办法（示例）", "入驻园区的科技型中小企业减免三个月房租。"),
        document("hire", "企业吸纳就业补贴（示例）", "招用高校毕业生的企业给予一次性扩岗补助。"),
    ];
    let folder = tempfile::tempdir()?;
    build(folder.path(), &entries, &Lexicon::built_in(), &|_| {})?;
    let index = Index::open(folder.path())?;

    for query in ["免申即享", "招大学生有什么补贴", "fangzu"] {
        let request = SearchRequest { query: query.into(), limit: 3, ..SearchRequest::default() };
        let response = index.search(&request)?;
        let titles: Vec<&str> = response.hits.iter().map(|hit| hit.title.as_str()).collect();
        println!("{query} → {}", titles.join("；"));
    }
    Ok(())
}
