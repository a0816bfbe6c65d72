//! Audit trail (审计): who did what, in a hash chain that reveals any changed line.

use maud::{Markup, html};
use zhaoren_engine::{AuditCheck, AuditLine, LastCheck, Moment, moment_in_china, show_fault};

use crate::Page;
use crate::frame::{Section, Viewer, layout};

/// Model of the audit page.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    /// Lines, newest first, each with the display name of its actor.
    pub lines: Vec<(AuditLine, String)>,
    /// Cursor of the next page of earlier lines, if there is one.
    pub earlier: Option<i64>,
    /// True if this is not the first page.
    pub is_later_page: bool,
    /// Filter as it was entered.
    pub filter: AuditFilterForm,
    /// Choices of the actor filter: name in the records, display name.
    pub people: Vec<(String, String)>,
    /// True if the viewer may check the whole chain.
    pub can_check: bool,
    /// Last check of the chain.
    pub last: Option<LastCheck>,
    /// Check that was made by this request.
    pub check: Option<AuditCheck>,
}

/// Filter of the audit page; an empty text matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilterForm {
    /// Actor.
    pub actor: String,
    /// Action.
    pub action: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub until: String,
}

impl AuditFilterForm {
    fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Address of this filter's lines before line `before`.
    fn address(&self, before: Option<i64>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let parts = [("actor", &self.actor), ("action", &self.action), ("from", &self.from)];
        for (key, value) in parts.into_iter().chain([("until", &self.until)]) {
            if !value.is_empty() {
                query.append_pair(key, value);
            }
        }
        if let Some(before) = before {
            query.append_pair("before", &before.to_string());
        }
        format!("/audit?{}", query.finish())
    }
}

/// Display names of the actions. An action that is missing here is shown by its key.
const ACTIONS: [(&str, &str); 32] = [
    ("import", "导入文件与事项"),
    ("item.withdraw", "撤下事项"),
    ("document.withdraw", "撤下文件"),
    ("draft.propose", "提出修改"),
    ("draft.review", "审核修改"),
    ("facts.put", "存入企业指标"),
    ("facts.read", "查看企业指标"),
    ("source.trust", "设定来源可信度"),
    ("enterprise.forget", "删除企业指标"),
    ("push", "推送批次"),
    ("messages.run", "开始制作消息"),
    ("messages.make", "制作消息"),
    ("messages.send", "发送消息"),
    ("channel.suspend", "渠道暂停发送"),
    ("channel.resume", "渠道恢复发送"),
    ("messages.hold", "暂不发消息"),
    ("messages.retry", "再发消息"),
    ("outcomes", "记录推送结果"),
    ("opt_out", "登记拒收"),
    ("opt_in", "取消拒收"),
    ("receipt.issue", "出具凭据"),
    ("key.add", "建立密钥"),
    ("key.confirm", "确认密钥"),
    ("key.revoke", "停用密钥"),
    ("key.waive", "免用密钥"),
    ("index.verify", "核对索引"),
    ("index.rebuild", "重建索引"),
    ("index.rollback", "回退索引"),
    ("tenant.put", "登记租户"),
    ("audit.verify", "校验审计"),
    ("backup", "备份"),
    ("retention", "清理旧数据"),
];

fn in_words(action: &str) -> &str {
    ACTIONS.iter().find(|(known, _)| *known == action).map_or(action, |(_, word)| word)
}

/// Audit page.
pub fn audit(viewer: &Viewer, trail: &Trail) -> Page {
    let body = html! {
        h1 { "审计" }
        @if trail.can_check { (checked(trail)) }
        (filter(trail))
        @if trail.lines.is_empty() {
            p.empty { @if trail.filter.is_all() { "没有更早的记录。" } @else { "没有符合条件的记录。" } }
        } @else { (table(&trail.lines)) }
        nav.pages aria-label="翻页" {
            @if trail.is_later_page { a rel="first" href=(trail.filter.address(None)) { "← 回到最新" } " " }
            @if let Some(before) = trail.earlier { a rel="next" href=(trail.filter.address(Some(before))) { "更早 →" } }
        }
    };
    layout("审计", Section::Audit, viewer, &body)
}

/// Result of the last check, and a button to check again.
fn checked(trail: &Trail) -> Markup {
    html! {
        section.checked aria-label="校验" {
            div role="status" {
                @match (&trail.check, &trail.last) {
                    (Some(check), _) if check.faults.is_empty() => p {
                        span.label.yes { "✓ 链条完整" }
                        " 刚刚校验：" (check.lines) " 行、" (check.records) " 条记录，逐条无改动。"
                    },
                    (Some(check), _) => {
                        p { span.label.no { "✗ 发现改动" } " 刚刚校验：" (check.lines) " 行中有 " (check.faults.len()) " 处与记录不符。" }
                        ul { @for fault in check.faults.iter().take(FAULTS) { li { (show_fault(fault)) } } }
                        @if check.faults.len() > FAULTS { p.hint { "其余见 zhaoren audit verify。" } }
                    },
                    (None, Some(last)) => p {
                        @if last.faults == 0 { span.label.yes { "✓ 上次校验完整" } } @else { span.label.no { "✗ 上次校验有 " (last.faults) " 处改动" } }
                        " " (moment_in_china(last.at)) "，" (last.lines) " 行、" (last.records) " 条记录。"
                    },
                    (None, None) => p { span.label { "— 尚未校验" } },
                }
                @if let Some(check) = trail.check.as_ref().filter(|check| check.faults.is_empty()) {
                    p.hint { "末行摘要 " code { (check.head) } "，另处保存后可用 zhaoren audit verify --head 核验末尾未被截去。" }
                }
            }
            form.plain method="post" action="/audit" { button type="submit" { "立即校验" } }
        }
    }
}

/// Number of faults listed on the page.
const FAULTS: usize = 20;

fn filter(trail: &Trail) -> Markup {
    let chosen = &trail.filter;
    let known = trail.people.iter().any(|(id, _)| *id == chosen.actor);
    html! {
        form.row.filter method="get" action="/audit" {
            div.field {
                label for="actor" { "何人" }
                select id="actor" name="actor" {
                    option value="" { "全部" }
                    @if !known && !chosen.actor.is_empty() { option value=(chosen.actor) selected { (chosen.actor) } }
                    @for (id, name) in &trail.people { option value=(id) selected[*id == chosen.actor] { (name) "（" (id) "）" } }
                }
            }
            div.field {
                label for="action" { "做了什么" }
                select id="action" name="action" {
                    option value="" { "全部" }
                    @for (action, word) in ACTIONS { option value=(action) selected[action == chosen.action] { (word) } }
                }
            }
            div.field { label for="from" { "自" } input id="from" name="from" type="date" value=(chosen.from); }
            div.field { label for="until" { "至" } input id="until" name="until" type="date" value=(chosen.until); }
            button type="submit" { "筛选" }
            @if !chosen.is_all() { a href="/audit" { "清除" } }
        }
    }
}

fn table(lines: &[(AuditLine, String)]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="审计记录" {
            table {
                thead { tr { th.number scope="col" { "序号" } @for name in ["时间", "何人", "做了什么", "对象", "详情"] { th scope="col" { (name) } } } }
                tbody {
                    @for (line, who) in lines {
                        tr {
                            td.number { (line.seq) }
                            td.time { (moment_in_china(Moment(line.at))) }
                            td {
                                (who)
                                @if *who != line.actor { " " span.hint { (line.actor) } }
                                @if !line.tenant.is_empty() { " " span.hint { "@" (line.tenant) } }
                            }
                            td.word { (in_words(&line.action)) }
                            td { (line.subject) }
                            td { @if !line.detail.is_empty() { details { summary { "查看" } code.detail { (line.detail) } } } }
                        }
                    }
                }
            }
        }
    }
}
