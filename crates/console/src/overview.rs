//! Overview of one enterprise (一窗总览): items per bucket, coming dates, and the effect of a single change.

use std::collections::BTreeMap;

use maud::{Markup, html};
use zhaoren_engine::{
    AdviceOutcome, AdviceStep, Bucket, CLOSING_SOON_DAYS, Change, Date, Holding, MAX_ALMOST_UNKNOWNS, Match,
    Rules, Verdict,
};

use crate::match_page::MatchPage;
use crate::policy::encode_path;

/// Matches of a report by bucket, in display order. Items not in force are in no bucket.
pub(crate) fn buckets<'a>(page: &MatchPage<'a>) -> Vec<(Bucket, &'static str, Vec<&'a Match>)> {
    let stands = |one: &Match| Bucket::classify(one, page.received);
    let of = |bucket| page.report.matches.iter().filter(|one| stands(one) == Some(bucket)).collect();
    Bucket::ALL.into_iter().map(|(bucket, name)| (bucket, name, of(bucket))).collect()
}

/// Meaning of a bucket, in a few words.
pub(crate) fn meaning(bucket: Bucket) -> String {
    match bucket {
        Bucket::Closing => format!("符合，{CLOSING_SOON_DAYS} 天内截止"),
        Bucket::Eligible => "符合申报条件".to_owned(),
        Bucket::Almost => format!("做到一项即符合，或只差 {MAX_ALMOST_UNKNOWNS} 项以内未知"),
        Bucket::Unknown => "还有较多情况未知".to_owned(),
        Bucket::Ineligible => "差距不止一项，或无法改变".to_owned(),
        Bucket::Closed => "条件符合或待定，本期申报已截止".to_owned(),
        Bucket::Enjoyed => "台账已记兑付或获批，或称号在有效期内".to_owned(),
    }
}

fn colour(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Closing => "soon",
        Bucket::Eligible => "yes",
        Bucket::Almost => "near",
        Bucket::Unknown => "open",
        Bucket::Ineligible => "no",
        Bucket::Closed | Bucket::Enjoyed => "had",
    }
}

/// Number of items in each bucket, linked to the items.
pub(crate) fn counts(buckets: &[(Bucket, &'static str, Vec<&Match>)], undecided: usize) -> Markup {
    let live = undecided + buckets.iter().map(|(.., matches)| matches.len()).sum::<usize>();
    html! {
        nav.overview aria-label="一窗总览" {
            p { "现行事项共 " b.live { (live) } " 项，每项只计一次：" }
            ul.tiles {
                @for (bucket, name, matches) in buckets {
                    li class=(colour(*bucket)) {
                        @if matches.is_empty() { (tile(name, 0, &meaning(*bucket))) }
                        @else { a href={ "#" (bucket.key()) } { (tile(name, matches.len(), &meaning(*bucket))) } }
                    }
                }
                @if undecided > 0 { li { (tile("无法判定", undecided, "条件过于复杂，见上方说明")) } }
            }
        }
    }
}

fn tile(name: &str, count: usize, meaning: &str) -> Markup {
    html! {
        span.name { (name) } " " b.number { (count) } span.meaning { (meaning) }
    }
}

/// Number of dates shown before the others are collapsed.
const DATES: usize = 8;

/// Calendar (日历): windows that open and close, and items that become reachable by the passing of time alone.
pub(crate) fn calendar(page: &MatchPage<'_>) -> Markup {
    let mut dates: Vec<(Date, String, &Match)> = Vec::new();
    for one in &page.report.matches {
        if !one.in_force {
            continue;
        }
        let held = one.held.as_ref();
        if let Some(from) = held.and_then(|held| held.renewal_from).filter(|from| *from > page.report.as_of) {
            dates.push((from, "可以申报复审或重新认定".to_owned(), one));
        }
        if page.received.blocking_benefit(one).is_some() || held.is_some_and(Holding::is_blocking) {
            continue;
        }
        if one.verdict != Verdict::Ineligible {
            match (one.window.days_left, one.window.closes, one.window.opens) {
                (Some(left), Some(closes), _) => dates.push((closes, format!("截止，还有 {left} 天"), one)),
                (.., Some(opens)) if opens > page.report.as_of => {
                    dates.push((opens, "开始申报".to_owned(), one))
                }
                _ => {}
            }
        }
        let wait = one.advice.as_ref().filter(|advice| advice.outcome == AdviceOutcome::Wait);
        if let Some(on) = wait.and_then(|advice| advice.steps.first()).and_then(|step| step.change.on) {
            dates.push((on, "时间一到即符合".to_owned(), one));
        }
    }
    dates.sort_by(|a, b| (a.0, &a.2.policy).cmp(&(b.0, &b.2.policy)));
    let line = |(day, what, one): &(Date, String, &Match)| {
        html! { li { time datetime=(day) { (day) } " " span.what { (what) } " " a href={ "/policies/" (encode_path(&one.policy)) } { (one.title) } } }
    };
    html! {
        @if !dates.is_empty() {
            section.calendar aria-labelledby="calendar" {
                h2 id="calendar" { "日历" }
                ul.plain { @for date in dates.iter().take(DATES) { (line(date)) } }
                @if dates.len() > DATES {
                    details { summary { "其余 " (dates.len() - DATES) " 个日期" }
                        ul.plain { @for date in dates.iter().skip(DATES) { (line(date)) } }
                    }
                }
            }
        }
    }
}

/// Number of changes listed.
const CHANGES: usize = 6;

/// Effect of single changes; the one that unlocks most items first. The passing of time alone is left to the
/// calendar.
pub(crate) fn changes(page: &MatchPage<'_>) -> Markup {
    let mut groups: BTreeMap<String, Vec<(&Match, &Change)>> = BTreeMap::new();
    for one in &page.report.matches {
        if Bucket::classify(one, page.received) == Some(Bucket::Almost)
            && let Some(advice) = one.advice.as_ref().filter(|advice| advice.outcome == AdviceOutcome::Steps)
            && let [AdviceStep { change, .. }] = advice.steps.as_slice()
        {
            groups.entry(what_changes(change, page.rules)).or_default().push((one, change));
        }
    }
    let mut groups: Vec<(String, Vec<(&Match, &Change)>)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, matches)| std::cmp::Reverse(matches.len()));
    html! {
        @if !groups.is_empty() {
            section.changes aria-labelledby="changes" {
                h2 id="changes" { "改变一项，可多得哪些" }
                ul.plain {
                    @for (what, matches) in groups.iter().take(CHANGES) {
                        li {
                            details {
                                summary { b { (what) } " " span.count { "可多得 " (matches.len()) " 项" } }
                                ul {
                                    @for (one, change) in matches {
                                        li { a href={ "/policies/" (encode_path(&one.policy)) } { (one.title) } "：" (change.text) }
                                    }
                                }
                            }
                        }
                    }
                }
                @if groups.len() > CHANGES { p.hint { "另有 " (groups.len() - CHANGES) " 种，见“只差一点”。" } }
            }
        }
    }
}

/// Description of a change, with the title of its fact if it has one.
fn what_changes(change: &Change, rules: &Rules) -> String {
    let fact = change.fact.as_deref().and_then(|key| rules.dictionary().get(key));
    match (fact, &change.tag, &change.judged) {
        (Some(fact), Some(tag), _) => format!("{}：{tag}", fact.name),
        (Some(fact), None, _) => fact.name.clone(),
        (None, _, Some(judged)) => judged.clone(),
        (None, ..) => change.text.clone(),
    }
}
