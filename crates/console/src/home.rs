//! Home page: a search box, and the size of the catalogue.

use maud::html;

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

/// Home page.
pub fn home(viewer: &Viewer, counts: Counts) -> Page {
    let body = html! {
        h1 { "惠企政策检索" }
        (search_box(&SearchForm::default()))
        p.hint {
            "可以输入文字、拼音、首字母（zjtx）、文号；“引号”内为短语，-词 表示不含，字段:值 缩小范围，例如 "
            a href="/?q=稳岗返还" { "稳岗返还" } "、" a href="/?q=沪经信规范〔2023〕7号" { "文号" } "、"
            a href="/?q=研发费用 地区:上海" { "研发费用 地区:上海" } "。"
        }
        dl.counts {
            div { dt { "政策事项" } dd { (counts.items) } }
            div { dt { "现行有效" } dd { (counts.in_force) } }
            @if counts.unverified > 0 { div { dt { "条件未与原文核对" } dd { (counts.unverified) } } }
        }
        p { a.button href="/match" { "为一家企业匹配政策" } }
    };
    layout("检索", Section::Search, viewer, &body)
}
