//! What a vault does to itself while people write: compacting, rotating keys, changing a way in, backing up, erasing
//! somebody, moving to the other engine.

use std::path::Path;

use phm_core::Result;
use phm_core::access::Action;
use phm_core::backup::{self, Order};
use phm_core::id::ProfileId;
use phm_core::store::Engine;
use phm_core::vault::{How, Options, Session, Vault};
use serde_json::json;

use crate::house;
use crate::writer::{LANES, content, say, write_records};

/// Does the chores one after the other until the process is killed; a backup gets a file of its own in `backups`.
pub fn do_for_ever(vault: &Vault, session: &Session, chores: &str, backups: &Path, seed: u64) {
    let chores = chores.split_whitespace().cycle();
    for (number, chore) in chores.enumerate() {
        say(&format!("begin chore {chore}"));
        let file = backups.join(format!("{seed}-{number}.phmb"));
        let told = do_one(vault, session, chore, &file).unwrap_or_else(|error| panic!("{chore}: {error}"));
        say(&format!("ack {told}"));
    }
}

/// Does one chore; answers what is to be said of it.
pub fn do_one(vault: &Vault, session: &Session, chore: &str, file: &Path) -> Result<String> {
    match chore {
        "compact" => drop(vault.compact()?),
        "rotate" => drop(session.rotate_profile(person(session, LANES[1])?)?),
        "root" => session.rotate_root()?,
        "ways" => return Ok(format!("chore ways {}", session.new_recovery_code()?.0)),
        "backup" => {
            backup::write(vault, file)?;
            return Ok(format!("chore backup {}", file.display()));
        }
        "increment" => {
            // One that could not be listed is gone again.
            let since = vault.backups()?.pop().map(|made| made.path).filter(|path| path.exists());
            let file = file.with_extension("increment.phmb");
            backup::make(vault, &file, &Order { since, ..Order::default() })?;
            return Ok(format!("chore backup {}", file.display()));
        }
        "erase" => erase(session)?,
        other => panic!("there is no chore `{other}`"),
    }
    Ok(format!("chore {chore}"))
}

/// The person who comes to be erased.
pub const GUEST: &str = "Guest";

/// Erases the guest with everything of theirs: the one whom a failure has left, or a new one.
fn erase(session: &Session) -> Result<()> {
    let left = session.profiles()?.into_iter().find(|card| card.name == GUEST);
    let guest = match left {
        Some(card) => card.profile,
        None => session.add_profile(&json!({"name": {"text": GUEST}}), None)?.profile,
    };
    let permit = session.permit(Action::Add, guest, "condition")?;
    session.add(&permit, &json!({"concept": "Asthma"}), How::Typed)?;
    let permit = session.permit(Action::Add, guest, "document")?;
    let about = json!({"title": "scan", "category": "other"});
    session.add_document(&permit, &about, &mut content(1).as_slice(), 1 << 30)?;
    session.erase_profile(guest).map(drop)
}

fn person(session: &Session, name: &str) -> Result<ProfileId> {
    Ok(session.profiles()?.into_iter().find(|card| card.name == name).expect("the lane's person").profile)
}

/// The engine a vault would move to.
pub fn other_engine(vault: &Vault) -> Result<Engine> {
    let here = vault.stats()?.engine;
    Ok(if here == Engine::Sled.name() { Engine::Redb } else { Engine::Sled })
}

/// Moves the vault that is here to `to`.
pub fn migrate(dir: &Path, to: Engine, options: &Options) -> Result<()> {
    Vault::migrate_store(dir, &house::key(), to, options.clone()).map(drop)
}

/// Writes a little and moves to the other engine, again and again.
pub fn migrate_for_ever(dir: &Path, seed: u64) {
    for number in 0.. {
        let vault = house::open(dir).expect("the vault opens");
        write_records(&house::operator(&vault), LANES[0], seed * 100_000 + number, 3);
        let to = other_engine(&vault).expect("counted");
        vault.close().expect("closed");
        say("begin chore migrate");
        migrate(dir, to, &house::options()).expect("moved");
        say("ack chore migrate");
    }
}
