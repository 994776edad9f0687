//! Gives the shared library the name of what it promises, `libphm.so.0.1`: a program that was built against one promise is
//! never started with another. Until version 1 a minor version may break it, from then on a major one.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let of = |name: &str| std::env::var(name).unwrap_or_default();
    let (major, minor) = (of("CARGO_PKG_VERSION_MAJOR"), of("CARGO_PKG_VERSION_MINOR"));
    let promise = if major == "0" { format!("0.{minor}") } else { major };
    // Elsewhere libraries have no such name, or get it where they are installed.
    if of("CARGO_CFG_TARGET_OS") == "linux" {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libphm.so.{promise}");
    }
}
