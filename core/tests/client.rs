//! The IMAP client over a scripted socket, blocking and async from the same text, the
//! server's bytes cut in several ways.
#![cfg(all(feature = "imap", feature = "embedded-io", feature = "embedded-io-async"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
#![allow(clippy::arithmetic_side_effects)]

mod script;

use core::future::Future as _;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use embedded_io::ErrorKind;
use script::*;

macro_rules! flows {
    ($flavour:ident, $run:ident, [$($head:tt)*], [$($await:tt)*]) => {
        mod $flavour {
            use super::*;
            use mailwire::imap::command::*;
            use mailwire::imap::$flavour::Client;
            use mailwire::imap::{AppendMessage,
                Appended, Capability, ClientError, Code, Config, Event, Fetch, Flag, Item, Search,
                SearchReturn, State, Status, StatusItem, event, Quirks, SequenceSet,
            };
            use mailwire::imap::{
                FilterMailboxes, NotifyEvent, NotifyGroup, Sort, ThreadAlgorithm, ThreadToken,
            };
            use mailwire::sasl::{self, Login, Plain};
            use mailwire::{Duration, Error, Instant, PeerError, ResourceError, UsageError};

            /// Runs a flow after the greeting, on a connection that is logged in already.
            macro_rules! session {
                ($script:expr, |$mail:ident| $body:block) => {
                    session!(
                        concat!("S: * PREAUTH [CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE] hi\n", $script),
                        128, 96, |$mail| $body
                    )
                };
                ($script:expr, $rx:expr, $tx:expr, |$mail:ident| $body:block) => {
                    for cut in CUTS {
                        $run($($head)* {
                            let (mut rx, mut tx) = ([0; $rx], [0; $tx]);
                            let script = Script::new($script, cut);
                            #[allow(unused_mut)]
                            let mut $mail = Client::connect(script, &mut rx, &mut tx)$($await)*.unwrap();
                            $body
                        });
                    }
                };
            }

            #[test]
            fn login_learns_capabilities() {
                session!(
                    "S: * OK Dovecot ready.
                     C: A1 CAPABILITY
                     S: * CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN
                     S: A1 OK done
                     C: A2 LOGIN \"alice\" \"sec\\\"ret\"
                     S: A2 NO [AUTHENTICATIONFAILED] wrong
                     C: A3 LOGIN \"alice\" \"secret\"
                     S: A3 OK in
                     C: A4 CAPABILITY
                     S: * CAPABILITY IMAP4rev1 IDLE MOVE
                     S: A4 OK done
                     C: A5 NOOP
                     S: A5 OK done
                     C: A6 LOGOUT
                     S: * BYE bye
                     S: A6 OK out",
                    128, 64, |mail| {
                        assert!(mail.capabilities().contains(&Capability::Idle));
                        assert!(!mail.capabilities().contains(&Capability::Move));
                        let Err(ClientError::Refused(refused)) =
                            mail.login("alice", "sec\"ret")$($await)* else { panic!() };
                        assert_eq!(refused.status(), Status::No);
                        assert_eq!(refused.code(), Some(Code::AuthenticationFailed));
                        assert_eq!(refused.text(), "wrong");
                        assert_eq!(refused.to_string(), "the server said NO: wrong");
                        mail.login("alice", "secret")$($await)*.unwrap();
                        assert!(mail.capabilities().contains(&Capability::Move));
                        mail.noop()$($await)*.unwrap();
                        mail.logout()$($await)*.unwrap();
                    }
                );
            }

            #[test]
            fn bye_instead_of_a_greeting() {
                $run($($head)* {
                    let (mut rx, mut tx) = ([0; 128], [0; 64]);
                    let script = Script::new("S: * BYE [UNAVAILABLE] too busy", 9);
                    let Err(ClientError::Refused(refused)) =
                        Client::connect(script, &mut rx, &mut tx)$($await)* else { panic!() };
                    assert_eq!(refused.status(), Status::Bye);
                    assert_eq!(refused.code(), Some(Code::Unavailable));
                    let error = Client::connect(Script::new("", 1), &mut rx, &mut tx)$($await)*;
                    assert_eq!(
                        error.unwrap_err(),
                        ClientError::Connection(Error::Peer(PeerError::UnexpectedEof))
                    );
                    let script = Script::new("", 1);
                    let error = Client::connect(script, &mut rx, &mut tx[..8])$($await)*;
                    assert!(matches!(
                        error.unwrap_err(),
                        ClientError::Connection(Error::Resource(_))
                    ));
                });
            }

            #[test]
            fn bye_and_end_in_the_middle() {
                session!("C: A1 NOOP\nS: * BYE Autologout; idle for too long", |mail| {
                    let Err(ClientError::Refused(refused)) = mail.noop()$($await)* else { panic!() };
                    assert_eq!(refused.status(), Status::Bye);
                    assert_eq!(refused.text(), "Autologout; idle for too long");
                    assert!(mail.noop()$($await)*.is_err());
                    assert_eq!(mail.connection().state(), State::Logout);
                    mail.logout()$($await)*.unwrap();
                });
                session!("C: A1 NOOP\nS: * 3 EXI\\", |mail| {
                    assert_eq!(
                        mail.noop()$($await)*.unwrap_err(),
                        ClientError::Connection(Error::Peer(PeerError::UnexpectedEof))
                    );
                });
                // The server closes before it says OK.
                session!("C: A1 LOGOUT\nS: * BYE bye", |mail| {
                    mail.logout()$($await)*.unwrap();
                });
            }

            #[test]
            fn sasl() {
                session!(
                    "S: * OK [CAPABILITY IMAP4rev1 SASL-IR] hi
                     C: A1 AUTHENTICATE PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm
                     S: A1 OK [CAPABILITY IMAP4rev1] in",
                    128, 96, |mail| {
                        let mut plain = Plain::new("tim", "tanstaaftanstaaf");
                        mail.authenticate(&mut plain)$($await)*.unwrap();
                    }
                );
                session!(
                    "S: * OK [CAPABILITY IMAP4rev1] hi
                     C: A1 AUTHENTICATE PLAIN
                     S: +
                     C: AHRpbQB0YW5zdGFhZnRhbnN0YWFm
                     S: A1 NO [AUTHENTICATIONFAILED] no
                     C: A2 AUTHENTICATE LOGIN
                     S: + VXNlciBOYW1lAA==
                     C: dGlt
                     S: + UGFzc3dvcmQA
                     C: dGFuc3RhYWZ0YW5zdGFhZg==
                     S: + what else
                     C: *
                     S: A2 BAD cancelled
                     C: A3 AUTHENTICATE PLAIN
                     S: + go ahead
                     C: *
                     S: A3 BAD cancelled
                     C: A4 NOOP
                     S: A4 OK",
                    128, 96, |mail| {
                        let mut plain = Plain::new("tim", "tanstaaftanstaaf");
                        let error = mail.authenticate(&mut plain)$($await)*;
                        assert!(matches!(error, Err(ClientError::Refused(_))));
                        let mut login = Login::new("tim", "tanstaaftanstaaf");
                        assert_eq!(
                            mail.authenticate(&mut login)$($await)*,
                            Err(ClientError::Sasl(sasl::Error::UnexpectedChallenge))
                        );
                        assert_eq!(
                            mail.authenticate(&mut Plain::new("t\0m", ""))$($await)*,
                            Err(ClientError::Sasl(sasl::Error::InvalidCredentials("NUL")))
                        );
                        mail.noop()$($await)*.unwrap();
                    }
                );
            }

            #[test]
            fn start_tls() {
                session!(
                    "S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hi
                     C: A1 STARTTLS
                     S: A1 OK begin",
                    128, 96, |mail| {
                        assert_eq!(
                            mail.login("alice", "secret")$($await)*.unwrap_err(),
                            ClientError::Connection(Error::Usage(UsageError::NotOffered("LOGIN")))
                        );
                        let (old, mail) = mail.start_tls()$($await)*.unwrap();
                        drop(old);
                        let secure = Script::new(
                            "C: A2 CAPABILITY
                             S: * CAPABILITY IMAP4rev1
                             S: A2 OK
                             C: A3 LOGIN \"alice\" \"secret\"
                             S: A3 OK [CAPABILITY IMAP4rev1] in",
                            5,
                        );
                        let mut mail = mail.secured(secure)$($await)*.unwrap();
                        mail.login("alice", "secret")$($await)*.unwrap();
                    }
                );
                session!(
                    "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi
                     C: A1 STARTTLS
                     S: A1 NO not now",
                    128, 96, |mail| {
                        assert!(matches!(
                            mail.start_tls()$($await)*.unwrap_err(),
                            ClientError::Refused(_)
                        ));
                    }
                );
            }

            /// Whoever wants STARTTLS does not go on in clear because the server says that one
            /// is logged in already: somebody in between may have said so.
            #[test]
            fn preauth_is_no_way_around_tls() {
                session!(
                    "S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi",
                    128, 96, |mail| {
                        assert_eq!(
                            mail.start_tls()$($await)*.unwrap_err(),
                            ClientError::Connection(Error::Usage(UsageError::WrongState))
                        );
                    }
                );
            }

            #[test]
            fn two_steps_if_told_so() {
                $run($($head)* {
                    let (mut rx, mut tx) = ([0; 128], [0; 96]);
                    let mut config = Config::default();
                    config.sasl_ir = false;
                    let script = Script::new(
                        "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi
                         C: A1 AUTHENTICATE PLAIN
                         S: +
                         C: AGFsaWNlAHNlY3JldA==
                         S: A1 OK [CAPABILITY IMAP4rev1] in",
                        9,
                    );
                    let mut mail = Client::connect_with(config, mailwire::io::NoClock, script, &mut rx, &mut tx)
                        $($await)*.unwrap();
                    mail.authenticate(&mut Plain::new("alice", "secret"))$($await)*.unwrap();
                });
            }

            #[test]
            fn sort_thread_and_several_mailboxes() {
                session!(
                    "S: * PREAUTH [CAPABILITY IMAP4rev1 ESEARCH SORT THREAD=REFS MULTISEARCH CONTEXT=SEARCH UIDBATCHES] hi
                     C: A1 EXAMINE \"INBOX\"
                     S: A1 OK done
                     C: A2 UID SORT (REVERSE DATE) UTF-8 ALL
                     S: * SORT 5 3 4
                     S: A2 OK done
                     C: A3 UID THREAD REFS UTF-8 ALL
                     S: * THREAD (1 2 (3)(4))(5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21)
                     S: A3 OK done
                     C: A4 ESEARCH IN (personal) UNSEEN
                     S: * ESEARCH (TAG \"A4\" MAILBOX \"a\" UIDVALIDITY 1) UID ALL 1:3
                     S: * ESEARCH (TAG \"A1\") UID ADDTO (1 101 1 102 1 103 1 104 1 105 1 106 1 107) ALL 7
                     S: * ESEARCH (TAG \"A4\" MAILBOX \"b\" UIDVALIDITY 2) UID ALL 9
                     S: A4 OK done
                     C: A5 CANCELUPDATE \"A4\"
                     S: A5 OK done
                     C: A6 UIDBATCHES 1000 1:7
                     S: * UIDBATCHES (TAG \"A6\") 7000:6001,6000:5001,5000:4001,4000:3001,3000:2001,2000:1
                     S: A6 OK done",
                    64, 96, |mail| {
                        mail.examine("INBOX")$($await)*.unwrap();
                        let mut found = mail.uid_sort(&[Sort::Reverse(&Sort::Date)], &[])$($await)*.unwrap();
                        let batch = found.next()$($await)*.unwrap().unwrap();
                        assert_eq!(batch.numbers().collect::<Vec<_>>(), [5, 3, 4]);

                        let mut threads = mail.uid_thread(ThreadAlgorithm::Refs, &[])$($await)*.unwrap();
                        let (mut parts, mut numbers, mut depth) = (0, 0, 0);
                        while let Some(part) = threads.next()$($await)*.unwrap() {
                            assert_eq!(part.depth(), depth);
                            let mut tokens = part.iter();
                            numbers += tokens.by_ref().filter(|it| matches!(it, ThreadToken::Number(_))).count();
                            depth = tokens.depth();
                            parts += 1;
                        }
                        assert_eq!((numbers, depth), (21, 0));
                        assert!(parts > 1);

                        let unseen = [Search::Unseen];
                        let mut found = mail
                            .esearch(&EsearchCommand::new(&[FilterMailboxes::Personal], &unseen))
                            $($await)*.unwrap();
                        let tag = found.tag();
                        let mut all = Vec::new();
                        while let Some(batch) = found.next()$($await)*.unwrap() {
                            let name = batch.esearch().unwrap().mailbox().unwrap().to_string();
                            all.push((name, batch.numbers().collect::<Vec<_>>()));
                        }
                        assert_eq!(all, [("a".into(), vec![1, 2, 3]), ("b".into(), vec![9])]);
                        mail.cancel_update(&[tag])$($await)*.unwrap();

                        let command = UidBatchesCommand::new(1000).batches(1, 7);
                        let mut batches = mail.uid_batches(&command)$($await)*.unwrap();
                        let mut all = Vec::new();
                        while let Some(some) = batches.next()$($await)*.unwrap() {
                            all.extend(some.batches().iter().map(|range| range.to_string()));
                        }
                        assert_eq!(all.len(), 6);
                        assert_eq!((&*all[0], &*all[5]), ("6001:7000", "1:2000"));
                    }
                );
            }

            #[test]
            fn search_in_batches() {
                let numbers = (1000..1100).map(|n| format!(" {n}")).collect::<String>();
                session!(
                    &format!(
                        "S: * PREAUTH [CAPABILITY IMAP4rev1 ESEARCH] hi
                         C: A1 EXAMINE \"INBOX\"
                         S: * 172 EXISTS
                         S: * OK [UIDVALIDITY 3857529045] UIDs valid
                         S: A1 OK [READ-ONLY] done
                         C: A2 UID SEARCH UNSEEN FROM \"pager\"
                         S: * SEARCH{numbers}
                         S: A2 OK done
                         C: A3 SEARCH RETURN (ALL COUNT) ALL
                         S: * ESEARCH (TAG \"A3\") COUNT 4 ALL 2,10:12
                         S: A3 OK done
                         C: A4 SEARCH ALL
                         S: * SEARCH
                         S: A4 OK done"
                    ),
                    64, 96, |mail| {
                        let inbox = mail.examine("INBOX")$($await)*.unwrap();
                        assert_eq!((inbox.exists, inbox.read_only), (172, true));
                        assert_eq!(inbox.uid_validity, Some(3857529045));
                        let mut uids = Vec::new();
                        let keys = [Search::Unseen, Search::From("pager")];
                        let mut found = mail.uid_search(&keys)$($await)*.unwrap();
                        while let Some(batch) = found.next()$($await)*.unwrap() {
                            uids.extend(batch.numbers());
                        }
                        assert!(found.next()$($await)*.unwrap().is_none());
                        assert!(uids.iter().copied().eq(1000..1100));

                        let returns = [SearchReturn::All, SearchReturn::Count];
                        let keys = [Search::All];
                        let command = SearchCommand::new(&keys).returns(&returns);
                        let mut found = mail.search_extended(&command)$($await)*.unwrap();
                        let batch = found.next()$($await)*.unwrap().unwrap();
                        assert_eq!(batch.esearch().unwrap().count(), Some(4));
                        assert_eq!(batch.numbers().collect::<Vec<_>>(), [2, 10, 11, 12]);
                        // Dropped before its end.
                        let mut found = mail.search(&keys)$($await)*.unwrap();
                        let mut count = 0;
                        while let Some(batch) = found.next()$($await)*.unwrap() {
                            count += batch.numbers().count();
                        }
                        assert_eq!(count, 0);
                    }
                );
            }

            #[test]
            fn fetch() {
                let body = "x".repeat(1000);
                session!(
                    &format!(
                        "S: * PREAUTH [CAPABILITY IMAP4rev1] hi
                         C: A1 SELECT \"INBOX\"
                         S: * 3 EXISTS
                         S: A1 OK [READ-WRITE] done
                         C: A2 UID FETCH 7:9 (UID BODY.PEEK[TEXT])
                         S: * 1 FETCH (UID 7 BODY[TEXT] {{1000}}
                         S: {body})
                         S: * 2 FETCH (UID 8 BODY[TEXT] NIL)
                         S: * 4 EXISTS
                         S: * 3 FETCH (UID 9 BODY[TEXT] {{1000}}
                         S: {body})
                         S: A2 OK done
                         C: A3 UID FETCH 7:9 (UID BODY.PEEK[TEXT])
                         S: * 1 FETCH (UID 7 BODY[TEXT] {{1000}}
                         S: {body})
                         S: A3 OK done
                         C: A4 UID STORE 7 +FLAGS.SILENT (\\Seen)
                         S: A4 OK done
                         C: A5 FETCH 4 FLAGS
                         S: A5 NO Some of the requested messages no longer exist
                         C: A6 FETCH 4 FLAGS
                         S: A6 NO try later"
                    ),
                    64, 96, |mail| {
                        assert_eq!(mail.select("INBOX")$($await)*.unwrap().exists, 3);
                        let items = [Fetch::Uid, Fetch::peek("TEXT")];
                        let mut seen = Vec::new();
                        let mut messages = mail.uid_fetch(7..=9, &items)$($await)*.unwrap();
                        while let Some(mut message) = messages.next()$($await)*.unwrap() {
                            let mut size = 0;
                            let mut uid = 0;
                            let seq = message.seq();
                            while let Some(piece) = message.next()$($await)*.unwrap() {
                                match piece {
                                    event::Fetch::Item(Item::Uid(n)) => uid = n,
                                    event::Fetch::Chunk(bytes) => size += bytes.len(),
                                    _ => {}
                                }
                            }
                            assert!(message.next()$($await)*.unwrap().is_none());
                            seen.push((seq.unwrap(), uid, size));
                        }
                        assert_eq!(seen, [(1, 7, 1000), (2, 8, 0), (3, 9, 1000)]);
                        assert_eq!(mail.selected().unwrap().exists, 4);

                        // Left in the middle of a body.
                        let mut messages = mail.uid_fetch(7..=9, &items)$($await)*.unwrap();
                        let mut message = messages.next()$($await)*.unwrap().unwrap();
                        for _ in 0..3 {
                            message.next()$($await)*.unwrap();
                        }
                        let seen = StoreCommand::add(7, &[Flag::Seen]).uid().silent();
                        mail.store(&seen)$($await)*.unwrap().finish()$($await)*.unwrap();

                        let mut gone = mail.fetch(4, &[Fetch::Flags])$($await)*.unwrap();
                        assert!(gone.next()$($await)*.unwrap().is_none());
                        let refused = mail.fetch(4, &[Fetch::Flags])$($await)*.unwrap();
                        assert!(refused.finish()$($await)*.is_err());
                    }
                );
            }

            #[test]
            fn append() {
                let message = "y".repeat(315);
                session!(
                    &format!(
                        "S: * PREAUTH [CAPABILITY IMAP4rev1 UIDPLUS] hi
                         C: A1 APPEND \"Sent\" (\\Seen) {{315}}
                         S: + go
                         C: {message}
                         S: A1 OK [APPENDUID 38505 3955] done
                         C: A2 APPEND \"Nowhere\" {{315}}
                         S: A2 NO [TRYCREATE] no such mailbox
                         C: A3 APPEND \"Sent\" {{2}}
                         S: + go
                         C: ab
                         S: A3 OK done
                         C: A4 APPEND \"Sent\" {{2}}
                         S: + go"
                    ),
                    64, 64, |mail| {
                        let flags = [Flag::Seen];
                        let at = mail.append("Sent", &flags, None, message.as_bytes())$($await)*;
                        assert_eq!(at.unwrap(), Some(Appended { uid_validity: 38505, uid: 3955 }));
                        let error = mail.append("Nowhere", &[], None, message.as_bytes())$($await)*;
                        let Err(ClientError::Refused(refused)) = error else { panic!() };
                        assert_eq!(refused.code(), Some(Code::TryCreate));

                        let command = AppendCommand::new("Sent", 2);
                        let mut upload = mail.append_stream(&command)$($await)*.unwrap();
                        assert!(upload.write(b"abc")$($await)*.is_err());
                        upload.write(b"a")$($await)*.unwrap();
                        assert_eq!(upload.remaining(), 1);
                        upload.write(b"b")$($await)*.unwrap();
                        assert_eq!(upload.finish()$($await)*.unwrap(), None);

                        let upload = mail.append_stream(&command)$($await)*.unwrap();
                        assert!(upload.finish()$($await)*.is_err());
                        assert_eq!(
                            mail.noop()$($await)*.unwrap_err(),
                            ClientError::Connection(Error::Usage(UsageError::LiteralAbandoned))
                        );
                    }
                );
            }

            #[test]
            fn several_messages_and_parts() {
                session!(
                    "S: * PREAUTH [CAPABILITY IMAP4rev1 MULTIAPPEND CATENATE REPLACE LITERAL-] hi
                     C: A1 APPEND \"Sent\" (\\Seen) {2+}
                     C: ab {3+}
                     C: cde CATENATE (URL \"/a/;UID=1\" TEXT {1+}
                     C: f)
                     S: A1 OK [APPENDUID 38505 3955:3956,7] done
                     C: A2 APPEND \"Sent\" {9999}
                     S: A2 NO [TRYCREATE] no such mailbox
                     C: A3 APPEND \"Sent\" (\\Draft) CATENATE (TEXT {1+}
                     C: f URL \"x\")
                     S: A3 NO [BADURL x] no such thing
                     C: A4 APPEND \"Sent\" CATENATE (TEXT {2+}
                     C: g  URL \"\")
                     S: A4 NO [BADURL] no such thing
                     C: A5 APPEND \"Sent\" {3+}
                     C: h   {0+}
                     C:\x20
                     S: A5 NO cancelled
                     C: A6 SELECT \"Drafts\"
                     S: A6 OK done
                     C: A7 UID REPLACE 4 \"Drafts\" {1+}
                     C: i
                     S: * OK [APPENDUID 1 5] saved
                     S: * 1 EXPUNGE
                     S: A7 OK done
                     C: A8 UID REPLACE 4 \"Drafts\" {1+}",
                    64, 64, |mail| {
                        let mut upload = mail.multi_append("Sent")$($await)*.unwrap();
                        let seen = AppendMessage::new(2).flags(&[Flag::Seen]);
                        upload.message(&seen)$($await)*.unwrap();
                        upload.write(b"ab")$($await)*.unwrap();
                        upload.message(&AppendMessage::new(3))$($await)*.unwrap();
                        upload.write(b"cde")$($await)*.unwrap();
                        upload.message(&AppendMessage::catenate())$($await)*.unwrap();
                        upload.url("/a/;UID=1")$($await)*.unwrap();
                        upload.text(1)$($await)*.unwrap();
                        upload.write(b"f")$($await)*.unwrap();
                        let mut stored = upload.finish_all()$($await)*.unwrap();
                        let uids = stored.next()$($await)*.unwrap().unwrap();
                        assert_eq!((uids.uid_validity, uids.uids.count()), (38505, Some(3)));
                        assert!(stored.next()$($await)*.unwrap().is_none());

                        let mut upload = mail.multi_append("Sent")$($await)*.unwrap();
                        let error = upload.message(&AppendMessage::new(9999))$($await)*;
                        let Err(ClientError::Refused(refused)) = error else { panic!() };
                        assert_eq!(refused.code(), Some(Code::TryCreate));

                        let draft = [Flag::Draft];
                        let mut upload = mail.catenate("Sent", &draft, None)$($await)*.unwrap();
                        upload.text(1)$($await)*.unwrap();
                        upload.write(b"f")$($await)*.unwrap();
                        upload.url("x")$($await)*.unwrap();
                        assert!(upload.finish()$($await)*.is_err());

                        // Given up, and dropped.
                        let mut upload = mail.catenate("Sent", &[], None)$($await)*.unwrap();
                        upload.text(2)$($await)*.unwrap();
                        upload.write(b"g")$($await)*.unwrap();
                        upload.cancel()$($await)*.unwrap();
                        let command = AppendCommand::new("Sent", 3);
                        let mut upload = mail.append_stream(&command)$($await)*.unwrap();
                        upload.write(b"h")$($await)*.unwrap();

                        mail.select("Drafts")$($await)*.unwrap();
                        let replace = ReplaceCommand::uid(4, "Drafts", AppendMessage::new(1));
                        let mut upload = mail.replace(&replace)$($await)*.unwrap();
                        upload.write(b"i")$($await)*.unwrap();
                        let at = upload.finish()$($await)*.unwrap();
                        assert_eq!(at, Some(Appended { uid_validity: 1, uid: 5 }));
                        // It has no way back.
                        let upload = mail.replace(&replace)$($await)*.unwrap();
                        assert_eq!(
                            upload.cancel()$($await)*.unwrap_err(),
                            ClientError::Connection(Error::Usage(UsageError::LiteralAbandoned))
                        );
                    }
                );
            }

            #[test]
            fn idle() {
                session!(
                    "C: A1 SELECT \"INBOX\"
                     S: A1 OK done
                     C: A2 IDLE
                     S: + idling
                     S: * 5 EXISTS
                     C: DONE
                     S: A2 OK done
                     C: A3 IDLE
                     S: + idling
                     S: * 6 EXISTS
                     C: DONE
                     S: A3 OK done
                     C: A4 IDLE
                     S: A4 NO no
                     C: A5 IDLE
                     S: * 1 EXPUNGE
                     S: * 6 EXISTS
                     S: + idling
                     S: A5 OK that was enough",
                    |mail| {
                        mail.select("INBOX")$($await)*.unwrap();
                        let mut idle = mail.idle()$($await)*.unwrap();
                        let event = idle.next()$($await)*.unwrap().unwrap();
                        assert!(matches!(event, Event::Exists(5)));
                        idle.done()$($await)*.unwrap();
                        // Abandoned: the next call says DONE.
                        let mut idle = mail.idle()$($await)*.unwrap();
                        idle.next()$($await)*.unwrap();
                        assert!(mail.idle()$($await)*.is_err());
                        assert_eq!(mail.selected().unwrap().exists, 6);
                        let mut idle = mail.idle()$($await)*.unwrap();
                        // It came before IDLE was on, and nothing else will tell of it.
                        let event = idle.next()$($await)*.unwrap().unwrap();
                        assert!(matches!(event, Event::Exists(6)));
                        assert!(idle.next()$($await)*.unwrap().is_none());
                        idle.done()$($await)*.unwrap();
                    }
                );
            }

            #[test]
            fn mailboxes() {
                session!(
                    "C: A1 LIST \"\" \"*\"
                     S: * LIST (\\HasNoChildren) \"/\" INBOX
                     S: * 1 RECENT
                     S: * LIST (\\Noselect) \"/\" \"Entw&APw-rfe\"
                     S: A1 OK done
                     C: A2 STATUS \"INBOX\" (MESSAGES UIDNEXT)
                     S: * STATUS INBOX (MESSAGES 231 UIDNEXT 44292)
                     S: A2 OK done
                     C: A3 STATUS \"nowhere\" (MESSAGES)
                     S: A3 NO [NONEXISTENT] no such mailbox
                     C: A4 CREATE \"a b\"
                     S: A4 OK done
                     C: A5 RENAME \"a b\" \"c\"
                     S: A5 OK done
                     C: A6 DELETE \"c\"
                     S: A6 BAD why",
                    |mail| {
                        let mut names = Vec::new();
                        let mut list = mail.list("", "*")$($await)*.unwrap();
                        while let Some(mailbox) = list.next()$($await)*.unwrap() {
                            names.push(mailbox.mailbox.to_string());
                        }
                        assert_eq!(names, ["INBOX", "Entw\u{fc}rfe"]);
                        let items = [StatusItem::Messages, StatusItem::UidNext];
                        let status = mail.status("INBOX", &items)$($await)*.unwrap().unwrap();
                        assert_eq!(status.messages(), Some(231));
                        assert_eq!(status.uid_next(), Some(44292));
                        let error = mail.status("nowhere", &items[..1])$($await)*;
                        assert!(matches!(error, Err(ClientError::Refused(_))));
                        mail.create("a b")$($await)*.unwrap();
                        mail.rename("a b", "c")$($await)*.unwrap();
                        let Err(ClientError::Refused(refused)) =
                            mail.delete("c")$($await)* else { panic!() };
                        assert_eq!(refused.status(), Status::Bad);
                    }
                );
            }

            /// What NOTIFY tells of other mailboxes is no answer.
            #[test]
            fn status_of_another_mailbox() {
                $run($($head)* {
                    let (mut rx, mut tx) = ([0; 128], [0; 96]);
                    let script = Script::new(
                        "S: * PREAUTH [CAPABILITY IMAP4rev1 NOTIFY] hi
                         C: A1 STATUS \"a\" (MESSAGES)
                         S: * STATUS A (MESSAGES 2)
                         S: A1 OK done
                         C: A2 NOTIFY SET (inboxes (MessageNew MessageExpunge))
                         S: A2 OK done
                         C: A3 STATUS \"A\" (MESSAGES)
                         S: * STATUS B (MESSAGES 7)
                         S: * STATUS A (MESSAGES 3)
                         S: A3 OK done
                         C: A4 STATUS \"inbox\" (MESSAGES)
                         S: * STATUS B (MESSAGES 7)
                         S: * STATUS INBOX (MESSAGES 4)
                         S: A4 OK done
                         C: A5 STATUS \"C\" (MESSAGES)
                         S: * STATUS B (MESSAGES 7)
                         S: A5 OK done",
                        7,
                    );
                    let mut mail = Client::connect(script, &mut rx, &mut tx)$($await)*.unwrap();
                    let items = [StatusItem::Messages];
                    let status = mail.status("a", &items)$($await)*.unwrap().unwrap();
                    assert_eq!(status.messages(), Some(2), "some servers spell it their way");
                    let groups = [NotifyGroup {
                        mailboxes: FilterMailboxes::Inboxes,
                        events: &[NotifyEvent::MessageNew(&[]), NotifyEvent::MessageExpunge],
                    }];
                    mail.notify(&NotifyCommand::set(&groups))$($await)*.unwrap();
                    let status = mail.status("A", &items)$($await)*.unwrap().unwrap();
                    assert_eq!(status.messages(), Some(3));
                    let status = mail.status("inbox", &items)$($await)*.unwrap().unwrap();
                    assert_eq!(status.messages(), Some(4));
                    assert_eq!(mail.status("C", &items)$($await)*.unwrap(), None);
                });
            }

            #[test]
            fn copy_and_move() {
                session!(
                    "C: A1 SELECT \"INBOX\"
                     S: * 9 EXISTS
                     S: A1 OK done
                     C: A2 UID COPY 304,319:320 \"Archive\"
                     S: A2 OK [COPYUID 38505 304,319:320 3956:3958] Done
                     C: A3 UID MOVE 1:2 \"Archive\"
                     S: * OK [COPYUID 38505 1:2 5:6] Moved
                     S: * 2 EXPUNGE
                     S: * 1 EXPUNGE
                     S: A3 OK Done
                     C: A4 COPY 1 \"Archive\"
                     S: A4 NO [OVERQUOTA] full",
                    |mail| {
                        mail.select("INBOX")$($await)*.unwrap();
                        let set = "304,319:320".parse_set();
                        let mut copied = mail.uid_copy(set, "Archive")$($await)*.unwrap();
                        let uids = copied.next()$($await)*.unwrap().unwrap();
                        assert_eq!(uids.uid_validity, 38505);
                        assert!(uids.destination.numbers().unwrap().eq(3956..=3958));
                        assert!(copied.next()$($await)*.unwrap().is_none());
                        let mut moved = mail.uid_move(1..=2, "Archive")$($await)*.unwrap();
                        let uids = moved.next()$($await)*.unwrap().unwrap();
                        assert!(uids.source.numbers().unwrap().eq(1..=2));
                        assert!(moved.next()$($await)*.unwrap().is_none());
                        assert_eq!(mail.selected().unwrap().exists, 7);
                        let copied = mail.copy(1, "Archive")$($await)*.unwrap();
                        let Err(ClientError::Refused(refused)) =
                            copied.finish()$($await)* else { panic!() };
                        assert_eq!(refused.code(), Some(Code::OverQuota));
                    }
                );
            }

            #[test]
            fn enable_and_any_command() {
                session!(
                    "S: * PREAUTH [CAPABILITY IMAP4rev1 IMAP4rev2 ENABLE] hi
                     C: A1 ENABLE IMAP4rev2
                     S: * ENABLED IMAP4rev2
                     S: A1 OK done
                     C: A2 NOOP
                     S: * XYZZY 42
                     S: A2 OK done",
                    128, 96, |mail| {
                        let enabled = mail.enable(&["IMAP4rev2"])$($await)*.unwrap();
                        assert!(enabled.contains(&Capability::Imap4rev2));
                        assert!(mail.connection().is_utf8());
                        let mut responses = mail.run(&NoopCommand)$($await)*.unwrap();
                        let event = responses.next()$($await)*.unwrap();
                        assert!(matches!(event, Some(Event::Other { name: b"XYZZY", .. })));
                        assert!(responses.next()$($await)*.unwrap().is_none());
                        assert!(responses.next()$($await)*.unwrap().is_none());
                    }
                );
            }

            /// Sets that fit neither Tx nor what the server takes go in parts.
            #[test]
            fn long_sets_go_in_parts() {
                const UIDS: [u32; 12] =
                    [1001, 2003, 3005, 4007, 5009, 6011, 7013, 8015, 9017, 9102, 9203, 9304];
                // `<0-3>` are the first four of them.
                let mut script = String::from(
                    "S: * PREAUTH [CAPABILITY IMAP4rev1 UIDPLUS MOVE] hi
                     C: A1 SELECT \"INBOX\"
                     S: * 9 EXISTS
                     S: A1 OK
                     C: A2 UID FETCH <0-7> FLAGS
                     S: * 1 FETCH (UID 1001 FLAGS ())
                     S: * 2 FETCH (UID 2003 FLAGS ())
                     S: * 8 FETCH (FLAGS (\\Seen))
                     S: A2 NO Some of the requested messages no longer exist (Failure)
                     C: A3 UID FETCH <8-11> FLAGS
                     S: * 9 FETCH (UID 9102 FLAGS ())
                     S: A3 OK
                     C: A4 UID STORE <0-3> FLAGS (\\Seen)
                     S: A4 OK
                     C: A5 UID STORE <4-7> FLAGS (\\Seen)
                     S: * 3 FETCH (FLAGS (\\Seen))
                     S: A5 OK
                     C: A6 UID STORE <8-11> FLAGS (\\Seen)
                     S: A6 OK
                     C: A7 UID COPY <0-8> \"a\"
                     S: A7 OK [COPYUID 7 1001,2003 1:2] x
                     C: A8 UID COPY <9-11> \"a\"
                     S: A8 OK [COPYUID 7 9304 5] x
                     C: A9 UID MOVE <0-8> \"a\"
                     S: * OK [COPYUID 7 1001 9] x
                     S: * 1 EXPUNGE
                     S: A9 OK
                     C: A10 UID MOVE <9-11> \"a\"
                     S: A10 NO [TRYCREATE] x
                     C: A11 UID EXPUNGE <0-8>
                     S: * 1 EXPUNGE
                     S: A11 OK
                     C: A12 UID EXPUNGE <9-11>
                     S: A12 OK
                     C: A13 FETCH <0-6> (UID FLAGS)
                     S: * 1 FETCH (UID 1)
                     S: A13 OK
                     C: A14 NOOP
                     S: A14 OK
                     C: A15 FETCH <0-6> (UID FLAGS)
                     S: * 1 EXPUNGE
                     S: A15 OK
                     C: A16 NOOP
                     S: A16 OK",
                );
                while let Some((before, rest)) = script.split_once('<') {
                    let (range, after) = rest.split_once('>').unwrap();
                    let (from, to) = range.split_once('-').unwrap();
                    let uids = &UIDS[from.parse().unwrap()..=to.parse().unwrap()];
                    let uids: Vec<_> = uids.iter().map(u32::to_string).collect();
                    script = format!("{before}{}{after}", uids.join(","));
                }
                session!(
                    &script, 128, 76, |mail| {
                        mail.select("INBOX")$($await)*.unwrap();
                        let mut seen = 0;
                        let items = vec![Fetch::Flags];
                        let mut messages = mail.uid_fetch(&UIDS, &items)$($await)*.unwrap();
                        drop(items);
                        while let Some(mut message) = messages.next()$($await)*.unwrap() {
                            while let Some(item) = message.next()$($await)*.unwrap() {
                                seen += u32::from(matches!(item, event::Fetch::Item(Item::Uid(_))));
                            }
                        }
                        assert!(messages.next()$($await)*.unwrap().is_none());
                        assert_eq!(seen, 3);

                        let store = StoreCommand::replace(&UIDS, &[Flag::Seen]).uid();
                        mail.store(&store)$($await)*.unwrap().finish()$($await)*.unwrap();

                        let mut copies = Vec::new();
                        let mut copied = mail.uid_copy(&UIDS, "a")$($await)*.unwrap();
                        while let Some(uids) = copied.next()$($await)*.unwrap() {
                            copies.extend(uids.destination.numbers().unwrap());
                        }
                        assert!(copied.next()$($await)*.unwrap().is_none());
                        assert_eq!(copies, [1, 2, 5]);

                        let mut moved = mail.uid_move(&UIDS, "a")$($await)*.unwrap();
                        assert!(moved.next()$($await)*.unwrap().is_some());
                        let Err(ClientError::Refused(refused)) = moved.finish()$($await)* else {
                            panic!()
                        };
                        assert_eq!(refused.code(), Some(Code::TryCreate));

                        mail.uid_expunge(&UIDS)$($await)*.unwrap();

                        // What is given up early is not gone on with.
                        let two = [Fetch::Uid, Fetch::Flags];
                        let mut messages = mail.fetch(&UIDS, &two)$($await)*.unwrap();
                        assert!(messages.next()$($await)*.unwrap().is_some());
                        mail.noop()$($await)*.unwrap();

                        // The numbers that are left would be those of others.
                        let messages = mail.fetch(&UIDS, &two)$($await)*.unwrap();
                        assert_eq!(
                            messages.finish()$($await)*.unwrap_err(),
                            UsageError::NumbersChanged.into()
                        );
                        mail.noop()$($await)*.unwrap();
                    }
                );
            }

            #[test]
            fn what_cannot_go_in_parts_is_refused() {
                session!(
                    "S: * PREAUTH [CAPABILITY IMAP4rev1 UIDPLUS MOVE] hi
                     C: A1 SELECT \"INBOX\"
                     S: A1 OK
                     C: A2 UID FETCH 1000:2000,1500:3000,5 UID
                     S: A2 OK
                     C: A3 UID FETCH 1:* UID
                     S: A3 OK
                     C: A4 NOOP
                     S: A4 OK",
                    128, 48, |mail| {
                        mail.select("INBOX")$($await)*.unwrap();
                        let set = "1000:2000,1500:3000,5";
                        let full = |result: Result<_, ClientError<ErrorKind>>| {
                            matches!(
                                result,
                                Err(ClientError::Connection(Error::Resource(
                                    ResourceError::TxFull { .. }
                                )))
                            )
                        };
                        mail.uid_fetch(set.parse_set(), &[Fetch::Uid])$($await)*
                            .unwrap()
                            .finish()$($await)*
                            .unwrap();
                        // Some would be copied twice; and numbers change.
                        let twice = mail.uid_copy(set.parse_set(), "Archives/2026")$($await)*.map(|_| ());
                        assert!(full(twice));
                        let more = "1000:2000,2500:3000,4000:*";
                        let more = mail.uid_move(more.parse_set(), "Archives/2026")$($await)*.map(|_| ());
                        assert!(full(more));
                        let numbers = [1111, 2222, 3333, 4444, 5555, 6666, 7777];
                        let numbers = mail.copy(&numbers, "Archive")$($await)*.map(|_| ());
                        assert!(full(numbers));
                        // Not one number beside the rest.
                        let name = "0123456789abc";
                        let little = mail.uid_copy(&[1_000_000_000, 3_000_000_000], name)$($await)*;
                        assert!(full(little.map(|_| ())));
                        mail.uid_fetch(SequenceSet::ALL, &[Fetch::Uid])$($await)*
                            .unwrap()
                            .finish()$($await)*
                            .unwrap();
                        mail.noop()$($await)*.unwrap();
                    }
                );
            }

            /// No command is longer than the server takes, with or without its quirk.
            #[test]
            fn commands_are_as_long_as_the_server_takes() {
                let uids: Vec<u32> = (0..2000).map(|it| 1_000_000 + 2 * it).collect();
                for (name, longest) in [("X", 8000), ("XYMHIGHESTMODSEQ", 1000)] {
                    let mut script =
                        format!("S: * PREAUTH [CAPABILITY IMAP4rev1 {name}] hi\nC: A1 SELECT \"a\"\nS: A1 OK\n");
                    let mut rest = &uids[..];
                    for tag in 2.. {
                        // "A10 UID STORE 1000000,…,1000002 FLAGS (\Seen)" and CRLF
                        let around = format!("A{tag} UID STORE  FLAGS (\\Seen)").len() + 2;
                        let count = ((longest - around + 1) / 8).min(rest.len());
                        let (now, later) = rest.split_at(count);
                        let set: Vec<_> = now.iter().map(u32::to_string).collect();
                        let set = set.join(",");
                        script += &format!("C: A{tag} UID STORE {set} FLAGS (\\Seen)\nS: A{tag} OK\n");
                        rest = later;
                        if rest.is_empty() {
                            break;
                        }
                    }
                    assert_eq!(script.matches("UID STORE").count(), 16000 / longest + 1);
                    session!(&script, 128, 10000, |mail| {
                        mail.select("a")$($await)*.unwrap();
                        let store = StoreCommand::replace(&uids[..], &[Flag::Seen]).uid();
                        mail.store(&store)$($await)*.unwrap().finish()$($await)*.unwrap();
                    });
                }
            }

            /// 163.com lets nobody select who has not said who asks.
            #[test]
            fn quirks_are_followed() {
                let id = format!("A3 ID (\"name\" \"mailwire\" \"version\" \"{}\")", env!("CARGO_PKG_VERSION"));
                session!(
                    &format!("S: * OK Coremail System IMap Server Ready(163com[x])
                     C: A1 CAPABILITY
                     S: * CAPABILITY IMAP4rev1 XLIST SPECIAL-USE ID
                     S: A1 OK
                     C: A2 LOGIN \"a\" \"b\"
                     S: A2 OK [CAPABILITY IMAP4rev1 ID MOVE NAMESPACE] x
                     C: {id}
                     S: * ID (\"name\" \"Coremail\")
                     S: A3 OK
                     C: A4 SELECT \"INBOX\"
                     S: A4 OK
                     C: A5 FETCH 1 BODY[]
                     S: A5 OK
                     C: A6 LSUB \"\" \"*\"
                     S: A6 OK"),
                    128, 96, |mail| {
                        mail.login("a", "b")$($await)*.unwrap();
                        assert_eq!(mail.connection().quirks(), Quirks::ID_AFTER_LOGIN);
                        mail.select("INBOX")$($await)*.unwrap();
                        let quirks = Quirks::NO_MOVE | Quirks::NO_NAMESPACE | Quirks::NO_RFC822;
                        mail.set_quirks(quirks);
                        assert!(!mail.capabilities().contains(&Capability::Move));
                        assert_eq!(
                            mail.uid_move(1, "x")$($await)*.map(|_| ()).unwrap_err(),
                            UsageError::NotOffered("MOVE").into()
                        );
                        assert!(mail.namespace()$($await)*.is_err());
                        let messages = mail.fetch(1, &[Fetch::Rfc822])$($await)*.unwrap();
                        messages.finish()$($await)*.unwrap();
                        let mut lsub = mail.lsub("", "*")$($await)*.unwrap();
                        assert!(lsub.next()$($await)*.unwrap().is_none());
                    }
                );
                // IMAP4rev2 has no LSUB.
                session!(
                    "S: * PREAUTH [CAPABILITY IMAP4rev2] hi
                     C: A1 LIST (SUBSCRIBED) \"\" \"*\"
                     S: * LIST (\\Subscribed) \"/\" a
                     S: A1 OK",
                    128, 96, |mail| {
                        let mut lsub = mail.lsub("", "*")$($await)*.unwrap();
                        assert_eq!(lsub.next()$($await)*.unwrap().unwrap().mailbox, "a");
                        assert!(lsub.next()$($await)*.unwrap().is_none());
                    }
                );
            }

            #[test]
            fn timeouts() {
                session!("C: A1 NOOP\nS: \\\nS: A1 OK", |mail| {
                    // Without a clock it is the caller who must know when to give up.
                    assert_eq!(
                        mail.noop()$($await)*.unwrap_err(),
                        ClientError::Io(ErrorKind::TimedOut)
                    );
                    assert!(!mail.connection().is_quiet());
                    mail.driver_mut().next()$($await)*.unwrap();
                    assert!(mail.connection().is_quiet());
                });
                $run($($head)* {
                    let (mut rx, mut tx) = ([0; 128], [0; 64]);
                    // Each look at it takes it a second further.
                    let mut seconds = 0;
                    let clock = move || {
                        seconds += 1;
                        Instant::from_millis(seconds * 1000)
                    };
                    let script = Script::new(
                        "S: * PREAUTH [CAPABILITY IMAP4rev1 IDLE] hi
                         C: A1 IDLE
                         S: + idling
                         S: \\
                         S: * 1 EXISTS
                         S: \\
                         S: \\
                         S: \\
                         C: DONE
                         S: A1 OK
                         C: A2 NOOP
                         S: \\
                         S: \\
                         S: \\
                         S: \\
                         S: \\",
                        4096,
                    );
                    let mut config = Config::new();
                    config.timeout = Some(Duration::from_secs(10));
                    let mut mail =
                        Client::connect_with(config, clock, script, &mut rx, &mut tx)$($await)*
                            .unwrap();
                    let mut idle = mail.idle()$($await)*.unwrap();
                    let event = idle.next()$($await)*.unwrap();
                    assert!(matches!(event, Some(Event::Exists(1))));
                    let at = Instant::from_millis(15_000);
                    assert!(idle.next_until(at)$($await)*.unwrap().is_none());
                    idle.done()$($await)*.unwrap();
                    assert_eq!(
                        mail.noop()$($await)*.unwrap_err(),
                        ClientError::Connection(Error::Peer(PeerError::Timeout))
                    );
                });
            }
        }
    };
}

trait ParseSet {
    fn parse_set(&self) -> mailwire::imap::SequenceSet<'_>;
}

impl ParseSet for str {
    fn parse_set(&self) -> mailwire::imap::SequenceSet<'_> {
        self.try_into().unwrap()
    }
}

flows!(blocking, at_once, [||], []);
flows!(asynch, block_on, [async], [.await]);

/// A future that is dropped halfway leaves the client such that the next call works.
#[test]
fn cancelled_at_every_await() {
    use mailwire::imap::asynch::Client;
    for polls in 1..60 {
        let (mut rx, mut tx) = ([0; 64], [0; 64]);
        let script = Script::new(
            "S: * PREAUTH [CAPABILITY IMAP4rev1] hi
             C: A1 EXAMINE \"INBOX\"
             S: * 3 EXISTS
             S: A1 OK done
             C: A2 NOOP
             S: A2 OK done",
            5,
        );
        let mut mail = block_on(Client::connect(script, &mut rx, &mut tx)).unwrap();
        {
            let mut examine = pin!(mail.examine("INBOX"));
            for _ in 0..polls {
                let mut context = Context::from_waker(Waker::noop());
                if let Poll::Ready(inbox) = examine.as_mut().poll(&mut context) {
                    assert_eq!(inbox.unwrap().exists, 3);
                    break;
                }
            }
        }
        block_on(mail.noop()).unwrap();
        assert_eq!(mail.selected().unwrap().exists, 3);
    }
}

/// Executors of several threads want futures that can be sent.
#[test]
fn futures_are_send() {
    fn is_send<T: Send>(_: &T) {}
    use mailwire::imap::asynch::Client;
    let (mut rx, mut tx) = ([0; 128], [0; 64]);
    let script = Script::new("S: * PREAUTH [CAPABILITY IMAP4rev1] hi", 99);
    let connect = Client::connect(script, &mut rx, &mut tx);
    is_send(&connect);
    let mut mail = block_on(connect).unwrap();
    is_send(&mail.login("alice", "secret"));
    is_send(&mail.authenticate(&mut mailwire::sasl::Plain::new("a", "b")));
    is_send(&mail.uid_fetch(1..=2, &[]));
    is_send(&mail.append("Sent", &[], None, b""));
}

/// A socket that holds back what was written until it is flushed, as TLS does.
struct Held {
    script: Script,
    held: Vec<u8>,
}

impl embedded_io::ErrorType for Held {
    type Error = ErrorKind;
}

impl embedded_io_async::Read for Held {
    async fn read(&mut self, room: &mut [u8]) -> Result<usize, ErrorKind> {
        embedded_io_async::Read::read(&mut self.script, room).await
    }
}

impl embedded_io_async::Write for Held {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.held.extend(bytes);
        Ok(bytes.len())
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        while !self.held.is_empty() {
            let count = embedded_io_async::Write::write(&mut self.script, &self.held).await?;
            self.held.drain(..count);
        }
        Ok(())
    }
}

/// What was written before a future was dropped is flushed by the next.
#[test]
fn cancelled_while_it_flushes() {
    use mailwire::imap::asynch::Client;
    for polls in 1..30 {
        let (mut rx, mut tx) = ([0; 64], [0; 64]);
        let script = Script::new(
            "S: * PREAUTH [CAPABILITY IMAP4rev1] hi
             C: A1 EXAMINE \"INBOX\"
             S: * 3 EXISTS
             S: A1 OK done
             C: A2 NOOP
             S: A2 OK done",
            5,
        );
        let socket = Held { script, held: Vec::new() };
        let mut mail = block_on(Client::connect(socket, &mut rx, &mut tx)).unwrap();
        {
            let mut examine = pin!(mail.examine("INBOX"));
            for _ in 0..polls {
                let mut context = Context::from_waker(Waker::noop());
                if examine.as_mut().poll(&mut context).is_ready() {
                    break;
                }
            }
        }
        block_on(mail.noop()).unwrap();
        assert_eq!(mail.selected().unwrap().exists, 3);
    }
}

/// A server that answers what it is asked, on a socket that makes each call wait.
#[derive(Default)]
struct Answering {
    heard: Vec<u8>,
    said: std::collections::VecDeque<u8>,
    /// The tag and name of the command that goes on.
    open: Option<(String, String)>,
    /// How much of a literal is to come.
    literal: usize,
    waits: bool,
}

impl Answering {
    fn new(capabilities: &str) -> Self {
        let mut this = Self::default();
        this.say(&format!("* OK [CAPABILITY IMAP4rev1 {capabilities}] hi\r\n"));
        this
    }

    fn say(&mut self, text: &str) {
        self.said.extend(text.as_bytes());
    }

    fn work(&mut self) {
        loop {
            if self.literal > 0 {
                let count = self.literal.min(self.heard.len());
                self.heard.drain(..count);
                self.literal -= count;
                if self.literal > 0 {
                    return;
                }
            }
            let Some(end) = self.heard.windows(2).position(|two| two == b"\r\n") else { return };
            let line: Vec<u8> = self.heard.drain(..end + 2).collect();
            let line = String::from_utf8(line).unwrap().trim_end().to_owned();
            let (tag, name, rest) = match self.open.take() {
                Some((tag, name)) => (tag, name, line),
                None => {
                    let (tag, rest) = line.split_once(' ').unwrap_or((&line, ""));
                    assert!(tag.starts_with('A'), "{line:?} is no command");
                    let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                    let (tag, name) = (String::from(tag), String::from(name));
                    if name == "IDLE" || name == "AUTHENTICATE" {
                        self.say("+ \r\n* 4 EXISTS\r\n");
                        self.open = Some((tag, name));
                        continue;
                    }
                    (tag, name, rest.to_owned())
                }
            };
            if let Some((_, size)) = rest.split_once('{') {
                let plus = size.contains('+');
                self.literal = size.trim_end_matches(['}', '+']).parse().unwrap();
                if !plus {
                    self.say("+ go on\r\n");
                }
                self.open = Some((tag, name));
                continue;
            }
            let end = match (name.as_str(), rest.as_str()) {
                ("UID", rest) if rest.starts_with("FETCH") => {
                    self.say("* 1 FETCH (UID 1 BODY[] {12}\r\nA1 OK\r\n* BYE FLAGS ())\r\n");
                    "OK"
                }
                ("UID", _) => {
                    self.say("* SEARCH 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20\r\n");
                    "OK"
                }
                ("AUTHENTICATE", "*") => "BAD",
                ("IDLE", said) => {
                    assert_eq!(said, "DONE");
                    "OK"
                }
                ("LOGIN", rest) => {
                    assert_eq!(rest, "\"alice\" \"secret\"");
                    "OK"
                }
                ("CAPABILITY", _) => {
                    self.say("* CAPABILITY IMAP4rev1 IDLE COMPRESS=DEFLATE UNAUTHENTICATE\r\n");
                    "OK"
                }
                _ => "OK",
            };
            self.say(&format!("{tag} {end} done\r\n"));
        }
    }

    async fn wait(&mut self) {
        core::future::poll_fn(|_| {
            self.waits = !self.waits;
            if self.waits { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

impl embedded_io::ErrorType for Answering {
    type Error = ErrorKind;
}

impl embedded_io_async::Read for Answering {
    async fn read(&mut self, room: &mut [u8]) -> Result<usize, ErrorKind> {
        self.wait().await;
        assert!(!self.said.is_empty(), "it waits for ever");
        let count = room.len().min(self.said.len()).min(5);
        for place in &mut room[..count] {
            *place = self.said.pop_front().unwrap();
        }
        Ok(count)
    }
}

impl embedded_io_async::Write for Answering {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.wait().await;
        let count = bytes.len().min(7);
        self.heard.extend(&bytes[..count]);
        self.work();
        Ok(count)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        self.wait().await;
        Ok(())
    }
}

/// Whatever call is dropped, and wherever: the next one works, or says that none will.
#[test]
fn any_call_cancelled_at_every_await() {
    use mailwire::imap::asynch::Client;
    use mailwire::imap::{ClientError, Fetch, Search};
    use mailwire::sasl::Plain;
    use mailwire::{Error, UsageError};
    for capabilities in ["IDLE", "IDLE LITERAL+"] {
        for flow in 0..9 {
            let mut busy = 0;
            for polls in 1..200 {
                let (mut rx, mut tx) = ([0; 64], [0; 64]);
                let socket = Answering::new(capabilities);
                let mut mail = block_on(Client::connect(socket, &mut rx, &mut tx)).unwrap();
                if flow > 1 {
                    block_on(mail.login("alice", "secret")).unwrap();
                    block_on(mail.examine("INBOX")).unwrap();
                }
                // It is not compressed in truth.
                let took = |_: &mut Answering, received: &[u8]| received.len();
                if flow > 7 {
                    block_on(mail.compress(took)).unwrap();
                }
                let ended = {
                    let mail = &mut mail;
                    let mut plain = Plain::new("alice", "secret");
                    let mut call = pin!(async move {
                        match flow {
                            0 => mail.login("alice", "secret").await?,
                            1 => mail.authenticate(&mut plain).await?,
                            2 => {
                                let items = [Fetch::peek("")];
                                let mut messages = mail.uid_fetch(1, &items).await?;
                                while let Some(mut message) = messages.next().await? {
                                    while message.next().await?.is_some() {}
                                }
                            }
                            3 => {
                                let mut found = mail.uid_search(&[Search::All]).await?;
                                while found.next().await?.is_some() {}
                            }
                            4 => {
                                let mut idle = mail.idle().await?;
                                idle.next().await?;
                                idle.done().await?;
                            }
                            5 => {
                                mail.append("INBOX", &[], None, &[b'x'; 100]).await?;
                            }
                            6 => {
                                mail.create("caf\u{e9} \r\n").await?;
                            }
                            7 => mail.compress(took).await?,
                            _ => mail.unauthenticate_with(|_| {}).await?,
                        }
                        Ok::<(), ClientError<ErrorKind>>(())
                    });
                    let mut context = Context::from_waker(Waker::noop());
                    (0..polls).any(|_| match call.as_mut().poll(&mut context) {
                        Poll::Ready(result) => {
                            result.unwrap();
                            true
                        }
                        Poll::Pending => false,
                    })
                };
                match block_on(mail.noop()) {
                    Ok(()) => {}
                    Err(ClientError::Connection(Error::Usage(UsageError::LiteralAbandoned)))
                        if flow == 5 => {}
                    // What comes next may be compressed: it has to be made anew.
                    Err(ClientError::Connection(Error::Usage(UsageError::Busy))) if flow > 6 => {
                        match flow {
                            7 => block_on(mail.compress(took)).unwrap(),
                            _ => block_on(mail.unauthenticate_with(|_| {})).unwrap(),
                        }
                        assert_eq!(mail.connection().is_compressed(), flow == 7);
                        block_on(mail.noop()).unwrap();
                        busy += 1;
                    }
                    Err(error) => panic!("{flow} after {polls}: {error}"),
                }
                if ended {
                    break;
                }
            }
            assert_eq!(busy > 0, flow > 6, "{flow}");
        }
    }
}
