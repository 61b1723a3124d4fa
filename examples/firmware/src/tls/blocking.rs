//! Over the polled socket.

use super::{Error, Memory, Provider, Trust};
use crate::board::WallClock;
use crate::net::blocking::Socket;
use embedded_io::{ErrorType, Read, Write};
use embedded_tls::blocking::{TlsConfig, TlsConnection, TlsContext};
use embedded_tls::{Aes128GcmSha256, TlsError};

/// A socket in TLS.
pub struct Tls<'a>(TlsConnection<'a, Socket<'a>, Aes128GcmSha256>);

impl<'a> Tls<'a> {
    /// The handshake, at once or after STARTTLS. When it is done the server is who it should be.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn open(
        mut socket: Socket<'a>,
        memory: &'a mut Memory,
        trust: &Trust<'_>,
        clock: &impl WallClock,
        entropy: [u8; 32],
    ) -> Result<Self, Error> {
        socket.start_records();
        let net = socket.net();
        let mut tls = TlsConnection::new(socket, &mut memory.read, &mut memory.write);
        let config = TlsConfig::new().with_server_name(trust.name);
        let mut provider = Provider::new(trust, clock, entropy);
        let opened = tls.open(TlsContext::new(&config, &mut provider));
        provider.finish(opened)?;
        net.be_impatient();
        Ok(Self(tls))
    }
}

impl ErrorType for Tls<'_> {
    type Error = TlsError;
}

impl Read for Tls<'_> {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, TlsError> {
        match self.0.read(room) {
            Err(TlsError::ConnectionClosed) => Ok(0),
            result => result,
        }
    }
}

impl Write for Tls<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, TlsError> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> Result<(), TlsError> {
        self.0.flush()
    }
}
