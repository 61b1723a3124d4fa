//! What the firmwares of this folder are made of.
//!
//! ```text
//!   device  the start: all of these put together
//!   board   clock, LED, Ethernet, entropy, and the files that stand in for flash
//!   net     TCP over smoltcp (polled) or embassy-net (interrupts), as embedded-io
//!   tls     TLS 1.3 by embedded-tls, with a verifier of certificates that verifies
//!   pager   what is done about mail, for `watch` and `watch-async`
//!   store   files that stand in for flash
//!   flash_log  the cursor: what was seen, kept over a reset
//!   log     defmt
//!   stack   how much of it was used
//! ```
#![no_std]

#[cfg(all(feature = "embassy", board = "lm3s6965"))]
compile_error!("with an executor it takes 66 KiB of RAM: --target thumbv7em-none-eabihf");

pub mod board;
pub mod device;
pub mod flash_log;
pub mod log;
pub mod net;
pub mod pager;
pub mod settings;
pub mod stack;
pub mod store;
pub mod tls;
