//! Filter of the catalogue by query parameters.

use serde::Serialize;
use serde_json::Value;
use zhaoren_engine::{Item, WindowView};

use crate::problem::Problem;
use crate::request::Query;

/// Values that an item has to have; what is not given passes.
pub(super) struct PolicyFilter {
    level: Option<String>,
    /// Region code without the pairs of zeros that mean the whole region.
    region: Option<String>,
    kind: Option<String>,
    delivery: Option<String>,
    tag: Option<String>,
    window: Option<String>,
    in_force: Option<bool>,
}

const LEVELS: [&str; 5] = ["national", "province", "city", "district", "park"];
const DELIVERIES: [&str; 2] = ["apply", "automatic"];
const WINDOWS: [&str; 4] = ["open", "upcoming", "closed", "unknown"];

impl PolicyFilter {
    /// Names of the parameters.
    pub(super) const KNOWN: [&str; 7] = ["level", "region", "kind", "delivery", "tag", "window", "in_force"];

    pub(super) fn read(query: &Query) -> Result<Self, Problem> {
        let text = |key: &str| query.text(key).map(str::to_owned);
        let one_of = |key: &str, words: &[&str]| match query.text(key) {
            Some(value) if !words.contains(&value) => {
                Err(Problem::parameter(key, value, &format!("应为 {} 之一", words.join("、"))))
            }
            value => Ok(value.map(str::to_owned)),
        };
        let in_force = match query.text("in_force") {
            None => None,
            Some(_) => Some(query.flag("in_force", false)?),
        };
        Ok(Self {
            level: one_of("level", &LEVELS)?,
            region: query.text("region").map(region).transpose()?,
            kind: text("kind"),
            delivery: one_of("delivery", &DELIVERIES)?,
            tag: text("tag"),
            window: one_of("window", &WINDOWS)?,
            in_force,
        })
    }

    /// True if an item with this window and force on the day passes.
    pub(super) fn passes(&self, item: &Item, window: &WindowView, in_force: bool) -> bool {
        let of = &item.document;
        let is = |wanted: &Option<String>, has: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(has);
        is(&self.level, &|level| word(&of.level) == level)
            && is(&self.region, &|region| of.region.as_deref().is_some_and(|code| code.starts_with(region)))
            && is(&self.kind, &|kind| item.benefit.kinds.iter().any(|one| one == kind))
            && is(&self.delivery, &|delivery| word(&item.delivery) == delivery)
            && is(&self.tag, &|tag| item.tags.iter().any(|one| one == tag))
            && is(&self.window, &|state| word(&window.state) == state)
            && self.in_force.is_none_or(|wanted| wanted == in_force)
    }
}

/// Word of an enum on the wire.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Region code (GB/T 2260) as a prefix: trailing pairs of zeros mean the whole region.
fn region(code: &str) -> Result<String, Problem> {
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::parameter("region", code, "应为六位区划代码，如 310104"));
    }
    let mut prefix = code;
    while let Some(shorter) = prefix.strip_suffix("00") {
        prefix = shorter;
    }
    Ok(prefix.to_owned())
}
