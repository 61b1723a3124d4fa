//! What mailwire's tests stand on: [recorded sessions](transcript) and a
//! [real server](dovecot) on loopback.

pub mod dovecot;
pub mod transcript;
