//! The guarded sled by itself.

use super::*;

crate::store_suite!(contract, true, |dir| SledStore::open(dir, 1 << 20).expect("the store opens"));

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
