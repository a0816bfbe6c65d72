//! Problem details (RFC 9457) with titles that a person can read.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

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
        let mut body = Map::new();
        body.insert("type".to_owned(), "about:blank".into());
        body.insert("title".to_owned(), self.title.into());
        body.insert("status".to_owned(), self.status.as_u16().into());
        if let Some(detail) = self.detail {
            body.insert("detail".to_owned(), detail.into());
        }
        if !self.errors.is_empty() {
            body.insert("errors".to_owned(), self.errors.into());
        }
        let body = Value::Object(body);
        (self.status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
    }
}

/// What a layer refused (a body too large, a time-out), as a problem too.
pub(crate) async fn of_refusal(response: Response) -> Response {
    let status = response.status();
    let is_problem =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    if is_problem || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let title = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "请求内容过大",
        StatusCode::SERVICE_UNAVAILABLE => "处理超时",
        _ => "请求有误",
    };
    Problem::new(status, title).into_response()
}
