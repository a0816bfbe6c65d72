//! Ids of enterprises in the records.

use zhaoren_policy::id::enterprise_id;

/// The id of an enterprise in the records: all notations of a 统一社会信用代码 are one id. A text that is no valid id stays
/// unchanged, since nothing is stored under it.
pub(crate) fn own_id(enterprise: &str) -> String {
    enterprise_id(enterprise).unwrap_or_else(|_| enterprise.to_owned())
}
