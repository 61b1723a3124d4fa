//! IMAP.

use crate::args::Args;
use crate::error::{Thrown, invalid, sasl, thrown};
use crate::imap_commands;
use crate::memory::{After, Link, common};
use crate::prelude::{String, Vec};
use crate::sasl::Exchange;
use bumpalo::Bump;
use js_sys::{JsString, Uint8Array};
use mailwire::imap::command::{AuthenticateCommand, LoginCommand};
use mailwire::imap::event::{Event, Fetch};
use mailwire::imap::{Capability, Config, Connection, Quirks, Status, Tag};
use mailwire::sasl::{Error as SaslError, Response};
use mailwire::{Duration, Machine};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

/// A connection, its memory, and a login that goes on.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Imap {
    connection: Connection,
    login: Option<(Tag, Exchange)>,
    sasl_ir: bool,
    link: Link,
}

common!(Imap);

#[wasm_bindgen]
impl Imap {
    /// `rx`: bytes of Rx; `timeout`: milliseconds, 0 for none; `quirks`: bits, or more than 16
    /// bits hold for those that are guessed.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(rx: u32, timeout: u32, send_unoffered: bool, sasl_ir: bool, quirks: u32) -> Self {
        Self {
            connection: Connection::new(config(timeout, send_unoffered, sasl_ir, quirks)),
            login: None,
            sasl_ir,
            link: Link::new(rx, 1 << 14),
        }
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
                    Event::Fetch(Fetch::Chunk(raw)) => {
                        records.event("fetch_chunk");
                        records.name("data");
                        Link::lend(records, buffers, origin, raw);
                        records.end();
                        return After::GoOn;
                    }
                    Event::Challenge { challenge, truncated, .. } if login.is_some() => {
                        let challenge = challenge.to_vec();
                        let challenge = Some(&challenge[..]).filter(|_| !truncated);
                        if let Some((_, exchange)) = login {
                            // If there is no room, the server waits, and the timeout ends it.
                            let _ = match exchange.answer(challenge) {
                                Some(response) => connection.respond(&response, &mut buffers.tx),
                                None => connection.cancel(&mut buffers.tx),
                            };
                        }
                        return After::Turn;
                    }
                    Event::Completed { tag, response } => {
                        let ok = response.status == Status::Ok;
                        if let Some((_, exchange)) = login.take_if(|(of, _)| *of == tag)
                            && !exchange.end(ok, records)
                        {
                            return After::Turn;
                        }
                        After::GoOn
                    }
                    Event::Challenge { .. }
                    | Event::SendLiteral { .. }
                    | Event::NextPart { .. }
                    | Event::CancellingLiteral { .. }
                    | Event::Compress { .. } => After::Turn,
                    Event::StartTls { .. } | Event::CompressEnd { .. } => After::Change,
                    _ => After::GoOn,
                };
                let _ = connection.event(buffers).serialize(&mut *records);
                after
            },
        )
    }

    /// Sends a command: see `imap_commands.rs`. Its tag.
    pub fn send(&mut self, kind: u8, mut tokens: Vec<u8>) -> Thrown<String> {
        let sent = imap_commands::send(&mut self.connection, &mut self.link, kind, &tokens);
        tokens.zeroize();
        sent.map(|tag| tag.as_str().into())
    }

    /// Logs in by LOGIN.
    pub fn login(&mut self, user: &str, mut password: Vec<u8>) -> Thrown<String> {
        let command = LoginCommand { user, password: password.as_slice().into() };
        let sent = self.link.send(|tx| self.connection.send(&command, tx));
        password.zeroize();
        sent.map(|tag| tag.as_str().into()).map_err(thrown)
    }

    /// Logs in by what suits best; the challenges are answered here.
    pub fn authenticate(&mut self, mut args: Vec<u8>) -> Thrown<String> {
        let arena = Bump::new();
        let capabilities = *self.connection.capabilities();
        let exchange = Exchange::new(capabilities.mechanisms(), &Args::new(&args, &arena));
        let sent = match exchange {
            Ok(mut exchange) => {
                let at_once = self.sasl_ir && capabilities.contains(&Capability::SaslIr);
                let name = exchange.name();
                let sent = match exchange.initial(at_once) {
                    Ok(initial) => {
                        let mut command = AuthenticateCommand::new(name);
                        command.initial_response = initial.as_ref();
                        let connection = &mut self.connection;
                        self.link.send(|tx| connection.send(&command, tx)).map_err(thrown)
                    }
                    Err(error) => Err(sasl(&error)),
                };
                sent.inspect(|&tag| self.login = Some((tag, exchange)))
            }
            Err(SaslError::NoMechanism)
                if args.first() == Some(&0)
                    && !capabilities.contains(&Capability::LoginDisabled) =>
            {
                let args = Args::new(&args, &arena);
                args.u8();
                let (user, password) = (args.str(), args.bytes());
                if args.bool() {
                    let command = LoginCommand { user, password: password.into() };
                    self.link.send(|tx| self.connection.send(&command, tx)).map_err(thrown)
                } else {
                    Err(sasl(&SaslError::LinkInClear))
                }
            }
            Err(error) => Err(sasl(&error)),
        };
        args.zeroize();
        sent.map(|tag| tag.as_str().into())
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

    /// Gives up AUTHENTICATE.
    pub fn cancel(&mut self) -> Thrown<()> {
        self.connection.cancel(&mut self.link.buffers.tx).map_err(thrown)
    }

    /// Ends IDLE.
    pub fn done(&mut self) -> Thrown<()> {
        self.connection.done(&mut self.link.buffers.tx).map_err(thrown)
    }

    /// Takes the server for one that needs these from now on.
    #[wasm_bindgen(js_name = setQuirks)]
    pub fn set_quirks(&mut self, bits: u16) {
        self.connection.set_quirks(Quirks::from_bits(bits));
    }

    /// TLS has begun.
    #[wasm_bindgen(js_name = tlsStarted)]
    pub fn tls_started(&mut self) -> Thrown<()> {
        self.connection.tls_started(&self.link.buffers.rx).map_err(thrown)
    }

    /// The bytes of Rx that are compressed already.
    #[wasm_bindgen(js_name = takeCompressed)]
    pub fn take_compressed(&mut self) -> Uint8Array {
        let rx = &mut self.link.buffers.rx;
        let mut bytes = vec![0; rx.filled().len()];
        rx.take(&mut bytes);
        Uint8Array::from(bytes.as_slice())
    }

    /// Both directions are compressed.
    #[wasm_bindgen(js_name = compressStarted)]
    pub fn compress_started(&mut self) -> Thrown<()> {
        self.connection.compress_started(&self.link.buffers.rx).map_err(thrown)
    }

    /// They are no more.
    #[wasm_bindgen(js_name = compressEnded)]
    pub fn compress_ended(&mut self) -> Thrown<()> {
        self.connection.compress_ended(&self.link.buffers.rx).map_err(thrown)
    }

    /// Gives bytes of a message that is uploaded; how many were taken.
    #[wasm_bindgen(js_name = writeLiteral)]
    pub fn write_literal(&mut self, bytes: &[u8]) -> usize {
        self.connection.write_literal(bytes, &mut self.link.buffers.tx)
    }

    /// The next message (`message`), part (`part`), or what ends an upload (`end`, `cancel`,
    /// `abandon`).
    pub fn append(&mut self, what: &str, args: &[u8]) -> Thrown<()> {
        let arena = Bump::new();
        let args = Args::new(args, &arena);
        let (connection, link) = (&mut self.connection, &mut self.link);
        match what {
            "message" => {
                let message = imap_commands::message(&args);
                link.send(|tx| connection.append_message(&message, tx))
            }
            "part" => {
                let part = imap_commands::part(&args);
                link.send(|tx| connection.append_part(&part, tx))
            }
            "end" => connection.append_end(&mut link.buffers.tx),
            "cancel" => connection.append_cancel(),
            "abandon" => {
                connection.abandon_literal();
                Ok(())
            }
            _ => return Err(invalid("no such step of an upload")),
        }
        .map_err(thrown)
    }

    /// Tells how the connection stands, as one value.
    pub fn state(&mut self) -> JsString {
        let connection = &self.connection;
        let records = self.link.tell();
        records.object();
        records.field("state", &connection.state());
        records.field("selected", &connection.selected());
        records.field("capabilities", connection.capabilities());
        records.field("knows_capabilities", &connection.knows_capabilities());
        records.field("enabled", connection.enabled());
        records.field("is_quiet", &connection.is_quiet());
        records.field("is_utf8", &connection.is_utf8());
        records.field("is_compressed", &connection.is_compressed());
        records.field("literal_remaining", &connection.literal_remaining());
        records.field("quirks", &connection.quirks().bits());
        records.end();
        self.link.texts()
    }
}

/// The one of the core.
pub(crate) fn config(timeout: u32, send_unoffered: bool, sasl_ir: bool, quirks: u32) -> Config {
    let mut config = Config::new();
    config.timeout = (timeout > 0).then(|| Duration::from_millis(timeout.into()));
    config.send_unoffered = send_unoffered;
    config.sasl_ir = sasl_ir;
    config.quirks = u16::try_from(quirks).ok().map(Quirks::from_bits);
    config
}
