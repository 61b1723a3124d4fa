use super::*;
use crate::Str;
use proptest::prelude::*;
use std::borrow::ToOwned;
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, vec};

fn text(value: &str) -> String {
    Text::new(value).to_string()
}

fn bytes(value: &[u8]) -> String {
    Text::new(value).to_string()
}

#[test]
fn rfc2047_section_8() {
    for (value, wanted) in [
        ("(=?ISO-8859-1?Q?a?=)", "(a)"),
        ("(=?ISO-8859-1?Q?a?= b)", "(a b)"),
        ("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"),
        ("(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)"),
        ("(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)", "(ab)"),
        ("(=?ISO-8859-1?Q?a_b?=)", "(a b)"),
        ("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)"),
        (
            "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n    =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
            "If you can read this you understand the example.",
        ),
    ] {
        assert_eq!(text(value), wanted, "{value}");
    }
    let from = |value: &str| {
        let value = value.to_owned();
        let address = Addresses::new(value.as_bytes()).next().unwrap();
        (address.name.to_string(), address.spec.to_string())
    };
    for (value, name, spec) in [
        ("=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore", "moore@cs.utk.edu"),
        (
            "=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>",
            "Keld Jørn Simonsen",
            "keld@dkuug.dk",
        ),
        (
            "=?ISO-8859-1?Q?Andr=E9?= Pirard <PIRARD@vm1.ulg.ac.be>",
            "André Pirard",
            "PIRARD@vm1.ulg.ac.be",
        ),
        (
            "=?ISO-8859-1?Q?Olle_J=E4rnefors?= <ojarnef@admin.kth.se>",
            "Olle Järnefors",
            "ojarnef@admin.kth.se",
        ),
        (
            "Nathaniel Borenstein <nsb@thumper.bellcore.com>\r\n    (=?iso-8859-8?b?7eXs+SDv4SDs6Oj08A==?=)",
            "Nathaniel Borenstein",
            "nsb@thumper.bellcore.com",
        ),
        (
            "nsb@thumper.bellcore.com (=?iso-8859-8?b?7eXs+SDv4SDs6Oj08A==?=)",
            "םולש ןב לטטפנ",
            "nsb@thumper.bellcore.com",
        ),
    ] {
        assert_eq!(from(value), (name.into(), spec.into()), "{value}");
    }
}

#[test]
fn words() {
    for (value, wanted) in [
        ("", ""),
        ("plain  text", "plain  text"),
        ("=?utf-8*en?Q?caf=c3=a9?=", "café"),
        ("=?UTF8?b?Y2Fmw6k?=", "café"),
        // A character in two words, of either encoding; not over other text.
        ("=?utf-8?Q?caf=C3?= \t=?UTF-8?B?qQ==?=.", "café."),
        ("=?utf-8?Q?caf=C3?= x =?UTF-8?B?qQ==?=.", "caf\u{fffd} x \u{fffd}."),
        ("=?utf-8?Q?=E2=82?= =?iso-8859-1?Q?=AC?=", "\u{fffd}¬"),
        // No blanks around it.
        ("Re:=?utf-8?Q?a?=b=?utf-8?Q?c?==?utf-8?Q?d?=", "Re:abcd"),
        // Longer than allowed, blanks, folds and question marks in it.
        ("=?utf-8?Q?are you\r\n ready?? Yes?= no", "are you ready?? Yes no"),
        ("=?utf-8?B?Y2Fm\r\n w6k=?=", "café"),
        ("=?utf-8?Q?==3D=3=?=", "===3="),
        // Cut off.
        ("=?utf-8?Q?caf=C3=A9", "café"),
        ("=?utf-8?Q?caf=C3=A", "caf"),
        ("=?utf-8?Q?caf=C3=", "caf"),
        ("=?utf-8?Q?caf=C3", "caf"),
        ("=?utf-8?Q?caf?", "caf"),
        ("=?utf-8?B?Y2Fmw6", "caf"),
        // No words.
        ("=?x-what?Q?a?= =?utf-8?Q?b?=", "=?x-what?Q?a?= b"),
        ("=?utf-8?X?a?=", "=?utf-8?X?a?="),
        ("=?utf-8?Q?", ""),
        ("=?utf-8?Q", "=?utf-8?Q"),
        ("=?utf-8", "=?utf-8"),
        ("=?=?=?", "=?=?=?"),
        ("=?utf-8?B?a?b?=", "=?utf-8?B?a?b?="),
        ("=?utf-8?Q?a =?utf-8?Q?b?=", "=?utf-8?Q?a b"),
        ("=?utf-8?Q?a b", "=?utf-8?Q?a b"),
        ("1 = 2 =", "1 = 2 ="),
        // Charsets.
        ("=?iso-8859-15?Q?=A4_=e9?=", "€ é"),
        ("=?windows-1252?Q?=80_=93x=94_=81?=", "€ “x”  "),
        ("=?latin1?Q?=80?=", "€"),
        ("=?us-ascii?Q?caf=e9_caf=c3=a9?=", "café café"),
        ("=??Q?a?=", "a"),
        // Folds, and line ends that are none.
        ("a\r\n b\r\n\tc\r\nd\n", "a b cd".replace("cd", "c d").as_str()),
        // Controls, encoded or not.
        ("a\x1b[1m\0=?utf-8?Q?=0D=0ABcc:_x=C2=85?=", "a [1m   Bcc: x "),
    ] {
        assert_eq!(text(value), wanted, "{value:?}");
    }
    assert_eq!(bytes(b"caf\xe9 \x80 \xc3"), "café € Ã");
    assert_eq!(bytes("naïve \u{1f600}".as_bytes()), "naïve \u{1f600}");
    assert_eq!(bytes(b"\xe2\x82=?utf-8?Q?=AC?="), "â‚\u{fffd}");
    assert!(Text::new("").is_empty() && !Text::new(" ").is_empty());
    assert_eq!(format!("{:?}", Text::new("=?utf-8?Q?\"=E9?=")), r#""\"�""#);
}

#[test]
fn other_charsets() {
    for (value, wanted) in [
        ("=?iso-2022-jp?B?GyRCJDMbKEI=?= =?ISO-2022-JP?B?GyRCJHMbKEI=?=", "こん"),
        ("=?gb2312?B?xOM=?= =?gb2312?B?usM=?=", "你好"),
        // Cut within a character.
        ("=?gb2312?B?xOO6?= =?gb2312?B?ww==?=", "你好"),
        ("=?koi8-r?Q?=F0=D2=C9?=", "При"),
        ("=?utf-16be?B?AEE=?=", "A"),
        ("=?shift_jis?Q?=82?=", "\u{fffd}"),
        ("=?shift_jis?Q?=82", ""),
        ("=?iso-2022-kr?Q?a?=", "=?iso-2022-kr?Q?a?="),
    ] {
        assert_eq!(text(value), wanted, "{value}");
    }
}

#[test]
fn from_imap() {
    let subject = Str::from_raw(br#"=?utf-8?Q?\"caf=C3=A9\"?= \\o/ \x"#, true);
    assert_eq!(Text::new(subject), "\"café\" \\o/ \\x");
}

#[test]
fn copies() {
    let text = Text::new("=?utf-8?Q?caf=C3=A9?= €");
    for (room, wanted) in [
        (0, ""),
        (1, "c"),
        (3, "caf"),
        (4, "caf"),
        (5, "café"),
        (6, "café "),
        (8, "café "),
        (9, "café €"),
        (20, "café €"),
    ] {
        assert_eq!(text.copy_to(&mut vec![0; room]), wanted);
    }
}

#[test]
fn linear() {
    // 100 kB each; if it took the square of that, it would not end.
    for piece in [
        "=?",
        "=?a?q?",
        "=?utf-8?q?x=?",
        "=?utf-8?q?x?",
        "\"",
        "\\\"",
        "(",
        "((\")",
        "<",
        ",",
        "=?a?b?",
        " ",
        "a:",
        "@,",
        "=?utf-8?q?a?= ",
    ] {
        let value = piece.repeat(100_000 / piece.len());
        let start = std::time::Instant::now();
        Text::new(value.as_str()).chars().count();
        for address in Addresses::new(value.as_bytes()) {
            address.name.chars().count();
            address.domain().chars().count();
        }
        let _ = date_time(value.as_str());
        let _ = ContentType::new(value.as_bytes()).parameter("x");
        assert!(start.elapsed().as_secs() < 5, "{piece}");
    }
}

fn list(value: &str) -> Vec<String> {
    Addresses::new(value.as_bytes())
        .map(|it| {
            let group = it.group.map(|group| format!("{group}: ")).unwrap_or_default();
            format!("{group}{} <{}>", it.name, it.spec)
        })
        .collect()
}

#[test]
fn addresses() {
    for (value, wanted) in [
        // RFC 5322 appendix A.1.
        ("John Doe <jdoe@machine.example>", &["John Doe <jdoe@machine.example>"][..]),
        (
            "\"Joe Q. Public\" <john.q.public@example.com>",
            &["Joe Q. Public <john.q.public@example.com>"],
        ),
        (
            "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
            &["Mary Smith <mary@x.test>", " <jdoe@example.org>", "Who? <one@y.test>"],
        ),
        (
            "<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
            &[" <boss@nil.test>", "Giant; \"Big\" Box <sysservices@example.net>"],
        ),
        (
            "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
            &[
                "A Group: Ed Jones <c@a.test>",
                "A Group:  <joe@where.test>",
                "A Group: John <jdoe@one.test>",
            ],
        ),
        ("Undisclosed recipients:;", &["Undisclosed recipients:  <>"]),
        // A.5.
        (
            "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
            &["Pete <pete@silly.test>"],
        ),
        (
            "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)",
            &[
                "A Group: Chris Jones <c@public.example>",
                "A Group:  <joe@example.org>",
                "A Group: John <jdoe@one.test>",
            ],
        ),
        (
            "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;",
            &["Hidden recipients:  <>"],
        ),
        // A.6.1.
        (
            "Joe Q. Public <john.q.public@example.com>",
            &["Joe Q. Public <john.q.public@example.com>"],
        ),
        (
            "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
            &["Mary Smith <mary@example.net>", " <jdoe@test.example>"],
        ),
        ("<@a.test,@b.test:c@d.test>", &[" <c@d.test>"]),
        // The name in a comment.
        ("ann@example.org (Ann \\(Lee\\) (x))", &["Ann (Lee) (x) <ann@example.org>"]),
        ("(Ann) <ann@example.org>", &["Ann <ann@example.org>"]),
        // Quoted, literal, local.
        ("\"a b\\\"\"@[IPv6:::1]", &[" <\"a b\\\"\"@[IPv6:::1]>"]),
        ("root", &[" <root>"]),
        ("root, Ann", &[" <root>", " <Ann>"]),
        // Broken.
        ("Ann Lee", &["Ann Lee <>"]),
        ("\"Ann\"", &["Ann <>"]),
        ("=?utf-8?Q?Ren=C3=A9e?=", &["Renée <>"]),
        ("Ann Lee ann@example.org", &["Ann Lee <ann@example.org>"]),
        ("ann@example.org Ann", &[" <ann@example.org>"]),
        ("Ann <ann@example.org", &["Ann <ann@example.org>"]),
        ("Ann <ann@example.org, bob@example.org", &["Ann <ann@example.org>", " <bob@example.org>"]),
        ("Ann <<ann@example.org>>", &["Ann <ann@example.org>"]),
        ("\"Ann <ann@example.org>, bob@x", &["Ann <ann@example.org>", " <bob@x>"]),
        ("Ann (Lee <ann@example.org>", &["Ann <ann@example.org>"]),
        ("ann@a; bob@b;", &[" <ann@a>", " <bob@b>"]),
        ("=?utf-8?Q?Lee,_Ann_(x)_\"y\"?= <ann@a>", &["Lee, Ann (x) \"y\" <ann@a>"]),
        ("\"=?utf-8?Q?Lee,?=\r\n =?utf-8?Q?_Ann?=\" <ann@a>", &["Lee, Ann <ann@a>"]),
        ("=?x-what?Q?Lee,_Ann?= <ann@a>", &["=?x-what?Q?Lee,_Ann?= <ann@a>"]),
        ("<>", &[]),
        ("", &[]),
        (" , ;(x),", &[]),
        (":;:", &[":  <>", ":  <>"]),
        // No decoding in an address.
        ("=?utf-8?Q?a?=@b", &[" <=?utf-8?Q?a?=@b>"]),
        ("Ann <a\r\n\x07@b>", &["Ann <a @b>"]),
    ] {
        assert_eq!(list(value), wanted, "{value}");
    }
    let it = Addresses::new(b"x <\"a@b\" (@) @ example (@ home) . org>").next().unwrap();
    assert_eq!(it.to_string(), "\"a@b\"@example.org");
    assert_eq!(it.local_part(), "\"a@b\"");
    assert_eq!(it.domain(), "example.org");
    assert_eq!(Addresses::new(b"root").next().unwrap().domain(), "");
}

#[test]
fn dates() {
    for (value, wanted) in [
        // RFC 5322 appendix A.
        ("Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00"),
        (
            "Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)",
            "1969-02-13T23:32:00-03:30",
        ),
        ("21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06+00:00"),
        ("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T09:55:06-06:00"),
        // Obsolete.
        ("1 Jan 49 0:0 Z", "2049-01-01T00:00:00+00:00"),
        ("1 Jan 50 0:0 UT", "1950-01-01T00:00:00+00:00"),
        ("1 Jan 101 0:0 EDT", "2001-01-01T00:00:00-04:00"),
        ("1 Jan 2001 0:0 pst", "2001-01-01T00:00:00-08:00"),
        ("1 Jan 2001 0:0 K", "2001-01-01T00:00:00+00:00"),
        ("1 Jan 2001 0:0 CEST", "2001-01-01T00:00:00+00:00"),
        // Broken.
        ("Fri, 21 November 1997", "1997-11-21T00:00:00+00:00"),
        ("21-Nov-1997 09:55:60", "1997-11-21T09:55:60+00:00"),
        ("Fri Nov 21 09:55:06 1997", "1997-11-21T09:55:06+00:00"),
        ("Fri, 21 Nov 1997 09:55:06.123 GMT+02:00", "1997-11-21T09:55:06+02:00"),
        ("Fri, 21 Nov 1997 09:55:06 +9999", "1997-11-21T09:55:06+00:00"),
        ("Fri, 21 Nov 1997 09:55:06 +0200 (\"CE(S)T\\\"\")", "1997-11-21T09:55:06+02:00"),
        ("Fri,21 Nov 1997 09:55:06-0600", "1997-11-21T09:55:06-06:00"),
    ] {
        assert_eq!(date_time(value).unwrap().to_string(), wanted, "{value}");
    }
    for bad in [
        "",
        "now",
        "Fri, 21 Nov",
        "Fri, 32 Nov 1997",
        "Fri, 21 Nux 1997",
        "21 Nov 1997 25:00",
        "21 Nov 1997 1:60",
        "21 Nov 99999999999 1:00",
        "0 Nov 1997",
    ] {
        assert_eq!(date_time(bad), None, "{bad}");
    }
}

#[test]
fn headers() {
    let message = b"From ann Mon Jan 1\nReceived: a\r\n b\nreceived : c\r\nX:\r\n\
        no colon\r\n and more: x\r\nbad name: y\r\n : z\r\n\t\r\nSubject:one\r\n \r\n\ttwo \r\nLast: l\r\n\r\nBody: b\r\n";
    let (headers, body) = Headers::split(message);
    assert_eq!(body, b"Body: b\r\n");
    let all: Vec<_> = headers.fields().map(|it| (it.name, it.unfolded().to_string())).collect();
    assert_eq!(
        all,
        [
            ("Received", "a b".into()),
            ("received", "c".into()),
            ("X", String::new()),
            ("Subject", "one \ttwo".into()),
            ("Last", "l".into())
        ]
    );
    assert_eq!(headers.first("RECEIVED").unwrap().raw, b"a\r\n b");
    assert_eq!(headers.last("RECEIVED").unwrap().raw, b"c");
    assert_eq!(headers.all("received").count(), 2);
    assert!(headers.first("Body").is_none());
    let subject = headers.first("subject").unwrap();
    assert_eq!(subject.unfolded().copy_to(&mut [0; 16]).unwrap(), b"one \ttwo");
    assert_eq!(subject.unfolded().copy_to(&mut [0; 4]), None);
    assert_eq!(subject.text(), "one  two");
    // No end, no header, no body.
    assert_eq!(Headers::split(b"A: b").0.first("a").unwrap().raw, b"b");
    assert_eq!(Headers::split(b"A: b\r\n").1, b"");
    assert_eq!(Headers::split(b"\r\nbody"), Headers::split(b"\nbody"));
    assert_eq!(Headers::split(b"\nbody").1, b"body");
    assert_eq!(Headers::new(b"").fields().count(), 0);
}

impl PartialEq for Headers<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.fields().eq(other.fields())
    }
}

#[test]
fn scanner() {
    let (mut a, mut b, mut c) = ([0; 8], [0; 4], [0; 4]);
    let mut fields =
        [Wanted::new("subject", &mut a), Wanted::new("To", &mut b), Wanted::new("Cc", &mut c)];
    let mut scanner = HeaderScanner::new();
    let message =
        "Subject : abcdefé x\r\nSubject: second\r\nTo:\t ann \r\nT: x\r\nTow: y\r\n\r\nCc: z";
    assert_eq!(scanner.feed(message.as_bytes(), &mut fields), message.len() - 5);
    assert!(scanner.is_done());
    assert_eq!(fields[0].value(), "abcdefé".as_bytes());
    assert!(fields[0].is_truncated());
    assert_eq!(fields[1].value(), b"ann");
    assert!(!fields[1].is_truncated() && fields[1].is_found());
    assert!(!fields[2].is_found());
    assert_eq!(fields[2].value(), b"");
    fields[0].clear();
    HeaderScanner::new().feed("Subject: 1234567é".as_bytes(), &mut fields);
    assert_eq!(fields[0].value(), b"1234567");
    fields[0].clear();
    HeaderScanner::new().feed(b"Subject: 1234567\xe9x", &mut fields);
    assert_eq!(fields[0].value(), b"1234567\xe9".as_slice().get(..7).unwrap());
    assert_eq!(scanner.feed(b"To: b\r\n", &mut fields), 0);
}

fn transfer(encoding: Encoding, input: &[u8], cuts: &[usize], room: usize) -> Vec<u8> {
    let mut decoder = TransferDecoder::new(encoding);
    let (mut out, mut memory) = (Vec::new(), vec![0; room.max(1)]);
    for piece in cut(input, cuts) {
        let mut rest = piece;
        loop {
            let (read, written) = decoder.decode(rest, &mut memory);
            out.extend_from_slice(&memory[..written]);
            rest = &rest[read..];
            if rest.is_empty() && written < memory.len() {
                break;
            }
        }
    }
    loop {
        let written = decoder.finish(&mut memory);
        out.extend_from_slice(&memory[..written]);
        if written < memory.len() {
            return out;
        }
    }
}

fn cut<'a>(input: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut rest = input;
    for &at in cuts {
        let (piece, after) = rest.split_at(at.min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

#[test]
fn quoted_printable() {
    let check = |input: &[u8], wanted: &[u8]| {
        for room in [1, 2, 3, 100] {
            for step in [1, 2, 3, 1000] {
                let cuts = vec![step; input.len()];
                let got = transfer(Encoding::QuotedPrintable, input, &cuts, room);
                assert_eq!(got, wanted, "{:?}", String::from_utf8_lossy(input));
            }
        }
    };
    check(b"", b"");
    check(b"a=3Db=0d=0A", b"a=b\r\n");
    check(b"a=\r\nb=\nc=\rd= \t\r\ne=", b"abcde");
    check(b"a \t\r\nb \nc  ", b"a\r\nb\nc");
    check(b"a \t b", b"a \t b");
    check(b"a=x=4x== =4", b"a=x=4x== =4");
    check(b"==\r\n=3D", b"==");
    check(b"= x=4 y=\t=41", b"= x=4 y=\tA");
    check(b"a\0b=\0\r\n=4\x001", b"abA");
    check(b"caf\xe9", b"caf\xe9");
    check(b"=\r\r\n", b"\r\n");
    let blanks = [b' '; 70];
    check(&[&blanks[..], b"x\r\n"].concat(), &[&blanks[..], b"x\r\n"].concat());
    check(&[b"a", &blanks[..64], b"\r\n"].concat(), b"a\r\n");
}

#[test]
fn base64() {
    let check = |input: &[u8], wanted: &[u8]| {
        for room in [1, 2, 3, 100] {
            let got = transfer(Encoding::Base64, input, &vec![1; input.len()], room);
            assert_eq!(got, wanted, "{:?}", String::from_utf8_lossy(input));
        }
    };
    check(b"", b"");
    check(b"Y2Fmw6k=", "café".as_bytes());
    check(b"Y2 F\r\nm\0w!6k", "café".as_bytes());
    check(b"YQ==Yg==", b"ab");
    check(b"YQ", b"a");
    check(b"Y", b"");
    check(b"====", b"");
}

#[test]
fn encoding_names() {
    for (name, encoding) in [
        ("7bit", Some(Encoding::Identity)),
        ("8BIT", Some(Encoding::Identity)),
        ("Binary", Some(Encoding::Identity)),
        ("base64 ", Some(Encoding::Base64)),
        (" Quoted-Printable (x)", Some(Encoding::QuotedPrintable)),
        ("base64; x", Some(Encoding::Base64)),
        ("", None),
        ("x-uuencode", None),
    ] {
        assert_eq!(Encoding::for_name(name), encoding, "{name}");
    }
}

#[test]
fn content_types() {
    let it = |value: &'static str| ContentType::new(value.as_bytes());
    assert!(it("").is("text", "plain") && it("text").is("TEXT", "Plain"));
    assert!(it("text/html").is("text", "html") && !it("text/html").is("text", "plain"));
    let value = it(
        "(a;b) text (c) / (d)\r\n\thtml (e) ; x=\"a;charset=b\\\"\" ;charset = (f) utf-8 (g); y",
    );
    assert!(value.is("text", "html"));
    assert_eq!(value.parameter("x").unwrap(), "a;charset=b\"");
    assert_eq!(value.parameter("CHARSET").unwrap(), "utf-8");
    assert_eq!(value.parameter("y"), None);
    assert_eq!(value.charset(), Some(Charset::UTF_8));
    assert_eq!(it("a/b; charset=x-what").charset(), None);
    assert_eq!(it("a/b").charset(), Some(Charset::UNLABELLED));
    assert_eq!(it("a/b; name=\"=?utf-8?Q?=C3=A9?=.txt\"").file_name().unwrap(), "é.txt");
    // Broken.
    assert_eq!(it("a/b; charset=\"utf-8; x=y").parameter("charset").unwrap(), "utf-8");
    assert_eq!(it("a/b;; =;charset=utf-8;").parameter("charset").unwrap(), "utf-8");
    assert_eq!(it("a/b; charset=").parameter("charset").unwrap(), "");
    assert_eq!(it("a/b charset=utf-8").parameter("charset"), None);
}

fn preview(html: bool, input: &str, room: usize) -> String {
    let mut memory = vec![0; room];
    let mut preview = Preview::new(&mut memory);
    if html {
        preview.html();
    }
    for byte in input.as_bytes() {
        if !preview.feed(&[*byte]) {
            break;
        }
    }
    preview.finish().to_owned()
}

#[test]
fn previews() {
    assert_eq!(preview(false, " \r\n a \t\u{a0} b\x07\u{200b}c\r\n", 100), "a b c");
    assert_eq!(preview(false, "abcdef é", 8), "abcdef");
    assert_eq!(preview(false, "abcde é", 8), "abcde é");
    assert_eq!(preview(false, "caf\u{e9}", 4), "caf");
    assert_eq!(preview(false, "", 0), "");
    assert_eq!(preview(false, "x", 0), "");
    for (input, wanted) in [
        ("<p>a</p><p>b", "a b"),
        ("a<br/>b<b>c</b>d<!-- x > y -->e", "a bcde"),
        ("<HEAD><title>x</title><STYLE>p > a {}</style></HEAD><body style=\"x\">y", "y"),
        ("<script>if (a < b && c > d) {}</script>z", "z"),
        ("a &lt; b &amp;&amp; c &#233;&#xe9;&nbsp;&apos;", "a < b && c éé '"),
        (
            "AT&T &what; &verylongname1; &#x110000; & x &",
            "AT&T &what; &verylongname1; &#x110000; & x",
        ),
        ("1 < 2 <3 &lt &amp", "1 < 2 <3 <"),
        ("a<!-->b<!---->c<!DOCTYPE html>d<?xml?>e", "abc d e"),
        ("a<verylongtagname x>b", "a b"),
        ("a&zwj;b&lt;&lt", "a&zwj;b<"),
        ("&a<b>c&&amp;<<i>d", "&ac&&<d"),
    ] {
        assert_eq!(preview(true, input, 100), wanted, "{input}");
    }
}

#[test]
fn budgets() {
    assert!(size_of::<Address<'_>>() <= 80, "{}", size_of::<Address<'_>>());
    assert!(size_of::<Field<'_>>() <= 32);
    assert!(size_of::<TransferDecoder>() <= 32, "{}", size_of::<TransferDecoder>());
    assert!(size_of::<HeaderScanner>() <= 16);
}

/// Bytes that look like headers, more often than chance has it.
fn headerish() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "=?",
            "?=",
            "utf-8",
            "?Q?",
            "?B?",
            "=C3",
            "=A9",
            "iso-8859-1",
            "\r\n",
            "\n",
            " ",
            "\t",
            "\r",
            ":",
            "Subject",
            "To",
            "a",
            "\"",
            "\\",
            "(",
            ")",
            "<",
            ">",
            "@",
            ",",
            ";",
            ".",
            "=",
            "é",
            "gb2312",
            "*en",
            "12:34:56",
            "Nov",
            "21",
            "1997",
            "+0200",
            "&amp;",
            "&",
            "<p>",
            "<style>",
            "<!--",
            "-->",
            "Y2Fm",
        ])
        .prop_map(|it| it.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 1..3),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn never_panics(value in headerish()) {
        let text = Text::new(value.as_slice());
        let whole = text.to_string();
        prop_assert!(!whole.contains(char::is_control));
        for room in 0..10 {
            prop_assert!(whole.starts_with(text.copy_to(&mut vec![0; room])));
        }
        for address in Addresses::new(&value) {
            let spec = address.spec.to_string();
            let (local, domain) = (address.local_part().to_string(), address.domain().to_string());
            if domain.is_empty() {
                prop_assert!(spec.starts_with(&local));
            } else {
                prop_assert_eq!(spec, format!("{local}@{domain}"));
            }
            let _ = format!("{address:?} {address}");
        }
        prop_assert!(Addresses::new(&value).count() <= value.len());
        let _ = date_time(value.as_slice());
        let _ = ContentType::new(&value).parameter("To");
        for html in [false, true] {
            preview(html, &String::from_utf8_lossy(&value), 20);
        }
    }

    #[test]
    fn scanner_reads_as_headers_do(
        message in headerish(),
        cuts in prop::collection::vec(0_usize..9, 0..30),
        room in 0_usize..40,
    ) {
        let (headers, body) = Headers::split(&message);
        let (mut a, mut b) = (vec![0; room], vec![0; 300]);
        let mut fields = [Wanted::new("Subject", &mut a), Wanted::new("to", &mut b)];
        let mut scanner = HeaderScanner::new();
        let mut left = Vec::new();
        for piece in cut(&message, &cuts) {
            let used = scanner.feed(piece, &mut fields);
            left.extend_from_slice(&piece[used..]);
        }
        prop_assert_eq!(left, body);
        let whole = |name| {
            headers.first(name).map(|it| it.unfolded().copy_to(&mut [0; 300]).unwrap().to_vec())
        };
        prop_assert_eq!(fields[1].is_found().then(|| fields[1].value().to_vec()), whole("To"));
        let subject = whole("Subject");
        prop_assert_eq!(fields[0].is_found(), subject.is_some());
        let subject = subject.unwrap_or_default();
        prop_assert!(subject.starts_with(fields[0].value()));
        if !fields[0].is_truncated() {
            prop_assert_eq!(fields[0].value(), subject.as_slice());
        } else {
            prop_assert!(subject.len() > room);
        }
    }

    #[test]
    fn transfer_does_not_depend_on_cuts(
        input in prop_oneof![headerish(), prop::collection::vec(any::<u8>(), 0..200)],
        cuts in prop::collection::vec(0_usize..9, 0..30),
        room in 1_usize..9,
    ) {
        for encoding in [Encoding::Identity, Encoding::QuotedPrintable, Encoding::Base64] {
            let whole = transfer(encoding, &input, &[], 1000);
            prop_assert_eq!(transfer(encoding, &input, &cuts, room), whole);
        }
    }

    #[test]
    fn transfer_undoes_encoding(data in prop::collection::vec(any::<u8>(), 0..300), cuts in prop::collection::vec(0_usize..50, 0..9)) {
        let mime = data_encoding::BASE64_MIME.encode(&data);
        prop_assert_eq!(transfer(Encoding::Base64, mime.as_bytes(), &cuts, 40), data.as_slice());
        let bare = data_encoding::BASE64_NOPAD.encode(&data);
        prop_assert_eq!(transfer(Encoding::Base64, bare.as_bytes(), &cuts, 40), data.as_slice());
        let quoted = ::quoted_printable::encode_binary(&data);
        prop_assert_eq!(transfer(Encoding::QuotedPrintable, &quoted, &cuts, 40), data.as_slice());
    }

    #[test]
    fn words_undo_encoding(words in prop::collection::vec((any::<bool>(), any::<String>()), 0..5)) {
        let encoded: Vec<_> = words.iter().map(|(b, word)| if *b {
            format!("=?utf-8?B?{}?=", data_encoding::BASE64.encode(word.as_bytes()))
        } else {
            format!("=?UTF-8?q?{}?=", word.bytes().map(|byte| format!("={byte:02X}")).collect::<String>())
        }).collect();
        let wanted: String = words.iter().flat_map(|(_, word)| word.chars())
            .map(|char| if char.is_control() { ' ' } else { char }).collect();
        prop_assert_eq!(text(&encoded.join("\r\n ")), wanted);
    }

    #[test]
    fn charsets_do_not_depend_on_cuts(
        input in prop::collection::vec(any::<u8>(), 0..60),
        cuts in prop::collection::vec(0_usize..5, 0..30),
        label in prop::sample::select(vec!["", "utf-8", "latin1", "latin9", "gb18030", "iso-2022-jp", "utf-16", "big5"]),
        room in 4_usize..9,
    ) {
        let charset = Charset::for_label(label).unwrap();
        let decode = |cuts: &[usize], room: usize| {
            let mut decoder = CharsetDecoder::new(charset);
            let (mut out, mut memory) = (Vec::new(), vec![0; room]);
            for piece in cut(&input, cuts) {
                let mut rest = piece;
                while !rest.is_empty() {
                    let (read, written) = decoder.decode(rest, &mut memory);
                    out.extend_from_slice(&memory[..written]);
                    rest = &rest[read..];
                }
            }
            loop {
                let written = decoder.finish(&mut memory);
                out.extend_from_slice(&memory[..written]);
                if written == 0 {
                    return String::from_utf8(out).unwrap();
                }
            }
        };
        let whole = decode(&[], 1000);
        prop_assert_eq!(decode(&cuts, room), whole.as_str());
        if label == "utf-8" {
            prop_assert_eq!(whole, String::from_utf8_lossy(&input));
        }
    }
}
