//! Criteria with another threshold, for a what-if (政策沙盘): the value at a path is replaced and the whole is read again by the same
//! loader, so only criteria that could be written can be tried.

use super::canonical::{read_number, tree};
use super::parse::read_criterion;
use super::render::describe;
use super::tree::{Criterion, join};
use crate::fact::{Fact, FactDictionary};
use crate::number::Number;
use crate::problem::{Fault, Report, nearest};
use crate::syntax::{self, Node, Tree};

/// Replacement of a value in criteria: `all[0].at_least=20`.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Path: a condition as written in matches and problems (`all[0]`), followed by its operator. The operator may be omitted if
    /// there is only one; [`Tree::Null`] for a condition removes it.
    pub path: String,
    /// New value.
    pub value: Node,
}

impl Setting {
    /// Reads `PATH=VALUE`; the value is YAML: `20`, `2 years`, `[310104, 310115]`, `null`; amounts and rates may have their
    /// Chinese units (`500万元`, `30%`).
    ///
    /// # Errors
    /// A message if it does not have this form.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let (path, value) = halves(text)?;
        Ok(Self { path, value: yaml(value)? })
    }

    /// Reads `PATH=VALUE,VALUE,…`: the same path with each of the values.
    ///
    /// # Errors
    /// A message if it does not have this form.
    pub fn parse_each(text: &str) -> Result<Vec<Self>, Fault> {
        let (path, values) = halves(text)?;
        match yaml(&format!("[{values}]"))?.value {
            Tree::List(values) if !values.is_empty() => {
                Ok(values.into_iter().map(|value| Self { path: path.clone(), value }).collect())
            }
            _ => Err(expected(values, "one value or more, with commas between them")),
        }
    }
}

/// Value in criteria that can be replaced.
#[derive(Clone, Debug, PartialEq)]
pub struct Settable {
    /// Path: `all[0].at_least`.
    pub path: String,
    /// Condition that contains it, in plain Chinese.
    pub condition: String,
    /// Current value as typed: `10`, `2 years`, `[310104]`.
    pub value: String,
}

/// Values in criteria that can be replaced, in order.
pub fn settable_values(criterion: &Criterion, dictionary: &FactDictionary) -> Vec<Settable> {
    let mut settings = Vec::new();
    criterion.walk_with_records(dictionary, &mut |path, node, dictionary| {
        let data = tree(node);
        let condition = || node.text.clone().unwrap_or_else(|| describe(node, dictionary));
        settings.extend(operators(&data).into_iter().map(|operator| Settable {
            path: join(path, &operator),
            condition: condition(),
            value: data.get(&operator).map(typed).unwrap_or_default(),
        }));
    });
    settings
}

/// Value as typed.
fn typed(value: &Node) -> String {
    match &value.value {
        Tree::Null => "null".to_owned(),
        Tree::Bool(flag) => flag.to_string(),
        Tree::Number(text) | Tree::Text(text) => text.clone(),
        Tree::List(items) => format!("[{}]", items.iter().map(typed).collect::<Vec<_>>().join(", ")),
        Tree::Map(_) => value.to_json().to_string(),
    }
}

fn halves(text: &str) -> Result<(String, &str), Fault> {
    let (path, value) =
        text.split_once('=').ok_or_else(|| expected(text, "`PATH=VALUE`, such as `all[0].at_least=20`"))?;
    Ok((path.trim().to_owned(), value))
}

fn yaml(text: &str) -> Result<Node, Fault> {
    // `null` removes a condition; an omitted value must not.
    if text.trim().is_empty() {
        return Err(expected(text, "a value, such as `20`; `null` to take the condition away"));
    }
    let mut nodes = syntax::yaml(text).map_err(|error| Fault::Syntax(error.message))?.into_iter();
    match (nodes.next(), nodes.next()) {
        (Some(node), None) => Ok(node),
        // A null document gives no node.
        (None, None) => Ok(Node { value: Tree::Null, line: 0 }),
        (_, Some(_)) => Err(expected(text, "one value")),
    }
}

fn expected(got: &str, expected: impl Into<String>) -> Fault {
    Fault::Expected { got: format!("`{got}`"), expected: expected.into() }
}

/// Applies all of `settings` to `criterion`; `None` if one of them has a wrong path or value, which is added to `report`. The
/// wording (`text`) of changed conditions is removed, since it describes the old value; the quote stays, as the text deviated
/// from.
pub fn apply_settings(
    criterion: &Criterion,
    settings: &[Setting],
    dictionary: &FactDictionary,
    report: &mut Report,
) -> Option<Criterion> {
    let mut whole = tree(criterion);
    let mut sound = true;
    for setting in settings {
        if let Err(fault) = place(&mut whole, setting, dictionary) {
            let fault = fault.unwrap_or_else(|| nowhere(criterion, &setting.path, dictionary));
            report.error(0, &setting.path, fault);
            sound = false;
        }
    }
    let varied = read_criterion(&whole, "", dictionary, report);
    varied.filter(|_| sound)
}

/// Sets a value; the error is `None` if the path does not exist.
fn place(whole: &mut Node, setting: &Setting, dictionary: &FactDictionary) -> Result<(), Option<Fault>> {
    let steps: Vec<&str> = setting.path.split('.').filter(|step| !step.is_empty()).collect();
    let dictionary = scope(whole, &steps, dictionary);
    // A path names a condition, or one operator of a condition.
    if let Some(condition) = reach(whole, &steps).filter(|node| is_condition(node)) {
        if setting.value.is_null() {
            condition.value =
                Tree::Map(vec![("all".to_owned(), Node { value: Tree::List(Vec::new()), line: 0 })]);
            return Ok(());
        }
        let operators = operators(condition);
        let [only] = operators.as_slice() else {
            let places: Vec<String> = operators.iter().map(|one| join(&setting.path, one)).collect();
            return Err(Some(unknown(&setting.path, &places)));
        };
        let only = only.clone();
        return put(condition, &only, &setting.value, dictionary).map_err(Some);
    }
    let (operator, above) = steps.split_last().ok_or(None)?;
    let condition = reach(whole, above).ok_or(None)?;
    // A single value and a list of one are stored in the same way.
    let (operator, value) = match *operator {
        "is" => ("one_of", Node { value: Tree::List(vec![setting.value.clone()]), line: 0 }),
        other => (other, setting.value.clone()),
    };
    if !operators(condition).iter().any(|one| one == operator) {
        return Err(None);
    }
    put(condition, operator, &value, dictionary).map_err(Some)
}

/// Node at the end of the steps. Wordings on the way describe the conditions below and are removed.
fn reach<'n>(node: &'n mut Node, steps: &[&str]) -> Option<&'n mut Node> {
    if let Tree::Map(entries) = &mut node.value {
        entries.retain(|(key, _)| key != "text");
    }
    let Some((step, rest)) = steps.split_first() else { return Some(node) };
    let mut parts = step.split('[');
    let name = parts.next()?;
    let Tree::Map(entries) = &mut node.value else { return None };
    let (_, mut next) = entries.iter_mut().find(|(key, _)| key == name).map(|(key, node)| (key, node))?;
    for part in parts {
        let at: usize = part.strip_suffix(']')?.parse().ok()?;
        let Tree::List(items) = &mut next.value else { return None };
        next = items.get_mut(at)?;
    }
    reach(next, rest)
}

const KINDS: [&str; 9] = ["all", "any", "not", "case", "points", "judged", "fact", "some", "total"];

fn is_condition(node: &Node) -> bool {
    KINDS.iter().any(|kind| node.get(kind).is_some())
}

/// Replaceable values of a node: the operators of a leaf, the count of `any`, the pass mark of `points`, a score.
fn operators(node: &Node) -> Vec<String> {
    let Tree::Map(entries) = &node.value else { return Vec::new() };
    let fixed = [
        "fact", "year", "years", "take", "quote", "article", "text", "when", "then", "else", "judged", "of",
        "where",
    ];
    let is_one =
        |(key, _): &&(String, Node)| !fixed.contains(&key.as_str()) && !KINDS.contains(&key.as_str());
    entries.iter().filter(is_one).map(|(key, _)| key.clone()).collect()
}

/// Dictionary of the leaves at the end of the steps: below a `where` it is that of the fields of its records.
fn scope<'d>(whole: &Node, steps: &[&str], dictionary: &'d FactDictionary) -> &'d FactDictionary {
    let mut at = Some(whole);
    let mut scope = dictionary;
    for step in steps {
        let Some(node) = at else { break };
        if *step == "where" {
            scope = records_of(node, scope).map_or(scope, |fact| &fact.fields);
        }
        let mut parts = step.split('[');
        let name = parts.next().unwrap_or_default();
        at = parts.fold(node.get(name), |node, part| match &node?.value {
            Tree::List(items) => items.get(part.strip_suffix(']')?.parse::<usize>().ok()?),
            _ => None,
        });
    }
    scope
}

/// Records fact of a node on records.
fn records_of<'d>(node: &Node, dictionary: &'d FactDictionary) -> Option<&'d Fact> {
    node.get("some").or_else(|| node.get("total")).and_then(Node::text).and_then(|key| dictionary.get(key))
}

fn put(condition: &mut Node, operator: &str, value: &Node, dictionary: &FactDictionary) -> Result<(), Fault> {
    let summed = || records_of(condition, dictionary)?.fields.get(condition.get("of").and_then(Node::text)?);
    let named = condition.get("fact").and_then(Node::text).and_then(|key| dictionary.get(key));
    let fact = named.or_else(summed);
    let rate = matches!(condition.get("take").and_then(Node::text), Some("growth" | "cagr"));
    let value = fact.map_or_else(|| value.clone(), |fact| with_unit(value, fact, rate));
    let Tree::Map(entries) = &mut condition.value else { return Ok(()) };
    if value.is_null() {
        entries.retain(|(key, _)| key != operator);
    } else if let Some((_, held)) = entries.iter_mut().find(|(key, _)| key == operator) {
        *held = value;
    }
    Ok(())
}

/// Number with a unit, as in a guide, converted to a number; other values unchanged.
fn with_unit(value: &Node, fact: &Fact, rate: bool) -> Node {
    let number: Option<Number> = value
        .text()
        .filter(|_| fact.kind.is_number())
        .and_then(|text| read_number(text.trim(), fact, fact.kind, rate))
        .and_then(|(number, rest)| rest.is_empty().then_some(number));
    match number {
        Some(number) => Node { value: Tree::Number(number.to_rounded_string(28)), line: value.line },
        None => value.clone(),
    }
}

/// Fault for a wrong path.
fn nowhere(criterion: &Criterion, path: &str, dictionary: &FactDictionary) -> Fault {
    let paths: Vec<String> = settable_values(criterion, dictionary).into_iter().map(|one| one.path).collect();
    unknown(path, &paths)
}

fn unknown(path: &str, paths: &[String]) -> Fault {
    let suggestion = nearest(path, paths.iter().map(String::as_str));
    Fault::UnknownPlace { path: path.to_owned(), suggestion, places: paths.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CRITERIA: &str = r#"
all:
  - {fact: employees, at_least: 10, at_most: 300, quote: 从业人员10人以上300人以下, text: 十人以上}
  - {fact: revenue, more_than: 4000000}
  - {fact: established_on, for_at_least: 2 years}
  - any: [{fact: registered_region, within: ["310104"]}, {judged: 行业领先}]
    text: 在徐汇或领先
  - {points: [{when: {fact: abnormal_list, is: true}, score: 20}], at_least: 10}
  - {fact: revenue, years: 2, take: growth, at_least: 0.2}
"#;

    fn criteria(text: &str) -> Criterion {
        let mut report = Report::new("c.yaml");
        let node = &syntax::yaml(text).unwrap()[0];
        read_criterion(node, "", FactDictionary::built_in(), &mut report)
            .unwrap_or_else(|| panic!("{:?}", report.problems))
    }

    fn varied(settings: &[&str]) -> Result<Criterion, String> {
        let settings: Vec<Setting> = settings.iter().map(|text| Setting::parse(text).unwrap()).collect();
        let mut report = Report::new("--set");
        let varied = apply_settings(&criteria(CRITERIA), &settings, FactDictionary::built_in(), &mut report);
        varied.ok_or_else(|| report.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }

    fn child(criterion: &Criterion, at: usize) -> String {
        describe(criterion.children()[at].1, FactDictionary::built_in())
    }

    #[test]
    fn changing_a_threshold_leaves_the_rest_unchanged() {
        let base = criteria(CRITERIA);
        let moved = varied(&[
            "all[0].at_least=20",
            "all[1]=500万元",
            "all[2].for_at_least=3 years",
            "all[5].at_least=30%",
        ])
        .unwrap();
        let written = CRITERIA
            .replace("at_least: 10, at_most", "at_least: 20, at_most")
            .replace(", text: 十人以上", "")
            .replace("more_than: 4000000", "more_than: 5000000")
            .replace("2 years", "3 years")
            .replace("at_least: 0.2", "at_least: 0.3");
        assert_eq!(moved, criteria(&written));
        assert_eq!(varied(&[]).unwrap(), base);
        assert_ne!(child(&moved, 0), child(&base, 0));
    }

    #[test]
    fn lists_counts_marks_and_scores_can_be_set_and_conditions_taken_away() {
        let moved = varied(&[
            "all[3].any[0]=[310104, 310115]",
            "all[3].count=2",
            "all[4].at_least=20",
            "all[4].points[0].score=5",
        ])
        .unwrap();
        let written = CRITERIA
            .replace(r#"["310104"]"#, r#"["310104", "310115"]"#)
            .replace("    text: 在徐汇或领先", "    count: 2")
            .replace("score: 20}], at_least: 10", "score: 5}], at_least: 20");
        assert_eq!(moved, criteria(&written));
        let without =
            varied(&["all[1]=null", "all[0].at_most=null", "all[4].points[0].when.is=false"]).unwrap();
        let written = CRITERIA
            .replace("{fact: revenue, more_than: 4000000}", "{all: []}")
            .replace("at_most: 300, ", "")
            .replace(", text: 十人以上", "")
            .replace("is: true", "is: false");
        assert_eq!(without, criteria(&written));
    }

    #[test]
    fn displayed_settings_can_be_entered_again() {
        let base = criteria(CRITERIA);
        let facts = FactDictionary::built_in();
        let places = settable_values(&base, facts);
        assert_eq!(places[0].condition, "十人以上");
        assert!(places.iter().any(|one| one.value == "[310104]"), "{places:?}");
        let again: Vec<Setting> = places
            .iter()
            .map(|one| Setting::parse(&format!("{}={}", one.path, one.value)).unwrap())
            .collect();
        let mut report = Report::new("again");
        let same = apply_settings(&base, &again, facts, &mut report)
            .unwrap_or_else(|| panic!("{:?}", report.problems));
        let bare = |criterion: &Criterion| {
            tree(criterion)
                .to_json()
                .to_string()
                .replace(",\"text\":\"十人以上\"", "")
                .replace(",\"text\":\"在徐汇或领先\"", "")
        };
        assert_eq!(bare(&same), bare(&base));
    }

    #[test]
    fn invalid_settings_are_named() {
        let wrong = |setting: &str| varied(&[setting]).unwrap_err();
        assert!(
            wrong("all[0].atleast=20").contains("(did you mean `all[0].at_least`?)"),
            "{}",
            wrong("all[0].atleast=20")
        );
        assert!(
            wrong("all[9]=1").contains("expected all[0].at_least, all[0].at_most, all[1].more_than"),
            "{}",
            wrong("all[9]=1")
        );
        assert!(wrong("all[0]=20").contains("expected all[0].at_least, all[0].at_most"));
        assert!(wrong("all[0].at_least=many").contains("got text `many`, expected a number"));
        assert!(wrong("all[1]=30%").contains("expected a number"), "a rate is no amount");
        assert!(wrong("all[0].quote=x").contains("no place `all[0].quote`"));
        assert!(Setting::parse("all[0]").unwrap_err().to_string().contains("PATH=VALUE"));
        assert!(Setting::parse("all[0]=[").is_err());
        // An omitted value does not remove the condition.
        assert!(Setting::parse("all[0]=").is_err() && Setting::parse("all[0]=1\n---\n2").is_err());
        assert!(Setting::parse("all[0]=null").is_ok_and(|setting| setting.value.is_null()));
        let each = Setting::parse_each("all[0].at_least=10, 20,30").unwrap();
        assert_eq!(each.len(), 3);
        assert!(Setting::parse_each("all[0].at_least=").is_err());
    }
}
