//! A file of keys kept twice: `<name>` and `<name>.2`.
//!
//! Both copies are written at every change, one after the other, each with the same generation number. Whoever reads
//! them takes the newest one that proves to be whole, so damage to either file, or a power cut between the two,
//! loses nothing. The next change makes both copies whole again.

use std::io;
use std::path::{Path, PathBuf};

use super::{CryptoError, durable};

/// Longer files are not ours; ten million keys fit.
const LONGEST: u64 = 1 << 30;

/// Where the two copies lie.
#[derive(Clone, Debug)]
pub(super) struct Copies {
    paths: [PathBuf; 2],
    names: [&'static str; 2],
}

/// Why a copy could not be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unusable {
    Damaged,
    Newer,
}

/// The usable copies with their names, newest first, and the names of those that are damaged or missing.
pub(super) struct Found<T> {
    pub(super) usable: Vec<(T, &'static str)>,
    pub(super) damaged: Vec<&'static str>,
    /// Whether a change was cut off between the two copies: whole, but to be written again.
    pub(super) behind: bool,
}

impl Copies {
    pub(super) fn new(dir: &Path, names: [&'static str; 2]) -> Self {
        Self { paths: names.map(|name| dir.join(name)), names }
    }

    /// Reads both copies with `parse`, which gives each one's generation, and says which are of use.
    ///
    /// A copy older than the other one is what a kill between the two leaves; it stays usable and is no damage.
    pub(super) fn read<T>(
        &self,
        mut parse: impl FnMut(&[u8]) -> Result<(T, u64), Unusable>,
    ) -> Result<Found<T>, CryptoError> {
        let (mut usable, mut damaged) = (Vec::new(), Vec::new());
        let (mut newer, mut refused, mut behind) = (false, None, false);
        for (path, name) in self.paths.iter().zip(self.names) {
            let parsed = match read_bounded(path) {
                Ok(bytes) => parse(&bytes),
                Err(error) => {
                    if error.kind() != io::ErrorKind::NotFound {
                        refused = Some(error);
                    }
                    Err(Unusable::Damaged)
                }
            };
            match parsed {
                Ok((value, generation)) => usable.push((value, generation, name)),
                // Cut off between setting the old file aside and putting the new one in its place.
                Err(Unusable::Damaged) if matches!(path.try_exists(), Ok(false)) && durable::is_unwiped(path) => {
                    behind = true;
                }
                Err(reason) => {
                    newer |= reason == Unusable::Newer;
                    damaged.push(name);
                }
            }
        }
        match usable.iter().map(|(_, generation, _)| *generation).max() {
            Some(newest) => behind |= usable.iter().any(|(_, generation, _)| *generation < newest),
            None if newer => return Err(CryptoError::Newer { file: self.names[0] }),
            None => return Err(refused.map_or(CryptoError::BothCopies { file: self.names[0] }, CryptoError::Io)),
        }
        usable.sort_by_key(|(_, generation, _)| std::cmp::Reverse(*generation));
        let usable = usable.into_iter().map(|(value, _, name)| (value, name)).collect();
        Ok(Found { usable, damaged, behind })
    }

    /// Whether there is a file at either place.
    pub(super) fn exist(&self) -> bool {
        self.paths.iter().any(|path| path.exists())
    }

    /// Whether a power cut left an old file that still has to be wiped.
    pub(super) fn is_unwiped(&self) -> bool {
        self.paths.iter().any(|path| durable::is_unwiped(path))
    }

    /// Writes both copies; with `wipe`, the replaced files are overwritten with zeros.
    pub(super) fn write(&self, bytes: &[u8], wipe: bool) -> Result<(), CryptoError> {
        for path in &self.paths {
            if wipe { durable::write_file_and_wipe(path, bytes)? } else { durable::write_file(path, bytes)? }
        }
        Ok(())
    }
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    use io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn parse(bytes: &[u8]) -> Result<(Vec<u8>, u64), Unusable> {
        match bytes {
            [b'n', ..] => Err(Unusable::Newer),
            [generation @ b'0'..=b'9', rest @ ..] => Ok((rest.to_vec(), u64::from(*generation))),
            _ => Err(Unusable::Damaged),
        }
    }

    #[test]
    fn the_newest_usable_copy_comes_first_and_damaged_ones_are_named() {
        let dir = tempfile::tempdir().expect("a folder");
        let copies = Copies::new(dir.path(), ["f", "f.2"]);
        assert!(!copies.exist());
        assert!(matches!(copies.read(parse), Err(CryptoError::BothCopies { file: "f" })));
        copies.write(b"1one", false).expect("write");
        let found = copies.read(parse).expect("read");
        assert_eq!((found.usable.len(), found.damaged, found.behind), (2, vec![], false));

        durable::write_file(&dir.path().join("f.2"), b"2two").expect("write");
        let found = copies.read(parse).expect("read");
        assert_eq!((found.usable[0].0.as_slice(), found.damaged, found.behind), (&b"two"[..], vec![], true));

        durable::write_file(&dir.path().join("f.2"), b"x").expect("write");
        let found = copies.read(parse).expect("read");
        assert_eq!((found.usable[0].0.as_slice(), found.damaged, found.behind), (&b"one"[..], vec!["f.2"], false));

        fs::rename(dir.path().join("f"), dir.path().join("f.old")).expect("rename");
        durable::write_file(&dir.path().join("f.2"), b"1one").expect("write");
        let found = copies.read(parse).expect("read");
        assert_eq!((found.usable.len(), found.damaged, found.behind), (1, vec![], true), "a wipe was cut off");
        durable::write_file(&dir.path().join("f.2"), b"x").expect("write");

        durable::write_file(&dir.path().join("f"), b"n").expect("write");
        assert!(matches!(copies.read(parse), Err(CryptoError::Newer { file: "f" })));
    }
}
