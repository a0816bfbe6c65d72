//! New tags of live items after a change of the taxonomy, as a difference and as drafts.
//!
//! A live item keeps, under `reading`, the version of the taxonomy and the tags that it was given. Only those are replaced: a tag that a
//! person added stays.

use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use zhaoren_cancel::poll;
use zhaoren_draft::Taxonomy;
use zhaoren_registry::{Moment, WriteContext};

use crate::drafts::Proposal;
use crate::error::EngineError;
use crate::open::Engine;

/// Longest text of an item that is searched for words, in bytes.
const LONGEST: usize = 50_000;

/// Change of the tags of one live item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TagChange {
    /// Id of the item.
    pub item: String,
    /// Its title.
    pub title: String,
    /// Version of the taxonomy that gave its tags; 0 if none did.
    pub from: u32,
    /// Version of the new taxonomy.
    pub to: u32,
    /// New tags, each with its dimension and the word that gives it.
    pub added: Vec<AddedTag>,
    /// Tags that the item no longer gets.
    pub removed: Vec<String>,
    /// The item with its new tags.
    #[serde(skip)]
    body: Map<String, Json>,
}

/// Tag that a live item gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AddedTag {
    /// The tag.
    pub tag: String,
    /// `theme`, `stage` or `industry`.
    pub dimension: &'static str,
    /// Word of the item that gives it.
    pub word: String,
}

impl Engine {
    /// Changes of the tags of a tenant's own live items by a taxonomy, those of the shared catalogue for the empty tenant. Items whose
    /// tags this version gave are left out, and so are those whose tags stay the same.
    ///
    /// # Errors
    /// When the registry cannot be read, there is no such tenant, or an item is no JSON.
    pub fn tag_changes(&self, tenant: &str, taxonomy: &Taxonomy) -> Result<Vec<TagChange>, EngineError> {
        let lineage = if tenant.is_empty() {
            Vec::new()
        } else {
            self.runtime.block_on(self.registry.lineage(tenant))?
        };
        let records = self.runtime.block_on(self.registry.items(Moment::NOW, &lineage))?;
        let mut changes = Vec::new();
        for record in records.into_iter().filter(|record| record.tenant == tenant) {
            poll();
            let body: Map<String, Json> = serde_json::from_str(&record.body).map_err(|error| {
                EngineError::Unreadable {
                    what: "政策事项", id: record.id.clone(), why: error.to_string()
                }
            })?;
            changes.extend(change(record.id, body, taxonomy));
        }
        Ok(changes)
    }

    /// Proposes items with their new tags; each takes effect after the review by another person.
    ///
    /// # Errors
    /// When the registry cannot be written.
    pub fn propose_tags(
        &self,
        act: &WriteContext<'_>,
        changes: &[TagChange],
        reason: &str,
    ) -> Result<Proposal, EngineError> {
        let bodies: Vec<&Map<String, Json>> = changes.iter().map(|change| &change.body).collect();
        self.propose(act, "retag.json", json!(bodies).to_string().as_bytes(), reason)
    }
}

/// Change of an item; `None` if there is none.
fn change(id: String, mut body: Map<String, Json>, taxonomy: &Taxonomy) -> Option<TagChange> {
    let reading = body.get("reading");
    let from = reading.and_then(|reading| reading.get("taxonomy")).and_then(Json::as_u64).unwrap_or_default();
    let from = u32::try_from(from).unwrap_or(u32::MAX);
    if from == taxonomy.version {
        return None;
    }
    let given = strings(reading.and_then(|reading| reading.get("tags")));
    let present = strings(body.get("tags"));
    let text = words(&body);
    let found = taxonomy.read(&text, std::slice::from_ref(&(0..text.len())));
    let own: Vec<String> = found.iter().map(|one| one.tag.clone()).collect();
    let added: Vec<AddedTag> = found
        .iter()
        .filter(|one| !present.contains(&one.tag))
        .map(|one| AddedTag {
            tag: one.tag.clone(),
            dimension: one.dimension.name(),
            word: text.get(one.span.clone()).unwrap_or_default().to_owned(),
        })
        .collect();
    let removed: Vec<String> =
        present.iter().filter(|tag| given.contains(tag) && !own.contains(tag)).cloned().collect();
    if added.is_empty() && removed.is_empty() {
        return None;
    }
    let mut tags: Vec<String> = present.into_iter().filter(|tag| !removed.contains(tag)).collect();
    tags.extend(added.iter().map(|one| one.tag.clone()));
    body.insert("tags".to_owned(), json!(tags));
    let reading = body.entry("reading").or_insert_with(|| json!({}));
    if let Some(reading) = reading.as_object_mut() {
        reading.insert("taxonomy".to_owned(), json!(taxonomy.version));
        // A tag that a person had given and the taxonomy gives, too, stays the person's.
        let by_person = |tag: &String| !added.iter().any(|one| one.tag == *tag) && !given.contains(tag);
        let own: Vec<&String> = own.iter().filter(|tag| !by_person(tag)).collect();
        reading.insert("tags".to_owned(), json!(own));
    }
    let title = body.get("title").and_then(Json::as_str).unwrap_or_default().to_owned();
    Some(TagChange { item: id, title, from, to: taxonomy.version, added, removed, body })
}

fn strings(value: Option<&Json>) -> Vec<String> {
    let list = value.and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

/// Words of an item: its title, its document, its amount, its conditions and its notes.
fn words(body: &Map<String, Json>) -> String {
    let mut text = String::new();
    let mut put = |words: &str| {
        if text.len() < LONGEST {
            text.extend(words.chars().take(LONGEST));
            text.push('\n');
        }
    };
    let at = |path: &[&str]| {
        let mut value = body.get(*path.first()?)?;
        for key in path.get(1..)? {
            value = value.get(key)?;
        }
        value.as_str()
    };
    for path in [&["title"][..], &["document", "title"], &["benefit", "amount", "text"]] {
        at(path).into_iter().for_each(&mut put);
    }
    if let Some(criteria) = body.get("criteria") {
        quotes(criteria, &mut put);
    }
    strings(body.get("notes")).iter().for_each(|note| put(note));
    text
}

/// Words of criteria: quotes and wordings, judged texts, and criteria in canonical Chinese.
fn quotes(value: &Json, put: &mut dyn FnMut(&str)) {
    poll();
    match value {
        Json::String(text) => put(text),
        Json::Array(list) => list.iter().for_each(|one| quotes(one, put)),
        Json::Object(map) => {
            let spoken = map.iter().filter(|(key, one)| !one.is_string() || is_spoken(key));
            spoken.for_each(|(_, one)| quotes(one, put));
        }
        _ => {}
    }
}

fn is_spoken(key: &str) -> bool {
    matches!(key, "quote" | "text" | "judged")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taxonomy(version: u32, words: &str) -> Taxonomy {
        let text =
            format!("version: {version}\ntags:\n- {{dimension: theme, tag: 专利, words: [{words}]}}\n");
        Taxonomy::parse(&text, "t.yaml").unwrap()
    }

    fn body(text: &str) -> Map<String, Json> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn tags_of_a_former_version_are_replaced_and_those_of_a_person_stay() {
        let item =
            r#"{"id": "x", "title": "发明奖励", "tags": ["手写"], "criteria": {"judged": "有发明专利"}}"#;
        let first = change("x".into(), body(item), &taxonomy(1, "发明专利")).unwrap();
        assert_eq!((first.from, first.added[0].word.as_str()), (0, "发明专利"));
        assert_eq!(first.body["tags"], json!(["手写", "专利"]));
        assert_eq!(first.body["reading"], json!({"taxonomy": 1, "tags": ["专利"]}));
        assert_eq!(
            change("x".into(), first.body.clone(), &taxonomy(1, "别的词语")),
            None,
            "the same version"
        );
        let second = change("x".into(), first.body, &taxonomy(2, "别的词语")).unwrap();
        assert_eq!((second.removed, &second.body["tags"]), (vec!["专利".to_owned()], &json!(["手写"])));
        let by_person = item.replace("手写", "专利");
        assert_eq!(
            change("x".into(), body(&by_person), &taxonomy(1, "别的词语")),
            None,
            "a person's tag stays"
        );
    }
}
