//! Sealed temporary files: an upload waits here for its preview and its import.
//!
//! The key exists in memory only, so a spool file left behind by a crash is noise; the spool folder is swept when the
//! vault opens.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::PathBuf;

use super::Vault;
use crate::crypto::secret::SpoolKey;
use crate::crypto::{StreamReader, StreamWriter, durable};
use crate::error::{Error, ErrorKind, Result};
use crate::id::{FileId, VaultId};

/// A sealed temporary file; deleted when dropped.
#[derive(Debug)]
pub struct Spool {
    path: PathBuf,
    key: SpoolKey,
    vault: VaultId,
    file: FileId,
    bytes: u64,
}

/// A spool file that is being written.
#[derive(Debug)]
pub struct SpoolWriter {
    spool: Spool,
    sealed: StreamWriter<File>,
    limit: u64,
}

impl Vault {
    /// Begins a sealed temporary file of at most `limit` bytes.
    pub fn spool(&self, limit: u64) -> Result<SpoolWriter> {
        let marker = self.inner.marker;
        let (file, key) = (FileId::new(), SpoolKey::generate());
        let path = self.inner.folder.path("spool").join(file.to_string());
        let out = durable::private().write(true).create_new(true).open(&path)?;
        let sealed = StreamWriter::new(out, marker.suite, &key, 0, marker.vault, file)?;
        let spool = Spool { path, key, vault: marker.vault, file, bytes: 0 };
        Ok(SpoolWriter { spool, sealed, limit })
    }

    /// Spools everything `source` has.
    pub fn spool_all(&self, source: &mut dyn Read, limit: u64) -> Result<Spool> {
        let mut writer = self.spool(limit)?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match source.read(&mut buffer) {
                Ok(0) => return writer.finish(),
                Ok(read) => writer.write(&buffer[..read])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl SpoolWriter {
    /// Adds bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.spool.bytes += bytes.len() as u64;
        if self.spool.bytes > self.limit {
            return Err(Error::new(ErrorKind::TooLarge, "too-large", "the upload is larger than this vault takes"));
        }
        Ok(self.sealed.write_all(bytes)?)
    }

    /// Ends the file; it can be read now.
    pub fn finish(self) -> Result<Spool> {
        self.sealed.finish()?;
        Ok(self.spool)
    }
}

impl Spool {
    /// How many bytes were spooled.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads from the beginning; may be called again.
    pub fn reader(&self) -> Result<StreamReader<File>> {
        Ok(StreamReader::open(File::open(&self.path)?, &self.key, self.vault, self.file)?)
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // Sealed under a key that is gone now; the next start sweeps what could not be deleted.
        let _ = fs::remove_file(&self.path);
    }
}
