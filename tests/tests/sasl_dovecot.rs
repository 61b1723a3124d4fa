//! Every SASL mechanism against a real server, by IMAP and by POP3.

use mailwire::io::Std;
use mailwire::sasl::{
    Anonymous, CramMd5, External, Login, Mechanism, OAuthBearer, Plain, ScramSha1, ScramSha256,
    XOAuth2,
};
use mailwire::{imap, pop3};
use mailwire_tests::dovecot::Dovecot;
use mailwire_tests::{oauth, tls};
use std::net::{SocketAddr, TcpStream};

/// Who they are, and how many messages each has.
const USERS: [(&str, &str, u32); 3] =
    [("alice", "password", 1), ("bob", "p\"a\\ss word€", 2), ("jürgen", "pässwörd", 3)];

/// Logs in at an address and counts the messages. `Err(true)` if the credentials were refused.
type LogIn = fn(&Dovecot, &mut dyn Mechanism) -> Result<u32, bool>;

fn imap(server: &Dovecot, mechanism: &mut dyn Mechanism) -> Result<u32, bool> {
    let socket = connect(server, server.imaps, mechanism);
    let (mut rx, mut tx) = ([0; 1024], [0; 512]);
    let mut mail = imap::Client::connect(Std(socket), &mut rx, &mut tx).unwrap();
    mail.authenticate(mechanism).map_err(|error| match error {
        imap::ClientError::Refused(it) => it.code() == Some(imap::Code::AuthenticationFailed),
        _ => false,
    })?;
    let exists = mail.select("INBOX").unwrap().exists;
    mail.logout().unwrap();
    Ok(exists)
}

fn pop3(server: &Dovecot, mechanism: &mut dyn Mechanism) -> Result<u32, bool> {
    let socket = connect(server, server.pop3s, mechanism);
    let (mut rx, mut tx) = ([0; 512], [0; 512]);
    let mut mail = pop3::Client::connect(Std(socket), &mut rx, &mut tx).unwrap();
    mail.authenticate(mechanism).map_err(|error| match error {
        pop3::ClientError::Refused(it) => it.code() == Some(pop3::Code::Auth),
        _ => false,
    })?;
    let stat = mail.stat().unwrap().unwrap();
    mail.quit().unwrap();
    Ok(stat.messages)
}

fn connect(server: &Dovecot, address: SocketAddr, mechanism: &dyn Mechanism) -> tls::Stream {
    // Dovecot takes the name in a certificate for the user's, whatever the mechanism.
    let certificate = (mechanism.name() == "EXTERNAL").then(|| server.client_pem());
    tls::handshake(TcpStream::connect(address).unwrap(), &server.ca_pem(), certificate)
}

fn by_password<'a>(user: &'a str, password: &'a str) -> [Box<dyn Mechanism + 'a>; 5] {
    let nonce = b"0123456789abcdef";
    [
        Box::new(Plain::new(user, password)),
        Box::new(Login::new(user, password)),
        Box::new(CramMd5::new(user, password)),
        Box::new(ScramSha1::new(user, password, nonce)),
        Box::new(ScramSha256::new(user, password, nonce)),
    ]
}

fn every_mechanism(log_in: LogIn) {
    let Some(server) = Dovecot::start() else { return };
    let messages = |count| (0..count).map(|n| format!("Subject: {n}\n\n"));
    for (user, _, count) in USERS {
        server.drop_in(user, messages(count));
    }
    server.drop_in("anon", messages(4));
    for (user, password, count) in USERS {
        for mut right in by_password(user, password) {
            assert_eq!(log_in(&server, &mut *right), Ok(count), "{user}, {}", right.name());
        }
    }
    assert_eq!(log_in(&server, &mut Anonymous::new("somebody")), Ok(4));
    assert_eq!(log_in(&server, &mut External::new()), Ok(1));
    let token = oauth::token("alice");
    assert_eq!(log_in(&server, &mut XOAuth2::new("alice", token.as_str())), Ok(1));
    assert_eq!(log_in(&server, &mut OAuthBearer::new("alice", token.as_str())), Ok(1));

    // Few, for the server takes its time after each that fails.
    assert_eq!(log_in(&server, &mut Plain::new("alice", "wrong")), Err(true));
    let mut wrong = XOAuth2::new("alice", "stolen");
    assert_eq!(log_in(&server, &mut wrong), Err(true));
    assert!(wrong.error().is_some());
    let mut wrong = OAuthBearer::new("alice", "stolen");
    assert_eq!(log_in(&server, &mut wrong), Err(true));
    assert!(wrong.error().is_some());
}

#[test]
fn every_mechanism_by_imap() {
    every_mechanism(imap);
}

#[test]
fn every_mechanism_by_pop3() {
    every_mechanism(pop3);
}
