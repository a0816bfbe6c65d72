//! Profiles as a table of which few columns are asked for.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

use zhaoren_policy::profile::{Held, Profile, ProfileKey};

use super::facts::FactRows;

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
        let mut known: HashMap<Held<'a>, u32> = HashMap::new();
        let code = |profile: &&'a Profile| match profile.held_under(key) {
            None => 0,
            Some(held) => {
                let next = u32::try_from(known.len() + 1).unwrap_or(u32::MAX);
                *known.entry(held).or_insert(next)
            }
        };
        let codes: Vec<u32> = self.profiles.iter().map(code).collect();
        LazyColumn { key: key.clone(), codes: (!known.is_empty()).then_some(codes), next: OnceCell::new() }
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
