//! TLS to a server of the tests.

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A socket in TLS.
pub type Stream = StreamOwned<ClientConnection, TcpStream>;

/// The handshake with `localhost`, whose certificate must be signed by the one in `ca`. If
/// asked, the client shows the `certificate` with the key, all of them in PEM.
///
/// # Panics
///
/// If it fails.
pub fn handshake(
    mut socket: TcpStream,
    ca: &Path,
    certificate: Option<(PathBuf, PathBuf)>,
) -> Stream {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).expect("a certificate")).expect("an authority");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("there are versions")
        .with_root_certificates(roots);
    let config = match certificate {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let certificate = CertificateDer::from_pem_file(certificate).expect("a certificate");
            let key = PrivateKeyDer::from_pem_file(key).expect("a key");
            builder.with_client_auth_cert(vec![certificate], key).expect("they belong together")
        }
    };
    let host = ServerName::try_from("localhost").expect("a name");
    let mut tls = ClientConnection::new(Arc::new(config), host).expect("a configuration");
    while tls.is_handshaking() {
        tls.complete_io(&mut socket).expect("the handshake succeeds");
    }
    StreamOwned::new(tls, socket)
}
