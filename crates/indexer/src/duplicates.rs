//! Reprints: near-duplicate documents, folded into one hit.
//!
//! Two documents are duplicates if their characters are equal, or if nearly all character runs (shingles) are equal and
//! so is every number: an edition with another amount, another year or another 文号 is no reprint. Items are never folded.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use zhaoren_text::docno;

use crate::entry_meta::EntryMeta;
use crate::sketch::Sketch;

/// Maximum number of documents compared under one key: forms with the same beginning would give a quadratic number.
const LOOKED_AT: usize = 64;

/// Duplicate groups: for each entry the leader of its group, which may be itself.
#[derive(Debug)]
pub(crate) struct DuplicateGroups(Vec<usize>);

impl DuplicateGroups {
    pub(crate) fn of(cards: &[Arc<EntryMeta>]) -> Self {
        let mut folds: Vec<usize> = (0..cards.len()).collect();
        let sketched =
            cards.iter().enumerate().filter_map(|(at, card)| Some((at, &**card, card.sketch.as_ref()?)));
        let mut sketched: Vec<(usize, &EntryMeta, &Sketch)> = sketched.collect();
        // An entry with a 文号 leads those without: two with different 文号 are then never folded by way of a third.
        sketched.sort_by_key(|(at, card, _)| (number(card).is_none(), *at));
        let mut by_key: HashMap<u64, Vec<(usize, &EntryMeta, &Sketch)>> = HashMap::new();
        for (at, card, sketch) in sketched {
            let keys: BTreeSet<u64> = sketch.keys().collect();
            let likely = keys.iter().filter_map(|key| by_key.get(key)).flatten();
            let stands = likely.filter(|(_, other, theirs)| sketch.is_like(theirs) && !conflict(card, other));
            let leader = stands.map(|(leader, ..)| *leader).min();
            match (leader, folds.get_mut(at)) {
                (Some(leader), Some(place)) => *place = leader,
                _ => {
                    for key in keys {
                        let same = by_key.entry(key).or_default();
                        if same.len() < LOOKED_AT {
                            same.push((at, card, sketch));
                        }
                    }
                }
            }
        }
        Self(folds)
    }

    /// Leader of the entry's group.
    pub(crate) fn leader(&self, card: usize) -> usize {
        self.0.get(card).copied().unwrap_or(card)
    }
}

fn number(card: &EntryMeta) -> Option<String> {
    card.document
        .number
        .as_deref()
        .map(|number| docno::parse(number).map_or_else(|| number.to_owned(), |own| own.key()))
}

/// True if the metadata of two documents shows that they are different documents.
fn conflict(a: &EntryMeta, b: &EntryMeta) -> bool {
    fn differ<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
        matches!((a, b), (Some(a), Some(b)) if a != b)
    }
    let (one, other) = (&a.document, &b.document);
    one.status != other.status
        || differ(number(a), number(b))
        || differ(one.effective, other.effective)
        || differ(one.expires, other.expires)
        || differ(a.region(), b.region())
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhaoren_policy::document::Document;

    use crate::entry::{Entry, EntryKind};

    fn card(id: &str, number: Option<&str>, text: &str) -> EntryMeta {
        let entry = Entry {
            id: id.to_owned(),
            kind: EntryKind::Document,
            title: "关于支持量子产业的办法".to_owned(),
            document: Document { number: number.map(str::to_owned), ..Document::default() },
            text: text.to_owned(),
            clauses: Vec::new(),
            methods: Vec::new(),
            delivery: None,
            tags: Vec::new(),
            aka: Vec::new(),
        };
        EntryMeta::of(&entry, 0, String::new())
    }

    fn folds(cards: &[EntryMeta]) -> Vec<usize> {
        let cards: Vec<Arc<EntryMeta>> = cards.iter().cloned().map(Arc::new).collect();
        let folds = DuplicateGroups::of(&cards);
        (0..cards.len()).map(|card| folds.leader(card)).collect()
    }

    fn long() -> String {
        let mut text = String::new();
        for (at, c) in
            (0..).zip("支持量子计算企业发展壮大鼓励研发投入并给予资金补助".chars().cycle().take(600))
        {
            text.push(c);
            text.extend(char::from_u32(0x4e00 + (at * 37) % 2000));
        }
        text
    }

    #[test]
    fn equal_letters_are_duplicates_despite_separators() {
        let text = long();
        let spaced = text.chars().map(|c| format!("{c} ")).collect::<String>() + "。";
        assert_eq!(folds(&[card("a", None, &text), card("b", None, &spaced)]), [0, 0]);
    }

    #[test]
    fn texts_with_different_figures_are_not_duplicates() {
        let text = long() + "给予50万元";
        let other = long() + "给予80万元";
        let nearly = "转载：".to_owned() + &long() + "给予50万元（责任编辑某某）";
        assert_eq!(folds(&[card("a", None, &text), card("b", None, &other)]), [0, 1]);
        assert_eq!(folds(&[card("a", None, &text), card("b", None, &nearly)]), [0, 0]);
        let one = card("a", Some("沪府规〔2024〕1号"), &text);
        let two = card("b", Some("沪府规〔2024〕2号"), &text);
        let none = card("c", None, &text);
        assert_eq!(folds(&[none, one, two]), [1, 1, 2]);
        let short = card("a", None, "给予补贴");
        assert_eq!(folds(&[short.clone(), short]), [0, 1]);
    }
}
