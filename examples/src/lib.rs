//! What the example programs share: how to name an account, and how to reach its server.

pub mod account;
pub mod transport;
