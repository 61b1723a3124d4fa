//! RETR with async-pop, and what no reader of POP3 can be faster than.

use mailwire_tests::reader::Sum;
use std::hint::black_box;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A server that has an answer to RETR and says OK to all else.
struct Server<'a> {
    answer: &'a [u8],
    pending: &'a [u8],
    read: usize,
}

impl AsyncRead for Server<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let count = self.read.min(self.pending.len()).min(to.remaining());
        let (now, later) = self.pending.split_at(count);
        to.put_slice(now);
        self.pending = later;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Server<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match bytes {
            [b'R', b'E', b'T', b'R', ..] => self.pending = self.answer,
            [b'C', b'A', b'P', b'A', ..] => self.pending = b"+OK\r\n.\r\n",
            b"\r\n" => {}
            _ => self.pending = b"+OK\r\n",
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

pub(crate) fn read(answer: &'static [u8], read: usize) -> Sum {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(async {
        let server = Server { answer, pending: b"+OK hello\r\n", read };
        let mut client = async_pop::new(server).await.expect("a greeting");
        client.login("alice", "secret").await.expect("a login");
        let message = client.retr(1).await.expect("a message");
        let mut sum = Sum::default();
        sum.text(Some(black_box(&message)));
        sum
    })
}

/// Copies what is read, and finds all ends of lines.
pub(crate) fn lines(answer: &[u8], read: usize) -> Sum {
    let mut to = vec![0; read];
    let mut sum = Sum::default();
    for piece in answer.chunks(read) {
        let to = &mut to[..piece.len()];
        to.copy_from_slice(piece);
        sum.number(memchr::memchr_iter(b'\n', black_box(to)).count() as u64);
    }
    sum
}
