//! Imports as units: listing them, finding one that was killed.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

use super::super::journal;
use super::super::records::{raw, read_lock};
use super::super::session::{PROFILE, Session};
use super::super::shown::How;
use super::super::waiting::{NewEntry, Write};
use super::show::SHOWING;
use super::undo::HIDING;
use super::{Counts, ImportTarget};
use crate::access::Action;
use crate::audit::entry::Deed;
use crate::error::{Error, Result};
use crate::exchange::fhir::Identity;
use crate::id::{ProfileId, RecordId};
use crate::index::{Act, Header, RecordState, Version};
use crate::model::{How as Said, Provenance, Source as File, Summary};
use crate::time::Instant;

/// The kind of the records in `system` that say how far an import has come.
pub(super) const IMPORT: &str = "import";

/// An import that was done or begun.
#[derive(Clone, Debug, Serialize)]
pub struct ImportUnit {
    /// The import.
    pub import: RecordId,
    /// The input.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// `importing`, `done`, `failed` or `undone`.
    pub state: String,
    /// When it was begun.
    pub started_at: Instant,
    /// The people it is about.
    pub profiles: Vec<ProfileId>,
    /// What became of its resources.
    #[serde(flatten)]
    pub counts: Counts,
}

impl Session {
    /// The imports of the people the actor may see, newest first.
    pub fn imports(&self) -> Result<Vec<ImportUnit>> {
        let mut units = Vec::new();
        for (id, at, body) in self.import_records()? {
            let profiles = profiles_of(&body);
            // Its counts and the name of its file are about everything it brought.
            let seen = |profile: &ProfileId| self.may_everything(Action::Read, *profile);
            let operator = self.minds_the_door().is_ok();
            let shown = profiles.iter().any(seen) && profiles.iter().all(|id| seen(id) || !id.is_person());
            if !(operator || shown) {
                continue;
            }
            let path = self.import_path(id, &profiles)?;
            let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let count = |name: &str| body.pointer(&format!("/counts/{name}")).and_then(Value::as_u64).unwrap_or(0);
            units.push(ImportUnit {
                import: id,
                path,
                sha256: text("sha256"),
                // Begun, and nobody is at work: the process died, or the writing failed.
                state: match text("state") {
                    state if state == "importing" || state == SHOWING => {
                        if self.importing().contains(&id) { "importing" } else { "failed" }.to_owned()
                    }
                    // What has begun to be hidden is hidden whole.
                    state if state == HIDING => "undone".to_owned(),
                    state => state,
                },
                started_at: at,
                profiles,
                counts: Counts {
                    added: count("added"),
                    updated: count("updated"),
                    unchanged: count("unchanged"),
                    older: count("older"),
                    conflicts: count("conflicts"),
                    skipped: count("skipped"),
                },
            });
        }
        units.sort_by_key(|unit| std::cmp::Reverse(unit.started_at));
        Ok(units)
    }

    /// What was planned for an import before now is planned anew.
    pub(super) fn imports_changed(&self) {
        self.inner.imports_done.fetch_add(1, Ordering::SeqCst);
    }

    /// The imports that are being written now.
    pub(super) fn importing(&self) -> MutexGuard<'_, HashSet<RecordId>> {
        self.inner.importing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever imports for a person adds and amends records of every kind.
    pub(super) fn may_import_for(&self, profile: ProfileId) -> Result<()> {
        self.permit_everything(Action::Add, profile)?;
        self.permit_everything(Action::Amend, profile)
    }

    /// Whether [`Session::may_import_for`] would let the actor; nothing is noted.
    fn could_import_for(&self, profile: ProfileId) -> bool {
        self.may_everything(Action::Add, profile) && self.may_everything(Action::Amend, profile)
    }

    /// The records of imports: id, when it was begun, body.
    pub(super) fn import_records(&self) -> Result<Vec<(RecordId, Instant, Value)>> {
        let system = self.inner.open_profile(ProfileId::SYSTEM)?;
        let states: Vec<(RecordId, Instant, u64)> = {
            let index = read_lock(&system);
            let imports = index.records().filter(|state| state.kind() == IMPORT && !state.removed());
            imports.filter_map(|state| Some((state.id(), state.first().at(), state.current()?.seq()))).collect()
        };
        let damaged = |_| Error::corrupt("the record of an import has an unknown form; run `phm verify`");
        let read = |(id, at, seq)| Ok((id, at, serde_json::from_str(self.body(&system, seq)?.get()).map_err(damaged)?));
        states.into_iter().map(read).collect()
    }

    /// The name of an import's input: it stands with the people it is about, not in `system`.
    fn import_path(&self, id: RecordId, profiles: &[ProfileId]) -> Result<String> {
        for profile in profiles.iter().filter(|profile| self.inner.keys.has_profile(**profile)) {
            let open = self.inner.open_profile(*profile)?;
            if let Some(act) = read_lock(&open).import_act(id) {
                return Ok(act.title().to_owned());
            }
        }
        Ok(String::new())
    }

    /// The import of the same input for the same target that was begun and never completed; none of `taken`.
    pub(super) fn unfinished_import(&self, sha256: &str, target: &str, taken: &[RecordId]) -> Result<Option<RecordId>> {
        let mine = |body: &Value| body["state"] == "importing" && body["sha256"] == sha256 && body["target"] == target;
        let mut imports = self.import_records()?.into_iter();
        Ok(imports.find(|(id, _, body)| !taken.contains(id) && mine(body)).map(|(id, ..)| id))
    }

    /// Adds to `write` what is known of an import now.
    pub(super) fn save_import(&self, id: RecordId, body: &Value, write: &mut Write) -> Result<()> {
        let system = self.inner.open_profile(ProfileId::SYSTEM)?;
        let version = read_lock(&system).any(id).map_or(0, RecordState::last_version) + 1;
        let checked = self.check(IMPORT, body)?;
        let act = if version == 1 { Act::Create } else { Act::Amend };
        let header = self.header(act, id, IMPORT, version, &checked, self.provenance(&How::Typed))?;
        write.notes.push(self.deed(Deed::Administer, "import", ProfileId::SYSTEM, IMPORT, [id]));
        write.entries.push(entry(ProfileId::SYSTEM, header, Some(checked.json))?);
        Ok(())
    }

    /// The header of an entry about an import as a whole; `title` is the name of the input.
    pub(super) fn import_header(&self, act: Act, import: RecordId, title: String, source: Option<File>) -> Header {
        let provenance = Provenance { how: Said::Import, source, ..self.provenance(&How::Typed) };
        Header {
            at: self.inner.now(),
            act,
            record: import,
            kind: IMPORT.into(),
            version: 1,
            form: 1,
            occurred: None,
            labels: Vec::new(),
            provenance,
            import: None,
            identity: None,
            origin: false,
            resource: None,
            file: None,
            samples: None,
            summary: Summary { title, ..Summary::default() },
        }
    }

    /// The identities under which a profile's own Patient resource came.
    pub(super) fn patient_identities(&self, profile: ProfileId) -> Result<impl Iterator<Item = [u8; 16]> + use<>> {
        let open = self.inner.open_profile(profile)?;
        let index = read_lock(&open);
        let state = index.record(RecordId::from_bytes(*profile.as_bytes())).filter(|state| !state.removed());
        let versions = state.into_iter().filter(|state| state.kind() == PROFILE).flat_map(RecordState::versions);
        let keys: Vec<[u8; 16]> = versions.filter_map(|version| Some(version.identity()?.key)).collect();
        Ok(keys.into_iter())
    }

    /// What stands in the vault of who a person is: the body of their `profile`, as JSON.
    pub(super) fn says_who(&self, profile: ProfileId) -> Result<Option<String>> {
        let open = self.inner.open_profile(profile)?;
        let seq = {
            let index = read_lock(&open);
            let state = index.record(RecordId::from_bytes(*profile.as_bytes())).filter(|state| !state.removed());
            state.and_then(RecordState::current).map(Version::seq)
        };
        seq.map(|seq| Ok(self.body(&open, seq)?.get().to_owned())).transpose()
    }

    /// The identities of Patient resources that are kept beside what says who the person is, because that was written by
    /// hand or came from elsewhere.
    pub(super) fn kept_patients(&self, profile: ProfileId) -> Result<Vec<[u8; 16]>> {
        let open = self.inner.open_profile(profile)?;
        let index = read_lock(&open);
        let mut keys = Vec::new();
        for state in index.records().filter(|state| !state.removed() && state.kind() == "fhir-resource") {
            let newest = state.visible().find(|version| version.resource() == Some("Patient"));
            keys.extend(newest.and_then(Version::identity).map(|identity| identity.key));
        }
        Ok(keys)
    }

    /// The profiles that imports made for people of whom there was no Patient resource.
    pub(super) fn nameless_profiles(&self) -> Result<Vec<ProfileId>> {
        let mut nameless = Vec::new();
        for profile in self.inner.profile_ids() {
            if !profile.is_person() || !self.could_import_for(profile) {
                continue;
            }
            let open = self.inner.open_profile(profile)?;
            let index = read_lock(&open);
            let first = index.record(RecordId::from_bytes(*profile.as_bytes())).map(RecordState::first);
            if first.is_some_and(|first| first.import().is_some() && first.identity().is_none()) {
                nameless.push(profile);
            }
        }
        Ok(nameless)
    }

    /// The first of `profiles` that holds the resource with this identity.
    pub(super) fn who_holds(&self, profiles: &[ProfileId], identity: &[u8; 16]) -> Result<Option<ProfileId>> {
        for profile in profiles {
            if read_lock(&*self.inner.open_profile(*profile)?).by_identity(identity).is_some() {
                return Ok(Some(*profile));
            }
        }
        Ok(None)
    }

    /// Every Patient the vault knows and the actor may import for.
    ///
    /// One that is kept beside a profile means that person too, unless it says who somebody else is, or stands beside
    /// two of them: then it means whom `target` names, where it is one of these, and otherwise nobody.
    pub(super) fn known_patients(&self, target: ImportTarget) -> Result<HashMap<[u8; 16], ProfileId>> {
        let mut beside: HashMap<[u8; 16], Option<ProfileId>> = HashMap::new();
        let mut own: HashMap<[u8; 16], ProfileId> = HashMap::new();
        for profile in self.inner.profile_ids() {
            if !profile.is_person() || !self.could_import_for(profile) {
                continue;
            }
            own.extend(self.patient_identities(profile)?.map(|key| (key, profile)));
            // As whom an export of this vault names them.
            own.insert(*Identity::of(None, "Patient", &profile.to_string()).as_bytes(), profile);
            let wanted = target == ImportTarget::Profile(profile);
            for key in self.kept_patients(profile)? {
                let who = beside.entry(key).or_insert(Some(profile));
                if wanted {
                    *who = Some(profile);
                } else if who.is_some_and(|who| who != profile && target != ImportTarget::Profile(who)) {
                    *who = None;
                }
            }
        }
        let mut known: HashMap<_, _> = beside.into_iter().filter_map(|(key, who)| Some((key, who?))).collect();
        known.extend(own);
        Ok(known)
    }
}

/// An entry that is ready to be written.
pub(super) fn entry(profile: ProfileId, header: Header, json: Option<String>) -> Result<NewEntry> {
    let body = json.map(raw).transpose()?;
    let prepared = journal::prepare(&header, body.as_deref())?;
    Ok(NewEntry { profile, header, prepared, origin: None })
}

/// The people an import's record says it brought something to.
pub(super) fn profiles_of(body: &Value) -> Vec<ProfileId> {
    ids(body, "profiles")
}

/// The people an import's record says it made.
pub(super) fn made_of(body: &Value) -> Vec<ProfileId> {
    ids(body, "made")
}

fn ids(body: &Value, name: &str) -> Vec<ProfileId> {
    let ids = body.get(name).and_then(Value::as_array).into_iter().flatten();
    ids.filter_map(|id| id.as_str()?.parse().ok()).collect()
}
