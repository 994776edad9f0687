//! What leaves for somebody with a link: compact JWE under a key of its own (RFC 7516, `dir` and `A256GCM`).
//!
//! The form is that of SMART Health Links, so that other programs open it too. Each key seals once, so that a random
//! nonce of 96 bits is more than enough; it is there because the form wants one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::aead::{Cipher, Suite};
use super::random;

/// The protected header; what it says about the content is what FHIR calls its JSON.
const HEADER: &str = r#"{"alg":"dir","enc":"A256GCM","cty":"application/fhir+json"}"#;

/// The key of one link: it stands in the link's fragment and nowhere else.
pub struct LinkKey(Zeroizing<[u8; 32]>);

impl LinkKey {
    /// A key nobody has.
    pub fn new() -> Self {
        Self(Zeroizing::new(random()))
    }

    /// The key as the fragment of a link carries it.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(&self.0[..]))
    }

    /// `BASE64URL(header)..BASE64URL(nonce).BASE64URL(seal[key, nonce](body)).BASE64URL(tag)`, bound to the header.
    pub fn seal(self, body: &[u8]) -> String {
        sealed(&self.0, random(), body)
    }
}

impl Default for LinkKey {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkKey(..)")
    }
}

fn sealed(key: &[u8; 32], nonce: [u8; 12], body: &[u8]) -> String {
    let header = URL_SAFE_NO_PAD.encode(HEADER);
    let mut text = body.to_vec();
    let tag = Cipher::new(Suite::Aes256Gcm, key).seal(nonce, header.as_bytes(), &mut text);
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    // The second part is the encrypted key, of which `dir` has none.
    [header, String::new(), part(&nonce), part(&text), part(&tag)].join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(key: &[u8; 32], token: &str) -> Option<Vec<u8>> {
        let parts: Vec<&str> = token.split('.').collect();
        let decoded = |at: usize| URL_SAFE_NO_PAD.decode(parts.get(at)?).ok();
        let nonce: [u8; 12] = decoded(2)?.try_into().ok()?;
        let mut body = [decoded(3)?, decoded(4)?].concat();
        let cipher = Cipher::new(Suite::Aes256Gcm, key);
        cipher.open(nonce, parts[0].as_bytes(), &mut body).map(|body| body.to_vec())
    }

    #[test]
    fn a_sealed_body_has_the_compact_form_and_opens_with_the_key_alone() {
        let token = sealed(&[7; 32], [9; 12], b"{}");
        insta::assert_snapshot!(token.split('.').next().expect("a header"), @"eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwiY3R5IjoiYXBwbGljYXRpb24vZmhpcitqc29uIn0");
        assert_eq!((token.split('.').count(), token.split('.').nth(1)), (5, Some("")));
        assert_eq!(opened(&[7; 32], &token).as_deref(), Some(b"{}".as_slice()));
        assert_eq!(opened(&[8; 32], &token), None);
        // The header is bound: another one opens nothing.
        let other = token.replacen("eyJ", "eyK", 1);
        assert_eq!(opened(&[7; 32], &other), None);
    }

    #[test]
    fn no_two_links_have_the_same_key() {
        assert_ne!(*LinkKey::new().text(), *LinkKey::new().text());
        assert_eq!(LinkKey::new().text().len(), 43);
        assert_eq!(format!("{:?}", LinkKey::new()), "LinkKey(..)");
    }
}
