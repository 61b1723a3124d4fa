//! POP3.

use crate::args::Args;
use crate::error::{Thrown, invalid, sasl, thrown};
use crate::memory::{After, Link, common};
use crate::prelude::Vec;
use crate::sasl::Exchange;
use bumpalo::Bump;
use js_sys::{JsString, Uint8Array};
use mailwire::pop3::command::*;
use mailwire::pop3::{Command, Config, Connection, Encoder, Event, Kind, Message, Status};
use mailwire::sasl::Response;
use mailwire::{Duration, Machine};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

/// A connection, its memory, and a login that goes on.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Pop3 {
    connection: Connection,
    login: Option<Exchange>,
    link: Link,
}

common!(Pop3);

#[wasm_bindgen]
impl Pop3 {
    /// `rx`: bytes of Rx; `timeout`: milliseconds, 0 for none.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(rx: u32, timeout: u32, send_unoffered: bool) -> Self {
        let mut config = Config::new();
        config.timeout = (timeout > 0).then(|| Duration::from_millis(timeout.into()));
        config.send_unoffered = send_unoffered;
        Self { connection: Connection::new(config), login: None, link: Link::new(rx, 1 << 12) }
    }

    /// See [`Link::feed`].
    pub fn feed(&mut self, chunk: &Uint8Array, from: u32, now: f64) -> JsString {
        let login = &mut self.login;
        self.link.feed(
            &mut self.connection,
            chunk,
            from,
            now,
            |connection, buffers, records, origin| {
                let after = match connection.event(buffers) {
                    Event::Message(Message::Chunk(raw)) => {
                        records.event("message_chunk");
                        records.name("data");
                        Link::lend(records, buffers, origin, raw);
                        records.end();
                        return After::GoOn;
                    }
                    Event::Challenge { challenge } => {
                        let challenge = challenge.to_vec();
                        if let Some(exchange) = login {
                            // If there is no room, the timeout ends it.
                            let _ = match exchange.answer(Some(&challenge)) {
                                Some(it) => connection.respond(&it, &mut buffers.tx),
                                None => connection.cancel(&mut buffers.tx),
                            };
                            return After::Turn;
                        }
                        After::Turn
                    }
                    Event::Completed { kind: Kind::Auth, response, .. } => {
                        let ok = response.status == Status::Ok;
                        if login.take().is_some_and(|it| !it.end(ok, records)) {
                            return After::Turn;
                        }
                        After::GoOn
                    }
                    Event::StartTls => After::Change,
                    _ => After::GoOn,
                };
                let _ = connection.event(buffers).serialize(&mut *records);
                after
            },
        )
    }

    /// Sends a command.
    pub fn send(&mut self, name: &str, mut args: Vec<u8>) -> Thrown<()> {
        let arena = Bump::new();
        let sent = self.send_command(name, &Args::new(&args, &arena));
        args.zeroize();
        sent
    }

    /// Logs in by the best SASL mechanism; the challenges are answered here.
    pub fn authenticate(&mut self, mut args: Vec<u8>) -> Thrown<()> {
        let arena = Bump::new();
        let offered = self.connection.capabilities().mechanisms();
        let exchange = Exchange::new(offered, &Args::new(&args, &arena));
        args.zeroize();
        let exchange = exchange.map_err(|error| sasl(&error))?;
        // RFC 5034 section 4: a line is of 255 octets at most, so nothing goes with AUTH.
        let command = AuthCommand { mechanism: exchange.name(), initial_response: None };
        self.link.send(|tx| self.connection.send(&command, tx)).map_err(thrown)?;
        self.login = Some(exchange);
        Ok(())
    }

    /// Answers a challenge.
    pub fn respond(&mut self, mut response: Vec<u8>) -> Thrown<()> {
        let sent = self
            .link
            .send(|tx| self.connection.respond(&Response::new(&response), tx))
            .map_err(thrown);
        response.zeroize();
        sent
    }

    /// Gives up AUTH.
    pub fn cancel(&mut self) -> Thrown<()> {
        self.connection.cancel(&mut self.link.buffers.tx).map_err(thrown)
    }

    /// TLS has begun.
    #[wasm_bindgen(js_name = tlsStarted)]
    pub fn tls_started(&mut self) -> Thrown<()> {
        self.connection.tls_started(&self.link.buffers.rx).map_err(thrown)
    }

    /// Tells how the connection stands, as one value.
    pub fn state(&mut self) -> JsString {
        let connection = &self.connection;
        let records = self.link.tell();
        records.object();
        records.field("state", &connection.state());
        records.field("knows_capabilities", &connection.knows_capabilities());
        records.name("mechanisms");
        let mechanisms: Vec<&str> = connection.capabilities().mechanisms().collect();
        let _ = mechanisms.serialize(&mut *records);
        records.field("is_quiet", &connection.is_quiet());
        records.field("is_utf8", &connection.is_utf8());
        records.end();
        self.link.texts()
    }

    fn send_command(&mut self, name: &str, a: &Args<'_>) -> Thrown<()> {
        let (connection, link) = (&mut self.connection, &mut self.link);
        let mut go = |command: &dyn Command| match a.broken() {
            Some(why) => Err(invalid(why)),
            None => link.send(|tx| connection.send(command, tx)).map_err(thrown),
        };
        match name {
            "user" => go(&UserCommand { user: a.str() }),
            "pass" => go(&PassCommand { password: a.bytes().into() }),
            #[cfg(feature = "hashes")]
            "apop" => {
                let (user, timestamp, password) = (a.str(), a.bytes(), a.bytes());
                go(&ApopCommand {
                    user,
                    digest: mailwire::pop3::ApopDigest::new(timestamp, password.into()),
                })
            }
            "auth" => {
                let mechanism = a.str();
                let initial = a.option(|a| Response::new(a.bytes()));
                go(&AuthCommand { mechanism, initial_response: initial.as_ref() })
            }
            "capa" => go(&CapaCommand),
            "stls" => go(&StlsCommand),
            "stat" => go(&StatCommand),
            "list" => go(&ListCommand { message: a.option(Args::u32) }),
            "uidl" => go(&UidlCommand { message: a.option(Args::u32) }),
            "retr" => go(&RetrCommand { message: a.u32() }),
            "top" => go(&TopCommand { message: a.u32(), lines: a.u32() }),
            "dele" => go(&DeleCommand { message: a.u32() }),
            "rset" => go(&RsetCommand),
            "noop" => go(&NoopCommand),
            "quit" => go(&QuitCommand),
            "utf8" => go(&Utf8Command),
            "lang" => go(&LangCommand { language: a.option(Args::str) }),
            "custom" => go(&Custom { lines: a.bool(), text: a.bytes() }),
            _ => Err(invalid("no such command")),
        }
    }
}

/// A command that the core does not know.
struct Custom<'a> {
    lines: bool,
    text: &'a [u8],
}

impl Command for Custom<'_> {
    fn kind(&self) -> Kind {
        if self.lines { Kind::CustomLines } else { Kind::Custom }
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.raw(self.text);
    }
}
