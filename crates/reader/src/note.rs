//! What looked odd while a text was read, and where.

use std::fmt;
use std::ops::Range;

use jiff::civil::Date;

/// One odd thing and its place; reading went on all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Byte span in the text. Empty at 0 when it is about what metadata said.
    pub place: Range<usize>,
    /// What it is.
    pub kind: NoteKind,
}

/// A field of [`crate::Given`], for notes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// 标题.
    Title,
    /// 文号.
    Number,
    /// 发文机关.
    Issuer,
    /// 成文日期.
    Date,
    /// 区域.
    Region,
    /// 文种.
    Kind,
}

impl Field {
    /// The Chinese name shown to people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "标题",
            Self::Number => "文号",
            Self::Issuer => "发文机关",
            Self::Date => "日期",
            Self::Region => "区域",
            Self::Kind => "文种",
        }
    }
}

/// Kinds of odd things; `Display` says them in Chinese.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// A number of a list is missing.
    Skipped {
        /// The label as found.
        label: String,
        /// The number that was due.
        expected: u32,
    },
    /// A number lower than the one before it.
    OutOfOrder {
        /// The label as found.
        label: String,
        /// The number that was due.
        expected: u32,
    },
    /// The same citation occurs again; it now carries `#2`, `#3`, ….
    Repeated {
        /// The citation, without the mark.
        article: String,
    },
    /// Lines break inside sentences, so paragraphs (款) of articles were not told apart.
    Wrapped,
    /// Metadata could not be used as given.
    Unusable {
        /// Which field.
        field: Field,
        /// What was given.
        given: String,
    },
    /// Metadata and text say different things; `kept` is what the document now says.
    Differs {
        /// Which field.
        field: Field,
        /// What the document now says.
        kept: String,
        /// What the other source said.
        other: String,
    },
    /// 施行日期 lies before the date of the document: retroactive, or one of them is wrong.
    EffectiveBeforePublished {
        /// 施行日期.
        effective: Date,
        /// 成文日期.
        published: Date,
    },
    /// 有效期至 lies before 施行日期.
    ExpiresBeforeEffective {
        /// 有效期至.
        expires: Date,
        /// 施行日期.
        effective: Date,
    },
    /// The text names several days on which it comes into force.
    SeveralEffective {
        /// The one that was kept.
        kept: Date,
        /// Another one.
        other: Date,
    },
    /// A term (有效期五年) whose first day is not known.
    TermWithoutStart,
}

impl fmt::Display for NoteKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Skipped { label, expected } => write!(f, "编号跳跃：应为第{expected}项，见“{label}”"),
            Self::OutOfOrder { label, expected } => write!(f, "编号倒置：应为第{expected}项，见“{label}”"),
            Self::Repeated { article } => write!(f, "条款“{article}”重复出现"),
            Self::Wrapped => f.write_str("正文在句中换行，未划分款"),
            Self::Unusable { field, given } => write!(f, "所给{}“{given}”无法采用", field.name()),
            Self::Differs { field, kept, other } => {
                write!(f, "{}采用“{kept}”，另有“{other}”", field.name())
            }
            Self::EffectiveBeforePublished { effective, published } => {
                write!(f, "施行日期{effective}早于成文日期{published}")
            }
            Self::ExpiresBeforeEffective { expires, effective } => {
                write!(f, "有效期至{expires}早于施行日期{effective}")
            }
            Self::SeveralEffective { kept, other } => write!(f, "施行日期采用{kept}，另有{other}"),
            Self::TermWithoutStart => f.write_str("有效期有年限，但起算日不明"),
        }
    }
}
