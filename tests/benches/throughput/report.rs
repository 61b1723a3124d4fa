//! The table, and the picture of it.

use std::fmt;
use std::path::Path;

/// What one contender came to.
pub(crate) struct Cell {
    pub(crate) name: &'static str,
    /// Millions of bytes a second, in the fastest round.
    pub(crate) rate: f64,
    /// In one round.
    pub(crate) allocations: u64,
    /// By how much the median round is slower than the fastest.
    pub(crate) spread: f64,
}

pub(crate) struct Row {
    pub(crate) title: String,
    pub(crate) bytes: usize,
    pub(crate) cells: Vec<Cell>,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} kB:", self.title, self.bytes.div_ceil(1000))?;
        for Cell { name, rate, allocations, spread } in &self.cells {
            let spread = spread * 100.0;
            write!(f, " {name} {rate:.0} MB/s ({allocations} allocations, ± {spread:.0} %)")?;
        }
        Ok(())
    }
}

/// The readers in the table's order; other contenders stand beside them as what they are.
const READERS: [(&str, &str); 4] = [
    ("mailwire", "mailwire"),
    ("io-imap", "io-imap 0.7"),
    ("imap-proto", "imap-proto 0.17"),
    ("imap-codec", "imap-codec 2.0-α10"),
];

fn rate(rate: f64) -> String {
    match rate {
        10_000.0.. => format!("{:.1} GB/s", rate / 1000.0),
        10.0.. => format!("{rate:.0} MB/s"),
        _ => format!("{rate:.1} MB/s"),
    }
}

pub(crate) fn table(rows: &[Row]) -> String {
    let mut out = String::from("| MB/s, and allocations |");
    READERS.iter().for_each(|(_, name)| out += &format!(" {name} |"));
    out += " others |\n|---|---|---|---|---|---|\n";
    for row in rows {
        out += &format!("| {} |", row.title);
        let text = |cell: &Cell| format!("{}, {}", rate(cell.rate), cell.allocations);
        for (name, _) in READERS {
            let cell = row.cells.iter().find(|cell| cell.name == name);
            out += &cell.map_or(" |".into(), |cell| format!(" {} |", text(cell)));
        }
        let others = row.cells.iter().filter(|it| READERS.iter().all(|(name, _)| *name != it.name));
        let others: Vec<_> = others.map(|it| format!("{}: {}", it.name, text(it))).collect();
        out += &format!(" {} |\n", others.join("; "));
    }
    let spreads = rows.iter().flat_map(|row| &row.cells).map(|cell| cell.spread);
    let worst = spreads.fold(0.0, f64::max) * 100.0;
    let mut spreads: Vec<_> = rows.iter().flat_map(|row| &row.cells).map(|it| it.spread).collect();
    spreads.sort_by(f64::total_cmp);
    let middle = spreads.get(spreads.len() / 2).copied().unwrap_or_default() * 100.0;
    out += &format!(
        "\nThe fastest of up to 60 rounds, in turn, on {} that other work shared: the median round was \
         slower than the fastest by {middle:.0} % in the middle, and by {worst:.0} % at worst.\n",
        machine()
    );
    out
}

/// What it ran on.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("some machine", |(_, name)| name.trim());
    let cores = std::thread::available_parallelism().map_or(1, Into::into);
    format!("{cores} cores of {model}")
}

/// Puts the table into the README, between two comments, and the picture beside this file.
pub(crate) fn write(rows: &[Row], table: &str) {
    const BEGIN: &str = "<!-- cargo bench -p mailwire-tests -- --write -->\n";
    const END: &str = "<!-- / -->";
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = tests.join("../README.md");
    let readme = std::fs::read_to_string(&path).expect("a README");
    let (before, rest) = readme.split_once(BEGIN).expect("the table's begin in the README");
    let (_, after) = rest.split_once(END).expect("the table's end in the README");
    std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).expect("written");
    std::fs::write(tests.join("benches/throughput.svg"), picture(rows)).expect("written");
}

/// A bar for each contender, those of a row being as long as they are fast beside the longest.
fn picture(rows: &[Row]) -> String {
    const WIDTH: u32 = 760;
    const TEXT: u32 = 150;
    const BAR: u32 = 16;
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let mut body = String::new();
    let mut y = 8;
    for row in rows {
        y += 18;
        body += &format!("<text x=\"8\" y=\"{y}\" class=\"t\">{}</text>\n", escape(&row.title));
        y += 6;
        let longest = row.cells.iter().map(|cell| cell.rate).fold(f64::MIN_POSITIVE, f64::max);
        for cell in &row.cells {
            let length = (cell.rate / longest * f64::from(WIDTH - TEXT - 110)).max(1.0);
            let class = match cell.name {
                "mailwire" => "m",
                name if READERS.iter().any(|(it, _)| *it == name) || name == "async-pop" => "o",
                _ => "b",
            };
            let (middle, end) = (y + BAR - 4, f64::from(TEXT) + length + 6.0);
            body += &format!(
                "<text x=\"{}\" y=\"{middle}\" text-anchor=\"end\">{}</text>\
                 <rect x=\"{TEXT}\" y=\"{}\" width=\"{length:.1}\" height=\"{}\" class=\"{class}\"/>\
                 <text x=\"{end:.1}\" y=\"{middle}\">{}</text>\n",
                TEXT - 6,
                escape(cell.name),
                y + 1,
                BAR - 3,
                rate(cell.rate)
            );
            y += BAR;
        }
        y += 8;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{y}\" \
         viewBox=\"0 0 {WIDTH} {y}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <style>.t{{font-weight:bold}} .m{{fill:#1b7f4b}} .o{{fill:#8a8f98}} .b{{fill:#c9b458}} \
         text{{fill:#222}}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{body}</svg>\n"
    )
}
