//! Carries out the rules of retention: looked at a while after the start, and then four times a day.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use phm_core::access::Actor;
use phm_core::error::{Error, ErrorKind};
use phm_core::id::ProfileId;
use phm_core::vault::{HouseRetention, Purged};

use crate::http::{House, Opened, blocking, tell};
use crate::i18n::{Digits, Language, Locale};
use crate::notify::{Letter, letters};

/// Makes a letter to an address, with a link.
type Writes = fn(&Locale, &str, &str) -> Letter;

/// After the start, when people want their pages first.
const FIRST: Duration = Duration::from_mins(20);
/// From then on.
const EVERY: Duration = Duration::from_hours(6);

/// Looks again and again, for as long as the runtime lives. A locked house is left alone.
pub async fn run(house: Arc<House>) {
    tokio::time::sleep(FIRST).await;
    loop {
        look(&house).await;
        tokio::time::sleep(EVERY).await;
    }
}

/// Destroys what is past its time, and writes to those who answer for the people it was about. A letter says that it
/// happened; how much of what stands in "who looked". Rules of the house are told of before anything goes by them.
pub async fn look(house: &House) {
    let Ok(opened) = house.open() else { return };
    let enforced = house.enforces_retention();
    let zone = house.settings.time_zone.clone().unwrap_or_else(TimeZone::system);
    let t = Locale::new(Language::English, Digits::Latin, zone);
    let reader = t.clone();
    // Whatever went is told, also where more could not go.
    let Ok((people, done)) = blocking(move || Ok(carried_out(&opened, enforced, &reader))).await else { return };
    if let Err(error) = done {
        tracing::error!(code = error.code(), "not everything past its time could be destroyed; it is tried again");
    }
    for profile in people {
        tell(house, profile, t.clone(), letters::purged).await;
    }
}

/// Carries out people's own rules, then those of the house; answers whose records went.
fn carried_out(opened: &Opened, enforced: bool, t: &Locale) -> (Vec<ProfileId>, phm_core::Result<()>) {
    let (mut people, mut told, mut missed) = (Vec::new(), Vec::new(), Vec::new());
    let mut add = |purged: &Purged| {
        let records: u64 = purged.removed.records.values().sum();
        tracing::info!(records, "records were destroyed because their time was over");
        if !people.contains(&purged.profile) {
            people.push(purged.profile);
        }
    };
    let own = opened.vault.carry_out_retention(|purged| add(&purged));
    let of_the_house = opened.vault.carry_out_house_retention(enforced, |came| {
        let (profile, letter, begins_a_week): (ProfileId, Writes, bool) = match came {
            HouseRetention::Proposed(profile) => (profile, letters::proposed, false),
            HouseRetention::Announced(profile) => (profile, letters::announced, true),
            HouseRetention::Purged(purged) => {
                add(&purged);
                return Ok(());
            }
        };
        if missed.contains(&profile) {
            return Err(unsent());
        }
        // One letter is about all rules that wait for an answer.
        if !told.contains(&profile) {
            if let Err(error) = announce(opened, profile, t, letter, begins_a_week) {
                missed.push(profile);
                return Err(error);
            }
            told.push(profile);
        }
        Ok(())
    });
    (people, own.and(of_the_house))
}

/// Writes to everybody who answers for a person. Where a week begins with the letter, after which something is destroyed, one
/// of them has to have left the house: a mail server that is out of order takes nobody's records.
fn announce(
    opened: &Opened,
    profile: ProfileId,
    t: &Locale,
    letter: Writes,
    begins_a_week: bool,
) -> phm_core::Result<()> {
    let addresses = opened.vault.session(Actor::Gate, "notice")?.whom_to_tell(profile)?;
    let (desk, path) = (opened.desk_now(), format!("/p/{profile}/access"));
    if !begins_a_week {
        desk.write_to(&addresses, &path, t, letter);
        return Ok(());
    }
    if desk.write_now_to(&addresses, &path, t, letter) { Ok(()) } else { Err(unsent()) }
}

fn unsent() -> Error {
    Error::new(ErrorKind::Busy, "mail-failed", "no letter could be sent of what is to be destroyed; it is tried again")
}
