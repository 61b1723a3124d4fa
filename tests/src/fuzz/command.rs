//! Any command with any arguments goes out as one command with these arguments, or not at all.

use super::message::to_utf7;
use arbitrary::{Arbitrary as _, Result, Unstructured};
use mailwire::imap::command::*;
use mailwire::imap::*;
use mailwire::sasl::Response;
use mailwire::{Buffers, Error, Instant, Machine as _, Progress, ResourceError};

/// What a string in a command must be.
#[derive(Debug, Clone, Copy)]
enum Wanted<'a> {
    /// This.
    Is(&'a [u8]),
    /// A mailbox's name.
    Name(&'a str),
    /// Whatever.
    Any,
}

/// How the server and the link are.
#[derive(Debug, Clone, Copy)]
struct Link {
    utf8: bool,
    /// None, LITERAL-, LITERAL+.
    literals: &'static str,
    /// Before login, after, with a mailbox.
    depth: u8,
}

/// A strict reader of the formal syntax of commands (RFC 9051 section 9), for servers. It knows
/// no command, but what each consists of.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    /// The text ends where a `+` is due.
    Waits,
    /// A whole command: its tag, its words, and its strings.
    Whole { tag: Vec<u8>, words: Vec<u8>, strings: Vec<Vec<u8>> },
    /// It goes on.
    More,
}

fn read(wire: &[u8], utf8: bool) -> Read {
    let mut words = Vec::new();
    let mut strings = Vec::new();
    let mut depth = 0_i32;
    let mut at = 0;
    while let Some(&byte) = wire.get(at) {
        at += 1;
        match byte {
            b'\r' => {
                assert!(wire.get(at).is_none_or(|next| *next == b'\n'), "a bare CR: {wire:?}");
                if wire.get(at).is_none() {
                    return Read::More;
                }
                assert_eq!(wire.len(), at + 1, "more than one command: {}", wire.escape_ascii());
                assert_eq!(depth, 0, "open parentheses: {}", wire.escape_ascii());
                assert_ne!(words.last(), Some(&b' '), "a space at the end");
                let space = words.iter().position(|byte| *byte == b' ').expect("tag and command");
                let tag = words[..space].to_vec();
                return Read::Whole { tag, words: words[space + 1..].to_vec(), strings };
            }
            b'"' => {
                let mut text = Vec::new();
                loop {
                    let Some(&byte) = wire.get(at) else { return Read::More };
                    at += 1;
                    match byte {
                        b'"' => break,
                        b'\\' => {
                            let Some(&byte) = wire.get(at) else { return Read::More };
                            assert!(matches!(byte, b'"' | b'\\'), "escapes {byte}");
                            at += 1;
                            text.push(byte);
                        }
                        0 | b'\r' | b'\n' => panic!("{byte} in quotes"),
                        0x80.. => {
                            assert!(utf8, "8 bits in quotes");
                            text.push(byte);
                        }
                        _ => text.push(byte),
                    }
                }
                assert!(std::str::from_utf8(&text).is_ok(), "what is quoted is UTF-8");
                strings.push(text);
                words.push(b'"');
            }
            b'{' => {
                let Some(close) = wire[at..].iter().position(|byte| *byte == b'}') else {
                    return Read::More;
                };
                let size = std::str::from_utf8(&wire[at..at + close]).unwrap();
                let waits = !size.ends_with('+');
                let size: usize = size.trim_end_matches('+').parse().expect("a literal's size");
                at += close + 1;
                if wire.len() < at + 2 {
                    return Read::More;
                }
                assert_eq!(&wire[at..at + 2], b"\r\n");
                at += 2;
                if waits && at == wire.len() {
                    return Read::Waits;
                }
                if wire.len() < at + size {
                    return Read::More;
                }
                let binary = words.last() == Some(&b'~');
                let text = &wire[at..at + size];
                assert!(binary || !text.contains(&0), "NUL in a literal");
                strings.push(text.to_vec());
                words.push(b'"');
                at += size;
            }
            b'(' => {
                depth += 1;
                words.push(byte);
            }
            b')' => {
                depth -= 1;
                assert!(depth >= 0, "too many parentheses");
                assert_ne!(words.last(), Some(&b' '), "a space before a parenthesis");
                words.push(byte);
            }
            b' ' => {
                let before = words.last();
                assert!(!matches!(before, None | Some(b' ' | b'(')), "{}", wire.escape_ascii());
                words.push(byte);
            }
            0..=0x1f | 0x7f.. => panic!("{byte} outside of strings: {}", wire.escape_ascii()),
            _ => words.push(byte),
        }
    }
    Read::More
}

/// A connection that can send, and the server that it talks to.
fn connect<'b>(link: Link, buffers: &mut Buffers<'b>) -> Connection {
    let mut config = Config::default();
    config.send_unoffered = true;
    let mut connection = Connection::new(config);
    let greeting = if link.depth == 0 { "OK" } else { "PREAUTH" };
    let mut said = format!("* {greeting} [CAPABILITY IMAP4rev1 ENABLE {}] hi\r\n", link.literals);
    if link.utf8 {
        assert!(link.depth > 0);
    }
    let mut scratch = [0; 512];
    let say = |connection: &mut Connection, buffers: &mut Buffers<'_>, said: &str| {
        buffers.rx.fill(said.as_bytes());
        while connection.advance(buffers, Instant::ZERO).unwrap() != Progress::NeedInput {}
    };
    say(&mut connection, buffers, &said);
    let mut answered = |connection: &mut Connection,
                        buffers: &mut Buffers<'_>,
                        command: &dyn Command,
                        data: &str| {
        let mut other = Buffers::new(&mut [], &mut scratch);
        let tag = connection.send(command, &mut other.tx).unwrap();
        let sent = other.tx.pending().len();
        other.tx.consume(sent);
        said = format!("{data}{tag} OK\r\n");
        say(connection, buffers, &said);
    };
    if link.utf8 {
        let enable = EnableCommand { capabilities: &["IMAP4rev2"] };
        answered(&mut connection, buffers, &enable, "* ENABLED IMAP4rev2\r\n");
        assert!(connection.is_utf8());
    }
    if link.depth > 1 {
        answered(&mut connection, buffers, &SelectCommand::new("INBOX"), "* 9 EXISTS\r\n");
    }
    connection
}

/// Sends a command to a server that says `+` whenever it is due. What was sent, or why nothing.
fn transmit(
    command: &dyn Command,
    link: Link,
    memory: &mut [u8],
    body: &[u8],
) -> std::result::Result<Vec<u8>, Error> {
    let mut rx = [0; 512];
    let mut buffers = Buffers::new(&mut rx, memory);
    let mut connection = connect(link, &mut buffers);
    let tag = match connection.send(command, &mut buffers.tx) {
        Ok(tag) => tag,
        Err(error) => {
            assert!(buffers.tx.is_empty() && connection.is_quiet(), "half a command");
            return Err(error);
        }
    };
    let mut wire = Vec::new();
    let mut given = 0;
    for _ in 0..100_000 {
        let pending = buffers.tx.pending().to_vec();
        let _ = format!("{:?}", buffers.tx);
        // In pieces.
        let sent = pending.len().min(7 + wire.len() % 5);
        wire.extend_from_slice(&pending[..sent]);
        buffers.tx.consume(sent);
        if sent < pending.len() {
            continue;
        }
        match connection.advance(&mut buffers, Instant::ZERO)? {
            Progress::Event => match connection.event(&buffers) {
                Event::SendLiteral { remaining, tag: of } => {
                    assert_eq!((of, remaining), (tag, (body.len() - given) as u64));
                    given += connection.write_literal(&body[given..], &mut buffers.tx);
                }
                event => panic!("{event:?}"),
            },
            Progress::NeedInput if !buffers.tx.pending().is_empty() => {}
            Progress::NeedInput => match read(&wire, link.utf8) {
                Read::Waits => assert!(buffers.rx.fill(b"+ go\r\n") > 0),
                Read::More => panic!("stops half way: {}", wire.escape_ascii()),
                Read::Whole { tag: sent, .. } => {
                    assert_eq!(sent, tag.as_str().as_bytes());
                    assert_eq!(given, body.len());
                    return Ok(wire);
                }
            },
            Progress::Closed => panic!("closed"),
        }
    }
    panic!("no end");
}

/// One command with all that is asked of it.
fn check(
    command: &dyn Command,
    link: Link,
    body: &[u8],
    wanted: &[Wanted<'_>],
    secret: Option<&str>,
) {
    let mut memory = vec![0; 1 << 16];
    let wire = match transmit(command, link, &mut memory, body) {
        Ok(wire) => wire,
        Err(Error::Usage(_) | Error::Resource(ResourceError::TooManyLiterals)) => return,
        Err(error) => panic!("{error:?}"),
    };
    if let Some(secret) = secret.filter(|secret| secret.len() > 5) {
        let left = memory.windows(secret.len()).any(|it| it == secret.as_bytes());
        assert!(!left, "a secret is left in Tx");
    }
    let Read::Whole { strings, words, .. } = read(&wire, link.utf8) else { unreachable!() };
    assert_eq!(strings.len(), wanted.len(), "{} {wanted:?}", wire.escape_ascii());
    for (string, wanted) in strings.iter().zip(wanted) {
        match *wanted {
            Wanted::Is(text) => assert_eq!(string, text),
            Wanted::Name(name) => {
                let text = if link.utf8 { name.to_owned() } else { to_utf7(name) };
                assert_eq!(string, text.as_bytes());
                let heard = Mailbox::new(string.as_slice().into(), link.utf8);
                assert_eq!(heard, name);
            }
            Wanted::Any => {}
        }
    }
    let _ = words;
    if body.is_empty() {
        // The smallest Tx that is said to be enough is, and nothing smaller.
        let mut few = vec![0; 8];
        let needed = match transmit(command, link, &mut few, body) {
            Err(Error::Resource(ResourceError::TxFull { needed, capacity })) => {
                assert_eq!(capacity, few.len());
                assert!(few.iter().all(|byte| *byte == 0) || secret.is_none());
                needed
            }
            other => panic!("{other:?} in 8 bytes"),
        };
        assert_eq!(transmit(command, link, &mut vec![0; needed], body).as_deref(), Ok(&wire[..]));
        let less = transmit(command, link, &mut vec![0; needed - 1], body);
        let capacity = needed - 1;
        assert_eq!(less, Err(ResourceError::TxFull { needed, capacity }.into()));
    }
}

/// Texts that are short, and some that are special.
fn text<'a>(u: &mut Unstructured<'a>) -> Result<&'a str> {
    Ok(match u.int_in_range(0..=15)? {
        0 => "INBOX",
        1 => "{5}",
        2 => "a{5+}\r\nb",
        3 => "\\\"",
        4 => "x\r\nA9 LOGOUT",
        5 => "atom",
        6 => "Grüße",
        7 => "NIL",
        _ => u.arbitrary()?,
    })
}

fn texts<'a>(u: &mut Unstructured<'a>) -> Result<Vec<&'a str>> {
    (0..u.int_in_range(0..=4)?).map(|_| text(u)).collect()
}

fn set<'a: 'r, 'r>(u: &mut Unstructured<'a>, room: &'r [u32; 4]) -> Result<SequenceSet<'r>> {
    Ok(match u.int_in_range(0..=6)? {
        0 => SequenceSet::ALL,
        1 => SequenceSet::LAST,
        2 => SequenceSet::SEARCH_RESULT,
        3 => SequenceSet::from(&room[..u.int_in_range(0..=4)?]),
        4 => SequenceSet::from(room[0]..=room[1]),
        5 => SequenceSet::from(room[0]..),
        _ => {
            let text: &str = u.arbitrary()?;
            let Ok(set) = SequenceSet::try_from(text) else {
                return Ok(SequenceSet::from(room[0]));
            };
            set
        }
    })
}

fn flags<'a>(u: &mut Unstructured<'a>) -> Result<Vec<Flag<'a>>> {
    let flag = |u: &mut Unstructured<'a>| {
        Ok(match u.int_in_range(0..=6)? {
            0 => Flag::Seen,
            1 => Flag::Deleted,
            2 => Flag::Extension(text(u)?),
            3 => Flag::Recent,
            4 => Flag::Wildcard,
            5 => Flag::Other(text(u)?.into()),
            _ => Flag::Keyword(text(u)?),
        })
    };
    (0..u.int_in_range(0..=3)?).map(|_| flag(u)).collect()
}

fn date(u: &mut Unstructured<'_>) -> Result<Date> {
    Ok(Date {
        year: u.int_in_range(0..=10_100)?,
        month: u.int_in_range(0..=13)?,
        day: u.int_in_range(0..=32)?,
    })
}

fn moment(u: &mut Unstructured<'_>) -> Result<DateTime> {
    Ok(DateTime {
        date: date(u)?,
        hour: u.int_in_range(0..=24)?,
        minute: u.int_in_range(0..=60)?,
        second: u.int_in_range(0..=61)?,
        offset_minutes: u.arbitrary()?,
    })
}

fn status_items<'a>(u: &mut Unstructured<'a>) -> Result<Vec<StatusItem<'a>>> {
    let item = |u: &mut Unstructured<'a>| {
        Ok(match u.int_in_range(0..=5)? {
            0 => StatusItem::Messages,
            1 => StatusItem::UidNext,
            2 => StatusItem::HighestModSeq,
            3 => StatusItem::Size,
            4 => StatusItem::Unseen,
            _ => StatusItem::Other(text(u)?),
        })
    };
    (0..u.int_in_range(0..=3)?).map(|_| item(u)).collect()
}

/// A search key that holds no other, and the strings in it.
fn key<'a: 'r, 'r>(
    u: &mut Unstructured<'a>,
    room: &'r [u32; 4],
    wanted: &mut Vec<Wanted<'a>>,
) -> Result<Search<'r>> {
    let mut string = |u: &mut Unstructured<'a>| {
        let text = text(u)?;
        wanted.push(Wanted::Is(text.as_bytes()));
        Ok(text)
    };
    Ok(match u.int_in_range(0..=30)? {
        0 => Search::All,
        1 => Search::Bcc(string(u)?),
        2 => Search::Before(date(u)?),
        3 => Search::Body(string(u)?),
        4 => Search::Cc(string(u)?),
        5 => Search::From(string(u)?),
        6 => Search::Header(string(u)?, string(u)?),
        7 => Search::Keyword(text(u)?),
        8 => Search::Larger(u.arbitrary()?),
        9 => Search::New,
        10 => Search::On(date(u)?),
        11 => Search::Seen,
        12 => Search::SentBefore(date(u)?),
        13 => Search::Smaller(u.arbitrary()?),
        14 => Search::Subject(string(u)?),
        15 => Search::Text(string(u)?),
        16 => Search::To(string(u)?),
        17 => Search::Uid(set(u, room)?),
        18 => Search::Unkeyword(text(u)?),
        19 => Search::Sequence(set(u, room)?),
        20 => Search::Older(u.arbitrary()?),
        21 => Search::Younger(u.arbitrary()?),
        22 => Search::Filter(text(u)?),
        23 => Search::ModSeq(u.arbitrary()?),
        24 => {
            wanted.push(Wanted::Any);
            Search::FlagModSeq {
                flag: flags(u)?.first().copied().unwrap_or(Flag::Seen),
                entry: *u.choose(&[ModSeqEntry::All, ModSeqEntry::Private, ModSeqEntry::Shared])?,
                mod_seq: u.arbitrary()?,
            }
        }
        25 => Search::SavedBefore(date(u)?),
        26 => Search::EmailId(text(u)?),
        27 => Search::ThreadId(text(u)?),
        28 => Search::XGmRaw(string(u)?),
        29 => {
            let label = text(u)?;
            wanted.push(Wanted::Name(label));
            Search::XGmLabels(label)
        }
        _ => Search::XGmMsgId(u.arbitrary()?),
    })
}

fn returns<'a>(u: &mut Unstructured<'a>) -> Result<Vec<SearchReturn<'a>>> {
    let item = |u: &mut Unstructured<'a>| {
        Ok(match u.int_in_range(0..=8)? {
            0 => SearchReturn::Min,
            1 => SearchReturn::Max,
            2 => SearchReturn::All,
            3 => SearchReturn::Count,
            4 => SearchReturn::Save,
            5 => SearchReturn::Partial(range(u)?),
            6 => SearchReturn::Context,
            7 => SearchReturn::Relevancy,
            _ => SearchReturn::Other(text(u)?),
        })
    };
    (0..u.int_in_range(0..=3)?).map(|_| item(u)).collect()
}

fn range(u: &mut Unstructured<'_>) -> Result<PartialRange> {
    Ok(PartialRange { backwards: u.arbitrary()?, from: u.arbitrary()?, to: u.arbitrary()? })
}

fn fetch_item<'a: 'r, 'r>(
    u: &mut Unstructured<'a>,
    names: &'r [&'r str],
    wanted: &mut Vec<Wanted<'a>>,
) -> Result<Fetch<'r>> {
    Ok(match u.int_in_range(0..=14)? {
        0 => Fetch::All,
        1 => Fetch::Flags,
        2 => Fetch::Uid,
        3 => Fetch::Envelope,
        4 => Fetch::BodyStructure,
        5 => Fetch::ModSeq,
        6 => Fetch::Preview { lazy: u.arbitrary()? },
        7 => Fetch::Other(text(u)?),
        8 => Fetch::body(text(u)?).partial(u.arbitrary()?, u.arbitrary()?),
        9 => Fetch::peek(text(u)?),
        10 => Fetch::binary_peek(text(u)?).partial(u.arbitrary()?, u.arbitrary()?),
        11 => Fetch::binary_size(text(u)?),
        12 => Fetch::Rfc822Header,
        13 => {
            wanted.extend(names.iter().map(|_| Wanted::Any));
            Fetch::peek(Section::header_fields(names).of(text(u)?))
        }
        _ => {
            wanted.extend(names.iter().map(|_| Wanted::Any));
            Fetch::body(Section::header_fields_not(names))
        }
    })
}

/// See the module.
pub(super) fn run(input: &[u8]) {
    let _ = command(&mut Unstructured::new(input));
}

fn command(u: &mut Unstructured<'_>) -> Result<()> {
    use Wanted::{Any, Is, Name};
    let utf8 = u.arbitrary()?;
    let link = Link { utf8, literals: u.choose(&["", "LITERAL-", "LITERAL+"])?, depth: 2 };
    let numbers = <[u32; 4]>::arbitrary(u)?;
    let send =
        |command: &dyn Command, wanted: &[Wanted<'_>]| check(command, link, &[], wanted, None);
    match u.int_in_range(0..=44)? {
        0 => {
            let (user, password) = (text(u)?, text(u)?);
            let link = Link { depth: 0, utf8: false, ..link };
            let command = LoginCommand { user, password: password.into() };
            let wanted = [Is(user.as_bytes()), Is(password.as_bytes())];
            let secret = (!user.contains(password)).then_some(password);
            check(&command, link, &[], &wanted, secret);
        }
        1 => {
            let link = Link { depth: 0, utf8: false, ..link };
            let first: &str = u.arbitrary()?;
            let response = Response::new(first.as_bytes());
            let mechanism = text(u)?;
            let command = AuthenticateCommand::new(mechanism);
            let command =
                if u.arbitrary()? { command.initial_response(&response) } else { command };
            check(&command, link, &[], &[], None);
        }
        2 => send(&EnableCommand { capabilities: &texts(u)? }, &[]),
        3 => {
            let mailbox = text(u)?;
            send(&SelectCommand::new(mailbox), &[Name(mailbox)]);
            send(&ExamineCommand::new(mailbox), &[Name(mailbox)]);
            send(&CreateCommand::new(mailbox), &[Name(mailbox)]);
            send(&DeleteCommand { mailbox }, &[Name(mailbox)]);
            send(&SubscribeCommand { mailbox }, &[Name(mailbox)]);
            send(&UnsubscribeCommand { mailbox }, &[Name(mailbox)]);
            send(&GetAclCommand { mailbox }, &[Name(mailbox)]);
            send(&MyRightsCommand { mailbox }, &[Name(mailbox)]);
            send(&GetQuotaRootCommand { mailbox }, &[Name(mailbox)]);
        }
        4 => {
            let (from, to) = (text(u)?, text(u)?);
            send(&RenameCommand { from, to }, &[Name(from), Name(to)]);
        }
        5 => {
            let (patterns, reference) = (texts(u)?, text(u)?);
            let wanted: Vec<_> = [reference].iter().chain(&patterns).map(|it| Name(it)).collect();
            send(&ListCommand::new(&patterns).reference(reference), &wanted);
        }
        6 => {
            let (pattern, items, entries) = (text(u)?, status_items(u)?, texts(u)?);
            let returns = [
                ListReturn::Status(&items),
                ListReturn::Other(text(u)?),
                ListReturn::Metadata(&entries),
                ListReturn::MyRights,
            ];
            let count = u.int_in_range(0..=4)?;
            let selection = [ListSelection::Remote, ListSelection::Other(text(u)?)];
            let selection = &selection[..u.int_in_range(0..=2)?];
            let patterns = [pattern];
            let command =
                ListCommand::new(&patterns).selection(selection).returns(&returns[..count]);
            let mut wanted = vec![Name(""), Name(pattern)];
            if count > 2 {
                wanted.extend(entries.iter().map(|it| Is(it.as_bytes())));
            }
            send(&command, &wanted);
        }
        7 => {
            let (mailbox, items) = (text(u)?, status_items(u)?);
            send(&StatusCommand::new(mailbox, &items), &[Name(mailbox)]);
        }
        8 | 9 => {
            let mailbox = text(u)?;
            let body: &[u8] = u.arbitrary()?;
            let body = if body.is_empty() { b"\r\n" } else { body };
            let flags = flags(u)?;
            let date = if u.arbitrary()? { Some(moment(u)?) } else { None };
            let mut wanted = vec![Name(mailbox)];
            wanted.extend(date.map(|_| Any));
            wanted.push(Is(body));
            let mut message = AppendMessage::new(body.len() as u64).flags(&flags);
            if let Some(date) = date {
                message = message.date(date);
            }
            if body.contains(&0) {
                message = message.binary();
            }
            if u.arbitrary()? {
                check(&AppendCommand::with(mailbox, message), link, body, &wanted, None);
            } else {
                let replace = ReplaceCommand::uid(numbers[0], mailbox, message);
                check(&replace, link, body, &wanted, None);
            }
            if let Some(date) = date {
                internal_date(&date);
            }
        }
        10..=14 => {
            let mut wanted = Vec::new();
            let leaves = (0..u.int_in_range(0..=3)?)
                .map(|_| key(u, &numbers, &mut wanted))
                .collect::<Result<Vec<_>>>()?;
            let mut keys = leaves.clone();
            if let [one, other, ..] = &leaves[..]
                && u.arbitrary()?
            {
                let more = match u.int_in_range(0..=3)? {
                    0 => Search::Not(one),
                    1 => Search::Or(one, other),
                    2 => Search::And(&leaves),
                    _ => Search::Fuzzy(other),
                };
                keys = vec![more];
                let strings = |key: &Search<'_>| match key {
                    Search::Header(..) => 2,
                    Search::Bcc(_)
                    | Search::Body(_)
                    | Search::Cc(_)
                    | Search::From(_)
                    | Search::Subject(_)
                    | Search::Text(_)
                    | Search::To(_)
                    | Search::FlagModSeq { .. }
                    | Search::XGmRaw(_)
                    | Search::XGmLabels(_) => 1,
                    _ => 0,
                };
                let (first, second) = (strings(one), strings(other));
                match more {
                    Search::Not(_) => wanted.truncate(first),
                    Search::Or(..) => wanted.truncate(first + second),
                    Search::Fuzzy(_) => {
                        wanted.truncate(first + second);
                        wanted.drain(..first);
                    }
                    _ => {}
                }
            }
            let returns = returns(u)?;
            let criteria = [Sort::Date, Sort::Reverse(&Sort::Size), Sort::Other(text(u)?)];
            match u.int_in_range(0..=5)? {
                0 => send(&SearchCommand::new(&keys), &wanted),
                1 => send(&SearchCommand::new(&keys).uid().returns(&returns), &wanted),
                2 => send(&SortCommand::new(&criteria, &keys).uid(), &wanted),
                3 => send(&SortCommand::new(&criteria[..2], &keys).returns(&returns), &wanted),
                4 => send(&ThreadCommand::new(ThreadAlgorithm::References, &keys), &wanted),
                _ => {
                    let names = texts(u)?;
                    let places = [FilterMailboxes::Subtree(&names), FilterMailboxes::Personal];
                    let command = EsearchCommand::new(&places, &keys).returns(&returns);
                    let mut all: Vec<_> = names.iter().map(|it| Name(it)).collect();
                    all.extend(wanted);
                    send(&command, &all);
                }
            }
        }
        15..=18 => {
            let names = texts(u)?;
            let mut wanted = Vec::new();
            let items = (0..u.int_in_range(0..=3)?)
                .map(|_| fetch_item(u, &names, &mut wanted))
                .collect::<Result<Vec<_>>>()?;
            let set = set(u, &numbers)?;
            let command = if u.arbitrary()? {
                FetchCommand::new(set, &items)
            } else {
                FetchCommand::uid(set, &items).changed_since(u.arbitrary()?).partial(range(u)?)
            };
            // Names of fields are atoms or strings.
            match transmit(&command, link, &mut vec![0; 1 << 16], &[]) {
                Ok(_) | Err(Error::Usage(_) | Error::Resource(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        19 => {
            let flags = flags(u)?;
            let set = set(u, &numbers)?;
            send(&StoreCommand::add(set, &flags), &[]);
            send(&StoreCommand::add(set, &flags).uid().unchanged_since(u.arbitrary()?), &[]);
        }
        20 => {
            let (messages, mailbox) = (set(u, &numbers)?, text(u)?);
            send(&CopyCommand { messages, mailbox, uid: u.arbitrary()? }, &[Name(mailbox)]);
            send(&MoveCommand { messages, mailbox, uid: u.arbitrary()? }, &[Name(mailbox)]);
            send(&UidExpungeCommand { messages }, &[]);
            sequence_set(&messages);
        }
        21 => {
            let (one, two, three) = (text(u)?, text(u)?, text(u)?);
            let fields = [(one, Some(two)), (three, None)];
            let wanted = [Is(one.as_bytes()), Is(two.as_bytes()), Is(three.as_bytes())];
            send(&IdCommand { fields: &fields }, &wanted);
        }
        22 => {
            let (mailbox, identifier, rights) = (text(u)?, text(u)?, text(u)?);
            let wanted = [Name(mailbox), Is(identifier.as_bytes())];
            send(&DeleteAclCommand { mailbox, identifier }, &wanted);
            send(&ListRightsCommand { mailbox, identifier }, &wanted);
            let command = SetAclCommand { mailbox, identifier, rights: SetRights::Replace(rights) };
            send(&command, &[wanted[0], wanted[1], Is(rights.as_bytes())]);
            let command = SetAclCommand { mailbox, identifier, rights: SetRights::Add(rights) };
            let added = format!("+{rights}");
            send(&command, &[wanted[0], wanted[1], Is(added.as_bytes())]);
        }
        23 => {
            let root = text(u)?;
            send(&GetQuotaCommand { root }, &[Is(root.as_bytes())]);
            let limits = [(text(u)?, u.arbitrary()?), ("STORAGE", u.arbitrary()?)];
            let limits = &limits[..u.int_in_range(0..=2)?];
            send(&SetQuotaCommand { root, limits }, &[Is(root.as_bytes())]);
        }
        24 => {
            let (mailbox, entries) = (text(u)?, texts(u)?);
            let mut wanted = vec![Name(mailbox)];
            wanted.extend(entries.iter().map(|it| Is(it.as_bytes())));
            let command = GetMetadataCommand::new(mailbox, &entries);
            send(&command.max_size(u.arbitrary()?).depth(MetadataDepth::Infinity), &wanted);
        }
        25 => {
            let (mailbox, name) = (text(u)?, text(u)?);
            let value: Option<&[u8]> = u.arbitrary()?;
            let mut wanted = vec![Name(mailbox), Is(name.as_bytes())];
            wanted.extend(value.map(Is));
            send(&SetMetadataCommand { mailbox, entries: &[(name, value)] }, &wanted);
        }
        26 => {
            let ranges = texts(u)?;
            let wanted: Vec<_> = ranges.iter().map(|it| Is(it.as_bytes())).collect();
            send(&LanguageCommand { ranges: &ranges }, &wanted);
            send(&ComparatorCommand { orders: &ranges }, &wanted);
        }
        27 => {
            let (url, mechanism) = (text(u)?, text(u)?);
            send(&GenUrlAuthCommand { urls: &[(url, mechanism)] }, &[Is(url.as_bytes())]);
            let command = UrlFetchCommand { urls: &[(url, &[UrlFetchParam::Binary]), (url, &[])] };
            send(&command, &[Is(url.as_bytes()), Is(url.as_bytes())]);
            let mailbox = text(u)?;
            let command = ResetKeyCommand { mailbox: Some(mailbox), mechanisms: &[mechanism] };
            send(&command, &[Name(mailbox)]);
        }
        28 => {
            let names = texts(u)?;
            let wanted: Vec<_> = names.iter().map(|it| Name(it)).collect();
            let items = [Fetch::Uid, Fetch::Other(text(u)?)];
            let events = [
                NotifyEvent::MessageNew(&items),
                NotifyEvent::MessageExpunge,
                NotifyEvent::Other(text(u)?),
            ];
            let groups = [
                NotifyGroup { mailboxes: FilterMailboxes::Selected, events: &events },
                NotifyGroup { mailboxes: FilterMailboxes::Mailboxes(&names), events: &events[2..] },
            ];
            let groups = if u.arbitrary()? { &groups[..] } else { &groups[1..] };
            send(&NotifyCommand::set(groups), &wanted);
        }
        29 => {
            let labels = texts(u)?;
            let set = set(u, &numbers)?;
            let wanted: Vec<_> = labels.iter().map(|it| Name(it)).collect();
            send(&StoreXGmLabelsCommand::new(set, StoreAction::Add, &labels), &wanted);
        }
        30 => {
            let mailbox = text(u)?;
            let resync = QResync::new(u.arbitrary()?, u.arbitrary()?)
                .known_uids(set(u, &numbers)?)
                .seq_match(set(u, &numbers)?, set(u, &numbers)?);
            let parameters = [SelectParameter::CondStore, SelectParameter::QResync(resync)];
            let parameters = &parameters[..u.int_in_range(0..=2)?];
            send(&SelectCommand::new(mailbox).parameters(parameters), &[Name(mailbox)]);
        }
        31 => {
            let command = UidBatchesCommand::new(u.arbitrary()?);
            send(&command.batches(u.arbitrary()?, u.arbitrary()?), &[]);
        }
        32 => {
            let (mailbox, attribute) = (text(u)?, text(u)?);
            let uses = [Attribute::Sent, Attribute::Other(attribute.into())];
            let uses = &uses[..u.int_in_range(0..=2)?];
            send(&CreateCommand::new(mailbox).special_use(uses), &[Name(mailbox)]);
        }
        33 => {
            let mailbox = text(u)?;
            let name = Mailbox::new(mailbox.into(), utf8);
            // As received, so that it can be sent back.
            let out = custom(|out| _ = out.atom("X").sp().mailbox_as_received(&name));
            send(&out, &[Is(mailbox.as_bytes())]);
        }
        34 => {
            let (one, two) = (text(u)?, text(u)?);
            let bytes: &[u8] = u.arbitrary()?;
            let out = custom(|out| {
                out.atom("X").sp().string(bytes).sp().literal8(bytes).sp().astring(one.as_bytes());
                out.sp().nstring(Some(two.as_bytes())).sp().nstring(None);
            });
            send(&out, &[Is(bytes), Is(bytes), Is(one.as_bytes()), Is(two.as_bytes())]);
        }
        35 => {
            // What must not come from outside still makes one command or none.
            let raw: &[u8] = u.arbitrary()?;
            let out = custom(|out| _ = out.atom("X").sp().raw(raw));
            let mut memory = vec![0; 1 << 12];
            let mut room = [0; 512];
            let mut buffers = Buffers::new(&mut room, &mut memory);
            let mut connection = connect(link, &mut buffers);
            if connection.send(&out, &mut buffers.tx).is_ok() {
                let sent = buffers.tx.pending();
                assert_eq!(sent.iter().filter(|byte| **byte == b'\n').count(), 1);
            }
        }
        _ => {
            for command in [
                &CapabilityCommand as &dyn Command,
                &NoopCommand,
                &LogoutCommand,
                &CheckCommand,
                &CloseCommand,
                &UnselectCommand,
                &ExpungeCommand,
                &NamespaceCommand,
                &CompressCommand,
                &UnauthenticateCommand,
                &GetJmapAccessCommand,
                &IdleCommand,
            ] {
                send(command, &[]);
            }
        }
    }
    Ok(())
}

struct Custom<F>(F);

fn custom<F: Fn(&mut Encoder<'_, '_>)>(encode: F) -> Custom<F> {
    Custom(encode)
}

impl<F: Fn(&mut Encoder<'_, '_>)> Command for Custom<F> {
    fn kind(&self) -> Kind {
        Kind::Custom
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        self.0(out);
    }
}

/// What an observer makes of one line.
fn hear<R>(line: &str, look: impl Fn(Event<'_>) -> Option<R>) -> Option<R> {
    let mut memory = vec![0; line.len() + 2];
    let mut buffers = Buffers::new(&mut memory, &mut []);
    buffers.rx.fill(line.as_bytes());
    let mut connection = Connection::observer();
    while connection.advance(&mut buffers, Instant::ZERO) == Ok(Progress::Event) {
        if let Some(found) = look(connection.event(&buffers)) {
            return Some(found);
        }
    }
    None
}

/// A moment that can be sent is heard as it was sent.
fn internal_date(date: &DateTime) {
    let mut memory = [0; 256];
    let link = Link { utf8: false, literals: "", depth: 2 };
    let out = custom(|out| _ = out.atom("X").sp().date_time(date));
    let Ok(wire) = transmit(&out, link, &mut memory, &[]) else { return };
    let text = String::from_utf8(wire).unwrap();
    let text = text.split_once(" X ").unwrap().1.trim_end();
    let heard = hear(&format!("* 1 FETCH (INTERNALDATE {text})\r\n"), |event| match event {
        Event::Fetch(event::Fetch::Item(Item::InternalDate(date))) => Some(date),
        _ => None,
    });
    assert_eq!(heard, Some(*date), "{text}");
}

/// A set that can be sent is read as it was sent.
fn sequence_set(set: &SequenceSet<'_>) {
    let text = set.to_string();
    if let Ok(read) = SequenceSet::try_from(&*text) {
        assert_eq!(read, *set, "{text}");
        assert_eq!(read.to_string(), text);
    }
}
