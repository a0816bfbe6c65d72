//! Who may do what. The two tables of this file are the only place where that is said.

use serde::Serialize;
use zhaoren_policy::fact::Privacy;
use zhaoren_registry::{LOCAL, Moment, WriteContext};

/// What a key or a person is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 平台: another program, such as a portal.
    Platform,
    /// 帮办人员: somebody who serves enterprises.
    Caseworker,
    /// 审核人: somebody who lets items through that others wrote.
    Reviewer,
    /// 管理员: somebody who looks after the program.
    Administrator,
}

/// Something that can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Search, and read items and documents.
    Search,
    /// Match, ask, get and verify receipts.
    Match,
    /// Read stored facts of enterprises, as far as [`Role::sees`] their class.
    ReadFacts,
    /// Store facts of enterprises.
    WriteFacts,
    /// Propose items.
    Propose,
    /// Decide on what another proposed.
    Review,
    /// Import and withdraw documents and items without a review.
    Catalogue,
    /// Run and fetch push lists.
    Push,
    /// Tell what became of a push.
    RecordOutcome,
    /// Read what became of pushes.
    ReadOutcomes,
    /// Note that an enterprise refuses to be written to, or no longer does.
    OptOut,
    /// Add and revoke keys, and write tenants.
    Keys,
    /// Read and verify the audit.
    Audit,
    /// Back up, restore, delete what is old, look after the index, and say how far sources of facts are trusted.
    Upkeep,
}

/// The roles in the order of the tables.
const ROLES: [Role; 4] = [Role::Platform, Role::Caseworker, Role::Reviewer, Role::Administrator];

/// Who may do what. A reviewer lets through but does not put in; an administrator looks after everything and sees nothing
/// of an enterprise but what is public.
#[rustfmt::skip]
const MAY: [(Right, [bool; 4]); 14] = [
    //                     platform caseworker reviewer administrator
    (Right::Search,        [true,   true,      true,    true]),
    (Right::Match,         [true,   true,      true,    true]),
    (Right::ReadFacts,     [true,   true,      false,   false]),
    (Right::WriteFacts,    [true,   true,      false,   false]),
    (Right::Propose,       [false,  true,      true,    true]),
    (Right::Review,        [false,  false,     true,    false]),
    (Right::Catalogue,     [false,  false,     false,   true]),
    (Right::Push,          [true,   false,     false,   true]),
    (Right::RecordOutcome, [true,   true,      false,   false]),
    (Right::ReadOutcomes,  [true,   true,      false,   true]),
    (Right::OptOut,        [true,   true,      false,   true]),
    (Right::Keys,          [false,  false,     false,   true]),
    (Right::Audit,         [false,  false,     true,    true]),
    (Right::Upkeep,        [false,  false,     false,   true]),
];

/// Who sees stored facts of which class. 涉税保密信息 needs the authorisation of the taxpayer, whom the caseworker has
/// before them; a platform may hand such facts in but not read them back. A fact without a class counts as its tenant's.
#[rustfmt::skip]
const SEES: [(Privacy, [bool; 4]); 4] = [
    //                      platform caseworker reviewer administrator
    (Privacy::Public,      [true,    true,      true,    true]),
    (Privacy::Tenant,      [true,    true,      false,   false]),
    (Privacy::PersonCount, [false,   true,      false,   false]),
    (Privacy::TaxSecret,   [false,   true,      false,   false]),
];

impl Role {
    /// The role of this name.
    pub fn named(name: &str) -> Option<Self> {
        ROLES.into_iter().find(|role| role.name() == name)
    }

    /// Its name in keys and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Caseworker => "caseworker",
            Self::Reviewer => "reviewer",
            Self::Administrator => "administrator",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Platform => "平台",
            Self::Caseworker => "帮办人员",
            Self::Reviewer => "审核人",
            Self::Administrator => "管理员",
        }
    }

    /// Whether this role may do it.
    pub fn may(self, right: Right) -> bool {
        MAY.iter().any(|(of, roles)| *of == right && self.in_row(roles))
    }

    /// Whether this role sees stored facts of this class.
    pub fn sees(self, privacy: Option<Privacy>) -> bool {
        let class = privacy.unwrap_or(Privacy::Tenant);
        SEES.iter().any(|(of, roles)| *of == class && self.in_row(roles))
    }

    fn in_row(self, row: &[bool; 4]) -> bool {
        ROLES.iter().zip(row).any(|(role, may)| *role == self && *may)
    }
}

/// Who is there: somebody with a key, or whoever holds the data directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Principal {
    /// What the audit calls them.
    pub name: String,
    /// What people call them.
    pub holder: String,
    /// Whose they are; empty for who runs the program.
    pub tenant: String,
    /// What they are there for.
    pub role: Role,
}

impl Principal {
    /// Whoever holds the data directory: they can do with it what they like, so nothing is asked.
    pub fn local() -> Self {
        let (name, holder) = (LOCAL.to_owned(), "本机".to_owned());
        Self { name, holder, tenant: String::new(), role: Role::Administrator }
    }

    /// Whoever holds the data directory, serving enterprises of a tenant: they see what a caseworker sees.
    pub fn serving(tenant: &str) -> Self {
        Self { tenant: tenant.to_owned(), role: Role::Caseworker, ..Self::local() }
    }

    /// Whether they may do it.
    pub fn may(&self, right: Right) -> bool {
        self.role.may(right)
    }

    /// Whether drafts of a tenant are theirs to see: those of their own, and for who reviews or looks after everything, of all.
    pub fn sees_drafts_of(&self, tenant: &str) -> bool {
        let of_all = self.tenant.is_empty() && (self.may(Right::Review) || self.role == Role::Administrator);
        of_all || tenant == self.tenant
    }

    /// What they do at `at`, as the audit tells it.
    pub fn act(&self, at: Moment) -> WriteContext<'_> {
        WriteContext { tenant: &self.tenant, actor: &self.name, at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_writes_items_does_not_let_them_through() {
        for role in ROLES {
            assert!(!(role.may(Right::Catalogue) && role.may(Right::Review)), "{}", role.name());
            assert_eq!(Role::named(role.name()), Some(role));
        }
        assert_eq!(Role::named("root"), None);
    }

    #[test]
    fn secrets_of_the_tax_office_are_seen_by_caseworkers_alone() {
        let seeing: Vec<Role> =
            ROLES.into_iter().filter(|role| role.sees(Some(Privacy::TaxSecret))).collect();
        assert_eq!(seeing, [Role::Caseworker]);
        assert!(ROLES.iter().all(|role| role.sees(Some(Privacy::Public))));
        assert!(!Role::Administrator.sees(None) && Role::Platform.sees(None));
    }
}
