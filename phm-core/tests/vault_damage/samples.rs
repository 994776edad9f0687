//! Samples that were changed, lost or moved: the row is named, nothing of it is served, and the rest is read and saved.

use std::ops::Range;
use std::path::Path;

use phm_core::access::Action;
use phm_core::id::RecordId;
use phm_core::index::{Query, Timeframe};
use phm_core::store::layout::Table;
use phm_core::time::{Instant, When};
use phm_core::vault::{Damage, SampleQuery, Session, Where};
use phm_core::{Error, ErrorKind, backup};

use crate::house;
use crate::sound::{IN_BLOCKS, Row, WAITING, overwrite, rows};
use crate::{after_and_served, flipped, number, sound_vault};

/// Rows with a number from here on hold the samples of an entry that are in no block yet.
const DELTAS: u64 = 1 << 63;
/// Samples of a full block.
const BLOCK: i64 = 4_096;

/// The rows of the series: the directory, two blocks, and the samples that wait.
fn series() -> [Row; 4] {
    let rows: [Row; 4] = rows(&sound_vault().dir, Table::Series).try_into().expect("four rows");
    let numbers = rows.each_ref().map(|(address, _)| number(address));
    assert!(numbers[..3] == [0, 1, 2] && numbers[3] > DELTAS, "{numbers:?}");
    rows
}

/// Whether a report names this row: the directory by its series, a block by its number too, others by their entry.
fn names(damaged: &[Damage], row: u64) -> bool {
    damaged.iter().any(|damage| {
        let entry = damage.entry.as_deref().unwrap_or_default();
        match row {
            0 => damage.place == Where::Store && entry.contains("#series "),
            DELTAS.. => damage.place == Where::Journal && entry.ends_with(&format!("#{}", row - DELTAS)),
            _ => damage.place == Where::Store && entry.contains("#series ") && entry.ends_with(&format!("/{row}")),
        }
    })
}

/// Changes a copy of the sound vault: these rows are named, the samples are not served, and everything else is.
fn named_and_not_served(changes: &[(&[u8], Option<Vec<u8>>)], wrong: &[u64]) {
    let (found, served) = after_and_served(|dir| {
        overwrite(dir, changes.iter().map(|(address, value)| (address.to_vec(), value.clone())));
    });
    assert!(wrong.iter().all(|row| names(&found, *row)), "{wrong:?}: {found:?}");
    let missing: Vec<&String> = sound_vault().serves.keys().filter(|what| !served.contains_key(*what)).collect();
    assert!(missing.len() == 1 && missing[0].ends_with(" samples"), "{wrong:?}: {missing:?}");
}

#[test]
fn a_flipped_bit_in_any_row_of_a_series_is_named_and_not_served() {
    let mut dice = house::Dice::new(6);
    for (address, value) in &series() {
        for _ in 0..4 {
            let bit = usize::try_from(dice.below(value.len() as u64 * 8)).expect("short");
            named_and_not_served(&[(address.as_slice(), Some(flipped(value, bit)))], &[number(address)]);
        }
    }
}

#[test]
fn a_deleted_row_of_a_series_is_named_and_not_served() {
    for (address, _) in &series() {
        named_and_not_served(&[(address.as_slice(), None)], &[number(address)]);
    }
}

#[test]
fn two_rows_of_a_series_that_changed_places_are_named_and_not_served() {
    for pair in series().windows(2) {
        let [(a, a_value), (b, b_value)] = pair else { unreachable!("two at a time") };
        let swapped = [(a.as_slice(), Some(b_value.clone())), (b.as_slice(), Some(a_value.clone()))];
        named_and_not_served(&swapped, &[number(a), number(b)]);
    }
}

/// The samples of these minutes.
fn read(session: &Session, minutes: Range<i64>) -> Result<Vec<i64>, Error> {
    let asha = session.profiles()?.into_iter().find(|card| card.name == "Asha Example").expect("there").profile;
    let permit = session.permit(Action::Read, asha, "series")?;
    let series: RecordId = session.summaries(&permit, &Query::default())?.items[0].id;
    let moment = |minute: i64| Some(When::Instant(Instant::from_millis(minute * 60_000)));
    let time = Timeframe { from: moment(minutes.start), to: moment(minutes.end - 1) };
    let samples = session.samples(&permit, series, &SampleQuery { time, ..SampleQuery::default() })?.1;
    Ok(samples.times.into_iter().map(|at| at / 60_000).collect())
}

/// A copy of the sound vault in which one row of the series is damaged.
fn damaged(dir: &Path, (address, value): &Row) {
    house::copy(&sound_vault().dir, dir);
    overwrite(dir, [(address.clone(), Some(flipped(value, 999)))]);
}

#[test]
fn what_stands_beside_a_damaged_block_is_served_and_saved_and_what_is_lost_is_counted() {
    let end = IN_BLOCKS + WAITING;
    let [_, first, second, _] = series();
    for (block, lost, whole) in [(&first, 0..BLOCK, BLOCK..end), (&second, BLOCK..IN_BLOCKS, 0..BLOCK)] {
        let home = tempfile::tempdir().expect("a folder");
        let (dir, out) = (home.path().join("vault"), home.path().join("out"));
        damaged(&dir, block);
        let vault = house::open(&dir).expect("the vault opens");
        let session = house::operator(&vault);
        assert!(read(&session, whole.clone()).expect("another block").into_iter().eq(whole));
        for minutes in [lost.start..lost.start + 1, lost.end - 1..lost.end, 0..end] {
            let refused = read(&session, minutes).expect_err("a damaged block");
            assert_eq!(refused.kind(), ErrorKind::Corrupt);
            let text = refused.to_string();
            assert!(text.contains(&format!("/{} are damaged", number(&block.0))), "{text}");
            assert!(text.contains("restore the newest backup"), "{text}");
        }
        drop(session);
        // Compacted, so that no copy of the row is left in the files.
        vault.compact().expect("compacted");
        vault.close().expect("closed");
        let report = backup::salvage(&dir, &out, &house::key(), house::options()).expect("salvaged");
        assert!(report.gaps.is_empty(), "{report:?}");
        let gone = u64::try_from(lost.end - lost.start).expect("some");
        assert_eq!(report.lost_samples.iter().map(|one| one.lost).collect::<Vec<_>>(), [gone]);
        assert_eq!(report.samples + gone, u64::try_from(end).expect("some"));
    }
}
