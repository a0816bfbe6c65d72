//! Messages: created once, sent by one sender at a time, recorded together with the ledger.

use std::collections::BTreeSet;

use zhaoren_registry::{
    Attempt, AttemptCounts, Message, MessageCounts, MessageFilter, MessageKind, MessagePlan, MessageRun,
    MessageState, Moment, NewMessage, PastMessage, Registry, RegistryError, WriteContext,
};

use crate::contract::{Fresh, at};

pub(crate) fn run(run: &str, as_of: &str) -> MessageRun {
    MessageRun { channel: "portal".into(), run: run.into(), as_of: as_of.into() }
}

fn offer(enterprise: &str) -> NewMessage {
    NewMessage {
        enterprise: enterprise.into(),
        item: "cn-hnte-2016".into(),
        item_digest: "d".into(),
        kind: MessageKind::Offer,
        round: 0,
        body: format!("{{\"to\":\"{enterprise}\"}}"),
        hold_reason: String::new(),
        next_at: 0,
    }
}

/// Carries out the plan of `decide` for these enterprises.
async fn make(
    registry: &Registry,
    now: i64,
    of: &MessageRun,
    to: &[&str],
    decide: impl FnOnce(&[PastMessage]) -> MessagePlan,
) -> Result<MessageCounts, RegistryError> {
    registry.make_messages(&at(now), of, to, &[String::new()], |past, _, _| decide(past)).await
}

/// Makes offers to enterprises without one, like a caller that plans by the earlier messages.
pub(crate) async fn offers(registry: &Registry, act: &WriteContext<'_>, of: &MessageRun, to: &[&str]) -> u64 {
    assert!(registry.begin_messages(act, of).await.unwrap());
    let nobody = [String::new()];
    let made = registry.make_messages(act, of, to, &nobody, |past, _, _| {
        let there: BTreeSet<&str> = past.iter().map(|one| one.enterprise.as_str()).collect();
        let new = to.iter().filter(|id| !there.contains(**id)).map(|id| offer(id)).collect();
        MessagePlan { new, ..MessagePlan::default() }
    });
    made.await.unwrap().offers
}

async fn claim(registry: &Registry, lease: &str, now: i64, until: i64, most: usize) -> Vec<Message> {
    registry.claim_messages(&at(now), "portal", lease, Moment(until), most).await.unwrap().messages
}

fn ids(messages: &[Message]) -> Vec<i64> {
    messages.iter().map(|one| one.id).collect()
}

async fn in_state(registry: &Registry, state: MessageState) -> Vec<Message> {
    let filter = MessageFilter { state: Some(state), limit: 1_000, ..MessageFilter::default() };
    registry.messages(&filter).await.unwrap()
}

pub(crate) async fn runs_make_their_messages_once_and_in_order(fresh: Fresh) {
    let registry = &fresh.registry;
    let (first, second) = (run("a", "2026-07-01"), run("b", "2026-07-02"));
    let many: Vec<String> = (0..1_500).map(|n| format!("e{n}")).collect();
    let to: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(offers(registry, &at(10), &first, &to).await, 1_500, "more than one statement holds");
    assert_eq!(offers(registry, &at(11), &first, &to).await, 0);
    let lines = registry.verify(None).await.unwrap().lines;
    assert_eq!(lines, 2, "the run, and one batch: what makes nothing writes nothing");
    assert_eq!(offers(registry, &at(12), &second, &to).await, 0);
    // The first run is superseded: nothing to do. A run of an earlier day that was never begun is refused.
    assert!(!registry.begin_messages(&at(13), &first).await.unwrap());
    let stale = make(registry, 14, &first, &["e1"], |_| MessagePlan {
        new: vec![offer("late")],
        ..MessagePlan::default()
    })
    .await;
    assert!(stale.is_err());
    let error = registry.begin_messages(&at(15), &run("c", "2026-06-30")).await.unwrap_err().to_string();
    assert!(error.contains("2026-06-30") && error.contains("2026-07-02"), "{error}");
    // Another channel and another tenant have runs of their own, and other messages.
    let other = MessageRun { channel: "sms".into(), ..first.clone() };
    assert_eq!(offers(registry, &at(16), &other, &["e1"]).await, 1);
    let xuhui = WriteContext { tenant: "xuhui", ..at(17) };
    assert_eq!(offers(registry, &xuhui, &first, &["e1"]).await, 1);
    let keys: BTreeSet<String> =
        in_state(registry, MessageState::Waiting).await.into_iter().map(|one| one.key).collect();
    assert_eq!(keys.len(), 1_000, "the limit");
    let filter = MessageFilter { tenant: Some("xuhui".into()), limit: 10, ..MessageFilter::default() };
    assert_eq!(registry.messages(&filter).await.unwrap().len(), 1);
    let [one] = registry.messages(&filter).await.unwrap().try_into().unwrap();
    assert_eq!(registry.message(Some("xuhui"), &one.key).await.unwrap(), Some(one.clone()));
    assert_eq!(registry.message(None, &one.id.to_string()).await.unwrap(), Some(one.clone()));
    assert_eq!(registry.message(Some("other"), &one.key).await.unwrap(), None);
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
}

pub(crate) async fn messages_are_leased_to_one_sender(fresh: Fresh) {
    let registry = &fresh.registry;
    offers(registry, &at(10), &run("a", "2026-07-01"), &["e1", "e2", "e3"]).await;
    let mine = claim(registry, "me", 100, 200, 2).await;
    assert_eq!(ids(&mine), [1, 2]);
    assert_eq!(ids(&claim(registry, "you", 101, 200, 5).await), [3]);
    assert_eq!(claim(registry, "you", 102, 200, 5).await, []);
    // An expired lease can be taken by any sender; the failures of the previous one no longer count, its deliveries do.
    assert_eq!(ids(&claim(registry, "you", 200, 300, 5).await), [1, 2, 3]);
    let again =
        |error: &str| Attempt::Retry { at: Moment(500), error: error.into(), maybe_told: error == "slow" };
    let late = [(mine[0].clone(), again("slow")), (mine[1].clone(), Attempt::Sent)];
    let settled = registry.record_attempts(&at(210), "portal", "me", &late).await.unwrap();
    assert_eq!(settled, AttemptCounts { sent: 1, retried: 0, dead: 0 });
    let yours = [(mine[1].clone(), Attempt::Sent), (mine[0].clone(), again("HTTP 503"))];
    let settled = registry.record_attempts(&at(220), "portal", "you", &yours).await.unwrap();
    assert_eq!(settled, AttemptCounts { sent: 0, retried: 1, dead: 0 }, "sent once");
    let told = registry.outcomes_of("", "e2").await.unwrap();
    assert_eq!(told.iter().map(|one| one.event.as_str()).collect::<Vec<_>>(), ["pushed"]);
    assert!(told[0].detail.contains(&mine[1].key) && told[0].item_digest == "d", "{told:?}");
    assert!(registry.outcomes_of("", "e1").await.unwrap().is_empty());
    // Not before its time. The previous sender may have sent it.
    let first = registry.message(None, "1").await.unwrap().unwrap();
    assert_eq!((first.attempts, first.next_at, first.last_error.as_str()), (1, 500, "HTTP 503"));
    assert!(first.maybe_told, "its lease ran out once");
    assert_eq!(ids(&claim(registry, "you", 499, 600, 9).await), [3], "the one whose lease ran out");
    assert_eq!(ids(&claim(registry, "you", 500, 600, 9).await), [1]);
    assert_eq!(registry.oldest_unsent(None).await.unwrap(), first.queued_at);
    assert_eq!(registry.next_due("", "portal").await.unwrap(), Some(Moment(600)), "both are under way");
    assert_eq!(registry.next_due("", "sms").await.unwrap(), None);
    let dead = [(first.clone(), Attempt::Dead { error: "HTTP 410".into(), maybe_told: false })];
    registry.record_attempts(&at(510), "portal", "you", &dead).await.unwrap();
    let counts = registry.message_counts(None).await.unwrap();
    let counts: Vec<i64> = counts.into_values().collect();
    assert_eq!(counts, [1, 1, 1, 0, 0], "waiting, sent, dead, withdrawn, held");
    // A message given up is not lost.
    assert!(registry.retry_messages(&at(520), Some(&[1, 2])).await.is_err(), "the other one was sent");
    assert_eq!(in_state(registry, MessageState::Dead).await.len(), 1, "nothing was done");
    let error = registry.retry_messages(&at(521), Some(&[77])).await.unwrap_err().to_string();
    assert!(error.contains("77"), "{error}");
    let xuhui = WriteContext { tenant: "xuhui", ..at(522) };
    assert!(registry.retry_messages(&xuhui, Some(&[1])).await.is_err());
    assert_eq!(registry.retry_messages(&xuhui, None).await.unwrap(), 0);
    assert_eq!(registry.retry_messages(&at(523), None).await.unwrap(), 1);
    assert_eq!(ids(&claim(registry, "you", 530, 600, 9).await), [1]);
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
}

pub(crate) async fn concurrent_senders_claim_no_message_twice(fresh: Fresh) {
    let many: Vec<String> = (0..200).map(|n| format!("e{n}")).collect();
    let to: Vec<&str> = many.iter().map(String::as_str).collect();
    offers(&fresh.registry, &at(10), &run("a", "2026-07-01"), &to).await;
    let mut senders = Vec::new();
    for n in 0..6 {
        let registry = fresh.again().await;
        senders.push(tokio::spawn(async move {
            let (lease, mut taken) = (format!("sender {n}"), Vec::new());
            loop {
                let some = claim(&registry, &lease, 100, 200, 7).await;
                if some.is_empty() {
                    break taken;
                }
                let sent: Vec<_> = some.iter().map(|one| (one.clone(), Attempt::Sent)).collect();
                let settled = registry.record_attempts(&at(100), "portal", &lease, &sent).await.unwrap();
                assert_eq!(settled.sent, u64::try_from(some.len()).unwrap());
                taken.extend(ids(&some));
            }
        }));
    }
    let mut taken = Vec::new();
    for sender in senders {
        taken.extend(sender.await.unwrap());
    }
    taken.sort_unstable();
    assert_eq!(taken, (1..=200).collect::<Vec<i64>>());
    assert_eq!(fresh.registry.oldest_unsent(None).await.unwrap(), None);
    assert_eq!(fresh.registry.verify(None).await.unwrap().faults, []);
}

pub(crate) async fn opt_outs_apply_to_waiting_messages(fresh: Fresh) {
    let registry = &fresh.registry;
    offers(registry, &at(10), &run("a", "2026-07-01"), &["e1", "e2", "e3"]).await;
    let xuhui = WriteContext { tenant: "xuhui", ..at(20) };
    registry.opt_out(&xuhui, "e1", "", "不再接收").await.unwrap();
    registry.opt_out(&at(21), "e2", "another-item", "").await.unwrap();
    registry.opt_out(&at(22), "e3", "cn-hnte-2016", "").await.unwrap();
    let claimed = registry.claim_messages(&at(30), "portal", "me", Moment(90), 10).await.unwrap();
    assert_eq!((ids(&claimed.messages), claimed.refused), (vec![2], 2));
    let held = in_state(registry, MessageState::Held).await;
    assert_eq!(
        held.iter().map(|one| (one.id, one.reason.as_str())).collect::<Vec<_>>(),
        [(1, "refused"), (3, "refused")]
    );
    // Once the opt-out is lifted, the next run releases it with the current body.
    registry.opt_in(&xuhui, "e1", "").await.unwrap();
    let later = run("b", "2026-07-02");
    assert!(registry.begin_messages(&at(40), &later).await.unwrap());
    let made = make(registry, 41, &later, &["e1"], |past| MessagePlan {
        release: past.iter().map(|one| (one.id, "{}".to_owned(), 45)).collect(),
        ..MessagePlan::default()
    })
    .await;
    assert_eq!(made.unwrap().offers, 1);
    assert_eq!(claim(registry, "me", 44, 90, 10).await, []);
    let [first] = claim(registry, "me", 45, 90, 10).await.try_into().unwrap();
    assert_eq!((first.id, first.body.as_str(), first.reason.as_str()), (1, "{}", ""));
}

pub(crate) async fn messages_sent_during_withdrawal_are_recorded_as_sent(fresh: Fresh) {
    let registry = &fresh.registry;
    let of = run("a", "2026-07-01");
    offers(registry, &at(10), &of, &["e1", "e2"]).await;
    let taken = claim(registry, "me", 20, 90, 2).await;
    let gone = make(registry, 30, &of, &["e1", "e2"], |past| {
        assert!(past.iter().all(|one| one.leased_until == 90));
        MessagePlan {
            withdraw: past.iter().map(|one| (one.id, "gone".to_owned())).collect(),
            ..MessagePlan::default()
        }
    })
    .await;
    assert_eq!(gone.unwrap().withdrawn, 2);
    let attempts = [
        (taken[0].clone(), Attempt::Sent),
        (taken[1].clone(), Attempt::Retry { at: Moment(40), error: "timeout".into(), maybe_told: true }),
    ];
    let settled = registry.record_attempts(&at(40), "portal", "me", &attempts).await.unwrap();
    assert_eq!((settled.sent, settled.retried), (1, 0));
    let all = registry.messages(&MessageFilter { limit: 9, ..MessageFilter::default() }).await.unwrap();
    let states: Vec<MessageState> = all.iter().map(|one| one.state).collect();
    assert_eq!(states, [MessageState::Sent, MessageState::Withdrawn]);
    assert_eq!(registry.outcomes_of("", "e1").await.unwrap().len(), 1);
}

pub(crate) async fn deleted_enterprises_keep_only_delivery_records(fresh: Fresh) {
    let registry = &fresh.registry;
    offers(registry, &at(10), &run("a", "2026-07-01"), &["e1", "e2", "e3"]).await;
    let taken = claim(registry, "me", 20, 90, 2).await;
    let sent: Vec<_> = taken.into_iter().map(|one| (one, Attempt::Sent)).collect();
    registry.record_attempts(&at(30), "portal", "me", &sent).await.unwrap();
    assert_eq!(registry.forget(&at(40), "e1").await.unwrap().messages, 1);
    assert_eq!(registry.forget(&at(41), "e3").await.unwrap().messages, 1);
    let left = registry.messages(&MessageFilter { limit: 9, ..MessageFilter::default() }).await.unwrap();
    assert_eq!(
        left.iter().map(|one| (one.id, one.body.is_empty())).collect::<Vec<_>>(),
        [(1, true), (2, false)]
    );
    // That causes no repeated message.
    assert_eq!(offers(registry, &at(50), &run("b", "2026-07-02"), &["e1", "e2"]).await, 0);
    let waiting = make(registry, 51, &run("b", "2026-07-02"), &["e4"], |_| MessagePlan {
        new: vec![NewMessage { hold_reason: "cap".into(), ..offer("e4") }],
        ..MessagePlan::default()
    })
    .await;
    assert_eq!(waiting.unwrap().held, 1);
    assert_eq!(registry.apply_retention(&at(60), Moment(55), false).await.unwrap().messages, 2);
    assert_eq!(registry.apply_retention(&at(60), Moment(55), true).await.unwrap().messages, 2);
    assert_eq!(registry.apply_retention(&at(61), Moment(55), true).await.unwrap().messages, 0);
    let left = registry.messages(&MessageFilter { limit: 9, ..MessageFilter::default() }).await.unwrap();
    assert_eq!(
        left.iter().map(|one| (one.id, one.body.is_empty())).collect::<Vec<_>>(),
        [(1, true), (2, true)]
    );
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
}
