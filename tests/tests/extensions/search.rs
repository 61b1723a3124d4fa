//! Extensions that are about searching and sorting.

use super::*;
use mailwire::imap::blocking::FoundThreads;
use mailwire::imap::command::*;
use mailwire::imap::{
    Capability, Date, DateTime, EsearchData, FilterMailboxes, PartialRange, Search, SearchReturn,
    SequenceSet, Sort, ThreadAlgorithm, ThreadToken,
};
use mailwire_tests::servers::{Memory, offering, offering_all};

/// Five messages, of which four are a conversation: 2 and 5 answer 1, and 4 answers 2.
fn conversation(server: &Server, mail: &mut Mail<'_>) -> String {
    let name = server.mailbox("conversation");
    mail.create(&name).unwrap();
    let message = |from: &str, subject: &str, day: u32, id: u32, refs: &str| {
        format!(
            "From: {from}\r\nTo: Zoe <a@x>\r\nDate: {day:02} Jan 2024 10:00:00 +0000\r\n\
             Subject: {subject}\r\nMessage-ID: <{id}@x>\r\nReferences: {refs}\r\n\r\nText {id}\r\n"
        )
    };
    for (text, day) in [
        (message("Carl <ann@x>", "tea", 3, 1, ""), 1),
        (message("Anna <zed@x>", "Re: tea", 1, 2, "<1@x>"), 2),
        (message("Bob <mia@x>", "coffee", 2, 3, ""), 3),
        (message("Dan <bob@x>", "Re: Re: tea", 5, 4, "<1@x> <2@x>"), 4),
        (message("Eve <eve@x>", "Re: tea", 4, 5, "<1@x>"), 5),
    ] {
        let date = Date { year: 2024, month: 2, day };
        let date = DateTime { date, hour: 12, minute: 0, second: 0, offset_minutes: 0 };
        mail.append(&name, &[], Some(date), text.as_bytes()).unwrap();
    }
    assert_eq!(mail.select(&name).unwrap().exists, 5, "{}", server.name);
    name
}

/// RFC 4731.
#[test]
fn esearch() {
    offering("ESEARCH", |server, mail| {
        filled(server, mail, &["1", "2", "3", "4"]);
        let all = [SearchReturn::Min, SearchReturn::Max, SearchReturn::All, SearchReturn::Count];
        let keys = [Search::Not(&Search::Subject("3"))];
        for uid in [false, true] {
            let command = SearchCommand::new(&keys).returns(&all);
            let command = if uid { command.uid() } else { command };
            let mut found = mail.search_extended(&command).unwrap();
            let tag = found.tag();
            let told = found.next().unwrap().unwrap().esearch().unwrap();
            assert_eq!(told.uid, uid, "{}", server.name);
            assert_eq!(told.tag().unwrap(), *tag.as_str(), "{}", server.name);
            assert_eq!((told.min(), told.max()), (Some(1), Some(4)), "{}", server.name);
            assert_eq!(told.count(), Some(3), "{}", server.name);
            assert_eq!(told.all().unwrap().to_string(), "1:2,4", "{}", server.name);
        }
    });
}

/// RFC 5182.
#[test]
fn search_res() {
    offering("SEARCHRES", |server, mail| {
        filled(server, mail, &["one", "two", "one more"]);
        let keys = [Search::Subject("one")];
        let command = SearchCommand::new(&keys).uid().returns(&[SearchReturn::Save]);
        mail.run(&command).unwrap().finish().unwrap();
        let told = items(mail, SequenceSet::SEARCH_RESULT, &[Fetch::Uid], |item| match item {
            Item::Uid(uid) => Some(uid),
            _ => None,
        });
        assert_eq!(told, [1, 3], "{}", server.name);
        let saved = [Search::Uid(SequenceSet::SEARCH_RESULT), Search::Subject("more")];
        assert_eq!(numbers(mail.uid_search(&saved).unwrap()), [3], "{}", server.name);
    });
}

/// RFC 5032.
#[test]
fn within() {
    offering("WITHIN", |server, mail| {
        conversation(server, mail);
        let name = server.mailbox("conversation");
        mail.append(&name, &[], None, message("now").as_bytes()).unwrap();
        mail.noop().unwrap();
        let day = 86_400;
        assert_eq!(numbers(mail.search(&[Search::Younger(day)]).unwrap()), [6], "{}", server.name);
        let old = numbers(mail.search(&[Search::Older(day)]).unwrap());
        assert_eq!(old, [1, 2, 3, 4, 5], "{}", server.name);
    });
}

/// RFC 6203.
#[test]
fn fuzzy() {
    offering("SEARCH=FUZZY", |server, mail| {
        filled(server, mail, &["apple", "pear"]);
        for key in [Search::All, Search::Larger(3), Search::Not(&Search::Deleted)] {
            let found = numbers(mail.uid_search(&[Search::Fuzzy(&key)]).unwrap());
            assert_eq!(found, [1, 2], "{}: {key:?}", server.name);
        }
        // Cyrus looks for words in an index only, which is not there.
        let keys = [Search::Fuzzy(&Search::Subject("apple"))];
        let found = numbers(mail.uid_search(&keys).unwrap());
        assert_eq!(found, [0; 0], "{}", server.name);
    });
}

/// RFC 7377.
#[test]
fn multi_search() {
    offering("MULTISEARCH", |server, mail| {
        let validity = |mail: &mut Mail<'_>, name: &str| {
            mail.create(name).unwrap();
            let at = mail.append(name, &[], None, message(name).as_bytes()).unwrap().unwrap();
            at.uid_validity
        };
        let (first, second) = (validity(mail, "first"), validity(mail, "second"));
        mail.append("second", &[], None, message("other").as_bytes()).unwrap();
        let (names, keys) = (["first", "second"], [Search::From("ann")]);
        for place in [FilterMailboxes::Mailboxes(&names), FilterMailboxes::Personal] {
            let places = [place];
            let returns = [SearchReturn::All, SearchReturn::Count];
            let command = EsearchCommand::new(&places, &keys).returns(&returns);
            let mut found = mail.esearch(&command).unwrap();
            let mut all = Vec::new();
            while let Some(batch) = found.next().unwrap() {
                let told = batch.esearch().unwrap();
                all.push((
                    told.mailbox().unwrap().to_string(),
                    told.uid_validity().unwrap(),
                    told.count().unwrap(),
                    batch.numbers().collect::<Vec<_>>(),
                ));
            }
            all.sort();
            all.retain(|(_, _, count, _)| *count > 0);
            let expected = [
                ("first".to_owned(), first, 1, vec![1]),
                ("second".to_owned(), second, 2, vec![1, 2]),
            ];
            assert_eq!(all, expected, "{}: {place:?}", server.name);
        }
    });
}

/// RFC 5267: a page of what was found, and a result that is kept up to date.
#[test]
fn context_search() {
    offering("CONTEXT=SEARCH", |server, mail| {
        let name = filled(server, mail, &["1", "2", "3", "4"]);
        let returns = [SearchReturn::Partial(PartialRange::first(2, 3))];
        let command = SearchCommand::new(&[]).uid().returns(&returns);
        let mut found = mail.search_extended(&command).unwrap();
        let batch = found.next().unwrap().unwrap();
        assert_eq!(batch.esearch().unwrap().partial().unwrap().to_string(), "2:3");
        let returns = [SearchReturn::Update, SearchReturn::All];
        let keys = [Search::Flagged];
        let command = SearchCommand::new(&keys).uid().returns(&returns);
        let mut found = mail.search_extended(&command).unwrap();
        let tag = found.tag();
        while found.next().unwrap().is_some() {}
        let mut memory = Memory::default();
        let mut other = server.open(&mut memory);
        other.select(&name).unwrap();
        let flags = [Flag::Flagged];
        other.store(&StoreCommand::add(3, &flags).uid()).unwrap().finish().unwrap();
        let added = answers(mail, &NoopCommand, |event| match event {
            Event::Esearch { found, .. } => found.items().into_iter().find_map(|item| match item {
                EsearchData::AddTo(updates) => {
                    updates.iter().next().map(|update| update.numbers.to_string())
                }
                _ => None,
            }),
            _ => None,
        });
        assert_eq!(added, ["3"], "{}", server.name);
        mail.cancel_update(&[tag]).unwrap();
    });
}

/// RFC 5256.
#[test]
fn sort() {
    offering("SORT", |server, mail| {
        conversation(server, mail);
        for (criteria, expected) in [
            (&[Sort::Arrival][..], [1, 2, 3, 4, 5]),
            (&[Sort::Reverse(&Sort::Arrival)], [5, 4, 3, 2, 1]),
            (&[Sort::Date], [2, 3, 1, 5, 4]),
            (&[Sort::From], [1, 4, 5, 3, 2]),
            (&[Sort::Subject, Sort::Date], [3, 2, 1, 5, 4]),
            (&[Sort::To, Sort::Cc, Sort::Date], [2, 3, 1, 5, 4]),
        ] {
            for uid in [false, true] {
                let command = SortCommand::new(criteria, &[]);
                let command = if uid { command.uid() } else { command };
                let found = numbers(mail.sort_extended(&command).unwrap());
                assert_eq!(found, expected, "{}: {criteria:?}", server.name);
            }
        }
        let keys = [Search::Subject("tea"), Search::Not(&Search::From("carl"))];
        let found = numbers(mail.sort(&[Sort::Date], &keys).unwrap());
        assert_eq!(found, [2, 5, 4], "{}", server.name);
    });
}

/// RFC 5957.
#[test]
fn sort_display() {
    offering("SORT=DISPLAY", |server, mail| {
        conversation(server, mail);
        let found = numbers(mail.uid_sort(&[Sort::DisplayFrom], &[]).unwrap());
        assert_eq!(found, [2, 3, 1, 4, 5], "{}", server.name);
        let criteria = [Sort::DisplayTo, Sort::Reverse(&Sort::DisplayFrom)];
        let found = numbers(mail.uid_sort(&criteria, &[]).unwrap());
        assert_eq!(found, [5, 4, 1, 3, 2], "{}", server.name);
    });
}

/// RFC 5267.
#[test]
fn esort() {
    offering_all(&["ESORT", "SORT"], |server, mail| {
        conversation(server, mail);
        let all = [SearchReturn::Min, SearchReturn::Max, SearchReturn::Count, SearchReturn::All];
        let command = SortCommand::new(&[Sort::Date], &[]).uid().returns(&all);
        let mut found = mail.sort_extended(&command).unwrap();
        let told = found.next().unwrap().unwrap().esearch().unwrap();
        assert_eq!(told.count(), Some(5), "{}", server.name);
        // The first and the last in the order asked for, but Cyrus tells the least and the
        // greatest.
        let ends = if server.name.starts_with("Cyrus") { (1, 5) } else { (2, 4) };
        assert_eq!((told.min(), told.max()), (Some(ends.0), Some(ends.1)), "{}", server.name);
        let order: Vec<_> = told.all().unwrap().numbers().unwrap().collect();
        assert_eq!(order, [2, 3, 1, 5, 4], "{}", server.name);
    });
}

/// Each message and the one it answers, as a server sees it.
fn tree(mut found: FoundThreads<'_, '_, Socket, StdClock>) -> Vec<(u32, Option<u32>)> {
    let (mut all, mut parent, mut open) = (Vec::new(), None, Vec::new());
    while let Some(threads) = found.next().unwrap() {
        for token in threads {
            match token {
                ThreadToken::Open => open.push(parent),
                ThreadToken::Number(number) => all.push((number, parent.replace(number))),
                ThreadToken::Close => parent = open.pop().unwrap(),
            }
        }
    }
    assert!(open.is_empty());
    all.sort_unstable();
    all
}

const BY_REFERENCES: [(u32, Option<u32>); 5] =
    [(1, None), (2, Some(1)), (3, None), (4, Some(2)), (5, Some(1))];

fn threads(capability: &str, algorithm: ThreadAlgorithm, expected: [(u32, Option<u32>); 5]) {
    offering(capability, |server, mail| {
        let expected = match algorithm {
            // Courier lets each answer the one before.
            ThreadAlgorithm::OrderedSubject if server.name.starts_with("Courier") => {
                [(1, Some(2)), (2, None), (3, None), (4, Some(5)), (5, Some(1))]
            }
            _ => expected,
        };
        conversation(server, mail);
        for found in [
            tree(mail.thread(algorithm, &[Search::All]).unwrap()),
            tree(mail.uid_thread(algorithm, &[Search::All]).unwrap()),
        ] {
            assert_eq!(found, expected, "{}", server.name);
        }
        let found = tree(mail.uid_thread(algorithm, &[Search::Subject("coffee")]).unwrap());
        assert_eq!(found, [(3, None)], "{}", server.name);
    });
}

/// RFC 5256.
#[test]
fn thread_references() {
    threads("THREAD=REFERENCES", ThreadAlgorithm::References, BY_REFERENCES);
}

/// draft-ietf-morg-inthread.
#[test]
fn thread_refs() {
    threads("THREAD=REFS", ThreadAlgorithm::Refs, BY_REFERENCES);
}

/// RFC 5256.
#[test]
fn thread_ordered_subject() {
    let by_subject = [(1, Some(2)), (2, None), (3, None), (4, Some(2)), (5, Some(2))];
    threads("THREAD=ORDEREDSUBJECT", ThreadAlgorithm::OrderedSubject, by_subject);
}

/// RFC 5255 section 4: what differs in case only is found, in all scripts.
#[test]
fn i18n_level_1() {
    offering("I18NLEVEL=1", |server, mail| {
        filled(server, mail, &["=?utf-8?q?=C3=9Cber_=D0=94=D0=BE=D0=BC?=", "other"]);
        assert!(mail.capabilities().contains(&Capability::I18nLevel1));
        for words in ["über", "ÜBER", "дом"] {
            let found = numbers(mail.uid_search(&[Search::Subject(words)]).unwrap());
            assert_eq!(found, [1], "{}: {words}", server.name);
        }
    });
}
