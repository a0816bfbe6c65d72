//! Cycles of references between items.

use std::collections::{BTreeMap, VecDeque};

use zhaoren_cancel::poll;

use super::Item;
use crate::limits;
use crate::problem::{Fault, Report, Subject};

/// References: for the index of each item, the indices of the items it names.
type References = Vec<Vec<usize>>;

/// Reports every cycle of `next`, a kind of reference called `what`, once: at its item with the lowest id, and by the shortest
/// path from it through greater ids. `items` are in order of their ids.
///
/// If so many references lie in cycles that finding them all takes more than [`limits::CYCLE_STEPS_PER_REFERENCE`] steps for
/// each, the others are not named one by one, which is then a problem of its own.
pub(super) fn report_cycles(
    items: &[&Item],
    what: &str,
    next: &dyn Fn(&Item) -> Vec<&str>,
    report: &mut Report,
) {
    let indices: BTreeMap<&str, usize> =
        items.iter().enumerate().map(|(index, item)| (item.id.as_str(), index)).collect();
    let references: References = items
        .iter()
        .map(|item| next(item).into_iter().filter_map(|id| indices.get(id).copied()).collect())
        .collect();
    // Only references inside a cycle are kept.
    let component = components(&references);
    let inside: References = references
        .iter()
        .enumerate()
        .map(|(index, to)| {
            to.iter().copied().filter(|to| component.get(*to) == component.get(index)).collect()
        })
        .collect();
    let count: usize = inside.iter().map(Vec::len).sum();
    let mut budget = count.saturating_mul(limits::CYCLE_STEPS_PER_REFERENCE);
    let mut previous: Vec<Option<(usize, usize)>> = vec![None; items.len()];
    for (index, item) in items.iter().enumerate() {
        if inside.get(index).is_none_or(Vec::is_empty) {
            continue;
        }
        report.set_subject(Some(Subject::Item(item.id.clone())));
        match shortest_cycle(index, &inside, &mut previous, &mut budget) {
            CycleSearch::Cycle(path) => {
                let path: Vec<&str> =
                    path.iter().filter_map(|at| items.get(*at)).map(|item| item.id.as_str()).collect();
                let words = format!("`{what}` runs in a circle: {}", path.join(" → "));
                report.error(0, "", Fault::Other(words));
            }
            CycleSearch::None => {}
            CycleSearch::TooMany => {
                let words = format!("`{what}` runs in more circles than are looked for");
                report.error(0, "", Fault::Other(words));
                return;
            }
        }
    }
}

enum CycleSearch {
    /// Indices on the path, with the first repeated at the end.
    Cycle(Vec<usize>),
    None,
    TooMany,
}

/// Shortest path from `first` back to it through greater indices. `previous` is scratch space for all searches: for each index, the
/// search that reached it and the index before it.
fn shortest_cycle(
    first: usize,
    references: &References,
    previous: &mut [Option<(usize, usize)>],
    budget: &mut usize,
) -> CycleSearch {
    let mut queue = VecDeque::from([first]);
    while let Some(at) = queue.pop_front() {
        for to in references.get(at).into_iter().flatten().copied() {
            poll();
            match budget.checked_sub(1) {
                Some(rest) => *budget = rest,
                None => return CycleSearch::TooMany,
            }
            if to == first && at != first {
                return CycleSearch::Cycle(path(first, at, previous));
            }
            let Some(before) = previous.get_mut(to) else { continue };
            if to > first && before.is_none_or(|(search, _)| search != first) {
                *before = Some((first, at));
                queue.push_back(to);
            }
        }
    }
    CycleSearch::None
}

/// Path from `first` to `last` found by the search from `first`, closed by `first`.
fn path(first: usize, last: usize, previous: &[Option<(usize, usize)>]) -> Vec<usize> {
    let mut path = vec![first, last];
    let mut at = last;
    while let Some(Some((search, before))) = previous.get(at)
        && *search == first
        && *before != at
    {
        at = *before;
        path.push(at);
        if at == first {
            break;
        }
    }
    path.reverse();
    path
}

/// Component number of each index, equal if and only if two lie on a common cycle (strongly connected components, Kosaraju's
/// algorithm; not recursive, since a chain may be as long as the catalogue).
fn components(references: &References) -> Vec<Option<usize>> {
    let mut back: References = vec![Vec::new(); references.len()];
    for (from, to) in references.iter().enumerate() {
        for to in to {
            if let Some(back) = back.get_mut(*to) {
                back.push(from);
            }
        }
    }
    // In order of completion (postorder).
    let mut postorder: Vec<usize> = Vec::new();
    let mut seen = vec![false; references.len()];
    for start in 0..references.len() {
        let mut stack = vec![(start, 0)];
        while let Some((at, step)) = stack.pop() {
            poll();
            if step == 0 && std::mem::replace(seen.get_mut(at).unwrap_or(&mut true), true) {
                continue;
            }
            match references.get(at).and_then(|to| to.get(step)) {
                Some(to) => {
                    stack.push((at, step + 1));
                    if seen.get(*to) == Some(&false) {
                        stack.push((*to, 0));
                    }
                }
                None => postorder.push(at),
            }
        }
    }
    let mut component: Vec<Option<usize>> = vec![None; references.len()];
    for start in postorder.into_iter().rev() {
        let mut stack = vec![start];
        while let Some(at) = stack.pop() {
            poll();
            match component.get_mut(at) {
                Some(slot @ None) => *slot = Some(start),
                _ => continue,
            }
            stack.extend(back.get(at).into_iter().flatten().filter(|to| component.get(**to) == Some(&None)));
        }
    }
    component
}
