//! What mailwire's tests stand on: [recorded sessions](transcript), [made-up ones](corpus)
//! with a [reader], known [messages], and real servers on loopback: [`dovecot`] for all,
//! [`cyrus`], [`courier`] and [`mailutils`] for what others do differently, and the table of
//! them, [`servers`]; and a [`proxy`] that breaks. What an observer [heard], what the [`fuzz`]
//! targets check, a [`folder`] that goes away, and a [`counting`] allocator are here, too.

pub mod corpus;
pub mod counting;
pub mod courier;
pub mod cyrus;
pub mod dovecot;
pub mod folder;
pub mod fuzz;
mod harness;
pub mod heard;
pub mod mailutils;
pub mod messages;
pub mod model;
pub mod nasty;
pub mod oauth;
pub mod proxy;
pub mod reader;
pub mod servers;
pub mod sim;
pub mod tls;
pub mod transcript;

pub use harness::strange_ca;
