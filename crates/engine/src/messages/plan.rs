//! What becomes of the rows of a run, for some enterprises: offers, retractions, and what is held back and why.
//!
//! What was told before decides. The messages about one pair of enterprise and item on one channel go in rounds: offers (one
//! for each revision of the item), and then the retraction that ends the round.

use std::collections::{BTreeMap, BTreeSet};

use zhaoren_registry::{MessageKind, MessagePlan, MessageState, Moment, NewMessage, PastMessage};

use super::run::{ListedRow, RunOfMessages};
use crate::channels::Channel;

/// What messages have to get by.
#[derive(Debug)]
pub(super) struct Gates<'a> {
    pub(super) channel: &'a Channel,
    pub(super) run: &'a RunOfMessages,
    /// Enterprise and item of every refusal; an empty item is all of them.
    pub(super) refused: &'a BTreeSet<(String, String)>,
    /// Enterprise and item of what was paid.
    pub(super) paid: &'a BTreeSet<(String, String)>,
    pub(super) at: Moment,
}

/// Why a message is held back. These words stand in the records.
const REFUSED: &str = "refused";
const ENJOYED: &str = "enjoyed";
const CAPPED: &str = "cap";
/// Why one was withdrawn.
const GONE: &str = "gone";
const REVISED: &str = "revised";
const LISTED_AGAIN: &str = "listed_again";

/// The plan for all rows of some enterprises, which stand together.
pub(super) fn plan(gates: &Gates<'_>, rows: &[ListedRow], past: &[PastMessage]) -> MessagePlan {
    let mut of: BTreeMap<&str, Vec<&PastMessage>> = BTreeMap::new();
    for one in past {
        of.entry(&one.enterprise).or_default().push(one);
    }
    let mut made = MessagePlan::default();
    for rows in rows.chunk_by(|a, b| a.enterprise_id == b.enterprise_id) {
        let past = rows.first().and_then(|row| of.get(row.enterprise_id.as_str()));
        let past = past.map_or(&[][..], Vec::as_slice);
        let counted = past.iter().filter(|one| gates.counts(one)).count();
        Enterprise { gates, past, counted, plan: &mut made }.rows(rows);
    }
    made
}

impl Gates<'_> {
    /// Whether an offer of the past counts for the cap: let through within its days, and told or to be told.
    fn counts(&self, one: &PastMessage) -> bool {
        let Some(cap) = self.channel.cap else { return false };
        let since = self.at.0.saturating_sub(i64::from(cap.days) * 86_400_000);
        let told = matches!(one.state, MessageState::Waiting | MessageState::Sent | MessageState::Dead);
        one.kind == MessageKind::Offer && told && one.queued_at.is_some_and(|at| at > since)
    }
}

/// Whether somebody took it to send it and did not say what came of it: it is under way, or its sender died with it.
fn is_out(one: &PastMessage) -> bool {
    one.state == MessageState::Waiting && one.leased_until != 0
}

/// Whether it was told, or may have been.
fn may_be_told(one: &PastMessage) -> bool {
    one.state == MessageState::Sent || one.maybe_told || one.leased_until != 0
}

/// Whether a message is in the house, and was not meant to stay there.
fn is_unsent(one: &PastMessage) -> bool {
    match one.state {
        MessageState::Waiting => !is_out(one),
        MessageState::Held | MessageState::Dead => true,
        MessageState::Sent | MessageState::Withdrawn => false,
    }
}

/// One enterprise while its rows are gone through.
struct Enterprise<'a> {
    gates: &'a Gates<'a>,
    past: &'a [&'a PastMessage],
    counted: usize,
    plan: &'a mut MessagePlan,
}

impl<'a> Enterprise<'a> {
    fn rows(&mut self, rows: &[ListedRow]) {
        let (gone, mut listed): (Vec<&ListedRow>, Vec<&ListedRow>) =
            rows.iter().partition(|row| row.change == "gone");
        // What is withdrawn makes room under the cap, and the best take it.
        gone.into_iter().for_each(|row| self.gone(row));
        let score = |row: &ListedRow| row.score.unwrap_or(0.0);
        listed.sort_by(|a, b| score(b).total_cmp(&score(a)).then_with(|| a.policy_id.cmp(&b.policy_id)));
        listed.into_iter().for_each(|row| self.listed(row));
    }

    /// The messages about an item, in the order in which they were made.
    fn about(&self, item: &str) -> Vec<&'a PastMessage> {
        self.past.iter().copied().filter(|one| one.item == item).collect()
    }

    /// The item is no longer for this enterprise: what waits is withdrawn, what was told is taken back.
    fn gone(&mut self, row: &ListedRow) {
        let past = self.about(&row.policy_id);
        let round = round(&past);
        // Pushed out by better ones, refused, or not in the data of this night: nothing says that what was told is wrong.
        let holds = matches!(row.cause.as_deref(), Some("ranking" | "enterprise_gone" | "refused"));
        let why = if row.cause.as_deref() == Some("refused") { REFUSED } else { GONE };
        let mut told = Vec::new();
        for one in past.iter().copied().filter(|one| one.kind == MessageKind::Offer && one.round == round) {
            if may_be_told(one) {
                told.push(one);
            }
            // What is under way and still true may arrive.
            let may_arrive = holds && is_out(one);
            if !matches!(one.state, MessageState::Sent | MessageState::Withdrawn) && !may_arrive {
                self.withdraw(one, why);
            }
        }
        if !holds {
            self.take_back(row, &past, &told, round);
        }
    }

    /// Takes back what was told in a round.
    fn take_back(&mut self, row: &ListedRow, past: &[&PastMessage], told: &[&PastMessage], round: i64) {
        let Some(last) = told.last() else { return };
        let keys: Vec<&str> = told.iter().map(|one| one.key.as_str()).collect();
        let same = |one: &&PastMessage| {
            one.kind == MessageKind::Retraction && one.round == round && one.item_digest == last.item_digest
        };
        let message = Outgoing {
            item_digest: last.item_digest.clone(),
            kind: MessageKind::Retraction,
            round,
            body: self.gates.run.retraction(row, &keys, self.gates.at),
            held: if self.is_refused(row) { REFUSED } else { "" },
            // Not before the offer that may be under way.
            not_before: told.iter().map(|one| one.leased_until).max().unwrap_or(0),
        };
        self.put(row, past.iter().copied().find(same), message);
    }

    /// The item is for this enterprise: it is told, unless it was.
    fn listed(&mut self, row: &ListedRow) {
        let past = self.about(&row.policy_id);
        let mut round = round(&past);
        // A retraction that nobody can have heard of yet needs not be heard, unless an offer has answered it already.
        let last = past.iter().copied().rfind(|one| one.kind == MessageKind::Retraction);
        let answers =
            |one: &PastMessage, last: &PastMessage| one.kind == MessageKind::Offer && one.round > last.round;
        let unheard = |last: &&PastMessage| {
            is_unsent(last) && !may_be_told(last) && !past.iter().any(|one| answers(one, last))
        };
        if let Some(last) = last.filter(unheard) {
            self.withdraw(last, LISTED_AGAIN);
            round = last.round;
        }
        let revision = self.gates.run.revision(&row.policy_id);
        let offers = past.iter().copied().filter(|one| one.kind == MessageKind::Offer && one.round == round);
        let (same, older): (Vec<_>, Vec<_>) = offers.partition(|one| one.item_digest == revision);
        for one in older {
            if is_unsent(one) {
                self.withdraw(one, REVISED);
            }
        }
        let same = same.first().copied();
        if same.is_some_and(|one| !matches!(one.state, MessageState::Held | MessageState::Withdrawn)) {
            return;
        }
        let message = Outgoing {
            item_digest: revision.to_owned(),
            kind: MessageKind::Offer,
            round,
            body: self.gates.run.offer(row, self.gates.at),
            held: self.held(row),
            not_before: 0,
        };
        self.put(row, same, message);
    }

    /// Why an offer is held back; empty where it may go out, and then it counts for the cap.
    fn held(&mut self, row: &ListedRow) -> &'static str {
        let item = &row.policy_id;
        if self.is_refused(row) {
            return REFUSED;
        }
        let pair = (row.enterprise_id.clone(), item.clone());
        if self.gates.run.is_once(item) && self.gates.paid.contains(&pair) {
            return ENJOYED;
        }
        if self.gates.channel.cap.is_some_and(|cap| self.counted >= cap.offers) {
            return CAPPED;
        }
        self.counted += 1;
        ""
    }

    fn is_refused(&self, row: &ListedRow) -> bool {
        let refuses = |item: &str| self.gates.refused.contains(&(row.enterprise_id.clone(), item.to_owned()));
        refuses("") || refuses(&row.policy_id)
    }

    fn withdraw(&mut self, one: &PastMessage, why: &str) {
        self.plan.withdraw.push((one.id, why.to_owned()));
        // What is not told after all makes room for something else.
        if self.gates.counts(one) && !is_out(one) {
            self.counted = self.counted.saturating_sub(1);
        }
    }

    /// Lets a message through or holds it: the one that is held or withdrawn already, or else a new one.
    fn put(&mut self, row: &ListedRow, there: Option<&PastMessage>, message: Outgoing) {
        let next_at = self.gates.channel.open_at(Moment(self.gates.at.0.max(message.not_before))).0;
        let Outgoing { item_digest, kind, round, body, held, .. } = message;
        match there {
            None => self.plan.new.push(NewMessage {
                enterprise: row.enterprise_id.clone(),
                item: row.policy_id.clone(),
                item_digest,
                kind,
                round,
                body,
                held: held.to_owned(),
                next_at,
            }),
            Some(one) if !matches!(one.state, MessageState::Held | MessageState::Withdrawn) => {}
            Some(one) if held.is_empty() => self.plan.release.push((one.id, body, next_at)),
            Some(one) if one.state == MessageState::Held && one.reason == held => {}
            Some(one) => self.plan.hold.push((one.id, held.to_owned())),
        }
    }
}

/// A message that there is to be.
struct Outgoing {
    item_digest: String,
    kind: MessageKind,
    round: i64,
    body: String,
    /// Why it is held back; empty where it may go out.
    held: &'static str,
    not_before: i64,
}

/// How many retractions there were that stand.
fn round(past: &[&PastMessage]) -> i64 {
    let stands =
        |one: &&&PastMessage| one.kind == MessageKind::Retraction && one.state != MessageState::Withdrawn;
    i64::try_from(past.iter().filter(stands).count()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
