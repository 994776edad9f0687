//! TLS from our side: to the appliance itself, to mail servers' and identity providers' kin.
//!
//! What the system trusts is trusted, and the certificates of the files that are named.

use std::io;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::provider;

/// Speaks TLS as a client of `host` on `stream`.
pub fn connect<'a>(
    host: &str,
    stream: TcpStream,
    trusted: impl Iterator<Item = &'a Path>,
) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots(trusted))
        .with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    Ok(StreamOwned::new(connection, stream))
}

/// The certificates the system trusts.
pub fn native_roots() -> Vec<CertificateDer<'static>> {
    rustls_native_certs::load_native_certs().certs
}

/// What the system trusts, and every certificate in the files; a file that is not there adds nothing.
fn roots<'a>(trusted: impl Iterator<Item = &'a Path>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(native_roots());
    for file in trusted {
        let Ok(pem) = std::fs::read(file) else { continue };
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok));
    }
    roots
}
