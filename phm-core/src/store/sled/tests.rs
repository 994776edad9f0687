//! The guarded sled by itself.

use super::*;

crate::store_suite!(contract, true, |dir| SledStore::open(dir, 1 << 20).expect("the store opens"));

/// What the engine writes by itself it syncs by itself too, and where that fails it tells nobody.
#[test]
fn nothing_is_written_between_commits_though_there_is_much_to_clean() {
    let dir = tempfile::tempdir().expect("tempdir");
    let store = SledStore::open(&dir.path().join("1"), 1 << 20).expect("open");
    for round in 0..8_u8 {
        for some in (0..4000_u32).collect::<Vec<_>>().chunks(64) {
            let mut batch = Batch::default();
            // Of the later rounds each leaves alone what others change, so that every segment keeps a few live pages.
            for row in some.iter().filter(|row| round == 0 || *row % 8 != u32::from(round)) {
                batch.replace(row.to_be_bytes().to_vec(), vec![round; 900]);
            }
            store.commit(batch).expect("commit");
        }
    }
    let file = dir.path().join("1/db");
    let after_the_last = fs::read(&file).expect("the log");
    thread::sleep(Duration::from_millis(1500));
    assert!(fs::read(&file).expect("the log") == after_the_last, "the log was written to");
}

#[test]
fn rows_as_small_as_those_of_a_journal_are_laid_out_with_little_beside_them() {
    let dir = tempfile::tempdir().expect("tempdir");
    let store = SledStore::open(&dir.path().join("1"), 1 << 20).expect("open");
    let rows: Vec<_> =
        (0..2000_u32).map(|row| ([[1; 17].as_slice(), &row.to_be_bytes(), &[0; 6]].concat(), vec![7; 613])).collect();
    for some in rows.chunks(256) {
        store.fill(some.to_vec()).expect("filled");
    }
    store.commit(Batch::default()).expect("commit");
    let stats = store.stats().expect("stats");
    assert_eq!(stats.values, 2000);
    assert!(stats.disk_bytes * 10 < stats.live_bytes * 18, "{stats:?}");
}
