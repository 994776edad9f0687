//! Every page with invented people, in every language: what the tests of pages look at.
//!
//! With `PHM_GALLERY=folder` in the environment the test also writes the pages there, to be looked at in a browser.

use std::collections::BTreeMap;
use std::io::Write as _;

use askama::Template;
use jiff::tz::TimeZone;
use phm_core::time::Instant;
use serde_json::{Value, json};

use super::forms::layout::{of_collection, of_kind};
use super::forms::{Links, Problem, presets};
use super::view::dashboard::{Dashboard, DashboardData, Span};
use super::view::gate::{Failure, Recovery, Setup, SignIn, Typed, Unlock};
use super::view::import::{ImportData, ImportOne, ImportStart};
use super::view::oversight::{AccountView, Admin, CheckView, DeviceView, Settings};
use super::view::page::{Account, Here, Page, Person, Theme};
use super::view::people::{People, ProfileForm};
use super::view::records::{Detail, Filter, Form, FormData, History, List, Overview, Pager, VersionData};
use super::view::timeline::Timeline;
use super::view::who_looked::{AuditData, WhoLooked};
use super::view::{Record, RowData};
use crate::i18n::{Age, Digits, Language, Locale};

const NOW: &str = "2026-11-22T10:00:00Z";
const KAMALA: &str = "6f1c1f6e-2b54-4f0e-9a53-0e9a1d7a1b01";

fn locale(language: Language, digits: Digits) -> Locale {
    Locale::new(language, digits, TimeZone::fixed(jiff::tz::Offset::from_seconds(19_800).expect("India's offset")))
}

fn people(t: &Locale) -> Vec<Person> {
    let family = [
        (KAMALA, "Kamala Devi Sharma", "1958-03-14", "owner"),
        ("6f1c1f6e-2b54-4f0e-9a53-0e9a1d7a1b05", "Arjun Sharma", "1983-07-02", "self"),
        ("6f1c1f6e-2b54-4f0e-9a53-0e9a1d7a1b08", "ਹਰਪ੍ਰੀਤ ਕੌਰ", "1985-11-30", "carer"),
        ("6f1c1f6e-2b54-4f0e-9a53-0e9a1d7a1b10", "Meera", "2025-06-19", "guardian"),
    ];
    let today = t.local_date(NOW.parse().expect("a moment"));
    let person = |(id, name, born, relation): (&str, &str, &str, &str)| Person {
        detail: t.age(Age::on(born.parse().expect("a date"), today).expect("born")),
        relation: t.say(&format!("relation-{relation}")),
        records: t.count("records-count", 312),
        ..Person::new(t, id, name)
    };
    family.into_iter().map(person).collect()
}

fn page(t: &Locale, title: &str, here: Here, path: &str) -> Page {
    let people = people(t);
    Page {
        title: title.to_owned(),
        theme: Theme::Auto,
        csrf: "c5rf".into(),
        account: Some(Account { name: "Arjun Sharma".into(), email: "arjun@example.org".into(), admin: true }),
        person: people.first().cloned(),
        people,
        here,
        path: path.to_owned(),
        notices: Vec::new(),
        plain_http: false,
        t: t.clone(),
    }
}

/// A page in English about somebody, for tests of views.
pub fn plain_page() -> Page {
    let t = Locale::new(Language::English, Digits::Latin, TimeZone::UTC);
    page(&t, "PHM", Here::Elsewhere, "/p")
}

fn gate(t: &Locale, key: &str, path: &str) -> Page {
    Page { account: None, people: Vec::new(), person: None, ..page(t, &t.say(key), Here::Elsewhere, path) }
}

fn record(kind: &str, n: u32, occurred: &str, body: Value) -> Record {
    Record {
        id: format!("00000000-0000-4000-8000-{n:012}"),
        kind: kind.into(),
        version: 2,
        occurred: Some(occurred.into()),
        recorded_at: "2026-11-02T08:11:00.000Z".into(),
        updated_at: "2026-11-03T08:11:00.000Z".into(),
        removed: false,
        provenance: json!({"how":"import","source":{"file":"city-hospital-2026.json","sha256":"00"}}),
        body,
    }
}

fn concept(text: &str, code: &str) -> Value {
    json!({"text":text,"codes":[{"system":"http://loinc.org","code":code,"display":text}]})
}

fn hba1c(n: u32, day: &str, value: &str) -> Record {
    record(
        "lab-result",
        n,
        day,
        json!({
            "concept": concept("HbA1c", "4548-4"), "quantity": {"value":value,"unit":"%"}, "collected_at": day,
            "range": {"low":{"value":"4.0","unit":"%"},"high":{"value":"5.6","unit":"%"}}, "interpretation":"H",
            "laboratory": {"name":"City Laboratory"}, "status":"final", "remarks":"Fasting sample.\nRepeat in three months."
        }),
    )
}

fn dashboard_data() -> DashboardData {
    let vital = |n, text: &str, code: &str, value: &str, unit: &str| RowData {
        codes: vec![code.into()],
        ..row("vital-sign", n, "2026-11-18T02:30:00.000Z", text, &[value, unit])
    };
    let hba1c = |n, day: &str, value: &str| row("lab-result", n, day, "HbA1c", &[value, "%", "H"]);
    DashboardData {
        profile: record(
            "profile",
            1,
            NOW,
            json!({"name":{"text":"Kamala Devi Sharma"},"birth_date":"1958-03-14","sex":"female","blood_group":"O+"}),
        ),
        conditions: vec![
            record(
                "condition",
                10,
                "2014-03",
                json!({"concept":{"text":"Type 2 diabetes mellitus"},"status":"active","severity":"moderate","onset":"2014-03","chronic":true,"notes":"Checks sugar before breakfast."}),
            ),
            record(
                "condition",
                11,
                "2009",
                json!({"concept":{"text":"Hypertension"},"status":"active","onset":"2009","chronic":true}),
            ),
            record(
                "condition",
                12,
                "2019-08-04",
                json!({"concept":{"text":"Osteoarthritis of the knee"},"status":"remission","onset":"2019-08-04","chronic":true}),
            ),
        ],
        medications: vec![
            record(
                "medication",
                20,
                "2014-04",
                json!({"drug":{"text":"Metformin"},"strength":"500 mg","form":"tablet","dose":{"value":"1","unit":"{tablet}"},"frequency":{"times":2,"per":1,"unit":"d"},"status":"active","reason":"type 2 diabetes"}),
            ),
            record(
                "medication",
                21,
                "2010",
                json!({"drug":{"text":"Amlodipine"},"strength":"5 mg","dose":{"value":"1","unit":"{tablet}"},"frequency":{"times":1,"per":1,"unit":"d"},"status":"active","reason":"blood pressure"}),
            ),
            record(
                "medication",
                22,
                "2020",
                json!({"drug":{"text":"Paracetamol"},"strength":"650 mg","frequency":{"times":1,"per":6,"unit":"h","as_needed":true,"max_per_day":4},"status":"active","reason":"knee pain"}),
            ),
        ],
        hba1c: vec![
            hba1c(30, "2025-12-02", "8.4"),
            hba1c(31, "2026-02-20", "8.1"),
            hba1c(32, "2026-04-03", "7.6"),
            hba1c(33, "2026-06-12", "7.4"),
            hba1c(34, "2026-08-30", "7.20"),
            hba1c(35, "2026-11-02", "6.9"),
        ],
        appointments: vec![
            record(
                "appointment",
                40,
                "2026-11-25T05:30:00.000Z",
                json!({"start":"2026-11-25T05:30:00.000Z","provider":{"name":"Dr. Neha Gill"},"reason":"Diabetes review","place":"City Hospital, room 12","status":"confirmed"}),
            ),
            record(
                "appointment",
                41,
                "2026-12-14T09:00:00.000Z",
                json!({"start":"2026-12-14T09:00:00.000Z","provider":{"name":"Eye clinic"},"reason":"Retina check","status":"booked"}),
            ),
        ],
        vitals: vec![
            vital(50, "Blood pressure", "85354-9", "128/82", "mm[Hg]"),
            vital(51, "Weight", "29463-7", "64.2", "kg"),
            vital(52, "Pulse", "8867-4", "76", "/min"),
            vital(54, "Height", "8302-2", "156", "cm"),
        ],
        allergies: vec![
            record(
                "allergy",
                60,
                "1990",
                json!({"substance":{"text":"Penicillin"},"criticality":"high","reactions":[{"manifestation":{"text":"Hives"}},{"manifestation":{"text":"swelling of the face"}}]}),
            ),
            record("allergy", 61, "2001", json!({"substance":{"text":"Peanut"},"criticality":"low"})),
        ],
        recent: rows().into_iter().take(6).collect(),
    }
}

fn row(kind: &str, n: u32, day: &str, title: &str, value: &[&str]) -> RowData {
    let text = |n: usize| value.get(n).filter(|text| !text.is_empty()).map(|text| (*text).to_owned());
    RowData {
        id: format!("00000000-0000-4000-8000-{n:012}"),
        kind: kind.into(),
        occurred: Some(day.parse().expect("a moment or day")),
        title: title.into(),
        value: text(0),
        unit: text(1),
        flag: text(2),
        status: text(3),
        codes: Vec::new(),
    }
}

fn rows() -> Vec<RowData> {
    vec![
        row("vital-sign", 50, "2026-11-20T02:30:00.000Z", "Blood pressure", &["128/82", "mm[Hg]"]),
        row("vital-sign", 51, "2026-11-18T02:30:00.000Z", "Weight", &["64.2", "kg"]),
        row("lab-result", 35, "2026-11-02", "HbA1c", &["6.9", "%", "H", "final"]),
        row("visit", 70, "2026-11-02T04:00:00.000Z", "Diabetes review with Dr. Neha Gill", &["", "", "", "finished"]),
        row("document", 71, "2026-11-02", "Lab report, City Laboratory", &[]),
        row("medication", 20, "2026-10", "Metformin 500 mg", &["", "", "", "active"]),
        row("lab-result", 34, "2026-08-30", "HbA1c", &["7.20", "%", "H", "final"]),
        row(
            "lab-result",
            36,
            "2026-08-30",
            "Potassium [Moles/volume] in Serum or Plasma",
            &["2.9", "mmol/L", "LL", "final"],
        ),
        row("immunization", 72, "2026-08-14", "Influenza, seasonal", &["", "", "", "completed"]),
        row("condition", 12, "2019-08-04", "Osteoarthritis of the knee", &["", "", "", "remission"]),
        row("condition", 11, "2009", "Hypertension", &["", "", "", "active"]),
    ]
}

/// The pages: name and HTML.
fn pages(t: &Locale) -> Vec<(&'static str, String)> {
    let base = format!("/p/{KAMALA}");
    let now: Instant = NOW.parse().expect("a moment");
    let in_kind =
        |collection: &str| page(t, "PHM", Here::Collection(collection.into()), &format!("{base}/{collection}"));
    let lab = of_kind("lab-result").expect("a layout");
    let links = Links::from([("documents".into(), vec![("d1".into(), "Lab report, 2 November".into())])]);
    let nothing = json!({});
    let form = |body: &Value, problems: &[Problem], editing, of| {
        let kind = if of == Some("blood-pressure") { "vital-sign" } else { "lab-result" };
        let layout = of_kind(kind).expect("a layout");
        let data = FormData { editing, body, problems, links: &links, grow: None, of, conflict: false };
        Form::new(in_kind(layout.collection), layout, &data)
    };
    let new_form = |kind: &str| {
        let layout = of_kind(kind).expect("a layout");
        let data = FormData {
            editing: None,
            body: &nothing,
            problems: &[],
            links: &links,
            grow: None,
            of: None,
            conflict: false,
        };
        Form::new(in_kind(layout.collection), layout, &data).render().expect("a page")
    };
    let edited = hba1c(35, "2026-11-02", "6.9");
    let problems = [Problem { path: "/quantity/unit".into(), code: "unknown-unit".into() }];
    let pressure = presets::named("vital-sign", "blood-pressure").expect("a preset").body();
    let version = |version, action: &str, value: &str| VersionData {
        version,
        action: action.into(),
        actor: "Arjun Sharma".into(),
        recorded_at: format!("2026-11-0{version}T08:11:00.000Z"),
        body: if action == "remove" { Value::Null } else { hba1c(35, "2026-11-02", value).body },
    };
    let versions = [version(1, "create", "9.6"), version(2, "amend", "6.9")];
    let document = Record {
        kind: "document".into(),
        ..record(
            "document",
            71,
            "2026-11-02",
            json!({
        "title":"Lab report","category":"lab-report","media_type":"application/pdf","bytes":482_113,"sha256":"ab12","pages":3,
        "dated_on":"2026-11-02","author":{"name":"City Laboratory"},"remarks":"All other values within range.","visit":"v1"}),
        )
    };
    let import = |state: &str| ImportData {
        import: "i1".into(),
        path: "city-hospital-2026.json".into(),
        state: state.into(),
        at: "2026-11-02T08:00:00.000Z".into(),
        kinds: BTreeMap::from([
            ("lab-result".into(), 184),
            ("vital-sign".into(), 212),
            ("visit".into(), 31),
            ("medication".into(), 12),
        ]),
        added: 431,
        updated: 3,
        unchanged: 5,
        conflicts: 1,
        done: 180,
        total: 439,
        ..ImportData::default()
    };
    let refused = ImportData {
        refused: vec![super::view::import::Refusal {
            entry: "17".into(),
            path: "/birthDate".into(),
            code: "invalid-date".into(),
        }],
        ..import("preview")
    };
    let audit = |at: &str, who: &str, action: &str, kind: &str, count, outcome: &str| AuditData {
        at: at.into(),
        actor_type: if who.is_empty() { "operator".into() } else { "account".into() },
        actor_name: who.into(),
        action: action.into(),
        kind: kind.into(),
        count,
        purpose: "care".into(),
        outcome: outcome.into(),
    };
    let profile = of_kind("profile").expect("a layout");
    let profile_body = json!({"name":{"text":"Meera"},"birth_date":"2025-06-19","sex":"female"});
    let profile_sections = super::forms::fill::sections(
        profile,
        super::forms::fill::Filling {
            locale: t,
            kind: "profile",
            body: &profile_body,
            problems: &[],
            links: &links,
            grow: None,
        },
    );
    let pager = Pager { page: 2, pages: 7, total: 312, query: String::new() };
    let empty_person = DashboardData { profile: record("profile", 1, NOW, json!({})), ..DashboardData::default() };
    let fail = |page: Page| Failure {
        heading: t.say("error-not-found-heading"),
        text: t.say("error-not-found-text"),
        request: "abc-123".into(),
        page,
    };
    macro_rules! html {
        ($view:expr) => {
            $view.render().expect("a page")
        };
    }
    vec![
        (
            "setup",
            html!(Setup {
                page: gate(t, "setup-title", "/setup"),
                typed: Typed::default(),
                makes_vault: true,
                errors: vec![("password".into(), t.say("problem-too-short"))]
            }),
        ),
        (
            "recovery",
            html!(Recovery {
                page: gate(t, "recovery-title", "/setup"),
                groups: ["K7QF", "2MXD", "9RTA", "W3HC", "PZ6E", "4NVB", "8YGJ"].map(str::to_owned).into()
            }),
        ),
        ("unlock", html!(Unlock { page: gate(t, "unlock-title", "/unlock"), error: t.say("unlock-failed") })),
        (
            "sign-in",
            html!(SignIn {
                page: gate(t, "sign-in-title", "/sign-in"),
                email: String::new(),
                next: String::new(),
                error: String::new()
            }),
        ),
        ("error", html!(fail(gate(t, "error-not-found-heading", "/x")))),
        (
            "dashboard",
            html!(Dashboard::new(
                page(t, "Kamala Devi Sharma", Here::Dashboard, &base),
                &dashboard_data(),
                Span::Year,
                now
            )),
        ),
        (
            "dashboard-6m",
            html!(Dashboard::new(
                page(t, "Kamala Devi Sharma", Here::Dashboard, &base),
                &dashboard_data(),
                Span::HalfYear,
                now
            )),
        ),
        (
            "dashboard-empty",
            html!(Dashboard::new(
                page(t, "Kamala Devi Sharma", Here::Dashboard, &base),
                &empty_person,
                Span::Year,
                now
            )),
        ),
        (
            "timeline",
            html!(Timeline::new(
                page(t, &t.say("nav-timeline"), Here::Timeline, &base),
                &rows(),
                &["lab-result".into()],
                pager.clone()
            )),
        ),
        ("list", html!(List::new(in_kind("lab-results"), lab, &rows(), Filter::default(), pager.clone()))),
        (
            "list-long",
            html!(List::new(
                in_kind("lab-results"),
                lab,
                &(0..5).flat_map(|_| rows()).take(50).collect::<Vec<_>>(),
                Filter::default(),
                pager
            )),
        ),
        (
            "list-empty",
            html!(List::new(
                in_kind("allergies"),
                of_collection("allergies").expect("a layout"),
                &[],
                Filter::default(),
                Pager::default()
            )),
        ),
        (
            "documents",
            html!(List::new(
                in_kind("documents"),
                of_collection("documents").expect("a layout"),
                &rows()[4..5],
                Filter::default(),
                Pager { total: 1, ..Pager::default() }
            )),
        ),
        ("detail", html!(Detail::new(in_kind("lab-results"), lab, &edited, &BTreeMap::new()))),
        (
            "document",
            html!(Detail::new(
                in_kind("documents"),
                of_kind("document").expect("a layout"),
                &document,
                &BTreeMap::new()
            )),
        ),
        ("form", html!(form(&edited.body, &problems, Some(("r1", 2)), None))),
        ("form-new", html!(form(&nothing, &[], None, None))),
        ("form-pressure", html!(form(&pressure, &[], None, Some("blood-pressure")))),
        ("form-medication", new_form("medication")),
        ("form-allergy", new_form("allergy")),
        ("form-document", new_form("document")),
        ("history", html!(History::new(in_kind("lab-results"), lab, "r1", &versions))),
        (
            "records",
            html!(Overview::new(
                page(t, "PHM", Here::Records, &base),
                false,
                &BTreeMap::from([("lab-result".into(), 184)])
            )),
        ),
        ("add", html!(Overview::new(page(t, "PHM", Here::Add, &base), true, &BTreeMap::new()))),
        ("people", html!(People { page: Page { person: None, ..page(t, "PHM", Here::People, "/people") } })),
        (
            "profile",
            html!(ProfileForm {
                heading: t.say("edit-profile"),
                action: format!("{base}/profile"),
                back: base.clone(),
                version: 1,
                sections: profile_sections,
                errors: Vec::new(),
                page: page(t, "PHM", Here::Elsewhere, &base)
            }),
        ),
        ("import", html!(ImportStart::new(page(t, "PHM", Here::Import, &base), &[import("done"), import("undone")]))),
        ("import-preview", html!(ImportOne::new(page(t, "PHM", Here::Import, &base), &import("preview"), ""))),
        ("import-refused", html!(ImportOne::new(page(t, "PHM", Here::Import, &base), &refused, ""))),
        ("import-working", html!(ImportOne::new(page(t, "PHM", Here::Import, &base), &import("importing"), ""))),
        ("import-done", html!(ImportOne::new(page(t, "PHM", Here::Import, &base), &import("done"), ""))),
        (
            "who-looked",
            html!(WhoLooked::new(
                page(t, "PHM", Here::WhoLooked, &base),
                &[
                    audit("2026-11-22T09:12:00.000Z", "Arjun Sharma", "read", "lab-result", 12, "allowed"),
                    audit("2026-11-22T09:10:00.000Z", "ਹਰਪ੍ਰੀਤ ਕੌਰ", "read", "note", 1, "refused"),
                    audit("2026-11-20T03:00:00.000Z", "", "import", "", 431, "allowed"),
                ],
                Pager::default()
            )),
        ),
        (
            "settings",
            html!(Settings {
                page: page(t, "PHM", Here::Settings, "/settings"),
                devices: vec![
                    DeviceView {
                        id: "s1".into(),
                        name: "Firefox, Android".into(),
                        since: t.when_text("2026-11-02T08:00:00.000Z"),
                        current: true
                    },
                    DeviceView {
                        id: "s2".into(),
                        name: "Chrome, Linux".into(),
                        since: t.when_text("2026-10-02T08:00:00.000Z"),
                        current: false
                    },
                ],
                zone: String::new(),
                zone_now: "Asia/Kolkata".into(),
            }),
        ),
        (
            "admin",
            html!(Admin {
                page: page(t, "PHM", Here::Admin, "/admin"),
                figures: vec![
                    (t.say("admin-people"), t.number(4)),
                    (t.say("admin-records"), t.number("1 284")),
                    (t.say("admin-space"), t.with("size-mb", "size", t.number("48.2")))
                ],
                checks: vec![
                    CheckView { name: "store".into(), status: "ok".into(), message: "sled, 2 generations".into() },
                    CheckView { name: "backup".into(), status: "warn".into(), message: "no backup yet".into() }
                ],
                accounts: vec![AccountView {
                    name: "Arjun Sharma".into(),
                    email: "arjun@example.org".into(),
                    roles: [t.say("role-admin"), t.say("role-patient")].join(", ")
                }],
                settings: vec![("server.listen".into(), "127.0.0.1:8080".into(), "default".into())]
            }),
        ),
    ]
}

#[test]
fn every_page_stands_in_every_language_without_script_or_style_inside() {
    for (language, digits) in
        [(Language::English, Digits::Latin), (Language::Hindi, Digits::Native), (Language::Punjabi, Digits::Native)]
    {
        let t = locale(language, digits);
        for (name, html) in pages(&t) {
            let place = format!("{name} in {}", language.tag());
            assert!(html.contains(&format!("<html lang=\"{}\"", language.tag())), "{place}");
            assert!(!html.contains(" style=") && !html.contains("<style"), "{place} has a style inside");
            assert!(!html.contains("onclick") && !html.contains("javascript:"), "{place} has a script inside");
            assert_eq!(html.matches("<script").count(), 1, "{place}");
            assert_eq!(html.matches("<h1").count(), 1, "{place} has one heading of the first order");
            for post in html
                .split("<form")
                .skip(1)
                .filter(|form| form.split('>').next().is_some_and(|head| head.contains("\"post\"")))
            {
                assert!(post.split("</form").next().is_some_and(|form| form.contains("name=\"csrf\"")), "{place}");
            }
            if let Some(folder) = std::env::var_os("PHM_GALLERY") {
                let folder = std::path::Path::new(&folder).join(language.tag());
                std::fs::create_dir_all(&folder).expect("a folder");
                let mut file = std::fs::File::create(folder.join(format!("{name}.html"))).expect("a file");
                file.write_all(html.as_bytes()).expect("written");
            }
        }
    }
}

#[test]
fn rows_forms_and_the_switcher_carry_the_names_of_the_contract() {
    let t = locale(Language::English, Digits::Latin);
    let pages = pages(&t).into_iter().collect::<BTreeMap<_, _>>();
    assert!(pages["list"].contains("data-record=\"00000000-0000-4000-8000-000000000035\""));
    assert!(pages["dashboard"].contains("data-test=\"switcher\""));
    for name in ["concept.text", "quantity.value", "quantity.unit", "collected_at", "laboratory.name", "csrf"] {
        assert!(pages["form-new"].contains(&format!("name=\"{name}\"")), "{name}");
    }
    assert!(pages["form-allergy"].contains("name=\"reactions.0.manifestation.text\""));
    for name in ["token", "passphrase", "email", "password", "name"] {
        assert!(pages["setup"].contains(&format!("name=\"{name}\"")), "{name}");
    }
}
