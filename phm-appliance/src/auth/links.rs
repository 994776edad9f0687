//! Links that prove something once: that a mailbox is one's own, or that one may choose a new password.
//!
//! A link carries a random secret behind `#`, so that it reaches no log; the vault keeps its hash until it is used, is
//! too old, or the password was changed after it was made.

use std::time::Duration;

use phm_core::access::AccountId;
use phm_core::id::ProfileId;
use phm_core::time::Instant;
use phm_core::vault::Vault;
use serde::{Deserialize, Serialize};

use super::invitation;

/// How long a link to verify an address is good for.
pub const VERIFY_LIFETIME: Duration = Duration::from_hours(3 * 24);

/// How long a link by mail to choose a new password is good for.
pub const RESET_LIFETIME: Duration = Duration::from_mins(30);

/// How long such a link from the administrator is good for, who hands it over by hand.
pub const HANDED_LIFETIME: Duration = Duration::from_hours(24);

const FORMAT: u8 = 1;

/// What a link proves.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// The address the link was sent to is the account's own.
    Verify,
    /// The account's holder wants this address, to which the link was sent, to be the account's.
    Email {
        /// The new address.
        to: String,
    },
    /// Its holder may choose a new password.
    Reset {
        /// Whether that also takes the second factors away, for who lost them too.
        forgets_factors: bool,
        /// Whether it went by mail, and so proves the address as well.
        by_mail: bool,
    },
    /// The account's holder, who may not be able to sign in, refuses that a person's records are handed over.
    Refuse {
        /// Whose records.
        profile: ProfileId,
    },
}

/// A link as it is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Link {
    format: u8,
    /// Whose it is.
    pub account: AccountId,
    /// What it proves.
    pub purpose: Purpose,
    /// When it was made.
    pub made_at: Instant,
    /// Until when it is good.
    pub expires: Instant,
}

/// Makes a link and gives its secret.
pub fn make(
    vault: &Vault,
    account: AccountId,
    purpose: Purpose,
    lifetime: Duration,
    now: Instant,
) -> phm_core::Result<(String, Instant)> {
    let secret = invitation::secret();
    let expires = now.plus_millis(i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX));
    let link = Link { format: FORMAT, account, purpose, made_at: now, expires };
    vault.put_state(ProfileId::SYSTEM, &row(&secret), &link, Some(expires))?;
    Ok((secret, expires))
}

/// The link a secret belongs to, without using it up.
pub fn look(vault: &Vault, secret: &str, now: Instant) -> phm_core::Result<Option<Link>> {
    let link: Option<Link> = vault.state(ProfileId::SYSTEM, &row(secret))?;
    Ok(link.filter(|link| link.format == FORMAT && now < link.expires))
}

/// The link a secret belongs to; it is used up.
pub fn take(vault: &Vault, secret: &str, now: Instant) -> phm_core::Result<Option<Link>> {
    let link: Option<Link> = vault.update_state(ProfileId::SYSTEM, &row(secret), |found| Ok((None, found)))?;
    Ok(link.filter(|link| link.format == FORMAT && now < link.expires))
}

fn row(secret: &str) -> String {
    format!("link/{}", invitation::digest(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_stays_as_it_is() {
        let link = Link {
            format: FORMAT,
            account: "6f9619ff-8b86-4011-b42d-00c04fc964ff".parse().expect("an id"),
            purpose: Purpose::Reset { forgets_factors: false, by_mail: true },
            made_at: Instant::from_millis(0),
            expires: Instant::from_millis(1_800_000),
        };
        insta::assert_snapshot!(serde_json::to_string(&link).expect("JSON"), @r#"{"format":1,"account":"6f9619ff-8b86-4011-b42d-00c04fc964ff","purpose":{"reset":{"forgets_factors":false,"by_mail":true}},"made_at":"1970-01-01T00:00:00.000Z","expires":"1970-01-01T00:30:00.000Z"}"#);
    }
}
