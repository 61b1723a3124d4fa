//! TLS 1.3 by embedded-tls, which leaves certificates to a [`Verifier`].
//!
//! It speaks what a small device can afford: AES-128-GCM with SHA-256, and signatures by ECDSA
//! on P-256 with SHA-256. The authority and every certificate below it must be of that kind.

#[cfg(feature = "embassy")]
pub mod asynch;
pub mod blocking;

use crate::board::WallClock;
use core::time::Duration;
use embedded_tls::{
    Aes128GcmSha256, CertificateEntryRef, CertificateRef, CertificateVerifyRef, CryptoProvider,
    SignatureScheme, TlsError, TlsVerifier,
};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{DerSignature, VerifyingKey};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
pub use rustls_pki_types::CertificateDer;
use rustls_pki_types::{
    AlgorithmIdentifier, InvalidSignature, ServerName, SignatureVerificationAlgorithm, TrustAnchor,
    UnixTime, alg_id,
};
use sha2::{Digest as _, Sha256};
use webpki::{EndEntityCert, KeyUsage};

/// How many bytes a record can have, with all that is around it (RFC 8446 section 5.2).
pub const RECORD: usize = 16_640;

/// The memory of a connection.
#[derive(Debug)]
pub struct Memory {
    read: [u8; RECORD],
    write: [u8; 1024],
}

impl Memory {
    /// Empty.
    pub const fn new() -> Self {
        Self { read: [0; RECORD], write: [0; 1024] }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

/// Whom to trust, to talk to whom.
#[derive(Debug)]
pub struct Trust<'a> {
    anchor: TrustAnchor<'a>,
    host: ServerName<'a>,
    name: &'a str,
}

impl<'a> Trust<'a> {
    /// The host `name`, whose certificate must have been signed by the holder of `authority`, or
    /// by somebody in the holder's name.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`] if that is no name, or no certificate.
    pub fn new(authority: &'a CertificateDer<'a>, name: &'a str) -> Result<Self, Refusal> {
        let anchor = webpki::anchor_from_trusted_cert(authority)?;
        let host = ServerName::try_from(name).map_err(|_| Refusal::Malformed)?;
        Ok(Self { anchor, host, name })
    }
}

/// Why a server is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, defmt::Format)]
pub enum Refusal {
    /// Who signed the certificate is not known.
    UnknownAuthority,
    /// Who signed it is no authority, but has a certificate.
    SignerIsNoAuthority,
    /// The certificate is an authority's.
    IsAuthority,
    /// It is not for a server.
    WrongUsage,
    /// It is for other hosts.
    WrongHost,
    /// It is no longer valid.
    Expired,
    /// It is not valid yet. (Or our clock is wrong.)
    NotYetValid,
    /// A signature is false, or of a kind that is not known here.
    Signature,
    /// It cannot be read, or it is too large.
    Malformed,
    /// Any other rule of RFC 5280 is broken.
    Invalid,
    /// The server did not prove that the certificate is its own, or did not show one.
    NotProven,
}

impl From<webpki::Error> for Refusal {
    fn from(error: webpki::Error) -> Self {
        use webpki::Error;
        match error {
            Error::UnknownIssuer => Self::UnknownAuthority,
            Error::EndEntityUsedAsCa => Self::SignerIsNoAuthority,
            Error::CaUsedAsEndEntity => Self::IsAuthority,
            Error::RequiredEkuNotFoundContext(_) => Self::WrongUsage,
            Error::CertNotValidForName(_) => Self::WrongHost,
            Error::CertExpired { .. } => Self::Expired,
            Error::CertNotValidYet { .. } => Self::NotYetValid,
            Error::InvalidSignatureForPublicKey
            | Error::UnsupportedSignatureAlgorithmContext(_)
            | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => Self::Signature,
            Error::BadDer | Error::TrailingData(_) => Self::Malformed,
            _ => Self::Invalid,
        }
    }
}

/// Why a connection failed.
#[derive(Debug, defmt::Format)]
pub enum Error {
    /// The server is not trusted.
    Refused(Refusal),
    /// The handshake failed for another reason, or the socket did.
    Handshake(TlsError),
}

#[derive(Debug)]
struct P256Sha256;

impl SignatureVerificationAlgorithm for P256Sha256 {
    fn verify_signature(
        &self,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = VerifyingKey::from_sec1_bytes(key).map_err(|_| InvalidSignature)?;
        let signature = DerSignature::try_from(signature).map_err(|_| InvalidSignature)?;
        key.verify(message, &signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P256
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA256
    }
}

/// The largest certificate of a server, and the longest chain with it.
const CERTIFICATE: usize = 1536;
const CHAIN: usize = 4;

/// How far a server has got.
enum Proof {
    /// It has shown nothing.
    None,
    /// A certificate that is in order, of so many bytes; and the transcript's hash with it.
    Certificate(usize, [u8; 32]),
    /// And that it has the key.
    Given,
    /// It is not trusted.
    Refused(Refusal),
}

/// Checks what a server shows.
///
/// embedded-tls only says what comes, and takes a handshake for good in which no certificate
/// comes at all. So a connection must not be used unless [`finish`](Self::finish) says so.
struct Verifier<'a> {
    trust: &'a Trust<'a>,
    now: UnixTime,
    proof: Proof,
    certificate: [u8; CERTIFICATE],
}

impl<'a> Verifier<'a> {
    fn new(trust: &'a Trust<'a>, clock: &impl WallClock) -> Self {
        let now = UnixTime::since_unix_epoch(Duration::from_secs(clock.unix_seconds()));
        Self { trust, now, proof: Proof::None, certificate: [0; CERTIFICATE] }
    }

    /// Whether the server has proven who it is.
    fn finish(&self) -> Result<(), Refusal> {
        match self.proof {
            Proof::Given => Ok(()),
            Proof::None | Proof::Certificate(..) => Err(Refusal::NotProven),
            Proof::Refused(refusal) => Err(refusal),
        }
    }

    fn check_certificate(&mut self, shown: &CertificateRef<'_>) -> Result<usize, Refusal> {
        let mut chain: [CertificateDer<'_>; CHAIN] =
            core::array::from_fn(|_| CertificateDer::from_slice(&[]));
        let mut length = 0;
        for (entry, place) in shown.entries.iter().zip(&mut chain) {
            let CertificateEntryRef::X509(der) = entry else { return Err(Refusal::Malformed) };
            *place = CertificateDer::from_slice(der);
            length += 1;
        }
        let Some((first, above)) = chain.get(..length).and_then(<[_]>::split_first) else {
            return Err(Refusal::NotProven);
        };
        let certificate = EndEntityCert::try_from(first)?;
        certificate.verify_for_usage(
            &[&P256Sha256],
            core::slice::from_ref(&self.trust.anchor),
            above,
            self.now,
            KeyUsage::server_auth(),
            None,
            None,
        )?;
        certificate.verify_is_valid_for_subject_name(&self.trust.host)?;
        let place = self.certificate.get_mut(..first.len()).ok_or(Refusal::Malformed)?;
        place.copy_from_slice(first);
        Ok(first.len())
    }

    /// RFC 8446 section 4.4.3.
    fn check_signature(&mut self, shown: &CertificateVerifyRef<'_>) -> Result<(), Refusal> {
        const LABEL: &[u8] = b"TLS 1.3, server CertificateVerify\0";
        let Proof::Certificate(length, hash) = &self.proof else { return Err(Refusal::NotProven) };
        if !matches!(shown.signature_scheme, SignatureScheme::EcdsaSecp256r1Sha256) {
            return Err(Refusal::Signature);
        }
        let mut message = [b' '; 64 + LABEL.len() + 32];
        message[64..][..LABEL.len()].copy_from_slice(LABEL);
        message[64 + LABEL.len()..].copy_from_slice(hash);
        let certificate = CertificateDer::from_slice(&self.certificate[..*length]);
        EndEntityCert::try_from(&certificate)?.verify_signature(
            &P256Sha256,
            &message,
            shown.signature,
        )?;
        Ok(())
    }
}

impl TlsVerifier<Aes128GcmSha256> for Verifier<'_> {
    fn set_hostname_verification(&mut self, _: &str) -> Result<(), TlsError> {
        // `Trust` has it.
        Ok(())
    }

    fn verify_certificate(
        &mut self,
        transcript: &Sha256,
        shown: CertificateRef<'_>,
    ) -> Result<(), TlsError> {
        match self.check_certificate(&shown) {
            Ok(length) => {
                self.proof = Proof::Certificate(length, transcript.clone().finalize().into());
                Ok(())
            }
            Err(refusal) => {
                self.proof = Proof::Refused(refusal);
                Err(TlsError::InvalidCertificate)
            }
        }
    }

    fn verify_signature(&mut self, shown: CertificateVerifyRef<'_>) -> Result<(), TlsError> {
        match self.check_signature(&shown) {
            Ok(()) => {
                self.proof = Proof::Given;
                Ok(())
            }
            Err(refusal) => {
                self.proof = Proof::Refused(refusal);
                Err(TlsError::InvalidSignature)
            }
        }
    }
}

/// What embedded-tls needs beside the socket.
struct Provider<'a> {
    random: ChaCha20Rng,
    verifier: Verifier<'a>,
}

impl<'a> Provider<'a> {
    fn new(trust: &'a Trust<'a>, clock: &impl WallClock, entropy: [u8; 32]) -> Self {
        Self { random: ChaCha20Rng::from_seed(entropy), verifier: Verifier::new(trust, clock) }
    }

    /// What came of the handshake.
    fn finish(&self, opened: Result<(), TlsError>) -> Result<(), Error> {
        match (opened, &self.verifier.proof) {
            (Err(_), Proof::Refused(refusal)) => Err(Error::Refused(*refusal)),
            (Err(error), _) => Err(Error::Handshake(error)),
            (Ok(()), _) => self.verifier.finish().map_err(Error::Refused),
        }
    }
}

impl CryptoProvider for Provider<'_> {
    type CipherSuite = Aes128GcmSha256;
    type Signature = &'static [u8];

    fn rng(&mut self) -> impl embedded_tls::CryptoRngCore {
        &mut self.random
    }

    fn verifier(&mut self) -> Result<&mut impl TlsVerifier<Aes128GcmSha256>, TlsError> {
        Ok(&mut self.verifier)
    }
}
