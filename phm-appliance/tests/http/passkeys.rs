//! Passkeys, with a key made in software: what a device and a browser do is done here by hand (WebAuthn level 2, sections
//! 5.8.1, 6.1 and 6.5).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::http::Method;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, SigningKey as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::house::{Home, PASSWORD, Person, Reply};

const BEGIN: &str = "/api/v1/auth/factors/passkeys/begin";
const KEYS: &str = "/api/v1/auth/factors/passkeys";
const LOGIN: &str = "/api/v1/auth/login";
const MORE: &str = "/api/v1/auth/login/mfa";
const ALONE: &str = "/api/v1/auth/passkey";

const ORIGIN: &str = "http://localhost:8080";

/// A passkey in a device of somebody.
struct Key {
    pair: KeyPair,
    id: [u8; 16],
    user: Value,
    uses: u32,
    knows_its_holder: bool,
}

fn coded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What a browser says it was asked, and where.
fn said(kind: &str, options: &Value, origin: &str) -> String {
    let challenge = &options["publicKey"]["challenge"];
    json!({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false}).to_string()
}

impl Key {
    fn new(id: u8) -> Self {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
        Self { pair, id: [id; 16], user: Value::Null, uses: 0, knows_its_holder: true }
    }

    /// The head of authenticator data: whom it is for, flags, how often the key was used.
    fn head(&mut self, flags: u8) -> Vec<u8> {
        self.uses += 1;
        let mut head = Sha256::digest(b"localhost").to_vec();
        head.push(flags | if self.knows_its_holder { 0b101 } else { 0b001 });
        head.extend(self.uses.to_be_bytes());
        head
    }

    /// What a browser answers once the key is made, without an attestation.
    fn make(&mut self, options: &Value) -> Value {
        self.user = options["publicKey"]["user"]["id"].clone();
        let mut data = self.head(0x40);
        data.extend([0; 16]);
        data.extend([0, 16]);
        data.extend(self.id);
        // The public key as COSE writes it: EC2, ES256, P-256, x, y.
        let point = self.pair.public_key_raw();
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 32]);
        data.extend(&point[33..65]);
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).expect("short"));
        object.extend(data);
        let client = said("webauthn.create", options, ORIGIN);
        self.answer(json!({"attestationObject": coded(object), "clientDataJSON": coded(client)}))
    }

    /// What a browser answers when the key is shown.
    fn show(&mut self, options: &Value) -> Value {
        self.show_at(options, ORIGIN)
    }

    fn show_at(&mut self, options: &Value, origin: &str) -> Value {
        let (data, client) = (self.head(0), said("webauthn.get", options, origin));
        let mut signed = data.clone();
        signed.extend(Sha256::digest(client.as_bytes()));
        let signature = self.pair.sign(&signed).expect("a signature");
        self.answer(json!({
            "authenticatorData": coded(data), "clientDataJSON": coded(client), "signature": coded(signature),
            "userHandle": self.user,
        }))
    }

    fn answer(&self, response: Value) -> Value {
        let id = coded(self.id);
        json!({"id": id, "rawId": id, "type": "public-key", "extensions": {}, "response": response})
    }
}

/// A request to the house under a name that is its own.
async fn ask(home: &Home, path: &str, who: Option<&Person>, body: Value) -> Reply {
    home.change(Method::POST, path, who, &[("host", "localhost:8080")], body).await
}

/// Somebody makes a passkey; what the house answers.
async fn make(home: &Home, who: &Person, key: &mut Key) -> Value {
    let begun = ask(home, BEGIN, Some(who), json!({})).await.data();
    let made = key.make(&begun["options"]);
    let body = json!({"ticket": begun["ticket"], "name": "Phone", "credential": made});
    let kept = ask(home, KEYS, Some(who), body).await;
    assert_eq!(kept.status, 201, "{}", kept.text());
    kept.data()
}

/// Half-way in: what the house asks for after the password.
async fn half_way(home: &Home) -> Value {
    let body = json!({"email": "asha@example.org", "password": PASSWORD});
    ask(home, LOGIN, None, body).await.data()["mfa"].clone()
}

async fn more(home: &Home, half_way: &Value, assertion: &Value) -> Reply {
    let body = json!({"ticket": half_way["ticket"], "method": "passkey", "assertion": assertion});
    ask(home, MORE, None, body).await
}

/// Begins to come in with a passkey alone.
async fn begin_alone(home: &Home) -> Value {
    ask(home, "/api/v1/auth/passkey/begin", None, json!({})).await.data()
}

async fn alone(home: &Home, begun: &Value, assertion: &Value) -> Reply {
    ask(home, ALONE, None, json!({"ticket": begun["ticket"], "assertion": assertion})).await
}

fn failed() -> (u16, String) {
    (401, "sign-in-failed".to_owned())
}

#[tokio::test]
async fn a_passkey_signs_in_alone_and_is_asked_for_after_the_password() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let mut key = Key::new(1);
    let kept = make(&home, &asha, &mut key).await;
    assert_eq!(kept["recovery_codes"].as_array().map(Vec::len), Some(10), "with the first factor");
    let factors = home.get("/api/v1/auth/factors", Some(&asha)).await.data();
    let card = &factors["passkeys"][0];
    assert_eq!((&card["name"], &card["host"], &card["id"]), (&json!("Phone"), &json!("localhost"), &kept["id"]));
    assert!(card["used_at"].is_null());

    let half_way = half_way(&home).await;
    assert_eq!(half_way["methods"], json!(["passkey", "recovery-code"]));
    let inside = more(&home, &half_way, &key.show(&half_way["passkey"])).await;
    assert_eq!(inside.data()["account"]["id"], asha.account.as_str());

    let begun = begin_alone(&home).await;
    assert_eq!(begun["options"]["publicKey"]["allowCredentials"], json!([]), "the device knows whose it is");
    let shown = key.show(&begun["options"]);
    let inside = alone(&home, &begun, &shown).await;
    assert_eq!(inside.data()["account"]["id"], asha.account.as_str());
    assert!(inside.header("set-cookie").starts_with("phm_refresh="));
    assert_eq!(alone(&home, &begun, &shown).await.failure(), failed(), "an answer serves once");
    let factors = home.get("/api/v1/auth/factors", Some(&asha)).await.data();
    assert!(factors["passkeys"][0]["used_at"].is_string());

    let second = make(&home, &asha, &mut Key::new(2)).await;
    assert_eq!(second["recovery_codes"], json!([]), "the codes there are stay good");
    let again = ask(&home, BEGIN, Some(&asha), json!({})).await.data();
    let known = again["options"]["publicKey"]["excludeCredentials"].as_array().map(Vec::len);
    assert_eq!(known, Some(2), "a device makes no second one");
    let made = key.make(&again["options"]);
    let twice = ask(&home, KEYS, Some(&asha), json!({"ticket": again["ticket"], "credential": made})).await;
    assert!(twice.status.is_client_error(), "{}", twice.text());
}

#[tokio::test]
async fn a_passkey_that_is_not_right_opens_nothing() {
    let (home, [asha, omar]) = Home::of(["Asha", "Omar"]).await;
    let (mut key, mut of_omar, mut unknown) = (Key::new(1), Key::new(2), Key::new(3));
    make(&home, &asha, &mut key).await;
    make(&home, &omar, &mut of_omar).await;
    unknown.user = key.user.clone();
    let other = begin_alone(&home).await["options"].clone();
    for what in 0..8 {
        let begun = begin_alone(&home).await;
        let options = &begun["options"];
        let shown = match what {
            0 => key.show_at(options, "https://evil.example"),
            1 => key.show_at(options, "http://localhost:9"),
            2 => key.show(&other),
            3 => unknown.show(options),
            4 => {
                key.knows_its_holder = false;
                let shown = key.show(options);
                key.knows_its_holder = true;
                shown
            }
            5 => {
                let mut shown = of_omar.show(options);
                shown["response"]["userHandle"] = key.user.clone();
                shown
            }
            6 => {
                let mut shown = key.show(options);
                let signature = shown["response"]["signature"].as_str().expect("text").to_owned();
                let data = coded([&Sha256::digest(b"localhost")[..], &[5, 0, 0, 1, 0]].concat());
                shown["response"] = json!({
                    "authenticatorData": data, "clientDataJSON": shown["response"]["clientDataJSON"],
                    "signature": signature, "userHandle": key.user,
                });
                shown
            }
            _ => {
                let mut shown = key.show(options);
                shown["response"]["userHandle"] = Value::Null;
                shown
            }
        };
        assert_eq!(alone(&home, &begun, &shown).await.failure(), failed(), "{what}");
    }
    let begun = begin_alone(&home).await;
    assert_eq!(alone(&home, &begun, &key.show(&begun["options"])).await.status, 200, "the honest one is taken");
    // A copy of the key that was used less often: its counter is behind.
    key.uses = 0;
    let begun = begin_alone(&home).await;
    assert_eq!(alone(&home, &begun, &key.show(&begun["options"])).await.failure(), failed());
}

#[tokio::test]
async fn a_passkey_that_is_removed_while_its_holder_is_asked_lets_nobody_in() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let (mut key, mut stays) = (Key::new(1), Key::new(2));
    let kept = make(&home, &asha, &mut key).await;
    make(&home, &asha, &mut stays).await;
    let (half_way, begun) = (half_way(&home).await, begin_alone(&home).await);
    let path = format!("{KEYS}/{}/remove", kept["id"].as_str().expect("an id"));
    assert_eq!(ask(&home, &path, Some(&asha), json!({})).await.status, 204);
    assert_eq!(ask(&home, &path, Some(&asha), json!({})).await.failure().0, 404);
    assert_eq!(more(&home, &half_way, &key.show(&half_way["passkey"])).await.failure(), failed());
    assert_eq!(alone(&home, &begun, &key.show(&begun["options"])).await.failure(), failed());
    let begun = begin_alone(&home).await;
    assert_eq!(alone(&home, &begun, &stays.show(&begun["options"])).await.status, 200);
}

#[tokio::test]
async fn a_question_to_a_passkey_is_answered_once_and_a_recovery_code_still_serves() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    let mut key = Key::new(1);
    let kept = make(&home, &asha, &mut key).await;
    let half_way = half_way(&home).await;
    let elsewhere = key.show_at(&half_way["passkey"], "https://evil.example");
    assert_eq!(more(&home, &half_way, &elsewhere).await.failure(), failed());
    assert_eq!(more(&home, &half_way, &key.show(&half_way["passkey"])).await.failure(), failed());
    let code = json!({"ticket": half_way["ticket"], "method": "recovery-code", "code": kept["recovery_codes"][0]});
    assert_eq!(ask(&home, MORE, None, code).await.status, 200);
}

#[tokio::test]
async fn under_another_name_a_passkey_is_not_asked_for() {
    let (home, [asha]) = Home::of(["Asha"]).await;
    make(&home, &asha, &mut Key::new(1)).await;
    let body = json!({"email": "asha@example.org", "password": PASSWORD});
    for host in ["box.local:8080", "127.0.0.1:8080", "192.168.1.5"] {
        let reply = home.change(Method::POST, LOGIN, None, &[("host", host)], body.clone()).await.data();
        assert_eq!(reply["mfa"]["methods"], json!(["recovery-code"]), "{host}");
        assert!(reply["mfa"].get("passkey").is_none(), "{host}");
        let alone = home.change(Method::POST, "/api/v1/auth/passkey/begin", None, &[("host", host)], json!({})).await;
        assert_eq!(alone.failure(), (403, "https-needed".to_owned()), "{host}");
    }
}
