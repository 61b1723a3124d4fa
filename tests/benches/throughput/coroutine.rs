//! The same with io-imap, which is imap-codec and its types in a coroutine without I/O.

use crate::codec::data;
use io_imap::codec::CommandCodec;
use io_imap::codec::fragmentizer::Fragmentizer;
use io_imap::send::{ImapSend, ImapSendResult};
use io_imap::types::command::{Command, CommandBody};
use mailwire_tests::reader::Sum;

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
