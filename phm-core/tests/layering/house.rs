//! What the rules look at: the crates, their manifests and their sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::names;

/// The whole repository, as far as the rules are concerned.
pub struct House {
    /// Every crate of ours.
    pub crates: Vec<Crate>,
    /// The folders at the top, hidden ones and built ones aside.
    pub folders: Vec<String>,
    /// Every Rust file in a `src` folder of ours.
    pub sources: Vec<Source>,
}

/// One crate of ours.
pub struct Crate {
    /// Name of the package.
    pub name: String,
    /// Folder, from the top of the repository.
    pub folder: String,
    /// Packages it asks for itself, development dependencies aside.
    pub direct: Vec<String>,
    /// Packages it stands on, however deep, development dependencies aside.
    pub all: Vec<String>,
    /// Text of its `Cargo.toml`.
    pub manifest: String,
}

/// One Rust file.
pub struct Source {
    /// Path from the top of the repository.
    pub path: String,
    /// Its code without comments, texts and the modules that are built for tests alone.
    pub code: String,
}

impl Source {
    /// The file at `path` with this text.
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.into(), code: names::without_tests(&names::bare(text)) }
    }
}

impl House {
    /// The repository this test was built from.
    pub fn read() -> Self {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("phm-core lies in the repository");
        let metadata = metadata(top);
        let crates = crates(top, &metadata);
        let mut folders = Vec::new();
        for entry in std::fs::read_dir(top).expect("the repository is readable") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().to_string_lossy().into_owned();
            let hidden = name.starts_with('.') || ["target", "node_modules"].contains(&name.as_str());
            if !hidden && entry.path().is_dir() && has_files(&entry.path()) {
                folders.push(name);
            }
        }
        let mut files = Vec::new();
        for one in &crates {
            rust_files(&top.join(&one.folder).join("src"), &mut files);
        }
        let sources = files.iter().map(|file| {
            let path = file.strip_prefix(top).expect("it lies in the repository").to_string_lossy().into_owned();
            Source::new(&path, &std::fs::read_to_string(file).expect("sources are UTF-8"))
        });
        let sources = sources.collect();
        Self { crates, folders, sources }
    }
}

/// What `cargo metadata` says, for the platform this runs on, without touching the lock file.
fn metadata(top: &Path) -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let about = Command::new(&cargo).arg("-vV").output().expect("cargo runs").stdout;
    let about = String::from_utf8(about).expect("cargo prints UTF-8");
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo names its host");
    let output = Command::new(&cargo)
        .args(["metadata", "--format-version=1", "--locked", "--filter-platform", host])
        .current_dir(top)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

fn crates(top: &Path, metadata: &Value) -> Vec<Crate> {
    let packages = metadata["packages"].as_array().expect("packages");
    let names: BTreeMap<&str, &str> = packages.iter().map(|one| (text(&one["id"]), text(&one["name"]))).collect();
    let nodes = metadata["resolve"]["nodes"].as_array().expect("a resolved graph");
    let arrows: BTreeMap<&str, Vec<&str>> =
        nodes.iter().map(|node| (text(&node["id"]), product_arrows(node))).collect();
    let members = metadata["workspace_members"].as_array().expect("members").iter().map(text);
    let one = |id: &str| {
        let package = packages.iter().find(|one| one["id"] == id).expect("members are packages");
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        let folder = manifest.parent().and_then(|folder| folder.strip_prefix(top).ok()).expect("it lies here");
        let wanted = package["dependencies"].as_array().expect("dependencies").iter();
        let wanted = wanted.filter(|one| one["kind"] != "dev").map(|one| text(&one["name"]).to_owned());
        let mut seen = BTreeSet::new();
        let mut todo = arrows[id].clone();
        while let Some(next) = todo.pop() {
            if seen.insert(next) {
                todo.extend(&arrows[next]);
            }
        }
        Crate {
            name: text(&package["name"]).to_owned(),
            folder: folder.to_string_lossy().into_owned(),
            direct: wanted.collect(),
            all: seen.into_iter().map(|id| names[id].to_owned()).collect(),
            manifest: std::fs::read_to_string(&manifest).expect("manifests are UTF-8"),
        }
    };
    members.map(one).collect()
}

fn product_arrows(node: &Value) -> Vec<&str> {
    let wanted = node["deps"].as_array().expect("dependencies").iter();
    let product = |one: &&Value| one["dep_kinds"].as_array().expect("kinds").iter().any(|kind| kind["kind"] != "dev");
    wanted.filter(product).map(|one| text(&one["pkg"])).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn has_files(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}
