//! Tags facts that several columns contribute to.

use std::sync::Arc;

use zhaoren_policy::fact::Fact;
use zhaoren_policy::profile::{CheckedFact, HeldValue};
use zhaoren_policy::syntax::{Node, Tree};
use zhaoren_policy::warning::WarningKind;

use super::{Cells, RowReader};
use crate::table::cell::{Cell, at};
use crate::table::fact_words::About;
use crate::table::layout::{Slot, TableColumn};

/// Contribution of a column to a tags fact that has several columns.
enum TagsPart {
    Unknown,
    /// Complete list: possible tags that are not in it are not held.
    List(Vec<Node>),
    Some {
        has: Vec<Node>,
        lacks: Vec<Node>,
    },
    /// One tag, held or not.
    One(Node, bool),
}

impl RowReader<'_> {
    /// Tags fact with several columns, or with one column of 是 and 否. It is complete if one column is a list and no column is
    /// unknown: a 是/否 column covers only its own tag.
    pub(super) fn tags(&mut self, fact: &Fact, slot: &Slot, cells: &impl Cells) -> Option<CheckedFact> {
        let layout = self.layout;
        let (mut has, mut lacks): (Vec<Node>, Vec<Node>) = (Vec::new(), Vec::new());
        let (mut lists, mut complete, mut known, mut sound) = (false, true, false, true);
        let columns =
            slot.columns.iter().filter_map(|position| Some((*position, layout.columns.get(*position)?)));
        for (position, column) in columns.clone() {
            let cell = cells.cell(position);
            let (part, notes, refused) = self.part(fact, column, &cell);
            if !notes.is_empty() {
                self.doubt(column.header.clone(), cell.shown(), refused, Arc::from(notes));
            }
            sound &= !refused;
            match part {
                TagsPart::Unknown => complete = false,
                TagsPart::List(tags) => {
                    (lists, known) = (true, true);
                    has.extend(tags);
                }
                TagsPart::Some { has: some, lacks: others } => {
                    (complete, known) = (false, true);
                    has.extend(some);
                    lacks.extend(others);
                }
                TagsPart::One(tag, held) => {
                    known = true;
                    if held { has.push(tag) } else { lacks.push(tag) }
                }
            }
        }
        if !sound || !known {
            return None;
        }
        for tags in [&mut has, &mut lacks] {
            let all = std::mem::take(tags);
            all.into_iter().for_each(|tag| {
                if !tags.contains(&tag) {
                    tags.push(tag)
                }
            });
        }
        let list = at(Tree::List(has.clone()));
        let map = vec![("has".to_owned(), list.clone()), ("lacks".to_owned(), at(Tree::List(lacks)))];
        // Read as `has` and `lacks` first, so that a tag in both is refused. Words were noted with their column.
        let mut checked = self.check(fact, &at(Tree::Map(map)), "");
        checked.notes.retain(|(kind, _)| *kind == WarningKind::Unreadable || checked.refused);
        if !checked.notes.is_empty() {
            let headers: Vec<&str> = columns.clone().map(|(_, column)| column.header.as_str()).collect();
            let values: Vec<String> = columns.map(|(position, _)| cells.cell(position).shown()).collect();
            self.doubt(headers.join("、"), values.join("、"), checked.refused, Arc::from(checked.notes));
        }
        let given = checked.given?;
        if complete && lists { self.check(fact, &list, "").given } else { Some(given) }
    }

    /// Contribution of a column to a tags fact with several columns, with the notes about its cell, and true if it is refused.
    fn part(
        &mut self,
        fact: &Fact,
        column: &TableColumn,
        cell: &Cell<'_>,
    ) -> (TagsPart, Vec<(WarningKind, String)>, bool) {
        let unreadable =
            |why: String| (TagsPart::Unknown, vec![(WarningKind::Unreadable, why)], self.refuses());
        if let About::Tag { tag, .. } = &column.about {
            let part = match column.reading.truth(cell, self.words) {
                Err(reason) => return unreadable(reason),
                Ok(None) => TagsPart::Unknown,
                Ok(Some(held)) => TagsPart::One(at(Tree::Text(tag.clone())), held),
            };
            return (part, Vec::new(), false);
        }
        let tree = match column.reading.tree(fact, cell, self.words) {
            Err(reason) => return unreadable(reason),
            Ok(None) => return (TagsPart::Unknown, Vec::new(), false),
            Ok(Some(tree)) => tree,
        };
        let checked = self.check(fact, &at(tree), &column.header);
        let part = checked.given.map_or(TagsPart::Unknown, |given| match given.into_value() {
            HeldValue::Tags(tags) => {
                let (has, lacks) = tags.nodes();
                match lacks {
                    None => TagsPart::List(has),
                    Some(lacks) => TagsPart::Some { has, lacks },
                }
            }
            _ => TagsPart::Unknown,
        });
        (part, checked.notes, checked.refused)
    }
}
