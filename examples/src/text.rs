//! What others wrote, made fit to be shown.

use anyhow::{Error, Result};
use std::fmt::Write;
use std::io;
use std::process::ExitCode;

/// For a terminal, on one line. Whoever sends a mail chooses its text, and a server its own: what a
/// terminal would act on becomes a space, and what changes the direction of text is left out, as
/// it can make `exe.fdp` look like `pdf.exe`.
pub fn printable(text: &str) -> String {
    let shown = |char| match char {
        _ if turns(char) => None,
        '\u{2028}' | '\u{2029}' => Some(' '),
        _ if char.is_control() => Some(' '),
        _ => Some(char),
    };
    text.chars().filter_map(shown).collect()
}

/// How a program ends: with 0, or with 1 and the error, which may hold a server's words. Whoever
/// reads the output, `head` say, may have seen enough, which is no error.
pub fn ended(result: Result<()>) -> ExitCode {
    let is_pipe = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    match result {
        Err(error) if !error.downcast_ref().is_some_and(is_pipe) => {
            eprintln!("{}", report(&error));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

/// The error and what caused it, in lines.
fn report(error: &Error) -> String {
    format!("Error: {error:?}").lines().map(printable).collect::<Vec<_>>().join("\n")
}

/// JSON that means the same, without what [`printable`] takes out: JSON itself demands that only of
/// characters below U+0020.
pub fn printable_json(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for char in json.chars() {
        if turns(char) || char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') {
            // To a String, that cannot fail.
            let _ = write!(text, "\\u{:04x}", u32::from(char));
        } else {
            text.push(char);
        }
    }
    text
}

/// Marks, embeddings, overrides and isolates (Unicode annex 9 section 2).
fn turns(char: char) -> bool {
    matches!(
        char,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_acts_on() {
        let text = "a\u{1b}]0;x\u{7}\r\n\u{9b}b\u{7f}";
        assert_eq!(printable(text), "a ]0;x    b ");
        assert_eq!(
            printable("\u{202e}exe.fdp\u{2069}\u{2028}Gr\u{fc}\u{df}e"),
            "exe.fdp Gr\u{fc}\u{df}e"
        );
    }

    #[test]
    fn errors() {
        let error = Error::msg("NO \u{1b}[2J").context("cannot log in");
        let report = report(&error);
        assert!(report.starts_with("Error: cannot log in\n"), "{report}");
        assert!(report.contains("NO  [2J"), "{report}");
    }

    #[test]
    fn json() {
        let text = "\u{202e}a\"\n\u{7f}\u{9b}\u{2028}\u{fc}";
        let json = printable_json(&serde_json::to_string(text).unwrap());
        assert_eq!(json, r#""\u202ea\"\n\u007f\u009b\u2028\u{fc}""#.replace(r"\u{fc}", "\u{fc}"));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
