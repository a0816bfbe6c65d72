//! Match page: the items that one enterprise qualifies for, the undetermined, the ineligible, and the next questions.

use maud::{Markup, html};
use zhaoren_engine::{
    Benefit, Bucket, BundleReport, CombinedQuestion, Date, Holding, Match, Question, Rarity,
};

use crate::Page;
use crate::amount::{amount, amount_questions, notes_of};
use crate::clause::{clauses, gaps};
use crate::fill::{Entered, answer_field, answer_names};
use crate::frame::{Section, Viewer, layout};
use crate::known::known_facts;
use crate::match_filter::{filters, keeping, shown};
use crate::match_page::{MatchPage, MatchView};
use crate::overview::{buckets, calendar, changes, counts, meaning};
use crate::policy::encode_path;
use crate::sign;

/// Number of questions asked at once.
const QUESTIONS: usize = 8;

/// Bucket with its name and the matches that are shown.
type Shown<'a> = (Bucket, &'static str, Vec<&'a Match>);

/// Match page.
pub fn matching(viewer: &Viewer, page: &MatchPage<'_>, view: &MatchView<'_>) -> Page {
    let report = page.report;
    let name = report.name.as_deref().unwrap_or(&report.id);
    let buckets = buckets(page);
    let others: Vec<&Match> = report.matches.iter().filter(|one| !one.in_force).collect();
    let body = html! {
        div.bar {
            h1 { (name) }
            div.actions { (post_button(page, "/pack", "打印服务包")) a.button.plain href="/match" { "换一家企业" } }
        }
        p.about { "编号 " code { (report.id) } " · 判定日 " (report.as_of) }
        @for note in page.notes { p.note { (note) } }
        (keeping(page, view))
        (counts(&buckets, page.undecided))
        @if report.matches.is_empty() { p.empty { "目录里还没有事项，导入后再来匹配。" } }
        @if let Some(policy) = page.policy {
            @for one in report.matches.iter().filter(|one| one.policy == policy) {
                section.asked aria-label="所问事项" { h2 { "您问的事项" } (one_match(one, page, true)) }
            }
        }
        (filters(view))
        @let (now, rest): (Vec<Shown<'_>>, Vec<Shown<'_>>) = buckets
            .iter()
            .map(|(bucket, name, matches)| (*bucket, *name, shown(*bucket, matches, page.rules, view)))
            .partition(|(bucket, ..)| matches!(bucket, Bucket::Closing | Bucket::Eligible));
        @for (bucket, name, matches) in &now { @if !matches.is_empty() { (part(*bucket, name, matches, page)) } }
        @if !page.questions.questions.is_empty() || page.unclear > 0 { (questions(page)) }
        @if let Some(bundle) = &report.bundle { (best_bundle(bundle)) }
        (amount_questions(page))
        (calendar(page))
        (changes(page))
        @for (bucket, name, matches) in &rest { @if !matches.is_empty() { (part(*bucket, name, matches, page)) } }
        details.fold { summary { h2 { "已知情况" } } (known_facts(page)) }
        @if !others.is_empty() {
            section aria-label="仅供参考" {
                details.fold {
                    summary { h2 { "判定日未生效、已失效或不面向企业（" (others.len()) "）" } }
                    (matches(&others, page))
                }
            }
        }
    };
    layout(&format!("{name} · 匹配"), Section::Match, viewer, &body)
}

/// Items of a bucket. The ineligible ones are collapsed: they are many and rarely looked at.
fn part(bucket: Bucket, name: &str, matches: &[&Match], page: &MatchPage<'_>) -> Markup {
    let heading = html! { h2 { (name) "（" (matches.len()) "）" } };
    let all = html! {
        p.hint { (meaning(bucket)) }
        (self::matches(matches, page))
    };
    html! {
        section aria-label=(name) {
            @if bucket == Bucket::Ineligible {
                // A link to a collapsed element opens it.
                details.fold { summary { (heading) } div id=(bucket.key()) { (all) } }
            } @else { div id=(bucket.key()) { (heading) (all) } }
        }
    }
}

/// Number of matches of a bucket shown in full; thousands would make the page too large for a browser.
const MAX_FULL_MATCHES: usize = 200;

fn matches(matches: &[&Match], page: &MatchPage<'_>) -> Markup {
    html! {
        @for one in matches.iter().take(MAX_FULL_MATCHES) { (one_match(one, page, false)) }
        @if matches.len() > MAX_FULL_MATCHES {
            details {
                summary { "其余 " (matches.len() - MAX_FULL_MATCHES) " 项，只列名称" }
                ul { @for one in matches.iter().skip(MAX_FULL_MATCHES) { li { a href={ "/policies/" (encode_path(&one.policy)) } { (one.title) } } } }
            }
        }
    }
}

fn one_match(one: &Match, page: &MatchPage<'_>, open: bool) -> Markup {
    let rules = page.rules;
    html! {
        details.match open[open] {
            summary {
                @if page.received.blocking_benefit(one).is_some() { (sign::received()) }
                @else if one.held.as_ref().is_some_and(Holding::is_blocking) { (sign::held()) }
                @else { (sign::verdict(one.verdict, one.competitive)) } " "
                b.title { (one.title) } " "
                span.meta {
                    (sign::window(&one.window))
                    " · " span.worth { (gives(one)) }
                }
            }
            div.inside {
                p.about {
                    a href={ "/policies/" (encode_path(&one.policy)) } { "查看事项" }
                    @let source = one.document.number.as_deref().unwrap_or(&one.document.title);
                    @if !source.is_empty() { " · 依据 " (source) }
                    " · " (one.delivery.name())
                    @if let Some(amount) = &one.benefit.amount.text { " · " (amount) }
                }
                @if let Some(review) = one.review.as_ref().filter(|review| !review.is_checked()) {
                    p.note { "条件未与原文核对（" (review.mark) "），以原文为准。" }
                }
                @if let Some(benefit) = page.received.blocking_benefit(one) {
                    p.note { "台账：" (benefit.on) @if benefit.paid { " 已兑付" } @else { " 已获批" } @if one.worth.yearly { "，下一年度可再享受" } "。" }
                }
                (amount(one))
                (notes_of(one))
                (clauses(one, rules.dictionary()))
                (gaps(one, rules))
            }
        }
    }
}

/// Benefit of a match in a few words: its amount, or else the kinds of support.
fn gives(one: &Match) -> String {
    if one.worth.first_year.range().is_some() {
        return one.amount.text.clone();
    }
    let kinds: Vec<&str> = one.benefit.kinds.iter().map(|kind| Benefit::kind_name(kind)).collect();
    kinds.join("、")
}

fn questions(page: &MatchPage<'_>) -> Markup {
    let facts = page.rules.dictionary();
    html! {
        section.questions aria-label="接着问" {
            h2 { "接着问" }
            p { (page.questions.undetermined) " 项还不能判定。答完下面几问，马上重新判定；不清楚的留空，不会再问。" }
            form method="post" action="/match" {
                input type="hidden" name="profile" value=(page.profile);
                @if page.stored { input type="hidden" name="stored" value=(page.report.id); }
                @if let Some(policy) = page.policy { input type="hidden" name="policy" value=(policy); }
                input type="hidden" name="as_of" value=(page.report.as_of);
                @for question in single_questions(page) {
                    @if let Some(fact) = facts.get(&question.fact) {
                        @for name in answer_names(question) { input type="hidden" name="asked" value=(name); }
                        (answer_field(fact, question, &Entered::default()))
                    }
                }
                @for key in page.ticked { input type="hidden" name={ "has." (key) } value="1"; }
                (rarities(page))
                @if page.unclear > 0 {
                    p { label { input type="checkbox" name="again" value="1"; " 再问一遍先前不清楚的 " (page.unclear) " 项" } }
                }
                button type="submit" { "重新判定" }
            }
        }
    }
}

/// Questions asked one by one: not those of the combined question, and none behind a gate that is still open.
fn single_questions<'a>(page: &MatchPage<'a>) -> Vec<&'a Question> {
    let combined = page.questions.combined.as_ref();
    let in_combined = |question: &Question| {
        let rarity = |facts: &CombinedQuestion| facts.facts.iter().any(|one| one.fact == question.fact);
        combined.is_some_and(rarity) && !page.ticked.contains(&question.fact)
    };
    let ready = page.questions.questions.iter().filter(|one| one.after.is_none() && !in_combined(one));
    ready.take(QUESTIONS).collect()
}

/// One question for all rarities. What is ticked is asked in the next round; the last box answers no for everything else.
fn rarities(page: &MatchPage<'_>) -> Markup {
    let Some(combined) = &page.questions.combined else { return html! {} };
    let facts: Vec<&Rarity> = combined.facts.iter().filter(|one| !page.ticked.contains(&one.fact)).collect();
    html! {
        @if !facts.is_empty() {
            fieldset.question.rarities {
                legend { (combined.text) " " span.hint { "多数企业都没有；有的勾选，其余一次答完" } }
                @for one in &facts {
                    @for (name, text) in &one.answers { input type="hidden" name={ "none." (name) } value=(text); }
                    p { label { input type="checkbox" name={ "has." (one.fact) } value="1"; " " (one.name) } }
                }
                p { label { input type="checkbox" name="rest" value="1"; b { " 以上未勾选的都没有" } } }
            }
        }
    }
}

/// Form with only a button, which posts the profile to another page.
fn post_button(page: &MatchPage<'_>, to: &str, word: &str) -> Markup {
    html! {
        form.plain method="post" action=(to) {
            input type="hidden" name="profile" value=(page.profile);
            @if page.stored { input type="hidden" name="stored" value=(page.report.id); }
            input type="hidden" name="as_of" value=(page.report.as_of);
            button type="submit" { (word) }
        }
    }
}

/// Best bundle of items.
pub(crate) fn best_bundle(report: &BundleReport) -> Markup {
    let bundle = &report.best;
    html! {
        @if !bundle.members.is_empty() || !bundle.unpriced.is_empty() {
            section aria-label="最优组合" {
                h2 { "最优组合" }
                p { b { (report.text) } "。" }
                ul {
                    @for member in &bundle.members {
                        li {
                            a href={ "/policies/" (encode_path(&member.item)) } { (member.title) }
                            @if member.counts.high.is_some() || member.counts.low.is_positive() { "，" (member.counts.describe()) }
                        }
                    }
                    @for one in &bundle.unpriced {
                        li { a href={ "/policies/" (encode_path(&one.item)) } { (one.title) } "（金额未知）" }
                    }
                }
                @if !bundle.left_out.is_empty() {
                    details { summary { "因不重复享受等规则未列入 " (bundle.left_out.len()) " 项" }
                        ul { @for one in &bundle.left_out { li { (one.title) } } }
                    }
                }
            }
        }
    }
}

/// Date in words.
pub(crate) fn day(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}
