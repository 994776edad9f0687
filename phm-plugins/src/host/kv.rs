//! What a plugin keeps between calls: a few values for each person, or for itself in calls about nobody.
//!
//! The values of a person are sealed state of that person: they go when the person is erased. They are reached only while the
//! person grants the plugin something, so that a consent taken back closes what was kept too.

use std::collections::BTreeMap;

use phm_core::id::ProfileId;
use phm_plugin_api::v1::calls::{Done, Kept, KvGet, KvPut};
use phm_plugin_api::v1::{Door, Operation as _, Refusal};
use serde_json::Value;

use super::{Host, failed};
use crate::api::v1::wrong;
use crate::granter::refusal;

const MOST_KEYS: usize = 256;
const MOST_BYTES: usize = 256 << 10;
const LONGEST_KEY: usize = 100;

type Values = BTreeMap<String, Value>;

/// `kv.get`
pub fn get(host: &mut Host, asked: KvGet) -> Result<Kept, Refusal> {
    host.pass(KvGet::NAME, None, None)?;
    let (owner, name) = place(host, &asked.key)?;
    let values: Option<Values> = host.vault.state(owner, &name).map_err(|error| failed(&error))?;
    Ok(Kept { value: values.and_then(|mut values| values.remove(&asked.key)).unwrap_or_default() })
}

/// `kv.put`
pub fn put(host: &mut Host, asked: KvPut) -> Result<Done, Refusal> {
    host.pass(KvPut::NAME, None, None)?;
    let (owner, name) = place(host, &asked.key)?;
    let kept = host.vault.update_state(owner, &name, |values: Option<Values>| {
        let before = values.unwrap_or_default();
        let mut after = before.clone();
        if asked.value.is_null() {
            after.remove(&asked.key);
        } else {
            after.insert(asked.key, asked.value);
        }
        let bytes: usize = after.iter().map(|(key, value)| key.len() + value.to_string().len()).sum();
        let fits = after.len() <= MOST_KEYS && bytes <= MOST_BYTES;
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
        return Err(wrong("bad-arguments", "a key has 1 to 100 bytes"));
    }
    let owner = match host.sessions.profile() {
        Some(profile) => {
            host.sessions.consent_to_anything()?;
            profile
        }
        None => ProfileId::SYSTEM,
    };
    Ok((owner, format!("plugin kv/{}", host.plugin.0)))
}
