//! `phm plugin new`: a folder that builds as it is, with the SDK inside, so that nothing has to be found elsewhere.

use std::path::Path;

use phm_plugin_api::Kind;
use phm_plugins::manifest::is_name;
use serde_json::json;

use super::super::output::{Answer, Failure};

macro_rules! sdk {
    ($($path:literal)+) => {
        /// The SDK's files, as this program was built with.
        const SDK: &[(&str, &str)] = &[$(($path, include_str!(concat!("../../../../", $path)))),+];
    };
}

sdk! {
    "sdk/api/Cargo.toml" "sdk/api/src/lib.rs" "sdk/api/src/kind.rs" "sdk/api/src/v1/mod.rs" "sdk/api/src/v1/calls.rs"
    "sdk/api/src/v1/calls/documents.rs" "sdk/api/src/v1/calls/records.rs"
    "sdk/api/src/v1/assistant.rs" "sdk/api/src/v1/document.rs" "sdk/api/src/v1/drugs.rs" "sdk/api/src/v1/envelope.rs"
    "sdk/api/src/v1/import.rs" "sdk/api/src/v1/insight.rs" "sdk/api/src/v1/notify.rs"
    "sdk/rust/Cargo.toml" "sdk/rust/src/lib.rs" "sdk/rust/src/guest.rs" "sdk/rust/src/host.rs" "sdk/rust/src/kinds.rs"
    "sdk/rust/src/testing.rs" "sdk/rust/src/base64.rs" "sdk/rust/src/file.rs"
}

const CARGO: &str = include_str!("template/Cargo.toml.in");
const MANIFEST: &str = include_str!("template/plugin.toml.in");
const README: &str = include_str!("template/README.md.in");
const IGNORED: &str = "/target\n/plugin.wasm\n*.phmp\n*.key\n";

/// `phm plugin new`
pub fn new(name: &str, kind: &str, dir: Option<&Path>) -> Result<Answer, Failure> {
    if !is_name(name) {
        return Err(Failure::usage(
            "a plugin's name is lower-case letters, digits and single hyphens, 2 to 64 of them",
        ));
    }
    let kind = Kind::from_word(kind)
        .ok_or_else(|| Failure::usage("--kind is document, drugs, notify, assistant, import or insight"))?;
    let dir = dir.unwrap_or_else(|| Path::new(name));
    if dir.exists() {
        return Err(Failure::new("not-empty", "there is something of this name already; choose another --dir"));
    }
    let filled = |text: &str| {
        text.replace("{name}", name).replace("{kind}", kind.as_str()).replace("{permission}", permission(kind))
    };
    let code = source(kind);
    let files = [
        ("Cargo.toml", filled(CARGO)),
        ("plugin.toml", filled(MANIFEST)),
        ("README.md", filled(README)),
        (".gitignore", IGNORED.to_owned()),
        ("src/lib.rs", code.to_owned()),
    ];
    let sdk = SDK.iter().map(|(path, text)| (*path, (*text).to_owned()));
    for (path, text) in files.into_iter().chain(sdk) {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(dir))?;
        std::fs::write(path, text)?;
    }
    let at = dir.display();
    let text =
        format!("Made {at}. Next: phm plugin test {at}; phm plugin key my.key; phm plugin sign {at} --key my.key");
    Ok(Answer::new(json!({"path": dir, "name": name, "kind": kind}), text))
}

/// What the plugin of the template asks for.
fn permission(kind: Kind) -> &'static str {
    match kind {
        Kind::Insight | Kind::Assistant => {
            "[[permission]]\ncapability = \"records.list\"\nreason = \"Counts the medicines in the record.\"\nkinds = [\"medication\"]\n"
        }
        Kind::Document | Kind::Import => {
            "[[permission]]\ncapability = \"records.propose\"\nreason = \"Proposes what it finds; a person decides.\"\nkinds = [\"note\"]\n"
        }
        Kind::Drugs | Kind::Notify => "",
    }
}

/// The program of the template, which does something small and has a test.
fn source(kind: Kind) -> &'static str {
    match kind {
        Kind::Document => include_str!("template/document.rs.in"),
        Kind::Drugs => include_str!("template/drugs.rs.in"),
        Kind::Notify => include_str!("template/notify.rs.in"),
        Kind::Assistant => include_str!("template/assistant.rs.in"),
        Kind::Import => include_str!("template/import.rs.in"),
        Kind::Insight => include_str!("template/insight.rs.in"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_sdk_goes_with_a_new_plugin() {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
        let mut found = Vec::new();
        let mut folders = vec![top.join("sdk/api"), top.join("sdk/rust")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|end| end == "rs") {
                    found.push(path.strip_prefix(top).expect("inside").to_string_lossy().into_owned());
                }
            }
        }
        for path in found {
            assert!(SDK.iter().any(|(known, _)| *known == path), "{path} is not in the template");
        }
    }

    #[test]
    fn every_kind_has_a_manifest_that_is_one() {
        for kind in Kind::ALL {
            let text = MANIFEST
                .replace("{name}", "probe")
                .replace("{kind}", kind.as_str())
                .replace("{permission}", permission(kind));
            phm_plugins::Manifest::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", kind.as_str()));
            assert!(source(kind).contains(&format!("export!({}:", kind.export())), "{}", kind.as_str());
        }
    }
}
