//! What the codes of a font mean in Unicode, where the file says so (ISO 32000-1, section 9.10.3).

use std::collections::BTreeMap;

use super::budget::Budget;
use super::lexer::{Lexer, Part};
use super::object::Object;
use super::{Refused, Result};

/// Codes of one font.
const MOST: usize = 70_000;

/// Codes and the letters they mean.
#[derive(Clone, Debug, Default)]
pub struct CMap(BTreeMap<u32, String>);

impl CMap {
    /// Reads the program of a `ToUnicode` stream, as far as it is lists of codes.
    pub fn read(bytes: &[u8], budget: &Budget) -> Result<Self> {
        let mut lexer = Lexer::new(bytes, 0, budget);
        let (mut map, mut operands) = (Self::default(), Vec::new());
        while let Some(part) = lexer.part()? {
            match part {
                Part::Operand(operand) => {
                    if operands.len() >= MOST {
                        return Err(Refused::TooLarge);
                    }
                    operands.push(operand);
                }
                Part::Operator(operator) => {
                    match operator.as_str() {
                        "endbfchar" => {
                            for pair in operands.chunks_exact(2) {
                                map.put(code(&pair[0]), letters(&pair[1]))?;
                            }
                        }
                        "endbfrange" => {
                            for triple in operands.chunks_exact(3) {
                                map.range(&triple[0], &triple[1], &triple[2], budget)?;
                            }
                        }
                        _ => {}
                    }
                    operands.clear();
                }
            }
        }
        Ok(map)
    }

    /// The letters of a code.
    pub fn get(&self, code: u32) -> Option<&str> {
        self.0.get(&code).map(String::as_str)
    }

    fn put(&mut self, code: Option<u32>, letters: Option<String>) -> Result<()> {
        if self.0.len() >= MOST {
            return Err(Refused::TooLarge);
        }
        if let (Some(code), Some(letters)) = (code, letters) {
            self.0.insert(code, letters);
        }
        Ok(())
    }

    fn range(&mut self, low: &Object, high: &Object, to: &Object, budget: &Budget) -> Result<()> {
        let (Some(low), Some(high)) = (code(low), code(high)) else { return Ok(()) };
        if high < low || high - low > 0xffff {
            return Ok(());
        }
        budget.step(u64::from(high - low))?;
        match to {
            Object::List(list) => {
                for (code, one) in (low..=high).zip(list) {
                    self.put(Some(code), letters(one))?;
                }
            }
            one => {
                let Some(first) = letters(one) else { return Ok(()) };
                let Some(last) = first.chars().last() else { return Ok(()) };
                let before = &first[..first.len() - last.len_utf8()];
                for (code, more) in (low..=high).zip(0..) {
                    let letter = char::from_u32(u32::from(last) + more);
                    self.put(Some(code), letter.map(|letter| format!("{before}{letter}")))?;
                }
            }
        }
        Ok(())
    }
}

/// A code of up to four bytes.
fn code(object: &Object) -> Option<u32> {
    match object {
        Object::Text(bytes) if (1..=4).contains(&bytes.len()) => {
            Some(bytes.iter().fold(0, |code, byte| code << 8 | u32::from(*byte)))
        }
        _ => None,
    }
}

/// Letters in UTF-16, the high byte first.
fn letters(object: &Object) -> Option<String> {
    let Object::Text(bytes) = object else { return None };
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    let text = String::from_utf16(&units).ok()?;
    let means_something =
        !text.is_empty() && !text.contains('\0') && bytes.len().is_multiple_of(2) && bytes.len() <= 64;
    means_something.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_one_by_one_and_in_ranges_get_their_letters() {
        let program = b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> \
            endcodespacerange 2 beginbfchar <0003> <0020> <0004> <00660069> endbfchar \
            2 beginbfrange <0010> <0012> <0041> <0020> <0021> [<03BC> <D83DDE00>] endbfrange endcmap";
        let map = CMap::read(program, &Budget::default()).expect("a map");
        let got: Vec<Option<&str>> = [3, 4, 0x10, 0x12, 0x13, 0x20, 0x21].map(|code| map.get(code)).into();
        assert_eq!(got, [Some(" "), Some("fi"), Some("A"), Some("C"), None, Some("μ"), Some("😀")]);
    }

    #[test]
    fn what_means_nothing_gets_no_letter() {
        let program =
            b"3 beginbfchar <01> <> <02> <D800> <03> <0000> endbfchar 1 beginbfrange <09> <05> <0041> endbfrange";
        let map = CMap::read(program, &Budget::default()).expect("a map");
        assert!((0..10).all(|code| map.get(code).is_none()));
    }
}
