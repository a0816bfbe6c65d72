//! Stub.
use crate::limits::Budget;
use crate::model::Document;
use crate::refusal::Refusal;
pub(crate) fn read_xlsx(_: &[u8], _: &mut Budget) -> Result<Document, Refusal> {
    Err(Refusal::NotBuilt("xlsx"))
}
pub(crate) fn read_xls(_: &[u8], _: &mut Budget) -> Result<Document, Refusal> {
    Err(Refusal::NotBuilt("xls"))
}
