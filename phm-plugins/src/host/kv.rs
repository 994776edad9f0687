//! What a plugin keeps between calls: a few values for each person, or for itself in calls about nobody.
//!
//! The values of a person are sealed state of that person: they go when the person is erased. They are reached only while the
//! person grants the plugin something, so that a consent taken back closes what was kept too.
//!
//! What was put there in a call that knew something sensitive may say it long after the plugin may see that no more. So it stands
//! beside the values, as long as there are any, and for good where something was sent out of the house in such a call.

use std::collections::BTreeMap;

use phm_core::id::ProfileId;
use phm_core::vault::Vault;
use phm_plugin_api::v1::calls::{Done, Kept, KvGet, KvPut};
use phm_plugin_api::v1::{Door, Operation as _, Refusal};
use serde_json::Value;

use super::{Host, failed};
use crate::api::v1::misformed;
use crate::granter::refusal;

const MOST_KEYS: usize = 256;
const MOST_BYTES: usize = 256 << 10;
const LONGEST_KEY: usize = 100;

/// The key, which no plugin can name, beside values of a call that knew something sensitive.
const SENSITIVE: &str = "";
/// Its value where something was sent, and can be fetched again.
const SENT: &str = "sent";
/// Its value where something is kept.
const KEPT: &str = "kept";

type Values = BTreeMap<String, Value>;

/// `kv.get`
pub fn get(host: &mut Host, asked: KvGet) -> Result<Kept, Refusal> {
    host.pass(KvGet::NAME, None, None)?;
    let (owner, name) = place(host, &asked.key)?;
    let values: Option<Values> = host.vault.state(owner, &name).map_err(|error| failed(&error))?;
    let mut values = values.unwrap_or_default();
    if values.contains_key(SENSITIVE) {
        host.sessions.learn_sensitive();
    }
    Ok(Kept { value: values.remove(&asked.key).unwrap_or_default() })
}

/// `kv.put`
pub fn put(host: &mut Host, asked: KvPut) -> Result<Done, Refusal> {
    host.pass(KvPut::NAME, None, None)?;
    let (owner, name) = place(host, &asked.key)?;
    let knows = host.sessions.knows_sensitive();
    let kept = host.vault.update_state(owner, &name, |values: Option<Values>| {
        let before = values.unwrap_or_default();
        let mut after = before.clone();
        if knows {
            // Also where a value is only taken out: which ones are left says something.
            after.entry(SENSITIVE.to_owned()).or_insert_with(|| KEPT.into());
        }
        if asked.value.is_null() {
            after.remove(&asked.key);
        } else {
            after.insert(asked.key, asked.value);
        }
        let own = after.iter().filter(|(key, _)| key.as_str() != SENSITIVE);
        let (count, bytes) = own.fold((0, 0usize), |(count, bytes), (key, value)| {
            (count + 1, bytes.saturating_add(key.len() + value.to_string().len()))
        });
        if count == 0 && after.get(SENSITIVE).is_some_and(|why| why == KEPT) {
            after.clear();
        }
        let fits = count <= MOST_KEYS && bytes <= MOST_BYTES;
        let values = if fits { after } else { before };
        Ok(((!values.is_empty()).then_some((values, None)), fits))
    });
    match kept {
        Ok(true) => Ok(Done {}),
        Ok(false) => {
            Err(refusal("kept-too-much", Door::Limit, "a plugin keeps at most 256 values and 256 KiB for each person"))
        }
        Err(error) => Err(failed(&error)),
    }
}

fn place(host: &Host, key: &str) -> Result<(ProfileId, String), Refusal> {
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(misformed("bad-arguments", "a key has 1 to 100 bytes"));
    }
    let owner = match host.sessions.profile() {
        Some(profile) => {
            host.sessions.consent_to_anything()?;
            profile
        }
        None => ProfileId::SYSTEM,
    };
    Ok((owner, row(&host.plugin.0)))
}

fn row(plugin: &str) -> String {
    format!("plugin kv/{plugin}")
}

/// Notes that something is about to be sent out of the house in a call about this person, where the plugin may know something
/// sensitive of theirs.
pub(super) fn sending(host: &Host, profile: ProfileId) -> Result<(), Refusal> {
    if !host.sessions.knows_sensitive() {
        return Ok(());
    }
    let noted = host.vault.update_state(profile, &row(&host.plugin.0), |values: Option<Values>| {
        let mut values = values.unwrap_or_default();
        values.insert(SENSITIVE.to_owned(), SENT.into());
        Ok((Some((values, None)), ()))
    });
    noted.map_err(|error| failed(&error))
}

/// Whether the plugin keeps something of a person, or has sent something out of the house, from a call in which it may have known
/// something sensitive of theirs.
pub(crate) fn keeps_sensitive(vault: &Vault, profile: ProfileId, plugin: &str) -> phm_core::Result<bool> {
    let values: Option<Values> = vault.state(profile, &row(plugin))?;
    Ok(values.is_some_and(|values| values.contains_key(SENSITIVE)))
}
