//! Tables of facts: enterprises by column, each value stored once.

#![expect(
    clippy::indexing_slicing,
    reason = "value ids are given out with the values, and checked where a column is read from a file"
)]

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use zhaoren_policy::profile::{HeldValue, Profile, ProfileBuilder, ProfileEntry, ProfileKey};

/// Facts of enterprises by column.
pub trait FactSource {
    /// Number of enterprises.
    fn len(&self) -> usize;

    /// True if there is no enterprise.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Column of a key; `None` if no row holds a value there.
    fn column(&self, key: &ProfileKey) -> Option<&FactColumn>;
}

/// Column of a table: the distinct values of a key, and for each row a value id: the index of its value plus 1, or 0 for none.
///
/// A value should have one id, so that results derived from it are computed once; it may have several.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FactColumn {
    /// Distinct values.
    pub values: Vec<HeldValue>,
    /// Value id of each row.
    pub value_ids: Vec<u32>,
}

impl FactColumn {
    /// Value id of a row; 0 (no value) past the last one, as [`FactTable::new`] allows.
    pub fn value_id(&self, row: usize) -> u32 {
        self.value_ids.get(row).copied().unwrap_or(0)
    }

    /// Value of an id; `None` for id 0.
    pub fn value(&self, value_id: u32) -> Option<&HeldValue> {
        value_id.checked_sub(1).map(|at| &self.values[at as usize])
    }

    /// Value of a row.
    pub fn held(&self, row: usize) -> Option<&HeldValue> {
        self.value(self.value_id(row))
    }

    /// Appends a value and returns its id.
    pub fn add(&mut self, value: HeldValue) -> u32 {
        self.values.push(value);
        u32::try_from(self.values.len()).unwrap_or(u32::MAX)
    }
}

/// Table in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FactTable {
    rows: usize,
    columns: BTreeMap<ProfileKey, FactColumn>,
}

/// Column under construction from profiles.
struct Interning<'a> {
    key: ProfileKey,
    column: FactColumn,
    /// Codes by value.
    known: HashMap<ProfileEntry<'a>, u32>,
}

impl FactTable {
    /// Table of columns that should have `rows` value ids each. The missing ids of a shorter column count as 0.
    pub fn new(rows: usize, columns: BTreeMap<ProfileKey, FactColumn>) -> Self {
        Self { rows, columns }
    }

    /// Table of profiles; rows are in their order. Ids and names are no facts and are left to the caller.
    pub fn of<'a>(profiles: impl IntoIterator<Item = &'a Profile>) -> Self {
        let mut columns: Vec<Interning<'a>> = Vec::new();
        let mut facts: HashMap<(&'a str, Option<i16>), usize> = HashMap::new();
        let mut judged: HashMap<&'a str, usize> = HashMap::new();
        let mut rows = 0;
        for profile in profiles {
            for (key, year, held) in profile.entries() {
                let mut new = |key| {
                    columns.push(Interning { key, column: FactColumn::default(), known: HashMap::new() });
                    columns.len() - 1
                };
                let at = match held {
                    ProfileEntry::Judged(_) => {
                        *judged.entry(key).or_insert_with(|| new(ProfileKey::Judged(key.to_owned())))
                    }
                    _ => *facts
                        .entry((key, year))
                        .or_insert_with(|| new(ProfileKey::Fact(key.to_owned(), year))),
                };
                let Interning { column, known, .. } = &mut columns[at];
                let code = *known.entry(held).or_insert_with(|| column.add(held.to_owned()));
                column.value_ids.resize(rows, 0);
                column.value_ids.push(code);
            }
            rows += 1;
        }
        let finish = |mut made: Interning<'a>| {
            made.column.value_ids.resize(rows, 0);
            (made.key, made.column)
        };
        Self { rows, columns: columns.into_iter().map(finish).collect() }
    }

    /// Columns in order of key.
    pub fn columns(&self) -> &BTreeMap<ProfileKey, FactColumn> {
        &self.columns
    }

    /// Adds a column, or replaces the one of its key; it should have a code for each row.
    pub fn insert(&mut self, key: ProfileKey, column: FactColumn) {
        self.columns.insert(key, column);
    }

    /// All facts of a row, as the profile of the enterprise `id`.
    pub fn profile(&self, row: usize, id: &str) -> Profile {
        let columns = self.columns.iter().map(|(key, column)| (key, Some(column)));
        profile(ProfileBuilder::new(id.to_owned()), columns, row)
    }

    /// Removes the rows for which `keep`, by row index, is not true.
    pub fn retain(&mut self, keep: &[bool]) {
        let kept = |row: &usize| keep.get(*row).copied().unwrap_or(false);
        for column in self.columns.values_mut() {
            let mut row = 0..;
            column.value_ids.retain(|_| row.next().is_some_and(|row| kept(&row)));
        }
        self.rows = (0..self.rows).filter(kept).count();
    }
}

impl FactSource for FactTable {
    fn len(&self) -> usize {
        self.rows
    }

    fn column(&self, key: &ProfileKey) -> Option<&FactColumn> {
        self.columns.get(key)
    }
}

/// Profile of a row, restricted to some columns.
pub(super) fn profile<'a>(
    mut builder: ProfileBuilder,
    columns: impl Iterator<Item = (&'a ProfileKey, Option<&'a FactColumn>)>,
    row: usize,
) -> Profile {
    for (key, column) in columns {
        if let Some(held) = column.and_then(|column| column.held(row)) {
            builder.insert(key, held.clone());
        }
    }
    builder.build()
}
