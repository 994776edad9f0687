//! How an account stands with the house, apart from who it is: whether its address is proven, when its password changed.

use phm_core::access::AccountId;
use phm_core::id::ProfileId;
use phm_core::time::Instant;
use phm_core::vault::Vault;
use serde::{Deserialize, Serialize};

const FORMAT: u8 = 1;

/// How an account stands.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Standing {
    format: u8,
    /// When its holder showed that the address is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<Instant>,
    /// Whether its holder gave the address themselves, so that it may be somebody else's until it is proven.
    #[serde(default)]
    pub claimed: bool,
    /// Whether it may not sign in before that.
    #[serde(default)]
    pub must_verify: bool,
    /// When its password was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_changed_at: Option<Instant>,
    /// When its address was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_changed_at: Option<Instant>,
    /// The language its holder is written to in, by its tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Who it is at an identity provider: issuer and subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<(String, String)>,
    /// Whether its holder wants no sign-in by an identity provider, whatever address that vouches for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere_refused: bool,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            format: FORMAT,
            verified_at: None,
            claimed: false,
            must_verify: false,
            password_changed_at: None,
            email_changed_at: None,
            language: None,
            elsewhere: None,
            elsewhere_refused: false,
        }
    }
}

impl Standing {
    /// That of an account; one the operator made has nothing to show.
    pub fn of(vault: &Vault, account: AccountId) -> phm_core::Result<Self> {
        let kept: Option<Self> = vault.state(ProfileId::SYSTEM, &row(account))?;
        match kept {
            Some(kept) if kept.format > FORMAT => {
                Err(phm_core::Error::corrupt("an account was written by a newer PHM; update PHM"))
            }
            kept => Ok(kept.unwrap_or_default()),
        }
    }

    /// Changes it.
    pub fn change(vault: &Vault, account: AccountId, change: impl FnOnce(&mut Self)) -> phm_core::Result<()> {
        vault.update_state(ProfileId::SYSTEM, &row(account), |kept: Option<Self>| {
            let mut standing = kept.unwrap_or_default();
            change(&mut standing);
            Ok((Some((standing, None)), ()))
        })
    }

    /// Whether the address is its holder's: proven, or given by the operator.
    pub fn is_proven(&self) -> bool {
        !self.claimed || self.verified_at.is_some()
    }

    /// Whether a password or a key lets in, as far as the address goes.
    pub fn may_enter(&self) -> bool {
        !self.must_verify || self.verified_at.is_some()
    }
}

fn row(account: AccountId) -> String {
    format!("standing/{account}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_stays_as_it_is() {
        let standing = Standing { claimed: true, must_verify: true, ..Standing::default() };
        insta::assert_snapshot!(serde_json::to_string(&standing).expect("JSON"), @r#"{"format":1,"claimed":true,"must_verify":true}"#);
        assert!(!standing.may_enter() && Standing::default().may_enter());
        assert!(!standing.is_proven() && Standing::default().is_proven());
    }
}
