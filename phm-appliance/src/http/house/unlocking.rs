//! A locked house, and the way to open it: one attempt at a time, where nobody can listen, and mistakes cost time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{MutexGuard, PoisonError};

use phm_core::ErrorKind;
use phm_core::crypto::secret::Secret;
use phm_core::vault::Vault;

use super::House;
use crate::auth::lockout::Attempts;
use crate::http::context::Client;
use crate::http::problem::Problem;

/// Addresses whose wrong attempts to unlock are remembered before all are forgotten.
const REMEMBERED: usize = 10_000;

impl House {
    /// Whether a vault exists that nobody has unlocked yet.
    pub fn is_locked(&self) -> bool {
        self.vault.read().unwrap_or_else(PoisonError::into_inner).is_none() && self.has_vault()
    }

    /// Opens the locked vault; blocks for as long as the passphrase takes to check.
    ///
    /// # Errors
    /// 403 `https-needed` where others could listen; 401 `wrong-secret`; 429 after too many wrong ones.
    pub fn unlock(&self, secret: &Secret, client: Client) -> Result<(), Problem> {
        if !self.is_locked() {
            return Ok(());
        }
        client.must_be_private()?;
        let _one_at_a_time = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_locked() {
            return Ok(());
        }
        let wait = self.wrong_secrets().get(&client.place()).and_then(|attempts| attempts.wait(self.clock.now()));
        if let Some(wait) = wait {
            return Err(Problem::too_many(wait));
        }
        match Vault::open(&self.settings.data_dir, secret, self.options()) {
            Ok(vault) => {
                crate::whereabouts::remember(&vault);
                self.wrong_secrets().clear();
                self.move_in(vault)
            }
            Err(error) => {
                if error.kind() == ErrorKind::WrongSecret {
                    let mut wrong = self.wrong_secrets();
                    if wrong.len() >= REMEMBERED {
                        wrong.clear();
                    }
                    wrong.entry(client.place()).or_default().fail(self.clock.now());
                    tracing::warn!(from = %client.address, "a wrong secret was tried on the locked vault");
                }
                Err(error.into())
            }
        }
    }

    fn wrong_secrets(&self) -> MutexGuard<'_, HashMap<IpAddr, Attempts>> {
        self.wrong_secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
