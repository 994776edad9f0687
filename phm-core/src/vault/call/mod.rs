//! The vault by name, with JSON in and out: for bindings and scenario vectors.
//!
//! Each name does one thing of [`Session`] or [`Vault`] and answers with its JSON text. The names are those of the Python
//! module and of the steps in `tests/vectors`; a name that is not here, an argument that an operation does not know and an
//! argument of another type fail. What needs no vault ([`crate::analytics::OPS`]) is reached by the same door.

mod args;
mod consent;
mod house;
mod records;
mod samples;

use serde::Serialize;
use serde_json::Value;

use super::{Session, Vault};
use crate::analytics;
use crate::error::{Error, Result};

pub use args::flat_query;
pub use house::export_secret;

/// The names, those of [`crate::analytics::OPS`] aside.
pub const OPS: &[&str] = &[
    "kinds",
    "profiles",
    "profile",
    "add_profile",
    "put",
    "get",
    "amend",
    "remove",
    "restore",
    "history",
    "list",
    "search",
    "timeline",
    "who_looked",
    "give",
    "grants",
    "revoke",
    "add_document",
    "save_document",
    "add_samples",
    "samples",
    "buckets",
    "appends",
    "undo_samples",
    "import_file",
    "imports",
    "undo_import",
    "export",
    "export_deidentified",
    "verify",
    "stats",
    "backup",
    "compact",
];

impl Vault {
    /// Does the operation named `op` as `session` and answers with JSON.
    ///
    /// ```
    /// # use phm_core::access::Actor;
    /// # use phm_core::crypto::secret::Secret;
    /// # use phm_core::vault::{Options, Vault};
    /// # fn main() -> phm_core::Result<()> {
    /// # let folder = tempfile::tempdir()?;
    /// # let options = Options { cost: phm_core::crypto::kdf::Cost::FLOOR, ..Options::default() };
    /// # let (vault, _) = Vault::create(folder.path(), &[Secret::passphrase("correct horse")], options)?;
    /// let session = vault.session(Actor::Operator, "research")?;
    /// let person = vault.call(&session, "add_profile", &serde_json::json!({"body": {"name": "Asha Example"}}))?;
    /// assert!(person.contains("\"version\":1"));
    /// # vault.close()
    /// # }
    /// ```
    ///
    /// # Errors
    /// `not-found` for a name that does not exist, `invalid` with the arguments that mean nothing, and those of the
    /// operation itself.
    pub fn call(&self, session: &Session, op: &str, args: &Value) -> Result<String> {
        if !std::sync::Arc::ptr_eq(&self.inner, &session.inner) {
            return Err(Error::internal("the session belongs to another vault"));
        }
        match op {
            "kinds" => house::kinds(self, args),
            "profiles" => records::profiles(session, args),
            "profile" => records::profile(session, args),
            "add_profile" => records::add_profile(session, args),
            "put" => records::put(session, args),
            "get" => records::get(session, args),
            "amend" => records::amend(session, args),
            "remove" => records::remove(session, args),
            "restore" => records::restore(session, args),
            "history" => records::history(session, args),
            "list" => records::list(session, args),
            "search" => records::search(session, args),
            "timeline" => records::timeline(session, args),
            "add_document" => records::add_document(session, args),
            "save_document" => records::save_document(session, args),
            "who_looked" => house::who_looked(session, args),
            "give" => consent::give(session, args),
            "grants" => consent::grants(session, args),
            "revoke" => consent::revoke(session, args),
            "add_samples" => samples::add(session, args),
            "samples" => samples::read(session, args),
            "buckets" => samples::buckets(session, args),
            "appends" => samples::appends(session, args),
            "undo_samples" => samples::undo(session, args),
            "import_file" => house::import(session, args),
            "imports" => house::imports(session, args),
            "undo_import" => house::undo_import(session, args),
            "export" => house::export(session, args),
            "export_deidentified" => house::export_deidentified(session, args),
            "verify" => house::verify(session, args),
            "stats" => house::stats(self, session, args),
            "backup" => house::backup(self, session, args),
            "compact" => house::compact(self, session, args),
            _ => json(&analytics::call(op, args)?),
        }
    }
}

fn json(answer: &impl Serialize) -> Result<String> {
    serde_json::to_string(answer).map_err(|_| Error::internal("an answer is not JSON"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::access::Actor;
    use crate::crypto::kdf::Cost;
    use crate::crypto::secret::RecoveryCode;
    use crate::error::ErrorKind;
    use crate::vault::Options;

    fn vault() -> (tempfile::TempDir, Vault) {
        let home = tempfile::tempdir().expect("a folder");
        let options = Options { cost: Cost::FLOOR, ..Options::default() };
        let secret = RecoveryCode::generate().secret();
        let (vault, _) = Vault::create(&home.path().join("vault"), &[secret], options).expect("made");
        (home, vault)
    }

    #[test]
    fn a_name_or_an_argument_that_does_not_exist_fails() {
        let (_home, vault) = vault();
        let session = vault.session(Actor::Operator, "test").expect("a session");
        assert_eq!(vault.call(&session, "guess", &json!({})).expect_err("fails").kind(), ErrorKind::NotFound);
        for op in OPS {
            let error = vault.call(&session, op, &json!({"strange": 1})).expect_err(op);
            assert_eq!((error.kind(), error.details()[0].code), (ErrorKind::Invalid, "unknown-field"), "{op}");
            let error = vault.call(&session, op, &json!([])).expect_err(op);
            assert_eq!(error.details()[0].code, "wrong-type", "{op}");
        }
        assert!(vault.call(&session, "calculators", &json!({})).expect("a list").contains("ckd-epi-2021"));
    }

    #[test]
    fn a_session_of_another_vault_is_refused() {
        let ((_one, vault), (_two, other)) = (vault(), vault());
        let session = other.session(Actor::Operator, "test").expect("a session");
        assert_eq!(vault.call(&session, "profiles", &json!({})).expect_err("refused").kind(), ErrorKind::Internal);
    }

    #[test]
    fn a_list_that_came_out_empty_is_not_everybody() {
        let (home, vault) = vault();
        let session = vault.session(Actor::Operator, "test").expect("a session");
        let path = home.path().join("out");
        for list in ["profiles", "codes"] {
            let args = json!({list: [], "path": path});
            let error = vault.call(&session, "export_deidentified", &args).expect_err("refused");
            assert_eq!((error.details()[0].path.as_str(), error.details()[0].code), (&*format!("/{list}"), "required"));
            assert!(flat_query(&json!({list: []})).is_err() && !path.exists());
        }
    }

    #[test]
    fn what_is_given_is_listed_and_taken_back() {
        let (_home, vault) = vault();
        let session = vault.session(Actor::Operator, "test").expect("a session");
        let call = |op: &str, args: Value| -> Result<Value> {
            Ok(serde_json::from_str(&vault.call(&session, op, &args)?).expect("JSON"))
        };
        let person =
            call("add_profile", json!({"body": {"name": "Asha Example"}})).expect("a person")["profile"].clone();
        let body =
            json!({"to": {"role": "provider"}, "kinds": ["lab-result"], "actions": ["read"], "purpose": "a visit"});
        let given = call("give", json!({"profile": person, "body": body})).expect("given");
        assert_eq!((&given["state"], &given["kinds"]), (&json!("live"), &json!(["lab-result"])));
        let all = call("grants", json!({"profile": person})).expect("a list");
        assert_eq!(all[0]["id"], given["id"]);
        let revoked = call("revoke", json!({"profile": person, "id": given["id"]})).expect("taken back");
        assert_eq!(revoked["state"], "revoked");
        let error = call("give", json!({"profile": person, "body": {}})).expect_err("refused");
        assert!(error.details().iter().any(|detail| (detail.path.as_str(), detail.code) == ("/to", "required")));
    }

    #[test]
    fn work_that_is_stopped_ends_and_changes_nothing() {
        let (home, vault) = vault();
        let session = vault.session(Actor::Operator, "test").expect("a session");
        let made = vault.call(&session, "add_profile", &json!({"body": {"name": "Asha Example"}})).expect("a person");
        let made: Value = serde_json::from_str(&made).expect("JSON");
        let stopped = vault.session(Actor::Operator, "test").expect("a session").stopped_by(Arc::new(|| true));
        let note = json!({"profile": made["profile"], "kind": "note", "body": {"text": "x"}});
        assert_eq!(vault.call(&stopped, "put", &note).expect_err("stopped").code(), "interrupted");
        let path = home.path().join("out");
        let error = vault.call(&stopped, "export_deidentified", &json!({"path": path})).expect_err("stopped");
        assert!(error.code() == "interrupted" && !path.exists());
        let input = home.path().join("patient.json");
        std::fs::write(&input, r#"{"resourceType":"Patient","id":"p","name":[{"text":"Ravi Example"}]}"#)
            .expect("written");
        let error = vault.call(&stopped, "import_file", &json!({"path": input, "new_profile": true}));
        assert_eq!(error.expect_err("stopped").code(), "interrupted");
        assert_eq!(vault.call(&stopped, "verify", &json!({})).expect_err("stopped").code(), "interrupted");
        let error = vault.call(&stopped, "backup", &json!({"path": path})).expect_err("stopped");
        assert!(error.code() == "stopped" && !path.exists());
        assert_eq!(session.profiles().expect("people").len(), 1);
        assert_eq!(session.table("note", &flat_query(&json!({})).expect("all")).expect("a table").rows(), 0);
    }

    #[test]
    fn a_backup_goes_on_from_another() {
        let (home, vault) = vault();
        let session = vault.session(Actor::Operator, "every night").expect("a session");
        let [full, more, lost] = ["full", "more", "lost"].map(|name| home.path().join(name));
        let written = |args: Value| -> Value {
            serde_json::from_str(&vault.call(&session, "backup", &args).expect("written")).expect("JSON")
        };
        let add = |name: &str| vault.call(&session, "add_profile", &json!({"body": {"name": name}})).expect("a person");
        add("Asha Example");
        assert_eq!(written(json!({"path": full}))["number"], 0);
        add("Ravi Example");
        let second = written(json!({"path": more, "since": full}));
        assert_eq!(second["number"], 1);
        assert!(second["copied"].as_u64() < second["entries"].as_u64(), "{second}");
        let error = vault.call(&session, "backup", &json!({"path": lost, "since": home.path().join("nowhere")}));
        assert!(error.is_err() && !lost.exists());
    }

    #[test]
    fn what_concerns_the_whole_house_is_for_the_operator() {
        let (_home, vault) = vault();
        let gate = vault.session(Actor::Gate, "test").expect("a session");
        for op in ["verify", "stats", "compact"] {
            assert_eq!(vault.call(&gate, op, &json!({})).expect_err(op).kind(), ErrorKind::Denied, "{op}");
        }
        assert_eq!(vault.call(&gate, "backup", &json!({"path": "x"})).expect_err("no").kind(), ErrorKind::Denied);
    }
}
