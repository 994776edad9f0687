//! ZIP archives as a stream: portals and phones pack what they hand out this way.
//!
//! Members are read in the order they lie in, each behind its own header, without the list at the end: so an archive
//! needs no room and may come from a pipe. The check sum of every member is compared. Packings that nobody uses are
//! damaged to this reader; of an encrypted archive it can say that.
//!
//! Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3, 4.4 and 4.5.3.

use std::io::{self, BufReader, Read};

use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;

use super::bound::Unpacking;

/// Looks at one file of an archive: its place among all members, its name and its content; answers whether to go on.
pub(super) type Take<'t> = dyn FnMut(usize, &str, &mut dyn Read) -> io::Result<bool> + 't;

const MEMBER: [u8; 4] = *b"PK\x03\x04";
const LIST: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const DESCRIPTOR: u32 = 0x0807_4b50;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Whether a file that starts so is a ZIP archive.
pub(super) fn is_archive(start: &[u8]) -> bool {
    start.starts_with(&MEMBER) || start.starts_with(&END)
}

/// Whether an archive could not be read because it wants a password.
pub(super) fn is_locked(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none()
}

/// Hands every file of the archive to `take`, until that has seen enough; `unpacking` counts what comes out.
pub(super) fn members(reader: &mut dyn Read, unpacking: Unpacking<'_>, take: &mut Take<'_>) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(64 << 10, reader);
    let mut index = 0;
    loop {
        let mut signature = [0; 4];
        reader.read_exact(&mut signature)?;
        match signature {
            MEMBER => {}
            LIST | END => return Ok(()),
            _ => return Err(damaged()),
        }
        let header = Header::read(&mut reader)?;
        let found = match header.packing {
            STORED => unpack(index, &header, reader.by_ref().take(header.packed), take)?,
            DEFLATED => unpack(index, &header, unpacking.of(DeflateDecoder::new(&mut reader)), take)?,
            _ => return Err(damaged()),
        };
        let Some(found) = found else { return Ok(()) };
        let expected = if header.is_streamed { descriptor(&mut reader, header.is_long)? } else { header.crc };
        if found != expected {
            return Err(damaged());
        }
        index += 1;
    }
}

/// Shows one member and reads it to its end; its check sum, or `None` when `take` has seen enough.
fn unpack(index: usize, header: &Header, content: impl Read, take: &mut Take<'_>) -> io::Result<Option<u32>> {
    let mut content = CrcReader::new(content);
    if !header.name.ends_with('/') && !take(index, &header.name, &mut content)? {
        return Ok(None);
    }
    io::copy(&mut content, &mut io::sink())?;
    Ok(Some(content.crc().sum()))
}

/// What stands in front of a member.
struct Header {
    name: String,
    packing: u16,
    /// Its sizes and check sum stand behind it.
    is_streamed: bool,
    /// Its sizes have eight bytes.
    is_long: bool,
    crc: u32,
    packed: u64,
}

impl Header {
    fn read(reader: &mut impl Read) -> io::Result<Self> {
        let mut fixed = [0; 26];
        reader.read_exact(&mut fixed)?;
        let two = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
        let four = |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
        let flags = two(2);
        let (is_encrypted, is_streamed) = (flags & 1 != 0, flags & 8 != 0);
        let mut name = vec![0; usize::from(two(22))];
        reader.read_exact(&mut name)?;
        let mut extra = vec![0; usize::from(two(24))];
        reader.read_exact(&mut extra)?;
        let sizes = long_sizes(&extra);
        let packed = match (four(14), &sizes) {
            (u32::MAX, Some([_, packed])) => *packed,
            (packed, _) => packed.into(),
        };
        if is_encrypted {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "an encrypted archive"));
        }
        let name = String::from_utf8_lossy(&name).into_owned();
        Ok(Self { name, packing: two(4), is_streamed, is_long: sizes.is_some(), crc: four(10), packed })
    }
}

/// The length of a member and its length as packed, where they need eight bytes each.
fn long_sizes(mut extra: &[u8]) -> Option<[u64; 2]> {
    while let Some((head, rest)) = extra.split_first_chunk::<4>() {
        let (id, length) = (u16::from_le_bytes([head[0], head[1]]), u16::from_le_bytes([head[2], head[3]]));
        let (field, rest) = rest.split_at_checked(length.into())?;
        if id == 1 {
            let (size, packed) = field.split_first_chunk::<8>()?;
            return Some([u64::from_le_bytes(*size), u64::from_le_bytes(*packed.first_chunk::<8>()?)]);
        }
        extra = rest;
    }
    None
}

/// The check sum behind a member whose length was not known in front of it.
fn descriptor(reader: &mut impl Read, is_long: bool) -> io::Result<u32> {
    let mut word = [0; 4];
    reader.read_exact(&mut word)?;
    if u32::from_le_bytes(word) == DESCRIPTOR {
        reader.read_exact(&mut word)?;
    }
    let mut sizes = [0; 16];
    reader.read_exact(&mut sizes[..if is_long { 16 } else { 8 }])?;
    Ok(u32::from_le_bytes(word))
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a damaged archive")
}
