//! RFC 9051's state diagram, once more and by itself: what `mailwire::imap::Connection` is
//! compared with. It knows tags, kinds of commands and what became of them, and no bytes.

use mailwire::imap::event::StatusResponse;
use mailwire::imap::{Code, Event, Kind, State, Status, Tag};

/// Where a client stands (RFC 9051 section 3).
#[derive(Debug, Clone)]
pub struct Model {
    state: State,
    in_flight: Vec<(Tag, Kind)>,
}

impl Default for Model {
    fn default() -> Self {
        Self { state: State::Greeting, in_flight: Vec::new() }
    }
}

impl Model {
    /// Where it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// The commands that were sent and not completed.
    pub fn in_flight(&self) -> &[(Tag, Kind)] {
        &self.in_flight
    }

    /// Whether a command belongs into the state (RFC 9051 sections 6.1 to 6.4, and where the
    /// extensions say so).
    pub fn is_legal(&self, kind: Kind) -> bool {
        use Kind::*;
        match self.state {
            State::Greeting | State::Logout => false,
            State::NotAuthenticated => matches!(
                kind,
                // 6.1: any state. RFC 2971 section 3.1, RFC 5255 section 3.2: as well.
                Capability | Noop | Logout | Id | Language | Custom
                // 6.2
                | StartTls | Authenticate | Login
            ),
            State::Authenticated => !matches!(
                kind,
                StartTls | Authenticate | Login
                // 6.4
                | Check | Close | Unselect | Expunge | UidExpunge | Search | UidSearch | Fetch | UidFetch
                | Store | UidStore | Copy | UidCopy | Move | UidMove
                // RFC 5256 section 3, RFC 5267 section 4.3.5, RFC 8508 section 3.1, RFC 10022
                | Sort | UidSort | Thread | UidThread | CancelUpdate | Replace | UidReplace | UidBatches
            ),
            // 6.3.1: "only valid in the authenticated state, before any mailbox is selected".
            State::Selected => !matches!(kind, StartTls | Authenticate | Login | Enable),
        }
    }

    /// A command is sent.
    ///
    /// # Panics
    ///
    /// If it must not be sent beside those that are in flight (RFC 9051 section 5.5).
    pub fn sent(&mut self, tag: Tag, kind: Kind) {
        assert!(self.is_legal(kind), "{kind:?} in {:?}", self.state);
        // What changes how the bytes behind it are read.
        let alone = |kind: &Kind| {
            matches!(
                kind,
                Kind::StartTls
                    | Kind::Authenticate
                    | Kind::Login
                    | Kind::Compress
                    | Kind::Idle
                    | Kind::Logout
            )
        };
        let others = || self.in_flight.iter().map(|(_, kind)| kind);
        assert!(!others().any(alone), "{kind:?} behind {:?}", self.in_flight);
        // "the following are legal: FETCH, STORE and SEARCH" beside each other, since the server
        // must not send EXPUNGE then (section 7.5.1); it may while any other is in progress.
        let keeps = |kind: &Kind| {
            matches!(kind, Kind::Fetch | Kind::Store | Kind::Search | Kind::Sort | Kind::Thread)
        };
        assert!(!by_number(kind) || others().all(keeps), "{kind:?} beside {:?}", self.in_flight);
        self.in_flight.push((tag, kind));
    }

    /// The server says something.
    pub fn heard(&mut self, event: &Event<'_>) {
        match event {
            Event::Greeting(it) => {
                self.state = match it.status {
                    Status::Ok => State::NotAuthenticated,
                    Status::PreAuth => State::Authenticated,
                    _ => State::Greeting,
                };
            }
            Event::Status(it) | Event::Completed { response: it, .. }
                if it.status == Status::Bye =>
            {
                self.state = State::Logout;
            }
            Event::Status(it) => self.closed(it),
            Event::Completed { tag, response } => {
                self.closed(response);
                self.completed(*tag, response.status);
            }
            _ => {}
        }
    }

    /// (6): "unsolicited CLOSED response code". That of a SELECT is about the one before.
    fn closed(&mut self, response: &StatusResponse<'_>) {
        let selects = |(_, kind): &(Tag, Kind)| matches!(kind, Kind::Select | Kind::Examine);
        let is_closed = matches!(response.text.code, Some(Code::Closed));
        if is_closed && self.state == State::Selected && !self.in_flight.iter().any(selects) {
            self.state = State::Authenticated;
        }
    }

    fn completed(&mut self, tag: Tag, status: Status) {
        let Some(at) = self.in_flight.iter().position(|(sent, _)| *sent == tag) else { return };
        let (_, kind) = self.in_flight.remove(at);
        if self.state == State::Logout {
            return;
        }
        self.state = match (kind, status) {
            (Kind::Login | Kind::Authenticate, Status::Ok) => State::Authenticated,
            (Kind::Select | Kind::Examine, Status::Ok) => State::Selected,
            // Section 6.3.2: what was selected is not any more. But BAD: it was not tried.
            (Kind::Select | Kind::Examine, Status::No) => State::Authenticated,
            (Kind::Close | Kind::Unselect, Status::Ok) => State::Authenticated,
            (Kind::Unauthenticate, Status::Ok) => State::NotAuthenticated,
            (Kind::Logout, Status::Ok) => State::Logout,
            _ => self.state,
        };
    }
}

/// Whether the command names messages by numbers, which change with an EXPUNGE.
pub fn by_number(kind: Kind) -> bool {
    use Kind::*;
    matches!(kind, Fetch | Store | Search | Copy | Move | Sort | Thread)
}
