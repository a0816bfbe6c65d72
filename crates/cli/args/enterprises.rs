//! Arguments of the commands on stored facts, opt-outs and outcomes of pushes.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use zhaoren_engine::Moment;

use super::time::{date, moment};

/// `enterprises`
#[derive(Debug, Args)]
pub(crate) struct EnterprisesArgs {
    /// 租户：各租户的企业指标互不可见
    #[arg(long, global = true, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) tenant: String,
    /// 做什么
    #[command(subcommand)]
    pub(crate) work: EnterprisesWork,
}

/// Subcommands of `enterprises`.
#[derive(Debug, Subcommand)]
pub(crate) enum EnterprisesWork {
    /// 存入企业画像，注明来源
    Save {
        /// 企业画像文件（JSON 或 JSONL）
        file: PathBuf,
        /// 来源，如 企业填报、社保、税务
        #[arg(long, value_name = "NAME")]
        source: String,
        /// 从这一天起成立
        #[arg(long, value_name = "DATE", value_parser = date)]
        from: Option<Date>,
        /// 到这一天为止成立
        #[arg(long, value_name = "DATE", value_parser = date)]
        until: Option<Date>,
    },
    /// 取出一家企业的画像，可直接用于匹配
    Show {
        /// 企业标识
        id: String,
        /// 某一天成立的，默认今天
        #[arg(long, value_name = "DATE", value_parser = date)]
        as_of: Option<Date>,
        /// 当时登记库所载的
        #[arg(long, value_name = "DAY|TIME", value_parser = moment)]
        believed: Option<Moment>,
        /// 连同每项的来源与不一致之处
        #[arg(long)]
        sources: bool,
    },
    /// 列出存有指标的企业
    List,
    /// 规定来源的可信次序：数字大者优先
    Trust {
        /// 来源
        source: String,
        /// 可信程度，未规定者为 0
        #[arg(allow_negative_numbers = true)]
        trust: i64,
    },
    /// 删除一家企业的全部指标与凭据
    Forget {
        /// 企业标识
        id: String,
    },
}

/// `opt-outs`
#[derive(Debug, Args)]
pub(crate) struct OptOutsArgs {
    /// 租户
    #[arg(long, global = true, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) tenant: String,
    /// 做什么
    #[command(subcommand)]
    pub(crate) work: OptOutsWork,
}

/// Subcommands of `opt-outs`.
#[derive(Debug, Subcommand)]
pub(crate) enum OptOutsWork {
    /// 记下一家企业拒绝推送
    Add {
        /// 企业标识
        id: String,
        /// 只拒绝这个事项
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        item: String,
        /// 原因
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
    },
    /// 企业撤回拒绝
    Remove {
        /// 企业标识
        id: String,
        /// 当时只拒绝的事项
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        item: String,
    },
    /// 列出拒绝推送的企业
    List,
}

/// `outcomes`
#[derive(Debug, Args)]
pub(crate) struct OutcomesArgs {
    /// 租户
    #[arg(long, global = true, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) tenant: String,
    /// 做什么
    #[command(subcommand)]
    pub(crate) work: OutcomesWork,
}

/// Subcommands of `outcomes`.
#[derive(Debug, Subcommand)]
pub(crate) enum OutcomesWork {
    /// 记入结果，每行 {"enterprise", "item", "event", "at", "item_digest", "detail"}，后三项可省
    Record {
        /// JSONL 文件
        file: PathBuf,
    },
    /// 列出一家企业的结果
    List {
        /// 企业标识
        id: String,
    },
}

/// `retention`
#[derive(Debug, Args)]
pub(crate) struct RetentionArgs {
    /// 这一天之前已被取代的指标、已出具的凭据（YYYY-MM-DD）
    #[arg(long, value_name = "DAY", value_parser = date)]
    pub(crate) before: Date,
    /// 真的删除；不给则只计数
    #[arg(long)]
    pub(crate) yes: bool,
}
