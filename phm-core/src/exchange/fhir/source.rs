//! Where FHIR comes from: files, folders, archives and streams.
//!
//! What something is, its content tells: gzip, tar and ZIP by their magic bytes, JSON by its first character. Folders
//! are read through in the order of names. Nothing is held in memory but the resource at hand. Something in a folder
//! that is no FHIR and claims to be none is passed over and told; a path named by the person must be FHIR.

use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::bound::Bound;
use super::document::{self, Again};
use super::found::{Found, Place, Teller};
use super::zipped;
use crate::crypto::digest::{Sha256, sha256};
use crate::error::{Error, ErrorKind, Result};

/// Opens a stream from its beginning, as often as asked.
pub type Opener = Box<dyn Fn() -> io::Result<Box<dyn Read>> + Send + Sync>;

/// One thing to import: a path the person named, or a stream.
pub struct Source {
    name: String,
    from: From,
}

enum From {
    Path(PathBuf),
    Stream(Opener),
}

/// What one reading of a [`Source`] has seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Seen {
    /// SHA-256 of the file or stream; of a folder, of its files' names and digests.
    pub sha256: [u8; 32],
    /// How many bytes were read, as they lie on disk.
    pub bytes: u64,
}

/// How many bytes at the beginning tell what something is.
pub(super) const START: usize = 64 << 10;

/// How much of a document in an archive is kept to find its type, where that comes behind its entries.
const KEPT: u64 = 8 << 20;

/// How long the name of a file in an archive may be in a report.
const LONGEST_NAME: usize = 512;

/// How deep folders, and archives in archives, are followed.
const MAX_FOLDERS: usize = 64;
const MAX_ARCHIVES: usize = 4;

impl Source {
    /// A file or folder.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self { name: path.to_string_lossy().into_owned(), from: From::Path(path) }
    }

    /// Bytes that arrived by upload or standard input; `open` starts them anew each time.
    pub fn stream(name: impl Into<String>, open: Opener) -> Self {
        Self { name: name.into(), from: From::Stream(open) }
    }

    /// The path as named, or the name of the stream.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tells `sink` everything in this source, in a fixed order.
    pub fn read(&self, sink: &mut dyn FnMut(Found<'_>) -> Result<()>) -> Result<Seen> {
        let mut teller = Teller::new(sink);
        match &self.from {
            From::Stream(open) => {
                let open = || open().map(|reader| Box::new(reader) as Box<dyn Read>);
                let name = if self.name == "-" { "stdin" } else { &self.name };
                read_file(name, true, &open, &mut teller)
            }
            From::Path(path) if path.is_dir() => read_folder(path, &mut teller),
            From::Path(path) => {
                let name = path.file_name().map_or_else(|| self.name.clone(), |name| name.to_string_lossy().into());
                read_file(&name, true, &|| open_file(path), &mut teller)
            }
        }
    }
}

fn open_file(path: &Path) -> io::Result<Box<dyn Read>> {
    File::open(path).map(|file| Box::new(file) as Box<dyn Read>)
}

fn read_folder(folder: &Path, teller: &mut Teller<'_>) -> Result<Seen> {
    let (mut files, mut passed) = (Vec::new(), Vec::new());
    list(folder, folder, 0, &mut files, &mut passed)?;
    for name in passed {
        teller.skip(Place { file: &name, line: None, entry: None }, "not-followed")?;
    }
    let (mut digest, mut bytes) = (Sha256::new(), 0);
    for (name, path) in files {
        let seen = read_file(&name, false, &|| open_file(&path), teller)?;
        digest.update(&sha256(&[name.as_bytes()]));
        digest.update(&seen.sha256);
        bytes += seen.bytes;
    }
    Ok(Seen { sha256: digest.finish(), bytes })
}

/// The files below `folder` by name; `passed` are links to folders, links to nothing and folders too deep.
fn list(
    top: &Path,
    folder: &Path,
    depth: usize,
    files: &mut Vec<(String, PathBuf)>,
    passed: &mut Vec<String>,
) -> Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < MAX_FOLDERS {
            list(top, &path, depth + 1, files, passed)?;
        } else if path.is_file() {
            files.push((name, path));
        } else if kind.is_dir() || kind.is_symlink() {
            passed.push(name);
        }
    }
    Ok(())
}

/// Reads one file to its end and digests it.
fn read_file(
    name: &str,
    named: bool,
    open: &dyn Fn() -> io::Result<Box<dyn Read>>,
    teller: &mut Teller<'_>,
) -> Result<Seen> {
    let reader = open().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            Error::new(ErrorKind::NotFound, "not-found", "there is no such file or folder to import")
        }
        _ => error.into(),
    })?;
    let bound = Bound::new();
    let mut digesting = Digesting { reader, digest: Sha256::new(), bytes: 0, bound: &bound };
    let again = |look: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>| look(&mut open()?);
    Content { name, named, archives: 0, again: &again, bound: &bound }.read(&mut digesting, teller)?;
    io::copy(&mut digesting, &mut io::sink())?;
    Ok(Seen { sha256: digesting.digest.finish(), bytes: digesting.bytes })
}

struct Digesting<'b> {
    reader: Box<dyn Read>,
    digest: Sha256,
    bytes: u64,
    bound: &'b Bound,
}

impl Read for Digesting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.digest.update(&buffer[..read]);
        self.bytes += read as u64;
        self.bound.add_packed(read as u64);
        Ok(read)
    }
}

/// Bytes to be read, and what is known of them before.
#[derive(Clone, Copy)]
struct Content<'c> {
    /// What reports call it: the file, and behind it the names within archives.
    name: &'c str,
    /// Named by the person: what is no FHIR is then refused, not passed over.
    named: bool,
    /// How many archives and packings it was taken out of.
    archives: usize,
    /// The same bytes once more, for who must look ahead.
    again: Again<'c>,
    /// Counts what all of the input unpacks to.
    bound: &'c Bound,
}

impl<'c> Content<'c> {
    fn place(self) -> Place<'c> {
        Place { file: self.name, line: None, entry: None }
    }

    /// What it is an archive or a packing of.
    fn opened(self) -> Self {
        Self { archives: self.archives + 1, ..self }
    }

    /// Reads content whose kind its first bytes tell.
    fn read(self, reader: &mut dyn Read, teller: &mut Teller<'_>) -> Result<()> {
        let Self { name, named, again, .. } = self;
        let mut start = Vec::new();
        if let Err(error) = (&mut *reader).take(START as u64).read_to_end(&mut start) {
            return damaged(error, self.place(), teller);
        }
        let mut whole = Cursor::new(&start).chain(reader);
        let may_be_opened = self.archives < MAX_ARCHIVES;
        if start.starts_with(&[0x1f, 0x8b]) && may_be_opened {
            let again = |look: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>| {
                again(&mut |packed| look(&mut self.bound.looking_ahead().of(MultiGzDecoder::new(packed))))
            };
            let mut unpacked = self.bound.reading().of(MultiGzDecoder::new(whole));
            return Content { again: &again, ..self.opened() }.read(&mut unpacked, teller);
        }
        if start.get(257..262) == Some(b"ustar") && may_be_opened {
            return self.opened().read_tar(&mut whole, teller);
        }
        // Letters and tables are ZIP archives too: in a folder only what is called one is opened.
        if zipped::is_archive(&start) && may_be_opened && (named || document::ending(name) == "zip") {
            return self.opened().read_zip(&mut whole, teller);
        }
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start).trim_ascii_start();
        let (lines, json) = match document::ending(name).as_str() {
            _ if is_hidden(name) => (false, false),
            "ndjson" | "jsonl" => (true, true),
            "json" => (false, true),
            _ => (false, false),
        };
        match text.first() {
            Some(b'{') if self.archives > 0 && !lines && start.len() >= START && !document::says_its_type(&start) => {
                let mut start = Vec::new();
                if let Err(error) = whole.by_ref().take(KEPT).read_to_end(&mut start) {
                    return damaged(error, self.place(), teller);
                }
                let mut whole = Cursor::new(&start).chain(whole);
                document::read(name, named, &start, &mut whole, again, teller)
            }
            Some(b'{' | b'[') => document::read(name, named, &start, &mut whole, again, teller),
            // An export without resources of a type has an empty file for it.
            None if !named && (lines || !json) => teller.skip(self.place(), "empty"),
            None => teller.refuse(self.place(), "", "truncated-json"),
            Some(_) if lines => document::read(name, named, &start, &mut whole, again, teller),
            Some(_) if named || json => teller.refuse(self.place(), "", "not-json"),
            Some(_) => teller.skip(self.place(), "not-fhir"),
        }
    }

    fn read_tar(self, reader: &mut dyn Read, teller: &mut Teller<'_>) -> Result<()> {
        let mut archive = tar::Archive::new(&mut *reader);
        let members = match archive.entries() {
            Ok(members) => members,
            Err(error) => return damaged(error, self.place(), teller),
        };
        let mut any = false;
        for (index, member) in members.enumerate() {
            let mut member = match member {
                Ok(member) => member,
                Err(error) => return damaged(error, self.place(), teller),
            };
            if !member.header().entry_type().is_file() {
                continue;
            }
            any = true;
            let inner = match member.path() {
                Ok(path) => inside(self.name, &path.to_string_lossy()),
                Err(error) => return damaged(error, self.place(), teller),
            };
            if is_hidden(&inner) {
                teller.skip(Place { file: &inner, line: None, entry: None }, "not-fhir")?;
                continue;
            }
            let again = |look: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>| {
                (self.again)(&mut |whole| {
                    let mut archive = tar::Archive::new(whole);
                    match archive.entries()?.nth(index) {
                        Some(member) => look(&mut member?),
                        None => Ok(()),
                    }
                })
            };
            Content { name: &inner, named: false, again: &again, ..self }.read(&mut member, teller)?;
        }
        // What packs the archive is whole only if it can be read to its end: there stands the check sum.
        if let Err(error) = io::copy(reader, &mut io::sink()) {
            return damaged(error, self.place(), teller);
        }
        if any || !self.named { Ok(()) } else { teller.refuse(self.place(), "", "empty") }
    }

    fn read_zip(self, reader: &mut dyn Read, teller: &mut Teller<'_>) -> Result<()> {
        let (mut any, mut told) = (false, Ok(()));
        let outcome = zipped::members(reader, self.bound.reading(), &mut |index, member, content| {
            any = true;
            let inner = inside(self.name, member);
            told = if is_hidden(&inner) {
                teller.skip(Place { file: &inner, line: None, entry: None }, "not-fhir")
            } else {
                let again = |look: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>| {
                    (self.again)(&mut |whole| {
                        zipped::members(whole, self.bound.looking_ahead(), &mut |at, _, content| {
                            if at == index {
                                look(content)?;
                            }
                            Ok(at != index)
                        })
                    })
                };
                Content { name: &inner, named: false, again: &again, ..self }.read(content, teller)
            };
            Ok(told.is_ok())
        });
        told?;
        match outcome {
            Err(error) => damaged(error, self.place(), teller),
            Ok(()) if any || !self.named => Ok(()),
            Ok(()) => teller.refuse(self.place(), "", "empty"),
        }
    }
}

/// Hidden files and the shadows macOS puts into archives.
fn is_hidden(name: &str) -> bool {
    name.rsplit('/').next().is_some_and(|last| last.starts_with('.')) || name.contains("__MACOSX/")
}

/// What a file in an archive is called in reports; of a name of kilobytes the end tells most.
fn inside(archive: &str, name: &str) -> String {
    let mut from = name.len().saturating_sub(LONGEST_NAME);
    while !name.is_char_boundary(from) {
        from += 1;
    }
    format!("{archive}/{}", &name[from..])
}

/// A broken archive is refused, and one that wants a password; a disk that cannot be read is an error.
fn damaged(error: io::Error, place: Place<'_>, teller: &mut Teller<'_>) -> Result<()> {
    match error.raw_os_error() {
        Some(_) => Err(error.into()),
        None if zipped::is_locked(&error) => teller.refuse(place, "", "encrypted-archive"),
        None => teller.refuse(place, "", "damaged-archive"),
    }
}
