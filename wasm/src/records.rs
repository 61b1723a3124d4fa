//! What goes to JavaScript: numbers in one array and all texts in one string, so that a chunk of
//! input costs one crossing however many events it brings.
//!
//! A value is one or more words of 32 bits. The low four bits of the first say what it is, the
//! others are its argument:
//!
//! | | | argument, and what follows |
//! |---|---|---|
//! | 0 | null | |
//! | 1 | true | |
//! | 2 | false | |
//! | 3 | number | itself, below 2^28 |
//! | 4 | number | two words follow: the low and the high half of an `i64` |
//! | 5 | text | how many UTF-16 units of the string of texts are it |
//! | 6 | name | which of the names that were told; 0 is a new one, told as a text that follows |
//! | 7 | object | names or texts and values follow, up to an end |
//! | 8 | array | values follow, up to an end |
//! | 9 | end | |
//! | 10 | bytes | so many of the caller's chunk; the word that follows says from where |
//! | 11 | bytes | so many of [`Records::bytes`] |
//!
//! [`Records`] is a [`Serializer`], so whatever is `Serialize` in the core gets across, by the
//! names that it has there.

use crate::prelude::{String, Vec};
use core::fmt::{self, Write as _};
use serde::ser::{self, Impossible, Serialize, Serializer};

const NULL: u32 = 0;
const TRUE: u32 = 1;
const FALSE: u32 = 2;
const SMALL: u32 = 3;
const LARGE: u32 = 4;
const TEXT: u32 = 5;
const NAME: u32 = 6;
const OBJECT: u32 = 7;
const ARRAY: u32 = 8;
const END: u32 = 9;
const RANGE: u32 = 10;
const BYTES: u32 = 11;

/// How many slots there are for names: more than twice as many as there are names.
const SLOTS: usize = 1024;

/// Values on their way to JavaScript.
#[derive(Debug)]
pub(crate) struct Records {
    /// The values.
    pub(crate) words: Vec<u32>,
    /// All texts, one behind the other.
    pub(crate) texts: String,
    /// Bytes that are in no chunk of the caller's.
    pub(crate) bytes: Vec<u8>,
    /// The names that were told: where they are, how long, and their number.
    names: Vec<(usize, usize, u32)>,
    told: u32,
}

impl Records {
    pub(crate) fn new() -> Self {
        Self {
            words: Vec::new(),
            texts: String::new(),
            bytes: Vec::new(),
            names: vec![(0, 0, 0); SLOTS],
            told: 0,
        }
    }

    /// Forgets the values, not the names.
    pub(crate) fn clear(&mut self) {
        self.words.clear();
        self.texts.clear();
        self.bytes.clear();
    }

    /// Whether it is time to hand over what is here.
    pub(crate) fn is_large(&self) -> bool {
        self.words.len() > 1 << 16 || self.texts.len() > 1 << 18 || self.bytes.len() > 1 << 18
    }

    fn put(&mut self, what: u32, argument: usize) {
        self.words.push((argument as u32) << 4 | what);
    }

    fn number(&mut self, value: i64) {
        if (0..1 << 28).contains(&value) {
            return self.put(SMALL, value as usize);
        }
        self.put(LARGE, 0);
        self.words.extend([value as u32, (value >> 32) as u32]);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.texts.push_str(text);
        self.put(TEXT, units(text));
    }

    fn display(&mut self, text: &(impl fmt::Display + ?Sized)) {
        let mut counted = Counted { texts: &mut self.texts, units: 0 };
        let _ = write!(counted, "{text}");
        let units = counted.units;
        self.put(TEXT, units);
    }

    /// A name of the program's own. It is told once; later its number is enough.
    pub(crate) fn name(&mut self, name: &'static str) {
        let place = (name.as_ptr() as usize, name.len());
        let mut slot = (place.0 ^ place.1 << 7) % SLOTS;
        // It ends, as there are fewer names than slots.
        while let Some(&(at, length, number)) = self.names.get(slot) {
            if number == 0 {
                self.told += 1;
                self.names[slot] = (place.0, place.1, self.told);
                self.put(NAME, 0);
                return self.text(name);
            }
            if (at, length) == place {
                return self.put(NAME, number as usize);
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    /// Bytes of the caller's chunk.
    pub(crate) fn range(&mut self, from: usize, length: usize) {
        self.put(RANGE, length);
        self.words.push(from as u32);
    }

    /// Bytes that are copied.
    pub(crate) fn copy(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.put(BYTES, bytes.len());
    }

    pub(crate) fn object(&mut self) {
        self.put(OBJECT, 0);
    }

    pub(crate) fn end(&mut self) {
        self.put(END, 0);
    }

    /// A field of an object.
    pub(crate) fn field(&mut self, name: &'static str, value: &(impl Serialize + ?Sized)) {
        self.name(name);
        let _ = value.serialize(self);
    }

    /// The field that says which event this is.
    pub(crate) fn event(&mut self, name: &'static str) {
        self.object();
        self.name("event");
        self.name(name);
    }
}

/// How many UTF-16 units JavaScript will count.
fn units(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

struct Counted<'t> {
    texts: &'t mut String,
    units: usize,
}

impl fmt::Write for Counted<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.texts.push_str(text);
        self.units += units(text);
        Ok(())
    }
}

/// Nothing goes wrong here.
#[derive(Debug)]
pub(crate) struct Never;

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl core::error::Error for Never {}

impl ser::Error for Never {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'a> Serializer for &'a mut Records {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Rest<'a>;
    type SerializeTuple = Rest<'a>;
    type SerializeTupleStruct = Rest<'a>;
    type SerializeTupleVariant = Impossible<(), Never>;
    type SerializeMap = Rest<'a>;
    type SerializeStruct = Rest<'a>;
    type SerializeStructVariant = Rest<'a>;

    fn serialize_bool(self, value: bool) -> Result<(), Never> {
        self.put(if value { TRUE } else { FALSE }, 0);
        Ok(())
    }
    fn serialize_i8(self, value: i8) -> Result<(), Never> {
        self.serialize_i64(value.into())
    }
    fn serialize_i16(self, value: i16) -> Result<(), Never> {
        self.serialize_i64(value.into())
    }
    fn serialize_i32(self, value: i32) -> Result<(), Never> {
        self.serialize_i64(value.into())
    }
    fn serialize_i64(self, value: i64) -> Result<(), Never> {
        self.number(value);
        Ok(())
    }
    fn serialize_u8(self, value: u8) -> Result<(), Never> {
        self.serialize_i64(value.into())
    }
    fn serialize_u16(self, value: u16) -> Result<(), Never> {
        self.serialize_i64(value.into())
    }
    fn serialize_u32(self, value: u32) -> Result<(), Never> {
        self.serialize_i64(value.into())
    }
    fn serialize_u64(self, value: u64) -> Result<(), Never> {
        self.serialize_i64(value as i64)
    }
    fn serialize_f32(self, value: f32) -> Result<(), Never> {
        self.serialize_i64(value as i64)
    }
    fn serialize_f64(self, value: f64) -> Result<(), Never> {
        self.serialize_i64(value as i64)
    }
    fn serialize_char(self, value: char) -> Result<(), Never> {
        self.text(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }
    fn serialize_str(self, value: &str) -> Result<(), Never> {
        self.text(value);
        Ok(())
    }
    fn serialize_bytes(self, value: &[u8]) -> Result<(), Never> {
        self.copy(value);
        Ok(())
    }
    fn serialize_none(self) -> Result<(), Never> {
        self.put(NULL, 0);
        Ok(())
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), Never> {
        self.serialize_none()
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Never> {
        self.serialize_none()
    }
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Never> {
        self.name(variant);
        Ok(())
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        self.object();
        self.name(variant);
        value.serialize(&mut *self)?;
        self.end();
        Ok(())
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Rest<'a>, Never> {
        self.put(ARRAY, 0);
        Ok(Rest { records: self, ends: 1 })
    }
    fn serialize_tuple(self, _: usize) -> Result<Rest<'a>, Never> {
        self.serialize_seq(None)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Rest<'a>, Never> {
        self.serialize_seq(None)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Never> {
        Err(Never)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Rest<'a>, Never> {
        self.object();
        Ok(Rest { records: self, ends: 1 })
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Rest<'a>, Never> {
        self.serialize_map(None)
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Rest<'a>, Never> {
        self.object();
        self.name(variant);
        self.object();
        Ok(Rest { records: self, ends: 2 })
    }
    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<(), Never> {
        self.display(value);
        Ok(())
    }
}

/// What is inside of an object or an array.
pub(crate) struct Rest<'a> {
    records: &'a mut Records,
    ends: u8,
}

impl Rest<'_> {
    fn finish(self) -> Result<(), Never> {
        for _ in 0..self.ends {
            self.records.end();
        }
        Ok(())
    }
}

/// The ways in which serde says the same.
macro_rules! elements {
    ($($trait:ident $method:ident),*) => { $(
        impl ser::$trait for Rest<'_> {
            type Ok = ();
            type Error = Never;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
                value.serialize(&mut *self.records)
            }
            fn end(self) -> Result<(), Never> {
                self.finish()
            }
        }
    )* };
}

elements!(SerializeSeq serialize_element, SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field);

/// And an object's fields.
macro_rules! fields {
    ($($trait:ident),*) => { $(
        impl ser::$trait for Rest<'_> {
            type Ok = ();
            type Error = Never;
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Never> {
                self.records.field(name, value);
                Ok(())
            }
            fn end(self) -> Result<(), Never> {
                self.finish()
            }
        }
    )* };
}

fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Rest<'_> {
    type Ok = ();
    type Error = Never;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Never> {
        key.serialize(&mut *self.records)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        value.serialize(&mut *self.records)
    }
    fn end(self) -> Result<(), Never> {
        self.finish()
    }
}
