//! Rows in the pages of redb 4.
//!
//! ```text
//! leaf = 1 ‖ 0 ‖ rows n (2) ‖ end of each key (4 each) ‖ end of each value (4 each) ‖ keys ‖ values
//! ```
//!
//! Numbers are little-endian, ends are counted from the start of the page, and every page begins at a multiple of 4 KiB.

use std::ops::Range;

const PAGE: usize = 4096;
const LEAF: u8 = 1;

/// Shows every row of every leaf that begins in the first `step` bytes; `at` is where the bytes stand in their file.
pub(super) fn look(bytes: &[u8], at: u64, step: usize, found: &mut dyn FnMut(&[u8], Range<u64>)) {
    for start in (0..bytes.len().min(step)).step_by(PAGE) {
        let page = &bytes[start..];
        let rows = usize::from(u16::from_le_bytes([byte(page, 2), byte(page, 3)]));
        if byte(page, 0) != LEAF || rows == 0 {
            continue;
        }
        let end = |number: usize| {
            let field = page.get(4 + 4 * number..8 + 4 * number)?;
            usize::try_from(u32::from_le_bytes(field.try_into().ok()?)).ok()
        };
        let keys_start = 4 + 8 * rows;
        for row in 0..rows {
            // One damaged number costs the rows beside it.
            let key_start = if row == 0 { Some(keys_start) } else { end(row - 1) };
            let value_start = if row == 0 { end(rows - 1) } else { end(rows + row - 1) };
            let (Some(key), Some(value)) = (range(key_start, end(row)), range(value_start, end(rows + row))) else {
                continue;
            };
            if let Some(key) = page.get(key)
                && value.end <= page.len()
            {
                let offset = at + start as u64;
                found(key, offset + value.start as u64..offset + value.end as u64);
            }
        }
    }
}

fn byte(page: &[u8], at: usize) -> u8 {
    page.get(at).copied().unwrap_or_default()
}

fn range(start: Option<usize>, end: Option<usize>) -> Option<Range<usize>> {
    let range = start?..end?;
    (range.start <= range.end).then_some(range)
}
