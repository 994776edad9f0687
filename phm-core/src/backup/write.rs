//! Writing a backup.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use super::{END, FILE, MAGIC, ROW, Written};
use crate::crypto::digest::{HmacSha256, Sha256, hex};
use crate::crypto::{durable, keyring, slot};
use crate::error::{Error, ErrorKind, Result};
use crate::store::Store as _;
use crate::store::layout::Table;
use crate::vault::Vault;

/// Writes a backup of the whole vault to a new file, durable when it returns.
///
/// # Errors
/// `not-empty` when the file exists; [`ErrorKind::Io`] when there is no room, and then no file is left behind.
pub fn write(vault: &Vault, path: &Path) -> Result<Written> {
    if path.exists() {
        return Err(Error::new(
            ErrorKind::Conflict,
            "not-empty",
            "the backup file exists already; choose another name",
        ));
    }
    let written = copy(vault, path);
    if written.is_err() {
        // What failed first is what counts; a half backup would only mislead.
        let _ = fs::remove_file(path);
    }
    written
}

/// Everything written, hashed and authenticated on its way.
struct Out {
    file: BufWriter<File>,
    hash: Sha256,
    mac: HmacSha256,
    bytes: u64,
}

impl Out {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.mac.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    fn name(&mut self, tag: u8, name: &[u8]) -> io::Result<()> {
        let length = u16::try_from(name.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.put(&[tag])?;
        self.put(&length.to_be_bytes())?;
        self.put(name)
    }

    fn file(&mut self, root: &Path, name: &str) -> io::Result<()> {
        let mut file = File::open(root.join(name))?;
        let length = file.metadata()?.len();
        self.name(FILE, name.as_bytes())?;
        self.put(&length.to_be_bytes())?;
        let (mut left, mut buffer) = (length, vec![0; 64 * 1024]);
        while left > 0 {
            let most = usize::try_from(left.min(buffer.len() as u64)).unwrap_or(buffer.len());
            let read = file.read(&mut buffer[..most])?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.put(&buffer[..read])?;
            left -= read as u64;
        }
        Ok(())
    }
}

fn copy(vault: &Vault, path: &Path) -> Result<Written> {
    let key = vault.inner.keys.backup_key()?.1;
    let file = durable::private().write(true).create_new(true).open(path)?;
    let mut out = Out { file: BufWriter::new(file), hash: Sha256::new(), mac: HmacSha256::new(&key), bytes: 0 };
    let (entries, size, root) = vault.inner.at_barrier(|ledger| {
        crate::vault::write_heads(&vault.inner, ledger)?;
        out.put(MAGIC)?;
        for name in ["vault.toml", "heads"].iter().chain(&slot::FILES).chain(&keyring::FILES) {
            out.file(vault.dir(), name)?;
        }
        for table in Table::ALL {
            let (from, to) = crate::store::layout::rows(table);
            let mut failed = None;
            vault.inner.store.scan(&from, &to, &mut |(address, value)| {
                let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
                let put =
                    out.name(ROW, address).and_then(|()| out.put(&length.to_be_bytes())).and_then(|()| out.put(value));
                failed = put.err();
                failed.is_none()
            })?;
            if let Some(error) = failed {
                return Err(error.into());
            }
        }
        // Counted where nothing is written: a write that came between would make the backup contradict itself.
        Ok((vault.inner.stored_entries()?, ledger.size(), ledger.root()))
    })?;
    // Files never change once their record is committed, so they need no barrier.
    for entry in fs::read_dir(vault.dir().join("documents"))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            let name = entry.file_name();
            let name = name.to_str().ok_or_else(|| Error::corrupt("a file in `documents` has a strange name"))?;
            out.file(vault.dir(), &format!("documents/{name}"))?;
        }
    }
    out.put(&[END])?;
    out.put(&entries.to_be_bytes())?;
    out.put(&size.to_be_bytes())?;
    out.put(&root)?;
    let tag = std::mem::replace(&mut out.mac, HmacSha256::new(&key)).finish();
    out.put(&tag)?;
    let Out { file, hash, bytes, .. } = out;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        durable::sync_folder(parent)?;
    }
    Ok(Written { path: path.to_owned(), bytes, entries, sha256: hex(&hash.finish()), audit_root: hex(&root) })
}
