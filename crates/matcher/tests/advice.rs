//! Advice: a subset-minimal set of allowed changes that makes the enterprise eligible, or the reason why there is none.

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use zhaoren_matcher::{Advice, AdviceOutcome, Change, Match};
use zhaoren_policy::fact::{Direction, FactDictionary, Knowledge, MAX_EFFORT, Value};
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::nearest::{DAY, decided, item, singles, works};
use crate::world::{cases, dictionary, profile, tree, world};

/// Facts of the world whose advice is drawn at random, without their advice.
const FACTS: [&str; 6] = [
    "key: n, name: 整数, type: integer, min: 0",
    "key: m, name: 小数, type: decimal",
    "key: b, name: 是否, type: boolean",
    "key: s, name: 文字, type: text",
    "key: g, name: 标签, type: tags",
    "key: y, name: 年度, type: money, period: year, min: 0",
];

fn with_advice(rules: &[(usize, u32)]) -> FactDictionary {
    let mut dictionary = dictionary();
    for (fact, (direction, effort)) in FACTS.iter().zip(rules) {
        let direction = ["grow", "shrink", "set", "never"][*direction];
        let entry = format!("- {{{fact}, advice: {{direction: {direction}, effort: {effort}}}}}");
        let report = dictionary.extend_from(&entry, "advice.yaml");
        assert!(report.problems.is_empty(), "{:?}", report.problems);
    }
    dictionary
}

/// Effort of a single change by the rules, written out once more; `None` if it may not be advised.
fn effort(change: &Change, facts: &Json, judged: &Json, dictionary: &FactDictionary) -> Option<u32> {
    if let Some(text) = &change.judged {
        return match (judged[text].as_bool(), change.to == json!(true)) {
            (None, _) => Some(2),
            (Some(_), true) => Some(4),
            (Some(_), false) => None,
        };
    }
    let key = change.fact.as_deref()?;
    let fact = dictionary.get(key)?;
    let profile = profile(facts, judged, dictionary);
    let view = View::new(&profile, dictionary, DAY);
    let known = match &change.tag {
        Some(tag) => Knowledge::from_bool(view.tags(key).and_then(|set| set.holds(tag, DAY))),
        None => view.knowledge(fact, change.year),
    };
    let rule = fact.advice_rule();
    let to_true = change.to == json!(true);
    match known {
        Knowledge::Unknown => {
            let hoped_for = match (change.to.is_boolean() && change.tag.is_none(), rule.direction) {
                (true, Direction::Grow) => to_true,
                (true, Direction::Shrink) => !to_true,
                _ => true,
            };
            hoped_for.then_some(1)
        }
        Knowledge::Exactly(from) => {
            let larger = match &from {
                Value::Number(from) => Some(change.to.as_f64()? > from.to_f64()),
                Value::Bool(_) => Some(to_true),
                _ => None,
            };
            let allowed = match rule.direction {
                Direction::Grow => larger == Some(true),
                Direction::Shrink => larger == Some(false),
                // No item of these worlds invites to move.
                Direction::Set => !["c"].contains(&key),
                Direction::Never => false,
            };
            allowed.then_some(rule.effort)
        }
        _ => None,
    }
}

/// Least effort of one or two allowed changes that make the enterprise eligible.
fn least(
    item: &zhaoren_policy::item::Item,
    facts: &Json,
    judged: &Json,
    dictionary: &FactDictionary,
) -> Option<u32> {
    let allowed: Vec<(Change, u32)> = singles()
        .into_iter()
        // A derived value is changed through others.
        .filter(|change| !matches!(change.fact.as_deref(), Some("debt_ratio" | "established_on" | "d" | "c")))
        .filter_map(|change| effort(&change, facts, judged, dictionary).map(|effort| (change, effort)))
        .collect();
    let slot = |change: &Change| (change.fact.clone(), change.tag.clone(), change.judged.clone());
    let mut least = None;
    let mut note = |effort: u32| least = Some(least.map_or(effort, |least: u32| least.min(effort)));
    for (at, (first, effort)) in allowed.iter().enumerate() {
        if works(item, facts, judged, &[first], dictionary) {
            note(*effort);
            continue;
        }
        for (second, more) in &allowed[at + 1..] {
            if slot(first) != slot(second) && works(item, facts, judged, &[first, second], dictionary) {
                note(effort + more);
            }
        }
    }
    least
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases() / 4, max_shrink_iters: 500, ..ProptestConfig::default() })]

    #[test]
    fn advice_is_a_minimal_set_of_allowed_changes(
        tree in tree(),
        (facts, _) in world(),
        judge in prop::option::of(any::<bool>()),
        rules in prop::collection::vec((0..4_usize, 1..=MAX_EFFORT), FACTS.len()),
    ) {
        let dictionary = with_advice(&rules);
        let item = item(&tree, &dictionary);
        let judged = judge.map_or(json!({}), |truth| json!({"看": truth}));
        let found = decided(&item, &facts, &judged, DAY, &dictionary);
        prop_assert_eq!(found.advice.is_some(), found.verdict == Verdict::Ineligible);
        let Some(advice) = found.advice else { return Ok(()) };
        let least = least(&item, &facts, &judged, &dictionary);
        if advice.outcome == AdviceOutcome::OutOfReach {
            prop_assert_eq!(least, None, "out of reach: {:?}", advice);
            return Ok(());
        }
        let total: u32 = advice.steps.iter().map(|step| step.effort).sum();
        prop_assert!(least.is_none_or(|least| total <= least), "effort {:?} is enough: {:?}", least, advice);
        let steps: Vec<&Change> = advice.steps.iter().map(|step| &step.change).collect();
        for step in &advice.steps {
            let own = effort(&step.change, &facts, &judged, &dictionary);
            // Given facts that a derived one follows from are not in the list of single changes.
            prop_assert!(step.change.on.is_some() || own == Some(step.effort), "{:?} against {:?}", step, own);
        }
        prop_assert!(works(&item, &facts, &judged, &steps, &dictionary), "{:?}", advice);
        for left_out in 0..steps.len() {
            let mut fewer = steps.clone();
            fewer.remove(left_out);
            prop_assert!(!works(&item, &facts, &judged, &fewer, &dictionary), "{} is not needed: {:?}", left_out, advice);
        }
    }
}

/// Match with the built-in dictionary.
fn real(criteria: Json, facts: Json) -> Match {
    let dictionary = FactDictionary::built_in();
    decided(&item(&criteria, dictionary), &facts, &json!({}), DAY, dictionary)
}

fn advice(criteria: Json, facts: Json) -> Advice {
    let found = real(criteria, facts);
    // The exact change is there all the same.
    assert!(!found.nearest.is_empty());
    found.advice.unwrap()
}

fn texts(advice: &Advice) -> Vec<&str> {
    advice.steps.iter().map(|step| step.change.text.as_str()).collect()
}

#[test]
fn nobody_is_dismissed_for_a_levy() {
    let advice =
        advice(json!({"fact": "employees_avg", "at_most": 30}), json!({"employees_avg": {"2025": 162}}));
    assert_eq!((advice.outcome, advice.steps.len()), (AdviceOutcome::OutOfReach, 0));
    assert_eq!(
        advice.text,
        "差距在现实中难以改变：2025年度年平均从业人数现为162人，要求不超过30人，不建议为此压减"
    );
    assert_eq!(advice.obstacles[0].fact.as_deref(), Some("employees_avg"));
}

#[test]
fn the_legal_form_is_kept() {
    let advice = advice(
        json!({"any": [
            {"fact": "legal_form", "one_of": ["个体工商户"]},
            {"fact": "taxable_income", "at_most": 3_000_000},
        ]}),
        json!({"legal_form": "有限责任公司", "taxable_income": {"2025": 8_800_000}}),
    );
    assert_eq!(advice.outcome, AdviceOutcome::OutOfReach);
    assert!(advice.text.contains("组织形式") || advice.text.contains("应纳税所得额"), "{}", advice.text);
}

#[test]
fn revenue_is_never_advised_to_fall() {
    let small = json!({"fact": "enterprise_size", "one_of": ["小型", "微型"]});
    let facts = json!({"industry": "I6513", "employees": 90, "revenue": {"2025": 46_000_000}});
    assert_eq!(real(small.clone(), facts.clone()).verdict, Verdict::Eligible);
    let facts = json!({"industry": "I6513", "employees": 162, "revenue": {"2025": 146_000_000}});
    let advice = advice(small, facts);
    assert_eq!(advice.outcome, AdviceOutcome::OutOfReach);
    assert!(advice.text.starts_with("差距在现实中难以改变："), "{}", advice.text);
    assert!(!advice.obstacles.is_empty());
}

#[test]
fn no_penalty_is_wished_for() {
    let recent = json!({"all": [
        {"fact": "last_penalty_on", "for_less_than": "3 years"},
        {"fact": "penalty_corrected", "is": true},
    ]});
    let advice = advice(recent, json!({"penalty_corrected": false}));
    assert_eq!(advice.outcome, AdviceOutcome::OutOfReach);
    assert_eq!(advice.text, "差距在现实中难以改变：要求近期发生过较大行政处罚，不能作为努力方向");
}

#[test]
fn unknown_accidents_are_verified_in_words() {
    let advice = advice(
        json!({"all": [
            {"fact": "last_safety_accident_on", "for_at_least": "3 years"},
            {"fact": "employees", "at_least": 10},
            {"fact": "qualifications", "has_any": ["高新技术企业"]},
        ]}),
        json!({"employees": 8}),
    );
    assert_eq!(advice.outcome, AdviceOutcome::Steps);
    assert_eq!(
        texts(&advice),
        [
            "从业人数由8人增加到10人（约2人）；途径：招用，一般约6个月",
            "近3年内未发生重大安全事故，待核实",
            "有“高新技术企业”（资质称号(有效期内)），待核实",
        ]
    );
    assert!(advice.steps[1].verify && advice.steps[2].verify && !advice.steps[0].verify);
    assert_eq!(advice.lead_months, 6);
}

#[test]
fn the_easier_way_is_advised() {
    let advice = advice(
        json!({"any": [
            {"fact": "qualifications", "has_any": ["高新技术企业"]},
            {"fact": "software_copyrights", "at_least": 5},
        ]}),
        json!({"qualifications": [], "software_copyrights": 3}),
    );
    assert_eq!(texts(&advice), ["软件著作权数由3件增加到5件（约2件）；途径：软件著作权登记，一般约3个月"]);
    assert!(advice.is_one_step());
}

#[test]
fn derived_shares_grow_through_what_may_grow() {
    // A smaller revenue would do as well, and is nearer.
    let advice = advice(
        json!({"fact": "rd_intensity", "at_least": 0.05}),
        json!({"rd_expense": {"2025": 4_900_000}, "revenue": {"2025": 100_000_000}}),
    );
    assert_eq!(advice.steps.len(), 1);
    assert_eq!(advice.steps[0].change.fact.as_deref(), Some("rd_expense"));
    assert!(texts(&advice)[0].contains("2025年度已结束，以2026年度数据计"), "{:?}", texts(&advice));
    // The debt ratio falls through assets or debts, neither of which is advised to move.
    let debts = json!({"total_liabilities": {"2025": 80}, "total_assets": {"2025": 100}});
    let advice = real(json!({"fact": "debt_ratio", "at_most": 0.5}), debts).advice.unwrap();
    assert_eq!(advice.outcome, AdviceOutcome::OutOfReach);
}

#[test]
fn closed_years_and_prizes_of_the_past_are_out_of_reach() {
    let past =
        advice(json!({"fact": "revenue", "year": 2023, "at_least": 100}), json!({"revenue": {"2023": 60}}));
    assert_eq!(past.text, "差距在现实中难以改变：2023年度营业收入为60元，已成事实（要求不低于100元）");
    let prize =
        advice(json!({"fact": "sci_awards", "has_any": ["国家级科技奖励"]}), json!({"sci_awards": []}));
    assert_eq!(prize.text, "差距在现实中难以改变：不能为申报而取得“国家级科技奖励”（科技奖励）");
}

#[test]
fn places_are_moved_to_by_invitation_only() {
    let region = json!({"fact": "registered_region", "within": ["310104"]});
    let facts = json!({"registered_region": "310115"});
    let stay = advice(region.clone(), facts.clone());
    assert_eq!(stay.outcome, AdviceOutcome::OutOfReach);
    let dictionary = FactDictionary::built_in();
    let text = json!({"id": "i", "title": "题", "criteria": region, "tags": ["迁入"]}).to_string();
    let (items, _) = zhaoren_policy::item::read_items(&text, "item.json", dictionary);
    let found = decided(&items[0].0, &facts, &json!({}), DAY, dictionary);
    let invited = found.advice.unwrap();
    assert_eq!(invited.outcome, AdviceOutcome::Steps);
    assert_eq!(invited.steps[0].procedure.as_deref(), Some("迁入"));
}

#[test]
fn waiting_is_advised_with_its_day_and_titles_are_not_waited_out() {
    let wait = advice(
        json!({"fact": "established_on", "for_at_least": "3 years"}),
        json!({"established_on": "2024-03-01"}),
    );
    assert_eq!((wait.outcome, wait.text.as_str()), (AdviceOutcome::Wait, "只差时间"));
    assert_eq!((wait.steps[0].change.on, wait.lead_months), (Some(date(2027, 3, 1)), 12));
    let lose = advice(
        json!({"fact": "qualifications", "has_none": ["高新技术企业"]}),
        json!({"qualifications": [{"tag": "高新技术企业", "until": "2026-12-31"}]}),
    );
    assert_eq!(lose.outcome, AdviceOutcome::OutOfReach);
    assert_eq!(lose.text, "差距在现实中难以改变：不建议为申报而放弃“高新技术企业”（资质称号(有效期内)）");
}

#[test]
fn of_many_steps_the_three_hardest_are_shown() {
    let keys =
        ["employees", "si_insured", "ip_class1", "ip_class2", "software_copyrights", "registered_capital"];
    let criteria: Vec<Json> = keys.iter().map(|key| json!({"fact": key, "at_least": 9})).collect();
    let facts: serde_json::Map<String, Json> = keys.iter().map(|key| ((*key).to_owned(), json!(1))).collect();
    let advice = advice(json!({"all": criteria}), Json::Object(facts));
    let (shown, others) = advice.shown_steps();
    assert_eq!((advice.steps.len(), shown.len(), others), (6, 3, 3));
    assert_eq!(shown[0].change.fact.as_deref(), Some("registered_capital"));
    assert!(shown.iter().all(|step| step.effort >= advice.steps[3].effort));
}
