//! Over an asynchronous socket: `embedded-io-async`.
//!
//! # Time
//!
//! There is no timer in here, for there is no one timer in async Rust. Race a call with a
//! timer of your executor that fires at the machine's
//! [`deadline`](crate::Machine::deadline), and if the timer wins, call again: with the time
//! that it is by then, the machine gives up.
//!
//! # Cancellation
//!
//! Every future in here can be dropped at any await point and the call made anew, if the
//! socket's `read` and `write` can: if, when dropped, they have read or written nothing.
//! That is so for the sockets of embassy-net and for readiness-based ones such as tokio's.
//! What was read is in Rx, what was not sent is in Tx, and the rest is in the machine.

use super::{Clock, Error};
use crate::{Buffers, Instant, Machine, Progress};
use embedded_io_async::{Error as _, ErrorKind, Read, Write};

super::driver!(async .await);
