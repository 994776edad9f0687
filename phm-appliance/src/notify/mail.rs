//! Mail, by SMTP or, for boxes without, as files.
//!
//! One letter, one attempt; the [`Mailer`](super::Mailer) decides when.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, Message, SmtpTransport, Transport as _};
use phm_core::crypto::durable;
use serde::{Deserialize, Serialize};

use crate::settings::Settings;

/// How letters leave the house.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MailWay {
    /// They do not.
    Off,
    /// By SMTP.
    Smtp,
    /// As files in a folder, for somebody to hand over.
    File,
}

/// How SMTP is protected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Security {
    /// STARTTLS, always.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// Not at all: for a server on the same machine.
    None,
}

/// A letter to one person.
#[derive(Clone, Deserialize, Serialize)]
pub struct Letter {
    /// Its reader's address.
    pub to: String,
    /// What stands above it.
    pub subject: String,
    /// The letter.
    pub text: String,
}

/// Why a letter was not delivered; names nobody.
#[derive(Debug, thiserror::Error)]
pub(super) enum Undelivered {
    #[error("an address cannot be written")]
    Address,
    #[error("the password file of the mail server cannot be read")]
    PasswordFile,
    #[error("the folder for letters cannot be written: {0}")]
    Folder(std::io::Error),
    #[error("the mail server did not take it")]
    Refused,
    #[error("the mail server will not take it")]
    Rejected,
}

impl Undelivered {
    /// Whether a later attempt may go better.
    pub(super) fn may_pass(&self) -> bool {
        !matches!(self, Self::Address | Self::Rejected)
    }
}

/// Delivers a letter, once.
pub(super) fn deliver(settings: &Settings, letter: &Letter) -> Result<(), Undelivered> {
    let message = message(settings, letter)?;
    match settings.mail_way {
        MailWay::Off => Ok(()),
        MailWay::File => keep(&settings.mail_folder, &message).map_err(Undelivered::Folder),
        MailWay::Smtp => {
            transport(settings)?.send(&message).map(|_| ()).map_err(|error| {
                // The server's own words may repeat the address.
                let code = error.status().map(u16::from);
                tracing::debug!(code, "the mail server refused");
                // What is wrong with how this house signs in there (53x) is somebody's to mend, and no letter's fault.
                let is_final = code.is_some_and(|code| code >= 500 && code / 10 != 53);
                if is_final { Undelivered::Rejected } else { Undelivered::Refused }
            })
        }
    }
}

fn message(settings: &Settings, letter: &Letter) -> Result<Message, Undelivered> {
    let from: Mailbox = settings.mail_from.parse().map_err(|_| Undelivered::Address)?;
    // An address alone: in `anything <asha@example.org>` a name would hide whose mailbox it is.
    let to: Address = letter.to.parse().map_err(|_| Undelivered::Address)?;
    Message::builder()
        .from(from)
        .to(Mailbox::new(None, to))
        .subject(letter.subject.clone())
        .header(ContentType::TEXT_PLAIN)
        .body(letter.text.clone())
        .map_err(|_| Undelivered::Address)
}

fn transport(settings: &Settings) -> Result<SmtpTransport, Undelivered> {
    let host = settings.mail_host.as_str();
    let builder = match settings.mail_security {
        Security::StartTls => SmtpTransport::starttls_relay(host).map_err(|_| Undelivered::Refused)?,
        Security::Tls => SmtpTransport::relay(host).map_err(|_| Undelivered::Refused)?,
        Security::None => SmtpTransport::builder_dangerous(host),
    };
    let mut builder = builder.port(settings.mail_port).timeout(Some(Duration::from_secs(20)));
    if !settings.mail_user.is_empty() {
        let password = std::fs::read_to_string(&settings.mail_password_file).map_err(|_| Undelivered::PasswordFile)?;
        let password = password.lines().next().unwrap_or_default().to_owned();
        builder = builder.credentials(Credentials::new(settings.mail_user.clone(), password));
    }
    Ok(builder.build())
}

/// Writes a letter into a folder that only its owner reads.
fn keep(folder: &Path, message: &Message) -> std::io::Result<()> {
    durable::create_folder(folder)?;
    let name = format!(
        "{}-{}.eml",
        phm_core::time::Instant::now().millis(),
        phm_core::crypto::digest::hex(&phm_core::crypto::random::<4>())
    );
    let path: PathBuf = folder.join(name);
    durable::write_new_file(&path, &message.formatted())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_without_mail_keeps_letters_as_files_for_its_owner() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::defaults(dir.path());
        (settings.mail_way, settings.mail_from) = (MailWay::File, "PHM <phm@example.org>".to_owned());
        settings.mail_folder = dir.path().join("outbox");
        let letter = Letter {
            to: "asha@example.org".to_owned(),
            subject: "ਜੀ ਆਇਆਂ ਨੂੰ".to_owned(),
            text: "https://phm.example/verify#token=x\n".to_owned(),
        };
        deliver(&settings, &letter).expect("kept");
        let files: Vec<_> = std::fs::read_dir(&settings.mail_folder).expect("a folder").flatten().collect();
        assert_eq!(files.len(), 1);
        let text = std::fs::read_to_string(files[0].path()).expect("a letter");
        assert!(text.contains("To: asha@example.org") && text.contains("https://phm.example/verify#token=x"), "{text}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(files[0].metadata().expect("there").permissions().mode() & 0o777, 0o600);
        }
        for bad in ["nobody\r\nBcc: all@example.org", "Anybody <asha@example.org>", "a@example.org, b@example.org"] {
            let bad = Letter { to: bad.to_owned(), ..letter.clone() };
            assert!(matches!(deliver(&settings, &bad), Err(Undelivered::Address)), "an address is no header");
        }
    }

    #[test]
    fn a_server_that_is_not_there_is_an_error_and_not_a_lost_letter() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::defaults(dir.path());
        (settings.mail_way, settings.mail_security) = (MailWay::Smtp, Security::None);
        (settings.mail_from, settings.mail_host) = ("phm@example.org".to_owned(), "127.0.0.1".to_owned());
        // Taken and given back, so that nothing listens there.
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("a port").port();
        settings.mail_port = port;
        let letter = Letter { to: "asha@example.org".to_owned(), subject: "x".to_owned(), text: "x".to_owned() };
        assert!(matches!(deliver(&settings, &letter), Err(Undelivered::Refused)));
    }

    #[test]
    fn a_mail_server_nobody_vouches_for_gets_no_letter() {
        use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("made");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = rustls::ServerConfig::builder_with_provider(crate::tls::provider())
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key))
            .expect("a certificate");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let dir = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::defaults(dir.path());
        (settings.mail_way, settings.mail_security) = (MailWay::Smtp, Security::Tls);
        (settings.mail_from, settings.mail_host) = ("phm@example.org".to_owned(), "127.0.0.1".to_owned());
        settings.mail_port = listener.local_addr().expect("a port").port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let mut connection = rustls::ServerConnection::new(std::sync::Arc::new(config)).expect("TLS");
            connection.complete_io(&mut stream)
        });
        let letter = Letter { to: "asha@example.org".to_owned(), subject: "x".to_owned(), text: "x".to_owned() };
        assert!(matches!(deliver(&settings, &letter), Err(Undelivered::Refused)));
        assert!(server.join().expect("no panic").is_err(), "the handshake was broken off");
    }
}
