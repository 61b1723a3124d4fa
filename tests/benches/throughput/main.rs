//! How fast mailwire reads, beside the other IMAP parsers: `cargo bench -p mailwire-tests`
//! prints a table in Markdown.
//!
//! All read the same bytes and look at the same results, which is checked. mailwire gets them
//! as from a socket, in reads of 4 KiB through an Rx of 16 KiB; the others, who do not buffer,
//! get a slice with all of it (but for SEARCH, where the reads are the point). Of many rounds
//! in turn the fastest counts, so that a busy machine disturbs little.
//!
//! An argument chooses the rows whose names contain it; `--rounds=1000 --only=mailwire` is
//! for profilers.

mod codec;
mod proto;

use mailwire_tests::corpus;
use mailwire_tests::reader::{Sum, events};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What a socket gives at a time.
const READ: usize = 4096;
/// The size of Rx.
const RX: usize = 16 * 1024;

/// One way to do the work of a row.
struct Contender<'c> {
    name: &'static str,
    work: Box<dyn Fn() -> Sum + 'c>,
}

fn contender<'c>(name: &'static str, work: impl Fn() -> Sum + 'c) -> Contender<'c> {
    Contender { name, work: Box::new(work) }
}

struct Options {
    row: String,
    only: Option<String>,
    rounds: u32,
}

impl Options {
    fn from_arguments() -> Self {
        let mut this = Self { row: String::new(), only: None, rounds: 60 };
        for argument in std::env::args().skip(1) {
            match argument.split_once('=') {
                Some(("--rounds", n)) => this.rounds = n.parse().expect("a number of rounds"),
                Some(("--only", name)) => this.only = Some(name.to_owned()),
                // Cargo says --bench.
                _ if argument.starts_with("--") => {}
                _ => this.row = argument,
            }
        }
        this
    }

    /// Prints a row: `bytes` a second for each contender, and how the first one stands to
    /// the others.
    fn row(&self, title: &str, bytes: usize, contenders: &[Contender<'_>]) {
        if !title.contains(&self.row) {
            return;
        }
        let chosen: Vec<_> = contenders
            .iter()
            .filter(|it| self.only.as_deref().is_none_or(|only| it.name == only))
            .collect();
        let mut best = vec![Duration::MAX; chosen.len()];
        let mut sums = vec![Sum::default(); chosen.len()];
        for _ in 0..self.rounds {
            for ((it, best), sum) in chosen.iter().zip(&mut best).zip(&mut sums) {
                let start = Instant::now();
                *sum = black_box((it.work)());
                *best = start.elapsed().min(*best);
            }
        }
        for (it, sum) in chosen.iter().zip(&sums) {
            assert_eq!(*sum, sums[0], "{title}: {} and {} differ", it.name, chosen[0].name);
        }
        print!("| {title}, {} kB |", bytes.div_ceil(1000));
        for (it, time) in chosen.iter().zip(&best) {
            let rate = bytes as f64 / time.as_secs_f64() / 1e6;
            print!(" {} {rate:.0} MB/s", it.name);
            if *time != best[0] {
                print!(" (×{:.2})", best[0].as_secs_f64() / time.as_secs_f64());
            }
            print!(" |");
        }
        println!();
    }
}

/// mailwire, with its results.
fn mailwire(input: &[u8], read: usize) -> Sum {
    let mut sum = Sum::default();
    events(input, read, &mut [0; RX], |event| sum.event(event)).expect("it can be read");
    sum
}

/// The whole of `source` as a literal, streamed.
fn body(mut source: &[u8]) -> Sum {
    use mailwire::imap::{Connection, Event, event::Fetch};
    use mailwire::{Buffers, Instant, Machine, Progress};
    let (before, behind) = corpus::body(source.len() as u64);
    let (mut rx, mut connection) = ([0; RX], Connection::observer());
    let mut buffers = Buffers::new(&mut rx, &mut []);
    let mut sum = Sum::default();
    buffers.rx.fill(&before);
    loop {
        match connection.advance(&mut buffers, Instant::ZERO).expect("the connection stands") {
            Progress::Event => match connection.event(&buffers) {
                Event::Fetch(Fetch::Chunk(bytes)) => sum.text(Some(black_box(bytes))),
                Event::Fetch(Fetch::End) => return sum,
                _ => {}
            },
            _ if source.is_empty() => {
                buffers.rx.fill(behind);
            }
            _ => {
                let taken = buffers.rx.fill(&source[..READ.min(source.len())]);
                source = &source[taken..];
            }
        }
    }
}

/// What `body` cannot do without: the same bytes, copied once.
fn copy(source: &[u8]) -> Sum {
    let mut to = [0; RX];
    let mut sum = Sum::default();
    for some in source.chunks(READ) {
        to[..some.len()].copy_from_slice(some);
        sum.text(Some(black_box(&to[..some.len()])));
    }
    sum
}

fn main() {
    let options = Options::from_arguments();
    println!("| work | | | |\n|---|---|---|---|");
    let all = [
        ("1000 FETCH with ENVELOPE", corpus::envelopes(1000)),
        ("200 FETCH with BODYSTRUCTURE", corpus::body_structures(200)),
        ("1000 LIST", corpus::lists(1000)),
    ];
    for (title, input) in &all {
        options.row(
            title,
            input.len(),
            &[
                contender("mailwire", || mailwire(input, READ)),
                contender("imap-proto", || proto::read(input)),
                contender("imap-codec", || codec::read(input)),
            ],
        );
    }
    let input = corpus::search(100_000);
    options.row(
        "SEARCH of 100k numbers, reads of 4 KiB",
        input.len(),
        &[
            contender("mailwire", || mailwire(&input, READ)),
            contender("imap-proto", || proto::read_in_pieces(&input, READ)),
            contender("imap-codec", || codec::read_in_pieces(&input, READ)),
        ],
    );
    let size = if "body literal".contains(&options.row) { 100_000_000 } else { 0 };
    let source: Vec<u8> = (0..size).map(|n: u32| (n >> 8) as u8).collect();
    options.row(
        "body literal",
        source.len(),
        &[contender("mailwire", || body(&source)), contender("memcpy", || copy(&source))],
    );
    let input = corpus::envelopes(50);
    options.row(
        "50 FETCH with ENVELOPE, byte by byte",
        input.len(),
        &[
            contender("byte by byte", || mailwire(&input, 1)),
            contender("reads of 4 KiB", || mailwire(&input, READ)),
        ],
    );
}
