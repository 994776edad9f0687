//! Compacts the store where that is due: looked at soon after the start, and then once an hour.

use std::sync::Arc;
use std::time::Duration;

use crate::http::{House, blocking};

/// How often somebody looks, and how soon after the start for the first time.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    /// After the start, when people want their pages first.
    pub first: Duration,
    /// From then on.
    pub every: Duration,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self { first: Duration::from_mins(10), every: Duration::from_hours(1) }
    }
}

/// Looks again and again, for as long as the runtime lives. A locked house is left alone.
pub async fn run(house: Arc<House>, rhythm: Rhythm) {
    tokio::time::sleep(rhythm.first).await;
    loop {
        look(&house).await;
        tokio::time::sleep(rhythm.every).await;
    }
}

/// Looks once.
async fn look(house: &House) {
    let Ok(opened) = house.open() else { return };
    let vault = opened.vault;
    match blocking(move || Ok(vault.compact_if_due()?)).await {
        Ok(Some(done)) => tracing::info!(before = done.before, after = done.after, "compacted the store"),
        Ok(None) => {}
        // The vault is as it was; the next look tries again.
        Err(problem) => tracing::warn!(code = problem.code(), "the store could not be compacted: {problem}"),
    }
}

#[cfg(test)]
mod tests {
    use phm_core::crypto::digest::hex;
    use phm_core::crypto::kdf::Cost;
    use phm_core::crypto::random;
    use phm_core::crypto::secret::Secret;
    use phm_core::id::ProfileId;
    use phm_core::vault::{Options, Vault};

    use super::*;
    use crate::settings::Settings;

    #[test]
    fn a_store_that_grew_beyond_its_share_is_compacted_in_the_background() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::defaults(dir.path());
        (settings.compact_ratio, settings.compact_gain) = (2, 1 << 20);
        let house = House::new(settings);
        let options = Options { cost: Cost::FLOOR, ..house.options() };
        let secret = Secret::passphrase("a passphrase for tests");
        let (vault, _) = Vault::create(dir.path(), &[secret], options).expect("a vault");
        // What is written over is room that some engine takes again at once; what was deleted all together is left over.
        let name = |number: usize| format!("job {number}");
        for number in 0..60 {
            let text: String = (0..2_000).map(|_| hex(&random::<16>())).collect();
            vault.put_state(ProfileId::SYSTEM, &name(number), &text, None).expect("state");
        }
        for number in 0..60 {
            vault.delete_state(ProfileId::SYSTEM, &name(number)).expect("deleted");
        }
        assert!(vault.room().expect("counted").compaction_due);
        let quick = Rhythm { first: Duration::from_millis(1), every: Duration::from_millis(1) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let looking = tokio::spawn(run(Arc::clone(&house), quick));
            // Nothing to look at, and no reason to stop.
            tokio::time::sleep(Duration::from_millis(20)).await;
            assert!(vault.room().expect("counted").compaction_due, "the house has no vault yet");
            house.move_in(vault.clone()).expect("an open house");
            for _ in 0..200 {
                tokio::time::sleep(Duration::from_millis(50)).await;
                if !vault.room().expect("counted").compaction_due {
                    break;
                }
            }
            looking.abort();
        });
        assert!(!vault.room().expect("counted").compaction_due);
    }
}
