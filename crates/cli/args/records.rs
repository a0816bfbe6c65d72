//! Arguments of the commands on records: receipts, backups, drafts, keys, tenants, audit.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use zhaoren_engine::Tenant;

use super::serve::LayerArgs;
use super::time::date;

/// `verify`
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// 凭据文件（match --receipts 所写，或接口所给），或登记库中凭据的标识
    #[arg(required = true, value_name = "RECEIPT")]
    pub(crate) receipts: Vec<String>,
    /// 须由这把公钥签署：公钥本身（64 位十六进制，见 audit key），或存有它的文件；可给多次。不给则用本数据目录的密钥，没有时只说明由谁签署
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Vec<String>,
}

/// `backup`
#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// 备份文件
    pub(crate) file: PathBuf,
}

/// `restore`
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// 备份文件
    pub(crate) file: PathBuf,
    /// 另处保存的审计摘要（见 audit head）：备份的审计链中须有这一行
    #[arg(long, value_name = "DIGEST")]
    pub(crate) head: Option<String>,
}

/// `drafts`
#[derive(Debug, Args)]
pub(crate) struct DraftsArgs {
    /// 做什么
    #[command(subcommand)]
    pub(crate) work: DraftsWork,
}

/// Subcommands of `drafts`.
#[derive(Debug, Subcommand)]
pub(crate) enum DraftsWork {
    /// 提出新的或改过的事项，或一份政策文件读出的事项
    #[command(after_help = "示例:
  zhaoren drafts propose 事项.yaml --as 张三
  zhaoren drafts propose 申报指南.docx --as 张三 --region 310104
  zhaoren drafts sheet 申报指南.docx                   看读出的事项逐条是什么
  zhaoren drafts propose 申报指南.docx --as 张三 --decisions 结论.json
  zhaoren drafts propose 申报指南.docx --as 张三 --proposer --config zhaoren.toml    没读出条件的句子，请模型提建议
结论文件: {\"事项编号\": {\"parts\": [{\"part\": 0, \"do\": \"correct\", \"criteria\": \"从业人数不少于10人\"}]}}，do 为 accept correct reject judge 之一")]
    Propose {
        /// 事项文件（yaml json jsonl），或政策文件（docx pdf txt …）
        file: PathBuf,
        /// 提出者
        #[arg(long = "as", value_name = "NAME")]
        by: String,
        /// 提出理由，审核人可见
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
        /// 作为这个租户的增补
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        tenant: String,
        /// 政策文件里“本市”“本区”指哪里：行政区划代码或名称；不给则看文件
        #[arg(long, value_name = "CODE")]
        region: Option<String>,
        /// 对政策文件各处条件的结论（JSON）；不给则照读出的提出
        #[arg(long, value_name = "FILE")]
        decisions: Option<PathBuf>,
        /// 没读出条件的句子，请配置中的语言模型（proposer.url）提建议；由模型提出的须经采纳（drafts adopt）才算数
        #[arg(long)]
        proposer: bool,
        #[command(flatten)]
        layers: LayerArgs,
    },
    /// 请语言模型（配置 proposer.url）就一份草稿中没读出条件的句子提建议
    Ask {
        /// 草稿的编号
        id: i64,
        /// 谁问的
        #[arg(long = "as", value_name = "NAME")]
        by: String,
        /// 只在这个租户的草稿中找
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        tenant: String,
        #[command(flatten)]
        layers: LayerArgs,
    },
    /// 采纳模型对一处的建议：记为更正，仍须由另一人审核
    Adopt {
        /// 草稿的编号
        id: i64,
        /// 第几处，见 drafts show
        part: usize,
        /// 采纳者，须是提出草稿的人
        #[arg(long = "as", value_name = "NAME")]
        by: String,
        /// 只在这个租户的草稿中找
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        tenant: String,
    },
    /// 政策文件读出的事项：每一处条件的原文、规范文本与疑点，供写结论用
    Sheet {
        /// 政策文件（docx pdf txt …）
        file: PathBuf,
        /// “本市”“本区”指哪里：行政区划代码或名称；不给则看文件
        #[arg(long, value_name = "CODE")]
        region: Option<String>,
    },
    /// 一份草稿的各处条件、原文与结论
    Show {
        /// 草稿的编号
        id: i64,
        /// 只在这个租户的草稿中找
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        tenant: String,
    },
    /// 更正过的条件，一行一句，供 read --evaluate 评分；退回的草稿不计
    #[command(after_help = "示例:
  zhaoren drafts corrections > 更正.jsonl
  zhaoren read --evaluate 更正.jsonl")]
    Corrections {
        /// 照读出的认可的也列出
        #[arg(long)]
        all: bool,
        /// 只看这个租户的
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        tenant: String,
    },
    /// 草稿需要而指标字典里没有的指标，说法相同的合为一个
    #[command(after_help = "示例:
  zhaoren drafts facts
  zhaoren drafts facts --dictionary > 新指标.yaml       审定之后供 --facts 使用")]
    Facts {
        /// 输出为指标字典的条目
        #[arg(long)]
        dictionary: bool,
        /// 只看这个租户的
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        tenant: String,
    },
    /// 采纳一个建议指标：写入指标字典，待审核的草稿中等它的条件随即可判
    #[command(after_help = "示例:
  zhaoren drafts accept-fact proposed_1a2b3c4d --as 李四
  zhaoren drafts accept-fact proposed_1a2b3c4d --as 李四 --key workshop_area --name 厂房面积
  zhaoren drafts accept-fact proposed_5e6f7a8b --as 李四 --same-as workshop_area   两种说法是一回事")]
    AcceptFact {
        /// 建议指标的键，见 drafts facts
        proposal: String,
        /// 采纳者
        #[arg(long = "as", value_name = "NAME")]
        by: String,
        /// 字典里的键，不给则照建议
        #[arg(long, value_name = "KEY", default_value = "", hide_default_value = true)]
        key: String,
        /// 字典里的名称，不给则照建议；建议的名称记为别名
        #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
        name: String,
        /// 由谁回答：enterprise，或部门的名称
        #[arg(long, value_name = "WHO", default_value = "", hide_default_value = true)]
        answered_by: String,
        /// 与之相同、已采纳的指标的键
        #[arg(long, value_name = "KEY", default_value = "", hide_default_value = true)]
        same_as: String,
        /// 写入这个租户的字典，不给则为共享的
        #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
        tenant: String,
    },
    /// 按分类标签的新版本，列出现行事项随之增减的标签；给出 --as 则提为草稿，由另一人审核
    #[command(after_help = "示例:
  zhaoren drafts retag
  zhaoren drafts retag --taxonomy 本市标签.yaml --as 张三 --reason 标签第二版")]
    Retag {
        /// 标签文件（YAML：version 与 tags），不给则用内置的
        #[arg(long, value_name = "FILE")]
        taxonomy: Option<PathBuf>,
        /// 提出者；给出则提为草稿
        #[arg(long = "as", value_name = "NAME")]
        by: Option<String>,
        /// 提出理由，审核人可见
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
        /// 只管这个租户自己的事项，不给则为共享目录
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

/// Subcommands of `keys`.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysWork {
    /// 新增一个密钥，只显示这一次
    Add {
        /// 角色
        #[arg(long, value_parser = ["platform", "caseworker", "reviewer", "administrator"])]
        role: String,
        /// 用途
        #[arg(long, value_name = "NAME")]
        name: String,
        /// 持有人：姓名或工号。一人有几个密钥时写法应一致：提出与审核须是两人。platform 可不给
        #[arg(long, value_name = "NAME", required_if_eq_any = [
            ("role", "caseworker"), ("role", "reviewer"), ("role", "administrator"),
        ])]
        holder: Option<String>,
        /// 租户；不给则不属于任何租户
        #[arg(long, value_name = "ID", default_value = "")]
        tenant: String,
        /// 从这一天起失效（YYYY-MM-DD）
        #[arg(long, value_name = "DATE", value_parser = date)]
        expires: Option<Date>,
    },
    /// 列出密钥，不含其内容
    List,
    /// 确认一个由别的管理员经接口签发的密钥：此后可用
    Confirm {
        /// 密钥的标识，见 keys list
        id: String,
    },
    /// 免用密钥：原有的都已失效或吊销之后，重新允许只在本机的服务不设密钥；再建密钥即止，记入审计
    Waive,
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

/// Subcommands of `tenants`.
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

/// Subcommands of `audit`.
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
    /// 核验审计链、它担保的每条记录与每个表的现状
    Verify {
        /// 以前核验时给出的末行摘要（见 audit head）：链中须有这一行
        #[arg(long, value_name = "DIGEST")]
        head: Option<String>,
    },
    /// 给出审计的最后一行，供另处保存
    Head,
    /// 给出本数据目录签名密钥的公钥，供别处核验凭据与审计
    Key,
    /// 更正走错的时钟留下的时间：记录的时间晚于现在时，把它们移回现在之前
    Clock {
        /// 确认现在的系统时钟无误，予以更正
        #[arg(long, required = true)]
        accept: bool,
    },
    /// 查明改动之后认可现状：以现有记录为准重新核验，所见的不符记入审计
    Accept {
        /// 原因
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
}

fn tenant(text: &str) -> Result<String, String> {
    Tenant::check_id(text).map(|()| text.to_owned()).map_err(|error| error.to_string())
}
