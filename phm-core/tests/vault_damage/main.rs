//! Whatever is changed, lost, moved or put back behind a vault's back is named by `verify` or refused when it opens, and
//! is never served.

mod cuts;
mod flips;
mod gap;
#[path = "../house/mod.rs"]
mod house;
mod log;
mod lost;
mod planted;
mod refused;
mod replay;
mod samples;
mod sound;
#[path = "../told/mod.rs"]
mod told;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use phm_core::ErrorKind;
use phm_core::store::layout::Table;
use phm_core::vault::{Damage, Where};
use sound::{Row, overwrite, rows, served};

/// The sound vault, made once, and what it serves.
struct Sound {
    dir: PathBuf,
    serves: BTreeMap<String, String>,
}

fn sound_vault() -> &'static Sound {
    static MADE: OnceLock<Sound> = OnceLock::new();
    MADE.get_or_init(|| {
        let home = lasting_folder();
        let (dir, read) = (home.join("vault"), home.join("read"));
        sound::make(&dir);
        house::copy(&dir, &read);
        let vault = house::open(&read).expect("the vault opens");
        assert!(vault.verify(None).expect("verified").ok);
        let serves = served(&vault);
        assert!(serves.len() > 25, "{} answers", serves.len());
        Sound { dir, serves }
    })
}

/// A new folder for what lasts as long as this process. Nothing is dropped when a process ends, so whoever comes next
/// removes what those before left.
fn lasting_folder() -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vault_damage");
    fs::create_dir_all(&all).expect("a folder");
    for entry in fs::read_dir(&all).expect("listed") {
        let left = entry.expect("an entry").path();
        let name = left.file_name().unwrap_or_default();
        if !Path::new("/proc").join(name).exists() {
            // Another process may be at it already.
            let _ = fs::remove_dir_all(left);
        }
    }
    let own = all.join(std::process::id().to_string());
    // Of an earlier process with this number.
    let _ = fs::remove_dir_all(&own);
    fs::create_dir(&own).expect("a folder");
    own
}

/// Changes a copy of the sound vault and answers the damage that is named; whatever it still serves is what it always
/// served.
fn after(change: impl FnOnce(&Path)) -> Vec<Damage> {
    after_and_served(change).0
}

/// The same, with what is still served.
fn after_and_served(change: impl FnOnce(&Path)) -> (Vec<Damage>, BTreeMap<String, String>) {
    let sound = sound_vault();
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("vault");
    house::copy(&sound.dir, &dir);
    change(&dir);
    let mut serves = BTreeMap::new();
    let report = match house::open(&dir) {
        Ok(vault) => {
            serves = served(&vault);
            for (what, answer) in &serves {
                // What is gone is not served; what is served is unchanged. Cards count records and may lack some.
                let unchanged = what.ends_with(" card") || sound.serves.get(what) == Some(answer);
                assert!(unchanged, "{what} is served otherwise than it was");
            }
            vault.verify(None)
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
            house::inspect(&dir)
        }
    };
    let report = report.expect("a whole report");
    assert!(!report.ok, "nothing was noticed");
    (report.damaged, serves)
}

/// The seq or leaf an address names.
fn number(address: &[u8]) -> u64 {
    u64::from_be_bytes(address[17..25].try_into().expect("eight bytes"))
}

fn flipped(value: &[u8], bit: usize) -> Vec<u8> {
    let mut value = value.to_vec();
    value[bit / 8] ^= 1 << (bit % 8);
    value
}

fn names(damaged: &[Damage], place: Where, number: u64) -> bool {
    damaged.iter().any(|damage| {
        let entry = damage.entry.as_deref().unwrap_or_default();
        damage.place == place && entry.ends_with(&format!("#{number}"))
    })
}

#[test]
fn a_flipped_bit_in_any_journal_origin_or_audit_body_is_named_and_not_served() {
    let mut dice = house::Dice::new(3);
    for (table, place) in
        [(Table::Journal, Where::Journal), (Table::Origin, Where::Journal), (Table::Audit, Where::Audit)]
    {
        let all = rows(&sound_vault().dir, table);
        assert!(all.len() >= 4, "{} rows in {}", all.len(), table.name());
        for (address, value) in all {
            let bit = usize::try_from(dice.below(value.len() as u64 * 8)).expect("short");
            let found = after(|dir| overwrite(dir, [(address.clone(), Some(flipped(&value, bit)))]));
            assert!(names(&found, place, number(&address)), "{} {address:?} bit {bit}: {found:?}", table.name());
        }
    }
}

#[test]
fn a_flipped_bit_in_any_head_or_state_row_is_noticed() {
    let mut dice = house::Dice::new(4);
    for table in [Table::Head, Table::State] {
        let all = rows(&sound_vault().dir, table);
        assert!(all.len() >= 2);
        for (address, value) in all {
            let bit = usize::try_from(dice.below(value.len() as u64 * 8)).expect("short");
            after(|dir| overwrite(dir, [(address, Some(flipped(&value, bit)))]));
        }
    }
}

#[test]
fn a_deleted_row_is_named() {
    for (table, place) in
        [(Table::Journal, Where::Journal), (Table::Origin, Where::Journal), (Table::Audit, Where::Audit)]
    {
        for (address, _) in rows(&sound_vault().dir, table) {
            let found = after(|dir| overwrite(dir, [(address.clone(), None)]));
            assert!(names(&found, place, number(&address)), "{} {address:?}: {found:?}", table.name());
        }
    }
    for (address, _) in rows(&sound_vault().dir, Table::Head) {
        after(|dir| overwrite(dir, [(address, None)]));
    }
}

#[test]
fn two_rows_that_changed_places_are_named() {
    for (table, place) in
        [(Table::Journal, Where::Journal), (Table::Origin, Where::Journal), (Table::Audit, Where::Audit)]
    {
        let all = rows(&sound_vault().dir, table);
        for pair in all.windows(2) {
            let [(a, a_value), (b, b_value)] = pair else { unreachable!("two at a time") };
            let swapped = [(a.clone(), Some(b_value.clone())), (b.clone(), Some(a_value.clone()))];
            let found = after(|dir| overwrite(dir, swapped));
            let named = names(&found, place, number(a)) && names(&found, place, number(b));
            assert!(named, "{} {a:?} {b:?}: {found:?}", table.name());
        }
    }
}

/// The rows of one owner, oldest first, for each owner.
fn by_owner(table: Table) -> BTreeMap<Vec<u8>, Vec<Row>> {
    by_owner_in(&sound_vault().dir, table)
}

fn by_owner_in(dir: &Path, table: Table) -> BTreeMap<Vec<u8>, Vec<Row>> {
    let mut owners: BTreeMap<Vec<u8>, Vec<Row>> = BTreeMap::new();
    for row in rows(dir, table) {
        owners.entry(row.0[1..17].to_vec()).or_default().push(row);
    }
    owners
}

#[test]
fn a_journal_that_lost_its_end_is_noticed() {
    for rows in by_owner(Table::Journal).into_values() {
        for keep in 0..rows.len() {
            after(|dir| overwrite(dir, rows[keep..].iter().map(|(address, _)| (address.clone(), None))));
        }
    }
}

#[test]
fn a_person_who_is_gone_without_a_trace_in_the_store_is_noticed() {
    // The only series is Asha's.
    let samples = rows(&sound_vault().dir, Table::Series);
    let longest = by_owner(Table::Journal).into_iter().max_by_key(|(_, rows)| rows.len()).expect("a journal").0;
    for (owner, rows) in by_owner(Table::Journal) {
        let head = [&[Table::Head as u8], owner.as_slice()].concat();
        let origins = by_owner(Table::Origin).remove(&owner).unwrap_or_default();
        let samples = if owner == longest { samples.clone() } else { Vec::new() };
        let rows = rows.into_iter().chain(origins).chain(samples);
        let gone = rows.map(|(address, _)| (address, None)).chain([(head, None)]);
        after(|dir| overwrite(dir, gone));
    }
}
