//! Evaluation of search on a judged collection, against a plain index in the same run.
//!
//! Our side uses the product's own code: [`build_with`](crate::build_with()) makes a generation in a separate folder, and
//! [`Index::top_ids`] gives the ranking of a search. The baseline is tantivy with jieba's words in one field.

mod measure;
mod plain;
mod read;

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;
use zhaoren_policy::document::Document;

use crate::build::{BuildOptions, build_with};
use crate::entry::{Entry, EntryKind};
use crate::error::IndexError;
use crate::lexicon::Lexicon;
use crate::open::Index;
use crate::query_log::AnsweredQuestion;
pub use measure::Scores;
use measure::Tally;
use plain::Plain;
use read::Article;
pub use read::BadLine;

/// Number of ranked results per query.
const DEPTH: usize = 100;

/// The files of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// Articles with `id`, `name` and `content`, one a line.
    pub corpus: PathBuf,
    /// Queries with `id` and `query`, one a line.
    pub queries: PathBuf,
    /// Judgements: `query 0 article grade`.
    pub qrels: PathBuf,
    /// Past queries and their judgements, used for learning.
    pub log: Option<(PathBuf, PathBuf)>,
}

/// Result of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// Number of queries that have a relevant article.
    pub queries: usize,
    /// Metrics of our search.
    pub zhaoren: Scores,
    /// Metrics of plain tantivy with jieba's words.
    pub tantivy_jieba: Scores,
    /// Lines that could not be read and were skipped.
    #[serde(skip)]
    pub bad: Vec<BadLine>,
}

/// Builds both indexes, the product's under `work`, and runs every judged query on both. `progress` receives the number
/// of articles indexed.
///
/// # Errors
/// A file cannot be read or written, or no query is judged.
pub fn evaluate(
    collection: &Collection,
    work: &Path,
    progress: &dyn Fn(usize, usize),
) -> Result<Evaluation, IndexError> {
    let mut bad = Vec::new();
    let articles = read::articles(&collection.corpus, &mut bad)?;
    let queries = read::queries(&collection.queries, &mut bad)?;
    let judgements = read::judgements(&collection.qrels, &mut bad)?;
    let judged: Vec<_> = queries
        .iter()
        .filter_map(|(id, query)| Some((query.as_str(), judgements.get(id)?)))
        .filter(|(_, grades)| grades.values().any(|grade| *grade > 0))
        .collect();
    if judged.is_empty() {
        return Err(IndexError::Incompatible {
            path: collection.qrels.clone(),
            reason: "没有一个问题有相关的条文，无可衡量".to_owned(),
        });
    }
    let asked = asked(collection.log.as_ref(), &mut bad)?;
    let entries: Vec<Entry> = articles.iter().map(entry).collect();
    let options =
        BuildOptions { answered_questions: asked, ..BuildOptions::with_lexicon(Lexicon::built_in()) };
    build_with(work, &entries, &options, &|done| progress(done, entries.len()))?;
    drop(entries);
    let ours = Index::open(work)?;
    let plain = Plain::build(&articles)?;
    // One untimed run, so that neither side pays for page faults; then alternating, query by query.
    for (query, _) in &judged {
        ours.top_ids(query, DEPTH)?;
        plain.search(query, DEPTH)?;
    }
    let (mut our_tally, mut plain_tally) = (Tally::default(), Tally::default());
    for (query, grades) in &judged {
        let began = Instant::now();
        let ranked = ours.top_ids(query, DEPTH)?;
        our_tally.add(&ranked, grades, began.elapsed());
        let began = Instant::now();
        let places = plain.search(query, DEPTH)?;
        let took = began.elapsed();
        let ids: Vec<&str> = places
            .iter()
            .filter_map(|place| articles.get(*place))
            .map(|article| article.id.as_str())
            .collect();
        plain_tally.add(&ids, grades, took);
    }
    Ok(Evaluation {
        queries: judged.len(),
        zhaoren: our_tally.scores(),
        tantivy_jieba: plain_tally.scores(),
        bad,
    })
}

/// Past questions with the articles that answer them.
fn asked(
    log: Option<&(PathBuf, PathBuf)>,
    bad: &mut Vec<BadLine>,
) -> Result<Vec<AnsweredQuestion>, IndexError> {
    let mut asked = Vec::new();
    if let Some((queries, qrels)) = log {
        let judgements = read::judgements(qrels, bad)?;
        for (id, query) in read::queries(queries, bad)? {
            for (article, grade) in judgements.get(&id).into_iter().flatten() {
                if *grade > 0 {
                    asked.push(AnsweredQuestion { question: query.clone(), entry: article.clone() });
                }
            }
        }
    }
    Ok(asked)
}

/// An article as a document of the index.
fn entry(article: &Article) -> Entry {
    Entry {
        id: article.id.clone(),
        kind: EntryKind::Document,
        title: article.name.clone(),
        document: Document { title: article.name.clone(), ..Document::default() },
        text: article.content.clone(),
        clauses: Vec::new(),
        methods: Vec::new(),
        delivery: None,
        tags: Vec::new(),
        aka: Vec::new(),
    }
}
