//! Search with every highlight traced to the bytes received.

use zhaoren_indexer::{EntryKind, Hit, Original, SearchRequest, SearchResponse, Suggestion};
use zhaoren_text::restore;

use crate::clock::today;
use crate::error::EngineError;
use crate::open::Engine;

impl Engine {
    /// Searches documents, items and clauses; how they stand is said of today where no day is asked for.
    ///
    /// # Errors
    /// An unknown filter, or a failure of index or registry.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchResponse, EngineError> {
        let mut request = request.clone();
        request.as_of = request.day().or_else(|| Some(today()));
        let mut response = self.state().index.search(&request)?;
        for hit in &mut response.hits {
            self.trace(hit)?;
        }
        Ok(response)
    }

    /// What may be meant by what was typed so far, the likeliest first.
    ///
    /// # Errors
    /// A failure of the index.
    pub fn suggest(&self, typed: &str, limit: usize) -> Result<Vec<Suggestion>, EngineError> {
        Ok(self.state().index.suggest(typed, limit)?)
    }

    /// Traces the highlights of a document to the bytes received. Items are data and have none.
    fn trace(&self, hit: &mut Hit) -> Result<(), EngineError> {
        let marks_text = hit.highlights.iter().any(|highlight| highlight.source.is_some());
        if hit.kind != EntryKind::Document || !marks_text {
            return Ok(());
        }
        let Some(record) = self.runtime.on(self.registry.document(&hit.id))? else { return Ok(()) };
        let restored = restore(&record.body);
        for highlight in &mut hit.highlights {
            // An index rolled back may be of another text than the one at hand, where the place means nothing.
            let marked = highlight.spans.first().and_then(|&(start, end)| highlight.text.get(start..end));
            let source = highlight.source.filter(|&(start, end)| restored.text.get(start..end) == marked);
            highlight.original = source.map(|(start, end)| {
                let place = restored.offsets.to_source(start..end);
                let text = restored.encoding.decode_part(record.body.get(place.clone()).unwrap_or_default());
                Original { start: place.start, end: place.end, text }
            });
        }
        Ok(())
    }
}
