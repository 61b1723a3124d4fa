//! Commands, from tokens. `wasm/npm/src/commands.js` says in tokens what a command of
//! [`mailwire::imap::command`] says to an [`Encoder`]; they are checked, quoted and sent as
//! literals here, by the same `Encoder`. The grammar of each command is small in JavaScript, and
//! large in WebAssembly.
//!
//! A token is its number, below, then a length of four bytes of seven bits each, the lowest first,
//! then so many bytes. So tokens whose texts are UTF-8 are UTF-8 as a whole.

use crate::args::Args;
use crate::error::{Thrown, thrown};
use crate::memory::Link;
use bumpalo::Bump;
use mailwire::imap::*;

/// By their places in `commands.js`.
const KINDS: [Kind; 64] = [
    Kind::Capability,
    Kind::Noop,
    Kind::Logout,
    Kind::StartTls,
    Kind::Authenticate,
    Kind::Enable,
    Kind::Unauthenticate,
    Kind::Compress,
    Kind::Select,
    Kind::Examine,
    Kind::Create,
    Kind::Delete,
    Kind::Rename,
    Kind::Subscribe,
    Kind::Unsubscribe,
    Kind::List,
    Kind::Lsub,
    Kind::Namespace,
    Kind::Status,
    Kind::Append,
    Kind::Idle,
    Kind::Check,
    Kind::Close,
    Kind::Unselect,
    Kind::Expunge,
    Kind::UidExpunge,
    Kind::Search,
    Kind::UidSearch,
    Kind::Fetch,
    Kind::UidFetch,
    Kind::Store,
    Kind::UidStore,
    Kind::Copy,
    Kind::UidCopy,
    Kind::Move,
    Kind::UidMove,
    Kind::GetQuota,
    Kind::GetQuotaRoot,
    Kind::SetQuota,
    Kind::Id,
    Kind::SetAcl,
    Kind::DeleteAcl,
    Kind::GetAcl,
    Kind::ListRights,
    Kind::MyRights,
    Kind::GetMetadata,
    Kind::SetMetadata,
    Kind::Language,
    Kind::Comparator,
    Kind::GetJmapAccess,
    Kind::GenUrlAuth,
    Kind::ResetKey,
    Kind::UrlFetch,
    Kind::Notify,
    Kind::XList,
    Kind::RList,
    Kind::RLsub,
    Kind::Esearch,
    Kind::Sort,
    Kind::UidSort,
    Kind::Thread,
    Kind::UidThread,
    Kind::CancelUpdate,
    Kind::UidBatches,
];

/// Sends the command of this kind; behind the last known one are REPLACE, UID REPLACE, and those
/// of a program's own.
pub(crate) fn send(
    connection: &mut Connection,
    link: &mut Link,
    kind: u8,
    tokens: &[u8],
) -> Thrown<Tag> {
    let kind = match KINDS.get(usize::from(kind)) {
        Some(kind) => *kind,
        None if kind == 64 => Kind::Replace,
        None if kind == 65 => Kind::UidReplace,
        None => Kind::Custom,
    };
    let command = Tokens { kind, tokens };
    link.send(|tx| connection.send(&command, tx)).map_err(thrown)
}

struct Tokens<'a> {
    kind: Kind,
    tokens: &'a [u8],
}

impl Command for Tokens<'_> {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn encode(&self, out: &mut Encoder<'_, '_>) {
        encode(self.tokens, out);
    }
}

/// A filter of the watcher, whose text is tokens.
pub(crate) fn filter(tokens: &str) -> CustomKey<'_> {
    CustomKey { text: tokens, encode: |text, out| encode(text.as_bytes(), out) }
}

fn encode(mut tokens: &[u8], out: &mut Encoder<'_, '_>) {
    while let [token, a, b, c, d, rest @ ..] = tokens {
        let length = [a, b, c, d].iter().rev().fold(0, |sum, &&byte| sum << 7 | usize::from(byte));
        let Some((value, rest)) = rest.split_at_checked(length) else {
            out.invalid("a token that is cut off");
            return;
        };
        tokens = rest;
        encode_one(*token, value, out);
    }
}

fn encode_one(token: u8, value: &[u8], out: &mut Encoder<'_, '_>) {
    let text = core::str::from_utf8(value);
    let Ok(text) = text.or(if matches!(token, 2 | 3 | 8 | 9 | 16) { Ok("") } else { text }) else {
        out.invalid("a text that is no UTF-8");
        return;
    };
    match token {
        0 => _ = out.raw(value),
        1 => _ = out.atom(text),
        2 => _ = out.string(value),
        3 => _ = out.secret_string(value),
        4 => _ = out.mailbox(text),
        5 | 6 => match SequenceSet::try_from(text) {
            Ok(set) if token == 5 => _ = out.sequence_set(&set),
            Ok(set) => _ = out.message_numbers(&set),
            Err(_) => {
                out.invalid("not a sequence set: numbers, *, and ranges, as in 1:3,7,9:*");
            }
        },
        7 => _ = out.flag(&Flag::new(Str::new(value))),
        8 => _ = out.literal8(value),
        9 => _ = out.base64(&mailwire::sasl::Response::new(value)),
        // Words separated by `|`: the first, or for a server without RFC822 the second.
        10 => {
            let place = usize::from(out.avoids_rfc822());
            let word = value.split(|&byte| byte == b'|').nth(place).unwrap_or_default();
            out.raw(word);
        }
        // How a search that is not all ASCII begins.
        11 if !out.is_utf8() => _ = out.raw(b"CHARSET UTF-8 "),
        11 => {}
        12 => _ = out.needs_rev1(),
        13 => _ = out.needs_selected(),
        14 => _ = out.unsettle(),
        15 => _ = out.goes_on_with_messages(),
        16 => {
            let arena = Bump::new();
            let args = Args::new(value, &arena);
            message(&args).encode(out);
            if let Some(why) = args.broken() {
                out.invalid(why);
            }
        }
        // What follows is about capabilities, by their names.
        17 => {
            let mut names = [Capability::Imap4rev1; 2];
            let mut count = 0;
            for (place, name) in names.iter_mut().zip(value.split(|&byte| byte == b' ')) {
                *place = Capability::known(name).unwrap_or(*place);
                count += 1;
            }
            out.needs_one_of(names.get(..count).unwrap_or_default());
        }
        _ => {
            let capability = match Capability::known(value) {
                Some(known) => known,
                None => Capability::AppendLimit(None),
            };
            match token {
                18 => out.needs(capability),
                19 => out.needs_unless_rev2(capability),
                20 => out.needs_by_name(capability),
                21 => out.needs_enabled(capability),
                22 => out.not_beside(capability),
                _ => out.invalid("no such token"),
            };
        }
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
