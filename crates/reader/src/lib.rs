//! Policy text to outline and clauses.
//!
//! [`outline`] takes clean simplified text (see `zhaoren-text`) with its metadata, and returns the document's
//! facts and clauses. It only proposes: metadata takes precedence over the text, and every irregularity becomes a note.
//! Pure: no I/O.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod annex;
mod citation;
mod dates;
mod head;
mod kind;
mod nesting;
mod numbering;
mod outline;
mod paragraph;
mod parts;
mod place;
mod signature;
mod title;
mod validity;

use jiff::civil::Date;
use zhaoren_policy::calendar::parse_date;
use zhaoren_policy::clause::Clause;
use zhaoren_policy::document::{Document, DocumentKind};
use zhaoren_text::docno;

pub use outline::{MOST_CLAUSES, MOST_NOTES, Note};
pub use parts::{DocumentPart, PartKind};

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
    /// The notice and the measure that it carries, in this order; empty for a document of one part.
    pub parts: Vec<DocumentPart>,
    /// Irregularities.
    pub notes: Vec<Note>,
}

/// Number of characters at the start of a text searched for its number and date if its head has none.
const HEAD: usize = 800;

/// Parses the structure of a clean text.
pub fn outline(text: &str, metadata: &DocumentMetadata) -> Outline {
    let head = head::head(text);
    let supplied_title = metadata.title.clone().filter(|t| !t.trim().is_empty());
    let notice_title = supplied_title.clone().unwrap_or_else(|| head.title.clone());
    let carried = parts::carried(&notice_title, text, head.is_decree);
    // A decree has no title of its own: what it issues is known by its name.
    let untitled = supplied_title.is_none() && head.is_decree && notice_title.ends_with('令');
    let title = match &carried {
        Some((measure, _)) if untitled => measure.clone(),
        _ => notice_title.clone(),
    };
    let (clauses, mut notes, clauses_left_out) = outline::clauses(text, carried.as_ref().map(|(_, at)| *at));
    let mut odd = |text: String| notes.push(Note { place: 0, text });
    let notice = carried.as_ref().and_then(|(_, at)| text.get(..*at)).unwrap_or(text);
    let signature = signature::signature(notice);
    let start: String = notice.chars().take(HEAD).collect();
    let issuer = supplied_issuer(metadata, &mut odd)
        .or_else(|| head::issuer(&title))
        .or_else(|| head.organ.clone())
        .or_else(|| signature.as_ref().map(|found| found.organs.join(" ")).filter(|name| !name.is_empty()));
    let number = compare(
        "文号",
        supplied_number(metadata, &mut odd),
        head.number.or_else(|| head::number_in(&start)),
        &mut odd,
    );
    let signed = signature.map(|found| found.date).or_else(|| start.lines().find_map(dates::of_line));
    let published = compare(
        "成文日期",
        supplied_date(metadata, &mut odd),
        head.date.or(signed).or(head.plain_date),
        &mut odd,
    );
    let effective = validity::effective(text, published);
    let expires = validity::expires(&title, text, effective);
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
    let (level, region) = place::place(metadata.region.as_deref(), issuer.as_deref(), &title);
    let supplied_kind = metadata.kind.as_deref().map_or(DocumentKind::Other, kind::said);
    let parts = carried.map_or_else(Vec::new, |(measure, at)| {
        vec![
            DocumentPart { kind: PartKind::Notice, title: notice_title, span: 0..at },
            DocumentPart { kind: PartKind::Measure, title: measure, span: at..text.len() },
        ]
    });
    let document = Document {
        number,
        level,
        region,
        published,
        effective,
        expires,
        status: kind::status(&title, text),
        kind: Some(match (kind::kind(&title, text), supplied_kind) {
            (_, DocumentKind::Regulation) => DocumentKind::Regulation,
            (DocumentKind::Other, supplied) => supplied,
            (found, _) => found,
        }),
        issuer,
        title,
        text: None,
    };
    Outline { document, clauses, clauses_left_out, parts, notes }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Issuer in the metadata, unless it is the menu of a web page: many lines, or a name of excessive length.
fn supplied_issuer(metadata: &DocumentMetadata, odd: &mut impl FnMut(String)) -> Option<String> {
    let supplied = metadata.issuer.as_deref()?;
    let lines = supplied.lines().filter(|line| !line.trim().is_empty()).count();
    let name = one_line(supplied);
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
fn supplied_number(metadata: &DocumentMetadata, odd: &mut impl FnMut(String)) -> Option<String> {
    let supplied = metadata.number.as_deref().map(str::trim).filter(|supplied| !supplied.is_empty())?;
    // （依据甲〔2020〕30号） cites another document.
    let other = supplied.contains("依据");
    if let Some(number) = docno::parse(supplied).filter(|_| !other) {
        return Some(number.to_string());
    }
    let several = supplied.split(['/', '；', ';']).filter(|_| !other).find_map(docno::parse);
    match &several {
        Some(first) => odd(format!("所给文号“{supplied}”不止一个，采用{first}")),
        None => odd(format!("所给文号“{supplied}”无法采用")),
    }
    several.map(|number| number.to_string())
}

/// Date in the metadata; none for a year alone or for several dates.
fn supplied_date(metadata: &DocumentMetadata, odd: &mut impl FnMut(String)) -> Option<Date> {
    let supplied = metadata.date.as_deref().map(str::trim).filter(|supplied| !supplied.is_empty())?;
    let several = supplied.contains('/') && supplied.split('/').filter_map(parse_date).count() > 1;
    let day =
        parse_date(supplied).or_else(|| dates::at_start(supplied).map(|(date, _)| date)).filter(|_| !several);
    if day.is_none() {
        odd(format!("所给日期“{supplied}”无法采用"));
    }
    day
}

/// The value from metadata, or else the one from the text; adds a note if they differ.
fn compare<T: PartialEq + std::fmt::Display>(
    name: &str,
    supplied: Option<T>,
    read: Option<T>,
    odd: &mut impl FnMut(String),
) -> Option<T> {
    if let (Some(supplied), Some(read)) = (&supplied, &read)
        && supplied != read
    {
        odd(format!("{name}采用所给{supplied}，正文为{read}"));
    }
    supplied.or(read)
}
