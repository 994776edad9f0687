//! Letters with which a family refuses that an administrator hands a person's records over.
//!
//! Whoever kept the records may not be able to sign in any more, so each letter has a link of its reader's own.

use std::time::Duration;

use phm_core::ErrorKind;
use phm_core::access::Actor;
use phm_core::id::ProfileId;
use phm_core::time::Instant;

use super::Desk;
use super::recover::link_invalid;
use crate::auth::links::{self, Purpose};
use crate::http::Problem;
use crate::i18n::Locale;
use crate::notify::letters;

/// How long such a link is good: somewhat longer than the records wait.
const REFUSE_LIFETIME: Duration = Duration::from_hours(14 * 24);

impl Desk {
    /// Tells everybody who is something to a person that the person's records are to be handed over, and how they refuse it.
    /// Answers when it can be done without anybody's agreement, which begins with these letters; none where none has left.
    pub fn ask_the_family(&self, profile: ProfileId, t: &Locale) -> Result<Option<Instant>, Problem> {
        let gate = self.vault.session(Actor::Gate, "a letter")?;
        let family = gate.whom_to_ask_of_hand_over(profile)?;
        if !self.mailer.is_on() || family.is_empty() {
            return Ok(None);
        }
        let mut has_left = false;
        for (account, email) in family {
            let purpose = Purpose::Refuse { profile };
            let (secret, _) = links::make(&self.vault, account, purpose, REFUSE_LIFETIME, self.now())?;
            let t = self.language_of(account, t)?;
            has_left |=
                self.mailer.send_now(letters::handing(&t, &email, &self.page(&format!("/refuse#token={secret}"))));
        }
        if has_left { Ok(gate.heard_of_hand_over(profile)?) } else { Ok(None) }
    }

    /// Refuses that a person's records are handed over, by the link of a letter; whether its reader can sign in does not
    /// matter.
    ///
    /// # Errors
    /// 403 `link-invalid` when it is used up, too old or none; 409 `nothing-asked` when it was done or is off.
    pub fn refuse_hand_over(&self, secret: &str) -> Result<(), Problem> {
        let now = self.now();
        let link = links::look(&self.vault, secret, now)?.ok_or_else(link_invalid)?;
        let Purpose::Refuse { profile } = link.purpose else { return Err(link_invalid()) };
        let gate = self.vault.session(Actor::Gate, "a letter")?;
        match gate.refuse_hand_over_for(profile, link.account) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(link_invalid()),
            other => other?,
        }
        links::take(&self.vault, secret, now)?;
        Ok(())
    }
}
