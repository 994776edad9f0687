//! Unpacking streams (ISO 32000-1, section 7.4). What a stream unpacks to is bounded while it is unpacked.

use std::rc::Rc;

use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};

use super::budget::Budget;
use super::file::File;
use super::lexer::{hex, is_space};
use super::object::{Dict, Object};
use super::{Refused, Result};

/// Filters of one stream, one after the other.
const MOST: usize = 4;
/// Bytes of a row that a predictor works on.
const WIDEST: usize = 1 << 20;

/// The bytes of a stream as they were before they were packed.
pub fn unpack(file: &File<'_>, dict: &Dict, packed: &[u8]) -> Result<Vec<u8>> {
    let filters = several(file, dict, "Filter", "F")?;
    let settings = several(file, dict, "DecodeParms", "DP")?;
    if filters.len() > MOST {
        return Err(Refused::Unsupported);
    }
    let budget = file.budget();
    // The packed bytes are copied too.
    budget.step(packed.len() as u64 / 32)?;
    if filters.is_empty() {
        budget.unpack(packed.len())?;
    }
    let mut bytes = packed.to_vec();
    for (at, filter) in filters.iter().enumerate() {
        bytes = match filter.name() {
            Some("FlateDecode" | "Fl") => {
                let plain = inflate(budget, &bytes)?;
                match settings.get(at).and_then(|settings| settings.dict()) {
                    Some(settings) => predicted(file, settings, plain)?,
                    None => plain,
                }
            }
            Some("ASCIIHexDecode" | "AHx") => counted(budget, ascii_hex(&bytes)?)?,
            Some("ASCII85Decode" | "A85") => counted(budget, ascii_85(&bytes)?)?,
            _ => return Err(Refused::Unsupported),
        };
    }
    Ok(bytes)
}

/// What stands under a name, or under its short form, as one thing or as a list.
fn several(file: &File<'_>, dict: &Dict, name: &str, short: &str) -> Result<Vec<Rc<Object>>> {
    let name = if dict.contains_key(name) { name } else { short };
    let value = file.value(dict, name)?;
    match &*value {
        Object::Null => Ok(Vec::new()),
        Object::List(list) => list.iter().take(MOST + 1).map(|one| file.resolve(one)).collect(),
        _ => Ok(vec![Rc::clone(&value)]),
    }
}

fn inflate(budget: &Budget, packed: &[u8]) -> Result<Vec<u8>> {
    let plain = decompress_to_vec_zlib_with_limit(packed, budget.room()).map_err(|error| match error.status {
        TINFLStatus::HasMoreOutput => Refused::TooLarge,
        _ => Refused::Damaged,
    })?;
    counted(budget, plain)
}

/// Takes bytes that were unpacked.
fn counted(budget: &Budget, plain: Vec<u8>) -> Result<Vec<u8>> {
    budget.unpack(plain.len())?;
    Ok(plain)
}

/// Undoes the predictors of PNG, which each row names by its first byte (ISO/IEC 15948, section 9).
fn predicted(file: &File<'_>, settings: &Dict, bytes: Vec<u8>) -> Result<Vec<u8>> {
    let setting = |name: &str, usual: usize| match &*file.value(settings, name)? {
        Object::Null => Ok(usual),
        other => other.whole().ok_or(Refused::Damaged),
    };
    match setting("Predictor", 1)? {
        1 => return Ok(bytes),
        10..=15 => {}
        _ => return Err(Refused::Unsupported),
    }
    let bits = setting("Colors", 1)?.saturating_mul(setting("BitsPerComponent", 8)?);
    let width = bits.saturating_mul(setting("Columns", 1)?).div_ceil(8);
    let step = bits.div_ceil(8);
    if width == 0 || width > WIDEST || step == 0 || step > width {
        return Err(Refused::Damaged);
    }
    let mut plain: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut above = vec![0_u8; width];
    for packed in bytes.chunks(width + 1) {
        let (kind, packed) = packed.split_first().ok_or(Refused::Damaged)?;
        if packed.len() != width {
            return Err(Refused::Damaged);
        }
        let mut row: Vec<u8> = Vec::with_capacity(width);
        for (at, byte) in packed.iter().enumerate() {
            let left = at.checked_sub(step).map_or(0, |at| row[at]);
            let corner = at.checked_sub(step).map_or(0, |at| above[at]);
            let guess = match kind {
                0 => 0,
                1 => left,
                2 => above[at],
                3 => left.midpoint(above[at]),
                4 => paeth(left, above[at], corner),
                _ => return Err(Refused::Damaged),
            };
            row.push(byte.wrapping_add(guess));
        }
        plain.extend_from_slice(&row);
        above = row;
    }
    Ok(plain)
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(above), i16::from(corner));
    let guess = a + b - c;
    let (from_left, from_above, from_corner) = ((guess - a).abs(), (guess - b).abs(), (guess - c).abs());
    if from_left <= from_above && from_left <= from_corner {
        left
    } else if from_above <= from_corner {
        above
    } else {
        corner
    }
}

fn ascii_hex(bytes: &[u8]) -> Result<Vec<u8>> {
    let letters = bytes.iter().take_while(|byte| **byte != b'>').filter(|byte| !is_space(**byte));
    let digits: Option<Vec<u8>> = letters.map(|byte| hex(*byte)).collect();
    let digits = digits.ok_or(Refused::Damaged)?;
    Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect())
}

fn ascii_85(bytes: &[u8]) -> Result<Vec<u8>> {
    let (mut plain, mut group) = (Vec::new(), Vec::with_capacity(5));
    for byte in bytes.iter().copied().filter(|byte| !is_space(*byte)) {
        match byte {
            b'~' => break,
            b'z' if group.is_empty() => plain.extend([0; 4]),
            b'!'..=b'u' => group.push(byte - b'!'),
            _ => return Err(Refused::Damaged),
        }
        if group.len() == 5 {
            plain.extend_from_slice(&four(&group)?);
            group.clear();
        }
    }
    if group.len() == 1 {
        return Err(Refused::Damaged);
    }
    if !group.is_empty() {
        let kept = group.len() - 1;
        group.resize(5, 84);
        plain.extend_from_slice(&four(&group)?[..kept]);
    }
    Ok(plain)
}

fn four(group: &[u8]) -> Result<[u8; 4]> {
    let number = group.iter().fold(0_u64, |number, digit| number * 85 + u64::from(*digit));
    u32::try_from(number).map(u32::to_be_bytes).map_err(|_| Refused::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_letters_is_read() {
        assert_eq!(ascii_hex(b"48 65 6C6c 6F 7>rest"), Ok(b"Hellop".to_vec()));
        assert_eq!(ascii_85(b"87cURD]j7BEbo80~>"), Ok(b"Hello world!".to_vec()));
        assert_eq!(ascii_85(b"z!!~>"), Ok(vec![0; 5]));
        assert_eq!((ascii_hex(b"4x"), ascii_85(b"v")), (Err(Refused::Damaged), Err(Refused::Damaged)));
        assert_eq!(ascii_85(b"uuuuu"), Err(Refused::Damaged), "more than four bytes hold");
    }

    #[test]
    fn the_guess_of_paeth_is_the_nearest_neighbour() {
        assert_eq!((paeth(10, 20, 10), paeth(20, 10, 10), paeth(10, 20, 15)), (20, 20, 15));
    }
}
