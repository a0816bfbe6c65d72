//! Resolution of the document that an item belongs to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use zhaoren_policy::document::Document;
use zhaoren_policy::item::Item;
use zhaoren_text::{docno, restore_str};

use super::fold::FoldedText;

/// Index of documents by every name that an item may use.
#[derive(Debug, Default)]
pub(crate) struct DocumentNames {
    ids: BTreeSet<String>,
    by_file: BTreeMap<String, String>,
    by_number: BTreeMap<String, Vec<NamedDocument>>,
    by_title: BTreeMap<String, Vec<NamedDocument>>,
}

#[derive(Clone, Debug)]
struct NamedDocument {
    id: String,
    title: String,
    /// True if it has a 文号 that parses.
    has_number: bool,
}

impl DocumentNames {
    /// Adds a document by its id, and by its source file if there is one.
    pub(crate) fn add(&mut self, id: &str, file: Option<&str>) {
        self.ids.insert(id.to_owned());
        if let Some(file) = file {
            self.by_file.insert(normalize(Path::new(file)), id.to_owned());
        }
    }

    /// Adds a document by its 文号 and its title.
    pub(crate) fn add_names(&mut self, id: &str, document: &Document) {
        let number = document.number.as_deref().and_then(docno::parse);
        let named =
            NamedDocument { id: id.to_owned(), title: title(&document.title), has_number: number.is_some() };
        if !named.title.is_empty() {
            self.by_title.entry(named.title.clone()).or_default().push(named.clone());
        }
        if let Some(number) = number {
            self.by_number.entry(number.key()).or_default().push(named);
        }
    }

    /// True if a document has this id.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    /// Candidate documents of `item`, read from `file`, the likeliest first.
    ///
    /// The file it names; else documents with its 文号, since a notice and the text it issues bear the same one; else
    /// documents with its title, except other editions, which have another 文号.
    pub(crate) fn candidates(&self, item: &Item, file: &str) -> Vec<String> {
        if let Some(id) = self.named_file(item, file) {
            return vec![id];
        }
        let own = title(&item.document.title);
        let number = item.document.number.as_deref().and_then(docno::parse);
        let same = number.as_ref().and_then(|number| self.by_number.get(&number.key()));
        let mut found: Vec<&NamedDocument> = match same {
            Some(same) => same.iter().collect(),
            None => {
                let titled = self.by_title.get(&own).into_iter().flatten();
                titled.filter(|named| !(named.has_number && number.is_some())).collect()
            }
        };
        found.sort_by_key(|named| (named.title != own, &named.id));
        found.into_iter().map(|named| named.id.clone()).collect()
    }

    /// The document in the file that an item names, relative to the item's own file.
    pub(crate) fn named_file(&self, item: &Item, file: &str) -> Option<String> {
        let named = item.document.text.as_deref()?;
        let by_file =
            candidate_paths(file, named).into_iter().find_map(|path| self.by_file.get(&normalize(&path)));
        let stored = || {
            let paths = candidate_paths(file, named);
            let long = paths.iter().map(|path| long_id(path));
            long.chain([short_id(Path::new(named))]).find(|id| self.has(id))
        };
        by_file.cloned().or_else(stored)
    }
}

/// Candidate paths of a text that an item file names: beside it, or, as in the seeds, in the folder `documents` beside its
/// folder `policies`.
pub(crate) fn candidate_paths(item_file: &str, named: &str) -> Vec<PathBuf> {
    let folder = Path::new(item_file).parent().unwrap_or(Path::new(""));
    let mut places = vec![folder.join(named)];
    if folder.file_name().is_some_and(|name| name == "policies") {
        places.push(folder.with_file_name("documents").join(named));
    }
    places
}

/// The id of a document in a file of its own: the file name without its extension.
pub(crate) fn short_id(path: &Path) -> String {
    path.file_stem().map_or_else(|| path.display().to_string(), |stem| stem.to_string_lossy().into_owned())
}

/// The id of such a document if another one has the short id.
pub(crate) fn long_id(path: &Path) -> String {
    normalize(&path.with_extension(""))
}

/// A normalised path, for comparison.
pub(crate) fn normalize(path: &Path) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if parts.last().is_some_and(|last| last != ".." && !last.is_empty()) => {
                parts.pop();
            }
            Component::RootDir => parts.push(String::new()),
            other => parts.push(other.as_os_str().to_string_lossy().into_owned()),
        }
    }
    parts.join("/")
}

/// A title normalised for comparison: 《》 around the whole title are removed.
fn title(text: &str) -> String {
    let folded = FoldedText::new(&restore_str(text).text).text;
    let inner = folded.strip_prefix('《').and_then(|inner| inner.strip_suffix('》'));
    match inner {
        Some(inner) if !inner.contains('《') => inner.to_owned(),
        _ => folded,
    }
}

#[cfg(test)]
mod tests {
    use zhaoren_policy::fact::FactDictionary;
    use zhaoren_policy::item::read_items;

    use super::*;

    fn item(document: &str) -> Item {
        let text = format!(r#"{{"id":"x","title":"题","document":{document}}}"#);
        let (mut items, report) = read_items(&text, "x.json", FactDictionary::built_in());
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        items.remove(0).0
    }

    fn document(title: &str, number: Option<&str>) -> Document {
        Document { title: title.to_owned(), number: number.map(str::to_owned), ..Document::default() }
    }

    #[test]
    fn an_item_names_its_document_by_file_then_number_then_title() {
        let mut catalogue = DocumentNames::default();
        for (id, file, title, number) in [
            ("notice", None, "关于印发管理办法的通知", Some("国科发火〔2016〕32号")),
            ("rules", None, "高新技术企业认定管理办法", Some("国科发火〔2016〕32号")),
            ("former", None, "某某办法", Some("国科发火〔2008〕172号")),
            ("page", None, "某某办法", None),
            ("law", Some("a/./b/../law.txt"), "别的", None),
        ] {
            catalogue.add(id, file);
            catalogue.add_names(id, &document(title, number));
        }
        let cases: [(&str, &[&str]); 9] = [
            (
                r#"{"title":"《高新技術企業認定管理辦法》","number":"國科發火（2016）32號"}"#,
                &["rules", "notice"],
            ),
            (r#"{"title":"没有见过的","number":"国科发火[2016]32"}"#, &["notice", "rules"]),
            (r#"{"title":"某某办法"}"#, &["former", "page"]),
            (r#"{"title":"某某办法","number":"国科发火〔2024〕1号"}"#, &["page"]),
            (r#"{"text":"law.txt","title":"某某办法"}"#, &["law"]),
            (r#"{"text":"../x/law.txt"}"#, &["law"]),
            (r#"{"text":"gone.txt","title":"某某办法","number":"国科发火〔2008〕172号"}"#, &["former"]),
            (r#"{"title":"谁也不知道"}"#, &[]),
            ("{}", &[]),
        ];
        for (given, expected) in cases {
            assert_eq!(catalogue.candidates(&item(given), "a/items.yaml"), expected, "{given}");
        }
    }

    #[test]
    fn paths_compare_in_normal_form() {
        assert_eq!(normalize(Path::new("./a/b/../c.txt")), "a/c.txt");
        assert_eq!(normalize(Path::new("../a")), "../a");
        assert_eq!(normalize(Path::new("/a/../b")), "/b");
        assert_eq!(candidate_paths("seeds/policies/x.yaml", "t.txt")[1], Path::new("seeds/documents/t.txt"));
        assert_eq!(candidate_paths("x.yaml", "t.txt"), [Path::new("t.txt")]);
    }
}
