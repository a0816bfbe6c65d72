//! Measuring search by questions with judgements, beside plain tantivy over words cut by jieba.

mod input;
mod metrics;
mod plain;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;
use zhaoren_policy::document::Document;

use crate::asked::Answered;
use crate::entry::{Entry, EntryKind};
use crate::error::IndexError;
use crate::lexicon::Lexicon;
use crate::search::Index;
use input::{Article, articles, judgements, questions};
use metrics::Sums;
use plain::Plain;

/// Files of a measurement, gzip or plain.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// JSON Lines of `id`, `name`, `content`.
    pub corpus: PathBuf,
    /// JSON Lines of `id`, `query`.
    pub queries: PathBuf,
    /// Lines of query, anything, article, judgement; above 0 is right.
    pub judgements: PathBuf,
    /// Past questions and what answered them, in the same forms.
    pub log: Option<(PathBuf, PathBuf)>,
}

/// What a measurement came to.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// How many questions had a judgement.
    pub queries: usize,
    /// How many articles were searched.
    pub articles: usize,
    /// This program's search.
    pub zhaoren: Scores,
    /// Plain tantivy over words of jieba.
    pub tantivy_jieba: Scores,
    /// The same as `zhaoren` with a page of ten hits, snippets and facets: times in microseconds, median and p99.
    pub page_us: (f64, f64),
    /// Lines of the input that could not be used.
    #[serde(skip)]
    pub problems: Vec<String>,
}

/// Means over all questions; times in microseconds for the best hundred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Scores {
    /// nDCG of the first ten.
    #[serde(rename = "ndcg@10")]
    pub ndcg_10: f64,
    /// Mean of one over the place of the first right one among ten.
    #[serde(rename = "mrr@10")]
    pub mrr_10: f64,
    /// Share of the right ones among the first.
    #[serde(rename = "recall@1")]
    pub recall_1: f64,
    /// Among the first five.
    #[serde(rename = "recall@5")]
    pub recall_5: f64,
    /// Among the first ten.
    #[serde(rename = "recall@10")]
    pub recall_10: f64,
    /// Among the first hundred.
    #[serde(rename = "recall@100")]
    pub recall_100: f64,
    /// Median time.
    pub p50_us: f64,
    /// 99th percentile.
    pub p99_us: f64,
}

/// How deep is looked.
const DEPTH: usize = 100;

/// Builds both indexes under `folder`, asks every judged question of both in turn, and scores the answers.
///
/// # Errors
/// When a file cannot be read or an index not be built. Bad lines are named in the result.
pub fn measure(folder: &Path, sources: &Sources) -> Result<Measured, IndexError> {
    let mut problems = Vec::new();
    let corpus = articles(&sources.corpus, &mut problems)?;
    let queries = questions(&sources.queries, &mut problems)?;
    let right = judgements(&sources.judgements, &mut problems)?;
    let mut answered = Vec::new();
    if let Some((log, judged)) = &sources.log {
        let judged = judgements(judged, &mut problems)?;
        for (id, question) in questions(log, &mut problems)? {
            let entries = judged.get(&id).into_iter().flatten();
            answered
                .extend(entries.map(|entry| Answered { question: question.clone(), entry: entry.clone() }));
        }
    }
    let plain = Plain::build(&corpus)?;
    let entries: Vec<Entry> = corpus.into_iter().map(entry).collect();
    crate::build::build_with(folder, &entries, &Lexicon::built_in(), &answered, &|_| {})?;
    let articles = entries.len();
    drop(entries);
    let index = Index::open(folder)?;
    let asked: Vec<(&String, &Vec<String>)> =
        queries.iter().filter_map(|(id, query)| Some((query, right.get(id)?))).collect();
    let (mut ours, mut theirs, mut pages) = (Sums::default(), Sums::default(), Vec::new());
    // Once to warm both, once to time; turn by turn, so that neither has the machine to itself.
    for timed in [false, true] {
        for (query, right) in &asked {
            let (hits, took) = clocked(|| index.best(query, DEPTH))?;
            let hits: Vec<&str> = hits.iter().map(|(id, _)| *id).collect();
            let (rival, rival_took) = clocked(|| plain.search(query, DEPTH))?;
            if timed {
                ours.add(&hits, right, took);
                theirs.add(&rival.iter().map(String::as_str).collect::<Vec<_>>(), right, rival_took);
                let request =
                    crate::SearchRequest { query: (*query).clone(), limit: 10, ..Default::default() };
                pages.push(clocked(|| index.search(&request))?.1);
            }
        }
    }
    let page_us = (metrics::percentile(&mut pages, 50), metrics::percentile(&mut pages, 99));
    Ok(Measured {
        queries: asked.len(),
        articles,
        zhaoren: ours.means(),
        tantivy_jieba: theirs.means(),
        page_us,
        problems,
    })
}

fn clocked<T>(run: impl FnOnce() -> Result<T, IndexError>) -> Result<(T, Duration), IndexError> {
    let begun = Instant::now();
    Ok((run()?, begun.elapsed()))
}

/// An article as an entry of its own.
fn entry(article: Article) -> Entry {
    let document = Document { title: article.name.clone(), ..Document::default() };
    Entry {
        id: article.id,
        kind: EntryKind::Document,
        title: article.name,
        document,
        text: article.content,
        clauses: Vec::new(),
        methods: Vec::new(),
        delivery: None,
        tags: Vec::new(),
    }
}

/// Right answers by question.
type Right = HashMap<String, Vec<String>>;
