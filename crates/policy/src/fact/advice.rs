//! Advice on a fact (改进建议): the changes of it that may be suggested to an enterprise, and how common a positive answer is.
//!
//! The rules are data of the dictionary. They say nothing about a verdict: they only choose among changes that would make an
//! enterprise eligible, and order questions.

use serde::Serialize;

use super::dictionary::{Fact, FactType};
use crate::code::CodeSystem;
use crate::problem::Report;
use crate::syntax::{Node, Tree};

/// Direction in which a change of a fact may be advised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A larger number, a title gained, 否 to 是.
    Grow,
    /// A smaller number, an entry removed, 是 to 否.
    Shrink,
    /// Any other value.
    Set,
    /// None.
    Never,
}

/// Advice on one fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdviceRule {
    /// Direction that may be advised.
    pub direction: Direction,
    /// Name of the procedure that brings the change about: 认定, 信用修复.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
    /// Usual number of months that it takes.
    pub lead_months: u32,
    /// Effort, from 1 (a form) to 5 (years of work).
    pub effort: u32,
}

/// How common a positive answer to the question about a fact is among enterprises: 是, at least one tag, more than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// Few enterprises.
    Rare,
    /// Most enterprises.
    Usual,
}

/// Highest effort of a change.
pub const MAX_EFFORT: u32 = 5;
/// Longest lead time of a change, in months.
const MAX_LEAD_MONTHS: i64 = 120;

impl AdviceRule {
    fn of_type(direction: Direction, procedure: Option<&str>, lead_months: u32, effort: u32) -> Self {
        Self { direction, procedure: procedure.map(str::to_owned), lead_months, effort }
    }
}

impl Fact {
    /// Advice on this fact: that of its entry, or else by its type. Without an entry, numbers may grow, a title may be obtained
    /// (认定), a place may be moved to (迁入), and anything else is not to be changed for the sake of a support.
    pub fn advice_rule(&self) -> AdviceRule {
        if let Some(rule) = &self.advice {
            return rule.clone();
        }
        let of = AdviceRule::of_type;
        match self.kind {
            FactType::Integer | FactType::Decimal | FactType::Money | FactType::Ratio => {
                of(Direction::Grow, None, 12, 3)
            }
            FactType::Tags => of(Direction::Grow, Some("认定"), 12, 4),
            FactType::Code if self.codes == Some(CodeSystem::Region) => {
                of(Direction::Set, Some("迁入"), 6, MAX_EFFORT)
            }
            FactType::Code | FactType::Boolean | FactType::Text | FactType::Date | FactType::Records => {
                of(Direction::Never, None, 0, MAX_EFFORT)
            }
        }
    }
}

/// Reads `advice: {direction, procedure, lead_months, effort}`.
pub(super) fn advice(node: &Node, report: &mut Report) -> Option<AdviceRule> {
    let Tree::Map(entries) = &node.value else {
        report.expected(node, "advice", "a map with `direction`");
        return None;
    };
    let mut rule = AdviceRule::of_type(Direction::Never, None, 0, MAX_EFFORT);
    let mut has_direction = false;
    for (key, value) in entries {
        let path = format!("advice.{key}");
        match key.as_str() {
            "direction" => {
                has_direction = true;
                rule.direction = match value.text() {
                    Some("grow") => Direction::Grow,
                    Some("shrink") => Direction::Shrink,
                    Some("set") => Direction::Set,
                    Some("never") => Direction::Never,
                    _ => {
                        report.expected(value, &path, "`grow`, `shrink`, `set` or `never`");
                        return None;
                    }
                }
            }
            "procedure" => match value.text().filter(|text| !text.trim().is_empty()) {
                Some(text) => rule.procedure = Some(text.to_owned()),
                None => report.expected(value, &path, "text"),
            },
            "lead_months" => rule.lead_months = whole(value, &path, 0, MAX_LEAD_MONTHS, report)?,
            "effort" => rule.effort = whole(value, &path, 1, i64::from(MAX_EFFORT), report)?,
            _ => report.expected(value, &path, "`direction`, `procedure`, `lead_months` or `effort`"),
        }
    }
    if !has_direction {
        report.expected(node, "advice", "a map with `direction`");
    }
    has_direction.then_some(rule)
}

/// Reads `common: rare` or `usual`.
pub(super) fn frequency(node: &Node, report: &mut Report) -> Option<Frequency> {
    match node.text() {
        Some("rare") => Some(Frequency::Rare),
        Some("usual") => Some(Frequency::Usual),
        _ => {
            report.expected(node, "common", "`rare` or `usual`");
            None
        }
    }
}

fn whole(node: &Node, path: &str, least: i64, most: i64, report: &mut Report) -> Option<u32> {
    let number = node.number().and_then(|number| number.to_i64());
    let number = number.filter(|number| (least..=most).contains(number));
    if number.is_none() {
        report.expected(node, path, format!("a whole number from {least} to {most}"));
    }
    number.and_then(|number| u32::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::FactDictionary;

    #[test]
    fn advice_and_frequency_are_read_and_their_faults_named() {
        let mut dictionary = FactDictionary::default();
        let report = dictionary.extend_from(
            "- {key: a, name: 甲, type: boolean, common: rare, gate: b, advice: {direction: shrink, procedure: 信用修复, lead_months: 6, effort: 2}}\n\
             - {key: b, name: 乙, type: boolean, advice: {direction: sideways}}\n\
             - {key: c, name: 丙, type: boolean, advice: {effort: 2}}\n\
             - {key: d, name: 丁, type: boolean, advice: {direction: grow, effort: 9}}\n\
             - {key: e, name: 戊, type: boolean, common: often}\n\
             - {key: f, name: 己, type: boolean, gate: f}\n",
            "f.yaml",
        );
        let lines: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 5, "{lines:#?}");
        let fact = dictionary.get("a").unwrap();
        assert_eq!((fact.common, fact.gate.as_deref()), (Some(Frequency::Rare), Some("b")));
        let rule = fact.advice_rule();
        assert_eq!((rule.direction, rule.lead_months, rule.effort), (Direction::Shrink, 6, 2));
        assert_eq!(rule.procedure.as_deref(), Some("信用修复"));
        assert_eq!(dictionary.iter().count(), 1);
    }

    #[test]
    fn size_legal_form_accidents_and_penalties_are_never_advised_downward() {
        let dictionary = FactDictionary::built_in();
        let direction = |key: &str| dictionary.get(key).unwrap().advice_rule().direction;
        for key in [
            "employees",
            "employees_avg",
            "si_insured",
            "revenue",
            "sales_revenue",
            "main_revenue",
            "total_income",
            "total_assets",
            "net_assets",
            "net_profit",
            "taxable_income",
            "total_assets_quarter_avg",
            "vat_sales",
        ] {
            assert!(matches!(direction(key), Direction::Grow | Direction::Never), "{key}");
        }
        for key in [
            "legal_form",
            "ownership",
            "established_on",
            "last_penalty_on",
            "last_safety_accident_on",
            "last_quality_accident_on",
            "last_env_violation_on",
            "industry",
            "restricted_industry",
            "sci_awards",
        ] {
            assert_eq!(direction(key), Direction::Never, "{key}");
        }
    }
}
