//! Messages and packages that nobody wrote: whatever bytes come, an answer leaves, and nothing opens that was shut.
//!
//! A short run by itself; `PHM_LONG=1` (`make test-long`) goes on for ten minutes. A failure prints the bytes.

mod house;

use std::time::{Duration, Instant};

use house::{House, answers, manifest, permission};
use phm_plugin_api::v1::Reply;
use phm_plugins::api::v1::answer;
use phm_plugins::granter::Granter;
use phm_plugins::host::Host;
use phm_plugins::{Limits, Manifest, Package, proposals};

/// Messages from which the others are made.
const SEEDS: [&str; 11] = [
    r#"{"v":1,"op":"records.list","args":{"kind":"note","page":1,"per_page":50,"from":"2026-01-01","to":"2026-12-31"}}"#,
    r#"{"v":1,"op":"records.list","args":{"kind":"allergy","code":"http://loinc.org|4548-4"}}"#,
    r#"{"v":1,"op":"records.propose","args":{"kind":"note","body":{"text":"x"},"evidence":{"page":1,"box":[0,0,1,1]}}}"#,
    r#"{"v":1,"op":"kv.put","args":{"key":"a","value":{"n":[1,2,3]}}}"#,
    r#"{"v":1,"op":"kv.get","args":{"key":"a"}}"#,
    r#"{"v":1,"op":"http.fetch","args":{"url":"https://a.example/x?y#z","method":"POST","body":"b"}}"#,
    r#"{"v":1,"op":"log","args":{"level":"info","message":"ਕ\n"}}"#,
    r#"{"v":1,"op":"settings.get"}"#,
    r#"{"v":1,"op":"clinical.call","args":{"op":"convert","args":{"quantity":{"value":"126","unit":"mg/dL"},"to":"mmol/L"}}}"#,
    r#"{"v":1,"op":"documents.content","args":{"document":"00000000-0000-4000-8000-000000000000","from":0,"length":1048576}}"#,
    r#"{"v":1,"op":"documents.text","args":{"document":"00000000-0000-4000-8000-000000000000"}}"#,
];

/// What is put in between.
const PIECES: [&[u8]; 16] = [
    b"null",
    b"{}",
    b"[[[[",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"1e999",
    b"-1",
    b"18446744073709551616",
    b"\xff\xfe",
    b"\0",
    b"\"kind\":\"account\",",
    b"\"profile\":\"00000000-0000-4000-8000-000000000000\",",
    b"note",
    b"*",
    b"records.list",
];

/// The same numbers in every run (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    /// A number below `below`, which is above zero.
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(below).expect("small")).expect("small")
    }

    /// A few changes of these bytes.
    fn change(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..=self.roll(4) {
            let at = self.roll(bytes.len() + 1);
            let length = self.roll(12).min(bytes.len() - at);
            match self.roll(4) {
                0 => drop(bytes.drain(at..at + length)),
                1 => {
                    let again = bytes[at..at + length].to_vec();
                    drop(bytes.splice(at..at, again));
                }
                2 => drop(bytes.splice(at..at + length, PIECES[self.roll(PIECES.len())].iter().copied())),
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte ^= 1 << self.roll(8);
                    }
                }
            }
        }
        bytes
    }
}

/// Tries as often as the run allows.
fn often(few: usize, mut once: impl FnMut()) {
    if std::env::var_os("PHM_LONG").is_some() {
        let until = Instant::now() + Duration::from_mins(10);
        while Instant::now() < until {
            once();
        }
    } else {
        (0..few).for_each(|_| once());
    }
}

#[test]
fn whatever_message_arrives_a_reply_leaves_and_no_door_opens() {
    let house = House::new();
    house.grant(house.asha, &["read", "add"], &["note"]);
    let declared = permission("records.list", "kinds = [\"note\"]");
    let permissions = Manifest::parse(&manifest(&declared)).expect("a manifest").permissions;
    let sessions = house.about_asha().open(&house.vault, "probe", "0.1.0", "find").expect("sessions");
    let named = ("probe".to_owned(), "0.1.0".to_owned());
    let granter = Granter::new(permissions.clone(), permissions);
    let mut host = Host::new(house.vault.clone(), sessions, granter, named, serde_json::json!({}), Limits::USUAL);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut read, mut refused) = (0, 0);
    often(3_000, || {
        let seed = SEEDS[dice.roll(SEEDS.len())];
        let message = dice.change(seed.as_bytes().to_vec());
        let shown = || String::from_utf8_lossy(&message).into_owned();
        let reply = answer(&mut host, &message);
        match serde_json::from_slice::<Reply>(&reply) {
            Ok(Reply::Ok(value)) => {
                // Only one operation and one kind were granted, of one person.
                assert!(value["records"].is_array() && !value.to_string().contains("Bela"), "{}", shown());
                read += 1;
            }
            Ok(Reply::Error(refusal)) => {
                assert!(!refusal.code.is_empty() && !refusal.message.contains("Asha"), "{}", shown());
                refused += 1;
            }
            Err(error) => panic!("no reply, {error}, to {}", shown()),
        }
    });
    assert!(read > 0 && refused > read, "{read} read, {refused} refused");
    assert!(proposals::waiting(&house.vault, &house.person(), house.asha).expect("none").is_empty());
}

#[test]
fn whatever_package_arrives_it_is_read_or_refused() {
    let house = House::new();
    let good = house.package(&manifest(""), &answers(r#"{"findings":[]}"#));
    let whole = Package::read(&good).expect("a package");
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    often(3_000, || {
        let bytes = dice.change(good.clone());
        // What its author signed, or nothing.
        if let Ok(package) = Package::read(&bytes)
            && package.signer().is_ok()
        {
            assert_eq!((package.module(), package.manifest()), (whole.module(), whole.manifest()));
        }
    });
}
