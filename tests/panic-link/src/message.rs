//! All of the formats of messages.

use crate::card::{receive, send, show, walk};
use mailwire::message::{
    Charset, CharsetDecoder, ContentType, Encoding, HeaderScanner, Headers, Preview, Text, TransferDecoder,
    Wanted, date_time,
};

/// Bytes, a number of them that only the card knows.
fn fill(memory: &mut [u8]) -> &[u8] {
    let count = memory.len().min(usize::from(receive()));
    memory.iter_mut().take(count).for_each(|byte| *byte = receive());
    memory.split_at_checked(count).map_or(&[], |(filled, _)| filled)
}

pub(crate) fn run() -> ! {
    loop {
        let (mut memory, mut label, mut room) = ([0; 200], [0; 40], [0; 60]);
        let bytes = fill(&mut memory);
        let label = fill(&mut label);
        let (headers, body) = Headers::split(bytes);
        body.iter().copied().for_each(send);
        for field in headers.fields() {
            show(&field.name);
            show(&field.unfolded());
            walk(&field.text());
            field.addresses().for_each(|address| {
                walk(&address);
                show(&address);
                show(&address.domain());
            });
            field.date_time().iter().for_each(walk);
        }
        let mut fields = [Wanted::new("Subject", &mut room)];
        send(HeaderScanner::new().feed(bytes, &mut fields) as u8);
        show(&fields[0].text());
        show(&Text::new(bytes).copy_to(&mut room));
        send(date_time(label).is_some() as u8);
        let kind = ContentType::new(bytes);
        send(kind.is("text", "html") as u8);
        kind.parameter("name").iter().for_each(|name| show(name));
        let charset = kind.charset().unwrap_or(Charset::UNLABELLED);
        let charset = Charset::for_label(label).unwrap_or(charset);
        let encoding = Encoding::for_name(label).unwrap_or_default();
        let mut decoder = TransferDecoder::new(encoding);
        let (read, written) = decoder.decode(bytes, &mut room);
        send(read as u8 ^ written as u8 ^ decoder.finish(&mut room) as u8);
        let mut decoder = CharsetDecoder::new(charset);
        let (read, written) = decoder.decode(bytes, &mut room);
        send(read as u8 ^ written as u8 ^ decoder.finish(&mut room) as u8);
        let mut preview = Preview::new(&mut room);
        preview.encoding(encoding).charset(charset);
        if receive() == 0 {
            preview.html();
        }
        preview.feed(bytes);
        show(&preview.finish());
    }
}
