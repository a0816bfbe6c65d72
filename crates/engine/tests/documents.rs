//! Files in every form of publication: imported in one run, read with their places, refused by name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use zhaoren_engine::{Engine, Problem, Severity, Silent, read_text};

fn files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../document/tests/files")
}

/// Entries of the indexes beside the files, by file.
fn entries() -> BTreeMap<String, Value> {
    let mut entries = BTreeMap::new();
    for index in ["index", "doc", "ofd", "pdf", "rtf"] {
        let text = fs::read_to_string(files().join(index).with_extension("jsonl")).unwrap();
        for line in text.lines() {
            let entry: Value = serde_json::from_str(line).unwrap();
            entries.insert(entry["file"].as_str().unwrap().to_owned(), entry);
        }
    }
    entries
}

/// A text in simplified characters without its white space.
fn dense(text: &str) -> String {
    zhaoren_text::simplify(text).text.chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}').collect()
}

fn read(name: &str) -> Result<Value, Vec<Problem>> {
    read_text(name, &fs::read(files().join(name)).unwrap())
}

fn id(name: &str) -> &str {
    Path::new(name).file_stem().unwrap().to_str().unwrap()
}

/// Words of a refusal, by what the index calls its reason.
fn reason(error: &str) -> &'static [&'static str] {
    match error {
        "scan" => &["扫描件"],
        "encrypted" => &["已加密"],
        "bomb" => &["超过上限", "已损坏"],
        "truncated" => &["不完整", "已损坏"],
        "empty" => &["没有文字"],
        "bad text layer" => &["文字层已损坏"],
        "not what its name says" => &["错误提示页", "无法识别"],
        other => panic!("{other}"),
    }
}

#[test]
fn folders_with_every_format_are_imported_in_one_run() {
    let entries = entries();
    let folder = tempfile::tempdir().unwrap();
    for name in entries.keys() {
        fs::copy(files().join(name), folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("photo.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
    fs::write(folder.path().join("list.csv"), "名称,代码\n甲,1\n").unwrap();
    let data = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(data.path(), &Silent).unwrap();
    let paths = [folder.path().to_owned()];
    let report = engine.import(&paths, &Silent).unwrap();
    assert_eq!(report.files, entries.len() + 2);
    let errors: Vec<&Problem> =
        report.problems.iter().filter(|problem| problem.severity == Severity::Error).collect();
    assert_eq!(report.documents.new + errors.len(), report.files, "{errors:?}");
    let error = |name: &str| errors.iter().find(|error| Path::new(&error.file).ends_with(name));
    let mut wrong = Vec::new();
    for (name, entry) in &entries {
        let shown = engine.policy(id(name)).unwrap();
        match (entry["outcome"].as_str().unwrap(), shown, error(name)) {
            ("text" | "either", Some(shown), None) => {
                let text = dense(shown["text"].as_str().unwrap());
                let lacks: Vec<&str> = entry["expect"]["text_contains"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(Value::as_str)
                    .filter(|wanted| !text.contains(&dense(wanted)))
                    .collect();
                if !lacks.is_empty() {
                    wrong.push(format!("{name} lacks {lacks:?}"));
                }
            }
            ("error" | "either", None, Some(error)) => {
                let said = error.fault.to_string();
                let wanted = reason(entry["expect"]["error"].as_str().unwrap());
                if !wanted.iter().any(|word| said.contains(word)) {
                    wrong.push(format!("{name}: {said}"));
                }
            }
            (outcome, shown, error) => {
                wrong.push(format!("{name} is {outcome}: stored {}, {error:?}", shown.is_some()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(error("photo.png").unwrap().fault.to_string().contains("图片（PNG）"));
    assert!(error("list.csv").unwrap().fault.to_string().contains("kind `csv`"));
    // The second run finds nothing new, and names the same.
    let again = engine.import(&paths, &Silent).unwrap();
    assert_eq!((again.documents.kept, again.documents.new), (report.documents.new, 0));
    assert_eq!(again.problems, report.problems);
    // An index made of the stored documents alone finds what was read of a PDF.
    drop(engine);
    let (engine, _) = Engine::open(data.path(), &Silent).unwrap();
    let stored = engine.policy("pdf-redhead").unwrap().unwrap();
    assert_eq!(
        (&stored["file"]["form"], &stored["file"]["name"]),
        (&"pdf".into(), &"pdf-redhead.pdf".into())
    );
    assert_eq!(stored["file"]["digest"].as_str().unwrap().len(), 64);
    assert!(stored["file"].get("pages").is_none());
    let pages: Vec<u64> = stored["clauses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["origin"]["page"].as_u64().unwrap())
        .collect();
    assert!(pages.is_sorted() && pages.first() == Some(&1) && pages.last() > Some(&1), "{pages:?}");
}

/// Each remark on a part that was not read is a warning of the import, in the words of its reader.
#[test]
fn remarks_are_warnings() {
    let folder = tempfile::tempdir().unwrap();
    let name = "docx-notes-textbox.docx";
    let mut with_remarks = Vec::new();
    for name in entries().keys() {
        if read(name)
            .is_ok_and(|shown| shown["file"]["remarks"].as_array().is_some_and(|all| !all.is_empty()))
        {
            with_remarks.push(name.clone());
        }
    }
    assert!(!with_remarks.is_empty(), "no file with a remark, not even {name}");
    for name in &with_remarks {
        fs::copy(files().join(name), folder.path().join(name)).unwrap();
    }
    let data = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(data.path(), &Silent).unwrap();
    let report = engine.import(&[folder.path().to_owned()], &Silent).unwrap();
    assert_eq!(report.documents.new, with_remarks.len(), "{:?}", report.problems);
    for name in &with_remarks {
        let shown = read(name).unwrap();
        for remark in shown["file"]["remarks"].as_array().unwrap() {
            let is_named = report.problems.iter().any(|problem| {
                problem.severity == Severity::Warning
                    && problem.file.ends_with(name.as_str())
                    && problem.fault.to_string() == remark.as_str().unwrap()
            });
            assert!(is_named, "{name}: {remark} in {:?}", report.problems);
        }
    }
}

/// The articles of a text: label, and words.
fn articles(shown: &Value) -> Vec<(String, String)> {
    let clauses = shown["clauses"].as_array().unwrap().iter();
    clauses
        .filter(|clause| clause["kind"] == "article")
        .map(|clause| {
            (clause["article"].as_str().unwrap().to_owned(), dense(clause["text"].as_str().unwrap()))
        })
        .collect()
}

#[test]
fn policies_have_the_same_clauses_in_every_format() {
    let plain = articles(&read("txt-utf8-bom.txt").unwrap());
    assert_eq!(plain.len(), 9, "{plain:?}");
    for name in [
        "txt-utf16le-nobom.txt",
        "txt-cr-only.txt",
        "docx-is-ole2.docx",
        "doc-is-rtf.doc",
        "rtf-libreoffice.rtf",
        "ofd-policy.ofd",
        "html-nested-tables.html",
        "pdf-redhead.pdf",
    ] {
        assert_eq!(articles(&read(name).unwrap()), plain, "{name}");
    }
}

#[test]
fn clauses_map_to_their_location_in_the_file() {
    let place = |name: &str, article: &str| {
        let shown = read(name).unwrap();
        let clauses = shown["clauses"].as_array().unwrap();
        let clause = clauses.iter().find(|clause| clause["article"] == article);
        clause.unwrap_or_else(|| panic!("{name}: {clauses:?}"))["origin"].clone()
    };
    // Its automatic number comes from no run of the file.
    let origin = place("docx-number-kinds.docx", "第一条");
    assert_eq!(origin["part"], "word/document.xml", "{origin}");
    assert!(
        origin["paragraph"].as_u64() > Some(1) && origin["label"].as_str().unwrap().ends_with('段'),
        "{origin}"
    );
    let origin = place("pdf-redhead.pdf", "第九条");
    assert!(origin["page"].as_u64() > Some(1) && origin["area"].as_array().unwrap().len() == 4, "{origin}");
    assert_eq!(origin["label"], format!("第{}页", origin["page"]));
    let sheet = read("xlsx-policy-list.xlsx").unwrap();
    assert!(sheet["clauses"][0]["origin"]["row"].as_u64() >= Some(1), "{sheet}");
    let plain = read("txt-utf8-bom.txt").unwrap();
    assert!(plain["clauses"][0].get("origin").is_none() && plain.get("file").is_none());
}

/// A text that an item names may have any form; its quotes are looked for in what was read of it.
#[test]
fn items_may_quote_files_of_other_formats() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(files().join("docx-number-kinds.docx"), folder.path().join("rules.docx")).unwrap();
    let item = |id: &str, quote: &str| {
        format!(
            "- {{id: {id}, title: 题, document: {{text: rules.docx}}, criteria: {{judged: 甲, quote: {quote}, article: 第一条}}}}\n"
        )
    };
    let items = item("quoted", "是指在云溪区登记注册的企业") + &item("misquoted", "是指在别处登记注册的企业");
    fs::write(folder.path().join("items.yaml"), items).unwrap();
    let data = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(data.path(), &Silent).unwrap();
    let report = engine.import(&[folder.path().join("items.yaml")], &Silent).unwrap();
    assert_eq!((report.documents.new, report.items.new), (1, 1), "{:?}", report.problems);
    assert!(engine.policy("quoted").unwrap().unwrap()["conditions"][0]["source"].is_object());
}

#[test]
fn format_is_detected_from_content_and_not_the_name() {
    let docx = fs::read(files().join("docx-tables.docx")).unwrap();
    for name in ["通知.docx", "通知.pdf", "通知.bin", "通知", "通知.exe"] {
        let shown = read_text(name, &docx).unwrap();
        assert_eq!((&shown["file"]["form"], &shown["id"]), (&"docx".into(), &"通知".into()), "{name}");
    }
    let text = "第一条 为示例制定本通知。".as_bytes();
    for name in ["通知.docx", "通知.bin", "通知"] {
        assert!(read_text(name, text).unwrap().get("file").is_none(), "{name}");
    }
    for name in ["通知.exe", "通知.csv"] {
        assert!(read_text(name, text).is_err(), "{name}");
    }
}
