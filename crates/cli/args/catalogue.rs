//! Arguments of the commands that fill the catalogue and maintain its index: `import`, `read`, `changes`, `index`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `import`
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// 文件或目录
    #[arg(required_unless_present = "district", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// 另外装入样例：sample 为示例区（虚构的地方，十五份文件及其事项，处处注明样例）
    #[arg(long, value_enum, value_name = "NAME")]
    pub(crate) district: Option<District>,
    /// 事项作为这个租户的增补，不进共享目录；文件仍为共享
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) tenant: String,
}

/// Districts that come with the program and are taken in only when asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum District {
    /// 示例区
    Sample,
}

/// `read`
#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    /// 政策文件（txt md html docx doc wps rtf odt pdf ofd xlsx xls et mht zip），格式由内容识别
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// 文件是 JSONL，每行一句条件 {"id","text","region"}：逐行输出条件、未读的文字与建议的指标
    #[arg(long)]
    pub(crate) conditions: bool,
    /// 文件是标注过的条件 {"id","text","region","criteria","kind"}：输出读得对不对，分总数与各类写法
    #[arg(long, conflicts_with = "conditions")]
    pub(crate) evaluate: bool,
    /// 没有写明 region 的行里，“本市”“本区”指哪里：行政区划代码或名称
    #[arg(long, value_name = "CODE")]
    pub(crate) region: Option<String>,
}

/// `evidence`
#[derive(Debug, Args)]
pub(crate) struct EvidenceArgs {
    /// 事项的 id；不给则看全部原文已导入的事项
    #[arg(value_name = "ITEM", default_value = "", hide_default_value = true)]
    pub(crate) item: String,
    /// 确认：把找到的句子写入这一事项，作为各条件的原文
    #[arg(long, requires = "item")]
    pub(crate) confirm: bool,
    /// 租户：看它的事项
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) tenant: String,
}

/// `changes`
#[derive(Debug, Args)]
pub(crate) struct ChangesArgs {
    /// 上一次的 next；不给则从头
    #[arg(long, value_name = "CURSOR")]
    pub(crate) after: Option<String>,
    /// 最多几条
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
    /// 租户：共享目录之外，加上它与上级租户的增补
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) tenant: String,
}

/// `index`
#[derive(Debug, Args)]
pub(crate) struct IndexArgs {
    /// 做什么
    #[command(subcommand)]
    pub(crate) work: IndexWork,
}

/// Subcommands of `index`.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum IndexWork {
    /// 列出可用的各代索引
    List,
    /// 逐个文件核对各代索引的校验和
    Verify,
    /// 由登记库重建索引
    Rebuild,
    /// 改用上一代索引，或指定的一代
    Rollback {
        /// 第几代，见 index list
        #[arg(value_name = "GENERATION")]
        number: Option<u64>,
    },
}
