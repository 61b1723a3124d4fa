//! The exported functions as C calls them, for miri (`ffi/miri`): who points where, for how long,
//! and whether what is read was written. What they do is tested from C.

use crate::args::zeroed;
use crate::{
    buffers::*, bytes::*, command::*, date::*, deflate::*, envelope::*, event::*, handle::MW_NEVER,
    imap::*, list::*, message::*, numbers::*, parts::*, pop3::*, result::*, sasl::*, threads::*,
    watch::*,
};
use core::ffi::c_char;
use core::mem::MaybeUninit;
use core::ptr::{null, null_mut};

/// C's uninitialised memory, and a pointer into it that is aligned to nothing.
struct Room(Box<[MaybeUninit<u8>]>);

impl Room {
    fn new(len: usize) -> Self {
        Self(vec![MaybeUninit::uninit(); len + 3].into_boxed_slice())
    }

    fn get(&mut self) -> (*mut u8, usize) {
        (unsafe { self.0.as_mut_ptr().cast::<u8>().add(3) }, self.0.len() - 3)
    }
}

/// What C declares and a call fills.
fn out<T>(f: impl FnOnce(*mut T)) -> T {
    let mut value = MaybeUninit::<T>::uninit();
    f(value.as_mut_ptr());
    unsafe { value.assume_init() }
}

fn bytes(text: &[u8]) -> mw_bytes {
    mw_bytes { ptr: text.as_ptr(), len: text.len() }
}

unsafe fn read(bytes: mw_bytes) -> Vec<u8> {
    match bytes.len {
        0 => Vec::new(),
        len => unsafe { core::slice::from_raw_parts(bytes.ptr, len) }.to_vec(),
    }
}

unsafe fn copy(string: &mw_string) -> String {
    let mut room = [MaybeUninit::<u8>::uninit(); 64];
    let len = unsafe { mw_string_copy(string, room.as_mut_ptr().cast(), room.len()) };
    unsafe { mw_string_decode(string, null_mut(), 0) };
    unsafe { mw_string_is(string, c"INBOX".as_ptr()) };
    let text = unsafe { core::ffi::CStr::from_ptr(room.as_ptr().cast()) };
    assert!(text.count_bytes() <= len);
    text.to_string_lossy().into_owned()
}

unsafe fn text(text: &mw_text) -> String {
    let mut room = [0_u8; 64];
    unsafe { mw_text_copy(text, room.as_mut_ptr().cast(), room.len()) };
    assert_eq!(unsafe { mw_text_is_empty(text) }, room[0] == 0);
    let end = room.iter().position(|byte| *byte == 0).unwrap();
    String::from_utf8(room[..end].to_vec()).unwrap()
}

unsafe fn walk_numbers(mut numbers: mw_numbers) -> Vec<(u32, u32)> {
    let mut room = [0_u8; 16];
    let mut all = Vec::new();
    unsafe {
        mw_numbers_copy(&numbers, room.as_mut_ptr().cast(), room.len());
        mw_numbers_count(&numbers);
        let mut range = MaybeUninit::<mw_range>::uninit();
        while mw_numbers_next(&mut numbers, range.as_mut_ptr()) {
            let range = range.assume_init();
            all.push((range.first, range.last));
        }
        assert!(!mw_numbers_next(&mut numbers, null_mut()));
    }
    all
}

unsafe fn walk_list(mut list: mw_list) -> Vec<String> {
    let mut all = Vec::new();
    unsafe {
        mw_list_find(&list, c"\\Seen".as_ptr(), null_mut());
        let mut entry = MaybeUninit::<mw_entry>::uninit();
        while mw_list_next(&mut list, entry.as_mut_ptr()) {
            let entry = entry.assume_init();
            copy(&entry.value);
            walk_numbers(entry.numbers);
            walk_list(entry.list);
            all.push(copy(&entry.name));
        }
    }
    all
}

unsafe fn walk_envelope(envelope: &mw_envelope) {
    unsafe {
        copy(&envelope.subject);
        mw_date_parse(&envelope.date);
        for mut list in [envelope.from, envelope.sender, envelope.to, envelope.bcc] {
            let mut one = MaybeUninit::<mw_address>::uninit();
            while mw_addresses_next(&mut list, one.as_mut_ptr()) {
                let one = one.assume_init();
                copy(&one.name);
                copy(&one.mailbox);
                copy(&one.host);
            }
        }
    }
}

unsafe fn walk_structure(structure: mw_bytes) -> usize {
    let mut count = 0;
    unsafe {
        let mut parts = MaybeUninit::<mw_parts>::uninit();
        mw_parts_of(structure, parts.as_mut_ptr());
        let mut parts = parts.assume_init();
        let mut part = MaybeUninit::<mw_part>::uninit();
        while mw_parts_next(&mut parts, part.as_mut_ptr()) {
            let part = part.assume_init();
            count += 1;
            copy(&part.subtype);
            walk_list(part.params);
            walk_list(part.language);
            let mut envelope = MaybeUninit::<mw_envelope>::uninit();
            if mw_envelope_of(part.envelope, envelope.as_mut_ptr()) {
                walk_envelope(&envelope.assume_init());
            }
        }
    }
    count
}

/// Looks at all that an event has; returns a word of it.
unsafe fn walk(event: &mw_event) -> String {
    unsafe {
        read(event.bytes);
        match event.kind {
            MW_EVENT_GREETING | MW_EVENT_STATUS | MW_EVENT_COMPLETED => {
                let it = event.data.response;
                walk_numbers(it.code.numbers);
                walk_numbers(it.code.destination);
                walk_list(it.code.list);
                copy(&it.code.value);
                return copy(&it.text);
            }
            MW_EVENT_CAPABILITY | MW_EVENT_FLAGS => return walk_list(event.data.list).join(" "),
            MW_EVENT_LIST => {
                walk_list(event.data.mailbox.attributes);
                walk_list(event.data.mailbox.extended);
                return copy(&event.data.mailbox.name);
            }
            MW_EVENT_MAILBOX_STATUS => {
                return walk_list(event.data.mailbox_status.values).join(" ");
            }
            MW_EVENT_SEARCH | MW_EVENT_VANISHED => {
                return format!("{:?}", walk_numbers(event.data.found_numbers.numbers));
            }
            MW_EVENT_ESEARCH => {
                walk_list(event.data.found.items);
                return format!("{:?}", walk_numbers(event.data.found.numbers));
            }
            MW_EVENT_THREAD => {
                let mut threads = event.data.threads;
                let mut row = Vec::new();
                loop {
                    let mut number = 0;
                    match mw_threads_next(&mut threads, &mut number) {
                        MW_THREAD_NUMBER => row.push(number),
                        0 => return format!("{row:?}"),
                        _ => row.push(0),
                    }
                }
            }
            MW_EVENT_FETCH_BODY => {
                walk_list(event.data.body.fields);
                copy(&event.data.body.name);
            }
            MW_EVENT_FETCH_ITEM => match event.item {
                MW_ITEM_FLAGS => return walk_list(event.data.list).join(" "),
                MW_ITEM_ENVELOPE => walk_envelope(&event.data.envelope),
                MW_ITEM_BODY | MW_ITEM_BODYSTRUCTURE => {
                    return walk_structure(event.data.structure).to_string();
                }
                _ => {}
            },
            _ => {}
        }
        let mut record = MaybeUninit::<mw_record>::uninit();
        if mw_event_read(event, record.as_mut_ptr()) == MW_OK {
            let record = record.assume_init();
            copy(&record.name);
            walk_list(record.others);
            walk_list(record.shared);
            return walk_list(record.list).join(" ");
        }
    }
    String::new()
}

unsafe fn feed(buffers: *mut mw_buffers, input: &[u8]) {
    let (mut room, mut len) = (null_mut::<u8>(), 0);
    unsafe {
        assert_eq!(mw_buffers_rx(buffers, &mut room, &mut len), MW_OK);
        let len = len.min(input.len());
        room.copy_from_nonoverlapping(input.as_ptr(), len);
        mw_buffers_commit(buffers, len);
        assert_eq!(mw_buffers_fill(buffers, input[len..].as_ptr(), input.len() - len), 0);
        assert_eq!(len, input.len());
    }
}

unsafe fn sent(buffers: *mut mw_buffers) -> String {
    let (mut ptr, mut len) = (null::<u8>(), 0);
    unsafe {
        assert_eq!(mw_buffers_pending(buffers, &mut ptr, &mut len), MW_OK);
        let text = read(mw_bytes { ptr, len });
        mw_buffers_consume(buffers, len);
        String::from_utf8(text).unwrap()
    }
}

unsafe fn next(imap: *mut mw_imap) -> mw_event {
    let mut event = MaybeUninit::<mw_event>::uninit();
    unsafe {
        assert_eq!(mw_imap_advance(imap, 0, event.as_mut_ptr()), MW_EVENT);
        event.assume_init()
    }
}

#[test]
fn imap_reads_all_kinds_of_events() {
    let mut room = Room::new(MW_IMAP_OVERHEAD + 1400);
    let mut config = zeroed::<mw_imap_config>();
    (config.size, config.options) = (size_of::<mw_imap_config>(), MW_OBSERVER);
    let lines: &[(&str, &str)] = &[
        ("* OK [CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN APPENDLIMIT=9] hi\r\n", "hi"),
        ("* CAPABILITY IMAP4rev1 UIDPLUS\r\n", "IMAP4rev1 UIDPLUS"),
        ("* LIST (\\HasChildren \\Sent) \"/\" \"&AOQ-\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n", "ä"),
        ("* STATUS x (MESSAGES 3 UIDNEXT 7 MAILBOXID (a))\r\n", "MESSAGES UIDNEXT MAILBOXID"),
        ("* FLAGS (\\Seen x)\r\n", "Seen x"),
        ("* SEARCH 2 3 9\r\n", "[(2, 2), (3, 3), (9, 9)]"),
        ("* ESEARCH (TAG \"A1\") UID MIN 2 ALL 2:4,7 PARTIAL (1:5 2:4)\r\n", "[(2, 4), (7, 7)]"),
        ("* THREAD (2 (3)(4))\r\n", "[0, 2, 0, 3, 0, 0, 4, 0, 0]"),
        ("* VANISHED (EARLIER) 3:5\r\n", "[(3, 5)]"),
        ("* NAMESPACE ((\"\" \"/\" \"X\" (\"y\"))) NIL ((\"s.\" \".\"))\r\n", ""),
        ("* ID (\"name\" \"x\" \"version\" NIL)\r\n", "name version"),
        ("* QUOTA r (STORAGE 1 2 MESSAGE 3 4)\r\n", "STORAGE MESSAGE"),
        ("* ACL x a lrs b l\r\n", "a b"),
        ("* METADATA \"\" (/a \"b\" /c NIL)\r\n", "/a /c"),
        ("* OK [COPYUID 7 1:3,5 9:12] copied\r\n", "copied"),
        ("* OK [INPROGRESS (\"A1\" 3 9)] wait\r\n", "wait"),
        (
            "* 1 FETCH (FLAGS (\\Seen $x) ENVELOPE (\"Mon, 2 Jan 2006 15:04:05 +0000\" \"s\" ((\"n\" NIL \
          \"m\" \"h\")) NIL NIL NIL NIL NIL NIL \"<i>\") BODYSTRUCTURE ((\"text\" \"plain\" (\"charset\" \
          \"utf-8\") NIL NIL \"7bit\" 5 1 NIL NIL (\"de\" \"en\") NIL)(\"a\" \"b\" NIL NIL NIL \"base64\" 3) \
          \"mixed\") BODY[HEADER.FIELDS (A B)] {3}\r\nx\r\n BODY[1.2] \"q\\\"q\")\r\n",
            "",
        ),
        ("* XYZ {2}\r\nab c\r\n", ""),
        ("* LIST x\r\n", ""),
    ];
    unsafe {
        let (memory, len) = room.get();
        let imap = out(|it| assert_eq!(mw_imap_init(memory, len, &config, it), MW_OK));
        let buffers = mw_imap_buffers(imap);
        let mut seen = Vec::new();
        for (line, wanted) in lines {
            feed(buffers, line.as_bytes());
            let mut first = true;
            let mut event = MaybeUninit::<mw_event>::uninit();
            while mw_imap_advance(imap, 0, event.as_mut_ptr()) == MW_EVENT {
                let event = event.assume_init();
                let copy = event;
                // What only looks leaves it fresh.
                assert!(mw_imap_state(imap) > 0 && mw_imap_deadline(imap) == MW_NEVER);
                let word = walk(&event);
                assert_eq!(walk(&copy), word);
                if first && !wanted.is_empty() {
                    assert_eq!(word, *wanted, "{line}");
                }
                first = false;
                seen.push(event.kind);
            }
        }
        assert!(seen.contains(&MW_EVENT_FETCH_CHUNK) && seen.contains(&MW_EVENT_MALFORMED));
        assert!(walk_list(mw_imap_capabilities(imap)).contains(&"UIDPLUS".to_string()));
        assert_eq!(read(mw_buffers_unread(buffers)), b"");
        mw_buffers_close(buffers);
        assert_eq!((mw_buffers_is_closed(buffers), mw_buffers_received(buffers)), (true, 940));
    }
}

#[test]
fn imap_sends() {
    let greeting =
        b"* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+ NOTIFY METADATA ID MULTIAPPEND] hi\r\n";
    let mut room = Room::new(MW_IMAP_OVERHEAD + 1600);
    unsafe {
        let (memory, len) = room.get();
        let imap = out(|it| assert_eq!(mw_imap_init(memory, len, null(), it), MW_OK));
        let buffers = mw_imap_buffers(imap);
        feed(buffers, greeting);
        walk(&next(imap));
        let select = zeroed::<mw_select_options>();
        let select = mw_select_options { size: size_of::<mw_select_options>(), ..select };
        let mut tag = 0;
        assert_eq!(mw_imap_select(imap, c"x".as_ptr(), &select, &mut tag), MW_OK);
        sent(buffers);
        feed(buffers, b"A1 OK [READ-WRITE] opened\r\n");
        assert_eq!((next(imap).tag, mw_imap_state(imap)), (tag, MW_STATE_SELECTED));

        // Lists that outgrow the stack's memory.
        let items = "UID BODY.PEEK[1]<0.9> ".repeat(15) + "\0";
        let by = MW_BY_UID;
        let result =
            mw_imap_fetch(imap, c"1:*".as_ptr(), items.as_ptr().cast(), by, null(), null_mut());
        assert_eq!(result, MW_OK);
        assert_eq!(sent(buffers).len(), "A2 UID FETCH 1:* ()\r\n".len() + items.len() - 2);
        feed(buffers, b"A2 OK\r\n");
        next(imap);

        let names = [c"INBOX".as_ptr(), c"b".as_ptr()];
        let scope = |count| mw_scope {
            kind: MW_SCOPE_MAILBOXES,
            mailboxes: names.as_ptr(),
            mailboxes_count: count,
        };
        let group = |count| mw_notify_group {
            scope: scope(count),
            events: c"MessageNew MessageExpunge".as_ptr(),
        };
        let groups = [group(2), group(1)];
        let none = null_mut();
        assert_eq!(mw_imap_notify(imap, groups.as_ptr(), 2, null(), false, none), MW_OK);
        assert_eq!(
            sent(buffers),
            "A3 NOTIFY SET (mailboxes (\"INBOX\" \"b\") (MessageNew MessageExpunge)) (mailboxes \
             (\"INBOX\") (MessageNew MessageExpunge))\r\n"
        );
        feed(buffers, b"A3 OK\r\n");
        next(imap);
        let pairs = [
            mw_pair { name: c"name".as_ptr(), value: c"x".as_ptr() },
            mw_pair { name: c"version".as_ptr(), value: null() },
        ];
        assert_eq!(mw_imap_id(imap, pairs.as_ptr(), 2, none), MW_OK);
        assert_eq!(sent(buffers), "A4 ID (\"name\" \"x\" \"version\" NIL)\r\n");
        feed(buffers, b"A4 OK\r\n");
        next(imap);
        let entry = |value| mw_metadata_entry { name: c"/private/x".as_ptr(), value };
        let entries = [entry(bytes(b"y")), entry(mw_bytes { ptr: null(), len: 0 })];
        assert_eq!(mw_imap_set_metadata(imap, c"".as_ptr(), entries.as_ptr(), 2, none), MW_OK);
        sent(buffers);
        feed(buffers, b"A5 OK\r\n* SEARCH 5 6\r\n");
        next(imap);
        let event = next(imap);

        // An upload.
        assert_eq!(mw_imap_append(imap, c"x".as_ptr(), 5, null(), &mut tag), MW_OK);
        sent(buffers);
        // To send does not touch what an event lends.
        assert_eq!(walk(&event), "[(5, 5), (6, 6)]");
        assert_eq!(next(imap).kind, MW_EVENT_SEND_LITERAL);
        let mut taken = 0;
        assert_eq!(mw_imap_write_literal(imap, b"hello".as_ptr(), 5, &mut taken), MW_OK);
        assert_eq!((taken, mw_imap_literal_remaining(imap)), (5, 0));
        sent(buffers);

        // Errors are kept.
        assert_eq!(mw_imap_search(imap, c"BAD".as_ptr(), null(), 7, none), MW_ERR_INVALID_ARGUMENT);
        let error = out(|it| assert_eq!(mw_imap_last_error(imap, it), MW_OK));
        assert_eq!(read(error.why), b"by number or by UID");
    }
}

fn signing_in() -> mw_sasl_config {
    let mut config = zeroed::<mw_sasl_config>();
    config.size = size_of::<mw_sasl_config>();
    (config.user, config.password) = (c"u".as_ptr(), c"p".as_ptr());
    config.is_protected = true;
    config.nonce = bytes(b"0123456789abcdef");
    config
}

#[test]
fn sasl_signs_in() {
    let mut config = signing_in();
    config.mechanism = c"CRAM-MD5".as_ptr();
    let (mut room, mut memory) = (Room::new(MW_SASL_SIZE), Room::new(MW_IMAP_OVERHEAD + 800));
    unsafe {
        let (place, len) = room.get();
        let sasl = out(|it| assert_eq!(mw_sasl_init(place, len, &config, it), MW_OK));
        let (place, len) = memory.get();
        let imap = out(|it| assert_eq!(mw_imap_init(place, len, null(), it), MW_OK));
        let buffers = mw_imap_buffers(imap);
        feed(buffers, b"* OK [CAPABILITY IMAP4rev1 AUTH=CRAM-MD5] hi\r\n");
        next(imap);
        assert_eq!(mw_imap_authenticate(imap, sasl, null_mut()), MW_OK);
        assert_eq!(sent(buffers), "A1 AUTHENTICATE CRAM-MD5\r\n");
        feed(buffers, b"+ PDE+\r\n");
        let event = next(imap);
        assert_eq!(mw_imap_respond(imap, sasl, &event), MW_OK);
        assert!(sent(buffers).len() > 40);
        assert_eq!(mw_sasl_finish(sasl), MW_OK);
        assert_eq!(read(mw_sasl_mechanism(sasl)), b"CRAM-MD5");
        assert_eq!(read(mw_sasl_refusal(sasl)), b"");
        mw_sasl_wipe(sasl);

        // For another protocol.
        config.mechanism = null();
        let sasl = out(|it| assert_eq!(mw_sasl_new(&config, it), MW_OK));
        assert_eq!(mw_sasl_choose(sasl, c"PLAIN X".as_ptr()), MW_OK);
        let (mut answer, mut len, mut begins) = ([0_u8; 9], 0, false);
        let nothing = bytes(b"");
        let result = mw_sasl_answer(sasl, nothing, answer.as_mut_ptr(), 9, &mut len, &mut begins);
        assert_eq!((result, &answer[..len], begins), (MW_OK, &b"\0u\0p"[..], true));
        mw_sasl_free(sasl);
    }
}

#[test]
fn pop3_session() {
    unsafe {
        let pop3 = out(|it| assert_eq!(mw_pop3_new(null(), it), MW_OK));
        let buffers = mw_pop3_buffers(pop3);
        let advance = || {
            let mut event = MaybeUninit::<mw_pop3_event>::uninit();
            assert_eq!(mw_pop3_advance(pop3, 0, event.as_mut_ptr()), MW_EVENT);
            event.assume_init()
        };
        feed(buffers, b"+OK hi <1@x>\r\n");
        assert_eq!(read(advance().bytes), b"<1@x>");
        let mut event = MaybeUninit::<mw_pop3_event>::uninit();
        assert_eq!(mw_pop3_advance(pop3, 0, event.as_mut_ptr()), MW_NEED_INPUT);
        assert_eq!(sent(buffers), "CAPA\r\n");
        feed(buffers, b"+OK\r\nSASL PLAIN X\r\nLOGIN-DELAY 5 USER\r\nPIPELINING\r\nUIDL\r\n.\r\n");
        advance();
        let mechanisms = advance();
        assert_eq!(walk_list(mechanisms.list), ["PLAIN", "X"]);
        assert!(advance().per_user);
        while advance().kind != MW_POP3_COMPLETED {}
        let limits = out(|it| assert_eq!(mw_pop3_limits_of(pop3, it), MW_OK));
        assert_eq!((limits.login_delay, limits.expire), (5, MW_UNKNOWN));
        assert_eq!(walk_list(mw_pop3_mechanisms(pop3)), ["PLAIN"]);
        let response = b"\0u\0p";
        assert_eq!(mw_pop3_auth(pop3, c"X".as_ptr(), response.as_ptr(), 4), MW_OK);
        assert_eq!(sent(buffers), "AUTH X AHUAcA==\r\n");
        let words = [c"a".as_ptr(), c"b".as_ptr()];
        feed(buffers, b"+OK in\r\n");
        advance();
        while mw_pop3_advance(pop3, 0, event.as_mut_ptr()) == MW_EVENT {}
        sent(buffers);
        feed(buffers, b"+OK\r\n.\r\n");
        while mw_pop3_advance(pop3, 0, event.as_mut_ptr()) == MW_EVENT {}
        assert_eq!(mw_pop3_custom(pop3, c"XA".as_ptr(), words.as_ptr(), 2, true), MW_OK);
        assert_eq!(sent(buffers), "XA a b\r\n");
        feed(buffers, b"+OK\r\n..x\r\n.\r\n");
        advance();
        assert_eq!(copy(&advance().text), ".x");
        mw_pop3_free(pop3);

        let mut config = zeroed::<mw_pop3_config>();
        (config.size, config.options) = (size_of::<mw_pop3_config>(), MW_OBSERVER);
        config.observed_state = MW_POP3_STATE_TRANSACTION;
        let pop3 = out(|it| assert_eq!(mw_pop3_new(&config, it), MW_OK));
        assert_eq!(mw_pop3_expect(pop3, 99), MW_ERR_INVALID_ARGUMENT);
        assert_eq!(mw_pop3_expect(pop3, MW_POP3_CMD_RETR), MW_OK);
        feed(mw_pop3_buffers(pop3), b"+OK\r\nx\r\n.\r\n");
        let event = out(|it| assert_eq!(mw_pop3_advance(pop3, 0, it), MW_EVENT));
        assert_eq!(event.kind, MW_POP3_MESSAGE_START);
        mw_pop3_free(pop3);
    }
}

#[test]
fn watcher_tells() {
    let mut config = zeroed::<mw_watch_config>();
    config.size = size_of::<mw_watch_config>();
    (config.user, config.password) = (c"u".as_ptr(), c"p".as_ptr());
    config.filter = c"UNSEEN".as_ptr();
    let id = [mw_pair { name: c"name".as_ptr(), value: c"x".as_ptr() }];
    (config.id, config.id_count) = (id.as_ptr(), 1);
    config.everything = true;
    let mut room = Room::new(MW_WATCH_OVERHEAD + MW_WATCHED_SIZE + 64 + 512 + 1600);
    let dialogue: &[(&str, &str)] = &[
        ("* OK [CAPABILITY IMAP4rev1 ID] hi\r\n", "LOGIN"),
        ("A1 OK [CAPABILITY IMAP4rev1 ID] in\r\n", "ID"),
        ("A2 OK\r\n", "EXAMINE"),
        (
            "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2] x\r\nA3 OK open\r\n",
            "UID SEARCH",
        ),
        ("* SEARCH 1\r\nA4 OK\r\n", "UID FETCH"),
        (
            "* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 9 INTERNALDATE \"01-Jan-2026 00:00:00 +0000\" \
             BODY[HEADER.FIELDS (FROM SUBJECT DATE CONTENT-TYPE CONTENT-TRANSFER-ENCODING)] {31}\r\n\
             From: a@b.example\r\nSubject: s\r\n)\r\nA5 OK\r\n",
            "",
        ),
    ];
    unsafe {
        let (memory, len) = room.get();
        let watch = out(|it| assert_eq!(mw_watch_init(memory, len, &config, it), MW_OK));
        let buffers = mw_watch_buffers(watch);
        let mut alerts = 0;
        for (answer, wanted) in dialogue {
            feed(buffers, answer.as_bytes());
            let mut event = MaybeUninit::<mw_watch_event>::uninit();
            while mw_watch_advance(watch, 0, event.as_mut_ptr()) == MW_EVENT {
                let event = event.assume_init();
                if event.kind == MW_WATCH_ALERT {
                    assert_eq!(text(&event.subject), "s");
                    let mut from = event.from;
                    let one = out(|it| assert!(mw_mail_addresses_next(&mut from, it)));
                    assert_eq!(
                        (text(&one.domain), text(&one.group)),
                        ("b.example".into(), "".into())
                    );
                    alerts += 1;
                    mw_watch_acknowledge(watch, event.mailbox, event.uid);
                    read(event.preview);
                    text(&event.subject);
                }
            }
            let says = sent(buffers);
            assert!(says.contains(wanted), "{wanted}: {says}");
            assert!(mw_watch_deadline(watch) > 0);
            assert!(!mw_imap_is_in_flight(mw_watch_imap(watch), 99));
        }
        if alerts == 0 {
            // The text is asked for by itself.
            feed(buffers, b"* 1 FETCH (UID 1 BODY[TEXT]<0> \"\")\r\nA6 OK\r\n");
            let mut event = MaybeUninit::<mw_watch_event>::uninit();
            while mw_watch_advance(watch, 0, event.as_mut_ptr()) == MW_EVENT {
                alerts += u32::from(event.assume_init().kind == MW_WATCH_ALERT);
            }
        }
        assert_eq!(alerts, 1);
        let mut kept = [0_u8; MW_CURSOR_SIZE];
        assert_eq!(mw_watch_cursor(watch, 0, kept.as_mut_ptr()), MW_OK);
        let cursor = out(|it| assert!(mw_cursor_read(kept.as_ptr(), it)));
        assert_eq!((cursor.uid_validity, cursor.next_uid), (7, 2));
        let mut again = [0_u8; MW_CURSOR_SIZE];
        assert_eq!(mw_cursor_write(&cursor, again.as_mut_ptr()), MW_OK);
        assert_eq!(kept, again);
        mw_watch_unreachable(watch);
        mw_watch_reconnect(watch);
        mw_watch_stop(watch);
    }
}

#[test]
fn pop3_watcher_tells() {
    let mut config = zeroed::<mw_pop3_watch_config>();
    config.size = size_of::<mw_pop3_watch_config>();
    (config.user, config.password) = (c"u".as_ptr(), c"p".as_ptr());
    (config.rx_size, config.tx_size, config.record_size) = (600, 200, 88);
    config.everything = true;
    config.no_preview = true;
    let dialogue: &[(&str, &str)] = &[
        ("+OK hi\r\n", "CAPA"),
        ("+OK\r\nUSER\r\nUIDL\r\nTOP\r\n.\r\n", "USER"),
        ("+OK\r\n", "PASS"),
        ("+OK\r\n", "CAPA"),
        ("+OK\r\nUSER\r\nUIDL\r\nTOP\r\n.\r\n", ""),
    ];
    unsafe {
        let watch = out(|it| assert_eq!(mw_pop3_watch_new(&config, it), MW_OK));
        let buffers = mw_pop3_watch_buffers(watch);
        for (answer, wanted) in dialogue {
            feed(buffers, answer.as_bytes());
            let mut event = MaybeUninit::<mw_watch_event>::uninit();
            while mw_pop3_watch_advance(watch, 0, event.as_mut_ptr()) == MW_EVENT {}
            let says = sent(buffers);
            assert!(says.contains(wanted), "{wanted}: {says}");
        }
        assert!(mw_pop3_state(mw_pop3_watch_pop3(watch)) > 0);
        assert!(!read(mw_pop3_watch_record(watch)).is_empty());
        let (mut count, mut capacity) = (9, 9);
        mw_pop3_watch_record_size(watch, &mut count, &mut capacity);
        assert_eq!((count, capacity), (0, 8));
        mw_pop3_watch_acknowledge(watch, 1);
        mw_pop3_watch_unreachable(watch);
        mw_pop3_watch_free(watch);
    }
}

#[test]
fn messages_are_decoded() {
    let message = b"From: =?utf-8?q?J=C3=BC?= <j@x.example>, g: a@b;\r\nSubject: a\r\n b\r\n\
                    Date: Mon, 2 Jan 2006 15:04:05 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\
                    \r\nbody";
    unsafe {
        let mut fields = mw_fields_of(bytes(message));
        let field = out(|it| assert!(mw_fields_next(&mut fields, it)));
        let mut from = mw_mail_addresses_of(field.value);
        let one = out(|it| assert!(mw_mail_addresses_next(&mut from, it)));
        assert_eq!((text(&one.name), text(&one.local_part)), ("Jü".into(), "j".into()));
        let one = out(|it| assert!(mw_mail_addresses_next(&mut from, it)));
        assert_eq!(text(&one.group), "g");
        assert!(!mw_mail_addresses_next(&mut from, null_mut()));
        let find = |name: *const c_char| {
            out(|it| assert!(mw_field_find(bytes(message), name, true, it))).value
        };
        let mut room = [0_u8; 8];
        assert_eq!(mw_unfold(find(c"subject".as_ptr()), room.as_mut_ptr().cast(), 8), 3);
        assert_eq!(&room[..4], b"a b\0");
        assert_eq!(mw_date_of(find(c"date".as_ptr())).year, 2006);
        let kind = find(c"content-type".as_ptr());
        assert!(mw_content_type_is(kind, c"text".as_ptr(), c"*".as_ptr()));
        assert_eq!(copy(&mw_content_type_parameter(kind, c"charset".as_ptr())), "utf-8");
        assert_eq!(text(&mw_content_type_file_name(kind)), "");
        assert_eq!(read(mw_message_body(bytes(message))), b"body");

        let mut values = [[0_u8; 16]; 2];
        let [a, b] = &mut values;
        let mut wanted = [
            mw_wanted_of(c"Subject".as_ptr(), a.as_mut_ptr(), 16),
            mw_wanted_of(c"Date".as_ptr(), b.as_mut_ptr(), 16),
        ];
        let mut scanner = mw_header_scanner_of();
        for piece in message.chunks(7) {
            mw_header_scan(&mut scanner, piece.as_ptr(), piece.len(), wanted.as_mut_ptr(), 2);
        }
        assert!(mw_header_scanner_is_done(&scanner));
        let mut truncated = false;
        assert_eq!(read(mw_wanted_value(&wanted[0], &mut truncated)), b"a b");
        assert!(!truncated);
        read(mw_wanted_value(&wanted[1], &mut truncated));
        assert!(truncated);

        let (mut read_, mut written) = (0, 0);
        let mut transfer = mw_transfer_of(c"base64".as_ptr());
        let mut output = [MaybeUninit::<u8>::uninit(); 8];
        let place = output.as_mut_ptr().cast::<u8>();
        let result = mw_transfer_decode(
            &mut transfer,
            b"aGk=".as_ptr(),
            4,
            place,
            8,
            &mut read_,
            &mut written,
        );
        assert_eq!((result, written), (MW_OK, 2));
        mw_transfer_finish(&mut transfer, place, 8);
        let mut charset = mw_charset_of(c"latin1".as_ptr());
        let result = mw_charset_decode(
            &mut charset,
            b"\xfc".as_ptr(),
            1,
            place,
            8,
            &mut read_,
            &mut written,
        );
        assert_eq!((result, written), (MW_OK, 2));
        mw_charset_finish(&mut charset, place, 8);

        let mut memory = [0_u8; 32];
        let none = null();
        let mut preview = mw_preview_of(memory.as_mut_ptr(), 32, none, none, true);
        assert!(mw_preview_feed(&mut preview, b"<p>a</p> b".as_ptr(), 10));
        assert_eq!(read(mw_preview_finish(&mut preview)), b"a b");
    }
}

#[test]
#[cfg_attr(miri, ignore = "a window of 43 KiB")]
fn compression() {
    let mut room = Room::new(MW_INFLATER_SIZE);
    unsafe {
        let (memory, len) = room.get();
        let inflater = out(|it| assert_eq!(mw_inflater_init(memory, len, it), MW_OK));
        let (mut block, mut read, mut taken) = ([0_u8; 16], 0, 0);
        let written = mw_deflate_store(b"hello".as_ptr(), 5, block.as_mut_ptr(), 16, &mut read);
        assert_eq!((written, read), (10, 5));
        assert_eq!(mw_inflater_feed(inflater, block.as_ptr(), written, &mut taken), MW_OK);
        let mut output = [0_u8; 9];
        assert_eq!((mw_inflater_read(inflater, output.as_mut_ptr(), 9), taken), (5, 10));
        assert_eq!(&output[..5], b"hello");
        assert!(!mw_inflater_has_ended(inflater) && !mw_inflater_is_flushed(inflater));
        assert_eq!(mw_inflater_reset(inflater), MW_OK);
    }
}
