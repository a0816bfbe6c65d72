//! Conditions with their state, each beside the sentence it comes from.

use maud::{Markup, html};
use zhaoren_engine::{
    ClauseReport, FactDictionary, Match, Rules, show_known, show_withheld, visible_clauses,
};

use crate::sign;

/// Conditions of a match: sign and word of the state, the condition, the known value, and the quote.
pub(crate) fn clauses(one: &Match, facts: &FactDictionary) -> Markup {
    html! {
        ul.clauses {
            @for clause in visible_clauses(&one.clauses) {
                li class={ "depth-" (clause.path.matches('.').count().min(4)) } {
                    div.clause {
                        (sign::state(clause.state)) " "
                        span.condition { (clause.text) }
                        @if let Some(value) = known(clause, facts) { " " span.known { "（" (value) "）" } }
                    }
                    @if let Some(quote) = &clause.quote {
                        blockquote.quote {
                            (quote)
                            @if let Some(article) = &clause.article { cite { "—— " (article) } }
                        }
                    }
                }
            }
        }
    }
}

/// Known value of the fact that a condition is about.
fn known(clause: &ClauseReport, facts: &FactDictionary) -> Option<String> {
    let fact = facts.get(clause.fact.as_ref()?)?;
    Some(format!("{}：{}", fact.name, show_known(clause, facts)?))
}

/// Title or support that the enterprise already has, facts missing for a verdict, and advice.
pub(crate) fn gaps(one: &Match, rules: &Rules) -> Markup {
    let facts = rules.dictionary();
    let missing =
        one.missing.iter().map(|key| facts.get(key).map_or(key.as_str(), |fact| fact.name.as_str()));
    let missing: Vec<&str> = missing.collect();
    html! {
        @if let Some(held) = &one.held { p.gap { b { (held.text) } } }
        @if !missing.is_empty() { p.gap { b { "还缺：" } (missing.join("、")) } }
        @if !one.withheld.is_empty() {
            p.gap { b { "不提供：" } (one.withheld.iter().map(|fact| show_withheld(fact, facts)).collect::<Vec<_>>().join("、")) }
        }
        @if let Some(advice) = &one.advice {
            @let (steps, others) = advice.shown_steps();
            div.gap {
                b { (advice.text) @if !steps.is_empty() { "：" } }
                @if !steps.is_empty() {
                    ul {
                        @for step in steps {
                            li {
                                (step.change.text)
                                @for (at, item) in step.change.via.iter().filter_map(|id| rules.item(id)).enumerate() {
                                    @if at == 0 { "，须先获得：" } @else { " 或 " }
                                    a href={ "/policies/" (crate::policy::encode_path(&item.id)) } { (item.title) }
                                }
                            }
                        }
                    }
                }
                @if others > 0 { p.hint { "以上为最难的 " (steps.len()) " 项，另有 " (others) " 项。" } }
            }
        }
    }
}
