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
        len = len.wrapping_add(1);
    }
    let mut rest = copy.get(..len)?;

    let mut found = Found::default();
    while let [byte, after @ ..] = rest {
        rest = match byte {
            b'0'..=b'9' => {
                let (number, count, after) = digits(rest);
                found.number(number, count, after.trim_ascii_start().starts_with(b":"));
                after
            }
            b'+' | b'-' if found.has_time && matches!(after, [b'0'..=b'9', ..]) => {
                found.sign = if *byte == b'-' { -1 } else { 1 };
                found.next = Next::Zone;
                after
            }
            b'A'..=b'Z' | b'a'..=b'z' => {
                let end = rest.iter().position(|byte| !byte.is_ascii_alphabetic());
                let (word, after) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
                found.word(word);
                after
            }
            _ => after,
        };
    }
    found.moment()
}

/// What was found so far.
#[derive(Default)]
struct Found {
    next: Next,
    day: Option<i32>,
    month: Option<u8>,
    year: Option<i32>,
    has_time: bool,
    time: [i32; 3],
    /// In minutes.
    zone: i32,
    sign: i32,
}

/// What the next number is.
#[derive(Clone, Copy, Default)]
enum Next {
    #[default]
    DayOrYear,
    Time(usize),
    Zone,
    ZoneMinute,
}

impl Found {
    /// A number of so many digits, and whether a colon is behind it.
    fn number(&mut self, number: i32, count: usize, colon: bool) {
        let offset = number.wrapping_mul(self.sign);
        self.next = match self.next {
            // +02:00
            Next::Zone if colon && count <= 2 => {
                self.zone = offset.wrapping_mul(60);
                Next::ZoneMinute
            }
            Next::Zone => {
                self.zone = (offset / 100).wrapping_mul(60).wrapping_add(offset % 100);
                Next::DayOrYear
            }
            Next::ZoneMinute => {
                self.zone = self.zone.wrapping_add(offset);
                Next::DayOrYear
            }
            Next::DayOrYear if colon && !self.has_time => {
                self.has_time = true;
                self.time = [number, 0, 0];
                Next::Time(1)
            }
            Next::Time(at) => {
                if let Some(place) = self.time.get_mut(at) {
                    *place = number;
                }
                if colon { Next::Time(at.wrapping_add(1)) } else { Next::DayOrYear }
            }
            Next::DayOrYear => {
                if self.day.is_none() {
                    self.day = Some(number);
                } else if self.year.is_none() {
                    // RFC 5322 section 4.3.
                    self.year = Some(match (count, number) {
                        (0..=2, 0..=49) => number.wrapping_add(2000),
                        (0..=3, _) => number.wrapping_add(1900),
                        _ => number,
                    });
                }
                Next::DayOrYear
            }
        };
    }

    fn word(&mut self, word: &[u8]) {
        if self.has_time
            && let Some(hours) = zone_hours(word)
        {
            self.zone = hours.wrapping_mul(60);
        } else if self.month.is_none() {
            self.month = month(word);
        }
    }

    fn moment(&self) -> Option<DateTime> {
        let [hour, minute, second] = self.time;
        let offset = if self.zone.unsigned_abs() < 24 * 60 { self.zone } else { 0 };
        let small = |number: i32| u8::try_from(number).ok();
        let year = u16::try_from(self.year?).ok()?;
        let moment = DateTime {
            date: Date { year, month: self.month?, day: small(self.day?)? },
            hour: small(hour)?,
            minute: small(minute)?,
            second: small(second)?,
            offset_minutes: offset as i16,
        };
        moment.is_valid().then_some(moment)
    }
}

/// The number at the front, how many digits it has, and what is behind it.
fn digits(i: &[u8]) -> (i32, usize, &[u8]) {
    let (mut number, mut count, mut rest) = (0_i32, 0_usize, i);
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        number = number.saturating_mul(10).saturating_add(i32::from(digit & 0x0f));
        count = count.wrapping_add(1);
        rest = after;
    }
    (number, count, rest)
}

/// The hours that a zone of North America is ahead of UTC (RFC 5322 section 4.3, `obs-zone`).
fn zone_hours(name: &[u8]) -> Option<i32> {
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
