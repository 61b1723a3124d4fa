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

use crate::harness::{
    self, Keeper, Owner, certificates, free_addresses, not_on_path, start, unpacked, write,
};
use crate::oauth::Introspection;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

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

/// Who is told to log in elsewhere, and the password.
pub const REFERRED: (&str, &str) = ("refer", "refer");

const NEEDED: &[&str] = &["dovecot", "doveadm", "openssl", "setsid", "sh"];

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
    root: PathBuf,
    folder: PathBuf,
    /// The folder as the server sees it.
    inner: PathBuf,
    owner: Owner,
    keeper: Keeper,
    /// Of the times before it was started anew. They remove the folder.
    before: Vec<Keeper>,
    /// Kept for as long as the server runs, which asks it.
    _introspection: Introspection,
}

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
        let missing = not_on_path(NEEDED);
        start("Dovecot", missing, || Self::try_start("/".into(), settings, &[]))
    }

    /// [`start`](Self::start), with more users, whose password is "password". Their mail is kept in
    /// Maildirs; their names must not hold colons.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub fn start_with_users(more: &[String]) -> Option<Self> {
        let missing = not_on_path(NEEDED);
        start("Dovecot", missing, || Self::try_start("/".into(), "", more))
    }

    /// Starts Dovecot 2.4, which `tests/run-trixie` installs in a folder that is its root.
    /// `None`, and a line on standard error, if it is not there.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub fn start_2_4() -> Option<Self> {
        let root = unpacked("trixie");
        let missing = (!root.join("stamp").exists()).then(|| format!("no {}", root.display()));
        start("Dovecot 2.4", missing, || Self::try_start(root.clone(), "", &[]))
    }

    fn try_start(root: PathBuf, settings: &str, more: &[String]) -> Result<Self, String> {
        let (folder, inner) = harness::folder(&root);
        let owner = Owner::find(&root, "mail");
        let addresses @ [imap, imaps, pop3, pop3s, lmtp] = free_addresses();
        let ports = addresses.map(|address| address.port());
        let introspection = Introspection::start();
        let config = match root == Path::new("/") {
            true => config(&inner, &owner, ports),
            false => config_2_4(&inner, &owner, ports, introspection.address),
        };
        write(&folder.join("dovecot.conf"), &(config + settings));
        write(&folder.join("oauth2.conf"), &oauth_config(introspection.address));
        write(&folder.join("users"), &users(more));
        write(&folder.join("shared-mailboxes"), "");
        fs::create_dir(folder.join("mail")).expect("the folder is writable");
        for file in ["shared-mailboxes", "mail", ""] {
            owner.give(&folder.join(file));
        }
        certificates(&folder.join("tls"));
        let keeper = keep(&root, &folder, &inner);
        keeper.wait_for(imap, &greeting(imap.port()))?;
        let _introspection = introspection;
        Ok(Self {
            imap,
            imaps,
            pop3,
            pop3s,
            lmtp,
            root,
            folder,
            inner,
            owner,
            keeper,
            before: Vec::new(),
            _introspection,
        })
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
        let maildir = self.mail().join(user).join("Maildir");
        let [tmp, new] = ["tmp", "new"].map(|name| maildir.join(name));
        for name in ["cur", "tmp", "new"] {
            fs::create_dir_all(maildir.join(name)).expect("the mail is writable");
            self.owner.give(&maildir.join(name));
        }
        self.owner.give(&maildir);
        self.owner.give(maildir.parent().unwrap_or(&maildir));
        for message in messages {
            // Dovecot numbers new files in the order of their names.
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("1700000000.M{count:09}.localhost");
            let file = tmp.join(&name);
            fs::write(&file, message).expect("the mail is writable");
            self.owner.give(&file);
            fs::rename(&file, new.join(&name)).expect("the mail is writable");
        }
    }

    /// The folder with a folder for each user's mail, which belongs to its owner.
    pub fn mail(&self) -> PathBuf {
        self.folder.join("mail")
    }

    /// Runs `doveadm` on this server, as `["mailbox", "create", "-u", "alice", "Work"]`, and
    /// returns what it printed.
    ///
    /// # Panics
    ///
    /// If it fails.
    pub fn doveadm<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> String {
        let program = program(&self.root, "doveadm");
        let output = Command::new(&program[0])
            .args(&program[1..])
            .arg("-c")
            .arg(self.inner.join("dovecot.conf"))
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("doveadm runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "doveadm: {error}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Ends the server, with its goodbyes. Mail can still be [dropped in](Self::drop_in).
    ///
    /// # Panics
    ///
    /// If it does not end.
    pub fn stop(&self) {
        self.doveadm(["stop"]);
        let exited = self.folder.join("exited");
        for _ in 0..2000 {
            if exited.exists() {
                fs::remove_file(&exited).expect("the folder is writable");
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("Dovecot does not end: {}", self.log());
    }

    /// Starts the server anew after [`stop`](Self::stop).
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub fn start_again(&mut self) {
        let keeper = keep(&self.root, &self.folder, &self.inner);
        self.before.push(std::mem::replace(&mut self.keeper, keeper));
        let started = self.keeper.wait_for(self.imap, &greeting(self.imap.port()));
        started.unwrap_or_else(|why| panic!("Dovecot does not start again: {why}"));
    }

    /// How much time the server's processes took of the processors so far, but for those that were
    /// ended by others than the server.
    ///
    /// # Panics
    ///
    /// If the server does not run.
    pub fn cpu_time(&self) -> Duration {
        let master = fs::read_to_string(self.folder.join("run/master.pid")).expect("it runs");
        // What stands behind the name, which may hold anything: the third field of proc(5) first.
        let fields = |pid: &str| -> Option<Vec<u64>> {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            let (_, fields) = stat.rsplit_once(") ")?;
            Some(fields.split(' ').map(|field| field.parse().unwrap_or(0)).collect())
        };
        let master = master.trim();
        let id: u64 = master.parse().expect("a number");
        let mut ticks: u64 = fields(master).expect("it runs")[11..15].iter().sum();
        for entry in fs::read_dir("/proc").expect("there is /proc").flatten() {
            let name = entry.file_name();
            match fields(&name.to_string_lossy()) {
                Some(of) if of.get(1) == Some(&id) => ticks += of[11] + of[12],
                _ => {}
            }
        }
        // There are 100 in a second on every Linux.
        Duration::from_millis(ticks * 10)
    }

    /// Deletes all mail of `user`; UIDs go on counting.
    pub fn reset(&self, user: &str) {
        self.doveadm(["expunge", "-u", user, "mailbox", "*", "all"]);
    }
}

/// Runs the server.
fn keep(root: &Path, folder: &Path, inner: &Path) -> Keeper {
    let config = inner.join("dovecot.conf");
    let command = program(root, "dovecot");
    let arguments = ["-F".as_ref(), "-c".as_ref(), config.as_os_str()];
    Keeper::start(folder, command.iter().map(AsRef::as_ref).chain(arguments), &[])
}

/// The words that run a program of the server.
fn program(root: &Path, name: &str) -> Vec<OsString> {
    if root == Path::new("/") {
        return vec![name.into()];
    }
    let name = if name == "dovecot" { "/usr/sbin/dovecot" } else { "/usr/bin/doveadm" };
    vec!["chroot".into(), root.into(), name.into()]
}

/// Unlike any other server's, so that another that took the port is not taken for ours.
fn greeting(port: u16) -> String {
    format!("mailwire tests, port {port}.")
}

fn users(more: &[String]) -> String {
    let mut text = String::new();
    for (name, password) in USERS.iter().chain([&REFERRED]) {
        let extra = match *name {
            "carol" => "userdb_mail=sdbox:~/sdbox",
            "dave" => "userdb_mail=mdbox:~/mdbox",
            "quota" => "userdb_quota_rule=*:messages=3",
            "refer" => "nologin=y host=elsewhere.example",
            _ => "",
        };
        let _ = writeln!(text, "{name}:{{PLAIN}}{password}::::::{extra}");
    }
    for name in more {
        let _ = writeln!(text, "{name}:{{PLAIN}}password::::::");
    }
    text
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

/// The server's configuration, for Dovecot 2.4.
fn config_2_4(folder: &Path, owner: &Owner, ports: [u16; 5], introspection: SocketAddr) -> String {
    let [imap, imaps, pop3, pop3s, lmtp] = ports;
    let folder = folder.display();
    let greeting = greeting(imap);
    let Owner { uid, gid, .. } = owner;
    format!(
        r#"
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = {folder}/run
state_dir = {folder}/run
instance_name = mailwire-{imap}
log_path = {folder}/log
protocols = imap pop3 lmtp
listen = 127.0.0.1
login_greeting = {greeting}
mail_utf8_extensions = yes
mail_max_userip_connections = 1000
mail_fsync = never

auth_allow_cleartext = yes
auth_mechanisms = plain login cram-md5 digest-md5 scram-sha-1 scram-sha-256 apop anonymous external xoauth2 oauthbearer
auth_anonymous_username = anon
auth_failure_delay = 0
auth_username_chars =
auth_ssl_username_from_cert = yes
login_trusted_networks = 127.0.0.0/8

ssl = yes
ssl_server_cert_file = {folder}/tls/server.pem
ssl_server_key_file = {folder}/tls/server.key
ssl_server_ca_file = {folder}/tls/ca.pem
ssl_server_request_client_cert = yes
ssl_server_require_crl = no
ssl_server_cert_username_field = commonName
ssl_min_protocol = TLSv1.2

passdb static {{
  mechanisms_filter = external
  fields {{
    nopassword = yes
  }}
}}
passdb oauth2 {{
  mechanisms_filter = xoauth2 oauthbearer
}}
oauth2 {{
  introspection_mode = get
  introspection_url = http://{introspection}/?token=
  force_introspection = yes
  username_attribute = username
  active_attribute = active
  active_value = true
  openid_configuration_url = http://{introspection}/openid
}}
passdb passwd-file {{
  passwd_file_path = {folder}/users
  default_password_scheme = PLAIN
}}
userdb passwd-file {{
  passwd_file_path = {folder}/users
  fields {{
    uid:default = {uid}
    gid:default = {gid}
    home:default = {folder}/mail/%{{user}}
  }}
}}
first_valid_uid = 1

mail_home = {folder}/mail/%{{user}}
mail_driver = maildir
mail_path = ~/Maildir
mailbox_list_layout = fs
mail_attribute {{
  dict file {{
    path = %{{home}}/dovecot-attributes
  }}
}}
mail_plugins {{
  acl = yes
  quota = yes
  notify = yes
}}
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
  prefix = shared/$user/
  mail_path = %{{owner_home}}/Maildir
  mail_index_private_path = ~/shared/%{{owner_user}}
  subscriptions = no
  list = children
}}
acl_driver = vfile
acl_sharing_map {{
  dict file {{
    path = {folder}/shared-mailboxes
  }}
}}
quota "User quota" {{
  driver = count
  storage_size = 2G
}}
protocol imap {{
  mail_plugins {{
    imap_acl = yes
    imap_quota = yes
  }}
  imap_metadata = yes
  imap_urlauth_host = localhost
}}
protocol pop3 {{
  pop3_uidl_format = %{{uid | hex(8)}}%{{uidvalidity | hex(8)}}
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
  restart_request_count = unlimited
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
  restart_request_count = unlimited
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    listen = 127.0.0.1
    port = {lmtp}
  }}
}}
"#
    )
}
