//! Columns: the slots that some criteria test, each with its code space.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;

use jiff::civil::Date;
use zhaoren_policy::criterion::{RecordMeasure, Test};
use zhaoren_policy::fact::{FactDictionary, Knowledge};
use zhaoren_policy::profile::{HeldValue, Profile, RecordList};
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use super::code_set::CodeSet;
use super::diagram::{BuildSteps, OverBudget};
use super::formula::EvaluationDay;
use super::plan::Plan;
use super::space::Space;
use super::walk::Walker;
use crate::records;
use crate::slot::Slot;

/// Index of a column among the columns of a plan or catalogue.
pub(crate) type ColumnId = usize;

/// Slot tested by criteria.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Column {
    pub(crate) slot: Slot,
    pub(crate) space: Space,
    /// Codes that an unknown value can have; never empty.
    pub(crate) free: CodeSet,
    /// Condition on one record, for a count of records or a sum over them.
    records: Option<Box<RecordCondition>>,
}

/// Condition on one record, compiled against the fields of its fact.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum RecordCondition {
    Compiled(Plan),
    /// It is too entangled: no criteria with it have a verdict.
    Refused(OverBudget),
}

/// Encoded value of an enterprise in one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Encoded {
    /// Exactly this code.
    Exactly(u32),
    /// One of these codes: two or more, or none for a value of another type; not all that an unknown value can have.
    Among(CodeSet),
    /// Any code that an unknown value can have.
    Unknown,
}

/// Collector of columns while criteria are read: slots with the tests on them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Collector {
    positions: HashMap<Slot, ColumnId>,
    slots: Vec<Slot>,
    tests: Vec<HashMap<Test, ()>>,
}

impl Collector {
    /// Column of `slot`; adds these tests to it.
    pub(crate) fn column(&mut self, slot: Slot, tests: &[Test]) -> ColumnId {
        let id = match self.positions.get(&slot) {
            Some(id) => *id,
            None => {
                let id = self.slots.len();
                self.positions.insert(slot.clone(), id);
                self.slots.push(slot);
                self.tests.push(HashMap::new());
                id
            }
        };
        if let Some(known) = self.tests.get_mut(id) {
            for test in tests {
                if !known.contains_key(test) {
                    known.insert(test.clone(), ());
                }
            }
        }
        id
    }

    /// Slots with the tests on them, in the order of the columns.
    pub(crate) fn tests(&self) -> impl Iterator<Item = (&Slot, impl Iterator<Item = &Test>)> {
        self.slots.iter().zip(self.tests.iter().map(HashMap::keys))
    }

    /// Columns with their code spaces, once all tests are collected. Conditions on records take their steps from `budget`.
    pub(crate) fn finish(
        self,
        dictionary: &FactDictionary,
        moment: EvaluationDay,
        budget: &mut BuildSteps,
    ) -> Vec<Column> {
        let columns = self.slots.into_iter().zip(self.tests);
        columns
            .map(|(slot, tests)| {
                zhaoren_cancel::steps(1 + tests.len() as u64);
                let domain = slot.domain(dictionary, Knowledge::Unknown);
                // The order of the tests does not matter: code spaces sort them.
                let space = Space::new(&domain, tests.keys(), moment.as_of);
                let free = space.of_domain(&domain);
                let records = RecordCondition::of(&slot, dictionary, moment, budget);
                Column { slot, space, free, records }
            })
            .collect()
    }
}

impl RecordCondition {
    fn of(
        slot: &Slot,
        dictionary: &FactDictionary,
        moment: EvaluationDay,
        budget: &mut BuildSteps,
    ) -> Option<Box<Self>> {
        let Slot::Records(measure) = slot else { return None };
        let fields = &dictionary.get(&measure.records)?.fields;
        let plan = Plan::compile_within(&measure.condition, fields, moment, budget);
        Some(Box::new(plan.map_or_else(Self::Refused, Self::Compiled)))
    }
}

impl Column {
    /// Reason why criteria on this column have no verdict.
    pub(crate) fn refused(&self) -> Option<OverBudget> {
        match self.records.as_deref()? {
            RecordCondition::Refused(cause) => Some(*cause),
            RecordCondition::Compiled(_) => None,
        }
    }

    /// Known value of `view` in this column.
    pub(crate) fn knowledge(&self, view: &View<'_>) -> Knowledge {
        match &self.slot {
            Slot::Records(measure) => self.of_records(measure, view.records(&measure.records), view),
            slot => slot.knowledge(view),
        }
    }

    /// Count or sum over `records` of the enterprise of `owner`.
    fn of_records(
        &self,
        measure: &RecordMeasure,
        records: Option<&RecordList>,
        owner: &View<'_>,
    ) -> Knowledge {
        let mut walker = Walker::default();
        records::knowledge(measure, records, owner, |record| match self.records.as_deref() {
            Some(RecordCondition::Compiled(plan)) => plan.decide_with(record, &mut walker),
            // Criteria on this column are refused, and have no verdict.
            Some(RecordCondition::Refused(_)) | None => Verdict::Undetermined,
        })
    }

    /// Encoded value of `view` in this column.
    pub(crate) fn encode(&self, view: &View<'_>) -> Encoded {
        self.encode_knowledge(&self.knowledge(view), view.dictionary)
    }

    /// Encodes a raw fact value under the key of [`Slot::given_key`] as of `as_of`, without building a view.
    pub(crate) fn encode_held(
        &self,
        held: Option<&HeldValue>,
        dictionary: &FactDictionary,
        as_of: Date,
    ) -> Encoded {
        match (held, &self.slot) {
            (Some(HeldValue::Value(known)), Slot::Fact(..)) => self.encode_knowledge(known, dictionary),
            (Some(HeldValue::Tags(tags)), Slot::Tag(_, tag)) => {
                self.encode_knowledge(&Knowledge::from_bool(tags.holds(tag, as_of)), dictionary)
            }
            (Some(HeldValue::Judged(truth)), Slot::Judged(_)) => {
                self.encode_knowledge(&Knowledge::from_bool(Some(*truth)), dictionary)
            }
            (Some(HeldValue::Records(records)), Slot::Records(measure)) => {
                // The condition has no judged text, so nothing else of the enterprise matters.
                let (empty, records) = (Profile::default(), Some(records));
                let known = self.of_records(measure, records, &View::new(&empty, dictionary, as_of));
                self.encode_knowledge(&known, dictionary)
            }
            _ => self.encode_knowledge(&Knowledge::Unknown, dictionary),
        }
    }

    fn encode_knowledge(&self, known: &Knowledge, dictionary: &FactDictionary) -> Encoded {
        if let Knowledge::Exactly(value) = known
            && let Some(code) = self.space.code(value)
        {
            return Encoded::Exactly(code);
        }
        let domain = |known| self.slot.domain(dictionary, known);
        match self.space.codes_of(known, domain) {
            None => Encoded::unknown(&self.free),
            Some(codes) => Encoded::of(codes, &self.free),
        }
    }

    /// Open codes of `seen`: those that the value can still have.
    pub(crate) fn open_codes<'a>(&'a self, seen: &'a Encoded) -> std::borrow::Cow<'a, CodeSet> {
        match seen {
            Encoded::Exactly(code) => std::borrow::Cow::Owned(CodeSet::from_code(*code)),
            Encoded::Among(codes) => std::borrow::Cow::Borrowed(codes),
            Encoded::Unknown => std::borrow::Cow::Borrowed(&self.free),
        }
    }
}

impl Encoded {
    /// Encoding of an unknown value: exact if the column has only one code.
    fn unknown(free: &CodeSet) -> Self {
        free.as_single().map_or(Self::Unknown, Self::Exactly)
    }

    /// Encoding of a value that lies in `codes`.
    fn of(codes: CodeSet, free: &CodeSet) -> Self {
        match codes.as_single() {
            Some(code) => Self::Exactly(code),
            None if codes == *free => Self::Unknown,
            None => Self::Among(codes),
        }
    }
}
