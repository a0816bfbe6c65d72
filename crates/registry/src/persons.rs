//! Who is behind a name in the audit: duties are kept apart by person, not by key.
//!
//! A person may have several keys, so a key's id says nothing of whether two acts are of one person. Its holder does, compared
//! as [`fold_name`] reads it.

use unicode_normalization::UnicodeNormalization;

use crate::error::RegistryError;
use crate::moment::Moment;
use crate::store::{Row, values};
use crate::work::Work;

/// What the audit calls the person who has the data directory. That person can change the records without this program, so no
/// second person is asked for.
pub const LOCAL: &str = "local";

/// What stands before the `sub` of a token in the audit.
const TOKEN: &str = "oidc:";

/// A name as two are compared: without width, case, blanks and characters that are not seen, so that no person becomes two by
/// another way of writing.
pub fn fold_name(holder: &str) -> String {
    let unseen = |c: &char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(*c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
    };
    holder.nfkc().flat_map(char::to_lowercase).filter(|c| !unseen(c)).collect()
}

/// A person, as far as a name in the audit tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// The holder of the key, the `sub` of the token, or the name itself.
    pub(crate) holder: String,
    /// Who made the key, where one was used; empty where that is not known.
    created_by: String,
    /// Whether a second administrator has confirmed the key.
    confirmed: bool,
}

impl Person {
    /// Whether both are one person.
    pub(crate) fn is(&self, other: &str) -> bool {
        fold_name(&self.holder) == fold_name(other)
    }

    /// Whether the key of this person was made by `maker` and confirmed by no second administrator: then `maker` may well use it.
    pub(crate) fn is_only_vouched_by(&self, maker: &str) -> bool {
        !self.confirmed && !self.created_by.is_empty() && fold_name(&self.created_by) == fold_name(maker)
    }
}

impl Work<'_> {
    /// The person whom the audit calls by this name.
    pub(crate) async fn person(&mut self, actor: &str) -> Result<Person, RegistryError> {
        let query = "SELECT holder, created_by, confirmed_by FROM api_key WHERE id = $1";
        if let Some(row) = self.read(query, values![actor]).await?.pop() {
            return person(row);
        }
        let holder = actor.strip_prefix(TOKEN).unwrap_or(actor).to_owned();
        Ok(Person { holder, created_by: String::new(), confirmed: false })
    }

    /// Whether an administrator could confirm what `maker` made for a tenant: one who is another person, and whose own key does
    /// not rest on `maker` alone.
    pub(crate) async fn has_second_administrator(
        &mut self,
        maker: &str,
        tenant: &str,
        now: Moment,
    ) -> Result<bool, RegistryError> {
        let query = "SELECT holder, created_by, confirmed_by FROM api_key WHERE role = 'administrator' AND pending = 0 \
                     AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1) AND (tenant = '' OR tenant = $2)";
        for row in self.read(query, values![now, tenant]).await? {
            let one = person(row)?;
            if !one.is(maker) && !one.is_only_vouched_by(maker) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn person(mut row: Row) -> Result<Person, RegistryError> {
    Ok(Person { holder: row.text(0)?, created_by: row.text(1)?, confirmed: !row.text(2)?.is_empty() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attack S-2p: another way of writing makes no second person.
    #[test]
    fn one_person_in_several_ways_of_writing() {
        for other in ["Zhang San", "ｚｈａｎｇ　ｓａｎ", "ZHANG\u{200b}SAN ", "zhang\u{feff} san"] {
            assert_eq!(fold_name(other), "zhangsan", "{other:?}");
        }
        assert_ne!(fold_name("张三"), fold_name("张三丰"));
        assert_eq!(fold_name(" \u{200b}\u{3000}"), "");
    }
}
