//! The tables of a module, read from its bytes: each must say how large it gets.
//!
//! The runtime limits their growth too. This refuses at the door what would be stopped later, and what asks for a table that
//! no plugin needs. The bytes have been validated before, so the section is read as the specification of WebAssembly (5.5.7)
//! lays it out, and whatever is not understood is refused.

use super::module::wrong;
use crate::error::Result;
use crate::limits::Limits;

/// The number of the section that holds tables.
const TABLES: u8 = 4;
const FUNCREF: u8 = 0x70;
const EXTERNREF: u8 = 0x6f;

/// Refuses a module whose tables have no maximum, or together a larger one than any plugin may have.
pub fn check(wasm: &[u8]) -> Result<()> {
    let unread = || wrong("its tables are of a form that plugins do not use");
    let mut rest = wasm.get(8..).ok_or_else(unread)?;
    while let Some((&id, after)) = rest.split_first() {
        let (size, body) = number(after).ok_or_else(unread)?;
        let size = usize::try_from(size).map_err(|_| unread())?;
        let (section, next) = body.split_at_checked(size).ok_or_else(unread)?;
        if id == TABLES {
            let elements = elements(section).ok_or_else(unread)?;
            let most = Limits::CEILING.table_elements;
            if elements.is_none_or(|elements| elements > most) {
                return Err(wrong(format!("its tables have no maximum, or one above {most} elements")));
            }
        }
        rest = next;
    }
    Ok(())
}

/// The sum of the maxima of a section; `Some(None)` where one has none, `None` where it is not understood.
#[allow(clippy::option_option, reason = "not understood and without a maximum are two answers")]
fn elements(section: &[u8]) -> Option<Option<u64>> {
    let (count, mut rest) = number(section)?;
    let mut sum = Some(0u64);
    for _ in 0..count {
        let (&element, after) = rest.split_first()?;
        let (&flags, after) = after.split_first()?;
        if ![FUNCREF, EXTERNREF].contains(&element) || flags > 1 {
            return None;
        }
        let (_, after) = number(after)?;
        if flags == 1 {
            let (most, after) = number(after)?;
            sum = sum.map(|sum| sum.saturating_add(most));
            rest = after;
        } else {
            sum = None;
            rest = after;
        }
    }
    rest.is_empty().then_some(sum)
}

/// An unsigned LEB128 number of at most 64 bits.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (n, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f).checked_shl(u32::try_from(n * 7).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((value, &bytes[n + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<()> {
        check(&wat::parse_str(text).expect("good text"))
    }

    #[test]
    fn a_table_must_say_how_large_it_gets() {
        assert!(checked("(module)").is_ok());
        assert!(checked("(module (table 2 2 funcref))").is_ok());
        assert!(checked("(module (table 0 100000 externref))").is_ok());
        for text in [
            "(module (table 1 funcref))",
            "(module (table 0 100001 funcref))",
            "(module (table 0 60000 funcref) (table 0 60000 funcref))",
            "(module (table 2 2 funcref) (table 0 externref))",
        ] {
            assert_eq!(checked(text).expect_err("refused").code(), "invalid-module", "{text}");
        }
    }

    #[test]
    fn cut_bytes_are_refused() {
        let wasm = wat::parse_str("(module (table 2 2 funcref))").expect("good text");
        for length in 9..wasm.len() {
            assert!(check(&wasm[..length]).is_err(), "{length} bytes");
        }
    }
}
