//! What does not belong to a chain, or was changed or cut, is refused and leaves nothing.

use std::fs;
use std::path::PathBuf;

use phm_core::ErrorKind;
use phm_core::backup::{self, Keys};
use phm_core::crypto::secret::RecoveryCode;

use crate::{chain, continued, house, refused, restore};

#[test]
fn what_does_not_belong_together_is_refused_by_name_and_leaves_nothing() {
    let home = tempfile::tempdir().expect("a folder");
    let (vault, files) = chain(home.path(), 3);
    let dir = home.path().join("again");
    let code = |files: &[PathBuf]| {
        let error = refused(files, &dir);
        (error.kind(), error.code().to_owned(), error.to_string())
    };
    let by_number = |numbers: &[usize]| numbers.iter().map(|number| files[*number].clone()).collect::<Vec<_>>();
    for order in [&[1, 0, 2][..], &[0, 2, 1], &[2, 1, 0]] {
        let (kind, _, text) = code(&by_number(order));
        assert!(kind == ErrorKind::Invalid && text.contains("order"), "{order:?}: {text}");
    }
    for (there, missing) in [(&[0, 2][..], 1), (&[1, 2], 0)] {
        let (kind, code, text) = code(&by_number(there));
        assert_eq!((kind, code.as_str()), (ErrorKind::NotFound, "not-found"), "{there:?}");
        assert!(text.contains(&format!("number {missing}")), "{text}");
    }
    // Another chain of the same vault, and a backup of another vault.
    let (other, foreign) = (home.path().join("other.phmb"), home.path().join("foreign.phmb"));
    backup::write(&vault, &other).expect("written");
    backup::write(&house::create(&home.path().join("elsewhere")), &foreign).expect("written");
    for (with, word) in [(&other, "chains"), (&foreign, "vaults")] {
        let (kind, _, text) = code(&[files[0].clone(), with.clone()]);
        assert!(kind == ErrorKind::Invalid && text.contains(word), "{text}");
    }
    assert_eq!(
        continued(&vault, &home.path().join("new.phmb"), &foreign).expect_err("foreign").kind(),
        ErrorKind::Invalid
    );
    // An increment whose predecessors are elsewhere, a wrong secret, an empty folder, and something else altogether.
    let alone = home.path().join("alone");
    fs::create_dir(&alone).expect("a folder");
    fs::copy(&files[2], alone.join("2.phmb")).expect("copied");
    assert_eq!(code(&[alone.join("2.phmb")]).0, ErrorKind::NotFound);
    assert_eq!(code(std::slice::from_ref(&alone)).0, ErrorKind::NotFound);
    let secret = RecoveryCode::generate().secret();
    let wrong = backup::restore_chain(&files, &dir, Keys::Secret(&secret), house::options()).expect_err("wrong");
    assert!(wrong.kind() == ErrorKind::WrongSecret && !dir.exists());
    fs::write(alone.join("2.phmb"), b"a letter").expect("written");
    assert_eq!(code(&[alone.join("2.phmb")]).0, ErrorKind::Invalid);
    assert_eq!(code(&[alone]).0, ErrorKind::NotFound);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_beside_a_chain_that_the_disk_does_not_give_keeps_nobody_from_restoring_it() {
    let home = tempfile::tempdir().expect("a folder");
    let (_vault, files) = chain(home.path(), 2);
    // A regular file whose first byte nobody can read.
    let bad = home.path().join("backups/bad.phmb");
    std::os::unix::fs::symlink("/proc/self/mem", &bad).expect("a link");
    assert!(bad.is_file() && fs::read(&bad).is_err());
    let dir = home.path().join("again");
    restore(&files[1..], &dir).expect("the others are whole");
    fs::remove_dir_all(&dir).expect("removed");
    let error = refused(&[home.path().join("backups")], &dir);
    assert!(error.kind() == ErrorKind::Corrupt && error.to_string().contains("name the backup"), "{error}");
    fs::remove_file(&files[0]).expect("removed");
    assert_eq!(refused(&files[1..], &dir).kind(), ErrorKind::Corrupt, "the unreadable one may be what is missing");
}

#[test]
fn a_backup_of_a_newer_phm_is_named_as_that_and_not_passed_over_for_an_older_one() {
    let home = tempfile::tempdir().expect("a folder");
    let (_vault, files) = chain(home.path(), 2);
    let mut bytes = fs::read(&files[1]).expect("read");
    bytes[4] = 3;
    fs::write(&files[1], bytes).expect("as a newer one would be");
    let dir = home.path().join("again");
    let error = refused(&files[1..], &dir);
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unsupported, "newer-format"));
    assert!(refused(&[home.path().join("backups")], &dir).to_string().contains("newer PHM"));
}

#[test]
fn a_chain_in_which_any_place_was_changed_or_cut_is_refused() {
    let home = tempfile::tempdir().expect("a folder");
    let (_vault, files) = chain(home.path(), 2);
    let dir = home.path().join("again");
    for file in &files {
        let whole = fs::read(file).expect("read");
        let step = if std::env::var_os("PHM_LONG").is_some() { 7 } else { whole.len() / 60 };
        for at in (0..whole.len()).step_by(step) {
            let mut bad = whole.clone();
            bad[at] ^= 0x10;
            fs::write(file, &bad).expect("changed");
            let error = refused(&files, &dir);
            assert!(matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::Invalid), "byte {at}: {error}");
        }
        for length in [0, 4, 5, 100, whole.len() / 2, whole.len() - 17, whole.len() - 1] {
            fs::write(file, &whole[..length]).expect("cut");
            refused(&files, &dir);
        }
        fs::write(file, &whole).expect("as it was");
    }
    restore(&files, &dir).expect("and as it was it restores");
}

#[test]
fn a_backup_that_does_not_verify_says_what_is_wrong_and_nothing_of_it_is_left() {
    let home = tempfile::tempdir().expect("a folder");
    let (vault, _) = chain(home.path(), 1);
    // A file that no longer opens is copied as it is: a backup looks whether it is there.
    let document = house::files(&vault.dir().join("documents")).remove(0);
    let mut bytes = fs::read(&document).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&document, bytes).expect("damaged");
    let file = home.path().join("damaged.phmb");
    backup::write(&vault, &file).expect("written");
    let error = refused(std::slice::from_ref(&file), &home.path().join("again"));
    let name = document.file_name().expect("a name").to_string_lossy().into_owned();
    let said = error.to_string();
    assert!(
        error.kind() == ErrorKind::Corrupt && said.contains("document ") && said.contains("(seal)"),
        "{name}: {said}"
    );
    let there = home.path().join("there");
    fs::create_dir(&there).expect("a folder");
    fs::write(there.join("phm.toml"), "").expect("a file");
    restore(&[file], &there).expect_err("refused");
    assert_eq!(house::files(&there), [there.join("phm.toml")]);
}
