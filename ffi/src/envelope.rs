//! ENVELOPE.

use crate::args::Args;
use crate::bytes::{mw_bytes, mw_string};
use crate::guard;
use crate::opaque::holds;
use core::mem::MaybeUninit;
use mailwire::imap::{AddressList, Envelope};

/// Addresses of an ENVELOPE: a cursor. Copy it to walk more than once. Valid as long as the event
/// it came with. All zeros are none.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_addresses {
    /// 0 for none; else mailwire's own.
    pub kind: u32,
    /// Mailwire's own.
    pub opaque: [MaybeUninit<usize>; 2],
}

/// An address of an ENVELOPE (RFC 9051 section 7.5.2). A group begins with one that has only a
/// mailbox, the group's name, and ends with one that has nothing.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct mw_address {
    /// The name: for `mw_string_decode`.
    pub name: mw_string,
    /// The source route. Nobody has one.
    pub adl: mw_string,
    /// What is before the @.
    pub mailbox: mw_string,
    /// What is behind it. NULL for the beginning and end of a group.
    pub host: mw_string,
}

holds!(mw_addresses: AddressList<'_> => AddressList<'static>);

/// Takes the next address. False, and nothing is written, if there is none. NULL: false.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_addresses_next(
    addresses: *mut mw_addresses,
    out_address: *mut mw_address,
) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let Ok(addresses) = args.handle(addresses) else { return false };
        let Some(it) = addresses.step(Iterator::next) else { return false };
        let string = mw_string::maybe;
        args.give(
            out_address,
            mw_address {
                name: string(it.name),
                adl: string(it.adl),
                mailbox: string(it.mailbox),
                host: string(it.host),
            },
        );
        true
    })
}

/// An ENVELOPE (RFC 9051 section 7.5.2). Strings that are NIL have a `ptr` of NULL; texts of
/// people (subject, names) are for `mw_string_decode`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mw_envelope {
    /// The Date field: for `mw_date_parse`.
    pub date: mw_string,
    /// The subject.
    pub subject: mw_string,
    /// In-Reply-To
    pub in_reply_to: mw_string,
    /// Message-ID
    pub message_id: mw_string,
    /// From
    pub from: mw_addresses,
    /// Sender
    pub sender: mw_addresses,
    /// Reply-To
    pub reply_to: mw_addresses,
    /// To
    pub to: mw_addresses,
    /// Cc
    pub cc: mw_addresses,
    /// Bcc
    pub bcc: mw_addresses,
}

impl mw_envelope {
    pub(crate) fn of(envelope: &Envelope<'_>) -> Self {
        Self {
            date: mw_string::maybe(envelope.date()),
            subject: mw_string::maybe(envelope.subject()),
            in_reply_to: mw_string::maybe(envelope.in_reply_to()),
            message_id: mw_string::maybe(envelope.message_id()),
            from: mw_addresses::of(envelope.from()),
            sender: mw_addresses::of(envelope.sender()),
            reply_to: mw_addresses::of(envelope.reply_to()),
            to: mw_addresses::of(envelope.to()),
            cc: mw_addresses::of(envelope.cc()),
            bcc: mw_addresses::of(envelope.bcc()),
        }
    }
}

/// Reads an ENVELOPE out of `mw_part.envelope`. False, and nothing is written, if it is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mw_envelope_of(
    envelope: mw_bytes,
    out_envelope: *mut mw_envelope,
) -> bool {
    // SAFETY: the caller keeps the header's rules for pointers.
    let args = unsafe { Args::trust() };
    guard(false, || {
        let envelope = Envelope::parse(args.bytes(&envelope));
        envelope.map(|it| args.give(out_envelope, mw_envelope::of(&it))).is_some()
    })
}
