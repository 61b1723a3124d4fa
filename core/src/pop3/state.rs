//! Which command is legal when (RFC 1939 sections 3 to 6): tables, no bytes.

use super::Kind;
use super::capability::Capability;
use super::frame::Reading;

/// The states of a connection (RFC 1939 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum State {
    /// The greeting has not come yet. No command is allowed.
    Greeting,
    /// The server does not know who asks (RFC 1939 section 4).
    Authorization,
    /// The maildrop is open, and locked (RFC 1939 section 5).
    Transaction,
    /// QUIT was sent, and the server removes what was marked by DELE (RFC 1939 section 6).
    /// No command is allowed.
    Update,
    /// The server said goodbye. No command is allowed.
    Logout,
}

/// What may be in flight beside a command, if the server offers PIPELINING.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beside {
    /// Nothing: what its answer will be decides what may come next.
    Nothing,
    /// Commands before it, but none behind it.
    Before,
    /// Anything.
    Anything,
}

/// One row of the table.
pub(crate) struct Rule {
    /// Allowed in the AUTHORIZATION state, in the TRANSACTION state.
    states: [bool; 2],
    pub(crate) beside: Beside,
    /// What comes behind its `+OK`.
    pub(crate) then: Reading,
    /// What the server has to offer, with its name.
    pub(crate) needs: Option<(Capability<'static>, &'static str)>,
}

impl Rule {
    pub(crate) fn allowed_in(&self, state: State) -> bool {
        let [authorization, transaction] = self.states;
        match state {
            State::Authorization => authorization,
            State::Transaction => transaction,
            State::Greeting | State::Update | State::Logout => false,
        }
    }
}

const ANY: [bool; 2] = [true, true];
const AUTHORIZATION: [bool; 2] = [true, false];
const TRANSACTION: [bool; 2] = [false, true];

/// The table. UIDL and TOP are optional, but there are servers without CAPA that have them,
/// and some that name them only after login: they are sent in any case. So is AUTH, since
/// some servers do not name all of their mechanisms.
pub(crate) const fn rule(kind: Kind) -> Rule {
    use Beside::{Anything, Before, Nothing};
    use Reading::{Lines, Message, Reply};
    let (states, beside, then) = match kind {
        Kind::User | Kind::Pass | Kind::Apop | Kind::Auth | Kind::Stls | Kind::Utf8 => {
            (AUTHORIZATION, Nothing, Reply)
        }
        Kind::Capa => (ANY, Anything, Lines),
        Kind::Stat | Kind::ListOne | Kind::UidlOne | Kind::Dele | Kind::Rset | Kind::Noop => {
            (TRANSACTION, Anything, Reply)
        }
        Kind::List | Kind::Uidl => (TRANSACTION, Anything, Lines),
        Kind::Retr | Kind::Top => (TRANSACTION, Anything, Message),
        Kind::Quit => (ANY, Before, Reply),
        Kind::Lang => (ANY, Anything, Reply),
        Kind::LangList => (ANY, Anything, Lines),
        Kind::Custom => (ANY, Nothing, Reply),
        Kind::CustomLines => (ANY, Nothing, Lines),
    };
    let needs = match kind {
        Kind::Stls => Some((Capability::Stls, "STLS")),
        Kind::Utf8 => Some((Capability::Utf8 { user: false }, "UTF8")),
        Kind::Lang | Kind::LangList => Some((Capability::Lang, "LANG")),
        _ => None,
    };
    Rule { states, beside, then, needs }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1939 section 9, RFC 2449 sections 5 and 6, RFC 2595 section 4, RFC 6856.
    #[test]
    fn states() {
        for kind in Kind::ALL {
            let [before, after] = match kind {
                Kind::User | Kind::Pass | Kind::Apop | Kind::Auth | Kind::Stls | Kind::Utf8 => {
                    [true, false]
                }
                Kind::Capa | Kind::Quit | Kind::Lang | Kind::LangList => [true, true],
                _ => [false, true],
            };
            let rule = rule(kind);
            assert_eq!(rule.allowed_in(State::Authorization), before, "{kind:?}");
            assert_eq!(rule.allowed_in(State::Transaction), after, "{kind:?}");
            for state in [State::Greeting, State::Update, State::Logout] {
                assert!(!rule.allowed_in(state));
            }
        }
    }
}
