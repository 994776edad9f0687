//! A house in which everybody of the table of permissions lives, and what is made in it for them to ask about.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use phm_core::time::Instant;
use phm_plugins::proposals::{self, Proposal};
use poem::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::asks::Ask;
use crate::house::{Home, Person, Reply};
use crate::interactions::{answering, answering_as, install, install_as};
use crate::records::bodies;
use crate::transfer::{BUNDLE, at_rest, begin};

/// A plugin that may propose something.
const PROPOSER: &str = "name = \"proposer\"\nversion = \"1.0.0\"\napi = 1\nkind = \"insight\"\nsummary = \"A test.\"\n\
    license = \"MIT\"\n[[permission]]\ncapability = \"records.propose\"\nreason = \"Proposes notes.\"\nkinds = [\"note\"]\n";

/// A house in which everybody of the table lives.
pub struct House {
    home: Home,
    /// The person whose records it is about.
    pub kid: Person,
    /// Somebody who is let in and out again.
    pub spare: Person,
    /// Everybody who asks, by the name of their column.
    pub who: Vec<(&'static str, Option<Person>)>,
    pub admin: Person,
    /// A record of each collection, by its path.
    pub records: BTreeMap<String, String>,
    /// An import of theirs.
    pub import: String,
    /// How many bundles were imported.
    bundles: AtomicUsize,
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
    pub async fn imported(&self) -> String {
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
    pub fn of(&self, rest: &str) -> String {
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
    pub async fn done(&self, ask: &Ask) -> Value {
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

    pub fn wanted_token(&self) -> Value {
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
    pub async fn fresh(&self, collection: &str) -> String {
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
    pub async fn grant(&self) -> String {
        let terms = json!({"to": {"account": self.spare.account}, "template": "emergency"});
        let made = self.done(&Ask::new(Method::POST, self.of("/grants")).with(terms)).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// Somebody who is a carer of the person, by the relation.
    pub async fn relation(&self) -> String {
        let body = json!({"account": self.spare.account, "relation": "carer", "kinds": ["note"]});
        self.done(&Ask::new(Method::POST, self.of("/family")).with(body)).await;
        let family = self.done(&Ask::new(Method::GET, self.of("/family"))).await;
        let spare = json!(self.spare.account);
        let all = family.as_array().expect("rows");
        all.iter().find(|one| one["account"] == spare).expect("spare")["id"].as_str().expect("an id").to_owned()
    }

    /// What a plugin would add, waiting.
    pub fn proposal(&self) -> String {
        let vault = self.home.house.open().expect("an open house").vault;
        let body = json!({"text": "found"});
        let one = Proposal::new("probe".into(), "1.0.0".into(), "note".into(), body, None, Instant::now());
        let id = one.id.to_string();
        let profile = self.kid.profile.parse().expect("an id");
        assert!(proposals::add(&vault, profile, "probe", vec![one]).expect("a vault that writes"));
        id
    }

    /// A rule of acceptance.
    pub async fn rule(&self) -> String {
        let body = json!({"plugin": "proposer", "kind": "note"});
        let made = self.done(&Ask::new(Method::POST, self.of("/acceptance-rules")).with(body)).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    pub async fn invitation(&self) -> String {
        let body = json!({"relation": "carer", "kinds": ["note"]});
        let made = self.done(&Ask::new(Method::POST, self.of("/family/invitations")).with(body)).await;
        made["invitation"].as_str().expect("a secret").to_owned()
    }
}

pub fn years_ago(years: i16) -> String {
    let today = Instant::now().date();
    format!("{}-01-01", today.year() - years)
}
