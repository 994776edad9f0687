//! What the author of a plugin does: build, test, sign, validate. No vault is needed.

use std::path::{Path, PathBuf};

use phm_core::crypto::durable;
use phm_plugins::alone::Alone;
use phm_plugins::calls::package_at;
use phm_plugins::signature::SigningKey;
use phm_plugins::{Package, PluginError, conformance};
use serde_json::{Value, json};

use super::super::Place;
use super::super::output::{Answer, Failure};
use super::toolchain;

/// `phm plugin build`
pub fn build(place: &Place, dir: &Path) -> Result<Answer, Failure> {
    let wasm = toolchain::build(place, dir)?;
    let package = package_at(dir)?;
    let bytes = package.module().len();
    let text = format!("Built {} ({} KB).", wasm.display(), bytes.div_ceil(1000));
    Ok(Answer::new(json!({"path": wasm, "bytes": bytes, "name": package.manifest().name}), text))
}

/// `phm plugin test`
pub fn test(place: &Place, dir: &Path) -> Result<Answer, Failure> {
    toolchain::test(place, dir)?;
    toolchain::build(place, dir)?;
    let package = package_at(dir)?;
    let mut broken = conformance::broken(&package)?;
    let cases = cases(dir, &package, &mut broken)?;
    judged(&package, json!({ "cases": cases }), broken)
}

/// `phm plugin key`
pub fn key(file: &Path) -> Result<Answer, Failure> {
    let key = SigningKey::create(file)?.public().to_string();
    let text = format!("Wrote your signing key to {}. Keep it; give away only the public one:\n{key}", file.display());
    Ok(Answer::new(json!({"path": file, "key": key}), text))
}

/// `phm plugin sign`
pub fn sign(path: &Path, key: &Path, output: Option<&Path>) -> Result<Answer, Failure> {
    let key = SigningKey::read(key)?;
    let package = package_at(path)?.signed(&key);
    let bytes = package.write()?;
    let file = output.map_or_else(|| PathBuf::from(package.file_name()), Path::to_owned);
    durable::write_file(&std::path::absolute(&file)?, &bytes)?;
    let sha256 = phm_plugins::package::fingerprint(&bytes);
    let key = key.public().to_string();
    let text = format!("Wrote {}, signed by {key}.", file.display());
    Ok(Answer::new(json!({"path": file, "key": key, "sha256": sha256, "bytes": bytes.len()}), text))
}

/// `phm plugin validate`
pub fn validate(path: &Path) -> Result<Answer, Failure> {
    let package = package_at(path)?;
    let signer = match package.signer() {
        Ok(key) => Some(key),
        Err(PluginError::Unsigned) => None,
        Err(error) => return Err(error.into()),
    };
    let broken = conformance::broken(&package)?;
    judged(&package, json!({ "signer": signer }), broken)
}

/// Calls the plugin with the author's own cases, `cases/*.json`: `{"input":…,"expect":…}`.
fn cases(dir: &Path, package: &Package, broken: &mut Vec<String>) -> Result<usize, Failure> {
    let Ok(entries) = std::fs::read_dir(dir.join("cases")) else { return Ok(0) };
    let mut paths: Vec<PathBuf> =
        entries.collect::<Result<Vec<_>, _>>()?.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "json"));
    paths.sort();
    let alone = Alone::new(package)?;
    for path in &paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let unreadable = |_| Failure::new("invalid-input", format!("cases/{name} is no JSON"));
        let case: Value = serde_json::from_slice(&std::fs::read(path)?).map_err(unreadable)?;
        match alone.call(&case["input"]).called {
            Ok(called) if called.output == case["expect"] => {}
            Ok(called) => broken.push(format!("cases/{name}: answered {}", called.output)),
            Err(error) => broken.push(format!("cases/{name}: {error}")),
        }
    }
    Ok(paths.len())
}

fn judged(package: &Package, more: Value, broken: Vec<String>) -> Result<Answer, Failure> {
    let manifest = package.manifest();
    if !broken.is_empty() {
        return Err(Failure::new(
            "check-failed",
            format!("{} breaks its promises:\n  {}", manifest.name, broken.join("\n  ")),
        ));
    }
    let mut value = json!({"name": manifest.name, "version": manifest.version, "kind": manifest.kind, "problems": []});
    for (name, one) in more.as_object().into_iter().flatten() {
        value[name] = one.clone();
    }
    Ok(Answer::new(value, format!("{} {} is fine.", manifest.name, manifest.version)))
}
