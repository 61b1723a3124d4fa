//! Messages on their way to the server: the part of a command that is not in Tx as a whole.

use super::append::{AppendMessage, CatenatePart};
use super::capability::Capability;
use super::encoder::{Encoder, GoesOn, Literals, StreamedLiteral, Tail};
use super::event::Event;
use super::tag::Tag;
use super::{Connection, Kind};
use crate::writer::Writer;
use crate::{Error, Tx, UsageError};

/// What is left of a message that is given up goes as this.
const FILLER: &[u8] = &[b' '; 64];

/// How much filler a client sends by itself for an upload that was dropped, rather than to end
/// the connection.
#[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
const CHEAP: u64 = 64 * 1024;

/// What does without the caller what can be done, and says whose turn it is then.
pub(crate) type Work = fn(&mut Upload, &mut Tx<'_>) -> Turn;

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nobody's: the command has been written to its end.
    Done,
    /// The server's, or the caller's who was told.
    Nothing,
    /// The caller's: he has to be told.
    SendLiteral,
    NextPart,
    /// What was cancelled is being filled up.
    Cancelling,
}

impl Turn {
    pub(super) fn event<'r>(self, tag: Tag, remaining: u64) -> Event<'r> {
        match self {
            Self::SendLiteral => Event::SendLiteral { tag, remaining },
            Self::Cancelling => Event::CancellingLiteral { tag, remaining },
            _ => Event::NextPart { tag },
        }
    }
}

/// A command that the caller gives piece by piece.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Upload {
    pub(super) tag: Tag,
    work: Work,
    step: Step,
    /// Bytes of the literal that are still to be given.
    left: u64,
    /// What comes behind them.
    tail: Tail,
    /// Bytes of the message's literals so far.
    size: u64,
    goes_on: GoesOn,
    /// Whether there is a message already; in a list of parts, whether there is a part.
    begun: bool,
    /// The caller was told that it is his turn.
    told: bool,
    /// The server has completed the command.
    refused: bool,
    /// The caller wants it refused.
    cancelled: bool,
    /// Whether an empty literal has to wait, if it is cancelled.
    waits: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// A literal was announced; the server's `+` is awaited.
    Announced,
    /// The server takes the literal.
    Literal,
    /// Between two literals, and in the middle of a line.
    Between,
}

impl Upload {
    pub(super) fn new(
        tag: Tag,
        literal: Option<StreamedLiteral>,
        goes_on: GoesOn,
        work: Work,
    ) -> Self {
        let mut this = Self {
            tag,
            work,
            step: Step::Between,
            left: 0,
            tail: Tail::default(),
            size: 0,
            goes_on,
            begun: false,
            told: false,
            refused: false,
            cancelled: false,
            waits: true,
        };
        this.go_on(literal);
        this
    }

    fn go_on(&mut self, literal: Option<StreamedLiteral>) {
        self.told = false;
        if let Some(literal) = literal {
            self.step = if literal.gated { Step::Announced } else { Step::Literal };
            self.left = literal.size;
            self.tail = literal.tail;
            self.size = self.size.saturating_add(literal.size);
        }
    }

    /// Whether the server's `+` is awaited.
    pub(super) fn awaits(&self) -> bool {
        self.step == Step::Announced
    }

    /// That `+` came.
    pub(super) fn open(&mut self) {
        self.step = Step::Literal;
    }

    /// The server has completed the command. What was announced for good it still takes, and the
    /// line's end (RFC 7888 section 3).
    pub(super) fn refuse(&mut self) {
        self.refused = true;
    }

    fn write(&mut self, bytes: &[u8], tx: &mut Tx<'_>) -> usize {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        let most = tx.make_room(most).min(most);
        let taken = bytes.get(..most).filter(|bytes| tx.push(bytes)).map_or(0, <[u8]>::len);
        self.left = self.left.saturating_sub(taken as u64);
        taken
    }

    /// See [`Work`].
    pub(super) fn work(&mut self, tx: &mut Tx<'_>) -> Turn {
        if self.step == Step::Literal {
            let before = self.left;
            while self.cancelled && self.left > 0 && self.write(FILLER, tx) > 0 {}
            if self.left > 0 {
                return match self.cancelled {
                    true if self.left < before => Turn::Cancelling,
                    true => Turn::Nothing,
                    false => self.tell(Turn::SendLiteral),
                };
            }
            let tail = self.tail.as_bytes();
            tx.make_room(tail.len());
            if !tx.push(tail) {
                return Turn::Nothing;
            }
            if !self.goes_on.at_all() {
                return Turn::Done;
            }
            self.step = Step::Between;
            self.begun = true;
            self.told = false;
        }
        match self.step {
            Step::Between if self.refused || self.cancelled => match self.end(tx) {
                true => Turn::Done,
                false => Turn::Nothing,
            },
            Step::Between if !tx.is_gated() => self.tell(Turn::NextPart),
            _ => Turn::Nothing,
        }
    }

    /// Once.
    fn tell(&mut self, turn: Turn) -> Turn {
        if core::mem::replace(&mut self.told, true) { Turn::Nothing } else { turn }
    }

    /// Ends the line so that no server takes the command for good; `false` if there is no room.
    fn end(&self, tx: &mut Tx<'_>) -> bool {
        let mut out = Writer::new(tx);
        if self.refused {
            // It did that already.
        } else if self.goes_on.parts {
            // RFC 4469 section 3: it is no message's URL, so the answer is NO.
            out.push(if self.begun { b" URL \"\")" } else { b"URL \"\")" });
        } else {
            // "A zero-length message literal argument is an error, and MUST return a NO. This can
            // be used to cancel the append." (RFC 3502 section 6.3.11)
            out.push(if self.waits { b" {0}\r\n" } else { b" {0+}\r\n" });
            if self.waits {
                out.gate();
            }
        }
        out.push(b"\r\n");
        out.finish().is_ok()
    }
}

impl Connection {
    /// Gives the next bytes of the literal that [`Event::SendLiteral`](super::Event::SendLiteral)
    /// asked for, as many as there is room for in `tx`, and returns how many were taken. Nothing is
    /// taken while the server does not await any, and never more than was announced.
    ///
    /// The server may refuse the command before all was given. It takes the rest for the
    /// literal even so: until all was given, no other command can be sent.
    pub fn write_literal(&mut self, bytes: &[u8], tx: &mut Tx<'_>) -> usize {
        let is_open = |it: &&mut Upload| it.step == Step::Literal && !it.cancelled;
        let Some(upload) = self.upload.as_mut().filter(is_open) else { return 0 };
        let taken = upload.write(bytes, tx);
        let told = upload.told;
        self.upload_turn(tx);
        // That is for `advance` to tell.
        if let Some(upload) = &mut self.upload {
            upload.told = told && upload.step == Step::Literal;
        }
        self.heard.restart();
        taken
    }

    /// How many bytes of a literal the caller still has to give.
    pub fn literal_remaining(&self) -> u64 {
        self.upload.map_or(0, |upload| upload.left)
    }

    /// Gives up a command whose literals are not given whole, and with it the connection: every
    /// later call fails with [`UsageError::LiteralAbandoned`]. Without such a command, nothing
    /// happens. [`append_cancel`](Self::append_cancel) is kinder where it can be done.
    pub fn abandon_literal(&mut self) {
        if self.upload.is_some() && self.failed.is_none() {
            self.fail(UsageError::LiteralAbandoned.into());
        }
    }

    /// Goes on with the next message of a
    /// [`MultiAppendCommand`](super::command::MultiAppendCommand) (RFC 3502), once
    /// the one before was given whole. [`Event::SendLiteral`](super::Event::SendLiteral) asks for
    /// its text, or [`Event::NextPart`](super::Event::NextPart) for its parts.
    ///
    /// # Errors
    ///
    /// Each leaves the connection and `tx` as they were: [`UsageError::WrongState`] if no message
    /// is asked for, or the one before has no parts; [`UsageError::TooBig`],
    /// [`UsageError::NotOffered`], [`UsageError::InvalidArgument`],
    /// [`ResourceError::TxFull`](crate::ResourceError::TxFull).
    pub fn append_message(
        &mut self,
        message: &AppendMessage<'_>,
        tx: &mut Tx<'_>,
    ) -> Result<(), Error> {
        let upload = self.asked(tx)?;
        let GoesOn { messages, parts } = upload.goes_on;
        if !messages || parts && !upload.begun {
            return Err(UsageError::WrongState.into());
        }
        let close: &[u8] = if parts { b")" } else { b"" };
        self.encode_next(
            Upload { size: 0, begun: false, goes_on: GoesOn { messages, parts: false }, ..upload },
            &|out| {
                out.raw(close);
                message.encode(out);
            },
            tx,
        )
    }

    /// Goes on with the next part of a message that the server puts together (RFC 4469).
    /// [`Event::SendLiteral`](super::Event::SendLiteral) asks for its text, if it is not an URL.
    ///
    /// # Errors
    ///
    /// Each leaves the connection and `tx` as they were: [`UsageError::WrongState`] if no part is
    /// asked for; [`UsageError::TooBig`] if the texts of all parts together are;
    /// [`UsageError::NotOffered`], [`UsageError::InvalidArgument`],
    /// [`ResourceError::TxFull`](crate::ResourceError::TxFull).
    pub fn append_part(&mut self, part: &CatenatePart<'_>, tx: &mut Tx<'_>) -> Result<(), Error> {
        let upload = self.asked(tx)?;
        if !upload.goes_on.parts {
            return Err(UsageError::WrongState.into());
        }
        self.offer().check_size(upload.size.saturating_add(part.size()))?;
        let space: &[u8] = if upload.begun { b" " } else { b"" };
        self.encode_next(
            Upload { begun: true, ..upload },
            &|out| {
                out.raw(space);
                part.encode(out);
            },
            tx,
        )
    }

    /// Ends a command that [`Event::NextPart`](super::Event::NextPart) is about, so that the
    /// server does it. [`Event::Completed`](super::Event::Completed) follows.
    ///
    /// # Errors
    ///
    /// Each leaves the connection and `tx` as they were: [`UsageError::WrongState`] if there is no
    /// such command, or it has no message, or the message no part;
    /// [`ResourceError::TxFull`](crate::ResourceError::TxFull).
    pub fn append_end(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let upload = self.asked(tx)?;
        if !upload.begun {
            return Err(UsageError::WrongState.into());
        }
        let mut out = Writer::new(tx);
        out.push(if upload.goes_on.parts { b")\r\n" } else { b"\r\n" });
        out.finish()?;
        self.heard.restart();
        self.upload = None;
        Ok(())
    }

    /// Gives up a command whose messages are not all given, and has the server refuse it: then no
    /// message of it gets into the mailbox. What was announced must be sent even so:
    /// [`advance`](crate::Machine::advance) fills it up with spaces and says
    /// [`Event::CancellingLiteral`](super::Event::CancellingLiteral) as often as that takes. The
    /// server's NO comes as [`Event::Completed`](super::Event::Completed).
    ///
    /// It is done by an empty message (RFC 3502 section 6.3.11), so it needs MULTIAPPEND; where a
    /// message is put together, by an empty URL (RFC 4469 section 3).
    ///
    /// # Errors
    ///
    /// [`UsageError::NotOffered`] if the server has no MULTIAPPEND; nothing is changed then, and
    /// [`abandon_literal`](Self::abandon_literal) is all that is left. [`UsageError::WrongState`]
    /// if there is no such command, or it is a REPLACE of a single text, which has no way back.
    /// After a refusal it always works.
    pub fn append_cancel(&mut self) -> Result<(), Error> {
        let Some(mut upload) = self.upload.filter(|_| self.failed.is_none()) else {
            return Err(UsageError::WrongState.into());
        };
        if !upload.refused && !upload.goes_on.at_all() {
            let is_it = |it: &super::connection::InFlight| it.tag == upload.tag;
            if !self.in_flight.iter().any(|it| is_it(it) && it.kind == Kind::Append) {
                return Err(UsageError::WrongState.into());
            }
            if !self.offer().includes(&Capability::MultiAppend) {
                return Err(UsageError::NotOffered(Capability::MultiAppend.name()).into());
            }
            upload.tail.keep_line_open();
            upload.goes_on.messages = true;
        }
        upload.cancelled = true;
        upload.waits = Self::literals(&self.offer()) == Literals::Synchronising;
        self.upload = Some(upload);
        self.heard.restart();
        Ok(())
    }

    /// The command that is to go on.
    fn asked(&self, tx: &Tx<'_>) -> Result<Upload, Error> {
        let is_asked = |it: &Upload| it.step == Step::Between && !it.refused && !it.cancelled;
        match self.upload.filter(is_asked) {
            _ if self.failed.is_some() => Err(UsageError::Closed.into()),
            None => Err(UsageError::WrongState.into()),
            Some(_) if tx.is_gated() => Err(UsageError::Busy.into()),
            Some(upload) => Ok(upload),
        }
    }

    fn encode_next(
        &mut self,
        mut upload: Upload,
        encode: &dyn Fn(&mut Encoder<'_, '_>),
        tx: &mut Tx<'_>,
    ) -> Result<(), Error> {
        let mut encoder = self.encoder(tx);
        encode(&mut encoder);
        upload.goes_on.parts |= encoder.goes_on().parts;
        upload.go_on(encoder.finish()?);
        self.upload = Some(upload);
        self.heard.restart();
        Ok(())
    }

    /// What the caller has to do, if he was not told.
    pub(super) fn upload_turn(&mut self, tx: &mut Tx<'_>) -> Option<(Tag, Turn)> {
        let upload = self.upload.as_mut()?;
        let (tag, work) = (upload.tag, upload.work);
        match work(upload, tx) {
            Turn::Done => {
                self.upload = None;
                None
            }
            Turn::Nothing => None,
            turn => Some((tag, turn)),
        }
    }

    /// Whether the caller may go on with a command or end it.
    #[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
    pub(crate) fn asks_for_more(&self) -> bool {
        self.upload.is_some_and(|upload| upload.goes_on.at_all())
    }

    /// Gets rid of a command that its caller has left in the middle. Whether what is in `tx` now
    /// must be sent, and this called again.
    #[cfg(any(feature = "embedded-io", feature = "embedded-io-async"))]
    pub(crate) fn leave_upload(&mut self, tx: &mut Tx<'_>) -> Result<bool, Error> {
        let Some(upload) = &self.upload else { return Ok(false) };
        if !upload.cancelled && (upload.left > CHEAP || self.append_cancel().is_err()) {
            self.abandon_literal();
            return Err(UsageError::LiteralAbandoned.into());
        }
        if self.upload.is_some_and(|upload| upload.awaits()) || tx.is_gated() {
            return Ok(false);
        }
        self.upload_turn(tx);
        Ok(self.upload.is_some())
    }
}
