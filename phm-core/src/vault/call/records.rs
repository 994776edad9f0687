//! People and their records.

use std::fs::File;
use std::io::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use super::args::{Args, invalid};
use crate::access::{Action, Permit};
use crate::error::{Error, ErrorKind, Result};
use crate::id::{ProfileId, RecordId};
use crate::vault::records::read_lock;
use crate::vault::session::{PROFILE, Session};
use crate::vault::shown::{How, Page, Removed};

/// A document of more bytes is refused.
const LARGEST_DOCUMENT: u64 = 4 << 30;

pub(super) fn profiles(session: &Session, args: &Value) -> Result<String> {
    Args::of(args, &[])?;
    super::json(&session.profiles()?)
}

pub(super) fn profile(session: &Session, args: &Value) -> Result<String> {
    super::json(&session.profile_card(Args::of(args, &["profile"])?.profile()?)?)
}

pub(super) fn add_profile(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["body", "owner"])?;
    super::json(&session.add_profile(args.value("body")?, args.parsed_if("owner", "invalid-id")?)?)
}

/// A permit for records of `kind`, or of the kind that the record `id` has.
fn permit(session: &Session, action: Action, args: &Args<'_>) -> Result<Permit> {
    let profile = args.profile()?;
    if let Some(kind) = args.text_if("kind")? {
        return session.permit(action, profile, kind);
    }
    let kind = kind_of(session, profile, args.id("id")?)?;
    session.permit(action, profile, &kind).map_err(|error| match error.kind() {
        // That there is such a record is nothing to whoever may not see its kind.
        ErrorKind::Denied if session.permit_if_allowed(Action::Read, profile, &kind).is_none() => Error::not_found(),
        _ => error,
    })
}

fn kind_of(session: &Session, profile: ProfileId, id: RecordId) -> Result<String> {
    session.permit(Action::Read, profile, PROFILE)?;
    let open = session.inner.open_profile(profile)?;
    let index = read_lock(&open);
    Ok(index.record(id).ok_or_else(Error::not_found)?.kind().to_owned())
}

fn how(args: &Args<'_>) -> Result<How> {
    match args.text_if("how")? {
        None | Some("typed") => Ok(How::Typed),
        Some("device") => Ok(How::Device),
        Some(_) => Err(invalid("how", "invalid-choice")),
    }
}

/// Adds a record, or with `id` and `based_on` amends one.
pub(super) fn put(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "kind", "body", "id", "based_on", "how"])?;
    let (kind, how) = (args.text("kind")?, how(&args)?);
    let Some(id) = args.parsed_if::<RecordId>("id", "invalid-id")? else {
        if args.number_if("based_on")?.is_some() {
            return Err(invalid("id", "required"));
        }
        let permit = session.permit(Action::Add, args.profile()?, kind)?;
        return super::json(&session.add(&permit, args.value("body")?, how)?);
    };
    let permit = session.permit(Action::Amend, args.profile()?, kind)?;
    super::json(&session.amend(&permit, id, args.number("based_on")?, args.value("body")?, how)?)
}

pub(super) fn get(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "kind", "id", "removed"])?;
    let removed = if args.flag("removed")? { Removed::Show } else { Removed::Hide };
    super::json(&session.read(&permit(session, Action::Read, &args)?, args.id("id")?, removed)?)
}

pub(super) fn amend(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "kind", "id", "body", "based_on", "how"])?;
    let permit = permit(session, Action::Amend, &args)?;
    super::json(&session.amend(&permit, args.id("id")?, args.number("based_on")?, args.value("body")?, how(&args)?)?)
}

pub(super) fn remove(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "kind", "id", "based_on"])?;
    let permit = permit(session, Action::Amend, &args)?;
    super::json(&session.remove(&permit, args.id("id")?, args.number("based_on")?)?)
}

pub(super) fn restore(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "kind", "id", "based_on", "version"])?;
    let permit = permit(session, Action::Amend, &args)?;
    super::json(&session.restore(&permit, args.id("id")?, args.number("based_on")?, args.number_if("version")?)?)
}

pub(super) fn history(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "kind", "id"])?;
    super::json(&session.history(&permit(session, Action::Read, &args)?, args.id("id")?)?)
}

pub(super) fn list(session: &Session, args: &Value) -> Result<String> {
    const KNOWN: [&str; 11] =
        ["profile", "kind", "code", "status", "since", "until", "text", "sort", "page", "per_page", "removed"];
    let args = Args::of(args, &KNOWN)?;
    let permit = session.permit(Action::Read, args.profile()?, args.text("kind")?)?;
    paged(session.list(&permit, &args.query()?)?)
}

pub(super) fn search(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "text", "kinds", "since", "until", "page", "per_page"])?;
    args.text("text")?;
    paged(session.timeline(args.profile()?, &args.texts("kinds")?, &args.query()?)?)
}

pub(super) fn timeline(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "kinds", "since", "until", "sort", "page", "per_page"])?;
    paged(session.timeline(args.profile()?, &args.texts("kinds")?, &args.query()?)?)
}

/// Adds the file at `path` as a document.
pub(super) fn add_document(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "body", "path"])?;
    let permit = session.permit(Action::Add, args.profile()?, "document")?;
    let mut content = File::open(args.path("path")?)?;
    super::json(&session.add_document(&permit, args.value("body")?, &mut content, LARGEST_DOCUMENT)?)
}

/// Writes the content of a document to the new file `path`, readable by its owner only.
pub(super) fn save_document(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "id", "path"])?;
    let permit = session.permit(Action::Read, args.profile()?, "document")?;
    let mut reader = session.document(&permit, args.id("id")?)?;
    let path = args.path("path")?;
    let mut out = super::house::new_file(&path)?;
    let bytes = std::io::copy(&mut reader, &mut out)?;
    out.flush()?;
    super::json(&json!({"path": path, "bytes": bytes}))
}

fn paged<T: Serialize>(page: Page<T>) -> Result<String> {
    #[derive(Serialize)]
    struct Paged<T> {
        items: Vec<T>,
        total: u64,
        page: u32,
        per_page: u32,
    }
    let Page { items, total, page, per_page } = page;
    super::json(&Paged { items, total, page, per_page })
}
