//! Filters and order of the match page, and what a result has beside its items: its address and the enterprise's file.

use maud::{Markup, html};
use zhaoren_engine::{Bucket, Level, Match, Number, Rules};

use crate::match_page::{MatchPage, MatchView};

/// Groups of support methods: key, name, and the methods.
const GROUPS: [(&str, &str, &[&str]); 5] = [
    (
        "money",
        "资金",
        &["grant", "reward", "subsidy", "refund", "rent", "voucher", "equipment", "insurance_subsidy"],
    ),
    ("tax", "税费", &["tax", "levy_relief"]),
    ("finance", "融资", &["loan", "interest_subsidy", "guarantee"]),
    ("title", "资质", &["title"]),
    ("service", "服务", &["service", "procurement", "talent"]),
];
/// Orders: key and name.
const ORDERS: [(&str, &str); 3] = [("", "匹配程度"), ("amount", "金额"), ("deadline", "截止日")];
/// Levels, from the widest.
const LEVELS: [Level; 5] = [Level::National, Level::Province, Level::City, Level::District, Level::Park];

/// True if the view leaves items out.
pub(crate) fn is_filtered(view: &MatchView<'_>) -> bool {
    !view.kind.is_empty() || !view.level.is_empty() || view.doable
}

/// Matches of one bucket that the view shows, in its order.
pub(crate) fn shown<'a>(
    bucket: Bucket,
    matches: &[&'a Match],
    rules: &Rules,
    view: &MatchView<'_>,
) -> Vec<&'a Match> {
    if view.doable && !matches!(bucket, Bucket::Closing | Bucket::Eligible) {
        return Vec::new();
    }
    let methods = GROUPS.iter().find(|(key, ..)| *key == view.kind).map(|(.., methods)| *methods);
    let of_kind = |one: &Match| {
        methods.is_none_or(|of| one.benefit.kinds.iter().any(|kind| of.contains(&kind.as_str())))
    };
    let of_level = |one: &Match| {
        let level = rules.item(&one.policy).and_then(|item| item.document.level);
        view.level.is_empty() || level.is_some_and(|level| level.name() == view.level)
    };
    let mut left: Vec<&Match> = matches.iter().copied().filter(|one| of_kind(one) && of_level(one)).collect();
    // Sorts are stable: equal ones stay in the order of the score.
    match view.sort {
        "amount" => left.sort_by_key(|one| std::cmp::Reverse(amount(one))),
        "deadline" => left.sort_by_key(|one| (one.window.closes.is_none(), one.window.closes)),
        _ => {}
    }
    left
}

/// Greatest sum that is known; nothing known comes last.
fn amount(one: &Match) -> Option<Number> {
    let range = one.worth.first_year.range()?;
    Some(range.high.clone().unwrap_or_else(|| range.low.clone()))
}

/// Form of the filters and the order, which works without a script.
pub(crate) fn filters(view: &MatchView<'_>) -> Markup {
    html! {
        form.row.filters method="get" action={ "/match/r/" (view.token) } aria-label="筛选与排序" {
            div.field {
                label for="kind" { "给什么" }
                select id="kind" name="kind" {
                    option value="" { "全部" }
                    @for (key, name, _) in GROUPS { option value=(key) selected[view.kind == key] { (name) } }
                }
            }
            div.field {
                label for="level" { "层级" }
                select id="level" name="level" {
                    option value="" { "全部" }
                    @for level in LEVELS { option value=(level.name()) selected[view.level == level.name()] { (level.name()) } }
                }
            }
            div.field {
                label for="sort" { "排序" }
                select id="sort" name="sort" { @for (key, name) in ORDERS { option value=(key) selected[view.sort == key] { (name) } } }
            }
            label.check { input type="checkbox" name="doable" value="1" checked[view.doable]; " 只看现在能办的" }
            button type="submit" { "筛选" }
        }
        @if is_filtered(view) { p.note { "已筛选，下面不是全部事项。" a href={ "/match/r/" (view.token) } { "看全部" } } }
    }
}

/// Actions on the result: its facts can be kept in the enterprise's file.
pub(crate) fn keeping(page: &MatchPage<'_>, view: &MatchView<'_>) -> Markup {
    html! {
        @if !view.saved.is_empty() {
            p.done role="status" { "已保存到企业档案，新增或更新 " (view.saved.chars().take(6).collect::<String>()) " 项。" }
        }
        @if view.can_save {
            details.fold {
                summary { "保存到企业档案" }
                form.row method="post" action={ "/match/r/" (view.token) "/save" } {
                    p.hint { "把本页已知的情况记入“" (page.report.id) "”的档案，下次按编号查找即可，不必再问。" }
                    div.field { label for="source" { "来源" } input id="source" name="source" maxlength="50" value="服务窗口"; }
                    button type="submit" { "保存" }
                }
            }
        }
    }
}
