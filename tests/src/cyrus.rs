//! A real server: Cyrus on loopback, made anew for each test that asks for one.
//!
//! ```no_run
//! use mailwire_tests::cyrus::Cyrus;
//!
//! # fn test() {
//! let Some(server) = Cyrus::start() else { return };
//! let socket = std::net::TcpStream::connect(server.imap).unwrap();
//! # }
//! ```
//!
//! `tests/run` installs what this needs; where that is missing [`Cyrus::start`] says so and
//! gives `None`; under `CI=true` it panics.

use crate::harness::{
    self, Keeper, Owner, certificates, free_addresses, not_on_path, start, unpacked, write,
};
use mailwire::imap::ClientError;
use mailwire::imap::blocking::Client;
use mailwire::io::Std;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The users, each with a password. cyrusadm may do everything to everybody's mailboxes.
pub const USERS: &[(&str, &str)] =
    &[("alice", "password"), ("bob", "p\"a\\ss word€"), ("carol", "carol"), ("cyrusadm", "admin")];

/// The server's name, as in its URLs, and the realm of the users.
const NAME: &str = "localhost";

/// A running server with mailboxes of its own. Dropping it stops it and removes its files;
/// so does the end of the test process, whatever the cause.
#[derive(Debug)]
pub struct Cyrus {
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
}

/// Where a version of Cyrus is, and how it is run.
struct Version {
    /// Its root, in which it runs.
    root: PathBuf,
    /// What its paths begin with, in this root.
    prefix: PathBuf,
    /// Lines for this version only.
    settings: &'static str,
}

impl Cyrus {
    /// Starts the version that Debian 12 has, 3.6, and waits until it answers. `None`, and a
    /// line on standard error, if it is not installed.
    ///
    /// # Panics
    ///
    /// If it does not start; if it is not installed and `CI=true`.
    pub fn start() -> Option<Self> {
        let prefix = unpacked("cyrus");
        let missing = (!prefix.join("stamp").exists()).then(|| format!("no {}", prefix.display()));
        let missing = missing.or_else(|| not_on_path(&["openssl", "setsid", "sh"]));
        start("Cyrus", missing, || {
            Self::try_start(&Version { root: "/".into(), prefix: prefix.clone(), settings: "" })
        })
    }

    /// Starts version 3.10, which `tests/run-trixie` installs in a folder that is its root.
    /// `None`, and a line on standard error, if it is not there.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    pub fn start_3_10() -> Option<Self> {
        let root = unpacked("trixie");
        let missing = (!root.join("stamp").exists()).then(|| format!("no {}", root.display()));
        start("Cyrus 3.10", missing, || {
            Self::try_start(&Version {
                root: root.clone(),
                prefix: "/".into(),
                settings: "allowstarttls: on\n",
            })
        })
    }

    fn try_start(version: &Version) -> Result<Self, String> {
        let Version { root, prefix, settings } = version;
        let (folder, inner) = harness::folder(root);
        let owner = Owner::find(root, "mail");
        let addresses @ [imap, imaps, pop3, pop3s] = free_addresses();
        for name in ["conf", "spool", "tmp", "sieve"] {
            fs::create_dir(folder.join(name)).expect("the folder is writable");
        }
        for name in [
            "socket", "proc", "lock", "db", "log", "msg", "ptclient", "user", "sieve", "quota",
            "backup",
        ] {
            fs::create_dir(folder.join("conf").join(name)).expect("the folder is writable");
        }
        certificates(&folder.join("tls"));
        write(&folder.join("imapd.conf"), &(imapd_conf(&inner, &owner) + settings));
        write(&folder.join("cyrus.conf"), &cyrus_conf(&inner, prefix, addresses));
        let environment = environment(version);
        let environment: Vec<_> =
            environment.iter().map(|(name, value)| (*name, value.as_os_str())).collect();
        for (user, password) in USERS {
            let saslpasswd2 = program(root, prefix, "usr/sbin/saslpasswd2");
            let mut child = Command::new(&saslpasswd2[0])
                .args(&saslpasswd2[1..])
                .args(["-p", "-c", "-u", NAME, "-f"])
                .arg(inner.join("sasldb2"))
                .arg(user)
                .envs(environment.iter().copied())
                .stdin(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("saslpasswd2 runs");
            let mut input = child.stdin.take().expect("it is piped");
            input.write_all(password.as_bytes()).expect("saslpasswd2 takes the password");
            drop(input);
            assert!(child.wait().is_ok_and(|status| status.success()), "saslpasswd2 failed");
        }
        owner.give_all(&folder);
        let mut command = program(root, prefix, "usr/lib/cyrus/bin/master");
        for (option, file) in [("-C", "imapd.conf"), ("-M", "cyrus.conf"), ("-p", "master.pid")] {
            command.extend([option.into(), inner.join(file).into()]);
        }
        let keeper = Keeper::start(&folder, &command, &environment);
        keeper.wait_for(imap, "Cyrus IMAP")?;
        for (user, password) in &USERS[..3] {
            make_inbox(imap, user, password).map_err(|e| format!("{user}: {e}"))?;
        }
        // Another server may have taken the port, and the users are the same.
        if fs::read_dir(folder.join("spool")).into_iter().flatten().next().is_none() {
            return Err("another server answers".into());
        }
        Ok(Self { imap, imaps, pop3, pop3s, folder, keeper })
    }

    /// What the server wrote so far. Most it would write to syslog.
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
}

/// Cyrus makes a user's INBOX, and what else each is to have, when it is selected first. Before,
/// the user can make no mailbox.
fn make_inbox(address: SocketAddr, user: &str, password: &str) -> Result<(), String> {
    let socket = TcpStream::connect(address).map_err(|e| e.to_string())?;
    let (mut rx, mut tx) = ([0; 1024], [0; 256]);
    let session = || {
        let mut mail = Client::connect(Std(socket), &mut rx, &mut tx)?;
        mail.login(user, password)?;
        mail.select("INBOX")?;
        mail.logout()
    };
    session().map(drop).map_err(|e: ClientError<_>| format!("{e:?}"))
}

/// The words that run a program of the server.
fn program(root: &Path, prefix: &Path, file: &str) -> Vec<OsString> {
    let file = prefix.join(file).into();
    match root == Path::new("/") {
        true => vec![file],
        false => vec!["chroot".into(), root.into(), file],
    }
}

/// Where the libraries are, unless they are in their own root.
fn environment(version: &Version) -> Vec<(&'static str, OsString)> {
    let Version { root, prefix, .. } = version;
    if root != Path::new("/") {
        return Vec::new();
    }
    let with_machine = |lib: &str| {
        let entries = fs::read_dir(prefix.join(lib)).into_iter().flatten().flatten();
        let mut paths = entries.map(|entry| entry.path());
        paths.find(|path| path.to_string_lossy().ends_with("-linux-gnu")).unwrap_or_default()
    };
    let (usr, lib) = (with_machine("usr/lib"), with_machine("lib"));
    let plugins = usr.join("sasl2").into_os_string();
    let libraries = std::env::join_paths([usr, lib]).expect("no path has a colon in it");
    vec![("LD_LIBRARY_PATH", libraries), ("SASL_PATH", plugins)]
}

fn imapd_conf(folder: &Path, owner: &Owner) -> String {
    let folder = folder.display();
    let Owner { name: user, group, .. } = owner;
    format!(
        r#"servername: {NAME}
cyrus_user: {user}
cyrus_group: {group}
configdirectory: {folder}/conf
partition-default: {folder}/spool
defaultpartition: default
temp_path: {folder}/tmp
proc_path: {folder}/conf/proc
mboxname_lockpath: {folder}/conf/lock
idlesocket: {folder}/conf/socket/idle
lmtpsocket: {folder}/conf/socket/lmtp
notifysocket: {folder}/conf/socket/notify
sievedir: {folder}/sieve
admins: cyrusadm
virtdomains: off
altnamespace: yes
unixhierarchysep: yes
sharedprefix: Shared Folders
userprefix: Other Users
autocreate_quota: 1000000
autocreate_inbox_folders: Drafts|Sent|Trash
autocreate_subscribe_folders: Drafts|Sent
xlist-drafts: Drafts
xlist-sent: Sent
xlist-trash: Trash
specialusealways: yes
allowplaintext: yes
allowapop: yes
poptimeout: 10
popminpoll: 0
expunge_mode: delayed
delete_mode: immediate
conversations: yes
conversations_db: twoskip
imapidlepoll: 1
idresponse: on
munge8bit: no
reject8bithdr: no
allowallsubscribe: yes
annotation_allow_undefined: yes
search_engine: none
event_extra_params: timestamp
duplicatesuppression: no
failedloginpause: 0
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {folder}/sasldb2
sasl_mech_list: PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512 EXTERNAL ANONYMOUS
allowanonymouslogin: yes
sasl_minimum_layer: 0
tls_server_cert: {folder}/tls/server.pem
tls_server_key: {folder}/tls/server.key
tls_client_ca_file: {folder}/tls/ca.pem
tls_client_certs: optional
tls_versions: tls1_2 tls1_3
"#
    )
}

fn cyrus_conf(folder: &Path, prefix: &Path, addresses: [SocketAddr; 4]) -> String {
    let [imap, imaps, pop3, pop3s] = addresses;
    let bin = prefix.join("usr/lib/cyrus/bin");
    let (bin, conf) = (bin.display(), folder.join("imapd.conf"));
    let conf = conf.display();
    format!(
        r#"START {{
  recover cmd="{bin}/ctl_cyrusdb -C {conf} -r"
  idled cmd="{bin}/idled -C {conf}"
}}
SERVICES {{
  imap cmd="{bin}/imapd -C {conf}" listen="{imap}" prefork=0 maxchild=100
  imaps cmd="{bin}/imapd -C {conf} -s" listen="{imaps}" prefork=0 maxchild=100
  pop3 cmd="{bin}/pop3d -C {conf}" listen="{pop3}" prefork=0 maxchild=100
  pop3s cmd="{bin}/pop3d -C {conf} -s" listen="{pop3s}" prefork=0 maxchild=100
}}
EVENTS {{
}}
"#
    )
}
