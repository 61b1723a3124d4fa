//! The watcher, over IMAP or POP3.

use crate::args::Args;
use crate::error::{Thrown, code, invalid, sasl, thrown};
use crate::imap::config;
use crate::imap_commands;
use crate::memory::{After, Kept, Link, common};
use crate::prelude::{Box, Vec};
use crate::sasl::Exchange;
use bumpalo::Bump;
use js_sys::{JsString, Uint8Array};
use mailwire::imap::command::AuthenticateCommand;
use mailwire::pop3::command::AuthCommand;
use mailwire::watch::{
    Backoff, Cause, Cursor, Event, Filter, ImapConfig, ImapWatch, Login, Pop3Config, Pop3Watch,
    Record, Start, Watch as Either, Watched,
};
use mailwire::{Duration, Instant, Machine, Secret};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

/// Mailboxes that are watched over IMAP, or a maildrop over POP3.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Watch {
    watch: Either<'static>,
    login: Option<Exchange>,
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
    /// From arguments: see `connection.js`.
    #[wasm_bindgen(constructor)]
    pub fn new(rx: u32, args: Vec<u8>) -> Thrown<Self> {
        let mut kept = Kept::default();
        let args: &'static [u8] = kept.bytes(args);
        let bump = Box::into_raw(Box::new(Bump::new()));
        // SAFETY: it came from a box, and lives as long as `Arena`.
        let a = Args::new(args, unsafe { &*bump });
        let login = match a.bool() {
            true => Login::password(a.str(), Secret::new(a.bytes())),
            false => Login::Caller,
        };
        let milliseconds = || Duration::from_millis(a.u32().into());
        let (timeout, start_tls) = (a.u32(), a.bool());
        let start = if a.bool() { Start::Everything } else { Start::Now };
        let poll = milliseconds();
        let mut backoff = Backoff::new();
        backoff.first = milliseconds();
        backoff.most = milliseconds();
        backoff.seed = a.u32();
        let text: &'static mut [u8] = kept.bytes(vec![0; 4096]);
        let mut arena = Arena { bump, mailboxes: Box::into_raw(Box::new([])) };
        let watch = if a.bool() {
            let mut it = Pop3Config::new(login);
            it.connection.timeout = (timeout > 0).then(|| Duration::from_millis(timeout.into()));
            (it.start_tls, it.start, it.poll, it.backoff) = (start_tls, start, poll, backoff);
            (it.preview_lines, it.delete) = (a.u32(), a.bool());
            let most = (a.u32() as usize).clamp(1, 1 << 20);
            let mut record = Record::new(kept.bytes(vec![0; 8 + 8 * most]));
            if let Some(bytes) = a.option(Args::bytes) {
                record.restore(bytes);
            }
            Either::Pop3(Pop3Watch::new(it, record, text))
        } else {
            let mut it = ImapConfig::new(login);
            it.connection = config(timeout, false, true, a.u32());
            (it.start_tls, it.start, it.poll, it.backoff) = (start_tls, start, poll, backoff);
            let filter = a.str();
            if !filter.is_empty() {
                it.filter = Filter::custom(imap_commands::filter(filter));
            }
            it.idle = Some(milliseconds()).filter(|it| it.as_millis() > 0);
            (it.mark_seen, it.preview) = (a.bool(), a.bool());
            it.id = a.list(|a| (a.str(), a.option(Args::str)));
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
            let none = core::mem::replace(
                &mut arena.mailboxes,
                Box::into_raw(watched.to_vec().into_boxed_slice()),
            );
            // SAFETY: it came from a box, and nobody borrows it.
            drop(unsafe { Box::from_raw(none) });
            // SAFETY: it came from a box, is borrowed here only, and lives as long as `Arena`.
            Either::Imap(ImapWatch::new(it, unsafe { &mut *arena.mailboxes }, text))
        };
        match a.broken() {
            Some(why) => Err(invalid(why)),
            None => {
                let link = Link::new(rx, 1 << 13);
                Ok(Self { watch, login: None, link, _arena: arena, _kept: kept })
            }
        }
    }

    /// See [`Link::feed`].
    pub fn feed(&mut self, chunk: &Uint8Array, from: u32, now: f64) -> JsString {
        let moment = Instant::from_millis(now as u64);
        let login = &mut self.login;
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
                Event::Challenge { challenge, truncated } if login.is_some() => {
                    let challenge = challenge.to_vec();
                    let challenge = Some(&challenge[..]).filter(|_| !truncated);
                    let tx = &mut buffers.tx;
                    // If there is no room, the server waits, and the timeout ends it.
                    let _ = match (login.as_mut().and_then(|it| it.answer(challenge)), watch) {
                        (Some(it), Either::Imap(it2)) => it2.connection_mut().respond(&it, tx),
                        (Some(it), Either::Pop3(it2)) => it2.connection_mut().respond(&it, tx),
                        (None, Either::Imap(it)) => it.connection_mut().cancel(tx),
                        (None, Either::Pop3(it)) => it.connection_mut().cancel(tx),
                    };
                    return After::Turn;
                }
                Event::Challenge { challenge, truncated } => {
                    records.event("challenge");
                    records.field("challenge", &mailwire::Str::new(challenge));
                    records.field("truncated", &truncated);
                    after = After::Turn;
                }
                Event::LoggedIn { text } => {
                    if login.take().is_some_and(|it| !it.end(true, records)) {
                        return After::Turn;
                    }
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
                    records.field("unique_id", &alert.unique_id);
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
                Event::Refused { login: refused, mailbox, text } => {
                    *login = None;
                    records.event("refused");
                    records.field("login", &refused);
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
                            Cause::InClear => "IN_CLEAR",
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

    /// The record of a maildrop, to be kept.
    pub fn record(&mut self) -> Option<Uint8Array> {
        match &mut self.watch {
            Either::Pop3(watch) => Some(Uint8Array::from(watch.record().as_bytes())),
            Either::Imap(_) => None,
        }
    }

    /// Tells the cursors, as one value.
    pub fn cursors(&mut self) -> JsString {
        let records = self.link.tell();
        let mailboxes = match &self.watch {
            Either::Imap(watch) => watch.mailboxes(),
            Either::Pop3(_) => &[],
        };
        let all: Vec<Cursor> = mailboxes.iter().map(|it| it.cursor).collect();
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

    /// Logs in by what suits best; the challenges are answered here.
    pub fn authenticate(&mut self, mut args: Vec<u8>) -> Thrown<()> {
        let arena = Bump::new();
        let a = Args::new(&args, &arena);
        let link = &mut self.link;
        let exchange = match &self.watch {
            Either::Imap(it) => Exchange::new(it.connection().capabilities().mechanisms(), &a),
            Either::Pop3(it) => Exchange::new(it.connection().capabilities().mechanisms(), &a),
        };
        args.zeroize();
        let exchange = exchange.map_err(|error| sasl(&error))?;
        let name = exchange.name();
        // What a client-first mechanism begins with goes as the answer to an empty challenge.
        match &mut self.watch {
            Either::Imap(it) => link
                .send(|tx| it.connection_mut().send(&AuthenticateCommand::new(name), tx))
                .map(drop),
            Either::Pop3(it) => {
                let command = AuthCommand { mechanism: name, initial_response: None };
                link.send(|tx| it.connection_mut().send(&command, tx))
            }
        }
        .map_err(thrown)?;
        self.login = Some(exchange);
        Ok(())
    }
}
