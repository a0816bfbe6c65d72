//! Ranking: which entries answer what is wanted, best first.
//!
//! `first` finds and scores parts (an entry's own line and its clauses); here parts are grouped by entry, priors are
//! put on, and the best are looked at again.

pub(crate) mod authority;
pub(crate) mod first;
pub(crate) mod learn;
pub(crate) mod letters;
pub(crate) mod question;
pub(crate) mod ranking_data;
mod rerank;
pub(crate) mod retrieve;
pub(crate) mod steps;

use std::collections::BTreeMap;
use std::sync::Arc;

use tantivy::query::Query;
use tantivy::schema::Field;
use zhaoren_policy::document::Status;

use crate::collect::{All, Lengths, PartHit};
use crate::entry::{EntryKind, EntryMeta};
use crate::error::IndexError;
use crate::frequency::Frequencies;
use crate::highlight::Marks;
use crate::named::Named;
use crate::open::Index;
use crate::query::{Strictness, Understood};
use first::QueryContext;
use steps::{Step, Why};

/// How many parts of an entry beside its best add to its score, and how much each.
const OTHER_PARTS: usize = 4;
const OTHER_PART: f32 = 0.05;
/// How many of the best are looked at again, and how much a title that is all keywords adds, in proportion.
const RESCORED: usize = 200;
const NEAR_TITLE: f32 = 0.5;
/// From this likeness on keywords were asked before, and what answered them is found; times the likeness.
const SAME: f32 = 0.7;
const ANSWERED: f32 = 10.0;
/// How much the lesser of title and best clause adds to the other.
const TITLE_AND_CLAUSE: f32 = 0.3;

impl Index {
    /// Best first, of equals the newest, and the same on every machine.
    pub(crate) fn sort(&self, groups: &mut [Group]) {
        let published = |group: &Group| self.cards.get(group.entry).and_then(|card| card.document.published);
        groups.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| published(b).cmp(&published(a)))
                .then(a.entry.cmp(&b.entry))
        });
    }

    /// Adds to the best of the groups by how much of its title the keywords are: 专精特新 is rather
    /// 专精特新中小企业认定 than a loan that such enterprises can have.
    pub(crate) fn prefer_near_titles(&self, groups: &mut [Group], marks: &Marks) {
        for group in groups.iter_mut().take(RESCORED) {
            if let Some(title) = self.cards.get(group.entry).map(|card| &card.title) {
                let covered: usize = marks.spans(title).iter().map(|(start, end)| end - start).sum();
                group.scale(1.0 + NEAR_TITLE * covered as f32 / title.len().max(1) as f32, Why::NearTitle);
            }
        }
        // INVARIANT: scores only grew, so none of the rescored falls behind one that was not.
        self.sort(groups);
    }

    /// Every entry, for a query of nothing: what the filters leave is then a shelf to look through.
    pub(crate) fn everything(&self, traced: bool) -> Vec<Group> {
        let group = |(entry, card): (usize, &Arc<EntryMeta>)| {
            let mut group = Group::new(entry, traced);
            group.add(prior(card), || Why::Prior);
            group
        };
        self.cards.iter().enumerate().map(group).collect()
    }

    /// Every entry that matches, with its score and matching clauses. `passes` says which entries are wanted, for what
    /// looks at some of them closely; with `best_only` only those are given.
    pub(crate) fn groups(
        &self,
        understood: &Understood,
        passes: &dyn Fn(usize) -> bool,
        best_only: bool,
    ) -> Result<Vec<Group>, IndexError> {
        if understood.is_question() {
            let named = self.names.named(understood, &self.lexicon);
            return Ok(self.with_names(
                self.answers(understood, passes, best_only)?,
                named,
                understood.traced,
            ));
        }
        let strictness = understood.strictness();
        let mut named = self.names.named(understood, &self.lexicon);
        let before = self.asked.like(&understood.plain, understood.words.iter().map(|wanted| &wanted.word));
        let same = before.into_iter().filter(|(_, like)| *like > SAME);
        named.outright.extend(same.map(|(entry, like)| (entry, like * ANSWERED)));
        let counts = Frequencies::of(self.reader.searcher());
        let rarity = |field: Field, word: &str| self.rarity(&counts, field, word);
        let ground = QueryContext { fields: &self.fields, cutter: &self.cutter, rarity: &rarity };
        let mut found = self.find(understood.query(strictness, ground))?;
        if found.is_empty() && named.outright.is_empty() {
            // A 代字 that no text knows may be a word after all; and few words may be a short sentence.
            let mut ways = vec![Strictness::Sentence];
            if understood.is_organ() {
                ways.insert(0, strictness);
            }
            for way in ways {
                if found.is_empty() {
                    found = self.find(understood.words_query(way, ground))?;
                }
            }
            if found.is_empty() && understood.phrases.is_empty() {
                found = self.find(understood.support_query(ground))?;
            }
        }
        let found = counts.checked(found)?;
        let groups = grouped(found, understood.traced).into_values().collect();
        Ok(self.with_names(groups, named, understood.traced))
    }

    /// How much it says that a word stands in a field that is scored by rarity alone.
    pub(crate) fn rarity(&self, counts: &Frequencies, field: Field, word: &str) -> f32 {
        let entries = self.cards.len() as f32;
        let with = counts.with(field, word) as f32;
        (1.0 + (entries.max(with) - with + 0.5) / (with + 0.5)).ln()
    }

    /// Adds what the query names outright to groups in the order of entries, and puts the priors on.
    fn with_names(&self, mut groups: Vec<Group>, named: Named, traced: bool) -> Vec<Group> {
        for (entry, bonus) in named.outright {
            let place = groups.binary_search_by_key(&entry, |group| group.entry).unwrap_or_else(|place| {
                groups.insert(place, Group::new(entry, traced));
                place
            });
            groups.get_mut(place).into_iter().for_each(|group| group.add(bonus, || Why::Named));
        }
        for (entry, bonus) in named.beside {
            let place = groups.binary_search_by_key(&entry, |group| group.entry).ok();
            let group = place.and_then(|place| groups.get_mut(place));
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

/// A score as it is shown, to a ten-thousandth. tantivy adds up what the terms of a part score in an order that depends on the
/// segment, and a sum of floats depends on its order; parts that score the same have to do so in whatever segments they lie.
fn steady(score: f32) -> f32 {
    ((f64::from(score) * 10_000.0).round() / 10_000.0) as f32
}

/// An entry that matches.
pub(crate) struct Group {
    pub(crate) entry: usize,
    pub(crate) score: f32,
    /// Matching clauses, best first.
    pub(crate) clauses: Vec<usize>,
    /// How the score came about, where somebody asks.
    pub(crate) steps: Option<Vec<Step>>,
}

/// Parts by entry. The best part counts whole, the others add a little.
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

/// What is in force before what is not, and what can be claimed a little before what cannot.
fn prior(card: &EntryMeta) -> f32 {
    let status = match card.document.status {
        Status::InForce => 1.0,
        Status::Draft => 0.85,
        Status::Expired => 0.7,
        Status::Repealed => 0.6,
    };
    if card.kind == EntryKind::Item { status * 1.1 } else { status }
}
