//! Settings: where each value comes from, and the typed values the appliance runs with.
//!
//! The layers are `default.toml` (compiled in, the documentation), `phm.toml` in the data folder, `PHM__SECTION__KEY` in
//! the environment, and flags; later ones win. A misspelt key or a value that makes no sense stops the start: a
//! setting is never ignored in silence.

mod layers;
mod values;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use phm_core::access::{ConsentPolicy, GuardianAges, Role, StandardPolicy};

use layers::Layers;
pub use layers::{Listed, SettingsError, Source, Value};
use values::{
    backups, checkpoint_folder, compact_ratio, guardian_ages, http_listen, mail_from, mail_host, mail_security,
    networks, oidc_issuer, oidc_roles, public_url, retention, span, time_zone, tls_file,
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
            oidc_client_secret_file: Some(layers.text("oidc.client_secret_file"))
                .filter(|text| !text.is_empty())
                .map(|text| data_dir.join(text)),
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
            index_budget: layers.number("memory.index_budget")?,
            compact_ratio: compact_ratio(layers.number("store.compact_ratio")?)?,
            compact_gain: layers.number("store.compact_gain")?,
            plugins_http_allow_private: layers.list("plugins.http_allow_private"),
            notify_http_allow_private: layers.list("notify.http_allow_private"),
            backups: backups(layers)?,
            backup_proof_days: layers.number("backup.proof_days")?,
            log_format: layers.choose("log.format", &[("text", LogFormat::Text), ("json", LogFormat::Json)])?,
            log_level: layers.text("log.level").to_owned(),
            log_retention_days: layers.number("log.retention_days")?,
            listed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("phm.toml"), file).expect("a file");
        let environment = environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let flags: Vec<_> = flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        Settings::load(dir.path(), environment, &flags)
    }

    #[test]
    fn the_household_has_a_time_zone_by_name_or_that_of_the_machine() {
        assert!(load("", &[], &[]).expect("defaults").time_zone.is_none());
        let india = load("[household]\ntime_zone = \"Asia/Kolkata\"\n", &[], &[]).expect("a zone").time_zone;
        assert_eq!(india.as_ref().and_then(jiff::tz::TimeZone::iana_name), Some("Asia/Kolkata"));
        assert!(load("[household]\ntime_zone = \"Asia/Nowhere\"\n", &[], &[]).is_err());
    }

    #[test]
    fn the_defaults_are_valid_and_every_one_is_explained() {
        let settings = Settings::defaults(Path::new("vault"));
        assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(settings.registration, Registration::Invitation);
        assert_eq!(settings.public_url, "http://localhost:8080");
        let lines: Vec<_> = include_str!("default.toml").lines().collect();
        for pair in lines.windows(2) {
            if pair[1].contains(" = ") && !pair[1].starts_with('#') {
                assert!(pair[0].starts_with("# "), "no comment above `{}`", pair[1]);
            }
        }
    }

    #[test]
    fn the_ages_of_guardians_are_the_households_to_set() {
        let ages = load("[policy]\nguardian_private_from = 14\n", &[], &[]).expect("in order").guardian_ages;
        assert_eq!((ages.private_from, ages.by_grant_from, ages.ends_at), (14, 16, 18));
        assert_eq!(Settings::defaults(Path::new("vault")).guardian_ages, GuardianAges::default());
    }

    #[test]
    fn later_sources_win_and_the_listing_says_which() {
        let settings = load(
            "[limits]\nlogin_per_minute = 5\nbody_bytes = 7\n",
            &[("PHM__LIMITS__LOGIN_PER_MINUTE", "6"), ("PHM__AUDIT__READS", "false"), ("HOME", "/root")],
            &[("server.listen", "0.0.0.0:9000")],
        )
        .expect("valid settings");
        assert_eq!((settings.login_per_minute, settings.body_bytes, settings.audit_reads), (6, 7, false));
        let source = |key: &str| settings.listing().iter().find(|row| row.key == key).expect("listed").source;
        assert_eq!(source("limits.login_per_minute"), Source::Environment);
        assert_eq!(source("limits.body_bytes"), Source::File);
        assert_eq!(source("server.listen"), Source::Flag);
        assert_eq!(source("auth.registration"), Source::Default);
    }

    #[test]
    fn an_unknown_key_stops_the_start_and_names_the_nearest() {
        let error = load("[server]\nlissten = \"x\"\n", &[], &[]).expect_err("a misspelt key");
        assert_eq!(error.to_string(), "unknown setting `server.lissten` in phm.toml; did you mean `server.listen`?");
        let error = load("", &[("PHM__AUTH__REGISTRATON", "open")], &[]).expect_err("a misspelt variable");
        assert!(error.to_string().contains("`auth.registration`"), "{error}");
    }

    #[test]
    fn values_that_make_no_sense_stop_the_start() {
        for file in [
            "[server]\nlisten = \"here\"\n",
            "[server]\nlisten = 8080\n",
            "[server]\npublic_url = \"https://phm.example\"\n",
            "[server]\ntls = \"files\"\n",
            "[mail]\ntransport = \"smtp\"\nfrom = \"phm@example.org\"\n",
            "[mail]\ntransport = \"file\"\nfrom = \"nobody\"\n",
            "[mail]\nhost = \"mail.example\"\nsecurity = \"none\"\n",
            "[oidc]\nissuer = \"http://id.example\"\nclient_id = \"phm\"\n",
            "[oidc]\nissuer = \"https://id.example\"\n",
            "[oidc]\nroles = [\"doctors=owner\"]\n",
            "[server]\ntls = \"local\"\npublic_url = \"http://phm.example\"\n",
            "[server]\nhttp_listen = \"127.0.0.1:80\"\n",
            "[server]\ntls_minimum = \"1.1\"\n",
            "[server]\ntrusted_proxies = [\"nearby\"]\n",
            "[server]\ntrusted_proxies = [\"0.0.0.0/0\"]\n",
            "[auth]\nregistration = \"maybe\"\n",
            "[limits]\nbody_bytes = -1\n",
            "[policy]\nguardian_ends_at = 300\n",
            "[policy]\nguardian_ends_at = 14\n",
            "[policy]\nguardian_private_from = \"young\"\n",
            "[audit]\nretention = \"30d\"\n",
            "[audit]\ncheckpoint_folder = \"beside\"\n",
            "[audit]\ncheckpoint_every = \"0s\"\n",
            "[audit]\ncheckpoint_every = \"often\"\n",
            "[store]\ncompact_ratio = 1\n",
            "[store]\ncompact_ratio = 2.5\n",
            "[store]\ncompact_gain = \"64 MiB\"\n",
            "[audit]\nreads = \"yes\"\n",
            "[plugins]\nhttp_allow_private = [1]\n",
            "data_dir = \"elsewhere\"\n",
            "not toml",
        ] {
            assert!(load(file, &[], &[]).is_err(), "{file}");
        }
    }

    #[test]
    fn checkpoints_are_kept_outside_the_data_folder_or_not_at_all() {
        let dir = tempfile::tempdir().expect("a folder");
        let load = |folder: &Path| {
            let flag = [("audit.checkpoint_folder", folder.display().to_string())];
            Settings::load(&dir.path().join("data"), [], &flag)
        };
        let beside = dir.path().join("kept");
        assert_eq!(load(&beside).expect("a folder").checkpoint_folder, Some(beside));
        assert!(load(&dir.path().join("data/kept")).is_err() && load(&dir.path().join("data")).is_err());
        let settings = Settings::defaults(Path::new("vault"));
        assert_eq!((settings.checkpoint_folder, settings.checkpoint_every), (None, Duration::from_hours(1)));
    }

    #[test]
    fn backups_are_made_hourly_where_there_is_a_target() {
        assert_eq!(load("", &[], &[]).expect("defaults").backups, None);
        let made = |file: &str| load(file, &[], &[]).map(|settings| settings.backups.expect("a target"));
        let hourly = made("[backup]\ntarget = \"/mnt/backups\"\n").expect("valid");
        let expected = Backups {
            target: PathBuf::from("/mnt/backups"),
            every_hours: 1,
            keep_days: 30,
            drill_days: 7,
            proof_days: 14,
        };
        assert_eq!(hourly, expected);
        for (schedule, hours) in [("hourly", 1), ("daily", 24), ("6h", 6)] {
            let file = format!("[backup]\ntarget = \"/mnt/backups\"\nschedule = \"{schedule}\"\n");
            assert_eq!(made(&file).expect("valid").every_hours, hours);
        }
        for wrong in
            ["schedule = \"0h\"", "schedule = \"25h\"", "schedule = \"weekly\"", "target = \"here\"", "keep_days = 0"]
        {
            assert!(load(&format!("[backup]\n{wrong}\n"), &[], &[]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_public_https_address_needs_somebody_who_ends_tls() {
        let settings = load("[server]\ntls = \"proxy\"\npublic_url = \"https://phm.example/\"\n", &[], &[]);
        assert_eq!(settings.expect("valid settings").public_url, "https://phm.example");
        let own = "[server]\ntls = \"files\"\ntls_certificate = \"a.crt\"\ntls_key = \"/keys/a.key\"\n\
                   http_listen = \"127.0.0.1:8081\"\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n";
        let settings = load(own, &[], &[]).expect("valid settings");
        assert_eq!(settings.public_url, "https://localhost:8080");
        assert_eq!(settings.tls_certificate, settings.data_dir.join("a.crt"));
        assert_eq!(settings.tls_key, Path::new("/keys/a.key"));
        assert_eq!(settings.trusted_proxies.len(), 2);
    }
}
