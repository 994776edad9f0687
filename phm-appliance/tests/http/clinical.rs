//! Calculators, notations, schedules, supply, trends and attention through the API.

use phm_core::access::Actor;
use phm_core::time::Instant;
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

fn days_ago(days: i64) -> Instant {
    Instant::from_millis(Instant::now().millis() - days * DAY)
}

fn quantity(value: &str, unit: &str) -> Value {
    json!({"value": value, "unit": unit})
}

fn lab(loinc: &str, value: &str, unit: &str, days: i64) -> Value {
    json!({
        "concept": {"text": "A test", "codes": [{"system": "http://loinc.org", "code": loinc}]},
        "quantity": quantity(value, unit), "collected_at": days_ago(days).to_string(),
    })
}

#[tokio::test]
async fn calculators_are_listed_and_run_by_name() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let all = home.get("/api/v1/calculators", Some(&asha)).await.data();
    let egfr = all.as_array().expect("a list").iter().find(|one| one["name"] == "ckd-epi-2021").expect("in the list");
    assert_eq!(
        (&egfr["year"], &egfr["inputs"][0]["kind"], &egfr["inputs"][0]["unit"]),
        (&json!(2021), &json!("quantity"), &json!("mg/dL"))
    );
    let run = |inputs: Value| home.post("/api/v1/calculators/ckd-epi-2021", Some(&asha), json!({"inputs": inputs}));
    let good = run(json!({"creatinine": quantity("88.4", "umol/L"), "age": quantity("50", "a"), "sex": "female"}))
        .await
        .data();
    assert_eq!(
        (&good["applicable"], &good["shown"], &good["unit"]),
        (&json!(true), &json!("69"), &json!("mL/min/{1.73_m2}"))
    );
    assert_eq!(good["inputs"]["creatinine"], quantity("88.4", "umol/L"));
    let young =
        run(json!({"creatinine": quantity("0.6", "mg/dL"), "age": quantity("9", "a"), "sex": "female"})).await.data();
    assert_eq!(
        (&young["applicable"], &young["reason"], &young["value"]),
        (&json!(false), &json!("age-below-18"), &Value::Null)
    );
}

#[tokio::test]
async fn a_calculator_refuses_what_it_cannot_know() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let run = |name: &str, body: Value| {
        let path = format!("/api/v1/calculators/{name}");
        let (home, asha) = (&home, &asha);
        async move { home.post(&path, Some(asha), body).await }
    };
    assert_eq!(run("astrology", json!({"inputs": {}})).await.failure(), (404, "not-found".to_owned()));
    assert_eq!(run("eag", json!({})).await.status, 422);
    assert_eq!(run("eag", json!({"inputs": {}, "more": 1})).await.status, 422);
    let asked = run("eag", json!({"inputs": {"hba1c": quantity("53", "%")}})).await;
    assert_eq!(asked.status, 422, "{}", asked.text());
    let detail = &asked.json()["error"]["details"][0];
    assert_eq!((&detail["path"], &detail["code"]), (&json!("/inputs/hba1c"), &json!("implausible-value")));
    assert_eq!(detail["plausible_in"], json!(["mmol/mol"]));
    for path in ["/api/v1/calculators", "/api/v1/dose-notations"] {
        assert_eq!(home.get(path, None).await.status.as_u16() / 100, 4, "{path}");
    }
    assert_eq!(home.get("/api/v1/calculators", None).await.failure().0, 401);
    assert_eq!(home.post("/api/v1/dose-notations", None, json!({"text": "BD"})).await.failure().0, 401);
}

#[tokio::test]
async fn a_notation_is_understood_or_not_and_never_guessed() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let read = |body: Value| home.post("/api/v1/dose-notations", Some(&asha), body);
    let found = read(json!({"text": "1-0-1 x 5 days", "language": "en"})).await.data();
    assert_eq!((&found["frequency"]["times"], &found["duration"]), (&json!(2), &quantity("5", "d")));
    assert_eq!(read(json!({"text": "ਦਿਨ ਵਿੱਚ ਦੋ ਵਾਰ"})).await.data()["frequency"]["times"], 2);
    assert_eq!(read(json!({"text": "as the doctor says"})).await.data(), json!({"understood": false}));
    assert_eq!(read(json!({"text": "BD", "language": "xx"})).await.status, 422);
    assert_eq!(read(json!({})).await.status, 422);
    // What was understood is a frequency that a medication takes as it is.
    add(
        &home,
        &asha,
        "medications",
        json!({"drug": "X", "frequency": found["frequency"], "duration": found["duration"]}),
    )
    .await;
}

#[tokio::test]
async fn a_medicine_has_a_schedule_and_a_supply() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let start = days_ago(3).date().to_string();
    let body = json!({
        "drug": "Metformin", "dose": quantity("1", "{tablet}"), "frequency": {"at": ["08:00", "20:00"]}, "start": start,
        "status": "active", "packs": [{"got_on": start, "amount": quantity("30", "{tablet}")}],
    });
    let id = add(&home, &asha, "medications", body).await;
    let schedule = place(&asha, &format!("medications/{id}/schedule?zone=UTC&from={start}&to={start}"));
    let before = home.get(&schedule, Some(&asha)).await.data();
    let due: Vec<&str> = before.as_array().expect("doses").iter().filter_map(|dose| dose["due_at"].as_str()).collect();
    assert_eq!(due, [format!("{start}T08:00:00.000Z"), format!("{start}T20:00:00.000Z")]);
    assert_eq!(before[0]["state"], "missed");
    let dose =
        add(&home, &asha, "doses", json!({"medication": id, "at": format!("{start}T08:05:00Z"), "status": "taken"}))
            .await;
    let after = home.get(&schedule, Some(&asha)).await.data();
    assert_eq!(
        (&after[0]["state"], &after[0]["dose"], &after[1]["state"]),
        (&json!("taken"), &json!(dose), &json!("missed"))
    );

    let supply = home.get(&place(&asha, &format!("medications/{id}/supply?zone=UTC")), Some(&asha)).await.data();
    let left: f64 = supply["remaining"].as_str().expect("a number").parse().expect("a number");
    assert!((22.0..=24.0).contains(&left), "{supply}");
    assert!(supply["run_out_on"].is_string() && supply["refill_by"].is_string(), "{supply}");
    assert_eq!(
        (&supply["adherence"]["window_days"], &supply["adherence"]["definition"]),
        (&json!(30), &json!("taken-of-due"))
    );
    assert!(supply["adherence"]["percent"].as_f64().is_some_and(|percent| percent > 0.0 && percent < 50.0), "{supply}");
}

#[tokio::test]
async fn without_a_frequency_there_is_no_schedule_and_the_answer_says_why() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    for (frequency, reason) in [
        (json!(null), "no-frequency"),
        (json!({"text": "SOS"}), "as-needed"),
        (json!({"text": "as told"}), "no-frequency"),
    ] {
        let id =
            add(&home, &asha, "medications", json!({"drug": "X", "frequency": frequency, "start": "2026-01-01"})).await;
        let reply = home.get(&place(&asha, &format!("medications/{id}/schedule")), Some(&asha)).await;
        assert_eq!((reply.data(), &reply.json()["message"]), (json!([]), &json!(reason)));
        let supply = home.get(&place(&asha, &format!("medications/{id}/supply")), Some(&asha)).await.data();
        assert_eq!(
            (&supply["remaining"], &supply["run_out_on"], &supply["reason"]),
            (&Value::Null, &Value::Null, &json!("no-packs"))
        );
        assert_eq!(supply["adherence"]["percent"], Value::Null);
    }
}

#[tokio::test]
async fn schedules_of_strangers_of_nothing_and_of_nonsense_are_refused() {
    let (home, [asha, bela]) = Home::of(["Asha", "Bela"]).await;
    let body = json!({"drug": "X", "frequency": {"times": 1, "per": 1, "unit": "d"}, "start": "2026-01-01"});
    let id = add(&home, &asha, "medications", body).await;
    let missing = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
    for view in ["schedule", "supply"] {
        let path = place(&asha, &format!("medications/{id}/{view}"));
        assert_eq!(home.get(&path, Some(&bela)).await.failure(), (404, "not-found".to_owned()), "{view}");
        assert_eq!(home.get(&path, None).await.failure().0, 401, "{view}");
        for nothing in [missing, "not-an-id"] {
            let path = place(&asha, &format!("medications/{nothing}/{view}"));
            assert_eq!(home.get(&path, Some(&asha)).await.failure().0, 404, "{view} {nothing}");
        }
        let nowhere = place(&asha, &format!("medications/{id}/{view}?zone=Asia/Nowhere"));
        assert_eq!(home.get(&nowhere, Some(&asha)).await.failure().0, 422, "{view}");
    }
    let path = place(&asha, &format!("medications/{id}/schedule"));
    for bad in ["from=yesterday", "from=2026-02-01&to=2026-01-01", "from=2020-01-01&to=2026-01-01", "form=2026-01-01"] {
        assert_eq!(home.get(&format!("{path}?{bad}"), Some(&asha)).await.failure().0, 422, "{bad}");
    }
}

#[tokio::test]
async fn a_trend_joins_units_and_keeps_what_was_written() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    for body in [lab("4548-4", "7.0", "%", 30), lab("59261-8", "48", "mmol/mol", 120), lab("4548-4", "53", "%", 10)] {
        add(&home, &asha, "lab-results", body).await;
    }
    let trends =
        home.get(&place(&asha, "lab-results/trends?code=http://loinc.org%7C4548-4&unit=%25"), Some(&asha)).await.data();
    assert_eq!(trends.as_array().map(Vec::len), Some(1), "{trends}");
    let trend = &trends[0];
    assert_eq!((&trend["test"], &trend["unit"]), (&json!("hba1c"), &json!("%")));
    let values: Vec<&str> =
        trend["points"].as_array().expect("points").iter().filter_map(|point| point["value"].as_str()).collect();
    assert_eq!(values, ["6.54", "7.0"]);
    assert_eq!(trend["points"][0]["original"], json!({"value": "48", "unit": "mmol/mol"}));
    assert_eq!(trend["asked"][0]["code"], "implausible-value");
    let codes: Vec<&str> =
        trend["explanation"].as_array().expect("messages").iter().filter_map(|one| one["code"].as_str()).collect();
    assert_eq!(codes, ["trend-now-higher", "trend-too-few", "trend-asked", "hba1c-average", "hba1c-range-diabetes"]);
    let refused = |query: &str| place(&asha, &format!("lab-results/trends?{query}"));
    assert_eq!(home.get(&refused(""), Some(&asha)).await.failure().0, 422);
    assert_eq!(home.get(&refused("code=4548-4&unit=bananas"), Some(&asha)).await.failure().0, 422);
}

#[tokio::test]
async fn the_text_of_a_trend_is_always_the_same() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let bodies = [lab("59261-8", "48", "mmol/mol", 120), lab("4548-4", "7.0", "%", 30), lab("4548-4", "53", "%", 10)];
    let mut ids = Vec::new();
    for body in &bodies {
        ids.push(add(&home, &asha, "lab-results", body.clone()).await);
    }
    let reply = home.get(&place(&asha, "lab-results/trends?code=4548-4&unit=%25"), Some(&asha)).await;
    let (first, second) = (&bodies[0]["collected_at"], &bodies[1]["collected_at"]);
    let begin = [
        r#"{"success":true,"data":[{"system":"http://loinc.org","code":"4548-4","title":"#.to_owned(),
        reply.data()[0]["title"].to_string(),
        r#","test":"hba1c","unit":"%","points":["#.to_owned(),
        format!(r#"{{"id":"{}","occurred":{first},"value":"6.54","#, ids[0]),
        r#""original":{"value":"48","unit":"mmol/mol"}},"#.to_owned(),
        format!(r#"{{"id":"{}","occurred":{second},"value":"7.0"}}],"#, ids[1]),
        format!(r#""asked":[{{"id":"{}","code":"implausible-value"}}],"statistics":{{"count":2,"#, ids[2]),
    ];
    let text = reply.text();
    assert!(text.starts_with(&begin.concat()), "{text}");
    assert!(text.contains(r#"},"explanation":[{"code":"trend-now-higher","args":{"#), "{text}");
}

#[tokio::test]
async fn results_that_never_were_stand_in_no_trend() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    add(&home, &asha, "lab-results", lab("2823-3", "4.1", "mmol/L", 30)).await;
    for status in ["entered-in-error", "cancelled"] {
        let mut body = lab("2823-3", "9.9", "mmol/L", 2);
        body["status"] = json!(status);
        add(&home, &asha, "lab-results", body).await;
    }
    let trends = home.get(&place(&asha, "lab-results/trends?code=2823-3"), Some(&asha)).await.data();
    let points = trends[0]["points"].as_array().expect("points");
    let values: Vec<&str> = points.iter().filter_map(|point| point["value"].as_str()).collect();
    assert_eq!(values, ["4.1"], "{trends}");
}

#[tokio::test]
async fn the_dashboard_says_what_needs_attention_and_how_many_visits_there_were() {
    let (home, [asha, bela]) = Home::of(["Asha", "Bela"]).await;
    add(&home, &asha, "lab-results", lab("2823-3", "6.9", "mmol/L", 2)).await;
    add(&home, &asha, "lab-results", lab("2823-3", "4.0", "mmol/L", 40)).await;
    add(&home, &asha, "lab-results", lab("4548-4", "7.9", "%", 300)).await;
    add(&home, &asha, "conditions", json!({"concept": "Type 2 diabetes", "status": "active"})).await;
    add(&home, &asha, "visits", json!({"start": days_ago(50).to_string()})).await;
    let last = days_ago(20).to_string();
    add(&home, &asha, "visits", json!({"start": last})).await;
    add(&home, &asha, "visits", json!({"start": days_ago(-20).to_string()})).await;
    let found = home.get(&place(&asha, "dashboard"), Some(&asha)).await.data();
    let codes: Vec<&str> =
        found["attention"].as_array().expect("messages").iter().filter_map(|one| one["code"].as_str()).collect();
    assert_eq!(codes.first(), Some(&"attention-critically-high"), "{codes:?}");
    assert!(codes.contains(&"attention-test-overdue"), "{codes:?}");
    assert_eq!(found["figures"]["total_visits"], 2);
    assert_eq!(found["figures"]["last_visit"], last);
    assert_eq!(home.get(&place(&asha, "dashboard"), Some(&bela)).await.failure().0, 404);
}

#[tokio::test]
async fn a_condition_older_than_those_shown_counts_too() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let condition = |text: &str, onset: &str| json!({"concept": text, "status": "active", "onset": onset});
    add(&home, &asha, "conditions", condition("Type 2 diabetes mellitus", "1999-01-01")).await;
    for number in 0..50 {
        add(&home, &asha, "conditions", condition(&format!("Finding {number}"), "2020-01-01")).await;
    }
    add(&home, &asha, "lab-results", lab("4548-4", "6.9", "%", 400)).await;
    let found = home.get(&place(&asha, "dashboard"), Some(&asha)).await.data();
    assert_eq!(found["conditions"].as_array().map(Vec::len), Some(50), "as many as are shown");
    let attention = found["attention"].as_array().expect("messages");
    assert!(attention.iter().any(|one| one["code"] == "attention-test-overdue"), "{attention:?}");
}

#[tokio::test]
async fn a_relation_without_a_grant_sees_no_schedule_no_supply_and_no_trend() {
    let (home, [asha, bela]) = Home::of(["Asha", "Bela"]).await;
    let body = json!({"drug": "X", "frequency": {"times": 1, "per": 1, "unit": "d"}, "start": "2026-01-01"});
    let id = add(&home, &asha, "medications", body).await;
    let vault = home.house.open().expect("an open house").vault;
    let (account, profile) = (bela.account.parse().expect("an id"), asha.profile.parse().expect("an id"));
    let related = tokio::task::spawn_blocking(move || {
        vault.session(Actor::Operator, "a test")?.relate_account(account, profile, "carer")
    });
    related.await.expect("no panic").expect("a relation");
    let views = [
        format!("medications/{id}/schedule"),
        format!("medications/{id}/supply"),
        "lab-results/trends?code=4548-4".to_owned(),
    ];
    for view in views {
        let reply = home.get(&place(&asha, &view), Some(&bela)).await;
        assert_eq!(reply.failure(), (403, "not-granted".to_owned()), "{view}");
    }
}

#[tokio::test]
async fn results_come_in_the_unit_a_person_wants_for_each_test() {
    let (home, [asha, bela]) = Home::of(["Asha", "Bela"]).await;
    add(&home, &asha, "lab-results", lab("4548-4", "7.0", "%", 20)).await;
    add(&home, &asha, "lab-results", lab("59261-8", "48", "mmol/mol", 2)).await;
    let trend = async |asked: &str| {
        let found =
            home.get(&place(&asha, &format!("lab-results/trends?code=4548-4{asked}")), Some(&asha)).await.data();
        let points = found[0]["points"].as_array().expect("points").iter();
        let values: Vec<String> = points.map(|point| point["value"].as_str().expect("a value").to_owned()).collect();
        (found[0]["unit"].as_str().expect("a unit").to_owned(), values)
    };
    let choose = |who, units: Value| {
        let body = json!({ "units": units });
        let path = place(&asha, "preferred-units");
        let home = &home;
        async move { home.put(&path, Some(who), body).await }
    };
    // That of the newest result, as long as nobody says otherwise.
    assert_eq!(trend("").await.0, "mmol/mol");
    assert_eq!(choose(&asha, json!({"hba1c": "%"})).await.data(), json!({"units": {"hba1c": "%"}}));
    let (unit, values) = trend("").await;
    assert_eq!((unit.as_str(), values[0].as_str()), ("%", "7.0"));
    assert!(values[1].starts_with("6.5"), "{values:?}");
    assert_eq!(trend("&unit=mmol/mol").await.0, "mmol/mol", "what is asked for comes first");
    let dashboard = home.get(&place(&asha, "dashboard"), Some(&asha)).await.data();
    assert_eq!(dashboard["hba1c"][0]["unit"], "%");
    assert_eq!(home.get(&place(&asha, "preferred-units"), Some(&asha)).await.data()["units"]["hba1c"], "%");

    // What cannot be is refused whole, and is nobody else's to choose or see.
    for (units, path, code) in [
        (json!({"hba1c": "mmol/mol", "astrology": "%"}), "/units/astrology", "unknown-test"),
        (json!({"hba1c": "furlong"}), "/units/hba1c", "unknown-unit"),
        (json!({"hba1c": "kg"}), "/units/hba1c", "unit-does-not-fit"),
    ] {
        let refused = choose(&asha, units).await;
        assert_eq!(refused.status, 422);
        let detail = &refused.json()["error"]["details"][0];
        assert_eq!((detail["path"].as_str(), detail["code"].as_str()), (Some(path), Some(code)));
    }
    assert_eq!(trend("").await.0, "%");
    assert_eq!(choose(&bela, json!({})).await.failure().0, 404);
    assert_eq!(home.get(&place(&asha, "preferred-units"), Some(&bela)).await.failure().0, 404);
    assert_eq!(home.get(&place(&asha, "preferred-units"), None).await.failure().0, 401);
    assert_eq!(choose(&asha, json!({})).await.data(), json!({"units": {}}));
    assert_eq!(trend("").await.0, "mmol/mol");
}
