//! The keyring: as it comes, under a code that fits, and with the entries of a whole one put together anew.
#![no_main]

use std::fs;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use phm_core::crypto::keyring::{FILES, Keyring, Owner};
use phm_core::id::{LogId, ProfileId};
use phm_fuzz::{VAULT, root, scratch, with_keyring_code};

const FRONT: usize = 4 + 1 + 16 + 8 + 4;
const ENTRY: usize = 1 + 16 + 4 + 72;

/// A whole keyring without its code.
static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let dir = scratch("whole");
    fs::create_dir(&dir).expect("created");
    let person = Owner::Profile(ProfileId::from_bytes([9; 16]));
    let log = LogId::from_bytes([8; 16]);
    let owners = [person, person, Owner::Index, Owner::Audit(log), Owner::Checkpoint(log), Owner::State, Owner::Token];
    Keyring::create(&dir, VAULT, root(), &owners).expect("made");
    let mut bytes = fs::read(dir.join(FILES[0])).expect("read");
    bytes.truncate(bytes.len() - 32);
    bytes
});

/// The entries of the whole keyring that the bytes of `order` name.
fn put_together(order: &[u8]) -> Vec<u8> {
    let entries: Vec<&[u8]> = WHOLE[FRONT..].chunks(ENTRY).collect();
    let count = u32::try_from(order.len()).expect("inputs are short");
    let mut out = WHOLE[..FRONT - 4].to_vec();
    out.extend_from_slice(&count.to_be_bytes());
    out.extend(order.iter().flat_map(|place| entries[usize::from(*place) % entries.len()]));
    out
}

fuzz_target!(|data: &[u8]| {
    let dir = scratch("keyring");
    fs::create_dir_all(&dir).expect("created");
    let order = &data[..data.len().min(64)];
    for file in [data.to_vec(), with_keyring_code(data), with_keyring_code(&put_together(order))] {
        fs::write(dir.join(FILES[0]), file).expect("written");
        let Ok(keyring) = Keyring::load(&dir, VAULT, root()) else { continue };
        for owner in keyring.owners() {
            let epochs = keyring.epochs(owner);
            assert!(!epochs.is_empty() && epochs.is_sorted_by(|one, two| one < two));
        }
    }
});
