//! One policy item or document, whole.

use serde_json::{Map, Value as Json, json};
use zhaoren_policy::criterion::{describe, write_canonical};
use zhaoren_registry::Moment;

use crate::clock::today;
use crate::entries::{conditions, read};
use crate::error::EngineError;
use crate::open::Engine;

impl Engine {
    /// An item as it was written, with its conditions in words and its window today; or a document with its
    /// clauses and repairs. `None` when there is neither.
    ///
    /// # Errors
    /// When the registry fails.
    pub fn policy(&self, id: &str) -> Result<Option<Json>, EngineError> {
        let rules = self.rules();
        if let Some(item) = rules.item(id) {
            let body = self.runtime.on(self.registry.item(id, Moment::NOW))?.map(|record| record.body);
            let mut whole: Map<String, Json> =
                body.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default();
            let words: Vec<Json> = conditions(&item.criteria)
                .into_iter()
                .enumerate()
                .map(|(index, condition)| {
                    let text = describe(condition, rules.dictionary());
                    let alone = std::ptr::eq(condition, &raw const item.criteria);
                    let path = if alone { String::new() } else { format!("all[{index}]") };
                    let source = rules.evidence().place(&item.id, &path);
                    json!({"text": text, "quote": condition.quote, "article": condition.article, "source": source})
                })
                .collect();
            whole.insert("conditions".to_owned(), words.into());
            let canonical = write_canonical(&item.criteria, rules.dictionary());
            whole.insert("criteria_text".to_owned(), canonical.into());
            let day = today();
            let now = json!({"date": day, "in_force": item.in_force_on(day), "window": item.window.on(day)});
            whole.insert("today".to_owned(), now);
            return Ok(Some(Json::Object(whole)));
        }
        let Some(record) = self.runtime.on(self.registry.document(id, Moment::NOW))? else { return Ok(None) };
        let (restored, outline) = read(&record);
        let clauses: Vec<Json> = outline
            .clauses
            .iter()
            .map(|clause| {
                let received = restored.offsets.to_source(clause.span.clone());
                json!({
                    "article": clause.article, "kind": clause.kind, "heading": clause.heading, "parent": clause.parent,
                    "text": restored.text.get(clause.span.clone()), "span": [clause.span.start, clause.span.end],
                    "received": [received.start, received.end],
                })
            })
            .collect();
        let can_grant = outline.document.kind.is_some_and(|kind| kind.can_grant());
        Ok(Some(json!({
            "id": record.id, "source": record.source, "document": outline.document, "can_grant": can_grant,
            "encoding": restored.encoding.name(), "text": restored.text, "clauses": clauses,
            "repairs": restored.repairs,
            "notes": outline.notes.iter().map(|note| json!({"place": note.place, "text": note.text})).collect::<Vec<_>>(),
        })))
    }
}
