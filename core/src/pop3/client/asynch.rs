//! The client over an asynchronous socket (`embedded-io-async`).
//!
//! The same calls as in `blocking`, with `.await`. For time and for what happens to a future
//! that is dropped, see [`io::asynch`](crate::io::asynch): a command that was begun is still
//! in flight then, and the next call reads it to its end first.

use super::*;
use crate::io::asynch::Driver;
use embedded_io_async::{Read, Write};

super::client!(async .await);
