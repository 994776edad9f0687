//! One resource: what becomes of it for each person it belongs to, and the entries that say so.

use std::cmp::Ordering;

use super::{BATCH_BYTES, BATCH_ENTRIES, Writer};
use crate::crypto::Prepared;
use crate::crypto::digest::sha256;
use crate::error::{Error, Result};
use crate::exchange::fhir::{Belonging, Mapped, Owner, Placed, json, to_fhir};
use crate::id::{ProfileId, RecordId};
use crate::index::{Act, Header, Identity, ImportMark, RecordState};
use crate::vault::export::value_of;
use crate::vault::import::outcome::{Outcome, Was, decide, known, newness, said_before, written};
use crate::vault::import::units::entry;
use crate::vault::journal;
use crate::vault::labels;
use crate::vault::profiles::OpenProfile;
use crate::vault::records::read_lock;
use crate::vault::session::PROFILE;
use crate::vault::waiting::NewEntry;

impl Writer<'_> {
    /// Writes one resource of an input for each of its owners, and counts it once.
    pub(super) fn take(&mut self, number: usize, placed: &Placed<'_>) -> Result<()> {
        let mut best: Option<Outcome> = None;
        let mut kind = None;
        if self.plan.repeats(&placed.identity()) && !self.request.dry_run {
            // The earlier one of the same identity must be in the index before this one is compared with it.
            self.flush()?;
        }
        for (profile, belonging) in self.whose(placed) {
            let (outcome, as_kind) = self.place(number, placed, profile, belonging)?;
            kind.get_or_insert(as_kind);
            if best.is_none_or(|best| rank(outcome) > rank(best)) {
                best = Some(outcome);
            }
        }
        let run = &mut self.runs[number];
        *run.kinds.entry(kind.unwrap_or("fhir-resource").to_owned()).or_default() += 1;
        match best {
            Some(Outcome::Add { .. } | Outcome::Written(Was::Added)) => run.counts.added += 1,
            Some(Outcome::Update { .. } | Outcome::Written(Was::Updated)) => run.counts.updated += 1,
            Some(Outcome::Conflict | Outcome::Written(Was::Conflict)) => run.counts.conflicts += 1,
            Some(Outcome::Older) => run.counts.older += 1,
            Some(Outcome::Unchanged) | None => run.counts.unchanged += 1,
        }
        // Only between two resources, so that all owners of one have it or none.
        if self.batch.entries.len() >= BATCH_ENTRIES || self.bytes >= BATCH_BYTES { self.flush() } else { Ok(()) }
    }

    /// The owners of a resource, each profile once: the vault may know a person by several Patient resources.
    fn whose(&self, placed: &Placed<'_>) -> Vec<(Option<ProfileId>, Belonging)> {
        let mut owners: Vec<(Option<ProfileId>, Belonging)> = Vec::new();
        for belonging in placed.owners() {
            let profile = match belonging.owner {
                Owner::Library => Some(ProfileId::LIBRARY),
                Owner::Person(person) => self.profiles[person as usize],
            };
            match owners.iter_mut().find(|(known, _)| known.is_some() && *known == profile) {
                Some((_, before)) => before.about |= belonging.about,
                None => owners.push((profile, belonging)),
            }
        }
        owners
    }

    /// What becomes of a resource for one of its owners; without a profile in a dry run that would make one.
    fn place(
        &mut self,
        number: usize,
        placed: &Placed<'_>,
        profile: Option<ProfileId>,
        belonging: Belonging,
    ) -> Result<(Outcome, &'static str)> {
        let key = *placed.identity().as_bytes();
        let digest = placed.content();
        let content: [u8; 16] = std::array::from_fn(|at| digest[at]);
        let Some(profile) = profile else {
            let outcome = self.foreseen(placed, None, belonging, content, Outcome::Add { version: 1 });
            return Ok((outcome, would_be(placed, belonging)));
        };
        if self.about[number].insert(profile) {
            self.runs[number].profiles.push(profile);
        }
        // Who imports for a dependant they are only the guardian of changes nothing of who that is; see `keeps_birth_date`.
        let says_who = self.made.contains(&profile) || self.session.keeps_records_of(profile)?;
        let open = self.session.inner.open_profile(profile)?;
        let came_back = self.came_back(&open, placed)?;
        let index = read_lock(&open);
        let mark = ImportMark { import: self.ids[number], item: placed.ordinal() };
        let (known, outcome) = match written(&index, &key, mark, &self.ids) {
            Some((state, was)) => (Some(state), Outcome::Written(was)),
            None => match known(&index, &key, &self.ids) {
                None => match came_back.and_then(|id| index.record(id)) {
                    None => (None, Outcome::Add { version: 1 }),
                    typed => (typed, Outcome::Unchanged),
                },
                Some(state) => {
                    let repeated =
                        || self.plan.repeats(&placed.identity()) && said_before(&index, &key, &content, &self.ids);
                    (Some(state), decide(state, &content, placed.freshness(), &self.ids, &repeated))
                }
            },
        };
        // What was sensitive stays so, whatever a later resource says of it.
        let marked = known.and_then(RecordState::current).map_or_else(Vec::new, |current| current.labels().to_vec());
        let known = known.map(|state| (state.id(), state.kind().to_owned(), state.last_version()));
        if self.request.dry_run {
            let foreseen = self.foreseen(placed, Some(profile), belonging, content, outcome);
            if foreseen != outcome {
                drop(index);
                return Ok((foreseen, would_be(placed, belonging)));
            }
        }
        if matches!(outcome, Outcome::Unchanged | Outcome::Older | Outcome::Written(_)) {
            let kind = known.and_then(|(_, kind, _)| self.session.inner.options.kinds.get(&kind).map(|info| info.name));
            if matches!(outcome, Outcome::Written(_)) {
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
        if is_own && (outcome == Outcome::Conflict || !says_who) {
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
        let identity = Identity { key, content, newness: newness(placed.freshness()) };
        let entry = self.entry(profile, id, version, outcome, mapped, mark, identity, placed, &marked)?;
        self.push(number, profile, entry);
        Ok((outcome, name))
    }

    /// The record, typed by hand, that left an export of this vault as this resource and still says the same.
    fn came_back(&self, open: &OpenProfile, placed: &Placed<'_>) -> Result<Option<RecordId>> {
        let Some(id) = placed.id().and_then(|id| id.parse::<RecordId>().ok()) else { return Ok(None) };
        let typed = {
            let index = read_lock(open);
            let state = index.record(id).filter(|state| !state.removed());
            let state = state.filter(|state| state.versions().all(|version| version.identity().is_none()));
            state.and_then(|state| Some((state.kind().to_owned(), state.current()?.seq())))
        };
        let Some((kind, seq)) = typed else { return Ok(None) };
        let body = value_of(&self.session.body(open, seq)?)?;
        let left = to_fhir(&kind, &body, &id.to_string(), &self.session.patient_reference(open)?);
        Ok(json::same(&left, placed.origin().resource).is_ok_and(|same| same).then_some(id))
    }

    /// In a dry run, which writes nothing: what becomes of a resource that the input repeats, where `outcome` is what
    /// becomes of it beside the vault alone.
    fn foreseen(
        &mut self,
        placed: &Placed<'_>,
        profile: Option<ProfileId>,
        belonging: Belonging,
        content: [u8; 16],
        outcome: Outcome,
    ) -> Outcome {
        if !self.plan.repeats(&placed.identity()) {
            return outcome;
        }
        let person = match (profile, belonging.owner) {
            (None, Owner::Person(person)) => person,
            _ => u32::MAX,
        };
        let whose = (*placed.identity().as_bytes(), profile, person);
        let fresh = placed.freshness();
        let outcome = match self.seen.get(&whose) {
            None => outcome,
            Some((before, _)) if *before == content => Outcome::Unchanged,
            Some((_, before)) if fresh.compare(before) == Some(Ordering::Less) => Outcome::Older,
            Some(_) => Outcome::Update { version: 2 },
        };
        if !matches!(outcome, Outcome::Unchanged | Outcome::Older) {
            self.seen.insert(whose, (content, fresh));
        }
        outcome
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
        marked: &[Box<str>],
    ) -> Result<NewEntry> {
        let Mapped { kind, body } = mapped;
        let act = if matches!(outcome, Outcome::Update { .. }) && version > 1 { Act::Amend } else { Act::Create };
        let header = self.session.header(act, id, kind.name, version, &body, self.provenance())?;
        let said = labels::of_resource(kind.name, placed.node());
        let labels = labels::merged(&labels::merged(&header.labels, &said), marked);
        let header = Header {
            labels,
            import: Some(mark),
            identity: Some(identity),
            origin: true,
            resource: Some(placed.resource_type().into()),
            ..header
        };
        let prepared = journal::prepare_json(&header, Some(body.json.as_str()))?;
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
        let Header { summary, labels, .. } = {
            let open = self.session.inner.open_profile(profile)?;
            let index = read_lock(&open);
            index.any(id).ok_or_else(Error::not_found)?.newest().header()
        };
        let header = self.session.import_header(Act::Remove, id, String::new(), None);
        let import = Some(ImportMark { import: self.ids[number], item });
        let header = Header { kind: kind.into(), version, labels, import, summary, ..header };
        self.push(number, profile, entry(profile, header, None)?);
        Ok(())
    }
}

/// The kind that a resource would be, were it written.
fn would_be(placed: &Placed<'_>, belonging: Belonging) -> &'static str {
    placed.map(belonging, &|_, there| there.then(|| RecordId::from_bytes([0; 16]))).kind.name
}

/// When a resource has several owners, the outcome that counts is the one that changed most.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Unchanged => 0,
        Outcome::Older => 1,
        Outcome::Update { .. } | Outcome::Written(Was::Updated) => 2,
        Outcome::Add { .. } | Outcome::Written(Was::Added) => 3,
        Outcome::Conflict | Outcome::Written(Was::Conflict) => 4,
    }
}

/// The id of a new record, the same again when a killed import is taken up: a UUIDv4 in form, from the random id of the
/// import and what identifies the resource.
fn new_id(salt: RecordId, profile: ProfileId, identity: &[u8; 16], more: &[u8]) -> RecordId {
    let hash = sha256(&[b"phm import", salt.as_bytes(), profile.as_bytes(), identity, more]);
    RecordId::version_four(std::array::from_fn(|at| hash[at]))
}
