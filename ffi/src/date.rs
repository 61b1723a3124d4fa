//! Dates.

use crate::args::Args;
use crate::bytes::mw_string;
use crate::guard;
use mailwire::DateTime;

/// A moment.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mw_date_time {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub unix_seconds: i64,
    /// The year.
    pub year: u16,
    /// 1 to 12
    pub month: u8,
    /// 1 to 31
    pub day: u8,
    /// 0 to 23
    pub hour: u8,
    /// 0 to 59
    pub minute: u8,
    /// 0 to 60
    pub second: u8,
    /// Whether there is a date at all. False: NIL, and all is 0.
    pub valid: bool,
    /// Minutes that the local time above is ahead of UTC.
    pub offset_minutes: i16,
}

impl mw_date_time {
    pub(crate) const NONE: Self = Self {
        unix_seconds: 0,
        year: 0,
        month: 0,
        day: 0,
        hour: 0,
        minute: 0,
        second: 0,
        valid: false,
        offset_minutes: 0,
    };

    pub(crate) fn maybe(moment: Option<DateTime>) -> Self {
        let Some(it) = moment else { return Self::NONE };
        Self {
            unix_seconds: it.to_unix(),
            year: it.date.year,
            month: it.date.month,
            day: it.date.day,
            hour: it.hour,
            minute: it.minute,
            second: it.second,
            valid: true,
            offset_minutes: it.offset_minutes,
        }
    }
}

/// Reads a date as in a message's Date field (RFC 5322 section 3.3), such as an ENVELOPE's.
/// Without one, `valid` is false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_date_parse(date: *const mw_string) -> mw_date_time {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(mw_date_time::maybe(None), || {
        let date = args.maybe(date).map(|date| args.string(date));
        mw_date_time::maybe(date.and_then(mailwire::message::date_time))
    })
}
