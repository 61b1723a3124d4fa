//! What the servers on loopback have in common: a folder, an owner of the mail, ports,
//! certificates, and a keeper that stops them whatever becomes of the test.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// As whom a server handles mail: who runs the tests, but never root.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    pub(crate) name: String,
    pub(crate) group: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) is_root: bool,
}

impl Owner {
    /// `account` is who it is if root runs the tests, by the list of accounts below `root`.
    pub(crate) fn find(root: &Path, account: &str) -> Self {
        let me = fs::metadata("/proc/self").expect("there is /proc").uid();
        let read = |file: &str| {
            fs::read_to_string(root.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
        };
        let accounts = read("etc/passwd");
        let is_root = me == 0;
        let (name, uid, gid) = accounts
            .lines()
            .find_map(|line| {
                let fields: Vec<_> = line.split(':').collect();
                let (uid, gid) = (fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?);
                let right = if is_root { fields[0] == account } else { uid == me };
                right.then(|| (fields[0].to_owned(), uid, gid))
            })
            .expect("there is an account to own the mail");
        let group = read("etc/group")
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .find(|fields| fields.get(2).and_then(|id| id.parse().ok()) == Some(gid))
            .map_or("nogroup".to_owned(), |fields| fields[0].to_owned());
        Self { name, group, uid, gid, is_root }
    }

    /// Gives a file or folder to the owner.
    pub(crate) fn give(&self, path: &Path) {
        if self.is_root {
            chown(path, Some(self.uid), Some(self.gid)).expect("root may give files away");
        }
    }

    /// The same with all that is in a folder.
    pub(crate) fn give_all(&self, folder: &Path) {
        self.give(folder);
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.give_all(&entry.path()),
                _ => self.give(&entry.path()),
            }
        }
    }
}

/// Makes an empty folder for a server, below `root`; the second path is how the server, whose
/// root that is, sees it. It is short: the paths of Unix sockets in it may have at most 107
/// bytes.
pub(crate) fn folder(root: &Path) -> (PathBuf, PathBuf) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let temp = if root == Path::new("/") { std::env::temp_dir() } else { "/tmp".into() };
    let inner = temp.join(format!("mw-{}-{number}", std::process::id()));
    let outer = root.join(inner.strip_prefix("/").expect("the temporary folder is absolute"));
    let _ = fs::remove_dir_all(&outer);
    fs::create_dir(&outer).expect("the temporary folder is writable");
    fs::set_permissions(&outer, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
    (outer, inner)
}

pub(crate) fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}

/// Where the scripts in `tests/servers` put what Debian does not let stand beside each other.
pub(crate) fn unpacked(name: &str) -> PathBuf {
    let is_root = fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    std::env::var_os("MAILWIRE_SERVERS")
        .map(PathBuf::from)
        .or_else(|| is_root.then(|| "/var/cache/mailwire".into()))
        .or_else(|| std::env::home_dir().map(|home| home.join(".cache/mailwire")))
        .unwrap_or_default()
        .join(name)
}

/// The programs of these names that are not on PATH.
pub(crate) fn not_on_path(names: &[&str]) -> Option<String> {
    let folders: Vec<_> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    let absent: Vec<_> = names
        .iter()
        .copied()
        .filter(|name| !folders.iter().any(|folder| folder.join(name).is_file()))
        .collect();
    (!absent.is_empty()).then(|| format!("no {} on PATH", absent.join(", no ")))
}

/// Starts a server, if nothing is `missing` for it; else says so and gives `None`, or panics
/// under `CI=true`. A port that was free may be taken by the time the server binds it, hence
/// the trying again.
pub(crate) fn start<T>(
    name: &str,
    missing: Option<String>,
    mut start: impl FnMut() -> Result<T, String>,
) -> Option<T> {
    if let Some(missing) = missing {
        let missing = format!("{name}: {missing}; tests/run installs what is needed (on Debian)");
        let ci = std::env::var("CI").is_ok_and(|v| v == "true");
        assert!(!ci, "{missing}");
        // Not eprintln!: that the test harness would swallow.
        let _ = writeln!(io::stderr(), "SKIPPED: {missing}");
        return None;
    }
    let mut why = String::new();
    for _ in 0..4 {
        match start() {
            Ok(server) => return Some(server),
            Err(e) => why = e,
        }
    }
    panic!("{name} does not start: {why}");
}

/// Ports that are free at this moment.
pub(crate) fn free_addresses<const N: usize>() -> [SocketAddr; N] {
    let listeners = [(); N]
        .map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port"));
    listeners.map(|listener| listener.local_addr().expect("a bound socket has an address"))
}

/// Puts an authority, a certificate for `localhost` and one for alice into a new folder: the same
/// for all servers of a test process.
pub(crate) fn certificates(folder: &Path) {
    static FILES: OnceLock<Vec<(OsString, Vec<u8>)>> = OnceLock::new();
    let files = FILES.get_or_init(|| {
        let (made, _) = self::folder("/".as_ref());
        make_certificates(&made);
        let files = fs::read_dir(&made).expect("they were made").map(|entry| {
            let entry = entry.expect("they can be listed");
            (entry.file_name(), fs::read(entry.path()).expect("they can be read"))
        });
        let files = files.collect();
        let _ = fs::remove_dir_all(&made);
        files
    });
    fs::create_dir(folder).expect("the folder is writable");
    for (name, content) in files {
        fs::write(folder.join(name), content).expect("the folder is writable");
    }
}

/// The certificate, in PEM, of an authority that signed none of the servers' certificates. It
/// stands in `folder`, which must be there.
pub fn strange_ca(folder: &Path) -> PathBuf {
    make_certificates(folder);
    folder.join("ca.pem")
}

fn make_certificates(folder: &Path) {
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

/// Runs the server until its own standard input ends, which happens when the test drops it
/// or dies; then removes the folder. `exited` tells the test that the server gave up before.
/// The kill goes to the whole session, and to all that has its environment: asked to end,
/// servers wait for their logs, and leave processes behind as long as they have clients.
const KEEPER: &str = r#"
folder=$1
shift
exec 3<&0
MAILWIRE_SERVER=$folder setsid "$@" 3<&- >>"$folder/log" 2>&1 &
server=$!
end() {
    kill -KILL -$server
    # What stands behind the name: state, parent, group, session.
    for process in /proc/[0-9]*; do
        read -r line <$process/stat || continue
        set -- ${line##*) }
        [ "$4" != $server ] || kill -KILL ${process#/proc/}
    done
    for process in $(grep -lszxF "MAILWIRE_SERVER=$folder" /proc/[0-9]*/environ); do
        process=${process#/proc/}
        kill -KILL ${process%/environ}
    done
}
{ read -r _ <&3; end; } 2>/dev/null &
ender=$!
wait $server
: >"$folder/exited"
wait $ender
rm -rf "$folder"
"#;

/// Keeps a server running. Dropping it stops the server and removes its folder; so does the
/// end of the test process, whatever the cause.
#[derive(Debug)]
pub(crate) struct Keeper {
    folder: PathBuf,
    child: Child,
}

impl Keeper {
    /// Runs a command that stays in the foreground, in `folder`, where its output goes to `log`.
    pub(crate) fn start<A: AsRef<OsStr>>(
        folder: &Path,
        command: impl IntoIterator<Item = A>,
        environment: &[(&str, &OsStr)],
    ) -> Self {
        let child = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(folder)
            .args(command)
            .envs(environment.iter().copied())
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // So that an interrupt from the keyboard leaves it time to clean up.
            .process_group(0)
            .spawn()
            .expect("there is a shell");
        Self { folder: folder.into(), child }
    }

    /// Waits until the first line that comes from `address` has this in it.
    pub(crate) fn wait_for(&self, address: SocketAddr, greeting: &str) -> Result<(), String> {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            if self.folder.join("exited").exists() || Instant::now() > end {
                return Err(self.log());
            }
            if first_line(address).is_some_and(|line| line.contains(greeting)) {
                return Ok(());
            }
            sleep(Duration::from_millis(10));
        }
    }

    /// What the server wrote so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn first_line(address: SocketAddr) -> Option<String> {
    let socket = TcpStream::connect(address).ok()?;
    socket.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut line = String::new();
    BufReader::new(socket).read_line(&mut line).ok()?;
    Some(line)
}
