//! `phm audit`: checkpoints, proofs and the log itself, for people who hold no key of the vault.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use clap::Subcommand;
use phm_core::audit::plain::Rows;
use phm_core::crypto::durable;
use phm_core::vault::Standing;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Place;
use super::care::to_value;
use super::given::Given;
use super::output::{Answer, Failure};

/// `phm audit …`
#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
pub enum Audit {
    /// Sign how long the audit log is and what its root is, to be kept elsewhere
    Checkpoint {
        /// The file to write; without it the checkpoint is printed
        #[arg(short, long, value_name = "FILE")]
        output: Option<Given>,
    },
    /// Print the public key that checks this vault's checkpoints
    Key,
    /// Prove that a row stands in the log, or that the log only grew
    #[command(group = clap::ArgGroup::new("what").required(true))]
    Proof {
        /// The number of the row, as `phm verify` names it
        #[arg(long, value_name = "N", group = "what")]
        entry: Option<u64>,
        /// A checkpoint kept elsewhere, which the log should continue
        #[arg(long, value_name = "FILE", group = "what")]
        since: Option<Given>,
    },
    /// Write the log in a plain form that can be verified without any key; rows stay sealed
    Export {
        /// The file to write
        #[arg(short, long, value_name = "FILE")]
        output: Given,
        /// Write the hash of each row instead of the sealed row: shorter, and enough to check the tree
        #[arg(long)]
        hashes: bool,
    },
}

/// `phm audit …`
pub fn audit(place: &Place, audit: &Audit) -> Result<Answer, Failure> {
    match audit {
        Audit::Checkpoint { output } => checkpoint(place, output.as_deref()),
        Audit::Key => place.with("reading the key of checkpoints", |vault, _| {
            let key = vault.checkpoint_verifier()?.to_text();
            Ok(Answer::new(json!({ "key": key }), key))
        }),
        Audit::Proof { entry: Some(entry), .. } => place.with("proving an audit row", |vault, _| {
            let proof = vault.prove_entry(*entry)?;
            let text = proof.proof.clone();
            Ok(Answer::new(to_value(&proof)?, text))
        }),
        Audit::Proof { since, .. } => growth(place, since.as_deref().unwrap_or(Path::new(""))),
        Audit::Export { output, hashes } => export(place, output, if *hashes { Rows::Hashes } else { Rows::Sealed }),
    }
}

fn checkpoint(place: &Place, output: Option<&Path>) -> Result<Answer, Failure> {
    place.with("signing a checkpoint of the audit log", |vault, _| {
        let (note, key) = (vault.checkpoint()?, vault.checkpoint_verifier()?.to_text());
        let mut text = note.clone();
        if let Some(path) = output {
            durable::write_file(path, note.as_bytes())?;
            text = format!("Wrote a checkpoint to {}. Keep it where this machine cannot change it.", path.display());
        }
        Ok(Answer::new(json!({"path": output, "checkpoint": note, "key": key}), text))
    })
}

fn growth(place: &Place, since: &Path) -> Result<Answer, Failure> {
    let note = std::fs::read_to_string(since).map_err(|error| Failure::from(error).about(since))?;
    place.with("proving that the audit log only grew", |vault, _| {
        let standing = vault.compare_checkpoint(&note)?;
        if standing != Standing::Continued {
            let value = to_value(&standing)?;
            let word = value["standing"].as_str().unwrap_or_default();
            let message = format!("the log does not continue this checkpoint ({word}); run `phm verify --checkpoint`");
            return Err(Failure::new("check-failed", message));
        }
        let size = phm_core::audit::checkpoint::read_unverified(&note).map_err(phm_core::Error::from)?.size;
        let proof = vault.prove_growth(size)?;
        let text = format!(
            "The log had {} rows with root {} and has {} with root {}. The proof:\n{}",
            proof.old_size,
            proof.old_root,
            proof.size,
            proof.root,
            proof.hashes.join("\n")
        );
        Ok(Answer::new(to_value(&proof)?, text))
    })
}

fn export(place: &Place, path: &Path, rows: Rows) -> Result<Answer, Failure> {
    place.with("exporting the audit log, sealed", |vault, _| {
        let file = durable::private().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Failure::new("not-empty", "the file exists already; choose another name")
            }
            _ => error.into(),
        })?;
        let exported = write(vault, rows, file);
        if exported.is_err() {
            // What failed first is what counts; half a log would only mislead.
            let _ = std::fs::remove_file(path);
        }
        let logs = exported?;
        let rows: u64 = logs.iter().map(|log| log.size).sum();
        let text = format!("Wrote {rows} rows of {} log(s) to {}.", logs.len(), path.display());
        Ok(Answer::new(json!({"path": path, "logs": logs}), text))
    })
}

fn write(vault: &phm_core::vault::Vault, rows: Rows, file: File) -> Result<Vec<phm_core::vault::ExportedLog>, Failure> {
    let mut out = BufWriter::new(file);
    let logs = vault.export_audit(rows, &mut out)?;
    out.flush()?;
    out.get_ref().sync_all()?;
    Ok(logs)
}
