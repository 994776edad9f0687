use std::fs;

use super::*;
use crate::crypto::bytes::unhex;
use crate::crypto::secret::KeyBytes as _;
use crate::error::{Error, ErrorKind};

const VAULT: VaultId = VaultId::from_bytes([9; 16]);
fn root() -> RootKey {
    RootKey::from_bytes([0x22; 32])
}

const PERSON: ProfileId = ProfileId::from_bytes([1; 16]);
const LOG: LogId = LogId::from_bytes([2; 16]);

fn sample() -> Vec<u8> {
    unhex(include_str!("../samples/keyring-1.hex"))
}

fn folder(first: &[u8], second: &[u8]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("keyring"), first).expect("write");
    fs::write(dir.path().join("keyring.2"), second).expect("write");
    dir
}

fn new_folder(owners: &[Owner]) -> (tempfile::TempDir, Keyring) {
    let dir = tempfile::tempdir().expect("a folder");
    let keyring = Keyring::create(dir.path(), VAULT, &root(), owners).expect("create");
    (dir, keyring)
}

fn bytes<K: crate::crypto::secret::KeyBytes>(key: Option<(u32, K)>) -> Option<(u32, [u8; 32])> {
    key.map(|(epoch, key)| (epoch, *key.bytes()))
}

#[test]
fn a_keyring_written_by_the_first_release_still_opens() {
    let dir = folder(&sample(), &sample());
    let keyring = Keyring::load(dir.path(), VAULT, &root()).expect("load");
    assert_eq!((keyring.generation(), keyring.damaged().len()), (12, 0));
    assert_eq!(keyring.epochs(Owner::Profile(PERSON)), [1, 3]);
    assert_eq!(bytes(keyring.profile(PERSON)), Some((3, [0x43; 32])));
    assert_eq!(*keyring.profile_at(PERSON, 1).expect("old key").bytes(), [0x41; 32]);
    assert!(keyring.profile_at(PERSON, 2).is_none());
    assert_eq!(*keyring.index().expect("index").bytes(), [0x31; 32]);
    assert_eq!(bytes(keyring.audit(LOG)), Some((1, [0x32; 32])));
    assert_eq!(*keyring.checkpoint(LOG).expect("seed").bytes(), [0x33; 32]);
    assert_eq!(bytes(keyring.state()), Some((1, [0x34; 32])));
    assert_eq!(bytes(keyring.token()), Some((1, [0x35; 32])));
    assert_eq!(bytes(keyring.backup()), Some((1, [0x36; 32])));
    assert_eq!(keyring.owners().count(), 7);
}

#[test]
fn a_keyring_is_written_in_the_form_of_the_first_release() {
    let (keys, _, generation) = form::parse(&sample(), VAULT, &[&root()]).expect("whole");
    assert_eq!(form::encode(VAULT, &keys, generation, &mac_key(&root(), VAULT).bytes()), sample());
}

#[test]
fn every_flipped_bit_is_noticed() {
    let whole = sample();
    for bit in 0..whole.len() * 8 {
        let mut bad = whole.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(form::parse(&bad, VAULT, &[&root()]).is_err(), "bit {bit}");
    }
    assert!(form::parse(&whole[..whole.len() - 1], VAULT, &[&root()]).is_err());
}

#[test]
fn one_damaged_copy_is_named_and_the_next_change_repairs_it() {
    let dir = folder(&sample()[1..], &sample());
    let mut keyring = Keyring::load(dir.path(), VAULT, &root()).expect("load");
    assert_eq!(keyring.damaged(), ["keyring"]);
    keyring.add(Owner::Token, &root()).expect("add");
    assert!(keyring.damaged().is_empty());
    assert!(Keyring::load(dir.path(), VAULT, &root()).expect("load").damaged().is_empty());
}

#[test]
fn two_damaged_copies_say_which_file_and_what_to_do() {
    let dir = folder(b"", b"x");
    let error = Error::from(Keyring::load(dir.path(), VAULT, &root()).expect_err("damaged"));
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains("keyring and keyring.2") && error.to_string().contains("backup"), "{error}");
}

#[test]
fn a_keyring_of_another_root_or_vault_does_not_open() {
    let dir = folder(&sample(), &sample());
    assert!(Keyring::load(dir.path(), VAULT, &RootKey::generate()).is_err());
    assert!(Keyring::load(dir.path(), VaultId::from_bytes([8; 16]), &root()).is_err());
    let mut keyring = Keyring::load(dir.path(), VAULT, &root()).expect("load");
    assert!(keyring.add(Owner::Token, &RootKey::generate()).is_err(), "nor takes keys under another root");
}

#[test]
fn a_new_key_is_on_disk_when_the_call_returns() {
    let (dir, mut keyring) = new_folder(&[Owner::Index]);
    let before = keyring.generation();
    assert_eq!(keyring.add(Owner::Profile(PERSON), &root()).expect("add"), 1);
    assert_eq!(keyring.add(Owner::Profile(PERSON), &root()).expect("add"), 2);
    assert_eq!(keyring.generation(), before + 2);
    for copy in ["keyring", "keyring.2"] {
        let bytes_on_disk = fs::read(dir.path().join(copy)).expect("read");
        let other = folder(&bytes_on_disk, b"");
        let loaded = Keyring::load(other.path(), VAULT, &root()).expect("load");
        assert_eq!(bytes(loaded.profile(PERSON)), bytes(keyring.profile(PERSON)));
    }
}

#[test]
fn the_log_that_was_begun_last_comes_last_and_keeps_its_number() {
    let (dir, mut keyring) = new_folder(&[Owner::Audit(LOG), Owner::Checkpoint(LOG)]);
    let next = [LogId::from_bytes([1; 16]), LogId::from_bytes([9; 16])];
    for log in next {
        keyring.begin_log(log, &root()).expect("begun");
    }
    assert!(keyring.begin_log(LOG, &root()).is_err(), "it was begun already");
    let numbered = [(LOG, 0), (next[0], 1), (next[1], 2)];
    let loaded = Keyring::load(dir.path(), VAULT, &root()).expect("load");
    assert_eq!((keyring.logs(), loaded.logs()), (numbered.to_vec(), numbered.to_vec()));
    assert!(loaded.checkpoint(next[1]).is_some() && loaded.checkpoint(LOG).is_some());
}

#[test]
fn a_failed_write_leaves_the_keyring_as_it_was_and_the_next_one_wins() {
    let (dir, mut keyring) = new_folder(&[Owner::Index]);
    let generation = keyring.generation();
    // A folder stands where the second copy is prepared, so only the first one can be written.
    let blocked = dir.path().join("keyring.2.new");
    fs::create_dir(&blocked).expect("create");
    assert!(matches!(keyring.add(Owner::Token, &root()), Err(CryptoError::Io(_))));
    assert!(keyring.token().is_none() && keyring.generation() == generation);
    fs::remove_dir(&blocked).expect("remove");
    keyring.add(Owner::State, &root()).expect("add");
    let loaded = Keyring::load(dir.path(), VAULT, &root()).expect("load");
    assert!(loaded.damaged().is_empty() && loaded.token().is_none() && loaded.state().is_some());
}

#[test]
fn removed_owners_and_dropped_epochs_are_gone() {
    let (dir, mut keyring) = new_folder(&[Owner::Token, Owner::Profile(PERSON), Owner::Profile(PERSON)]);
    keyring.drop_epoch(Owner::Profile(PERSON), 1).expect("drop");
    assert!(keyring.drop_epoch(Owner::Profile(PERSON), 2).is_err(), "the newest is not dropped alone");
    assert!(keyring.drop_epoch(Owner::Backup, 1).is_err());
    keyring.remove(Owner::Token).expect("remove");
    let loaded = Keyring::load(dir.path(), VAULT, &root()).expect("load");
    assert_eq!(loaded.owners().collect::<Vec<_>>(), [Owner::Profile(PERSON)]);
    assert_eq!(loaded.epochs(Owner::Profile(PERSON)), [2]);
}

#[test]
fn thousands_of_owners_are_one_write() {
    let owners: Vec<Owner> = (0..2_000).map(|_| Owner::Profile(ProfileId::new())).collect();
    let (dir, keyring) = new_folder(&owners);
    assert_eq!(keyring.generation(), 1);
    assert_eq!(Keyring::load(dir.path(), VAULT, &root()).expect("load").owners().count(), 2_000);
}

#[test]
fn a_keyring_shows_no_key() {
    let (_dir, keyring) = new_folder(&[Owner::Index]);
    assert_eq!(format!("{keyring:?}"), "Keyring { generation: 1, owners: 1, .. }");
}
