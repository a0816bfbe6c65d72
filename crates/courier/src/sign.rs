//! Signatures according to Standard Webhooks: receivers can check them with any library for that convention.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zhaoren_engine::Secret;

/// Value of the header `webhook-signature`: for each secret `v1,` and the base64 of HMAC-SHA256 over id, second and
/// body, joined by dots.
pub fn signature(secrets: &[Secret], id: &str, second: i64, body: &str) -> String {
    let one = |secret: &Secret| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.bytes()).ok()?;
        mac.update(format!("{id}.{second}.{body}").as_bytes());
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    };
    secrets.iter().filter_map(one).collect::<Vec<_>>().join(" ")
}
