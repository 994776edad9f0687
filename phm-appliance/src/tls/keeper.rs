//! The certificate in use, and when it is replaced.
//!
//! [`Keeper::look_again`] is called every [`EVERY`]: a certificate from files is read again when their content changed;
//! one of the own authority is made anew when a third of its life is left, when the machine has other addresses, or when
//! the clock was set to a time it is not good for.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use phm_core::crypto::digest;
use phm_core::time::Instant;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::authority::{Authority, CERTIFICATE_DAYS};
use super::names::Names;
use super::{TlsError, provider};
use crate::settings::{Settings, Tls};

/// How often the keeper looks whether the certificate is still the right one.
pub const EVERY: Duration = Duration::from_secs(15);

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Holds the certificate in use.
pub struct Keeper {
    source: Source,
    current: ArcSwap<Held>,
}

enum Source {
    Files { certificate: PathBuf, key: PathBuf },
    Local { authority: Box<Authority>, settings: Box<Settings> },
}

struct Held {
    shown: Arc<CertifiedKey>,
    /// What the certificate speaks for.
    names: Names,
    because: Because,
}

/// What made the keeper take this certificate.
enum Because {
    Content([u8; 32]),
    IssuedAt(Instant),
}

impl Keeper {
    /// The keeper `settings` ask for; `None` where PHM does not speak TLS itself.
    pub fn open(settings: &Settings, now: Instant) -> Result<Option<Arc<Self>>, TlsError> {
        let (source, first) = match settings.tls {
            Tls::Off | Tls::Proxy => return Ok(None),
            Tls::Files => {
                let (certificate, key) = (settings.tls_certificate.clone(), settings.tls_key.clone());
                let first = from_files(&certificate, &key)?;
                (Source::Files { certificate, key }, first)
            }
            Tls::Local => {
                let names = Names::of_this_machine(settings);
                let authority = Authority::open_or_make(&settings.data_dir.join("tls"), &names, now)?;
                let first = from_authority(&authority, names, now)?;
                (Source::Local { authority: Box::new(authority), settings: Box::new(settings.clone()) }, first)
            }
        };
        let keeper = Self { source, current: ArcSwap::from_pointee(first) };
        keeper.warn_of_uncovered_names();
        Ok(Some(Arc::new(keeper)))
    }

    /// The own authority, where that is where certificates come from.
    pub fn authority(&self) -> Option<&Authority> {
        match &self.source {
            Source::Local { authority, .. } => Some(authority),
            Source::Files { .. } => None,
        }
    }

    /// Whether `host` is one of the names the certificate in use was made for.
    pub fn is_called(&self, host: &str) -> bool {
        self.current.load().names.has(host)
    }

    /// How a device elsewhere at home reaches this machine, where that is known.
    pub fn from_elsewhere(&self) -> Option<String> {
        self.current.load().names.from_elsewhere()
    }

    /// Takes another certificate where it is time; says whether it did. On an error the one in use stays.
    pub fn look_again(&self, now: Instant) -> Result<bool, TlsError> {
        let held = self.current.load();
        let next = match &self.source {
            Source::Files { certificate, key } => {
                let now_there = content(certificate, key)?;
                if matches!(held.because, Because::Content(taken) if taken == now_there) {
                    return Ok(false);
                }
                from_files(certificate, key)?
            }
            Source::Local { authority, settings } => {
                let names = Names::of_this_machine(settings);
                if held.names == names && held.because.is_still_good(now) {
                    return Ok(false);
                }
                from_authority(authority, names, now)?
            }
        };
        self.current.store(Arc::new(next));
        Ok(true)
    }

    /// A name people are told to type, for which the authority may not speak, is better known before they try it.
    fn warn_of_uncovered_names(&self) {
        if let Source::Local { authority, settings } = &self.source {
            let held = self.current.load();
            let uncovered = held.names.names.iter().filter(|name| !authority.covers(name)).count();
            if uncovered > 0 {
                tracing::warn!(
                    names = uncovered,
                    "this machine's certificate authority does not speak for these names: they are one word, or newer \
                     than it; in the second case, to make a new one remove {}, and trust it anew on every device",
                    settings.data_dir.join("tls").display()
                );
            }
        }
    }
}

impl Because {
    fn is_still_good(&self, now: Instant) -> bool {
        let Self::IssuedAt(issued_at) = self else { return false };
        let age = now.millis().saturating_sub(issued_at.millis());
        (-DAY..CERTIFICATE_DAYS * DAY * 2 / 3).contains(&age)
    }
}

impl ResolvesServerCert for Keeper {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.load().shown))
    }
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeper")
    }
}

fn from_authority(authority: &Authority, names: Names, now: Instant) -> Result<Held, TlsError> {
    let (chain, key) = authority.issue(&names, now)?;
    let shown = Arc::new(CertifiedKey::from_der(chain, key, &provider())?);
    Ok(Held { shown, names, because: Because::IssuedAt(now) })
}

fn from_files(certificate: &Path, key: &Path) -> Result<Held, TlsError> {
    let not_pem = |path: &Path, what| TlsError::NotPem { file: path.display().to_string(), what };
    let (chain_pem, key_pem) = (read(certificate)?, read(key)?);
    let because = Because::Content(digest::sha256(&[&chain_pem, b"\0", &key_pem]));
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&chain_pem)
        .collect::<Result<_, _>>()
        .ok()
        .filter(|chain: &Vec<_>| !chain.is_empty())
        .ok_or_else(|| not_pem(certificate, "certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(&key_pem).map_err(|_| not_pem(key, "private key"))?;
    let names = named(&chain[0]);
    Ok(Held { shown: Arc::new(CertifiedKey::from_der(chain, key, &provider())?), names, because })
}

/// What a certificate says it speaks for.
fn named(certificate: &CertificateDer<'_>) -> Names {
    use x509_parser::extensions::GeneralName;
    let mut names = Names::default();
    let Ok((_, parsed)) = x509_parser::parse_x509_certificate(certificate) else { return names };
    let Ok(Some(alternatives)) = parsed.subject_alternative_name() else { return names };
    for name in &alternatives.value.general_names {
        match name {
            GeneralName::DNSName(name) => names.add(name),
            GeneralName::IPAddress(bytes) => {
                let four = <[u8; 4]>::try_from(*bytes).map(std::net::IpAddr::from);
                let sixteen = <[u8; 16]>::try_from(*bytes).map(std::net::IpAddr::from);
                names.addresses.extend(four.or(sixteen));
            }
            _ => {}
        }
    }
    names
}

fn content(certificate: &Path, key: &Path) -> Result<[u8; 32], TlsError> {
    Ok(digest::sha256(&[&read(certificate)?, b"\0", &read(key)?]))
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Unreadable { file: path.display().to_string(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(dir: &Path) -> Settings {
        let mut settings = Settings::defaults(dir);
        settings.tls = Tls::Local;
        settings
    }

    fn leaf(keeper: &Keeper) -> CertificateDer<'static> {
        keeper.current.load().shown.cert[0].clone()
    }

    #[test]
    fn a_certificate_of_ones_own_is_renewed_long_before_it_expires() {
        let dir = tempfile::tempdir().expect("a folder");
        let now = Instant::now();
        let keeper = Keeper::open(&local(dir.path()), now).expect("opened").expect("speaks TLS");
        let first = leaf(&keeper);
        assert!(!keeper.look_again(now.plus_millis(59 * DAY)).expect("looked"), "a third of its life is left");
        assert!(keeper.look_again(now.plus_millis(61 * DAY)).expect("looked"));
        assert_ne!(leaf(&keeper), first);
        assert!(keeper.look_again(now).expect("looked"), "the clock was set back to before it was made");
    }

    #[test]
    fn changed_files_are_taken_and_broken_ones_leave_the_certificate_in_use() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut settings = local(dir.path());
        (settings.tls_certificate, settings.tls_key) = (dir.path().join("a.crt"), dir.path().join("a.key"));
        let write = || {
            let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("made");
            std::fs::write(&settings.tls_certificate, made.cert.pem()).expect("written");
            std::fs::write(&settings.tls_key, made.signing_key.serialize_pem()).expect("written");
        };
        write();
        let mut files = settings.clone();
        files.tls = Tls::Files;
        let now = Instant::now();
        let keeper = Keeper::open(&files, now).expect("opened").expect("speaks TLS");
        let first = leaf(&keeper);
        assert!(!keeper.look_again(now).expect("looked"));
        write();
        assert!(keeper.look_again(now).expect("looked"));
        let second = leaf(&keeper);
        assert_ne!(second, first);
        let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("made");
        std::fs::write(&settings.tls_key, other.signing_key.serialize_pem()).expect("written");
        assert!(keeper.look_again(now).is_err(), "a key of another certificate");
        std::fs::write(&settings.tls_certificate, "nothing").expect("written");
        assert!(keeper.look_again(now).is_err(), "no certificate at all");
        std::fs::remove_file(&settings.tls_certificate).expect("removed");
        assert!(keeper.look_again(now).is_err(), "no file");
        assert_eq!(leaf(&keeper), second);
        assert!(Keeper::open(&files, now).is_err(), "a start without a certificate stops");
    }

    #[test]
    fn without_tls_of_its_own_there_is_no_keeper() {
        let settings = Settings::defaults(Path::new("x"));
        assert!(Keeper::open(&settings, Instant::now()).expect("no trouble").is_none());
    }
}
