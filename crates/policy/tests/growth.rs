//! Reading takes steps in proportion to the input: every parser is given inputs of doubled size, and steps are compared, not
//! time.

use std::fmt::Write as _;

use zhaoren_cancel::count;
use zhaoren_policy::criterion::{read_canonical, write_canonical};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::id::{IdSet, check_id, enterprise_id, fold_id};
use zhaoren_policy::item::{check_catalogue, read_items};
use zhaoren_policy::limits;
use zhaoren_policy::number::Number;
use zhaoren_policy::problem::{Fault, Report, Severity};
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax::{json, yaml};

fn dictionary() -> &'static FactDictionary {
    FactDictionary::built_in()
}

/// Asserts that the steps of `work` on an input of size `n` grow no faster than `n`.
fn linear<T>(name: &str, smallest: usize, input: impl Fn(usize) -> String, work: impl Fn(&str) -> T) {
    let sizes = [smallest, 2 * smallest, 4 * smallest];
    let steps = sizes.map(|size| {
        let text = input(size);
        count(|| work(&text)).1
    });
    assert!(steps.iter().all(|steps| *steps > 0), "{name}: no step is counted");
    for (few, many) in steps.iter().zip(steps.iter().skip(1)) {
        assert!(10 * many <= 22 * few + 10_000, "{name}: {steps:?} steps for {sizes:?}");
    }
}

fn repeat(head: &str, each: impl Fn(usize) -> String, times: usize, between: &str, tail: &str) -> String {
    let mut text = String::from(head);
    for n in 0..times {
        if n > 0 {
            text.push_str(between);
        }
        text.push_str(&each(n));
    }
    text.push_str(tail);
    text
}

fn profile(text: &str) -> (Option<Profile>, Report) {
    let mut report = Report::new("p.json");
    let profile = json(text).ok().and_then(|node| Profile::read(&node, dictionary(), false, &mut report));
    (profile, report)
}

/// Many keys in one object are read in linear time.
#[test]
fn objects_with_many_keys() {
    let keys = |n| repeat("{", |k| format!("\"key{k}\":1"), n, ",", "}");
    linear("json keys", 20_000, keys, |text| json(text).unwrap());
    let same_length = |n| repeat("{", |k| format!("\"{k:08}\":null"), n, ",", "}");
    linear("json keys of one length", 20_000, same_length, |text| json(text).unwrap());
    let lines = |n| repeat("", |k| format!("key{k}: 1"), n, "\n", "");
    linear("yaml keys", 10_000, lines, |text| yaml(text).unwrap());
    let flow = |n| repeat("{", |k| format!("key{k}: 1"), n, ", ", "}");
    linear("yaml flow keys", 10_000, flow, |text| yaml(text).unwrap());
}

/// The search for similar names of unknown facts and words is limited.
#[test]
fn unknown_words() {
    let facts = |n| repeat("{\"id\":\"e\",\"facts\":{", |k| format!("\"employes{k}\":1"), n, ",", "}}");
    linear("unknown facts", 20_000, facts, profile);
    let tags = |n| {
        repeat("{\"id\":\"e\",\"facts\":{\"qualifications\":[", |k| format!("\"高新{k}\""), n, ",", "]}}")
    };
    linear("unknown tags", 20_000, tags, profile);
    let criteria = |n| {
        repeat("id: a\ntitle: 甲\ncriteria:\n  all:\n", |k| format!("  - {{fact: f{k}, is: 1}}"), n, "\n", "")
    };
    linear("unknown facts of criteria", 5_000, criteria, |text| read_items(text, "a.yaml", dictionary()));
    let long = |n| format!("{{\"id\":\"e\",\"facts\":{{\"{}\":1}}}}", "e".repeat(n));
    linear("one long unknown fact", 200_000, long, profile);
    let (profile, report) = profile(&facts(20_000));
    // All of them are warnings, so the profile is valid.
    assert!(profile.is_some() && report.errors() == 0);
    assert_eq!(report.problems.len(), limits::MAX_PROBLEMS + 1);
    assert_eq!(report.problems.last().unwrap().fault, Fault::MoreProblems(20_000 - limits::MAX_PROBLEMS));
}

/// A list of faulty items; the report is limited, and gives the number of further problems.
#[test]
fn many_faulty_items() {
    let items = |n| repeat("", |_| "- x".to_owned(), n, "\n", "");
    linear("faulty items", 20_000, items, |text| read_items(text, "a.yaml", dictionary()));
    let (read, report) = read_items(&items(20_000), "a.yaml", dictionary());
    assert!(read.is_empty() && report.errors() == 20_000);
    assert_eq!(report.problems.len(), limits::MAX_PROBLEMS + 1);
    let last = report.problems.last().unwrap();
    assert_eq!(
        (last.severity, last.to_string().as_str()),
        (Severity::Error, "a.yaml: 另有 19000 处问题未列出")
    );
    let lines = |n| repeat("", |k| format!("{{\"id\":\"i{k}\"}}"), n, "\n", "\n");
    linear("faulty lines", 20_000, lines, |text| read_items(text, "a.jsonl", dictionary()));
    let broken = |n| repeat("", |_| "{".to_owned(), n, "\n", "\n");
    linear("broken lines", 20_000, broken, |text| read_items(text, "a.jsonl", dictionary()));
    // A fault on the last line is an error, for any number of warnings before it.
    let warned = repeat(
        "",
        |k| format!("{{\"id\":\"i{k}\",\"title\":\"甲\",\"benefit\":{{\"kinds\":[\"x\"]}}}}"),
        3_000,
        "\n",
        "\nx\n",
    );
    let (read, report) = read_items(&warned, "a.jsonl", dictionary());
    assert_eq!((read.len(), report.errors()), (3_000, 1));
    assert!(report.problems.iter().any(|one| one.severity == Severity::Error && one.line == Some(3_001)));
}

/// Aliases and anchors stay within their budget.
#[test]
fn aliases_and_anchors() {
    let aliases = |n| repeat("a: &a [x, y]\nb: [", |_| "*a".to_owned(), n, ", ", "]\n");
    linear("aliases", 5_000, aliases, yaml);
    let anchors = |n| repeat("", |k| format!("- &a{k} [x]"), n, "\n", "\n");
    linear("anchors", 10_000, anchors, |text| yaml(text).unwrap());
    let streams = |n| repeat("", |_| "a: &a [x]\nb: [*a, *a]".to_owned(), n, "\n---\n", "\n");
    linear("streams", 5_000, streams, yaml);
    // Each anchored list contains the one before it.
    let nested = |n| repeat("a: &a [x]\n", |k| format!("b{k}: &b{k} [*a]"), n, "\n", "\n");
    linear("anchors of aliases", 5_000, nested, yaml);
}

#[test]
fn long_texts_and_deep_nesting() {
    let text = |n| format!("[\"{}\"]", "长".repeat(n));
    linear("a long text", 80_000, text, |text| json(text).unwrap());
    let escapes = |n| format!("[\"{}\"]", "\\n\\u4e00".repeat(n));
    linear("escapes", 20_000, escapes, |text| json(text).unwrap());
    let blanks = |n| format!("{}1{}", " \n".repeat(n), "\n\t".repeat(n));
    linear("blanks", 80_000, blanks, |text| json(text).unwrap());
    let deep = |n| repeat("[", |_| format!("{}{}", "[".repeat(90), "]".repeat(90)), n, ",", "]");
    linear("deep lists", 400, deep, |text| json(text).unwrap());
    linear("deep yaml lists", 400, deep, |text| yaml(text).unwrap());
    let open = |n| "[".repeat(n);
    assert!(json(&open(1_000_000)).is_err() && yaml(&open(1_000_000)).is_err());
    let block = |n| format!("a: |\n{}", "  行\n".repeat(n));
    linear("a block of text", 20_000, block, |text| yaml(text).unwrap());
    let folded = |n| format!("a: \"{}\"\n", "行\n  ".repeat(n));
    linear("a folded text", 20_000, folded, |text| yaml(text).unwrap());
}

/// Numbers of many digits: read or refused, in steps proportional to their length.
#[test]
fn long_numbers() {
    let digits = |n| "7".repeat(n);
    linear("digits", 250_000, digits, Number::parse);
    for form in ["{}", "0.{}", "1e{}", "1e-{}", "-{}e{}"] {
        let number = |n: usize| form.replace("{}", &"9".repeat(n));
        linear(form, 250_000, number, |text| (Number::parse(text), json(text).map(|node| node.json_text())));
    }
    let zeros = |n| format!("1.{}", "0".repeat(n));
    linear("zeros", 250_000, zeros, Number::parse);
    assert_eq!(Number::parse(&zeros(1_000_000)), Some(Number::from(1)));
    let facts = |n| format!("{{\"id\":\"e\",\"facts\":{{\"employees\":{}}}}}", "8".repeat(n));
    linear("a fact of many digits", 250_000, facts, profile);
    // The message quotes only the beginning.
    assert!(profile(&facts(1_000_000)).1.problems[0].to_string().chars().count() < 200);
}

#[test]
fn lists_in_profiles() {
    let tags = |n| {
        repeat(
            "{\"id\":\"e\",\"facts\":{\"qualifications\":[",
            |_| "\"高新技术企业\"".to_owned(),
            n,
            ",",
            "]}}",
        )
    };
    linear("tags", 20_000, tags, |text| profile(text).0.unwrap().json_text());
    let both = |n| {
        let has = repeat("[", |k| format!("\"a{k}\""), n, ",", "]");
        let lacks = repeat("[", |k| format!("\"b{k}\""), n, ",", "]");
        format!("{{\"id\":\"e\",\"facts\":{{\"products\":{{\"has\":{has},\"lacks\":{lacks}}}}}}}")
    };
    linear("tags held and lacked", 10_000, both, profile);
    let judged = |n| repeat("{\"id\":\"e\",\"judged\":{", |k| format!("\"t{k}\":true"), n, ",", "}}");
    linear("judged texts", 20_000, judged, |text| profile(text).0.unwrap());
    let years =
        |n| repeat("{\"id\":\"e\",\"facts\":{\"revenue\":{", |k| format!("\"y{k}\":1"), n, ",", "}}}");
    linear("years", 20_000, years, profile);
}

fn canonical(text: &str) -> bool {
    read_canonical(text, "c.txt", dictionary()).0.is_some()
}

/// Canonical text of criteria, line by line and within one line.
#[test]
fn criteria_in_words() {
    let lines = |n| repeat("", |_| "从业人数不低于10人".to_owned(), n, "\n", "\n");
    linear("conditions", 500, lines, |text| assert!(canonical(text)));
    linear("conditions written", 100, lines, |text| {
        let read = read_canonical(text, "c.txt", dictionary()).0.unwrap();
        write_canonical(&read, dictionary())
    });
    let unread = |n| repeat("", |k| format!("说不清的条件{k}"), n, "\n", "\n");
    linear("unread conditions", 400, unread, canonical);
    let codes = |n| repeat("注册地属于", |_| "徐汇区（310104）".to_owned(), n, "、", "\n");
    linear("codes on one line", 2_000, codes, canonical);
    let tests = |n| repeat("从业人数", |_| "不低于五".to_owned(), n, "，且", "\n");
    linear("tests on one line", 1_000, tests, canonical);
    let tags = |n| repeat("资质称号含", |_| "“高新技术企业”".to_owned(), n, "、", "之一\n");
    linear("tags on one line", 2_000, tags, canonical);
    let nested = |n| (0..n).map(|k| format!("{}符合下列条件之一：\n", " ".repeat(k))).collect::<String>();
    assert!(!canonical(&nested(2_000)));
    let indents = |n| repeat("", |k| format!("{}x", " ".repeat(k % 60)), n, "\n", "\n");
    linear("indents", 5_000, indents, canonical);
    let quotes = |n| format!("人工认定：“{}\n", "\\\\".repeat(n));
    linear("an open quotation", 50_000, quotes, canonical);
    let data = |n| format!("条件式：{{\"all\":[{}]}}\n", vec!["{\"judged\":\"甲\"}"; n].join(","));
    linear("data", 5_000, data, |text| assert!(canonical(text)));
    let long = |n| format!("从业人数不低于{}人\n", "1".repeat(n));
    linear("digits in words", 40_000, long, canonical);
}

fn amount(formula: &str) -> (usize, Vec<String>) {
    let text =
        format!("id: a\ntitle: 甲\nbenefit: {{kinds: [grant], amount: {{max: 5, formula: {formula}}}}}\n");
    let (items, report) = read_items(&text, "a.yaml", dictionary());
    (items.len(), report.problems.iter().map(ToString::to_string).collect())
}

/// Amounts: sums, inputs, rows and the arms of a `case`, each of which includes the negation of those before it.
#[test]
fn amounts() {
    let sum = |n| repeat("{sum: [", |k| format!("{{input: i{k}, unit: 元}}"), n, ", ", "]}");
    linear("inputs", 2_000, sum, amount);
    let rows = |n| {
        repeat(
            "{brackets: [",
            |k| format!("{{up_to: {}, rate: 0.1}}", k + 1),
            n,
            ", ",
            ", {rate: 0}], mode: progressive, of: {fact: revenue}}",
        )
    };
    linear("rows", 2_000, rows, amount);
    let parts = |n| repeat("{sum: [", |_| "1".to_owned(), n, ", ", "]}");
    linear("summands", 10_000, parts, amount);
    let arms = |n| {
        repeat(
            "{case: [",
            |k| format!("{{when: {{fact: employees, at_least: {k}}}, then: {k}}}"),
            n,
            ", ",
            "]}",
        )
    };
    assert_eq!(amount(&arms(50)).0, 1);
    let (items, problems) = amount(&arms(2_000));
    assert!(items == 0 && problems[0].contains("arms that repeat at most"), "{problems:?}");
}

/// References between items: groups, cycles and caps of a whole catalogue.
#[test]
fn catalogues() {
    let check = |text: &str| {
        let (items, report) = read_items(text, "a.jsonl", dictionary());
        assert_eq!(report.errors(), 0, "{}", report.problems[0]);
        let items: Vec<_> = items.into_iter().map(|(item, _)| item).collect();
        let (problems, steps) = count(|| check_catalogue(&items, "catalogue"));
        (problems, steps)
    };
    let item = |k: usize, more: String| format!("{{\"id\":\"i{k:06}\",\"title\":\"甲\",{more}}}");
    let grouped = |n| {
        repeat(
            "",
            |k| {
                item(
                    k,
                    format!(
                        "\"stacking\":[{{\"choose_one\":\"g\"}},{{\"stacks_with\":[\"i{:06}\"]}}]",
                        (k + 1) % n
                    ),
                )
            },
            n,
            "\n",
            "\n",
        )
    };
    linear("a group of which one is chosen", 1_000, grouped, check);
    assert_eq!(check(&grouped(5)).0.len(), 5);
    let chain = |n| {
        repeat(
            "",
            |k| {
                item(
                    k,
                    format!(
                        "\"relations\":[{{\"kind\":\"requires\",\"item\":\"i{:06}\"}}]",
                        (k + 1).min(n - 1)
                    ),
                )
            },
            n,
            "\n",
            "\n",
        )
    };
    linear("a chain", 1_000, chain, check);
    let circle = |n| {
        repeat(
            "",
            |k| {
                item(k, format!("\"relations\":[{{\"kind\":\"requires\",\"item\":\"i{:06}\"}}]", (k + 1) % n))
            },
            n,
            "\n",
            "\n",
        )
    };
    linear("a circle", 1_000, circle, check);
    let said: Vec<String> = check(&circle(3)).0.iter().map(ToString::to_string).collect();
    assert!(said.len() == 1 && said[0].ends_with("i000000 → i000001 → i000002 → i000000"), "{said:?}");
    // Every item requires every item near it.
    let knot = |n| {
        let near = |k: usize| {
            repeat(
                "",
                |step| format!("{{\"kind\":\"requires\",\"item\":\"i{:06}\"}}", (k + step + 1) % n),
                10,
                ",",
                "",
            )
        };
        repeat("", |k| item(k, format!("\"relations\":[{}]", near(k))), n, "\n", "\n")
    };
    linear("a knot", 1_000, knot, check);
    let caps = |n| {
        repeat(
            "",
            |k| item(k, format!("\"stacking\":[{{\"cap\":\"g{k}\",\"yuan\":1,\"per\":\"year\"}}]")),
            n,
            "\n",
            "\n",
        )
    };
    linear("caps", 1_000, caps, check);
}

#[test]
fn ids() {
    let id = |n| "ＡＢ \u{200b}é".repeat(n);
    linear("a long id", 20_000, id, |id| {
        zhaoren_cancel::steps(1);
        (check_id(id), enterprise_id(id), fold_id(id))
    });
    let mut ids = IdSet::default();
    for n in 0..50_000 {
        let mut id = String::new();
        write!(id, "e{n}").unwrap();
        assert_eq!(ids.add(&id), Ok(true));
    }
}
