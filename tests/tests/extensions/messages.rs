//! Extensions that are about messages.

use super::*;
use mailwire::UsageError;
use mailwire::imap::blocking::Copied;
use mailwire::imap::command::*;
use mailwire::imap::{
    AppendMessage, Capability, QResync, Search, SelectParameter, StatusItem, UrlFetchParam,
};
use mailwire_tests::messages::MIXED;
use mailwire_tests::servers::{Memory, offering};

/// RFC 4315: APPENDUID, COPYUID and UID EXPUNGE.
#[test]
fn uid_plus() {
    offering("UIDPLUS", |server, mail| {
        let name = server.mailbox("copies");
        mail.create(&name).unwrap();
        let validity = mail.select("INBOX").unwrap().uid_validity.unwrap();
        let mut uids = Vec::new();
        for subject in ["1", "2", "3"] {
            let at = mail.append("INBOX", &[], None, message(subject).as_bytes());
            let at = at.unwrap().unwrap();
            assert_eq!(at.uid_validity, validity, "{}", server.name);
            uids.push(at.uid);
        }
        mail.noop().unwrap();
        let pairs = |mut copied: Copied<'_, '_, Socket, StdClock>| {
            let mut all = Vec::new();
            while let Some(copied) = copied.next().unwrap() {
                let from = copied.source.numbers().unwrap();
                all.extend(from.zip(copied.destination.numbers().unwrap()));
            }
            all
        };
        let copied = pairs(mail.uid_copy(uids[0]..=uids[1], &name).unwrap());
        assert_eq!(copied, [(uids[0], 1), (uids[1], 2)], "{}", server.name);
        let flags = [Flag::Deleted];
        let set = &[uids[0], uids[2]];
        mail.store(&StoreCommand::add(set, &flags).uid().silent()).unwrap().finish().unwrap();
        mail.uid_expunge(uids[0]).unwrap();
        let left = numbers(mail.uid_search(&[Search::All]).unwrap());
        assert_eq!(left, uids[1..], "{}", server.name);
        assert_eq!(mail.selected().unwrap().exists, 2, "{}", server.name);
    });
}

/// RFC 3516: parts with their transfer encoding undone, and messages that have none.
#[test]
fn binary() {
    offering("BINARY", |server, mail| {
        mail.select("INBOX").unwrap();
        let at = mail.append("INBOX", &[], None, MIXED.as_bytes()).unwrap().unwrap();
        mail.noop().unwrap();
        let decoded = bytes(mail, at.uid, Fetch::binary_peek("2"));
        assert_eq!(decoded, [0, 1, 2, 3, 255], "{}", server.name);
        let wanted = [Fetch::binary_size("2")];
        let sizes = items(mail, at.uid, &wanted, |item| match item {
            Item::BinarySize { part, size } => Some((part.to_string(), size)),
            _ => None,
        });
        assert_eq!(sizes, [("2".to_owned(), 5)], "{}", server.name);
        let some = bytes(mail, at.uid, Fetch::binary_peek("2").partial(1, 3));
        assert_eq!(some, [1, 2, 3], "{}", server.name);
        // A literal8.
        let text = format!(
            "From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n\
             Content-Transfer-Encoding: binary\r\n\r\n{}",
            "\u{1}\u{0}ü\r\n"
        );
        let size = text.len() as u64;
        let command = AppendCommand::with("INBOX", AppendMessage::new(size).binary());
        let mut upload = mail.append_stream(&command).unwrap();
        upload.write(text.as_bytes()).unwrap();
        let at = upload.finish().unwrap().unwrap();
        mail.noop().unwrap();
        let got = bytes(mail, at.uid, Fetch::binary_peek("1"));
        assert_eq!(got, "\u{1}\u{0}ü\r\n".as_bytes(), "{}", server.name);
        let mut as_literal8 = false;
        let wanted = [Fetch::binary_peek("1")];
        let mut messages = mail.uid_fetch(at.uid, &wanted).unwrap();
        while let Some(mut message) = messages.next().unwrap() {
            while let Some(piece) = message.next().unwrap() {
                if let event::Fetch::Body(body) = piece {
                    as_literal8 = matches!(body.data, event::BodyData::Literal8(_));
                }
            }
        }
        // What has a NUL in it can be nothing else.
        assert!(as_literal8, "{}", server.name);
    });
}

fn mod_seq(mail: &mut Mail<'_>, uid: u32) -> u64 {
    let found = items(mail, uid, &[Fetch::ModSeq], |item| match item {
        Item::ModSeq(mod_seq) => Some(mod_seq),
        _ => None,
    });
    found[0]
}

/// RFC 7162 section 3.1.
#[test]
fn cond_store() {
    offering("CONDSTORE", |server, mail| {
        let name = filled(server, mail, &["1", "2", "3"]);
        mail.unselect().unwrap();
        let select = SelectCommand::new(&name).parameters(&[SelectParameter::CondStore]);
        mail.run(&select).unwrap().finish().unwrap();
        let highest = mail.selected().unwrap().highest_mod_seq.unwrap();
        assert!(mod_seq(mail, 1) <= highest, "{}", server.name);
        let flags = [Flag::Flagged];
        mail.store(&StoreCommand::add(2, &flags).uid()).unwrap().finish().unwrap();
        let changed = mod_seq(mail, 2);
        assert!(changed > highest, "{}", server.name);
        // FETCH and SEARCH of what changed since.
        let command = FetchCommand::uid(1.., &[Fetch::Flags]).changed_since(highest);
        let uids = picked(mail.fetch_extended(&command).unwrap(), |item| match item {
            Item::Uid(uid) => Some(uid),
            _ => None,
        });
        assert_eq!(uids, [2], "{}", server.name);
        let since = [Search::ModSeq(highest + 1)];
        let mut found = mail.uid_search(&since).unwrap();
        let batch = found.next().unwrap().unwrap();
        assert_eq!(batch.numbers().collect::<Vec<_>>(), [2], "{}", server.name);
        let told = match batch {
            mailwire::imap::Batch::Search(numbers) => numbers.mod_seq(),
            _ => batch.esearch().unwrap().mod_seq(),
        };
        assert_eq!(told, Some(changed), "{}", server.name);
        // STORE of what has not changed since: one of two.
        let deleted = [Flag::Answered];
        let command = StoreCommand::add(1..=2, &deleted).uid().unchanged_since(highest);
        mail.store(&command).unwrap().finish().unwrap();
        assert!(
            matches!(end_code(mail), Some(Code::Modified(set)) if set == 2.into()),
            "{}: {:?}",
            server.name,
            mail.completed()
        );
        assert!(has_flag(mail, 1, Flag::Answered) && !has_flag(mail, 2, Flag::Answered));
        let latest = mod_seq(mail, 1);
        assert!(latest > changed, "{}", server.name);
        let status = mail.status("INBOX", &[StatusItem::HighestModSeq]).unwrap().unwrap();
        assert!(status.highest_mod_seq().is_some(), "{}", server.name);
    });
}

/// RFC 7162 section 3.2.
#[test]
fn q_resync() {
    offering("QRESYNC", |server, mail| {
        let enabled = mail.enable(&["QRESYNC"]).unwrap();
        let name = filled(server, mail, &["1", "2", "3", "4", "5"]);
        assert!(enabled.contains(&Capability::QResync), "{}", server.name);
        mail.unselect().unwrap();
        let before = mail.select(&name).unwrap();
        let (validity, mod_seq) = (before.uid_validity.unwrap(), before.highest_mod_seq.unwrap());
        // What goes while the mailbox is selected.
        let flags = [Flag::Deleted];
        mail.store(&StoreCommand::add(&[2, 4], &flags).uid().silent()).unwrap().finish().unwrap();
        let vanished = |event: Event<'_>| match event {
            Event::Vanished { earlier, uids, .. } => {
                Some((earlier, uids.numbers().unwrap().collect::<Vec<_>>()))
            }
            _ => None,
        };
        let gone = answers(mail, &ExpungeCommand, vanished);
        let uids: Vec<_> = gone.iter().flat_map(|(_, uids)| uids).copied().collect();
        assert_eq!(uids, [2, 4], "{}", server.name);
        assert!(gone.iter().all(|(earlier, _)| !earlier), "{}", server.name);
        assert_eq!(mail.selected().unwrap().exists, 3, "{}", server.name);
        mail.store(&StoreCommand::add(5, &[Flag::Seen]).uid()).unwrap().finish().unwrap();
        mail.unselect().unwrap();
        // What went and changed before it was selected again.
        let resync = SelectParameter::QResync(QResync::new(validity, mod_seq).known_uids(1..=5));
        let select = SelectCommand::new(&name).parameters(std::slice::from_ref(&resync));
        let (mut gone, mut changed) = (Vec::new(), Vec::new());
        let mut responses = mail.run(&select).unwrap();
        while let Some(event) = responses.next().unwrap() {
            match event {
                Event::Fetch(event::Fetch::Item(Item::Uid(uid))) => changed.push(uid),
                event => gone.extend(vanished(event)),
            }
        }
        assert!(gone.iter().all(|(earlier, _)| *earlier), "{}", server.name);
        let uids: Vec<_> = gone.iter().flat_map(|(_, uids)| uids).copied().collect();
        assert_eq!(uids, [2, 4], "{}", server.name);
        assert_eq!(changed, [5], "{}", server.name);
        assert_eq!(mail.selected().unwrap().exists, 3, "{}", server.name);
        // And by FETCH.
        let command = FetchCommand::uid(1..=5, &[Fetch::Flags]).changed_since(mod_seq).vanished();
        let gone = answers(mail, &command, vanished);
        let uids: Vec<_> = gone.iter().flat_map(|(_, uids)| uids).copied().collect();
        assert_eq!(uids, [2, 4], "{}", server.name);
    });
}

/// RFC 8970.
#[test]
fn preview() {
    offering("PREVIEW", |server, mail| {
        filled(server, mail, &["preview"]);
        let now = [Fetch::Preview { lazy: false }];
        let told = items(mail, 1, &now, |item| match item {
            Item::Preview(text) => Some(text.map(|text| text.to_string())),
            _ => None,
        });
        // What Cyrus has not indexed has none.
        match &told[..] {
            [Some(text)] => {
                assert!(text.starts_with("Text of preview."), "{}: {text}", server.name)
            }
            other => assert!(server.name.starts_with("Cyrus"), "{}: {other:?}", server.name),
        }
        let lazy = [Fetch::Preview { lazy: true }];
        let told = items(mail, 1, &lazy, |item| match item {
            Item::Preview(_) => Some(()),
            _ => None,
        });
        assert_eq!(told.len(), 1, "{}", server.name);
    });
}

/// RFC 8514.
#[test]
fn save_date() {
    offering("SAVEDATE", |server, mail| {
        filled(server, mail, &["saved"]);
        let told = items(mail, 1, &[Fetch::SaveDate], |item| match item {
            Item::SaveDate(date) => Some(date),
            _ => None,
        });
        let saved = told[0].unwrap();
        assert!(saved.date.year >= 2024, "{}: {saved:?}", server.name);
        let supported = [Search::SaveDateSupported];
        assert_eq!(numbers(mail.search(&supported).unwrap()), [1], "{}", server.name);
        let since = [Search::SavedSince(mailwire::imap::Date { year: 2024, month: 1, day: 1 })];
        assert_eq!(numbers(mail.search(&since).unwrap()), [1], "{}", server.name);
        let before = [Search::SavedBefore(mailwire::imap::Date { year: 2024, month: 1, day: 1 })];
        assert_eq!(numbers(mail.search(&before).unwrap()), [0; 0], "{}", server.name);
    });
}

/// RFC 9586: no message has a number.
#[test]
fn uid_only() {
    offering("UIDONLY", |server, mail| {
        let enabled = mail.enable(&["UIDONLY"]).unwrap();
        filled(server, mail, &["1", "2", "3"]);
        assert!(enabled.contains(&Capability::UidOnly), "{}", server.name);
        let mut seen = Vec::new();
        let wanted = [Fetch::Flags];
        let mut messages = mail.uid_fetch(1.., &wanted).unwrap();
        while let Some(mut message) = messages.next().unwrap() {
            seen.push((message.seq(), message.uid()));
            while message.next().unwrap().is_some() {}
        }
        assert_eq!(seen, [(None, Some(1)), (None, Some(2)), (None, Some(3))], "{}", server.name);
        let flags = [Flag::Deleted];
        mail.store(&StoreCommand::add(2, &flags).uid()).unwrap().finish().unwrap();
        let gone = answers(mail, &ExpungeCommand, |event| match event {
            Event::Vanished { uids, .. } => Some(uids.to_string()),
            _ => None,
        });
        assert_eq!(gone, ["2"], "{}", server.name);
        assert_eq!(mail.selected().unwrap().exists, 2, "{}", server.name);
        // Numbers are not even sent.
        assert_eq!(usage(mail.fetch(1, &wanted)), UsageError::WrongState, "{}", server.name);
        mail.noop().unwrap();
    });
}

/// RFC 4467, and RFC 5524 for what is not the part as it is: alice signs and the other fetches.
fn url_auth_between(server: &str, user: &str, mail: &mut Mail<'_>, other: &mut Mail<'_>) {
    let binary = mail.capabilities().contains(&Capability::UrlAuthBinary);
    mail.select("INBOX").unwrap();
    let at = mail.append("INBOX", &[], None, message("url").as_bytes()).unwrap().unwrap();
    let url = format!("imap://{user}@localhost/INBOX/;UID={}/;SECTION=1;URLAUTH=anonymous", at.uid);
    let signed = signed(mail, &url);
    let mut wanted: Vec<&[UrlFetchParam]> = vec![&[]];
    if binary {
        wanted.extend([
            &[UrlFetchParam::Body][..],
            &[UrlFetchParam::Binary],
            &[UrlFetchParam::BodyPartStructure],
        ]);
    }
    for what in wanted {
        let fetched = other.url_fetch(&[(&signed, what)]).unwrap().unwrap();
        let part = fetched.parts.iter().next().unwrap();
        assert_eq!(part.url, *signed, "{server}");
        let text = part.body.or(part.binary).map(|text| text.to_string());
        if what == [UrlFetchParam::BodyPartStructure] {
            assert!(part.structure.is_some(), "{server}: {part:?}");
        } else {
            assert_eq!(text.as_deref(), Some("Text of url.\r\n"), "{server}: {part:?}");
            assert_eq!(part.binary.is_some(), what == [UrlFetchParam::Binary], "{server}");
        }
    }
    mail.reset_key(Some("INBOX"), &["INTERNAL"]).unwrap();
    let fetched = other.url_fetch(&[(&signed, &[])]).unwrap().unwrap();
    assert_eq!(fetched.parts.iter().next().unwrap().body, None, "{server}");
}

fn signed(mail: &mut Mail<'_>, url: &str) -> String {
    let made = mail.gen_url_auth(&[(url, "INTERNAL")]).unwrap().unwrap();
    let signed = made.urls.iter().next().unwrap().to_string();
    let (is, by) = signed.split_at(url.len());
    assert!(is.eq_ignore_ascii_case(url) && by.starts_with(":internal:"), "{signed}");
    signed
}

#[test]
fn url_auth() {
    for capability in ["URLAUTH", "URLAUTH=BINARY"] {
        offering(capability, |server, mail| {
            let (user, _) = server.alice();
            if server.name.starts_with("Dovecot") {
                // The service that would fetch aborts (2.3.19), but for what is not signed.
                mail.append("INBOX", &[], None, message("url").as_bytes()).unwrap();
                let url = format!("imap://{user}@localhost/INBOX/;UID=1;URLAUTH=anonymous");
                signed(mail, &url);
                let forged = format!("{url}:internal:00");
                let fetched = mail.url_fetch(&[(&forged, &[])]).unwrap().unwrap();
                let part = fetched.parts.iter().next().unwrap();
                assert_eq!((part.url, part.body), (forged.as_str().into(), None));
                mail.reset_key(None, &[]).unwrap();
                return;
            }
            let mut memory = Memory::default();
            url_auth_between(server.name, user, mail, &mut server.open_as("bob", &mut memory));
        });
    }
}
