//! A scripted socket, blocking and async, for the tests of the clients.

// Not every test crate uses all of it.
#![allow(dead_code)]

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use embedded_io::ErrorKind;
use std::collections::VecDeque;

/// A server that says its lines (`S: `) once the client has said its own (`C: `). Lines end
/// in CR LF, or nowhere if they end in `\`. Where an empty line (`S: \`) stands, reading times
/// out once.
#[derive(Debug)]
pub(crate) struct Script {
    steps: VecDeque<(bool, Vec<u8>)>,
    sent: Vec<u8>,
    /// How many bytes come at once.
    cut: usize,
    /// Whether the next asynchronous call has to wait first.
    waits: bool,
}

impl Script {
    pub(crate) fn new(text: &str, cut: usize) -> Self {
        let steps = text
            .lines()
            .map(str::trim_start)
            .filter(|line| !line.is_empty())
            .map(|line| {
                let server = line.starts_with("S: ");
                assert!(server || line.starts_with("C: "), "{line}");
                let line = &line[3..];
                (
                    server,
                    match line.strip_suffix('\\') {
                        Some(line) => line.into(),
                        None => format!("{line}\r\n").into(),
                    },
                )
            })
            .collect();
        Self::of(steps, cut)
    }

    /// The same of bytes: whether the server says them, and what they are.
    pub(crate) fn of(steps: VecDeque<(bool, Vec<u8>)>, cut: usize) -> Self {
        Self { steps, sent: Vec::new(), cut, waits: true }
    }

    fn take(&mut self, room: &mut [u8]) -> Result<usize, ErrorKind> {
        assert!(!room.is_empty());
        while let Some((false, expected)) = self.steps.front() {
            let text = String::from_utf8_lossy(&self.sent).into_owned();
            assert!(self.sent.starts_with(expected), "{text:?} is not {:?}", self.steps[0]);
            self.sent.drain(..expected.len());
            self.steps.pop_front();
        }
        let Some((_, bytes)) = self.steps.front_mut() else { return Ok(0) };
        if bytes.is_empty() {
            self.steps.pop_front();
            return Err(ErrorKind::TimedOut);
        }
        let count = bytes.len().min(room.len()).min(self.cut);
        room[..count].copy_from_slice(&bytes[..count]);
        bytes.drain(..count);
        if bytes.is_empty() {
            self.steps.pop_front();
        }
        Ok(count)
    }

    async fn wait(&mut self) {
        core::future::poll_fn(|_| {
            self.waits = !self.waits;
            if self.waits { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            while let Some((false, expected)) = self.steps.front() {
                assert!(self.sent.starts_with(expected), "not sent: {:?}", self.steps[0]);
                self.sent.drain(..expected.len());
                self.steps.pop_front();
            }
            assert!(self.steps.is_empty() && self.sent.is_empty(), "left: {:?}", self.steps);
        }
    }
}

impl embedded_io::ErrorType for Script {
    type Error = ErrorKind;
}

impl embedded_io::Read for Script {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, ErrorKind> {
        self.take(room)
    }
}

impl embedded_io::Write for Script {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        let count = bytes.len().min(self.cut);
        self.sent.extend(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl embedded_io_async::Read for Script {
    async fn read(&mut self, room: &mut [u8]) -> Result<usize, ErrorKind> {
        self.wait().await;
        self.take(room)
    }
}

impl embedded_io_async::Write for Script {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.wait().await;
        embedded_io::Write::write(self, bytes)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        self.wait().await;
        Ok(())
    }
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}

pub(crate) fn at_once<T>(value: impl FnOnce() -> T) -> T {
    value()
}

pub(crate) const CUTS: [usize; 3] = [1, 7, 4096];
