//! `zhaoren messages`: messages to enterprises, made from runs, sent, and listed.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};
use zhaoren_courier::{
    Courier, DeliveryCounts, DeliveryObserver, StopCondition, StopSignal, TestOutcome, send_test,
};
use zhaoren_engine::{
    AttemptCounts, Channels, EngineError, Home, Message, MessageCounts, MessageFilter, MessageKind,
    MessageState, Moment, Principal, Records, message_json, message_reason, moment_in_china, now,
};

use crate::args::{MessagesArgs, MessagesWork};
use crate::exit::{CannotRun, Outcome};

/// `zhaoren messages`
pub(crate) fn messages(home: &Home, json: bool, args: &MessagesArgs) -> Result<Outcome, CannotRun> {
    match &args.work {
        MessagesWork::Make { run, channel } => make(home, json, &channels(args)?, run, channel),
        MessagesWork::Send { channel, until_empty } => {
            let mut channels = channels(args)?;
            if let Some(name) = channel {
                named(&channels, name)?;
                channels.all.retain(|one| one.name == *name);
            }
            let until = if *until_empty { StopCondition::NoneWaiting } else { StopCondition::NoneDue };
            send(home, json, &channels, until)
        }
        MessagesWork::Test { channel } => test(json, named(&channels(args)?, channel)?),
        MessagesWork::List { state, channel, after, limit, tenant } => {
            let filter = MessageFilter {
                tenant: Some(tenant.clone()).filter(|tenant| !tenant.is_empty()),
                state: state.as_deref().and_then(MessageState::from_name),
                channel: channel.clone(),
                after: *after,
                limit: *limit,
            };
            list(home, json, &filter)
        }
        MessagesWork::Retry { ids, dead } => {
            let records = Records::open_existing(home)?;
            let ids = (!dead).then_some(ids.as_slice());
            let count = records.retry_messages(&Principal::local().write_context(now()), ids)?;
            let mut out = crate::terminal::stdout();
            if json {
                writeln!(out, "{}", json!({"retried": count}))?;
            } else {
                writeln!(out, "再发 {count} 条")?;
            }
            Ok(Outcome::Done)
        }
        MessagesWork::Show { id } => {
            let found = Records::open_existing(home)?.message(None, id)?;
            let found = found.ok_or_else(|| format!("没有消息 `{id}`"))?;
            writeln!(crate::terminal::stdout(), "{}", serde_json::to_string_pretty(&message_json(&found))?)?;
            Ok(Outcome::Done)
        }
    }
}

fn channels(args: &MessagesArgs) -> Result<Channels, CannotRun> {
    let path = args.channels.as_deref().ok_or("须以 --channels 或 ZHAOREN_CHANNELS 给出渠道文件")?;
    Channels::open(path).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        lines.join("\n").into()
    })
}

fn named<'a>(channels: &'a Channels, name: &str) -> Result<&'a zhaoren_engine::Channel, CannotRun> {
    channels.find(name).ok_or_else(|| format!("没有渠道 `{name}`，有 {}", channels.names()).into())
}

fn test(json: bool, channel: &zhaoren_engine::Channel) -> Result<Outcome, CannotRun> {
    let TestOutcome { id, body, failure } = send_test(channel)?;
    let mut out = crate::terminal::stdout();
    if json {
        let body: Value = serde_json::from_str(&body)?;
        let outcome = json!({"channel": channel.name, "id": id, "accepted": failure.is_none(), "error": failure, "body": body});
        writeln!(out, "{outcome}")?;
    } else {
        match &failure {
            None => writeln!(out, "渠道 {}：接收方已收下测试消息 {id}", channel.name)?,
            Some(error) => writeln!(out, "渠道 {}：接收方没有收下测试消息 {id}：{error}", channel.name)?,
        }
        writeln!(out, "{body}")?;
    }
    Ok(if failure.is_none() { Outcome::Done } else { Outcome::InvalidInput })
}

fn make(
    home: &Home,
    json: bool,
    channels: &Channels,
    folder: &Path,
    channel: &str,
) -> Result<Outcome, CannotRun> {
    let channel = named(channels, channel)?;
    let (records, who) = (Records::open(home)?, Principal::local());
    let (as_of, made) = records.make_messages(&who, channel, folder)?;
    let mut out = crate::terminal::stdout();
    let Some(made) = made else {
        if json {
            let made = MessageCounts::default();
            writeln!(out, "{}", json!({"channel": channel.name, "as_of": as_of, "made": made}))?;
        } else {
            writeln!(out, "这一批的消息早已制作，其后又制作过另一批的：没有新的")?;
        }
        return Ok(Outcome::Done);
    };
    if json {
        writeln!(out, "{}", json!({"channel": channel.name, "as_of": as_of, "made": made}))?;
    } else {
        let MessageCounts { offers, retractions, held, withdrawn } = made;
        writeln!(out, "渠道 {}：待发 告知 {offers} 条、撤回 {retractions} 条", channel.name)?;
        writeln!(out, "暂不发 {held} 条，未发而取消 {withdrawn} 条")?;
    }
    Ok(Outcome::Done)
}

/// Prints delivery errors on stderr.
struct Aloud;

impl DeliveryObserver for Aloud {
    fn on_recorded(&self, _: &str, _: AttemptCounts, _: usize) {}

    fn on_circuit(&self, channel: &str, opened: Option<(Moment, &str)>) {
        match opened {
            Some((_, error)) => tell!("渠道 {channel}：{error}，暂停发送，隔一阵试一条"),
            None => tell!("渠道 {channel}：接收方恢复，继续发送"),
        }
    }

    fn on_error(&self, channel: &str, error: &EngineError) {
        tell!("渠道 {channel}：{error}");
    }
}

fn send(home: &Home, json: bool, channels: &Channels, until: StopCondition) -> Result<Outcome, CannotRun> {
    let courier = Courier::open(Records::open(home)?, channels, Principal::local())?;
    let carried = courier.deliver(until, &StopSignal::default(), &Aloud)?;
    let mut out = crate::terminal::stdout();
    if json {
        let row = |one: &DeliveryCounts| {
            let quiet = one.quiet_until.map(moment_in_china);
            json!({
                "channel": one.channel, "sent": one.sent, "again": one.retried, "dead": one.dead,
                "refused": one.refused, "quiet_until": quiet, "suspended": one.circuit_open,
            })
        };
        writeln!(out, "{}", json!({"channels": carried.iter().map(row).collect::<Vec<Value>>()}))?;
    } else {
        for one in &carried {
            writeln!(
                out,
                "渠道 {}：送达 {} 条，失败待重试 {} 次，放弃 {} 条，因企业拒绝不发 {} 条",
                one.channel, one.sent, one.retried, one.dead, one.refused
            )?;
            if let Some(error) = &one.circuit_open {
                writeln!(out, "渠道 {}：接收方不可用（{error}），其余消息仍在等候", one.channel)?;
            }
            if let Some(until) = one.quiet_until {
                writeln!(out, "渠道 {}：免打扰时段，{} 起再发", one.channel, moment_in_china(until))?;
            }
        }
    }
    let dead: u64 = carried.iter().map(|one| one.dead).sum();
    if dead > 0 {
        tell!("放弃了 {dead} 条，可用 zhaoren messages list --state dead 查看，messages retry 再发");
        return Ok(Outcome::InvalidInput);
    }
    Ok(Outcome::Done)
}

fn list(home: &Home, json: bool, filter: &MessageFilter) -> Result<Outcome, CannotRun> {
    let records = Records::open_existing(home)?;
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    for one in records.messages(filter)? {
        if json {
            writeln!(out, "{}", message_json(&one))?;
        } else {
            line(&mut out, &one)?;
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
}

fn line(out: &mut dyn Write, one: &Message) -> std::io::Result<()> {
    let kind = match one.kind {
        MessageKind::Offer => "告知",
        MessageKind::Retraction => "撤回",
    };
    let at = |moment: i64| moment_in_china(Moment(moment));
    let state = match (one.state, one.sent_at) {
        (MessageState::Sent, Some(sent)) => format!("送达 {}", at(sent)),
        (MessageState::Waiting, _) if one.attempts > 0 => {
            format!("待重试 {}（已试 {} 次：{}）", at(one.next_at), one.attempts, one.last_error)
        }
        (MessageState::Dead, _) => format!("已放弃（试了 {} 次：{}）", one.attempts, one.last_error),
        (MessageState::Withdrawn, _) => format!("已取消（{}）", message_reason(&one.reason)),
        (MessageState::Held, _) => format!("暂不发（{}）", message_reason(&one.reason)),
        (MessageState::Waiting | MessageState::Sent, _) => format!("待发 {}", at(one.next_at)),
    };
    writeln!(out, "{:>6}  {}  {kind}  {}  {}  {state}", one.id, one.channel, one.enterprise, one.item)
}
