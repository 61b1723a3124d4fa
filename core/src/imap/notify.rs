//! NOTIFY: what the server shall tell unasked (RFC 5465).

use super::Fetch;
use super::command::{Command, Kind};
use super::encoder::Encoder;

/// `NOTIFY`: says of which events, in which mailboxes, the server shall tell at any time, and
/// not only while a command runs (RFC 5465 section 3.1). It replaces what was asked for before.
///
/// ```abnf
/// notify       = "NOTIFY" SP (notify-set / notify-none)
/// notify-set   = "SET" [status-indicator] SP event-groups
/// event-groups = event-group *(SP event-group)
/// notify-none  = "NONE"
/// ```
///
/// What happens in the selected mailbox comes as it does otherwise. Of others there comes
/// [`Event::MailboxStatus`](super::Event::MailboxStatus) for messages,
/// [`Event::List`](super::Event::List) for names (with
/// [`ListItem::OldName`](super::ListItem::OldName) if renamed, and
/// [`Attribute::NoAccess`](super::Attribute::NoAccess) if watching is not allowed) and
/// [`Event::Metadata`](super::Event::Metadata). Read on all the time, as in IDLE.
/// [`Code::NotificationOverflow`](super::Code::NotificationOverflow) says that it is all over;
/// [`Code::BadEvent`](super::Code::BadEvent), with the command's NO, which events there are.
///
/// ```
/// use mailwire::imap::command::NotifyCommand;
/// use mailwire::imap::{NotifyEvent, NotifyGroup, FilterMailboxes};
///
/// let mail = &[NotifyEvent::MessageNew(&[]), NotifyEvent::MessageExpunge];
/// let notify = NotifyCommand::set(&[
///     NotifyGroup { mailboxes: FilterMailboxes::SelectedDelayed, events: mail },
///     NotifyGroup { mailboxes: FilterMailboxes::Subtree(&["Lists"]), events: mail },
/// ]);
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct NotifyCommand<'a> {
    /// Where and what; nothing: `NOTIFY NONE`.
    pub groups: &'a [NotifyGroup<'a>],
    /// Whether a STATUS response shall come at once for each mailbox but the selected one.
    pub status: bool,
}

impl<'a> NotifyCommand<'a> {
    /// Tell of these events.
    #[must_use]
    pub const fn set(groups: &'a [NotifyGroup<'a>]) -> Self {
        Self { groups, status: false }
    }

    /// Tell of nothing, not even of what happens in the selected mailbox.
    #[must_use]
    pub const fn none() -> Self {
        Self::set(&[])
    }

    /// And how the mailboxes stand now.
    #[must_use]
    pub const fn with_status(self) -> Self {
        Self { status: true, ..self }
    }
}

impl Command for NotifyCommand<'_> {
    fn kind(&self) -> Kind {
        Kind::Notify
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        if self.groups.is_empty() {
            out.raw(b"NOTIFY NONE");
            return;
        }
        out.raw(if self.status { b"NOTIFY SET STATUS" } else { b"NOTIFY SET" });
        for group in self.groups {
            group.encode(out);
        }
        let selected = self.groups.iter().filter(|group| group.mailboxes.is_selected());
        if selected.count() > 1 {
            out.invalid("two groups for the selected mailbox");
        }
    }
}

/// Events in some mailboxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotifyGroup<'a> {
    /// Where.
    pub mailboxes: FilterMailboxes<'a>,
    /// What; nothing: `NONE`.
    pub events: &'a [NotifyEvent<'a>],
}

impl NotifyGroup<'_> {
    /// ```abnf
    /// event-group = "(" filter-mailboxes SP events ")"
    /// events      = ( "(" event *(SP event) ")" ) / "NONE"
    /// ```
    /// "MessageNew and MessageExpunge MUST always be specified together. If FlagChange is
    /// specified, then MessageNew and MessageExpunge MUST be specified as well."
    fn encode(&self, out: &mut Encoder<'_, '_>) {
        use NotifyEvent::{AnnotationChange, FlagChange, MessageExpunge, MessageNew};
        let is_new = |event: &NotifyEvent<'_>| matches!(event, MessageNew(_));
        let new = self.events.iter().any(is_new);
        let expunge = self.events.contains(&MessageExpunge);
        let change = self.events.contains(&FlagChange) || self.events.contains(&AnnotationChange);
        if new != expunge || change && !new {
            out.invalid("MessageNew without MessageExpunge, or a change without them");
        }
        if matches!(self.mailboxes, FilterMailboxes::SubtreeOne(_)) {
            out.invalid("NOTIFY of mailboxes and those just below them");
        }
        out.raw(b" (");
        self.mailboxes.encode(out);
        if self.events.is_empty() {
            out.raw(b" NONE)");
            return;
        }
        if expunge && self.mailboxes == FilterMailboxes::Selected {
            out.unsettle();
        }
        let selected = self.mailboxes.is_selected();
        out.list(b" (", self.events, b"))", |out, event| event.encode(out, selected));
    }
}

/// Which mailboxes NOTIFY or ESEARCH is about (RFC 5465 section 6, RFC 7377 section 2.2). Names are
/// in UTF-8; `*` and `%` have no meaning in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FilterMailboxes<'a> {
    /// The selected one. For NOTIFY of `MessageExpunge` that is at any time: sequence numbers may
    /// mean other messages from one moment to the next, and cannot be used any more.
    Selected,
    /// The selected one, but EXPUNGE comes only where it does without NOTIFY. Not for ESEARCH.
    SelectedDelayed,
    /// Those of the user's own into which mail is delivered.
    Inboxes,
    /// All of the user's own.
    Personal,
    /// All that are subscribed.
    Subscribed,
    /// These, and all below them; at least one.
    Subtree(&'a [&'a str]),
    /// These, and those just below them; at least one. Not for NOTIFY.
    SubtreeOne(&'a [&'a str]),
    /// These; at least one.
    Mailboxes(&'a [&'a str]),
}

impl FilterMailboxes<'_> {
    fn is_selected(&self) -> bool {
        matches!(self, Self::Selected | Self::SelectedDelayed)
    }

    /// ```abnf
    /// filter-mailboxes          = filter-mailboxes-selected / filter-mailboxes-other
    /// filter-mailboxes-other    = "inboxes" / "personal" / "subscribed" /
    ///                             ( "subtree" SP one-or-more-mailbox ) /
    ///                             ( "mailboxes" SP one-or-more-mailbox )
    /// filter-mailboxes-other    =/ ( "subtree-one" SP one-or-more-mailbox )  ; RFC 7377
    /// filter-mailboxes-selected = "selected" / "selected-delayed"
    /// ```
    /// RFC 5465 section 8, RFC 7377 section 4.
    pub(super) fn encode(&self, out: &mut Encoder<'_, '_>) {
        let (word, names): (&[u8], _) = match *self {
            Self::Selected => (b"selected", None),
            Self::SelectedDelayed => (b"selected-delayed", None),
            Self::Inboxes => (b"inboxes", None),
            Self::Personal => (b"personal", None),
            Self::Subscribed => (b"subscribed", None),
            Self::Subtree(names) => (b"subtree", Some(names)),
            Self::SubtreeOne(names) => (b"subtree-one", Some(names)),
            Self::Mailboxes(names) => (b"mailboxes", Some(names)),
        };
        out.raw(word);
        if let Some(names) = names {
            if names.is_empty() {
                out.invalid("no mailbox");
            }
            encode_names(out, names.iter().copied());
        }
    }
}

/// ```abnf
/// one-or-more-mailbox = mailbox / many-mailboxes
/// many-mailboxes      = "(" mailbox *(SP mailbox) ")"
/// ```
fn encode_names<'n>(out: &mut Encoder<'_, '_>, names: impl Iterator<Item = &'n str>) {
    out.list(b" (", names, b")", |out, name| _ = out.mailbox(name));
}

/// NOTIFY of new messages, in the selected mailbox and in these others.
#[cfg(feature = "watch")]
pub(crate) fn encode_new_messages<'n>(
    out: &mut Encoder<'_, '_>,
    others: impl Iterator<Item = &'n str>,
) {
    const NEW: &[u8] = b" (MessageNew MessageExpunge))";
    out.raw(b"NOTIFY SET (selected-delayed").raw(NEW).raw(b" (mailboxes");
    encode_names(out, others);
    out.raw(NEW);
}

/// What happens (RFC 5465 section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotifyEvent<'a> {
    /// There are new messages. In the selected mailbox, and only there, these items of them are
    /// told at once: no macros, and it would be a mistake to ask for some that set `\Seen`. Not without
    /// `MessageExpunge`.
    MessageNew(&'a [Fetch<'a>]),
    /// Messages are gone. Not without `MessageNew`.
    MessageExpunge,
    /// Flags have changed. Not without `MessageNew` and `MessageExpunge`.
    FlagChange,
    /// Annotations of messages have changed. Not without `MessageNew` and `MessageExpunge`.
    AnnotationChange,
    /// A mailbox was created, deleted or renamed.
    MailboxName,
    /// A mailbox was subscribed, or no longer is.
    SubscriptionChange,
    /// METADATA of a mailbox have changed.
    MailboxMetadataChange,
    /// METADATA of the server have changed.
    ServerMetadataChange,
    /// Any other.
    Other(&'a str),
}

impl NotifyEvent<'_> {
    /// ```abnf
    /// event         = message-event / mailbox-event / user-event / event-ext
    /// message-event = ( "MessageNew" [SP "(" fetch-att *(SP fetch-att) ")" ] )
    ///                 / "MessageExpunge" / "FlagChange" / "AnnotationChange"
    /// mailbox-event = "MailboxName" / "SubscriptionChange" / "MailboxMetadataChange"
    /// user-event    = "ServerMetadataChange"
    /// event-ext     = atom
    /// ```
    fn encode(&self, out: &mut Encoder<'_, '_>, selected: bool) {
        let word: &[u8] = match self {
            Self::MessageNew(items) => {
                out.raw(b"MessageNew");
                if !items.is_empty() && !selected {
                    out.invalid("items of messages that are not in the selected mailbox");
                }
                out.list(b" (", *items, b")", |out, item| item.encode_among(out));
                return;
            }
            Self::MessageExpunge => b"MessageExpunge",
            Self::FlagChange => b"FlagChange",
            Self::AnnotationChange => b"AnnotationChange",
            Self::Other(name) => {
                out.atom(name);
                return;
            }
            _ if selected => {
                out.invalid("an event that is none of the selected mailbox");
                return;
            }
            Self::MailboxName => b"MailboxName",
            Self::SubscriptionChange => b"SubscriptionChange",
            Self::MailboxMetadataChange => b"MailboxMetadataChange",
            Self::ServerMetadataChange => b"ServerMetadataChange",
        };
        out.raw(word);
    }
}

#[cfg(test)]
mod tests {
    use super::super::command::tests::{encode, says};
    use super::*;

    const MAIL: &[NotifyEvent<'_>] = &[NotifyEvent::MessageNew(&[]), NotifyEvent::MessageExpunge];

    fn group<'a>(mailboxes: FilterMailboxes<'a>, events: &'a [NotifyEvent<'a>]) -> NotifyGroup<'a> {
        NotifyGroup { mailboxes, events }
    }

    #[test]
    fn commands() {
        says(&NotifyCommand::none(), "NOTIFY NONE");
        let items = [Fetch::Uid, Fetch::peek("HEADER.FIELDS (FROM TO)")];
        let events = &[
            NotifyEvent::MessageNew(&items),
            NotifyEvent::MessageExpunge,
            NotifyEvent::FlagChange,
        ];
        let groups = &[
            group(FilterMailboxes::Selected, events),
            group(FilterMailboxes::Subtree(&["Lists"]), MAIL),
            group(FilterMailboxes::Mailboxes(&["é", "b c"]), &[]),
            group(
                FilterMailboxes::Personal,
                &[
                    NotifyEvent::MailboxName,
                    NotifyEvent::SubscriptionChange,
                    NotifyEvent::MailboxMetadataChange,
                    NotifyEvent::ServerMetadataChange,
                    NotifyEvent::Other("X-New"),
                ],
            ),
        ];
        says(
            &NotifyCommand::set(groups).with_status(),
            "NOTIFY SET STATUS (selected (MessageNew (UID BODY.PEEK[HEADER.FIELDS (FROM TO)]) \
             MessageExpunge FlagChange)) (subtree (\"Lists\") (MessageNew MessageExpunge)) \
             (mailboxes (\"&AOk-\" \"b c\") NONE) (personal (MailboxName SubscriptionChange \
             MailboxMetadataChange ServerMetadataChange X-New))",
        );
        says(
            &NotifyCommand::set(&[
                group(FilterMailboxes::SelectedDelayed, MAIL),
                group(FilterMailboxes::Inboxes, MAIL),
                group(FilterMailboxes::Subscribed, &[]),
            ]),
            "NOTIFY SET (selected-delayed (MessageNew MessageExpunge)) \
             (inboxes (MessageNew MessageExpunge)) (subscribed NONE)",
        );
    }

    #[test]
    fn bad() {
        let new = NotifyEvent::MessageNew(&[Fetch::Uid]);
        let expunge = NotifyEvent::MessageExpunge;
        for (mailboxes, events) in [
            (FilterMailboxes::Selected, &[new][..]),
            (FilterMailboxes::Selected, &[expunge]),
            (FilterMailboxes::Selected, &[NotifyEvent::FlagChange]),
            (FilterMailboxes::Selected, &[NotifyEvent::MailboxName]),
            (FilterMailboxes::Inboxes, &[new, expunge]),
            (FilterMailboxes::Subtree(&[]), MAIL),
            (FilterMailboxes::SubtreeOne(&["a"]), MAIL),
            (FilterMailboxes::Selected, &[NotifyEvent::MessageNew(&[Fetch::All]), expunge]),
            (FilterMailboxes::Personal, &[NotifyEvent::Other("a b")]),
        ] {
            let groups = &[group(mailboxes, events)];
            assert!(encode(&NotifyCommand::set(groups), false).is_err(), "{groups:?}");
        }
        let twice = &[
            group(FilterMailboxes::Selected, MAIL),
            group(FilterMailboxes::SelectedDelayed, MAIL),
        ];
        assert!(encode(&NotifyCommand::set(twice), false).is_err());
    }
}
