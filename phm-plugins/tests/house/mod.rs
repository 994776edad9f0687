//! A vault with an account, two people and a key that is trusted, and plugins written in the text form of WebAssembly.

#![allow(dead_code)] // every test program uses its own part of it

use std::collections::BTreeMap;

use phm_core::access::{AccountId, Action, Actor};
use phm_core::crypto::kdf::Cost;
use phm_core::crypto::secret::Secret;
use phm_core::id::{ProfileId, RecordId};
use phm_core::vault::{How, Options, Session, Vault};
use phm_plugins::installed::{self, Installed};
use phm_plugins::signature::SigningKey;
use phm_plugins::{CallContext, Package, PluginError, Plugins};
use serde_json::{Value, json};

/// A house for one test.
pub struct House {
    pub vault: Vault,
    pub plugins: Plugins,
    pub key: SigningKey,
    pub account: AccountId,
    /// The person whose account it is.
    pub asha: ProfileId,
    /// Somebody the account has nothing to do with.
    pub bela: ProfileId,
    // Last, so that it goes when nothing is written any more.
    pub dir: tempfile::TempDir,
}

impl House {
    pub fn new() -> Self {
        Self::with(Options { cost: Cost::FLOOR, ..Options::default() })
    }

    /// A house whose vault is made with these options.
    pub fn with(options: Options) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let secret = dir.path().join("secret");
        std::fs::write(&secret, "0123456789abcdef".repeat(4)).expect("a key file");
        let secret = Secret::key_file(&secret).expect("64 hex digits");
        let (vault, _) = Vault::create(&dir.path().join("vault"), &[secret], options).expect("a vault");
        let admin = vault.session(Actor::Operator, "test").expect("the operator");
        let account = add(&admin, ProfileId::SYSTEM, "account", &json!({"email": "asha@example.org", "name": "Asha"}));
        let asha =
            admin.add_own_profile(&json!({"name": {"text": "Asha Example"}}), account).expect("a person").profile;
        let bela = admin.add_profile(&json!({"name": {"text": "Bela Example"}}), None).expect("a person").profile;
        for (profile, text) in [(asha, "Ashas note"), (bela, "Belas note")] {
            add(&admin, profile, "note", &json!({ "text": text }));
        }
        let key = SigningKey::create(&dir.path().join("author.key")).expect("a key");
        installed::trust(&vault, &admin, key.public(), "The tests").expect("trusted");
        Self { plugins: Plugins::of(&vault), dir, vault, key, account, asha, bela }
    }

    /// The same house after its power was cut.
    pub fn again(self) -> Self {
        let Self { vault, plugins, key, account, asha, bela, dir } = self;
        drop(plugins);
        // Where the store has failed it says so here once more; what reached it is seen when it is opened.
        let _ = vault.close();
        let secret = Secret::key_file(&dir.path().join("secret")).expect("64 hex digits");
        let options = Options { cost: Cost::FLOOR, ..Options::default() };
        let vault = Vault::open(&dir.path().join("vault"), &secret, options).expect("the vault opens");
        Self { plugins: Plugins::of(&vault), vault, key, account, asha, bela, dir }
    }

    pub fn admin(&self) -> Session {
        self.vault.session(Actor::Operator, "test").expect("the operator")
    }

    /// The session of the account's holder.
    pub fn person(&self) -> Session {
        self.vault.session(Actor::Person { account: self.account }, "test").expect("an account")
    }

    /// A call for the account's holder about themselves.
    pub fn about_asha(&self) -> CallContext {
        let session = self.person();
        let permit = session.permit(Action::Read, self.asha, "note").expect("their own");
        CallContext::about(&session, permit)
    }

    /// A call for the account's holder about nobody.
    pub fn about_nobody(&self) -> CallContext {
        CallContext::of(&self.person())
    }

    /// Grants the plugin `probe` something of a person.
    pub fn grant(&self, profile: ProfileId, actions: &[&str], kinds: &[&str]) -> RecordId {
        let body = json!({"profile": profile, "to": {"plugin": "probe"}, "kinds": kinds, "actions": actions,
            "purpose": "test"});
        add(&self.admin(), ProfileId::SYSTEM, "grant", &body)
    }

    pub fn revoke(&self, grant: RecordId) {
        let admin = self.admin();
        let permit = admin.permit(Action::Read, ProfileId::SYSTEM, "grant").expect("allowed");
        let record = admin.read(&permit, grant, phm_core::vault::Removed::Hide).expect("a grant");
        let permit = admin.permit(Action::Amend, ProfileId::SYSTEM, "grant").expect("allowed");
        let mut body: Value = serde_json::from_str(record.body.get()).expect("a body");
        body["revoked_at"] = json!(admin.now());
        admin.amend(&permit, grant, record.version, &body, How::Typed).expect("revoked");
    }

    /// The bytes of a signed package of the plugin `probe`.
    pub fn package(&self, toml: &str, wat: &str) -> Vec<u8> {
        self.package_of(toml, wat::parse_str(wat).expect("good text"))
    }

    pub fn package_of(&self, toml: &str, wasm: Vec<u8>) -> Vec<u8> {
        let files = BTreeMap::from([("plugin.toml".to_owned(), toml.into()), ("plugin.wasm".to_owned(), wasm)]);
        Package::of(files).expect("a package").signed(&self.key).write().expect("written")
    }

    /// The bytes of a signed package of the plugin `probe` whose manifest names this schema of settings.
    pub fn package_with_settings(&self, toml: &str, wat: &str, schema: &Value) -> Result<Vec<u8>, PluginError> {
        let files = BTreeMap::from([
            ("plugin.toml".to_owned(), toml.as_bytes().to_vec()),
            ("plugin.wasm".to_owned(), wat::parse_str(wat).expect("good text")),
            ("settings.json".to_owned(), schema.to_string().into_bytes()),
        ]);
        Ok(Package::of(files)?.signed(&self.key).write().expect("written"))
    }

    pub fn install(&self, toml: &str, wat: &str) -> Result<Installed, PluginError> {
        self.plugins.install(&self.admin(), &self.package(toml, wat))
    }

    /// Installs the plugin and switches it on with all it declares.
    pub fn enable(&self, toml: &str, wat: &str) {
        let name = self.install(toml, wat).expect("installed").name;
        installed::enable(&self.vault, &self.admin(), &name, None).expect("enabled");
    }

    /// Calls `probe` about nobody with an input that fits.
    pub fn call(&self) -> Result<Value, PluginError> {
        self.call_about(&self.about_nobody())
    }

    pub fn call_about(&self, context: &CallContext) -> Result<Value, PluginError> {
        self.plugins.call(context, "probe", &json!({"language": "en"}), &[]).map(|called| called.output)
    }
}

pub fn add(session: &Session, profile: ProfileId, kind: &str, body: &Value) -> RecordId {
    let permit = session.permit(Action::Add, profile, kind).expect("allowed");
    session.add(&permit, body, How::Typed).unwrap_or_else(|error| panic!("{kind}: {error} {:?}", error.details())).id
}

/// A manifest of the insight plugin `probe` with these permissions and limits.
pub fn manifest(more: &str) -> String {
    format!(
        "name = \"probe\"\nversion = \"0.1.0\"\napi = 1\nkind = \"insight\"\nsummary = \"Tries things.\"\n\
         license = \"MIT\"\n{more}"
    )
}

/// A permission with a reason.
pub fn permission(capability: &str, rest: &str) -> String {
    format!("[[permission]]\ncapability = \"{capability}\"\nreason = \"The test wants it.\"\n{rest}\n")
}

/// A plugin whose `find` is `body`, with memory and the functions it may import.
pub fn plugin(body: &str) -> String {
    plugin_with("", body)
}

pub fn plugin_with(more: &str, body: &str) -> String {
    format!(
        r#"(module
        (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
        (import "extism:host/env" "length" (func $length (param i64) (result i64)))
        (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
        (import "extism:host/env" "load_u64" (func $load (param i64) (result i64)))
        (import "extism:host/env" "input_offset" (func $input (result i64)))
        (import "extism:host/env" "output_set" (func $output (param i64 i64)))
        (import "extism:host/env" "error_set" (func $error (param i64)))
        (import "extism:host/env" "log_info" (func $log (param i64)))
        (import "extism:host/user" "phm_call" (func $call (param i64) (result i64)))
        (memory 1)
        {more}
        ;; Copies bytes of the memory into a new message.
        (func $message (param $at i32) (param $length i32) (result i64) (local $block i64) (local $n i32)
            (local.set $block (call $alloc (i64.extend_i32_u (local.get $length))))
            (block $done (loop $next
                (br_if $done (i32.ge_u (local.get $n) (local.get $length)))
                (call $store (i64.add (local.get $block) (i64.extend_i32_u (local.get $n)))
                    (i32.load8_u (i32.add (local.get $at) (local.get $n))))
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br $next)))
            (local.get $block))
        (func $answer (param $block i64) (call $output (local.get $block) (call $length (local.get $block))))
        (func (export "find") (result i32) {body}))"#
    )
}

/// A text as WAT writes bytes.
pub fn escaped(text: &str) -> String {
    text.bytes().flat_map(|byte| ['\\'.to_string(), phm_core::crypto::digest::hex(&[byte])]).collect()
}

/// A plugin that answers with this text.
pub fn answers(text: &str) -> String {
    let bytes = escaped(text);
    let length = text.len();
    plugin_with(
        &format!("(data (i32.const 0) \"{bytes}\")"),
        &format!("(call $answer (call $message (i32.const 0) (i32.const {length}))) (i32.const 0)"),
    )
}

/// A plugin that does something and then answers that it found nothing.
pub fn does(body: &str) -> String {
    let text = r#"{"findings":[]}"#;
    let bytes = escaped(text);
    let length = text.len();
    plugin_with(
        &format!("(data (i32.const 0) \"{bytes}\")"),
        &format!("{body} (call $answer (call $message (i32.const 0) (i32.const {length}))) (i32.const 0)"),
    )
}

/// A document of this person with this file.
pub fn document(house: &House, profile: ProfileId, bytes: &[u8]) -> RecordId {
    let admin = house.admin();
    let permit = admin.permit(Action::Add, profile, "document").expect("the operator may");
    let body = json!({"title": "Report of April", "category": "lab-report"});
    admin.add_document(&permit, &body, &mut &*bytes, 1 << 20).expect("a document").id
}

/// A document plugin that answers with this, whatever it is handed.
pub fn reader(house: &House, output: &Value) {
    let (toml, wat) = reader_of(output);
    house.enable(&toml, &wat);
}

/// The manifest and the module of such a plugin.
pub fn reader_of(output: &Value) -> (String, String) {
    let permissions =
        format!("{}{}", permission("documents.content", ""), permission("records.propose", "kinds = [\"lab-result\"]"));
    let toml = manifest(&permissions).replace("\"insight\"", "\"document\"");
    (toml, answers(&output.to_string()).replace("(export \"find\")", "(export \"read\")"))
}

/// A result as a document plugin proposes it.
pub fn found(value: &str, page: u32) -> Value {
    json!({"kind": "lab-result",
        "body": {"concept": "HbA1c", "quantity": {"value": value, "unit": "%"}, "collected_at": "2026-04-03"},
        "evidence": {"document": "another", "page": page, "box": [0.5, 0.25, 0.125, 0.0], "text": "HbA1c 6,5 %"}})
}
