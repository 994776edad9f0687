//! Settings: where each value comes from, and the typed values the appliance runs with.
//!
//! The layers are `default.toml` (compiled in, the documentation), `phm.toml` in the data folder, `PHM__SECTION__KEY` in
//! the environment, and flags; later ones win. A misspelt key or a value that makes no sense stops the start: a
//! setting is never ignored in silence.

mod alerts;
mod layers;
mod values;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use phm_core::access::{ConsentPolicy, GuardianAges, Role, StandardPolicy};

pub use alerts::Alerts;
use layers::Layers;
pub use layers::{Listed, SettingsError, Source, Value};
use values::{
    backups, checkpoint_folder, compact_ratio, guardian_ages, http_listen, mail_from, mail_host, mail_security,
    networks, oidc_issuer, oidc_roles, public_url, retention, secret_file, span, time_zone, tls_file,
};

use crate::notify::{MailWay, Security};

/// Who may make an account.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Registration {
    /// Anybody who reaches the server.
    Open,
    /// People who hold an invitation.
    Invitation,
    /// Nobody.
    Closed,
}

/// Whether an identity from elsewhere is taken for an account with the same address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OidcLink {
    /// When the identity provider vouches for the address.
    Verified,
    /// Never.
    Never,
}

/// Who ends TLS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tls {
    /// Nobody: plain HTTP on a local network.
    Off,
    /// A trusted proxy, which names the client in `X-Forwarded-For`.
    Proxy,
    /// PHM, with a certificate from files.
    Files,
    /// PHM, with certificates of the authority it makes itself.
    Local,
}

impl Tls {
    /// Whether PHM itself speaks TLS.
    pub fn is_own(self) -> bool {
        matches!(self, Self::Files | Self::Local)
    }
}

/// The oldest TLS that is spoken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TlsMinimum {
    /// 1.3 alone.
    Tls13,
    /// 1.2 too.
    Tls12,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// How backups are made by themselves.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Backups {
    /// The folder they are written to.
    pub target: PathBuf,
    /// Hours from one to the next.
    pub every_hours: u32,
    /// Days the full backup of each day is kept.
    pub keep_days: u32,
    /// Days from one drill to the next.
    pub drill_days: u32,
    /// As old in days may the newest proven backup be.
    pub proof_days: u32,
}

/// The settings the appliance runs with.
#[allow(clippy::struct_excessive_bools)] // each is a setting of its own
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the vault lies.
    pub data_dir: PathBuf,
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// The address people type, without a slash at the end.
    pub public_url: String,
    /// A second address for plain http, which leads to https.
    pub http_listen: Option<SocketAddr>,
    /// Who ends TLS.
    pub tls: Tls,
    /// The oldest TLS that is spoken.
    pub tls_minimum: TlsMinimum,
    /// The certificate with its chain, where it comes from files.
    pub tls_certificate: PathBuf,
    /// Its private key.
    pub tls_key: PathBuf,
    /// Names and addresses of this machine, beside those it finds itself.
    pub tls_names: Vec<String>,
    /// Proxies whose `X-Forwarded-*` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The time zone of the family; `None`: that of this machine.
    pub time_zone: Option<jiff::tz::TimeZone>,
    /// Who may make an account.
    pub registration: Registration,
    /// The birthdays at which a guardian's reach shrinks.
    pub guardian_ages: GuardianAges,
    /// Whether somebody who registers by themselves must prove their address.
    pub verify_email: bool,
    /// Minutes after which an unused browser is signed out; 0: only when its session is over.
    pub idle_minutes: u32,
    /// The identity provider; empty: none.
    pub oidc_issuer: String,
    /// What stands on its button.
    pub oidc_name: String,
    /// How it knows this house.
    pub oidc_client_id: String,
    /// A file with its secret.
    pub oidc_client_secret_file: Option<PathBuf>,
    /// Whether its people are taken for accounts with the same address.
    pub oidc_link: OidcLink,
    /// Whether unknown ones get an account.
    pub oidc_register: bool,
    /// The claim that names groups.
    pub oidc_group_claim: String,
    /// Which group gives which role.
    pub oidc_roles: Vec<(String, Role)>,
    /// How letters leave the house.
    pub mail_way: MailWay,
    /// Who they are from.
    pub mail_from: String,
    /// The folder they are put into, where they are files.
    pub mail_folder: PathBuf,
    /// The mail server.
    pub mail_host: String,
    /// Its port.
    pub mail_port: u16,
    /// How the way there is protected.
    pub mail_security: Security,
    /// The name to sign in with; empty: none.
    pub mail_user: String,
    /// A file with the password.
    pub mail_password_file: PathBuf,
    /// Attempts to sign in, register or set up, per address and minute; 0: no limit.
    pub login_per_minute: u32,
    /// Requests per address and minute; 0: no limit.
    pub requests_per_minute: u32,
    /// Largest JSON body in bytes.
    pub body_bytes: usize,
    /// Largest upload in bytes.
    pub upload_bytes: u64,
    /// Whether readings are audited.
    pub audit_reads: bool,
    /// How long audit entries are kept, in days; `None`: for ever.
    pub audit_retention_days: Option<u32>,
    /// Where checkpoints of the audit log are kept.
    pub checkpoint_folder: Option<PathBuf>,
    /// How old the last checkpoint may be while the log grows.
    pub checkpoint_every: Duration,
    /// By how many rows the log may grow before the next checkpoint.
    pub checkpoint_rows: u64,
    /// From when on access is unusual.
    pub alerts: Alerts,
    /// Whether a rule of the house is carried out for those who said nothing to it.
    pub retention_enforce: bool,
    /// Bytes the index may take.
    pub index_budget: u64,
    /// How many times its live bytes the store may take before it is compacted; 0: it is compacted by hand only.
    pub compact_ratio: u32,
    /// Bytes that must be won for compacting to be worth it.
    pub compact_gain: u64,
    /// Private addresses plugins may reach.
    pub plugins_http_allow_private: Vec<String>,
    /// Private addresses reminders may be sent to.
    pub notify_http_allow_private: Vec<String>,
    /// How backups are made by themselves; `None`: by hand only.
    pub backups: Option<Backups>,
    /// As old in days may the newest proven backup be, also where backups are made by hand.
    pub backup_proof_days: u32,
    /// A file with the token that reads `/metrics` from elsewhere; `None`: it is read on this machine alone.
    pub metrics_token_file: Option<PathBuf>,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Which log lines are written.
    pub log_level: String,
    /// Days a log file is kept.
    pub log_retention_days: u32,
    listed: Vec<Listed>,
}

impl Settings {
    /// Reads the layers: `file` (may be absent), `environment`, `flags` as (`section.key`, value) pairs.
    ///
    /// `data_dir` is where the caller has already found the data folder by its own rules; a `data_dir` from
    /// environment or flags must agree with it, so the caller passes it as the flag `data_dir` when it was given one.
    pub fn load(
        data_dir: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &[(&str, String)],
    ) -> Result<Self, SettingsError> {
        let mut layers = Layers::defaults();
        let file = data_dir.join("phm.toml");
        match std::fs::read_to_string(&file) {
            Ok(text) => layers.add_file(&text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(SettingsError::Unreadable(error)),
        }
        layers.add_environment(environment)?;
        for (key, text) in flags {
            layers.add_text(key, text, Source::Flag)?;
        }
        Self::typed(&layers, data_dir)
    }

    /// The defaults with the vault in `data_dir`; what tests start from.
    pub fn defaults(data_dir: &Path) -> Self {
        Self::typed(&Layers::defaults(), data_dir).expect("a test reads the defaults")
    }

    /// Every setting in force with the place it came from; secrets as `***`.
    pub fn listing(&self) -> &[Listed] {
        &self.listed
    }

    /// Who may do what with whose records.
    pub fn policy(&self) -> Arc<dyn ConsentPolicy> {
        Arc::new(StandardPolicy { ages: self.guardian_ages })
    }

    fn typed(layers: &Layers, data_dir: &Path) -> Result<Self, SettingsError> {
        let listen: SocketAddr = layers.parse("server.listen", "an address and port, such as 127.0.0.1:8080")?;
        let tls = layers.choose(
            "server.tls",
            &[("off", Tls::Off), ("proxy", Tls::Proxy), ("files", Tls::Files), ("local", Tls::Local)],
        )?;
        let mail_way = layers
            .choose("mail.transport", &[("off", MailWay::Off), ("smtp", MailWay::Smtp), ("file", MailWay::File)])?;
        let mut listed = layers.listing();
        for row in &mut listed {
            if row.key == "data_dir" && row.source == Source::Default {
                row.value = Value::Text(data_dir.display().to_string());
            }
        }
        Ok(Self {
            data_dir: data_dir.to_owned(),
            listen,
            public_url: public_url(layers.text("server.public_url"), listen, tls)?,
            http_listen: http_listen(layers.text("server.http_listen"), tls)?,
            tls,
            tls_minimum: layers
                .choose("server.tls_minimum", &[("1.3", TlsMinimum::Tls13), ("1.2", TlsMinimum::Tls12)])?,
            tls_certificate: tls_file(layers, "server.tls_certificate", data_dir, tls)?,
            tls_key: tls_file(layers, "server.tls_key", data_dir, tls)?,
            tls_names: layers.list("server.tls_names"),
            trusted_proxies: networks(&layers.list("server.trusted_proxies"))?,
            time_zone: time_zone(layers.text("household.time_zone"))?,
            registration: layers.choose(
                "auth.registration",
                &[
                    ("open", Registration::Open),
                    ("invitation", Registration::Invitation),
                    ("closed", Registration::Closed),
                ],
            )?,
            guardian_ages: guardian_ages(layers)?,
            verify_email: layers.flag("auth.verify_email"),
            idle_minutes: layers.number("auth.idle_minutes")?,
            oidc_issuer: oidc_issuer(layers)?,
            oidc_name: layers.text("oidc.name").to_owned(),
            oidc_client_id: layers.text("oidc.client_id").to_owned(),
            oidc_client_secret_file: secret_file(layers.text("oidc.client_secret_file"), data_dir),
            oidc_link: layers.choose("oidc.link", &[("verified", OidcLink::Verified), ("never", OidcLink::Never)])?,
            oidc_register: layers.flag("oidc.register"),
            oidc_group_claim: layers.text("oidc.group_claim").to_owned(),
            oidc_roles: oidc_roles(&layers.list("oidc.roles"))?,
            mail_way,
            mail_from: mail_from(layers.text("mail.from"), mail_way)?,
            mail_folder: data_dir.join(layers.text("mail.folder")),
            mail_host: mail_host(layers.text("mail.host"), mail_way)?,
            mail_port: layers.number("mail.port")?,
            mail_security: mail_security(layers)?,
            mail_user: layers.text("mail.user").to_owned(),
            mail_password_file: data_dir.join(layers.text("mail.password_file")),
            login_per_minute: layers.number("limits.login_per_minute")?,
            requests_per_minute: layers.number("limits.requests_per_minute")?,
            body_bytes: layers.number("limits.body_bytes")?,
            upload_bytes: layers.number("limits.upload_bytes")?,
            audit_reads: layers.flag("audit.reads"),
            audit_retention_days: retention(layers.text("audit.retention"))?,
            checkpoint_folder: checkpoint_folder(layers.text("audit.checkpoint_folder"), data_dir)?,
            checkpoint_every: span("audit.checkpoint_every", layers.text("audit.checkpoint_every"))?,
            checkpoint_rows: layers.number("audit.checkpoint_rows")?,
            alerts: Alerts::read(layers)?,
            retention_enforce: layers.flag("retention.enforce"),
            index_budget: layers.number("memory.index_budget")?,
            compact_ratio: compact_ratio(layers.number("store.compact_ratio")?)?,
            compact_gain: layers.number("store.compact_gain")?,
            plugins_http_allow_private: layers.list("plugins.http_allow_private"),
            notify_http_allow_private: layers.list("notify.http_allow_private"),
            backups: backups(layers)?,
            backup_proof_days: layers.number("backup.proof_days")?,
            metrics_token_file: secret_file(layers.text("metrics.token_file"), data_dir),
            log_format: layers.choose("log.format", &[("text", LogFormat::Text), ("json", LogFormat::Json)])?,
            log_level: layers.text("log.level").to_owned(),
            log_retention_days: layers.number("log.retention_days")?,
            listed,
        })
    }
}

#[cfg(test)]
mod tests;
