//! Presentation for people, shared by the terminal and the console.

use zhaoren_matcher::{ClauseReport, Match};
use zhaoren_policy::item::{Holding, Review, WindowState};
use zhaoren_policy::verdict::{ClauseState, Verdict};
use zhaoren_registry::AuditFault;

/// Parts of a report, by the action of the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportPart {
    /// 符合.
    Eligible,
    /// 符合申报条件, at the discretion of the office.
    MayApply,
    /// A title held whose renewal is due (复审、重新认定).
    Renewal,
    /// 已有: a title held, or a support given once that was received.
    Held,
    /// 待定.
    Undetermined,
    /// 符合 or 待定, but the application window is over: nothing can be done now.
    Closed,
    /// 不符合.
    Ineligible,
    /// Not in force on the day, or not for enterprises.
    NotInForce,
}

impl ReportPart {
    /// Every part with its heading, in display order.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Eligible, "符合"),
        (Self::MayApply, "符合申报条件，择优，不保证取得"),
        (Self::Renewal, "已有，现在可以复审或重新认定"),
        (Self::Undetermined, "待定"),
        (Self::Closed, "本期申报已截止，现在不能申报"),
        (Self::Ineligible, "不符合"),
        (Self::Held, "已有或已享受，不必再报"),
        (Self::NotInForce, "判定日未生效、已失效或不面向企业，仅供参考"),
    ];

    /// The part of a match.
    pub fn of(one: &Match) -> Self {
        let held = one.held.as_ref().map(Holding::is_blocking);
        match one.verdict {
            _ if !one.in_force => Self::NotInForce,
            _ if held == Some(true) => Self::Held,
            Verdict::Eligible | Verdict::Undetermined if one.window.state == WindowState::Closed => {
                Self::Closed
            }
            _ if held == Some(false) => Self::Renewal,
            Verdict::Eligible if one.competitive => Self::MayApply,
            Verdict::Eligible => Self::Eligible,
            Verdict::Undetermined => Self::Undetermined,
            Verdict::Ineligible => Self::Ineligible,
        }
    }
}

/// The facets of a search in display order, with their names.
pub const FACETS: [(&str, &str); 8] = [
    ("level", "层级"),
    ("region", "区域"),
    ("issuer", "发文机关"),
    ("kind", "文种"),
    ("method", "支持方式"),
    ("standing", "当日效力"),
    ("status", "原标效力"),
    ("year", "年份"),
];

/// The conditions worth showing to a person: of alternatives that are met, only the met ones; of a case or a score that is
/// met, only the result. `--json` has all of them.
pub fn visible_clauses(clauses: &[ClauseReport]) -> Vec<&ClauseReport> {
    let mut visible: Vec<&ClauseReport> = Vec::new();
    // Groups that are met, by path, with a flag that says if their met members are shown.
    let mut met: Vec<(&str, bool)> = Vec::new();
    for clause in clauses {
        let inside = |(path, _): &&(&str, bool)| {
            path.is_empty() || clause.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
        };
        let hides = |(_, members): &(&str, bool)| !(*members && clause.state == ClauseState::Met);
        let hidden = met.iter().filter(inside).any(hides);
        if hidden {
            continue;
        }
        if let (Some(group), ClauseState::Met) = (clause.group, clause.state) {
            met.push((&clause.path, matches!(group, "any" | "all")));
        }
        visible.push(clause);
    }
    visible
}

/// Notes and limits of an item, and what remains to be checked in its encoding, in display order.
pub fn show_notes(review: Option<&Review>, notes: &[String]) -> Vec<String> {
    let open = review.and_then(|review| review.note.clone());
    open.into_iter().chain(notes.iter().cloned()).collect()
}

/// An audit fault in words.
pub fn show_fault(fault: &AuditFault) -> String {
    match fault {
        AuditFault::Changed { seq } => format!("第 {seq} 行与其摘要不符：这一行被改动"),
        AuditFault::Torn { seq } => format!("第 {seq} 行接不上前一行：前一行被换掉或删去"),
        AuditFault::Gap { seq, expected } => format!("第 {expected} 行起缺失，下一行是第 {seq} 行"),
        AuditFault::Content { seq } => format!("第 {seq} 行写入的记录已不是当时的样子"),
        AuditFault::Record { kind, id } => format!("记录 {kind} {id} 与其摘要不符：内容被改动"),
        AuditFault::Unvouched { kind, id } => format!("记录 {kind} {id} 没有审计：不是由本程序写入"),
        AuditFault::Table { table, expected, found } => {
            format!("表 {table} 与末行所记不符（应有 {expected} 条，现有 {found} 条）：有记录被增、删或改")
        }
        AuditFault::State { seq } => {
            format!("审计状态与第 {seq} 行所记不符：连同记录一起被改动，或末尾被截去")
        }
        AuditFault::Stateless { seq } => format!("第 {seq} 行没有记下各表的状态：不是由本程序写入"),
        AuditFault::Unsigned { seq } => format!("末行（第 {seq} 行）没有签名或签名不符：不是由本机写入"),
        AuditFault::Signer { seq, signer } => {
            let whose = if signer.is_empty() { "未知" } else { signer };
            format!(
                "末行（第 {seq} 行）由另一把密钥 {whose} 签署：若由另一台机器写入，各机应共用一份 signing.key"
            )
        }
        AuditFault::Head { expected } => {
            format!("链中没有摘要为 {expected} 的行：末尾被截去，或是另一个登记库")
        }
    }
}
