//! The rules themselves: design section 2, "Rules a test checks".

use std::collections::BTreeSet;

use crate::house::{Crate, House, Source};
use crate::names;

/// Which crates of ours each may depend on, by folder. Arrows only point downwards.
const ARROWS: &[(&str, &[&str])] = &[
    ("phm-core", &[]),
    ("sdk/api", &[]),
    ("sdk/rust", &["phm-plugin-api"]),
    ("phm-plugins", &["phm-core", "phm-plugin-api"]),
    ("phm-appliance", &["phm-core", "phm-plugins", "phm-plugin-api"]),
    ("bindings/arrow", &["phm-core"]),
    ("bindings/", &["phm-core", "phm-arrow"]),
    ("plugins/", &["phm-plugin-sdk"]),
    ("examples", &["phm-core", "phm-plugin-api", "phm-plugin-sdk"]),
    ("benches", &["phm-core", "phm-plugins", "phm-plugin-api", "phm-appliance"]),
];

/// The folders at the top of the repository; `tests` holds the patches that break promises, which no crate compiles.
const TOP: &[&str] =
    &["phm-core", "phm-plugins", "phm-appliance", "bindings", "plugins", "sdk", "examples", "benches", "fuzz", "tests"];

/// What phm-core never stands on, however deep: no network, no wasm, no async runtime.
const NEVER_UNDER_THE_CORE: &[&str] =
    &["tokio", "poem", "hyper", "axum", "extism", "wasmtime", "lettre", "candle", "tesseract"];

/// What a plugin never stands on, nor what its author imports: it is a small module without a machine of its own.
const NEVER_UNDER_A_PLUGIN: &[&str] = &["tokio", "ring", "wasmtime", "extism", "poem", "hyper", "sled", "redb"];

/// Crates that are named in one place only: (crate, where, folders that may as well).
const ONE_PLACE: &[(&str, &str, &[&str])] = &[
    ("ring", "phm-core/src/crypto", &["examples", "phm-appliance/src/tls"]),
    ("sled", "phm-core/src/store/sled.rs", &["phm-core/src/store/sled"]),
    ("redb", "phm-core/src/store/redb.rs", &[]),
    ("extism", "phm-plugins/src/runtime", &[]),
    ("wasmtime", "phm-plugins/src/runtime", &[]),
    ("candle", "phm-appliance/src/engines", &[]),
    ("tesseract", "phm-appliance/src/engines", &[]),
];

/// Inside phm-core: modules that may know only these of their neighbours.
const MAY_KNOW_ONLY: &[(&str, &[&str])] =
    &[("model", &["model", "error", "id", "time"]), ("analytics", &["analytics", "model", "error", "id", "time"])];

/// Inside phm-core: modules that do no input or output and read no clock.
const PURE: &[&str] = &["model", "analytics"];

/// Inside phm-core: (module, a neighbour it may not know).
const MAY_NOT_KNOW: &[(&str, &str)] = &[("crypto", "model"), ("store", "model")];

/// Inside phm-core: who may know the vault, which alone knows all.
const KNOW_THE_VAULT: &[&str] = &["vault", "backup", "manual", "lib"];

/// Parts of the standard library that do input or output.
const STD_IO: &[&str] = &["fs", "net", "process", "env", "os", "thread", "path"];

/// Crates that give random numbers; only `phm-core/src/crypto` takes any, and takes them from ring.
const RANDOMNESS: &[&str] = &["rand", "rand_core", "getrandom", "fastrand", "oorandom", "rand_chacha"];

/// Where randomness is taken; everybody else asks there.
const TAKES_RANDOMNESS: &str = "phm-core/src/crypto/mod.rs";

/// Sources of randomness in the crates we stand on, and what takes from one without being given it.
const SOURCES: &[&str] = &[
    "SystemRandom",
    "SecureRandom",
    "OsRng",
    "ThreadRng",
    "thread_rng",
    "new_v4",
    "now_v7",
    "new_random",
    "new_random_sha256",
    "gen_secret",
    "generate_for",
    "generate_rsa_for",
    "generate_simple_self_signed",
    "RandomState",
];

/// Who names such a source all the same: these two hash with the standard library's seed, as every `HashMap` does. It
/// keeps foreign names from being chosen so that they collide; nothing that is kept or sent is made from it.
const SOURCES_ALSO: &[(&str, &str)] =
    &[("phm-core/src/exchange/fhir/address.rs", "RandomState"), ("phm-core/src/index/templates.rs", "RandomState")];

/// What has a `generate` of PHM's own, which asks `phm_core::crypto::random`; any other, such as that of a `KeyPair` or
/// a `SigningKey`, takes randomness past it.
const GENERATE: &[&str] = &[
    "UnlockKey",
    "RootKey",
    "ProfileKey",
    "AboutKey",
    "IndexKey",
    "AuditKey",
    "StateKey",
    "TokenKey",
    "BackupKey",
    "CheckpointSeed",
    "PackageKey",
    "SpoolKey",
    "FileKey",
    "RecoveryCode",
];

/// Where `unsafe` may be let in by an attribute.
const UNSAFE_PLACES: &[&str] = &["bindings/", "sdk/rust/", "phm-plugins/src/runtime"];

/// Every place in `house` that breaks a rule, in words.
pub fn broken(house: &House) -> Vec<String> {
    let mut broken = Vec::new();
    let modules: BTreeSet<&str> =
        house.sources.iter().filter_map(module).filter_map(|path| path.first().copied()).collect();
    for folder in house.folders.iter().filter(|folder| !TOP.contains(&folder.as_str())) {
        broken.push(format!("the folder {folder} has no place in the house"));
    }
    for one in &house.crates {
        arrows(one, &mut broken);
        manifest(one, &mut broken);
    }
    for source in house.sources.iter().filter(|source| !source.path.starts_with("benches/")) {
        one_place(source, &mut broken);
        randomness(source, &mut broken);
        unsafe_code(source, &mut broken);
        neighbours(source, &modules, &mut broken);
    }
    broken
}

fn arrows(one: &Crate, broken: &mut Vec<String>) {
    let Crate { name, folder, .. } = one;
    let Some((_, below)) = ARROWS.iter().find(|(place, _)| folder == place || has_folder(folder, place)) else {
        return broken.push(format!("{name} has no place in the house"));
    };
    for other in &one.direct {
        let ours = other.starts_with("phm-");
        let random = folder != "benches" && RANDOMNESS.contains(&other.as_str());
        if ours && !below.contains(&other.as_str()) || random {
            broken.push(format!("{name} may not depend on {other}"));
        }
    }
    if ["sdk", "plugins"].iter().any(|place| has_folder(folder, place)) {
        let never = one.all.iter().filter(|other| NEVER_UNDER_A_PLUGIN.iter().any(|never| is_or_family(other, never)));
        broken.extend(never.map(|other| format!("{name} may not stand on {other}")));
    }
    if folder == "phm-core" {
        let never = one.all.iter().filter(|other| NEVER_UNDER_THE_CORE.iter().any(|never| is_or_family(other, never)));
        broken.extend(never.map(|other| format!("{name} may not stand on {other}")));
    }
}

fn manifest(one: &Crate, broken: &mut Vec<String>) {
    let mut section = "";
    let mut lints = false;
    for line in one.manifest.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
            continue;
        }
        let plain: String = line.chars().filter(|letter| !letter.is_whitespace()).collect();
        lints |= section == "lints" && plain == "workspace=true";
        let table =
            section == "dependencies" || section.ends_with("-dependencies") || section.ends_with(".dependencies");
        if table && !plain.contains("workspace=true") {
            let name = plain.split(['=', '.']).next().unwrap_or_default();
            broken.push(format!("{}: {name} is not from the one table of dependencies", one.name));
        }
    }
    if !lints {
        broken.push(format!("{} does not take the workspace's lints", one.name));
    }
}

fn one_place(source: &Source, broken: &mut Vec<String>) {
    for named in names::crates(&source.code) {
        for (name, place, also) in ONE_PLACE {
            let elsewhere = !source.path.starts_with(place) && !also.iter().any(|also| has_folder(&source.path, also));
            if elsewhere && is_or_family(&named, name) {
                broken.push(format!("{} names {named}, which only {place} may", source.path));
            }
        }
    }
}

fn randomness(source: &Source, broken: &mut Vec<String>) {
    let mut found: Vec<_> = names::crates(&source.code).into_iter().collect();
    found.retain(|name| RANDOMNESS.contains(&name.as_str()));
    let path = source.path.as_str();
    for &word in SOURCES {
        let may = path == TAKES_RANDOMNESS || SOURCES_ALSO.contains(&(path, word));
        if !may && names::has_word(&source.code, word) {
            found.push(word.to_owned());
        }
    }
    let made = names::generators(&source.code).into_iter().filter(|owner| !GENERATE.contains(&owner.as_str()));
    found.extend(made.map(|owner| format!("{owner}::generate")));
    broken.extend(found.iter().map(|what| format!("{path} takes randomness by {what}; use phm_core::crypto::random")));
}

fn unsafe_code(source: &Source, broken: &mut Vec<String>) {
    let let_in = names::has_word(&source.code, "unsafe_code");
    if let_in && !UNSAFE_PLACES.iter().any(|place| source.path.starts_with(place)) {
        broken.push(format!("{} allows unsafe_code", source.path));
    }
}

/// Where `source` stands among the modules of phm-core: `["model", "visit"]`.
fn module(source: &Source) -> Option<Vec<&str>> {
    let inside = source.path.strip_prefix("phm-core/src/")?.strip_suffix(".rs")?;
    let mut path: Vec<&str> = inside.split('/').collect();
    path.retain(|part| *part != "mod");
    Some(path)
}

fn neighbours(source: &Source, modules: &BTreeSet<&str>, broken: &mut Vec<String>) {
    let Some(path) = module(source) else { return };
    let module = path.first().copied().unwrap_or_default();
    for other in names::modules(&source.code, &path).into_iter().filter(|other| modules.contains(other.as_str())) {
        let only = MAY_KNOW_ONLY.iter().any(|(of, known)| *of == module && !known.contains(&other.as_str()));
        let never = MAY_NOT_KNOW.contains(&(module, other.as_str()));
        let vault = other == "vault" && !KNOW_THE_VAULT.contains(&module);
        if only || never || vault {
            broken.push(format!("{}: {module} may not know {other}", source.path));
        }
    }
    if PURE.contains(&module) {
        for part in names::standard(&source.code) {
            if STD_IO.contains(&part.as_str()) {
                broken.push(format!("{}: {module} does no input or output, but names std::{part}", source.path));
            }
        }
    }
}

fn has_folder(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether `name` is `family` or one of its crates: `candle-core`, `candle_core` and `tesseract-rs`.
fn is_or_family(name: &str, family: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}
