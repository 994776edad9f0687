//! Beginning an import, or taking up one that was killed: whose it is, under which ids, and what `system` knows of it.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use serde_json::json;

use super::Writer;
use crate::crypto::digest::{hex, sha256};
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::fhir::Owner;
use crate::id::{ProfileId, RecordId};
use crate::index::{Act, Header, ImportMark};
use crate::vault::import::ImportTarget;
use crate::vault::import::units::entry;
use crate::vault::records::read_lock;
use crate::vault::session::{PROFILE, Session};
use crate::vault::waiting::Write;

/// Resources of each looked at to recognise somebody without a Patient resource.
const FIRST_LOOK: u32 = 100;
const ENOUGH: &str = "enough was read";

/// How somebody without a Patient resource was looked for.
#[derive(Default)]
struct Looks {
    /// Resources about them that were looked at.
    done: u32,
    /// Who holds a resource that they share with others.
    shared: Option<ProfileId>,
}

/// Imports that are being written; nobody else takes them up meanwhile.
pub(super) struct Running<'w> {
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

impl Writer<'_> {
    /// Finds the profiles that an earlier import made for people without a Patient resource: by what they hold.
    ///
    /// What is about them decides. The practitioner or hospital that they share with others does only where the input
    /// holds nothing else of theirs.
    pub(super) fn find_nameless(&mut self) -> Result<()> {
        let nameless = |at: &usize| self.plan.people()[*at].body.is_none() && self.profiles[*at].is_none();
        let mut left: HashMap<usize, Looks> =
            (0..self.profiles.len()).filter(nameless).map(|at| (at, Looks::default())).collect();
        if left.is_empty() {
            return Ok(());
        }
        let mut profiles = self.profiles.clone();
        let mut candidates = self.session.nameless_profiles()?;
        for number in 0..self.sources.len() {
            if candidates.is_empty() || left.is_empty() {
                break;
            }
            let looked = self.plan.read(self.sources, number, &mut |placed| {
                if candidates.is_empty() || left.is_empty() {
                    return Err(Error::internal(ENOUGH));
                }
                for belonging in placed.owners() {
                    let Owner::Person(person) = belonging.owner else { continue };
                    let at = person as usize;
                    let Some(looks) = left.get_mut(&at) else { continue };
                    let says_who = belonging.about && !placed.is_shared();
                    if !says_who && (looks.done > 0 || looks.shared.is_some()) {
                        continue;
                    }
                    let found = self.session.who_holds(&candidates, placed.identity().as_bytes())?;
                    if !says_who {
                        looks.shared = found;
                        continue;
                    }
                    looks.done += 1;
                    if looks.done == FIRST_LOOK || found.is_some() {
                        left.remove(&at);
                    }
                    // Nobody else of the input is the same person.
                    candidates.retain(|candidate| Some(*candidate) != found);
                    profiles[at] = found;
                }
                Ok(())
            });
            match looked {
                Err(error) if error.to_string() == ENOUGH => {}
                other => other?,
            }
        }
        let mut only_shared: Vec<(usize, ProfileId)> = left
            .into_iter()
            .filter(|(_, looks)| looks.done == 0)
            .filter_map(|(at, it)| Some((at, it.shared?)))
            .collect();
        only_shared.sort_unstable();
        for (at, profile) in only_shared {
            if let Some(place) = candidates.iter().position(|candidate| *candidate == profile) {
                candidates.swap_remove(place);
                profiles[at] = Some(profile);
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

    /// Begins the import; answers `false`, with nothing done, when another one has changed the vault since this one was
    /// planned.
    pub(super) fn begin(&mut self, planned: u64) -> Result<bool> {
        self.take_up()?;
        let turn = self.session.inner.import_turn.lock().unwrap_or_else(PoisonError::into_inner);
        if self.session.inner.imports_done.load(Ordering::SeqCst) != planned {
            return Ok(false);
        }
        self.turn = Some(turn);
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
            self.save(at, "importing", None, &mut write)?;
        }
        self.session.inner.committer.commit(write)?;
        for (at, profile) in self.profiles.clone().into_iter().enumerate() {
            let nameless = self.plan.people()[at].body.is_none();
            if let Some(profile) = profile.filter(|id| nameless && self.made.contains(id)) {
                self.name_nobody(profile)?;
            }
        }
        Ok(true)
    }

    /// Writes what is known of an import to `system`; the `owner` of those it makes only where others may need it.
    pub(super) fn save(&self, at: usize, state: &str, owner: Option<RecordId>, write: &mut Write) -> Result<()> {
        let run = &self.runs[at];
        let made: Vec<ProfileId> =
            self.profiles.iter().flatten().copied().filter(|id| self.made.contains(id)).collect();
        let mut body = json!({
            "state": state, "sha256": run.sha256, "target": self.target(), "profiles": self.touched[at],
            "made": made, "counts": run.counts, "resources": run.resources,
        });
        if let Some(owner) = owner {
            body["owner"] = json!(owner);
        }
        self.session.save_import(self.ids[at], &body, write)
    }

    /// Makes the record of a person of whom the input has no Patient resource.
    fn name_nobody(&mut self, profile: ProfileId) -> Result<()> {
        let id = RecordId::from_bytes(*profile.as_bytes());
        let open = self.session.inner.open_profile(profile)?;
        if let Some(known) = read_lock(&open).any(id) {
            // Written before this import was killed: it is of this import all the same, and shown with it.
            if known.first().import() == Some(self.ids[0]) {
                self.touched[0].insert(profile);
            }
            return Ok(());
        }
        let checked = self.session.check(PROFILE, &json!({"name": {"text": "(name not known)"}}))?;
        let provenance = self.provenance();
        let header = self.session.header(Act::Create, id, PROFILE, 1, &checked, provenance)?;
        let header = Header { import: Some(ImportMark { import: self.ids[0], item: 0 }), ..header };
        self.push(0, profile, entry(profile, header, Some(checked.json))?);
        Ok(())
    }
}
