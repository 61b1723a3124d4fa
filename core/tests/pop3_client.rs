//! The POP3 client over a scripted socket, blocking and async from the same text, the
//! server's bytes cut in several ways.
#![cfg(all(feature = "pop3", feature = "embedded-io", feature = "embedded-io-async"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]
#![allow(clippy::arithmetic_side_effects)]

mod script;

use script::*;

macro_rules! flows {
    ($flavour:ident, $run:ident, [$($head:tt)*], [$($await:tt)*]) => {
        mod $flavour {
            use super::*;
            use mailwire::pop3::command::*;
            use mailwire::pop3::$flavour::Client;
            use mailwire::pop3::{Capability, ClientError, Code, Event, State};
            use mailwire::sasl::{self, Credentials, Link, Login, Plain};
            use mailwire::{Error, PeerError, UsageError};

            /// Runs a flow after the greeting, before login.
            macro_rules! session {
                ($capabilities:expr, $script:expr, |$mail:ident| $body:block) => {
                    for cut in CUTS {
                        $run($($head)* {
                            let (mut rx, mut tx) = ([0; 96], [0; 96]);
                            let text = concat!(
                                "S: +OK ready <1896.697170952@dbc.mtview.ca.us>\nC: CAPA\n",
                                "S: +OK\nS: ", $capabilities, "\nS: .\n", $script
                            );
                            let script = Script::new(text, cut);
                            #[allow(unused_mut)]
                            let mut $mail = Client::connect(script, &mut rx, &mut tx)$($await)*.unwrap();
                            $body
                        });
                    }
                };
            }

            /// Runs a flow after login.
            macro_rules! transaction {
                ($capabilities:expr, $script:expr, |$mail:ident| $body:block) => {
                    session!(
                        "USER",
                        concat!(
                            "C: USER alice\nS: +OK\nC: PASS secret\nS: +OK\nC: CAPA\nS: +OK\nS: ",
                            $capabilities, "\nS: .\n", $script
                        ),
                        |$mail| {
                            $mail.login("alice", "secret")$($await)*.unwrap();
                            $body
                        }
                    );
                };
            }

            #[test]
            fn login_learns_capabilities() {
                session!(
                    "TOP",
                    "C: USER alice
                     S: +OK
                     C: PASS wrong word
                     S: -ERR [AUTH] go away
                     C: USER alice
                     S: +OK
                     C: PASS secret
                     S: +OK Logged in.
                     C: CAPA
                     S: +OK
                     S: UIDL
                     S: .
                     C: NOOP
                     S: +OK
                     C: CAPA
                     S: -ERR not again
                     C: QUIT
                     S: +OK bye",
                    |mail| {
                        assert!(mail.capabilities().contains(&Capability::Top));
                        let Err(ClientError::Refused(refused)) =
                            mail.login("alice", "wrong word")$($await)* else { panic!() };
                        assert_eq!(refused.code(), Some(Code::Auth));
                        assert_eq!(refused.text(), "go away");
                        assert_eq!(refused.to_string(), "the server said -ERR: go away");
                        mail.login("alice", "secret")$($await)*.unwrap();
                        assert!(mail.capabilities().contains(&Capability::Uidl));
                        assert!(!mail.capabilities().contains(&Capability::Top));
                        mail.noop()$($await)*.unwrap();
                        assert!(mail.capa()$($await)*.is_err());
                        mail.quit()$($await)*.unwrap();
                    }
                );
            }

            #[test]
            fn greetings() {
                $run($($head)* {
                    let (mut rx, mut tx) = ([0; 96], [0; 64]);
                    let script = Script::new("S: -ERR [SYS/TEMP] too busy", 9);
                    let Err(ClientError::Refused(refused)) =
                        Client::connect(script, &mut rx, &mut tx)$($await)* else { panic!() };
                    assert_eq!(refused.code(), Some(Code::SysTemp));
                    let gone = Client::connect(Script::new("", 1), &mut rx, &mut tx)$($await)*;
                    let eof = ClientError::Connection(Error::Peer(PeerError::UnexpectedEof));
                    assert_eq!(gone.unwrap_err(), eof);
                    // A server without CAPA.
                    let script = Script::new(
                        "S: +OK\nC: CAPA\nS: -ERR what?\nC: QUIT\nS: +OK", 2
                    );
                    let mail = Client::connect(script, &mut rx, &mut tx)$($await)*.unwrap();
                    assert!(mail.capabilities().is_empty());
                    mail.quit()$($await)*.unwrap();
                });
            }

            #[test]
            fn a_bad_password_closes_the_connection() {
                session!("USER", "C: USER a\nS: +OK\nC: PASS b", |mail| {
                    let eof = ClientError::Connection(Error::Peer(PeerError::UnexpectedEof));
                    assert_eq!(mail.login("a", "b")$($await)*, Err(eof));
                });
            }

            #[cfg(feature = "apop")]
            #[test]
            fn apop() {
                session!(
                    "TOP",
                    "C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
                     S: +OK maildrop has 1 message (369 octets)
                     C: CAPA
                     S: -ERR",
                    |mail| {
                        mail.apop("mrose", "tanstaaf")$($await)*.unwrap();
                        assert_eq!(mail.connection().state(), State::Transaction);
                    }
                );
            }

            #[test]
            fn sasl() {
                session!(
                    "SASL PLAIN",
                    "C: AUTH PLAIN
                     S: + go ahead
                     C: AGFsaWNlAHNlY3JldA==
                     S: +OK
                     C: CAPA
                     S: -ERR",
                    |mail| {
                        mail.authenticate(&mut Plain::new("alice", "secret"))$($await)*.unwrap();
                        assert_eq!(mail.connection().state(), State::Transaction);
                    }
                );
                session!(
                    "SASL LOGIN",
                    "C: AUTH LOGIN
                     S: + VXNlciBOYW1lAA==
                     C: YWxpY2U=
                     S: + UGFzc3dvcmQA
                     C: c2VjcmV0
                     S: + more
                     C: *
                     S: -ERR cancelled
                     C: QUIT
                     S: +OK",
                    |mail| {
                        let mut login = Login::new("alice", "secret");
                        assert_eq!(
                            mail.authenticate(&mut login)$($await)*,
                            Err(ClientError::Sasl(sasl::Error::UnexpectedChallenge))
                        );
                        mail.quit()$($await)*.unwrap();
                    }
                );
            }

            #[test]
            fn the_best_mechanism() {
                session!(
                    "USER",
                    "C: USER alice
                     S: +OK
                     C: PASS secret
                     S: +OK
                     C: CAPA
                     S: -ERR",
                    |mail| {
                        let who = Credentials::Password { user: "alice", password: "secret".into() };
                        let nonce = b"twelve bytes";
                        assert_eq!(
                            mail.authenticate_best(who, Link::in_clear(), nonce)$($await)*,
                            Err(ClientError::Sasl(sasl::Error::LinkInClear))
                        );
                        mail.authenticate_best(who, Link::protected(), nonce)$($await)*.unwrap();
                    }
                );
            }

            #[test]
            fn upgrade() {
                session!(
                    "STLS",
                    "C: STLS
                     S: +OK begin
                     C: CAPA
                     S: +OK
                     S: SASL PLAIN
                     S: .
                     C: QUIT
                     S: +OK",
                    |mail| {
                        let (socket, mail) = mail.start_tls()$($await)*.unwrap();
                        let mail = mail.secured(socket)$($await)*.unwrap();
                        assert!(mail.capabilities().has_mechanism("PLAIN"));
                        assert!(!mail.capabilities().contains(&Capability::Stls));
                        mail.quit()$($await)*.unwrap();
                    }
                );
                session!("TOP", "", |mail| {
                    let no = ClientError::Connection(UsageError::NotOffered("STLS").into());
                    assert_eq!(mail.start_tls()$($await)*.err(), Some(no));
                });
            }

            #[test]
            fn listings() {
                transaction!(
                    "UIDL",
                    "C: STAT
                     S: +OK 2 320
                     C: LIST
                     S: +OK
                     S: 1 120
                     S: nonsense
                     S: 3 200
                     S: .
                     C: LIST 3
                     S: +OK 3 200
                     C: LIST 9
                     S: -ERR no such message
                     C: UIDL
                     S: +OK
                     S: 1   whqtswO00WBw418f9t5JxYwZ
                     S: 3 x
                     S: .
                     C: UIDL 3
                     S: +OK x
                     C: UIDL 9
                     S: -ERR no such message
                     C: RSET
                     S: +OK",
                    |mail| {
                        let stat = mail.stat()$($await)*.unwrap().unwrap();
                        assert_eq!((stat.messages, stat.size), (2, 320));
                        let mut sizes = Vec::new();
                        let mut list = mail.list()$($await)*.unwrap();
                        while let Some(item) = list.next()$($await)*.unwrap() {
                            sizes.push((item.number, item.size));
                        }
                        assert!(list.next()$($await)*.unwrap().is_none());
                        assert_eq!(sizes, [(1, 120), (3, 200)]);
                        assert_eq!(mail.list_one(3)$($await)*.unwrap().unwrap().size, 200);
                        let gone = mail.list_one(9)$($await)*;
                        assert!(matches!(gone, Err(ClientError::Refused(_))));
                        // Left early.
                        let mut uids = mail.uidl()$($await)*.unwrap();
                        let first = uids.next()$($await)*.unwrap().unwrap();
                        assert_eq!(first.uid, "whqtswO00WBw418f9t5JxYwZ");
                        let item = mail.uidl_one(3)$($await)*.unwrap().unwrap();
                        assert_eq!((item.number, item.uid.as_str()), (3, Some("x")));
                        assert!(mail.uidl_one(9)$($await)*.is_err());
                        mail.rset()$($await)*.unwrap();
                    }
                );
            }

            #[test]
            fn messages() {
                transaction!(
                    "TOP",
                    "C: RETR 1
                     S: +OK 9 octets
                     S: ..dot
                     S: end
                     S: .
                     C: TOP 1 0
                     S: +OK
                     S: From: a
                     S: .
                     C: RETR 2
                     S: -ERR gone
                     C: RETR 1
                     S: +OK
                     S: left early, and longer than Rx is: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                     S: .
                     C: DELE 1
                     S: +OK
                     C: QUIT
                     S: -ERR some not removed",
                    |mail| {
                        let mut text = Vec::new();
                        let mut message = mail.retr(1)$($await)*.unwrap();
                        assert_eq!(message.number(), 1);
                        while let Some(bytes) = message.next()$($await)*.unwrap() {
                            text.extend_from_slice(bytes);
                        }
                        assert!(message.next()$($await)*.unwrap().is_none());
                        assert_eq!(text, b".dot\r\nend\r\n");
                        let mut top = mail.top(1, 0)$($await)*.unwrap();
                        assert!(top.next()$($await)*.unwrap().is_some());
                        assert!(matches!(
                            mail.retr(2)$($await)*,
                            Err(ClientError::Refused(refused)) if refused.text() == "gone"
                        ));
                        mail.retr(1)$($await)*.unwrap();
                        mail.dele(1)$($await)*.unwrap();
                        assert!(matches!(mail.quit()$($await)*, Err(ClientError::Refused(_))));
                    }
                );
            }

            /// Reads all of a batch.
            macro_rules! read_all {
                ($batch:expr) => {{
                    let (mut batch, mut all) = ($batch, Vec::new());
                    loop {
                        match batch.next()$($await)* {
                            Ok(Some(mut message)) => {
                                let mut text = Vec::new();
                                while let Some(bytes) = message.next()$($await)*.unwrap() {
                                    text.extend_from_slice(bytes);
                                }
                                let text = String::from_utf8(text).unwrap();
                                all.push(format!("{} {}", message.number(), text.trim_end()));
                            }
                            Ok(None) => break all,
                            Err(ClientError::Refused(refused)) => all.push(refused.text().into()),
                            Err(error) => panic!("{error}"),
                        }
                    }
                }};
            }

            #[test]
            fn many_messages_at_once() {
                transaction!(
                    "PIPELINING",
                    "C: RETR 1
                     C: RETR 2
                     C: RETR 4
                     S: +OK
                     S: one
                     S: .
                     S: -ERR no two
                     S: +OK
                     S: four
                     S: .
                     C: NOOP
                     S: +OK",
                    |mail| {
                        let all = read_all!(mail.retr_all([1, 2, 4]));
                        assert_eq!(all, ["1 one", "no two", "4 four"]);
                        mail.noop()$($await)*.unwrap();
                    }
                );
                // Without PIPELINING, one by one.
                transaction!(
                    "TOP",
                    "C: RETR 1
                     S: +OK
                     S: one
                     S: .
                     C: RETR 2
                     S: +OK
                     S: two
                     S: .
                     C: NOOP
                     S: +OK",
                    |mail| {
                        let all = read_all!(mail.retr_all([1, 2]));
                        assert_eq!(all, ["1 one", "2 two"]);
                        mail.noop()$($await)*.unwrap();
                    }
                );
            }

            #[test]
            fn a_batch_that_is_left() {
                transaction!(
                    "PIPELINING",
                    "C: RETR 1
                     C: RETR 2
                     S: +OK
                     S: one
                     S: .
                     S: +OK
                     S: two
                     S: .
                     C: NOOP
                     S: +OK",
                    |mail| {
                        let mut batch = mail.retr_all(1..=2);
                        batch.next()$($await)*.unwrap().unwrap();
                        mail.noop()$($await)*.unwrap();
                    }
                );
            }

            #[test]
            fn any_command() {
                transaction!(
                    "LANG",
                    "C: LANG
                     S: +OK
                     S: en English
                     S: de
                     S: .
                     C: LANG de
                     S: +OK de gut
                     C: STAT
                     S: +OK 1 1",
                    |mail| {
                        let mut tags = Vec::new();
                        let mut languages = mail.lang_list()$($await)*.unwrap();
                        while let Some(language) = languages.next()$($await)*.unwrap() {
                            tags.push(language.tag.to_string());
                        }
                        assert_eq!(tags, ["en", "de"]);
                        mail.lang("de")$($await)*.unwrap();
                        let mut responses = mail.run(&StatCommand)$($await)*.unwrap();
                        assert!(matches!(responses.next()$($await)*, Ok(Some(Event::Stat(_)))));
                        assert_eq!(responses.next()$($await)*, Ok(None));
                        let busy = mail.utf8()$($await)*;
                        let state = ClientError::Connection(UsageError::WrongState.into());
                        assert_eq!(busy, Err(state));
                    }
                );
            }
        }
    };
}

flows!(blocking, at_once, [||], []);
flows!(asynch, block_on, [async], [.await]);
