//! What all machines have here: memory of their own, and the loop that feeds them.

use crate::error::code;
use crate::prelude::{Box, Vec};
use crate::records::Records;
use js_sys::{JsString, Uint8Array};
use mailwire::{Buffers, Error, Instant, Machine, Progress, ResourceError, Tx};
use zeroize::Zeroize;

/// Memory that things of `'static` borrow, until this is dropped. Wiped then.
///
/// Whoever has one declares it as its last field, behind all that borrows from it, so that it is
/// dropped last, and hands out nothing that borrows from it.
#[derive(Debug, Default)]
pub(crate) struct Kept(Vec<*mut [u8]>);

impl Kept {
    pub(crate) fn bytes(&mut self, bytes: Vec<u8>) -> &'static mut [u8] {
        let kept = Box::into_raw(bytes.into_boxed_slice());
        self.0.push(kept);
        // SAFETY: it came from a box, is borrowed here only, and lives until `drop`.
        unsafe { &mut *kept }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        for kept in self.0.drain(..) {
            // SAFETY: it came from a box, and by the rule above nobody borrows it any more.
            let mut bytes = unsafe { Box::from_raw(kept) };
            bytes.zeroize();
        }
    }
}

/// How a call of `feed` ended; the second word of what it tells.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pause {
    /// More input is needed.
    Input = 0,
    /// The connection has ended in order.
    Closed = 1,
    /// JavaScript has to do what the last event says, or to take what is here; then call again.
    Turn = 2,
    /// The connection has failed. The error is the last value.
    Failed = 3,
}

/// What an event asks of the loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    GoOn,
    /// It is JavaScript's turn.
    Turn,
    /// It is, and it will change the transport: what came is to be seen by the machine first.
    Change,
}

/// Buffers, and what goes to JavaScript.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) buffers: Buffers<'static>,
    pub(crate) records: Records,
    tx_memory: usize,
    kept: Kept,
}

/// Where the chunk is in the stream of all input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin(u64);

impl Link {
    pub(crate) fn new(rx: u32, tx: u32) -> Self {
        let mut kept = Kept::default();
        let rx = kept.bytes(vec![0; rx.clamp(1 << 10, 1 << 26) as usize]);
        let tx = kept.bytes(vec![0; tx as usize]);
        let tx_memory = tx.len();
        Self { buffers: Buffers::new(rx, tx), records: Records::new(), tx_memory, kept }
    }

    /// Sends by `send`; with more room if it is too small for what is sent.
    pub(crate) fn send<T>(
        &mut self,
        mut send: impl FnMut(&mut Tx<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match send(&mut self.buffers.tx) {
            Err(Error::Resource(ResourceError::TxFull { needed, .. }))
                if needed > self.tx_memory && self.buffers.tx.is_empty() =>
            {
                self.tx_memory = needed.next_power_of_two();
                self.buffers.tx = Tx::new(self.kept.bytes(vec![0; self.tx_memory]));
                send(&mut self.buffers.tx)
            }
            other => other,
        }
    }

    /// What is to be sent. It counts as sent.
    pub(crate) fn output(&mut self) -> Option<Uint8Array> {
        let pending = self.buffers.tx.pending();
        if pending.is_empty() {
            return None;
        }
        let bytes = Uint8Array::from(pending);
        let count = pending.len();
        self.buffers.tx.consume(count);
        Some(bytes)
    }

    /// Hands over what is in the records.
    pub(crate) fn texts(&self) -> JsString {
        JsString::from(self.records.texts.as_str())
    }

    /// Begins to tell something else than events.
    pub(crate) fn tell(&mut self) -> &mut Records {
        self.records.clear();
        &mut self.records
    }

    /// Bytes that an event borrows from Rx: a range of the chunk if they came with it.
    pub(crate) fn lend(records: &mut Records, buffers: &Buffers<'_>, origin: Origin, raw: &[u8]) {
        let filled = buffers.rx.filled();
        let before = (raw.as_ptr() as usize).wrapping_sub(filled.as_ptr() as usize) as u64;
        let at = (buffers.rx.received() + before).wrapping_sub(filled.len() as u64);
        match at.checked_sub(origin.0) {
            Some(from) => records.range(from as usize, raw.len()),
            None => records.copy(raw),
        }
    }

    /// Gives `machine` the bytes of `chunk` behind `from`, and tells what it says by `tell`.
    ///
    /// The first three words of the records say how many bytes of the chunk were taken in all,
    /// how it ended ([`Pause`]), and in how many milliseconds to call again at the latest.
    pub(crate) fn feed<M: Machine>(
        &mut self,
        machine: &mut M,
        chunk: &Uint8Array,
        from: u32,
        now: f64,
        mut tell: impl FnMut(&mut M, &mut Buffers<'static>, &mut Records, Origin) -> After,
    ) -> JsString {
        let Self { buffers, records, .. } = self;
        records.clear();
        records.words.extend([0; 3]);
        let length = chunk.length();
        let mut at = from;
        let mut fill = |buffers: &mut Buffers<'_>| {
            let room = buffers.rx.unfilled();
            let count = room.len().min((length - at) as usize);
            if let Some(room) = room.get_mut(..count).filter(|_| count > 0) {
                chunk.subarray(at, at + count as u32).copy_to(room);
                buffers.rx.commit(count);
                at += count as u32;
            }
            at
        };
        let origin = Origin(buffers.rx.received().wrapping_sub(from.into()));
        let now = Instant::from_millis(now as u64);
        let mut taken = from;
        let pause = loop {
            match machine.advance(buffers, now) {
                Ok(Progress::Event) => match tell(machine, buffers, records, origin) {
                    After::GoOn if records.is_large() => break Pause::Turn,
                    After::GoOn => {}
                    After::Turn => break Pause::Turn,
                    After::Change => {
                        taken = fill(buffers);
                        break Pause::Turn;
                    }
                },
                Ok(Progress::NeedInput) if taken < length => taken = fill(buffers),
                Ok(Progress::NeedInput) => break Pause::Input,
                Ok(Progress::Closed) => break Pause::Closed,
                Err(error) => {
                    failed(records, "error", code(&error), &error);
                    break Pause::Failed;
                }
            }
        };
        let wait = machine.deadline().map_or(u32::MAX, |deadline| {
            u32::try_from(deadline.since(now).as_millis()).unwrap_or(u32::MAX - 1)
        });
        if let Some(head) = records.words.get_mut(..3) {
            head.copy_from_slice(&[taken, pause as u32, wait]);
        }
        self.texts()
    }
}

/// Tells an error as an event of this name.
pub(crate) fn failed(
    records: &mut Records,
    event: &'static str,
    code: &'static str,
    text: &(impl core::fmt::Display + ?Sized),
) {
    use serde::Serializer;
    records.event(event);
    records.name("code");
    records.name(code);
    records.name("message");
    let _ = records.collect_str(text);
    records.end();
}

/// What the classes have in common.
macro_rules! common {
    ($class:ident) => {
        #[wasm_bindgen]
        impl $class {
            /// Where the records are.
            #[wasm_bindgen(js_name = wordsAt)]
            pub fn words_at(&self) -> usize {
                self.link.records.words.as_ptr() as usize
            }

            /// How many words they are.
            #[wasm_bindgen(js_name = wordsLength)]
            pub fn words_length(&self) -> usize {
                self.link.records.words.len()
            }

            /// Where the copied bytes are.
            #[wasm_bindgen(js_name = bytesAt)]
            pub fn bytes_at(&self) -> usize {
                self.link.records.bytes.as_ptr() as usize
            }

            /// What is to be sent, and counts as sent now.
            pub fn output(&mut self) -> Option<Uint8Array> {
                self.link.output()
            }

            /// Says that no more input will come.
            pub fn close(&mut self) {
                self.link.buffers.rx.close();
            }
        }
    };
}
pub(crate) use common;
