//! Dates in headers (RFC 5322 section 3.3).

use super::cursor::{Cursor, Dialect};
use crate::date::month;
use crate::{Date, DateTime, Str};

/// The moment that a Date field tells, or the `date` of an IMAP `ENVELOPE`. `None` if it has
/// no day, month and year.
///
/// ```abnf
/// date-time = [ day-of-week "," ] date time [CFWS]
/// date      = day month year
/// time      = hour ":" minute [ ":" second ] FWS zone
/// zone      = (FWS ( "+" / "-" ) 4DIGIT) / obs-zone
/// ```
/// RFC 5322 sections 3.3 and 4.3. Years of two and three digits are read as section 4.3 tells;
/// named zones that it does not know, and those that are missing, are UTC. Lenient: comments
/// and blanks anywhere, hyphens (`17-Jul-96`), the order of C's `asctime`, no time.
///
/// ```
/// # use mailwire::message::date_time;
/// let moment = date_time("Wed, 17 Jul 96 02:23 PDT (a comment)").unwrap();
/// assert_eq!(moment.to_string(), "1996-07-17T02:23:00-07:00");
/// assert_eq!(moment.to_unix(), 837_595_380);
/// ```
pub fn date_time<'a>(value: impl Into<Str<'a>>) -> Option<DateTime> {
    parse(value.into())
}

/// Dates are shorter.
const MAX: usize = 64;

fn parse(value: Str<'_>) -> Option<DateTime> {
    // Backslashes matter in comments only, and mean the same there.
    let (raw, _) = value.into_raw();
    let mut source = Cursor::new(raw, Dialect::Phrase);
    let (mut copy, mut len) = ([0; MAX], 0_usize);
    for place in &mut copy {
        let Some(byte) = source.next() else { break };
        *place = byte;
        len = len.saturating_add(1);
    }
    let mut rest = copy.get(..len)?;

    let (mut day, mut month_of_year, mut year) = (None, None, None);
    let mut time: Option<[u32; 3]> = None;
    let mut offset_minutes = 0;
    while let [byte, after @ ..] = rest {
        match byte {
            b'0'..=b'9' => {
                let (number, count, after) = digits(rest);
                rest = after;
                if let [b':', after @ ..] = rest.trim_ascii_start()
                    && time.is_none()
                {
                    let (minute, _, after) = digits(after);
                    let (second, after) = match after.trim_ascii_start() {
                        [b':', after @ ..] => {
                            let (second, _, after) = digits(after);
                            (second, after)
                        }
                        _ => (0, after),
                    };
                    time = Some([number, minute, second]);
                    rest = after;
                } else if day.is_none() {
                    day = Some(number);
                } else if year.is_none() {
                    // RFC 5322 section 4.3.
                    year = Some(match (count, number) {
                        (0..=2, 0..=49) => number.wrapping_add(2000),
                        (0..=3, _) => number.wrapping_add(1900),
                        _ => number,
                    });
                }
            }
            b'+' | b'-' if time.is_some() && matches!(after, [b'0'..=b'9', ..]) => {
                let (number, count, after) = digits(after);
                rest = after;
                let minutes = match after {
                    // +02:00
                    [b':', after @ ..] if count <= 2 => {
                        let (minutes, _, after) = digits(after);
                        rest = after;
                        number.saturating_mul(60).saturating_add(minutes)
                    }
                    _ => (number / 100).saturating_mul(60).saturating_add(number % 100),
                };
                let minutes = i16::try_from(minutes).ok().filter(|&it| it < 24 * 60).unwrap_or(0);
                offset_minutes = if *byte == b'-' { minutes.wrapping_neg() } else { minutes };
            }
            b'A'..=b'Z' | b'a'..=b'z' => {
                let end = rest.iter().position(|byte| !byte.is_ascii_alphabetic());
                let (word, after) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
                rest = after;
                if time.is_some()
                    && let Some(hours) = zone(word)
                {
                    offset_minutes = hours.wrapping_mul(60);
                } else if month_of_year.is_none() {
                    month_of_year = month(word);
                }
            }
            _ => rest = after,
        }
    }
    let [hour, minute, second] = time.unwrap_or_default();
    let small = |number: u32| u8::try_from(number).ok();
    let moment = DateTime {
        date: Date { year: u16::try_from(year?).ok()?, month: month_of_year?, day: small(day?)? },
        hour: small(hour)?,
        minute: small(minute)?,
        second: small(second)?,
        offset_minutes,
    };
    moment.is_valid().then_some(moment)
}

/// The number at the front, behind blanks, how many digits it has, and what is behind it.
fn digits(i: &[u8]) -> (u32, usize, &[u8]) {
    let (mut number, mut count, mut rest) = (0_u32, 0_usize, i.trim_ascii_start());
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        number = number.saturating_mul(10).saturating_add(u32::from(digit & 0x0f));
        count = count.saturating_add(1);
        rest = after;
    }
    (number, count, rest)
}

/// The hours that a zone of North America is ahead of UTC (RFC 5322 section 4.3, `obs-zone`).
fn zone(name: &[u8]) -> Option<i16> {
    let (standard, daylight, rest) = match name.split_first()? {
        (b'E' | b'e', rest) => (-5, -4, rest),
        (b'C' | b'c', rest) => (-6, -5, rest),
        (b'M' | b'm', rest) => (-7, -6, rest),
        (b'P' | b'p', rest) => (-8, -7, rest),
        _ => return None,
    };
    if rest.eq_ignore_ascii_case(b"ST") {
        Some(standard)
    } else {
        rest.eq_ignore_ascii_case(b"DT").then_some(daylight)
    }
}
