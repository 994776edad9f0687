//! Tokens that open one door once: the set-up link and invitations to register.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// How long a set-up link is good for.
pub const SETUP_LIFETIME: Duration = Duration::from_mins(30);

/// The token of the set-up link; lives in memory only.
pub struct SetupToken {
    text: String,
    made: Instant,
}

impl Default for SetupToken {
    fn default() -> Self {
        Self::new()
    }
}

impl SetupToken {
    /// A new one.
    pub fn new() -> Self {
        Self { text: secret(), made: Instant::now() }
    }

    /// What stands in the link.
    pub fn text(&self) -> String {
        self.text.clone()
    }

    /// Whether `shown` is this token, in time.
    pub fn is(&self, shown: &str) -> bool {
        digest(shown) == digest(&self.text) && self.made.elapsed() < SETUP_LIFETIME
    }
}

/// A random secret as text.
pub fn secret() -> String {
    URL_SAFE_NO_PAD.encode(phm_core::crypto::random::<24>())
}

/// What is kept of a secret, and what secrets are compared by: a guess cannot steer it.
pub fn digest(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::new().chain_update(b"phm invitation").chain_update(secret).finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setup_token_is_itself_and_nothing_else() {
        let token = SetupToken::new();
        assert!(token.is(&token.text()));
        assert!(!token.is("") && !token.is(&secret()));
        let old = SetupToken { made: Instant::now().checked_sub(SETUP_LIFETIME).expect("a while ago"), ..token };
        assert!(!old.is(&old.text()));
    }
}
