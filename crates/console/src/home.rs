//! Home page: a search box, what is new today, topics, and the size of the catalogue.

use maud::{Markup, html};

use crate::frame::{Section, Viewer, layout};
use crate::search::search_box;
use crate::{Page, SearchForm};

/// Counts of the catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Items available for matching.
    pub items: usize,
    /// Of those, items in force today.
    pub in_force: usize,
    /// Items whose conditions were not checked against the text.
    pub unverified: usize,
}

/// News of the day (今天).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HomeNews {
    /// Items in force whose window closes soon: id, title, window in words; the first to close comes first.
    pub closing: Vec<(String, String, String)>,
    /// Items in force of the newest documents: id, title, day of publication.
    pub newest: Vec<(String, String, String)>,
    /// Drafts that wait for a review; `None` if the viewer may not see them.
    pub drafts: Option<usize>,
    /// Latest run, with its new and gone rows; `None` if there is none, or the viewer may not see it.
    pub run: Option<(String, u64, u64)>,
}

/// Topics, each with the words that are searched for.
const TOPICS: [(&str, &str); 9] = [
    ("招人", "招用 就业 补贴"),
    ("融资", "贷款 担保 贴息"),
    ("研发", "研发费用"),
    ("租金", "房租 补贴"),
    ("税费", "减征 免征"),
    ("资质", "认定 评价"),
    ("出口", "出口企业"),
    ("新办企业", "创业 开办"),
    ("信用修复", "信用修复"),
];

/// Home page.
pub fn home(viewer: &Viewer, counts: Counts, news: &HomeNews) -> Page {
    let body = html! {
        h1 { "惠企政策检索" }
        (search_box(&SearchForm::default()))
        p.hint {
            "可以输入文字、拼音、首字母（zjtx）、文号；“引号”内为短语，-词 表示不含，字段:值 缩小范围，例如 "
            a href="/?q=稳岗返还" { "稳岗返还" } "、" a href="/?q=沪经信规范〔2023〕7号" { "文号" } "、"
            a href="/?q=研发费用 地区:上海" { "研发费用 地区:上海" } "。"
        }
        nav.topics aria-label="主题" {
            "主题：" @for (name, words) in TOPICS { a.tag href={ "/?q=" (crate::policy::encode_path(words)) } { (name) } " " }
        }
        (today(news))
        dl.counts {
            div { dt { "政策事项" } dd { (counts.items) } }
            div { dt { "现行有效" } dd { (counts.in_force) } }
            @if counts.unverified > 0 { div { dt { "条件未与原文核对" } dd { (counts.unverified) } } }
        }
        p { a.button href="/match" { "为一家企业匹配政策" } }
    };
    layout("检索", Section::Search, viewer, &body)
}

fn today(news: &HomeNews) -> Markup {
    let list = |items: &[(String, String, String)]| {
        html! {
            ul { @for (id, title, words) in items { li { a href={ "/policies/" (crate::policy::encode_path(id)) } { (title) } span.hint { " " (words) } } } }
        }
    };
    let has_work = news.drafts.is_some_and(|count| count > 0) || news.run.is_some();
    html! {
        @if has_work || !news.closing.is_empty() || !news.newest.is_empty() {
            section.today aria-labelledby="today" {
                h2 id="today" { "今天" }
                @if let Some(count) = news.drafts.filter(|count| *count > 0) {
                    p { a href="/reviews" { "待复核 " (count) " 件" } }
                }
                @if let Some((run, new, gone)) = &news.run {
                    p { "最近一批推送 " a href={ "/runs/" (crate::policy::encode_path(run)) } { (run) } "：新增 " (crate::number::grouped(*new)) "，移出 " (crate::number::grouped(*gone)) }
                }
                @if !news.closing.is_empty() { h3 { "即将截止" } (list(&news.closing)) }
                @if !news.newest.is_empty() { h3 { "新近发布" } (list(&news.newest)) }
            }
        }
    }
}
