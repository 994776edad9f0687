//! A grant: what a person lets somebody do with their records, and until when.

use crate::fields;
use crate::id::{ProfileId, RecordId};
use crate::model::{At, Count, Id, Kind, Labels, NonEmpty, Report, Summary, Text, Word};
use crate::time::When;

use super::{Account, ActionWord, Role, Token};

fields! {
    /// To whom something is granted: exactly one of these.
    pub struct Recipient checked by is_one {
        /// An account.
        account: Option<Id<Account>>,
        /// Everybody in a role.
        role: Option<Role>,
        /// A token.
        token: Option<Id<Token>>,
        /// A plugin, by name.
        plugin: Option<Word>,
        /// A service of the house, by name.
        service: Option<Word>,
    }
}

fn is_one(to: &Recipient, at: &At<'_>, report: &mut Report) {
    let given =
        [to.account.is_some(), to.role.is_some(), to.token.is_some(), to.plugin.is_some(), to.service.is_some()];
    match given.iter().filter(|given| **given).count() {
        0 => report.say(at, "required"),
        1 => {}
        _ => report.say(at, "only-one"),
    }
}

fields! {
    /// What a person lets somebody do with their records.
    pub struct Grant checked by in_order {
        /// To whom.
        to: Recipient,
        /// On whose records.
        profile: ProfileId,
        /// Hosts to which a plugin may send what it reads.
        hosts: Vec<Word>,
        /// On which kinds of record.
        kinds: Vec<Word>,
        /// On records that occurred since then.
        from: Option<When>,
        /// On records that occurred until then.
        to_date: Option<When>,
        /// What they may do.
        actions: NonEmpty<ActionWord>,
        /// What for.
        purpose: Option<Text>,
        /// Since when it holds.
        starts_at: Option<When>,
        /// Until when it holds.
        ends_at: Option<When>,
        /// The template it was made from.
        template: Option<Word>,
        /// Labels of sensitive records that it covers too.
        labels: Labels,
        /// When it was taken back.
        revoked_at: Option<When>,
        /// The account that gave it; none where the operator did.
        given_by: Option<Id<Account>>,
        /// For emergencies: how many hours it waits after it was asked for.
        wait_hours: Option<Count>,
        /// When a grant for emergencies was asked for.
        asked_at: Option<When>,
        /// On these records alone.
        records: Vec<RecordId>,
    }
}

fn in_order(grant: &Grant, at: &At<'_>, report: &mut Report) {
    crate::model::in_order(grant.from, grant.to_date, at, "to_date", report);
    crate::model::in_order(grant.starts_at, grant.ends_at, at, "ends_at", report);
}

impl Kind for Grant {
    const NAME: &'static str = "grant";
    const COLLECTION: &'static str = "";
    const SYSTEM: bool = true;

    fn occurred(&self) -> Option<When> {
        self.starts_at
    }

    fn summary(&self) -> Summary {
        Summary::of(self.purpose().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::testing::{listed, refused, stored};

    const A: &str = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
    const B: &str = "6f9619ff-8b86-4011-b42d-00c04fc964fe";

    fn grant(change: &Value) -> Value {
        let mut body = json!({"to": {"account": A}, "profile": B, "kinds": ["lab-result"], "actions": ["read"]});
        crate::model::merge_patch(&mut body, change);
        body
    }

    #[test]
    fn a_grant_keeps_its_stored_form() {
        let body = grant(&json!({
            "hosts": ["api.example.org"], "from": "2025", "to_date": "2026-06", "purpose": "second opinion",
            "starts_at": "2026-04-03T00:00:00Z", "ends_at": "2026-05-03T00:00:00Z", "template": "doctor",
            "labels": ["sensitive", "hiv"], "revoked_at": "2026-04-04T00:00:00Z", "given_by": A,
        }));
        insta::assert_snapshot!(stored::<Grant>(&body), @r#"{"to":{"account":"6f9619ff-8b86-4011-b42d-00c04fc964ff"},"profile":"6f9619ff-8b86-4011-b42d-00c04fc964fe","hosts":["api.example.org"],"kinds":["lab-result"],"from":"2025","to_date":"2026-06","actions":["read"],"purpose":"second opinion","starts_at":"2026-04-03T00:00:00.000Z","ends_at":"2026-05-03T00:00:00.000Z","template":"doctor","labels":["hiv","sensitive"],"revoked_at":"2026-04-04T00:00:00.000Z","given_by":"6f9619ff-8b86-4011-b42d-00c04fc964ff"}"#);
        assert_eq!(listed::<Grant>(&body), "2026-04-03T00:00:00.000Z|second opinion||||");
    }

    #[test]
    fn grants_that_mean_nothing_are_refused() {
        let cases = [
            (json!({"to": null}), "/to required"),
            (json!({"to": {"account": null}}), "/to required"),
            (json!({"to": {"role": "provider"}}), "/to only-one"),
            (json!({"to": {"account": null, "role": "owner"}}), "/to/role invalid-choice"),
            (json!({"to": {"everybody": true}}), "/to/everybody unknown-field"),
            (json!({"profile": null}), "/profile required"),
            (json!({"actions": []}), "/actions required"),
            (json!({"actions": ["write"]}), "/actions/0 invalid-choice"),
            (json!({"actions": "read"}), "/actions wrong-type"),
            (json!({"from": "2026", "to_date": "2025"}), "/to_date end-before-start"),
            (
                json!({"starts_at": "2026-04-03T00:00:00Z", "ends_at": "2026-04-02T23:59:59Z"}),
                "/ends_at end-before-start",
            ),
            (json!({"labels": ["Very Sensitive"]}), "/labels/0 invalid-choice"),
        ];
        for (change, expected) in cases {
            assert_eq!(refused::<Grant>(&grant(&change)), expected, "{change}");
        }
    }
}
