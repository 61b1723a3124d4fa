//! The client: one call a command, over a driver of [`io`](crate::io).

// A cursor that lends cannot be an Iterator.
#![allow(clippy::should_implement_trait)]

#[cfg(feature = "embedded-io-async")]
pub mod asynch;
#[cfg(feature = "embedded-io")]
pub mod blocking;

#[cfg(feature = "apop")]
use super::ApopChallenge;
use super::command::*;
use super::{
    CapabilitySet, Code, Config, Connection, Event, Language, ListItem, Message, Stat, State,
    StatusResponse, UidlItem,
};
use crate::io::{self, Clock, NoClock, Words};
use crate::sasl::{self, Challenge, Credentials, Link, Mechanism};
use crate::{Buffers, Error, Progress, ResourceError, Secret, UsageError};
use core::fmt;

/// What Tx must hold at least: the CAPA command that the connection sends by itself.
const TX: usize = 16;

/// Why a call of a client failed. `E` is the socket's error.
///
/// [`Refused`](io::ClientError::Refused) is a `-ERR`; the client can go on, but for one in
/// place of a greeting. Some servers close the connection after a login that failed.
pub type ClientError<E> = io::ClientError<E, Refused>;

/// The server's `-ERR` (RFC 1939 section 3).
#[derive(Clone, PartialEq, Eq)]
pub struct Refused {
    code: Option<Code<'static>>,
    text: Words,
}

impl Refused {
    fn new(response: &StatusResponse<'_>) -> Self {
        let code = response.text.code.and_then(Code::to_static);
        Self { code, text: io::words(&response.text) }
    }

    /// The response code, if it is one that has a name here.
    pub fn code(&self) -> Option<Code<'static>> {
        self.code
    }

    /// The server's words for people: the first 80 bytes at most.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused").field("code", &self.code).field("text", &self.text()).finish()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server said -ERR: {}", self.text)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Refused {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Refused({}, {=str})", self.code, self.text());
    }
}

/// `+OK`, or what was said in place of it.
fn check<E>(response: &StatusResponse<'_>) -> Result<(), ClientError<E>> {
    if response.is_ok() { Ok(()) } else { Err(ClientError::Refused(Refused::new(response))) }
}

/// The client, written once and made twice: `client!(async .await)` and `client!()`. See
/// `driver!` in `io`.
macro_rules! client {
    ($($async:ident $($await:tt)+)?) => {
        type Result<T, S> =
            core::result::Result<T, ClientError<<S as embedded_io::ErrorType>::Error>>;

        /// A POP3 client.
        ///
        /// Each call sends one command and waits for its end. Calls whose answer may be long
        /// return a cursor; one that is dropped early is read to its end by the next call.
        ///
        /// A server's `-ERR` is [`ClientError::Refused`], and the client can go on.
        #[derive(Debug)]
        pub struct Client<'b, S, C = NoClock> {
            driver: Driver<'b, Connection, S, C>,
            #[cfg(feature = "apop")]
            apop: Option<ApopChallenge>,
        }

        impl<'b, S: Read + Write> Client<'b, S> {
            /// Reads the server's greeting and learns its capabilities. Without a clock there
            /// are no timeouts but those of the socket.
            ///
            /// `rx` bounds the longest line that arrives whole (512 bytes are enough for
            /// anything that keeps to the RFCs, and 256 for most), `tx` the longest command.
            /// Neither bounds the size of a message or of a list.
            ///
            /// # Errors
            ///
            /// [`ClientError::Refused`] by a greeting of `-ERR`.
            pub $($async)? fn connect(
                socket: S,
                rx: &'b mut [u8],
                tx: &'b mut [u8],
            ) -> Result<Self, S> {
                Self::connect_with(Config::new(), NoClock, socket, rx, tx)$($($await)+)?
            }
        }

        impl<'b, S: Read + Write, C: Clock> Client<'b, S, C> {
            /// [`connect`](Client::connect), with a configuration and a clock.
            ///
            /// # Errors
            ///
            /// As [`connect`](Client::connect).
            pub $($async)? fn connect_with(
                config: Config,
                clock: C,
                socket: S,
                rx: &'b mut [u8],
                tx: &'b mut [u8],
            ) -> Result<Self, S> {
                if tx.len() < TX {
                    let too_small = ResourceError::TxFull { needed: TX, capacity: tx.len() };
                    return Err(Error::from(too_small).into());
                }
                let buffers = Buffers::new(rx, tx);
                let driver = Driver::new(Connection::new(config), buffers, socket, clock);
                let mut this = Self {
                    driver,
                    #[cfg(feature = "apop")]
                    apop: None,
                };
                this.step()$($($await)+)??;
                if let Event::Greeting(greeting) = this.event() {
                    check(&greeting)?;
                    #[cfg(feature = "apop")]
                    {
                        this.apop = greeting.timestamp().map(ApopChallenge::new);
                    }
                }
                this.settle()$($($await)+)??;
                Ok(this)
            }

            /// The connection, to look at.
            pub const fn connection(&self) -> &Connection {
                self.driver.machine()
            }

            /// The driver below, for what the client has no call for.
            pub const fn driver_mut(&mut self) -> &mut Driver<'b, Connection, S, C> {
                &mut self.driver
            }

            /// What the server can do.
            pub fn capabilities(&self) -> &CapabilitySet {
                self.connection().capabilities()
            }

            // ---- What all calls stand on.

            fn event(&self) -> Event<'_> {
                self.driver.event()
            }

            /// To the next event.
            $($async)? fn step(&mut self) -> Result<(), S> {
                match self.driver.advance()$($($await)+)?? {
                    Progress::Closed => Err(ClientError::Closed),
                    _ => Ok(()),
                }
            }

            /// Reads until nothing is in flight and the capabilities are known.
            $($async)? fn settle(&mut self) -> Result<(), S> {
                loop {
                    let (connection, buffers) = self.driver.split();
                    if connection.is_quiet() && connection.knows_capabilities() {
                        return Ok(());
                    }
                    // Of a login that was abandoned; mostly there is none.
                    let _ = connection.cancel(&mut buffers.tx);
                    self.step()$($($await)+)??;
                }
            }

            /// Sends a command.
            $($async)? fn begin<K: Command + ?Sized>(
                &mut self,
                command: &K,
            ) -> Result<Responses<'_, 'b, S, C>, S> {
                self.settle()$($($await)+)??;
                let (connection, buffers) = self.driver.split();
                connection.send(command, &mut buffers.tx)?;
                Ok(Responses { client: self, ended: false })
            }

            /// Sends a command of which only the end matters.
            $($async)? fn execute<K: Command + ?Sized>(&mut self, command: &K) -> Result<(), S> {
                self.begin(command)$($($await)+)??.finish()$($($await)+)?
            }

            /// Sends any command, also one of your own, and lends every event until its end.
            ///
            /// Not for commands that need more than to be sent: AUTH, STLS, QUIT.
            ///
            /// # Errors
            ///
            /// As [`Connection::send`], and those of the driver.
            pub $($async)? fn run<K: Command + ?Sized>(
                &mut self,
                command: &K,
            ) -> Result<Responses<'_, 'b, S, C>, S> {
                self.begin(command)$($($await)+)?
            }

            // ---- AUTHORIZATION state (RFC 1939 section 4).

            /// STLS (RFC 2595 section 4). Returns the socket when it is time for the
            /// handshake, and what becomes a client again once that is done.
            ///
            /// ```text
            /// let (socket, mail) = mail.start_tls()?;
            /// let mut mail = mail.secured(handshake(socket)?)?;
            /// ```
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run). The connection is gone then: it must not go on in clear.
            /// [`PeerError::DataBeforeTls`](crate::PeerError::DataBeforeTls): somebody tried
            /// to slip in responses.
            pub $($async)? fn start_tls(mut self) -> Result<(S, StartTls<'b, C>), S> {
                self.execute(&StlsCommand)$($($await)+)??;
                while self.event() != Event::StartTls {
                    self.step()$($($await)+)??;
                }
                let (connection, buffers, socket, clock) = self.driver.into_parts();
                let start = StartTls {
                    connection,
                    buffers,
                    clock,
                    #[cfg(feature = "apop")]
                    apop: self.apop,
                };
                Ok((socket, start))
            }

            /// USER and PASS (RFC 1939 section 7): the password goes in clear, so only inside
            /// TLS. Then learns what the server can do now.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn login<'a>(
                &mut self,
                user: &'a str,
                password: impl Into<Secret<'a>>,
            ) -> Result<(), S> {
                self.execute(&UserCommand { user })$($($await)+)??;
                self.execute(&PassCommand { password: password.into() })$($($await)+)??;
                self.settle()$($($await)+)?
            }

            /// APOP (RFC 1939 section 7): a digest of the password and of the greeting's
            /// timestamp. Then learns what the server can do now.
            ///
            /// # Errors
            ///
            /// [`UsageError::NotOffered`] if there was no timestamp in the greeting. As
            /// [`run`](Self::run).
            #[cfg(feature = "apop")]
            pub $($async)? fn apop<'a>(
                &mut self,
                user: &'a str,
                password: impl Into<Secret<'a>>,
            ) -> Result<(), S> {
                let challenge = self.apop.as_ref().ok_or(UsageError::NotOffered("APOP"))?;
                let digest = challenge.answer(password.into());
                self.execute(&ApopCommand { user, digest })$($($await)+)??;
                self.settle()$($($await)+)?
            }

            /// AUTH (RFC 5034) by a SASL mechanism. Then learns what the server can do now.
            ///
            /// The first response is never sent with the command, for not all servers take
            /// it there; it costs a round trip.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run), and those of the mechanism, in [`ClientError::Sasl`].
            pub $($async)? fn authenticate<M: Mechanism + ?Sized>(
                &mut self,
                mechanism: &mut M,
            ) -> Result<(), S> {
                self.settle()$($($await)+)??;
                let command =
                    AuthCommand { mechanism: mechanism.name(), initial_response: None };
                let (connection, buffers) = self.driver.split();
                connection.send(&command, &mut buffers.tx)?;
                let mut begins = mechanism.is_client_first();
                loop {
                    self.step()$($($await)+)??;
                    let response = match self.event() {
                        Event::Completed { response, .. } => {
                            check(&response)?;
                            break;
                        }
                        // Whatever it says: "+ go ahead" is not base64.
                        Event::Challenge { .. } if begins => mechanism.initial(),
                        Event::Challenge { challenge } => {
                            mechanism.respond(Challenge::new(challenge))
                        }
                        // A challenge that does not fit.
                        Event::Oversized(_) => Err(sasl::Error::InvalidChallenge),
                        _ => continue,
                    };
                    begins = false;
                    let (connection, buffers) = self.driver.split();
                    match response {
                        Ok(response) => connection.respond(&response, &mut buffers.tx)?,
                        Err(error) => {
                            // Cancels the exchange.
                            self.settle()$($($await)+)??;
                            return Err(error.into());
                        }
                    }
                }
                mechanism.finish()?;
                self.settle()$($($await)+)?
            }

            /// Logs in by the strongest mechanism that both sides have: see
            /// [`sasl::best`]. USER and PASS are the last resort, of servers without
            /// mechanisms.
            ///
            /// `link` says how safe the connection is; over one in clear no password is sent
            /// as it is. `nonce` is 12 random bytes or more, of this login only.
            ///
            /// # Errors
            ///
            /// As [`authenticate`](Self::authenticate), and those of [`sasl::best`].
            pub $($async)? fn authenticate_best(
                &mut self,
                credentials: Credentials<'_>,
                link: Link<'_>,
                nonce: &[u8],
            ) -> Result<(), S> {
                self.settle()$($($await)+)??;
                let mechanisms = self.capabilities().mechanisms();
                match (sasl::best(mechanisms, credentials, link, nonce), credentials) {
                    (Ok(mut best), _) => self.authenticate(&mut best)$($($await)+)?,
                    (
                        Err(sasl::Error::NoMechanism),
                        Credentials::Password { user, password },
                    ) => {
                        if !link.is_protected() {
                            return Err(sasl::Error::LinkInClear.into());
                        }
                        self.login(user, password)$($($await)+)?
                    }
                    (Err(error), _) => Err(error.into()),
                }
            }

            /// UTF8 (RFC 6856 section 2.1): turns UTF-8 mode on.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn utf8(&mut self) -> Result<(), S> {
                self.execute(&Utf8Command)$($($await)+)?
            }

            // ---- Any state.

            /// CAPA (RFC 2449 section 5): asks anew what the server can do. It was asked
            /// already, whenever that may have changed.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn capa(&mut self) -> Result<&CapabilitySet, S> {
                self.execute(&CapaCommand)$($($await)+)??;
                Ok(self.capabilities())
            }

            /// LANG (RFC 6856 section 3): the language of the server's words, or `*` for what
            /// the server prefers.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn lang(&mut self, language: &str) -> Result<(), S> {
                self.execute(&LangCommand { language: Some(language) })$($($await)+)?
            }

            /// LANG (RFC 6856 section 3): the languages that the server speaks.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn lang_list(&mut self) -> Result<Languages<'_, 'b, S, C>, S> {
                Ok(Languages(self.begin(&LangCommand { language: None })$($($await)+)??))
            }

            /// QUIT (RFC 1939 section 6): deletes what is marked, and ends the session.
            /// Returns the socket, to be closed.
            ///
            /// # Errors
            ///
            /// [`ClientError::Refused`] if not all that was marked could be deleted. As
            /// [`run`](Self::run): if the server closes without an answer, it is not known
            /// whether anything was deleted.
            pub $($async)? fn quit(mut self) -> Result<S, S> {
                if self.connection().state() != State::Logout {
                    match self.execute(&QuitCommand)$($($await)+)? {
                        Ok(()) | Err(ClientError::Closed) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(self.driver.into_parts().2)
            }

            // ---- TRANSACTION state (RFC 1939 section 5).

            /// STAT (RFC 1939 section 5): how much mail there is. `None` if the server said
            /// `+OK` and nothing that makes sense.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn stat(&mut self) -> Result<Option<Stat>, S> {
                let mut found = None;
                let mut responses = self.begin(&StatCommand)$($($await)+)??;
                while let Some(event) = responses.next()$($($await)+)?? {
                    if let Event::Stat(stat) = event {
                        found = Some(stat);
                    }
                }
                Ok(found)
            }

            /// LIST (RFC 1939 section 5): the sizes of all messages.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn list(&mut self) -> Result<Sizes<'_, 'b, S, C>, S> {
                Ok(Sizes(self.begin(&ListCommand { message: None })$($($await)+)??))
            }

            /// LIST (RFC 1939 section 5): the size of one message. `None` if the server said
            /// `+OK` and nothing that makes sense.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn list_one(&mut self, message: u32) -> Result<Option<ListItem>, S> {
                let command = ListCommand { message: Some(message) };
                let mut sizes = Sizes(self.begin(&command)$($($await)+)??);
                let found = sizes.next()$($($await)+)??;
                sizes.0.finish()$($($await)+)??;
                Ok(found)
            }

            /// UIDL (RFC 1939 section 7): the unique-ids of all messages.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn uidl(&mut self) -> Result<Uids<'_, 'b, S, C>, S> {
                Ok(Uids(self.begin(&UidlCommand { message: None })$($($await)+)??))
            }

            /// UIDL (RFC 1939 section 7): the unique-id of one message. `None` if the server
            /// said `+OK` and nothing that makes sense.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn uidl_one(&mut self, message: u32) -> Result<Option<UidlItem<'_>>, S> {
                let command = UidlCommand { message: Some(message) };
                let mut responses = self.begin(&command)$($($await)+)??;
                responses
                    .advance_to(|event| matches!(event, Event::UidlItem(_)))
                    $($($await)+)??;
                Ok(match self.event() {
                    Event::UidlItem(item) => Some(item),
                    _ => None,
                })
            }

            /// RETR (RFC 1939 section 5): a message, as a stream of bytes.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn retr(&mut self, message: u32) -> Result<Mail<'_, 'b, S, C>, S> {
                self.mail(&RetrCommand { message })$($($await)+)?
            }

            /// TOP (RFC 1939 section 7): a message's header and its first lines.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn top(
                &mut self,
                message: u32,
                lines: u32,
            ) -> Result<Mail<'_, 'b, S, C>, S> {
                self.mail(&TopCommand { message, lines })$($($await)+)?
            }

            $($async)? fn mail<K: Command>(&mut self, command: &K) -> Result<Mail<'_, 'b, S, C>, S> {
                let number = command.message().unwrap_or_default();
                let mut responses = self.begin(command)$($($await)+)??;
                responses
                    .advance_to(|event| matches!(event, Event::Message(Message::Start { .. })))
                    $($($await)+)??;
                Ok(Mail { client: self, number, ended: false })
            }

            /// RETR of many messages. Where the server offers PIPELINING, up to sixteen are
            /// asked for at once. Nothing is sent before
            /// [`MailBatch::next`] is called.
            pub fn retr_all<I: IntoIterator<Item = u32>>(
                &mut self,
                messages: I,
            ) -> MailBatch<'_, 'b, S, C, I::IntoIter> {
                MailBatch { client: self, messages: messages.into_iter(), waiting: None, begun: false }
            }

            /// DELE (RFC 1939 section 5): marks a message, to be deleted by
            /// [`quit`](Self::quit).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn dele(&mut self, message: u32) -> Result<(), S> {
                self.execute(&DeleCommand { message })$($($await)+)?
            }

            /// RSET (RFC 1939 section 5): takes all marks back.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn rset(&mut self) -> Result<(), S> {
                self.execute(&RsetCommand)$($($await)+)?
            }

            /// NOOP (RFC 1939 section 5): keeps the connection alive.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn noop(&mut self) -> Result<(), S> {
                self.execute(&NoopCommand)$($($await)+)?
            }
        }

        /// A connection between STLS and the end of the handshake.
        #[derive(Debug)]
        #[must_use = "the connection goes on once the handshake is done"]
        pub struct StartTls<'b, C> {
            connection: Connection,
            buffers: Buffers<'b>,
            clock: C,
            #[cfg(feature = "apop")]
            apop: Option<ApopChallenge>,
        }

        impl<'b, C: Clock> StartTls<'b, C> {
            /// Goes on over the secured socket. What the server said in clear that it can do
            /// is forgotten, and it is asked again.
            ///
            /// # Errors
            ///
            /// [`PeerError::DataBeforeTls`](crate::PeerError::DataBeforeTls), and those of the
            /// driver.
            pub $($async)? fn secured<S: Read + Write>(
                self,
                socket: S,
            ) -> Result<Client<'b, S, C>, S> {
                let mut connection = self.connection;
                connection.tls_started(&self.buffers.rx)?;
                let mut client = Client {
                    driver: Driver::new(connection, self.buffers, socket, self.clock),
                    #[cfg(feature = "apop")]
                    apop: self.apop,
                };
                client.settle()$($($await)+)??;
                Ok(client)
            }
        }

        /// All that the server says in answer to a command.
        #[derive(Debug)]
        #[must_use = "whether the command worked is only known at its end"]
        pub struct Responses<'c, 'b, S, C> {
            client: &'c mut Client<'b, S, C>,
            /// The command was completed, and the event that said so is the current one.
            ended: bool,
        }

        impl<S: Read + Write, C: Clock> Responses<'_, '_, S, C> {
            /// The next event; `None` once the command has ended well.
            ///
            /// # Errors
            ///
            /// [`ClientError::Refused`] if it has not, and those of the driver.
            pub $($async)? fn next(&mut self) -> Result<Option<Event<'_>>, S> {
                let more = self.advance()$($($await)+)??;
                Ok(more.then(|| self.client.event()))
            }

            /// Passes over what is left, until the command has ended well.
            ///
            /// # Errors
            ///
            /// As [`next`](Self::next).
            pub $($async)? fn finish(mut self) -> Result<(), S> {
                while self.advance()$($($await)+)?? {}
                Ok(())
            }

            /// To the next event; `false` once the command has ended well.
            $($async)? fn advance(&mut self) -> Result<bool, S> {
                if self.ended {
                    return Ok(false);
                }
                self.client.step()$($($await)+)??;
                if let Event::Completed { response, .. } = self.client.event() {
                    self.ended = true;
                    check(&response)?;
                }
                Ok(!self.ended)
            }

            /// To the next event that is wanted, or to the end.
            $($async)? fn advance_to(&mut self, wanted: fn(&Event<'_>) -> bool) -> Result<bool, S> {
                loop {
                    if !self.advance()$($($await)+)?? {
                        return Ok(false);
                    }
                    if wanted(&self.client.event()) {
                        return Ok(true);
                    }
                }
            }
        }

        /// Sizes of messages, from LIST.
        #[derive(Debug)]
        pub struct Sizes<'c, 'b, S, C>(Responses<'c, 'b, S, C>);

        impl<S: Read + Write, C: Clock> Sizes<'_, '_, S, C> {
            /// The next; `None` when these were all. Lines that make no sense are passed over.
            ///
            /// # Errors
            ///
            /// As [`Responses::next`].
            pub $($async)? fn next(&mut self) -> Result<Option<ListItem>, S> {
                let found = self
                    .0
                    .advance_to(|event| matches!(event, Event::ListItem(_)))
                    $($($await)+)??;
                Ok(match self.0.client.event() {
                    Event::ListItem(item) if found => Some(item),
                    _ => None,
                })
            }
        }

        /// Unique-ids of messages, from UIDL.
        #[derive(Debug)]
        pub struct Uids<'c, 'b, S, C>(Responses<'c, 'b, S, C>);

        impl<S: Read + Write, C: Clock> Uids<'_, '_, S, C> {
            /// The next; `None` when these were all. Lines that make no sense are passed over.
            ///
            /// # Errors
            ///
            /// As [`Responses::next`].
            pub $($async)? fn next(&mut self) -> Result<Option<UidlItem<'_>>, S> {
                let found = self
                    .0
                    .advance_to(|event| matches!(event, Event::UidlItem(_)))
                    $($($await)+)??;
                Ok(match self.0.client.event() {
                    Event::UidlItem(item) if found => Some(item),
                    _ => None,
                })
            }
        }

        /// Languages, from LANG.
        #[derive(Debug)]
        pub struct Languages<'c, 'b, S, C>(Responses<'c, 'b, S, C>);

        impl<S: Read + Write, C: Clock> Languages<'_, '_, S, C> {
            /// The next; `None` when these were all.
            ///
            /// # Errors
            ///
            /// As [`Responses::next`].
            pub $($async)? fn next(&mut self) -> Result<Option<Language<'_>>, S> {
                let found = self
                    .0
                    .advance_to(|event| matches!(event, Event::Language(_)))
                    $($($await)+)??;
                Ok(match self.0.client.event() {
                    Event::Language(language) if found => Some(language),
                    _ => None,
                })
            }
        }

        /// One message's bytes.
        #[derive(Debug)]
        pub struct Mail<'c, 'b, S, C> {
            client: &'c mut Client<'b, S, C>,
            number: u32,
            ended: bool,
        }

        impl<S: Read + Write, C: Clock> Mail<'_, '_, S, C> {
            /// Its number in this session.
            pub const fn number(&self) -> u32 {
                self.number
            }

            /// The next bytes, as they came; `None` when these were all.
            ///
            /// # Errors
            ///
            /// Those of the driver.
            pub $($async)? fn next(&mut self) -> Result<Option<&[u8]>, S> {
                while !self.ended {
                    self.client.step()$($($await)+)??;
                    match self.client.event() {
                        Event::Message(Message::Chunk(_)) => break,
                        Event::Message(Message::End) => self.ended = true,
                        _ => {}
                    }
                }
                Ok(match self.client.event() {
                    Event::Message(Message::Chunk(bytes)) if !self.ended => Some(bytes),
                    _ => None,
                })
            }
        }

        /// Many messages, one after the other.
        #[derive(Debug)]
        pub struct MailBatch<'c, 'b, S, C, I> {
            client: &'c mut Client<'b, S, C>,
            messages: I,
            /// One that could not be asked for yet.
            waiting: Option<u32>,
            begun: bool,
        }

        impl<'b, S: Read + Write, C: Clock, I: Iterator<Item = u32>> MailBatch<'_, 'b, S, C, I> {
            /// The next message; `None` when these were all. What was not read of the one
            /// before is passed over.
            ///
            /// # Errors
            ///
            /// [`ClientError::Refused`] if the server does not give this one; the next call
            /// goes on with the one behind it. As [`Client::run`].
            pub $($async)? fn next(&mut self) -> Result<Option<Mail<'_, 'b, S, C>>, S> {
                if !self.begun {
                    self.client.settle()$($($await)+)??;
                    self.begun = true;
                }
                loop {
                    self.ask()?;
                    if self.client.connection().is_quiet() {
                        return Ok(None);
                    }
                    self.client.step()$($($await)+)??;
                    match self.client.event() {
                        Event::Message(Message::Start { number, .. }) => {
                            let number = number.unwrap_or_default();
                            return Ok(Some(Mail { client: self.client, number, ended: false }));
                        }
                        Event::Completed { response, .. } => check(&response)?,
                        _ => {}
                    }
                }
            }

            /// Asks for as many messages as may be in flight.
            fn ask(&mut self) -> Result<(), S> {
                while let Some(message) = self.waiting.take().or_else(|| self.messages.next()) {
                    let (connection, buffers) = self.client.driver.split();
                    match connection.send(&RetrCommand { message }, &mut buffers.tx) {
                        Ok(()) => {}
                        Err(
                            Error::Usage(UsageError::Busy)
                            | Error::Resource(
                                ResourceError::TooManyInFlight | ResourceError::TxFull { .. },
                            ),
                        ) if !connection.is_quiet() => {
                            self.waiting = Some(message);
                            break;
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
                Ok(())
            }
        }
    };
}
use client;
