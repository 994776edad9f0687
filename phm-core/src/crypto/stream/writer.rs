//! Writing a sealed file.

use std::fmt;
use std::io::{self, Write};

use super::{CHUNK, COUNT, HEADER, MAGIC, Place, SALT, VERSION};
use crate::crypto::aead::TAG;
use crate::crypto::part::{NULL, NULL_FORMAT, padded};
use crate::crypto::secret::OwningKey;
use crate::crypto::{Suite, random};
use crate::id::{FileId, VaultId};

/// Seals what is written to it, chunk by chunk. Without [`StreamWriter::finish`] the file does not open.
pub struct StreamWriter<W> {
    inner: W,
    place: Place,
    chunk: Vec<u8>,
    number: u64,
    length: u64,
    /// After a failed write nothing more is sealed: a nonce must not meet two chunks.
    failed: bool,
}

impl<W: Write> StreamWriter<W> {
    /// Begins a sealed file on `inner`; `key` and `epoch` are the owning key's.
    pub fn new(
        mut inner: W,
        suite: Suite,
        key: &impl OwningKey,
        epoch: u32,
        vault: VaultId,
        file: FileId,
    ) -> io::Result<Self> {
        let mut header = [0; HEADER];
        header[..4].copy_from_slice(MAGIC);
        header[4] = VERSION;
        header[5] = if NULL { NULL_FORMAT } else { suite as u8 };
        header[6..10].copy_from_slice(&epoch.to_be_bytes());
        header[10..].copy_from_slice(&random::<SALT>());
        inner.write_all(&header)?;
        let place = Place::new(suite, key, &header, vault, file);
        let chunk = Vec::with_capacity(CHUNK + COUNT + TAG);
        Ok(Self { inner, place, chunk, number: 0, length: 0, failed: false })
    }

    /// Seals the last chunk and gives back the inner writer and the length of the plaintext.
    pub fn finish(mut self) -> io::Result<(W, u64)> {
        let count = u32::try_from(self.chunk.len()).expect("a chunk is 64 KiB");
        let full = CHUNK + COUNT;
        let size = if self.number == 0 { padded(self.chunk.len() + COUNT).min(full) } else { full };
        self.chunk.resize(size - COUNT, 0);
        self.chunk.extend_from_slice(&count.to_be_bytes());
        self.send(true)?;
        self.inner.flush()?;
        Ok((self.inner, self.length))
    }

    fn send(&mut self, last: bool) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other("an earlier write to this sealed file failed; start it again"));
        }
        self.failed = true;
        self.place.seal(self.number, last, &mut self.chunk);
        self.inner.write_all(&self.chunk)?;
        self.chunk.clear();
        self.number += 1;
        self.failed = false;
        Ok(())
    }
}

impl<W: Write> Write for StreamWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk is sent only when more follows, for it might be the last one.
        if self.chunk.len() >= CHUNK && !bytes.is_empty() {
            self.send(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        self.length += taken as u64;
        Ok(taken)
    }

    /// Passes on what is sealed; the chunk at hand waits until it is full or last.
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W> fmt::Debug for StreamWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamWriter").field("length", &self.length).finish_non_exhaustive()
    }
}
