//! Days and moments, as IMAP and message headers tell them.

use core::fmt;

/// A day (RFC 9051 section 9 and RFC 5322 section 3.3, `date`). Shown as `1996-07-17`.
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

/// A moment and the time zone it was told in (RFC 9051 section 9 and RFC 5322 section 3.3,
/// `date-time`). Shown as
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

const MONTHS: [[u8; 3]; 12] = [
    *b"Jan", *b"Feb", *b"Mar", *b"Apr", *b"May", *b"Jun", *b"Jul", *b"Aug", *b"Sep", *b"Oct",
    *b"Nov", *b"Dec",
];

/// The month that a name of three letters or more begins like, in any case.
pub(crate) fn month(name: &[u8]) -> Option<u8> {
    let name = name.get(..3)?;
    (1..).zip(&MONTHS).find_map(|(n, month)| name.eq_ignore_ascii_case(month).then_some(n))
}

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
        MONTHS.get(usize::from(self.month).wrapping_sub(1)).unwrap_or(b"Jan")
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
