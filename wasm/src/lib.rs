//! mailwire for JavaScript: the core's machines over bytes that JavaScript moves.
//!
//! What is exported here is for `wasm/npm/src` only, which makes of it what people use.
#![cfg_attr(target_arch = "wasm32", no_std)]

#[macro_use]
extern crate alloc;

/// What the standard library would have brought.
mod prelude {
    pub(crate) use alloc::boxed::Box;
    pub(crate) use alloc::string::String;
    pub(crate) use alloc::vec::Vec;
}

mod args;
mod error;
mod imap;
mod imap_commands;
mod memory;
mod pop3;
mod records;
mod sasl;
mod text;
#[cfg(feature = "watch")]
mod watch;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Nothing here panics but by a bug; then the module stops.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
