//! Samples of series through the API, and the page that shows them.

use poem::http::Method;
use serde_json::{Value, json};

use crate::house::{Home, Person};

async fn series(home: &Home, who: &Person) -> String {
    let path = format!("/api/v1/profiles/{}/series", who.profile);
    let made = home.post(&path, Some(who), json!({"concept": "Heart rate", "unit": "/min"})).await;
    made.header("location").to_owned()
}

/// Samples of the third of April, a minute apart.
fn minutes(range: std::ops::Range<u32>) -> Value {
    let one = |n: u32| json!({"at": format!("2026-04-03T{:02}:{:02}:00Z", n / 60, n % 60), "value": format!("{}.50", 60 + n % 30)});
    json!({"samples": range.map(one).collect::<Vec<_>>()})
}

#[tokio::test]
async fn samples_are_added_once_read_whole_and_gathered() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let one = series(&home, &asha).await;
    let samples = format!("{one}/samples");
    let added = home.post(&samples, Some(&asha), minutes(0..120)).await;
    assert_eq!(added.status, 200, "{}", added.text());
    let entry = added.data()["entry"].as_u64().expect("an entry");
    assert_eq!(added.data(), json!({"added": 120, "duplicates": 0, "entry": entry}));
    let again = home.post(&samples, Some(&asha), minutes(110..130)).await.data();
    assert_eq!((&again["added"], &again["duplicates"]), (&json!(10), &json!(10)));
    let nothing = home.post(&samples, Some(&asha), minutes(0..5)).await.data();
    assert_eq!(nothing, json!({"added": 0, "duplicates": 5}));

    let all = home.get(&samples, Some(&asha)).await.data();
    assert_eq!(all["unit"], "/min");
    assert_eq!(all["samples"].as_array().map(Vec::len), Some(130));
    assert_eq!(all["samples"][0], json!({"at": "2026-04-03T00:00:00.000Z", "value": "60.50"}));
    let part = home.get(&format!("{samples}?from=2026-04-03T00:10:00Z&to=2026-04-03T00:12:00Z"), Some(&asha)).await;
    assert_eq!(part.data()["samples"].as_array().map(Vec::len), Some(3));
    let page = home.get(&format!("{samples}?limit=100"), Some(&asha)).await.data();
    assert_eq!(
        (page["samples"].as_array().map(Vec::len), &page["next"]),
        (Some(100), &json!("2026-04-03T01:40:00.000Z"))
    );
    let hours = home.get(&format!("{samples}?bucket=1h"), Some(&asha)).await.data();
    let first = json!({"at": "2026-04-03T00:00:00.000Z", "min": "60.50", "max": "89.50", "mean": "75", "count": 60});
    assert_eq!((&hours["buckets"][0], hours["buckets"].as_array().map(Vec::len)), (&first, Some(3)));
    let days = home.get(&format!("{samples}?bucket=1d&zone=Asia/Kolkata"), Some(&asha)).await.data();
    assert_eq!(days["buckets"][0]["at"], "2026-04-02T18:30:00.000Z");

    let record = home.get(&one, Some(&asha)).await.data();
    assert_eq!((&record["version"], &record["body"]["count"]), (&json!(1), &json!(130)));
    assert_eq!(record["body"]["to"], "2026-04-03T02:09:00.000Z");

    let appends = home.get(&format!("{one}/appends"), Some(&asha)).await.data();
    assert_eq!(appends.as_array().map(Vec::len), Some(2));
    assert_eq!((&appends[1]["entry"], &appends[1]["count"]), (&json!(entry), &json!(120)));
    let newest = home.get(&format!("{one}/appends?limit=1"), Some(&asha)).await.data();
    assert_eq!(newest.as_array().map(Vec::len), Some(1));
    let rest = home.get(&format!("{one}/appends?limit=1&before={}", newest[0]["entry"]), Some(&asha)).await.data();
    assert_eq!((rest.as_array().map(Vec::len), &rest[0]["entry"]), (Some(1), &json!(entry)));
    let none = home.get(&format!("{one}/appends?before={entry}"), Some(&asha)).await.data();
    assert_eq!(none, json!([]));
    for (query, path) in [("limit=0", "limit"), ("limit=201", "limit"), ("before=x", "before"), ("after=1", "after")] {
        let refused = home.get(&format!("{one}/appends?{query}"), Some(&asha)).await;
        assert_eq!(refused.status, 422, "{query}");
        assert!(refused.text().contains(&format!("/{path}")), "{}", refused.text());
    }
    let back = format!("{one}/appends/{entry}");
    assert_eq!(home.act(Method::DELETE, &back, Some(&asha), &[]).await.status, 204);
    assert_eq!(home.act(Method::DELETE, &back, Some(&asha), &[]).await.failure().0, 409);
    assert_eq!(home.get(&samples, Some(&asha)).await.data()["samples"].as_array().map(Vec::len), Some(10));
    for entry in ["1", "99999", "x", "-1"] {
        let gone = home.act(Method::DELETE, &format!("{one}/appends/{entry}"), Some(&asha), &[]).await;
        assert_eq!(gone.failure(), (404, "not-found".to_owned()), "{entry}");
    }
}

#[tokio::test]
async fn samples_sent_twice_with_one_key_are_added_once_and_answered_alike() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let samples = format!("{}/samples", series(&home, &asha).await);
    let key = [("idempotency-key", "a morning")];
    let send = async |body| home.change(Method::POST, &samples, Some(&asha), &key, body).await;
    let first = send(minutes(0..10)).await.data();
    assert_eq!(first["added"], 10);
    assert_eq!(send(minutes(0..10)).await.data(), first, "not ten duplicates");
    assert_eq!(send(minutes(0..11)).await.failure(), (409, "idempotency-key-reused".to_owned()));
    let note = format!("/api/v1/profiles/{}/notes", asha.profile);
    let other = home.change(Method::POST, &note, Some(&asha), &key, json!({"text": "x"})).await;
    assert_eq!(other.failure().0, 409, "the key of something else");
    let key = [("idempotency-key", "a note")];
    assert_eq!(home.change(Method::POST, &note, Some(&asha), &key, json!({"text": "x"})).await.status, 201);
    assert_eq!(home.change(Method::POST, &samples, Some(&asha), &key, minutes(0..1)).await.failure().0, 409);
}

#[tokio::test]
async fn samples_that_mean_nothing_are_refused_with_their_place() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let samples = format!("{}/samples", series(&home, &asha).await);
    let many = json!({"samples": vec![json!({"at": "2026-04-03T00:00:00Z", "value": "1"}); 10_001]});
    for (body, path, code) in [
        (json!({}), "/samples", "required"),
        (json!({"samples": []}), "/samples", "required"),
        (many, "/samples", "too-many"),
        (
            json!({"samples": [{"at": "2026-04-03T00:00:00Z", "value": "1", "unit": "x"}]}),
            "/samples/0/unit",
            "unknown-field",
        ),
        (json!({"samples": [{"at": "yesterday", "value": "1"}]}), "/samples/0/at", "invalid-instant"),
        (json!({"samples": [{"at": "2026-04-03T00:00:00Z", "value": "many"}]}), "/samples/0/value", "invalid-decimal"),
    ] {
        let refused = home.post(&samples, Some(&asha), body).await;
        assert_eq!(refused.failure(), (422, "invalid".to_owned()), "{path} {code}");
        assert_eq!(refused.json()["error"]["details"][0], json!({"path": path, "code": code}));
    }
    for (query, path, code) in [
        ("bucket=1s", "/bucket", "invalid-bucket"),
        ("bucket=1d&zone=Nowhere", "/zone", "unknown-zone"),
        ("zone=Asia/Kolkata", "/zone", "only-with-days"),
        ("from=yesterday", "/from", "invalid-value"),
        ("limit=0", "/limit", "invalid-value"),
        ("limit=1000000", "/limit", "invalid-value"),
        ("page=2", "/page", "unknown-field"),
    ] {
        let refused = home.get(&format!("{samples}?{query}"), Some(&asha)).await;
        assert_eq!(refused.failure().0, 422, "{query}");
        assert_eq!(refused.json()["error"]["details"][0], json!({"path": path, "code": code}), "{query}");
    }
}

#[tokio::test]
async fn samples_of_others_are_not_there() {
    let (home, [asha, ravi]) = Home::of(["Asha", "Ravi"]).await;
    let one = series(&home, &asha).await;
    let samples = format!("{one}/samples");
    home.post(&samples, Some(&asha), minutes(0..5)).await;
    let missing = (404, "not-found".to_owned());
    assert_eq!(home.get(&samples, Some(&ravi)).await.failure(), missing);
    assert_eq!(home.post(&samples, Some(&ravi), minutes(0..5)).await.failure(), missing);
    assert_eq!(home.get(&format!("{one}/appends"), Some(&ravi)).await.failure(), missing);
    assert_eq!(home.act(Method::DELETE, &format!("{one}/appends/3"), Some(&ravi), &[]).await.failure(), missing);
    assert_eq!(home.get(&samples, None).await.failure().0, 401);
    // Under another person's address, with an id that is none, and of a record that is no series.
    let id = one.rsplit('/').next().expect("an id");
    let own = format!("/api/v1/profiles/{}/series", ravi.profile);
    assert_eq!(home.get(&format!("{own}/{id}/samples"), Some(&ravi)).await.failure(), missing);
    assert_eq!(home.get(&format!("{own}/x/samples"), Some(&ravi)).await.failure(), missing);
    let note = home.post(&format!("/api/v1/profiles/{}/notes", ravi.profile), Some(&ravi), json!({"text": "x"})).await;
    let note = note.data()["id"].as_str().expect("an id").to_owned();
    assert_eq!(home.get(&format!("{own}/{note}/samples"), Some(&ravi)).await.failure(), missing);
}
