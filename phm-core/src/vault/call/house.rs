//! What concerns the whole house: imports, exports, who looked, verifying, backups.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write as _};
use std::ops::ControlFlow;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::args::{Args, invalid};
use crate::audit::query::AuditQuery;
use crate::backup::Order;
use crate::crypto::digest::hex;
use crate::error::{Error, ErrorKind, Result};
use crate::model::FieldInfo;
use crate::vault::session::Session;
use crate::vault::{ExportFormat, ImportInput, ImportRequest, ImportTarget, Vault};

/// The kinds of records people have, with their fields.
pub(super) fn kinds(vault: &Vault, args: &Value) -> Result<String> {
    Args::of(args, &[])?;
    let shown = vault.kinds().iter().filter(|info| !info.system);
    let kinds: Vec<Value> = shown.map(|info| json!({"kind": info.name, "fields": fields(info.fields)})).collect();
    super::json(&kinds)
}

fn fields(all: &[FieldInfo]) -> Vec<Value> {
    let one = |field: &FieldInfo| {
        let mut out = Map::new();
        out.insert("name".into(), field.name.into());
        out.insert("type".into(), field.of.into());
        out.insert("many".into(), field.many.into());
        out.insert("required".into(), field.required.into());
        out.insert("doc".into(), field.doc.into());
        if !field.choices.is_empty() {
            out.insert("choices".into(), field.choices.into());
            out.insert("open".into(), field.open.into());
        }
        if !field.fields.is_empty() {
            out.insert("fields".into(), fields(field.fields).into());
        }
        Value::Object(out)
    };
    all.iter().map(one).collect()
}

pub(super) fn who_looked(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "actor", "kind", "since", "until", "page", "per_page"])?;
    let (time, (page, per_page)) = (args.time()?, args.page()?);
    let own = |name| Ok::<_, Error>(args.text_if(name)?.map(str::to_owned));
    let query = AuditQuery {
        actor: own("actor")?,
        kind: own("kind")?,
        from: time.from,
        to: time.to,
        page: page.into(),
        per_page: per_page.into(),
    };
    let found = session.who_looked(args.profile()?, &query)?;
    super::json(&json!({"items": found.rows, "total": found.total, "page": page, "per_page": per_page}))
}

pub(super) fn import(session: &Session, args: &Value) -> Result<String> {
    let known = ["path", "profile", "new_profile", "owner", "dry_run", "accept_other_patient"];
    let args = Args::of(args, &known)?;
    let target = match (args.parsed_if("profile", "invalid-id")?, args.flag("new_profile")?) {
        (Some(profile), false) => ImportTarget::Profile(profile),
        (None, true) => ImportTarget::NewProfiles,
        (None, false) => return Err(invalid("profile", "required")),
        (Some(_), true) => return Err(invalid("new_profile", "only-one")),
    };
    let paths = args.texts("path")?;
    if paths.is_empty() {
        return Err(invalid("path", "required"));
    }
    let request = ImportRequest {
        inputs: paths.into_iter().map(|path| ImportInput::Path(path.into())).collect(),
        target,
        owner: args.parsed_if("owner", "invalid-id")?,
        dry_run: args.flag("dry_run")?,
        accept_other_patient: args.flag("accept_other_patient")?,
    };
    let report = session.import(&request, &mut |_| match session.go_on() {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    })?;
    super::json(&report)
}

pub(super) fn imports(session: &Session, args: &Value) -> Result<String> {
    Args::of(args, &[])?;
    super::json(&session.imports()?)
}

pub(super) fn undo_import(session: &Session, args: &Value) -> Result<String> {
    let import = Args::of(args, &["import"])?.id("import")?;
    session.undo_import(import)?;
    super::json(&json!({"import": import, "undone": true}))
}

/// Writes an export to the new file `path`, readable by its owner only; a file that failed half-way is removed.
pub(super) fn export(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "format", "path"])?;
    let (profile, path) = (args.profile()?, args.path("path")?);
    let format: ExportFormat = args.text("format")?.parse()?;
    let mut out = BufWriter::new(new_file(&path)?);
    let done = session.export(profile, format, &mut out).and_then(|counts| {
        out.flush()?;
        Ok(counts)
    });
    if done.is_err() {
        // What is there belongs to nobody; why the export failed is what counts.
        let _ = std::fs::remove_file(&path);
    }
    super::json(&json!({"path": path, "profile": profile, "resources": done?}))
}

/// Writes everything of people without what names them to the new file `path`; answers with what went.
pub(super) fn export_deidentified(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profiles", "codes", "since", "until", "secret", "path"])?;
    let (query, path) = (args.flat_query()?, args.path("path")?);
    let secret = export_secret(args.text_if("secret")?)?;
    let mut out = BufWriter::new(new_file(&path)?);
    let done = session.export_deidentified(&query, secret.as_bytes(), &mut out).and_then(|report| {
        out.flush()?;
        Ok(report)
    });
    if done.is_err() {
        // What is there belongs to nobody; why the export failed is what counts.
        let _ = std::fs::remove_file(&path);
    }
    super::json(&json!({"path": path, "report": done?}))
}

/// A shorter secret could be guessed, and with it every pseudonym.
const SHORTEST_SECRET: usize = 16;

/// The secret of a de-identified export or table: the one that was given, or a random one that nobody keeps, so that no
/// other export fits this one.
///
/// # Errors
/// `invalid` where it has fewer than 16 characters.
pub fn export_secret(given: Option<&str>) -> Result<Zeroizing<String>> {
    match given {
        Some(short) if short.chars().count() < SHORTEST_SECRET => Err(invalid("secret", "too-short")),
        Some(secret) => Ok(Zeroizing::new(secret.to_owned())),
        None => Ok(Zeroizing::new(hex(&crate::crypto::random::<32>()))),
    }
}

/// A file for its owner alone, where nothing stands yet.
pub(super) fn new_file(path: &Path) -> Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Error::new(ErrorKind::Conflict, "not-empty", "there is a file of this name already; choose another one")
        }
        _ => error.into(),
    })
}

pub(super) fn verify(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["checkpoint"])?;
    super::json(&session.verify(args.text_if("checkpoint")?.map(Path::new))?)
}

pub(super) fn stats(vault: &Vault, session: &Session, args: &Value) -> Result<String> {
    Args::of(args, &[])?;
    session.is_operator()?;
    super::json(&vault.stats()?)
}

pub(super) fn backup(vault: &Vault, session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["path", "since"])?;
    session.is_operator()?;
    let since = args.text_if("since")?.map(PathBuf::from);
    let mut order = Order { since, purpose: session.purpose.clone(), ..Order::default() };
    if let Some(stop) = session.stop() {
        order.stop = Arc::clone(stop);
    }
    super::json(&crate::backup::make(vault, &args.path("path")?, &order)?)
}

pub(super) fn compact(vault: &Vault, session: &Session, args: &Value) -> Result<String> {
    Args::of(args, &[])?;
    session.is_operator()?;
    super::json(&vault.compact()?)
}
