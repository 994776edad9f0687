//! The stored forms of the audit log: rows, their inner parts, tiles and the frontier.
#![no_main]

use libfuzzer_sys::fuzz_target;
use phm_core::audit::{AuditRow, Frontier, Inner, Row, Seen, Tile};

fuzz_target!(|data: &[u8]| {
    if let Ok(row) = Row::decode(data) {
        assert_eq!(Row::decode(&row.encode()).as_ref(), Ok(&row));
        let _ = (row.subjects(), row.writes().count());
        for entry in row.entries {
            let inner = Inner::decode(&entry.inner).ok();
            let _ = AuditRow::of(Seen { leaf: 0, entry, inner });
        }
    }
    if let Ok(inner) = Inner::decode(data) {
        assert_eq!(inner.encode(), data, "an inner part has one spelling");
    }
    if let Ok(frontier) = Frontier::decode(data) {
        assert_eq!(frontier.encode(), data);
        let _ = frontier.root();
    }
    if let Ok(tile) = Tile::decode(0, 0, data) {
        assert_eq!(tile.encode(), data);
        let _ = tile.root();
    }
});
