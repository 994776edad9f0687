//! The rows of one owner, part by part, and whether each stands where it is found.
//!
//! Who reads in order and who asks for one address go different ways through an engine. Where its own order is damaged,
//! such as by a bit that flipped in an address, the first may come by a row that the second does not find, and that is
//! therefore no longer given out.

use super::Stop;
use crate::error::Result;
use crate::store::layout::{self, Table};
use crate::store::{Store, StoreError};
use crate::vault::session::interrupted;

/// The bytes of an address before its part.
const PART: usize = 2;

/// Whether who asks for a row finds it, and it is the part number `part` of what begins with `prefix`.
pub(super) fn stands(store: &dyn Store, prefix: &[u8], part: usize, address: &[u8]) -> Result<bool, StoreError> {
    let number = address.last_chunk::<PART>().map(|bytes| usize::from(u16::from_be_bytes(*bytes)));
    Ok(address.starts_with(prefix) && number == Some(part) && store.get(address)?.is_some())
}

/// Shows each row of one owner, in order of seq, with its parts.
pub(in crate::vault) fn each_row(
    store: &dyn Store,
    table: Table,
    owner: &[u8; 16],
    visit: impl FnMut(u64, &[Vec<u8>]),
) -> Result<()> {
    grouped(store, table, owner, |_, _| Ok(true), None, visit)
}

/// As [`each_row`], but a row of which a part does not stand where it is found is shown without parts, so that it does not
/// open; ends with `interrupted` between two rows where `stop` says so.
pub(super) fn each_row_until(
    store: &dyn Store,
    table: Table,
    owner: &[u8; 16],
    stop: Option<&Stop>,
    visit: impl FnMut(u64, &[Vec<u8>]),
) -> Result<()> {
    let prefix = [&[table as u8], owner.as_slice()].concat();
    grouped(store, table, owner, |address, part| stands(store, &prefix, part, address), stop, visit)
}

/// Rows whose parts are shown together, one after the other.
struct Row {
    seq: u64,
    parts: Vec<Vec<u8>>,
    astray: bool,
}

fn grouped(
    store: &dyn Store,
    table: Table,
    owner: &[u8; 16],
    stands: impl Fn(&[u8], usize) -> Result<bool, StoreError>,
    stop: Option<&Stop>,
    mut visit: impl FnMut(u64, &[Vec<u8>]),
) -> Result<()> {
    let mut show = |row: &Row| {
        let parts: &[Vec<u8>] = if row.astray { &[] } else { &row.parts };
        visit(row.seq, parts);
    };
    let mut current: Option<Row> = None;
    let mut ended = Ok(());
    let (from, to) = layout::rows_of(table, owner);
    store.scan(&from, &to, &mut |(address, value)| {
        let Some((seq, _)) = layout::seq_and_part(address) else { return true };
        if current.as_ref().is_none_or(|row| row.seq != seq) {
            if let Some(row) = current.replace(Row { seq, parts: Vec::new(), astray: false }) {
                show(&row);
            }
            if stop.is_some_and(|stop| stop()) {
                ended = Err(interrupted());
                current = None;
                return false;
            }
        }
        let Some(row) = &mut current else { return false };
        match stands(address, row.parts.len()) {
            Ok(true) => row.parts.push(value.to_vec()),
            Ok(false) => row.astray = true,
            Err(error) => {
                ended = Err(error.into());
                return false;
            }
        }
        true
    })?;
    ended?;
    if let Some(row) = current {
        show(&row);
    }
    Ok(())
}
