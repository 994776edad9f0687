//! Sealed files: documents, spools and checkpoints of the index, of any length, readable from any place.
//!
//! ```text
//! "PHMF" ‖ 1 ‖ cipher (1) ‖ epoch (4) ‖ salt (24) ‖ chunk…
//! chunk = ciphertext ‖ tag (16), of 64 KiB of plaintext; nonce = the chunk's number
//! last chunk = up to 64 KiB ‖ zeros ‖ how many bytes are not padding (4), sealed as the last one
//! ```
//!
//! The key is `HKDF-SHA-256(owning key, salt, "phm file" ‖ cipher ‖ epoch)`, one per file. Each chunk is bound to the
//! header, vault, file id, its number and whether it is the last (the STREAM construction; Hoang, Reyhanitabar, Rogaway
//! and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015): chunks cannot be moved,
//! and a file that was cut or lengthened does not open. A file of several chunks fills its last one, a shorter file is
//! padded to the next Padmé size.

mod reader;
mod writer;

pub use self::reader::{StreamReader, beginning, epoch_of};
pub use self::writer::StreamWriter;

use super::aead::{Cipher, TAG};
use super::kdf::hkdf;
use super::part::NULL;
use super::secret::OwningKey;
use super::{CryptoError, Suite};
use crate::id::{FileId, VaultId};

const MAGIC: &[u8; 4] = b"PHMF";
const VERSION: u8 = 1;
const SALT: usize = 24;
const HEADER: usize = 4 + 1 + 1 + 4 + SALT;
/// Plaintext of a chunk.
const CHUNK: usize = 64 * 1024;
/// The count at the end of the last chunk.
const COUNT: usize = 4;

/// Where a chunk belongs; a chunk opens nowhere else.
struct Place {
    cipher: Cipher,
    /// Header, vault and file id.
    bound: Vec<u8>,
}

impl Place {
    fn new(suite: Suite, key: &impl OwningKey, header: &[u8; HEADER], vault: VaultId, file: FileId) -> Self {
        let cipher =
            Cipher::new(suite, &hkdf(&*key.owning(), &header[HEADER - SALT..], &[b"phm file", &header[5..10]]));
        Self { cipher, bound: [header.as_slice(), vault.as_bytes(), file.as_bytes()].concat() }
    }

    fn nonce_and_bound(&self, number: u64, last: bool) -> ([u8; 12], Vec<u8>) {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&number.to_be_bytes());
        (nonce, [self.bound.as_slice(), &number.to_be_bytes(), &[u8::from(last)]].concat())
    }

    fn seal(&self, number: u64, last: bool, chunk: &mut Vec<u8>) {
        let (nonce, bound) = self.nonce_and_bound(number, last);
        let tag = if NULL { [0; TAG] } else { self.cipher.seal(nonce, &bound, chunk) };
        chunk.extend_from_slice(&tag);
    }

    /// Opens `chunk` in place and cuts its tag off.
    fn open(&self, number: u64, last: bool, chunk: &mut Vec<u8>) -> Result<(), CryptoError> {
        let (nonce, bound) = self.nonce_and_bound(number, last);
        let length = if NULL {
            chunk.len().checked_sub(TAG)
        } else {
            self.cipher.open(nonce, &bound, chunk).map(|plain| plain.len())
        };
        let length = length.ok_or(CryptoError::SealedFile)?;
        chunk.truncate(length);
        Ok(())
    }
}

#[cfg(all(test, not(feature = "null-cipher")))]
mod tests {
    use std::io::{self, Cursor, Read as _, Seek as _, SeekFrom, Write};

    use proptest::prelude::*;

    use super::*;
    use crate::crypto::secret::{ProfileKey, SpoolKey};

    fn the_key() -> ProfileKey {
        ProfileKey::from_bytes([7; 32])
    }
    const VAULT: VaultId = VaultId::from_bytes([1; 16]);
    const FILE: FileId = FileId::from_bytes([2; 16]);

    fn content(length: usize) -> Vec<u8> {
        (0..length).map(|i| (i / 7 % 251).to_le_bytes()[0]).collect()
    }

    fn sealed(suite: Suite, content: &[u8]) -> Vec<u8> {
        let mut writer = StreamWriter::new(Vec::new(), suite, &the_key(), 5, VAULT, FILE).expect("begin");
        writer.write_all(content).expect("write");
        let (bytes, length) = writer.finish().expect("finish");
        assert_eq!(length, content.len() as u64);
        bytes
    }

    fn open(bytes: Vec<u8>) -> Result<StreamReader<Cursor<Vec<u8>>>, CryptoError> {
        StreamReader::open(Cursor::new(bytes), &the_key(), VAULT, FILE)
    }

    fn read_all(bytes: Vec<u8>) -> Result<Vec<u8>, CryptoError> {
        let mut out = Vec::new();
        open(bytes)?.read_to_end(&mut out)?;
        Ok(out)
    }

    const LENGTHS: [usize; 9] = [0, 1, 252, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 3, 5 * CHUNK - 4];

    #[test]
    fn a_file_of_any_length_reads_back() {
        for suite in [Suite::Aes256Gcm, Suite::ChaCha20Poly1305] {
            for length in LENGTHS {
                let content = content(length);
                let bytes = sealed(suite, &content);
                let reader = open(bytes.clone()).expect("open");
                assert_eq!((reader.len(), reader.is_empty()), (length as u64, length == 0));
                assert!(read_all(bytes).expect("read") == content, "{length}");
            }
        }
    }

    #[test]
    fn of_a_cut_file_the_whole_chunks_before_the_cut_are_read_and_nothing_else() {
        let content = content(2 * CHUNK + 3);
        let bytes = sealed(Suite::Aes256Gcm, &content);
        let begun = |bytes: &[u8]| -> Result<Vec<u8>, CryptoError> {
            Ok(beginning(Cursor::new(bytes.to_vec()), &the_key(), VAULT, FILE)?.flatten().collect())
        };
        let chunk = CHUNK + TAG;
        for (left, chunks) in [(HEADER, 0), (HEADER + chunk - 1, 0), (HEADER + chunk, 1), (bytes.len() - 1, 2)] {
            assert!(open(bytes[..left].to_vec()).is_err());
            assert!(begun(&bytes[..left]).expect("a header") == content[..chunks * CHUNK], "{left} bytes");
        }
        let mut damaged = bytes.clone();
        damaged[HEADER + chunk] ^= 1;
        assert!(begun(&damaged).expect("a header") == content[..CHUNK], "nothing behind the damage");
        assert!(begun(&bytes[..HEADER - 1]).is_err());
    }

    #[test]
    fn a_file_has_the_form_that_stands_on_disk() {
        let bytes = sealed(Suite::Aes256Gcm, b"x");
        assert_eq!(&bytes[..10], b"PHMF\x01\x01\x00\x00\x00\x05");
        assert_eq!(bytes.len(), HEADER + 256 + TAG);
        assert_eq!(epoch_of(&mut Cursor::new(bytes)).expect("epoch"), 5);
    }

    #[test]
    fn a_file_sealed_by_the_first_release_still_opens() {
        let bytes = crate::crypto::bytes::unhex(include_str!("../samples/file-1.hex"));
        assert_eq!(read_all(bytes).expect("read"), b"a file sealed by the first release");
    }

    #[test]
    fn the_last_chunk_hides_how_long_the_file_is() {
        assert_eq!(sealed(Suite::Aes256Gcm, &content(10_000)).len(), sealed(Suite::Aes256Gcm, &content(10_100)).len());
        let of_two_chunks = |length| sealed(Suite::Aes256Gcm, &content(length)).len();
        assert_eq!(of_two_chunks(CHUNK + 1), of_two_chunks(2 * CHUNK));
        assert_eq!(of_two_chunks(CHUNK + 1), HEADER + 2 * (CHUNK + TAG) + COUNT);
    }

    #[test]
    fn any_range_reads_without_the_rest() {
        let content = content(3 * CHUNK + 100);
        let mut reader = open(sealed(Suite::Aes256Gcm, &content)).expect("open");
        for (from, length) in [(0, 10), (CHUNK - 5, 10), (3 * CHUNK, 100), (2 * CHUNK - 1, 2), (7, 3 * CHUNK)] {
            reader.seek(SeekFrom::Start(from as u64)).expect("seek");
            let mut out = vec![0; length];
            reader.read_exact(&mut out).expect("read");
            assert!(out == content[from..from + length]);
        }
        assert_eq!(reader.seek(SeekFrom::End(-1)).expect("seek"), content.len() as u64 - 1);
        assert_eq!(reader.seek(SeekFrom::Current(-1)).expect("seek"), content.len() as u64 - 2);
        assert!(reader.seek(SeekFrom::Current(i64::MIN)).is_err());
        reader.seek(SeekFrom::End(10)).expect("behind the end is a place");
        assert_eq!(reader.read(&mut [0; 4]).expect("read"), 0, "with nothing to read");
    }

    #[test]
    fn a_file_cut_or_lengthened_anywhere_is_noticed() {
        for length in [100, CHUNK, 2 * CHUNK + 3] {
            let bytes = sealed(Suite::Aes256Gcm, &content(length));
            let chunk = CHUNK + TAG;
            let cuts =
                [0, 10, HEADER, HEADER + 19, HEADER + 20, HEADER + chunk, HEADER + chunk + 20, HEADER + 2 * chunk];
            for cut in cuts.into_iter().chain([bytes.len() - 1]).filter(|cut| *cut < bytes.len()) {
                assert!(matches!(open(bytes[..cut].to_vec()), Err(CryptoError::SealedFile)), "{length} cut at {cut}");
            }
            for more in [1, TAG, chunk] {
                let mut longer = bytes.clone();
                longer.resize(bytes.len() + more, 0);
                assert!(open(longer).is_err());
            }
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let bytes = sealed(Suite::ChaCha20Poly1305, b"x");
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(open(bad).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn swapped_and_foreign_chunks_are_noticed_when_they_are_read() {
        let bytes = sealed(Suite::Aes256Gcm, &content(3 * CHUNK));
        let chunk = |number: usize| HEADER + number * (CHUNK + TAG)..HEADER + (number + 1) * (CHUNK + TAG);
        let mut swapped = bytes.clone();
        swapped[chunk(0)].copy_from_slice(&bytes[chunk(1)]);
        assert!(matches!(read_all(swapped), Err(CryptoError::SealedFile)));
        let mut foreign = bytes.clone();
        foreign[chunk(0)].copy_from_slice(&sealed(Suite::Aes256Gcm, &content(3 * CHUNK))[chunk(0)]);
        assert!(matches!(read_all(foreign), Err(CryptoError::SealedFile)));
    }

    #[test]
    fn a_file_opens_only_as_itself() {
        let bytes = sealed(Suite::Aes256Gcm, b"x");
        let open =
            |key: &ProfileKey, vault, file| StreamReader::open(Cursor::new(bytes.clone()), key, vault, file).is_ok();
        assert!(open(&the_key(), VAULT, FILE));
        assert!(!open(&ProfileKey::from_bytes([8; 32]), VAULT, FILE));
        assert!(!open(&the_key(), VaultId::from_bytes([9; 16]), FILE));
        assert!(!open(&the_key(), VAULT, FileId::from_bytes([9; 16])));
        let other = StreamReader::open(Cursor::new(bytes), &SpoolKey::generate(), VAULT, FILE);
        assert!(matches!(other, Err(CryptoError::SealedFile)));
    }

    #[test]
    fn a_file_of_a_later_version_says_so() {
        let mut bytes = sealed(Suite::Aes256Gcm, b"x");
        bytes[4] = 2;
        assert!(matches!(open(bytes), Err(CryptoError::Newer { .. })));
    }

    /// Takes `room` bytes and then fails.
    struct Full {
        room: usize,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.room = self.room.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nothing_more_is_sealed_after_a_failed_write() {
        let mut writer =
            StreamWriter::new(Full { room: 100 }, Suite::Aes256Gcm, &the_key(), 1, VAULT, FILE).expect("begin");
        assert!(writer.write_all(&content(2 * CHUNK)).is_err());
        assert!(writer.write_all(b"more").is_err());
        assert!(writer.finish().is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn writes_of_any_size_and_reads_of_any_range_agree(
            pieces in prop::collection::vec(0_usize..90_000, 0..5),
            from in 0_usize..300_000,
            length in 0_usize..150_000,
        ) {
            let content = content(pieces.iter().sum());
            let mut writer = StreamWriter::new(Vec::new(), Suite::Aes256Gcm, &the_key(), 1, VAULT, FILE).expect("begin");
            let mut rest = content.as_slice();
            for piece in pieces {
                let (now, later) = rest.split_at(piece);
                writer.write_all(now).expect("write");
                rest = later;
            }
            let (bytes, _) = writer.finish().expect("finish");
            let mut reader = open(bytes).expect("open");
            reader.seek(SeekFrom::Start(from as u64)).expect("seek");
            let mut out = Vec::new();
            reader.take(length as u64).read_to_end(&mut out).expect("read");
            let from = from.min(content.len());
            let to = (from + length).min(content.len());
            prop_assert!(out == content[from..to]);
        }
    }
}
