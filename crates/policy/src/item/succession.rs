//! Succession of items (替代): an item is retired by its successor from the successor's first day on.

use std::collections::BTreeMap;

use jiff::civil::Date;
use zhaoren_cancel::poll;

use super::{Item, RelationKind};
use crate::document::Status;

/// Successors of the items of a catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Succession {
    /// For the id of an item, each successor with its first day; `None` for one that has always been in force.
    successors: BTreeMap<String, Vec<(Option<Date>, String)>>,
}

impl Succession {
    /// Successions among `items`. A draft succeeds nothing, and no item succeeds itself.
    pub fn of<'a>(items: impl IntoIterator<Item = &'a Item>) -> Self {
        let mut successors: BTreeMap<String, Vec<(Option<Date>, String)>> = BTreeMap::new();
        for item in items {
            poll();
            if item.document.status == Status::Draft {
                continue;
            }
            for relation in item.relations.iter().filter(|one| one.kind == RelationKind::Succeeds) {
                if relation.item != item.id {
                    let first = item.document.effective.or(item.document.published);
                    successors.entry(relation.item.clone()).or_default().push((first, item.id.clone()));
                }
            }
        }
        // The earliest comes first: from its first day on the item is retired.
        successors.values_mut().for_each(|list| list.sort());
        Self { successors }
    }

    /// Id and first day of the item that has retired `id` by `day`; `None` if none has.
    pub fn successor_on(&self, id: &str, day: Date) -> Option<(&str, Option<Date>)> {
        let (first, successor) = self.successors.get(id)?.first()?;
        first.is_none_or(|first| first <= day).then_some((successor.as_str(), *first))
    }

    /// True if no item is ever retired.
    pub fn is_empty(&self) -> bool {
        self.successors.is_empty()
    }
}
