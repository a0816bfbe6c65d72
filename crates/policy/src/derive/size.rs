//! 企业规模: large, medium, small or micro, by industry (统计上大中小微型企业划分办法（2017）, 国统字〔2017〕213号).
//!
//! A class requires *all* indices of the industry to reach its lower bound, so the class is the lowest of the classes by each
//! index. Partial data can therefore be enough: one index in 微型 settles 微型.

use super::inputs::Inputs;
use super::interval::Interval;
use crate::code::{Code, CodeSystem, names};
use crate::fact::{Knowledge, Value};
use crate::number::Number;

/// Classes in ascending order.
const CLASSES: [&str; 4] = ["微型", "小型", "中型", "大型"];

/// Index of the table.
#[derive(Clone, Copy)]
enum Index {
    /// 从业人员, people.
    Staff,
    /// 营业收入, 万元.
    Revenue,
    /// 资产总额, 万元.
    Assets,
}
use Index::{Assets, Revenue, Staff};

/// Inclusive lower bounds of 小型, 中型, 大型 by one index.
type Row = (Index, [i64; 3]);

/// Industry codes of each row of the table, and its one or two indices.
const TABLE: [(&[&str], &[Row]); 16] = [
    (&["A"], &[(Revenue, [50, 500, 20_000])]),
    (&["B", "C", "D"], &[(Staff, [20, 300, 1_000]), (Revenue, [300, 2_000, 40_000])]),
    (&["E"], &[(Revenue, [300, 6_000, 80_000]), (Assets, [300, 5_000, 80_000])]),
    (&["51"], &[(Staff, [5, 20, 200]), (Revenue, [1_000, 5_000, 40_000])]),
    (&["52"], &[(Staff, [10, 50, 300]), (Revenue, [100, 500, 20_000])]),
    (&["54", "55", "56", "57", "58", "591"], &[(Staff, [20, 300, 1_000]), (Revenue, [200, 3_000, 30_000])]),
    (
        &["592", "593", "594", "595", "596", "597", "598", "599"],
        &[(Staff, [20, 100, 200]), (Revenue, [100, 1_000, 30_000])],
    ),
    (&["60"], &[(Staff, [20, 300, 1_000]), (Revenue, [100, 2_000, 30_000])]),
    (&["61", "62"], &[(Staff, [10, 100, 300]), (Revenue, [100, 2_000, 10_000])]),
    (&["63", "64"], &[(Staff, [10, 100, 2_000]), (Revenue, [100, 1_000, 100_000])]),
    (&["65"], &[(Staff, [10, 100, 300]), (Revenue, [50, 1_000, 10_000])]),
    (&["7010"], &[(Revenue, [100, 1_000, 200_000]), (Assets, [2_000, 5_000, 10_000])]),
    (&["7020"], &[(Staff, [100, 300, 1_000]), (Revenue, [500, 1_000, 5_000])]),
    (&["L"], &[(Staff, [10, 100, 300]), (Assets, [100, 8_000, 120_000])]),
    (&["M", "N", "O", "85", "R"], &[(Staff, [10, 100, 300])]),
    (&["7030", "7090"], &[(Staff, [10, 100, 300])]),
];

/// Size class. Unknown for industries outside the table (铁路, 金融, 教育, 卫生, …), and a set of candidates if the inputs leave several
/// classes open.
pub(super) fn enterprise_size(inputs: &mut Inputs<'_>, year: i16) -> Knowledge {
    let industries = match inputs.current("industry") {
        Knowledge::Exactly(value) => vec![value],
        Knowledge::Among(values) => values,
        _ => Vec::new(),
    };
    let codes: Vec<&Code> = industries.iter().filter_map(as_code).collect();
    if codes.is_empty() {
        // The figures are recorded as open inputs too: they will be needed for any industry.
        for key in ["employees", "revenue"] {
            inputs.number(key, year);
        }
        return Knowledge::Unknown;
    }
    let mut rows: Vec<&'static [Row]> = Vec::new();
    for code in codes {
        let Some(more) = rows_of(code) else { return Knowledge::Unknown };
        for row in more {
            if !rows.iter().any(|seen| std::ptr::eq(*seen, row)) {
                rows.push(row);
            }
        }
    }
    let mut candidates = [false; 4];
    for row in rows {
        let mut low = CLASSES.len() - 1;
        let mut high = CLASSES.len() - 1;
        for (index, bounds) in row {
            let (least, greatest) = classes(&index.read(inputs, year), bounds, index.unit());
            low = low.min(least);
            high = high.min(greatest);
        }
        for slot in candidates.iter_mut().take(high + 1).skip(low) {
            *slot = true;
        }
    }
    let classes = CLASSES.iter().zip(candidates).filter(|(_, open)| *open);
    Knowledge::from_candidates(classes.map(|(class, _)| Value::Text((*class).to_owned())).collect())
}

impl Index {
    fn read(self, inputs: &mut Inputs<'_>, year: i16) -> Interval {
        match self {
            Staff => inputs.number("employees", year),
            Revenue => inputs.number("revenue", year),
            Assets => inputs.number("total_assets", year),
        }
    }

    /// Factor from the table's unit to the fact's unit.
    fn unit(self) -> i64 {
        match self {
            Staff => 1,
            Revenue | Assets => 10_000,
        }
    }
}

/// Indices in [`CLASSES`] of the lowest and highest class for a value within `interval`.
fn classes(interval: &Interval, bounds: &[i64; 3], unit: i64) -> (usize, usize) {
    let class = |value: &Number| bounds.iter().filter(|bound| *value >= Number::from(**bound * unit)).count();
    (interval.low.as_ref().map_or(0, class), interval.high.as_ref().map_or(bounds.len(), class))
}

fn as_code(value: &Value) -> Option<&Code> {
    match value {
        Value::Code(code) => Some(code),
        _ => None,
    }
}

/// Possible rows of the industry: one, or several for a code above the classes. `None` if any part of it is outside the table.
fn rows_of(code: &Code) -> Option<Vec<&'static [Row]>> {
    if let Some(row) = row_of(code) {
        return Some(vec![row]);
    }
    let mut rows: Vec<&'static [Row]> = Vec::new();
    let below = names(CodeSystem::Industry)
        .iter()
        .map(|(below, _)| below)
        .filter(|c| c.is_within(code) && c.key().len() == 5);
    for class in below {
        let row = row_of(&class)?;
        if !rows.iter().any(|seen| std::ptr::eq(*seen, row)) {
            rows.push(row);
        }
    }
    (!rows.is_empty()).then_some(rows)
}

fn row_of(code: &Code) -> Option<&'static [Row]> {
    let covers =
        |text: &&str| Code::parse(text, CodeSystem::Industry).is_some_and(|row| code.is_within(&row));
    TABLE.iter().find(|(codes, _)| codes.iter().any(covers)).map(|(_, row)| *row)
}
