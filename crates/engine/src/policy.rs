//! One policy item or document in full.

use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};
use zhaoren_document::Canonical;
use zhaoren_policy::criterion::{describe, write_canonical};
use zhaoren_reader::{DocumentPart, Outline};
use zhaoren_registry::{DocumentRecord, Moment};
use zhaoren_text::Restored;

use crate::clock::today;
use crate::document_file::{ANNEXES, FILE};
use crate::entries::conditions;
use crate::error::EngineError;
use crate::open::Engine;
use crate::origin::{Origins, StoredPlaces};
use crate::read_documents::{ReadDocument, metadata};
use crate::written::json_value;

impl Engine {
    /// The item or document as of today; see [`Engine::policy_on`].
    ///
    /// # Errors
    /// When the registry fails.
    pub fn policy(&self, id: &str) -> Result<Option<Json>, EngineError> {
        self.policy_on(id, today(), "")
    }

    /// An item as written, with its conditions in words and its window on a day; or a document with its clauses and
    /// repairs. `None` if this tenant has neither.
    ///
    /// # Errors
    /// When the registry fails, or there is no such tenant.
    pub fn policy_on(&self, id: &str, day: Date, tenant: &str) -> Result<Option<Json>, EngineError> {
        let rules = self.rules_for(tenant)?;
        if let Some(item) = rules.item(id) {
            let lineage = self.runtime.block_on(self.registry.lineage(tenant))?;
            let record = self.runtime.block_on(self.registry.item(id, Moment::NOW, &lineage))?;
            let mut whole: Map<String, Json> = match record {
                Some(record) => serde_json::from_str(&record.body).map_err(|error| {
                    EngineError::Unreadable { what: "事项", id: id.to_owned(), why: error.to_string() }
                })?,
                // Withdrawn since the rules were loaded: only what they still know of it is shown.
                None => Map::new(),
            };
            let words: Vec<Json> = conditions(&item.criteria)
                .into_iter()
                .enumerate()
                .map(|(index, condition)| {
                    let text = describe(condition, rules.dictionary());
                    let alone = std::ptr::eq(condition, &raw const item.criteria);
                    let path = if alone { String::new() } else { format!("all[{index}]") };
                    let source = rules.evidence().span(&item.id, &path);
                    json!({"text": text, "quote": condition.quote, "article": condition.article, "source": source})
                })
                .collect();
            whole.insert("conditions".to_owned(), words.into());
            let canonical = write_canonical(&item.criteria, rules.dictionary());
            whole.insert("criteria_text".to_owned(), canonical.into());
            if let Some(guide) = &item.guide {
                whole.insert("guide".to_owned(), json_value(guide));
            }
            let standing = rules.standing_on(item, day);
            let now = json!({
                "date": day, "in_force": standing.is_matchable, "window": item.window_on(day), "standing": standing,
                "amount_rule": item.benefit.rule(rules.dictionary()),
            });
            whole.insert("today".to_owned(), now);
            return Ok(Some(Json::Object(whole)));
        }
        let record = self.runtime.block_on(self.registry.document(id, Moment::NOW))?;
        record.as_ref().map(|record| document(record, None)).transpose()
    }
}

/// A document with its clauses and repairs. `canonical` is its text with the origins if its file was just read; of a stored
/// document those are known that are stored with it.
///
/// # Errors
/// The stored metadata of the document is malformed.
pub(crate) fn document(record: &DocumentRecord, canonical: Option<&Canonical>) -> Result<Json, EngineError> {
    let read = ReadDocument::of(record);
    whole_document(record, canonical, &read.restored, read.outline(record)?)
}

/// Like [`document`], with its draft items, the share of its text that was read and the passages that were not.
///
/// # Errors
/// As for [`document`].
pub(crate) fn document_with_drafts(
    record: &DocumentRecord,
    canonical: Option<&Canonical>,
) -> Result<Json, EngineError> {
    let read = ReadDocument::of(record);
    let (restored, outline) = (&read.restored, read.outline(record)?);
    let mut whole = whole_document(record, canonical, restored, outline)?;
    let dictionary = crate::built_in_facts();
    let draft = zhaoren_draft::draft(&restored.text, outline, None, dictionary);
    if let (Some(whole), Json::Object(more)) =
        (whole.as_object_mut(), draft.to_json(&restored.text, dictionary))
    {
        whole.extend(more);
    }
    Ok(whole)
}

fn whole_document(
    record: &DocumentRecord,
    canonical: Option<&Canonical>,
    restored: &Restored,
    outline: &Outline,
) -> Result<Json, EngineError> {
    let metadata = metadata(record)?;
    let file = metadata.get(FILE);
    let origins = canonical.map_or_else(
        || Origins::Stored(file.map(StoredPlaces::in_description).unwrap_or_default()),
        Origins::Runs,
    );
    let clauses: Vec<Json> = outline
        .clauses
        .iter()
        .map(|clause| {
            let received = restored.offsets.to_source(clause.span.clone());
            let mut line = json!({
                "article": clause.article, "kind": clause.kind, "heading": clause.heading, "parent": clause.parent,
                "text": restored.text.get(clause.span.clone()), "span": [clause.span.start, clause.span.end],
                "received": [received.start, received.end],
            });
            if let (Some(line), Some(origin)) = (line.as_object_mut(), origins.of(&received)) {
                line.insert("origin".to_owned(), origin);
            }
            line
        })
        .collect();
    let can_grant = outline.document.kind.is_some_and(|kind| kind.can_grant());
    let mut whole = json!({
        "id": record.id, "source": record.source, "document": outline.document, "can_grant": can_grant,
        "encoding": restored.encoding.name(), "text": restored.text, "clauses": clauses,
        "repairs": restored.repairs,
        "notes": outline.notes.iter().map(|note| json!({"place": note.place, "text": note.text})).collect::<Vec<_>>(),
    });
    // The reader and the repairs bound the size of an answer; the remainder is counted.
    let left_out =
        [("clauses_left_out", outline.clauses_left_out), ("repairs_left_out", restored.repairs_left_out)];
    if let Some(whole) = whole.as_object_mut() {
        for (key, count) in left_out.into_iter().filter(|(_, count)| *count > 0) {
            whole.insert(key.to_owned(), count.into());
        }
        let parts: Vec<Json> = outline.parts.iter().map(part).collect();
        if !parts.is_empty() {
            whole.insert("parts".to_owned(), parts.into());
        }
        let annexes = metadata.get(ANNEXES).filter(|annexes| annexes.is_array());
        for (key, value) in [(FILE, file.and_then(shown)), (ANNEXES, annexes.cloned())] {
            if let Some(value) = value {
                whole.insert(key.to_owned(), value);
            }
        }
    }
    Ok(whole)
}

/// A part of a document: the notice, or the measure that it carries.
fn part(part: &DocumentPart) -> Json {
    json!({"kind": part.kind.name(), "title": part.title, "span": [part.span.start, part.span.end]})
}

/// The description of a document's file without the table of its pages; `None` if the sender used the key for another value.
fn shown(file: &Json) -> Option<Json> {
    let mut file = file.as_object().filter(|file| file.contains_key("digest"))?.clone();
    StoredPlaces::remove(&mut file);
    Some(file.into())
}
