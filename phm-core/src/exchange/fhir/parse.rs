//! The reader behind [`Node::parse`](super::json::Node::parse): RFC 8259, nothing more, within bounds.

use std::borrow::Cow;
use std::collections::HashSet;

use super::json::{JsonError, MAX_DEPTH, MAX_NODES, Member, Node};

/// Reads one document.
pub(super) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    nodes: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, nodes: 0 }
    }

    /// One value and nothing behind it.
    pub(super) fn document(mut self) -> Result<Node<'a>, JsonError> {
        self.space();
        let node = self.value()?;
        self.space();
        if self.at < self.text.len() { Err(self.wrong("invalid-json")) } else { Ok(node) }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn wrong(&self, code: &'static str) -> JsonError {
        JsonError { at: self.at, code: if self.at >= self.text.len() { "truncated-json" } else { code } }
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Result<Node<'a>, JsonError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(JsonError { at: self.at, code: "too-large" });
        }
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => self.string().map(Node::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Node::Bool(true)),
            Some(b'f') => self.word("false", Node::Bool(false)),
            Some(b'n') => self.word("null", Node::Null),
            _ => Err(self.wrong("invalid-json")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Node<'a>, JsonError>) -> Result<Node<'a>, JsonError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(JsonError { at: self.at, code: "too-deep" });
        }
        self.at += 1;
        self.space();
        let node = read(self)?;
        self.depth -= 1;
        Ok(node)
    }

    fn object(&mut self) -> Result<Node<'a>, JsonError> {
        let mut members: Vec<Member<'a>> = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Node::Object(members));
        }
        let mut many: HashSet<Cow<'a, str>> = HashSet::new();
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.wrong("invalid-json"));
            }
            let name = self.string()?;
            let twice = if members.len() < 32 {
                members.iter().any(|member| member.name == name)
            } else {
                if many.is_empty() {
                    many.extend(members.iter().map(|member| member.name.clone()));
                }
                !many.insert(name.clone())
            };
            if twice {
                return Err(JsonError { at: self.at, code: "duplicate-name" });
            }
            self.space();
            self.expect(b':')?;
            self.space();
            let start = self.at;
            let value = self.value()?;
            members.push(Member { name, raw: &self.text[start..self.at], value });
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Node::Object(members));
                }
                _ => return Err(self.wrong("invalid-json")),
            }
            self.space();
        }
    }

    fn list(&mut self) -> Result<Node<'a>, JsonError> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Node::List(items));
        }
        loop {
            items.push(self.value()?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Node::List(items));
                }
                _ => return Err(self.wrong("invalid-json")),
            }
            self.space();
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.wrong("invalid-json"))
        }
    }

    fn word(&mut self, word: &str, node: Node<'a>) -> Result<Node<'a>, JsonError> {
        let rest = &self.text.as_bytes()[self.at..];
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(node)
        } else {
            let code = if word.as_bytes().starts_with(rest) { "truncated-json" } else { "invalid-json" };
            Err(JsonError { at: self.at, code })
        }
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.wrong("invalid-json")) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Node<'a>, JsonError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Node::Number(&self.text[start..self.at]))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.at += 1;
        let start = self.at;
        self.plain()?;
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(Cow::Borrowed(&self.text[start..self.at - 1]));
        }
        let mut owned = self.text[start..self.at].to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(owned));
                }
                Some(b'\\') => {
                    self.at += 1;
                    owned.push(self.escape()?);
                }
                _ => {
                    let from = self.at;
                    self.plain()?;
                    owned.push_str(&self.text[from..self.at]);
                }
            }
        }
    }

    /// Passes over characters that stand for themselves; stops at a quote or a backslash.
    fn plain(&mut self) -> Result<(), JsonError> {
        let rest = &self.text.as_bytes()[self.at..];
        let stop = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
        self.at += stop.unwrap_or(rest.len());
        match stop.map(|stop| rest[stop]) {
            Some(b'"' | b'\\') => Ok(()),
            Some(_) => Err(self.wrong("invalid-json")),
            None => Err(self.wrong("truncated-json")),
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let letter = self.peek().ok_or_else(|| self.wrong("truncated-json"))?;
        self.at += 1;
        Ok(match letter {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                let code = if (0xd800..0xdc00).contains(&first) {
                    self.expect(b'\\')?;
                    self.expect(b'u')?;
                    let second = self.hex()?;
                    if !(0xdc00..0xe000).contains(&second) {
                        return Err(self.wrong("invalid-json"));
                    }
                    0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                } else {
                    first
                };
                char::from_u32(code).ok_or_else(|| self.wrong("invalid-json"))?
            }
            _ => return Err(JsonError { at: self.at - 1, code: "invalid-json" }),
        })
    }

    fn hex(&mut self) -> Result<u32, JsonError> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            value = value * 16 + digit.ok_or_else(|| self.wrong("invalid-json"))?;
            self.at += 1;
        }
        Ok(value)
    }
}
