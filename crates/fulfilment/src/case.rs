//! Cases (兑付台账): what became of each offer of an item to an enterprise, from the first message to the money, and the books that
//! have to close over all of them.
//!
//! A case is folded from its events; nothing is refused because of its order, since registers report late. What does not fit is a
//! fault of the case, named for the person who can mend it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zhaoren_policy::number::Number;

use crate::clock::{Clock, Stage};

/// Kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The enterprise was told.
    Pushed,
    /// It opened the message.
    Viewed,
    /// It wants the support (意愿确认).
    Confirmed,
    /// It does not want it (放弃).
    Declined,
    /// It applied.
    Applied,
    /// The office decided.
    Decided,
    /// The money arrived.
    Paid,
}

impl EventKind {
    /// Every kind, in the order of a case.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Pushed, "pushed"),
        (Self::Viewed, "viewed"),
        (Self::Confirmed, "confirmed"),
        (Self::Declined, "declined"),
        (Self::Applied, "applied"),
        (Self::Decided, "decided"),
        (Self::Paid, "paid"),
    ];

    /// Kind with this name in the ledger; `None` if there is none.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// Event of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Enterprise.
    pub enterprise: String,
    /// Item.
    pub item: String,
    /// Kind.
    pub kind: EventKind,
    /// Day.
    pub on: Date,
    /// Money in yuan, for a decision or a payment.
    pub amount: Option<Number>,
    /// Result of a decision; `None` if it does not say.
    pub approved: Option<bool>,
    /// Reason of a refusal, in the words of the office.
    pub reason: Option<String>,
    /// Person or system that reported it.
    pub by: Option<String>,
}

/// State of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Told, and nothing since.
    Silent,
    /// Opened, and no answer.
    Viewed,
    /// Wanted.
    Confirmed,
    /// Not wanted.
    Declined,
    /// Applied for.
    Applied,
    /// Granted, not yet paid.
    Approved,
    /// Refused by the office.
    Refused,
    /// Decided, and the report does not say how.
    Decided,
    /// Paid.
    Paid,
}

impl CaseState {
    /// Chinese name for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::Silent => "未回应",
            Self::Viewed => "已查看",
            Self::Confirmed => "已确认",
            Self::Declined => "已放弃",
            Self::Applied => "已申报",
            Self::Approved => "已核准",
            Self::Refused => "未通过",
            Self::Decided => "已办结（结果未报）",
            Self::Paid => "已兑付",
        }
    }
}

/// Fault of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum CaseFault {
    /// Paid more often than the item allows.
    PaidAgain {
        /// Days of the payments.
        days: Vec<Date>,
    },
    /// Paid, and no decision is on record.
    PaidWithoutDecision,
    /// Paid although the office refused.
    PaidAfterRefusal,
    /// Refused, and no reason is on record.
    RefusedWithoutReason,
    /// Decided, and the report does not say how.
    ResultUnknown,
    /// The enterprise has said both that it wants the support and that it does not, on one day.
    AnswersDiffer,
}

impl CaseFault {
    /// Words for a caseworker.
    pub fn words(&self) -> String {
        match self {
            Self::PaidAgain { days } => {
                let days: Vec<String> = days.iter().map(ToString::to_string).collect();
                format!("重复兑付：{}", days.join("、"))
            }
            Self::PaidWithoutDecision => "已兑付，但没有核准记录".to_owned(),
            Self::PaidAfterRefusal => "已兑付，但核准结果为不通过".to_owned(),
            Self::RefusedWithoutReason => "未通过，但没有说明原因".to_owned(),
            Self::ResultUnknown => "已办结，但未报结果".to_owned(),
            Self::AnswersDiffer => "同一天既确认又放弃".to_owned(),
        }
    }
}

/// One offer of an item to an enterprise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case {
    /// Enterprise.
    pub enterprise: String,
    /// Item.
    pub item: String,
    /// First day on which it was told.
    pub told: Option<Date>,
    /// First day on which a message was opened.
    pub viewed: Option<Date>,
    /// Last answer: the day, and true if it wants the support.
    pub answer: Option<(Date, bool)>,
    /// First day of an application.
    pub applied: Option<Date>,
    /// Last decision.
    pub decision: Option<Decision>,
    /// Payments, in order of day.
    pub payments: Vec<Payment>,
    /// True if an answer of another sense was given on the same day.
    answers_differ: bool,
}

/// Decision of the office.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Day.
    pub on: Date,
    /// True if granted; `None` if the report does not say.
    pub approved: Option<bool>,
    /// Reason, in the words of the office.
    pub reason: Option<String>,
    /// Reporter.
    pub by: Option<String>,
}

/// Payment.
#[derive(Clone, Debug, PartialEq)]
pub struct Payment {
    /// Day.
    pub on: Date,
    /// Yuan; `None` if the report does not say.
    pub amount: Option<Number>,
}

impl Case {
    fn add(&mut self, event: &Event) {
        let first = |day: &mut Option<Date>| *day = Some(day.map_or(event.on, |known| known.min(event.on)));
        match event.kind {
            EventKind::Pushed => first(&mut self.told),
            EventKind::Viewed => first(&mut self.viewed),
            EventKind::Applied => first(&mut self.applied),
            EventKind::Confirmed | EventKind::Declined => {
                let wants = event.kind == EventKind::Confirmed;
                match self.answer {
                    Some((on, _)) if on > event.on => {}
                    Some((on, earlier)) if on == event.on => self.answers_differ |= earlier != wants,
                    _ => (self.answer, self.answers_differ) = (Some((event.on, wants)), false),
                }
            }
            EventKind::Decided => {
                let is_later = self.decision.as_ref().is_none_or(|known| known.on <= event.on);
                if is_later {
                    self.decision = Some(Decision {
                        on: event.on,
                        approved: event.approved,
                        reason: event.reason.clone(),
                        by: event.by.clone(),
                    });
                }
            }
            EventKind::Paid => {
                let at = self.payments.partition_point(|paid| paid.on <= event.on);
                self.payments.insert(at, Payment { on: event.on, amount: event.amount.clone() });
            }
        }
    }

    /// State of the case. The furthest step counts, whatever is missing before it.
    pub fn state(&self) -> CaseState {
        if !self.payments.is_empty() {
            return CaseState::Paid;
        }
        match self.decision.as_ref().map(|decision| decision.approved) {
            Some(Some(true)) => return CaseState::Approved,
            Some(Some(false)) => return CaseState::Refused,
            Some(None) => return CaseState::Decided,
            None => {}
        }
        match (self.applied, self.answer, self.viewed) {
            (Some(_), ..) => CaseState::Applied,
            (_, Some((_, true)), _) => CaseState::Confirmed,
            (_, Some((_, false)), _) => CaseState::Declined,
            (_, _, Some(_)) => CaseState::Viewed,
            _ => CaseState::Silent,
        }
    }

    /// True if the enterprise took the offer up: it wants the support, or has gone on to apply or to be paid. An automatic support
    /// that was paid without an answer was taken up.
    pub fn is_taken_up(&self) -> bool {
        !matches!(self.state(), CaseState::Silent | CaseState::Viewed | CaseState::Declined)
    }

    /// Faults. `once` is true for an item that is given once.
    pub fn faults(&self, once: bool) -> Vec<CaseFault> {
        let mut faults = Vec::new();
        if once && self.payments.len() > 1 {
            faults.push(CaseFault::PaidAgain { days: self.payments.iter().map(|paid| paid.on).collect() });
        }
        let result = self.decision.as_ref().map(|decision| decision.approved);
        match (self.payments.is_empty(), result) {
            (false, None) => faults.push(CaseFault::PaidWithoutDecision),
            (false, Some(Some(false))) => faults.push(CaseFault::PaidAfterRefusal),
            (true, Some(None)) => faults.push(CaseFault::ResultUnknown),
            _ => {}
        }
        let is_unexplained = |decision: &Decision| {
            decision.approved == Some(false)
                && decision.reason.as_deref().is_none_or(|text| text.trim().is_empty())
        };
        if self.decision.as_ref().is_some_and(is_unexplained) {
            faults.push(CaseFault::RefusedWithoutReason);
        }
        if self.answers_differ {
            faults.push(CaseFault::AnswersDiffer);
        }
        faults
    }

    /// Clock of the payment: from the application of an item that is applied for, or from the confirmation of an automatic one.
    /// `None` before that, and after a refusal.
    pub fn payment_clock(&self, office: &str, automatic: bool) -> Option<Clock> {
        let wanted = self.answer.filter(|(_, wants)| *wants).map(|(on, _)| on);
        let begun = if automatic { wanted.or(self.applied) } else { self.applied }?;
        let refused = self.state() == CaseState::Refused;
        (!refused).then(|| Clock {
            stage: if automatic { Stage::AutomaticPayment } else { Stage::Payment },
            subject: format!("{} {}", self.enterprise, self.item),
            office: office.to_owned(),
            begun,
            finished: self.payments.first().map(|paid| paid.on),
        })
    }
}

/// Cases of events up to and with `until`, in order of enterprise and item. Events may come in any order.
pub fn cases(events: &[Event], until: Date) -> Vec<Case> {
    let mut by_key: BTreeMap<(&str, &str), Case> = BTreeMap::new();
    for event in events.iter().filter(|event| event.on <= until) {
        zhaoren_cancel::poll();
        let case = by_key.entry((&event.enterprise, &event.item)).or_insert_with(|| Case {
            enterprise: event.enterprise.clone(),
            item: event.item.clone(),
            ..Case::default()
        });
        case.add(event);
    }
    by_key.into_values().collect()
}

/// The books (对账) of a set of cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Books {
    /// Cases in which the enterprise was told.
    pub told: usize,
    /// Of these: taken up.
    pub confirmed: usize,
    /// Of these: not wanted.
    pub declined: usize,
    /// Of these: without an answer, opened or not.
    pub silent: usize,
    /// Of the silent: opened.
    pub viewed: usize,
    /// Cases with an application.
    pub applied: usize,
    /// Cases granted, paid or not.
    pub approved: usize,
    /// Cases refused by the office.
    pub refused: usize,
    /// Cases with a payment.
    pub paid: usize,
    /// Sum of the payments, in yuan with every digit.
    pub amount: String,
    /// Payments whose report lacks the amount; they are not in the sum.
    pub amounts_unknown: usize,
    /// Cases that went on although the enterprise was never told: found by itself.
    pub untold: usize,
    /// Cases with a fault.
    pub faulty: usize,
}

impl Books {
    /// Books of cases; `once` is true for the id of an item that is given once.
    pub fn of(cases: &[Case], once: impl Fn(&str) -> bool) -> Self {
        let (mut books, mut sum) = (Self::default(), Number::zero());
        for case in cases {
            zhaoren_cancel::poll();
            let state = case.state();
            if case.told.is_some() {
                books.told += 1;
                match state {
                    CaseState::Declined => books.declined += 1,
                    CaseState::Silent | CaseState::Viewed => {
                        books.silent += 1;
                        books.viewed += usize::from(state == CaseState::Viewed);
                    }
                    _ => books.confirmed += 1,
                }
            } else {
                books.untold += 1;
            }
            books.applied += usize::from(case.applied.is_some());
            let approved = case.decision.as_ref().and_then(|decision| decision.approved);
            books.approved += usize::from(approved == Some(true));
            books.refused += usize::from(state == CaseState::Refused);
            books.paid += usize::from(state == CaseState::Paid);
            for paid in &case.payments {
                match &paid.amount {
                    Some(amount) => sum = sum.plus(amount),
                    None => books.amounts_unknown += 1,
                }
            }
            books.faulty += usize::from(!case.faults(once(&case.item)).is_empty());
        }
        books.amount = sum.to_string();
        books
    }

    /// True if every case that was told is in exactly one of: taken up, not wanted, silent.
    pub fn is_closed(&self) -> bool {
        self.told == self.confirmed + self.declined + self.silent
    }
}
