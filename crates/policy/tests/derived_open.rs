//! Derived facts with partially known inputs: ranges of dates and numbers, incomplete lists of tags, and the record of the inputs
//! read by a rule. Each row checks a rule on both sides of a bound; they were added for mutation testing of `policy::derive`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};
use zhaoren_policy::fact::{Fact, FactDictionary, Knowledge, Period};
use zhaoren_policy::number::Number;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax::json as parse;
use zhaoren_policy::view::View;

const DAY: Date = date(2026, 11, 23);

fn with<T>(facts: &Json, see: impl FnOnce(&View<'_>) -> T) -> T {
    let dictionary = FactDictionary::built_in();
    let text = json!({"id": "e", "facts": facts}).to_string();
    let mut report = Report::new("profile");
    let profile = Profile::read(&parse(&text).unwrap(), dictionary, true, &mut report)
        .unwrap_or_else(|| panic!("{:?}", report.problems));
    see(&View::new(&profile, dictionary, DAY))
}

fn fact(key: &str) -> &'static Fact {
    FactDictionary::built_in().get(key).unwrap()
}

fn year(view: &View<'_>, fact: &Fact) -> Option<i16> {
    (fact.period == Period::Year).then(|| view.last_year())
}

fn known(key: &str, facts: &Json) -> Json {
    let fact = fact(key);
    with(facts, |view| view.knowledge(fact, year(view, fact)).to_json())
}

fn open(key: &str, facts: &Json) -> Vec<String> {
    let fact = fact(key);
    with(facts, |view| view.open_inputs(fact, year(view, fact)))
}

/// Facts with which 科技型中小企业 holds by the certificate (第八条), so that the general conditions (第六条) decide.
fn sound() -> Json {
    json!({"tax_resident": true, "employees": 100, "sales_revenue": {"2025": 1_000_000},
        "total_assets": {"2025": 1_000_000}, "restricted_industry": false,
        "last_safety_accident_on": "2020-01-01", "last_quality_accident_on": "2020-01-01",
        "last_env_violation_on": "2020-01-01", "research_dishonest": false, "abnormal_list": false,
        "serious_dishonest": false, "qualifications": ["高新技术企业"]})
}

#[test]
fn an_accident_counts_from_the_first_day_of_the_last_year() {
    let rows = [
        (json!("2024-12-31"), json!(true)),
        (json!("2025-01-01"), json!(false)),
        (json!("2025-01-02"), json!(false)),
        (json!({"at_most": "2024-12-31"}), json!(true)),
        (json!({"at_most": "2025-01-01"}), Json::Null),
        (json!({"at_least": "2025-01-01"}), json!(false)),
        (json!({"at_least": "2024-12-31"}), Json::Null),
        (json!({"at_least": "2024-12-31", "at_most": "2025-01-01"}), Json::Null),
        (Json::Null, Json::Null),
    ];
    for (accident, qualifies) in rows {
        let mut facts = sound();
        facts["last_safety_accident_on"] = accident.clone();
        assert_eq!(known("tech_sme", &facts), qualifies, "{accident}");
    }
}

#[test]
fn known_exclusions_count_against_an_enterprise() {
    for key in ["restricted_industry", "research_dishonest", "abnormal_list", "serious_dishonest"] {
        for (given, qualifies) in
            [(json!(true), json!(false)), (json!(false), json!(true)), (Json::Null, Json::Null)]
        {
            let mut facts = sound();
            facts[key] = given.clone();
            assert_eq!(known("tech_sme", &facts), qualifies, "{key}: {given}");
        }
    }
}

/// If the certificate decides (第八条), the figures of the score are not open inputs.
#[test]
fn certificates_make_the_score_unnecessary() {
    let mut facts = sound();
    facts["total_assets"] = Json::Null;
    let asked = open("tech_sme", &facts);
    assert_eq!(asked.first().map(String::as_str), Some("total_assets"));
    let mut scored = facts.clone();
    scored["qualifications"] = json!([]);
    for figure in ["ip_class1", "ip_class2"] {
        let asks = |facts: &Json| open("tech_sme", facts).iter().any(|key| key == figure);
        assert!(asks(&scored) && !asks(&facts), "{figure}");
    }
}

#[test]
fn led_standards_replace_the_score() {
    let rows = [
        (json!(0), json!(false)),
        (json!(1), json!(true)),
        (json!({"at_least": 1}), json!(true)),
        (json!({"at_most": 0}), json!(false)),
        (json!({"at_most": 1}), Json::Null),
        (json!({"at_least": 0, "at_most": 2}), Json::Null),
    ];
    for (led, qualifies) in rows {
        let mut facts = sound();
        let lacking = json!({"qualifications": [], "sci_awards": [], "rd_institutions": [], "national_standards_led": 0,
            "employees_avg": {"2025": 1000}, "sci_tech_staff": {"2025": 0}, "intl_standards_led": led});
        facts.as_object_mut().unwrap().extend(lacking.as_object().unwrap().clone());
        assert_eq!(known("tech_sme", &facts), qualifies, "{led}");
    }
}

#[test]
fn sizes_are_exact_on_both_sides_of_a_bound() {
    let rows = [
        (json!({"at_most": 500}), json!(true)),
        (json!({"at_most": 501}), Json::Null),
        (json!({"at_least": 501}), json!(false)),
        (json!({"at_least": 500}), Json::Null),
    ];
    for (employees, qualifies) in rows {
        let mut facts = sound();
        facts["employees"] = employees.clone();
        assert_eq!(known("tech_sme", &facts), qualifies, "{employees}");
    }
}

#[test]
fn a_field_of_emerging_industry_is_absent_only_when_all_are() {
    let dictionary = FactDictionary::built_in();
    let all = dictionary.get("emerging_fields").unwrap().values.clone();
    let but_one: Vec<&String> = all.iter().skip(1).collect();
    let either = json!({"one_of": ["其他领域", "战略性新兴产业"]});
    let rows = [
        (json!([]), json!("其他领域")),
        (json!({"lacks": all}), json!("其他领域")),
        (json!({"lacks": but_one}), either.clone()),
        (json!({"has": [], "lacks": []}), either),
        (json!({"has": ["生物"], "lacks": []}), json!("战略性新兴产业")),
        // A field whose period has ended is not held on the day.
        (json!([{"tag": "生物", "until": "2026-11-22"}]), json!("其他领域")),
    ];
    for (fields, product) in rows {
        assert_eq!(known("main_product_field", &json!({"emerging_fields": fields})), product, "{fields}");
    }
}

/// 高企成长性 (国科发火〔2016〕195号): net assets of 0 or less in any of the years make the growth 0; sales of 0 leave it open.
#[test]
fn growth_from_zero_is_zero_for_assets_and_open_for_sales() {
    for (assets, growth) in [
        (json!({"2023": 0, "2024": 10, "2025": 20}), json!(0)),
        (json!({"2023": 10, "2024": 10, "2025": -1}), json!(0)),
        (json!({"2023": 10, "2024": 20, "2025": 40}), json!(1)),
        (json!({"2023": {"at_most": 0}, "2024": 10, "2025": 20}), json!(0)),
        (json!({"2023": {"at_most": 1}, "2024": 10, "2025": 20}), Json::Null),
    ] {
        assert_eq!(known("net_asset_growth_hnte", &json!({"net_assets": assets})), growth, "{assets}");
    }
    let sales = json!({"sales_revenue": {"2023": 0, "2024": 10, "2025": 20}});
    assert_eq!(known("sales_growth_hnte", &sales), Json::Null);
    let sales = json!({"sales_revenue": {"2023": 10, "2024": 20, "2025": 40}});
    assert_eq!(known("sales_growth_hnte", &sales), json!(1));
}

#[test]
fn open_inputs_are_named_once_and_known_ones_are_not() {
    let facts = json!({"established_on": "2015-01-01", "rd_expense": {"2025": 3}});
    assert_eq!(open("rd_intensity_3y", &facts), ["rd_expense", "sales_revenue"]);
    let facts = json!({"rd_expense": {"2025": 3}});
    assert_eq!(open("rd_intensity", &facts), ["revenue"]);
    assert_eq!(open("main_product_field", &json!({})), ["emerging_fields"]);
    // A rule without open inputs: the fact itself could be given.
    let facts = json!({"emerging_fields": ["生物"]});
    assert_eq!(open("main_product_field", &facts), ["main_product_field"]);
}

#[test]
fn inputs_that_were_read_are_listed_once_each() {
    let fact = fact("rd_intensity_3y");
    let facts = json!({"established_on": "2015-01-01", "rd_expense": {"2023": 1, "2024": 1, "2025": 1},
        "sales_revenue": {"2023": 1, "2024": 1, "2025": 1}});
    let read = with(&facts, |view| view.inputs(fact, year(view, fact)));
    let expected: Vec<(String, Option<i16>)> = ["rd_expense", "sales_revenue"]
        .into_iter()
        .flat_map(|key| [2023, 2024, 2025].map(|year| (key.to_owned(), Some(year))))
        .collect();
    assert_eq!(read, expected);
}

/// A missing day is the month's last (民法典 第二百零二条).
#[test]
fn ages_are_reached_on_the_calendar_day() {
    let reached = |founded: Json, key: &str, months: i64| {
        with(&json!({"established_on": founded}), |view| view.day_reached(fact(key), &Number::from(months)))
    };
    assert_eq!(reached(json!("2024-01-31"), "age_months", 13), Some(date(2025, 2, 28)));
    assert_eq!(reached(json!("2024-01-31"), "age_months", 24), Some(date(2026, 1, 31)));
    assert_eq!(reached(json!({"at_least": "2024-01-31"}), "age_months", 12), None);
    assert_eq!(reached(json!("2024-01-31"), "rd_intensity", 1), None);
}

#[test]
fn four_derived_facts_depend_on_the_day() {
    let dictionary = FactDictionary::built_in();
    let moving: Vec<&str> = dictionary
        .iter()
        .filter(|fact| fact.derived && fact.depends_on_day())
        .map(|fact| fact.key.as_str())
        .collect();
    let mut moving = moving;
    moving.sort_unstable();
    assert_eq!(moving, ["age_months", "main_product_field", "tech_sme", "tech_sme_score"]);
}

#[test]
fn ratio_ranges_keep_their_bounds() {
    let facts = json!({"rd_expense": {"2025": {"at_least": 10, "at_most": 20}}, "revenue": {"2025": 100}});
    assert_eq!(known("rd_intensity", &facts), json!({"at_least": 0.1, "at_most": 0.2}));
    // A ratio with a divisor that can be zero is open.
    let facts = json!({"rd_expense": {"2025": 10}, "revenue": {"2025": {"at_least": 0, "at_most": 100}}});
    assert_eq!(known("rd_intensity", &facts), Json::Null);
    let fact = fact("rd_intensity");
    assert!(with(&json!({}), |view| matches!(view.knowledge(fact, Some(2025)), Knowledge::Unknown)));
}
