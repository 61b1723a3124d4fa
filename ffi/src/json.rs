//! Events as lines of JSON, many in one call: for languages where a call into C, or the look at a
//! field of a struct, costs more than to read JSON.

use crate::args::Args;
use crate::bytes::mw_bytes;
use crate::handle::Handle;
use crate::imap::mw_imap;
use crate::pop3::mw_pop3;
use crate::result::{
    Failure, MW_CLOSED, MW_ERR_MEMORY, MW_ERR_WRONG_STATE, MW_EVENT, MW_NEED_INPUT, MW_OK, NULL,
    mw_result,
};
use core::fmt::{self, Write as _};
use mailwire::imap::event::{Event, Fetch};
use mailwire::imap::{Envelope, Item, Str};
use mailwire::message::Text;
use mailwire::pop3;
use mailwire::{Buffers, Instant, Machine, Progress};
use serde::Serialize;
use serde::ser::{self, Impossible, Serializer};

/// Goes on to the next events and writes each to `buffer` as a line of JSON that ends in LF, until
/// more input is needed or the program has to look. Each is an object; its field `event` is the
/// name of the `MW_EVENT_…` in small letters, such as "fetch_item"; others are named as in Rust,
/// where `serde` shows them. Texts that are not UTF-8 have U+FFFD in place of what is not. In an
/// ENVELOPE, subject and names are decoded, as by `mw_string_decode`.
///
/// `*out_len` bytes were written, whatever the result is, and no line is cut:
///
/// - MW_EVENT: go on after having looked. If `out_chunk->ptr` is not NULL, it lends bytes of a body
///   (MW_EVENT_FETCH_CHUNK), which come after all the lines and are in no line. If it is NULL, the
///   last line is an event that the program may have to act upon, or `buffer` is full.
/// - MW_NEED_INPUT, MW_CLOSED and errors: as of `mw_imap_advance`, after the lines.
/// - `MW_ERR_MEMORY`: not even one event fits `buffer`; `*out_len` is what it needs, and nothing was
///   written. Nothing is lost: call it again, with more.
///
/// `mw_imap_advance` may be called in turn with it. Not in builds without json.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_read_json(
    imap: *mut mw_imap,
    now_ms: u64,
    buffer: *mut u8,
    len: usize,
    out_len: *mut usize,
    out_chunk: *mut mw_bytes,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    read(args, imap, now_ms, (buffer, len), (out_len, out_chunk), |connection, buffers, json| {
        let event = connection.event(buffers);
        let after = match event {
            Event::Fetch(Fetch::Chunk(bytes)) => return After::Chunk(mw_bytes::of(bytes)),
            Event::Fetch(Fetch::Item(Item::Envelope(envelope))) => {
                let value = Decoded(&envelope);
                let item = EnvelopeItem { event: "fetch_item", item: "envelope", value };
                return After::written(item.serialize(json), After::GoOn);
            }
            Event::Greeting(_)
            | Event::Completed { .. }
            | Event::Challenge { .. }
            | Event::Idling { .. }
            | Event::SendLiteral { .. }
            | Event::NextPart { .. }
            | Event::CancellingLiteral { .. }
            | Event::StartTls { .. }
            | Event::Compress { .. }
            | Event::CompressEnd { .. } => After::Stop,
            _ => After::GoOn,
        };
        After::written(event.serialize(json), after)
    })
}

/// As `mw_imap_read_json`. Of a message, MW_POP3_MESSAGE_CHUNK is what `*out_chunk` lends; the
/// object of a greeting with a timestamp for APOP has it as `timestamp`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_pop3_read_json(
    pop3: *mut mw_pop3,
    now_ms: u64,
    buffer: *mut u8,
    len: usize,
    out_len: *mut usize,
    out_chunk: *mut mw_bytes,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    read(args, pop3, now_ms, (buffer, len), (out_len, out_chunk), |connection, buffers, json| {
        let event = connection.event(buffers);
        let after = match event {
            pop3::Event::Message(pop3::Message::Chunk(bytes)) => {
                return After::Chunk(mw_bytes::of(bytes));
            }
            pop3::Event::Greeting(it) => {
                let greeting = Pop3Greeting {
                    event: "greeting",
                    status: it.status,
                    code: it.text.code,
                    text: it.text.text,
                    truncated: it.truncated,
                    timestamp: it.timestamp().map(Str::new),
                };
                return After::written(greeting.serialize(json), After::Stop);
            }
            pop3::Event::Completed { .. }
            | pop3::Event::Challenge { .. }
            | pop3::Event::StartTls => After::Stop,
            _ => After::GoOn,
        };
        After::written(event.serialize(json), after)
    })
}

/// Writes what the connection knows of itself to `buffer` as one object, in JSON: `state`,
/// `selected` (null, or what `mw_selected` has), `capabilities`, `knows_capabilities`, `enabled`.
/// `*out_len` is how long it is; if that is more than `len`, nothing was written, and the result is
/// `MW_ERR_MEMORY`. Not in builds without json.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_imap_state_json(
    imap: *mut mw_imap,
    buffer: *mut u8,
    len: usize,
    out_len: *mut usize,
) -> mw_result {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    crate::handle::with(args, imap, |session| {
        if out_len.is_null() {
            return Err(NULL);
        }
        let connection = &*session.connection;
        let state = ImapState {
            state: connection.state(),
            selected: connection.selected().copied(),
            capabilities: connection.capabilities(),
            knows_capabilities: connection.knows_capabilities(),
            enabled: connection.enabled(),
        };
        let mut json = Json { room: args.room(buffer, len), at: 0 };
        let _ = state.serialize(&mut json);
        args.give(out_len, json.at);
        if json.fits() { Ok(MW_OK) } else { Err(Failure::Here(MW_ERR_MEMORY)) }
    })
}

#[derive(Serialize)]
struct ImapState<'a> {
    state: mailwire::imap::State,
    selected: Option<mailwire::imap::Selected>,
    capabilities: &'a mailwire::imap::CapabilitySet,
    knows_capabilities: bool,
    enabled: &'a mailwire::imap::CapabilitySet,
}

/// What is done after an event.
enum After {
    GoOn,
    Stop,
    Chunk(mw_bytes),
    /// It did not fit.
    Full,
}

impl After {
    fn written(result: Result<(), Full>, after: Self) -> Self {
        if result.is_ok() { after } else { Self::Full }
    }
}

/// Reads on.
fn read<H: Handle>(
    args: Args<'_>,
    handle: *mut H,
    now_ms: u64,
    (buffer, len): (*mut u8, usize),
    (out_len, out_chunk): (*mut usize, *mut mw_bytes),
    mut write: impl FnMut(&H::Connection, &Buffers<'static>, &mut Json<'_>) -> After,
) -> mw_result {
    crate::handle::with(args, handle, |session| {
        if out_len.is_null() || out_chunk.is_null() {
            return Err(NULL);
        }
        if session.base.is_watched {
            return Err(Failure::Here(MW_ERR_WRONG_STATE));
        }
        let (connection, buffers) = (&mut *session.connection, &mut session.base.buffers.inner);
        let mut json = Json { room: args.room(buffer, len), at: 0 };
        args.give(out_chunk, mw_bytes::NONE);
        let (result, written) = loop {
            if !core::mem::take(&mut session.base.is_held) {
                match connection.advance(buffers, Instant::from_millis(now_ms)) {
                    Ok(Progress::Event) => {}
                    Ok(Progress::NeedInput) => break (Ok(MW_NEED_INPUT), json.at),
                    Ok(Progress::Closed) => break (Ok(MW_CLOSED), json.at),
                    Err(error) => break (Err(error.into()), json.at),
                }
            }
            let before = json.at;
            let after = write(connection, buffers, &mut json);
            if let After::Chunk(chunk) = after {
                args.give(out_chunk, chunk);
                break (Ok(MW_EVENT), json.at);
            }
            json.push(b"\n");
            if matches!(after, After::Full) || !json.fits() {
                session.base.is_held = true;
                break match before {
                    0 => (Err(Failure::Here(MW_ERR_MEMORY)), json.at),
                    _ => (Ok(MW_EVENT), before),
                };
            }
            if matches!(after, After::Stop) {
                break (Ok(MW_EVENT), json.at);
            }
        };
        args.give(out_len, written);
        result
    })
}

#[derive(Serialize)]
struct EnvelopeItem<'a> {
    event: &'static str,
    item: &'static str,
    value: Decoded<'a>,
}

#[derive(Serialize)]
struct Pop3Greeting<'a> {
    event: &'static str,
    status: mailwire::pop3::Status,
    code: Option<mailwire::pop3::Code<'a>>,
    text: Str<'a>,
    truncated: bool,
    timestamp: Option<Str<'a>>,
}

/// An envelope whose texts are decoded.
struct Decoded<'a>(&'a Envelope<'a>);

/// A text of a sender, decoded.
struct Words<'a>(Str<'a>);

impl Serialize for Words<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_str() {
            // Most are plain: nothing to be decoded, and no control character.
            Some(text)
                if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !text.contains("=?") =>
            {
                serializer.serialize_str(text)
            }
            _ => serializer.collect_str(&Text::from(self.0)),
        }
    }
}

/// An address whose name is.
#[derive(Serialize)]
struct Address<'a> {
    name: Option<Words<'a>>,
    adl: Option<Str<'a>>,
    mailbox: Option<Words<'a>>,
    host: Option<Str<'a>>,
}

impl Serialize for Decoded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use ser::SerializeStruct as _;
        struct Addresses<'a>(mailwire::imap::AddressList<'a>);
        impl Serialize for Addresses<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.map(|it| Address {
                    name: it.name.map(Words),
                    adl: it.adl,
                    mailbox: it.mailbox.map(Words),
                    host: it.host,
                }))
            }
        }
        let it = self.0;
        let mut out = serializer.serialize_struct("Envelope", 10)?;
        out.serialize_field("date", &it.date())?;
        out.serialize_field("subject", &it.subject().map(Words))?;
        out.serialize_field("from", &Addresses(it.from()))?;
        out.serialize_field("sender", &Addresses(it.sender()))?;
        out.serialize_field("reply_to", &Addresses(it.reply_to()))?;
        out.serialize_field("to", &Addresses(it.to()))?;
        out.serialize_field("cc", &Addresses(it.cc()))?;
        out.serialize_field("bcc", &Addresses(it.bcc()))?;
        out.serialize_field("in_reply_to", &it.in_reply_to())?;
        out.serialize_field("message_id", &it.message_id())?;
        out.end()
    }
}

/// JSON on its way to the caller's memory. It counts what does not fit.
struct Json<'m> {
    room: &'m mut [u8],
    at: usize,
}

impl Json<'_> {
    fn push(&mut self, bytes: &[u8]) {
        let end = self.at.saturating_add(bytes.len());
        if let Some(room) = self.room.get_mut(self.at..end) {
            room.copy_from_slice(bytes);
        }
        self.at = end;
    }

    fn fits(&self) -> bool {
        self.at <= self.room.len()
    }

    /// The inside of a string.
    fn text(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        while let Some(place) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..b' ')) {
            let (before, behind) = rest.split_at(place);
            self.push(before);
            let Some((&byte, behind)) = behind.split_first() else { break };
            match byte {
                b'"' => self.push(b"\\\""),
                b'\\' => self.push(b"\\\\"),
                b'\n' => self.push(b"\\n"),
                b'\r' => self.push(b"\\r"),
                b'\t' => self.push(b"\\t"),
                _ => {
                    let hex = |digit: u8| if digit < 10 { b'0' + digit } else { b'a' - 10 + digit };
                    self.push(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]);
                }
            }
            rest = behind;
        }
        self.push(rest);
    }

    fn number(&mut self, mut value: u64) {
        let mut digits = [0; 20];
        let mut from = digits.len();
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (value % 10) as u8;
            value /= 10;
            from -= 1;
            if value == 0 {
                break;
            }
        }
        self.push(digits.get(from..).unwrap_or_default());
    }
}

impl fmt::Write for Json<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text(text);
        Ok(())
    }

    fn write_char(&mut self, c: char) -> fmt::Result {
        match c {
            '"' | '\\' | ..' ' => self.text(c.encode_utf8(&mut [0; 4])),
            _ => self.push(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        Ok(())
    }
}

/// What cannot be written.
#[derive(Debug)]
struct Full;

impl fmt::Display for Full {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl core::error::Error for Full {}

impl ser::Error for Full {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'a, 'm> Serializer for &'a mut Json<'m> {
    type Ok = ();
    type Error = Full;
    type SerializeSeq = Inside<'a, 'm>;
    type SerializeTuple = Inside<'a, 'm>;
    type SerializeTupleStruct = Inside<'a, 'm>;
    type SerializeTupleVariant = Impossible<(), Full>;
    type SerializeMap = Inside<'a, 'm>;
    type SerializeStruct = Inside<'a, 'm>;
    type SerializeStructVariant = Inside<'a, 'm>;

    fn serialize_bool(self, value: bool) -> Result<(), Full> {
        self.push(if value { b"true" } else { b"false" });
        Ok(())
    }
    fn serialize_i8(self, value: i8) -> Result<(), Full> {
        self.serialize_i64(value.into())
    }
    fn serialize_i16(self, value: i16) -> Result<(), Full> {
        self.serialize_i64(value.into())
    }
    fn serialize_i32(self, value: i32) -> Result<(), Full> {
        self.serialize_i64(value.into())
    }
    fn serialize_i64(self, value: i64) -> Result<(), Full> {
        if value < 0 {
            self.push(b"-");
        }
        self.number(value.unsigned_abs());
        Ok(())
    }
    fn serialize_u8(self, value: u8) -> Result<(), Full> {
        self.serialize_u64(value.into())
    }
    fn serialize_u16(self, value: u16) -> Result<(), Full> {
        self.serialize_u64(value.into())
    }
    fn serialize_u32(self, value: u32) -> Result<(), Full> {
        self.serialize_u64(value.into())
    }
    fn serialize_u64(self, value: u64) -> Result<(), Full> {
        self.number(value);
        Ok(())
    }
    // The core has no fractions.
    fn serialize_f32(self, _: f32) -> Result<(), Full> {
        Err(Full)
    }
    fn serialize_f64(self, _: f64) -> Result<(), Full> {
        Err(Full)
    }
    fn serialize_char(self, value: char) -> Result<(), Full> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, value: &str) -> Result<(), Full> {
        self.push(b"\"");
        self.text(value);
        self.push(b"\"");
        Ok(())
    }
    fn serialize_bytes(self, value: &[u8]) -> Result<(), Full> {
        self.collect_seq(value)
    }
    fn serialize_none(self) -> Result<(), Full> {
        self.push(b"null");
        Ok(())
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Full> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), Full> {
        self.serialize_none()
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Full> {
        self.serialize_none()
    }
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Full> {
        self.serialize_str(variant)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Full> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Full> {
        let mut inside = Inside::new(self, b"{", b"}");
        ser::SerializeStruct::serialize_field(&mut inside, variant, value)?;
        inside.finish()
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Inside<'a, 'm>, Full> {
        Ok(Inside::new(self, b"[", b"]"))
    }
    fn serialize_tuple(self, _: usize) -> Result<Inside<'a, 'm>, Full> {
        self.serialize_seq(None)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Inside<'a, 'm>, Full> {
        self.serialize_seq(None)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Full> {
        Err(Full)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Inside<'a, 'm>, Full> {
        Ok(Inside::new(self, b"{", b"}"))
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Inside<'a, 'm>, Full> {
        self.serialize_map(None)
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Inside<'a, 'm>, Full> {
        self.push(b"{");
        self.serialize_str(variant)?;
        self.push(b":");
        Ok(Inside::new(self, b"{", b"}}"))
    }
    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Full> {
        self.push(b"\"");
        let _ = write!(self, "{value}");
        self.push(b"\"");
        Ok(())
    }
}

/// What is inside of an object or an array.
struct Inside<'a, 'm> {
    json: &'a mut Json<'m>,
    first: bool,
    end: &'static [u8],
}

impl<'a, 'm> Inside<'a, 'm> {
    fn new(json: &'a mut Json<'m>, start: &'static [u8], end: &'static [u8]) -> Self {
        json.push(start);
        Self { json, first: true, end }
    }

    fn next<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Full> {
        if !core::mem::take(&mut self.first) {
            self.json.push(b",");
        }
        value.serialize(&mut *self.json)
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Full> {
        self.json.push(b":");
        value.serialize(&mut *self.json)
    }

    fn finish(self) -> Result<(), Full> {
        self.json.push(self.end);
        Ok(())
    }
}

/// The ways in which serde says the same.
macro_rules! inside {
    ($($trait:ident $method:ident),*) => { $(
        impl ser::$trait for Inside<'_, '_> {
            type Ok = ();
            type Error = Full;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Full> {
                self.next(value)
            }
            fn end(self) -> Result<(), Full> {
                self.finish()
            }
        }
    )* };
}

inside!(SerializeSeq serialize_element, SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field);

impl ser::SerializeMap for Inside<'_, '_> {
    type Ok = ();
    type Error = Full;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Full> {
        self.next(key)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Full> {
        self.value(value)
    }
    fn end(self) -> Result<(), Full> {
        self.finish()
    }
}

/// And an object's fields.
macro_rules! fields {
    ($($trait:ident),*) => { $(
        impl ser::$trait for Inside<'_, '_> {
            type Ok = ();
            type Error = Full;
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Full> {
                self.next(name)?;
                self.value(value)
            }
            fn end(self) -> Result<(), Full> {
                self.finish()
            }
        }
    )* };
}

fields!(SerializeStruct, SerializeStructVariant);

#[cfg(all(test, feature = "malloc"))]
mod tests {
    use super::*;
    use crate::buffers::mw_buffers_fill;
    use crate::imap::{mw_imap_buffers, mw_imap_free, mw_imap_new};

    const SAID: &[u8] = b"* OK \"hi\" \\ \x01\r\n* 1 FETCH (UID 7 ENVELOPE (NIL \
        \"=?utf-8?q?=C3=BC?= x\" ((\"A\" NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL NIL) \
        BODY[] {3}\r\nabc)\r\n* SEARCH 1 2\r\n";

    /// What is said, read into so many bytes, and how often they were too few.
    fn lines(size: usize) -> (String, usize) {
        let (mut imap, mut out, mut few) = (core::ptr::null_mut(), Vec::new(), 0);
        let mut room = vec![0; size];
        let (mut len, mut chunk) = (0, mw_bytes::NONE);
        // SAFETY: the header's rules are kept.
        unsafe {
            assert_eq!(mw_imap_new(core::ptr::null(), &mut imap), MW_OK);
            assert_eq!(
                mw_buffers_fill(mw_imap_buffers(imap), SAID.as_ptr(), SAID.len()),
                SAID.len()
            );
            loop {
                let result =
                    mw_imap_read_json(imap, 1, room.as_mut_ptr(), room.len(), &mut len, &mut chunk);
                if result == MW_ERR_MEMORY {
                    assert!(len > room.len());
                    room.resize(len, 0);
                    few += 1;
                    continue;
                }
                out.extend_from_slice(&room[..len]);
                if !chunk.ptr.is_null() {
                    out.extend_from_slice(core::slice::from_raw_parts(chunk.ptr, chunk.len));
                    out.push(b'\n');
                }
                if result != MW_EVENT {
                    assert_eq!(result, MW_NEED_INPUT);
                    break;
                }
            }
            let result = mw_imap_state_json(imap, room.as_mut_ptr(), 0, &mut len);
            assert_eq!(result, MW_ERR_MEMORY);
            room.resize(len, 0);
            assert_eq!(mw_imap_state_json(imap, room.as_mut_ptr(), len, &mut len), MW_OK);
            assert!(room.starts_with(b"{\"state\":\"not_authenticated\",\"selected\":null"));
            mw_imap_free(imap);
        }
        (String::from_utf8(out).unwrap(), few)
    }

    #[test]
    fn lines_of_json() {
        let (whole, few) = lines(4096);
        assert_eq!(few, 0);
        let lines: Vec<_> = whole.lines().collect();
        assert_eq!(
            lines[0],
            r#"{"event":"greeting","status":"ok","code":null,"text":"\"hi\" \\ \u0001","truncated":false}"#
        );
        assert_eq!(lines[1], r#"{"event":"fetch_start","seq":1}"#);
        assert!(lines[3].contains(r#""subject":"ü x","from":[{"name":"A","adl":null,"#));
        assert_eq!(lines[5..7], ["abc", r#"{"event":"fetch_end"}"#]);
        assert_eq!(lines[7], r#"{"event":"search","numbers":[1,2],"mod_seq":null,"more":false}"#);
    }

    #[test]
    fn no_line_is_cut_or_lost() {
        let (whole, _) = lines(4096);
        for size in [0, 1, 50, 100, 200, 300] {
            let (pieces, few) = lines(size);
            assert_eq!(pieces, whole);
            assert!(few > 0 || size >= 300);
        }
    }
}
