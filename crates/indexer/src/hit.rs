//! A hit for display: metadata of the entry, with snippets of the matches.

use std::collections::BTreeSet;

use serde::Serialize;
use tantivy::query::TermQuery;
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{TantivyDocument, Term};
use zhaoren_policy::document::{Level, Status};
use zhaoren_text::search_form;

use crate::corpus::Corpus;
use crate::entry::EntryKind;
use crate::error::IndexError;
use crate::explain::Explanation;
use crate::highlight::{Highlight, Marks};
use crate::meaning::Meaning;
use crate::rank::steps::Group;

/// One entry that matches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// Id of the entry.
    pub id: String,
    /// 标题.
    pub title: String,
    /// Document or item.
    pub kind: EntryKind,
    /// Sort order of hits; no measure of truth.
    #[serde(serialize_with = "four_places")]
    pub score: f32,
    /// 文号.
    pub number: Option<String>,
    /// 发文机关.
    pub issuer: Option<String>,
    /// 效力状态.
    pub status: Status,
    /// 效力状态, display name.
    pub status_name: &'static str,
    /// 文种, or 政策事项.
    pub kind_name: String,
    /// 层级.
    pub level: Option<Level>,
    /// Region code.
    pub region: Option<String>,
    /// 公布日期.
    pub published: Option<jiff::civil::Date>,
    /// Snippets, best first.
    pub highlights: Vec<Highlight>,
    /// Matching clauses, best first.
    pub clauses: Vec<HitClause>,
    /// Interpretations that led to the hit where it lacks the typed words: a reading, a synonym, a correction.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<Meaning>,
    /// Ids of reprints found and folded into this hit, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub folded: Vec<String>,
    /// Explanation of the score, if requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<Explanation>,
}

/// Serializes a score with four decimals, so that every output prints the same text.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
fn four_places<S: serde::Serializer>(score: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((f64::from(*score) * 10_000.0).round() / 10_000.0)
}

/// A clause that matches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HitClause {
    /// 第十一条（一）.
    pub article: String,
    /// Words of its heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// Byte range of the entry's clean text.
    pub span: (usize, usize),
    /// Ids of the items with quotes in this clause. The index does not know them; the caller that does sets them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
}

impl Hit {
    /// Interpretations that explain the hit: it shows the searched text and not the typed one.
    pub(crate) fn interpretations(&self, meanings: &[Meaning]) -> Vec<Meaning> {
        let texts: Vec<String> = std::iter::once(&self.title)
            .chain(self.highlights.iter().map(|highlight| &highlight.text))
            .map(|text| search_form(text).to_lowercase())
            .collect();
        let shows = |word: &String| texts.iter().any(|text| text.contains(&word.to_lowercase()));
        let led = |meaning: &&Meaning| meaning.meant.iter().any(shows) && !shows(&meaning.typed);
        meanings.iter().filter(led).cloned().collect()
    }
}

/// Number of clauses shown per hit.
const SHOWN_CLAUSES: usize = 3;

impl Corpus {
    pub(crate) fn hit(&self, group: &Group, marks: &Marks) -> Result<Option<Hit>, IndexError> {
        let Some(card) = self.cards.get(group.entry) else { return Ok(None) };
        let text = self.text(group.entry)?;
        let mut highlights = Vec::new();
        let title_spans = marks.spans(&card.title);
        if !title_spans.is_empty() {
            let text = card.title.clone();
            highlights.push(Highlight {
                field: "title",
                text,
                spans: title_spans,
                article: None,
                source: None,
                original: None,
            });
        }
        let mut clauses = Vec::new();
        for clause in group.clauses.iter().filter_map(|&index| card.clauses.get(index)).take(SHOWN_CLAUSES) {
            clauses.push(HitClause {
                article: clause.article.clone(),
                heading: clause.heading.clone(),
                span: (clause.span.start, clause.span.end),
                items: Vec::new(),
            });
            let own = text.get(clause.span.clone()).unwrap_or_default();
            highlights.extend(marks.snippet(own, clause.span.start, &clause.article));
        }
        if clauses.is_empty() {
            highlights.extend(marks.snippet(&text, 0, ""));
        }
        let kind_name = card.facet("kind", None).into_iter().next().map(|(_, name)| name).unwrap_or_default();
        Ok(Some(Hit {
            id: card.id.clone(),
            title: card.title.clone(),
            kind: card.kind,
            score: group.score,
            number: card.document.number.clone(),
            issuer: card.document.issuer.clone(),
            status: card.document.status,
            status_name: card.document.status.name(),
            kind_name,
            level: card.document.level,
            region: card.document.region.clone(),
            published: card.document.published,
            highlights,
            clauses,
            through: Vec::new(),
            folded: Vec::new(),
            explain: None,
        }))
    }

    /// Clean text of an entry.
    pub(crate) fn text(&self, entry: usize) -> Result<String, IndexError> {
        let searcher = self.reader.searcher();
        let Some(key) = self.cards.get(entry).map(|card| card.key) else { return Ok(String::new()) };
        let by_entry = TermQuery::new(Term::from_field_u64(self.fields.entry, key), IndexRecordOption::Basic);
        let addresses = searcher.search(&by_entry, &tantivy::collector::DocSetCollector)?;
        let addresses: BTreeSet<_> = addresses.into_iter().collect();
        for address in addresses {
            let document: TantivyDocument = searcher.doc(address)?;
            if let Some(text) =
                document.get_first(self.fields.stored).and_then(|value| value.as_str().map(str::to_owned))
            {
                return Ok(text);
            }
        }
        Ok(String::new())
    }
}
