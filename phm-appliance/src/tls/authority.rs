//! The machine's own certificate authority.
//!
//! It is made at the first start and kept in `tls/` of the data folder, its key readable by the owner alone; it lies
//! outside the vault, because a locked house already answers by https. Devices are told to trust it once. So that this
//! costs little should the key ever be stolen, its certificate says that it speaks only for names and addresses at
//! home (name constraints, RFC 5280 section 4.2.1.10): it cannot pretend to be anybody's bank.

use std::path::{Path, PathBuf};

use phm_core::crypto::{digest, durable};
use phm_core::time::Instant;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, SanType,
    SerialNumber, string::Ia5String,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::TlsError;
use super::names::{AT_HOME, Names, is_at_home};

/// How long the authority is good for: devices are not asked twice in the life of a box.
const AUTHORITY_DAYS: i64 = 20 * 366;

/// How long one certificate is good for; browsers refuse long-lived ones.
pub const CERTIFICATE_DAYS: i64 = 90;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// No clock is right before this moment (2026-01-01): a board without a clock starts in 1970.
const EARLIEST: Instant = Instant::from_millis(1_767_225_600_000);

/// The machine's own certificate authority.
pub struct Authority {
    certificate: CertificateDer<'static>,
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    name: String,
    names: Vec<String>,
}

impl Authority {
    /// The authority kept in `folder`, made where there is none. It will speak for `names` beside what is at home.
    pub fn open_or_make(folder: &Path, names: &Names, now: Instant) -> Result<Self, TlsError> {
        let (certificate, key) = (folder.join("authority.crt"), folder.join("authority.key"));
        // The certificate is written last: where it stands, the key does too.
        if !certificate.exists() {
            make(&certificate, &key, names, now)?;
        }
        let (pem, key_pem) = (read(&certificate)?, read(&key)?);
        let not_pem = |path: &PathBuf, what| TlsError::NotPem { file: path.display().to_string(), what };
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| not_pem(&certificate, "certificate"))?;
        let key_pair = KeyPair::from_pem(&key_pem).map_err(|_| not_pem(&key, "private key"))?;
        let (name, names) = described(&der).ok_or_else(|| not_pem(&certificate, "certificate of an authority"))?;
        Ok(Self { issuer: Issuer::from_ca_cert_der(&der, key_pair)?, certificate: der, pem, name, names })
    }

    /// The authority's certificate, for devices that are to trust it.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The same as PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Its name, under which systems list it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 over the certificate, as systems show it: `AB:CD:…`.
    pub fn fingerprint(&self) -> String {
        let hex = digest::hex(&digest::sha256(&[&self.certificate])).to_uppercase();
        let pairs: Vec<&str> = (0..hex.len()).step_by(2).map(|at| &hex[at..at + 2]).collect();
        pairs.join(":")
    }

    /// Whether the authority may speak for a name: one at home, or one it was made for.
    pub fn covers(&self, name: &str) -> bool {
        self.names.iter().any(|base| name == base || name.ends_with(&format!(".{base}")))
    }

    /// A fresh certificate with its key for what this authority may speak for among `names`.
    pub fn issue(
        &self,
        names: &Names,
        now: Instant,
    ) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
        let mut params = CertificateParams::default();
        (params.not_before, params.not_after) = (moment(now, -1), moment(now, CERTIFICATE_DAYS));
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "PHM");
        params.serial_number = Some(serial());
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        for name in names.names.iter().filter(|name| self.covers(name)) {
            params.subject_alt_names.push(SanType::DnsName(Ia5String::try_from(name.as_str())?));
        }
        let at_home = names.addresses.iter().filter(|address| is_at_home(**address));
        params.subject_alt_names.extend(at_home.map(|address| SanType::IpAddress(*address)));
        let key = fresh_key()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok((vec![certificate.der().clone(), self.certificate.clone()], key))
    }
}

/// Makes the authority and writes it down.
fn make(certificate: &Path, key: &Path, names: &Names, now: Instant) -> Result<(), TlsError> {
    let now = now.max(EARLIEST);
    let mut params = CertificateParams::default();
    (params.not_before, params.not_after) = (moment(EARLIEST, -1), moment(now, AUTHORITY_DAYS));
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Personal Health Manager");
    // Two boxes in one house have authorities that can be told apart.
    let mark = digest::hex(&phm_core::crypto::random::<4>());
    params.distinguished_name.push(DnType::CommonName, format!("PHM at home {mark}"));
    params.serial_number = Some(serial());
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let mut bases: Vec<String> = ["localhost", "local", "home.arpa", "lan", "internal"].map(str::to_owned).to_vec();
    // A constraint holds for everything below it, and a name of one word may be that of a whole domain, such as `box`.
    bases.extend(names.names.iter().filter(|name| name.contains('.')).cloned());
    bases.sort();
    bases.dedup();
    let mut permitted_subtrees: Vec<_> = bases.into_iter().map(GeneralSubtree::DnsName).collect();
    for network in AT_HOME {
        let (address, length) = network.split_once('/').expect("a network has a length");
        let address = address.parse().expect("the networks are written right");
        let length = length.parse().expect("the networks are written right");
        permitted_subtrees.push(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(address, length)));
    }
    params.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
    let pair = fresh_key()?;
    let made = params.self_signed(&pair)?;
    let folder = certificate.parent().unwrap_or(Path::new("."));
    let written = durable::create_folder(folder)
        .and_then(|()| durable::write_file(key, pair.serialize_pem().as_bytes()))
        .and_then(|()| durable::write_file(certificate, made.pem().as_bytes()));
    written.map_err(|source| TlsError::Unreadable { file: folder.display().to_string(), source })
}

/// The name of an authority, and the names its certificate says it may speak for.
fn described(certificate: &CertificateDer<'_>) -> Option<(String, Vec<String>)> {
    use x509_parser::extensions::{GeneralName, ParsedExtension};
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let constraints = parsed.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::NameConstraints(constraints) => Some(constraints),
        _ => None,
    })?;
    let bases = constraints.permitted_subtrees.iter().flatten().filter_map(|subtree| match subtree.base {
        GeneralName::DNSName(name) => Some(name.to_owned()),
        _ => None,
    });
    let name = parsed.subject().iter_common_name().next()?.as_str().ok()?.to_owned();
    Some((name, bases.collect()))
}

fn read(path: &Path) -> Result<String, TlsError> {
    std::fs::read_to_string(path).map_err(|source| TlsError::Unreadable { file: path.display().to_string(), source })
}

/// A key that nobody had before. rcgen would make one too, from randomness that it takes by itself.
fn fresh_key() -> Result<KeyPair, rcgen::Error> {
    let key = phm_core::crypto::certificate_key();
    KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(key.as_slice()), &PKCS_ECDSA_P256_SHA256)
}

/// A random serial number, positive and of full length (CA/Browser Forum Baseline Requirements 7.1).
fn serial() -> SerialNumber {
    let mut bytes: [u8; 16] = phm_core::crypto::random();
    bytes[0] = bytes[0] & 0x7f | 0x40;
    SerialNumber::from_slice(&bytes)
}

fn moment(now: Instant, days: i64) -> time::OffsetDateTime {
    let seconds = now.plus_millis(days * DAY).millis().div_euclid(1000);
    time::OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Names {
        let mut names = Names::default();
        for name in list {
            names.add(name);
        }
        names
    }

    #[test]
    fn an_authority_is_made_once_and_its_key_is_for_its_owner_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let (folder, now) = (dir.path().join("tls"), Instant::now());
        let first = Authority::open_or_make(&folder, &names(&["phm.example", "box"]), now).expect("made");
        let again = Authority::open_or_make(&folder, &names(&[]), now).expect("read");
        assert_eq!(first.certificate(), again.certificate());
        assert_eq!(again.fingerprint().len(), 95);
        assert!(again.covers("phm.example") && again.covers("box.local") && !again.covers("bank.example"));
        assert!(!again.covers("box") && !again.covers("somebody.box"), "one word may be a whole domain");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            for (path, mode) in [("tls", 0o700), ("tls/authority.key", 0o600)] {
                let found = std::fs::metadata(dir.path().join(path)).expect("there").permissions().mode() & 0o777;
                assert_eq!(found, mode, "{path}");
            }
        }
        std::fs::write(folder.join("authority.key"), "nothing").expect("written");
        assert!(Authority::open_or_make(&folder, &names(&[]), now).is_err(), "a damaged key is named, not replaced");
    }

    #[test]
    fn a_certificate_names_only_what_the_authority_may_speak_for() {
        let dir = tempfile::tempdir().expect("a folder");
        let authority = Authority::open_or_make(&dir.path().join("tls"), &names(&["box.local"]), Instant::now());
        let authority = authority.expect("made");
        let wanted = names(&["box.local", "localhost", "bank.example", "192.168.1.5", "8.8.8.8", "::1"]);
        let (chain, _) = authority.issue(&wanted, Instant::now()).expect("issued");
        let (_, leaf) = x509_parser::parse_x509_certificate(&chain[0]).expect("a certificate");
        let san = leaf.subject_alternative_name().expect("well formed").expect("there").value;
        let shown: Vec<String> = san.general_names.iter().map(ToString::to_string).collect();
        assert_eq!(shown.len(), 4, "{shown:?}");
        assert!(!shown.iter().any(|name| name.contains("bank")), "{shown:?}");
        let days = (leaf.validity().not_after.timestamp() - leaf.validity().not_before.timestamp()) / 86_400;
        assert_eq!(days, CERTIFICATE_DAYS + 1);
    }

    #[test]
    fn every_certificate_has_a_key_of_its_own_on_the_curve_that_browsers_know() {
        let dir = tempfile::tempdir().expect("a folder");
        let (folder, now) = (dir.path().join("tls"), Instant::now());
        let authority = Authority::open_or_make(&folder, &names(&[]), now).expect("made");
        let issued = || {
            let (chain, key) = authority.issue(&names(&["localhost"]), now).expect("issued");
            (chain[0].clone(), KeyPair::try_from(key.secret_der()).expect("a key"))
        };
        let own = KeyPair::from_pem(&std::fs::read_to_string(folder.join("authority.key")).expect("read"));
        let pairs = [(authority.certificate().clone(), own.expect("a key")), issued(), issued()];
        for (certificate, key) in &pairs {
            assert!(key.is_compatible(&PKCS_ECDSA_P256_SHA256));
            let (_, parsed) = x509_parser::parse_x509_certificate(certificate).expect("a certificate");
            assert!(parsed.public_key().raw.ends_with(key.public_key_raw()), "the key belongs to its certificate");
        }
        let keys: std::collections::BTreeSet<_> = pairs.iter().map(|(_, key)| key.public_key_raw()).collect();
        assert_eq!(keys.len(), 3, "no key is used twice");
    }

    #[test]
    fn a_board_that_starts_in_1970_makes_an_authority_for_today() {
        let dir = tempfile::tempdir().expect("a folder");
        let authority =
            Authority::open_or_make(&dir.path().join("tls"), &names(&[]), Instant::from_millis(0)).expect("made");
        let (_, parsed) = x509_parser::parse_x509_certificate(authority.certificate()).expect("a certificate");
        assert!(parsed.validity().is_valid(), "whatever the clock said when it was made");
    }
}
