//! The one table of permissions against the program: every operation of the API for everybody who could ask, about a
//! person, about somebody who does not exist, and about a record that does not.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use phm_appliance::permissions::{Table, Verdict};
use phm_core::time::Instant;
use phm_plugins::proposals::{self, Proposal};
use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{Home, PASSWORD, Person, Reply};
use crate::interactions::{answering, answering_as, install, install_as};
use crate::records::bodies;
use crate::transfer::{BUNDLE, at_rest, begin};

/// A plugin that may propose something.
const PROPOSER: &str = "name = \"proposer\"\nversion = \"1.0.0\"\napi = 1\nkind = \"insight\"\nsummary = \"A test.\"\n\
    license = \"MIT\"\n[[permission]]\ncapability = \"records.propose\"\nreason = \"Proposes notes.\"\nkinds = [\"note\"]\n";

pub const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// A house in which everybody of the table lives.
pub struct House {
    home: Home,
    /// The person whose records it is about.
    pub kid: Person,
    /// Somebody who is let in and out again.
    spare: Person,
    /// Everybody who asks, by the name of their column.
    pub who: Vec<(&'static str, Option<Person>)>,
    admin: Person,
    /// A record of each collection, by its path.
    records: BTreeMap<String, String>,
    /// An import of theirs.
    import: String,
    /// How many bundles were imported.
    bundles: AtomicUsize,
}

/// A request, but for who sends it.
pub struct Ask {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
    file: Option<Vec<(&'static str, String)>>,
}

impl Ask {
    fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: None, file: None }
    }

    /// The same to another address.
    pub fn at(self, path: String) -> Self {
        Self { path, ..self }
    }

    pub fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    fn based_on(mut self, version: u32) -> Self {
        self.headers.push(("if-match", format!("\"{version}\"")));
        self
    }
}

impl House {
    pub async fn new() -> Self {
        let home = Home::open(|settings| settings.requests_per_minute = 0);
        let admin = home.move_in_as("Boss", &["admin"]).await;
        install(&home, answering("no JSON")).await;
        install_as(&home, "proposer", PROPOSER, answering_as("find", "no JSON")).await;
        let kid = home.move_in_as("Kid", &["patient"]).await;
        let mut others = BTreeMap::new();
        for (name, role) in [
            ("owner", "patient"),
            ("guardian", "patient"),
            ("carer", "patient"),
            ("editor", "patient"),
            ("granted", "provider"),
            ("ended", "provider"),
            ("revoked", "provider"),
            ("helped", "provider"),
            ("stranger", "patient"),
            ("provider", "provider"),
            ("spare", "patient"),
        ] {
            others.insert(name, home.move_in_as(name, &[role]).await);
        }
        let spare = others["spare"].clone();
        let (who, records) = (Vec::new(), BTreeMap::new());
        let mut house =
            Self { home, kid, spare, who, admin, records, import: String::new(), bundles: AtomicUsize::new(0) };
        let born = Ask::new(Method::PATCH, house.of("")).based_on(1).with(json!({"birth_date": years_ago(8)}));
        house.done(&born).await;
        for (name, offer) in [
            ("owner", json!({"relation": "owner"})),
            ("guardian", json!({"relation": "guardian"})),
            ("carer", json!({"relation": "carer", "kinds": ["*"]})),
            ("editor", json!({"relation": "carer", "kinds": ["*"], "edit": true})),
        ] {
            let mut body = offer;
            body["account"] = json!(others[name].account);
            house.done(&Ask::new(Method::POST, house.of("/family")).with(body)).await;
        }
        let all = |name: &str| json!({"to": {"account": others[name].account}, "kinds": ["*"], "actions": ["read"]});
        house.done(&Ask::new(Method::POST, house.of("/grants")).with(all("granted"))).await;
        let over = Instant::now().plus_millis(3_000);
        let helped = json!({
            "account": others["helped"].account, "relation": "carer", "kinds": ["*"], "edit": true, "ends_at": over,
        });
        house.done(&Ask::new(Method::POST, house.of("/family")).with(helped)).await;
        let mut ended = all("ended");
        ended["ends_at"] = json!(over);
        house.done(&Ask::new(Method::POST, house.of("/grants")).with(ended)).await;
        let revoked = house.done(&Ask::new(Method::POST, house.of("/grants")).with(all("revoked"))).await;
        let one = format!("/grants/{}", revoked["id"].as_str().expect("an id"));
        house.done(&Ask::new(Method::DELETE, house.of(&one))).await;
        let mut brief = house.wanted_token();
        brief["expires_at"] = json!(over);
        let brief = house.done(&Ask::new(Method::POST, "/api/v1/tokens").with(brief)).await;
        let brief = Person { token: brief["secret"].as_str().expect("a secret").to_owned(), ..house.kid.clone() };
        house.fill().await;
        house.import = house.imported().await;
        let token = house.token().await;
        let rest = ["owner", "guardian", "carer", "editor", "granted", "stranger", "provider"];
        let rest = rest.map(|name| (name, Some(others[name].clone())));
        house.who = vec![
            ("nobody", None),
            ("self", Some(house.kid.clone())),
            ("ended", Some(others["ended"].clone())),
            ("ended", Some(others["revoked"].clone())),
            ("ended", Some(others["helped"].clone())),
            ("admin", Some(house.admin.clone())),
            ("token", Some(Person { token, ..house.kid.clone() })),
            // A token that was taken back is nobody, and so is one whose time is over.
            ("nobody", Some(house.dead_token().await)),
            ("nobody", Some(brief)),
        ];
        house.who.extend(rest);
        let wait = over.millis() - Instant::now().millis();
        tokio::time::sleep(std::time::Duration::from_millis(u64::try_from(wait.max(0)).expect("positive") + 20)).await;
        house
    }

    /// Makes a record of each collection, and a document and samples.
    async fn fill(&mut self) {
        for (collection, body) in bodies() {
            let made = self.done(&Ask::new(Method::POST, self.of(&format!("/{collection}"))).with(body)).await;
            self.records.insert(collection.to_owned(), made["id"].as_str().expect("an id").to_owned());
        }
        let body = json!({"title": "Report", "category": "other"}).to_string();
        let path = self.of("/documents");
        let reply = self.home.upload(&path, &self.kid, ("a.txt", b"some text"), &[("body", &body)]).await;
        self.records.insert("documents".to_owned(), reply.data()["id"].as_str().expect("an id").to_owned());
        let samples = json!({"samples": [{"at": "2026-04-03T08:00:00Z", "value": "60"}]});
        let series = self.of(&format!("/series/{}/samples", self.records["series"]));
        self.done(&Ask::new(Method::POST, series).with(samples)).await;
    }

    /// Makes it about somebody else, with records of their own.
    pub async fn turn_to(&mut self, person: Person) {
        self.kid = person;
        self.fill().await;
    }

    /// An import that is done; about somebody new.
    async fn imported(&self) -> String {
        // Somebody else each time: what brings nothing new is nobody's to take back.
        let nth = self.bundles.fetch_add(1, Ordering::Relaxed);
        let bundle = BUNDLE.replace("p1", &format!("p1-{nth}")).replace("6f9619ff", &format!("{nth:08x}"));
        let preview = begin(&self.home, &self.kid, &bundle, &[("new_profile", "true")]).await;
        let id = preview["import"].as_str().expect("an id").to_owned();
        self.done(&Ask::new(Method::POST, format!("/api/v1/imports/{id}/confirm"))).await;
        assert_eq!(at_rest(&self.home, &self.kid, &id).await["state"], "done");
        id
    }

    /// A path below the person.
    fn of(&self, rest: &str) -> String {
        format!("/api/v1/profiles/{}{rest}", self.kid.profile)
    }

    pub async fn send(&self, ask: &Ask, who: Option<&Person>) -> Reply {
        if let (Some(fields), Some(who)) = (&ask.file, who) {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            return self.home.upload(&ask.path, who, ("a.json", b"{}"), &fields).await;
        }
        let headers: Vec<(&str, &str)> = ask.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        match &ask.body {
            Some(body) => self.home.change(ask.method.clone(), &ask.path, who, &headers, body.clone()).await,
            None => self.home.act(ask.method.clone(), &ask.path, who, &headers).await,
        }
    }

    /// Done by the person themselves, as preparation.
    async fn done(&self, ask: &Ask) -> Value {
        let reply = self.send(ask, Some(&self.kid)).await;
        assert!(reply.status.is_success(), "{} {}: {}", ask.method, ask.path, reply.text());
        if reply.status == StatusCode::NO_CONTENT { Value::Null } else { reply.data() }
    }

    async fn token(&self) -> String {
        self.done(&Ask::new(Method::POST, "/api/v1/tokens").with(self.wanted_token())).await["secret"]
            .as_str()
            .expect("a secret")
            .to_owned()
    }

    fn wanted_token(&self) -> Value {
        json!({
            "name": "N", "profiles": [self.kid.profile], "kinds": ["lab-result"], "actions": ["read"],
            "expires_at": Instant::now().plus_millis(3_600_000),
        })
    }

    async fn dead_token(&self) -> Person {
        let made = self.done(&Ask::new(Method::POST, "/api/v1/tokens").with(self.wanted_token())).await;
        let one = format!("/api/v1/tokens/{}", made["id"].as_str().expect("an id"));
        self.done(&Ask::new(Method::DELETE, one)).await;
        Person { token: made["secret"].as_str().expect("a secret").to_owned(), ..self.kid.clone() }
    }

    /// A fresh record of a collection, for somebody who may change it.
    async fn fresh(&self, collection: &str) -> String {
        if collection == "documents" {
            let body = json!({"title": "Report", "category": "other"}).to_string();
            let path = self.of("/documents");
            let made = self.home.upload(&path, &self.kid, ("a.txt", b"some text"), &[("body", &body)]).await;
            return made.data()["id"].as_str().expect("an id").to_owned();
        }
        let body = bodies().into_iter().find(|(name, _)| *name == collection).expect("a body").1;
        let made = self.done(&Ask::new(Method::POST, self.of(&format!("/{collection}"))).with(body)).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// A grant for emergencies to somebody who is not asked about here.
    async fn grant(&self) -> String {
        let terms = json!({"to": {"account": self.spare.account}, "template": "emergency"});
        let made = self.done(&Ask::new(Method::POST, self.of("/grants")).with(terms)).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// Somebody who is a carer of the person, by the relation.
    async fn relation(&self) -> String {
        let body = json!({"account": self.spare.account, "relation": "carer", "kinds": ["note"]});
        self.done(&Ask::new(Method::POST, self.of("/family")).with(body)).await;
        let family = self.done(&Ask::new(Method::GET, self.of("/family"))).await;
        let spare = json!(self.spare.account);
        let all = family.as_array().expect("rows");
        all.iter().find(|one| one["account"] == spare).expect("spare")["id"].as_str().expect("an id").to_owned()
    }

    /// What a plugin would add, waiting.
    fn proposal(&self) -> String {
        let vault = self.home.house.open().expect("an open house").vault;
        let body = json!({"text": "found"});
        let one = Proposal::new("probe".into(), "1.0.0".into(), "note".into(), body, None, Instant::now());
        let id = one.id.to_string();
        let profile = self.kid.profile.parse().expect("an id");
        assert!(proposals::add(&vault, profile, "probe", vec![one]).expect("a vault that writes"));
        id
    }

    /// A rule of acceptance.
    async fn rule(&self) -> String {
        let body = json!({"plugin": "proposer", "kind": "note"});
        let made = self.done(&Ask::new(Method::POST, self.of("/acceptance-rules")).with(body)).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    async fn invitation(&self) -> String {
        let body = json!({"relation": "carer", "kinds": ["note"]});
        let made = self.done(&Ask::new(Method::POST, self.of("/family/invitations")).with(body)).await;
        made["invitation"].as_str().expect("a secret").to_owned()
    }

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

/// An operation of the document.
#[derive(Debug)]
pub struct Operation {
    pub name: String,
    pub method: Method,
    pub path: String,
}

pub fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&phm_appliance::http::api::document()).expect("JSON");
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let name = operation["operationId"].as_str().expect("a name").to_owned();
            let method = method.to_uppercase().parse().expect("a method");
            operations.push(Operation { name, method, path: format!("/api/v1{path}") });
        }
    }
    // Whoever breaks the glass, or comes into the family, sees more from then on.
    operations.sort_by_key(|operation| match operation.name.as_str() {
        "break_glass" | "break_glass_by_name" | "family_accept" => 1,
        "auth_logout" => 2,
        _ => 0,
    });
    operations
}

/// Collection and verb of an operation on records of a kind.
fn of_records(name: &str) -> Option<(String, &str)> {
    let verbs =
        ["list", "create", "read", "put", "patch", "delete", "restore", "history", "original", "rectify", "mark"];
    let (collection, verb) = name.rsplit_once('_')?;
    let collection = collection.replace('_', "-");
    let known = collection == "documents" || bodies().iter().any(|(name, _)| *name == collection);
    (known && verbs.contains(&verb)).then_some((collection, verb))
}

fn years_ago(years: i16) -> String {
    let today = Instant::now().date();
    format!("{}-01-01", today.year() - years)
}

/// Whether a reply is what the table says; a success may still fail for reasons that are no permission.
pub fn fits(verdict: Verdict, status: u16, code: &str) -> bool {
    match verdict {
        Verdict::Yes => status < 500 && !matches!(status, 401 | 403) && (status != 404 || code == "no-original"),
        Verdict::No => status == 403,
        Verdict::Unknown => status == 404,
        Verdict::Door => status == 401,
        Verdict::Open => status < 500,
    }
}

#[tokio::test]
async fn every_operation_does_for_everybody_what_the_table_says() {
    let (table, house) = (Table::standard(), House::new().await);
    let mut wrong = Vec::new();
    let mut named = Vec::new();
    for operation in operations() {
        let Some(row) = table.row(&operation.name) else {
            wrong.push(format!("{} has no row in permissions.txt", operation.name));
            continue;
        };
        named.push(row.operation);
        for (column, who) in &house.who {
            let verdict = table.verdict(&operation.name, column).expect("a column");
            let ask = house.ask(&operation, verdict == Verdict::Yes).await;
            let reply = house.send(&ask, who.as_ref()).await;
            let (status, text) = (reply.status.as_u16(), reply.text());
            // An imported original is there or not, for whoever may see it.
            let code = if operation.name.ends_with("_original") { "no-original" } else { "" };
            if !fits(verdict, status, code) {
                let text: String = text.chars().take(120).collect();
                wrong.push(format!(
                    "{} for {column}: {} wanted, {status} came: {text}",
                    operation.name,
                    verdict.sign()
                ));
            }
        }
    }
    for row in &table.rows {
        if !named.contains(&row.operation) {
            wrong.push(format!("{} is no operation", row.operation));
        }
    }
    assert!(wrong.is_empty(), "{}\n{} in all", wrong[..wrong.len().min(60)].join("\n"), wrong.len());
}

#[tokio::test]
async fn whoever_has_nothing_to_do_with_a_person_is_answered_as_if_there_were_none() {
    let house = House::new().await;
    let same = |reply: &Reply| {
        let mut json = reply.json();
        (json["request_id"], json["timestamp"]) = (Value::Null, Value::Null);
        (reply.status.as_u16(), json)
    };
    let strangers: Vec<&Person> = house
        .who
        .iter()
        .filter(|(column, _)| matches!(*column, "stranger" | "provider" | "admin" | "ended"))
        .filter_map(|(_, who)| who.as_ref())
        .collect();
    for operation in operations().into_iter().filter(|operation| operation.path.contains("{profile}")) {
        if matches!(operation.name.as_str(), "break_glass") {
            continue;
        }
        let ask = house.ask(&operation, false).await;
        let body = ask.body.as_ref().map(|body| body.to_string().replace(&house.kid.profile, NOBODY));
        let body = body.map(|body| serde_json::from_str(&body).expect("JSON"));
        let path = ask.path.replace(&house.kid.profile, NOBODY);
        let missing = Ask { path, body, ..house.ask(&operation, false).await };
        for who in &strangers {
            let (one, other) = (house.send(&ask, Some(*who)).await, house.send(&missing, Some(*who)).await);
            assert_eq!(same(&one), same(&other), "{}", operation.name);
            assert_eq!(one.status, 404, "{}: {}", operation.name, one.text());
        }
        // A record that is not there is not there for the person either.
        if operation.path.contains("{id}") {
            let path = operation.path.replace("{profile}", &house.kid.profile).replace("{id}", NOBODY);
            let gone = Ask { path: path.replace("{entry}", "1"), ..house.ask(&operation, false).await };
            let gone = if operation.name.ends_with("_rectify") { gone.with(json!({"confirm": NOBODY})) } else { gone };
            assert_eq!(house.send(&gone, Some(&house.kid)).await.status, 404, "{}", operation.name);
        }
    }
}
