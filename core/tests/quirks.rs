//! Odd bytes that real servers send: what is told of them, however they are cut up, and that
//! what stands beside and behind them is understood.
#![cfg(all(feature = "imap", feature = "pop3"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::arithmetic_side_effects, clippy::string_slice, clippy::type_complexity)]

use mailwire::imap::{Connection, Quirks};
use mailwire::pop3::Command as Pop3Command;
use mailwire::{Buffers, Instant, Machine, Progress, pop3};
use serde::Serialize;
use serde_json::Value;

/// Leaves out what says nothing: null, false, empty lists.
fn prune(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(prune),
        Value::Object(all) => {
            all.values_mut().for_each(prune);
            all.retain(|_, it| match it {
                Value::Null | Value::Bool(false) => false,
                Value::Array(all) => !all.is_empty(),
                Value::Object(all) => !all.is_empty(),
                Value::String(text) => !text.is_empty(),
                _ => true,
            });
        }
        _ => {}
    }
}

/// An event as one line: its JSON with the name first, and without most of the punctuation.
fn line(event: &impl Serialize) -> String {
    let mut value = serde_json::to_value(event).unwrap();
    prune(&mut value);
    let fields = value.as_object_mut().unwrap();
    let name = fields.remove("event").unwrap();
    let rest = value.to_string().replace(r#"\""#, "'").replace('"', "").replace(r"\\", r"\");
    match &rest[1..rest.len() - 1] {
        "" => name.as_str().unwrap().to_string(),
        rest => format!("{} {rest}", name.as_str().unwrap()),
    }
}

/// What a machine tells when this comes, and how it ends. Chunks of a body are joined.
fn tell<M: Machine>(
    machine: &mut M,
    buffers: &mut Buffers<'_>,
    pieces: &[&[u8]],
    line: fn(&M::Event<'_>) -> String,
) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for mut piece in pieces.iter().copied() {
        loop {
            match machine.advance(buffers, Instant::ZERO) {
                Ok(Progress::Event) => {
                    let line = line(&machine.event(buffers));
                    match (told.last_mut(), line.split_once("_chunk text:")) {
                        (Some(last), Some((_, text))) if last.contains("_chunk") => {
                            last.push_str(text);
                        }
                        _ => told.push(line),
                    }
                }
                Ok(Progress::NeedInput) if piece.is_empty() => break,
                Ok(Progress::NeedInput) => {
                    let taken = buffers.rx.fill(piece);
                    assert!(taken > 0, "no room");
                    piece = &piece[taken..];
                }
                Ok(Progress::Closed) => {
                    told.push("closed".into());
                    return told;
                }
                Err(error) => {
                    told.push(format!("{error:?}"));
                    return told;
                }
            }
        }
    }
    told
}

fn imap(quirks: Quirks, pieces: &[&[u8]]) -> Vec<String> {
    let (mut rx, mut tx) = ([0; 4096], [0; 16]);
    let mut connection = Connection::observer();
    connection.set_quirks(quirks);
    tell(&mut connection, &mut Buffers::new(&mut rx, &mut tx), pieces, |event| line(event))
}

/// Who sends it, the bytes, and what is told. What stands around an odd item is told too.
const IMAP: &[(&str, &[u8], &[&str])] = &[
    (
        "Office 365: a code and nothing before it",
        b"[COPYUID 55 31 6]\r\n",
        &[
            "status code:{copy_uid:{destination:6,source:31,uid_validity:55}},status:ok",
        ],
    ),
    (
        "home.pl: a code without OK",
        b"* [COPYUID 55 31 6] Completed\r\n",
        &[
            "status code:{copy_uid:{destination:6,source:31,uid_validity:55}},status:ok,text:Completed",
        ],
    ),
    (
        "Outlook.com: COPYUID of nothing",
        b"* OK [COPYUID 701  ]\r\n",
        &["status code:{malformed:{raw:COPYUID 701}},status:ok"],
    ),
    (
        "Gmail: a code without text",
        b"* OK [HIGHESTMODSEQ 12345]\r\n",
        &["status code:{highest_mod_seq:12345},status:ok"],
    ),
    (
        "Exchange: a code that is a log line",
        b"A1 OK [Error=\"Microsoft.Exchange.Data.Storage.WrongServerException: Cross Server access is not allowed for mailbox x\" AuthResultFromPopImapEnd=0 Proxy=P1.PROD.COM:1993:SSL Service=Imap4] AUTHENTICATE completed.\r\n",
        &[
            "completed code:{other:{name:Error='Microsoft.Exchange.Data.Storage.WrongServerException:,value:Cross Server access is not allowed for mailbox x' AuthResultFromPopImapEnd=0 Proxy=P1.PROD.COM:1993:SSL Service=Imap4}},status:ok,tag:A1,text:AUTHENTICATE completed.",
        ],
    ),
    (
        "Exchange: a bare line",
        b"Server Unavailable. 15\r\n",
        &["malformed in:response,text:Server Unavailable. 15"],
    ),
    (
        "Office 365: throttled",
        b"A1 BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds\r\n",
        &[
            "completed status:bad,tag:A1,text:Request is throttled. Suggested Backoff Time: 92415 milliseconds",
        ],
    ),
    (
        "Office 365: logged in, and not",
        b"A1 OK LOGIN completed.\r\nA2 BAD User is authenticated but not connected.\r\n",
        &[
            "completed status:ok,tag:A1,text:LOGIN completed.",
            "completed status:bad,tag:A2,text:User is authenticated but not connected.",
        ],
    ),
    (
        "Exchange: empty lines",
        b"\r\n* 1 RECENT\r\n\r\n\r\n",
        &["recent number:1"],
    ),
    (
        "Exchange: a + that nothing waits for",
        b"+ idling\r\n",
        &["continuation text:idling"],
    ),
    (
        "Exchange, GoDaddy: EXPUNGE and FETCH of numbers that there are not",
        b"* 9999 EXPUNGE\r\n* 9998 FETCH (FLAGS ())\r\n",
        &[
            "expunge number:9999",
            "fetch_start seq:9998",
            "fetch_item item:flags",
            "fetch_end",
        ],
    ),
    (
        "AOL: a mere +",
        b"+\r\n",
        &["continuation"],
    ),
    (
        "ppops.net: OK and no more",
        b"* OK\r\nA1 OK\r\n",
        &["status status:ok","completed status:ok,tag:A1"],
    ),
    (
        "Zoho: a negative number",
        b"* -5 FETCH (UID 7)\r\n",
        &["fetch_start seq:0","fetch_item item:uid,value:7","fetch_end"],
    ),
    (
        "DavMail: two spaces",
        b"*  22279 EXISTS\r\n",
        &["exists number:22279"],
    ),
    (
        "an unknown server: NOOP as a response",
        b"* NOOP\r\n* 99 NOOP\r\n",
        &[
            "other in:response,name:NOOP",
            "other in:response,name:NOOP,number:99",
        ],
    ),
    (
        "Gmail: NO behind what there is",
        b"* 1 FETCH (UID 7)\r\nA1 NO Some of the requested messages no longer exist (Failure)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:uid,value:7",
            "fetch_end",
            "completed status:no,tag:A1,text:Some of the requested messages no longer exist (Failure)",
        ],
    ),
    (
        "many: zeros",
        b"* OK [UIDNEXT 0] x\r\n* OK [UNSEEN 0] x\r\n* OK [UIDVALIDITY 0] x\r\n* OK [UIDVALIDITY] x\r\n",
        &[
            "status code:{uid_next:0},status:ok,text:x",
            "status code:{unseen:0},status:ok,text:x",
            "status code:{uid_validity:0},status:ok,text:x",
            "status code:{malformed:{raw:UIDVALIDITY}},status:ok,text:x",
        ],
    ),
    (
        "iCloud: UNSEEN without text",
        b"* OK [UNSEEN 2]\r\n",
        &["status code:{unseen:2},status:ok"],
    ),
    (
        "iCloud's proxy: words put in and taken out",
        b"* CAPABILITY IMAP4 IMAP4rev1 XAPPLEPUSHSERVICE   SASL-IR\r\n",
        &[
            "capability capabilities:[IMAP4,IMAP4rev1,XAPPLEPUSHSERVICE,SASL-IR]",
        ],
    ),
    (
        "GMX: BYE in place of +",
        b"* BYE timeout\r\n",
        &["status status:bye,text:timeout"],
    ),
    (
        "Netscape 4.03: CAPABILITY twice",
        b"* CAPABILITY * CAPABILITY IMAP4 IMAP4rev1\r\n",
        &["capability capabilities:[IMAP4,IMAP4rev1]"],
    ),
    (
        "an unknown server: LITERAL + and stray +",
        b"* CAPABILITY IMAP4rev1 LITERAL + + IDLE\r\n",
        &["capability capabilities:[IMAP4rev1,LITERAL,IDLE]"],
    ),
    (
        "exmail.qq.com: a space at the end",
        b"* CAPABILITY IMAP4rev1 IDLE \r\n",
        &["capability capabilities:[IMAP4rev1,IDLE]"],
    ),
    (
        "Yahoo: errors of its own",
        b"A1 NO [SERVERBUG] UID SEARCH Server error - Please try again later\r\nA2 NO [UNAVAILABLE] UID FETCH Server error\r\n",
        &[
            "completed code:server_bug,status:no,tag:A1,text:UID SEARCH Server error - Please try again later",
            "completed code:unavailable,status:no,tag:A2,text:UID FETCH Server error",
        ],
    ),
    (
        "Domino: a literal one byte short",
        b"* 1 FETCH (FLAGS (\\Seen) BODY[] {4}\r\nabcde\r\n UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_body data:{literal:4},kind:body,section:{text:all}",
            "fetch_chunk text:abcd",
            "Peer(FrameLost)",
        ],
    ),
    (
        "Domino: a literal two bytes short, then a line's end",
        b"* 1 FETCH (FLAGS (\\Seen) BODY[] {2}\r\nab\r\n UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_body data:{literal:2},kind:body,section:{text:all}",
            "fetch_chunk text:ab",
            "fetch_end",
            "malformed in:response,text: UID 7)",
        ],
    ),
    (
        "Domino: spaces behind a literal's size",
        b"* 1 FETCH (FLAGS (\\Seen) BODY[] {4}  \r\nabcd UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "Peer(FrameLost)",
        ],
    ),
    (
        "an unknown server: a literal counted in characters",
        "* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL {9}\r\nРецепция NIL NIL NIL NIL NIL NIL NIL NIL) UID 7)\r\n".as_bytes(),
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "Peer(FrameLost)",
        ],
    ),
    (
        "Free.fr: a negative literal",
        b"* 1 FETCH (FLAGS (\\Seen) BODY[] {-1}\r\nabc UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "Peer(FrameLost)",
        ],
    ),
    (
        "an unknown server: more announced than sent",
        b"* 1 FETCH (FLAGS (\\Seen) BODY[] {2000}\r\nabc UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_body data:{literal:2000},kind:body,section:{text:all}",
            "fetch_chunk text:abc UID 7)\\r\\n* 5 EXISTS\\r\\nA9 OK done\\r\\n",
        ],
    ),
    (
        "an unknown server: zeros before a literal's size",
        b"* 1 FETCH (FLAGS (\\Seen) BODY[] {0004}\r\nabcd UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_body data:{literal:4},kind:body,section:{text:all}",
            "fetch_chunk text:abcd",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Xeams: the rest behind the end",
        b"* 1 FETCH (FLAGS () BODY[TEXT] {4}\r\nabcd)\r\n BODY[HEADER] NIL UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags",
            "fetch_body data:{literal:4},kind:body,section:{text:text}",
            "fetch_chunk text:abcd",
            "fetch_end",
            "malformed in:response,text: BODY[HEADER] NIL UID 7)",
        ],
    ),
    (
        "GreenMail: no space before a literal",
        b"* 1 FETCH (FLAGS (\\Seen) BODY[HEADER]{4}\r\nabcd UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_body data:{literal:4},kind:body,section:{text:header}",
            "fetch_chunk text:abcd",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "an unknown server: quotes in quotes",
        b"* 1 FETCH (FLAGS (\\Seen) BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1)(\"TEXT\" \"HTML\" NIL NIL NIL \"7BIT\" 3 1) \"MIXED\" (\"BOUNDARY\" \"MOUNDARY=\"_006_x_\"\") NIL NIL) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:body_structure,value:[{kind:multipart,media_type:multipart,params:{BOUNDARY:MOUNDARY='_006_x_'},subtype:MIXED},{encoding:7bit,kind:single,lines:1,media_type:TEXT,number:1,size:3,subtype:PLAIN},{encoding:7bit,kind:single,lines:1,media_type:TEXT,number:2,size:3,subtype:HTML}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "iCloud: quotes in a Message-ID",
        b"* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL \"<\"392889836.11.1.JavaMail.Redacted\"@Redacted>\") UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:envelope,value:{message_id:<'392889836.11.1.JavaMail.Redacted'@Redacted>,subject:s}",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "iCloud: an odd number of quotes",
        b"* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"a \"b\" c\" NIL NIL NIL NIL NIL NIL NIL \"<\"1@x>\") UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "malformed in:fetch,text:ENVELOPE (NIL 'a 'b' c' NIL NIL NIL NIL NIL NIL NIL '<'1@x>') UID 7)",
            "fetch_end",
        ],
    ),
    (
        "a gateway: parentheses between odd quotes",
        b"* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"a\"b)c\"d\" NIL NIL NIL NIL NIL NIL NIL \"<1@x>\") UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "malformed in:fetch,text:ENVELOPE (NIL 'a'b)c'd'",
            "other in:fetch,name:NIL,text:NIL",
            "other in:fetch,name:NIL,text:NIL",
            "other in:fetch,name:NIL,text:NIL",
            "other in:fetch,name:NIL,text:'<1@x>'",
            "malformed in:fetch,text: UID 7)",
            "fetch_end",
        ],
    ),
    (
        "QQ: a backslash before the last quote",
        b"* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"s\" ((NIL NIL \"a\" \"qq.com\\\")) NIL NIL NIL NIL NIL NIL \"<1@x>\") UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "malformed in:fetch,text:ENVELOPE (NIL 's' ((NIL NIL 'a' 'qq.com\\')) NIL NIL NIL NIL NIL NIL '<1@x>') UID 7)",
            "fetch_end",
        ],
    ),
    (
        "QQ: two of them",
        b"* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"s\" ((NIL NIL \"a\" \"qq.com\\\")) ((NIL NIL \"b\" \"sina.com\\\")) NIL NIL NIL NIL NIL \"<1@x>\") UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "malformed in:fetch,text:ENVELOPE (NIL 's' ((NIL NIL 'a' 'qq.com\\')) ((NIL NIL 'b' 'sina.com\\')) NIL NIL NIL NIL NIL '<1@x>') UID 7)",
            "fetch_end",
        ],
    ),
    (
        "Domino: quotes in a parameter",
        b"* 1 FETCH (FLAGS (\\Seen) BODYSTRUCTURE (\"TEXT\" \"HTML\" (\"CHARSET\" \"3D\"Windows-1252\"\") NIL NIL \"QUOTED-PRINTABLE\" 3 1 NIL NIL NIL NIL) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:body_structure,value:[{encoding:quoted-printable,kind:single,lines:1,media_type:TEXT,number:1,params:{CHARSET:3D'Windows-1252'},size:3,subtype:HTML}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Proton Bridge: 8-bit bytes in quotes",
        "* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"grüße\" ((\"Jürgen\" NIL \"j\" \"x\")) NIL NIL NIL NIL NIL NIL \"<1@x>\") UID 7)\r\n".as_bytes(),
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:envelope,value:{from:[{host:x,mailbox:j,name:Jürgen}],message_id:<1@x>,subject:grüße}",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "a server of the nineties: Latin-1 in quotes",
        b"* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"gr\xfc\xdfe\" NIL NIL NIL NIL NIL NIL NIL \"<1@x>\") UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:envelope,value:{message_id:<1@x>,subject:gr��e}",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Exchange: a disposition without its list",
        b"* 1 FETCH (FLAGS (\\Seen) BODYSTRUCTURE (\"IMAGE\" \"PNG\" (\"NAME\" \"a.png\") \"<i>\" NIL \"BASE64\" 4 NIL \"inline\" NIL) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:body_structure,value:[{disposition:{kind:inline},encoding:base64,id:<i>,kind:single,media_type:IMAGE,number:1,params:{NAME:a.png},size:4,subtype:PNG}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Exchange: a description in the place of a disposition",
        b"* 1 FETCH (FLAGS (\\Seen) BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1)(\"TEXT\" \"HTML\" NIL NIL NIL \"7BIT\" 3 1) \"mixed\" (\"boundary\" \"x\") \"S/MIME Encrypted Message\" NIL) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:body_structure,value:[{description:S/MIME Encrypted Message,kind:multipart,media_type:multipart,params:{boundary:x},subtype:mixed},{encoding:7bit,kind:single,lines:1,media_type:TEXT,number:1,size:3,subtype:PLAIN},{encoding:7bit,kind:single,lines:1,media_type:TEXT,number:2,size:3,subtype:HTML}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Office 365: a body of NILs",
        b"* 1 FETCH (FLAGS (\\Seen) BODYSTRUCTURE (NIL NIL NIL NIL NIL \"7BIT\" 563 NIL NIL NIL NIL) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:body_structure,value:[{encoding:7bit,kind:single,number:1,size:563}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Dovecot: a child that is NIL",
        b"* 1 FETCH (FLAGS (\\Seen) BODYSTRUCTURE (NIL \"alternative\" (\"boundary\" \"x\") NIL NIL NIL) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:body_structure,value:[{kind:multipart,media_type:multipart,params:{boundary:x},subtype:alternative}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Gmail: a multipart without children",
        b"* 1 FETCH (FLAGS (\\Seen) BODYSTRUCTURE (\"ALTERNATIVE\" (\"BOUNDARY\" \"x\") NIL NIL) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:body_structure,value:[{kind:multipart,media_type:multipart,params:{BOUNDARY:x},subtype:ALTERNATIVE}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Yandex: a multipart without children",
        b"* 1 FETCH (FLAGS (\\Seen) BODYSTRUCTURE (\"RELATED\" NIL (\"ATTACHMENT\" NIL) NIL) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:body_structure,value:[{disposition:{kind:ATTACHMENT},kind:multipart,media_type:multipart,subtype:RELATED}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "QQ: a multipart without children or anything",
        b"* 1 FETCH (FLAGS (\\Seen) BODY (\"ALTERNATIVE\") UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:body,value:[{kind:multipart,media_type:multipart,subtype:ALTERNATIVE}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Gmail: name and mailbox swapped",
        b"* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"s\" ((\"<sender@domain.com>\" NIL \"=?UTF-8?Q?x?=\" NIL)) NIL NIL NIL NIL NIL NIL \"<1@x>\") UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:envelope,value:{from:[{host:domain.com,mailbox:sender,name:=?UTF-8?Q?x?=}],message_id:<1@x>,subject:s}",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Domino: a message in a message that is empty",
        b"* 1 FETCH (FLAGS (\\Seen) BODYSTRUCTURE (\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 0 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) () 0) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:body_structure,value:[{encoding:7bit,kind:message,lines:0,media_type:MESSAGE,number:1,size:0,subtype:RFC822},{kind:malformed,number:1.1,raw:()}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "hMailServer: no subtype",
        b"* 1 FETCH (FLAGS (\\Seen) BODYSTRUCTURE ((\"TEXT\" (\"CHARSET\" \"utf-8\") NIL NIL \"7BIT\" 3 1)(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1) \"MIXED\") UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:body_structure,value:[{kind:multipart,media_type:multipart,subtype:MIXED},{encoding:7bit,kind:single,lines:1,media_type:TEXT,number:1,params:{CHARSET:utf-8},size:3},{encoding:7bit,kind:single,lines:1,media_type:TEXT,number:2,size:3,subtype:PLAIN}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "hMailServer: no subtype, again",
        b"* 1 FETCH (FLAGS (\\Seen) BODYSTRUCTURE (\"X-ZIP\" (\"BOUNDARY\" \"\") NIL NIL \"BASE64\" 3) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:body_structure,value:[{encoding:base64,kind:single,media_type:X-ZIP,number:1,size:3}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "mail.ru, Exchange: a parameter that is NIL",
        b"* 1 FETCH (FLAGS (\\Seen) BODYSTRUCTURE (\"TEXT\" \"PLAIN\" (\"name\" NIL \"charset\" \"utf-8\") NIL NIL \"7BIT\" 3 1) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:body_structure,value:[{encoding:7bit,kind:single,lines:1,media_type:TEXT,number:1,params:{charset:utf-8},size:3,subtype:PLAIN}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Exchange, Dovecot: sizes below zero",
        b"* 1 FETCH (FLAGS (\\Seen) BODYSTRUCTURE (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" -1 -1) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:body_structure,value:[{encoding:7bit,kind:single,media_type:TEXT,number:1,subtype:PLAIN}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "an unknown server: an ENVELOPE without Message-ID",
        b"* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"s\" ((NIL NIL \"a\" \"x\")) NIL NIL NIL NIL NIL NIL) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:envelope,value:{from:[{host:x,mailbox:a}],subject:s}",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Exchange: an address that is none",
        b"* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"s\" ((\"Microsoft Exchange Server\" NIL NIL \".MISSING-HOST-NAME.\")) ((NIL NIL \"x\" \"MISSING_DOMAIN\")) NIL NIL NIL NIL NIL \"<1@x>\") UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:envelope,value:{from:[{host:.MISSING-HOST-NAME.,name:Microsoft Exchange Server}],message_id:<1@x>,sender:[{host:MISSING_DOMAIN,mailbox:x}],subject:s}",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Outlook.com: a space between addresses",
        b"* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"s\" ((NIL NIL \"a\" \"x\") (NIL NIL \"b\" \"x\")) NIL NIL NIL NIL NIL NIL \"<1@x>\") UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:envelope,value:{from:[{host:x,mailbox:a},{host:x,mailbox:b}],message_id:<1@x>,subject:s}",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Yahoo: an empty list of addresses",
        b"* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"s\" () () NIL NIL NIL NIL NIL \"<1@x>\" ) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:envelope,value:{message_id:<1@x>,subject:s}",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Yahoo: a space before the end",
        b"* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"s\" ((NIL NIL \"a\" NIL )) NIL NIL NIL NIL NIL NIL NIL ) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:envelope,value:{from:[{mailbox:a}],subject:s}",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "QQ: a space before the end",
        b"* 1 FETCH (UID 19436 )\r\n* 2 FETCH (UID 1 )\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:uid,value:19436",
            "fetch_end",
            "fetch_start seq:2",
            "fetch_item item:uid,value:1",
            "fetch_end",
        ],
    ),
    (
        "Exchange 2010: an encoding that is no string",
        b"* 1 FETCH (FLAGS (\\Seen) BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL 7bit 3 1)(\"IMAGE\" \"PNG\" NIL NIL NIL \"base64 \" 3)(\"IMAGE\" \"GIF\" NIL NIL NIL NIL 3) \"MIXED\") UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:body_structure,value:[{kind:multipart,media_type:multipart,subtype:MIXED},{encoding:7bit,kind:single,lines:1,media_type:TEXT,number:1,size:3,subtype:PLAIN},{encoding:base64,kind:single,media_type:IMAGE,number:2,size:3,subtype:PNG},{kind:single,media_type:IMAGE,number:3,size:3,subtype:GIF}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Exchange, hMailServer: all in place of a part",
        b"* 1 FETCH (FLAGS (\\Seen) BODY[] {4}\r\nabcd UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_body data:{literal:4},kind:body,section:{text:all}",
            "fetch_chunk text:abcd",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "iCloud: no data",
        b"A1 OK FETCH completed\r\n",
        &["completed status:ok,tag:A1,text:FETCH completed"],
    ),
    (
        "Proton Bridge: another message's flags in between",
        b"* 1 FETCH (UID 7 BODY[] {2}\r\nab)\r\n* 5 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 8 BODY[] {2}\r\ncd)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:uid,value:7",
            "fetch_body data:{literal:2},kind:body,section:{text:all}",
            "fetch_chunk text:ab",
            "fetch_end",
            "fetch_start seq:5",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_end",
            "fetch_start seq:2",
            "fetch_item item:uid,value:8",
            "fetch_body data:{literal:2},kind:body,section:{text:all}",
            "fetch_chunk text:cd",
            "fetch_end",
        ],
    ),
    (
        "Gmail: labels with brackets and spaces",
        b"* 1 FETCH (FLAGS (OIB-Seen-[Google Mail]/Alle Nachrichten +IMNews NIL) X-GM-LABELS (\"\\\\Sent\" [x] NIL) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[OIB-Seen-[Google,Mail]/Alle,Nachrichten,+IMNews,NIL]",
            "fetch_item item:x_gm_labels,value:[\\Sent,[x],NIL]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Gmail: flags with brackets",
        b"* FLAGS (\\Seen OIB-Seen-[Google Mail]/Alle Nachrichten)\r\n* OK [PERMANENTFLAGS (\\Seen OIB-Seen-[Google Mail]/All \\*)] Flags permitted.\r\n",
        &[
            "flags flags:[\\Seen,OIB-Seen-[Google,Mail]/Alle,Nachrichten]",
            "status code:{permanent_flags:[\\Seen,OIB-Seen-[Google,Mail]/All,\\*]},status:ok,text:Flags permitted.",
        ],
    ),
    (
        "Exchange: names with tabs, half a pair of quotes",
        b"* LIST (\\HasNoChildren) \"/\" INBOX/Da\tOggetto\tRicevuto\r\n* LIST () \"/\" Calendar\"\r\n* STATUS INBOX (MESSAGES 0) \r\n",
        &[
            "list attributes:[\\HasNoChildren],delimiter:/,mailbox:INBOX/Da\\tOggetto\\tRicevuto",
            "list delimiter:/,mailbox:Calendar",
            "mailbox_status mailbox:INBOX,values:[{messages:0}]",
        ],
    ),
    (
        "various: LIST flags of all kinds",
        b"* LIST NIL \"/\" a\r\n* LIST \"\\\\Noselect\" \"/\" b\r\n* LIST (\\ ) \"/\" c\r\n* LIST (\\* \\Marked) \"/\" d\r\n",
        &[
            "list delimiter:/,mailbox:a",
            "list attributes:[\\Noselect],delimiter:/,mailbox:b",
            "list attributes:[\\'],delimiter:/,mailbox:c",
            "list attributes:[\\*,\\Marked],delimiter:/,mailbox:d",
        ],
    ),
    (
        "various: FLAGS of all kinds",
        b"* FLAGS (\\Seen \\ \\*)\r\n* FLAGS (* \\Seen)\r\n* OK [PERMANENTFLAGS ( \\*)] x\r\n* 1 FETCH (FLAGS ( \\Seen \\* ) UID 7)\r\n",
        &[
            "flags flags:[\\Seen,\\',\\*]",
            "flags flags:[*,\\Seen]",
            "status code:{permanent_flags:[\\*]},status:ok,text:x",
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen,\\*]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "various: names in no form",
        b"* LIST () \".\" NIL\r\n* LIST () \".\" [FolderName]\r\n* STATUS Sent Items (UIDNEXT 1)\r\n",
        &[
            "list delimiter:.,mailbox:NIL",
            "list delimiter:.,mailbox:[FolderName]",
            "mailbox_status mailbox:Sent Items,values:[{uid_next:1}]",
        ],
    ),
    (
        "AOL, Yahoo, Cyrus 2.4: searches answered otherwise",
        b"* ESEARCH (TAG \"A8\") UID\r\n* ESEARCH (TAG \"A8\") ALL 1:3\r\n* SEARCH 7456 \r\n* SEARCH\r\n* SEARCH 0 5\r\n",
        &[
            "esearch tag:A8,uid:true",
            "esearch all:1:3,tag:A8",
            "search numbers:[7456]",
            "search",
            "search numbers:[5]",
        ],
    ),
    (
        "various: UIDVALIDITY over 32 bits",
        b"* OK [UIDVALIDITY 14319218160000001] x\r\n",
        &[
            "status code:{uid_validity:14319218160000001},status:ok,text:x",
        ],
    ),
    (
        "various: figures over 32 bits",
        b"* QUOTA \"\" (STORAGE 5000000000 10000000000)\r\n* 1 FETCH (RFC822.SIZE 5000000000 UID 7)\r\n",
        &[
            "quota resources:[{limit:10000000000,name:STORAGE,usage:5000000000}]",
            "fetch_start seq:1",
            "fetch_item item:rfc822_size,value:5000000000",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "various: all in lower case",
        b"* list (\\noinferiors) \"/\" inbox\r\n* 3 exists\r\n* 1 fetch (uid 7 flags (\\seen) body[] {2}\r\nab)\r\na1 ok done\r\n",
        &[
            "list attributes:[\\Noinferiors],delimiter:/,mailbox:inbox",
            "exists number:3",
            "fetch_start seq:1",
            "fetch_item item:uid,value:7",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_body data:{literal:2},kind:body,section:{text:all}",
            "fetch_chunk text:ab",
            "fetch_end",
            "completed status:ok,tag:a1,text:done",
        ],
    ),
    (
        "various: NAMESPACE without a separator",
        b"* NAMESPACE ((\"\" NIL)) NIL NIL\r\n",
        &["namespace personal:[{}]"],
    ),
    (
        "various: ID of atoms",
        b"* ID (name x vendor NIL)\r\n* ID NIL\r\n* ID ()\r\n",
        &["id fields:[{name:name,value:x},{name:vendor}]","id","id"],
    ),
    (
        "various: STATUS of nothing",
        b"* STATUS INBOX ()\r\n",
        &["mailbox_status mailbox:INBOX"],
    ),
    (
        "various: two spaces between capabilities",
        b"* CAPABILITY IMAP4rev1  IDLE\r\n",
        &["capability capabilities:[IMAP4rev1,IDLE]"],
    ),
    (
        "various: a tagged BYE",
        b"A1 BYE see you\r\n",
        &["completed status:bye,tag:A1,text:see you"],
    ),
    (
        "various: NUL in a body",
        b"* 1 FETCH (BODY[] {3}\r\na\0b UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_body data:{literal:3},kind:body,section:{text:all}",
            "fetch_chunk text:a\\u0000b",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "various: Latin-1 in texts",
        b"* OK gr\xfc\xdfe\r\nA1 NO f\xfcr dich nicht\r\n",
        &[
            "status status:ok,text:gr��e",
            "completed status:no,tag:A1,text:f�r dich nicht",
        ],
    ),
    (
        "various: a quote in a mailbox's name",
        b"* LIST () \"/\" \"a\"b\"\r\n* LIST () \"/\" \"a\"b\"c\"\r\n",
        &["list delimiter:/,mailbox:a'b","list delimiter:/,mailbox:a'b'c"],
    ),
    (
        "a text that looks like a literal",
        b"* OK see ticket {12}\r\n",
        &["status status:ok,text:see ticket {12}"],
    ),
    (
        "replies out of order",
        b"A3 OK done\r\nA2 NO no\r\n",
        &[
            "completed status:ok,tag:A3,text:done",
            "completed status:no,tag:A2,text:no",
        ],
    ),
    (
        "a line of a body that looks like the end",
        b"* 1 FETCH (BODY[] {13}\r\n\r\nA9 OK done\r UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_body data:{literal:13},kind:body,section:{text:all}",
            "fetch_chunk text:\\r\\nA9 OK done\\r",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "7 nested multiparts",
        b"* 1 FETCH (BODYSTRUCTURE (((((((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1) \"MIXED\") \"MIXED\") \"MIXED\") \"MIXED\") \"MIXED\") \"MIXED\") UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:body_structure,value:[{kind:multipart,media_type:multipart,subtype:MIXED},{kind:multipart,media_type:multipart,number:1,subtype:MIXED},{kind:multipart,media_type:multipart,number:1.1,subtype:MIXED},{kind:multipart,media_type:multipart,number:1.1.1,subtype:MIXED},{kind:multipart,media_type:multipart,number:1.1.1.1,subtype:MIXED},{kind:multipart,media_type:multipart,number:1.1.1.1.1,subtype:MIXED},{encoding:7bit,kind:single,lines:1,media_type:TEXT,number:1.1.1.1.1.1,size:3,subtype:PLAIN}]",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "one odd part of one message",
        b"* 1 FETCH (UID 7 BODYSTRUCTURE ((\"TEXT\" ?? ??)(\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1) \"MIXED\") FLAGS (\\Seen))\r\n* 2 FETCH (UID 8)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:uid,value:7",
            "fetch_item item:body_structure,value:[{kind:multipart,media_type:multipart,subtype:MIXED},{kind:single,media_type:TEXT,number:1,subtype:??},{encoding:7bit,kind:single,lines:1,media_type:TEXT,number:2,size:3,subtype:PLAIN}]",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_end",
            "fetch_start seq:2",
            "fetch_item item:uid,value:8",
            "fetch_end",
        ],
    ),
];

/// The same of what [`Quirks`] allow.
const IMAP_WITH_QUIRKS: &[(&str, Quirks, &[u8], &[&str])] = &[
    (
        "Domino: spaces behind a literal's size, allowed",
        Quirks::LITERAL_SPACES,
        b"* 1 FETCH (FLAGS (\\Seen) BODY[] {4}  \r\nabcd UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_body data:{literal:4},kind:body,section:{text:all}",
            "fetch_chunk text:abcd",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "Domino: spaces behind a literal's size inside an item, allowed",
        Quirks::LITERAL_SPACES,
        b"* 1 FETCH (FLAGS (\\Seen) BODY[HEADER.FIELDS ({4} \r\nFrom)] {2} \r\n\r\n UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_body data:{literal:2},kind:body,section:{text:{header_fields:[From]}}",
            "fetch_chunk text:\\r\\n",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "spaces behind what is no literal's size",
        Quirks::LITERAL_SPACES,
        b"* 1 FETCH (FLAGS (\\Seen) X-A ({4}  x) UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "other in:fetch,name:X-A,text:({4}  x)",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "iCloud: an odd number of quotes, allowed",
        Quirks::ODD_QUOTES,
        b"* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"a\" NIL NIL NIL NIL NIL NIL NIL \"<\"1@x>\") UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:envelope,value:{message_id:<'1@x>,subject:a}",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
    (
        "a gateway: parentheses between odd quotes, allowed",
        Quirks::ODD_QUOTES,
        b"* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"a\"b)c\"d\" NIL NIL NIL NIL NIL NIL NIL \"<1@x>\") UID 7)\r\n",
        &[
            "fetch_start seq:1",
            "fetch_item item:flags,value:[\\Seen]",
            "fetch_item item:envelope,value:{message_id:<1@x>,subject:a'b)c'd}",
            "fetch_item item:uid,value:7",
            "fetch_end",
        ],
    ),
];

const XOAUTH2: pop3::command::AuthCommand<'_> =
    pop3::command::AuthCommand { mechanism: "XOAUTH2", initial_response: None };

/// Who sends it, in answer to what, the bytes, and what is told.
#[allow(clippy::type_complexity, reason = "a table")]
const POP3: &[(&str, &dyn Pop3Command, &[u8], &[&str])] = &[
    (
        "an unknown server: three spaces in UIDL",
        &pop3::command::UidlCommand { message: None },
        b"+OK\r\n1   2011071307115510400ae3e9e00bmu9\r\n2 b\r\n.\r\n",
        &[
            "started kind:uidl,status:ok",
            "uidl_item number:1,uid:2011071307115510400ae3e9e00bmu9",
            "uidl_item number:2,uid:b",
            "completed kind:uidl,status:ok",
        ],
    ),
    (
        "various: blank and repeated UIDs",
        &pop3::command::UidlCommand { message: None },
        b"+OK\r\n1 \r\n2\r\n3 same\r\n4 same\r\n.\r\n",
        &[
            "started kind:uidl,status:ok",
            "uidl_item number:1",
            "uidl_item number:2",
            "uidl_item number:3,uid:same",
            "uidl_item number:4,uid:same",
            "completed kind:uidl,status:ok",
        ],
    ),
    (
        "various: gaps in the numbers",
        &pop3::command::ListCommand { message: None },
        b"+OK 3 messages\r\n1 120\r\n5 200 octets\r\n9 x\r\n12 7\r\n.\r\n",
        &[
            "started kind:list,status:ok,text:3 messages",
            "list_item number:1,size:120",
            "list_item number:5,size:200",
            "malformed text:9 x",
            "list_item number:12,size:7",
            "completed kind:list,status:ok",
        ],
    ),
    (
        "various: lines that end in LF only",
        &pop3::command::TopCommand { message: 1, lines: 5 },
        b"+OK\nSubject: x\n\n..y\n.\n",
        &[
            "message_start number:1",
            "message_chunk text:Subject: x\\n\\n.y\\n",
            "message_end",
            "completed kind:top,number:1,status:ok",
        ],
    ),
    (
        "various: the end with a bare LF",
        &pop3::command::RetrCommand { message: 1 },
        b"+OK\r\na\r\n.\n",
        &[
            "message_start number:1",
            "message_chunk text:a\\r\\n",
            "message_end",
            "completed kind:retr,number:1,status:ok",
        ],
    ),
    (
        "various: the end behind a line that ends in LF only",
        &pop3::command::RetrCommand { message: 1 },
        b"+OK\r\na\n.\r\n",
        &[
            "message_start number:1",
            "message_chunk text:a\\n",
            "message_end",
            "completed kind:retr,number:1,status:ok",
        ],
    ),
    (
        "various: text for a challenge",
        &XOAUTH2,
        b"+ go ahead\r\n",
        &["challenge challenge:go ahead"],
    ),
    (
        "various: an empty challenge without its space",
        &XOAUTH2,
        b"+\r\n",
        &["challenge"],
    ),
    (
        "various: UIDL of one message without its number",
        &pop3::command::UidlCommand { message: Some(5) },
        b"+OK abc\r\n",
        &[
            "uidl_item number:5,uid:abc",
            "completed kind:uidl_one,number:5,status:ok,text:abc",
        ],
    ),
    (
        "various: lines far longer than 512 octets, and than Rx",
        &pop3::command::RetrCommand { message: 1 },
        b"+OK\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n..\r\n.\r\n",
        &[
            "message_start number:1",
            "message_chunk text:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\r\\n.\\r\\n",
            "message_end",
            "completed kind:retr,number:1,status:ok",
        ],
    ),
    (
        "dots at the beginning of lines",
        &pop3::command::RetrCommand { message: 1 },
        b"+OK\r\n..a\r\n...\r\n.b\r\n..\r\n.\r\n",
        &[
            "message_start number:1",
            "message_chunk text:.a\\r\\n..\\r\\nb\\r\\n.\\r\\n",
            "message_end",
            "completed kind:retr,number:1,status:ok",
        ],
    ),
    (
        "what looks like an answer in a message",
        &pop3::command::RetrCommand { message: 1 },
        b"+OK\r\n-ERR no\r\n+OK\r\n.\r\n",
        &[
            "message_start number:1",
            "message_chunk text:-ERR no\\r\\n+OK\\r\\n",
            "message_end",
            "completed kind:retr,number:1,status:ok",
        ],
    ),
    (
        "a code that is none",
        &pop3::command::RetrCommand { message: 1 },
        b"-ERR [X-Y z] no such message\r\n",
        &[
            "completed code:X-Y z,kind:retr,number:1,status:err,text:no such message",
        ],
    ),
    (
        "an answer in lower case",
        &pop3::command::StatCommand,
        b"+ok 2 300\r\n",
        &[
            "stat messages:2,size:300",
            "completed kind:stat,status:ok,text:2 300",
        ],
    ),
    (
        "an answer of more than was asked for",
        &pop3::command::StatCommand,
        b"+OK 2 300 octets (unseen 1)\r\n",
        &[
            "stat messages:2,size:300",
            "completed kind:stat,status:ok,text:2 300 octets (unseen 1)",
        ],
    ),
    (
        "an answer of less",
        &pop3::command::StatCommand,
        b"+OK 2\r\n",
        &["malformed text:+OK 2","completed kind:stat,status:ok,text:2"],
    ),
];

/// What stands behind each case, and what is told of it.
const BEHIND: &[u8] = b"* 5 EXISTS\r\nA9 OK done\r\n";
const THE_REST: [&str; 2] = ["exists number:5", "completed status:ok,tag:A9,text:done"];

#[track_caller]
fn check_imap(server: &str, bytes: &[u8], quirks: Quirks, events: &[&str]) {
    let ends =
        events.last().is_some_and(|last| last.starts_with("Peer(") || last.contains("A9 OK"));
    let rest: &[&str] = if ends { &[] } else { &THE_REST };
    let expected = [events, rest].concat();
    let all = [bytes, BEHIND].concat();
    assert_eq!(imap(quirks, &[&all]), expected, "{server}");
    let bytes: Vec<_> = all.chunks(1).collect();
    assert_eq!(imap(quirks, &bytes), expected, "{server}, a byte at a time");
    // Of what is long, not at every byte.
    for at in (1..all.len()).step_by(all.len().div_ceil(1000)) {
        let (before, after) = all.split_at(at);
        assert_eq!(imap(quirks, &[before, after]), expected, "{server}, cut at {at}");
    }
}

#[test]
fn imap_servers() {
    for (server, bytes, events) in IMAP {
        check_imap(server, bytes, Quirks::NONE, events);
    }
}

/// With the flags that move the end of a response.
#[test]
fn imap_servers_with_quirks() {
    for (server, quirks, bytes, events) in IMAP_WITH_QUIRKS {
        check_imap(server, bytes, *quirks, events);
    }
}

/// They change nothing of what other servers say.
#[test]
fn quirks_do_no_harm() {
    let both = Quirks::ODD_QUOTES | Quirks::LITERAL_SPACES;
    // Those have quotes that are odd.
    let odd = ["Domino", "QQ: ", "a gateway", "Exchange: names"];
    for (server, bytes, events) in IMAP {
        if !odd.iter().any(|it| server.starts_with(it)) && !server.contains("quote") {
            check_imap(server, bytes, both, events);
        }
    }
    let sound = br#"* 1 FETCH (ENVELOPE (NIL "a\"b\\" ((NIL NIL "\"x y\"" "h")) NIL NIL NIL NIL NIL NIL "<1@x>") BODY[] "a\"b" X ("a""b") UID 7)"#;
    let expected = imap(Quirks::NONE, &[sound, b"\r\n"]);
    assert_eq!(imap(both, &[sound, b"\r\n"]), expected);
}

#[test]
fn deep_nests() {
    for depth in [7, 100, 500, 1900] {
        let nest = format!(
            "* 1 FETCH (BODYSTRUCTURE {}{} UID 7)\r\n",
            "(".repeat(depth),
            ")".repeat(depth)
        );
        let told = imap(Quirks::NONE, &[nest.as_bytes(), BEHIND]);
        assert_eq!(told.len(), 6);
        assert_eq!(told[2], "fetch_item item:uid,value:7");
        assert_eq!(told[4..], THE_REST);
    }
}

/// What POP3 tells of `bytes`, the answer to `command`.
fn pop3(command: &dyn Pop3Command, pieces: &[&[u8]]) -> Vec<String> {
    use pop3::command::{NoopCommand, PassCommand, UserCommand};
    let (mut rx, mut tx) = ([0; 256], [0; 256]);
    let mut buffers = Buffers::new(&mut rx, &mut tx);
    let mut connection = pop3::Connection::new(pop3::Config::default());
    let hear = |connection: &mut pop3::Connection, buffers: &mut Buffers<'_>, pieces: &[&[u8]]| {
        let sent = buffers.tx.pending().len();
        buffers.tx.consume(sent);
        let told = tell(connection, buffers, pieces, |event| line(event));
        let sent = buffers.tx.pending().len();
        buffers.tx.consume(sent);
        told
    };
    hear(&mut connection, &mut buffers, &[b"+OK ready <1@x>\r\n", b"-ERR what?\r\n"]);
    if command.kind() != pop3::Kind::Auth {
        connection.send(&UserCommand { user: "a" }, &mut buffers.tx).unwrap();
        hear(&mut connection, &mut buffers, &[b"+OK\r\n"]);
        connection.send(&PassCommand { password: "b".into() }, &mut buffers.tx).unwrap();
        hear(&mut connection, &mut buffers, &[b"+OK\r\n", b"-ERR what?\r\n"]);
    }
    connection.send(command, &mut buffers.tx).unwrap();
    let mut told = hear(&mut connection, &mut buffers, pieces);
    if !told.last().is_some_and(|last| last.starts_with("challenge")) {
        connection.send(&NoopCommand, &mut buffers.tx).unwrap();
        told.extend(hear(&mut connection, &mut buffers, &[b"+OK next\r\n"]));
    }
    told
}

#[test]
fn pop3_servers() {
    for (server, command, bytes, events) in POP3 {
        let ends = events.last().is_some_and(|last| last.starts_with("challenge"));
        let rest: &[&str] = if ends { &[] } else { &["completed kind:noop,status:ok,text:next"] };
        let expected = [*events, rest].concat();
        assert_eq!(pop3(*command, &[bytes]), expected, "{server}");
        let single: Vec<_> = bytes.chunks(1).collect();
        assert_eq!(pop3(*command, &single), expected, "{server}, a byte at a time");
        for at in 1..bytes.len() {
            let (before, after) = bytes.split_at(at);
            assert_eq!(pop3(*command, &[before, after]), expected, "{server}, cut at {at}");
        }
    }
}
