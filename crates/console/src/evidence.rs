//! Page on which the sentences found for the conditions of an item are confirmed as one set.

use maud::html;
use zhaoren_engine::EvidenceProposal;

use crate::Page;
use crate::frame::{Section, Viewer, layout};
use crate::policy::encode_path;

/// Proposal of one item; `None` if nothing was found.
pub fn evidence(viewer: &Viewer, item: (&str, &str), proposal: Option<&EvidenceProposal>) -> Page {
    let (id, title) = item;
    let body = html! {
        h1 { "各条件的原文：" a href={ "/policies/" (encode_path(id)) } { (title) } }
        @match proposal {
            None => { p.empty { "没有找到：原文尚未导入，或各条件已有原文。" } },
            Some(proposal) => {
                p.about { "原文：" a href={ "/policies/" (encode_path(&proposal.document)) } { (proposal.document) } }
                ol.conditions {
                    @for one in &proposal.found {
                        li {
                            div.condition { (one.rule) }
                            blockquote.quote { (one.quote) @if !one.article.is_empty() { cite { "—— " (one.article) } } }
                            @if let Some(cited) = &one.cited { p.no { "✗ 事项注明的条款是 " (cited) "，请核对" } }
                        }
                    }
                }
                @if !proposal.open.is_empty() {
                    h2 { "没有找到写明的句子" }
                    ul { @for rule in &proposal.open { li { (rule) } } }
                }
                form method="post" action={ "/items/" (encode_path(id)) "/evidence" } {
                    p { button type="submit" { "核对无误，提交复核" } }
                    p.hint { "提交后由另一人复核，通过后成为各条件的原文。" }
                }
            },
        }
    };
    layout(&format!("{title} 的原文"), Section::Review, viewer, &body)
}
