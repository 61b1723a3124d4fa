//! `pop3-drain` over links that break: no message is lost, broken or there twice. Where, at every
//! byte, the tests of the library break it (`tests/tests/faults.rs`), here it is at some.

use mailwire_tests::folder::Folder;
use mailwire_tests::proxy::Proxy;
use mailwire_tests::sim::{self, Pop3};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

#[test]
fn draining_over_a_link_that_breaks() {
    for bytes in (10..900).step_by(71) {
        let mut maildrop = Pop3::new(bytes % 2 == 0);
        for number in 0..5_usize {
            let text = format!("Subject: {number}\r\n\r\n{}", ".\r\n..x\r\n".repeat(number * 3));
            maildrop.messages.push((format!("id{number}"), text.into_bytes()));
        }
        let mut all: Vec<_> = maildrop.messages.iter().map(|(_, text)| text.clone()).collect();
        all.sort();
        let maildrop = Arc::new(Mutex::new(maildrop));
        let proxy = Proxy::start(sim::serve(Arc::clone(&maildrop)));
        let folder = Folder::new(&format!("faults-{bytes}"));
        let drain = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_pop3-drain"));
            command.args(["--insecure", &format!("pop3://u@{}", proxy.address)]).arg(&folder.path);
            command.env("MAILWIRE_PASSWORD", "correct-horse").stdin(Stdio::null());
            let output = command.output().unwrap();
            let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            assert!(!text.contains("correct-horse"), "{text}");
            (output.status.code(), text)
        };
        proxy.cut_after(bytes);
        let (code, text) = drain();
        let broke = !proxy.is_about_to_cut();
        assert_eq!(code, Some(i32::from(broke)), "cut after {bytes}: {text}");
        let kept = folder.files();
        let left: Vec<_> =
            maildrop.lock().unwrap().messages.iter().map(|(_, text)| text.clone()).collect();
        for text in &all {
            assert!(kept.contains(text) || left.contains(text), "cut after {bytes}: lost");
        }
        if broke {
            let (code, text) = drain();
            assert_eq!(code, Some(0), "cut after {bytes}: {text}");
        }
        assert!(folder.files() == all, "cut after {bytes}");
        assert!(maildrop.lock().unwrap().messages.is_empty(), "cut after {bytes}");
    }
}
