//! Types of a draft: the document, its items, and the bytes each part was read from.

use std::ops::Range;

use jiff::civil::Date;
use serde_json::Value;
use zhaoren_conditions::Proposal;
use zhaoren_policy::criterion::Criterion;
use zhaoren_policy::document::Document;
use zhaoren_policy::item::{Applicant, Delivery, Grant};

use crate::tags::TagReading;

/// Draft of a whole document.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftDocument {
    /// Facts of the document.
    pub document: Document,
    /// Items in the order of the text; at most [`crate::MOST_ITEMS`].
    pub items: Vec<DraftItem>,
    /// Reason why there is no item, if there is none.
    pub grants_nothing: Option<GrantsNothing>,
    /// Other documents that this one cites as its basis, amends or repeals.
    pub relations: Vec<RelatedDocument>,
    /// Tiling of the text by role: the spans joined together are the text again.
    pub segments: Vec<Segment>,
    /// Share of the text that was read.
    pub coverage: Coverage,
}

/// Reason why a document has no item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantsNothing {
    /// A plan or opinion directs the work of offices.
    Plan,
    /// A regulation is general law.
    Regulation,
    /// An interpretation or a published list grants nothing by itself.
    Report,
    /// Its supports are for persons only.
    Persons,
    /// It has no sentence that grants anything.
    NoGrant,
}

/// Role of a passage of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Title, number, addressees and signature of the document.
    Head,
    /// Heading or label of a provision.
    Heading,
    /// Sentence that grants something, with its amount.
    Grant,
    /// Conditions of one or several items.
    Condition,
    /// 不重复享受, 就高不就低, 封顶.
    Stacking,
    /// 申报时间.
    Window,
    /// 申报材料.
    Materials,
    /// 申报程序, 受理部门, 网址.
    Procedure,
    /// 施行日期, 有效期, 解释权.
    Validity,
    /// 依据, 目的, 废止.
    Purpose,
    /// 鼓励, 支持, 推动 without a grant; work of government offices.
    Encouragement,
    /// 监督管理, 法律责任.
    Sanction,
    /// Definition of a term.
    Definition,
    /// Anything else.
    Unread,
}

/// Passage of the text with its role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// Role of the passage.
    pub role: Role,
    /// Index of the clause of the outline that it belongs to.
    pub clause: Option<usize>,
}

/// Number of characters read; white space is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// All characters.
    pub characters: usize,
    /// Characters of a role other than [`Role::Unread`], less those that the conditions of items leave unread.
    pub read: usize,
}

/// Value with the passage it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Quoted<T> {
    /// The value.
    pub value: T,
    /// Bytes of the text.
    pub span: Range<usize>,
}

/// Passage with its verbatim text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedSpan {
    /// Verbatim text, without its mark of enumeration.
    pub text: String,
    /// Bytes of the text.
    pub span: Range<usize>,
}

/// Draft of one item.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftItem {
    /// Id, the same for every reading of the same text.
    pub id: String,
    /// 事项名称.
    pub title: String,
    /// Citation of the provision: 第五条（一）.
    pub article: Option<String>,
    /// Sentences that grant it.
    pub grant: Vec<Range<usize>>,
    /// Support methods, words of `benefit.kinds`, with the words that say so.
    pub kinds: Vec<Quoted<&'static str>>,
    /// Kind of applicant, with the words that say so.
    pub addressee: Quoted<Applicant>,
    /// 支持标准.
    pub amount: AmountReading,
    /// Rules of combining it with other supports.
    pub stacking: Vec<StackingReading>,
    /// Titles that it grants.
    pub grants: Vec<Grant>,
    /// 申报期; `None` if the text says nothing.
    pub window: Option<Quoted<WindowReading>>,
    /// 受理部门.
    pub office: Option<NamedSpan>,
    /// 申报材料, one for each.
    pub materials: Vec<NamedSpan>,
    /// 线上入口.
    pub entry: Option<NamedSpan>,
    /// 兑现方式, with the words that say so.
    pub delivery: Option<Quoted<Delivery>>,
    /// 择优, with the words that say so.
    pub competitive: Option<NamedSpan>,
    /// Passages from which the criteria were read: its own and inherited ones.
    pub conditions: Vec<Applicability>,
    /// 申报条件.
    pub criteria: Criterion,
    /// Place of each leaf and each judged clause of `criteria`.
    pub evidence: Vec<CriterionSpan>,
    /// Passages of its conditions that are neither a criterion nor a grant, deadline or the like.
    pub unread: Vec<NamedSpan>,
    /// Facts that the dictionary does not have.
    pub proposed: Vec<Proposal>,
    /// Links to documents and supports of a higher level: 配套, 按照《…》认定.
    pub relations: Vec<RelatedDocument>,
    /// Tags by the shipped taxonomy, with the words that say so.
    pub tags: Vec<TagReading>,
    /// Reasons for a second look, each once, the most serious first.
    pub doubts: Vec<Doubt>,
}

/// Passage of conditions of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicability {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// Citation of its provision.
    pub article: Option<String>,
    /// True if it applies to the whole chapter or document.
    pub is_inherited: bool,
}

/// Place of a criterion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CriterionSpan {
    /// Path in the criteria: `all[0].any[1]`; empty for the whole.
    pub path: String,
    /// Bytes of the text.
    pub span: Range<usize>,
}

/// Amount as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AmountReading {
    /// `benefit.amount` of the item, as its loader reads it: `max`, `text`, `rate`, `base`, `unit`, `times`, `years`, `formula`.
    pub value: Value,
    /// Passages it was read from, in order.
    pub spans: Vec<Range<usize>>,
}

/// Rule of stacking as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct StackingReading {
    /// Rule as the loader of items reads it; `None` if it can be said in words only.
    pub rule: Option<Value>,
    /// Words of the rule.
    pub words: NamedSpan,
}

/// Application window as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WindowReading {
    /// 全年受理, 常年受理.
    Always,
    /// Periods; a bound that the text does not give is open.
    Dates(Vec<(Option<Date>, Option<Date>)>),
    /// By a notice that is not part of the document, or by dates that are no calendar days.
    ByNotice(String),
}

/// Other document, cited by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelatedDocument {
    /// Kind of the relation.
    pub kind: RelatedKind,
    /// Name between 《 and 》, or the words for the support of a higher level.
    pub name: String,
    /// 文号, if it follows the name.
    pub number: Option<String>,
    /// Bytes of the text.
    pub span: Range<usize>,
}

/// Kind of a [`RelatedDocument`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelatedKind {
    /// 依据.
    Basis,
    /// 修订.
    Amends,
    /// 废止.
    Repeals,
    /// 按照《…》认定: its conditions are in that document.
    Conditions,
    /// 配套: paid on top of a support of a higher level.
    TopUpOf,
}

/// Reason for a second look at an item, the most serious first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// The document is of a kind that normally grants nothing.
    UnlikelyDocument,
    /// The text ends inside a sentence.
    CutText,
    /// An amount of money of the grant is in no formula.
    AmountLeftOver,
    /// The grant has no amount.
    NoAmount,
    /// Only 可以, 择优 or 优先: the office decides.
    Discretionary,
    /// Its conditions are in another document.
    ConditionsElsewhere,
    /// It has no criterion that a fact decides.
    NoTypedCriterion,
    /// Most of its conditions are judged by a person.
    MostlyJudged,
    /// Part of its conditions is unread.
    UnreadConditions,
    /// A fact is missing from the dictionary.
    ProposedFacts,
    /// The addressee is not said.
    AddresseeUnsaid,
    /// The window is not said.
    WindowUnsaid,
}
