//! Arguments of the commands on given enterprises: `match`, `ask`, `pack`, `automatic`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use zhaoren_engine::Moment;

use super::time::{date, moment};

/// Items to match with, and the evaluation day.
#[derive(Debug, Args)]
pub(crate) struct ItemsArgs {
    /// 只用这个文件或目录中的事项，不用登记库；可多次给出
    #[arg(long, value_name = "PATH")]
    pub(crate) policies: Vec<PathBuf>,
    /// 判定日（YYYY-MM-DD），默认今天
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
    /// 按当时的登记库：一天（YYYY-MM-DD，当天结束时）或一个时刻，而不是现在的
    #[arg(long, value_name = "DAY|TIME", value_parser = moment, conflicts_with = "policies")]
    pub(crate) believed: Option<Moment>,
    /// 租户：共享目录之外，加上它与上级租户的增补
    #[arg(
        long,
        value_name = "ID",
        default_value = "",
        hide_default_value = true,
        conflicts_with = "policies"
    )]
    pub(crate) tenant: String,
}

impl ItemsArgs {
    /// Evaluation day; today by default.
    pub(crate) fn day(&self) -> Date {
        self.as_of.unwrap_or_else(zhaoren_engine::today)
    }
}

/// Profiles, and the rules to match them with.
#[derive(Debug, Args)]
pub(crate) struct AgainstArgs {
    /// 企业画像文件（JSON 或 JSONL），- 为标准输入
    #[arg(required = true, value_name = "PROFILE")]
    pub(crate) profiles: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) items: ItemsArgs,
    /// 指标字典文件，补充或替换内置指标
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Option<PathBuf>,
    /// 未知的指标与名单外的称号视为错误
    #[arg(long)]
    pub(crate) strict: bool,
}

/// `match`
#[derive(Debug, Args)]
pub(crate) struct MatchArgs {
    #[command(flatten)]
    pub(crate) against: AgainstArgs,
    /// 不符合的与未生效的也列出
    #[arg(long)]
    pub(crate) all: bool,
    /// 每家企业最多列出几项
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
    /// 不计算最优组合
    #[arg(long)]
    pub(crate) no_bundle: bool,
    /// 附一窗总览：现行事项各处于何处，每项只计一次
    #[arg(long)]
    pub(crate) overview: bool,
    /// 把每份结果的判定凭据写到这个文件，可用 verify 离线核验
    #[arg(long, value_name = "FILE")]
    pub(crate) receipts: Option<PathBuf>,
}

/// `pack`
#[derive(Debug, Args)]
pub(crate) struct PackArgs {
    #[command(flatten)]
    pub(crate) against: AgainstArgs,
    /// 存放服务包的目录；不存在则新建，同名的文件会被替换
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) out: PathBuf,
    /// 文件形式
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: PackFormat,
}

/// File form of a service pack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PackFormat {
    /// Word
    #[default]
    Docx,
    /// Excel
    Xlsx,
}

/// `automatic`
#[derive(Debug, Args)]
pub(crate) struct AutomaticArgs {
    /// 判定日（YYYY-MM-DD），默认今天
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
    /// 兑付完成之日；默认为判定日之后第三个工作日（两日核验、一日兑付）
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) until: Option<Date>,
    /// 一个来源代表哪个部门，如 人社接口=人社；可多次给出
    #[arg(long, value_name = "SOURCE=OFFICE", value_parser = office)]
    pub(crate) office: Vec<(String, String)>,
    /// 就绪度：全部事项，不论现在是否免申；接入哪个部门的数据、改掉哪一条，能多几项、多几家免申即享
    #[arg(long)]
    pub(crate) readiness: bool,
    /// 租户
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) tenant: String,
}

/// Source and the office that it speaks for.
fn office(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((source, office)) if !source.trim().is_empty() && !office.trim().is_empty() => {
            Ok((source.trim().to_owned(), office.trim().to_owned()))
        }
        _ => Err(format!("应为 来源=部门，得到 `{text}`")),
    }
}

/// `ask`
#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    #[command(flatten)]
    pub(crate) against: AgainstArgs,
    /// 最多几个问题
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) limit: usize,
}
