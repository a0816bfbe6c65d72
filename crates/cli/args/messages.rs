//! Arguments of `messages`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `messages`
#[derive(Debug, Args)]
pub(crate) struct MessagesArgs {
    /// 渠道文件（TOML）
    #[arg(long, global = true, value_name = "FILE", env = "ZHAOREN_CHANNELS")]
    pub(crate) channels: Option<PathBuf>,
    /// 做什么
    #[command(subcommand)]
    pub(crate) work: MessagesWork,
}

/// Subcommands of `messages`.
#[derive(Debug, Subcommand)]
pub(crate) enum MessagesWork {
    /// 由一批推送结果制作消息：该告知的、该撤回的，暂不发的记明原因
    Make {
        /// 已完成的推送结果目录
        run: PathBuf,
        /// 渠道的名称
        #[arg(long, value_name = "NAME")]
        channel: String,
    },
    /// 发送到期的消息
    Send {
        /// 只发这个渠道的；不给则发渠道文件中的全部
        #[arg(long, value_name = "NAME")]
        channel: Option<String>,
        /// 直到没有待发的：失败的等到重试，只有免打扰时段不等
        #[arg(long)]
        until_empty: bool,
    },
    /// 发一条测试消息：核对接收方的地址与签名，不记入登记库
    Test {
        /// 渠道的名称
        #[arg(long, value_name = "NAME")]
        channel: String,
    },
    /// 列出消息
    List {
        /// 只列这个状态的
        #[arg(long, value_parser = ["waiting", "sent", "dead", "withdrawn", "held"])]
        state: Option<String>,
        /// 只列这个渠道的
        #[arg(long, value_name = "NAME")]
        channel: Option<String>,
        /// 从这个编号之后列起
        #[arg(long, value_name = "ID", default_value_t = 0)]
        after: i64,
        /// 最多几条
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: usize,
        /// 只看这个租户的
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        tenant: String,
    },
    /// 再发已放弃的消息
    Retry {
        /// 消息的编号
        #[arg(required_unless_present = "dead", value_name = "ID")]
        ids: Vec<i64>,
        /// 已放弃的全部
        #[arg(long, conflicts_with = "ids")]
        dead: bool,
    },
    /// 看一条消息
    Show {
        /// 编号，或接收方所见的 webhook-id
        id: String,
    },
}
