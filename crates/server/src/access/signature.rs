//! Signature verification of tokens with `ring`, which the program's TLS uses as well.
//!
//! `jsonwebtoken` takes its cryptography from a provider. This one verifies the nine algorithms of [`ALGORITHMS`] and
//! does nothing else: it signs nothing, and knows no shared secrets.

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{Error as SignatureError, Verifier as SignatureVerifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};

/// Accepted algorithms: all with a private key. RSA keys have 2,048 bits or more.
pub(super) const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: no_signer,
    verifier_factory: verifier,
    // Used for thumbprints and keys made from private keys only; this crate makes neither.
    key_utils: KeyUtils::new_unimplemented(),
};

/// Installs the provider for this process; calls after the first one change nothing.
pub(super) fn install_provider() {
    let _ = PROVIDER.install_default();
}

/// A verification algorithm of `ring` with the form of its keys.
#[derive(Clone, Copy)]
enum Method {
    /// Key as modulus and exponent.
    Rsa(&'static RsaParameters),
    /// Key as the bytes of a point.
    Point(&'static dyn VerificationAlgorithm),
}

/// The algorithm of `ring` for one of JWT; none for shared secrets.
fn method(algorithm: Algorithm) -> Option<Method> {
    Some(match algorithm {
        Algorithm::RS256 => Method::Rsa(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Method::Rsa(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Method::Rsa(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Method::Rsa(&RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Method::Rsa(&RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Method::Rsa(&RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => Method::Point(&ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Method::Point(&ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => Method::Point(&ED25519),
        _ => return None,
    })
}

/// Verifier of signatures by one public key.
struct Verifier {
    algorithm: Algorithm,
    method: Method,
    key: DecodingKey,
}

impl SignatureVerifier<Vec<u8>> for Verifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        let verified = match (self.method, self.key.kind()) {
            (Method::Rsa(parameters), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                let key = RsaPublicKeyComponents { n: unpadded(n), e: unpadded(e) };
                key.verify(parameters, message, signature)
            }
            (Method::Point(algorithm), DecodingKeyKind::SecretOrDer(point)) => {
                UnparsedPublicKey::new(algorithm, point).verify(message, signature)
            }
            _ => return Err(SignatureError::new()),
        };
        verified.map_err(|_| SignatureError::new())
    }
}

/// An unsigned integer without leading zeros: some providers write them, and `ring` refuses them.
fn unpadded(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

impl JwtVerifier for Verifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// Verifier of an algorithm with a key.
///
/// # Errors
/// The algorithm uses shared secrets, or the key belongs to another family of algorithms.
fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    let method = method(*algorithm).ok_or(ErrorKind::InvalidAlgorithm)?;
    if !key.family().algorithms().contains(algorithm) {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    Ok(Box::new(Verifier { algorithm: *algorithm, method, key: key.clone() }))
}

/// Refuses to sign: this program issues no tokens.
fn no_signer(_: &Algorithm, _: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    Err(ErrorKind::InvalidAlgorithm.into())
}
