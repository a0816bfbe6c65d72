//! Ratios of two facts: of one year, and of three-year sums.

use super::inputs::Inputs;
use super::interval::Interval;
use super::life_years;

/// Ratio facts of one fiscal year: key, numerator, denominator. Unknown if the denominator is 0 or less.
const SAME_YEAR: [(&str, &str, &str); 9] = [
    ("rd_intensity", "rd_expense", "revenue"),
    ("rd_to_sales", "rd_expense", "sales_revenue"),
    ("rd_to_cost", "rd_expense", "cost_expense"),
    // 总收入 = 收入总额 - 不征税收入, not sales (国科发火〔2016〕195号).
    ("hightech_revenue_share", "hightech_revenue", "total_income"),
    ("sci_tech_staff_share", "sci_tech_staff", "employees_avg"),
    ("rd_staff_share", "rd_staff", "employees_avg"),
    ("debt_ratio", "total_liabilities", "total_assets"),
    ("main_revenue_share", "main_revenue", "revenue"),
    ("equipment_share", "equipment_investment", "fixed_asset_investment"),
];

/// Ratio of two facts of the same year; open for a key that is no ratio.
pub(super) fn same_year(inputs: &mut Inputs<'_>, key: &str, year: i16) -> Interval {
    // 残疾人就业比例: over 上年在职职工平均人数 (财税〔2015〕72号).
    let rule = match key {
        "disabled_share" => Some(("disabled_staff", "employees_avg")),
        _ => SAME_YEAR.iter().find(|(name, ..)| *name == key).map(|(_, over, under)| (*over, *under)),
    };
    let Some((over, under)) = rule else { return Interval::open() };
    let over = inputs.number(over, year);
    let under = inputs.number(under, year);
    over.over(&under)
}

/// Ratio of two sums over the last three full fiscal years, or over the years since founding.
///
/// A ratio of sums is not a mean of ratios (国科发火〔2016〕32号 第十一条（五）).
pub(super) fn of_sums(inputs: &mut Inputs<'_>, over: &str, under: &str) -> Interval {
    let years = life_years(inputs);
    if years.is_empty() {
        return Interval::open();
    }
    let sum = |inputs: &mut Inputs<'_>, key: &str| {
        let mut sum = Interval::exactly(crate::number::Number::zero());
        for year in &years {
            sum = sum.plus(&inputs.number(key, *year));
        }
        sum
    };
    let (over, under) = (sum(inputs, over), sum(inputs, under));
    over.over(&under)
}
