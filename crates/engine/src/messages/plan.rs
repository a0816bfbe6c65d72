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

    /// Whether somebody is sending it just now.
    fn is_leased(&self, one: &PastMessage) -> bool {
        one.state == MessageState::Waiting && one.leased_until > self.at.0
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
        let mut told = None;
        for one in past.iter().copied().filter(|one| one.kind == MessageKind::Offer && one.round == round) {
            let leased = self.gates.is_leased(one);
            match one.state {
                MessageState::Sent => told = Some(one),
                MessageState::Withdrawn => {}
                // Somebody is sending it just now, so it may have been told by the time that this is written.
                MessageState::Waiting if leased && holds => {}
                MessageState::Waiting if leased => {
                    told = Some(one);
                    self.withdraw(one, why);
                }
                _ => self.withdraw(one, why),
            }
        }
        let Some(told) = told.filter(|_| !holds) else { return };
        let body = self.gates.run.retraction(row, &told.key, self.gates.at);
        let same = |one: &&PastMessage| {
            one.kind == MessageKind::Retraction && one.round == round && one.item_digest == told.item_digest
        };
        let held = if self.is_refused(&row.policy_id, row) { REFUSED } else { "" };
        match past.iter().copied().find(same) {
            Some(one) => self.reconsider(one, body, held),
            None => self.add(row, told.item_digest.clone(), MessageKind::Retraction, round, body, held),
        }
    }

    /// The item is for this enterprise: it is told, unless it was.
    fn listed(&mut self, row: &ListedRow) {
        let past = self.about(&row.policy_id);
        let mut round = round(&past);
        // A retraction that nobody heard of yet needs not be heard.
        let last = past.iter().copied().rfind(|one| one.kind == MessageKind::Retraction);
        if let Some(last) = last.filter(|last| self.is_unsent(last)) {
            self.withdraw(last, LISTED_AGAIN);
            round = last.round;
        }
        let revision = self.gates.run.revision(&row.policy_id);
        let offers = past.iter().copied().filter(|one| one.kind == MessageKind::Offer && one.round == round);
        let (same, older): (Vec<_>, Vec<_>) = offers.partition(|one| one.item_digest == revision);
        for one in older {
            if self.is_unsent(one) {
                self.withdraw(one, REVISED);
            }
        }
        match same.first().copied() {
            Some(one) if matches!(one.state, MessageState::Held | MessageState::Withdrawn) => {
                let held = self.held(row);
                let body = self.gates.run.offer(row, self.gates.at);
                self.reconsider(one, body, held);
            }
            Some(_) => {}
            None => {
                let held = self.held(row);
                let body = self.gates.run.offer(row, self.gates.at);
                self.add(row, revision.to_owned(), MessageKind::Offer, round, body, held);
            }
        }
    }

    /// Why an offer is held back; empty where it may go out, and then it counts for the cap.
    fn held(&mut self, row: &ListedRow) -> &'static str {
        let item = &row.policy_id;
        if self.is_refused(item, row) {
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

    fn is_refused(&self, item: &str, row: &ListedRow) -> bool {
        let refuses = |item: &str| self.gates.refused.contains(&(row.enterprise_id.clone(), item.to_owned()));
        refuses("") || refuses(item)
    }

    /// Whether a message is not out of the house, nor on its way.
    fn is_unsent(&self, one: &PastMessage) -> bool {
        match one.state {
            MessageState::Waiting => !self.gates.is_leased(one),
            MessageState::Held | MessageState::Dead => true,
            MessageState::Sent | MessageState::Withdrawn => false,
        }
    }

    fn withdraw(&mut self, one: &PastMessage, why: &str) {
        self.plan.withdraw.push((one.id, why.to_owned()));
        // What is not told after all makes room for something else.
        if self.gates.counts(one) && !self.gates.is_leased(one) {
            self.counted = self.counted.saturating_sub(1);
        }
    }

    /// A held or withdrawn message is let through, or held for what stands in its way now.
    fn reconsider(&mut self, one: &PastMessage, body: String, held: &str) {
        match (one.state, held) {
            (MessageState::Held | MessageState::Withdrawn, "") => {
                self.plan.release.push((one.id, body, self.gates.channel.open_at(self.gates.at).0));
            }
            (MessageState::Held, _) if one.reason == held => {}
            (MessageState::Held | MessageState::Withdrawn, _) => {
                self.plan.hold.push((one.id, held.to_owned()));
            }
            _ => {}
        }
    }

    fn add(
        &mut self,
        row: &ListedRow,
        item_digest: String,
        kind: MessageKind,
        round: i64,
        body: String,
        held: &str,
    ) {
        self.plan.new.push(NewMessage {
            enterprise: row.enterprise_id.clone(),
            item: row.policy_id.clone(),
            item_digest,
            kind,
            round,
            body,
            held: held.to_owned(),
            next_at: self.gates.channel.open_at(self.gates.at).0,
        });
    }
}

/// How many retractions there were that stand.
fn round(past: &[&PastMessage]) -> i64 {
    let stands =
        |one: &&&PastMessage| one.kind == MessageKind::Retraction && one.state != MessageState::Withdrawn;
    i64::try_from(past.iter().filter(stands).count()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
