//! Search answers with every highlight traced to the bytes received.

use std::collections::BTreeMap;

use serde::Serialize;
use zhaoren_indexer::{EntryKind, FacetValue, Highlight, Hit, HitClause, SearchRequest};
use zhaoren_text::restore;

use crate::error::EngineError;
use crate::open::Engine;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// What was typed.
    pub text: String,
    /// How many hits at most.
    pub limit: usize,
    /// How many of the best are passed over.
    pub offset: usize,
    /// `key=value` filters.
    pub filters: Vec<(String, String)>,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchAnswer {
    /// The query as it was read.
    pub query: String,
    /// How many documents and items match.
    pub total: usize,
    /// The best of them.
    pub hits: Vec<SearchHit>,
    /// Counts over all of them.
    pub facets: BTreeMap<String, Vec<FacetValue>>,
}

/// One document or item that matches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchHit {
    /// Id of the document or item.
    pub id: String,
    /// 标题.
    pub title: String,
    /// `document` or `item`.
    pub kind: EntryKind,
    /// Orders hits; says nothing of truth.
    pub score: f32,
    /// 文号.
    pub number: Option<String>,
    /// 发文机关.
    pub issuer: Option<String>,
    /// Region code of the issuer.
    pub region: Option<String>,
    /// 公布日期.
    pub published: Option<jiff::civil::Date>,
    /// 效力状态.
    pub status: zhaoren_policy::document::Status,
    /// The same, shown.
    pub status_name: Option<String>,
    /// 文种, shown.
    pub kind_name: Option<String>,
    /// The clauses that match.
    pub clauses: Vec<HitClause>,
    /// What matched, where.
    pub highlights: Vec<Highlighted>,
}

/// A highlight with the place it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Highlighted {
    /// `title` or `text`.
    pub field: &'static str,
    /// The snippet.
    pub text: String,
    /// Bytes of the snippet that matched.
    pub spans: Vec<(usize, usize)>,
    /// 条款.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// Bytes of the clean text that matched first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<(usize, usize)>,
    /// Where that stands in what was received; only for documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
}

/// A place in the bytes of a document as received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Original {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// What stands there, decoded.
    pub text: String,
}

impl Engine {
    /// Searches documents, items and clauses.
    ///
    /// # Errors
    /// An unknown filter, or a failure of index or registry.
    pub fn search(&self, query: &SearchQuery) -> Result<SearchAnswer, EngineError> {
        let response = self.index.search(&SearchRequest {
            query: query.text.clone(),
            limit: query.limit,
            offset: query.offset,
            filters: query.filters.clone(),
        })?;
        let hits: Result<Vec<SearchHit>, EngineError> =
            response.hits.into_iter().map(|hit| self.trace(hit)).collect();
        Ok(SearchAnswer {
            query: response.query,
            total: response.total,
            hits: hits?,
            facets: response.facets,
        })
    }

    /// Traces the highlights of a hit to the bytes received.
    fn trace(&self, hit: Hit) -> Result<SearchHit, EngineError> {
        let received = match hit.kind {
            EntryKind::Document if hit.highlights.iter().any(|highlight| highlight.source.is_some()) => {
                self.runtime.block_on(self.registry.document(&hit.id))?
            }
            _ => None,
        };
        let restored = received.as_ref().map(|record| (restore(&record.body), record.body.as_slice()));
        let trace = |highlight: Highlight| {
            let original =
                highlight.source.zip(restored.as_ref()).map(|((start, end), (restored, bytes))| {
                    let place = restored.offsets.to_source(start..end);
                    let text = restored.encoding.decode_part(bytes.get(place.clone()).unwrap_or_default());
                    Original { start: place.start, end: place.end, text }
                });
            Highlighted {
                field: highlight.field,
                text: highlight.text,
                spans: highlight.spans,
                article: highlight.article,
                source: highlight.source,
                original,
            }
        };
        Ok(SearchHit {
            highlights: hit.highlights.into_iter().map(trace).collect(),
            id: hit.id,
            title: hit.title,
            kind: hit.kind,
            score: hit.score,
            number: hit.number,
            issuer: hit.issuer,
            region: hit.region,
            published: hit.published,
            status_name: Some(hit.status.name().to_owned()),
            status: hit.status,
            kind_name: Some(hit.kind_name).filter(|name| !name.is_empty()),
            clauses: hit.clauses,
        })
    }
}
