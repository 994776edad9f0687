//! Carries out the rules of retention: looked at a while after the start, and then four times a day.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use phm_core::id::ProfileId;

use crate::http::{House, blocking, tell};
use crate::i18n::{Digits, Language, Locale};
use crate::notify::letters;

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
/// happened; how much of what stands in "who looked".
pub async fn look(house: &House) {
    let Ok(opened) = house.open() else { return };
    let vault = opened.vault;
    let work = move || {
        let mut people: Vec<ProfileId> = Vec::new();
        let done = vault.carry_out_retention(|purged| {
            let records: u64 = purged.removed.records.values().sum();
            tracing::info!(records, "records were destroyed because their time was over");
            if people.last() != Some(&purged.profile) {
                people.push(purged.profile);
            }
        });
        // Whatever went is told, also where more could not go.
        Ok((people, done))
    };
    let Ok((people, done)) = blocking(work).await else { return };
    if let Err(error) = done {
        tracing::error!(code = error.code(), "not everything past its time could be destroyed; it is tried again");
    }
    let zone = house.settings.time_zone.clone().unwrap_or_else(TimeZone::system);
    for profile in people {
        let t = Locale::new(Language::English, Digits::Latin, zone.clone());
        tell(house, profile, t, letters::purged).await;
    }
}
