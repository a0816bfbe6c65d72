//! Reads items from YAML, JSON or JSON Lines.
//!
//! Every key has to be known: a misspelt `criteria` would otherwise drop all conditions and make every enterprise eligible.

use jiff::civil::Date;
use zhaoren_cancel::poll;

use super::benefit::KINDS;
use super::{Applicant, Benefit, Delivery, Item, Relation, RelationKind, Review, Window};
use super::{acknowledgement, amount_keys, guide, stacking, window_keys};
use crate::calendar::parse_date;
use crate::code::{Code, CodeSystem};
use crate::criterion::{Criterion, Node as CriterionNode, read_canonical_at, read_criterion};
use crate::document::{Document, DocumentKind, Level, Status};
use crate::fact::FactDictionary;
use crate::id::check_id;
use crate::number::Number;
use crate::problem::{Fault, Report, Subject};
use crate::syntax::{self, Node, Tree};

/// Reads the items of a file: one item, a list, or JSON Lines if its name ends in `.jsonl`.
///
/// Returns the valid items, each with the node it was read from. An item with an error is left out, and every error is in the
/// report.
pub fn read_items(text: &str, file: &str, dictionary: &FactDictionary) -> (Vec<(Item, Node)>, Report) {
    let mut report = Report::new(file);
    let mut items = Vec::new();
    for node in nodes(text, file, &mut report) {
        match node.value {
            Tree::List(list) => {
                for node in list {
                    items.extend(read_item(&node, dictionary, &mut report).map(|item| (item, node)));
                }
            }
            _ => items.extend(read_item(&node, dictionary, &mut report).map(|item| (item, node))),
        }
    }
    (items, report)
}

fn nodes(text: &str, file: &str, report: &mut Report) -> Vec<Node> {
    if file.ends_with(".jsonl") {
        let mut nodes = Vec::new();
        for (line, row) in (1..).zip(text.lines()).filter(|(_, row)| !row.trim().is_empty()) {
            match syntax::json_at(row, line) {
                Ok(node) => nodes.push(node),
                Err(error) => report.syntax(error),
            }
        }
        return nodes;
    }
    let parsed =
        if file.ends_with(".json") { syntax::json(text).map(|node| vec![node]) } else { syntax::yaml(text) };
    parsed.unwrap_or_else(|error| {
        report.syntax(error);
        Vec::new()
    })
}

/// Reads one item; `None` if it has an error.
pub fn read_item(node: &Node, dictionary: &FactDictionary, report: &mut Report) -> Option<Item> {
    poll();
    let before = report.errors();
    let id = node.get("id").and_then(Node::text).unwrap_or_default().to_owned();
    report.set_subject(Some(Subject::Item(id.clone())).filter(|_| !id.is_empty()));
    let item = Reader { dictionary, report }.item(node, id);
    let sound = report.errors() == before;
    report.set_subject(None);
    item.filter(|_| sound)
}

/// Reader of the parts of one item; problems go into `report`.
pub(super) struct Reader<'a> {
    pub(super) dictionary: &'a FactDictionary,
    pub(super) report: &'a mut Report,
}

const ITEM_KEYS: [&str; 20] = [
    "id",
    "title",
    "document",
    "benefit",
    "window",
    "delivery",
    "tags",
    "aka",
    "excludes",
    "stacking",
    "grants",
    "criteria",
    "review",
    "subject",
    "competitive",
    "relations",
    "notes",
    "guide",
    "acknowledged",
    "reading",
];

/// True if a text of several lines was written with `\n` on a single line of the file. It is recognised by another value of the
/// map `entries` that begins where later lines of the text would be; below a YAML block text no value can begin there.
fn on_one_line(text: &str, value: &Node, entries: &[(String, Node)]) -> bool {
    let last = value.line.saturating_add(u32::try_from(text.lines().count()).unwrap_or(u32::MAX));
    entries.iter().any(|(_, other)| !std::ptr::eq(other, value) && (value.line..last).contains(&other.line))
}

impl Reader<'_> {
    fn item(&mut self, node: &Node, id: String) -> Option<Item> {
        let Tree::Map(entries) = &node.value else {
            self.report.expected(node, "", "an item: a map with `id`, `title`, `document`, `criteria`");
            return None;
        };
        let mut item = Item {
            id,
            title: String::new(),
            document: Document::default(),
            benefit: Benefit::default(),
            window: Window::default(),
            delivery: Delivery::default(),
            tags: Vec::new(),
            aka: Vec::new(),
            excludes: Vec::new(),
            stacking: Vec::new(),
            grants: Vec::new(),
            criteria: Criterion::without_evidence(CriterionNode::All(Vec::new())),
            review: None,
            subject: Applicant::default(),
            competitive: false,
            relations: Vec::new(),
            notes: Vec::new(),
            guide: None,
            acknowledged: Vec::new(),
        };
        for (key, value) in entries {
            match key.as_str() {
                "id" => {
                    if self.text(value, key).is_some()
                        && let Err(fault) = check_id(&item.id)
                    {
                        self.report.error(value.line, key, fault.into());
                    }
                }
                "title" => item.title = self.text(value, key).unwrap_or_default(),
                "criteria" => {
                    if let Some(criteria) = self.criteria(value, key, entries) {
                        item.criteria = criteria;
                    }
                }
                _ if value.is_null() => self.report_if_unknown_key(key, value, "", &ITEM_KEYS),
                "document" => item.document = self.document(value),
                "benefit" => item.benefit = self.benefit(value),
                "window" => item.window = window_keys::window(self, value),
                "delivery" => {
                    let words = [(Delivery::Apply, "apply"), (Delivery::Automatic, "automatic")];
                    item.delivery = self.word(value, key, &words).unwrap_or_default();
                }
                "tags" => item.tags = self.texts(value, key),
                "aka" => item.aka = self.texts(value, key),
                "excludes" => item.excludes = self.texts(value, key),
                "stacking" => item.stacking = stacking::stacking(self, value, &item.id),
                "grants" => item.grants = stacking::grants(self, value),
                "review" => item.review = self.review(value, key),
                "subject" => {
                    let words = [
                        (Applicant::Enterprise, "enterprise"),
                        (Applicant::Person, "person"),
                        (Applicant::Project, "project"),
                        (Applicant::Operator, "operator"),
                    ];
                    item.subject = self.word(value, key, &words).unwrap_or_default();
                }
                "competitive" => match value.value {
                    Tree::Bool(flag) => item.competitive = flag,
                    _ => self.report.expected(value, key, "true or false"),
                },
                "relations" => item.relations = self.relations(value),
                "notes" => item.notes = self.texts(value, key),
                "guide" => item.guide = guide::guide(self, value),
                "acknowledged" => item.acknowledged = acknowledgement::acknowledgements(self, value),
                // Spans of a draft in its document: kept beside the item for its review, without effect on matching.
                "reading" => match value.value {
                    Tree::Map(_) => {}
                    _ => self.report.expected(value, key, "a map"),
                },
                _ => self.report_if_unknown_key(key, value, "", &ITEM_KEYS),
            }
        }
        for (key, empty) in [("id", item.id.is_empty()), ("title", item.title.is_empty())] {
            if empty && node.get(key).is_none() {
                self.report.error(node.line, "", Fault::MissingKey(key.to_owned()));
            }
        }
        Some(item)
    }

    /// Criteria as a tree, or as text in their canonical Chinese form.
    fn criteria(&mut self, value: &Node, key: &str, entries: &[(String, Node)]) -> Option<Criterion> {
        let Tree::Text(text) = &value.value else {
            return read_criterion(value, key, self.dictionary, self.report);
        };
        let before = self.report.mark();
        // A block of text has the line on which it begins.
        let criteria = read_canonical_at(text, value.line, key, self.dictionary, self.report);
        if on_one_line(text, value, entries) {
            self.report.since(before).iter_mut().for_each(|problem| problem.line = Some(value.line));
        }
        criteria
    }

    /// Reports a key that is not in `keys`.
    pub(super) fn report_if_unknown_key(&mut self, key: &str, value: &Node, path: &str, keys: &[&str]) {
        if !keys.contains(&key) {
            let expected = format!("one of `{}`", keys.join("`, `"));
            self.report.error(value.line, path, Fault::UnknownKey { key: key.to_owned(), expected });
        }
    }

    pub(super) fn text(&mut self, node: &Node, path: &str) -> Option<String> {
        let text = match &node.value {
            Tree::Text(text) if !text.trim().is_empty() => Some(text.clone()),
            _ => None,
        };
        if text.is_none() {
            self.report.expected(node, path, "text");
        }
        text
    }

    pub(super) fn texts(&mut self, node: &Node, path: &str) -> Vec<String> {
        let Tree::List(items) = &node.value else {
            self.report.expected(node, path, "a list of texts");
            return Vec::new();
        };
        items.iter().enumerate().filter_map(|(i, item)| self.text(item, &format!("{path}[{i}]"))).collect()
    }

    pub(super) fn word<T: Copy>(&mut self, node: &Node, path: &str, words: &[(T, &str)]) -> Option<T> {
        let found = node
            .text()
            .and_then(|text| words.iter().find(|(_, word)| *word == text))
            .map(|(value, _)| *value);
        if found.is_none() {
            let list: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
            self.report.expected(node, path, format!("one of `{}`", list.join("`, `")));
        }
        found
    }

    pub(super) fn day(&mut self, node: &Node, path: &str) -> Option<Date> {
        let day = node.text().and_then(parse_date);
        if day.is_none() {
            self.report.expected(node, path, "a date that exists, such as 2024-02-29");
        }
        day
    }

    pub(super) fn number(&mut self, node: &Node, path: &str) -> Option<Number> {
        let number = node.number();
        if number.is_none() {
            self.report.expected(node, path, "a number of at most 28 digits");
        }
        number
    }

    fn document(&mut self, node: &Node) -> Document {
        let mut document = Document::default();
        let Tree::Map(entries) = &node.value else {
            self.report.expected(node, "document", "a map with `title`, `number`, `issuer`, …");
            return document;
        };
        const KEYS: [&str; 11] = [
            "title",
            "number",
            "issuer",
            "level",
            "region",
            "published",
            "effective",
            "expires",
            "status",
            "kind",
            "text",
        ];
        for (key, value) in entries {
            let path = format!("document.{key}");
            match key.as_str() {
                _ if value.is_null() => self.report_if_unknown_key(key, value, "document", &KEYS),
                "title" => document.title = self.text(value, &path).unwrap_or_default(),
                "number" => document.number = self.text(value, &path),
                "issuer" => document.issuer = self.text(value, &path),
                "text" => document.text = self.text(value, &path),
                "level" => document.level = self.word(value, &path, &LEVELS),
                "region" => document.region = self.region(value, &path),
                "published" => document.published = self.day(value, &path),
                "effective" => document.effective = self.day(value, &path),
                "expires" => document.expires = self.day(value, &path),
                "status" => document.status = self.word(value, &path, &STATUSES).unwrap_or_default(),
                "kind" => document.kind = self.word(value, &path, &DOCUMENT_KINDS),
                _ => self.report_if_unknown_key(key, value, "document", &KEYS),
            }
        }
        if let (Some(first), Some(last)) = (document.effective, document.expires)
            && first > last
        {
            let fault = Fault::EmptyRange { low: first.to_string(), high: last.to_string() };
            self.report.error(node.line, "document", fault);
        }
        document
    }

    fn region(&mut self, node: &Node, path: &str) -> Option<String> {
        let code = match &node.value {
            Tree::Text(text) | Tree::Number(text) => Code::parse(text, CodeSystem::Region),
            _ => None,
        };
        if code.is_none() {
            self.report.expected(node, path, "a region code of six digits, such as 310104");
        }
        code.map(|code| code.to_string())
    }

    fn benefit(&mut self, node: &Node) -> Benefit {
        let mut benefit = Benefit::default();
        let Tree::Map(entries) = &node.value else {
            self.report.expected(node, "benefit", "a map with `kinds` and `amount`");
            return benefit;
        };
        for (key, value) in entries {
            match key.as_str() {
                _ if value.is_null() => {
                    self.report_if_unknown_key(key, value, "benefit", &["kinds", "amount"])
                }
                "kinds" => {
                    benefit.kinds = self.texts(value, "benefit.kinds");
                    for kind in &benefit.kinds {
                        if !KINDS.iter().any(|(known, _)| known == kind) {
                            let value = kind.clone();
                            let fault =
                                Fault::UnknownValue { fact: "kinds".to_owned(), value, suggestion: None };
                            self.report.warn(node.line, "benefit.kinds", fault);
                        }
                    }
                }
                "amount" => benefit.amount = amount_keys::amount(self, value),
                _ => self.report_if_unknown_key(key, value, "benefit", &["kinds", "amount"]),
            }
        }
        benefit
    }

    pub(super) fn review(&mut self, node: &Node, at: &str) -> Option<Review> {
        let Tree::Map(entries) = &node.value else {
            self.report.expected(node, at, "a map with `mark`");
            return None;
        };
        let mut review = Review { mark: String::new(), source: None, note: None };
        for (key, value) in entries {
            let path = format!("{at}.{key}");
            match key.as_str() {
                _ if value.is_null() => {
                    self.report_if_unknown_key(key, value, at, &["mark", "source", "note"])
                }
                "mark" => {
                    let marks = ["V", "V-page", "K", "K!"].map(|mark| (mark, mark));
                    review.mark = self.word(value, &path, &marks).unwrap_or_default().to_owned();
                }
                "source" => review.source = self.text(value, &path),
                "note" => review.note = self.text(value, &path),
                _ => self.report_if_unknown_key(key, value, at, &["mark", "source", "note"]),
            }
        }
        Some(review)
    }

    fn relations(&mut self, node: &Node) -> Vec<Relation> {
        let Tree::List(items) = &node.value else {
            self.report.expected(node, "relations", "a list of {kind, item}");
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .filter_map(|(i, item)| self.relation(item, &format!("relations[{i}]")))
            .collect()
    }

    fn relation(&mut self, node: &Node, path: &str) -> Option<Relation> {
        let Tree::Map(entries) = &node.value else {
            self.report.expected(node, path, "a map with `kind` and `item`");
            return None;
        };
        let (mut kind, mut item, mut note) = (None, None, None);
        for (key, value) in entries {
            let at = format!("{path}.{key}");
            match key.as_str() {
                "kind" => kind = self.word(value, &at, &RelationKind::ALL),
                "item" => item = self.text(value, &at),
                "note" if value.is_null() => {}
                "note" => note = self.text(value, &at),
                _ => self.report_if_unknown_key(key, value, path, &["kind", "item", "note"]),
            }
        }
        if kind.is_none() || item.is_none() {
            self.report.expected(node, path, "a map with `kind` and `item`");
        }
        Some(Relation { kind: kind?, item: item?, note })
    }
}

const LEVELS: [(Level, &str); 5] = [
    (Level::National, "national"),
    (Level::Province, "province"),
    (Level::City, "city"),
    (Level::District, "district"),
    (Level::Park, "park"),
];

const STATUSES: [(Status, &str); 4] = [
    (Status::InForce, "in_force"),
    (Status::Draft, "draft"),
    (Status::Expired, "expired"),
    (Status::Repealed, "repealed"),
];

const DOCUMENT_KINDS: [(DocumentKind, &str); 9] = [
    (DocumentKind::Plan, "plan"),
    (DocumentKind::Opinion, "opinion"),
    (DocumentKind::Regulation, "regulation"),
    (DocumentKind::Measure, "measure"),
    (DocumentKind::Guide, "guide"),
    (DocumentKind::Notice, "notice"),
    (DocumentKind::Interpretation, "interpretation"),
    (DocumentKind::List, "list"),
    (DocumentKind::Other, "other"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str, file: &str) -> String {
        let (items, report) = read_items(text, file, FactDictionary::built_in());
        let lines: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        format!("{} items\n{}", items.len(), lines.join("\n"))
    }

    #[test]
    fn reads_an_item_in_every_format() {
        let yaml = "id: a\ntitle: 甲\ndocument: {number: 国科发火〔2016〕32号, region: '000000', effective: 2016-01-01, expires: null}\n\
                    window: [{opens: 2026-03-01, closes: 2026-09-30}]\ndelivery: apply\ncriteria: {all: []}\n";
        assert_eq!(problems(yaml, "a.yaml"), "1 items\n");
        let json = r#"{"id":"a","title":"甲","window":{"by_notice":"以通知为准"}}"#;
        assert_eq!(problems(json, "a.json"), "1 items\n");
        assert_eq!(problems(&format!("[{json}]"), "a.json"), "1 items\n");
        assert_eq!(problems(&format!("{json}\n\n{json}\n"), "a.jsonl"), "2 items\n");
    }

    /// An item's id contains no invisible characters, and its length is limited.
    #[test]
    fn invisible_characters_in_an_id_refuse_the_item() {
        let text = problems("{\"id\":\"a\\u200b\",\"title\":\"甲\"}", "a.json");
        assert_eq!(
            text,
            "0 items\na.json:1: item `a\\u{200b}`: at `id`: 标识的第 2 个字符 U+200B 是看不见的字符（零宽、方向控制或填充），不能用"
        );
        let text = problems(&format!("id: {}\ntitle: 甲\n", "a".repeat(8_000)), "a.yaml");
        assert!(text.starts_with("0 items") && text.contains("至多 200 个") && text.len() < 2_000, "{text}");
    }

    /// An item's source can be written and read again, including a number that only YAML can write.
    #[test]
    fn numbers_that_json_cannot_write_are_refused() {
        let cap = |yuan: &str| format!("id: a\ntitle: 甲\nstacking: [{{cap: g, yuan: {yuan}, per: year}}]\n");
        assert_eq!(problems(&cap("+5"), "a.yaml"), "1 items\n");
        assert!(
            problems(&cap("0100"), "a.yaml")
                .contains("got number `0100`, expected a number of at most 28 digits")
        );
    }

    #[test]
    fn a_misspelt_key_refuses_the_item() {
        let text = problems("id: a\ntitle: 甲\ncriterai: {all: []}\n", "a.yaml");
        assert!(text.starts_with("0 items\na.yaml:3: item `a`: unknown key `criterai`"), "{text}");
        let text =
            problems("{\"id\":\"a\",\"title\":\"甲\"}\n{\"id\":\n{\"id\":\"b\",\"title\":\"乙\"}", "x.jsonl");
        assert!(text.starts_with("2 items\nx.jsonl:2: not well-formed"), "{text}");
        let text = problems(
            "- {id: a, title: 甲, window: [{opens: 2026-09-30, closes: 2026-03-01}]}\n- {title: 乙}",
            "a.yaml",
        );
        assert!(
            text.contains("range from 2026-09-30 to 2026-03-01") && text.contains("`id` is missing"),
            "{text}"
        );
        let text = problems(
            "- {id: a, title: 甲, document: {published: 2026-02-30, status: gone, region: x}}",
            "a.yaml",
        );
        assert!(
            text.contains("document.published")
                && text.contains("document.status")
                && text.contains("document.region")
        );
    }
}
