//! Successive nights, carried out on a small model of the sent messages, in place of the records.

use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::date;
use zhaoren_registry::MessageKind::{Offer, Retraction};
use zhaoren_registry::MessageState::{Dead, Held, Sent, Waiting, Withdrawn};

use super::*;
use crate::channels::{Cap, QuietHours};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// 2026-07-01 12:00 in China.
const NOON: i64 = 1_782_835_200_000 + 12 * HOUR;

/// Messages so far, and the channel.
struct Memory {
    past: Vec<PastMessage>,
    bodies: Vec<String>,
    next_at: Vec<i64>,
    /// True for each message in flight that will have been accepted.
    taken: Vec<bool>,
    channel: Channel,
    refused: BTreeSet<(String, String)>,
    paid: BTreeSet<(String, String)>,
    items: Vec<(String, String)>,
    at: i64,
}

impl Memory {
    fn new() -> Self {
        let channel = Channel {
            name: "portal".into(),
            tenant: String::new(),
            url: String::new(),
            secrets: Vec::new(),
            cap: None,
            quiet: None,
            attempts: 3,
            backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(60),
            timeout: Duration::from_secs(1),
            concurrency: 1,
            merge: false,
            undetermined: false,
            ca_bundle: None::<(PathBuf, Vec<u8>)>,
        };
        let item =
            |id: &str, more: &str| (id.to_owned(), format!("{{\"id\":\"{id}\",\"title\":\"{id}题\"{more}}}"));
        let items = vec![
            item("x", r#","window":[{"opens":"2026-03-01","closes":"2026-09-30"}]"#),
            item("y", ""),
            item("once", r#","stacking":[{"once":{"fact":"enjoyed_supports","tag":"once"}}]"#),
        ];
        let (past, bodies, next_at, taken) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (refused, paid) = (BTreeSet::new(), BTreeSet::new());
        Self { past, bodies, next_at, taken, channel, refused, paid, items, at: NOON }
    }

    /// Runs one night; returns the number of additional messages to be sent.
    fn night(&mut self, rows: &[(&str, &str, f64, &str)]) -> usize {
        self.at += DAY;
        let run = MessageSource::new(b"m", date(2026, 7, 1), &self.items).unwrap();
        let rows: Vec<ListedRow> = rows
            .iter()
            .map(|(enterprise, item, score, change)| {
                let (change, cause) = change.split_once(' ').unwrap_or((change, ""));
                serde_json::from_value(serde_json::json!({
                    "enterprise_id": enterprise, "policy_id": item, "verdict": "eligible", "score": score,
                    "change": change, "cause": if cause.is_empty() { None } else { Some(cause) },
                }))
                .unwrap()
            })
            .collect();
        let (channel, at) = (&self.channel, Moment(self.at));
        let gates = PlanContext { channel, run: &run, refused: &self.refused, paid: &self.paid, at };
        let made = plan(&gates, &rows, &self.past);
        assert_eq!(plan(&gates, &rows, &self.past), made, "a plan depends on nothing else");
        let before = self.waiting();
        self.carry_out(made);
        let after = self.waiting();
        // A repetition changes nothing: the messages exist already.
        let gates =
            PlanContext { channel: &self.channel, run: &run, refused: &self.refused, paid: &self.paid, at };
        assert_eq!(plan(&gates, &rows, &self.past), MessagePlan::default(), "made twice");
        after - before.min(after)
    }

    fn carry_out(&mut self, made: MessagePlan) {
        let place = |past: &[PastMessage], id: i64| past.iter().position(|one| one.id == id).unwrap();
        for (id, body, next_at) in made.release {
            let at = place(&self.past, id);
            (self.past[at].state, self.past[at].reason) = (Waiting, String::new());
            (self.past[at].queued_at, self.bodies[at], self.next_at[at]) = (Some(self.at), body, next_at);
        }
        for (id, reason) in made.hold {
            let at = place(&self.past, id);
            (self.past[at].state, self.past[at].reason) = (Held, reason);
        }
        for (id, reason) in made.withdraw {
            let at = place(&self.past, id);
            (self.past[at].state, self.past[at].reason) = (Withdrawn, reason);
        }
        for one in made.new {
            let key =
                format!("{} {} {} {:?} {}", one.enterprise, one.item, one.item_digest, one.kind, one.round);
            assert!(self.past.iter().all(|other| other.key != key), "{key} is there already");
            let held = !one.hold_reason.is_empty();
            self.past.push(PastMessage {
                id: i64::try_from(self.past.len()).unwrap() + 1,
                key,
                enterprise: one.enterprise,
                item: one.item,
                item_digest: one.item_digest,
                kind: one.kind,
                round: one.round,
                state: if held { Held } else { Waiting },
                reason: one.hold_reason,
                queued_at: (!held).then_some(self.at),
                leased_until: 0,
                maybe_told: false,
            });
            self.bodies.push(one.body);
            self.next_at.push(one.next_at);
            self.taken.push(false);
        }
    }

    fn waiting(&self) -> usize {
        self.past.iter().filter(|one| one.state == Waiting).count()
    }

    /// Sends every waiting message.
    fn send(&mut self) {
        self.past.iter_mut().filter(|one| one.state == Waiting).for_each(|one| one.state = Sent);
    }

    /// Item, kind and state of each message, in their order.
    fn told(&self) -> Vec<(&str, MessageKind, MessageState, &str)> {
        self.past.iter().map(|one| (one.item.as_str(), one.kind, one.state, one.reason.as_str())).collect()
    }
}

#[test]
fn offers_retractions_and_new_offers_are_three_messages() {
    let mut memory = Memory::new();
    assert_eq!(memory.night(&[("e", "x", 0.5, "new")]), 1);
    memory.send();
    assert_eq!(memory.night(&[("e", "x", 0.5, "kept")]), 0, "told once, whatever night it is");
    assert_eq!(memory.night(&[("e", "x", 0.5, "gone fact_changed")]), 1);
    memory.send();
    assert_eq!(memory.night(&[("e", "x", 0.5, "gone fact_changed")]), 0);
    assert_eq!(memory.night(&[("e", "x", 0.5, "new")]), 1);
    memory.send();
    assert_eq!(memory.night(&[("e", "x", 0.5, "gone item_expired")]), 1);
    memory.send();
    let kinds: Vec<MessageKind> = memory.past.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [Offer, Retraction, Offer, Retraction]);
    assert!(
        memory.bodies[1].contains(&format!("\"retracts\":[\"{}\"]", memory.past[0].key)),
        "{}",
        memory.bodies[1]
    );
    assert!(memory.bodies[3].contains(&format!("\"retracts\":[\"{}\"]", memory.past[2].key)));
}

#[test]
fn unsent_offers_are_withdrawn_without_a_retraction() {
    let mut memory = Memory::new();
    memory.night(&[("e", "x", 0.5, "new"), ("e", "y", 0.4, "new")]);
    memory.past[1].state = Dead;
    assert_eq!(memory.night(&[("e", "x", 0.5, "gone"), ("e", "y", 0.4, "gone")]), 0);
    assert_eq!(memory.told(), [("x", Offer, Withdrawn, "gone"), ("y", Offer, Withdrawn, "gone")]);
    // It is released again as the same message, with the current body.
    memory.bodies[0].clear();
    assert_eq!(memory.night(&[("e", "x", 0.5, "new")]), 1);
    assert_eq!(memory.told()[0], ("x", Offer, Waiting, ""));
    assert!(memory.bodies[0].contains("\"closes\":\"2026-09-30\""), "{}", memory.bodies[0]);
    // Never made, never retracted.
    assert_eq!(memory.night(&[("f", "x", 0.5, "gone")]), 0);
}

#[test]
fn leased_offers_count_as_possibly_delivered() {
    let mut memory = Memory::new();
    memory.night(&[("e", "x", 0.5, "new")]);
    // Also if its sender died long ago.
    memory.past[0].leased_until = memory.at - DAY;
    assert_eq!(memory.night(&[("e", "x", 0.5, "gone")]), 0, "one less, one more");
    assert_eq!(memory.told(), [("x", Offer, Withdrawn, "gone"), ("x", Retraction, Waiting, "")]);
}

#[test]
fn unsent_retractions_are_withdrawn_when_the_item_is_listed_again() {
    let mut memory = Memory::new();
    memory.night(&[("e", "x", 0.5, "new")]);
    memory.send();
    memory.night(&[("e", "x", 0.5, "gone")]);
    assert_eq!(memory.night(&[("e", "x", 0.5, "new")]), 0);
    assert_eq!(memory.told(), [("x", Offer, Sent, ""), ("x", Retraction, Withdrawn, "listed_again")]);
    // The next time it becomes that retraction.
    assert_eq!(memory.night(&[("e", "x", 0.5, "gone")]), 1);
    memory.send();
    assert_eq!(memory.past.len(), 2);
    assert_eq!(memory.night(&[("e", "x", 0.5, "new")]), 1);
}

#[test]
fn ranking_opt_outs_and_missing_data_cause_no_retraction() {
    let mut memory = Memory::new();
    let listed = [("e", "x", 0.5, "new"), ("f", "x", 0.5, "new"), ("g", "x", 0.5, "new")];
    memory.night(&listed);
    memory.send();
    memory.night(&[("g", "y", 0.5, "new")]);
    let gone = [
        ("e", "x", 0.5, "gone ranking"),
        ("f", "x", 0.5, "gone enterprise_gone"),
        ("g", "x", 0.5, "gone refused"),
        ("g", "y", 0.5, "gone refused"),
    ];
    assert_eq!(memory.night(&gone), 0);
    assert_eq!(memory.told()[3], ("y", Offer, Withdrawn, "refused"), "it was not told");
    assert_eq!(memory.night(&listed), 0, "it was told");
}

#[test]
fn new_revisions_replace_waiting_older_ones() {
    let mut memory = Memory::new();
    memory.night(&[("e", "x", 0.5, "new"), ("f", "x", 0.5, "new")]);
    memory.past[0].state = Sent;
    memory.items[0].1 = r#"{"id":"x","title":"改后"}"#.to_owned();
    assert_eq!(memory.night(&[("e", "x", 0.5, "kept"), ("f", "x", 0.5, "kept")]), 1, "one more, one other");
    assert_eq!(memory.told()[0..2], [("x", Offer, Sent, ""), ("x", Offer, Withdrawn, "revised")]);
    assert!(memory.bodies[2].contains("改后"));
    memory.send();
    // The retraction refers to the last message sent.
    assert_eq!(memory.night(&[("e", "x", 0.5, "gone"), ("f", "x", 0.5, "gone")]), 2);
    assert!(memory.bodies[4].contains(&memory.past[2].key), "{}", memory.bodies[4]);
}

#[test]
fn opt_outs_apply_until_withdrawn() {
    let mut memory = Memory::new();
    let rows = [("e", "x", 0.5, "new"), ("e", "y", 0.4, "new"), ("f", "x", 0.5, "new")];
    memory.refused.insert(("e".into(), "x".into()));
    memory.refused.insert(("f".into(), String::new()));
    assert_eq!(memory.night(&rows), 1);
    assert_eq!(
        memory.told(),
        [("x", Offer, Held, "refused"), ("y", Offer, Waiting, ""), ("x", Offer, Held, "refused")]
    );
    memory.refused.clear();
    assert_eq!(memory.night(&rows), 2);
    memory.send();
    // An enterprise that opted out later receives nothing, not even a retraction.
    memory.refused.insert(("e".into(), String::new()));
    assert_eq!(memory.night(&[("e", "y", 0.4, "gone")]), 0);
    assert_eq!(memory.told()[3], ("y", Retraction, Held, "refused"));
}

#[test]
fn paid_one_time_benefits_are_not_offered() {
    let mut memory = Memory::new();
    memory.paid.insert(("e".into(), "once".into()));
    memory.paid.insert(("e".into(), "x".into()));
    assert_eq!(
        memory.night(&[("e", "once", 0.9, "new"), ("e", "x", 0.1, "new"), ("f", "once", 0.9, "new")]),
        2
    );
    assert_eq!(
        memory.told(),
        [("once", Offer, Held, "enjoyed"), ("x", Offer, Waiting, ""), ("once", Offer, Waiting, "")]
    );
}

#[test]
fn caps_release_the_best_offers_first() {
    let mut memory = Memory::new();
    memory.channel.cap = Some(Cap { offers: 2, days: 3 });
    let rows = [("e", "once", 0.2, "new"), ("e", "x", 0.9, "new"), ("e", "y", 0.5, "new")];
    assert_eq!(memory.night(&rows), 2);
    assert_eq!(
        memory.told(),
        [("x", Offer, Waiting, ""), ("y", Offer, Waiting, ""), ("once", Offer, Held, "cap")]
    );
    memory.send();
    assert_eq!(memory.night(&rows), 0);
    assert_eq!(memory.night(&rows), 0);
    // Retractions are exempt from the cap: a wrong message has to be retracted.
    assert_eq!(
        memory.night(&[("e", "once", 0.2, "kept"), ("e", "x", 0.9, "gone"), ("e", "y", 0.5, "gone")]),
        3
    );
    assert_eq!(memory.told()[2], ("once", Offer, Waiting, ""), "three days later there is room");
    // An offer withdrawn unsent frees its place under the cap at once.
    let mut memory = Memory::new();
    memory.channel.cap = Some(Cap { offers: 1, days: 30 });
    memory.night(&[("e", "x", 0.9, "new"), ("e", "y", 0.5, "new")]);
    assert_eq!(memory.night(&[("e", "x", 0.9, "gone"), ("e", "y", 0.5, "kept")]), 0, "one less, one more");
    assert_eq!(memory.told(), [("x", Offer, Withdrawn, "gone"), ("y", Offer, Waiting, "")]);
}

#[test]
fn quiet_hours_only_delay() {
    let mut memory = Memory::new();
    memory.channel.quiet = Some(QuietHours { from: 20 * 60, until: 8 * 60 });
    memory.night(&[("e", "x", 0.5, "new")]);
    assert_eq!(memory.next_at, [memory.at], "at noon");
    memory.at += 9 * HOUR;
    memory.night(&[("f", "x", 0.5, "new")]);
    assert_eq!(
        memory.next_at[1],
        memory.at + 11 * HOUR,
        "at nine in the evening, until eight in the morning"
    );
    let quiet = QuietHours { from: 20 * 60, until: 8 * 60 };
    let eight = NOON - 4 * HOUR;
    for (now, over) in [(eight - 1, eight), (eight, eight), (NOON, NOON), (NOON + 8 * HOUR, eight + DAY)] {
        assert_eq!(quiet.next_open(Moment(now)), Moment(over));
    }
    let noon = QuietHours { from: 12 * 60, until: 14 * 60 };
    assert_eq!(noon.next_open(Moment(NOON)), Moment(NOON + 2 * HOUR));
    assert_eq!(noon.next_open(Moment(NOON - 1)), Moment(NOON - 1));
    assert_eq!(noon.next_open(Moment(NOON + 2 * HOUR)), Moment(NOON + 2 * HOUR));
}

#[test]
fn retry_delays_double_up_to_the_maximum_with_jitter() {
    let channel = Memory::new().channel;
    let most = |attempts| channel.retry_delay(attempts, u32::MAX).as_secs();
    assert_eq!([1, 2, 3, 6, 7, 40, u32::MAX].map(most), [1, 2, 4, 32, 60, 60, 60]);
    assert_eq!(channel.retry_delay(3, 0), Duration::ZERO);
    assert_eq!(channel.retry_delay(3, u32::MAX / 2).as_millis(), 1_999);
}

#[test]
fn bodies_reveal_only_the_enterprise_id() {
    let mut memory = Memory::new();
    memory.night(&[("e", "x", 0.5, "new fact_changed")]);
    let body: serde_json::Value = serde_json::from_str(&memory.bodies[0]).unwrap();
    let digest = zhaoren_registry::digest(&[b"m"]);
    assert_eq!(
        body,
        serde_json::json!({
            "type": "offer", "timestamp": "2026-07-02T12:00:00+08:00",
            "data": {
                "enterprise": "e", "item": "x", "title": "x题", "as_of": "2026-07-01", "run": digest,
                "cause": {"code": "fact_changed"}, "verdict": "eligible",
                "window": {"state": "open", "opens": "2026-03-01", "closes": "2026-09-30"},
            },
        })
    );
}

/// A receiver's view: the offers received and not retracted.
#[derive(Default)]
struct Belief {
    offers: BTreeMap<String, (String, String)>,
    seen: BTreeSet<String>,
    /// Messages that may arrive twice.
    orphans: BTreeSet<String>,
}

impl Belief {
    fn hears(&mut self, key: &str, body: &str) {
        if !self.seen.insert(key.to_owned()) {
            assert!(self.orphans.contains(key), "{key} came twice");
            return;
        }
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let text = |name: &str| body["data"][name].as_str().unwrap().to_owned();
        if body["type"] == "offer" {
            self.offers.insert(key.to_owned(), (text("enterprise"), text("item")));
        } else {
            for one in body["data"]["retracts"].as_array().unwrap() {
                self.offers.remove(one.as_str().unwrap());
            }
        }
    }
}

/// Fate of a waiting message between two nights.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Waits,
    Sent,
    /// Failed, and was received nevertheless, or not.
    Failed(bool),
    GivenUp(bool),
    /// In flight during the next night, and then accepted, or not.
    UnderWay(bool),
    /// Its sender died after or before delivery.
    Orphaned(bool),
}

fn fate() -> impl proptest::strategy::Strategy<Value = Fate> {
    use proptest::prelude::*;
    prop_oneof![
        3 => Just(Fate::Sent),
        2 => Just(Fate::Waits),
        2 => any::<bool>().prop_map(Fate::Failed),
        1 => any::<bool>().prop_map(Fate::GivenUp),
        2 => any::<bool>().prop_map(Fate::UnderWay),
        2 => any::<bool>().prop_map(Fate::Orphaned),
    ]
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(500))]

    /// For any sequence of lists, revisions, failures and messages in flight: once everything is sent, a receiver's view
    /// equals the last list, and no message arrived twice.
    #[test]
    fn receivers_converge_to_the_last_list(
        nights in proptest::collection::vec(
            (proptest::collection::vec(proptest::bool::ANY, 4), 0_u8..3, proptest::collection::vec(fate(), 8)),
            1..12,
        ),
    ) {
        let pairs = [("e", "x"), ("e", "y"), ("f", "x"), ("f", "y")];
        let (mut memory, mut belief) = (Memory::new(), Belief::default());
        let mut before = vec![false; pairs.len()];
        for (listed, revision, fates) in nights {
            memory.items[0].1 = format!(r#"{{"id":"x","title":"{revision}"}}"#);
            let rows: Vec<(&str, &str, f64, &str)> = pairs
                .iter()
                .zip(before.iter().zip(&listed))
                .filter_map(|((enterprise, item), (was, is))| {
                    let change = match (was, is) {
                        (false, true) => "new",
                        (true, true) => "kept",
                        (true, false) => "gone",
                        (false, false) => return None,
                    };
                    Some((*enterprise, *item, 0.5, change))
                })
                .collect();
            memory.night(&rows);
            before = listed;
            // Messages in flight arrive or are lost; then the waiting ones get their fates.
            let at = memory.at;
            for one in 0..memory.past.len() {
                let message = &mut memory.past[one];
                if message.leased_until > at {
                    message.leased_until = 0;
                    let taken = std::mem::take(&mut memory.taken[one]);
                    if taken {
                        message.state = Sent;
                        belief.hears(&message.key, &memory.bodies[one]);
                    }
                } else if message.state == Waiting {
                    let fate = fates[one % fates.len()];
                    // The next sender sees that the message was claimed without a recorded result.
                    message.maybe_told |= message.leased_until != 0 && !matches!(fate, Fate::Waits);
                    match fate {
                        Fate::Waits => {}
                        Fate::Orphaned(heard) => {
                            message.leased_until = at + HOUR;
                            belief.orphans.insert(message.key.clone());
                            if heard {
                                belief.hears(&message.key, &memory.bodies[one]);
                            }
                        }
                        Fate::Sent => {
                            (message.state, message.leased_until) = (Sent, 0);
                            belief.hears(&message.key, &memory.bodies[one]);
                        }
                        Fate::Failed(heard) | Fate::GivenUp(heard) => {
                            message.leased_until = 0;
                            message.maybe_told |= heard;
                            if heard {
                                belief.orphans.insert(message.key.clone());
                                belief.hears(&message.key, &memory.bodies[one]);
                            }
                            if matches!(fate, Fate::GivenUp(_)) {
                                message.state = Dead;
                            }
                        }
                        Fate::UnderWay(taken) => {
                            message.leased_until = at + DAY + HOUR;
                            memory.taken[one] = taken;
                        }
                    }
                }
            }
        }
        // The operator retries the messages given up, and everything arrives.
        for (one, message) in memory.past.iter_mut().enumerate() {
            if matches!(message.state, Waiting | Dead) || memory.taken[one] {
                message.state = Sent;
                belief.hears(&message.key, &memory.bodies[one]);
            }
        }
        let believed: BTreeSet<(&str, &str)> =
            belief.offers.values().map(|(enterprise, item)| (enterprise.as_str(), item.as_str())).collect();
        let says: BTreeSet<(&str, &str)> =
            pairs.into_iter().zip(&before).filter(|(_, is)| **is).map(|(pair, _)| pair).collect();
        proptest::prop_assert_eq!(believed, says);
    }
}

/// An unreadable item of a run is named, and not taken for one that may be offered twice.
#[test]
fn unreadable_items_are_named() {
    for body in ["", "{", "[]", r#"{"title":"题","stacking":{"once":1}}"#] {
        let items = [("x".to_owned(), body.to_owned())];
        let error = MessageSource::new(b"m", date(2026, 7, 1), &items).unwrap_err().to_string();
        assert!(error.contains("`x`") && error.contains("读不懂"), "{body}: {error}");
    }
}

/// An undetermined row is no offer unless the channel says so. One that was eligible and no longer is takes its offer back; one whose
/// verdict is as before does not.
#[test]
fn undetermined_items_are_offered_only_if_the_channel_says_so() {
    let row = |verdict: &str, change: &str, cause: Option<&str>| -> ListedRow {
        serde_json::from_value(serde_json::json!({
            "enterprise_id": "e", "policy_id": "y", "verdict": verdict, "score": 0.5, "change": change, "cause": cause,
        }))
        .unwrap()
    };
    for (told_otherwise, offers) in [(false, 0), (true, 1)] {
        let mut memory = Memory::new();
        memory.channel.undetermined = told_otherwise;
        let run = MessageSource::new(b"m", date(2026, 7, 1), &memory.items).unwrap();
        let gates = PlanContext {
            channel: &memory.channel,
            run: &run,
            refused: &memory.refused,
            paid: &memory.paid,
            at: Moment(memory.at),
        };
        assert_eq!(plan(&gates, &[row("undetermined", "new", None)], &[]).new.len(), offers);
        let mut offered = plan(&gates, &[row("eligible", "new", None)], &[]).new;
        assert_eq!(offered.len(), 1);
        let offer = offered.remove(0);
        let past = PastMessage {
            id: 1,
            key: "k".into(),
            enterprise: offer.enterprise,
            item: offer.item,
            item_digest: offer.item_digest,
            kind: Offer,
            round: 0,
            state: Sent,
            reason: String::new(),
            queued_at: Some(memory.at),
            leased_until: 0,
            maybe_told: false,
        };
        let next = |cause| plan(&gates, &[row("undetermined", "kept", cause)], std::slice::from_ref(&past));
        for same in [None, Some("window_opened"), Some("deadline_near")] {
            assert_eq!(next(same), MessagePlan::default(), "{same:?}");
        }
        let changed = next(Some("fact_changed"));
        let retractions = changed.new.iter().filter(|one| one.kind == Retraction).count();
        assert_eq!(retractions, 1 - offers);
    }
}

/// A retraction says why: cause, condition and document; the folder of the run is named. Facts of the enterprise are not in it.
#[test]
fn messages_carry_cause_and_clause() {
    let items = [(
        "y".to_owned(),
        r#"{"id":"y","title":"乙项","document":{"title":"某办法","number":"沪某〔2026〕1号"}}"#.to_owned(),
    )];
    let run = MessageSource::new(b"m", date(2026, 7, 1), &items).unwrap().in_folder("2026-07-01");
    let row: ListedRow = serde_json::from_value(serde_json::json!({
        "enterprise_id": "e", "policy_id": "y", "verdict": "ineligible", "change": "gone", "cause": "fact_changed",
        "cause_name": "指标有变", "detail": "从业人数由20变为3", "clause": "第三条：从业人数不低于5人",
        "enterprise_name": "甲公司", "amount": "最高10万元", "window": "申报时间未公布",
    }))
    .unwrap();
    let body: serde_json::Value = serde_json::from_str(&run.retraction(&row, &["k"], Moment(NOON))).unwrap();
    let data = &body["data"];
    let cause = serde_json::json!({"code": "fact_changed", "name": "指标有变", "clause": "第三条：从业人数不低于5人"});
    assert_eq!((&body["type"], &data["cause"]), (&"retraction".into(), &cause));
    assert!(!body.to_string().contains("由20变为3") && !body.to_string().contains("甲公司"));
    let word = |key: &str| data[key].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        ["run_folder", "document", "amount", "window_text"].map(word),
        ["2026-07-01", "沪某〔2026〕1号", "最高10万元", "申报时间未公布"]
    );
    assert_eq!(data["retracts"], serde_json::json!(["k"]));
}
