//! Erasing a person, and what is told of it; rectifying a record stands with the other operations on records.

use std::collections::BTreeMap;
use std::sync::Arc;

use phm_core::vault;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::Chapter;
use super::place::ProfileName;
use crate::http::body::Body;
use crate::http::envelope::Answer;
use crate::http::guard::Caller;
use crate::http::house::House;
use crate::http::problem::Problem;

/// That somebody means it: the id of what goes, typed again.
#[derive(Deserialize, Object, Serialize)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub(super) struct Confirmation {
    /// The id of the person.
    confirm: String,
}

/// What was removed.
#[derive(Object, Serialize)]
struct Removal {
    /// Records, by kind.
    records: BTreeMap<String, u64>,
    /// Journal entries: every version counts.
    entries: u64,
    /// Exact bytes of imported resources.
    originals: u64,
    /// Files of documents.
    documents: u64,
    /// Bytes of all of that, sealed.
    bytes: u64,
}

/// What the house kept about the person alone, and keeps no more.
#[derive(Object, Serialize)]
struct Ended {
    /// Accounts: their own, where it kept nobody else's records.
    accounts: Vec<String>,
    /// Relations of accounts to them.
    relations: u64,
    /// Grants on their records.
    grants: u64,
    /// Tokens for their records alone.
    tokens: u64,
    /// Imports of their records alone, with the names of the files.
    imports: u64,
    /// Accounts of theirs that stay, because they keep the records of others.
    kept_accounts: Vec<String>,
    /// Imports that brought records of others too; what the file was called stays with these.
    shared_imports: u64,
}

/// Copies of the whole folder: whoever has one, with a secret of its time, still opens what went.
#[derive(Object, Serialize)]
struct OldCopies {
    /// Only those made before this moment.
    made_before: String,
    /// Until when they open; without it, until they are deleted.
    until: Option<String>,
}

/// A backup that still holds what went.
#[derive(Object, Serialize)]
struct HeldBackup {
    /// The name of its file; without it, any backup made before the moment.
    name: Option<String>,
    /// When it was made; of unnamed ones, before when.
    made_at: String,
    /// When the schedule deletes it, or later where it is needed still; without it, it is kept until somebody does.
    until: Option<String>,
}

/// A record of somebody else in which the name of the person was found.
#[derive(Object, Serialize)]
struct Mention {
    /// Whose record it is.
    profile: String,
    /// Its kind.
    kind: String,
    /// The record.
    record: String,
}

/// What others wrote about the person, as far as the caller may read it. It stays: no key of theirs seals it.
#[derive(Object, Serialize)]
struct Mentions {
    /// How many records.
    total: u64,
    /// The first thousand of them.
    records: Vec<Mention>,
}

/// A person who was erased, and what still holds something of them.
#[derive(Object, Serialize)]
struct Erasure {
    /// Who it was.
    profile: String,
    /// When it was begun: copies from before hold everything.
    begun_at: String,
    /// What was removed.
    removed: Removal,
    /// What the house kept about them alone.
    ended: Ended,
    /// Whether the sealed bytes are gone from the store's files too; otherwise the next start tries again.
    compacted: bool,
    /// What old copies of the folder still hold.
    old_copies: OldCopies,
    /// Which backups still hold it.
    backups: Vec<HeldBackup>,
    /// Where others wrote about them.
    mentions: Mentions,
}

/// A record that was destroyed, or what it said before, and what still holds something of it.
#[derive(Object, Serialize)]
pub(super) struct Rectification {
    /// Whose record it was.
    profile: String,
    /// The record.
    record: String,
    /// When it was begun: copies from before hold everything.
    begun_at: String,
    /// What was removed.
    removed: Removal,
    /// Whether the sealed bytes are gone from the store's files too; otherwise the next start tries again.
    compacted: bool,
    /// What old copies of the folder still hold.
    old_copies: OldCopies,
    /// Which backups still hold it.
    backups: Vec<HeldBackup>,
}

impl From<vault::Removal> for Removal {
    fn from(removed: vault::Removal) -> Self {
        let vault::Removal { records, entries, originals, documents, bytes } = removed;
        Self { records, entries, originals, documents, bytes }
    }
}

impl From<vault::Ended> for Ended {
    fn from(ended: vault::Ended) -> Self {
        let ids = |ids: Vec<phm_core::id::RecordId>| ids.iter().map(ToString::to_string).collect();
        Self {
            accounts: ids(ended.accounts),
            relations: ended.relations,
            grants: ended.grants,
            tokens: ended.tokens,
            imports: ended.imports,
            kept_accounts: ids(ended.kept_accounts),
            shared_imports: ended.shared_imports,
        }
    }
}

impl From<vault::OldCopies> for OldCopies {
    fn from(copies: vault::OldCopies) -> Self {
        Self { made_before: copies.made_before.to_string(), until: copies.until.map(|until| until.to_string()) }
    }
}

impl From<vault::HeldBackup> for HeldBackup {
    fn from(backup: vault::HeldBackup) -> Self {
        let vault::HeldBackup { name, made_at, until } = backup;
        Self { name, made_at: made_at.to_string(), until: until.map(|until| until.to_string()) }
    }
}

impl From<vault::Mention> for Mention {
    fn from(mention: vault::Mention) -> Self {
        Self { profile: mention.profile.to_string(), kind: mention.kind, record: mention.record.to_string() }
    }
}

impl From<vault::Erased> for Erasure {
    fn from(report: vault::Erased) -> Self {
        Self {
            profile: report.profile.to_string(),
            begun_at: report.begun_at.to_string(),
            removed: report.removed.into(),
            ended: report.ended.into(),
            compacted: report.compacted,
            old_copies: report.old_copies.into(),
            backups: report.backups.into_iter().map(Into::into).collect(),
            mentions: Mentions {
                total: report.mentions.total,
                records: report.mentions.records.into_iter().map(Into::into).collect(),
            },
        }
    }
}

impl From<vault::Rectified> for Rectification {
    fn from(report: vault::Rectified) -> Self {
        Self {
            profile: report.profile.to_string(),
            record: report.record.to_string(),
            begun_at: report.begun_at.to_string(),
            removed: report.removed.into(),
            compacted: report.compacted,
            old_copies: report.old_copies.into(),
            backups: report.backups.into_iter().map(Into::into).collect(),
        }
    }
}

/// Erasing people.
pub struct Erasing;

#[OpenApi(tag = "Chapter::Profiles")]
impl Erasing {
    /// Erase a person: every record, document and key of theirs, beyond recall. For the person and whoever keeps their
    /// profile.
    #[oai(path = "/profiles/:profile/erase", method = "post", operation_id = "profiles_erase")]
    async fn erase(
        &self,
        caller: Caller,
        house: Data<&Arc<House>>,
        profile: Path<String>,
        body: Body<Confirmation>,
    ) -> Result<Answer<Erasure>, Problem> {
        let profile = ProfileName::read(&profile.0)?;
        let typed = body.0.confirm;
        let erased = house.with(&caller, move |session| {
            let profile = profile.resolve(session)?;
            if typed != profile.to_string() {
                return Err(Problem::invalid("/confirm", "not-confirmed"));
            }
            Ok(session.erase_profile(profile)?)
        });
        Ok(Answer::new(erased.await?.into()))
    }
}
