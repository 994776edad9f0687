//! The bytes of a backup on their way into its file.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::Path;

use super::form::{FILE, ROW};
use crate::crypto::digest::Sha256;
use crate::error::{Error, ErrorKind, Result};
use crate::store::Store as _;
use crate::vault::{Stop, Vault};

/// Everything written, hashed on its way.
pub(super) struct Out {
    file: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
    stop: Stop,
}

impl Out {
    /// Begins with an empty file; `stop` ends the writing.
    pub fn new(file: File, stop: Stop) -> Self {
        Self { file: BufWriter::with_capacity(256 * 1024, file), hash: Sha256::new(), bytes: 0, stop }
    }

    /// How many bytes were written, and their SHA-256.
    pub fn so_far(&self) -> (u64, [u8; 32]) {
        (self.bytes, self.hash.clone().finish())
    }

    /// Everything was written: makes it durable.
    pub fn sync(self) -> Result<()> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(file.sync_all()?)
    }

    /// Writes bytes as they are.
    pub fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    fn name(&mut self, tag: u8, name: &[u8]) -> io::Result<()> {
        let length = u16::try_from(name.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.put(&[tag])?;
        self.put(&length.to_be_bytes())?;
        self.put(name)
    }

    /// The rows in a half-open range; `wanted` sees each of them first.
    pub fn rows(
        &mut self,
        vault: &Vault,
        (from, to): &(Vec<u8>, Vec<u8>),
        mut wanted: impl FnMut(&[u8], &[u8]) -> Result<bool>,
    ) -> Result<()> {
        let mut done = Ok(());
        vault.inner.store.scan(from, to, &mut |(address, value)| {
            done = wanted(address, value).and_then(|wanted| if wanted { self.row(address, value) } else { Ok(()) });
            done.is_ok()
        })?;
        done
    }

    fn row(&mut self, address: &[u8], value: &[u8]) -> Result<()> {
        self.go_on()?;
        let length = u32::try_from(value.len()).map_err(|_| Error::internal("a stored value is too long"))?;
        self.name(ROW, address)?;
        self.put(&length.to_be_bytes())?;
        Ok(self.put(value)?)
    }

    fn go_on(&self) -> Result<()> {
        if (self.stop)() {
            return Err(Error::new(ErrorKind::Busy, "stopped", "the backup was stopped before its end"));
        }
        Ok(())
    }

    /// A file; nothing is written where there is none.
    pub fn file(&mut self, root: &Path, name: &str) -> Result<Option<()>> {
        self.go_on()?;
        let mut file = match File::open(root.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let length = file.metadata()?.len();
        self.name(FILE, name.as_bytes())?;
        self.put(&length.to_be_bytes())?;
        let (mut left, mut buffer) = (length, vec![0; 64 * 1024]);
        while left > 0 {
            let most = usize::try_from(left.min(buffer.len() as u64)).unwrap_or(buffer.len());
            let read = file.read(&mut buffer[..most])?;
            if read == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            self.put(&buffer[..read])?;
            left -= read as u64;
        }
        Ok(Some(()))
    }
}
