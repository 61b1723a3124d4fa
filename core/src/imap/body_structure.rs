//! BODY and BODYSTRUCTURE: the MIME structure of a message.
//!
//! RFC 9051 section 7.5.2, and `body` with what it stands on in section 9.

use core::fmt;

use super::envelope::Envelope;
use super::fetch::value::{self, Values};
use super::syntax::{
    Parsed, Token, byte, list, number64, sp0, string::Str, string::usual_nstring, value as skip,
};
use crate::scan::SHORT_WAYS;

/// As many levels as `Walk` has bits for.
const MAX_DEPTH: u8 = 128;

/// The MIME structure of a message (RFC 9051 section 7.5.2), at any depth.
///
/// A view of the raw bytes. [`walk`](Self::walk) goes through the parts:
///
/// ```
/// # use mailwire::imap::BodyStructure;
/// let structure = BodyStructure::parse(
///     br#"(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 12 1)("IMAGE" "PNG" ("NAME" "a.png") NIL NIL "BASE64" 400) "MIXED")"#,
/// ).unwrap();
/// let image = structure.walk().find(|part| part.is("image", "*")).unwrap();
/// assert_eq!(*image.number(), [2]);
/// assert_eq!(image.size(), Some(400));
/// assert_eq!(image.params().get("name").unwrap().as_str(), Some("a.png"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BodyStructure<'a> {
    raw: &'a [u8],
    ends: Ends,
}

impl<'a> BodyStructure<'a> {
    /// How many multiparts and messages in each other [`walk`](Self::walk) goes into.
    pub const MAX_DEPTH: usize = MAX_DEPTH as usize;

    /// Reads a structure, from its opening to its closing parenthesis. `None` if it is not
    /// one list whose parentheses and strings are all closed. What is odd within shows when
    /// its part is reached.
    pub fn parse(raw: &'a [u8]) -> Option<Self> {
        byte(raw, b'(').ok()?;
        value::whole(Ends::find(raw)).map(|ends| Self { raw, ends })
    }

    /// One list whose parentheses and strings are all closed, with its ends found already.
    pub(super) const fn marked((raw, finder): (&'a [u8], &EndsFinder)) -> Self {
        Self { raw, ends: finder.ends }
    }

    /// The bytes that this was read from.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// All parts, each before those that are in it.
    pub fn walk(&self) -> Walk<'a> {
        Walk {
            structure: *self,
            rest: self.raw,
            number: PartNumber::WHOLE,
            depth: 0,
            multiparts: 0,
            expect_one: true,
            behind: Default::default(),
        }
    }

    /// All parts with all of their fields looked up.
    fn whole_parts(&self) -> WholeParts<'a> {
        let work = self.raw.len().saturating_mul(WORK);
        WholeParts { raw: self.raw, walk: self.walk(), tails: [0; TAILS], used: 0, found: 0, work }
    }
}

/// Where the parts of multiparts end, so that what stands behind them can be read without
/// skipping them again for each level of nesting.
///
/// It knows as many multiparts as there is room for; in the others, parts are skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Ends {
    /// Where a multipart begins, and where the first value behind its parts does; 0 if
    /// unused.
    ends: [(u32, u32); 8],
}

impl Ends {
    /// Skips the list at the front of `i`.
    fn find(i: &[u8]) -> Parsed<'_, Self> {
        let mut finder = EndsFinder::new();
        let mut depth = 0_u32;
        let open = |finder: &mut EndsFinder, depth: &mut u32, rest: &[u8]| {
            let inner = rest.get(1..).unwrap_or_default();
            let nested = sp0(inner).is_ok_and(|(inner, ())| inner.starts_with(b"("));
            finder.open(*depth, value::offset(i, rest), nested);
            *depth = depth.saturating_add(1);
        };
        open(&mut finder, &mut depth, i);
        let (rest, ()) = list(byte(i, b'(')?.0, |token, rest| match token {
            Token::Open => open(&mut finder, &mut depth, rest),
            Token::Close => depth = depth.saturating_sub(1),
            Token::Text => finder.text(depth, value::offset(i, rest)),
        })?;
        Ok((rest, finder.ends))
    }

    /// Where the parts of the multipart that begins there end.
    fn of(&self, begin: u32) -> Option<usize> {
        let (_, end) = self.ends.iter().find(|(known, end)| *known == begin && *end > 0)?;
        usize::try_from(*end).ok()
    }
}

/// Finds [`Ends`], told of all parentheses and texts.
#[derive(Debug, Clone)]
pub(super) struct EndsFinder {
    ends: Ends,
    /// How many are found.
    count: usize,
    /// Of each list that we are in, where it begins.
    begins: [u32; LEVELS],
    /// A bit for each list that we are in: whether all in it up to now were lists, and there were
    /// some.
    nests: u32,
}

/// In how many lists the ends of parts are looked for.
const LEVELS: usize = 16;

impl EndsFinder {
    pub(super) const fn new() -> Self {
        Self { ends: Ends { ends: [(0, 0); 8] }, count: 0, begins: [0; LEVELS], nests: 0 }
    }

    /// A list begins at `at` within `depth` others. `nested`: its first value is a list.
    #[inline(always)]
    pub(super) fn open(&mut self, depth: u32, at: u32, nested: bool) {
        let bit = 1_u32.checked_shl(depth).unwrap_or_default();
        self.nests &= !bit;
        if nested && let Some(begin) = self.begins.get_mut(depth as usize) {
            *begin = at;
            self.nests |= bit;
        }
    }

    /// At `at`, within `depth` lists, is what is no list.
    #[inline(always)]
    pub(super) fn text(&mut self, depth: u32, at: u32) {
        let bit = 1_u32.checked_shl(depth.wrapping_sub(1)).unwrap_or_default();
        if self.nests & bit != 0 {
            self.end(depth.wrapping_sub(1), at);
            self.nests &= !bit;
        }
    }

    #[inline(never)]
    fn end(&mut self, depth: u32, at: u32) {
        if let Some(slot) = self.ends.ends.get_mut(self.count)
            && let Some(begin) = self.begins.get(depth as usize)
        {
            *slot = (*begin, at);
            self.count = self.count.saturating_add(1);
        }
    }
}

impl fmt::Debug for BodyStructure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.whole_parts()).finish()
    }
}

/// A flat list of the parts; their numbers tell how they nest.
#[cfg(feature = "serde")]
impl serde::Serialize for BodyStructure<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.whole_parts())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for BodyStructure<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "[");
        for part in self.whole_parts() {
            defmt::write!(f, "{}, ", part);
        }
        defmt::write!(f, "]");
    }
}

/// The number of a part, such as 1.2.3, by which FETCH asks for it (RFC 9051 section 6.4.5).
///
/// The multipart that makes up a whole message has the message's number: none at all if it
/// is the message that was asked about.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartNumber {
    len: u8,
    /// The numbers one after the other, each in base 128, highest digit first, with the top
    /// bit set in all but the last: a number below 128 takes one byte.
    bytes: [u8; 127],
}

impl PartNumber {
    /// No number: the message itself.
    pub const WHOLE: Self = Self { len: 0, bytes: [0; 127] };

    /// A number made of these. `None` if there are too many to hold (127 below 128).
    pub fn new(numbers: &[u32]) -> Option<Self> {
        let mut new = Self::WHOLE;
        numbers.iter().try_for_each(|&n| new.push(n)).map(|()| new)
    }

    /// Whether this stands for the message itself.
    pub fn is_whole(&self) -> bool {
        self.len == 0
    }

    /// The numbers between the dots.
    pub fn iter(&self) -> impl Iterator<Item = u32> + Clone + '_ {
        let mut digits = self.encoded().iter();
        core::iter::from_fn(move || {
            let mut number = 0u32;
            loop {
                let digit = *digits.next()?;
                number = number.wrapping_shl(7) | u32::from(digit & 0x7F);
                if digit < 0x80 {
                    return Some(number);
                }
            }
        })
    }

    fn encoded(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    fn push(&mut self, number: u32) -> Option<()> {
        let digits = (u32::BITS.saturating_sub((number | 1).leading_zeros())).div_ceil(7);
        let end = self.len.checked_add(u8::try_from(digits).ok()?)?;
        let room = self.bytes.get_mut(usize::from(self.len)..usize::from(end))?;
        let mut left = number;
        let mut top = 0;
        for byte in room.iter_mut().rev() {
            *byte = (left & 0x7F) as u8 | top;
            left >>= 7;
            top = 0x80;
        }
        self.len = end;
        Some(())
    }

    /// Takes the last number off. What is behind `len` stays 0, so that equality holds.
    fn pop(&mut self) -> Option<u32> {
        let mut number = 0u32;
        let mut shift = 0;
        loop {
            let last = self.len.checked_sub(1)?;
            let byte = self.bytes.get_mut(usize::from(last))?;
            if shift > 0 && *byte < 0x80 {
                return Some(number);
            }
            number |= u32::from(*byte & 0x7F).wrapping_shl(shift);
            shift = shift.saturating_add(7);
            *byte = 0;
            self.len = last;
            if last == 0 {
                return Some(number);
            }
        }
    }

    /// Counts the last number up; changes nothing if there is no room.
    fn advance(&mut self) -> Option<()> {
        let last = self.pop()?;
        self.push(last.saturating_add(1)).or_else(|| {
            self.push(last)?;
            None
        })
    }
}

impl PartialEq<[u32]> for PartNumber {
    fn eq(&self, other: &[u32]) -> bool {
        self.iter().eq(other.iter().copied())
    }
}

impl<const N: usize> PartialEq<[u32; N]> for PartNumber {
    fn eq(&self, other: &[u32; N]) -> bool {
        *self == *other.as_slice()
    }
}

impl fmt::Display for PartNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut dot = "";
        for number in self.iter() {
            write!(f, "{dot}{number}")?;
            dot = ".";
        }
        Ok(())
    }
}

impl fmt::Debug for PartNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for PartNumber {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for PartNumber {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Display2Format(self));
    }
}

/// What a [`Part`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PartKind {
    /// A part without parts.
    Single,
    /// Its children come next.
    Multipart,
    /// A message in the message (`message/rfc822`, `message/global`), whose body comes next.
    Message,
    /// Nothing that can be understood; see [`raw`](Part::raw). The other parts are not
    /// touched by it.
    Malformed,
    /// This is nested deeper than [`BodyStructure::MAX_DEPTH`]; see [`raw`](Part::raw). It is not looked
    /// into.
    TooDeep,
}

/// The parts of a [`BodyStructure`], each before those that are in it.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    structure: BodyStructure<'a>,
    rest: &'a [u8],
    /// Of the multipart or message that we are in; a multipart's is followed by the number
    /// of its child that was read last.
    number: PartNumber,
    depth: u8,
    /// A bit for each level that we are in, the lowest for the innermost: whether it is a
    /// multipart. Else it is a message, or the root, which is like a message.
    multiparts: u128,
    /// We are in a message and its body is still to be read.
    expect_one: bool,
    /// What is left behind the multiparts that we are in, by depth, as far as it is known; 0 if
    /// not.
    behind: [u32; if SHORT_WAYS { 8 } else { 0 }],
}

impl<'a> Walk<'a> {
    fn in_multipart(&self) -> bool {
        self.multiparts & 1 != 0
    }

    fn enter(&mut self, multipart: bool) {
        self.depth = self.depth.saturating_add(1);
        self.multiparts = self.multiparts << 1 | u128::from(multipart);
        self.expect_one = !multipart;
    }

    /// Leaves the multipart or message that we are in, skipping what comes behind its parts.
    fn leave(&mut self) -> Option<()> {
        self.rest = match self.behind.get(usize::from(self.depth)) {
            Some(&left) if left > 0 => {
                let raw = self.structure.raw;
                raw.get(raw.len().checked_sub(left as usize)?..)?
            }
            _ => leave(self.rest)?,
        };
        let multipart = self.in_multipart();
        self.multiparts >>= 1;
        self.depth = self.depth.checked_sub(1)?;
        // A multipart's number has its last child's behind it. A message's own goes if it was
        // the body of a message, as no other follows there.
        if multipart || !self.in_multipart() {
            self.number.pop();
        }
        Some(())
    }

    /// Reads the part that begins at `start`.
    fn part(&mut self, start: &'a [u8]) -> Option<Part<'a>> {
        let nested = sp0(byte(start, b'(').ok()?.0).ok()?.0;
        let has_children = matches!(nested, [b'(', ..]);
        let in_multipart = self.in_multipart();
        let mut fields =
            Fields { raw: start, at: [0; FIELDS], kind: PartKind::Multipart, open: true };
        // Where to go on.
        let mut inner = nested;
        if !has_children {
            inner = fields.read_single(nested)?;
        }
        // The body of a message is the message's part 1, unless it is a multipart
        // (RFC 9051 section 6.4.5).
        let lone = !in_multipart && fields.kind != PartKind::Multipart;
        let mut fits = if in_multipart {
            self.number.advance()
        } else if lone {
            self.number.push(1)
        } else {
            Some(())
        };
        let pushed = lone && fits.is_some();
        let mut part = Part { number: self.number, fields, depth: self.depth };
        if part.fields.open && fits.is_some() {
            let behind = self.behind_parts(&part.fields);
            let behind = behind.and_then(|behind| part.fields.read_behind(behind));
            if let Some(left) = self.behind.get_mut(usize::from(self.depth).saturating_add(1)) {
                *left = behind.and_then(|rest| u32::try_from(rest.len()).ok()).unwrap_or_default();
            }
            fits = if has_children { self.number.push(0) } else { Some(()) };
            if self.depth < MAX_DEPTH && fits.is_some() {
                self.enter(has_children);
                self.rest = inner;
                return Some(part);
            }
            if fits.is_some() && has_children {
                self.number.pop();
            }
            fits = None;
        }
        if fits.is_none() {
            let (rest, raw) = skip(start).ok()?;
            part.fields = Fields { raw, at: [0; FIELDS], kind: PartKind::TooDeep, open: false };
            inner = rest;
        }
        if pushed {
            self.number.pop();
        }
        self.rest = inner;
        Some(part)
    }
}

impl<'a> Walk<'a> {
    /// Where the parts in this one end, if that is known.
    fn behind_parts(&self, fields: &Fields<'a>) -> Option<&'a [u8]> {
        let raw = self.structure.raw;
        let end = |part| raw.get(self.structure.ends.of(value::offset(raw, part))?..);
        if fields.kind == PartKind::Multipart {
            return end(fields.raw);
        }
        leave(end(fields.field(BODY))?)
    }
}

impl<'a> Walk<'a> {
    /// The next part. `leaves` is told what stands behind the last part of each multipart and
    /// the body of each message that is left for it, and at what depth those are; it says
    /// whether to go on.
    #[inline(always)]
    fn next_part(&mut self, mut leaves: impl FnMut(u8, &'a [u8]) -> bool) -> Option<Part<'a>> {
        loop {
            let rest = sp0(self.rest).ok()?.0;
            if matches!(rest, [b'(', ..]) && (self.expect_one || self.in_multipart()) {
                self.expect_one = false;
                let part = self.part(rest);
                if part.is_none() {
                    self.rest = &[];
                }
                return part;
            }
            if self.depth == 0 || !leaves(self.depth, rest) || self.leave().is_none() {
                self.rest = &[];
                self.depth = 0;
                return None;
            }
        }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        self.next_part(|_, _| true)
    }
}

impl core::iter::FusedIterator for Walk<'_> {}

/// Of how many parts the tails are looked up at once.
const TAILS: usize = 64;

/// How often, on average, a byte may be looked at ahead. Only a structure that was made for it
/// takes more: multiparts in multiparts, each with many others before it.
const WORK: usize = 16;

/// The parts of a structure, all of their fields looked up. Were each part that [`Ends`] does
/// not know to look for what is behind those in it, all would be read as often as they are
/// deep; so one walk ahead finds the tails of many.
struct WholeParts<'a> {
    raw: &'a [u8],
    walk: Walk<'a>,
    /// Where the tails of the next open parts begin, in the parts' order; 0 if unknown.
    tails: [u32; TAILS],
    used: usize,
    found: usize,
    /// How many bytes may still be looked at ahead. When that is used up, what stands behind the
    /// parts of a multipart or message is left out.
    work: usize,
}

impl<'a> WholeParts<'a> {
    /// Looks up the tails of the part that the walk is at, and of those that follow.
    fn look_ahead(&mut self) {
        let mut walk = self.walk.clone();
        // Which of the tails is that of the open part at each depth.
        let mut open = [TAILS; MAX_DEPTH as usize + 1];
        let mut unknown = 1_usize;
        let mut end = 0;
        self.tails = [0; TAILS];
        (self.used, self.found) = (0, 1);
        if let Some(this) = open.get_mut(usize::from(walk.depth)) {
            *this = 0;
        }
        let before = walk.rest.len();
        while let Some(part) = walk.next_part(|depth, rest| {
            end = rest.len();
            let tail = open.get(usize::from(depth)).and_then(|&at| self.tails.get_mut(at));
            if let Some(tail) = tail {
                *tail = value::offset(self.raw, rest);
                unknown = unknown.saturating_sub(1);
            }
            unknown > 0
        }) {
            if walk.depth > part.depth
                && let Some(inner) = open.get_mut(usize::from(walk.depth))
            {
                *inner = if part.fields.open { self.found } else { TAILS };
                if *inner < TAILS {
                    self.found = self.found.saturating_add(1);
                    unknown = unknown.saturating_add(1);
                }
            }
        }
        self.work = self.work.saturating_sub(before.saturating_sub(end));
    }
}

impl<'a> Iterator for WholeParts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let mut part = self.walk.next()?;
        if part.fields.open {
            if self.used >= self.found && self.work > 0 {
                self.look_ahead();
            }
            let tail = self.tails.get(self.used).filter(|&&at| at > 0);
            self.used = self.used.saturating_add(1);
            if let Some(tail) = tail.and_then(|&at| self.raw.get(at as usize..)) {
                let _ = part.fields.read_behind(tail);
            } else {
                self.work = self.work.saturating_sub(part.fields.raw.len());
            }
            // Else each part would look for itself.
            part.fields.open &= self.work > 0;
        }
        Some(part)
    }
}

/// What comes behind the list that `rest` are the last values of.
fn leave(mut rest: &[u8]) -> Option<&[u8]> {
    while let Some(start) = value::more(rest).ok()? {
        rest = skip(start).ok()?.0;
    }
    Some(value::close(rest).ok()?.0)
}

/// The fields of a part, as indices of [`Part::at`].
type Field = usize;
const TYPE: Field = 0;
const SUBTYPE: Field = 1;
const PARAMS: Field = 2;
const ID: Field = 3;
const DESCRIPTION: Field = 4;
const ENCODING: Field = 5;
const OCTETS: Field = 6;
const ENVELOPE: Field = 7;
const BODY: Field = 8;
const LINES: Field = 9;
const MD5: Field = 10;
const DISPOSITION: Field = 11;
const LANGUAGE: Field = 12;
const LOCATION: Field = 13;
const EXTENSION: Field = 14;
const FIELDS: usize = 15;

/// ```abnf
/// body-type-1part = (body-type-basic / body-type-msg / body-type-text)
///                   [SP body-ext-1part]
/// body-fields     = body-fld-param SP body-fld-id SP body-fld-desc SP
///                   body-fld-enc SP body-fld-octets
/// ```
/// RFC 9051 section 9.
const SINGLE: [Field; 7] = [TYPE, SUBTYPE, PARAMS, ID, DESCRIPTION, ENCODING, OCTETS];
/// hMailServer leaves the subtype out: `("TEXT" ("CHARSET" …) …)`.
const NO_SUBTYPE: [Field; 6] = [TYPE, PARAMS, ID, DESCRIPTION, ENCODING, OCTETS];
/// `body-fld-enc` is missing.
const NO_ENCODING: [Field; 6] = [TYPE, SUBTYPE, PARAMS, ID, DESCRIPTION, OCTETS];
/// ```abnf
/// body-ext-1part  = body-fld-md5 [SP body-fld-dsp [SP body-fld-lang
///                   [SP body-fld-loc *(SP body-extension)]]]
/// ```
const EXT_SINGLE: [Field; 5] = [MD5, DISPOSITION, LANGUAGE, LOCATION, EXTENSION];
/// ```abnf
/// body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
/// body-ext-mpart  = body-fld-param [SP body-fld-dsp [SP body-fld-lang
///                   [SP body-fld-loc *(SP body-extension)]]]
/// ```
/// Gmail, Yandex, QQ send multiparts without parts: `("ALTERNATIVE" ("BOUNDARY" "…") NIL NIL)`.
const MULTIPART: [Field; 6] = [SUBTYPE, PARAMS, DISPOSITION, LANGUAGE, LOCATION, EXTENSION];

/// Dovecot, for one without parts: `(NIL "alternative" ("boundary" "…") NIL NIL NIL)`.
const NO_PARTS_NIL: [Field; 7] =
    [TYPE, SUBTYPE, PARAMS, DISPOSITION, LANGUAGE, LOCATION, EXTENSION];

/// How many values of a part are looked at: `SINGLE`, the lines, `EXT_SINGLE`.
const VALUES: usize = 13;

/// What a value looks like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Missing,
    Nil,
    Number,
    Text,
    List,
}

/// Skips a value and tells its form.
#[inline(always)]
fn form(i: &[u8]) -> Parsed<'_, Form> {
    match usual_nstring(i) {
        Some((rest, Some(_))) => Ok((rest, Form::Text)),
        Some((rest, None)) => Ok((rest, Form::Nil)),
        None => other_form(i),
    }
}

fn other_form(i: &[u8]) -> Parsed<'_, Form> {
    let (rest, value) = skip(i)?;
    let form = match value {
        [b'"', ..] => Form::Text,
        [b'(', ..] => Form::List,
        // Exchange and Dovecot say -1 for what they do not know.
        [b'0'..=b'9' | b'-', digits @ ..] if digits.iter().all(u8::is_ascii_digit) => Form::Number,
        _ if value.eq_ignore_ascii_case(b"NIL") => Form::Nil,
        _ => Form::Text,
    };
    Ok((rest, form))
}

/// One part of a message: what BODY and BODYSTRUCTURE say of it (RFC 9051 section 7.5.2).
///
/// What is absent or NIL is `None`. What comes behind the parts of a multipart (its subtype
/// and the rest) or behind the body of a message (from [`lines`](Self::lines) on) is looked
/// up when it is asked for, past all that is in the part.
#[derive(Clone, Copy, PartialEq)]
pub struct Part<'a> {
    number: PartNumber,
    fields: Fields<'a>,
    depth: u8,
}

/// Where a part's fields are.
#[derive(Clone, Copy, PartialEq)]
struct Fields<'a> {
    /// From the opening parenthesis on: to the closing one, but if `open` to the end of all.
    raw: &'a [u8],
    /// Where each field begins in `raw`; 0 if it is absent or, in an open part, unknown.
    at: [u32; FIELDS],
    kind: PartKind,
    /// Whether there may be other parts in it, which were not read yet.
    open: bool,
}

impl<'a> Fields<'a> {
    /// Reads a part that does not begin with another; `inner` is behind its parenthesis.
    /// What comes behind the part; for a message, where its body begins.
    fn read_single(&mut self, inner: &'a [u8]) -> Option<&'a [u8]> {
        let mut at = [0; VALUES];
        let mut forms = [Form::Missing; VALUES];
        let mut last = Form::Missing;
        let mut rest = inner;
        let mut is_message = false;
        for (at, slot) in at.iter_mut().zip(&mut forms) {
            let Some(start) = value::more(rest).ok()? else { break };
            *at = value::offset(self.raw, start);
            (rest, *slot) = form(start).ok()?;
            // The envelope. (Dovecot sends message/global without one, as any other part.)
            if *slot == Form::List
                && last == Form::Number
                && value::text(inner).is_some_and(|text| text.eq_ignore_ascii_case("message"))
            {
                is_message = true;
                break;
            }
            last = *slot;
        }
        let [first, second, _, _, _, fifth, sixth, ..] = forms;
        let fields: &[Field] = match (first, second) {
            (Form::Missing | Form::Number | Form::List, _) => &[],
            _ if sixth == Form::Number && fifth != Form::Number => &SINGLE,
            (_, Form::Text) if fifth == Form::Number => &NO_ENCODING,
            _ if fifth == Form::Number => &NO_SUBTYPE,
            (Form::Nil, Form::Text) => &NO_PARTS_NIL,
            (Form::Text, Form::Missing | Form::Nil | Form::List) => &MULTIPART,
            (Form::Text, _) => &SINGLE,
            _ => &[],
        };
        let mut values = at.into_iter().zip(forms).peekable();
        self.assign(fields, &mut values);
        self.kind = match fields {
            [] => PartKind::Malformed,
            [SUBTYPE, ..] | [TYPE, SUBTYPE, PARAMS, DISPOSITION, ..] => PartKind::Multipart,
            _ if is_message => PartKind::Message,
            // mailutils: ("multipart" "mixed" ("boundary" "X") NIL NIL "8bit" 24), for one
            // without parts.
            [TYPE, ..] if self.type_is("multipart") => PartKind::Multipart,
            _ => PartKind::Single,
        };
        if is_message && self.kind == PartKind::Message {
            self.assign(&[ENVELOPE], &mut values);
            let body = sp0(rest).ok()?.0;
            self.set(BODY, value::offset(self.raw, body));
            self.open = true;
            return Some(body);
        }
        if matches!(fields, [.., OCTETS]) {
            self.assign_behind_octets(&mut values);
        }
        self.close(rest)
    }

    /// Ends the part, of which `rest` are the last values. What comes behind the part.
    fn close(&mut self, rest: &'a [u8]) -> Option<&'a [u8]> {
        let rest = leave(rest)?;
        self.open = false;
        self.raw = value::consumed(self.raw, rest);
        Some(rest)
    }

    fn set(&mut self, field: Field, at: u32) {
        if let Some(place) = self.at.get_mut(field) {
            *place = at;
        }
    }

    fn assign(&mut self, fields: &[Field], values: &mut impl Iterator<Item = (u32, Form)>) {
        for (field, (at, _)) in fields.iter().zip(values) {
            self.set(*field, at);
        }
    }

    fn assign_behind_octets(
        &mut self,
        values: &mut core::iter::Peekable<impl Iterator<Item = (u32, Form)>>,
    ) {
        // Not `next_if`, which has an assertion in it.
        if let Some(&(at, Form::Number)) = values.peek() {
            values.next();
            self.set(LINES, at);
        }
        self.assign(&EXT_SINGLE, values);
    }

    /// Looks up what comes behind the parts in this one, past them.
    fn read_open(&mut self) -> Option<&'a [u8]> {
        let mut rest = self.field(BODY);
        let multipart = self.kind == PartKind::Multipart;
        if multipart {
            rest = byte(self.raw, b'(').ok()?.0;
        }
        while let Some(start) = value::more(rest).ok()? {
            if !start.starts_with(b"(") {
                break;
            }
            rest = skip(start).ok()?.0;
            if !multipart {
                break;
            }
        }
        self.read_behind(rest)
    }

    /// Looks up what comes behind the parts in this one; `rest` is there.
    fn read_behind(&mut self, mut rest: &'a [u8]) -> Option<&'a [u8]> {
        let raw = self.raw;
        let mut values = core::iter::from_fn(|| {
            let start = value::more(rest).ok()??;
            let (after, form) = form(start).ok()?;
            rest = after;
            Some((value::offset(raw, start), form))
        })
        .peekable();
        if self.kind == PartKind::Multipart {
            self.assign(&MULTIPART, &mut values);
        } else {
            self.assign_behind_octets(&mut values);
        }
        self.close(rest)
    }

    /// The bytes from where `field` begins, to the end of this part or farther.
    fn field(&self, field: Field) -> &'a [u8] {
        match self.at.get(field) {
            Some(&at) if at > 0 => self.raw.get(at as usize..).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The same with all fields looked up.
    fn complete(&self) -> Self {
        let mut fields = *self;
        if self.open {
            // A failure leaves the fields that were not reached absent.
            let _ = fields.read_open();
            fields.open = false;
        }
        fields
    }

    fn type_is(&self, wanted: &str) -> bool {
        value::text(self.field(TYPE)).is_some_and(|text| text.eq_ignore_ascii_case(wanted))
    }
}

/// Languages of a [`Part`], one by one.
#[derive(Debug, Clone)]
pub struct LanguagesIter<'a> {
    list: Values<'a>,
    /// If it is no list: the only one. Else it is read as none.
    one: &'a [u8],
}

impl<'a> Iterator for LanguagesIter<'a> {
    type Item = Str<'a>;

    fn next(&mut self) -> Option<Str<'a>> {
        self.list.find_map(value::text).or_else(|| value::text(core::mem::take(&mut self.one)))
    }
}

impl<'a> Part<'a> {
    /// A field that comes before the parts in this one.
    fn field(&self, field: Field) -> &'a [u8] {
        self.fields.field(field)
    }

    /// A field that may come behind them.
    fn any_field(&self, field: Field) -> &'a [u8] {
        if self.fields.open { self.fields.complete().field(field) } else { self.field(field) }
    }

    /// This part with all fields looked up.
    fn complete(&self) -> Self {
        Self { fields: self.fields.complete(), ..*self }
    }

    /// What it is.
    pub fn kind(&self) -> PartKind {
        self.fields.kind
    }

    /// Its number, by which FETCH asks for it (RFC 9051 section 6.4.5).
    pub fn number(&self) -> &PartNumber {
        &self.number
    }

    /// How many multiparts and messages it is in.
    pub fn depth(&self) -> usize {
        self.depth.into()
    }

    /// The bytes that this was read from, those of the parts in it included.
    pub fn raw(&self) -> &'a [u8] {
        if self.fields.open {
            skip(self.fields.raw).map_or(self.fields.raw, |(_, raw)| raw)
        } else {
            self.fields.raw
        }
    }

    /// How many parts are in it: those of a multipart, or 1 if the body of a message is there.
    pub fn children(&self) -> usize {
        match self.fields.kind {
            PartKind::Multipart => {
                Values::of(self.fields.raw).take_while(|value| value.starts_with(b"(")).count()
            }
            PartKind::Message => usize::from(self.field(BODY).starts_with(b"(")),
            _ => 0,
        }
    }

    /// Whether it is of this media type, letters of both cases being equal. `*` stands for
    /// any.
    pub fn is(&self, media_type: &str, subtype: &str) -> bool {
        let is = |text: Option<Str<'_>>, wanted: &str| {
            wanted == "*" || text.is_some_and(|text| text.eq_ignore_ascii_case(wanted))
        };
        is(self.media_type(), media_type) && is(self.subtype(), subtype)
    }

    /// The first half of the media type, such as `text`; `multipart` for a multipart.
    pub fn media_type(&self) -> Option<Str<'a>> {
        let text = value::text(self.field(TYPE));
        match self.fields.kind {
            PartKind::Multipart => text.or(Some(Str::new(b"multipart"))),
            _ => text,
        }
    }

    /// The second half of the media type, such as `plain`.
    pub fn subtype(&self) -> Option<Str<'a>> {
        if self.fields.kind == PartKind::Multipart {
            return value::text(self.any_field(SUBTYPE));
        }
        value::text(self.field(SUBTYPE))
    }

    /// The parameters of the media type, such as `charset`.
    pub fn params(&self) -> Params<'a> {
        if self.fields.kind == PartKind::Multipart {
            return Params::of(self.any_field(PARAMS));
        }
        Params::of(self.field(PARAMS))
    }

    /// Content-Id.
    pub fn id(&self) -> Option<Str<'a>> {
        value::text(self.field(ID))
    }

    /// Content-Description. RFC 2047 words are not decoded.
    pub fn description(&self) -> Option<Str<'a>> {
        if self.fields.kind == PartKind::Multipart {
            // Exchange puts it where the disposition should be.
            return value::text(self.any_field(DISPOSITION)).filter(is_description);
        }
        value::text(self.field(DESCRIPTION))
    }

    /// Content-Transfer-Encoding; `None` for a multipart, and where the server does not tell.
    pub fn encoding(&self) -> Option<TransferEncoding<'a>> {
        value::text(self.field(ENCODING)).map(TransferEncoding::of)
    }

    /// The size in octets, as it is encoded. `None` for a multipart, and where the server
    /// does not know.
    pub fn size(&self) -> Option<u64> {
        number64(self.field(OCTETS)).ok().map(|(_, size)| size)
    }

    /// The size in lines, of texts and messages.
    pub fn lines(&self) -> Option<u64> {
        number64(self.any_field(LINES)).ok().map(|(_, lines)| lines)
    }

    /// The header of a message in the message.
    pub fn envelope(&self) -> Option<Envelope<'a>> {
        super::envelope::envelope(self.field(ENVELOPE)).ok().map(|(_, envelope)| envelope)
    }

    /// Content-MD5.
    pub fn md5(&self) -> Option<Str<'a>> {
        value::text(self.any_field(MD5))
    }

    /// Content-Disposition.
    pub fn disposition(&self) -> Option<Disposition<'a>> {
        Disposition::of(self.any_field(DISPOSITION))
    }

    /// Content-Language: the languages, one by one.
    pub fn language(&self) -> LanguagesIter<'a> {
        let one = self.any_field(LANGUAGE);
        LanguagesIter { list: Values::of(one), one }
    }

    /// Content-Location.
    pub fn location(&self) -> Option<Str<'a>> {
        value::text(self.any_field(LOCATION))
    }

    /// What comes behind all that is known today (`body-extension`), as it stands there.
    pub fn extension(&self) -> &'a [u8] {
        let all = self.any_field(EXTENSION);
        let mut values = Values::from(all);
        values.by_ref().for_each(drop);
        value::consumed(all, values.rest())
    }
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.complete();
        let mut out = f.debug_struct("Part");
        out.field("number", &part.number).field("kind", &part.fields.kind);
        if matches!(part.fields.kind, PartKind::Malformed | PartKind::TooDeep) {
            return out.field("raw", &Str::new(self.raw())).finish();
        }
        out.field("media_type", &part.media_type())
            .field("subtype", &part.subtype())
            .field("params", &part.params())
            .field("disposition", &part.disposition())
            .field("encoding", &part.encoding())
            .field("size", &part.size())
            .finish_non_exhaustive()
    }
}

/// A map of what is known.
#[cfg(feature = "serde")]
impl serde::Serialize for Part<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        fn entry<M: SerializeMap>(
            map: &mut M,
            key: &str,
            value: Option<impl serde::Serialize>,
        ) -> Result<(), M::Error> {
            value.map_or(Ok(()), |value| map.serialize_entry(key, &value))
        }

        struct Languages<I>(I);
        impl<'a, I: Iterator<Item = Str<'a>> + Clone> serde::Serialize for Languages<I> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.clone())
            }
        }

        let part = self.complete();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("number", &part.number)?;
        map.serialize_entry("kind", &part.fields.kind)?;
        if matches!(part.fields.kind, PartKind::Malformed | PartKind::TooDeep) {
            map.serialize_entry("raw", &Str::new(self.raw()))?;
            return map.end();
        }
        let params = part.params();
        let language = part.language();
        entry(&mut map, "media_type", part.media_type())?;
        entry(&mut map, "subtype", part.subtype())?;
        entry(&mut map, "params", params.clone().next().map(|_| params))?;
        entry(&mut map, "id", part.id())?;
        entry(&mut map, "description", part.description())?;
        entry(&mut map, "encoding", part.encoding())?;
        entry(&mut map, "size", part.size())?;
        entry(&mut map, "lines", part.lines())?;
        entry(&mut map, "envelope", part.envelope())?;
        entry(&mut map, "md5", part.md5())?;
        entry(&mut map, "disposition", part.disposition())?;
        entry(&mut map, "language", language.clone().next().map(|_| Languages(language)))?;
        entry(&mut map, "location", part.location())?;
        map.end()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Part<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        let part = self.complete();
        defmt::write!(
            f,
            "Part {{ number: {}, kind: {}, media_type: {}, subtype: {}, params: {}, size: {} }}",
            part.number,
            part.fields.kind,
            part.media_type(),
            part.subtype(),
            part.params(),
            part.size(),
        );
    }
}

/// Whether it is no disposition, which would be one token (RFC 2183).
fn is_description(text: &Str<'_>) -> bool {
    text.bytes().any(|b| b == b' ')
}

/// What is to be done with a part (RFC 2183).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Disposition<'a> {
    /// `inline`, `attachment`, or others.
    pub kind: Str<'a>,
    /// Its parameters, such as `filename`.
    pub params: Params<'a>,
}

impl<'a> Disposition<'a> {
    /// ```abnf
    /// body-fld-dsp = "(" string SP body-fld-param ")" / nil
    /// ```
    /// RFC 9051 section 9. Exchange sends the string alone.
    fn of(i: &'a [u8]) -> Option<Self> {
        if let Ok((inner, ())) = byte(i, b'(') {
            let (rest, kind) = value::item(value::more(inner).ok()??).ok()?;
            let params = value::more(rest).ok()?.unwrap_or_default();
            return kind.map(|kind| Self { kind, params: Params::of(params) });
        }
        let kind = value::text(i).filter(|text| !is_description(text))?;
        Some(Self { kind, params: Params::default() })
    }
}

/// Parameters of a MIME field, each as name and value. An iterator, and cheap to copy before
/// it is walked.
///
/// Continuations and charsets (RFC 2231, `filename*0*`) are not undone.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Params<'a> {
    rest: &'a [u8],
}

impl<'a> Params<'a> {
    /// ```abnf
    /// body-fld-param = "(" string SP string *(SP string SP string) ")" /
    ///                  nil
    /// ```
    /// RFC 9051 section 9. mail.ru and Exchange send NIL for a value.
    fn of(i: &'a [u8]) -> Self {
        Self { rest: Values::of(i).rest() }
    }

    /// The value of the first parameter of this name, letters of both cases being equal.
    pub fn get(&self, name: &str) -> Option<Str<'a>> {
        self.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name))?.1
    }

    /// One string, or `None` for what is none; and none at the list's end.
    #[inline]
    fn text(&mut self) -> Option<Option<Str<'a>>> {
        let start = value::more(self.rest).ok()??;
        let (rest, text) = value::item(start).ok()?;
        self.rest = rest;
        Some(text)
    }
}

impl<'a> Iterator for Params<'a> {
    type Item = (Str<'a>, Option<Str<'a>>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let name = self.text()?;
            let value = self.text().flatten();
            if let Some(name) = name {
                return Some((name, value));
            }
        }
    }
}

impl core::iter::FusedIterator for Params<'_> {}

impl fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(*self).finish()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Params<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(*self)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Params<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{{");
        for (name, value) in *self {
            defmt::write!(f, "{}: {}, ", name, value);
        }
        defmt::write!(f, "}}");
    }
}

/// Content-Transfer-Encoding (RFC 2045 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum TransferEncoding<'a> {
    /// Lines of ASCII.
    #[cfg_attr(feature = "serde", serde(rename = "7bit"))]
    SevenBit,
    /// Lines of bytes.
    #[cfg_attr(feature = "serde", serde(rename = "8bit"))]
    EightBit,
    /// Bytes.
    Binary,
    /// Base64.
    Base64,
    /// Quoted-printable.
    #[cfg_attr(feature = "serde", serde(rename = "quoted-printable"))]
    QuotedPrintable,
    /// Anything else.
    #[cfg_attr(feature = "serde", serde(untagged))]
    Other(Str<'a>),
}

impl<'a> TransferEncoding<'a> {
    fn of(text: Str<'a>) -> Self {
        // Exchange: "base64 ".
        let word = text.as_bytes().unwrap_or_default().trim_ascii();
        let is = |name: &[u8]| word.eq_ignore_ascii_case(name);
        match () {
            () if is(b"7bit") => Self::SevenBit,
            () if is(b"8bit") => Self::EightBit,
            () if is(b"binary") => Self::Binary,
            () if is(b"base64") => Self::Base64,
            () if is(b"quoted-printable") => Self::QuotedPrintable,
            () => Self::Other(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString};
    use std::vec::Vec;
    use std::{format, vec};

    /// Number, kind's initial and media type of each part.
    fn outline(raw: &str) -> Vec<String> {
        let structure = BodyStructure::parse(raw.as_bytes()).unwrap();
        structure
            .walk()
            .map(|part| {
                let name = |text: Option<Str<'_>>| text.map_or("-".into(), |text| text.to_string());
                let kind = format!("{:?}", part.kind());
                let (media_type, subtype) = (name(part.media_type()), name(part.subtype()));
                format!("{} {} {media_type}/{subtype}", part.number(), &kind[..2])
            })
            .collect()
    }

    fn first(raw: &str) -> Part<'_> {
        BodyStructure::parse(raw.as_bytes()).unwrap().walk().next().unwrap()
    }

    #[test]
    fn one_text() {
        // RFC 9051 section 8.
        let raw = r#"("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92)"#;
        assert_eq!(outline(raw), ["1 Si TEXT/PLAIN"]);
        let part = first(raw);
        assert_eq!(part.raw(), raw.as_bytes());
        assert_eq!((part.size(), part.lines()), (Some(3028), Some(92)));
        assert_eq!(part.encoding(), Some(TransferEncoding::SevenBit));
        assert_eq!(part.params().get("charset").unwrap(), "US-ASCII");
        assert_eq!((part.id(), part.description(), part.md5()), (None, None, None));
        assert_eq!(part.disposition(), None);
        assert!(part.is("text", "*") && !part.is("text", "html"));
    }

    #[test]
    fn all_fields() {
        let raw = r#"("image" "png" ("name" "a \"b\".png" "x" "1") "<id>" "descr" "base64" 10 "Q2hl==" ("inline" ("filename" "f.png")) ("de" "en") "http://x" (1 (2 "3")) NIL)"#;
        let part = first(raw);
        assert_eq!(part.params().count(), 2);
        assert_eq!(part.params().get("NAME").unwrap(), "a \"b\".png");
        assert_eq!(part.id().unwrap(), "<id>");
        assert_eq!(part.description().unwrap(), "descr");
        assert_eq!(part.encoding(), Some(TransferEncoding::Base64));
        assert_eq!((part.size(), part.lines()), (Some(10), None));
        assert_eq!(part.md5().unwrap(), "Q2hl==");
        let disposition = part.disposition().unwrap();
        assert_eq!(disposition.kind, "inline");
        assert_eq!(disposition.params.get("filename").unwrap(), "f.png");
        assert_eq!(part.language().collect::<Vec<_>>(), ["de", "en"]);
        assert_eq!(part.location().unwrap(), "http://x");
        assert_eq!(part.extension(), b"(1 (2 \"3\")) NIL");
        assert_eq!(part.raw(), raw.as_bytes());
    }

    #[test]
    fn numbers_as_in_the_rfc() {
        // RFC 9051 section 6.4.5.1: the example of part specifiers.
        let text = r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1)"#;
        let data = r#"("APPLICATION" "OCTET-STREAM" NIL NIL NIL "BASE64" 9)"#;
        let gif = r#"("IMAGE" "GIF" NIL NIL NIL "BASE64" 9)"#;
        let envelope = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)";
        let message = |body: &str| {
            format!(
                r#"("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 99 {envelope} {body} 42 NIL ("attachment" NIL))"#
            )
        };
        let three = message(&format!(r#"({text}{data} "MIXED")"#));
        let alternative =
            format!(r#"({text}("TEXT" "RICHTEXT" NIL NIL NIL "7BIT" 1 1) "ALTERNATIVE")"#);
        let four_two = message(&format!(r#"({text}{alternative} "MIXED")"#));
        let four = format!(r#"({gif}{four_two} "MIXED" ("BOUNDARY" "4"))"#);
        let raw =
            format!(r#"({text}{data}{three} {four} "MIXED" ("BOUNDARY" "0") NIL "en" "here" 7)"#);
        assert_eq!(
            outline(&raw),
            [
                " Mu multipart/MIXED",
                "1 Si TEXT/PLAIN",
                "2 Si APPLICATION/OCTET-STREAM",
                "3 Me MESSAGE/RFC822",
                "3 Mu multipart/MIXED",
                "3.1 Si TEXT/PLAIN",
                "3.2 Si APPLICATION/OCTET-STREAM",
                "4 Mu multipart/MIXED",
                "4.1 Si IMAGE/GIF",
                "4.2 Me MESSAGE/RFC822",
                "4.2 Mu multipart/MIXED",
                "4.2.1 Si TEXT/PLAIN",
                "4.2.2 Mu multipart/ALTERNATIVE",
                "4.2.2.1 Si TEXT/PLAIN",
                "4.2.2.2 Si TEXT/RICHTEXT",
            ]
        );
        let parts: Vec<_> = BodyStructure::parse(raw.as_bytes()).unwrap().walk().collect();
        assert_eq!(parts[0].children(), 4);
        assert_eq!(parts[0].params().get("boundary").unwrap(), "0");
        assert_eq!(parts[0].language().collect::<Vec<_>>(), ["en"]);
        assert_eq!(parts[0].location().unwrap(), "here");
        assert_eq!(parts[0].extension(), b"7");
        assert_eq!((parts[0].size(), parts[0].lines(), parts[0].encoding()), (None, None, None));
        assert_eq!(parts[3].lines(), Some(42));
        assert_eq!(parts[3].size(), Some(99));
        assert_eq!(parts[3].children(), 1);
        assert_eq!(parts[3].raw(), three.as_bytes());
        assert_eq!(parts[3].disposition().unwrap().kind, "attachment");
        assert_eq!(parts[3].envelope().unwrap().raw(), envelope.as_bytes());
        assert_eq!(parts[7].params().get("BOUNDARY").unwrap(), "4");
        assert_eq!(parts[14].depth(), 5);

        // A message in a message, each without multipart.
        assert_eq!(
            outline(&message(&message(text))),
            ["1 Me MESSAGE/RFC822", "1.1 Me MESSAGE/RFC822", "1.1.1 Si TEXT/PLAIN"]
        );
        // Behind it, the count goes on.
        let raw = format!(r#"({}{text} "MIXED")"#, message(&message(text)));
        let wanted = [
            " Mu multipart/MIXED",
            "1 Me MESSAGE/RFC822",
            "1.1 Me MESSAGE/RFC822",
            "1.1.1 Si TEXT/PLAIN",
            "2 Si TEXT/PLAIN",
        ];
        assert_eq!(outline(&raw), wanted);
    }

    #[test]
    fn odd_multiparts() {
        // Gmail, Yandex, QQ; Courier; Dovecot; mailutils: no parts.
        for raw in [
            r#"("ALTERNATIVE" ("BOUNDARY" "x") NIL NIL)"#,
            r#"("ALTERNATIVE")"#,
            r#"( "alternative" ("boundary" "x") NIL NIL)"#,
            r#"(NIL "alternative" ("boundary" "x") NIL NIL NIL)"#,
            r#"("multipart" "alternative" ("boundary" "x") NIL NIL "8bit" 24 NIL NIL NIL)"#,
        ] {
            assert_eq!(outline(raw), [format!(" Mu multipart/{}", first(raw).subtype().unwrap())]);
            assert!(first(raw).is("multipart", "alternative"));
            assert_eq!(first(raw).children(), 0);
            if raw.contains('x') {
                assert_eq!(first(raw).params().get("boundary").unwrap(), "x");
            }
        }
        let raw = r#"(("RELATED" NIL ("ATTACHMENT" NIL) NIL)("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1) "MIXED")"#;
        assert_eq!(
            outline(raw),
            [" Mu multipart/MIXED", "1 Mu multipart/RELATED", "2 Si TEXT/PLAIN"]
        );
        let related = BodyStructure::parse(raw.as_bytes()).unwrap().walk().nth(1).unwrap();
        assert_eq!(related.disposition().unwrap().kind, "ATTACHMENT");
        // Exchange: the description where the disposition should be.
        let raw = r#"(("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1) "mixed" ("boundary" "x") "S/MIME Encrypted Message" NIL)"#;
        assert_eq!(first(raw).description().unwrap(), "S/MIME Encrypted Message");
        assert_eq!(first(raw).disposition(), None);
        // No subtype at all.
        assert_eq!(outline("((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 1 1))").len(), 2);
    }

    #[test]
    fn odd_parts() {
        // Office365.
        let part = first(r#"(NIL NIL NIL NIL NIL "7BIT" 563 NIL NIL NIL NIL)"#);
        assert_eq!((part.kind(), part.size()), (PartKind::Single, Some(563)));
        assert_eq!(part.media_type(), None);
        // hMailServer: no subtype.
        let part = first(r#"("TEXT" ("CHARSET" "x") NIL NIL "7BIT" 563 7 NIL)"#);
        assert_eq!((part.size(), part.lines(), part.subtype()), (Some(563), Some(7), None));
        assert_eq!(part.params().get("charset").unwrap(), "x");
        let part = first(r#"("X-ZIP" ("BOUNDARY" "") NIL NIL "base64" 5)"#);
        assert_eq!((part.kind(), part.size()), (PartKind::Single, Some(5)));
        // Exchange: a bare disposition; an atom, a space, or NIL for the encoding.
        let part = first(r#"("TEXT" "PLAIN" NIL NIL NIL BASE64 5 1 NIL "inline" NIL)"#);
        assert_eq!(part.encoding(), Some(TransferEncoding::Base64));
        assert_eq!(part.disposition().unwrap().kind, "inline");
        let part = first(r#"("TEXT" "PLAIN" NIL NIL NIL "base64 " 5 1)"#);
        assert_eq!(part.encoding(), Some(TransferEncoding::Base64));
        let part = first(r#"("TEXT" "PLAIN" NIL NIL NIL NIL 5 1)"#);
        assert_eq!((part.encoding(), part.size()), (None, Some(5)));
        let part = first(r#"("TEXT" "PLAIN" NIL NIL NIL 5 1 NIL)"#);
        assert_eq!((part.encoding(), part.size(), part.lines()), (None, Some(5), Some(1)));
        let part = first(r#"("TEXT" "PLAIN" NIL NIL NIL "x-unknown;" 5 1 NIL ("=?x?=" NIL) NIL)"#);
        assert_eq!(part.encoding(), Some(TransferEncoding::Other("x-unknown;".into())));
        assert_eq!(part.disposition().unwrap().kind, "=?x?=");
        // Exchange, Dovecot: -1.
        let part = first(r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" -1 -1 "md5")"#);
        assert_eq!((part.size(), part.lines()), (None, None));
        assert_eq!(part.md5().unwrap(), "md5");
        // mail.ru, Exchange: NIL for a parameter's value. And an odd number of them.
        let part =
            first(r#"("TEXT" "PLAIN" ("boundary" NIL "a" "1" (x) 2 "b") NIL NIL "7BIT" 1 1)"#);
        let params: Vec<_> = part.params().collect();
        assert_eq!(params[0], ("boundary".into(), None));
        assert_eq!(params[1], ("a".into(), Some("1".into())));
        assert_eq!(params[2], ("b".into(), None));
        // QQ: a space before the parenthesis. Sizes over 32 bits.
        let part = first(r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 5000000000 1 )"#);
        assert_eq!(part.size(), Some(5_000_000_000));
        // Dovecot: message/global as any other part.
        let part = first(r#"("MESSAGE" "GLOBAL" NIL NIL NIL "BASE64" 374 NIL ("x" NIL))"#);
        assert_eq!((part.kind(), part.disposition().unwrap().kind), (PartKind::Single, "x".into()));
        // Cut short.
        let part = first(r#"("TEXT" "PLAIN" ("CHARSET" "x"))"#);
        assert_eq!((part.kind(), part.size()), (PartKind::Single, None));
        assert!(part.params().get("charset").is_some());
    }

    #[test]
    fn odd_messages() {
        let text = r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1)"#;
        // Domino: a body that is ().
        let raw = format!(
            r#"(("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) () 0 "md5"){text} "MIXED")"#
        );
        let wanted =
            [" Mu multipart/MIXED", "1 Me MESSAGE/RFC822", "1.1 Ma -/-", "2 Si TEXT/PLAIN"];
        assert_eq!(outline(&raw), wanted);
        let message = BodyStructure::parse(raw.as_bytes()).unwrap().walk().nth(1).unwrap();
        assert_eq!((message.lines(), message.md5().unwrap()), (Some(0), "md5".into()));
        // No body; NIL for a body; an envelope that is none.
        for body in ["", " NIL", " (x)"] {
            let raw = format!(
                r#"(("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 (){body} 3 NIL ("a" NIL)){text} "MIXED")"#
            );
            let parts: Vec<_> = BodyStructure::parse(raw.as_bytes()).unwrap().walk().collect();
            assert_eq!(parts[1].kind(), PartKind::Message);
            if body != " NIL" {
                assert_eq!(parts[1].lines(), Some(3), "{body}");
                assert_eq!(parts[1].disposition().unwrap().kind, "a");
            }
            assert_eq!(parts.last().unwrap().number(), &[2]);
        }
    }

    #[test]
    fn malformed_parts_are_alone() {
        let text = r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1)"#;
        for bad in ["()", "(5 6 7)", "(NIL)", "(NIL NIL)", "(NIL (x))"] {
            let raw = format!(r#"({text}{bad}{text} "MIXED")"#);
            let parts: Vec<_> = BodyStructure::parse(raw.as_bytes()).unwrap().walk().collect();
            assert_eq!(parts.len(), 4, "{bad}");
            assert_eq!(parts[2].kind(), PartKind::Malformed, "{bad}");
            assert_eq!(parts[2].raw(), bad.as_bytes());
            assert_eq!(parts[3].number(), &[3]);
            assert_eq!(parts[0].subtype().unwrap(), "MIXED");
        }
        for bad in ["", "NIL", "(", "(\"a\"", "(\"a)", "(\"a\"))", "\"TEXT\""] {
            assert!(BodyStructure::parse(bad.as_bytes()).is_none(), "{bad}");
        }
    }

    #[test]
    fn deep() {
        let text = r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1)"#;
        let nested = |levels: usize| {
            let mut raw = String::from(text);
            for _ in 0..levels {
                raw = format!(r#"({raw}{text} "MIXED" ("A" "B"))"#);
            }
            raw
        };
        for levels in [1, 100, 126] {
            let raw = nested(levels);
            let parts: Vec<_> = BodyStructure::parse(raw.as_bytes()).unwrap().walk().collect();
            assert_eq!(parts.len(), 2 * levels + 1);
            assert!(parts.iter().all(|part| part.kind() != PartKind::TooDeep));
            assert_eq!(parts[levels].number().iter().count(), levels);
            assert_eq!(parts[levels + 1].number().iter().last(), Some(2));
            assert_eq!(parts[2 * levels].number(), &[2]);
        }
        // What is too deep does not hide what is not.
        let raw = nested(500);
        let parts: Vec<_> = BodyStructure::parse(raw.as_bytes()).unwrap().walk().collect();
        assert_eq!(parts.iter().filter(|part| part.kind() == PartKind::TooDeep).count(), 1);
        assert_eq!(parts.last().unwrap().number(), &[2]);
        // Nothing but parentheses.
        let raw = [vec![b'('; 100_000], vec![b')'; 100_000]].concat();
        let parts: Vec<_> = BodyStructure::parse(&raw).unwrap().walk().collect();
        assert_eq!(parts.last().unwrap().kind(), PartKind::TooDeep);
        assert!(parts.len() <= BodyStructure::MAX_DEPTH + 1);

        // Messages in messages.
        let mut raw = String::from(text);
        for _ in 0..200 {
            raw = format!(r#"("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 (NIL) {raw} 1)"#);
        }
        let raw = format!("({raw}{text})");
        let parts: Vec<_> = BodyStructure::parse(raw.as_bytes()).unwrap().walk().collect();
        assert_eq!(parts.last().unwrap().number(), &[2]);
        assert_eq!(parts[100].number().iter().count(), 100);
    }

    /// In one walk ahead the fields of all are found, and they are those that each part finds
    /// for itself.
    #[test]
    fn whole_parts() {
        let text = r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 12 1)"#;
        let envelope = r#"(NIL "s" NIL NIL NIL NIL NIL NIL NIL NIL)"#;
        let message = format!(r#"("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 {envelope} "#);
        let chain = |depth: usize| {
            let tails: String = (0..depth).map(|n| format!(r#" "S{n}" ("A" "{n}"))"#)).collect();
            format!("{}{text}{tails}", "(".repeat(depth))
        };
        let bushes = (0..9).fold(String::from(text), |inner, level| {
            format!(r#"({}{inner}{text} "L{level}")"#, r#"(() "x")"#.repeat(20))
        });
        for raw in [
            chain(1),
            chain(60),
            chain(127),
            chain(200),
            format!("{}{text}{}", message.repeat(30), " 7 NIL)".repeat(30)),
            format!("{}{}{}", message.repeat(70), chain(30), " 7)".repeat(70)),
            format!("({}{} \"MIXED\")", chain(20).repeat(30), chain(100)),
            format!("({} \"MIXED\")", format!("{message}{text} 7)").repeat(100)),
            bushes,
            format!("((() {text} 5) NIL (((() 1 (2)) \"A\") \"B\"))"),
        ] {
            let structure = BodyStructure::parse(raw.as_bytes()).unwrap();
            let whole: Vec<_> = structure.whole_parts().collect();
            for (whole, part) in whole.iter().zip(structure.walk()) {
                assert!(!whole.fields.open);
                assert_eq!(format!("{whole:?}"), format!("{part:?}"));
                assert_eq!(whole.lines(), part.lines());
                assert_eq!(whole.raw(), part.raw());
            }
            assert_eq!(whole.len(), structure.walk().count());
        }
        let raw = chain(TAILS);
        let structure = BodyStructure::parse(raw.as_bytes()).unwrap();
        let mut parts = structure.whole_parts();
        let _ = parts.next().unwrap();
        let open = structure.walk().filter(|part| part.fields.open).count();
        assert!(open > TAILS / 2);
        assert!(parts.found == open && parts.tails.iter().filter(|&&at| at > 0).count() == open);
    }

    /// What was made to be read again and again, for each of its levels.
    #[test]
    fn bushes_cost_no_more_than_they_are_long() {
        let size = |siblings: usize| -> (usize, usize) {
            let raw = (0..127).fold(String::from("()"), |inner, _| {
                format!(r#"({}{inner} "X")"#, r#"(() "x")"#.repeat(siblings))
            });
            let structure = BodyStructure::parse(raw.as_bytes()).unwrap();
            let mut parts = structure.whole_parts();
            let count = parts.by_ref().count();
            assert_eq!(count, structure.walk().count());
            (raw.len(), raw.len() * WORK - parts.work)
        };
        let (few, looked) = size(2);
        assert!(looked <= 8 * few, "{looked} of {few}");
        let (many, looked) = size(200);
        assert!(many > 200_000 && looked <= (WORK + 1) * many, "{looked} of {many}");
    }

    #[test]
    fn many_parts() {
        let text = r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1)"#;
        let raw = format!(r#"({} "MIXED")"#, text.repeat(20_000));
        let structure = BodyStructure::parse(raw.as_bytes()).unwrap();
        for (index, part) in structure.walk().enumerate().skip(1) {
            assert_eq!(part.number(), &[u32::try_from(index).unwrap()]);
        }
        assert_eq!(structure.walk().count(), 20_001);
    }

    #[test]
    fn part_numbers() {
        let numbers = [0, 1, 127, 128, 16_383, 16_384, u32::MAX];
        let mut number = PartNumber::new(&numbers).unwrap();
        assert_eq!(number, numbers);
        assert_eq!(number.to_string(), "0.1.127.128.16383.16384.4294967295");
        for last in numbers.iter().rev() {
            assert_eq!(number.pop(), Some(*last));
        }
        assert_eq!(number, PartNumber::WHOLE);
        assert_eq!(number.pop(), None);
        assert!(PartNumber::new(&[5; 127]).is_some());
        assert!(PartNumber::new(&[5; 128]).is_none());
    }
}
