//! The work for a byte is bounded, whatever the bytes are and however they come: eight times as
//! many take about eight times as long.

use cpu_time::ThreadTime;
use mailwire::imap::event::Fetch;
use mailwire::imap::{Connection, Event, Item, Mailbox};
use mailwire::message::{
    Addresses, Charset, ContentType, Encoding, HeaderScanner, Headers, Preview, Text, Wanted,
    date_time,
};
use mailwire::{Buffers, Instant, Machine as _, Progress};
use std::hint::black_box;

/// How much of the processor's time it takes at best: the machine may have other things to do.
fn time(mut work: impl FnMut()) -> f64 {
    let once = || {
        let begin = ThreadTime::now();
        work();
        begin.elapsed().as_secs_f64()
    };
    std::iter::repeat_with(once).take(3).fold(f64::MAX, f64::min)
}

/// `work` with inputs of so many bytes and with eight times as many.
fn linear(what: &str, size: usize, make: impl Fn(usize) -> Vec<u8>, work: impl Fn(&[u8])) {
    let (few, many) = (make(size), make(size * 8));
    let mut ratio = f64::MAX;
    for _ in 0..4 {
        ratio = ratio.min(time(|| work(&many)) / time(|| work(&few)).max(2e-5));
        if ratio < 20.0 {
            return;
        }
    }
    panic!("{what}: eight times the bytes, {ratio:.0} times the work");
}

/// Reads all of what is heard, a byte or all at a time.
fn hear(bytes: &[u8], rx: usize, step: usize) {
    let mut memory = vec![0; rx];
    let mut buffers = Buffers::new(&mut memory, &mut []);
    let mut connection = Connection::observer();
    for piece in bytes.chunks(step) {
        let mut rest = piece;
        while !rest.is_empty() {
            let taken = buffers.rx.fill(rest);
            rest = &rest[taken..];
            while connection.advance(&mut buffers, Instant::ZERO) == Ok(Progress::Event) {
                match connection.event(&buffers) {
                    Event::Fetch(Fetch::Item(Item::BodyStructure(it))) => {
                        black_box(it.walk().filter(|part| part.size().is_some()).count());
                    }
                    Event::Fetch(Fetch::Item(Item::Envelope(it))) => {
                        black_box((it.from().count(), it.bcc().count(), it.message_id()));
                    }
                    Event::Thread { threads, .. } => _ = black_box(threads.into_iter().count()),
                    Event::Search { numbers, .. } => _ = black_box(numbers.into_iter().count()),
                    event => _ = black_box(event),
                }
            }
            if taken == 0 {
                return;
            }
        }
    }
}

fn repeat(begin: &str, middle: &str, end: &str) -> impl Fn(usize) -> Vec<u8> {
    move |size| [begin, &middle.repeat(size / middle.len()), end].concat().into_bytes()
}

#[test]
fn responses() {
    let shapes = [
        ("a word", repeat("", "x", "\r\n")),
        ("a name", repeat("* ", "x", "\r\n")),
        ("a string", repeat("* LIST () \"/\" \"", "a", "\"\r\n")),
        ("backslashes", repeat("* LIST () \"/\" \"", "\\\\", "\"\r\n")),
        ("odd quotes", repeat("* LIST () \"/\" a", "\"", "\r\n")),
        ("parentheses", repeat("* X ", "(", "\r\n")),
        ("literals", repeat("* X ", "{1}\r\na ", "\r\n")),
        ("braces", repeat("* X ", "{", "\r\n")),
        ("numbers", repeat("* SEARCH", " 1", "\r\n")),
        ("threads", repeat("* THREAD ", "(1)", "\r\n")),
        ("deep threads", repeat("* THREAD ", "(", "\r\n")),
        (
            "addresses",
            repeat(
                "* 1 FETCH (ENVELOPE (NIL NIL (",
                "(NIL NIL NIL NIL)",
                ") NIL NIL NIL NIL NIL NIL NIL))\r\n",
            ),
        ),
        (
            "parts",
            repeat(
                "* 1 FETCH (BODYSTRUCTURE (",
                "(\"A\" \"B\" NIL NIL NIL \"7BIT\" 1)",
                " \"MIXED\"))\r\n",
            ),
        ),
        ("deep parts", repeat("* 1 FETCH (BODYSTRUCTURE ", "(", "\r\n")),
        ("items", repeat("* 1 FETCH (", "UID 1 ", ")\r\n")),
        ("quoted body", repeat("* 1 FETCH (BODY[] \"", "\\\"", "\")\r\n")),
        ("body", repeat("* 1 FETCH (BODY[] {9}\r\n123456789", " ", ")\r\n")),
        ("blank lines", repeat("", "\r\n", "")),
        ("capabilities", repeat("* OK [CAPABILITY", " A", "] x\r\n")),
    ];
    for (what, make) in shapes {
        // In an Rx that holds all, and in one that holds next to nothing.
        for (rx, step, size) in [(1 << 15, 1, 2500), (64, 1, 600), (64, 61, 600)] {
            linear(&format!("{what}, Rx of {rx}"), size, &make, |bytes| hear(bytes, rx, step));
        }
    }
}

#[test]
fn messages() {
    let all = |bytes: &[u8]| {
        black_box(Text::new(bytes).chars().count());
        black_box(Addresses::new(bytes).count());
        black_box(date_time(bytes));
        let kind = ContentType::new(bytes);
        black_box((kind.parameter("name"), kind.file_name().map(|it| it.chars().count())));
        let headers = Headers::new(bytes);
        black_box((headers.fields().count(), headers.first("Subject"), headers.last("X")));
        let mut memory = [0; 64];
        let mut wanted = [Wanted::new("Subject", &mut memory)];
        black_box(HeaderScanner::new().feed(bytes, &mut wanted));
        for encoding in [Encoding::Identity, Encoding::QuotedPrintable, Encoding::Base64] {
            let mut memory = vec![0; bytes.len()];
            let mut preview = Preview::new(&mut memory);
            preview.encoding(encoding).charset(Charset::UTF_8).html();
            bytes.iter().for_each(|byte| _ = preview.feed(&[*byte]));
            black_box(preview.finish().len());
        }
        black_box(Mailbox::new(bytes.into(), false).chars().count());
    };
    for token in [
        "=?",
        "=?utf-8?Q?",
        "=?utf-8?Q?a?= ",
        "=?utf-8?B?",
        "(",
        "\\",
        "\"",
        "<",
        "a:",
        ",",
        ";",
        "@",
        " ",
        "<!--",
        "<a b='",
        "&",
        "&amp",
        "=",
        "=\r\n",
        "&AA",
        "&AOk-",
        "&-",
        "name*0=a;",
        "\r\n ",
        "a: b\r\n",
        "%",
        "\u{fc}",
        "*0*",
        "''",
        ":;",
    ] {
        linear(token, 1000, repeat("", token, ""), all);
        linear(token, 1000, repeat("a: \"", token, "\"b"), all);
    }
}
