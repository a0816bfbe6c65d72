//! Policy text to outline and clauses.
//!
//! [`outline`] takes clean simplified text (see `zhaoren-text`) and what was said of it, and gives the document's
//! facts and its clauses. It only proposes: what was said wins over what the text seems to say, and whatever is
//! odd becomes a note. Pure: no I/O.

mod annex;
mod dates;
mod kind;
mod nesting;
mod numbering;
mod outline;
mod paragraph;
mod place;

use jiff::civil::Date;
use zhaoren_policy::calendar::parse_date;
use zhaoren_policy::clause::Clause;
use zhaoren_policy::document::{Document, DocumentKind};
use zhaoren_text::docno;

pub use outline::Note;

/// What was said of a document beside its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// 标题.
    pub title: Option<String>,
    /// 文号, in any form.
    pub number: Option<String>,
    /// 发文机关.
    pub issuer: Option<String>,
    /// 成文或公布日期, in any form; a year alone is not enough for a date.
    pub date: Option<String>,
    /// Name or code of the region.
    pub region: Option<String>,
    /// Name of the kind, such as 地方性法规.
    pub kind: Option<String>,
}

/// What a text was read into.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Who issued what, when.
    pub document: Document,
    /// Its provisions in reading order.
    pub clauses: Vec<Clause>,
    /// What looked odd.
    pub notes: Vec<Note>,
}

/// How many characters at the start of a text are searched for its title, number and date.
const HEAD: usize = 800;

/// Reads the structure of a clean text.
pub fn outline(text: &str, given: &Given) -> Outline {
    let (clauses, notes) = outline::clauses(text);
    let head: String = text.chars().take(HEAD).collect();
    let title = given.title.clone().filter(|t| !t.trim().is_empty()).unwrap_or_else(|| title(text));
    let issuer = given.issuer.as_deref().map(one_line).filter(|i| !i.is_empty()).or_else(|| issuer(&title));
    let number = given
        .number
        .as_deref()
        .map(|said| docno::parse(said).map_or_else(|| said.trim().to_owned(), |number| number.to_string()))
        .filter(|said| !said.is_empty())
        .or_else(|| number(&head));
    let published = given.date.as_deref().and_then(date).or_else(|| dates::alone(&head));
    let effective = dates::effective(text, published);
    let (level, region) = place::place(given.region.as_deref(), issuer.as_deref(), &title);
    let said_kind =
        given.kind.as_deref().map(|said| kind::kind(said, text)).filter(|kind| *kind != DocumentKind::Other);
    let document = Document {
        number,
        level,
        region,
        published,
        effective,
        expires: dates::expires(text, effective),
        status: kind::status(&title, text),
        kind: Some(match kind::kind(&title, text) {
            DocumentKind::Other => said_kind.unwrap_or(DocumentKind::Other),
            found => found,
        }),
        issuer,
        title,
        text: None,
    };
    Outline { document, clauses, notes }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn date(said: &str) -> Option<Date> {
    let said = said.trim();
    parse_date(said).or_else(|| dates::at_start(said).map(|(date, _)| date))
}

/// Lines of a page that are no part of the document: 字号:, 索引号：, 分享:.
fn is_furniture(line: &str) -> bool {
    let labels = [
        "字号",
        "分享",
        "索引号",
        "发布日期",
        "发布时间",
        "来源",
        "浏览次数",
        "打印",
        "关闭",
        "当前位置",
        "首页",
        "【字体",
    ];
    labels.iter().any(|label| line.starts_with(label) && line.chars().count() <= 30)
}

/// The title: the first line that is one, joined with what is broken off from it.
fn title(text: &str) -> String {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !is_furniture(line));
    let Some(first) = lines.next() else { return String::new() };
    let cut = first.split('。').next().unwrap_or(first);
    // A title that was broken over two lines goes on until its 通知, 办法 …
    let open = first.contains('《') && !first.contains('》');
    let joined = match lines.next() {
        Some(second) if open => format!("{first}{second}"),
        _ => cut.to_owned(),
    };
    joined.chars().take(120).collect()
}

/// The issuer that a title names: what stands before 关于.
fn issuer(title: &str) -> Option<String> {
    let (before, _) = title.split_once("关于")?;
    let organ = before.trim();
    let ends = ["府", "室", "局", "委", "部", "厅", "会", "院", "署", "行", "办"];
    (ends.iter().any(|end| organ.ends_with(end)) && organ.chars().count() >= 2).then(|| organ.to_owned())
}

/// The number of the document itself: one that stands alone on a line or behind 字号： or 文号：.
fn number(head: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let line = line.trim();
        let said = ["字号", "文号", "发文字号"]
            .iter()
            .find_map(|label| line.strip_prefix(label))
            .map_or(line, |rest| rest.trim_start_matches([':', '：', ' ']));
        docno::parse(said.trim_matches(['（', '）', '(', ')', ' '])).map(|number| number.to_string())
    })
}
