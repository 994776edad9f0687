//! Records that an administrator wants to hand over: told, refused, agreed to, and never theirs by themselves.

use std::path::Path;
use std::time::Duration;

use phm_appliance::notify::MailWay;
use poem::http::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::house::{Home, Person, Reply, TestClock};

const DAY: i64 = 24 * 3600;

/// Everybody in it.
struct Household {
    home: Home,
    boss: Person,
    asha: Person,
    puppet: Person,
    mother: String,
}

/// A house in which the boss closes the account of Asha, who keeps her mother's records, and makes one of their own.
async fn closed(clock: &TestClock) -> Household {
    closed_by_mail(clock, MailWay::File).await
}

/// The same in a house whose letters go this way.
async fn closed_by_mail(clock: &TestClock, way: MailWay) -> Household {
    let home = Home::with_pages_at(clock, |settings| {
        (settings.mail_way, settings.mail_from) = (way, "phm@example.org".to_owned());
    });
    let boss = home.move_in_as("Boss", &["admin"]).await;
    let asha = home.move_in("Asha").await;
    let body = json!({"name": {"text": "Mother Example"}, "birth_date": "1950"});
    let made = home.post("/api/v1/profiles", Some(&asha), body).await.data();
    let mother = made["profile"].as_str().expect("an id").to_owned();
    let close = home.post(&format!("/api/v1/accounts/{}", asha.account), Some(&boss), json!({"active": false})).await;
    assert_eq!(close.status, 200, "{}", close.text());
    let puppet = home.move_in("Puppet").await;
    Household { home, boss, asha, puppet, mother }
}

impl Household {
    async fn hand_over(&self, who: &Person) -> Reply {
        let path = format!("/api/v1/accounts/{}/take-over", self.puppet.account);
        self.home.post(&path, Some(who), json!({"profile": self.mother})).await
    }

    /// Whether the account that was made for it sees the mother.
    async fn puppet_sees(&self) -> bool {
        let (token, _) = self.home.sign_in("puppet@example.org").await;
        let puppet = Person { token, ..self.puppet.clone() };
        self.home.get(&format!("/api/v1/profiles/{}", self.mother), Some(&puppet)).await.status == 200
    }

    async fn again(&self, who: &Person, name: &str) -> Person {
        let (token, _) = self.home.sign_in(&format!("{name}@example.org")).await;
        Person { token, ..who.clone() }
    }

    fn letters(&self) -> &Path {
        &self.home.house.settings.mail_folder
    }
}

/// The letter with this subject to this address, once it is there.
async fn letter(folder: &Path, subject: &str, to: &str) -> String {
    for _ in 0..100 {
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let all = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
        let mut plain = all.map(|text| text.replace("=\r\n", "").replace("=3D", "="));
        if let Some(found) = plain.find(|letter| letter.contains(subject) && letter.contains(&format!("To: {to}"))) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no letter to {to}: {subject}")
}

fn token(letter: &str) -> String {
    let (_, rest) = letter.split_once("/refuse#token=").expect("a link");
    rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter)).collect()
}

#[tokio::test]
async fn whoever_was_closed_out_is_told_and_refuses_by_the_letter() {
    let clock = TestClock::default();
    let house = closed(&clock).await;
    let asked = house.hand_over(&house.boss).await;
    assert_eq!((asked.status.as_u16(), &asked.data()["state"]), (200, &json!("asked")), "{}", asked.text());
    assert!(asked.data()["until"].is_string() && !house.puppet_sees().await);
    assert_eq!(house.hand_over(&house.boss).await.data()["state"], "waits");
    let alerts = house.home.get("/api/v1/alerts", Some(&house.boss)).await.data();
    assert_eq!((&alerts[0]["what"], &alerts[0]["actor"]["name"]), (&json!("hand-over"), &json!("Boss Example")));
    let waiting = house.home.get("/api/v1/take-overs", Some(&house.boss)).await.data();
    assert_eq!((&waiting[0]["profile"], &waiting[0]["refused"]), (&json!(house.mother), &json!(false)));
    assert_eq!(house.home.get("/api/v1/take-overs", Some(&house.puppet)).await.status, 403);

    letter(house.letters(), "An administrator asks to hand records over", "boss@example.org").await;
    let told = letter(house.letters(), "Records are to be handed over: you can refuse", "asha@example.org").await;
    assert!(!told.contains("Mother"), "a letter names nobody: {told}");
    let mut browser = Browser::of(&house.home);
    assert_eq!(browser.fill("/refuse", "/refuse", &[("token", "made-up")]).await.status, 403);
    let refused = browser.fill("/refuse", "/refuse", &[("token", &token(&told))]).await;
    assert!(refused.status == 200 && refused.text().contains("The records are not handed over"));
    let used = json!({"token": token(&told)});
    let again = house.home.post("/api/v1/auth/take-over/refusal", None, used).await;
    assert_eq!(again.failure(), (403, "link-invalid".to_owned()));

    clock.pass(8 * DAY);
    let boss = house.again(&house.boss, "boss").await;
    assert_eq!(house.hand_over(&boss).await.failure(), (409, "refused".to_owned()));
    assert!(!house.puppet_sees().await);
    assert_eq!(house.home.get("/api/v1/take-overs", Some(&boss)).await.data()[0]["refused"], true);
}

#[tokio::test]
async fn in_a_house_without_letters_an_administrator_alone_gets_nothing_of_a_family_that_was_closed_out() {
    // By SMTP no server is named, so that no letter leaves.
    for way in [MailWay::Off, MailWay::Smtp] {
        nothing_without_letters(way).await;
    }
}

async fn nothing_without_letters(way: MailWay) {
    let clock = TestClock::default();
    let house = closed_by_mail(&clock, way).await;
    let second = house.home.move_in_as("Second", &["admin"]).await;
    assert_eq!(house.hand_over(&house.boss).await.data(), json!({"state": "asked"}), "nobody can hear of it");
    clock.pass(30 * DAY);
    let boss = house.again(&house.boss, "boss").await;
    assert_eq!(house.hand_over(&boss).await.data(), json!({"state": "waits"}));
    assert!(!house.puppet_sees().await);
    assert!(house.home.get("/api/v1/take-overs", Some(&boss)).await.data()[0].get("until").is_none());
    let mut browser = Browser::of(&house.home);
    let boss = [("email", "boss@example.org"), ("password", crate::house::PASSWORD), ("next", "/settings")];
    browser.fill("/sign-in", "/sign-in", &boss).await;
    let page = format!("/admin/accounts/{}", house.puppet.account);
    let html = browser.send(Method::GET, &page, String::new()).await.text();
    assert!(html.contains("Nobody of the family can hear of it"), "{html}");
    // Another administrator, who was none on the day it was asked for, agrees to nothing either.
    let second = house.again(&second, "second").await;
    assert_eq!(house.hand_over(&second).await.data(), json!({"state": "waits"}));
}

#[tokio::test]
async fn where_nobody_refuses_it_is_done_after_a_week_or_with_another_administrator() {
    let clock = TestClock::default();
    let house = closed(&clock).await;
    let second = house.home.move_in_as("Second", &["admin"]).await;
    assert_eq!(house.hand_over(&house.boss).await.data()["state"], "asked");
    assert_eq!(
        house.hand_over(&second).await.data()["state"],
        "waits",
        "an account made on the spot agrees to nothing"
    );
    clock.pass(8 * DAY);
    let boss = house.again(&house.boss, "boss").await;
    assert_eq!(house.hand_over(&boss).await.data(), json!({"state": "done"}));
    assert!(house.puppet_sees().await);
    let told = letter(house.letters(), "Records were handed over", "asha@example.org").await;
    assert!(!told.contains("Mother"), "{told}");

    // Another person of Asha's, with an administrator who has been one for long.
    let (boss, second) = (house.again(&boss, "boss").await, house.again(&second, "second").await);
    let open = async |active: bool| {
        let path = format!("/api/v1/accounts/{}", house.asha.account);
        let body: Value = json!({ "active": active });
        assert_eq!(house.home.post(&path, Some(&boss), body).await.status, 200);
    };
    open(true).await;
    let asha = house.again(&house.asha, "asha").await;
    let body = json!({"name": {"text": "Father Example"}, "birth_date": "1949"});
    let father = house.home.post("/api/v1/profiles", Some(&asha), body).await.data()["profile"].clone();
    open(false).await;
    let other = house.home.move_in("Father").await;
    let path = format!("/api/v1/accounts/{}/take-over", other.account);
    let ask = async |who: &Person| house.home.post(&path, Some(who), json!({"profile": father})).await.data();
    assert_eq!(ask(&boss).await["state"], "asked");
    assert_eq!(ask(&second).await, json!({"state": "done"}));
}

#[tokio::test]
async fn somebody_of_the_family_refuses_on_the_page_of_the_family_and_over_the_api() {
    let clock = TestClock::default();
    let home = Home::with_pages_at(&clock, |_| ());
    let boss = home.move_in_as("Boss", &["admin"]).await;
    let (keeper, asha) = (home.move_in("Keeper").await, home.move_in("Asha").await);
    let body = json!({"name": {"text": "Mother Example"}, "birth_date": "1950"});
    let made = home.post("/api/v1/profiles", Some(&keeper), body).await.data();
    let mother = made["profile"].as_str().expect("an id").to_owned();
    let carer = json!({"account": asha.account, "relation": "carer", "kinds": ["profile", "note"]});
    let let_in = home.post(&format!("/api/v1/profiles/{mother}/family"), Some(&keeper), carer).await;
    assert_eq!(let_in.status, 204, "{}", let_in.text());
    home.post(&format!("/api/v1/accounts/{}", keeper.account), Some(&boss), json!({"active": false})).await;
    let puppet = home.move_in("Puppet").await;
    let refuse = format!("/api/v1/profiles/{mother}/take-over/refusal");
    let nothing = home.act(Method::POST, &refuse, Some(&asha), &[]).await;
    assert_eq!(nothing.failure(), (409, "nothing-asked".to_owned()));
    let path = format!("/api/v1/accounts/{}/take-over", puppet.account);
    assert_eq!(home.post(&path, Some(&boss), json!({"profile": mother})).await.data()["state"], "asked");
    assert_eq!(home.act(Method::POST, &refuse, Some(&puppet), &[]).await.status, 404, "nothing to her");
    let mut browser = Browser::of(&home);
    browser.sign_in("/sign-in", crate::house::PASSWORD).await;
    let family = format!("/p/{mother}/family");
    let html = browser.send(Method::GET, &family, String::new()).await.text();
    assert!(html.contains("data-test=\"handing\""), "{html}");
    let refused = browser.fill(&family, &format!("/p/{mother}/hand-over/refuse"), &[]).await;
    assert_eq!(refused.header("location"), format!("{family}?done=saved"));
    assert_eq!(home.post(&path, Some(&boss), json!({"profile": mother})).await.failure().1, "refused");
    assert_eq!(home.act(Method::POST, &refuse, Some(&asha), &[]).await.status, 204, "it stays refused");
    assert!(!browser.send(Method::GET, &family, String::new()).await.text().contains("data-test=\"handing\""));
}
