//! How somebody wants to be reminded: about whom, by which channels, in which language, and when not.
//!
//! Sealed state of the house, by account. About whom rests on a standing grant that the account gave to the service
//! `reminders`: taken back, nothing is looked at any more, whatever stands here.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use phm_core::access::{AccountId, GrantId};
use phm_core::id::ProfileId;
use phm_core::vault::Vault;
use serde::{Deserialize, Serialize};

use super::channels::Channel;
use super::quiet::Quiet;
use crate::i18n::{Digits, Language, Locale, zones};

const FORMAT: u8 = 1;

/// The name of the service in grants and in the audit.
pub const SERVICE: &str = "reminders";

/// The row that lists whose wishes there are.
const LIST: &str = "reminders";

/// A channel of somebody's.
#[derive(Clone, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Door {
    /// Its address; empty for mail.
    pub url: String,
    /// Token or key; empty for none.
    pub secret: String,
    /// Whether what is sent may say what it is about. By default nothing medical leaves the house.
    pub detail: bool,
}

/// A person somebody is reminded about.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Served {
    /// The person.
    pub profile: ProfileId,
    /// The standing grant that lets the service look.
    pub grant: GrantId,
}

/// How somebody wants to be reminded.
#[derive(Clone, Deserialize, Serialize)]
pub struct Wishes {
    format: u8,
    /// The language of messages: `en`, `hi` or `pa`.
    pub language: String,
    /// The time zone, such as `Asia/Kolkata`; empty for that of the machine.
    pub zone: String,
    /// When nothing is sent.
    pub quiet: Option<Quiet>,
    /// Minutes after which a dose that nobody answered is said again.
    pub repeat_minutes: u32,
    /// How often it is said again.
    pub repeat_times: u8,
    /// The channels in use.
    pub doors: BTreeMap<Channel, Door>,
    /// About whom.
    pub people: Vec<Served>,
}

impl Wishes {
    /// What somebody begins with who reads like this: about nobody, by no channel, again after a quarter of an hour, twice.
    pub fn of(t: &Locale) -> Self {
        Self {
            format: FORMAT,
            language: t.language().tag().to_owned(),
            zone: zones::name_of(t.zone()),
            quiet: None,
            repeat_minutes: 15,
            repeat_times: 2,
            doors: BTreeMap::new(),
            people: Vec::new(),
        }
    }

    /// The reader of the messages.
    pub fn locale(&self, household: Option<&TimeZone>) -> Locale {
        let zone = zones::named(&self.zone).or_else(|| household.cloned()).unwrap_or_else(TimeZone::system);
        Locale::new(Language::of_tag(&self.language).unwrap_or_default(), Digits::Latin, zone)
    }
}

/// The wishes of an account, where it has any.
pub fn read(vault: &Vault, account: AccountId) -> phm_core::Result<Option<Wishes>> {
    let wishes: Option<Wishes> = vault.state(ProfileId::SYSTEM, &row(account))?;
    Ok(wishes.filter(|wishes| wishes.format == FORMAT))
}

/// Keeps the wishes of an account.
pub fn save(vault: &Vault, account: AccountId, wishes: &Wishes) -> phm_core::Result<()> {
    vault.update_state(ProfileId::SYSTEM, LIST, |accounts: Option<Vec<AccountId>>| {
        let mut accounts = accounts.unwrap_or_default();
        if !accounts.contains(&account) {
            accounts.push(account);
        }
        Ok((Some((accounts, None)), ()))
    })?;
    vault.put_state(ProfileId::SYSTEM, &row(account), wishes, None)
}

/// Every account that has wishes.
pub fn accounts(vault: &Vault) -> phm_core::Result<Vec<AccountId>> {
    Ok(vault.state(ProfileId::SYSTEM, LIST)?.unwrap_or_default())
}

fn row(account: AccountId) -> String {
    format!("reminders/{account}")
}

#[cfg(test)]
mod tests {
    use phm_core::id::RecordId;

    use super::*;

    #[test]
    fn the_stored_form_stays_as_it_is() {
        let mut wishes = Wishes::of(&Locale::new(Language::Hindi, Digits::Latin, TimeZone::UTC));
        wishes.quiet = Quiet::parse("22:00", "07:00").expect("times");
        wishes.doors.insert(Channel::Ntfy, Door { url: "u".to_owned(), secret: String::new(), detail: true });
        let (profile, grant) = (ProfileId::from_bytes([1; 16]), RecordId::from_bytes([2; 16]));
        wishes.people.push(Served { profile, grant });
        let stored = serde_json::to_string(&wishes).expect("JSON");
        insta::assert_snapshot!(stored, @r#"{"format":1,"language":"hi","zone":"UTC","quiet":{"from":1320,"to":420},"repeat_minutes":15,"repeat_times":2,"doors":{"ntfy":{"url":"u","secret":"","detail":true}},"people":[{"profile":"01010101-0101-0101-0101-010101010101","grant":"02020202-0202-0202-0202-020202020202"}]}"#);
    }
}
