//! The rows of one owner, part by part, and whether each stands where it is found.
//!
//! Who reads in order and who asks for one address go different ways through an engine. Where its own order is damaged,
//! such as by a bit that flipped in an address, the first may come by a row that the second does not find, and that is
//! therefore no longer given out.

use super::Stop;
use crate::error::Result;
use crate::store::layout::{self, Table};
use crate::store::{Row, Store, StoreError};
use crate::vault::session::go_on;

/// How a row that was come by in passing stands to who asks for it.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Place {
    /// It is found, and is the part that was to come.
    There,
    /// It is found, and another part was to come.
    Astray,
    /// Something else is found, or nothing.
    Nowhere,
}

/// Where a row stands that should begin with `prefix` and be the part number `part` of that.
pub(super) fn place_of(
    store: &dyn Store,
    prefix: &[u8],
    part: usize,
    (address, value): Row<'_>,
) -> Result<Place, StoreError> {
    let number = address.last_chunk().map(|bytes| usize::from(u16::from_be_bytes(*bytes)));
    if !address.starts_with(prefix) || store.get(address)?.as_deref() != Some(value) {
        return Ok(Place::Nowhere);
    }
    Ok(if number == Some(part) { Place::There } else { Place::Astray })
}

/// Shows each row of one owner, in order of seq, with its parts; ends with `interrupted` between two parts where `stop`
/// says so.
pub(in crate::vault) fn each_row(
    store: &dyn Store,
    table: Table,
    owner: &[u8; 16],
    stop: Option<&Stop>,
    visit: impl FnMut(u64, &[Vec<u8>]),
) -> Result<()> {
    grouped(store, table, owner, stop, |_, _| Ok(Place::There), visit)
}

/// As [`each_row`], but what who asks for it does not find is left out: a row of which nothing is found is not shown, and
/// one of which not every part is, one behind the other, is shown without parts, so that it does not open. Nothing may be
/// written meanwhile.
pub(super) fn each_row_in_place(
    store: &dyn Store,
    table: Table,
    owner: &[u8; 16],
    stop: Option<&Stop>,
    visit: impl FnMut(u64, &[Vec<u8>]),
) -> Result<()> {
    let prefix = [&[table as u8], owner.as_slice()].concat();
    grouped(store, table, owner, stop, |part, row| place_of(store, &prefix, part, row), visit)
}

/// Parts that are shown together.
struct Parts {
    seq: u64,
    values: Vec<Vec<u8>>,
    /// Some part is found by who asks for it.
    found: bool,
    /// Some part is not where it should be.
    astray: bool,
}

fn grouped(
    store: &dyn Store,
    table: Table,
    owner: &[u8; 16],
    stop: Option<&Stop>,
    place: impl Fn(usize, Row<'_>) -> Result<Place, StoreError>,
    mut visit: impl FnMut(u64, &[Vec<u8>]),
) -> Result<()> {
    let mut show = |row: Parts| {
        if row.found {
            visit(row.seq, if row.astray { &[] } else { &row.values });
        }
    };
    let mut current: Option<Parts> = None;
    let mut ended = Ok(());
    let (from, to) = layout::rows_of(table, owner);
    store.scan(&from, &to, &mut |(address, value)| {
        let Some((seq, _)) = layout::seq_and_part(address) else { return true };
        ended = go_on(stop).and_then(|()| {
            if let Some(row) = current.take_if(|row| row.seq != seq) {
                show(row);
            }
            let row = current.get_or_insert_with(|| Parts { seq, values: Vec::new(), found: false, astray: false });
            let place = place(row.values.len(), (address, value))?;
            row.found |= place != Place::Nowhere;
            row.astray |= place != Place::There;
            row.values.push(value.to_vec());
            Ok(())
        });
        ended.is_ok()
    })?;
    ended?;
    if let Some(row) = current {
        show(row);
    }
    Ok(())
}
