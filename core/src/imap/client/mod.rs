//! The client: one call a command, over a driver of [`io`](crate::io).

// A cursor that lends cannot be an Iterator.
#![allow(clippy::should_implement_trait)]

#[cfg(feature = "embedded-io-async")]
pub mod asynch;
#[cfg(feature = "embedded-io")]
pub mod blocking;

use super::command::*;
use super::connection::Change;
use super::event::{self, StatusResponse};
use super::long_set::LongSet;
use super::search::EsearchData;
use super::{
    Acl, AppendMessage, Capability, CapabilitySet, CatenatePart, Code, Config, Connection,
    DateTime, Esearch, Event, Fetch, Flag, GenUrlAuth, Id, Kind, Language, List, ListRights,
    ListSelection, MailboxStatus, MyRights, Namespace, Numbers, Quirks, Quota, Search, Selected,
    SequenceSet, SetRights, Sort, State, Status, StatusItem, Tag, ThreadAlgorithm, Threads,
    UidBatches, UrlFetch, UrlFetchParam,
};
use crate::io::{self, Clock, NoClock, Words};
use crate::sasl::{self, Challenge, Credentials, Link, Mechanism};
use crate::{Buffers, Instant, Progress, ResourceError, Secret, UsageError};
use core::fmt;

/// What Tx must hold at least: the CAPABILITY command that the connection sends by itself.
const TX: usize = 32;

/// Why a call of a client failed. `E` is the socket's error.
///
/// [`Refused`](io::ClientError::Refused) is a NO or BAD, or a BYE, after which the connection
/// is of no more use.
pub type ClientError<E> = io::ClientError<E, Refused>;

/// The server's NO, BAD or BYE (RFC 9051 section 7.1).
#[derive(Clone, PartialEq, Eq)]
pub struct Refused {
    status: Status,
    /// The place of the code among the words.
    code: Option<u8>,
    text: Words,
}

impl Refused {
    fn new(response: &StatusResponse<'_>) -> Self {
        let text = io::words(&response.text);
        let code = response.text.code.and_then(|code| code.place());
        Self { status: response.status, code, text }
    }

    /// Whether messages that were asked for are gone, and that is all.
    fn is_mere_absence(&self) -> bool {
        self.status == Status::No && self.text.contains("no longer exist")
    }

    /// Which of them it was.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The response code, if it is a mere word, such as [`Code::AuthenticationFailed`] or
    /// [`Code::TryCreate`].
    pub fn code(&self) -> Option<Code<'static>> {
        self.code.and_then(|place| Code::word(place.into()))
    }

    /// The server's words for people: the first 80 bytes at most.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused")
            .field("status", &self.status)
            .field("code", &self.code())
            .field("text", &self.text())
            .finish()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server said {}: {}", self.status, self.text)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Refused {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Refused({}, {}, {=str})", self.status, self.code(), self.text());
    }
}

/// `OK`, or what was said in place of it.
fn check<E>(response: &StatusResponse<'_>) -> Result<(), ClientError<E>> {
    match response.status {
        Status::Ok => Ok(()),
        _ => Err(ClientError::Refused(Refused::new(response))),
    }
}

/// Where an appended message is now (RFC 9051 section 7.1, APPENDUID); of several, the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Appended {
    /// The mailbox's UIDVALIDITY.
    pub uid_validity: u64,
    /// The message's UID.
    pub uid: u32,
}

impl Appended {
    fn of(event: &Event<'_>) -> Option<Self> {
        let AppendedUids { uid_validity, uids } = AppendedUids::of(event)?;
        Some(Self { uid_validity, uid: uids.numbers()?.next()? })
    }
}

/// Where messages that were appended together are now (RFC 3502, APPENDUID).
///
/// Of a list that is longer than Rx, it is a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AppendedUids<'r> {
    /// The mailbox's UIDVALIDITY.
    pub uid_validity: u64,
    /// The messages' UIDs, in the order in which they were given.
    pub uids: SequenceSet<'r>,
}

impl<'r> AppendedUids<'r> {
    fn of(event: &Event<'r>) -> Option<Self> {
        let code = match *event {
            Event::Code(code) => code,
            // Of a REPLACE, it comes untagged (RFC 8508 section 4.3).
            Event::Status(response) | Event::Completed { response, .. } => response.text.code?,
            _ => return None,
        };
        match code {
            Code::AppendUid { uid_validity, uids } => Some(Self { uid_validity, uids }),
            _ => None,
        }
    }
}

/// Which copies were made of which messages (RFC 9051 section 7.1, COPYUID).
///
/// Of a list that is longer than Rx, it is a part: pair the numbers of all parts' sources
/// with those of all parts' destinations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CopiedUids<'r> {
    /// The UIDVALIDITY of the mailbox copied to.
    pub uid_validity: u64,
    /// UIDs in the mailbox copied from.
    pub source: SequenceSet<'r>,
    /// UIDs of the copies, in the same order.
    pub destination: SequenceSet<'r>,
}

impl<'r> CopiedUids<'r> {
    fn of(event: &Event<'r>) -> Option<Self> {
        match *event {
            Event::Code(code) => Self::of_code(&code),
            Event::Status(response) | Event::Completed { response, .. } => {
                Self::of_code(&response.text.code?)
            }
            _ => None,
        }
    }

    fn of_code(code: &Code<'r>) -> Option<Self> {
        match *code {
            Code::CopyUid { uid_validity, source, destination } => {
                Some(Self { uid_validity, source, destination })
            }
            _ => None,
        }
    }
}

/// Some of what a search found, by whichever response the server chose.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Batch<'r> {
    /// The SEARCH response (RFC 3501 section 7.2.5).
    Search(Numbers<'r>),
    /// The SORT response (RFC 5256 section 4): the numbers are in the order asked for.
    Sort(Numbers<'r>),
    /// The ESEARCH response (RFC 9051 section 7.3.4).
    Esearch(Esearch<'r>),
}

impl<'r> Batch<'r> {
    fn of(event: &Event<'r>) -> Option<Self> {
        match *event {
            Event::Search { numbers, .. } => Some(Self::Search(numbers)),
            Event::Sort { numbers, .. } => Some(Self::Sort(numbers)),
            Event::Esearch { found, .. } => Some(Self::Esearch(found)),
            _ => None,
        }
    }

    /// The numbers, or UIDs if those were asked for: all, or the page that was asked for. There
    /// is no 0 among them, though DavMail sends it.
    pub fn numbers(&self) -> impl Iterator<Item = u32> + Clone + use<'r> {
        let (numbers, items) = match *self {
            Self::Search(numbers) | Self::Sort(numbers) => (Some(numbers.iter()), None),
            Self::Esearch(found) => (None, Some(found.items())),
        };
        let sets = items.into_iter().flatten().filter_map(|item| match item {
            EsearchData::All(set) | EsearchData::Partial { numbers: Some(set), .. } => {
                set.numbers()
            }
            _ => None,
        });
        numbers.into_iter().flatten().chain(sets.flatten()).filter(|&number| number != 0)
    }

    /// The ESEARCH response, for all that is not [`numbers`](Self::numbers).
    pub fn esearch(&self) -> Option<Esearch<'r>> {
        match *self {
            Self::Search(_) | Self::Sort(_) => None,
            Self::Esearch(found) => Some(found),
        }
    }
}

/// The client, written once and made twice: `client!(async .await)` and `client!()`. See
/// `driver!` in `io`.
macro_rules! client {
    ($($async:ident $($await:tt)+)?) => {
        type Result<T, S> =
            core::result::Result<T, ClientError<<S as embedded_io::ErrorType>::Error>>;

        /// An IMAP client.
        ///
        /// Each call sends one command and waits for its end. Calls whose answer may be long
        /// return a cursor; one that is dropped early is read to its end by the next call, and
        /// whether that command then worked is not told. Nor is it by calls that return what one
        /// response says, such as [`id`](Self::id) or [`status`](Self::status), if a NO comes behind
        /// that response: they return at once, for it is in Rx. What the server says unasked is
        /// passed over, but [`selected`](Self::selected) is kept up to date by it.
        ///
        /// A server's NO is [`ClientError::Refused`], and the client can go on.
        ///
        /// # Long sets
        ///
        /// Servers refuse commands of more than some 8000 octets
        /// ([some](crate::imap::Quirks::SHORT_COMMANDS) 1000), and Tx may hold less. So what
        /// names many messages is sent in parts, one after the other, as the cursor is read on:
        /// FETCH, STORE, UID COPY, UID MOVE, UID EXPUNGE. If one is refused, those before it
        /// were done and those behind it are not sent. COPY and MOVE by sequence numbers are
        /// never sent in parts, since these change meanwhile; UID COPY, UID MOVE, UID EXPUNGE
        /// and a STORE with UNCHANGEDSINCE only if the numbers ascend and no `*` is among them,
        /// so that no message is named twice. A message that is named twice in a long FETCH or
        /// STORE may be told twice, and the last `*` of one means the last message of then.
        #[derive(Debug)]
        pub struct Client<'b, S, C = NoClock> {
            driver: Driver<'b, Connection, S, C>,
            /// NOTIFY was sent: what the server says need not be the answer to anything.
            notified: bool,
        }

        impl<'b, S: Read + Write> Client<'b, S> {
            /// Reads the server's greeting and learns its capabilities. Without a clock there
            /// are no timeouts but those of the socket.
            ///
            /// `rx` bounds the largest response (or FETCH item) that arrives whole, `tx` the
            /// largest command. Neither bounds the size of a message.
            ///
            /// # Errors
            ///
            /// [`ClientError::Refused`] by a greeting of BYE.
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
                    return Err(crate::Error::from(too_small).into());
                }
                let buffers = Buffers::new(rx, tx);
                let driver = Driver::new(Connection::new(config), buffers, socket, clock);
                let mut this = Self { driver, notified: false };
                this.settle()$($($await)+)??;
                Ok(this)
            }

            /// The same client over another transport, which wraps the old one, between two
            /// calls.
            pub fn map_socket<T>(self, wrap: impl FnOnce(S) -> T) -> Client<'b, T, C> {
                let Self { driver, notified } = self;
                Client { driver: driver.map_socket(wrap), notified }
            }

            /// The connection, to look at.
            pub const fn connection(&self) -> &Connection {
                self.driver.machine()
            }

            /// The driver below, for what the client has no call for.
            pub const fn driver_mut(&mut self) -> &mut Driver<'b, Connection, S, C> {
                &mut self.driver
            }

            /// Says what this server needs to be treated differently for; see
            /// [`Connection::set_quirks`].
            pub fn set_quirks(&mut self, quirks: Quirks) {
                self.driver.split().0.set_quirks(quirks);
            }

            /// What the server can do.
            pub fn capabilities(&self) -> &CapabilitySet {
                self.connection().capabilities()
            }

            /// The selected mailbox, as far as the server told.
            pub fn selected(&self) -> Option<&Selected> {
                self.connection().selected()
            }

            /// The response that ended the last command, for what it says beside OK or NO:
            /// [`Code::Modified`], [`Code::Referral`], [`Code::MailboxId`] and such. `None` if
            /// there was none, or if anything came since: ask as soon as the call has returned.
            pub fn completed(&self) -> Option<StatusResponse<'_>> {
                match self.event() {
                    Event::Completed { response, .. } => Some(response),
                    _ => None,
                }
            }

            // ---- What all calls stand on.

            fn event(&self) -> Event<'_> {
                self.driver.event()
            }

            /// To the next event.
            $($async)? fn step(&mut self) -> Result<(), S> {
                match self.step_until(Instant::NEVER)$($($await)+)?? {
                    Progress::Closed => Err(ClientError::Closed),
                    _ => Ok(()),
                }
            }

            $($async)? fn step_until(&mut self, at: Instant) -> Result<Progress, S> {
                let progress = loop {
                    match self.driver.advance_until(at)$($($await)+)?? {
                        Progress::NeedInput if at == Instant::NEVER => {}
                        progress => break progress,
                    }
                };
                let bye = progress == Progress::Event
                    && self.connection().told_status() == Some((None, Status::Bye));
                if bye
                    && let Event::Status(response) | Event::Greeting(response) = self.event()
                {
                    return Err(ClientError::Refused(Refused::new(&response)));
                }
                Ok(progress)
            }

            /// Reads until nothing is in flight and the capabilities are known, or have to wait for
            /// a change of the transport.
            $($async)? fn settle(&mut self) -> Result<(), S> {
                self.driver.split().1.tx.release();
                loop {
                    let (connection, buffers) = self.driver.split();
                    if connection.leave_upload(&mut buffers.tx)? {
                        self.driver.flush()$($($await)+)??;
                        continue;
                    }
                    let ready = connection.knows_capabilities() || connection.change().is_some();
                    if connection.is_quiet() && ready {
                        return Ok(());
                    }
                    // Of calls that were abandoned; mostly there is no such thing to end.
                    let _ = connection.done(&mut buffers.tx);
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
                let tag = connection.send(command, &mut buffers.tx)?;
                self.notified |= command.kind() == Kind::Notify;
                Ok(Responses { client: self, tag, ended: false, parts: None })
            }

            /// Sends a command about `set`, in parts if it is too long. `once`: whether it
            /// matters if it is done to a message twice.
            $($async)? fn begin_parts<'c, K: Command + ?Sized>(
                &'c mut self,
                command: &K,
                set: SequenceSet<'c>,
                once: bool,
            ) -> Result<Responses<'c, 'b, S, C>, S> {
                self.settle()$($($await)+)??;
                let (connection, buffers) = self.driver.split();
                let (tag, parts) =
                    connection.send_in_parts(command, set, once, &mut buffers.tx)?;
                Ok(Responses { client: self, tag, ended: false, parts })
            }

            /// Sends a command of which only the end matters.
            $($async)? fn execute<K: Command + ?Sized>(&mut self, command: &K) -> Result<(), S> {
                self.begin(command)$($($await)+)??.finish()$($($await)+)?
            }

            /// Sends any command, also one of your own, and lends every event until its end.
            ///
            /// Not for commands that need more than to be sent: AUTHENTICATE, STARTTLS,
            /// COMPRESS, APPEND, IDLE, LOGOUT.
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

            // ---- Any state (RFC 9051 section 6.1).

            /// NOOP (RFC 9051 section 6.1.2): keeps the connection alive, and lets the server
            /// tell what is new.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn noop(&mut self) -> Result<(), S> {
                self.execute(&NoopCommand)$($($await)+)?
            }

            /// ID (RFC 2971): says who asks, and asks the server who it is. `None` if it did not say.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn id(
                &mut self,
                fields: &[(&str, Option<&str>)],
            ) -> Result<Option<Id<'_>>, S> {
                let mut responses = self.begin(&IdCommand { fields })$($($await)+)??;
                responses
                    .advance_to(|event| matches!(event, Event::Id(_)))
                    $($($await)+)??;
                Ok(match self.event() {
                    Event::Id(raw) => raw.parse(),
                    _ => None,
                })
            }

            /// LOGOUT (RFC 9051 section 6.1.3). Returns the socket, to be closed.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run); but none that only says that the server was faster to
            /// close.
            pub $($async)? fn logout(mut self) -> Result<S, S> {
                let begun = self.begin(&LogoutCommand)$($($await)+)?;
                let tag = match begun.map(|responses| responses.tag) {
                    Ok(tag) => tag,
                    Err(_) if self.connection().state() == State::Logout => {
                        return Ok(self.driver.into_parts().2);
                    }
                    Err(error) => return Err(error),
                };
                while self.connection().is_in_flight(tag) {
                    match self.driver.advance()$($($await)+)? {
                        Ok(Progress::Closed) => break,
                        Ok(_) => {}
                        Err(_) if self.connection().state() == State::Logout => break,
                        Err(error) => return Err(error.into()),
                    }
                }
                Ok(self.driver.into_parts().2)
            }

            // ---- Not authenticated state (RFC 9051 section 6.2).

            /// STARTTLS (RFC 9051 section 6.2.1). Returns the socket when it is time for the
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
                self.execute(&StartTlsCommand)$($($await)+)??;
                while !matches!(self.event(), Event::StartTls { .. }) {
                    self.step()$($($await)+)??;
                }
                let (connection, buffers, socket, clock) = self.driver.into_parts();
                Ok((socket, StartTls { connection, buffers, clock }))
            }

            /// LOGIN (RFC 9051 section 6.2.3): the password goes in clear, so only inside
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
                let command = LoginCommand { user, password: password.into() };
                self.execute(&command)$($($await)+)??;
                self.settle()$($($await)+)?
            }

            /// AUTHENTICATE (RFC 9051 section 6.2.2) by a SASL mechanism. Then learns what
            /// the server can do now.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run), and those of the mechanism, in [`ClientError::Sasl`].
            pub $($async)? fn authenticate<M: Mechanism + ?Sized>(
                &mut self,
                mechanism: &mut M,
            ) -> Result<(), S> {
                self.settle()$($($await)+)??;
                let (connection, buffers) = self.driver.split();
                // RFC 4959: the first response may go with the command.
                let at_once = connection.takes_initial_response();
                let name = mechanism.name();
                let mut begins = mechanism.is_client_first();
                let initial = if begins && at_once {
                    begins = false;
                    Some(mechanism.initial()?)
                } else {
                    None
                };
                let mut command = AuthenticateCommand::new(name);
                command.initial_response = initial.as_ref();
                let tag = connection.send(&command, &mut buffers.tx)?;
                loop {
                    self.step()$($($await)+)??;
                    let response = match self.event() {
                        Event::Completed { tag: of, response } if of == tag => {
                            check(&response)?;
                            break;
                        }
                        Event::Challenge { truncated: true, .. } => {
                            let capacity = self.driver.split().1.rx.capacity();
                            // Cancels the exchange.
                            self.settle()$($($await)+)??;
                            return Err(crate::Error::from(ResourceError::RxFull { capacity }).into());
                        }
                        Event::Challenge { .. } if begins => mechanism.initial(),
                        Event::Challenge { challenge, .. } => {
                            mechanism.respond(Challenge::new(challenge))
                        }
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
            /// [`sasl::best`]. LOGIN is the last resort, of servers without mechanisms.
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
                let capabilities = *self.capabilities();
                match (sasl::best(capabilities.mechanisms(), credentials, link, nonce), credentials)
                {
                    (Ok(mut best), _) => self.authenticate(&mut best)$($($await)+)?,
                    (
                        Err(sasl::Error::NoMechanism),
                        Credentials::Password { user, password },
                    ) if !capabilities.contains(&Capability::LoginDisabled) => {
                        if !link.is_protected() {
                            return Err(sasl::Error::LinkInClear.into());
                        }
                        self.login(user, password)$($($await)+)?
                    }
                    (Err(error), _) => Err(error.into()),
                }
            }

            // ---- Authenticated state (RFC 9051 section 6.3).

            /// COMPRESS (RFC 4978): from now on both directions are compressed, by `start`. It
            /// is given the socket, and the compressed bytes that came with the server's OK,
            /// and returns how many of them it took. For a socket in an
            /// [`io::Deflate`](crate::io) it is `Deflate::start`:
            ///
            /// ```text
            /// let mail = mail.map_socket(|socket| Deflate::new(socket, ..));
            /// mail.compress(Deflate::start)?;
            /// ```
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run); after a NO or BAD nothing is compressed, and the client
            /// can go on. [`UsageError::CompressedInRx`] if `start` did not take all, which cannot
            /// be with a `Deflate` whose input is as large as Rx; the connection is of no more use
            /// then.
            ///
            /// If a future of this is dropped, call it again: once the server has agreed, all other
            /// calls are [`UsageError::Busy`] until that is done.
            pub $($async)? fn compress(
                &mut self,
                start: impl FnOnce(&mut S, &[u8]) -> usize,
            ) -> Result<(), S> {
                self.settle()$($($await)+)??;
                if self.connection().change() != Some(Change::Compress) {
                    self.execute(&CompressCommand)$($($await)+)??;
                }
                while !matches!(self.event(), Event::Compress { .. }) {
                    self.step()$($($await)+)??;
                }
                let (connection, buffers, socket) = self.driver.split_all();
                let taken = start(socket, buffers.rx.filled());
                buffers.rx.discard(taken);
                Ok(connection.compress_started(&buffers.rx)?)
            }

            /// UNAUTHENTICATE (RFC 8437): back to before the login, but inside TLS. Then learns
            /// what the server can do now.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run). [`UsageError::WrongState`] while the connection is
            /// compressed: see [`unauthenticate_with`](Self::unauthenticate_with).
            pub $($async)? fn unauthenticate(&mut self) -> Result<(), S> {
                if self.connection().is_compressed() {
                    return Err(UsageError::WrongState.into());
                }
                self.execute(&UnauthenticateCommand)$($($await)+)??;
                self.settle()$($($await)+)?
            }

            /// [`unauthenticate`](Self::unauthenticate), which ends compression, if there is
            /// any, by `end`: for a socket in an [`io::Deflate`](crate::io) that is
            /// `Deflate::stop`.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run). Of a future that is dropped, as [`compress`](Self::compress).
            pub $($async)? fn unauthenticate_with(
                &mut self,
                end: impl FnOnce(&mut S),
            ) -> Result<(), S> {
                self.settle()$($($await)+)??;
                if self.connection().change() != Some(Change::CompressEnd) {
                    self.execute(&UnauthenticateCommand)$($($await)+)??;
                }
                if self.connection().is_compressed() {
                    while !matches!(self.event(), Event::CompressEnd { .. }) {
                        self.step()$($($await)+)??;
                    }
                    let (connection, buffers, socket) = self.driver.split_all();
                    end(socket);
                    connection.compress_ended(&buffers.rx)?;
                }
                self.settle()$($($await)+)?
            }

            /// ENABLE (RFC 9051 section 6.3.1): turns on what changes the protocol, such as
            /// `IMAP4rev2`, before any mailbox is selected. Returns what the server turned on.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn enable(&mut self, capabilities: &[&str]) -> Result<CapabilitySet, S> {
                let mut enabled = CapabilitySet::new();
                let mut responses = self.begin(&EnableCommand { capabilities })$($($await)+)??;
                while let Some(event) = responses.next()$($($await)+)?? {
                    if let Event::Enabled(names) = event {
                        enabled.extend(&names);
                    }
                }
                Ok(enabled)
            }

            /// SELECT (RFC 9051 section 6.3.2): opens a mailbox.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run). After a NO, no mailbox is selected.
            pub $($async)? fn select(&mut self, mailbox: &str) -> Result<Selected, S> {
                self.execute(&SelectCommand::new(mailbox))$($($await)+)??;
                self.selected().copied().ok_or(ClientError::Closed)
            }

            /// EXAMINE (RFC 9051 section 6.3.3): opens a mailbox, and changes nothing in it.
            ///
            /// # Errors
            ///
            /// As [`select`](Self::select).
            pub $($async)? fn examine(&mut self, mailbox: &str) -> Result<Selected, S> {
                self.execute(&ExamineCommand::new(mailbox))$($($await)+)??;
                self.selected().copied().ok_or(ClientError::Closed)
            }

            /// CREATE (RFC 9051 section 6.3.4).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn create(&mut self, mailbox: &str) -> Result<(), S> {
                self.execute(&CreateCommand::new(mailbox))$($($await)+)?
            }

            /// DELETE (RFC 9051 section 6.3.5).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn delete(&mut self, mailbox: &str) -> Result<(), S> {
                self.execute(&DeleteCommand { mailbox })$($($await)+)?
            }

            /// RENAME (RFC 9051 section 6.3.6).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn rename(&mut self, from: &str, to: &str) -> Result<(), S> {
                self.execute(&RenameCommand { from, to })$($($await)+)?
            }

            /// SUBSCRIBE (RFC 9051 section 6.3.7).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn subscribe(&mut self, mailbox: &str) -> Result<(), S> {
                self.execute(&SubscribeCommand { mailbox })$($($await)+)?
            }

            /// UNSUBSCRIBE (RFC 9051 section 6.3.8).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn unsubscribe(&mut self, mailbox: &str) -> Result<(), S> {
                self.execute(&UnsubscribeCommand { mailbox })$($($await)+)?
            }

            /// LIST (RFC 9051 section 6.3.9): the mailboxes below `reference` that match
            /// `pattern`; mostly `list("", "*")`.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn list(
                &mut self,
                reference: &str,
                pattern: &str,
            ) -> Result<Mailboxes<'_, 'b, S, C>, S> {
                let patterns = [pattern];
                let command = ListCommand::new(&patterns).reference(reference);
                Ok(Mailboxes(self.begin(&command)$($($await)+)??))
            }

            /// LIST with options (RFC 9051 section 6.3.9). If it returns STATUS too, see
            /// [`run`](Self::run).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn list_extended(
                &mut self,
                command: &ListCommand<'_>,
            ) -> Result<Mailboxes<'_, 'b, S, C>, S> {
                Ok(Mailboxes(self.begin(command)$($($await)+)??))
            }

            /// LSUB (RFC 3501 section 6.3.9): the subscribed mailboxes. In IMAP4rev2, which has
            /// no LSUB, by LIST (SUBSCRIBED).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn lsub(
                &mut self,
                reference: &str,
                pattern: &str,
            ) -> Result<Mailboxes<'_, 'b, S, C>, S> {
                self.settle()$($($await)+)??;
                // IMAP4rev2 has no LSUB, and Exchange then refuses it.
                if self.connection().offer().is_rev2() {
                    let patterns = [pattern];
                    let subscribed = [ListSelection::Subscribed];
                    let command =
                        ListCommand::new(&patterns).reference(reference).selection(&subscribed);
                    return Ok(Mailboxes(self.begin(&command)$($($await)+)??));
                }
                Ok(Mailboxes(self.begin(&LsubCommand { reference, pattern })$($($await)+)??))
            }

            /// NAMESPACE (RFC 9051 section 6.3.10). `None` if the server said OK and no more.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn namespace(&mut self) -> Result<Option<Namespace<'_>>, S> {
                let mut responses = self.begin(&NamespaceCommand)$($($await)+)??;
                responses
                    .advance_to(|event| matches!(event, Event::Namespace(_)))
                    $($($await)+)??;
                Ok(match self.event() {
                    Event::Namespace(namespace) => namespace.parse(),
                    _ => None,
                })
            }

            /// STATUS (RFC 9051 section 6.3.11): figures of a mailbox that is not selected.
            /// `None` if the server said OK and no more.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn status(
                &mut self,
                mailbox: &str,
                items: &[StatusItem<'_>],
            ) -> Result<Option<MailboxStatus<'_>>, S> {
                let any = !self.notified;
                let mut responses = self.begin(&StatusCommand::new(mailbox, items))$($($await)+)??;
                while responses.advance()$($($await)+)?? {
                    if let Event::MailboxStatus(status) = responses.client.event()
                        && (any || status.mailbox == mailbox)
                    {
                        break;
                    }
                }
                Ok(match self.event() {
                    Event::MailboxStatus(status) => Some(status),
                    _ => None,
                })
            }

            /// GETQUOTA (RFC 9208 section 4.1.1): usage and limits of a quota root. `None` if the server
            /// said OK and no more.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn get_quota(
                &mut self,
                root: &str,
            ) -> Result<Option<Quota<'_>>, S> {
                let mut responses = self.begin(&GetQuotaCommand { root })$($($await)+)??;
                responses
                    .advance_to(|event| matches!(event, Event::Quota(_)))
                    $($($await)+)??;
                Ok(match self.event() {
                    Event::Quota(raw) => raw.parse(),
                    _ => None,
                })
            }

            /// GETQUOTAROOT (RFC 9208 section 4.1.2): an [`Event::QuotaRoot`] with the quota roots
            /// that a mailbox counts for, and an [`Event::Quota`] for each.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn get_quota_root(
                &mut self,
                mailbox: &str,
            ) -> Result<Responses<'_, 'b, S, C>, S> {
                self.begin(&GetQuotaRootCommand { mailbox })$($($await)+)?
            }

            /// SETQUOTA (RFC 9208 section 4.1.3).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn set_quota(&mut self, root: &str, limits: &[(&str, u64)]) -> Result<(), S> {
                self.execute(&SetQuotaCommand { root, limits })$($($await)+)?
            }

            /// GETACL (RFC 4314 section 3.3): who may do what with a mailbox. `None` if the server said
            /// OK and no more.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn get_acl(
                &mut self,
                mailbox: &str,
            ) -> Result<Option<Acl<'_>>, S> {
                let mut responses = self.begin(&GetAclCommand { mailbox })$($($await)+)??;
                responses
                    .advance_to(|event| matches!(event, Event::Acl(_)))
                    $($($await)+)??;
                Ok(match self.event() {
                    Event::Acl(raw) => raw.parse(),
                    _ => None,
                })
            }

            /// SETACL (RFC 4314 section 3.1).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn set_acl(
                &mut self,
                mailbox: &str,
                identifier: &str,
                rights: SetRights<'_>,
            ) -> Result<(), S> {
                self.execute(&SetAclCommand { mailbox, identifier, rights })$($($await)+)?
            }

            /// DELETEACL (RFC 4314 section 3.2).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn delete_acl(&mut self, mailbox: &str, identifier: &str) -> Result<(), S> {
                self.execute(&DeleteAclCommand { mailbox, identifier })$($($await)+)?
            }

            /// LISTRIGHTS (RFC 4314 section 3.4): which rights somebody can be given. `None` if the
            /// server said OK and no more.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn list_rights(
                &mut self,
                mailbox: &str,
                identifier: &str,
            ) -> Result<Option<ListRights<'_>>, S> {
                let mut responses = self.begin(&ListRightsCommand { mailbox, identifier })$($($await)+)??;
                responses
                    .advance_to(|event| matches!(event, Event::ListRights(_)))
                    $($($await)+)??;
                Ok(match self.event() {
                    Event::ListRights(raw) => raw.parse(),
                    _ => None,
                })
            }

            /// MYRIGHTS (RFC 4314 section 3.5): what the user may do with a mailbox. `None` if the server
            /// said OK and no more.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn my_rights(
                &mut self,
                mailbox: &str,
            ) -> Result<Option<MyRights<'_>>, S> {
                let mut responses = self.begin(&MyRightsCommand { mailbox })$($($await)+)??;
                responses
                    .advance_to(|event| matches!(event, Event::MyRights(_)))
                    $($($await)+)??;
                Ok(match self.event() {
                    Event::MyRights(raw) => raw.parse(),
                    _ => None,
                })
            }

            /// GETMETADATA (RFC 5464 section 4.2): an [`Event::Metadata`] or several. What
            /// [`max_size`](GetMetadataCommand::max_size) left out is told with the OK, which is
            /// the [driver](Self::driver_mut)'s event when all were read.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn get_metadata(
                &mut self,
                command: &GetMetadataCommand<'_>,
            ) -> Result<Responses<'_, 'b, S, C>, S> {
                self.begin(command)$($($await)+)?
            }

            /// SETMETADATA (RFC 5464 section 4.3): sets annotations, or removes those without a
            /// value.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn set_metadata(
                &mut self,
                mailbox: &str,
                entries: &[(&str, Option<&[u8]>)],
            ) -> Result<(), S> {
                self.execute(&SetMetadataCommand { mailbox, entries })$($($await)+)?
            }

            /// LANGUAGE (RFC 5255 section 3.2): asks for the server's texts in the first of these
            /// languages that it has, or with none for those that it has. `None` if it did not say.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn language(
                &mut self,
                ranges: &[&str],
            ) -> Result<Option<Language<'_>>, S> {
                let mut responses = self.begin(&LanguageCommand { ranges })$($($await)+)??;
                responses
                    .advance_to(|event| matches!(event, Event::Language(_)))
                    $($($await)+)??;
                Ok(match self.event() {
                    Event::Language(raw) => raw.parse(),
                    _ => None,
                })
            }

            /// NOTIFY (RFC 5465): of what the server shall tell unasked. Until
            /// [`NotifyCommand::none`], read on by [`idle`](Self::idle), or by the
            /// [driver](Self::driver_mut).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn notify(&mut self, command: &NotifyCommand<'_>) -> Result<(), S> {
                self.execute(command)$($($await)+)?
            }

            /// Signs URLs, so that others who are given them can fetch what they name (RFC 4467).
            /// Each is given with the mechanism that signs it, such as `INTERNAL`.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run) and [`Responses::next`].
            pub $($async)? fn gen_url_auth(
                &mut self,
                urls: &[(&str, &str)],
            ) -> Result<Option<GenUrlAuth<'_>>, S> {
                let mut responses = self.begin(&GenUrlAuthCommand { urls })$($($await)+)??;
                responses
                    .advance_to(|event| matches!(event, Event::GenUrlAuth(_)))
                    $($($await)+)??;
                Ok(match self.event() {
                    Event::GenUrlAuth(raw) => raw.parse(),
                    _ => None,
                })
            }

            /// Makes URLs invalid that [`gen_url_auth`](Self::gen_url_auth) signed (RFC 4467):
            /// those of a mailbox, by some mechanisms or by all, or of all mailboxes.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run) and [`Responses::finish`].
            pub $($async)? fn reset_key(
                &mut self,
                mailbox: Option<&str>,
                mechanisms: &[&str],
            ) -> Result<(), S> {
                self.execute(&ResetKeyCommand { mailbox, mechanisms })$($($await)+)?
            }

            /// Fetches what signed URLs name (RFC 4467, RFC 5524), each with what is wanted of
            /// it. The answer must fit Rx; `None` if it does not.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run) and [`Responses::next`].
            pub $($async)? fn url_fetch(
                &mut self,
                urls: &[(&str, &[UrlFetchParam])],
            ) -> Result<Option<UrlFetch<'_>>, S> {
                let mut responses = self.begin(&UrlFetchCommand { urls })$($($await)+)??;
                responses
                    .advance_to(|event| matches!(event, Event::UrlFetch(_)))
                    $($($await)+)??;
                Ok(match self.event() {
                    Event::UrlFetch(raw) => raw.parse(),
                    _ => None,
                })
            }

            /// APPEND (RFC 9051 section 6.3.12): puts a message, its lines ending in CR LF,
            /// into a mailbox. Returns where it is, if the server tells.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn append(
                &mut self,
                mailbox: &str,
                flags: &[Flag<'_>],
                date: Option<DateTime>,
                message: &[u8],
            ) -> Result<Option<Appended>, S> {
                let size = message.len() as u64;
                let mut command = AppendCommand::new(mailbox, size).flags(flags);
                command.message.date = date;
                let mut upload = self.append_stream(&command)$($($await)+)??;
                upload.write(message)$($($await)+)??;
                upload.finish()$($($await)+)?
            }

            /// APPEND (RFC 9051 section 6.3.12) of a message that comes in pieces: exactly so
            /// many bytes as the command says.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn append_stream(
                &mut self,
                command: &AppendCommand<'_>,
            ) -> Result<Upload<'_, 'b, S, C>, S> {
                self.upload(command)$($($await)+)?
            }

            /// APPEND of any number of messages, of which all get into the mailbox or none
            /// (RFC 3502).
            ///
            /// ```text
            /// let mut upload = mail.multi_append("Archive")?;
            /// for message in messages {
            ///     upload.message(&AppendMessage::new(message.len() as u64))?;
            ///     upload.write(message)?;
            /// }
            /// upload.finish()?;
            /// ```
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn multi_append(
                &mut self,
                mailbox: &str,
            ) -> Result<Upload<'_, 'b, S, C>, S> {
                self.upload(&MultiAppendCommand { mailbox })$($($await)+)?
            }

            /// APPEND of a message that the server puts together from texts and from what it has
            /// (RFC 4469).
            ///
            /// ```text
            /// let mut upload = mail.catenate("Drafts", &[Flag::Draft], None)?;
            /// upload.text(header.len() as u64)?;
            /// upload.write(header)?;
            /// upload.url("/Drafts/;UID=20/;section=TEXT")?;
            /// upload.finish()?;
            /// ```
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn catenate(
                &mut self,
                mailbox: &str,
                flags: &[Flag<'_>],
                date: Option<DateTime>,
            ) -> Result<Upload<'_, 'b, S, C>, S> {
                let mut message = AppendMessage::catenate().flags(flags);
                message.date = date;
                self.upload(&AppendCommand::with(mailbox, message))$($($await)+)?
            }

            /// REPLACE and UID REPLACE (RFC 8508): puts a message into a mailbox, and removes
            /// another from the selected one.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn replace(
                &mut self,
                command: &ReplaceCommand<'_>,
            ) -> Result<Upload<'_, 'b, S, C>, S> {
                self.upload(command)$($($await)+)?
            }

            $($async)? fn upload<K: Command>(
                &mut self,
                command: &K,
            ) -> Result<Upload<'_, 'b, S, C>, S> {
                let mut upload = Upload(self.begin(command)$($($await)+)??);
                upload.turn()$($($await)+)??;
                Ok(upload)
            }

            /// IDLE (RFC 9051 section 6.3.13): from now on the server tells by itself what
            /// happens in the mailbox. If it told how many messages there are before it agreed, that
            /// comes first.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn idle(&mut self) -> Result<Idle<'_, 'b, S, C>, S> {
                let mut responses = self.begin(&IdleCommand)$($($await)+)??;
                let mut exists = None;
                while responses.advance()$($($await)+)?? {
                    match responses.client.event() {
                        Event::Idling { .. } => break,
                        Event::Exists(count) => exists = Some(count),
                        _ => {}
                    }
                }
                Ok(Idle { responses, exists })
            }

            // ---- Selected state (RFC 9051 section 6.4).

            /// CHECK (RFC 3501 section 6.4.1): a checkpoint.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn check(&mut self) -> Result<(), S> {
                self.execute(&CheckCommand)$($($await)+)?
            }

            /// CLOSE (RFC 9051 section 6.4.1): removes what is marked `\Deleted`, unless the
            /// mailbox is read-only, and unselects it.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn close(&mut self) -> Result<(), S> {
                self.execute(&CloseCommand)$($($await)+)?
            }

            /// UNSELECT (RFC 9051 section 6.4.2): unselects the mailbox and removes nothing.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn unselect(&mut self) -> Result<(), S> {
                self.execute(&UnselectCommand)$($($await)+)?
            }

            /// EXPUNGE (RFC 9051 section 6.4.3): removes what is marked `\Deleted`. To be told
            /// which numbers, see [`run`](Self::run).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn expunge(&mut self) -> Result<(), S> {
                self.execute(&ExpungeCommand)$($($await)+)?
            }

            /// UID EXPUNGE (RFC 9051 section 6.4.9): removes what is marked `\Deleted` among
            /// these.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn uid_expunge<'a>(
                &mut self,
                uids: impl Into<SequenceSet<'a>>,
            ) -> Result<(), S> {
                let messages = uids.into();
                // It borrows the client and the set for the same time.
                let command = UidExpungeCommand { messages };
                self.begin_parts(&command, messages, true)$($($await)+)??
                    .finish()
                    $($($await)+)?
            }

            /// SEARCH (RFC 9051 section 6.4.4): the sequence numbers of the messages that
            /// match all of `keys`.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn search(
                &mut self,
                keys: &[Search<'_>],
            ) -> Result<Found<'_, 'b, S, C>, S> {
                self.search_extended(&SearchCommand::new(keys))$($($await)+)?
            }

            /// UID SEARCH (RFC 9051 section 6.4.9): the UIDs of the messages that match all of
            /// `keys`.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn uid_search(
                &mut self,
                keys: &[Search<'_>],
            ) -> Result<Found<'_, 'b, S, C>, S> {
                self.search_extended(&SearchCommand::new(keys).uid())$($($await)+)?
            }

            /// SEARCH with return options (RFC 9051 section 6.4.4).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn search_extended(
                &mut self,
                command: &SearchCommand<'_>,
            ) -> Result<Found<'_, 'b, S, C>, S> {
                Ok(Found::new(self.begin(command)$($($await)+)??))
            }

            /// ESEARCH (RFC 7377): searches several mailboxes. Each batch that begins with a
            /// mailbox's name ([`Esearch::mailbox`]) and those that follow it are of that one.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn esearch(
                &mut self,
                command: &EsearchCommand<'_>,
            ) -> Result<Found<'_, 'b, S, C>, S> {
                Ok(Found::new(self.begin(command)$($($await)+)??))
            }

            /// SORT (RFC 5256 section 3): the sequence numbers of the messages that match all
            /// of `keys`, in this order.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn sort(
                &mut self,
                criteria: &[Sort<'_>],
                keys: &[Search<'_>],
            ) -> Result<Found<'_, 'b, S, C>, S> {
                self.sort_extended(&SortCommand::new(criteria, keys))$($($await)+)?
            }

            /// UID SORT (RFC 5256 section 3): the UIDs of the messages that match all of
            /// `keys`, in this order.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn uid_sort(
                &mut self,
                criteria: &[Sort<'_>],
                keys: &[Search<'_>],
            ) -> Result<Found<'_, 'b, S, C>, S> {
                self.sort_extended(&SortCommand::new(criteria, keys).uid())$($($await)+)?
            }

            /// SORT with return options (RFC 5267 section 3).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn sort_extended(
                &mut self,
                command: &SortCommand<'_>,
            ) -> Result<Found<'_, 'b, S, C>, S> {
                Ok(Found::new(self.begin(command)$($($await)+)??))
            }

            /// CANCELUPDATE (RFC 5267 section 4.3.5): no more is told of the searches with
            /// these [tags](Found::tag).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn cancel_update(&mut self, tags: &[Tag]) -> Result<(), S> {
                self.execute(&CancelUpdateCommand { tags })$($($await)+)?
            }

            /// THREAD (RFC 5256 section 3): the sequence numbers of the messages that match
            /// all of `keys`, as conversations.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn thread(
                &mut self,
                algorithm: ThreadAlgorithm,
                keys: &[Search<'_>],
            ) -> Result<FoundThreads<'_, 'b, S, C>, S> {
                let command = ThreadCommand::new(algorithm, keys);
                Ok(FoundThreads(self.begin(&command)$($($await)+)??))
            }

            /// UID THREAD (RFC 5256 section 3): the UIDs of the messages that match all of
            /// `keys`, as conversations.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn uid_thread(
                &mut self,
                algorithm: ThreadAlgorithm,
                keys: &[Search<'_>],
            ) -> Result<FoundThreads<'_, 'b, S, C>, S> {
                let command = ThreadCommand::new(algorithm, keys).uid();
                Ok(FoundThreads(self.begin(&command)$($($await)+)??))
            }

            /// UIDBATCHES (RFC 10022): ranges of UIDs with about as many messages in each.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn uid_batches(
                &mut self,
                command: &UidBatchesCommand,
            ) -> Result<FoundBatches<'_, 'b, S, C>, S> {
                Ok(FoundBatches(self.begin(command)$($($await)+)??))
            }

            /// FETCH (RFC 9051 section 6.4.5), by sequence numbers. What is too long is
            /// [sent in parts](Client#long-sets).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn fetch<'c>(
                &'c mut self,
                set: impl Into<SequenceSet<'c>>,
                items: &[Fetch<'_>],
            ) -> Result<Messages<'c, 'b, S, C>, S> {
                let set = set.into();
                let command = FetchCommand::new(set, items);
                Ok(Messages(self.begin_parts(&command, set, false)$($($await)+)??))
            }

            /// UID FETCH (RFC 9051 section 6.4.9), by UIDs. What is too long is
            /// [sent in parts](Client#long-sets).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn uid_fetch<'c>(
                &'c mut self,
                uids: impl Into<SequenceSet<'c>>,
                items: &[Fetch<'_>],
            ) -> Result<Messages<'c, 'b, S, C>, S> {
                let set = uids.into();
                let command = FetchCommand::uid(set, items);
                Ok(Messages(self.begin_parts(&command, set, false)$($($await)+)??))
            }

            /// [`fetch`](Self::fetch), with modifiers: what changed since (RFC 7162), a page of
            /// it (RFC 9394). Which messages are gone (`vanished`) is only told by
            /// [`run`](Self::run).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn fetch_extended(
                &mut self,
                command: &FetchCommand<'_>,
            ) -> Result<Messages<'_, 'b, S, C>, S> {
                Ok(Messages(self.begin(command)$($($await)+)??))
            }

            /// STORE and UID STORE (RFC 9051 section 6.4.6): changes flags. The server
            /// answers with the new ones, unless told to be
            /// [silent](StoreCommand::silent).
            ///
            /// ```text
            /// mail.store(&StoreCommand::add(uids, &[Flag::Seen]).uid().silent())?.finish()?;
            /// ```
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn store<'c>(
                &'c mut self,
                command: &StoreCommand<'c>,
            ) -> Result<Messages<'c, 'b, S, C>, S> {
                // What the first part changed is not unchanged in the second.
                let once = command.unchanged_since.is_some();
                Ok(Messages(self.begin_parts(command, command.set, once)$($($await)+)??))
            }

            /// COPY (RFC 9051 section 6.4.7), by sequence numbers.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn copy<'c>(
                &'c mut self,
                set: impl Into<SequenceSet<'c>>,
                mailbox: &str,
            ) -> Result<Copied<'c, 'b, S, C>, S> {
                let messages = set.into();
                let command = CopyCommand { messages, mailbox, uid: false };
                Ok(Copied(self.begin_parts(&command, messages, true)$($($await)+)??))
            }

            /// UID COPY (RFC 9051 section 6.4.9), by UIDs. What is too long is
            /// [sent in parts](Client#long-sets).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn uid_copy<'c>(
                &'c mut self,
                uids: impl Into<SequenceSet<'c>>,
                mailbox: &str,
            ) -> Result<Copied<'c, 'b, S, C>, S> {
                let messages = uids.into();
                let command = CopyCommand { messages, mailbox, uid: true };
                Ok(Copied(self.begin_parts(&command, messages, true)$($($await)+)??))
            }

            /// MOVE (RFC 9051 section 6.4.8), by sequence numbers; `move` is a word of Rust's.
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn move_to<'c>(
                &'c mut self,
                set: impl Into<SequenceSet<'c>>,
                mailbox: &str,
            ) -> Result<Copied<'c, 'b, S, C>, S> {
                let messages = set.into();
                let command = MoveCommand { messages, mailbox, uid: false };
                Ok(Copied(self.begin_parts(&command, messages, true)$($($await)+)??))
            }

            /// UID MOVE (RFC 9051 section 6.4.9), by UIDs. What is too long is
            /// [sent in parts](Client#long-sets).
            ///
            /// # Errors
            ///
            /// As [`run`](Self::run).
            pub $($async)? fn uid_move<'c>(
                &'c mut self,
                uids: impl Into<SequenceSet<'c>>,
                mailbox: &str,
            ) -> Result<Copied<'c, 'b, S, C>, S> {
                let messages = uids.into();
                let command = MoveCommand { messages, mailbox, uid: true };
                Ok(Copied(self.begin_parts(&command, messages, true)$($($await)+)??))
            }
        }

        /// A connection between STARTTLS and the end of the handshake.
        #[derive(Debug)]
        #[must_use = "the connection goes on once the handshake is done"]
        pub struct StartTls<'b, C> {
            connection: Connection,
            buffers: Buffers<'b>,
            clock: C,
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
                let Self { mut connection, buffers, clock } = self;
                connection.tls_started(&buffers.rx)?;
                let driver = Driver::new(connection, buffers, socket, clock);
                let mut client = Client { driver, notified: false };
                client.settle()$($($await)+)??;
                Ok(client)
            }
        }

        /// All that the server says while a command is in flight.
        #[derive(Debug)]
        #[must_use = "whether the command worked is only known at its end"]
        pub struct Responses<'c, 'b, S, C> {
            client: &'c mut Client<'b, S, C>,
            tag: Tag,
            /// The command was completed, and the event that said so is the current one.
            ended: bool,
            /// What is left to be sent, of a command that is sent in parts.
            parts: Option<LongSet<'c>>,
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
                let progress = self.advance_until(Instant::NEVER)$($($await)+)??;
                Ok(progress == Progress::Event)
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

            /// `Closed` once the command has ended well, `NeedInput` if the time is up.
            $($async)? fn advance_until(&mut self, at: Instant) -> Result<Progress, S> {
                if self.ended {
                    return Ok(Progress::Closed);
                }
                if let Some(parts) = &mut self.parts
                    && !self.client.connection().is_in_flight(self.tag)
                {
                    let (connection, buffers) = self.client.driver.split();
                    self.tag = connection.send_part(parts, &mut buffers.tx)?;
                }
                match self.client.step_until(at)$($($await)+)?? {
                    Progress::Closed => return Err(ClientError::Closed),
                    Progress::NeedInput => return Ok(Progress::NeedInput),
                    Progress::Event => {}
                }
                match self.client.connection().told_status() {
                    Some((Some(tag), _)) if tag == self.tag => {}
                    _ => return Ok(Progress::Event),
                }
                let more = self.parts.as_ref().is_some_and(|parts| !parts.is_empty());
                self.ended = !more;
                if let Event::Completed { response, .. } = self.client.event() {
                    let checked = check(&response);
                    let goes_on = more
                        && match (&checked, &self.parts) {
                            (Err(ClientError::Refused(refused)), Some(parts)) => {
                                parts.is_fetch() && refused.is_mere_absence()
                            }
                            _ => checked.is_ok(),
                        };
                    if goes_on {
                        return Ok(Progress::Event);
                    }
                    self.ended = true;
                    checked?;
                }
                Ok(Progress::Closed)
            }
        }

        /// Mailboxes, from LIST or LSUB.
        #[derive(Debug)]
        pub struct Mailboxes<'c, 'b, S, C>(Responses<'c, 'b, S, C>);

        impl<S: Read + Write, C: Clock> Mailboxes<'_, '_, S, C> {
            /// The next mailbox; `None` when these were all.
            ///
            /// # Errors
            ///
            /// As [`Responses::next`].
            pub $($async)? fn next(&mut self) -> Result<Option<List<'_>>, S> {
                let found = self
                    .0
                    .advance_to(|event| matches!(event, Event::List(_) | Event::Lsub(_)))
                    $($($await)+)??;
                Ok(match self.0.client.event() {
                    Event::List(list) | Event::Lsub(list) if found => Some(list),
                    _ => None,
                })
            }
        }

        /// What a search found.
        #[derive(Debug)]
        pub struct Found<'c, 'b, S, C> {
            responses: Responses<'c, 'b, S, C>,
            /// Whether an ESEARCH response that comes in parts is the answer to another
            /// search, whose result has changed.
            foreign: bool,
        }

        impl<'c, 'b, S, C> Found<'c, 'b, S, C> {
            const fn new(responses: Responses<'c, 'b, S, C>) -> Self {
                Self { responses, foreign: false }
            }

            /// The search's tag: what [`cancel_update`](Client::cancel_update) wants, and what
            /// stands in [`Esearch::tag`] when its result changes
            /// ([`SearchReturn::Update`](crate::imap::SearchReturn::Update)).
            pub const fn tag(&self) -> Tag {
                self.responses.tag
            }
        }

        impl<S: Read + Write, C: Clock> Found<'_, '_, S, C> {
            /// The next batch of numbers, as many as fit Rx; `None` when these were all.
            ///
            /// # Errors
            ///
            /// As [`Responses::next`].
            pub $($async)? fn next(&mut self) -> Result<Option<Batch<'_>>, S> {
                while self.responses.advance()$($($await)+)?? && !self.is_mine() {}
                let event = self.responses.client.event();
                Ok(Batch::of(&event))
            }

            /// Whether the current event is of this search.
            fn is_mine(&mut self) -> bool {
                match self.responses.client.event() {
                    Event::Esearch { found, more } => {
                        // Some servers leave the tag out, and later parts have none.
                        let tag = self.responses.tag;
                        let foreign = match found.tag() {
                            Some(of) => of != tag.as_str(),
                            None => self.foreign,
                        };
                        self.foreign = foreign && more;
                        !foreign
                    }
                    event => Batch::of(&event).is_some(),
                }
            }
        }

        /// Threads, from THREAD.
        #[derive(Debug)]
        pub struct FoundThreads<'c, 'b, S, C>(Responses<'c, 'b, S, C>);

        impl<S: Read + Write, C: Clock> FoundThreads<'_, '_, S, C> {
            /// The next of them, as many as fit Rx; `None` when these were all. A thread may
            /// [go on](Threads::depth) in the next piece.
            ///
            /// # Errors
            ///
            /// As [`Responses::next`].
            pub $($async)? fn next(&mut self) -> Result<Option<Threads<'_>>, S> {
                let found =
                    self.0.advance_to(|event| matches!(event, Event::Thread { .. }))$($($await)+)??;
                Ok(match self.0.client.event() {
                    Event::Thread { threads, .. } if found => Some(threads),
                    _ => None,
                })
            }
        }

        /// Batches of messages, from UIDBATCHES.
        #[derive(Debug)]
        pub struct FoundBatches<'c, 'b, S, C>(Responses<'c, 'b, S, C>);

        impl<S: Read + Write, C: Clock> FoundBatches<'_, '_, S, C> {
            /// The next of them, as many as fit Rx; `None` when these were all.
            ///
            /// # Errors
            ///
            /// As [`Responses::next`].
            pub $($async)? fn next(&mut self) -> Result<Option<UidBatches<'_>>, S> {
                let found = self
                    .0
                    .advance_to(|event| matches!(event, Event::UidBatches { .. }))
                    $($($await)+)??;
                Ok(match self.0.client.event() {
                    Event::UidBatches { batches, .. } if found => Some(batches),
                    _ => None,
                })
            }
        }

        /// Messages, from FETCH or STORE.
        #[derive(Debug)]
        #[must_use = "whether the command worked is only known at its end"]
        pub struct Messages<'c, 'b, S, C>(Responses<'c, 'b, S, C>);

        impl<'b, S: Read + Write, C: Clock> Messages<'_, 'b, S, C> {
            /// The next message; `None` when these were all. What was not read of the one
            /// before is passed over.
            ///
            /// The server may tell of one message more than once, and of others too, when
            /// their flags change.
            ///
            /// # Errors
            ///
            /// As [`Responses::next`].
            pub $($async)? fn next(&mut self) -> Result<Option<Message<'_, 'b, S, C>>, S> {
                loop {
                    match self.0.advance()$($($await)+)? {
                        Ok(true) => {}
                        Ok(false) => return Ok(None),
                        // Gmail's NO after all that there is: "Some of the requested messages
                        // no longer exist".
                        Err(ClientError::Refused(refused)) if refused.is_mere_absence() => {
                            return Ok(None);
                        }
                        Err(error) => return Err(error),
                    }
                    if let Event::Fetch(event::Fetch::Start { seq, uid }) = self.0.client.event() {
                        let client = &mut *self.0.client;
                        return Ok(Some(Message { client, seq, uid, ended: false }));
                    }
                }
            }

            /// Passes over what is left, until the command has ended well.
            ///
            /// # Errors
            ///
            /// As [`next`](Self::next).
            pub $($async)? fn finish(mut self) -> Result<(), S> {
                while self.next()$($($await)+)??.is_some() {}
                Ok(())
            }
        }

        /// One message's items.
        #[derive(Debug)]
        pub struct Message<'m, 'b, S, C> {
            client: &'m mut Client<'b, S, C>,
            seq: Option<u32>,
            uid: Option<u32>,
            ended: bool,
        }

        impl<S: Read + Write, C: Clock> Message<'_, '_, S, C> {
            /// Its sequence number. None if the server tells of UIDs only (RFC 9586).
            pub const fn seq(&self) -> Option<u32> {
                self.seq
            }

            /// Its UID, if the server tells of UIDs only (RFC 9586). Else it is one of the
            /// items, if it was asked for.
            pub const fn uid(&self) -> Option<u32> {
                self.uid
            }

            /// The next item, or the beginning of a section of its text, or bytes of that
            /// section; `None` when this was all. It is never
            /// [`Start`](event::Fetch::Start) or [`End`](event::Fetch::End).
            ///
            /// # Errors
            ///
            /// Those of the driver.
            pub $($async)? fn next(&mut self) -> Result<Option<event::Fetch<'_>>, S> {
                if self.ended {
                    return Ok(None);
                }
                self.client.step()$($($await)+)??;
                match self.client.driver.event() {
                    Event::Fetch(piece) if piece != event::Fetch::End => Ok(Some(piece)),
                    _ => {
                        self.ended = true;
                        Ok(None)
                    }
                }
            }
        }

        /// What COPY or MOVE did.
        #[derive(Debug)]
        #[must_use = "whether the command worked is only known at its end"]
        pub struct Copied<'c, 'b, S, C>(Responses<'c, 'b, S, C>);

        impl<S: Read + Write, C: Clock> Copied<'_, '_, S, C> {
            /// The next copies; `None` when these were all that the server told. It need not
            /// tell any.
            ///
            /// # Errors
            ///
            /// As [`Responses::next`].
            pub $($async)? fn next(&mut self) -> Result<Option<CopiedUids<'_>>, S> {
                if self.0.ended {
                    return Ok(None);
                }
                while self.0.advance()$($($await)+)??
                    && CopiedUids::of(&self.0.client.event()).is_none()
                {}
                Ok(CopiedUids::of(&self.0.client.event()))
            }

            /// Passes over what is left, until the command has ended well.
            ///
            /// # Errors
            ///
            /// As [`next`](Self::next).
            pub $($async)? fn finish(self) -> Result<(), S> {
                self.0.finish()$($($await)+)?
            }
        }

        /// A message, or several, on their way into a mailbox.
        ///
        /// The server waits for all that was announced. When this is dropped before that was
        /// given, the next call [cancels](Self::cancel) it, if the server can do that and no more
        /// than 64 KiB are left; else the connection is of no more use, and every later call is
        /// [`LiteralAbandoned`](UsageError::LiteralAbandoned).
        #[derive(Debug)]
        #[must_use = "nothing is appended but by `finish`"]
        pub struct Upload<'c, 'b, S, C>(Responses<'c, 'b, S, C>);

        impl<'c, 'b, S: Read + Write, C: Clock> Upload<'c, 'b, S, C> {
            /// How many bytes are still to be given of what was announced last.
            pub fn remaining(&self) -> u64 {
                self.0.client.connection().literal_remaining()
            }

            /// Goes on with the next message of a [`multi_append`](Client::multi_append). What
            /// follows is its text, or if it is [put together](AppendMessage::catenate), its
            /// parts.
            ///
            /// # Errors
            ///
            /// As [`Connection::append_message`]; after those, another message may still be
            /// given. As [`Responses::next`].
            pub $($async)? fn message(&mut self, message: &AppendMessage<'_>) -> Result<(), S> {
                self.0.client.driver.flush()$($($await)+)??;
                let (connection, buffers) = self.0.client.driver.split();
                connection.append_message(message, &mut buffers.tx)?;
                self.turn()$($($await)+)?
            }

            /// Goes on with `size` bytes of text, of a message that is put together.
            ///
            /// # Errors
            ///
            /// As [`Connection::append_part`]; after those, another part may still be given. As
            /// [`Responses::next`].
            pub $($async)? fn text(&mut self, size: u64) -> Result<(), S> {
                self.part(&CatenatePart::Text(size))$($($await)+)?
            }

            /// Goes on with what the server has at `url`, of a message that is put together. See
            /// [`CatenatePart::Url`].
            ///
            /// # Errors
            ///
            /// As [`text`](Self::text).
            pub $($async)? fn url(&mut self, url: &str) -> Result<(), S> {
                self.part(&CatenatePart::Url(url))$($($await)+)?
            }

            /// Goes on with any part of a message that is put together.
            ///
            /// # Errors
            ///
            /// As [`text`](Self::text).
            pub $($async)? fn part(&mut self, part: &CatenatePart<'_>) -> Result<(), S> {
                self.0.client.driver.flush()$($($await)+)??;
                let (connection, buffers) = self.0.client.driver.split();
                connection.append_part(part, &mut buffers.tx)?;
                self.turn()$($($await)+)?
            }

            /// Waits until it is our turn again, or the command has ended.
            $($async)? fn turn(&mut self) -> Result<(), S> {
                self.0
                    .advance_to(|event| {
                        matches!(event, Event::SendLiteral { .. } | Event::NextPart { .. })
                    })
                    $($($await)+)??;
                Ok(())
            }

            /// Gives the next bytes, and sends them as far as Tx cannot hold them.
            ///
            /// # Errors
            ///
            /// [`UsageError::InvalidArgument`] if they are more than remain; none is taken
            /// then. Those of the driver.
            pub $($async)? fn write(&mut self, bytes: &[u8]) -> Result<(), S> {
                if bytes.len() as u64 > self.remaining() {
                    return Err(UsageError::InvalidArgument("more bytes than announced").into());
                }
                let mut rest = bytes;
                while !rest.is_empty() {
                    let (connection, buffers) = self.0.client.driver.split();
                    let taken = connection.write_literal(rest, &mut buffers.tx);
                    rest = rest.get(taken..).unwrap_or_default();
                    if !rest.is_empty() {
                        self.0.client.driver.flush()$($($await)+)??;
                    }
                }
                Ok(())
            }

            /// Waits until the message is in the mailbox, and returns where, if the server
            /// tells; of several, the first.
            ///
            /// # Errors
            ///
            /// [`UsageError::InvalidArgument`] if bytes are missing. As
            /// [`Connection::append_end`] and [`Responses::next`].
            pub $($async)? fn finish(self) -> Result<Option<Appended>, S> {
                let mut stored = self.finish_all()$($($await)+)??;
                let mut first = None;
                loop {
                    let first_of = |event: &Event<'_>| first.or(Appended::of(event));
                    if stored.0.ended {
                        return Ok(first_of(&stored.0.client.event()));
                    }
                    let more = stored.0.advance()$($($await)+)??;
                    first = first_of(&stored.0.client.event());
                    if !more {
                        return Ok(first);
                    }
                }
            }

            /// Ends the command as [`finish`](Self::finish) does, and tells of all of its
            /// messages where they are.
            ///
            /// # Errors
            ///
            /// As [`finish`](Self::finish).
            pub $($async)? fn finish_all(self) -> Result<Stored<'c, 'b, S, C>, S> {
                if self.remaining() > 0 {
                    return Err(UsageError::InvalidArgument("fewer bytes than announced").into());
                }
                self.0.client.driver.flush()$($($await)+)??;
                let (connection, buffers) = self.0.client.driver.split();
                if connection.asks_for_more() {
                    connection.append_end(&mut buffers.tx)?;
                }
                Ok(Stored(self.0))
            }

            /// Gives up, so that no message gets into the mailbox: what remains is sent as
            /// spaces, and then the server is made to refuse the command.
            ///
            /// # Errors
            ///
            /// [`UsageError::LiteralAbandoned`] if the server cannot do that (see
            /// [`Connection::append_cancel`]): the connection is of no more use. Those of the
            /// driver.
            pub $($async)? fn cancel(self) -> Result<(), S> {
                let (connection, _) = self.0.client.driver.split();
                // If it cannot be, the rest of this sees to it.
                let _ = connection.append_cancel();
                self.0.client.settle()$($($await)+)?
            }
        }

        /// Where messages were put.
        #[derive(Debug)]
        #[must_use = "whether the command worked is only known at its end"]
        pub struct Stored<'c, 'b, S, C>(Responses<'c, 'b, S, C>);

        impl<S: Read + Write, C: Clock> Stored<'_, '_, S, C> {
            /// The next UIDs; `None` when these were all that the server told. It need not
            /// tell any.
            ///
            /// # Errors
            ///
            /// As [`Responses::next`].
            pub $($async)? fn next(&mut self) -> Result<Option<AppendedUids<'_>>, S> {
                if self.0.ended {
                    return Ok(None);
                }
                while self.0.advance()$($($await)+)??
                    && AppendedUids::of(&self.0.client.event()).is_none()
                {}
                Ok(AppendedUids::of(&self.0.client.event()))
            }

            /// Passes over what is left, until the command has ended well.
            ///
            /// # Errors
            ///
            /// As [`next`](Self::next).
            pub $($async)? fn finish(self) -> Result<(), S> {
                self.0.finish()$($($await)+)?
            }
        }

        /// The server tells by itself what happens, until [`done`](Self::done).
        #[derive(Debug)]
        pub struct Idle<'c, 'b, S, C> {
            responses: Responses<'c, 'b, S, C>,
            /// How many messages there are, if the server told that before it agreed.
            exists: Option<u32>,
        }

        impl<S: Read + Write, C: Clock> Idle<'_, '_, S, C> {
            /// The next thing that happens; `None` if the server ended it.
            ///
            /// Servers end connections that are silent for half an hour: see
            /// [`next_until`](Self::next_until).
            ///
            /// # Errors
            ///
            /// As [`Responses::next`].
            pub $($async)? fn next(&mut self) -> Result<Option<Event<'_>>, S> {
                if let Some(count) = self.exists.take() {
                    return Ok(Some(Event::Exists(count)));
                }
                self.responses.next()$($($await)+)?
            }

            /// Like [`next`](Self::next), but `None` also when it is `at` by the clock. Then
            /// say [`done`](Self::done), and begin anew. The socket must return from reading
            /// now and then, by `TimedOut`.
            ///
            /// # Errors
            ///
            /// As [`Responses::next`].
            pub $($async)? fn next_until(&mut self, at: Instant) -> Result<Option<Event<'_>>, S> {
                if let Some(count) = self.exists.take() {
                    return Ok(Some(Event::Exists(count)));
                }
                let progress = self.responses.advance_until(at)$($($await)+)??;
                Ok((progress == Progress::Event).then(|| self.responses.client.event()))
            }

            /// Ends it.
            ///
            /// # Errors
            ///
            /// As [`Responses::next`].
            pub $($async)? fn done(self) -> Result<(), S> {
                if !self.responses.ended {
                    let (connection, buffers) = self.responses.client.driver.split();
                    connection.done(&mut buffers.tx)?;
                }
                self.responses.finish()$($($await)+)?
            }
        }
    };
}
use client;
