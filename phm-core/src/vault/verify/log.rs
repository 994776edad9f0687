//! The audit logs: every row against its tree, every full tile, and all of it against a checkpoint kept elsewhere.

use super::tree::Tree;
use super::{CheckpointReport, Verifying, Where, each_row_in_place, span};
use crate::audit::checkpoint::Checkpoint;
use crate::audit::place;
use crate::audit::row::Row;
use crate::audit::tree::{Hash, leaf_hash};
use crate::error::Result;
use crate::store::layout::Table;
use crate::vault::ledger::Ledger;
use crate::vault::logs::{EarlierLog, Log, Standing};

impl Verifying<'_> {
    /// Checks every log, the oldest first, and learns what they say about journals; answers those that ended, and what the
    /// checkpoint in `note` says.
    pub(super) fn audit(
        &mut self,
        ledger: &Ledger,
        note: Option<&str>,
    ) -> Result<(Vec<EarlierLog>, Option<CheckpointReport>)> {
        // A row that should name an earlier log and does not open is found when its own log is read.
        let (logs, _) = self.inner.known_logs(ledger)?;
        self.logs = logs.iter().map(|log| log.id).collect();
        let kept = note.map(|note| self.inner.kept(&logs, note)).transpose()?;
        let mut report = None;
        for log in &logs {
            let checkpoint = kept.as_ref().filter(|(of, _)| of.id == log.id).map(|(_, checkpoint)| checkpoint);
            let root = self.log(log, checkpoint)?;
            if let Some(checkpoint) = checkpoint {
                let standing = Standing::of(log, checkpoint, root);
                self.judge(log, checkpoint, &standing);
                report = Some(CheckpointReport { log: log.id, size: checkpoint.size, standing });
            }
        }
        self.said = self.settle()?;
        Ok((logs.iter().filter_map(Log::report).collect(), report))
    }

    /// Checks every row and tile of a log; answers its root at the size of `checkpoint`, where that can be told.
    fn log(&mut self, log: &Log, checkpoint: Option<&Checkpoint>) -> Result<Option<Hash>> {
        let inner = self.inner;
        let number = inner.keys.number_of(log.id)?;
        let mut tree = Tree::new(&inner.store, log.id);
        let mut failed = Ok(());
        let mut damaged = Vec::new();
        let (mut gaps, mut next) = (Vec::new(), 0);
        let at = |tree: &Tree<'_>| checkpoint.is_some_and(|checkpoint| checkpoint.size == tree.size());
        let mut at_checkpoint = tree.root().filter(|_| at(&tree));
        let mut grow = |tree: &mut Tree<'_>, leaf: Option<Hash>| -> Result<()> {
            tree.push(leaf)?;
            if at(tree) {
                at_checkpoint = tree.root();
            }
            Ok(())
        };
        each_row_in_place(&inner.store, Table::Audit, log.id.as_bytes(), self.stop, |leaf, parts| {
            if leaf >= log.size {
                // An address can say anything; nothing is counted up to it.
                damaged.push((leaf, "order"));
                return;
            }
            gaps.extend(span(next..leaf));
            let mut missing = (next..leaf).map(|_| None);
            next = leaf + 1;
            let row = inner.open_audit_row(log.id, leaf, parts);
            let hash = row.is_ok().then(|| leaf_hash(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>()));
            if failed.is_ok() {
                failed = missing.try_for_each(|leaf| grow(&mut tree, leaf)).and_then(|()| grow(&mut tree, hash));
            }
            let Ok(row) = row else {
                damaged.push((leaf, "seal"));
                return;
            };
            self.learn(place::of(number, leaf), &row);
        })?;
        gaps.extend(span(next..log.size));
        failed.and_then(|()| (next..log.size).try_for_each(|_| grow(&mut tree, None)))?;
        tree.strangers()?;
        let astray = tree.root().is_some_and(|root| root != log.root);
        for (leaf, reason) in damaged {
            self.found(Where::Audit, Some(log.named(&format!("#{leaf}"))), None, reason);
        }
        for gap in gaps {
            self.found(Where::Audit, Some(log.named(&gap)), None, "missing");
        }
        for (level, number, reason) in tree.wrong {
            self.found(Where::Audit, Some(log.named(&format!("tile {level}/{number}"))), None, reason);
        }
        if astray {
            self.found(Where::Audit, Some(log.named("#root")), None, "order");
        }
        Ok(at_checkpoint)
    }

    /// Remembers what a row says about people and their journals.
    fn learn(&mut self, place: u64, row: &Row) {
        for subject in row.entries.iter().filter_map(|entry| entry.subject) {
            let (last, count) = self.newest.entry(subject).or_default();
            (*last, *count) = (place, *count + 1);
        }
        self.claims.hear(row);
    }

    /// Names what a checkpoint shows to be wrong.
    fn judge(&mut self, log: &Log, checkpoint: &Checkpoint, standing: &Standing) {
        let (rows, reason) = match standing {
            // Of what is not known the damage is named already.
            Standing::Continued | Standing::Ended { .. } | Standing::Unknown => return,
            Standing::Truncated { size } => (span(*size..checkpoint.size), "truncated"),
            // Somewhere among the rows that the checkpoint knows; which one, its root cannot tell.
            Standing::Forked => (span(0..checkpoint.size), "fork"),
        };
        self.found(Where::Audit, rows.map(|rows| log.named(&rows)), None, reason);
    }
}

#[cfg(all(test, not(feature = "null-cipher")))]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::super::each_row;
    use super::*;
    use crate::access::Actor;
    use crate::audit::entry::{Deed, Entry, Outcome};
    use crate::audit::plain::Rows;
    use crate::audit::proof::{verify_consistency, verify_inclusion};
    use crate::audit::tree::Frontier;
    use crate::crypto::kdf::Cost;
    use crate::crypto::secret::Secret;
    use crate::crypto::{self, Prepared};
    use crate::id::ProfileId;
    use crate::store::layout;
    use crate::store::{Batch, Store as _};
    use crate::time::Instant;
    use crate::vault::ledger::{head_context, row_context};
    use crate::vault::{Inner, Options, Vault, VerifyReport};

    /// A vault with a full tile of audit rows and some more, and a checkpoint of it that was kept.
    fn vault(dir: &std::path::Path) -> (Vault, std::path::PathBuf) {
        let options = Options { cost: Cost::FLOOR, ..Options::default() };
        let secret = Secret::passphrase("correct horse battery staple");
        let (vault, _) = Vault::create(&dir.join("vault"), &[secret], options).expect("a vault");
        for tries in 0..270 {
            vault.put_state(ProfileId::SYSTEM, "job", &tries, None).expect("state");
        }
        let kept = dir.join("kept");
        std::fs::write(&kept, vault.checkpoint().expect("a checkpoint")).expect("kept");
        (vault, kept)
    }

    /// What somebody with the keys can do: a row that says something else, sealed as it should be.
    fn rewrite(inner: &Inner, leaf: u64) {
        let log = inner.keys.log().expect("a log");
        let mut row = inner.audit_row(log, leaf).expect("a row");
        row.entries.push(Entry::new(Instant::from_millis(0), Actor::Operator, Deed::Read, Outcome::Allowed));
        let (epoch, key) = inner.keys.audit_key(log).expect("a key");
        let body = Prepared::new(&row.encode()).expect("short");
        let parts = crypto::seal(inner.marker.suite, &key, epoch, &row_context(inner.marker.vault, log, leaf), &body);
        let mut batch = Batch::default();
        for (part, sealed) in (0..).zip(parts) {
            batch.replace(layout::audit(log.as_bytes(), leaf, part), sealed);
        }
        inner.store.commit(batch).expect("written");
    }

    /// The same for the tree: tiles and head over the rows as they are, and the ledger in memory.
    fn regrow(inner: &Inner) {
        let mut ledger = inner.ledger.lock().expect("unpoisoned");
        let log = ledger.log();
        let (mut frontier, mut tiles) = (Frontier::new(), crate::audit::tiles::Tiles::new());
        let mut batch = Batch::default();
        each_row(&inner.store, Table::Audit, log.as_bytes(), None, |_, parts| {
            let leaf = leaf_hash(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
            frontier.push(leaf);
            for tile in tiles.push(leaf) {
                batch.replace(layout::tile(log.as_bytes(), tile.level(), tile.number()), tile.encode());
            }
        })
        .expect("scanned");
        let head = [&[2], &[0; 8][..], &inner.keys.generation().to_be_bytes(), &frontier.encode()].concat();
        let (epoch, key) = inner.keys.audit_key(log).expect("a key");
        let body = Prepared::new(&head).expect("short");
        let sealed = crypto::seal(inner.marker.suite, &key, epoch, &head_context(inner.marker.vault, log), &body);
        batch.replace(layout::head(log.as_bytes()), sealed.concat());
        inner.store.commit(batch).expect("written");
        *ledger = Ledger::to_look_at(log, frontier);
    }

    fn named(report: &VerifyReport) -> Vec<(&str, &str)> {
        let audit = report.damaged.iter().filter(|damage| damage.place == Where::Audit);
        audit.map(|damage| (damage.entry.as_deref().unwrap_or_default(), damage.reason)).collect()
    }

    #[test]
    fn a_row_that_was_sealed_anew_no_longer_leads_to_the_root_and_with_a_new_tree_it_is_a_fork() {
        let dir = tempfile::tempdir().expect("a folder");
        let (vault, kept) = vault(dir.path());
        let report = vault.verify(Some(&kept)).expect("verified");
        assert!(report.ok, "{:?}", report.damaged);
        assert_eq!(report.checkpoint.expect("compared").standing, Standing::Continued);
        for leaf in [100, 265] {
            rewrite(&vault.inner, leaf);
        }
        let report = vault.verify(Some(&kept)).expect("verified");
        let size = report.audit.size;
        let fork = format!("#0-{}", size - 1);
        assert_eq!(named(&report), [("tile 0/0", "order"), ("#root", "order"), (fork.as_str(), "fork")]);
        regrow(&vault.inner);
        assert!(vault.verify(None).expect("verified").ok, "nothing inside can tell");
        let report = vault.verify(Some(&kept)).expect("verified");
        assert_eq!(named(&report), [(fork.as_str(), "fork")]);
        assert_eq!(report.checkpoint.expect("compared").standing, Standing::Forked);
        assert_eq!(
            vault.compare_checkpoint(&std::fs::read_to_string(kept).expect("kept")).expect("compared"),
            Standing::Forked
        );
    }

    #[test]
    fn rows_and_tiles_that_are_missing_are_named_and_make_no_fork() {
        let dir = tempfile::tempdir().expect("a folder");
        let (vault, kept) = vault(dir.path());
        let log = vault.inner.keys.log().expect("a log");
        let delete = |addresses: &[Vec<u8>]| {
            let mut batch = Batch::default();
            for address in addresses {
                batch.delete(address.clone());
            }
            vault.inner.store.commit(batch).expect("deleted");
        };
        delete(&[layout::audit(log.as_bytes(), 7, 0)]);
        let report = vault.verify(Some(&kept)).expect("verified");
        assert_eq!(named(&report), [("#7", "missing")], "its hash stands in the tile");
        assert_eq!(report.checkpoint.expect("compared").standing, Standing::Continued);
        delete(&[layout::tile(log.as_bytes(), 0, 0)]);
        let report = vault.verify(Some(&kept)).expect("verified");
        assert_eq!(named(&report), [("#7", "missing"), ("tile 0/0", "missing")]);
        assert_eq!(report.checkpoint.expect("compared").standing, Standing::Unknown);
    }

    /// The leaves of the log, as somebody outside makes them of the sealed rows of an export.
    fn exported(vault: &Vault) -> Vec<Hash> {
        let mut out = Vec::new();
        vault.export_audit(Rows::Sealed, &mut out).expect("exported");
        let text = String::from_utf8(out).expect("text");
        let rows = text.lines().filter_map(|line| line.strip_prefix("row "));
        rows.map(|row| leaf_hash(&[&STANDARD.decode(row).expect("base64")])).collect()
    }

    /// The root over leaves, from nothing but them.
    fn root_of(leaves: &[Hash]) -> Hash {
        let mut tree = Frontier::new();
        for leaf in leaves {
            tree.push(*leaf);
        }
        tree.root()
    }

    fn unhex(text: &str) -> Hash {
        let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("two hex digits");
        let bytes: Vec<u8> = (0..text.len()).step_by(2).map(byte).collect();
        bytes.try_into().expect("a hash")
    }

    /// A proof leads to the roots, and none of its hashes can be another one.
    fn leads(hashes: &[Hash], what: &str, holds: impl Fn(&[Hash]) -> bool) {
        assert!(holds(hashes), "{what}");
        for at in 0..hashes.len() {
            let mut bad = hashes.to_vec();
            bad[at][at % 32] ^= 1;
            assert!(!holds(&bad), "{what} with hash {at} changed");
        }
    }

    #[test]
    fn proofs_of_a_real_log_lead_from_its_rows_to_the_root_that_was_kept_and_fail_where_rows_are_gone() {
        let dir = tempfile::tempdir().expect("a folder");
        let (vault, kept) = vault(dir.path());
        let verifier = vault.checkpoint_verifier().expect("a key");
        let kept = verifier.verify(&std::fs::read_to_string(kept).expect("kept")).expect("signed");
        let leaves = exported(&vault);
        let size = vault.audit_size().expect("a size");
        assert_eq!((kept.size, leaves.len() as u64), (size, size));
        for index in [0, 255, 256, size - 1] {
            let proof = vault.prove_entry(index).expect("a proof");
            // All that a stranger has: this text, the row, and what was kept.
            let (head, note) = proof.proof.split_once("\n\n").expect("a checkpoint");
            let checkpoint = verifier.verify(note).expect("signed");
            assert_eq!((checkpoint.size, checkpoint.root, proof.index), (size, kept.root, index));
            let mut lines = head.lines();
            assert_eq!(lines.next(), Some("c2sp.org/tlog-proof@v1"));
            assert_eq!(lines.next(), Some(format!("index {index}").as_str()));
            let path: Vec<Hash> = lines
                .map(|line| STANDARD.decode(line).expect("base64").try_into().expect("a hash in every other line"))
                .collect();
            assert_eq!(path.len(), proof.hashes.len());
            assert!(path.iter().zip(&proof.hashes).all(|(hash, shown)| *hash == unhex(shown)), "row {index}");
            let leaf = leaves[usize::try_from(index).expect("small")];
            assert_eq!(unhex(&proof.leaf), leaf);
            leads(&path, &format!("row {index}"), |path| verify_inclusion(&leaf, index, size, path, &kept.root));
            assert!(!verify_inclusion(&leaf_hash(&[b"other"]), index, size, &path, &kept.root), "another row {index}");
        }

        // The log goes on, and what was kept is its beginning still.
        for tries in 0..40 {
            vault.put_state(ProfileId::SYSTEM, "job", &tries, None).expect("state");
        }
        let leaves = exported(&vault);
        for old in [0, 1, 256, kept.size, leaves.len() as u64] {
            let proof = vault.prove_growth(old).expect("a proof");
            assert_eq!((proof.old_size, proof.size), (old, leaves.len() as u64));
            let of_old = root_of(&leaves[..usize::try_from(old).expect("small")]);
            assert!(old != kept.size || of_old == kept.root);
            let now = verifier.verify(&proof.checkpoint).expect("signed");
            assert_eq!((now.size, now.root), (proof.size, root_of(&leaves)));
            assert_eq!((unhex(&proof.old_root), unhex(&proof.root)), (of_old, now.root));
            let path: Vec<Hash> = proof.hashes.iter().map(|hash| unhex(hash)).collect();
            assert_eq!(path.is_empty(), old == 0 || old == proof.size, "from {old}");
            leads(&path, &format!("from {old}"), |path| verify_consistency(old, &of_old, now.size, &now.root, path));
            let forged = leaf_hash(&[b"another past"]);
            assert!(!verify_consistency(old, &forged, now.size, &now.root, &path), "another past of {old}");
        }
        let size = leaves.len() as u64;
        assert_eq!(vault.prove_entry(size + 10).expect_err("too far").code(), "not-found");
        assert_eq!(vault.prove_growth(size + 10).expect_err("too far").code(), "not-found");
        rewrite(&vault.inner, 260);
        assert_eq!(vault.prove_entry(260).expect_err("changed").code(), "corrupt");
    }
}
