//! What the example programs share: how to name an account, how to reach its server, and where
//! to keep what it gave.

pub mod account;
pub mod filter;
pub mod state;
pub mod store;
pub mod transport;
