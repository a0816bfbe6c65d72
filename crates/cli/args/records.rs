//! What was typed of the commands that keep records: who may come in, what was told, who did what.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use zhaoren_engine::{Moment, Tenant};

use super::date;

/// `verify`
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// 凭据文件（match --receipts 所写，或接口所给），或登记库中凭据的标识
    #[arg(required = true, value_name = "RECEIPT")]
    pub(crate) receipts: Vec<String>,
}

/// `backup` and `restore`
#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// 备份文件
    pub(crate) file: PathBuf,
}

/// `drafts`
#[derive(Debug, Args)]
pub(crate) struct DraftsArgs {
    /// 做什么
    #[command(subcommand)]
    pub(crate) work: DraftsWork,
}

/// What is done with drafts.
#[derive(Debug, Subcommand)]
pub(crate) enum DraftsWork {
    /// 提出新的或改过的事项
    Propose {
        /// 事项文件（yaml json jsonl）
        file: PathBuf,
        /// 提出者
        #[arg(long = "as", value_name = "NAME")]
        by: String,
        /// 作为这个租户的增补
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        tenant: String,
    },
    /// 列出待审核的草稿
    List {
        /// 已有结论的也列出
        #[arg(long)]
        all: bool,
        /// 只看这个租户的
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        tenant: String,
    },
    /// 通过一份草稿，随即生效
    Approve {
        /// 草稿的编号
        id: i64,
        /// 审核人，不能是提出者
        #[arg(long = "as", value_name = "NAME")]
        by: String,
        /// 只在这个租户的草稿中找
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        tenant: String,
        /// 审核意见
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        note: String,
    },
    /// 退回一份草稿
    Reject {
        /// 草稿的编号
        id: i64,
        /// 审核人，不能是提出者
        #[arg(long = "as", value_name = "NAME")]
        by: String,
        /// 只在这个租户的草稿中找
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        tenant: String,
        /// 审核意见
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        note: String,
    },
}

/// `withdraw`
#[derive(Debug, Args)]
pub(crate) struct WithdrawArgs {
    /// 事项或文件标识
    pub(crate) item: String,
    /// 原因
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: String,
    /// 租户的增补
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) tenant: String,
}

/// `keys`
#[derive(Debug, Args)]
pub(crate) struct KeysArgs {
    /// 做什么
    #[command(subcommand)]
    pub(crate) work: KeysWork,
}

/// What is done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysWork {
    /// 新增一个密钥，只显示这一次
    Add {
        /// 角色
        #[arg(long, value_parser = ["platform", "caseworker", "reviewer", "administrator"])]
        role: String,
        /// 用途或持有人
        #[arg(long, value_name = "NAME")]
        name: String,
        /// 租户；不给则不属于任何租户
        #[arg(long, value_name = "ID", default_value = "")]
        tenant: String,
        /// 从这一天起失效（YYYY-MM-DD）
        #[arg(long, value_name = "DATE", value_parser = date)]
        expires: Option<Date>,
    },
    /// 列出密钥，不含其内容
    List,
    /// 吊销一个密钥，立即生效
    Revoke {
        /// 密钥的标识，见 keys list
        id: String,
    },
}

/// `tenants`
#[derive(Debug, Args)]
pub(crate) struct TenantsArgs {
    /// 做什么
    #[command(subcommand)]
    pub(crate) work: TenantsWork,
}

/// What is done with tenants.
#[derive(Debug, Subcommand)]
pub(crate) enum TenantsWork {
    /// 新增或改写一个租户
    Add {
        /// 标识，字母、数字与连字符
        #[arg(value_parser = tenant)]
        id: String,
        /// 名称
        #[arg(long, value_name = "NAME")]
        name: String,
        /// 层级
        #[arg(long, value_parser = ["city", "district", "park"])]
        level: String,
        /// 上级租户
        #[arg(long, value_name = "ID", default_value = "")]
        parent: String,
    },
    /// 列出租户
    List,
}

/// `audit`
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// 做什么
    #[command(subcommand)]
    pub(crate) work: AuditWork,
}

/// What is done with the audit.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditWork {
    /// 列出审计，从早到晚
    List {
        /// 从这个序号之后列起
        #[arg(long, value_name = "SEQ", default_value_t = 0)]
        after: i64,
        /// 最多几条
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: usize,
        /// 只看这个租户的
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
    },
    /// 核验审计链与它担保的每条记录
    Verify {
        /// 以前核验时给出的末行摘要：链中须有这一行
        #[arg(long, value_name = "DIGEST")]
        head: Option<String>,
    },
}

pub(super) fn moment(text: &str) -> Result<Moment, String> {
    zhaoren_engine::parse_moment(text)
        .ok_or_else(|| "应为日期或时刻，如 2026-03-01、\"2026-03-01 09:30:00\"".to_owned())
}

fn tenant(text: &str) -> Result<String, String> {
    Tenant::check_id(text).map(|()| text.to_owned()).map_err(|error| error.to_string())
}

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

/// What is done with stored facts.
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

/// What is done with refusals.
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

/// What is done with the ledger.
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
