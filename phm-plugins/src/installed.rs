//! What is installed, what of it is on, and whose signatures count. Sealed state of the house, so that nobody with the disk
//! switches a plugin on or makes a key trusted; the packages themselves are files, known by their SHA-256.

use std::collections::{BTreeMap, BTreeSet};

use phm_core::Detail;
use phm_core::id::ProfileId;
use phm_core::time::Instant;
use phm_core::vault::{Session, Vault};
use phm_plugin_api::Kind;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{PluginError, Result};
use crate::limits::Limits;
use crate::manifest::{Manifest, Permission, numbers};
use crate::settings::Schema;
use crate::shown;
use crate::signature::AuthorKey;

const ROW: &str = "plugins";
/// Bytes of a plugin's settings at most.
const MOST_SETTINGS: usize = 64 << 10;

/// An installed plugin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Installed {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is for.
    pub kind: Kind,
    /// What it does.
    pub summary: String,
    /// The SHA-256 of the package.
    pub sha256: String,
    /// Whose signature the package carries.
    pub signer: AuthorKey,
    /// What it wants to do, and why.
    pub declared: Vec<Permission>,
    /// How much it may take for one call.
    #[serde(default)]
    pub limits: Limits,
    /// What was granted; `None` while it is off.
    pub granted: Option<Vec<Permission>>,
    /// Its settings, as they were set; what is in force is [`Installed::in_force`].
    pub settings: Value,
    /// The JSON Schema of its settings; `None` where it has none.
    #[serde(default)]
    pub schema: Option<Value>,
    /// When it was installed.
    pub installed_at: Instant,
}

impl Installed {
    /// Which settings there are.
    pub fn schema(&self) -> Result<Schema> {
        self.schema.as_ref().map_or_else(|| Ok(Schema::default()), Schema::of)
    }

    /// Its settings with the defaults of its schema, as the plugin is given them.
    pub fn in_force(&self) -> Result<Value> {
        Ok(self.schema()?.in_force(&self.settings))
    }

    /// The same plugin with `***` for every setting that is a secret.
    pub fn without_secrets(mut self) -> Result<Self> {
        self.settings = self.schema()?.masked(&self.settings);
        Ok(self)
    }
}

/// A key whose signatures count.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Trusted {
    /// The key.
    pub key: AuthorKey,
    /// Whose it is, in the administrator's words.
    pub name: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Registry {
    plugins: Vec<Installed>,
    trusted: Vec<Trusted>,
    /// Whose each name is that was ever installed: people's grants, and what a plugin kept, go by the name.
    #[serde(default)]
    authors: BTreeMap<String, AuthorKey>,
    /// How often what stands behind each name has changed. What somebody decided about a plugin for the time to come is over when
    /// this moves on, and does not come back with what was there before.
    #[serde(default)]
    changes: BTreeMap<String, u64>,
}

impl Registry {
    /// What a decision about the plugin of this name is about: its package, its author, and what it may do while it is on.
    fn behind(&self, name: &str) -> Option<(&str, AuthorKey, Option<&[Permission]>)> {
        let plugin = self.plugins.iter().find(|one| one.name == name)?;
        Some((plugin.sha256.as_str(), plugin.signer, plugin.granted.as_deref()))
    }

    /// Counts behind which names something is no more what it was `before`.
    fn count_changes(&mut self, before: &Self) {
        let all = self.plugins.iter().chain(&before.plugins);
        let names: BTreeSet<String> = all.map(|one| one.name.clone()).collect();
        for name in names {
            if self.behind(&name) != before.behind(&name) {
                *self.changes.entry(name).or_default() += 1;
            }
        }
    }

    /// Refuses a package whose name is another author's, or that is older than what is installed.
    fn admit(&self, manifest: &Manifest, signer: AuthorKey) -> Result<()> {
        let earlier = self.plugins.iter().find(|one| one.name == manifest.name);
        let author = earlier.map(|one| one.signer).or_else(|| self.authors.get(&manifest.name).copied());
        if author.is_some_and(|author| author != signer) {
            return Err(PluginError::OtherAuthor);
        }
        match earlier {
            Some(one) if numbers(&one.version) > numbers(&manifest.version) => {
                Err(PluginError::Older(one.version.clone()))
            }
            _ => Ok(()),
        }
    }
}

/// Every installed plugin, by name.
pub fn list(vault: &Vault) -> Result<Vec<Installed>> {
    Ok(registry(vault)?.plugins)
}

/// The installed plugin of this name.
pub fn get(vault: &Vault, name: &str) -> Result<Installed> {
    registry(vault)?.plugins.into_iter().find(|one| one.name == name).ok_or(PluginError::NotInstalled)
}

/// The same, and how often what stands behind the name had changed by now.
pub(crate) fn counted(vault: &Vault, name: &str) -> Result<(Installed, u64)> {
    let registry = registry(vault)?;
    let changes = registry.changes.get(name).copied().unwrap_or_default();
    let plugin = registry.plugins.into_iter().find(|one| one.name == name).ok_or(PluginError::NotInstalled)?;
    Ok((plugin, changes))
}

/// The plugin of this kind that is on, where there is one.
pub fn enabled_of(vault: &Vault, kind: Kind) -> Result<Option<Installed>> {
    Ok(registry(vault)?.plugins.into_iter().find(|one| one.kind == kind && one.granted.is_some()))
}

/// The same as [`counted`] for a plugin while it is on.
pub(crate) fn on(vault: &Vault, name: &str) -> Result<Option<(Installed, u64)>> {
    match counted(vault, name) {
        Ok(found) => Ok(Some(found).filter(|(plugin, _)| plugin.granted.is_some())),
        Err(PluginError::NotInstalled) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The keys whose signatures count.
pub fn trusted(vault: &Vault) -> Result<Vec<Trusted>> {
    Ok(registry(vault)?.trusted)
}

/// Whether signatures of this key count.
pub fn is_trusted(vault: &Vault, key: AuthorKey) -> Result<bool> {
    Ok(registry(vault)?.trusted.iter().any(|one| one.key == key))
}

/// Makes the signatures of a key count.
pub fn trust(vault: &Vault, admin: &Session, key: AuthorKey, name: &str) -> Result<()> {
    change(vault, admin, "trust a plugin key", |registry| {
        registry.trusted.retain(|one| one.key != key);
        registry.trusted.push(Trusted { key, name: shown::plain(name).chars().take(100).collect() });
        Ok(())
    })
}

/// Makes the signatures of a key count no more, and switches off what it has signed.
pub fn distrust(vault: &Vault, admin: &Session, key: AuthorKey) -> Result<()> {
    change(vault, admin, "distrust a plugin key", |registry| {
        registry.trusted.retain(|one| one.key != key);
        for plugin in registry.plugins.iter_mut().filter(|one| one.signer == key) {
            plugin.granted = None;
        }
        Ok(())
    })
}

/// Whose a name is: of the plugin that is or was installed under it.
pub(crate) fn author_of(vault: &Vault, name: &str) -> Result<Option<AuthorKey>> {
    let registry = registry(vault)?;
    let installed = registry.plugins.iter().find(|one| one.name == name).map(|one| one.signer);
    Ok(installed.or_else(|| registry.authors.get(name).copied()))
}

/// Whether a package of this manifest by this author may be installed, before anything of it is compiled.
pub(crate) fn admits(vault: &Vault, manifest: &Manifest, signer: AuthorKey) -> Result<()> {
    registry(vault)?.admit(manifest, signer)
}

/// Notes that a package is installed. Another package under a name that is known switches the plugin off: its permissions are
/// asked for again. Settings stay as far as the schema of the new one takes them, secrets as far as they stay secrets.
pub(crate) fn put(
    vault: &Vault,
    admin: &Session,
    manifest: &Manifest,
    schema: Option<Value>,
    sha256: String,
    signer: AuthorKey,
) -> Result<Installed> {
    let takes = schema.as_ref().map_or_else(|| Ok(Schema::default()), Schema::of)?;
    change(vault, admin, "install a plugin", |registry| {
        registry.admit(manifest, signer)?;
        registry.authors.insert(manifest.name.clone(), signer);
        let earlier =
            registry.plugins.iter().position(|one| one.name == manifest.name).map(|at| registry.plugins.remove(at));
        let same = earlier.as_ref().filter(|one| one.sha256 == sha256);
        let settings = match &earlier {
            Some(one) => takes.taken_over(&one.schema()?, &one.settings),
            None => takes.fitting(&Value::Null),
        };
        let installed = Installed {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            kind: manifest.kind,
            summary: manifest.summary.clone(),
            declared: manifest.permissions.clone(),
            limits: manifest.limits,
            granted: same.and_then(|one| one.granted.clone()),
            settings,
            schema,
            installed_at: admin.now(),
            sha256,
            signer,
        };
        registry.plugins.push(installed.clone());
        registry.plugins.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(installed)
    })
}

/// Switches a plugin on with these of its permissions; without a choice, with all that it declares.
pub fn enable(vault: &Vault, admin: &Session, name: &str, only: Option<&[String]>) -> Result<Installed> {
    enable_shown(vault, admin, name, None, only)
}

/// The same for somebody who has looked at the package with this SHA-256: what another one asks for they have not seen.
///
/// # Errors
/// `package-replaced` where another package is installed by now.
pub fn enable_shown(
    vault: &Vault,
    admin: &Session,
    name: &str,
    shown: Option<&str>,
    only: Option<&[String]>,
) -> Result<Installed> {
    change(vault, admin, "enable a plugin", |registry| {
        let trusted: Vec<AuthorKey> = registry.trusted.iter().map(|one| one.key).collect();
        // Medicines are handed to one plugin: a second one that is on would be believed to check, and never be asked.
        let checks = |one: &&Installed| one.kind == Kind::Drugs && one.granted.is_some() && one.name != name;
        let other = registry.plugins.iter().find(checks).map(|one| one.name.clone());
        let plugin = find(registry, name)?;
        if shown.is_some_and(|shown| shown != plugin.sha256) {
            return Err(PluginError::Replaced);
        }
        if let Some(other) = other.filter(|_| plugin.kind == Kind::Drugs) {
            return Err(PluginError::KindTaken(other));
        }
        if !trusted.contains(&plugin.signer) {
            return Err(PluginError::UntrustedKey(plugin.signer.to_string()));
        }
        let chosen = |permission: &&Permission| only.is_none_or(|only| only.contains(&permission.capability));
        if let Some(unknown) =
            only.into_iter().flatten().find(|name| !plugin.declared.iter().any(|one| one.capability == **name))
        {
            return Err(PluginError::Manifest(format!("it does not declare `{unknown}`, so that cannot be granted")));
        }
        plugin.granted = Some(plugin.declared.iter().filter(chosen).cloned().collect());
        Ok(plugin.clone())
    })
}

/// Switches a plugin off. Calls that run finish; no other begins.
pub fn disable(vault: &Vault, admin: &Session, name: &str) -> Result<Installed> {
    change(vault, admin, "disable a plugin", |registry| {
        let plugin = find(registry, name)?;
        plugin.granted = None;
        Ok(plugin.clone())
    })
}

/// Forgets a plugin with its settings. What it keeps about people stays, and so do their grants to it: both go by its name,
/// which stays its author's until [`free_name`].
pub(crate) fn remove(vault: &Vault, admin: &Session, name: &str) -> Result<Installed> {
    change(vault, admin, "remove a plugin", |registry| {
        let at = registry.plugins.iter().position(|one| one.name == name).ok_or(PluginError::NotInstalled)?;
        let removed = registry.plugins.remove(at);
        registry.authors.insert(removed.name.clone(), removed.signer);
        Ok(removed)
    })
}

/// Gives the name of a plugin that was removed away: the next author whose plugin has it gets people's grants to it, and what was
/// kept under it.
///
/// # Errors
/// `not-installed` where no removed plugin had this name.
pub fn free_name(vault: &Vault, admin: &Session, name: &str) -> Result<()> {
    change(vault, admin, "give away the name of a plugin", |registry| {
        let installed = registry.plugins.iter().any(|one| one.name == name);
        let freed = if installed { None } else { registry.authors.remove(name) };
        freed.map(|_| ()).ok_or(PluginError::NotInstalled)
    })
}

/// Replaces a plugin's settings, an object that its schema takes. A secret that is not given stays as it is, because whoever sets
/// the others does not see it; an empty one is taken out.
///
/// # Errors
/// `invalid-settings` with every place that breaks the schema; nothing is saved then.
pub fn set_settings(vault: &Vault, admin: &Session, name: &str, mut settings: Value) -> Result<()> {
    if settings.to_string().len() > MOST_SETTINGS {
        return Err(PluginError::Settings(vec![Detail { path: "/".to_owned(), code: "too-large" }]));
    }
    change(vault, admin, "set a plugin's settings", |registry| {
        let plugin = find(registry, name)?;
        let schema = plugin.schema()?;
        if let Some(given) = settings.as_object_mut() {
            for field in schema.fields().iter().filter(|field| field.is_secret()) {
                if given.get(&field.name).and_then(Value::as_str) == Some("") {
                    given.remove(&field.name);
                } else if !given.contains_key(&field.name)
                    && let Some(kept) = plugin.settings.get(&field.name)
                {
                    given.insert(field.name.clone(), kept.clone());
                }
            }
        }
        let faults = schema.faults(&settings);
        if !faults.is_empty() {
            return Err(PluginError::Settings(faults));
        }
        plugin.settings = settings;
        Ok(())
    })
}

fn find<'r>(registry: &'r mut Registry, name: &str) -> Result<&'r mut Installed> {
    registry.plugins.iter_mut().find(|one| one.name == name).ok_or(PluginError::NotInstalled)
}

fn registry(vault: &Vault) -> Result<Registry> {
    Ok(vault.state(ProfileId::SYSTEM, ROW)?.unwrap_or_default())
}

/// Changes the registry for whoever runs the house, and notes it in the log of the house.
fn change<T>(vault: &Vault, admin: &Session, what: &str, change: impl FnOnce(&mut Registry) -> Result<T>) -> Result<T> {
    admin.runs_the_house()?;
    let changed = vault.update_state(ProfileId::SYSTEM, ROW, |registry: Option<Registry>| {
        let before = registry.unwrap_or_default();
        let mut after = before.clone();
        Ok(match change(&mut after) {
            Ok(answer) => {
                after.count_changes(&before);
                (Some((after, None)), Ok(answer))
            }
            Err(error) => (Some((before, None)), Err(error)),
        })
    })?;
    let answer = changed?;
    admin.note_administered(what)?;
    Ok(answer)
}
