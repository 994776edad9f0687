//! `phm plugin run`: one call, and what it took.

use std::io::Write as _;
use std::path::Path;

use phm_core::access::{Action, Actor};
use phm_core::vault::{Session, Vault};
use phm_plugins::alone::Alone;
use phm_plugins::calls::{Called, package_at};
use phm_plugins::manifest::is_name;
use phm_plugins::{CallContext, Plugins};
use serde_json::{Value, json};

use super::super::Place;
use super::super::output::{Answer, Failure, bytes_of};
use super::{Run, toolchain, watch};

/// `phm plugin run`
pub fn run(place: &Place, run: &Run) -> Result<Answer, Failure> {
    let path = Path::new(&run.plugin);
    // A name is never a path: an installed plugin and a folder of the same name are told apart by how they are written.
    let is_path = !is_name(&run.plugin);
    if run.watch {
        if !is_path || !path.is_dir() {
            return Err(Failure::usage("--watch is for the folder of a plugin, written as a path such as ./medicines"));
        }
        return watch::watch(place, path, &run.input, || {
            toolchain::build(place, path)?;
            alone(place, path, &read(&run.input)?)
        });
    }
    let input = read(&run.input)?;
    if is_path && run.account.is_none() {
        return alone(place, path, &input);
    }
    place.with("running a plugin", |vault, session| {
        let (context, plugins) = (context(vault, session, run)?, Plugins::of(vault));
        let called = if is_path {
            plugins.try_out(&context, &package_at(path)?, json!({}), &input)?
        } else {
            plugins.call(&context, &run.plugin, &input, &[])?
        };
        Ok(answer(&called))
    })
}

fn read(input: &Path) -> Result<Value, Failure> {
    let wrong = |_| Failure::new("invalid-input", "the input is no JSON file");
    serde_json::from_slice(&bytes_of(input)?).map_err(wrong)
}

/// For whom and about whom: for the account that was named, which must have to do with the person.
fn context(vault: &Vault, session: &Session, run: &Run) -> Result<CallContext, Failure> {
    let Some(email) = &run.account else { return Ok(CallContext::of(session)) };
    let account = session.account_by_email(email)?;
    let caller = vault.session(Actor::Person { account }, "running a plugin")?;
    Ok(match run.profile {
        Some(profile) => CallContext::about(&caller, caller.permit(Action::Read, profile, "profile")?),
        None => CallContext::of(&caller),
    })
}

fn alone(place: &Place, path: &Path, input: &Value) -> Result<Answer, Failure> {
    let tried = Alone::new(&package_at(path)?)?.call(input);
    let mut errors = place.error();
    for (level, line) in tried.lines {
        writeln!(errors, "{level:?}: {line}")?;
    }
    Ok(answer(&tried.called?))
}

fn answer(called: &Called) -> Answer {
    let text = format!(
        "{:#}\n{:.1} ms, {} KB of memory, {} units of work; asked for: {}",
        called.output,
        called.ms,
        called.peak_bytes / 1024,
        called.fuel,
        if called.capabilities.is_empty() { "nothing".to_owned() } else { called.capabilities.join(", ") }
    );
    let value = json!({"output": called.output, "capabilities": called.capabilities, "proposals": called.proposals,
        "accepted": called.accepted, "ms": called.ms, "peak_bytes": called.peak_bytes, "fuel": called.fuel});
    Answer::new(value, text)
}
