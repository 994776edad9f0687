//! Where everything stands: the tables and the addresses of their rows.
//!
//! An address is a table tag and fixed-width fields in big-endian order, so that rows of one profile lie
//! together and in order. No name, date, kind or code ever stands in an address: people appear only as a
//! blinded profile (`crypto::blind`).

/// No address is longer than 64 bytes, so none stands behind this one.
pub const END: [u8; 65] = [u8::MAX; 65];

/// The tables of a vault, by the tag their addresses begin with.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Table {
    /// Record entries: blinded profile, seq, part. Append only.
    Journal = 1,
    /// Exact bytes of imported resources: blinded profile, seq, part. Append only.
    Origin = 2,
    /// Blocks of samples: blinded series, block, part.
    Series = 3,
    /// What needs no history: blinded owner, hash of the key, part.
    State = 4,
    /// Audit rows: log, leaf, part. Append only.
    Audit = 5,
    /// Full tiles of the audit tree: log, level, number. Append only.
    Tile = 6,
    /// Last seq of a journal, or size and frontier of a log.
    Head = 7,
}

impl Table {
    /// Every table, in the order of their tags.
    pub const ALL: [Self; 7] =
        [Self::Journal, Self::Origin, Self::Series, Self::State, Self::Audit, Self::Tile, Self::Head];

    /// The table whose addresses begin with `tag`.
    pub fn of_tag(tag: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|table| *table as u8 == tag)
    }

    /// The length of the table's addresses.
    pub const fn address_length(self) -> usize {
        17 + match self {
            Self::Journal | Self::Origin | Self::Series | Self::Audit => 8 + 2,
            Self::State => 16 + 2,
            Self::Tile => 1 + 8,
            Self::Head => 0,
        }
    }

    /// The table's name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Origin => "origin",
            Self::Series => "series",
            Self::State => "state",
            Self::Audit => "audit",
            Self::Tile => "tile",
            Self::Head => "head",
        }
    }
}

/// A profile, series or owner as it appears in addresses.
pub type Blinded = [u8; 16];

fn address(table: Table, owner: &[u8; 16], fields: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(17 + 18);
    out.push(table as u8);
    out.extend_from_slice(owner);
    for field in fields {
        out.extend_from_slice(field);
    }
    out
}

/// A part of the entry `seq` of a journal.
pub fn journal(profile: &Blinded, seq: u64, part: u16) -> Vec<u8> {
    address(Table::Journal, profile, &[&seq.to_be_bytes(), &part.to_be_bytes()])
}

/// A part of the original bytes that came with the entry `seq`.
pub fn origin(profile: &Blinded, seq: u64, part: u16) -> Vec<u8> {
    address(Table::Origin, profile, &[&seq.to_be_bytes(), &part.to_be_bytes()])
}

/// A part of a block of samples.
pub fn series(series: &Blinded, block: u64, part: u16) -> Vec<u8> {
    address(Table::Series, series, &[&block.to_be_bytes(), &part.to_be_bytes()])
}

/// A part of a state row.
pub fn state(owner: &Blinded, key: &[u8; 16], part: u16) -> Vec<u8> {
    address(Table::State, owner, &[key, &part.to_be_bytes()])
}

/// A part of an audit row.
pub fn audit(log: &[u8; 16], leaf: u64, part: u16) -> Vec<u8> {
    address(Table::Audit, log, &[&leaf.to_be_bytes(), &part.to_be_bytes()])
}

/// A full tile of the audit tree.
pub fn tile(log: &[u8; 16], level: u8, number: u64) -> Vec<u8> {
    address(Table::Tile, log, &[&[level], &number.to_be_bytes()])
}

/// The head of a journal (`owner` is a blinded profile) or of a log (`owner` is its id).
pub fn head(owner: &[u8; 16]) -> Vec<u8> {
    address(Table::Head, owner, &[])
}

/// The half-open range of all rows of a table that belong to `owner`.
pub fn rows_of(table: Table, owner: &[u8; 16]) -> (Vec<u8>, Vec<u8>) {
    let from = address(table, owner, &[]);
    let mut to = from.clone();
    // The address just behind the last one with this prefix.
    while let Some(last) = to.pop() {
        if last < u8::MAX {
            to.push(last + 1);
            break;
        }
    }
    (from, to)
}

/// The half-open range of all rows of a table.
pub fn rows(table: Table) -> (Vec<u8>, Vec<u8>) {
    (vec![table as u8], vec![table as u8 + 1])
}

/// Reads the fields of a journal or origin address: seq and part.
pub fn seq_and_part(address: &[u8]) -> Option<(u64, u16)> {
    let fields: &[u8; 10] = address.get(17..)?.try_into().ok()?;
    let (seq, part) = fields.split_at(8);
    Some((u64::from_be_bytes(seq.try_into().ok()?), u16::from_be_bytes(part.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_the_form_that_stands_on_disk() {
        let owner = [0xAB; 16];
        let hex = |bytes: Vec<u8>| bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        let owner_hex = "ab".repeat(16);
        assert_eq!(hex(journal(&owner, 1, 2)), format!("01{owner_hex}00000000000000010002"));
        assert_eq!(hex(origin(&owner, 1, 0)), format!("02{owner_hex}00000000000000010000"));
        assert_eq!(hex(tile(&owner, 1, 3)), format!("06{owner_hex}010000000000000003"));
        assert_eq!(hex(head(&owner)), format!("07{owner_hex}"));
        assert_eq!(seq_and_part(&journal(&owner, 7, 9)), Some((7, 9)));
    }

    #[test]
    fn the_rows_of_an_owner_end_before_the_next_owner() {
        for owner in [[0; 16], [0xFF; 16]] {
            let (from, to) = rows_of(Table::Journal, &owner);
            assert!(from < journal(&owner, 0, 0) && journal(&owner, u64::MAX, u16::MAX) < to);
            assert!(to <= rows(Table::Journal).1);
        }
    }
}
