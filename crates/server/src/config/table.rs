//! Table of settings.

use super::kind::Kind;

/// Definition of a setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Key: `limits.body` is `body` under `[limits]`.
    pub key: &'static str,
    /// Default value; empty is unset.
    pub default: &'static str,
    /// Value type.
    pub(crate) kind: Kind,
    /// Purpose, in Chinese.
    pub help: &'static str,
}

impl Setting {
    /// Environment variable of the setting.
    pub fn variable(&self) -> String {
        format!("ZHAOREN_{}", self.key.replace(['.', '-'], "_").to_ascii_uppercase())
    }

    /// Description of the accepted values.
    pub fn accepts(&self) -> String {
        self.kind.expected()
    }
}

const fn setting(key: &'static str, default: &'static str, kind: Kind, help: &'static str) -> Setting {
    Setting { key, default, kind, help }
}

/// All settings.
pub const SETTINGS: &[Setting] = &[
    setting("data", "./index/data", Kind::Path, "数据目录：登记库与索引"),
    setting("database_url", "", Kind::Text, "登记库所在的 PostgreSQL；不给出时为数据目录中的 SQLite"),
    setting(
        "listen",
        "127.0.0.1:8080",
        Kind::Address,
        "监听地址；非本机地址须先有密钥（zhaoren keys add）或 oidc",
    ),
    setting("hosts", "", Kind::Names, "未设密钥时，除本机名外还接受哪些主机名"),
    setting(
        "cors",
        "",
        Kind::Origins,
        "哪些网站的页面可以直接调用 /v1（CORS），如 https://portal.example；不给出时都不可以",
    ),
    setting("runs", "", Kind::Path, "推送结果所在目录，其下每个批次一个目录"),
    setting("channels", "", Kind::Path, "渠道文件；给出后在后台发送待发的消息"),
    setting("grace", "30s", Kind::Time, "收到停止信号后，未完成的请求最多再做多久"),
    setting("look", "2s", Kind::Time, "隔多久查看一次其他进程的导入"),
    setting("limits.body", "16MiB", Kind::Bytes, "请求内容的上限"),
    setting("limits.import", "256MiB", Kind::Bytes, "导入内容的上限"),
    setting("limits.line", "1MiB", Kind::Bytes, "流式请求中一行的上限"),
    setting("limits.time", "30s", Kind::Time, "一次请求的处理时限"),
    setting("limits.import_time", "15m", Kind::Time, "一次导入的处理时限"),
    setting("limits.silence", "15s", Kind::Time, "对方多久不发送内容即断开"),
    setting("limits.working", "0", Kind::Count, "同时处理几个请求；0 为处理器核数的 2 倍"),
    setting("limits.writing", "4", Kind::Count, "同时处理几个写入登记库的请求；与 limits.working 分开计"),
    setting("limits.waiting", "256", Kind::Count, "最多几个请求排队等候处理；读与写各计"),
    setting(
        "limits.bodies",
        "512MiB",
        Kind::Bytes,
        "全部请求留在内存中的内容合计上限；一个调用方至多占一半，但容得下一次导入",
    ),
    setting("limits.rate", "64KiB", Kind::Bytes, "超过 limits.time 之后，请求内容每秒至少应收到多少"),
    setting("limits.connections", "16384", Kind::Count, "同时打开的连接数上限"),
    setting("limits.per_minute", "0", Kind::Count, "每个调用方每分钟的请求数上限；0 为不限"),
    setting(
        "limits.sign_ins",
        "60",
        Kind::Count,
        "每个密钥每分钟的登录次数上限，也是每个地址出示错误密钥的上限；0 为不限",
    ),
    setting("limits.sessions", "16", Kind::Count, "每个密钥同时的登录会话数上限，超出时其最早的会话结束"),
    setting("limits.disk", "256MiB", Kind::Bytes, "数据目录所在磁盘剩余空间低于此值即为未就绪"),
    setting("oidc.issuer", "", Kind::Text, "身份提供方（iss）；给出后接受其令牌"),
    setting("oidc.audience", "zhaoren", Kind::Text, "令牌的受众（aud）"),
    setting("oidc.jwks", "", Kind::Path, "身份提供方公钥（JWK Set）文件"),
    setting("oidc.role_claim", "role", Kind::Text, "令牌中说明角色的字段"),
    setting("oidc.tenant_claim", "tenant", Kind::Text, "令牌中说明租户的字段；设为空即不分租户"),
    setting(
        "proposer.url",
        "",
        Kind::Text,
        "城市内网中语言模型的接口（OpenAI 兼容，到 /v1 为止）；给出后，可就草稿中没读出条件的句子请模型提建议",
    ),
    setting("proposer.model", "", Kind::Text, "模型的名称"),
    setting("proposer.key_file", "", Kind::Path, "模型接口的密钥文件；不给则不出示密钥"),
    setting("proposer.timeout", "30s", Kind::Time, "一次提问最多等多久"),
    setting("log.level", "info", Kind::OneOf(&["error", "warn", "info", "debug"]), "日志级别"),
    setting(
        "log.format",
        "auto",
        Kind::OneOf(&["auto", "json", "text"]),
        "日志格式；auto：终端上为文本，否则为 JSON",
    ),
];
