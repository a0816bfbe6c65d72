//! Cases and books: golden cases for each fault, and books that close over random ledgers in any order.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use zhaoren_fulfilment::case::{Books, CaseFault, CaseState, Event, EventKind, cases};
use zhaoren_fulfilment::clock::{ClockState, late_list};
use zhaoren_fulfilment::refusal::{Finding, FindingKind, Refusal, counts};
use zhaoren_fulfilment::workday::WorkCalendar;
use zhaoren_policy::number::Number;

const DAY: Date = date(2026, 11, 30);

fn event(kind: EventKind, on: Date) -> Event {
    Event {
        enterprise: "e1".to_owned(),
        item: "a".to_owned(),
        kind,
        on,
        amount: None,
        approved: None,
        reason: None,
        by: None,
    }
}

fn decided(on: Date, approved: Option<bool>, reason: &str) -> Event {
    let reason = (!reason.is_empty()).then(|| reason.to_owned());
    Event { approved, reason, ..event(EventKind::Decided, on) }
}

fn paid(on: Date, yuan: &str) -> Event {
    Event { amount: Number::parse(yuan), ..event(EventKind::Paid, on) }
}

#[test]
fn a_case_goes_from_the_message_to_the_money() {
    let told = date(2026, 3, 2);
    let events = [
        paid(date(2026, 4, 1), "1500.50"),
        decided(date(2026, 3, 20), Some(true), ""),
        event(EventKind::Applied, date(2026, 3, 5)),
        event(EventKind::Confirmed, date(2026, 3, 4)),
        event(EventKind::Viewed, date(2026, 3, 3)),
        event(EventKind::Pushed, told),
    ];
    let states: Vec<CaseState> = (0..40)
        .filter_map(|offset| {
            let day = told.checked_add(offset.days()).unwrap();
            cases(&events, day).first().map(zhaoren_fulfilment::case::Case::state)
        })
        .collect();
    let mut steps = states.clone();
    steps.dedup();
    use CaseState::{Applied, Approved, Confirmed, Paid, Silent, Viewed};
    assert_eq!(steps, [Silent, Viewed, Confirmed, Applied, Approved, Paid]);
    let all = cases(&events, DAY);
    let books = Books::of(&all, |_| true);
    assert_eq!((books.told, books.confirmed, books.paid, books.amount.as_str()), (1, 1, 1, "1500.5"));
    assert_eq!(books.faulty, 0, "{:?}", all[0].faults(true));
    assert!(books.is_closed());
}

#[test]
fn faults_are_named() {
    let day = date(2026, 3, 2);
    let later = date(2026, 4, 1);
    let faults = |events: &[Event]| cases(events, DAY)[0].faults(true);
    assert_eq!(
        faults(&[decided(day, Some(true), ""), paid(day, "1"), paid(later, "1")]),
        [CaseFault::PaidAgain { days: vec![day, later] }]
    );
    assert_eq!(faults(&[paid(day, "1")]), [CaseFault::PaidWithoutDecision]);
    assert_eq!(
        faults(&[decided(day, Some(false), "不满一年"), paid(later, "1")]),
        [CaseFault::PaidAfterRefusal]
    );
    assert_eq!(faults(&[decided(day, Some(false), " ")]), [CaseFault::RefusedWithoutReason]);
    assert_eq!(faults(&[decided(day, None, "")]), [CaseFault::ResultUnknown]);
    let both = [event(EventKind::Confirmed, day), event(EventKind::Declined, day)];
    assert_eq!(faults(&both), [CaseFault::AnswersDiffer]);
    // A later answer replaces the earlier one.
    let changed = [event(EventKind::Declined, later), event(EventKind::Confirmed, day)];
    assert_eq!((faults(&changed), cases(&changed, DAY)[0].state()), (vec![], CaseState::Declined));
    // Given more than once by its rule: no fault.
    let twice = [decided(day, Some(true), ""), paid(day, "1"), paid(later, "1")];
    assert_eq!(cases(&twice, DAY)[0].faults(false), []);
}

#[test]
fn late_payments_are_listed() {
    let calendar = WorkCalendar::built_in();
    let applied = [event(EventKind::Applied, date(2026, 3, 2))];
    let clock = cases(&applied, DAY)[0].payment_clock("乙局", false).unwrap();
    let lines = late_list(&[clock], zhaoren_fulfilment::clock::Stage::default_days, DAY, calendar);
    assert!(matches!(lines[0].state, ClockState::Late { by } if by > 100), "{lines:?}");
    // An automatic one runs from the confirmation; a refused one does not run.
    let wanted = [event(EventKind::Confirmed, date(2026, 11, 26))];
    let line = cases(&wanted, DAY)[0].payment_clock("", true).unwrap().line(1, DAY, calendar);
    assert_eq!((line.due, line.state), (Some(date(2026, 11, 27)), ClockState::Late { by: 1 }));
    let refused = [event(EventKind::Applied, DAY), decided(DAY, Some(false), "不符")];
    assert!(cases(&refused, DAY)[0].payment_clock("", false).is_none());
}

#[test]
fn refusals_without_a_record_are_counted_as_such() {
    let refusal = Refusal {
        enterprise: "e1".into(),
        item: "a".into(),
        reason: "不满一年".into(),
        ..Refusal::default()
    };
    let findings = [Finding::of(&refusal, None), Finding::of(&refusal, None)];
    assert_eq!(findings[0].kind, FindingKind::NoRecord);
    let counted = counts(&findings);
    assert_eq!((counted.len(), counted[0].count), (1, 2));
}

fn arbitrary_event() -> impl Strategy<Value = Event> {
    (0..6_u8, 0..3_u8, 0..7_usize, 0..60_i32, prop::option::of(any::<bool>())).prop_map(
        |(enterprise, item, kind, day, approved)| Event {
            enterprise: format!("e{enterprise}"),
            item: format!("i{item}"),
            approved,
            ..event(EventKind::ALL[kind].0, date(2026, 3, 1).checked_add(day.days()).unwrap())
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Books close whatever is reported in whichever order, each told case being in one column; on no day does a step disappear.
    #[test]
    fn books_close(events in prop::collection::vec(arbitrary_event(), 0..60), shuffle in any::<u64>()) {
        let all = cases(&events, DAY);
        let books = Books::of(&all, |_| true);
        prop_assert!(books.is_closed(), "{books:?}");
        prop_assert_eq!(books.told + books.untold, all.len());
        let told = all.iter().filter(|case| case.told.is_some()).count();
        prop_assert_eq!(books.told, told);
        let mut turned = events.clone();
        if !turned.is_empty() {
            let at = usize::try_from(shuffle % u64::try_from(turned.len()).unwrap()).unwrap();
            turned.rotate_left(at);
        }
        let same = Books::of(&cases(&turned, DAY), |_| true);
        prop_assert_eq!((same.told, same.paid, same.amount), (books.told, books.paid, books.amount.clone()));
        let half = Books::of(&cases(&events, date(2026, 3, 30)), |_| true);
        prop_assert!(half.told <= books.told && half.paid <= books.paid);
    }
}
