//! The second factors of an account, as they are kept.
//!
//! They are state of the vault: sealed, replaced in place, without history, so that a removed secret is gone.

use phm_core::access::AccountId;
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;
use phm_core::vault::Vault;
use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::Passkey;

/// The form of the row.
const FORMAT: u8 = 1;

/// Everything an account proves itself with, beside its password.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Factors {
    format: u8,
    /// The authenticator app in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<App>,
    /// The secret shown to somebody who is setting an app up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<Vec<u8>>,
    /// What is kept of the recovery codes not used yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recovery: Vec<String>,
    /// Passkeys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passkeys: Vec<KeptPasskey>,
}

/// An authenticator app.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct App {
    /// What it shares with us.
    pub secret: Vec<u8>,
    /// The newest step a code was taken of; no earlier one is taken again.
    pub last_step: u64,
}

/// A passkey.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct KeptPasskey {
    /// Its id in lists.
    pub id: RecordId,
    /// What its owner calls it.
    pub name: String,
    /// The name of this house it was made for; it works under no other.
    pub host: String,
    /// When it was made.
    pub made_at: Instant,
    /// When it was last used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Instant>,
    /// The key itself.
    pub key: Passkey,
}

impl Default for Factors {
    fn default() -> Self {
        Self { format: FORMAT, app: None, offered: None, recovery: Vec::new(), passkeys: Vec::new() }
    }
}

impl Factors {
    /// Those of an account.
    pub fn of(vault: &Vault, account: AccountId) -> phm_core::Result<Self> {
        let kept: Option<Self> = vault.state(ProfileId::SYSTEM, &row(account))?;
        match kept {
            Some(kept) if kept.format > FORMAT => {
                Err(phm_core::Error::corrupt("second factors were written by a newer PHM; update PHM"))
            }
            kept => Ok(kept.unwrap_or_default()),
        }
    }

    /// Changes those of an account; nobody else changes them meanwhile, and an error changes nothing.
    pub fn change<R>(
        vault: &Vault,
        account: AccountId,
        change: impl FnOnce(&mut Self) -> phm_core::Result<R>,
    ) -> phm_core::Result<R> {
        vault.update_state(ProfileId::SYSTEM, &row(account), |kept: Option<Self>| {
            let mut factors = kept.unwrap_or_default();
            let answer = change(&mut factors)?;
            Ok(((!factors.is_empty()).then_some((factors, None)), answer))
        })
    }

    /// Forgets all of them: the account is back to its password alone.
    pub fn forget(vault: &Vault, account: AccountId) -> phm_core::Result<()> {
        vault.delete_state(ProfileId::SYSTEM, &row(account))
    }

    /// Whether a password alone does not let in.
    pub fn are_needed(&self) -> bool {
        self.app.is_some() || !self.passkeys.is_empty()
    }

    /// The passkeys made for one name of this house.
    pub fn passkeys_for(&self, host: &str) -> Vec<Passkey> {
        self.passkeys.iter().filter(|kept| kept.host == host).map(|kept| kept.key.clone()).collect()
    }

    fn is_empty(&self) -> bool {
        !self.are_needed() && self.offered.is_none() && self.recovery.is_empty()
    }
}

fn row(account: AccountId) -> String {
    format!("factors/{account}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_stays_as_it_is() {
        let factors = Factors {
            app: Some(App { secret: vec![1, 2, 3], last_step: 58_000_000 }),
            recovery: vec!["ab12".to_owned()],
            ..Factors::default()
        };
        let stored = serde_json::to_string(&factors).expect("JSON");
        insta::assert_snapshot!(stored, @r#"{"format":1,"app":{"secret":[1,2,3],"last_step":58000000},"recovery":["ab12"]}"#);
        let read: Factors = serde_json::from_str(&stored).expect("its own form");
        assert!(read.are_needed() && read.passkeys_for("localhost").is_empty());
    }
}
