//! Looking for words in files, however they may be written: plain, UTF-16, hex, base64, and inside zstd frames.
//!
//! Instead of looking for every form of every word, everything that could be such a form is decoded and looked through.

use std::collections::HashSet;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Letters of a canary.
pub const LETTERS: usize = 12;
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
/// What one frame is decoded to at most.
const LONGEST: u64 = 4 << 20;

/// The canaries found in the names and contents of all files below `dir`.
pub fn search(dir: &Path, canaries: &HashSet<String>) -> HashSet<String> {
    let mut found = HashSet::new();
    for entry in fs::read_dir(dir).expect("list") {
        let path = entry.expect("an entry").path();
        look(path.file_name().expect("a name").as_encoded_bytes(), canaries, &mut found);
        if path.is_dir() {
            found.extend(search(&path, canaries));
        } else if path.is_file() {
            look(&fs::read(&path).expect("readable"), canaries, &mut found);
        }
    }
    found
}

/// Looks through bytes in every form.
pub fn look(bytes: &[u8], canaries: &HashSet<String>, found: &mut HashSet<String>) {
    every_form(bytes, canaries, found);
    for at in 0..bytes.len().saturating_sub(ZSTD.len()) {
        if bytes[at..at + ZSTD.len()] == ZSTD {
            let mut decoded = Vec::new();
            if let Ok(frame) = zstd::stream::read::Decoder::with_buffer(&bytes[at..]) {
                // A frame that is cut off gives what it holds up to there.
                let _ = frame.single_frame().take(LONGEST).read_to_end(&mut decoded);
                every_form(&decoded, canaries, found);
            }
        }
    }
}

fn every_form(bytes: &[u8], canaries: &HashSet<String>, found: &mut HashSet<String>) {
    plain(bytes, canaries, found);
    for first in 0..2 {
        // Of UTF-16, in either order, every other byte is the letter.
        let letters: Vec<u8> = bytes.iter().skip(first).step_by(2).copied().collect();
        plain(&letters, canaries, found);
    }
    for run in bytes.split(|byte| !byte.is_ascii_hexdigit()).filter(|run| run.len() >= 2 * LETTERS) {
        for first in 0..2 {
            plain(&unhex(&run[first..]), canaries, found);
        }
    }
    for (engine, special) in [(&STANDARD_NO_PAD, b"+/"), (&URL_SAFE_NO_PAD, b"-_")] {
        let foreign = |byte: &u8| !byte.is_ascii_alphanumeric() && !special.contains(byte);
        for run in bytes.split(foreign).filter(|run| run.len() >= LETTERS * 4 / 3) {
            for first in 0..4 {
                plain(&unbase64(engine, &run[first..]), canaries, found);
            }
        }
    }
}

fn plain(bytes: &[u8], canaries: &HashSet<String>, found: &mut HashSet<String>) {
    for run in bytes.split(|byte| !byte.is_ascii_alphabetic()).filter(|run| run.len() >= LETTERS) {
        for window in run.windows(LETTERS) {
            let word = String::from_utf8_lossy(window).to_lowercase();
            if canaries.contains(&word) {
                found.insert(word);
            }
        }
    }
}

fn unhex(digits: &[u8]) -> Vec<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16).expect("a hex digit");
    let (pairs, _) = digits.as_chunks::<2>();
    pairs.iter().map(|[high, low]| u8::try_from(value(*high) * 16 + value(*low)).expect("a byte")).collect()
}

fn unbase64(engine: &GeneralPurpose, digits: &[u8]) -> Vec<u8> {
    // Whole groups of four always decode.
    engine.decode(&digits[..digits.len() / 4 * 4]).unwrap_or_default()
}

#[test]
fn a_canary_is_found_in_every_form() {
    let canary = "qwertzuiopas";
    let all = HashSet::from([canary.to_owned()]);
    let hex = |upper: bool| -> String {
        canary.bytes().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect()
    };
    let utf16 = |little: bool| -> Vec<u8> {
        canary.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    };
    let mut forms = vec![canary.into(), utf16(true), utf16(false), hex(true).into_bytes(), hex(false).into_bytes()];
    for ahead in ["", "1", "22"] {
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            forms.push(engine.encode(format!("{ahead}{canary}??>>")).into_bytes());
        }
    }
    forms.push(zstd::bulk::compress(format!("{canary} {canary}").as_bytes(), 1).expect("a frame"));
    for form in forms {
        for noise in ["", "\0", "\u{1}\u{2}"] {
            let mut found = HashSet::new();
            look(&[noise.as_bytes(), &form, noise.as_bytes()].concat(), &all, &mut found);
            assert_eq!(found, all, "{form:?}");
        }
    }
}
