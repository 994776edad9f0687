//! An account: somebody who can sign in.

use serde::Serialize;
use serde_json::Value;

use crate::fields;
use crate::id::ProfileId;
use crate::model::macros::choice;
use crate::model::{At, Kind, Part, Report, Summary, Text, Word};
use crate::time::{PartialDate, When};

choice! {
    /// What an account is in the house; it may be several.
    pub enum Role {
        /// Runs the house; sees no content by that.
        Admin = "admin",
        /// Somebody the records are about, or who cares for one.
        Patient = "patient",
        /// Treats patients.
        Provider = "provider",
        /// Hands out medicines.
        Pharmacist = "pharmacist",
        /// Examines specimens.
        Lab = "lab",
        /// Receives patients.
        FrontDesk = "front-desk",
    }
}

choice! {
    /// Whether an account can sign in.
    pub enum AccountStatus {
        /// It can.
        Active = "active",
        /// It cannot.
        Deactivated = "deactivated",
    }
}

/// An e-mail address, as it was written.
#[derive(Clone, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this text is the same address; people do not care about capitals.
    pub fn is(&self, text: &str) -> bool {
        self.0.to_lowercase() == text.trim().to_lowercase()
    }
}

impl Part for Email {
    type View<'a> = &'a Self;

    const OF: &'static str = "text";

    fn read(value: &Value, at: &At<'_>, report: &mut Report) -> Option<Self> {
        let code = match value.as_str() {
            None => "wrong-type",
            Some(text) if text.trim().is_empty() => "required",
            Some(text) if is_address(text) => return Some(Self(text.to_owned())),
            Some(_) => "invalid-email",
        };
        report.say(at, code);
        None
    }

    fn view(&self) -> &Self {
        self
    }
}

/// What a mail server may accept; whether it does, only a mail shows.
fn is_address(text: &str) -> bool {
    let parts = text.rsplit_once('@');
    let named = parts.is_some_and(|(local, domain)| {
        !local.is_empty() && !local.contains('@') && !domain.is_empty() && !domain.starts_with('.')
    });
    named && text.len() <= 254 && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control())
}

fields! {
    /// Somebody who can sign in.
    pub struct Account checked by has_each_role_once {
        /// Their e-mail address, with which they sign in.
        email: Email,
        /// What they are called.
        name: Text,
        /// What they are in the house.
        roles: Vec<Role>,
        /// Their own profile.
        profile: Option<ProfileId>,
        /// The hash of their password, in PHC form.
        password_hash: Option<Word>,
        /// Whether they can sign in.
        status: Option<AccountStatus>,
        /// The day the account was made.
        created_on: Option<PartialDate>,
    }
}

fn has_each_role_once(account: &Account, at: &At<'_>, report: &mut Report) {
    for (index, role) in account.roles.iter().enumerate() {
        if account.roles[..index].contains(role) {
            report.say(&at.field("roles").entry(index), "only-one");
        }
    }
}

impl Account {
    /// Whether the account can sign in.
    pub fn is_active(&self) -> bool {
        self.status != Some(AccountStatus::Deactivated)
    }
}

impl Kind for Account {
    const NAME: &'static str = "account";
    const COLLECTION: &'static str = "";
    const SYSTEM: bool = true;

    fn occurred(&self) -> Option<When> {
        self.created_on.map(When::Date)
    }

    fn summary(&self) -> Summary {
        Summary::of(self.name()).status(self.status.map(AccountStatus::word))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::testing::{listed, read, refused, stored};

    #[test]
    fn an_account_keeps_its_stored_form() {
        let body = json!({
            "email": "asha@example.org", "name": "Asha Kaur", "roles": ["admin", "patient"],
            "profile": "6f9619ff-8b86-4011-b42d-00c04fc964ff", "password_hash": "$argon2id$v=19$m=1,t=1,p=1$a$b",
            "status": "active", "created_on": "2026-11-22",
        });
        insta::assert_snapshot!(stored::<Account>(&body), @r#"{"email":"asha@example.org","name":"Asha Kaur","roles":["admin","patient"],"profile":"6f9619ff-8b86-4011-b42d-00c04fc964ff","password_hash":"$argon2id$v=19$m=1,t=1,p=1$a$b","status":"active","created_on":"2026-11-22"}"#);
        assert_eq!(listed::<Account>(&body), "2026-11-22|Asha Kaur||active||");
        let account = read::<Account>(&body);
        assert!(account.is_active() && account.email().is("Asha@Example.org ") && !account.email().is("a@example.org"));
    }

    #[test]
    fn accounts_that_mean_nothing_are_refused() {
        let cases = [
            (json!({}), "/email required, /name required"),
            (json!({"email": "asha", "name": "A"}), "/email invalid-email"),
            (json!({"email": "@example.org", "name": "A"}), "/email invalid-email"),
            (json!({"email": "a@", "name": "A"}), "/email invalid-email"),
            (json!({"email": "a b@example.org", "name": "A"}), "/email invalid-email"),
            (json!({"email": "a@b@example.org", "name": "A"}), "/email invalid-email"),
            (json!({"email": "a@b", "name": "A", "roles": ["owner"]}), "/roles/0 invalid-choice"),
            (json!({"email": "a@b", "name": "A", "roles": ["lab", "lab"]}), "/roles/1 only-one"),
            (json!({"email": "a@b", "name": "A", "profile": "me"}), "/profile invalid-id"),
            (json!({"email": "a@b", "name": "A", "password": "x"}), "/password unknown-field"),
        ];
        for (body, expected) in cases {
            assert_eq!(refused::<Account>(&body), expected, "{body}");
        }
    }
}
