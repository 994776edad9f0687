//! The committed sample, in the two verifiers: a log of five rows that ended, and one of three that continues it. Its keys
//! are known (32 times 6 and 7), so what only somebody with the keys of a vault could do is tried too.

mod verifiers;

use std::fs;

use phm_core::audit::tree::leaf_hash;
use phm_core::audit::{Checkpoint, Frontier};
use phm_core::crypto::secret::CheckpointSeed;
use phm_core::id::LogId;

const SAMPLE: &str = include_str!("../samples/log-1.txt");
const HEADING: &str = "phm audit log 1\n";
const OLD: [&str; 5] = ["one", "two", "three", "four", "five"];
const NEW: [&str; 3] = ["six", "seven", "eight"];
const OLD_NAME: &str = "phm.local/log/46464646-4646-4646-4646-464646464646";
const BOTH: &str = "ok: 2 log(s), the newest with 3 rows";

/// The checkpoint of log 6 or 7 over these rows.
fn over(log: u8, rows: &[&str]) -> Checkpoint {
    let mut tree = Frontier::new();
    for row in rows {
        tree.push(leaf_hash(&[row.as_bytes()]));
    }
    Checkpoint::new(LogId::from_bytes([0x40 + log; 16]), tree.size(), tree.root())
}

fn seed(log: u8) -> CheckpointSeed {
    CheckpointSeed::from_bytes([log; 32])
}

/// The same, signed by the log's own key.
fn kept(log: u8, rows: &[&str]) -> String {
    over(log, rows).sign(&seed(log))
}

/// What the verifiers say of an export and of checkpoints that were kept: the first word, and the line.
fn say(export: &str, kept: &[String]) -> (String, String) {
    let dir = tempfile::tempdir().expect("a folder");
    let mut files = vec![dir.path().join("export")];
    fs::write(&files[0], export).expect("written");
    for (number, note) in kept.iter().enumerate() {
        let path = dir.path().join(format!("kept-{number}"));
        fs::write(&path, note).expect("written");
        files.push(path);
    }
    verifiers::say(&files)
}

/// The two logs of the sample, each with its `end`.
fn logs() -> (&'static str, &'static str) {
    let both = SAMPLE.strip_prefix(HEADING).expect("the heading");
    both.split_at(both.find("\nend\n").expect("the end of the first") + "\nend\n".len())
}

/// The sample with another checkpoint at the end of its second log.
fn ending_in(note: &str) -> String {
    let (rows, _) = SAMPLE.rsplit_once("checkpoint\n").expect("a checkpoint");
    format!("{rows}checkpoint\n{note}end\n")
}

#[test]
fn the_sample_continues_every_earlier_checkpoint_of_both_its_logs() {
    let mut all: Vec<String> = (0..=OLD.len()).map(|size| kept(6, &OLD[..size])).collect();
    all.extend((0..=NEW.len()).map(|size| kept(7, &NEW[..size])));
    assert_eq!(say(SAMPLE, &all), ("ok".to_owned(), format!("{BOTH}\n")));
    assert_eq!(say(SAMPLE, &[]).0, "ok");
}

#[test]
fn rows_that_an_honest_restore_has_lost_are_counted_and_no_fork() {
    let lost = [&OLD[..], &["lost", "too"]].concat();
    let said = format!("{BOTH}; 2 rows of {OLD_NAME} were lost\n");
    assert_eq!(say(SAMPLE, &[kept(6, &lost)]), ("ok".to_owned(), said));
    // The log that is written now has nobody who goes on for it.
    assert_eq!(say(SAMPLE, &[kept(7, &[&NEW[..], &["lost"]].concat())]).0, "truncated");
    let alone = format!("{HEADING}{}", logs().0);
    assert_eq!(say(&alone, &[kept(6, &OLD)]).0, "ok");
    assert_eq!(say(&alone, &[kept(6, &lost)]).0, "truncated");
}

#[test]
fn a_log_that_began_otherwise_is_a_fork_also_after_it_ended() {
    for (log, rows) in [(6, ["one", "other"]), (7, ["six", "other"])] {
        let (word, line) = say(SAMPLE, &[kept(log, &rows)]);
        assert_eq!(word, "fork");
        assert!(line.ends_with("did not have these first 2 rows\n"), "{line}");
    }
}

#[test]
fn a_log_that_the_one_before_it_does_not_vouch_for_is_a_fork() {
    let ended = over(6, &OLD);
    let earlier = over(6, &OLD[..4]);
    let continuing = |end: &Checkpoint| over(7, &NEW).continuing(LogId::from_bytes([0x46; 16]), end.size, end.root);
    assert_eq!(ending_in(&continuing(&ended).sign_with_earlier(&seed(7), &seed(6))), SAMPLE);
    // Not signed by the earlier log, signed by a stranger in its name, from an earlier row on, and of its own.
    for note in [
        continuing(&ended).sign(&seed(7)),
        continuing(&ended).sign_with_earlier(&seed(7), &seed(8)),
        continuing(&earlier).sign_with_earlier(&seed(7), &seed(6)),
        kept(7, &NEW),
    ] {
        let (word, line) = say(&ending_in(&note), &[]);
        assert_eq!(word, "fork", "{note}");
        assert!(line.ends_with(&format!("does not go on where {OLD_NAME} ended\n")), "{line}");
    }
}

#[test]
fn a_log_without_the_one_it_continues_misses_it() {
    let (old, new) = logs();
    let ended = kept(6, &OLD).lines().take(3).collect::<Vec<_>>().join(" ");
    for export in [format!("{HEADING}{new}"), format!("{HEADING}{new}{old}")] {
        let missing = format!("missing: the log that ended at {ended}\n");
        assert_eq!(say(&export, &[]), ("missing".to_owned(), missing));
    }
    let (word, line) = say(&format!("{HEADING}{old}"), &[kept(7, &NEW)]);
    assert_eq!(word, "missing");
    assert!(line.ends_with("of which a checkpoint was kept\n"), "{line}");
}

#[test]
fn a_kept_checkpoint_that_is_none_or_not_by_its_logs_key_is_refused() {
    assert_eq!(say(SAMPLE, &[over(6, &OLD).sign(&seed(7))]).0, "signature");
    assert_eq!(say(SAMPLE, &["nothing".to_owned()]).0, "form");
    assert_eq!(say("nothing", &[]).0, "form");
}
