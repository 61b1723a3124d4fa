//! SEARCH's extensions, SORT, THREAD and ESEARCH: on a real Dovecot, and cut up in all ways.

use mailwire::imap::blocking::{Client, Found};
use mailwire::imap::command::*;
use mailwire::imap::*;
use mailwire::io::{Std, StdClock};
use mailwire::{Buffers, Instant, Machine as _, Progress};
use mailwire_tests::dovecot::Dovecot;
use proptest::prelude::*;
use std::net::TcpStream;
use std::time;

type Mail<'b> = Client<'b, Std<TcpStream>, StdClock>;
type Number = u32;

fn log_in<'b>(server: &Dovecot, (rx, tx): &'b mut (Vec<u8>, Vec<u8>)) -> Mail<'b> {
    let socket = TcpStream::connect(server.imap).unwrap();
    socket.set_read_timeout(Some(time::Duration::from_millis(50))).unwrap();
    let mut mail =
        Client::connect_with(Config::new(), StdClock::new(), Std(socket), rx, tx).unwrap();
    mail.login("alice", "password").unwrap();
    mail
}

fn numbers(mut found: Found<'_, '_, Std<TcpStream>, StdClock>) -> Vec<Number> {
    let mut numbers = Vec::new();
    while let Some(batch) = found.next().unwrap() {
        numbers.extend(batch.numbers());
    }
    assert!(found.next().unwrap().is_none());
    numbers
}

/// Each message's number and that of the one it answers.
#[derive(Debug, Default, PartialEq)]
struct Tree {
    answers: Vec<(Number, Option<Number>)>,
    parent: Option<Number>,
    open: Vec<Option<Number>>,
}

impl Tree {
    fn hear(&mut self, threads: Threads<'_>) {
        assert_eq!(threads.depth() as usize, self.open.len());
        for token in threads {
            match token {
                ThreadToken::Open => self.open.push(self.parent),
                ThreadToken::Number(number) => {
                    self.answers.push((number, self.parent.replace(number)));
                }
                ThreadToken::Close => self.parent = self.open.pop().unwrap(),
            }
        }
    }
}

fn on_dovecot(test: fn(&Dovecot, &mut Mail<'_>)) {
    for rx in [128, 64 * 1024] {
        let Some(server) = Dovecot::start() else { return };
        let mut memory = (vec![0; rx], vec![0; 1024]);
        let mut mail = log_in(&server, &mut memory);
        test(&server, &mut mail);
        mail.logout().unwrap();
    }
}

fn fill(mail: &mut Mail<'_>) {
    mail.create("box").unwrap();
    let message = |from: &str, subject: &str, day: u32, id: &str, refs: &str| {
        format!(
            "From: {from}\r\nTo: Zoe <a@x>\r\nDate: {day:02} Jan 2024 10:00:00 +0000\r\n\
             Subject: {subject}\r\nMessage-ID: <{id}@x>\r\nReferences: {refs}\r\n\r\nText {id}\r\n"
        )
    };
    for (text, day) in [
        (message("Carl <ann@x>", "tea", 3, "1", ""), 1),
        (message("Anna <zed@x>", "Re: tea", 1, "2", "<1@x>"), 2),
        (message("Bob <mia@x>", "coffee", 2, "3", ""), 3),
        (message("Dan <bob@x>", "Re: Re: tea", 5, "4", "<1@x> <2@x>"), 4),
        (message("Eve <eve@x>", "Re: tea", 4, "5", "<1@x>"), 5),
    ] {
        let date = Date { year: 2024, month: 2, day };
        let date = DateTime { date, hour: 12, minute: 0, second: 0, offset_minutes: 0 };
        mail.append("box", &[], Some(date), text.as_bytes()).unwrap();
    }
    mail.select("box").unwrap();
}

#[test]
fn keys_of_extensions() {
    on_dovecot(|_, mail| {
        fill(mail);
        mail.store(&StoreCommand::add(2, &[Flag::Seen])).unwrap().finish().unwrap();
        mail.append("box", &[], None, b"Subject: now\r\n\r\nx\r\n").unwrap();
        mail.noop().unwrap();
        let first = Date { year: 2024, month: 2, day: 1 };
        for (key, expected) in [
            (Search::Younger(86_400), &[6][..]),
            (Search::Older(86_400), &[1, 2, 3, 4, 5]),
            (Search::SavedBefore(first), &[]),
            (Search::SavedSince(first), &[1, 2, 3, 4, 5, 6]),
            (Search::Not(&Search::SavedOn(first)), &[1, 2, 3, 4, 5, 6]),
            (Search::SaveDateSupported, &[1, 2, 3, 4, 5, 6]),
        ] {
            assert_eq!(numbers(mail.search(&[key]).unwrap()), expected, "{key:?}");
        }
        // The mod-sequence comes with the numbers.
        let all = [Search::ModSeq(1)];
        let mut found = mail.uid_search(&all).unwrap();
        let mut highest = None;
        let mut uids = Vec::new();
        while let Some(batch) = found.next().unwrap() {
            let Batch::Search(numbers) = batch else { panic!("{batch:?}") };
            uids.extend(numbers);
            highest = numbers.mod_seq().or(highest);
        }
        assert_eq!(uids, [1, 2, 3, 4, 5, 6]);
        let highest = highest.unwrap();
        assert!(highest > 1);
        assert_eq!(numbers(mail.uid_search(&[Search::ModSeq(highest + 1)]).unwrap()), [0; 0]);
        let flag = Search::FlagModSeq { flag: Flag::Seen, entry: ModSeqEntry::All, mod_seq: 1 };
        assert!(numbers(mail.uid_search(&[flag]).unwrap()).contains(&2));
        let returns = [SearchReturn::All, SearchReturn::Count];
        let command = SearchCommand::new(&all).uid().returns(&returns);
        let mut found = mail.search_extended(&command).unwrap();
        let mut mod_seq = None;
        while let Some(batch) = found.next().unwrap() {
            mod_seq = batch.esearch().unwrap().mod_seq().or(mod_seq);
        }
        assert_eq!(mod_seq, Some(highest));
        // What is not offered is not sent.
        for (key, need) in [
            (Search::Filter("x"), "FILTERS"),
            (Search::Fuzzy(&Search::All), "SEARCH=FUZZY"),
            (Search::XGmRaw("x"), "X-GM-EXT-1"),
        ] {
            let error = mail.search(&[key]).unwrap_err();
            assert!(error.to_string().contains(need), "{error}");
        }
    });
}

#[test]
fn sort() {
    on_dovecot(|_, mail| {
        fill(mail);
        for (criteria, expected) in [
            (&[Sort::Arrival][..], [1, 2, 3, 4, 5]),
            (&[Sort::Reverse(&Sort::Arrival)], [5, 4, 3, 2, 1]),
            (&[Sort::Date], [2, 3, 1, 5, 4]),
            (&[Sort::From], [1, 4, 5, 3, 2]),
            (&[Sort::Subject, Sort::Date], [3, 2, 1, 5, 4]),
            (&[Sort::To, Sort::Cc, Sort::Date], [2, 3, 1, 5, 4]),
            (&[Sort::DisplayFrom], [2, 3, 1, 4, 5]),
            (&[Sort::DisplayTo, Sort::Reverse(&Sort::DisplayFrom)], [5, 4, 1, 3, 2]),
        ] {
            assert_eq!(numbers(mail.sort(criteria, &[]).unwrap()), expected, "{criteria:?}");
            assert_eq!(numbers(mail.uid_sort(criteria, &[]).unwrap()), expected, "{criteria:?}");
            // The same as a set keeps the order.
            let command = SortCommand::new(criteria, &[]).uid().returns(&[]);
            assert_eq!(numbers(mail.sort_extended(&command).unwrap()), expected, "{criteria:?}");
        }
        let keys = [Search::Subject("tea"), Search::Not(&Search::From("carl"))];
        assert_eq!(
            numbers(mail.sort(&[Sort::Reverse(&Sort::Size), Sort::Date], &keys).unwrap()),
            [4, 2, 5]
        );
        let mut found = mail.uid_sort(&[Sort::Date], &[]).unwrap();
        assert!(matches!(found.next().unwrap(), Some(Batch::Sort(_))));
        let returns = [SearchReturn::Min, SearchReturn::Max, SearchReturn::Count];
        let command = SortCommand::new(&[Sort::Date], &[]).returns(&returns);
        let mut found = mail.sort_extended(&command).unwrap();
        let (mut min, mut max, mut count) = (None, None, None);
        while let Some(batch) = found.next().unwrap() {
            let it = batch.esearch().unwrap();
            min = it.min().or(min);
            max = it.max().or(max);
            count = it.count().or(count);
        }
        // Of SORT these are the first and the last in the order asked for.
        assert_eq!(count, Some(5));
        assert_eq!((min, max), (Some(2), Some(4)));
    });
}

#[test]
fn thread() {
    on_dovecot(|_, mail| {
        fill(mail);
        let tree = |mail: &mut Mail<'_>, algorithm, uid| {
            let keys = [Search::All];
            let mut found = match uid {
                true => mail.uid_thread(algorithm, &keys).unwrap(),
                false => mail.thread(algorithm, &keys).unwrap(),
            };
            let mut tree = Tree::default();
            while let Some(threads) = found.next().unwrap() {
                tree.hear(threads);
            }
            assert!(tree.open.is_empty());
            tree.answers.sort_unstable();
            tree.answers
        };
        for uid in [false, true] {
            let by_references = [(1, None), (2, Some(1)), (3, None), (4, Some(2)), (5, Some(1))];
            assert_eq!(tree(mail, ThreadAlgorithm::References, uid), by_references);
            assert_eq!(tree(mail, ThreadAlgorithm::Refs, uid), by_references);
            let by_subject = [(1, Some(2)), (2, None), (3, None), (4, Some(2)), (5, Some(2))];
            assert_eq!(tree(mail, ThreadAlgorithm::OrderedSubject, uid), by_subject);
        }
        // A long conversation, each answering the one before.
        mail.create("deep").unwrap();
        mail.select("deep").unwrap();
        for n in 1..=100 {
            let references =
                if n > 1 { format!("References: <{}@y>\r\n", n - 1) } else { String::new() };
            let message = format!("Subject: deep\r\nMessage-ID: <{n}@y>\r\n{references}\r\n.\r\n");
            mail.append("deep", &[], None, message.as_bytes()).unwrap();
        }
        mail.noop().unwrap();
        let expected: Vec<_> = (1..=100).map(|n| (n, (n > 1).then(|| n - 1))).collect();
        assert_eq!(tree(mail, ThreadAlgorithm::References, true), expected);
        // Dropped at once: the next call reads all of it.
        let _ = mail.thread(ThreadAlgorithm::References, &[Search::From("nobody")]).unwrap();
        let mut none = mail.thread(ThreadAlgorithm::References, &[Search::From("nobody")]).unwrap();
        while let Some(threads) = none.next().unwrap() {
            assert!(threads.is_empty());
        }
    });
}

/// What an ESEARCH response says of a page, and which changes of a result came.
#[test]
fn contexts() {
    on_dovecot(|server, mail| {
        fill(mail);
        let page = |mail: &mut Mail<'_>, from, to| {
            let returns = [SearchReturn::Partial(PartialRange::first(from, to))];
            numbers(mail.search_extended(&SearchCommand::new(&[]).uid().returns(&returns)).unwrap())
        };
        assert_eq!(page(mail, 1, 2), [1, 2]);
        assert_eq!(page(mail, 4, 9), [4, 5]);
        assert_eq!(page(mail, 8, 9), [0; 0]);
        // From the end, where the server offers it.
        let last = [SearchReturn::Partial(PartialRange::last(1, 2))];
        let command = SearchCommand::new(&[]).uid().returns(&last);
        if mail.capabilities().contains(&Capability::Partial) {
            assert_eq!(numbers(mail.search_extended(&command).unwrap()), [4, 5]);
        } else {
            assert!(mail.search_extended(&command).unwrap_err().to_string().contains("PARTIAL"));
        }

        let returns = [SearchReturn::Update, SearchReturn::Context, SearchReturn::Count];
        let flagged = [Search::Flagged];
        let command = SearchCommand::new(&flagged).uid().returns(&returns);
        let mut found = mail.search_extended(&command).unwrap();
        let tag = found.tag();
        let batch = found.next().unwrap().unwrap();
        assert_eq!(batch.esearch().unwrap().count(), Some(0));
        assert!(found.next().unwrap().is_none());
        let mut other = (vec![0; 1024], vec![0; 512]);
        let mut second = log_in(server, &mut other);
        second.select("box").unwrap();
        let mut changes = |mail: &mut Mail<'_>, command: StoreCommand<'_>| {
            second.store(&command.uid()).unwrap().finish().unwrap();
            let mut all = Vec::new();
            let mut responses = mail.run(&NoopCommand).unwrap();
            let mut mine = false;
            while let Some(event) = responses.next().unwrap() {
                let Event::Esearch { found, .. } = event else { continue };
                mine = found.tag().map_or(mine, |of| of == tag.as_str());
                assert!(mine);
                for item in found.items() {
                    let (add, updates) = match item {
                        EsearchData::AddTo(updates) => (true, updates),
                        EsearchData::RemoveFrom(updates) => (false, updates),
                        _ => panic!("{item:?}"),
                    };
                    all.extend(updates.iter().flat_map(|update| {
                        update.numbers.numbers().unwrap().map(move |number| (add, number))
                    }));
                }
            }
            all
        };
        let flag = [Flag::Flagged];
        assert_eq!(changes(mail, StoreCommand::add(&[2, 4], &flag)), [(true, 2), (true, 4)]);
        assert_eq!(changes(mail, StoreCommand::remove(2, &flag)), [(false, 2)]);
        mail.cancel_update(&[tag]).unwrap();
        assert_eq!(changes(mail, StoreCommand::add(2, &flag)), []);
    });
}

#[test]
fn saved_results() {
    on_dovecot(|_, mail| {
        fill(mail);
        let tea = [Search::Subject("tea")];
        let save = [SearchReturn::Save];
        let command = SearchCommand::new(&tea).uid().returns(&save);
        assert_eq!(numbers(mail.search_extended(&command).unwrap()), [0; 0]);
        let saved = Search::Uid(SequenceSet::SEARCH_RESULT);
        assert_eq!(numbers(mail.uid_sort(&[Sort::Date], &[saved]).unwrap()), [2, 1, 5, 4]);
        let mut threads = mail.uid_thread(ThreadAlgorithm::References, &[saved]).unwrap();
        let mut tree = Tree::default();
        while let Some(piece) = threads.next().unwrap() {
            tree.hear(piece);
        }
        assert_eq!(tree.answers.len(), 4);
    });
}

/// What an observer with an Rx of this size hears, number by number.
fn hear(capacity: usize, bytes: &[u8], pieces: &[usize]) -> Vec<String> {
    let (mut rx, mut said) = (vec![0; capacity], Vec::new());
    let mut buffers = Buffers::new(&mut rx, &mut []);
    let mut connection = Connection::observer();
    let mut tree = Tree::default();
    let mut partial = false;
    let mut rest = bytes;
    let mut sizes = pieces.iter().copied().cycle();
    loop {
        match connection.advance(&mut buffers, Instant::ZERO).unwrap() {
            Progress::Closed => return said,
            Progress::NeedInput if rest.is_empty() => buffers.rx.close(),
            Progress::NeedInput => {
                let size = sizes.next().unwrap_or(rest.len()).clamp(1, rest.len());
                let taken = buffers.rx.fill(&rest[..size]);
                rest = &rest[taken..];
            }
            Progress::Event => match connection.event(&buffers) {
                Event::Thread { threads, more } => {
                    tree.hear(threads);
                    if !more {
                        let whole = std::mem::take(&mut tree);
                        said.push(format!("{:?} {}", whole.answers, whole.open.len()));
                    }
                }
                Event::Esearch { found, more } => {
                    if !partial {
                        said.push(format!(
                            "{:?} {:?} {:?}",
                            found.tag(),
                            found.mailbox().map(|it| it.to_string()),
                            found.uid_validity()
                        ));
                    }
                    if found.uid {
                        said.push("UID".into());
                    }
                    partial = more;
                    for item in found.items() {
                        hear_item(item, &mut said);
                    }
                }
                Event::UidBatches { batches, .. } => {
                    said.extend(batches.tag().map(|tag| tag.to_string()));
                    said.extend(batches.batches().iter().map(|range| range.to_string()));
                }
                other => panic!("{other:?}"),
            },
        }
    }
}

fn hear_item(item: EsearchData<'_>, said: &mut Vec<String>) {
    let mut set = |name: &str, set: SequenceSet<'_>| {
        said.extend(set.numbers().unwrap().map(|number| format!("{name} {number}")));
    };
    match item {
        EsearchData::All(numbers) => set("all", numbers),
        EsearchData::Partial { range, numbers } => {
            if let Some(numbers) = numbers {
                set("page", numbers);
            }
            if let Some(range) = range {
                // Where it was cut, it comes before the numbers, which are told first here.
                let numbers = said.iter().rev().take_while(|it| it.starts_with("page")).count();
                said.insert(said.len() - numbers, format!("of {range}"));
            }
        }
        EsearchData::AddTo(updates) | EsearchData::RemoveFrom(updates) => {
            let add = matches!(item, EsearchData::AddTo(_));
            for Update { position, numbers } in updates {
                for (at, number) in (0..).zip(numbers.numbers().unwrap()) {
                    let at = if add && position > 0 { position + at } else { position };
                    said.push(format!("{add} {at} {number}"));
                }
            }
        }
        EsearchData::Relevancy(scores) => said.extend(scores.iter().map(|it| format!("{it}%"))),
        item => said.push(format!("{item:?}")),
    }
}

fn set() -> impl Strategy<Value = String> {
    let range = (1u32..5000, 0u32..20).prop_map(|(from, more)| match more {
        0..12 => from.to_string(),
        _ => format!("{from}:{}", from + more),
    });
    prop::collection::vec(range, 1..12).prop_map(|ranges| ranges.join(","))
}

fn found() -> impl Strategy<Value = String> {
    let pairs = |name: &'static str| {
        prop::collection::vec((0u32..30, set()), 1..8).prop_map(move |pairs| {
            let pairs: Vec<_> = pairs.iter().map(|(at, set)| format!("{at} {set}")).collect();
            format!("{name} ({})", pairs.join(" "))
        })
    };
    let item = prop_oneof![
        set().prop_map(|set| format!("ALL {set}")),
        any::<u32>().prop_map(|n| format!("COUNT {n}")),
        (1u32..).prop_map(|n| format!("MIN {n}")),
        any::<u64>().prop_map(|n| format!("MODSEQ {n}")),
        (1u32..99, set()).prop_map(|(n, set)| format!("PARTIAL ({n}:{} {set})", n + 7)),
        (1u32..99).prop_map(|n| format!("PARTIAL (-{n}:-1 NIL)")),
        pairs("ADDTO"),
        pairs("REMOVEFROM"),
        prop::collection::vec(1u8..=100, 0..60).prop_map(|scores| {
            let scores: Vec<_> = scores.iter().map(u8::to_string).collect();
            format!("RELEVANCY ({})", scores.join(" "))
        }),
    ];
    let correlator = prop::sample::select(vec![
        "",
        " (TAG \"A1\")",
        " (TAG A1)",
        " (TAG \"A1\" MAILBOX \"a (b), c\" UIDVALIDITY 5)",
    ]);
    (correlator, any::<bool>(), prop::collection::vec(item, 0..5)).prop_map(
        |(correlator, uid, items)| {
            let items: String = items.iter().map(|item| format!(" {item}")).collect();
            format!("* ESEARCH{correlator}{}{items}\r\n", if uid { " UID" } else { "" })
        },
    )
}

/// Threads, each `+` going a level deeper and each `-` back up.
fn threads() -> impl Strategy<Value = String> {
    prop::collection::vec((prop::sample::select(vec!['+', '-', ' ']), 1u32..), 0..200).prop_map(
        |steps| {
            let (mut text, mut depth) = (String::from("* THREAD "), 0);
            for (step, number) in steps {
                match step {
                    '-' if depth > 0 => {
                        text += ")(";
                    }
                    ' ' if depth > 0 => text += " ",
                    _ => {
                        text += "(";
                        depth += 1;
                    }
                }
                text += &number.to_string();
            }
            text + &")".repeat(depth) + "\r\n"
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    /// Neither how the bytes come nor how many of them fit Rx changes what is said.
    #[test]
    fn parts_say_what_the_whole_says(
        lines in prop::collection::vec(prop_oneof![found(), threads()], 1..4),
        capacity in 64usize..300,
        pieces in prop::collection::vec(1usize..80, 1..6),
    ) {
        let bytes = lines.concat().into_bytes();
        let whole = hear(1 << 16, &bytes, &[usize::MAX]);
        prop_assert_eq!(&hear(capacity, &bytes, &[usize::MAX]), &whole);
        prop_assert_eq!(&hear(capacity, &bytes, &pieces), &whole);
        prop_assert_eq!(&hear(capacity, &bytes, &[1]), &whole);
    }
}

#[test]
fn three_hundred_deep_cut_at_every_byte() {
    let deep: String = (1..=300).map(|n| format!("({n} ")).collect();
    let line = format!("* THREAD {deep}{}\r\n", ")".repeat(300));
    let whole = hear(1 << 16, line.as_bytes(), &[usize::MAX]);
    assert_eq!(whole.len(), 1);
    for at in 1..line.len() {
        assert_eq!(hear(64, line.as_bytes(), &[at, usize::MAX]), whole, "{at}");
    }
}

#[test]
fn batches_of_uids_cut_at_every_byte() {
    let line = b"* UIDBATCHES (TAG \"A143\") 215295:99696,99695:20351,20350:7830,7829:1\r\n";
    let whole = ["A143", "99696:215295", "20351:99695", "7830:20350", "1:7829"];
    for capacity in [48, 64, 500] {
        for at in 1..line.len() {
            assert_eq!(hear(capacity, line, &[at, usize::MAX]), whole, "{capacity} {at}");
        }
    }
}
