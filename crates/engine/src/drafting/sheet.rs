//! Review sheet of a document: its text, the role of each passage, and its draft items part by part.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use zhaoren_draft::{DraftDocument, DraftItem, GrantsNothing, Taxonomy};
use zhaoren_policy::code::Code;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::{Fault, Problem, Report};
use zhaoren_registry::DocumentRecord;

use super::machine::MachineProposal;
use super::parts;
use crate::drafts::import_document;
use crate::read_documents::ReadDocument;
use crate::source::{ImportBatch, ImportDocument};

/// Document with its draft items, for review.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewSheet {
    /// Id that the document would have in the catalogue.
    pub document: String,
    /// Title of the document.
    pub title: String,
    /// Clean text of the document; every span counts its bytes.
    pub text: String,
    /// Code of the region that 本市 means; empty if unknown.
    pub region: String,
    /// Draft items in the order of the text.
    pub items: Vec<SheetItem>,
    /// Reason why there is no item, in Chinese, if there is none.
    pub grants_nothing: Option<String>,
    /// Passages of the text with their roles: joined together they are the text again.
    pub segments: Vec<SheetSegment>,
    /// Characters of the text, and those of them that were read; white space is not counted.
    pub coverage: (usize, usize),
    /// Document as an import would store it.
    pub(crate) received: ImportDocument,
}

/// Passage of the text with its role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetSegment {
    /// First byte.
    pub from: usize,
    /// Byte behind the last.
    pub to: usize,
    /// Role, as in `zhaoren read --json`.
    pub role: &'static str,
}

/// Draft item with the parts that a person decides on.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetItem {
    /// Id of the item.
    pub id: String,
    /// Title of the item.
    pub title: String,
    /// Citation of its provision.
    pub article: Option<String>,
    /// The item in the form that its loader reads, without criteria.
    pub body: Map<String, Json>,
    /// Parts of its conditions in the order of the text.
    pub parts: Vec<ReadingPart>,
    /// Amount, window and other figures with their quotes.
    pub figures: Vec<ReadingFigure>,
    /// Facts that the dictionary does not have, as in `zhaoren read --json`.
    pub proposed: Vec<Json>,
    /// Reasons for a second look, the most serious first.
    pub doubts: Vec<String>,
}

/// Kind of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// Criteria that facts decide.
    Criterion,
    /// Criteria that only a person decides.
    Judged,
    /// Conditions by reference to another provision or document.
    Reference,
    /// Text that was not read.
    Unread,
}

/// Passage of the conditions, with the criteria that were read from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadingPart {
    /// First byte of the document's text.
    pub from: usize,
    /// Byte behind the last.
    pub to: usize,
    /// Verbatim text.
    pub text: String,
    /// Kind of the part.
    pub kind: PartKind,
    /// Criteria as JSON, with their quotes; null if it has none.
    pub criteria: Json,
    /// Criteria in canonical Chinese, without their quotes; empty if it has none.
    pub canonical: String,
    /// Construction by which scores are broken down: the first fact, or the kind of the part.
    pub construction: String,
    /// True if the passage applies to the whole chapter or document.
    #[serde(default)]
    pub is_inherited: bool,
    /// Reasons for a second look, the most serious first.
    #[serde(default)]
    pub doubts: Vec<String>,
    /// Criteria that a model proposed for a part that was not read, or only as judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<MachineProposal>,
}

impl PartKind {
    /// Name in data, and in the parameters of a form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Criterion => "criterion",
            Self::Judged => "judged",
            Self::Reference => "reference",
            Self::Unread => "unread",
        }
    }

    /// Name shown to people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Criterion => "条件",
            Self::Judged => "人工认定",
            Self::Reference => "另见",
            Self::Unread => "未读",
        }
    }
}

impl ReadingPart {
    /// Order in a review: parts with more doubt have a greater rank.
    pub fn doubt_rank(&self) -> usize {
        let base = match self.kind {
            PartKind::Unread => 30,
            PartKind::Reference => 20,
            PartKind::Judged => 10,
            PartKind::Criterion => 0,
        };
        base + 3 * self.doubts.len().min(3)
    }
}

/// Kind of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureKind {
    /// 支持标准.
    Amount,
    /// 申报期.
    Window,
    /// 叠加规则.
    Stacking,
    /// 支持方式.
    Support,
    /// 申报材料.
    Materials,
    /// 受理部门.
    Office,
    /// 办理方式.
    Delivery,
    /// 标签.
    Tags,
}

impl FigureKind {
    /// Name shown to people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Amount => "支持标准",
            Self::Window => "申报期",
            Self::Stacking => "叠加规则",
            Self::Support => "支持方式",
            Self::Materials => "申报材料",
            Self::Office => "受理部门",
            Self::Delivery => "办理方式",
            Self::Tags => "标签",
        }
    }
}

/// Amount, window or another statement of the item, with the passages that say so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingFigure {
    /// Kind of the figure.
    pub kind: FigureKind,
    /// Value in Chinese; empty if it was not read.
    pub value: String,
    /// Verbatim passages, each with its first byte.
    pub quotes: Vec<(usize, String)>,
}

/// Reads a file as an import would, and drafts its items. `region` replaces the region that the document states.
///
/// # Errors
/// The problems of the file: refused with its reason, or no document.
pub fn read_sheet(
    name: &str,
    bytes: &[u8],
    region: Option<&Code>,
    dictionary: &FactDictionary,
) -> Result<ReviewSheet, Vec<Problem>> {
    let mut batch = ImportBatch::default();
    batch.read(name, bytes, dictionary);
    if batch.documents.is_empty() {
        return Err(batch.problems);
    }
    sheet(batch.documents.swap_remove(0), region, dictionary).map_err(|error| {
        let mut report = Report::new(name);
        report.error(0, "", Fault::Other(error.to_string()));
        report.problems
    })
}

/// Sheet of a document of the registry.
pub(crate) fn stored_sheet(
    record: DocumentRecord,
    region: Option<&Code>,
    dictionary: &FactDictionary,
) -> Result<ReviewSheet, crate::EngineError> {
    sheet(import_document(record)?, region, dictionary)
}

fn sheet(
    received: ImportDocument,
    region: Option<&Code>,
    dictionary: &FactDictionary,
) -> Result<ReviewSheet, crate::EngineError> {
    let record = received.record();
    let read = ReadDocument::of(&record);
    let text = read.restored.text.clone();
    let drafted = zhaoren_draft::draft(&text, read.outline(&record)?, region, dictionary);
    let stated = drafted.document.region.clone();
    let region = region.map(|code| code.to_string()).or(stated).unwrap_or_default();
    let DraftDocument { document, items, grants_nothing, segments, coverage, .. } = drafted;
    let facts = serde_json::to_value(&document).unwrap_or_default();
    let items = items.iter().map(|item| sheet_item(item, &facts, &text, dictionary)).collect();
    Ok(ReviewSheet {
        document: received.id.clone(),
        title: document.title,
        region,
        items,
        grants_nothing: grants_nothing.map(|reason: GrantsNothing| reason.text().to_owned()),
        segments: segments
            .iter()
            .map(|one| SheetSegment { from: one.span.start, to: one.span.end, role: one.role.name() })
            .collect(),
        coverage: (coverage.characters, coverage.read),
        received,
        text,
    })
}

pub(super) fn sheet_item(
    item: &DraftItem,
    document: &Json,
    text: &str,
    dictionary: &FactDictionary,
) -> SheetItem {
    let mut body = match item.to_json(document, text, dictionary) {
        Json::Object(body) => body,
        _ => Map::new(),
    };
    let reading = body.remove("reading").unwrap_or_default();
    body.remove("criteria");
    // A later version of the taxonomy compares its tags with these.
    let own: Vec<&str> = item.tags.iter().map(|tag| tag.tag.as_str()).collect();
    body.insert("reading".to_owned(), json!({"taxonomy": Taxonomy::built_in().version, "tags": own}));
    let list = |key: &str| reading.get(key).and_then(Json::as_array).cloned().unwrap_or_default();
    let doubts =
        list("doubt").iter().filter_map(|one| one.get("text")?.as_str().map(str::to_owned)).collect();
    SheetItem {
        id: item.id.clone(),
        title: item.title.clone(),
        article: item.article.clone(),
        parts: parts::parts(item, text, dictionary),
        figures: parts::figures(item, text),
        proposed: list("proposed"),
        doubts,
        body,
    }
}

impl ReviewSheet {
    /// The sheet as JSON: the document, and its items with parts and figures.
    pub fn to_json(&self) -> Json {
        json!({
            "document": self.document, "title": self.title, "region": self.region,
            "grants_nothing": self.grants_nothing,
            "coverage": {"characters": self.coverage.0, "read": self.coverage.1},
            "items": self.items.iter().map(SheetItem::to_json).collect::<Vec<_>>(),
        })
    }
}

impl SheetItem {
    /// The item as JSON: its body without criteria, its parts and its figures.
    pub fn to_json(&self) -> Json {
        json!({
            "id": self.id, "title": self.title, "article": self.article, "item": self.body,
            "parts": self.parts, "figures": self.figures, "proposed": self.proposed, "doubts": self.doubts,
        })
    }
}
