//! The signing key of an installation (Ed25519), for the lines of its audit and the receipts that it issues.
//!
//! Write access to the database is enough to forge a consistent chain of lines, but not its signature.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::error::RegistryError;

/// Prefix of a line's signed text (domain separation), so that its signature is never valid for anything else.
const LINE: &str = "zhaoren-audit-line/1";

/// A signing key.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Generates a new key; returns its text form for storage.
    ///
    /// # Errors
    /// When the system supplies no random numbers.
    pub fn generate() -> Result<String, RegistryError> {
        let document =
            Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| RegistryError::Random)?;
        Ok(hex::encode(document.as_ref()))
    }

    /// Reads a stored key; `None` if malformed.
    pub fn read(text: &str) -> Option<Self> {
        Ed25519KeyPair::from_pkcs8(&hex::decode(text.trim()).ok()?).ok().map(Self)
    }

    /// Its public key, as 64 hexadecimal digits, for verification.
    pub fn public(&self) -> String {
        hex::encode(self.0.public_key().as_ref())
    }

    /// Signs a text of a kind; a signature is valid only for the same kind.
    pub fn sign(&self, kind: &str, text: &str) -> String {
        hex::encode(self.0.sign(framed(kind, text).as_bytes()).as_ref())
    }

    pub(crate) fn sign_line(&self, digest: &str) -> String {
        self.sign(LINE, digest)
    }
}

impl fmt::Debug for SigningKey {
    /// Omits the secret key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.public()).finish()
    }
}

/// True if `signature` is valid for a text of a kind under this public key.
pub fn is_signed(public: &str, kind: &str, text: &str, signature: &str) -> bool {
    let (Ok(public), Ok(signature)) = (hex::decode(public), hex::decode(signature)) else { return false };
    UnparsedPublicKey::new(&ED25519, public).verify(framed(kind, text).as_bytes(), &signature).is_ok()
}

pub(crate) fn is_line_signed(public: &str, digest: &str, signature: &str) -> bool {
    is_signed(public, LINE, digest, signature)
}

fn framed(kind: &str, text: &str) -> String {
    format!("{kind}\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_bound_to_key_kind_and_text() {
        let key = SigningKey::read(&SigningKey::generate().unwrap()).unwrap();
        let other = SigningKey::read(&SigningKey::generate().unwrap()).unwrap();
        let signature = key.sign("kind", "text");
        assert!(is_signed(&key.public(), "kind", "text", &signature));
        assert!(!is_signed(&other.public(), "kind", "text", &signature));
        assert!(!is_signed(&key.public(), "other", "text", &signature));
        assert!(!is_signed(&key.public(), "kind", "texts", &signature));
        for broken in ["", "zz", "00", "äö"] {
            assert!(!is_signed(&key.public(), "kind", "text", broken));
            assert!(SigningKey::read(broken).is_none());
        }
    }
}
