//! The rows about disk space: what is left after half of everything is gone, on each engine.

use std::path::Path;

use phm_core::store::{Batch, Engine, Generations, Store as _};

use crate::table::{Row, Target, interleaved};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Rows of one store, and the size of the mean sealed record.
const ROWS: u64 = 20_000;
const VALUE: usize = 1100;
/// Rows of one commit.
const AT_ONCE: u64 = 64;
const CACHE: u64 = 16 << 20;

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
    Ok(rows)
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
    fn half_a_store_is_measured_on_both_engines() {
        let folder = tempfile::tempdir().expect("a folder");
        for engine in [Engine::Sled, Engine::Redb] {
            let ratio = halve(&folder.path().join(engine.name()), engine, 300).expect("measured");
            assert!(ratio > 1.0, "{ratio}");
        }
    }
}
