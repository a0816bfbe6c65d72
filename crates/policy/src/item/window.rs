//! Application windows (申报期).

use jiff::civil::Date;
use serde::Serialize;

/// Application period of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// All year.
    #[default]
    Always,
    /// Periods in order of opening; a missing bound is open.
    Dates(Vec<(Option<Date>, Option<Date>)>),
    /// By a yearly notice that is not available (以当年申报通知为准). Never shown as open.
    ByNotice(String),
}

/// State of a window on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WindowView {
    /// Open, upcoming, closed, or unknown.
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

impl Window {
    /// State of the window on `day`: of the open period that closes last, else of the next, else of the last.
    pub fn on(&self, day: Date) -> WindowView {
        let view = |state, opens, closes: Option<Date>| WindowView {
            state,
            opens,
            closes,
            days_left: closes.filter(|_| state == WindowState::Open).map(|last| days_between(day, last)),
            note: None,
        };
        let ranges = match self {
            Self::Always => return view(WindowState::Open, None, None),
            Self::ByNotice(note) => {
                return WindowView { note: Some(note.clone()), ..view(WindowState::Unknown, None, None) };
            }
            Self::Dates(ranges) => ranges,
        };
        let begun = |(opens, _): &&(Option<Date>, Option<Date>)| opens.is_none_or(|first| first <= day);
        let over = |(_, closes): &&(Option<Date>, Option<Date>)| closes.is_some_and(|last| last < day);
        let open = ranges
            .iter()
            .filter(|r| begun(r) && !over(r))
            .max_by_key(|(_, closes)| closes.unwrap_or(Date::MAX));
        if let Some((opens, closes)) = open {
            return view(WindowState::Open, *opens, *closes);
        }
        if let Some((opens, closes)) = ranges.iter().filter(|r| !begun(r)).min_by_key(|(opens, _)| *opens) {
            return view(WindowState::Upcoming, *opens, *closes);
        }
        match ranges.iter().max_by_key(|(_, closes)| *closes) {
            Some((opens, closes)) => view(WindowState::Closed, *opens, *closes),
            None => view(WindowState::Closed, None, None),
        }
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
        assert_eq!(Window::Always.on(date(2026, 4, 1)).state, WindowState::Open);
        assert_eq!(Window::ByNotice("通知".into()).on(date(2026, 4, 1)).state, WindowState::Unknown);
    }
}
