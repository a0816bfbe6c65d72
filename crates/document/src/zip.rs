//! Stub.
use crate::limits::Budget;
use crate::model::Document;
use crate::refusal::Refusal;
pub(crate) fn read(_: &[u8], _: &mut Budget) -> Result<Document, Refusal> {
    Err(Refusal::NotBuilt("zip"))
}
