//! Verification of the quotes in an import batch, and the text files that its items name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::{Map, Value as Json};
use zhaoren_policy::document::Document;
use zhaoren_policy::problem::{Fault, Report, Subject};
use zhaoren_registry::DocumentRecord;

use super::{
    DocumentNames, Evidence, QuotedItem, candidate_paths, has_quotes, long_id, normalize, short_id, verify,
};
use crate::document_file::{DocumentFile, FileContent, content};
use crate::error::EngineError;
use crate::evidence_paths::TEXT_PATH;
use crate::file::{FILE_LIMITS, read_file};
use crate::read_documents::ReadDocument;
use crate::source::{ImportBatch, ImportDocument};

impl ImportBatch {
    /// Adds the texts that items name with `document.text` as documents, unless the batch has them. `stored` returns the
    /// existing document of an id. An unreadable text is a warning.
    ///
    /// The id is the file name without its extension, as for every text; if another text has that id, the whole path.
    pub(crate) fn take_named_texts(
        &mut self,
        mut stored: impl FnMut(&str) -> Result<Option<DocumentRecord>, EngineError>,
    ) -> Result<(), EngineError> {
        let mut have: BTreeSet<String> =
            self.documents.iter().map(|document| normalize(Path::new(&document.source))).collect();
        for item in &self.items {
            let Some(named) = item.item.document.text.as_deref() else { continue };
            let paths = candidate_paths(&item.source, named);
            if paths.iter().any(|path| have.contains(&normalize(path))) {
                continue;
            }
            let NamedText { path, body, metadata } = match read_first(&paths) {
                Ok(read) => read,
                Err(why) => {
                    let mut report = Report::new(&item.source);
                    report.set_subject(Some(Subject::Item(item.item.id.clone())));
                    let line = item.lines.get(TEXT_PATH).copied().unwrap_or(0);
                    report.warn(line, TEXT_PATH, Fault::Other(format!("text `{named}` is not used: {why}")));
                    self.problems.extend(report.problems);
                    continue;
                }
            };
            let source = path.display().to_string();
            have.insert(normalize(&path));
            let mut id = short_id(&path);
            let here = self.documents.iter().any(|document| document.id == id);
            let other = |before: &DocumentRecord| {
                before.body != body && normalize(Path::new(&before.source)) != normalize(&path)
            };
            if here || stored(&id)?.as_ref().is_some_and(other) {
                id = long_id(&path);
            }
            self.documents.push(ImportDocument { id, source, metadata, body });
        }
        Ok(())
    }

    /// Removes the items with a quote that their document does not contain, and reports the position of the other items'
    /// quotes.
    ///
    /// The documents are those of the batch, and the `stored` ones, which `fetch` returns by id.
    pub(crate) fn refuse_false_quotes<'a>(
        &mut self,
        stored: impl Iterator<Item = (&'a str, &'a Document)>,
        mut fetch: impl FnMut(&str) -> Result<Option<DocumentRecord>, EngineError>,
    ) -> Result<Evidence, EngineError> {
        if !self.items.iter().any(|item| has_quotes(&item.item)) {
            return Ok(Evidence::default());
        }
        let catalogue = self.catalogue(stored)?;
        let standing: Vec<QuotedItem<'_>> = self
            .items
            .iter()
            .map(|item| QuotedItem { item: &item.item, file: &item.source, lines: &item.lines })
            .collect();
        let here: BTreeMap<&str, &ImportDocument> =
            self.documents.iter().map(|document| (document.id.as_str(), document)).collect();
        let verified = verify(&standing, &catalogue, |id| match here.get(id) {
            Some(document) => Ok(Some(document.record())),
            None => fetch(id),
        })?;
        self.items.retain(|item| !verified.refused.contains(&item.item.id));
        self.problems.extend(verified.problems);
        Ok(verified.evidence)
    }

    /// The documents of the batch, and the stored ones that the batch does not replace.
    fn catalogue<'a>(
        &self,
        stored: impl Iterator<Item = (&'a str, &'a Document)>,
    ) -> Result<DocumentNames, EngineError> {
        let mut catalogue = DocumentNames::default();
        for document in &self.documents {
            catalogue.add(&document.id, Some(&document.source));
        }
        // Names are extracted from the documents' own texts only if an item needs them.
        let asked = self
            .items
            .iter()
            .any(|item| has_quotes(&item.item) && catalogue.named_file(&item.item, &item.source).is_none());
        if asked {
            let outlines: Vec<(&str, Document)> = self
                .documents
                .par_iter()
                .map(|document| {
                    let record = document.record();
                    let names = ReadDocument::of(&record).outline(&record)?.document.clone();
                    Ok((document.id.as_str(), names))
                })
                .collect::<Result<_, EngineError>>()?;
            for (id, document) in &outlines {
                catalogue.add_names(id, document);
            }
        }
        for (id, document) in stored {
            if !catalogue.has(id) {
                catalogue.add(id, None);
                catalogue.add_names(id, document);
            }
        }
        Ok(catalogue)
    }
}

/// The text that an item names, read from its file.
struct NamedText {
    path: PathBuf,
    body: Vec<u8>,
    metadata: Map<String, Json>,
}

/// The first readable file of some paths, in any form of publication.
fn read_first(paths: &[PathBuf]) -> Result<NamedText, String> {
    let mut why = String::new();
    for path in paths {
        let bytes = match read_file(path) {
            Ok(bytes) => bytes,
            Err(problem) => {
                if why.is_empty() {
                    why = format!("{}: {}", path.display(), problem.fault);
                }
                continue;
            }
        };
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(format!("{} is empty", path.display()));
        }
        let found = content(&path.display().to_string(), &bytes)
            .map_err(|refusal| format!("{}: {refusal}", path.display()))?;
        let (body, metadata) = match found {
            FileContent::Text => (bytes, Map::new()),
            FileContent::File(file) => {
                let DocumentFile { canonical, metadata, .. } = *file;
                (canonical.text.into_bytes(), metadata)
            }
        };
        if body.len() as u64 > FILE_LIMITS.document {
            let limit = FILE_LIMITS.document;
            return Err(format!("{}: {} bytes of text, at most {limit}", path.display(), body.len()));
        }
        return Ok(NamedText { path: path.clone(), body, metadata });
    }
    Err(why)
}
