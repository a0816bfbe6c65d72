//! Identity of the persons behind the actors in the audit: duties are separated by person, not by key.
//!
//! A person may have several keys, so a key's id does not tell if two actions are of one person. Its holder does, compared
//! by [`fold_name`].

use unicode_normalization::UnicodeNormalization;

use crate::error::RegistryError;
use crate::moment::Moment;
use crate::store::{Row, values};
use crate::work::Work;

/// The actor name of the owner of the data directory. The owner can change the records without this program, so no second
/// person is required.
pub const LOCAL: &str = "local";

/// Prefix of the `sub` of a token in the audit.
const TOKEN: &str = "oidc:";

/// A name folded for comparison: without width, case, white space and invisible characters, so that another notation does
/// not make a second person.
pub fn fold_name(holder: &str) -> String {
    let unseen = |c: &char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(*c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
    };
    holder.nfkc().flat_map(char::to_lowercase).filter(|c| !unseen(c)).collect()
}

/// A person, as far as an actor name in the audit identifies one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// The holder of the key, the `sub` of the token, or the name itself.
    pub(crate) holder: String,
    /// Issuer of the key, if one was used; empty if unknown.
    created_by: String,
    /// True if a second administrator has confirmed the key.
    confirmed: bool,
}

impl Person {
    /// True if both are one person.
    pub(crate) fn is_same_person(&self, other: &str) -> bool {
        fold_name(&self.holder) == fold_name(other)
    }

    /// True if the key of this person was issued by `maker` and confirmed by no second administrator: then `maker` may well
    /// use it.
    pub(crate) fn is_unconfirmed_key_of(&self, maker: &str) -> bool {
        !self.confirmed && !self.created_by.is_empty() && fold_name(&self.created_by) == fold_name(maker)
    }
}

impl Work<'_> {
    /// The person behind an actor name.
    pub(crate) async fn person(&mut self, actor: &str) -> Result<Person, RegistryError> {
        let query = "SELECT holder, created_by, confirmed_by FROM api_key WHERE id = $1";
        if let Some(row) = self.read(query, values![actor]).await?.pop() {
            return person(row);
        }
        let holder = actor.strip_prefix(TOKEN).unwrap_or(actor).to_owned();
        Ok(Person { holder, created_by: String::new(), confirmed: false })
    }

    /// True if an administrator could confirm a key that `maker` issued for a tenant: another person, whose own key is not
    /// attested by `maker` alone.
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
            if !one.is_same_person(maker) && !one.is_unconfirmed_key_of(maker) {
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

    /// Another notation makes no second person.
    #[test]
    fn spellings_of_a_name_are_one_person() {
        for other in ["Zhang San", "ｚｈａｎｇ　ｓａｎ", "ZHANG\u{200b}SAN ", "zhang\u{feff} san"] {
            assert_eq!(fold_name(other), "zhangsan", "{other:?}");
        }
        assert_ne!(fold_name("张三"), fold_name("张三丰"));
        assert_eq!(fold_name(" \u{200b}\u{3000}"), "");
    }
}
