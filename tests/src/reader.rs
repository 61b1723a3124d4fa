//! Reads what a server said the way that a user does: every event, and all that is in it.

use core::hint::black_box;
use mailwire::imap::event::Fetch;
use mailwire::imap::{
    AddressList, BodyStructure, Connection, Envelope, Event, Item, Params, PartKind, Str,
};
use mailwire::{Buffers, Error, Instant, Machine, Progress, pop3};

/// Gives `input` in reads of at most `read` bytes to an observer whose Rx is `rx`, and its
/// events to `see`.
///
/// # Errors
///
/// That of the connection.
pub fn events(
    mut input: &[u8],
    read: usize,
    rx: &mut [u8],
    mut see: impl FnMut(Event<'_>),
) -> Result<(), Error> {
    let mut buffers = Buffers::new(rx, &mut []);
    let mut connection = Connection::observer();
    loop {
        match connection.advance(&mut buffers, Instant::ZERO)? {
            Progress::Event => see(connection.event(&buffers)),
            Progress::NeedInput if input.is_empty() => return Ok(()),
            Progress::NeedInput => {
                let taken = buffers.rx.fill(&input[..read.min(input.len())]);
                input = &input[taken..];
            }
            Progress::Closed => return Ok(()),
        }
    }
}

/// The sum of what a POP3 server answered to a command of this `kind`.
///
/// # Panics
///
/// If it is not understood.
pub fn pop3(mut input: &[u8], read: usize, rx: &mut [u8], kind: pop3::Kind) -> Sum {
    use pop3::{Event, Message};
    let mut buffers = Buffers::new(rx, &mut []);
    let mut connection = pop3::Connection::observer(pop3::State::Transaction);
    connection.expect(kind).expect("an observer");
    let mut sum = Sum::default();
    loop {
        match connection.advance(&mut buffers, Instant::ZERO).expect("the connection stands") {
            Progress::Event => match connection.event(&buffers) {
                Event::Message(Message::Chunk(bytes)) => sum.text(Some(black_box(bytes))),
                Event::UidlItem(item) => {
                    sum.number(item.number);
                    sum.number(item.uid.len() as u64);
                }
                Event::Completed { .. } => return sum,
                Event::Started { .. } | Event::Message(_) => {}
                event => panic!("unexpected {event:?}"),
            },
            _ => {
                let taken = buffers.rx.fill(&input[..read.min(input.len())]);
                input = &input[taken..];
            }
        }
    }
}

/// What was found, as a sum that other libraries come to as well: numbers, and the lengths
/// of texts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Sum(pub u64);

impl Sum {
    /// Adds a number.
    pub fn number(&mut self, number: impl Into<u64>) {
        self.0 = self.0.wrapping_add(number.into());
    }

    /// Adds a text, NIL being one that is empty.
    pub fn text(&mut self, text: Option<&[u8]>) {
        self.number(text.map_or(0, <[u8]>::len) as u64);
    }

    fn str(&mut self, text: Option<Str<'_>>) {
        self.number(text.map_or(0, |text| text.len()) as u64);
    }

    /// Adds whatever the event is about.
    ///
    /// # Panics
    ///
    /// If it is one that shows that something was not understood.
    pub fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Fetch(Fetch::Start { seq, .. }) => self.number(seq.unwrap_or_default()),
            Event::Fetch(Fetch::Item(item)) => self.item(item),
            Event::Fetch(Fetch::Chunk(bytes)) => self.text(Some(bytes)),
            Event::Fetch(Fetch::Body(_) | Fetch::End) => {}
            Event::Search { numbers, .. } => {
                self.number(numbers.iter().map(u64::from).sum::<u64>());
            }
            Event::List(list) => {
                self.number(list.attributes.iter().count() as u64);
                self.number(list.delimiter.map_or(0, u32::from));
                // The others do not decode modified UTF-7.
                self.str(Some(list.mailbox.as_received()));
            }
            Event::Capability { capabilities, .. } => {
                self.number(capabilities.iter().count() as u64);
            }
            Event::Flags { flags, .. } => self.number(flags.iter().count() as u64),
            Event::Exists(number) | Event::Recent(number) | Event::Expunge(number) => {
                self.number(number);
            }
            Event::Status(response) | Event::Completed { response, .. } => {
                self.number(u64::from(response.truncated));
            }
            event => panic!("unexpected {event:?}"),
        }
    }

    fn item(&mut self, item: Item<'_>) {
        match item {
            Item::Uid(uid) => self.number(uid),
            Item::Flags(flags) => self.number(flags.iter().count() as u64),
            Item::Envelope(envelope) => self.envelope(&envelope),
            Item::BodyStructure(structure) => self.body_structure(&structure),
            item => panic!("unexpected {item:?}"),
        }
    }

    fn envelope(&mut self, envelope: &Envelope<'_>) {
        self.str(envelope.date());
        self.str(envelope.subject());
        self.addresses(envelope.from());
        self.addresses(envelope.sender());
        self.addresses(envelope.reply_to());
        self.addresses(envelope.to());
        self.addresses(envelope.cc());
        self.addresses(envelope.bcc());
        self.str(envelope.in_reply_to());
        self.str(envelope.message_id());
    }

    fn addresses(&mut self, addresses: AddressList<'_>) {
        for address in addresses {
            self.str(address.name);
            self.str(address.mailbox);
            self.str(address.host);
        }
    }

    fn body_structure(&mut self, structure: &BodyStructure<'_>) {
        for part in structure.walk() {
            self.str(part.subtype());
            self.params(part.params());
            if let Some(disposition) = part.disposition() {
                self.str(Some(disposition.kind));
                self.params(disposition.params);
            }
            match part.kind() {
                PartKind::Single => self.number(part.size().expect("a size")),
                PartKind::Multipart => {}
                PartKind::Message => {
                    self.number(part.size().expect("a size"));
                    self.envelope(&part.envelope().expect("an envelope"));
                }
                kind => panic!("unexpected {kind:?}"),
            }
        }
    }

    fn params(&mut self, params: Params<'_>) {
        for (name, value) in params {
            self.str(Some(name));
            self.str(value);
        }
    }
}
