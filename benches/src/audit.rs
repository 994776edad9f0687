//! The rows about the audit log: how long verifying it takes.

use std::path::Path;

use phm_core::access::Action;
use phm_core::index::Query;

use crate::house::{House, KIND};
use crate::table::{Row, Target, interleaved};

/// Entries in the log that is verified.
const ENTRIES: u32 = 1_000_000;

/// Measures and gives the rows.
pub fn rows(data: &Path, rounds: usize) -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let folder = data.join("audit");
    std::fs::create_dir_all(&folder)?;
    let house = House::create(&folder)?;
    // Each look at a list is an entry of its own; a thousand and more share a row, as they do when many people look.
    let permit = house.session.permit(Action::Read, house.profile, KIND)?;
    for _ in 0..ENTRIES {
        house.session.summaries(&permit, &Query::default())?;
    }
    let mut verified = || {
        let begun = std::time::Instant::now();
        let report = house.vault.verify(None).expect("verified");
        assert!(report.ok && report.audit.size > u64::from(ENTRIES / 2048));
        begun.elapsed().as_secs_f64()
    };
    let [seconds] = interleaved(rounds, [&mut verified]);
    let rows = house.vault.audit_size()?;
    let what = format!("verify 1,000,000 audit entries, in {rows} rows");
    Ok(vec![Row::alone(&what, "s", Target::AtMost(5.0), seconds)])
}
