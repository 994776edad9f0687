//! The rows about disk space: what a record takes, and what is left after half of everything is gone, on each engine.

use std::path::Path;

use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::store::{Batch, Engine, Generations, Store as _};
use phm_core::vault::How;
use serde_json::{Value, json};

use crate::house::{House, KIND, body};
use crate::sqlite::{Keeps, Peer};
use crate::storage::stored;
use crate::table::{Row, Target, interleaved, median};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Rows of one store, and the size of the mean sealed record.
const ROWS: u64 = 20_000;
const VALUE: usize = 1100;
/// Rows of one commit.
const AT_ONCE: u64 = 64;
const CACHE: u64 = 16 << 20;
/// People of one vault, of whom every other is erased, and records of each.
const PEOPLE: u32 = 8;
const RECORDS: u32 = 500;
const ENGINES: [Engine; 2] = [Engine::Sled, Engine::Redb];

/// Measures and gives the rows.
pub fn rows(data: &Path, rounds: usize) -> Outcome<Vec<Row>> {
    let folder = data.join("disk");
    let mut rows = Vec::new();
    let halved = |engine: Engine| {
        let ratio = halve(&folder, engine, ROWS);
        std::fs::remove_dir_all(&folder).expect("removed");
        ratio.expect("the store works")
    };
    let [sled, redb] = interleaved(rounds, [&mut || halved(Engine::Sled), &mut || halved(Engine::Redb)]);
    for (engine, ratio) in [(Engine::Sled, sled), (Engine::Redb, redb)] {
        let what = format!("store on {} after deleting half and compacting", engine.name());
        rows.push(Row::alone(&what, "× live bytes", Target::AtMost(2.0), ratio));
    }
    rows.extend(of_vaults(&folder, rounds)?);
    Ok(rows)
}

/// What a record takes in a vault, all told, and what is left of a vault after half of its people were erased.
fn of_vaults(folder: &Path, rounds: usize) -> Outcome<Vec<Row>> {
    let mut figures: [(Vec<f64>, Vec<f64>); 2] = [const { (Vec::new(), Vec::new()) }; 2];
    for _ in 0..rounds {
        for (engine, (records, halves)) in ENGINES.into_iter().zip(&mut figures) {
            let (record, half) = erase_half(folder, engine, PEOPLE, RECORDS)?;
            std::fs::remove_dir_all(folder)?;
            records.push(record);
            halves.push(half);
        }
    }
    let peer = peer_record(folder, RECORDS)?;
    std::fs::remove_dir_all(folder)?;
    let mut rows = Vec::new();
    for (engine, (mut records, mut halves)) in ENGINES.into_iter().zip(figures) {
        let what = format!("vault on {}, every other person erased", engine.name());
        rows.push(Row::alone(&what, "× live bytes", Target::AtMost(2.0), median(&mut halves)));
        let what = format!("disk of a record with journal, audit and heads, on {}", engine.name());
        let peer = (Keeps::Pages.name(), peer);
        rows.push(Row::against(&what, "bytes", Target::ForTheRecord, median(&mut records), peer));
    }
    Ok(rows)
}

/// Fills a vault and erases every other person; the bytes on disk of a record before, and how many times its live bytes
/// the store takes afterwards.
fn erase_half(folder: &Path, engine: Engine, people: u32, records: u32) -> Outcome<(f64, f64)> {
    std::fs::create_dir_all(folder)?;
    let House { vault, session, .. } = House::create_on(folder, engine)?;
    let mut profiles: Vec<ProfileId> = Vec::new();
    for person in 0..people {
        let name = json!({"name": {"text": format!("Person {person}")}});
        let profile = session.add_profile(&name, None)?.profile;
        let permit = session.permit(Action::Add, profile, KIND)?;
        let bodies: Vec<Value> = (0..records).map(|record| body(person * records + record)).collect();
        session.add_many(&permit, &bodies, &How::Typed)?;
        profiles.push(profile);
    }
    vault.compact()?;
    let record = ratio(vault.stats()?.bytes.store, u64::from(people * records));
    for profile in profiles.iter().step_by(2) {
        assert!(session.erase_profile(*profile)?.compacted, "there is room to compact");
    }
    let left = vault.stats()?.bytes;
    drop(session);
    vault.close()?;
    Ok((record, ratio(left.store, left.live)))
}

/// The bytes on disk of the same record in the peer, with its indexes and its audit row.
fn peer_record(folder: &Path, records: u32) -> Outcome<f64> {
    std::fs::create_dir_all(folder)?;
    let peer = Peer::create(folder, Keeps::Pages)?;
    for number in 0..records {
        peer.add(&stored(number, RecordId::new()))?;
    }
    // Closing moves what stands in the journal into the file.
    drop(peer);
    Ok(ratio(std::fs::metadata(folder.join("peer.db"))?.len(), u64::from(records)))
}

/// Fills a store with `count` rows, deletes every other one and compacts; how many times its live bytes it then takes.
fn halve(folder: &Path, engine: Engine, count: u64) -> Outcome<f64> {
    std::fs::create_dir_all(folder)?;
    let store = Generations::open(folder, engine, CACHE)?;
    let mut noise = 0x9E37_79B9_7F4A_7C15_u64;
    for from in (0..count).step_by(usize::try_from(AT_ONCE)?) {
        let mut batch = Batch::default();
        for row in from..count.min(from + AT_ONCE) {
            batch.append(address(row), value(&mut noise));
        }
        store.commit(batch)?;
    }
    for from in (0..count).step_by(usize::try_from(AT_ONCE)?) {
        let mut batch = Batch::default();
        (from..count.min(from + AT_ONCE)).filter(|row| row % 2 == 1).for_each(|row| batch.delete(address(row)));
        store.commit(batch)?;
    }
    let after = store.compact()?.after;
    assert_eq!(after.values, count.div_ceil(2), "half of the rows are there");
    Ok(ratio(after.disk_bytes, after.live_bytes))
}

#[allow(clippy::cast_precision_loss)] // a ratio for people
fn ratio(disk: u64, live: u64) -> f64 {
    disk as f64 / live as f64
}

/// Journals of eight people, as the vault addresses them.
fn address(row: u64) -> Vec<u8> {
    let person = u8::try_from(row / 2 % 8).expect("eight people");
    [&[1], [person; 16].as_slice(), &row.to_be_bytes(), &[0, 0]].concat()
}

/// Bytes that nothing can compress, as sealed ones are.
fn value(noise: &mut u64) -> Vec<u8> {
    let mut value = Vec::with_capacity(VALUE + 8);
    while value.len() < VALUE {
        *noise ^= *noise << 13;
        *noise ^= *noise >> 7;
        *noise ^= *noise << 17;
        value.extend_from_slice(&noise.to_le_bytes());
    }
    value.truncate(VALUE);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_vault_and_a_record_are_measured_on_both_engines() {
        let folder = tempfile::tempdir().expect("a folder");
        for engine in ENGINES {
            let (record, half) = erase_half(&folder.path().join(engine.name()), engine, 2, 20).expect("measured");
            assert!(record > 100.0 && half > 1.0, "{record} {half}");
        }
        assert!(peer_record(&folder.path().join("peer"), 20).expect("measured") > 100.0);
    }

    #[test]
    fn half_a_store_is_measured_on_both_engines() {
        let folder = tempfile::tempdir().expect("a folder");
        for engine in [Engine::Sled, Engine::Redb] {
            let ratio = halve(&folder.path().join(engine.name()), engine, 300).expect("measured");
            assert!(ratio > 1.0, "{ratio}");
        }
    }
}
