//! IMAP.

mod capability;

pub use capability::{Capabilities, Capability, CapabilityIter, CapabilitySet};
