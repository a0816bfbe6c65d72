//! Ids of enterprises in the records.

use zhaoren_policy::id::enterprise_id;

/// Id of an enterprise in the records: all notations of a 统一社会信用代码 are one id. A text that is no valid id stays unchanged,
/// since nothing is stored under it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EnterpriseId(String);

impl EnterpriseId {
    /// Id of an enterprise from any notation.
    pub(crate) fn of(text: &str) -> Self {
        Self(enterprise_id(text).unwrap_or_else(|_| text.to_owned()))
    }

    /// True if `text` names the enterprise in any notation.
    pub(crate) fn is(&self, text: &str) -> bool {
        *self == Self::of(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}
