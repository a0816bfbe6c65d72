//! Guide of an item (办事指南): where to apply, with which materials, at which office.
//!
//! A field that is not known is absent: nothing is guessed, and display says that it is not recorded (未收录).

use serde::{Deserialize, Serialize};
use zhaoren_cancel::poll;

use super::Review;
use super::read::Reader;
use crate::problem::Fault;
use crate::syntax::{Node, Tree};

/// Guide of an item (办事指南). It never decides a verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guide {
    /// 申报入口.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub channel: Option<ApplicationChannel>,
    /// 申报材料.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub materials: Vec<Material>,
    /// 受理部门.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<GuideLine>,
    /// 咨询电话.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telephone: Option<GuideLine>,
    /// 办理时限: from acceptance to the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handling_time: Option<GuideLine>,
    /// 有效期限: how long the support or title holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<GuideLine>,
    /// 合作机构: the bank, guarantor or institution through which the support is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner: Option<GuideLine>,
}

/// Place where an application is made (申报入口).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationChannel {
    /// Name of the online system; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Address of the online system, `http` or `https`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Way without an online system (无线上入口): the counter, or the bank that applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offline: Option<String>,
    /// Text or page that states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Result of checking it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
}

/// Material to be submitted (申报材料).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Material {
    /// Name of the material.
    pub name: String,
    /// Office or body that issues it; absent if the applicant writes it, or if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// 告知承诺: true if a written promise replaces it; absent if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<bool>,
    /// Text or page that states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Result of checking it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
}

/// One field of a guide in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuideLine {
    /// Words for display.
    pub text: String,
    /// Text or page that states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Result of checking it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
}

/// Field of a guide prepared for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuideEntry<'a> {
    /// Name of the field: 申报入口.
    pub label: &'static str,
    /// Words of the field.
    pub text: String,
    /// Address behind the words.
    pub link: Option<&'a str>,
    /// True if the field was compared with a source.
    pub checked: bool,
}

/// Words for a guide without a place to apply.
pub const CHANNEL_UNKNOWN: &str = "申报入口未收录";

impl Guide {
    /// True if nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Fields that are known, in the order of display; the place to apply is always first, known or not.
    pub fn entries(&self) -> Vec<GuideEntry<'_>> {
        let mut entries = vec![match &self.channel {
            Some(channel) => GuideEntry {
                label: "申报入口",
                text: channel.describe(),
                link: channel.link.as_deref(),
                checked: is_checked(channel.review.as_ref()),
            },
            None => {
                GuideEntry {
                    label: "申报入口", text: CHANNEL_UNKNOWN.to_owned(), link: None, checked: true
                }
            }
        }];
        if !self.materials.is_empty() {
            let names: Vec<String> = self.materials.iter().map(Material::describe).collect();
            entries.push(GuideEntry {
                label: "申报材料",
                text: names.join("；"),
                link: None,
                checked: self.materials.iter().all(|one| is_checked(one.review.as_ref())),
            });
        }
        let lines = [
            ("受理部门", &self.office),
            ("咨询电话", &self.telephone),
            ("办理时限", &self.handling_time),
            ("有效期限", &self.term),
            ("合作机构", &self.partner),
        ];
        for (label, line) in lines {
            entries.extend(line.as_ref().map(|line| GuideEntry {
                label,
                text: line.text.clone(),
                link: None,
                checked: is_checked(line.review.as_ref()),
            }));
        }
        entries
    }
}

impl ApplicationChannel {
    /// Words of the place to apply.
    pub fn describe(&self) -> String {
        match (&self.system, &self.offline) {
            (Some(system), Some(offline)) => format!("{system}；也可{offline}"),
            (Some(system), None) => system.clone(),
            (None, Some(offline)) => format!("无线上入口：{offline}"),
            (None, None) => self.link.clone().unwrap_or_else(|| CHANNEL_UNKNOWN.to_owned()),
        }
    }
}

impl Material {
    /// Name with its issuer, and whether a promise replaces it.
    pub fn describe(&self) -> String {
        let promise = self.promise.filter(|promise| *promise).map(|_| "可告知承诺");
        let issuer = self.issuer.as_ref().map(|issuer| format!("{issuer}出具"));
        let about: Vec<&str> = issuer.as_deref().into_iter().chain(promise).collect();
        if about.is_empty() { self.name.clone() } else { format!("{}（{}）", self.name, about.join("，")) }
    }
}

/// True if a field was compared with a source. Without a review it was not.
fn is_checked(review: Option<&Review>) -> bool {
    review.is_some_and(Review::is_checked)
}

const GUIDE_KEYS: [&str; 9] =
    ["where", "materials", "office", "telephone", "handling_time", "term", "partner", "source", "review"];

/// Source and review that hold for the fields without their own.
#[derive(Clone, Default)]
struct Origin {
    source: Option<String>,
    review: Option<Review>,
}

impl Origin {
    fn or(self, outer: &Self) -> Self {
        Self { source: self.source.or(outer.source.clone()), review: self.review.or(outer.review.clone()) }
    }
}

/// Reads the value of `guide`. A field without its own `source` and `review` has those of the guide.
pub(super) fn guide(reader: &mut Reader<'_>, node: &Node) -> Option<Guide> {
    let Tree::Map(entries) = &node.value else {
        reader.report.expected(node, "guide", "a map with `where`, `materials`, `office`, …");
        return None;
    };
    let mut outer = Origin::default();
    for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
        match key.as_str() {
            "source" => outer.source = reader.text(value, "guide.source"),
            "review" => outer.review = reader.review(value, "guide.review"),
            _ => {}
        }
    }
    let mut guide = Guide::default();
    for (key, value) in entries {
        let path = format!("guide.{key}");
        match key.as_str() {
            _ if value.is_null() => reader.report_if_unknown_key(key, value, "guide", &GUIDE_KEYS),
            "where" => guide.channel = channel(reader, value, &path, &outer),
            "materials" => guide.materials = materials(reader, value, &path, &outer),
            "office" => guide.office = line(reader, value, &path, &outer),
            "telephone" => guide.telephone = line(reader, value, &path, &outer),
            "handling_time" => guide.handling_time = line(reader, value, &path, &outer),
            "term" => guide.term = line(reader, value, &path, &outer),
            "partner" => guide.partner = line(reader, value, &path, &outer),
            _ => reader.report_if_unknown_key(key, value, "guide", &GUIDE_KEYS),
        }
    }
    Some(guide).filter(|guide| !guide.is_empty())
}

/// Reads `source` and `review` of a map and passes every other key in `keys` to `other`; a key outside `keys` is reported.
fn origin(
    reader: &mut Reader<'_>,
    entries: &[(String, Node)],
    path: &str,
    keys: &[&str],
    mut other: impl FnMut(&mut Reader<'_>, &str, &Node, &str),
) -> Origin {
    let mut own = Origin::default();
    for (key, value) in entries {
        let at = format!("{path}.{key}");
        match key.as_str() {
            _ if value.is_null() || !keys.contains(&key.as_str()) => {
                reader.report_if_unknown_key(key, value, path, keys)
            }
            "source" => own.source = reader.text(value, &at),
            "review" => own.review = reader.review(value, &at),
            key => other(reader, key, value, &at),
        }
    }
    own
}

fn line(reader: &mut Reader<'_>, node: &Node, path: &str, outer: &Origin) -> Option<GuideLine> {
    let Tree::Map(entries) = &node.value else {
        let text = match &node.value {
            // A telephone number is written without quotes.
            Tree::Number(number) => Some(number.clone()),
            _ => reader.text(node, path),
        }?;
        let Origin { source, review } = outer.clone();
        return Some(GuideLine { text, source, review });
    };
    let mut text = None;
    let own = origin(reader, entries, path, &["text", "source", "review"], |reader, _, value, at| {
        text = match &value.value {
            Tree::Number(number) => Some(number.clone()),
            _ => reader.text(value, at),
        };
    });
    if text.is_none() && node.get("text").is_none() {
        reader.report.error(node.line, path, Fault::MissingKey("text".to_owned()));
    }
    let Origin { source, review } = own.or(outer);
    Some(GuideLine { text: text?, source, review })
}

fn channel(reader: &mut Reader<'_>, node: &Node, path: &str, outer: &Origin) -> Option<ApplicationChannel> {
    let Tree::Map(entries) = &node.value else {
        reader.report.expected(node, path, "a map with `system` and `link`, or with `offline`");
        return None;
    };
    let (mut system, mut link, mut offline) = (None, None, None);
    let keys = ["system", "link", "offline", "source", "review"];
    let own = origin(reader, entries, path, &keys, |reader, key, value, at| match key {
        "system" => system = reader.text(value, at),
        "offline" => offline = reader.text(value, at),
        _ => link = address(reader, value, at),
    });
    if system.is_none() && link.is_none() && offline.is_none() {
        reader.report.expected(node, path, "a map with `system` and `link`, or with `offline`");
        return None;
    }
    let Origin { source, review } = own.or(outer);
    Some(ApplicationChannel { system, link, offline, source, review })
}

/// Address of a page. Only `http` and `https` become links, whatever an item file contains.
fn address(reader: &mut Reader<'_>, node: &Node, path: &str) -> Option<String> {
    let text = reader.text(node, path)?;
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let sound = rest.is_some_and(|rest| {
        !rest.is_empty() && rest.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\'))
    });
    if !sound {
        reader.report.expected(node, path, "an address that begins with https:// or http://");
        return None;
    }
    Some(text)
}

fn materials(reader: &mut Reader<'_>, node: &Node, path: &str, outer: &Origin) -> Vec<Material> {
    let Tree::List(list) = &node.value else {
        reader.report.expected(node, path, "a list of {name, issuer, promise}");
        return Vec::new();
    };
    let mut materials = Vec::new();
    for (index, one) in list.iter().enumerate() {
        poll();
        materials.extend(material(reader, one, &format!("{path}[{index}]"), outer));
    }
    materials
}

fn material(reader: &mut Reader<'_>, node: &Node, path: &str, outer: &Origin) -> Option<Material> {
    let Tree::Map(entries) = &node.value else {
        let name = reader.text(node, path)?;
        let Origin { source, review } = outer.clone();
        return Some(Material { name, issuer: None, promise: None, source, review });
    };
    let (mut name, mut issuer, mut promise) = (None, None, None);
    let keys = ["name", "issuer", "promise", "source", "review"];
    let own = origin(reader, entries, path, &keys, |reader, key, value, at| match (key, &value.value) {
        ("name", _) => name = reader.text(value, at),
        ("issuer", _) => issuer = reader.text(value, at),
        (_, Tree::Bool(flag)) => promise = Some(*flag),
        _ => reader.report.expected(value, at, "true or false"),
    });
    if name.is_none() && node.get("name").is_none() {
        reader.report.error(node.line, path, Fault::MissingKey("name".to_owned()));
    }
    let Origin { source, review } = own.or(outer);
    Some(Material { name: name?, issuer, promise, source, review })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::FactDictionary;
    use crate::item::read_items;

    fn read(guide: &str) -> (Option<Guide>, String) {
        let text = format!("id: a\ntitle: 甲\nguide:\n{guide}\n");
        let (items, report) = read_items(&text, "a.yaml", FactDictionary::built_in());
        let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        (items.into_iter().next().and_then(|(item, _)| item.guide), problems.join("\n"))
    }

    #[test]
    fn fields_have_the_source_and_review_of_the_guide_unless_they_have_their_own() {
        let (guide, problems) = read(
            "  where: {system: 电子税务局, link: 'https://etax.example.gov.cn/'}
  materials:
    - {name: 纳税申报表, promise: false}
    - {name: 完税证明, issuer: 税务机关, promise: true, review: {mark: K}}
    - 承诺书
  telephone: 12366
  handling_time: {text: 即时办结, source: 某网页}
  source: 某公告
  review: {mark: V}",
        );
        assert_eq!(problems, "");
        let guide = guide.expect("a guide");
        let lines: Vec<(&str, String, bool)> =
            guide.entries().into_iter().map(|one| (one.label, one.text, one.checked)).collect();
        let expected = [
            ("申报入口", "电子税务局", true),
            ("申报材料", "纳税申报表；完税证明（税务机关出具，可告知承诺）；承诺书", false),
            ("咨询电话", "12366", true),
            ("办理时限", "即时办结", true),
        ];
        assert_eq!(lines, expected.map(|(label, text, checked)| (label, text.to_owned(), checked)));
        let sources = [&guide.telephone, &guide.handling_time].map(|line| line.as_ref()?.source.as_deref());
        assert_eq!(sources, [Some("某公告"), Some("某网页")]);
        // The form that is shown can be read again.
        let json = serde_json::json!({"id": "a", "title": "甲", "guide": guide}).to_string();
        let (items, report) = read_items(&json, "a.json", FactDictionary::built_in());
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        assert_eq!(items[0].0.guide, Some(guide));
    }

    #[test]
    fn what_is_not_known_is_said_and_no_line_is_made_up() {
        let (guide, problems) = read("  office: 某局");
        assert_eq!(problems, "");
        let guide = guide.expect("a guide");
        let lines: Vec<String> = guide.entries().into_iter().map(|one| one.text).collect();
        assert_eq!(lines, ["申报入口未收录", "某局"]);
        let (guide, _) = read("  where: {offline: 到银行网点办理}");
        assert_eq!(guide.expect("a guide").entries()[0].text, "无线上入口：到银行网点办理");
    }

    #[test]
    fn faults_name_their_field() {
        for (guide, expected) in [
            ("  where: {system: 甲, link: 'javascript:alert(1)'}", "guide.where.link"),
            ("  where: {link: 'https://a b'}", "guide.where.link"),
            ("  where: {}", "guide.where"),
            ("  where: 网上", "guide.where"),
            ("  material: [甲]", "unknown key `material`"),
            ("  materials: [{issuer: 甲}]", "`name` is missing"),
            ("  materials: [{name: 甲, promise: 是}]", "guide.materials[0].promise"),
            ("  office: {source: 甲}", "`text` is missing"),
            ("  office: {text: 甲, review: {mark: Z}}", "guide.office.review.mark"),
        ] {
            let (read, problems) = read(guide);
            assert!(problems.contains(expected), "{guide}: {problems}");
            assert_eq!(read, None, "{guide}");
        }
    }
}
