//! SELECT, EXAMINE, and what ends them: CLOSE, UNSELECT; CHECK (RFC 9051 sections 6.3.2,
//! 6.3.3, 6.4.1, 6.4.2; RFC 3501 section 6.4.1).

use super::command::{Command, Kind};
use super::encoder::Encoder;
use super::{Capability, SequenceSet};
use crate::writer::word_command;

/// A parameter of SELECT and EXAMINE (RFC 4466 section 2.1).
///
/// ```abnf
/// select-params = SP "(" select-param *(SP select-param) ")"
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum SelectParameter<'a> {
    /// `CONDSTORE`: tell HIGHESTMODSEQ, and the MODSEQ of what changes (RFC 7162
    /// section 3.1.8).
    CondStore,
    /// `QRESYNC (…)`: tell what changed and vanished since (RFC 7162 section 3.2.5). It must
    /// have been enabled.
    QResync(QResync<'a>),
}

/// What a client remembers of a mailbox (RFC 7162 section 3.2.5).
///
/// ```abnf
/// select-param    =/ "QRESYNC" SP "(" uidvalidity SP mod-sequence-value
///                    [SP known-uids] [SP seq-match-data] ")"
/// seq-match-data  =  "(" known-sequence-set SP known-uid-set ")"
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct QResync<'a> {
    /// UIDVALIDITY as it was, not 0. 32 bits by the RFC, but not by every server.
    pub uid_validity: u64,
    /// HIGHESTMODSEQ as it was, not 0.
    pub mod_seq: u64,
    /// The UIDs that are known; all, if not given.
    pub known_uids: Option<SequenceSet<'a>>,
    /// Some sequence numbers and, in the same order, the UIDs that they stood for: so that the
    /// server can tell what vanished though it remembers little (section 3.2.5.2).
    pub seq_match: Option<(SequenceSet<'a>, SequenceSet<'a>)>,
}

impl<'a> QResync<'a> {
    /// All messages up to then are known.
    pub const fn new(uid_validity: u64, mod_seq: u64) -> Self {
        Self { uid_validity, mod_seq, known_uids: None, seq_match: None }
    }

    /// Only these UIDs are known.
    #[must_use]
    pub fn known_uids(self, uids: impl Into<SequenceSet<'a>>) -> Self {
        Self { known_uids: Some(uids.into()), ..self }
    }

    /// These sequence numbers stood for these UIDs.
    #[must_use]
    pub fn seq_match(
        self,
        numbers: impl Into<SequenceSet<'a>>,
        uids: impl Into<SequenceSet<'a>>,
    ) -> Self {
        Self { seq_match: Some((numbers.into(), uids.into())), ..self }
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        if self.uid_validity == 0 || self.mod_seq == 0 {
            out.invalid("QRESYNC with a UIDVALIDITY or mod-sequence of 0");
        }
        out.needs_enabled(Capability::QResync).raw(b"QRESYNC (").number(self.uid_validity);
        out.sp().number(self.mod_seq);
        if let Some(uids) = &self.known_uids {
            out.sp().sequence_set(uids);
        }
        if let Some((numbers, uids)) = &self.seq_match {
            // They are remembered ones, but numbers all the same.
            out.not_beside(Capability::UidOnly);
            out.raw(b" (").sequence_set(numbers).sp().sequence_set(uids).raw(b")");
        }
        out.raw(b")");
    }
}

/// Parameters, with what writes them: so it is linked only where there are any.
#[derive(Debug, Clone, Copy)]
struct Parameters<'a> {
    parameters: &'a [SelectParameter<'a>],
    encode: fn(&[SelectParameter<'_>], &mut Encoder<'_, '_>),
}

impl<'a> Parameters<'a> {
    const fn new(parameters: &'a [SelectParameter<'a>]) -> Self {
        Self { parameters, encode: encode_parameters }
    }
}

/// `SELECT`: opens a mailbox (RFC 9051 section 6.3.2).
///
/// ```abnf
/// select = "SELECT" SP mailbox [select-params]
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SelectCommand<'a> {
    /// The mailbox, in UTF-8.
    pub mailbox: &'a str,
    parameters: Option<Parameters<'a>>,
}

impl<'a> SelectCommand<'a> {
    /// Opens `mailbox` without parameters.
    #[must_use]
    pub const fn new(mailbox: &'a str) -> Self {
        Self { mailbox, parameters: None }
    }

    /// With what needs CONDSTORE or QRESYNC.
    #[must_use]
    pub const fn parameters(self, parameters: &'a [SelectParameter<'a>]) -> Self {
        Self { parameters: Some(Parameters::new(parameters)), ..self }
    }
}

impl Command for SelectCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Select
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        open(out, b"SELECT ", self.mailbox, self.parameters);
    }
}

/// `EXAMINE`: opens a mailbox to read only: nothing in it changes, not even `\Seen`
/// (RFC 9051 section 6.3.3).
///
/// ```abnf
/// examine = "EXAMINE" SP mailbox [select-params]
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ExamineCommand<'a> {
    /// The mailbox, in UTF-8.
    pub mailbox: &'a str,
    parameters: Option<Parameters<'a>>,
}

impl<'a> ExamineCommand<'a> {
    /// Opens `mailbox` without parameters.
    #[must_use]
    pub const fn new(mailbox: &'a str) -> Self {
        Self { mailbox, parameters: None }
    }

    /// With what needs CONDSTORE or QRESYNC.
    #[must_use]
    pub const fn parameters(self, parameters: &'a [SelectParameter<'a>]) -> Self {
        Self { parameters: Some(Parameters::new(parameters)), ..self }
    }
}

impl Command for ExamineCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Examine
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        open(out, b"EXAMINE ", self.mailbox, self.parameters);
    }
}

fn open(out: &mut Encoder<'_, '_>, verb: &[u8], mailbox: &str, parameters: Option<Parameters<'_>>) {
    out.raw(verb).mailbox(mailbox);
    if let Some(Parameters { parameters, encode }) = parameters {
        encode(parameters, out);
    }
}

fn encode_parameters(parameters: &[SelectParameter<'_>], out: &mut Encoder<'_, '_>) {
    out.list(b" (", parameters, b")", |out, parameter| match parameter {
        SelectParameter::CondStore => {
            out.needs(Capability::CondStore).raw(b"CONDSTORE");
        }
        SelectParameter::QResync(known) => known.encode(out),
    });
}

word_command! {
    /// `CLOSE`: removes what is marked `\Deleted` (not after EXAMINE), telling nothing, and
    /// leaves the mailbox (RFC 9051 section 6.4.1).
    CloseCommand = Close, b"CLOSE";

    /// `UNSELECT`: leaves the mailbox and removes nothing (RFC 9051 section 6.4.2, RFC 3691).
    UnselectCommand = Unselect, b"UNSELECT";

    /// `CHECK`: asks for a checkpoint of the mailbox (RFC 3501 section 6.4.1; IMAP4rev2 has it
    /// no more, and NOOP does as well).
    CheckCommand = Check, b"CHECK";
}

#[cfg(test)]
mod tests {
    use super::super::command::tests::says;
    use super::*;

    #[test]
    fn forms() {
        says(&SelectCommand::new("INBOX"), "SELECT \"INBOX\"");
        says(&ExamineCommand::new("Grüße"), "EXAMINE \"Gr&APwA3w-e\"");
        let known = SequenceSet::try_from("41,43:211").unwrap();
        let parameters =
            &[SelectParameter::CondStore, SelectParameter::QResync(QResync::new(67890007, 1))];
        says(
            &SelectCommand::new("INBOX").parameters(parameters),
            "SELECT \"INBOX\" (CONDSTORE QRESYNC (67890007 1))",
        );
        let state = QResync::new(67890007, 20050715194045000).known_uids(known).seq_match(1, 41);
        let parameters = &[SelectParameter::QResync(state)];
        says(
            &ExamineCommand::new("INBOX").parameters(parameters),
            "EXAMINE \"INBOX\" (QRESYNC (67890007 20050715194045000 41,43:211 (1 41)))",
        );
        says(&CloseCommand, "CLOSE");
        says(&UnselectCommand, "UNSELECT");
        says(&CheckCommand, "CHECK");
    }
}
