//! The pages of access, family, patients, tokens and accounts, made of invented people.

use askama::Template as _;

use super::samples::{KAMALA, page, people};
use crate::http::web::view::access::{Access, GiveForm, GrantView, NoticeView};
use crate::http::web::view::accounts::{AccountForm, PermissionView, Permissions};
use crate::http::web::view::alerts::Alerts;
use crate::http::web::view::data::YourData;
use crate::http::web::view::family::{Family, Join, MemberView};
use crate::http::web::view::house_retention::HouseRetention;
use crate::http::web::view::incident::{IncidentPage, ReportView};
use crate::http::web::view::links::{LinkView, Links, OpenLink};
use crate::http::web::view::oversight::DeviceView;
use crate::http::web::view::page::{Here, Page, Tone};
use crate::http::web::view::patients::{EmergencyView, GlassForm, PatientView, Patients};
use crate::http::web::view::restrictions::{RestrictionView, Restrictions};
use crate::http::web::view::retention::{Retention, RuleView, span};
use crate::http::web::view::sent::Sent;
use crate::http::web::view::tokens::{TokenView, Tokens};
use crate::i18n::Locale;

fn grant(t: &Locale, to: &str, state: &str, tone: Tone) -> GrantView {
    GrantView {
        id: "g1".into(),
        to: to.into(),
        icon: "user-round",
        what: [t.say("kinds-lab-result"), t.say("kinds-medication")].join(", "),
        facts: vec![
            t.with("access-until", "when", t.when_text("2026-11-23T10:00:00.000Z")),
            t.with("access-also-private", "labels", t.say("label-mental-health")),
        ],
        state: t.say(state),
        tone,
        mine: false,
        broken: false,
    }
}

fn member(t: &Locale, name: &str, relation: &str, mine: bool) -> MemberView {
    let is_carer = relation == "carer";
    MemberView {
        id: "r1".into(),
        name: name.into(),
        relation: t.say(&format!("relation-{relation}")),
        sentence: if is_carer {
            t.with("family-edits", "what", t.say("kinds-medication"))
        } else {
            t.say("family-keeps")
        },
        term: if is_carer { t.with("access-until", "when", t.when_text("2026-11-23")) } else { String::new() },
        tone: Tone::Calm,
        mine,
        may_end: true,
        may_change: is_carer,
        edits: is_carer,
        kinds: vec!["medication".into()],
    }
}

fn choices(t: &Locale) -> Vec<(String, String)> {
    ["lab-result", "medication", "note"].map(|kind| (kind.to_owned(), t.say(&format!("kinds-{kind}")))).to_vec()
}

/// The pages: name and HTML.
pub fn pages(t: &Locale) -> Vec<(&'static str, String)> {
    let base = format!("/p/{KAMALA}");
    let html = |page: Result<String, askama::Error>| page.expect("a page");
    let at = |here: Here, rest: &str| page(t, "PHM", here, &format!("{base}/{rest}"));
    let alone = |here: Here, path: &str| Page { person: None, ..page(t, "PHM", here, path) };
    let doctor = vec![("a1".to_owned(), format!("Dr. Meera Iyer ({})", t.say("role-provider")))];
    let notice = |asked: bool, key: &str| NoticeView {
        id: "g2".into(),
        text: t.with_all(key, &[("name", "Dr. Meera Iyer"), ("when", "10:00"), ("reason", "unconscious")]),
        asked,
    };
    let access = |form: Option<GiveForm>| Access {
        page: at(Here::Access, "access"),
        notices: vec![notice(false, "notice-broken"), notice(true, "notice-asked")],
        now: vec![
            grant(t, "Dr. Meera Iyer", "state-live", Tone::Good),
            GrantView { mine: true, broken: true, ..grant(t, "Arjun Sharma", "state-waiting", Tone::Calm) },
        ],
        past: vec![grant(t, "Dr. Sunil Rao", "state-ended", Tone::Calm)],
        form,
        may_restrict: true,
        may_retain: true,
        errors: vec![t.say("form-check-fields")],
    };
    let family = |link: &str| Family {
        page: at(Here::Family, "family"),
        members: vec![member(t, "Arjun Sharma", "owner", true), member(t, "ਹਰਪ੍ਰੀਤ ਕੌਰ", "carer", false)],
        may_invite: true,
        may_make_owners: true,
        may_hand_over: true,
        kinds: choices(t),
        waiting: vec![(
            "w1".into(),
            t.say("relation-guardian"),
            t.with("access-until", "when", t.when_text("2026-11-23")),
        )],
        handing: t.with("family-handing", "when", t.when_text("2026-11-23")),
        link: link.to_owned(),
        errors: Vec::new(),
        sent: Sent::default(),
    };
    let join = |sentence: String| Join {
        page: alone(Here::Elsewhere, "/join"),
        invitation: "secret".into(),
        relation: t.say("relation-carer"),
        error: if sentence.is_empty() { t.say("join-invalid") } else { String::new() },
        sentence,
    };
    let patient = |broken| PatientView {
        person: people(t).remove(0),
        what: t.say("kinds-lab-result"),
        term: t.with("access-until", "when", t.when_text("2026-11-23T10:00:00.000Z")),
        broken,
    };
    let patients = Patients {
        page: alone(Here::Patients, "/patients"),
        patients: vec![patient(false), patient(true)],
        emergencies: vec![EmergencyView {
            id: "g3".into(),
            profile: KAMALA.into(),
            name: "Kamala Devi Sharma".into(),
            text: t.count("patients-hours", 48),
            may_ask: true,
        }],
        glass: Some(GlassForm { error: t.say("glass-nobody"), ..GlassForm::default() }),
    };
    let token = |state: &str| TokenView {
        id: "t1".into(),
        name: "Notebook".into(),
        facts: vec!["Kamala Devi Sharma".into(), t.say("kinds-lab-result"), t.say("action-read")],
        state: if state.is_empty() { String::new() } else { t.say(state) },
        tone: Tone::Calm,
        holds: state.is_empty(),
    };
    let tokens = Tokens {
        page: alone(Here::Settings, "/tokens"),
        tokens: vec![token(""), token("tokens-revoked")],
        kinds: choices(t),
        actions: ["read", "add"].map(|word| (word.to_owned(), t.say(&format!("action-{word}")))).to_vec(),
        spans: vec![(30, t.count("tokens-for-days", 30))],
        secret: "phm_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into(),
        errors: Vec::new(),
        sent: Sent::default(),
    };
    let account = |id: &str| AccountForm {
        page: alone(Here::Admin, "/admin/accounts/a1"),
        id: id.into(),
        name: "Arjun Sharma".into(),
        email: "arjun@example.org".into(),
        roles: vec![("admin".into(), t.say("role-admin"), true), ("provider".into(), t.say("role-provider"), false)],
        active: true,
        devices: vec![DeviceView {
            id: "s1".into(),
            name: "Firefox, Linux".into(),
            since: t.when_text("2026-11-22T10:00:00.000Z"),
            current: false,
        }],
        waiting: vec![(
            KAMALA.into(),
            t.with_all("account-take-over-waits", &[("name", "Arjun Sharma"), ("at", "10:00"), ("until", "11:00")]),
            true,
        )],
        errors: vec![t.say("account-last-admin")],
    };
    let links = |link: &str| Links {
        page: at(Here::Access, "links"),
        links: vec![LinkView {
            id: "l1".into(),
            title: t.count("records-count", 12),
            made: t.when_text("2026-11-22T10:00:00.000Z"),
            facts: vec![t.say("links-once"), t.say("links-not-opened")],
            state: t.say("state-live"),
            tone: Tone::Good,
            open: true,
        }],
        parts: choices(t),
        spans: vec![(24, t.say("links-one-day"))],
        record: String::new(),
        link: link.to_owned(),
        closed: false,
        errors: Vec::new(),
        sent: Sent::default(),
    };
    let open_link = |gone| OpenLink { page: alone(Here::Elsewhere, "/s/AAAA"), id: "AAAA".into(), asks: true, gone };
    let restrictions = Restrictions {
        page: at(Here::Access, "restrictions"),
        held: vec![RestrictionView {
            id: "x1".into(),
            title: t.count("records-count", 21_u32),
            facts: vec![t.with("restrict-by", "name", "Kamala Sharma")],
            records: vec![(format!("{base}/lab-results/r1"), t.say("kinds-lab-result"))],
            more: t.count("restrict-more", 20_u32),
        }],
        everything: false,
        errors: Vec::new(),
    };
    let proposal = |state: &str| RuleView {
        kind: "note".into(),
        days: 3650,
        title: t.with_all("retention-rule", &[("what", &t.say("kinds-note")), ("span", &span(t, 3650))]),
        facts: vec![t.count("retention-due", 3_u32), t.count("house-retention-people", 2_u32)],
        tone: Tone::Warn,
        state: t.say(state),
    };
    let house_retention = HouseRetention {
        page: alone(Here::Admin, "/admin/retention"),
        enforced: false,
        rules: vec![proposal("house-retention-proposed")],
        kinds: choices(t),
        kind: "note".into(),
        years: "10".into(),
        preview: Some(vec![t.count("retention-due", 3_u32), t.count("house-retention-own", 1_u32)]),
        errors: Vec::new(),
    };
    let retention = Retention {
        page: at(Here::Access, "retention"),
        proposals: vec![proposal("house-retention-open")],
        rules: vec![RuleView {
            kind: "message".into(),
            days: 3650,
            title: t.with_all("retention-rule", &[("what", &t.say("kinds-message")), ("span", &span(t, 3650))]),
            facts: vec![t.count("retention-due", 12_u32), t.count("retention-restricted", 1_u32)],
            tone: Tone::Warn,
            state: t.say("retention-soon"),
        }],
        kinds: choices(t),
        kind: "note".into(),
        years: "10".into(),
        preview: Some(vec![t.count("retention-due", 3_u32)]),
        errors: Vec::new(),
    };
    let data = YourData {
        page: at(Here::Access, "data"),
        may_export: true,
        may_restrict: true,
        may_erase: true,
        errors: vec![t.say("data-erase-wrong")],
    };
    let unusual = [("name", "Dr. Sunil Rao"), ("count", "6000"), ("when", "10:00")];
    let alerts = Alerts {
        page: alone(Here::Admin, "/admin/alerts"),
        alerts: ["alert-volume", "alert-hour", "alert-refusals"].map(|key| t.with_all(key, &unusual)).to_vec(),
    };
    let incident = IncidentPage {
        page: alone(Here::Admin, "/admin/incident"),
        from: "2026-11-15".into(),
        to: "2026-11-22".into(),
        account: "a1".into(),
        accounts: vec![("a1".into(), "Dr. Meera Iyer".into())],
        errors: vec![t.say("incident-wrong")],
        report: Some(ReportView {
            file: "/admin/incident/report.json".into(),
            facts: vec![t.with("incident-people", "count", t.number(3))],
            records: vec![(t.say("kinds-lab-result"), t.number(120))],
            tables: vec![(
                t.say("incident-actors"),
                vec![t.say("incident-column-who"), t.say("incident-column-records")],
                vec![vec!["Dr. Meera Iyer".into(), t.number(120)]],
            )],
            missing: vec![t.say("incident-more")],
        }),
    };
    let yes = || ("✓".to_owned(), "yes", t.say("permission-yes"));
    let permissions = Permissions {
        page: alone(Here::Admin, "/admin/permissions"),
        who: vec![t.say("column-self"), t.say("column-admin")],
        chapters: vec![(
            t.say("chapter-records"),
            vec![PermissionView { operation: "*_list".into(), verdicts: vec![yes(), yes()] }],
        )],
        key: vec![yes()],
    };
    vec![
        ("access", html(access(Some(GiveForm::new(t, doctor))).render())),
        ("access-alone", html(access(Some(GiveForm::new(t, Vec::new()))).render())),
        ("access-given", html(access(None).render())),
        ("family", html(family("").render())),
        ("family-link", html(family("http://localhost:8080/join#AAAA").render())),
        ("join", html(join(String::new()).render())),
        ("join-for", html(join(t.with_all("join-for", &[("by", "Arjun"), ("name", "Kamala")])).render())),
        ("patients", html(patients.render())),
        ("tokens", html(tokens.render())),
        ("account", html(account("a1").render())),
        ("account-new", html(account("").render())),
        ("permissions", html(permissions.render())),
        ("links", html(links("").render())),
        ("links-made", html(links("http://localhost:8080/s/AAAA#BBBB").render())),
        ("restrictions", html(restrictions.render())),
        ("alerts", html(alerts.render())),
        ("data", html(data.render())),
        ("retention", html(retention.render())),
        ("house-retention", html(house_retention.render())),
        ("incident", html(incident.render())),
        ("open-link", html(open_link(false).render())),
        ("open-link-gone", html(open_link(true).render())),
    ]
}
