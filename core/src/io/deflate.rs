//! A socket with compression around it (RFC 4978).

use crate::PeerError;
use crate::compress::{Inflater, store};
use core::fmt;
use embedded_io::{Error as _, ErrorKind};

/// A socket that can be told to compress from now on: IMAP's COMPRESS.
///
/// Until [`start`](Self::start) bytes pass through it as they are. Blocking or async, as the
/// socket is; what the socket promises about timeouts and dropped futures holds for this too.
///
/// ```
/// # #[cfg(all(feature = "imap", feature = "embedded-io"))]
/// # fn compress<S: embedded_io::Read + embedded_io::Write>(
/// #     mail: mailwire::imap::Client<'_, S>,
/// # ) -> Result<(), Box<dyn core::error::Error>> where S::Error: 'static {
/// use mailwire::compress::Inflater;
/// use mailwire::imap::Capability;
/// use mailwire::io::Deflate;
///
/// let mut inflater = Inflater::new();
/// let (mut input, mut output) = ([0; 512], [0; 256]);
/// let mut mail = mail.map_socket(|socket| {
///     Deflate::new(socket, &mut inflater, &mut input, &mut output)
/// });
/// if mail.capabilities().contains(&Capability::CompressDeflate) {
///     mail.compress(Deflate::start)?;
/// }
/// mail.noop()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Deflate<'m, S> {
    socket: S,
    mode: Mode,
    inflater: &'m mut Inflater,
    input: Range<'m>,
    output: Range<'m>,
    /// The socket took bytes since it was last flushed.
    unflushed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Clear,
    Compressed,
    /// We are in clear; of the other side the end of a flush is awaited.
    Ending,
}

/// Memory of which a part is filled.
struct Range<'m> {
    memory: &'m mut [u8],
    start: usize,
    end: usize,
}

impl<'m> Range<'m> {
    fn new(memory: &'m mut [u8]) -> Self {
        Self { memory, start: 0, end: 0 }
    }

    fn filled(&self) -> &[u8] {
        self.memory.get(self.start..self.end).unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        self.filled().is_empty()
    }

    fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count);
        if self.start >= self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// To be called when it is empty.
    fn fill(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.memory.len());
        for (to, from) in self.memory.iter_mut().zip(bytes) {
            *to = *from;
        }
        (self.start, self.end) = (0, count);
        count
    }

    fn take(&mut self, room: &mut [u8]) -> usize {
        let count = room.len().min(self.filled().len());
        for (to, from) in room.iter_mut().zip(self.filled()) {
            *to = *from;
        }
        self.consume(count);
        count
    }
}

impl fmt::Debug for Range<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.filled().len().fmt(f)
    }
}

impl<'m, S> Deflate<'m, S> {
    /// Around a connected `socket`, not compressing yet.
    ///
    /// `input` bounds how many compressed bytes are read at once, `output` how many are
    /// written at once, of which five are overhead; it must have room for six. A few hundred
    /// bytes each are enough.
    pub fn new(
        socket: S,
        inflater: &'m mut Inflater,
        input: &'m mut [u8],
        output: &'m mut [u8],
    ) -> Self {
        let (input, output) = (Range::new(input), Range::new(output));
        Self { socket, mode: Mode::Clear, inflater, input, output, unflushed: false }
    }

    /// Compresses from now on, in both directions. `received` are bytes that were read already
    /// and are compressed: what Rx holds when
    /// [`Event::Compress`](crate::imap::Event::Compress) comes. Returns how many of them were
    /// taken: all, if they fit the input buffer, or decompress to no more than 32 KiB. With an
    /// input buffer as large as Rx they always do. Else call again with the rest before each read.
    pub fn start(&mut self, received: &[u8]) -> usize {
        if self.mode != Mode::Compressed {
            self.mode = Mode::Compressed;
            self.inflater.reset();
        }
        // What was kept the last time comes first.
        if !self.input.is_empty() {
            return 0;
        }
        let fed = match self.inflater.feed(received) {
            Ok(fed) => fed,
            // The next read tells it.
            Err(_) => return received.len(),
        };
        fed.saturating_add(self.input.fill(received.get(fed..).unwrap_or_default()))
    }

    /// Compresses no more, as [`Event::CompressEnd`](crate::imap::Event::CompressEnd) asks.
    /// What the server writes is taken to be in clear from where it last
    /// [flushed](Inflater::is_flushed).
    pub fn stop(&mut self) {
        if self.mode == Mode::Compressed {
            self.mode = Mode::Ending;
        }
    }

    /// Whether what is sent now is compressed.
    pub fn is_compressing(&self) -> bool {
        self.mode == Mode::Compressed
    }

    /// The socket, to look at.
    pub const fn socket(&self) -> &S {
        &self.socket
    }

    /// The socket.
    pub const fn socket_mut(&mut self) -> &mut S {
        &mut self.socket
    }

    /// The socket alone. Compression cannot go on without what is dropped here.
    pub fn into_inner(self) -> S {
        self.socket
    }

    /// What can be had without reading. `None`: nothing.
    fn ready<E>(&mut self, room: &mut [u8]) -> Result<Option<usize>, DeflateError<E>> {
        loop {
            match self.mode {
                Mode::Clear => {
                    return Ok((!self.input.is_empty()).then(|| self.input.take(room)));
                }
                Mode::Ending if self.inflater.is_flushed() => {
                    self.mode = Mode::Clear;
                    continue;
                }
                Mode::Compressed | Mode::Ending => {}
            }
            let count = self.inflater.read(room);
            if count > 0 && self.mode == Mode::Ending {
                return Err(DeflateError::Peer(PeerError::BadCompression));
            }
            if count > 0 || self.inflater.has_ended() {
                return Ok(Some(count));
            }
            let input = self.input.filled();
            // Not a byte more than belongs to the flush.
            let most = if self.mode == Mode::Ending { input.len().min(1) } else { input.len() };
            // Also without input: it may be broken already.
            let fed = self.inflater.feed(input.get(..most).unwrap_or_default());
            let fed = fed.map_err(DeflateError::Peer)?;
            if input.is_empty() {
                return Ok(None);
            }
            self.input.consume(fed);
        }
    }
}

/// Why a [`Deflate`] cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DeflateError<E> {
    /// The socket failed, in the socket's own words.
    Io(E),
    /// The socket takes no more bytes.
    WriteZero,
    /// [`PeerError::BadCompression`].
    Peer(PeerError),
}

impl<E: fmt::Display> fmt::Display for DeflateError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::WriteZero => f.write_str("the socket takes no more bytes"),
            Self::Peer(error) => error.fmt(f),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for DeflateError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::WriteZero => None,
            Self::Peer(error) => Some(error),
        }
    }
}

impl<E: embedded_io::Error + 'static> embedded_io::Error for DeflateError<E> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Io(error) => error.kind(),
            Self::WriteZero => ErrorKind::WriteZero,
            Self::Peer(_) => ErrorKind::InvalidData,
        }
    }
}

impl<S: embedded_io::ErrorType> embedded_io::ErrorType for Deflate<'_, S>
where
    S::Error: 'static,
{
    type Error = DeflateError<S::Error>;
}

/// Written once and made twice: see `driver!` in `io`.
macro_rules! deflate {
    ($io:ident, $drain:ident $(, $async:ident $($await:tt)+)?) => {
        impl<S: $io::Read + $io::Write> Deflate<'_, S>
        where
            S::Error: 'static,
        {
            /// Gives the socket what is compressed.
            $($async)? fn $drain(&mut self) -> Result<(), DeflateError<S::Error>> {
                while !self.output.is_empty() {
                    match $io::Write::write(&mut self.socket, self.output.filled())$($($await)+)? {
                        Ok(0) => return Err(DeflateError::WriteZero),
                        Ok(count) => {
                            self.output.consume(count);
                            self.unflushed = true;
                        }
                        Err(error) if error.kind() == ErrorKind::Interrupted => {}
                        Err(error) => return Err(DeflateError::Io(error)),
                    }
                }
                Ok(())
            }
        }

        impl<S: $io::Read + $io::Write> $io::Read for Deflate<'_, S>
        where
            S::Error: 'static,
        {
            $($async)? fn read(&mut self, room: &mut [u8]) -> Result<usize, Self::Error> {
                // Left by a future that was dropped: the other side may be waiting for it.
                if !self.output.is_empty() || self.unflushed {
                    $io::Write::flush(self)$($($await)+)??;
                }
                if room.is_empty() {
                    return Ok(0);
                }
                loop {
                    if let Some(count) = self.ready(room)? {
                        return Ok(count);
                    }
                    if self.mode == Mode::Clear {
                        let read = $io::Read::read(&mut self.socket, room)$($($await)+)?;
                        return read.map_err(DeflateError::Io);
                    }
                    let read = $io::Read::read(&mut self.socket, self.input.memory)$($($await)+)?;
                    let count = read.map_err(DeflateError::Io)?;
                    if count == 0 {
                        return Ok(0);
                    }
                    (self.input.start, self.input.end) = (0, count);
                }
            }
        }

        impl<S: $io::Read + $io::Write> $io::Write for Deflate<'_, S>
        where
            S::Error: 'static,
        {
            $($async)? fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
                if self.mode != Mode::Compressed {
                    self.$drain()$($($await)+)??;
                    self.unflushed = true;
                    let written = $io::Write::write(&mut self.socket, bytes)$($($await)+)?;
                    return written.map_err(DeflateError::Io);
                }
                // One block at a time: what is stored is as good as sent, and a future that is
                // dropped must not have sent what it did not return.
                self.$drain()$($($await)+)??;
                let (taken, written) = store(bytes, self.output.memory);
                (self.output.start, self.output.end) = (0, written);
                Ok(taken)
            }

            $($async)? fn flush(&mut self) -> Result<(), Self::Error> {
                self.$drain()$($($await)+)??;
                $io::Write::flush(&mut self.socket)$($($await)+)?.map_err(DeflateError::Io)?;
                self.unflushed = false;
                Ok(())
            }
        }
    };
}

#[cfg(feature = "embedded-io")]
deflate!(embedded_io, drain);
#[cfg(feature = "embedded-io-async")]
deflate!(embedded_io_async, drain_async, async .await);
