//! Stacking rules (叠加): statements of an item about combining it with others.
//!
//! Rules name either another item or a group; items that name the same group are its members. `excludes` of an item is the plain
//! form of 不重复享受 between two items; relations of kind `choose_one` hold per object (一个项目, 一笔贷款, 一个人).

use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::Item;
use super::read::Reader;
use crate::fact::FactType;
use crate::limits;
use crate::number::Number;
use crate::problem::Fault;
use crate::profile::TagSet;
use crate::syntax::{Node, Tree};
use crate::view::View;

/// Rule of an item, with a note in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StackingRule {
    /// Content of the rule.
    #[serde(flatten)]
    pub rule: Stacking,
    /// Note in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Content of a [`StackingRule`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Stacking {
    /// 不重复享受: at most one item of the group may be received.
    ChooseOne {
        /// Name of the group.
        group: String,
    },
    /// 从高不重复: of the received items of the group, only the highest is paid.
    HigherOf {
        /// Name of the group.
        group: String,
    },
    /// 差额补足: if the other item is received too, this one only pays the difference to its own amount.
    TopUp {
        /// Id of the other item.
        of: String,
    },
    /// 封顶: all items of the group together pay at most this.
    Cap {
        /// Name of the group.
        group: String,
        /// Cap in yuan.
        #[serde(serialize_with = "number")]
        yuan: Number,
        /// Period of the cap.
        per: CapPeriod,
    },
    /// 一次性: only once; not again if the profile's list contains it.
    Once {
        /// Tags fact that lists the supports received.
        fact: String,
        /// Tag of this item in that list.
        tag: String,
    },
    /// 可叠加: expressly allowed together.
    StacksWith {
        /// Ids of the other items.
        items: Vec<String>,
    },
}

fn number<S: Serializer>(number: &Number, s: S) -> Result<S::Ok, S::Error> {
    number.to_json().serialize(s)
}

/// Period over which a cap counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CapPeriod {
    /// 每年.
    Year,
    /// 累计: over the whole life of the enterprise.
    Once,
}

/// Title or list entry that an item grants, and that criteria of other items may require.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Grant {
    /// Key of the tags fact.
    pub fact: String,
    /// Granted tag.
    pub tag: String,
    /// Number of months before the end of the title from which it may be renewed; `None` if the item does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew_months: Option<u32>,
    /// Name of the renewal: 复核, 重新认定.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal: Option<String>,
}

/// Longest time before the end of a title from which it may be renewed, in months.
const MAX_RENEW_MONTHS: i64 = 120;

/// Whether a one-time support was already received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Received {
    /// Not received, or not limited to once.
    No,
    /// Already received.
    Yes,
    /// Limited to once, and it is unknown whether it was received.
    Unknown,
}

impl Item {
    /// True if the item is given once (一次性).
    pub fn is_given_once(&self) -> bool {
        self.stacking.iter().any(|rule| matches!(rule.rule, Stacking::Once { .. }))
    }

    /// State of this item's rule 一次性 for the enterprise.
    pub fn received(&self, view: &View<'_>) -> Received {
        self.received_by(|fact| view.tags(fact), view.as_of)
    }

    /// The same on `day`, by the tags of each fact.
    pub(super) fn received_by<'t>(&self, tags: impl Fn(&str) -> Option<&'t TagSet>, day: Date) -> Received {
        let mut received = Received::No;
        for rule in &self.stacking {
            let Stacking::Once { fact, tag } = &rule.rule else { continue };
            match tags(fact).and_then(|tags| tags.holds(tag, day)) {
                Some(true) => return Received::Yes,
                Some(false) => {}
                None => received = Received::Unknown,
            }
        }
        received
    }
}

const RULES: [&str; 6] = ["choose_one", "higher_of", "top_up", "cap", "once", "stacks_with"];

/// Reads the `stacking` list of the item `id`.
pub(super) fn stacking(reader: &mut Reader<'_>, node: &Node, id: &str) -> Vec<StackingRule> {
    let Tree::List(items) = &node.value else {
        reader.report.expected(node, "stacking", "a list of rules, such as {higher_of: group}");
        return Vec::new();
    };
    if items.len() > limits::MAX_STACKING_RULES {
        let expected = format!("a list of at most {} rules", limits::MAX_STACKING_RULES);
        reader.report.expected(node, "stacking", expected);
        return Vec::new();
    }
    items
        .iter()
        .enumerate()
        .filter_map(|(i, item)| rule(reader, item, id, &format!("stacking[{i}]")))
        .collect()
}

fn rule(reader: &mut Reader<'_>, node: &Node, id: &str, path: &str) -> Option<StackingRule> {
    let found: Vec<&str> = RULES.into_iter().filter(|name| node.get(name).is_some()).collect();
    let (Tree::Map(entries), [name]) = (&node.value, found.as_slice()) else {
        reader.report.expected(node, path, format!("a map with exactly one of `{}`", RULES.join("`, `")));
        return None;
    };
    let keys: &[&str] = match *name {
        "cap" => &["cap", "yuan", "per", "note"],
        "once" => &["once", "tag", "note"],
        name => &[name, "note"],
    };
    for (key, value) in entries {
        reader.report_if_unknown_key(key, value, path, keys);
    }
    let body = node.get(name)?;
    let at = format!("{path}.{name}");
    let rule = match *name {
        "choose_one" => Stacking::ChooseOne { group: reader.text(body, &at)? },
        "higher_of" => Stacking::HigherOf { group: reader.text(body, &at)? },
        "top_up" => Stacking::TopUp { of: reader.text(body, &at)? },
        "cap" => cap(reader, node, body, path)?,
        "once" => {
            let tag = match node.get("tag") {
                Some(tag) => reader.text(tag, &format!("{path}.tag"))?,
                None => id.to_owned(),
            };
            let fact = reader.text(body, &at)?;
            tags_fact(reader, body, &fact, &tag, path)?;
            Stacking::Once { fact, tag }
        }
        _ => Stacking::StacksWith { items: reader.texts(body, &at) },
    };
    let note = node.get("note").filter(|note| !note.is_null());
    let note = note.and_then(|note| reader.text(note, &format!("{path}.note")));
    Some(StackingRule { rule, note })
}

fn cap(reader: &mut Reader<'_>, node: &Node, body: &Node, path: &str) -> Option<Stacking> {
    let group = reader.text(body, &format!("{path}.cap"));
    for key in ["yuan", "per"] {
        if node.get(key).is_none() {
            reader.report.error(node.line, path, Fault::MissingKey(key.to_owned()));
        }
    }
    let at = format!("{path}.yuan");
    let yuan = node.get("yuan").and_then(|yuan| reader.number(yuan, &at));
    if let Some(negative) = yuan.as_ref().filter(|yuan| yuan.is_negative()) {
        let fault =
            Fault::OutOfBounds { value: negative.to_string(), bounds: "a cap of 0 yuan or more".to_owned() };
        reader.report.error(node.line, &at, fault);
    }
    let periods = [(CapPeriod::Year, "year"), (CapPeriod::Once, "once")];
    let per = node.get("per").and_then(|per| reader.word(per, &format!("{path}.per"), &periods));
    Some(Stacking::Cap { group: group?, yuan: yuan?, per: per? })
}

/// Reads the `grants` list of an item.
pub(super) fn grants(reader: &mut Reader<'_>, node: &Node) -> Vec<Grant> {
    let Tree::List(items) = &node.value else {
        reader.report.expected(node, "grants", "a list of {fact, tag}");
        return Vec::new();
    };
    items
        .iter()
        .enumerate()
        .filter_map(|(i, item)| {
            let path = format!("grants[{i}]");
            let (Tree::Map(entries), Some(fact), Some(tag)) =
                (&item.value, item.get("fact"), item.get("tag"))
            else {
                reader.report.expected(item, &path, "a map with `fact` and `tag`");
                return None;
            };
            for (key, value) in entries {
                reader.report_if_unknown_key(key, value, &path, &["fact", "tag", "renew_months", "renewal"]);
            }
            let key = reader.text(fact, &format!("{path}.fact"));
            let tag = reader.text(tag, &format!("{path}.tag"));
            let (key, tag) = (key?, tag?);
            tags_fact(reader, fact, &key, &tag, &path)?;
            let renewal = item.get("renewal").and_then(|node| reader.text(node, &format!("{path}.renewal")));
            let months = item.get("renew_months").map(|node| {
                let months = node.number().and_then(|number| number.to_i64());
                months.filter(|months| (1..=MAX_RENEW_MONTHS).contains(months)).or_else(|| {
                    let expected = format!("a whole number from 1 to {MAX_RENEW_MONTHS}");
                    reader.report.expected(node, &format!("{path}.renew_months"), expected);
                    None
                })
            });
            let renew_months = months.flatten().and_then(|months| u32::try_from(months).ok());
            Some(Grant { fact: key, tag, renew_months, renewal })
        })
        .collect()
}

/// Checks that `key` is a tags fact of the dictionary, and `tag` a member of its list if that is closed.
fn tags_fact(reader: &mut Reader<'_>, node: &Node, key: &str, tag: &str, path: &str) -> Option<()> {
    let Some(fact) = reader.dictionary.get(key) else {
        let suggestion = reader.report.suggest(|| reader.dictionary.suggest(key));
        let fault = Fault::UnknownFact { key: key.to_owned(), suggestion };
        reader.report.error(node.line, path, fault);
        return None;
    };
    if fact.kind != FactType::Tags {
        let got = format!("`{key}` of type {}", fact.kind.name());
        let fault = Fault::Expected { got, expected: "a fact of type tags".to_owned() };
        reader.report.error(node.line, path, fault);
        return None;
    }
    if !fact.values.is_empty() && !fact.values.iter().any(|value| value == tag) {
        let values = fact.values.iter().map(String::as_str);
        let suggestion = reader.report.suggest(|| crate::problem::nearest(tag, values));
        let fault = Fault::UnknownValue { fact: key.to_owned(), value: tag.to_owned(), suggestion };
        reader.report.error(node.line, path, fault);
        return None;
    }
    Some(())
}
