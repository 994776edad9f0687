//! Commands that look after a vault: verify, doctor, stats and their kin.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use phm_core::backup;
use phm_core::store::Engine;
use phm_core::vault::{CompactReport, Standing, Vault};
use serde::Serialize;
use serde_json::{Value, json};

use super::Place;
use super::given::Given;
use super::output::{Answer, Failure};
use crate::doctor::{self, Finding, Patient, Status};
use crate::settings::Settings;

/// `phm verify`
pub fn verify(place: &Place, checkpoint: Option<&Path>) -> Result<Answer, Failure> {
    if let Some(file) = checkpoint {
        std::fs::metadata(file).map_err(|error| Failure::from(error).about(file))?;
    }
    // Also where the vault is too damaged to be opened: then most of all somebody wants to know what is left.
    let report = match place.served() {
        Some(vault) => vault.verify(checkpoint)?,
        None => Vault::inspect(&place.dir()?, &place.known_secret()?, place.options()?, checkpoint)?,
    };
    let mut text = format!(
        "{} people, {} entries, {} audit rows: {}.",
        report.profiles,
        report.entries,
        report.audit.size,
        if report.ok { "everything is whole" } else { "DAMAGED" }
    );
    for damage in &report.damaged {
        let place = damage.entry.as_deref().or(damage.file.as_deref()).unwrap_or("?");
        text.push_str("\n  ");
        text.push_str(&[damage.place.word(), ": ", place, " (", damage.reason, ")"].concat());
    }
    for ended in &report.audit.earlier {
        let (log, rows, why) = (ended.log, ended.size, &ended.reason);
        text = format!("{text}\n  audit: log {log} ended at row {rows} ({why}), and the log of now goes on");
    }
    match report.checkpoint.as_ref().map(|checkpoint| (checkpoint, &checkpoint.standing)) {
        Some((checkpoint, Standing::Continued)) => {
            text = format!("{text}\n  checkpoint: the log continues it from row {}", checkpoint.size);
        }
        Some((_, Standing::Ended { lost: lost @ 1.., .. })) => {
            text = format!(
                "{text}\n  checkpoint: it knows {lost} rows that came after the backup that was restored, and are lost"
            );
        }
        Some((_, Standing::Ended { .. })) => text += "\n  checkpoint: its log ended and was continued as it should be",
        Some((_, Standing::Truncated { .. } | Standing::Forked | Standing::Unknown)) | None => {}
    }
    for stray in &report.strays {
        text.push_str(&["\n  not the vault's, and not in its backups: ", &stray.escape_debug().to_string()].concat());
    }
    if !report.ok {
        text += "\nThe rest is readable. Restore the newest backup, or run `phm salvage OUT`.";
    }
    let code = if report.ok { 0 } else { 4 };
    Ok(Answer::new(to_value(&report)?, text).with_code(code))
}

/// `phm stats`
pub fn stats(place: &Place) -> Result<Answer, Failure> {
    place.with("counting", |vault, _| {
        let stats = vault.stats()?;
        let kinds: Vec<String> = stats.kinds.iter().map(|(kind, count)| format!("  {kind:<18} {count:>9}")).collect();
        let text = format!(
            "{} people, {} entries, {} documents\n{}\n{:.1} MB on disk, {:.1} MB live",
            stats.profiles,
            stats.entries,
            stats.documents,
            kinds.join("\n"),
            mb(stats.bytes.store),
            mb(stats.bytes.live)
        );
        Ok(Answer::new(to_value(&stats)?, text))
    })
}

#[allow(clippy::cast_precision_loss)] // megabytes for people
pub(super) fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// `phm compact`
pub fn compact(place: &Place) -> Result<Answer, Failure> {
    place.with("compacting", |vault, _| {
        let CompactReport { before, after } = vault.compact()?;
        let text = format!("The store took {:.1} MB and now takes {:.1} MB.", mb(before), mb(after));
        Ok(Answer::new(json!({"before": before, "after": after}), text))
    })
}

/// `phm migrate-store`
pub fn migrate_store(place: &Place, to: &str) -> Result<Answer, Failure> {
    let to = Engine::on_disk(to).map_err(Failure::usage)?;
    let report = Vault::migrate_store(&place.dir()?, &place.known_secret()?, to, place.options()?)?;
    let text = if report.changed {
        format!(
            "Moved {} rows from {} to {} in {:.1} s; the audit log ends at row {} as before.\n\
             The store took {:.1} MB and now takes {:.1} MB.",
            report.rows.values().sum::<u64>(),
            report.from,
            report.to,
            report.seconds,
            report.audit.size,
            mb(report.bytes.before),
            mb(report.bytes.after)
        )
    } else {
        format!("The vault is on {} already; nothing was changed.", report.to)
    };
    Ok(Answer::new(to_value(&report)?, text))
}

/// `phm salvage`
pub fn salvage(place: &Place, out: &Path, backups: &[Given]) -> Result<Answer, Failure> {
    let secret = place.known_secret()?;
    let (report, then) = if backups.is_empty() {
        let report = backup::salvage(&place.dir()?, out, &secret, place.options()?)?;
        (report, "Restore the newest backup into a new folder, and add what is newer by hand.")
    } else {
        let files: Vec<PathBuf> = backups.iter().map(|file| file.to_path_buf()).collect();
        let report = backup::salvage_backups(&files, out, &secret)?;
        (report, "Restore an older backup into a new folder, and add what is newer by hand.")
    };
    let text = format!(
        "Saved {} entries and {} samples of {} people and {} documents to {}, not sealed; {} entries, {} samples and {} \
         documents could not be read.\n{then}",
        report.entries,
        report.samples,
        report.profiles,
        report.documents,
        out.display(),
        report.gaps.len(),
        report.lost_samples.iter().map(|lost| lost.lost).sum::<u64>(),
        report.lost_documents.len()
    );
    Ok(Answer::new(to_value(&report)?, text))
}

pub(super) fn load_settings(place: &Place) -> Result<Settings, Failure> {
    load_settings_with(place, &[])
}

/// The settings with flags on top.
pub(super) fn load_settings_with(place: &Place, flags: &[(&str, String)]) -> Result<Settings, Failure> {
    let dir = place.dir()?;
    let place = [("data_dir", dir.display().to_string())];
    let flags: Vec<(&str, String)> = place.into_iter().chain(flags.iter().cloned()).collect();
    Settings::load(&dir, std::env::vars(), &flags).map_err(|error| Failure::usage(error.to_string()))
}

/// `phm settings`
pub fn settings(place: &Place) -> Result<Answer, Failure> {
    let settings = load_settings(place)?;
    let listing = settings.listing();
    let text = listing.iter().fold(String::new(), |text, row| {
        text + &format!("{:<32} {:<28} {}\n", row.key, shown(&row.value), shown(&row.source))
    });
    Ok(Answer::new(to_value(&listing)?, text))
}

/// `phm openapi`
pub fn openapi() -> Result<Answer, Failure> {
    let document = crate::http::api::document();
    let value: Value = serde_json::from_str(&document).map_err(|error| Failure::new("internal", error.to_string()))?;
    Ok(Answer::new(value, document))
}

/// `phm doctor`
pub fn doctor(place: &Place) -> Result<Answer, Failure> {
    let dir = place.dir()?;
    let vault = place.open();
    let settings = load_settings(place)?;
    let findings = doctor::examine(&Patient {
        dir: &dir,
        secret_file: place.secret_file(),
        secret: place.secret().map(|secret| secret.is_some()).map_err(|failure| failure.to_string()),
        vault: vault.as_ref().map_err(|failure| (failure.code().to_owned(), failure.to_string())),
        index_budget: settings.index_budget,
        proof_days: settings.backup_proof_days,
    });
    vault.ok().map(Vault::close).transpose()?;
    let ok = findings.iter().all(|finding| finding.status != Status::Fail);
    let line = |finding: &Finding| {
        let status = match finding.status {
            Status::Ok => "ok",
            Status::Warn => "warn",
            Status::Fail => "fail",
        };
        format!("{status:<5} {:<12} {}\n", finding.id, finding.message)
    };
    let text = findings.iter().map(line).collect::<String>();
    Ok(Answer::new(json!({"ok": ok, "checks": findings}), text).with_code(u8::from(!ok)))
}

/// `phm healthcheck`
///
/// By https the certificate is checked against the machine's own authority, the file the settings name, and what the
/// system trusts.
pub fn healthcheck(place: &Place, url: &str) -> Result<Answer, Failure> {
    let bad = || Failure::usage("--url takes an address such as http://127.0.0.1:8080");
    let (is_https, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return Err(bad()),
    };
    let address = rest.split('/').next().unwrap_or_default();
    let has_port = address.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let address = if has_port { address.to_owned() } else { format!("{address}:{}", if is_https { 443 } else { 80 }) };
    let unwell = |message: &str| Failure::new("check-failed", message);
    let ask = || -> std::io::Result<String> {
        let stream = TcpStream::connect(&address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.set_write_timeout(Some(Duration::from_secs(5)))?;
        if is_https { ask_ready(tls_to(place, &address, stream)?, &address) } else { ask_ready(stream, &address) }
    };
    let answer = ask().map_err(|_| unwell("the appliance does not answer"))?;
    if answer.split_whitespace().nth(1) == Some("200") {
        let body = answer.split_once("\r\n\r\n").map_or("{}", |(_, body)| body);
        let value = serde_json::from_str(body).unwrap_or_else(|_| json!({"status": "ready"}));
        Ok(Answer::new(value, "The appliance is well."))
    } else {
        Err(unwell("the appliance answers, but it is not ready; ask /readyz why"))
    }
}

fn ask_ready(mut stream: impl Read + Write, address: &str) -> std::io::Result<String> {
    write!(stream, "GET /readyz HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    stream.flush()?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    Ok(answer)
}

fn tls_to(place: &Place, address: &str, stream: TcpStream) -> std::io::Result<impl Read + Write> {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host).trim_matches(['[', ']']);
    let own = place.dir().map(|dir| dir.join("tls/authority.crt")).ok();
    let named = load_settings(place).ok().map(|settings| settings.tls_certificate);
    crate::tls::connect(host, stream, own.iter().chain(&named).map(PathBuf::as_path))
}

/// A setting's value as a person writes it.
fn shown(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

pub(super) fn to_value(value: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(|error| Failure::new("internal", error.to_string()))
}
