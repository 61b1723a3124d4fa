//! A real server: Dovecot on loopback, made anew for each test that asks for one.
//!
//! ```no_run
//! use mailwire_tests::dovecot::Dovecot;
//!
//! # fn test() {
//! let Some(server) = Dovecot::start() else { return };
//! server.deliver("alice", b"Subject: hello\r\n\r\nWorld.\r\n");
//! let socket = std::net::TcpStream::connect(server.imap).unwrap();
//! # }
//! ```
//!
//! `tests/run` installs what this needs. Where that is missing [`Dovecot::start`] says so and
//! gives `None`; under `CI=true` it panics.

use crate::oauth::Introspection;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The users, each with a password. alice, bob and jürgen keep their mail in a Maildir, carol
/// in an sdbox, dave in an mdbox; quota may keep 3 messages; anon is who logs in as ANONYMOUS.
pub const USERS: &[(&str, &str)] = &[
    ("alice", "password"),
    ("bob", "p\"a\\ss word€"),
    ("carol", "carol"),
    ("dave", "dave"),
    ("jürgen", "pässwörd"),
    ("quota", "quota"),
    ("anon", "x"),
];

/// A running server with mailboxes of its own. Dropping it stops it and removes its files;
/// so does the end of the test process, whatever the cause.
#[derive(Debug)]
pub struct Dovecot {
    /// IMAP in clear, with STARTTLS.
    pub imap: SocketAddr,
    /// IMAP on TLS from the start.
    pub imaps: SocketAddr,
    /// POP3 in clear, with STLS.
    pub pop3: SocketAddr,
    /// POP3 on TLS from the start.
    pub pop3s: SocketAddr,
    /// LMTP (RFC 2033), for [`deliver`](Self::deliver).
    pub lmtp: SocketAddr,
    folder: PathBuf,
    owner: Owner,
    keeper: Child,
    /// Kept for as long as the server runs, which asks it.
    _introspection: Introspection,
}

/// As whom the server handles mail.
#[derive(Debug, Clone)]
struct Owner {
    name: String,
    group: String,
    uid: u32,
    gid: u32,
    is_root: bool,
}

/// Runs the server until its own standard input ends, which happens when the test drops it
/// or dies; then removes the folder. `exited` tells the test that the server gave up before.
/// The kill goes to the whole process group: asked to end, the server would wait a second for
/// its log, and leave login processes behind as long as they have clients.
const KEEPER: &str = r#"
exec 3<&0
setsid dovecot -F -c "$1/dovecot.conf" 3<&- >>"$1/log" 2>&1 &
server=$!
{ read -r _ <&3; kill -KILL -$server; } 2>/dev/null &
wait $server
: >"$1/exited"
read -r _ <&3
rm -rf "$1"
"#;

impl Dovecot {
    /// Starts a server and waits until it answers. `None`, and a line on standard error, if
    /// Dovecot is not installed.
    ///
    /// # Panics
    ///
    /// If it does not start; if it is not installed and `CI=true`.
    pub fn start() -> Option<Self> {
        Self::start_with("")
    }

    /// [`start`](Self::start), with more lines of configuration, which win over the others.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub fn start_with(settings: &str) -> Option<Self> {
        if let Some(missing) = missing() {
            let ci = std::env::var("CI").is_ok_and(|v| v == "true");
            assert!(!ci, "{missing}");
            // Not eprintln!: that the test harness would swallow.
            let _ = writeln!(io::stderr(), "SKIPPED: {missing}");
            return None;
        }
        // A port that was free may be taken by the time Dovecot binds it.
        let mut why = String::new();
        for _ in 0..4 {
            match Self::try_start(settings) {
                Ok(server) => return Some(server),
                Err(e) => why = e,
            }
        }
        panic!("Dovecot does not start: {why}");
    }

    fn try_start(settings: &str) -> Result<Self, String> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        // Short: the paths of Unix sockets below it may have at most 107 bytes.
        let folder = std::env::temp_dir().join(format!("mw-{}-{number}", std::process::id()));
        let owner = owner(&folder);
        let [imap, imaps, pop3, pop3s, lmtp] = free_addresses();
        let ports = [imap, imaps, pop3, pop3s, lmtp].map(|address| address.port());
        let introspection = Introspection::start();
        write(&folder.join("dovecot.conf"), &(config(&folder, &owner, ports) + settings));
        write(&folder.join("oauth2.conf"), &oauth_config(introspection.address));
        write(&folder.join("users"), &users());
        write(&folder.join("shared-mailboxes"), "");
        fs::create_dir(folder.join("mail")).expect("the folder is writable");
        for file in ["shared-mailboxes", "mail", ""] {
            own(&owner, &folder.join(file));
        }
        certificates(&folder.join("tls"));
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // So that an interrupt from the keyboard leaves it time to clean up.
            .process_group(0)
            .spawn()
            .expect("there is a shell");
        let server = Self {
            imap,
            imaps,
            pop3,
            pop3s,
            lmtp,
            folder,
            owner,
            keeper,
            _introspection: introspection,
        };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn wait_until_ready(&self) -> Result<(), String> {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            if self.folder.join("exited").exists() || Instant::now() > end {
                return Err(self.log());
            }
            if first_line(self.imap).is_some_and(|line| line.contains(&self.greeting())) {
                return Ok(());
            }
            sleep(Duration::from_millis(10));
        }
    }

    fn greeting(&self) -> String {
        greeting(self.imap.port())
    }

    /// What the server logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// The certificate, in PEM, of the authority that signed the server's own, which is for
    /// `localhost` and 127.0.0.1.
    pub fn ca_pem(&self) -> PathBuf {
        self.folder.join("tls/ca.pem")
    }

    /// Certificate and key, in PEM, by which alice may log in with EXTERNAL.
    pub fn client_pem(&self) -> (PathBuf, PathBuf) {
        (self.folder.join("tls/alice.pem"), self.folder.join("tls/alice.key"))
    }

    /// Delivers a message to `user`'s INBOX by LMTP and returns when it is there. Connections
    /// that IDLE are told of it. Lines end in CRLF; Dovecot adds `Return-Path`,
    /// `Delivered-To` and `Received` on top. The user's name must be ASCII.
    ///
    /// # Panics
    ///
    /// If the server refuses it.
    pub fn deliver(&self, user: &str, message: &[u8]) {
        let socket = TcpStream::connect(self.lmtp).expect("LMTP is there");
        let mut reader = BufReader::new(&socket);
        let mut ask = |text: &[u8], expected: &str| {
            (&socket).write_all(text).expect("LMTP takes the command");
            let mut reply = String::new();
            // A reply of several lines has a hyphen behind the code in all but the last.
            while !reply.starts_with(expected) || reply.as_bytes().get(3) == Some(&b'-') {
                assert!(reply.is_empty() || reply.starts_with(expected), "LMTP: {reply}");
                reply.clear();
                let read = reader.read_line(&mut reply).expect("LMTP answers");
                assert_ne!(read, 0, "LMTP: closed, expected {expected}");
            }
        };
        ask(b"", "220");
        ask(b"LHLO localhost\r\n", "250");
        ask(b"MAIL FROM:<tests@localhost>\r\n", "250");
        ask(format!("RCPT TO:<{user}>\r\n").as_bytes(), "250");
        ask(b"DATA\r\n", "354");
        let mut data = Vec::with_capacity(message.len() + 16);
        for line in message.split_inclusive(|&b| b == b'\n') {
            if line.starts_with(b".") {
                data.push(b'.');
            }
            data.extend_from_slice(line);
        }
        data.extend_from_slice(if message.ends_with(b"\n") { b".\r\n" } else { b"\r\n.\r\n" });
        ask(&data, "250");
        ask(b"QUIT\r\n", "221");
    }

    /// Puts messages into `user`'s INBOX as they are, without asking the server: thousands
    /// take a fraction of a second. For users with a Maildir. They are \Recent, in this order.
    ///
    /// # Panics
    ///
    /// If a file cannot be written.
    pub fn drop_in<M: AsRef<[u8]>>(&self, user: &str, messages: impl IntoIterator<Item = M>) {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let maildir = self.folder.join("mail").join(user).join("Maildir");
        let [tmp, new] = ["tmp", "new"].map(|name| maildir.join(name));
        for name in ["cur", "tmp", "new"] {
            fs::create_dir_all(maildir.join(name)).expect("the mail is writable");
            own(&self.owner, &maildir.join(name));
        }
        own(&self.owner, &maildir);
        own(&self.owner, maildir.parent().unwrap_or(&maildir));
        for message in messages {
            // Dovecot numbers new files in the order of their names.
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("1700000000.M{count:09}.localhost");
            let file = tmp.join(&name);
            fs::write(&file, message).expect("the mail is writable");
            own(&self.owner, &file);
            fs::rename(&file, new.join(&name)).expect("the mail is writable");
        }
    }

    /// Runs `doveadm` on this server, as `["mailbox", "create", "-u", "alice", "Work"]`, and
    /// returns what it printed.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub fn doveadm<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> String {
        let output = Command::new("doveadm")
            .arg("-c")
            .arg(self.folder.join("dovecot.conf"))
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("doveadm runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "doveadm: {error}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Deletes all mail of `user`; UIDs go on counting.
    pub fn reset(&self, user: &str) {
        self.doveadm(["expunge", "-u", user, "mailbox", "*", "all"]);
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// Why there can be no server here, if there can be none.
fn missing() -> Option<String> {
    let folders: Vec<_> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    let is_there = |name: &str| folders.iter().any(|folder| folder.join(name).is_file());
    let absent: Vec<_> = ["dovecot", "doveadm", "openssl", "setsid", "sh"]
        .into_iter()
        .filter(|name| !is_there(name))
        .collect();
    (!absent.is_empty()).then(|| {
        format!(
            "no {} on PATH; tests/run installs what is needed (Debian and its kin, as root)",
            absent.join(", no ")
        )
    })
}

/// Makes the server's folder and finds out who is to own the mail: who runs the tests, but
/// never root.
fn owner(folder: &Path) -> Owner {
    use std::os::unix::fs::MetadataExt as _;
    let _ = fs::remove_dir_all(folder);
    fs::create_dir(folder).expect("the temporary folder is writable");
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
    let me = fs::metadata(folder).expect("the folder is there");
    let accounts = fs::read_to_string("/etc/passwd").expect("there is a list of accounts");
    let find = |right: &dyn Fn(&str, u32) -> bool| {
        accounts.lines().find_map(|line| {
            let fields: Vec<_> = line.split(':').collect();
            let (uid, gid) = (fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?);
            right(fields[0], uid).then(|| (fields[0].to_owned(), uid, gid))
        })
    };
    let is_root = me.uid() == 0;
    let (name, uid, gid) = if is_root {
        find(&|name, _| name == "mail").expect("there is an account mail")
    } else {
        find(&|_, uid| uid == me.uid()).expect("the account that runs the tests has a name")
    };
    let groups = fs::read_to_string("/etc/group").expect("there is a list of groups");
    let group = groups
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.get(2).and_then(|id| id.parse().ok()) == Some(gid))
        .map_or("nogroup".to_owned(), |fields| fields[0].to_owned());
    Owner { name, group, uid, gid, is_root }
}

fn own(owner: &Owner, path: &Path) {
    if owner.is_root {
        chown(path, Some(owner.uid), Some(owner.gid)).expect("root may give files away");
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}

/// Ports that are free at this moment.
fn free_addresses() -> [SocketAddr; 5] {
    let listeners = [(); 5]
        .map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port"));
    listeners.map(|listener| listener.local_addr().expect("a bound socket has an address"))
}

fn first_line(address: SocketAddr) -> Option<String> {
    let socket = TcpStream::connect(address).ok()?;
    socket.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut line = String::new();
    BufReader::new(socket).read_line(&mut line).ok()?;
    Some(line)
}

/// Unlike any other server's, so that another that took the port is not taken for ours.
fn greeting(port: u16) -> String {
    format!("mailwire tests, port {port}.")
}

fn users() -> String {
    let mut text = String::new();
    for (name, password) in USERS {
        let extra = match *name {
            "carol" => "userdb_mail=sdbox:~/sdbox",
            "dave" => "userdb_mail=mdbox:~/mdbox",
            "quota" => "userdb_quota_rule=*:messages=3",
            _ => "",
        };
        let _ = writeln!(text, "{name}:{{PLAIN}}{password}::::::{extra}");
    }
    text
}

/// Makes an authority, a certificate for `localhost` and one for alice.
pub(crate) fn certificates(folder: &Path) {
    fs::create_dir(folder).expect("the folder is writable");
    let sign = |name: &str, subject: &str, by: Option<&str>, extensions: &[&str]| {
        let mut command = Command::new("openssl");
        command.current_dir(folder).stdin(Stdio::null());
        command.args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split(' '));
        command.args(["-days", "30", "-subj", &format!("/CN={subject}")]);
        command.args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")]);
        if let Some(by) = by {
            command.args(["-CA", &format!("{by}.pem"), "-CAkey", &format!("{by}.key")]);
        }
        for extension in extensions {
            command.args(["-addext", extension]);
        }
        let output = command.output().expect("openssl runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    const LEAF: &str = "basicConstraints=critical,CA:FALSE";
    sign("ca", "mailwire tests", None, &["keyUsage=critical,keyCertSign,cRLSign"]);
    sign(
        "server",
        "localhost",
        Some("ca"),
        &[LEAF, "subjectAltName=DNS:localhost,IP:127.0.0.1", "extendedKeyUsage=serverAuth"],
    );
    sign("alice", "alice", Some("ca"), &[LEAF, "extendedKeyUsage=clientAuth"]);
}

/// The server's configuration, for Dovecot 2.3.
fn config(folder: &Path, owner: &Owner, [imap, imaps, pop3, pop3s, lmtp]: [u16; 5]) -> String {
    let folder = folder.display();
    let greeting = greeting(imap);
    let Owner { name, group, uid, gid, is_root } = owner;
    let mut text = format!(
        r#"
base_dir = {folder}/run
state_dir = {folder}/run
instance_name = mailwire-{imap}
log_path = {folder}/log
protocols = imap pop3 lmtp
listen = 127.0.0.1
login_greeting = {greeting}
mail_max_userip_connections = 1000
mail_fsync = never

disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 apop anonymous external xoauth2 oauthbearer
auth_anonymous_username = anon
auth_failure_delay = 0
# Any: else no login with 8-bit.
auth_username_chars =
auth_ssl_username_from_cert = yes
# Else each failed login makes the later ones from the same address wait.
login_trusted_networks = 127.0.0.0/8

ssl = yes
ssl_cert = <{folder}/tls/server.pem
ssl_key = <{folder}/tls/server.key
ssl_ca = <{folder}/tls/ca.pem
ssl_verify_client_cert = yes
ssl_require_crl = no
ssl_cert_username_field = commonName
ssl_min_protocol = TLSv1.2

passdb {{
  driver = static
  mechanisms = external
  args = nopassword=y
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
  default_fields = uid={uid} gid={gid} home={folder}/mail/%u
}}
first_valid_uid = 1

mail_home = {folder}/mail/%u
mail_location = maildir:~/Maildir:LAYOUT=fs
mail_attribute_dict = file:%h/dovecot-attributes
mail_plugins = acl quota zlib notify
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    special_use = \Drafts
    auto = subscribe
  }}
  mailbox Sent {{
    special_use = \Sent
    auto = create
  }}
  mailbox Trash {{
    special_use = \Trash
    auto = no
  }}
}}
namespace shared {{
  type = shared
  separator = /
  prefix = shared/%%u/
  location = maildir:%%h/Maildir:LAYOUT=fs:INDEXPVT=~/shared/%%u
  subscriptions = no
  list = children
}}
plugin {{
  acl = vfile
  acl_shared_dict = file:{folder}/shared-mailboxes
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=2G
}}
protocol imap {{
  mail_plugins = $mail_plugins imap_acl imap_quota imap_zlib
  imap_metadata = yes
  imap_urlauth_host = localhost
  imap_id_send = name * version *
}}
protocol pop3 {{
  pop3_uidl_format = %08Xu%08Xv
  pop3_enable_last = yes
  pop3_lock_session = yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
  service_count = 0
  chroot =
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
  service_count = 0
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
# Else a login that follows a failed one waits for seconds.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener auth-userdb {{
    mode = 0666
  }}
}}
"#
    );
    if !is_root {
        // One account for all that Dovecot would separate.
        let _ = write!(
            text,
            "default_internal_user = {name}\n\
             default_internal_group = {group}\n\
             default_login_user = {name}\n\
             service anvil {{\n  chroot =\n}}\n\
             service stats {{\n  chroot =\n}}\n"
        );
    }
    text
}

/// The same, for whom it asks about OAuth tokens.
fn oauth_config(introspection: SocketAddr) -> String {
    format!(
        "introspection_mode = get\n\
         introspection_url = http://{introspection}/?token=\n\
         force_introspection = yes\n\
         username_attribute = username\n\
         active_attribute = active\n\
         active_value = true\n\
         openid_configuration_url = http://{introspection}/openid\n"
    )
}
