//! Taking a JSON document apart into resources.
//!
//! A document is one resource, one Bundle or a resource a line (NDJSON); which, is told by its content. Bundles of
//! type transaction, batch, collection, document and searchset are unpacked entry by entry as they stream past; any
//! other resource is taken whole.

use std::io::{self, Read};

use super::found::{Place, Teller};
use super::json::Node;
use super::scan::{MAX_RESOURCE, ScanError, Scanner};
use super::source::START;
use crate::error::{Error, Result};

/// Hands a fresh reader over the same bytes to whoever must look ahead.
pub(super) type Again<'a> = &'a dyn Fn(&mut dyn FnMut(&mut dyn Read) -> io::Result<()>) -> io::Result<()>;

/// Reads all resources of one JSON document from `reader`; `start` are its first bytes.
pub(super) fn read(
    file: &str,
    named: bool,
    start: &[u8],
    reader: &mut dyn Read,
    again: Again<'_>,
    teller: &mut Teller<'_>,
) -> Result<()> {
    let place = Place { file, line: None, entry: None };
    let mut reading = Reading { file, named, scanner: Scanner::new(reader), teller };
    let outcome = reading.scanner.pass_mark().map_err(Stop::from).and_then(|()| reading.all(start, again));
    settle(outcome, place, reading.teller)
}

/// What the name of a file ends in, packing aside, in lower case.
pub(super) fn ending(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    plain.rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_owned())
}

/// Whether `start`, the first bytes of a document, look like a resource a line.
fn line_by_line(file: &str, start: &[u8]) -> bool {
    if matches!(ending(file).as_str(), "ndjson" | "jsonl") {
        return true;
    }
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let Some(end) = start.iter().position(|&byte| byte == b'\n') else { return false };
    let (line, rest) = (start[..end].trim_ascii_end(), start[end..].trim_ascii_start());
    let mut scanner = Scanner::new(line);
    if scanner.skip().is_ok() && matches!(scanner.peek(), Ok(None)) {
        return true;
    }
    // A first line that is cut short: a pretty-printed document would go on inside the braces.
    !matches!(line.last(), Some(b'{' | b'[' | b',' | b':')) && rest.first() == Some(&b'{')
}

enum Stop {
    Scan(ScanError),
    /// The document ends in the middle; why, has been told.
    Ended,
    Told(Error),
}

impl From<ScanError> for Stop {
    fn from(error: ScanError) -> Self {
        Self::Scan(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Scan(ScanError::Io(error))
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

/// Turns what stopped the reading of a document into a refused entry where the content is to blame.
fn settle(outcome: Result<(), Stop>, place: Place<'_>, teller: &mut Teller<'_>) -> Result<()> {
    match outcome {
        Ok(()) | Err(Stop::Ended) => Ok(()),
        Err(Stop::Told(error)) => Err(error),
        Err(Stop::Scan(ScanError::Content(code))) => teller.refuse(place, "", code),
        Err(Stop::Scan(ScanError::Io(error))) => match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
                teller.refuse(place, "", "damaged-archive")
            }
            _ => Err(error.into()),
        },
    }
}

struct Reading<'r, 's, R> {
    file: &'r str,
    /// Named by the person: what is no FHIR is then refused, not passed over.
    named: bool,
    scanner: Scanner<R>,
    teller: &'r mut Teller<'s>,
}

impl<R: Read> Reading<'_, '_, R> {
    fn all(&mut self, start: &[u8], again: Again<'_>) -> Result<(), Stop> {
        let mut line = 0;
        if !line_by_line(self.file, start) {
            let place = Place { file: self.file, line: None, entry: None };
            let outcome = self.document(place, start, again);
            let broken = outcome.is_err();
            settle(outcome, place, self.teller)?;
            if broken {
                return Ok(());
            }
            match self.scanner.peek_after_line()? {
                (None, _) => return Ok(()),
                (Some(_), true) => {}
                (Some(_), false) => return Err(ScanError::Content("invalid-json").into()),
            }
            line = 1;
        }
        self.lines(line)
    }

    fn lines(&mut self, mut line: u64) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            bytes.shrink_to(1 << 20);
            line += 1;
            let place = Place { file: self.file, line: Some(line), entry: None };
            match self.scanner.line(&mut bytes, MAX_RESOURCE) {
                Ok(false) => return Ok(()),
                Ok(true) => self.one(place, bytes.trim_ascii())?,
                Err(ScanError::Content(code)) => self.teller.refuse(place, "", code)?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// One line: a resource, or a Bundle with its entries.
    fn one(&mut self, place: Place<'_>, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let node = match Node::parse(bytes) {
            Ok(node) => node,
            Err(error) => return self.teller.refuse(place, "", error.code),
        };
        if node.text("resourceType") == Some("Bundle") && unpacked(node.text("type")) {
            drop(node);
            let again = |look: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>| look(&mut &bytes[..]);
            let mut inner =
                Reading { file: self.file, named: self.named, scanner: Scanner::new(bytes), teller: self.teller };
            let outcome = inner.document(place, bytes, &again);
            return settle(outcome, place, self.teller);
        }
        let container = self.teller.open_container();
        self.whole(place, container, None, bytes, &node)
    }

    /// One document that may be larger than memory; it begins with `start`.
    fn document(&mut self, place: Place<'_>, start: &[u8], again: Again<'_>) -> Result<(), Stop> {
        let container = self.teller.open_container();
        self.scanner.expect(b'{').map_err(|error| match error {
            ScanError::Content("invalid-json") => ScanError::Content("not-fhir"),
            error => error,
        })?;
        let mut bytes = vec![b'{'];
        let (mut resource_type, mut bundle_type) = (None, None);
        let mut first = true;
        loop {
            if self.scanner.peek_token()? == Some(b'}') {
                self.scanner.pass();
                bytes.push(b'}');
                break;
            }
            if !first {
                self.scanner.expect(b',')?;
                bytes.push(b',');
            }
            first = false;
            let name = self.name(&mut bytes)?;
            if name == "entry" {
                if resource_type.is_none() || bundle_type.is_none() {
                    let mut beginning = start;
                    let (types, is_cut) = look_ahead(&mut beginning);
                    (resource_type, bundle_type) = types;
                    // To read an archive anew for each of its small documents would take the square of their number.
                    if is_cut && start.len() >= START {
                        again(&mut |reader| {
                            (resource_type, bundle_type) = look_ahead(reader).0;
                            Ok(())
                        })?;
                    }
                }
                if resource_type.as_deref() == Some("Bundle") && unpacked(bundle_type.as_deref()) {
                    return self.entries(place, container);
                }
            }
            let from = bytes.len();
            self.scanner.value(&mut bytes, MAX_RESOURCE)?;
            match name.as_str() {
                "resourceType" => resource_type = text(&bytes[from..]),
                "type" => bundle_type = text(&bytes[from..]),
                _ => {}
            }
        }
        match Node::parse(&bytes) {
            Ok(node) => Ok(self.whole(place, container, None, &bytes, &node)?),
            Err(error) => Err(ScanError::Content(error.code).into()),
        }
    }

    /// A member's name and its colon, kept in `bytes`.
    fn name(&mut self, bytes: &mut Vec<u8>) -> Result<String, Stop> {
        if self.scanner.peek_token()? != Some(b'"') {
            let code = if self.scanner.peek()?.is_none() { "truncated-json" } else { "invalid-json" };
            return Err(ScanError::Content(code).into());
        }
        let start = bytes.len();
        self.scanner.value(bytes, MAX_RESOURCE)?;
        let name = text(&bytes[start..]).ok_or(ScanError::Content("invalid-json"))?;
        self.scanner.expect(b':')?;
        bytes.push(b':');
        Ok(name)
    }

    /// The entries of an unpacked Bundle and what follows them.
    fn entries(&mut self, place: Place<'_>, container: u32) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        if self.scanner.peek_token()? != Some(b'[') {
            self.teller.refuse(place, "/entry", "wrong-type")?;
            return Err(Stop::Ended);
        }
        self.scanner.pass();
        let mut number = 0;
        while self.scanner.peek_token()? != Some(b']') {
            if number > 0 {
                self.scanner.expect(b',')?;
            }
            let place = Place { entry: Some(number), ..place };
            bytes.clear();
            bytes.shrink_to(1 << 20);
            if let Err(error) = self.scanner.value(&mut bytes, MAX_RESOURCE) {
                settle(Err(Stop::Scan(error)), place, self.teller)?;
                return Err(Stop::Ended);
            }
            self.entry(place, container, &bytes)?;
            number += 1;
        }
        self.scanner.pass();
        // Fields of the Bundle itself are not kept, but a broken end is still a broken file.
        while self.scanner.peek_token()? != Some(b'}') {
            self.scanner.expect(b',')?;
            bytes.clear();
            let name = self.name(&mut bytes)?;
            if name == "entry" {
                return Err(ScanError::Content("duplicate-name").into());
            }
            bytes.clear();
            self.scanner.value(&mut bytes, MAX_RESOURCE)?;
            Node::parse(&bytes).map_err(|error| ScanError::Content(error.code))?;
        }
        self.scanner.pass();
        Ok(())
    }

    fn entry(&mut self, place: Place<'_>, container: u32, bytes: &[u8]) -> Result<()> {
        let node = match Node::parse(bytes) {
            Ok(node) => node,
            Err(error) => return self.teller.refuse(place, "", error.code),
        };
        if !matches!(node, Node::Object(_)) {
            return self.teller.refuse(place, "", "wrong-type");
        }
        if node.get("fullUrl").is_some_and(|url| url.as_text().is_none()) {
            return self.teller.refuse(place, "/fullUrl", "wrong-type");
        }
        let Some(resource) = node.members().iter().find(|member| member.name == "resource") else {
            return self.teller.skip(place, "no-resource");
        };
        self.whole(place, container, node.text("fullUrl"), resource.raw.as_bytes(), &resource.value)
    }

    /// A resource that lies in memory.
    fn whole(
        &mut self,
        place: Place<'_>,
        container: u32,
        full_url: Option<&str>,
        bytes: &[u8],
        node: &Node<'_>,
    ) -> Result<()> {
        match node.get("resourceType") {
            Some(Node::Text(name)) if is_type_name(name) => {
                self.teller.resource(place, container, full_url, bytes, node)
            }
            Some(Node::Text(_)) => self.teller.refuse(place, "/resourceType", "unknown-resource-type"),
            Some(_) => self.teller.refuse(place, "/resourceType", "wrong-type"),
            None => match other_json(node).filter(|_| !self.named && full_url.is_none()) {
                Some(code) => self.teller.skip(place, code),
                None => self.teller.refuse(place, "", "no-resource-type"),
            },
        }
    }
}

/// Whether Bundles of this type are lists of resources rather than one thing.
fn unpacked(bundle_type: Option<&str>) -> bool {
    matches!(bundle_type, Some("transaction" | "batch" | "collection" | "document" | "searchset"))
}

fn is_type_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// JSON that is commonly found beside FHIR files and is known not to be a resource.
fn other_json(node: &Node<'_>) -> Option<&'static str> {
    let has = |name| node.get(name).is_some();
    if has("exportId") && has("eventId") {
        Some("bulk-export-log")
    } else if has("transactionTime") && has("output") {
        Some("bulk-export-manifest")
    } else if has("index-version") || has("fhirVersions") || has("fhir-version-list") {
        Some("package-index")
    } else {
        None
    }
}

fn text(raw: &[u8]) -> Option<String> {
    Node::parse(raw).ok().and_then(|node| node.as_text().map(str::to_owned))
}

/// Whether `start`, the first bytes of a document, say what it is, so that nobody has to look ahead any further.
pub(super) fn says_its_type(mut start: &[u8]) -> bool {
    !look_ahead(&mut start).1
}

type Types = (Option<String>, Option<String>);

/// The resource type and Bundle type of a document whose entries come before them, and whether it ended before it said
/// them.
fn look_ahead(reader: &mut dyn Read) -> (Types, bool) {
    let mut scanner = Scanner::new(reader);
    let mut types = (None, None);
    // What else is broken here is refused when the document itself is read.
    let is_cut = matches!(look(&mut scanner, &mut types), Err(ScanError::Content("truncated-json")));
    let is_silent = types.0.is_none() || types.1.is_none();
    (types, is_cut && is_silent)
}

fn look<R: Read>(scanner: &mut Scanner<R>, types: &mut Types) -> Result<(), ScanError> {
    scanner.pass_mark()?;
    scanner.expect(b'{')?;
    let mut bytes = Vec::new();
    while types.0.is_none() || types.1.is_none() {
        bytes.clear();
        scanner.value(&mut bytes, 4096)?;
        scanner.expect(b':')?;
        let name = text(&bytes);
        match name.as_deref() {
            Some("resourceType" | "type") => {
                bytes.clear();
                scanner.value(&mut bytes, 4096)?;
                let value = text(&bytes);
                if name.as_deref() == Some("type") { types.1 = value } else { types.0 = value }
            }
            _ => scanner.skip()?,
        }
        scanner.expect(b',')?;
    }
    Ok(())
}
