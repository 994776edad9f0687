//! Every page, made of the samples.

use std::collections::BTreeMap;

use askama::Template as _;

use phm_core::time::Instant;
use serde_json::{Value, json};

use crate::http::web::forms::layout::{of_collection, of_kind};
use crate::http::web::forms::{Links, Problem, presets};
use crate::http::web::qr;
use crate::http::web::view::Record;
use crate::http::web::view::dashboard::{Dashboard, DashboardData, Span};
use crate::http::web::view::door::{DoorField, DoorForm, FactorApp, ShownOnce};
use crate::http::web::view::gate::{Failure, Recovery, RestoreBackup, Setup, SignIn, Typed, Unlock};
use crate::http::web::view::import::{ImportData, ImportOne, ImportStart};
use crate::http::web::view::oversight::{AccountView, Admin, CheckView, DeviceView, PasskeyView, Settings};
use crate::http::web::view::page::{Here, Page};
use crate::http::web::view::people::{People, ProfileForm};
use crate::http::web::view::records::{Detail, Filter, Form, FormData, History, List, Overview, Pager, VersionData};
use crate::http::web::view::timeline::Timeline;
use crate::http::web::view::trust::Trust;
use crate::http::web::view::who_looked::{AuditData, WhoLooked};
use crate::i18n::Locale;

use super::samples::{KAMALA, NOW, dashboard_data, gate, hba1c, page, record, rows};

/// The pages: name and HTML.
pub fn pages(t: &Locale) -> Vec<(&'static str, String)> {
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
        refused: vec![crate::http::web::view::import::Refusal {
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
        sent_to: String::new(),
    };
    let profile = of_kind("profile").expect("a layout");
    let profile_body = json!({"name":{"text":"Meera"},"birth_date":"2025-06-19","sex":"female"});
    let profile_sections = crate::http::web::forms::fill::sections(
        profile,
        crate::http::web::forms::fill::Filling {
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
                is_safe: true,
                has_authority: true,
                errors: vec![("password".into(), t.say("problem-too-short"))]
            }),
        ),
        (
            "setup-unsafe",
            html!(Setup {
                page: gate(t, "setup-title", "/setup"),
                typed: Typed::default(),
                makes_vault: true,
                is_safe: false,
                has_authority: true,
                errors: Vec::new()
            }),
        ),
        (
            "setup-restore",
            html!(RestoreBackup {
                page: gate(t, "restore-title", "/setup/restore"),
                token: String::new(),
                is_safe: true,
                has_authority: true,
                errors: vec![("file".into(), t.say("restore-not-together"))]
            }),
        ),
        (
            "recovery",
            html!(Recovery {
                page: gate(t, "recovery-title", "/setup"),
                groups: ["K7QF", "2MXD", "9RTA", "W3HC", "PZ6E", "4NVB", "8YGJ"].map(str::to_owned).into()
            }),
        ),
        (
            "second-factor",
            html!(DoorForm {
                lead: t.say("second-lead"),
                error: t.say("second-failed"),
                action: "/sign-in/second",
                hidden: vec![("ticket", "t1".into())],
                fields: vec![DoorField {
                    name: "code",
                    label: t.say("second-code"),
                    kind: "text",
                    autocomplete: "one-time-code",
                    help: t.say("second-code-help"),
                    ..DoorField::default()
                }],
                passkey: "{}".into(),
                button: t.say("sign-in"),
                links: vec![("/sign-in".into(), t.say("second-again"))],
                ..DoorForm::titled(gate(t, "second-heading", "/sign-in"))
            }),
        ),
        (
            "authenticator-app",
            html!(FactorApp {
                page: gate(t, "app-heading", "/settings/app"),
                secret: "GEZD GNBV".into(),
                code: qr::svg("otpauth://totp/PHM", "QR"),
                error: String::new()
            }),
        ),
        (
            "recovery-codes",
            html!(ShownOnce {
                page: gate(t, "codes-once-heading", "/settings"),
                heading: t.say("codes-once-heading"),
                lead: t.say("codes-once-lead"),
                lines: vec!["0A1B2-C3D4E".into()],
                onward: "/settings"
            }),
        ),
        (
            "unlock",
            html!(Unlock {
                page: gate(t, "unlock-title", "/unlock"),
                error: t.say("unlock-failed"),
                is_safe: true,
                has_authority: true
            }),
        ),
        (
            "unlock-unsafe",
            html!(Unlock {
                page: gate(t, "unlock-title", "/unlock"),
                error: String::new(),
                is_safe: false,
                has_authority: true
            }),
        ),
        (
            "trust",
            html!(Trust {
                page: gate(t, "trust-title", "/trust"),
                fingerprint: "0A:1B".into(),
                name: "PHM at home 0a1b2c3d".into(),
                address: "http://192.168.1.5:8080/trust".into(),
                code: qr::svg("http://192.168.1.5:8080/trust", "QR")
            }),
        ),
        (
            "sign-in",
            html!(SignIn {
                page: gate(t, "sign-in-title", "/sign-in"),
                email: String::new(),
                next: String::new(),
                error: String::new(),
                has_passkeys: true,
                may_register: true,
                elsewhere: "Clinic".into(),
                next_query: String::new()
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
        (
            "people",
            html!(People {
                page: Page { person: None, ..page(t, "PHM", Here::People, "/people") },
                emergencies: Vec::new()
            }),
        ),
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
                app: true,
                passkeys: vec![PasskeyView {
                    id: "k1".into(),
                    name: "Phone".into(),
                    host: "box.local".into(),
                    used: t.when_text("2026-11-02T08:00:00.000Z")
                }],
                passkeys_here: true,
                elsewhere: "Example".to_owned(),
                elsewhere_linked: true,
                elsewhere_allowed: true,
                codes_left: t.count("codes-left", 7),
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
                    CheckView { name: "store".into(), status: "ok".into(), message: "redb, 2 generations".into() },
                    CheckView { name: "backup".into(), status: "warn".into(), message: "no backup yet".into() }
                ],
                accounts: vec![AccountView {
                    id: "a1".into(),
                    active: true,
                    name: "Arjun Sharma".into(),
                    email: "arjun@example.org".into(),
                    roles: [t.say("role-admin"), t.say("role-patient")].join(", ")
                }],
                settings: vec![("server.listen".into(), "127.0.0.1:8080".into(), "default".into())]
            }),
        ),
    ]
}
