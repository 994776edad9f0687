//! State rows whose time is over: they read as absent, and go when somebody sweeps.
//!
//! A stranger can cause such rows, by wrong passwords or by asking for links; without sweeping they would pile up for
//! ever.

use super::{Inner, Vault};
use crate::error::Result;
use crate::id::ProfileId;
use crate::store::layout::{self, Table};
use crate::store::{Batch, Store as _};
use crate::time::Instant;

/// Rows looked at while nothing else is written.
const BATCH: usize = 128;
/// Where the number of the part stands in the address of a state row.
const PART: usize = 33;

impl Vault {
    /// Removes the state rows of `owner` that are over, and says how many there were.
    pub fn sweep_state(&self, owner: ProfileId) -> Result<u64> {
        self.inner.may_change()?;
        let (from, to) = layout::rows_of(Table::State, &self.inner.keys.blind_profile(owner));
        let mut firsts: Vec<Vec<u8>> = Vec::new();
        self.inner.store.scan(&from, &to, &mut |(address, _)| {
            if address.get(PART..) == Some(&[0, 0]) {
                firsts.push(address.to_vec());
            }
            true
        })?;
        let mut swept = 0;
        for some in firsts.chunks(BATCH) {
            swept += self.inner.at_barrier(|_| self.inner.sweep_rows(owner, some))?;
        }
        Ok(swept)
    }
}

impl Inner {
    /// Removes those of the rows that are over; for whoever holds up the committer, so that none is written meanwhile.
    fn sweep_rows(&self, owner: ProfileId, firsts: &[Vec<u8>]) -> Result<u64> {
        let now = self.now();
        let (mut batch, mut swept) = (Batch::default(), 0);
        for first in firsts {
            let address = |part: usize| {
                let part = u16::try_from(part).unwrap_or(u16::MAX);
                [&first[..PART], &part.to_be_bytes()].concat()
            };
            let mut parts: Vec<Vec<u8>> = Vec::new();
            while let Some(part) = self.store.get(&address(parts.len()))? {
                parts.push(part);
            }
            // One that is damaged is for `verify` to name.
            let Ok(plaintext) = self.open_state(owner, first, &parts) else { continue };
            let expires = plaintext.get(1..9).and_then(|bytes| <[u8; 8]>::try_from(bytes).ok()).map(i64::from_be_bytes);
            if expires.is_some_and(|expires| Instant::from_millis(expires) <= now) {
                (0..parts.len()).for_each(|part| batch.delete(address(part)));
                swept += 1;
            }
        }
        if swept > 0 {
            self.store.commit(batch)?;
        }
        Ok(swept)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::crypto::kdf::Cost;
    use crate::crypto::secret::Secret;
    use crate::time::Clock;
    use crate::vault::Options;

    struct Hands(AtomicI64);

    impl Clock for Hands {
        fn now(&self) -> Instant {
            Instant::from_millis(self.0.load(Ordering::SeqCst))
        }
    }

    fn rows(vault: &Vault) -> usize {
        let (from, to) = layout::rows_of(Table::State, &vault.inner.keys.blind_profile(ProfileId::SYSTEM));
        let mut count = 0;
        let counted = vault.inner.store.scan(&from, &to, &mut |_| {
            count += 1;
            true
        });
        counted.expect("scanned");
        count
    }

    #[test]
    fn rows_whose_time_is_over_are_removed_with_all_their_parts_and_others_stay() {
        let home = tempfile::tempdir().expect("a folder");
        let begun = Instant::now();
        let hands = Arc::new(Hands(AtomicI64::new(begun.millis())));
        let clock: Arc<dyn Clock> = hands.clone();
        let options = Options { cost: Cost::FLOOR, clock, ..Options::default() };
        let secret = Secret::passphrase("a passphrase for tests");
        let (vault, _) = Vault::create(&home.path().join("vault"), &[secret], options).expect("a vault");
        let before = rows(&vault);
        let (soon, later) = (begun.plus_millis(60_000), begun.plus_millis(120_000));
        let noise: Vec<u64> = (0..20_000).map(|n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
        let put = |name: &str, value: &[u64], expires| vault.put_state(ProfileId::SYSTEM, name, &value, expires);
        put("short", &[1], Some(soon)).expect("put");
        put("long", &noise, Some(soon)).expect("put");
        put("later", &[2], Some(later)).expect("put");
        put("ever", &[3], None).expect("put");
        assert!(rows(&vault) > before + 4, "the long one has several parts");
        assert_eq!(vault.sweep_state(ProfileId::SYSTEM).expect("swept"), 0);
        hands.0.fetch_add(60_000, Ordering::SeqCst);
        assert_eq!(vault.sweep_state(ProfileId::SYSTEM).expect("swept"), 2);
        assert_eq!(rows(&vault), before + 2);
        for (name, value) in [("later", vec![2]), ("ever", vec![3])] {
            assert_eq!(vault.state::<Vec<u64>>(ProfileId::SYSTEM, name).expect("read"), Some(value), "{name}");
        }
        vault.close().expect("closed");
    }
}
