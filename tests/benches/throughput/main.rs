//! How fast mailwire reads, beside the other parsers: `cargo bench -p mailwire-tests` prints a
//! table in Markdown. With `-- --write` it also puts the table into the README and draws it
//! (`tests/benches/throughput.svg`).
//!
//! All read the same bytes and look at the same results, which is checked. mailwire gets them
//! as from a socket, in reads of 4 KiB through an Rx of 16 KiB, and so do io-imap and async-pop;
//! imap-proto and imap-codec, which do not buffer, get a slice with all of it (but where the reads
//! are the point). Of many rounds in turn the fastest counts, so that a busy machine disturbs
//! little; how much it does is said below the table.
//!
//! An argument chooses the rows whose names contain it; `--rounds=1000 --only=mailwire` is
//! for profilers.

mod codec;
mod coroutine;
mod pop;
mod proto;
mod report;

use mailwire::pop3;
use mailwire_tests::corpus;
use mailwire_tests::counting::{self, Counting};
use mailwire_tests::reader::{self, Sum, events};
use report::{Cell, Row};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What a socket gives at a time.
const READ: usize = 4096;
/// The size of Rx.
const RX: usize = 16 * 1024;
/// How long one contender may take in a row, once it had a few rounds.
const LONGEST: Duration = Duration::from_secs(2);

#[global_allocator]
static COUNTING: Counting = Counting;

/// One way to do the work of a row.
struct Contender<'c> {
    name: &'static str,
    work: Box<dyn Fn() -> Sum + 'c>,
    /// Whether it comes to the same sum as the first.
    same: bool,
}

fn contender<'c>(name: &'static str, work: impl Fn() -> Sum + 'c) -> Contender<'c> {
    Contender { name, work: Box::new(work), same: true }
}

/// One that is no reader.
fn bound<'c>(name: &'static str, work: impl Fn() -> Sum + 'c) -> Contender<'c> {
    Contender { same: false, ..contender(name, work) }
}

struct Options {
    row: String,
    only: Option<String>,
    rounds: usize,
    write: bool,
}

impl Options {
    fn from_arguments() -> Self {
        let mut this = Self { row: String::new(), only: None, rounds: 60, write: false };
        for argument in std::env::args().skip(1) {
            match argument.split_once('=') {
                Some(("--rounds", n)) => this.rounds = n.parse().expect("a number of rounds"),
                Some(("--only", name)) => this.only = Some(name.to_owned()),
                _ if argument == "--write" => this.write = true,
                // Cargo says --bench.
                _ if argument.starts_with("--") => {}
                _ => this.row = argument,
            }
        }
        this
    }

    /// Measures a row: `bytes` a second for each contender.
    fn row(&self, title: &str, bytes: usize, contenders: &[Contender<'_>]) -> Option<Row> {
        if !title.contains(&self.row) {
            return None;
        }
        let chosen: Vec<_> = contenders
            .iter()
            .filter(|it| self.only.as_deref().is_none_or(|only| it.name == only))
            .collect();
        let mut times = vec![Vec::new(); chosen.len()];
        let mut sums = vec![Sum::default(); chosen.len()];
        let mut allocations = vec![0; chosen.len()];
        for _ in 0..self.rounds {
            for (at, it) in chosen.iter().enumerate() {
                let spent: Duration = times[at].iter().sum();
                if spent > LONGEST && times[at].len() >= 3 {
                    continue;
                }
                let before = counting::allocations();
                let start = Instant::now();
                sums[at] = black_box((it.work)());
                let time = start.elapsed();
                allocations[at] = counting::allocations() - before;
                times[at].push(time);
            }
        }
        for (it, sum) in chosen.iter().zip(&sums) {
            let differs = it.same && *sum != sums[0];
            assert!(!differs, "{title}: {} and {} differ", it.name, chosen[0].name);
        }
        let cells =
            chosen.iter().zip(times).zip(allocations).map(|((it, mut times), allocations)| {
                times.sort_unstable();
                let (best, median) = (times[0].as_secs_f64(), times[times.len() / 2].as_secs_f64());
                let rate = bytes as f64 / best / 1e6;
                Cell { name: it.name, rate, allocations, spread: median / best - 1.0 }
            });
        let row = Row { title: title.to_owned(), bytes, cells: cells.collect() };
        eprintln!("{row}");
        Some(row)
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
    let mut rows = Vec::new();
    let all = [
        ("1000 FETCH of UID and FLAGS", corpus::flags(1000)),
        ("1000 FETCH of ENVELOPE", corpus::envelopes(1000)),
        ("200 FETCH of BODYSTRUCTURE, all fields of all parts", corpus::body_structures(200)),
        ("10,000 LIST", corpus::lists(10_000)),
    ];
    for (title, input) in &all {
        rows.extend(options.row(
            title,
            input.len(),
            &[
                contender("mailwire", || mailwire(input, READ)),
                contender("io-imap", || coroutine::read(input, READ)),
                contender("imap-proto", || proto::read(input)),
                contender("imap-codec", || codec::read(input)),
            ],
        ));
    }
    let input = corpus::search(100_000);
    rows.extend(options.row(
        "SEARCH of 100,000 numbers, all in reads of 4 KiB",
        input.len(),
        &[
            contender("mailwire", || mailwire(&input, READ)),
            contender("io-imap", || coroutine::read(&input, READ)),
            contender("imap-proto", || proto::read_in_pieces(&input, READ)),
            contender("imap-codec", || codec::read_in_pieces(&input, READ)),
        ],
    ));
    let input = corpus::envelopes(50);
    rows.extend(options.row(
        "50 FETCH of ENVELOPE, all in reads of one byte",
        input.len(),
        &[
            contender("mailwire", || mailwire(&input, 1)),
            contender("io-imap", || coroutine::read(&input, 1)),
            contender("imap-codec", || codec::read_in_pieces(&input, 1)),
        ],
    ));
    let size = if "FETCH of a body of 100 MB".contains(&options.row) { 100_000_000 } else { 0 };
    let source: Vec<u8> = (0..size).map(|n: u32| (n >> 8) as u8).collect();
    rows.extend(options.row(
        "FETCH of a body of 100 MB",
        source.len(),
        &[
            contender("mailwire", || body(&source)),
            bound("io-imap", || coroutine::body(&source)),
            bound("copying alone", || copy(&source)),
        ],
    ));
    drop(source);
    let answer: &'static [u8] = corpus::retr(1_000_000).leak();
    rows.extend(options.row(
        "RETR of 1 MB, with dots (POP3)",
        answer.len(),
        &[
            contender("mailwire", || reader::pop3(answer, READ, &mut [0; RX], pop3::Kind::Retr)),
            bound("async-pop", || pop::read(answer, READ)),
            bound("copying and memchr", || pop::lines(answer, READ)),
        ],
    ));
    let text = report::table(&rows);
    println!("{text}");
    if options.write {
        report::write(&rows, &text);
    }
}
