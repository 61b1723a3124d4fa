//! The same with io-imap, which is imap-codec and its types in a coroutine without I/O.

use crate::codec::data;
use crate::{READ, RX};
use io_imap::codec::CommandCodec;
use io_imap::codec::fragmentizer::Fragmentizer;
use io_imap::coroutine::{ImapCoroutine, ImapCoroutineState};
use io_imap::rfc3501::fetch_stream::{
    ImapMessageFetchStream, ImapMessageFetchStreamYield as Yield,
};
use io_imap::send::{ImapSend, ImapSendResult};
use io_imap::types::command::{Command, CommandBody};
use mailwire_tests::corpus;
use mailwire_tests::reader::Sum;
use std::hint::black_box;
use std::mem::{replace, take};
use std::num::NonZeroU32;

/// Takes the responses for those to a command, and looks at them once it has them all.
pub(crate) fn read(input: &[u8], read: usize) -> Sum {
    let command = Command::new("A1", CommandBody::Noop).expect("a tag");
    let mut send = ImapSend::new(CommandCodec::new(), command);
    let mut fragmentizer = Fragmentizer::without_max_message_size();
    let mut pieces = input.chunks(read).chain([b"A1 OK done\r\n".as_slice()]);
    let mut piece = None;
    loop {
        match send.resume(&mut fragmentizer, piece.take()) {
            ImapSendResult::WantsWrite(_) => {}
            ImapSendResult::WantsRead => piece = pieces.next(),
            ImapSendResult::Err(error) => panic!("{error:?}"),
            ImapSendResult::Ok(output) => {
                let mut sum = Sum::default();
                output.data.iter().for_each(|it| data(&mut sum, it));
                return sum;
            }
        }
    }
}

/// Streams the whole of `source` as a literal. Of the body it is told only how much is to be read,
/// which is as if each read went to where it is wanted.
pub(crate) fn body(mut source: &[u8]) -> Sum {
    let (before, behind) = corpus::body(source.len() as u64);
    let mut fetch = ImapMessageFetchStream::new(NonZeroU32::MIN, false);
    let mut fragmentizer = Fragmentizer::without_max_message_size();
    let mut end = behind.to_vec();
    let mut line = before;
    let mut to = [0; RX];
    let mut sum = Sum::default();
    let mut piece: Option<Vec<u8>> = None;
    loop {
        match fetch.resume(&mut fragmentizer, piece.take().as_deref()) {
            ImapCoroutineState::Yielded(Yield::WantsWrite(command)) => {
                let tag = command.split(|&byte| byte == b' ').next().unwrap_or_default();
                end.extend_from_slice(&[tag, b" OK done\r\n"].concat());
            }
            ImapCoroutineState::Yielded(Yield::WantsRead) => {
                piece = Some(replace(&mut line, take(&mut end)));
            }
            ImapCoroutineState::Yielded(Yield::BodyChunk(bytes)) => sum.text(Some(&bytes)),
            ImapCoroutineState::Yielded(Yield::WantsStream { len }) => {
                let (body, rest) = source.split_at(len as usize);
                source = rest;
                for some in body.chunks(READ) {
                    to[..some.len()].copy_from_slice(some);
                    sum.text(Some(black_box(&to[..some.len()])));
                }
            }
            ImapCoroutineState::Complete(done) => {
                done.expect("the body came");
                return sum;
            }
        }
    }
}
