//! Documents: a record about a file, and the file itself, sealed in chunks under a random key.
//!
//! The key stands in the record's journal entry, so that it is sealed under the person's key and gone with it. A file is
//! written under `documents/incoming`, made durable, and moved to its place just before its record is committed.

use std::collections::HashSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write as _};
use std::sync::{Arc, Weak};

use serde_json::{Value, json};

use super::folder::Folder;
use super::profiles::OpenProfile;
use super::records::{admits_as_labelled, find, read_lock};
use super::session::Session;
use super::shown::{How, Record, Removed};
use super::{Inner, Vault};
use crate::access::{Action, Actor, Permit};
use crate::crypto::digest::{Sha256, hex};
use crate::crypto::secret::FileKey;
use crate::crypto::{self, StreamReader, StreamWriter, durable, stream};
use crate::error::{Detail, Error, ErrorKind, Result};
use crate::exchange::fhir::{Identity, Origin, attached_binary, attached_file, binary_file};
use crate::id::{FileId, ProfileId, RecordId, VaultId};
use crate::index::{FileRef, RecordState};

/// Bytes that are read between two looks whether the permission still holds.
const LOOK: u64 = 1024 * 1024;

/// The content of a document, opened; any part of it can be read, for as long as the caller may see the document: that is
/// asked again every mebibyte.
pub struct DocumentReader {
    /// What the file is, for example `application/pdf`.
    pub media_type: String,
    /// The title of the document.
    pub title: String,
    /// The length of the content.
    pub bytes: u64,
    content: Box<dyn Content>,
    reader: Reader,
    /// Bytes read since it was last asked.
    unasked: u64,
}

/// The content in the clear, from a sealed file or from memory.
trait Content: Read + Seek + Send {}

impl<T: Read + Seek + Send> Content for T {}

/// Who reads which document.
struct Reader {
    /// A reading that is still under way keeps no vault open.
    vault: Weak<Inner>,
    actor: Actor,
    profile: ProfileId,
    id: RecordId,
}

impl Reader {
    /// Refuses where the document is not open to the reader any more.
    fn look(&self) -> Result<()> {
        let inner = self.vault.upgrade().ok_or_else(Error::not_found)?;
        let session = Session::new(inner, self.actor.clone(), "")?;
        let permit = session.ask(Action::Read, self.profile, "document")?;
        let open = session.inner.open_profile(self.profile)?;
        find(&open, &permit, self.id, Removed::Hide).map(|_| ())
    }
}

impl fmt::Debug for DocumentReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentReader").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl Read for DocumentReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.unasked >= LOOK {
            self.reader.look().map_err(io::Error::other)?;
            self.unasked = 0;
        }
        let read = self.content.read(buffer)?;
        self.unasked += read as u64;
        Ok(read)
    }
}

impl Seek for DocumentReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.content.seek(to)
    }
}

impl Session {
    /// Adds a document: `body` as far as the caller knows it, and the content. The vault finds `media_type`, `bytes`
    /// and `sha256` itself.
    ///
    /// # Errors
    /// `too-large` when the content is longer than `limit` bytes; `empty-file` when there is none.
    pub fn add_document(&self, permit: &Permit, body: &Value, content: &mut dyn Read, limit: u64) -> Result<Record> {
        self.use_permit(permit, Action::Add)?;
        let Value::Object(fields) = body else {
            return Err(Error::invalid(vec![Detail { path: String::new(), code: "wrong-type" }]));
        };
        let (file, start) = self.inner.write_document(content, limit)?;
        let mut fields = fields.clone();
        fields.insert("media_type".into(), media_type(&start).into());
        fields.insert("bytes".into(), json!(file.bytes));
        fields.insert("sha256".into(), hex(&file.sha256).into());
        let path = self.inner.folder.path("documents").join(file.file.to_string());
        let rows = [(RecordId::new(), &Value::Object(fields), Some(file))];
        match self.add_all(permit, &rows, &How::Typed) {
            Ok(mut records) => Ok(records.swap_remove(0)),
            Err(error) => {
                // A refused record has no use for its file. After a failed write nobody knows whether the record is
                // durable: then the file stays, and compaction sweeps it where no record names it.
                if !matches!(error.kind(), ErrorKind::Io | ErrorKind::Busy | ErrorKind::Internal | ErrorKind::Corrupt) {
                    let _ = fs::remove_file(path);
                }
                Err(error)
            }
        }
    }

    /// Opens the content of a document: its file, or what an imported resource carries inside.
    ///
    /// # Errors
    /// `no-content` when there is neither.
    pub fn document(&self, permit: &Permit, id: RecordId) -> Result<DocumentReader> {
        self.use_permit(permit, Action::Read)?;
        let profile = self.inner.open_profile(permit.profile())?;
        let found = find(&profile, permit, id, Removed::Hide)?;
        let (content, bytes, inside): (Box<dyn Content>, u64, Option<&str>) = match &found.header.file {
            Some(file) => (Box::new(self.inner.open_document(file)?), file.bytes, None),
            None => {
                let Attached { file, beside } = self
                    .attached(&profile, permit, id)?
                    .ok_or_else(|| Error::new(ErrorKind::NotFound, "no-content", "this document has no file"))?;
                if let Some((permit, binary)) = beside {
                    self.note_read("content", &permit, &[binary])?;
                }
                // What the sender calls it is not believed: a browser would run what is called HTML.
                let kind = media_type(&file[..file.len().min(512)]);
                let bytes = file.len() as u64;
                (Box::new(Cursor::new(file)), bytes, Some(kind))
            }
        };
        let record = self.open_record(&profile, &found)?;
        let body: Value = serde_json::from_str(record.body.get())
            .map_err(|_| Error::corrupt("a document has an unknown form; run `phm verify`"))?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        self.note_read("content", permit, &[id])?;
        let reader =
            Reader { vault: Arc::downgrade(&self.inner), actor: self.actor.clone(), profile: permit.profile(), id };
        let (media_type, title) = (inside.map_or_else(|| text("media_type"), str::to_owned), text("title"));
        Ok(DocumentReader { media_type, title, bytes, content, reader, unasked: 0 })
    }

    /// Whether [`Session::document`] would open anything: a document that names a file elsewhere has none here. It opens
    /// nothing to the caller, so nothing is noted.
    pub fn has_content(&self, permit: &Permit, id: RecordId) -> Result<bool> {
        self.use_permit(permit, Action::Read)?;
        let profile = self.inner.open_profile(permit.profile())?;
        let found = find(&profile, permit, id, Removed::Hide)?;
        Ok(found.header.file.is_some() || self.attached(&profile, permit, id)?.is_some())
    }

    /// The file in the resource a document was imported from, or in the Binary that it names, where the permit admits the
    /// version that came with it.
    fn attached(&self, open: &OpenProfile, permit: &Permit, id: RecordId) -> Result<Option<Attached>> {
        let seq = read_lock(open).record(id).and_then(|state| original(state, permit));
        let stored = seq.map(|seq| self.inner.reader(open.id, open.blinded).origin(seq)).transpose()?.flatten();
        let Some(origin) = stored.as_deref().and_then(Origin::decode) else { return Ok(None) };
        if let Some(file) = attached_file(origin.resource) {
            return Ok(Some(Attached { file, beside: None }));
        }
        for identity in attached_binary(&origin) {
            if let Some(found) = self.binary(open, &identity)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The file in a Binary of the same person, where the caller may read that: the labels it came with are asked for, and
    /// beside them those of the document, which is open already.
    fn binary(&self, open: &OpenProfile, identity: &Identity) -> Result<Option<Attached>> {
        let Some(permit) = self.unless_refused(Action::Read, open.id, "fhir-resource")? else { return Ok(None) };
        let found = {
            let index = read_lock(open);
            let state = index.by_identity(identity.as_bytes()).filter(|state| !state.removed());
            let state = state.filter(|state| state.kind() == permit.kind());
            let state =
                state.filter(|state| state.current().is_some_and(|current| admits_as_labelled(&permit, current)));
            state.and_then(|state| Some((state.id(), original(state, &permit)?)))
        };
        let Some((id, seq)) = found else { return Ok(None) };
        let stored = self.inner.reader(open.id, open.blinded).origin(seq)?;
        let file = stored.as_deref().and_then(Origin::decode).and_then(|origin| binary_file(origin.resource));
        Ok(file.map(|file| Attached { file, beside: Some((permit, id)) }))
    }
}

/// A file that came with an imported resource.
struct Attached {
    file: Vec<u8>,
    /// The Binary beside the resource in which it came, and the permit to read that.
    beside: Option<(Permit, RecordId)>,
}

/// The entry with the bytes a record came as, where the permit admits that version.
fn original(state: RecordState<'_>, permit: &Permit) -> Option<u64> {
    let version = state.visible().find(|version| version.has_origin())?;
    admits_as_labelled(permit, version).then(|| version.seq())
}

impl Inner {
    /// Writes sealed content; answers with where it stands and its first bytes.
    fn write_document(&self, content: &mut dyn Read, limit: u64) -> Result<(FileRef, Vec<u8>)> {
        let (file, key) = (FileId::new(), crypto::random::<32>());
        let incoming = self.folder.path("documents/incoming").join(file.to_string());
        let written = self.seal_content(content, limit, file, key, &incoming);
        if written.is_err() {
            let _ = fs::remove_file(&incoming);
        }
        let (reference, start) = written?;
        fs::rename(&incoming, self.folder.path("documents").join(file.to_string()))?;
        durable::sync_folder(&self.folder.path("documents"))?;
        Ok((reference, start))
    }

    fn seal_content(
        &self,
        content: &mut dyn Read,
        limit: u64,
        file: FileId,
        key: [u8; 32],
        path: &std::path::Path,
    ) -> Result<(FileRef, Vec<u8>)> {
        let out = durable::private().write(true).create_new(true).open(path)?;
        let mut sealed =
            StreamWriter::new(out, self.marker.suite, &FileKey::from_bytes(key), 0, self.marker.vault, file)?;
        let (mut bytes, mut hash, mut start) = (0_u64, Sha256::new(), Vec::new());
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = match content.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            bytes += read as u64;
            if bytes > limit {
                return Err(Error::new(ErrorKind::TooLarge, "too-large", "the file is larger than this vault takes"));
            }
            if start.len() < 512 {
                start.extend_from_slice(&buffer[..read.min(512)]);
            }
            hash.update(&buffer[..read]);
            sealed.write_all(&buffer[..read])?;
        }
        if bytes == 0 {
            return Err(Error::new(ErrorKind::Invalid, "empty-file", "the file is empty; choose another"));
        }
        sealed.finish()?.0.sync_all()?;
        Ok((FileRef { file, key, bytes, sha256: hash.finish() }, start))
    }

    /// Opens sealed content.
    pub fn open_document(&self, file: &FileRef) -> Result<StreamReader<File>> {
        open_sealed(&self.folder, self.marker.vault, file)
    }

    /// The files every version of every record refers to.
    pub fn referenced_files(&self) -> Result<HashSet<FileId>> {
        let mut files = HashSet::new();
        for id in self.profile_ids() {
            let profile = self.open_profile(id)?;
            let index = read_lock(&profile);
            files.extend(index.entries().filter_map(|version| Some(version.file()?.file)));
        }
        Ok(files)
    }
}

impl Vault {
    /// Deletes files whose record was never committed; answers how many.
    pub(super) fn sweep_documents(&self) -> Result<u64> {
        let started = std::time::SystemTime::now();
        let referenced = self.inner.referenced_files()?;
        let mut swept = 0;
        for entry in fs::read_dir(self.inner.folder.path("documents"))? {
            let entry = entry?;
            let named = entry.file_name().to_str().and_then(|name| name.parse::<FileId>().ok());
            let Some(file) = named.filter(|file| !referenced.contains(file)) else { continue };
            // One that is being added now is young; it is left alone.
            let age = entry.metadata()?.modified().ok().and_then(|at| started.duration_since(at).ok());
            if age.is_some_and(|age| age.as_secs() > 3_600) {
                fs::remove_file(self.inner.folder.path("documents").join(file.to_string()))?;
                swept += 1;
            }
        }
        Ok(swept)
    }
}

/// Opens the sealed content of a document's file.
pub(super) fn open_sealed(folder: &Folder, vault: VaultId, file: &FileRef) -> Result<StreamReader<File>> {
    Ok(StreamReader::open(sealed(folder, file)?, &FileKey::from_bytes(file.key), vault, file.file)?)
}

/// What opens of a damaged document, from its beginning on.
pub(super) fn open_beginning(
    folder: &Folder,
    vault: VaultId,
    file: &FileRef,
) -> Result<impl Iterator<Item = Vec<u8>> + use<>> {
    Ok(stream::beginning(sealed(folder, file)?, &FileKey::from_bytes(file.key), vault, file.file)?)
}

fn sealed(folder: &Folder, file: &FileRef) -> Result<File> {
    let path = folder.path("documents").join(file.file.to_string());
    File::open(&path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::corrupt("the file of a document is missing; restore it from a backup"),
        _ => error.into(),
    })
}

/// What a file is, by its first bytes.
fn media_type(start: &[u8]) -> &'static str {
    let at = |offset: usize, magic: &[u8]| start.get(offset..offset + magic.len()) == Some(magic);
    match start {
        _ if at(0, b"%PDF-") => "application/pdf",
        _ if at(0, b"\x89PNG\r\n\x1a\n") => "image/png",
        _ if at(0, b"\xff\xd8\xff") => "image/jpeg",
        _ if at(0, b"GIF8") => "image/gif",
        _ if at(0, b"RIFF") && at(8, b"WEBP") => "image/webp",
        _ if at(4, b"ftypheic") || at(4, b"ftypheix") || at(4, b"ftypmif1") => "image/heic",
        _ if at(0, b"II*\0") || at(0, b"MM\0*") => "image/tiff",
        _ if at(128, b"DICM") => "application/dicom",
        _ if at(0, b"PK\x03\x04") => "application/zip",
        // A cut-off last character is still text.
        _ if !start.contains(&0) && std::str::from_utf8(start).map_or_else(|e| e.error_len().is_none(), |_| true) => {
            "text/plain"
        }
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_first_bytes() {
        assert_eq!(media_type(b"%PDF-1.7\n"), "application/pdf");
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n...."), "image/png");
        assert_eq!(media_type("blood count: ५".as_bytes()), "text/plain");
        assert_eq!(media_type(&[0, 1, 2]), "application/octet-stream");
        assert_eq!(media_type(b"<html><script>"), "text/plain", "nothing a browser would run");
    }
}
