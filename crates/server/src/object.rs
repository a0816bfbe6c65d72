//! JSON object of a request body, read member by member: an error names the member, its value and the expected one.

use serde_json::{Map, Value};

use crate::problem::{Code, Problem};

/// Members of a body.
pub(crate) struct Object(Map<String, Value>);

impl Object {
    /// Parses a body. A member that is not in `known` is refused: a misspelt one would otherwise have no effect
    /// without a warning.
    pub(crate) fn read(body: &[u8], known: &[&str]) -> Result<Self, Problem> {
        let all = known.join("、");
        let Ok(Value::Object(map)) = serde_json::from_slice(body) else {
            return Err(Problem::new(Code::BadContent, format!("应为一个 JSON 对象，可用的有 {all}")));
        };
        match map.iter().find(|(key, _)| !known.contains(&key.as_str())) {
            Some((key, value)) => Err(Problem::field(key, value, &format!("不存在，可用的有 {all}"))),
            None => Ok(Self(map)),
        }
    }

    /// Required text, not blank.
    pub(crate) fn required(&self, key: &str) -> Result<String, Problem> {
        let text = self.0.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        text.map(str::to_owned).ok_or_else(|| Problem::field(key, self.got(key), "须给出，应为文字"))
    }

    /// Optional text; empty if absent.
    pub(crate) fn text(&self, key: &str) -> Result<String, Problem> {
        match self.got(key) {
            Value::Null => Ok(String::new()),
            Value::String(text) => Ok(text.clone()),
            other => Err(Problem::field(key, other, "应为文字")),
        }
    }

    /// Required integer.
    pub(crate) fn integer(&self, key: &str) -> Result<i64, Problem> {
        self.got(key).as_i64().ok_or_else(|| Problem::field(key, self.got(key), "须给出，应为整数"))
    }

    fn got(&self, key: &str) -> &Value {
        self.0.get(key).unwrap_or(&Value::Null)
    }
}
