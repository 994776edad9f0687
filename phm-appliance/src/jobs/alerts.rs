//! Tells people of unusual access, soon after it: the person it is about, and whoever runs the house.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use phm_core::id::ProfileId;
use phm_core::time::Instant;
use phm_core::vault::Vault;

use crate::http::{House, blocking, tell, tell_the_house};
use crate::i18n::{Digits, Language, Locale};
use crate::notify::letters;

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(10);

/// Those who run the house get one letter in this time, in milliseconds, however much is unusual: their page has all of it.
const APART: i64 = 3_600_000;
/// The state row of the house that says when they were written to last.
const TOLD: &str = "alerts-told";

/// Looks again and again, for as long as the runtime lives. A locked house is left alone.
pub async fn run(house: Arc<House>) {
    loop {
        tokio::time::sleep(EVERY).await;
        look(&house).await;
    }
}

/// Keeps what was unusual since the last look, and writes to those who are to know. A letter says that it happened and
/// where it stands.
pub async fn look(house: &House) {
    let Ok(opened) = house.open() else { return };
    let (vault, now) = (opened.vault, house.clock.now());
    let looked = blocking(move || {
        let raised = vault.raise_alerts()?;
        // What was kept is told, also where that it was told cannot be.
        let is_news = !raised.is_empty() && was_quiet(&vault, now).unwrap_or(true);
        Ok((raised, is_news))
    });
    let (raised, is_news) = match looked.await {
        Ok(done) => done,
        // What was found waits for the next look.
        Err(problem) => {
            tracing::error!(code = problem.code(), "unusual access could not be noted; the next look tries again");
            return;
        }
    };
    if raised.is_empty() {
        return;
    }
    tracing::warn!(alerts = raised.len(), "access was unusual; administrators see it at /admin/alerts");
    let zone = house.settings.time_zone.clone().unwrap_or_else(TimeZone::system);
    let t = Locale::new(Language::English, Digits::Latin, zone);
    let mut people: Vec<_> = raised.iter().filter_map(|one| one.profile).collect();
    people.sort();
    people.dedup();
    for profile in people {
        tell(house, profile, t.clone(), letters::unusual).await;
    }
    if is_news {
        tell_the_house(house, "/admin/alerts", t, letters::unusual).await;
    }
}

/// Whether those who run the house were not written to lately; writes down that they are now.
fn was_quiet(vault: &Vault, now: Instant) -> phm_core::Result<bool> {
    let last: Option<Instant> = vault.state(ProfileId::SYSTEM, TOLD)?;
    // A clock that was set back since must not keep them from hearing of it.
    if last.is_some_and(|last| last <= now && now < last.plus_millis(APART)) {
        return Ok(false);
    }
    vault.put_state(ProfileId::SYSTEM, TOLD, &now, None)?;
    Ok(true)
}
