//! Reading a sealed file, from any place.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};

use super::{CHUNK, COUNT, HEADER, MAGIC, Place, VERSION};
use crate::crypto::aead::TAG;
use crate::crypto::part::{NULL, NULL_FORMAT};
use crate::crypto::secret::OwningKey;
use crate::crypto::{CryptoError, Suite};
use crate::id::{FileId, VaultId};

/// Reads a sealed file from any place. Every byte it gives was checked first.
pub struct StreamReader<R> {
    inner: R,
    place: Place,
    /// The opened chunk and its number.
    chunk: Vec<u8>,
    number: u64,
    last: u64,
    length: u64,
    at: u64,
}

impl<R: Read + Seek> StreamReader<R> {
    /// Opens the file `inner`, which must be the one that was sealed as `file` of `vault`, to its end.
    pub fn open(mut inner: R, key: &impl OwningKey, vault: VaultId, file: FileId) -> Result<Self, CryptoError> {
        let (suite, _, header) = read_header(&mut inner)?;
        let place = Place::new(suite, key, &header, vault, file);
        let size = inner.seek(SeekFrom::End(0))?;
        // The last chunk is 20 to 65,556 bytes, so what lies before it is a whole number of chunks in one way only.
        let before_last = size.checked_sub((HEADER + COUNT + TAG) as u64).ok_or(CryptoError::SealedFile)?;
        let last = before_last / (CHUNK + TAG) as u64;
        let mut reader = Self { inner, place, chunk: Vec::new(), number: u64::MAX, last, length: 0, at: 0 };
        reader.load(last)?;
        reader.length = last * CHUNK as u64 + reader.chunk.len() as u64;
        Ok(reader)
    }

    /// The length of the plaintext.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether there is no plaintext at all.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    fn load(&mut self, number: u64) -> Result<(), CryptoError> {
        if self.number == number {
            return Ok(());
        }
        self.number = u64::MAX;
        self.chunk.clear();
        self.inner.seek(SeekFrom::Start(HEADER as u64 + number * (CHUNK + TAG) as u64))?;
        let last = number == self.last;
        let longest = if last { CHUNK + COUNT + TAG } else { CHUNK + TAG };
        // One byte more than there may be shows a file that was lengthened.
        let more = u64::from(last);
        (&mut self.inner).take(longest as u64 + more).read_to_end(&mut self.chunk)?;
        if self.chunk.len() > longest {
            return Err(CryptoError::SealedFile);
        }
        self.place.open(number, last, &mut self.chunk)?;
        if last {
            let (data, count) = self.chunk.split_last_chunk::<COUNT>().ok_or(CryptoError::SealedFile)?;
            let count = usize::try_from(u32::from_be_bytes(*count)).ok().filter(|count| *count <= data.len());
            self.chunk.truncate(count.ok_or(CryptoError::SealedFile)?);
        }
        self.number = number;
        Ok(())
    }
}

impl<R> fmt::Debug for StreamReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamReader").field("length", &self.length).finish_non_exhaustive()
    }
}

impl<R: Read + Seek> Read for StreamReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.length || out.is_empty() {
            return Ok(0);
        }
        self.load((self.at / CHUNK as u64).min(self.last))?;
        let from = usize::try_from(self.at - self.number * CHUNK as u64).expect("within a chunk");
        let taken = out.len().min(self.chunk.len() - from);
        out[..taken].copy_from_slice(&self.chunk[from..from + taken]);
        self.at += taken as u64;
        Ok(taken)
    }
}

impl<R> Seek for StreamReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a place before the start"))?;
        Ok(self.at)
    }
}

/// The plaintext of a file that was cut or damaged, chunk by chunk from its beginning, up to the first that does not open.
///
/// Each chunk was checked as always; whether more belongs behind them is not known.
pub fn beginning<R: Read + Seek, K: OwningKey>(
    mut inner: R,
    key: &K,
    vault: VaultId,
    file: FileId,
) -> Result<impl Iterator<Item = Vec<u8>> + use<R, K>, CryptoError> {
    let (suite, _, header) = read_header(&mut inner)?;
    let place = Place::new(suite, key, &header, vault, file);
    let mut number = 0;
    Ok(std::iter::from_fn(move || {
        let mut chunk = Vec::new();
        (&mut inner).take((CHUNK + TAG) as u64).read_to_end(&mut chunk).ok()?;
        place.open(number, false, &mut chunk).ok()?;
        number += 1;
        Some(chunk)
    }))
}

/// The epoch of the key that sealed the file `inner`, which is then at its start again.
pub fn epoch_of(inner: &mut (impl Read + Seek)) -> Result<u32, CryptoError> {
    let (_, epoch, _) = read_header(inner)?;
    inner.rewind()?;
    Ok(epoch)
}

fn read_header(inner: &mut (impl Read + Seek)) -> Result<(Suite, u32, [u8; HEADER]), CryptoError> {
    let mut header = [0; HEADER];
    inner.rewind()?;
    inner.read_exact(&mut header).map_err(too_short)?;
    if &header[..4] != MAGIC {
        return Err(CryptoError::SealedFile);
    }
    if header[4] > VERSION {
        return Err(CryptoError::Newer { file: "a sealed file" });
    }
    let suite = match header[5] {
        NULL_FORMAT if NULL => Some(Suite::Aes256Gcm),
        _ if NULL => None,
        format => Suite::from_format(format),
    };
    let suite = suite.filter(|_| header[4] == VERSION).ok_or(CryptoError::SealedFile)?;
    let [_, _, _, _, _, _, epoch @ ..] = *header.first_chunk::<10>().expect("the header is longer");
    Ok((suite, u32::from_be_bytes(epoch), header))
}

/// A file that ends too early was cut; everything else is the operating system's.
fn too_short(error: io::Error) -> CryptoError {
    if error.kind() == io::ErrorKind::UnexpectedEof { CryptoError::SealedFile } else { error.into() }
}
