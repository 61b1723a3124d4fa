//! A POP3 server by other authors than Dovecot's: that of GNU Mailutils. It is started for
//! each connection, as inetd would.
//!
//! `tests/run` installs it. Where it is missing [`Mailutils::start`] says so and gives `None`;
//! under `CI=true` it panics.

use crate::harness::certificates;
use std::fs;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

/// The one user.
pub const USER: &str = "alice@localhost";
/// The user's password.
pub const PASSWORD: &str = "p\"a\\ss word";

/// A server with a mailbox of its own. Dropping it stops it and removes its files.
#[derive(Debug)]
pub struct Mailutils {
    /// POP3 in clear, with STLS.
    pub pop3: SocketAddr,
    folder: PathBuf,
    owner: (u32, u32),
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Mailutils {
    /// Starts it. `None`, and a line on standard error, if it is not installed.
    ///
    /// # Panics
    ///
    /// If it cannot be started; if it is not installed and `CI=true`.
    pub fn start() -> Option<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let program = Path::new("/usr/sbin/pop3d");
        if !program.exists() {
            let missing = "no pop3d of GNU Mailutils; tests/run installs it (Debian, as root)";
            assert!(!std::env::var("CI").is_ok_and(|v| v == "true"), "{missing}");
            let _ = writeln!(io::stderr(), "SKIPPED: {missing}");
            return None;
        }
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("mu-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).expect("the temporary folder is writable");
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

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a port");
        let pop3 = listener.local_addr().expect("a bound socket has an address");
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
        Some(Self { pop3, folder, owner, stop, thread: Some(thread) })
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
        self.stop.store(true, Ordering::Relaxed);
        // Wakes it.
        let _ = TcpStream::connect(self.pop3);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}
