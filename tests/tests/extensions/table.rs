//! The tables of the README are true.

use mailwire_tests::servers::{Memory, servers};
use std::fs;
use std::path::Path;

const SHORT: &[(&str, &str)] = &[
    ("Dovecot 2.3", "D2"),
    ("Dovecot 2.4", "D4"),
    ("Cyrus 3.6", "C6"),
    ("Cyrus 3.10", "C10"),
    ("Courier 5.0", "Co"),
    ("GNU Mailutils", "M"),
];

struct Row<'a> {
    /// None in the first table.
    capabilities: Vec<&'a str>,
    module: &'a str,
    tests: Vec<(&'a str, &'a str)>,
    seen: &'a str,
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

fn rows(readme: &str) -> Vec<Row<'_>> {
    let tables = readme.split(" on |\n|---|---|---|---|---|\n").skip(1);
    tables
        .flat_map(|table| table.lines().take_while(|line| line.starts_with('|')))
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [_, what, module, tests, seen] = cells[..] else { panic!("{line}") };
            let tests = quoted(tests).into_iter().map(|it| it.split_once(": ").expect(line));
            Row {
                capabilities: quoted(what),
                module: quoted(module)[0],
                tests: tests.collect(),
                seen,
            }
        })
        .collect()
}

#[test]
fn are_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let read = |path: &str| fs::read_to_string(root.join(path));
    let readme = read("README.md").unwrap();
    let rows = rows(&readme);
    assert!(rows.len() > 80);
    for row in &rows {
        assert!(read(&format!("core/src/{}", row.module)).is_ok(), "{}", row.module);
        for (file, test) in &row.tests {
            let text = read(&format!("tests/tests/{file}"))
                .or_else(|_| read(&format!("core/src/{file}")))
                .unwrap_or_else(|e| panic!("{file}: {e}"));
            let head = format!("#[test]\nfn {test}() {{");
            let is_there = text.replace("\n    ", "\n").contains(&head);
            assert!(is_there, "{file} has no test {test}");
        }
        // INPROGRESS is offered, but was never seen.
        let is_live =
            row.tests.iter().any(|(file, _)| read(&format!("tests/tests/{file}")).is_ok());
        assert!(is_live || ["none", "D4"].contains(&row.seen), "{:?}", row.tests);
    }
    for server in servers() {
        let mut memory = Memory::new(16 * 1024, 512);
        // Some name what is about the login before that only.
        let before = server.connect(&mut memory);
        let mut words: Vec<_> = before.capabilities().iter().map(|it| it.to_string()).collect();
        words.extend(server.capabilities());
        let (_, short) = SHORT.iter().find(|(name, _)| *name == server.name).expect("in SHORT");
        for row in &rows {
            let offers = row.capabilities.iter().any(|name| {
                words.iter().any(|word| match name.ends_with('=') {
                    true => word.starts_with(name),
                    false => word.eq_ignore_ascii_case(name),
                })
            });
            let told = row.seen.split([' ', ',']).any(|word| word == *short);
            // A plain user is not offered it.
            if !row.seen.contains("administrators") {
                assert_eq!(told, offers, "{}: {:?}", server.name, row.capabilities);
            }
        }
    }
}
