//! Bearer tokens of an identity provider, checked offline against its public keys in a file.
//!
//! Only signatures with the provider's private key are accepted: a token that names a shared-secret algorithm, or
//! none, is refused whatever its claims.

use std::path::Path;
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;

use jsonwebtoken::jwk::{Jwk, JwkSet, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};
use zhaoren_engine::{Principal, Role};

use super::AccessError;
use super::signature::{ALGORITHMS, install_provider};
use crate::config::Oidc;

/// Tolerated clock difference, in seconds.
const LEEWAY: u64 = 60;

/// Header of a token as the provider wrote it.
fn raw_header(token: &str) -> Option<Map<String, Value>> {
    use base64::Engine as _;
    let header = token.split('.').next()?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Checks that a key of the provider may verify signatures of this algorithm (RFC 7517 §4.2 to §4.4).
fn check_key_use(key: &Jwk, algorithm: Algorithm) -> Result<(), String> {
    let common = &key.common;
    if common.public_key_use.as_ref().is_some_and(|meant| *meant != PublicKeyUse::Signature) {
        return Err("令牌所用的公钥不是用来签名的（use）".to_owned());
    }
    if common.key_operations.as_ref().is_some_and(|all| !all.contains(&KeyOperations::Verify)) {
        return Err("令牌所用的公钥不是用来验签的（key_ops）".to_owned());
    }
    // Both use the names of RFC 7518.
    match common.key_algorithm {
        Some(own) if own.to_string() != format!("{algorithm:?}") => {
            Err(format!("令牌的签名算法 {algorithm:?} 与公钥的 {own} 不同"))
        }
        _ => Ok(()),
    }
}

/// Token verifier of one provider.
pub(super) struct Tokens {
    settings: Oidc,
    keys: RwLock<(Option<SystemTime>, JwkSet)>,
}

impl Tokens {
    /// Reads the provider's keys.
    pub(super) fn open(settings: &Oidc) -> Result<Self, AccessError> {
        install_provider();
        let keys = read(&settings.jwks)?;
        let changed = changed(&settings.jwks);
        Ok(Self { settings: settings.clone(), keys: RwLock::new((changed, keys)) })
    }

    /// Reloads the keys if the file changed. If it cannot be read, the previous keys stay.
    pub(super) fn refresh(&self) {
        let now = changed(&self.settings.jwks);
        if now == self.keys.read().unwrap_or_else(PoisonError::into_inner).0 {
            return;
        }
        match read(&self.settings.jwks) {
            Ok(keys) => {
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = (now, keys);
                tracing::info!("took up the identity provider's keys");
            }
            Err(error) => tracing::warn!("{error}"),
        }
    }

    /// Principal of a token, or the reason of its refusal in words.
    pub(super) fn find(&self, token: &str) -> Result<Principal, String> {
        let head = decode_header(token).map_err(|_| "不是令牌".to_owned())?;
        // A critical extension has to be understood (RFC 7515 §4.1.11), and none is supported here.
        if raw_header(token).is_none_or(|header| header.contains_key("crit")) {
            return Err("令牌带有本服务不认识的 crit".to_owned());
        }
        if !ALGORITHMS.contains(&head.alg) {
            return Err(format!("令牌的签名算法 {:?} 不被接受", head.alg));
        }
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = match (&head.kid, keys.1.keys.as_slice()) {
            (Some(id), _) => keys.1.find(id),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        let key = key.ok_or_else(|| "令牌所用的公钥不在公钥文件中".to_owned())?;
        check_key_use(key, head.alg)?;
        let key = DecodingKey::from_jwk(key).map_err(|error| format!("公钥不可用：{error}"))?;
        let mut rules = Validation::new(head.alg);
        rules.leeway = LEEWAY;
        rules.validate_nbf = true;
        rules.set_issuer(&[&self.settings.issuer]);
        rules.set_audience(&[&self.settings.audience]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let claims = decode::<Map<String, Value>>(token, &key, &rules).map_err(|error| why(&error))?.claims;
        self.principal(&claims)
    }

    fn principal(&self, claims: &Map<String, Value>) -> Result<Principal, String> {
        let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default().trim();
        if subject.is_empty() {
            return Err("令牌没有 sub，不知是谁".to_owned());
        }
        let name = &self.settings.role_claim;
        let roles: Vec<Role> = match claims.get(name) {
            Some(Value::String(role)) => Role::from_name(role).into_iter().collect(),
            Some(Value::Array(list)) => {
                list.iter().filter_map(Value::as_str).filter_map(Role::from_name).collect()
            }
            _ => Vec::new(),
        };
        let role = match roles.as_slice() {
            [only] => *only,
            [] => return Err(format!("令牌的 `{name}` 没有可用的角色")),
            // Roles are separate on purpose: a person with two roles needs a token for each.
            _ => return Err(format!("令牌的 `{name}` 有多个角色，应只有一个")),
        };
        let name = &self.settings.tenant_claim;
        let tenant = match (name.as_str(), claims.get(name).and_then(Value::as_str)) {
            ("", _) => "",
            (_, Some(tenant)) if !tenant.is_empty() => tenant,
            _ => return Err(format!("令牌没有租户 `{name}`")),
        };
        // The display name from the provider is shown to people and decides nothing.
        let called = ["name", "preferred_username"].iter().find_map(|claim| claims.get(*claim)?.as_str());
        let holder = called.unwrap_or(subject).to_owned();
        Ok(Principal { name: format!("oidc:{subject}"), holder, tenant: tenant.to_owned(), role })
    }
}

fn why(error: &jsonwebtoken::errors::Error) -> String {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::ExpiredSignature => "令牌已过期".to_owned(),
        ErrorKind::ImmatureSignature => "令牌尚未生效".to_owned(),
        ErrorKind::InvalidIssuer => "令牌不是由所配置的身份提供方签发".to_owned(),
        ErrorKind::InvalidAudience => "令牌不是给本服务的".to_owned(),
        ErrorKind::MissingRequiredClaim(claim) => format!("令牌缺少 `{claim}`"),
        _ => "令牌的签名不符".to_owned(),
    }
}

fn read(path: &Path) -> Result<JwkSet, AccessError> {
    let fault = |why: String| AccessError::Keys { path: path.to_owned(), why };
    let text = std::fs::read(path).map_err(|error| fault(error.to_string()))?;
    let keys: JwkSet =
        serde_json::from_slice(&text).map_err(|error| fault(format!("应为 JWK Set（JSON）：{error}")))?;
    if keys.keys.is_empty() {
        return Err(fault("其中没有公钥".to_owned()));
    }
    Ok(keys)
}

fn changed(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|meta| meta.modified()).ok()
}
