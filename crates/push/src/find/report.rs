//! Report of the enterprises that qualify for an item.

use jiff::civil::Date;
use serde::Serialize;

/// Result of searching the enterprises for one item.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct FindReport {
    /// Id of the item.
    pub item: String,
    /// 事项名称.
    pub title: String,
    /// Evaluation date (判定日).
    pub as_of: Date,
    /// True if the item is in force on that day; a draft is evaluated all the same.
    pub in_force: bool,
    /// Number of evaluated enterprises.
    pub enterprises: u64,
    /// Number of rows whose id was counted before; they are included in all counts.
    pub repeated: u64,
    /// Number of eligible enterprises.
    pub eligible: u64,
    /// Number of undetermined enterprises: unknown facts decide their verdict.
    pub undetermined: u64,
    /// Number of ineligible enterprises.
    pub ineligible: u64,
    /// Number of near misses: exactly one condition certainly fails and every other certainly passes.
    pub almost: u64,
    /// Number of enterprises that can pass every condition by itself but cannot pass all of them together.
    pub together: u64,
    /// Conditions, in the item's order.
    pub funnel: Vec<FunnelStep>,
    /// Groups by province, district and street (GB/T 2260), as deep as the registered code goes; enterprises without a known
    /// region have an empty code.
    pub by_region: Vec<Group>,
    /// Groups by section and division (GB/T 4754); enterprises without a known industry have an empty code.
    pub by_industry: Vec<Group>,
    /// Ids of eligible enterprises, in order, up to the limit.
    pub eligible_ids: Vec<String>,
    /// Ids of undetermined enterprises, in order, up to the limit.
    pub undetermined_ids: Vec<String>,
}

/// Step of the funnel: one condition.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct FunnelStep {
    /// Condition in plain Chinese.
    pub text: String,
    /// Source sentence of the condition (原文).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Printed article label of that sentence (条).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// Number of enterprises that no earlier condition has excluded.
    pub entered: u64,
    /// Number of those that certainly fail this condition.
    pub out: u64,
    /// Number of those for which this condition is unknown.
    pub open: u64,
    /// Number of those that go on to the next condition: `entered - out`.
    pub left: u64,
    /// Number of all enterprises that certainly fail this condition.
    pub failed: u64,
    /// Number of enterprises that certainly fail this condition and certainly pass every other: only this clause excludes them.
    pub alone: u64,
}

/// Counts for one region or industry.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct Group {
    /// Code of the group; empty if unknown.
    pub code: String,
    /// Name of the group.
    pub name: String,
    /// Level: 0 for province or section, 1 for district or division, 2 for street.
    pub level: u8,
    /// Number of enterprises.
    pub enterprises: u64,
    /// Number of eligible enterprises.
    pub eligible: u64,
    /// Number of undetermined enterprises.
    pub undetermined: u64,
}
