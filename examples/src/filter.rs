//! What to search for, as one would say it to an IMAP server: `FROM "ann" UNSEEN`.

use anyhow::{Context, Result, bail};
use mailwire::Date;
use mailwire::imap::{Search, SequenceSet};

/// How deep `NOT`, `OR` and parentheses may stand in each other.
const DEPTH: usize = 20;

/// Reads search keys of RFC 9051 section 6.4.4, and those of RFC 5032, RFC 6203 and Gmail. What
/// it returns lives as long as the program.
///
/// Not sequence numbers: they mean another message each time.
///
/// # Errors
///
/// If it is none.
pub fn parse(text: &str) -> Result<&'static [Search<'static>]> {
    let text: &'static str = text.to_owned().leak();
    let mut words = words(text)?.into_iter();
    let keys = keys(&mut words, DEPTH)?;
    if words.next().is_some() {
        bail!("a ) without its (");
    }
    Ok(keys)
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Word {
    Open,
    Close,
    Atom(&'static str),
    String(&'static str),
}

type Words = std::vec::IntoIter<Word>;

fn words(text: &'static str) -> Result<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        match first {
            '(' | ')' => {
                words.push(if first == '(' { Word::Open } else { Word::Close });
                rest = &rest[1..];
            }
            '"' => {
                let mut string = String::new();
                let mut chars = rest[1..].chars();
                loop {
                    match chars.next().context("a \" without its other half")? {
                        '"' => break,
                        '\\' => string.extend(chars.next()),
                        char => string.push(char),
                    }
                }
                words.push(Word::String(string.leak()));
                rest = chars.as_str();
            }
            _ => {
                let is_end = |char: char| char.is_whitespace() || matches!(char, '(' | ')' | '"');
                let (atom, after) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
                words.push(Word::Atom(atom));
                rest = after;
            }
        }
        rest = rest.trim_start();
    }
    Ok(words)
}

/// The keys up to the end, or up to the parenthesis that closes them, which is left.
fn keys(words: &mut Words, depth: usize) -> Result<&'static [Search<'static>]> {
    let mut keys = Vec::new();
    while words.as_slice().first().is_some_and(|word| *word != Word::Close) {
        keys.push(key(words, depth)?);
    }
    if keys.is_empty() {
        bail!("there is nothing to search for");
    }
    Ok(keys.leak())
}

fn key(words: &mut Words, depth: usize) -> Result<Search<'static>> {
    let Some(depth) = depth.checked_sub(1) else { bail!("too many keys in each other") };
    let name = match words.next().context("a key is missing at the end")? {
        Word::Open => {
            let keys = keys(words, depth)?;
            return match words.next() {
                Some(Word::Close) => Ok(Search::And(keys)),
                _ => bail!("a ( without its )"),
            };
        }
        Word::Close => bail!("a ) in place of a key"),
        Word::String(string) => bail!("{string:?} stands alone: which field should hold it?"),
        Word::Atom(name) => name.to_ascii_uppercase(),
    };
    let mut text = || match words.next() {
        Some(Word::Atom(text) | Word::String(text)) => Ok(text),
        _ => bail!("{name} needs something behind it"),
    };
    fn inner(words: &mut Words, depth: usize) -> Result<&'static Search<'static>> {
        Ok(Box::leak(Box::new(key(words, depth)?)))
    }
    Ok(match name.as_str() {
        "ALL" => Search::All,
        "ANSWERED" => Search::Answered,
        "BCC" => Search::Bcc(text()?),
        "BEFORE" => Search::Before(date(text()?)?),
        "BODY" => Search::Body(text()?),
        "CC" => Search::Cc(text()?),
        "DELETED" => Search::Deleted,
        "DRAFT" => Search::Draft,
        "FLAGGED" => Search::Flagged,
        "FROM" => Search::From(text()?),
        "FUZZY" => Search::Fuzzy(inner(words, depth)?),
        "HEADER" => Search::Header(text()?, text()?),
        "KEYWORD" => Search::Keyword(text()?),
        "LARGER" => Search::Larger(number(text()?)?),
        "NEW" => Search::New,
        "NOT" => Search::Not(inner(words, depth)?),
        "OLD" => Search::Old,
        "OLDER" => Search::Older(number(text()?)?),
        "ON" => Search::On(date(text()?)?),
        "OR" => Search::Or(inner(words, depth)?, inner(words, depth)?),
        "RECENT" => Search::Recent,
        "SEEN" => Search::Seen,
        "SENTBEFORE" => Search::SentBefore(date(text()?)?),
        "SENTON" => Search::SentOn(date(text()?)?),
        "SENTSINCE" => Search::SentSince(date(text()?)?),
        "SINCE" => Search::Since(date(text()?)?),
        "SMALLER" => Search::Smaller(number(text()?)?),
        "SUBJECT" => Search::Subject(text()?),
        "TEXT" => Search::Text(text()?),
        "TO" => Search::To(text()?),
        "UID" => {
            let set = text()?;
            let Ok(set) = SequenceSet::try_from(set) else { bail!("{set} is no set of UIDs") };
            Search::Uid(set)
        }
        "UNANSWERED" => Search::Unanswered,
        "UNDELETED" => Search::Undeleted,
        "UNDRAFT" => Search::Undraft,
        "UNFLAGGED" => Search::Unflagged,
        "UNKEYWORD" => Search::Unkeyword(text()?),
        "UNSEEN" => Search::Unseen,
        "X-GM-LABELS" => Search::XGmLabels(text()?),
        "X-GM-RAW" => Search::XGmRaw(text()?),
        "YOUNGER" => Search::Younger(number(text()?)?),
        _ => bail!("{name} is no search key"),
    })
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N> {
    text.parse().ok().with_context(|| format!("{text} is no number"))
}

/// `date = date-day "-" date-month "-" date-year` (RFC 9051 section 9).
fn date(text: &str) -> Result<Date> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let read = || {
        let mut parts = text.split('-');
        let day = parts.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
        let month = parts.next()?.to_ascii_lowercase();
        let (_, month) = MONTHS.iter().zip(1..).find(|(name, _)| **name == month)?;
        let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
        let days = match month {
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        (parts.next().is_none() && day <= days).then_some(Date { year, month, day })
    };
    read().with_context(|| format!("{text} is no day, such as 17-Jul-1996"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        use Search::*;
        assert_eq!(parse("unseen").unwrap(), [Unseen]);
        assert_eq!(
            parse(r#" FROM "x \"y\"\\ )" (SUBJECT pager)UNSEEN "#).unwrap(),
            [From("x \"y\"\\ )"), And(&[Subject("pager")]), Unseen]
        );
        let day = Date { year: 2026, month: 2, day: 1 };
        assert_eq!(
            parse("OR NOT SEEN (SINCE 1-Feb-2026 LARGER 9000000000) HEADER \"List-Id\" \"\"")
                .unwrap(),
            [Or(&Not(&Seen), &And(&[Since(day), Larger(9_000_000_000)])), Header("List-Id", "")]
        );
        assert!(matches!(parse("UID 5:*,9").unwrap(), [Uid(_)]));
    }

    #[test]
    fn what_is_none() {
        let deep = "NOT ".repeat(30) + "SEEN";
        for bad in [
            "",
            "()",
            "(SEEN",
            "SEEN)",
            "FROM",
            "FROM (",
            "\"x",
            "\"x\"",
            "WHAT",
            "OR SEEN",
            "NOT",
            "SINCE 1-Foo-2026",
            "SINCE 32-Jan-2026",
            "LARGER x",
            "1:5",
            "UID x",
            &deep,
            "SEEN\r\nA1 LOGOUT",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn days() {
        for day in ["29-Feb-2024", "29-feb-2000", "30-Apr-2026", "31-Dec-2026", "1-Jan-0000"] {
            assert!(date(day).is_ok(), "{day}");
        }
        for day in ["31-Feb-2026", "29-Feb-2026", "29-Feb-1900", "31-Apr-2026", "0-Jan-2026"] {
            assert!(date(day).is_err(), "{day}");
        }
    }
}
