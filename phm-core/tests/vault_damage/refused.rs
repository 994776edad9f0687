//! A row that the disk does not give for once is no damage, and where the engine meets damage of its files nothing is known
//! of the row: verifying ends with that error, and names nothing.

use std::io;
use std::sync::Arc;

use phm_core::ErrorKind;
use phm_core::store::faulty::{Call, Fault, Faults, FaultyStore, Moment};
use phm_core::store::{Opener, StoreError};
use phm_core::vault::Options;

use crate::house;
use crate::log::long;
use crate::sound_vault;

fn unreadable() -> StoreError {
    StoreError::Io(io::Error::other("a read that fails"))
}

fn damaged() -> StoreError {
    StoreError::Corrupt("a checksum does not match".into())
}

#[test]
fn whatever_read_fails_verifying_says_so_and_calls_nothing_damaged() {
    for sound in [&sound_vault().dir, &long().dir] {
        let home = tempfile::tempdir().expect("a folder");
        let dir = home.path().join("vault");
        house::copy(sound, &dir);
        let faults = Faults::default();
        let sharing = faults.clone();
        let opener: Opener = Arc::new(move |engine, dir, cache| {
            Ok(Box::new(FaultyStore::sharing(engine.open(dir, cache)?, &sharing)) as Box<_>)
        });
        let vault = house::open_with(&dir, &Options { opener, ..house::options() }).expect("the vault opens");
        let mut wrong = Vec::new();
        let kinds: [(fn() -> StoreError, ErrorKind); 2] = [(unreadable, ErrorKind::Io), (damaged, ErrorKind::Corrupt)];
        for (call, (error, kind)) in [Call::Get, Call::Scan].into_iter().flat_map(|call| kinds.map(|kind| (call, kind)))
        {
            let before = faults.calls(call);
            assert!(vault.verify(None).expect("verified").ok);
            let calls = faults.calls(call) - before;
            assert!(calls > 10, "{calls} {call:?}");
            // Where they are many, they are for rows of one table.
            for number in (1..=calls).step_by(1 + usize::try_from(calls / 200).expect("few")) {
                faults.fail(Fault { call, number, moment: Moment::Before, error });
                match vault.verify(None) {
                    Err(error) if error.kind() == kind => {}
                    said => wrong.push((call, kind, number, said.map(|report| report.damaged))),
                }
                faults.heal();
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert!(vault.verify(None).expect("verified").ok, "nothing came of it");
    }
}
