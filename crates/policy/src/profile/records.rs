//! Records of a profile: loans, contracts, patents, each with its own fields.

use serde::{Deserialize, Serialize};
use zhaoren_cancel::poll;

use super::Profile;
use super::read::{Reader, Strictness, what};
use crate::fact::Fact;
use crate::limits;
use crate::problem::Fault;
use crate::syntax::{Node, Tree};

/// Records of one fact of an enterprise.
///
/// A record is a [`Profile`] without id or name, whose facts are the fields: each may be unknown, a range, tags, or withheld.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RecordList {
    #[serde(with = "super::form::records")]
    records: Vec<Profile>,
    complete: bool,
}

impl RecordList {
    /// Records whose fields passed the checks of a profile. `complete`: the enterprise has no others.
    pub(super) fn new(records: Vec<Profile>, complete: bool) -> Self {
        Self { records, complete }
    }

    /// Records that were read one by one, each with the checks of its fields, by [`Profile::into_record`].
    pub fn of_checked(records: Vec<Profile>, complete: bool) -> Self {
        Self::new(records, complete)
    }

    /// Known records, in the order given.
    pub fn records(&self) -> &[Profile] {
        &self.records
    }

    /// True if there is no record besides the known ones.
    pub fn is_complete(&self) -> bool {
        self.complete
    }
}

impl Profile {
    /// Record from the row of a table of records: without the id of its enterprise, its name, and the fact `id_fact` that was read as
    /// its id.
    #[must_use]
    pub fn into_record(mut self, id_fact: &str) -> Self {
        self.id.clear();
        self.name = None;
        self.facts.remove(id_fact);
        self
    }
}

impl Reader<'_> {
    /// Records of a records fact; `None` if they are invalid, which has been reported. A single record that cannot be read, where
    /// that is a warning, leaves the list open: it may be anything.
    pub(super) fn records(&mut self, fact: &Fact, node: &Node, path: &str) -> Option<RecordList> {
        let (items, complete) = match &node.value {
            Tree::List(items) => (items, true),
            Tree::Map(entries) => match entries.as_slice() {
                [(key, Node { value: Tree::List(items), .. })] if key == "known" => (items, false),
                _ => {
                    self.expected(node, path, what(fact));
                    return None;
                }
            },
            _ => {
                self.expected(node, path, what(fact));
                return None;
            }
        };
        let Some(left) = self.records_left.checked_sub(items.len()) else {
            let expected = format!("at most {} records of one enterprise", limits::MAX_RECORDS);
            let got = format!("{} records of `{}`", items.len(), fact.key);
            self.refuse(node.line, path, Fault::Expected { got, expected });
            return None;
        };
        self.records_left = left;
        let mut list = RecordList::new(Vec::with_capacity(items.len()), complete);
        let mut sound = true;
        for (position, item) in items.iter().enumerate() {
            poll();
            let path = format!("{path}[{position}]");
            match self.record(fact, item, &path) {
                Some(record) => list.records.push(record),
                None => sound = false,
            }
        }
        list.complete &= sound;
        (sound || self.strictness == Strictness::Tolerant).then_some(list)
    }

    /// One record; `None` if it is none, which has been reported.
    fn record(&mut self, fact: &Fact, node: &Node, path: &str) -> Option<Profile> {
        if !matches!(node.value, Tree::Map(_)) {
            self.expected(node, path, format!("a record: an object of the fields of `{}`", fact.key));
            return None;
        }
        let before = self.report.errors();
        let mut record = Profile::default();
        let mut fields = Reader {
            dictionary: &fact.fields,
            strictness: self.strictness,
            report: self.report,
            heading: None,
            records_left: 0,
        };
        fields.facts(node, path, &mut record);
        (self.report.errors() == before).then_some(record)
    }
}
