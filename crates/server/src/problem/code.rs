//! The kinds of problem: each has a stable code, a status and a title.

use axum::http::StatusCode;

/// A kind of problem. Codes are part of the outer face: they are added to, never renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// A parameter of the query is unknown, repeated or not what was expected.
    BadParameter,
    /// The body is no JSON.
    MalformedJson,
    /// The body is JSON, and says something that cannot be.
    BadContent,
    /// An enterprise's profile that cannot be read.
    BadProfile,
    /// An item or a document that cannot be taken.
    BadPolicy,
    /// A header that cannot be read.
    BadHeader,
    /// No key or token, or one that is not known.
    Unauthorized,
    /// Known, and not allowed to.
    Forbidden,
    /// No such address.
    NoSuchAddress,
    /// No such item, document, fact or run.
    NotFound,
    /// The address does not take this method.
    MethodNotAllowed,
    /// The sender was silent for too long.
    RequestTimeout,
    /// It is in the way of something else that is being done, or has been.
    Conflict,
    /// The body is larger than is taken.
    TooLarge,
    /// What was changed is not what the caller had seen.
    PreconditionFailed,
    /// A body of a media type that is not taken.
    UnsupportedMediaType,
    /// Sent to a host name that is not ours.
    Misdirected,
    /// More requests than the caller may make.
    TooManyRequests,
    /// Something failed on our side.
    Internal,
    /// Too much is being done already.
    Busy,
    /// It took longer than it may.
    Timeout,
    /// The registry is held by another writer.
    Locked,
    /// The disk of the data directory, or of the database, is full.
    StorageFull,
    /// The data directory, or the database, can only be read.
    ReadOnly,
}

impl Code {
    /// Every code, in the order of statuses.
    pub const ALL: [Self; 24] = [
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

    /// Its name: `bad-parameter`.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// The status it goes with.
    pub fn status(self) -> StatusCode {
        self.row().1
    }

    /// What it is called.
    pub fn title(self) -> &'static str {
        self.row().2
    }

    /// The `type` of a problem.
    pub fn uri(self) -> String {
        format!("urn:zhaoren:problem:{}", self.name())
    }
}
