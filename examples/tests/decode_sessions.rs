//! `decode` on what real servers sent, and on what none would send.

use mailwire_tests::transcript::Transcript;
use serde_json::Value;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// The exit code and the events.
fn decode(arguments: &[&str], input: Vec<u8>) -> (Option<i32>, Vec<Value>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_decode"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It may have seen enough before the end.
    let writer = std::thread::spawn(move || stdin.write_all(&input).is_ok());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let lines = output.stdout.split_inclusive(|&byte| byte == b'\n');
    let events = lines.map(|line| serde_json::from_slice(line).unwrap()).collect();
    let error = String::from_utf8(output.stderr).unwrap();
    match output.status.code() {
        Some(0) => assert_eq!(error, ""),
        _ => assert!(error.starts_with("decode: ") && error.ends_with('\n'), "{error}"),
    }
    (output.status.code(), events)
}

/// The events, with what was cut in a body put together again.
fn joined(events: Vec<Value>) -> Vec<Value> {
    let mut joined: Vec<Value> = Vec::new();
    for mut event in events {
        if event["event"] != "fetch_chunk" {
            joined.push(event);
            continue;
        }
        // Where a character is cut, only the bytes tell what it was: compare the ASCII.
        let text: String = event["text"].as_str().unwrap().chars().filter(char::is_ascii).collect();
        match joined.last_mut() {
            Some(last) if last["event"] == "fetch_chunk" => {
                last["text"] = (last["text"].as_str().unwrap().to_owned() + &text).into();
            }
            _ => {
                event.as_object_mut().unwrap().remove("base64");
                event["text"] = text.into();
                joined.push(event);
            }
        }
    }
    joined
}

#[test]
fn sessions_are_the_same_however_they_are_cut() {
    let mut count = 0;
    for (path, session) in Transcript::imap() {
        for connection in 0..session.connections() {
            let bytes = session.server_bytes(connection);
            // Cut into single bytes, the longest take their time.
            if bytes.len() > 60_000 {
                continue;
            }
            count += 1;
            let (code, whole) = decode(&[], bytes.clone());
            let whole = joined(whole);
            for cut in ["1", "13"] {
                let (code_of_cut, cut) = decode(&["--cut", cut], bytes.clone());
                assert_eq!(code_of_cut, code, "{}", path.display());
                assert_eq!(joined(cut), whole, "{}", path.display());
            }
            // In a small buffer the same commands come to the same ends.
            let ends = |events: &[Value]| -> Vec<(Value, Value)> {
                let ends = events.iter().filter(|it| it["event"] == "completed");
                ends.map(|it| (it["tag"].clone(), it["status"].clone())).collect()
            };
            let (code_of_small, small) = decode(&["--rx", "64"], bytes.clone());
            assert_eq!(code_of_small, code, "{}", path.display());
            assert_eq!(ends(&small), ends(&whole), "{}", path.display());
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn garbage_is_malformed_or_the_end() {
    let mut state = 1_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    for round in 0..60 {
        let words: [&[u8]; 12] = [
            b"* ",
            b"FETCH (",
            b"BODY[] ",
            b"{3}\r\n",
            b"\"",
            b")",
            b"\r\n",
            b"A1 OK [",
            b"] ",
            b"LIST () \"/\" ",
            b"\\",
            b"\0\xff",
        ];
        let input: Vec<u8> = (0..2000)
            .flat_map(|_| match round % 2 {
                0 => words[usize::from(random()) % words.len()].to_vec(),
                _ => vec![random()],
            })
            .collect();
        for rx in ["1", "20", "8192"] {
            let (code, _) = decode(&["--rx", rx], input.clone());
            assert!(matches!(code, Some(0 | 1)), "{code:?}");
        }
    }
    // Text of another kind, to the end.
    let (code, events) = decode(&[], b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec());
    assert_eq!(code, Some(0));
    assert!(events.iter().all(|it| it["event"] == "malformed"), "{events:?}");
    assert_eq!(events.len(), 2);
    assert_eq!(decode(&[], Vec::new()), (Some(0), vec![]));
    assert_eq!(decode(&[], b"\r\n\r\n".to_vec()), (Some(0), vec![]));
}
