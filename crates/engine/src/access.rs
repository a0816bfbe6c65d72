//! Roles and rights. The two tables of this file are the only place that grants access.

use serde::Serialize;
use zhaoren_policy::fact::Privacy;
use zhaoren_registry::{LOCAL, Moment, WriteContext};

/// Role of a key or a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 平台: another program, such as a portal.
    Platform,
    /// 帮办人员: a person who serves enterprises.
    Caseworker,
    /// 审核人: a person who approves items written by others.
    Reviewer,
    /// 管理员: a person who administers the installation.
    Administrator,
}

/// A permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Search, and read items and documents.
    Search,
    /// Match, ask questions, issue and verify receipts.
    Match,
    /// Read stored facts of enterprises, as far as [`Role::can_read`] their class.
    ReadFacts,
    /// Store facts of enterprises.
    WriteFacts,
    /// Propose items.
    Propose,
    /// Decide on drafts of others.
    Review,
    /// Import and withdraw documents and items without a review.
    Catalogue,
    /// Run and fetch push lists.
    Push,
    /// Record outcomes of pushes.
    RecordOutcome,
    /// Read outcomes of pushes.
    ReadOutcomes,
    /// Record or lift the opt-out of an enterprise.
    OptOut,
    /// Add and revoke keys, and write tenants.
    Keys,
    /// Read and verify the audit.
    Audit,
    /// Back up, restore, delete expired data, maintain the index, and set the trust in sources of facts.
    Upkeep,
}

/// The roles in the order of the tables.
pub const ROLES: [Role; 4] = [Role::Platform, Role::Caseworker, Role::Reviewer, Role::Administrator];

/// Rights of each role. A reviewer approves items but does not add them; an administrator maintains everything and sees no
/// facts of an enterprise except public ones.
#[rustfmt::skip]
const ROLE_RIGHTS: [(Right, [bool; 4]); 14] = [
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

/// Classes of stored facts that each role sees. 涉税保密信息 needs the authorisation of the taxpayer, who is present with
/// the caseworker; a platform may write such facts but not read them back. A fact without a class counts as `Tenant`.
#[rustfmt::skip]
const ROLE_PRIVACY: [(Privacy, [bool; 4]); 4] = [
    //                      platform caseworker reviewer administrator
    (Privacy::Public,      [true,    true,      true,    true]),
    (Privacy::Tenant,      [true,    true,      false,   false]),
    (Privacy::PersonCount, [false,   true,      false,   false]),
    (Privacy::TaxSecret,   [false,   true,      false,   false]),
];

impl Role {
    /// Finds a role by name.
    pub fn from_name(name: &str) -> Option<Self> {
        ROLES.into_iter().find(|role| role.name() == name)
    }

    /// Name in keys and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Caseworker => "caseworker",
            Self::Reviewer => "reviewer",
            Self::Administrator => "administrator",
        }
    }

    /// Name shown to people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Platform => "平台",
            Self::Caseworker => "帮办人员",
            Self::Reviewer => "审核人",
            Self::Administrator => "管理员",
        }
    }

    /// True if this role has the right.
    pub fn has_right(self, right: Right) -> bool {
        ROLE_RIGHTS.iter().any(|(of, roles)| *of == right && self.in_row(roles))
    }

    /// True if this role sees stored facts of this class.
    pub fn can_read(self, privacy: Option<Privacy>) -> bool {
        let class = privacy.unwrap_or(Privacy::Tenant);
        ROLE_PRIVACY.iter().any(|(of, roles)| *of == class && self.in_row(roles))
    }

    fn in_row(self, row: &[bool; 4]) -> bool {
        ROLES.iter().zip(row).any(|(role, may)| *role == self && *may)
    }
}

/// The caller: the holder of a key, or the owner of the data directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Principal {
    /// Name in the audit.
    pub name: String,
    /// Name shown to people.
    pub holder: String,
    /// Tenant; empty for the operator.
    pub tenant: String,
    /// Role.
    pub role: Role,
}

impl Principal {
    /// The owner of the data directory, who needs no key: the files give full access anyway.
    pub fn local() -> Self {
        let (name, holder) = (LOCAL.to_owned(), "本机".to_owned());
        Self { name, holder, tenant: String::new(), role: Role::Administrator }
    }

    /// The owner of the data directory serving enterprises of a tenant, with the view of a caseworker.
    pub fn local_caseworker(tenant: &str) -> Self {
        Self { tenant: tenant.to_owned(), role: Role::Caseworker, ..Self::local() }
    }

    /// True if the caller has the right.
    pub fn has_right(&self, right: Right) -> bool {
        self.role.has_right(right)
    }

    /// True if the caller sees drafts of a tenant: drafts of its own tenant, and for reviewers and administrators of no
    /// tenant, all drafts.
    pub fn can_read_drafts_of(&self, tenant: &str) -> bool {
        let of_all =
            self.tenant.is_empty() && (self.has_right(Right::Review) || self.role == Role::Administrator);
        of_all || tenant == self.tenant
    }

    /// Write context of the caller at `at`, for the audit.
    pub fn write_context(&self, at: Moment) -> WriteContext<'_> {
        WriteContext { tenant: &self.tenant, actor: &self.name, at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authors_cannot_approve_items() {
        for role in ROLES {
            assert!(!(role.has_right(Right::Catalogue) && role.has_right(Right::Review)), "{}", role.name());
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
        assert_eq!(Role::from_name("root"), None);
    }

    #[test]
    fn only_caseworkers_read_tax_secrets() {
        let seeing: Vec<Role> =
            ROLES.into_iter().filter(|role| role.can_read(Some(Privacy::TaxSecret))).collect();
        assert_eq!(seeing, [Role::Caseworker]);
        assert!(ROLES.iter().all(|role| role.can_read(Some(Privacy::Public))));
        assert!(!Role::Administrator.can_read(None) && Role::Platform.can_read(None));
    }
}
