//! Requests without keys: every local user has full access, so pages of other sites in a local browser must be
//! rejected.

use axum::http::{HeaderMap, Method, Uri, header};

use crate::config::Settings;
use crate::problem::{Code, Problem};

/// True if a host name, with or without a port, means this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let address = name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    address || name.eq_ignore_ascii_case("localhost")
}

/// Checks that a request is addressed to a name of this machine and, if it changes something, does not come from a
/// page of another site.
pub(crate) fn check_local(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    settings: &Settings,
) -> Result<(), Problem> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = uri.host().or_else(|| text(header::HOST)).unwrap_or_default();
    let bare = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let ours = is_loopback(host) || settings.hosts.iter().any(|name| bare.eq_ignore_ascii_case(name));
    if !ours {
        let detail = format!("未设密钥时只接受发往本机名的请求，得到 `{host}`；可用配置 hosts 增加");
        return Err(Problem::new(Code::Misdirected, detail));
    }
    // A site on the allow-list (CORS) may do here what a local user may: the operator has listed it.
    if text(header::ORIGIN).is_some_and(|origin| settings.cors.iter().any(|one| one == origin)) {
        return Ok(());
    }
    check_same_origin(method, host, headers)
}

/// Checks that a request that changes something comes from our own page, if it comes from a page at all.
pub(crate) fn check_same_origin(method: &Method, host: &str, headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    // Sent by current browsers; `none` is an address typed by the user.
    let site_kind = headers.get("sec-fetch-site").map(|site| site.as_bytes());
    let elsewhere = site_kind.is_some_and(|site| site != b"same-origin" && site != b"none");
    let foreign = elsewhere || headers.contains_key(header::ORIGIN) && origin != Some(host);
    if foreign && method != Method::GET && method != Method::HEAD {
        return Err(Problem::new(Code::Forbidden, "不接受其他网站的页面发来的请求"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_host_names_are_recognised() {
        for good in
            ["localhost", "localhost:80", "127.0.0.1:8080", "127.9.9.9", "[::1]:8080", "[::1]", "LOCALHOST"]
        {
            assert!(is_loopback(good), "{good}");
        }
        for bad in
            ["", "localhost.evil.example", "127.0.0.1.nip.io:80", "10.0.0.1", "evil.example:80", "[::2]"]
        {
            assert!(!is_loopback(bad), "{bad}");
        }
    }
}
