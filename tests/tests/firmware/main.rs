//! The firmware of `examples/firmware` in QEMU, on a real Dovecot: that it watches, that it
//! trusts nobody whom it should not, and that it keeps to its RAM.
//!
//! `tests/run` installs what this needs. Where that is missing the tests say so and pass; under
//! `CI=true` they fail.

mod flash;
mod impostor;

use mailwire_tests::dovecot::Dovecot;
use mailwire_tests::folder::Folder;
use mailwire_tests::proxy::Proxy;
use std::collections::HashMap;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const LM3S6965: &str = "thumbv7m-none-eabi";
const MPS2_AN386: &str = "thumbv7em-none-eabihf";
const HOST: &str = "";

fn firmware() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/firmware")
}

/// cargo, in the firmware's folder.
fn cargo() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(firmware());
    // They would win over the firmware's own.
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    cargo
}

/// The programs: of the host, and by target and name those of the devices.
type Programs = HashMap<(&'static str, String), PathBuf>;

/// Builds all of them, once; none if that is not possible here.
fn programs() -> Option<&'static Programs> {
    static BUILT: LazyLock<Option<Programs>> = LazyLock::new(|| {
        if let Some(missing) = missing() {
            let ci = std::env::var("CI").is_ok_and(|v| v == "true");
            assert!(!ci, "{missing}");
            // Not eprintln!: that the test harness would swallow.
            let _ = writeln!(io::stderr(), "SKIPPED: {missing}");
            return None;
        }
        let mut programs = Programs::new();
        let mut host = cargo();
        host.current_dir("/").arg("build").arg("--manifest-path");
        build(host.arg(firmware().join("host/Cargo.toml")), HOST, &mut programs);
        for (target, features) in [(LM3S6965, ""), (MPS2_AN386, "embassy")] {
            let mut device = cargo();
            device.args(["build", "--release", "--target", target, "--features", features]);
            build(&mut device, target, &mut programs);
        }
        let mut bare = cargo();
        bare.args(["build", "--release", "--target", LM3S6965, "-p", "bare"]);
        build(&mut bare, LM3S6965, &mut programs);
        Some(programs)
    });
    BUILT.as_ref()
}

fn build(cargo: &mut Command, target: &'static str, programs: &mut Programs) {
    let built = cargo.args(["--quiet", "--message-format=json"]).output().expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    for line in String::from_utf8_lossy(&built.stdout).lines() {
        let message: serde_json::Value = serde_json::from_str(line).expect("cargo speaks JSON");
        let name = message["target"]["name"].as_str();
        if let (Some(name), Some(path)) = (name, message["executable"].as_str()) {
            programs.insert((target, name.into()), path.into());
        }
    }
}

fn is_built() -> bool {
    programs().is_some()
}

/// Why no firmware can run here, if none can.
fn missing() -> Option<String> {
    if Command::new("qemu-system-arm").arg("--version").output().is_err() {
        return Some("no qemu-system-arm on PATH; tests/run installs it".into());
    }
    let root = Command::new("rustc").args(["--print", "sysroot"]).output().expect("rustc runs");
    let root = PathBuf::from(String::from_utf8_lossy(&root.stdout).trim());
    [LM3S6965, MPS2_AN386]
        .into_iter()
        .find(|target| !root.join("lib/rustlib").join(target).join("lib").exists())
        .map(|target| format!("no standard library for {target}; tests/run installs it"))
}

/// A folder for one device.
fn folder() -> Folder {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    Folder::create(&format!("firmware-{}", COUNT.fetch_add(1, Ordering::Relaxed)))
}
/// A device: what it keeps over a reset, and how it is set up.
struct Device {
    flash: Folder,
    binary: &'static str,
    target: &'static str,
    settings: Vec<String>,
    /// It is to fail.
    drills: bool,
}

/// What came of running a device.
struct Ran {
    status: ExitStatus,
    log: Vec<String>,
}

impl Device {
    /// Trusts the authority, whose certificate is in PEM.
    fn new(binary: &'static str, target: &'static str, port: u16, authority: &Path) -> Self {
        let flash = folder();
        openssl(
            &flash.path,
            &["x509", "-outform", "DER", "-out", "ca.der", "-in", &authority.to_string_lossy()],
        );
        let settings = ["user=alice", "password=password", "tries=1"].map(String::from);
        let mut this = Self { flash, binary, target, settings: settings.into(), drills: false };
        this.set("port", &port.to_string());
        this
    }

    fn set(&mut self, name: &str, value: &str) {
        self.settings.push(format!("{name}={value}"));
    }

    /// Makes what it kept unreadable.
    fn damage(&self) {
        let path = self.flash.path.join("flash");
        let mut bytes = fs::read(&path).expect("it has kept something");
        bytes.iter_mut().for_each(|byte| *byte &= 0x55);
        fs::write(&path, bytes).expect("it is writable");
    }

    /// Runs it until it ends, which it must soon. `watch` sees each line of its log as it comes.
    fn run(&self, mut watch: impl FnMut(&str)) -> Ran {
        self.run_until(|line| {
            watch(line);
            false
        })
    }

    /// The same; the plug is pulled once `watch` says so.
    fn run_until(&self, mut watch: impl FnMut(&str) -> bool) -> Ran {
        let programs = programs().expect("they are built");
        let program = |target, name: &str| &programs[&(target, name.to_owned())];
        let mut child = Command::new(program(HOST, "host"))
            .arg(program(self.target, self.binary))
            .args(&self.settings)
            .env("MAILWIRE_FLASH", &self.flash.path)
            .env("MAILWIRE_SECONDS", "60")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it was built");
        let mut log = Vec::new();
        for line in BufReader::new(child.stdout.take().expect("it is piped")).lines() {
            let line = line.expect("the log is UTF-8");
            // It starts anew then, and would do so for ever.
            let failed = line.contains("ERROR panic at ") || line.contains("ERROR fault at ");
            let off = watch(&line) || failed && !self.drills;
            log.push(line);
            if off {
                let plug = child.stdin.as_mut().expect("it is piped");
                plug.write_all(b"off\n").expect("it runs");
            }
        }
        Ran { status: child.wait().expect("it ends"), log }
    }
}

impl Ran {
    #[track_caller]
    fn assert_success(&self) {
        assert!(self.status.success(), "{}: {:#?}", self.status, self.log);
    }

    fn count(&self, part: &str) -> usize {
        self.log.iter().filter(|line| line.contains(part)).count()
    }

    /// `RAM: 29184 static, 23392 stack, 12960 free`
    #[track_caller]
    fn ram(&self) -> usize {
        let line = self.log.iter().find_map(|line| line.split_once("RAM: ")).expect("it says so").1;
        let mut words = line.split(' ').filter_map(|word| word.parse::<usize>().ok());
        let mut next = || words.next().expect("a number");
        let (statics, stack, free) = (next(), next(), next());
        assert_ne!(free, 0, "the stack has run into the static variables");
        statics + stack
    }
}

#[track_caller]
fn openssl(folder: &Path, arguments: &[&str]) {
    let output =
        Command::new("openssl").current_dir(folder).args(arguments).output().expect("openssl runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn budget(name: &str) -> usize {
    let text = include_str!("../../budgets.toml");
    let section = text.split_once("[firmware]\n").expect("the section").1;
    section
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(" = ")?.parse().ok())
        .expect("the number")
}

const ALERT: &[u8] = b"From: pager@example.org\r\nSubject: disk full\r\n\r\n/dev/sda1: 100 %\r\n";

/// What other mailbox was told, by message.
fn told(server: &Dovecot) -> usize {
    let text = server.doveadm(["fetch", "-u", "alice", "text", "mailbox", "Sent"]);
    text.matches("Subject: seen by device").count()
}

/// It finds what comes while it idles, and, at the next start, what came since; once each.
fn watches(binary: &'static str, target: &'static str) -> Option<usize> {
    if !is_built() {
        return None;
    }
    let server = Dovecot::start()?;
    server.deliver("alice", b"Subject: old\r\n\r\n");
    let mut device = Device::new(binary, target, server.imaps.port(), &server.ca_pem());
    device.set("told", "Sent");
    device.set("alerts", "1");
    let ran = device.run(|line| {
        if line.ends_with("INFO caught up") {
            server.deliver("alice", ALERT);
        }
    });
    ran.assert_success();
    assert_eq!(ran.count("alert: "), 1, "{:#?}", ran.log);
    let alert = "alert: UID 2 from pager@example.org: disk full";
    assert_eq!(ran.count(alert), 1, "{:#?}", ran.log);
    assert_eq!(ran.count("text: /dev/sda1: 100 %"), 1, "{:#?}", ran.log);
    assert!(ran.count("LED on") >= 3, "{:#?}", ran.log);
    assert_eq!(told(&server), 1);
    // EXAMINE has left it unseen.
    let flags = server.doveadm(["fetch", "-u", "alice", "flags", "mailbox", "INBOX"]);
    assert!(!flags.contains("Seen"), "{flags}");

    server.deliver("alice", ALERT);
    let again = device.run(|_| {});
    again.assert_success();
    assert_eq!(again.count("alert: "), 1, "{:#?}", again.log);
    assert_eq!(again.count("alert: UID 3 from pager"), 1, "{:#?}", again.log);
    assert_eq!(told(&server), 2);
    Some(ran.ram().max(again.ram()))
}

#[test]
fn watches_on_a_cortex_m3_within_its_ram() {
    if let Some(ram) = watches("watch", LM3S6965) {
        let budget = budget("ram");
        println!("ram {ram}");
        assert!(ram * 100 <= budget * 102, "{ram} bytes of RAM, and {budget} are the budget");
    }
}

#[test]
fn watches_on_a_cortex_m4f() {
    watches("watch", MPS2_AN386);
}

#[test]
fn watches_with_an_executor() {
    watches("watch-async", MPS2_AN386);
}

/// Whatever happens to the device, the link and the server: each message is told, and none twice
/// once it was acknowledged.
#[test]
fn misses_nothing() {
    if !is_built() {
        return;
    }
    let Some(mut server) = Dovecot::start() else { return };
    let proxy = Proxy::start(server.imaps);
    let mut device = Device::new("watch", LM3S6965, proxy.address.port(), &server.ca_pem());
    for (name, value) in [("tries", "0"), ("told", "Sent"), ("idle", "2"), ("patience", "2")] {
        device.set(name, value);
    }
    // On a new device, all from now on.
    server.deliver("alice", ALERT);
    let first = device.run_until(|line| line.ends_with("INFO caught up"));
    assert_eq!(first.count("alert: "), 0, "{:#?}", first.log);

    // While it was off, and while it starts. Then it loses its power in the middle of an alert.
    server.deliver("alice", ALERT);
    let mut started = false;
    let second = device.run_until(|line| {
        if !started {
            started = true;
            server.deliver("alice", ALERT);
        }
        line.contains("alert: UID 3")
    });
    assert_eq!(second.count("alert: UID 2 "), 1, "{:#?}", second.log);
    assert_eq!(second.count("alert: UID 3 "), 1, "{:#?}", second.log);

    // So that one is told again. After that: a large message, while it idles, then with the link
    // stalled, closed, reset, and with the server restarted.
    let mut caught_up = 0;
    let third = device.run_until(|line| {
        if line.ends_with("INFO caught up") {
            caught_up += 1;
            // IDLE, too.
            sleep(Duration::from_millis(300));
            match caught_up {
                1 => {
                    let mut large = ALERT.to_vec();
                    while large.len() < 10_000_000 {
                        large.extend_from_slice(&[b'x'; 70]);
                        large.extend_from_slice(b"\r\n");
                    }
                    server.deliver("alice", &large);
                }
                2 => {
                    proxy.stall();
                    server.deliver("alice", ALERT);
                }
                3 => {
                    proxy.refuse();
                    proxy.cut();
                    server.deliver("alice", ALERT);
                }
                4 => {
                    proxy.reset();
                    server.deliver("alice", ALERT);
                }
                5 => {
                    server.stop();
                    // What it forked may go on serving.
                    proxy.cut();
                    server.drop_in("alice", [ALERT]);
                    server.start_again();
                }
                _ => {}
            }
        } else if line.contains("WARN ") || line.contains("ERROR ") {
            // It has noticed.
            proxy.mend();
        }
        line.ends_with("INFO told Sent") && caught_up == 5
    });
    for uid in 3..=8 {
        assert_eq!(third.count(&format!("alert: UID {uid} ")), 1, "{uid}: {:#?}", third.log);
    }
    assert_eq!(third.count("alert: "), 6, "{:#?}", third.log);

    let fourth = device.run_until(|line| line.ends_with("INFO caught up"));
    assert!(fourth.count("alert: ") <= 1, "{:#?}", fourth.log);
    let told = told(&server);
    assert!((7..=9).contains(&told), "{told}");
}

/// The watcher alone, on a session that stands in a file: its RAM, and what an alert costs.
#[test]
fn needs_little() {
    if !is_built() {
        return;
    }
    let device = Device {
        flash: folder(),
        binary: "bare",
        target: LM3S6965,
        settings: Vec::new(),
        drills: false,
    };
    let session = include_bytes!("alerts.txt");
    fs::write(device.flash.path.join("server"), session).expect("it is writable");
    let ran = device.run(|_| {});
    ran.assert_success();
    let alerts =
        ["1 from pager@example.org: disk full: ", "2 from renee@example.org: Café ist voll: "];
    for alert in alerts {
        assert_eq!(ran.count(&format!("alert {alert}/dev/sda1: 100 % used")), 1, "{:#?}", ran.log);
    }
    assert_eq!(ran.count("A8 IDLE"), 1, "{:#?}", ran.log);
    let numbers =
        ran.log.iter().filter_map(|line| line.strip_prefix("instructions ")?.parse().ok());
    let most: usize = numbers.max().expect("it says so");
    for (name, is) in [("bare_ram", ran.ram()), ("alert_instructions", most)] {
        let budget = budget(name);
        println!("{name} {is}");
        assert!(is * 100 <= budget * 102, "{name}: {is}, and {budget} are the budget");
    }
}

/// By POP3, with resets in between.
#[test]
fn watches_a_maildrop() {
    if !is_built() {
        return;
    }
    let Some(server) = Dovecot::start() else { return };
    let mut device = Device::new("pop3", LM3S6965, server.pop3s.port(), &server.ca_pem());
    server.deliver("alice", b"Subject: old\r\n\r\n");
    let first = device.run(|_| {});
    first.assert_success();
    assert_eq!(first.count("alert: "), 0, "{:#?}", first.log);
    assert_eq!(first.count("1 messages"), 1, "{:#?}", first.log);

    // What came while it was off, and while it waits.
    server.deliver("alice", ALERT);
    device.set("tries", "0");
    device.set("poll", "1");
    device.set("alerts", "2");
    let second = device.run(|line| {
        if line.ends_with("INFO caught up") {
            server.deliver("alice", ALERT);
        }
    });
    second.assert_success();
    let alert = |number: u32| format!("alert: {number:08x}");
    for number in 2..=3 {
        let text = alert(number);
        assert_eq!(second.count(&text), 1, "{text}: {:#?}", second.log);
    }
    assert_eq!(second.count("from pager@example.org: disk full"), 2, "{:#?}", second.log);
    assert_eq!(second.count("text: /dev/sda1: 100 %"), 2, "{:#?}", second.log);
    assert_eq!(second.count("alert: "), 2, "{:#?}", second.log);
    assert!(second.count("LED on") >= 6, "{:#?}", second.log);
    println!("{} bytes of RAM", second.ram());

    // It loses its power in the middle of an alert: that one is told again.
    server.deliver("alice", ALERT);
    let third = device.run_until(|line| line.contains("alert: "));
    assert_eq!(third.count(&alert(4)), 1, "{:#?}", third.log);
    device.set("tries", "1");
    device.set("alerts", "0");
    let fourth = device.run(|_| {});
    fourth.assert_success();
    assert_eq!(fourth.count("alert: "), 1, "{:#?}", fourth.log);
    assert_eq!(device.run(|_| {}).count("alert: "), 0);

    // Deleted once it was told, and nothing else is.
    server.deliver("alice", ALERT);
    device.set("delete", "yes");
    assert_eq!(device.run(|_| {}).count(&alert(5)), 1);
    let uids = server.doveadm(["fetch", "-u", "alice", "uid", "mailbox", "INBOX"]);
    assert_eq!(uids.matches("uid: ").count(), 4, "{uids}");
    assert!(!uids.contains("uid: 5"), "{uids}");

    // What was kept cannot be read: rather twice than never.
    device.damage();
    device.set("delete", "no");
    let last = device.run(|_| {});
    last.assert_success();
    assert_eq!(last.count("the record is damaged"), 1, "{:#?}", last.log);
    assert_eq!(last.count("alert: "), 4, "{:#?}", last.log);
    assert_eq!(device.run(|_| {}).count("alert: "), 0);
}

/// A cursor that cannot be read is not taken for a new device, on which old mail is not told.
#[test]
fn a_damaged_cursor_is_noticed() {
    if !is_built() {
        return;
    }
    let Some(server) = Dovecot::start() else { return };
    server.deliver("alice", ALERT);
    let device = Device::new("watch", LM3S6965, server.imaps.port(), &server.ca_pem());
    let until_caught_up = || device.run_until(|line| line.ends_with("INFO caught up"));
    assert_eq!(until_caught_up().count("alert: "), 0);
    server.deliver("alice", ALERT);
    device.damage();
    let ran = until_caught_up();
    assert_eq!(ran.count("the cursor is damaged"), 1, "{:#?}", ran.log);
    assert_eq!(ran.count("alert: "), 2, "{:#?}", ran.log);
    let again = until_caught_up();
    assert_eq!(again.count("alert: ") + again.count("damaged"), 0, "{:#?}", again.log);
}

/// A device that panics, and one that hangs, start anew by themselves.
#[test]
fn comes_to_itself_again() {
    if !is_built() {
        return;
    }
    let Some(server) = Dovecot::start() else { return };
    for (binary, target, drill, said) in [
        ("watch", LM3S6965, "panic", "ERROR panic at src/settings.rs"),
        // Its watchdog says nothing.
        ("watch", LM3S6965, "hang", ""),
        ("watch-async", MPS2_AN386, "hang", "ERROR nobody feeds the watchdog"),
    ] {
        let mut device = Device::new(binary, target, server.imaps.port(), &server.ca_pem());
        device.set("drill", drill);
        device.drills = true;
        let mut alerts = 0;
        let ran = device.run_until(|line| {
            if line.ends_with("INFO caught up") {
                server.deliver("alice", ALERT);
            }
            alerts += usize::from(line.contains("alert: "));
            alerts == 2
        });
        assert_eq!(alerts, 2, "{drill}: {:#?}", ran.log);
        assert_eq!(ran.count(" watches INBOX on "), 2, "{drill}: {:#?}", ran.log);
        assert!(ran.count(said) >= 1, "{drill}: {:#?}", ran.log);
    }
}

/// A record that drips in: mailwire's own deadlines are not looked at meanwhile.
#[test]
fn gives_up_on_a_record_without_end() {
    if !is_built() {
        return;
    }
    let Some(server) = Dovecot::start() else { return };
    let proxy = Proxy::start(server.imaps);
    for (binary, target) in [("watch", LM3S6965), ("watch-async", MPS2_AN386)] {
        let mut device = Device::new(binary, target, proxy.address.port(), &server.ca_pem());
        device.set("tries", "0");
        // Longer than a busy host takes for an answer, and shorter than a record may take.
        device.set("patience", "10");
        let mut caught_up = false;
        let mut began = std::time::Instant::now();
        let ran = device.run_until(|line| {
            if line.ends_with("INFO caught up") && !caught_up {
                caught_up = true;
                sleep(Duration::from_millis(300));
                proxy.drip();
                server.deliver("alice", ALERT);
                began = std::time::Instant::now();
            } else if line.contains("WARN again") {
                let seconds = began.elapsed().as_secs();
                assert!((15..120).contains(&seconds), "{seconds}");
                proxy.mend();
            }
            line.contains("alert: ")
        });
        assert_eq!(ran.count("alert: "), 1, "{:#?}", ran.log);
        assert_eq!(ran.count("WARN again"), 1, "{:#?}", ran.log);
        proxy.mend();
    }
}

/// As the README says.
#[test]
fn cargo_run_boots_it() {
    if !is_built() {
        return;
    }
    let Some(server) = Dovecot::start() else { return };
    let device = Device::new("watch", LM3S6965, server.imaps.port(), &server.ca_pem());
    let output = cargo()
        .args(["run", "--quiet", "--release", "--"])
        .args(&device.settings)
        .args(["alerts=1", "told=Sent"])
        .env("MAILWIRE_FLASH", &device.flash.path)
        .env("MAILWIRE_SECONDS", "10")
        .stdin(Stdio::null())
        .output()
        .expect("cargo runs");
    let log = String::from_utf8_lossy(&output.stdout);
    assert!(log.contains("LM3S6965 watches INBOX on localhost"), "{output:?}");
    assert!(log.contains("INFO caught up"), "{output:?}");
}

/// Where it can panic, by crate: nowhere in mailwire.
#[test]
fn mailwire_never_panics() {
    let Some(programs) = programs() else { return };
    for (target, binary) in
        [(LM3S6965, "watch"), (LM3S6965, "pop3"), (LM3S6965, "bare"), (MPS2_AN386, "watch-async")]
    {
        let output = Command::new(&programs[&(HOST, "panics".to_owned())])
            .arg(&programs[&(target, binary.to_owned())])
            .output()
            .expect("it was built");
        let panics = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success());
        // It is not blind.
        assert!(panics.contains(" smoltcp\n") || binary == "bare", "{panics}");
        assert!(!panics.contains(" mailwire\n"), "{binary}: {panics}");
    }
}

/// An authority and who it signs.
struct Authority(Folder);

const LEAF: &str = "basicConstraints=critical,CA:FALSE";
const SERVER: &str = "extendedKeyUsage=serverAuth";
const LOCALHOST: &str = "subjectAltName=DNS:localhost";

impl Authority {
    fn new() -> Self {
        let this = Self(folder());
        this.sign("ca", None, &["keyUsage=critical,keyCertSign"]);
        this
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path.join(file)
    }

    /// Makes `NAME.pem` and `NAME.key`, signed by another of them or by themselves.
    fn sign(&self, name: &str, by: Option<&str>, extensions: &[&str]) {
        let subject = format!("/CN={name}");
        let (key, pem) = (format!("{name}.key"), format!("{name}.pem"));
        let mut arguments: Vec<&str> =
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30"
                .split(' ')
                .collect();
        arguments.extend(["-subj", &subject, "-keyout", &key, "-out", &pem]);
        let signer = by.map(|by| (format!("{by}.pem"), format!("{by}.key")));
        if let Some((pem, key)) = &signer {
            arguments.extend(["-CA", pem, "-CAkey", key]);
        }
        for extension in extensions {
            arguments.extend(["-addext", extension]);
        }
        openssl(&self.0.path, &arguments);
    }

    /// Appends the certificate of who signed it.
    fn chain(&self, name: &str, by: &str) {
        let [leaf, above] = [name, by].map(|name| {
            fs::read_to_string(self.path(&format!("{name}.pem"))).expect("it was made")
        });
        fs::write(self.path(&format!("{name}.pem")), leaf + &above).expect("it is writable");
    }

    /// One whose time was a day of the year 2020.
    fn sign_expired(&self) {
        fs::write(
            self.path("ca.conf"),
            "[ca]\ndefault_ca = d\n[d]\ndatabase = index\nserial = serial\nnew_certs_dir = .\n\
             default_md = sha256\npolicy = p\nx509_extensions = x\n[p]\ncommonName = supplied\n\
             [x]\nbasicConstraints = critical,CA:FALSE\nextendedKeyUsage = serverAuth\n\
             subjectAltName = DNS:localhost\n",
        )
        .expect("it is writable");
        fs::write(self.path("index"), "").expect("it is writable");
        fs::write(self.path("serial"), "7777\n").expect("it is writable");
        let words = |text: &'static str| text.split(' ').collect::<Vec<_>>();
        openssl(
            &self.0.path,
            &words(
                "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=expired \
                 -keyout expired.key -out expired.csr",
            ),
        );
        openssl(
            &self.0.path,
            &words(
                "ca -batch -notext -config ca.conf -cert ca.pem -keyfile ca.key \
                 -in expired.csr -out expired.pem -startdate 20200101000000Z -enddate 20200102000000Z",
            ),
        );
    }

    /// Runs a device that trusts this authority, on a server that shows a certificate of that
    /// name.
    fn try_with(&self, name: &str, settings: &[(&str, &str)]) -> Option<Ran> {
        let [pem, key] = ["pem", "key"].map(|end| self.path(&format!("{name}.{end}")));
        let server = Dovecot::start_with(&format!(
            "ssl_cert = <{}\nssl_key = <{}\n",
            pem.display(),
            key.display()
        ))?;
        server.deliver("alice", ALERT);
        let mut device = Device::new("pop3", LM3S6965, server.pop3s.port(), &self.path("ca.pem"));
        for (name, value) in settings {
            device.set(name, value);
        }
        Some(device.run(|_| {}))
    }
}

#[test]
fn trusts_only_whom_it_should() {
    if !is_built() {
        return;
    }
    let authority = Authority::new();
    let good = [LEAF, SERVER, LOCALHOST];
    authority.sign("good", Some("ca"), &good);
    authority.sign("above", Some("ca"), &["keyUsage=critical,keyCertSign"]);
    authority.sign("below", Some("above"), &good);
    authority.chain("below", "above");
    // Signed by a certificate that is good, but for a server.
    authority.sign("by-a-leaf", Some("good"), &good);
    authority.chain("by-a-leaf", "good");
    authority.sign("for-clients", Some("ca"), &[LEAF, "extendedKeyUsage=clientAuth", LOCALHOST]);
    authority.sign("other-host", Some("ca"), &[LEAF, SERVER, "subjectAltName=DNS:example.org"]);
    authority.sign_expired();
    authority.sign("other", None, &["keyUsage=critical,keyCertSign"]);
    authority.sign("stranger", Some("other"), &good);
    // By an authority of the same name, with another key.
    let other = Authority::new();
    other.sign("forged", Some("ca"), &good);
    for end in ["pem", "key"] {
        let file = format!("forged.{end}");
        fs::copy(other.path(&file), authority.path(&file)).expect("it is writable");
    }
    let day = 86_400;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later").as_secs();
    let [yesterday, next_month] = [now - day, now + 31 * day].map(|time| time.to_string());

    for (name, settings, refusal) in [
        ("good", vec![], None),
        ("below", vec![], None),
        ("by-a-leaf", vec![], Some("SignerIsNoAuthority")),
        ("for-clients", vec![], Some("WrongUsage")),
        ("other-host", vec![], Some("WrongHost")),
        ("good", vec![("host", "example.org")], Some("WrongHost")),
        ("stranger", vec![], Some("UnknownAuthority")),
        ("forged", vec![], Some("Signature")),
        ("expired", vec![], Some("Expired")),
        ("good", vec![("time", &*next_month)], Some("Expired")),
        ("good", vec![("time", &*yesterday)], Some("NotYetValid")),
    ] {
        let Some(ran) = authority.try_with(name, &settings) else { return };
        match refusal {
            None => ran.assert_success(),
            Some(refusal) => {
                assert_eq!(ran.status.code(), Some(1), "{name}: {:#?}", ran.log);
                let expected = format!("Connect(Tls(Refused({refusal})))");
                assert_eq!(ran.count(&expected), 1, "{name}: {:#?}", ran.log);
                assert_eq!(ran.count("messages"), 0, "{name}: {:#?}", ran.log);
            }
        }
    }
}

/// embedded-tls takes this for a server in order; so the device must not.
#[test]
fn does_not_trust_who_shows_no_certificate() {
    if !is_built() {
        return;
    }
    let authority = Authority::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let number = port.local_addr().expect("it has an address").port();
    let impostor = std::thread::spawn(move || {
        let (socket, _) = port.accept().expect("the device connects");
        impostor::serve(socket)
    });
    let ran = Device::new("pop3", LM3S6965, number, &authority.path("ca.pem")).run(|_| {});
    assert_eq!(ran.status.code(), Some(1), "{:#?}", ran.log);
    assert_eq!(ran.count("Connect(Tls(Refused(NotProven)))"), 1, "{:#?}", ran.log);
    // The password least of all.
    assert_eq!(impostor.join().expect("no panic"), 0, "records that it could read");
}

/// A server that stops in the middle, or is none.
#[test]
fn gives_up_on_a_silent_server() {
    if !is_built() {
        return;
    }
    let folder = Authority::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let device = Device::new(
        "pop3",
        LM3S6965,
        port.local_addr().expect("it has an address").port(),
        &folder.path("ca.pem"),
    );
    let start = std::time::Instant::now();
    let ran = device.run(|_| {});
    assert_eq!(ran.status.code(), Some(1), "{:#?}", ran.log);
    assert_eq!(ran.count("Connect(Tls(Handshake("), 1, "{:#?}", ran.log);
    assert!(start.elapsed() < Duration::from_secs(30));
    // One that says something, and never comes to the end.
    let start = std::time::Instant::now();
    let drip = port.try_clone().expect("it can be had twice");
    std::thread::spawn(move || {
        // The connection before this one was never taken.
        for mut socket in drip.incoming().take(2).map_while(Result::ok) {
            std::thread::spawn(move || {
                // A ServerHello of 16 KiB.
                for byte in [22, 3, 3, 0x40, 0, 2].into_iter().chain(std::iter::repeat(0)) {
                    if socket.write_all(&[byte]).is_err() {
                        return;
                    }
                    sleep(Duration::from_millis(500));
                }
            });
        }
    });
    let ran = device.run(|_| {});
    assert_eq!(ran.status.code(), Some(1), "{:#?}", ran.log);
    assert_eq!(ran.count("Connect(Tls(Handshake("), 1, "{:#?}", ran.log);
    assert!(start.elapsed() < Duration::from_secs(45));
    drop(port);
    let ran = device.run(|_| {});
    assert_eq!(ran.status.code(), Some(1), "{:#?}", ran.log);
    assert_eq!(ran.count("Connect(Net("), 1, "{:#?}", ran.log);
}
