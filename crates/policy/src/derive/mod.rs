//! Derived facts (派生指标): computed by a written rule from other facts.
//!
//! A rule uses the known facts. If its inputs leave the result open, it gives a range, a set of candidates, or nothing, never a
//! guess. This module and the reader's phrase tables are the only code that names fact keys.

mod growth;
mod inputs;
mod interval;
mod ratio;
mod size;
mod source;
mod tax;
mod tech_sme;

use jiff::civil::Date;

use crate::calendar::{CalendarSpan, SpanUnit, full_months};
use crate::fact::{Knowledge, Value};
use crate::number::Number;
use crate::view::View;
use inputs::Inputs;

/// Result of a rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Derived {
    /// Computed knowledge.
    pub(crate) known: Knowledge,
    /// Keys of the given facts read that are not exactly known, in reading order, each once.
    pub(crate) open: Vec<String>,
    /// Given facts read that have one value or one a year, in reading order, each once.
    pub(crate) read: Vec<(String, Option<i16>)>,
}

/// Computes the derived fact `key` for `year` (or the current value). A key without a rule is unknown.
pub(crate) fn derive(view: &View<'_>, key: &str, year: Option<i16>) -> Derived {
    let mut inputs = Inputs::new(view, true);
    let known = rule(&mut inputs, key, year.unwrap_or_else(|| view.last_year()));
    let (open, read) = inputs.into_parts();
    Derived { known, open, read }
}

/// Like [`derive`], without the record of inputs.
pub(crate) fn value(view: &View<'_>, key: &str, year: Option<i16>) -> Knowledge {
    rule(&mut Inputs::new(view, false), key, year.unwrap_or_else(|| view.last_year()))
}

/// Day on which a derived fact that depends only on time reaches `value`.
pub(crate) fn reached_on(view: &View<'_>, key: &str, value: &Number) -> Option<Date> {
    if key != "age_months" {
        return None;
    }
    let founded = view.dictionary.get("established_on").map(|fact| view.knowledge(fact, None))?;
    let Knowledge::Exactly(Value::Date(day)) = founded else { return None };
    let count = u32::try_from(value.ceil().to_i64()?).ok()?;
    Some(CalendarSpan { count, unit: SpanUnit::Months }.after(day))
}

/// True if the evaluation date by itself can change a derived fact while the last full fiscal year stays the same: its rule
/// counts time, or uses titles, which are held for a period.
pub(crate) fn moves_with_day(key: &str) -> bool {
    matches!(key, "age_months" | "main_product_field" | "tech_sme" | "tech_sme_score")
}

/// Rule table. The sources are given at the rules.
fn rule(inputs: &mut Inputs<'_>, key: &str, year: i16) -> Knowledge {
    match key {
        "enterprise_size" => size::enterprise_size(inputs, year),
        "small_low_profit" => tax::small_low_profit(inputs, year),
        "vat_small_scale" => tax::vat_small_scale(inputs, year),
        "tech_sme_score" => tech_sme::score(inputs, year).into_known(),
        "tech_sme" => Knowledge::from_bool(tech_sme::qualifies(inputs, year)),
        "age_months" => age_months(inputs),
        "rd_intensity_3y" => ratio::of_sums(inputs, "rd_expense", "sales_revenue").into_known(),
        "rd_domestic_share_3y" => ratio::of_sums(inputs, "rd_expense_domestic", "rd_expense").into_known(),
        "main_revenue_growth_avg2" => growth::average_of_two(inputs, "main_revenue", year).into_known(),
        "revenue_growth" => growth::yearly(inputs, "revenue", year).into_known(),
        "main_revenue_growth" => growth::yearly(inputs, "main_revenue", year).into_known(),
        "revenue_growth_2023_2025" => growth::between(inputs, "revenue", 2023, 2025).into_known(),
        "sales_growth_hnte" => growth::mean_of_ratios(inputs, "sales_revenue", false),
        "net_asset_growth_hnte" => growth::mean_of_ratios(inputs, "net_assets", true),
        "main_product_field" => main_product_field(inputs),
        _ => ratio::same_year(inputs, key, year).into_known(),
    }
}

/// 成立月数: full calendar months from establishment to the evaluation date.
fn age_months(inputs: &mut Inputs<'_>) -> Knowledge {
    let as_of = inputs.as_of();
    let months = |value: &Value| match value {
        Value::Date(day) => Some(Number::from(i64::from(full_months(*day, as_of)))),
        _ => None,
    };
    match inputs.current("established_on") {
        Knowledge::Exactly(day) => Knowledge::from_bounds(months(&day), months(&day)),
        // The earlier the founding, the greater the age.
        Knowledge::Within { low, high } => {
            Knowledge::from_bounds(high.as_ref().and_then(months), low.as_ref().and_then(months))
        }
        _ => Knowledge::Unknown,
    }
}

/// 主导产品所属领域: 战略性新兴产业 if the enterprise has any such field.
fn main_product_field(inputs: &mut Inputs<'_>) -> Knowledge {
    let emerging = Value::Text("战略性新兴产业".to_owned());
    let other = Value::Text("其他领域".to_owned());
    match inputs.any_tag("emerging_fields") {
        Some(true) => Knowledge::Exactly(emerging),
        Some(false) => Knowledge::Exactly(other),
        None => Knowledge::from_candidates(vec![emerging, other]),
    }
}

/// Fiscal years of a three-year sum: the last three full ones, without those before the enterprise was founded (国科发火〔2016〕195号:
/// 实际经营年限). Empty if it has no full year yet.
fn life_years(inputs: &mut Inputs<'_>) -> Vec<i16> {
    let last = inputs.last_year();
    let founded = match inputs.peek("established_on") {
        Knowledge::Exactly(Value::Date(day)) => Some(Date::year(day)),
        _ => None,
    };
    (last - 2..=last).filter(|year| founded.is_none_or(|founded| founded <= *year)).collect()
}
