//! Fifty-seven messages that are hard on whoever reads them: on the server that takes them apart, and
//! on the client that is told what they are made of. Each holds one kind of trouble, which its
//! name tells, and all are the same each time.

/// A message and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nasty {
    /// What it holds.
    pub name: &'static str,
    /// The message.
    pub bytes: Vec<u8>,
}

/// All of them, in a fixed order. About 14 MB.
pub fn messages() -> Vec<Nasty> {
    let groups = [lines(), headers(), addresses(), words(), bodies(), multiparts(), parts()];
    groups.into_iter().flatten().collect()
}

fn nasty(name: &'static str, bytes: impl Into<Vec<u8>>) -> Nasty {
    Nasty { name, bytes: bytes.into() }
}

/// A header of the usual fields, with `more` of them behind, and no end.
fn header(subject: &str, more: &str) -> String {
    format!(
        "Date: Tue, 5 Mar 2024 07:08:09 +0100\r\n\
         From: Nora Nasty <nora@nasty.example>\r\n\
         To: rita@reader.example\r\n\
         Message-ID: <{:x}@nasty.example>\r\n\
         Subject: {subject}\r\n\
         {more}",
        subject.bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(31) ^ u32::from(byte)),
    )
}

/// A message of text.
fn plain(subject: &str, more: &str, body: &str) -> String {
    header(subject, more) + "\r\n" + body
}

/// A message that consists of this part.
fn message(subject: &str, part: &[u8]) -> Vec<u8> {
    [header(subject, "MIME-Version: 1.0\r\n").as_bytes(), part].concat()
}

/// A part: its header's lines without the last one's end, and its body.
fn part(header: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    [header.as_bytes(), b"\r\n\r\n", body.as_ref()].concat()
}

fn text(body: &str) -> Vec<u8> {
    part("Content-Type: text/plain; charset=us-ascii", body)
}

/// A multipart with preamble and epilogue; `kind` is the subtype and what comes behind it.
fn multipart(kind: &str, boundary: &str, parts: &[Vec<u8>]) -> Vec<u8> {
    let mut all = part(
        &format!("Content-Type: multipart/{kind}; boundary=\"{boundary}\""),
        "Not for your eyes.\r\n",
    );
    for part in parts {
        all.extend(format!("--{boundary}\r\n").bytes());
        all.extend(part);
        all.extend(b"\r\n");
    }
    all.extend(format!("--{boundary}--\r\nNor this.\r\n").bytes());
    all
}

/// Base64 in lines of 76.
fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::with_capacity(bytes.len() / 57 * 78 + 80);
    for line in bytes.chunks(57) {
        for three in line.chunks(3) {
            let byte = |at| u32::from(*three.get(at).unwrap_or(&0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for digit in 0..4 {
                let value = (bits >> (18 - 6 * digit)) & 63;
                out.push(if digit > three.len() { b'=' } else { DIGITS[value as usize] });
            }
        }
        out.extend(b"\r\n");
    }
    out
}

/// Bytes without order.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_u32;
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 8) as u8
    };
    core::iter::repeat_with(next).take(count).collect()
}

/// What lines are made of, and where they end.
fn lines() -> Vec<Nasty> {
    let body = ".\r\n..\r\n.x\r\n\r\n...\r\n. \r\n\r\n.\r\n";
    vec![
        nasty("nothing but a line's end", "\r\n"),
        nasty("one byte", "n"),
        nasty("no header", "\r\nThe header ended before it began.\r\n"),
        nasty("a header without an end", header("no empty line", "")),
        nasty("an empty body", plain("an empty body", "", "")),
        nasty("no line end at the end", plain("cut short", "", "one\r\ntwo")),
        nasty("bare LF", plain("bare LF", "", body).replace("\r\n", "\n")),
        nasty("bare CR", plain("bare CR", "", "a\rb\r\rc\r\r\nd\r\n\re\r")),
        nasty("LF and CR LF mixed", plain("mixed ends", "", "a\nb\r\nc\n\nd\r\n\ne\n\r\n\r\n")),
        nasty("dots", plain("dots", "", body)),
        nasty("lines that look like protocol", {
            let body = "A1 OK done\r\n* BYE go away\r\n+ more\r\n)\r\n* 1 FETCH (BODY[] {3}\r\nabc)\r\n\
                        From someone Tue Mar  5 07:08:09 2024\r\n-ERR no\r\n";
            plain("{2000000}", "X-Literal: {7}\r\nX-Plus: ~{9+}\r\n", body)
        }),
        nasty("a line of 1 MB", plain("a long line", "", &("long ".repeat(200_000) + "\r\n"))),
        nasty("a NUL in the header", plain("a NUL \0 here", "X-Nul: \0\0\r\n", "x\r\n")),
        nasty("NULs in the body", plain("NULs", "", "a\0b\r\n\0\0\0\r\n\0")),
        nasty("control characters", {
            plain(
                "bell \x07 esc \x1B[1m del \x7F tab \t.",
                "X-Ff: \x0C\x0B\r\n",
                "\x01\x1F\x0C\r\n",
            )
        }),
    ]
}

/// Header fields of all forms and sizes.
fn headers() -> Vec<Nasty> {
    let references: String =
        (0..2600).map(|n| format!("\r\n <{n:05}.reference@some.host.example>")).collect();
    let fields: String = (0..3000).map(|n| format!("X-Field-{n}: value {n}\r\n")).collect();
    vec![
        nasty("a subject of 100 KB", plain(&"endless ".repeat(12_800), "", "x\r\n")),
        nasty("a folded field of 100 KB", {
            plain("references", &format!("References:{references}\r\n"), "x\r\n")
        }),
        nasty("3000 fields", plain("many fields", &fields, "x\r\n")),
        nasty("folds everywhere", {
            "Date:\r\n Tue, 5 Mar 2024\r\n\t07:08:09 +0100\r\n\
             From: Nora\r\n  Nasty\r\n\t<nora@nasty.example>\r\n\
             To:\r\n rita@reader.example\r\n\
             Subject: folded\r\n\tby a tab,\r\n   by three spaces,\r\n \r\n and over an empty line\r\n\
             Message-ID:\r\n <folds@nasty.example>\r\n\r\nx\r\n"
        }),
        nasty("fields twice", {
            let more = "Subject: the second\r\nDate: Wed, 6 Mar 2024 00:00:00 +0000\r\n\
                        From: Second <second@nasty.example>\r\nTo: third@reader.example\r\n\
                        Message-ID: <second@nasty.example>\r\n";
            plain("the first", more, "x\r\n")
        }),
        nasty(
            "fields without values",
            "From:\r\nTo: \r\nCc:\t\r\nSubject:\r\nDate:\r\nMessage-ID:\r\nIn-Reply-To:\r\nContent-Type:\r\n\r\nx\r\n",
        ),
        nasty(
            "blanks before colons",
            "FROM : nora@nasty.example\r\ntO\t:rita@reader.example\r\nsubject:no blank\r\n: no name\r\nDATE: Tue, 5 Mar 2024 07:08:09 +0100\r\n\r\nx\r\n",
        ),
        nasty(
            "a line that is no field",
            "Subject: before\r\nthis is no field\r\nFrom: nora@nasty.example\r\n\r\nx\r\n",
        ),
        nasty("quotes, backslashes and braces", {
            let more = "In-Reply-To: <\"a b\\\"\\\\\"@c>\r\nComments: \"\\\r\n";
            plain("\"quoted\" \\\"escaped\\\" \\ (a) [b] {5} %d * ]", more, "x\r\n")
        }),
        nasty(
            "a date that is none",
            "Date: the \"day\" after \\ tomorrow (perhaps\r\nFrom: nora@nasty.example\r\nSubject: no date\r\n\r\nx\r\n",
        ),
    ]
}

/// Address fields.
fn addresses() -> Vec<Nasty> {
    let list = |count: usize, one: &dyn Fn(usize) -> String| {
        (0..count).map(one).collect::<Vec<_>>().join(",\r\n ")
    };
    let with = |subject: &str, fields: &str| {
        format!("Subject: {subject}\r\nDate: Tue, 5 Mar 2024 07:08:09 +0100\r\n{fields}\r\nx\r\n")
    };
    vec![
        nasty("500 recipients", {
            let to =
                list(500, &|n| format!("\"Reader, No. {n}\" <reader.{n}@host{}.example>", n % 9));
            with("500", &format!("From: nora@nasty.example\r\nTo: {to}\r\n"))
        }),
        nasty("200 recipients in encoded words", {
            let to = list(200, &|n| {
                format!("=?utf-8?q?L=C3=A9on_{n}?= =?iso-8859-1?q?_=DF?= <l{n}@reader.example>")
            });
            with(
                "200",
                &format!("From: =?utf-8?b?w4lsaXNl?= <elise@nasty.example>\r\nTo: {to}\r\n"),
            )
        }),
        nasty(
            "groups",
            with(
                "groups",
                "From: nora@nasty.example\r\n\
             To: The Readers: Rita <rita@reader.example>, \"Ron, R.\" <ron@reader.example>;, alone@reader.example\r\n\
             Cc: undisclosed-recipients:;\r\n\
             Bcc: \"a: b\": c@d.example; , Empty : ; , e@f.example\r\n\
             Reply-To: One: one@a.example; , Two: two@a.example, three@a.example;\r\n",
            ),
        ),
        nasty(
            "groups that are broken",
            with(
                "broken groups",
                "From: nora@nasty.example\r\n\
             To: Never Closed: rita@reader.example, ron@reader.example\r\n\
             Cc: Outer: Inner: in@side.example;, out@side.example;\r\n\
             Bcc: ;, :;, ::;\r\n",
            ),
        ),
        nasty(
            "odd addresses",
            with(
                "odd addresses",
                "From: \"Nora \\\"N\\\" \\\\ Nasty\" <nora@nasty.example>\r\n\
             Sender: <>\r\n\
             Reply-To: <@one.example,@two.example:nora@nasty.example>\r\n\
             To: \"very odd\"@reader.example, rita@[192.0.2.1], no-domain, @no-local.example, <half@\r\n\
             Cc: rita (her (nested) comment) @ reader . example (after), , ,; <a@b@c>\r\n\
             Bcc: \"unclosed <x@y.example>\r\n",
            ),
        ),
        nasty("addresses in UTF-8", {
            plain(
                "добрый день",
                "Cc: 田中 <田中@例子.example>, Zoë Ünal <zoë@ünal.example>\r\n",
                "x\r\n",
            )
        }),
    ]
}

/// Texts in header fields that are not ASCII.
fn words() -> Vec<Nasty> {
    let latin1 =
        |text: &str| text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect::<Vec<_>>();
    vec![
        nasty("a subject in UTF-8", plain("Łódź – ½ € für 日本 🐌", "", "x\r\n")),
        nasty(
            "a header in Latin-1",
            latin1(&plain("Crème brûlée für Ærø", "Cc: Bjørn <b@nasty.example>\r\n", "x\r\n")),
        ),
        nasty("encoded words", {
            plain(
                "=?UTF-8?B?8J+QjCBzbmFpbA==?= =?utf-8?Q?_and_?=\r\n =?iso-8859-1?q?p=E2t=E9?= plain =?windows-1252?Q?=80?=",
                "Cc: =?utf-8*de?q?G=C3=BCnter?= =?us-ascii?q?_Gray?= <g@nasty.example>\r\n",
                "x\r\n",
            )
        }),
        nasty("encoded words that are broken", {
            plain(
                "=?utf-8?q?open =?x-none?q?a?= =?utf-8?b?%%%?= =?utf-8?x?a?= =?==?=?=",
                "",
                "x\r\n",
            )
        }),
    ]
}

/// Bodies of one part.
fn bodies() -> Vec<Nasty> {
    let one = |subject: &str, header: &str, body: &[u8]| message(subject, &part(header, body));
    vec![
        nasty("quoted-printable", {
            let body = b"soft =\r\nbreak, blank at the end =20\r\n=C3=A4=c3=b6, bare = and =ZZ, cut =\r\n =3D=\r\n=\r\n";
            one(
                "qp",
                "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: Quoted-Printable",
                body,
            )
        }),
        nasty("base64 that is broken", {
            let body = b"SGVsbG8s\r\n!!!! IHdv\tcmxk\r\n\r\nLg\r\n";
            one("base64", "Content-Type: text/plain\r\nContent-Transfer-Encoding: BASE64", body)
        }),
        nasty(
            "types that are garbage",
            message(
                "types",
                &multipart(
                    "mixed",
                    "t",
                    &[
                        part("Content-Type: nonsense", "1"),
                        part("Content-Type: /", "2"),
                        part("Content-Type: text/", "3"),
                        part("Content-Type: text/plain; charset=; ;; =x; a", "4"),
                        part("Content-Type: a/b/c; d=e; d=f", "5"),
                        part(
                            "Content-Type: text/plain\r\nContent-Transfer-Encoding: (none)\r\nContent-Disposition: ; filename=x",
                            "6",
                        ),
                    ],
                ),
            ),
        ),
    ]
}

/// How parts are put together.
fn multiparts() -> Vec<Nasty> {
    let deep = |depth: usize| {
        let innermost = text("the bottom\r\n");
        (0..depth).fold(innermost, |inner, n| multipart("mixed", &format!("level{n}"), &[inner]))
    };
    let chain = |length: usize| {
        let last = plain("the last one", "", "the end\r\n").into_bytes();
        (1..length).fold(last, |inner, n| {
            message(&format!("around {n}"), &part("Content-Type: message/rfc822", inner))
        })
    };
    let html = || {
        part(
            "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit",
            "<p>é\r\n",
        )
    };
    vec![
        nasty("multiparts 60 deep", message("60 deep", &deep(60))),
        nasty("multiparts 300 deep", message("300 deep", &deep(300))),
        nasty("messages 40 deep", chain(40)),
        nasty(
            "1000 parts",
            message(
                "1000 parts",
                &multipart(
                    "mixed",
                    "k",
                    &(0..1000)
                        .map(|n| {
                            part(
                                &format!("Content-Type: text/plain; name=\"{n}.txt\""),
                                format!("{n}\r\n"),
                            )
                        })
                        .collect::<Vec<_>>(),
                ),
            ),
        ),
        nasty("messages and multiparts in turn", {
            let leaf = || text("leaf\r\n");
            let inmost = message("inmost", &multipart("alternative", "c", &[leaf(), html()]));
            let middle = message(
                "middle",
                &multipart(
                    "mixed",
                    "b",
                    &[leaf(), part("Content-Type: message/rfc822", inmost), leaf()],
                ),
            );
            message(
                "outer",
                &multipart(
                    "mixed",
                    "a",
                    &[
                        part("Content-Type: message/rfc822", middle),
                        part(
                            "Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=plain.eml",
                            plain("only text", "", "y\r\n"),
                        ),
                        leaf(),
                    ],
                ),
            )
        }),
        nasty(
            "a message in base64",
            message(
                "encoded message",
                &multipart(
                    "mixed",
                    "e",
                    &[part(
                        "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64",
                        base64(plain("=?utf-8?q?inn=C3=A9r?=", "", "z\r\n").as_bytes()),
                    )],
                ),
            ),
        ),
        nasty(
            "a digest",
            message(
                "digest",
                &multipart(
                    "digest",
                    "d",
                    &[
                        [b"\r\n", plain("first", "", "1\r\n").as_bytes()].concat(),
                        [b"\r\n", plain("second", "", "2\r\n").as_bytes()].concat(),
                        text("not a message\r\n"),
                    ],
                ),
            ),
        ),
        nasty(
            "a delivery report",
            message(
                "report",
                &multipart(
                    "report; report-type=delivery-status",
                    "r",
                    &[
                        text("It failed.\r\n"),
                        part(
                            "Content-Type: message/delivery-status",
                            "Reporting-MTA: dns; a.example\r\n\r\nFinal-Recipient: rfc822; b@c.example\r\nAction: failed\r\n",
                        ),
                        part("Content-Type: text/rfc822-headers", "Subject: lost\r\n"),
                    ],
                ),
            ),
        ),
        nasty(
            "alternative, related, attached",
            message(
                "usual",
                &multipart(
                    "mixed",
                    "m",
                    &[
                        multipart(
                            "alternative",
                            "=_alt (1)",
                            &[
                                text("text\r\n"),
                                multipart(
                                    "related; type=\"text/html\"",
                                    "rel'+,-./:=?",
                                    &[
                                        html(),
                                        part(
                                            "Content-Type: image/gif; name=dot.gif\r\nContent-ID: <dot@nasty.example>\r\nContent-Disposition: inline; filename=dot.gif\r\nContent-Transfer-Encoding: base64",
                                            base64(&noise(43)),
                                        ),
                                    ],
                                ),
                            ],
                        ),
                        part(
                            "Content-Type: application/octet-stream; name=noise.bin\r\nContent-Disposition: attachment; filename=noise.bin; size=1000\r\nContent-Transfer-Encoding: base64",
                            base64(&noise(1000)),
                        ),
                    ],
                ),
            ),
        ),
        nasty("no closing boundary", {
            let mut cut = message("unclosed", &multipart("mixed", "u", &[text("one\r\n"), html()]));
            let end = cut.windows(5).rposition(|bytes| bytes == b"--u--").unwrap_or(cut.len());
            cut.truncate(end);
            cut
        }),
        nasty(
            "no boundary parameter",
            message(
                "no boundary",
                &part("Content-Type: multipart/mixed", "--?\r\n\r\nx\r\n--?--\r\n"),
            ),
        ),
        nasty("a multipart without parts", message("no parts", &multipart("mixed", "n", &[]))),
        nasty(
            "boundaries that begin alike",
            message(
                "alike",
                &multipart(
                    "mixed",
                    "x",
                    &[
                        multipart(
                            "mixed",
                            "xx",
                            &[
                                text("--xxx\r\n--x x\r\n"),
                                multipart("mixed", "xxx", &[text("-- x\r\n")]),
                            ],
                        ),
                        text("--\r\n--y\r\n"),
                    ],
                ),
            ),
        ),
        nasty(
            "empty parts",
            message(
                "empty parts",
                &multipart(
                    "mixed",
                    "z",
                    &[
                        b"Content-Type: text/plain\r\n".to_vec(),
                        b"\r\n".to_vec(),
                        part("Content-Type: application/x-empty", ""),
                        part("Content-Type: text/plain\r\nContent-Transfer-Encoding: base64", ""),
                    ],
                ),
            ),
        ),
    ]
}

/// What the fields of a part say.
fn parts() -> Vec<Nasty> {
    let attached = |subject: &str, fields: &[&str]| {
        let parts: Vec<_> = fields.iter().map(|fields| part(fields, "data")).collect();
        message(subject, &multipart("mixed", "p", &parts))
    };
    vec![
        nasty(
            "file names of RFC 2231",
            attached(
                "rfc 2231",
                &[
                    "Content-Type: application/x\r\nContent-Disposition: attachment; filename*=UTF-8''%E2%82%AC%20rates.pdf",
                    "Content-Type: application/x\r\nContent-Disposition: attachment; filename*0=\"a very \"; filename*1=\"long name\"; filename*2=.txt",
                    "Content-Type: application/x; name*0*=iso-8859-1'de'%FCber; name*1=\" all\"; name*2*=%2Ebin",
                ],
            ),
        ),
        nasty(
            "file names in encoded words and UTF-8",
            attached(
                "names",
                &[
                    "Content-Type: application/x; name=\"=?utf-8?q?na=C3=AFve.txt?=\"",
                    "Content-Type: application/x\r\nContent-Disposition: attachment; filename=\"größe \\\"5\\\" \\\\.txt\"",
                    "Content-Type: application/x\r\nContent-Disposition: attachment;\r\n\tfilename=\"folded\r\n name.txt\"",
                ],
            ),
        ),
        nasty(
            "every field of a part",
            attached(
                "every field",
                &[
                    "Content-Type: image/png; a=1; b=\"two; three\"\r\nContent-ID: <\"q\\\"\"@nasty.example>\r\n\
             Content-Description: a \"long\" (one) \\ {3}\r\nContent-Transfer-Encoding: 8bit\r\n\
             Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\r\nContent-Language: en, de, fr\r\n\
             Content-Location: http://a.example/?q=\"x\"\r\nContent-Disposition: inline; x=y",
                ],
            ),
        ),
        nasty(
            "all bytes",
            message(
                "all bytes",
                &multipart(
                    "mixed",
                    "b",
                    &[
                        text("text\r\n"),
                        part(
                            "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary",
                            (0..=255).collect::<Vec<u8>>(),
                        ),
                    ],
                ),
            ),
        ),
        nasty(
            "10 MB attached",
            message(
                "10 MB",
                &multipart(
                    "mixed",
                    "big",
                    &[
                        text("see below\r\n"),
                        part(
                            "Content-Type: application/octet-stream; name=big\r\nContent-Transfer-Encoding: base64",
                            base64(&noise(7_400_000)),
                        ),
                    ],
                ),
            ),
        ),
    ]
}
