//! Cutting a stream of JSON into values without reading it whole.
//!
//! A [`Scanner`] finds where a value ends by its brackets and quotes alone, so a Bundle of any size passes through
//! a small buffer. It bounds depth and size at once: three hundred megabytes of opening brackets are refused after
//! [`MAX_DEPTH`] of them. Whether a value is really JSON is told later, by [`super::json`].

use std::io::{self, BufRead as _, Read};

use super::json::MAX_DEPTH;

/// The largest resource, in bytes.
pub const MAX_RESOURCE: usize = 64 << 20;

const BUFFER: usize = 64 << 10;

/// A byte order mark.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Why a stream could not be cut further.
#[derive(Debug)]
pub enum ScanError {
    /// The stream could not be read.
    Io(io::Error),
    /// The bytes break a rule; the code is stable.
    Content(&'static str),
}

impl From<io::Error> for ScanError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A reader that looks at one byte ahead and copies whole values.
pub struct Scanner<R> {
    reader: R,
    buffer: Box<[u8]>,
    at: usize,
    filled: usize,
}

impl<R: Read> Scanner<R> {
    /// Reads from `reader`.
    pub fn new(reader: R) -> Self {
        Self { reader, buffer: vec![0; BUFFER].into_boxed_slice(), at: 0, filled: 0 }
    }

    fn available(&mut self) -> io::Result<&[u8]> {
        while self.at == self.filled {
            match self.reader.read(&mut self.buffer) {
                Ok(0) => return Ok(&[]),
                Ok(read) => (self.at, self.filled) = (0, read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(&self.buffer[self.at..self.filled])
    }

    /// The next byte, left where it is.
    pub fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.available()?.first().copied())
    }

    /// Passes the byte last peeked at.
    pub fn pass(&mut self) {
        self.at += 1;
    }

    /// Passes the bracket a value begins with.
    pub fn pass_open(&mut self) {
        if matches!(self.peek_token(), Ok(Some(b'[' | b'{'))) {
            self.at += 1;
        }
    }

    /// The next byte after white space, left where it is.
    pub fn peek_token(&mut self) -> io::Result<Option<u8>> {
        while let Some(byte) = self.peek()? {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Ok(Some(byte));
            }
            self.at += 1;
        }
        Ok(None)
    }

    /// The next byte after white space, left where it is, and whether a line ended before it.
    pub fn peek_after_line(&mut self) -> io::Result<(Option<u8>, bool)> {
        let mut ended = false;
        loop {
            match self.peek()? {
                Some(b'\n') => ended = true,
                Some(b' ' | b'\r' | b'\t') => {}
                other => return Ok((other, ended)),
            }
            self.at += 1;
        }
    }

    /// Passes a byte order mark, if there is one; before anything else is read.
    pub fn pass_mark(&mut self) -> io::Result<()> {
        self.available()?;
        // Some readers give less at first than the mark has.
        while self.filled - self.at < MARK.len() && MARK.starts_with(&self.buffer[self.at..self.filled]) {
            match self.reader.read(&mut self.buffer[self.filled..]) {
                Ok(0) => break,
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if self.buffer[self.at..self.filled].starts_with(MARK) {
            self.at += MARK.len();
        }
        Ok(())
    }

    /// Passes the token `byte`.
    pub fn expect(&mut self, byte: u8) -> Result<(), ScanError> {
        match self.peek_token()? {
            Some(found) if found == byte => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(ScanError::Content("invalid-json")),
            None => Err(ScanError::Content("truncated-json")),
        }
    }

    /// Appends the next value to `out`, which may grow to `limit` bytes in all.
    pub fn value(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<(), ScanError> {
        self.walk(&mut |part| {
            if out.len() + part.len() > limit {
                return Err(ScanError::Content("too-large"));
            }
            out.extend_from_slice(part);
            Ok(())
        })
    }

    /// Passes the next value.
    pub fn skip(&mut self) -> Result<(), ScanError> {
        self.walk(&mut |_| Ok(()))
    }

    fn walk(&mut self, take: &mut dyn FnMut(&[u8]) -> Result<(), ScanError>) -> Result<(), ScanError> {
        let Some(first) = self.peek_token()? else { return Err(ScanError::Content("truncated-json")) };
        match first {
            b'{' | b'[' | b'"' => self.walk_closed(take),
            _ => self.walk_scalar(take),
        }
    }

    fn walk_scalar(&mut self, take: &mut dyn FnMut(&[u8]) -> Result<(), ScanError>) -> Result<(), ScanError> {
        let mut length = 0;
        while let Some(byte) = self.peek()? {
            if matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t' | b':' | b'"' | b'{' | b'[') {
                break;
            }
            length += 1;
            // No number a clinician writes is longer.
            if length > 4096 {
                return Err(ScanError::Content("invalid-json"));
            }
            take(&[byte])?;
            self.at += 1;
        }
        if length == 0 { Err(ScanError::Content("invalid-json")) } else { Ok(()) }
    }

    fn walk_closed(&mut self, take: &mut dyn FnMut(&[u8]) -> Result<(), ScanError>) -> Result<(), ScanError> {
        let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
        loop {
            let part = self.available()?;
            if part.is_empty() {
                return Err(ScanError::Content("truncated-json"));
            }
            let mut end = None;
            for (index, &byte) in part.iter().enumerate() {
                if quoted {
                    if escaped {
                        escaped = false;
                    } else if byte == b'\\' {
                        escaped = true;
                    } else if byte == b'"' {
                        quoted = false;
                    }
                } else {
                    match byte {
                        b'"' => quoted = true,
                        b'{' | b'[' => {
                            depth += 1;
                            if depth > MAX_DEPTH {
                                return Err(ScanError::Content("too-deep"));
                            }
                        }
                        b'}' | b']' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                }
                if depth == 0 && !quoted {
                    end = Some(index + 1);
                    break;
                }
            }
            let length = end.unwrap_or(part.len());
            take(&part[..length])?;
            self.at += length;
            if end.is_some() {
                return Ok(());
            }
        }
    }

    /// Appends the rest of the line to `out` without its end; `false` at the end of the stream.
    ///
    /// A line longer than `limit` is passed to its end and refused.
    pub fn line(&mut self, out: &mut Vec<u8>, limit: usize) -> Result<bool, ScanError> {
        let (mut any, mut long) = (false, false);
        loop {
            let part = self.available()?;
            if part.is_empty() {
                break;
            }
            any = true;
            // The library looks for the end of a line at many bytes at once.
            let mut behind = part;
            let passed = behind.skip_until(b'\n').unwrap_or(part.len());
            let ends = part[..passed].ends_with(b"\n");
            let length = passed - usize::from(ends);
            if out.len() + length > limit {
                long = true;
            } else {
                out.extend_from_slice(&part[..length]);
            }
            self.at += passed;
            if ends {
                break;
            }
        }
        if long { Err(ScanError::Content("too-large")) } else { Ok(any) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_cut_at_their_last_byte() {
        let mut scanner = Scanner::new(&br#" {"a":"}\"]"} [1,2] "x" 12,"#[..]);
        for expected in [r#"{"a":"}\"]"}"#, "[1,2]", "\"x\"", "12"] {
            let mut out = Vec::new();
            scanner.value(&mut out, 100).expect("a value");
            assert_eq!(out, expected.as_bytes());
        }
    }

    #[test]
    fn three_hundred_megabytes_of_nesting_are_refused_at_once() {
        let mut nesting = Scanner::new(io::repeat(b'[').take(300 << 20));
        let mut out = Vec::new();
        assert!(matches!(nesting.value(&mut out, MAX_RESOURCE), Err(ScanError::Content("too-deep"))));
        assert!(out.capacity() < 1 << 20);
    }

    #[test]
    fn a_value_beyond_the_limit_and_a_cut_one_are_told_apart() {
        let mut out = Vec::new();
        let long = Scanner::new(&b"[1,2,3,4,5]"[..]).value(&mut out, 5);
        assert!(matches!(long, Err(ScanError::Content("too-large"))));
        let cut = Scanner::new(&b"{\"a\":"[..]).skip();
        assert!(matches!(cut, Err(ScanError::Content("truncated-json"))));
    }

    /// Gives one byte at a time.
    struct Trickle<'b>(&'b [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let given = self.0.len().min(into.len()).min(1);
            into[..given].copy_from_slice(&self.0[..given]);
            self.0 = &self.0[given..];
            Ok(given)
        }
    }

    fn lines(reader: impl Read) -> Vec<Vec<u8>> {
        let mut scanner = Scanner::new(reader);
        scanner.pass_mark().expect("readable");
        let mut lines = Vec::new();
        let mut line = Vec::new();
        while scanner.line(&mut line, MAX_RESOURCE).expect("readable") {
            lines.push(std::mem::take(&mut line));
        }
        lines
    }

    #[test]
    fn lines_are_the_same_however_they_end_and_in_whatever_pieces_they_come() {
        for long in [BUFFER - 1, BUFFER, BUFFER + 1, 3 * BUFFER] {
            let long = "c".repeat(long);
            for (mark, last) in [("", ""), ("\u{feff}", ""), ("\u{feff}", "d"), ("", "d\n")] {
                let text = format!("{mark}a\r\n\n\r\nbb\n{long}\n{long}\r\n{last}");
                let mut expected = ["a\r", "", "\r", "bb", &long].map(str::to_owned).to_vec();
                expected.push(format!("{long}\r"));
                expected.extend((!last.is_empty()).then(|| "d".to_owned()));
                let expected: Vec<Vec<u8>> = expected.into_iter().map(String::into_bytes).collect();
                assert!(lines(text.as_bytes()) == expected && lines(Trickle(text.as_bytes())) == expected);
            }
        }
        for short in ["", "\u{feff}"] {
            assert!(lines(short.as_bytes()).is_empty() && lines(Trickle(short.as_bytes())).is_empty());
        }
        assert_eq!(lines(&b"\xef\xbbx"[..]), [b"\xef\xbbx"], "half a mark is none");
    }

    #[test]
    fn a_line_beyond_the_limit_is_passed_and_the_next_one_read() {
        let mut scanner = Scanner::new(&b"aaaaaaaa\nbb\n"[..]);
        let mut out = Vec::new();
        assert!(matches!(scanner.line(&mut out, 4), Err(ScanError::Content("too-large"))));
        out.clear();
        assert!(scanner.line(&mut out, 4).expect("a line"));
        assert_eq!(out, b"bb");
        assert!(!scanner.line(&mut out, 4).expect("the end"));
    }
}
