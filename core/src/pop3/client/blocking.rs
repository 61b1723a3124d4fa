//! The client over a blocking socket (`embedded-io`).
//!
//! ```no_run
//! # #[cfg(feature = "std")]
//! # fn read_mail() -> Result<(), Box<dyn std::error::Error>> {
//! use mailwire::io::Std;
//! use mailwire::pop3;
//!
//! let (mut rx, mut tx) = ([0; 512], [0; 256]);
//! let socket = Std(std::net::TcpStream::connect("localhost:110")?);
//! let mut mail = pop3::Client::connect(socket, &mut rx, &mut tx)?;
//! mail.login("alice", "secret")?;
//!
//! let mut numbers = Vec::new();
//! let mut uids = mail.uidl()?;
//! while let Some(item) = uids.next()? {
//!     println!("{} is {}", item.number, item.uid);
//!     numbers.push(item.number);
//! }
//! let mut messages = mail.retr_all(numbers);
//! while let Some(mut message) = messages.next()? {
//!     while let Some(bytes) = message.next()? {
//!         print!("{}", String::from_utf8_lossy(bytes));
//!     }
//! }
//! mail.quit()?;
//! # Ok(())
//! # }
//! ```

use super::*;
use crate::io::blocking::Driver;
use embedded_io::{Read, Write};

super::client!();
