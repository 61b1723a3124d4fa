//! A made-up network card, and a serializer that writes to it: who serializes an event walks
//! all of it, to the last address of the last part.

use core::fmt;
use core::ptr::{read_volatile, write_volatile};
use serde::Serialize;
use serde::ser::{self, Serializer};

/// A byte-wide register.
const REGISTER: *mut u8 = 0x4000_0000 as *mut u8;

pub(crate) fn receive() -> u8 {
    unsafe { read_volatile(REGISTER) }
}

pub(crate) fn send(byte: u8) {
    unsafe { write_volatile(REGISTER, byte) }
}

fn send_all(bytes: &[u8]) {
    bytes.iter().copied().for_each(send);
}

/// Writes all that there is in `value`.
pub(crate) fn walk<T: Serialize + ?Sized>(value: &T) {
    let _ = value.serialize(Card);
}

/// Writes `value` as a person reads it.
pub(crate) fn show(value: &dyn fmt::Display) {
    let _ = fmt::write(&mut Card, format_args!("{value}"));
}

struct Card;

#[derive(Debug)]
struct Never;

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

impl fmt::Write for Card {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        send_all(text.as_bytes());
        Ok(())
    }
}

macro_rules! numbers {
    ($($method:ident $type:ty),*) => {$(
        fn $method(self, value: $type) -> Result<(), Never> {
            send_all(&value.to_le_bytes());
            Ok(())
        }
    )*};
}

impl Serializer for Card {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    numbers!(
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64,
        serialize_f32 f32, serialize_f64 f64
    );

    fn serialize_bool(self, value: bool) -> Result<(), Never> {
        send(value.into());
        Ok(())
    }
    fn serialize_char(self, value: char) -> Result<(), Never> {
        self.serialize_u32(value.into())
    }
    fn serialize_str(self, value: &str) -> Result<(), Never> {
        self.serialize_bytes(value.as_bytes())
    }
    fn serialize_bytes(self, value: &[u8]) -> Result<(), Never> {
        send_all(value);
        Ok(())
    }
    fn collect_str<T: fmt::Display + ?Sized>(mut self, value: &T) -> Result<(), Never> {
        fmt::write(&mut self, format_args!("{value}")).map_err(|_| Never)
    }
    fn serialize_none(self) -> Result<(), Never> {
        Ok(())
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), Never> {
        Ok(())
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Never> {
        Ok(())
    }
    fn serialize_unit_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
    ) -> Result<(), Never> {
        self.serialize_u32(index)
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
        _: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        value.serialize(self)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Never> {
        Ok(self)
    }
    fn serialize_tuple(self, _: usize) -> Result<Self, Never> {
        Ok(self)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Never> {
        Ok(self)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Never> {
        Ok(self)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Self, Never> {
        Ok(self)
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Never> {
        Ok(self)
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Never> {
        Ok(self)
    }
}

macro_rules! compounds {
    ($($trait:ident $method:ident ($($name:ident)?)),*) => {$(
        impl ser::$trait for Card {
            type Ok = ();
            type Error = Never;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($name: &'static str,)?
                value: &T,
            ) -> Result<(), Never> {
                $(send_all($name.as_bytes());)?
                value.serialize(Card)
            }

            fn end(self) -> Result<(), Never> {
                Ok(())
            }
        }
    )*};
}

compounds!(
    SerializeSeq serialize_element (),
    SerializeTuple serialize_element (),
    SerializeTupleStruct serialize_field (),
    SerializeTupleVariant serialize_field (),
    SerializeStruct serialize_field (name),
    SerializeStructVariant serialize_field (name)
);

impl ser::SerializeMap for Card {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Never> {
        key.serialize(Card)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        value.serialize(Card)
    }
    fn end(self) -> Result<(), Never> {
        Ok(())
    }
}
