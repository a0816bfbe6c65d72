//! Ranking of matching entries, best first.
//!
//! `first` finds and scores parts (an entry itself and its clauses); this module groups parts by entry, applies the
//! priors and rescores the best.

pub(crate) mod first;
mod known;
pub(crate) mod question;
mod rerank;
pub(crate) mod retrieve;
pub(crate) mod steps;
mod verbatim;

use std::collections::BTreeMap;
use std::sync::Arc;

use tantivy::query::Query;
use tantivy::schema::Field;
use zhaoren_policy::document::Status;

use crate::collect::{All, Lengths, PartHit};
use crate::corpus::Corpus;
use crate::entry::EntryKind;
use crate::entry_meta::EntryMeta;
use crate::error::IndexError;
use crate::frequency::Frequencies;
use crate::highlight::Marks;
use crate::named::Named;
use crate::query::{Strictness, Understood};
use first::QueryContext;
use steps::{Group, Why};

/// Heading of a clause of an item that says to whom the item is not given.
pub const EXCLUSION: &str = "不适用情形";
/// Number of further parts that add to an entry's score, and the share of their scores that is added.
const OTHER_PARTS: usize = 4;
const OTHER_PART: f32 = 0.05;
/// Number of best entries that are rescored, and the largest bonus, in proportion, for a title covered by keywords.
const RESCORED: usize = 200;
const NEAR_TITLE: f32 = 0.5;
/// Minimum similarity at which a keyword query counts as a past one, whose answers are then hits; weight of the similarity.
const SAME: f32 = 0.7;
const ANSWERED: f32 = 10.0;
/// Share of the lower of title and best clause that is added to the other.
const TITLE_AND_CLAUSE: f32 = 0.3;

impl Corpus {
    /// Sorts groups: best first, then newest, then by entry; deterministic on every machine.
    pub(crate) fn sort(&self, groups: &mut [Group]) {
        let published = |group: &Group| self.cards.get(group.entry).and_then(|card| card.document.published);
        groups.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| published(b).cmp(&published(a)))
                .then(a.entry.cmp(&b.entry))
        });
    }

    /// Raises the score of the best groups by the share of the title that the keywords cover: 专精特新 means
    /// 专精特新中小企业认定 rather than a loan available to such enterprises.
    pub(crate) fn prefer_near_titles(&self, groups: &mut [Group], marks: &Marks) {
        for group in groups.iter_mut().take(RESCORED) {
            if let Some(title) = self.cards.get(group.entry).map(|card| &card.title) {
                let covered: usize = marks.spans(title).iter().map(|(start, end)| end - start).sum();
                group.scale(1.0 + NEAR_TITLE * covered as f32 / title.len().max(1) as f32, Why::NearTitle);
            }
        }
        // INVARIANT: scores only grew, so no rescored group falls behind one that was not.
        self.sort(groups);
    }

    /// Lowers documents below the items: where the catalogue lacks what is asked for, a plan that mentions it grants nothing.
    pub(crate) fn prefer_items(&self, groups: &mut [Group]) {
        let is_item =
            |group: &&Group| self.cards.get(group.entry).is_some_and(|card| card.kind == EntryKind::Item);
        let least = groups.iter().filter(is_item).map(|group| group.score).fold(f32::INFINITY, f32::min);
        let others = groups.iter().filter(|group| !is_item(group));
        let most = others.map(|group| group.score).fold(0.0, f32::max);
        if most > least {
            let lower = least / most * 0.999;
            for group in groups.iter_mut() {
                if !is_item(&&*group) {
                    group.scale(lower, Why::Known);
                }
            }
            self.sort(groups);
        }
    }

    /// All entries, for an empty query: browsing by filters.
    pub(crate) fn everything(&self, traced: bool) -> Vec<Group> {
        let group = |(entry, card): (usize, &Arc<EntryMeta>)| {
            let mut group = Group::new(entry, traced);
            group.add(prior(card), || Why::Prior);
            group
        };
        self.cards.iter().enumerate().map(group).collect()
    }

    /// Matching entries, with their scores and matching clauses. `passes` filters entries before the re-ranking of questions;
    /// with `best_only` only the re-ranked ones are returned.
    pub(crate) fn groups(
        &self,
        understood: &Understood,
        passes: &dyn Fn(usize) -> bool,
        best_only: bool,
    ) -> Result<Vec<Group>, IndexError> {
        if understood.is_question() {
            let named = self.names.named(understood, &self.lexicon);
            return Ok(self.with_names(self.answers(understood, passes, best_only)?, named, understood));
        }
        let strictness = understood.strictness();
        let mut named = self.names.named(understood, &self.lexicon);
        let before = self.asked.like(&understood.plain, understood.words.iter().map(|term| &term.word));
        let same = before.into_iter().filter(|(_, like)| *like > SAME);
        named.outright.extend(same.map(|(entry, like)| (entry, like * ANSWERED)));
        let counts = Frequencies::of(self.reader.searcher());
        let rarity = |field: Field, word: &str| self.rarity(&counts, field, word);
        let ground = QueryContext { fields: &self.fields, cutter: &self.cutter, rarity: &rarity };
        let mut found = self.find(understood.query(strictness, ground))?;
        if found.is_empty() && named.outright.is_empty() {
            // An unknown 代字 may be a word, and a query of few words may be a short sentence.
            let mut levels = vec![Strictness::Sentence];
            if understood.is_organ() {
                levels.insert(0, strictness);
            }
            for level in levels {
                if found.is_empty() {
                    found = self.find(understood.words_query(level, ground))?;
                }
            }
            if found.is_empty() && understood.phrases.is_empty() {
                found = self.find(understood.support_query(ground))?;
            }
        }
        let mut found = counts.checked(found)?;
        found.retain(|one| !self.is_exclusion(one.entry, one.part));
        let groups = grouped(found, understood.traced).into_values().collect();
        Ok(self.with_names(groups, named, understood))
    }

    /// Rarity of a word in a field that is scored by rarity alone.
    pub(crate) fn rarity(&self, counts: &Frequencies, field: Field, word: &str) -> f32 {
        let entries = self.cards.len() as f32;
        let with = counts.with(field, word) as f32;
        (1.0 + (entries.max(with) - with + 0.5) / (with + 0.5)).ln()
    }

    /// True for a clause of an item that says to whom it is not given: its words lead to no grant.
    pub(crate) fn is_exclusion(&self, entry: usize, part: usize) -> bool {
        let clause = part.checked_sub(1).and_then(|at| self.cards.get(entry)?.clauses.get(at));
        clause.is_some_and(|clause| clause.heading.as_deref() == Some(EXCLUSION))
    }

    /// Adds the bonus of named and known entries to groups sorted by entry, and applies the priors.
    fn with_names(&self, mut groups: Vec<Group>, named: Named, understood: &Understood) -> Vec<Group> {
        let traced = understood.traced;
        known::add_known(&understood.known, &mut groups, traced);
        for (entry, bonus) in named.outright {
            let index = groups.binary_search_by_key(&entry, |group| group.entry).unwrap_or_else(|index| {
                groups.insert(index, Group::new(entry, traced));
                index
            });
            groups.get_mut(index).into_iter().for_each(|group| group.add(bonus, || Why::Named));
        }
        for (entry, bonus) in named.beside {
            let index = groups.binary_search_by_key(&entry, |group| group.entry).ok();
            let group = index.and_then(|index| groups.get_mut(index));
            group.into_iter().for_each(|group| group.add(bonus, || Why::Named));
        }
        for group in &mut groups {
            group.scale(self.cards.get(group.entry).map_or(1.0, |card| prior(card)), Why::Prior);
        }
        groups
    }

    fn find(&self, query: Option<Box<dyn Query>>) -> Result<Vec<PartHit>, IndexError> {
        match query {
            Some(query) => {
                let searcher = self.reader.searcher();
                let lengths = Lengths { searcher: &searcher, lengths: &self.lengths };
                let all = All(Arc::clone(&self.places));
                let mut found = searcher.search_with_statistics_provider(&query, &all, &lengths)?;
                found.iter_mut().for_each(|one| one.score = steady(one.score));
                Ok(found)
            }
            None => Ok(Vec::new()),
        }
    }
}

/// Score rounded to a ten-thousandth, as displayed. tantivy sums a part's term scores in an order that depends on the
/// segment, and floating-point sums depend on their order; parts of equal score must stay equal in any segment.
fn steady(score: f32) -> f32 {
    ((f64::from(score) * 10_000.0).round() / 10_000.0) as f32
}

/// Groups parts by entry. The best part counts in full, the others add a share.
fn grouped(mut found: Vec<PartHit>, traced: bool) -> BTreeMap<usize, Group> {
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then((a.entry, a.part).cmp(&(b.entry, b.part))));
    let mut parts: BTreeMap<usize, Vec<PartHit>> = BTreeMap::new();
    for one in found {
        parts.entry(one.entry).or_default().push(one);
    }
    let group = |(entry, parts): (usize, Vec<PartHit>)| {
        let best = parts.first().map_or(0.0, |best| best.score);
        // INVARIANT: the parts are sorted, so the first of the other kind is its best.
        let other_kind =
            parts.iter().find(|one| (one.part == 0) != parts.first().is_some_and(|b| b.part == 0));
        let others = parts.iter().skip(1).take(OTHER_PARTS);
        let beside: f32 = others.clone().map(|one| one.score * OTHER_PART).sum();
        let mut group = Group::new(entry, traced);
        group.add(best, || Why::Part(parts.first().map_or(0, |best| best.part)));
        group.add(beside, || Why::Shares(OTHER_PART, others.map(|one| one.part).collect()));
        if let Some(other) = other_kind {
            group.add(other.score * TITLE_AND_CLAUSE, || Why::Shares(TITLE_AND_CLAUSE, vec![other.part]));
        }
        group.clauses = parts.iter().filter_map(|one| one.part.checked_sub(1)).collect();
        (entry, group)
    };
    parts.into_iter().map(group).collect()
}

/// Prior factor: entries in force before others, and claimable ones slightly before others.
fn prior(card: &EntryMeta) -> f32 {
    let status = match card.document.status {
        Status::InForce => 1.0,
        Status::Draft => 0.85,
        Status::Expired => 0.7,
        Status::Repealed => 0.6,
    };
    if card.kind == EntryKind::Item { status * 1.1 } else { status }
}
