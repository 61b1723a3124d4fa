//! `inbox`, run as a user runs it, against a real Dovecot.

use mailwire_tests::dovecot::Dovecot;
use mailwire_tests::messages::large;
use mailwire_tests::strange_ca;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, fs, str, thread};

/// What a run left: its exit code, standard output and standard error.
struct Run {
    code: Option<i32>,
    out: String,
    error: String,
}

/// Runs `inbox` with this password in the environment.
fn inbox(password: &str, arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_inbox"))
        .args(arguments)
        .env("MAILWIRE_PASSWORD", password)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let run =
        Run { code: output.status.code(), out: text(output.stdout), error: text(output.stderr) };
    assert!(!(run.out.clone() + &run.error).contains(password), "shows the password");
    run
}

impl Run {
    #[track_caller]
    fn ok(self) -> String {
        assert_eq!((self.code, self.error.as_str()), (Some(0), ""), "{}", self.out);
        self.out
    }

    /// The error, which holds these words.
    #[track_caller]
    fn fails(self, words: &str) {
        assert_eq!(self.code, Some(1), "{}", self.error);
        assert!(self.error.contains(words), "{}", self.error);
    }
}

/// A file that is not there, and will not be.
fn scratch(name: &str) -> PathBuf {
    let file = env::temp_dir().join(format!("mailwire-{}-{name}", std::process::id()));
    let _ = fs::remove_file(&file);
    file
}

#[test]
fn shows_the_same_in_clear_by_starttls_and_in_tls() {
    let Some(server) = Dovecot::start() else { return };
    server.drop_in(
        "alice",
        [
            "From: \"Ada L.\" <ada@example.org>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nx\n",
            "From: bob@example.org\nSubject: bell \x07 and\x1b[31m red\n\nx\n",
            "Subject: nobody's\n\nx\n",
        ],
    );
    server.doveadm(["mailbox", "create", "-u", "alice", "Entwürfe"]);
    server.doveadm(["flags", "add", "-u", "alice", "\\Seen", "mailbox", "INBOX", "uid", "1"]);
    let ca = server.ca_pem();
    let ca = ca.to_str().unwrap();
    let (imap, imaps) = (server.imap, server.imaps.port());
    let ways: [&[&str]; 4] = [
        &["--insecure", &format!("imap://alice@{imap}")],
        &["--ca", ca, &format!("imap://alice@{imap}")],
        &["--ca", ca, &format!("imaps://alice@localhost:{imaps}")],
        &["--ca", ca, &format!("imaps://alice@127.0.0.1:{imaps}/INBOX")],
    ];
    let mut first = None;
    for way in ways {
        let out = inbox("password", way).ok();
        // What is \Recent to the first is not to the next, so without the flags.
        let same = out.replace("\\Recent", "new").replace("  new", "");
        assert_eq!(*first.get_or_insert(same.clone()), same, "{way:?}");
        let (mailboxes, messages) = out.split_once("\n\nINBOX: 3 messages\n").expect(&out);
        let mut mailboxes: Vec<_> = mailboxes.lines().skip(1).map(str::trim).collect();
        mailboxes.sort();
        assert_eq!(mailboxes, ["Drafts", "Entwürfe", "INBOX", "Sent"]);
        let lines: Vec<_> = messages.lines().collect();
        assert_eq!(lines.len(), 6, "{messages}");
        assert!(lines[0].trim_start().starts_with("1  ") && lines[0].ends_with("B  Ada L."));
        assert!(lines[1].contains("Grüße") && lines[1].contains("\\Seen"), "{messages}");
        assert!(lines[2].ends_with("B  bob@example.org"), "{messages}");
        assert!(lines[3].contains("bell   and [31m red"), "{messages}");
        assert!(lines[4].ends_with("(nobody)"), "{messages}");
    }
    // The newest only, of a mailbox with another name.
    let url = format!("imap://alice@{imap}");
    let out = inbox("password", &["--insecure", "-q", "-n", "1", &url]).ok();
    assert!(out.starts_with("INBOX: 3 messages\n") && out.contains("nobody's"), "{out}");
    assert_eq!(out.lines().count(), 3);
    let url = format!("imap://alice@{imap}/Entw%C3%BCrfe");
    assert_eq!(inbox("password", &["--insecure", "-q", &url]).ok(), "Entwürfe: 0 messages\n");
    // Another user, with a name and a password that are not ASCII.
    let url = format!("imap://j%C3%BCrgen@{imap}");
    let out = inbox("pässwörd", &["--insecure", "-q", &url]).ok();
    assert_eq!(out, "INBOX: 0 messages\n");
}

#[test]
fn saves_a_large_message_as_it_is() {
    let Some(server) = Dovecot::start() else { return };
    let message = large(10_000_000);
    server.drop_in("alice", [&b"Subject: small\r\n\r\n"[..], &message]);
    let ca = server.ca_pem();
    let url = format!("imaps://alice@localhost:{}", server.imaps.port());
    let file = scratch("saved");
    let to = file.to_str().unwrap();
    let arguments = ["-q", "--ca", ca.to_str().unwrap(), &url, "--save", "2", "--to", to];
    let out = inbox("password", &arguments).ok();
    assert!(out.ends_with(&format!("Saved 10000000 bytes to {to}\n")), "{out}");
    let saved = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    assert!(saved == message);
    // Nothing was marked as read by it, and what is not there makes no file.
    let out = server.doveadm(["search", "-u", "alice", "mailbox", "INBOX", "unseen"]);
    assert_eq!(out.lines().count(), 2);
    let url = format!("imap://alice@{}", server.imap);
    let arguments = ["-q", "--insecure", &url, "--save", "99", "--to", to];
    inbox("password", &arguments).fails("no message with UID 99");
    assert!(!file.exists());
}

#[test]
fn what_is_not_safe_or_not_right_is_refused() {
    let Some(server) = Dovecot::start() else { return };
    let folder = scratch("strange-ca");
    fs::create_dir_all(&folder).unwrap();
    let (mine, theirs) = (server.ca_pem(), strange_ca(&folder));
    let (mine, theirs) = (mine.to_str().unwrap(), theirs.to_str().unwrap());
    let imap = format!("imap://alice@{}", server.imap);
    let imaps = format!("imaps://alice@localhost:{}", server.imaps.port());
    // A certificate by somebody else; by none that the system knows; of another name.
    for url in [&imap, &imaps] {
        inbox("password", &["--ca", theirs, url]).fails("no TLS with");
        inbox("password", &[url]).fails("no TLS with");
    }
    let wrong_name = format!("imaps://alice@127.0.0.2:{}", server.imaps.port());
    let run = inbox("password", &["--ca", mine, &wrong_name]);
    // There is nobody at that address, or somebody with a certificate for another.
    assert_eq!(run.code, Some(1), "{}", run.error);
    // None of these logged in.
    assert!(!server.log().contains("Login:"), "{}", server.log());

    inbox("wrong", &["--insecure", &imap]).fails("alice cannot log in");
    let none = format!("{imap}/none");
    inbox("password", &["--insecure", &none]).fails("cannot open none");
    let in_url = format!("imap://alice:secret@{}", server.imap);
    inbox("xyzzy", &["--insecure", &in_url]).fails("no password in the URL");
    inbox("password", &["https://alice@localhost"]).fails("is not one of");
    inbox("password", &["--ca", "/nowhere", &imaps]).fails("cannot read /nowhere");
    drop(server);
    inbox("password", &["--insecure", &imap]).fails("cannot connect to");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_password_may_be_in_any_variable() {
    let Some(server) = Dovecot::start() else { return };
    let output = Command::new(env!("CARGO_BIN_EXE_inbox"))
        .args(["--insecure", "-q", "--password-env", "SOME_NAME"])
        .arg(format!("imap://bob@{}", server.imap))
        .env("SOME_NAME", "p\"a\\ss word€")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(str::from_utf8(&output.stdout), Ok("INBOX: 0 messages\n"));
    assert!(output.status.success());
}

/// A server's words are shown, but a terminal does not act on them.
#[test]
fn what_the_server_says_is_made_fit_to_be_shown() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("imap://alice@{}", socket.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut socket, _) = socket.accept().unwrap();
        socket.write_all(b"* BYE \x1b]0;owned\x07 go away\r\n").unwrap();
    });
    let run = inbox("password", &["--insecure", &url]);
    server.join().unwrap();
    assert!(!run.error.trim_end().contains(|char: char| char != '\n' && char.is_control()));
    run.fails("owned  go away");
}
