//! A store whose files were damaged is refused by name or read as far as it goes. It never hangs, never takes
//! the process down, and never prints what it had in hand.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Stdio};

use phm_core::store::{Batch, Engine, RedbStore, SledStore, Store, StoreError};

const ROWS: u32 = 3000;

fn open(engine: Engine, dir: &Path) -> Result<Box<dyn Store>, StoreError> {
    Ok(match engine {
        Engine::Redb => Box::new(RedbStore::open(dir, 1 << 20)?),
        _ => Box::new(SledStore::open(dir, 1 << 20)?),
    })
}

fn value(row: u32) -> Vec<u8> {
    format!("secret-{row}-").repeat(120).into_bytes()
}

fn sound_store(engine: Engine, dir: &Path) {
    let store = open(engine, dir).expect("open");
    for chunk in 0..ROWS / 50 {
        let mut batch = Batch::default();
        for row in chunk * 50..(chunk + 1) * 50 {
            batch.append(row.to_be_bytes().to_vec(), value(row));
        }
        store.commit(batch).expect("commit");
    }
    drop(store);
    drop(open(engine, dir).expect("reopening writes a snapshot"));
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
    let engine = std::env::var("PHM_DAMAGED_ENGINE").expect("an engine");
    let engine = Engine::on_disk(&engine).expect("one that keeps what it is given");
    let walk = || -> Result<(u32, u32), StoreError> {
        let store = open(engine, Path::new(&dir))?;
        let (mut rows, mut wrong) = (0, 0);
        store.scan(&[], &[255; 9], &mut |(address, bytes)| {
            rows += 1;
            let row = address.try_into().map(u32::from_be_bytes);
            wrong += u32::from(!row.is_ok_and(|row| value(row) == bytes));
            true
        })?;
        for row in 0..ROWS {
            store.get(&row.to_be_bytes())?;
        }
        let mut batch = Batch::default();
        batch.replace(vec![9; 4], vec![1]);
        store.commit(batch)?;
        Ok((rows, wrong))
    };
    match walk() {
        Ok((ROWS, 0)) => eprintln!("whole"),
        Ok((rows, wrong)) => eprintln!("read {rows} rows, {wrong} of them wrong"),
        Err(error) => eprintln!("refused: {error}"),
    }
}

#[test]
fn a_flipped_bit_in_sled_neither_hangs_nor_aborts_nor_prints_what_is_stored() {
    let (refused, _) = flip_bits(Engine::Sled, "db");
    assert!(refused > 0, "no flipped bit was noticed");
}

/// redb compares checksums after a crash, not as it reads: most flips are noticed by the seal of the body they hit.
#[test]
fn a_flipped_bit_in_redb_neither_hangs_nor_aborts_nor_prints_what_is_stored() {
    let (refused, seen) = flip_bits(Engine::Redb, "rows.redb");
    assert!(refused + seen > 0, "no flipped bit had an effect");
}

/// Flips bits all over a file, one at a time; answers how often the store refused, and how often it showed other rows.
fn flip_bits(engine: Engine, file: &str) -> (u32, u32) {
    let home = tempfile::tempdir().expect("tempdir");
    let sound = home.path().join("sound");
    sound_store(engine, &sound);
    let length = fs::metadata(sound.join(file)).expect("metadata").len();
    let flips = if std::env::var_os("PHM_LONG").is_some_and(|long| long == "1") { 300 } else { 24 };
    let (mut refused, mut seen, mut missing) = (0, 0, 0);
    for flip in 0..flips {
        let dir = home.path().join(format!("flip-{flip}"));
        copy(&sound, &dir);
        let db = fs::File::options().read(true).write(true).open(dir.join(file)).expect("the file");
        let at = length / flips * flip + 997 * flip % (length / flips);
        let mut byte = [0];
        db.read_exact_at(&mut byte, at).expect("read");
        byte[0] ^= 1 << (flip % 8);
        db.write_all_at(&byte, at).expect("write");
        let reader = Command::new(std::env::current_exe().expect("this program"))
            .args(["reader", "--exact", "--nocapture"])
            .env("PHM_DAMAGED", &dir)
            .env("PHM_DAMAGED_ENGINE", engine.name())
            .stdout(Stdio::null())
            .output()
            .expect("the reader runs");
        let said = String::from_utf8_lossy(&reader.stderr).into_owned();
        assert!(reader.status.success(), "bit at {at}: {:?} {said}", reader.status);
        assert_eq!(said.lines().count(), 1, "bit at {at}: {said}");
        assert!(!said.contains("secret"), "bit at {at}");
        refused += u32::from(said.starts_with("refused"));
        seen += u32::from(said.starts_with("read"));
        missing += u32::from(said.starts_with("read") && !said.starts_with(&format!("read {ROWS} ")));
        fs::remove_dir_all(dir).expect("remove");
    }
    println!(
        "{}: {flips} flips, {refused} refused, {seen} showed other rows, {missing} of them more or fewer",
        engine.name()
    );
    (refused, seen)
}

#[test]
fn a_cut_or_overwritten_file_of_redb_is_refused() {
    let home = tempfile::tempdir().expect("tempdir");
    let dir = home.path().join("store");
    sound_store(Engine::Redb, &dir);
    let file = dir.join("rows.redb");
    let sound = fs::read(&file).expect("read");
    let mut no_magic = sound.clone();
    no_magic[0] ^= 1;
    let mut no_header = sound.clone();
    no_header[..4096].fill(0);
    for damaged in [&sound[..0], &sound[..100], &sound[..5000], &sound[..sound.len() / 2], &no_magic, &no_header] {
        fs::write(&file, damaged).expect("write");
        let refused = open(Engine::Redb, &dir).err();
        assert!(matches!(refused, Some(StoreError::Corrupt(_))), "{} bytes: {refused:?}", damaged.len());
    }
    fs::write(&file, sound).expect("write");
    assert_eq!(open(Engine::Redb, &dir).expect("whole again").stats().expect("stats").values, u64::from(ROWS));
}

#[test]
fn a_damaged_snapshot_is_moved_aside_and_the_log_is_read() {
    let home = tempfile::tempdir().expect("tempdir");
    let dir = home.path().join("store");
    sound_store(Engine::Sled, &dir);
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
    let store = open(Engine::Sled, &dir).expect("the log is whole");
    assert_eq!(store.stats().expect("stats").values, u64::from(ROWS));
    assert!(!dir.join("snap.0000000000000001.generating").exists());
}
