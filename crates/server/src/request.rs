//! Parsing of requests: query parameters, and bodies within their limits.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart};
use axum::http::{HeaderMap, header};
use zhaoren_engine::{Date, Moment, parse_date, parse_moment};

use crate::config::Limits;
use crate::intake::Content;
use crate::job::{boxed, run_blocking};
use crate::problem::{Code, Problem};

/// Maximum size of a form of the console, in bytes.
const LONGEST_FORM: usize = 1 << 20;

/// Parameters of a query string.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Parses a query string. A key that is not in `known` is refused: a misspelt one would otherwise have no effect
    /// without a warning. So is a repeated key, unless it is in `repeated`.
    pub(crate) fn read(query: Option<&str>, known: &[&str], repeated: &[&str]) -> Result<Self, Problem> {
        let raw = query.unwrap_or_default();
        Self::of(form_urlencoded::parse(raw.as_bytes()).into_owned().collect(), known, repeated)
    }

    /// Like [`Query::read`], for decoded pairs.
    pub(crate) fn of(
        pairs: Vec<(String, String)>,
        known: &[&str],
        repeated: &[&str],
    ) -> Result<Self, Problem> {
        for (at, (key, value)) in pairs.iter().enumerate() {
            if key.contains('\u{fffd}') || value.contains('\u{fffd}') {
                return Err(Problem::parameter(key, value, "应为百分号编码的 UTF-8"));
            }
            if !known.contains(&key.as_str()) && !repeated.contains(&key.as_str()) {
                let all: Vec<&str> = known.iter().chain(repeated).copied().collect();
                let expected = match all.as_slice() {
                    [] => "不存在，这个地址没有参数".to_owned(),
                    all => format!("不存在，可用的有 {}", all.join("、")),
                };
                return Err(Problem::parameter(key, value, &expected));
            }
            let before = pairs.iter().take(at).any(|(other, _)| other == key);
            if before && known.contains(&key.as_str()) {
                return Err(Problem::parameter(key, value, "只能给一次"));
            }
        }
        Ok(Self(pairs))
    }

    /// Raw value of a parameter.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Value of a required parameter, not blank.
    pub(crate) fn required(&self, key: &str, expected: &str) -> Result<&str, Problem> {
        let text = self.text(key).unwrap_or_default();
        let blank = || Problem::parameter(key, text, expected);
        (!text.trim().is_empty()).then_some(text).ok_or_else(blank)
    }

    /// All values of a repeatable parameter.
    pub(crate) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Number of at most `limit`.
    pub(crate) fn number(&self, key: &str, default: usize, limit: usize) -> Result<usize, Problem> {
        let Some(value) = self.text(key) else { return Ok(default) };
        let expected = || format!("应为 0 到 {limit} 的整数");
        let number = value.parse().ok().filter(|number| *number <= limit);
        number.ok_or_else(|| Problem::parameter(key, value, &expected()))
    }

    /// Boolean; the bare name is true.
    pub(crate) fn flag(&self, key: &str, default: bool) -> Result<bool, Problem> {
        match self.text(key) {
            None => Ok(default),
            Some("" | "true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(value) => Err(Problem::parameter(key, value, "应为 true 或 false")),
        }
    }

    /// Moment: the end of a day, or a time.
    pub(crate) fn moment(&self, key: &str) -> Result<Option<Moment>, Problem> {
        let Some(value) = self.text(key) else { return Ok(None) };
        let expected = "应为日期或时刻，如 2026-02-28、2026-02-28T09:30:00+08:00";
        parse_moment(value).map(Some).ok_or_else(|| Problem::parameter(key, value, expected))
    }

    /// Day.
    pub(crate) fn day(&self, key: &str) -> Result<Option<Date>, Problem> {
        let Some(value) = self.text(key) else { return Ok(None) };
        let day = parse_date(value);
        day.map(Some).ok_or_else(|| Problem::parameter(key, value, "应为存在的日期，如 2026-02-28"))
    }
}

/// Accepted media types of bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One JSON document.
    Json,
    /// JSON Lines.
    Lines,
    /// YAML.
    Yaml,
    /// Plain text.
    Text,
    /// HTML.
    Html,
    /// A file in a form of publication, with the ending of its media type. Its content tells the form.
    File(&'static str),
}

/// Media types of files, with the endings of their names. Senders disagree on the types of OFD and WPS, and many send any file as
/// the first one.
const FILES: [(&str, &str); 18] = [
    ("application/octet-stream", "bin"),
    ("application/pdf", "pdf"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/msword", "doc"),
    ("application/vnd.ms-works", "wps"),
    ("application/kswps", "wps"),
    ("application/wps-office.wps", "wps"),
    ("application/rtf", "rtf"),
    ("text/rtf", "rtf"),
    ("application/vnd.oasis.opendocument.text", "odt"),
    ("application/ofd", "ofd"),
    ("application/vnd.ofd", "ofd"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.ms-excel", "xls"),
    ("application/kset", "et"),
    ("application/zip", "zip"),
    ("application/x-zip-compressed", "zip"),
    ("multipart/related", "mht"),
];

impl Kind {
    /// File extension of the media type.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Lines => "jsonl",
            Self::Yaml => "yaml",
            Self::Text => "txt",
            Self::Html => "html",
            Self::File(ending) => ending,
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Lines => "application/x-ndjson",
            Self::Yaml => "application/yaml",
            Self::Text => "text/plain",
            Self::Html => "text/html",
            Self::File(_) => "文件的类型（如 application/pdf、application/octet-stream）",
        }
    }

    /// True if both are of the same variant: files of every media type are taken alike.
    fn is_like(self, other: Self) -> bool {
        self == other || matches!((self, other), (Self::File(_), Self::File(_)))
    }

    /// Media type of the body, which must be one of `taken`; by default the first of these.
    pub(crate) fn of(headers: &HeaderMap, taken: &[Self]) -> Result<Self, Problem> {
        let Some(content_type) = headers.get(header::CONTENT_TYPE) else {
            return Ok(taken.first().copied().unwrap_or(Self::Json));
        };
        let content_type = content_type.to_str().unwrap_or_default();
        let kind =
            match content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
                "application/json" => Some(Self::Json),
                "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Self::Lines),
                "application/yaml" | "application/x-yaml" | "text/yaml" => Some(Self::Yaml),
                "text/plain" => Some(Self::Text),
                "text/html" | "application/xhtml+xml" => Some(Self::Html),
                other => FILES.iter().find(|(name, _)| *name == other).map(|(_, ending)| Self::File(ending)),
            };
        kind.filter(|kind| taken.iter().any(|one| one.is_like(*kind))).ok_or_else(|| {
            let names: Vec<&str> = taken.iter().map(|kind| kind.media_type()).collect();
            let detail = format!("Content-Type 应为 {} 之一，得到 `{content_type}`", names.join("、"));
            Problem::new(Code::UnsupportedMediaType, detail)
        })
    }
}

/// True if a body is a form with files.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|content_type| content_type.to_str().ok())
        .unwrap_or_default();
    content_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
}

/// Files of a form, each with its name, of at most `limit` bytes together.
pub(crate) async fn form(
    headers: &HeaderMap,
    form: Content,
    limit: usize,
    limits: &Limits,
) -> Result<Files, Problem> {
    let wrong = |error: &dyn std::fmt::Display| Problem::new(Code::BadContent, format!("表单有误：{error}"));
    let whole = body(headers, form, limit, limits).await?;
    let mut request = axum::extract::Request::new(Body::from(whole.clone()));
    request.headers_mut().clone_from(headers);
    // The size was checked above.
    request.extensions_mut().insert(axum::extract::DefaultBodyLimit::disable());
    let mut parts = Multipart::from_request(request, &()).await.map_err(|error| wrong(&error))?;
    let mut files = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|error| wrong(&error))? {
        let Some(name) = part.file_name().map(str::to_owned) else { continue };
        // Keeps the last path component only, so that a name cannot lead to another directory.
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim_start_matches('.').to_owned();
        let bytes = part.bytes().await.map_err(|error| wrong(&error))?;
        files.push((if name.is_empty() { "file.txt".to_owned() } else { name }, bytes.to_vec()));
    }
    if files.is_empty() {
        return Err(Problem::new(Code::BadContent, "表单中没有文件"));
    }
    Ok(Files { files, _whole: whole })
}

/// Files of a form. The memory reservation of the form is held until they are dropped.
pub(crate) struct Files {
    pub(crate) files: Vec<(String, Vec<u8>)>,
    _whole: Bytes,
}

/// Reads a body of one of the types in `taken`, of at most `limit` bytes; JSON is checked to be well-formed.
pub(crate) async fn document(
    headers: &HeaderMap,
    content: Content,
    taken: &[Kind],
    limit: usize,
    limits: &Limits,
) -> Result<(Kind, Bytes), Problem> {
    let (kind, bytes) = unchecked(headers, content, taken, limit, limits).await?;
    if kind == Kind::Json {
        let checked = bytes.clone();
        off_thread(bytes.len(), move || check_json(&checked)).await??;
    }
    Ok((kind, bytes))
}

/// Reads a body of one of the types in `taken`, which the caller parses by [`parse`] or in its own way.
pub(crate) async fn unchecked(
    headers: &HeaderMap,
    content: Content,
    taken: &[Kind],
    limit: usize,
    limits: &Limits,
) -> Result<(Kind, Bytes), Problem> {
    let kind = Kind::of(headers, taken)?;
    Ok((kind, body(headers, content, limit, limits).await?))
}

/// Parses a JSON body. One that is well-formed and of another shape is the problem that `unfit` makes of the error.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(
    bytes: &[u8],
    unfit: impl FnOnce(serde_json::Error) -> Problem,
) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| match check_json(bytes) {
        Err(malformed) => malformed,
        Ok(()) => unfit(error),
    })
}

/// Parses a JSON body; `shape` describes the expected content for the error text.
pub(crate) async fn content<T: serde::de::DeserializeOwned + Send + 'static>(
    headers: &HeaderMap,
    content: Content,
    limits: &Limits,
    shape: &str,
) -> Result<T, Problem> {
    let (_, bytes) = unchecked(headers, content, &[Kind::Json], limits.body, limits).await?;
    let shape = shape.to_owned();
    let unfit = move |error| Problem::new(Code::BadContent, format!("应为 {shape}：{error}"));
    off_thread(bytes.len(), move || parse(&bytes, unfit)).await?
}

/// Parses `bytes` bytes: in place if they are few, otherwise on a blocking thread.
async fn off_thread<T: Send + 'static>(
    bytes: usize,
    parse: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    /// Bytes parsed in well under a millisecond.
    const FEW: usize = 32 << 10;
    if bytes <= FEW {
        return Ok(parse());
    }
    let (job, outcome) = boxed(parse);
    run_blocking(job).await?;
    outcome.take()
}

/// Reads a whole body of at most `limit` bytes.
pub(crate) async fn body(
    headers: &HeaderMap,
    body: Content,
    limit: usize,
    limits: &Limits,
) -> Result<Bytes, Problem> {
    body.read_all(headers, limit, limits).await
}

/// Reads the body of a URL-encoded form.
pub(crate) async fn fields(headers: &HeaderMap, content: Content, limits: &Limits) -> Result<Bytes, Problem> {
    let content_type =
        headers.get(header::CONTENT_TYPE).map(|content_type| content_type.as_bytes().to_ascii_lowercase());
    if content_type
        .is_some_and(|content_type| !content_type.starts_with(b"application/x-www-form-urlencoded"))
    {
        let detail = "Content-Type 应为 application/x-www-form-urlencoded";
        return Err(Problem::new(Code::UnsupportedMediaType, detail));
    }
    body(headers, content, LONGEST_FORM, limits).await
}

/// Checks that a body is well-formed JSON.
pub(crate) fn check_json(bytes: &[u8]) -> Result<(), Problem> {
    // Invalid UTF-8 may be another encoding, which the reader detects later.
    if std::str::from_utf8(bytes).is_err() {
        return Ok(());
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
        Ok(_) => Ok(()),
        Err(error) => {
            let text = error.to_string();
            let why = text.rsplit_once(" at line ").map_or(text.as_str(), |(why, _)| why);
            Err(Problem::malformed(error.line().max(1), error.column().max(1), why))
        }
    }
}
