//! 科技型中小企业: score and conditions (国科发政〔2017〕115号 第六条至第八条, the 2017 text).
//!
//! This is the result by the figures. The title is another fact: a tag of `qualifications`.

use jiff::civil::{Date, date};

use super::inputs::{Inputs, any, every};
use super::interval::Interval;
use super::ratio;
use crate::number::Number;

/// Inclusive lower bounds in parts per thousand, and their points, best first.
type Bands = [(i64, i64); 5];

const STAFF: Bands = [(300, 20), (250, 16), (200, 12), (150, 8), (100, 4)];
const RD_TO_SALES: Bands = [(60, 50), (50, 40), (40, 30), (30, 20), (20, 10)];
const RD_TO_COST: Bands = [(300, 50), (250, 40), (200, 30), (150, 20), (100, 10)];
/// Points by the number of Ⅱ类 intellectual property rights.
const CLASS_TWO: [(i64, i64); 4] = [(4, 24), (3, 18), (2, 12), (1, 6)];

/// A + B + C, from 0 to 100: staff share, R&D (the better of two bases), intellectual property.
pub(super) fn score(inputs: &mut Inputs<'_>, year: i16) -> Interval {
    let staff = staff_points(inputs, year);
    let by_sales = banded(&ratio::same_year(inputs, "rd_to_sales", year), &RD_TO_SALES, 1000, 50);
    let by_cost = banded(&ratio::same_year(inputs, "rd_to_cost", year), &RD_TO_COST, 1000, 50);
    let one = inputs.number("ip_class1", year);
    let two = inputs.number("ip_class2", year);
    let by_two = banded(&two, &CLASS_TWO, 1, 24);
    let property = greater(&banded(&one, &[(1, 30)], 1, 30), &by_two);
    staff.plus(&greater(&by_sales, &by_cost)).plus(&property)
}

/// True if all conditions of 第六条 hold, or 第八条 in place of the score.
pub(super) fn qualifies(inputs: &mut Inputs<'_>, year: i16) -> Option<bool> {
    let since: Date = date(year, 1, 1);
    let general = every([
        inputs.truth("tax_resident"),
        inputs.at_most("employees", year, 500),
        inputs.at_most("sales_revenue", year, 200_000_000),
        inputs.at_most("total_assets", year, 200_000_000),
        not(inputs.truth("restricted_industry")),
        inputs.before("last_safety_accident_on", since),
        inputs.before("last_quality_accident_on", since),
        inputs.before("last_env_violation_on", since),
        not(inputs.truth("research_dishonest")),
        not(inputs.truth("abnormal_list")),
        not(inputs.truth("serious_dishonest")),
    ]);
    if general == Some(false) {
        return general;
    }
    let direct = any([
        inputs.holds_any("qualifications", &["高新技术企业"]),
        inputs.holds_any("sci_awards", &["国家级科技奖励(近五年前三)"]),
        inputs.holds_any("rd_institutions", &["国家级研发机构", "省部级研发机构"]),
        inputs.at_least("intl_standards_led", year, 1),
        inputs.at_least("national_standards_led", year, 1),
    ]);
    let scored = match direct {
        Some(true) => Some(true),
        _ => any([
            direct,
            every([
                score(inputs, year).at_least(&Number::from(60)),
                staff_points(inputs, year).at_least(&Number::from(1)),
            ]),
        ]),
    };
    every([general, scored])
}

fn staff_points(inputs: &mut Inputs<'_>, year: i16) -> Interval {
    banded(&ratio::same_year(inputs, "sci_tech_staff_share", year), &STAFF, 1000, 20)
}

fn not(truth: Option<bool>) -> Option<bool> {
    truth.map(|flag| !flag)
}

/// Possible points of a value within `interval`; bounds are in units of 1/`unit`, and `best` is the score of an unbounded value.
fn banded(interval: &Interval, bands: &[(i64, i64)], unit: i64, best: i64) -> Interval {
    let points = |value: &Number| {
        let scaled = value.times(&Number::from(unit));
        bands.iter().find(|(bound, _)| scaled >= Number::from(*bound)).map_or(0, |(_, points)| *points)
    };
    Interval {
        low: Some(Number::from(interval.low.as_ref().map_or(0, points))),
        high: Some(Number::from(interval.high.as_ref().map_or(best, points))),
    }
}

fn greater(a: &Interval, b: &Interval) -> Interval {
    Interval { low: a.low.clone().max(b.low.clone()), high: a.high.clone().max(b.high.clone()) }
}
