//! What can go wrong with a plugin, each with a stable code and, where one was shut, its door.

use phm_core::{Detail, ErrorKind};
use phm_plugin_api::v1::Door;

/// What this crate answers.
pub type Result<T, E = PluginError> = std::result::Result<T, E>;

/// Why a plugin was not installed, not run, or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PluginError {
    /// The manifest breaks a rule.
    #[error("the manifest `plugin.toml` breaks a rule: {0}")]
    Manifest(String),
    /// The package is no package.
    #[error("this is no plugin package: {0}")]
    Package(String),
    /// Nobody signed the package.
    #[error("the package is not signed; ask its author, or sign your own with `phm plugin sign`")]
    Unsigned,
    /// The signature is not that of the bytes.
    #[error("the signature does not fit the package: it was changed after it was signed")]
    BadSignature,
    /// Signed by a key that the administrator does not trust.
    #[error("the package is signed by a key that is not trusted here: {0}; `phm plugin trust` trusts it")]
    UntrustedKey(String),
    /// The name belongs to a plugin that somebody else signed.
    #[error(
        "the name belongs to another author's plugin that is or was installed here: people's grants and what it kept go by \
         the name; `phm plugin remove NAME --free-name` gives the name away with all that"
    )]
    OtherAuthor,
    /// A newer version is installed.
    #[error(
        "version {0} is installed, which is newer: an old version brings its old holes back; to go back, remove it first"
    )]
    Older(String),
    /// Another package took the place of the one that was looked at.
    #[error("another package was installed meanwhile; look at what it asks for, and enable it then")]
    Replaced,
    /// Another plugin of this kind is on, of which one works at a time.
    #[error("another plugin of this kind is on: {0}; disable it first, since only one of them would be asked")]
    KindTaken(String),
    /// The installed file is not the one that was installed.
    #[error("the installed package was changed or is missing; install it again")]
    Changed,
    /// The module breaks a rule.
    #[error("the module breaks a rule: {0}")]
    Module(String),
    /// Facts that the user brings are not what they are said to be.
    #[error("these facts about drugs were not imported: {0}")]
    Facts(String),
    /// What is kept of imported facts is gone, or is something else.
    #[error(
        "the imported facts about drugs were changed or are missing; import them again, or `phm plugin facts remove` them"
    )]
    FactsChanged,
    /// The settings break the schema of the plugin.
    #[error("the settings do not fit the plugin: {}", places(.0))]
    Settings(Vec<Detail>),
    /// No plugin of this name.
    #[error("no plugin of this name is installed")]
    NotInstalled,
    /// Installed, but not switched on.
    #[error("the plugin is not enabled; look at what it asks for and enable it")]
    NotEnabled,
    /// A limit ended the call.
    #[error("the plugin was stopped: {limit} (limit {most})")]
    Limit {
        /// Which limit.
        limit: &'static str,
        /// How much is allowed.
        most: u64,
    },
    /// The plugin crashed.
    #[error("the plugin crashed: {0}")]
    Trapped(&'static str),
    /// The plugin itself says that it failed. Its words may hold what it read, so they stand in its log only.
    #[error("the plugin reports a failure; see `phm plugin logs`")]
    Failed,
    /// The plugin answered with something else than its kind answers.
    #[error("the plugin's answer has not the form of its kind")]
    BadAnswer,
    /// The input has not the form of the kind.
    #[error("the input has not the form of the plugin's kind")]
    BadInput,
    /// A host call was refused and that ended what was asked for.
    #[error("{message}")]
    Refused {
        /// A stable code.
        code: String,
        /// The door.
        door: Option<Door>,
        /// What to do.
        message: String,
    },
    /// The vault refused.
    #[error(transparent)]
    Vault(#[from] phm_core::Error),
}

impl PluginError {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::Manifest(_) => "invalid-manifest",
            Self::Package(_) => "invalid-package",
            Self::Unsigned => "unsigned",
            Self::BadSignature => "bad-signature",
            Self::UntrustedKey(_) => "untrusted-key",
            Self::OtherAuthor => "other-author",
            Self::Older(_) => "older-version",
            Self::Replaced => "package-replaced",
            Self::KindTaken(_) => "kind-taken",
            Self::Changed => "package-changed",
            Self::Module(_) => "invalid-module",
            Self::Settings(_) => "invalid-settings",
            Self::Facts(_) => "invalid-facts",
            Self::FactsChanged => "facts-changed",
            Self::NotInstalled => "not-installed",
            Self::NotEnabled => "not-enabled",
            Self::Limit { .. } => "limit-reached",
            Self::Trapped(_) => "plugin-crashed",
            Self::Failed => "plugin-failed",
            Self::BadAnswer => "bad-answer",
            Self::BadInput => "bad-input",
            Self::Refused { code, .. } => code,
            Self::Vault(error) => error.code(),
        }
    }

    /// The door that was shut, where one was. What is of no form that the manifest names (its version of the messages, its kind)
    /// is stopped at the first one.
    pub fn door(&self) -> Option<Door> {
        match self {
            Self::Manifest(_) | Self::Module(_) | Self::BadAnswer => Some(Door::Manifest),
            Self::Limit { .. } => Some(Door::Limit),
            Self::NotEnabled => Some(Door::Administrator),
            Self::Refused { door, .. } => *door,
            _ => None,
        }
    }

    /// In words, with the door that was shut.
    pub fn told(&self) -> String {
        match self.door() {
            Some(door) => format!("{self} (stopped at: {})", door.as_str()),
            None => self.to_string(),
        }
    }
}

/// Places and codes, for whoever types a command: `/days (out-of-range)`.
fn places(details: &[Detail]) -> String {
    let one = |detail: &Detail| format!("{} ({})", crate::shown::plain(&detail.path), detail.code);
    details.iter().map(one).collect::<Vec<_>>().join(", ")
}

impl From<std::io::Error> for PluginError {
    fn from(error: std::io::Error) -> Self {
        Self::Vault(error.into())
    }
}

impl From<PluginError> for phm_core::Error {
    fn from(error: PluginError) -> Self {
        let (kind, code) = match &error {
            PluginError::Vault(_) => (ErrorKind::Internal, ""),
            PluginError::Manifest(_) => (ErrorKind::Invalid, "invalid-manifest"),
            PluginError::Package(_) => (ErrorKind::Invalid, "invalid-package"),
            PluginError::Module(_) => (ErrorKind::Invalid, "invalid-module"),
            PluginError::Settings(_) => (ErrorKind::Invalid, "invalid-settings"),
            PluginError::Facts(_) => (ErrorKind::Invalid, "invalid-facts"),
            PluginError::FactsChanged => (ErrorKind::Corrupt, "facts-changed"),
            PluginError::BadInput => (ErrorKind::Invalid, "bad-input"),
            PluginError::Unsigned => (ErrorKind::Denied, "unsigned"),
            PluginError::BadSignature => (ErrorKind::Denied, "bad-signature"),
            PluginError::UntrustedKey(_) => (ErrorKind::Denied, "untrusted-key"),
            PluginError::OtherAuthor => (ErrorKind::Conflict, "other-author"),
            PluginError::Older(_) => (ErrorKind::Conflict, "older-version"),
            PluginError::Replaced => (ErrorKind::Conflict, "package-replaced"),
            PluginError::KindTaken(_) => (ErrorKind::Conflict, "kind-taken"),
            PluginError::NotEnabled => (ErrorKind::Denied, "not-enabled"),
            PluginError::Refused { .. } => (ErrorKind::Denied, "plugin-refused"),
            PluginError::NotInstalled => (ErrorKind::NotFound, "not-installed"),
            PluginError::Changed => (ErrorKind::Corrupt, "package-changed"),
            PluginError::Limit { .. } => (ErrorKind::Busy, "limit-reached"),
            PluginError::Trapped(_) => (ErrorKind::Unsupported, "plugin-crashed"),
            PluginError::Failed => (ErrorKind::Unsupported, "plugin-failed"),
            PluginError::BadAnswer => (ErrorKind::Unsupported, "bad-answer"),
        };
        match error {
            PluginError::Vault(error) => error,
            PluginError::Settings(details) => Self::invalid(details),
            other => Self::new(kind, code, other.to_string()),
        }
    }
}
