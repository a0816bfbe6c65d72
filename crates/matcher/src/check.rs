//! The static check: criteria that can never hold, that can never fail, or that hold such a part.
//!
//! A profile that knows nothing leaves every unknown free, so the exact decision over it is what any
//! enterprise at all could reach.

use std::fmt;

use jiff::civil::Date;
use zhaoren_policy::criterion::{Criterion, Node, describe};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::view::View;

use crate::reference::{Budget, DecideError, Ground, Grounded, MAX_STEPS, Reach};

/// A part of criteria that does not depend on the enterprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// Place in the criteria; empty for the whole.
    pub path: String,
    /// The part in words.
    pub text: String,
}

/// What a [`Finding`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// No enterprise can ever meet it.
    NeverHolds,
    /// Every enterprise meets it.
    NeverFails,
    /// It could not be checked within the budget.
    TooEntangled,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place =
            if self.path.is_empty() { "criteria".to_owned() } else { format!("criteria.{}", self.path) };
        let what = match self.kind {
            FindingKind::NeverHolds => "can never hold",
            FindingKind::NeverFails => "can never fail",
            FindingKind::TooEntangled => "is too entangled to check",
        };
        write!(f, "`{place}` {what}: {}", self.text)
    }
}

/// Checks `criteria` as they stand on `as_of`. Only the topmost part of a branch is reported.
///
/// `{all: []}`, the way to write "no condition", is not a finding.
pub fn check(criteria: &Criterion, dictionary: &FactDictionary, as_of: Date) -> Vec<Finding> {
    let profile = Profile::default();
    let view = View::new(&profile, dictionary, as_of);
    let grounded = Grounded::new(criteria, &view);
    let mut findings = Vec::new();
    visit(criteria, &grounded.root, "", &grounded, dictionary, &mut findings);
    findings
}

fn visit(
    criterion: &Criterion,
    ground: &Ground,
    path: &str,
    grounded: &Grounded,
    dictionary: &FactDictionary,
    findings: &mut Vec<Finding>,
) {
    if matches!(&criterion.node, Node::All(of) if of.is_empty()) {
        return;
    }
    let reach: Result<Reach, DecideError> =
        grounded.possible(ground, &mut grounded.free(), &mut Budget::new(MAX_STEPS));
    let kind = match reach {
        Ok(Reach { hold: true, fail: true }) => None,
        Ok(Reach { hold: true, fail: false }) => Some(FindingKind::NeverFails),
        Ok(_) => Some(FindingKind::NeverHolds),
        Err(_) => Some(FindingKind::TooEntangled),
    };
    if let Some(kind) = kind {
        findings.push(Finding { kind, path: path.to_owned(), text: describe(criterion, dictionary) });
        return;
    }
    for ((step, child), ground) in criterion.children().into_iter().zip(&ground.children) {
        let path = if path.is_empty() { step } else { format!("{path}.{step}") };
        visit(child, ground, &path, grounded, dictionary, findings);
    }
}
