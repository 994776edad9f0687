//! Having a document read: from the upload by a plugin's proposals to a record that somebody accepted.

use phm_appliance::notify::MailWay;
use poem::http::Method;
use serde_json::{Value, json};

use crate::house::{Home, Person};
use crate::interactions::{answering, answering_as, install, install_as};
use crate::plugin_pages::{AGAINST, Browser};

/// What the plugin `reader` asks for.
const MANIFEST: &str = "name = \"reader\"\nversion = \"1.0.0\"\napi = 1\nkind = \"document\"\nsummary = \"A test.\"\nlicense = \"MIT\"\n\
    [[permission]]\ncapability = \"documents.content\"\nreason = \"Reads the report.\"\n\
    [[permission]]\ncapability = \"records.propose\"\nreason = \"Proposes what it finds.\"\nkinds = [\"lab-result\"]\n";

/// Installs a document plugin that answers with this, whatever it is handed.
async fn reader(home: &Home, output: &str) {
    install_as(home, "reader", MANIFEST, answering_as("read", output)).await;
}

fn found(name: &str, value: &str) -> Value {
    json!({"kind": "lab-result",
        "body": {"concept": {"text": name}, "quantity": {"value": value, "unit": "%"}, "collected_at": "2026-04-03"},
        "evidence": {"page": 2, "box": [0.5, 0.25, 0.125, 0.0], "text": format!("{name} {value} %")}})
}

fn two() -> String {
    let line = json!({"text": "Hb ?? g", "page": 3, "box": [0.1, 0.4, 0.1, 0.0], "why": "letters"});
    json!({"proposals": [found("HbA1c", "6.5"), found("Glycated albumin", "14.1")], "not_understood": [line],
        "pages": [{"number": 1, "text": "HbA1c 6.5 %"}]})
    .to_string()
}

/// Uploads a report and gives its id.
async fn report(home: &Home, who: &Person) -> String {
    let path = format!("/api/v1/profiles/{}/documents", who.profile);
    let body = json!({"title": "Report of April", "category": "lab-report"}).to_string();
    let made = home.upload(&path, who, ("report.pdf", b"%PDF-1.7 a report"), &[("body", &body)]).await;
    assert_eq!(made.status, 201, "{}", made.text());
    made.data()["id"].as_str().expect("an id").to_owned()
}

fn under(who: &Person, rest: &str) -> String {
    format!("/api/v1/profiles/{}{rest}", who.profile)
}

async fn count(home: &Home, who: &Person, list: &str) -> usize {
    home.get(&under(who, list), Some(who)).await.data().as_array().expect("rows").len()
}

#[tokio::test]
async fn a_report_is_read_by_consent_and_what_is_accepted_says_where_it_comes_from() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    reader(&home, &two()).await;
    let id = report(&home, &asha).await;
    let place = under(&asha, &format!("/documents/{id}/reading"));
    assert_eq!(home.post(&place, Some(&asha), json!({})).await.failure(), (403, "not-granted".to_owned()));
    assert_eq!(home.post(&place, Some(&asha), json!({"consent": " "})).await.status, 422);

    let reply = home.post(&place, Some(&asha), json!({"consent": "to read it"})).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let read = reply.data();
    assert_eq!((&read["plugin"], &read["version"], &read["pages"]), (&json!("reader"), &json!("1.0.0"), &json!(1)));
    assert_eq!(read["proposals"].as_array().map(Vec::len), Some(2));
    assert_eq!((&read["not_understood"][0]["why"], &read["unreadable"]), (&json!("letters"), &Value::Null));
    assert_eq!(count(&home, &asha, "/lab-results").await, 0, "nothing becomes a record by itself");

    let waiting = home.get(&under(&asha, "/proposals"), Some(&asha)).await.data();
    assert_eq!((&waiting[0]["evidence"]["document"], &waiting[0]["evidence"]["page"]), (&json!(id), &json!(2)));
    let one = |n: usize, what: &str| {
        under(&asha, &format!("/proposals/{}/{what}", waiting[n]["id"].as_str().expect("an id")))
    };
    let made = home.post(&one(0, "accept"), Some(&asha), json!({})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let (made, from) = (made.data(), made.data()["provenance"].clone());
    assert_eq!((&from["how"], &from["plugin"], &from["page"]), (&json!("plugin"), &json!("reader 1.0.0"), &json!(2)));
    assert_eq!((&from["box"], &from["source"]["file"]), (&json!([0.5, 0.25, 0.125, 0.0]), &json!("Report of April")));
    assert_eq!(made["body"]["quantity"]["value"], "6.5");
    assert_eq!(home.post(&one(0, "accept"), Some(&asha), json!({})).await.status, 404, "once only");

    // Amended: what breaks a rule goes on waiting, what is right is written with the same place.
    let wrong = json!({"body": {"concept": "x", "quantity": {"value": "14", "unit": "flurbs"}}});
    assert_eq!(home.post(&one(1, "accept"), Some(&asha), wrong).await.status, 422);
    let mut body = waiting[1]["body"].clone();
    body["quantity"]["value"] = json!("14.2");
    let made = home.post(&one(1, "accept"), Some(&asha), json!({ "body": body })).await.data();
    assert_eq!((&made["body"]["quantity"]["value"], &made["provenance"]["page"]), (&json!("14.2"), &json!(2)));
    assert_eq!((count(&home, &asha, "/lab-results").await, count(&home, &asha, "/proposals").await), (2, 0));

    // Read again nothing is proposed that was decided on, and who looked stands in the audit.
    let again = home.post(&place, Some(&asha), json!({})).await.data();
    assert_eq!(again["proposals"], json!([]));
    let rows = home.get(&under(&asha, "/audit"), Some(&asha)).await.data();
    assert!(rows.as_array().expect("rows").iter().any(|row| row["purpose"] == "plugin reader 1.0.0: read"), "{rows}");
}

#[tokio::test]
async fn consent_to_read_one_document_is_for_that_one() {
    let (home, [asha, ravi]) = Home::of(["Asha", "Ravi"]).await;
    reader(&home, &two()).await;
    let (first, second) = (report(&home, &asha).await, report(&home, &asha).await);
    let read = |id: &str| under(&asha, &format!("/documents/{id}/reading"));
    assert_eq!(home.post(&read(&first), Some(&asha), json!({"consent": "x"})).await.status, 200);
    let grants = home.get(&under(&asha, "/grants"), Some(&asha)).await.data().to_string();
    assert!(grants.contains(&first) && !grants.contains(&second), "{grants}");
    // The plugin here reads nothing, so nothing stops it; but what it says of the second document is not kept or proposed.
    let other = home.post(&read(&second), Some(&asha), json!({})).await;
    assert!(!other.status.is_success(), "{}", other.text());
    assert_eq!(count(&home, &asha, "/proposals").await, 2);
    // Somebody else does not learn that there is a document.
    assert_eq!(home.post(&read(&first), Some(&ravi), json!({"consent": "x"})).await.status, 404);
}

#[tokio::test]
async fn without_a_plugin_that_reads_documents_there_is_no_button_and_a_clear_answer() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    let id = report(&home, &asha).await;
    let reply =
        home.post(&under(&asha, &format!("/documents/{id}/reading")), Some(&asha), json!({"consent": "x"})).await;
    assert_eq!(reply.failure(), (409, "no-reader".to_owned()));
    let page = Browser::of(&home, "asha").await.page(&format!("/p/{}/documents/{id}", asha.profile)).await;
    assert!(!page.contains("Read this document"), "{page}");
}

#[tokio::test]
async fn a_button_has_a_document_read_and_the_list_shows_value_page_and_place() {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    reader(&home, &two()).await;
    let id = report(&home, &asha).await;
    let browser = Browser::of(&home, "asha").await;
    let document = format!("/p/{}/documents/{id}", asha.profile);
    // Whoever wants it to read all of them can say so too.
    let page = browser.page(&format!("/p/{}/plugins", asha.profile)).await;
    assert!(page.contains("value=\"document\"") && page.contains("value=\"lab-result\""), "{page}");
    let page = browser.page(&document).await;
    assert!(page.contains("Read this document") && page.contains("reader 1.0.0"), "{page}");
    let list = format!("/p/{}/proposals?document={id}", asha.profile);
    let pressed = browser.press(&document, &format!("{document}/read")).await;
    assert_eq!(
        (pressed.status.is_redirection(), pressed.header("location")),
        (true, list.as_str()),
        "{}",
        pressed.text()
    );

    let page = browser.page(&list).await;
    for said in [
        "6.5 %",
        "Found on page 2, 25 % down and 50 % across",
        "Not understood",
        "Hb ?? g",
        "some of its letters have no meaning",
        "Proposed by the plugin reader 1.0.0",
        "/content#page=2",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let ids: Vec<&str> = page.split("data-proposal=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.len(), 2);
    let one = |n: usize, what: &str| format!("/p/{}/proposals/{}/{what}", asha.profile, ids[n]);

    // Amended in the form, with what is wrong said there.
    let form = one(0, "amend");
    assert!(browser.page(&form).await.contains("Amend and accept"));
    let wrong = browser.fill(&form, &form, "&quantity.value=6.6&quantity.unit=flurbs").await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    assert!(browser.fill(&form, &form, "&quantity.value=6.6&quantity.unit=%25").await.status.is_redirection());
    // Rejected on the list, which comes again.
    let rejected = browser.fill(&list, &one(1, "reject"), &format!("&document={id}")).await;
    assert_eq!(rejected.header("location"), list);
    let results = home.get(&under(&asha, "/lab-results"), Some(&asha)).await.data();
    assert_eq!((results.as_array().map(Vec::len), &results[0]["body"]["quantity"]["value"]), (Some(1), &json!("6.6")));
    let record = format!("/p/{}/lab-results/{}", asha.profile, results[0]["id"].as_str().expect("an id"));
    let page = browser.page(&record).await;
    assert!(page.contains("Suggested by reader 1.0.0 from page 2") && page.contains("Report of April"), "{page}");
}

#[tokio::test]
async fn a_document_that_cannot_be_read_and_a_plugin_that_fails_are_told_in_words() {
    for (output, said) in [
        (r#"{"proposals":[],"unreadable":"encrypted"}"#, "locked with a password"),
        (r#"{"proposals":[]}"#, "Nothing was found that could be proposed"),
        ("no JSON", "The plugin did not work (bad-answer)"),
    ] {
        let home = Home::with_pages(|_| ());
        let asha = home.move_in("Asha").await;
        reader(&home, output).await;
        let document = format!("/p/{}/documents/{}", asha.profile, report(&home, &asha).await);
        let browser = Browser::of(&home, "asha").await;
        let pressed = browser.press(&document, &format!("{document}/read")).await;
        let page = browser.page(pressed.header("location")).await;
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[tokio::test]
async fn a_rule_accepts_what_a_reader_proposes_until_it_is_ended() {
    let (home, [asha, ravi]) = Home::of(["Asha", "Ravi"]).await;
    reader(&home, &two()).await;
    let rules = under(&asha, "/acceptance-rules");
    let wanted = |kind: &str| json!({"plugin": "reader", "kind": kind});
    assert_eq!(home.post(&rules, Some(&asha), wanted("medication")).await.failure(), (422, "invalid".to_owned()));
    assert_eq!(home.post(&rules, Some(&ravi), wanted("lab-result")).await.status, 404);
    let made = home.post(&rules, Some(&asha), wanted("lab-result")).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let rule = made.data();
    assert_eq!((&rule["plugin"], &rule["version"], &rule["accepted"]), (&json!("reader"), &json!("1.0.0"), &json!(0)));
    assert_eq!(rule["state"], "not-granted", "the plugin is let add nothing yet");
    assert!(rule["signer"].as_str().expect("a key").starts_with("phm-plugin-key-1:"));

    let read = |id: &str| under(&asha, &format!("/documents/{id}/reading"));
    let id = report(&home, &asha).await;
    let done = home.post(&read(&id), Some(&asha), json!({"consent": "to read it"})).await.data();
    assert_eq!((done["accepted"].as_array().map(Vec::len), &done["proposals"]), (Some(2), &json!([])));
    assert_eq!((count(&home, &asha, "/lab-results").await, count(&home, &asha, "/proposals").await), (2, 0));
    let one = under(&asha, &format!("/lab-results/{}", done["accepted"][0].as_str().expect("an id")));
    let record = home.get(&one, Some(&asha)).await.data();
    let from = &record["provenance"];
    assert_eq!((&from["how"], &from["plugin"], &from["rule"]), (&json!("plugin"), &json!("reader 1.0.0"), &rule["id"]));
    let held = home.get(&rules, Some(&asha)).await.data();
    assert_eq!((&held[0]["state"], &held[0]["accepted"]), (&json!("holds"), &json!(2)));
    let rows = home.get(&under(&asha, "/audit"), Some(&asha)).await.data();
    let is_by_rule = |row: &&Value| row["purpose"] == "plugin reader 1.0.0: accepted by rule" && row["action"] == "add";
    assert_eq!(rows.as_array().expect("rows").iter().filter(is_by_rule).count(), 2, "{rows}");

    let end = format!("{rules}/{}", rule["id"].as_str().expect("an id"));
    assert_eq!(home.act(Method::DELETE, &end, Some(&ravi), &[]).await.status, 404);
    assert_eq!(home.act(Method::DELETE, &end, Some(&asha), &[]).await.status, 204);
    assert_eq!(home.act(Method::DELETE, &end, Some(&asha), &[]).await.status, 404);
    let second = report(&home, &asha).await;
    let done = home.post(&read(&second), Some(&asha), json!({"consent": "to read it"})).await.data();
    assert_eq!((&done["accepted"], done["proposals"].as_array().map(Vec::len)), (&Value::Null, Some(2)));
    // What one made goes with it where that is wanted; it has made nothing, and what the other made stays.
    let made = home.post(&rules, Some(&asha), wanted("lab-result")).await.data();
    let end = format!("{rules}/{}?take_back=true", made["id"].as_str().expect("an id"));
    assert_eq!(home.act(Method::DELETE, &end, Some(&asha), &[]).await.status, 204);
    assert_eq!(count(&home, &asha, "/lab-results").await, 2);
}

#[tokio::test]
async fn a_rule_is_made_and_ended_on_the_page_of_proposals_and_shows_on_what_it_accepted() {
    let home = Home::with_pages(|settings| {
        (settings.mail_way, settings.mail_from) = (MailWay::File, "phm@example.org".to_owned());
    });
    let asha = home.move_in("Asha").await;
    reader(&home, &two()).await;
    let browser = Browser::of(&home, "asha").await;
    let list = format!("/p/{}/proposals", asha.profile);
    let page = browser.page(&list).await;
    let mut values = page.split("value=\"").filter_map(|rest| rest.split('"').next());
    let choice = values.find(|value| value.starts_with("reader/lab-result/")).expect("a choice").to_owned();
    assert!(page.contains("There is no rule"), "{page}");
    let rules = format!("{list}/rules");
    let nothing = browser.press(&list, &rules).await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.text().contains("role=\"alert\"") && nothing.text().contains("Nothing was changed"));
    let other = browser.fill(&list, &rules, "&what=reader%2Flab-result%2Fanother").await;
    assert_eq!(other.status, 422, "another package than was shown");
    let made = browser.fill(&list, &rules, &format!("&what={}", choice.replace('/', "%2F"))).await;
    assert_eq!(made.header("location"), format!("{list}?done=made"));
    let mut told = false;
    for _ in 0..100 {
        let files = std::fs::read_dir(&home.house.settings.mail_folder).into_iter().flatten().flatten();
        let mut letters = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
        told = letters.any(|letter| letter.contains("What a plugin proposes is accepted by a rule"));
        if told {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(told, "whoever answers for the person is told");

    let id = report(&home, &asha).await;
    let document = format!("/p/{}/documents/{id}", asha.profile);
    let pressed = browser.press(&document, &format!("{document}/read")).await;
    assert_eq!(pressed.header("location"), format!("{list}?document={id}&accepted=2"));
    let page = browser.page(pressed.header("location")).await;
    assert!(page.contains("2 records were accepted by a rule") && page.contains("No proposal waits"), "{page}");
    assert!(page.contains("2 records accepted") && page.contains("In force"), "{page}");
    let results = home.get(&under(&asha, "/lab-results"), Some(&asha)).await.data();
    let record = format!("/p/{}/lab-results/{}", asha.profile, results[0]["id"].as_str().expect("an id"));
    let page = browser.page(&record).await;
    assert!(page.contains("accepted by a rule. Nobody has looked at it"), "{page}");
    let looked = browser.page(&format!("/p/{}/who-looked", asha.profile)).await;
    assert!(looked.contains("Made a rule that accepts what a plugin proposes"), "{looked}");

    let page = browser.page(&list).await;
    let rule = page.split("data-rule=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a rule").to_owned();
    let ended = browser.fill(&list, &format!("{rules}/{rule}/end"), "&take_back=yes").await;
    assert_eq!(ended.header("location"), format!("{list}?done=ended&removed=2"));
    let page = browser.page(ended.header("location")).await;
    assert!(
        page.contains("There is no rule") && page.contains("2 records that it had accepted were removed"),
        "{page}"
    );
    assert_eq!(count(&home, &asha, "/lab-results").await, 0);
}

/// The same for a plugin that proposes medicines.
const OF_MEDICINES: &str = "name = \"reader\"\nversion = \"1.0.0\"\napi = 1\nkind = \"document\"\nsummary = \"A test.\"\nlicense = \"MIT\"\n\
    [[permission]]\ncapability = \"documents.content\"\nreason = \"Reads the letter.\"\n\
    [[permission]]\ncapability = \"records.propose\"\nreason = \"Proposes what it finds.\"\nkinds = [\"medication\"]\n";

/// A home in which a reader proposes ibuprofen for Asha, who takes warfarin and has a rule that accepts it.
async fn with_medicines() -> (Home, Person) {
    let home = Home::with_pages(|_| ());
    let asha = home.move_in("Asha").await;
    let output = json!({"proposals": [{"kind": "medication", "body": {"drug": "ibuprofen", "status": "active"}}]});
    install_as(&home, "reader", OF_MEDICINES, answering_as("read", &output.to_string())).await;
    let wanted = json!({"plugin": "reader", "kind": "medication", "despite_harm": true});
    let made = home.post(&under(&asha, "/acceptance-rules"), Some(&asha), wanted).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let taken = json!({"drug": "warfarin", "status": "active"});
    assert_eq!(home.post(&under(&asha, "/medications"), Some(&asha), taken).await.status, 201);
    (home, asha)
}

/// Has a new document read: how many medicines a rule accepted, and how many proposals came to wait.
async fn read_new(home: &Home, who: &Person) -> (usize, usize) {
    let place = under(who, &format!("/documents/{}/reading", report(home, who).await));
    let done = home.post(&place, Some(who), json!({"consent": "to read it"})).await;
    assert_eq!(done.status, 200, "{}", done.text());
    let count = |name: &str| done.data()[name].as_array().map_or(0, Vec::len);
    (count("accepted"), count("proposals"))
}

#[tokio::test]
async fn a_medicine_that_was_not_checked_or_is_warned_of_waits_in_spite_of_a_rule_and_the_page_says_why() {
    let (home, asha) = with_medicines().await;
    let browser = Browser::of(&home, "asha").await;
    let list = format!("/p/{}/proposals", asha.profile);
    assert_eq!(read_new(&home, &asha).await, (0, 1), "no plugin that checks medicines is on");
    let page = browser.page(&list).await;
    assert!(page.contains("it could not be checked with the other medicines and allergies"), "{page}");

    install(&home, answering(AGAINST)).await;
    assert_eq!(read_new(&home, &asha).await, (0, 1), "something speaks against it");
    let waiting = home.get(&under(&asha, "/proposals"), Some(&asha)).await.data();
    let held = (&waiting[0]["held"], &waiting[1]["held"]);
    assert_eq!(held, (&json!("medicine-not-checked"), &json!("medicine-alert")));
    assert!(browser.page(&list).await.contains("the check of medicines warns"));
    assert_eq!(count(&home, &asha, "/medications").await, 1);
    // By hand it is accepted by who was told what speaks against it.
    let one = format!("{list}/{}", waiting[1]["id"].as_str().expect("an id"));
    let told = browser.press(&list, &format!("{one}/accept")).await;
    assert!(told.status == 409 && told.text().contains("Bleeding. Ask first."), "{}", told.text());
    let amend = format!("{one}/amend");
    assert!(browser.fill(&amend, &amend, "&drug=ibuprofen&warned=ibuprofen").await.status.is_redirection());
    assert_eq!(count(&home, &asha, "/medications").await, 2);
}

#[tokio::test]
async fn a_medicine_that_was_checked_and_that_nothing_speaks_against_is_accepted_by_a_rule() {
    let (home, asha) = with_medicines().await;
    let clear = json!({"data_version": "t", "checked": 2, "total": 2, "not_checked": [], "proposed": [], "findings": [],
        "checked_names": ["warfarin", "ibuprofen"]});
    install(&home, answering(&clear.to_string())).await;
    assert_eq!(read_new(&home, &asha).await, (1, 0));
    assert_eq!((count(&home, &asha, "/medications").await, count(&home, &asha, "/proposals").await), (2, 0));
}
