//! The same with imap-proto.

use imap_proto::{
    Address, AttributeValue, BodyContentCommon, BodyParams, BodyStructure, Envelope, MailboxDatum,
    Response,
};
use mailwire_tests::reader::Sum;

pub(crate) fn read(mut input: &[u8]) -> Sum {
    let mut sum = Sum::default();
    while !input.is_empty() {
        let (rest, found) = Response::parse(input).expect("a response");
        response(&mut sum, &found);
        input = rest;
    }
    sum
}

/// Tries again with each read, since the parser says no more than that it needs more.
pub(crate) fn read_in_pieces(input: &[u8], read: usize) -> Sum {
    let mut sum = Sum::default();
    let mut buffer = Vec::new();
    for piece in input.chunks(read) {
        buffer.extend_from_slice(piece);
        if let Ok((_, found)) = Response::parse(&buffer) {
            response(&mut sum, &found);
        }
    }
    sum
}

fn response(sum: &mut Sum, response: &Response<'_>) {
    match response {
        Response::Fetch(seq, items) => {
            sum.number(*seq);
            items.iter().for_each(|it| item(sum, it));
        }
        Response::MailboxData(MailboxDatum::List(list)) => {
            sum.number(list.name_attributes.len() as u64);
            let delimiter = list.delimiter.as_ref().and_then(|it| it.chars().next());
            sum.number(delimiter.map_or(0, u32::from));
            sum.text(Some(list.name.as_bytes()));
        }
        Response::MailboxData(MailboxDatum::Search(numbers)) => {
            sum.number(numbers.iter().map(|&n| u64::from(n)).sum::<u64>());
        }
        other => panic!("unexpected {other:?}"),
    }
}

fn item(sum: &mut Sum, item: &AttributeValue<'_>) {
    match item {
        AttributeValue::Uid(uid) => sum.number(*uid),
        AttributeValue::Flags(flags) => sum.number(flags.len() as u64),
        AttributeValue::Envelope(it) => envelope(sum, it),
        AttributeValue::BodyStructure(it) => body_structure(sum, it),
        other => panic!("unexpected {other:?}"),
    }
}

fn envelope(sum: &mut Sum, envelope: &Envelope<'_>) {
    sum.text(envelope.date.as_deref());
    sum.text(envelope.subject.as_deref());
    addresses(sum, &envelope.from);
    addresses(sum, &envelope.sender);
    addresses(sum, &envelope.reply_to);
    addresses(sum, &envelope.to);
    addresses(sum, &envelope.cc);
    addresses(sum, &envelope.bcc);
    sum.text(envelope.in_reply_to.as_deref());
    sum.text(envelope.message_id.as_deref());
}

fn addresses(sum: &mut Sum, addresses: &Option<Vec<Address<'_>>>) {
    for address in addresses.iter().flatten() {
        sum.text(address.name.as_deref());
        sum.text(address.mailbox.as_deref());
        sum.text(address.host.as_deref());
    }
}

fn body_structure(sum: &mut Sum, structure: &BodyStructure<'_>) {
    match structure {
        BodyStructure::Basic { common, other, .. } | BodyStructure::Text { common, other, .. } => {
            part(sum, common);
            sum.number(other.octets);
        }
        BodyStructure::Message { common, other, envelope: header, body, .. } => {
            part(sum, common);
            sum.number(other.octets);
            envelope(sum, header);
            body_structure(sum, body);
        }
        BodyStructure::Multipart { common, bodies, .. } => {
            part(sum, common);
            bodies.iter().for_each(|it| body_structure(sum, it));
        }
    }
}

fn part(sum: &mut Sum, part: &BodyContentCommon<'_>) {
    sum.text(Some(part.ty.subtype.as_bytes()));
    params(sum, &part.ty.params);
    if let Some(disposition) = &part.disposition {
        sum.text(Some(disposition.ty.as_bytes()));
        params(sum, &disposition.params);
    }
}

fn params(sum: &mut Sum, params: &BodyParams<'_>) {
    for (name, value) in params.iter().flatten() {
        sum.text(Some(name.as_bytes()));
        sum.text(Some(value.as_bytes()));
    }
}
