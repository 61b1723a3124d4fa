//! A real server: Courier on loopback, made anew for each test that asks for one.
//!
//! ```no_run
//! use mailwire_tests::courier::Courier;
//!
//! # fn test() {
//! let Some(server) = Courier::start() else { return };
//! let socket = std::net::TcpStream::connect(server.imap).unwrap();
//! # }
//! ```
//!
//! `tests/run` installs what this needs; where that is missing [`Courier::start`] says so and
//! gives `None`; under `CI=true` it panics. It asks a thread of the test who may log in, and
//! knows PLAIN and LOGIN only. A failed login takes it five seconds, and commands sent in the
//! same write as LOGIN are lost.

use crate::harness::{
    self, Keeper, Owner, certificates, free_addresses, not_on_path, start, unpacked, write,
};
use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The users, each with a password.
pub const USERS: &[(&str, &str)] =
    &[("alice", "password"), ("bob", "p\"a\\ss word€"), ("carol", "carol")];

/// A running server with mailboxes of its own. Dropping it stops it and removes its files;
/// so does the end of the test process, whatever the cause.
#[derive(Debug)]
pub struct Courier {
    /// IMAP in clear, with STARTTLS.
    pub imap: SocketAddr,
    /// IMAP on TLS from the start.
    pub imaps: SocketAddr,
    /// POP3 in clear, with STLS.
    pub pop3: SocketAddr,
    /// POP3 on TLS from the start.
    pub pop3s: SocketAddr,
    folder: PathBuf,
    keeper: Keeper,
    /// Kept for as long as the server runs, which asks it.
    _authority: Authority,
}

impl Courier {
    /// Starts a server and waits until it answers. `None`, and a line on standard error, if it
    /// is not installed.
    ///
    /// # Panics
    ///
    /// If it does not start; if it is not installed and `CI=true`.
    pub fn start() -> Option<Self> {
        let prefix = unpacked("courier");
        let missing = (!prefix.join("stamp").exists()).then(|| format!("no {}", prefix.display()));
        let missing = missing.or_else(|| not_on_path(&["openssl", "setsid", "sh"]));
        start("Courier", missing, || Self::try_start(&prefix))
    }

    fn try_start(prefix: &Path) -> Result<Self, String> {
        let (folder, _) = harness::folder("/".as_ref());
        let owner = Owner::find("/".as_ref(), "mail");
        let addresses @ [imap, imaps, pop3, pop3s] = free_addresses();
        certificates(&folder.join("tls"));
        for (user, _) in USERS {
            for name in ["cur", "new", "tmp"] {
                let folder = folder.join("mail").join(user).join("Maildir").join(name);
                fs::create_dir_all(folder).expect("the folder is writable");
            }
        }
        for (user, _) in USERS {
            // What the user may keep: octets, messages. Then what is there: nothing.
            let file = folder.join("mail").join(user).join("Maildir/maildirsize");
            write(&file, "1000000000S,1000C\n           0           0\n");
        }
        owner.give_all(&folder.join("mail"));
        let file = |name: &str| folder.join("tls").join(name);
        let read = |name: &str| fs::read_to_string(file(name)).expect("the certificate is there");
        write(&file("both.pem"), &[read("server.key"), read("server.pem")].concat());
        write(&folder.join("shared-index"), "");
        write(&folder.join("run"), &script(&folder, prefix, addresses));
        let authority = Authority::start(&folder, &owner);
        let script: [OsString; 2] = ["bash".into(), folder.join("run").into()];
        let keeper = Keeper::start(&folder, script, &[]);
        keeper.wait_for(imap, "* OK")?;
        // Another server may have taken the port.
        let end = Instant::now() + Duration::from_secs(2);
        while !keeper.log().contains("Connection") {
            if Instant::now() > end {
                return Err("another server answers".into());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(Self { imap, imaps, pop3, pop3s, folder, keeper, _authority: authority })
    }

    /// What the server logged so far.
    pub fn log(&self) -> String {
        self.keeper.log()
    }

    /// The certificate, in PEM, of the authority that signed the server's own, which is for
    /// `localhost` and 127.0.0.1.
    pub fn ca_pem(&self) -> PathBuf {
        self.folder.join("tls/ca.pem")
    }
}

/// Sets what the server's programs read from their environment and starts them.
fn script(folder: &Path, prefix: &Path, addresses: [SocketAddr; 4]) -> String {
    let [imap, imaps, pop3, pop3s] = addresses.map(|address| address.port());
    let (folder, prefix) = (folder.display(), prefix.display());
    format!(
        r#"
set -a
LD_LIBRARY_PATH=$(printf '%s:' {prefix}/usr/lib {prefix}/usr/lib/*-linux-gnu {prefix}/lib/*-linux-gnu)
IMAP_CAPABILITY="IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA AUTH=PLAIN AUTH=LOGIN IDLE"
IMAP_CAPABILITY_TLS="$IMAP_CAPABILITY"
IMAP_KEYWORDS=1
IMAP_ACL=1
SMAP_CAPABILITY=SMAP1
IMAP_PROXY=0
IMAP_IDLE_TIMEOUT=2
IMAP_MAILBOX_SANITY_CHECK=0
IMAP_DISABLETHREADSORT=0
IMAP_CHECK_ALL_FOLDERS=0
IMAP_OBSOLETE_CLIENT=0
IMAP_UMASK=022
IMAP_USELOCKS=1
IMAP_SHAREDINDEXFILE={folder}/shared-index
IMAP_ENHANCEDIDLE=1
IMAP_TRASHFOLDERNAME=Trash
IMAP_EMPTYTRASH=
IMAP_MOVE_EXPUNGE_TO_TRASH=0
IMAP_ID_FIELDS=7
# Who tells it of new mail.
GAMIN_DEBUG_SERVER={prefix}/usr/libexec/gam_server
GAM_CLIENT_ID=mailwire-{imap}
HEADERFROM=X-IMAP-Sender
SENDMAIL=/bin/true
MAILDIRPATH=Maildir
IMAP_TLS_REQUIRED=0
POP3AUTH="PLAIN LOGIN"
POP3AUTH_TLS="PLAIN LOGIN"
POP3_TLS_REQUIRED=0
POP3_PROXY=0
COURIERTLS={prefix}/usr/bin/couriertls
TLS_PROTOCOL="TLSv1.2+"
TLS_CERTFILE={folder}/tls/both.pem
TLS_PRIVATE_KEYFILE={folder}/tls/both.pem
TLS_TRUSTCERTS={folder}/tls/ca.pem
TLS_VERIFYPEER=NONE
TLS_CACHEFILE=
set +a
umask 022
listen() {{
    {prefix}/usr/sbin/couriertcpd -address=127.0.0.1 -maxprocs=100 -maxperip=100 \
        -nodnslookup -noidentlookup -stderr={folder}/log "$@" &
}}
bin={prefix}/usr/lib/courier/courier
imap="$bin/imaplogin {prefix}/usr/bin/imapd Maildir"
pop3="$bin/courierpop3login $bin/courierpop3d Maildir"
tls="$COURIERTLS -server -tcpd"
IMAP_STARTTLS=YES IMAP_TLS=0 listen {imap} $imap
IMAP_STARTTLS=NO IMAP_TLS=1 listen {imaps} $tls $imap
POP3_STARTTLS=YES POP3_TLS=0 listen {pop3} $pop3
POP3_STARTTLS=NO POP3_TLS=1 listen {pop3s} $tls $pop3
wait -n
"#
    )
}

/// Says who may log in, as Courier's `authdaemond` does.
#[derive(Debug)]
struct Authority {
    socket: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Authority {
    fn start(folder: &Path, owner: &Owner) -> Self {
        let socket = folder.join("authdsocket");
        let listener = UnixListener::bind(&socket).expect("the folder is writable");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let (owner, mail) = (owner.clone(), folder.join("mail"));
        let thread = thread::spawn(move || {
            for client in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let _ = client.and_then(|client| answer(&client, &owner, &mail));
            }
        });
        Self { socket, stop, thread: Some(thread) }
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes it, unless the folder is gone.
        match UnixStream::connect(&self.socket) {
            Ok(_) => drop(self.thread.take().map(JoinHandle::join)),
            Err(_) => drop(self.thread.take()),
        }
    }
}

/// A question is lines about who asks, `AUTH n` and a line's end, then n bytes: service, kind, and for the kind
/// `login` user and password, a line each.
fn answer(client: &UnixStream, owner: &Owner, mail: &Path) -> io::Result<()> {
    client.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(client);
    let mut line = String::new();
    while !line.starts_with("AUTH ") {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
    }
    let length = line.trim_end().strip_prefix("AUTH ").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut question = vec![0; length];
    reader.read_exact(&mut question)?;
    let question = String::from_utf8_lossy(&question);
    let mut lines = question.lines().skip(1);
    let asked = (lines.next(), lines.next(), lines.next());
    let known =
        USERS.iter().find(|(user, password)| asked == (Some("login"), Some(user), Some(password)));
    let mut client = client;
    match known {
        None => client.write_all(b"FAIL\n"),
        Some((user, _)) => {
            let home = mail.join(user);
            let (home, Owner { uid, gid, .. }) = (home.display(), owner);
            write!(
                client,
                "UID={uid}\nGID={gid}\nHOME={home}\nADDRESS={user}\n\
                 MAILDIR={home}/Maildir\nOPTIONS=\n.\n"
            )
        }
    }
}
