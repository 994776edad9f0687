//! Tells people of unusual access, soon after it: the person it is about, and whoever runs the house.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::http::{House, blocking, tell, tell_the_house};
use crate::i18n::{Digits, Language, Locale};
use crate::notify::letters;

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(10);

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
    let vault = opened.vault;
    let raised = match blocking(move || Ok(vault.raise_alerts()?)).await {
        Ok(raised) => raised,
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
    tell_the_house(house, "/admin/alerts", t, letters::unusual).await;
}
