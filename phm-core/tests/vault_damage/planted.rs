//! Rows planted far behind the end of what was written: they are named at once, however far away they claim to stand.

use phm_core::backup;
use phm_core::store::layout::{self, Table};
use phm_core::store::{Engine, Generations};
use phm_core::vault::{Damage, Where};

use crate::house;
use crate::sound::{self, overwrite, rows};
use crate::{after, names, sound_vault};

/// Places nobody ever wrote at: one that memory cannot count up to, and the last there is.
const FAR: [u64; 2] = [1 << 60, u64::MAX];

/// The address of a part of the same owner's row at another place.
fn moved(address: &[u8], to: u64, part: u16) -> Vec<u8> {
    [&address[..17], &to.to_be_bytes(), &part.to_be_bytes()].concat()
}

#[test]
fn a_row_planted_far_behind_the_end_is_named_and_nothing_else_is() {
    for (table, place) in
        [(Table::Journal, Where::Journal), (Table::Origin, Where::Journal), (Table::Audit, Where::Audit)]
    {
        let (address, value) = rows(&sound_vault().dir, table).remove(0);
        // A later part alone as well.
        for (far, part) in FAR.into_iter().flat_map(|far| [(far, 0), (far, 1)]) {
            let found = after(|dir| overwrite(dir, [(moved(&address, far, part), Some(value.clone()))]));
            assert!(names(&found, place, far), "{} {far}: {found:?}", table.name());
            assert_eq!(found.len(), 1, "{} {far}: {found:?}", table.name());
        }
    }
}

#[test]
fn a_part_planted_behind_the_last_one_of_a_row_is_named() {
    for (table, place) in
        [(Table::Journal, Where::Journal), (Table::Origin, Where::Journal), (Table::Audit, Where::Audit)]
    {
        for (address, value) in rows(&sound_vault().dir, table).into_iter().step_by(3) {
            let number = crate::number(&address);
            let found = after(|dir| overwrite(dir, [(moved(&address, number, 500), Some(value))]));
            assert!(names(&found, place, number), "{} {number}: {found:?}", table.name());
        }
    }
    let (address, value) = rows(&sound_vault().dir, Table::Series).remove(0);
    let found = after(|dir| overwrite(dir, [(moved(&address, crate::number(&address), 500), Some(value))]));
    let series = |entry: &str| entry.contains("#series ");
    assert!(found.iter().any(|one| one.entry.as_deref().is_some_and(series)), "{found:?}");
}

#[test]
fn a_state_row_that_is_not_at_the_address_it_is_sealed_for_is_named() {
    let sound = &sound_vault().dir;
    let state = rows(sound, Table::State);
    assert!(state.len() >= 2, "{} rows", state.len());
    let journals = rows(sound, Table::Journal);
    for (address, value) in state {
        let another = &journals.iter().find(|row| row.0[1..17] != address[1..17]).expect("another owner").0;
        let named = |becomes: Vec<u8>, name: &str| {
            let found = after(|dir| overwrite(dir, [(address.clone(), None), (becomes.clone(), Some(value.clone()))]));
            let so = |one: &Damage| one.entry.as_deref().is_some_and(|entry| entry.ends_with(name));
            assert!(found.iter().any(so), "{becomes:?}: {found:?}");
        };
        named(address[..34].to_vec(), "#state");
        named([&address[..], &[0]].concat(), "#state");
        named([&address[..1], &another[1..17], &address[17..]].concat(), "#state");
        named([&address[..34], &[1]].concat(), "#state");
        // A block of a disk that was cleared reads like this, or like that.
        named(vec![u8::MAX; address.len()], "no table: 1 rows of nobody");
        named(vec![u8::MAX; 64], "no table: 1 rows of nobody");
        named(vec![0; address.len()], "no table: 1 rows of nobody");
    }
}

#[test]
fn a_tile_planted_far_behind_the_end_is_named() {
    let log = rows(&sound_vault().dir, Table::Audit).remove(0).0[1..17].try_into().expect("sixteen bytes");
    for (level, far) in [(0, FAR[0]), (0, FAR[1]), (1, FAR[1]), (u8::MAX, FAR[1])] {
        let tile = (layout::tile(&log, level, far), Some(vec![7; 8 * 1024]));
        let found = after(|dir| overwrite(dir, [tile]));
        let name = format!("tile {level}/{far}");
        assert!(found.iter().any(|one| one.place == Where::Audit && one.entry.as_ref() == Some(&name)), "{found:?}");
    }
}

#[test]
fn many_entries_lost_one_behind_the_other_are_one_line_of_the_report() {
    let all = rows(&sound_vault().dir, Table::Audit);
    let gone = all[1..4].iter().map(|(address, _)| (address.clone(), None));
    let found = after(|dir| overwrite(dir, gone));
    let entries: Vec<_> = found.iter().filter(|one| one.reason == "missing").map(|one| one.entry.as_deref()).collect();
    assert_eq!(entries, [Some("#1-3")], "{found:?}");
}

#[test]
fn salvage_names_a_planted_entry_and_counts_no_others_that_never_were() {
    for far in FAR {
        let home = tempfile::tempdir().expect("a folder");
        let (dir, out) = (home.path().join("vault"), home.path().join("out"));
        sound::make(&dir);
        let journal = rows(&dir, Table::Journal);
        let (address, value) = &journal[0];
        let entries = journal.iter().filter(|(address, _)| address.ends_with(&[0, 0])).count();
        overwrite(&dir, [(moved(address, far, 0), Some(value.clone()))]);
        let report = backup::salvage(&dir, &out, &house::key(), house::options()).expect("salvaged");
        assert_eq!(report.gaps.iter().map(|gap| gap.seq).collect::<Vec<_>>(), [far]);
        assert_eq!(report.entries, entries as u64);
    }
}

#[test]
fn salvage_names_every_entry_that_is_missing_before_one_that_opens() {
    let home = tempfile::tempdir().expect("a folder");
    let (dir, out) = (home.path().join("vault"), home.path().join("out"));
    sound::make(&dir);
    let journal = rows(&dir, Table::Journal);
    let asha = crate::by_owner_in(&dir, Table::Journal).into_values().max_by_key(Vec::len).expect("a journal");
    let seqs: Vec<u64> = asha.iter().map(|(address, _)| crate::number(address)).collect();
    assert_eq!(seqs[..4], [1, 2, 3, 4]);
    let damaged = crate::flipped(&asha[1].1, 999);
    let lost = [(asha[0].0.clone(), None), (asha[1].0.clone(), Some(damaged)), (asha[2].0.clone(), None)];
    overwrite(&dir, lost);
    // Until the store is compacted salvage finds the lost rows in its files.
    let found = backup::salvage(&dir, &home.path().join("found"), &house::key(), house::options()).expect("salvaged");
    assert_eq!(
        (found.gaps.len(), found.entries),
        (0, journal.iter().filter(|row| row.0.ends_with(&[0, 0])).count() as u64)
    );
    let store = Generations::open(&dir, Engine::default(), 4 << 20).expect("the store opens");
    store.compact().expect("compacted");
    drop(store);
    let report = backup::salvage(&dir, &out, &house::key(), house::options()).expect("salvaged");
    assert_eq!(report.gaps.iter().map(|gap| gap.seq).collect::<Vec<_>>(), [1, 2, 3]);
}
