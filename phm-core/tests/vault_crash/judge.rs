//! What must be true of a vault after its writer was killed: everything acknowledged is there, with its history, and
//! nothing is there in part.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use phm_core::access::Action;
use phm_core::backup;
use phm_core::crypto::secret::Secret;
use phm_core::id::{ProfileId, RecordId};
use phm_core::index::Query;
use phm_core::vault::{Removed, Session, Vault};
use serde_json::Value;

use crate::chores::GUEST;
use crate::house;
use crate::inputs::{self, PEOPLE, READINGS};
use crate::writer::{LANES, TOGETHER, content, lane_profile, series_of, times_of};

/// What was acknowledged so far.
#[derive(Default)]
pub struct Judge {
    /// By lane and record: what each version says.
    records: HashMap<(String, RecordId), BTreeMap<u32, String>>,
    counter: u64,
    documents: HashMap<RecordId, u64>,
    /// Samples of the times from 0 to below this one were acknowledged.
    samples: i64,
    /// Times of samples that were taken back.
    undone: Vec<i64>,
    /// Inputs known to be imported: all below this number.
    pub imported: u32,
    /// How many samples are added together, where it is not as many as the writer adds.
    pub together: Option<i64>,
    /// Whether the last guest is known to be erased.
    guest_gone: bool,
    /// The recovery code, where it is known which one it is.
    code: Option<String>,
    /// The input whose import was cut off, if one was.
    pub unfinished: Option<u32>,
    /// A backup that was acknowledged and not yet tried out.
    backup: Option<PathBuf>,
    /// Kills by what they fell into: a commit of records, state or documents, an import, or one of the chores.
    pub inside: BTreeMap<String, u32>,
    /// Acts that failed since the vault was compared last: nobody knows what became of them.
    failed: usize,
    /// Records that were touched since they were last compared.
    fresh: Vec<(String, RecordId)>,
}

impl Judge {
    /// Takes down what a writer has said until it was killed.
    pub fn hear(&mut self, said: &[String]) {
        let mut begun: HashMap<&str, &str> = HashMap::new();
        for line in said {
            let words: Vec<&str> = line.splitn(5, ' ').collect();
            match words[..] {
                ["begin", lane, ..] => {
                    self.guest_gone &= line != "begin chore erase";
                    if line == "begin chore ways" {
                        self.code = None;
                    }
                    begun.insert(lane, line);
                }
                ["ack", "chore", ..] => {
                    begun.remove("chore");
                    match words[2..] {
                        ["backup", file] => self.backup = Some(file.into()),
                        ["erase"] => self.guest_gone = true,
                        ["ways", code] => self.code = Some(code.to_owned()),
                        _ => {}
                    }
                }
                ["failed", ..] => self.failed += 1,
                ["ack", lane @ ("state" | "document" | "import"), ..] => {
                    begun.remove(lane);
                    let number = words[2].parse::<u64>();
                    match lane {
                        "state" => self.counter = number.expect("a number"),
                        "document" => {
                            let seed = words[3].parse().expect("a seed");
                            self.documents.insert(words[2].parse().expect("an id"), seed);
                        }
                        _ => self.imported_now(number.expect("a number"), words[3], words[4]),
                    }
                }
                ["ack", "series", next, ref undone @ ..] => {
                    begun.remove("series");
                    let next = next.parse().expect("a number");
                    self.samples = next;
                    self.undone.extend(undone.iter().map(|_| -next));
                }
                ["ack", lane, id, version, text] => {
                    begun.remove(lane);
                    let key = (lane.to_owned(), id.parse().expect("an id"));
                    let versions = self.records.entry(key.clone()).or_default();
                    versions.insert(version.parse().expect("a number"), text.to_owned());
                    self.fresh.push(key);
                }
                _ => assert_eq!(line, "start", "the writer said something else: {said:?}"),
            }
        }
        if let Some(line) = begun.remove("import") {
            *self.inside.entry("import".into()).or_default() += 1;
            self.unfinished = line.rsplit(' ').next().and_then(|number| number.parse().ok());
        }
        if let Some(chore) = begun.remove("chore").and_then(|line| line.split(' ').nth(2)) {
            *self.inside.entry(chore.to_owned()).or_default() += 1;
        }
        *self.inside.entry("commit".into()).or_default() += u32::from(!begun.is_empty());
    }

    fn imported_now(&mut self, number: u64, added: &str, rest: &str) {
        let number = u32::try_from(number).expect("few");
        let (a, u, same) = inputs::counts_of(number);
        let (said, expected) = (format!("{added} {rest}"), format!("{a} {u} {same}"));
        // One that failed only by its last answer is there already.
        let again = self.failed > 0 && said == format!("0 0 {}", a + u + same);
        assert!(said == expected || again, "input {number} was counted {said}, not {expected}");
        self.imported = number + 1;
        self.unfinished = None;
    }

    /// Opens the vault and compares it with what was acknowledged; with `resume`, a cut-off import is taken up again.
    pub fn check(&mut self, dir: &Path, inputs: &Path, resume: bool) -> Result<(), String> {
        let vault = house::open(dir).map_err(|error| format!("the vault does not open: {error}"))?;
        let session = house::operator(&vault);
        let outcome = self.compare(&vault, &session, inputs, resume);
        self.failed = 0;
        let report = vault.verify(None).map_err(|error| format!("verify: {error}"))?;
        if report.ok { outcome } else { Err(format!("damaged: {}", house::damage(&report))) }
    }

    fn compare(&mut self, vault: &Vault, session: &Session, inputs: &Path, resume: bool) -> Result<(), String> {
        for lane in LANES {
            self.records_of(session, lane)?;
        }
        let counter = vault.state::<u64>(ProfileId::SYSTEM, "counter").map_err(said)?.unwrap_or(0);
        if counter < self.counter || counter > self.counter + 1 + self.failed as u64 {
            return Err(format!("state {} was acknowledged, the row says {counter}", self.counter));
        }
        // What a writer was killed before it could acknowledge is there all the same, and stays: the next one goes on
        // from it.
        self.counter = counter;
        self.samples(session)?;
        let lane = lane_profile(session, LANES[0]);
        let read = session.permit(Action::Read, lane, "document").map_err(said)?;
        for (id, seed) in std::mem::take(&mut self.documents) {
            let mut bytes = Vec::new();
            let mut document = session.document(&read, id).map_err(said)?;
            document.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
            if bytes != content(seed) {
                return Err(format!("document {seed} is not what it was"));
            }
        }
        if self.guest_gone && session.profiles().map_err(said)?.iter().any(|card| card.name == GUEST) {
            return Err("the guest was erased and is there".into());
        }
        if let Some(code) = &self.code {
            let code = Secret::recovery_code(code).expect("a code");
            vault.admits(&code).map_err(|error| format!("the recovery code that was acknowledged: {error}"))?;
        }
        if let Some(file) = self.backup.take() {
            let drilled = backup::drill(&file, &house::key(), house::options());
            if !drilled.map_err(|error| format!("the backup that was acknowledged: {error}"))?.ok {
                return Err("the backup that was acknowledged is damaged".into());
            }
        }
        self.imports(session, inputs, resume)
    }

    /// Every acknowledged sample is there once, and of the entry that was on its way all or none; what was taken back is
    /// not.
    fn samples(&mut self, session: &Session) -> Result<(), String> {
        let Some(series) = series_of(session) else {
            return if self.samples == 0 { Ok(()) } else { Err("the series is gone".into()) };
        };
        let times = times_of(session, series).map_err(said)?;
        let first = times.partition_point(|at| *at < 0);
        let next = times.last().map_or(0, |last| (last + 1).max(0));
        if !times[first..].iter().copied().eq(0..next) {
            return Err(format!("{} samples are not the first {next}", times.len() - first));
        }
        let together = self.together.unwrap_or(TOGETHER);
        let at_most = self.samples + together * i64::try_from(1 + self.failed).expect("few");
        if next < self.samples || next > at_most || next % together != 0 {
            return Err(format!("{} samples were acknowledged, {next} are there", self.samples));
        }
        if let Some(at) = self.undone.iter().find(|at| times.binary_search(at).is_ok()) {
            return Err(format!("sample {at} was taken back and is there"));
        }
        self.samples = next;
        Ok(())
    }

    /// Every acknowledged version is in its record's history; at most one further one was on its way, and those that
    /// failed may be there or not.
    fn records_of(&mut self, session: &Session, lane: &str) -> Result<(), String> {
        let profile = lane_profile(session, lane);
        let read = session.permit(Action::Read, profile, "condition").map_err(said)?;
        let all = Query { removed: true, per_page: u32::MAX, ..Query::default() };
        let listed = session.summaries(&read, &all).map_err(said)?.items;
        let of_lane = |known: &&(String, RecordId)| known.0 == lane;
        let fresh: Vec<_> = self.fresh.iter().filter(of_lane).cloned().collect();
        self.fresh.retain(|known| known.0 != lane);
        let mut surplus = 0;
        for key in fresh {
            let known = self.records.get_mut(&key).expect("taken down with it");
            surplus += adopt(session, &read, key.1, known)?;
        }
        for row in &listed {
            if let Entry::Vacant(unknown) = self.records.entry((lane.to_owned(), row.id)) {
                let mut versions = BTreeMap::new();
                surplus += adopt(session, &read, row.id, &mut versions)?;
                unknown.insert(versions);
            }
        }
        if surplus > 1 + self.failed {
            return Err(format!("{lane}: {surplus} versions nobody acknowledged, but only one was on its way"));
        }
        let versions: HashMap<RecordId, u32> = listed.iter().map(|row| (row.id, row.version)).collect();
        for ((_, id), known) in self.records.iter().filter(|((of, _), _)| of == lane) {
            let last = known.last_key_value().map(|(version, _)| *version);
            if versions.get(id).copied() != last {
                return Err(format!("{lane}: version {last:?} is known, the list says {:?}", versions.get(id)));
            }
        }
        Ok(())
    }

    /// A cut-off import has shown nothing, and the same request completes it with the counts of an undisturbed one.
    fn imports(&mut self, session: &Session, inputs: &Path, resume: bool) -> Result<(), String> {
        if let Some(number) = self.unfinished {
            if shows(session, number)? {
                // The last commit was durable before its acknowledgement could be said.
                self.imported = number + 1;
                self.unfinished = None;
            } else if number % 2 == 1 && !shows(session, number - 1)? {
                return Err(format!("input {} was replaced by a part of input {number}", number - 1));
            } else if resume {
                let report = house::import(session, &inputs::input(inputs, number)).map_err(said)?;
                let counts = report.totals.counts;
                if (counts.added, counts.updated, counts.unchanged) != inputs::counts_of(number) {
                    return Err(format!("input {number} was taken up and counted {counts:?}"));
                }
                self.imported = number + 1;
                self.unfinished = None;
            }
        }
        let Some(last) = self.imported.checked_sub(1) else { return Ok(()) };
        if self.unfinished.is_none() {
            if !shows(session, last)? {
                return Err(format!("input {last} was imported and is not there"));
            }
            let again = house::import(session, &inputs::input(inputs, last)).map_err(said)?.totals.counts;
            if (again.added, again.updated) != (0, 0) || !shows(session, last)? {
                return Err(format!("input {last} came again and changed something: {again:?}"));
            }
        }
        Ok(())
    }

    /// Compares every record, and every family's readings, once more.
    pub fn check_all(&mut self, dir: &Path) -> Result<(), String> {
        let vault = house::open(dir).map_err(said)?;
        let session = house::operator(&vault);
        self.fresh = self.records.keys().cloned().collect();
        for lane in LANES {
            self.records_of(&session, lane)?;
        }
        for last in (0..self.imported).filter(|number| number % 2 == 1 || number + 1 == self.imported) {
            if !shows(&session, last)? {
                return Err(format!("input {last} is not there any more"));
            }
        }
        Ok(())
    }
}

/// Compares a record's history with what is known of it; answers how many versions were new.
fn adopt(
    session: &Session,
    read: &phm_core::access::Permit,
    id: RecordId,
    known: &mut BTreeMap<u32, String>,
) -> Result<usize, String> {
    let history = session.history(read, id).map_err(said)?;
    let acknowledged = known.len();
    for (number, version) in (1..).zip(&history) {
        let body: Value = serde_json::from_str(version.body.get()).map_err(|error| error.to_string())?;
        let text = body.pointer("/concept/text").and_then(Value::as_str).unwrap_or_default();
        let says = if version.action == "remove" { "remove" } else { text };
        if version.version != number || known.get(&number).is_some_and(|known| known != says) {
            return Err(format!("version {number} of {id} is {} and says `{says}`, not {known:?}", version.version));
        }
        known.insert(number, says.to_owned());
    }
    if history.len() < acknowledged {
        return Err(format!("{acknowledged} versions of {id} were acknowledged, {} are there", history.len()));
    }
    let session_says = session.read(read, id, Removed::Show).map_err(said)?;
    let newest = u32::try_from(history.len()).expect("few");
    if session_says.version != newest {
        return Err(format!("record {id} reads as version {}, its history ends at {newest}", session_says.version));
    }
    Ok(history.len() - acknowledged)
}

/// Whether an input is to be seen; an error if a part of it is.
fn shows(session: &Session, number: u32) -> Result<bool, String> {
    let cards = session.profiles().map_err(said)?;
    let value = inputs::value_of(number).to_string();
    let mut seen = 0;
    for person in 0..PEOPLE {
        let name = inputs::name_of(number, person);
        let same: Vec<_> = cards.iter().filter(|card| card.name == name).collect();
        if same.len() > 1 {
            return Err(format!("{name} is there {} times", same.len()));
        }
        let Some(card) = same.first() else { continue };
        let read = session.permit(Action::Read, card.profile, "vital-sign").map_err(said)?;
        let all = Query { per_page: u32::MAX, ..Query::default() };
        let rows = session.summaries(&read, &all).map_err(said)?.items;
        let right = rows.iter().filter(|row| row.value.as_deref() == Some(value.as_str())).count();
        if rows.len() != READINGS as usize || (right != 0 && right != rows.len()) {
            return Err(format!("{name}: {} readings, {right} of them of input {number}", rows.len()));
        }
        seen += u32::from(right > 0);
    }
    if seen != 0 && seen != PEOPLE {
        return Err(format!("input {number} shows {seen} of its {PEOPLE} people"));
    }
    Ok(seen == PEOPLE)
}

fn said(error: phm_core::Error) -> String {
    error.to_string()
}
