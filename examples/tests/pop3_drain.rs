//! `pop3-drain`, run as a user runs it, against a real Dovecot.

use mailwire_tests::dovecot::Dovecot;
use mailwire_tests::folder::Folder;
use mailwire_tests::mailutils::{self, Mailutils};
use mailwire_tests::messages::large;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

fn command(password: &str, arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pop3-drain"));
    command.args(arguments).arg(folder).env("MAILWIRE_PASSWORD", password);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end: the exit code, and what it printed.
fn drain(password: &str, arguments: &[&str], folder: &Path) -> (Option<i32>, String) {
    let output = command(password, arguments, folder).output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(!text.contains(password), "shows the password");
    (output.status.code(), text)
}

#[track_caller]
fn ok(password: &str, arguments: &[&str], folder: &Path) -> String {
    let (code, text) = drain(password, arguments, folder);
    assert_eq!(code, Some(0), "{text}");
    text
}

#[track_caller]
fn fails(password: &str, arguments: &[&str], folder: &Path, words: &str) {
    let (code, text) = drain(password, arguments, folder);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains(words), "{text}");
}

fn left(server: &Dovecot, user: &str) -> usize {
    server.doveadm(["search", "-u", user, "mailbox", "INBOX", "all"]).lines().count()
}

/// Different messages, with much that has to do with dots.
fn messages(count: usize) -> Vec<Vec<u8>> {
    let message = |n: usize| {
        let mut text = format!("Subject: number {n}\r\n\r\n.\r\n..\r\n.x\r\n").into_bytes();
        for line in 0..(n * 37) % 400 {
            text.extend_from_slice(format!(".{n} {line}\u{e4}\r\n").as_bytes());
        }
        text
    };
    let mut all: Vec<_> = (0..count).map(message).collect();
    all.sort();
    all
}

#[test]
fn drains_by_tls_and_by_stls() {
    let Some(server) = Dovecot::start() else { return };
    let folder = Folder::new("drain-ways");
    let ca = server.ca_pem();
    let ca = ca.to_str().unwrap();
    let (pop3, pop3s) = (server.pop3, server.pop3s.port());
    let ways: [(&str, &str, &[&str]); 3] = [
        ("alice", "password", &["--ca", ca, &format!("pop3s://alice@localhost:{pop3s}")]),
        ("bob", "p\"a\\ss word€", &["--ca", ca, &format!("pop3://bob@{pop3}")]),
        ("jürgen", "pässwörd", &["--insecure", &format!("pop3://j%C3%BCrgen@{pop3}")]),
    ];
    let mut sent = messages(3);
    sent.push(large(1_000_000));
    sent.sort();
    for (user, password, way) in ways {
        let folder = Folder::at(folder.path.join(user));
        server.drop_in(user, &sent);
        let text = ok(password, way, &folder.path);
        assert!(text.starts_with("Fetched 4 (") && text.contains("deleted 4 on"), "{text}");
        assert!(folder.files() == sent, "{user}");
        assert_eq!(left(&server, user), 0);
        let text = ok(password, way, &folder.path);
        assert!(text.starts_with("Fetched 0 (") && text.contains("deleted 0 on"), "{text}");
    }
}

#[test]
fn keeps_and_deletes_later() {
    let Some(server) = Dovecot::start() else { return };
    let folder = Folder::new("drain-keep");
    let url = format!("pop3://alice@{}", server.pop3);
    let all = messages(5);
    server.drop_in("alice", &all[..3]);
    let text = ok("password", &["--insecure", "--keep", &url], &folder.path);
    assert!(text.starts_with("Fetched 3 (") && text.contains("deleted 0 on"), "{text}");
    server.drop_in("alice", &all[3..]);
    let text = ok("password", &["--insecure", "--keep", &url], &folder.path);
    assert!(text.contains("Fetched 2 (") && text.contains("3 were here already"), "{text}");
    assert!(folder.files() == all);
    assert_eq!(left(&server, "alice"), 5);
    let text = ok("password", &["--insecure", &url], &folder.path);
    assert!(text.contains("Fetched 0 (") && text.contains("5 were here already"), "{text}");
    assert!(folder.files() == all);
    assert_eq!(left(&server, "alice"), 0);

    // Not into the folder of somebody else, and nothing is deleted then.
    server.drop_in("bob", &all);
    let bob = format!("pop3://bob@{}", server.pop3);
    fails("p\"a\\ss word€", &["--insecure", &bob], &folder.path, "is the folder of alice@");
    assert_eq!(left(&server, "bob"), 5);
}

#[test]
fn drains_another_server() {
    let Some(server) = Mailutils::start() else { return };
    let folder = Folder::new("drain-other");
    server.put(["Subject: a\n\n.\n..x\n", "Subject: b\n\n"]);
    let ca = server.ca_pem();
    let url = format!("pop3://alice%40localhost@{}", server.pop3);
    let way = ["--ca", ca.to_str().unwrap(), &url];
    let text = ok(mailutils::PASSWORD, &[&["--keep"], &way[..]].concat(), &folder.path);
    assert!(text.starts_with("Fetched 2 (") && text.contains("deleted 0 on"), "{text}");
    let text = ok(mailutils::PASSWORD, &way, &folder.path);
    assert!(text.contains("2 were here already, deleted 2 on"), "{text}");
    let text = ok(mailutils::PASSWORD, &way, &folder.path);
    assert!(text.contains("0 were here already, deleted 0 on"), "{text}");
    let messages = folder.files();
    assert_eq!(messages.len(), 2);
    assert!(messages[0].ends_with(b"\r\n\r\n.\r\n..x\r\n"), "{:?}", messages[0]);
}

#[test]
fn unique_ids_that_are_not() {
    // The mailbox's UIDVALIDITY, for all of them.
    let settings = "protocol pop3 {\n  pop3_uidl_format = %v\n}\n";
    let Some(server) = Dovecot::start_with(settings) else { return };
    let folder = Folder::new("drain-same");
    let url = format!("pop3://alice@{}", server.pop3);
    let mut all = messages(4);
    all.push(all[0].clone());
    all.sort();
    server.drop_in("alice", &all);
    for run in 0..3 {
        let text = ok("password", &["--insecure", "--keep", &url], &folder.path);
        let expected = if run == 0 { "Fetched 5 (" } else { "5 were here already" };
        assert!(text.contains(expected), "{text}");
        assert!(folder.files() == all);
    }
    ok("password", &["--insecure", &url], &folder.path);
    assert!(folder.files() == all);
    assert_eq!(left(&server, "alice"), 0);
}

#[test]
fn what_cannot_be_is_refused() {
    let Some(server) = Dovecot::start() else { return };
    let folder = Folder::new("drain-refused");
    let url = format!("pop3://alice@{}", server.pop3);
    fails("wrong", &["--insecure", &url], &folder.path, "alice cannot log in");
    fails("password", &["imaps://alice@localhost"], &folder.path, "pop3s:// and pop3:// only");
    // STLS, by an authority that the system does not know.
    fails("password", &[&url], &folder.path, "no TLS with");
    assert!(!folder.path.exists());
    server.drop_in("alice", messages(2));
    fs::write(&folder.path, "not a folder").unwrap();
    fails("password", &["--insecure", &url], &folder.path, "cannot make");
    fs::remove_file(&folder.path).unwrap();
    assert_eq!(left(&server, "alice"), 2);
}

/// The whole point: killed at any moment, each message is in the end there once.
#[test]
fn killed_again_and_again() {
    let Some(server) = Dovecot::start() else { return };
    let folder = Folder::new("drain-killed");
    let url = format!("pop3://alice@{}", server.pop3);
    let all = messages(50);
    server.drop_in("alice", &all);
    let mut seen = BTreeMap::new();
    let mut random = 0x9e37_79b9_u32;
    for kill in 0..45 {
        let before = folder.files().len();
        let mut child = command("password", &["--insecure", &url], &folder.path).spawn().unwrap();
        // At any moment of a session, or shortly after it got further than the one before.
        let further = kill % 3 != 0;
        while further && child.try_wait().unwrap().is_none() && folder.files().len() == before {}
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let most = if further { 10_000 } else { 150_000 };
        thread::sleep(Duration::from_micros(u64::from(random >> 8) % most));
        child.kill().unwrap();
        child.wait().unwrap();
        let kept = folder.files();
        *seen.entry(kept.len()).or_insert(0) += 1;
        // None lost, none broken, none twice.
        let mut before = None;
        for message in &kept {
            assert!(all.binary_search(message).is_ok(), "{kill}: not as it was");
            assert_ne!(before, Some(message), "{kill}: twice");
            before = Some(message);
        }
        assert!(left(&server, "alice") + kept.len() >= all.len(), "{kill}: lost");
    }
    ok("password", &["--insecure", &url], &folder.path);
    assert!(folder.files() == all);
    assert_eq!(left(&server, "alice"), 0);
    println!("{seen:?}");
    assert!(seen.len() > 5, "killed at too few different moments: {seen:?}");
}
