//! Servers whose certificate does not hold are refused, before a byte of the password is sent.

use mailwire_tests::folder::Folder;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

/// An authority and what it signed, in a folder that goes away.
struct Authority(Folder);

impl Authority {
    /// `None` if there is no openssl to make one.
    fn new() -> Option<Self> {
        let this = Self(Folder::create("tls"));
        if Command::new("openssl").arg("version").output().is_err() {
            assert!(std::env::var("CI").is_err(), "no openssl");
            eprintln!("SKIPPED: no openssl");
            return None;
        }
        let settings = "[ca]\ndefault_ca = d\n[d]\ndatabase = index\nserial = serial\n\
            new_certs_dir = .\npolicy = p\ncopy_extensions = copy\ndefault_md = sha256\n\
            unique_subject = no\n[p]\ncommonName = supplied\n";
        fs::write(this.file("conf"), settings).unwrap();
        fs::write(this.file("index"), "").unwrap();
        fs::write(this.file("serial"), "01").unwrap();
        this.openssl(&format!(
            "req -x509 {NEW_KEY} -days 30 -subj /CN=tests -keyout ca.key -out ca.pem \
             -addext keyUsage=critical,keyCertSign,cRLSign"
        ));
        Some(this)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path.join(name)
    }

    fn openssl(&self, arguments: &str) {
        let mut command = Command::new("openssl");
        let output = command.args(arguments.split_whitespace()).current_dir(&self.0.path).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A certificate for a host, valid from and to these years.
    fn sign(&self, name: &str, host: &str, from: u16, to: u16) {
        self.openssl(&format!(
            "req -new {NEW_KEY} -subj /CN={host} -keyout {name}.key -out {name}.csr \
             -addext subjectAltName=DNS:{host} -addext basicConstraints=critical,CA:FALSE"
        ));
        self.openssl(&format!(
            "ca -batch -notext -config conf -in {name}.csr -out {name}.pem -cert ca.pem \
             -keyfile ca.key -startdate {from}0101000000Z -enddate {to}0101000000Z"
        ));
    }

    /// A server with that certificate that greets and says no more. Returns its port; what it
    /// is told comes over the thread's end, which is at its first connection's.
    fn serve(&self, name: &str, greeting: &'static str) -> (u16, thread::JoinHandle<Vec<u8>>) {
        let certificate = CertificateDer::from_pem_file(self.file(&format!("{name}.pem"))).unwrap();
        let key = PrivateKeyDer::from_pem_file(self.file(&format!("{name}.key"))).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let thread = thread::spawn(move || {
            let (socket, _) = listener.accept().unwrap();
            let connection = ServerConnection::new(Arc::new(config)).unwrap();
            let mut tls = StreamOwned::new(connection, socket);
            let mut told = vec![0; 64];
            let count = tls.write_all(greeting.as_bytes()).and_then(|()| tls.read(&mut told));
            told.truncate(count.unwrap_or(0));
            told
        });
        (port, thread)
    }
}

const NEW_KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

#[test]
fn only_a_valid_certificate_will_do() {
    let Some(authority) = Authority::new() else { return };
    authority.sign("good", "localhost", 2020, 2049);
    authority.sign("expired", "localhost", 2020, 2021);
    authority.sign("early", "localhost", 2048, 2049);
    authority.sign("other", "mail.example", 2020, 2049);
    let ca = authority.file("ca.pem");
    let programs: [(&str, &str, &str, &[&str]); 2] = [
        (env!("CARGO_BIN_EXE_inbox"), "imaps", "* OK hi\r\n", &[]),
        (env!("CARGO_BIN_EXE_pop3-drain"), "pop3s", "+OK hi\r\n", &["folder"]),
    ];
    for (program, scheme, greeting, arguments) in programs {
        let run = |certificate: &str, ca: Option<&Path>| {
            let (port, server) = authority.serve(certificate, greeting);
            let mut command = Command::new(program);
            command.arg(format!("{scheme}://alice@localhost:{port}")).args(arguments);
            command.args(ca.map(|ca| format!("--ca={}", ca.display())));
            let output = command
                .env("MAILWIRE_PASSWORD", "secret")
                .current_dir(&authority.0.path)
                .stdin(Stdio::null())
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(1));
            (String::from_utf8(output.stderr).unwrap(), server.join().unwrap())
        };
        // This one is talked to.
        let (error, told) = run("good", Some(&ca));
        assert!(!error.contains("no TLS with") && !told.is_empty(), "{error}");
        for (certificate, ca, why) in [
            ("good", None, "UnknownIssuer"),
            ("expired", Some(&*ca), "expired"),
            ("early", Some(&ca), "not valid yet"),
            ("other", Some(&ca), "not valid for name"),
        ] {
            let (error, told) = run(certificate, ca);
            assert!(error.contains("no TLS with localhost") && error.contains(why), "{error}");
            assert!(told.is_empty(), "{certificate}");
        }
    }
}
