//! Items known to be about a question beyond its words: by a title or former name in it, or by a situation.
//!
//! The bonus is a share of the best score of the words, so that it means the same in every index.

use zhaoren_cancel::steps;

use crate::corpus::Corpus;
use crate::known_items::KnownItems;
use crate::query::{Role, Understood};
use crate::rank::steps::{Group, Why};
use crate::situation::{FoundSituation, SituationKind, situations};

/// Bonus of an item whose name makes up the whole question, relative to the best score of the words.
const NAMED: f32 = 1.2;
/// Minimum share of the question that a name has to make up; from the second on the question says no more than the name.
const LEAST: f32 = 0.4;
const WHOLE: f32 = 0.75;
/// Bonus of the first item of a situation, and the share that each further one has less.
const SITUATION: f32 = 1.3;
const STEP: f32 = 0.09;
/// Factor of a situation that is less specific than another one in the question.
const LESSER: f32 = 0.4;
/// Factor of who asks beside the subject of the question, and beside other words.
const BESIDE_SUBJECT: f32 = 0.1;
const BESIDE_WORDS: f32 = 0.6;
/// Score that a bonus is a share of where no word was found.
const NOTHING: f32 = 10.0;

/// Adds the bonuses of known items to groups sorted by entry; an item that no word found becomes a group.
pub(super) fn add_known(known: &KnownItems, groups: &mut Vec<Group>, traced: bool) {
    let best = groups.iter().map(|group| group.score).fold(0.0, f32::max);
    let unit = if best > 0.0 { best } else { NOTHING };
    for (entry, weight) in known.weights() {
        let index = groups.binary_search_by_key(&entry, |group| group.entry).unwrap_or_else(|index| {
            groups.insert(index, Group::new(entry, traced));
            index
        });
        groups.get_mut(index).into_iter().for_each(|group| group.add(unit * weight, || Why::Known));
    }
}

impl Corpus {
    /// Items known to be about a question. A question with quotation marks or a 文号 is meant literally and has none.
    pub(crate) fn known(&self, understood: &Understood) -> KnownItems {
        let mut known = KnownItems::default();
        if !understood.phrases.is_empty() || !understood.numbers.is_empty() {
            return known;
        }
        let content = content(understood);
        let mut is_whole = false;
        for (name, entries) in self.names.in_question(&understood.plain) {
            let length = name.chars().count();
            let share = length as f32 / content.max(length) as f32;
            is_whole |= share >= WHOLE;
            if share >= LEAST {
                known.add_reason(vec![name]);
                entries.iter().for_each(|entry| known.raise(*entry, NAMED * share));
            }
        }
        if is_whole {
            return known;
        }
        let found = situations(&understood.plain, &self.lexicon.situations);
        let kind = |kind| found.iter().filter(move |one| one.situation.kind == kind);
        let subject = kind(SituationKind::What).next();
        for one in kind(SituationKind::What) {
            let lesser = subject.is_some_and(|best| best.length > one.length);
            self.add_situation(&mut known, one, if lesser { LESSER } else { 1.0 });
            known.add_reason(one.way.to_vec());
        }
        let who = match subject {
            Some(_) => BESIDE_SUBJECT,
            None if kind(SituationKind::Who).any(|one| self.says_no_more(understood, one)) => 1.0,
            None => BESIDE_WORDS,
        };
        for one in kind(SituationKind::Who) {
            self.add_situation(&mut known, one, who);
        }
        known
    }

    fn add_situation(&self, known: &mut KnownItems, found: &FoundSituation<'_>, factor: f32) {
        steps(found.situation.names.len() as u64);
        for (place, name) in found.situation.names.iter().enumerate() {
            let weight = SITUATION * factor * (1.0 - STEP * place as f32).max(STEP);
            self.names.with_name(name).iter().for_each(|entry| known.raise(*entry, weight));
        }
    }

    /// True if the question has no content beside who asks.
    fn says_no_more(&self, understood: &Understood, who: &FoundSituation<'_>) -> bool {
        understood.words.iter().filter(|term| term.role == Role::Finds).all(|term| {
            self.is_generic(&term.word)
                || who.way.iter().any(|part| term.word.contains(part.as_str()) || part.contains(&term.word))
        })
    }

    /// True if every item could be about the word.
    pub(crate) fn is_generic(&self, word: &str) -> bool {
        self.lexicon.generic.contains(word)
            || self.lexicon.support.contains(word)
            || word.chars().nth(1).is_none()
    }
}

/// Number of characters of the words of a question, without regions and numbers: 2023年 says when, and not what.
fn content(understood: &Understood) -> usize {
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let words = understood
        .words
        .iter()
        .filter(|term| term.role != Role::Place && !term.number && !is_number(&term.word));
    words.map(|term| term.word.chars().count()).sum()
}
