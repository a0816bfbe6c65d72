//! Parser of the channel file; every fault is reported with its line.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Cap, Channel, ChannelFault, Channels, QuietHours, Secret};
use crate::measure::parse_length;

/// Keys of a channel, each with the expected value.
const KEYS: [(&str, &str); 14] = [
    ("url", "应为 https:// 地址，不含用户名、密码、问号与井号；http:// 只可发往本机"),
    ("secret_file", "应为密钥文件的路径"),
    ("tenant", "应为租户的标识"),
    ("cap", "应为 条数/天数，如 3/7"),
    ("quiet", "应为 时:分-时:分（北京时间），如 20:00-08:00"),
    ("attempts", "应为 1 到 100 的整数"),
    ("backoff", "应为时长，如 500ms、30s、15m、1h"),
    ("longest", "应为时长，如 500ms、30s、15m、1h"),
    ("timeout", "应为时长，如 500ms、30s、15m、1h，至多 10m"),
    ("concurrency", "应为 1 到 256 的整数"),
    ("merge", "应为 true 或 false：同一企业的消息是否合为一条"),
    ("undetermined", "应为 true 或 false：待定的事项是否也告知企业"),
    ("ca_file", "应为证书文件（PEM）的路径"),
    ("note", "应为文字"),
];

/// Expected form of a secret.
const SECRET: &str = "每行应为 whsec_ 加 24 到 64 个随机字节的 base64，可用 openssl rand -base64 32 生成";

type Value<'a, 'b> = &'a Spanned<DeValue<'b>>;

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    faults: Vec<ChannelFault>,
}

pub(super) fn read(path: &Path, text: &str) -> Result<Channels, Vec<ChannelFault>> {
    let mut reader = Reader { path, text, faults: Vec::new() };
    let mut channels = Channels::default();
    match DeTable::parse(text) {
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            reader.fault(at, "TOML", format!("格式有误：{}", error.message()));
        }
        Ok(table) => {
            for (key, value) in in_order(table.get_ref()) {
                match (key.get_ref().as_ref(), value.get_ref()) {
                    ("channel", DeValue::Table(all)) => {
                        let read =
                            in_order(all).into_iter().filter_map(|(name, of)| reader.channel(name, of));
                        channels.all.extend(read.collect::<Vec<_>>());
                    }
                    (other, _) => {
                        reader.fault(key.span().start, other, "不认识：每个渠道写在 [channel.名称] 下")
                    }
                }
            }
            if channels.all.is_empty() && reader.faults.is_empty() {
                reader.fault(0, "channel", "没有渠道：每个渠道写在 [channel.名称] 下");
            }
        }
    }
    if reader.faults.is_empty() { Ok(channels) } else { Err(reader.faults) }
}

/// The entries of a table in the order of the file.
fn in_order<'a, 'b>(table: &'a DeTable<'b>) -> Vec<(&'a Spanned<std::borrow::Cow<'b, str>>, Value<'a, 'b>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

impl Reader<'_> {
    fn fault(&mut self, at: usize, key: &str, expected: impl Into<String>) {
        let line = self.text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1;
        let fault =
            ChannelFault { path: self.path.to_owned(), line, key: key.to_owned(), expected: expected.into() };
        self.faults.push(fault);
    }

    fn channel(
        &mut self,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        value: Value<'_, '_>,
    ) -> Option<Channel> {
        let (at, before) = (name.span().start, self.faults.len());
        let called = name.get_ref().to_string();
        let sound = |one: char| one.is_ascii_alphanumeric() || one == '-' || one == '_';
        if called.is_empty() || called.len() > 64 || !called.chars().all(sound) {
            self.fault(at, &format!("channel.{called}"), "名称应为字母、数字、连字符与下划线，至多 64 个");
        }
        let DeValue::Table(table) = value.get_ref() else {
            self.fault(at, &format!("channel.{called}"), "应为一节，如 [channel.portal]");
            return None;
        };
        let mut channel = Channel {
            name: called,
            tenant: String::new(),
            url: String::new(),
            secrets: Vec::new(),
            cap: None,
            quiet: None,
            attempts: 12,
            backoff: std::time::Duration::from_secs(10),
            max_backoff: std::time::Duration::from_secs(3_600),
            timeout: std::time::Duration::from_secs(10),
            concurrency: 8,
            merge: false,
            undetermined: false,
            ca_bundle: None,
        };
        for (key, value) in in_order(table) {
            self.entry(&mut channel, key, value);
        }
        for (missing, what) in [(channel.url.is_empty(), "url"), (channel.secrets.is_empty(), "secret_file")]
        {
            let given = in_order(table).iter().any(|(key, _)| key.get_ref() == what);
            if missing && !given {
                self.fault(
                    at,
                    &format!("channel.{}.{what}", channel.name),
                    format!("缺少；{}", expected(what)),
                );
            }
        }
        (self.faults.len() == before).then_some(channel)
    }

    fn entry(
        &mut self,
        channel: &mut Channel,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: Value<'_, '_>,
    ) {
        let (at, key) = (key.span().start, key.get_ref().as_ref());
        let path = format!("channel.{}.{key}", channel.name);
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.as_str().to_owned(),
            _ => String::new(),
        };
        let flag = match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => None,
        };
        let whole = |limit: u32| text.parse::<u32>().ok().filter(|number| (1..=limit).contains(number));
        let length = || parse_length(&text).filter(|length| !length.is_zero());
        let taken = match key {
            "url" => is_address(&text).then(|| channel.url.clone_from(&text)),
            "secret_file" => match self
                .beside(&text)
                .map_err(|why| (why, String::new()))
                .and_then(|(_, bytes)| secrets(&bytes).ok_or_else(|| (String::new(), SECRET.to_owned())))
            {
                Ok(secrets) => {
                    channel.secrets = secrets;
                    Some(())
                }
                Err((why, other)) => {
                    return self.fault(at, &path, if other.is_empty() { why } else { other });
                }
            },
            "ca_file" => match self.beside(&text) {
                Ok(found) => {
                    channel.ca_bundle = Some(found);
                    Some(())
                }
                Err(why) => return self.fault(at, &path, why),
            },
            "tenant" => (text.len() <= 64).then(|| channel.tenant.clone_from(&text)),
            "cap" => cap(&text).map(|cap| channel.cap = Some(cap)),
            "quiet" => quiet(&text).map(|quiet| channel.quiet = Some(quiet)),
            "attempts" => whole(100).map(|number| channel.attempts = number),
            "backoff" => length().map(|length| channel.backoff = length),
            "longest" => length().map(|length| channel.max_backoff = length),
            "timeout" => {
                length().filter(|length| length.as_secs() <= 600).map(|length| channel.timeout = length)
            }
            "concurrency" => {
                whole(256).map(|number| channel.concurrency = usize::try_from(number).unwrap_or(1))
            }
            "merge" => flag.map(|flag| channel.merge = flag),
            "undetermined" => flag.map(|flag| channel.undetermined = flag),
            "note" => Some(()),
            _ => {
                let known: Vec<&str> = KEYS.iter().map(|(key, _)| *key).collect();
                return self.fault(at, &path, format!("不认识，可用的有 {}", known.join("、")));
            }
        };
        if taken.is_none() {
            self.fault(at, &path, expected(key));
        }
    }

    /// Reads a file named by a channel, relative to the channel file.
    fn beside(&self, name: &str) -> Result<(PathBuf, Vec<u8>), String> {
        let path = self.path.parent().unwrap_or(Path::new("")).join(name);
        match std::fs::read(&path) {
            Ok(bytes) => Ok((path, bytes)),
            // The path itself may be a misplaced secret.
            Err(error) => Err(format!("读不了这个文件：{error}")),
        }
    }
}

fn expected(key: &str) -> &'static str {
    KEYS.iter().find(|(known, _)| *known == key).map_or("", |(_, expected)| expected)
}

/// True for an acceptable address: encrypted or on this machine, without anything that could be a secret.
fn is_address(text: &str) -> bool {
    let (rest, plain) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (rest, false),
        (_, Some(rest)) => (rest, true),
        _ => return false,
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = match authority.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((host, port)) => (host, port),
        None => authority.find(':').and_then(|at| authority.split_at_checked(at)).unwrap_or((authority, "")),
    };
    let port_fits = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    let local = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let clean = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"@?#\\".contains(&byte));
    clean && !host.is_empty() && port_fits && (!plain || local)
}

fn secrets(bytes: &[u8]) -> Option<Vec<Secret>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let secret = |line: &str| {
        let bytes = STANDARD.decode(line.strip_prefix("whsec_")?).ok()?;
        (24..=64).contains(&bytes.len()).then_some(Secret(bytes))
    };
    lines.map(secret).collect::<Option<Vec<_>>>().filter(|all| !all.is_empty())
}

fn cap(text: &str) -> Option<Cap> {
    let (offers, days) = text.split_once('/')?;
    let (offers, days) = (offers.trim().parse().ok()?, days.trim().parse().ok()?);
    (offers > 0 && (1..=3_660).contains(&days)).then_some(Cap { offers, days })
}

fn quiet(text: &str) -> Option<QuietHours> {
    let (from, until) = text.split_once('-')?;
    let minute = |text: &str| {
        let (hour, minute) = text.trim().split_once(':')?;
        let (hour, minute) = (hour.parse::<u32>().ok()?, minute.parse::<u32>().ok()?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    };
    let (from, until) = (minute(from)?, minute(until)?);
    (from != until).then_some(QuietHours { from, until })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_tls_or_local_and_hold_no_secret() {
        for sound in [
            "https://portal.example.cn/hooks",
            "https://10.1.2.3:8443",
            "http://127.0.0.1:9/x",
            "http://localhost/x",
            "http://[::1]:80/",
            "https://[2001:db8::1]/x",
        ] {
            assert!(is_address(sound), "{sound}");
        }
        for wrong in [
            "",
            "portal.example.cn",
            "ftp://portal.example.cn",
            "http://portal.example.cn/",
            "http://127.0.0.1.example.cn/",
            "https://",
            "https:///x",
            "https://user:word@portal.example.cn/",
            "https://portal.example.cn/?token=1",
            "https://portal.example.cn/#x",
            "https://portal.example.cn:port/",
            "https://门户.cn/",
            "https://portal.example.cn/a b",
        ] {
            assert!(!is_address(wrong), "{wrong}");
        }
    }

    #[test]
    fn caps_and_quiet_hours_are_read_or_refused() {
        assert_eq!(cap("3/7"), Some(Cap { offers: 3, days: 7 }));
        assert_eq!(quiet("20:00-08:30"), Some(QuietHours { from: 1_200, until: 510 }));
        for wrong in ["", "3", "0/7", "3/0", "-1/7", "三/七"] {
            assert_eq!(cap(wrong), None, "{wrong}");
        }
        for wrong in ["", "20-8", "24:00-08:00", "08:60-09:00", "08:00-08:00"] {
            assert_eq!(quiet(wrong), None, "{wrong}");
        }
    }
}
