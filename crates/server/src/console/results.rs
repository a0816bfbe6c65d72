//! Profiles that were matched on a page, so that the result has an address: for colleagues of the same tenant with the same role.

use zhaoren_engine::Principal;

use super::shelf::Shelf;
use crate::problem::Problem;

/// Maximum number of results kept, and of their bytes together.
const MOST_RESULTS: usize = 2_000;
const MOST_BYTES: usize = 64 << 20;

/// Fields of a form, in order.
pub(super) type FormFields = Vec<(String, String)>;

/// Fields of matches, by those who may see the result.
pub(crate) struct Results(Shelf<Owner, FormFields>);

impl Default for Results {
    fn default() -> Self {
        Self(Shelf::new(MOST_RESULTS, MOST_BYTES))
    }
}

/// Viewers of a result: it may hold facts that another role does not see.
#[derive(PartialEq, Eq)]
struct Owner {
    tenant: String,
    role: &'static str,
}

impl Owner {
    fn of(who: &Principal) -> Self {
        Self { tenant: who.tenant.clone(), role: who.role.title() }
    }
}

impl Results {
    /// Keeps the fields of a match, and returns the random name of the result.
    ///
    /// # Errors
    /// The system's random generator failed.
    pub(super) fn keep(&self, who: &Principal, fields: FormFields) -> Result<String, Problem> {
        let bytes = fields.iter().map(|(name, text)| name.len() + text.len()).sum();
        self.0.keep(Owner::of(who), fields, bytes)
    }

    /// Fields of a result; `None` if it is gone, or belongs to another tenant or role.
    pub(super) fn get(&self, who: &Principal, token: &str) -> Option<FormFields> {
        self.0.get(&Owner::of(who), token)
    }
}
