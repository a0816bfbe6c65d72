//! Amount formulas: valid ones, refused ones with their messages, and worked examples.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::BTreeMap;

use jiff::civil::date;
use serde_json::{Value as Json, json};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::amount::{Setting, Valuation};
use zhaoren_policy::item::{Benefit, read_items};
use zhaoren_policy::number::Number;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax::json as parse;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

fn read(benefit: &Json) -> (Option<Benefit>, String) {
    let text = json!({"id": "a", "title": "甲", "benefit": benefit}).to_string();
    let (items, report) = read_items(&text, "a.json", FactDictionary::built_in());
    let lines: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    (items.into_iter().next().map(|(item, _)| item.benefit), lines.join("\n"))
}

fn formula(formula: Json) -> Json {
    json!({"kinds": ["grant"], "amount": {"formula": formula}})
}

fn value(benefit: &Json, facts: &Json, inputs: &[(&str, i64)]) -> Valuation {
    let (benefit, problems) = read(benefit);
    assert_eq!(problems, "");
    let dictionary = FactDictionary::built_in();
    let mut report = Report::new("profile");
    let text = json!({"id": "e", "facts": facts}).to_string();
    let profile = Profile::read(&parse(&text).unwrap(), dictionary, true, &mut report).unwrap();
    let inputs: BTreeMap<String, Number> =
        inputs.iter().map(|(name, yuan)| ((*name).to_owned(), Number::from(*yuan))).collect();
    let view = View::new(&profile, dictionary, date(2026, 11, 23));
    let setting = Setting { view, decide: &|_| Verdict::Undetermined, inputs: &inputs };
    benefit.unwrap().evaluate(&setting)
}

/// Worth in words, and the open facts.
fn worth(given: Json, facts: Json) -> (String, String) {
    let found = value(&formula(given), &facts, &[]);
    (
        found.first_year.describe(),
        found.open_facts.iter().chain(&found.open_inputs).cloned().collect::<Vec<_>>().join(","),
    )
}

#[track_caller]
fn check(given: Json, facts: Json, words: &str, open: &str) {
    assert_eq!(worth(given, facts), (words.to_owned(), open.to_owned()));
}

#[test]
fn every_node_has_its_value() {
    let rd = || json!({"fact": "rd_expense"});
    let facts =
        || json!({"rd_expense": {"2025": 8000000, "2024": 2000000, "2023": 2000000}, "employees": 120});
    check(json!(200000), json!({}), "20万元", "");
    check(rd(), facts(), "800万元", "");
    check(json!({"fact": "rd_expense", "year": 2024}), facts(), "200万元", "");
    check(json!({"fact": "rd_expense", "years": 3, "take": "average"}), facts(), "400万元", "");
    check(json!({"fact": "rd_expense", "years": 3, "take": "max"}), facts(), "800万元", "");
    check(json!({"share": 0.3, "of": rd(), "at_most": 2000000}), facts(), "200万元", "");
    check(json!({"each": 1500, "of": {"fact": "employees", "at_most": 100}}), facts(), "15万元", "");
    check(json!({"sum": [100000, {"share": 0.01, "of": rd()}]}), facts(), "18万元", "");
    check(json!({"least": [500000, {"share": 0.1, "of": rd()}]}), facts(), "50万元", "");
    check(json!({"greatest": [500000, {"share": 0.1, "of": rd()}]}), facts(), "80万元", "");
    check(json!({"less": [{"share": 0.1, "of": rd()}, 300000]}), facts(), "50万元", "");
    check(json!({"less": [300000, rd()]}), facts(), "0元", "");
    check(json!({"ceiling": {"share": 0.1, "of": rd()}}), facts(), "不超过80万元", "");
}

#[test]
fn step_tables_count_slices_or_the_whole() {
    let rows = json!([{"up_to": 5000000, "rate": 0.25}, {"rate": 0.125}]);
    let table = |mode| json!({"brackets": rows, "of": {"fact": "tech_transfer_income"}, "mode": mode});
    let income = |yuan: i64| json!({"tech_transfer_income": {"2025": yuan}});
    // 500 万 at 25 %, 300 万 at 12.5 %
    check(table("progressive"), income(8_000_000), "162.5万元", "");
    check(table("progressive"), income(5_000_000), "125万元", "");
    check(table("whole"), income(5_000_000), "125万元", "");
    check(table("whole"), income(8_000_000), "100万元", "");
    check(table("progressive"), income(-8_000_000), "0元", "");
    check(
        table("progressive"),
        json!({"tech_transfer_income": {"2025": {"at_least": 4000000, "at_most": 8000000}}}),
        "100万元至162.5万元",
        "tech_transfer_income",
    );
    check(
        table("progressive"),
        json!({"tech_transfer_income": {"2025": {"at_least": 5000000}}}),
        "125万元以上",
        "tech_transfer_income",
    );
    // 以上 includes the number itself: below 1000 万 nothing, from 1000 万 on 5 万, from 2000 万 on 10 万
    let steps = json!({"brackets": [{"below": 10000000, "yuan": 0}, {"below": 20000000, "yuan": 50000}, {"yuan": 100000}],
        "of": {"fact": "revenue"}, "mode": "whole"});
    let revenue = |low: i64, high: i64| json!({"revenue": {"2025": {"at_least": low, "at_most": high}}});
    check(steps.clone(), revenue(9_999_999, 9_999_999), "0元", "");
    check(steps.clone(), revenue(10_000_000, 10_000_000), "5万元", "");
    check(steps.clone(), revenue(10_000_000, 19_999_999), "5万元", "");
    check(steps.clone(), revenue(10_000_000, 20_000_000), "5万元至10万元", "revenue");
    check(steps, json!({}), "不超过10万元", "revenue");
}

#[test]
fn unknown_inputs_give_a_range_and_are_listed() {
    let share = || json!({"share": 0.5, "of": {"fact": "rent_paid"}, "at_most": 100000});
    check(share(), json!({}), "不超过10万元", "rent_paid");
    check(share(), json!({"rent_paid": {"2025": {"at_least": 60000}}}), "3万元至10万元", "rent_paid");
    // beyond the cap for every value: no open facts
    check(share(), json!({"rent_paid": {"2025": {"at_least": 200000}}}), "10万元", "");
    check(json!({"share": 0.5, "of": {"fact": "rent_paid"}}), json!({}), "金额待定", "rent_paid");
    let input = json!({"share": 0.5, "of": {"input": "贷款利息", "unit": "元"}, "at_most": 300000});
    check(input.clone(), json!({}), "不超过30万元", "贷款利息");
    let known = value(&formula(input), &json!({}), &[("贷款利息", 80_000)]);
    assert_eq!(known.first_year.describe(), "4万元");
    assert!(known.open_inputs.is_empty());
    let tiers =
        json!({"case": [{"when": {"fact": "employees", "at_least": 100}, "then": 50000}], "else": 20000});
    check(tiers, json!({}), "2万元至5万元", "employees");
}

#[test]
fn non_monetary_unknown_and_zero_are_distinct() {
    let first = |benefit: Json| value(&benefit, &json!({}), &[]).first_year.describe();
    assert_eq!(first(json!({"kinds": ["title", "service"], "amount": {"text": "认定"}})), "非资金");
    assert_eq!(
        first(json!({"kinds": ["tax"], "amount": {"text": "便利", "formula": "not_money"}})),
        "非资金"
    );
    assert_eq!(first(json!({"kinds": ["grant"], "amount": {"text": "以通知为准"}})), "金额未知");
    assert_eq!(first(json!({})), "金额未知");
    assert_eq!(first(formula(json!(0))), "0元");
    assert_eq!(first(json!({"kinds": ["grant"], "amount": {"max": 500000}})), "不超过50万元");
    // a ceiling per person is no ceiling of the whole
    assert_eq!(first(json!({"kinds": ["grant"], "amount": {"max": 1500, "unit": "每人"}})), "金额未知");
}

#[test]
fn first_year_and_lifetime_amounts_are_separate() {
    let both = |amount: Json| {
        let found = value(&json!({"kinds": ["grant"], "amount": amount}), &json!({}), &[]);
        (found.first_year.describe(), found.total.describe(), found.yearly)
    };
    let words = |a: &str, b: &str, yearly| (a.to_owned(), b.to_owned(), yearly);
    assert_eq!(both(json!({"formula": 60000, "times": "once"})), words("6万元", "6万元", false));
    assert_eq!(
        both(json!({"formula": 60000, "times": "yearly", "years": 3})),
        words("6万元", "18万元", true)
    );
    assert_eq!(both(json!({"formula": 60000, "times": "yearly"})), words("6万元", "6万元以上", true));
    assert_eq!(
        both(json!({"formula": 100000, "times": "once", "parts": [0.4, 0.3, 0.3]})),
        words("4万元", "10万元", false)
    );
    assert_eq!(
        both(json!({"formula": {"ceiling": {"fact": "revenue"}}, "max": 80000, "times": "once"})).0,
        "不超过8万元"
    );
}

#[track_caller]
fn refused(amount: Json, words: &str) {
    let (benefit, problems) = read(&json!({"kinds": ["grant"], "amount": amount}));
    assert!(benefit.is_none(), "{amount}: loaded");
    assert!(problems.contains(words), "{amount}: {problems}");
    assert!(problems.starts_with("a.json:1: item `a`: at `benefit.amount"), "{problems}");
}

#[test]
fn every_error_is_named_with_its_path() {
    let refuse = |given: Json, words: &str| refused(json!({"formula": given}), words);
    refuse(
        json!("lots"),
        "at `benefit.amount.formula`: got text `lots`, expected yuan, or a map with one of `fact`",
    );
    refuse(json!({"share": 0.1, "each": 5, "of": 1}), "expected exactly one of");
    refuse(json!({"sum": [1, {"fact": "rent"}]}), "at `benefit.amount.formula.sum[1]`: unknown fact `rent`");
    refuse(json!({"fact": "employees"}), "got a count, expected an amount of yuan");
    refuse(json!({"share": 0.1, "of": {"fact": "employees"}}), "formula.of`: got a count");
    refuse(
        json!({"each": 10, "of": {"fact": "revenue"}}),
        "formula.of`: got an amount of yuan, expected a count",
    );
    refuse(json!({"fact": "debt_ratio"}), "got `debt_ratio` of type ratio");
    refuse(json!({"fact": "industry"}), "of type code");
    refuse(json!({"fact": "revenue", "years": 3, "take": "cagr"}), "a rate is no amount");
    refuse(json!({"fact": "loan_balance", "year": 2024}), "has one value, not one per year");
    refuse(
        json!({"share": -0.1, "of": 5}),
        "formula.share`: got number `-0.1`, expected a number, 0 or more",
    );
    refuse(json!({"share": 0.1}), "`of` is missing");
    refuse(
        json!({"share": 0.1, "of": 5, "cap": 3}),
        "unknown key `cap`, expected `share`, `of`, `at_least`, `at_most`",
    );
    refuse(json!({"ceiling": 5, "at_least": 3, "at_most": 2}), "range from 3 to 2 holds no value");
    refuse(json!({"sum": []}), "formula.sum`");
    refuse(json!({"less": [1, 2, 3]}), "two formulas");
    refuse(json!({"input": "贷款利息"}), "`unit` is missing");
    refuse(json!({"least": [1, {"fact": "employees"}]}), "yuan and counts together");
    refuse(json!({"case": [{"when": {"fact": "employees", "is": 3}, "then": 1}]}), "case[0].when");
    refuse(json!({"case": [{"when": {"all": []}}]}), "a map with `when` and `then`");
    let table = |rows: Json| json!({"brackets": rows, "of": {"fact": "revenue"}, "mode": "progressive"});
    refuse(table(json!([{"up_to": 5, "rate": 0.1}])), "the last with neither");
    refuse(
        table(json!([{"up_to": 5, "rate": 0.1}, {"up_to": 5, "rate": 0.1}, {"rate": 0}])),
        "rows whose ends rise",
    );
    refuse(table(json!([{"up_to": 5, "yuan": 1}, {"rate": 0}])), "`yuan` in mode `whole`");
    refuse(
        json!({"brackets": [{"rate": 0}], "of": {"fact": "revenue"}, "mode": "half"}),
        "`progressive` or `whole`",
    );
    refuse(json!({"brackets": [{"rate": 0}], "of": {"fact": "revenue"}}), "`mode` is missing");
    refused(json!({"formula": 300, "max": 200}), "always gives 300 or more, beyond `max` 200");
    refused(json!({"formula": "not_money", "max": 200}), "no money");
    refused(json!({"formula": 1, "years": 3}), "`years` needs `times: yearly`");
    refused(json!({"formula": 1, "parts": [0.5, 0.4]}), "1 in all");
    refused(json!({"formula": 1, "times": "yearly", "years": 0}), "from 1 to 50");
    refused(json!({"max": -1}), "expected 0 or more");
    let (benefit, problems) = read(&json!({"amount": {"max": 200, "formula": {"ceiling": 300}}}));
    assert!(
        benefit.is_some() && problems.contains("warning: `formula` reaches 300, beyond `max` 200"),
        "{problems}"
    );
}

#[test]
fn formulas_read_like_a_guide() {
    let say = |given: Json| {
        let (benefit, problems) = read(&formula(given));
        assert_eq!(problems, "");
        benefit.unwrap().amount.formula.unwrap().describe(FactDictionary::built_in())
    };
    let rd = || json!({"fact": "rd_expense"});
    assert_eq!(say(json!(100000)), "10万元");
    assert_eq!(say(json!({"share": 0.05, "of": rd(), "at_most": 500000})), "上年度研发费用的5%，最高50万元");
    assert_eq!(
        say(json!({"ceiling": {"share": 0.3, "of": rd(), "at_most": 5000000}})),
        "不超过上年度研发费用的30%，最高500万元"
    );
    assert_eq!(
        say(json!({"each": 1500, "of": {"fact": "employees", "at_most": 100}})),
        "（从业人数，最高100人）×1500元"
    );
    assert_eq!(
        say(
            json!({"less": [{"input": "软件产品应纳增值税", "unit": "元"}, {"share": 0.03, "of": {"fact": "own_software_sales"}}]})
        ),
        "上年度软件产品应纳增值税减去上年度自行开发软件产品销售额的3%"
    );
    assert_eq!(
        say(
            json!({"brackets": [{"up_to": 5000000, "rate": 0.25}, {"rate": 0.125}], "of": {"fact": "tech_transfer_income"}, "mode": "progressive"})
        ),
        "上年度技术转让所得中，不超过500万元的部分25%，其余的部分12.5%"
    );
    assert_eq!(
        say(
            json!({"brackets": [{"below": 10000000, "yuan": 0}, {"yuan": 50000}], "of": {"fact": "revenue"}, "mode": "whole"})
        ),
        "上年度营业收入中，不足1000万元的0元，其余的5万元"
    );
    assert_eq!(
        say(
            json!({"case": [{"when": {"fact": "employees", "at_least": 100}, "then": 50000}], "else": 20000})
        ),
        "从业人数不低于100人的，5万元；其他情形，2万元"
    );
    assert_eq!(
        say(json!({"least": [500000, {"share": 0.1, "of": rd()}]})),
        "上年度研发费用的10%，最高50万元"
    );
    assert_eq!(
        say(json!({"sum": [{"fact": "rd_expense", "years": 3, "take": "average"}, 100000]})),
        "近3年平均研发费用、10万元合计"
    );
}
