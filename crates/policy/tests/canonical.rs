//! Canonical Chinese form: every written text reads back to the same tree, and every text typed by a caseworker is read or
//! refused with a message.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use zhaoren_policy::criterion::{Criterion, read_canonical, read_criterion, write_canonical};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_policy::problem::Report;
use zhaoren_policy::syntax;

/// Facts of every type, with names chosen to be misread.
const FACTS: &str = "
- {key: n, name: 人数, type: integer, unit: 人}
- {key: n2, name: 人数不低于, type: integer, unit: 人}
- {key: dup1, name: 重名, type: decimal}
- {key: dup2, name: 重名, type: decimal}
- {key: r, name: 占比, type: ratio}
- {key: m, name: 收入, type: money, period: year}
- {key: m2, name: 上年度收入, type: money}
- {key: odd, name: '一、2024年度（怪）', type: integer, unit: ' 个 '}
- {key: b, name: 列入名单, type: boolean}
- {key: s, name: 类型, type: text}
- {key: d, name: 成立日期, type: date, since: 成立}
- {key: d2, name: 设立日期, type: date, since: 成立}
- {key: e, name: 最近事故日, type: date, last: 重大事故}
- {key: c, name: 行业, type: code, codes: industry}
- {key: g, name: 注册地, type: code, codes: region}
- {key: t, name: 资质, type: tags}
- {key: quoted, name: '“引”〔x〕', type: tags}
";

/// `facts`, and records whose fields are the same facts; two of them have one name.
fn with_records(facts: &str) -> String {
    let lines = facts.lines().filter(|line| !line.is_empty() && !line.contains("period: year"));
    let fields: String = lines.map(|line| format!("    {line}\n")).collect();
    let records = [
        ("l", "贷款", "unit: 笔"),
        ("l2", "贷款中至少", "unit: 满"),
        ("l3", "重录", ""),
        ("l4", "重录", "unit: 人"),
    ];
    let records = records.map(|(key, name, unit)| {
        let unit = if unit.is_empty() { String::new() } else { format!("  {unit}\n") };
        format!("- key: {key}\n  name: {name}\n  type: records\n{unit}  fields:\n{fields}")
    });
    format!("{facts}{}", records.concat())
}

fn dictionary() -> FactDictionary {
    let mut dictionary = FactDictionary::default();
    let report = dictionary.extend_from(&with_records(FACTS), "facts.yaml");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    dictionary
}

fn criterion(json: &Json, dictionary: &FactDictionary) -> Criterion {
    let mut report = Report::new("criteria");
    let node = syntax::json(&json.to_string()).unwrap();
    read_criterion(&node, "", dictionary, &mut report)
        .unwrap_or_else(|| panic!("{json}: {:?}", report.problems))
}

/// Texts that look like the form's own syntax, and any others that a loader accepts.
fn text() -> impl Strategy<Value = String> {
    let hostile = [
        "甲",
        "“引号”",
        "反\\斜",
        "换\n行",
        "\r",
        " 前后 ",
        "、，；。：",
        "同时符合下列条件：",
        "得20分：",
        "条件式：{}",
        "（一）",
        "1. 甲",
        "２０",
        "}",
        "\u{3000}",
        "之一",
        "”、“",
    ];
    prop_oneof![
        prop::sample::select(hostile.map(str::to_owned).to_vec()),
        "\\PC{1,8}".prop_filter("judged texts are not blank", |text| !text.trim().is_empty()),
    ]
    .prop_filter("not blank", |text| !text.trim().is_empty())
}

fn number() -> impl Strategy<Value = Json> {
    prop_oneof![
        (-20..20_i64).prop_map(Json::from),
        prop::sample::select(vec![
            json!(0.055),
            json!(12345.678),
            json!(30000000),
            json!(0.005),
            json!(200000001),
            json!(-0.0001),
            json!(99999999999.99_f64)
        ]),
    ]
}

fn leaf() -> impl Strategy<Value = Json> {
    let compare = || prop::sample::select(vec!["at_least", "at_most", "more_than", "less_than", "equals"]);
    let numeric = prop::sample::select(vec!["n", "n2", "dup1", "dup2", "r", "m", "m2", "odd"]);
    let when = prop_oneof![
        3 => Just(json!({})),
        1 => (1000..9999_i32).prop_map(|year| json!({"year": year})),
        2 => (2..50_u8, prop::sample::select(vec!["average", "sum", "min", "max", "growth", "cagr"]), prop::option::of(1100..9999_i32))
            .prop_map(|(years, take, year)| match year {
                Some(year) => json!({"years": years, "take": take, "year": year}),
                None => json!({"years": years, "take": take}),
            }),
        1 => prop::sample::select(vec!["average", "sum", "min", "max"]).prop_map(|take| json!({"years": 1, "take": take})),
    ];
    let join = |mut a: Json, b: Json| {
        for (key, value) in b.as_object().unwrap() {
            a[key] = value.clone();
        }
        a
    };
    let texts = || prop::collection::vec(text(), 1..4);
    let whole = |value: Json| json!(value.as_f64().unwrap().round() as i64);
    let date = prop::sample::select(vec!["2024-02-29", "0001-01-01", "9999-12-31", "2026-11-23"]);
    let span = || {
        prop::sample::select(vec!["2 years", "12 months", "365 days", "0 days", "1 years", "10000 months"])
    };
    let elapsed =
        || prop::sample::select(vec!["for_at_least", "for_more_than", "for_at_most", "for_less_than"]);
    prop_oneof![
        4 => (numeric, when, prop::collection::vec((compare(), number()), 1..3)).prop_map(move |(key, when, tests)| {
            let mut leaf = json!({"fact": key});
            if key == "m" {
                leaf = join(leaf, when);
            }
            let rate = leaf.get("take").is_some_and(|take| take == "growth" || take == "cagr");
            for (operator, bound) in tests {
                leaf[operator] = if matches!(key, "n" | "n2" | "odd") && !rate { whole(bound) } else { bound };
            }
            leaf
        }),
        1 => any::<bool>().prop_map(|flag| json!({"fact": "b", "is": flag})),
        1 => texts().prop_map(|texts| json!({"fact": "s", "one_of": texts})),
        2 => (prop::sample::select(vec!["d", "d2", "e"]), elapsed(), span(), prop::option::of((elapsed(), span())))
            .prop_map(|(key, operator, span, second)| {
                let mut leaf = json!({"fact": key, operator: span});
                if let Some((operator, span)) = second {
                    leaf[operator] = json!(span);
                }
                leaf
            }),
        1 => (prop::sample::select(vec!["on_or_after", "on_or_before", "after", "before"]), date)
            .prop_map(|(operator, day)| json!({"fact": "d", operator: day})),
        1 => (prop::sample::select(vec!["within", "outside"]), prop::sample::subsequence(vec!["I", "65", "6513", "A"], 1..4))
            .prop_map(|(operator, codes)| json!({"fact": "c", operator: codes})),
        1 => (prop::sample::select(vec!["within", "outside"]), prop::sample::subsequence(vec!["310104", "310000", "310104003"], 1..3))
            .prop_map(|(operator, codes)| json!({"fact": "g", operator: codes})),
        2 => (prop::sample::select(vec!["t", "quoted"]), prop::sample::select(vec!["has_any", "has_all", "has_none"]), texts())
            .prop_map(|(key, operator, tags)| json!({"fact": key, operator: tags})),
        1 => text().prop_map(|text| json!({"judged": text})),
    ]
}

/// Leaf on a field of a record: no field has years.
fn field_leaf() -> impl Strategy<Value = Json> {
    leaf().prop_map(|mut leaf| {
        if leaf.get("fact").is_some_and(|key| key == "m") {
            leaf["fact"] = json!("m2");
            for key in ["year", "years", "take"] {
                leaf.as_object_mut().unwrap().remove(key);
            }
        }
        leaf
    })
}

fn tree() -> impl Strategy<Value = Json> {
    let keys = || prop::sample::select(vec!["l", "l2", "l3", "l4"]);
    let condition = || prop::option::weighted(0.8, tree_of(field_leaf().boxed()));
    let some = (keys(), condition(), 0..40_u32)
        .prop_map(|(key, condition, count)| json!({"some": key, "count": count, "where": condition}));
    let compare = || prop::sample::select(vec!["at_least", "at_most", "more_than", "less_than", "equals"]);
    let total = (keys(), condition(), prop::sample::select(vec!["n", "dup1", "m2"]), compare(), -5..9_i32)
        .prop_map(|(key, condition, of, operator, bound)| {
            json!({"total": key, "of": of, operator: bound, "where": condition})
        });
    let records = prop_oneof![some, total].prop_map(|mut node| {
        if node["where"].is_null() {
            node.as_object_mut().unwrap().remove("where");
        }
        node
    });
    tree_of(prop_oneof![6 => leaf(), 1 => records].boxed())
}

fn tree_of(leaves: BoxedStrategy<Json>) -> impl Strategy<Value = Json> {
    let evidence = |inner: BoxedStrategy<Json>| {
        (
            inner,
            prop::option::weighted(0.2, text()),
            prop::option::weighted(0.2, text()),
            prop::option::weighted(0.1, text()),
        )
            .prop_map(|(mut node, quote, article, text)| {
                for (key, value) in [("quote", quote), ("article", article), ("text", text)] {
                    if let Some(value) = value {
                        node[key] = json!(value);
                    }
                }
                node
            })
            .boxed()
    };
    let score = prop::sample::select(vec![json!(0), json!(5), json!(-2.5), json!(0.000001), json!(1000000)]);
    evidence(leaves).prop_recursive(4, 24, 4, move |inner| {
        let score = score.clone();
        evidence(
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(|of| json!({"all": of})),
                (prop::collection::vec(inner.clone(), 0..4), 0..6_usize)
                    .prop_map(|(of, k)| json!({"any": of, "count": k})),
                inner.clone().prop_map(|of| json!({"not": of})),
                (
                    prop::collection::vec((inner.clone(), inner.clone()), 0..3),
                    prop::option::of(inner.clone())
                )
                    .prop_map(|(arms, other)| {
                        let arms: Vec<Json> =
                            arms.into_iter().map(|(w, t)| json!({"when": w, "then": t})).collect();
                        match other {
                            Some(other) => json!({"case": arms, "else": other}),
                            None => json!({"case": arms}),
                        }
                    }),
                (prop::collection::vec((inner, score.clone()), 0..4), score).prop_map(|(of, mark)| {
                    let of: Vec<Json> = of.into_iter().map(|(w, s)| json!({"when": w, "score": s})).collect();
                    json!({"points": of, "at_least": mark})
                }),
            ]
            .boxed(),
        )
    })
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1500)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 3000, ..ProptestConfig::default() })]

    #[test]
    fn written_criteria_round_trip(tree in tree()) {
        let dictionary = dictionary();
        let criterion = criterion(&tree, &dictionary);
        let text = write_canonical(&criterion, &dictionary);
        let (again, report) = read_canonical(&text, "criteria.txt", &dictionary);
        prop_assert_eq!(again.as_ref(), Some(&criterion), "{}\n{:?}", text, report.problems);
        prop_assert_eq!(write_canonical(&again.unwrap(), &dictionary), text);
    }

    /// Any typed text is read, or refused naming its line; nothing panics.
    #[test]
    fn any_tree_is_read_or_rejected_by_name(tree in tree(), cut in any::<prop::sample::Index>(), junk in "\\PC{0,12}") {
        let dictionary = dictionary();
        let text = write_canonical(&criterion(&tree, &dictionary), &dictionary);
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let place = places[cut.index(places.len())];
        let typed = format!("{}{junk}{}", &text[..place], &text[place..]);
        let (read, report) = read_canonical(&typed, "criteria.txt", &dictionary);
        prop_assert_eq!(read.is_none(), report.errors() > 0, "{}", typed);
        if let Some(read) = read {
            let again = write_canonical(&read, &dictionary);
            prop_assert_eq!(read_canonical(&again, "", &dictionary).0, Some(read), "{}", typed);
        }
    }

    #[test]
    fn any_text_is_read_or_rejected_by_name(text in "(\\PC|\n|　| ){0,80}") {
        let (read, report) = read_canonical(&text, "criteria.txt", FactDictionary::built_in());
        prop_assert_eq!(read.is_none(), report.errors() > 0);
    }
}

/// Dictionary with the same keys and names, but closed lists and some facts of another type.
fn narrow() -> FactDictionary {
    let mut facts = FACTS.to_owned();
    for (from, to) in [
        ("{key: s, name: 类型, type: text}", "{key: s, name: 类型, type: text, values: [甲, '2０']}"),
        ("{key: t, name: 资质, type: tags}", "{key: t, name: 资质, type: tags, values: [甲, 乙, 之一]}"),
        ("{key: r, name: 占比, type: ratio}", "{key: r, name: 占比, type: tags}"),
        ("{key: d2, name: 设立日期, type: date, since: 成立}", "{key: d2, name: 设立日期, type: money}"),
    ] {
        assert!(facts.contains(from), "{from}");
        facts = facts.replace(from, to);
    }
    let mut dictionary = FactDictionary::default();
    let report = dictionary.extend_from(&with_records(&facts), "facts.yaml");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    dictionary
}

/// Changes that make a tree and its text invalid in the same way: keys of the tree, original value, new value, and the same
/// replacement in the text.
const SPOILT: [(&str, &str, &str, [&str; 2]); 6] = [
    ("code", "\"310104003\"", "\"990104003\"", ["310104003", "990104003"]),
    ("code", "\"6513\"", "\"6577\"", ["6513）", "6577）"]),
    ("score", "1e-6", "0.5000001", ["0.000001分", "0.5000001分"]),
    ("score", "1000000", "2000000000", ["1000000分", "2000000000分"]),
    ("score", "-2.5", "-2.5000001", ["-2.5分", "-2.5000001分"]),
    ("judged", "\"甲\"", "\" \"", ["人工认定：“甲”", "人工认定：“ ”"]),
];

fn spoil(tree: &mut Json, kind: &str, from: &Json, to: &Json) {
    match tree {
        Json::Object(entries) => {
            let scored = entries.contains_key("score") || entries.contains_key("points");
            for (key, value) in entries {
                let meant = match kind {
                    "score" => scored && (key == "score" || key == "at_least"),
                    "code" => key == "within" || key == "outside",
                    _ => key == kind,
                };
                match value {
                    Json::Array(items) if meant => {
                        items.iter_mut().filter(|item| *item == from).for_each(|item| *item = to.clone());
                    }
                    value if meant && value == from => *value = to.clone(),
                    value => spoil(value, kind, from, to),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| spoil(item, kind, from, to)),
        _ => {}
    }
}

/// Faults without positions; `is` is another word for `one_of`.
fn faults(report: &Report) -> Vec<String> {
    let mut faults: Vec<String> = report
        .problems
        .iter()
        .map(|problem| format!("{:?} {}", problem.severity, problem.fault).replace("`is` d", "`one_of` d"))
        .collect();
    faults.sort();
    faults
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(), max_shrink_iters: 3000, max_global_rejects: 100_000, ..ProptestConfig::default()
    })]

    /// An added line is in the tree, or the text is refused; a removed line is missing from it.
    #[test]
    fn no_line_is_lost(
        tree in tree(), place in any::<prop::sample::Index>(), depth in 0..12_usize, kind in 0..5_usize
    ) {
        let dictionary = dictionary();
        let before = criterion(&tree, &dictionary);
        let text = write_canonical(&before, &dictionary);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let at = place.index(lines.len());
        let removed = lines.remove(at);
        let (read, _) = read_canonical(&lines.join("\n"), "", &dictionary);
        // Several lines side by side all apply at the top level, and any of them under 不属于下列情形, even without a heading.
        if at > 0 && !removed.ends_with("符合下列条件之一：") {
            prop_assert_ne!(read.as_ref(), Some(&before), "without `{}`", removed);
        }
        let more = ["人数不低于7654321人", "依据：“7654321”", "人工认定：7654321", "原文：7654321", "条件式：{\"judged\":\"7654321\"}"];
        lines.insert(at, removed);
        lines.insert(place.index(lines.len() + 1), format!("{}{}", "  ".repeat(depth), more[kind]));
        let typed = lines.join("\n");
        if let (Some(read), _) = read_canonical(&typed, "", &dictionary) {
            prop_assert_eq!(format!("{read:?}").matches("7654321").count(), 1, "{}", typed);
            let again = write_canonical(&read, &dictionary);
            prop_assert_eq!(read_canonical(&again, "", &dictionary).0, Some(read), "{}", typed);
        }
    }

    /// The reader of text finds exactly the faults that the loader of data finds in the same tree.
    #[test]
    fn text_and_data_have_the_same_checks(tree in tree(), spoilt in prop::collection::vec(any::<bool>(), SPOILT.len())) {
        let dictionary = dictionary();
        let mut text = write_canonical(&criterion(&tree, &dictionary), &dictionary);
        prop_assume!(!text.contains("条件式"));
        let mut data = tree.clone();
        for ((kind, from, to, [written, instead]), _) in SPOILT.iter().zip(&spoilt).filter(|(_, spoilt)| **spoilt) {
            let json = |text: &str| serde_json::from_str::<Json>(text).unwrap();
            spoil(&mut data, kind, &json(from), &json(to));
            text = text.replace(written, instead);
        }
        let narrow = narrow();
        let mut report = Report::new("criteria");
        let node = syntax::json(&data.to_string()).unwrap();
        let read = read_criterion(&node, "", &narrow, &mut report);
        let (again, of_text) = read_canonical(&text, "criteria", &narrow);
        prop_assert_eq!(faults(&of_text), faults(&report), "{}\n{}", text, data);
        prop_assert_eq!(again, read);
        prop_assert!(of_text.problems.iter().all(|problem| problem.line.is_some()), "{:?}", of_text.problems);
    }
}

fn item(id: &str) -> Criterion {
    let path =
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../seeds/policies")).join(format!("{id}.yaml"));
    let (mut items, _) =
        read_items(&fs::read_to_string(path).unwrap(), "item.yaml", FactDictionary::built_in());
    items.remove(0).0.criteria
}

#[test]
fn library_items_round_trip_as_text() {
    let dictionary = FactDictionary::built_in();
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../seeds/policies"));
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let (items, _) = read_items(&fs::read_to_string(&path).unwrap(), "item.yaml", dictionary);
        for (item, _) in items {
            let text = write_canonical(&item.criteria, dictionary);
            assert_eq!(read_canonical(&text, "", dictionary).0, Some(item.criteria), "{text}");
            assert!(!text.contains("条件式"), "{}: {text}", item.id);
            count += 1;
        }
    }
    assert!(count > 100);
}

#[test]
fn text_reads_like_a_guide() {
    let text = write_canonical(&item("cn-job-stabilisation-refund"), FactDictionary::built_in());
    assert_eq!(text, JOB_STABILISATION);
}

const JOB_STABILISATION: &str = "\
同时符合下列条件：
    一、失业保险连续足额缴费月数不低于12个月
        表述：“足额缴纳失业保险费12个月以上”
    二、按下列情形分别要求：
        表述：“上年度裁员率不高于5.5%；参保30人以下（含30人）的不高于20%”
        （一）情形：社保参保人数不超过30人
        要求：上年度裁员率不超过20%
        其他情形：上年度裁员率不超过5.5%
    三、未列入严重失信主体名单
        表述：“没有列入严重失信主体名单”
";

/// Variants typed by hand: other words, numbers and punctuation with the same meaning.
#[test]
fn reading_is_liberal() {
    let dictionary = FactDictionary::built_in();
    let read = |text: &str| {
        let (read, report) = read_canonical(text, "规则.txt", dictionary);
        read.unwrap_or_else(|| panic!("{text}: {:?}", report.problems))
    };
    let same = |text: &str, json: Json| assert_eq!(read(text), criterion(&json, dictionary), "{text}");
    same("从业人数不少于10人", json!({"fact": "employees", "at_least": 10}));
    same("1、职工人数达到10人；", json!({"fact": "employees", "at_least": 10}));
    same("从业人数10人以上", json!({"fact": "employees", "at_least": 10}));
    same("从业人数超过10人，且不超过300人", json!({"fact": "employees", "more_than": 10, "at_most": 300}));
    same("上年度营业收入不超过20000万元", json!({"fact": "revenue", "at_most": 200000000}));
    same("上一年度营业收入不超过2亿元。", json!({"fact": "revenue", "at_most": 200000000}));
    same(
        "2024年度营业收入高于200,000,000元",
        json!({"fact": "revenue", "year": 2024, "more_than": 200000000}),
    );
    same("成立满两年", json!({"fact": "established_on", "for_at_least": "2 years"}));
    same("成立满十二个月", json!({"fact": "established_on", "for_at_least": "12 months"}));
    same("近三年内未发生重大安全事故", json!({"fact": "last_safety_accident_on", "for_at_least": "3 years"}));
    same(
        "近3年营业收入年均复合增长率不低于15%",
        json!({"fact": "revenue", "years": 3, "take": "cagr", "at_least": 0.15}),
    );
    same("注册地属于徐汇区", json!({"fact": "registered_region", "within": ["310104"]}));
    same("未列入经营异常名录", json!({"fact": "abnormal_list", "is": false}));
    same("列入经营异常名录：否", json!({"fact": "abnormal_list", "is": false}));
    same("经认定：具有较强的创新能力", json!({"judged": "具有较强的创新能力"}));
    same(
        "满足下列条件之一：\n  （一）从业人数至少3人\n  （二）成立满1年\n    依据：第五条\n",
        json!({"any": [{"fact": "employees", "at_least": 3}, {"fact": "established_on", "for_at_least": "1 years", "article": "第五条"}]}),
    );
    same(
        "从业人数至少3人\n成立满1年",
        json!({"all": [{"fact": "employees", "at_least": 3}, {"fact": "established_on", "for_at_least": "1 years"}]}),
    );
}

/// An item may have its criteria as text, in YAML as a block.
#[test]
fn items_can_be_written_as_text() {
    let dictionary = FactDictionary::built_in();
    let item = "id: a\ntitle: 甲\ncriteria: |\n  符合下列条件之一：\n    从业人数不低于10人\n    成立满2年\n";
    let (items, report) = read_items(item, "item.yaml", dictionary);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let same = json!({"any": [{"fact": "employees", "at_least": 10}, {"fact": "established_on", "for_at_least": "2 years"}]});
    assert_eq!(items[0].0.criteria, criterion(&same, dictionary));
    let (items, report) = read_items(&item.replace("成立满2年", "成立两年吧"), "item.yaml", dictionary);
    assert!(items.is_empty());
    let problem = report.problems[0].to_string();
    assert!(problem.starts_with("item.yaml:6: item `a`") && problem.contains("成立两年吧"), "{problem}");
}

#[test]
fn every_fault_is_named_with_its_line() {
    let text = "同时符合下列条件：\n  一、从业人数不低于10人\n  二、从业人员数量不低于10人\n  三、按下列标准评分：\n    得分\n  四、成立满1年\n    从业人数不低于3人\n";
    let (read, report) = read_canonical(text, "规则.txt", FactDictionary::built_in());
    assert!(read.is_none());
    let lines: Vec<Option<u32>> = report.problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [Some(3), Some(4), Some(7)], "{:?}", report.problems);
    let first = report.problems[0].to_string();
    assert!(first.contains("规则.txt:3") && first.contains("从业人员数量不低于10人"), "{first}");
}

#[test]
fn nesting_and_length_have_their_limits() {
    let deep: String = (0..200).map(|depth| format!("{}不属于下列情形：\n", " ".repeat(depth))).collect();
    let (read, report) = read_canonical(&deep, "规则.txt", FactDictionary::built_in());
    assert!(read.is_none() && report.problems.iter().any(|problem| problem.line == Some(65)));
    let long = "看不懂的一行\n".repeat(3_000);
    let (read, report) = read_canonical(&long, "规则.txt", FactDictionary::built_in());
    assert!(read.is_none() && report.errors() == 3_000);
}
