//! `phm import` and `phm export`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;

use clap::{Args, Subcommand};
use phm_core::crypto::digest::{Sha256, hex};
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::{
    ExportFormat, ImportInput, ImportReport, ImportRequest, ImportRun, ImportTarget, ProfileCard, Session,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Place;
use super::given::Given;
use super::output::{Answer, Failure};
use super::people::nobody;

/// The longest input on standard input that is spooled.
const LONGEST_INPUT: u64 = 64 << 30;

/// `phm import …`
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
pub struct Import {
    #[command(subcommand)]
    command: Option<ImportCommand>,
    /// Files or folders; `-` is standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<Given>,
    /// Whose records they are
    #[arg(long, conflicts_with = "new_profile", value_name = "ID")]
    profile: Option<ProfileId>,
    /// Make a person for every patient in the input
    #[arg(long)]
    new_profile: bool,
    /// The e-mail address of the account that keeps the new people's records
    #[arg(long, value_name = "EMAIL")]
    owner: Option<String>,
    /// Check and count, write nothing
    #[arg(long)]
    dry_run: bool,
    /// With --profile: take resources that name another patient as this person's
    #[arg(long)]
    accept_other_patient: bool,
}

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
enum ImportCommand {
    /// List the imports
    List,
    /// Hide everything an import brought
    Undo {
        /// The import
        id: RecordId,
    },
}

/// `phm export …`
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
pub struct Export {
    /// Whose records, or `library`
    #[arg(long, value_name = "ID")]
    profile: String,
    /// fhir-bundle, ndjson or csv
    #[arg(long, default_value = "fhir-bundle")]
    format: String,
    /// The file to write; standard output without it
    #[arg(short, long, value_name = "FILE")]
    output: Option<Given>,
}

/// `phm import …`
pub fn import(place: &Place, import: &Import) -> Result<Answer, Failure> {
    match &import.command {
        Some(ImportCommand::List) => list(place),
        Some(ImportCommand::Undo { id }) => place.with("undoing an import", |_, session| {
            let missing = || format!("there is no import {id}; `phm import list` shows them");
            session.undo_import(*id).map_err(|error| Failure::from(error).or_not_found(missing()))?;
            Ok(Answer::new(json!({"import": id, "undone": true}), format!("Undid import {id}.")))
        }),
        None => files(place, import),
    }
}

fn files(place: &Place, import: &Import) -> Result<Answer, Failure> {
    let target = match (import.profile, import.new_profile) {
        (Some(profile), _) => ImportTarget::Profile(profile),
        (None, true) => ImportTarget::NewProfiles,
        (None, false) => return Err(Failure::usage("say whose records they are: --profile ID or --new-profile")),
    };
    place.with("importing files", |vault, session| {
        let mut inputs = Vec::new();
        for path in &import.paths {
            if !path.is_dash() && !path.exists() {
                let missing = Failure::new("not-found", "there is no such file or folder to import");
                return Err(missing.about(path));
            }
            inputs.push(if path.is_dash() {
                let spool = vault.spool_all(&mut place.input(), LONGEST_INPUT)?;
                ImportInput::Spool { name: "-".to_owned(), spool: std::sync::Arc::new(spool) }
            } else {
                ImportInput::Path(path.to_path_buf())
            });
        }
        let owner = import.owner.as_deref().map(|email| session.account_by_email(email)).transpose()?;
        let request = ImportRequest {
            inputs,
            target,
            owner,
            dry_run: import.dry_run,
            accept_other_patient: import.accept_other_patient,
        };
        let mut shown = place.is_watched().then(|| place.error());
        let report = session.import(&request, &mut |progress| {
            if let Some(shown) = &mut shown {
                // Progress is worth no failure.
                let _ = write!(shown, "\r{:>9} resources {}", progress.done, progress.state);
            }
            if place.is_attended() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        if let Some(mut shown) = shown {
            let _ = writeln!(shown);
        }
        let totals = &report.totals.counts;
        let mut text = format!(
            "{}{} added, {} updated, {} unchanged, {} older, {} conflicts, {} skipped, {} refused.",
            if import.dry_run { "Nothing was written. Would be: " } else { "" },
            totals.added,
            totals.updated,
            totals.unchanged,
            totals.older,
            totals.conflicts,
            totals.skipped,
            report.totals.refused_in_all,
        );
        if !import.dry_run && !place.json {
            text.push_str(&what_next(&report));
            if import.new_profile && import.owner.is_none() {
                text.push_str(&unseen(session, &report));
            }
        }
        Ok(Answer::new(
            serde_json::to_value(&report).map_err(|error| Failure::new("internal", error.to_string()))?,
            text,
        ))
    })
}

/// How an import is taken back.
fn what_next(report: &ImportReport) -> String {
    let brought = |run: &&ImportRun| run.counts.added + run.counts.updated > 0;
    let ids: Vec<String> = report.imports.iter().filter(brought).map(|run| run.import.to_string()).collect();
    match &ids[..] {
        [] => String::new(),
        [id] => format!("\nTo take it back: phm import undo {id}"),
        _ => "\nTo take one of them back: phm import undo ID, with an id of `phm import list`.".to_owned(),
    }
}

/// How many of the people of an import are looked at for a remark.
const LOOKED_AT: usize = 20;

/// Whom of the people of the import no account sees yet, and what opens their records to one.
fn unseen(session: &Session, report: &ImportReport) -> String {
    let about = report.imports.iter().flat_map(|run| run.profiles.iter().copied()).filter(ProfileId::is_person);
    let about: BTreeSet<ProfileId> = about.collect();
    // A remark is worth no failure of an import that went well.
    let cards = about.iter().take(LOOKED_AT).filter_map(|profile| session.profile_card(*profile).ok());
    let alone: Vec<ProfileCard> = cards.filter(|card| card.owner.is_none()).collect();
    let Some(first) = alone.first() else { return String::new() };
    let others = match alone.len() - 1 {
        _ if about.len() > LOOKED_AT => " and others".to_owned(),
        0 => String::new(),
        others => format!(" and {others} more"),
    };
    let name = if first.name.is_empty() { "somebody without a name" } else { first.name.as_str() };
    format!(
        "\nNo account sees {name}{others} yet. This opens the records to one:\n  phm profile let-in {} --to EMAIL\n\
         An import with `--owner EMAIL` does so by itself.",
        first.profile
    )
}

fn list(place: &Place) -> Result<Answer, Failure> {
    place.with("listing imports", |_, session| {
        let imports = session.imports()?;
        let text = imports.iter().fold(String::new(), |text, import| {
            text + &format!("{}  {:<9} {} added  {}\n", import.import, import.state, import.counts.added, import.path)
        });
        Ok(Answer::new(
            json!({ "imports": imports }),
            if text.is_empty() { "No imports yet.".to_owned() } else { text },
        ))
    })
}

/// Counts and hashes what passes through.
struct Hashed<W> {
    out: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// `phm export …`
pub fn export(place: &Place, export: &Export) -> Result<Answer, Failure> {
    let profile = match export.profile.as_str() {
        "library" => ProfileId::LIBRARY,
        id => id.parse().map_err(|_| Failure::usage("--profile takes an id of `phm profile list`, or `library`"))?,
    };
    let format: ExportFormat =
        export.format.parse().map_err(|_| Failure::usage("--format is one of fhir-bundle, ndjson and csv"))?;
    if place.json && export.output.is_none() {
        return Err(Failure::usage("with --json the export needs a file: -o FILE"));
    }
    place.with("exporting records", |_, session| {
        let Some(path) = &export.output else {
            let mut out = BufWriter::new(place.output());
            session.export(profile, format, &mut out).map_err(nobody)?;
            out.flush()?;
            return Ok(Answer::silent());
        };
        // Before the file is made: what an export of before left there is not emptied for one that cannot be.
        if profile.is_person() {
            session.profile_card(profile).map_err(nobody)?;
        }
        let file = File::create(path).map_err(|error| Failure::from(error).about(path))?;
        let mut out = Hashed { out: BufWriter::new(file), hash: Sha256::new() };
        let resources = session.export(profile, format, &mut out)?;
        out.flush()?;
        out.out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        let sha256 = hex(&out.hash.finish());
        let total: u64 = resources.values().sum();
        let text = format!("Wrote {total} records to {}.", path.display());
        Ok(Answer::new(
            json!({"path": &**path, "profile": export.profile, "resources": resources, "sha256": sha256}),
            text,
        ))
    })
}
