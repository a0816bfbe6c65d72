//! Messages to enterprises (消息): the waiting, the given up that can be retried, and the held back with their reasons.

use maud::{Markup, html};
use zhaoren_engine::{
    Message, MessageKind, MessageState, MessageStats, Moment, message_reason, moment_in_china,
};

use crate::Page;
use crate::frame::{Section, Viewer, layout};
use crate::number::grouped;
use crate::policy::encode_path;

/// Model of the messages page.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    /// Number of messages in each state, and the age of the oldest waiting one.
    pub standing: MessageStats,
    /// Suspended channels.
    pub suspended: Vec<Suspension>,
    /// Selected state.
    pub state: Option<MessageState>,
    /// Messages by number, each with the title of its item.
    pub messages: Vec<(Message, String)>,
    /// True if this is not the first page.
    pub is_later_page: bool,
    /// Cursor of the next page, if there is one.
    pub next: Option<i64>,
    /// Confirmation of the last action.
    pub confirmation: Option<&'static str>,
}

/// Channel on which sending is suspended, because its receiver fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspension {
    /// Name of the channel.
    pub channel: String,
    /// Moment of the suspension.
    pub since: Moment,
    /// Error of the receiver.
    pub error: String,
    /// Number of messages that wait.
    pub waiting: i64,
}

/// Banner of the suspended channels; nothing without one.
pub(crate) fn suspended(all: &[Suspension]) -> Markup {
    html! {
        @for one in all {
            p.fault role="alert" {
                "渠道 " (one.channel) " 自 " (moment_in_china(one.since)) " 起" (one.error) "，"
                (grouped(u64::try_from(one.waiting).unwrap_or(0))) " 条等候。接收方恢复后自动继续发送。"
            }
        }
    }
}

/// States, the most urgent first.
const STATES: [(MessageState, &str); 5] = [
    (MessageState::Waiting, "待发"),
    (MessageState::Dead, "已放弃"),
    (MessageState::Held, "暂不发"),
    (MessageState::Sent, "送达"),
    (MessageState::Withdrawn, "未发而取消"),
];

/// Messages page.
pub fn messages(viewer: &Viewer, outbox: &Outbox) -> Page {
    let body = html! {
        h1 { "消息" }
        (suspended(&outbox.suspended))
        @if let Some(confirmation) = outbox.confirmation { p.note role="status" { (confirmation) } }
        nav aria-label="消息的状态" {
            ul.tabs {
                @for (state, name) in STATES {
                    li {
                        a href={ "/messages?state=" (state.name()) } aria-current=[(outbox.state == Some(state)).then_some("page")] {
                            (name) "（" (grouped(outbox.standing.counts.get(&state).and_then(|count| u64::try_from(*count).ok()).unwrap_or(0))) "）"
                        }
                    }
                }
            }
        }
        @if let Some(since) = outbox.standing.oldest_unsent { p.about { "最早的一条从 " (moment_in_china(since)) " 起等候发送。" } }
        @if outbox.messages.is_empty() { p.empty { "没有消息。消息由 zhaoren messages make 从推送批次产生。" } }
        @else {
            div.wide tabindex="0" role="region" aria-label="消息" {
                table {
                    thead { tr { @for name in ["编号", "渠道", "企业编号", "事项", "说什么", "如何"] { th scope="col" { (name) } } } }
                    tbody { @for (message, title) in &outbox.messages { (row(message, title)) } }
                }
            }
        }
        nav.pages aria-label="翻页" {
            @if outbox.is_later_page { a rel="first" href=(address(outbox.state, None)) { "← 回到开头" } " " }
            @if let Some(next) = outbox.next { a rel="next" href=(address(outbox.state, Some(next))) { "下一页 →" } }
        }
        p { a href="/runs" { "← 推送批次" } }
    };
    layout("消息", Section::Runs, viewer, &body)
}

fn address(state: Option<MessageState>, after: Option<i64>) -> String {
    let state = state.map_or("", MessageState::name);
    match after {
        Some(after) => format!("/messages?state={state}&after={after}"),
        None => format!("/messages?state={state}"),
    }
}

fn row(message: &Message, title: &str) -> Markup {
    html! {
        tr {
            th scope="row" { (message.id) }
            td.word { (message.channel) }
            td.word { (message.enterprise) }
            td { a href={ "/policies/" (encode_path(&message.item)) } { (title) } }
            td.word { @match message.kind { MessageKind::Offer => { "告知" } MessageKind::Retraction => { "撤回" } } }
            td {
                (how(message))
                @if message.state == MessageState::Dead {
                    form.plain method="post" action={ "/messages/" (message.id) "/retry" } {
                        button.plain type="submit" aria-label={ "再发消息 " (message.id) } { "再发" }
                    }
                }
            }
        }
    }
}

/// State of a message in words.
fn how(message: &Message) -> String {
    let at = |moment: i64| moment_in_china(Moment(moment));
    let tried = || format!("试了 {} 次：{}", message.attempts, message.last_error);
    match message.state {
        MessageState::Sent => {
            message.sent_at.map_or_else(|| "送达".to_owned(), |sent| format!("{} 送达", at(sent)))
        }
        MessageState::Waiting if message.attempts > 0 => {
            format!("{} 再发（{}）", at(message.next_at), tried())
        }
        MessageState::Waiting => format!("{} 起可发", at(message.next_at)),
        MessageState::Dead => tried(),
        MessageState::Held | MessageState::Withdrawn => message_reason(&message.reason).to_owned(),
    }
}
