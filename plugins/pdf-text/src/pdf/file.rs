//! Where the objects of a file stand, and getting at them (ISO 32000-1, section 7.5).
//!
//! The tables at the end of the file are believed or the file is refused. Looking for objects without them would also find
//! those of an earlier version, and those of a file whose end is missing.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::budget::Budget;
use super::filters;
use super::lexer::{Lexer, Token, is_space};
use super::object::{Dict, Object};
use super::{Refused, Result};

/// Tables of one file, each with what changed since the one before.
const MOST_TABLES: usize = 100;
/// Objects of one file.
const MOST_OBJECTS: usize = 300_000;
/// How many objects may wait for each other.
const DEEPEST: usize = 24;
/// How far from its beginning the file names itself, and how long what follows its last table may be.
const NEAR: usize = 1_024;

/// Where an object stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Nowhere any more.
    Free,
    /// In the file.
    At(usize),
    /// In a stream of objects.
    In(u32),
}

/// Objects that are packed together.
#[derive(Debug)]
struct Packed {
    bytes: Vec<u8>,
    places: BTreeMap<u32, usize>,
}

/// An opened file.
#[derive(Debug)]
pub struct File<'a> {
    bytes: &'a [u8],
    budget: &'a Budget,
    places: BTreeMap<u32, Place>,
    root: Object,
    known: RefCell<BTreeMap<u32, Rc<Object>>>,
    packed: RefCell<BTreeMap<u32, Rc<Packed>>>,
    loading: RefCell<Vec<u32>>,
}

impl<'a> File<'a> {
    /// Opens a file.
    pub fn open(bytes: &'a [u8], budget: &'a Budget) -> Result<Self> {
        let start = find(&bytes[..bytes.len().min(NEAR)], b"%PDF-").ok_or(Refused::NotPdf)?;
        // Places are counted from where the file names itself.
        let bytes = &bytes[start..];
        let end = find_last(bytes, b"startxref").ok_or(Refused::Damaged)?;
        let tail = &bytes[end..];
        if tail.len() > NEAR * 2 || find(tail, b"%%EOF").is_none() {
            return Err(Refused::Damaged);
        }
        let first = Lexer::new(bytes, end + b"startxref".len(), budget).whole()?;
        let mut file = Self {
            bytes,
            budget,
            places: BTreeMap::new(),
            root: Object::Null,
            known: RefCell::default(),
            packed: RefCell::default(),
            loading: RefCell::default(),
        };
        file.tables(first)?;
        Ok(file)
    }

    /// What is left of what the file may ask for.
    pub fn budget(&self) -> &'a Budget {
        self.budget
    }

    /// The catalogue of the document.
    pub fn root(&self) -> Result<Rc<Object>> {
        self.resolve(&self.root)
    }

    /// Reads the tables from the newest to the oldest; the newest word about an object counts.
    fn tables(&mut self, first: usize) -> Result<()> {
        let (mut next, mut seen) = (vec![first], BTreeSet::new());
        while let Some(at) = next.pop() {
            if !seen.insert(at) || seen.len() > MOST_TABLES {
                return Err(Refused::Damaged);
            }
            let trailer = self.table(at)?;
            if trailer.contains_key("Encrypt") {
                return Err(Refused::Encrypted);
            }
            if self.root == Object::Null
                && let Some(root) = trailer.get("Root")
            {
                self.root = root.clone();
            }
            for name in ["Prev", "XRefStm"] {
                if let Some(other) = trailer.get(name) {
                    next.push(other.whole().ok_or(Refused::Damaged)?);
                }
            }
        }
        if self.root == Object::Null { Err(Refused::Damaged) } else { Ok(()) }
    }

    fn table(&mut self, at: usize) -> Result<Dict> {
        let mut lexer = Lexer::new(self.bytes, at, self.budget);
        match lexer.token()? {
            Some(Token::Word(word)) if word == "xref" => {}
            Some(Token::Number(_)) => return self.packed_table(at),
            _ => return Err(Refused::Damaged),
        }
        loop {
            match lexer.token()? {
                Some(Token::Word(word)) if word == "trailer" => break,
                Some(Token::Number(first)) => {
                    let first = Object::Number(first).whole().ok_or(Refused::Damaged)?;
                    let count = lexer.whole()?;
                    sized(first, count)?;
                    for number in first..first + count {
                        let place = lexer.whole()?;
                        lexer.whole()?;
                        let place = match lexer.token()? {
                            Some(Token::Word(word)) if word == "n" => Place::At(place),
                            Some(Token::Word(word)) if word == "f" => Place::Free,
                            _ => return Err(Refused::Damaged),
                        };
                        self.place(number, place)?;
                    }
                }
                _ => return Err(Refused::Damaged),
            }
        }
        match lexer.object()? {
            Object::Dict(trailer) => Ok(trailer),
            _ => Err(Refused::Damaged),
        }
    }

    /// A table that is a stream.
    fn packed_table(&mut self, at: usize) -> Result<Dict> {
        let (_, Object::Stream(dict, range)) = self.object_at(at)? else { return Err(Refused::Damaged) };
        if dict.get("Type").and_then(Object::name) != Some("XRef") {
            return Err(Refused::Damaged);
        }
        let bytes = filters::unpack(self, &dict, &self.bytes[range])?;
        let wholes = |name: &str| -> Option<Vec<usize>> { dict.get(name)?.list()?.iter().map(Object::whole).collect() };
        let widths = wholes("W").filter(|widths| widths.len() == 3 && widths.iter().all(|width| *width <= 8));
        let widths = widths.ok_or(Refused::Damaged)?;
        let size = dict.get("Size").and_then(Object::whole).ok_or(Refused::Damaged)?;
        let parts = wholes("Index").unwrap_or_else(|| vec![0, size]);
        let width: usize = widths.iter().sum();
        if width == 0 || !parts.len().is_multiple_of(2) {
            return Err(Refused::Damaged);
        }
        let mut rows = bytes.chunks_exact(width);
        for part in parts.chunks_exact(2) {
            sized(part[0], part[1])?;
            for number in part[0]..part[0] + part[1] {
                self.budget.step(1)?;
                let row = rows.next().ok_or(Refused::Damaged)?;
                let (kind, rest) = row.split_at(widths[0]);
                let kind = if kind.is_empty() { 1 } else { big_endian(kind)? };
                let second = big_endian(&rest[..widths[1]])?;
                let place = match kind {
                    0 => Place::Free,
                    1 => Place::At(second),
                    2 => Place::In(u32::try_from(second).map_err(|_| Refused::Damaged)?),
                    _ => continue,
                };
                self.place(number, place)?;
            }
        }
        Ok(dict)
    }

    fn place(&mut self, number: usize, place: Place) -> Result<()> {
        let number = u32::try_from(number).map_err(|_| Refused::Damaged)?;
        self.places.entry(number).or_insert(place);
        Ok(())
    }

    /// The object that begins here, with its number.
    fn object_at(&self, at: usize) -> Result<(u32, Object)> {
        let mut lexer = Lexer::new(self.bytes, at, self.budget);
        let number = u32::try_from(lexer.whole()?).map_err(|_| Refused::Damaged)?;
        lexer.whole()?;
        lexer.expect("obj")?;
        let dict = match lexer.object()? {
            Object::Dict(dict) => dict,
            other => return Ok((number, other)),
        };
        match lexer.token()? {
            Some(Token::Word(word)) if word == "stream" => {}
            _ => return Ok((number, Object::Dict(dict))),
        }
        let mut start = lexer.at;
        for line_end in [b'\r', b'\n'] {
            if self.bytes.get(start) == Some(&line_end) {
                start += 1;
            }
        }
        let length = self.value(&dict, "Length")?.whole().ok_or(Refused::Damaged)?;
        let end = start.checked_add(length).filter(|end| *end <= self.bytes.len()).ok_or(Refused::Damaged)?;
        let after = self.bytes[end..].iter().position(|byte| !is_space(*byte)).ok_or(Refused::Damaged)?;
        if !self.bytes[end + after..].starts_with(b"endstream") {
            return Err(Refused::Damaged);
        }
        Ok((number, Object::Stream(dict, start..end)))
    }

    /// The object of a number; nothing where the file has none.
    pub fn get(&self, number: u32) -> Result<Rc<Object>> {
        if let Some(known) = self.known.borrow().get(&number) {
            return Ok(Rc::clone(known));
        }
        {
            let mut loading = self.loading.borrow_mut();
            // It waits for itself, by whatever way round.
            if loading.contains(&number) || loading.len() >= DEEPEST {
                return Err(Refused::Damaged);
            }
            loading.push(number);
        }
        let loaded = self.load(number);
        self.loading.borrow_mut().pop();
        let object = Rc::new(loaded?);
        self.known.borrow_mut().insert(number, Rc::clone(&object));
        Ok(object)
    }

    fn load(&self, number: u32) -> Result<Object> {
        match self.places.get(&number).copied() {
            None | Some(Place::Free) => Ok(Object::Null),
            Some(Place::At(at)) => {
                let (found, object) = self.object_at(at)?;
                if found == number { Ok(object) } else { Err(Refused::Damaged) }
            }
            Some(Place::In(stream)) => {
                let packed = self.packed_objects(stream)?;
                let at = *packed.places.get(&number).ok_or(Refused::Damaged)?;
                Lexer::new(&packed.bytes, at, self.budget).object()
            }
        }
    }

    fn packed_objects(&self, stream: u32) -> Result<Rc<Packed>> {
        if let Some(known) = self.packed.borrow().get(&stream) {
            return Ok(Rc::clone(known));
        }
        if !matches!(self.places.get(&stream), Some(Place::At(_))) {
            return Err(Refused::Damaged);
        }
        let object = self.get(stream)?;
        let Object::Stream(dict, range) = &*object else { return Err(Refused::Damaged) };
        let number = |name: &str| self.value(dict, name)?.whole().ok_or(Refused::Damaged);
        let (count, first) = (number("N")?, number("First")?);
        let bytes = filters::unpack(self, dict, &self.bytes[range.clone()])?;
        let mut places = BTreeMap::new();
        let mut lexer = Lexer::new(&bytes, 0, self.budget);
        for _ in 0..count {
            let number = u32::try_from(lexer.whole()?).map_err(|_| Refused::Damaged)?;
            let at = lexer.whole()?.checked_add(first).ok_or(Refused::Damaged)?;
            places.insert(number, at);
        }
        let packed = Rc::new(Packed { bytes, places });
        self.packed.borrow_mut().insert(stream, Rc::clone(&packed));
        Ok(packed)
    }

    /// What an object stands for: itself, or what it refers to.
    pub fn resolve(&self, object: &Object) -> Result<Rc<Object>> {
        let Object::Ref(mut number) = *object else {
            self.budget.step(object.weight())?;
            return Ok(Rc::new(object.clone()));
        };
        for _ in 0..DEEPEST {
            let found = self.get(number)?;
            match found.as_ref() {
                Object::Ref(next) => number = *next,
                _ => return Ok(found),
            }
        }
        Err(Refused::Damaged)
    }

    /// What stands under a name; nothing where nothing does.
    pub fn value(&self, dict: &Dict, name: &str) -> Result<Rc<Object>> {
        dict.get(name).map_or_else(|| Ok(Rc::new(Object::Null)), |object| self.resolve(object))
    }

    /// The bytes of a stream, unpacked.
    pub fn stream(&self, object: &Object) -> Result<Vec<u8>> {
        match object {
            Object::Stream(dict, range) => filters::unpack(self, dict, &self.bytes[range.clone()]),
            _ => Err(Refused::Damaged),
        }
    }
}

fn sized(first: usize, count: usize) -> Result<()> {
    if first > MOST_OBJECTS || count > MOST_OBJECTS { Err(Refused::TooLarge) } else { Ok(()) }
}

fn big_endian(bytes: &[u8]) -> Result<usize> {
    let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    usize::try_from(number).map_err(|_| Refused::Damaged)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn find_last(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|window| window == wanted)
}
