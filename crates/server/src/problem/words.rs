//! Problems of loaders as members of an answer.

use serde_json::{Map, Value};
pub(super) use zhaoren_engine::problem_words::syntax;
use zhaoren_engine::problem_words::{sentence, value};
use zhaoren_engine::{Problem, Severity, Subject};

/// Converts a problem to a member of `errors`.
pub(super) fn error(problem: &Problem) -> Value {
    let mut error = Map::new();
    if let Some(line) = problem.line {
        error.insert("line".to_owned(), line.into());
    }
    match &problem.subject {
        Some(Subject::Enterprise(id)) => error.insert("enterprise".to_owned(), id.clone().into()),
        Some(Subject::Item(id)) => error.insert("policy".to_owned(), id.clone().into()),
        Some(Subject::Fact(key)) => error.insert("fact".to_owned(), key.clone().into()),
        None => None,
    };
    if !problem.path.is_empty() {
        error.insert("field".to_owned(), problem.path.clone().into());
    }
    if let Some(value) = value(&problem.fault) {
        error.insert("value".to_owned(), value.into());
    }
    if problem.severity == Severity::Warning {
        error.insert("warning".to_owned(), true.into());
    }
    let line = problem.line.map(|line| format!("第 {line} 行：")).unwrap_or_default();
    error.insert("detail".to_owned(), format!("{line}{}", sentence(problem)).into());
    error.insert("message".to_owned(), problem.to_string().into());
    Value::Object(error)
}
