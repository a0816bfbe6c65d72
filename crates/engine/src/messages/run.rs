//! The parts of a run that messages need, and the bodies of messages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Window, WindowState, read_item};
use zhaoren_policy::problem::Report;
use zhaoren_policy::syntax;
use zhaoren_registry::{MessageKind, Moment, digest};

use crate::Date;
use crate::clock::moment_in_china;
use crate::error::EngineError;
use crate::written::json_line;

/// A finished run, the source of messages.
#[derive(Clone, Debug)]
pub struct MessageSource {
    pub(super) digest: String,
    pub(super) as_of: Date,
    /// Name of the run's folder; empty if unknown.
    pub(super) folder: String,
    items: BTreeMap<String, RunItem>,
}

/// An item as of the run.
#[derive(Clone, Debug)]
struct RunItem {
    digest: String,
    title: String,
    /// Number of its document, or its title without one.
    document: Option<String>,
    window: Window,
    is_once: bool,
}

/// A row of a list.
#[derive(Clone, Debug, Deserialize)]
pub struct ListedRow {
    /// The enterprise.
    pub(super) enterprise_id: String,
    /// The item.
    pub(super) policy_id: String,
    /// The verdict; none for a row that is gone.
    #[serde(default)]
    pub(super) verdict: Option<String>,
    /// Order of the rows of an enterprise.
    #[serde(default)]
    pub(super) score: Option<f64>,
    /// `new`, `kept` or `gone`.
    pub(super) change: String,
    /// The cause, if known.
    #[serde(default)]
    pub(super) cause: Option<String>,
    /// The cause in words.
    #[serde(default)]
    pub(super) cause_name: Option<String>,
    /// Conditions behind the cause, each with its article.
    #[serde(default)]
    pub(super) clause: Option<String>,
    /// Amount of the item in words.
    #[serde(default)]
    pub(super) amount: Option<String>,
    /// Window of the item in words.
    #[serde(default)]
    pub(super) window: Option<String>,
}

impl MessageSource {
    /// Creates a run from its manifest, its evaluation date, and its items, each as id and JSON.
    ///
    /// # Errors
    /// When an item cannot be read: whether it may be offered twice is then unknown.
    pub fn new(manifest: &[u8], as_of: Date, items: &[(String, String)]) -> Result<Self, EngineError> {
        let items = items.iter().map(|(id, body)| Ok((id.clone(), RunItem::read(id, body)?)));
        let items = items.collect::<Result<_, EngineError>>()?;
        Ok(Self { digest: digest(&[manifest]), as_of, folder: String::new(), items })
    }

    /// The same run with the name of its folder, which messages name for people.
    #[must_use]
    pub fn in_folder(self, name: &str) -> Self {
        Self { folder: name.to_owned(), ..self }
    }

    /// The digest of an item's revision; empty if the run lacks it.
    pub(super) fn revision(&self, item: &str) -> &str {
        self.items.get(item).map_or("", |item| &item.digest)
    }

    /// True if an item is granted only once (一次性).
    pub(super) fn is_once(&self, item: &str) -> bool {
        self.items.get(item).is_some_and(|item| item.is_once)
    }

    /// The body of an offer: of the enterprise it has only the id and the verdict.
    pub(super) fn offer(&self, row: &ListedRow, at: Moment) -> String {
        let window = match self.items.get(&row.policy_id).map(|item| &item.window) {
            Some(window @ Window::Dates(_)) => Some(window.on(self.as_of)),
            _ => None,
        };
        let window = window.map(|view| Dates { state: view.state, opens: view.opens, closes: view.closes });
        let data = Data { verdict: row.verdict.as_deref(), window, ..self.about(row) };
        Body { kind: MessageKind::Offer, timestamp: rfc3339(at), data }.text()
    }

    /// The body of a retraction of the offers with these keys.
    pub(super) fn retraction(&self, row: &ListedRow, offers: &[&str], at: Moment) -> String {
        let data = Data { retracts: Some(offers), ..self.about(row) };
        Body { kind: MessageKind::Retraction, timestamp: rfc3339(at), data }.text()
    }

    fn about<'a>(&'a self, row: &'a ListedRow) -> Data<'a> {
        Data {
            enterprise: &row.enterprise_id,
            item: &row.policy_id,
            // An item that is gone may be absent from the run.
            title: self.items.get(&row.policy_id).map(|item| item.title.as_str()),
            as_of: self.as_of,
            run: &self.digest,
            run_folder: known(&self.folder),
            verdict: None,
            amount: row.amount.as_deref(),
            window_text: row.window.as_deref(),
            cause: row.cause.as_deref().map(|code| Cause {
                code,
                name: row.cause_name.as_deref(),
                clause: row.clause.as_deref(),
            }),
            document: self.items.get(&row.policy_id).and_then(|item| item.document.as_deref()),
            window: None,
            retracts: None,
        }
    }
}

/// The body of a message.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: MessageKind,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    enterprise: &'a str,
    item: &'a str,
    title: Option<&'a str>,
    as_of: Date,
    run: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_folder: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Cause<'a>>,
    /// Number of the item's document, or its title without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<Dates>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retracts: Option<&'a [&'a str]>,
}

/// Cause of a change, with the conditions of the item that it concerns. Values of the enterprise's facts, which the detail of a row has,
/// stay with the list.
#[derive(Serialize)]
struct Cause<'a> {
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clause: Option<&'a str>,
}

/// The text, unless it is empty.
fn known(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

#[derive(Serialize)]
struct Dates {
    state: WindowState,
    opens: Option<Date>,
    closes: Option<Date>,
}

impl Body<'_> {
    fn text(&self) -> String {
        json_line(self)
    }
}

impl RunItem {
    /// Reads the parts of an item that messages use. Its conditions are not parsed: they may use facts that are not in the
    /// dictionary here.
    fn read(id: &str, body: &str) -> Result<Self, EngineError> {
        let unreadable = |why: &str| EngineError::Run(format!("批次中的事项 `{id}` 读不懂：{why}"));
        let json: Json = serde_json::from_str(body).map_err(|error| unreadable(&error.to_string()))?;
        let shown = json!({"id": id, "title": json.get("title"), "window": json.get("window")});
        let shown = shown.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
        let shown: serde_json::Map<_, _> = shown.map(|(key, value)| (key.clone(), value.clone())).collect();
        let node =
            syntax::json(&Json::Object(shown).to_string()).map_err(|error| unreadable(&error.message))?;
        let mut report = Report::new("run");
        let item = read_item(&node, FactDictionary::built_in(), &mut report);
        let first = || report.problems.first().map_or_else(|| "不是事项".to_owned(), ToString::to_string);
        let item = item.ok_or_else(|| unreadable(&first()))?;
        // Absent and null rules mean no rule; any other value that is no list is malformed.
        let rules = match json.get("stacking") {
            None | Some(Json::Null) => &[][..],
            Some(Json::Array(rules)) => rules,
            Some(_) => return Err(unreadable("`stacking` 应为列表")),
        };
        let is_once = rules.iter().any(|rule| rule.get("once").is_some());
        let document =
            ["/document/number", "/document/title"].iter().find_map(|at| json.pointer(at)?.as_str());
        Ok(Self {
            digest: digest(&[body.as_bytes()]),
            title: item.title,
            document: document.map(str::to_owned),
            window: item.window,
            is_once,
        })
    }
}

/// A moment with its offset: 2026-07-01T09:30:00+08:00.
pub(super) fn rfc3339(at: Moment) -> String {
    format!("{}+08:00", moment_in_china(at).replacen(' ', "T", 1))
}
