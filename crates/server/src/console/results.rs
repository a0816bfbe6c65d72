//! Profiles that were matched on a page, so that the result has an address: kept in memory for a time, for colleagues of the same
//! tenant with the same role. They are never written to disk, to the audit or to the log.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use zhaoren_engine::Principal;

use crate::problem::Problem;

/// Time for which a result is kept after its last use: a working day.
const KEPT: Duration = Duration::from_hours(10);
/// Maximum number of results kept, and of their bytes together. The oldest goes first.
const MOST_RESULTS: usize = 2_000;
const MOST_BYTES: usize = 64 << 20;

/// Fields of a form, in order.
pub(super) type FormFields = Vec<(String, String)>;

/// Results kept, oldest first.
#[derive(Default)]
pub(crate) struct Results(Mutex<VecDeque<KeptResult>>);

struct KeptResult {
    token: String,
    owner: Owner,
    fields: FormFields,
    bytes: usize,
    at: Instant,
}

/// Viewers of a result: it may hold facts that another role does not see.
#[derive(Clone, PartialEq, Eq)]
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
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random).map_err(|error| Problem::internal(&error))?;
        let token = hex::encode(random);
        let bytes = fields.iter().map(|(name, text)| name.len() + text.len()).sum();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|result| result.at.elapsed() < KEPT);
        let mut size: usize = all.iter().map(|result| result.bytes).sum::<usize>() + bytes;
        while all.len() >= MOST_RESULTS || size > MOST_BYTES {
            let Some(oldest) = all.pop_front() else { break };
            size -= oldest.bytes;
        }
        let at = Instant::now();
        all.push_back(KeptResult { token: token.clone(), owner: Owner::of(who), fields, bytes, at });
        Ok(token)
    }

    /// Fields of a result; `None` if it is gone, or belongs to another tenant or role.
    pub(super) fn get(&self, who: &Principal, token: &str) -> Option<FormFields> {
        let owner = Owner::of(who);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|result| result.at.elapsed() < KEPT);
        let result = all.iter_mut().find(|result| result.token == token && result.owner == owner)?;
        result.at = Instant::now();
        Some(result.fields.clone())
    }
}
