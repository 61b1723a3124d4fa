//! What mailwire's tests stand on: [recorded sessions](transcript), [made-up ones](corpus)
//! with a [reader],
//! known [messages], and a [real server](dovecot) on loopback.

pub mod corpus;
pub mod dovecot;
pub mod messages;
pub mod oauth;
pub mod reader;
pub mod tls;
pub mod transcript;
