//! Sees to it that the built web assets are there before they are embedded.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=web/dist/manifest.json");
    println!("cargo:rerun-if-changed=templates");
    println!("cargo:rerun-if-changed=locales");
    // Asked when it runs: checkouts that share a target folder share this program too.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo says where the package is");
    let manifest = Path::new(&here).join("web/dist/manifest.json");
    assert!(manifest.exists(), "the web assets are not built: run `make assets`");
}
