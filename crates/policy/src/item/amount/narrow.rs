//! Part of a formula that still applies to one enterprise: arms that certainly do not apply are left out.

use zhaoren_cancel::poll;

use super::evaluate::Setting;
use super::formula::{Formula, Tier};
use crate::verdict::Verdict;

impl Formula {
    /// Formula without the arms that no completion reaches; equal in value to this one for the enterprise of `setting`. It is for
    /// description: its conditions are not rewritten.
    #[must_use]
    pub(super) fn narrowed(&self, setting: &Setting<'_>) -> Self {
        poll();
        let one = |formula: &Self| Box::new(formula.narrowed(setting));
        let each = |list: &[Self]| list.iter().map(|formula| formula.narrowed(setting)).collect();
        match self {
            Self::Yuan(_) | Self::Quantity(_) => self.clone(),
            Self::Share { rate, of } => Self::Share { rate: rate.clone(), of: one(of) },
            Self::Each { yuan, of } => Self::Each { yuan: yuan.clone(), of: one(of) },
            Self::Brackets { of, mode, rows } => {
                Self::Brackets { of: one(of), mode: *mode, rows: rows.clone() }
            }
            Self::Sum(of) => Self::Sum(each(of)),
            Self::Min(of) => Self::Min(each(of)),
            Self::Max(of) => Self::Max(each(of)),
            Self::Difference(from, off) => Self::Difference(one(from), one(off)),
            Self::UpTo(of) => Self::UpTo(one(of)),
            Self::Bounded { of, at_least, at_most } => {
                Self::Bounded { of: one(of), at_least: at_least.clone(), at_most: at_most.clone() }
            }
            Self::Case { arms, otherwise, otherwise_when } => {
                let mut kept: Vec<Tier> = Vec::new();
                for arm in arms {
                    match (setting.decide)(&arm.selected) {
                        Verdict::Ineligible => {}
                        Verdict::Eligible => return arm.then.narrowed(setting),
                        Verdict::Undetermined => {
                            kept.push(Tier { then: arm.then.narrowed(setting), ..arm.clone() })
                        }
                    }
                }
                let is_possible = (setting.decide)(otherwise_when) != Verdict::Ineligible;
                let rest = if is_possible { None } else { kept.pop().map(|last| last.then) };
                let otherwise = rest.unwrap_or_else(|| otherwise.narrowed(setting));
                match kept.is_empty() {
                    true => otherwise,
                    false => Self::Case {
                        arms: kept,
                        otherwise: Box::new(otherwise),
                        otherwise_when: otherwise_when.clone(),
                    },
                }
            }
        }
    }
}
