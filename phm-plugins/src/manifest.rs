//! The manifest `plugin.toml`: what a plugin is, what it wants, and why.
//!
//! Nothing in it is guessed. An unknown field, an unknown capability, a permission without a reason or a host that is no plain
//! name is refused, because the administrator decides by what stands here.

use std::collections::BTreeSet;

use phm_core::model;
use phm_plugin_api::Kind;
use phm_plugin_api::v1::calls::{HttpFetch, OPERATIONS, RecordsList, RecordsPropose};
use phm_plugin_api::v1::{Operation as _, VERSION};
use serde::{Deserialize, Serialize};

use crate::error::{PluginError, Result};
use crate::limits::Limits;
use crate::shown;

/// The shortest reason that can say anything.
const SHORTEST_REASON: usize = 10;
/// The longest text of any field.
const LONGEST: usize = 300;
/// Bytes of the whole file at most.
const MOST_BYTES: usize = 64 << 10;
/// Hosts of one permission at most: a person reads them before they decide.
const MOST_HOSTS: usize = 20;

/// A manifest that obeys the rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Lower-case letters, digits and single hyphens; the name in files, grants and the audit.
    pub name: String,
    /// `major.minor.patch`.
    pub version: String,
    /// The version of the messages: 1.
    pub api: u32,
    /// What it is for.
    pub kind: Kind,
    /// What it does, in one sentence.
    pub summary: String,
    /// Under which licence it may be used.
    pub license: String,
    /// The module in the package.
    #[serde(default = "entry")]
    pub entry: String,
    /// A JSON Schema in the package, from which the page of its settings is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<String>,
    /// What it wants to do.
    #[serde(default, rename = "permission", skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<Permission>,
    /// How much it may take for one call.
    #[serde(default)]
    pub limits: Limits,
}

/// One thing a plugin wants to do, and why.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// The operation.
    pub capability: String,
    /// Why, for the person who decides.
    pub reason: String,
    /// The kinds of record, where it is about records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// The hosts, where it fetches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
}

fn entry() -> String {
    "plugin.wasm".to_owned()
}

/// What is wrong; it may quote the manifest, which is shown in a terminal.
fn wrong(text: impl Into<String>) -> PluginError {
    PluginError::Manifest(shown::plain(&text.into()))
}

impl Manifest {
    /// Reads and checks the text of a `plugin.toml`.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > MOST_BYTES {
            return Err(wrong("it is larger than 64 KiB"));
        }
        // The first line of what the reader says names the place; the rest shows the text.
        let manifest: Self = toml::from_str(text).map_err(|error| wrong(error.message()))?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<()> {
        if !is_name(&self.name) {
            return Err(wrong("`name` must be lower-case letters, digits and single hyphens, 2 to 64 of them"));
        }
        if !is_version(&self.version) {
            return Err(wrong("`version` must be three numbers, such as 0.1.0"));
        }
        if self.api != VERSION {
            return Err(wrong(format!("`api` must be {VERSION}; this PHM speaks no other version")));
        }
        for (name, text) in [("summary", &self.summary), ("license", &self.license)] {
            if text.trim().is_empty() || text.len() > LONGEST {
                return Err(wrong(format!("`{name}` must be a text of at most {LONGEST} bytes")));
            }
            if text.contains(shown::is_hidden) {
                return Err(wrong(format!("`{name}` holds letters that nobody sees, or that steer a terminal")));
            }
        }
        if !is_file(&self.entry) || self.settings.as_ref().is_some_and(|file| !is_file(file)) {
            return Err(wrong("`entry` and `settings` must name files of the package, without folders above it"));
        }
        let mut seen = BTreeSet::new();
        for permission in &self.permissions {
            permission.check()?;
            if !seen.insert(&permission.capability) {
                return Err(wrong(format!("`{}` is declared twice", permission.capability)));
            }
        }
        self.limits.checked()?;
        Ok(())
    }

    /// The permission for this capability, where it is declared.
    pub fn permission(&self, capability: &str) -> Option<&Permission> {
        self.permissions.iter().find(|permission| permission.capability == capability)
    }
}

impl Permission {
    fn check(&self) -> Result<()> {
        let name = &self.capability;
        if !OPERATIONS.contains(&name.as_str()) {
            return Err(wrong(format!("there is no capability `{name}`; there are {}", OPERATIONS.join(", "))));
        }
        if self.reason.trim().len() < SHORTEST_REASON || self.reason.len() > LONGEST {
            return Err(wrong(format!("`{name}` needs a reason that the person who decides can read")));
        }
        if self.reason.contains(shown::is_hidden) {
            return Err(wrong(format!(
                "the reason of `{name}` holds letters that nobody sees, or that steer a terminal"
            )));
        }
        let about_records = [RecordsList::NAME, RecordsPropose::NAME].contains(&name.as_str());
        if about_records == self.kinds.is_empty() {
            let text = if about_records { "must name the kinds of record" } else { "takes no kinds" };
            return Err(wrong(format!("`{name}` {text}")));
        }
        for kind in &self.kinds {
            if !model::kinds().iter().any(|known| known.name == kind && !known.system) {
                return Err(wrong(format!("`{name}` names an unknown kind of record")));
            }
        }
        let fetches = name == HttpFetch::NAME;
        if fetches == self.hosts.is_empty() {
            let text = if fetches { "must name the hosts it fetches from" } else { "takes no hosts" };
            return Err(wrong(format!("`{name}` {text}")));
        }
        if self.hosts.len() > MOST_HOSTS {
            return Err(wrong(format!("`{name}` names more than {MOST_HOSTS} hosts, which nobody reads")));
        }
        if self.hosts.iter().any(|host| !is_host(host)) {
            return Err(wrong(format!("`{name}` must name hosts one by one, such as api.example.org")));
        }
        Ok(())
    }
}

/// Whether this may be the name of a plugin: it stands in file names, grants and the audit.
pub fn is_name(name: &str) -> bool {
    (2..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && name.as_bytes()[0].is_ascii_lowercase()
        && !name.ends_with('-')
        && !name.contains("--")
}

fn is_version(version: &str) -> bool {
    let parts: Vec<&str> = version.split('.').collect();
    let number = |part: &&str| {
        (1..=6).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && (part.len() == 1 || !part.starts_with('0'))
    };
    parts.len() == 3 && parts.iter().all(number)
}

/// The three numbers of a version, to tell an older one from a newer one.
pub(crate) fn numbers(version: &str) -> [u32; 3] {
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| numbers.next().unwrap_or(0))
}

/// A plain relative name, at most one folder deep.
pub(crate) fn is_file(name: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    name.len() <= 120 && name.split('/').count() <= 2 && name.split('/').all(plain)
}

fn is_host(host: &str) -> bool {
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let named = host.rsplit('.').next().is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_alphabetic()));
    host.len() <= 253 && host.contains('.') && named && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        name = "lab-reader"
        version = "0.1.0"
        api = 1
        kind = "document"
        summary = "Reads laboratory reports."
        license = "MIT"

        [[permission]]
        capability = "records.propose"
        reason = "Proposes the results it finds in a report."
        kinds = ["lab-result"]
    "#;

    fn refused(text: &str) -> String {
        Manifest::parse(text).expect_err("it breaks a rule").to_string()
    }

    #[test]
    fn a_manifest_of_the_contract_is_read() {
        let manifest = Manifest::parse(GOOD).expect("a good manifest");
        assert_eq!((manifest.entry.as_str(), manifest.limits), ("plugin.wasm", Limits::USUAL));
        assert_eq!(manifest.permission("records.propose").map(|one| one.kinds.len()), Some(1));
        assert!(manifest.permission("records.list").is_none());
    }

    #[test]
    fn unknown_fields_are_refused_wherever_they_stand() {
        for extra in ["author = \"me\"\n", "autostart = true\n"] {
            assert!(refused(&format!("{extra}{GOOD}")).contains("unknown field"), "{extra}");
        }
        assert!(refused(&format!("{GOOD}\nscope = \"all\"")).contains("unknown field"));
        assert!(refused(&format!("{GOOD}\n[limits]\nthreads = 4")).contains("unknown field"));
    }

    #[test]
    fn every_permission_needs_a_reason() {
        let without = GOOD.replace("reason = \"Proposes the results it finds in a report.\"\n", "");
        assert!(refused(&without).contains("reason"));
        for empty in ["", "          ", "because"] {
            let text = GOOD.replace("Proposes the results it finds in a report.", empty);
            assert!(refused(&text).contains("needs a reason"), "{empty:?}");
        }
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for (from, to, found) in [
            ("lab-reader", "Lab Reader", "`name`"),
            ("lab-reader", "../../etc", "`name`"),
            ("lab-reader", "a--b", "`name`"),
            ("0.1.0", "1", "`version`"),
            ("0.1.0", "01.1.0", "`version`"),
            ("api = 1", "api = 2", "`api`"),
            ("\"document\"", "\"daemon\"", "unknown variant"),
            ("\"MIT\"", "\" \"", "`license`"),
            ("records.propose", "records.delete", "no capability"),
            ("lab-result", "account", "unknown kind"),
            ("lab-result", "*", "unknown kind"),
            ("kinds = [\"lab-result\"]", "", "must name the kinds"),
            ("kinds = [\"lab-result\"]", "kinds = [\"lab-result\"]\nhosts = [\"a.example\"]", "takes no hosts"),
            ("version = \"0.1.0\"", "version = \"0.1.0\"\nentry = \"../plugin.wasm\"", "`entry`"),
            ("version = \"0.1.0\"", "version = \"0.1.0\"\nsettings = \"/etc/passwd\"", "`entry`"),
        ] {
            let text = GOOD.replace(from, to);
            assert!(refused(&text).contains(found), "{to}: {}", refused(&text));
        }
        assert!(refused(&format!("{GOOD}\n[limits]\ntime_ms = 0")).contains("limits.time_ms"));
        assert!(refused(&format!("{GOOD}\n[limits]\ntable_elements = 100001")).contains("limits.table_elements"));
        let twice = format!("{GOOD}\n{}", &GOOD[GOOD.find("[[").expect("a permission")..]);
        assert!(refused(&twice).contains("declared twice"));
    }

    #[test]
    fn what_the_administrator_reads_is_what_stands_there() {
        for hidden in ["\\u001b[2K", "\\u202e", "\\u200b", "\\n"] {
            let reason = GOOD.replace("Proposes the results", &format!("Proposes {hidden}the results"));
            assert!(refused(&reason).contains("nobody sees"), "{hidden}");
            let summary = GOOD.replace("Reads laboratory", &format!("Reads {hidden}laboratory"));
            assert!(refused(&summary).contains("nobody sees"), "{hidden}");
        }
        let shown = refused(&format!("\"\\u001b[2J\" = 1\n{GOOD}"));
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(numbers("0.10.0") > numbers("0.9.9") && numbers("1.0.0") > numbers("0.99.0"));
        assert_eq!(numbers("1.2.3"), [1, 2, 3]);
    }

    #[test]
    fn hosts_are_named_one_by_one() {
        let with = |host: &str| {
            GOOD.replace("records.propose", "http.fetch")
                .replace("kinds = [\"lab-result\"]", &format!("hosts = [\"{host}\"]"))
        };
        assert!(Manifest::parse(&with("api.example.org")).is_ok());
        let many = |count: usize| (0..count).map(|n| format!("h{n}.example.org")).collect::<Vec<_>>().join("\", \"");
        assert!(Manifest::parse(&with(&many(MOST_HOSTS))).is_ok());
        assert!(refused(&with(&many(MOST_HOSTS + 1))).contains("more than 20 hosts"));
        assert!(refused(&format!("{GOOD}# {}", "x".repeat(MOST_BYTES))).contains("64 KiB"));
        for bad in [
            "*.example.org",
            "*",
            "https://example.org",
            "example.org:443",
            "localhost",
            "127.0.0.1",
            "a..b",
            "-a.b",
            "",
        ] {
            assert!(Manifest::parse(&with(bad)).is_err(), "{bad}");
        }
    }
}
