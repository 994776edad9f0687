//! Reading a backup: restore into an empty folder, and the drill that proves one.

use std::fs::{self, File};
use std::io::{BufReader, Read, Write as _};
use std::path::Path;

use super::{Drilled, END, FILE, MAGIC, ROW, Restored};
use crate::crypto::digest::{HmacSha256, hex, same};
use crate::crypto::durable;
use crate::crypto::secret::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::id::FileId;
use crate::store::{Batch, MAX_VALUE, Store as _};
use crate::vault::{Options, RestoreFolder, Vault};

/// Rows of one batch while restoring.
const ROWS: usize = 512;
/// The longest small file a backup holds: keys and heads.
const LONGEST_FILE: u64 = 64 << 20;

/// Restores a backup into an empty or new folder and verifies it; the backup's secrets open it.
///
/// # Errors
/// `not-empty` when there is something in the folder; `corrupt` when the backup was cut or changed, and then everything
/// is as it was before.
pub fn restore(file: &Path, dir: &Path, secret: &Secret, options: Options) -> Result<Restored> {
    let folder = RestoreFolder::create(dir)?;
    let traces = folder.traces();
    let report = unpack(file, folder, secret, options);
    // Once it is a vault another process may have opened it; then it is not ours to remove.
    if report.as_ref().is_err_and(|error| error.kind() != ErrorKind::Busy) {
        // Half a vault would only mislead; what failed first is what counts.
        let _ = traces.remove();
    }
    report
}

/// Restores a backup into a temporary folder beside it, verifies everything, and removes it again.
pub fn drill(file: &Path, secret: &Secret, options: Options) -> Result<Drilled> {
    let started = std::time::Instant::now();
    let name: [u8; 8] = crate::crypto::random();
    let name = format!("phm-drill-{}", hex(&name));
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let dir = parent.join(name);
    let restored = restore(file, &dir, secret, options)?;
    fs::remove_dir_all(&dir)?;
    Ok(Drilled {
        ok: true,
        entries: restored.entries,
        audit_root: restored.audit_root,
        seconds: started.elapsed().as_secs_f64(),
    })
}

fn damaged() -> Error {
    Error::corrupt("the backup was cut or changed; use another one")
}

/// What is read, authenticated on its way once the key is known.
struct In {
    file: BufReader<File>,
    mac: Option<HmacSha256>,
}

impl In {
    fn take(&mut self, out: &mut [u8]) -> Result<()> {
        self.file.read_exact(out).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => damaged(),
            _ => error.into(),
        })?;
        if let Some(mac) = &mut self.mac {
            mac.update(out);
        }
        Ok(())
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut out = [0; N];
        self.take(&mut out)?;
        Ok(out)
    }

    fn bytes(&mut self, length: usize) -> Result<Vec<u8>> {
        let mut out = vec![0; length];
        self.take(&mut out)?;
        Ok(out)
    }

    fn name(&mut self) -> Result<Vec<u8>> {
        let length = u16::from_be_bytes(self.fixed()?);
        self.bytes(usize::from(length))
    }
}

fn unpack(file: &Path, folder: RestoreFolder, secret: &Secret, options: Options) -> Result<Restored> {
    // The first pass proves the backup whole before anything of it is used.
    let dir = &folder.root().to_owned();
    pass(file, |item| folder.keys(item))?;
    let key = folder.backup_key(secret)?;
    let mac = HmacSha256::new(&key);
    let (entries, root) = authenticate(file, mac)?;
    let store = folder.store(&options)?;
    let mut batch = Batch::default();
    pass(file, |item| match item {
        Item::Row(address, value) => {
            batch.replace(address, value);
            if batch.put.len() >= ROWS { Ok(store.commit(std::mem::take(&mut batch))?) } else { Ok(()) }
        }
        // Only names the vault gives itself: nothing outside the folder can be written. Anything else was beside the
        // documents when the backup was made; it is authenticated, but no record knows it.
        Item::Document(name, content) => match name.parse() {
            Ok(file) => document(dir, file, content),
            Err(_) => Ok(()),
        },
        Item::Small(..) => Ok(()),
    })?;
    store.commit(batch)?;
    drop(store);
    folder.finish()?;
    let vault = Vault::open(dir, secret, options)?;
    let report = vault.verify(None)?;
    vault.close()?;
    let whole = report.ok && report.entries == entries && report.audit.root == root;
    if !whole {
        return Err(Error::corrupt("the restored vault does not verify; use another backup"));
    }
    Ok(Restored { profiles: report.profiles, entries, audit_root: root })
}

/// One item of a backup.
pub(crate) enum Item<'i> {
    /// `vault.toml`, `slots`, `keyring` or `heads`.
    Small(String, Vec<u8>),
    /// The sealed file of a document.
    Document(String, &'i mut dyn Read),
    /// A row of the store.
    Row(Vec<u8>, Vec<u8>),
}

/// Shows every item; answers what the end says: entries and root of the audit tree.
fn pass(file: &Path, mut visit: impl FnMut(Item<'_>) -> Result<()>) -> Result<()> {
    let mut input = In { file: BufReader::new(File::open(file)?), mac: None };
    if &input.fixed::<5>()? != MAGIC {
        return Err(Error::new(ErrorKind::Invalid, "invalid-input", "this is not a backup of PHM, or of a newer one"));
    }
    loop {
        match input.fixed::<1>()?[0] {
            END => return Ok(()),
            ROW => {
                let address = input.name()?;
                let length = usize::try_from(u32::from_be_bytes(input.fixed()?)).map_err(|_| damaged())?;
                if length > MAX_VALUE {
                    return Err(damaged());
                }
                visit(Item::Row(address, input.bytes(length)?))?;
            }
            FILE => {
                let name = String::from_utf8(input.name()?).map_err(|_| damaged())?;
                let length = u64::from_be_bytes(input.fixed()?);
                if let Some(name) = name.strip_prefix("documents/") {
                    let mut content = (&mut input.file).take(length);
                    visit(Item::Document(name.to_owned(), &mut content))?;
                    std::io::copy(&mut content, &mut std::io::sink())?;
                    if content.limit() > 0 {
                        return Err(damaged());
                    }
                } else if length > LONGEST_FILE {
                    return Err(damaged());
                } else {
                    let content = input.bytes(usize::try_from(length).map_err(|_| damaged())?)?;
                    visit(Item::Small(name, content))?;
                }
            }
            _ => return Err(damaged()),
        }
    }
}

/// Reads the whole file and compares its tag; answers what the end says.
fn authenticate(file: &Path, mac: HmacSha256) -> Result<(u64, String)> {
    const TAIL: u64 = 1 + 8 + 8 + 32;
    const TAG: u64 = 32;
    let length = fs::metadata(file)?.len();
    let mut left = length.checked_sub(TAIL + TAG).ok_or_else(damaged)?;
    let mut input = In { file: BufReader::new(File::open(file)?), mac: Some(mac) };
    while left > 0 {
        let most = usize::try_from(left.min(64 * 1024)).unwrap_or(64 * 1024);
        input.bytes(most)?;
        left -= most as u64;
    }
    let [END] = input.fixed::<1>()? else { return Err(damaged()) };
    let entries = u64::from_be_bytes(input.fixed()?);
    let _size = input.fixed::<8>()?;
    let root: [u8; 32] = input.fixed()?;
    let tag = input.mac.take().map(HmacSha256::finish).ok_or_else(damaged)?;
    if !same(&tag, &input.fixed::<32>()?) {
        return Err(damaged());
    }
    Ok((entries, hex(&root)))
}

fn document(dir: &Path, file: FileId, content: &mut dyn Read) -> Result<()> {
    let mut out = durable::private().write(true).create_new(true).open(dir.join("documents").join(file.to_string()))?;
    std::io::copy(content, &mut out)?;
    out.flush()?;
    out.sync_all()?;
    Ok(())
}
