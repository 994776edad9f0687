//! What a vault does to itself while people write: compacting, rotating keys, backing up, moving to the other engine.

use std::path::Path;

use phm_core::Result;
use phm_core::backup;
use phm_core::id::ProfileId;
use phm_core::store::Engine;
use phm_core::vault::{Options, Session, Vault};

use crate::house;
use crate::writer::{LANES, say, write_records};

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
        "backup" => {
            backup::write(vault, file)?;
            return Ok(format!("chore backup {}", file.display()));
        }
        other => panic!("there is no chore `{other}`"),
    }
    Ok(format!("chore {chore}"))
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
