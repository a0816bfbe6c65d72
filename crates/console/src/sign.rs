//! Signs and words of states, the same on every page.

use maud::{Markup, html};
use zhaoren_engine::{ClauseState, Verdict, WindowView};

/// Label of a verdict.
pub(crate) fn verdict(verdict: Verdict, competitive: bool) -> Markup {
    let (class, sign) = match verdict {
        Verdict::Eligible => ("yes", "✓"),
        Verdict::Undetermined => ("open", "?"),
        Verdict::Ineligible => ("no", "✗"),
    };
    let word =
        if competitive && verdict == Verdict::Eligible { "可申报（择优）" } else { verdict.name() };
    html! { span class={ "label " (class) } { span aria-hidden="true" { (sign) } " " (word) } }
}

/// Label of a benefit received already.
pub(crate) fn received() -> Markup {
    html! { span.label.had { span aria-hidden="true" { "●" } " 已享受" } }
}

/// Label of a title that is held, or a support that is given once and was received.
pub(crate) fn held() -> Markup {
    html! { span.label.had { span aria-hidden="true" { "●" } " 已有" } }
}

/// Sign and word of a condition's state.
pub(crate) fn state(state: ClauseState) -> Markup {
    let (class, sign) = match state {
        ClauseState::Met => ("yes", "✓"),
        ClauseState::Unmet => ("no", "✗"),
        ClauseState::Unknown => ("open", "?"),
        ClauseState::Judged => ("judged", "◇"),
    };
    html! { span class={ "state " (class) } { span aria-hidden="true" { (sign) } " " (state.name()) } }
}

/// Application window in words.
pub(crate) fn window(window: &WindowView) -> Markup {
    let soon = window.days_left.is_some_and(|left| left <= 15);
    html! { span class={ "window" @if soon { " soon" } } { (window.text) } }
}
