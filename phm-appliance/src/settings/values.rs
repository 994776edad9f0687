//! What single settings may say: each reads the texts of its keys and refuses what makes no sense.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::IpNet;
use phm_core::access::{GuardianAges, Role};

use super::layers::{Layers, SettingsError};
use super::{Backups, Tls};
use crate::notify::{MailWay, Security};

/// The birthdays at which the reach of a guardian shrinks, in their order.
pub(super) fn guardian_ages(layers: &Layers) -> Result<GuardianAges, SettingsError> {
    let [private_from, by_grant_from, ends_at, takes_over_from] =
        ["guardian_private_from", "guardian_by_grant_from", "guardian_ends_at", "takes_over_from"].map(|name| {
            let key = format!("policy.{name}");
            let wrong = || SettingsError::Value { key: key.clone(), expected: "a whole number of years, 0 to 30" };
            layers.number::<u8>(&key).ok().filter(|age| *age <= 30).ok_or_else(wrong)
        });
    let (private_from, by_grant_from) = (private_from?, by_grant_from?);
    let (ends_at, takes_over_from) = (ends_at?, takes_over_from?);
    let ages = GuardianAges { private_from, by_grant_from, ends_at, takes_over_from };
    if ages.private_from > ages.by_grant_from || ages.by_grant_from > ages.ends_at {
        let expected = "ages in order: guardian_private_from, guardian_by_grant_from, guardian_ends_at";
        return Err(SettingsError::Value { key: "policy.guardian_by_grant_from".to_owned(), expected });
    }
    if ages.takes_over_from > ages.ends_at {
        let expected = "no later than guardian_ends_at, when guardians can hand nothing over any more";
        return Err(SettingsError::Value { key: "policy.takes_over_from".to_owned(), expected });
    }
    Ok(ages)
}

/// The address people type; by default that of this machine.
pub(super) fn public_url(text: &str, listen: SocketAddr, tls: Tls) -> Result<String, SettingsError> {
    let wrong = |expected| Err(SettingsError::Value { key: "server.public_url".to_owned(), expected });
    let text = text.trim_end_matches('/');
    if text.is_empty() {
        let scheme = if tls.is_own() { "https" } else { "http" };
        return Ok(format!("{scheme}://localhost:{}", listen.port()));
    }
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return wrong("an address that begins with http:// or https://");
    }
    if tls == Tls::Off && text.starts_with("https://") {
        return wrong("an http:// address, or server.tls must say who ends TLS");
    }
    if tls.is_own() && !text.starts_with("https://") {
        return wrong("an https:// address, since server.tls is on");
    }
    Ok(text.to_owned())
}

/// How many times its live bytes the store may take.
pub(super) fn compact_ratio(ratio: u32) -> Result<u32, SettingsError> {
    // Right after compacting the files take up to twice their live bytes: a ratio of 1 would never be reached.
    if ratio == 1 {
        return Err(SettingsError::Value { key: "store.compact_ratio".to_owned(), expected: "0, or at least 2" });
    }
    Ok(ratio)
}

/// The second address, for plain http, where PHM speaks TLS itself.
pub(super) fn http_listen(text: &str, tls: Tls) -> Result<Option<SocketAddr>, SettingsError> {
    let wrong = |expected| SettingsError::Value { key: "server.http_listen".to_owned(), expected };
    match text {
        "" => Ok(None),
        _ if !tls.is_own() => Err(wrong("empty unless server.tls is \"files\" or \"local\"")),
        text => text.parse().map(Some).map_err(|_| wrong("an address and port, such as 0.0.0.0:8080, or empty")),
    }
}

/// A file of the certificate; one that is not absolute lies in the data folder.
pub(super) fn tls_file(layers: &Layers, key: &str, data_dir: &Path, tls: Tls) -> Result<PathBuf, SettingsError> {
    let text = layers.text(key);
    if tls == Tls::Files && text.is_empty() {
        let expected = "the name of a PEM file, since server.tls is \"files\"";
        return Err(SettingsError::Value { key: key.to_owned(), expected });
    }
    Ok(data_dir.join(text))
}

/// The proxies that are believed.
pub(super) fn networks(texts: &[String]) -> Result<Vec<IpNet>, SettingsError> {
    let network = |text: &String| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let networks: Option<Vec<IpNet>> = texts.iter().map(|text| network(text).ok()).collect();
    // Whoever trusts everybody lets everybody say where they come from, and that nobody could listen.
    networks.filter(|all| all.iter().all(|net| net.prefix_len() > 0)).ok_or_else(|| SettingsError::Value {
        key: "server.trusted_proxies".to_owned(),
        expected: "a list of addresses or networks, such as [\"192.168.1.2\", \"10.0.0.0/8\"]; not the whole net",
    })
}

/// The identity provider; plain http only to this machine.
pub(super) fn oidc_issuer(layers: &Layers) -> Result<String, SettingsError> {
    let wrong = |key: &str, expected| SettingsError::Value { key: key.to_owned(), expected };
    let issuer = layers.text("oidc.issuer");
    if issuer.is_empty() {
        return Ok(String::new());
    }
    let is_here = issuer.starts_with("http://localhost:") || issuer.starts_with("http://127.0.0.1:");
    if !issuer.starts_with("https://") && !is_here {
        return Err(wrong("oidc.issuer", "an address that begins with https://"));
    }
    if layers.text("oidc.client_id").is_empty() {
        return Err(wrong("oidc.client_id", "what the provider calls this house, since oidc.issuer is set"));
    }
    Ok(issuer.to_owned())
}

/// Which group gives which role.
pub(super) fn oidc_roles(texts: &[String]) -> Result<Vec<(String, Role)>, SettingsError> {
    let pair = |text: &String| {
        let (group, role) = text.rsplit_once('=')?;
        Some((group.to_owned(), role.parse().ok()?)).filter(|_| !group.is_empty())
    };
    texts.iter().map(pair).collect::<Option<_>>().ok_or_else(|| SettingsError::Value {
        key: "oidc.roles".to_owned(),
        expected: "a list such as [\"doctors=provider\"], with the roles admin, patient, provider, pharmacist, lab, front-desk",
    })
}

/// Who letters are from.
pub(super) fn mail_from(text: &str, way: MailWay) -> Result<String, SettingsError> {
    if way != MailWay::Off && text.parse::<lettre::message::Mailbox>().is_err() {
        let expected = "an address such as \"PHM <phm@example.org>\", since mail.transport is on";
        return Err(SettingsError::Value { key: "mail.from".to_owned(), expected });
    }
    Ok(text.to_owned())
}

/// Letters go in clear to a server on this machine alone.
pub(super) fn mail_security(layers: &Layers) -> Result<Security, SettingsError> {
    let ways = [("starttls", Security::StartTls), ("tls", Security::Tls), ("none", Security::None)];
    let security = layers.choose("mail.security", &ways)?;
    if security == Security::None && !matches!(layers.text("mail.host"), "localhost" | "127.0.0.1" | "::1") {
        let expected = "\"starttls\" or \"tls\": \"none\" is for mail.host = \"localhost\"";
        return Err(SettingsError::Value { key: "mail.security".to_owned(), expected });
    }
    Ok(security)
}

/// The mail server, where letters leave by one.
pub(super) fn mail_host(text: &str, way: MailWay) -> Result<String, SettingsError> {
    if way == MailWay::Smtp && text.is_empty() {
        let expected = "the name of a mail server, since mail.transport is \"smtp\"";
        return Err(SettingsError::Value { key: "mail.host".to_owned(), expected });
    }
    Ok(text.to_owned())
}

/// The time zone of the family.
pub(super) fn time_zone(name: &str) -> Result<Option<jiff::tz::TimeZone>, SettingsError> {
    if name.is_empty() {
        return Ok(None);
    }
    let wrong = || SettingsError::Value {
        key: "household.time_zone".to_owned(),
        expected: "the name of a time zone, such as Asia/Kolkata",
    };
    crate::i18n::zones::named(name).map(Some).ok_or_else(wrong)
}

/// How backups are made by themselves.
pub(super) fn backups(layers: &Layers) -> Result<Option<Backups>, SettingsError> {
    let wrong = |key: &str, expected| SettingsError::Value { key: key.to_owned(), expected };
    let every_hours = match layers.text("backup.schedule") {
        "" | "hourly" => Some(1),
        "daily" => Some(24),
        other => other.strip_suffix('h').and_then(|hours| hours.parse().ok()).filter(|hours| (1..=24).contains(hours)),
    };
    let Some(every_hours) = every_hours else {
        return Err(wrong("backup.schedule", "\"hourly\", \"daily\", or a number of hours from \"1h\" to \"24h\""));
    };
    let days = |key: &str| -> Result<u32, SettingsError> {
        match layers.number(key)? {
            0 => Err(wrong(key, "at least 1")),
            days => Ok(days),
        }
    };
    let (keep_days, drill_days, proof_days) =
        (days("backup.keep_days")?, days("backup.drill_days")?, days("backup.proof_days")?);
    let target = PathBuf::from(layers.text("backup.target"));
    if target.as_os_str().is_empty() {
        return Ok(None);
    }
    if !target.is_absolute() {
        return Err(wrong("backup.target", "a folder with its whole path, such as /mnt/backups"));
    }
    Ok(Some(Backups { target, every_hours, keep_days, drill_days, proof_days }))
}

/// How long audit entries are kept, in days.
pub(super) fn retention(text: &str) -> Result<Option<u32>, SettingsError> {
    let days = match text.strip_suffix('y') {
        Some(years) => years.parse::<u32>().ok().and_then(|years| years.checked_mul(366)),
        None => text.strip_suffix('d').unwrap_or(text).parse::<u32>().ok(),
    };
    match days {
        Some(0) => Ok(None),
        Some(days) if days >= 365 => Ok(Some(days)),
        _ => Err(SettingsError::Value {
            key: "audit.retention".to_owned(),
            expected: "at least \"1y\" or \"365d\", or \"0\" for ever",
        }),
    }
}

/// A folder for checkpoints: one that whoever rewrites the data folder does not rewrite with it.
pub(super) fn checkpoint_folder(text: &str, data_dir: &Path) -> Result<Option<PathBuf>, SettingsError> {
    let folder = Path::new(text);
    if text.is_empty() {
        return Ok(None);
    }
    // Neither has to exist yet; what does is compared by where it really lies.
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if !folder.is_absolute() || real(folder).starts_with(real(data_dir)) {
        return Err(SettingsError::Value {
            key: "audit.checkpoint_folder".to_owned(),
            expected: "the full path of a folder outside the data folder",
        });
    }
    Ok(Some(folder.to_owned()))
}

/// A span of time such as `90s`, `10m`, `1h` or `1d`; at least a second.
pub(super) fn span(key: &str, text: &str) -> Result<Duration, SettingsError> {
    let unit = |letter: char| [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)].into_iter().find(|(l, _)| *l == letter);
    let parsed = text.chars().last().and_then(unit).and_then(|(letter, seconds)| {
        let number: u64 = text.strip_suffix(letter)?.parse().ok()?;
        number.checked_mul(seconds).filter(|seconds| *seconds > 0).map(Duration::from_secs)
    });
    parsed.ok_or_else(|| SettingsError::Value { key: key.to_owned(), expected: "a time such as 90s, 10m, 1h or 1d" })
}

/// A file that holds a secret, relative to the data folder; `None` where none is named.
pub(super) fn secret_file(text: &str, data_dir: &Path) -> Option<PathBuf> {
    (!text.is_empty()).then(|| data_dir.join(text))
}
