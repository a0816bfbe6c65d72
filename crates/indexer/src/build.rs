//! Building a generation.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::{Index as TantivyIndex, Searcher, TantivyDocument};
use zhaoren_text::docno;

use crate::analyze::{Cutter, PAIRS, PairTokenizer, WORDS, WordTokenizer};
use crate::authority;
use crate::entry::Entry;
use crate::entry_meta::EntryMeta;
use crate::error::IndexError;
use crate::files::{at, write};
use crate::generation::{Builder, Manifest};
use crate::letters::{self, CharacterStats};
use crate::lexicon::Lexicon;
use crate::query_log::{AnsweredQuestion, Log, QueryLog};
use crate::schema::{Fields, SCHEMA_VERSION};

/// Memory for documents that are not written yet, in bytes.
pub(crate) const BUFFER: usize = 128 << 20;

/// Options of a build.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// Lexicon used to cut words.
    pub lexicon: Lexicon,
    /// The caller's identification of the source data; kept in the manifest.
    pub source: String,
    /// Revision of each entry's source, by entry id; the caller compares it to detect changes.
    pub revisions: BTreeMap<String, String>,
    /// Past questions with the entries that answered them.
    pub answered_questions: Vec<AnsweredQuestion>,
    /// Number of generations that are kept, including the new one.
    pub max_generations: usize,
}

impl BuildOptions {
    /// Options with a lexicon, for full rebuilds: the previous generation is kept.
    pub fn with_lexicon(lexicon: Lexicon) -> Self {
        Self {
            lexicon,
            source: String::new(),
            revisions: BTreeMap::new(),
            answered_questions: Vec::new(),
            max_generations: 2,
        }
    }

    /// Metadata of an entry.
    pub(crate) fn card(&self, entry: &Entry, key: u64) -> Arc<EntryMeta> {
        Arc::new(EntryMeta::of(entry, key, self.revisions.get(&entry.id).cloned().unwrap_or_default()))
    }
}

/// Builds and publishes a generation of `entries` under `root`. `progress` receives the number of entries done.
///
/// # Errors
/// A file cannot be written; the generation in use is unchanged.
pub fn build(
    root: &Path,
    entries: &[Entry],
    lexicon: &Lexicon,
    progress: &dyn Fn(usize),
) -> Result<PathBuf, IndexError> {
    build_with(root, entries, &BuildOptions::with_lexicon(lexicon.clone()), progress)
}

/// Builds and publishes a generation as [`build`] does, with the options `options`.
///
/// # Errors
/// A file cannot be written; the generation in use is unchanged.
pub fn build_with(
    root: &Path,
    entries: &[Entry],
    options: &BuildOptions,
    progress: &dyn Fn(usize),
) -> Result<PathBuf, IndexError> {
    let builder = Builder::take(root)?;
    let aside = builder.aside()?;
    let fields = Fields::new();
    let index = TantivyIndex::create_in_dir(&aside, fields.schema.clone())?;
    register(&index, &Cutter::new(&options.lexicon));
    // One thread: documents are then in the order of the entries.
    let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, BUFFER)?;
    let mut cards = Vec::with_capacity(entries.len());
    for (key, entry) in (0..).zip(entries) {
        for document in documents(entry, key, &fields) {
            writer.add_document(document)?;
        }
        cards.push(options.card(entry, key));
        progress(cards.len());
    }
    writer.commit()?;
    writer.wait_merging_threads()?;
    let keys = entries.len() as u64;
    let manifest = finish(&aside, &index, &fields, options, cards, keys)?;
    drop(index);
    builder.publish(manifest, &BTreeMap::new(), options.max_generations)
}

/// Writes the files beside the tantivy files, and returns the manifest.
pub(crate) fn finish(
    aside: &Path,
    index: &TantivyIndex,
    fields: &Fields,
    options: &BuildOptions,
    mut cards: Vec<Arc<EntryMeta>>,
    keys: u64,
) -> Result<Manifest, IndexError> {
    // Ties between hits are broken by this order; it must not depend on how the generation was built.
    cards.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    let failed = |error: serde_json::Error| IndexError::Engine(error.to_string());
    let mut lines = Vec::new();
    for card in &cards {
        serde_json::to_writer(&mut lines, &**card).map_err(failed)?;
        lines.push(b'\n');
    }
    write(&aside.join(CARDS), &lines)?;
    write(&aside.join(LEXICON), &serde_json::to_vec(&options.lexicon).map_err(failed)?)?;
    let searcher = index.reader()?.searcher();
    write(&aside.join(CENSUS), &serde_json::to_vec(&CharacterStats::of(&searcher)?).map_err(failed)?)?;
    if !options.answered_questions.is_empty() {
        let cutter = Cutter::new(&options.lexicon);
        let log = Log::of(&options.answered_questions, &cards, &searcher, fields, &cutter, &options.lexicon)?;
        write(&aside.join(ASKED), &serde_json::to_vec(&log).map_err(failed)?)?;
    }
    Ok(Manifest {
        schema: SCHEMA_VERSION,
        lexicon: options.lexicon.digest(),
        source: options.source.clone(),
        base: None,
        entries: cards.len(),
        clauses: cards.iter().map(|card| card.clauses.len()).sum(),
        keys,
        lengths: lengths(&searcher, fields)?,
        files: BTreeMap::new(),
    })
}

/// Length of every field, summed over all parts.
pub(crate) fn lengths(searcher: &Searcher, fields: &Fields) -> Result<BTreeMap<String, u64>, IndexError> {
    let mut lengths = BTreeMap::new();
    for (field, entry) in fields.schema.fields().filter(|(_, entry)| entry.has_fieldnorms()) {
        let mut sum = 0;
        for segment in searcher.segment_readers() {
            let norms = segment.get_fieldnorms_reader(field)?;
            sum += (0..segment.max_doc()).map(|part| u64::from(norms.fieldnorm(part))).sum::<u64>();
        }
        lengths.insert(entry.name().to_owned(), sum);
    }
    Ok(lengths)
}

/// File of entry metadata, one entry a line, for filters, facets and hits.
pub(crate) const CARDS: &str = "cards.jsonl";
/// File of the lexicon that the generation was cut with.
pub(crate) const LEXICON: &str = "lexicon.json";
/// File of past questions and the model learnt from them; absent without a log.
pub(crate) const ASKED: &str = "asked.json";
/// File of character statistics: number of parts that contain each character.
pub(crate) const CENSUS: &str = "letters.json";

/// Registers the tokenizers with an index.
pub(crate) fn register(index: &TantivyIndex, cutter: &Cutter) {
    index.tokenizers().register(WORDS, WordTokenizer::new(cutter.clone()));
    index.tokenizers().register(PAIRS, PairTokenizer);
}

/// Reads the entry metadata, the lexicon and the character statistics of a generation.
pub(crate) fn read_beside(path: &Path) -> Result<(Vec<Arc<EntryMeta>>, Lexicon, CharacterStats), IndexError> {
    let unfit = |reason: serde_json::Error| IndexError::Incompatible {
        path: path.to_owned(),
        reason: reason.to_string(),
    };
    let cards = read_cards(path)?;
    let file = path.join(LEXICON);
    let lexicon = serde_json::from_slice(&std::fs::read(&file).map_err(at(&file))?).map_err(unfit)?;
    let file = path.join(CENSUS);
    let census = serde_json::from_slice(&std::fs::read(&file).map_err(at(&file))?).map_err(unfit)?;
    Ok((cards, lexicon, census))
}

/// Reads the metadata of a generation's entries.
pub(crate) fn read_cards(path: &Path) -> Result<Vec<Arc<EntryMeta>>, IndexError> {
    let file = path.join(CARDS);
    let text = std::fs::read_to_string(&file).map_err(at(&file))?;
    let cards: Result<_, serde_json::Error> =
        text.lines().map(|line| serde_json::from_str(line).map(Arc::new)).collect();
    cards.map_err(|reason| IndexError::Incompatible { path: path.to_owned(), reason: reason.to_string() })
}

/// Reads the past questions of a generation.
pub(crate) fn read_asked(
    path: &Path,
    cards: &[Arc<EntryMeta>],
    cutter: &Cutter,
    lexicon: &Lexicon,
) -> Result<QueryLog, IndexError> {
    let file = path.join(ASKED);
    let bytes = match std::fs::read(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(QueryLog::default()),
        read => read.map_err(at(&file))?,
    };
    let log = serde_json::from_slice(&bytes)
        .map_err(|error| IndexError::Incompatible { path: path.to_owned(), reason: error.to_string() })?;
    Ok(QueryLog::of(log, cards, cutter, lexicon))
}

/// tantivy documents of an entry: one for the entry itself and one for each clause.
pub(crate) fn documents(entry: &Entry, key: u64, fields: &Fields) -> Vec<TantivyDocument> {
    let mut documents = Vec::with_capacity(entry.clauses.len() + 1);
    let mut whole = TantivyDocument::new();
    whole.add_u64(fields.entry, key);
    whole.add_u64(fields.part, 0);
    whole.add_text(fields.title, &entry.title);
    for tag in &entry.tags {
        whole.add_text(fields.tags, tag);
        whole.add_text(fields.pairs, tag);
    }
    whole.add_text(fields.pairs, &entry.title);
    for name in &entry.aka {
        whole.add_text(fields.title, name);
        whole.add_text(fields.pairs, name);
    }
    if let Some(issuer) = &entry.document.issuer {
        whole.add_text(fields.tags, issuer);
    }
    // With clauses every part of the text is found through its clause; otherwise the text itself is indexed.
    if entry.clauses.is_empty() {
        whole.add_text(fields.text, &entry.text);
        whole.add_text(fields.pairs, &entry.text);
    }
    for (_, number) in docno::find_all(&entry.text) {
        whole.add_text(fields.mentions, number.key());
    }
    for name in authority::cites(&entry.text) {
        whole.add_text(fields.cites, name);
    }
    whole.add_text(fields.stored, &entry.text);
    let title = authority::document(&entry.title).unwrap_or(&entry.title);
    let read = |texts: &[&str]| {
        let mut letters = Vec::new();
        for text in std::iter::once(&title).chain(texts) {
            letters::append(text, &mut letters);
            letters::append(" ", &mut letters);
        }
        letters
    };
    let own = entry.clauses.is_empty().then_some(entry.text.as_str());
    let own: Vec<&str> = entry.aka.iter().chain(&entry.tags).map(String::as_str).chain(own).collect();
    letters::add(&mut whole, &read(&own), fields);
    documents.push(whole);
    for (index, clause) in entry.clauses.iter().enumerate() {
        let Some(own) = entry.text.get(clause.span.clone()) else { continue };
        let mut part = TantivyDocument::new();
        part.add_u64(fields.entry, key);
        part.add_u64(fields.part, index as u64 + 1);
        if let Some(heading) = &clause.heading {
            part.add_text(fields.tags, heading);
        }
        part.add_text(fields.text, own);
        part.add_text(fields.pairs, own);
        letters::add(&mut part, &read(&[own]), fields);
        documents.push(part);
    }
    documents
}
