//! Tokens of an identity provider: valid ones, and every kind of invalid one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::asking;

use asking::{Service, settings};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};
use zhaoren_engine::{Principal, Tenant, now};

struct Provider {
    keys: Value,
}

impl Provider {
    fn new() -> Self {
        Self { keys: serde_json::from_str(include_str!("oidc/keys.json")).unwrap() }
    }

    /// Token of these claims, signed by the private key `kid`.
    fn sign(&self, kid: &str, claims: &Value) -> String {
        let algorithm = match kid {
            "ec" => "ES256",
            "ed" => "EdDSA",
            _ => "RS256",
        };
        self.sign_as(kid, (algorithm, kid), claims)
    }

    /// Token signed by the private key `kid`, with another algorithm and key in its header.
    fn sign_as(&self, kid: &str, (algorithm, named): (&str, &str), claims: &Value) -> String {
        let der = STANDARD.decode(self.keys["private"][kid].as_str().unwrap()).unwrap();
        let random = SystemRandom::new();
        token(algorithm, named, claims, |text| match kid {
            "ec" => {
                let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der, &random).unwrap();
                key.sign(&random, text).unwrap().as_ref().to_vec()
            }
            "ed" => Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).unwrap().sign(text).as_ref().to_vec(),
            _ => {
                let key = RsaKeyPair::from_der(&der).unwrap();
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature).unwrap();
                signature
            }
        })
    }
}

/// Token in its compact form (RFC 7515 §7.1).
fn token(algorithm: &str, kid: &str, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let header = json!({"typ": "JWT", "alg": algorithm, "kid": kid});
    let [header, claims] = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let text = format!("{header}.{claims}");
    let signature = URL_SAFE_NO_PAD.encode(sign(text.as_bytes()));
    format!("{text}.{signature}")
}

fn claims(change: &Value) -> Value {
    let mut claims = json!({
        "iss": "https://id.example.cn", "aud": "zhaoren", "sub": "u1", "exp": now().0 / 1000 + 300,
        "role": "caseworker", "tenant": "310104",
    });
    for (key, value) in change.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(key),
            value => claims.as_object_mut().unwrap().insert(key.clone(), value.clone()),
        };
    }
    claims
}

fn service(provider: &Provider, more: &[(&str, &str)]) -> Service {
    let (folder, engine) = Service::filled();
    let jwks = folder.path().join("jwks.json");
    std::fs::write(&jwks, provider.keys["jwks"].to_string()).unwrap();
    let tenant = Tenant {
        id: "310104".to_owned(),
        name: "徐汇".to_owned(),
        level: "district".to_owned(),
        parent: String::new(),
    };
    engine.records().put_tenant(&Principal::local().write_context(now()), &tenant).unwrap();
    let path = jwks.display().to_string();
    let set = [&[("oidc.issuer", "https://id.example.cn"), ("oidc.jwks", path.as_str())], more].concat();
    Service::over(folder, engine, settings(&set))
}

fn ask(service: &Service, path: &str, token: &str) -> (u16, String) {
    let method = if path.starts_with("/v1/import") { "POST" } else { "GET" };
    let answer = service.send(method, path, &[("authorization", &format!("Bearer {token}"))], "");
    (answer.status, answer.text())
}

#[test]
fn tokens_grant_the_role_of_their_claims() {
    let provider = Provider::new();
    let service = service(&provider, &[]);
    for kid in ["ec", "ed", "rsa"] {
        let token = provider.sign(kid, &claims(&json!({})));
        assert_eq!(ask(&service, "/v1/facts", &token).0, 200, "{kid}");
        let (status, text) = ask(&service, "/v1/import", &token);
        assert!(status == 403 && text.contains("帮办人员"), "{kid}: {text}");
    }
    let many =
        provider.sign("ed", &claims(&json!({"aud": ["other", "zhaoren"], "role": ["x", "administrator"]})));
    assert_eq!(ask(&service, "/v1/index", &many).0, 200);
    assert_eq!(service.get("/v1/facts").status, 401);
    assert_eq!(service.get("/healthz").status, 200);
}

#[test]
fn invalid_tokens_are_refused() {
    let provider = Provider::new();
    let service = service(&provider, &[]);
    let past = now().0 / 1000 - 3600;
    for (change, says) in [
        (json!({"exp": past}), "过期"),
        (json!({"exp": null}), "exp"),
        (json!({"nbf": past + 7200}), "尚未生效"),
        (json!({"iss": "https://evil.example"}), "身份提供方"),
        (json!({"iss": null}), "iss"),
        (json!({"aud": "other"}), "不是给本服务"),
        (json!({"aud": null}), "aud"),
        (json!({"sub": null}), "sub"),
        (json!({"role": null}), "角色"),
        (json!({"role": "root"}), "角色"),
        (json!({"role": ["caseworker", "administrator"]}), "多个角色"),
        (json!({"tenant": null}), "租户"),
        (json!({"tenant": ""}), "租户"),
        (json!({"tenant": "999999"}), "没有租户"),
    ] {
        let (status, text) = ask(&service, "/v1/facts", &provider.sign("ed", &claims(&change)));
        assert!(status == 401 && text.contains(says), "{change}: {status} {text}");
    }
    let good = provider.sign("ed", &claims(&json!({})));
    let parts: Vec<&str> = good.split('.').collect();
    // No signature, another's signature, other content, an unknown key, and shared secrets made of public keys.
    let other = provider.sign("ed", &claims(&json!({"role": "administrator"})));
    let stolen = format!("{}.{}.{}", parts[0], other.split('.').nth(1).unwrap(), parts[2]);
    let none = "eyJhbGciOiJub25lIn0";
    let public = provider.keys["jwks"]["keys"][2]["n"].as_str().unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, public.as_bytes());
    let shared = token("HS256", "rsa", &claims(&json!({})), |text| hmac::sign(&key, text).as_ref().to_vec());
    let strange = provider.sign_as("ed", ("EdDSA", "unknown"), &claims(&json!({})));
    for token in [
        format!("{}.{}.", parts[0], parts[1]),
        stolen,
        format!("{none}.{}.", parts[1]),
        shared,
        strange,
        "a.b.c".to_owned(),
    ] {
        let (status, text) = ask(&service, "/v1/facts", &token);
        assert_eq!(status, 401, "{token}: {text}");
    }
    assert_eq!(ask(&service, "/v1/facts", &good).0, 200);
}

/// Keys that name no algorithm: a token still verifies only with the algorithm that made its signature.
#[test]
fn signatures_of_another_algorithm_verify_no_token() {
    let mut provider = Provider::new();
    for key in provider.keys["jwks"]["keys"].as_array_mut().unwrap() {
        key.as_object_mut().unwrap().remove("alg");
        // A leading zero, as some providers write it.
        if let Some(n) = key["n"].as_str().map(|n| [vec![0], URL_SAFE_NO_PAD.decode(n).unwrap()].concat()) {
            key["n"] = URL_SAFE_NO_PAD.encode(n).into();
        }
    }
    let service = service(&provider, &[]);
    for (kid, own) in [("ec", "ES256"), ("ed", "EdDSA"), ("rsa", "RS256")] {
        for algorithm in ["ES256", "ES384", "EdDSA", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
            for named in ["ec", "ed", "rsa"] {
                let token = provider.sign_as(kid, (algorithm, named), &claims(&json!({})));
                let expected = if (algorithm, named) == (own, kid) { 200 } else { 401 };
                let (status, text) = ask(&service, "/v1/facts", &token);
                assert_eq!(status, expected, "{kid} as {algorithm} of {named}: {text}");
            }
        }
    }
}

/// A key for another use or algorithm, an unknown critical header, a blank subject.
#[test]
fn keys_for_other_uses_verify_no_token() {
    let ask_with = |change: &Value| {
        let mut provider = Provider::new();
        for key in provider.keys["jwks"]["keys"].as_array_mut().unwrap() {
            for (name, value) in change.as_object().unwrap() {
                key[name.as_str()] = value.clone();
            }
        }
        let service = service(&provider, &[]);
        ask(&service, "/v1/facts", &provider.sign("rsa", &claims(&json!({}))))
    };
    assert_eq!(ask_with(&json!({"use": "sig", "alg": "RS256", "key_ops": ["verify"]})).0, 200);
    for (change, says) in [
        (json!({"use": "enc"}), "use"),
        (json!({"alg": "PS256"}), "PS256"),
        (json!({"key_ops": ["encrypt"]}), "key_ops"),
    ] {
        let (status, text) = ask_with(&change);
        assert!(status == 401 && text.contains(says), "{change}: {status} {text}");
    }
    let provider = Provider::new();
    let service = service(&provider, &[]);
    for subject in ["", "  "] {
        let token = provider.sign("ed", &claims(&json!({"sub": subject})));
        let (status, text) = ask(&service, "/v1/facts", &token);
        assert!(status == 401 && text.contains("sub"), "{subject:?}: {status} {text}");
    }
    // A header with `crit` is refused before its signature is checked.
    let good = provider.sign("ed", &claims(&json!({})));
    let rest = good.split_once('.').unwrap().1;
    let header =
        URL_SAFE_NO_PAD.encode(json!({"alg": "EdDSA", "kid": "ed", "crit": ["x"], "x": 1}).to_string());
    let (status, text) = ask(&service, "/v1/facts", &format!("{header}.{rest}"));
    assert!(status == 401 && text.contains("crit"), "{status} {text}");
}

#[test]
fn tenant_claim_is_optional_without_tenants() {
    let provider = Provider::new();
    let service = service(&provider, &[("oidc.tenant_claim", "")]);
    assert_eq!(ask(&service, "/v1/facts", &provider.sign("ed", &claims(&json!({"tenant": null})))).0, 200);
}
