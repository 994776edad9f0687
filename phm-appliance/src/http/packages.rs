//! Packages of plugins that were uploaded on a page and wait until whoever sent them has seen what they ask for.
//!
//! A form without script cannot carry a file on to the next one, so it waits here: sealed, for its sender only, and not for long.

use std::io::Read as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use phm_core::id::RecordId;
use phm_core::time::Instant;
use phm_core::vault::Spool;
use poem::http::StatusCode;

use super::problem::Problem;

/// Bytes of a package at most.
pub const MOST_BYTES: u64 = phm_plugins::package::MOST_BYTES as u64;

/// Packages that wait at the same time.
const MOST: usize = 4;

/// How long one waits, in milliseconds.
const PATIENCE: i64 = 15 * 60 * 1000;

/// The packages that wait.
#[derive(Debug, Default)]
pub struct Packages(Mutex<Vec<Waiting>>);

#[derive(Debug)]
struct Waiting {
    account: RecordId,
    sha256: String,
    since: Instant,
    spool: Arc<Spool>,
}

impl Packages {
    /// Keeps a package for the account that sent it; the one that waits longest makes room.
    pub fn keep(&self, account: RecordId, sha256: &str, spool: Spool, now: Instant) {
        let mut all = self.at(now);
        all.retain(|one| one.account != account || one.sha256 != sha256);
        if all.len() >= MOST {
            all.remove(0);
        }
        all.push(Waiting { account, sha256: sha256.to_owned(), since: now, spool: Arc::new(spool) });
    }

    /// The package with this SHA-256 that this account has sent.
    pub fn find(&self, account: RecordId, sha256: &str, now: Instant) -> Option<Arc<Spool>> {
        let all = self.at(now);
        all.iter().find(|one| one.account == account && one.sha256 == sha256).map(|one| Arc::clone(&one.spool))
    }

    /// Lets go of a package.
    pub fn forget(&self, account: RecordId, sha256: &str, now: Instant) {
        self.at(now).retain(|one| one.account != account || one.sha256 != sha256);
    }

    /// What still waits at this time.
    fn at(&self, now: Instant) -> MutexGuard<'_, Vec<Waiting>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|one| now.millis() - one.since.millis() < PATIENCE);
        all
    }
}

/// The bytes of a package that was uploaded.
///
/// # Errors
/// 413 where it is larger than a package may be.
pub fn read(spool: &Spool) -> Result<Vec<u8>, Problem> {
    if spool.bytes() > MOST_BYTES {
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "a package has at most 16 MiB"));
    }
    let mut bytes = Vec::new();
    spool.reader()?.read_to_end(&mut bytes).map_err(phm_core::Error::from)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use phm_core::crypto::kdf::Cost;
    use phm_core::crypto::secret::Secret;
    use phm_core::vault::{Options, Vault};

    use super::*;

    #[test]
    fn a_package_waits_for_its_sender_and_not_for_long() {
        let dir = tempfile::tempdir().expect("a folder");
        let options = Options { cost: Cost::FLOOR, ..Options::default() };
        let secret = Secret::passphrase("a passphrase for tests");
        let (vault, _) = Vault::create(&dir.path().join("vault"), &[secret], options).expect("a vault");
        let spool = |text: &str| vault.spool_all(&mut text.as_bytes(), 100).expect("room");
        let (packages, now) = (Packages::default(), Instant::from_millis(1_000_000_000));
        let (asha, omar) = (RecordId::new(), RecordId::new());
        packages.keep(asha, "a", spool("first"), now);
        assert!(packages.find(omar, "a", now).is_none(), "somebody else's");
        let found = packages.find(asha, "a", now).expect("her own");
        assert_eq!(read(&found).expect("readable"), b"first");
        assert!(packages.find(asha, "a", now.plus_millis(PATIENCE)).is_none(), "too late");
        for name in ["b", "c", "d", "e", "f"] {
            packages.keep(omar, name, spool(name), now);
        }
        let there = ["b", "c", "d", "e", "f"].map(|name| packages.find(omar, name, now).is_some());
        assert_eq!(there, [false, true, true, true, true]);
        packages.forget(omar, "f", now);
        assert!(packages.find(omar, "f", now).is_none());
    }
}
