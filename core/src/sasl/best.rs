//! Which mechanism to use.

#[cfg(feature = "cram-md5")]
use super::CramMd5;
#[cfg(feature = "scram-sha-1")]
use super::ScramSha1;
#[cfg(feature = "scram-sha-256")]
use super::ScramSha256;
use super::{
    Anonymous, Challenge, ChannelBinding, Error, External, Login, Mechanism, OAuthBearer, Plain,
    Response, XOAuth2,
};
use crate::Secret;

/// What one can prove who one is by.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Credentials<'a> {
    /// A password.
    Password {
        /// Whose it is.
        user: &'a str,
        /// The password.
        password: Secret<'a>,
    },
    /// An OAuth 2.0 access token.
    Token {
        /// Whose it is.
        user: &'a str,
        /// The token.
        token: Secret<'a>,
    },
    /// The certificate that was shown in the TLS handshake.
    Certificate,
    /// Nothing: one is a guest.
    Guest {
        /// See [`Anonymous::new`].
        trace: &'a str,
    },
}

impl<'a> Credentials<'a> {
    /// A user's name and password.
    pub fn password(user: &'a str, password: impl Into<Secret<'a>>) -> Self {
        Self::Password { user, password: password.into() }
    }

    /// A user's name and OAuth 2.0 access token.
    pub fn token(user: &'a str, token: impl Into<Secret<'a>>) -> Self {
        Self::Token { user, token: token.into() }
    }
}

/// How safe it is to say something to the server.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    is_safe: bool,
    binding: Option<ChannelBinding<'a>>,
}

impl<'a> Link<'a> {
    /// Whether a password can go over it as it is.
    pub const fn is_protected(&self) -> bool {
        self.is_safe
    }

    /// Everybody can listen: no password and no token is sent over it.
    pub const fn in_clear() -> Self {
        Self { is_safe: false, binding: None }
    }

    /// TLS that has checked the server's certificate. Also for a link in clear that one
    /// trusts, such as loopback: passwords are sent over it as they are.
    pub const fn protected() -> Self {
        Self { is_safe: true, binding: None }
    }

    /// TLS to which an exchange can be bound.
    pub const fn bound_to(binding: ChannelBinding<'a>) -> Self {
        Self { is_safe: true, binding: Some(binding) }
    }
}

/// The best mechanism for these credentials that the server offers and the link allows.
///
/// `offered`: the names of the mechanisms, such as those of
/// `CapabilitySet::mechanisms`. `nonce`: 16 or so random bytes that were never used before, for
/// SCRAM.
///
/// | credentials | first choice … last |
/// | --- | --- |
/// | password | SCRAM-SHA-256-PLUS, SCRAM-SHA-1-PLUS, SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN, CRAM-MD5 |
/// | password, link in clear | SCRAM-SHA-256, SCRAM-SHA-1, CRAM-MD5 |
/// | token | OAUTHBEARER, XOAUTH2; not in clear |
/// | certificate | EXTERNAL; not in clear |
/// | guest | ANONYMOUS |
///
/// What is bound to the TLS connection comes first, since nobody can sit in between. Then
/// comes that by which the server proves itself too, and does not learn the password. CRAM-MD5
/// does neither; inside TLS it is worth less than PLAIN, because a server must know the
/// password in clear for it, and many that offer it do not. It is not sent in clear, so it is
/// taken where nothing else can be. Mechanisms whose feature is off are passed over.
///
/// On a link in clear whoever can change what the server says can take the better ones from
/// the list, and then try out passwords; only TLS helps against that.
///
/// ```
/// use mailwire::sasl::{Credentials, Error, Link, Mechanism, best};
///
/// let offered = ["plain", "LOGIN"];
/// let alice = Credentials::password("alice", "secret");
/// assert_eq!(best(offered, alice, Link::protected(), &[0; 16])?.name(), "PLAIN");
/// let in_clear = best(offered, alice, Link::in_clear(), &[0; 16]);
/// assert_eq!(in_clear.err(), Some(Error::LinkInClear));
/// # Ok::<(), mailwire::sasl::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::LinkInClear`] if something would do on a safer link, else [`Error::NoMechanism`].
pub fn best<'a, 'n, N>(
    offered: N,
    credentials: Credentials<'a>,
    link: Link<'a>,
    nonce: &'a [u8],
) -> Result<Best<'a>, Error>
where
    N: IntoIterator<Item = &'n str>,
    N::IntoIter: Clone,
{
    let offered = offered.into_iter();
    let offers = |name: &str| offered.clone().any(|offer| offer.eq_ignore_ascii_case(name));
    let in_safety = |best: Best<'a>| if link.is_safe { Ok(best) } else { Err(Error::LinkInClear) };
    match credentials {
        Credentials::Password { user, password } => {
            if let Some(scram) = scram(offers, user, password, link.binding, nonce) {
                return Ok(scram);
            }
            let cram = || cram(offers, user, password);
            match (link.is_safe, cram()) {
                (false, Some(cram)) => Ok(cram),
                _ if offers("PLAIN") => in_safety(Best::Plain(Plain::new(user, password))),
                _ if offers("LOGIN") => in_safety(Best::Login(Login::new(user, password))),
                (_, cram) => cram.ok_or(Error::NoMechanism),
            }
        }
        Credentials::Token { user, token } if offers("OAUTHBEARER") => {
            in_safety(Best::OAuthBearer(OAuthBearer::new(user, token)))
        }
        Credentials::Token { user, token } if offers("XOAUTH2") => {
            in_safety(Best::XOAuth2(XOAuth2::new(user, token)))
        }
        Credentials::Certificate if offers("EXTERNAL") => {
            in_safety(Best::External(External::new()))
        }
        Credentials::Guest { trace } if offers("ANONYMOUS") => {
            Ok(Best::Anonymous(Anonymous::new(trace)))
        }
        _ => Err(Error::NoMechanism),
    }
}

/// The best SCRAM that is offered.
#[cfg(any(feature = "scram-sha-1", feature = "scram-sha-256"))]
fn scram<'a>(
    offers: impl Fn(&str) -> bool,
    user: &'a str,
    password: Secret<'a>,
    binding: Option<ChannelBinding<'a>>,
    nonce: &'a [u8],
) -> Option<Best<'a>> {
    if let Some(binding) = binding {
        #[cfg(feature = "scram-sha-256")]
        if offers("SCRAM-SHA-256-PLUS") {
            let scram = ScramSha256::new(user, password, nonce);
            return Some(Best::ScramSha256(scram.bound_to(binding)));
        }
        #[cfg(feature = "scram-sha-1")]
        if offers("SCRAM-SHA-1-PLUS") {
            let scram = ScramSha1::new(user, password, nonce);
            return Some(Best::ScramSha1(scram.bound_to(binding)));
        }
    }
    #[cfg(feature = "scram-sha-256")]
    if offers("SCRAM-SHA-256") {
        let scram = ScramSha256::new(user, password, nonce);
        return Some(Best::ScramSha256(match binding {
            Some(_) => scram.binding_not_offered(),
            None => scram,
        }));
    }
    #[cfg(feature = "scram-sha-1")]
    if offers("SCRAM-SHA-1") {
        let scram = ScramSha1::new(user, password, nonce);
        return Some(Best::ScramSha1(match binding {
            Some(_) => scram.binding_not_offered(),
            None => scram,
        }));
    }
    None
}

#[cfg(not(any(feature = "scram-sha-1", feature = "scram-sha-256")))]
fn scram<'a>(
    _: impl Fn(&str) -> bool,
    _: &'a str,
    _: Secret<'a>,
    _: Option<ChannelBinding<'a>>,
    _: &'a [u8],
) -> Option<Best<'a>> {
    None
}

/// CRAM-MD5, if it is offered.
#[cfg(feature = "cram-md5")]
fn cram<'a>(
    offers: impl Fn(&str) -> bool,
    user: &'a str,
    password: Secret<'a>,
) -> Option<Best<'a>> {
    offers("CRAM-MD5").then(|| Best::CramMd5(CramMd5::new(user, password)))
}

#[cfg(not(feature = "cram-md5"))]
fn cram<'a>(_: impl Fn(&str) -> bool, _: &'a str, _: Secret<'a>) -> Option<Best<'a>> {
    None
}

/// What [`best`] chose.
#[derive(Debug)]
#[non_exhaustive]
// It lies on the stack for as long as the exchange takes, and there is no heap to put it on.
#[allow(clippy::large_enum_variant, missing_docs)]
pub enum Best<'a> {
    #[cfg(feature = "scram-sha-256")]
    ScramSha256(ScramSha256<'a>),
    #[cfg(feature = "scram-sha-1")]
    ScramSha1(ScramSha1<'a>),
    #[cfg(feature = "cram-md5")]
    CramMd5(CramMd5<'a>),
    Plain(Plain<'a>),
    Login(Login<'a>),
    OAuthBearer(OAuthBearer<'a>),
    XOAuth2(XOAuth2<'a>),
    External(External<'a>),
    Anonymous(Anonymous<'a>),
}

impl<'a> Best<'a> {
    /// What the server says of a refused token, in JSON.
    pub fn error(&self) -> Option<&[u8]> {
        match self {
            Self::OAuthBearer(bearer) => bearer.error(),
            Self::XOAuth2(oauth) => oauth.error(),
            _ => None,
        }
    }
}

/// Does the same with whichever it is.
macro_rules! whichever {
    ($best:expr, $mechanism:ident => $do:expr) => {
        match $best {
            #[cfg(feature = "scram-sha-256")]
            Best::ScramSha256($mechanism) => $do,
            #[cfg(feature = "scram-sha-1")]
            Best::ScramSha1($mechanism) => $do,
            #[cfg(feature = "cram-md5")]
            Best::CramMd5($mechanism) => $do,
            Best::Plain($mechanism) => $do,
            Best::Login($mechanism) => $do,
            Best::OAuthBearer($mechanism) => $do,
            Best::XOAuth2($mechanism) => $do,
            Best::External($mechanism) => $do,
            Best::Anonymous($mechanism) => $do,
        }
    };
}

impl Mechanism for Best<'_> {
    fn name(&self) -> &'static str {
        whichever!(self, mechanism => mechanism.name())
    }

    fn is_client_first(&self) -> bool {
        whichever!(self, mechanism => mechanism.is_client_first())
    }

    fn initial(&mut self) -> Result<Response<'_>, Error> {
        whichever!(self, mechanism => mechanism.initial())
    }

    fn respond(&mut self, challenge: Challenge<'_>) -> Result<Response<'_>, Error> {
        whichever!(self, mechanism => mechanism.respond(challenge))
    }

    fn finish(&mut self) -> Result<(), Error> {
        whichever!(self, mechanism => mechanism.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    const NONCE: [u8; 16] = [0x5a; 16];
    #[cfg(feature = "scram-sha-256")]
    const BINDING: ChannelBinding<'static> = ChannelBinding::TlsExporter(&[7; 32]);

    fn chosen(
        offered: &str,
        credentials: Credentials<'_>,
        link: Link<'_>,
    ) -> Result<&'static str, Error> {
        best(offered.split(' '), credentials, link, &NONCE).map(|best| best.name())
    }

    /// The order, by taking away the best again and again.
    fn order(offered: &str, credentials: Credentials<'_>, link: Link<'_>) -> String {
        let mut offered: Vec<&str> = offered.split(' ').collect();
        let mut order = Vec::new();
        while let Ok(best) = best(offered.iter().copied(), credentials, link, &NONCE) {
            offered.retain(|name| *name != best.name());
            order.push(best.name());
        }
        order.join(" ")
    }

    #[cfg(all(feature = "cram-md5", feature = "scram-sha-1", feature = "scram-sha-256"))]
    #[test]
    fn passwords() {
        const ALL: &str = "GSSAPI LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512 \
                           SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS XOAUTH2 EXTERNAL ANONYMOUS";
        let alice = Credentials::password("alice", "secret");
        assert_eq!(
            order(ALL, alice, Link::bound_to(BINDING)),
            "SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN CRAM-MD5"
        );
        assert_eq!(
            order(ALL, alice, Link::protected()),
            "SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN CRAM-MD5"
        );
        assert_eq!(order(ALL, alice, Link::in_clear()), "SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5");
        assert_eq!(chosen("plain cram-md5", alice, Link::in_clear()), Ok("CRAM-MD5"));
        // Only with a channel binding.
        let plus = chosen("SCRAM-SHA-256-PLUS", alice, Link::protected());
        assert_eq!(plus, Err(Error::NoMechanism));
    }

    #[cfg(feature = "scram-sha-256")]
    #[test]
    fn flags() {
        use super::super::tests::bytes;
        let first = |offered: &str, link| {
            let alice = Credentials::password("alice", "secret");
            let mut best = best(offered.split(' '), alice, link, &NONCE).unwrap();
            bytes(&best.initial().unwrap())
        };
        assert!(first("SCRAM-SHA-256", Link::protected()).starts_with(b"n,,"));
        assert!(first("SCRAM-SHA-256", Link::bound_to(BINDING)).starts_with(b"y,,"));
        let plus = "SCRAM-SHA-256 SCRAM-SHA-256-PLUS";
        assert!(first(plus, Link::bound_to(BINDING)).starts_with(b"p=tls-exporter,,"));
        assert!(first(plus, Link::protected()).starts_with(b"n,,"));
    }

    #[test]
    fn nothing_in_clear() {
        let alice = Credentials::password("alice", "secret");
        for offered in ["PLAIN", "LOGIN", "LOGIN PLAIN"] {
            assert_eq!(chosen(offered, alice, Link::in_clear()), Err(Error::LinkInClear));
        }
        assert_eq!(chosen("LOGIN PLAIN", alice, Link::protected()), Ok("PLAIN"));
        assert_eq!(chosen("GSSAPI", alice, Link::protected()), Err(Error::NoMechanism));
        assert_eq!(best([], alice, Link::protected(), &[]).err(), Some(Error::NoMechanism));
    }

    #[test]
    fn others() {
        let offered = "PLAIN XOAUTH2 OAUTHBEARER EXTERNAL ANONYMOUS";
        let token = Credentials::token("alice", "ya29");
        let guest = Credentials::Guest { trace: "" };
        assert_eq!(order(offered, token, Link::protected()), "OAUTHBEARER XOAUTH2");
        assert_eq!(chosen(offered, token, Link::in_clear()), Err(Error::LinkInClear));
        assert_eq!(chosen("PLAIN", token, Link::protected()), Err(Error::NoMechanism));
        assert_eq!(chosen(offered, Credentials::Certificate, Link::protected()), Ok("EXTERNAL"));
        let in_clear = chosen(offered, Credentials::Certificate, Link::in_clear());
        assert_eq!(in_clear, Err(Error::LinkInClear));
        assert_eq!(chosen(offered, guest, Link::in_clear()), Ok("ANONYMOUS"));

        let mut oauth = best(["XOAUTH2"], token, Link::protected(), &[]).unwrap();
        assert!(oauth.is_client_first());
        let _ = oauth.initial().unwrap();
        assert!(oauth.respond(Challenge::new(b"e30=")).unwrap().is_empty());
        assert_eq!(oauth.error(), Some(&b"{}"[..]));
        assert_eq!(oauth.finish(), Ok(()));
    }

    #[test]
    fn shows_no_secret() {
        let offered = ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2"];
        for credentials in
            [Credentials::password("alice", "hunter2"), Credentials::token("alice", "hunter2")]
        {
            assert!(!std::format!("{credentials:?}").contains("hunter"));
            for offered in offered {
                if let Ok(mut best) = best([offered], credentials, Link::protected(), &NONCE) {
                    assert!(!std::format!("{best:?}").contains("hunter"));
                    let _ = best.initial();
                    let shown = std::format!("{best:?}");
                    // Neither as text nor as the numbers of its bytes.
                    assert!(!shown.contains("hunter") && !shown.contains("104, 117"));
                }
            }
        }
    }
}
