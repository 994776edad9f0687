//! Fonts: what the bytes that a page shows mean, and how far each moves the pen (ISO 32000-1, section 9).
//!
//! A byte whose meaning the file does not tell becomes U+FFFD. Nobody guesses from its shape or its number.

use std::collections::BTreeMap;

use super::cmap::CMap;
use super::encoding::{Base, named, plain};
use super::file::File;
use super::metrics;
use super::object::{Dict, Object};
use super::{Refused, Result};

/// Ranges of widths in one font, each of which is looked at for a letter.
const MOST_RANGES: usize = 1_000;

/// What stands for a letter nobody knows.
pub const UNKNOWN: &str = "\u{fffd}";

/// A letter as a page shows it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What it means.
    pub text: String,
    /// How wide it is, as part of the font's size.
    pub width: f64,
    /// Whether it is the byte for which the spacing of words counts.
    pub is_space: bool,
}

/// A font.
#[derive(Debug)]
pub struct Font {
    codes: Codes,
    /// What one unit of its widths is, as part of the font's size.
    unit: f64,
}

#[derive(Debug)]
enum Codes {
    /// One byte a letter.
    Simple { texts: Vec<String>, widths: Vec<f64> },
    /// Two bytes a letter.
    Composite { texts: CMap, widths: BTreeMap<u32, f64>, ranges: Vec<(u32, u32, f64)>, usual: f64 },
}

impl Font {
    /// Reads a font of a page.
    pub fn read(file: &File<'_>, dict: &Dict) -> Result<Self> {
        let subtype = file.value(dict, "Subtype")?;
        let program = file.value(dict, "ToUnicode")?;
        let meaning = match &*program {
            stream @ Object::Stream(..) => CMap::read(&file.stream(stream)?, file.budget())?,
            _ => CMap::default(),
        };
        if subtype.name() == Some("Type0") {
            return Self::composite(file, dict, meaning);
        }
        let unit = if subtype.name() == Some("Type3") {
            let matrix = file.value(dict, "FontMatrix")?;
            matrix.list().and_then(|matrix| matrix.first()?.number()).unwrap_or(0.001)
        } else {
            0.001
        };
        let codes = Codes::Simple { texts: texts(file, dict, &meaning)?, widths: widths(file, dict)? };
        Ok(Self { codes, unit })
    }

    fn composite(file: &File<'_>, dict: &Dict, texts: CMap) -> Result<Self> {
        let below = file.value(dict, "DescendantFonts")?;
        let below = match below.list() {
            Some([first, ..]) => file.resolve(first)?,
            _ => return Err(Refused::Damaged),
        };
        let below = below.dict().ok_or(Refused::Damaged)?;
        let usual = file.value(below, "DW")?.number().unwrap_or(1_000.0);
        let (mut widths, mut ranges) = (BTreeMap::new(), Vec::new());
        let list = file.value(below, "W")?;
        let mut rest = list.list().unwrap_or_default();
        // `first [width width …]` or `first last width`, one after the other.
        while let [first, second, more @ ..] = rest {
            let first = small(file.resolve(first)?.as_ref())?;
            let second = file.resolve(second)?;
            if let Some(each) = second.list() {
                for (code, width) in (first..).zip(each) {
                    file.budget().step(1)?;
                    widths.insert(code, file.resolve(width)?.number().unwrap_or(usual));
                }
                rest = more;
            } else {
                let [width, more @ ..] = more else { return Err(Refused::Damaged) };
                if ranges.len() >= MOST_RANGES {
                    return Err(Refused::Unsupported);
                }
                ranges.push((first, small(&second)?, file.resolve(width)?.number().unwrap_or(usual)));
                rest = more;
            }
        }
        Ok(Self { codes: Codes::Composite { texts, widths, ranges, usual }, unit: 0.001 })
    }

    /// The letters that these bytes show.
    pub fn show(&self, bytes: &[u8]) -> Vec<Shown> {
        match &self.codes {
            Codes::Simple { texts, widths } => {
                let one = |byte: &u8| Shown {
                    text: texts[usize::from(*byte)].clone(),
                    width: widths[usize::from(*byte)] * self.unit,
                    is_space: *byte == b' ',
                };
                bytes.iter().map(one).collect()
            }
            Codes::Composite { texts, widths, ranges, usual } => {
                let one = |pair: &[u8]| {
                    let code = pair.iter().fold(0, |code, byte| code << 8 | u32::from(*byte));
                    let ranged = || ranges.iter().find(|(low, high, _)| (*low..=*high).contains(&code));
                    let width = widths.get(&code).copied().or_else(|| ranged().map(|(_, _, width)| *width));
                    Shown {
                        text: texts.get(code).map_or_else(|| UNKNOWN.to_owned(), readable),
                        width: width.unwrap_or(*usual) * self.unit,
                        is_space: false,
                    }
                };
                bytes.chunks(2).map(one).collect()
            }
        }
    }
}

fn small(object: &Object) -> Result<u32> {
    let number = object.whole().filter(|number| *number <= 0xff_ffff);
    number.and_then(|number| u32::try_from(number).ok()).ok_or(Refused::Damaged)
}

fn readable(text: &str) -> String {
    text.chars().map(plain).collect()
}

/// What each byte of a simple font means.
fn texts(file: &File<'_>, dict: &Dict, meaning: &CMap) -> Result<Vec<String>> {
    let encoding = file.value(dict, "Encoding")?;
    let (mut base, mut changed) = (encoding.name().and_then(Base::of_name), BTreeMap::new());
    if let Some(encoding) = encoding.dict() {
        base = file.value(encoding, "BaseEncoding")?.name().and_then(Base::of_name);
        let differences = file.value(encoding, "Differences")?;
        let mut code = 0;
        for one in differences.list().unwrap_or_default() {
            match &*file.resolve(one)? {
                Object::Name(name) => {
                    changed.insert(code, named(name));
                    code += 1;
                }
                other => code = small(other)?,
            }
        }
    }
    let base = match base {
        None if has_own_encoding(file, dict)? => None,
        None => Some(Base::Standard),
        known => known,
    };
    let letter = |code: u8| match changed.get(&u32::from(code)) {
        Some(letter) => *letter,
        None => base.and_then(|base| base.letter(code)),
    };
    let text = |code: u8| match (meaning.get(u32::from(code)), letter(code)) {
        (Some(text), _) => readable(text),
        (None, Some(letter)) => plain(letter),
        (None, None) => UNKNOWN.to_owned(),
    };
    Ok((0..=255).map(text).collect())
}

/// Whether the letters stand inside the font's own program, which is not read here.
fn has_own_encoding(file: &File<'_>, dict: &Dict) -> Result<bool> {
    let name = file.value(dict, "BaseFont")?;
    let name = name.name().unwrap_or_default();
    if name.contains("Symbol") || name.contains("Dingbats") {
        return Ok(true);
    }
    let descriptor = file.value(dict, "FontDescriptor")?;
    let Some(descriptor) = descriptor.dict() else { return Ok(false) };
    Ok(["FontFile", "FontFile2", "FontFile3"].iter().any(|name| descriptor.contains_key(*name)))
}

/// How wide each byte of a simple font is.
fn widths(file: &File<'_>, dict: &Dict) -> Result<Vec<f64>> {
    let name = file.value(dict, "BaseFont")?;
    let name = name.name().unwrap_or_default().to_owned();
    let descriptor = file.value(dict, "FontDescriptor")?;
    let missing = match descriptor.dict() {
        Some(descriptor) => file.value(descriptor, "MissingWidth")?.number(),
        None => None,
    };
    let list = file.value(dict, "Widths")?;
    let Some(list) = list.list() else {
        return Ok((0..=255).map(|code| metrics::width(&name, code)).collect());
    };
    let first = file.value(dict, "FirstChar")?.whole().unwrap_or(0);
    let mut widths = vec![missing.unwrap_or(0.0); 256];
    for (place, width) in widths.iter_mut().skip(first).zip(list) {
        *place = file.resolve(width)?.number().unwrap_or(0.0);
    }
    Ok(widths)
}
