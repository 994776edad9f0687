//! Letters: what they tell of, in which language, what they never say, and that none is lost or sent twice.

use std::time::Duration;

use phm_appliance::notify::{MailWay, Security};
use phm_appliance::settings::Registration;
use poem::http::Method;
use serde_json::json;

use super::{OTHER, letter, token, with_letters};
use crate::house::{Home, PASSWORD, TestClock};

#[tokio::test]
async fn a_letter_that_waits_when_the_program_ends_is_sent_by_the_next() {
    let clock = TestClock::default();
    // Taken and given back, so that nothing listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("a port").port();
    let home = Home::open_at(&clock, |settings| {
        (settings.mail_way, settings.mail_security) = (MailWay::Smtp, Security::None);
        (settings.mail_from, settings.mail_host) = ("phm@example.org".to_owned(), "127.0.0.1".to_owned());
        settings.mail_port = port;
    });
    home.move_in("Asha").await;
    let body = json!({"email": "asha@example.org"});
    assert_eq!(home.post("/api/v1/auth/password/forgot", None, body).await.status, 204);
    home.house.move_out().expect("an open vault").close().expect("closed");
    let folder = home.house.settings.data_dir.with_extension("outbox");
    let again = Home::empty_at(&clock, |settings| {
        *settings = home.house.settings.clone();
        (settings.mail_way, settings.mail_folder) = (MailWay::File, folder.clone());
    });
    let unlock = json!({"passphrase": "a passphrase for tests"});
    assert_eq!(again.post("/api/v1/unlock", None, unlock.clone()).await.status, 200);
    let link = token(&letter(&folder, 0).await);
    let reset = json!({"token": link, "password": OTHER});
    assert_eq!(again.post("/api/v1/auth/password/reset", None, reset).await.status, 204);
    assert!(letter(&folder, 1).await.contains("password was changed"));

    // What has left is not kept.
    tokio::time::sleep(Duration::from_secs(1)).await;
    again.house.move_out().expect("an open vault").close().expect("closed");
    let third = Home::empty_at(&clock, |settings| *settings = again.house.settings.clone());
    assert_eq!(third.post("/api/v1/unlock", None, unlock).await.status, 200);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(std::fs::read_dir(&folder).expect("letters").count(), 2);
}

#[tokio::test]
async fn a_change_of_second_factors_is_told_by_mail() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    let asha = home.move_in("Asha").await;
    crate::second::take_app(&home, &asha, &clock).await;
    assert!(letter(&folder, 0).await.contains("second step"));
    let proof = json!({"password": PASSWORD});
    assert_eq!(home.post("/api/v1/auth/factors/recovery-codes", Some(&asha), proof.clone()).await.status, 200);
    assert!(letter(&folder, 1).await.contains("second step"));
    assert_eq!(home.post("/api/v1/auth/factors/totp/remove", Some(&asha), proof).await.status, 204);
    let text = letter(&folder, 2).await;
    assert!(text.contains("To: asha@example.org") && text.contains("/settings"), "{text}");
}

#[tokio::test]
async fn a_broken_glass_is_told_by_a_letter_that_names_nobody() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    let asha = home.move_in("Asha").await;
    let doctor = home.move_in_as("Doctor", &["provider"]).await;
    let path = format!("/api/v1/profiles/{}/break-glass", asha.profile);
    let reason = json!({"reason": "unconscious in the emergency room"});
    assert_eq!(home.post(&path, Some(&doctor), reason).await.status, 201);
    let text = letter(&folder, 0).await;
    assert!(text.contains("To: asha@example.org") && text.contains("/access"), "{text}");
    for word in ["Asha Example", "Doctor", "unconscious"] {
        assert!(!text.contains(word), "{word} stands in a letter: {text}");
    }
}

#[tokio::test]
async fn letters_are_in_the_language_of_whoever_reads_them() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    let asha = home.move_in("Asha").await;
    let account = asha.account.parse().expect("an id");
    let opened = home.house.open().expect("open");
    let hindi = phm_appliance::i18n::Language::Hindi;
    opened.desk(move |desk| desk.speak(account, hindi)).await.expect("remembered");
    let forgot = json!({"email": "asha@example.org"});
    let english = [("accept-language", "en")];
    let asked = home.change(Method::POST, "/api/v1/auth/password/forgot", None, &english, forgot).await;
    assert_eq!(asked.status, 204);
    letter(&folder, 0).await;
    let files: Vec<_> = std::fs::read_dir(&folder).expect("a folder").flatten().collect();
    let raw = std::fs::read_to_string(files[0].path()).expect("a letter");
    assert!(!raw.contains("Choose a new password") && raw.contains("asha@example.org"), "{raw}");
}

#[tokio::test]
async fn the_family_is_told_when_records_were_handed_over() {
    let clock = TestClock::default();
    let (home, folder) = with_letters(&clock, Registration::Invitation);
    let (asha, young) = (home.move_in("Asha").await, home.move_in("Young").await);
    let year = phm_core::time::Instant::now().date().year() - 17;
    let body = json!({"name": {"text": "Teen Example"}, "birth_date": format!("{year}-01-01")});
    let made = home.post("/api/v1/profiles", Some(&asha), body).await.data();
    let family = format!("/api/v1/profiles/{}/family", made["profile"].as_str().expect("an id"));
    let handed = home.post(&family, Some(&asha), json!({"account": young.account, "relation": "self"})).await;
    assert_eq!(handed.status, 204, "{}", handed.text());
    let told = letter(&folder, 0).await + &letter(&folder, 1).await;
    assert!(told.contains("To: asha@example.org") && told.contains("To: young@example.org"), "{told}");
    assert!(told.contains("Records were handed over") && !told.contains("Teen"), "{told}");
}
