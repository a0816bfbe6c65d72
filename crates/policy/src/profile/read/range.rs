//! Reads ranges: two ends of one type, narrowed to the bounds of the fact.

use super::*;

impl Reader<'_> {
    pub(super) fn range(
        &mut self,
        fact: &Fact,
        node: &Node,
        entries: &[(String, Node)],
        path: &str,
    ) -> Option<Knowledge> {
        if !(fact.kind.is_number() || fact.kind == FactType::Date) {
            self.expected(node, path, what(fact));
            return None;
        }
        let (mut low, mut high) = (None, None);
        for (key, end) in entries {
            let slot = match key.as_str() {
                "at_least" => &mut low,
                "at_most" => &mut high,
                _ => {
                    let expected = "`at_least` and `at_most`".to_owned();
                    self.refuse(end.line, path, Fault::UnknownKey { key: key.clone(), expected });
                    return None;
                }
            };
            if end.is_null() {
                continue;
            }
            let value = range_end(fact, end);
            if value.is_none() {
                self.expected(end, &format!("{path}.{key}"), what(fact));
                return None;
            }
            *slot = value;
        }
        self.narrow(fact, low, high, node.line, path)
    }

    /// Range cut to the dictionary's bounds and, for integers, to whole numbers.
    pub(super) fn narrow(
        &mut self,
        fact: &Fact,
        low: Option<Value>,
        high: Option<Value>,
        line: u32,
        path: &str,
    ) -> Option<Knowledge> {
        let integer = fact.kind == FactType::Integer;
        let low = low.map(|value| if integer { whole(value, Number::ceil) } else { value });
        let high = high.map(|value| if integer { whole(value, Number::floor) } else { value });
        let low = later(low, fact.min.clone().map(Value::Number));
        let high = earlier(high, fact.max.clone().map(Value::Number));
        match (low, high) {
            (Some(low), Some(high)) if low > high => {
                self.refuse(line, path, Fault::EmptyRange { low: low.to_string(), high: high.to_string() });
                None
            }
            (Some(low), Some(high)) if low == high => Some(Knowledge::Exactly(low)),
            (None, None) => Some(Knowledge::Unknown),
            (low, high) => Some(Knowledge::Within { low, high }),
        }
    }

    pub(super) fn in_bounds(&mut self, fact: &Fact, value: &Value, line: u32, path: &str) -> bool {
        let Value::Number(number) = value else { return true };
        let sound = in_bounds(fact, number);
        if !sound {
            let fault = Fault::OutOfBounds { value: number.to_string(), bounds: bounds(fact) };
            self.refuse(line, path, fault);
        }
        sound
    }
}

/// Bound of a range; for an integer fact it may lie between two integers.
fn range_end(fact: &Fact, node: &Node) -> Option<Value> {
    match (fact.kind, &node.value) {
        (kind, Tree::Number(text)) if kind.is_number() => Number::parse(text).map(Value::Number),
        _ => value_of(fact, node),
    }
}

fn whole(value: Value, round: impl Fn(&Number) -> Number) -> Value {
    match value {
        Value::Number(number) => Value::Number(round(&number)),
        other => other,
    }
}

fn later(a: Option<Value>, b: Option<Value>) -> Option<Value> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}

fn earlier(a: Option<Value>, b: Option<Value>) -> Option<Value> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

pub(super) fn bounds(fact: &Fact) -> String {
    match (&fact.min, &fact.max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("{min} and above"),
        (None, Some(max)) => format!("{max} and below"),
        (None, None) => "every number".to_owned(),
    }
}
