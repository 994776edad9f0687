//! Salvage: whatever can still be read of a damaged vault or of damaged backups, written as plain JSON lines and plain
//! files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::remains::{self, Work};
use super::{Gap, LostSamples, Salvaged};
use crate::crypto::durable;
use crate::crypto::secret::Secret;
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::index::{Act, FileRef};
use crate::model::{Kind as _, Series};
use crate::store::Generations;
use crate::time::Instant;
use crate::vault::{Options, SalvageFolder, Saved};

/// Writes every entry whose seal opens to `out/<profile>.ndjson`, one line an entry: seq, what it did, record, kind,
/// version, body, where it was imported the original, and for a document the name of its content in `out/documents`. Of a
/// content that is damaged, what opens from its beginning on stands under its name with `.part` behind it.
///
/// Behind them come the samples of each series, one a line: the series, the entry that added it, when it was taken, its
/// value, and whether that entry was taken back. An entry that adds samples says how many, one that takes them back which
/// entry it undoes. All of it is **not sealed**; only its owner may read it.
///
/// It is not necessary that the storage engine still opens its files, nor that they are whole. What a power cut took back
/// may be among the entries.
///
/// # Errors
/// `not-empty` when `out` holds something; `wrong-secret`; `corrupt` when even the keys do not open.
pub fn salvage(dir: &Path, out: &Path, secret: &Secret, options: Options) -> Result<Salvaged> {
    is_empty(out)?;
    save(&SalvageFolder::open(dir, secret)?, out, Some(&options))
}

/// As [`salvage`], of backups that do not restore any more: a full one with its increments, or a folder with all of them.
/// What was erased by the time of the newest backup that still has its keys is not among it; backups without keys, which
/// stand at the end of the file, are read with those of the others.
///
/// # Errors
/// `not-empty` when `out` holds something; `wrong-secret`; `corrupt` when none of the backups has its keys left.
pub fn salvage_backups(from: &[PathBuf], out: &Path, secret: &Secret) -> Result<Salvaged> {
    is_empty(out)?;
    let work = Work::beside(out)?;
    save(&remains::look(from, &work, secret)?, out, None)
}

fn is_empty(out: &Path) -> Result<()> {
    if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::new(ErrorKind::Conflict, "not-empty", "the folder is not empty; salvage into a new one"));
    }
    Ok(())
}

/// Saves everything there is; where there is an engine, what it still shows too.
fn save(source: &SalvageFolder, out: &Path, engine: Option<&Options>) -> Result<Salvaged> {
    durable::create_folder(out)?;
    let mut report = Salvaged::default();
    let mut people = Vec::new();
    for profile in source.profiles() {
        let mut person = Person::begin(source, out, profile)?;
        source.in_files(profile, |seq, saved| person.save(&mut report, seq, saved))?;
        person.sync()?;
        people.push(person);
    }
    // All that was found so is safe before the engine touches its files.
    match engine.map(|options| source.engine(options)) {
        Some(Ok(store)) => {
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
                person.samples(&mut report, Some(&store))?;
            }
        }
        Some(Err(error)) if error.kind() != ErrorKind::Corrupt => return Err(error),
        Some(Err(_)) | None => {
            people.iter_mut().try_for_each(|person| person.samples(&mut report, None))?;
        }
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
    /// Of each series how many samples its entries added.
    series: BTreeMap<RecordId, BTreeMap<u64, u64>>,
    /// Entries whose samples were taken back.
    undone: BTreeSet<u64>,
    /// Entries the engine has a row of that does not open.
    lost: BTreeSet<u64>,
}

impl<'s> Person<'s> {
    fn begin(source: &'s SalvageFolder, out: &'s Path, profile: ProfileId) -> Result<Self> {
        let path = out.join(format!("{profile}.ndjson"));
        let lines = BufWriter::new(durable::private().write(true).create_new(true).open(&path)?);
        let (saved, undone, lost) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Ok(Self { source, out, profile, path, lines, saved, series: BTreeMap::new(), undone, lost })
    }

    fn save(&mut self, report: &mut Salvaged, seq: u64, (header, body, original): Saved) -> Result<()> {
        let mut line = json!({"seq": seq, "act": header.act, "record": header.record, "kind": header.kind,
            "version": header.version, "recorded_at": header.at, "body": body, "original": original});
        if let Some(file) = &header.file {
            let name = format!("documents/{}", file.file);
            if !self.out.join(&name).exists() && !report.lost_documents.contains(&file.file) {
                if self.content(file, &self.out.join(&name))? {
                    report.documents += 1;
                } else {
                    report.lost_documents.push(file.file);
                }
            }
            line["content"] = if report.lost_documents.contains(&file.file) { json!(null) } else { name.into() };
        }
        if let Some(mark) = &header.samples {
            line["samples"] = json!({"count": mark.count, "to": mark.to, "undoes": mark.undoes});
            self.undone.extend(mark.undoes);
        }
        writeln!(self.lines, "{line}")?;
        if &*header.kind == Series::NAME {
            let series = self.series.entry(header.record).or_default();
            if header.act == Act::Append {
                series.insert(seq, header.samples.map_or(0, |mark| mark.count));
            }
        }
        self.saved.insert(seq);
        report.entries += 1;
        Ok(())
    }

    /// Writes the content of a document as far as it opens; answers whether that is all of it.
    fn content(&self, file: &FileRef, path: &Path) -> Result<bool> {
        let Ok(mut content) = self.source.document(file) else { return self.beginning(file, path).map(|()| false) };
        let mut out = self.new_document(path)?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match content.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => out.write_all(&buffer[..read])?,
                Err(_) => {
                    fs::remove_file(path)?;
                    return self.beginning(file, path).map(|()| false);
                }
            }
        }
        out.sync_all()?;
        Ok(true)
    }

    /// Writes what opens of a damaged document. Half of one would be taken for a whole one: it says in its name that it is
    /// not.
    fn beginning(&self, file: &FileRef, path: &Path) -> Result<()> {
        let Ok(chunks) = self.source.beginning_of_document(file) else { return Ok(()) };
        let mut chunks = chunks.peekable();
        if chunks.peek().is_none() {
            return Ok(());
        }
        let mut out = self.new_document(&path.with_extension("part"))?;
        chunks.try_for_each(|chunk| out.write_all(&chunk))?;
        Ok(out.sync_all()?)
    }

    fn new_document(&self, path: &Path) -> Result<File> {
        durable::create_folder(&self.out.join("documents"))?;
        Ok(durable::private().write(true).create_new(true).open(path)?)
    }

    /// Writes the samples of every series: those the engine shows and, where it shows not all that its entries added, what
    /// is found in the files. What is in neither is named.
    fn samples(&mut self, report: &mut Salvaged, store: Option<&Generations>) -> Result<()> {
        for (series, added) in std::mem::take(&mut self.series) {
            let (known, found) = (BTreeSet::new(), BTreeMap::new());
            let mut shown = Shown { lines: &mut self.lines, undone: &self.undone, series, known, found };
            let (source, profile) = (self.source, self.profile);
            if let Some(store) = store {
                // What it does not show is seen in what the entries added.
                let _ = source
                    .samples_in_engine(store, profile, series, &mut |entry, at, value| shown.line(entry, at, value));
            }
            if added.iter().any(|(entry, count)| shown.of(*entry) < *count) {
                source.samples_in_files(profile, series, &mut |entry, at, value| shown.line(entry, at, value))?;
            }
            report.samples += shown.known.len() as u64;
            for (entry, count) in added {
                let lost = count.saturating_sub(shown.of(entry));
                if lost > 0 {
                    report.lost_samples.push(LostSamples { profile, series, entry, lost });
                }
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

/// The samples of one series that were written so far.
struct Shown<'p> {
    lines: &'p mut BufWriter<File>,
    undone: &'p BTreeSet<u64>,
    series: RecordId,
    known: BTreeSet<(u64, Instant, String)>,
    /// How many of each entry.
    found: BTreeMap<u64, u64>,
}

impl Shown<'_> {
    /// Writes a sample, unless it was written before.
    fn line(&mut self, entry: u64, at: Instant, value: String) -> Result<()> {
        let mut line = json!({"series": self.series, "entry": entry, "at": at, "value": value});
        if self.undone.contains(&entry) {
            line["taken_back"] = true.into();
        }
        if self.known.insert((entry, at, value)) {
            *self.found.entry(entry).or_default() += 1;
            writeln!(self.lines, "{line}")?;
        }
        Ok(())
    }

    fn of(&self, entry: u64) -> u64 {
        self.found.get(&entry).copied().unwrap_or(0)
    }
}
