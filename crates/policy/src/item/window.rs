//! Application windows (申报期): when an item is open, and the words that say so.

use jiff::civil::Date;
use serde::Serialize;

use super::{Delivery, Item};

/// Application period of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// Not written in the item. No end is known, so its state is open; its words say 未公布.
    #[default]
    Unpublished,
    /// 常年受理, as the rule states.
    AllYear,
    /// Periods in order of opening; a missing bound is open.
    Dates(Vec<(Option<Date>, Option<Date>)>),
    /// Periods that recur every year (每年3月1日至4月30日).
    Yearly(Vec<YearlyPeriod>),
    /// By a yearly notice that is not available (以当年申报通知为准). Never shown as open.
    ByNotice(String),
}

/// Day of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearDay {
    /// Month, 1 to 12.
    pub month: i8,
    /// Day of the month; 29 February is its last day in other years.
    pub day: i8,
}

/// Period that recurs every year; one that closes on an earlier day of the year than it opens ends in the following year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearlyPeriod {
    /// First day.
    pub opens: YearDay,
    /// Last day.
    pub closes: YearDay,
}

/// State of a window on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WindowView {
    /// Open, upcoming, closed, or unknown. A window without known dates is open: `basis` says why.
    pub state: WindowState,
    /// First day of the relevant period.
    pub opens: Option<Date>,
    /// Last day of the relevant period.
    pub closes: Option<Date>,
    /// Days until it closes; 0 on its last day. Only while open.
    pub days_left: Option<i32>,
    /// Source of the dates, if they are unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Ground of the state.
    pub basis: WindowBasis,
    /// State in Chinese: 申报中，截至 2026-09-30（还有 41 天）; 申报时间未公布; 自动享受，无需申报.
    pub text: String,
}

/// Ground of the state of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowBasis {
    /// Dates that the item states.
    Dates,
    /// Dates computed from a period that recurs every year.
    Yearly,
    /// 常年受理.
    AllYear,
    /// A notice that is not available.
    Notice,
    /// No window is written.
    Unpublished,
    /// 免申即享: nothing has to be applied for.
    Automatic,
}

/// State of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowState {
    /// 申报中.
    Open,
    /// 未开始.
    Upcoming,
    /// 已截止.
    Closed,
    /// 以通知为准.
    Unknown,
}

impl WindowState {
    /// Chinese name for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "申报中",
            Self::Upcoming => "未开始",
            Self::Closed => "已截止",
            Self::Unknown => "以通知为准",
        }
    }
}

/// Words of windows.
mod words {
    pub(super) const UNPUBLISHED: &str = "申报时间未公布";
    pub(super) const AUTOMATIC: &str = "自动享受，无需申报";
    pub(super) const ALL_YEAR: &str = "常年受理";
    pub(super) const OPEN: &str = "申报中";
    pub(super) const CLOSED: &str = "已截止";
    pub(super) const NO_END: &str = "截止时间未公布";
}

/// Period with its bounds, a missing one being open.
type Period = (Option<Date>, Option<Date>);

impl Window {
    /// Window in Chinese, whatever the day: 2026-03-01 至 2026-04-30; 每年3月1日至4月30日; 常年受理; 未公布.
    pub fn describe(&self) -> String {
        let day = |day: &Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        match self {
            Self::Unpublished => "未公布".to_owned(),
            Self::AllYear => words::ALL_YEAR.to_owned(),
            Self::ByNotice(note) => note.clone(),
            Self::Dates(periods) => {
                let periods =
                    periods.iter().map(|(opens, closes)| format!("{} 至 {}", day(opens), day(closes)));
                periods.collect::<Vec<_>>().join("；")
            }
            Self::Yearly(periods) => {
                let day = |day: YearDay| format!("{}月{}日", day.month, day.day);
                let periods =
                    periods.iter().map(|one| format!("每年{}至{}", day(one.opens), day(one.closes)));
                periods.collect::<Vec<_>>().join("；")
            }
        }
    }

    /// State of the window on `day`: of the open period that closes last, else of the next, else of the last.
    pub fn on(&self, day: Date) -> WindowView {
        match self {
            Self::Unpublished => WindowView::undated(WindowBasis::Unpublished),
            Self::AllYear => WindowView::undated(WindowBasis::AllYear),
            Self::ByNotice(note) => WindowView {
                state: WindowState::Unknown,
                note: Some(note.clone()),
                text: note.clone(),
                ..WindowView::undated(WindowBasis::Notice)
            },
            Self::Dates(periods) => WindowView::of_periods(periods, day, WindowBasis::Dates),
            Self::Yearly(periods) => {
                // The occurrences of last year, this year and the next contain the last, the current and the coming one.
                let years = [day.year().checked_sub(1), Some(day.year()), day.year().checked_add(1)];
                let dated: Vec<Period> = years
                    .into_iter()
                    .flatten()
                    .flat_map(|year| periods.iter().filter_map(move |period| period.in_year(year)))
                    .collect();
                WindowView::of_periods(&dated, day, WindowBasis::Yearly)
            }
        }
    }
}

impl Item {
    /// State of the application window on `day`, with its words: the one home of what is said about when to apply.
    pub fn window_on(&self, day: Date) -> WindowView {
        match (&self.window, self.delivery) {
            (Window::Unpublished | Window::AllYear, Delivery::Automatic) => {
                WindowView::undated(WindowBasis::Automatic)
            }
            (window, _) => window.on(day),
        }
    }

    /// True if something can still be done about the item after `day` under its written window: it is not over.
    pub fn is_open_or_to_come(&self, day: Date) -> bool {
        self.window.on(day).state != WindowState::Closed
    }
}

impl WindowView {
    /// Open window without dates.
    fn undated(basis: WindowBasis) -> Self {
        let text = match basis {
            WindowBasis::Automatic => words::AUTOMATIC,
            WindowBasis::AllYear => words::ALL_YEAR,
            WindowBasis::Dates | WindowBasis::Yearly | WindowBasis::Notice | WindowBasis::Unpublished => {
                words::UNPUBLISHED
            }
        };
        Self {
            state: WindowState::Open,
            opens: None,
            closes: None,
            days_left: None,
            note: None,
            basis,
            text: text.to_owned(),
        }
    }

    fn of_periods(periods: &[Period], day: Date, basis: WindowBasis) -> Self {
        zhaoren_cancel::steps(periods.len() as u64);
        let view = |state, (opens, closes): Period| {
            let days_left = closes.filter(|_| state == WindowState::Open).map(|last| days_between(day, last));
            let text = dated_words(state, opens, closes, days_left);
            Self { state, opens, closes, days_left, note: None, basis, text }
        };
        let begun = |(opens, _): &&Period| opens.is_none_or(|first| first <= day);
        let over = |(_, closes): &&Period| closes.is_some_and(|last| last < day);
        let open = periods
            .iter()
            .filter(|r| begun(r) && !over(r))
            .max_by_key(|(_, closes)| closes.unwrap_or(Date::MAX));
        if let Some(period) = open {
            return view(WindowState::Open, *period);
        }
        if let Some(period) = periods.iter().filter(|r| !begun(r)).min_by_key(|(opens, _)| *opens) {
            return view(WindowState::Upcoming, *period);
        }
        let last = periods.iter().max_by_key(|(_, closes)| *closes).copied();
        view(WindowState::Closed, last.unwrap_or_default())
    }
}

/// Words of a window with dates.
fn dated_words(
    state: WindowState,
    opens: Option<Date>,
    closes: Option<Date>,
    days_left: Option<i32>,
) -> String {
    match (state, opens, closes) {
        (WindowState::Open, _, Some(closes)) => {
            let left = days_left.map(|days| format!("（还有 {days} 天）")).unwrap_or_default();
            format!("{}，截至 {closes}{left}", words::OPEN)
        }
        (WindowState::Open, Some(opens), None) => format!("{}，{opens} 起，{}", words::OPEN, words::NO_END),
        (WindowState::Open, None, None) => format!("{}，{}", words::OPEN, words::NO_END),
        (WindowState::Upcoming, Some(opens), Some(closes)) => format!("{opens} 起申报，截至 {closes}"),
        (WindowState::Upcoming, Some(opens), None) => format!("{opens} 起申报"),
        (WindowState::Closed, _, Some(closes)) => format!("已于 {closes} 截止"),
        (WindowState::Closed, ..) => words::CLOSED.to_owned(),
        (WindowState::Upcoming | WindowState::Unknown, ..) => words::UNPUBLISHED.to_owned(),
    }
}

impl YearDay {
    /// Day of the year; `None` for a day that no year has.
    pub fn new(month: i8, day: i8) -> Option<Self> {
        // 2024 is a leap year, so it has every day that any year has.
        Date::new(2024, month, day).ok().map(|_| Self { month, day })
    }

    /// Day in a year. 29 February is 28 February where the year has none (民法典 第二百零二条: the last day of the month).
    fn in_year(self, year: i16) -> Option<Date> {
        Date::new(year, self.month, self.day).or_else(|_| Date::new(year, self.month, 28)).ok()
    }
}

impl YearlyPeriod {
    /// Occurrence that opens in `year`; `None` beyond the calendar.
    fn in_year(self, year: i16) -> Option<Period> {
        let end = if self.closes < self.opens { year.checked_add(1)? } else { year };
        Some((Some(self.opens.in_year(year)?), Some(self.closes.in_year(end)?)))
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_last_day_counts() {
        let window = Window::Dates(vec![(Some(date(2026, 3, 1)), Some(date(2026, 9, 30)))]);
        let on = |day| window.on(day);
        assert_eq!(on(date(2026, 2, 28)).state, WindowState::Upcoming);
        assert_eq!(on(date(2026, 3, 1)).days_left, Some(213));
        assert_eq!(on(date(2026, 8, 20)).days_left, Some(41));
        assert_eq!(on(date(2026, 9, 30)).days_left, Some(0));
        assert_eq!(on(date(2026, 10, 1)).state, WindowState::Closed);
        assert_eq!(on(date(2026, 10, 1)).days_left, None);
    }

    #[test]
    fn next_batch_applies_between_two_batches() {
        let batch = |month| (Some(date(2026, month, 1)), Some(date(2026, month, 20)));
        let window = Window::Dates(vec![batch(3), batch(6)]);
        let view = window.on(date(2026, 4, 1));
        assert_eq!((view.state, view.opens), (WindowState::Upcoming, Some(date(2026, 6, 1))));
        assert_eq!(Window::Unpublished.on(date(2026, 4, 1)).state, WindowState::Open);
        assert_eq!(Window::ByNotice("通知".into()).on(date(2026, 4, 1)).state, WindowState::Unknown);
    }

    #[test]
    fn words_say_what_is_known_and_no_more() {
        let day = date(2026, 8, 20);
        let words = |window: Window| window.on(day).text;
        let dates = |opens, closes| Window::Dates(vec![(opens, closes)]);
        assert_eq!(words(Window::Unpublished), "申报时间未公布");
        assert_eq!(words(Window::AllYear), "常年受理");
        assert_eq!(words(Window::ByNotice("以当年申报通知为准".into())), "以当年申报通知为准");
        let (march, autumn) = (Some(date(2026, 3, 1)), Some(date(2026, 9, 30)));
        assert_eq!(words(dates(march, autumn)), "申报中，截至 2026-09-30（还有 41 天）");
        assert_eq!(words(dates(march, None)), "申报中，2026-03-01 起，截止时间未公布");
        assert_eq!(words(dates(autumn, None)), "2026-09-30 起申报");
        assert_eq!(words(dates(None, march)), "已于 2026-03-01 截止");
        assert_eq!(words(Window::Dates(Vec::new())), "已截止");
    }

    #[test]
    fn yearly_periods_are_computed_for_each_year() {
        let period = |opens: (i8, i8), closes: (i8, i8)| {
            let day = |(month, day)| YearDay::new(month, day).unwrap();
            Window::Yearly(vec![YearlyPeriod { opens: day(opens), closes: day(closes) }])
        };
        let spring = period((3, 1), (4, 30));
        let on = |window: &Window, day| {
            let view = window.on(day);
            (view.state, view.opens.unwrap(), view.closes.unwrap())
        };
        let of = |year| (date(year, 3, 1), date(year, 4, 30));
        assert_eq!(on(&spring, date(2026, 4, 30)), (WindowState::Open, of(2026).0, of(2026).1));
        assert_eq!(on(&spring, date(2026, 5, 1)), (WindowState::Upcoming, of(2027).0, of(2027).1));
        // Over the turn of the year, and on the day that only leap years have.
        let winter = period((11, 15), (2, 29));
        let (opens, closes) = (date(2026, 11, 15), date(2027, 2, 28));
        assert_eq!(on(&winter, date(2026, 12, 31)), (WindowState::Open, opens, closes));
        assert_eq!(on(&winter, date(2027, 2, 28)), (WindowState::Open, opens, closes));
        assert_eq!(on(&winter, date(2027, 3, 1)).0, WindowState::Upcoming);
        assert_eq!(on(&winter, date(2028, 2, 29)).0, WindowState::Open);
        assert_eq!(YearDay::new(2, 30), None);
    }
}
