//! What reading an input comes upon: resources, refused entries and things passed over.

use std::fmt;

use super::json::Node;
use crate::error::Result;

/// Where in the input something stands.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The file, as a path below the given one.
    pub file: &'a str,
    /// The line, from 1, when the file has one resource a line.
    pub line: Option<u64>,
    /// The entry of a Bundle, from 0.
    pub entry: Option<u64>,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(entry) = self.entry {
            write!(f, "#/entry/{entry}")?;
        }
        Ok(())
    }
}

/// One resource as it stands in the input.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Where it stands.
    pub place: Place<'a>,
    /// Its number among all resources of this input, from 0, in the order of reading.
    pub ordinal: u64,
    /// The document or Bundle it came in; `fullUrl`s are resolved inside it first.
    pub container: u32,
    /// The `fullUrl` of its Bundle entry.
    pub full_url: Option<&'a str>,
    /// Its bytes, exactly.
    pub bytes: &'a [u8],
    /// Its content.
    pub node: &'a Node<'a>,
}

/// An entry that cannot be imported.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize)]
pub struct Refused {
    /// Where it stands: `file`, `file:line` or `file#/entry/n`.
    pub entry: String,
    /// JSON pointer into the resource; empty when it is about the whole.
    pub path: String,
    /// Stable code, for example `invalid-date`.
    pub code: &'static str,
}

/// Something passed over because it is no resource and claims to be none.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize)]
pub struct Skipped {
    /// Where it stands.
    pub entry: String,
    /// Stable code: `not-fhir`, `empty`, `no-resource`, `not-followed`, `bulk-export-log`, `bulk-export-manifest` or
    /// `package-index`.
    pub code: &'static str,
}

/// One thing that reading comes upon.
#[derive(Debug)]
pub enum Found<'a> {
    /// A resource.
    Resource(Entry<'a>),
    /// A broken entry.
    Refused(Refused),
    /// Something passed over.
    Skipped(Skipped),
}

/// Who is told what reading comes upon, and numbers it.
pub(super) struct Teller<'s> {
    sink: &'s mut dyn FnMut(Found<'_>) -> Result<()>,
    resources: u64,
    containers: u32,
}

impl<'s> Teller<'s> {
    pub(super) fn new(sink: &'s mut dyn FnMut(Found<'_>) -> Result<()>) -> Self {
        Self { sink, resources: 0, containers: 0 }
    }

    /// The number of a container that begins here.
    pub(super) fn open_container(&mut self) -> u32 {
        self.containers = self.containers.wrapping_add(1);
        self.containers
    }

    pub(super) fn refuse(&mut self, place: Place<'_>, path: &str, code: &'static str) -> Result<()> {
        (self.sink)(Found::Refused(Refused { entry: place.to_string(), path: path.to_owned(), code }))
    }

    pub(super) fn skip(&mut self, place: Place<'_>, code: &'static str) -> Result<()> {
        (self.sink)(Found::Skipped(Skipped { entry: place.to_string(), code }))
    }

    pub(super) fn resource(
        &mut self,
        place: Place<'_>,
        container: u32,
        full_url: Option<&str>,
        bytes: &[u8],
        node: &Node<'_>,
    ) -> Result<()> {
        let ordinal = self.resources;
        self.resources += 1;
        (self.sink)(Found::Resource(Entry { place, ordinal, container, full_url, bytes, node }))
    }
}
