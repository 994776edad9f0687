//! `phm user …` at the door: another address, a link for a new password, an end to sessions and to waiting.
//!
//! For whoever holds the vault's secret where nobody can sign in any more to help. It is done at the sign-in desk, that of
//! the appliance where one serves the vault, so that it holds at once; and it stands in the log of the house.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use phm_core::access::Roles;
use phm_core::time::SystemClock;
use phm_core::vault::{AccountCard, Session};
use serde_json::json;

use super::Place;
use super::care::load_settings;
use super::output::{Answer, Failure};
use super::people::account_line;
use crate::auth::Desk;
use crate::i18n::{Digits, Language, Locale};
use crate::notify::Mailer;

/// How long a command waits for its letters to leave.
const PATIENCE: Duration = Duration::from_secs(20);

impl Place {
    /// Works as the operator at the sign-in desk: that of the appliance, or one that is closed with the command, which then
    /// waits for letters where some were written.
    pub(super) fn at_desk<T>(
        &self,
        purpose: &str,
        writes: bool,
        work: impl FnOnce(&Desk, &Session) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.with(purpose, |vault, session| {
            if let Some(desk) = self.served_desk() {
                return work(desk, session);
            }
            let settings = load_settings(self)?;
            let mailer = Arc::new(Mailer::new(&settings));
            let desk = Desk::new(vault.clone(), &settings, Arc::new(SystemClock), mailer)?;
            let done = work(&desk, session)?;
            let left = if writes { desk.settle(PATIENCE)? } else { 0 };
            if left > 0 {
                // Nobody is left to be told when the terminal is gone.
                let _ = writeln!(self.error(), "{left} letters have not left yet; `phm serve` sends them.");
            }
            Ok(done)
        })
    }
}

/// `phm user set …`
pub fn change(
    place: &Place,
    email: &str,
    roles: Roles,
    active: Option<bool>,
    address: Option<&str>,
) -> Result<Answer, Failure> {
    let roles = (!roles.is_empty()).then_some(roles);
    place.at_desk("changing an account", address.is_some(), |desk, session| {
        let id = session.account_by_email(email)?;
        if let Some(address) = address {
            // Found before anything is changed: all that was said is done, or nothing.
            if active != Some(true) && !desk.is_open(id)? {
                return Err(closed());
            }
            desk.may_move_address(id, address)?;
        }
        let mut card = if roles.is_none() && active.is_none() && address.is_some() {
            session.administer_account("account-address", id)?
        } else {
            session.change_account(id, roles, active)?
        };
        if !card.active && active == Some(false) {
            // Opened again, it is signed in nowhere.
            desk.end_others(id, None)?;
        }
        let (mut told, mut value) = ("", json!(card));
        if let Some(address) = address {
            if roles.is_some() || active.is_some() {
                session.administer_account("account-address", id)?;
            }
            desk.move_address(id, address, &unknown_reader())?;
            address.trim().clone_into(&mut card.email);
            value["email"] = json!(card.email);
            value["told"] = json!(desk.writes_letters());
            told = if desk.writes_letters() {
                "Both addresses get a letter; the one to the new address has a link that proves it.\n"
            } else {
                "This house sends no letters (mail.transport): tell whoever it is about.\n"
            };
        }
        Ok(Answer::new(value, account_line(&card) + told))
    })
}

/// `phm user reset …`
pub fn reset(place: &Place, email: &str, forgets_factors: bool) -> Result<Answer, Failure> {
    place.at_desk("a link for a new password", false, |desk, session| {
        let card = administered(session, email, "account-reset-link")?;
        let (url, expires_at) = desk.hand_out_link(card.id, forgets_factors)?;
        session.alert_of_link(card.id)?;
        let text = format!("{url}\nWorks once, until {expires_at}. Hand it to nobody but its owner.");
        Ok(Answer::new(json!({"account": card.id, "url": url, "expires_at": expires_at}), text))
    })
}

/// `phm user unlock …`
pub fn unlock(place: &Place, email: &str) -> Result<Answer, Failure> {
    place.at_desk("forgetting wrong passwords", false, |desk, session| {
        let card = administered(session, email, "account-unlock")?;
        desk.forgive(card.id)?;
        Ok(Answer::new(json!({"account": card.id}), "They can try again at once."))
    })
}

/// `phm user sign-out …`
pub fn sign_out(place: &Place, email: &str) -> Result<Answer, Failure> {
    place.at_desk("signing somebody out", false, |desk, session| {
        let card = administered(session, email, "account-sign-out")?;
        let ended = desk.sessions(card.id)?.len();
        desk.end_others(card.id, None)?;
        let text = if ended == 1 { "Ended 1 session.".to_owned() } else { format!("Ended {ended} sessions.") };
        Ok(Answer::new(json!({"account": card.id, "ended": ended}), text))
    })
}

/// The open account with this address, noted in the log of the house as one that something is done about.
fn administered(session: &Session, email: &str, operation: &str) -> Result<AccountCard, Failure> {
    let card = session.administer_account(operation, session.account_by_email(email)?)?;
    is_open(&card)?;
    Ok(card)
}

fn is_open(card: &AccountCard) -> Result<(), Failure> {
    if card.active { Ok(()) } else { Err(closed()) }
}

fn closed() -> Failure {
    Failure::new("conflict", "this account is closed; open it first with `phm user set EMAIL --open`")
}

/// The language of letters to somebody whose language is not known.
pub(super) fn unknown_reader() -> Locale {
    Locale::new(Language::English, Digits::Latin, TimeZone::system())
}
