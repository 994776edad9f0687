//! A store whose files were damaged is refused by name or read as far as it goes. It never hangs, never takes
//! the process down, and never prints what it had in hand.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Stdio};

use phm_core::store::{Batch, SledStore, Store, StoreError};

const ROWS: u32 = 3000;

fn open(dir: &Path) -> Result<SledStore, StoreError> {
    SledStore::open(dir, 1 << 20)
}

fn sound_store(dir: &Path) {
    let store = open(dir).expect("open");
    for chunk in 0..ROWS / 50 {
        let mut batch = Batch::default();
        for row in chunk * 50..(chunk + 1) * 50 {
            batch.append(row.to_be_bytes().to_vec(), format!("secret-{row}-").repeat(120).into_bytes());
        }
        store.commit(batch).expect("commit");
    }
    drop(store);
    drop(open(dir).expect("reopening writes a snapshot"));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder");
    for entry in fs::read_dir(from).expect("list") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copy");
        }
    }
}

/// Not a test by itself: opens and reads the store of `PHM_DAMAGED`, and says how it went.
#[test]
fn reader() {
    let Some(dir) = std::env::var_os("PHM_DAMAGED") else { return };
    let walk = || -> Result<u32, StoreError> {
        let store = open(Path::new(&dir))?;
        let mut rows = 0;
        store.scan(&[], &[255; 9], &mut |_| {
            rows += 1;
            true
        })?;
        for row in 0..ROWS {
            store.get(&row.to_be_bytes())?;
        }
        let mut batch = Batch::default();
        batch.replace(vec![9; 4], vec![1]);
        store.commit(batch)?;
        Ok(rows)
    };
    match walk() {
        Ok(rows) => eprintln!("read {rows}"),
        Err(error) => eprintln!("refused: {error}"),
    }
}

#[test]
fn a_flipped_bit_neither_hangs_nor_aborts_nor_prints_what_is_stored() {
    let home = tempfile::tempdir().expect("tempdir");
    let sound = home.path().join("sound");
    sound_store(&sound);
    let length = fs::metadata(sound.join("db")).expect("metadata").len();
    let flips = if std::env::var_os("PHM_LONG").is_some_and(|long| long == "1") { 300 } else { 24 };
    let mut refused = 0;
    for flip in 0..flips {
        let dir = home.path().join(format!("flip-{flip}"));
        copy(&sound, &dir);
        let db = fs::File::options().read(true).write(true).open(dir.join("db")).expect("db");
        let at = length / flips * flip + 997 * flip % (length / flips);
        let mut byte = [0];
        db.read_exact_at(&mut byte, at).expect("read");
        byte[0] ^= 1 << (flip % 8);
        db.write_all_at(&byte, at).expect("write");
        let reader = Command::new(std::env::current_exe().expect("this program"))
            .args(["reader", "--exact", "--nocapture"])
            .env("PHM_DAMAGED", &dir)
            .stdout(Stdio::null())
            .output()
            .expect("the reader runs");
        let said = String::from_utf8_lossy(&reader.stderr).into_owned();
        assert!(reader.status.success(), "bit at {at}: {:?} {said}", reader.status);
        assert_eq!(said.lines().count(), 1, "bit at {at}: {said}");
        assert!(!said.contains("secret"), "bit at {at}");
        refused += u32::from(said.starts_with("refused"));
        fs::remove_dir_all(dir).expect("remove");
    }
    assert!(refused > 0, "no flipped bit was noticed");
}

#[test]
fn a_damaged_snapshot_is_moved_aside_and_the_log_is_read() {
    let home = tempfile::tempdir().expect("tempdir");
    let dir = home.path().join("store");
    sound_store(&dir);
    let mut damaged = 0;
    for entry in fs::read_dir(&dir).expect("list") {
        let path = entry.expect("an entry").path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("snap.")) {
            let mut bytes = fs::read(&path).expect("read");
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(&path, bytes).expect("write");
            damaged += 1;
        }
    }
    assert!(damaged > 0, "the engine writes snapshots");
    fs::write(dir.join("snap.0000000000000001.generating"), b"half").expect("write");
    let store = open(&dir).expect("the log is whole");
    assert_eq!(store.stats().expect("stats").values, u64::from(ROWS));
    assert!(!dir.join("snap.0000000000000001.generating").exists());
}
