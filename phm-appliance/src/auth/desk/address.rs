//! The address somebody signs in with: proving it, changing it, and the language letters to it are written in.

use std::time::Duration;

use phm_core::ErrorKind;
use phm_core::access::{AccountId, Actor};
use phm_core::id::RecordId;
use phm_core::time::Instant;

use super::Desk;
use super::recover::link_invalid;
use crate::auth::accounts;
use crate::auth::links::{self, Link, Purpose};
use crate::auth::standing::Standing;
use crate::http::Problem;
use crate::i18n::{Language, Locale};
use crate::notify::letters;

/// How long somebody waits who had letters sent to an address too often.
const PAUSE: Duration = Duration::from_hours(1);

impl Desk {
    /// Takes a link that proves an address. One to a new address makes that the account's own, and the old one is told.
    ///
    /// # Errors
    /// 403 `link-invalid` when it is used up, too old or none, or somebody else has the address by now.
    pub fn verify_address(&self, secret: &str, t: &Locale) -> Result<(), Problem> {
        let now = self.now();
        // Looked at first: one for another purpose is not used up here.
        let link = links::look(&self.vault, secret, now)?.ok_or_else(link_invalid)?;
        let standing = Standing::of(&self.vault, link.account)?;
        let is_void = is_older(&link, standing.email_changed_at);
        match &link.purpose {
            Purpose::Verify if !is_void => {
                links::take(&self.vault, secret, now)?.ok_or_else(link_invalid)?;
                accounts::find(&self.vault, link.account)?.ok_or_else(link_invalid)?;
                Ok(Standing::change(&self.vault, link.account, |standing| standing.verified_at = Some(now))?)
            }
            Purpose::Email { to } if !is_void && !is_older(&link, standing.password_changed_at) => {
                links::take(&self.vault, secret, now)?.ok_or_else(link_invalid)?;
                let before = accounts::find(&self.vault, link.account)?.ok_or_else(link_invalid)?;
                match accounts::set_email(&self.vault, before.id, to) {
                    Err(error) if error.code() == "email-taken" => return Err(link_invalid()),
                    other => other?,
                }
                Standing::change(&self.vault, before.id, |standing| {
                    (standing.claimed, standing.verified_at, standing.email_changed_at) = (true, Some(now), Some(now));
                })?;
                let t = self.language_of(before.id, t)?;
                self.mailer.send(letters::moved(&t, &before.email, &self.page("/sign-in")));
                Ok(())
            }
            _ => Err(link_invalid()),
        }
    }

    /// Changes the address somebody signs in with, who shows once more who they are. Answers whether a letter waits there
    /// whose link does it: where letters leave the house, an address is proven first. Whether somebody else has it is told
    /// to the address alone then.
    ///
    /// # Errors
    /// 422 for what is no address; 403 `password-needed`; 429 where too many letters went there; without mail 409
    /// `email-taken`.
    pub fn change_email(
        &self,
        account: AccountId,
        session: RecordId,
        password: Option<&str>,
        email: &str,
        t: &Locale,
    ) -> Result<bool, Problem> {
        let email = email.trim();
        accounts::check_email(email)?;
        self.prove(account, session, password)?;
        let now = self.now();
        if !self.mailer.is_on() {
            accounts::set_email(&self.vault, account, email)?;
            Standing::change(&self.vault, account, |standing| {
                // Nobody can prove anything here, so nobody is kept out for not having done so.
                (standing.claimed, standing.must_verify) = (true, false);
                (standing.verified_at, standing.email_changed_at) = (None, Some(now));
            })?;
            return Ok(false);
        }
        if !self.may_write_to(email)? {
            return Err(Problem::too_many(PAUSE));
        }
        match self.holder_of(email)? {
            Some(other) if other != account => {
                let t = self.language_of(other, t)?;
                self.mailer.send(letters::known(&t, email, &self.page("/sign-in")));
            }
            _ => {
                let purpose = Purpose::Email { to: email.to_owned() };
                let (secret, _) = links::make(&self.vault, account, purpose, links::VERIFY_LIFETIME, now)?;
                let t = self.language_of(account, t)?;
                self.mailer.send(letters::verify(&t, email, &self.page(&format!("/verify#token={secret}"))));
            }
        }
        Ok(true)
    }

    /// Whether [`Desk::move_address`] would refuse the address, where more is to be changed with it; nothing is.
    ///
    /// # Errors
    /// 422 for what is no address; 409 `email-taken`.
    pub fn may_move_address(&self, account: AccountId, email: &str) -> Result<(), Problem> {
        Ok(accounts::may_have(&self.vault, account, email)?)
    }

    /// Whether an account is there and not closed.
    pub fn is_open(&self, account: AccountId) -> phm_core::Result<bool> {
        Ok(accounts::find(&self.vault, account)?.is_some())
    }

    /// Gives an account another address because the operator says so: its holder cannot reach the old one any more. Every
    /// session of it ends, and so do sign-ins that are half done and the tokens of its programs; what was sent to an address
    /// before is void, and both addresses get a letter. Letters that name what they are about (reminders) go to the new one
    /// once its holder has opened the link in theirs.
    ///
    /// # Errors
    /// 422 for what is no address; 409 `email-taken`; 404 when there is no such account, or it is closed.
    pub fn move_address(&self, account: AccountId, email: &str, t: &Locale) -> Result<(), Problem> {
        let before = accounts::find(&self.vault, account)?.ok_or_else(Problem::not_found)?;
        accounts::set_email(&self.vault, account, email)?;
        let now = self.now();
        Standing::change(&self.vault, account, |standing| {
            // Whoever runs the house vouches for them at the door; for the mailbox its holder does.
            (standing.claimed, standing.must_verify) = (true, false);
            (standing.verified_at, standing.email_changed_at) = (None, Some(now));
        })?;
        self.end_others(account, None)?;
        // Whoever read the old mailbox may have made them.
        self.vault.session(Actor::Operator, "another address")?.revoke_tokens_of(account)?;
        if self.mailer.is_on() {
            let (t, after) = (self.language_of(account, t)?, self.account(account)?);
            self.mailer.send(letters::moved(&t, &before.email, &self.page("/sign-in")));
            // Made after what voids every link from before.
            let made_at = now.plus_millis(1);
            let (secret, _) = links::make(&self.vault, account, Purpose::Verify, links::VERIFY_LIFETIME, made_at)?;
            self.mailer.send(letters::verify(&t, &after.email, &self.page(&format!("/verify#token={secret}"))));
        }
        Ok(())
    }

    /// Whether the address of an account is its holder's, so far as anybody showed: what is about people is sent to no other.
    pub fn is_proven(&self, account: AccountId) -> phm_core::Result<bool> {
        Ok(Standing::of(&self.vault, account)?.is_proven())
    }

    /// Remembers the language in which somebody is written to.
    pub fn speak(&self, account: AccountId, language: Language) -> Result<(), Problem> {
        let tag = Some(language.tag().to_owned());
        if Standing::of(&self.vault, account)?.language != tag {
            Standing::change(&self.vault, account, |standing| standing.language = tag)?;
        }
        Ok(())
    }

    /// The same, where no language is known yet.
    pub fn speak_first(&self, account: AccountId, language: Language) -> Result<(), Problem> {
        if Standing::of(&self.vault, account)?.language.is_none() { self.speak(account, language) } else { Ok(()) }
    }

    /// How somebody is written to: in their own language where it is known, else in that of whoever causes the letter.
    pub(super) fn language_of(&self, account: AccountId, t: &Locale) -> phm_core::Result<Locale> {
        let chosen = Standing::of(&self.vault, account)?.language;
        let chosen = chosen.and_then(|tag| Language::of_tag(&tag));
        Ok(chosen.map_or_else(|| t.clone(), |language| Locale::new(language, t.digits(), t.zone().clone())))
    }

    /// Whose address it is.
    pub(super) fn holder_of(&self, email: &str) -> phm_core::Result<Option<AccountId>> {
        match self.vault.session(Actor::Gate, "a letter")?.account_by_email(email) {
            Ok(account) => Ok(Some(account)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether a link was made before something that voids it.
pub(super) fn is_older(link: &Link, than: Option<Instant>) -> bool {
    than.is_some_and(|than| link.made_at <= than)
}
