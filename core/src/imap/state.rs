//! Which command is legal when (RFC 9051 sections 3, 5.5 and 6): tables, no bytes.

use super::Kind;
use super::capability::{Bit, Capability};

/// The states of a connection (RFC 9051 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum State {
    /// The greeting has not come yet. No command is allowed.
    Greeting,
    /// The server does not know who asks.
    NotAuthenticated,
    /// The server knows who asks; no mailbox is selected.
    Authenticated,
    /// A mailbox is selected.
    Selected,
    /// One side said goodbye. No command is allowed.
    Logout,
}

/// What may be in flight beside a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beside {
    /// Nothing: it changes what the commands around it mean, or how bytes are read.
    Nothing,
    /// What cannot cause an EXPUNGE response: it names messages by sequence numbers, and those must
    /// stay what they are until the server has read it.
    StableNumbers,
    /// Whatever does not want to be alone.
    Anything,
}

/// One row of the table.
pub(crate) struct Rule {
    /// In which it is allowed: a bit each, before login, after login, with a mailbox selected.
    states: u8,
    pub(crate) beside: Beside,
    /// Whether the server may send EXPUNGE while it runs.
    pub(crate) may_expunge: bool,
    /// What the server has to offer.
    needs: Option<Bit>,
}

impl Rule {
    pub(crate) fn allowed_in(&self, state: State) -> bool {
        let states = match state {
            State::NotAuthenticated => BEFORE_LOGIN,
            State::Authenticated => ONLY_AFTER_LOGIN,
            State::Selected => SELECTED,
            State::Greeting | State::Logout => 0,
        };
        self.states & states != 0
    }

    /// What the server has to offer.
    pub(crate) fn needs(&self) -> Option<Capability<'static>> {
        self.needs.and_then(Capability::of)
    }
}

const BEFORE_LOGIN: u8 = 1;
const ONLY_AFTER_LOGIN: u8 = 2;
const SELECTED: u8 = 4;
const AFTER_LOGIN: u8 = ONLY_AFTER_LOGIN | SELECTED;
const ANY: u8 = BEFORE_LOGIN | AFTER_LOGIN;

/// The table. Rows are small, so that it is one of bytes in the program, too.
pub(crate) const fn rule(kind: Kind) -> Rule {
    use Beside::{Anything, Nothing, StableNumbers};
    use Bit::{
        Acl, CompressDeflate, Enable, I18nLevel2, Id, Idle, JmapAccess, Language, MailboxReferrals,
        Move, Namespace, Notify, Quota, QuotaSet, Replace, StartTls, UidPlus, Unauthenticate,
        Unselect, UrlAuth, XList,
    };
    let (states, beside, may_expunge, needs) = match kind {
        Kind::Capability => (ANY, Anything, true, None),
        Kind::Noop => (ANY, Anything, true, None),
        Kind::Logout => (ANY, Nothing, true, None),
        Kind::StartTls => (BEFORE_LOGIN, Nothing, false, Some(StartTls)),
        Kind::Authenticate | Kind::Login => (BEFORE_LOGIN, Nothing, false, None),
        // "The ENABLE command is only valid in the authenticated state" (section 6.3.1).
        Kind::Enable => (ONLY_AFTER_LOGIN, Nothing, true, Some(Enable)),
        Kind::Unauthenticate => (AFTER_LOGIN, Nothing, true, Some(Unauthenticate)),
        Kind::Compress => (AFTER_LOGIN, Nothing, true, Some(CompressDeflate)),
        Kind::Select | Kind::Examine => (AFTER_LOGIN, Nothing, true, None),
        Kind::Create
        | Kind::Delete
        | Kind::Rename
        | Kind::Subscribe
        | Kind::Unsubscribe
        | Kind::List
        | Kind::Lsub
        | Kind::Status
        | Kind::Append => (AFTER_LOGIN, Anything, true, None),
        Kind::Namespace => (AFTER_LOGIN, Anything, true, Some(Namespace)),
        Kind::Idle => (AFTER_LOGIN, Nothing, true, Some(Idle)),
        Kind::Check => (SELECTED, Anything, true, None),
        Kind::Close => (SELECTED, Nothing, true, None),
        Kind::Unselect => (SELECTED, Nothing, true, Some(Unselect)),
        Kind::Expunge => (SELECTED, Anything, true, None),
        Kind::UidExpunge => (SELECTED, Anything, true, Some(UidPlus)),
        Kind::Search | Kind::Fetch | Kind::Store => (SELECTED, StableNumbers, false, None),
        Kind::Copy => (SELECTED, StableNumbers, true, None),
        Kind::Move => (SELECTED, StableNumbers, true, Some(Move)),
        Kind::UidSearch | Kind::UidFetch | Kind::UidStore | Kind::UidCopy => {
            (SELECTED, Anything, true, None)
        }
        Kind::UidMove => (SELECTED, Anything, true, Some(Move)),
        Kind::GetQuota | Kind::GetQuotaRoot => (AFTER_LOGIN, Anything, true, Some(Quota)),
        Kind::SetQuota => (AFTER_LOGIN, Anything, true, Some(QuotaSet)),
        Kind::Id => (ANY, Anything, true, Some(Id)),
        Kind::SetAcl | Kind::DeleteAcl | Kind::GetAcl | Kind::ListRights | Kind::MyRights => {
            (AFTER_LOGIN, Anything, true, Some(Acl))
        }
        // Which of two capabilities they need depends on the mailbox.
        Kind::GetMetadata | Kind::SetMetadata => (AFTER_LOGIN, Anything, true, None),
        Kind::Language => (ANY, Anything, true, Some(Language)),
        Kind::Comparator => (AFTER_LOGIN, Anything, true, Some(I18nLevel2)),
        Kind::GetJmapAccess => (AFTER_LOGIN, Anything, true, Some(JmapAccess)),
        Kind::GenUrlAuth | Kind::ResetKey | Kind::UrlFetch => {
            (AFTER_LOGIN, Anything, true, Some(UrlAuth))
        }
        Kind::Notify => (AFTER_LOGIN, Anything, true, Some(Notify)),
        Kind::XList => (AFTER_LOGIN, Anything, true, Some(XList)),
        Kind::RList | Kind::RLsub => (AFTER_LOGIN, Anything, true, Some(MailboxReferrals)),
        Kind::Esearch => (AFTER_LOGIN, Anything, true, Some(Bit::MultiSearch)),
        Kind::Sort => (SELECTED, StableNumbers, false, Some(Bit::Sort)),
        Kind::UidSort => (SELECTED, Anything, true, Some(Bit::Sort)),
        // Each algorithm is a capability of its own.
        Kind::Thread => (SELECTED, StableNumbers, false, None),
        Kind::UidThread => (SELECTED, Anything, true, None),
        Kind::CancelUpdate => (SELECTED, Anything, true, None),
        Kind::UidBatches => (SELECTED, Anything, true, Some(Bit::UidBatches)),
        Kind::Replace => (SELECTED, StableNumbers, true, Some(Replace)),
        Kind::UidReplace => (SELECTED, Anything, true, Some(Replace)),
        Kind::Custom => (ANY, Nothing, true, None),
    };
    Rule { states, beside, may_expunge, needs }
}
