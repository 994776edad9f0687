//! What people may ask of the house about what is kept of them, and what they are told: restriction, alerts.

use phm_appliance::jobs;
use phm_appliance::notify::MailWay;
use poem::http::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::house::{Home, PASSWORD, Person, TestClock};

fn of(who: &Person, rest: &str) -> String {
    format!("/api/v1/profiles/{}/{rest}", who.profile)
}

/// Adds a result of `who`; answers its id.
async fn result(home: &Home, who: &Person, value: &str) -> String {
    let body = json!({"concept": "HbA1c", "quantity": {"value": value, "unit": "%"}, "collected_at": "2026-01-10"});
    let made = home.post(&of(who, "lab-results"), Some(who), body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.data()["id"].as_str().expect("an id").to_owned()
}

/// Lets somebody read everything of `whose`, and take it with them.
async fn grant(home: &Home, whose: &Person, to: &Person) {
    let terms = json!({"to": {"account": to.account}, "kinds": ["*"], "actions": ["read", "export"]});
    assert_eq!(home.post(&of(whose, "grants"), Some(whose), terms).await.status, 201);
}

async fn total(home: &Home, whose: &Person, who: &Person) -> Value {
    home.get(&of(whose, "lab-results"), Some(who)).await.json()["meta"]["pagination"]["total"].clone()
}

#[tokio::test]
async fn a_restricted_record_leaves_lists_search_export_and_timeline_of_others_until_it_is_lifted() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let doctor = home.move_in_as("Doctor", &["provider"]).await;
    // A value that no time of day can hold, as 10:00:07.1 holds 7.1.
    let (kept, open) = (result(&home, &asha, "71.1").await, result(&home, &asha, "6.4").await);
    grant(&home, &asha, &doctor).await;
    let body = json!({"records": [kept], "reason": "disputed"});
    let made = home.post(&of(&asha, "restrictions"), Some(&asha), body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.data();
    assert_eq!((&made["everything"], &made["reason"]), (&json!(false), &json!("disputed")));
    assert_eq!(made["records"], json!([{"id": kept, "kind": "lab-result"}]));
    assert_eq!(made["by"]["name"], "Asha Example");

    assert_eq!(home.get(&of(&asha, &format!("lab-results/{kept}")), Some(&doctor)).await.status, 404);
    assert_eq!(home.get(&of(&asha, &format!("lab-results/{kept}/history")), Some(&doctor)).await.status, 404);
    assert_eq!(home.get(&of(&asha, &format!("lab-results/{open}")), Some(&doctor)).await.status, 200);
    assert_eq!((total(&home, &asha, &doctor).await, total(&home, &asha, &asha).await), (json!(1), json!(2)));
    for place in ["timeline", "search?q=HbA1c", "lab-results/trends?code=4548-4", "export?format=fhir-bundle"] {
        let text = home.get(&of(&asha, place), Some(&doctor)).await.text();
        assert!(!text.contains(&kept) && !text.contains("71.1"), "{place}");
    }
    let own = home.get(&of(&asha, "export?format=fhir-bundle"), Some(&asha)).await.text();
    assert!(own.contains("71.1"), "her own copy has everything");

    let one = of(&asha, &format!("restrictions/{}", made["id"].as_str().expect("an id")));
    assert_eq!(home.act(Method::DELETE, &one, Some(&doctor), &[]).await.status, 403);
    assert_eq!(home.get(&of(&asha, "restrictions"), Some(&asha)).await.data(), json!([made]));
    assert_eq!(home.act(Method::DELETE, &one, Some(&asha), &[]).await.status, 204);
    assert_eq!(home.act(Method::DELETE, &one, Some(&asha), &[]).await.status, 404);
    assert_eq!(total(&home, &asha, &doctor).await, json!(2));
}

#[tokio::test]
async fn everything_restricted_closes_the_person_to_others_and_says_why_a_request_is_wrong() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let doctor = home.move_in_as("Doctor", &["provider"]).await;
    result(&home, &asha, "7.1").await;
    grant(&home, &asha, &doctor).await;
    for (body, path, code) in [
        (json!({}), "/records", "required"),
        (json!({"everything": true, "records": [asha.profile]}), "/everything", "only-one"),
        (json!({"records": [asha.profile]}), "/records/0", "unknown"),
        (json!({"kinds": ["note"]}), "/kinds", "unknown-field"),
    ] {
        let refused = home.post(&of(&asha, "restrictions"), Some(&asha), body.clone()).await;
        assert_eq!(refused.status, 422, "{body}");
        assert_eq!(refused.json()["error"]["details"], json!([{"path": path, "code": code}]), "{body}");
    }
    let made = home.post(&of(&asha, "restrictions"), Some(&asha), json!({"everything": true})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let refused = home.get(&of(&asha, "lab-results"), Some(&doctor)).await;
    assert_eq!(refused.failure(), (403, "not-granted".to_owned()));
    assert_eq!(home.get(&of(&asha, "dashboard"), Some(&doctor)).await.status, 403);
    assert_eq!(total(&home, &asha, &asha).await, json!(1));
}

#[tokio::test]
async fn the_pages_restrict_show_it_as_such_and_lift_it() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    let kept = result(&home, &asha, "7.1").await;
    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", PASSWORD).await;
    let (page, record) =
        (format!("/p/{}/restrictions", asha.profile), format!("/p/{}/lab-results/{kept}", asha.profile));
    let done = browser.fill(&record, &page, &[("record", &kept), ("reason", "disputed"), ("back", &record)]).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, &*record));
    let html = browser.send(Method::GET, &record, String::new()).await.text();
    assert!(html.contains("this record is kept and used by nobody else"));
    assert!(!html.contains("data-test=\"restrict\""), "it is restricted already");
    let list = format!("/p/{}/lab-results", asha.profile);
    let html = browser.send(Method::GET, &list, String::new()).await.text();
    assert!(html.contains("<span class=\"mark warn\">Restricted</span>"), "and in lists");
    let html = browser.send(Method::GET, &page, String::new()).await.text();
    assert!(html.contains("disputed") && html.contains(&format!("href=\"{record}\"")));
    let held = home.get(&of(&asha, "restrictions"), Some(&asha)).await.data();
    let lift = format!("{page}/{}/lift", held[0]["id"].as_str().expect("an id"));
    assert_eq!(browser.fill(&page, &lift, &[]).await.header("location"), format!("{page}?done=lifted"));
    let all = browser.fill(&page, &page, &[("reason", "")]).await;
    assert_eq!(all.header("location"), format!("{page}?done=restricted"));
    let html = browser.send(Method::GET, &format!("/p/{}", asha.profile), String::new()).await.text();
    assert!(html.contains("everything about this person is kept"));
}

#[tokio::test]
async fn unusual_access_is_told_to_the_person_and_to_the_administrators_by_letter_and_on_their_pages() {
    let clock = TestClock::default();
    let home = Home::with_pages_at(&clock, |settings| {
        settings.alerts.records_per_hour = 3;
        settings.alerts.quiet = None;
        (settings.mail_way, settings.mail_from) = (MailWay::File, "phm@example.org".to_owned());
    });
    let asha = home.move_in("Asha").await;
    let doctor = home.move_in_as("Doctor", &["provider"]).await;
    let boss = home.move_in_as("Boss", &["admin"]).await;
    result(&home, &asha, "7.1").await;
    grant(&home, &asha, &doctor).await;
    for _ in 0..4 {
        total(&home, &asha, &doctor).await;
    }
    jobs::alerts::look(&home.house).await;
    let own = home.get(&of(&asha, "alerts"), Some(&asha)).await.data();
    assert_eq!((&own[0]["what"], &own[0]["count"]), (&json!("volume"), &json!(4)));
    assert_eq!(own[0]["actor"]["name"], "Doctor Example");
    let house = home.get("/api/v1/alerts", Some(&boss)).await;
    assert_eq!(house.data()[0]["what"], "volume");
    assert!(!house.text().contains(&asha.profile) && !house.text().contains("Asha"));
    assert_eq!(home.get("/api/v1/alerts", Some(&doctor)).await.failure(), (403, "not-granted".to_owned()));

    let mut letters = Vec::new();
    for _ in 0..100 {
        letters = texts(&home.house.settings.mail_folder);
        if letters.len() >= 3 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    for address in ["asha@example.org", "boss@example.org"] {
        assert!(letters.iter().any(|letter| letter.contains(address)), "{address} of {}", letters.len());
    }
    assert!(letters.iter().all(|letter| !letter.contains("Doctor") && !letter.contains("HbA1c")));
    let to_boss = |letters: &[String]| letters.iter().filter(|letter| letter.contains("boss@example.org")).count();
    assert_eq!(to_boss(&letters), 1);

    // Of what else is unusual within the hour the person hears, and those who run the house find it on their page.
    let nurse = home.move_in_as("Nurse", &["provider"]).await;
    grant(&home, &asha, &nurse).await;
    for _ in 0..4 {
        total(&home, &asha, &nurse).await;
    }
    let before = letters.len();
    jobs::alerts::look(&home.house).await;
    for _ in 0..100 {
        letters = texts(&home.house.settings.mail_folder);
        if letters.len() > before {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    letters = texts(&home.house.settings.mail_folder);
    assert!(letters.len() > before && to_boss(&letters) == 1, "{} after {before}", letters.len());
    assert_eq!(home.get("/api/v1/alerts", Some(&boss)).await.data().as_array().map(Vec::len), Some(2));

    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", PASSWORD).await;
    let (page, seen) = (format!("/p/{}/access", asha.profile), format!("/p/{}/access/seen", asha.profile));
    let told = "Doctor Example opened 4 records within an hour";
    assert!(browser.send(Method::GET, &page, String::new()).await.text().contains(told));
    let html = browser.send(Method::GET, "/admin/alerts", String::new()).await.text();
    assert!(html.contains(told), "Asha runs the house too");
    clock.pass(1);
    assert_eq!(browser.fill(&page, &seen, &[]).await.status, 303);
    assert!(!browser.send(Method::GET, &page, String::new()).await.text().contains(told));
}

/// The files of a folder, as text; none where there is no folder yet.
fn texts(folder: &std::path::Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect()
}

#[tokio::test]
async fn an_incident_report_says_who_did_what_by_which_ways_and_nothing_of_a_record() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    let doctor = home.move_in_as("Doctor", &["provider"]).await;
    let kept = result(&home, &asha, "7.1").await;
    grant(&home, &asha, &doctor).await;
    total(&home, &asha, &doctor).await;
    home.get(&of(&asha, &format!("lab-results/{kept}")), Some(&doctor)).await;
    let token = json!({
        "name": "Notebook", "profiles": [asha.profile], "kinds": ["lab-result"], "actions": ["read"],
        "expires_at": phm_core::time::Instant::now().plus_millis(3_600_000),
    });
    assert_eq!(home.post("/api/v1/tokens", Some(&doctor), token).await.status, 201);
    let today = phm_core::time::Instant::now().date().to_string();
    let of_doctor = format!("/api/v1/incident?from=2026-01-01&to={today}&account={}", doctor.account);
    let reply = home.get(&of_doctor, Some(&asha)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let report = reply.data();
    assert_eq!(report["people"], 1);
    assert!(report["records"]["lab-result"].as_u64() >= Some(2), "{report}");
    assert_eq!(report["actors"][0]["email"], "doctor@example.org");
    let looked = report["events"].as_array().expect("lines").iter();
    let looked: Vec<&Value> = looked.filter(|line| line["kind"] == "lab-result" && line["action"] == "read").collect();
    assert!(!looked.is_empty() && looked.iter().all(|line| line["people"] == 1), "{report}");
    assert_eq!(report["tokens"][0]["name"], "Notebook");
    assert_eq!(report["grants"][0]["to"], json!({"account": doctor.account}));
    assert!(!report["sessions"].as_array().expect("sessions").is_empty());
    for secret in [&*kept, &*asha.profile, "HbA1c"] {
        assert!(!reply.text().contains(secret), "{secret}");
    }
    for (query, status) in [
        ("from=2026-02-01&to=2026-01-01", 422),
        ("from=2020-01-01&to=2026-01-01", 422),
        ("from=yesterday&to=2026-01-01", 422),
        ("from=2026-01-01&to=2026-01-02&account=x", 422),
    ] {
        let path = format!("/api/v1/incident?{query}");
        assert_eq!(home.get(&path, Some(&asha)).await.status, status, "{query}");
        assert_eq!(home.get(&path, Some(&doctor)).await.status, 403, "{query}");
    }

    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", PASSWORD).await;
    let html = browser.send(Method::GET, "/admin/incident", String::new()).await.text();
    assert!(html.contains("data-test=\"ask\"") && !html.contains("data-test=\"report\""));
    let query = format!("from=2026-01-01&to={today}&account={}", doctor.account);
    let html = browser.send(Method::GET, &format!("/admin/incident?{query}"), String::new()).await.text();
    assert!(html.contains("data-test=\"report\"") && html.contains("Doctor Example") && !html.contains(&kept));
    let file = browser.send(Method::GET, &format!("/admin/incident/report.json?{query}"), String::new()).await;
    assert!(file.header("content-disposition").contains("incident.json"));
    assert!(file.json()["records"]["lab-result"].as_u64() >= Some(2));
    let wrong = browser.send(Method::GET, "/admin/incident?from=2026-02-01&to=2026-01-01", String::new()).await;
    assert_eq!(wrong.status, 422);
}

#[tokio::test]
async fn a_rule_of_retention_is_previewed_made_and_carried_out_by_the_house_and_told() {
    let clock = TestClock::default();
    let home = Home::with_pages_at(&clock, |settings| {
        (settings.mail_way, settings.mail_from) = (MailWay::File, "phm@example.org".to_owned());
    });
    let asha = home.move_in("Asha").await;
    let kept = result(&home, &asha, "7.1").await;
    clock.pass(40 * 24 * 3600);
    let wanted = json!({"kind": "lab-result", "days": 30});
    let (token, _) = home.sign_in("asha@example.org").await;
    let asha = Person { token, ..asha };
    let seen = home.post(&of(&asha, "retention/preview"), Some(&asha), wanted.clone()).await.data();
    assert_eq!((&seen["due"], &seen["kept"], &seen["restricted"]), (&json!(1), &json!(0), &json!(0)));
    assert_eq!(home.get(&of(&asha, "retention"), Some(&asha)).await.data(), json!([]));
    for (body, path) in
        [(json!({"kind": "profile", "days": 30}), "/kind"), (json!({"kind": "note", "days": 1}), "/days")]
    {
        let refused = home.post(&of(&asha, "retention"), Some(&asha), body).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["error"]["details"][0]["path"]), (422, &json!(path)));
    }
    let made = home.post(&of(&asha, "retention"), Some(&asha), wanted).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!((&made.data()["kind"], &made.data()["due"]), (&json!("lab-result"), &json!(1)));
    jobs::retention::look(&home.house).await;
    assert_eq!(
        home.get(&of(&asha, &format!("lab-results/{kept}")), Some(&asha)).await.status,
        200,
        "not within a week"
    );
    clock.pass(7 * 24 * 3600);
    jobs::retention::look(&home.house).await;
    let (token, _) = home.sign_in("asha@example.org").await;
    let asha = Person { token, ..asha };
    assert_eq!(home.get(&of(&asha, &format!("lab-results/{kept}")), Some(&asha)).await.status, 404);
    let log = home.get(&of(&asha, "audit"), Some(&asha)).await;
    assert!(log.data().as_array().expect("a log").iter().any(|row| row["action"] == "purge"), "{}", log.text());
    let mut letters = Vec::new();
    for _ in 0..100 {
        letters = texts(&home.house.settings.mail_folder);
        if letters.len() >= 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // Both that the rule was made and that it was carried out.
    for subject in ["For how long records are kept has changed", "Records were destroyed because their time was over"] {
        let told = |letter: &String| letter.contains(subject) && letter.contains("asha@example.org");
        assert!(letters.iter().any(told), "{subject}: {}", letters.len());
    }
    let rule = of(&asha, "retention/lab-result");
    assert_eq!(home.act(Method::DELETE, &rule, Some(&asha), &[]).await.status, 204);
    assert_eq!(home.act(Method::DELETE, &rule, Some(&asha), &[]).await.status, 404);
}

#[tokio::test]
async fn the_page_shows_what_a_rule_would_destroy_before_it_makes_it() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    result(&home, &asha, "7.1").await;
    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", PASSWORD).await;
    let page = format!("/p/{}/retention", asha.profile);
    let html = browser.fill(&page, &page, &[("kind", "lab-result"), ("years", "10")]).await.text();
    assert!(html.contains("data-test=\"preview\"") && html.contains("0 records would go now"));
    assert_eq!(home.get(&of(&asha, "retention"), Some(&asha)).await.data(), json!([]));
    assert_eq!(browser.fill(&page, &page, &[("kind", ""), ("years", "ten")]).await.status, 422);
    let made = browser.fill(&page, &page, &[("kind", "lab-result"), ("years", "10"), ("confirm", "yes")]).await;
    assert_eq!(made.header("location"), format!("{page}?done=made"));
    let html = browser.send(Method::GET, &page, String::new()).await.text();
    assert!(html.contains("data-rule=\"lab-result\"") && html.contains("kept for 10 years"));
    let ended = browser.fill(&page, &format!("{page}/lab-result/end"), &[]).await;
    assert_eq!(ended.header("location"), format!("{page}?done=ended"));
}

#[tokio::test]
async fn who_looked_is_filtered_and_taken_along_as_a_table_and_as_json() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    let doctor = home.move_in_as("Doctor", &["provider"]).await;
    result(&home, &asha, "7.1").await;
    grant(&home, &asha, &doctor).await;
    total(&home, &asha, &doctor).await;
    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", PASSWORD).await;
    let page = format!("/p/{}/who-looked", asha.profile);
    let mut seen = Vec::new();
    for query in ["", "actor=person&kind=lab-result", "actor=plugin", "kind=note", "from=2099-01-01"] {
        let html = browser.send(Method::GET, &format!("{page}?{query}"), String::new()).await.text();
        assert!(html.contains("data-test=\"filter\""), "{query}");
        seen.push(html.contains("Doctor Example"));
    }
    assert_eq!(seen, [true, true, false, false, false]);
    let table = browser.send(Method::GET, &format!("{page}/log.csv?kind=lab-result"), String::new()).await;
    assert!(table.header("content-disposition").contains("who-looked.csv"));
    let text = table.text();
    assert!(text.starts_with("at,actor_type,") && text.contains(",Doctor Example,read,"), "{text}");
    let list = browser.send(Method::GET, &format!("{page}/log.json?kind=lab-result"), String::new()).await.json();
    assert_eq!(list["total"], list["entries"].as_array().expect("entries").len());
    assert!(list["entries"].as_array().expect("entries").iter().all(|entry| entry["kind"] == "lab-result"));
}

#[tokio::test]
async fn everything_is_taken_along_to_read_and_erased_by_whoever_types_the_name() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    let boss = home.move_in_as("Boss", &["admin"]).await;
    let kept = result(&home, &asha, "7.1").await;
    let note = json!({"text": "<script>a note</script>", "private": true});
    assert_eq!(home.post(&of(&asha, "notes"), Some(&asha), note).await.status, 201);
    home.post(&of(&asha, "restrictions"), Some(&asha), json!({"records": [kept]})).await;
    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", PASSWORD).await;
    let page = format!("/p/{}/data", asha.profile);
    let html = browser.send(Method::GET, &page, String::new()).await.text();
    assert!(html.contains("data-test=\"readable\"") && html.contains("data-test=\"erase\""));
    let copy = browser.send(Method::GET, &format!("{page}/records.html"), String::new()).await;
    assert!(copy.header("content-disposition").contains("records.html"));
    let text = copy.text();
    assert!(text.contains("Asha Example") && text.contains("HbA1c") && text.contains("7.1"), "{text}");
    assert!(text.contains("a note") && !text.contains("<script>"), "what people wrote stays text");
    assert!(text.ends_with("</html>\n"));
    let log = home.get(&of(&asha, "audit?kind=lab-result"), Some(&asha)).await.data();
    let left = |row: &Value| row["action"] == "export" && row["count"] == 1;
    assert!(log.as_array().expect("a log").iter().any(left), "a copy is an export: {log}");
    let erase = format!("{page}/erase");
    assert_eq!(browser.fill(&page, &erase, &[("confirm", "Asha")]).await.status, 422);
    assert_eq!(home.get(&of(&asha, "notes"), Some(&asha)).await.status, 200);
    assert_eq!(browser.fill(&page, &erase, &[("confirm", "Asha Example")]).await.header("location"), "/people");
    assert_ne!(home.get(&of(&asha, "notes"), Some(&asha)).await.status, 200);
    assert_eq!(home.get("/api/v1/accounts", Some(&boss)).await.status, 200);
}
