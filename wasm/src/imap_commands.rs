//! Every command of the core, from its name and its arguments. `wasm/npm/src/commands.js` writes
//! them in the same order.

use crate::args::Args;
use crate::error::{Thrown, invalid, thrown};
use crate::memory::Link;
use bumpalo::Bump;
use mailwire::imap::command::*;
use mailwire::imap::*;

/// Sends the command of this name.
pub(crate) fn send(
    connection: &mut Connection,
    link: &mut Link,
    name: &str,
    args: &[u8],
    arena: &Bump,
) -> Thrown<Tag> {
    let a = &Args::new(args, arena);
    let mut go = |command: &dyn Command| match a.broken() {
        Some(why) => Err(invalid(why)),
        None => link.send(|tx| connection.send(command, tx)).map_err(thrown),
    };
    match name {
        "capability" => go(&CapabilityCommand),
        "noop" => go(&NoopCommand),
        "logout" => go(&LogoutCommand),
        "startTls" => go(&StartTlsCommand),
        "authenticate" => {
            let mechanism = a.str();
            let initial = a.option(|a| mailwire::sasl::Response::new(a.bytes()));
            let mut command = AuthenticateCommand::new(mechanism);
            command.initial_response = initial.as_ref();
            go(&command)
        }
        "enable" => go(&EnableCommand { capabilities: a.strs() }),
        "unauthenticate" => go(&UnauthenticateCommand),
        "compress" => go(&CompressCommand),
        "select" => go(&SelectCommand::new(a.str()).parameters(parameters(a))),
        "examine" => go(&ExamineCommand::new(a.str()).parameters(parameters(a))),
        "create" => {
            let mut command = CreateCommand::new(a.str());
            command.special_use = a.list(|a| Attribute::new(Str::new(a.bytes())));
            go(&command)
        }
        "delete" => go(&DeleteCommand { mailbox: a.str() }),
        "rename" => go(&RenameCommand { from: a.str(), to: a.str() }),
        "subscribe" => go(&SubscribeCommand { mailbox: a.str() }),
        "unsubscribe" => go(&UnsubscribeCommand { mailbox: a.str() }),
        "list" => {
            let (reference, patterns) = (a.str(), a.strs());
            let (selection, returns) = (a.list(selection), a.list(list_return));
            go(&ListCommand::new(patterns)
                .reference(reference)
                .selection(selection)
                .returns(returns))
        }
        "lsub" => go(&LsubCommand { reference: a.str(), pattern: a.str() }),
        "xlist" => go(&XListCommand { reference: a.str(), pattern: a.str() }),
        "rlist" => go(&RListCommand { reference: a.str(), pattern: a.str() }),
        "rlsub" => go(&RLsubCommand { reference: a.str(), pattern: a.str() }),
        "namespace" => go(&NamespaceCommand),
        "status" => go(&StatusCommand::new(a.str(), a.list(status_item))),
        "append" => {
            let mailbox = a.str();
            go(&AppendCommand::with(mailbox, message(a)))
        }
        "multiAppend" => go(&MultiAppendCommand { mailbox: a.str() }),
        "replace" => {
            let (uid, replaced, mailbox) = (a.bool(), a.u32(), a.str());
            let mut command = ReplaceCommand::new(replaced, mailbox, message(a));
            command.uid = uid;
            go(&command)
        }
        "idle" => go(&IdleCommand),
        "check" => go(&CheckCommand),
        "close" => go(&CloseCommand),
        "unselect" => go(&UnselectCommand),
        "expunge" => match a.option(Args::set) {
            Some(messages) => go(&UidExpungeCommand { messages }),
            None => go(&ExpungeCommand),
        },
        "search" => {
            let mut command = SearchCommand::new(&[]);
            command.uid = a.bool();
            if let Some(returns) = returns(a) {
                command = command.returns(returns);
            }
            command.keys = keys(a);
            go(&command)
        }
        "esearch" => {
            let places = a.list(place);
            let returns = returns(a);
            let mut command = EsearchCommand::new(places, keys(a));
            command.returns = returns;
            go(&command)
        }
        "sort" => {
            let uid = a.bool();
            let returns = returns(a);
            let criteria = a.list(sort);
            let mut command = SortCommand::new(criteria, keys(a));
            (command.uid, command.returns) = (uid, returns);
            go(&command)
        }
        "thread" => {
            let uid = a.bool();
            let algorithm = match a.str() {
                "orderedsubject" => ThreadAlgorithm::OrderedSubject,
                "references" => ThreadAlgorithm::References,
                "refs" => ThreadAlgorithm::Refs,
                _ => {
                    a.refuse("no such algorithm of THREAD");
                    ThreadAlgorithm::Refs
                }
            };
            let mut command = ThreadCommand::new(algorithm, keys(a));
            command.uid = uid;
            go(&command)
        }
        "cancelUpdate" => go(&CancelUpdateCommand { tags: a.list(|a| Tag::numbered(a.u32())) }),
        "uidBatches" => {
            let mut command = UidBatchesCommand::new(a.u32());
            command.batches = a.option(|a| (a.u32(), a.u32()));
            go(&command)
        }
        "fetch" => {
            let (uid, set, items) = (a.bool(), a.set(), a.list(item));
            let mut command = FetchCommand::new(set, items);
            command.uid = uid;
            if let Some(mod_seq) = a.option(Args::u64) {
                command = command.changed_since(mod_seq);
            }
            if a.bool() {
                command = command.vanished();
            }
            if let Some(range) = a.option(Args::partial_range) {
                command = command.partial(range);
            }
            go(&command)
        }
        "store" => {
            let (uid, set, action, silent) = (a.bool(), a.set(), action(a), a.bool());
            let unchanged_since = a.option(Args::u64);
            let mut command = StoreCommand::new(set, action, a.flags());
            (command.uid, command.silent) = (uid, silent);
            command.unchanged_since = unchanged_since;
            go(&command)
        }
        "storeGmLabels" => {
            let (uid, set, action, silent) = (a.bool(), a.set(), action(a), a.bool());
            let mut command = StoreXGmLabelsCommand::new(set, action, a.strs());
            (command.uid, command.silent) = (uid, silent);
            go(&command)
        }
        "copy" => go(&CopyCommand { uid: a.bool(), messages: a.set(), mailbox: a.str() }),
        "move" => go(&MoveCommand { uid: a.bool(), messages: a.set(), mailbox: a.str() }),
        "id" => go(&IdCommand { fields: a.list(|a| (a.str(), a.option(Args::str))) }),
        "getQuota" => go(&GetQuotaCommand { root: a.str() }),
        "getQuotaRoot" => go(&GetQuotaRootCommand { mailbox: a.str() }),
        "setQuota" => {
            go(&SetQuotaCommand { root: a.str(), limits: a.list(|a| (a.str(), a.u64())) })
        }
        "setAcl" => {
            let (mailbox, identifier) = (a.str(), a.str());
            let rights = match (a.u8(), a.str()) {
                (0, rights) => SetRights::Replace(rights),
                (1, rights) => SetRights::Add(rights),
                (_, rights) => SetRights::Remove(rights),
            };
            go(&SetAclCommand { mailbox, identifier, rights })
        }
        "deleteAcl" => go(&DeleteAclCommand { mailbox: a.str(), identifier: a.str() }),
        "getAcl" => go(&GetAclCommand { mailbox: a.str() }),
        "listRights" => go(&ListRightsCommand { mailbox: a.str(), identifier: a.str() }),
        "myRights" => go(&MyRightsCommand { mailbox: a.str() }),
        "getMetadata" => {
            let mut command = GetMetadataCommand::new(a.str(), a.strs());
            command.max_size = a.option(Args::u32);
            command.depth = match a.u8() {
                0 => MetadataDepth::Zero,
                1 => MetadataDepth::One,
                _ => MetadataDepth::Infinity,
            };
            go(&command)
        }
        "setMetadata" => go(&SetMetadataCommand {
            mailbox: a.str(),
            entries: a.list(|a| (a.str(), a.option(Args::bytes))),
        }),
        "language" => go(&LanguageCommand { ranges: a.strs() }),
        "comparator" => go(&ComparatorCommand { orders: a.strs() }),
        "getJmapAccess" => go(&GetJmapAccessCommand),
        "genUrlAuth" => go(&GenUrlAuthCommand { urls: a.list(|a| (a.str(), a.str())) }),
        "resetKey" => go(&ResetKeyCommand { mailbox: a.option(Args::str), mechanisms: a.strs() }),
        "urlFetch" => go(&UrlFetchCommand {
            urls: a.list(|a| {
                let what = |a: &Args<'_>| match a.u8() {
                    0 => UrlFetchParam::Body,
                    1 => UrlFetchParam::Binary,
                    _ => UrlFetchParam::BodyPartStructure,
                };
                (a.str(), a.list(what))
            }),
        }),
        "notify" => {
            let status = a.bool();
            let groups =
                a.list(|a| NotifyGroup { mailboxes: place(a), events: a.list(notify_event) });
            let mut command = NotifyCommand::set(groups);
            command.status = status;
            go(&command)
        }
        "custom" => go(&Custom { name: a.str(), words: a.list(|a| (a.u8(), a.bytes())) }),
        _ => Err(invalid("no such command")),
    }
}

/// A command that the core does not know: a name, then atoms, strings, mailboxes and secrets.
struct Custom<'a> {
    name: &'a str,
    words: &'a [(u8, &'a [u8])],
}

impl Command for Custom<'_> {
    fn kind(&self) -> Kind {
        Kind::Custom
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        out.atom(self.name);
        for &(kind, bytes) in self.words {
            out.sp();
            let text = core::str::from_utf8(bytes).unwrap_or_default();
            match kind {
                0 => out.atom(text),
                1 => out.string(bytes),
                2 => out.mailbox(text),
                3 => out.secret_string(bytes),
                4 => match SequenceSet::try_from(text) {
                    Ok(set) => out.sequence_set(&set),
                    Err(_) => out.invalid("not a sequence set"),
                },
                _ => out.raw(bytes),
            };
        }
    }
}

fn parameters<'a>(a: &Args<'a>) -> &'a [SelectParameter<'a>] {
    a.list(|a| match a.option(|a| QResync::new(a.u64(), a.u64())) {
        Some(mut resync) => {
            resync.known_uids = a.option(Args::set);
            resync.seq_match = a.option(|a| (a.set(), a.set()));
            SelectParameter::QResync(resync)
        }
        None => SelectParameter::CondStore,
    })
}

fn selection<'a>(a: &Args<'a>) -> ListSelection<'a> {
    match a.str() {
        "subscribed" => ListSelection::Subscribed,
        "remote" => ListSelection::Remote,
        "recursiveMatch" => ListSelection::RecursiveMatch,
        "specialUse" => ListSelection::SpecialUse,
        other => ListSelection::Other(other),
    }
}

fn list_return<'a>(a: &Args<'a>) -> ListReturn<'a> {
    match a.str() {
        "subscribed" => ListReturn::Subscribed,
        "children" => ListReturn::Children,
        "specialUse" => ListReturn::SpecialUse,
        "status" => ListReturn::Status(a.list(status_item)),
        "myRights" => ListReturn::MyRights,
        "metadata" => ListReturn::Metadata(a.strs()),
        other => ListReturn::Other(other),
    }
}

fn status_item<'a>(a: &Args<'a>) -> StatusItem<'a> {
    match a.str() {
        "messages" => StatusItem::Messages,
        "uidNext" => StatusItem::UidNext,
        "uidValidity" => StatusItem::UidValidity,
        "unseen" => StatusItem::Unseen,
        "deleted" => StatusItem::Deleted,
        "size" => StatusItem::Size,
        "recent" => StatusItem::Recent,
        "highestModSeq" => StatusItem::HighestModSeq,
        "mailboxId" => StatusItem::MailboxId,
        "appendLimit" => StatusItem::AppendLimit,
        "deletedStorage" => StatusItem::DeletedStorage,
        other => StatusItem::Other(other),
    }
}

/// One message of an upload.
pub(crate) fn message<'a>(a: &Args<'a>) -> AppendMessage<'a> {
    let (kind, size) = (a.u8(), a.u64());
    let mut message = match kind {
        0 => AppendMessage::new(size),
        1 => AppendMessage::new(size).binary(),
        2 => AppendMessage::new(size).utf8(),
        _ => AppendMessage::catenate(),
    };
    message.flags = a.flags();
    message.date = a.option(Args::date_time);
    message
}

/// One part of a message that is put together.
pub(crate) fn part<'a>(a: &Args<'a>) -> CatenatePart<'a> {
    match a.u8() {
        0 => CatenatePart::Text(a.u64()),
        1 => CatenatePart::Utf8(a.u64()),
        _ => CatenatePart::Url(a.str()),
    }
}

fn returns<'a>(a: &Args<'a>) -> Option<&'a [SearchReturn<'a>]> {
    a.option(|a| {
        a.list(|a| match a.str() {
            "min" => SearchReturn::Min,
            "max" => SearchReturn::Max,
            "all" => SearchReturn::All,
            "count" => SearchReturn::Count,
            "save" => SearchReturn::Save,
            "partial" => SearchReturn::Partial(a.partial_range()),
            "context" => SearchReturn::Context,
            "update" => SearchReturn::Update,
            "relevancy" => SearchReturn::Relevancy,
            other => SearchReturn::Other(other),
        })
    })
}

/// What to search for.
pub(crate) fn keys<'a>(a: &Args<'a>) -> &'a [Search<'a>] {
    a.list(key)
}

fn key<'a>(a: &Args<'a>) -> Search<'a> {
    match a.str() {
        "all" => Search::All,
        "answered" => Search::Answered,
        "bcc" => Search::Bcc(a.str()),
        "before" => Search::Before(a.date()),
        "body" => Search::Body(a.str()),
        "cc" => Search::Cc(a.str()),
        "deleted" => Search::Deleted,
        "draft" => Search::Draft,
        "flagged" => Search::Flagged,
        "from" => Search::From(a.str()),
        "header" => Search::Header(a.str(), a.str()),
        "keyword" => Search::Keyword(a.str()),
        "larger" => Search::Larger(a.u64()),
        "new" => Search::New,
        "not" => Search::Not(a.keep(key(a))),
        "old" => Search::Old,
        "on" => Search::On(a.date()),
        "or" => Search::Or(a.keep(key(a)), a.keep(key(a))),
        "recent" => Search::Recent,
        "seen" => Search::Seen,
        "sentBefore" => Search::SentBefore(a.date()),
        "sentOn" => Search::SentOn(a.date()),
        "sentSince" => Search::SentSince(a.date()),
        "since" => Search::Since(a.date()),
        "smaller" => Search::Smaller(a.u64()),
        "subject" => Search::Subject(a.str()),
        "text" => Search::Text(a.str()),
        "to" => Search::To(a.str()),
        "uid" => Search::Uid(a.set()),
        "unanswered" => Search::Unanswered,
        "undeleted" => Search::Undeleted,
        "undraft" => Search::Undraft,
        "unflagged" => Search::Unflagged,
        "unkeyword" => Search::Unkeyword(a.str()),
        "unseen" => Search::Unseen,
        "sequence" => Search::Sequence(a.set()),
        "and" => Search::And(keys(a)),
        "older" => Search::Older(a.u32()),
        "younger" => Search::Younger(a.u32()),
        "filter" => Search::Filter(a.str()),
        "fuzzy" => Search::Fuzzy(a.keep(key(a))),
        "modSeq" => Search::ModSeq(a.u64()),
        "flagModSeq" => Search::FlagModSeq {
            flag: Flag::new(Str::new(a.bytes())),
            entry: match a.u8() {
                0 => ModSeqEntry::Private,
                1 => ModSeqEntry::Shared,
                _ => ModSeqEntry::All,
            },
            mod_seq: a.u64(),
        },
        "savedBefore" => Search::SavedBefore(a.date()),
        "savedOn" => Search::SavedOn(a.date()),
        "savedSince" => Search::SavedSince(a.date()),
        "saveDateSupported" => Search::SaveDateSupported,
        "emailId" => Search::EmailId(a.str()),
        "threadId" => Search::ThreadId(a.str()),
        "gmRaw" => Search::XGmRaw(a.str()),
        "gmLabels" => Search::XGmLabels(a.str()),
        "gmMsgId" => Search::XGmMsgId(a.u64()),
        "gmThrId" => Search::XGmThrId(a.u64()),
        _ => {
            a.refuse("no such search key");
            Search::All
        }
    }
}

fn place<'a>(a: &Args<'a>) -> FilterMailboxes<'a> {
    match a.str() {
        "selected" => FilterMailboxes::Selected,
        "selectedDelayed" => FilterMailboxes::SelectedDelayed,
        "personal" => FilterMailboxes::Personal,
        "inboxes" => FilterMailboxes::Inboxes,
        "subscribed" => FilterMailboxes::Subscribed,
        "subtree" => FilterMailboxes::Subtree(a.strs()),
        "subtreeOne" => FilterMailboxes::SubtreeOne(a.strs()),
        _ => FilterMailboxes::Mailboxes(a.strs()),
    }
}

fn sort<'a>(a: &Args<'a>) -> Sort<'a> {
    let reverse = a.bool();
    let sort = match a.str() {
        "arrival" => Sort::Arrival,
        "cc" => Sort::Cc,
        "date" => Sort::Date,
        "from" => Sort::From,
        "size" => Sort::Size,
        "subject" => Sort::Subject,
        "to" => Sort::To,
        "displayFrom" => Sort::DisplayFrom,
        "displayTo" => Sort::DisplayTo,
        "relevancy" => Sort::Relevancy,
        other => Sort::Other(other),
    };
    if reverse { Sort::Reverse(a.keep(sort)) } else { sort }
}

fn item<'a>(a: &Args<'a>) -> Fetch<'a> {
    let partial = |a: &Args<'a>| a.option(|a| Partial { offset: a.u64(), length: a.u64() });
    match a.str() {
        "all" => Fetch::All,
        "fast" => Fetch::Fast,
        "full" => Fetch::Full,
        "flags" => Fetch::Flags,
        "uid" => Fetch::Uid,
        "envelope" => Fetch::Envelope,
        "internalDate" => Fetch::InternalDate,
        "rfc822Size" => Fetch::Rfc822Size,
        "rfc822" => Fetch::Rfc822,
        "rfc822Header" => Fetch::Rfc822Header,
        "rfc822Text" => Fetch::Rfc822Text,
        "body" => Fetch::Body,
        "bodyStructure" => Fetch::BodyStructure,
        "section" => Fetch::BodySection {
            section: Section::from(a.str()),
            peek: a.bool(),
            partial: partial(a),
        },
        "binary" => Fetch::Binary { part: section_part(a), peek: a.bool(), partial: partial(a) },
        "binarySize" => Fetch::BinarySize { part: section_part(a) },
        "modSeq" => Fetch::ModSeq,
        "emailId" => Fetch::EmailId,
        "threadId" => Fetch::ThreadId,
        "saveDate" => Fetch::SaveDate,
        "preview" => Fetch::Preview { lazy: a.bool() },
        "gmMsgId" => Fetch::XGmMsgId,
        "gmThrId" => Fetch::XGmThrId,
        "gmLabels" => Fetch::XGmLabels,
        "other" => Fetch::Other(a.str()),
        _ => {
            a.refuse("no such item of FETCH");
            Fetch::Uid
        }
    }
}

fn section_part<'a>(a: &Args<'a>) -> SectionPart<'a> {
    let section = Section::from(a.str());
    if section.text != SectionText::All {
        a.refuse("not the number of a part");
    }
    section.part
}

fn action(a: &Args<'_>) -> StoreAction {
    match a.u8() {
        0 => StoreAction::Replace,
        1 => StoreAction::Add,
        _ => StoreAction::Remove,
    }
}

fn notify_event<'a>(a: &Args<'a>) -> NotifyEvent<'a> {
    match a.str() {
        "messageNew" => NotifyEvent::MessageNew(a.list(item)),
        "messageExpunge" => NotifyEvent::MessageExpunge,
        "flagChange" => NotifyEvent::FlagChange,
        "annotationChange" => NotifyEvent::AnnotationChange,
        "mailboxName" => NotifyEvent::MailboxName,
        "subscriptionChange" => NotifyEvent::SubscriptionChange,
        "mailboxMetadataChange" => NotifyEvent::MailboxMetadataChange,
        "serverMetadataChange" => NotifyEvent::ServerMetadataChange,
        other => NotifyEvent::Other(other),
    }
}
