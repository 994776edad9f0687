//! Salvage: whatever can still be read of a damaged vault, written as plain JSON lines and plain files.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Gap, Salvaged};
use crate::crypto::durable;
use crate::crypto::secret::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::{Act, FileRef};
use crate::store::Generations;
use crate::time::Instant;
use crate::vault::{Options, SalvageFolder, Saved};

/// Writes every entry whose seal opens to `out/<profile>.ndjson`, one line an entry: seq, what it did, record, kind,
/// version, body, where it was imported the original, and for a document the name of its content in `out/documents`.
/// Behind them come the samples of each series, one a line: the series, the entry that added it, when it was taken, its
/// value. They are **not sealed**; only their owner may read them.
///
/// It is not necessary that the storage engine still opens its files, nor that they are whole. What a power cut took back
/// may be among the entries.
///
/// # Errors
/// `not-empty` when `out` holds something; `wrong-secret`; `corrupt` when even the keys do not open.
pub fn salvage(dir: &Path, out: &Path, secret: &Secret, options: Options) -> Result<Salvaged> {
    if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::new(ErrorKind::Conflict, "not-empty", "the folder is not empty; salvage into a new one"));
    }
    let source = SalvageFolder::open(dir, secret)?;
    durable::create_folder(out)?;
    let mut report = Salvaged::default();
    let mut people = Vec::new();
    for profile in source.profiles() {
        let mut person = Person::begin(&source, out, profile)?;
        source.in_files(profile, |seq, saved| person.save(&mut report, seq, saved))?;
        person.sync()?;
        people.push(person);
    }
    // All that was found so is safe before the engine touches its files.
    match source.engine(&options) {
        Ok(store) => {
            report.engine_opens = true;
            for person in &mut people {
                let known = person.saved.clone();
                let read = source.in_engine(&store, person.profile, &known, |seq, found| match found {
                    Some(saved) => person.save(&mut report, seq, saved),
                    None => {
                        person.lost.insert(seq);
                        Ok(())
                    }
                });
                report.engine_opens &= read.is_ok();
                person.samples(Some(&store))?;
            }
        }
        Err(error) if error.kind() == ErrorKind::Corrupt => {
            people.iter_mut().try_for_each(|person| person.samples(None))?;
        }
        Err(error) => return Err(error),
    }
    for person in people {
        person.end(&mut report)?;
    }
    Ok(report)
}

/// What is being saved of one person.
struct Person<'s> {
    source: &'s SalvageFolder,
    out: &'s Path,
    profile: ProfileId,
    path: PathBuf,
    lines: BufWriter<File>,
    saved: BTreeSet<u64>,
    series: BTreeSet<RecordId>,
    /// Entries the engine has a row of that does not open.
    lost: BTreeSet<u64>,
}

impl<'s> Person<'s> {
    fn begin(source: &'s SalvageFolder, out: &'s Path, profile: ProfileId) -> Result<Self> {
        let path = out.join(format!("{profile}.ndjson"));
        let lines = BufWriter::new(durable::private().write(true).create_new(true).open(&path)?);
        let (saved, series, lost) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Ok(Self { source, out, profile, path, lines, saved, series, lost })
    }

    fn save(&mut self, report: &mut Salvaged, seq: u64, (header, body, original): Saved) -> Result<()> {
        let mut line = json!({"seq": seq, "act": header.act, "record": header.record, "kind": header.kind,
            "version": header.version, "recorded_at": header.at, "body": body, "original": original});
        if let Some(file) = &header.file {
            let name = format!("documents/{}", file.file);
            if !self.out.join(&name).exists() && !report.lost_documents.contains(&file.file) {
                match self.content(file, &self.out.join(&name)) {
                    Ok(()) => report.documents += 1,
                    Err(_) => report.lost_documents.push(file.file),
                }
            }
            line["content"] = if report.lost_documents.contains(&file.file) { json!(null) } else { name.into() };
        }
        writeln!(self.lines, "{line}")?;
        if header.act == Act::Append {
            self.series.insert(header.record);
        }
        self.saved.insert(seq);
        report.entries += 1;
        Ok(())
    }

    /// Writes the content of a document as far as it opens; an error where that is not all of it.
    fn content(&self, file: &FileRef, path: &Path) -> Result<()> {
        let mut content = self.source.document(file)?;
        durable::create_folder(&self.out.join("documents"))?;
        let mut out = durable::private().write(true).create_new(true).open(path)?;
        std::io::copy(&mut content, &mut out).inspect_err(|_| {
            // Half a document would be taken for a whole one: it says in its name that it is not.
            let _ = fs::rename(path, path.with_extension("part"));
        })?;
        Ok(out.sync_all()?)
    }

    /// Writes the samples of every series: those the engine shows and, where it shows not all of them, what is found in
    /// the files, among it what was taken back.
    fn samples(&mut self, store: Option<&Generations>) -> Result<()> {
        for series in std::mem::take(&mut self.series) {
            let mut known = BTreeSet::new();
            let lines = &mut self.lines;
            let mut show = |entry: u64, at: Instant, value: String| {
                if known.insert((entry, at, value.clone())) {
                    writeln!(lines, "{}", json!({"series": series, "entry": entry, "at": at, "value": value}))?;
                }
                Ok(())
            };
            let lost = store.map(|store| self.source.samples_in_engine(store, self.profile, series, &mut show));
            if !matches!(lost, Some(Ok(0))) {
                self.source.samples_in_files(self.profile, series, &mut show)?;
            }
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        self.lines.flush()?;
        Ok(self.lines.get_ref().sync_all()?)
    }

    fn end(mut self, report: &mut Salvaged) -> Result<()> {
        self.sync()?;
        if self.saved.is_empty() {
            fs::remove_file(&self.path)?;
        } else if self.profile.is_person() {
            report.profiles += 1;
        }
        // An address can say anything: only an entry that opens proves that there were others before it.
        let last = self.saved.last().copied().unwrap_or_default();
        let missing = (1..last).filter(|seq| !self.saved.contains(seq));
        let gaps: BTreeSet<u64> = missing.chain(self.lost.iter().copied()).collect();
        report.gaps.extend(gaps.into_iter().map(|seq| Gap { profile: self.profile, seq }));
        Ok(())
    }
}
