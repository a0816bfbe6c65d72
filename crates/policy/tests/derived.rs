//! Derived facts against the tables of their rules.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};
use zhaoren_policy::fact::{FactDictionary, Knowledge, Period, Value};
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax::json as parse;
use zhaoren_policy::view::View;

const DAY: Date = date(2026, 11, 23);

fn known_on(key: &str, facts: &Json, day: Date) -> (Json, Vec<String>) {
    let dictionary = FactDictionary::built_in();
    let text = json!({"id": "e", "facts": facts}).to_string();
    let mut report = Report::new("profile");
    let profile = Profile::read(&parse(&text).unwrap(), dictionary, true, &mut report)
        .unwrap_or_else(|| panic!("{:?}", report.problems));
    let view = View::new(&profile, dictionary, day);
    let fact = dictionary.get(key).unwrap();
    let year = (fact.period == Period::Year).then(|| view.last_year());
    let known = view.knowledge(fact, year);
    let open = if known.exact().is_some() { Vec::new() } else { view.open_inputs(fact, year) };
    (known.to_json(), open)
}

fn known(key: &str, facts: Json) -> Json {
    known_on(key, &facts, DAY).0
}

fn size(industry: &str, staff: Option<i64>, revenue: Option<i64>, assets: Option<i64>) -> Json {
    let mut facts = json!({"industry": industry});
    if let Some(staff) = staff {
        facts["employees"] = staff.into();
    }
    for (key, value) in [("revenue", revenue), ("total_assets", assets)] {
        if let Some(value) = value {
            facts[key] = json!({"2025": value * 10_000});
        }
    }
    known("enterprise_size", facts)
}

#[test]
fn size_table() {
    type Row = (&'static str, Option<i64>, Option<i64>, Option<i64>, &'static str);
    let rows: [Row; 16] = [
        ("C", Some(1000), Some(40_000), None, "大型"),
        ("C", Some(999), Some(40_000), None, "中型"),
        ("C", Some(300), Some(1_999), None, "小型"),
        ("C", Some(5000), Some(299), None, "微型"),
        ("6513", Some(100), Some(1_000), None, "中型"),
        ("6513", Some(86), Some(4_300), None, "小型"),
        ("6513", Some(300), Some(9_999), None, "中型"),
        ("72", Some(300), None, Some(7_999), "小型"),
        ("7010", None, Some(200_000), Some(9_999), "中型"),
        ("E", None, Some(80_000), Some(4_999), "小型"),
        ("73", Some(10), None, None, "小型"),
        // one index in the lowest class settles it
        ("C3911", None, Some(299), None, "微型"),
        ("6513", Some(9), None, None, "微型"),
        ("5911", Some(1000), Some(30_000), None, "大型"),
        ("5990", Some(200), Some(30_000), None, "大型"),
        ("7020", Some(300), Some(5_000), None, "中型"),
    ];
    for (industry, staff, revenue, assets, class) in rows {
        assert_eq!(
            size(industry, staff, revenue, assets),
            json!(class),
            "{industry} {staff:?} {revenue:?} {assets:?}"
        );
    }
}

#[test]
fn unknown_inputs_leave_size_open_only_if_decisive() {
    let all = json!({"one_of": ["中型", "大型", "小型", "微型"]});
    assert_eq!(size("5199", Some(200), None, None), all);
    assert_eq!(size("6513", Some(50), None, None), json!({"one_of": ["小型", "微型"]}));
    // outside the table: railways, finance, education, health
    for industry in ["5310", "66", "8310", "Q84", "7040"] {
        assert_eq!(size(industry, Some(500), Some(50_000), Some(1)), Json::Null, "{industry}");
    }
    // a section that lies in one row, and one that lies in several
    assert_eq!(size("F", Some(4), Some(99), None), json!("微型"));
    assert_eq!(size("F", Some(20), Some(20_000), None), json!({"one_of": ["中型", "小型"]}));
    let (_, open) = known_on("enterprise_size", &json!({"industry": "6513", "employees": 50}), DAY);
    assert_eq!(open, ["revenue"]);
}

#[test]
fn ratio_of_sums_is_not_a_mean_of_ratios() {
    // R&D 3 / 3 / 9 % on sales 1 / 1 / 8: the mean is 5 %, the ratio of sums 7.8 %.
    let facts = json!({"established_on": "2015-01-01",
        "rd_expense": {"2023": 3, "2024": 3, "2025": 72}, "sales_revenue": {"2023": 100, "2024": 100, "2025": 800}});
    assert_eq!(known("rd_intensity_3y", facts), json!(0.078));
}

#[test]
fn young_enterprises_count_their_actual_years() {
    let facts = json!({"established_on": "2024-06-01",
        "rd_expense": {"2024": 5, "2025": 5}, "sales_revenue": {"2024": 100, "2025": 100}});
    assert_eq!(known("rd_intensity_3y", facts.clone()), json!(0.05));
    let mut unknown_age = facts;
    unknown_age["established_on"] = Json::Null;
    let (value, open) = known_on("rd_intensity_3y", &unknown_age, DAY);
    assert_eq!((value, open), (Json::Null, vec!["rd_expense".to_owned(), "sales_revenue".to_owned()]));
    let newborn = json!({"established_on": "2026-01-01"});
    assert_eq!(known("rd_intensity_3y", newborn), Json::Null);
}

#[test]
fn tech_sme_scores() {
    let base = |staff: i64, rd: i64, two: i64| {
        json!({"tax_resident": true, "employees": 100, "employees_avg": {"2025": 1000}, "sci_tech_staff": {"2025": staff},
            "sales_revenue": {"2025": 1_000_000}, "total_assets": {"2025": 1_000_000}, "rd_expense": {"2025": rd},
            "cost_expense": {"2025": 1_000_000}, "ip_class1": 0, "ip_class2": two, "restricted_industry": false,
            "last_safety_accident_on": {"at_most": "2020-01-01"}, "last_quality_accident_on": {"at_most": "2020-01-01"},
            "last_env_violation_on": {"at_most": "2024-12-31"}, "research_dishonest": false, "abnormal_list": false,
            "serious_dishonest": false, "qualifications": [], "sci_awards": [], "rd_institutions": [],
            "intl_standards_led": 0, "national_standards_led": 0})
    };
    // 12 % staff (4) + 6.0 % R&D (50) + one Ⅱ类 (6) = 60
    assert_eq!(known("tech_sme_score", base(120, 60_000, 1)), json!(60));
    assert_eq!(known("tech_sme", base(120, 60_000, 1)), json!(true));
    // 9.9 % staff scores 0 and fails, regardless of the other scores
    let mut strong = base(99, 60_000, 0);
    strong["ip_class1"] = json!(1);
    assert_eq!(known("tech_sme_score", strong.clone()), json!(80));
    assert_eq!(known("tech_sme", strong.clone()), json!(false));
    // … unless a 高企 certificate replaces the score
    strong["qualifications"] = json!(["高新技术企业"]);
    assert_eq!(known("tech_sme", strong.clone()), json!(true));
    strong["employees"] = json!(501);
    assert_eq!(known("tech_sme", strong), json!(false));
    // an unknown that no longer matters
    let mut open = base(120, 60_000, 1);
    open["cost_expense"] = Json::Null;
    assert_eq!(known("tech_sme", open.clone()), json!(true));
    assert_eq!(known("tech_sme_score", open), json!(60));
    let mut open = base(120, 60_000, 1);
    open["ip_class2"] = Json::Null;
    assert_eq!(known("tech_sme_score", open), json!({"at_least": 54, "at_most": 78}));
    let mut late = base(120, 60_000, 1);
    late["last_env_violation_on"] = json!("2025-01-01");
    assert_eq!(known("tech_sme", late), json!(false));
}

#[test]
fn score_bands_include_their_lower_end() {
    let score = |staff: i64, rd: i64, cost: i64, one: i64, two: i64| {
        known(
            "tech_sme_score",
            json!({"employees_avg": {"2025": 1000}, "sci_tech_staff": {"2025": staff},
            "sales_revenue": {"2025": 1000}, "rd_expense": {"2025": rd}, "cost_expense": {"2025": cost},
            "ip_class1": one, "ip_class2": two}),
        )
    };
    let far = 1_000_000;
    for (staff, points) in
        [(300, 20), (299, 16), (250, 16), (249, 12), (200, 12), (150, 8), (100, 4), (99, 0)]
    {
        assert_eq!(score(staff, 0, far, 0, 0), json!(points), "staff {staff}");
    }
    for (rd, points) in [(60, 50), (59, 40), (50, 40), (40, 30), (30, 20), (20, 10), (19, 0)] {
        assert_eq!(score(0, rd, far, 0, 0), json!(points), "R&D to sales {rd}");
    }
    for (rd, points) in [(30, 50), (29, 40), (25, 40), (20, 30), (15, 20), (10, 20), (9, 0)] {
        // cost 100: the better of the two bases counts; 10 of 1000 sales is nothing, of 100 cost 10 points …
        let by_cost = [(30, 50), (25, 40), (20, 30), (15, 20), (10, 10)];
        let expected = by_cost.iter().find(|(bound, _)| rd >= *bound).map_or(0, |(_, p)| *p);
        let by_sales = if rd >= 30 {
            20
        } else if rd >= 20 {
            10
        } else {
            0
        };
        assert_eq!(score(0, rd, 100, 0, 0), json!(expected.max(by_sales)), "R&D to cost {rd} ({points})");
    }
    for (one, two, points) in
        [(1, 0, 30), (0, 5, 24), (0, 4, 24), (0, 3, 18), (0, 2, 12), (0, 1, 6), (0, 0, 0)]
    {
        assert_eq!(score(0, 0, far, one, two), json!(points), "IP {one} {two}");
    }
}

#[test]
fn tax_classes() {
    let small = |income: Json, staff: Json| {
        known(
            "small_low_profit",
            json!({"restricted_industry": false, "taxable_income": {"2025": income},
            "employees_avg": {"2025": staff}, "total_assets_quarter_avg": {"2025": 50_000_000}}),
        )
    };
    assert_eq!(small(json!(3_000_000), json!(300)), json!(true));
    assert_eq!(small(json!(3_000_001), json!(300)), json!(false));
    assert_eq!(small(json!(3_000_000), json!(301)), json!(false));
    assert_eq!(small(json!(3_000_001), Json::Null), json!(false)); // the unknown no longer matters
    assert_eq!(small(json!(3_000_000), Json::Null), Json::Null);
    assert_eq!(known("vat_small_scale", json!({"vat_sales": {"2025": 5_000_000}})), json!(true));
    assert_eq!(known("vat_small_scale", json!({"vat_sales": {"2025": 5_000_001}})), json!(false));
    assert_eq!(
        known("vat_small_scale", json!({"vat_taxpayer_type": "一般纳税人", "vat_sales": {"2025": 1}})),
        json!(false)
    );
    assert_eq!(known("vat_small_scale", json!({})), Json::Null);
}

#[test]
fn growth_rates() {
    let facts = json!({"main_revenue": {"2023": 100, "2024": 150, "2025": 120}, "revenue": {"2023": 100, "2024": 0, "2025": 130},
        "sales_revenue": {"2023": 100, "2024": 150, "2025": 120}, "net_assets": {"2023": -5, "2024": 10, "2025": 20}});
    assert_eq!(known("main_revenue_growth_avg2", facts.clone()), json!(0.15)); // 50 % and -20 %
    assert_eq!(known("main_revenue_growth", facts.clone()), json!(-0.2));
    assert_eq!(known("revenue_growth", facts.clone()), Json::Null); // the base is 0
    assert_eq!(known("revenue_growth_2023_2025", facts.clone()), json!(0.3));
    assert_eq!(known("sales_growth_hnte", facts.clone()), json!(0.15));
    assert_eq!(known("net_asset_growth_hnte", facts), json!(0));
}

#[test]
fn ages_and_fields() {
    assert_eq!(known("age_months", json!({"established_on": "2024-01-31"})), json!(33));
    assert_eq!(
        known_on("age_months", &json!({"established_on": "2024-01-31"}), date(2024, 2, 28)).0,
        json!(0)
    );
    assert_eq!(
        known_on("age_months", &json!({"established_on": "2024-01-31"}), date(2024, 2, 29)).0,
        json!(1)
    );
    let between = json!({"established_on": {"at_least": "2025-11-23", "at_most": "2026-01-23"}});
    assert_eq!(known("age_months", between), json!({"at_least": 10, "at_most": 12}));
    assert_eq!(known("main_product_field", json!({"emerging_fields": ["生物"]})), json!("战略性新兴产业"));
    assert_eq!(known("main_product_field", json!({"emerging_fields": []})), json!("其他领域"));
    let either = json!({"one_of": ["其他领域", "战略性新兴产业"]});
    assert_eq!(known("main_product_field", json!({})), either);
}

#[test]
fn stated_values_fill_open_rules_only() {
    assert_eq!(known("enterprise_size", json!({"enterprise_size": "小型"})), json!("小型"));
    let facts = json!({"enterprise_size": "大型", "industry": "6513", "employees": 9});
    assert_eq!(known("enterprise_size", facts), json!("微型"));
    assert_eq!(known("rd_intensity", json!({"rd_intensity": {"2025": 0.07}})), json!(0.07));
}

#[test]
fn every_derived_fact_has_a_rule() {
    // With every input given, no derived fact of the dictionary stays unknown.
    let dictionary = FactDictionary::built_in();
    let years = |n: i64| json!({"2023": n, "2024": n + 1, "2025": n + 2});
    let mut facts = json!({"industry": "6513", "established_on": "2015-01-01"});
    for fact in dictionary.iter().filter(|fact| !fact.derived && fact.max.is_none()) {
        use zhaoren_policy::fact::FactType::{Boolean, Decimal, Integer, Money, Ratio, Tags};
        facts[&fact.key] = match (fact.kind, fact.period) {
            (Integer | Money | Decimal, Period::Year) => years(7),
            (Ratio, Period::Year) => json!({"2025": 0.5}),
            (Integer | Money | Decimal, _) => json!(5),
            (Boolean, Period::Current) => json!(false),
            (Tags, _) => json!([]),
            _ => continue,
        };
    }
    for key in ["last_safety_accident_on", "last_quality_accident_on", "last_env_violation_on"] {
        facts[key] = json!("2001-01-01");
    }
    facts["vat_taxpayer_type"] = json!("一般纳税人");
    for fact in dictionary.iter().filter(|fact| fact.derived) {
        assert_ne!(known(&fact.key, facts.clone()), Json::Null, "{}", fact.key);
    }
    assert_eq!(Knowledge::default(), Knowledge::Unknown);
    assert_eq!(Knowledge::from_bool(Some(true)), Knowledge::Exactly(Value::Bool(true)));
}

/// Only the rules that count time or use titles change with the day: the others give the same result on any two days with the
/// same last full fiscal year, for any known facts.
#[test]
fn only_declared_facts_depend_on_the_day() {
    let dictionary = FactDictionary::built_in();
    let samples = include_str!("../../../seeds/enterprises/samples.jsonl");
    let mut moved = std::collections::BTreeSet::new();
    for line in samples.lines() {
        let node = zhaoren_policy::syntax::json(line).unwrap();
        let mut report = zhaoren_policy::problem::Report::new("samples");
        let profile = Profile::read(&node, dictionary, false, &mut report).unwrap();
        let on = |month, fact: &zhaoren_policy::fact::Fact| {
            let view = View::new(&profile, dictionary, jiff::civil::date(2026, month, 3));
            view.knowledge(
                fact,
                (fact.period == zhaoren_policy::fact::Period::Year).then(|| view.last_year()),
            )
        };
        for fact in dictionary.iter().filter(|fact| fact.derived) {
            if on(1, fact) != on(12, fact) {
                moved.insert(fact.key.as_str());
            }
        }
    }
    assert!(moved.contains("age_months"), "{moved:?}");
    let says_so = |key: &&str| dictionary.get(key).is_some_and(zhaoren_policy::fact::Fact::depends_on_day);
    assert!(moved.iter().all(says_so), "{moved:?}");
}
