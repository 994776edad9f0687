//! `phm erase` and `phm rectify`: content goes beyond recall, so both ask first.

use std::io::{BufRead as _, BufReader, Write as _};

use clap::Args;
use phm_core::access::Action;
use phm_core::id::{ProfileId, RecordId};
use phm_core::time::Instant;
use phm_core::vault::{Erased, HeldBackup, Keep, Mentions, Rectified, Session};
use serde::{Deserialize, Serialize};

use super::Place;
use super::care::{mb, to_value};
use super::output::{Answer, Failure};

/// What is typed to go on.
const WORD: &str = "erase";

/// `phm erase`
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
pub struct Erase {
    /// The person, as `phm profile list` names them
    #[arg(long, value_name = "ID")]
    profile: ProfileId,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// `phm rectify`
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
pub struct Rectify {
    /// The person, as `phm profile list` names them
    #[arg(long, value_name = "ID")]
    profile: ProfileId,
    /// The record
    record: RecordId,
    /// Keep the newest version, and destroy what the record said before
    #[arg(long)]
    keep_newest: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// `phm erase`
pub fn erase(place: &Place, command: &Erase) -> Result<Answer, Failure> {
    let Erase { profile, yes } = *command;
    place.with("erasing a person", |_, session| {
        let name = name_of(session, profile);
        confirm(
            place,
            yes,
            &format!("This erases {name} with every record, document and account of their own. Nobody can undo it."),
        )?;
        let report = session.erase_profile(profile)?;
        Ok(Answer::new(to_value(&report)?, erased(&report)))
    })
}

/// `phm rectify`
pub fn rectify(place: &Place, command: &Rectify) -> Result<Answer, Failure> {
    let Rectify { profile, record, keep_newest, yes } = *command;
    let (keep, what) = if keep_newest {
        (Keep::Newest, "everything this record said before its newest version")
    } else {
        (Keep::Nothing, "this record in every version, with what it was imported from and its file")
    };
    place.with("rectifying a record", |_, session| {
        let kind = session.kind_of(profile, record)?;
        confirm(place, yes, &format!("This destroys {what}. Nobody can undo it."))?;
        let permit = session.permit(Action::Erase, profile, &kind)?;
        let report = session.rectify(&permit, record, keep)?;
        Ok(Answer::new(to_value(&report)?, rectified(&report)))
    })
}

/// How a person is called in the question: by their name, where it can be read.
fn name_of(session: &Session, profile: ProfileId) -> String {
    session.profile_card(profile).map_or_else(|_| profile.to_string(), |card| card.name)
}

/// Asks on a terminal, and lets nobody through who was not asked.
fn confirm(place: &Place, yes: bool, question: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if place.json || !place.can_ask() {
        return Err(Failure::usage("this cannot be undone; say --yes where nobody can be asked"));
    }
    let mut error = place.error();
    write!(error, "{question}\nType {WORD} to go on: ")?;
    error.flush()?;
    let mut answer = String::new();
    BufReader::new(place.input()).read_line(&mut answer)?;
    if answer.trim() == WORD { Ok(()) } else { Err(Failure::new("not-confirmed", "nothing was erased")) }
}

fn erased(report: &Erased) -> String {
    let (removed, ended) = (&report.removed, &report.ended);
    let mut lines = vec![
        format!(
            "Erased: {} records in {} entries, {} originals, {} documents, {:.1} MB.",
            removed.records.values().sum::<u64>(),
            removed.entries,
            removed.originals,
            removed.documents,
            mb(removed.bytes)
        ),
        format!(
            "Ended: {} accounts, {} relations, {} grants, {} tokens, {} imports.",
            ended.accounts.len(),
            ended.relations,
            ended.grants,
            ended.tokens,
            ended.imports
        ),
    ];
    if !ended.kept_accounts.is_empty() {
        lines.push("Their account stays, because it keeps the records of others.".to_owned());
    }
    if ended.shared_imports > 0 {
        lines.push(format!(
            "{} imports brought records of others too; what these files were called stays with the others.",
            ended.shared_imports
        ));
    }
    lines.extend(left(report.compacted, report.old_copies.made_before, &report.backups));
    lines.extend(mentioned(&report.mentions));
    lines.join("\n")
}

fn rectified(report: &Rectified) -> String {
    let removed = &report.removed;
    let mut lines = vec![format!(
        "Destroyed: {} versions, {} originals, {} documents.",
        removed.entries, removed.originals, removed.documents
    )];
    lines.extend(left(report.compacted, report.old_copies.made_before, &report.backups));
    lines.join("\n")
}

/// What copies from before still hold, and until when.
fn left(compacted: bool, made_before: Instant, backups: &[HeldBackup]) -> Vec<String> {
    let mut lines = Vec::new();
    if !compacted {
        let text = "The disk has no room to write the store anew, so sealed bytes that no key opens are still in its \
                    files; the next start tries again.";
        lines.push(text.to_owned());
    }
    lines.push(format!(
        "Copies of the whole folder made before {made_before} still hold all of it, for whoever has a secret of that \
         time, until they are deleted."
    ));
    lines.extend(backups.iter().map(|backup| {
        let name = backup.name.as_deref().unwrap_or("any backup");
        let until =
            backup.until.map_or_else(|| "until it is deleted".to_owned(), |until| format!("until {until} or later"));
        let made = if backup.name.is_some() { "made at" } else { "made before" };
        format!("Still held by {name}, {made} {}, {until}.", backup.made_at)
    }));
    lines
}

fn mentioned(mentions: &Mentions) -> Vec<String> {
    if mentions.total == 0 {
        return Vec::new();
    }
    let mut lines = vec![format!(
        "{} records of others name them in their own words. No key of theirs seals these, so they stay:",
        mentions.total
    )];
    let some = mentions.records.iter().take(20);
    lines.extend(some.map(|mention| format!("  {} {} {}", mention.profile, mention.kind, mention.record)));
    if mentions.total > 20 {
        lines.push("  … `--json` lists more".to_owned());
    }
    lines
}
