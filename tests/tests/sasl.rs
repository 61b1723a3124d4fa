//! Each mechanism against a real server.

use mailwire::imap::{Client, ClientError, Code, Config};
use mailwire::io::{Std, StdClock};
use mailwire::sasl::{
    Anonymous, Challenge, CramMd5, Credentials, Error, Link, Login, Mechanism, Plain, Response,
    ScramSha1, ScramSha256, best,
};
use mailwire_tests::dovecot::Dovecot;
use std::net::TcpStream;

const NONCE: [u8; 18] = [0x5a; 18];

/// Signs in, and shows that one is somebody by what only such may ask.
fn sign_in(server: &Dovecot, mechanism: &mut dyn Mechanism) -> Result<(), String> {
    let socket = TcpStream::connect(server.imap).unwrap();
    let (mut rx, mut tx) = ([0; 1024], [0; 512]);
    let clock = StdClock::new();
    let mut mail =
        Client::connect_with(Config::default(), clock, Std(socket), &mut rx, &mut tx).unwrap();
    match mail.authenticate(mechanism) {
        Ok(()) => mail.select("INBOX").map(|_| ()).map_err(|error| error.to_string()),
        Err(ClientError::Refused(refused)) => {
            assert_eq!(refused.code(), Some(Code::AuthenticationFailed));
            Err("refused".into())
        }
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn all_that_need_no_tls() {
    let Some(server) = Dovecot::start() else { return };
    for (user, password) in
        [("alice", "password"), ("bob", "p\"a\\ss word€"), ("jürgen", "pässwörd")]
    {
        let mechanisms: [&mut dyn Mechanism; 5] = [
            &mut Plain::new(user, password),
            &mut Login::new(user, password),
            &mut CramMd5::new(user, password),
            &mut ScramSha1::new(user, password, &NONCE),
            &mut ScramSha256::new(user, password, &NONCE).binding_not_offered(),
        ];
        for mechanism in mechanisms {
            assert_eq!(sign_in(&server, mechanism), Ok(()), "{user} {}", mechanism.name());
        }
    }
    assert_eq!(sign_in(&server, &mut Anonymous::new("guest@example.com")), Ok(()));
    // One, for the server takes its time after each that fails.
    let mut wrong = ScramSha256::new("alice", "wrong", &NONCE);
    assert_eq!(sign_in(&server, &mut wrong), Err("refused".into()));
    assert!(wrong.finish().is_err());
}

#[test]
fn the_best() {
    let Some(server) = Dovecot::start() else { return };
    let socket = TcpStream::connect(server.imap).unwrap();
    let (mut rx, mut tx) = ([0; 1024], [0; 512]);
    let clock = StdClock::new();
    let mut mail =
        Client::connect_with(Config::default(), clock, Std(socket), &mut rx, &mut tx).unwrap();
    let alice = Credentials::password("alice", "password");
    let offered = mail.capabilities().mechanisms();
    let mut chosen = best(offered, alice, Link::in_clear(), &NONCE).unwrap();
    assert_eq!(chosen.name(), "SCRAM-SHA-256");
    mail.authenticate(&mut chosen).unwrap();
}

/// SCRAM that lets the server off.
struct Unsigned<'a>(ScramSha256<'a>);

impl Mechanism for Unsigned<'_> {
    fn name(&self) -> &'static str {
        "PLAIN"
    }

    fn is_client_first(&self) -> bool {
        true
    }

    fn initial(&mut self) -> Result<Response<'_>, Error> {
        let _ = self.0.initial()?;
        Ok(Response::new(b"\0alice\0password"))
    }

    fn respond(&mut self, challenge: Challenge<'_>) -> Result<Response<'_>, Error> {
        self.0.respond(challenge)
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.0.finish()
    }
}

/// An OK that comes before the server has proved itself is an error of the client's call.
#[test]
fn an_ok_too_soon() {
    let Some(server) = Dovecot::start() else { return };
    let mut unsigned = Unsigned(ScramSha256::new("alice", "password", &NONCE));
    assert_eq!(sign_in(&server, &mut unsigned), Err(Error::ServerNotVerified.to_string()));
}
