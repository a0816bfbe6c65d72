//! Statutory clocks (时限): how many working days an office has for each stage, and which stages are late.
//!
//! The stages and their default days are those that provinces have published for supports to enterprises: a policy is listed within
//! 7 working days, its guide within 10, a changed text is revised within 3, money is paid within 60; a support without
//! application (无申请兑现) is checked in 2 and paid in 1 more (2+1).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::workday::{UnknownYear, WorkCalendar};

/// Stage of a policy or of a case that has a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// From publication until the items of a policy are in the list (事项清单).
    Listing,
    /// From publication until each item has its guide (办事指南).
    Guide,
    /// From an amendment until the items follow it.
    Revision,
    /// From a complete application until the money is paid.
    Payment,
    /// Support without application: from the list of candidates until it is checked.
    Check,
    /// Support without application: from the end of the check until the money is paid.
    AutomaticPayment,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 6] =
        [Self::Listing, Self::Guide, Self::Revision, Self::Payment, Self::Check, Self::AutomaticPayment];

    /// Working days that the office has, unless a tenant sets its own.
    pub fn default_days(self) -> u32 {
        match self {
            Self::Listing => 7,
            Self::Guide => 10,
            Self::Revision => 3,
            Self::Payment => 60,
            Self::Check => 2,
            Self::AutomaticPayment => 1,
        }
    }

    /// Chinese name for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::Listing => "事项入库",
            Self::Guide => "指南公布",
            Self::Revision => "修订",
            Self::Payment => "资金兑付",
            Self::Check => "免申核验",
            Self::AutomaticPayment => "免申兑付",
        }
    }
}

/// One running or finished clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Stage.
    pub stage: Stage,
    /// Policy, item or case that it is about.
    pub subject: String,
    /// Office that has to act; empty if unknown.
    pub office: String,
    /// Day on which it began. The day itself does not count.
    pub begun: Date,
    /// Day on which the stage was finished; `None` while it runs.
    pub finished: Option<Date>,
}

/// State of a clock on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// Finished within its days.
    InTime,
    /// Running, with working days left; 0 on the last day.
    Running {
        /// Working days left.
        left: u32,
    },
    /// Finished or still running after its last day.
    Late {
        /// Working days beyond the last one.
        by: u32,
    },
    /// The calendar lacks a year.
    Unknown {
        /// The year.
        year: i16,
    },
}

/// Line of the list of late stages (超期清单).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClockLine {
    /// Office that has to act; empty if unknown.
    pub office: String,
    /// Stage.
    pub stage: Stage,
    /// Name of the stage.
    pub stage_name: &'static str,
    /// Policy, item or case.
    pub subject: String,
    /// Day on which it began.
    pub begun: Date,
    /// Last day in time; `None` where the calendar lacks a year.
    pub due: Option<Date>,
    /// Day on which it was finished.
    pub finished: Option<Date>,
    /// State on the day.
    pub state: ClockState,
}

impl Clock {
    /// The clock on `day`, with `days` working days. A finish after `day` has not happened yet.
    pub fn line(&self, days: u32, day: Date, calendar: &WorkCalendar) -> ClockLine {
        let finished = self.finished.filter(|finished| *finished <= day);
        let (due, state) = match self.state(days, finished, day, calendar) {
            Ok((due, state)) => (Some(due), state),
            Err(UnknownYear { year }) => (None, ClockState::Unknown { year }),
        };
        ClockLine {
            office: self.office.clone(),
            stage: self.stage,
            stage_name: self.stage.name(),
            subject: self.subject.clone(),
            begun: self.begun,
            due,
            finished,
            state,
        }
    }

    fn state(
        &self,
        days: u32,
        finished: Option<Date>,
        day: Date,
        calendar: &WorkCalendar,
    ) -> Result<(Date, ClockState), UnknownYear> {
        let due = calendar.after(self.begun, days)?;
        let end = finished.unwrap_or(day);
        let state = if end > due {
            // The first days beyond may be a weekend: late is late, by 0 working days until the next one.
            ClockState::Late { by: calendar.count(due, end)? }
        } else if finished.is_some() {
            ClockState::InTime
        } else {
            ClockState::Running { left: calendar.count(day, due)? }
        };
        Ok((due, state))
    }
}

/// Lines of the clocks that are late or unknown on `day`, by office, then by the day that they were due. `days` gives the working
/// days of a stage.
pub fn late_list(
    clocks: &[Clock],
    days: impl Fn(Stage) -> u32,
    day: Date,
    calendar: &WorkCalendar,
) -> Vec<ClockLine> {
    let mut lines = Vec::new();
    for clock in clocks.iter().filter(|clock| clock.begun <= day) {
        zhaoren_cancel::poll();
        let line = clock.line(days(clock.stage), day, calendar);
        if matches!(line.state, ClockState::Late { .. } | ClockState::Unknown { .. }) {
            lines.push(line);
        }
    }
    lines.sort_by(|a, b| {
        (&a.office, a.due, a.stage, &a.subject).cmp(&(&b.office, b.due, b.stage, &b.subject))
    });
    lines
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn clock(stage: Stage, begun: Date, finished: Option<Date>) -> Clock {
        Clock { stage, subject: "甲".to_owned(), office: "乙局".to_owned(), begun, finished }
    }

    #[test]
    fn golden_deadlines() {
        let calendar = WorkCalendar::built_in();
        for (stage, begun, due) in [
            // Over the national holiday of 2024, with two make-up days.
            (Stage::Listing, date(2024, 9, 27), date(2024, 10, 12)),
            (Stage::Guide, date(2025, 1, 20), date(2025, 2, 8)),
            (Stage::Revision, date(2026, 4, 30), date(2026, 5, 8)),
            (Stage::Check, date(2026, 2, 13), date(2026, 2, 24)),
            (Stage::Payment, date(2026, 3, 2), date(2026, 5, 28)),
        ] {
            let line = clock(stage, begun, None).line(stage.default_days(), begun, calendar);
            assert_eq!(line.due, Some(due), "{stage:?}");
        }
    }

    #[test]
    fn late_stages_are_listed_by_office() {
        let calendar = WorkCalendar::built_in();
        let clocks = [
            clock(Stage::Check, date(2026, 11, 2), Some(date(2026, 11, 4))),
            clock(Stage::Check, date(2026, 11, 2), Some(date(2026, 11, 6))),
            clock(Stage::AutomaticPayment, date(2026, 11, 6), None),
            clock(Stage::Revision, date(2026, 12, 30), None),
            clock(Stage::Revision, date(2027, 12, 30), None),
        ];
        let days = Stage::default_days;
        let lines = late_list(&clocks, days, date(2026, 11, 10), calendar);
        let states: Vec<ClockState> = lines.iter().map(|line| line.state).collect();
        assert_eq!(states, [ClockState::Late { by: 2 }, ClockState::Late { by: 1 }]);
        // The list of an earlier day does not know of a later finish.
        let earlier = late_list(&clocks, days, date(2026, 11, 5), calendar);
        assert_eq!(earlier.len(), 1);
        assert_eq!(earlier[0].finished, None);
        // A year that is not in the data is named.
        let unknown = late_list(&clocks, days, date(2026, 12, 31), calendar);
        assert!(unknown.iter().any(|line| line.state == ClockState::Unknown { year: 2027 }));
    }
}
