//! The watcher.

use crate::args::Args;
use crate::error::{Thrown, code, invalid, thrown};
use crate::imap::config;
use crate::imap_commands;
use crate::memory::{After, Kept, Link, common};
use crate::prelude::{Box, String, Vec};
use bumpalo::Bump;
use js_sys::{JsString, Uint8Array};
use mailwire::imap::command::AuthenticateCommand;
use mailwire::sasl::Response;
use mailwire::watch::{
    Backoff, Cause, Cursor, Event, Filter, ImapConfig, ImapWatch, Login, Start, Watched,
};
use mailwire::{Duration, Instant, Machine, Secret};
use wasm_bindgen::prelude::wasm_bindgen;

/// Mailboxes that are watched over IMAP.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Watch {
    watch: ImapWatch<'static>,
    link: Link,
    // The last of what borrows: see `Kept`.
    _arena: Arena,
    _kept: Kept,
}

/// What the watcher borrows beside bytes.
#[derive(Debug)]
struct Arena {
    bump: *mut Bump,
    mailboxes: *mut [Watched<'static>],
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: both came from boxes, and `Watch` drops this behind all that borrows from them.
        unsafe {
            drop(Box::from_raw(self.mailboxes));
            drop(Box::from_raw(self.bump));
        }
    }
}

common!(Watch);

#[wasm_bindgen]
impl Watch {
    /// From arguments: see `watch.js`.
    #[wasm_bindgen(constructor)]
    pub fn new(rx: u32, args: Vec<u8>) -> Thrown<Self> {
        let mut kept = Kept::default();
        let args: &'static [u8] = kept.bytes(args);
        let bump = Box::into_raw(Box::new(Bump::new()));
        // SAFETY: it came from a box, and lives as long as `Arena`.
        let a = Args::new(args, unsafe { &*bump });
        let mut it = ImapConfig::new(match a.bool() {
            true => Login::password(a.str(), Secret::new(a.bytes())),
            false => Login::Caller,
        });
        it.connection = config(a.u32(), false, true);
        it.start_tls = a.bool();
        it.filter = Filter::new(imap_commands::keys(&a));
        it.start = if a.bool() { Start::Everything } else { Start::Now };
        it.idle = Some(a.u32()).filter(|&ms| ms > 0).map(|ms| Duration::from_millis(ms.into()));
        it.poll = Duration::from_millis(a.u32().into());
        it.mark_seen = a.bool();
        it.preview = a.bool();
        let mut backoff = Backoff::new();
        backoff.first = Duration::from_millis(a.u32().into());
        backoff.most = Duration::from_millis(a.u32().into());
        backoff.seed = a.u32();
        it.backoff = backoff;
        let watched = a.list(|a| {
            let mut cursor = Cursor::new();
            let mailbox = a.str();
            if let Some((validity, next_uid, mod_seq)) =
                a.option(|a| (a.option(Args::u64), a.u32(), a.u64()))
            {
                (cursor.uid_validity, cursor.next_uid, cursor.mod_seq) =
                    (validity, next_uid, mod_seq);
            }
            Watched::new(mailbox, cursor)
        });
        let broken = a.broken();
        let mailboxes = Box::into_raw(watched.to_vec().into_boxed_slice());
        let arena = Arena { bump, mailboxes };
        if let Some(why) = broken {
            return Err(invalid(why));
        }
        let text: &'static mut [u8] = kept.bytes(vec![0; 4096]);
        // SAFETY: it came from a box, is borrowed here only, and lives as long as `Arena`.
        let watch = ImapWatch::new(it, unsafe { &mut *mailboxes }, text);
        Ok(Self { watch, link: Link::new(rx, 1 << 13), _arena: arena, _kept: kept })
    }

    /// See [`Link::feed`].
    pub fn feed(&mut self, chunk: &Uint8Array, from: u32, now: f64) -> JsString {
        let moment = Instant::from_millis(now as u64);
        self.link.feed(&mut self.watch, chunk, from, now, |watch, buffers, records, _| {
            let mut after = After::GoOn;
            match watch.event(buffers) {
                Event::StartTls => {
                    records.event("start_tls");
                    after = After::Change;
                }
                Event::LogIn => {
                    records.event("log_in");
                    after = After::Turn;
                }
                Event::Challenge { challenge, truncated } => {
                    records.event("challenge");
                    records.field("challenge", &mailwire::Str::new(challenge));
                    records.field("truncated", &truncated);
                    after = After::Turn;
                }
                Event::LoggedIn { text } => {
                    records.event("logged_in");
                    records.field("text", &text);
                }
                Event::Open { mailbox, exists, reset } => {
                    records.event("open");
                    records.field("mailbox", &(mailbox as u32));
                    records.field("exists", &exists);
                    records.field("reset", &reset);
                }
                Event::Alert(alert) => {
                    records.event("alert");
                    records.field("mailbox", &(alert.mailbox as u32));
                    records.field("uid", &alert.uid);
                    records.name("from");
                    let from: Vec<_> = alert.from.collect();
                    let _ = serde::Serialize::serialize(from.as_slice(), &mut *records);
                    records.field("subject", &alert.subject);
                    records.field("date", &alert.date);
                    records.field("size", &alert.size);
                    records.field("flags", &alert.flags);
                    records.field("preview", &alert.preview);
                }
                Event::CaughtUp => {
                    records.event("caught_up");
                    after = After::Turn;
                }
                Event::Refused { login, mailbox, text } => {
                    records.event("refused");
                    records.field("login", &login);
                    records.field("mailbox", &(mailbox as u32));
                    records.field("text", &text);
                }
                Event::Retry { at, cause } => {
                    records.event("retry");
                    records.field("delay", &at.since(moment).as_millis());
                    records.field(
                        "cause",
                        match &cause {
                            Cause::Connection(error) => code(error),
                            Cause::Unreachable => "UNREACHABLE",
                            Cause::Refused => "REFUSED",
                            Cause::Bye => "BYE",
                            _ => "POLL",
                        },
                    );
                    after = After::Turn;
                }
                _ => {
                    records.event("other");
                    after = After::Turn;
                }
            }
            records.end();
            after
        })
    }

    /// An alert was dealt with.
    pub fn acknowledge(&mut self, mailbox: usize, uid: u32) {
        self.watch.acknowledge(mailbox, uid);
    }

    /// Tells the cursors, as one value.
    pub fn cursors(&mut self) -> JsString {
        let records = self.link.tell();
        let all: Vec<Cursor> = self.watch.mailboxes().iter().map(|it| it.cursor).collect();
        let _ = serde::Serialize::serialize(all.as_slice(), records);
        self.link.texts()
    }

    /// TLS has begun.
    #[wasm_bindgen(js_name = tlsStarted)]
    pub fn tls_started(&mut self) -> Thrown<()> {
        self.watch.tls_started(&self.link.buffers.rx).map_err(thrown)
    }

    /// There is a new transport.
    pub fn reconnect(&mut self) {
        self.watch.reconnect(&mut self.link.buffers);
    }

    /// None could be had.
    pub fn unreachable(&mut self) {
        self.watch.unreachable(&mut self.link.buffers);
    }

    /// Ends it in order.
    pub fn stop(&mut self) -> Thrown<()> {
        self.watch.stop(&mut self.link.buffers.tx).map_err(thrown)
    }

    /// Begins AUTHENTICATE.
    pub fn authenticate(&mut self, mechanism: &str, initial: Option<Vec<u8>>) -> Thrown<String> {
        let response = initial.as_deref().map(Response::new);
        let mut command = AuthenticateCommand::new(mechanism);
        command.initial_response = response.as_ref();
        let connection = self.watch.connection_mut();
        let sent = self.link.send(|tx| connection.send(&command, tx));
        sent.map(|tag| tag.as_str().into()).map_err(thrown)
    }

    /// Answers a challenge.
    pub fn respond(&mut self, response: &[u8]) -> Thrown<()> {
        let connection = self.watch.connection_mut();
        self.link.send(|tx| connection.respond(&Response::new(response), tx)).map_err(thrown)
    }

    /// Gives up AUTHENTICATE.
    pub fn cancel(&mut self) -> Thrown<()> {
        self.watch.connection_mut().cancel(&mut self.link.buffers.tx).map_err(thrown)
    }
}
