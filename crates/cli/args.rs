//! What was typed. Parsing never touches the world.

mod records;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;
use zhaoren_engine::Moment;

use records::moment;
pub(crate) use records::*;
use zhaoren_engine::Sort;

/// zhaoren 政策找人：为企业找到能享受的惠企政策，为政策找到该知道的企业。
#[derive(Debug, Parser)]
#[command(name = "zhaoren", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// 数据目录：登记库与索引。不存在时创建，并在首次使用时装入内置政策。默认 ./index/data
    #[arg(long, global = true, value_name = "DIR", env = "ZHAOREN_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// 登记库所在的 PostgreSQL，如 postgres://用户@主机/库名；不给则用数据目录中的 SQLite。在别的机器上时，连接加密并核对证书，除非地址里写明 sslmode
    #[arg(long, global = true, value_name = "URL", env = "ZHAOREN_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
    /// 结果输出为 JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// 做什么
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "示例:
  zhaoren match seeds/enterprises/samples.jsonl       为样例企业匹配政策
  zhaoren match me.json --as-of 2026-06-01 --json     按指定判定日匹配，输出 JSON
  zhaoren ask me.json                                 问哪几项指标能定下最多事项
  zhaoren push 企业.parquet --out 推送/今日            为整张企业表推送，带变动与原因
  zhaoren find cn-hnte-2016 企业.parquet              谁符合一个事项，其余的卡在哪一条
  zhaoren search 免申即享 --filter level=district      检索政策与条款
  zhaoren import 政策目录/                             导入政策文件与事项
  zhaoren serve --listen 127.0.0.1:8080               启动 HTTP 服务

退出码: 0 完成；1 已运行，但输入有错（逐条列出，其余照常处理）；2 无法运行";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// 为企业匹配政策事项，逐条说明依据
    #[command(after_help = "示例:
  zhaoren match seeds/enterprises/samples.jsonl
  zhaoren match a.json b.json --policies my-items.yaml --as-of 2026-03-01
  cat a.json | zhaoren match - --json --all --limit 100")]
    Match(MatchArgs),
    /// 列出最该补问的指标：问得最少，定得最多
    #[command(after_help = "示例:
  zhaoren ask me.json
  zhaoren ask seeds/enterprises/samples.jsonl --limit 5 --json")]
    Ask(AskArgs),
    /// 为整张企业表推送：谁该知道哪些事项，与上次相比变了什么、为什么
    #[command(after_help = "示例:
  zhaoren push 企业.parquet --out 推送/2026-11-23
  zhaoren push 企业.csv --out 推送/2026-11-24 --previous 推送/2026-11-23 --format csv
  zhaoren push 企业/*.parquet --out 推送/今日 --top 20 --undetermined --json
表的列: id name 与各项指标（键、名称或别名），年度指标写作 revenue.2025，称号以 | 分隔，空格为未知
被中断的推送，用同一命令再运行即接着做，结果逐字节相同")]
    Push(PushArgs),
    /// 找企业：一个事项（草案也可以）谁符合，其余的卡在哪一条
    #[command(after_help = "示例:
  zhaoren find cn-hnte-2016 企业.parquet
  zhaoren find 草案 企业.store --policies 草案.yaml --svg 漏斗.svg --limit 1000 --json")]
    Find(FindArgs),
    /// 政策沙盘：一个事项的门槛动一动，符合的会多出谁、少了谁；只是试算，不进名单
    #[command(after_help = "示例:
  zhaoren what-if cn-hnte-2016 企业.parquet                                逐条取消，看各条卡住多少家
  zhaoren what-if 草案 企业.store --policies 草案.yaml --set all[0].at_least=20
  zhaoren what-if 草案 推送/今日 --try all[1].at_least=500万元,1000万元,2000万元
位置见 match --json 的 path，后接运算符；条件只有一个运算符时可省；=null 为取消这一条")]
    WhatIf(WhatIfArgs),
    /// 把企业表读成列存：以后 push 与 find 直接用它，不再逐格核对
    #[command(after_help = "示例:
  zhaoren load 企业/*.csv --map 列映射.yaml --out 企业.store
  zhaoren find cn-hnte-2016 企业.store
  zhaoren push 企业.store --out 推送/今日
源文件或指标字典有变时列存即作废，命令会指出并拒绝使用")]
    Load(LoadArgs),
    /// 生成合成样例：一座城市的企业与事项，用于试用、压测与演示
    #[command(
        after_help = "示例:
  zhaoren synth --enterprises 10000 --items 1000 --out 样例
  zhaoren synth --enterprises 3400000 --items 10000 --seed 7 --out 大样例
  zhaoren push 样例/enterprises.parquet --policies 样例/items.jsonl --as-of 2026-07-01 --out 样例/推送
同一种子每次逐字节相同，与线程数无关；信用代码形式正确但登记机关区划为 000000，不会是真实代码
只知区间的指标仅 JSONL 写得出，Parquet 和 CSV 中为空（未知）",
        arg_required_else_help = true
    )]
    Synth(SynthArgs),
    /// 检索政策文件、事项与条款
    #[command(after_help = "示例:
  zhaoren search 政策找人
  zhaoren search \"国科发火[2016]32号\"
  zhaoren search 徐匯區 --filter year=2024 --filter kind=plan --limit 5
  zhaoren search 补贴 --for-region 310104 --as-of 2026-07-01 --sort deadline
  zhaoren search 研发 --profile me.json               为这家企业检索，能享受的在前
  zhaoren search save 每周贴息 贴息 状态:有效          保存检索；search run 每周贴息 说明新增了什么
  zhaoren search '“研发费用” 补贴 -贷款 地区:徐汇 年份:2023-2025 状态:有效'
检索式: “短语”；-词 为不含；字段:值，字段有 标题 文号 发文机关 地区 适用 层级 类型 支持方式 兑现方式 状态 日期 施行 有效期至 编号
可用的筛选: level region issuer kind method standing status year id covers as_of
region 为所给地方及其下级；covers 为适用于所给地方的；standing 为当日效力")]
    Search(SearchArgs),
    /// 衡量检索：用有判定的问题集，与直接使用 tantivy 加 jieba 同场比较
    #[command(after_help = "示例:
  zhaoren eval-search --corpus 条文.jsonl.gz --queries 问题.jsonl --qrels 判定.tsv
  zhaoren eval-search --corpus 条文.jsonl --queries 问题.jsonl --qrels 判定.tsv --log 旧问题.jsonl --log-qrels 旧判定.tsv --json
条文每行 {id, name, content}，问题每行 {id, query}，判定每行四列：问题 0 条文 等级；均可为 gzip")]
    EvalSearch(EvalArgs),
    /// 联想：以所输文字、拼音或首字母开头的事项与词
    #[command(after_help = "示例:
  zhaoren suggest 专精
  zhaoren suggest gaox --limit 5 --json")]
    Suggest(SuggestArgs),
    /// 导入政策文件（txt md html jsonl）与政策事项（yaml json jsonl）
    #[command(after_help = "示例:
  zhaoren import 通知.txt
  zhaoren import 政策目录/ items.yaml")]
    Import(ImportArgs),
    /// 维护索引：列出、核对、重建、回滚
    #[command(after_help = "示例:
  zhaoren index list
  zhaoren index verify --json
  zhaoren index rebuild
  zhaoren index rollback        退回上一代
  zhaoren index rollback 12     用第 12 代
回滚后检索用的是旧索引，import 或 index rebuild 之后恢复同步；运行中的服务数秒内自动切换")]
    Index(IndexArgs),
    /// 核验判定凭据：离线重做一遍判定，逐字节比对，或指出差在哪里
    #[command(after_help = "示例:
  zhaoren match me.json --receipts 凭据.jsonl
  zhaoren verify 凭据.jsonl
  zhaoren verify 凭据.jsonl --json
凭据由登记库中的事项作出时，按当时的登记库重做；由 --policies 的文件作出时，事项已随凭据存放
也可以给出登记库中一份凭据的标识")]
    Verify(VerifyArgs),
    /// 事项草稿：一人提出，另一人审核，通过后生效
    #[command(after_help = "示例:
  zhaoren drafts propose 事项.yaml --as 张三
  zhaoren drafts list --json
  zhaoren drafts approve 3 --as 李四 --note 与原文一致
  zhaoren drafts reject 4 --as 李四 --note 依据不足")]
    Drafts(DraftsArgs),
    /// 撤下一个事项或文件：不再匹配与检索，历史修订仍可查
    #[command(after_help = "示例:
  zhaoren withdraw cn-hnte-2016 --why 已废止
  zhaoren withdraw xuhui-2024-business-environment-plan --why 误收")]
    Withdraw(WithdrawArgs),
    /// 在线备份登记库：写成一个 SQLite 文件，其间照常读写
    #[command(after_help = "示例:
  zhaoren backup 备份/登记库-2026-11-25.sqlite
  zhaoren --database-url postgres://zhaoren@localhost/zhaoren backup 备份/登记库.sqlite
备份含文件与事项的全部修订、草稿与审核、租户、密钥摘要、企业指标、推送与结果、拒绝推送、凭据与审计，不含索引（打开时重建）
其中有企业指标，应如登记库一样保管")]
    Backup(BackupArgs),
    /// 由备份恢复到空的数据目录（或空的 PostgreSQL）
    #[command(after_help = "示例:
  zhaoren --data 新目录 restore 备份/登记库-2026-11-25.sqlite
  zhaoren --data 新目录 --database-url postgres://zhaoren@localhost/zhaoren restore 备份/登记库.sqlite
恢复前核验备份的审计链与每条记录，有损坏则不恢复")]
    Restore(BackupArgs),
    /// 存取企业指标：按租户私有，注明来源，可问某日成立的、当时所载的
    #[command(after_help = "示例:
  zhaoren enterprises --tenant xuhui save 画像.jsonl --source 企业填报
  zhaoren enterprises --tenant xuhui show 91310104MA1FR000X6 --sources
  zhaoren enterprises --tenant xuhui show 91310104MA1FR000X6 | zhaoren match -
  zhaoren enterprises --tenant xuhui trust 社保 10
  zhaoren enterprises --tenant xuhui forget 91310104MA1FR000X6
没有提到的指标保留来源以前所说的，null 为收回；数据目录的持有人按帮办人员的权限取用，取用记入审计")]
    Enterprises(EnterprisesArgs),
    /// 拒绝推送的企业：推送时留下并记原因，匹配时提示
    #[command(after_help = "示例:
  zhaoren opt-outs add 91310104MA1FR000X6 --reason 不再接收
  zhaoren opt-outs add 91310104MA1FR000X6 --item cn-hnte-2016
  zhaoren opt-outs remove 91310104MA1FR000X6
  zhaoren opt-outs list --json")]
    OptOuts(OptOutsArgs),
    /// 推送结果台账：已推送、已查看、已确认、已申报、已决定、已兑付，只增不改
    #[command(after_help = "示例:
  zhaoren outcomes record 结果.jsonl
  zhaoren outcomes list 91310104MA1FR000X6
event 为 pushed viewed confirmed applied decided paid 之一；同一结果重复记入只算一次")]
    Outcomes(OutcomesArgs),
    /// 到期删除：某日之前已被取代的企业指标与已出具的凭据
    #[command(after_help = "示例:
  zhaoren retention --before 2024-01-01          只计数
  zhaoren retention --before 2024-01-01 --yes    删除
台账与审计不含企业指标，不删除")]
    Retention(RetentionArgs),
    /// 管理接口密钥：新增（只显示一次）、列出、吊销
    #[command(after_help = "示例:
  zhaoren keys add --role administrator --name 运维
  zhaoren keys add --role caseworker --tenant xuhui --name 帮办窗口 --expires 2027-01-01
  zhaoren keys list --json
  zhaoren keys revoke k0123456789ab
角色: platform 平台、caseworker 帮办人员、reviewer 审核人、administrator 管理员")]
    Keys(KeysArgs),
    /// 管理租户：市、区、园区，共享目录之外可各有增补，企业指标各自私有
    #[command(after_help = "示例:
  zhaoren tenants add shanghai --name 上海市 --level city
  zhaoren tenants add xuhui --name 徐汇区 --level district --parent shanghai
  zhaoren tenants list")]
    Tenants(TenantsArgs),
    /// 查看与核验审计：谁在何时做了什么，记录有无被改动
    #[command(after_help = "示例:
  zhaoren audit list --limit 20
  zhaoren audit verify
  zhaoren audit verify --head 摘要     摘要是以前 verify 给出、另处保存的，末尾被截去也能发现")]
    Audit(AuditArgs),
    /// 启动 HTTP 服务
    #[command(after_help = "示例:
  zhaoren serve
  zhaoren serve --config zhaoren.toml --set limits.time=10s
  curl -s localhost:8080/v1/search?q=免申即享
  curl -s localhost:8080/v1/match -H 'content-type: application/json' -d @me.json
配置的先后: 参数 > 环境变量 ZHAOREN_… > 配置文件 > 默认值；全部配置见 zhaoren config show
默认只在本机可用；其他监听地址须先配置 keys 或 oidc")]
    Serve(ServeArgs),
    /// 查看与核对服务的配置
    #[command(after_help = "示例:
  zhaoren config show --config zhaoren.toml      每项的值，以及它从哪里来
  zhaoren config check --config zhaoren.toml     逐项核对，有错的指出文件、行、键、值与应有的写法")]
    Config(ConfigArgs),
    /// 读一份政策文本：修复、文件要素、条款；不写入登记库
    #[command(after_help = "示例:
  zhaoren read 通知.txt
  zhaoren read 通知.txt 办法.html --json")]
    Read(ReadArgs),
    /// 列出目录的变动，按发生的先后
    #[command(after_help = "示例:
  zhaoren changes
  zhaoren changes --after 位置 --json        从上次的 next 接着取")]
    Changes(ChangesArgs),
    /// 列出指标字典
    #[command(after_help = "示例:
  zhaoren facts
  zhaoren facts --json")]
    Facts,
}

/// Profiles, and what they are held against.
#[derive(Debug, Args)]
pub(crate) struct AgainstArgs {
    /// 企业画像文件（JSON 或 JSONL），- 为标准输入
    #[arg(required = true, value_name = "PROFILE")]
    pub(crate) profiles: Vec<PathBuf>,
    /// 只用这个文件或目录中的事项，不用登记库；可多次给出
    #[arg(long, value_name = "PATH")]
    pub(crate) policies: Vec<PathBuf>,
    /// 指标字典文件，补充或替换内置指标
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Option<PathBuf>,
    /// 判定日（YYYY-MM-DD），默认今天
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
    /// 按当时的登记库匹配：一天（YYYY-MM-DD，当天结束时）或一个时刻，而不是现在的
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
    /// 把每份结果的判定凭据写到这个文件，可用 verify 离线核验
    #[arg(long, value_name = "FILE")]
    pub(crate) receipts: Option<PathBuf>,
}

/// Tables of enterprises, and how they are read.
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
}

/// `push`
#[derive(Debug, Args)]
pub(crate) struct PushArgs {
    #[command(flatten)]
    pub(crate) tables: TableArgs,
    /// 结果目录，不存在时创建
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// 只用这个文件或目录中的事项，不用登记库；可多次给出
    #[arg(long, value_name = "PATH")]
    pub(crate) policies: Vec<PathBuf>,
    /// 判定日（YYYY-MM-DD），默认今天
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
    /// 与这个目录中的上次结果比较，写明变动与原因
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
    /// 待定的也列出
    #[arg(long)]
    pub(crate) undetermined: bool,
    /// 名单的格式
    #[arg(long, value_name = "FORMAT", value_parser = ["parquet", "csv", "jsonl"], default_value = "parquet")]
    pub(crate) format: String,
    /// 每家企业最多列出几项，排序分高的优先
    #[arg(long, value_name = "N")]
    pub(crate) top: Option<usize>,
    /// 排序分低于此值的不列出（0 到 1）
    #[arg(long, value_name = "SCORE", value_parser = floor)]
    pub(crate) min_score: Option<u16>,
    /// 申报期在几天内截止时提醒
    #[arg(long, value_name = "DAYS", default_value_t = 15)]
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
    /// 只用这个文件或目录中的事项，不用登记库；可多次给出
    #[arg(long, value_name = "PATH")]
    pub(crate) policies: Vec<PathBuf>,
    /// 判定日（YYYY-MM-DD），默认今天
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
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
    /// 只用这个文件或目录中的事项，不用登记库；可多次给出
    #[arg(long, value_name = "PATH")]
    pub(crate) policies: Vec<PathBuf>,
    /// 判定日（YYYY-MM-DD），默认今天
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
    /// 新进的、退出的、符合的、待定的企业标识各最多列出几个
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

/// `ask`
#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    #[command(flatten)]
    pub(crate) against: AgainstArgs,
    /// 最多几个问题
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) limit: usize,
}

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

/// What is done with saved searches.
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

/// A search as it is typed.
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

/// `import`
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// 文件或目录
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// 事项作为这个租户的增补，不进共享目录；文件仍为共享
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

/// What is done to the index.
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

/// `serve`
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// 监听地址，默认 127.0.0.1:8080
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    #[command(flatten)]
    pub(crate) layers: LayerArgs,
}

/// Where settings are said, beside the environment.
#[derive(Debug, Args)]
pub(crate) struct LayerArgs {
    /// 配置文件（TOML）
    #[arg(long, value_name = "FILE", env = "ZHAOREN_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// 设置一项，可多次给出，如 limits.time=10s
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    pub(crate) set: Vec<(String, String)>,
}

/// `config`
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// 做什么
    #[command(subcommand)]
    pub(crate) work: ConfigWork,
}

/// What is done to settings.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigWork {
    /// 核对配置、密钥文件与监听地址
    Check(LayerArgs),
    /// 列出每项的值与来处
    Show(LayerArgs),
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

/// `read`
#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    /// 政策文本（txt md html）
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("应为 KEY=VALUE，如 limits.time=10s".to_owned()),
    }
}

/// The arguments with `-贷款` of a query written `－贷款`, so that a query may begin with a hyphen anywhere.
pub(crate) fn spelt(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
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

fn date(text: &str) -> Result<Date, String> {
    zhaoren_engine::parse_date(text).ok_or_else(|| "应为存在的日期，如 2026-02-28".to_owned())
}

fn filter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() && !value.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("应为 KEY=VALUE，如 level=district".to_owned()),
    }
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
