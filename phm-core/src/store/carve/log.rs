//! Rows in the log of sled 0.34.
//!
//! ```text
//! segment = header (20) ‖ message…
//! message = checksum (4) ‖ kind (1) ‖ length ‖ segment ‖ page ‖ payload          kinds: 8 node, 10 link, others
//! node    = next ‖ merging child ‖ merging (1) ‖ prefix length (1) ‖ low key ‖ high key ‖ 0 ‖ count ‖ keys ‖ values
//! link    = 0 ‖ key ‖ value                                                       one row that was put into a page
//! blob    = checksum (4) ‖ kind (1) ‖ payload                                     a file of its own, for long payloads
//! ```
//!
//! Numbers without a length here have one to nine bytes; keys and values stand behind their length. Keys lack the
//! first bytes of the low key, as many as the node's prefix length says; those of a link lack as many as the node of the
//! same page did when it was written.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{ADDRESS, is_address};
use crate::store::MAX_VALUE;

const SEGMENT_HEADER: usize = 20;
const NODE: u8 = 8;
const LINK: u8 = 10;
const KINDS: Range<u8> = 1..12;
/// No key is longer, and no node has more rows.
const LONGEST_KEY: usize = 64;
const MOST_ROWS: u64 = 100_000;
/// Prefixes that are tried for a link whose page has no node left.
const TRIES: usize = 64;

/// Rows that were put into pages, until it is known what their keys begin with.
#[derive(Default)]
pub(super) struct Links {
    links: Vec<Link>,
    /// The prefixes of each page, from all nodes it had.
    prefixes: BTreeMap<u64, BTreeSet<Vec<u8>>>,
}

struct Link {
    file: usize,
    page: Option<u64>,
    key: Vec<u8>,
    value: Range<u64>,
}

impl Links {
    /// Shows each link under every address it may have had; the seal knows which it is.
    pub fn resolve(self, mut found: impl FnMut(usize, &[u8], Range<u64>)) {
        let anywhere: BTreeSet<&Vec<u8>> = self.prefixes.values().flatten().collect();
        for link in &self.links {
            let rest = ADDRESS.saturating_sub(link.key.len());
            let of_page = link.page.and_then(|page| self.prefixes.get(&page));
            let mut prefixes: Vec<&Vec<u8>> =
                of_page.into_iter().flatten().filter(|prefix| prefix.len() == rest).collect();
            if prefixes.is_empty() && rest > 0 {
                prefixes = anywhere.iter().copied().filter(|prefix| prefix.len() == rest).take(TRIES).collect();
            }
            let empty = Vec::new();
            if rest == 0 {
                prefixes = vec![&empty];
            }
            for prefix in prefixes {
                found(link.file, &[prefix.as_slice(), &link.key].concat(), link.value.clone());
            }
        }
    }
}

/// Bytes that are taken from the front.
#[derive(Clone)]
struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Cursor<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|taken| taken[0])
    }

    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        Some(match first {
            0..=240 => first.into(),
            241..=248 => 240 + 256 * (u64::from(first) - 241) + u64::from(self.byte()?),
            249 => 2288 + 256 * u64::from(self.byte()?) + u64::from(self.byte()?),
            _ => {
                let mut eight = [0; 8];
                let length = usize::from(first) - 247;
                eight[..length].copy_from_slice(self.take(length)?);
                u64::from_le_bytes(eight)
            }
        })
    }

    /// Where the next bytes behind their length stand.
    fn long(&mut self, most: usize) -> Option<Range<usize>> {
        let length = usize::try_from(self.number()?).ok().filter(|length| *length <= most)?;
        let start = self.at;
        self.take(length)?;
        Some(start..self.at)
    }
}

/// Shows the rows of one segment; `at` is where it stands in the file of this number.
pub(super) fn segment(bytes: &[u8], at: u64, file: usize, links: &mut Links, found: &mut dyn FnMut(&[u8], Range<u64>)) {
    let mut next = SEGMENT_HEADER;
    while next < bytes.len() {
        next = message(bytes, next, at, file, links, found).unwrap_or(next + 1);
    }
}

/// One message: where the next one begins, or nothing where there is none.
fn message(
    bytes: &[u8],
    start: usize,
    at: u64,
    file: usize,
    links: &mut Links,
    found: &mut dyn FnMut(&[u8], Range<u64>),
) -> Option<usize> {
    let mut cursor = Cursor { bytes, at: start };
    let checksum = u32::from_le_bytes(cursor.take(4)?.try_into().ok()?);
    let kind = cursor.byte().filter(|kind| KINDS.contains(kind))?;
    let length = usize::try_from(cursor.number()?).ok()?;
    cursor.number()?;
    let page = cursor.number()?;
    let header = &bytes[start + 4..cursor.at];
    let begin = cursor.at;
    let payload = cursor.take(length)?;
    // Where the checksum does not match, the seals of the rows tell which of them are whole; but only what ends where it
    // should is believed to be a message.
    if rows(payload, kind, at + begin as u64, file, Some(page), links, found) == Some(payload.len()) {
        return Some(cursor.at);
    }
    let mut crc = flate2::Crc::new();
    crc.update(payload);
    crc.update(header);
    (crc.sum() ^ u32::MAX == checksum).then_some(cursor.at)
}

/// Shows the rows of a payload that is a file of its own.
pub(super) fn blob(bytes: &[u8], file: usize, links: &mut Links, found: &mut dyn FnMut(&[u8], Range<u64>)) {
    if let Some((front, payload)) = bytes.split_at_checked(5) {
        // The kinds of what stands in a file are one higher than of what stands in the log.
        let _ = rows(payload, front[4].saturating_sub(1), 5, file, None, links, found);
    }
}

/// Shows the rows of a payload; answers how many bytes they take.
fn rows(
    payload: &[u8],
    kind: u8,
    at: u64,
    file: usize,
    page: Option<u64>,
    links: &mut Links,
    found: &mut dyn FnMut(&[u8], Range<u64>),
) -> Option<usize> {
    let mut cursor = Cursor { bytes: payload, at: 0 };
    let place = |value: &Range<usize>| at + value.start as u64..at + value.end as u64;
    if kind == LINK {
        if cursor.byte()? != 0 {
            return None;
        }
        let key = payload[cursor.long(LONGEST_KEY)?].to_vec();
        let value = place(&cursor.long(MAX_VALUE)?);
        links.links.push(Link { file, page, key, value });
        return Some(cursor.at);
    }
    if kind != NODE {
        return None;
    }
    cursor.number()?;
    cursor.number()?;
    let merging = cursor.byte()?;
    let prefix = usize::from(cursor.byte()?);
    let low = cursor.long(LONGEST_KEY)?;
    cursor.long(LONGEST_KEY)?;
    let prefix = payload[low].get(..prefix)?;
    if merging > 1 || cursor.byte()? != 0 {
        // Not a leaf.
        return None;
    }
    let count = cursor.number().filter(|count| *count <= MOST_ROWS)?;
    let keys = (0..count).map(|_| cursor.long(LONGEST_KEY)).collect::<Option<Vec<_>>>()?;
    for key in keys {
        // What comes before a damaged length is shown.
        let value = cursor.long(MAX_VALUE)?;
        let address = [prefix, &payload[key]].concat();
        if is_address(&address) {
            found(&address, place(&value));
        }
    }
    if let Some(page) = page {
        links.prefixes.entry(page).or_default().insert(prefix.to_vec());
    }
    Some(cursor.at)
}
