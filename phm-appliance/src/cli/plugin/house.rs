//! Keeping plugins: whose signatures count, what is installed, what it may do.

use std::fmt::Write as _;
use std::path::Path;

use phm_core::access::Action;
use phm_core::id::ProfileId;
use phm_plugins::installed::{self, Installed};
use phm_plugins::manifest::Permission;
use phm_plugins::signature::AuthorKey;
use phm_plugins::{PluginError, Plugins, logbook};
use serde_json::{Value, json};

use super::super::Place;
use super::super::care::to_value;
use super::super::output::{Answer, Failure, bytes_of};

const PURPOSE: &str = "keeping plugins";

/// `phm plugin trust`
pub fn trust(place: &Place, key: &str, name: &str) -> Result<Answer, Failure> {
    let key: AuthorKey = key.parse()?;
    place.with(PURPOSE, |vault, admin| {
        installed::trust(vault, admin, key, name)?;
        Ok(Answer::new(json!({"key": key, "name": name}), format!("Packages signed by {name} may be installed.")))
    })
}

/// `phm plugin distrust`
pub fn distrust(place: &Place, key: &str) -> Result<Answer, Failure> {
    let key: AuthorKey = key.parse()?;
    place.with(PURPOSE, |vault, admin| {
        installed::distrust(vault, admin, key)?;
        Ok(Answer::new(json!({ "key": key }), "The key is trusted no more, and what it signed is switched off."))
    })
}

/// `phm plugin keys`
pub fn keys(place: &Place) -> Result<Answer, Failure> {
    place.with(PURPOSE, |vault, _| {
        let keys = installed::trusted(vault)?;
        let lines: Vec<String> = keys.iter().map(|one| format!("{}  {}", one.key, one.name)).collect();
        let text = if lines.is_empty() {
            "No key is trusted; `phm plugin trust` adds one.".to_owned()
        } else {
            lines.join("\n")
        };
        Ok(Answer::new(json!({"keys": to_value(&keys)?}), text))
    })
}

/// `phm plugin install`
pub fn install(place: &Place, file: &Path) -> Result<Answer, Failure> {
    let bytes = bytes_of(file)?;
    place.with(PURPOSE, |vault, admin| {
        let plugin = Plugins::of(vault).install(admin, &bytes)?;
        let on = if plugin.granted.is_some() { "It is on, as before." } else { "It is off." };
        let text = format!("Installed {} {}. {on}\n{}", plugin.name, plugin.version, asks(&plugin));
        Ok(Answer::new(to_value(&plugin.without_secrets()?)?, text))
    })
}

/// `phm plugin enable`
pub fn enable(place: &Place, name: &str, only: &[String]) -> Result<Answer, Failure> {
    place.with(PURPOSE, |vault, admin| {
        let plugin = installed::enable(vault, admin, name, (!only.is_empty()).then_some(only))?;
        let text = format!("{} {} is on.\n{}", plugin.name, plugin.version, asks(&plugin));
        Ok(Answer::new(to_value(&plugin.without_secrets()?)?, text))
    })
}

/// `phm plugin disable`
pub fn disable(place: &Place, name: &str) -> Result<Answer, Failure> {
    place.with(PURPOSE, |vault, admin| {
        let plugin = installed::disable(vault, admin, name)?;
        Ok(Answer::new(to_value(&plugin.without_secrets()?)?, format!("{name} is off.")))
    })
}

/// `phm plugin remove`
pub fn remove(place: &Place, name: &str, free_name: bool) -> Result<Answer, Failure> {
    place.with(PURPOSE, |vault, admin| {
        let removed = match Plugins::of(vault).remove(admin, name) {
            Ok(plugin) => Some(plugin),
            // Its name may be given away later too.
            Err(PluginError::NotInstalled) if free_name => None,
            Err(error) => return Err(error.into()),
        };
        if free_name {
            installed::free_name(vault, admin, name)?;
        }
        let name_of = if free_name {
            "Its name is free: the next plugin of this name gets people's grants to it, whoever wrote it."
        } else {
            "Its name stays its author's, since people's grants go by it."
        };
        let removed = removed.map(Installed::without_secrets).transpose()?;
        Ok(Answer::new(to_value(&removed)?, format!("{name} is removed. {name_of}")))
    })
}

/// `phm plugin configure`
pub fn configure(place: &Place, name: &str, file: &Path) -> Result<Answer, Failure> {
    let wrong = || Failure::new("invalid-input", "the settings are no JSON file");
    let settings: Value = serde_json::from_slice(&bytes_of(file)?).map_err(|_| wrong())?;
    place.with(PURPOSE, |vault, admin| {
        installed::set_settings(vault, admin, name, settings)?;
        Ok(Answer::new(json!({ "name": name }), format!("{name} has new settings.")))
    })
}

/// `phm plugin list`
pub fn list(place: &Place) -> Result<Answer, Failure> {
    place.with(PURPOSE, |vault, _| {
        let plugins = Plugins::of(vault).list()?;
        let one = |plugin: &Installed| {
            let on = if plugin.granted.is_some() { "on" } else { "off" };
            format!(
                "{} {} ({}), {on}: {}\n{}",
                plugin.name,
                plugin.version,
                plugin.kind.as_str(),
                plugin.summary,
                asks(plugin)
            )
        };
        let text = if plugins.is_empty() {
            "No plugin is installed; `phm plugin install FILE` does.".to_owned()
        } else {
            plugins.iter().map(one).collect::<Vec<_>>().join("\n")
        };
        let plugins = plugins.into_iter().map(Installed::without_secrets).collect::<Result<Vec<_>, _>>()?;
        Ok(Answer::new(json!({"plugins": to_value(&plugins)?}), text))
    })
}

/// `phm plugin logs`
pub fn logs(place: &Place, name: &str, profile: Option<ProfileId>) -> Result<Answer, Failure> {
    place.with("reading a plugin's log", |vault, session| {
        installed::get(vault, name)?;
        if let Some(profile) = profile {
            // What a plugin logged about a person may hold what it read of them: a look, and noted as one.
            let permit = session.permit(Action::Read, profile, "profile")?;
            session.note_plugin("plugin log", &permit, &[], true)?;
        }
        let lines = logbook::read(vault, name, profile)?;
        let mut text = String::new();
        for line in &lines {
            // A text takes everything.
            let _ = writeln!(text, "{} {:?}: {}", line.at, line.level, line.message);
        }
        Ok(Answer::new(json!({"lines": to_value(&lines)?}), text))
    })
}

/// What a plugin asks for, for the person who decides.
fn asks(plugin: &Installed) -> String {
    let (memory, seconds) = (plugin.limits.memory_bytes.div_ceil(1 << 20), plugin.limits.time_ms.div_ceil(1_000));
    let takes = format!("  For one call it may take {memory} MiB of memory and {seconds} s.");
    if plugin.declared.is_empty() {
        return format!("  It asks for nothing: no records, no network, nothing kept.\n{takes}");
    }
    let granted = |asked: &Permission| plugin.granted.as_ref().is_some_and(|granted| granted.contains(asked));
    let line = |asked: &Permission| {
        let mark = if granted(asked) { "granted" } else { "not granted" };
        let about = if asked.kinds.is_empty() { String::new() } else { format!(" of {}", asked.kinds.join(", ")) };
        let sends = match asked.hosts.as_slice() {
            [] => String::new(),
            hosts => format!("; can send what it reads to {}", hosts.join(", ")),
        };
        format!("  {}{about}{sends} ({mark}): {}", asked.capability, asked.reason)
    };
    plugin.declared.iter().map(line).chain([takes]).collect::<Vec<_>>().join("\n")
}
