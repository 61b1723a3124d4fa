//! A socket to the server, in clear or in TLS.

use crate::account::Account;
use anyhow::{Context, Result};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

/// How long a read or a write may take before it is an error.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to the server.
#[derive(Debug)]
pub enum Stream {
    /// In clear.
    Clear(TcpStream),
    /// In TLS.
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Stream {
    /// Connects in clear.
    ///
    /// # Errors
    ///
    /// If the host cannot be found or reached.
    pub fn connect(account: &Account) -> Result<Self> {
        let (host, port) = (account.host.as_str(), account.port);
        let socket = TcpStream::connect((host, port))
            .with_context(|| format!("cannot connect to {host}, port {port}"))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        socket.set_nodelay(true)?;
        Ok(Self::Clear(socket))
    }

    /// How long a read may wait before it comes back with an error that says so.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn set_read_timeout(&self, timeout: Duration) -> io::Result<()> {
        match self {
            Self::Clear(socket) => socket.set_read_timeout(Some(timeout)),
            Self::Tls(tls) => tls.sock.set_read_timeout(Some(timeout)),
        }
    }

    /// Goes on in TLS. The server must have a valid certificate for the account's host.
    ///
    /// # Errors
    ///
    /// If it has none.
    pub fn into_tls(self, account: &Account) -> Result<Self> {
        let mut socket = match self {
            Self::Clear(socket) => socket,
            Self::Tls(_) => return Ok(self),
        };
        let mut roots = RootCertStore::empty();
        match &account.ca {
            Some(file) => {
                for certificate in CertificateDer::pem_file_iter(file)
                    .with_context(|| format!("cannot read {}", file.display()))?
                {
                    roots.add(certificate?)?;
                }
            }
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let host = ServerName::try_from(account.host.clone())?;
        let mut tls = ClientConnection::new(Arc::new(config), host)?;
        while tls.is_handshaking() {
            tls.complete_io(&mut socket)
                .with_context(|| format!("no TLS with {}", account.host))?;
        }
        Ok(Self::Tls(Box::new(StreamOwned::new(tls, socket))))
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Clear(socket) => socket.read(bytes),
            Self::Tls(socket) => match socket.read(bytes) {
                // Servers that close without TLS's goodbye are many; IMAP and POP3 have
                // their own.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
                result => result,
            },
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Clear(socket) => socket.write(bytes),
            Self::Tls(socket) => socket.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Clear(socket) => socket.flush(),
            Self::Tls(socket) => socket.flush(),
        }
    }
}
