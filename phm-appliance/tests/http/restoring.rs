//! Restoring a backup into a house that nobody has set up: over the API, and from the page without script.

use std::path::PathBuf;

use phm_appliance::http::{House, app, web};
use phm_core::backup::{self, Order};
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::vault::{Options, Vault};
use poem::http::{Method, header};
use poem::{Endpoint as _, Request, Response};
use serde_json::{Value, json};

use crate::house::{Home, Reply};

const BOUNDARY: &str = "a-boundary-that-no-part-has";
const PASSPHRASE: &str = "a passphrase for tests";

/// A form with fields and then files.
fn form(path: &str, fields: &[(&str, &str)], files: &[Vec<u8>], cookie: &str) -> Request {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    for (number, content) in files.iter().enumerate() {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{number}.phmb\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    Request::builder()
        .method(Method::POST)
        .uri(path.parse().expect("a path"))
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
        .header(header::COOKIE, cookie)
        .header(header::ACCEPT_LANGUAGE, "en")
        .body(body)
}

/// A chain of two backups of a house in which Asha has an account.
async fn backups() -> (tempfile::TempDir, Vec<Vec<u8>>) {
    let home = Home::open(|_| ());
    home.move_in("Asha").await;
    let vault = home.house.open().expect("an open house").vault;
    let dir = tempfile::tempdir().expect("a folder");
    let files: Vec<PathBuf> = ["full.phmb", "next.phmb"].map(|name| dir.path().join(name)).into();
    let (full, next) = (files[0].clone(), files[1].clone());
    tokio::task::spawn_blocking(move || {
        backup::write(&vault, &full).expect("written");
        backup::make(&vault, &next, &Order { since: Some(full), ..Order::default() }).expect("written");
    })
    .await
    .expect("no panic");
    let content = files.iter().map(|file| std::fs::read(file).expect("read")).collect();
    (dir, content)
}

fn nothing_is_left(home: &Home) {
    let left = std::fs::read_dir(&home.house.settings.data_dir).map_or(0, |entries| {
        entries.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name() != "incoming")).count()
    });
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_backup_is_restored_into_an_empty_house_with_the_one_time_token() {
    let (_dir, files) = backups().await;
    let home = Home::empty(|_| ());
    let token = home.house.new_setup_token();
    let path = "/api/v1/setup/restore";
    // In whatever order a browser sends them.
    let swapped = vec![files[1].clone(), files[0].clone()];
    let sent = |token: &str, passphrase: &str, files: &[Vec<u8>]| {
        form(path, &[("token", token), ("passphrase", passphrase)], files, "")
    };
    let refused = home.send(sent("guessed", PASSPHRASE, &swapped)).await;
    assert_eq!(refused.failure(), (403, "setup-token-invalid".to_owned()));
    assert!(!home.house.settings.data_dir.join("incoming").exists(), "nothing is taken in before the token is seen");
    assert_eq!(home.send(sent(&token, "wrong", &swapped)).await.failure(), (401, "wrong-secret".to_owned()));
    nothing_is_left(&home);
    assert_eq!(home.send(sent(&token, PASSPHRASE, &files[1..])).await.failure(), (404, "not-found".to_owned()));
    let mut bad = files.clone();
    let middle = bad[0].len() / 2;
    bad[0][middle] ^= 1;
    assert_eq!(home.send(sent(&token, PASSPHRASE, &bad)).await.failure(), (422, "corrupt".to_owned()));
    assert_eq!(home.send(sent(&token, PASSPHRASE, &[])).await.failure().0, 422);
    nothing_is_left(&home);

    let restored = home.send(sent(&token, PASSPHRASE, &swapped)).await;
    assert_eq!(restored.status, 201, "{}", restored.text());
    assert_eq!(restored.data()["profiles"], 1);
    assert_eq!(std::fs::read_dir(home.house.settings.data_dir.join("incoming")).expect("list").count(), 0);
    assert_eq!(home.get("/api/v1/setup", None).await.data(), json!({"needed": false}));
    home.sign_in("asha@example.org").await;
    assert_eq!(home.send(sent(&token, PASSPHRASE, &swapped)).await.failure(), (409, "already-set-up".to_owned()));
}

#[tokio::test]
async fn nobody_is_signed_in_to_a_restored_house() {
    let home = Home::open(|_| ());
    home.move_in("Asha").await;
    let (_, cookie) = home.sign_in("asha@example.org").await;
    let vault = home.house.open().expect("an open house").vault;
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("full.phmb");
    let written = file.clone();
    tokio::task::spawn_blocking(move || backup::write(&vault, &written)).await.expect("no panic").expect("written");
    let out = home.act(Method::POST, "/api/v1/auth/logout", None, &[("cookie", &cookie)]).await;
    assert_eq!(out.status, 204);
    let restored = Home::empty(|_| ());
    let token = restored.house.new_setup_token();
    let fields = [("token", token.as_str()), ("passphrase", PASSPHRASE)];
    let content = std::fs::read(&file).expect("read");
    assert_eq!(restored.send(form("/api/v1/setup/restore", &fields, &[content], "")).await.status, 201);
    let refresh = restored.act(Method::POST, "/api/v1/auth/refresh", None, &[("cookie", &cookie)]).await;
    assert_eq!(refresh.failure(), (401, "session-ended".to_owned()), "signed out after the backup was made");
    restored.sign_in("asha@example.org").await;
}

#[tokio::test]
async fn the_page_restores_without_script_and_says_what_is_wrong_in_words() {
    let (_dir, files) = backups().await;
    let home = Home::empty(|_| ());
    let token = home.house.new_setup_token();
    let app = app(&home.house, web::pages());
    let send = async |request: Request| -> Reply {
        let response: Response = app.call(request).await.expect("the shell answers everything");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().into_vec().await.expect("a whole body");
        Reply { status, headers, bytes }
    };
    let get = |path: &str| Request::builder().uri(path.parse().expect("a path")).finish();
    assert!(send(get("/setup")).await.text().contains("href=\"/setup/restore\""));
    let page = send(get("/setup/restore")).await;
    assert!(page.status == 200 && page.text().contains("enctype=\"multipart/form-data\""), "{}", page.text());
    let cookie = page.cookie("phm_form");
    let csrf = cookie.split_once('=').map_or(cookie.as_str(), |(_, value)| value).to_owned();
    let sent = |passphrase: &str| {
        let fields = [("csrf", csrf.as_str()), ("token", token.as_str()), ("passphrase", passphrase)];
        form("/setup/restore", &fields, &files, &format!("phm_form={csrf}"))
    };
    let fields = [("csrf", csrf.as_str()), ("token", "guessed"), ("passphrase", PASSPHRASE)];
    let guessed = send(form("/setup/restore", &fields, &files, &format!("phm_form={csrf}"))).await;
    assert_eq!(guessed.status, 403, "{} {:?}", guessed.text(), guessed.headers);
    assert!(guessed.text().contains("This token is not valid"), "{}", guessed.text());
    assert!(!home.house.settings.data_dir.join("incoming").exists());
    let wrong = send(sent("wrong")).await;
    assert_eq!(wrong.status, 401, "{}", wrong.text());
    assert!(wrong.text().contains("This does not open the backup.") && wrong.text().contains(&token));
    let done = send(sent(PASSPHRASE)).await;
    assert_eq!((done.status.as_u16(), done.headers[header::LOCATION].to_str().expect("text")), (303, "/"));
    home.sign_in("asha@example.org").await;
    assert_eq!(send(get("/setup/restore")).await.status, 303, "set-up happens once");
}

#[tokio::test]
async fn whoever_asks_about_the_token_does_not_wait_for_a_restore_to_end() {
    let home = Home::empty(|_| ());
    let (house, token) = (std::sync::Arc::clone(&home.house), home.house.new_setup_token());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let asked = house.with_setup_token(&token, || house.check_setup_token(&token));
        tell.send(asked.is_ok()).expect("somebody listens");
    });
    assert_eq!(told.recv_timeout(std::time::Duration::from_secs(10)), Ok(true));
}

#[tokio::test]
async fn secrets_of_the_vault_are_taken_only_where_nobody_can_listen() {
    let (_dir, files) = backups().await;
    let home = Home::empty(|_| ());
    let token = home.house.new_setup_token();
    let far = ("x-forwarded-for", "192.0.2.7");
    let refused = (403, "https-needed".to_owned());
    let fields = [("token", token.as_str()), ("passphrase", PASSPHRASE)];
    let mut sent = form("/api/v1/setup/restore", &fields, &files, "");
    sent.headers_mut().insert(far.0, far.1.parse().expect("a header"));
    assert_eq!(home.send(sent).await.failure(), refused);
    assert!(!home.house.settings.data_dir.join("incoming").exists(), "nothing of it was taken in");
    let steps = json!({"token": token, "email": "asha@example.org", "password": "correct horse battery",
        "passphrase": "a passphrase for the vault", "name": "Asha"});
    let set_up = async |home: &Home, headers: &[(&str, &str)], steps: &Value| {
        home.change(Method::POST, "/api/v1/setup", None, headers, steps.clone()).await
    };
    assert_eq!(set_up(&home, &[far], &steps).await.failure(), refused);
    nothing_is_left(&home);
    assert_eq!(set_up(&home, &[], &steps).await.status, 201, "the token is good still");

    // Where there is a vault, only the account is made: that is no more than signing in.
    let open = Home::open(|_| ());
    let mut steps = steps;
    steps["token"] = open.house.new_setup_token().into();
    assert_eq!(set_up(&open, &[far], &steps).await.status, 201);
}

#[tokio::test]
async fn the_pages_have_a_form_only_where_nobody_can_listen() {
    let home = Home::empty(|_| ());
    let app = app(&home.house, web::pages());
    let text = async |path: &str, headers: &[(&str, &str)]| {
        let request = headers.iter().fold(Request::builder().uri(path.parse().expect("a path")), |request, header| {
            request.header(header.0, header.1)
        });
        let response: Response = app.call(request.finish()).await.expect("the shell answers everything");
        assert_eq!(response.status(), 200, "{path}");
        response.into_body().into_string().await.expect("text")
    };
    for path in ["/setup", "/setup/restore"] {
        assert!(text(path, &[]).await.contains("name=\"passphrase\""), "{path}");
        let far = text(path, &[("x-forwarded-for", "192.0.2.7"), ("accept-language", "en")]).await;
        assert!(!far.contains("name=\"passphrase\"") && far.contains("over https"), "{path}: {far}");
    }
}

#[tokio::test]
async fn a_vault_without_accounts_keeps_the_token_for_making_the_first_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let options = Options { cost: Cost::FLOOR, ..Options::default() };
    let (vault, _) =
        Vault::create(&dir.path().join("vault"), &[Secret::passphrase(PASSPHRASE)], options).expect("a vault");
    let file = dir.path().join("full.phmb");
    backup::write(&vault, &file).expect("written");
    let home = Home::empty(|_| ());
    let token = home.house.new_setup_token();
    let fields = [("token", token.as_str()), ("passphrase", PASSPHRASE)];
    let content = [std::fs::read(file).expect("read")];
    let restored = home.send(form("/api/v1/setup/restore", &fields, &content, "")).await;
    assert_eq!(restored.status, 201, "{}", restored.text());
    assert!(House::needs_setup(&home.house).await.expect("asked"));
    let steps =
        json!({"token": token, "email": "asha@example.org", "password": "correct horse battery", "name": "Asha"});
    assert_eq!(home.post("/api/v1/setup", None, steps).await.status, 201);
}
