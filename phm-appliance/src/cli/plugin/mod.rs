//! `phm plugin …`: making plugins, and keeping them.
//!
//! Authors make, build, test and sign one without any vault; administrators trust keys, install, look at what is asked for, and
//! switch on.

mod author;
mod bench;
mod facts;
mod house;
mod project;
mod run;
mod toolchain;
mod watch;

use std::ffi::OsString;

use clap::{Args, Subcommand};
use phm_core::id::ProfileId;
use phm_plugins::manifest::is_name;
use serde::{Deserialize, Serialize, Serializer};

use super::Place;
use super::given::Given;
use super::output::{Answer, Failure};

/// `phm plugin …`
#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
pub enum Plugin {
    /// Begin a plugin: a folder with everything it needs, the SDK too
    New {
        /// Its name: lower-case letters, digits and hyphens
        name: String,
        /// document, drugs, notify, assistant, import or insight
        #[arg(long, default_value = "insight")]
        kind: String,
        /// The folder to make; its name unless given
        #[arg(long, value_name = "DIR")]
        dir: Option<Given>,
    },
    /// Compile a plugin to `plugin.wasm`
    Build {
        /// The folder with plugin.toml
        #[arg(default_value = ".")]
        dir: Given,
    },
    /// Run a plugin's own tests, then build it and ask what every plugin of its kind must do
    Test {
        /// The folder with plugin.toml
        #[arg(default_value = ".")]
        dir: Given,
    },
    /// Make the key that signs your plugins; keep it where only you can read it
    Key {
        /// The file to write
        file: Given,
    },
    /// Pack a plugin and sign it
    Sign {
        /// The folder with plugin.toml, or a package
        #[arg(default_value = ".")]
        path: Given,
        /// Your key, as `phm plugin key` made it
        #[arg(long, value_name = "FILE")]
        key: Given,
        /// The file to write; NAME-VERSION.phmp in this folder unless given
        #[arg(short, long, value_name = "FILE")]
        output: Option<Given>,
    },
    /// Check a package or folder: manifest, module, signature, and what every plugin of its kind must do
    Validate {
        /// The folder with plugin.toml, or a package
        path: Given,
    },
    /// Call a plugin once: an installed one by name, or a folder or package by its path
    Run(Run),
    /// Call a plugin many times and say what a call costs
    Bench {
        /// The folder with plugin.toml, or a package
        path: Given,
        /// A JSON file in the form of the plugin's kind
        #[arg(long, value_name = "FILE")]
        input: Given,
        /// How many calls
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        calls: u32,
    },
    /// Let the signatures of a key count here
    Trust {
        /// The public key: phm-plugin-key-1:…
        key: String,
        /// Whose it is
        #[arg(long)]
        name: String,
    },
    /// Let the signatures of a key count no more, and switch off what it signed
    Distrust {
        /// The public key
        key: String,
    },
    /// The keys whose signatures count
    Keys,
    /// Install a package, switched off
    Install {
        /// The package
        file: Given,
    },
    /// Show what a plugin asks for, and switch it on
    Enable {
        /// Its name
        name: String,
        /// Grant only this capability; may be given several times
        #[arg(long = "only", value_name = "CAPABILITY")]
        only: Vec<String>,
    },
    /// Switch a plugin off
    Disable {
        /// Its name
        name: String,
    },
    /// Take a plugin out of the house
    Remove {
        /// Its name
        name: String,
        /// Let another author's plugin have its name, and with it people's grants and what it kept
        #[arg(long)]
        free_name: bool,
    },
    /// Replace a plugin's settings by those of a JSON file
    Configure {
        /// Its name
        name: String,
        /// The file
        file: Given,
    },
    /// What is installed, and what it may do
    List,
    /// Your own data about drugs: RxNorm, DDInter and openFDA
    Facts {
        /// What to do
        #[command(subcommand)]
        facts: facts::Facts,
    },
    /// What a plugin logged
    Logs {
        /// Its name
        name: String,
        /// Of calls about this person; of calls about nobody unless given
        #[arg(long, value_name = "ID")]
        profile: Option<ProfileId>,
    },
}

/// `phm plugin run`
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
pub struct Run {
    /// The name of an installed plugin, or the path of a folder or package
    #[serde(serialize_with = "named_or_whole")]
    plugin: String,
    /// A JSON file in the form of the plugin's kind
    #[arg(long, value_name = "FILE")]
    input: Given,
    /// The person the call is about
    #[arg(long, value_name = "ID", requires = "account")]
    profile: Option<ProfileId>,
    /// The e-mail address of the account it acts for; a plugin never sees records for the operator
    #[arg(long = "as", value_name = "EMAIL")]
    account: Option<String>,
    /// Build the folder and call it again whenever one of its files is saved, alone, until interrupted
    #[arg(long, conflicts_with = "account")]
    watch: bool,
}

/// On its way to the appliance a path means what it means here, as that of a [`Given`] does; a name stays a name.
#[allow(clippy::ptr_arg, reason = "serde gives the field as it is")]
fn named_or_whole<S: Serializer>(plugin: &String, serializer: S) -> Result<S::Ok, S::Error> {
    if is_name(plugin) {
        serializer.serialize_str(plugin)
    } else {
        Given::from(OsString::from(plugin)).serialize(serializer)
    }
}

/// `phm plugin …`
pub fn plugin(place: &Place, plugin: &Plugin) -> Result<Answer, Failure> {
    match plugin {
        Plugin::New { name, kind, dir } => project::new(name, kind, dir.as_deref()),
        Plugin::Build { dir } => author::build(place, dir),
        Plugin::Test { dir } => author::test(place, dir),
        Plugin::Key { file } => author::key(file),
        Plugin::Sign { path, key, output } => author::sign(path, key, output.as_deref()),
        Plugin::Validate { path } => author::validate(path),
        Plugin::Run(run) => run::run(place, run),
        Plugin::Bench { path, input, calls } => bench::bench(path, input, *calls),
        Plugin::Trust { key, name } => house::trust(place, key, name),
        Plugin::Distrust { key } => house::distrust(place, key),
        Plugin::Keys => house::keys(place),
        Plugin::Install { file } => house::install(place, file),
        Plugin::Enable { name, only } => house::enable(place, name, only),
        Plugin::Disable { name } => house::disable(place, name),
        Plugin::Remove { name, free_name } => house::remove(place, name, *free_name),
        Plugin::Configure { name, file } => house::configure(place, name, file),
        Plugin::List => house::list(place),
        Plugin::Facts { facts } => facts::facts(place, facts),
        Plugin::Logs { name, profile } => house::logs(place, name, *profile),
    }
}

impl From<phm_plugins::PluginError> for Failure {
    fn from(error: phm_plugins::PluginError) -> Self {
        match error {
            phm_plugins::PluginError::Vault(error) => error.into(),
            other => Self::new(other.code(), other.told()),
        }
    }
}
