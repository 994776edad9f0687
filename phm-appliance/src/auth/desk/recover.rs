//! Changing a password, and coming back when it is forgotten.

use std::time::Duration;

use phm_core::access::AccountId;
use phm_core::crypto::digest;
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;
use poem::http::StatusCode;

use super::Desk;
use super::address::is_older;
use crate::auth::accounts;
use crate::auth::factors::Factors;
use crate::auth::links::{self, Purpose};
use crate::auth::standing::Standing;
use crate::http::Problem;
use crate::i18n::Locale;
use crate::notify::{Letter, letters};

/// Letters an hour that anybody can ask for, to one address.
const LETTERS_PER_HOUR: usize = 3;

/// In milliseconds.
const HOUR: i64 = 60 * 60 * 1000;

impl Desk {
    /// Sends a letter to choose a new password, where there is an account; answers alike in any case, and whoever calls
    /// sees to it that the time tells nothing either.
    pub fn forgot(&self, email: &str, t: &Locale) -> Result<(), Problem> {
        if !self.mailer.is_on() {
            return Ok(());
        }
        let account = self.holder_of(email)?.map(|id| accounts::find(&self.vault, id)).transpose()?.flatten();
        let Some(account) = account else { return Ok(()) };
        if !self.may_write_to(&account.email)? {
            return Ok(());
        }
        let purpose = Purpose::Reset { forgets_factors: false, by_mail: true };
        let (secret, _) = links::make(&self.vault, account.id, purpose, links::RESET_LIFETIME, self.now())?;
        let t = self.language_of(account.id, t)?;
        self.mailer.send(letters::reset(&t, &account.email, &self.page(&format!("/reset#token={secret}"))));
        Ok(())
    }

    /// Whether an address may get one more letter that anybody can ask for: nobody's mailbox is to be filled by us.
    pub fn may_write_to(&self, email: &str) -> phm_core::Result<bool> {
        let now = self.now();
        let address = email.trim().to_lowercase();
        let row = format!("letters/{}", digest::hex(&digest::sha256(&[address.as_bytes()])));
        self.vault.update_state(ProfileId::SYSTEM, &row, |sent: Option<Vec<Instant>>| {
            let mut sent = sent.unwrap_or_default();
            sent.retain(|at| (0..HOUR).contains(&now.millis().saturating_sub(at.millis())));
            let may = sent.len() < LETTERS_PER_HOUR;
            if may {
                sent.push(now);
            }
            Ok((Some((sent, Some(now.plus_millis(HOUR)))), may))
        })
    }

    /// Tells somebody that the ways of their second step were changed, in case it was somebody else.
    pub fn tell_of_factors(&self, account: AccountId, t: &Locale) -> Result<(), Problem> {
        let email = self.account(account)?.email;
        let t = self.language_of(account, t)?;
        self.mailer.send(letters::factors(&t, &email, &self.page("/settings")));
        Ok(())
    }

    /// Writes a letter to each address, in its holder's language; its link leads to the page `path`.
    pub fn write_to(&self, addresses: &[String], path: &str, t: &Locale, letter: fn(&Locale, &str, &str) -> Letter) {
        for address in addresses {
            self.mailer.send(letter(&self.reader_at(address, t), address, &self.page(path)));
        }
    }

    /// The same for letters on which something waits: sends them before it answers, and says whether one has left the house.
    pub fn write_now_to(
        &self,
        addresses: &[String],
        path: &str,
        t: &Locale,
        letter: fn(&Locale, &str, &str) -> Letter,
    ) -> bool {
        let mut has_left = false;
        for address in addresses {
            has_left |= self.mailer.send_now(letter(&self.reader_at(address, t), address, &self.page(path)));
        }
        has_left
    }

    /// How whoever has an address is written to.
    fn reader_at(&self, address: &str, t: &Locale) -> Locale {
        let holder = self.holder_of(address);
        let own = holder.and_then(|holder| holder.map(|holder| self.language_of(holder, t)).transpose());
        // In another language it is better than not at all.
        let own = own.unwrap_or_else(|error| {
            tracing::error!(code = error.code(), "whoever is written to could not be asked for their language");
            None
        });
        own.unwrap_or_else(|| t.clone())
    }

    /// Hands a letter over; `false` where this house sends none.
    pub fn post(&self, letter: Letter) -> bool {
        if self.mailer.is_on() {
            self.mailer.send(letter);
        }
        self.mailer.is_on()
    }

    /// Whether this house sends letters.
    pub fn writes_letters(&self) -> bool {
        self.mailer.is_on()
    }

    /// Waits for letters to leave, as [`Outbox::settle`](crate::notify::Outbox::settle).
    pub fn settle(&self, within: Duration) -> phm_core::Result<usize> {
        self.mailer.settle(within)
    }

    /// The administrator's link with which somebody chooses a new password, to be handed over by hand.
    ///
    /// # Errors
    /// 404 when there is no such account.
    pub fn hand_out_link(&self, account: AccountId, forgets_factors: bool) -> Result<(String, Instant), Problem> {
        accounts::find(&self.vault, account)?.ok_or_else(Problem::not_found)?;
        let purpose = Purpose::Reset { forgets_factors, by_mail: false };
        let (secret, expires) = links::make(&self.vault, account, purpose, links::HANDED_LIFETIME, self.now())?;
        Ok((self.page(&format!("/reset#token={secret}")), expires))
    }

    /// Chooses a new password by a link. Every session of the account ends, and every other link of it is void.
    ///
    /// # Errors
    /// 403 `link-invalid`; 422 for a password that breaks a rule, which leaves the link good.
    pub fn reset(&self, secret: &str, password: &str, t: &Locale) -> Result<(), Problem> {
        let now = self.now();
        let link = links::look(&self.vault, secret, now)?.ok_or_else(link_invalid)?;
        let Purpose::Reset { forgets_factors, by_mail } = link.purpose else { return Err(link_invalid()) };
        let account = link.account;
        let standing = Standing::of(&self.vault, account)?;
        // One by mail is void with the address it went to.
        if is_older(&link, standing.password_changed_at) || (by_mail && is_older(&link, standing.email_changed_at)) {
            return Err(link_invalid());
        }
        let holder = accounts::find(&self.vault, account)?.ok_or_else(link_invalid)?;
        accounts::check_password(password, &holder.email, &holder.name)?;
        links::take(&self.vault, secret, now)?.ok_or_else(link_invalid)?;
        if forgets_factors {
            Factors::forget(&self.vault, account)?;
            self.forget_elsewhere(account)?;
        }
        self.put_password(account, password, None, t)?;
        self.forgive_holder(&holder)?;
        if by_mail {
            Standing::change(&self.vault, account, |standing| standing.verified_at = Some(now))?;
        }
        Ok(())
    }

    /// Changes a password; every other session of the account ends.
    ///
    /// # Errors
    /// 403 `password-needed` when the current one is wrong, 422 for one that breaks a rule.
    pub fn change_password(
        &self,
        account: AccountId,
        session: RecordId,
        current: &str,
        password: &str,
        t: &Locale,
    ) -> Result<(), Problem> {
        self.prove_password(account, current)?;
        let holder = self.account(account)?;
        accounts::check_password(password, &holder.email, &holder.name)?;
        self.put_password(account, password, Some(session), t)
    }

    fn put_password(
        &self,
        account: AccountId,
        password: &str,
        stays: Option<RecordId>,
        t: &Locale,
    ) -> Result<(), Problem> {
        accounts::set_password(&self.vault, account, password)?;
        let now = self.now();
        Standing::change(&self.vault, account, |standing| standing.password_changed_at = Some(now))?;
        self.end_others(account, stays)?;
        let (email, t) = (self.account(account)?.email, self.language_of(account, t)?);
        self.mailer.send(letters::changed(&t, &email, &self.page("/forgot")));
        Ok(())
    }
}

pub(super) fn link_invalid() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "link-invalid", "this link is used up or too old; ask for a new one")
}
