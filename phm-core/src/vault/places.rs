//! Every kind of place a sealed body can stand in, against every other one: no body opens at two of them.

use crate::crypto::kdf::Cost;
use crate::crypto::secret::{ProfileKey, Secret};
use crate::crypto::{self, Prepared, Suite};
use crate::id::{LogId, ProfileId, RecordId, VaultId};
use crate::model::Kinds;
use crate::store::layout::Table;
use crate::vault::folder::Marker;
use crate::vault::{Inner, Options, Vault, checkpoints, flat, heads, journal, ledger, profiles, series};

/// The contexts of a vault with two people and two logs, as the vault itself makes them.
fn contexts(inner: &Inner) -> Vec<Vec<u8>> {
    let vault = inner.marker.vault;
    let forms = ["note", "allergy"].map(|kind| flat::Form::new(Kinds::default().get(kind).expect("a kind")));
    let mut all = vec![heads::context(&inner.marker)];
    for profile in [ProfileId::SYSTEM, ProfileId::from_bytes([1; 16]), ProfileId::from_bytes([2; 16])] {
        for seq in [1, 2, 256] {
            for table in [Table::Journal, Table::Origin] {
                all.push(journal::context(vault, table, profile, seq));
            }
            for rewrite in [0, 1] {
                all.push(checkpoints::chunk_context(inner, profile, rewrite, seq));
                all.extend(forms.iter().map(|form| flat::context(inner, profile, form, rewrite, seq)));
            }
        }
        for record in [[3; 16], [4; 16]].map(RecordId::from_bytes) {
            for number in [0, 1, 2, series::rows::delta(1), series::rows::delta(2)] {
                all.push(series::rows::context(vault, profile, record, number));
            }
        }
        for name in [[3; 16], [4; 16]] {
            all.push(inner.state_context(profile, &name));
        }
        all.push(profiles::head_context(inner, profile));
    }
    for log in [LogId::from_bytes([5; 16]), LogId::from_bytes([6; 16])] {
        all.push(ledger::head_context(vault, log));
        for leaf in [0, 1, 256] {
            all.push(ledger::row_context(vault, log, leaf));
        }
        for profile in [ProfileId::from_bytes([1; 16]), ProfileId::from_bytes([2; 16])] {
            all.push(ledger::about_context(vault, log, profile));
        }
    }
    // The same places in another vault.
    let other = Marker { vault: VaultId::from_bytes([7; 16]), engine: inner.marker.engine, suite: inner.marker.suite };
    all.push(heads::context(&other));
    for table in [Table::Journal, Table::Origin] {
        all.push(journal::context(other.vault, table, ProfileId::SYSTEM, 1));
    }
    all.push(ledger::head_context(other.vault, LogId::from_bytes([5; 16])));
    all.push(ledger::row_context(other.vault, LogId::from_bytes([5; 16]), 0));
    all
}

#[test]
fn no_two_sealed_bodies_can_change_places_even_under_one_key() {
    let dir = tempfile::tempdir().expect("a folder");
    let options = Options { cost: Cost::FLOOR, ..Options::default() };
    let (vault, _) = Vault::create(dir.path(), &[Secret::passphrase("correct horse")], options).expect("create");
    let contexts = contexts(&vault.inner);
    assert!(contexts.len() > 60, "{} places", contexts.len());
    let key = ProfileKey::from_bytes([8; 32]);
    for suite in [Suite::Aes256Gcm, Suite::ChaCha20Poly1305] {
        let seal = |at: &Vec<u8>| crypto::seal(suite, &key, 1, at, &Prepared::new(b"body").expect("prepare"));
        let bodies: Vec<_> = contexts.iter().map(seal).collect();
        for (from, body) in bodies.iter().enumerate() {
            for (to, context) in contexts.iter().enumerate() {
                assert_eq!(crypto::open(&key, context, body).is_ok(), from == to, "from {from} to {to}");
            }
        }
    }
}
