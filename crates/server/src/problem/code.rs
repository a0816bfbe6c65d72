//! Problem codes: each has a stable name, a status and a title.

use axum::http::StatusCode;

/// Kind of problem. Codes are part of the public API: new ones may be added, none is renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Unknown, repeated or invalid query parameter.
    BadParameter,
    /// Body that is not JSON.
    MalformedJson,
    /// JSON body with invalid content.
    BadContent,
    /// Unreadable profile of an enterprise.
    BadProfile,
    /// Item or document that cannot be accepted.
    BadPolicy,
    /// Unreadable header.
    BadHeader,
    /// Missing or unknown key or token.
    Unauthorized,
    /// Authenticated, but not authorized.
    Forbidden,
    /// No such address.
    NoSuchAddress,
    /// No such item, document, fact or run.
    NotFound,
    /// Method not supported by the address.
    MethodNotAllowed,
    /// The sender was idle for too long.
    RequestTimeout,
    /// Conflict with another operation, under way or done.
    Conflict,
    /// Body larger than the limit.
    TooLarge,
    /// The content has changed since the caller read it.
    PreconditionFailed,
    /// Unsupported media type of a body.
    UnsupportedMediaType,
    /// Idempotency key of an earlier request with other content.
    IdempotencyKeyReused,
    /// Request for a host name that is not ours.
    Misdirected,
    /// More requests than the rate limit allows.
    TooManyRequests,
    /// Internal error.
    Internal,
    /// Queue or budget exhausted.
    Busy,
    /// Time limit exceeded.
    Timeout,
    /// Registry locked by another writer.
    Locked,
    /// Disk of the data directory, or of the database, full.
    StorageFull,
    /// Data directory or database read-only.
    ReadOnly,
}

impl Code {
    /// All codes, in the order of statuses.
    pub const ALL: [Self; 25] = [
        Self::BadParameter,
        Self::MalformedJson,
        Self::BadContent,
        Self::BadProfile,
        Self::BadPolicy,
        Self::BadHeader,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NoSuchAddress,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::Conflict,
        Self::PreconditionFailed,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Misdirected,
        Self::IdempotencyKeyReused,
        Self::TooManyRequests,
        Self::Internal,
        Self::Busy,
        Self::Timeout,
        Self::Locked,
        Self::StorageFull,
        Self::ReadOnly,
    ];

    fn row(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::BadParameter => ("bad-parameter", StatusCode::BAD_REQUEST, "查询参数有误"),
            Self::MalformedJson => ("malformed-json", StatusCode::BAD_REQUEST, "请求内容不是合法的 JSON"),
            Self::BadContent => ("bad-content", StatusCode::BAD_REQUEST, "请求内容有误"),
            Self::BadProfile => ("bad-profile", StatusCode::BAD_REQUEST, "企业画像有误"),
            Self::BadPolicy => ("bad-policy", StatusCode::BAD_REQUEST, "政策事项或文件有误"),
            Self::BadHeader => ("bad-header", StatusCode::BAD_REQUEST, "请求头有误"),
            Self::Unauthorized => ("unauthorized", StatusCode::UNAUTHORIZED, "须出示有效的密钥或令牌"),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "无权进行此操作"),
            Self::NoSuchAddress => ("no-such-address", StatusCode::NOT_FOUND, "没有这个地址"),
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "没有所找的内容"),
            Self::MethodNotAllowed => {
                ("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED, "这个地址不接受此方法")
            }
            Self::RequestTimeout => ("request-timeout", StatusCode::REQUEST_TIMEOUT, "等候请求内容超时"),
            Self::Conflict => ("conflict", StatusCode::CONFLICT, "与现有内容冲突"),
            Self::PreconditionFailed => {
                ("precondition-failed", StatusCode::PRECONDITION_FAILED, "内容已被他人改动")
            }
            Self::TooLarge => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "请求内容过大"),
            Self::UnsupportedMediaType => {
                ("unsupported-media-type", StatusCode::UNSUPPORTED_MEDIA_TYPE, "不接受这种内容类型")
            }
            Self::IdempotencyKeyReused => (
                "idempotency-key-reused",
                StatusCode::UNPROCESSABLE_ENTITY,
                "同一个 Idempotency-Key 已用于另一份请求",
            ),
            Self::Misdirected => ("misdirected", StatusCode::MISDIRECTED_REQUEST, "请求的主机名不是本服务"),
            Self::TooManyRequests => ("too-many-requests", StatusCode::TOO_MANY_REQUESTS, "请求过于频繁"),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "服务内部出错"),
            Self::Busy => ("busy", StatusCode::SERVICE_UNAVAILABLE, "服务正忙"),
            Self::Timeout => ("timeout", StatusCode::SERVICE_UNAVAILABLE, "处理超时"),
            Self::Locked => ("locked", StatusCode::SERVICE_UNAVAILABLE, "登记库正被占用"),
            Self::StorageFull => ("storage-full", StatusCode::SERVICE_UNAVAILABLE, "存储空间已满"),
            Self::ReadOnly => ("read-only", StatusCode::SERVICE_UNAVAILABLE, "目前只能读取"),
        }
    }

    /// Name: `bad-parameter`.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// HTTP status.
    pub fn status(self) -> StatusCode {
        self.row().1
    }

    /// Title.
    pub fn title(self) -> &'static str {
        self.row().2
    }

    /// `type` of the problem.
    pub fn uri(self) -> String {
        format!("urn:zhaoren:problem:{}", self.name())
    }
}
