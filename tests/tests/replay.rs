//! What real servers said is understood, however it was cut up and whatever Rx holds.

use mailwire::imap::Connection;
use mailwire::{Error, Machine as _};
use mailwire_tests::heard::{self, Heard, add_imap};
use mailwire_tests::transcript::{Step, Transcript};
use proptest::prelude::*;
use std::collections::HashSet;
use std::fmt::Write as _;

/// Large enough for every response and every item in the transcripts.
const AMPLE: usize = 1 << 20;

/// What an observer hears of bytes that come in `pieces`, and how it ends.
fn hear<'a>(
    rx: &mut [u8],
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Heard>, Result<(), Error>) {
    heard::hear(&mut Connection::observer(), rx, pieces, |connection, buffers, heard| {
        add_imap(heard, &connection.event(buffers));
    })
}

/// All that servers sent, a connection at a time, each with a name.
fn sessions() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for (path, transcript) in Transcript::imap() {
        let server = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        for connection in 0..transcript.connections() {
            let name = format!("{server}/{}/{connection}", transcript.session);
            all.push((name, transcript.server_bytes(connection)));
        }
    }
    all
}

/// What is malformed in the transcripts, and rightly so.
const MALFORMED: &[(&str, usize)] = &[
    // A tagged response to a command whose tag had a DEL in it.
    ("courier/imap-30-ext/0", 1),
];

#[test]
fn every_session_is_understood() {
    let mut rx = vec![0; AMPLE];
    let mut found = String::new();
    let mut expected = String::new();
    for (name, bytes) in sessions() {
        let (heard, end) = hear(&mut rx, [&bytes[..]]);
        if let Err(error) = end {
            writeln!(found, "{name}: {error}, behind {:?}", heard.last()).unwrap();
        }
        let malformed: Vec<_> = heard.iter().filter(|it| it.is("malformed")).collect();
        if !malformed.is_empty() {
            writeln!(found, "{name}: {}", malformed.len()).unwrap();
            if std::env::var_os("SHOW").is_some() {
                for it in malformed {
                    println!("{name} {it:?}");
                }
            }
        }
        assert!(!heard.iter().any(|it| it.is("oversized")), "{name}");
    }
    for (name, count) in MALFORMED {
        writeln!(expected, "{name}: {count}").unwrap();
    }
    assert_eq!(found, expected);
}

/// What extensions say has types too: every such response of the transcripts can be read.
#[test]
fn extensions_are_typed() {
    const EVENTS: &[(&str, &str)] = &[
        ("* ACL ", "acl"),
        ("* COMPARATOR ", "comparator"),
        ("* GENURLAUTH ", "gen_url_auth"),
        ("* ID ", "id"),
        ("* LANGUAGE ", "language"),
        ("* LISTRIGHTS ", "list_rights"),
        ("* METADATA ", "metadata"),
        ("* MYRIGHTS ", "my_rights"),
        ("* QUOTA ", "quota"),
        ("* QUOTAROOT ", "quota_root"),
        ("* URLFETCH ", "url_fetch"),
    ];
    let mut rx = vec![0; AMPLE];
    let mut seen = HashSet::new();
    for (path, transcript) in Transcript::imap() {
        for (_, step) in transcript.all_steps() {
            let Step::Server(bytes) = step else { continue };
            let event = EVENTS.iter().find(|(line, _)| bytes.starts_with(line.as_bytes()));
            if let Some((_, event)) = event {
                let (heard, end) = hear(&mut rx, [bytes]);
                assert!(
                    end.is_ok() && heard.len() == 1 && heard[0].is(event),
                    "{path:?} {heard:?}"
                );
                seen.insert(event);
            }
        }
    }
    // Nobody's LANGUAGE or COMPARATOR was ever answered.
    assert_eq!(seen.len(), EVENTS.len() - 2, "{seen:?}");
}

#[test]
fn pieces_change_nothing() {
    for (name, bytes) in sessions() {
        // Of all sizes where most is cut up, of a few where all fits.
        let sizes: [(usize, &[usize]); 3] =
            [(512, &[1, 2, 3, 7, 61, 997]), (4096, &[1, 61]), (65536, &[7, 997])];
        for (capacity, sizes) in sizes {
            let mut rx = vec![0; capacity];
            let whole = hear(&mut rx, [&bytes[..]]);
            for &size in sizes {
                if bytes.len() / size > 100_000 {
                    continue;
                }
                let pieces = hear(&mut rx, bytes.chunks(size));
                assert!(pieces == whole, "{name}, Rx of {capacity}, pieces of {size}");
            }
        }
    }
}

/// Responses that differ in nothing but numbers and lower case letters are cut up once.
fn shape(bytes: &[u8]) -> Vec<u8> {
    let kind = |byte: &u8| match byte {
        b'0'..=b'9' => b'0',
        b'a'..=b'z' => b'a',
        other => *other,
    };
    bytes.iter().map(kind).collect()
}

#[test]
fn a_cut_at_any_byte_changes_nothing() {
    let mut rx = vec![0; 4096];
    let mut seen = HashSet::new();
    for (_, transcript) in Transcript::imap() {
        for (_, step) in transcript.all_steps() {
            let Step::Server(bytes) = step else { continue };
            if !seen.insert(shape(bytes)) {
                continue;
            }
            let whole = hear(&mut rx, [bytes]);
            // At every byte, of long responses at every few: what is long of them is text.
            let cuts = (100_000 / bytes.len().max(1)).clamp(10, 250);
            for at in (1..bytes.len()).step_by(bytes.len().div_ceil(cuts)) {
                let (before, after) = bytes.split_at(at);
                let cut = hear(&mut rx, [before, after]);
                assert!(cut == whole, "cut at {at}: {:?}", String::from_utf8_lossy(bytes));
            }
        }
    }
}

/// What does not fit a small Rx is left out or comes in parts; all else is as with a large
/// one.
#[test]
fn a_small_rx_costs_only_what_does_not_fit() {
    let mut ample = vec![0; AMPLE];
    for (name, bytes) in sessions() {
        let (all, end) = hear(&mut ample, [&bytes[..]]);
        for capacity in [512, 4096] {
            let (some, some_end) = hear(&mut vec![0; capacity], [&bytes[..]]);
            assert_eq!(some_end, end, "{name}, Rx of {capacity}");
            let lossy = |it: &Heard| match it {
                Heard::Event(json) => {
                    it.is("oversized")
                        || it.is("code")
                        || json.contains(r#""truncated":true"#)
                        || json.contains(r#""more":true"#)
                }
                Heard::Chunk(_) => false,
            };
            let losses = some.iter().filter(|it| lossy(it)).count();
            let mut rest = all.iter();
            let mut missed = 0;
            let mut parts = false;
            for it in &some {
                if lossy(it) {
                    parts = true;
                    continue;
                }
                let skipped = rest.clone().position(|other| other == it);
                match skipped {
                    Some(skipped) => {
                        missed += skipped;
                        rest.nth(skipped);
                    }
                    // The last of some parts.
                    None => assert!(parts, "{name}, Rx of {capacity}: {it:?} is new"),
                }
                parts = false;
            }
            missed += rest.count();
            assert!(missed <= losses, "{name}, Rx of {capacity}: {missed} missed, {losses} told");
        }
    }
}

/// Pieces of recorded sessions, with a few bytes changed.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let records: Vec<Vec<u8>> = Transcript::imap()
        .iter()
        .flat_map(|(_, transcript)| {
            transcript
                .all_steps()
                .filter_map(|(_, step)| match step {
                    Step::Server(bytes) if bytes.len() < 2000 => Some(bytes.to_vec()),
                    _ => None,
                })
                .collect::<Vec<_>>()
        })
        .collect::<HashSet<_>>()
        .into_iter()
        .collect();
    let token = prop::sample::select(vec![
        "\r\n",
        "\"",
        "\\",
        "{3}\r\n",
        "{3+}\r\n",
        "~{3}\r\n",
        "{-1}\r\n",
        "{99999999999999999999}\r\n",
        "(",
        ")",
        " ",
        "* ",
        "+ ",
        "[",
        "]",
        "<0>",
        "* 1 FETCH (",
        "BODY[] ",
        "NIL",
        "\n",
        "\0",
        "\u{fc}",
        ",",
        "A1 OK ",
    ]);
    let change =
        (any::<prop::sample::Index>(), any::<prop::sample::Index>(), prop::option::of(token));
    let records = prop::collection::vec(prop::sample::select(records), 1..4);
    (records, prop::collection::vec(change, 0..4)).prop_map(|(records, changes)| {
        let mut bytes = records.concat();
        for (from, len, token) in changes {
            if bytes.is_empty() {
                break;
            }
            let from = from.index(bytes.len());
            let to = (from + len.index(4)).min(bytes.len());
            bytes.splice(from..to, token.unwrap_or_default().bytes());
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nonsense_is_survived_however_it_is_cut(
        bytes in mutated(),
        capacity in prop::sample::select(vec![16usize, 64, 256, 1024, 8192]),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let mut rx = vec![0; capacity];
        let whole = hear(&mut rx, [&bytes[..]]);
        let mut at: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        at.extend([0, bytes.len()]);
        at.sort();
        let pieces = hear(&mut rx, at.windows(2).map(|ends| &bytes[ends[0]..ends[1]]));
        prop_assert_eq!(&pieces, &whole);
        let single = hear(&mut rx, bytes.chunks(1));
        prop_assert_eq!(&single, &whole);
    }
}
