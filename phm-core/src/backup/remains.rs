//! What is left of backups that do not restore any more.
//!
//! Rows and documents are found by what stands in front of them, wherever that is in the file: a changed length or a cut
//! costs what it hit and nothing behind it. Nothing found is trusted; the seals decide. The keys come from the newest of
//! the backups that still has them and that the secret opens.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::form::{FILE, ROW};
use super::frame::Frame;
use super::place::folder;
use crate::crypto::digest::hex;
use crate::crypto::secret::Secret;
use crate::crypto::{self, durable, keyring, slot};
use crate::error::{Error, ErrorKind, Result};
use crate::id::FileId;
use crate::store::Carved;
use crate::vault::{KeyBook, SalvageFolder, remove_filled};

/// Bytes looked at together.
const STEP: usize = 1 << 20;
/// Length of the address of a row of a journal, of the originals or of a series.
const ADDRESS: u8 = 27;
/// What the name of a document begins with, and its length with the id behind it.
const DOCUMENTS: &str = "documents/";
const NAME: u8 = 46;
/// The longest that stands in front of what is looked for.
const FRONT: usize = 3 + NAME as usize + 8;

/// A folder for what is sealed, beside the one that is written to; gone when this is dropped.
pub(super) struct Work(PathBuf);

impl Work {
    /// An empty one, beside `out`.
    pub fn beside(out: &Path) -> Result<Self> {
        let work = Self(folder(out).join(format!(".phm-salvage-{}", hex(&crypto::random::<8>()))));
        durable::create_folder(&work.0.join("documents"))?;
        Ok(work)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // What cannot be removed is sealed, and says in its name what it is.
        let _ = remove_filled(&self.0);
    }
}

/// Looks through backups; one folder means every file in it. Documents are copied to `work`, as they are sealed.
///
/// # Errors
/// `corrupt` where none of the files has its keys left, `wrong-secret` where the secret opens none of them.
pub(super) fn look(from: &[PathBuf], work: &Work, secret: &Secret) -> Result<SalvageFolder> {
    let from = match from {
        [one] if one.is_dir() => files_in(one)?,
        files => files.to_vec(),
    };
    let keys = keys_of(&from, &work.0, secret)?;
    let (mut carved, mut documents) = (Carved::default(), BTreeMap::new());
    for path in &from {
        let file = File::open(path)?;
        look_in(&file, |found| match found {
            Found::Row(address, value) => carved.note(address, value),
            Found::Document(file, content) => _ = documents.insert(file, (path.clone(), content)),
        })?;
        carved.looked_at(file);
    }
    for (file, (path, content)) in documents {
        copy(&path, &content, &work.0.join(DOCUMENTS).join(file.to_string()))?;
    }
    SalvageFolder::of_remains(&work.0, keys, carved)
}

fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.retain(|path| path.is_file());
    paths.sort();
    Ok(paths)
}

/// Puts the newest keys that the secret opens into `dir`.
fn keys_of(from: &[PathBuf], dir: &Path, secret: &Secret) -> Result<KeyBook> {
    let mut frames: Vec<Frame> = from.iter().filter_map(|path| Frame::read(path).ok()).collect();
    frames.sort_by_key(|frame| std::cmp::Reverse((frame.manifest.written_at, frame.manifest.number)));
    let mut refused =
        Error::corrupt("none of these backups has its keys left; name another one of the same vault beside them");
    let mut wrong: Option<&Vec<u8>> = None;
    for (tried, frame) in frames.iter().enumerate() {
        // The same slots would only cost the same time again.
        if wrong == Some(&frame.keys.slots) {
            continue;
        }
        for (names, bytes) in [(slot::FILES, &frame.keys.slots), (keyring::FILES, &frame.keys.keyring)] {
            names.iter().try_for_each(|name| durable::write_file(&dir.join(name), bytes))?;
        }
        match KeyBook::open(dir, frame.manifest.vault, secret) {
            Ok(keys) => return Ok(keys),
            Err(error) => {
                if error.kind() == ErrorKind::WrongSecret {
                    wrong = Some(&frame.keys.slots);
                }
                // What is wrong with the newest is what counts.
                if tried == 0 {
                    refused = error;
                }
            }
        }
    }
    Err(refused)
}

/// What looks like something of a backup.
enum Found<'b> {
    /// A row, by its address and where its value stands.
    Row(&'b [u8], Range<u64>),
    /// The sealed file of a document.
    Document(FileId, Range<u64>),
}

/// Shows whatever looks like a row or a document; what the disk does not give is passed over.
fn look_in(file: &File, mut show: impl FnMut(Found<'_>)) -> Result<()> {
    let length = file.metadata()?.len();
    let mut buffer = vec![0; STEP + FRONT];
    for at in (0..length).step_by(STEP) {
        let here = usize::try_from(length - at).map_or(buffer.len(), |left| left.min(buffer.len()));
        if file.read_exact_at(&mut buffer[..here], at).is_err() {
            continue;
        }
        for offset in 0..here.min(STEP) {
            if let Some(found) = found_at(&buffer[offset..here], at + offset as u64, length) {
                show(found);
            }
        }
    }
    Ok(())
}

/// What the bytes at a place of a file of `length` bytes look like.
fn found_at(bytes: &[u8], at: u64, length: u64) -> Option<Found<'_>> {
    match bytes {
        [ROW, 0, ADDRESS, rest @ ..] => {
            let (address, rest) = rest.split_at_checked(ADDRESS.into())?;
            let value: u64 = u32::from_be_bytes(*rest.first_chunk()?).into();
            let begin = at + 3 + u64::from(ADDRESS) + 4;
            (value <= length.saturating_sub(begin)).then_some(Found::Row(address, begin..begin + value))
        }
        [FILE, 0, NAME, rest @ ..] => {
            let (name, rest) = rest.split_at_checked(NAME.into())?;
            let file = std::str::from_utf8(name).ok()?.strip_prefix(DOCUMENTS)?.parse().ok()?;
            let content = u64::from_be_bytes(*rest.first_chunk()?);
            let begin = at + 3 + u64::from(NAME) + 8;
            // Cut, or its length was changed: what is there of it may open from its beginning on.
            Some(Found::Document(file, begin..begin + content.min(length.saturating_sub(begin))))
        }
        _ => None,
    }
}

/// Copies a part of a file as far as the disk gives it.
fn copy(from: &Path, part: &Range<u64>, to: &Path) -> Result<()> {
    let mut content = File::open(from)?;
    content.seek(SeekFrom::Start(part.start))?;
    let mut out = durable::private().write(true).create_new(true).open(to)?;
    match io::copy(&mut io::Read::take(content, part.end - part.start), &mut out) {
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(all(test, not(feature = "null-cipher")))]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::access::{Action, Actor};
    use crate::backup::{Order, Salvaged, make, salvage_backups, write};
    use crate::crypto::kdf::Cost;
    use crate::crypto::secret::{RecoveryCode, make_key_file};
    use crate::vault::{How, Options, Vault};

    /// A chain of two backups with a document and some notes in each, and how many entries there are.
    struct Chain {
        home: tempfile::TempDir,
        secret: Secret,
        files: Vec<PathBuf>,
        entries: u64,
    }

    impl Chain {
        fn new() -> Self {
            let home = tempfile::tempdir().expect("a folder");
            let secret = make_key_file(&home.path().join("key")).expect("a key file");
            let options = Options { cost: Cost::FLOOR, ..Options::default() };
            let made = Vault::create(&home.path().join("vault"), std::slice::from_ref(&secret), options);
            let (vault, _) = made.expect("a vault");
            let session = vault.session(Actor::Operator, "test").expect("the operator");
            let asha = session.add_profile(&json!({"name": {"text": "Asha Example"}}), None).expect("a person").profile;
            let fill = || {
                let permit = session.permit(Action::Add, asha, "note").expect("allowed");
                for number in 0..20 {
                    session.add(&permit, &json!({"text": format!("note {number}")}), How::Typed).expect("added");
                }
                let permit = session.permit(Action::Add, asha, "document").expect("allowed");
                let scan = json!({"title": "Scan", "category": "other"});
                session.add_document(&permit, &scan, &mut &[7_u8; 9_000][..], 1 << 20).expect("added");
            };
            let files = ["full.phmb", "next.phmb"].map(|name| home.path().join(name)).to_vec();
            fill();
            write(&vault, &files[0]).expect("written");
            fill();
            let order = Order { since: Some(files[0].clone()), ..Order::default() };
            let entries = make(&vault, &files[1], &order).expect("written").entries;
            Self { home, secret, files, entries }
        }

        /// Salvages the backups, and takes what came of it away again.
        fn salvage(&self, secret: &Secret) -> Result<Salvaged> {
            let out = self.home.path().join("out");
            let report = salvage_backups(&self.files, &out, secret);
            if out.exists() {
                fs::remove_dir_all(&out).expect("removed");
            }
            let left = fs::read_dir(self.home.path()).expect("list").map(|entry| entry.expect("an entry").file_name());
            assert_eq!(left.filter(|name| name.to_string_lossy().contains("salvage")).count(), 0);
            report
        }
    }

    #[test]
    fn everything_of_a_whole_chain_is_found() {
        let chain = Chain::new();
        let report = chain.salvage(&chain.secret).expect("saved");
        assert_eq!((report.entries, report.documents, report.profiles), (chain.entries, 2, 1));
        assert!(report.gaps.is_empty() && report.lost_documents.is_empty() && !report.engine_opens, "{report:?}");
    }

    #[test]
    fn a_changed_byte_costs_what_it_hit_and_nothing_else() {
        let chain = Chain::new();
        for file in &chain.files {
            let whole = fs::read(file).expect("read");
            for at in (0..whole.len()).step_by(whole.len() / 25) {
                let mut bad = whole.clone();
                bad[at] ^= 0x10;
                fs::write(file, &bad).expect("changed");
                let report = chain.salvage(&chain.secret).expect("saved");
                assert!(report.entries + 1 >= chain.entries && report.documents >= 1, "byte {at}: {report:?}");
            }
            fs::write(file, &whole).expect("as it was");
        }
    }

    #[test]
    fn what_was_cut_is_read_with_the_keys_of_another() {
        let chain = Chain::new();
        let wrong = RecoveryCode::generate().secret();
        assert_eq!(chain.salvage(&wrong).expect_err("another secret").kind(), ErrorKind::WrongSecret);
        let cut = |file: &Path| {
            let whole = fs::read(file).expect("read");
            fs::write(file, &whole[..whole.len() / 8]).expect("cut");
        };
        cut(&chain.files[1]);
        let report = chain.salvage(&chain.secret).expect("saved");
        assert!(report.entries > 20 && report.entries < chain.entries, "{report:?}");
        cut(&chain.files[0]);
        assert_eq!(chain.salvage(&chain.secret).expect_err("no keys").kind(), ErrorKind::Corrupt);
    }
}
