//! Arguments of the commands on tables of enterprises: `push`, `map`, `load`, `find`, `what-if`, `impact`, `synth`.

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;
use zhaoren_push::table::RecordTable;

use super::matching::ItemsArgs;
use super::time::date;

/// Tables of enterprises, and the way to read them.
#[derive(Debug, Args)]
pub(crate) struct TableArgs {
    /// 企业表：Parquet、CSV、JSONL、JSON、Excel 文件，目录或通配；- 为标准输入；或一个 load 做成的列存
    #[arg(required = true, value_name = "ENTERPRISES")]
    pub(crate) enterprises: Vec<PathBuf>,
    /// 列映射文件（YAML）：别家表格的列名、代码与单位各是什么意思
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
    /// 指标字典文件，补充或替换内置指标
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Option<PathBuf>,
    /// 未知的列与名单外的称号视为错误
    #[arg(long)]
    pub(crate) strict: bool,
    /// 有一格读不了就拒收整行；不加时只是那一项指标未知，写入 warnings.csv
    #[arg(long)]
    pub(crate) reject_rows: bool,
    /// 一类记录的表，如 loans=loans.csv：一行一条记录，有企业 id 与各字段；可多次给出
    #[arg(long, value_name = "FACT=FILE", value_parser = RecordTable::parse)]
    pub(crate) records: Vec<RecordTable>,
}

/// `push`
#[derive(Debug, Args)]
pub(crate) struct PushArgs {
    #[command(flatten)]
    pub(crate) tables: TableArgs,
    /// 结果目录，不存在时创建
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) items: ItemsArgs,
    /// 与这个目录中的上次结果比较，写明变动与原因
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
    /// 待定的也列出
    #[arg(long)]
    pub(crate) undetermined: bool,
    /// 名单的格式；xlsx 是给人看的，每个区一张工作表，旁边另有同样的 Parquet
    #[arg(long, value_name = "FORMAT", value_parser = ["parquet", "csv", "jsonl", "xlsx"], default_value = "parquet")]
    pub(crate) format: String,
    /// 逐行写明还缺什么，另加两列：还缺的与不满足的指标的键
    #[arg(long)]
    pub(crate) explain: bool,
    /// 每家企业最多列出几项，排序分高的优先
    #[arg(long, value_name = "N")]
    pub(crate) top: Option<usize>,
    /// 排序分低于此值的不列出（0 到 1）
    #[arg(long, value_name = "SCORE", value_parser = floor)]
    pub(crate) min_score: Option<u16>,
    /// 申报期在几天内截止时提醒
    #[arg(long, value_name = "DAYS", default_value_t = zhaoren_push::DEADLINE_DAYS)]
    pub(crate) deadline_days: i32,
    /// 全部重新判定，不沿用上次的结论（结果相同，只是更慢）
    #[arg(long, requires = "previous")]
    pub(crate) afresh: bool,
    /// 把这次推送记入登记库：判定日、输入与结果的摘要、列出与留下的数目；名单本身仍在文件中
    #[arg(long)]
    pub(crate) record: bool,
    /// 只做第 I 份，共 N 份（从 0 起）；企业归哪一份只取决于它的 id
    #[arg(long, value_name = "I/N", value_parser = part)]
    pub(crate) partitions: Option<(u32, u32)>,
    /// 线程数，默认为处理器核数；不影响结果
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

/// `map`
#[derive(Debug, Args)]
pub(crate) struct MapArgs {
    /// 企业表：Parquet、CSV 或 Excel 文件
    #[arg(value_name = "TABLE")]
    pub(crate) table: PathBuf,
    /// 列映射文件写到哪里；不写时打印到标准输出，说明打印到标准错误
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// 指标字典文件，补充或替换内置指标
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Option<PathBuf>,
}

/// `load`
#[derive(Debug, Args)]
pub(crate) struct LoadArgs {
    #[command(flatten)]
    pub(crate) tables: TableArgs,
    /// 列存文件
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// `find`
#[derive(Debug, Args)]
pub(crate) struct FindArgs {
    /// 事项 id
    #[arg(value_name = "ITEM")]
    pub(crate) item: String,
    #[command(flatten)]
    pub(crate) tables: TableArgs,
    #[command(flatten)]
    pub(crate) items: ItemsArgs,
    /// 符合的、待定的企业标识各最多列出几个
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
    /// 把漏斗画成图，写到这个文件
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// 线程数，默认为处理器核数；不影响结果
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

/// `what-if`
#[derive(Debug, Args)]
pub(crate) struct WhatIfArgs {
    /// 事项 id
    #[arg(value_name = "ITEM")]
    pub(crate) item: String,
    #[command(flatten)]
    pub(crate) tables: TableArgs,
    /// 把一处改成另一个值；可多次给出，合起来是一种设想
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,
    /// 在 --set 之上逐个试这些值，每个值是一种设想；可多次给出
    #[arg(long = "try", value_name = "PATH=VALUE,…")]
    pub(crate) tried: Vec<String>,
    #[command(flatten)]
    pub(crate) items: ItemsArgs,
    /// 新进的、退出的、符合的、待定的企业标识各最多列出几个
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
    /// 线程数，默认为处理器核数；不影响结果
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

/// `impact`
#[derive(Debug, Args)]
pub(crate) struct ImpactArgs {
    /// 原来的：事项文件、政策文件，或登记库中的事项 id
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// 改过的：事项文件、政策文件，或登记库中的事项 id
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    #[command(flatten)]
    pub(crate) tables: TableArgs,
    /// 政策文件里“本市”“本区”指哪里：行政区划代码或名称；不给则看文件
    #[arg(long, value_name = "CODE")]
    pub(crate) region: Option<String>,
    /// 判定日（YYYY-MM-DD），默认今天
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
    /// 租户：共享目录之外，加上它与上级租户的增补
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) tenant: String,
    /// 新符合的、不再符合的企业标识各最多列出几个
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
    /// 线程数，默认为处理器核数；不影响结果
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

/// `synth`
#[derive(Debug, Args)]
pub(crate) struct SynthArgs {
    /// 企业数
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub(crate) enterprises: u64,
    /// 事项数
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub(crate) items: u32,
    /// 种子：换一个就是另一座同类的城市
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,
    /// 结果目录，不存在时创建；写入 enterprises.<格式> 与 items.jsonl
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// 企业表的格式
    #[arg(long, value_name = "FORMAT", value_parser = ["parquet", "csv", "jsonl"], default_value = "parquet")]
    pub(crate) format: String,
    /// 未知指标的比例（0 到 1），默认按各来源的通常情形
    #[arg(long, value_name = "SHARE")]
    pub(crate) unknown: Option<f64>,
    /// 线程数，默认为处理器核数；不影响结果
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

fn floor(text: &str) -> Result<u16, String> {
    // Four decimals, as scores have; the text itself decides, not a float.
    let digits = match text.trim().split_once('.') {
        Some(("0" | "", rest)) if rest.len() <= 4 => format!("{rest:0<4}"),
        None if text.trim() == "0" => "0".to_owned(),
        Some(("1", rest)) if rest.bytes().all(|byte| byte == b'0') => "10000".to_owned(),
        None if text.trim() == "1" => "10000".to_owned(),
        _ => String::new(),
    };
    digits.parse().map_err(|_| "应为 0 到 1 之间、至多四位小数的数，如 0.75".to_owned())
}

fn part(text: &str) -> Result<(u32, u32), String> {
    let part = text.split_once('/').and_then(|(part, parts)| Some((part.parse().ok()?, parts.parse().ok()?)));
    part.filter(|(part, parts): &(u32, u32)| part < parts)
        .ok_or_else(|| "应为 I/N，I 从 0 起且小于 N，如 0/4".to_owned())
}
