//! Keys of certificates: ECDSA on P-256, which whoever speaks TLS understands.
//!
//! No vault holds one and none opens anything. They are made here because this is where randomness is taken, and are
//! handed out as bytes, for they are used by what speaks TLS.

use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use zeroize::Zeroizing;

use super::source;

/// A fresh key on P-256 (FIPS 186-5) with its public half, as PKCS#8 (RFC 5208) in DER.
pub fn certificate_key() -> Zeroizing<Vec<u8>> {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &source());
    Zeroizing::new(made.expect("the operating system provides randomness").as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_ASN1, KeyPair as _, UnparsedPublicKey};

    use super::*;

    fn pair(key: &[u8]) -> EcdsaKeyPair {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key, &source()).expect("a key on P-256")
    }

    #[test]
    fn a_key_of_a_certificate_signs_and_no_other_is_the_same() {
        let (one, other) = (pair(&certificate_key()), pair(&certificate_key()));
        let signature = one.sign(&source(), b"a certificate").expect("signed");
        let verifies = |by: &EcdsaKeyPair, message: &[u8]| {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, by.public_key()).verify(message, signature.as_ref()).is_ok()
        };
        assert!(verifies(&one, b"a certificate"));
        assert!(!verifies(&one, b"another") && !verifies(&other, b"a certificate"));
    }
}
