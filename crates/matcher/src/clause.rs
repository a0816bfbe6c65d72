//! State of every condition of an item, with the value seen and the source of the rule.

use serde::Serialize;
use serde_json::Value as Json;
use zhaoren_cancel::poll;
use zhaoren_policy::criterion::{Criterion, Leaf, Node, RecordMeasure, Take, When, describe};
use zhaoren_policy::evidence::QuoteSpan;
use zhaoren_policy::fact::FactType;
use zhaoren_policy::verdict::{ClauseState, Verdict};
use zhaoren_policy::view::View;

use crate::compiled::{Plan, Residual, Roots};
use crate::records::{OpenFields, open_fields};
use crate::slot::Slot;

/// Condition as reported for an enterprise.
///
/// Leaves and judged conditions each have one. So do alternatives, cases, negations and points, as a *group*, before the
/// conditions inside them: a leaf inside an alternative may be unmet while the alternative holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClauseReport {
    /// Condition in words.
    pub text: String,
    /// State of the condition by itself (条件状态).
    pub state: ClauseState,
    /// Key of its fact; `None` for judged conditions and groups.
    pub fact: Option<String>,
    /// Field of its records whose sum is the value; `None` for a count of records and for all other conditions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Known value of that fact, as a profile would give it; null if unknown. For a condition on records it is their count, or the
    /// sum of the field.
    pub value: Json,
    /// Verbatim source sentence (原文), its own or that of the nearest enclosing group.
    pub quote: Option<String>,
    /// Article label of that sentence: 第十一条（一）.
    pub article: Option<String>,
    /// Path in the criteria: `all[0]`, `all[2].any[1]`; empty for the root.
    pub path: String,
    /// Kind of a group: `any`, `not`, `case`, `points`, or `all` if it has a text of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<&'static str>,
    /// Position of the quote in its document. Filled in by a caller that has the documents; matching does not use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<QuoteSpan>,
}

/// States of all conditions, in reading order.
pub(crate) fn clauses(
    criteria: &Criterion,
    plan: &Plan,
    residual: &mut Residual<'_>,
    view: &View<'_>,
) -> Vec<ClauseReport> {
    let mut walker = Walker { plan, residual, view, clauses: Vec::new() };
    walker.visit(criteria, plan.roots(), "", Source::default());
    walker.clauses
}

/// Share of the conditions, without groups, that are met; 1 if there are none. For a met verdict it is 1, whatever the state of
/// the other conditions.
pub(crate) fn met_share(criteria: &Criterion, plan: &Plan, residual: &mut Residual<'_>) -> f64 {
    if residual.verdict(plan.roots().root) == Verdict::Eligible {
        return 1.0;
    }
    let (mut met, mut all) = (0_u32, 0_u32);
    count_met(criteria, plan.roots(), residual, &mut met, &mut all);
    if all == 0 { 1.0 } else { f64::from(met) / f64::from(all) }
}

fn count_met(
    criterion: &Criterion,
    roots: &Roots,
    residual: &mut Residual<'_>,
    met: &mut u32,
    all: &mut u32,
) {
    poll();
    if matches!(criterion.node, Node::Leaf(_) | Node::Judged(_) | Node::Records(_)) {
        *all += 1;
        *met += u32::from(residual.verdict(roots.root) == Verdict::Eligible);
        return;
    }
    for ((_, child), roots) in criterion.children().into_iter().zip(&roots.children) {
        count_met(child, roots, residual, met, all);
    }
}

/// Number of conditions, including groups, that wait only for a judgement: those that [`clauses`] reports with the state judged.
pub(crate) fn count_awaiting_judgement(
    criteria: &Criterion,
    plan: &Plan,
    residual: &mut Residual<'_>,
    view: &View<'_>,
) -> usize {
    count_judged(criteria, plan, plan.roots(), residual, view)
}

fn count_judged(
    criterion: &Criterion,
    plan: &Plan,
    roots: &Roots,
    residual: &mut Residual<'_>,
    view: &View<'_>,
) -> usize {
    poll();
    let below = criterion.children().into_iter().zip(&roots.children);
    let count: usize =
        below.map(|((_, child), roots)| count_judged(child, plan, roots, residual, view)).sum();
    let is_judged = is_shown(criterion) && state(plan, residual, roots, view) == ClauseState::Judged;
    count + usize::from(is_judged)
}

/// Name of a group of conditions that is reported with a state of its own.
fn group_of(criterion: &Criterion) -> Option<&'static str> {
    match &criterion.node {
        // Conditions side by side need no heading, unless the item gives them one.
        Node::All(_) if criterion.text.is_some() => Some("all"),
        Node::Leaf(_) | Node::Judged(_) | Node::Records(_) | Node::All(_) => None,
        Node::Any { .. } => Some("any"),
        Node::Not(_) => Some("not"),
        Node::Case { .. } => Some("case"),
        Node::Points { .. } => Some("points"),
    }
}

fn is_shown(criterion: &Criterion) -> bool {
    group_of(criterion).is_some()
        || matches!(criterion.node, Node::Leaf(_) | Node::Judged(_) | Node::Records(_))
}

/// State of a part of the criteria. Judged: only a person's judgement can still decide it.
fn state(plan: &Plan, residual: &mut Residual<'_>, roots: &Roots, view: &View<'_>) -> ClauseState {
    match residual.verdict(roots.root) {
        Verdict::Eligible => ClauseState::Met,
        Verdict::Ineligible => ClauseState::Unmet,
        Verdict::Undetermined => {
            let judged = |level: usize| match plan.slot(level) {
                Slot::Judged(_) => true,
                // Every field that is asked for is known: a judgement inside the condition is left.
                Slot::Records(measure) => open_fields(measure, view) == OpenFields::default(),
                _ => false,
            };
            let levels = residual.open_levels(roots.root);
            if levels.into_iter().all(judged) { ClauseState::Judged } else { ClauseState::Unknown }
        }
    }
}

/// Evidence that a condition without its own inherits.
#[derive(Clone, Copy, Default)]
struct Source<'a> {
    quote: Option<&'a str>,
    article: Option<&'a str>,
}

struct Walker<'a, 'b, 'p> {
    plan: &'a Plan,
    residual: &'b mut Residual<'p>,
    view: &'a View<'a>,
    clauses: Vec<ClauseReport>,
}

impl<'a> Walker<'a, '_, '_> {
    fn visit(&mut self, criterion: &'a Criterion, roots: &Roots, path: &str, around: Source<'a>) {
        poll();
        let source = Source {
            quote: criterion.quote.as_deref().or(around.quote),
            article: criterion.article.as_deref().or(around.article),
        };
        let group = group_of(criterion);
        if is_shown(criterion) {
            let (fact, value) = match &criterion.node {
                Node::Leaf(leaf) => (Some(leaf.fact.clone()), seen(leaf, self.view)),
                Node::Records(leaf) => {
                    (Some(leaf.measure.records.clone()), seen_records(&leaf.measure, self.plan, self.view))
                }
                Node::Judged(text) => (None, self.view.judgement(text).map_or(Json::Null, Json::Bool)),
                _ => (None, Json::Null),
            };
            let state = state(self.plan, self.residual, roots, self.view);
            self.clauses.push(ClauseReport {
                text: describe(criterion, self.view.dictionary),
                state,
                fact,
                of: match &criterion.node {
                    Node::Records(leaf) => leaf.measure.of.clone(),
                    _ => None,
                },
                value,
                quote: source.quote.map(str::to_owned),
                article: source.article.map(str::to_owned),
                path: path.to_owned(),
                group,
                source: None,
            });
        }
        for ((step, child), roots) in criterion.children().into_iter().zip(&roots.children) {
            let path = if path.is_empty() { step } else { format!("{path}.{step}") };
            self.visit(child, roots, &path, source);
        }
    }
}

/// Known count of records or sum over them, as JSON; null if unknown.
fn seen_records(measure: &RecordMeasure, plan: &Plan, view: &View<'_>) -> Json {
    let slot = Slot::Records(Box::new(measure.bare()));
    let column = plan.columns.iter().find(|column| column.slot == slot);
    column.map_or(Json::Null, |column| column.knowledge(view).to_json())
}

/// Known value of a leaf's fact, as JSON; null if unknown.
fn seen(leaf: &Leaf, view: &View<'_>) -> Json {
    let Some(fact) = view.dictionary.get(&leaf.fact) else { return Json::Null };
    if fact.kind == FactType::Tags {
        return view.tags(&fact.key).map_or(Json::Null, |tags| tags.tags_on(view.as_of).into());
    }
    match leaf.when {
        When::Current => view.knowledge(fact, None).to_json(),
        When::LastYear => view.knowledge(fact, Some(view.last_year())).to_json(),
        When::Year(year) => view.knowledge(fact, Some(year)).to_json(),
        When::Years(aggregate) => {
            let end = aggregate.end.unwrap_or_else(|| view.last_year());
            let first = end - i16::from(aggregate.years) + 1;
            let ends_only = matches!(aggregate.take, Take::Growth | Take::Cagr);
            let years = (first..=end).filter(|year| !ends_only || *year == first || *year == end);
            let given: serde_json::Map<String, Json> = years
                .map(|year| (year.to_string(), view.knowledge(fact, Some(year)).to_json()))
                .filter(|(_, value)| !value.is_null())
                .collect();
            if given.is_empty() { Json::Null } else { given.into() }
        }
    }
}
