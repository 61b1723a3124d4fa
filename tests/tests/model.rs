//! The connection does what a [model](mailwire_tests::model) of RFC 9051's state diagram does.

use mailwire::imap::{Command, Config, Connection, Encoder, Event, Kind, State, Tag};
use mailwire::{Buffers, Error, Instant, Machine as _, Progress, ResourceError, UsageError};
use mailwire_tests::model::Model;
use proptest::prelude::*;

const KINDS: [Kind; 68] = {
    use Kind::*;
    [
        Capability,
        Noop,
        Logout,
        StartTls,
        Authenticate,
        Login,
        Enable,
        Unauthenticate,
        Compress,
        Select,
        Examine,
        Create,
        Delete,
        Rename,
        Subscribe,
        Unsubscribe,
        List,
        Lsub,
        Namespace,
        Status,
        Append,
        Idle,
        Check,
        Close,
        Unselect,
        Expunge,
        UidExpunge,
        Search,
        UidSearch,
        Fetch,
        UidFetch,
        Store,
        UidStore,
        Copy,
        UidCopy,
        Move,
        UidMove,
        GetQuota,
        GetQuotaRoot,
        SetQuota,
        Id,
        SetAcl,
        DeleteAcl,
        GetAcl,
        ListRights,
        MyRights,
        GetMetadata,
        SetMetadata,
        Language,
        Comparator,
        GetJmapAccess,
        GenUrlAuth,
        ResetKey,
        UrlFetch,
        Notify,
        XList,
        RList,
        RLsub,
        Esearch,
        Sort,
        UidSort,
        Thread,
        UidThread,
        CancelUpdate,
        UidBatches,
        Replace,
        UidReplace,
        Custom,
    ]
};

/// A command of this kind, and nothing in it.
struct Bare(Kind);

impl Command for Bare {
    fn kind(&self) -> Kind {
        self.0
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.atom("X");
    }
}

struct Session<'b> {
    connection: Connection,
    buffers: Buffers<'b>,
    model: Model,
    error: Option<Error>,
}

impl<'b> Session<'b> {
    fn new(rx: &'b mut [u8], tx: &'b mut [u8]) -> Self {
        let mut config = Config::default();
        config.send_unoffered = true;
        let connection = Connection::new(config);
        Self { connection, buffers: Buffers::new(rx, tx), model: Model::default(), error: None }
    }

    fn hear(&mut self, line: &str) {
        self.buffers.rx.fill(line.as_bytes());
        loop {
            let sent = self.buffers.tx.pending().len();
            self.buffers.tx.consume(sent);
            match self.connection.advance(&mut self.buffers, Instant::ZERO) {
                Ok(Progress::Event) => {
                    let event = self.connection.event(&self.buffers);
                    self.model.heard(&event);
                    let start_tls = matches!(event, Event::StartTls { .. });
                    let compress = matches!(event, Event::Compress { .. });
                    let end = matches!(event, Event::CompressEnd { .. });
                    let rx = &self.buffers.rx;
                    if start_tls {
                        self.connection.tls_started(rx).unwrap();
                    } else if compress {
                        self.connection.compress_started(rx).unwrap();
                    } else if end {
                        self.connection.compress_ended(rx).unwrap();
                    }
                    assert_eq!(self.connection.state(), self.model.state(), "behind {line:?}");
                }
                Ok(_) => return,
                Err(error) => {
                    self.error = Some(error);
                    return;
                }
            }
        }
    }

    /// Answers what the connection asks by itself.
    fn settle(&mut self) {
        while !self.connection.knows_capabilities() && self.error.is_none() {
            let newest =
                (1..200).rev().map(Tag::numbered).find(|it| self.connection.is_in_flight(*it));
            let Some(tag) = newest.filter(|_| self.model.in_flight().is_empty()) else { return };
            self.hear(&format!("* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK\r\n"));
        }
    }

    fn send(&mut self, kind: Kind) -> Result<Tag, Error> {
        let sent = self.connection.send(&Bare(kind), &mut self.buffers.tx);
        match sent {
            Ok(tag) => self.model.sent(tag, kind),
            Err(Error::Usage(UsageError::WrongState)) => {
                let again = kind == Kind::Compress && self.connection.is_compressed();
                assert!(
                    !self.model.is_legal(kind) || again,
                    "{kind:?} in {:?}",
                    self.model.state()
                );
            }
            Err(Error::Usage(UsageError::Closed)) => assert_eq!(self.model.state(), State::Logout),
            Err(Error::Usage(UsageError::Busy)) => assert!(!self.connection.is_quiet()),
            Err(Error::Resource(ResourceError::TooManyInFlight)) => {
                assert!(self.model.in_flight().len() > 6);
            }
            Err(error) => panic!("{kind:?}: {error:?}"),
        }
        sent
    }
}

/// In each state each command is legal or not.
#[test]
fn which_command_is_legal_when() {
    for depth in 0..4 {
        for kind in KINDS {
            let (mut rx, mut tx) = ([0; 512], [0; 512]);
            let mut it = Session::new(&mut rx, &mut tx);
            if depth > 0 {
                it.hear(["* OK x\r\n", "* PREAUTH x\r\n"][usize::from(depth > 1)]);
                it.settle();
            }
            if depth > 2 {
                let tag = it.send(Kind::Select).unwrap();
                it.hear(&format!("{tag} OK x\r\n"));
            }
            let legal = it.model.is_legal(kind);
            assert_eq!(it.send(kind).is_ok(), legal, "{kind:?} in {:?}", it.model.state());
            if legal && !matches!(kind, Kind::Idle | Kind::Authenticate) {
                let tag = it.model.in_flight()[0].0;
                it.hear(&format!("{tag} OK x\r\n"));
                assert!(it.error.is_none(), "{kind:?}: {:?}", it.error);
            }
        }
    }
}

/// What may happen.
#[derive(Debug, Clone)]
enum Step {
    Send(Kind),
    /// One of those in flight is completed.
    Complete(prop::sample::Index, &'static str),
    Say(&'static str),
}

fn step() -> impl Strategy<Value = Step> {
    let kinds = prop_oneof![
        prop::sample::select(KINDS.to_vec()),
        prop::sample::select(vec![
            Kind::Login,
            Kind::Select,
            Kind::Examine,
            Kind::Close,
            Kind::Fetch,
            Kind::UidFetch,
            Kind::Store,
            Kind::Noop,
        ]),
    ];
    let status = prop::sample::select(vec!["OK", "OK", "OK [CLOSED]", "NO", "BAD"]);
    let said = prop::sample::select(vec![
        "* OK [CLOSED] x\r\n",
        "* 3 EXISTS\r\n",
        "* NO x\r\n",
        "* BAD x\r\n",
        "A999 OK x\r\n",
        "* BYE x\r\n",
    ]);
    prop_oneof![
        8 => kinds.prop_map(Step::Send),
        8 => (any::<prop::sample::Index>(), status).prop_map(|(which, how)| Step::Complete(which, how)),
        1 => said.prop_map(Step::Say),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_commands_and_any_answers(
        greeting in prop::sample::select(vec!["* OK x\r\n", "* PREAUTH x\r\n", "* BYE x\r\n"]),
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let (mut rx, mut tx) = ([0; 512], [0; 2048]);
        let mut it = Session::new(&mut rx, &mut tx);
        prop_assert_eq!(it.connection.state(), it.model.state());
        it.hear(greeting);
        for step in steps {
            it.settle();
            if it.error.is_some() {
                break;
            }
            match step {
                Step::Send(kind) => _ = it.send(kind),
                Step::Complete(which, how) => {
                    let in_flight = it.model.in_flight();
                    if !in_flight.is_empty() {
                        let tag = in_flight[which.index(in_flight.len())].0;
                        it.hear(&format!("{tag} {how} x\r\n"));
                    }
                }
                Step::Say(line) => it.hear(line),
            }
            prop_assert!(it.error.is_some() || it.connection.state() == it.model.state());
        }
    }
}
