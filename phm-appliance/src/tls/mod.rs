//! TLS: which certificate this machine shows, and the streams that speak it.
//!
//! rustls with ring, TLS 1.3 (1.2 only by setting). The certificate comes from files, which are read again when they
//! change, or from the machine's own [`Authority`], whose certificates are renewed long before they expire. Whatever
//! goes wrong with a new certificate, the one in use stays.

mod acceptor;
mod authority;
mod client;
mod keeper;
mod names;

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::{ServerConfig, SupportedProtocolVersion, version};

pub use acceptor::TlsAcceptor;
pub use authority::Authority;
pub use client::{connect, native_roots};
pub use keeper::{EVERY as LOOK_EVERY, Keeper};
pub use names::{Names, host_of};

use crate::settings::TlsMinimum;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file of the certificate cannot be read.
    #[error("{file} cannot be read: {source}")]
    Unreadable {
        /// Which file.
        file: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file holds something else than its name says.
    #[error("{file} holds no {what} in PEM form")]
    NotPem {
        /// Which file.
        file: String,
        /// What it should hold.
        what: &'static str,
    },
    /// The key does not belong to the certificate, or neither can be used.
    #[error("the certificate and its key cannot be used together: {0}")]
    Unusable(#[from] rustls::Error),
    /// A certificate could not be made.
    #[error("a certificate could not be made: {0}")]
    NotMade(#[from] rcgen::Error),
}

/// How the server speaks TLS with what `keeper` shows.
pub fn server_config(keeper: Arc<Keeper>, oldest: TlsMinimum) -> Result<ServerConfig, TlsError> {
    let versions: &[&SupportedProtocolVersion] = match oldest {
        TlsMinimum::Tls13 => &[&version::TLS13],
        TlsMinimum::Tls12 => &[&version::TLS13, &version::TLS12],
    };
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_cert_resolver(keeper);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The ciphers of rustls; ring alone.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
