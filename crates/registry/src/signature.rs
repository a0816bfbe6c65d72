//! The key of an installation, with which it signs the lines of its audit and the receipts that it issues: Ed25519.
//!
//! Whoever can write to the database can make up a chain of lines that fits itself; without this key it is not signed.

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::digest::{bytes_of, hexadecimal};
use crate::error::RegistryError;

/// What is signed of a line begins with this, so that its signature is never taken for one of something else.
const LINE: &str = "zhaoren-audit-line/1";

/// A key that signs.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// Makes a new key; gives it as the text that it is kept as.
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub fn generate() -> Result<String, RegistryError> {
        let document =
            Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| RegistryError::Random)?;
        Ok(hexadecimal(document.as_ref()))
    }

    /// Reads a key as it is kept; `None` where the text is none.
    pub fn read(text: &str) -> Option<Self> {
        Ed25519KeyPair::from_pkcs8(&bytes_of(text.trim())?).ok().map(Self)
    }

    /// Its public half, as 64 hexadecimal digits: with it, what was signed is verified.
    pub fn public(&self) -> String {
        hexadecimal(self.0.public_key().as_ref())
    }

    /// Signs a text of a kind; a signature holds only for the same kind.
    pub fn sign(&self, kind: &str, text: &str) -> String {
        hexadecimal(self.0.sign(framed(kind, text).as_bytes()).as_ref())
    }

    pub(crate) fn sign_line(&self, digest: &str) -> String {
        self.sign(LINE, digest)
    }
}

impl fmt::Debug for SigningKey {
    /// Without the secret half.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.public()).finish()
    }
}

/// Whether `signature` is the one that the key with this public half makes of a text of a kind.
pub fn is_signed(public: &str, kind: &str, text: &str, signature: &str) -> bool {
    let (Some(public), Some(signature)) = (bytes_of(public), bytes_of(signature)) else { return false };
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
    fn a_signature_holds_for_one_key_kind_and_text() {
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
