//! Reads formulas from YAML or JSON. The vocabulary is closed and every node has a unit.

use zhaoren_cancel::{poll, steps};

use super::formula::{Bracket, BracketMode, Formula, Pays, Quantity, Tier, Unit};
use crate::criterion::{Criterion, Node as CriterionNode, Take, When, read_criterion, read_when};
use crate::fact::{FactDictionary, FactType};
use crate::limits;
use crate::number::Number;
use crate::problem::{Fault, Report};
use crate::syntax::{Node, Tree};

/// Reads the formula of an amount; `None` if it has an error. Every error is in `report`.
pub(in crate::item) fn read_formula(
    node: &Node,
    path: &str,
    dictionary: &FactDictionary,
    report: &mut Report,
) -> Option<Formula> {
    let before = report.errors();
    let formula = Reader { dictionary, report, repeated: 0 }.of_unit(node, path, Unit::Yuan);
    formula.filter(|_| report.errors() == before)
}

const NODES: [&str; 11] =
    ["fact", "input", "share", "each", "brackets", "case", "sum", "least", "greatest", "less", "ceiling"];
const BOUNDS: [&str; 2] = ["at_least", "at_most"];

struct Reader<'a> {
    dictionary: &'a FactDictionary,
    report: &'a mut Report,
    /// Number of conditions that arms repeat from those before them.
    repeated: usize,
}

type FormulaWithUnit = Option<(Formula, Unit)>;

impl Reader<'_> {
    /// Reads a formula that must have the unit `wanted`.
    fn of_unit(&mut self, node: &Node, path: &str, wanted: Unit) -> Option<Formula> {
        let (formula, unit) = self.formula(node, path)?;
        if unit != wanted {
            let fault = Fault::Expected { got: unit.name().to_owned(), expected: wanted.name().to_owned() };
            self.report.error(node.line, path, fault);
            return None;
        }
        Some(formula)
    }

    fn formula(&mut self, node: &Node, path: &str) -> FormulaWithUnit {
        poll();
        let entries = match &node.value {
            Tree::Number(_) => {
                return self.amount(node, path).map(|number| (Formula::Yuan(number), Unit::Yuan));
            }
            Tree::Map(entries) => entries,
            _ => {
                self.report.expected(
                    node,
                    path,
                    format!("yuan, or a map with one of `{}`", NODES.join("`, `")),
                );
                return None;
            }
        };
        let kinds: Vec<&str> = NODES.into_iter().filter(|kind| node.get(kind).is_some()).collect();
        let [kind] = kinds.as_slice() else {
            self.report.expected(node, path, format!("exactly one of `{}`", NODES.join("`, `")));
            return None;
        };
        let more: &[&str] = match *kind {
            "fact" => &["year", "years", "take"],
            "input" => &["unit"],
            "share" | "each" => &["of"],
            "brackets" => &["of", "mode"],
            "case" => &["else"],
            _ => &[],
        };
        self.only(entries, kind, more, path);
        let body = node.get(kind)?;
        let at = format!("{path}.{kind}");
        let read = match *kind {
            "fact" => self.fact(entries, body, path),
            "input" => self.input(node, body, path),
            "share" => self.share(node, body, path),
            "each" => self.each(node, body, path),
            "brackets" => self.brackets(node, body, path),
            "case" => self.case(node, body, path),
            "sum" => self.list(body, &at).map(|(of, unit)| (Formula::Sum(of), unit)),
            "least" => self.list(body, &at).map(|(of, unit)| (Formula::Min(of), unit)),
            "greatest" => self.list(body, &at).map(|(of, unit)| (Formula::Max(of), unit)),
            "less" => self.less(body, &at),
            _ => self.formula(body, &at).map(|(of, unit)| (Formula::UpTo(Box::new(of)), unit)),
        };
        let (formula, unit) = read?;
        self.bounded(node, formula, path).map(|formula| (formula, unit))
    }

    fn only(&mut self, entries: &[(String, Node)], kind: &str, more: &[&str], path: &str) {
        for (key, value) in entries {
            if key != kind && !more.contains(&key.as_str()) && !BOUNDS.contains(&key.as_str()) {
                let keys: Vec<&str> = [kind].iter().chain(more).chain(&BOUNDS).copied().collect();
                let fault =
                    Fault::UnknownKey { key: key.clone(), expected: format!("`{}`", keys.join("`, `")) };
                self.report.error(value.line, path, fault);
            }
        }
    }

    fn bounded(&mut self, node: &Node, of: Formula, path: &str) -> Option<Formula> {
        let mut bound = |key: &str| match node.get(key) {
            None => Some(None),
            Some(value) => self.amount(value, &format!("{path}.{key}")).map(Some),
        };
        let (at_least, at_most) = (bound("at_least"), bound("at_most"));
        let (at_least, at_most) = (at_least?, at_most?);
        match (&at_least, &at_most) {
            (None, None) => return Some(of),
            (Some(low), Some(high)) if low > high => {
                let fault = Fault::EmptyRange { low: low.to_string(), high: high.to_string() };
                self.report.error(node.line, path, fault);
                return None;
            }
            _ => {}
        }
        Some(Formula::Bounded { of: Box::new(of), at_least, at_most })
    }

    /// Non-negative number.
    fn amount(&mut self, node: &Node, path: &str) -> Option<Number> {
        let number = node.number().filter(|number| !number.is_negative());
        if number.is_none() {
            self.report.expected(node, path, "a number, 0 or more");
        }
        number
    }

    fn part<'n>(&mut self, node: &'n Node, key: &str, path: &str) -> Option<&'n Node> {
        let part = node.get(key);
        if part.is_none() {
            self.report.error(node.line, path, Fault::MissingKey(key.to_owned()));
        }
        part
    }

    fn fact(&mut self, entries: &[(String, Node)], body: &Node, path: &str) -> FormulaWithUnit {
        let Some(key) = body.text() else {
            self.report.expected(body, &format!("{path}.fact"), "the key of a fact");
            return None;
        };
        let Some(fact) = self.dictionary.get(key) else {
            let suggestion = self.report.suggest(|| self.dictionary.suggest(key));
            self.report.error(body.line, path, Fault::UnknownFact { key: key.to_owned(), suggestion });
            return None;
        };
        let Some(unit) = quantity_unit(fact.kind) else {
            let got = format!("`{key}` of type {}", fact.kind.name());
            let expected = "a fact of type money, integer or decimal".to_owned();
            self.report.error(body.line, path, Fault::Expected { got, expected });
            return None;
        };
        let when = read_when(fact, entries, path, self.dictionary, self.report)?;
        if let When::Years(aggregate) = when
            && matches!(aggregate.take, Take::Growth | Take::Cagr)
        {
            let got = format!("`{}`", aggregate.take.word());
            let expected = "`average`, `sum`, `min` or `max`: a rate is no amount".to_owned();
            self.report.error(body.line, path, Fault::Expected { got, expected });
            return None;
        }
        Some((Formula::Quantity(Quantity::Fact { key: key.to_owned(), when }), unit))
    }

    fn input(&mut self, node: &Node, body: &Node, path: &str) -> FormulaWithUnit {
        let name = body.text().filter(|text| !text.trim().is_empty());
        if name.is_none() {
            self.report.expected(body, &format!("{path}.input"), "the name of a quantity");
        }
        let unit = match self.part(node, "unit", path)?.text() {
            Some("元") => Some(Unit::Yuan),
            Some(word) if !word.trim().is_empty() => Some(Unit::Count),
            _ => {
                self.report.expected(node, &format!("{path}.unit"), "元, or what is counted");
                None
            }
        };
        let (name, unit) = (name?, unit?);
        // One home for each quantity: an input that a fact is called by is that fact, and can be given wherever facts are.
        if let Some(fact) = self.dictionary.by_name(name)
            && quantity_unit(fact.kind) == Some(unit)
            && let Some(when) = read_when(fact, &[], path, self.dictionary, self.report)
        {
            return Some((Formula::Quantity(Quantity::Fact { key: fact.key.clone(), when }), unit));
        }
        Some((Formula::Quantity(Quantity::Input { name: name.to_owned() }), unit))
    }

    fn share(&mut self, node: &Node, body: &Node, path: &str) -> FormulaWithUnit {
        let rate = self.amount(body, &format!("{path}.share"));
        let of =
            self.part(node, "of", path).and_then(|of| self.of_unit(of, &format!("{path}.of"), Unit::Yuan));
        Some((Formula::Share { rate: rate?, of: Box::new(of?) }, Unit::Yuan))
    }

    fn each(&mut self, node: &Node, body: &Node, path: &str) -> FormulaWithUnit {
        let yuan = self.amount(body, &format!("{path}.each"));
        let of =
            self.part(node, "of", path).and_then(|of| self.of_unit(of, &format!("{path}.of"), Unit::Count));
        Some((Formula::Each { yuan: yuan?, of: Box::new(of?) }, Unit::Yuan))
    }

    fn items<'n>(&mut self, node: &'n Node, path: &str, what: &str) -> Option<&'n [Node]> {
        match &node.value {
            Tree::List(items) if !items.is_empty() => Some(items),
            _ => {
                self.report.expected(node, path, what);
                None
            }
        }
    }

    /// Formulas of one unit; every error in them is reported.
    fn list(&mut self, body: &Node, path: &str) -> Option<(Vec<Formula>, Unit)> {
        let items = self.items(body, path, "a list of one formula or more")?;
        let read: Vec<FormulaWithUnit> =
            items.iter().enumerate().map(|(i, item)| self.formula(item, &format!("{path}[{i}]"))).collect();
        let read: Vec<(Formula, Unit)> = read.into_iter().collect::<Option<_>>()?;
        let unit = read.first().map(|(_, unit)| *unit)?;
        if read.iter().any(|(_, other)| *other != unit) {
            let got = "yuan and counts together".to_owned();
            let fault = Fault::Expected { got, expected: "formulas of one unit".to_owned() };
            self.report.error(body.line, path, fault);
            return None;
        }
        Some((read.into_iter().map(|(formula, _)| formula).collect(), unit))
    }

    fn less(&mut self, body: &Node, path: &str) -> FormulaWithUnit {
        let (of, unit) = self.list(body, path)?;
        let count = of.len();
        let mut of = of.into_iter();
        match (of.next(), of.next()) {
            (Some(from), Some(off)) if count == 2 => {
                Some((Formula::Difference(Box::new(from), Box::new(off)), unit))
            }
            _ => {
                self.report.expected(body, path, "two formulas: from what, and what is taken off");
                None
            }
        }
    }

    fn case(&mut self, node: &Node, body: &Node, path: &str) -> FormulaWithUnit {
        let items = self.items(body, &format!("{path}.case"), "a list of {when: …, then: …}")?;
        let read: Vec<Option<(Criterion, Formula)>> =
            items.iter().enumerate().map(|(i, item)| self.arm(item, &format!("{path}.case[{i}]"))).collect();
        let otherwise = match node.get("else") {
            None => Some(Formula::Yuan(Number::zero())),
            Some(node) => self.of_unit(node, &format!("{path}.else"), Unit::Yuan),
        };
        let read = read.into_iter().collect::<Option<Vec<_>>>()?;
        let mut before = 0_usize;
        for (when, _) in &read {
            before = before.saturating_add(when.size());
            self.repeated = self.repeated.saturating_add(before);
        }
        if self.repeated > limits::MAX_REPEATED_CONDITIONS {
            let limit = limits::MAX_REPEATED_CONDITIONS;
            let expected = format!("arms that repeat at most {limit} conditions of those before them");
            self.report.expected(body, &format!("{path}.case"), expected);
            return None;
        }
        steps(before as u64);
        let mut before: Vec<Criterion> = Vec::new();
        let mut arms = Vec::new();
        for (when, then) in read {
            let selected = all(before.iter().cloned().chain([when.clone()]).collect());
            before.push(Criterion::without_evidence(CriterionNode::Not(Box::new(when.clone()))));
            arms.push(Tier { when, then, selected });
        }
        Some((
            Formula::Case { arms, otherwise: Box::new(otherwise?), otherwise_when: all(before) },
            Unit::Yuan,
        ))
    }

    fn arm(&mut self, item: &Node, path: &str) -> Option<(Criterion, Formula)> {
        let pair = match &item.value {
            Tree::Map(entries) if entries.len() == 2 => item.get("when").zip(item.get("then")),
            _ => None,
        };
        let Some((when, then)) = pair else {
            self.report.expected(item, path, "a map with `when` and `then`");
            return None;
        };
        let when = read_criterion(when, &format!("{path}.when"), self.dictionary, self.report);
        let then = self.of_unit(then, &format!("{path}.then"), Unit::Yuan);
        Some((when?, then?))
    }

    fn brackets(&mut self, node: &Node, body: &Node, path: &str) -> FormulaWithUnit {
        let mode = match self.part(node, "mode", path).and_then(Node::text) {
            Some("progressive") => Some(BracketMode::Progressive),
            Some("whole") => Some(BracketMode::Whole),
            _ => {
                let at = node.get("mode").unwrap_or(node);
                self.report.expected(at, &format!("{path}.mode"), "`progressive` or `whole`");
                None
            }
        };
        let of = self.part(node, "of", path).and_then(|of| self.formula(of, &format!("{path}.of")));
        let at = format!("{path}.brackets");
        let items = self.items(body, &at, "a list of rows: {up_to or below, rate or yuan}")?;
        let last = items.len().saturating_sub(1);
        let rows: Vec<Option<Bracket>> = items
            .iter()
            .enumerate()
            .map(|(i, item)| self.bracket(item, i == last, &format!("{at}[{i}]")))
            .collect();
        let rows: Vec<Bracket> = rows.into_iter().collect::<Option<_>>()?;
        let rising = rows.windows(2).all(|pair| match pair {
            [a, b] => b.end.is_none() || a.end < b.end,
            _ => true,
        });
        if !rising {
            self.report.expected(body, &at, "rows whose ends rise");
            return None;
        }
        let (of, unit) = of?;
        let mode = mode?;
        for row in &rows {
            let fits = match row.pays {
                Pays::Rate(_) => unit == Unit::Yuan,
                Pays::Yuan(_) => mode == BracketMode::Whole,
            };
            if !fits {
                let expected = "`rate` on an amount of yuan, or `yuan` in mode `whole`";
                self.report.expected(body, &at, expected);
                return None;
            }
        }
        Some((Formula::Brackets { of: Box::new(of), mode, rows }, Unit::Yuan))
    }

    fn bracket(&mut self, item: &Node, last: bool, path: &str) -> Option<Bracket> {
        const ROW: &str = "a row with `up_to` or `below` (the last with neither), and `rate` or `yuan`";
        let Tree::Map(entries) = &item.value else {
            self.report.expected(item, path, ROW);
            return None;
        };
        let (mut end, mut inclusive, mut pays) = (None, false, None);
        for (key, value) in entries {
            let at = format!("{path}.{key}");
            match key.as_str() {
                "up_to" | "below" if end.is_none() => {
                    end = Some(self.amount(value, &at)?);
                    inclusive = key == "up_to";
                }
                "rate" if pays.is_none() => pays = Some(Pays::Rate(self.amount(value, &at)?)),
                "yuan" if pays.is_none() => pays = Some(Pays::Yuan(self.amount(value, &at)?)),
                _ => {
                    self.report.expected(item, path, ROW);
                    return None;
                }
            }
        }
        if end.is_none() != last || pays.is_none() {
            self.report.expected(item, path, ROW);
            return None;
        }
        Some(Bracket { end, inclusive, pays: pays? })
    }
}

/// Unit of the quantity that a fact of this type is; `None` for a fact that is no quantity.
fn quantity_unit(kind: FactType) -> Option<Unit> {
    match kind {
        FactType::Money => Some(Unit::Yuan),
        FactType::Integer | FactType::Decimal => Some(Unit::Count),
        _ => None,
    }
}

fn all(of: Vec<Criterion>) -> Criterion {
    Criterion::without_evidence(CriterionNode::All(of))
}
