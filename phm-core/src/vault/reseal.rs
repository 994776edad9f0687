//! Giving a person a new key: every body of theirs is sealed again, and then the old key is forgotten.
//!
//! The order (`vault.md` 3): the new key is durable before anything is sealed under it; every body under the old one is
//! resealed and committed; only then is the old one dropped, under a new root. Reading and writing go on meanwhile,
//! because every body names its epoch and both keys are there. A kill at any moment leaves bodies under either key
//! and both keys in the keyring; the same call again goes on from there.
//!
//! What the audit log says about a person inside is sealed under a key of its own, which stays: its rows are the
//! leaves of a tree and cannot be written again. Documents have keys of their own, which stand in the bodies.

use std::sync::PoisonError;

use super::Inner;
use super::journal::{Reader, context};
use super::profiles::OpenProfile;
use super::session::Session;
use super::waiting::Write;
use crate::audit::entry::Deed;
use crate::crypto;
use crate::error::{Error, Result};
use crate::id::ProfileId;
use crate::store::layout::{Blinded, Table, rows_of, seq_and_part};
use crate::store::{Batch, Store as _};

/// Bodies and bytes that are resealed in one commit at most.
const BATCH_BODIES: usize = 256;
const BATCH_BYTES: usize = 1 << 20;

/// What a rotation did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Resealed {
    /// Bodies that were sealed again, by this call.
    pub bodies: u64,
    /// The epoch of the key they are under now.
    pub epoch: u32,
}

impl Session {
    /// Gives a person, or `library`, or `system`, a new key, seals everything of theirs again, and forgets the old key.
    /// Goes on where an earlier call was interrupted.
    ///
    /// Reads and writes go on meanwhile; backups wait. The replaced bytes are in the store's files until the next
    /// [`compact`](super::Vault::compact).
    ///
    /// # Errors
    /// `not-found` where nobody has this id; `corrupt` where a body does not open: then the old key stays.
    pub fn rotate_profile(&self, id: ProfileId) -> Result<Resealed> {
        self.is_operator()?;
        if !self.inner.keys.has_profile(id) {
            return Err(Error::not_found());
        }
        let _rewriting = self.inner.rewriting.lock().unwrap_or_else(PoisonError::into_inner);
        self.rotate_alone(id)
    }

    /// As [`Session::rotate_profile`], for whoever holds `rewriting`.
    pub(super) fn rotate_alone(&self, id: ProfileId) -> Result<Resealed> {
        self.note(self.deed(Deed::Administer, "key-rotate", id, "key", []))?;
        self.inner.committer.flush()?;
        let old = self.inner.keys.begin_rotation(id)?;
        // Whatever the committer sealed before there was a new key is in the store when this returns.
        self.inner.committer.flush()?;
        let open = self.inner.open_profile(id)?;
        let (epoch, _) = self.inner.keys.profile_key(id)?;
        let bodies = self.inner.reseal(id, &open.blinded)? + self.inner.reseal_series(&open, epoch)?;
        // The entry about the end replaces the head, which is then under the new key.
        let done = self.deed(Deed::Administer, "key-rotated", id, "key", []);
        self.inner.committer.commit(Write { rewritten: vec![id], notes: vec![done], ..Write::default() })?;
        self.inner.end_rotation(&open, &old)?;
        Ok(Resealed { bodies, epoch: self.inner.keys.profile_key(id)?.0 })
    }
}

impl Inner {
    /// Seals every body of a person that is under an old key again; answers how many there were.
    fn reseal(&self, id: ProfileId, blinded: &Blinded) -> Result<u64> {
        let (epoch, _) = self.keys.profile_key(id)?;
        let reader = self.reader(id, *blinded);
        let mut bodies = 0;
        for table in [Table::Journal, Table::Origin] {
            let mut seqs = Vec::new();
            self.old_bodies(table, blinded, epoch, &mut |seq| seqs.push(seq))?;
            let mut batch = Rewrite::default();
            for seq in seqs {
                self.reseal_one(&reader, table, seq, &mut batch)?;
                bodies += 1;
                if batch.is_full() {
                    self.commit_rewrite(&mut batch)?;
                }
            }
            self.commit_rewrite(&mut batch)?;
        }
        Ok(bodies)
    }

    /// Shows the number of every body that is not under the key of `epoch`.
    fn old_bodies(&self, table: Table, blinded: &Blinded, epoch: u32, show: &mut dyn FnMut(u64)) -> Result<()> {
        let (from, to) = rows_of(table, blinded);
        Ok(self.store.scan(&from, &to, &mut |(address, value)| {
            if let Some((seq, 0)) = seq_and_part(address)
                && crypto::epoch_of(value) != Some(epoch)
            {
                show(seq);
            }
            true
        })?)
    }

    /// Adds one body, sealed under the newest key, to `batch`.
    fn reseal_one(&self, reader: &Reader<'_>, table: Table, seq: u64, batch: &mut Rewrite) -> Result<()> {
        let id = reader.profile;
        let damaged = || Error::corrupt(format!("entry {id}#{seq} is damaged; run `phm verify`; the old key stays"));
        let parts = reader.parts(table, seq)?.ok_or_else(damaged)?;
        let was = parts.first().and_then(|part| crypto::epoch_of(part)).ok_or_else(damaged)?;
        let key = self.keys.profile_key_at(id, was).ok_or_else(damaged)?;
        let context = context(self.marker.vault, table, id, seq);
        let body = crypto::reopen(&key, &context, &parts).map_err(|_| damaged())?;
        let (epoch, key) = self.keys.profile_key(id)?;
        let sealed = crypto::seal(self.marker.suite, &key, epoch, &context, &body);
        for (part, bytes) in (0_u16..).zip(sealed) {
            batch.bytes += bytes.len();
            batch.batch.replace(reader.address(table, seq, part), bytes);
        }
        batch.bodies += 1;
        Ok(())
    }

    /// Between two group commits, so that whoever looks at a barrier sees no body change.
    fn commit_rewrite(&self, rewrite: &mut Rewrite) -> Result<()> {
        let batch = std::mem::take(rewrite).batch;
        if batch.put.is_empty() {
            return Ok(());
        }
        self.at_barrier(|_| Ok(self.store.commit(batch)?)).inspect_err(|error| self.fail(error))
    }

    /// Forgets the old keys of a person, once nothing is under them any more.
    fn end_rotation(&self, open: &OpenProfile, old: &[u32]) -> Result<()> {
        let (epoch, _) = self.keys.profile_key(open.id)?;
        let mut left = 0_u64;
        for table in [Table::Journal, Table::Origin, Table::Head] {
            let (from, to) = rows_of(table, &open.blinded);
            self.store.scan(&from, &to, &mut |(address, value)| {
                let first = table == Table::Head || seq_and_part(address).is_some_and(|(_, part)| part == 0);
                left += u64::from(first && crypto::epoch_of(value) != Some(epoch));
                true
            })?;
        }
        for (_, blinded) in self.series_of(open) {
            self.old_series_rows(&blinded, epoch, &mut |_| left += 1)?;
        }
        if left > 0 {
            return Err(Error::internal("bodies are left under the old key, which therefore stays"));
        }
        self.forget_checkpoint(open)?;
        self.keys.end_rotation(open.id, old)
    }
}

/// Bodies that are replaced in one commit.
#[derive(Default)]
struct Rewrite {
    batch: Batch,
    bodies: usize,
    bytes: usize,
}

impl Rewrite {
    fn is_full(&self) -> bool {
        self.bodies >= BATCH_BODIES || self.bytes >= BATCH_BYTES
    }
}

#[cfg(all(test, not(feature = "null-cipher")))]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use serde_json::json;

    use super::*;
    use crate::access::{Action, Actor};
    use crate::audit::query::AuditQuery;
    use crate::backup;
    use crate::crypto::kdf::Cost;
    use crate::crypto::keyring::Owner;
    use crate::crypto::secret::{ProfileKey, Secret, make_key_file};
    use crate::error::ErrorKind;
    use crate::index::Query;
    use crate::store::layout;
    use crate::vault::{How, Options, Vault};

    fn options() -> Options {
        Options { cost: Cost::FLOOR, ..Options::default() }
    }

    /// A vault with a person who has short records, long ones and a document.
    fn vault(home: &std::path::Path) -> (Vault, Secret, ProfileId) {
        let secret = make_key_file(&home.join("key")).expect("a key file");
        let (vault, _) = Vault::create(&home.join("vault"), std::slice::from_ref(&secret), options()).expect("made");
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let asha = session.add_profile(&json!({"name": {"text": "Asha"}}), None).expect("a person").profile;
        add(&session, asha, 300);
        let permit = session.permit(Action::Add, asha, "note").expect("allowed");
        for _ in 0..3 {
            let long: String = (0..700).map(|_| crypto::digest::hex(&crypto::random::<32>())).collect();
            session.add(&permit, &json!({ "text": long }), How::Typed).expect("added");
        }
        let permit = session.permit(Action::Add, asha, "document").expect("allowed");
        let scan = json!({"title": "Scan", "category": "other"});
        session.add_document(&permit, &scan, &mut &b"a scan"[..], 1 << 20).expect("added");
        (vault, secret, asha)
    }

    fn add(session: &Session, person: ProfileId, count: usize) {
        let permit = session.permit(Action::Add, person, "condition").expect("allowed");
        for _ in 0..count {
            session.add(&permit, &json!({"concept": "Asthma"}), How::Typed).expect("added");
        }
    }

    /// How many bodies of a person open with `key`, in all tables that name a person.
    fn open_with(vault: &Vault, person: ProfileId, key: &ProfileKey) -> usize {
        let inner = &vault.inner;
        let reader = inner.reader(person, inner.keys.blind_profile(person));
        let mut count = 0;
        for table in [Table::Journal, Table::Origin] {
            let (from, to) = rows_of(table, &reader.blinded);
            let mut seqs = Vec::new();
            let see = &mut |(address, _): (&[u8], &[u8])| {
                seqs.extend(seq_and_part(address).map(|(seq, _)| seq));
                true
            };
            inner.store.scan(&from, &to, see).expect("scanned");
            seqs.dedup();
            for seq in seqs {
                let parts = reader.parts(table, seq).expect("read").expect("there");
                count += usize::from(crypto::open(key, &context(vault.id(), table, person, seq), &parts).is_ok());
            }
        }
        let head = inner.store.get(&layout::head(&reader.blinded)).expect("read").expect("there");
        count + usize::from(crypto::open(key, &super::super::profiles::head_context(inner, person), &[head]).is_ok())
    }

    #[test]
    fn after_a_rotation_nothing_opens_with_the_old_key_and_everything_with_the_new_one() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, secret, asha) = vault(home.path());
        let old = vault.inner.keys.profile_key(asha).expect("a key").1;
        let session = vault.session(Actor::Operator, "a fresh start").expect("the operator");
        let before = open_with(&vault, asha, &old);
        assert!(before > 300, "{before} bodies and the head");
        let done = session.rotate_profile(asha).expect("rotated");
        assert_eq!(done, Resealed { bodies: before as u64 - 1, epoch: 2 });
        assert_eq!(open_with(&vault, asha, &old), 0);
        let new = vault.inner.keys.profile_key(asha).expect("a key").1;
        assert_eq!(open_with(&vault, asha, &new), before);
        assert!(vault.inner.keys.profile_key_at(asha, 1).is_none());
        assert_eq!(session.rotate_profile(ProfileId::new()).expect_err("nobody").kind(), ErrorKind::NotFound);
        // What the log said about her is readable still, and says that her key was changed, by whom and why.
        let page = session.who_looked(asha, &AuditQuery { per_page: 500, ..AuditQuery::default() }).expect("a page");
        assert!(page.rows.iter().all(|row| row.kind.is_some() && row.purpose.is_some()), "{:?}", page.rows.last());
        assert_eq!(page.rows.iter().filter(|row| row.kind.as_deref() == Some("key")).count(), 2);
        let file = home.path().join("backup");
        backup::write(&vault, &file).expect("written");
        assert!(backup::drill(&file, &secret, options()).expect("drilled").ok);
        drop(session);
        vault.close().expect("closed");
        let vault = Vault::open(&home.path().join("vault"), &secret, options()).expect("opened");
        let report = vault.verify(None).expect("verified");
        assert!(report.ok, "{:?}", report.damaged);
    }

    #[test]
    fn a_rotation_cut_between_any_two_commits_is_readable_and_goes_on() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, secret, asha) = vault(home.path());
        let old = vault.inner.keys.profile_key(asha).expect("a key").1;
        let all = open_with(&vault, asha, &old) - 1;
        vault.inner.keys.begin_rotation(asha).expect("begun");
        let mut vault = vault;
        for seqs in [0..0, 1..50, 50..303] {
            let reader = vault.inner.reader(asha, vault.inner.keys.blind_profile(asha));
            let mut batch = Rewrite::default();
            for seq in seqs {
                vault.inner.reseal_one(&reader, Table::Journal, seq.max(1), &mut batch).expect("resealed");
            }
            vault.inner.commit_rewrite(&mut batch).expect("committed");
            vault.close().expect("closed");
            vault = Vault::open(&home.path().join("vault"), &secret, options()).expect("opened");
            assert!(vault.verify(None).expect("verified").ok);
            assert_eq!(vault.inner.keys.begin_rotation(asha).expect("under way"), [1], "no third key is made");
        }
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let left = session.rotate_profile(asha).expect("rotated").bodies;
        assert_eq!(usize::try_from(left).expect("few"), all - 302, "what was resealed is not resealed again");
        assert_eq!(open_with(&vault, asha, &old), 0);
        assert!(vault.verify(None).expect("verified").ok);
    }

    #[test]
    fn reads_writes_verifying_and_backups_go_on_while_keys_are_rotated() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, secret, asha) = vault(home.path());
        let (done, file) = (AtomicBool::new(false), home.path().join("backup"));
        let until_done = |work: &dyn Fn(&Session)| {
            let session = vault.session(Actor::Operator, "meanwhile").expect("the operator");
            let mut rounds = 0;
            while !done.load(Ordering::Relaxed) {
                work(&session);
                rounds += 1;
            }
            rounds
        };
        let rounds: Vec<i32> = std::thread::scope(|scope| {
            let read = scope.spawn(|| {
                until_done(&|session| {
                    for kind in ["note", "condition"] {
                        let permit = session.permit(Action::Read, asha, kind).expect("allowed");
                        let page = session.list(&permit, &Query::default()).expect("every body opens");
                        assert!(!page.items.is_empty());
                    }
                })
            });
            let write = scope.spawn(|| until_done(&|session| add(session, asha, 1)));
            let verify = scope.spawn(|| {
                until_done(&|_| {
                    let report = vault.verify(None).expect("verified");
                    assert!(report.ok, "{:?}", report.damaged);
                })
            });
            let save = scope.spawn(|| {
                until_done(&|_| {
                    backup::write(&vault, &file).expect("written");
                    assert!(backup::drill(&file, &secret, options()).expect("drilled").ok);
                    std::fs::remove_file(&file).expect("removed");
                })
            });
            let session = vault.session(Actor::Operator, "test").expect("the operator");
            for epoch in 2..8 {
                assert_eq!(session.rotate_profile(asha).expect("rotated").epoch, epoch);
            }
            done.store(true, Ordering::Relaxed);
            [read, write, verify, save].map(|thread| thread.join().expect("no thread fell")).into()
        });
        assert!(rounds.iter().all(|rounds| *rounds > 0), "{rounds:?}");
        assert!(vault.verify(None).expect("verified").ok);
    }

    #[test]
    fn the_log_of_a_vault_from_before_about_keys_is_readable_and_goes_on_under_one() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, ..) = vault(home.path());
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        let ravi = ProfileId::new();
        vault.inner.keys.add_profiles(&[ravi]).expect("a key");
        let without = [Owner::About(ravi)];
        vault.inner.keys.with_unlocked(|unlocked| Ok(unlocked.rotate_root(&without)?)).expect("as it was before");
        assert!(vault.inner.keys.about_key(ravi).is_none());
        let purposes = || {
            session.note(session.deed(Deed::Read, "read", ravi, "condition", [])).expect("noted");
            session.inner.committer.flush().expect("flushed");
            let open = session.inner.open_profile(ravi).expect("open");
            let leaf = open.head.lock().expect("lock").last_audit.expect("a leaf");
            let log = session.inner.keys.log().expect("a log");
            let row = session.inner.audit_row(log, leaf).expect("a row");
            row.entries.iter().filter_map(|entry| session.inner.audit_about(log, ravi, entry)).count()
        };
        assert_eq!(purposes(), 1, "under the profile key");
        session.rotate_profile(ravi).expect("rotated");
        assert!(vault.inner.keys.about_key(ravi).is_some());
        assert_eq!(purposes(), 1, "under a key of its own");
    }

    #[test]
    fn a_damaged_body_keeps_the_old_key() {
        let home = tempfile::tempdir().expect("a folder");
        let (vault, _, asha) = vault(home.path());
        let blinded = vault.inner.keys.blind_profile(asha);
        let address = layout::journal(&blinded, 7, 0);
        let mut body = vault.inner.store.get(&address).expect("read").expect("there");
        body[100] ^= 1;
        let mut batch = Batch::default();
        batch.replace(address, body);
        vault.inner.store.commit(batch).expect("damaged");
        let session = vault.session(Actor::Operator, "test").expect("the operator");
        assert_eq!(session.rotate_profile(asha).expect_err("damaged").kind(), ErrorKind::Corrupt);
        assert!(vault.inner.keys.profile_key_at(asha, 1).is_some());
        let gate = vault.session(Actor::Gate, "test").expect("the gate");
        assert_eq!(gate.rotate_profile(asha).expect_err("not the operator").kind(), ErrorKind::Denied);
    }
}
