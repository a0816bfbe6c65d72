//! Arguments of `demo`, `completions` and `man`.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::time::date;

/// `demo`
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// 放在哪个目录（须为空或不存在），默认为系统临时目录下的新目录
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// 合成企业的数目
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(10..=100_000))]
    pub(crate) enterprises: u64,
    /// 第二夜的判定日，默认今天
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
    /// 控制台的监听地址
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) listen: String,
    /// 做完即结束，不启动控制台
    #[arg(long)]
    pub(crate) no_serve: bool,
}

/// `completions`
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// 哪种命令行
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

/// `man`
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// 手册页写到哪个目录，不存在时创建
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}
