//! Registering at the desk, as far as the house lets people.

use phm_core::id::{ProfileId, RecordId};
use phm_core::{Error, ErrorKind};
use poem::http::StatusCode;

use super::Desk;
use crate::auth::accounts::{self, Account, NewAccount};
use crate::auth::links::{self, Purpose};
use crate::auth::standing::Standing;
use crate::http::Problem;
use crate::i18n::Locale;
use crate::notify::letters;
use crate::settings::Registration;

/// What became of somebody who registered.
pub struct Registered {
    /// The account.
    pub account: RecordId,
    /// Its own profile.
    pub profile: Option<ProfileId>,
    /// Whether the address is to be proven before the first sign-in.
    pub must_verify: bool,
}

impl Desk {
    /// Registers somebody, as far as the house lets them.
    ///
    /// Where anybody may register and mail leaves the house, the address is to be proven first, and whether it is taken
    /// is told to the address alone.
    ///
    /// # Errors
    /// 403 `registration-closed` without an invitation where one is needed.
    pub fn register(&self, new: &NewAccount, invitation: Option<&str>, t: &Locale) -> Result<Registered, Problem> {
        let closed = || Problem::new(StatusCode::FORBIDDEN, "registration-closed", "ask an admin for an invitation");
        let invitation = match (self.settings.registration, invitation) {
            (Registration::Open, _) => return self.register_anybody(new, t),
            (Registration::Closed, _) | (Registration::Invitation, None) => return Err(closed()),
            (Registration::Invitation, Some(invitation)) => invitation,
        };
        // Taken before the account is made, so that it serves one person; given back when that fails.
        let kept = self.use_invitation(invitation)?.ok_or_else(closed)?;
        let account =
            accounts::add(&self.vault, new).map_err(|error| match self.return_invitation(invitation, &kept) {
                Ok(()) => Problem::from(error),
                Err(worse) => worse.into(),
            })?;
        self.forget_invitation(invitation)?;
        // Whoever was invited is known to somebody; the address is proven beside.
        Standing::change(&self.vault, account.id, |standing| {
            (standing.claimed, standing.language) = (true, Some(t.language().tag().to_owned()));
        })?;
        self.ask_to_verify(&account, t)?;
        Ok(Registered { account: account.id, profile: account.profile, must_verify: false })
    }

    fn register_anybody(&self, new: &NewAccount, t: &Locale) -> Result<Registered, Problem> {
        let must_verify = self.mailer.is_on() && self.settings.verify_email;
        let account = match accounts::add(&self.vault, new) {
            Ok(account) => account,
            Err(error) if must_verify && is_taken(&error) => {
                // The same answer as for a free address; its owner learns of it by mail.
                if self.may_write_to(&new.email)? {
                    let holder = self.holder_of(&new.email)?;
                    let own = holder.map(|holder| self.language_of(holder, t)).transpose()?;
                    let t = own.as_ref().unwrap_or(t);
                    self.mailer.send(letters::known(t, new.email.trim(), &self.page("/sign-in")));
                }
                let (account, profile) = (RecordId::new(), ProfileId::new());
                return Ok(Registered { account, profile: Some(profile), must_verify });
            }
            Err(error) => return Err(error.into()),
        };
        Standing::change(&self.vault, account.id, |standing| {
            (standing.claimed, standing.must_verify) = (true, must_verify);
            standing.language = Some(t.language().tag().to_owned());
        })?;
        self.ask_to_verify(&account, t)?;
        Ok(Registered { account: account.id, profile: account.profile, must_verify })
    }

    /// Sends the letter with which somebody shows that the address is theirs.
    pub(super) fn ask_to_verify(&self, account: &Account, t: &Locale) -> Result<(), Problem> {
        if !self.mailer.is_on() {
            return Ok(());
        }
        let (secret, _) = links::make(&self.vault, account.id, Purpose::Verify, links::VERIFY_LIFETIME, self.now())?;
        self.mailer.send(letters::verify(t, &account.email, &self.page(&format!("/verify#token={secret}"))));
        Ok(())
    }

    /// The address of a page, for letters.
    pub(super) fn page(&self, path: &str) -> String {
        format!("{}{path}", self.settings.public_url)
    }
}

fn is_taken(error: &Error) -> bool {
    error.kind() == ErrorKind::Conflict && error.code() == "email-taken"
}
