//! The links by which a reminder is answered from outside: a random secret, good once and for as long as the reminder asks.
//!
//! The vault holds what the secret leads to under a digest of it. Looking at a link changes nothing, so that whatever previews it
//! answers nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use phm_core::access::{AccountId, GrantId};
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;
use phm_core::vault::Vault;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::board::Place;

const FORMAT: u8 = 1;

/// What an answer link leads to.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Link {
    format: u8,
    /// About whom.
    pub profile: ProfileId,
    /// Who was reminded.
    pub account: AccountId,
    /// The standing grant under which the answer is recorded.
    pub grant: GrantId,
    /// The reminder.
    pub notice: RecordId,
}

impl Link {
    /// Where the reminder stands.
    pub fn place(&self) -> Place {
        Place { profile: self.profile, account: self.account }
    }
}

/// Makes the link of a reminder; answers its secret.
pub fn make(vault: &Vault, place: Place, grant: GrantId, notice: RecordId, until: Instant) -> phm_core::Result<String> {
    let secret = URL_SAFE_NO_PAD.encode(phm_core::crypto::random::<32>());
    let link = Link { format: FORMAT, profile: place.profile, account: place.account, grant, notice };
    vault.put_state(ProfileId::SYSTEM, &row(&secret), &link, Some(until))?;
    Ok(secret)
}

/// What a secret leads to, while it is good.
pub fn look(vault: &Vault, secret: &str) -> phm_core::Result<Option<Link>> {
    let link: Option<Link> = vault.state(ProfileId::SYSTEM, &row(secret))?;
    Ok(link.filter(|link| link.format == FORMAT))
}

/// Uses a secret up.
pub fn end(vault: &Vault, secret: &str) -> phm_core::Result<()> {
    vault.delete_state(ProfileId::SYSTEM, &row(secret))
}

fn row(secret: &str) -> String {
    format!("reminder answer/{}", URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_stays_as_it_is() {
        let id = RecordId::from_bytes([1; 16]);
        let link = Link { format: FORMAT, profile: ProfileId::from_bytes([2; 16]), account: id, grant: id, notice: id };
        let stored = serde_json::to_string(&link).expect("JSON");
        insta::assert_snapshot!(stored, @r#"{"format":1,"profile":"02020202-0202-0202-0202-020202020202","account":"01010101-0101-0101-0101-010101010101","grant":"01010101-0101-0101-0101-010101010101","notice":"01010101-0101-0101-0101-010101010101"}"#);
        assert!(!row("secret").contains("secret"));
    }
}
