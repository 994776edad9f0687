//! What is kept beside the journals to save time, and may be thrown away at any time: checkpoints of indexes, and the columns
//! that tables were made of (`flat/kept.rs`).
//!
//! Both are files of sealed bodies, one behind the other, each bound to its person, its place and the rewrites there have been
//! of the journal. They are forgotten together wherever something of a journal is destroyed or sealed under another key; where the
//! person was not open then, at the next opening, and until then neither opens to what they are bound to now.

use std::fs;
use std::io::{BufReader, Read, Write as _};
use std::path::PathBuf;
use std::sync::PoisonError;

use super::Inner;
use super::profiles::{Head, OpenProfile};
use crate::crypto::digest::hex;
use crate::crypto::{self, Prepared, durable};
use crate::error::{Error, Result};
use crate::id::ProfileId;
use crate::index::{ProfileIndex, decode_checkpoint, encode_checkpoint};
use crate::store::layout::Blinded;

/// A checkpoint is written when so many entries lie behind the last one: with fewer the journal answers as fast, and with
/// more everybody with a middling history would be read entry by entry at each opening.
const CHECKPOINT_AFTER: u64 = 64;
/// Entries of one chunk of a checkpoint at most: a long journal is never encoded in one piece.
const CHUNK_ROWS: u64 = 2048;

impl Inner {
    /// Writes what the checkpoint of a profile lacks, when that is worth it.
    ///
    /// A checkpoint only saves time: where it cannot be written (a full disk), the journal answers as well, and the next
    /// opening cuts what was half-written.
    pub fn checkpoint(&self, profile: &OpenProfile) {
        let _ = self.try_checkpoint(profile);
    }

    fn try_checkpoint(&self, profile: &OpenProfile) -> Result<()> {
        let index = profile.index.read().unwrap_or_else(PoisonError::into_inner);
        // What a commit on its way has put into the store may yet be lost; the checkpoint must not survive it.
        let durable = self.written().get(&profile.id).copied().unwrap_or(0);
        let mut reaches = profile.checkpointed.lock().unwrap_or_else(PoisonError::into_inner);
        if durable < *reaches + CHECKPOINT_AFTER {
            return Ok(());
        }
        let rewrite = profile.head.lock().unwrap_or_else(PoisonError::into_inner).rewrite;
        let (epoch, key) = self.keys.profile_key(profile.id)?;
        let path = self.checkpoint_path(&profile.blinded);
        let mut file = fs::OpenOptions::new().create(true).append(true).open(&path)?;
        if *reaches == 0 {
            file.set_len(0)?;
        }
        loop {
            let after = *reaches;
            let most = CHUNK_ROWS.min(durable.saturating_sub(after));
            let Some((chunk, last)) = encode_checkpoint(&index, after, most) else { return Ok(()) };
            let chunk = Prepared::new(&chunk)?;
            let context = chunk_context(self, profile.id, rewrite, after);
            let parts = crypto::seal(self.marker.suite, &key, epoch, &context, &chunk);
            file.write_all(&in_parts(&parts)?)?;
            *reaches = last;
        }
    }

    /// Forgets the checkpoint of a profile and the columns that are kept of it, so that the next ones are sealed anew from the
    /// beginning.
    pub fn forget_checkpoint(&self, profile: &OpenProfile) -> Result<()> {
        // Both are written under the read lock of the index, so none is under way.
        let _index = profile.index.write().unwrap_or_else(PoisonError::into_inner);
        *profile.checkpointed.lock().unwrap_or_else(PoisonError::into_inner) = 0;
        let _kept = profile.kept.lock().unwrap_or_else(PoisonError::into_inner);
        self.remove_index_files(&profile.blinded)
    }

    /// Removes what is kept of a profile to save time.
    pub fn remove_index_files(&self, blinded: &Blinded) -> Result<()> {
        durable::remove_file(&self.checkpoint_path(blinded))?;
        Ok(durable::remove_file(&self.columns_path(blinded))?)
    }

    fn checkpoint_path(&self, blinded: &Blinded) -> PathBuf {
        self.folder.path("index").join(hex(blinded))
    }

    /// Where the columns stand that are kept of a profile.
    pub fn columns_path(&self, blinded: &Blinded) -> PathBuf {
        self.folder.path("index").join(format!("{}.columns", hex(blinded)))
    }

    /// Folds as much of the checkpoint as opens and fits; the rest comes from the journal.
    pub fn read_checkpoint(&self, id: ProfileId, head: &Head, index: &mut ProfileIndex) {
        let path = self.checkpoint_path(&self.keys.blind_profile(id));
        let Ok(file) = fs::File::open(&path) else { return };
        let Ok(length) = file.metadata().map(|about| about.len()) else { return };
        let mut file = BufReader::new(file);
        let mut good = 0;
        while let Some((parts, bytes)) = next_body(&mut file) {
            let context = chunk_context(self, id, head.rewrite, index.last_seq());
            let opened = crypto::epoch_of(&parts[0])
                .and_then(|epoch| self.keys.profile_key_at(id, epoch))
                .and_then(|key| crypto::open(&key, &context, &parts).ok());
            let folded = opened.and_then(|opened| decode_checkpoint(index, &opened.plaintext));
            if folded.is_none() {
                break;
            }
            good += bytes;
        }
        if index.last_seq() > head.seq {
            // A checkpoint newer than its store belongs to another copy of the vault.
            *index = ProfileIndex::default();
            good = 0;
        }
        if good < length {
            // Damaged or half-written behind `good`: cut, so that the next chunk continues from there.
            let cut = fs::OpenOptions::new().write(true).open(&path).and_then(|file| file.set_len(good));
            if cut.is_err() {
                *index = ProfileIndex::default();
            }
        }
    }
}

/// The parts of a sealed body as they stand in a file: how many, and each behind its length.
pub(super) fn in_parts(parts: &[Vec<u8>]) -> Result<Vec<u8>> {
    let too_long = |_| Error::internal("a body has more or longer parts than a file of them can say");
    let mut out = u16::try_from(parts.len()).map_err(too_long)?.to_be_bytes().to_vec();
    for part in parts {
        out.extend_from_slice(&u16::try_from(part.len()).map_err(too_long)?.to_be_bytes());
        out.extend_from_slice(part);
    }
    Ok(out)
}

/// The parts of the next body of a file and the bytes they take; `None` at the end, whole or not.
pub(super) fn next_body(file: &mut impl Read) -> Option<(Vec<Vec<u8>>, u64)> {
    let mut number = [0; 2];
    file.read_exact(&mut number).ok()?;
    let mut bytes = 2;
    let mut parts = Vec::new();
    for _ in 0..u16::from_be_bytes(number) {
        file.read_exact(&mut number).ok()?;
        let mut part = vec![0; usize::from(u16::from_be_bytes(number))];
        file.read_exact(&mut part).ok()?;
        bytes += 2 + part.len() as u64;
        parts.push(part);
    }
    (!parts.is_empty()).then_some((parts, bytes))
}

pub(super) fn chunk_context(inner: &Inner, id: ProfileId, rewrite: u32, after: u64) -> Vec<u8> {
    let (rewrite, after) = (rewrite.to_be_bytes(), after.to_be_bytes());
    [inner.marker.vault.as_bytes().as_slice(), b"index", id.as_bytes(), &rewrite, &after].concat()
}
