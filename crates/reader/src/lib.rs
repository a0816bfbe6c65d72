//! Policy text to outline and clauses.
//!
//! [`outline`] takes clean simplified text (see `zhaoren-text`) with its metadata, and returns the document's
//! facts and clauses. It only proposes: metadata takes precedence over the text, and every irregularity becomes a note.
//! Pure: no I/O.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

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

pub use outline::{MOST_CLAUSES, MOST_NOTES, Note};

/// Metadata of a document, given beside its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DocumentMetadata {
    /// 标题.
    pub title: Option<String>,
    /// 文号, in any spelling.
    pub number: Option<String>,
    /// 发文机关.
    pub issuer: Option<String>,
    /// 成文或公布日期, in any form; a year alone gives no date.
    pub date: Option<String>,
    /// Name or code of the region.
    pub region: Option<String>,
    /// Name of the kind, such as 地方性法规.
    pub kind: Option<String>,
}

/// Outline of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Issuer, number, dates and other facts of the document.
    pub document: Document,
    /// Its clauses in reading order, at most [`MOST_CLAUSES`].
    pub clauses: Vec<Clause>,
    /// Number of further clauses: their text belongs to the last one.
    pub clauses_left_out: usize,
    /// Irregularities.
    pub notes: Vec<Note>,
}

/// Number of characters at the start of a text searched for its title, number and date.
const HEAD: usize = 800;

/// Parses the structure of a clean text.
pub fn outline(text: &str, given: &DocumentMetadata) -> Outline {
    let (clauses, mut notes, clauses_left_out) = outline::clauses(text);
    let head: String = text.chars().take(HEAD).collect();
    let title = given.title.clone().filter(|t| !t.trim().is_empty()).unwrap_or_else(|| title(text));
    let mut odd = |text: String| notes.push(Note { place: 0, text });
    let issuer = said_issuer(given, &mut odd).or_else(|| issuer(&title));
    let number = compare("文号", said_number(given, &mut odd), number(&head), &mut odd);
    let published = compare("成文日期", said_date(given, &mut odd), dates::alone(&head), &mut odd);
    let effective = dates::effective(text, published);
    let expires = dates::expires(text, effective);
    if let (Some(first), Some(day)) = (effective, published)
        && first < day
    {
        odd(format!("施行日期{first}早于成文日期{day}"));
    }
    if let (Some(last), Some(first)) = (expires, effective)
        && last < first
    {
        odd(format!("有效期至{last}早于施行日期{first}"));
    }
    let (level, region) = place::place(given.region.as_deref(), issuer.as_deref(), &title);
    let said_kind = given.kind.as_deref().map_or(DocumentKind::Other, kind::said);
    let document = Document {
        number,
        level,
        region,
        published,
        effective,
        expires,
        status: kind::status(&title, text),
        kind: Some(match (kind::kind(&title, text), said_kind) {
            (_, DocumentKind::Regulation) => DocumentKind::Regulation,
            (DocumentKind::Other, said) => said,
            (found, _) => found,
        }),
        issuer,
        title,
        text: None,
    };
    Outline { document, clauses, clauses_left_out, notes }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Issuer in the metadata, unless it is the menu of a web page: many lines, or a name of excessive length.
fn said_issuer(given: &DocumentMetadata, odd: &mut impl FnMut(String)) -> Option<String> {
    let said = given.issuer.as_deref()?;
    let lines = said.lines().filter(|line| !line.trim().is_empty()).count();
    let name = one_line(said);
    if name.is_empty() {
        return None;
    }
    if lines > 3 || name.chars().count() > 100 {
        let begin: String = name.chars().take(20).collect();
        odd(format!("所给发文机关“{begin}…”无法采用"));
        return None;
    }
    Some(name)
}

/// Number in the metadata, in canonical form; the first of several. None if the field holds a remark.
fn said_number(given: &DocumentMetadata, odd: &mut impl FnMut(String)) -> Option<String> {
    let said = given.number.as_deref().map(str::trim).filter(|said| !said.is_empty())?;
    // （依据甲〔2020〕30号） cites another document.
    let other = said.contains("依据");
    if let Some(number) = docno::parse(said).filter(|_| !other) {
        return Some(number.to_string());
    }
    let several = said.split(['/', '；', ';']).filter(|_| !other).find_map(docno::parse);
    match &several {
        Some(first) => odd(format!("所给文号“{said}”不止一个，采用{first}")),
        None => odd(format!("所给文号“{said}”无法采用")),
    }
    several.map(|number| number.to_string())
}

/// Date in the metadata; none for a year alone or for several dates.
fn said_date(given: &DocumentMetadata, odd: &mut impl FnMut(String)) -> Option<Date> {
    let said = given.date.as_deref().map(str::trim).filter(|said| !said.is_empty())?;
    let several = said.contains('/') && said.split('/').filter_map(parse_date).count() > 1;
    let day = parse_date(said).or_else(|| dates::at_start(said).map(|(date, _)| date)).filter(|_| !several);
    if day.is_none() {
        odd(format!("所给日期“{said}”无法采用"));
    }
    day
}

/// The value from metadata, or else the one from the text; adds a note if they differ.
fn compare<T: PartialEq + std::fmt::Display>(
    name: &str,
    said: Option<T>,
    read: Option<T>,
    odd: &mut impl FnMut(String),
) -> Option<T> {
    if let (Some(said), Some(read)) = (&said, &read)
        && said != read
    {
        odd(format!("{name}采用所给{said}，正文为{read}"));
    }
    said.or(read)
}

/// True for lines of a web page that are not part of the document: 字号:, 索引号：, 分享:.
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

/// Title: the first proper line, joined with its continuation.
fn title(text: &str) -> String {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !is_furniture(line));
    let Some(first) = lines.next() else { return String::new() };
    let cut = first.split('。').next().unwrap_or(first);
    // A title broken over two lines has an unclosed 《.
    let open = first.contains('《') && !first.contains('》');
    let joined = match lines.next() {
        Some(second) if open => format!("{first}{second}"),
        _ => cut.to_owned(),
    };
    joined.chars().take(120).collect()
}

/// Issuer named by a title: the text before 关于.
fn issuer(title: &str) -> Option<String> {
    let (before, _) = title.split_once("关于")?;
    let organ = before.trim();
    let ends = ["府", "室", "局", "委", "部", "厅", "会", "院", "署", "行", "办"];
    (ends.iter().any(|end| organ.ends_with(end)) && organ.chars().count() >= 2).then(|| organ.to_owned())
}

/// Number of the document itself: alone on a line, after 字号： or 文号：, or, of a decree, below the organ: 国务院令⏎第707号.
fn number(head: &str) -> Option<String> {
    let mut order = None;
    head.lines().filter(|line| !line.trim().is_empty()).find_map(|line| {
        let line = line.trim();
        let said = ["字号", "文号", "发文字号"]
            .iter()
            .find_map(|label| line.strip_prefix(label))
            .map_or(line, |rest| rest.trim_start_matches([':', '：', ' ']));
        let said = said.trim_matches(['（', '）', '(', ')', ' ']);
        let below = order
            .take()
            .filter(|_| said.starts_with('第'))
            .and_then(|organ| docno::parse(&format!("{organ}{said}")));
        if line.ends_with('令') {
            order = Some(line);
        }
        below.or_else(|| docno::parse(said)).map(|number| number.to_string())
    })
}
