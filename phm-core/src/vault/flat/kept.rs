//! Columns that are kept: what tables were made of a person's records, so that most are opened once, and not for every table.
//!
//! Beside the index of a person stands a file of them, sealed under the person's key and bound to the person, the kind, its
//! fields and the rewrites of the journal. It is forgotten with the index's checkpoint wherever something of the journal is
//! destroyed or sealed anew, and may be thrown away at any time. Until then what a row was made of does not change: versions are
//! added, not overwritten. Which rows a table shows is asked of the index and the permit each time; here stands only what they
//! say.
//!
//! The file is a list of pieces: `tag 16 ‖ mark 4 ‖ reach 8 ‖ length 4`, then a sealed body in `length` bytes. The tag is that of
//! person and kind, the mark that of the rewrites so far, and the reach how long the journal was then: so a file from before
//! something was destroyed, or newer than the store beside it, is known before anything is appended to the journal.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Arc, PoisonError};

use super::columns::Column;
use super::rows::columns_of;
use super::stored::{self, Made, Rows};
use crate::crypto::digest::sha256;
use crate::crypto::{self, Prepared, durable};
use crate::error::{Error, Result};
use crate::id::ProfileId;
use crate::model::{FieldInfo, KindInfo};
use crate::store::layout::Blinded;
use crate::store::room_for;
use crate::vault::Inner;
use crate::vault::checkpoints::{in_parts, next_body};
use crate::vault::profiles::{Head, OpenProfile};

/// So many fresh rows are worth a piece, however many there are besides.
const MANY: usize = 16;
/// Fewer are worth one where they are a good part of the table; of these few every table would open them again.
const FEW: usize = 4;
/// Nothing is added to a file that is as long.
const LONGEST: u64 = 16 << 20;
/// A file that is no longer is read in one go.
const AT_ONCE: u64 = 256 << 10;
/// As many bytes of rows are read for one table: what stands behind them is opened record by record.
const READ: usize = 64 << 20;
/// For a few of very many rows their own records are opened faster: where this part of a person's records is wanted or less, and
/// more bytes of pieces would have to be read for each than this.
const FEW_OF_MANY: (usize, u64) = (4, 2048);
/// Bytes in front of a sealed body.
const FRONT: usize = 32;

/// The columns of a kind, as far as they matter for what is kept.
pub(in crate::vault) struct Form {
    kind: &'static str,
    columns: Vec<Column>,
    /// Digest of the fields that cells are made of, and of the release that makes them.
    digest: [u8; 32],
}

impl Form {
    pub fn new(info: &KindInfo) -> Self {
        let field = |field: &FieldInfo| {
            let is_choice = !field.choices.is_empty();
            format!("{} {} {} {is_choice}\n", field.name, field.of, field.many)
        };
        let front = format!("{} {} {}\n", info.name, info.version, env!("CARGO_PKG_VERSION"));
        let all: Vec<String> = [front].into_iter().chain(info.fields.iter().map(field)).collect();
        Self { kind: info.name, columns: columns_of(info), digest: sha256(&[all.concat().as_bytes()]) }
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
pub(super) struct Kept {
    pieces: Vec<Arc<Rows>>,
    /// Made at the first row that is not the one behind the last.
    places: Option<HashMap<Made, Place>>,
    next: Place,
    /// How long the file was, while nothing is wrong with it and more may stand behind.
    length: Option<u64>,
    /// How often the journal had been rewritten.
    rewrite: u32,
}

impl Kept {
    /// Where the row stands that was made of these versions. Asking for rows in the order in which they stand is fastest.
    pub fn find(&mut self, made: Made) -> Option<Place> {
        let is_here =
            |place: &Place| self.pieces.get(place.piece).and_then(|piece| piece.made.get(place.row)) == Some(&made);
        let behind = Place { piece: self.next.piece + 1, row: 0 };
        let in_order = [self.next, behind].into_iter().find(is_here);
        let found = in_order.or_else(|| self.places().get(&made).copied())?;
        self.next = Place { row: found.row + 1, ..found };
        Some(found)
    }

    fn places(&mut self) -> &HashMap<Made, Place> {
        self.places.get_or_insert_with(|| {
            let mut places = HashMap::new();
            for (piece, rows) in self.pieces.iter().enumerate() {
                places.extend(rows.made.iter().enumerate().map(|(row, made)| (*made, Place { piece, row })));
            }
            places
        })
    }

    /// The rows of a piece.
    pub fn piece(&self, number: usize) -> &Arc<Rows> {
        &self.pieces[number]
    }

    /// Whether fresh rows may still be kept.
    pub fn is_open(&self) -> bool {
        self.length.is_some()
    }
}

/// What stands in front of a sealed body.
#[derive(Clone, Copy)]
struct Front {
    tag: Blinded,
    mark: [u8; 4],
    reach: u64,
    length: u32,
}

impl Front {
    fn bytes(self) -> Vec<u8> {
        [&self.tag[..], &self.mark, &self.reach.to_be_bytes(), &self.length.to_be_bytes()].concat()
    }

    /// The next front of a file, with the place behind it; `None` at the end, whole or not.
    fn next(file: &mut (impl Read + Seek), at: u64) -> Option<(Self, u64)> {
        let mut bytes = [0; FRONT];
        file.seek(SeekFrom::Start(at)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        let front = Self {
            tag: part(&bytes, 0),
            mark: part(&bytes, 16),
            reach: u64::from_be_bytes(part(&bytes, 20)),
            length: u32::from_be_bytes(part(&bytes, 28)),
        };
        Some((front, at + FRONT as u64))
    }
}

/// `N` bytes of a front.
fn part<const N: usize>(front: &[u8; FRONT], from: usize) -> [u8; N] {
    std::array::from_fn(|at| front[from + at])
}

/// What a file of kept columns has for a table, not opened yet.
struct Found {
    /// How long the file is, and where the last whole piece ends.
    length: u64,
    whole: u64,
    /// The pieces of the kind; none where so few rows are wanted of so many that their own records are opened faster.
    pieces: Option<Vec<Sealed>>,
}

/// A piece as it stands in a file.
struct Sealed {
    at: u64,
    front: Front,
    body: Vec<u8>,
}

pub(in crate::vault) fn context(inner: &Inner, id: ProfileId, form: &Form, rewrite: u32, reach: u64) -> Vec<u8> {
    let (rewrite, reach) = (rewrite.to_be_bytes(), reach.to_be_bytes());
    [inner.marker.vault.as_bytes().as_slice(), b"columns", id.as_bytes(), &form.digest, &rewrite, &reach].concat()
}

impl Inner {
    fn tag(&self, id: ProfileId, form: &Form) -> Blinded {
        self.keys.blind("columns", &[id.as_bytes(), form.kind.as_bytes()])
    }

    /// What tells pieces of a person from before a rewrite of the journal from those behind it, and says nothing else.
    fn mark(&self, id: ProfileId, rewrite: u32) -> [u8; 4] {
        let blinded = self.keys.blind("rewrite", &[id.as_bytes(), &rewrite.to_be_bytes()]);
        std::array::from_fn(|at| blinded[at])
    }

    /// What is kept of a person's records of a kind, for a table that wants so many of those anybody sees. What does not open is cut
    /// off: it is only made again.
    pub(super) fn kept_columns(&self, open: &OpenProfile, form: &Form, wanted: usize, visible: usize) -> Kept {
        let rewrite = open.head.lock().unwrap_or_else(PoisonError::into_inner).rewrite;
        let mut kept =
            Kept { pieces: Vec::new(), places: None, next: Place { piece: 0, row: 0 }, length: Some(0), rewrite };
        let path = self.columns_path(&open.blinded);
        let is_for_few = wanted * FEW_OF_MANY.0 <= visible;
        let most = if is_for_few { FEW_OF_MANY.1 * wanted as u64 } else { u64::MAX };
        let found = match self.find_pieces(open, form, most, &path) {
            Ok(found) => found,
            Err(error) => {
                let is_new = error.kind() == io::ErrorKind::NotFound;
                kept.length = is_new.then_some(0);
                return kept;
            }
        };
        // What is kept and not read would be kept twice.
        kept.length = found.pieces.is_some().then_some(found.length);
        let (mut good, mut read) = (found.whole, 0);
        for piece in found.pieces.into_iter().flatten() {
            if read >= READ {
                kept.length = None;
                break;
            }
            match self.open_piece(open.id, form, rewrite, &piece) {
                Some((rows, bytes)) => {
                    kept.pieces.push(Arc::new(rows));
                    read += bytes;
                }
                None => {
                    good = piece.at;
                    break;
                }
            }
        }
        if good < found.length {
            let is_cut = cut_if_as_long(open, &path, found.length, good);
            kept.length = kept.length.and(is_cut.then_some(good));
        }
        kept
    }

    /// Finds the pieces of a kind, where they have no more bytes than `most`.
    fn find_pieces(&self, open: &OpenProfile, form: &Form, most: u64, path: &Path) -> io::Result<Found> {
        let tag = self.tag(open.id, form);
        let alone = open.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        if length <= AT_ONCE {
            let mut all = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
            file.read_to_end(&mut all)?;
            drop(alone);
            return pieces_of(&mut Cursor::new(all), tag, most, length);
        }
        // Where it is cut or forgotten from here on, the bytes are still there, or a piece is too short to be opened.
        drop(alone);
        pieces_of(&mut file, tag, most, length)
    }

    /// The rows of a piece, and how many bytes they were.
    fn open_piece(&self, id: ProfileId, form: &Form, rewrite: u32, piece: &Sealed) -> Option<(Rows, usize)> {
        let mut body = piece.body.as_slice();
        let (parts, _) = next_body(&mut body)?;
        let key = self.keys.profile_key_at(id, crypto::epoch_of(&parts[0])?)?;
        let opened = crypto::open(&key, &context(self, id, form, rewrite, piece.front.reach), &parts).ok()?;
        let is_whole = body.is_empty() && piece.front.mark == self.mark(id, rewrite);
        let rows = stored::decode(&opened.plaintext, &form.columns)?;
        is_whole.then_some((rows, opened.plaintext.len()))
    }

    /// Keeps rows behind those that were read, where that is worth it for a table of so many.
    ///
    /// They only save time: where they cannot be written (a full disk), the journal answers as well.
    pub(super) fn keep_columns(&self, open: &OpenProfile, form: &Form, kept: &mut Kept, rows: &Rows, wanted: usize) {
        let fresh = rows.made.len();
        if fresh >= MANY || fresh >= FEW && fresh * 4 >= wanted {
            kept.length = self.try_keep(open, form, kept, rows).unwrap_or(None);
        }
    }

    /// Answers how long the file is then; `None` where these rows, and so all behind them, are not to be kept.
    fn try_keep(&self, open: &OpenProfile, form: &Form, kept: &Kept, rows: &Rows) -> Result<Option<u64>> {
        let Some(length) = kept.length.filter(|length| *length < LONGEST) else { return Ok(None) };
        // What a commit on its way has put into the store may yet be lost; what is kept must not survive it.
        let reach = self.written().get(&open.id).copied().unwrap_or(0);
        if rows.made.iter().any(|made| made.shown.max(made.first) > reach) {
            return Ok(None);
        }
        // Sealed before anything is locked: writers wait for the index.
        let (epoch, key) = self.keys.profile_key(open.id)?;
        let body = Prepared::new(&stored::encode(rows))?;
        let bound = context(self, open.id, form, kept.rewrite, reach);
        let body = in_parts(&crypto::seal(self.marker.suite, &key, epoch, &bound, &body))?;
        let too_long = |_| Error::internal("a piece of columns is too long");
        let front = Front {
            tag: self.tag(open.id, form),
            mark: self.mark(open.id, kept.rewrite),
            reach,
            length: u32::try_from(body.len()).map_err(too_long)?,
        };
        let piece = [front.bytes(), body].concat();
        let end = length + piece.len() as u64;
        let path = self.columns_path(&open.blinded);

        // Whoever destroys something says so in the head, and then forgets this file under the lock of the index: either that
        // is seen here, or the file is forgotten with this piece in it. The same is true of keys that are about to go.
        let _index = open.index.read().unwrap_or_else(PoisonError::into_inner);
        let Ok(_alone) = open.kept.try_lock() else { return Ok(None) };
        let rewrite = open.head.lock().unwrap_or_else(PoisonError::into_inner).rewrite;
        let now = fs::metadata(&path).map_or(0, |about| about.len());
        if now != length || rewrite != kept.rewrite {
            return Ok(None);
        }
        if self.keys.profile_key(open.id)?.0 != epoch {
            return Ok(None);
        }
        room_for(&self.folder.path("index"), piece.len() as u64)?;
        durable::private().create(true).append(true).open(&path)?.write_all(&piece)?;
        Ok(Some(end))
    }

    /// Forgets what is kept of a person where it is of another copy of the vault, or from before something was destroyed: to be
    /// asked before anything is appended to the journal.
    pub(in crate::vault) fn drop_old_columns(&self, id: ProfileId, blinded: &Blinded, head: &Head) {
        let path = self.columns_path(blinded);
        let Ok(mut file) = File::open(&path) else { return };
        let mark = self.mark(id, head.rewrite);
        let (mut at, mut is_old) = (0, false);
        while let Some((front, body)) = Front::next(&mut file, at).filter(|_| !is_old) {
            is_old = front.reach > head.seq || front.mark != mark;
            at = body + u64::from(front.length);
        }
        if is_old && durable::remove_file(&path).is_err() {
            // Emptied it is as good as gone; where even that fails nothing can be written here at all.
            let _ = cut(&path, 0);
        }
    }

    /// Forgets what is kept of a person where most rows of a kind are of versions that nobody sees any more.
    pub(super) fn drop_stale_columns(&self, open: &OpenProfile, kept: &mut Kept, visible: usize) {
        let rows: usize = kept.pieces.iter().map(|piece| piece.made.len()).sum();
        if rows > 2 * visible + 2 * super::read::PIECE.0 {
            let _alone = open.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let gone = durable::remove_file(&self.columns_path(&open.blinded)).is_ok();
            kept.length = gone.then_some(0);
        }
    }
}

/// The pieces with this tag in a file of so many bytes.
fn pieces_of(file: &mut (impl Read + Seek), tag: Blinded, most: u64, length: u64) -> io::Result<Found> {
    let (mut of_kind, mut whole, mut bytes) = (Vec::new(), 0, 0);
    while let Some((front, body)) = Front::next(file, whole) {
        let end = body + u64::from(front.length);
        if end > length {
            break;
        }
        if front.tag == tag {
            of_kind.push((whole, front));
            bytes += u64::from(front.length);
        }
        whole = end;
    }
    if bytes > most {
        return Ok(Found { length, whole, pieces: None });
    }
    let mut pieces = Vec::with_capacity(of_kind.len());
    for (at, front) in of_kind {
        // It ends before the file does, so there is as much.
        let mut body = vec![0; front.length as usize];
        file.seek(SeekFrom::Start(at + FRONT as u64))?;
        file.read_exact(&mut body)?;
        pieces.push(Sealed { at, front, body });
    }
    Ok(Found { length, whole, pieces: Some(pieces) })
}

/// Cuts a file where nobody has written to it since it was this long; answers whether it ends there now.
fn cut_if_as_long(open: &OpenProfile, path: &Path, length: u64, good: u64) -> bool {
    let _alone = open.kept.lock().unwrap_or_else(PoisonError::into_inner);
    fs::metadata(path).is_ok_and(|about| about.len() == length) && cut(path, good).is_ok()
}

fn cut(path: &Path, length: u64) -> io::Result<()> {
    fs::OpenOptions::new().write(true).open(path)?.set_len(length)
}
