//! Input of the index: a document or an item, with its clauses.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zhaoren_policy::clause::Clause;
use zhaoren_policy::document::Document;

/// A document or an item to be indexed.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Unique among all entries.
    pub id: String,
    /// Document or item.
    pub kind: EntryKind,
    /// 标题.
    pub title: String,
    /// The document, or the one that contains the item.
    pub document: Document,
    /// Clean simplified text.
    pub text: String,
    /// Its clauses; spans are bytes of `text`.
    pub clauses: Vec<Clause>,
    /// Support methods (支持方式), each with its display name: `("tax", "税收优惠")`.
    pub methods: Vec<(String, String)>,
    /// 兑现方式, for items: `apply` or `automatic`.
    pub delivery: Option<String>,
    /// Further search terms.
    pub tags: Vec<String>,
    /// Former and popular names (别称), searched like the title.
    pub aka: Vec<String>,
}

impl Entry {
    /// SHA-256 of all indexed content, as hexadecimal digits.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hasher.update((bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        for text in [&self.id, &self.title, &self.text] {
            part(text.as_bytes());
        }
        let rest = (self.kind, &self.document, &self.clauses, &self.methods, &self.delivery, &self.tags);
        part(&json(&rest));
        // An entry without other names keeps the digest that it had.
        self.aka.iter().for_each(|name| part(name.as_bytes()));
        hex::encode(hasher.finalize())
    }
}

#[expect(clippy::expect_used, reason = "plain data without maps, which serde_json always writes")]
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("plain data is JSON")
}

/// Kind of an [`Entry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// 政策文件.
    Document,
    /// 政策事项.
    Item,
}
