//! IMAP and POP3 for programs that read mail.
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod buffer;
mod error;
#[cfg(feature = "imap")]
mod fmt;
#[cfg(feature = "imap")]
pub mod imap;
pub mod io;
mod machine;
pub mod sasl;
mod secret;
mod time;

pub use buffer::{Rx, Tx};
pub use error::{Error, PeerError, ResourceError, UsageError};
pub use machine::{Buffers, Machine, Progress};
pub use secret::Secret;
pub use time::{Duration, Instant};
