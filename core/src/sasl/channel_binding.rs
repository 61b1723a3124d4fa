//! Channel bindings (RFC 5056).

use core::fmt;

/// What is known of the TLS connection at both of its ends, and there only: proof that
/// nobody sits in between (RFC 5056). The bytes come from the TLS library.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChannelBinding<'a> {
    /// 32 bytes, exported with the label `EXPORTER-Channel-Binding` and an empty context; the
    /// only one that suits TLS 1.3 (RFC 9266).
    TlsExporter(&'a [u8]),
    /// The first Finished message of the handshake. Not for TLS 1.3, and before it only with
    /// extended master secrets (RFC 5929 section 3, RFC 7627).
    TlsUnique(&'a [u8]),
    /// The hash of the server's certificate (RFC 5929 section 4).
    TlsServerEndPoint(&'a [u8]),
}

impl<'a> ChannelBinding<'a> {
    /// The registered name of its type, such as `tls-exporter`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TlsExporter(_) => "tls-exporter",
            Self::TlsUnique(_) => "tls-unique",
            Self::TlsServerEndPoint(_) => "tls-server-end-point",
        }
    }

    /// The bytes.
    pub const fn data(&self) -> &'a [u8] {
        match *self {
            Self::TlsExporter(data) | Self::TlsUnique(data) | Self::TlsServerEndPoint(data) => data,
        }
    }
}

impl fmt::Debug for ChannelBinding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChannelBinding({})", self.name())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for ChannelBinding<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "ChannelBinding({=str})", self.name());
    }
}
