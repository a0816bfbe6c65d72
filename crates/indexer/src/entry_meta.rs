//! Metadata of an entry, and the filters and facets over it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zhaoren_policy::calendar::parse_date;
use zhaoren_policy::clause::Clause;
use zhaoren_policy::code::{Code, CodeSystem, names};
use zhaoren_policy::document::{Document, Level};

use crate::entry::{Entry, EntryKind};
use crate::legal_status::LegalStatus;
use crate::sketch::Sketch;

/// Facet keys, in display order.
pub const FACETS: [&str; 8] = ["level", "region", "issuer", "kind", "method", "standing", "status", "year"];

/// Metadata of an entry, kept beside the index for filters, facets and hits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EntryMeta {
    /// Number of the entry in the parts of the index: assigned once and never reused.
    pub(crate) key: u64,
    /// Revision of the source, by which the caller detects changes.
    pub(crate) revision: String,
    /// [`Entry::digest`].
    pub(crate) digest: String,
    pub(crate) id: String,
    pub(crate) kind: EntryKind,
    pub(crate) title: String,
    pub(crate) document: Document,
    pub(crate) methods: Vec<(String, String)>,
    pub(crate) delivery: Option<String>,
    pub(crate) clauses: Vec<Clause>,
    /// 标签, without the title of the document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
    /// 别称.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) aka: Vec<String>,
    /// Fingerprint for the detection of reprints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sketch: Option<Sketch>,
}

impl EntryMeta {
    pub(crate) fn of(entry: &Entry, key: u64, revision: String) -> Self {
        Self {
            key,
            revision,
            digest: entry.digest(),
            id: entry.id.clone(),
            kind: entry.kind,
            title: entry.title.clone(),
            document: entry.document.clone(),
            methods: entry.methods.clone(),
            delivery: entry.delivery.clone(),
            clauses: entry.clauses.clone(),
            tags: entry.tags.iter().filter(|tag| **tag != entry.document.title).cloned().collect(),
            aka: entry.aka.clone(),
            sketch: Sketch::of(entry),
        }
    }

    /// Values of a facet, each with its Chinese name. Items are one more kind beside the kinds of documents. `day` is the
    /// date of the legal status.
    pub(crate) fn facet(&self, key: &str, day: Option<Date>) -> Vec<(String, String)> {
        let document = &self.document;
        let one = |value: Option<(String, String)>| value.into_iter().collect();
        match key {
            "level" => one(document.level.map(|level| (word(&level), level.name().to_owned()))),
            "region" => one(document.region.clone().map(|code| {
                let name = Code::parse(&code, CodeSystem::Region)
                    .and_then(|parsed| names(CodeSystem::Region).name(&parsed).map(str::to_owned));
                let name = name.unwrap_or_else(|| code.clone());
                (code, name)
            })),
            "issuer" => one(document.issuer.clone().map(|issuer| (issuer.clone(), issuer))),
            "kind" => match (self.kind, document.kind) {
                (EntryKind::Item, _) => vec![("item".to_owned(), "政策事项".to_owned())],
                (EntryKind::Document, kind) => one(kind.map(|kind| (word(&kind), kind.name().to_owned()))),
            },
            "method" => self.methods.clone(),
            "standing" => {
                let standing = LegalStatus::of(document, day);
                vec![(standing.key().to_owned(), standing.name().to_owned())]
            }
            "status" => vec![(word(&document.status), document.status.name().to_owned())],
            "year" => {
                one(document.published.map(|day| (day.year().to_string(), format!("{}年", day.year()))))
            }
            _ => Vec::new(),
        }
    }

    pub(crate) fn region(&self) -> Option<Code> {
        self.document.region.as_deref().and_then(|code| Code::parse(code, CodeSystem::Region))
    }

    /// True if the entry applies at `region`: its region is `region`, an ancestor of it, or a park inside it. An entry
    /// without a region applies only if it is national.
    fn covers(&self, region: &Code) -> bool {
        let level = self.document.level;
        match self.region() {
            Some(own) => region.is_within(&own) || (level == Some(Level::Park) && own.is_within(region)),
            None => level == Some(Level::National),
        }
    }

    /// True if the entry passes `key=value`, by value or by Chinese name; a region passes for its ancestors too.
    pub(crate) fn passes(&self, key: &str, value: &str, day: Option<Date>) -> bool {
        match key {
            "id" => self.id == value,
            "region" => {
                let own = self.region();
                let same = self.document.region.as_deref() == Some(value);
                same || own.is_some_and(|own| regions(value).iter().any(|wanted| own.is_within(wanted)))
            }
            "covers" => regions(value).iter().any(|place| self.covers(place)),
            "as_of" => parse_date(value).is_some_and(|day| self.document.in_force_on(day)),
            "kind" if value == "document" => self.kind == EntryKind::Document,
            _ => self.facet(key, day).iter().any(|(own, name)| own == value || name == value),
        }
    }
}

/// Endings commonly omitted from place names.
const ENDINGS: [&str; 7] = ["区", "市", "省", "县", "镇", "街道", "自治区"];

/// Regions denoted by a code or a name; a name may lack its ending, and several places may share it.
pub(crate) fn regions(value: &str) -> Vec<Code> {
    match Code::parse(value, CodeSystem::Region) {
        Some(code) => vec![code],
        None => places(value),
    }
}

/// Regions with this name, or with this name and an ending.
pub(crate) fn places(name: &str) -> Vec<Code> {
    let table = names(CodeSystem::Region);
    let codes = table.codes(name);
    if !codes.is_empty() || name.chars().nth(1).is_none() {
        return codes.to_vec();
    }
    ENDINGS.iter().flat_map(|end| table.codes(&format!("{name}{end}"))).cloned().collect()
}

/// snake_case name of an enum variant, as serialized.
fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
