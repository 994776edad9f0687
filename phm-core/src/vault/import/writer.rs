//! The second pass: every resource becomes entries of the people it belongs to, in batches, and the last commit shows them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Instant as Stopwatch;

use serde_json::json;

use super::super::commit::{NewEntry, Write};
use super::super::journal;
use super::super::records::{raw, read_lock};
use super::super::session::{PROFILE, Session};
use super::outcome::{Outcome, decide, known, newness};
use super::units::{IMPORT, entry};
use super::{Counts, ImportReport, ImportRequest, ImportRun, ImportTarget, Progress, Totals};
use crate::audit::entry::Deed;
use crate::crypto::Prepared;
use crate::crypto::digest::{hex, sha256};
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::fhir::{Belonging, Mapped, Owner, Placed, Plan, Source};
use crate::id::{ProfileId, RecordId};
use crate::index::{Act, Header, Identity, ImportMark, RecordState};
use crate::model::{How as Said, Provenance, Source as File};

/// Entries of one commit, and bytes of their bodies.
const BATCH_ENTRIES: usize = 256;
const BATCH_BYTES: usize = 2 << 20;
/// Resources between two words of progress.
const PROGRESS_EVERY: u64 = 250;
/// Resources looked at to recognise somebody without a Patient resource.
const FIRST_LOOK: u32 = 100;
const ENOUGH: &str = "enough was read";

pub(super) struct Writer<'w> {
    session: &'w Session,
    request: &'w ImportRequest,
    sources: &'w [Source],
    plan: &'w Plan,
    /// The import of each source.
    ids: Vec<RecordId>,
    /// The profile of each person of the plan; without one in a dry run that would make one.
    profiles: Vec<Option<ProfileId>>,
    /// Those that this import makes.
    made: HashSet<ProfileId>,
    runs: Vec<ImportRun>,
    /// The profiles each source is about; the report has them in order.
    about: Vec<HashSet<ProfileId>>,
    /// The profiles in which each source wrote something.
    touched: Vec<BTreeSet<ProfileId>>,
    batch: Write,
    bytes: usize,
    in_batch: BTreeMap<ProfileId, u64>,
    /// In a dry run, what repeated resources said before.
    seen: HashMap<([u8; 16], u32), [u8; 16]>,
    done: u64,
    total: u64,
    /// The epoch of the policy at which this import was last allowed.
    epoch: u64,
    /// Held as long as this import is written.
    running: Option<Running<'w>>,
}

/// Imports that are being written; nobody else takes them up meanwhile.
struct Running<'w> {
    session: &'w Session,
    ids: Vec<RecordId>,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut importing = self.session.importing();
        for id in &self.ids {
            importing.remove(id);
        }
    }
}

impl<'w> Writer<'w> {
    /// Makes or takes up the imports of a request; from here on new people have keys.
    pub fn new(
        session: &'w Session,
        request: &'w ImportRequest,
        sources: &'w [Source],
        plan: &'w Plan,
    ) -> Result<Self> {
        let runs: Vec<ImportRun> = plan
            .sources()
            .iter()
            .map(|report| ImportRun {
                import: RecordId::new(),
                path: report.name.clone(),
                sha256: hex(&report.seen.sha256),
                format: "fhir-r4",
                profiles: Vec::new(),
                resources: report.resources.clone(),
                kinds: BTreeMap::new(),
                counts: Counts { skipped: report.skipped, ..Counts::default() },
                refused: report.refused_entries.clone(),
                left_out: report.skipped_entries.clone(),
                seconds: 0.0,
            })
            .collect();
        let total = runs.iter().flat_map(|run| run.resources.values()).sum();
        let mut writer = Self {
            session,
            request,
            sources,
            plan,
            ids: runs.iter().map(|run| run.import).collect(),
            profiles: plan.people().iter().map(|person| person.known).collect(),
            made: HashSet::new(),
            about: vec![HashSet::new(); runs.len()],
            touched: vec![BTreeSet::new(); runs.len()],
            runs,
            batch: Write::default(),
            bytes: 0,
            in_batch: BTreeMap::new(),
            seen: HashMap::new(),
            done: 0,
            total,
            epoch: session.people()?.epoch,
            running: None,
        };
        if let Some(first) = writer.runs.first_mut() {
            first.refused.extend(plan.other_patients().iter().cloned());
        }
        writer.find_nameless()?;
        if !request.dry_run {
            writer.begin()?;
        }
        Ok(writer)
    }

    /// Finds the profiles that an earlier import made for people without a Patient resource: by what they hold.
    fn find_nameless(&mut self) -> Result<()> {
        let nameless =
            |at: usize, profiles: &[Option<ProfileId>]| self.plan.people()[at].body.is_none() && profiles[at].is_none();
        let mut profiles = self.profiles.clone();
        if !(0..profiles.len()).any(|at| nameless(at, &profiles)) {
            return Ok(());
        }
        let candidates = self.session.nameless_profiles()?;
        let mut left = FIRST_LOOK;
        for number in 0..self.sources.len() {
            if candidates.is_empty() || left == 0 {
                break;
            }
            let looked = self.plan.read(self.sources, number, &mut |placed| {
                if left == 0 {
                    return Err(Error::internal(ENOUGH));
                }
                left -= 1;
                for belonging in placed.owners() {
                    let Owner::Person(person) = belonging.owner else { continue };
                    let at = person as usize;
                    if nameless(at, &profiles) {
                        profiles[at] = self.session.who_holds(&candidates, placed.identity().as_bytes())?;
                    }
                }
                Ok(())
            });
            match looked {
                Err(error) if error.to_string() == ENOUGH => {}
                other => other?,
            }
        }
        self.profiles = profiles;
        Ok(())
    }

    /// Which target the record of an import names, so that only the same request takes it up: the people it makes are
    /// counted over all of its inputs.
    fn target(&self) -> String {
        match self.request.target {
            ImportTarget::Profile(profile) => profile.to_string(),
            ImportTarget::NewProfiles => {
                let inputs: Vec<&[u8]> = self.runs.iter().map(|run| run.sha256.as_bytes()).collect();
                format!("new-profiles {}", hex(&sha256(&inputs)))
            }
        }
    }

    /// Takes up the imports that an earlier run of the same request left, or begins new ones.
    fn take_up(&mut self) -> Result<()> {
        let target = self.target();
        let session = self.session;
        let mut importing = session.importing();
        for at in 0..self.runs.len() {
            let run = &mut self.runs[at];
            if let Some(id) = session.unfinished_import(&run.sha256, &target, &self.ids[..at])? {
                if importing.contains(&id) {
                    let text = "the same input is being imported already; wait until that is done";
                    return Err(Error::new(ErrorKind::Conflict, "conflict", text));
                }
                run.import = id;
                self.ids[at] = id;
            }
        }
        importing.extend(&self.ids);
        self.running = Some(Running { session, ids: self.ids.clone() });
        Ok(())
    }

    fn begin(&mut self) -> Result<()> {
        self.take_up()?;
        // A person's id follows from the import and their place in the plan: a killed import finds the ones it made.
        let salt = self.ids[0];
        for (at, slot) in self.profiles.iter_mut().enumerate().filter(|(_, slot)| slot.is_none()) {
            let hash = sha256(&[b"phm import person", salt.as_bytes(), &(at as u64).to_be_bytes()]);
            let id = ProfileId::version_four(std::array::from_fn(|at| hash[at]));
            *slot = Some(id);
            self.made.insert(id);
        }
        let keys = &self.session.inner.keys;
        let fresh: Vec<ProfileId> = self.made.iter().copied().filter(|id| !keys.has_profile(*id)).collect();
        if !fresh.is_empty() {
            keys.add_profiles(&fresh)?;
        }
        let mut write = Write::default();
        for at in 0..self.runs.len() {
            self.save(at, "importing", &mut write)?;
        }
        self.session.inner.committer.commit(write)?;
        for (at, profile) in self.profiles.clone().into_iter().enumerate() {
            let nameless = self.plan.people()[at].body.is_none();
            if let Some(profile) = profile.filter(|id| nameless && self.made.contains(id)) {
                self.name_nobody(profile)?;
            }
        }
        Ok(())
    }

    /// Writes what is known of an import to `system`.
    fn save(&self, at: usize, state: &str, write: &mut Write) -> Result<()> {
        let run = &self.runs[at];
        let made: Vec<ProfileId> =
            self.profiles.iter().flatten().copied().filter(|id| self.made.contains(id)).collect();
        let body = json!({
            "state": state, "sha256": run.sha256, "target": self.target(), "profiles": self.touched[at],
            "made": made, "counts": run.counts, "resources": run.resources,
        });
        self.session.save_import(self.ids[at], &body, write)
    }

    /// Makes the record of a person of whom the input has no Patient resource.
    fn name_nobody(&mut self, profile: ProfileId) -> Result<()> {
        let id = RecordId::from_bytes(*profile.as_bytes());
        let open = self.session.inner.open_profile(profile)?;
        if read_lock(&open).any(id).is_some() {
            return Ok(());
        }
        let checked = self.session.check(PROFILE, &json!({"name": {"text": "(name not known)"}}))?;
        let provenance = self.provenance();
        let header = self.session.header(Act::Create, id, PROFILE, 1, &checked, provenance)?;
        let header = Header { import: Some(ImportMark { import: self.ids[0], item: 0 }), ..header };
        self.push(0, profile, entry(profile, header, Some(checked.json))?);
        Ok(())
    }

    fn provenance(&self) -> Provenance {
        Provenance { how: Said::Import, ..self.session.provenance(&super::super::records::How::Typed) }
    }

    /// Reads and writes everything, and shows it.
    pub fn run(mut self, progress: &mut dyn FnMut(Progress)) -> Result<ImportReport> {
        let state = if self.request.dry_run { "checking" } else { "importing" };
        let (plan, sources, total) = (self.plan, self.sources, self.total);
        // A dry run over broken input lists what is broken and goes no further.
        if !plan.is_refused() {
            for number in 0..sources.len() {
                let started = Stopwatch::now();
                plan.read(sources, number, &mut |placed| {
                    if self.done.is_multiple_of(PROGRESS_EVERY) {
                        progress(Progress { done: self.done, total, state });
                    }
                    self.done += 1;
                    self.take(number, &placed)
                })?;
                self.runs[number].seconds = started.elapsed().as_secs_f64();
            }
        }
        if !self.request.dry_run {
            self.flush()?;
            self.complete()?;
        }
        progress(Progress { done: self.done, total, state: "done" });
        Ok(ImportReport { dry_run: self.request.dry_run, imports: self.runs, totals: Totals::default() })
    }

    fn take(&mut self, number: usize, placed: &Placed<'_>) -> Result<()> {
        let mut best: Option<Outcome> = None;
        let mut kind = None;
        if self.plan.repeats(&placed.identity()) && !self.request.dry_run {
            // The earlier one of the same identity must be in the index before this one is compared with it.
            self.flush()?;
        }
        for belonging in placed.owners() {
            let (outcome, as_kind) = self.place(number, placed, belonging)?;
            kind.get_or_insert(as_kind);
            if best.is_none_or(|best| rank(outcome) > rank(best)) {
                best = Some(outcome);
            }
        }
        let run = &mut self.runs[number];
        *run.kinds.entry(kind.unwrap_or("fhir-resource").to_owned()).or_default() += 1;
        match best {
            Some(Outcome::Add { .. } | Outcome::Written { added: true }) => run.counts.added += 1,
            Some(Outcome::Update { .. } | Outcome::Written { added: false }) => run.counts.updated += 1,
            Some(Outcome::Conflict) => run.counts.conflicts += 1,
            Some(Outcome::Older) => run.counts.older += 1,
            Some(Outcome::Unchanged) | None => run.counts.unchanged += 1,
        }
        // Only between two resources, so that all owners of one have it or none.
        if self.batch.entries.len() >= BATCH_ENTRIES || self.bytes >= BATCH_BYTES { self.flush() } else { Ok(()) }
    }

    /// What becomes of a resource for one of its owners.
    fn place(&mut self, number: usize, placed: &Placed<'_>, belonging: Belonging) -> Result<(Outcome, &'static str)> {
        let profile = match belonging.owner {
            Owner::Library => Some(ProfileId::LIBRARY),
            Owner::Person(person) => self.profiles[person as usize],
        };
        let key = *placed.identity().as_bytes();
        let digest = placed.content();
        let content: [u8; 16] = std::array::from_fn(|at| digest[at]);
        let Some(profile) = profile else { return Ok(self.would_place(placed, belonging, key, content)) };
        if self.about[number].insert(profile) {
            self.runs[number].profiles.push(profile);
        }
        let open = self.session.inner.open_profile(profile)?;
        let index = read_lock(&open);
        let known = known(&index, &key, &self.ids);
        let outcome = match known {
            None => Outcome::Add { version: 1 },
            Some(state) => decide(state, &content, placed.freshness(), &self.ids),
        };
        let known = known.map(|state| (state.id(), state.kind().to_owned(), state.last_version()));
        if self.request.dry_run && self.plan.repeats(&placed.identity()) && matches!(outcome, Outcome::Add { .. }) {
            drop(index);
            return Ok(self.would_place(placed, belonging, key, content));
        }
        if matches!(outcome, Outcome::Unchanged | Outcome::Older | Outcome::Written { .. }) {
            let kind = known.and_then(|(_, kind, _)| self.session.inner.options.kinds.get(&kind).map(|info| info.name));
            if matches!(outcome, Outcome::Written { .. }) {
                self.touched[number].insert(profile);
            }
            return Ok((outcome, kind.unwrap_or("fhir-resource")));
        }
        let salt = self.ids[0];
        let records = |identity: &crate::exchange::fhir::Identity, there: bool| {
            let known = index.by_identity(identity.as_bytes()).map(RecordState::id);
            known.or_else(|| there.then(|| new_id(salt, profile, identity.as_bytes(), &[])))
        };
        let mut mapped = placed.map(belonging, &records);
        let own_record = RecordId::from_bytes(*profile.as_bytes());
        let is_own = known.as_ref().is_some_and(|(id, ..)| *id == own_record);
        if is_own && outcome == Outcome::Conflict {
            mapped = placed.map(Belonging { about: false, ..belonging }, &records);
        } else if mapped.kind.name == PROFILE && !is_own {
            // One Patient says who a profile is; another, or one beside a profile typed by hand, is kept as it came.
            let taken = profile == ProfileId::LIBRARY
                || index.any(own_record).is_some()
                || self.batch.entries.iter().any(|entry| entry.header.record == own_record);
            if taken {
                mapped = placed.map(Belonging { about: false, ..belonging }, &records);
            }
        }
        drop(index);
        let name = mapped.kind.name;
        if self.request.dry_run {
            return Ok((outcome, name));
        }
        let (id, version) = match (&known, outcome) {
            (Some((id, kind, _)), Outcome::Add { version } | Outcome::Update { version }) if *kind == name => {
                (*id, version)
            }
            (Some((id, kind, last)), Outcome::Update { .. }) => {
                // It is another kind now: the old record goes, a new one takes its place. Only the record that says
                // who the person is stays: without it nothing of theirs could be reached.
                if !is_own {
                    self.remove(number, placed.ordinal(), profile, *id, kind, last + 1)?;
                }
                (new_id(salt, profile, &key, &content), 1)
            }
            (Some(_), _) => (new_id(salt, profile, &key, &content), 1),
            (None, _) if name == PROFILE => (own_record, 1),
            (None, _) => (new_id(salt, profile, &key, &[]), 1),
        };
        let mark = ImportMark { import: self.ids[number], item: placed.ordinal() };
        let identity = Identity { key, content, newness: newness(placed.freshness()) };
        let entry = self.entry(profile, id, version, outcome, mapped, mark, identity, placed)?;
        self.push(number, profile, entry);
        Ok((outcome, name))
    }

    /// In a dry run: what would become of a resource of somebody who is not known yet, or that the input repeats.
    fn would_place(
        &mut self,
        placed: &Placed<'_>,
        belonging: Belonging,
        key: [u8; 16],
        content: [u8; 16],
    ) -> (Outcome, &'static str) {
        let name = placed.map(belonging, &|_, there| there.then(|| RecordId::from_bytes([0; 16]))).kind.name;
        if !self.plan.repeats(&placed.identity()) {
            return (Outcome::Add { version: 1 }, name);
        }
        let owner = if let Owner::Person(person) = belonging.owner { person } else { u32::MAX };
        let outcome = match self.seen.insert((key, owner), content) {
            None => Outcome::Add { version: 1 },
            Some(before) if before == content => Outcome::Written { added: false },
            Some(_) => Outcome::Update { version: 2 },
        };
        (outcome, name)
    }

    #[allow(clippy::too_many_arguments)] // the parts of one entry, each from another place
    fn entry(
        &self,
        profile: ProfileId,
        id: RecordId,
        version: u32,
        outcome: Outcome,
        mapped: Mapped,
        mark: ImportMark,
        identity: Identity,
        placed: &Placed<'_>,
    ) -> Result<NewEntry> {
        let Mapped { kind, body } = mapped;
        let act = if matches!(outcome, Outcome::Update { .. }) && version > 1 { Act::Amend } else { Act::Create };
        let header = self.session.header(act, id, kind.name, version, &body, self.provenance())?;
        let header = Header {
            import: Some(mark),
            identity: Some(identity),
            origin: true,
            resource: Some(placed.resource_type().into()),
            ..header
        };
        let body = raw(body.json)?;
        let prepared = journal::prepare(&header, Some(&body))?;
        let origin = Some(Prepared::new(&placed.origin().encode())?);
        Ok(NewEntry { profile, header, prepared, origin })
    }

    /// Removes a record within this import.
    fn remove(
        &mut self,
        number: usize,
        item: u64,
        profile: ProfileId,
        id: RecordId,
        kind: &str,
        version: u32,
    ) -> Result<()> {
        let summary = {
            let open = self.session.inner.open_profile(profile)?;
            let index = read_lock(&open);
            index.any(id).ok_or_else(Error::not_found)?.newest().header().summary
        };
        let header = self.session.import_header(Act::Remove, id, String::new(), None);
        let import = Some(ImportMark { import: self.ids[number], item });
        let header = Header { kind: kind.into(), version, import, summary, ..header };
        self.push(number, profile, entry(profile, header, None)?);
        Ok(())
    }

    fn push(&mut self, number: usize, profile: ProfileId, entry: NewEntry) {
        self.bytes += entry.prepared.sealed_len() + entry.origin.as_ref().map_or(0, Prepared::sealed_len);
        self.touched[number].insert(profile);
        *self.in_batch.entry(profile).or_default() += 1;
        self.batch.entries.push(entry);
    }

    /// Makes the batch durable.
    fn flush(&mut self) -> Result<()> {
        if self.batch.entries.is_empty() {
            return Ok(());
        }
        self.ask_again()?;
        let mut write = std::mem::take(&mut self.batch);
        self.bytes = 0;
        for (profile, count) in std::mem::take(&mut self.in_batch) {
            let mut note = self.session.deed(Deed::Import, "import", profile, IMPORT, [self.ids[0]]);
            note.count = count;
            write.notes.push(note);
        }
        self.session.inner.committer.commit(write)
    }

    /// Asks the policy again where relations or grants have changed since the import began.
    fn ask_again(&mut self) -> Result<()> {
        let people = self.session.people()?;
        if people.epoch == self.epoch {
            return Ok(());
        }
        if self.session.actor.account().is_some_and(|account| !people.active(account)) {
            return Err(Error::new(ErrorKind::Denied, "account-inactive", "this account is not active"));
        }
        for profile in self.profiles.iter().flatten().filter(|id| !self.made.contains(id)) {
            self.session.may_import_for(*profile)?;
        }
        self.epoch = people.epoch;
        Ok(())
    }

    /// Makes everything visible, in one commit.
    fn complete(&mut self) -> Result<()> {
        self.ask_again()?;
        let mut write = Write::default();
        for (at, touched) in self.touched.iter().enumerate() {
            let run = &self.runs[at];
            for profile in touched {
                let file = File { file: file_name(&run.path), sha256: run.sha256.clone() };
                let header = self.session.import_header(Act::ImportComplete, run.import, run.path.clone(), Some(file));
                write.notes.push(self.session.deed(Deed::Import, "import-complete", *profile, IMPORT, [run.import]));
                write.entries.push(entry(*profile, header, None)?);
            }
            self.save(at, "done", &mut write)?;
        }
        let owner = self.session.actor.account().or(self.request.owner);
        for profile in &self.made {
            if let Some(owner) = owner {
                self.session.relate(owner, *profile, "owner", &mut write)?;
            }
        }
        self.session.inner.committer.commit(write)?;
        for profile in self.touched.iter().flatten() {
            if let Some(open) = self.session.inner.if_open(*profile) {
                self.session.inner.checkpoint(&open);
            }
        }
        Ok(())
    }
}

/// When a resource has several owners, the outcome that counts is the one that changed most.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Unchanged => 0,
        Outcome::Older => 1,
        Outcome::Update { .. } | Outcome::Written { added: false } => 2,
        Outcome::Add { .. } | Outcome::Written { added: true } => 3,
        Outcome::Conflict => 4,
    }
}

/// The id of a new record, the same again when a killed import is taken up: a UUIDv4 in form, from the random id of the
/// import and what identifies the resource.
fn new_id(salt: RecordId, profile: ProfileId, identity: &[u8; 16], more: &[u8]) -> RecordId {
    let hash = sha256(&[b"phm import", salt.as_bytes(), profile.as_bytes(), identity, more]);
    RecordId::version_four(std::array::from_fn(|at| hash[at]))
}

/// The last part of a path.
fn file_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}
