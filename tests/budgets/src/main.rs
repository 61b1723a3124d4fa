//! Fixed pieces of work, whose instructions and allocations are counted: `workloads NAME` does
//! one of them, within the function `measured`, `workloads` names them, and
//! `workloads --allocations` counts.

#[path = "../../src/corpus.rs"]
#[allow(dead_code)]
mod corpus;
#[path = "../../src/counting.rs"]
mod counting;
#[path = "../../src/reader.rs"]
#[allow(dead_code)]
mod reader;

use counting::Counting;
use mailwire::imap::{Connection, Event, event::Fetch};
use mailwire::{Buffers, Instant, Machine, Progress, pop3};
use reader::{Sum, events};
use std::hint::black_box;

/// What a socket gives at a time.
const READ: usize = 4096;
const RX: usize = 16 * 1024;

#[global_allocator]
static COUNTING: Counting = Counting;

type Work = (&'static str, fn() -> Vec<u8>, fn(&[u8]) -> Sum);

/// What is looked at in all of them is all that a program can look at.
const WORK: [Work; 9] = [
    ("envelopes", || corpus::envelopes(200), |input| imap(input, READ)),
    ("body_structures", || corpus::body_structures(40), |input| imap(input, READ)),
    ("flags", || corpus::flags(1000), |input| imap(input, READ)),
    ("lists", || corpus::lists(1000), |input| imap(input, READ)),
    ("search", || corpus::search(20_000), |input| imap(input, READ)),
    ("body", || vec![b'x'; 1_000_000], body),
    ("byte_by_byte", || corpus::envelopes(20), |input| imap(input, 1)),
    ("retr", || corpus::retr(1_000_000), retr),
    ("uidl", || corpus::uidl(2000), uidl),
];

fn imap(input: &[u8], read: usize) -> Sum {
    let mut sum = Sum::default();
    events(input, read, &mut [0; RX], |event| sum.event(event)).expect("it can be read");
    sum
}

/// A literal, streamed.
fn body(mut source: &[u8]) -> Sum {
    assert_eq!(source.len(), 1_000_000);
    let (mut rx, mut connection) = ([0; RX], Connection::observer());
    let mut buffers = Buffers::new(&mut rx, &mut []);
    let mut sum = Sum::default();
    buffers.rx.fill(b"* 1 FETCH (UID 4000 BODY[] {1000000}\r\n");
    loop {
        match connection.advance(&mut buffers, Instant::ZERO).expect("the connection stands") {
            Progress::Event => match connection.event(&buffers) {
                Event::Fetch(Fetch::Chunk(bytes)) => sum.text(Some(black_box(bytes))),
                Event::Fetch(Fetch::End) => return sum,
                _ => {}
            },
            _ if source.is_empty() => _ = buffers.rx.fill(b")\r\n"),
            _ => {
                let taken = buffers.rx.fill(&source[..READ.min(source.len())]);
                source = &source[taken..];
            }
        }
    }
}

fn retr(input: &[u8]) -> Sum {
    reader::pop3(input, READ, &mut [0; RX], pop3::Kind::Retr)
}

fn uidl(input: &[u8]) -> Sum {
    reader::pop3(input, READ, &mut [0; RX], pop3::Kind::Uidl)
}

/// What happens in here is counted.
#[unsafe(no_mangle)]
#[inline(never)]
fn measured(work: &fn(&[u8]) -> Sum, input: &[u8]) -> u64 {
    black_box(work(black_box(input)).0)
}

fn main() {
    let wanted = std::env::args().nth(1);
    for (name, input, work) in WORK {
        match wanted.as_deref() {
            None => println!("{name}"),
            Some("--allocations") => {
                let input = input();
                let before = counting::allocations();
                measured(&work, &input);
                let count = counting::allocations() - before;
                println!("{name} {count}");
            }
            Some(one) if one == name => _ = measured(&work, &input()),
            Some(_) => {}
        }
    }
}
