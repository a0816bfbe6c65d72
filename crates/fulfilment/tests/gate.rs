//! The gate of automatic supports: an adversarial set without a false inclusion, and the properties of its blockers.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use zhaoren_fulfilment::gate::{Blocker, Candidate, Decision, Gate};
use zhaoren_fulfilment::proof::{Doubt, Proof, Statement, authorities, prove};
use zhaoren_matcher::{Library, reference};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, read_items};
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::{CheckedFact, HeldValue, Profile, ProfileBuilder, ProfileKey, Strictness};
use zhaoren_policy::syntax;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

const DAY: Date = date(2026, 11, 30);
const PAID: Date = date(2026, 12, 3);

fn items(yaml: &str) -> Vec<Item> {
    let (items, report) = read_items(yaml, "items.yaml", FactDictionary::built_in());
    assert_eq!(report.errors(), 0, "{:?}", report.problems);
    items.into_iter().map(|(item, _)| item).collect()
}

fn gate(yaml: &str) -> Gate {
    let library = Arc::new(Library::new(items(yaml), Arc::new(FactDictionary::built_in().clone())));
    Gate::of_automatic(library, (DAY, PAID)).unwrap()
}

/// An automatic item that was checked, with criteria.
fn item(id: &str, criteria: &str) -> String {
    format!(
        "id: {id}\ntitle: {id}\ndocument: {{title: 办法, effective: 2020-01-01}}\ndelivery: automatic\n\
         review: {{mark: V, source: 办法}}\nbenefit: {{kinds: [grant], amount: {{text: 补贴}}}}\ncriteria: {criteria}\n"
    )
}

/// Statement of a source with an office on a fact.
fn said(fact: &str, year: Option<i16>, office: Option<&str>, value: &str) -> Statement {
    let dictionary = FactDictionary::built_in();
    let (entry, node) = (dictionary.get(fact).unwrap(), syntax::json(value).unwrap());
    let mut report = Report::new("t");
    let checked =
        CheckedFact::read(entry, &node, fact, dictionary, (Strictness::of(false), None), &mut report);
    Statement {
        key: ProfileKey::Fact(fact.to_owned(), year),
        source: office.map_or("企业填报".to_owned(), |office| format!("{office}数据")),
        office: office.map(str::to_owned),
        stated_on: date(2026, 11, 25),
        valid_until: None,
        value: checked.unwrap_or_else(|| panic!("{:?}", report.problems)).into_value(),
    }
}

/// Everything that was stated, the later statement of an entry winning.
fn known(statements: &[Statement]) -> Profile {
    let mut builder = ProfileBuilder::new("e1".to_owned());
    let mut in_time: Vec<&Statement> = statements.iter().collect();
    in_time.sort_by_key(|one| one.stated_on);
    in_time.iter().for_each(|one| builder.insert(&one.key, one.value.clone()));
    builder.build()
}

fn decide(gate: &Gate, statements: &[Statement]) -> Vec<(String, Decision)> {
    let (known, proof) = (known(statements), proof(statements));
    let (declined, received) = (BTreeSet::new(), BTreeSet::new());
    let candidate = Candidate { known: &known, proof: &proof, declined: &declined, received: &received };
    gate.decide(candidate).into_iter().map(|line| (line.item, line.decision)).collect()
}

fn proof(statements: &[Statement]) -> Proof {
    prove("e1", statements, FactDictionary::built_in(), (DAY, PAID))
}

fn office(fact: &str) -> &'static str {
    authorities(FactDictionary::built_in().get(fact).unwrap())[0]
}

const STAFF: &str = "si_insured";

#[test]
fn proven_facts_pass() {
    let gate = gate(&item("a", &format!("{{fact: {STAFF}, at_least: 10}}")));
    let said = [said(STAFF, None, Some(office(STAFF)), "12")];
    assert_eq!(decide(&gate, &said), [("a".to_owned(), Decision::Proven)]);
}

/// Name, statements, and the doubt that is expected.
type Case<'a> = (&'a str, Vec<Statement>, fn(&Doubt) -> bool);

/// Every way in which a fact may look right and prove nothing. None is included, and each names its doubt.
#[test]
fn adversarial_statements_are_never_included() {
    let gate = gate(&item("a", &format!("{{fact: {STAFF}, at_least: 10}}")));
    let holder = Some(office(STAFF));
    let right = || said(STAFF, None, holder, "12");
    let stale = Statement { stated_on: date(2026, 10, 1), ..right() };
    let ends = Statement { valid_until: Some(date(2026, 12, 2)), ..right() };
    let future = Statement { stated_on: date(2026, 12, 1), ..right() };
    let own = said(STAFF, None, None, "12");
    let wrong_office = said(STAFF, None, Some("气象"), "12");
    let differs = said(STAFF, None, None, "15");
    let touches = said(STAFF, None, holder, r#"{"at_least": 10}"#);
    let among = said(STAFF, None, holder, r#"{"one_of": [10, 12]}"#);
    let cases: Vec<Case<'_>> = vec![
        ("stale", vec![stale], |doubt| matches!(doubt, Doubt::Stale { .. })),
        ("ends before the payment", vec![ends], |doubt| matches!(doubt, Doubt::Ends { .. })),
        ("self-declared", vec![own.clone()], |doubt| matches!(doubt, Doubt::NotConnected { .. })),
        ("of another office", vec![wrong_office], |doubt| matches!(doubt, Doubt::NotConnected { .. })),
        ("conflicting", vec![right(), differs], |doubt| matches!(doubt, Doubt::Conflict { .. })),
        ("a range that just touches", vec![touches], |doubt| matches!(doubt, Doubt::Inexact { .. })),
        ("one of several values", vec![among], |doubt| matches!(doubt, Doubt::Inexact { .. })),
    ];
    for (name, statements, expected) in cases {
        let lines = decide(&gate, &statements);
        let [(_, Decision::Blocked { blockers })] = &lines[..] else { panic!("{name}: {lines:?}") };
        let [Blocker::Proof { doubt, entry }] = &blockers[..] else { panic!("{name}: {blockers:?}") };
        assert!(expected(doubt), "{name}: {doubt:?}");
        assert!(entry.name.contains("人数") && !blockers[0].words().is_empty(), "{name}: {entry:?}");
    }
    // Recorded after the day of the decision: nothing is proven by it.
    assert!(matches!(&decide(&gate, &[future])[..], [(_, Decision::Blocked { .. })]));
    // Two sources that agree, one of them the enterprise's own, are no conflict.
    assert_eq!(decide(&gate, &[right(), own])[0].1, Decision::Proven);
    // Not eligible by what is known: no candidate at all.
    assert_eq!(decide(&gate, &[said(STAFF, None, holder, "9")]), []);
}

#[test]
fn a_title_that_ends_before_the_payment_is_blocked_with_the_day() {
    let gate = gate(&item("a", "{fact: qualifications, has_any: [高新技术企业]}"));
    let holder = Some(office("qualifications"));
    let title = |until: &str| {
        said(
            "qualifications",
            None,
            holder,
            &format!(r#"{{"has": [{{"tag": "高新技术企业", "until": "{until}"}}]}}"#),
        )
    };
    assert_eq!(decide(&gate, &[title("2026-12-31")])[0].1, Decision::Proven);
    let lines = decide(&gate, &[title("2026-12-01")]);
    assert_eq!(lines[0].1, Decision::Blocked { blockers: vec![Blocker::Changes { on: date(2026, 12, 2) }] });
    // One authority says it is held, another one that it was withdrawn.
    let mut other = said("qualifications", None, holder, r#"{"lacks": ["高新技术企业"]}"#);
    other.source = "撤销名单".to_owned();
    let lines = decide(&gate, &[other, title("2026-12-31")]);
    let Decision::Blocked { blockers } = &lines[0].1 else { panic!("{lines:?}") };
    assert!(matches!(&blockers[..], [Blocker::Proof { doubt: Doubt::Conflict { .. }, .. }]), "{blockers:?}");
}

#[test]
fn a_figure_recorded_before_its_year_was_over_proves_nothing() {
    let gate = gate(&item("a", "{fact: revenue, at_least: 100}"));
    let holder = Some(office("revenue"));
    let whole = said("revenue", Some(2025), holder, "200");
    let early = Statement { stated_on: date(2025, 12, 31), ..whole.clone() };
    // A closed year does not age.
    let old = Statement { stated_on: date(2026, 1, 1), ..whole };
    assert_eq!(decide(&gate, &[old])[0].1, Decision::Proven);
    let lines = decide(&gate, &[early]);
    let Decision::Blocked { blockers } = &lines[0].1 else { panic!("{lines:?}") };
    assert!(
        matches!(&blockers[..], [Blocker::Proof { doubt: Doubt::YearNotOver { .. }, .. }]),
        "{blockers:?}"
    );
}

#[test]
fn what_a_person_judges_is_never_proven() {
    let gate = gate(&item("a", "{judged: 经营状况良好}"));
    let judged = Statement {
        key: ProfileKey::Judged("经营状况良好".to_owned()),
        source: "人社数据".to_owned(),
        office: Some("人社".to_owned()),
        stated_on: DAY,
        valid_until: None,
        value: HeldValue::Judged(true),
    };
    let lines = decide(&gate, &[judged]);
    let Decision::Blocked { blockers } = &lines[0].1 else { panic!("{lines:?}") };
    assert!(matches!(&blockers[..], [Blocker::Proof { doubt: Doubt::Judged, .. }]), "{blockers:?}");
}

#[test]
fn items_and_enterprises_are_blocked_by_procedure() {
    let criteria = format!("{{fact: {STAFF}, at_least: 10}}");
    let unchecked = item("a", &criteria).replace("mark: V,", "mark: K,");
    let competitive = item("b", &criteria) + "competitive: true\n";
    let applied = item("c", &criteria).replace("delivery: automatic\n", "");
    let gate = gate(&format!(
        "- {}",
        [unchecked, competitive, applied].map(|one| one.trim_end().replace('\n', "\n  ")).join("\n- ")
    ));
    let statements = [said(STAFF, None, Some(office(STAFF)), "12")];
    let blocked = |with| Decision::Blocked { blockers: vec![with] };
    assert_eq!(
        decide(&gate, &statements),
        [("a".to_owned(), blocked(Blocker::Unchecked)), ("b".to_owned(), blocked(Blocker::Competitive))]
    );
    let (known, proof) = (known(&statements), proof(&statements));
    let (all, received) = (BTreeSet::from([String::new()]), BTreeSet::from(["a".to_owned()]));
    let candidate = Candidate { known: &known, proof: &proof, declined: &all, received: &received };
    let lines = gate.decide(candidate);
    let Decision::Blocked { blockers } = &lines[0].decision else { panic!("{lines:?}") };
    assert_eq!(blockers, &[Blocker::Declined, Blocker::Received, Blocker::Unchecked]);
}

#[test]
fn a_period_that_is_empty_or_too_long_is_refused() {
    let library = Arc::new(Library::new(Vec::new(), Arc::new(FactDictionary::built_in().clone())));
    assert!(Gate::of_automatic(Arc::clone(&library), (PAID, DAY)).is_err());
    assert!(Gate::of_automatic(Arc::clone(&library), (DAY, date(2027, 2, 1))).is_err());
    assert!(Gate::of_automatic(library, (DAY, DAY)).is_ok());
}

/// Facts of the random worlds: two counts, one flag, one figure of a year, the titles.
const FACTS: [(&str, Option<i16>); 4] =
    [(STAFF, None), ("employees", None), ("revenue", Some(2025)), ("abnormal_list", None)];

fn arbitrary_statement() -> impl Strategy<Value = Statement> {
    let value = prop_oneof![Just("0"), Just("9"), Just("10"), Just("30"), Just(r#"{"at_least": 10}"#)];
    (0..FACTS.len(), value, 0..3_u8, 0..40_i32, any::<bool>()).prop_map(|(fact, value, source, age, ends)| {
        let (fact, year) = FACTS[fact];
        let is_flag = fact == "abnormal_list";
        let value = if is_flag { if value == "0" { "true" } else { "false" } } else { value };
        let holder = match source {
            0 => None,
            1 => Some("气象"),
            _ => Some(office(fact)),
        };
        let mut one = said(fact, year, holder, value);
        one.stated_on = DAY.checked_sub(jiff::ToSpan::days(age)).unwrap();
        one.valid_until = ends.then_some(date(2026, 12, 1));
        one
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// A proven item is eligible on the proven facts alone on each day, by the reference matcher; the entries that block another one
    /// suffice together, and none of them can be left out.
    #[test]
    fn decisions_are_sound_and_blockers_irreducible(statements in prop::collection::vec(arbitrary_statement(), 0..9)) {
        let criteria = format!(
            "{{all: [{{any: [{{fact: {STAFF}, at_least: 10}}, {{fact: employees, at_least: 30}}]}}, \
             {{any: [{{fact: abnormal_list, is: false}}, {{fact: revenue, at_least: 30}}]}}]}}"
        );
        let text = item("a", &criteria);
        let (gate, rule) = (gate(&text), items(&text).remove(0));
        let (known, proof) = (known(&statements), proof(&statements));
        let dictionary = FactDictionary::built_in();
        let eligible = |profile: &Profile, day: Date| {
            reference::decide(&rule.criteria, &View::new(profile, dictionary, day)) == Ok(Verdict::Eligible)
        };
        let none = BTreeSet::new();
        let candidate = Candidate { known: &known, proof: &proof, declined: &none, received: &none };
        let lines = gate.decide(candidate);
        let Some(line) = lines.first() else {
            prop_assert!(!eligible(&known, DAY));
            return Ok(());
        };
        match &line.decision {
            Decision::Proven => prop_assert!(eligible(&proof.proven, DAY) && eligible(&proof.proven, PAID)),
            Decision::Blocked { blockers } => {
                let keys: Vec<ProfileKey> = blockers.iter().filter_map(|one| match one {
                    Blocker::Proof { entry, .. } => Some(ProfileKey::Fact(entry.fact.clone()?, entry.year)),
                    _ => None,
                }).collect();
                prop_assert!(!keys.is_empty());
                let with = |left_out: Option<&ProfileKey>| {
                    let mut builder = ProfileBuilder::new(String::new());
                    for (key, year, entry) in known.entries() {
                        let key = ProfileKey::Fact(key.to_owned(), year);
                        if keys.contains(&key) && left_out != Some(&key) {
                            builder.insert(&key, entry.to_owned());
                        }
                    }
                    for (key, year, entry) in proof.proven.entries() {
                        builder.insert(&ProfileKey::Fact(key.to_owned(), year), entry.to_owned());
                    }
                    builder.build()
                };
                prop_assert!(eligible(&with(None), DAY));
                for key in &keys {
                    prop_assert!(!eligible(&with(Some(key)), DAY), "{key:?} is not needed");
                }
            }
        }
    }
}
