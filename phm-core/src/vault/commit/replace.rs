//! An entry in the place of another one.

use crate::audit::entry::{Pseudonym, Remark, Written};
use crate::crypto;
use crate::error::{Error, Result};
use crate::store::Batch;
use crate::store::layout::{Blinded, Table};
use crate::vault::Inner;
use crate::vault::journal::context;
use crate::vault::ledger::Noted;
use crate::vault::profiles::Head;
use crate::vault::waiting::Replacement;

/// Adds an entry in the place of another one to `rows`, and says so in the note about its person.
pub(super) fn replace(
    inner: &Inner,
    blinded: &Blinded,
    head: &Head,
    new: &Replacement,
    about: &mut Noted,
    rows: &mut Batch,
) -> Result<()> {
    let Replacement { profile, seq, prepared } = new;
    if *seq == 0 || *seq > head.seq {
        return Err(Error::internal("an entry is to be replaced that was never written"));
    }
    let (epoch, key) = inner.keys.profile_key(*profile)?;
    let context = context(inner.marker.vault, Table::Journal, *profile, *seq);
    let sealed = crypto::seal(inner.marker.suite, &key, epoch, &context, prepared);
    let reader = inner.reader(*profile, *blinded);
    let pseudonym = Pseudonym::from_bytes(head.pseudonym);
    for (table, kept) in [(Table::Journal, sealed.len()), (Table::Origin, 0)] {
        let old = reader.parts(table, *seq)?.map_or(0, |parts| parts.len());
        for part in kept..old {
            let part = u16::try_from(part).map_err(|_| Error::internal("a body has too many parts"))?;
            rows.delete(reader.address(table, *seq, part));
        }
        if old > 0 {
            about.remarks.push(Remark::Purged { table, pseudonym, from: *seq, to: *seq + 1 });
        }
    }
    for (part, sealed) in (0_u16..).zip(sealed) {
        rows.replace(reader.address(Table::Journal, *seq, part), sealed);
    }
    let commitment = prepared.commitment();
    about.writes.push(Written { table: Table::Journal, pseudonym, seq: *seq, commitment });
    Ok(())
}
