//! Over a blocking socket: `embedded-io`.
//!
//! A socket whose `read` comes back with `TimedOut` every second or so, together with a
//! [`Clock`](super::Clock), makes the machine's own timeouts work.

use super::{Clock, Error};
use crate::{Buffers, Instant, Machine, Progress};
use embedded_io::{Error as _, ErrorKind, Read, Write};

super::driver!();
