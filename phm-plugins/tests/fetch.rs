//! The way out: where a plugin can send something and where not, whatever names, redirects and answers say. No test of this file
//! reaches a network; what dials is a town of the test's own.

mod house;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use house::{House, manifest, permission};
use phm_core::audit::query::AuditQuery;
use phm_core::id::{ProfileId, RecordId};
use phm_plugin_api::v1::Reply;
use phm_plugins::api::v1::answer;
use phm_plugins::context::CallContext;
use phm_plugins::granter::Granter;
use phm_plugins::host::Host;
use phm_plugins::host::http::sent_to;
use phm_plugins::host::outside::{Answer, Ask, Outside, Trouble, Ways};
use phm_plugins::{Limits, Manifest};
use serde_json::{Value, json};

/// An address as it was written, where it was dialled, and what was sent.
type Asked = (String, Vec<SocketAddr>, Option<String>);

/// Names, and who answers at which address.
#[derive(Default)]
struct Town {
    names: BTreeMap<&'static str, Vec<Vec<IpAddr>>>,
    answers: BTreeMap<&'static str, Result<Answer, Trouble>>,
    /// Names nobody says anything of in time.
    slow: Vec<&'static str>,
    looked_up: Mutex<Vec<String>>,
    asked: Mutex<Vec<Asked>>,
}

impl Town {
    /// A name, with what it leads to each time it is looked up; the last stays.
    fn named(mut self, name: &'static str, times: &[&[&str]]) -> Self {
        let of = |all: &&[&str]| -> Vec<IpAddr> { all.iter().map(|one| one.parse().expect("an address")).collect() };
        self.names.insert(name, times.iter().map(of).collect());
        self
    }

    fn answering(mut self, url: &'static str, status: u16, location: Option<&str>, body: &str) -> Self {
        let answer = Answer { status, location: location.map(str::to_owned), body: body.as_bytes().to_vec() };
        self.answers.insert(url, Ok(answer));
        self
    }

    fn failing(mut self, url: &'static str, trouble: Trouble) -> Self {
        self.answers.insert(url, Err(trouble));
        self
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").iter().map(|(url, ..)| url.clone()).collect()
    }
}

impl Outside for Town {
    fn resolve(&self, host: &str, _: Instant) -> std::io::Result<Vec<IpAddr>> {
        let mut looked_up = self.looked_up.lock().expect("no panic");
        let before = looked_up.iter().filter(|name| *name == host).count();
        looked_up.push(host.to_owned());
        if self.slow.contains(&host) {
            return Err(std::io::ErrorKind::TimedOut.into());
        }
        let times = self.names.get(host).ok_or(std::io::ErrorKind::NotFound)?;
        Ok(times.get(before).or_else(|| times.last()).cloned().unwrap_or_default())
    }

    fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Trouble> {
        let body = ask.body.map(str::to_owned);
        self.asked.lock().expect("no panic").push((ask.url.to_owned(), ask.addresses.to_vec(), body));
        let answer = self.answers.get(ask.url).cloned().unwrap_or(Err(Trouble::Failed))?;
        if answer.body.len() as u64 > ask.most { Err(Trouble::TooLarge) } else { Ok(answer) }
    }
}

const PUBLIC: &str = "93.184.215.14";

/// A plugin that may fetch from `a.example` and `b.example`, in a town.
struct Probe<'h> {
    house: &'h House,
    town: Arc<Town>,
    declared: String,
    granted: String,
    inside: Vec<String>,
    limits: Limits,
}

impl<'h> Probe<'h> {
    fn new(house: &'h House, town: Town) -> Self {
        let both = permission("http.fetch", "hosts = [\"a.example\", \"b.example\"]");
        let (declared, granted) = (both.clone(), both);
        Self { house, town: Arc::new(town), declared, granted, inside: Vec::new(), limits: Limits::USUAL }
    }

    fn fetch_in(&self, context: &CallContext, args: &Value) -> Value {
        let of = |text: &str| Manifest::parse(&manifest(text)).expect("a manifest").permissions;
        let granter = Granter::new(of(&self.declared), of(&self.granted));
        let vault = &self.house.vault;
        let sessions = context.open(vault, "probe", "0.1.0", "find").expect("sessions");
        let named = ("probe".to_owned(), "0.1.0".to_owned());
        let ways = Ways::new(Arc::clone(&self.town) as Arc<dyn Outside>, self.inside.clone());
        let host = Host::new(vault.clone(), sessions, granter, named, json!({}), self.limits);
        let mut host = host.reaching(Some(ways));
        let message = json!({"v": 1, "op": "http.fetch", "args": args}).to_string();
        let reply = answer(&mut host, message.as_bytes());
        assert!(serde_json::from_slice::<Reply>(&reply).is_ok());
        serde_json::from_slice(&reply).expect("JSON")
    }

    /// Fetches in a call about nobody.
    fn fetch(&self, url: &str) -> Value {
        self.fetch_in(&self.house.about_nobody(), &json!({"url": url}))
    }

    /// Fetches in a call about Asha.
    fn fetch_about_asha(&self, url: &str) -> Value {
        self.fetch_in(&self.house.about_asha(), &json!({"url": url}))
    }
}

/// The code and the door of a refusal.
fn refusal(reply: &Value) -> (&str, &str) {
    let error = &reply["error"];
    (error["code"].as_str().unwrap_or("none"), error["door"].as_str().unwrap_or("none"))
}

fn grant(house: &House, profile: ProfileId, plugin: &str, hosts: &[&str], ends_at: Option<&str>) -> RecordId {
    let mut body = json!({"profile": profile, "to": {"plugin": plugin}, "kinds": ["note"], "actions": ["read"],
        "hosts": hosts, "purpose": "test"});
    if let Some(ends_at) = ends_at {
        body["ends_at"] = json!(ends_at);
    }
    house::add(&house.admin(), ProfileId::SYSTEM, "grant", &body)
}

#[test]
fn what_is_declared_and_granted_is_fetched_at_the_address_that_was_looked_at() {
    let house = House::new();
    let town = Town::default()
        // A name that leads inside the second time it is looked up is looked up once.
        .named("a.example", &[&[PUBLIC], &["127.0.0.1"]])
        .answering("https://a.example/price?of=x", 200, None, "42")
        .answering("https://a.example/tell", 204, None, "");
    let probe = Probe::new(&house, town);
    let reply = probe.fetch("https://A.example:443/price?of=x#part");
    assert_eq!(reply["ok"], json!({"status": 200, "body": "42"}), "{reply}");
    let asked = probe.town.asked.lock().expect("no panic").clone();
    let dialled: SocketAddr = format!("{PUBLIC}:443").parse().expect("an address");
    assert_eq!(asked, vec![("https://a.example/price?of=x".to_owned(), vec![dialled], None)]);
    assert_eq!(probe.town.looked_up.lock().expect("no panic").len(), 1);

    // Looked up anew for the next request, it is refused.
    assert_eq!(refusal(&probe.fetch("https://a.example/price?of=x")), ("private-address", "administrator"));
    assert_eq!(probe.town.asked().len(), 1);
}

#[test]
fn a_post_sends_its_body_and_a_get_has_none() {
    let house = House::new();
    let town = Town::default().named("a.example", &[&[PUBLIC]]).answering("https://a.example/", 200, None, "");
    let probe = Probe::new(&house, town);
    let nobody = house.about_nobody();
    let post = json!({"url": "https://a.example/", "method": "POST", "body": "said"});
    assert_eq!(probe.fetch_in(&nobody, &post)["ok"]["status"], 200);
    assert_eq!(probe.town.asked.lock().expect("no panic")[0].2.as_deref(), Some("said"));
    for args in [
        json!({"url": "https://a.example/", "method": "GET", "body": "said"}),
        json!({"url": "https://a.example/", "method": "PUT", "body": "said"}),
        json!({"url": "https://a.example/", "method": "post"}),
        json!({"url": "https://user@a.example/"}),
        json!({"url": "https://[::1]/"}),
        json!({"url": "file:///etc/passwd"}),
    ] {
        assert_eq!(refusal(&probe.fetch_in(&nobody, &args)), ("bad-arguments", "manifest"), "{args}");
    }
    assert_eq!(probe.town.asked().len(), 1);
}

#[test]
fn undeclared_and_ungranted_hosts_are_refused_before_they_are_looked_up() {
    let house = House::new();
    let mut probe = Probe::new(&house, Town::default().named("a.example", &[&[PUBLIC]]));
    for url in
        ["https://evil.example/", "https://x.a.example/", "https://a.example.evil.example/", "https://127.0.0.1/"]
    {
        assert_eq!(refusal(&probe.fetch(url)), ("not-declared", "manifest"), "{url}");
    }
    probe.granted = permission("http.fetch", "hosts = [\"b.example\"]");
    assert_eq!(refusal(&probe.fetch("https://a.example/")), ("not-granted", "administrator"));
    assert!(probe.town.looked_up.lock().expect("no panic").is_empty(), "a name that is looked up tells something too");
}

#[test]
fn plain_http_and_other_ports_are_refused_unless_whoever_runs_the_house_allows_that_place() {
    let house = House::new();
    let town = Town::default()
        .named("a.example", &[&["192.168.1.7"]])
        .answering("http://a.example:8080/", 200, None, "inside")
        .answering("https://a.example:8443/", 200, None, "inside");
    let mut probe = Probe::new(&house, town);
    for url in ["http://a.example/", "http://a.example:443/", "http://a.example:8080/", "https://a.example:8443/"] {
        assert_eq!(refusal(&probe.fetch(url)), ("https-only", "administrator"), "{url}");
    }
    assert_eq!(refusal(&probe.fetch("https://a.example/")), ("private-address", "administrator"));
    probe.inside = vec!["A.Example:8080".to_owned()];
    assert_eq!(probe.fetch("http://a.example:8080/")["ok"]["body"], "inside");
    assert_eq!(
        refusal(&probe.fetch("https://a.example:8443/")),
        ("https-only", "administrator"),
        "that one place only"
    );
    assert_eq!(refusal(&probe.fetch("https://a.example/")), ("private-address", "administrator"));
}

#[test]
fn a_name_that_leads_inside_is_not_dialled_even_where_one_of_its_addresses_is_public() {
    let house = House::new();
    for inside in [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::10.0.0.1",
        "fe80::1",
        "fd00::1",
        "ff02::1",
    ] {
        let town = Town::default().named("a.example", &[&[inside]]).named("b.example", &[&[PUBLIC, inside]]);
        let probe = Probe::new(&house, town);
        for url in ["https://a.example/", "https://b.example/"] {
            assert_eq!(refusal(&probe.fetch(url)), ("private-address", "administrator"), "{url} at {inside}");
        }
        assert!(probe.town.asked().is_empty());
    }
    let probe = Probe::new(&house, Town::default().named("a.example", &[&[]]));
    assert_eq!(refusal(&probe.fetch("https://a.example/")).0, "unreachable");
    assert_eq!(refusal(&probe.fetch("https://b.example/")).0, "unreachable");
}

#[test]
fn every_redirect_passes_the_same_doors() {
    let house = House::new();
    let go = |to: &'static str| {
        Town::default()
            .named("a.example", &[&[PUBLIC]])
            .named("b.example", &[&["10.0.0.1"]])
            .answering("https://a.example/", 302, Some(to), "")
            .answering("https://a.example/there", 200, None, "there")
    };
    assert_eq!(Probe::new(&house, go("/there")).fetch("https://a.example/")["ok"]["body"], "there");
    for (to, code, door) in [
        ("https://127.0.0.1/", "not-declared", "manifest"),
        ("https://169.254.169.254/latest/meta-data/", "not-declared", "manifest"),
        ("https://evil.example/", "not-declared", "manifest"),
        ("//evil.example/", "not-declared", "manifest"),
        ("https://b.example/", "private-address", "administrator"),
        ("http://a.example/there", "https-only", "administrator"),
        ("https://a.example:8443/there", "https-only", "administrator"),
        ("https://[::1]/", "bad-redirect", "none"),
        ("https://a.example@evil.example/", "bad-redirect", "none"),
        ("file:///etc/passwd", "bad-redirect", "none"),
        ("/", "too-many-redirects", "limit"),
    ] {
        let probe = Probe::new(&house, go(to));
        assert_eq!(refusal(&probe.fetch("https://a.example/")), (code, door), "{to}");
        assert!(probe.town.asked().iter().all(|url| url == "https://a.example/"), "{to}");
    }
    // A name that leads inside when it is looked up for the redirect.
    let town = Town::default().named("a.example", &[&[PUBLIC], &["127.0.0.1"]]).answering(
        "https://a.example/",
        307,
        Some("/there"),
        "",
    );
    let probe = Probe::new(&house, town);
    assert_eq!(refusal(&probe.fetch("https://a.example/")), ("private-address", "administrator"));
}

#[test]
fn what_was_sent_is_sent_again_only_where_a_redirect_says_so() {
    let house = House::new();
    for (status, again) in [(301, None), (302, None), (303, None), (307, Some("said")), (308, Some("said"))] {
        let town = Town::default()
            .named("a.example", &[&[PUBLIC]])
            .answering("https://a.example/", status, Some("/there"), "")
            .answering("https://a.example/there", 200, None, "");
        let probe = Probe::new(&house, town);
        let post = json!({"url": "https://a.example/", "method": "POST", "body": "said"});
        assert_eq!(probe.fetch_in(&house.about_nobody(), &post)["ok"]["status"], 200);
        assert_eq!(probe.town.asked.lock().expect("no panic")[1].2.as_deref(), again, "{status}");
    }
}

#[test]
fn about_a_person_nothing_leaves_without_their_grant_for_this_plugin_and_this_host() {
    let house = House::new();
    let town = Town::default()
        .named("a.example", &[&[PUBLIC]])
        .named("b.example", &[&[PUBLIC]])
        .answering("https://a.example/", 200, None, "fine")
        .answering("https://a.example/on", 302, Some("https://b.example/"), "")
        .answering("https://b.example/", 200, None, "fine");
    let probe = Probe::new(&house, town);
    let shut = ("not-granted", "consent");
    assert_eq!(refusal(&probe.fetch_about_asha("https://a.example/")), shut);
    house.grant(house.asha, &["read"], &["note"]);
    assert_eq!(refusal(&probe.fetch_about_asha("https://a.example/")), shut, "reading is not sending");
    grant(&house, house.asha, "other", &["a.example"], None);
    assert_eq!(refusal(&probe.fetch_about_asha("https://a.example/")), shut, "another plugin's");
    grant(&house, house.bela, "probe", &["a.example"], None);
    assert_eq!(refusal(&probe.fetch_about_asha("https://a.example/")), shut, "another person's");
    grant(&house, house.asha, "probe", &["a.example"], Some("2020-01-01T00:00:00.000Z"));
    assert_eq!(refusal(&probe.fetch_about_asha("https://a.example/")), shut, "one that has ended");
    assert!(probe.town.asked().is_empty() && probe.town.looked_up.lock().expect("no panic").is_empty());

    let given = grant(&house, house.asha, "probe", &["a.example"], None);
    assert_eq!(probe.fetch_about_asha("https://a.example/")["ok"]["body"], "fine");
    assert_eq!(refusal(&probe.fetch_about_asha("https://b.example/")), shut, "another host");
    assert_eq!(refusal(&probe.fetch_about_asha("https://a.example/on")), shut, "nor by way of the first one");
    assert!(!probe.town.asked().iter().any(|url| url.contains("b.example")));
    let page = house.person().who_looked(house.asha, &AuditQuery::default()).expect("who looked");
    let sent: Vec<&str> = page.rows.iter().filter_map(|row| sent_to(row.operation.as_deref()?)).collect();
    assert!(!sent.is_empty() && sent.iter().all(|host| *host == "a.example"), "where to stands in the audit: {page:?}");

    house.revoke(given);
    assert_eq!(refusal(&probe.fetch_about_asha("https://a.example/")), shut, "taken back");
    assert_eq!(probe.fetch("https://b.example/")["ok"]["body"], "fine", "a call about nobody has nobody to ask");
}

#[test]
fn the_operator_and_a_plugin_of_the_operator_send_nothing_about_a_person() {
    let house = House::new();
    let town = Town::default().named("a.example", &[&[PUBLIC]]).answering("https://a.example/", 200, None, "");
    let probe = Probe::new(&house, town);
    grant(&house, house.asha, "probe", &["a.example"], None);
    let admin = house.admin();
    let permit = admin.permit(phm_core::access::Action::Read, house.asha, "note").expect("the operator may");
    let reply = probe.fetch_in(&CallContext::about(&admin, permit), &json!({"url": "https://a.example/"}));
    assert_eq!(refusal(&reply), ("not-granted", "consent"));
}

#[test]
fn an_answer_is_text_and_bounded_and_does_not_keep_anybody_waiting() {
    let house = House::new();
    let long = "x".repeat(1_000);
    let town = Town::default()
        .named("a.example", &[&[PUBLIC]])
        .answering("https://a.example/long", 200, None, &long)
        .failing("https://a.example/late", Trouble::TooLate)
        .failing("https://a.example/gone", Trouble::Failed);
    let mut probe = Probe::new(&house, town);
    probe.limits = Limits { message_bytes: 1_500, ..Limits::USUAL };
    assert_eq!(refusal(&probe.fetch("https://a.example/long")), ("answer-too-large", "limit"));
    assert_eq!(refusal(&probe.fetch("https://a.example/late")), ("too-late", "limit"));
    assert_eq!(refusal(&probe.fetch("https://a.example/gone")), ("unreachable", "none"));
    let slow = Town { slow: vec!["b.example"], ..Town::default() };
    assert_eq!(refusal(&Probe::new(&house, slow).fetch("https://b.example/")), ("too-late", "limit"));
    let mut town = Town::default().named("a.example", &[&[PUBLIC]]);
    let noise = Answer { status: 200, location: None, body: vec![0xff, 0xfe] };
    town.answers.insert("https://a.example/noise", Ok(noise));
    assert_eq!(refusal(&Probe::new(&house, town).fetch("https://a.example/noise")).0, "not-text");
}

#[test]
fn a_house_without_a_way_out_says_so() {
    let house = House::new();
    let both = Manifest::parse(&manifest(&permission("http.fetch", "hosts = [\"a.example\"]"))).expect("a manifest");
    let sessions = house.about_nobody().open(&house.vault, "probe", "0.1.0", "find").expect("sessions");
    let granter = Granter::new(both.permissions.clone(), both.permissions);
    let named = ("probe".to_owned(), "0.1.0".to_owned());
    let mut host = Host::new(house.vault.clone(), sessions, granter, named, json!({}), Limits::USUAL);
    let reply = answer(&mut host, br#"{"v":1,"op":"http.fetch","args":{"url":"https://a.example/"}}"#);
    let reply: Value = serde_json::from_slice(&reply).expect("JSON");
    assert_eq!(refusal(&reply), ("unavailable", "none"));
}

#[test]
fn that_something_was_sent_by_who_may_know_something_sensitive_stands_beside_what_the_plugin_keeps() {
    let house = House::new();
    let terms = json!({"profile": house.asha, "to": {"plugin": "probe"}, "kinds": ["note"], "actions": ["read"],
        "labels": ["sexual-health"], "hosts": ["a.example"], "purpose": "test"});
    house::add(&house.admin(), ProfileId::SYSTEM, "grant", &terms);
    let both = format!(
        "{}{}",
        permission("http.fetch", "hosts = [\"a.example\"]"),
        permission("records.list", "kinds = [\"note\"]")
    );
    let both = Manifest::parse(&manifest(&both)).expect("a manifest").permissions;
    let town = Town::default().named("a.example", &[&[PUBLIC]]).answering("https://a.example/", 200, None, "");
    let ways = Ways::new(Arc::new(town) as Arc<dyn Outside>, Vec::new());
    let sent = |looks: bool| {
        let sessions = house.about_asha().open(&house.vault, "probe", "0.1.0", "find").expect("sessions");
        let granter = Granter::new(both.clone(), both.clone());
        let named = ("probe".to_owned(), "0.1.0".to_owned());
        let host = Host::new(house.vault.clone(), sessions, granter, named, json!({}), Limits::USUAL);
        let mut host = host.reaching(Some(ways.clone()));
        if looks {
            answer(&mut host, br#"{"v":1,"op":"records.list","args":{"kind":"note"}}"#);
        }
        let reply = answer(&mut host, br#"{"v":1,"op":"http.fetch","args":{"url":"https://a.example/"}}"#);
        let reply: Value = serde_json::from_slice(&reply).expect("JSON");
        assert_eq!(reply["ok"]["status"], 200, "{reply}");
        house.vault.state::<Value>(house.asha, "plugin kv/probe").expect("a vault that reads")
    };
    assert_eq!(sent(false), None);
    assert_eq!(sent(true), Some(json!({"": "sent"})));
}
