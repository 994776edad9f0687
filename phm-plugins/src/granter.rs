//! The first two doors: what the manifest declares, and what of that the administrator granted.
//!
//! A grant never gives more than was declared: kinds and hosts that stand in one and not in the other are refused. The third
//! door, consent, stands where records are touched.

use phm_plugin_api::v1::{Door, Refusal};

use crate::manifest::Permission;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'w> {
    /// The operation.
    pub capability: &'w str,
    /// The kind of record, where it is about one.
    pub kind: Option<&'w str>,
    /// The host, where it is about one.
    pub host: Option<&'w str>,
}

/// What was declared and what was granted.
#[derive(Clone, Debug, Default)]
pub struct Granter {
    declared: Vec<Permission>,
    granted: Vec<Permission>,
}

impl Granter {
    /// Decides by these.
    pub fn new(declared: Vec<Permission>, granted: Vec<Permission>) -> Self {
        Self { declared, granted }
    }

    /// Passes both doors, or says which was shut.
    pub fn pass(&self, wanted: Wanted<'_>) -> Result<(), Refusal> {
        if !covers(&self.declared, wanted) {
            let text = format!("plugin.toml does not declare `{}` for this", wanted.capability);
            return Err(refusal("not-declared", Door::Manifest, text));
        }
        if !covers(&self.granted, wanted) {
            let text = format!("the administrator did not grant `{}` for this", wanted.capability);
            return Err(refusal("not-granted", Door::Administrator, text));
        }
        Ok(())
    }
}

fn covers(permissions: &[Permission], wanted: Wanted<'_>) -> bool {
    permissions.iter().any(|permission| {
        permission.capability == wanted.capability
            && wanted.kind.is_none_or(|kind| permission.kinds.iter().any(|named| named == kind))
            && wanted.host.is_none_or(|host| permission.hosts.iter().any(|named| named == host))
    })
}

/// A refusal at a door.
pub fn refusal(code: &str, door: Door, message: impl Into<String>) -> Refusal {
    Refusal { code: code.to_owned(), door: Some(door), message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(capability: &str, kinds: &[&str], hosts: &[&str]) -> Permission {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Permission {
            capability: capability.into(),
            reason: "because it must".into(),
            kinds: owned(kinds),
            hosts: owned(hosts),
        }
    }

    #[test]
    fn nothing_passes_that_is_not_declared_and_granted() {
        let both = [permission("records.list", &["note", "visit"], &[]), permission("http.fetch", &[], &["a.example"])];
        let some = [permission("records.list", &["note"], &[]), permission("kv.get", &[], &[])];
        let granter = Granter::new(both.to_vec(), some.to_vec());
        let door =
            |capability, kind, host| granter.pass(Wanted { capability, kind, host }).err().and_then(|no| no.door);
        assert_eq!(door("records.list", Some("note"), None), None);
        assert_eq!(door("records.list", Some("visit"), None), Some(Door::Administrator));
        assert_eq!(door("records.list", Some("allergy"), None), Some(Door::Manifest));
        assert_eq!(door("records.propose", Some("note"), None), Some(Door::Manifest));
        assert_eq!(door("http.fetch", None, Some("a.example")), Some(Door::Administrator));
        assert_eq!(door("http.fetch", None, Some("b.example")), Some(Door::Manifest));
        assert_eq!(door("kv.get", None, None), Some(Door::Manifest), "granting does not declare");
    }
}
