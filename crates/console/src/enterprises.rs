//! Page of the enterprises that qualify for one item.

use maud::{Markup, html};

use crate::Page;
use crate::frame::{Section, Viewer, layout};
use crate::policy::encode_path;

/// Stored enterprises by their verdict on one item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QualifyingEnterprises {
    /// Id of the item.
    pub item: String,
    /// Title of the item.
    pub title: String,
    /// Evaluation date.
    pub as_of: String,
    /// True if the item is in force on that day.
    pub is_in_force: bool,
    /// True if the viewer may see stored facts of enterprises.
    pub may_see: bool,
    /// Number of enterprises that were decided.
    pub decided: usize,
    /// True if there are more enterprises than are decided on a page.
    pub is_cut: bool,
    /// Number of those that are ineligible.
    pub ineligible: usize,
    /// Id and name of those that are eligible.
    pub eligible: Vec<(String, String)>,
    /// Id and name of those that are undetermined.
    pub undetermined: Vec<(String, String)>,
    /// Latest push run, on which the item can be tried too.
    pub run: Option<String>,
}

/// Renders the page.
pub fn enterprises(viewer: &Viewer, found: &QualifyingEnterprises) -> Page {
    let body = html! {
        h1 { "哪些企业符合：" a href={ "/policies/" (encode_path(&found.item)) } { (found.title) } }
        p.about { "判定日 " (found.as_of) @if found.may_see { "，已存企业 " (found.decided) " 家" } }
        @if !found.is_in_force { p.note { "这一事项当日未施行，列出的是满足申报条件的企业。" } }
        @if found.is_cut { p.note { "企业很多，这里只判定了前 " (found.decided) " 家；全部企业请用 zhaoren find。" } }
        @if !found.may_see { p.note { "您无权查看企业的指标，名单由帮办人员查看。" } }
        @else if found.decided == 0 { p.empty { "没有存入任何企业的指标。" } }
        @else {
            dl.counts {
                div.yes { dt { "符合" } dd { (found.eligible.len()) } }
                div.open { dt { "待定" } dd { (found.undetermined.len()) } }
                div.no { dt { "不符合" } dd { (found.ineligible) } }
            }
            (list("符合", &found.eligible))
            (list("待定", &found.undetermined))
        }
        @if let Some(run) = &found.run {
            p { a href={ "/runs/" (encode_path(run)) "?item=" (encode_path(&found.item)) } { "在最近一次推送的全部企业中查看" } }
        }
    };
    layout(&format!("哪些企业符合 {}", found.title), Section::Review, viewer, &body)
}

fn list(name: &str, enterprises: &[(String, String)]) -> Markup {
    html! {
        @if !enterprises.is_empty() {
            h2 { (name) "（" (enterprises.len()) "）" }
            ul {
                @for (id, title) in enterprises {
                    li { @if !title.is_empty() { (title) " " } span.about { (id) } }
                }
            }
        }
    }
}
