//! Grants: what one person lets another account, a role, a token, a plugin or a service do.
//!
//! [`GrantTerms`] is what is asked for; [`Grant`] is what was given, as it is stored in the `system` profile. A grant
//! is live from its first moment up to, not including, its last, and from revocation on never again.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::actor::{AccountId, GrantId, TokenId};
use super::kinds::{EVERY, Kinds};
use super::scope::Scope;
use super::template::Template;
use super::words::{Action, Actions, Labels, Role};
use crate::error::Detail;
use crate::id::{ProfileId, RecordId};
use crate::time::{Instant, When};

/// Hours a grant for emergencies may wait at most: thirty days.
const LONGEST_WAIT: u16 = 720;
/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;

/// To whom something is granted. Written `{"account":"<id>"}`, `{"role":"provider"}`, `{"plugin":"<name>"}` …
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grantee {
    /// One account.
    Account(AccountId),
    /// Every account with this role.
    Role(Role),
    /// One token; it still never exceeds the account it acts for.
    Token(TokenId),
    /// A plugin; it still never exceeds the person it is called for.
    Plugin(String),
    /// A service of the house; it still never exceeds the person who gave the grant.
    Service(String),
}

/// What a grant gives, to whom, from when to when.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantTerms {
    /// To whom.
    pub to: Grantee,
    /// Hosts a plugin may send to what it reads; nothing else may be sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// The kinds of record.
    pub kinds: Kinds,
    /// Only records that occurred from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<When>,
    /// Only records that occurred up to here, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_date: Option<When>,
    /// The sensitive labels that are named; records with any other stay hidden.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
    /// Only these records, where they are chosen one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<BTreeSet<RecordId>>,
    /// What may be done with them.
    pub actions: Actions,
    /// Why, in the words of whoever gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// First moment of the grant.
    pub starts_at: Instant,
    /// First moment after the grant; without one it lasts until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
    /// The template the terms were made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// For emergencies: the grant opens nothing until it is asked for and so many hours have passed, in which whoever
    /// gave it can say no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_hours: Option<u16>,
}

/// Terms that were given by somebody, for a profile.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// The grant's own id.
    pub id: GrantId,
    /// Whose records it opens.
    pub profile: ProfileId,
    /// The account that gave it; `None` when the operator did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_by: Option<AccountId>,
    /// What it gives.
    #[serde(flatten)]
    pub terms: GrantTerms,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Instant>,
    /// When a grant for emergencies was asked for, and nobody has said no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Instant>,
}

impl Grant {
    /// Whether the grant gives anything at `now`.
    pub fn is_live(&self, now: Instant) -> bool {
        self.revoked_at.is_none()
            && self.terms.starts_at <= now
            && self.terms.ends_at.is_none_or(|ends_at| now < ends_at)
            && self.opens_at().is_some_and(|opens_at| opens_at <= now)
    }

    /// The moment from which the grant opens something; none for an emergency nobody has asked about.
    pub fn opens_at(&self) -> Option<Instant> {
        match self.terms.wait_hours {
            None => Some(self.terms.starts_at),
            Some(hours) => Some(self.asked_at?.plus_millis(i64::from(hours) * HOUR)),
        }
    }

    /// Whether the grant, while live, names `action` on records of `kind`. None names erasing, whatever its terms say.
    pub fn names(&self, action: Action, kind: &str) -> bool {
        action != Action::Erase && self.terms.actions.contains(action) && self.terms.kinds.contains(kind)
    }
}

impl GrantTerms {
    /// The records the terms open.
    pub fn scope(&self) -> Scope {
        Scope::new(self.from, self.to_date, self.labels, self.records.clone())
    }

    /// Reads the terms somebody asks for, as a request carries them; the first moment defaults to `now`.
    ///
    /// `known` says whether a kind of that name exists. A plain day as `ends_at` means the end of that day. Where `template`
    /// names a [`Template`], that fills in kinds, actions, the end and the hours to wait, as far as they are not said.
    pub fn parse(body: &Value, now: Instant, known: impl Fn(&str) -> bool) -> Result<Self, Vec<Detail>> {
        let Value::Object(asked) = body else { return Err(vec![detail("", "not-an-object")]) };
        let fields = &filled_in(asked, now);
        let mut form = Form { fields, wrong: Vec::new() };
        form.refuse_unknown(&[
            "to",
            "hosts",
            "kinds",
            "from",
            "to_date",
            "labels",
            "records",
            "actions",
            "purpose",
            "starts_at",
            "ends_at",
            "template",
            "wait_hours",
        ]);
        let to = form.read::<Grantee>("to");
        let kinds = form.read::<Vec<String>>("kinds");
        let actions = form.read::<Actions>("actions");
        let [from, to_date, starts, ends] =
            ["from", "to_date", "starts_at", "ends_at"].map(|name| form.read::<When>(name));
        let hosts = form.read::<Vec<String>>("hosts").unwrap_or_default();
        let labels = form.read::<Labels>("labels").unwrap_or_default();
        let records = form.read::<BTreeSet<RecordId>>("records");
        let [purpose, template] = ["purpose", "template"].map(|name| form.read::<String>(name));
        let wait_hours = form.read::<u16>("wait_hours");
        form.check(wait_hours.is_none_or(|hours| (1..=LONGEST_WAIT).contains(&hours)), || {
            ("/wait_hours".into(), "out-of-range")
        });
        let to_somebody = matches!(to, Some(Grantee::Account(_)) | None);
        form.check(wait_hours.is_none() || to_somebody, || ("/wait_hours".into(), "only-for-accounts"));

        form.require("to");
        form.require("kinds");
        form.require("actions");
        let names = kinds.unwrap_or_default();
        for (n, name) in names.iter().enumerate() {
            form.check(name == EVERY || known(name), || (format!("/kinds/{n}"), "unknown-kind"));
        }
        let to_a_plugin = matches!(to, Some(Grantee::Plugin(_)));
        form.check(hosts.is_empty() || to_a_plugin, || ("/hosts".into(), "only-for-plugins"));
        let erases = actions.is_some_and(|actions| actions.contains(Action::Erase));
        form.check(!erases, || ("/actions".into(), "not-grantable"));
        let starts_at = starts.map_or(now, When::first);
        let ends_at = ends.map(|ends| match ends {
            When::Instant(moment) => moment,
            When::Date(day) => day.end(),
        });
        form.check(ends_at.is_none_or(|ends| starts_at < ends), || ("/ends_at".into(), "ends-before-it-begins"));
        let window = from.zip(to_date).is_none_or(|(from, to)| from.first() < to.end());
        form.check(window, || ("/to_date".into(), "ends-before-it-begins"));

        match (to, actions, form.wrong) {
            (Some(to), Some(actions), wrong) if wrong.is_empty() => {
                let kinds = Kinds::of(names);
                Ok(Self {
                    to,
                    hosts,
                    kinds,
                    from,
                    to_date,
                    labels,
                    records,
                    actions,
                    purpose,
                    starts_at,
                    ends_at,
                    template,
                    wait_hours,
                })
            }
            (_, _, wrong) => Err(wrong),
        }
    }
}

/// The fields with what the template they name has for them.
fn filled_in(asked: &Map<String, Value>, now: Instant) -> Map<String, Value> {
    let mut fields = asked.clone();
    let Some(template) = fields.get("template").and_then(Value::as_str).and_then(Template::named) else {
        return fields;
    };
    let open = |fields: &Map<String, Value>, name: &str| fields.get(name).is_none_or(Value::is_null);
    let starts = fields.get("starts_at").and_then(|starts| When::deserialize(starts).ok()).map_or(now, When::first);
    let ends = template.hours.map(|hours| starts.plus_millis(i64::from(hours) * HOUR));
    for (name, value) in [
        ("kinds", Some(template.kinds.into())),
        ("actions", Some(template.set().iter().map(Action::as_str).collect())),
        ("ends_at", ends.map(|ends| ends.to_string().into())),
        ("wait_hours", template.wait_hours.map(Value::from)),
    ] {
        if let Some(value) = value.filter(|_| open(&fields, name)) {
            fields.insert(name.to_owned(), value);
        }
    }
    fields
}

/// A request's fields and what is wrong with them.
struct Form<'b> {
    fields: &'b Map<String, Value>,
    wrong: Vec<Detail>,
}

impl Form<'_> {
    fn check(&mut self, holds: bool, wrong: impl FnOnce() -> (String, &'static str)) {
        if !holds {
            let (path, code) = wrong();
            self.wrong.push(Detail { path, code });
        }
    }

    fn refuse_unknown(&mut self, known: &[&str]) {
        for name in self.fields.keys() {
            self.check(known.contains(&name.as_str()), || (format!("/{name}"), "unknown-field"));
        }
    }

    /// The field's value; absent and `null` are the same.
    fn read<T: serde::de::DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let value = self.fields.get(name).filter(|value| !value.is_null())?;
        let read = T::deserialize(value).ok();
        self.check(read.is_some(), || (format!("/{name}"), "invalid"));
        read
    }

    /// An empty list gives nothing, so asking with one is a mistake.
    fn require(&mut self, name: &str) {
        let given = self.fields.get(name).is_some_and(|value| match value {
            Value::Null => false,
            Value::Array(items) => !items.is_empty(),
            _ => true,
        });
        self.check(given, || (format!("/{name}"), "required"));
    }
}

fn detail(path: &str, code: &'static str) -> Detail {
    Detail { path: path.to_owned(), code }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::access::Sensitivity;

    const NOW: Instant = Instant::from_millis(1_795_000_000_000);
    const ACCOUNT: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";

    fn parse(body: &Value) -> Result<GrantTerms, Vec<(String, &'static str)>> {
        let known = |name: &str| ["lab-result", "note"].contains(&name);
        GrantTerms::parse(body, NOW, known)
            .map_err(|wrong| wrong.into_iter().map(|detail| (detail.path, detail.code)).collect())
    }

    fn asked() -> Value {
        json!({"to": {"account": ACCOUNT}, "kinds": ["lab-result"], "actions": ["read"], "purpose": "second opinion"})
    }

    fn asked_with(name: &str, value: Value) -> Value {
        let mut body = asked();
        body[name] = value;
        body
    }

    #[test]
    fn a_grant_begins_now_and_names_no_label_unless_it_says_so() {
        let terms = parse(&asked()).expect("good terms");
        assert_eq!((terms.starts_at, terms.ends_at, terms.labels), (NOW, None, Labels::NONE));
        assert_eq!(terms.to, Grantee::Account(ACCOUNT.parse().expect("an id")));
        let named = parse(&asked_with("labels", json!(["sexual-health"]))).expect("good terms");
        assert_eq!(named.labels, Labels::of(&[Sensitivity::SexualHealth]));
    }

    #[test]
    fn what_is_wrong_is_named_by_place_and_code() {
        for (name, value, path, code) in [
            ("to", json!({"account": "me"}), "/to", "invalid"),
            ("to", json!({"everybody": true}), "/to", "invalid"),
            ("to", json!({"role": "king"}), "/to", "invalid"),
            ("to", Value::Null, "/to", "required"),
            ("kinds", json!([]), "/kinds", "required"),
            ("kinds", json!(["note", "lab-results"]), "/kinds/1", "unknown-kind"),
            ("actions", json!([]), "/actions", "required"),
            ("actions", json!(["read", "write"]), "/actions", "invalid"),
            ("labels", json!(["genetics"]), "/labels", "invalid"),
            ("from", json!("2024-13"), "/from", "invalid"),
            ("hosts", json!(["example.org"]), "/hosts", "only-for-plugins"),
            ("purpose", json!(7), "/purpose", "invalid"),
            ("until", json!("2030-01-01"), "/until", "unknown-field"),
        ] {
            assert_eq!(parse(&asked_with(name, value)), Err(vec![(path.to_owned(), code)]), "{name}");
        }
        assert!(parse(&json!([])).is_err() && parse(&json!({})).expect_err("nothing asked").len() == 3);
    }

    #[test]
    fn a_grant_that_ends_before_it_begins_is_refused() {
        for (starts, ends, good) in [
            ("2027-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z", false),
            ("2027-01-01T00:00:00.001Z", "2027-01-01T00:00:00.000Z", false),
            ("2027-01-01T00:00:00.000Z", "2027-01-01T00:00:00.001Z", true),
            ("2027-01-01", "2027-01-01", true),
            ("2027-01-02", "2027-01-01", false),
        ] {
            let mut body = asked_with("starts_at", json!(starts));
            body["ends_at"] = json!(ends);
            assert_eq!(parse(&body).is_ok(), good, "{starts} to {ends}");
        }
        let mut window = asked_with("from", json!("2024"));
        window["to_date"] = json!("2023-12-31");
        assert_eq!(parse(&window), Err(vec![("/to_date".to_owned(), "ends-before-it-begins")]));
    }

    #[test]
    fn a_grant_is_live_from_its_first_moment_up_to_its_last() {
        let mut grant = Grant {
            id: RecordId::from_bytes([1; 16]),
            profile: ProfileId::from_bytes([2; 16]),
            given_by: None,
            terms: parse(&asked_with("ends_at", json!("2030-01-01T00:00:00.000Z"))).expect("good terms"),
            revoked_at: None,
            asked_at: None,
        };
        let end = grant.terms.ends_at.expect("it ends");
        for (now, live) in [
            (NOW.plus_millis(-1), false),
            (NOW, true),
            (end.plus_millis(-1), true),
            (end, false),
            (end.plus_millis(1000), false),
        ] {
            assert_eq!(grant.is_live(now), live, "{now}");
        }
        grant.revoked_at = Some(end);
        assert!(!grant.is_live(NOW), "a revoked grant stays dead, even by a clock that was set back");
    }

    #[test]
    fn the_stored_form_reads_back_and_stays_as_it_is() {
        let grant = Grant {
            id: RecordId::from_bytes([1; 16]),
            profile: ProfileId::from_bytes([2; 16]),
            given_by: Some(RecordId::from_bytes([3; 16])),
            terms: parse(&asked_with("from", json!("2024"))).expect("good terms"),
            revoked_at: None,
            asked_at: None,
        };
        let stored = serde_json::to_string(&grant).expect("plain data");
        insta::assert_snapshot!(stored);
        assert_eq!(serde_json::from_str::<Grant>(&stored).expect("own text"), grant);
    }
}
