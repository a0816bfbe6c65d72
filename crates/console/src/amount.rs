//! Amounts, notes and limits of items, the same on every page; and the questions that would make amounts known.

use maud::{Markup, html};
use zhaoren_engine::{AmountQuestion, Match, Number, Question, show_notes};

use crate::fill::{Entered, answer_field};
use crate::match_page::MatchPage;

/// Number of amount questions asked at once.
const QUESTIONS: usize = 5;

/// Amount of a match in words, with the facts that would narrow it.
pub(crate) fn amount(one: &Match) -> Markup {
    let asks: Vec<&str> = one.amount.open_facts.iter().map(|fact| fact.name.as_str()).collect();
    html! {
        p.amount {
            "对本企业：" b { (one.amount.text) } @if one.worth.discretion { "，以核定为准" } "。"
            @if !asks.is_empty() { span.hint { "补充" (asks.join("、")) "，可算得更准。" } }
        }
    }
}

/// Notes and limits of an item, and what remains to be checked in its encoding.
pub(crate) fn notes(notes: &[String]) -> Markup {
    html! {
        @if !notes.is_empty() {
            div.note { b { "注意：" } @if let [one] = notes { (one) } @else { ul { @for one in notes { li { (one) } } } } }
        }
    }
}

/// Notes of a match.
pub(crate) fn notes_of(one: &Match) -> Markup {
    notes(&show_notes(one.review.as_ref(), &one.notes))
}

/// Form that asks for the facts behind amounts.
pub(crate) fn amount_questions(page: &MatchPage<'_>) -> Markup {
    let facts = page.rules.dictionary();
    let asked: Vec<&AmountQuestion> = page.questions.amounts.iter().take(QUESTIONS).collect();
    html! {
        @if !asked.is_empty() {
            section.questions aria-label="算出金额" {
                h2 { "算出金额" }
                p { "下面几项不影响是否符合，只用来算出能得多少；不清楚的留空。" }
                form method="post" action="/match" {
                    input type="hidden" name="profile" value=(page.profile);
                    @if page.stored { input type="hidden" name="stored" value=(page.report.id); }
                    @if let Some(policy) = page.policy { input type="hidden" name="policy" value=(policy); }
                    input type="hidden" name="as_of" value=(page.report.as_of);
                    @for question in asked {
                        @if let Some(fact) = facts.get(&question.fact) { (answer_field(fact, &as_question(question), &Entered::default())) }
                    }
                    button type="submit" { "算出金额" }
                }
            }
        }
    }
}

/// Amount question as a question with an input field. It settles no verdict.
fn as_question(of: &AmountQuestion) -> Question {
    Question {
        fact: of.fact.clone(),
        name: of.name.clone(),
        years: of.years.clone(),
        tags: std::collections::BTreeSet::new(),
        text: of.text.clone(),
        answered_by: None,
        touches: of.items.len(),
        settled: 0,
        amount: Number::zero(),
        completes: Vec::new(),
        items: Vec::new(),
        after: None,
        rare: false,
    }
}
