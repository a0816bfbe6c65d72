//! Page of a what-if (政策沙盘): enterprises that would enter or leave an item if its thresholds were different.

use maud::{Markup, html};
use serde_json::Value as Json;

use crate::Page;
use crate::frame::{Section, Viewer, layout};
use crate::policy::encode_path;
use crate::runs::{count, text};

/// Settable value of an item, and the text typed for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// Path of the value: `all[0].at_least`.
    pub path: String,
    /// Condition that it belongs to.
    pub condition: String,
    /// Present value.
    pub value: String,
    /// Value for every variant; empty for the present value.
    pub set: String,
    /// Values tried one after the other; empty for none.
    pub values: String,
}

/// Model of the what-if page: one item tried on the enterprises of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Sandbox {
    /// Name of the run.
    pub run: String,
    /// Id of the item.
    pub item: String,
    /// Title of the item.
    pub title: String,
    /// Settable values, in the item's order.
    pub trials: Vec<Trial>,
    /// Result, as in `zhaoren what-if --json`, or errors in the input.
    pub found: Result<Json, Vec<String>>,
}

/// Renders the page.
pub fn what_if(viewer: &Viewer, sandbox: &Sandbox) -> Page {
    let here = format!("/runs/{}/what-if", encode_path(&sandbox.run));
    let body = html! {
        h1 { "政策沙盘：" a href={ "/policies/" (encode_path(&sandbox.item)) } { (sandbox.title) } }
        p { "门槛动一动，批次 " a href={ "/runs/" (encode_path(&sandbox.run)) } { (sandbox.run) } " 的企业里会多出谁、少了谁。只是试算：不改事项，不进名单。" }
        @match &sandbox.found {
            Err(lines) => { div.fault role="alert" { @for line in lines { p { (line) } } } }
            Ok(found) => { (shown(found)) }
        }
        form method="get" action=(here) {
            input type="hidden" name="item" value=(sandbox.item);
            h2 id="trials" { "设想" }
            p.hint { "“改为”在每个设想中都成立；“逐个试”用逗号隔开，每个值是一个设想；都不填时逐条取消。可写单位，如 500万元、30%；写 null 为取消。" }
            div.wide tabindex="0" role="region" aria-labelledby="trials" {
                table {
                    thead { tr { @for name in ["条件", "现行", "改为", "逐个试"] { th scope="col" { (name) } } } }
                    tbody { @for trial in &sandbox.trials { (row(trial)) } }
                }
            }
            p { button type="submit" { "试算" } " " a.button.plain href={ (here) "?item=" (encode_path(&sandbox.item)) } { "清空" } }
        }
        p { a href={ "/runs/" (encode_path(&sandbox.run)) "?item=" (encode_path(&sandbox.item)) } { "← 漏斗" } }
    };
    layout(&format!("政策沙盘 {}", sandbox.title), Section::Runs, viewer, &body)
}

fn row(trial: &Trial) -> Markup {
    let field = |kind: &str, name: &str, value: &str| {
        html! {
            input name={ (kind) "." (trial.path) } value=(value) maxlength="400" autocomplete="off"
                aria-label={ (name) "：" (trial.condition) "（" (trial.path) "）" };
        }
    };
    html! {
        tr {
            th scope="row" { (trial.condition) " " span.hint { (trial.path) } }
            td { (trial.value) }
            td { (field("set", "改为", &trial.set)) }
            td { (field("try", "逐个试", &trial.values)) }
        }
    }
}

fn shown(found: &Json) -> Markup {
    let variants = found.get("variants").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    html! {
        p { "企业 " (count(found, "/base/enterprises")) " 家，判定日 " (text(found, "/base/as_of")) }
        div.wide tabindex="0" role="region" aria-label="各个设想" {
            table {
                thead { tr {
                    th scope="col" { "设想" }
                    @for (name, why) in [("符合", ""), ("待定", ""), ("不符合", ""), ("新进", "现在不确定符合，那时确定符合"),
                        ("退出", "现在确定符合，那时不再"), ("新可能", "现在确定不符合，那时有可能"), ("不再能", "现在有可能，那时确定不符合")] {
                        th.number scope="col" title=[(!why.is_empty()).then_some(why)] { (name) }
                    }
                } }
                tbody {
                    tr {
                        th scope="row" { "现行" }
                        @for key in ["eligible", "undetermined", "ineligible"] { td.number { (count(found, &format!("/base/{key}"))) } }
                        @for _ in 0..4 { td.number { "—" } }
                    }
                    @for variant in variants {
                        tr {
                            th scope="row" { (changes(variant)) }
                            @for key in ["eligible", "undetermined", "ineligible", "gained", "lost", "opened", "closed"] {
                                td.number { (count(variant, &format!("/{key}"))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Differences between a variant and the present item.
fn changes(variant: &Json) -> Markup {
    let moved = variant.get("set").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    html! {
        @for (at, one) in moved.iter().enumerate() {
            @if at > 0 { "；" }
            @match one.get("after").and_then(Json::as_str) {
                Some(after) => { (after) " " span.hint { "原为 " (text(one, "/before")) } }
                None => { "取消 " del { (text(one, "/before")) } }
            }
        }
    }
}
