//! Dates (RFC 9051 section 9, `date` and `date-time`).

use super::string::{byte, run, sp, string};
use super::{Parsed, fail, number};
use core::fmt;

/// A day (RFC 9051 section 9, `date`). Shown as `1996-07-17`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Date {
    /// The year, 0 to 9999.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 31.
    pub day: u8,
}

/// A moment and the time zone it was told in (RFC 9051 section 9, `date-time`). Shown as
/// `1996-07-17T02:44:25-07:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DateTime {
    /// The day there.
    pub date: Date,
    /// The hour there, 0 to 23.
    pub hour: u8,
    /// The minute there, 0 to 59.
    pub minute: u8,
    /// The second, 0 to 60.
    pub second: u8,
    /// How many minutes the zone is ahead of UTC; negative in the west.
    pub offset_minutes: i16,
}

pub(crate) const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

impl Date {
    /// Whether month and day are in their ranges.
    pub(crate) const fn is_valid(&self) -> bool {
        self.year <= 9999 && matches!(self.month, 1..=12) && matches!(self.day, 1..=31)
    }

    /// Days since 1 January 1970, negative before, by the Gregorian calendar.
    pub const fn to_unix_days(&self) -> i64 {
        // Years begin in March here, so that the day that comes and goes is the last one.
        let month = (self.month as i64).wrapping_add(9) % 12;
        let year = (self.year as i64).wrapping_sub(month / 10);
        let leap_days = (year.div_euclid(4))
            .wrapping_sub(year.div_euclid(100))
            .wrapping_add(year.div_euclid(400));
        let month_days = month.wrapping_mul(306).wrapping_add(5) / 10;
        year.wrapping_mul(365)
            .wrapping_add(leap_days)
            .wrapping_add(month_days)
            .wrapping_add(self.day as i64)
            .wrapping_sub(719_469)
    }

    /// The name of the month, as IMAP has it.
    pub(crate) fn month_name(&self) -> &'static [u8; 3] {
        MONTHS.get(usize::from(self.month).wrapping_sub(1)).copied().unwrap_or(b"Jan")
    }
}

impl DateTime {
    /// Seconds since 1 January 1970, 00:00 UTC; negative before.
    pub const fn to_unix(&self) -> i64 {
        self.date
            .to_unix_days()
            .wrapping_mul(24)
            .wrapping_add(self.hour as i64)
            .wrapping_mul(60)
            .wrapping_add(self.minute as i64)
            .wrapping_sub(self.offset_minutes as i64)
            .wrapping_mul(60)
            .wrapping_add(self.second as i64)
    }

    /// Whether all fields are in their ranges.
    pub(crate) const fn is_valid(&self) -> bool {
        self.date.is_valid()
            && self.hour < 24
            && self.minute < 60
            && self.second <= 60
            && self.offset_minutes.unsigned_abs() < 100 * 60
    }

    /// Sign, hours and minutes of the zone.
    pub(crate) const fn zone(&self) -> (char, u16, u16) {
        let minutes = self.offset_minutes.unsigned_abs();
        (if self.offset_minutes < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, hours, minutes) = self.zone();
        write!(
            f,
            "{}T{:02}:{:02}:{:02}{sign}{hours:02}:{minutes:02}",
            self.date, self.hour, self.minute, self.second
        )
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for DateTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn small(i: &[u8]) -> Parsed<'_, u8> {
    let (rest, value) = number(i)?;
    u8::try_from(value).map_or_else(|_| fail(), |value| Ok((rest, value)))
}

/// ```abnf
/// date-text      = date-day "-" date-month "-" date-year
/// date-day-fixed = (SP DIGIT) / 2DIGIT
/// date-month     = "Jan" / "Feb" / …
/// ```
/// RFC 9051 section 9. Names in any case, days with or without a zero or a space.
pub(crate) fn date(i: &[u8]) -> Parsed<'_, Date> {
    let i = i.trim_ascii_start();
    let (i, day) = small(i)?;
    let (i, ()) = byte(i, b'-')?;
    let (i, name) = run(i, |byte| byte.is_ascii_alphabetic())?;
    let name = name.get(..3).unwrap_or_default();
    let Some(month) =
        (1..).zip(MONTHS).find_map(|(n, month)| name.eq_ignore_ascii_case(month).then_some(n))
    else {
        return fail();
    };
    let (i, ()) = byte(i, b'-')?;
    let (i, year) = number(i)?;
    let date = Date { year: u16::try_from(year).unwrap_or(u16::MAX), month, day };
    if date.is_valid() { Ok((i, date)) } else { fail() }
}

/// ```abnf
/// date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
/// time      = 2DIGIT ":" 2DIGIT ":" 2DIGIT
/// zone      = ("+" / "-") 4DIGIT
/// ```
/// RFC 9051 section 9. A zone that is missing or has a name is taken as UTC.
pub(crate) fn date_time(i: &[u8]) -> Parsed<'_, DateTime> {
    let (rest, text) = string(i)?;
    match text.as_bytes().map(date_time_text) {
        Some(Ok((_, moment))) => Ok((rest, moment)),
        _ => fail(),
    }
}

fn date_time_text(i: &[u8]) -> Parsed<'_, DateTime> {
    let (i, date) = date(i)?;
    let (i, ()) = sp(i)?;
    let (i, hour) = small(i)?;
    let (i, ()) = byte(i, b':')?;
    let (i, minute) = small(i)?;
    let (i, second) = match i {
        [b':', i @ ..] => small(i)?,
        _ => (i, 0),
    };
    let (i, offset_minutes) = match i.trim_ascii_start() {
        [sign @ (b'+' | b'-'), i @ ..] => {
            let (i, zone) = number(i)?;
            let minutes = (zone / 100).wrapping_mul(60).wrapping_add(zone % 100);
            let minutes = i16::try_from(minutes).unwrap_or(i16::MAX);
            (i, if *sign == b'-' { minutes.wrapping_neg() } else { minutes })
        }
        i => (i, 0),
    };
    let moment = DateTime { date, hour, minute, second, offset_minutes };
    if moment.is_valid() { Ok((i, moment)) } else { fail() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn read() {
        let (rest, it) = date_time(b"\"17-Jul-1996 02:44:25 -0700\" RFC822").unwrap();
        assert_eq!(rest, b" RFC822");
        assert_eq!(it.to_string(), "1996-07-17T02:44:25-07:00");
        assert_eq!(it.to_unix(), 837_596_665);
        let (_, it) = date_time(b"\" 1-jan-1970 00:00:00 +0000\"").unwrap();
        assert_eq!(it.to_unix(), 0);
        assert_eq!(date_time(b"\"1-Jan-1970  00:00 GMT\"").unwrap().1.to_unix(), 0);
        assert_eq!(date_time(b"\"01-Jan-1970 05:30:00 +0530\"").unwrap().1.to_unix(), 0);
        assert_eq!(date(b"29-Feb-2000").unwrap().1.to_unix_days(), 11_016);
        assert_eq!(date(b"1-Mar-2000").unwrap().1.to_unix_days(), 11_017);
        assert_eq!(date(b"31-Dec-9999").unwrap().1.to_unix_days(), 2_932_896);
        assert_eq!(date(b"1-Jan-0000").unwrap().1.to_unix_days(), -719_528);
        for bad in [
            &b"\"\""[..],
            b"NIL",
            b"\"17-Jux-1996 02:44:25 -0700\"",
            b"\"32-Jul-1996 02:44:25 -0700\"",
            b"\"17-Jul-99996 02:44:25 -0700\"",
            b"\"17-Jul-1996 24:44:25 -0700\"",
            b"\"17-Jul-1996 02:44:25 -99999999999\"",
            b"\"17-Jul-1996 02:44:25 -0700",
        ] {
            assert!(date_time(bad).is_err());
        }
    }
}
