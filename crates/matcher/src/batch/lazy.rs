//! Profiles as a table of which few columns are asked for.

use std::borrow::Cow;
use std::cell::OnceCell;

use zhaoren_policy::profile::{Profile, ProfileKey};

use super::facts::{FactRows, Interning};

/// Profiles in memory as a table of which few columns are asked for: each is made when it first is.
#[derive(Debug)]
pub(super) struct LazyTable<'a> {
    profiles: &'a [&'a Profile],
    columns: OnceCell<Box<LazyColumn>>,
}

/// A column with those that were made after it.
#[derive(Debug)]
struct LazyColumn {
    key: ProfileKey,
    /// `None` where no row holds anything.
    codes: Option<Vec<u32>>,
    next: OnceCell<Box<Self>>,
}

impl<'a> LazyTable<'a> {
    pub(super) fn of(profiles: &'a [&'a Profile]) -> Self {
        Self { profiles, columns: OnceCell::new() }
    }

    fn column(&self, key: &ProfileKey) -> LazyColumn {
        let mut column = Interning::new(key.clone());
        for (row, profile) in self.profiles.iter().enumerate() {
            if let Some(held) = profile.held_under(key) {
                column.take(row, held);
            }
        }
        let (key, codes) = column.finish(self.profiles.len());
        let holds = codes.iter().any(|code| *code != 0);
        LazyColumn { key, codes: holds.then_some(codes), next: OnceCell::new() }
    }
}

impl FactRows for LazyTable<'_> {
    fn len(&self) -> usize {
        self.profiles.len()
    }

    fn codes(&self, key: &ProfileKey) -> Option<&[u32]> {
        let mut at = &self.columns;
        loop {
            let column = at.get_or_init(|| Box::new(self.column(key)));
            if column.key == *key {
                return column.codes.as_deref();
            }
            at = &column.next;
        }
    }

    fn profile(&self, row: usize) -> Cow<'_, Profile> {
        match self.profiles.get(row) {
            Some(profile) => Cow::Borrowed(*profile),
            None => Cow::Owned(Profile::default()),
        }
    }
}
