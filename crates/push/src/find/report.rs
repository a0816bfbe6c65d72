//! What is told of who qualifies.

use jiff::civil::Date;
use serde::Serialize;

/// What was found for one item.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct FindReport {
    /// The item's id.
    pub item: String,
    /// 事项名称.
    pub title: String,
    /// The evaluation date (判定日).
    pub as_of: Date,
    /// Whether the item is in force on that day; a draft is answered all the same.
    pub in_force: bool,
    /// How many enterprises were asked about.
    pub enterprises: u64,
    /// How many of them stand under an id that another one has as well; each was counted by itself.
    pub repeated: u64,
    /// How many are eligible.
    pub eligible: u64,
    /// How many have facts open that decide.
    pub undetermined: u64,
    /// How many are not eligible.
    pub ineligible: u64,
    /// How many fail exactly one condition for certain and pass every other for certain: almost there.
    pub almost: u64,
    /// How many pass or may pass every condition by itself and yet cannot pass all together.
    pub together: u64,
    /// The conditions, in the item's order.
    pub funnel: Vec<FunnelStep>,
    /// By province, district and street (GB/T 2260), as far down as the register says; those without a known region
    /// under an empty code.
    pub by_region: Vec<Group>,
    /// By section and division (GB/T 4754); those without a known industry under an empty code.
    pub by_industry: Vec<Group>,
    /// Ids of the eligible, in order, up to the limit.
    pub eligible_ids: Vec<String>,
    /// Ids of the undetermined, in order, up to the limit.
    pub undetermined_ids: Vec<String>,
}

/// One condition of the funnel.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct FunnelStep {
    /// The condition in plain Chinese.
    pub text: String,
    /// Its source sentence (原文).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// The printed place of that sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// How many no earlier condition has put out.
    pub entered: u64,
    /// How many of those fail here for certain.
    pub out: u64,
    /// How many of those are open here.
    pub open: u64,
    /// How many go on to the next condition: `entered - out`.
    pub left: u64,
    /// How many of all enterprises fail this condition for certain, whatever else.
    pub failed: u64,
    /// How many fail this condition for certain and pass every other for certain: this clause alone keeps them out.
    pub alone: u64,
}

/// The enterprises of one region or industry.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct Group {
    /// The code; empty where it is not known.
    pub code: String,
    /// Its name.
    pub name: String,
    /// 0 for the top (province, section), 1 below it (district, division), 2 for streets.
    pub level: u8,
    /// How many there are.
    pub enterprises: u64,
    /// How many of them are eligible.
    pub eligible: u64,
    /// How many of them are undetermined.
    pub undetermined: u64,
}
