//! Plan of messages for the rows of a run: offers, retractions, and messages held back with their reasons.
//!
//! The plan depends on earlier messages. The messages about one pair of enterprise and item on one channel form rounds:
//! offers (one for each revision of the item), and then the retraction that ends the round.

use std::collections::{BTreeMap, BTreeSet};

use zhaoren_registry::{MessageKind, MessagePlan, MessageState, Moment, NewMessage, PastMessage};

use super::run::{ListedRow, MessageSource};
use crate::channels::Channel;

/// Conditions for the release of messages.
#[derive(Debug)]
pub(super) struct PlanContext<'a> {
    pub(super) channel: &'a Channel,
    pub(super) run: &'a MessageSource,
    /// Enterprise and item of every opt-out; an empty item means all items.
    pub(super) refused: &'a BTreeSet<(String, String)>,
    /// Enterprise and item of every payment.
    pub(super) paid: &'a BTreeSet<(String, String)>,
    pub(super) at: Moment,
}

/// Reasons for holding back a message. These words are stored in the records.
const REFUSED: &str = "refused";
const ENJOYED: &str = "enjoyed";
const CAPPED: &str = "cap";
/// Reasons for withdrawing a message.
const GONE: &str = "gone";
const REVISED: &str = "revised";
const LISTED_AGAIN: &str = "listed_again";

/// Plans the messages for all rows of some enterprises; the rows of one enterprise are consecutive.
pub(super) fn plan(gates: &PlanContext<'_>, rows: &[ListedRow], past: &[PastMessage]) -> MessagePlan {
    let mut of: BTreeMap<&str, Vec<&PastMessage>> = BTreeMap::new();
    for one in past {
        of.entry(&one.enterprise).or_default().push(one);
    }
    let mut plan = MessagePlan::default();
    for rows in rows.chunk_by(|a, b| a.enterprise_id == b.enterprise_id) {
        let past = rows.first().and_then(|row| of.get(row.enterprise_id.as_str()));
        let past = past.map_or(&[][..], Vec::as_slice);
        let counted = past.iter().filter(|one| gates.counts_toward_cap(one)).count();
        Enterprise { gates, past, offers_in_cap: counted, plan: &mut plan }.rows(rows);
    }
    plan
}

impl PlanContext<'_> {
    /// True if a row can lead to a message: an undetermined one is no offer unless the channel says so, and takes back an earlier
    /// offer only if its verdict has changed.
    fn concerns(&self, row: &ListedRow) -> bool {
        !self.is_undetermined(row) || row.change == "gone" || self.is_gone(row)
    }

    /// True if an earlier offer of a row no longer holds.
    fn is_gone(&self, row: &ListedRow) -> bool {
        let same_verdict = matches!(row.cause.as_deref(), None | Some("window_opened" | "deadline_near"));
        row.change == "gone" || (self.is_undetermined(row) && row.change == "kept" && !same_verdict)
    }

    fn is_undetermined(&self, row: &ListedRow) -> bool {
        !self.channel.undetermined && row.verdict.as_deref() == Some("undetermined")
    }

    /// True if an earlier offer counts for the cap: released within the period, and sent or still to be sent.
    fn counts_toward_cap(&self, one: &PastMessage) -> bool {
        let Some(cap) = self.channel.cap else { return false };
        let since = self.at.0.saturating_sub(i64::from(cap.days) * 86_400_000);
        let told = matches!(one.state, MessageState::Waiting | MessageState::Sent | MessageState::Dead);
        one.kind == MessageKind::Offer && told && one.queued_at.is_some_and(|at| at > since)
    }
}

/// True if a sender claimed it without recording a result: it is in flight, or its sender died.
fn is_leased(one: &PastMessage) -> bool {
    one.state == MessageState::Waiting && one.leased_until != 0
}

/// True if it was sent, or may have been.
fn may_be_delivered(one: &PastMessage) -> bool {
    one.state == MessageState::Sent || one.maybe_told || one.leased_until != 0
}

/// True if a message is unsent and still meant to be sent.
fn is_unsent(one: &PastMessage) -> bool {
    match one.state {
        MessageState::Waiting => !is_leased(one),
        MessageState::Held | MessageState::Dead => true,
        MessageState::Sent | MessageState::Withdrawn => false,
    }
}

/// State of one enterprise during the pass over its rows.
struct Enterprise<'a> {
    gates: &'a PlanContext<'a>,
    past: &'a [&'a PastMessage],
    offers_in_cap: usize,
    plan: &'a mut MessagePlan,
}

impl<'a> Enterprise<'a> {
    fn rows(&mut self, rows: &[ListedRow]) {
        let (gone, mut listed): (Vec<&ListedRow>, Vec<&ListedRow>) =
            rows.iter().filter(|row| self.gates.concerns(row)).partition(|row| self.gates.is_gone(row));
        // Withdrawals free places under the cap for the best offers.
        gone.into_iter().for_each(|row| self.gone(row));
        let score = |row: &ListedRow| row.score.unwrap_or(0.0);
        listed.sort_by(|a, b| score(b).total_cmp(&score(a)).then_with(|| a.policy_id.cmp(&b.policy_id)));
        listed.into_iter().for_each(|row| self.listed(row));
    }

    /// The messages about an item, in order of creation.
    fn messages_about(&self, item: &str) -> Vec<&'a PastMessage> {
        self.past.iter().copied().filter(|one| one.item == item).collect()
    }

    /// Row is gone: withdraw the unsent messages, retract the sent ones.
    fn gone(&mut self, row: &ListedRow) {
        let past = self.messages_about(&row.policy_id);
        let round = round(&past);
        // Displaced by better items, opted out, absent from this night's data, or its window over: the earlier message is not
        // known to be wrong.
        let holds = matches!(
            row.cause.as_deref(),
            Some("ranking" | "enterprise_gone" | "refused" | "window_closed" | "held")
        );
        let why = if row.cause.as_deref() == Some("refused") { REFUSED } else { GONE };
        let mut delivered = Vec::new();
        for one in past.iter().copied().filter(|one| one.kind == MessageKind::Offer && one.round == round) {
            if may_be_delivered(one) {
                delivered.push(one);
            }
            // A message in flight that is still true may arrive.
            let may_arrive = holds && is_leased(one);
            if !matches!(one.state, MessageState::Sent | MessageState::Withdrawn) && !may_arrive {
                self.withdraw(one, why);
            }
        }
        if !holds {
            self.retract(row, &past, &delivered, round);
        }
    }

    /// Retracts the messages sent in a round.
    fn retract(&mut self, row: &ListedRow, past: &[&PastMessage], delivered: &[&PastMessage], round: i64) {
        let Some(last) = delivered.last() else { return };
        let keys: Vec<&str> = delivered.iter().map(|one| one.key.as_str()).collect();
        let same = |one: &&PastMessage| {
            one.kind == MessageKind::Retraction && one.round == round && one.item_digest == last.item_digest
        };
        let message = Outgoing {
            item_digest: last.item_digest.clone(),
            kind: MessageKind::Retraction,
            round,
            body: self.gates.run.retraction(row, &keys, self.gates.at),
            hold_reason: if self.is_refused(row) { REFUSED } else { "" },
            // Not before the offer that may be in flight.
            not_before: delivered.iter().map(|one| one.leased_until).max().unwrap_or(0),
        };
        self.release_or_hold(row, past.iter().copied().find(same), message);
    }

    /// Row is listed: offer the item unless this revision was already offered in this round.
    fn listed(&mut self, row: &ListedRow) {
        let past = self.messages_about(&row.policy_id);
        let mut round = round(&past);
        // A retraction that was certainly not delivered is unnecessary, unless a later offer has already answered it.
        let last = past.iter().copied().rfind(|one| one.kind == MessageKind::Retraction);
        let answers =
            |one: &PastMessage, last: &PastMessage| one.kind == MessageKind::Offer && one.round > last.round;
        let unheard = |last: &&PastMessage| {
            is_unsent(last) && !may_be_delivered(last) && !past.iter().any(|one| answers(one, last))
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
            hold_reason: self.hold_reason(row),
            not_before: 0,
        };
        self.release_or_hold(row, same, message);
    }

    /// Reason for holding back an offer; empty if it may go out, and then it counts for the cap.
    fn hold_reason(&mut self, row: &ListedRow) -> &'static str {
        let item = &row.policy_id;
        if self.is_refused(row) {
            return REFUSED;
        }
        let pair = (row.enterprise_id.clone(), item.clone());
        if self.gates.run.is_once(item) && self.gates.paid.contains(&pair) {
            return ENJOYED;
        }
        if self.gates.channel.cap.is_some_and(|cap| self.offers_in_cap >= cap.offers) {
            return CAPPED;
        }
        self.offers_in_cap += 1;
        ""
    }

    fn is_refused(&self, row: &ListedRow) -> bool {
        let refuses = |item: &str| self.gates.refused.contains(&(row.enterprise_id.clone(), item.to_owned()));
        refuses("") || refuses(&row.policy_id)
    }

    fn withdraw(&mut self, one: &PastMessage, why: &str) {
        self.plan.withdraw.push((one.id, why.to_owned()));
        // A withdrawn message frees its place under the cap.
        if self.gates.counts_toward_cap(one) && !is_leased(one) {
            self.offers_in_cap = self.offers_in_cap.saturating_sub(1);
        }
    }

    /// Releases a message or holds it back: reuses the one held back or withdrawn earlier, or creates one.
    fn release_or_hold(&mut self, row: &ListedRow, there: Option<&PastMessage>, message: Outgoing) {
        let next_at = self.gates.channel.earliest_send(Moment(self.gates.at.0.max(message.not_before))).0;
        let Outgoing { item_digest, kind, round, body, hold_reason: held, .. } = message;
        match there {
            None => self.plan.new.push(NewMessage {
                enterprise: row.enterprise_id.clone(),
                item: row.policy_id.clone(),
                item_digest,
                kind,
                round,
                body,
                hold_reason: held.to_owned(),
                next_at,
            }),
            Some(one) if !matches!(one.state, MessageState::Held | MessageState::Withdrawn) => {}
            Some(one) if held.is_empty() => self.plan.release.push((one.id, body, next_at)),
            Some(one) if one.state == MessageState::Held && one.reason == held => {}
            Some(one) => self.plan.hold.push((one.id, held.to_owned())),
        }
    }
}

/// A message to be written.
struct Outgoing {
    item_digest: String,
    kind: MessageKind,
    round: i64,
    body: String,
    /// Reason for holding it back; empty if it may go out.
    hold_reason: &'static str,
    not_before: i64,
}

/// Number of retractions that are not withdrawn.
fn round(past: &[&PastMessage]) -> i64 {
    let stands =
        |one: &&&PastMessage| one.kind == MessageKind::Retraction && one.state != MessageState::Withdrawn;
    i64::try_from(past.iter().filter(stands).count()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
