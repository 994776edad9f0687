//! A package that somebody looks at before it is installed: what it asks for, and whose signature it carries.

use phm_core::vault::Session;

use crate::calls::Plugins;
use crate::error::Result;
use crate::installed::{self, Installed};
use crate::manifest::Manifest;
use crate::package::{Package, fingerprint};
use crate::signature::AuthorKey;

/// What there is to know of a package before it is installed. Nothing of its module was compiled or run.
#[derive(Clone, Debug)]
pub struct Looked {
    /// What it is and what it wants.
    pub manifest: Manifest,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// Whose signature it carries; the signature fits its files.
    pub signer: AuthorKey,
    /// Under which name the key is trusted here; `None` where it is not.
    pub trusted_as: Option<String>,
    /// The plugin of this name that is installed, whose place it would take.
    pub replaces: Option<Installed>,
}

impl Plugins {
    /// Looks at a package without installing it.
    ///
    /// # Errors
    /// Where it is no package, its signature is missing or false, its name is another author's, or a newer version is installed.
    /// A key that is not trusted is no error: whoever looks decides about it.
    pub fn look(&self, admin: &Session, bytes: &[u8]) -> Result<Looked> {
        admin.runs_the_house()?;
        let package = Package::read(bytes)?;
        let signer = package.signer()?;
        let manifest = package.manifest().clone();
        installed::admits(self.vault(), &manifest, signer)?;
        let trusted = installed::trusted(self.vault())?;
        let trusted_as = trusted.into_iter().find(|one| one.key == signer).map(|one| one.name);
        let replaces = self.list()?.into_iter().find(|one| one.name == manifest.name);
        Ok(Looked { manifest, sha256: fingerprint(bytes), signer, trusted_as, replaces })
    }

    /// Installs a package, switched off, and makes the key of its signature trusted under this name where it is not yet.
    ///
    /// # Errors
    /// As [`Plugins::install`]; a key that was made trusted for a package that then is refused is trusted no more.
    pub fn install_trusting(&self, admin: &Session, bytes: &[u8], name: &str) -> Result<Installed> {
        let looked = self.look(admin, bytes)?;
        if looked.trusted_as.is_some() {
            return self.install(admin, bytes);
        }
        installed::trust(self.vault(), admin, looked.signer, name)?;
        let done = self.install(admin, bytes);
        if done.is_err() {
            installed::distrust(self.vault(), admin, looked.signer)?;
        }
        done
    }
}
