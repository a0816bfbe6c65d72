//! Standing: how much a document weighs among documents, whatever is asked.
//!
//! An article that is an entry of its own belongs to the document that its title names before 第…条. A code of many
//! articles answers more questions than a notice of three; what others cite by name between 《》 more than what nobody
//! does; a law more than what carries it out. All three are counted in the index itself; no document is named here.

use std::collections::HashMap;

use zhaoren_policy::document::Level;

use crate::entry::Card;
use crate::texts::Texts;

/// For each power of e of articles.
const SIZE: f32 = 5.5;
/// For each power of e of citations.
const CITED: f32 = 1.4;
/// For a law.
const LAW: f32 = 5.0;

/// Standing by place of the entry.
pub(crate) fn standings(cards: &[Card], texts: &Texts) -> Vec<f32> {
    let mut size: HashMap<&str, u32> = HashMap::new();
    for card in cards {
        if let Some(document) = document(&card.title) {
            *size.entry(document).or_default() += 1;
        }
    }
    let mut cited: HashMap<&str, u32> = size.keys().map(|document| (bare(document), 0)).collect();
    for entry in 0..cards.len() {
        for after in texts.get(entry).split('《').skip(1) {
            if let Some((name, _)) = after.split_once('》')
                && let Some(count) = cited.get_mut(bare(name))
            {
                *count += 1;
            }
        }
    }
    let of = |card: &Card| {
        // A document with its clauses, or an item, is one entry among others, and has no more standing than its level.
        let Some(document) = document(&card.title) else {
            return if card.document.level == Some(Level::National) { LAW * 0.2 } else { 0.0 };
        };
        let count = |table: &HashMap<&str, u32>, key: &str| table.get(key).copied().unwrap_or(0) as f32;
        let law = if is_law(document) { LAW } else { 0.0 };
        SIZE * (1.0 + count(&size, document)).ln() + CITED * (1.0 + count(&cited, bare(document))).ln() + law
    };
    cards.iter().map(of).collect()
}

/// The document that the title of an article names: what stands before the last 第…条.
pub(crate) fn document(title: &str) -> Option<&str> {
    let (document, label) = title.rsplit_once('第')?;
    let (number, after) = label.split_once('条')?;
    let digit = |c: char| c.is_ascii_digit() || "零〇一二三四五六七八九十百千".contains(c);
    let is_number = |text: &str| !text.is_empty() && text.chars().all(digit);
    let after = after.strip_prefix('之').map_or(after.is_empty(), is_number);
    (is_number(number) && after && !document.is_empty()).then_some(document)
}

/// A name as it is cited: without the state's.
fn bare(name: &str) -> &str {
    name.strip_prefix("中华人民共和国").unwrap_or(name)
}

/// Whether a document calls itself a law: 法 or 法典, and not 办法 or an explanation of one.
fn is_law(document: &str) -> bool {
    (document.ends_with('法') && !document.ends_with("办法")) || document.ends_with("法典")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_names_its_document() {
        for (title, expected) in [
            ("某某法第十二条", Some("某某法")),
            ("某某法第十二条之一", Some("某某法")),
            ("某某条例第3条", Some("某某条例")),
            ("第三条", None),
            ("关于第三条道路的通知", None),
            ("某某办法", None),
        ] {
            assert_eq!(document(title), expected, "{title}");
        }
        assert!(is_law("某某法") && is_law("某法典") && !is_law("某某办法") && !is_law("某某条例"));
    }
}
