//! The POP3 and IMAP servers of GNU Mailutils, which are odd in their own ways. One is started
//! for each connection, as inetd would.
//!
//! `tests/run` installs it. Where it is missing [`Mailutils::start`] says so and gives `None`;
//! under `CI=true` it panics.

use crate::harness::{self, certificates, start, write};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

const POP3: &str = "/usr/sbin/pop3d";
const IMAP: &str = "/usr/sbin/imap4d";

/// The one user.
pub const USER: &str = "alice@localhost";
/// The user's password.
pub const PASSWORD: &str = "p\"a\\ss word";

/// A server with a mailbox of its own. Dropping it stops it and removes its files.
#[derive(Debug)]
pub struct Mailutils {
    /// POP3 in clear, with STLS.
    pub pop3: SocketAddr,
    /// IMAP in clear, with STARTTLS.
    pub imap: SocketAddr,
    folder: PathBuf,
    owner: (u32, u32),
    /// Kept for as long as the server is to answer.
    _servers: [Inetd; 2],
}

impl Mailutils {
    /// Starts it. `None`, and a line on standard error, if it is not installed.
    ///
    /// # Panics
    ///
    /// If it cannot be started; if it is not installed and `CI=true`.
    pub fn start() -> Option<Self> {
        let absent = [POP3, IMAP].into_iter().find(|program| !Path::new(program).exists());
        let missing = absent.map(|program| format!("no {program}"));
        start("GNU Mailutils", missing, || Ok(Self::start_now()))
    }

    fn start_now() -> Self {
        let (folder, _) = harness::folder("/".as_ref());
        let me = fs::metadata(&folder).expect("the folder is there");
        // It refuses to be root with the mail.
        let owner = if me.uid() == 0 { (65534, 65534) } else { (me.uid(), me.gid()) };
        certificates(&folder.join("tls"));
        let at = folder.display();
        write(
            &folder.join("conf"),
            &format!(
                "auth {{ authentication clear; authentication virtdomain:generic;\n\
                 authorization clear; authorization virtdomain; }}\n\
                 virtdomain {{ passwd-dir {at}/users; }}\n\
                 tls {{ ssl-certificate-file {at}/tls/server.pem;\n\
                 ssl-key-file {at}/tls/server.key; ssl-ca-file {at}/tls/ca.pem; }}\n\
                 tls-file-checks {{ key-file none; cert-file none; ca-file none; }}\n\
                 tls-mode ondemand;\nlogging {{ syslog no; }}\nmode inetd;\n\
                 tcp-wrappers {{ enable no; }}\n"
            ),
        );
        fs::create_dir(folder.join("users")).expect("the folder is writable");
        let hash = Command::new("openssl").args(["passwd", "-5", PASSWORD]).output();
        let hash = String::from_utf8(hash.expect("openssl runs").stdout).expect("ASCII");
        let (uid, gid) = owner;
        let line = format!("alice:{}:{uid}:{gid}::{at}/home:/bin/sh\n", hash.trim());
        write(&folder.join("users/localhost"), &line);
        let home = folder.join("home");
        fs::create_dir(&home).expect("the folder is writable");
        chown(&home, Some(uid), Some(gid)).expect("root may give files away");

        let pop3 = Inetd::start(POP3, &folder);
        let imap = Inetd::start(IMAP, &folder);
        Self { pop3: pop3.address, imap: imap.address, folder, owner, _servers: [pop3, imap] }
    }

    /// The certificate, in PEM, of the authority that signed the server's own, which is for
    /// `localhost` and 127.0.0.1.
    pub fn ca_pem(&self) -> PathBuf {
        self.folder.join("tls/ca.pem")
    }

    /// Replaces all mail by these messages. Their lines end in LF, and none begins with
    /// `From `.
    ///
    /// # Panics
    ///
    /// If the file cannot be written.
    pub fn put<M: AsRef<str>>(&self, messages: impl IntoIterator<Item = M>) {
        let mut mbox = String::new();
        for message in messages {
            mbox.push_str("From tests Mon Jan  1 00:00:00 2024\n");
            mbox.push_str(message.as_ref());
            mbox.push('\n');
        }
        let file = self.folder.join("home/INBOX");
        write(&file, &mbox);
        chown(&file, Some(self.owner.0), Some(self.owner.1)).expect("root may give files away");
    }
}

impl Drop for Mailutils {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Starts a program for each connection.
#[derive(Debug)]
struct Inetd {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Inetd {
    fn start(program: &'static str, folder: &Path) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, conf) = (Arc::clone(&stop), folder.join("conf"));
        let thread = thread::spawn(move || {
            for socket in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let input: OwnedFd = socket.expect("a connection").into();
                let output = input.try_clone().expect("there are descriptors");
                let child = Command::new(program)
                    .arg("--no-config")
                    .arg("--config-file")
                    .arg(&conf)
                    .stdin(input)
                    .stdout(output)
                    .stderr(Stdio::null())
                    .spawn();
                // It ends when its connection does.
                thread::spawn(move || child.map(|mut child| child.wait()));
            }
        });
        Self { address, stop, thread: Some(thread) }
    }
}

impl Drop for Inetd {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes it.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
