//! Problem details (RFC 9457) with titles that a person can read.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error as it leaves the server.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    title: String,
    detail: Option<String>,
    errors: Vec<String>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, title: &str) -> Self {
        Self { status, title: title.to_owned(), detail: None, errors: Vec::new() }
    }

    /// What exactly is wrong.
    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Everything found wrong, one line each.
    pub(crate) fn errors(mut self, errors: Vec<String>) -> Self {
        self.errors = errors;
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({"type": "about:blank", "title": self.title, "status": self.status.as_u16()});
        if let Some(detail) = self.detail {
            body["detail"] = detail.into();
        }
        if !self.errors.is_empty() {
            body["errors"] = self.errors.into();
        }
        (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}
