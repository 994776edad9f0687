//! Daily care through the API where things are not as they should be: edges of time, typed names, removed records.

use phm_core::time::Instant;
use poem::http::Method;
use serde_json::{Value, json};

use crate::house::{Home, Person};

const DAY: i64 = 86_400_000;

fn place(who: &Person, rest: &str) -> String {
    format!("/api/v1/profiles/{}/{rest}", who.profile)
}

async fn add(home: &Home, who: &Person, collection: &str, body: Value) -> String {
    let made = home.post(&place(who, collection), Some(who), body).await;
    assert_eq!(made.status, 201, "{collection}: {}", made.text());
    made.data()["id"].as_str().expect("an id").to_owned()
}

async fn show(home: &Home, who: &Person, view: &str) -> Value {
    home.get(&place(who, view), Some(who)).await.data()
}

fn days_ago(days: i64) -> String {
    Instant::from_millis(Instant::now().millis() - days * DAY).to_string()
}

fn quantity(value: &str, unit: &str) -> Value {
    json!({"value": value, "unit": unit})
}

fn typed(name: &str, value: &str, unit: &str, days: i64) -> Value {
    json!({"concept": name, "quantity": quantity(value, unit), "collected_at": days_ago(days)})
}

fn sign(loinc: &str, value: &str, unit: &str, days: i64) -> Value {
    json!({
        "concept": {"text": "A sign", "codes": [{"system": "http://loinc.org", "code": loinc}]},
        "quantity": quantity(value, unit), "measured_at": days_ago(days),
    })
}

fn codes(messages: &Value) -> Vec<String> {
    let messages = messages.as_array().expect("messages").iter();
    messages.filter_map(|one| one["code"].as_str()).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_last_day_of_the_calendar_breaks_nothing() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    for day in ["9999-12-31", "0001-01-01"] {
        add(&home, &asha, "immunizations", json!({"vaccine": "BCG", "given_on": day})).await;
    }
    let list = show(&home, &asha, "immunizations?from=9999-12-31").await;
    assert_eq!(list[0]["body"]["given_on"], "9999-12-31", "{list}");
    let body = json!({"drug": "X", "frequency": {"times": 1, "per": 1, "unit": "d"}, "start": "2026-01-01"});
    let id = add(&home, &asha, "medications", body).await;
    for query in ["to=9999-12-31", "from=9999-12-31&to=9999-12-31", "from=0001-01-01&to=0001-01-02", "from=9999"] {
        for view in ["schedule", "supply"] {
            let path = place(&asha, &format!("medications/{id}/{view}?{query}"));
            let status = home.get(&path, Some(&asha)).await.status;
            assert!(status == 200 || status == 422, "{view}?{query}: {status}");
        }
    }
    assert_eq!(home.get(&place(&asha, "dashboard"), Some(&asha)).await.status, 200);
}

#[tokio::test]
async fn a_result_typed_by_hand_counts_as_one_with_a_code_does() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    add(&home, &asha, "lab-results", typed("Serum potassium", "6.9", "mmol/L", 2)).await;
    let dashboard = show(&home, &asha, "dashboard").await;
    assert_eq!(codes(&dashboard["attention"]), ["attention-critically-high"]);
    add(&home, &asha, "lab-results", typed("HbA1c", "7.0", "%", 40)).await;
    add(&home, &asha, "lab-results", typed("Protein S", "70", "%", 40)).await;
    add(&home, &asha, "lab-results", json!({"concept": "HbA1c", "quantity": quantity("8.0", "%")})).await;
    let trends = show(&home, &asha, "lab-results/trends?code=4548-4").await;
    assert_eq!(trends.as_array().map(Vec::len), Some(1), "{trends}");
    assert_eq!((&trends[0]["code"], &trends[0]["points"][0]["value"]), (&json!("4548-4"), &json!("7.0")));
    // One without a day stands on no axis, and is named.
    assert_eq!(
        (trends[0]["points"].as_array().map(Vec::len), &trends[0]["asked"][0]["code"]),
        (Some(1), &json!("no-date"))
    );
    let refused = place(&asha, "lab-results/trends?code=4548-4&unit=kg");
    assert_eq!(home.get(&refused, Some(&asha)).await.failure().0, 422);
}

#[tokio::test]
async fn a_result_typed_by_hand_is_of_what_was_examined() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let with = |specimen: &str, days: i64| {
        let mut body = typed("Sodium", "119", "mmol/L", days);
        body["specimen"] = json!(specimen);
        body
    };
    add(&home, &asha, "lab-results", with("Serum", 5)).await;
    // A newer one of another specimen neither raises an alarm nor takes one back.
    add(&home, &asha, "lab-results", with("24 h urine", 1)).await;
    let dashboard = show(&home, &asha, "dashboard").await;
    assert_eq!(codes(&dashboard["attention"]), ["attention-critically-low"]);
    let trends = show(&home, &asha, "lab-results/trends?code=2951-2").await;
    assert_eq!(trends[0]["points"].as_array().map(Vec::len), Some(1), "{trends}");
    let list = show(&home, &asha, "lab-results").await;
    assert_eq!(list.as_array().map(Vec::len), Some(2), "{list}");
}

#[tokio::test]
async fn values_in_range_are_counted_by_the_range_of_the_report() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    for (value, days) in [("5.0", 90), ("6.0", 60), ("7.0", 30)] {
        let mut body = typed("HbA1c", value, "%", days);
        body["range"] = json!({"text": "4.0 - 6.0 %"});
        add(&home, &asha, "lab-results", body).await;
    }
    let trends = show(&home, &asha, "lab-results/trends?code=4548-4&unit=mmol/mol").await;
    assert_eq!(trends[0]["statistics"]["inside"], 2, "{trends}");
}

#[tokio::test]
async fn vital_signs_that_cannot_wait_come_first() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    add(&home, &asha, "vital-signs", sign("59408-5", "88", "%", 1)).await;
    add(&home, &asha, "lab-results", typed("Potassium", "5.3", "mmol/L", 2)).await;
    let found = show(&home, &asha, "dashboard").await;
    assert_eq!(codes(&found["attention"])[0], "attention-critically-low", "{found}");
    // A newer one that is well says that it is over.
    add(&home, &asha, "vital-signs", sign("59408-5", "97", "%", 0)).await;
    let found = show(&home, &asha, "dashboard").await;
    assert!(!codes(&found["attention"]).contains(&"attention-critically-low".to_owned()), "{found}");
}

#[tokio::test]
async fn nobody_is_reminded_of_a_medicine_that_is_not_in_use() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let pack = json!([{"got_on": days_ago(20)[..10], "amount": quantity("10", "{tablet}")}]);
    let body = |status: Option<&str>| {
        let mut body = json!({
            "drug": "Metformin", "dose": quantity("1", "{tablet}"), "frequency": {"at": ["08:00"]},
            "start": days_ago(20)[..10], "packs": pack,
        });
        if let Some(status) = status {
            body["status"] = json!(status);
        }
        body
    };
    for status in ["stopped", "completed", "on-hold"] {
        let id = add(&home, &asha, "medications", body(Some(status))).await;
        let reply = home.get(&place(&asha, &format!("medications/{id}/schedule")), Some(&asha)).await;
        assert_eq!((reply.data(), &reply.json()["message"]), (json!([]), &json!("not-in-use")), "{status}");
    }
    assert_eq!(codes(&show(&home, &asha, "dashboard").await["attention"]), [""; 0]);
    add(&home, &asha, "medications", body(None)).await;
    assert_eq!(codes(&show(&home, &asha, "dashboard").await["attention"]), ["attention-run-out-assumed"]);
}

#[tokio::test]
async fn a_vaccination_that_was_not_given_is_none() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let shot = |day: i64, status: &str| json!({"vaccine": "Td", "given_on": days_ago(day)[..10], "status": status});
    add(&home, &asha, "immunizations", shot(12 * 366, "completed")).await;
    add(&home, &asha, "immunizations", shot(100, "not-done")).await;
    assert_eq!(codes(&show(&home, &asha, "dashboard").await["attention"]), ["attention-tetanus-booster"]);
    add(&home, &asha, "immunizations", shot(50, "completed")).await;
    assert_eq!(codes(&show(&home, &asha, "dashboard").await["attention"]), [""; 0]);
}

#[tokio::test]
async fn a_body_mass_index_is_of_an_adult_in_whatever_units() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    add(&home, &asha, "vital-signs", sign("29463-7", "154.3", "[lb_av]", 1)).await;
    add(&home, &asha, "vital-signs", sign("8302-2", "68.9", "[in_i]", 30)).await;
    assert_eq!(show(&home, &asha, "dashboard").await["bmi"]["value"], "22.9");
    // A height of long ago says nothing where nobody knows the age.
    let (home, [bela]) = Home::of(["Bela"]).await;
    add(&home, &bela, "vital-signs", sign("29463-7", "70", "kg", 1)).await;
    add(&home, &bela, "vital-signs", sign("8302-2", "120", "cm", 3000)).await;
    assert_eq!(show(&home, &bela, "dashboard").await["bmi"], Value::Null);
}

#[tokio::test]
async fn adherence_is_counted_over_the_days_that_are_asked_for() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let body =
        json!({"drug": "X", "frequency": {"at": ["08:00"]}, "start": "2026-01-05", "dose": quantity("0.1", "mL")});
    let id = add(&home, &asha, "medications", body).await;
    for day in ["05", "06", "08"] {
        add(&home, &asha, "doses", json!({"medication": id, "at": format!("2026-01-{day}T08:00:00Z")})).await;
    }
    let supply = |query: &str| format!("medications/{id}/supply?zone=UTC&{query}");
    let found = show(&home, &asha, &supply("from=2026-01-05&to=2026-01-08")).await;
    assert_eq!((&found["adherence"]["window_days"], &found["adherence"]["percent"]), (&json!(4), &json!(75.0)));
    let found = show(&home, &asha, &supply("from=2026-01-05&to=2026-01-06")).await;
    assert_eq!((&found["adherence"]["window_days"], &found["adherence"]["percent"]), (&json!(2), &json!(100.0)));
    for bad in ["from=2026-01-06&to=2026-01-03", "from=2020-01-01&to=2026-01-01", "from=soon"] {
        assert_eq!(home.get(&place(&asha, &supply(bad)), Some(&asha)).await.failure().0, 422, "{bad}");
    }
}

#[tokio::test]
async fn days_on_which_the_clocks_change_are_days() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let body = json!({"drug": "X", "frequency": {"at": ["00:15", "23:45"]}, "start": "2026-01-05"});
    let id = add(&home, &asha, "medications", body).await;
    // A day of 25 hours and one of 23.
    for day in ["2026-11-01", "2026-03-08"] {
        let view = |view: &str, more: &str| format!("medications/{id}/{view}?zone=America/New_York&from={day}{more}");
        let week = show(&home, &asha, &view("schedule", "")).await;
        assert_eq!(week.as_array().map(Vec::len), Some(14), "{day}: {week}");
        let found = show(&home, &asha, &view("supply", &format!("&to={day}"))).await;
        assert_eq!(found["adherence"]["window_days"], 1, "{day}");
    }
}

#[tokio::test]
async fn one_dose_or_all_later_ones_can_be_put_off() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let body = json!({
        "drug": "X", "dose": quantity("1", "{tablet}"), "start": "2026-01-05T08:00:00Z",
        "frequency": {"times": 1, "per": 12, "unit": "h"},
        "packs": [{"got_on": "2026-01-05", "amount": quantity("4", "{tablet}")}],
    });
    let id = add(&home, &asha, "medications", body).await;
    let asked = |view: &str, shift: &str| {
        let query = "zone=UTC&from=2026-01-05T00:00:00Z&to=2026-01-06T12:00:00Z";
        format!("medications/{id}/{view}?{query}&shift={shift}")
    };
    let times = async |shift: &str| -> Vec<(String, Value)> {
        let found = show(&home, &asha, &asked("schedule", shift)).await;
        let doses = found.as_array().expect("doses").iter();
        doses
            .map(|dose| (dose["due_at"].as_str().expect("a time")[8..16].to_owned(), dose["planned_at"].clone()))
            .collect()
    };
    let moved = |at: &str| json!(format!("2026-01-{at}:00:00.000Z"));
    let plan = [("05T08:00", Value::Null), ("05T20:00", Value::Null), ("06T08:00", Value::Null)];
    assert_eq!(times("").await, plan.clone().map(|(at, planned)| (at.to_owned(), planned)));
    let one = "2026-01-05T20:00:00Z/2026-01-05T22:00:00Z";
    assert_eq!(times(one).await[1..], [("05T22:00".to_owned(), moved("05T20")), ("06T08:00".to_owned(), Value::Null)]);
    let later = times(&format!("{one}/later")).await;
    assert_eq!(later[1..], [("05T22:00".to_owned(), moved("05T20")), ("06T10:00".to_owned(), moved("06T08"))]);
    // Nothing of it is kept.
    assert_eq!(times("").await, plan.map(|(at, planned)| (at.to_owned(), planned)));
    assert!(show(&home, &asha, &asked("supply", one)).await["adherence"].is_object());
    for (shift, code) in [
        ("soon", "invalid-value"),
        ("2026-01-05T20:00:00Z", "invalid-value"),
        ("2026-01-05T20:00:00Z/2026-01-05T22:00:00Z/sometimes", "invalid-value"),
        ("2026-01-05T20:00:00Z/tomorrow", "invalid-value"),
        ("2026-01-05T20:00:00Z/2027-01-05T22:00:00Z", "too-far"),
        ("2026-01-05T19:00:00Z/2026-01-05T22:00:00Z", "no-such-dose"),
    ] {
        for view in ["schedule", "supply"] {
            let reply = home.get(&place(&asha, &asked(view, shift)), Some(&asha)).await;
            assert_eq!(
                (reply.status.as_u16(), &reply.json()["error"]["details"][0]["code"]),
                (422, &json!(code)),
                "{shift}"
            );
        }
    }
}

#[tokio::test]
async fn a_visit_has_its_summary() {
    let (home, [asha, bela]) = Home::of(["Asha", "Bela"]).await;
    add(&home, &asha, "visits", json!({"start": days_ago(50)})).await;
    add(&home, &asha, "conditions", json!({"concept": "Asthma", "status": "active"})).await;
    add(&home, &asha, "allergies", json!({"substance": "Peanut"})).await;
    add(&home, &asha, "medications", json!({"drug": "Metformin"})).await;
    add(&home, &asha, "medications", json!({"drug": "Old", "status": "on-hold"})).await;
    add(&home, &asha, "lab-results", typed("Potassium", "4.1", "mmol/L", 2)).await;
    add(&home, &asha, "lab-results", typed("Potassium", "4.2", "mmol/L", 90)).await;
    let pressure = |systolic: &str, days: i64| {
        let part = |loinc: &str, value: &str| json!({"concept": {"codes": [{"system": "http://loinc.org", "code": loinc}]}, "quantity": quantity(value, "mm[Hg]")});
        json!({
            "concept": {"codes": [{"system": "http://loinc.org", "code": "85354-9"}]}, "measured_at": days_ago(days),
            "components": [part("8480-6", systolic), part("8462-4", "80")],
        })
    };
    for (systolic, days) in [("130", 1), ("140", 2), ("200", 20)] {
        add(&home, &asha, "vital-signs", pressure(systolic, days)).await;
    }
    let found = show(&home, &asha, "visit-summary?zone=UTC").await;
    assert_eq!(found["conditions"], json!(["Asthma"]));
    assert_eq!((&found["allergies"], &found["medications"]), (&json!(["Peanut"]), &json!(["Metformin"])));
    assert_eq!(found["new_records"], json!({"lab-result": 1, "vital-sign": 3}));
    assert_eq!(
        found["pressure"],
        json!({"systolic": "135", "diastolic": "80", "unit": "mm[Hg]", "readings": 2, "days": 7})
    );
    assert_eq!(found["not_shown"], json!([]));
    assert_eq!(home.get(&place(&asha, "visit-summary"), Some(&bela)).await.failure().0, 404);
    assert_eq!(home.get(&place(&asha, "visit-summary"), None).await.failure().0, 401);
}

#[tokio::test]
async fn a_removed_record_is_as_if_it_had_never_been() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let body = json!({
        "drug": "Metformin", "dose": quantity("1", "{tablet}"), "frequency": {"at": ["08:00", "20:00"]},
        "start": days_ago(10)[..10], "packs": [{"got_on": days_ago(10)[..10], "amount": quantity("60", "{tablet}")}],
    });
    let medication = add(&home, &asha, "medications", body).await;
    add(&home, &asha, "doses", json!({"medication": medication, "at": days_ago(3)})).await;
    add(&home, &asha, "lab-results", typed("HbA1c", "7.0", "%", 40)).await;
    add(&home, &asha, "conditions", json!({"concept": "Diabetes", "status": "active"})).await;
    let views = [
        "lab-results/trends?code=4548-4".to_owned(),
        format!("medications/{medication}/schedule?zone=UTC"),
        format!("medications/{medication}/supply?zone=UTC"),
        "dashboard".to_owned(),
        "visit-summary".to_owned(),
    ];
    let all = async || {
        let mut all = Vec::new();
        for view in &views {
            all.push(show(&home, &asha, view).await);
        }
        all
    };
    let before = all().await;
    let others = [
        ("lab-results", typed("HbA1c", "9.9", "%", 4)),
        ("lab-results", typed("Potassium", "6.9", "mmol/L", 1)),
        ("doses", json!({"medication": medication, "at": days_ago(2), "status": "skipped"})),
        ("conditions", json!({"concept": "Iron deficiency anaemia", "status": "active"})),
        ("vital-signs", sign("59408-5", "85", "%", 0)),
        ("immunizations", json!({"vaccine": "Td", "given_on": "2010-01-01", "status": "completed"})),
        ("visits", json!({"start": days_ago(1)})),
    ];
    for (collection, body) in others {
        let id = add(&home, &asha, collection, body).await;
        assert_ne!(all().await, before, "{collection} is seen");
        let path = place(&asha, &format!("{collection}/{id}"));
        let gone = home.act(Method::DELETE, &path, Some(&asha), &[("If-Match", "\"1\"")]).await;
        assert_eq!(gone.status, 204, "{collection}");
        assert_eq!(all().await, before, "{collection} is gone");
    }
}
