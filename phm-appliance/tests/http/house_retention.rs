//! Retention for the whole house: proposed with numbers alone, told, and answered by the person.

use std::path::Path;
use std::time::Duration;

use phm_appliance::jobs;
use phm_appliance::notify::MailWay;
use poem::http::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::house::{Home, PASSWORD, Person, TestClock};

const HOUSE: &str = "/api/v1/retention";
const DAY: i64 = 24 * 3600;

fn of(who: &Person, rest: &str) -> String {
    format!("/api/v1/profiles/{}/{rest}", who.profile)
}

/// A house whose letters become files, with Asha, who runs it too, and Noor, each with a result from long ago.
async fn with_two(clock: &TestClock, enforce: bool) -> (Home, Person, Person) {
    with_two_by_mail(clock, enforce, MailWay::File).await
}

/// The same where letters go this way.
async fn with_two_by_mail(clock: &TestClock, enforce: bool, way: MailWay) -> (Home, Person, Person) {
    let home = Home::with_pages_at(clock, |settings| {
        (settings.mail_way, settings.mail_from) = (way, "phm@example.org".to_owned());
        settings.retention_enforce = enforce;
    });
    let (asha, noor) = (home.move_in("Asha").await, home.move_in("Noor").await);
    let body = json!({"concept": "HbA1c", "quantity": {"value": "7.1", "unit": "%"}, "collected_at": "2026-01-10"});
    for who in [&asha, &noor] {
        assert_eq!(home.post(&of(who, "lab-results"), Some(who), body.clone()).await.status, 201);
    }
    clock.pass(40 * DAY);
    let (asha, noor) = (again(&home, &asha, "asha").await, again(&home, &noor, "noor").await);
    (home, asha, noor)
}

/// The same person, signed in anew.
async fn again(home: &Home, who: &Person, name: &str) -> Person {
    let (token, _) = home.sign_in(&format!("{name}@example.org")).await;
    Person { token, ..who.clone() }
}

/// Whether a letter with this subject went to this address some time.
async fn told(folder: &Path, subject: &str, to: &str) -> bool {
    for _ in 0..100 {
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let letters: Vec<String> = files.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect();
        if letters.iter().any(|letter| letter.contains(subject) && letter.contains(to)) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

async fn results(home: &Home, who: &Person) -> Value {
    home.get(&of(who, "lab-results"), Some(who)).await.json()["meta"]["pagination"]["total"].clone()
}

#[tokio::test]
async fn what_the_house_proposes_is_counted_told_and_done_for_who_agrees_alone() {
    let clock = TestClock::default();
    let (home, asha, noor) = with_two(&clock, false).await;
    let wanted = json!({"kind": "lab-result", "days": 30});
    let seen = home.post(&format!("{HOUSE}/preview"), Some(&asha), wanted.clone()).await.data();
    assert_eq!((&seen["due"], &seen["people"], &seen["own_rules"]), (&json!(2), &json!(2), &json!(0)));
    assert!(seen.get("oldest").is_none(), "numbers alone: {seen}");
    assert_eq!(home.post(HOUSE, Some(&noor), wanted.clone()).await.failure().0, 403);
    assert_eq!(home.get(HOUSE, Some(&noor)).await.status, 403);
    let short = home.post(HOUSE, Some(&asha), json!({"kind": "lab-result", "days": 1})).await;
    assert_eq!((short.status.as_u16(), &short.json()["error"]["details"][0]["path"]), (422, &json!("/days")));
    let made = home.post(HOUSE, Some(&asha), wanted).await;
    assert_eq!((made.status.as_u16(), &made.data()["by"]["name"]), (201, &json!("Asha Example")));
    assert_eq!(home.get(&of(&noor, "retention/proposals"), Some(&asha)).await.status, 404, "no power over others");

    jobs::retention::look(&home.house).await;
    let folder = &home.house.settings.mail_folder;
    for to in ["asha@example.org", "noor@example.org"] {
        assert!(told(folder, "For how long records are kept: a proposal", to).await, "{to}");
    }
    let open = home.get(&of(&noor, "retention/proposals"), Some(&noor)).await.data();
    assert_eq!((&open[0]["kind"], &open[0]["due"]), (&json!("lab-result"), &json!(1)));
    assert!(open[0]["told_at"].is_string() && open[0].get("begins_at").is_none(), "{open}");
    let answer = of(&noor, "retention/proposals/lab-result");
    assert_eq!(home.post(&answer, Some(&asha), json!({"agrees": true, "days": 30})).await.status, 404);
    let unseen = home.post(&answer, Some(&noor), json!({"agrees": true, "days": 3650})).await;
    assert_eq!(unseen.failure(), (409, "changed".to_owned()), "she agrees to what she saw");
    assert_eq!(home.post(&answer, Some(&noor), json!({"agrees": true})).await.status, 422);
    let agreed = home.post(&answer, Some(&noor), json!({"agrees": true, "days": 30})).await;
    assert_eq!((agreed.status.as_u16(), &agreed.data()["days"]), (201, &json!(30)));
    clock.pass(8 * DAY);
    jobs::retention::look(&home.house).await;
    let (asha, noor) = (again(&home, &asha, "asha").await, again(&home, &noor, "noor").await);
    assert_eq!((results(&home, &asha).await, results(&home, &noor).await), (json!(1), json!(0)));
    let rules = home.get(HOUSE, Some(&asha)).await.data();
    assert_eq!((&rules[0]["due"], &rules[0]["own_rules"]), (&json!(1), &json!(1)));
    let one = format!("{HOUSE}/lab-result");
    assert_eq!(home.act(Method::DELETE, &one, Some(&noor), &[]).await.status, 403);
    assert_eq!(home.act(Method::DELETE, &one, Some(&asha), &[]).await.status, 204);
    assert_eq!(home.act(Method::DELETE, &one, Some(&asha), &[]).await.status, 404);
}

#[tokio::test]
async fn where_it_is_enforced_whoever_says_nothing_is_told_a_week_before_and_whoever_keeps_keeps() {
    let clock = TestClock::default();
    let (home, asha, noor) = with_two(&clock, true).await;
    assert_eq!(home.post(HOUSE, Some(&asha), json!({"kind": "lab-result", "days": 30})).await.status, 201);
    jobs::retention::look(&home.house).await;
    let folder = &home.house.settings.mail_folder;
    assert!(told(folder, "Records will be destroyed unless you keep them", "noor@example.org").await);
    let open = home.get(&of(&noor, "retention/proposals"), Some(&noor)).await.data();
    assert!(open[0]["begins_at"].is_string(), "{open}");
    let kept = home.post(&of(&asha, "retention/proposals/lab-result"), Some(&asha), json!({"agrees": false})).await;
    assert_eq!(kept.data()["days"], 36_500);
    clock.pass(6 * DAY);
    jobs::retention::look(&home.house).await;
    let noor = again(&home, &noor, "noor").await;
    assert_eq!(results(&home, &noor).await, 1, "not within a week");
    clock.pass(2 * DAY);
    jobs::retention::look(&home.house).await;
    let (asha, noor) = (again(&home, &asha, "asha").await, again(&home, &noor, "noor").await);
    assert_eq!((results(&home, &asha).await, results(&home, &noor).await), (json!(1), json!(0)));
    assert!(told(folder, "Records were destroyed because their time was over", "noor@example.org").await);
}

/// What Noor is proposed after three weeks in which the house would destroy what is due, where letters go this way.
async fn after_weeks(way: MailWay) -> Value {
    let clock = TestClock::default();
    let (home, asha, noor) = with_two_by_mail(&clock, true, way).await;
    assert_eq!(home.post(HOUSE, Some(&asha), json!({"kind": "lab-result", "days": 30})).await.status, 201);
    for _ in 0..3 {
        jobs::retention::look(&home.house).await;
        clock.pass(8 * DAY);
    }
    let noor = again(&home, &noor, "noor").await;
    assert_eq!(results(&home, &noor).await, 1, "nobody told her");
    home.get(&of(&noor, "retention/proposals"), Some(&noor)).await.data()
}

#[tokio::test]
async fn without_letters_nothing_is_carried_out_for_who_says_nothing_whatever_the_settings_say() {
    let open = after_weeks(MailWay::Off).await;
    assert!(
        open[0]["told_at"].is_string() && open[0].get("begins_at").is_none(),
        "on her pages it is proposed: {open}"
    );
}

#[tokio::test]
async fn where_no_letter_leaves_no_week_begins() {
    // No mail server is named.
    let open = after_weeks(MailWay::Smtp).await;
    assert!(open[0].get("told_at").is_none() && open[0].get("begins_at").is_none(), "{open}");
}

#[tokio::test]
async fn the_pages_propose_with_numbers_and_a_person_answers_on_theirs() {
    let clock = TestClock::default();
    let (home, asha, _) = with_two(&clock, false).await;
    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", PASSWORD).await;
    let (house, own) = ("/admin/retention", format!("/p/{}/retention", asha.profile));
    let html = browser.fill(house, house, &[("kind", "lab-result"), ("years", "1")]).await.text();
    assert!(html.contains("data-test=\"preview\"") && html.contains("0 records would go now"));
    assert_eq!(browser.fill(house, house, &[("kind", ""), ("years", "1")]).await.status, 422);
    let made = browser.fill(house, house, &[("kind", "lab-result"), ("years", "1"), ("confirm", "yes")]).await;
    assert_eq!(made.header("location"), format!("{house}?done=made"));
    let html = browser.send(Method::GET, house, String::new()).await.text();
    assert!(html.contains("data-rule=\"lab-result\"") && html.contains("kept for 1 year"), "{html}");
    clock.pass(400 * DAY);
    jobs::retention::look(&home.house).await;
    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", PASSWORD).await;
    let overview = browser.send(Method::GET, &format!("/p/{}", asha.profile), String::new()).await.text();
    assert!(overview.contains("waits for your answer"), "told on her own pages");
    let html = browser.send(Method::GET, &own, String::new()).await.text();
    assert!(html.contains("data-proposal=\"lab-result\"") && html.contains("nothing goes before you have agreed"));
    assert!(html.contains("name=\"days\" value=\"365\""), "what is agreed to: {html}");
    let answer = format!("{own}/lab-result/answer");
    let unseen = browser.fill(&own, &answer, &[("agrees", "yes"), ("days", "3650")]).await;
    assert_eq!(unseen.header("location"), format!("{own}?done=changed"));
    let html = browser.send(Method::GET, &format!("{own}?done=changed"), String::new()).await.text();
    assert!(html.contains("The house proposes something else by now") && html.contains("data-proposal"), "{html}");
    let kept = browser.fill(&own, &answer, &[("agrees", "no")]).await;
    assert_eq!(kept.header("location"), format!("{own}?done=made"));
    let html = browser.send(Method::GET, &own, String::new()).await.text();
    assert!(!html.contains("data-proposal") && html.contains("kept for 100 years"));
    let ended = browser.fill(house, &format!("{house}/lab-result/end"), &[]).await;
    assert_eq!(ended.header("location"), format!("{house}?done=ended"));
}
