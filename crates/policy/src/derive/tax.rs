//! Tax classes.

use super::inputs::{Inputs, every};
use crate::fact::{Knowledge, Value};

/// 小型微利企业: taxable income at most 300万元, at most 300 people, assets at most 5000万元 (both as quarterly
/// averages of the year), and not in a restricted or forbidden industry
/// (财政部 税务总局公告2023年第12号; 国家税务总局公告2023年第6号).
pub(super) fn small_low_profit(inputs: &mut Inputs<'_>, year: i16) -> Knowledge {
    Knowledge::from_bool(every([
        inputs.truth("restricted_industry").map(|restricted| !restricted),
        inputs.at_most("taxable_income", year, 3_000_000),
        inputs.at_most("employees_avg", year, 300),
        inputs.at_most("total_assets_quarter_avg", year, 50_000_000),
    ]))
}

/// 小规模纳税人: taxable sales at most 500万元 (增值税法 第九条); a registered taxpayer type overrides.
pub(super) fn vat_small_scale(inputs: &mut Inputs<'_>, year: i16) -> Knowledge {
    match inputs.current("vat_taxpayer_type") {
        Knowledge::Exactly(Value::Text(registered)) => {
            Knowledge::Exactly(Value::Bool(registered == "小规模纳税人"))
        }
        _ => Knowledge::from_bool(inputs.at_most("vat_sales", year, 5_000_000)),
    }
}
