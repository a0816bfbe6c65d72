//! Arguments of the search commands: `search`, `suggest`, `eval-search`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use zhaoren_engine::Sort;

use super::time::date;

/// `search`
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true
)]
pub(crate) struct SearchArgs {
    /// 已存检索：不是检索，而是保存、列出、再查或删除检索
    #[command(subcommand)]
    pub(crate) saved: Option<SavedWork>,
    #[command(flatten)]
    pub(crate) asked: AskedArgs,
}

/// Subcommands of `search saved`.
#[derive(Debug, Subcommand)]
pub(crate) enum SavedWork {
    /// 保存一个检索；同名的替换
    Save {
        /// 名称
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        asked: Box<AskedArgs>,
    },
    /// 列出已存的检索
    List,
    /// 再查一次，并说明与上次相比新增、变更、消失了什么；不给名称则逐个都查
    Run {
        /// 名称
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// 最多几条
        #[arg(long, value_name = "N", default_value_t = 10)]
        limit: usize,
    },
    /// 删除已存的检索
    Remove {
        /// 名称
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
}

/// Query, filters and options of a search.
#[derive(Debug, Args)]
pub(crate) struct AskedArgs {
    /// 检索词：文字、文号或机关代字，繁简均可
    #[arg(required = true, value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    /// 最多几条
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) limit: usize,
    /// 跳过前几条
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) offset: usize,
    /// 筛选，可多次给出，须同时满足
    #[arg(long, value_name = "KEY=VALUE", value_parser = filter)]
    pub(crate) filter: Vec<(String, String)>,
    /// 只按原样检索：不按拼音、同义词理解，也不纠错
    #[arg(long)]
    pub(crate) as_typed: bool,
    /// 只看适用于这个地方的：本地、上级与本地园区（区划代码或名称）
    #[arg(long, value_name = "REGION")]
    pub(crate) for_region: Option<String>,
    /// 判定日（YYYY-MM-DD）：只看在这一天有效的文本；不给出时以今天判定，不作限定
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
    /// 排序：relevance 相关、deadline 截止近的在前、amount 封顶高的在前、date 新的在前
    #[arg(long, value_name = "ORDER", value_parser = crate::search::sort, default_value = "relevance")]
    pub(crate) sort: Sort,
    /// 说明每条为什么排在那里：逐词、逐项
    #[arg(long)]
    pub(crate) explain: bool,
    /// 列出可用来筛选的层级、地区、机关等及其条数
    #[arg(long)]
    pub(crate) facets: bool,
    /// 重复与转载的文件也逐条列出，不折叠
    #[arg(long)]
    pub(crate) copies: bool,
    /// 为这家企业检索：企业画像文件（JSON 或 JSONL），- 为标准输入；能享受的在前，不能的说明原因
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<PathBuf>,
    /// 画像文件有多家企业时，是哪一家
    #[arg(long, value_name = "ID", requires = "profile")]
    pub(crate) enterprise: Option<String>,
    /// 租户：共享目录之外，加上它与上级租户的增补
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) tenant: String,
}

/// `suggest`
#[derive(Debug, Args)]
pub(crate) struct SuggestArgs {
    /// 已输入的文字、拼音或首字母
    #[arg(value_name = "QUERY")]
    pub(crate) query: String,
    /// 最多几条
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) limit: usize,
    /// 租户：共享目录之外，加上它与上级租户的增补
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) tenant: String,
}

/// `eval-search`
#[derive(Debug, Args)]
pub(crate) struct EvalArgs {
    /// 条文
    #[arg(long, value_name = "FILE")]
    pub(crate) corpus: PathBuf,
    /// 问题
    #[arg(long, value_name = "FILE")]
    pub(crate) queries: PathBuf,
    /// 判定：哪些条文回答哪个问题
    #[arg(long, value_name = "FILE")]
    pub(crate) qrels: PathBuf,
    /// 以往的问题，检索可从中学习；不得含有要衡量的问题
    #[arg(long, value_name = "FILE", requires = "log_qrels")]
    pub(crate) log: Option<PathBuf>,
    /// 以往问题的判定
    #[arg(long, value_name = "FILE", requires = "log")]
    pub(crate) log_qrels: Option<PathBuf>,
}

/// Rewrites a query argument like `-贷款` as `－贷款`, so that a query may begin with a hyphen anywhere.
pub(crate) fn escape_leading_hyphen(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut spelt: Vec<OsString> = Vec::new();
    let mut searches = false;
    for argument in arguments {
        let denied = argument.to_str().and_then(|text| text.strip_prefix('-')).filter(|rest| {
            searches && !rest.starts_with('-') && !rest.is_empty() && !matches!(*rest, "h" | "V")
        });
        let written = denied.map(|rest| format!("－{rest}").into());
        searches |= argument == "search" || argument == "suggest";
        spelt.push(written.unwrap_or(argument));
    }
    spelt
}

fn filter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() && !value.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("应为 KEY=VALUE，如 level=district".to_owned()),
    }
}
