//! Layers (optional content) that are switched off when the file is opened: what they draw is not seen.

use std::collections::HashSet;

use hayro_syntax::object::{Array, Dict, Name, ObjectIdentifier};
use hayro_syntax::xref::XRef;

/// Layers of a file that are looked at.
const LAYERS: usize = 4_096;

/// The layers that are off.
#[derive(Debug, Default)]
pub(super) struct Layers {
    off: HashSet<ObjectIdentifier>,
}

impl Layers {
    /// The layers of a file's catalogue, by its default configuration.
    pub(super) fn of(xref: &XRef) -> Self {
        let properties = xref
            .get::<Dict<'_>>(xref.root_id())
            .and_then(|catalogue| catalogue.get::<Dict<'_>>("OCProperties"))
            .unwrap_or_default();
        let start = properties.get::<Dict<'_>>("D").unwrap_or_default();
        let mut off = HashSet::new();
        if start.get::<Name<'_>>("BaseState").is_some_and(|state| state.as_ref() == b"OFF") {
            off.extend(listed(&properties, "OCGs"));
        }
        for on in listed(&start, "ON") {
            off.remove(&on);
        }
        off.extend(listed(&start, "OFF"));
        Self { off }
    }

    /// True if the dictionary under a key (`OC`, or a name in the properties) is a layer that is off.
    pub(super) fn hides(&self, holder: &Dict<'_>, key: &[u8]) -> bool {
        if self.off.is_empty() {
            return false;
        }
        if holder.get_ref(key).is_some_and(|layer| self.off.contains(&layer.into())) {
            return true;
        }
        // A membership is seen while any of its layers is on, unless it says otherwise; those that say so are rare.
        let Some(membership) = holder.get::<Dict<'_>>(key) else { return false };
        let mut layers = listed(&membership, "OCGs");
        // One that names hundreds is made to cost time; it counts as seen.
        if layers.len() > 256 {
            return false;
        }
        layers.extend(membership.get_ref("OCGs").map(ObjectIdentifier::from));
        !layers.is_empty() && layers.iter().all(|layer| self.off.contains(layer))
    }
}

fn listed(dict: &Dict<'_>, key: &str) -> Vec<ObjectIdentifier> {
    let Some(array) = dict.get::<Array<'_>>(key) else { return Vec::new() };
    array.raw_iter().take(LAYERS).filter_map(|item| item.as_obj_ref()).map(ObjectIdentifier::from).collect()
}
