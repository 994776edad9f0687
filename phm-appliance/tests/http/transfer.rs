//! Uploads and downloads: documents, imports, export.

use std::time::Duration;

use poem::http::Method;
use serde_json::{Value, json};

use crate::house::{Home, Person, Reply};
use crate::plugin_pages::Browser;

pub const BUNDLE: &str = r#"{"resourceType":"Bundle","type":"collection","entry":[
{"fullUrl":"urn:uuid:6f9619ff-8b86-4011-b42d-00c04fc964aa","resource":{"resourceType":"Patient","id":"p1","name":[{"text":"Noor Example"}],"birthDate":"1980-02-03"}},
{"resource":{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p1"},"code":{"text":"Asthma"}}},
{"resource":{"resourceType":"Observation","id":"o1","status":"final","subject":{"reference":"Patient/p1"},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"text":"HbA1c"},"valueQuantity":{"value":6.50,"unit":"%","system":"http://unitsofmeasure.org","code":"%"}}}
]}"#;

pub async fn at_rest(home: &Home, who: &Person, id: &str) -> Value {
    for _ in 0..200 {
        let data = home.get(&format!("/api/v1/imports/{id}"), Some(who)).await.data();
        if !matches!(data["state"].as_str(), Some("checking" | "importing")) {
            return data;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the import never came to rest");
}

pub async fn begin(home: &Home, who: &Person, content: &str, fields: &[(&str, &str)]) -> Value {
    let reply = home.upload("/api/v1/imports", who, ("bundle.json", content.as_bytes()), fields).await;
    assert_eq!(reply.status, 202, "{}", reply.text());
    let id = reply.data()["import"].as_str().expect("an id").to_owned();
    at_rest(home, who, &id).await
}

#[tokio::test]
async fn an_import_is_previewed_confirmed_and_undone() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let preview = begin(&home, &asha, BUNDLE, &[("new_profile", "true")]).await;
    assert_eq!(preview["state"], "preview", "{preview}");
    assert_eq!(preview["resources"], json!({"Patient": 1, "Condition": 1, "Observation": 1}));
    assert_eq!(preview["path"], "bundle.json");
    let id = preview["import"].as_str().expect("an id").to_owned();
    assert_eq!(home.get("/api/v1/profiles", Some(&asha)).await.data().as_array().map(Vec::len), Some(1), "nothing yet");

    let confirmed = home.act(Method::POST, &format!("/api/v1/imports/{id}/confirm"), Some(&asha), &[]).await;
    assert_eq!(confirmed.status, 202, "{}", confirmed.text());
    let done = at_rest(&home, &asha, &id).await;
    assert_eq!((&done["state"], &done["added"]), (&json!("done"), &json!(3)), "{done}");
    let people = home.get("/api/v1/profiles", Some(&asha)).await.data();
    let noor = people.as_array().expect("people").iter().find(|p| p["name"] == "Noor Example").expect("Noor").clone();
    let labs = format!("/api/v1/profiles/{}/lab-results", noor["profile"].as_str().expect("an id"));
    let lab = home.get(&labs, Some(&asha)).await.data()[0].clone();
    assert_eq!(lab["provenance"]["how"], "import");
    let original = home.get(&format!("{labs}/{}/original", lab["id"].as_str().expect("an id")), Some(&asha)).await;
    assert!(original.text().contains("6.50"), "{}", original.text());

    let again = home.act(Method::POST, &format!("/api/v1/imports/{id}/confirm"), Some(&asha), &[]).await;
    assert_eq!(again.failure(), (409, "conflict".to_owned()));
    let events = home.get(&format!("/api/v1/imports/{id}/events"), Some(&asha)).await;
    assert!(events.text().starts_with("event: progress\ndata: {\"done\":"), "{}", events.text());
    let undone = home.act(Method::POST, &format!("/api/v1/imports/{id}/undo"), Some(&asha), &[]).await;
    assert_eq!(undone.data()["state"], "undone", "{}", undone.text());
    assert_eq!(home.get("/api/v1/profiles", Some(&asha)).await.data().as_array().map(Vec::len), Some(1));
    let twice = home.act(Method::POST, &format!("/api/v1/imports/{id}/undo"), Some(&asha), &[]).await;
    assert!(matches!(twice.status.as_u16(), 404 | 409), "{}", twice.text());
}

#[tokio::test]
async fn broken_input_is_refused_as_a_whole_and_the_preview_names_the_places() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let broken = BUNDLE.replace("1980-02-03", "the third of February");
    for content in [broken.as_str(), "{\"resourceType\":", "not FHIR at all"] {
        let failed = begin(&home, &asha, content, &[("new_profile", "true")]).await;
        assert_eq!(failed["state"], "failed", "{failed}");
        assert_eq!(failed["error"]["code"], "invalid-input", "{failed}");
        assert!(failed["refused"].as_array().is_some_and(|refused| !refused.is_empty()), "{failed}");
    }
    assert_eq!(home.get("/api/v1/profiles", Some(&asha)).await.data().as_array().map(Vec::len), Some(1));
}

/// A ZIP archive of one file that is packed as it is.
fn zipped(name: &str, content: &[u8], crc: u32) -> Vec<u8> {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).expect("small").to_le_bytes();
    let sums = [crc.to_le_bytes(), length(content), length(content)].concat();
    let names = [&length(name.as_bytes())[..2], &[0, 0][..], name.as_bytes()].concat();
    [&b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0"[..], &sums[..], &names[..], content, &b"PK\x01\x02"[..]].concat()
}

#[tokio::test]
async fn a_zip_archive_is_previewed_like_the_file_in_it() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let noor = br#"{"resourceType":"Patient","id":"z1","name":[{"text":"Noor Example"}]}"#;
    let archive = zipped("export/Patient-1.json", noor, 0x085e_d406);
    let mut locked = archive.clone();
    locked[6] |= 1;
    for (archive, state) in [(archive, "preview"), (locked, "failed")] {
        let fields = [("new_profile", "true")];
        let reply = home.upload("/api/v1/imports", &asha, ("export.zip", &archive), &fields).await;
        assert_eq!(reply.status, 202, "{}", reply.text());
        let found = at_rest(&home, &asha, reply.data()["import"].as_str().expect("an id")).await;
        assert_eq!((&found["state"], &found["path"]), (&json!(state), &json!("export.zip")), "{found}");
        if state == "preview" {
            assert_eq!((&found["resources"], &found["added"]), (&json!({"Patient": 1}), &json!(1)), "{found}");
        } else {
            assert_eq!(found["refused"][0]["code"], "encrypted-archive", "{found}");
        }
    }
}

#[tokio::test]
async fn somebody_else_under_a_known_id_is_refused_as_such() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    let preview = begin(&home, &asha, BUNDLE, &[("new_profile", "true")]).await;
    let id = preview["import"].as_str().expect("an id");
    home.act(Method::POST, &format!("/api/v1/imports/{id}/confirm"), Some(&asha), &[]).await;
    assert_eq!(at_rest(&home, &asha, id).await["state"], "done");
    let other = BUNDLE.replace("Noor Example", "Omar Other").replace("1980-02-03", "2011-05-06");
    let failed = begin(&home, &asha, &other, &[("new_profile", "true")]).await;
    assert_eq!((&failed["state"], &failed["error"]["code"]), (&json!("failed"), &json!("other-patient")), "{failed}");
    assert_eq!(failed["refused_in_all"], 1, "{failed}");
    let id = failed["import"].as_str().expect("an id");
    let page = Browser::of(&home, "asha").await.page(&format!("/p/{}/import/{id}", asha.profile)).await;
    assert!(page.contains("means two people"), "{page}");
    assert!(!page.contains(&format!("/import/{id}/accept")), "nobody is offered to be taken for the other");
}

#[tokio::test]
async fn a_document_whose_file_is_elsewhere_offers_nothing_to_open() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    let document = |id: &str, attachment: Value| {
        json!({"resourceType": "DocumentReference", "id": id, "status": "current", "description": id,
            "content": [{"attachment": attachment}]})
        .to_string()
    };
    let lines = [
        document("Inside", json!({"contentType": "application/pdf", "data": "JVBERi0xLjc="})),
        document("Elsewhere", json!({"contentType": "application/pdf", "url": "https://a.example/scan.pdf"})),
    ];
    let preview = begin(&home, &asha, &lines.join("\n"), &[("profile", "me")]).await;
    let id = preview["import"].as_str().expect("an id");
    home.act(Method::POST, &format!("/api/v1/imports/{id}/confirm"), Some(&asha), &[]).await;
    assert_eq!(at_rest(&home, &asha, id).await["added"], 2);
    let list = home.get(&format!("/api/v1/profiles/{}/documents", asha.profile), Some(&asha)).await.data();
    let browser = Browser::of(&home, "asha").await;
    for (title, is_held) in [("Inside", true), ("Elsewhere", false)] {
        let row =
            list.as_array().expect("a list").iter().find(|row| row["body"]["title"] == title).expect("a document");
        let page = browser.page(&format!("/p/{}/documents/{}", asha.profile, row["id"].as_str().expect("an id"))).await;
        assert_eq!(page.contains("data-test=\"view\""), is_held, "{title}");
        assert_eq!(page.contains("data-test=\"no-file\""), !is_held, "{title}");
    }
}

#[tokio::test]
async fn only_who_uploaded_sees_the_upload_and_only_for_people_of_theirs() {
    let (home, [asha, omar]) = Home::of(["Asha", "Omar"]).await;
    let preview = begin(&home, &asha, BUNDLE, &[("profile", "me")]).await;
    let id = preview["import"].as_str().expect("an id");
    for (method, path) in [
        (Method::GET, format!("/api/v1/imports/{id}")),
        (Method::POST, format!("/api/v1/imports/{id}/confirm")),
        (Method::POST, format!("/api/v1/imports/{id}/undo")),
        (Method::GET, format!("/api/v1/imports/{id}/events")),
    ] {
        assert_eq!(home.act(method, &path, Some(&omar), &[]).await.failure().0, 404, "{path}");
    }
    let file = ("bundle.json", BUNDLE.as_bytes());
    let other = home.upload("/api/v1/imports", &omar, file, &[("profile", &asha.profile)]).await;
    assert_eq!(other.failure(), (404, "not-found".to_owned()));
    let neither = home.upload("/api/v1/imports", &asha, file, &[]).await;
    assert_eq!(neither.failure().0, 422);
}

async fn attach(home: &Home, who: &Person, name: &str, content: &[u8]) -> Reply {
    let body = ("body", r#"{"title":"Report","category":"lab-report"}"#);
    home.upload("/api/v1/profiles/me/documents", who, (name, content), &[body]).await
}

#[tokio::test]
async fn a_document_comes_back_whole_and_in_parts() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let content: Vec<u8> = b"%PDF-1.7\n".iter().copied().chain((0..200_000_u32).map(|n| (n % 251) as u8)).collect();
    let made = attach(&home, &asha, "report.pdf", &content).await;
    assert_eq!((made.status.as_u16(), made.header("etag")), (201, "\"1\""), "{}", made.text());
    let body = &made.data()["body"];
    assert_eq!((&body["media_type"], &body["title"]), (&json!("application/pdf"), &json!("Report")));
    assert_eq!(body["bytes"].to_string().trim_matches('"'), content.len().to_string());
    let path = format!("{}/content", made.header("location"));

    let whole = home.get(&path, Some(&asha)).await;
    assert_eq!((whole.status.as_u16(), whole.header("content-type")), (200, "application/pdf"));
    assert!(whole.bytes == content);
    assert!(whole.header("content-security-policy").starts_with("sandbox"));
    let part = home.act(Method::GET, &path, Some(&asha), &[("range", "bytes=65530-131080")]).await;
    assert_eq!(part.status, 206);
    assert_eq!(part.header("content-range"), format!("bytes 65530-131080/{}", content.len()));
    assert!(part.bytes == content[65530..=131_080]);
    let beyond = home.act(Method::GET, &path, Some(&asha), &[("range", "bytes=999999999-")]).await;
    assert_eq!(beyond.failure(), (416, "range-not-satisfiable".to_owned()));
    assert_eq!(beyond.header("content-range"), format!("bytes */{}", content.len()));
}

#[tokio::test]
async fn what_is_no_picture_and_no_pdf_is_downloaded_and_never_run() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let files: [(&str, &[u8]); 2] =
        [("page.html", b"<!doctype html><script>alert(1)</script>"), ("archive.zip", b"PK\x03\x04\0\0\0\0")];
    for (name, content) in files {
        let made = attach(&home, &asha, name, content).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let content = home.get(&format!("{}/content", made.header("location")), Some(&asha)).await;
        assert_ne!(content.header("content-type"), "text/html");
        assert_eq!(content.header("x-content-type-options"), "nosniff");
        let is_text = content.header("content-type") == "text/plain; charset=utf-8";
        assert!(is_text || content.header("content-disposition") == "attachment", "{name}");
    }
}

#[tokio::test]
async fn uploads_have_a_limit_and_need_a_file() {
    let home = Home::open(|settings| settings.upload_bytes = 1000);
    let asha = home.move_in("Asha").await;
    assert_eq!(attach(&home, &asha, "a.txt", &[b'a'; 2000]).await.failure(), (413, "too-large".to_owned()));
    assert_eq!(attach(&home, &asha, "a.txt", b"").await.failure().0, 422);
    let json = home.post("/api/v1/profiles/me/documents", Some(&asha), json!({"title": "x"})).await;
    assert_eq!(json.failure(), (415, "unsupported-media-type".to_owned()));
    let incoming = home.house.settings.data_dir.join("documents/incoming");
    let left = std::fs::read_dir(incoming).map_or(0, Iterator::count);
    assert_eq!(left, 0, "nothing is left behind");
}

#[tokio::test]
async fn an_export_holds_what_was_imported() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let preview = begin(&home, &asha, BUNDLE, &[("new_profile", "true")]).await;
    let id = preview["import"].as_str().expect("an id").to_owned();
    home.act(Method::POST, &format!("/api/v1/imports/{id}/confirm"), Some(&asha), &[]).await;
    let done = at_rest(&home, &asha, &id).await;
    let profile = done["profiles"][0].as_str().expect("a profile").to_owned();
    let bundle = home.get(&format!("/api/v1/profiles/{profile}/export"), Some(&asha)).await;
    assert_eq!(bundle.json()["resourceType"], "Bundle");
    assert_eq!(bundle.json()["entry"].as_array().map(Vec::len), Some(3));
    assert!(bundle.text().contains("6.50"));
    let lines = home.get(&format!("/api/v1/profiles/{profile}/export?format=ndjson"), Some(&asha)).await;
    assert_eq!(lines.text().lines().count(), 3);
    let wrong = home.get(&format!("/api/v1/profiles/{profile}/export?format=word"), Some(&asha)).await;
    assert_eq!(wrong.failure().0, 422);
}

#[tokio::test]
async fn an_export_without_names_says_what_went_and_is_for_who_may_export() {
    let (home, [asha, omar]) = Home::of(["Asha", "Omar"]).await;
    let result = json!({
        "concept": {"text": "HbA1c", "codes": [{"system": "http://loinc.org", "code": "4548-4"}]},
        "quantity": {"value": "6.40", "unit": "%"}, "collected_at": "2026-04-03", "remarks": "Zebediah saw a heron",
    });
    home.post("/api/v1/profiles/me/lab-results", Some(&asha), result).await;
    home.post("/api/v1/profiles/me/notes", Some(&asha), json!({"text": "heron"})).await;
    let path = format!("/api/v1/profiles/{}/export/deidentified", asha.profile);
    let ask = |who, secret: &'static str| {
        let (home, path) = (&home, &path);
        async move { home.post(path, Some(who), json!({"secret": secret})).await }
    };
    let lines = ask(&asha, "0123456789abcdef").await;
    assert_eq!(lines.status, 200, "{}", lines.text());
    assert!(lines.header("content-type").starts_with("application/x-ndjson"));
    for word in ["Zebediah", "heron", "2026-04-03", asha.profile.as_str()] {
        assert!(!lines.text().contains(word), "{word}");
    }
    let found: Vec<Value> = lines.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(found.iter().any(|line| line["body"]["quantity"]["value"] == "6.40"), "{}", lines.text());
    let report = found.last().expect("a report");
    assert_eq!((&report["kind"], &report["report"]["people"]), (&json!("report"), &json!(1)));
    assert_eq!(report["report"]["removed"]["lab-result/remarks"], 1);
    assert_eq!(report["report"]["left_out"]["note"], 1);
    assert_eq!(ask(&asha, "0123456789abcdef").await.text(), lines.text(), "the same secret fits");
    assert_ne!(ask(&asha, "fedcba9876543210").await.text(), lines.text());
    assert_eq!(ask(&asha, "short").await.failure().0, 422);
    assert_eq!(ask(&omar, "0123456789abcdef").await.failure(), (404, "not-found".to_owned()));
}
