//! What is known of the selected mailbox (RFC 9051 sections 2.3.1 and 6.3.2).

use super::syntax::flag::FlagSet;

/// The selected mailbox, as the server's responses tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Selected {
    /// How many messages it holds: the largest sequence number.
    pub exists: u32,
    /// How many are new to this session (RFC 3501 only).
    pub recent: u32,
    /// The number of the first unseen message (RFC 3501 only).
    pub unseen: Option<u32>,
    /// If it differs from the last session's, UIDs of that session mean nothing (section
    /// 2.3.1.1). Wider than the RFC's 32 bits, since some servers are.
    pub uid_validity: Option<u64>,
    /// The UID that the next message will have, or a larger one.
    pub uid_next: Option<u32>,
    /// The system flags that messages can have.
    pub flags: FlagSet,
    /// The system flags that can be changed for good, and
    /// [`FlagSet::WILDCARD`] if new keywords can be made. All flags, if the server does not
    /// say (section 7.1).
    pub permanent_flags: Option<FlagSet>,
    /// Nothing in it can be changed: it was opened by EXAMINE, or the server says so.
    pub read_only: bool,
    /// UIDs do not last beyond the session (section 7.1, UIDNOTSTICKY).
    pub uid_not_sticky: bool,
    /// The highest mod-sequence (RFC 7162 section 3.1.2.1); `None` if there are none.
    pub highest_mod_seq: Option<u64>,
}

impl Selected {
    pub(crate) const fn new() -> Self {
        Self {
            exists: 0,
            recent: 0,
            unseen: None,
            uid_validity: None,
            uid_next: None,
            flags: FlagSet::EMPTY,
            permanent_flags: None,
            read_only: false,
            uid_not_sticky: false,
            highest_mod_seq: None,
        }
    }
}
