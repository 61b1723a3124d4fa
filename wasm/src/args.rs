//! What comes from JavaScript: a command's arguments, one behind the other. Numbers are little
//! endian; a text or a list is preceded by its length, what may be missing by 0 or 1. Both sides
//! know what comes when: here `imap_commands.rs`, there `commands.js`.

use crate::prelude::Vec;
use bumpalo::Bump;
use core::cell::Cell;
use mailwire::imap::{Date, DateTime, Flag, Str};

/// Reads arguments. What is broken reads as zero or as nothing, and is remembered.
#[derive(Debug)]
pub(crate) struct Args<'a> {
    rest: Cell<&'a [u8]>,
    broken: Cell<Option<&'static str>>,
    arena: &'a Bump,
}

impl<'a> Args<'a> {
    pub(crate) fn new(bytes: &'a [u8], arena: &'a Bump) -> Self {
        Self { rest: Cell::new(bytes), broken: Cell::new(None), arena }
    }

    /// What was wrong with them.
    pub(crate) fn broken(&self) -> Option<&'static str> {
        self.broken.get()
    }

    pub(crate) fn refuse(&self, why: &'static str) {
        self.broken.set(self.broken.get().or(Some(why)));
    }

    fn take(&self, count: usize) -> &'a [u8] {
        match self.rest.get().split_at_checked(count) {
            Some((taken, rest)) => {
                self.rest.set(rest);
                taken
            }
            None => {
                self.refuse("arguments are missing");
                &[]
            }
        }
    }

    pub(crate) fn u8(&self) -> u8 {
        self.take(1).first().copied().unwrap_or_default()
    }

    pub(crate) fn bool(&self) -> bool {
        self.u8() != 0
    }

    pub(crate) fn u32(&self) -> u32 {
        self.take(4).try_into().map_or(0, u32::from_le_bytes)
    }

    pub(crate) fn u64(&self) -> u64 {
        self.take(8).try_into().map_or(0, u64::from_le_bytes)
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        let length = self.u32() as usize;
        self.take(length)
    }

    pub(crate) fn str(&self) -> &'a str {
        core::str::from_utf8(self.bytes()).unwrap_or_else(|_| {
            self.refuse("a text that is no UTF-8");
            ""
        })
    }

    pub(crate) fn option<T>(&self, read: impl FnOnce(&Self) -> T) -> Option<T> {
        self.bool().then(|| read(self))
    }

    pub(crate) fn list<T: Copy>(&self, read: impl Fn(&Self) -> T) -> &'a [T] {
        let mut list = Vec::new();
        for _ in 0..self.u32() {
            list.push(read(self));
            if self.broken().is_some() {
                break;
            }
        }
        self.arena.alloc_slice_copy(&list)
    }

    pub(crate) fn flags(&self) -> &'a [Flag<'a>] {
        self.list(|it| Flag::new(Str::new(it.bytes())))
    }

    pub(crate) fn date(&self) -> Date {
        Date { year: self.u32() as u16, month: self.u8(), day: self.u8() }
    }

    pub(crate) fn date_time(&self) -> DateTime {
        DateTime {
            date: self.date(),
            hour: self.u8(),
            minute: self.u8(),
            second: self.u8(),
            offset_minutes: self.u32() as i32 as i16,
        }
    }
}
