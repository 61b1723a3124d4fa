//! Extensions that are about the connection.

use super::*;
use mailwire::compress::Inflater;
use mailwire::imap::blocking::Client;
use mailwire::imap::command::{AuthenticateCommand, CapabilityCommand, SearchCommand};
use mailwire::imap::{Capability, Config, Search, State};
use mailwire::io::Deflate;
use mailwire::sasl::{Mechanism as _, Plain};
use mailwire_tests::dovecot::REFERRED;
use mailwire_tests::messages::large;
use mailwire_tests::servers::{Memory, offering, servers};

/// RFC 7888: nothing waits for the server.
#[test]
fn literal_plus() {
    offering("LITERAL+", |server, mail| {
        mail.select("INBOX").unwrap();
        let (connection, buffers) = mail.driver_mut().split();
        let keys = [Search::Subject("Grüße")];
        connection.send(&SearchCommand::new(&keys), &mut buffers.tx).unwrap();
        let sent = String::from_utf8(buffers.tx.pending().to_vec()).unwrap();
        assert!(sent.ends_with("CHARSET UTF-8 SUBJECT {7+}\r\nGrüße\r\n"), "{sent}");
        mail.noop().unwrap();
        let text = [message("x").into_bytes(), large(3000)].concat();
        let size = text.len() as u64;
        let command = mailwire::imap::command::AppendCommand::new("INBOX", size);
        let (connection, buffers) = mail.driver_mut().split();
        connection.send(&command, &mut buffers.tx).unwrap();
        let sent = String::from_utf8(buffers.tx.pending().to_vec()).unwrap();
        // Of more than 4096 bytes, it would wait all the same.
        assert!(sent.ends_with(&format!("{{{size}+}}\r\n")), "{sent}");
        assert_eq!(connection.literal_remaining(), size, "{}", server.name);
        let mut rest = &text[..];
        while !rest.is_empty() {
            let (connection, buffers) = mail.driver_mut().split();
            let taken = connection.write_literal(rest, &mut buffers.tx);
            rest = &rest[taken..];
            mail.driver_mut().flush().unwrap();
        }
        mail.noop().unwrap();
        assert_eq!(mail.select("INBOX").unwrap().exists, 1, "{}", server.name);
    });
}

/// RFC 4959. Some say it before the login only.
#[test]
fn sasl_ir() {
    let mut ran = 0;
    for server in servers() {
        let mut memory = Memory::default();
        let mut mail = server.connect(&mut memory);
        if !mail.capabilities().contains(&Capability::SaslIr) {
            continue;
        }
        say("SASL-IR", &server);
        let (user, password) = server.alice();
        let mut plain = Plain::new(user, password);
        let initial = plain.initial().unwrap();
        let command = AuthenticateCommand::new("PLAIN").initial_response(&initial);
        let challenges = answers(&mut mail, &command, |event| match event {
            Event::Challenge { .. } => Some(()),
            _ => None,
        });
        assert!(challenges.is_empty(), "{}", server.name);
        assert_eq!(mail.connection().state(), State::Authenticated, "{}", server.name);
        ran += 1;
    }
    assert!(ran > 0 || std::env::var("CI").is_err());
}

pub(super) fn say(what: &str, server: &Server) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{what}: on {}", server.name);
}

/// RFC 2971.
#[test]
fn id() {
    offering("ID", |server, mail| {
        let fields = [("name", Some("mailwire")), ("version", None)];
        match mail.id(&fields).unwrap() {
            Some(told) => {
                let name = told.get("NAME").unwrap().to_string();
                let brand = server.name.split(' ').next().unwrap();
                assert!(name.starts_with(brand), "{}: {told:?}", server.name);
            }
            // It says OK, and no more unless it is configured to.
            None => assert_eq!(server.name, "GNU Mailutils"),
        }
        mail.id(&[]).unwrap();
    });
}

/// RFC 5161.
#[test]
fn enable() {
    offering("ENABLE", |server, mail| {
        let (name, capability) = match mail.capabilities().contains(&Capability::CondStore) {
            true => ("CONDSTORE", Capability::CondStore),
            false => ("UTF8=ACCEPT", Capability::Utf8Accept),
        };
        let enabled = mail.enable(&[name]).unwrap();
        assert!(enabled.contains(&capability), "{}", server.name);
        assert!(mail.connection().enabled().contains(&capability), "{}", server.name);
    });
}

/// RFC 2342.
#[test]
fn namespace() {
    offering("NAMESPACE", |server, mail| {
        let namespace = mail.namespace().unwrap().unwrap();
        let personal = namespace.personal.iter().next().unwrap();
        assert_eq!(personal.prefix.to_string(), server.prefix, "{}", server.name);
        // Mailutils tells LIST's delimiter as NIL.
        let delimiter = server.delimiter.or(Some('/'));
        assert_eq!(personal.delimiter, delimiter, "{}", server.name);
        assert_eq!(personal.extensions.iter().count(), 0, "{}", server.name);
    });
}

/// RFC 3691: unlike CLOSE, it removes nothing.
#[test]
fn unselect() {
    offering("UNSELECT", |server, mail| {
        let deleted = [Flag::Deleted];
        mail.append("INBOX", &deleted, None, message("x").as_bytes()).unwrap();
        assert_eq!(mail.select("INBOX").unwrap().exists, 1, "{}", server.name);
        mail.unselect().unwrap();
        assert_eq!(mail.connection().state(), State::Authenticated, "{}", server.name);
        assert!(mail.selected().is_none(), "{}", server.name);
        assert_eq!(mail.select("INBOX").unwrap().exists, 1, "{}", server.name);
    });
}

/// RFC 4978.
#[test]
fn compress() {
    offering("COMPRESS=DEFLATE", |server, _| {
        let socket = TcpStream::connect(server.imap).unwrap();
        socket.set_read_timeout(Some(std::time::Duration::from_millis(50))).unwrap();
        let (mut rx, mut tx) = ([0; 1024], [0; 256]);
        let (mut input, mut output) = ([0; 64], [0; 64]);
        let mut inflater = Box::new(Inflater::new());
        let socket = Deflate::new(Std(socket), &mut inflater, &mut input, &mut output);
        let clock = StdClock::new();
        let mut mail =
            Client::connect_with(Config::new(), clock, socket, &mut rx, &mut tx).unwrap();
        let (user, password) = server.alice();
        mail.login(user, password).unwrap();
        mail.compress(Deflate::start).unwrap();
        assert!(mail.connection().is_compressed());
        mail.select("INBOX").unwrap();
        let text = [message("x").into_bytes(), large(50_000)].concat();
        let at = mail.append("INBOX", &[], None, &text).unwrap().unwrap();
        mail.noop().unwrap();
        let mut read = Vec::new();
        let items = [Fetch::peek("")];
        let mut messages = mail.uid_fetch(at.uid, &items).unwrap();
        while let Some(mut message) = messages.next().unwrap() {
            while let Some(piece) = message.next().unwrap() {
                if let event::Fetch::Chunk(chunk) = piece {
                    read.extend_from_slice(chunk);
                }
            }
        }
        assert!(read == text, "{}", server.name);
        mail.logout().unwrap();
    });
}

/// RFC 6855 section 3: names of mailboxes are in UTF-8, both ways, and searches have no CHARSET.
#[test]
fn utf8_names() {
    offering("UTF8=ACCEPT", |server, mail| {
        let name = server.mailbox("Grüße €");
        mail.create(&name).unwrap();
        for utf8 in [false, true] {
            if utf8 {
                assert!(mail.enable(&["UTF8=ACCEPT"]).unwrap().contains(&Capability::Utf8Accept));
            }
            assert_eq!(mail.connection().is_utf8(), utf8);
            // Dovecot 2.4.1 goes on with modified UTF-7, and takes no other. Such a name can
            // only be used as it came.
            let stays = server.name == "Dovecot 2.4";
            let mut seen = Vec::new();
            let mut mailboxes = mail.list("", "*").unwrap();
            while let Some(mailbox) = mailboxes.next().unwrap() {
                let raw = mailbox.mailbox.as_received();
                if raw.chars().any(|c| c == 'G') {
                    let is_raw = raw.chars().any(|c| c == '&');
                    assert_eq!(is_raw, !utf8 || stays, "{}: {raw}", server.name);
                    seen.push(mailbox.mailbox.to_string());
                }
            }
            assert_eq!(seen.len(), 1, "{}: {seen:?}", server.name);
            assert_eq!(seen[0] == name, !utf8 || !stays, "{}: {seen:?}", server.name);
            mail.select(&seen[0]).unwrap();
            assert_eq!(numbers(mail.search(&[Search::Subject("ü")]).unwrap()), [0; 0]);
            mail.close().unwrap();
        }
    });
}

/// RFC 2221: who logs in is told to do that elsewhere.
#[test]
fn login_referrals() {
    for server in servers() {
        let mut memory = Memory::default();
        let mut mail = server.connect(&mut memory);
        if !mail.capabilities().contains(&Capability::LoginReferrals) {
            continue;
        }
        say("LOGIN-REFERRALS", &server);
        let no = refused(mail.login(REFERRED.0, REFERRED.1));
        let Some(Code::Referral(url)) = end_code(&mail) else {
            panic!("{}: {no:?} {:?}", server.name, mail.completed());
        };
        assert!(url.to_string().contains("elsewhere.example"), "{}: {url}", server.name);
    }
}

/// RFC 9051, enabled beside IMAP4rev1.
#[test]
fn rev2() {
    offering("IMAP4rev2", |server, mail| {
        mail.create("Grüße").unwrap();
        let told = mail.enable(&["IMAP4rev2"]).unwrap();
        assert!(told.contains(&Capability::Imap4rev2), "{}", server.name);
        assert!(mail.connection().is_utf8());
        mail.append("Grüße", &[], None, message("x").as_bytes()).unwrap();
        mail.select("Grüße").unwrap();
        // SEARCH is answered by ESEARCH, whatever was asked for.
        let mut found = mail.search(&[Search::All]).unwrap();
        let batch = found.next().unwrap().unwrap();
        assert!(batch.esearch().is_some(), "{}: {batch:?}", server.name);
        assert_eq!(batch.numbers().collect::<Vec<_>>(), [1], "{}", server.name);
        let raw = "Grüße";
        let mut names = Vec::new();
        let mut mailboxes = mail.list("", "G*").unwrap();
        while let Some(mailbox) = mailboxes.next().unwrap() {
            names.push(mailbox.mailbox.as_received().to_string());
        }
        assert_eq!(names, [raw], "{}", server.name);
    });
}

/// What has a value is understood, or kept as it came.
#[test]
fn values_of_capabilities() {
    offering("RIGHTS=", |server, mail| {
        let rights = answers(mail, &CapabilityCommand, |event| match event {
            Event::Capability { capabilities, .. } => {
                capabilities.iter().find_map(|capability| match capability {
                    Capability::Rights(rights) => Some(rights.to_owned()),
                    _ => None,
                })
            }
            _ => None,
        });
        // RFC 4314 section 2.2: what RFC 2086 did not have.
        assert!("kxte".chars().all(|right| rights.concat().contains(right)), "{}", server.name);
    });
}
