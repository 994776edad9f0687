//! The layers of the house, checked from `cargo metadata`, the manifests and the sources.
//!
//! Each rule is a function from a [`House`] to the places that break it. The first test reads the real house and
//! expects none; the others plant one violation in a small made-up house and expect exactly that rule to find it,
//! so that a rule which has gone blind fails too.

mod house;
mod names;
mod rules;

use house::{Crate, House, Source};

#[test]
fn the_house_keeps_its_layers() {
    let house = House::read();
    assert!(house.crates.len() >= 2 && house.sources.len() >= 10, "the house was not read");
    let broken = rules::broken(&house);
    assert!(broken.is_empty(), "the layers are broken:\n  {}", broken.join("\n  "));
}

#[test]
fn every_file_of_the_house_is_read_to_its_end() {
    for Source { path, code } in House::read().sources {
        let (opened, closed) = (code.matches('{').count(), code.matches('}').count());
        assert_eq!(opened, closed, "{path}: a text or a comment was taken for code, or code for one of them");
    }
}

#[test]
fn the_made_up_house_breaks_nothing() {
    assert_eq!(rules::broken(&made_up()), Vec::<String>::new());
}

#[test]
fn an_arrow_upwards_is_found() {
    let mut house = made_up();
    house.crates[0].direct.push("phm-appliance".into());
    finds(&house, "phm-core may not depend on phm-appliance");
}

#[test]
fn a_plugin_that_reaches_past_the_sdk_is_found() {
    let mut house = made_up();
    house.crates.push(a_crate("phm-plugin-labs", "plugins/labs", &["phm-plugin-sdk", "phm-core"]));
    finds(&house, "phm-plugin-labs may not depend on phm-core");
}

#[test]
fn a_crate_without_a_place_is_found() {
    let mut house = made_up();
    house.crates.push(a_crate("phm-misc", "misc", &[]));
    finds(&house, "phm-misc has no place in the house");
    house.folders.push("misc".into());
    finds(&house, "the folder misc has no place in the house");
}

#[test]
fn an_async_runtime_deep_under_the_core_is_found() {
    let mut house = made_up();
    house.crates[0].all.push("tokio".into());
    finds(&house, "phm-core may not stand on tokio");
    let mut house = made_up();
    house.crates[0].all.push("candle-core".into());
    finds(&house, "phm-core may not stand on candle-core");
}

#[test]
fn a_machine_deep_under_the_sdk_or_a_plugin_is_found() {
    for (name, folder, below) in
        [("phm-plugin-sdk", "sdk/rust", "ring"), ("phm-plugin-labs", "plugins/labs", "wasmtime-environ")]
    {
        let mut house = made_up();
        house.crates.push(a_crate(name, folder, &[]));
        house.crates.last_mut().expect("it was pushed").all.push(below.into());
        finds(&house, &format!("{name} may not stand on {below}"));
    }
}

#[test]
fn a_crate_named_outside_its_one_place_is_found() {
    for (path, code, found) in [
        ("phm-core/src/audit/mod.rs", "use ring::signature;", "names ring"),
        ("phm-core/src/store/mod.rs", "fn f() { let _ = sled::Config::new(); }", "names sled"),
        ("phm-core/src/store/memory.rs", "use {std::fmt, sled::Db};", "names sled"),
        ("phm-plugins/src/lib.rs", "extern crate extism;", "names extism"),
        ("phm-appliance/src/jobs/mod.rs", "use candle_core::Tensor;", "names candle_core"),
        ("phm-appliance/src/jobs/mod.rs", "use ::tesseract as t;", "names tesseract"),
    ] {
        let mut house = made_up();
        house.sources.push(Source::new(path, code));
        finds(&house, found);
    }
}

#[test]
fn what_only_looks_like_a_name_is_left_alone() {
    let mut house = made_up();
    house.sources.push(Source::new(
        "phm-appliance/src/http/mod.rs",
        r##"
        // sled::open and ring::digest are not named here.
        /* nor /* extism:: */ here */
        /// Like `candle_core::Tensor`.
        fn f() {
            let _ = ("ring::x", r#"sled::"y" "#, 'r', b"wasmtime::z", "\" ring::");
            rustls::crypto::ring::default_provider();
            use crate::store::sled::SledStore;
            use super::{memory::{self, MemoryStore}, sled::SledStore};
            let string: &'static str = bring::back();
        }
        #[cfg(test)]
        mod tests { use ring::digest; }
        "##,
    ));
    assert_eq!(rules::broken(&house), Vec::<String>::new());
}

/// Modules for tests, as they stand in the middle of a file, with braces that close nothing.
const TESTS_IN_FRONT: &[&str] = &[
    "#[cfg(test)]\nmod tests;\n",
    "#[cfg(test)] // Far from here.\nmod tests;\nmod words;\n",
    "#[cfg(test)]\nmod suite;\n#[cfg(test)]\nmod tests {}\n",
    "    #[cfg(test)]\n    mod tests { fn f() { if true { use ring::digest; } } }\n",
    r##"
#[cfg(test)]
mod tests {
    // }
    /* } /* } */ } */
    const A: &str = "}\"}";
    const B: &str = r#"}"}"#;
    const C: &[u8] = b"{{{";
    const D: [char; 3] = ['}', '\'', '}'];
    const E: [u8; 2] = [b'{', b'"'];
    fn f<'a>(_: &'a str) {}
}
"##,
];

#[test]
fn what_stands_behind_a_module_for_tests_is_looked_at() {
    for front in TESTS_IN_FRONT {
        for (path, code, found) in [
            ("phm-core/src/analytics/labs/judge.rs", "use std::fs;", "names std::fs"),
            ("phm-core/src/model/mod.rs", "use crate::store::Store;", "may not know store"),
            ("phm-core/src/crypto/keyring/mod.rs", "use crate::model::Summary;", "may not know model"),
            ("phm-core/src/index/query.rs", "use crate::vault::Vault;", "may not know vault"),
            ("phm-core/src/audit/mod.rs", "use ring::signature;", "names ring"),
            ("phm-core/src/vault/series/mod.rs", "fn f() { sled::open(); }", "names sled"),
            ("phm-core/src/access/mod.rs", "fn f() { getrandom::fill(&mut b); }", "takes randomness by getrandom"),
            ("phm-core/src/index/mod.rs", "use ring::rand::SystemRandom;", "takes randomness by SystemRandom"),
            ("phm-appliance/src/http/web/mod.rs", "fn f() { Uuid::new_v4(); }", "takes randomness by new_v4"),
            ("phm-core/src/exchange/fhir/scan.rs", "#[allow(unsafe_code)] fn f() {}", "allows unsafe_code"),
        ] {
            let mut house = made_up();
            house.sources.push(Source::new(path, &format!("//! A file.\n\n{front}\n{code}\n")));
            finds(&house, found);
        }
    }
}

#[test]
fn a_module_for_tests_goes_whole_and_alone() {
    for front in TESTS_IN_FRONT {
        let code = Source::new("phm-core/src/time.rs", &format!("mod before;\n{front}mod behind;\n")).code;
        let left: String = code.replace("mod words;", "").split_whitespace().collect();
        assert_eq!(left, "modbefore;modbehind;", "{front}");
    }
}

#[test]
fn what_is_no_module_for_tests_alone_is_looked_at() {
    for code in [
        "#[cfg(test)]\nuse ring::digest;",
        "#[cfg(not(test))]\nmod tests { use ring::digest; }",
        "#[cfg(any(test, feature = \"testing\"))]\nmod tests { use ring::digest; }",
        "#[cfg(test)]\nmod tests { use ring::digest;",
        "#[cfg(test)]\nmod tests }\nuse ring::digest;",
        "// #[cfg(test)]\nmod real { use ring::digest; }",
    ] {
        let mut house = made_up();
        house.sources.push(Source::new("phm-core/src/audit/mod.rs", code));
        finds(&house, "names ring");
    }
}

#[test]
fn a_model_or_analytics_that_does_io_is_found() {
    for code in [
        "use std::fs;",
        "use std::{fmt, net::TcpStream};",
        "fn f() { std::env::var(\"X\"); }",
        "fn f() { std::process::exit(1) }",
        "use crate::store::Store;",
        "use crate::{error::Error, vault::{Vault, Options}};",
        "use super::super::crypto::secret;",
    ] {
        for path in ["phm-core/src/model/visit.rs", "phm-core/src/analytics/trends/mod.rs"] {
            let mut house = made_up();
            house.sources.push(Source::new(path, code));
            finds(&house, path);
        }
    }
}

#[test]
fn crypto_or_store_that_know_the_model_are_found() {
    for (path, code) in [
        ("phm-core/src/crypto/seal.rs", "use crate::model::Summary;"),
        ("phm-core/src/crypto/mod.rs", "use super::model;"),
        ("phm-core/src/store/sled.rs", "fn f(x: crate::model::Checked) {}"),
        ("phm-core/src/store/sled.rs", "use crate::{id::ProfileId, model::{self, Kind}};"),
    ] {
        let mut house = made_up();
        house.sources.push(Source::new(path, code));
        finds(&house, "may not know model");
    }
}

#[test]
fn a_lower_module_that_knows_the_vault_is_found() {
    let mut house = made_up();
    house.sources.push(Source::new("phm-core/src/index/mod.rs", "use crate::vault::Vault;"));
    finds(&house, "may not know vault");
}

#[test]
fn randomness_taken_elsewhere_is_found() {
    for (path, code) in [
        ("phm-core/src/id.rs", "fn f() { uuid::Uuid::new_v4(); }"),
        ("phm-appliance/src/auth/mod.rs", "use rand::Rng;"),
        ("phm-appliance/src/auth/mod.rs", "fn f() { getrandom::fill(&mut b); }"),
        ("phm-core/src/crypto/seal.rs", "use ring::rand::SystemRandom;"),
        ("phm-appliance/src/tls/authority.rs", "fn f() { ring::rand::SystemRandom::new(); }"),
        ("phm-appliance/src/tls/authority.rs", "fn f() { let key = KeyPair::generate()?; }"),
        ("phm-appliance/src/tls/authority.rs", "fn f() { rcgen::KeyPair :: generate(); }"),
        ("phm-appliance/src/tls/authority.rs", "use rcgen::KeyPair as Pair; fn f() { Pair::generate(); }"),
        ("phm-appliance/src/tls/authority.rs", "fn f() { <KeyPair>::generate(); }"),
        ("phm-appliance/src/tls/authority.rs", "fn f() { KeyPair::generate_for(&PKCS_ED25519); }"),
        ("phm-appliance/src/tls/keeper.rs", "fn f() { rcgen::generate_simple_self_signed(names); }"),
        ("phm-appliance/src/auth/links.rs", "fn f() { once(SigningKey::generate); }"),
        ("phm-appliance/src/auth/provider.rs", "fn f() { (CsrfToken::new_random, Nonce::new_random); }"),
        ("phm-appliance/src/auth/provider.rs", "fn f() { PkceCodeChallenge::new_random_sha256(); }"),
        ("phm-core/src/id.rs", "fn f() { uuid::Uuid::now_v7(); }"),
        ("phm-core/src/vault/mod.rs", "use std::hash::RandomState;"),
    ] {
        let mut house = made_up();
        house.sources.push(Source::new(path, code));
        finds(&house, &format!("{path} takes randomness"));
    }
    let mut house = made_up();
    house.sources.push(Source::new(
        "phm-core/src/vault/ways.rs",
        "fn f() { RecoveryCode::generate(); secret::RootKey::generate(); generator.generate(step); }",
    ));
    assert_eq!(rules::broken(&house), Vec::<String>::new(), "keys of our own, and what is no key");
    let mut house = made_up();
    house.crates[1].direct.push("rand".into());
    finds(&house, "phm-appliance may not depend on rand");
}

#[test]
fn unsafe_code_let_in_by_an_attribute_is_found() {
    let mut house = made_up();
    house.sources.push(Source::new("phm-core/src/time.rs", "#[allow(unsafe_code)] fn f() {}"));
    finds(&house, "allows unsafe_code");
}

#[test]
fn a_crate_without_the_lint_table_is_found() {
    let mut house = made_up();
    house.crates[0].manifest = "[package]\nname = \"phm-core\"\n[lints.clippy]\nworkspace = true\n".into();
    finds(&house, "phm-core does not take the workspace's lints");
}

#[test]
fn a_dependency_beside_the_one_table_is_found() {
    for line in ["serde = \"1\"", "serde = { version = \"1\" }", "serde.git = \"x\""] {
        let mut house = made_up();
        house.crates[0].manifest += "\n[dev-dependencies]\n";
        house.crates[0].manifest += line;
        finds(&house, "serde is not from the one table of dependencies");
    }
}

fn finds(house: &House, found: &str) {
    let broken = rules::broken(house);
    assert!(broken.iter().any(|line| line.contains(found)), "`{found}` is not among {broken:?}");
}

fn a_crate(name: &str, folder: &str, direct: &[&str]) -> Crate {
    Crate {
        name: name.into(),
        folder: folder.into(),
        direct: direct.iter().map(|name| (*name).into()).collect(),
        all: Vec::new(),
        manifest: "[dependencies]\nserde.workspace = true\nring = { workspace = true }\n[lints]\nworkspace = true\n"
            .into(),
    }
}

fn made_up() -> House {
    House {
        crates: vec![
            a_crate("phm-core", "phm-core", &["serde", "ring"]),
            a_crate("phm-appliance", "phm-appliance", &["phm-core", "phm-plugins", "tokio"]),
            a_crate("phm-plugins", "phm-plugins", &["phm-core", "phm-plugin-api", "extism"]),
            a_crate("phm-c", "bindings/c", &["phm-core"]),
            a_crate("phm-plugin-sdk", "sdk/rust", &["phm-plugin-api"]),
            a_crate("phm-benches", "benches", &["phm-core", "rusqlite", "rand"]),
        ],
        folders: ["phm-core", "phm-appliance", "benches"].map(String::from).to_vec(),
        sources: vec![
            Source::new("phm-core/src/crypto/mod.rs", "use ring::rand::SystemRandom; fn random() {}"),
            Source::new("phm-core/src/store/sled.rs", "use sled::Db; use crate::error::Error; use super::Store;"),
            Source::new(
                "phm-core/src/model/visit.rs",
                "use crate::{error::Detail, fields}; use std::fmt; crate::fields! {}",
            ),
            Source::new("phm-core/src/vault/mod.rs", "use crate::{model, store, crypto}; use std::fs;"),
            Source::new("phm-plugins/src/runtime/host.rs", "use extism::Plugin;"),
            Source::new("phm-appliance/src/engines/llm.rs", "use candle_core::Tensor;"),
            Source::new("benches/src/main.rs", "use rusqlite::Connection; use sled::Db;"),
        ],
    }
}
