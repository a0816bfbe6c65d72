//! Building a generation.

use std::path::{Path, PathBuf};

use tantivy::{Index as TantivyIndex, TantivyDocument};
use zhaoren_text::docno;

use crate::analyze::{Cutter, PAIRS, PairTokenizer, WORDS, WordTokenizer};
use crate::entry::{Card, Entry};
use crate::error::IndexError;
use crate::forward::write_forward;
use crate::generation::{Manifest, at, begin, publish, write};
use crate::lexicon::Lexicon;
use crate::schema::{Fields, SCHEMA_VERSION};

/// Bytes of memory for documents that are not written yet.
const BUFFER: usize = 128 << 20;

/// Builds and publishes a generation of `entries` under `root`. `progress` hears how many entries are done.
///
/// # Errors
/// When a file cannot be written; the generation in use stays as it was.
pub fn build(
    root: &Path,
    entries: &[Entry],
    lexicon: &Lexicon,
    progress: &dyn Fn(usize),
) -> Result<PathBuf, IndexError> {
    let building = begin(root)?;
    let aside = building.aside.as_path();
    let fields = Fields::new();
    let index = TantivyIndex::create_in_dir(aside, fields.schema.clone())?;
    register(&index, &Cutter::new(lexicon));
    // One thread: the order of documents, and with it every tie, is then the order of the entries.
    let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, BUFFER)?;
    let mut clauses = 0;
    for (place, entry) in entries.iter().enumerate() {
        for document in documents(entry, place as u64, &fields) {
            writer.add_document(document)?;
        }
        clauses += entry.clauses.len();
        progress(place + 1);
    }
    writer.commit()?;
    writer.wait_merging_threads()?;
    let mut cards = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut cards, &Card::of(entry)).map_err(|e| IndexError::Engine(e.to_string()))?;
        cards.push(b'\n');
    }
    write(&aside.join(CARDS), &cards)?;
    write_forward(aside, entries)?;
    let words = serde_json::to_vec(lexicon).map_err(|e| IndexError::Engine(e.to_string()))?;
    write(&aside.join(LEXICON), &words)?;
    let manifest = Manifest {
        schema: SCHEMA_VERSION,
        lexicon: lexicon.digest(),
        entries: entries.len(),
        clauses,
        files: std::collections::BTreeMap::new(),
    };
    drop(index);
    publish(root, &building, manifest)
}

/// What filters, facets and hits need, one entry a line.
pub(crate) const CARDS: &str = "cards.jsonl";
/// The lexicon that the generation was cut with.
pub(crate) const LEXICON: &str = "lexicon.json";

/// Makes the tokenizers known to an index.
pub(crate) fn register(index: &TantivyIndex, cutter: &Cutter) {
    index.tokenizers().register(WORDS, WordTokenizer(cutter.clone()));
    index.tokenizers().register(PAIRS, PairTokenizer);
}

/// Reads the cards and the lexicon of a generation.
pub(crate) fn read_beside(path: &Path) -> Result<(Vec<Card>, Lexicon), IndexError> {
    let unfit =
        |reason: serde_json::Error| IndexError::Unfit { path: path.to_owned(), reason: reason.to_string() };
    let file = path.join(CARDS);
    let text = std::fs::read_to_string(&file).map_err(at(&file))?;
    let cards: Result<Vec<Card>, _> = text.lines().map(serde_json::from_str).collect();
    let file = path.join(LEXICON);
    let bytes = std::fs::read(&file).map_err(at(&file))?;
    Ok((cards.map_err(unfit)?, serde_json::from_slice(&bytes).map_err(unfit)?))
}

/// The entry and each of its clauses.
fn documents(entry: &Entry, place: u64, fields: &Fields) -> Vec<TantivyDocument> {
    let mut documents = Vec::with_capacity(entry.clauses.len() + 1);
    let mut whole = TantivyDocument::new();
    whole.add_u64(fields.entry, place);
    whole.add_u64(fields.part, 0);
    whole.add_text(fields.title, &entry.title);
    for tag in &entry.tags {
        whole.add_text(fields.tags, tag);
        whole.add_text(fields.pairs, tag);
    }
    whole.add_text(fields.pairs, &entry.title);
    if let Some(issuer) = &entry.document.issuer {
        whole.add_text(fields.tags, issuer);
    }
    // Without clauses the text itself is all there is to find; with clauses each part is found in its clause.
    if entry.clauses.is_empty() {
        whole.add_text(fields.text, &entry.text);
        whole.add_text(fields.pairs, &entry.text);
    }
    for (_, number) in docno::find_all(&entry.text) {
        whole.add_text(fields.mentions, number.key());
    }
    whole.add_text(fields.stored, &entry.text);
    documents.push(whole);
    for (index, clause) in entry.clauses.iter().enumerate() {
        let Some(own) = entry.text.get(clause.span.clone()) else { continue };
        let mut part = TantivyDocument::new();
        part.add_u64(fields.entry, place);
        part.add_u64(fields.part, index as u64 + 1);
        if let Some(heading) = &clause.heading {
            part.add_text(fields.tags, heading);
        }
        part.add_text(fields.text, own);
        part.add_text(fields.pairs, own);
        documents.push(part);
    }
    documents
}
