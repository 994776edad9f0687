//! Letters that have not left yet, kept in the vault.
//!
//! A letter may wait for minutes, and the program may end at any moment; somebody waits for the link in it. So it is
//! sealed state until it has left or was given up, and what is there at the next start is handed over again: a letter
//! may arrive twice, and is not lost.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use phm_core::id::{ProfileId, RecordId};
use phm_core::time::{Clock, Instant};
use phm_core::vault::Vault;
use serde::{Deserialize, Serialize};

use super::{Letter, Mailer};

const FORMAT: u8 = 1;

/// Letters kept at most; those beyond are sent without being kept.
const MOST: usize = 1_000;

/// After so long the link of a letter is over, and nothing is told any more.
const LIFETIME: Duration = Duration::from_hours(3 * 24);

/// The row that lists what waits.
const LIST: &str = "outbox";

/// A letter as it is kept.
#[derive(Deserialize, Serialize)]
struct Kept {
    format: u8,
    letter: Letter,
}

/// Where a vault's letters wait.
pub struct Outbox {
    mailer: Arc<Mailer>,
    clock: Arc<dyn Clock>,
    /// Emptied with the outbox, so that a letter on its way keeps no vault open.
    vault: Arc<Mutex<Option<Vault>>>,
}

impl Outbox {
    /// The outbox of a vault. What waited in it when the program ended is on its way again.
    pub fn open(vault: &Vault, mailer: Arc<Mailer>, clock: Arc<dyn Clock>) -> Self {
        let outbox = Self { mailer, clock, vault: Arc::new(Mutex::new(Some(vault.clone()))) };
        if outbox.is_on() {
            match waiting(vault) {
                Ok(waiting) => waiting.into_iter().for_each(|(id, letter)| outbox.hand_over(id, letter)),
                Err(error) => tracing::error!(code = error.code(), "letters that wait cannot be read"),
            }
        }
        outbox
    }

    /// Whether letters leave the house at all.
    pub fn is_on(&self) -> bool {
        self.mailer.is_on()
    }

    /// Hands a letter over; when this returns, it is kept until it has left.
    pub fn send(&self, letter: Letter) {
        if !self.is_on() {
            return;
        }
        let kept = match &*self.vault.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(vault) => keep(vault, &letter, self.clock.now()),
            None => Ok(None),
        };
        match kept {
            Ok(Some(id)) => self.hand_over(id, letter),
            Ok(None) => self.mailer.send(letter, || ()),
            Err(error) => {
                tracing::error!(code = error.code(), "a letter is sent without being kept");
                self.mailer.send(letter, || ());
            }
        }
    }

    /// Sends a letter before it answers, and says whether it has left the house: for letters on which something waits that
    /// must not begin before somebody could hear of it. One that did not leave is handed over like any other.
    pub fn send_now(&self, letter: Letter) -> bool {
        let has_left = self.mailer.deliver_now(&letter);
        if !has_left {
            self.send(letter);
        }
        has_left
    }

    /// Waits until every letter has left, but no longer than `within`, and says how many have not; these leave when the
    /// vault is served the next time.
    pub fn settle(&self, within: Duration) -> phm_core::Result<usize> {
        let since = std::time::Instant::now();
        loop {
            let left = match &*self.vault.lock().unwrap_or_else(PoisonError::into_inner) {
                Some(vault) if self.is_on() => waiting(vault)?.len(),
                _ => 0,
            };
            if left == 0 || since.elapsed() >= within {
                return Ok(left);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn hand_over(&self, id: RecordId, letter: Letter) {
        let vault = Arc::clone(&self.vault);
        self.mailer.send(letter, move || {
            if let Some(vault) = &*vault.lock().unwrap_or_else(PoisonError::into_inner)
                && let Err(error) = forget(vault, id)
            {
                tracing::error!(code = error.code(), "a letter that left is still kept and will be sent again");
            }
        });
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        *self.vault.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Keeps a letter; `None` where too many are kept already.
fn keep(vault: &Vault, letter: &Letter, now: Instant) -> phm_core::Result<Option<RecordId>> {
    let id = RecordId::new();
    let is_listed = vault.update_state(ProfileId::SYSTEM, LIST, |ids: Option<Vec<RecordId>>| {
        let mut ids = ids.unwrap_or_default();
        let has_room = ids.len() < MOST;
        if has_room {
            ids.push(id);
        }
        Ok((Some((ids, None)), has_room))
    })?;
    if !is_listed {
        return Ok(None);
    }
    let expires = now.plus_millis(i64::try_from(LIFETIME.as_millis()).unwrap_or(i64::MAX));
    vault.put_state(ProfileId::SYSTEM, &row(id), &Kept { format: FORMAT, letter: letter.clone() }, Some(expires))?;
    Ok(Some(id))
}

/// Every letter that waits; one that waited for too long is forgotten.
fn waiting(vault: &Vault) -> phm_core::Result<Vec<(RecordId, Letter)>> {
    let ids: Vec<RecordId> = vault.state(ProfileId::SYSTEM, LIST)?.unwrap_or_default();
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        match vault.state::<Kept>(ProfileId::SYSTEM, &row(id))? {
            Some(kept) if kept.format == FORMAT => found.push((id, kept.letter)),
            _ => forget(vault, id)?,
        }
    }
    Ok(found)
}

fn forget(vault: &Vault, id: RecordId) -> phm_core::Result<()> {
    vault.update_state(ProfileId::SYSTEM, LIST, |ids: Option<Vec<RecordId>>| {
        let mut ids = ids.unwrap_or_default();
        ids.retain(|kept| *kept != id);
        Ok(((!ids.is_empty()).then_some((ids, None)), ()))
    })?;
    vault.delete_state(ProfileId::SYSTEM, &row(id))
}

fn row(id: RecordId) -> String {
    format!("outbox/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_form_stays_as_it_is() {
        let letter = Letter { to: "asha@example.org".to_owned(), subject: "s".to_owned(), text: "t".to_owned() };
        let kept = serde_json::to_string(&Kept { format: FORMAT, letter }).expect("JSON");
        insta::assert_snapshot!(kept, @r#"{"format":1,"letter":{"to":"asha@example.org","subject":"s","text":"t"}}"#);
    }
}
