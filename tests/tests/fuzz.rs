//! What the fuzz targets found, and what they begin with, on stable Rust: the files in
//! `tests/fuzz/seeds/TARGET` and `tests/fuzz/regressions/TARGET`.

use mailwire_tests::fuzz;
use proptest::prelude::*;
use std::fs;
use std::panic;
use std::path::{Path, PathBuf};

/// The files in a folder, or none if there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// All of them are tried, and then told.
#[test]
fn known_inputs_are_passed() {
    let mut failed = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    for kind in ["seeds", "regressions"] {
        for folder in files(&root.join(kind)) {
            let name = folder.file_name().unwrap().to_str().unwrap();
            assert!(fuzz::TARGETS.iter().any(|(known, _)| *known == name), "{name}");
            for file in files(&folder) {
                let input = fs::read(&file).unwrap();
                if panic::catch_unwind(|| fuzz::run(name, &input)).is_err() {
                    failed.push(file);
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_target_can_be_fuzzed() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/Cargo.toml");
    let manifest = fs::read_to_string(manifest).unwrap();
    for (name, _) in fuzz::TARGETS {
        assert!(manifest.contains(&format!("\nname = \"{name}\"\n")), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nothing_is_found_in_noise(input in prop::collection::vec(any::<u8>(), 0..200)) {
        for (_, target) in fuzz::TARGETS {
            target(&input);
        }
    }
}

/// What responses are made of, and what is odd in them.
const WORDS: &[&str] = &[
    "NIL",
    "nil",
    "NI",
    "x",
    "Ab9",
    "7",
    "0",
    "4294967295",
    "4294967296",
    "1:3,5",
    "-1",
    "\\Seen",
    "\\*",
    "\"\"",
    "\"a\"",
    "\"a b\"",
    "\"a\\\"b\"",
    "\"\\\\\"",
    "\"{3}\"",
    "\"{0}\" ",
    "\"\u{e9}\"",
    "\"a\tb\"",
    "\"a\0b\"",
    "\"a\"b\"",
    "\"long enough for a word\"",
    "\"a)b(\"",
    "\"MESSAGE\"",
    "\"RFC822\"",
    "\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 4 1",
    "{0}\r\n",
    "{3}\r\na)\"",
    "{1}\nx",
    "{2}\r\r\nxy",
    "{2+}\r\n\r\n",
    "{1} \r\n\"",
    "~{2}\r\n\0(",
    "{-1}",
    "{-1}\r\n",
    "{0}",
    "{",
    "{x}",
    "{99999999999999999999}\r\n",
    "~",
    "\"",
    "\\",
    "(",
    ")",
    "[",
    "]",
    "*",
    "+",
    "%",
    ",",
    ":",
    "<",
    ".",
    " ",
    "  ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\0",
    "\x0b",
    "\x0c",
    "\x7f",
    "\u{e9}",
    "&AOk-",
    "()",
    "( )",
    "(x)",
    "(\"a\" \"b\")",
    "((NIL NIL \"a\" \"b\"))",
    "(\"a\"\"b\")",
    "(((",
    ")))",
    "\"A1\"",
    "21-Nov-2026 03:16:38 +0000",
    "1234567890123456789012345678901234567890",
    "00000000000000000000000001",
];

/// Names of items.
const ITEMS: &[&str] = &[
    "UID",
    "FLAGS",
    "ENVELOPE",
    "envelope",
    "BODYSTRUCTURE",
    "BodyStructure",
    "BODY",
    "INTERNALDATE",
    "RFC822.SIZE",
    "MODSEQ",
    "X-GM-LABELS",
    "PREVIEW",
    "BODY[]",
    "body[TEXT]<0>",
    "BINARY[1]",
    "BINARY.SIZE[1]",
    "BODY[HEADER.FIELDS (\"]\" TO)]",
    "BODY[1.MIM",
    "RFC822",
    "rfc822.text",
    "RFC822.X",
    "BODYX",
    "B",
    "ENVELOPE[",
    "X\0",
    "\t",
    "",
];

/// How lines begin.
const LINES: &[&str] = &[
    "* ESEARCH (TAG \"A1\") UID ALL ",
    "* ESEARCH ",
    "* SEARCH ",
    "* SEARCH 1 2 (MODSEQ ",
    "* SORT ",
    "* LIST (\\Noselect) \"/\" ",
    "* LIST ",
    "* LSUB () NIL ",
    "* STATUS x (MESSAGES ",
    "* FLAGS (",
    "* THREAD (1 (2 3)",
    "* VANISHED (EARLIER) ",
    "* UIDBATCHES (TAG \"A1\") 9:5,",
    "* CAPABILITY IMAP4rev1 ",
    "* ENABLED UTF8=ACCEPT ",
    "* ID (\"name\" ",
    "* NAMESPACE ((\"\" \"/\")) NIL ",
    "* METADATA \"\" (/x ",
    "* QUOTA \"\" (STORAGE 1 ",
    "* ACL x ",
    "* OK [CAPABILITY IMAP4rev1 ",
    "* OK [PERMANENTFLAGS (\\Seen ",
    "* OK [COPYUID 1 1:2,3 ",
    "A1 OK [APPENDUID 1 1,2,",
    "A1 NO [MODIFIED 7,9,",
    "* OK ",
    "* PREAUTH ",
    "* BYE ",
    "* NO [UIDNEXT ",
    "* [COPYUID 1 ",
    "+ ",
    "junk ",
    "* 3 EXISTS ",
    "* 99999999999 EXPUNGE ",
    "* X ",
    "*",
    "* * ",
    "* 1 FETCH ",
    "* FETCH (",
    "* 1 fetchx (",
    "* 00000000000000000000000000000007 EXISTS",
];

/// How a FETCH response begins.
const FETCHES: &[&str] = &[
    "* 1 FETCH (",
    "* 7 UIDFETCH (",
    "* 12 fetch (",
    "*  -5  FETCH  ( ",
    "* 007 FETCH (",
    "* 0000000000000000000000001 FETCH (",
    "* 000000000000000000000000001 FETCH (",
];

/// Mostly what is usual.
fn separator() -> impl Strategy<Value = &'static str> {
    prop_oneof![16 => Just(" "), 2 => Just(""), 1 => Just("  "), 1 => Just("\t"), 1 => Just("\r")]
}

fn word() -> impl Strategy<Value = String> {
    let usual = prop::sample::select(&["NIL", "\"a\"", "\"b c\"", "12", "(\"x\" NIL)", "atom"][..]);
    prop_oneof![3 => usual, 2 => prop::sample::select(WORDS)].prop_map(Into::into)
}

fn words() -> impl Strategy<Value = String> {
    prop::collection::vec((word(), separator()), 0..12)
        .prop_map(|words| words.into_iter().map(|(word, sep)| word + sep).collect())
}

/// An atom, a string, or a list, perhaps a deep one.
fn value() -> impl Strategy<Value = String> {
    let list = word().prop_recursive(5, 60, 13, |inner| {
        (prop::collection::vec((inner, separator()), 0..13), separator(), 0..4_u8).prop_map(
            |(values, sep, kind)| {
                let sep = if kind > 0 { " " } else { sep };
                let mut list: String = values
                    .iter()
                    .map(|(value, own)| value.clone() + if kind == 1 { own } else { sep })
                    .collect();
                // As it should be.
                if kind > 1 && list.ends_with(' ') {
                    list.pop();
                }
                format!("({list})")
            },
        )
    });
    let deep = (0..40_usize, word(), 0..3_usize).prop_map(|(depth, word, less)| {
        let close = depth.saturating_sub(less / 2);
        format!("{}{word}{}", "(".repeat(depth), " \"m\")".repeat(close))
    });
    prop_oneof![1 => word(), 8 => list, 1 => deep]
}

fn fetch() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        3 => prop::sample::select(&["ENVELOPE", "BODYSTRUCTURE"][..]),
        2 => prop::sample::select(ITEMS)
    ];
    let item = (name, separator(), value(), separator());
    let end = prop_oneof![8 => Just(")\r\n"), 1 => Just("\r\n"), 1 => Just(") \n"), 1 => Just("")];
    (prop::sample::select(FETCHES), prop::collection::vec(item, 0..5), end).prop_map(
        |(begin, items, end)| {
            let items =
                items.into_iter().map(|(name, gap, value, sep)| [name, gap, &value, sep].concat());
            let items: String = items.collect();
            [begin, items.trim_end_matches(' '), end].concat()
        },
    )
}

/// Responses, with something odd in some places.
fn responses() -> impl Strategy<Value = Vec<u8>> {
    let end =
        prop_oneof![8 => Just("\r\n"), 1 => Just("\n"), 1 => Just("{3}\r\nabc\r\n"), 1 => Just("")];
    let line = (prop::sample::select(LINES), words(), end)
        .prop_map(|(begin, words, end)| [begin, &words, end].concat());
    let odd = (any::<prop::sample::Index>(), prop::sample::select(WORDS));
    (
        prop::collection::vec(prop_oneof![3 => fetch(), 2 => line], 1..4),
        prop::collection::vec(odd, 0..3),
    )
        .prop_map(|(lines, odd)| {
            let mut all = lines.concat().into_bytes();
            for (at, word) in odd {
                let at = at.index(all.len() + 1);
                all.splice(at..at, word.bytes());
            }
            all
        })
}

proptest! {
    // More of them with PROPTEST_CASES.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(1000),
        failure_persistence: None,
        ..Default::default()
    })]

    /// The short ways that the core has for what is usual hear what the others do.
    #[test]
    fn responses_are_heard_the_same_however_cut(
        capacity in prop_oneof![1 => 0..8_u8, 2 => 8..64_u8, 2 => any::<u8>(), 1 => 6..8_u8],
        seed in any::<u8>(),
        responses in responses(),
    ) {
        let input = [&[capacity, seed], &responses[..]].concat();
        fuzz::run("imap_bytes", &input);
    }
}
