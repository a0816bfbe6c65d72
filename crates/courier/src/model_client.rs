//! Client of a language model inside the city's network, with the chat interface that most model servers have (OpenAI-compatible).
//!
//! It only carries questions and answers; what an answer may be used for is checked by the engine. The key is never shown, logged or
//! named in an error.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};
use zhaoren_engine::drafting::AskFailure;

use crate::post::{describe, system_roots};

/// Longest answer that is read, in bytes.
const LONGEST_ANSWER: u64 = 256 << 10;
/// Longest answer that a model is asked for, in tokens.
const MOST_TOKENS: u32 = 1_000;

/// Settings of the model server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelSettings {
    /// Address of the interface, without the final `/chat/completions`: `https://model.example/v1`.
    pub url: String,
    /// Name of the model.
    pub model: String,
    /// File with the key; `None` for a server that asks for none.
    pub key_file: Option<PathBuf>,
    /// Timeout of one question.
    pub timeout: Duration,
}

/// Error of the settings.
#[derive(Debug, thiserror::Error)]
pub enum ModelClientFault {
    /// The address is none that a question may be sent to.
    #[error(
        "proposer.url：应为 https:// 地址，或本机与内网地址的 http:// 地址，不含用户名、密码、问号与井号，如 http://10.0.0.5:8000/v1"
    )]
    Address,
    /// No model is named.
    #[error("proposer.model：应为模型的名称")]
    Model,
    /// The key cannot be read.
    #[error("proposer.key_file：{path} 读不了或是空的，应为只有密钥的一行")]
    Key {
        /// Path of the file.
        path: PathBuf,
    },
    /// The system has no trusted root certificates.
    #[error("proposer.url：系统没有可信的根证书")]
    NoRootCertificates,
}

/// Connection to a model server.
pub struct ModelClient {
    agent: Agent,
    settings: ModelSettings,
    authorization: Option<String>,
}

impl std::fmt::Debug for ModelClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proposer").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl ModelClient {
    /// Checks the settings. Nothing is sent before the first question.
    ///
    /// # Errors
    /// When the address is none that a question may be sent to, no model is named, or the key cannot be read.
    pub fn open(settings: &ModelSettings) -> Result<Self, ModelClientFault> {
        if !is_allowed(&settings.url) {
            return Err(ModelClientFault::Address);
        }
        if settings.model.trim().is_empty() {
            return Err(ModelClientFault::Model);
        }
        let key = settings.key_file.as_ref().map(|path| {
            let wrong = || ModelClientFault::Key { path: path.clone() };
            let text = std::fs::read_to_string(path).map_err(|_| wrong())?;
            let key = text.trim();
            let sound = !key.is_empty() && key.bytes().all(|b| b.is_ascii_graphic());
            if sound { Ok(format!("Bearer {key}")) } else { Err(wrong()) }
        });
        let mut tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
        if settings.url.starts_with("https://") {
            let roots = system_roots();
            if roots.is_empty() {
                return Err(ModelClientFault::NoRootCertificates);
            }
            tls = tls.root_certs(RootCerts::Specific(Arc::new(roots)));
        }
        let agent = Agent::config_builder()
            .tls_config(tls.build())
            .timeout_global(Some(settings.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // A proxy from the environment would read the passages.
            .proxy(None)
            .user_agent(concat!("zhaoren/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self { agent, settings: settings.clone(), authorization: key.transpose()? })
    }

    /// Name of the model.
    pub fn model(&self) -> &str {
        &self.settings.model
    }

    /// Asks one question and returns the answer as the model wrote it.
    ///
    /// # Errors
    /// When the server does not answer in time, refuses, or answers in another form.
    pub fn ask(&self, instructions: &str, passage: &str) -> Result<String, AskFailure> {
        let body = json!({
            "model": self.settings.model, "temperature": 0, "max_tokens": MOST_TOKENS, "stream": false,
            "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": passage}],
        });
        let address = format!("{}/chat/completions", self.settings.url.trim_end_matches('/'));
        let mut request = self.agent.post(&address).header("content-type", "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let failed = |error: &ureq::Error| {
            AskFailure(match error {
                ureq::Error::BodyExceedsLimit(_) => format!("答复超过 {} KiB", LONGEST_ANSWER >> 10),
                other => describe(other, self.settings.timeout),
            })
        };
        let mut answer = request.send(body.to_string().as_bytes()).map_err(|error| failed(&error))?;
        let status = answer.status().as_u16();
        if status != 200 {
            return Err(AskFailure(format!("答复的状态为 {status}")));
        }
        let bytes = answer.body_mut().with_config().limit(LONGEST_ANSWER).read_to_vec();
        let bytes = bytes.map_err(|error| failed(&error))?;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let content = answer.pointer("/choices/0/message/content").and_then(Value::as_str);
        content
            .map(str::to_owned)
            .ok_or_else(|| AskFailure("答复中没有 choices[0].message.content".to_owned()))
    }
}

/// True for an address that questions may be sent to: encrypted, or on this machine or a private network.
fn is_allowed(url: &str) -> bool {
    let (is_plain, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (false, rest),
        (_, Some(rest)) => (true, rest),
        _ => return false,
    };
    let host = rest.split('/').next().unwrap_or_default();
    if host.is_empty() || url.contains(['@', '?', '#', ' ']) || url.chars().any(char::is_control) {
        return false;
    }
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_inside = match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_private(),
        Ok(IpAddr::V6(address)) => address.is_loopback() || address.is_unique_local(),
        Err(_) => name == "localhost",
    };
    !is_plain || is_inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_of_this_network() {
        for good in [
            "https://model.example/v1",
            "http://127.0.0.1:8000/v1",
            "http://10.1.2.3/v1",
            "http://192.168.1.9:9000",
            "http://[::1]:80/v1",
            "http://[fd00::5]/v1",
            "http://localhost:1",
        ] {
            assert!(is_allowed(good), "{good}");
        }
        for bad in [
            "",
            "model.example",
            "ftp://127.0.0.1",
            "http://model.example/v1",
            "http://8.8.8.8/v1",
            "http://127.0.0.1.example/v1",
            "https://user:word@model.example",
            "https://",
            "https://a/v1?key=1",
        ] {
            assert!(!is_allowed(bad), "{bad}");
        }
    }
}
