//! Rows found in the files of a store that does not open any more, or that opens with rows missing.
//!
//! Nothing here is trusted. Whatever looks like a row of a journal or a series is shown, also several of one address: rows that were
//! replaced stand in the files for a while, and so does what a power cut took back. The seal of a body decides what it
//! is. Only places are kept in memory, the bytes are read again when somebody asks for them.

mod log;
mod pages;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::layout::Table;
use super::{MAX_VALUE, RedbStore};

/// Bytes looked at together: a segment of sled's log.
const STEP: usize = 2 << 20;
/// Pages that begin in one step may end in the next.
const OVERLAP: usize = 256 << 10;
/// Of the values at one address the last ones are kept.
const KEPT: usize = 16;

/// An address of a journal, of the originals or of a series: tag, owner, number, part.
const ADDRESS: usize = Table::Journal.address_length();

fn is_address(bytes: &[u8]) -> bool {
    bytes.len() == ADDRESS
        && [Table::Journal, Table::Origin, Table::Series].iter().any(|table| *table as u8 == bytes[0])
}

struct Place {
    file: usize,
    bytes: Range<u64>,
}

/// What looks like rows of journals, originals and series in the files of a store.
#[derive(Default)]
pub struct Carved {
    files: Vec<File>,
    rows: BTreeMap<Vec<u8>, Vec<Place>>,
}

impl Carved {
    /// Looks at every file of every generation below `data_dir`; what cannot be read is passed over.
    pub fn look(data_dir: &Path) -> io::Result<Self> {
        let mut carved = Self::default();
        let mut links = log::Links::default();
        for path in files_below(&data_dir.join("store"))? {
            let file = File::open(&path)?;
            let number = carved.files.len();
            let name = path.file_name().unwrap_or_default();
            let mut found = |address: &[u8], bytes: Range<u64>| carved_row(&mut carved.rows, number, address, bytes);
            let in_blobs = path.parent().is_some_and(|folder| folder.ends_with("blobs"));
            if name == "db" {
                each_step(&file, 0, |at, bytes| log::segment(bytes, at, number, &mut links, &mut found));
            } else if in_blobs {
                let whole = fs::read(&path).unwrap_or_default();
                log::blob(&whole, number, &mut links, &mut found);
            } else if name.as_encoded_bytes().starts_with(RedbStore::FILE.as_bytes()) {
                each_step(&file, OVERLAP, |at, bytes| pages::look(bytes, at, STEP, &mut found));
            }
            carved.files.push(file);
        }
        links.resolve(|file, address, bytes| carved_row(&mut carved.rows, file, address, bytes));
        Ok(carved)
    }

    /// Notes what looks like a row in the file that is looked at, of which [`Carved::looked_at`] is told then.
    pub(crate) fn note(&mut self, address: &[u8], bytes: Range<u64>) {
        carved_row(&mut self.rows, self.files.len(), address, bytes);
    }

    /// Keeps the file in which rows were noted since the one before.
    pub(crate) fn looked_at(&mut self, file: File) {
        self.files.push(file);
    }

    /// Every address between these two, in order.
    pub fn addresses(&self, from: &[u8], to: &[u8]) -> impl Iterator<Item = &[u8]> {
        self.rows.range(from.to_vec()..to.to_vec()).map(|(address, _)| address.as_slice())
    }

    /// What was found at `address`, each value once, the one that stands last in the files first.
    pub fn values(&self, address: &[u8]) -> Vec<Vec<u8>> {
        let mut values: Vec<Vec<u8>> = Vec::new();
        for place in self.rows.get(address).into_iter().flatten().rev() {
            let mut value = vec![0; usize::try_from(place.bytes.end - place.bytes.start).unwrap_or_default()];
            let read = self.files[place.file].read_exact_at(&mut value, place.bytes.start);
            if read.is_ok() && !values.contains(&value) {
                values.push(value);
            }
        }
        // One engine keeps the ends of long values apart; no row is as short as those.
        let fronts = values.iter().filter(|value| value.len() == RedbStore::FRONT);
        let ends = || values.iter().filter(|value| value.len() <= MAX_VALUE - RedbStore::FRONT);
        let mut all: Vec<Vec<u8>> =
            fronts.flat_map(|front| ends().map(move |end| [front.as_slice(), end].concat())).collect();
        all.append(&mut values);
        all
    }
}

fn carved_row(rows: &mut BTreeMap<Vec<u8>, Vec<Place>>, file: usize, address: &[u8], bytes: Range<u64>) {
    let short = usize::try_from(bytes.end.saturating_sub(bytes.start)).is_ok_and(|length| length <= MAX_VALUE);
    if is_address(address) && short {
        let places = rows.entry(address.to_vec()).or_default();
        if places.len() == KEPT {
            places.remove(0);
        }
        places.push(Place { file, bytes });
    }
}

fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files_below(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}

/// Shows the file in steps, each with `more` bytes of the next; a step that cannot be read is passed over.
fn each_step(file: &File, more: usize, mut look: impl FnMut(u64, &[u8])) {
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    let mut bytes = vec![0; STEP + more];
    for at in (0..length).step_by(STEP) {
        let here = usize::try_from(length - at).map_or(bytes.len(), |left| left.min(bytes.len()));
        if file.read_exact_at(&mut bytes[..here], at).is_ok() {
            look(at, &bytes[..here]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::layout::{journal, rows};
    use crate::store::{Batch, Engine, Generations, Store as _};

    const OWNER: [u8; 16] = [7; 16];

    fn value(seq: u64, part: u16) -> Vec<u8> {
        let length = if part == 0 { 300 + usize::try_from(seq % 900).expect("short") } else { MAX_VALUE };
        (0..length).map(|at| u8::try_from((at as u64 * 7 + seq) % 251).expect("a byte")).collect()
    }

    /// A store with 3,000 rows of one journal and some that others replaced.
    fn fill(dir: &Path, engine: Engine) {
        let store = Generations::open(dir, engine, 1 << 20).expect("open");
        for chunk in 0..100 {
            let mut batch = Batch::default();
            for seq in chunk * 30..(chunk + 1) * 30 {
                batch.append(journal(&OWNER, seq, 0), value(seq, 0));
                if seq % 500 == 0 {
                    batch.append(journal(&OWNER, seq, 1), value(seq, 1));
                }
            }
            batch.replace(vec![Table::Head as u8], vec![1; 40]);
            store.commit(batch).expect("commit");
        }
        let mut again = Batch::default();
        (0..50).for_each(|seq| again.replace(journal(&OWNER, seq, 0), value(seq + 10_000, 0)));
        store.commit(again).expect("commit");
    }

    fn expected() -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
        let longer = (0..3_000).step_by(500).map(|seq| (journal(&OWNER, seq, 1), value(seq, 1)));
        let newest = |seq| if seq < 50 { seq + 10_000 } else { seq };
        (0..3_000).map(move |seq| (journal(&OWNER, seq, 0), value(newest(seq), 0))).chain(longer)
    }

    fn found(carved: &Carved) -> usize {
        expected().filter(|(address, value)| carved.values(address).contains(value)).count()
    }

    #[test]
    fn every_row_of_a_whole_store_is_found_in_its_files() {
        for engine in Engine::ON_DISK {
            let dir = tempfile::tempdir().expect("a folder");
            fill(dir.path(), engine);
            let carved = Carved::look(dir.path()).expect("looked");
            assert_eq!(found(&carved), 3_006, "{engine:?}");
            let (from, to) = rows(Table::Journal);
            assert_eq!(carved.addresses(&from, &to).count(), 3_006, "{engine:?}: nothing else looks like a row");
        }
    }

    #[test]
    fn a_damaged_stretch_costs_the_rows_in_it_and_no_others() {
        for engine in Engine::ON_DISK {
            let dir = tempfile::tempdir().expect("a folder");
            fill(dir.path(), engine);
            let file = if engine == Engine::Sled { "store/1/db" } else { "store/1/rows.redb" };
            let mut bytes = fs::read(dir.path().join(file)).expect("read");
            let written = bytes.iter().rposition(|byte| *byte != 0).expect("something");
            // The front, and every 50,000th byte.
            bytes[..3_000].fill(0xFF);
            (0..written).step_by(50_000).for_each(|at| bytes[at] ^= 0x55);
            fs::write(dir.path().join(file), &bytes).expect("written");
            let carved = Carved::look(dir.path()).expect("looked");
            assert!(found(&carved) > 2_500, "{engine:?}: {} rows", found(&carved));
            bytes.truncate(written / 2);
            fs::write(dir.path().join(file), &bytes).expect("written");
            let half = found(&Carved::look(dir.path()).expect("looked"));
            assert!((1_000..2_500).contains(&half), "{engine:?}: {half} rows of half the file");
        }
    }

    #[test]
    fn files_of_noise_hold_no_rows() {
        let dir = tempfile::tempdir().expect("a folder");
        let noise: Vec<u8> = (0..20_000_u32).flat_map(|n| crate::crypto::digest::sha256(&[&n.to_be_bytes()])).collect();
        for name in ["store/1/db", "store/1/blobs/7", "store/2/rows.redb"] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, &noise).expect("written");
        }
        let carved = Carved::look(dir.path()).expect("looked");
        assert_eq!(carved.addresses(&[0], &[u8::MAX]).count(), 0);
        assert!(Carved::look(&dir.path().join("nowhere")).is_err());
    }
}
