//! Drafts by the id in an address, as far as their caller may see them.

use zhaoren_engine::Principal;
use zhaoren_engine::drafting::DraftReading;

use crate::problem::{Code, Problem};
use crate::state::Shared;

/// Refusal of a draft that is not there, or that the caller does not see: the two are not told apart.
pub(crate) fn no_draft(id: &str) -> Problem {
    Problem::new(Code::NotFound, format!("没有草稿 `{id}`"))
}

/// Number of the draft in an address.
pub(crate) fn draft_number(id: &str) -> Result<i64, Problem> {
    id.parse().map_err(|_| no_draft(id))
}

/// Draft with its reading, if the caller may see it.
pub(crate) fn visible_draft(app: &Shared, who: &Principal, id: i64) -> Result<DraftReading, Problem> {
    let found = app.engine.draft_reading(&who.tenant, id)?;
    let found = found.filter(|found| who.can_read_drafts_of(&found.draft.tenant));
    found.ok_or_else(|| no_draft(&id.to_string()))
}
