//! Records of every kind through the API.

use poem::http::Method;
use serde_json::{Value, json};

use crate::house::{Home, Person};

fn place(who: &Person, rest: &str) -> String {
    format!("/api/v1/profiles/{}/{rest}", who.profile)
}

/// A body of each kind with its required fields.
pub fn bodies() -> Vec<(&'static str, Value)> {
    vec![
        ("visits", json!({"start": "2026-01-02T10:00:00Z"})),
        ("conditions", json!({"concept": "Asthma"})),
        ("allergies", json!({"substance": "Peanut"})),
        ("medications", json!({"drug": "Metformin 500 mg"})),
        ("doses", json!({"medication": "6f9619ff-8b86-4011-b42d-00c04fc964ff", "at": "2026-01-02T10:00:00Z"})),
        ("prescriptions", json!({"items": [{"drug": "Metformin"}], "prescribed_on": "2026-01-02"})),
        ("lab-results", json!({"concept": "HbA1c", "quantity": {"value": "6.50", "unit": "%"}})),
        (
            "vital-signs",
            json!({"concept": "Weight", "quantity": {"value": "70.0", "unit": "kg"}, "measured_at": "2026-01-02"}),
        ),
        ("immunizations", json!({"vaccine": "MMR", "given_on": "2020-05-01"})),
        ("procedures", json!({"concept": "Appendectomy"})),
        ("family-history", json!({"relation": "mother"})),
        ("appointments", json!({"start": "2027-01-02T10:00:00Z"})),
        ("symptom-reports", json!({"text": "a cough since Monday"})),
        ("messages", json!({"text": "see you on Monday"})),
        ("care-plans", json!({"title": "Diabetes"})),
        ("insurance", json!({"payer": "Example Insurance"})),
        ("devices", json!({"type": "Glucose meter"})),
        ("notes", json!({"text": "prefers mornings"})),
        ("series", json!({"concept": "Heart rate", "unit": "/min"})),
        ("fhir-resources", json!({"resource_type": "Basic"})),
    ]
}

#[tokio::test]
async fn every_kind_is_added_read_changed_removed_and_restored() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    for (collection, body) in bodies() {
        let made = home.post(&place(&asha, collection), Some(&asha), body).await;
        assert_eq!(made.status, 201, "{collection}: {}", made.text());
        assert_eq!(made.header("etag"), "\"1\"", "{collection}");
        let record = made.data();
        let one = made.header("location").to_owned();
        assert_eq!(one, place(&asha, &format!("{collection}/{}", record["id"].as_str().expect("an id"))));
        for field in
            ["id", "kind", "profile", "version", "recorded_at", "updated_at", "removed", "labels", "provenance"]
        {
            assert!(!record[field].is_null(), "{collection} has no {field}");
        }
        assert!(record.get("occurred").is_some());

        let read = home.get(&one, Some(&asha)).await;
        assert_eq!(read.data(), record, "{collection}");
        let list = home.get(&place(&asha, collection), Some(&asha)).await;
        assert_eq!(list.data(), json!([record]), "{collection}");
        let pages = json!({"page": 1, "per_page": 50, "total": 1, "pages": 1});
        assert_eq!(list.json()["meta"]["pagination"], pages, "{collection}");

        let put = home.change(Method::PUT, &one, Some(&asha), &[("if-match", "\"1\"")], record["body"].clone()).await;
        assert_eq!(put.status, 200, "{collection}: {}", put.text());
        assert_eq!(put.header("etag"), "\"2\"");
        let gone = home.act(Method::DELETE, &one, Some(&asha), &[("if-match", "\"2\"")]).await;
        assert_eq!((gone.status.as_u16(), gone.bytes.len()), (204, 0), "{collection}");
        assert_eq!(home.get(&one, Some(&asha)).await.failure(), (404, "not-found".to_owned()));
        assert_eq!(home.get(&format!("{one}?removed=true"), Some(&asha)).await.data()["removed"], true);
        assert_eq!(home.get(&place(&asha, collection), Some(&asha)).await.data(), json!([]));
        let back = home.act(Method::POST, &format!("{one}/restore"), Some(&asha), &[("if-match", "\"3\"")]).await;
        assert_eq!(back.status, 200, "{collection}: {}", back.text());
        assert_eq!(back.data()["body"], record["body"]);
        let history = home.get(&format!("{one}/history"), Some(&asha)).await.data();
        let actions: Vec<&str> =
            history.as_array().expect("versions").iter().filter_map(|v| v["action"].as_str()).collect();
        assert_eq!(actions, ["create", "amend", "remove", "restore"], "{collection}");
        assert_eq!(home.get(&format!("{one}/original"), Some(&asha)).await.status, 404, "{collection}");
    }
}

#[tokio::test]
async fn a_change_names_the_version_it_is_based_on() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let made = home.post(&place(&asha, "conditions"), Some(&asha), json!({"concept": "Asthma"})).await;
    let one = made.header("location").to_owned();
    let body = json!({"concept": "Asthma", "status": "active"});
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let reply = home.change(method, &one, Some(&asha), &[], body.clone()).await;
        assert_eq!(reply.failure(), (428, "version-required".to_owned()));
    }
    let put = home.change(Method::PUT, &one, Some(&asha), &[("if-match", "\"1\"")], body.clone()).await;
    assert_eq!(put.status, 200);
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let stale = home.change(method, &one, Some(&asha), &[("if-match", "\"1\"")], body.clone()).await;
        assert_eq!(stale.failure(), (409, "conflict".to_owned()));
        assert_eq!(stale.json()["error"]["details"]["current_version"], 2);
    }
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let body = json!({"concept": "Asthma", "status": "active", "notes": "since childhood"});
    let made = home.post(&place(&asha, "conditions"), Some(&asha), body).await;
    let one = made.header("location").to_owned();
    let patch = json!({"status": "inactive", "notes": null});
    let patched = home.change(Method::PATCH, &one, Some(&asha), &[("if-match", "\"1\"")], patch).await;
    let body = &patched.data()["body"];
    assert_eq!((&body["status"], body.get("notes")), (&json!("inactive"), None));
    assert_eq!(body["concept"]["text"], "Asthma");
}

#[tokio::test]
async fn digits_stay_as_they_were_written() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let body = json!({"concept": "Glucose", "quantity": {"value": "12.340", "unit": "mg/dL", "comparator": "<"}});
    let made = home.post(&place(&asha, "lab-results"), Some(&asha), body).await;
    assert_eq!(made.data()["body"]["quantity"], json!({"value": "12.340", "unit": "mg/dL", "comparator": "<"}));
}

#[tokio::test]
async fn what_breaks_a_rule_is_named_by_its_place() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let labs = place(&asha, "lab-results");
    let unit = json!({"concept": "Glucose", "quantity": {"value": "1", "unit": "mg per dL"}});
    let reply = home.post(&labs, Some(&asha), unit).await;
    assert_eq!(reply.failure().0, 422);
    assert_eq!(reply.json()["error"]["details"], json!([{"path": "/quantity/unit", "code": "unknown-unit"}]));
    let reply = home.post(&labs, Some(&asha), json!({"concept": "x", "text_value": "y", "colour": 1})).await;
    assert_eq!(reply.json()["error"]["details"], json!([{"path": "/colour", "code": "unknown-field"}]));
    for (query, path) in
        [("per_page=500", "/per_page"), ("page=0", "/page"), ("colour=1", "/colour"), ("from=x", "/from")]
    {
        let reply = home.get(&format!("{labs}?{query}"), Some(&asha)).await;
        assert_eq!(reply.failure().0, 422, "{query}");
        assert_eq!(reply.json()["error"]["details"][0]["path"], path);
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_by_kind() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let notes = place(&asha, "notes");
    let send = async |kind: &str, body: String| {
        let request = poem::Request::builder().method(Method::POST).uri(notes.parse().expect("a path"));
        let request = request.header("authorization", format!("Bearer {}", asha.token)).content_type(kind);
        home.send(request.body(body)).await.failure()
    };
    assert_eq!(send("application/json", "{".to_owned()).await, (400, "invalid-json".to_owned()));
    assert_eq!(send("application/json", String::new()).await.0, 400);
    assert_eq!(send("text/plain", "{}".to_owned()).await, (415, "unsupported-media-type".to_owned()));
    assert_eq!(send("application/json", "[".repeat(100_000)).await.0, 422);
    let long = format!("{{\"text\":\"{}\"}}", "x".repeat(2_000_000));
    assert_eq!(send("application/json", long).await, (413, "too-large".to_owned()));
}

#[tokio::test]
async fn lists_filter_sort_and_turn_pages() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let labs = place(&asha, "lab-results");
    for (year, value) in [(2021, "7.9"), (2022, "7.1"), (2023, "6.4")] {
        let body = json!({
            "concept": {"text": "HbA1c", "codes": [{"system": "http://loinc.org", "code": "4548-4"}]},
            "quantity": {"value": value, "unit": "%"}, "collected_at": format!("{year}-03-01"),
        });
        assert_eq!(home.post(&labs, Some(&asha), body).await.status, 201);
    }
    home.post(&labs, Some(&asha), json!({"concept": "Urine colour", "text_value": "amber"})).await;
    let values = async |query: &str| -> Vec<String> {
        let list = home.get(&format!("{labs}?{query}"), Some(&asha)).await.data();
        let values = list.as_array().expect("a list").iter();
        values.map(|record| record["body"]["quantity"]["value"].as_str().unwrap_or("-").to_owned()).collect()
    };
    assert_eq!(values("code=4548-4").await, ["6.4", "7.1", "7.9"]);
    assert_eq!(values("code=http://loinc.org%7C4548-4&sort=occurred").await, ["7.9", "7.1", "6.4"]);
    assert_eq!(values("from=2022&to=2022").await, ["7.1"]);
    assert_eq!(values("from=2022-03-01").await, ["6.4", "7.1"]);
    assert_eq!(values("q=amber").await, ["-"]);
    assert_eq!(values("code=4548-4&per_page=2&page=2").await, ["7.9"]);
    let trends = home.get(&format!("{labs}/trends?code=4548-4"), Some(&asha)).await.data();
    assert_eq!(trends[0]["points"].as_array().map(Vec::len), Some(3), "{trends}");
    assert_eq!(trends[0]["unit"], "%");
}

#[tokio::test]
async fn a_request_sent_twice_is_done_once() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let notes = place(&asha, "notes");
    let key = [("idempotency-key", "note-1")];
    let first = home.change(Method::POST, &notes, Some(&asha), &key, json!({"text": "once"})).await;
    let again = home.change(Method::POST, &notes, Some(&asha), &key, json!({"text": "once"})).await;
    assert_eq!((first.status, first.data()), (again.status, again.data()));
    assert_eq!(first.header("location"), again.header("location"));
    let other = home.change(Method::POST, &notes, Some(&asha), &key, json!({"text": "twice"})).await;
    assert_eq!(other.failure().0, 409);
    assert_eq!(home.get(&notes, Some(&asha)).await.data().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn somebody_elses_records_are_as_if_they_did_not_exist() {
    let (home, [asha, omar]) = Home::of(["Asha", "Omar"]).await;
    let made = home.post(&place(&asha, "notes"), Some(&asha), json!({"text": "hers alone"})).await;
    let one = made.header("location").to_owned();
    let nobody = one.replace(&asha.profile, "6f9619ff-8b86-4011-b42d-00c04fc964ff");
    let without_ids = |reply: &crate::house::Reply| {
        let mut json = reply.json();
        json["request_id"] = Value::Null;
        json["timestamp"] = Value::Null;
        (reply.status, json)
    };
    for path in
        [one.clone(), place(&asha, "notes"), format!("/api/v1/profiles/{}", asha.profile), place(&asha, "timeline")]
    {
        let hers = home.get(&path, Some(&omar)).await;
        let missing = home.get(&path.replace(&asha.profile, "6f9619ff-8b86-4011-b42d-00c04fc964ff"), Some(&omar)).await;
        assert_eq!(without_ids(&hers), without_ids(&missing), "{path}");
        assert_eq!(hers.failure(), (404, "not-found".to_owned()), "{path}");
    }
    let put = async |path: &str| {
        home.change(Method::PUT, path, Some(&omar), &[("if-match", "\"1\"")], json!({"text": "his now"})).await
    };
    assert_eq!(without_ids(&put(&one).await), without_ids(&put(&nobody).await));
    assert_eq!(home.get(&one, Some(&asha)).await.data()["body"]["text"], "hers alone");
}

#[tokio::test]
async fn me_is_the_callers_own_profile_by_either_name() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let made = home.post("/api/v1/profiles/me/notes", Some(&asha), json!({"text": "mine"})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.data()["profile"], asha.profile);
    for path in ["/api/v1/patients/me/notes", "/api/v1/profiles/me/notes?q=mine", "/api/v1/patients/me/notes?q=mine"] {
        assert_eq!(home.get(path, Some(&asha)).await.data(), json!([made.data()]), "{path}");
    }
    let me = home.get("/api/v1/patients/me", Some(&asha)).await;
    assert_eq!((me.data()["profile"].clone(), me.header("etag")), (json!(asha.profile), "\"1\""));
}

#[tokio::test]
async fn people_are_added_listed_and_amended() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let child = json!({"name": {"text": "Ravi Example"}, "birth_date": "2019-04", "sex": "male"});
    let made = home.post("/api/v1/profiles", Some(&asha), child).await;
    assert_eq!((made.status.as_u16(), made.header("etag")), (201, "\"1\""), "{}", made.text());
    let one = made.header("location").to_owned();
    let patch = json!({"blood_group": "O+"});
    let patched = home.change(Method::PATCH, &one, Some(&asha), &[("if-match", "\"1\"")], patch.clone()).await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    assert_eq!(patched.data()["body"]["birth_date"], "2019-04");
    assert_eq!(home.change(Method::PATCH, &one, Some(&asha), &[], patch).await.failure().0, 428);
    let people = home.get("/api/v1/profiles", Some(&asha)).await.data();
    let names: Vec<&str> = people.as_array().expect("people").iter().filter_map(|p| p["name"].as_str()).collect();
    assert_eq!(names, ["Asha Example", "Ravi Example"]);
    assert_eq!(people[1]["owner"], "asha@example.org");
}

#[tokio::test]
async fn timeline_search_dashboard_and_audit_show_one_person() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    home.post(
        &place(&asha, "conditions"),
        Some(&asha),
        json!({"concept": "Asthma", "status": "active", "onset": "2010"}),
    )
    .await;
    home.post(&place(&asha, "notes"), Some(&asha), json!({"text": "prefers mornings"})).await;
    for (code, value, unit) in [("29463-7", "70.0", "kg"), ("8302-2", "175", "cm")] {
        let concept = json!({"text": "x", "codes": [{"system": "http://loinc.org", "code": code}]});
        let body = json!({"concept": concept, "quantity": {"value": value, "unit": unit}, "measured_at": "2026-01-02"});
        assert_eq!(home.post(&place(&asha, "vital-signs"), Some(&asha), body).await.status, 201);
    }
    let timeline = home.get(&place(&asha, "timeline"), Some(&asha)).await;
    assert_eq!(timeline.json()["meta"]["pagination"]["total"], 4);
    for field in ["id", "kind", "occurred", "title", "summary"] {
        assert!(timeline.data()[0].get(field).is_some(), "{field}");
    }
    let kinds = home.get(&place(&asha, "timeline?kinds=condition"), Some(&asha)).await.data();
    assert_eq!((kinds.as_array().map(Vec::len), &kinds[0]["title"]), (Some(1), &json!("Asthma")));
    assert_eq!(home.get(&place(&asha, "timeline?kinds=unicorn"), Some(&asha)).await.failure().0, 422);
    let found = home.get(&place(&asha, "search?q=mornings"), Some(&asha)).await.data();
    assert_eq!((found.as_array().map(Vec::len), &found[0]["kind"]), (Some(1), &json!("note")));
    assert_eq!(home.get(&place(&asha, "search"), Some(&asha)).await.failure().0, 422);
    let dashboard = home.get(&place(&asha, "dashboard"), Some(&asha)).await.data();
    assert_eq!(dashboard["bmi"]["value"], "22.9", "{dashboard}");
    assert_eq!(dashboard["conditions"][0]["body"]["concept"]["text"], "Asthma");
    assert_eq!(dashboard["not_shown"], json!([]));
    let audit = home.get(&place(&asha, "audit"), Some(&asha)).await.data();
    assert!(audit.as_array().is_some_and(|rows| rows.len() > 4), "{audit}");
    for field in ["at", "actor", "action", "kind", "count", "purpose", "outcome"] {
        assert!(audit[0].get(field).is_some(), "{field}: {audit}");
    }
    assert_eq!(audit[0]["actor"]["name"], "Asha Example");
}
