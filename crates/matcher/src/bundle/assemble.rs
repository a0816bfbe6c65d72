//! From the best set of every connected part to a bundle that explains itself.

use zhaoren_policy::item::amount::{Worth, YuanRange};
use zhaoren_policy::number::Number;

use super::rules::{Rule, StackingRules};
use super::search::{Found, Outcome, best};
use super::value::{Field, Total};
use super::{Bundle, Candidate, LeftOut, Member, Named, Proof, words};

/// The bundle of no items.
pub(super) fn nothing() -> Bundle {
    Bundle {
        members: Vec::new(),
        total: YuanRange::zero(),
        yearly: YuanRange::zero(),
        unpriced: Vec::new(),
        not_money: Vec::new(),
        left_out: Vec::new(),
        proof: Proof::Optimal,
    }
}

/// The best bundle of `candidates`, which stand in the order of their ids, and the runner-up.
pub(super) fn bundles(
    candidates: &[&Candidate],
    rules: &StackingRules,
    nodes: u64,
) -> (Bundle, Option<Bundle>) {
    let priced: Vec<&Candidate> =
        candidates.iter().copied().filter(|one| one.worth.range().is_some()).collect();
    let field = field(&priced, rules);
    let parts = field.components();
    let mut left = nodes;
    let solved: Vec<Outcome> = parts.iter().map(|part| best(&field, part, &|_| true, &mut left)).collect();
    let sets: Vec<Found> = solved.iter().filter_map(|outcome| outcome.best.clone()).collect();
    let table = Table { candidates, priced: &priced, field: &field, rules };
    let bundle = table.bundle(&join(&sets), proof(&solved));
    let runner_up = runner_up(&field, &parts, &sets, nodes)
        .map(|(found, outcomes)| table.bundle(&found, proof(&outcomes)));
    (bundle, runner_up)
}

fn field(priced: &[&Candidate], rules: &StackingRules) -> Field {
    let table = |holds: &dyn Fn(&str, &str) -> bool| -> Vec<Vec<bool>> {
        let row = |a: &&Candidate| priced.iter().map(|b| holds(&a.item, &b.item)).collect();
        priced.iter().map(row).collect()
    };
    let caps = rules.caps().iter().map(|cap| {
        let members = priced.iter().map(|one| cap.members.contains(&one.item)).collect();
        (cap.yuan.clone(), members)
    });
    Field {
        worth: priced.iter().filter_map(|one| one.worth.range().cloned()).collect(),
        apart: table(&|a, b| a != b && rules.apart(a, b).is_some()),
        linked: table(&|a, b| a != b && rules.linked(a, b).is_some()),
        caps: caps.collect(),
    }
}

fn join(sets: &[Found]) -> Found {
    let mut set: Vec<usize> = sets.iter().flat_map(|found| found.set.iter().copied()).collect();
    set.sort_unstable();
    let total = sets.iter().fold(Total::zero(), |sum, found| sum.plus(&found.total));
    Found { set, total }
}

fn proof(outcomes: &[Outcome]) -> Proof {
    if outcomes.iter().all(|outcome| outcome.bound.is_none()) {
        return Proof::Optimal;
    }
    let low = |outcome: &Outcome| {
        let best = outcome.best.as_ref().map(|best| &best.total);
        outcome.bound.as_ref().max(best).map_or_else(Number::zero, |total| total.low.clone())
    };
    Proof::Bounded { at_most: outcomes.iter().fold(Number::zero(), |sum, one| sum.plus(&low(one))) }
}

/// The best set that in one part takes an item that the best leaves out, and lacks one that it takes.
fn runner_up(
    field: &Field,
    parts: &[Vec<usize>],
    sets: &[Found],
    nodes: u64,
) -> Option<(Found, Vec<Outcome>)> {
    let mut left = nodes;
    let mut outcomes = Vec::new();
    let mut second: Option<Found> = None;
    for (place, (part, first)) in parts.iter().zip(sets).enumerate() {
        let other = |set: &[usize]| {
            set.iter().any(|item| !first.set.contains(item))
                && first.set.iter().any(|item| !set.contains(item))
        };
        if first.set.is_empty() || first.set.len() == part.len() {
            continue;
        }
        let outcome = best(field, part, &other, &mut left);
        if let Some(found) = &outcome.best {
            let others = sets.iter().enumerate().filter(|(i, _)| *i != place).map(|(_, found)| found.clone());
            let whole = join(&others.chain([found.clone()]).collect::<Vec<_>>());
            if second.as_ref().is_none_or(|second| whole.beats(second)) {
                second = Some(whole);
            }
        }
        outcomes.push(outcome);
    }
    // A bound of a part that was not finished says nothing of the total unless it is shown with the others.
    second.map(|found| {
        let unfinished = outcomes.iter().any(|outcome| outcome.bound.is_some());
        let bound = unfinished.then(|| join(sets).total);
        (found.clone(), vec![Outcome { best: Some(found), bound }])
    })
}

struct Table<'a> {
    /// All of them, by id.
    candidates: &'a [&'a Candidate],
    /// Those with an amount, by position.
    priced: &'a [&'a Candidate],
    field: &'a Field,
    rules: &'a StackingRules,
}

impl<'a> Table<'a> {
    fn bundle(&self, found: &Found, proof: Proof) -> Bundle {
        let chosen: Vec<&Candidate> =
            found.set.iter().filter_map(|item| self.priced.get(*item).copied()).collect();
        let members = self.members(&chosen);
        let repeated = members.iter().filter(|member| member.yearly);
        let mut bundle = Bundle {
            yearly: repeated.fold(YuanRange::zero(), |sum, member| sum.plus(&member.counts)),
            members,
            total: found.total.range(),
            proof,
            ..nothing()
        };
        let mut beside: Vec<&Candidate> = Vec::new();
        for one in self.candidates.iter().copied().filter(|one| one.worth.range().is_none()) {
            let with: Vec<&Candidate> = chosen.iter().chain(&beside).copied().collect();
            if let Some((rule, by)) = self.apart(one, &with) {
                bundle.left_out.push(left_out(one, rule, &by, false));
                continue;
            }
            beside.push(one);
            let named = Named { item: one.item.clone(), title: one.title.clone() };
            match one.worth {
                Worth::NotMoney => bundle.not_money.push(named),
                _ => bundle.unpriced.push(named),
            }
        }
        for (place, one) in self.priced.iter().enumerate() {
            if !found.set.contains(&place) {
                let (rule, by) = self.reason(one, place, &chosen, found);
                bundle.left_out.push(left_out(one, rule, &by, true));
            }
        }
        bundle.left_out.sort_by(|a, b| a.item.cmp(&b.item));
        bundle
    }

    /// The first kind of rule that keeps `one` from being had with `others`, and who stands in its way.
    fn apart(&self, one: &Candidate, others: &[&'a Candidate]) -> Option<(Rule, Vec<&'a Candidate>)> {
        let by: Vec<(Rule, &Candidate)> = others
            .iter()
            .filter_map(|other| Some((self.rules.apart(&one.item, &other.item)?, *other)))
            .collect();
        let rule = by.iter().map(|(rule, _)| *rule).min()?;
        Some((rule, by.into_iter().map(|(_, other)| other).collect()))
    }

    fn reason(
        &self,
        one: &Candidate,
        place: usize,
        chosen: &[&'a Candidate],
        found: &Found,
    ) -> (Rule, Vec<&'a Candidate>) {
        if let Some(apart) = self.apart(one, chosen) {
            return apart;
        }
        let linked: Vec<&Candidate> = chosen
            .iter()
            .copied()
            .filter(|other| self.rules.linked(&one.item, &other.item).is_some())
            .collect();
        if let Some(first) = linked.first() {
            let rule = self.rules.linked(&one.item, &first.item).unwrap_or(Rule::HigherOf);
            return (rule, linked);
        }
        let is_member = |members: &[bool], item: usize| members.get(item).copied().unwrap_or(false);
        for (_, members) in self.field.caps.iter().filter(|(_, members)| is_member(members, place)) {
            let inside = found.set.iter().filter(|item| is_member(members, **item));
            let by: Vec<&Candidate> = inside.filter_map(|item| self.priced.get(*item).copied()).collect();
            if !by.is_empty() {
                return (Rule::Cap, by);
            }
        }
        (Rule::NoGain, Vec::new())
    }

    /// The chosen items with what of each counts: the greatest of a family whole, the others what they exceed
    /// it by, all within their caps.
    fn members(&self, chosen: &[&Candidate]) -> Vec<Member> {
        let mut order: Vec<&Candidate> = chosen.to_vec();
        let size = |one: &Candidate| one.worth.range().map(Total::of);
        order.sort_by(|a, b| size(b).cmp(&size(a)).then_with(|| a.item.cmp(&b.item)));
        let mut counted: Vec<(&Candidate, YuanRange)> = Vec::new();
        let mut members = Vec::new();
        for one in order {
            let own = one.worth.range().cloned().unwrap_or_else(YuanRange::zero);
            let (beyond, link) = self.beyond(one, &own, &counted);
            let (counts, cap) = self.within(one, &beyond, &counted);
            let text = match (counts != beyond, beyond != own) {
                (true, _) => Some(words::counted(Rule::Cap, &cap)),
                (false, true) => link.map(|(rule, with)| words::counted(rule, &with)),
                (false, false) => None,
            };
            counted.push((one, counts.clone()));
            members.push(Member {
                item: one.item.clone(),
                title: one.title.clone(),
                own,
                counts,
                yearly: one.yearly,
                window: one.window,
                text,
            });
        }
        members.sort_by(|a, b| a.item.cmp(&b.item));
        members
    }

    /// What of `own` exceeds the items before it that it is linked to.
    fn beyond<'t>(
        &self,
        one: &Candidate,
        own: &YuanRange,
        before: &[(&'t Candidate, YuanRange)],
    ) -> (YuanRange, Option<(Rule, Vec<&'t str>)>) {
        let linked: Vec<&Candidate> = before
            .iter()
            .map(|(other, _)| *other)
            .filter(|other| self.rules.linked(&one.item, &other.item).is_some())
            .collect();
        let greatest = linked.iter().filter_map(|other| other.worth.range());
        let Some(had) = greatest.fold(None, |had: Option<YuanRange>, range| {
            Some(had.map_or_else(|| range.clone(), |had| super::value::greater(&had, range)))
        }) else {
            return (own.clone(), None);
        };
        let rule = linked.first().and_then(|first| self.rules.linked(&one.item, &first.item));
        let titles = linked.iter().map(|other| other.title.as_str()).collect();
        (without(own, &had), rule.map(|rule| (rule, titles)))
    }

    /// What of `range` the caps leave beside what was counted before.
    fn within<'t>(
        &self,
        one: &Candidate,
        range: &YuanRange,
        before: &[(&'t Candidate, YuanRange)],
    ) -> (YuanRange, Vec<&'t str>) {
        let mut left = range.clone();
        let mut with: Vec<&str> = Vec::new();
        for cap in self.rules.caps().iter().filter(|cap| cap.members.contains(&one.item)) {
            let inside = || before.iter().filter(|(other, _)| cap.members.contains(&other.item));
            let had = inside().fold(YuanRange::zero(), |sum, (_, counts)| sum.plus(counts));
            let room = without(&YuanRange::exactly(cap.yuan.clone()), &had);
            let low = left.low.clone().min(room.low);
            let high = match (left.high.clone(), room.high) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (high, room) => high.or(room),
            };
            with.extend(
                inside()
                    .map(|(other, _)| other.title.as_str())
                    .filter(|title| !with.contains(title))
                    .collect::<Vec<_>>(),
            );
            left = YuanRange { low, high };
        }
        (left, with)
    }
}

/// `range` without `off`, never below 0.
fn without(range: &YuanRange, off: &YuanRange) -> YuanRange {
    let zero = Number::zero();
    let low = off.high.as_ref().map_or_else(Number::zero, |high| range.low.minus(high).max(zero.clone()));
    YuanRange { low, high: range.high.as_ref().map(|high| high.minus(&off.low).max(zero)) }
}

/// An item that `by` keeps out.
pub(super) fn left_out(one: &Candidate, rule: Rule, by: &[&Candidate], compared: bool) -> LeftOut {
    let titles: Vec<&str> = by.iter().map(|other| other.title.as_str()).collect();
    let mut text = words::left_out(rule, &titles);
    if !compared && one.worth == Worth::Unknown {
        text.push_str(words::INCOMPARABLE);
    }
    LeftOut {
        item: one.item.clone(),
        title: one.title.clone(),
        worth: one.worth.clone(),
        rule,
        by: by.iter().map(|other| other.item.clone()).collect(),
        compared,
        text,
    }
}
