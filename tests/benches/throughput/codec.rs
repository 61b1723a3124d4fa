//! The same with imap-codec.

use imap_codec::ResponseCodec;
use imap_codec::decode::Decoder;
use imap_codec::fragmentizer::Fragmentizer;
use imap_codec::imap_types::body::{BodyStructure, Disposition, SpecificFields};
use imap_codec::imap_types::core::{IString, NString};
use imap_codec::imap_types::envelope::{Address, Envelope};
use imap_codec::imap_types::fetch::MessageDataItem;
use imap_codec::imap_types::mailbox::Mailbox;
use imap_codec::imap_types::response::{Data, Response};
use mailwire_tests::reader::Sum;

pub(crate) fn read(mut input: &[u8]) -> Sum {
    let mut sum = Sum::default();
    while !input.is_empty() {
        let (rest, found) = ResponseCodec::default().decode(input).expect("a response");
        response(&mut sum, &found);
        input = rest;
    }
    sum
}

/// Collects lines and literals first.
pub(crate) fn read_in_pieces(input: &[u8], read: usize) -> Sum {
    let mut sum = Sum::default();
    let mut fragmentizer = Fragmentizer::without_max_message_size();
    for piece in input.chunks(read) {
        fragmentizer.enqueue_bytes(piece);
        while fragmentizer.progress().is_some() {
            if fragmentizer.is_message_complete() {
                match fragmentizer.decode_message(&ResponseCodec::default()) {
                    Ok(found) => response(&mut sum, &found),
                    Err(error) => panic!("{error:?}"),
                }
            }
        }
    }
    sum
}

fn response(sum: &mut Sum, response: &Response<'_>) {
    match response {
        Response::Data(found) => data(sum, found),
        other => panic!("unexpected {other:?}"),
    }
}

pub(crate) fn data(sum: &mut Sum, data: &Data<'_>) {
    match data {
        Data::Fetch { seq, items } => {
            sum.number(seq.get());
            items.as_ref().iter().for_each(|it| item(sum, it));
        }
        Data::List { items, delimiter, mailbox } => {
            sum.number(items.len() as u64);
            sum.number(delimiter.as_ref().map_or(0, |it| u32::from(it.inner())));
            match mailbox {
                Mailbox::Inbox => sum.number(5_u32),
                Mailbox::Other(name) => sum.text(Some(name.as_ref())),
            }
        }
        Data::Search(numbers, ..) => {
            sum.number(numbers.iter().map(|n| u64::from(n.get())).sum::<u64>());
        }
        other => panic!("unexpected {other:?}"),
    }
}

fn item(sum: &mut Sum, item: &MessageDataItem<'_>) {
    match item {
        MessageDataItem::Uid(uid) => sum.number(uid.get()),
        MessageDataItem::Flags(flags) => sum.number(flags.len() as u64),
        MessageDataItem::Envelope(it) => envelope(sum, it),
        MessageDataItem::BodyStructure(it) => body_structure(sum, it),
        other => panic!("unexpected {other:?}"),
    }
}

fn text(sum: &mut Sum, text: &NString<'_>) {
    sum.text(text.0.as_ref().map(AsRef::as_ref));
}

fn envelope(sum: &mut Sum, envelope: &Envelope<'_>) {
    text(sum, &envelope.date);
    text(sum, &envelope.subject);
    addresses(sum, &envelope.from);
    addresses(sum, &envelope.sender);
    addresses(sum, &envelope.reply_to);
    addresses(sum, &envelope.to);
    addresses(sum, &envelope.cc);
    addresses(sum, &envelope.bcc);
    text(sum, &envelope.in_reply_to);
    text(sum, &envelope.message_id);
}

fn addresses(sum: &mut Sum, addresses: &[Address<'_>]) {
    for address in addresses {
        text(sum, &address.name);
        text(sum, &address.mailbox);
        text(sum, &address.host);
    }
}

fn body_structure(sum: &mut Sum, structure: &BodyStructure<'_>) {
    match structure {
        BodyStructure::Single { body, extension_data } => {
            match &body.specific {
                SpecificFields::Basic { subtype, .. } | SpecificFields::Text { subtype, .. } => {
                    sum.text(Some(subtype.as_ref()));
                }
                SpecificFields::Message { .. } => sum.text(Some(b"RFC822")),
            }
            params(sum, &body.basic.parameter_list);
            disposition(sum, extension_data.as_ref().and_then(|it| it.tail.as_ref()));
            sum.number(body.basic.size);
            if let SpecificFields::Message { envelope: header, body_structure: inner, .. } =
                &body.specific
            {
                envelope(sum, header);
                body_structure(sum, inner);
            }
        }
        BodyStructure::Multi { bodies, subtype, extension_data } => {
            sum.text(Some(subtype.as_ref()));
            if let Some(data) = extension_data {
                params(sum, &data.parameter_list);
                disposition(sum, data.tail.as_ref());
            }
            bodies.as_ref().iter().for_each(|it| body_structure(sum, it));
        }
    }
}

fn disposition(sum: &mut Sum, disposition: Option<&Disposition<'_>>) {
    if let Some((kind, list)) = disposition.and_then(|it| it.disposition.as_ref()) {
        sum.text(Some(kind.as_ref()));
        params(sum, list);
    }
}

fn params(sum: &mut Sum, params: &[(IString<'_>, IString<'_>)]) {
    for (name, value) in params {
        sum.text(Some(name.as_ref()));
        sum.text(Some(value.as_ref()));
    }
}
