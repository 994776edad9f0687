//! What is sent for an operation: a request that is right but for who sends it.

use phm_core::time::Instant;
use poem::http::Method;
use serde_json::{Value, json};

use super::NOBODY;
use super::house::{House, years_ago};
use super::operations::{Operation, of_records};
use crate::house::PASSWORD;
use crate::records::bodies;

/// A request, but for who sends it.
#[derive(Clone)]
pub struct Ask {
    pub method: Method,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Value>,
    pub file: Option<Vec<(&'static str, String)>>,
}

impl Ask {
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: None, file: None }
    }

    /// The same to another address.
    pub fn at(self, path: String) -> Self {
        Self { path, ..self }
    }

    /// The same, about somebody who does not exist instead of `profile`.
    pub fn about_nobody(&self, profile: &str) -> Self {
        let body = self.body.as_ref().map(|body| body.to_string().replace(profile, NOBODY));
        let body = body.map(|body| serde_json::from_str(&body).expect("JSON"));
        Self { path: self.path.replace(profile, NOBODY), body, ..self.clone() }
    }

    pub fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    pub fn based_on(mut self, version: u32) -> Self {
        self.headers.push(("if-match", format!("\"{version}\"")));
        self
    }
}

impl House {
    /// The request of an operation about the person. `passes` says whether it is for somebody who may, who then gets what
    /// they may spoil: a record of their own making, or a confirmation that is none.
    pub async fn ask(&self, operation: &Operation, passes: bool) -> Ask {
        let name = operation.name.as_str();
        if let Some((collection, verb)) = of_records(name) {
            return self.ask_about_records(&collection, verb, passes).await;
        }
        let (method, path) = (operation.method.clone(), operation.path.as_str());
        let path = path.replace("{profile}", &self.kid.profile);
        let at = |id: &str| Ask::new(method.clone(), path.replace("{id}", id));
        let record = |collection: &str| self.records[collection].clone();
        let confirm = if passes { NOBODY } else { self.kid.profile.as_str() };
        match name {
            "documents_content" => at(&record("documents")),
            "medications_schedule" | "medications_supply" => at(&record("medications")),
            "series_samples" | "series_appends" => at(&record("series")),
            "series_samples_add" => {
                at(&record("series")).with(json!({"samples": [{"at": "2026-04-04T08:00:00Z", "value": "61"}]}))
            }
            "series_appends_undo" => {
                let series = if passes { self.fresh("series").await } else { record("series") };
                let samples = json!({"samples": [{"at": "2026-04-03T08:00:00Z", "value": "60"}]});
                let add = Ask::new(Method::POST, self.of(&format!("/series/{series}/samples"))).with(samples);
                let entry = if passes { self.done(&add).await["entry"].to_string() } else { "1".to_owned() };
                let ask = at(&series);
                Ask { path: ask.path.replace("{entry}", &entry), ..ask }
            }
            "lab_results_trends" => Ask::new(method, format!("{path}?code=4548-4")),
            "search" => Ask::new(method, format!("{path}?q=x")),
            "export_deidentified" | "auth_elsewhere_change" => at("").with(json!({})),
            "preferred_units_choose" => at("").with(json!({"units": {}})),
            "profiles_create" => at("").with(json!({"name": {"text": "Somebody"}})),
            "profiles_put" | "profiles_patch" => {
                let version = self.done(&Ask::new(Method::GET, self.of(""))).await["version"].as_u64().expect("one");
                let body = json!({"name": {"text": "Kid Example"}, "birth_date": years_ago(8)});
                at("").with(body).based_on(u32::try_from(version).expect("small"))
            }
            "profiles_erase" => at("").with(json!({"confirm": confirm})),
            "grants_create" => at("").with(json!({"to": {"account": self.spare.account}, "template": "pharmacy"})),
            "grants_read" | "grants_revoke" | "grants_ask" | "grants_refuse" => at(&self.grant().await),
            "break_glass" => at("").with(json!({"reason": "found unconscious"})),
            "break_glass_by_name" => {
                at("").with(json!({"name": "Kid Example", "birth_date": years_ago(8), "reason": "found unconscious"}))
            }
            "family_let_in" => {
                at("").with(json!({"account": self.spare.account, "relation": "carer", "kinds": ["note"]}))
            }
            "family_invite" => at("").with(json!({"relation": "carer", "kinds": ["note"]})),
            "family_invitations_end" => {
                self.invitation().await;
                let waiting = self.done(&Ask::new(Method::GET, self.of("/family/invitations"))).await;
                at(waiting[0]["id"].as_str().expect("an id"))
            }
            "family_change" => at(&self.relation().await).with(json!({"kinds": ["note"]})),
            "family_end" => at(&self.relation().await),
            "family_invitation" | "family_accept" => at("").with(json!({"invitation": self.invitation().await})),
            "invitations_end" if passes => {
                let admin = Some(&self.admin);
                self.send(&Ask::new(Method::POST, "/api/v1/invitations"), admin).await;
                let waiting = self.send(&Ask::new(Method::GET, "/api/v1/invitations"), admin).await.data();
                at(waiting[0]["id"].as_str().expect("an id"))
            }
            "tokens_create" => at("").with(self.wanted_token()),
            "tokens_revoke" => {
                let made = self.done(&Ask::new(Method::POST, "/api/v1/tokens").with(self.wanted_token())).await;
                at(made["id"].as_str().expect("an id"))
            }
            "shares_create" => at("").with(json!({
                "records": [self.records["lab-results"]], "expires_at": Instant::now().plus_millis(3_600_000),
            })),
            "shares_revoke" => {
                let path = self.of("/shares");
                let body = json!({
                    "records": [self.records["lab-results"]], "expires_at": Instant::now().plus_millis(3_600_000),
                });
                let made = self.done(&Ask::new(Method::POST, path).with(body)).await;
                at(made["id"].as_str().expect("an id"))
            }
            "incident_report" => Ask::new(method, format!("{path}?from=2026-01-01&to=2026-01-02")),
            "retention_preview" | "retention_create" => at("").with(json!({"kind": "note", "days": 3650})),
            "house_retention_preview" | "house_retention_create" => {
                at("").with(json!({"kind": "message", "days": 3650}))
            }
            "house_retention_delete" | "retention_answer" => {
                if passes {
                    // A rule of the house, which the person has none of their own for.
                    let body = json!({"kind": "message", "days": 3650});
                    self.send(&Ask::new(Method::POST, "/api/v1/retention").with(body), Some(&self.admin)).await;
                }
                let ask = Ask::new(method, path.replace("{kind}", "message"));
                if name == "retention_answer" { ask.with(json!({"agrees": true, "days": 3650})) } else { ask }
            }
            "retention_delete" => {
                if passes {
                    let body = json!({"kind": "note", "days": 3650});
                    self.done(&Ask::new(Method::POST, self.of("/retention")).with(body)).await;
                }
                Ask::new(method, path.replace("{kind}", "note"))
            }
            "restrictions_create" => {
                let record = if passes { self.fresh("notes").await } else { NOBODY.to_owned() };
                at("").with(json!({"records": [record]}))
            }
            "restrictions_lift" if passes => {
                let body = json!({"records": [self.fresh("notes").await]});
                let made = self.done(&Ask::new(Method::POST, self.of("/restrictions")).with(body)).await;
                at(made["id"].as_str().expect("an id"))
            }
            // What is taken back is of its own, so that the others find theirs.
            "imports_undo" if passes => at(&self.imported().await),
            "imports_read" | "imports_confirm" | "imports_events" | "imports_undo" => at(&self.import),
            "imports_create" => Ask { file: Some(vec![("new_profile", "true".to_owned())]), ..at("") },
            "calculators_run" => Ask::new(method, path.replace("{name}", "bmi")).with(json!({"inputs": {}})),
            "dose_notations_read" => at("").with(json!({"text": "1-0-1"})),
            "accounts_create" => at("").with(json!({
                "email": "new@example.org", "name": "New", "roles": ["lab"], "password": "tulips grow in rows",
            })),
            "accounts_change" => at(&self.spare.account).with(json!({"active": true})),
            "accounts_sessions_end" | "accounts_sessions_list" | "accounts_unlock" => at(&self.spare.account),
            // Nobody's records here are an admin's to hand over; who may ask is told that this is no person.
            "accounts_take_over" => {
                let profile = if passes { "nobody" } else { self.kid.profile.as_str() };
                at(&self.spare.account).with(json!({"profile": profile}))
            }
            "accounts_reset_link" => at(&self.spare.account).with(json!({"password": PASSWORD})),
            "notifications_answer" => at(NOBODY).with(json!({"status": "taken"})),
            "notifications_settings_save" => at("").with(json!({"language": "en", "zone": "Asia/Kolkata"})),
            "notifications_test" => at("").with(json!({"channel": "ntfy"})),
            "plugins_install" => Ask { file: Some(Vec::new()), ..at("") },
            "plugins_enable" => Ask::new(method, path.replace("{name}", "drugs")).with(json!({})),
            "plugins_disable" | "plugins_log" => Ask::new(method, path.replace("{name}", "drugs")),
            // The plugin here checks nothing in earnest: whoever may ask sends nothing, and is told so.
            "interactions_check" if passes => at(""),
            "interactions_check" => at("").with(json!({"candidates": ["metformin"]})),
            "document_reading" => at(&record("documents")).with(json!({})),
            "acceptance_rules_create" => at("").with(json!({"plugin": "proposer", "kind": "note"})),
            "acceptance_rules_end" if passes => at(&self.rule().await),
            "proposals_accept" | "proposals_reject" => at(&self.proposal()).with(json!({})),
            // Passkeys work under a name of the house; what is no credential is told so.
            "auth_passkeys_begin" => {
                let mut ask = at("").with(json!({}));
                ask.headers.push(("host", "localhost:8080".to_owned()));
                ask
            }
            "auth_passkeys_create" => at("").with(json!({"ticket": "x", "credential": {}})),
            "auth_passkeys_remove" => at(NOBODY).with(json!({})),
            // Without a password it is not taken.
            // What is no address changes nobody's.
            "auth_email_change" => at("").with(json!({"email": "nobody", "password": PASSWORD})),
            "auth_login" => at("").with(json!({"email": "kid@example.org", "password": PASSWORD})),
            "auth_register" => at("").with(json!({"email": "a@b.example", "password": PASSWORD, "name": "A"})),
            "setup" => at("").with(json!({"token": "x", "email": "a@b.example", "password": PASSWORD, "name": "A"})),
            "unlock" => at("").with(json!({"passphrase": "x"})),
            _ => at(NOBODY),
        }
    }

    async fn ask_about_records(&self, collection: &str, verb: &str, passes: bool) -> Ask {
        let body = bodies().into_iter().find(|(name, _)| *name == collection).map(|(_, body)| body);
        let body = body.unwrap_or_else(|| json!({"title": "Report", "category": "other"}));
        let all = self.of(&format!("/{collection}"));
        let changes = matches!(verb, "put" | "patch" | "delete" | "restore" | "mark");
        let id = if passes && changes { self.fresh(collection).await } else { self.records[collection].clone() };
        let one = format!("{all}/{id}");
        match verb {
            "list" => Ask::new(Method::GET, all),
            "create" if collection == "documents" => {
                Ask { file: Some(vec![("body", body.to_string())]), ..Ask::new(Method::POST, all) }
            }
            "create" => Ask::new(Method::POST, all).with(body),
            "read" => Ask::new(Method::GET, one),
            "put" => Ask::new(Method::PUT, one).based_on(1).with(body),
            "patch" => Ask::new(Method::PATCH, one).based_on(1).with(json!({})),
            "delete" => Ask::new(Method::DELETE, one).based_on(1),
            "restore" => {
                if passes {
                    self.done(&Ask::new(Method::DELETE, &one).based_on(1)).await;
                }
                Ask::new(Method::POST, format!("{one}/restore")).based_on(if passes { 2 } else { 1 })
            }
            "rectify" => {
                let confirm = if passes { NOBODY } else { id.as_str() };
                Ask::new(Method::POST, format!("{one}/rectify")).with(json!({"confirm": confirm}))
            }
            "mark" => {
                Ask::new(Method::PUT, format!("{one}/labels")).based_on(1).with(json!({"labels": ["mental-health"]}))
            }
            verb => Ask::new(Method::GET, format!("{one}/{verb}")),
        }
    }
}
