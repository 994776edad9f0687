//! Columns that are kept: what tables were made of a person's records, so that each is opened once, and not for every table.
//!
//! Beside the index of a person stands a file of them, sealed under the person's key and bound to the person, the kind, its
//! columns and the rewrites of the journal. It is forgotten with the index's checkpoint wherever something of the journal is
//! destroyed or sealed anew, and may be thrown away at any time. What a row was made of never changes: versions are added, not
//! overwritten. Which rows a table shows is asked of the index and the permit each time; here stands only what they say.
//!
//! The file is a list of pieces: `tag 16 ‖ rewrite 4 ‖ reach 8 ‖ length 4`, then a sealed body in `length` bytes. The tag is
//! that of person and kind, the reach the newest entry a row was made of, so that a file that is newer than the store beside it
//! is known before anything is appended.

use std::collections::HashMap;
use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Arc, PoisonError};

use super::columns::Column;
use super::stored::{self, Made, Rows};
use crate::crypto::digest::sha256;
use crate::crypto::{self, Prepared, durable};
use crate::error::{Error, Result};
use crate::id::ProfileId;
use crate::store::layout::Blinded;
use crate::vault::Inner;
use crate::vault::checkpoints::{in_parts, next_body};
use crate::vault::profiles::{Head, OpenProfile};

/// Fewer fresh rows are not worth a piece: they are opened again as fast.
const WORTH_KEEPING: usize = 16;
/// Rows of one piece, and bytes of text.
pub(super) const PIECE: (usize, usize) = (2048, 8 << 20);
/// A longer file is begun anew: all of it is read for a table.
const LONGEST: u64 = 128 << 20;
/// Bytes in front of a sealed body.
const FRONT: usize = 32;

/// The columns of a kind, as far as they matter for what is kept.
pub(in crate::vault) struct Form {
    kind: &'static str,
    columns: Vec<Column>,
    /// Digest of names and types, and of the release that made the cells.
    digest: [u8; 32],
}

impl Form {
    pub fn new(kind: &'static str, columns: Vec<Column>) -> Self {
        let named = columns.iter().map(|column| format!("{} {:?}\n", column.name, column.of));
        let all: String = [format!("{kind} {}\n", env!("CARGO_PKG_VERSION"))].into_iter().chain(named).collect();
        Self { kind, columns, digest: sha256(&[all.as_bytes()]) }
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }
}

/// Where a kept row stands: its piece, and its place there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub piece: usize,
    pub row: usize,
}

/// What is kept of a person's records of one kind.
#[derive(Default)]
pub(super) struct Kept {
    pieces: Vec<Arc<Rows>>,
    /// Made at the first row that is not the one behind the last.
    places: Option<HashMap<Made, Place>>,
    next: Option<Place>,
    /// How long the file was, and how often the journal had been rewritten.
    length: u64,
    rewrite: u32,
}

impl Kept {
    /// Where the row stands that was made of these versions. Asking for rows in the order in which they stand is fastest.
    pub fn find(&mut self, made: Made) -> Option<Place> {
        let is_next =
            |place: &Place| self.pieces.get(place.piece).and_then(|piece| piece.made.get(place.row)) == Some(&made);
        let next = self.next.or(Some(Place { piece: 0, row: 0 }));
        let behind = next.map(|next| Place { piece: next.piece + 1, row: 0 });
        let found =
            next.filter(is_next).or_else(|| behind.filter(is_next)).or_else(|| self.places().get(&made).copied());
        if let Some(Place { piece, row }) = found {
            self.next = Some(Place { piece, row: row + 1 });
        }
        found
    }

    fn places(&mut self) -> &HashMap<Made, Place> {
        self.places.get_or_insert_with(|| {
            let rows = |(piece, rows): (usize, &Arc<Rows>)| -> Vec<(Made, Place)> {
                rows.made.iter().enumerate().map(|(row, made)| (*made, Place { piece, row })).collect()
            };
            self.pieces.iter().enumerate().flat_map(rows).collect()
        })
    }

    /// The rows of a piece.
    pub fn piece(&self, number: usize) -> &Arc<Rows> {
        &self.pieces[number]
    }
}

/// What stands in front of a sealed body.
#[derive(Clone, Copy)]
struct Front {
    tag: Blinded,
    rewrite: u32,
    reach: u64,
    length: u32,
}

impl Front {
    fn bytes(self) -> Vec<u8> {
        [&self.tag[..], &self.rewrite.to_be_bytes(), &self.reach.to_be_bytes(), &self.length.to_be_bytes()].concat()
    }

    /// The front in these bytes, of which there are as many as it takes.
    fn read(bytes: &[u8; FRONT]) -> Self {
        let at = |from: usize| -> [u8; 4] { std::array::from_fn(|byte| bytes[from + byte]) };
        Self {
            tag: std::array::from_fn(|byte| bytes[byte]),
            rewrite: u32::from_be_bytes(at(16)),
            reach: u64::from_be_bytes(std::array::from_fn(|byte| bytes[20 + byte])),
            length: u32::from_be_bytes(at(28)),
        }
    }
}

/// The pieces of a file: each front with its body. What is cut at the end is none.
fn pieces(mut file: &[u8]) -> impl Iterator<Item = (Front, &[u8])> {
    std::iter::from_fn(move || {
        let (front, rest) = file.split_first_chunk::<FRONT>()?;
        let front = Front::read(front);
        let (body, rest) = rest.split_at_checked(usize::try_from(front.length).ok()?)?;
        file = rest;
        Some((front, body))
    })
}

pub(in crate::vault) fn context(inner: &Inner, id: ProfileId, form: &Form, rewrite: u32, reach: u64) -> Vec<u8> {
    let (rewrite, reach) = (rewrite.to_be_bytes(), reach.to_be_bytes());
    [inner.marker.vault.as_bytes().as_slice(), b"columns", id.as_bytes(), &form.digest, &rewrite, &reach].concat()
}

impl Inner {
    fn tag(&self, id: ProfileId, form: &Form) -> Blinded {
        self.keys.blind("columns", &[id.as_bytes(), form.kind.as_bytes()])
    }

    /// What is kept of a person's records of a kind. What does not open is cut off: it is only made again.
    pub(super) fn kept_columns(&self, open: &OpenProfile, form: &Form) -> Kept {
        let rewrite = open.head.lock().unwrap_or_else(PoisonError::into_inner).rewrite;
        let _alone = open.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.columns_path(&open.blinded);
        let mut kept = Kept { rewrite, ..Kept::default() };
        let Ok(bytes) = fs::metadata(&path).map(|about| about.len()) else { return kept };
        let file = if bytes > LONGEST { Vec::new() } else { fs::read(&path).unwrap_or_default() };
        let tag = self.tag(open.id, form);
        for (front, body) in pieces(&file) {
            if front.tag == tag {
                let opened = self.open_piece(open.id, form, front, body).filter(|_| front.rewrite == rewrite);
                let Some(rows) = opened else { break };
                kept.pieces.push(Arc::new(rows));
            }
            kept.length += (FRONT + body.len()) as u64;
        }
        if kept.length < bytes && cut(&path, kept.length).is_err() {
            // What cannot be cut is not appended to.
            kept.length = u64::MAX;
        }
        kept
    }

    fn open_piece(&self, id: ProfileId, form: &Form, front: Front, mut body: &[u8]) -> Option<Rows> {
        let (parts, bytes) = next_body(&mut body)?;
        let key = self.keys.profile_key_at(id, crypto::epoch_of(&parts[0])?)?;
        let opened = crypto::open(&key, &context(self, id, form, front.rewrite, front.reach), &parts).ok()?;
        (bytes == u64::from(front.length)).then(|| stored::decode(&opened.plaintext, &form.columns))?
    }

    /// Keeps rows behind those that were read, where that is worth it.
    ///
    /// They only save time: where they cannot be written (a full disk), the journal answers as well.
    pub(super) fn keep_columns(&self, open: &OpenProfile, form: &Form, kept: &mut Kept, rows: &Rows) {
        if rows.made.len() >= WORTH_KEEPING && self.try_keep(open, form, kept, rows).is_err() {
            // Whatever stands there now, nothing is appended to it.
            kept.length = u64::MAX;
        }
    }

    fn try_keep(&self, open: &OpenProfile, form: &Form, kept: &mut Kept, rows: &Rows) -> Result<()> {
        let reach = rows.made.iter().map(|made| made.shown.max(made.first)).max().unwrap_or(0);
        // While the index is read nothing of the journal is destroyed.
        let _index = open.index.read().unwrap_or_else(PoisonError::into_inner);
        let _alone = open.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // What a commit on its way has put into the store may yet be lost; what is kept must not survive it.
        let durable = self.written().get(&open.id).copied().unwrap_or(0);
        let rewrite = open.head.lock().unwrap_or_else(PoisonError::into_inner).rewrite;
        let path = self.columns_path(&open.blinded);
        let length = fs::metadata(&path).map_or(0, |about| about.len());
        if length != kept.length || rewrite != kept.rewrite || reach > durable || length > LONGEST {
            return Ok(());
        }
        let (epoch, key) = self.keys.profile_key(open.id)?;
        let body = Prepared::new(&stored::encode(rows))?;
        let parts = crypto::seal(self.marker.suite, &key, epoch, &context(self, open.id, form, rewrite, reach), &body);
        let body = in_parts(&parts)?;
        let too_long = |_| Error::internal("a piece of columns is too long");
        let front = Front {
            tag: self.tag(open.id, form),
            rewrite,
            reach,
            length: u32::try_from(body.len()).map_err(too_long)?,
        };
        let piece = [front.bytes(), body].concat();
        durable::private().create(true).append(true).open(&path)?.write_all(&piece)?;
        kept.length += piece.len() as u64;
        Ok(())
    }

    /// Forgets what is kept of a person where it is of another copy of the vault, or from before something was destroyed: to be
    /// asked before anything is appended to the journal.
    pub(in crate::vault) fn drop_old_columns(&self, blinded: &Blinded, head: &Head) {
        let path = self.columns_path(blinded);
        let Ok(mut file) = fs::File::open(&path) else { return };
        let mut front = [0; FRONT];
        let mut is_old = false;
        while !is_old && file.read_exact(&mut front).is_ok() {
            let front = Front::read(&front);
            let behind = file.seek(SeekFrom::Current(front.length.into()));
            is_old = front.reach > head.seq || front.rewrite != head.rewrite || behind.is_err();
        }
        if is_old && durable::remove_file(&path).is_err() {
            // Emptied it is as good as gone; where even that fails nothing can be written here at all.
            let _ = cut(&path, 0);
        }
    }
}

fn cut(path: &Path, length: u64) -> std::io::Result<()> {
    fs::OpenOptions::new().write(true).open(path)?.set_len(length)
}
