//! Command-line arguments. Parsing has no side effects.

mod catalogue;
mod demo;
mod enterprises;
mod matching;
mod messages;
mod records;
mod search;
mod serve;
mod tables;
mod time;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub(crate) use catalogue::*;
pub(crate) use demo::*;
pub(crate) use enterprises::*;
pub(crate) use matching::*;
pub(crate) use messages::*;
pub(crate) use records::*;
pub(crate) use search::*;
pub(crate) use serve::*;
pub(crate) use tables::*;

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

/// Subcommands.
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
    /// 为企业出一份服务包：首页一张表，后附依据、问题与差距，存为 Word 或 Excel
    #[command(after_help = "示例:
  zhaoren pack me.json --out 服务包
  zhaoren pack seeds/enterprises/samples.jsonl --format xlsx --out 服务包
  zhaoren pack me.json --json")]
    Pack(PackArgs),
    /// 免申即享：已存的企业中，谁的条件都有权威数据证明，其余各差哪一项证明
    #[command(after_help = "示例:
  zhaoren automatic --tenant 310104 --office 人社接口=人社 --office 税务接口=税务
  zhaoren automatic --office 人社接口=人社 --until 2026-12-03 --json
只认主管部门的数据：近一个月所记、确数、无矛盾、有效到兑付之日；企业自报与人工认定的都不算证明。不说明 --office 的来源不代表任何部门")]
    Automatic(AutomaticArgs),
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
    /// 修订影响：文件或事项改了之后，哪些条件变了、谁新符合、谁不再符合、牵连哪些事项与解读
    #[command(after_help = "示例:
  zhaoren impact 旧.yaml 新.yaml 企业.parquet
  zhaoren impact 2025年指南.docx 2026年指南.docx 企业.csv --region 310104 --json
  zhaoren impact cn-srdi-sme 新.yaml seeds/enterprises/samples.jsonl")]
    Impact(ImpactArgs),
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
    /// 依据：原文导入后，为各条件找到写明它的句子；列出，由人确认一次
    #[command(after_help = "示例:
  zhaoren import 管理办法.docx
  zhaoren evidence                        原文已导入的事项，各条件找到哪一句
  zhaoren evidence cn-hnte-2016 --confirm 核对之后写入这一事项
指标、运算符与数值都相同才算写明；找不到的逐条列出")]
    Evidence(EvidenceArgs),
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
    /// 导入政策文件（txt docx doc wps pdf ofd html zip 等，格式由内容识别）与政策事项（yaml json jsonl）
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
  zhaoren verify 凭据.jsonl --key 公钥.txt            须由这把密钥签署（公钥见 audit key）
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
备份含文件与事项的全部修订、草稿与审核、租户、密钥摘要、企业指标、推送与结果、消息、拒绝推送、凭据与审计，不含索引（打开时重建）
其中有企业指标，应如登记库一样保管")]
    Backup(BackupArgs),
    /// 由备份恢复到空的数据目录（或空的 PostgreSQL）
    #[command(after_help = "示例:
  zhaoren --data 新目录 restore 备份/登记库-2026-11-25.sqlite
  zhaoren --data 新目录 --database-url postgres://zhaoren@localhost/zhaoren restore 备份/登记库.sqlite
恢复前核验备份的审计链、每条记录与每个表，有损坏或改动则不恢复；--head 给出另处保存的摘要时也核对它")]
    Restore(RestoreArgs),
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
    /// 消息：由推送结果制作，签名后发给各渠道的接收方，不漏不重
    #[command(after_help = "示例:
  zhaoren messages --channels 渠道.toml make 推送/2026-11-24 --channel portal
  zhaoren messages --channels 渠道.toml send --until-empty
  zhaoren messages list --state dead
  zhaoren messages retry --dead
渠道文件的写法见 docs/operator.md；同一批制作几次都不会重复告知")]
    Messages(MessagesArgs),
    /// 到期删除：某日之前已被取代的企业指标、已出具的凭据与已了结的消息
    #[command(after_help = "示例:
  zhaoren retention --before 2024-01-01          只计数
  zhaoren retention --before 2024-01-01 --yes    删除
台账与审计不含企业指标，不删除")]
    Retention(RetentionArgs),
    /// 管理接口密钥：新增（只显示一次）、列出、吊销
    #[command(after_help = "示例:
  zhaoren keys add --role administrator --name 运维 --holder 张三
  zhaoren keys add --role caseworker --tenant xuhui --name 帮办窗口 --holder 李四 --expires 2027-01-01
  zhaoren keys list --json
  zhaoren keys confirm k0123456789ab     确认别的管理员经接口签发的密钥
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
  zhaoren audit head                   给出末行的摘要与签名，请定期另处保存
  zhaoren audit verify --head 摘要     摘要是以前给出、另处保存的，末尾被截去也能发现
  zhaoren audit clock --accept         时钟曾经走错、已校准之后，更正当时留下的时间")]
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
    /// 看一张企业表：每列会读作什么，哪些值读不懂；写出列映射文件的初稿
    #[command(after_help = "示例:
  zhaoren map 名单.xlsx --out mapping.yaml
  zhaoren push 名单.xlsx --map mapping.yaml --out out")]
    Map(MapArgs),
    /// 读一份政策文件：格式、文件要素、条款及其位置、修复、草拟的事项；不写入登记库
    #[command(after_help = "示例:
  zhaoren read 通知.txt 细则.docx 公报.pdf
  zhaoren read 通知.txt 办法.html --json")]
    Read(ReadArgs),
    /// 列出目录的变动，按发生的先后
    #[command(after_help = "示例:
  zhaoren changes
  zhaoren changes --after 位置 --json        从上次的 next 接着取")]
    Changes(ChangesArgs),
    /// 示范：一条命令看全部功能，一座合成的小城、两夜推送、消息与控制台
    #[command(after_help = "示例:
  zhaoren demo                          做好后在 http://127.0.0.1:8080/ 打开控制台
  zhaoren demo --folder 示范 --no-serve  只做数据
全部写在一个新目录里，不碰已有的数据；不要了，删除目录即可。--json 时每步一行，末行为总结")]
    Demo(DemoArgs),
    /// 输出命令行补全脚本
    #[command(after_help = "示例:
  zhaoren completions bash > ~/.local/share/bash-completion/completions/zhaoren
  zhaoren completions zsh > ~/.zfunc/_zhaoren")]
    Completions(CompletionsArgs),
    /// 写出手册页（man）
    #[command(after_help = "示例:
  zhaoren man /usr/local/share/man/man1")]
    Man(ManArgs),
    /// 列出指标字典
    #[command(after_help = "示例:
  zhaoren facts
  zhaoren facts --json")]
    Facts,
}
