//! Words of the file's language, and the objects they make (ISO 32000-1, section 7.2 and 7.3).

use super::budget::Budget;
use super::object::{Dict, Object};
use super::{Refused, Result};

/// How deep lists and dictionaries may stand in each other.
const DEEPEST: usize = 40;

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A number.
    Number(f64),
    /// A string.
    Text(Vec<u8>),
    /// A name.
    Name(String),
    /// Anything else: `obj`, `true`, an operator.
    Word(String),
    /// `[`
    ListStart,
    /// `]`
    ListEnd,
    /// `<<`
    DictStart,
    /// `>>`
    DictEnd,
}

/// A part of a page's content.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// What an operator takes.
    Operand(Object),
    /// An operator.
    Operator(String),
}

/// Reads words from a place in some bytes on.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    bytes: &'a [u8],
    /// Where the next word is looked for.
    pub at: usize,
    budget: &'a Budget,
}

impl<'a> Lexer<'a> {
    /// Reads from `at` on.
    pub fn new(bytes: &'a [u8], at: usize, budget: &'a Budget) -> Self {
        Self { bytes, at, budget }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next word; `None` at the end.
    pub fn token(&mut self) -> Result<Option<Token>> {
        self.skip();
        let from = self.at;
        let token = self.read()?;
        self.budget.step(1 + (self.at - from) as u64 / 32)?;
        Ok(token)
    }

    fn read(&mut self) -> Result<Option<Token>> {
        let Some(first) = self.peek() else { return Ok(None) };
        let second = self.bytes.get(self.at + 1).copied();
        let (token, length) = match (first, second) {
            (b'[', _) => (Token::ListStart, 1),
            (b']', _) => (Token::ListEnd, 1),
            (b'<', Some(b'<')) => (Token::DictStart, 2),
            (b'>', Some(b'>')) => (Token::DictEnd, 2),
            (b'(', _) => return self.literal().map(Some),
            (b'<', _) => return self.hexadecimal().map(Some),
            (b'/', _) => return Ok(Some(self.name())),
            (b'{' | b'}', _) => (Token::Word(char::from(first).to_string()), 1),
            (b')' | b'>', _) => return Err(Refused::Damaged),
            _ => return Ok(Some(self.word())),
        };
        self.at += length;
        Ok(Some(token))
    }

    /// Passes over white space and comments.
    fn skip(&mut self) {
        while let Some(byte) = self.peek() {
            if is_space(byte) {
                self.at += 1;
            } else if byte == b'%' {
                while self.peek().is_some_and(|byte| byte != b'\n' && byte != b'\r') {
                    self.at += 1;
                }
            } else {
                return;
            }
        }
    }

    /// Letters up to the next white space or delimiter.
    fn regular(&mut self) -> &'a [u8] {
        let from = self.at;
        while self.peek().is_some_and(is_regular) {
            self.at += 1;
        }
        &self.bytes[from..self.at]
    }

    fn word(&mut self) -> Token {
        let letters = self.regular();
        let text = String::from_utf8_lossy(letters).into_owned();
        let is_number = letters.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.'));
        let number = if is_number { text.parse::<f64>().ok().filter(|number| number.is_finite()) } else { None };
        number.map_or(Token::Word(text), Token::Number)
    }

    fn name(&mut self) -> Token {
        self.at += 1;
        let letters = self.regular();
        let mut bytes = Vec::with_capacity(letters.len());
        let mut rest = letters;
        while let Some((first, others)) = rest.split_first() {
            // `#20` is a letter by its number.
            let escaped = match (first, others) {
                (b'#', [high, low, ..]) => hex(*high).zip(hex(*low)),
                _ => None,
            };
            if let Some((high, low)) = escaped {
                bytes.push(high << 4 | low);
                rest = &others[2..];
            } else {
                bytes.push(*first);
                rest = others;
            }
        }
        Token::Name(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn literal(&mut self) -> Result<Token> {
        self.at += 1;
        let (mut bytes, mut open) = (Vec::new(), 0_usize);
        loop {
            let byte = self.peek().ok_or(Refused::Damaged)?;
            self.at += 1;
            match byte {
                b'\\' => self.escaped(&mut bytes)?,
                b'(' => {
                    open += 1;
                    bytes.push(byte);
                }
                b')' if open == 0 => return Ok(Token::Text(bytes)),
                b')' => {
                    open -= 1;
                    bytes.push(byte);
                }
                _ => bytes.push(byte),
            }
        }
    }

    fn escaped(&mut self, bytes: &mut Vec<u8>) -> Result<()> {
        let byte = self.peek().ok_or(Refused::Damaged)?;
        self.at += 1;
        match byte {
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b't' => bytes.push(b'\t'),
            b'b' => bytes.push(8),
            b'f' => bytes.push(12),
            // The line goes on.
            b'\n' => {}
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            b'0'..=b'7' => {
                let mut number = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    number = number * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                bytes.push(number.to_le_bytes()[0]);
            }
            other => bytes.push(other),
        }
        Ok(())
    }

    fn hexadecimal(&mut self) -> Result<Token> {
        self.at += 1;
        let (mut bytes, mut half) = (Vec::new(), None);
        loop {
            let byte = self.peek().ok_or(Refused::Damaged)?;
            self.at += 1;
            if byte == b'>' {
                bytes.extend(half.map(|high: u8| high << 4));
                return Ok(Token::Text(bytes));
            }
            if is_space(byte) {
                continue;
            }
            let digit = hex(byte).ok_or(Refused::Damaged)?;
            match half.take() {
                Some(high) => bytes.push(high << 4 | digit),
                None => half = Some(digit),
            }
        }
    }

    /// The next object.
    pub fn object(&mut self) -> Result<Object> {
        let token = self.token()?.ok_or(Refused::Damaged)?;
        self.object_of(token, 0)
    }

    fn object_of(&mut self, token: Token, depth: usize) -> Result<Object> {
        if depth > DEEPEST {
            return Err(Refused::Damaged);
        }
        Ok(match token {
            Token::Number(number) => self.reference(number)?.unwrap_or(Object::Number(number)),
            Token::Text(text) => Object::Text(text),
            Token::Name(name) => Object::Name(name),
            Token::ListStart => {
                let mut list = Vec::new();
                loop {
                    match self.token()?.ok_or(Refused::Damaged)? {
                        Token::ListEnd => break Object::List(list),
                        token => list.push(self.object_of(token, depth + 1)?),
                    }
                }
            }
            Token::DictStart => {
                let mut dict = Dict::new();
                loop {
                    match self.token()?.ok_or(Refused::Damaged)? {
                        Token::DictEnd => break Object::Dict(dict),
                        Token::Name(name) => {
                            let token = self.token()?.ok_or(Refused::Damaged)?;
                            let value = self.object_of(token, depth + 1)?;
                            dict.insert(name, value);
                        }
                        _ => return Err(Refused::Damaged),
                    }
                }
            }
            Token::Word(word) => match word.as_str() {
                "null" => Object::Null,
                "true" => Object::Bool(true),
                "false" => Object::Bool(false),
                _ => return Err(Refused::Damaged),
            },
            Token::ListEnd | Token::DictEnd => return Err(Refused::Damaged),
        })
    }

    /// `12 0 R`, of which the 12 was read.
    fn reference(&mut self, number: f64) -> Result<Option<Object>> {
        let Some(number) = Object::Number(number).whole().and_then(|number| u32::try_from(number).ok()) else {
            return Ok(None);
        };
        let mut ahead = self.clone();
        let generation = ahead.token();
        let Ok(Some(Token::Number(generation))) = generation else { return Ok(None) };
        if generation < 0.0 || generation.fract() != 0.0 {
            return Ok(None);
        }
        match ahead.token() {
            Ok(Some(Token::Word(word))) if word == "R" => {
                self.at = ahead.at;
                Ok(Some(Object::Ref(number)))
            }
            Err(Refused::TooLarge) => Err(Refused::TooLarge),
            _ => Ok(None),
        }
    }

    /// The next whole number.
    pub fn whole(&mut self) -> Result<usize> {
        match self.token()? {
            Some(Token::Number(number)) => Object::Number(number).whole().ok_or(Refused::Damaged),
            _ => Err(Refused::Damaged),
        }
    }

    /// Wants this word next.
    pub fn expect(&mut self, wanted: &str) -> Result<()> {
        match self.token()? {
            Some(Token::Word(word)) if word == wanted => Ok(()),
            _ => Err(Refused::Damaged),
        }
    }

    /// The next part of a page's content; `None` at the end. There are no references in it.
    pub fn part(&mut self) -> Result<Option<Part>> {
        let Some(token) = self.token()? else { return Ok(None) };
        Ok(Some(match token {
            Token::Number(number) => Part::Operand(Object::Number(number)),
            Token::Word(word) => match word.as_str() {
                "null" => Part::Operand(Object::Null),
                "true" => Part::Operand(Object::Bool(true)),
                "false" => Part::Operand(Object::Bool(false)),
                _ => Part::Operator(word),
            },
            other => Part::Operand(self.object_of(other, 0)?),
        }))
    }
}

/// White space of the language.
pub fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !b"()<>[]{}/%".contains(&byte)
}

/// The value of a hexadecimal digit.
pub fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Result<Object> {
        Lexer::new(text.as_bytes(), 0, &Budget::default()).object()
    }

    #[test]
    fn objects_of_every_sort_are_read() {
        let read =
            object("<< /A [1 -2.5 .5 (a\\(b\\)\\101\\\n(c)) <4 1 4> /N#20ame true null 7 0 R] % comment\n /B << >> >>");
        let Ok(Object::Dict(dict)) = read else { panic!("{read:?}") };
        let list = dict["A"].list().expect("a list");
        let numbers: Vec<f64> = list.iter().filter_map(Object::number).collect();
        assert_eq!(format!("{numbers:?}"), "[1.0, -2.5, 0.5]");
        assert_eq!(list[3], Object::Text(b"a(b)A(c)".to_vec()));
        assert_eq!(list[4], Object::Text(b"A@".to_vec()));
        assert_eq!(list[5].name(), Some("N ame"));
        assert_eq!(list[6..], [Object::Bool(true), Object::Null, Object::Ref(7)]);
        assert_eq!(dict["B"], Object::Dict(Dict::new()));
    }

    #[test]
    fn what_does_not_end_or_makes_no_sense_is_damaged() {
        for text in ["(abc", "<41", "[1 2", "<< /A", "<< 1 2 >>", ">", ")", "]", "endobj", "<4x>", ""] {
            assert_eq!(object(text), Err(Refused::Damaged), "{text}");
        }
        assert_eq!(object(&"[".repeat(100_000)), Err(Refused::Damaged));
    }
}
