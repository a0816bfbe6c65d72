//! Drafts as JSON. An item is in the form that the loader of items reads; its spans are under the key `reading`, which that
//! loader accepts and does not interpret.

use std::ops::Range;

use serde_json::{Map, Value, json};
use zhaoren_conditions::criteria_json;
use zhaoren_policy::criterion::write_canonical;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Applicant, Benefit, Delivery};

use crate::model::{
    Coverage, Doubt, DraftDocument, DraftItem, GrantsNothing, NamedSpan, RelatedDocument, RelatedKind, Role,
    Segment, WindowReading,
};
use crate::tags::{TagReading, Taxonomy};

impl DraftDocument {
    /// Items, relations, coverage and unread passages. `text` is the text that was read, `dictionary` the facts of its criteria.
    pub fn to_json(&self, text: &str, dictionary: &FactDictionary) -> Value {
        let document = serde_json::to_value(&self.document).unwrap_or_default();
        let items: Vec<Value> =
            self.items.iter().map(|item| item.to_json(&document, text, dictionary)).collect();
        let unread: Vec<Value> = self
            .segments
            .iter()
            .filter(|segment| segment.role == Role::Unread)
            .filter_map(|segment| passage(text, segment.span.clone()))
            .collect();
        json!({
            "items": items,
            "grants_nothing": self.grants_nothing.map(GrantsNothing::text),
            "relations": self.relations.iter().map(RelatedDocument::to_json).collect::<Vec<_>>(),
            "coverage": self.coverage.to_json(),
            "unread": unread,
            "segments": self.segments.iter().map(Segment::to_json).collect::<Vec<_>>(),
        })
    }
}

fn bounds(span: &Range<usize>) -> Value {
    json!({"from": span.start, "to": span.end})
}

/// Bytes and verbatim text of a passage without the white space around it; `None` if nothing else is in it.
fn passage(text: &str, span: Range<usize>) -> Option<Value> {
    let words = text.get(span.clone()).unwrap_or_default();
    let start = span.start + words.len() - words.trim_start().len();
    let words = words.trim();
    (!words.is_empty()).then(|| json!({"from": start, "to": start + words.len(), "text": words}))
}

impl DraftItem {
    /// Item in the form that the loader of items reads, with the spans of its parts under `reading`. `document` is that of the
    /// item.
    pub fn to_json(&self, document: &Value, text: &str, dictionary: &FactDictionary) -> Value {
        let mut item = Map::new();
        let mut put = |key: &str, value: Value| {
            item.insert(key.to_owned(), value);
        };
        put("id", json!(self.id));
        put("title", json!(self.title));
        put("document", document.clone());
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.value).collect();
        put("benefit", json!({"kinds": kinds, "amount": self.amount.value}));
        if let Some(window) = self.window.as_ref().and_then(|window| window.value.to_json()) {
            put("window", window);
        }
        let delivery = self.delivery.as_ref().map(|delivery| delivery.value).unwrap_or_default();
        put("delivery", json!(if delivery == Delivery::Automatic { "automatic" } else { "apply" }));
        if self.addressee.value != Applicant::Enterprise {
            put("subject", serde_json::to_value(self.addressee.value).unwrap_or_default());
        }
        if self.competitive.is_some() {
            put("competitive", json!(true));
        }
        let rules: Vec<&Value> = self.stacking.iter().filter_map(|rule| rule.rule.as_ref()).collect();
        if !rules.is_empty() {
            put("stacking", json!(rules));
        }
        if !self.grants.is_empty() {
            put("grants", json!(self.grants));
        }
        let notes: Vec<&str> = self
            .stacking
            .iter()
            .filter(|rule| rule.rule.is_none())
            .map(|rule| rule.words.text.as_str())
            .collect();
        if !notes.is_empty() {
            put("notes", json!(notes));
        }
        if !self.tags.is_empty() {
            put("tags", self.tags.iter().map(|tag| tag.tag.as_str()).collect());
        }
        put("criteria", criteria_json(&self.criteria));
        put("reading", self.reading(text, dictionary));
        Value::Object(item)
    }

    fn reading(&self, text: &str, dictionary: &FactDictionary) -> Value {
        let spans = |list: &[Range<usize>]| {
            list.iter().filter_map(|one| passage(text, one.clone())).collect::<Vec<_>>()
        };
        let named = |one: &NamedSpan| json!({"from": one.span.start, "to": one.span.end, "text": one.text});
        let all = |list: &[NamedSpan]| list.iter().map(named).collect::<Vec<_>>();
        let conditions: Vec<Value> = self
            .conditions
            .iter()
            .map(|one| {
                json!({
                    "from": one.span.start, "to": one.span.end, "article": one.article,
                    "inherited": one.is_inherited,
                })
            })
            .collect();
        let evidence: Vec<Value> = self
            .evidence
            .iter()
            .map(|one| json!({"path": one.path, "from": one.span.start, "to": one.span.end}))
            .collect();
        let kinds: Vec<Value> = self
            .kinds
            .iter()
            .map(|kind| json!({"kind": kind.value, "name": Benefit::kind_name(kind.value), "from": kind.span.start, "to": kind.span.end}))
            .collect();
        let stacking: Vec<Value> = self.stacking.iter().map(|rule| named(&rule.words)).collect();
        json!({
            "article": self.article,
            "grant": spans(&self.grant),
            "kinds": kinds,
            "addressee": bounds(&self.addressee.span),
            "amount": spans(&self.amount.spans),
            "stacking": stacking,
            "window": self.window.as_ref().and_then(|window| passage(text, window.span.clone())),
            "office": self.office.as_ref().map(named),
            "materials": all(&self.materials),
            "entry": self.entry.as_ref().map(named),
            "delivery": self.delivery.as_ref().and_then(|one| passage(text, one.span.clone())),
            "competitive": self.competitive.as_ref().map(named),
            "conditions": conditions,
            "criteria": evidence,
            "criteria_text": write_canonical(&self.criteria, dictionary),
            "unread": all(&self.unread),
            "taxonomy": Taxonomy::built_in().version,
            "tags": self.tags.iter().map(TagReading::to_json).collect::<Vec<_>>(),
            "proposed": self.proposed.iter().map(zhaoren_conditions::Proposal::to_json).collect::<Vec<_>>(),
            "relations": self.relations.iter().map(RelatedDocument::to_json).collect::<Vec<_>>(),
            "doubt": self.doubts.iter().map(|doubt| json!({"code": doubt.code(), "text": doubt.text()}))
                .collect::<Vec<_>>(),
        })
    }
}

impl TagReading {
    /// The tag with its dimension and its place.
    pub fn to_json(&self) -> Value {
        json!({
            "tag": self.tag, "dimension": self.dimension.name(), "from": self.span.start, "to": self.span.end,
        })
    }
}

impl WindowReading {
    /// `window` of an item; `None` for one that is always open.
    pub fn to_json(&self) -> Option<Value> {
        match self {
            Self::Always => None,
            Self::Dates(periods) => {
                let day = |day: &Option<jiff::civil::Date>| day.map(|day| day.to_string());
                let periods: Vec<Value> = periods
                    .iter()
                    .map(|(opens, closes)| json!({"opens": day(opens), "closes": day(closes)}))
                    .collect();
                Some(json!(periods))
            }
            Self::ByNotice(words) => Some(json!({"by_notice": words})),
        }
    }
}

impl RelatedDocument {
    fn to_json(&self) -> Value {
        json!({
            "kind": self.kind.name(), "name": self.name, "number": self.number,
            "from": self.span.start, "to": self.span.end,
        })
    }
}

impl RelatedKind {
    /// Name in data.
    pub fn name(self) -> &'static str {
        match self {
            Self::Basis => "basis",
            Self::Amends => "amends",
            Self::Repeals => "repeals",
            Self::Conditions => "conditions",
            Self::TopUpOf => "top_up_of",
        }
    }
}

impl Segment {
    fn to_json(&self) -> Value {
        json!({
            "from": self.span.start, "to": self.span.end, "role": self.role.name(), "clause": self.clause,
        })
    }
}

impl Coverage {
    fn to_json(self) -> Value {
        json!({"characters": self.characters, "read": self.read})
    }
}

impl Role {
    /// Name in data.
    pub fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Heading => "heading",
            Self::Grant => "grant",
            Self::Condition => "condition",
            Self::Stacking => "stacking",
            Self::Window => "window",
            Self::Materials => "materials",
            Self::Procedure => "procedure",
            Self::Validity => "validity",
            Self::Purpose => "purpose",
            Self::Encouragement => "encouragement",
            Self::Sanction => "sanction",
            Self::Definition => "definition",
            Self::Unread => "unread",
        }
    }
}

impl GrantsNothing {
    /// Reason in Chinese.
    pub fn text(self) -> &'static str {
        match self {
            Self::Plan => "规划、方案或意见，只部署工作，不直接兑现",
            Self::Regulation => "法规规章，不直接兑现",
            Self::Report => "解读或名单，不直接兑现",
            Self::Persons => "面向个人，不面向企业",
            Self::NoGrant => "没有读到给予企业的支持",
        }
    }
}

impl Doubt {
    /// Name in data.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnlikelyDocument => "unlikely_document",
            Self::CutText => "cut_text",
            Self::AmountLeftOver => "amount_left_over",
            Self::NoAmount => "no_amount",
            Self::Discretionary => "discretionary",
            Self::ConditionsElsewhere => "conditions_elsewhere",
            Self::NoTypedCriterion => "no_typed_criterion",
            Self::MostlyJudged => "mostly_judged",
            Self::UnreadConditions => "unread_conditions",
            Self::ProposedFacts => "proposed_facts",
            Self::AddresseeUnsaid => "addressee_unsaid",
            Self::WindowUnsaid => "window_unsaid",
        }
    }

    /// Reason in Chinese.
    pub fn text(self) -> &'static str {
        match self {
            Self::UnlikelyDocument => "这类文件通常不直接兑现",
            Self::CutText => "原文在句中断开",
            Self::AmountLeftOver => "有金额没有读进支持标准",
            Self::NoAmount => "没有写明金额",
            Self::Discretionary => "由部门择优或酌情决定",
            Self::ConditionsElsewhere => "条件在另一份文件里",
            Self::NoTypedCriterion => "没有可由指标判定的条件",
            Self::MostlyJudged => "条件大多须人工认定",
            Self::UnreadConditions => "有条件未读懂",
            Self::ProposedFacts => "需要指标字典里没有的指标",
            Self::AddresseeUnsaid => "没有写明支持对象",
            Self::WindowUnsaid => "没有写明申报时间",
        }
    }
}
