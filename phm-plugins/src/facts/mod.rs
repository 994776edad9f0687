//! What the user brings about drugs: RxNorm, DDInter and openFDA, read from files the user has downloaded, and lent to plugins by
//! `drugs.facts`.
//!
//! These data come under licences of their own and are not shipped. An import reads whole files, counts what it used and what it
//! left and why, and takes the place of the earlier import of the same set at once or not at all. What is kept is a sorted file that
//! is searched where it lies; its SHA-256 is sealed state of the house, so a file that was changed is not believed.

mod ddinter;
mod gathered;
mod kept;
mod openfda;
mod rxnorm;

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use phm_core::crypto::durable;
use phm_core::id::ProfileId;
use phm_core::time::Instant;
use phm_core::vault::{Session, Vault};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use gathered::{Gathered, Skipped};

use crate::error::{PluginError, Result};

const ROW: &str = "drug facts";

/// Imports hold much in memory and write one file: one of them at a time.
static IMPORTING: Mutex<()> = Mutex::new(());

/// A set of data.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Set {
    /// Names of medicines, by the US National Library of Medicine.
    Rxnorm,
    /// Pairs that do not go together, by DDInter.
    Ddinter,
    /// What US labels say, by openFDA.
    Openfda,
}

impl Set {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rxnorm, Self::Ddinter, Self::Openfda];

    /// Its name in commands and files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rxnorm => "rxnorm",
            Self::Ddinter => "ddinter",
            Self::Openfda => "openfda",
        }
    }

    /// The set of this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.as_str() == word)
    }

    /// What whoever imports it agrees to.
    pub const fn licence(self) -> &'static str {
        match self {
            Self::Rxnorm => {
                "RxNorm, courtesy of the U.S. National Library of Medicine, which does not endorse this product. The full \
                 release needs a UMLS licence; the Current Prescribable Content needs none."
            }
            Self::Ddinter => "DDInter 2 is under CC BY-NC-SA 4.0: not for commercial use, shared under the same terms.",
            Self::Openfda => {
                "openFDA is in the public domain (CC0 1.0). It is not for making decisions about medical care without the label."
            }
        }
    }
}

/// A file that was read.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Its name, without folders.
    pub name: String,
    /// Its bytes.
    pub bytes: u64,
    /// Their SHA-256.
    pub sha256: String,
}

/// What is known of an imported set.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Which it is.
    pub set: Set,
    /// Which version, as whoever imported it said.
    pub version: String,
    /// What they agreed to.
    pub licence: String,
    /// The files it was read from.
    pub files: Vec<Source>,
    /// When.
    pub imported_at: Instant,
    /// Rows that were read.
    pub read: u64,
    /// Rows that were used.
    pub used: u64,
    /// Facts that are kept.
    pub kept: u64,
    /// The SHA-256 of what is kept.
    pub sha256: String,
}

/// What an import came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// What is kept from now on.
    #[serde(flatten)]
    pub about: About,
    /// How many rows were left, by reason.
    pub skipped: BTreeMap<&'static str, u64>,
    /// The first of those that were not well formed, with their lines.
    pub malformed: Vec<Skipped>,
}

/// What the house knows about drugs.
#[derive(Debug, Default)]
pub struct Facts {
    /// Files that were opened and are what they were, by the SHA-256 of what is kept.
    open: Mutex<BTreeMap<String, Opened>>,
}

/// A file that was read through, and what the disk said of it before: whoever changes it changes that too.
#[derive(Debug)]
struct Opened {
    file: Arc<File>,
    state: [i128; 4],
}

/// What tells a file from a later state of itself.
fn state_of(path: &Path) -> Result<[i128; 4]> {
    let found = std::fs::metadata(path).map_err(|_| PluginError::FactsChanged)?;
    Ok([found.ino().into(), found.size().into(), found.ctime().into(), found.ctime_nsec().into()])
}

/// Reads the files of a set; they take the place of what was imported of it before.
///
/// # Errors
/// `invalid-facts` where a file is not of this set or nothing in it can be used; then what was there before stays.
pub fn import(vault: &Vault, admin: &Session, set: Set, version: &str, files: &[PathBuf]) -> Result<Report> {
    admin.runs_the_house()?;
    let version: String = crate::shown::plain(version.trim()).chars().take(60).collect();
    if version.is_empty() {
        return Err(PluginError::Facts("say which version it is, such as its date".to_owned()));
    }
    let _one = IMPORTING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut gathered = Gathered::within(gathered::MOST_HELD);
    match set {
        Set::Rxnorm => rxnorm::read(files, &mut gathered)?,
        Set::Ddinter => ddinter::read(files, &mut gathered)?,
        Set::Openfda => openfda::read(files, &mut gathered)?,
    }
    gathered.had_room()?;
    let Gathered { mut facts, sources, read, used, skipped, malformed, .. } = gathered;
    facts.sort_unstable();
    facts.dedup();
    if let Some(name) = kept::crowded(&facts) {
        let text = format!("more is said of {} than one answer holds", crate::shown::plain(name));
        return Err(PluginError::Facts(text));
    }
    if facts.is_empty() {
        return Err(PluginError::Facts(format!("nothing in these files is of {} that can be used", set.as_str())));
    }
    let folder = folder(vault);
    durable::create_folder(&folder)?;
    let (kept, sha256) = kept::write(&folder, facts)?;
    let (licence, imported_at) = (set.licence().to_owned(), admin.now());
    let about = About { set, version, licence, files: sources, imported_at, read, used, kept, sha256 };
    let before = vault.update_state(ProfileId::SYSTEM, ROW, |all: Option<Vec<About>>| {
        let mut all = all.unwrap_or_default();
        let before = all.iter().find(|one| one.set == set).map(|one| one.sha256.clone());
        all.retain(|one| one.set != set);
        all.push(about.clone());
        Ok((Some((all, None)), before))
    })?;
    if let Some(before) = before.filter(|before| *before != about.sha256) {
        durable::remove_file(&kept::place(&folder, &before))?;
    }
    admin.note_administered("import facts about drugs")?;
    Ok(Report { about, skipped, malformed })
}

/// What was imported.
pub fn list(vault: &Vault) -> Result<Vec<About>> {
    Ok(vault.state(ProfileId::SYSTEM, ROW)?.unwrap_or_default())
}

/// Forgets a set.
///
/// # Errors
/// `not-installed` where it was not imported.
pub fn remove(vault: &Vault, admin: &Session, set: Set) -> Result<About> {
    admin.runs_the_house()?;
    let removed = vault.update_state(ProfileId::SYSTEM, ROW, |all: Option<Vec<About>>| {
        let mut all = all.unwrap_or_default();
        let at = all.iter().position(|one| one.set == set);
        let removed = at.map(|at| all.remove(at));
        Ok(((!all.is_empty()).then_some((all, None)), removed))
    })?;
    let removed = removed.ok_or(PluginError::NotInstalled)?;
    durable::remove_file(&kept::place(&folder(vault), &removed.sha256))?;
    admin.note_administered("remove facts about drugs")?;
    Ok(removed)
}

fn folder(vault: &Vault) -> PathBuf {
    vault.dir().join("plugins").join("facts")
}

/// A name as it is looked up: lower case, one space between words.
pub fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Facts {
    /// What is known of a name: `{"versions":{…},"rxnorm":[…],"ddinter":[…],"openfda":[…]}`, each where it was imported. `None`
    /// where nothing was imported at all.
    ///
    /// # Errors
    /// `facts-changed` where a file is gone or is another one: what is not there is not left out as if nothing were known.
    pub fn of(&self, vault: &Vault, name: &str) -> Result<Option<Value>> {
        let all = list(vault)?;
        if all.is_empty() {
            return Ok(None);
        }
        let (name, folder) = (folded(name), folder(vault));
        let mut answer = json!({"versions": {}});
        for about in all {
            let file = self.file(&folder, &about.sha256)?;
            let found = kept::find(&file, &name).map_err(|_| PluginError::FactsChanged)?;
            let found: Option<Vec<Value>> = found.iter().map(|text| serde_json::from_str(text).ok()).collect();
            answer["versions"][about.set.as_str()] = json!(about.version);
            answer[about.set.as_str()] = Value::Array(found.ok_or(PluginError::FactsChanged)?);
        }
        Ok(Some(answer))
    }

    /// Whether everything that was imported is there as it was.
    pub fn are_whole(&self, vault: &Vault) -> Result<bool> {
        let folder = folder(vault);
        Ok(list(vault)?.iter().all(|about| self.file(&folder, &about.sha256).is_ok()))
    }

    /// The file of this SHA-256, read through once, and again where it was touched.
    fn file(&self, folder: &Path, sha256: &str) -> Result<Arc<File>> {
        let path = kept::place(folder, sha256);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let known = open.remove(sha256);
        let state = state_of(&path)?;
        let opened = if let Some(known) = known.filter(|known| known.state == state) {
            known
        } else {
            // What was imported before is not asked for any more.
            open.retain(|other, _| kept::place(folder, other).is_file());
            Opened { file: Arc::new(kept::open(&path, sha256).map_err(|_| PluginError::FactsChanged)?), state }
        };
        let file = Arc::clone(&opened.file);
        open.insert(sha256.to_owned(), opened);
        Ok(file)
    }
}
