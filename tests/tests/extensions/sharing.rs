//! Extensions that are about who may do what, how much, and what is noted beside.

use super::*;
use mailwire::UsageError;
use mailwire::imap::command::*;
use mailwire::imap::{
    Capability, FilterMailboxes, MetadataDepth, NotifyEvent, NotifyGroup, SetRights, StatusItem,
    StatusValue,
};
use mailwire::io::Clock as _;
use mailwire_tests::servers::{Memory, offering};

/// The quota roots of a mailbox, and what each resource uses of what.
fn quotas(mail: &mut Mail<'_>, mailbox: &str) -> (Vec<String>, Vec<(String, u64, u64)>) {
    let (mut roots, mut resources) = (Vec::new(), Vec::new());
    let mut responses = mail.get_quota_root(mailbox).unwrap();
    while let Some(event) = responses.next().unwrap() {
        match event {
            Event::QuotaRoot(raw) => {
                let told = raw.parse().unwrap();
                assert_eq!(told.mailbox, *mailbox);
                roots.extend(told.roots.iter().map(|root| root.to_string()));
            }
            Event::Quota(raw) => {
                let told = raw.parse().unwrap();
                resources.extend(
                    told.resources
                        .iter()
                        .filter_map(|it| Some((it.name.to_string(), it.usage?, it.limit?))),
                );
            }
            _ => {}
        }
    }
    (roots, resources)
}

/// RFC 9208 (and RFC 2087).
#[test]
fn quota() {
    offering("QUOTA", |server, mail| {
        let (roots, before) = quotas(mail, "INBOX");
        assert_eq!(roots.len(), 1, "{}: {roots:?}", server.name);
        let text = [message("x").into_bytes(), vec![b'x'; 20_000]].concat();
        mail.append("INBOX", &[], None, &text).unwrap();
        let (_, after) = quotas(mail, "INBOX");
        let storage = |told: &[(String, u64, u64)]| {
            let (_, usage, limit) = told.iter().find(|(name, ..)| name == "STORAGE").unwrap();
            (*usage, *limit)
        };
        assert!(storage(&after).0 >= storage(&before).0 + 19, "{}: {after:?}", server.name);
        assert!(storage(&after).1 > 100_000, "{}: {after:?}", server.name);
        // By the root's name: with Cyrus, for administrators only.
        match mail.get_quota(&roots[0]) {
            Ok(told) => {
                let told = told.unwrap();
                assert_eq!(told.root, *roots[0], "{}", server.name);
                assert!(told.resources.iter().any(|it| it.name == "STORAGE"), "{}", server.name);
            }
            Err(error) => assert!(server.name.starts_with("Cyrus"), "{}: {error:?}", server.name),
        }
        // RFC 2087 had SETQUOTA under this name; RFC 9208 has a name for it.
        let no = mail.set_quota(&roots[0], &[("STORAGE", 1)]);
        if mail.capabilities().contains(&Capability::QuotaSet) {
            assert!(!refused(no).text().is_empty(), "{}", server.name);
        } else {
            assert_eq!(usage(no), UsageError::NotOffered("QUOTASET"), "{}", server.name);
        }
    });
}

/// RFC 9208 sections 4.1.3 and 5.
#[test]
fn quota_set() {
    offering("QUOTASET", |server, mail| {
        let mut memory = Memory::default();
        let mut admin = server.open_as("cyrusadm", &mut memory);
        assert!(admin.capabilities().contains(&Capability::QuotaSet));
        let limits = [("STORAGE", 5000), ("MESSAGE", 100), ("MAILBOX", 50)];
        admin.set_quota("user/alice", &limits).unwrap();
        let told = admin.get_quota("user/alice").unwrap().unwrap();
        for (name, limit) in limits {
            let resource = told.resources.iter().find(|it| it.name == name).unwrap();
            assert_eq!(resource.limit, Some(limit), "{}: {name}", server.name);
        }
        mail.append("INBOX", &[Flag::Deleted], None, message("x").as_bytes()).unwrap();
        let (_, resources) = quotas(mail, "INBOX");
        assert!(resources.contains(&("MESSAGE".into(), 1, 100)), "{}: {resources:?}", server.name);
        assert!(resources.iter().any(|it| it.0 == "MAILBOX"), "{}: {resources:?}", server.name);
        // What EXPUNGE would free.
        let asked = [StatusItem::Deleted, StatusItem::DeletedStorage];
        let status = mail.status("INBOX", &asked).unwrap().unwrap();
        assert_eq!(status.deleted(), Some(1), "{}", server.name);
        let storage = status.values.iter().find_map(|value| match value {
            StatusValue::DeletedStorage(bytes) => Some(bytes),
            _ => None,
        });
        assert!(storage.is_some_and(|bytes| bytes > 0), "{}: {storage:?}", server.name);
        // Beyond the limit.
        admin.set_quota("user/alice", &[("MESSAGE", 1)]).unwrap();
        let no = refused(mail.append("INBOX", &[], None, message("y").as_bytes()));
        assert_eq!(no.code(), Some(Code::OverQuota), "{}", server.name);
    });
}

/// RFC 4314.
#[test]
fn acl() {
    offering("ACL", |server, mail| {
        let name = server.mailbox("lent");
        mail.create(&name).unwrap();
        let mine = mail.my_rights(&name).unwrap().unwrap();
        assert_eq!(mine.mailbox, *name, "{}", server.name);
        assert!("lrswia".chars().all(|right| mine.rights.contains(right)), "{}", server.name);
        let of_bob = |mail: &mut Mail<'_>| {
            let told = mail.get_acl(&name).unwrap().unwrap();
            assert_eq!(told.mailbox, *name, "{}", server.name);
            let entry = told.entries.iter().find(|entry| entry.identifier == "bob");
            entry.map(|entry| {
                let mut rights: Vec<_> = entry.rights.as_str().chars().collect();
                rights.sort_unstable();
                rights.into_iter().collect::<String>()
            })
        };
        assert_eq!(of_bob(mail), None, "{}", server.name);
        for (rights, expected) in [
            (SetRights::Replace("lrs"), "lrs"),
            (SetRights::Add("w"), "lrsw"),
            (SetRights::Remove("s"), "lrw"),
        ] {
            mail.set_acl(&name, "bob", rights).unwrap();
            assert_eq!(of_bob(mail).as_deref(), Some(expected), "{}", server.name);
        }
        let possible = mail.list_rights(&name, "bob").unwrap().unwrap();
        assert_eq!(possible.identifier, "bob", "{}", server.name);
        assert!(possible.optional.iter().any(|right| right == "r"), "{}", server.name);
        mail.delete_acl(&name, "bob").unwrap();
        assert_eq!(of_bob(mail), None, "{}", server.name);
    });
}

fn metadata(
    mail: &mut Mail<'_>,
    command: &GetMetadataCommand<'_>,
) -> Vec<(String, Option<String>)> {
    let mut all = heard(mail.get_metadata(command).unwrap(), |event| match event {
        Event::Metadata(raw) => {
            let told = raw.parse().unwrap();
            assert_eq!(told.mailbox, *command.mailbox);
            let values = told.values.iter();
            Some(
                values
                    .map(|it| (it.entry.to_string(), it.value.map(|value| value.to_string())))
                    .collect::<Vec<_>>(),
            )
        }
        _ => None,
    })
    .concat();
    all.sort();
    all
}

/// RFC 5464.
#[test]
fn mailbox_metadata() {
    offering("METADATA", |server, mail| {
        let name = server.mailbox("noted");
        mail.create(&name).unwrap();
        let value = "two\r\nlines \"and\" 20 more bytes";
        let entries: [(&str, Option<&[u8]>); 2] =
            [("/private/comment", Some(value.as_bytes())), ("/shared/comment", Some(b"ours"))];
        mail.set_metadata(&name, &entries).unwrap();
        let asked = ["/private/comment", "/shared/comment"];
        let told = metadata(mail, &GetMetadataCommand::new(&name, &asked));
        let expected = [
            ("/private/comment".to_owned(), Some(value.to_owned())),
            ("/shared/comment".to_owned(), Some("ours".to_owned())),
        ];
        assert_eq!(told, expected, "{}", server.name);
        // What is below an entry.
        let deep = GetMetadataCommand::new(&name, &["/shared"]).depth(MetadataDepth::One);
        let told = metadata(mail, &deep);
        assert!(told.contains(&expected[1]), "{}: {told:?}", server.name);
        // What is too long is left out, and its size told.
        let asked = ["/private/comment"];
        let short = GetMetadataCommand::new(&name, &asked).max_size(10);
        assert!(metadata(mail, &short).is_empty(), "{}", server.name);
        let size = value.len() as u64;
        assert_eq!(end_code(mail), Some(Code::MetadataLongEntries(size)), "{}", server.name);
        mail.set_metadata(&name, &[("/private/comment", None)]).unwrap();
        let told = metadata(mail, &GetMetadataCommand::new(&name, &asked));
        assert_eq!(told, [("/private/comment".to_owned(), None)], "{}", server.name);
    });
}

/// RFC 5464: METADATA includes METADATA-SERVER.
#[test]
fn server_metadata() {
    offering("METADATA", |server, mail| {
        assert!(mail.capabilities().contains(&Capability::MetadataServer));
        let asked = ["/private/comment", "/shared/admin"];
        let told = metadata(mail, &GetMetadataCommand::new("", &asked));
        assert!(told.contains(&("/shared/admin".into(), None)), "{}: {told:?}", server.name);
        let entry = "/private/vendor/mailwire/x";
        match mail.set_metadata("", &[(entry, Some(b"y"))]) {
            Ok(()) => {
                let told = metadata(mail, &GetMetadataCommand::new("", &[entry]));
                assert_eq!(told, [(entry.to_owned(), Some("y".to_owned()))], "{}", server.name);
            }
            // For administrators only.
            Err(error) => {
                let no = refused::<()>(Err(error));
                assert!(server.name.starts_with("Cyrus"), "{}: {no:?}", server.name);
            }
        }
    });
}

/// RFC 5465.
#[test]
fn notify() {
    offering("NOTIFY", |server, mail| {
        let name = server.mailbox("other");
        mail.create(&name).unwrap();
        mail.select("INBOX").unwrap();
        let wanted = [Fetch::Uid, Fetch::Envelope];
        let of_selected = [
            NotifyEvent::MessageNew(&wanted),
            NotifyEvent::MessageExpunge,
            NotifyEvent::FlagChange,
        ];
        let of_others =
            [NotifyEvent::MessageNew(&[]), NotifyEvent::MessageExpunge, NotifyEvent::MailboxName];
        let groups = [
            NotifyGroup { mailboxes: FilterMailboxes::Selected, events: &of_selected },
            NotifyGroup { mailboxes: FilterMailboxes::Personal, events: &of_others },
        ];
        mail.notify(&NotifyCommand::set(&groups)).unwrap();
        let mut memory = Memory::default();
        let mut other = server.open(&mut memory);
        other.append(&name, &[], None, message("there").as_bytes()).unwrap();
        other.append("INBOX", &[], None, message("here").as_bytes()).unwrap();
        let new = server.mailbox("added");
        other.create(&new).unwrap();
        let (mut there, mut here, mut created) = (None, None, false);
        let mut until = StdClock::new();
        let late = until.now().saturating_add(mailwire::Duration::from_secs(20));
        // It needs no command; NOOP gives the server its turn.
        while (there, here.is_some(), created) != (Some(1), true, true) {
            assert!(until.now() < late, "{}: {there:?} {here:?} {created}", server.name);
            let mut responses = mail.run(&NoopCommand).unwrap();
            while let Some(event) = responses.next().unwrap() {
                match event {
                    Event::MailboxStatus(status) if status.mailbox == *name => {
                        there = status.messages();
                    }
                    Event::List(list) if list.mailbox == *new => created = true,
                    Event::Fetch(event::Fetch::Item(Item::Envelope(envelope))) => {
                        here = Some(envelope.subject().unwrap().to_string());
                    }
                    _ => {}
                }
            }
        }
        assert_eq!(here.as_deref(), Some("here"), "{}", server.name);
        mail.notify(&NotifyCommand::none()).unwrap();
        // What the server cannot do.
        let strange = [NotifyEvent::Other("Nonsense")];
        let groups = [NotifyGroup { mailboxes: FilterMailboxes::Personal, events: &strange }];
        let no = refused(mail.notify(&NotifyCommand::set(&groups)));
        assert!(!no.text().is_empty(), "{}: {no:?}", server.name);
    });
}
