//! Sees to it that the built web assets are there before they are embedded.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=web/dist/manifest.json");
    println!("cargo:rerun-if-changed=templates");
    println!("cargo:rerun-if-changed=locales");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dist/manifest.json");
    assert!(manifest.exists(), "the web assets are not built: run `make assets`");
}
