//! `phm key`: the ways to unlock a vault.

use std::path::Path;

use clap::{Args, Subcommand};
use phm_core::crypto::secret::{Secret, SecretKind, make_key_file};
use phm_core::crypto::slot::SlotInfo;
use phm_core::id::ProfileId;
use phm_core::vault::{Advice, Session, Vault, Ways};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Place;
use super::given::Given;
use super::output::{Answer, Failure};

/// Said after every change that takes a secret away.
const OLDER_COPIES: &str = "Backups and copies of this vault that were made before still open with the old secret.";

/// `phm key …`
#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
pub enum Key {
    /// List the ways to unlock the vault; takes no secret
    List,
    /// Add a way to unlock the vault
    Add(NewSecret),
    /// Put a new passphrase or key file in place of an old one
    Change {
        #[command(flatten)]
        secret: NewSecret,
        /// The slot to change, as `phm key list` numbers them [default: the one that opened the vault]
        #[arg(long, value_name = "NUMBER")]
        slot: Option<u16>,
    },
    /// Remove a way to unlock the vault
    Remove {
        /// Its number, as `phm key list` shows it
        slot: u16,
        /// Also where nothing but a recovery code is left
        #[arg(long)]
        only_recovery_code: bool,
    },
    /// Print a new recovery code; the old one stops working
    Recovery,
    /// Put a new key in place of an old one; no secret changes
    Rotate(Rotate),
}

/// The secret to come.
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[group(required = true, multiple = false)]
pub struct NewSecret {
    /// A file with the new passphrase on its first line
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<Given>,
    /// The new key file; made at random where there is none yet
    #[arg(long, value_name = "FILE")]
    new_key_file: Option<Given>,
}

/// What to rotate.
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[group(required = true, multiple = false)]
pub struct Rotate {
    /// The root key, which wraps all others: older copies of the keyring open no more
    #[arg(long)]
    root: bool,
    /// The key of one person: everything of theirs is sealed again, and the old key is forgotten. Goes on where an
    /// earlier call was interrupted
    #[arg(long, value_name = "ID")]
    profile: Option<ProfileId>,
}

impl NewSecret {
    fn read(&self) -> Result<Secret, Failure> {
        let secret = match (&self.new_passphrase_file, &self.new_key_file) {
            (Some(file), _) => Secret::passphrase_file(file),
            (None, Some(file)) if file.exists() => Secret::key_file(file),
            (None, Some(file)) => make_key_file(file),
            (None, None) => {
                return Err(Failure::usage("name the new secret: --new-passphrase-file or --new-key-file"));
            }
        };
        Ok(secret.map_err(phm_core::Error::from)?)
    }
}

/// `phm key …`
pub fn key(place: &Place, key: &Key) -> Result<Answer, Failure> {
    match key {
        Key::List => list(&place.dir()?),
        Key::Add(secret) => place.with("adding a way to unlock", |_, session| {
            let slot = session.add_secret(&secret.read()?)?;
            answer(session, json!({ "added": slot }), &format!("Added slot {slot}."))
        }),
        Key::Change { secret, slot } => place.with("changing a way to unlock", |_, session| {
            let (old, new) = session.change_secret(slot.or(place.slot()), &secret.read()?)?;
            let text = format!("Slot {new} has taken the place of slot {old}. {OLDER_COPIES}");
            answer(session, json!({"changed": old, "slot": new}), &text)
        }),
        Key::Remove { slot, only_recovery_code } => place.with("removing a way to unlock", |_, session| {
            session.remove_secret(*slot, *only_recovery_code)?;
            answer(session, json!({ "removed": slot }), &format!("Removed slot {slot}. {OLDER_COPIES}"))
        }),
        Key::Recovery => place.with("making a new recovery code", |_, session| {
            let (code, slot) = session.new_recovery_code()?;
            let code = code.to_string();
            let text = format!(
                "Recovery code: {code}\nWrite it down and keep it apart from this machine. The old code no longer opens \
                 this vault.\n{OLDER_COPIES}"
            );
            answer(session, json!({"recovery_code": code, "slot": slot}), &text)
        }),
        Key::Rotate(Rotate { profile: Some(profile), .. }) => place.with("rotating a person's key", |_, session| {
            let done = session.rotate_profile(*profile)?;
            let text = format!(
                "Sealed {} entries and originals again under a new key and forgot the old one. `phm compact` also takes \
                 the replaced bytes off the disk.",
                done.bodies
            );
            let value = json!({"rotated": "profile", "profile": profile, "bodies": done.bodies, "epoch": done.epoch});
            Ok(Answer::new(value, text))
        }),
        Key::Rotate(Rotate { profile: None, .. }) => place.with("rotating the root key", |_, session| {
            session.rotate_root()?;
            let text = "The vault has a new root key. Older copies of its keyring open with none of today's slots.";
            Ok(Answer::new(json!({"rotated": "root"}), text))
        }),
    }
}

fn list(dir: &Path) -> Result<Answer, Failure> {
    let ways = Vault::ways(dir)?;
    let mut text: String = ways.slots.iter().map(line).collect();
    if !ways.damaged.is_empty() {
        text += "One copy of the slots is damaged; the next opening makes it whole.\n";
    }
    text += advice(&ways);
    let mut value = ways_json(&ways);
    value["damaged"] = json!(ways.damaged);
    Ok(Answer::new(value, text))
}

/// What was done, and the ways to unlock as they are now.
fn answer(session: &Session, done: Value, text: &str) -> Result<Answer, Failure> {
    let ways = session.ways()?;
    let mut value = ways_json(&ways);
    if let (Value::Object(all), Value::Object(done)) = (&mut value, done) {
        all.extend(done);
    }
    Ok(Answer::new(value, format!("{text}\n{}", advice(&ways))))
}

fn ways_json(ways: &Ways) -> Value {
    let slots: Vec<Value> = ways.slots.iter().map(slot_json).collect();
    let warnings: Vec<&str> = ways.advice().map(Advice::code).into_iter().collect();
    json!({"slots": slots, "warnings": warnings})
}

fn slot_json(slot: &SlotInfo) -> Value {
    let mut value = json!({"slot": slot.number, "kind": slot.kind.name()});
    if let Some(cost) = slot.cost {
        value["memory_kib"] = json!(cost.memory_kib());
        value["passes"] = json!(cost.passes());
    }
    value
}

fn line(slot: &SlotInfo) -> String {
    let kind = match slot.kind {
        SecretKind::Passphrase => "passphrase",
        SecretKind::KeyFile => "key file",
        SecretKind::RecoveryCode => "recovery code",
    };
    let cost = slot.cost.map_or_else(String::new, |cost| {
        format!("  Argon2id, {} MiB, {} passes", cost.memory_kib() / 1024, cost.passes())
    });
    format!("{:>3}  {kind}{cost}\n", slot.number)
}

fn advice(ways: &Ways) -> &'static str {
    match ways.advice() {
        Some(Advice::OnlyRecoveryCode) => {
            "Only a recovery code opens this vault: add a passphrase or a key file with `phm key add`."
        }
        Some(Advice::NoRecoveryCode) => "There is no recovery code: make one with `phm key recovery`.",
        _ => "",
    }
}
