//! Open profiles: the head of each journal and its index, within a budget of memory.
//!
//! Opening a profile folds its index checkpoint and then every entry behind it; its seqs must be contiguous up to
//! the head, or the profile is Corrupt. The least recently used profiles are closed when the budget is exceeded.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::Inner;
use super::journal::Reader;
use super::series::Shelves;
use crate::crypto::{self, Prepared};
use crate::error::{Error, Result};
use crate::id::ProfileId;
use crate::index::ProfileIndex;
use crate::store::Store as _;
use crate::store::layout::{self, Blinded, Table};
use crate::time::PartialDate;

/// What is opened, or read for a search, is counted when it has come to this part of the budget: to count all that is
/// open with every profile would take the square of their number where many are opened one after the other.
const COUNTED_AFTER: usize = 64;

/// What stands in the head row of a journal.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(crate) struct Head {
    /// Seq of the newest entry; 0 before the first.
    pub seq: u64,
    /// Grows when entries are rewritten, so that backups and checkpoints notice.
    pub rewrite: u32,
    /// The name of the person in the audit log; it is gone with this row.
    pub pseudonym: [u8; 16],
    /// The [place](crate::audit::place) of the row with the newest audit entry about this person.
    pub last_audit: Option<u64>,
    /// How many audit entries there are about this person; not known in vaults from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audited: Option<u64>,
}

impl Head {
    /// The head of a journal without entries.
    fn new() -> Self {
        Self { seq: 0, rewrite: 0, pseudonym: crypto::random(), last_audit: None, audited: Some(0) }
    }
}

/// A profile whose index is in memory.
#[derive(Debug)]
pub(crate) struct OpenProfile {
    pub id: ProfileId,
    pub blinded: Blinded,
    pub index: RwLock<ProfileIndex>,
    pub head: Mutex<Head>,
    /// The series in use.
    pub shelves: Shelves,
    /// When the person was born, as the entry with this seq says: guardians are asked about at every step.
    pub born: Mutex<Option<(u64, Option<PartialDate>)>>,
    /// Up to which seq the checkpoint file reaches; locked while it is written.
    pub checkpointed: Mutex<u64>,
    /// Locked while columns that are kept are read or written.
    pub kept: Mutex<()>,
    used: AtomicU64,
}

/// A place for one profile; locked while it opens, so that it opens once.
type Place = Arc<Mutex<Option<Arc<OpenProfile>>>>;

/// The profiles that are open.
#[derive(Debug, Default)]
pub(crate) struct OpenProfiles {
    places: Mutex<HashMap<ProfileId, Place>>,
    /// Those that have been opened since the vault was: their checkpoints were compared with their journals.
    known: Mutex<HashSet<ProfileId>>,
    ticks: AtomicU64,
    /// Bytes that were opened, or read for a search, since all were counted.
    uncounted: AtomicUsize,
}

impl OpenProfile {
    /// Bytes it takes in memory.
    fn bytes(&self) -> usize {
        self.index.read().unwrap_or_else(PoisonError::into_inner).bytes() + self.shelves.bytes()
    }
}

impl Inner {
    /// The profile, opened if it was not.
    pub fn open_profile(&self, id: ProfileId) -> Result<Arc<OpenProfile>> {
        let place = {
            let mut places = self.profiles.places.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(places.entry(id).or_default())
        };
        let mut slot = place.lock().unwrap_or_else(PoisonError::into_inner);
        let tick = self.profiles.ticks.fetch_add(1, Ordering::Relaxed);
        if let Some(open) = &*slot {
            open.used.store(tick, Ordering::Relaxed);
            return Ok(Arc::clone(open));
        }
        let open = Arc::new(self.load_profile(id)?);
        open.used.store(tick, Ordering::Relaxed);
        *slot = Some(Arc::clone(&open));
        drop(slot);
        self.has_grown(id, open.bytes());
        Ok(open)
    }

    /// Counts bytes that an index takes from now on; where that makes too many, others are closed.
    pub fn has_grown(&self, id: ProfileId, bytes: usize) {
        let uncounted = self.profiles.uncounted.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if uncounted > self.options.index_budget / COUNTED_AFTER {
            self.keep_budget(Some(id));
        }
    }

    /// The profile where it is open.
    pub fn if_open(&self, id: ProfileId) -> Option<Arc<OpenProfile>> {
        let place = Arc::clone(self.profiles.places.lock().unwrap_or_else(PoisonError::into_inner).get(&id)?);
        let slot = place.lock().unwrap_or_else(PoisonError::into_inner);
        slot.clone()
    }

    /// The head of a journal, refused when it is behind what is known to be durable.
    pub fn head(&self, id: ProfileId, blinded: &Blinded) -> Result<Option<Head>> {
        // Asked before the store: what is written meanwhile only makes the head newer.
        let expected = self.written().get(&id).copied().unwrap_or(0);
        let stored = self.stored_head(id, blinded)?;
        let seq = stored.map_or(0, |head| head.seq);
        if expected > seq {
            return Err(Error::corrupt(format!(
                "journal {id} ends at entry {seq} but {expected} were written; run `phm verify`, then restore the newest \
                 backup"
            )));
        }
        Ok(stored)
    }

    /// Reads and opens rows of a profile.
    pub fn reader(&self, id: ProfileId, blinded: Blinded) -> Reader<'_> {
        Reader { store: &self.store, keys: &self.keys, vault: self.marker.vault, profile: id, blinded }
    }

    /// The head of a journal as it stands in the store.
    pub fn stored_head(&self, id: ProfileId, blinded: &Blinded) -> Result<Option<Head>> {
        let Some(row) = self.store.get(&layout::head(blinded))? else { return Ok(None) };
        let damaged = || Error::corrupt(format!("the head of journal {id} is damaged; run `phm verify`"));
        let epoch = crypto::epoch_of(&row).ok_or_else(damaged)?;
        let key = self.keys.profile_key_at(id, epoch).ok_or_else(damaged)?;
        let opened = crypto::open(&key, &head_context(self, id), &[row]).map_err(|_| damaged())?;
        serde_json::from_slice(&opened.plaintext).map(Some).map_err(|_| damaged())
    }

    /// Seals the head row of a journal.
    pub fn seal_head(&self, id: ProfileId, head: &Head) -> Result<Vec<u8>> {
        let (epoch, key) = self.keys.profile_key(id)?;
        let json = serde_json::to_vec(head).expect("a head is always JSON");
        let mut parts = crypto::seal(self.marker.suite, &key, epoch, &head_context(self, id), &Prepared::new(&json)?);
        Ok(parts.swap_remove(0))
    }

    fn load_profile(&self, id: ProfileId) -> Result<OpenProfile> {
        if !self.keys.has_profile(id) {
            return Err(Error::not_found());
        }
        let blinded = self.keys.blind_profile(id);
        let stored = self.head(id, &blinded)?;
        let head = stored.unwrap_or_else(Head::new);
        let mut index = ProfileIndex::default();
        self.read_checkpoint(id, &head, &mut index);
        self.drop_old_columns(id, &blinded, &head);
        let checkpointed = index.last_seq();
        self.reader(id, blinded).entries(checkpointed + 1, head.seq, |seq, entry| {
            index.fold(seq, entry.header);
            Ok(())
        })?;
        let open = OpenProfile {
            id,
            blinded,
            index: RwLock::new(index),
            head: Mutex::new(head),
            shelves: Shelves::default(),
            born: Mutex::default(),
            checkpointed: Mutex::new(checkpointed),
            kept: Mutex::default(),
            used: AtomicU64::new(0),
        };
        if self.profiles.known.lock().unwrap_or_else(PoisonError::into_inner).insert(id) && head.seq > 0 {
            // Nothing was appended since the vault was opened, so all of it is from before.
            let mut written = self.written();
            let known = written.entry(id).or_default();
            *known = head.seq.max(*known);
        }
        self.checkpoint(&open);
        Ok(open)
    }

    /// Whether the profile has been opened since the vault was.
    ///
    /// Before that nothing may be appended to its journal: a checkpoint left by another copy of the vault would then no
    /// longer be longer than the journal, and be believed.
    pub fn was_opened(&self, id: ProfileId) -> bool {
        self.profiles.known.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }

    /// Every profile with a key, whether or not anything of it is visible.
    pub fn profile_ids(&self) -> Vec<ProfileId> {
        self.keys.profiles()
    }

    /// The profiles in memory.
    pub fn open_now(&self) -> Vec<Arc<OpenProfile>> {
        let places = self.profiles.places.lock().unwrap_or_else(PoisonError::into_inner);
        let in_place = |place: &Place| place.try_lock().ok().and_then(|slot| slot.clone());
        places.values().filter_map(in_place).collect()
    }

    /// Closes the least recently used profiles until the rest fits the budget; `keep` stays.
    pub fn keep_budget(&self, keep: Option<ProfileId>) {
        self.profiles.uncounted.store(0, Ordering::Relaxed);
        let mut open = self.open_now();
        let mut total: usize = open.iter().map(|profile| profile.bytes()).sum();
        if total <= self.options.index_budget {
            return;
        }
        open.sort_by_key(|profile| profile.used.load(Ordering::Relaxed));
        // The one used last stays even where it alone exceeds the budget: closing it would only open it again.
        open.pop();
        for profile in open {
            if total <= self.options.index_budget {
                break;
            }
            if Some(profile.id) == keep || profile.id == ProfileId::SYSTEM {
                continue;
            }
            // What is closed now is opened again from its checkpoint.
            self.checkpoint(&profile);
            let bytes = profile.bytes();
            let id = profile.id;
            drop(profile);
            let mut places = self.profiles.places.lock().unwrap_or_else(PoisonError::into_inner);
            // In use elsewhere means a second owner: then it stays.
            let unused = places.get(&id).is_some_and(|place| {
                Arc::strong_count(place) == 1
                    && place.try_lock().is_ok_and(|slot| slot.as_ref().is_some_and(|open| Arc::strong_count(open) == 1))
            });
            if unused {
                places.remove(&id);
                // It may have grown since it was counted.
                total = total.saturating_sub(bytes);
            }
        }
    }

    /// Makes the index of a profile anew from its journal, where entries were replaced.
    pub fn fold_again(&self, profile: &OpenProfile) -> Result<()> {
        let mut index = profile.index.write().unwrap_or_else(PoisonError::into_inner);
        let mut again = ProfileIndex::default();
        self.reader(profile.id, profile.blinded).entries(1, index.last_seq(), |seq, entry| {
            again.fold(seq, entry.header);
            Ok(())
        })?;
        *index = again;
        *profile.born.lock().unwrap_or_else(PoisonError::into_inner) = None;
        drop(index);
        self.forget_checkpoint(profile)
    }

    /// Forgets everything that is kept of a profile whose keys are gone: its index, in memory and on disk, and how far its
    /// journal went.
    pub fn forget_profile(&self, id: ProfileId) -> Result<()> {
        let place = self.profiles.places.lock().unwrap_or_else(PoisonError::into_inner).get(&id).map(Arc::clone);
        let blinded = self.keys.blind_profile(id);
        if let Some(place) = place {
            // Whoever opens it at this moment is waited for; nobody can after that.
            let open = place.lock().unwrap_or_else(PoisonError::into_inner).take();
            open.map_or(Ok(()), |open| self.forget_checkpoint(&open))?;
            self.profiles.places.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        }
        self.profiles.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        self.written().remove(&id);
        self.remove_index_files(&blinded)
    }

    /// Forgets every index, in memory and on disk, because rows below them were rewritten; how far the journals went stays
    /// known. For whoever has the vault alone.
    pub fn forget_indexes(&self) -> Result<()> {
        self.profiles.places.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.forget_people();
        self.profile_ids().into_iter().try_for_each(|id| self.remove_index_files(&self.keys.blind_profile(id)))
    }
}

pub(super) fn head_context(inner: &Inner, id: ProfileId) -> Vec<u8> {
    [inner.marker.vault.as_bytes().as_slice(), &[Table::Head as u8], id.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use crate::access::{Action, Actor};
    use crate::crypto::kdf::Cost;
    use crate::crypto::secret::Secret;
    use crate::id::ProfileId;
    use crate::vault::{How, Options, Session, Vault};

    /// A vault in which two people have such notes, all of them open as far as the budget goes.
    fn of_two(dir: &Path, index_budget: usize, notes: &[Value]) -> (Vault, Session, [ProfileId; 2]) {
        let options = Options { cost: Cost::FLOOR, index_budget, ..Options::default() };
        let secret = Secret::passphrase("correct horse battery staple");
        let (vault, _) = Vault::create(dir, &[secret], options).expect("a vault");
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let name = json!({"name": {"text": "Asha Example"}});
        let people = [(); 2].map(|()| session.add_profile(&name, None).expect("a person").profile);
        for profile in people {
            let permit = session.permit(Action::Add, profile, "note").expect("allowed");
            session.add_many(&permit, notes, &How::Typed).expect("added");
        }
        // The index is told after the answer's commit; the next message finds that done.
        vault.inner.committer.flush().expect("flushed");
        (vault, session, people)
    }

    fn open_ones(vault: &Vault, people: [ProfileId; 2]) -> [bool; 2] {
        let open: Vec<_> = vault.inner.open_now().iter().map(|open| open.id).collect();
        people.map(|id| open.contains(&id))
    }

    #[test]
    fn indexes_that_grow_beyond_the_budget_are_closed_but_for_the_one_in_use() {
        let dir = tempfile::tempdir().expect("a folder");
        let (vault, _session, people) = of_two(dir.path(), 1, &[json!({"text": "x"})]);
        assert_eq!(open_ones(&vault, people), [false, true], "only the one used last stays");
    }

    #[test]
    fn words_that_a_search_reads_count_against_the_budget() {
        let dir = tempfile::tempdir().expect("a folder");
        // 150 KB of words each: one person's fit beside both indexes, two people's do not.
        let words = |note: u32| (0..1_000).map(|word| format!("w{note}x{word}")).collect::<Vec<_>>().join(" ");
        let notes: Vec<Value> = (0..20).map(|note| json!({"title": "Words", "text": words(note)})).collect();
        let (vault, session, people) = of_two(dir.path(), 256 << 10, &notes);
        assert_eq!(open_ones(&vault, people), [true, true], "the indexes alone fit");
        // As a search does before it looks; it leaves nothing to be noted, so that no commit counts what is open.
        let read = |id| session.load_words(&vault.inner.open_profile(id).expect("opened")).expect("read");
        read(people[0]);
        assert_eq!(open_ones(&vault, people), [true, true], "with the words of one");
        read(people[1]);
        assert_eq!(open_ones(&vault, people), [false, true], "with the words of both");
    }
}
