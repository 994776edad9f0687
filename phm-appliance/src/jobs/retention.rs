//! Carries out the rules of retention: looked at a while after the start, and then four times a day.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use phm_core::id::ProfileId;
use phm_core::vault::{HouseRetention, Purged, Vault};

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

/// What somebody who answers for a person is written.
#[derive(Clone, Copy, Eq, PartialEq)]
enum News {
    /// Records are gone.
    Purged,
    /// The house proposes for how long records are kept.
    Proposed,
    /// The house will destroy records unless somebody says otherwise.
    Announced,
}

/// Destroys what is past its time, and writes to those who answer for the people it was about. A letter says that it
/// happened; how much of what stands in "who looked". Rules of the house are told of before anything goes by them.
pub async fn look(house: &House) {
    let Ok(opened) = house.open() else { return };
    let (vault, enforced) = (opened.vault, house.settings.retention_enforce);
    // Whatever went is told, also where more could not go.
    let Ok((news, done)) = blocking(move || Ok(carried_out(&vault, enforced))).await else { return };
    if let Err(error) = done {
        tracing::error!(code = error.code(), "not everything past its time could be destroyed; it is tried again");
    }
    let zone = house.settings.time_zone.clone().unwrap_or_else(TimeZone::system);
    for (profile, what) in news {
        let t = Locale::new(Language::English, Digits::Latin, zone.clone());
        let letter = match what {
            News::Purged => letters::purged,
            News::Proposed => letters::proposed,
            News::Announced => letters::announced,
        };
        tell(house, profile, t, letter).await;
    }
}

/// Carries out people's own rules, then those of the house, and says who is to be told of what.
fn carried_out(vault: &Vault, enforced: bool) -> (Vec<(ProfileId, News)>, phm_core::Result<()>) {
    let mut news: Vec<(ProfileId, News)> = Vec::new();
    let mut add = |one: (ProfileId, News)| {
        if !news.contains(&one) {
            news.push(one);
        }
    };
    let counted = |purged: &Purged| {
        let records: u64 = purged.removed.records.values().sum();
        tracing::info!(records, "records were destroyed because their time was over");
        (purged.profile, News::Purged)
    };
    let own = vault.carry_out_retention(|purged| add(counted(&purged)));
    let of_the_house = vault.carry_out_house_retention(enforced, |came| match came {
        HouseRetention::Proposed(profile) => add((profile, News::Proposed)),
        HouseRetention::Announced(profile) => add((profile, News::Announced)),
        HouseRetention::Purged(purged) => add(counted(&purged)),
    });
    (news, own.and(of_the_house))
}
