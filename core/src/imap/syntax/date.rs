//! Dates (RFC 9051 section 9, `date` and `date-time`).

use super::string::{byte, run, sp, string};
use super::{Parsed, fail, number};
use crate::date::{Date, DateTime, month};

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
    let Some(month) = month(name) else { return fail() };
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
mod tests {
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
