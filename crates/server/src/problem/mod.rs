//! Problem details (RFC 9457), in Chinese, that name the field and the value.
//!
//! A handler returns a [`Problem`]; the outermost layer, which knows the request id, renders it.

mod code;
mod storage;
mod words;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use zhaoren_engine::{EngineError, OutcomeFault, Problem as Found, RegistryError};

pub use code::Code;

/// Media type of problems.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// Error sent to the caller.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    pub(crate) detail: Option<String>,
    errors: Vec<Value>,
    /// Seconds after which to retry.
    retry_after: Option<u64>,
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self { code, detail: None, errors: Vec::new(), retry_after: None }
    }
}

/// Converts an error of the engine; errors of the caller and internal errors get different codes.
impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        if let EngineError::NotIndexed { taken, .. } = &error {
            // The cause may contain paths, so only the log has it.
            tracing::warn!(%error, "the index could not be brought up");
            let detail = format!("{taken}，已收入登记库，匹配即刻生效；索引未能更新，检索暂时沿用原索引");
            return Self::new(Code::Busy, detail).retry_after(60);
        }
        if let EngineError::Registry(cause) = &error
            && let Some(passing) = storage::transient_registry(cause)
        {
            return passing;
        }
        if !error.is_client_error()
            && let Some(passing) = storage::transient(&error)
        {
            return passing;
        }
        match &error {
            // Names the record, so that an operator can repair it.
            EngineError::Unreadable { .. } => {
                tracing::error!(%error, "a record cannot be read");
                Self::new(Code::Internal, error.to_string())
            }
            EngineError::TooManySearches(_) => Self::new(Code::Conflict, error.to_string()),
            EngineError::Input(_) => Self::new(Code::BadContent, error.to_string()),
            error if error.is_client_error() => Self::new(Code::BadParameter, error.to_string()),
            EngineError::Registry(cause) => match cause {
                RegistryError::NotFound { .. } => Self::new(Code::NotFound, cause.to_string()),
                RegistryError::Conflict { .. } => Self::new(Code::PreconditionFailed, cause.to_string()),
                RegistryError::InvalidState { .. } => Self::new(Code::Conflict, cause.to_string()),
                RegistryError::InvalidValue { .. } => Self::new(Code::BadContent, cause.to_string()),
                RegistryError::NotOwned { .. } => Self::new(Code::Forbidden, cause.to_string()),
                // The request is correct, and can be repeated once the clock is right.
                RegistryError::ClockBehind { .. } | RegistryError::ClockAhead { .. } => {
                    Self::new(Code::Busy, cause.to_string()).retry_after(60)
                }
                _ => Self::internal(&error),
            },
            error => Self::internal(error),
        }
    }
}

impl Problem {
    /// Creates a problem with a description.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::from(code) }
    }

    /// Creates a problem about a query parameter.
    pub(crate) fn parameter(key: &str, value: &str, expected: &str) -> Self {
        let got = if value.is_empty() { String::new() } else { format!("，得到 `{value}`") };
        let detail = format!("参数 `{key}` {expected}{got}");
        let error = json!({"parameter": key, "value": value, "expected": expected, "detail": detail});
        Self { errors: vec![error], ..Self::new(Code::BadParameter, detail) }
    }

    /// Creates a problem about a member of a body.
    pub(crate) fn field(field: &str, value: &Value, expected: &str) -> Self {
        let value = match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Self::members(vec![member(None, field, &value, expected)])
    }

    /// Creates a problem from errors in ledger events.
    pub(crate) fn outcomes(faults: &[OutcomeFault]) -> Self {
        let error = |fault: &OutcomeFault| member(fault.line, &fault.field, &fault.value, &fault.expected);
        Self::members(faults.iter().map(error).collect())
    }

    fn members(errors: Vec<Value>) -> Self {
        let detail = errors.first().and_then(|error| error["detail"].as_str()).map(str::to_owned);
        Self { detail, errors, ..Self::from(Code::BadContent) }
    }

    /// Members of `errors`.
    pub(crate) fn errors(&self) -> &[Value] {
        &self.errors
    }

    /// Creates a problem about malformed JSON at a line and column.
    pub(crate) fn malformed(line: usize, column: usize, why: &str) -> Self {
        let detail = format!("第 {line} 行第 {column} 列：{}", words::syntax(why));
        let error = json!({
            "line": line, "column": column, "detail": detail, "message": format!("not well-formed: {why}"),
        });
        Self { errors: vec![error], ..Self::new(Code::MalformedJson, detail) }
    }

    /// Creates a problem from the problems of a loader.
    pub(crate) fn from_findings(code: Code, found: &[Found]) -> Self {
        let errors: Vec<Value> = found.iter().map(words::error).collect();
        let detail = errors.first().and_then(|error| error["detail"].as_str()).map(str::to_owned);
        Self { detail, errors, ..Self::from(code) }
    }

    /// Converts a problem of a loader to a member of `errors`.
    pub(crate) fn error(found: &Found) -> Value {
        words::error(found)
    }

    /// Formats a problem of a loader as a line for people.
    pub(crate) fn line(found: &Found) -> String {
        let error = words::error(found);
        let detail = error.get("detail").and_then(Value::as_str).unwrap_or_default().to_owned();
        match error.get("field").and_then(Value::as_str) {
            Some(field) if !detail.contains(field) => format!("{field}：{detail}"),
            _ => detail,
        }
    }

    /// Lines for people, one per error.
    pub(crate) fn lines(&self) -> Vec<String> {
        let details = self.errors.iter().filter_map(|error| error.get("detail")?.as_str());
        let mut lines: Vec<String> = self.detail.iter().cloned().chain(details.map(str::to_owned)).collect();
        lines.dedup();
        lines
    }

    /// Internal error: logged, and reported without details.
    pub(crate) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self::from(Code::Internal)
    }

    /// Adds a delay after which to retry, in seconds.
    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds.max(1));
        self
    }

    /// Members that do not depend on the request.
    pub(crate) fn json(&self) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("type".to_owned(), self.code.uri().into());
        body.insert("title".to_owned(), self.code.title().into());
        body.insert("status".to_owned(), self.code.status().as_u16().into());
        body.insert("code".to_owned(), self.code.name().into());
        if let Some(detail) = &self.detail {
            body.insert("detail".to_owned(), detail.clone().into());
        }
        if !self.errors.is_empty() {
            body.insert("errors".to_owned(), self.errors.clone().into());
        }
        body
    }

    /// Renders the problem for the request with this id.
    pub(crate) fn render(&self, id: &str) -> Response {
        let mut body = self.json();
        body.insert("instance".to_owned(), format!("urn:zhaoren:request:{id}").into());
        body.insert("request_id".to_owned(), id.into());
        let head = [(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")];
        let response = (self.code.status(), head, Value::Object(body).to_string()).into_response();
        self.with_headers(response)
    }

    /// Renders the problem as a page, for a browser.
    pub(crate) fn page(&self, id: &str) -> Response {
        self.with_headers(crate::console::error_page(self, id))
    }

    fn with_headers(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.code.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"zhaoren\""));
        }
        response
    }
}

/// Member of `errors` about a member of a body.
fn member(line: Option<usize>, field: &str, value: &str, expected: &str) -> Value {
    let mut detail = line.map_or(String::new(), |line| format!("第 {line} 行："));
    if !field.is_empty() {
        detail.push_str(&format!("`{field}` "));
    }
    detail.push_str(expected);
    let mut error = Map::new();
    if let Some(line) = line {
        error.insert("line".to_owned(), line.into());
    }
    if !field.is_empty() {
        error.insert("field".to_owned(), field.into());
    }
    if !value.is_empty() {
        detail.push_str(&format!("，得到 `{value}`"));
        error.insert("value".to_owned(), value.into());
    }
    error.insert("expected".to_owned(), expected.into());
    error.insert("detail".to_owned(), detail.into());
    Value::Object(error)
}

impl IntoResponse for Problem {
    /// Passes the problem to the outermost layer, which renders it.
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
