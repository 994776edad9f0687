//! Salvage: whatever can still be read of a damaged vault, written as plain JSON lines.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use serde_json::json;

use super::{Gap, Salvaged};
use crate::crypto::durable;
use crate::crypto::secret::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::index::Act;
use crate::vault::{Options, SalvageFolder};

/// Writes every entry whose seal opens to `out/<profile>.ndjson`, one line an entry: seq, what it did, record, kind,
/// version, body and, where it was imported, the original. Behind them come the samples of each series of which the row
/// opens, one a line: the series, the entry that added it, when it was taken, its value. The files are **not sealed**; only their owner may read them.
///
/// # Errors
/// `not-empty` when `out` holds something; `corrupt` when even the keys or the engine's files do not open.
pub fn salvage(dir: &Path, out: &Path, secret: &Secret, options: Options) -> Result<Salvaged> {
    if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::new(ErrorKind::Conflict, "not-empty", "the folder is not empty; salvage into a new one"));
    }
    durable::create_folder(out)?;
    let source = SalvageFolder::open(dir, secret, &options)?;
    let mut report = Salvaged::default();
    for profile in source.profiles() {
        let path = out.join(format!("{profile}.ndjson"));
        let file = durable::private().write(true).create_new(true).open(&path)?;
        let (mut lines, mut saved, mut next) = (BufWriter::new(file), 0, 1);
        let (mut gaps, mut series) = (BTreeSet::new(), BTreeSet::new());
        source.entries(profile, |seq, found| {
            let Some((header, body, original)) = found else {
                gaps.insert(seq);
                return Ok(());
            };
            // An address can say anything: only an entry that opens proves that there were others before it.
            gaps.extend(next..seq);
            next = seq.saturating_add(1);
            if header.act == Act::Append {
                series.insert(header.record);
            }
            let line = json!({"seq": seq, "act": header.act, "record": header.record, "kind": header.kind,
                "version": header.version, "recorded_at": header.at, "body": body, "original": original});
            writeln!(lines, "{line}")?;
            saved += 1;
            Ok(())
        })?;
        for series in series {
            source.samples(profile, series, |entry, at, value| {
                writeln!(lines, "{}", json!({"series": series, "entry": entry, "at": at, "value": value}))?;
                Ok(())
            })?;
        }
        report.gaps.extend(gaps.into_iter().map(|seq| Gap { profile, seq }));
        lines.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        if saved == 0 {
            fs::remove_file(path)?;
        } else if profile.is_person() {
            report.profiles += 1;
        }
        report.entries += saved;
    }
    Ok(report)
}
