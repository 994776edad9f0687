//! Who may see a person's records: given, listed, taken back.

use serde_json::Value;

use super::args::Args;
use crate::error::Result;
use crate::vault::session::Session;

/// Lets somebody do with a person's records what `body` names.
pub(super) fn give(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "body"])?;
    super::json(&session.give(args.profile()?, args.value("body")?)?)
}

/// The grants on a person's records, newest first.
pub(super) fn grants(session: &Session, args: &Value) -> Result<String> {
    super::json(&session.grants(Args::of(args, &["profile"])?.profile()?)?)
}

/// Takes a grant back.
pub(super) fn revoke(session: &Session, args: &Value) -> Result<String> {
    let args = Args::of(args, &["profile", "id"])?;
    super::json(&session.revoke(args.profile()?, args.id("id")?)?)
}
