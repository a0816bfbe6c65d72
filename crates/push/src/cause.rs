//! Causes of new, gone and changed matches (变动原因).
//!
//! An enterprise and an item are decided with all that is old, with all that is new, and with one of facts, item and day
//! exchanged. The cause is the single difference that by itself turns the old answer into the new one; if no single one does,
//! all differences are named.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value as Json;
use zhaoren_matcher::batch::Scorer;
use zhaoren_matcher::{ClauseReport, Library, clause_states};
use zhaoren_policy::item::{Item, WindowState};
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::decide::evaluation_day;
use crate::entry::Entry;
use crate::error::PushError;
use crate::list::Cause;
use crate::packed::KeyList;
use crate::state::Previous;

/// Maximum number of conditions spelt out in one row.
const MAX_CONDITIONS: usize = 4;

/// Words of a cause, and the conditions that they name.
type NamedClauses = (String, Vec<ClauseReport>);

/// Comparison of the previous run with the current one.
pub(crate) struct Comparison {
    /// Meaning of the fact numbers in the entries of the previous run; `keys` is that of the current run.
    previous_keys: KeyList,
    keys: KeyList,
    previous_day: Date,
    day: Date,
    /// Scorers by item set and day: `old_items` are those of the previous run, `new_items` the current ones; `old_day` is the day
    /// of the previous run, `new_day` the current one.
    old_items_old_day: Scorer,
    old_items_new_day: Scorer,
    new_items_old_day: Scorer,
    new_items_new_day: Scorer,
    deadline_days: i32,
    previously_opted_out: BTreeSet<String>,
}

impl Comparison {
    /// Compares `previous` with the current items, fact numbering and day.
    pub(crate) fn new(
        previous: &Previous,
        (now, keys, day): (Arc<Library>, KeyList, Date),
        deadline_days: i32,
    ) -> Self {
        let (previous_library, previous_day) = (Arc::clone(&previous.library), previous.rules.as_of);
        Self {
            previous_keys: previous.rules.keys.clone(),
            keys,
            previously_opted_out: previous.rules.opted_out.clone(),
            previous_day,
            day,
            old_items_old_day: Scorer::new(Arc::clone(&previous_library), evaluation_day(previous_day)),
            old_items_new_day: Scorer::new(previous_library, evaluation_day(day)),
            new_items_old_day: Scorer::new(Arc::clone(&now), evaluation_day(previous_day)),
            new_items_new_day: Scorer::new(now, evaluation_day(day)),
            deadline_days,
        }
    }

    /// True if the enterprise had opted out of every push in the previous run.
    pub(crate) fn was_opted_out(&self, enterprise: &str) -> bool {
        self.previously_opted_out.contains(enterprise)
    }

    /// Meaning of the fact numbers in the entries of the previous run.
    pub(crate) fn previous_keys(&self) -> &KeyList {
        &self.previous_keys
    }

    /// Items of the previous run.
    pub(crate) fn previous_library(&self) -> &Library {
        self.old_items_old_day.library()
    }

    /// Profile of an entry of the previous run.
    pub(crate) fn previous_profile(&self, entry: &Entry<'_>) -> Result<Profile, PushError> {
        entry.profile(&self.previous_keys)
    }

    /// Profile of an entry of the current run.
    pub(crate) fn current_profile(&self, entry: &Entry<'_>) -> Result<Profile, PushError> {
        entry.profile(&self.keys)
    }

    /// Verdict under the current items and day; `None` if the item does not exist or is not in force.
    pub(crate) fn current_verdict(&self, policy: &str, profile: &Profile) -> Option<Verdict> {
        let index = item_index(self.new_items_new_day.library(), policy)?;
        if !self.new_items_new_day.library().in_force_on(index, self.day) {
            return None;
        }
        decide(&self.new_items_new_day, index, profile, self.day)
    }

    /// Cause of a match that appeared or disappeared. `previous` and `current` are the profiles of the two runs.
    pub(crate) fn change_cause(
        &self,
        policy: &str,
        previous: Option<&Profile>,
        current: Option<&Profile>,
    ) -> Cause {
        let item_of = |scorer: &Scorer, day| {
            let index = item_index(scorer.library(), policy)?;
            Some((index, OfferState::of(scorer.library(), index, day)))
        };
        let (Some(previous), Some(current)) = (previous, current) else {
            return if previous.is_none() {
                Cause::new("enterprise_new", "本次新出现的企业")
            } else {
                Cause::new("enterprise_gone", "本次数据中没有这家企业")
            };
        };
        match (
            item_of(&self.old_items_old_day, self.previous_day),
            item_of(&self.new_items_new_day, self.day),
        ) {
            (None, _) => Cause::new("item_new", "新增事项"),
            (_, None) => Cause::new("item_gone", "事项已撤下"),
            (_, Some((_, OfferState::Retired(by)))) => {
                Cause::new("item_expired", &format!("事项已由 {by} 替代"))
            }
            (_, Some((_, OfferState::NotInForce))) => Cause::new("item_expired", "事项已失效"),
            (_, Some((_, OfferState::Closed(words)))) => {
                Cause::new("window_closed", &format!("申报期{words}"))
            }
            (Some((_, OfferState::Closed(_))), Some((after, OfferState::Open))) => {
                let item = self.new_items_new_day.library().get(after);
                item.and_then(|item| self.window_cause(item))
                    .unwrap_or_else(|| Cause::new("window_opened", "申报期重新开放"))
            }
            (Some((before, OfferState::Open)), Some((after, OfferState::Open))) => {
                self.verdict_change_cause(before, after, previous, current)
            }
            (Some(_), Some((_, OfferState::Open))) => Cause::new("item_in_force", "事项开始生效"),
        }
    }

    fn verdict_change_cause(
        &self,
        before: usize,
        after: usize,
        previous: &Profile,
        current: &Profile,
    ) -> Cause {
        let old = decide(&self.old_items_old_day, before, previous, self.previous_day);
        let new = decide(&self.new_items_new_day, after, current, self.day);
        if old == new {
            return Cause::new("ranking", "判定未变，列入范围或排序有变");
        }
        let same_item = self.previous_library().body(before) == self.new_items_new_day.library().body(after);
        let by_facts =
            previous != current && decide(&self.old_items_old_day, before, current, self.previous_day) == new;
        let by_clause =
            !same_item && decide(&self.new_items_old_day, after, previous, self.previous_day) == new;
        let by_date = self.previous_day != self.day
            && decide(&self.old_items_new_day, before, previous, self.day) == new;
        let alone = by_facts || by_clause || by_date;
        let facts = (by_facts || !alone).then(|| self.facts(before, after, previous, current));
        let clauses = (by_clause || !alone).then(|| self.clauses(before, after));
        let dates = (by_date || !alone).then(|| self.dates(before, previous));
        let mut named: Vec<ClauseReport> = Vec::new();
        let mut words: Vec<String> = Vec::new();
        for (found, clauses) in
            [facts, clauses, dates].into_iter().flatten().filter(|(words, _)| !words.is_empty())
        {
            words.push(found);
            named.extend(clauses);
        }
        let kind = match (by_facts, by_clause, by_date) {
            (true, ..) => "fact_changed",
            (_, true, _) => "clause_changed",
            (_, _, true) => "date_passed",
            _ => "several",
        };
        Cause { code: kind, detail: words.join("；"), clause: cited(&named) }
    }

    /// Changed facts behind the conditions whose state differs.
    fn facts(&self, before: usize, after: usize, previous: &Profile, now: &Profile) -> NamedClauses {
        let then = states(&self.old_items_old_day, before, previous, self.previous_day);
        let today = states(&self.new_items_new_day, after, now, self.day);
        let (mut words, mut named): (Vec<String>, Vec<ClauseReport>) = Default::default();
        for clause in &today {
            let Some(fact) = &clause.fact else { continue };
            let old = then.iter().find(|old| old.fact == clause.fact && old.text == clause.text);
            let Some(old) = old.or_else(|| then.iter().find(|old| old.fact == clause.fact)) else { continue };
            if old.value == clause.value && old.state == clause.state {
                continue;
            }
            let name = self
                .new_items_new_day
                .library()
                .dictionary()
                .get(fact)
                .map_or(fact.as_str(), |fact| &fact.name);
            let word =
                format!("{name}由{}变为{}（{}）", shown(&old.value), shown(&clause.value), clause.text);
            if old.value != clause.value && !words.contains(&word) {
                words.push(word);
                named.push(clause.clone());
            }
        }
        (join_limited(words), named)
    }

    /// Conditions removed from the item and conditions added to it.
    fn clauses(&self, before: usize, after: usize) -> NamedClauses {
        let empty = Profile::default();
        let then = states(&self.old_items_old_day, before, &empty, self.previous_day);
        let today = states(&self.new_items_old_day, after, &empty, self.previous_day);
        let without = |from: &[ClauseReport], other: &[ClauseReport]| -> Vec<ClauseReport> {
            from.iter().filter(|clause| !other.iter().any(|one| one.text == clause.text)).cloned().collect()
        };
        let (removed, added) = (without(&then, &today), without(&today, &then));
        let named = [("删去", &removed), ("新增", &added)];
        let word = |(word, clauses): (&str, &Vec<ClauseReport>)| -> Vec<String> {
            clauses.iter().map(|clause| format!("{word}条件：{}", clause.text)).collect()
        };
        let words: Vec<String> = named.into_iter().flat_map(word).collect();
        let words = if words.is_empty() { "条件的组合有变".to_owned() } else { join_limited(words) };
        (words, removed.into_iter().chain(added).collect())
    }

    /// Conditions whose state changed with the day alone.
    fn dates(&self, before: usize, previous: &Profile) -> NamedClauses {
        let then = states(&self.old_items_old_day, before, previous, self.previous_day);
        let today = states(&self.old_items_new_day, before, previous, self.day);
        let moved =
            then.iter().zip(&today).filter(|(old, new)| old.state != new.state && old.group.is_none());
        let (words, named): (Vec<String>, Vec<ClauseReport>) = moved
            .map(|(old, new)| {
                (format!("{}：{}→{}", new.text, old.state.name(), new.state.name()), new.clone())
            })
            .unzip();
        (join_limited(words), named)
    }

    /// Cause shown for a match that stays listed with the same verdict: its window has opened or closes soon.
    pub(crate) fn window_cause(&self, item: &Item) -> Option<Cause> {
        let (then, today) = (item.window.on(self.previous_day), item.window.on(self.day));
        if today.state != WindowState::Open {
            return None;
        }
        if then.state != WindowState::Open || then.opens != today.opens {
            let until = today.closes.map_or(String::new(), |day| format!("，{day}截止"));
            return Some(Cause::new("window_opened", &format!("申报期已开始{until}")));
        }
        let left = today.days_left.filter(|left| *left <= self.deadline_days)?;
        let closes = today.closes.map(|day| day.to_string()).unwrap_or_default();
        Some(Cause::new("deadline_near", &format!("{closes}截止，还有{left}天")))
    }
}

/// State of an item on a day, as far as it decides whether it can be listed.
enum OfferState {
    /// In force, and its window is not over.
    Open,
    /// In force, and its window is over: the words of the window.
    Closed(String),
    /// Retired by the item with this id.
    Retired(String),
    NotInForce,
}

impl OfferState {
    fn of(library: &Library, index: usize, day: Date) -> Self {
        let (Some(item), Some(standing)) = (library.get(index), library.standing_on(index, day)) else {
            return Self::NotInForce;
        };
        match standing.superseded_by {
            _ if standing.is_matchable && item.is_open_or_to_come(day) => Self::Open,
            _ if standing.is_matchable => Self::Closed(item.window_on(day).text),
            Some(by) => Self::Retired(by),
            None => Self::NotInForce,
        }
    }
}

/// Cause of a match that is no longer listed because the enterprise refused it, for `reason`.
pub(crate) fn opt_out_cause(reason: &str) -> Cause {
    Cause::new("refused", reason)
}

/// Cause of a match that is no longer listed because the enterprise now has it; `words` say what and until when.
pub(crate) fn held_cause(words: &str) -> Cause {
    Cause::new("held", words)
}

/// Cause of a match that is listed again after the enterprise had it: `words` say that its renewal is due; they are empty if it
/// has it no longer.
pub(crate) fn held_again_cause(words: &str) -> Cause {
    if words.is_empty() {
        Cause::new("holding_ended", "已不再持有，可以重新申报")
    } else {
        Cause::new("renewal_due", words)
    }
}

/// Cause of a match that is listed again after its refusal was withdrawn.
pub(crate) fn opt_in_cause() -> Cause {
    Cause::new("refusal_withdrawn", "企业撤回了拒收")
}

fn item_index(library: &Library, id: &str) -> Option<usize> {
    library.ids().binary_search_by(|known| known.as_str().cmp(id)).ok()
}

fn decide(scorer: &Scorer, index: usize, profile: &Profile, day: Date) -> Option<Verdict> {
    let view = View::new(profile, scorer.library().dictionary(), day);
    Some(scorer.plan(index)?.decide(&view))
}

fn states(scorer: &Scorer, index: usize, profile: &Profile, day: Date) -> Vec<ClauseReport> {
    let view = View::new(profile, scorer.library().dictionary(), day);
    match (scorer.library().get(index), scorer.plan(index)) {
        (Some(item), Some(plan)) => clause_states(item, plan, &view),
        _ => Vec::new(),
    }
}

/// Conditions with their articles: 第十一条（一）：从业人数不低于10人.
fn cited(clauses: &[ClauseReport]) -> String {
    let mut words: Vec<String> = Vec::new();
    for clause in clauses {
        let word = match &clause.article {
            Some(article) => format!("{article}：{}", clause.text),
            None => clause.text.clone(),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    join_limited(words)
}

fn join_limited(mut words: Vec<String>) -> String {
    let more = words.len().saturating_sub(MAX_CONDITIONS);
    words.truncate(MAX_CONDITIONS);
    if more > 0 {
        words.push(format!("另有{more}项"));
    }
    words.join("；")
}

/// Value as shown to a reader.
fn shown(value: &Json) -> String {
    match value {
        Json::Null => "未知".to_owned(),
        Json::Bool(true) => "是".to_owned(),
        Json::Bool(false) => "否".to_owned(),
        Json::String(text) => text.clone(),
        Json::Array(list) => list.iter().map(shown).collect::<Vec<_>>().join("、"),
        Json::Object(map) if map.contains_key("at_least") || map.contains_key("at_most") => {
            let end = |key| map.get(key).map_or("…".to_owned(), shown);
            format!("{}至{}", end("at_least"), end("at_most"))
        }
        other => other.to_string(),
    }
}
