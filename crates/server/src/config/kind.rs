//! Value types of settings.

use std::net::SocketAddr;

use zhaoren_engine::{parse_length, parse_with_unit};

/// Value type of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Address,
    Bytes,
    Count,
    Names,
    OneOf(&'static [&'static str]),
    Origins,
    Path,
    Text,
    Time,
}

impl Kind {
    /// Description of the accepted values.
    pub(crate) fn expected(self) -> String {
        match self {
            Self::Address => "应为 IP:端口，如 127.0.0.1:8080".to_owned(),
            Self::Bytes => "应为大小，如 512KiB、16MiB、1GiB".to_owned(),
            Self::Count => "应为非负整数".to_owned(),
            Self::Names => "应为以逗号分隔的主机名".to_owned(),
            Self::OneOf(words) => format!("应为 {} 之一", words.join("、")),
            Self::Origins => "应为以逗号分隔的网站来源（协议与主机，没有路径），如 https://portal.example、http://localhost:3000".to_owned(),
            Self::Path => "应为路径".to_owned(),
            Self::Text => "应为文字".to_owned(),
            Self::Time => "应为时长，如 500ms、30s、15m、1h".to_owned(),
        }
    }

    /// True if `text` is a valid value.
    pub(crate) fn accepts(self, text: &str) -> bool {
        match self {
            Self::Address => text.parse::<SocketAddr>().is_ok(),
            Self::Bytes => bytes(text).is_some(),
            Self::Count => text.parse::<u32>().is_ok(),
            Self::OneOf(words) => words.contains(&text),
            Self::Origins => origins(text).is_some(),
            Self::Time => parse_length(text).is_some(),
            Self::Names | Self::Path | Self::Text => true,
        }
    }
}

/// Parses a size in bytes: `16MiB`, `512KiB`, `1GiB`, or a plain number of bytes.
pub(crate) fn bytes(text: &str) -> Option<usize> {
    parse_with_unit(text, &[("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1), ("", 1)])
        .and_then(|bytes| usize::try_from(bytes).ok())
}

/// Parses origins (RFC 6454) separated by commas: scheme and host, with a port if it is not the usual one. `None` if one of
/// them is none: a pattern such as `*` would open the data to every site.
pub(crate) fn origins(text: &str) -> Option<Vec<String>> {
    let origin = |one: &str| {
        let host = one.strip_prefix("https://").or_else(|| one.strip_prefix("http://"))?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
        (!host.is_empty() && host.bytes().all(plain)).then(|| one.to_ascii_lowercase())
    };
    text.split(',').map(str::trim).filter(|one| !one.is_empty()).map(origin).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_have_a_scheme_and_no_path() {
        let two = origins("https://Portal.example, http://localhost:3000");
        assert_eq!(two, Some(vec!["https://portal.example".to_owned(), "http://localhost:3000".to_owned()]));
        assert_eq!(origins(""), Some(Vec::new()));
        for wrong in ["*", "portal.example", "https://", "https://a.example/", "https://*.example", "null"] {
            assert_eq!(origins(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_and_times_need_a_known_unit() {
        assert_eq!(bytes("16MiB"), Some(16 << 20));
        assert_eq!(bytes("7"), Some(7));
        assert_eq!(
            (bytes("1.5MiB"), bytes("MiB"), bytes("3MB"), bytes("99999999999GiB")),
            (None, None, None, None)
        );
        assert_eq!(parse_length("90s"), Some(std::time::Duration::from_secs(90)));
        assert_eq!((parse_length("90"), parse_length("-1s"), parse_length("1d")), (None, None, None));
    }
}
