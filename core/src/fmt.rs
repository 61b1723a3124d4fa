//! Log lines by `defmt`, else by `log`, else none. No argument of these is ever a secret or
//! the text of a mail: kinds, states, tags and lengths only.

macro_rules! line {
    ($level:ident, $($arg:tt)*) => {{
        #[cfg(feature = "defmt")]
        ::defmt::$level!($($arg)*);
        #[cfg(all(feature = "log", not(feature = "defmt")))]
        ::log::$level!($($arg)*);
        #[cfg(not(any(feature = "log", feature = "defmt")))]
        let _ = ::core::format_args!($($arg)*);
    }};
}

macro_rules! debug {
    ($($arg:tt)*) => { $crate::fmt::line!(debug, $($arg)*) };
}

macro_rules! warn_ {
    ($($arg:tt)*) => { $crate::fmt::line!(warn, $($arg)*) };
}

pub(crate) use {debug, line, warn_ as warn};
