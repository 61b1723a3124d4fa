//! `watch`, run as a user runs it, against a real Dovecot.

use mailwire_tests::dovecot::Dovecot;
use mailwire_tests::folder::Folder;
use mailwire_tests::proxy::Proxy;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_watch"));
    command.args(arguments).env("MAILWIRE_PASSWORD", "password").stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end: the exit code, its output, and its errors.
fn once(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = command(&[arguments, &["--once"]].concat()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[track_caller]
fn tells(arguments: &[&str], wanted: &str) {
    let (code, out, error) = once(arguments);
    assert_eq!((code, out.as_str(), error.as_str()), (Some(0), wanted, ""));
}

/// One that goes on running.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|it| send.send(it)));
        Self { child, lines }
    }

    #[track_caller]
    fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(30)).expect("a line")
    }

    /// Asks it to end, as Ctrl-C does: the exit code and its errors.
    fn interrupt(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let code = self.child.wait().unwrap().code();
        let mut error = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        assert_eq!(self.lines.iter().count(), 0);
        (code, error)
    }
}

fn deliver(server: &Dovecot, subject: &str) {
    let text = format!("From: Ann <ann@x.org>\r\nSubject: {subject}\r\n\r\nText of {subject}\r\n");
    server.deliver("alice", text.as_bytes());
}

fn told(subject: &str) -> String {
    format!("Ann <ann@x.org>: {subject}")
}

#[test]
fn it_tells_what_comes_and_what_came() {
    let Some(mut server) = Dovecot::start() else { return };
    let folder = Folder::create("watch-imap");
    let (state, ca) = (folder.file("state"), server.ca_pem());
    // So that it must connect anew: a session inside TLS was seen to outlive `doveadm stop`.
    let proxy = Proxy::start(server.imaps);
    let url = format!("imaps://alice@localhost:{}", proxy.address.port());
    let arguments = ["--ca", ca.to_str().unwrap(), &url, "--state", &state];
    deliver(&server, "old");
    tells(&arguments, "");
    let running = Running::start(&arguments);
    deliver(&server, "one");
    assert_eq!(running.line(), told("one"));
    assert!(running.line().ends_with("Text of one"));
    server.stop();
    server.start_again();
    proxy.cut();
    deliver(&server, "two");
    assert_eq!(running.line(), told("two"));
    assert!(running.line().ends_with("Text of two"));
    let (code, error) = running.interrupt();
    assert_eq!(code, Some(0));
    assert!(error.contains("trying again in 1 seconds"), "{error}");
    // It said goodbye.
    let end = Instant::now() + Duration::from_secs(5);
    while !server.log().contains("Logged out") {
        assert!(Instant::now() < end, "{}", server.log());
        thread::sleep(Duration::from_millis(20));
    }

    deliver(&server, "three");
    let (code, out, _) = once(&[&arguments[..], &["--json"]].concat());
    assert_eq!(code, Some(0));
    let mail: serde_json::Value = serde_json::from_str(out.trim()).unwrap();
    assert_eq!((&mail["subject"], &mail["uid"]), (&"three".into(), &4.into()));
    assert_eq!((&mail["from"], &mail["mailbox"]), (&"Ann <ann@x.org>".into(), &"INBOX".into()));
    tells(&arguments, "");
    // By STARTTLS, in clear, and with another mailbox.
    server.doveadm(["mailbox", "create", "-u", "alice", "Work"]);
    // The state is that of the account by that port.
    let (state, url) =
        (folder.file("more"), format!("imap://alice@localhost:{}", server.imap.port()));
    let since = ["--ca", ca.to_str().unwrap(), &url, "Work", "--state", &state];
    tells(&since, "");
    deliver(&server, "four");
    let arguments = ["--ca", ca.to_str().unwrap(), &url, "Work", "--state", &state];
    let (_, out, _) = once(&arguments);
    assert!(out.starts_with(&format!("INBOX: {}\n", told("four"))), "{out}");
    let all = ["--insecure", &url, "--everything", "--state", &folder.file("other")];
    let filtered = [&all[..], &["--filter", "OR SUBJECT four SUBJECT one", "--mark-seen"]].concat();
    let (_, out, _) = once(&filtered);
    assert_eq!(out.lines().step_by(2).collect::<Vec<_>>(), [told("one"), told("four")]);
}

#[test]
fn it_runs_a_program() {
    let Some(server) = Dovecot::start() else { return };
    let folder = Folder::create("watch-exec");
    let (state, log) = (folder.file("state"), folder.file("log"));
    let script = folder.file("script");
    // It fails the first time.
    let text = format!(
        "echo \"$1 $MAILWIRE_SUBJECT $MAILWIRE_FROM $MAILWIRE_PASSWORD\" >>{log}\n\
         [ -e {state}.ok ] || {{ touch {state}.ok; exit 7; }}\n"
    );
    fs::write(&script, text).unwrap();
    let url = format!("imap://alice@{}", server.imap);
    let arguments = ["--insecure", &url, "--state", &state, "--everything"];
    deliver(&server, "$(touch x)");
    let program = ["--exec", "sh", &script, "-a", ";"];
    let (code, _, error) = once(&[&arguments[..], &program].concat());
    assert_eq!(code, Some(0), "{error}");
    assert!(error.contains("exit status: 7"), "{error}");
    let line = "-a $(touch x) Ann <ann@x.org> \n";
    assert_eq!(fs::read_to_string(&log).unwrap(), line.repeat(2));
    tells(&arguments, "");
}

#[test]
fn over_pop3() {
    let Some(server) = Dovecot::start() else { return };
    let folder = Folder::create("watch-pop3");
    let (state, ca) = (folder.file("state"), server.ca_pem());
    let url = format!("pop3://alice@localhost:{}", server.pop3.port());
    let arguments = ["--ca", ca.to_str().unwrap(), &url, "--state", &state];
    deliver(&server, "old");
    tells(&arguments, "");
    deliver(&server, "one");
    let (code, out, _) = once(&arguments);
    assert_eq!((code, out.lines().next()), (Some(0), Some(told("one").as_str())));
    let url = format!("pop3s://alice@localhost:{}", server.pop3s.port());
    let state = folder.file("another");
    let arguments = ["--ca", ca.to_str().unwrap(), &url, "--state", &state, "--poll", "1"];
    let arguments = [&arguments[..], &["--delete"]].concat();
    tells(&arguments, "");
    let running = Running::start(&arguments);
    deliver(&server, "two");
    assert_eq!(running.line(), told("two"));
    assert!(running.line().ends_with("Text of two"));
    assert_eq!(running.interrupt(), (Some(0), String::new()));
    let left = server.doveadm(["fetch", "-u", "alice", "uid", "mailbox", "INBOX", "all"]);
    assert_eq!(left.matches("uid:").count(), 2, "{left}");
}

#[test]
fn what_is_not_right_is_refused() {
    let Some(server) = Dovecot::start() else { return };
    let folder = Folder::create("watch-refused");
    let state = folder.file("state");
    let (imap, pop3) =
        (format!("imap://nobody@{}", server.imap), format!("pop3://alice@{}", server.pop3));
    let cases: [(&[&str], &str); 5] = [
        (&[&imap], "nobody cannot log in"),
        (&[&imap, "--filter", "FROM"], "FROM needs something"),
        (&[&imap, "--delete"], "--delete is for POP3"),
        (&[&pop3, "--mark-seen"], "POP3 knows no filters"),
        (&["imap://alice@127.0.0.1:1"], "cannot connect to 127.0.0.1"),
    ];
    for (arguments, words) in cases {
        let all = [arguments, &["--insecure", "--state", &state]].concat();
        let (code, out, error) = once(&all);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{error}");
        assert!(error.contains(words), "{error}");
    }
    // The state of another account.
    let pop3 = ["--insecure", &pop3, "--state", &state];
    tells(&pop3, "");
    let (code, _, error) = once(&["--insecure", &imap, "--state", &state]);
    assert_eq!(code, Some(1));
    assert!(error.contains("is not the state of"), "{error}");

    // A cursor that is damaged, and a mailbox that was made anew, are not passed over.
    let url = format!("imap://alice@{}", server.imap);
    let state = folder.file("damaged");
    let arguments = ["--insecure", &url, "--state", &state];
    tells(&arguments, "");
    let kept = fs::read_to_string(&state).unwrap();
    let (head, line) = kept.split_once('\n').unwrap();
    fs::write(&state, format!("{head}\nINBOX 00\n")).unwrap();
    let (code, _, error) = once(&arguments);
    assert_eq!(code, Some(0), "{error}");
    assert!(error.starts_with("How far INBOX was watched is damaged; it begins anew"), "{error}");
    assert_eq!(fs::read_to_string(&state).unwrap(), kept, "{line}");
    // A second program for the same mailbox.
    let running = Running::start(&arguments);
    deliver(&server, "one");
    assert_eq!(running.line(), told("one"));
    running.line();
    let (code, _, error) = once(&arguments);
    assert_eq!(code, Some(1));
    assert!(error.contains("another program watches INBOX"), "{error}");
    assert_eq!(running.interrupt(), (Some(0), String::new()));
    // A filter that never fits.
    let long = format!("SUBJECT \"{}\"", "x".repeat(5000));
    let state = folder.file("long");
    let arguments = ["--insecure", &url, "--state", &state, "--everything", "--filter", &long];
    let output = command(&arguments).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("trying again does not help"), "{error}");
}
