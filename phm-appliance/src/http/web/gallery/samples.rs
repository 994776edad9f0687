//! Invented people and what is written down about them.

use jiff::tz::TimeZone;
use phm_core::analytics::Message;
use serde_json::{Value, json};

use crate::http::api::{Point, Trend};
use crate::http::web::view::dashboard::{DashboardData, TrendData};
use crate::http::web::view::page::{Account, Here, Page, Person, Theme};
use crate::http::web::view::{Record, RowData};
use crate::i18n::{Age, Digits, Language, Locale};

pub const NOW: &str = "2026-11-22T10:00:00Z";
pub const KAMALA: &str = "6f1c1f6e-2b54-4f0e-9a53-0e9a1d7a1b01";

pub fn locale(language: Language, digits: Digits) -> Locale {
    Locale::new(language, digits, TimeZone::fixed(jiff::tz::Offset::from_seconds(19_800).expect("India's offset")))
}

pub fn people(t: &Locale) -> Vec<Person> {
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

pub fn page(t: &Locale, title: &str, here: Here, path: &str) -> Page {
    let people = people(t);
    Page {
        title: title.to_owned(),
        theme: Theme::Auto,
        csrf: "c5rf".into(),
        account: Some(Account {
            name: "Arjun Sharma".into(),
            email: "arjun@example.org".into(),
            admin: true,
            roles: vec!["admin".into()],
        }),
        person: people.first().cloned(),
        people,
        here,
        path: path.to_owned(),
        notices: Vec::new(),
        unread: 2,
        plain_http: false,
        t: t.clone(),
    }
}

/// A page in English about somebody, for tests of views.
pub fn plain_page() -> Page {
    let t = Locale::new(Language::English, Digits::Latin, TimeZone::UTC);
    page(&t, "PHM", Here::Elsewhere, "/p")
}

pub fn gate(t: &Locale, key: &str, path: &str) -> Page {
    Page { account: None, people: Vec::new(), person: None, ..page(t, &t.say(key), Here::Elsewhere, path) }
}

pub fn record(kind: &str, n: u32, occurred: &str, body: Value) -> Record {
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

pub fn concept(text: &str, code: &str) -> Value {
    json!({"text":text,"codes":[{"system":"http://loinc.org","code":code,"display":text}]})
}

pub fn hba1c(n: u32, day: &str, value: &str) -> Record {
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

fn trend(points: Vec<Point>) -> TrendData {
    let trend = Trend {
        system: Some("http://loinc.org".to_owned()),
        code: Some("4548-4".to_owned()),
        title: "HbA1c".to_owned(),
        test: Some("hba1c"),
        unit: Some("%".to_owned()),
        points,
        asked: Vec::new(),
        statistics: None,
        explanation: Vec::new(),
    };
    TrendData { trend: Some(trend), may_choose: true }
}

pub fn dashboard_data() -> DashboardData {
    let vital = |n, text: &str, code: &str, value: &str, unit: &str| RowData {
        codes: vec![code.into()],
        ..row("vital-sign", n, "2026-11-18T02:30:00.000Z", text, &[value, unit])
    };
    let hba1c = |n: u32, day: &str, value: &str| Point {
        id: format!("00000000-0000-4000-8000-{n:012}").parse().expect("an id"),
        occurred: day.parse().ok(),
        value: value.to_owned(),
        original: None,
        flag: Some("H".to_owned()),
    };
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
        hba1c: trend(vec![
            hba1c(30, "2025-12-02", "8.4"),
            hba1c(31, "2026-02-20", "8.1"),
            hba1c(32, "2026-04-03", "7.6"),
            hba1c(33, "2026-06-12", "7.4"),
            hba1c(34, "2026-08-30", "7.20"),
            hba1c(35, "2026-11-02", "6.9"),
        ]),
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
        bmi: Some("26.4".to_owned()),
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
        not_shared: Vec::new(),
        told: Vec::new(),
        attention: vec![
            Message::new("attention-refill").text("medicine", "Metformin").text("run_out_on", "2026-11-25"),
            Message::new("attention-test-overdue")
                .text("test", "urine-acr")
                .text("condition", "diabetes")
                .text("last", "2025-10-02"),
        ],
    }
}

pub fn row(kind: &str, n: u32, day: &str, title: &str, value: &[&str]) -> RowData {
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
        restricted: n == 35,
    }
}

pub fn rows() -> Vec<RowData> {
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
