//! Extensions that are about mailboxes.

use super::*;
use mailwire::UsageError;
use mailwire::imap::command::*;
use mailwire::imap::{
    Attribute, Capability, ListItem, ListReturn, ListSelection, Parse, Raw, StatusItem,
};
use mailwire_tests::servers::offering;

/// The attributes of the mailboxes that a LIST finds, each by its name.
fn list(mail: &mut Mail<'_>, command: &ListCommand<'_>) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    let mut mailboxes = mail.list_extended(command).unwrap();
    while let Some(mailbox) = mailboxes.next().unwrap() {
        let attributes = mailbox.attributes.iter().map(|it| it.to_string()).collect();
        all.push((mailbox.mailbox.to_string(), attributes));
    }
    all.sort();
    all
}

fn has(list: &[(String, Vec<String>)], name: &str, attribute: Attribute<'_>) -> bool {
    let attribute = attribute.to_string();
    list.iter().any(|(mailbox, attributes)| {
        mailbox == name && attributes.iter().any(|it| it.eq_ignore_ascii_case(&attribute))
    })
}

/// Parses what one response is to be.
fn parsed<'r, T: Parse<'r>>(raw: Raw<'r, T>) -> T {
    raw.parse().unwrap_or_else(|| panic!("not understood: {raw:?}"))
}

/// RFC 3348.
#[test]
fn children() {
    offering("CHILDREN", |server, mail| {
        let parent = server.mailbox("parent");
        let child = format!("{parent}{}child", server.delimiter.unwrap());
        mail.create(&parent).unwrap();
        mail.create(&child).unwrap();
        let patterns = [&parent[..], &child];
        for pattern in patterns {
            let found = list(mail, &ListCommand::new(&[pattern]));
            let expected = match pattern == parent {
                true => Attribute::HasChildren,
                false => Attribute::HasNoChildren,
            };
            assert!(has(&found, pattern, expected), "{}: {found:?}", server.name);
        }
    });
}

/// RFC 6154.
#[test]
fn special_use() {
    offering("SPECIAL-USE", |server, mail| {
        let plain = list(mail, &ListCommand::new(&["*"]));
        assert!(has(&plain, "Drafts", Attribute::Drafts), "{}: {plain:?}", server.name);
        let only = ListCommand::new(&["*"]).selection(&[ListSelection::SpecialUse]);
        let special = list(mail, &only);
        assert!(has(&special, "Drafts", Attribute::Drafts), "{}: {special:?}", server.name);
        assert!(has(&special, "Sent", Attribute::Sent), "{}: {special:?}", server.name);
        assert!(!special.iter().any(|(name, _)| name == "INBOX"), "{}", server.name);
        let told = ListCommand::new(&["*"]).returns(&[ListReturn::SpecialUse]);
        let all = list(mail, &told);
        assert!(has(&all, "Sent", Attribute::Sent), "{}: {all:?}", server.name);
        assert!(all.iter().any(|(name, _)| name == "INBOX"), "{}", server.name);
    });
}

/// RFC 6154 section 3.
#[test]
fn create_special_use() {
    offering("CREATE-SPECIAL-USE", |server, mail| {
        let archive = CreateCommand::new("Old").special_use(&[Attribute::Archive]);
        mail.run(&archive).unwrap().finish().unwrap();
        let all = list(mail, &ListCommand::new(&["Old"]).returns(&[ListReturn::SpecialUse]));
        assert!(has(&all, "Old", Attribute::Archive), "{}: {all:?}", server.name);
        let unknown = Attribute::Other("\\Nonsense".into());
        let wrong = CreateCommand::new("Wrong").special_use(std::slice::from_ref(&unknown));
        let no = refused(mail.run(&wrong).unwrap().finish());
        assert_eq!(no.code(), Some(Code::UseAttr), "{}: {no:?}", server.name);
    });
}

/// RFC 5258.
#[test]
fn list_extended() {
    offering("LIST-EXTENDED", |server, mail| {
        for name in ["a", "a/b", "c"] {
            mail.create(name).unwrap();
        }
        mail.subscribe("a/b").unwrap();
        mail.subscribe("c").unwrap();
        mail.delete("c").unwrap();
        // Several patterns.
        let names: Vec<_> = list(mail, &ListCommand::new(&["a", "INB*"]))
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["INBOX", "a"], "{}", server.name);
        // RETURN (SUBSCRIBED CHILDREN).
        let returns = [ListReturn::Subscribed, ListReturn::Children];
        let all = list(mail, &ListCommand::new(&["*"]).returns(&returns));
        assert!(has(&all, "a/b", Attribute::Subscribed), "{}: {all:?}", server.name);
        assert!(has(&all, "a", Attribute::HasChildren), "{}: {all:?}", server.name);
        assert!(!has(&all, "a", Attribute::Subscribed), "{}: {all:?}", server.name);
        // (SUBSCRIBED), where one is gone.
        let subscribed =
            list(mail, &ListCommand::new(&["*"]).selection(&[ListSelection::Subscribed]));
        assert!(has(&subscribed, "a/b", Attribute::Subscribed), "{}", server.name);
        assert!(has(&subscribed, "c", Attribute::NonExistent), "{}: {subscribed:?}", server.name);
        // (SUBSCRIBED RECURSIVEMATCH): who has a subscribed child.
        let selection = [ListSelection::Subscribed, ListSelection::RecursiveMatch];
        let command = ListCommand::new(&["%"]).selection(&selection);
        let parents = answers(mail, &command, |event| match event {
            Event::List(list) => {
                let child_info = list.extended.iter().any(|item| match item {
                    ListItem::ChildInfo(options) => {
                        options.iter().any(|option| option.eq_ignore_ascii_case("SUBSCRIBED"))
                    }
                    _ => false,
                });
                child_info.then(|| list.mailbox.to_string())
            }
            _ => None,
        });
        assert_eq!(parents, ["a"], "{}", server.name);
    });
}

/// RFC 5819.
#[test]
fn list_status() {
    offering("LIST-STATUS", |server, mail| {
        let name = filled(server, mail, &["1", "2"]);
        mail.unselect().unwrap();
        let items = [StatusItem::Messages, StatusItem::UidNext, StatusItem::Unseen];
        let returns = [ListReturn::Status(&items)];
        let patterns = ["*"];
        let command = ListCommand::new(&patterns).returns(&returns);
        let told = answers(mail, &command, |event| match event {
            Event::MailboxStatus(status) if status.mailbox == *name => {
                Some((status.messages(), status.uid_next(), status.unseen()))
            }
            _ => None,
        });
        assert_eq!(told, [(Some(2), Some(3), Some(2))], "{}", server.name);
    });
}

/// RFC 8440.
#[test]
fn list_my_rights() {
    offering("LIST-MYRIGHTS", |server, mail| {
        let command = ListCommand::new(&["INBOX"]).returns(&[ListReturn::MyRights]);
        let told = answers(mail, &command, |event| match event {
            Event::MyRights(raw) => Some(parsed(raw)).map(|it| {
                (it.mailbox.to_string(), "lrswi".chars().all(|right| it.rights.contains(right)))
            }),
            _ => None,
        });
        assert_eq!(told, [("INBOX".to_owned(), true)], "{}", server.name);
    });
}

/// RFC 9590.
#[test]
fn list_metadata() {
    offering("LIST-METADATA", |server, mail| {
        mail.set_metadata("INBOX", &[("/private/comment", Some(b"mine"))]).unwrap();
        let entries = ["/private/comment", "/shared/comment"];
        let returns = [ListReturn::Metadata(&entries)];
        let command = ListCommand::new(&["INBOX"]).returns(&returns);
        let told = answers(mail, &command, |event| match event {
            Event::Metadata(raw) => Some(parsed(raw)).map(|it| {
                assert_eq!(it.mailbox, *"INBOX");
                let values = it.values.iter();
                values
                    .map(|it| (it.entry.to_string(), it.value.map(|value| value.to_string())))
                    .collect::<Vec<_>>()
            }),
            _ => None,
        });
        let told = told.concat();
        assert!(
            told.contains(&("/private/comment".into(), Some("mine".into()))),
            "{}: {told:?}",
            server.name
        );
        assert!(told.contains(&("/shared/comment".into(), None)), "{}: {told:?}", server.name);
    });
}

/// RFC 8438.
#[test]
fn status_size() {
    offering("STATUS=SIZE", |server, mail| {
        let name = filled(server, mail, &["1", "22"]);
        let size = message("1").len() + message("22").len();
        mail.unselect().unwrap();
        let status = mail.status(&name, &[StatusItem::Size]).unwrap().unwrap();
        assert_eq!(status.size(), Some(size as u64), "{}", server.name);
    });
}

/// RFC 7889.
#[test]
fn append_limit() {
    offering("APPENDLIMIT=", |server, mail| {
        let limit = mail.capabilities().append_limit().unwrap();
        assert!(limit >= 1 << 20, "{}: {limit}", server.name);
        assert!(mail.capabilities().contains(&Capability::AppendLimit(Some(limit))));
        // More is not even sent.
        let command = AppendCommand::new("INBOX", limit + 1);
        assert_eq!(usage(mail.append_stream(&command)), UsageError::TooBig, "{}", server.name);
        // The number is one for all mailboxes; that of each, Cyrus does not tell.
        let no = refused(mail.status("INBOX", &[StatusItem::AppendLimit]));
        assert!(server.name.starts_with("Cyrus"), "{}: {no:?}", server.name);
    });
}

/// RFC 8474.
#[test]
fn object_id() {
    offering("OBJECTID", |server, mail| {
        let name = server.mailbox("objects");
        mail.create(&name).unwrap();
        let Some(Code::MailboxId(id)) = end_code(mail) else {
            panic!("{}: {:?}", server.name, mail.completed());
        };
        let created = id.to_string();
        let status = mail.status(&name, &[StatusItem::MailboxId]).unwrap().unwrap();
        let id = status.mailbox_id().unwrap().to_string();
        assert_eq!(created, id, "{}", server.name);
        let selected = answers(mail, &SelectCommand::new(&name), |event| match event {
            Event::Status(response) => match response.text.code {
                Some(Code::MailboxId(id)) => Some(id.to_string()),
                _ => None,
            },
            _ => None,
        });
        assert_eq!(selected, [id], "{}", server.name);
        for subject in ["one", "two"] {
            mail.append(&name, &[], None, message(subject).as_bytes()).unwrap();
        }
        mail.noop().unwrap();
        let wanted = [Fetch::EmailId, Fetch::ThreadId];
        let told = items(mail, 1.., &wanted, |item| match item {
            Item::EmailId(id) => Some(("email", Some(id.to_string()))),
            Item::ThreadId(id) => Some(("thread", id.map(|id| id.to_string()))),
            _ => None,
        });
        assert_eq!(told.len(), 4, "{}: {told:?}", server.name);
        let email = told.iter().find(|(kind, _)| *kind == "email").unwrap();
        let email = email.1.as_deref().unwrap();
        let keys = [mailwire::imap::Search::EmailId(email)];
        assert_eq!(numbers(mail.uid_search(&keys).unwrap()), [1], "{}", server.name);
        if let Some((_, Some(thread))) = told.iter().find(|(kind, _)| *kind == "thread") {
            let keys = [mailwire::imap::Search::ThreadId(thread)];
            assert_eq!(numbers(mail.uid_search(&keys).unwrap()), [1], "{}", server.name);
        }
    });
}

/// RFC 2193.
#[test]
fn mailbox_referrals() {
    offering("MAILBOX-REFERRALS", |server, mail| {
        mail.subscribe("INBOX").unwrap();
        let all =
            answers(mail, &RListCommand { reference: "", pattern: "*" }, |event| match event {
                Event::List(list) => Some(list.mailbox.to_string()),
                _ => None,
            });
        assert!(all.iter().any(|name| name == "INBOX"), "{}: {all:?}", server.name);
        let command = RLsubCommand { reference: "", pattern: "*" };
        let subscribed = answers(mail, &command, |event| match event {
            Event::Lsub(list) => Some(list.mailbox.to_string()),
            _ => None,
        });
        assert!(subscribed.iter().any(|name| name == "INBOX"), "{}: {subscribed:?}", server.name);
    });
}

/// Gmail's, and Cyrus has it too.
#[test]
fn xlist() {
    offering("XLIST", |server, mail| {
        let all =
            answers(mail, &XListCommand { reference: "", pattern: "*" }, |event| match event {
                Event::XList(raw) => {
                    let list = parsed(raw);
                    let attributes = list.attributes;
                    Some((
                        list.mailbox.to_string(),
                        attributes.contains(Attribute::Inbox),
                        attributes.contains(Attribute::Drafts),
                    ))
                }
                _ => None,
            });
        assert!(all.contains(&("INBOX".into(), true, false)), "{}: {all:?}", server.name);
        assert!(all.contains(&("Drafts".into(), false, true)), "{}: {all:?}", server.name);
    });
}
