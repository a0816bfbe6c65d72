//! The audit trail (审计): who did what, chained so that a changed line shows.

use maud::html;
use zhaoren_engine::{AuditCheck, AuditLine, Moment, moment_in_china};

use crate::Page;
use crate::frame::{Place, Viewer, frame};

/// The latest lines, with what checking the chain found.
pub fn audit(viewer: &Viewer, lines: &[AuditLine], check: &AuditCheck) -> Page {
    let body = html! {
        h1 { "审计" }
        p role="status" {
            @if check.faults.is_empty() { span.label.yes { "✓ 链条完整" } " 共 " (check.lines) " 条，逐条校验无改动。" }
            @else { span.label.no { "✗ 链条断裂" } " 有记录被改动或删去，请用 zhaoren audit verify 查看。" }
        }
        div.wide tabindex="0" role="region" aria-label="审计记录" {
            table {
                thead { tr { th scope="col" { "序号" } th scope="col" { "时间" } th scope="col" { "何人" } th scope="col" { "做了什么" } th scope="col" { "对象" } } }
                tbody {
                    @for line in lines {
                        tr {
                            td { (line.seq) }
                            td { (moment_in_china(Moment(line.at))) }
                            td { (line.actor) }
                            td { (line.action) }
                            td { (line.subject) }
                        }
                    }
                }
            }
        }
    };
    frame("审计", Place::Audit, viewer, &body)
}
