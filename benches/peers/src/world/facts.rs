//! The 48 facts of the world.

use zhaoren_policy::fact::FactDictionary;

/// A numeric fact: log-normal, `median` times e to the power `spread` times a normal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure {
    /// Key of the fact.
    pub(super) key: &'static str,
    /// Median over the enterprises.
    pub(super) median: f64,
    /// Standard deviation of the logarithm.
    pub(super) spread: f64,
    /// `integer`, `money` or `ratio`.
    pub(super) kind: &'static str,
    /// True if there is one value per fiscal year.
    pub(super) yearly: bool,
    /// Frequency in criteria, relative to other facts.
    pub(super) weight: f64,
}

const fn measure(
    key: &'static str,
    kind: &'static str,
    median: f64,
    spread: f64,
    yearly: bool,
    weight: f64,
) -> Measure {
    Measure { key, median, spread, kind, yearly, weight }
}

/// The fourteen numeric facts.
pub(super) const MEASURES: [Measure; 14] = [
    measure("employees", "integer", 28.0, 1.4, false, 6.0),
    measure("rd_staff", "integer", 5.0, 1.3, false, 3.0),
    measure("insured_staff", "integer", 22.0, 1.4, false, 2.0),
    measure("patents", "integer", 4.0, 1.3, false, 4.0),
    measure("software_works", "integer", 5.0, 1.2, false, 2.0),
    measure("registered_capital", "money", 5e6, 1.5, false, 4.0),
    measure("paid_capital", "money", 3e6, 1.5, false, 1.5),
    measure("total_assets", "money", 1.5e7, 1.8, true, 3.0),
    measure("revenue", "money", 1.2e7, 1.8, true, 8.0),
    measure("rd_expense", "money", 9e5, 1.6, true, 4.0),
    measure("tax_paid", "money", 6e5, 1.7, true, 3.0),
    measure("exports", "money", 8e5, 1.9, true, 1.5),
    measure("rd_ratio", "ratio", 0.045, 0.7, false, 4.0),
    measure("investment", "money", 4e6, 1.6, false, 2.0),
];

/// Date facts, with the median age of the date in days and the frequency in criteria.
pub(super) const DATES: [(&str, f64, f64); 3] =
    [("established_on", 2200.0, 7.0), ("certified_on", 700.0, 2.0), ("last_penalty_on", 1300.0, 2.5)];

/// Categories with their values, most common first, and the frequency in criteria.
pub(super) const CATEGORIES: [(&str, &[&str], f64); 4] = [
    ("size_class", &["微型", "小型", "中型", "大型"], 6.0),
    (
        "enterprise_type",
        &["有限责任公司", "个体工商户", "股份有限公司", "合伙企业", "外商投资企业", "农民专业合作社"],
        3.0,
    ),
    ("ownership", &["民营", "国有", "外资", "集体", "混合"], 2.0),
    ("tax_credit", &["B", "A", "M", "C", "D"], 3.0),
];

/// Number of boolean facts.
pub(super) const FLAGS: usize = 24;

/// Number of tags that the tags fact can contain.
pub(super) const TAGS: usize = 40;

/// Key of the tags fact.
pub(super) const TAGS_KEY: &str = "qualifications";

/// Key of a flag.
pub(super) fn flag(index: usize) -> String {
    format!("flag_{index:02}")
}

/// A tag.
pub(super) fn tag(index: usize) -> String {
    format!("资质{index:02}")
}

/// Share of enterprises for which a flag is true. Every third flag is a rare blemish.
pub(super) fn flag_share(index: usize) -> f64 {
    if is_blot(index) { 0.03 + 0.01 * (index % 5) as f64 } else { 0.12 + 0.03 * (index % 16) as f64 }
}

/// True if criteria require the flag to be false.
pub(super) fn is_blot(index: usize) -> bool {
    index.is_multiple_of(3)
}

/// Fact dictionary of the world.
pub(super) fn dictionary() -> FactDictionary {
    let mut text = String::from(
        "- {key: registered_region, name: 注册地, type: code, codes: region}\n\
         - {key: industry, name: 行业, type: code, codes: industry}\n",
    );
    for (key, values, _) in CATEGORIES {
        text += &format!("- {{key: {key}, type: text, values: [{}]}}\n", values.join(", "));
    }
    for m in MEASURES {
        let period = if m.yearly { "year" } else { "current" };
        let max = if m.kind == "ratio" { ", max: 1" } else { "" };
        text += &format!("- {{key: {}, type: {}, period: {period}, min: 0{max}}}\n", m.key, m.kind);
    }
    for (key, ..) in DATES {
        text += &format!("- {{key: {key}, type: date}}\n");
    }
    for index in 0..FLAGS {
        text += &format!("- {{key: {}, type: boolean}}\n", flag(index));
    }
    text += &format!("- {{key: {TAGS_KEY}, type: tags}}\n");
    let mut dictionary = FactDictionary::default();
    let report = dictionary.extend_from(&text, "world.yaml");
    assert!(report.problems.is_empty(), "the world's own dictionary: {}", report.problems[0]);
    dictionary
}
