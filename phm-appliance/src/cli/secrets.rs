//! Making a vault and opening one with the secret the environment names.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use clap::parser::ValueSource;
use phm_core::access::Actor;
use phm_core::crypto::CryptoError;
use phm_core::crypto::secret::Secret;
use phm_core::store::Engine;
use phm_core::vault::{Options, Session, Vault};
use serde_json::json;

use super::Place;
use super::output::{Answer, Failure};
use crate::whereabouts::{self, Missed, Whereabouts};

impl Place {
    /// The vault's folder.
    pub fn dir(&self) -> Result<PathBuf, Failure> {
        if let Some(dir) = &self.data_dir {
            return Ok(dir.clone());
        }
        let base = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|base| base.is_absolute());
        let base = base.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share")));
        base.map(|base| base.join("phm"))
            .ok_or_else(|| Failure::usage("say where the vault is: --data-dir DIR or PHM_DATA_DIR"))
    }

    /// The secret the command line or the environment names, if it names one.
    pub fn secret(&self) -> Result<Option<Secret>, Failure> {
        if let Some(read) = self.read.get() {
            return Ok(read.clone());
        }
        let secret = self.read_secret()?;
        Ok(self.read.get_or_init(|| secret).clone())
    }

    fn read_secret(&self) -> Result<Option<Secret>, Failure> {
        // Nobody names a recovery code in passing: whoever does means it.
        if let Some(file) = &self.recovery_code_file {
            return secret_in(file, Secret::recovery_code_file).map(Some);
        }
        match (&self.key_file, &self.passphrase_file) {
            (Some(file), _) => secret_in(file, Secret::key_file).map(Some),
            (None, Some(file)) => secret_in(file, Secret::passphrase_file).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// Leaves out the secrets the environment names where the command line names one: what is typed is what is meant.
    pub(super) fn as_typed(&mut self, matches: &ArgMatches) {
        let typed = |name: &str| matches.value_source(name) == Some(ValueSource::CommandLine);
        let [recovery, key, passphrase] = ["recovery_code_file", "key_file", "passphrase_file"].map(typed);
        if !(recovery || key || passphrase) {
            return;
        }
        let files = [&mut self.recovery_code_file, &mut self.key_file, &mut self.passphrase_file];
        for (file, typed) in files.into_iter().zip([recovery, key, passphrase]) {
            if !typed {
                *file = None;
            }
        }
    }

    /// The file with the secret, where one is named.
    pub fn secret_file(&self) -> Option<&Path> {
        let file = self.recovery_code_file.as_ref().or(self.key_file.as_ref()).or(self.passphrase_file.as_ref());
        file.map(PathBuf::as_path)
    }

    /// The secret, or how to name one.
    pub fn known_secret(&self) -> Result<Secret, Failure> {
        let text = "say how to unlock the vault: PHM_KEY_FILE, PHM_PASSPHRASE_FILE or PHM_RECOVERY_CODE_FILE (or --key-file \
             and its kin)";
        self.secret()?.ok_or_else(|| Failure::usage(text))
    }

    /// Opens the vault.
    pub fn open(&self) -> Result<Vault, Failure> {
        let dir = self.dir()?;
        let opened = Vault::open(&dir, &self.known_secret()?, self.options()?).map_err(Failure::from);
        opened.map_err(|failure| if failure.code() == "not-found" { failure.about(&dir) } else { failure })
    }

    /// What a vault is opened with.
    pub fn options(&self) -> Result<Options, Failure> {
        let settings = super::care::load_settings(self)?;
        let budget = usize::try_from(settings.index_budget).unwrap_or(usize::MAX);
        Ok(Options { index_budget: budget, policy: settings.policy(), ..Options::default() })
    }

    /// Opens the vault, works in it as the operator, and closes it.
    pub fn with<T>(
        &self,
        purpose: &str,
        work: impl FnOnce(&Vault, &Session) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if let Some(vault) = self.served() {
            return work(vault, &vault.session(Actor::Operator, purpose)?);
        }
        let vault = self.open()?;
        let session = vault.session(Actor::Operator, purpose)?;
        let done = work(&vault, &session);
        drop(session);
        // What failed first is what counts.
        let closed = vault.close();
        let done = done?;
        closed?;
        Ok(done)
    }
}

fn secret_in(file: &Path, read: fn(&Path) -> Result<Secret, CryptoError>) -> Result<Secret, Failure> {
    read(file).map_err(|error| Failure::from(phm_core::Error::from(error)).about(file))
}

/// Refuses to go on where a vault, or the disk it lies on, is missing.
pub fn refuse_where_one_is_missed(dir: &Path) -> Result<(), Failure> {
    Whereabouts::of_this_system(dir).missed(dir).map_or(Ok(()), |missed| Err(missed.into()))
}

impl From<Missed> for Failure {
    fn from(missed: Missed) -> Self {
        Self::new("vault-missing", missed.to_string())
    }
}

/// `phm init`
pub fn init(place: &Place, engine: &str, new: bool) -> Result<Answer, Failure> {
    let engine = Engine::on_disk(engine).map_err(Failure::usage)?;
    let dir = place.dir()?;
    if !new {
        refuse_where_one_is_missed(&dir)?;
    }
    let mut secrets = Vec::new();
    if let Some(file) = &place.key_file {
        secrets.push(secret_in(file, Secret::key_file)?);
    }
    if let Some(file) = &place.passphrase_file {
        secrets.push(secret_in(file, Secret::passphrase_file)?);
    }
    if secrets.is_empty() {
        return Err(Failure::usage("say how the vault is unlocked: --passphrase-file FILE or --key-file FILE"));
    }
    let (vault, code) = Vault::create(&dir, &secrets, Options { engine, ..place.options()? })?;
    let id = vault.id();
    whereabouts::remember(&vault);
    vault.close()?;
    let code = code.to_string();
    let text = format!(
        "Made a vault in {}.\n\nRecovery code: {code}\n\
         Write it down and keep it apart from this machine: it opens the vault when every other secret is lost.",
        dir.display()
    );
    Ok(Answer::new(json!({"vault": id, "data_dir": dir, "recovery_code": code}), text))
}
