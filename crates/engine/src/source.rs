//! Input of an import: files and folders sorted into documents and items.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value as Json};
use zhaoren_document::Canonical;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::id::{IdSet, check_id};
use zhaoren_policy::item::{Item, read_item};
use zhaoren_policy::problem::{Fault, Problem, Report, Severity};
use zhaoren_policy::syntax::{self, Node, Tree};
use zhaoren_registry::DocumentRecord;

use crate::body::Body;
use crate::document_file::{DocumentFile, FileContent, content};
use crate::evidence_paths::{TEXT_PATH, quote_path, wording_path};
use crate::file::{FILE_LIMITS, extension, problem, too_large};

/// Endings under which a plain text is taken as a document. Any other ending says that a text is something else, such as a
/// table or a program; a file of another form is taken under every ending.
const TEXT_ENDINGS: [&str; 22] = [
    "txt", "text", "md", "html", "htm", "xhtml", "shtml", "mht", "mhtml", "docx", "doc", "wps", "pdf", "ofd",
    "rtf", "odt", "xlsx", "xls", "et", "zip", "dot", "bin",
];

/// A document of an import.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportDocument {
    /// Its id, or one made from the file's name.
    pub id: String,
    /// The file, and the line of a JSON Lines file.
    pub source: String,
    /// Its metadata outside the text: given by the sender, or said by its file.
    pub metadata: Map<String, Json>,
    /// Its text: the bytes received, or the canonical text of a form other than plain text.
    pub body: Vec<u8>,
}

impl ImportDocument {
    /// Converts it to a record of the registry.
    pub(crate) fn record(&self) -> DocumentRecord {
        DocumentRecord {
            id: self.id.clone(),
            source: self.source.clone(),
            metadata: Json::Object(self.metadata.clone()).to_string(),
            body: self.body.clone(),
        }
    }
}

/// An item of an import.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportItem {
    /// The item.
    pub item: Item,
    /// The item as JSON text, for the registry. Numbers have the digits typed.
    pub body: String,
    /// The file.
    pub source: String,
    /// The lines of its quotes, of its words and of the name of its document's text, by path: `criteria.all[0].quote`.
    pub lines: BTreeMap<String, u32>,
}

/// Content of an import.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportBatch {
    /// Documents, in reading order.
    pub documents: Vec<ImportDocument>,
    /// Items, in reading order.
    pub items: Vec<ImportItem>,
    /// Problems of the input.
    pub problems: Vec<Problem>,
}

impl ImportBatch {
    /// Reads one file by its name and content, which the caller has read. Adds to the batch.
    pub fn read(&mut self, name: &str, bytes: &[u8], dictionary: &FactDictionary) {
        self.read_with_origins(name, bytes, dictionary);
    }

    /// Like [`ImportBatch::read`], with the canonical text and its origins if the file is a document of a form other than
    /// plain text.
    pub(crate) fn read_with_origins(
        &mut self,
        name: &str,
        bytes: &[u8],
        dictionary: &FactDictionary,
    ) -> Option<Canonical> {
        let mut report = Report::new(name);
        let mut canonical = None;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            report.error(0, "", Fault::Other("the file is empty".to_owned()));
        } else if let Some("yaml" | "yml" | "json" | "jsonl") = extension(Path::new(name)).as_deref() {
            self.read_structured(name, bytes, dictionary, &mut report);
        } else {
            canonical = self.read_publication(name, bytes, &mut report);
        }
        self.problems.extend(report.problems);
        canonical
    }

    /// Reads the value under `key` of a JSON object; false without that key. Other functions check that the value is an
    /// object.
    pub(crate) fn read_in(
        &mut self,
        body: &Body<'_>,
        key: &str,
        name: &str,
        dictionary: &FactDictionary,
    ) -> bool {
        let node = body.json().ok().and_then(|node| node.get(key)).filter(|node| !node.is_null());
        let Some(node) = node else { return false };
        let mut report = Report::new(name);
        match &node.value {
            Tree::List(list) => list.iter().for_each(|node| self.node(node, name, dictionary, &mut report)),
            _ => {
                let fault = Fault::Expected { got: node.describe(), expected: "a list of items".to_owned() };
                report.error(node.line, key, fault);
            }
        }
        self.problems.extend(report.problems);
        true
    }

    /// Reads a file in a form of publication.
    fn read_publication(&mut self, name: &str, bytes: &[u8], report: &mut Report) -> Option<Canonical> {
        let mut fits = |size: usize, limit: u64| {
            let fits = size as u64 <= limit;
            if !fits {
                self.problems.push(too_large(name, &size.to_string(), limit));
            }
            fits
        };
        if !fits(bytes.len(), FILE_LIMITS.packed) {
            return None;
        }
        let found = match content(name, bytes) {
            Ok(found) => found,
            Err(refusal) => {
                report.error(0, "", Fault::Other(refusal.to_string()));
                return None;
            }
        };
        let text = match &found {
            FileContent::Text => bytes.len(),
            FileContent::File(file) => file.canonical.text.len(),
        };
        if !fits(text, FILE_LIMITS.document) {
            return None;
        }
        if let (FileContent::Text, Some(other)) = (&found, extension(Path::new(name)))
            && !TEXT_ENDINGS.contains(&other.as_str())
        {
            let expected = "txt, md, html, yaml, json or jsonl, or the form of a document".to_owned();
            report.error(0, "", Fault::Expected { got: format!("a file of kind `{other}`"), expected });
            return None;
        }
        let id = Path::new(name)
            .file_stem()
            .map_or_else(|| name.to_owned(), |stem| stem.to_string_lossy().into_owned());
        // The name of the file is the id.
        if let Err(fault) = check_id(&id) {
            report.error(0, "id", fault.into());
            return None;
        }
        let (body, metadata, canonical) = match found {
            FileContent::Text => (bytes.to_vec(), Map::new(), None),
            FileContent::File(file) => {
                let DocumentFile { canonical, metadata, remarks } = *file;
                for remark in remarks {
                    report.warn(0, "", Fault::Other(remark));
                }
                (canonical.text.clone().into_bytes(), metadata, Some(canonical))
            }
        };
        self.documents.push(ImportDocument { id, source: name.to_owned(), metadata, body });
        canonical
    }

    /// Reads YAML, JSON and JSON Lines, which hold items or documents, distinguished by their keys.
    fn read_structured(
        &mut self,
        name: &str,
        bytes: &[u8],
        dictionary: &FactDictionary,
        report: &mut Report,
    ) {
        // Structured files may be in any encoding too; their text is decoded but not repaired, since a document in them
        // keeps the bytes of its own text.
        let text = zhaoren_text::decode(bytes).text;
        let lower = name.to_ascii_lowercase();
        if lower.ends_with(".jsonl") {
            for (line, row) in (1_u32..).zip(text.lines()).filter(|(_, row)| !row.trim().is_empty()) {
                match syntax::json_at(row, line) {
                    Ok(node) => self.node(&node, name, dictionary, report),
                    Err(error) => report.syntax(error),
                }
            }
            return;
        }
        let parsed = if lower.ends_with(".json") {
            syntax::json(&text).map(|node| vec![node])
        } else {
            syntax::yaml(&text)
        };
        match parsed {
            Ok(nodes) => {
                for node in &nodes {
                    match &node.value {
                        Tree::List(list) => {
                            for node in list {
                                self.node(node, name, dictionary, report);
                            }
                        }
                        _ => self.node(node, name, dictionary, report),
                    }
                }
            }
            Err(error) => report.syntax(error),
        }
    }

    fn node(&mut self, node: &Node, name: &str, dictionary: &FactDictionary, report: &mut Report) {
        let is_document = node.get("text").and_then(Node::text).is_some() && node.get("criteria").is_none();
        if is_document {
            self.document(node, name, report);
        } else if let Some(item) = read_item(node, dictionary, report) {
            let lines = lines(&item, node);
            self.items.push(ImportItem { item, body: node.json_text(), source: name.to_owned(), lines });
        }
    }

    fn document(&mut self, node: &Node, name: &str, report: &mut Report) {
        let source = format!("{name}:{}", node.line);
        let Json::Object(mut metadata) = node.to_json() else { return };
        let body = match metadata.remove("text") {
            Some(Json::String(text)) if text.len() as u64 > FILE_LIMITS.document => {
                self.problems.push(too_large(&source, &text.len().to_string(), FILE_LIMITS.document));
                return;
            }
            Some(Json::String(text)) if is_marked_up(&text) => match content(name, text.as_bytes()) {
                Ok(FileContent::Text) => text.into_bytes(),
                Ok(FileContent::File(file)) => {
                    for remark in file.remarks {
                        report.warn(node.line, "text", Fault::Other(remark));
                    }
                    // The sender's statements about the document come before those of its page.
                    for (key, value) in file.metadata {
                        metadata.entry(key).or_insert(value);
                    }
                    file.canonical.text.into_bytes()
                }
                Err(refusal) => {
                    report.error(node.line, "text", Fault::Other(refusal.to_string()));
                    return;
                }
            },
            Some(Json::String(text)) if !text.trim().is_empty() => text.into_bytes(),
            _ => {
                report.error(node.line, "text", Fault::Other("the document has no text".to_owned()));
                return;
            }
        };
        match metadata.remove("id") {
            Some(Json::String(id)) if !id.trim().is_empty() => match check_id(&id) {
                Ok(()) => self.documents.push(ImportDocument { id, source, metadata, body }),
                Err(fault) => report.error(node.line, "id", fault.into()),
            },
            _ => report.error(node.line, "", Fault::MissingKey("id".to_owned())),
        }
    }

    /// Removes entries with an id that is repeated within this import or looks like another, naming both.
    pub(crate) fn reject_duplicates(&mut self) {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let mut ids = IdSet::default();
        let mut problems = Vec::new();
        let mut first = |id: &str, source: &str| {
            if let Err(fault) = ids.add(id) {
                problems.push(problem(source, fault.into()));
                return false;
            }
            if let Some(before) = seen.get(id) {
                let fault = Fault::Repeated(id.to_owned(), format!(" in {before}"));
                problems.push(problem(source, fault));
                return false;
            }
            seen.insert(id.to_owned(), source.to_owned());
            true
        };
        self.items.retain(|given| first(&given.item.id, &given.source));
        self.documents.retain(|given| first(&given.id, &given.source));
        self.problems.extend(problems);
    }
}

/// True if a text may be a web page or a part of one, with its tags.
fn is_marked_up(text: &str) -> bool {
    text.trim_start().starts_with('<') && text.contains("</")
}

/// The lines of an item's evidence and words in `node`, from which it was read.
fn lines(item: &Item, node: &Node) -> BTreeMap<String, u32> {
    let mut paths = vec![TEXT_PATH.to_owned()];
    item.criteria.walk_all(&mut |path, criterion| {
        paths.extend(criterion.quote.as_ref().map(|_| quote_path(path)));
        paths.extend(criterion.text.as_ref().map(|_| wording_path(path)));
    });
    paths
        .into_iter()
        .filter_map(|path| node.at(&path).map(|node| node.line).map(|line| (path, line)))
        .collect()
}

/// True if any of `problems` is an error rather than a warning.
pub fn has_errors(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.severity == Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let mut given = ImportBatch::default();
        for (name, text) in files {
            given.read(name, text.as_bytes(), FactDictionary::built_in());
        }
        given.reject_duplicates();
        let items = given.items.iter().map(|one| one.item.id.clone());
        let ids = items.chain(given.documents.iter().map(|one| one.id.clone())).collect();
        (ids, given.problems.iter().map(ToString::to_string).collect())
    }

    /// Ids of documents and items contain no invisible characters, and two ids that look the same are
    /// refused.
    #[test]
    fn ids_are_visible_and_distinct() {
        let (ids, problems) = given(&[
            (
                "a.json",
                "[{\"id\":\"a\",\"title\":\"甲\"},{\"id\":\"A\",\"title\":\"乙\"},{\"id\":\"ａ\",\"text\":\"正文\"}]",
            ),
            ("b.json", "{\"id\":\"b\\u2066\",\"text\":\"正文\"}"),
            ("c\u{202e}txt.txt", "正文"),
        ]);
        assert_eq!(ids, ["a"]);
        let says = |text: &str| problems.iter().filter(|line| line.contains(text)).count();
        assert_eq!(says("看起来相同"), 2, "{problems:?}");
        assert_eq!((says("U+2066"), says("U+202E")), (1, 1), "{problems:?}");
    }

    /// R17: crawlers keep the markup of a page in the text of a line.
    #[test]
    fn document_markup_is_not_text() {
        let mut given = ImportBatch::default();
        let line = r#"{"id":"a","issuer":"云溪区科技局","text":"<div class=\"c\"><p>云溪区扶持办法</p><p>第一条&nbsp;奖励&lt;50&gt;万元。</p></div>"}"#;
        let plain = r#"{"id":"b","text":"<面积>小于5</亩>"}"#;
        given.read("a.jsonl", format!("{line}\n{plain}").as_bytes(), FactDictionary::built_in());
        let bodies: Vec<&str> =
            given.documents.iter().filter_map(|one| std::str::from_utf8(&one.body).ok()).collect();
        assert_eq!(
            bodies,
            ["云溪区扶持办法\n第一条 奖励<50>万元。\n", "<面积>小于5</亩>"],
            "{:?}",
            given.problems
        );
        assert_eq!(
            given.documents.first().map(|one| &one.metadata["issuer"]),
            Some(&Json::from("云溪区科技局"))
        );
    }

    /// A threshold is stored in the registry with the digits typed.
    #[test]
    fn thresholds_keep_every_digit() {
        let mut given = ImportBatch::default();
        let text = "{\"id\":\"a\",\"title\":\"甲\",\"criteria\":{\"fact\":\"revenue\",\"at_least\":90071992547409.93}}";
        given.read("a.json", text.as_bytes(), FactDictionary::built_in());
        assert_eq!(given.items.first().map(|one| one.body.as_str()), Some(text));
    }

    /// Received content, and the text inside a structured file, has the same limit.
    #[test]
    fn large_documents_are_refused_in_every_container() {
        let text = "甲".repeat(usize::try_from(FILE_LIMITS.document).unwrap() / 3 + 1);
        let mut given = ImportBatch::default();
        given.read("a.txt", text.as_bytes(), FactDictionary::built_in());
        let line = serde_json::json!({"id": "b", "text": text}).to_string();
        given.read("b.jsonl", line.as_bytes(), FactDictionary::built_in());
        assert!(given.documents.is_empty());
        assert_eq!(given.problems.len(), 2, "{:?}", given.problems);
    }
}
