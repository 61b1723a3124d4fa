//! `decode`, run as a user runs it.

use serde_json::Value;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

fn decode(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_decode"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // It may have seen enough before the end.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

#[track_caller]
fn events(output: &Output) -> Vec<Value> {
    output
        .stdout
        .split_inclusive(|&byte| byte == b'\n')
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

/// The events in order, those of `arguments` and `input`, which must be read to the end.
#[track_caller]
fn check(arguments: &[&str], input: &[u8], expected: &[&str]) {
    let output = decode(arguments, input);
    let expected: Vec<Value> =
        expected.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events(&output), expected);
    assert!(output.stderr.is_empty());
    assert_eq!(output.status.code(), Some(0));
}

const SESSION: &[u8] = b"* OK [UIDNEXT 7] hi\r\n\
    * CAPABILITY IMAP4rev1 IDLE\r\n\
    * FLAGS (\\Seen $x)\r\n\
    * 3 EXISTS\r\n\
    * LIST (\\Sent) \"/\" \"Entw&APw-rfe\"\r\n\
    * STATUS INBOX (MESSAGES 3)\r\n\
    * SEARCH 2 5\r\n\
    * VANISHED (EARLIER) 1:3\r\n\
    * 1 FETCH (UID 7 FLAGS (\\Seen) UID x X-Y (1 2) BODY[] {5}\r\nab\xffcd RFC822.SIZE 5)\r\n\
    * 2 EXPUNGE\r\n\
    * 4 NONSENSE x\r\n\
    * NAMESPACE \"\xe4\r\n\
    + go\r\n\
    A1 NO [ALERT] no\r\n";

const EVENTS: &[&str] = &[
    r#"{"event":"status","status":"ok","code":{"uid_next":7},"text":"hi","truncated":false}"#,
    r#"{"event":"capability","capabilities":["IMAP4rev1","IDLE"],"more":false}"#,
    r#"{"event":"flags","flags":["\\Seen","$x"],"more":false}"#,
    r#"{"event":"exists","number":3}"#,
    r#"{"event":"list","attributes":["\\Sent"],"delimiter":"/","mailbox":"Entwürfe","extended":[]}"#,
    r#"{"event":"mailbox_status","mailbox":"INBOX","values":[{"messages":3}]}"#,
    r#"{"event":"search","numbers":[2,5],"mod_seq":null,"more":false}"#,
    r#"{"event":"vanished","earlier":true,"uids":"1:3","more":false}"#,
    r#"{"event":"fetch_start","seq":1}"#,
    r#"{"event":"fetch_item","item":"uid","value":7}"#,
    r#"{"event":"fetch_item","item":"flags","value":["\\Seen"]}"#,
    r#"{"event":"malformed","in":"fetch","text":"UID x"}"#,
    r#"{"event":"other","in":"fetch","name":"X-Y","text":"(1 2)"}"#,
    r#"{"event":"fetch_body","kind":"body","section":{"part":"","text":"all"},"origin":null,"data":{"literal":5}}"#,
    r#"{"event":"fetch_chunk","text":"ab�cd","base64":"YWL/Y2Q="}"#,
    r#"{"event":"fetch_item","item":"rfc822_size","value":5}"#,
    r#"{"event":"fetch_end"}"#,
    r#"{"event":"expunge","number":2}"#,
    r#"{"event":"other","in":"response","number":4,"name":"NONSENSE","text":"x"}"#,
    r#"{"event":"malformed","in":"response","text":"* NAMESPACE \"�","base64":"KiBOQU1FU1BBQ0UgIuQ="}"#,
    r#"{"event":"continuation","code":null,"text":"go"}"#,
    r#"{"event":"completed","tag":"A1","status":"no","code":"alert","text":"no","truncated":false}"#,
];

#[test]
fn one_object_an_event() {
    check(&[], SESSION, EVENTS);
    check(&[], b"", &[]);
}

#[test]
fn pieces_cut_only_chunks() {
    for cut in ["1", "2", "3", "7"] {
        let output = decode(&["--cut", cut], SESSION);
        let of_chunk = |event: &Value| event["event"] == "fetch_chunk";
        let (chunks, others): (Vec<_>, Vec<_>) = events(&output).into_iter().partition(of_chunk);
        let whole: Vec<Value> =
            EVENTS.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(others, whole.into_iter().filter(|event| !of_chunk(event)).collect::<Vec<_>>());
        assert!(!chunks.is_empty());
    }
}

#[test]
fn a_small_buffer() {
    check(
        &["--rx", "32"],
        b"* X 1234567890123456789012345678901234567890\r\n\
          * 1 FETCH (X 1234567890123456789012345678901234567890 UID 7)\r\n\
          * SEARCH 1001 1002 1003 1004 1005\r\n",
        &[
            r#"{"event":"oversized","in":"response","text":"* X 1234567890123456789012345678"}"#,
            r#"{"event":"fetch_start","seq":1}"#,
            r#"{"event":"oversized","in":"fetch","text":"X 123456789012345678901234567890"}"#,
            r#"{"event":"fetch_item","item":"uid","value":7}"#,
            r#"{"event":"fetch_end"}"#,
            r#"{"event":"search","numbers":[1001,1002,1003,1004],"mod_seq":null,"more":true}"#,
            r#"{"event":"search","numbers":[1005],"mod_seq":null,"more":false}"#,
        ],
    );
}

#[test]
fn what_came_before_a_broken_end_is_shown() {
    for input in [
        // Ends within a response.
        "* 1 EXISTS\r\n* 2 EXI",
        "* 1 EXISTS\r\n* 1 FETCH (BODY[] {12}\r\n",
        // A literal that is longer than it says; one within quotes.
        "* 1 EXISTS\r\n* 1 FETCH (BODY[] {2}\r\nabc)\r\n",
        "* 1 EXISTS\r\n* LIST () \"/\" \"a {3}\r\n* 2 EXISTS\r\n",
    ] {
        let output = decode(&[], input.as_bytes());
        assert_eq!(output.status.code(), Some(1), "{input}");
        let events = events(&output);
        assert_eq!(events[0], serde_json::json!({"event": "exists", "number": 1}));
        assert!(!events[1..].iter().any(|event| event["event"] == "exists"));
        let why = String::from_utf8(output.stderr).unwrap();
        assert!(why.starts_with("decode: the server"), "{why}");
    }
}

const POP3: &[u8] = b"+OK ready <1896.697@example.org>\r\n\
    +OK\r\nTOP\r\nSASL PLAIN LOGIN\r\nX-UNKNOWN a b\r\n.\r\n\
    + Z28=\r\n-ERR [AUTH] no\r\n\
    +OK 2 320\r\n\
    +OK 2 messages\r\n1 120\r\nwhat\r\n2  200\r\n.\r\n\
    +OK\r\n1   whqtswO00WBw\r\n2 \r\n.\r\n\
    +OK 120 octets\r\na\r\n..b\xff\r\n.\r\n\
    -ERR no such message\r\n\
    +OK bye\r\n\
    -ERR idle for too long\r\n";

const POP3_EVENTS: &[&str] = &[
    r#"{"event":"greeting","status":"ok","code":null,"text":"ready <1896.697@example.org>","truncated":false}"#,
    r#"{"event":"started","kind":"capa","status":"ok","code":null,"text":"","truncated":false}"#,
    r#"{"event":"capability","capability":"TOP"}"#,
    r#"{"event":"capability","capability":"SASL PLAIN LOGIN"}"#,
    r#"{"event":"capability","capability":"X-UNKNOWN a b"}"#,
    r#"{"event":"completed","kind":"capa","number":null,"status":"ok","code":null,"text":"","truncated":false}"#,
    r#"{"event":"challenge","challenge":"Z28="}"#,
    r#"{"event":"completed","kind":"auth","number":null,"status":"err","code":"AUTH","text":"no","truncated":false}"#,
    r#"{"event":"stat","messages":2,"size":320}"#,
    r#"{"event":"completed","kind":"stat","number":null,"status":"ok","code":null,"text":"2 320","truncated":false}"#,
    r#"{"event":"started","kind":"list","status":"ok","code":null,"text":"2 messages","truncated":false}"#,
    r#"{"event":"list_item","number":1,"size":120}"#,
    r#"{"event":"malformed","text":"what"}"#,
    r#"{"event":"list_item","number":2,"size":200}"#,
    r#"{"event":"completed","kind":"list","number":null,"status":"ok","code":null,"text":"","truncated":false}"#,
    r#"{"event":"started","kind":"uidl","status":"ok","code":null,"text":"","truncated":false}"#,
    r#"{"event":"uidl_item","number":1,"uid":"whqtswO00WBw"}"#,
    r#"{"event":"uidl_item","number":2,"uid":""}"#,
    r#"{"event":"completed","kind":"uidl","number":null,"status":"ok","code":null,"text":"","truncated":false}"#,
    r#"{"event":"message_start","number":null,"code":null,"text":"120 octets","truncated":false}"#,
    r#"{"event":"message_chunk","text":"a\r\n"}"#,
    r#"{"event":"message_chunk","text":".b�\r\n","base64":"LmL/DQo="}"#,
    r#"{"event":"message_end"}"#,
    r#"{"event":"completed","kind":"retr","number":null,"status":"ok","code":null,"text":"","truncated":false}"#,
    r#"{"event":"completed","kind":"list_one","number":null,"status":"err","code":null,"text":"no such message","truncated":false}"#,
    r#"{"event":"completed","kind":"quit","number":null,"status":"ok","code":null,"text":"bye","truncated":false}"#,
    r#"{"event":"status","status":"err","code":null,"text":"idle for too long","truncated":false}"#,
];

#[test]
fn pop3_answers_in_the_order_in_which_they_are_expected() {
    let expect = "greeting,capa,AUTH,stat,list,uidl,retr,list_one,quit";
    check(&["--pop3", "--expect", expect], POP3, POP3_EVENTS);
}

#[test]
fn pop3_of_any_length() {
    // More answers than a connection awaits at once, and those of which nothing is known.
    let many = vec!["noop"; 100].join(",");
    let output = decode(&["--pop3", "--expect", &many], "+OK\r\n".repeat(101).as_bytes());
    assert_eq!(output.status.code(), Some(0));
    let names: Vec<_> =
        events(&output).iter().map(|it| it["event"].as_str().unwrap().to_owned()).collect();
    assert!(names[..100].iter().all(|name| name == "completed"));
    assert_eq!(names[100], "status");
    let output = decode(&["--pop3", "--expect", "retr"], b"+OK\r\nhalf a mess");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn wrong_options_are_refused() {
    for arguments in [
        &["--rx", "0"][..],
        &["--cut", "x"],
        &["--what"],
        &["x"],
        &["--expect", "list"],
        &["--pop3", "--expect", "x"],
    ] {
        let output = decode(arguments, b"");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
    let help = decode(&["--help"], b"");
    assert!(String::from_utf8(help.stdout).unwrap().contains("fetch_chunk"));
}
