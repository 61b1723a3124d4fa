/* mailwire: IMAP and POP3 for programs that read mail. SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * THE SHAPE
 *
 * mailwire does no I/O. A handle (mw_imap, mw_pop3, mw_watch) has two buffers. You send what is
 * pending in the one, receive into the other, and ask for events:
 *
 *     mw_imap *mail;
 *     mw_event event;
 *     mw_tag tag;
 *     mw_imap_new(NULL, &mail);                 // or mw_imap_init, in memory of your own
 *     for (;;) {
 *         send all of mw_buffers_pending(), and mw_buffers_consume() it;
 *         switch (mw_imap_advance(mail, now_ms, &event)) {
 *         case MW_EVENT:      look at event.kind; perhaps send a command:
 *                             mw_imap_fetch(mail, "1:*", "UID ENVELOPE", MW_BY_NUMBER, NULL, &tag);
 *                             break;
 *         case MW_NEED_INPUT: receive to mw_buffers_rx(), and mw_buffers_commit() it; if nothing
 *                             came until mw_imap_deadline(), just go on; at the end of the stream,
 *                             mw_buffers_close();
 *                             break;
 *         case MW_CLOSED:     done;
 *         default:            an error: mw_result_name() of it; mw_imap_last_error().
 *         }
 *     }
 *
 * The transport is the same for all three: see examples/c.
 *
 * WHERE THINGS ARE
 *
 * Numbers first, then structs, then functions; in each, in this order:
 *
 *     mw_version, mw_result_name
 *     mw_buffers_...            the bytes in and out of any handle
 *     mw_imap_...               an IMAP connection: how it is made and advanced, what it knows
 *     mw_sasl_...               signing in by SASL, over IMAP and POP3
 *     mw_imap_...               a function for each command of the RFCs
 *     mw_event, mw_event_read   what an IMAP connection tells
 *     mw_string_..., mw_numbers_..., mw_list_..., mw_parts_...   what events hold
 *     mw_pop3_...               a POP3 connection, its commands, and what it tells
 *     mw_watch_...              tells of new mail, over IMAP, through lost connections and restarts
 *     mw_pop3_watch_...         the same over POP3
 *     mw_text_..., mw_fields_..., mw_transfer_..., mw_charset_..., mw_preview_...   messages
 *     mw_inflater_..., mw_deflate_store   compression, for COMPRESS
 *
 * A SESSION
 *
 * Commands are sent at any time, and answered by events; MW_EVENT_COMPLETED with the command's tag
 * is the last of them. So a program is a row of steps, each begun by the completion of the last:
 *
 *     MW_EVENT_GREETING          mw_imap_starttls, if the link is in clear: its COMPLETED, then
 *                                MW_EVENT_START_TLS: handshake, mw_imap_tls_started
 *     mw_imap_is_quiet() and mw_imap_knows_capabilities()
 *                                mw_imap_login or mw_imap_authenticate. The connection asks for
 *                                CAPABILITY by itself; before it is told, these two are refused
 *                                as MW_ERR_BUSY or MW_ERR_CAPABILITIES_UNKNOWN: advance, try again
 *     its COMPLETED, MW_STATUS_OK   mw_imap_select
 *     its COMPLETED, MW_STATUS_OK   mw_imap_search, mw_imap_fetch, mw_imap_idle ...
 *     at the end                 mw_imap_logout, and go on to MW_CLOSED
 *
 * If all that is wanted is to hear of new mail, mw_watch does all of this.
 *
 * RULES FOR ALL FUNCTIONS
 *
 * - A handle is NULL or was made by its _init or _new. NULL is never a crash: functions that return
 *   an mw_result return MW_ERR_NULL, others say what they return.
 * - Strings that you give end in NUL and are UTF-8; they are copied, unless the function says that
 *   they must stay. An argument can never become a second command.
 * - out_... may be NULL if you do not want it, unless it is all that the function is for; then
 *   MW_ERR_NULL. No two pointers of one call may overlap.
 * - What an event lends (mw_bytes, mw_string, cursors such as mw_list) points into Rx. It stays
 *   until the handle is advanced or Rx is touched: by the _advance, _read_json, _reconnect and
 *   _unreachable functions, and by mw_buffers_rx, _commit, _fill, _take, _close and _clear. To
 *   send commands and what is pending leaves it as it is. Other functions say how long what they
 *   lend stays. Cursors and events are plain structs: copy them as you like, and they need not be
 *   freed.
 * - Structs that you fill are set to zero first; where the first field is `size`, set it to the
 *   struct's sizeof: so a program that was compiled with another version's header works, too, and
 *   gets MW_ERR_INVALID_ARGUMENT if it sets what this version does not know. Structs
 *   that mailwire fills need no initialisation.
 * - Lists that you give, as arrays or as words in a text, may be as long as what they become fits
 *   into Tx. Libraries built without malloc have 2048 bytes of stack for them (25 items of FETCH,
 *   85 flags, 128 words), and say MW_ERR_MEMORY beyond.
 * - Some functions are not in every build, and say so. What ffi/install builds has malloc and
 *   charsets, not json; with FEATURES=... it has what you name.
 * - Kinds, forms and results are numbers of fixed width. More may be added: have a default.
 * - One thread at a time may use a handle. There is no global state.
 * - mailwire does not panic. Should it all the same, a library with std returns MW_ERR_INTERNAL, one
 *   without ends the program.
 */


#ifndef MAILWIRE_H
#define MAILWIRE_H

/* Generated from ffi/src by `ffi/header`. Do not edit. */

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

/**
 * Major version of the header.
 */
#define MW_VERSION_MAJOR 0

/**
 * Minor version of the header.
 */
#define MW_VERSION_MINOR 1

/**
 * Patch version of the header.
 */
#define MW_VERSION_PATCH 0

/**
 * Never: for times in milliseconds.
 */
#define MW_NEVER 18446744073709551615ull

/**
 * Bytes of memory that a handle takes beside Rx and Tx, at most, wherever it begins.
 */
#define MW_IMAP_OVERHEAD 1536

/**
 * `mw_imap_config.options`: send commands though the server does not offer what they need.
 */
#define MW_SEND_UNOFFERED 1

/**
 * `mw_imap_config.options`: never send the first SASL response with AUTHENTICATE.
 */
#define MW_NO_SASL_IR 2

/**
 * `mw_imap_config.options`: only read what some server said to some client, from anywhere in a
 * session. Nothing is sent.
 */
#define MW_OBSERVER 4

/**
 * `mw_imap_config.quirks`: none at all, though the server may look as if it had some.
 */
#define MW_QUIRK_NONE 65536

/**
 * A quirk: send ID by itself once logged in (163.com, 126.com, yeah.net).
 */
#define MW_QUIRK_ID_AFTER_LOGIN 1

/**
 * A quirk: ask for the capabilities once more after the login (iCloud).
 */
#define MW_QUIRK_CAPABILITY_AFTER_LOGIN 2

/**
 * A quirk: send RFC822 as BODY[], and its like (iCloud). What comes is told as BODY[…].
 */
#define MW_QUIRK_NO_RFC822 4

/**
 * A quirk: the server takes no commands above 1000 octets (Yahoo, UW imapd): keep sets short.
 */
#define MW_QUIRK_SHORT_COMMANDS 8

/**
 * A quirk: NAMESPACE counts as not offered (Exchange 2003).
 */
#define MW_QUIRK_NO_NAMESPACE 16

/**
 * A quirk: LIST-EXTENDED and what builds on it count as not offered (Proton Bridge, Strato, old
 * Zimbras).
 */
#define MW_QUIRK_NO_LIST_OPTIONS 32

/**
 * A quirk: MOVE counts as not offered (Exchange 2013 can lose mail by it).
 */
#define MW_QUIRK_NO_MOVE 64

/**
 * A quirk: UIDONLY counts as not offered (Microsoft 365).
 */
#define MW_QUIRK_NO_UIDONLY 128

/**
 * A quirk: LOGIN never sends literals (QQ).
 */
#define MW_QUIRK_NO_LOGIN_LITERALS 256

/**
 * A quirk: read quotes that are not escaped (Domino, some gateways). Never guessed: who writes a mail can
 * then make a line end later than the server meant.
 */
#define MW_QUIRK_ODD_QUOTES 512

/**
 * A quirk: read literals with spaces behind {n} (Domino). Never guessed: if none was meant, what the
 * server says next is taken for a mail.
 */
#define MW_QUIRK_LITERAL_SPACES 1024

/**
 * `mw_imap_state`: the greeting has not come.
 */
#define MW_STATE_GREETING 1

/**
 * The server does not know who asks.
 */
#define MW_STATE_NOT_AUTHENTICATED 2

/**
 * The server knows who asks; no mailbox is selected.
 */
#define MW_STATE_AUTHENTICATED 3

/**
 * A mailbox is selected.
 */
#define MW_STATE_SELECTED 4

/**
 * One side said goodbye.
 */
#define MW_STATE_LOGOUT 5

/**
 * `mw_sasl_config.binding`: none.
 */
#define MW_BINDING_NONE 0

/**
 * tls-exporter (RFC 9266): 32 bytes exported from TLS 1.3.
 */
#define MW_BINDING_TLS_EXPORTER 1

/**
 * tls-unique (RFC 5929): the first Finished message, up to TLS 1.2.
 */
#define MW_BINDING_TLS_UNIQUE 2

/**
 * tls-server-end-point (RFC 5929): the hash of the server's certificate.
 */
#define MW_BINDING_TLS_SERVER_END_POINT 3

/**
 * Bytes of memory that a `mw_sasl` takes, at most, wherever it begins.
 */
#define MW_SASL_SIZE 1536

/**
 * `by`: by message sequence numbers.
 */
#define MW_BY_NUMBER 0

/**
 * `by`: by UIDs.
 */
#define MW_BY_UID 1

/**
 * `action` of STORE: set exactly these flags.
 */
#define MW_STORE_REPLACE 0

/**
 * Add these flags.
 */
#define MW_STORE_ADD 1

/**
 * Take these flags away.
 */
#define MW_STORE_REMOVE 2

/**
 * `depth` of GETMETADATA: all below, too.
 */
#define MW_DEPTH_INFINITY 4294967295

/**
 * `mw_append_options.form`: a message as usual.
 */
#define MW_APPEND_LITERAL 0

/**
 * One that may hold NUL (BINARY, RFC 3516).
 */
#define MW_APPEND_LITERAL8 1

/**
 * One with headers in UTF-8 (RFC 6855).
 */
#define MW_APPEND_UTF8 2

/**
 * One that is put together (CATENATE, RFC 4469): `size` is not used, MW_EVENT_NEXT_PART asks for
 * each part by `mw_imap_append_part`.
 */
#define MW_APPEND_CATENATE 3

/**
 * `mw_scope.kind`: the selected mailbox.
 */
#define MW_SCOPE_SELECTED 1

/**
 * The selected mailbox, but numbers change only when no command is harmed (NOTIFY).
 */
#define MW_SCOPE_SELECTED_DELAYED 2

/**
 * The user's own.
 */
#define MW_SCOPE_PERSONAL 3

/**
 * Those that mail is delivered to.
 */
#define MW_SCOPE_INBOXES 4

/**
 * The subscribed ones.
 */
#define MW_SCOPE_SUBSCRIBED 5

/**
 * `mailboxes`, and all below them.
 */
#define MW_SCOPE_SUBTREE 6

/**
 * `mailboxes`, and those directly below them (ESEARCH).
 */
#define MW_SCOPE_SUBTREE_ONE 7

/**
 * `mailboxes`.
 */
#define MW_SCOPE_MAILBOXES 8

/**
 * `mw_argument.kind`: an atom.
 */
#define MW_ARGUMENT_ATOM 1

/**
 * A string, or an atom where it can be one.
 */
#define MW_ARGUMENT_ASTRING 2

/**
 * A string.
 */
#define MW_ARGUMENT_STRING 3

/**
 * The name of a mailbox.
 */
#define MW_ARGUMENT_MAILBOX 4

/**
 * A sequence set.
 */
#define MW_ARGUMENT_SET 5

/**
 * A number, in `number`.
 */
#define MW_ARGUMENT_NUMBER 6

/**
 * NIL.
 */
#define MW_ARGUMENT_NIL 7

/**
 * A string that is wiped from Tx once it was sent.
 */
#define MW_ARGUMENT_SECRET 8

/**
 * A flag, such as "\\Seen" or "$Junk".
 */
#define MW_ARGUMENT_FLAG 9

/**
 * A mailbox's name in which * and % match others.
 */
#define MW_ARGUMENT_PATTERN 10

/**
 * A string of any bytes but NUL, in `bytes`.
 */
#define MW_ARGUMENT_BYTES 11

/**
 * A literal that may hold NUL (BINARY, RFC 3516), in `bytes`.
 */
#define MW_ARGUMENT_LITERAL8 12

/**
 * An opening parenthesis.
 */
#define MW_ARGUMENT_OPEN 13

/**
 * A closing one.
 */
#define MW_ARGUMENT_CLOSE 14

/**
 * The first line from the server: `data.response`. MW_STATUS_OK: log in; MW_STATUS_PREAUTH: you are
 * logged in.
 */
#define MW_EVENT_GREETING 1

/**
 * Information, a warning or goodbye: `data.response`.
 */
#define MW_EVENT_STATUS 2

/**
 * The command `tag` has ended: `data.response`. A NO or BAD is an answer, not an error.
 */
#define MW_EVENT_COMPLETED 3

/**
 * What the server can do: `data.list`. Ask `mw_imap_has`, which remembers it.
 */
#define MW_EVENT_CAPABILITY 4

/**
 * A part of a response code that is longer than Rx: `data.response.code`. Its last part comes with
 * the status response.
 */
#define MW_EVENT_CODE 5

/**
 * What ENABLE switched on: `data.list`.
 */
#define MW_EVENT_ENABLED 6

/**
 * The flags that exist in the mailbox: `data.list`; in `value` MW_FLAG_…, or'ed.
 */
#define MW_EVENT_FLAGS 7

/**
 * A mailbox: `data.mailbox`.
 */
#define MW_EVENT_LIST 8

/**
 * A subscribed mailbox: `data.mailbox`.
 */
#define MW_EVENT_LSUB 9

/**
 * The prefixes of mailbox names: `mw_event_read`.
 */
#define MW_EVENT_NAMESPACE 10

/**
 * Figures of a mailbox: `data.mailbox_status`.
 */
#define MW_EVENT_MAILBOX_STATUS 11

/**
 * Found messages: `data.found_numbers`.
 */
#define MW_EVENT_SEARCH 12

/**
 * Found messages in the order asked for: `data.found_numbers`.
 */
#define MW_EVENT_SORT 13

/**
 * Found messages in the extended form: `data.found`; `tag` is the search's.
 */
#define MW_EVENT_ESEARCH 14

/**
 * Found messages as conversations: `data.threads`.
 */
#define MW_EVENT_THREAD 15

/**
 * The mailbox in batches: each range of `data.found_numbers.numbers` is one.
 */
#define MW_EVENT_UID_BATCHES 16

/**
 * The mailbox holds `number` messages.
 */
#define MW_EVENT_EXISTS 17

/**
 * `number` messages are new to this session.
 */
#define MW_EVENT_RECENT 18

/**
 * Message `number` is gone, and those above it count one less.
 */
#define MW_EVENT_EXPUNGE 19

/**
 * The messages with the UIDs `data.found_numbers.numbers` are gone; with MW_MARK_EARLIER they went
 * before this session.
 */
#define MW_EVENT_VANISHED 20

/**
 * Data of message `number` follow (or, after UIDONLY, of `uid`), up to MW_EVENT_FETCH_END.
 */
#define MW_EVENT_FETCH_START 21

/**
 * One item: `item` says which.
 */
#define MW_EVENT_FETCH_ITEM 22

/**
 * The bytes of a section follow in chunks: `data.body`; `value` is their size, or MW_UNKNOWN.
 */
#define MW_EVENT_FETCH_BODY 23

/**
 * Some of them: `bytes`.
 */
#define MW_EVENT_FETCH_CHUNK 24

/**
 * That was all for now of this message.
 */
#define MW_EVENT_FETCH_END 25

/**
 * A mailbox, as XLIST tells it (Gmail): `mw_event_read`.
 */
#define MW_EVENT_XLIST 26

/**
 * What the server says of itself: `mw_event_read`.
 */
#define MW_EVENT_ID 27

/**
 * Who may do what with a mailbox: `mw_event_read`.
 */
#define MW_EVENT_ACL 28

/**
 * Which rights to a mailbox somebody can be given: `mw_event_read`.
 */
#define MW_EVENT_LIST_RIGHTS 29

/**
 * What the user may do with a mailbox: `mw_event_read`.
 */
#define MW_EVENT_MY_RIGHTS 30

/**
 * Annotations: `mw_event_read`.
 */
#define MW_EVENT_METADATA 31

/**
 * Languages of the server: `mw_event_read`.
 */
#define MW_EVENT_LANGUAGE 32

/**
 * How the server compares strings: `mw_event_read`.
 */
#define MW_EVENT_COMPARATOR 33

/**
 * Where the same mail is found by JMAP: `mw_event_read`.
 */
#define MW_EVENT_JMAP_ACCESS 34

/**
 * URLs that give others access: `mw_event_read`.
 */
#define MW_EVENT_GEN_URL_AUTH 35

/**
 * What such URLs name: `mw_event_read`.
 */
#define MW_EVENT_URL_FETCH 36

/**
 * Usage and limits of a quota root: `mw_event_read`.
 */
#define MW_EVENT_QUOTA 37

/**
 * Which quota roots a mailbox counts for: `mw_event_read`.
 */
#define MW_EVENT_QUOTA_ROOT 38

/**
 * The server awaits a SASL response: `mw_imap_respond`. The challenge, in base64, is in `bytes`.
 */
#define MW_EVENT_CHALLENGE 39

/**
 * IDLE is on: what happens comes as events until `mw_imap_done`.
 */
#define MW_EVENT_IDLING 40

/**
 * The server awaits `value` more bytes of a message: `mw_imap_write_literal`.
 */
#define MW_EVENT_SEND_LITERAL 41

/**
 * An append goes on as you want: `mw_imap_append_message`, `mw_imap_append_part`,
 * `mw_imap_append_end`.
 */
#define MW_EVENT_NEXT_PART 42

/**
 * What is left of a cancelled message, `value` bytes, is being filled up. Send, and go on.
 */
#define MW_EVENT_CANCELLING_LITERAL 43

/**
 * The server agreed to STARTTLS (its MW_EVENT_COMPLETED came before this): do the handshake now, then
 * call `mw_imap_tls_started`.
 */
#define MW_EVENT_START_TLS 44

/**
 * The server agreed to COMPRESS (its MW_EVENT_COMPLETED came before this): take what Rx holds by
 * `mw_buffers_take`, as it is compressed already, wrap the transport by a `mw_inflater` and
 * `mw_deflate_store`, then call `mw_imap_compress_started`.
 */
#define MW_EVENT_COMPRESS 45

/**
 * Compression ends: read what is compressed until `mw_inflater_is_flushed`, unwrap the transport, then
 * call `mw_imap_compress_ended`.
 */
#define MW_EVENT_COMPRESS_END 46

/**
 * A "+" that nothing waited for: `data.response`.
 */
#define MW_EVENT_CONTINUATION 47

/**
 * A response that mailwire has no type for: `number`, `data.other`.
 */
#define MW_EVENT_OTHER 48

/**
 * What cannot be understood: `bytes`. With MW_MARK_IN_FETCH it is an item of a FETCH response, else
 * a line.
 */
#define MW_EVENT_MALFORMED 49

/**
 * The beginning of what is longer than Rx: `bytes`. The rest is skipped. Marked like the above.
 */
#define MW_EVENT_OVERSIZED 50

/**
 * `mw_event.marks`: the list goes on in the next event.
 */
#define MW_MARK_MORE 1

/**
 * `mw_event.marks`: it was longer than Rx, and this is its beginning.
 */
#define MW_MARK_TRUNCATED 2

/**
 * `mw_event.marks`: of VANISHED: before this session.
 */
#define MW_MARK_EARLIER 4

/**
 * `mw_event.marks`: the numbers are UIDs. Those of SEARCH, SORT and THREAD are what was asked for;
 * the server does not say.
 */
#define MW_MARK_UIDS 8

/**
 * `mw_event.marks`: an item of a FETCH response.
 */
#define MW_MARK_IN_FETCH 16

/**
 * `mw_event.item`: one that mailwire does not know: `data.other`.
 */
#define MW_ITEM_OTHER 0

/**
 * `mw_event.item`: `data.list`; in `value` MW_FLAG_…, or'ed.
 */
#define MW_ITEM_FLAGS 1

/**
 * `mw_event.item`: `uid`.
 */
#define MW_ITEM_UID 2

/**
 * `mw_event.item`: `data.envelope`.
 */
#define MW_ITEM_ENVELOPE 3

/**
 * `mw_event.item`: when the server got it: `data.date`.
 */
#define MW_ITEM_INTERNALDATE 4

/**
 * `mw_event.item`: octets: `value`.
 */
#define MW_ITEM_RFC822_SIZE 5

/**
 * `mw_event.item`: the structure without extensions: `data.structure`.
 */
#define MW_ITEM_BODY 6

/**
 * `mw_event.item`: the structure: `data.structure`.
 */
#define MW_ITEM_BODYSTRUCTURE 7

/**
 * `mw_event.item`: octets of a part, decoded: `value`, `data.body.part`.
 */
#define MW_ITEM_BINARY_SIZE 8

/**
 * `mw_event.item`: `value`.
 */
#define MW_ITEM_MODSEQ 9

/**
 * `mw_event.item`: `data.string`.
 */
#define MW_ITEM_EMAILID 10

/**
 * `mw_event.item`: `data.string`.
 */
#define MW_ITEM_THREADID 11

/**
 * `mw_event.item`: when it was put into the mailbox: `data.date`.
 */
#define MW_ITEM_SAVEDATE 12

/**
 * `mw_event.item`: the beginning of the text: `data.string`, in UTF-8.
 */
#define MW_ITEM_PREVIEW 13

/**
 * `mw_event.item`: Gmail's: `value`.
 */
#define MW_ITEM_X_GM_MSGID 14

/**
 * `mw_event.item`: Gmail's: `value`.
 */
#define MW_ITEM_X_GM_THRID 15

/**
 * `mw_event.item`: Gmail's: `data.list`.
 */
#define MW_ITEM_X_GM_LABELS 16

/**
 * `mw_code.kind`: there is none.
 */
#define MW_CODE_NONE 0

/**
 * `mw_code.kind`, ALERT: The text must be shown to the user.
 */
#define MW_CODE_ALERT 1

/**
 * `mw_code.kind`, ALREADYEXISTS: (RFC 5530) a mailbox of that name exists.
 */
#define MW_CODE_ALREADYEXISTS 2

/**
 * `mw_code.kind`, AUTHENTICATIONFAILED: (RFC 5530) wrong user name or password.
 */
#define MW_CODE_AUTHENTICATIONFAILED 3

/**
 * `mw_code.kind`, AUTHORIZATIONFAILED: (RFC 5530) authenticated, but may not act as the user asked for.
 */
#define MW_CODE_AUTHORIZATIONFAILED 4

/**
 * `mw_code.kind`, BADCOMPARATOR: (RFC 5255 section 4.9) the server knows none of the comparators.
 */
#define MW_CODE_BADCOMPARATOR 5

/**
 * `mw_code.kind`, CANNOT: (RFC 5530) it can never be done.
 */
#define MW_CODE_CANNOT 6

/**
 * `mw_code.kind`, CLIENTBUG: (RFC 5530) the server takes the client's behaviour for a bug.
 */
#define MW_CODE_CLIENTBUG 7

/**
 * `mw_code.kind`, CLOSED: The mailbox that was selected before is closed; what follows is of the new one.
 */
#define MW_CODE_CLOSED 8

/**
 * `mw_code.kind`, COMPRESSIONACTIVE: (RFC 4978) there is compression already.
 */
#define MW_CODE_COMPRESSIONACTIVE 9

/**
 * `mw_code.kind`, CONTACTADMIN: (RFC 5530) the user should ask the administrator.
 */
#define MW_CODE_CONTACTADMIN 10

/**
 * `mw_code.kind`, CORRUPTION: (RFC 5530) data on the server is damaged.
 */
#define MW_CODE_CORRUPTION 11

/**
 * `mw_code.kind`, EXPIRED: (RFC 5530) the password has expired.
 */
#define MW_CODE_EXPIRED 12

/**
 * `mw_code.kind`, EXPUNGEISSUED: (RFC 5530) some messages are gone, here or in another session.
 */
#define MW_CODE_EXPUNGEISSUED 13

/**
 * `mw_code.kind`, HASCHILDREN: (RFC 9051) a mailbox with children cannot be deleted.
 */
#define MW_CODE_HASCHILDREN 14

/**
 * `mw_code.kind`, INUSE: (RFC 5530) someone else is at work on it; try again.
 */
#define MW_CODE_INUSE 15

/**
 * `mw_code.kind`, LIMIT: (RFC 5530) more than the server allows.
 */
#define MW_CODE_LIMIT 16

/**
 * `mw_code.kind`, METADATA NOPRIVATE: (RFC 5464 section 4.3) no private annotations there.
 */
#define MW_CODE_METADATA_NOPRIVATE 17

/**
 * `mw_code.kind`, METADATA TOOMANY: (RFC 5464 section 4.3) there are as many annotations as may be.
 */
#define MW_CODE_METADATA_TOOMANY 18

/**
 * `mw_code.kind`, NOMODSEQ: (RFC 7162 section 3.1.2.2) the mailbox keeps no mod-sequences.
 */
#define MW_CODE_NOMODSEQ 19

/**
 * `mw_code.kind`, NONEXISTENT: (RFC 5530) there is no such thing.
 */
#define MW_CODE_NONEXISTENT 20

/**
 * `mw_code.kind`, NOPERM: (RFC 5530) access is denied.
 */
#define MW_CODE_NOPERM 21

/**
 * `mw_code.kind`, NOTIFICATIONOVERFLOW: (RFC 5465 section 5.8) the server no longer keeps up with NOTIFY.
 */
#define MW_CODE_NOTIFICATIONOVERFLOW 22

/**
 * `mw_code.kind`, NOTSAVED: (RFC 9051 section 6.4.4.1) the search result is not kept.
 */
#define MW_CODE_NOTSAVED 23

/**
 * `mw_code.kind`, OVERQUOTA: (RFC 5530) the quota is exceeded.
 */
#define MW_CODE_OVERQUOTA 24

/**
 * `mw_code.kind`, PARSE: A message could not be parsed.
 */
#define MW_CODE_PARSE 25

/**
 * `mw_code.kind`, PRIVACYREQUIRED: (RFC 5530) not without encryption.
 */
#define MW_CODE_PRIVACYREQUIRED 26

/**
 * `mw_code.kind`, READ-ONLY: The mailbox cannot be changed.
 */
#define MW_CODE_READ_ONLY 27

/**
 * `mw_code.kind`, READ-WRITE: The mailbox can be changed.
 */
#define MW_CODE_READ_WRITE 28

/**
 * `mw_code.kind`, SERVERBUG: (RFC 5530) the server found a bug in itself.
 */
#define MW_CODE_SERVERBUG 29

/**
 * `mw_code.kind`, TOOBIG: (RFC 4469, RFC 7889) the message is, or would be, too large.
 */
#define MW_CODE_TOOBIG 30

/**
 * `mw_code.kind`, TOOFEW: (RFC 10022) fewer messages in a batch than the server makes batches of.
 */
#define MW_CODE_TOOFEW 31

/**
 * `mw_code.kind`, TOOMANY: (RFC 10022) more batches at once than the server tells.
 */
#define MW_CODE_TOOMANY 32

/**
 * `mw_code.kind`, TRYCREATE: The mailbox does not exist; CREATE it and try again.
 */
#define MW_CODE_TRYCREATE 33

/**
 * `mw_code.kind`, UIDNOTSTICKY: (RFC 4315) UIDs do not last.
 */
#define MW_CODE_UIDNOTSTICKY 34

/**
 * `mw_code.kind`, UIDREQUIRED: (RFC 9586) by sequence numbers, after UIDONLY was enabled.
 */
#define MW_CODE_UIDREQUIRED 35

/**
 * `mw_code.kind`, UNAVAILABLE: (RFC 5530) a part of the server is down for now.
 */
#define MW_CODE_UNAVAILABLE 36

/**
 * `mw_code.kind`, UNKNOWN-CTE: (RFC 9051) the part's transfer encoding is not known.
 */
#define MW_CODE_UNKNOWN_CTE 37

/**
 * `mw_code.kind`, USEATTR: (RFC 6154) not this special use.
 */
#define MW_CODE_USEATTR 38

/**
 * `mw_code.kind`: the UIDs of the messages appended: `number` is the UIDVALIDITY, `numbers` the UIDs.
 */
#define MW_CODE_APPENDUID 100

/**
 * `mw_code.kind`: the first URL of a CATENATE that is of no use: `value`.
 */
#define MW_CODE_BADURL 101

/**
 * `mw_code.kind`: the charsets that the server understands: `list`.
 */
#define MW_CODE_BADCHARSET 102

/**
 * `mw_code.kind`: what the server can do: `list`.
 */
#define MW_CODE_CAPABILITY 103

/**
 * `mw_code.kind`: the messages copied or moved: `number` is the UIDVALIDITY, `numbers`, `destination`.
 */
#define MW_CODE_COPYUID 104

/**
 * `mw_code.kind`: the events that the server knows: `list`.
 */
#define MW_CODE_BADEVENT 105

/**
 * `mw_code.kind`: what a mailbox is known by, whatever its name: `value`.
 */
#define MW_CODE_MAILBOXID 106

/**
 * `mw_code.kind`: the largest annotation left out has `number` bytes.
 */
#define MW_CODE_METADATA_LONGENTRIES 107

/**
 * `mw_code.kind`: an annotation may have `number` bytes.
 */
#define MW_CODE_METADATA_MAXSIZE 108

/**
 * `mw_code.kind`: it is elsewhere: URLs in `value`.
 */
#define MW_CODE_REFERRAL 109

/**
 * `mw_code.kind`: mechanisms for GENURLAUTH: `list`.
 */
#define MW_CODE_URLMECH 110

/**
 * `mw_code.kind`: `number`.
 */
#define MW_CODE_HIGHESTMODSEQ 111

/**
 * `mw_code.kind`: more than `number` messages at once: `uid`.
 */
#define MW_CODE_MESSAGELIMIT 112

/**
 * `mw_code.kind`: messages that a conditional STORE left alone: `numbers`.
 */
#define MW_CODE_MODIFIED 113

/**
 * `mw_code.kind`: the search with the tag `value` is not kept up to date.
 */
#define MW_CODE_NOUPDATE 114

/**
 * `mw_code.kind`: flags that a STORE changes for good: `list`.
 */
#define MW_CODE_PERMANENTFLAGS 115

/**
 * `mw_code.kind`: there is no filter `value`.
 */
#define MW_CODE_UNDEFINED_FILTER 116

/**
 * `mw_code.kind`: `number`.
 */
#define MW_CODE_UIDNEXT 117

/**
 * `mw_code.kind`: `number`.
 */
#define MW_CODE_UIDVALIDITY 118

/**
 * `mw_code.kind`: the first unseen message: `number`.
 */
#define MW_CODE_UNSEEN 119

/**
 * `mw_code.kind`: one that mailwire does not know: `name`, `value`.
 */
#define MW_CODE_OTHER 120

/**
 * `mw_code.kind`: its value cannot be understood: all of it in `value`.
 */
#define MW_CODE_MALFORMED 121

/**
 * `mw_code.kind`: how far the command with the tag `value` is (RFC 9585): `number` of `goal`, either
 * MW_UNKNOWN if not told, and `value` with a `ptr` of NULL.
 */
#define MW_CODE_INPROGRESS 122

/**
 * `mw_response.status`: done, or mere information.
 */
#define MW_STATUS_OK 1

/**
 * Failed, or a warning.
 */
#define MW_STATUS_NO 2

/**
 * Not understood, or the server is in trouble.
 */
#define MW_STATUS_BAD 3

/**
 * A greeting: already logged in.
 */
#define MW_STATUS_PREAUTH 4

/**
 * The server is about to close the connection.
 */
#define MW_STATUS_BYE 5

/**
 * `mw_body.kind`: BODY\[…\]
 */
#define MW_BODY 1

/**
 * BINARY\[…\]
 */
#define MW_BODY_BINARY 2

/**
 * RFC822, RFC822.HEADER or RFC822.TEXT
 */
#define MW_BODY_RFC822 3

/**
 * `mw_body.text`: all of the part.
 */
#define MW_SECTION_ALL 0

/**
 * HEADER
 */
#define MW_SECTION_HEADER 1

/**
 * HEADER.FIELDS
 */
#define MW_SECTION_HEADER_FIELDS 2

/**
 * HEADER.FIELDS.NOT
 */
#define MW_SECTION_HEADER_FIELDS_NOT 3

/**
 * TEXT
 */
#define MW_SECTION_TEXT 4

/**
 * MIME
 */
#define MW_SECTION_MIME 5

/**
 * Something else: `mw_body.name`
 */
#define MW_SECTION_OTHER 6

/**
 * `mw_body.form`: there is none, and no chunk follows.
 */
#define MW_BODY_NIL 0

/**
 * A quoted string: its size is not told. Chunks come without the quotes' escapes.
 */
#define MW_BODY_QUOTED 1

/**
 * A literal.
 */
#define MW_BODY_LITERAL 2

/**
 * A literal that may hold NUL.
 */
#define MW_BODY_LITERAL8 3

/**
 * The bytes are the value.
 */
#define MW_STRING_PLAIN 0

/**
 * The value has `"` for `\"` and `\` for `\\`.
 */
#define MW_STRING_ESCAPED 1

/**
 * A mailbox name in modified UTF-7; the value is UTF-8.
 */
#define MW_STRING_UTF7 2

/**
 * A mailbox name in modified UTF-7 and with escapes.
 */
#define MW_STRING_UTF7_ESCAPED 3

/**
 * A mailbox name in UTF-8.
 */
#define MW_STRING_NAME 4

/**
 * A mailbox name in UTF-8, with escapes.
 */
#define MW_STRING_NAME_ESCAPED 5

/**
 * Stands for `*`, the largest number, in a range.
 */
#define MW_STAR 4294967295

/**
 * Stands for a number that was not told.
 */
#define MW_UNKNOWN 18446744073709551615ull

/**
 * `mw_entry.kind` of a flag with a backslash: \Seen.
 */
#define MW_FLAG_SEEN 1

/**
 * \Answered
 */
#define MW_FLAG_ANSWERED 2

/**
 * \Flagged
 */
#define MW_FLAG_FLAGGED 4

/**
 * \Deleted
 */
#define MW_FLAG_DELETED 8

/**
 * \Draft
 */
#define MW_FLAG_DRAFT 16

/**
 * \Recent
 */
#define MW_FLAG_RECENT 32

/**
 * \*: new keywords can be made
 */
#define MW_FLAG_WILDCARD 64

/**
 * Another one with a backslash, which is not in its name here.
 */
#define MW_FLAG_EXTENSION 128

/**
 * A keyword: a flag without a backslash.
 */
#define MW_FLAG_KEYWORD 0

/**
 * `mw_entry.kind` of a mailbox attribute: one that mailwire does not know.
 */
#define MW_ATTRIBUTE_OTHER 0

/**
 * \NonExistent
 */
#define MW_ATTRIBUTE_NONEXISTENT 1

/**
 * \NoInferiors
 */
#define MW_ATTRIBUTE_NOINFERIORS 2

/**
 * \NoSelect
 */
#define MW_ATTRIBUTE_NOSELECT 3

/**
 * \HasChildren
 */
#define MW_ATTRIBUTE_HASCHILDREN 4

/**
 * \HasNoChildren
 */
#define MW_ATTRIBUTE_HASNOCHILDREN 5

/**
 * \Marked
 */
#define MW_ATTRIBUTE_MARKED 6

/**
 * \Unmarked
 */
#define MW_ATTRIBUTE_UNMARKED 7

/**
 * \Subscribed
 */
#define MW_ATTRIBUTE_SUBSCRIBED 8

/**
 * \Remote
 */
#define MW_ATTRIBUTE_REMOTE 9

/**
 * \All
 */
#define MW_ATTRIBUTE_ALL 10

/**
 * \Archive
 */
#define MW_ATTRIBUTE_ARCHIVE 11

/**
 * \Drafts
 */
#define MW_ATTRIBUTE_DRAFTS 12

/**
 * \Flagged
 */
#define MW_ATTRIBUTE_FLAGGED 13

/**
 * \Junk
 */
#define MW_ATTRIBUTE_JUNK 14

/**
 * \Sent
 */
#define MW_ATTRIBUTE_SENT 15

/**
 * \Trash
 */
#define MW_ATTRIBUTE_TRASH 16

/**
 * \Important
 */
#define MW_ATTRIBUTE_IMPORTANT 17

/**
 * \Inbox
 */
#define MW_ATTRIBUTE_INBOX 18

/**
 * \NoAccess
 */
#define MW_ATTRIBUTE_NOACCESS 19

/**
 * `mw_entry.kind` of an ESEARCH item: one that mailwire does not know.
 */
#define MW_FOUND_OTHER 0

/**
 * The lowest number.
 */
#define MW_FOUND_MIN 1

/**
 * The highest number.
 */
#define MW_FOUND_MAX 2

/**
 * How many there are.
 */
#define MW_FOUND_COUNT 3

/**
 * All of them, in `numbers`; of a long response, some.
 */
#define MW_FOUND_ALL 4

/**
 * The highest mod-sequence.
 */
#define MW_FOUND_MODSEQ 5

/**
 * A page of them, in `numbers`.
 */
#define MW_FOUND_PARTIAL 6

/**
 * To be put into the result: `list`.
 */
#define MW_FOUND_ADDTO 7

/**
 * To be taken out of the result: `list`.
 */
#define MW_FOUND_REMOVEFROM 8

/**
 * How well each matches: `list`.
 */
#define MW_FOUND_RELEVANCY 9

/**
 * The beginning of a thread, or of a branch of one.
 */
#define MW_THREAD_OPEN 1

/**
 * A message: the child of the one before it.
 */
#define MW_THREAD_NUMBER 2

/**
 * The end of what was opened last.
 */
#define MW_THREAD_CLOSE 3

/**
 * A part without others in it.
 */
#define MW_PART_SINGLE 1

/**
 * A multipart.
 */
#define MW_PART_MULTIPART 2

/**
 * A message in a message: it has an envelope, and one part in it.
 */
#define MW_PART_MESSAGE 3

/**
 * What cannot be understood: see `raw`.
 */
#define MW_PART_MALFORMED 4

/**
 * Parts that lie in so many others that they are not walked: see `raw`.
 */
#define MW_PART_TOO_DEEP 5

/**
 * `mw_part.encoding`: none was told.
 */
#define MW_ENCODING_NONE 0

/**
 * 7BIT
 */
#define MW_ENCODING_7BIT 1

/**
 * 8BIT
 */
#define MW_ENCODING_8BIT 2

/**
 * BINARY
 */
#define MW_ENCODING_BINARY 3

/**
 * BASE64
 */
#define MW_ENCODING_BASE64 4

/**
 * QUOTED-PRINTABLE
 */
#define MW_ENCODING_QUOTED_PRINTABLE 5

/**
 * Another: `mw_part.encoding_name` says which.
 */
#define MW_ENCODING_OTHER 6

/**
 * How many bytes the number of a part takes as text, at most, with the NUL.
 */
#define MW_PART_NUMBER_SIZE 288

/**
 * Bytes of memory that a handle takes beside Rx and Tx, at most, wherever it begins.
 */
#define MW_POP3_OVERHEAD 544

/**
 * The first line: `ok`, `text`; in `bytes` the timestamp for APOP, if there is one.
 */
#define MW_POP3_GREETING 1

/**
 * A line that nothing asked for: `ok`, `text`.
 */
#define MW_POP3_STATUS 2

/**
 * A listing begins: `command`, `text`.
 */
#define MW_POP3_STARTED 3

/**
 * A command has ended: `command`, `number`, `ok`, `code`, `text`.
 */
#define MW_POP3_COMPLETED 4

/**
 * What the server can do: `name`; `number` is seconds of LOGIN-DELAY, days of EXPIRE (0xFFFFFFFF:
 * never); `list` of SASL; `text` of IMPLEMENTATION and, all of it, of one that is not known.
 */
#define MW_POP3_CAPABILITY 5

/**
 * `number` messages of `size` octets in all.
 */
#define MW_POP3_STAT 6

/**
 * Message `number` has `size` octets.
 */
#define MW_POP3_LIST_ITEM 7

/**
 * Message `number` has the unique-id `name`.
 */
#define MW_POP3_UIDL_ITEM 8

/**
 * A language: its tag `name`, and `text`.
 */
#define MW_POP3_LANGUAGE 9

/**
 * A message begins: `number`.
 */
#define MW_POP3_MESSAGE_START 10

/**
 * Some of it: `bytes`, without the dots of the protocol.
 */
#define MW_POP3_MESSAGE_CHUNK 11

/**
 * That was all of it. MW_POP3_COMPLETED follows.
 */
#define MW_POP3_MESSAGE_END 12

/**
 * A line of an answer that mailwire does not know: `text`.
 */
#define MW_POP3_LINE 13

/**
 * The server awaits a SASL response: `mw_pop3_respond`.
 */
#define MW_POP3_CHALLENGE 14

/**
 * The server agreed to STLS: do the handshake now, then call `mw_pop3_tls_started`.
 */
#define MW_POP3_START_TLS 15

/**
 * A line that cannot be understood: `bytes`.
 */
#define MW_POP3_MALFORMED 16

/**
 * The beginning of a line that is longer than Rx: `bytes`. If AUTH is in flight it was a challenge,
 * which the server awaits an answer to: `mw_pop3_cancel`.
 */
#define MW_POP3_OVERSIZED 17

/**
 * What this version of the header has no name for.
 */
#define MW_POP3_OTHER 18

/**
 * `mw_pop3_event.code`: The maildrop is in use.
 */
#define MW_POP3_CODE_IN_USE 1

/**
 * `mw_pop3_event.code`: Too soon after the last login.
 */
#define MW_POP3_CODE_LOGIN_DELAY 2

/**
 * `mw_pop3_event.code`: The server is in trouble, for now.
 */
#define MW_POP3_CODE_SYS_TEMP 3

/**
 * `mw_pop3_event.code`: The server is in trouble that needs a hand.
 */
#define MW_POP3_CODE_SYS_PERM 4

/**
 * `mw_pop3_event.code`: Wrong credentials.
 */
#define MW_POP3_CODE_AUTH 5

/**
 * `mw_pop3_event.code`: Only with UTF8.
 */
#define MW_POP3_CODE_UTF8 6

/**
 * `mw_pop3_event.code`: `name`.
 */
#define MW_POP3_CODE_OTHER 7

/**
 * `mw_pop3_event.command`: USER
 */
#define MW_POP3_CMD_USER 1

/**
 * `mw_pop3_event.command`: PASS
 */
#define MW_POP3_CMD_PASS 2

/**
 * `mw_pop3_event.command`: APOP
 */
#define MW_POP3_CMD_APOP 3

/**
 * `mw_pop3_event.command`: AUTH
 */
#define MW_POP3_CMD_AUTH 4

/**
 * `mw_pop3_event.command`: CAPA
 */
#define MW_POP3_CMD_CAPA 5

/**
 * `mw_pop3_event.command`: STLS
 */
#define MW_POP3_CMD_STLS 6

/**
 * `mw_pop3_event.command`: STAT
 */
#define MW_POP3_CMD_STAT 7

/**
 * `mw_pop3_event.command`: LIST
 */
#define MW_POP3_CMD_LIST 8

/**
 * `mw_pop3_event.command`: LIST of one message
 */
#define MW_POP3_CMD_LIST_ONE 9

/**
 * `mw_pop3_event.command`: UIDL
 */
#define MW_POP3_CMD_UIDL 10

/**
 * `mw_pop3_event.command`: UIDL of one message
 */
#define MW_POP3_CMD_UIDL_ONE 11

/**
 * `mw_pop3_event.command`: RETR
 */
#define MW_POP3_CMD_RETR 12

/**
 * `mw_pop3_event.command`: TOP
 */
#define MW_POP3_CMD_TOP 13

/**
 * `mw_pop3_event.command`: DELE
 */
#define MW_POP3_CMD_DELE 14

/**
 * `mw_pop3_event.command`: RSET
 */
#define MW_POP3_CMD_RSET 15

/**
 * `mw_pop3_event.command`: NOOP
 */
#define MW_POP3_CMD_NOOP 16

/**
 * `mw_pop3_event.command`: QUIT
 */
#define MW_POP3_CMD_QUIT 17

/**
 * `mw_pop3_event.command`: UTF8
 */
#define MW_POP3_CMD_UTF8 18

/**
 * `mw_pop3_event.command`: LANG
 */
#define MW_POP3_CMD_LANG 19

/**
 * `mw_pop3_event.command`: LANG without a language
 */
#define MW_POP3_CMD_LANG_LIST 20

/**
 * `mw_pop3_event.command`: one of `mw_pop3_custom`
 */
#define MW_POP3_CMD_CUSTOM 21

/**
 * `mw_pop3_event.command`: one of `mw_pop3_custom`, with lines
 */
#define MW_POP3_CMD_CUSTOM_LINES 22

/**
 * `mw_pop3_state`: the greeting has not come.
 */
#define MW_POP3_STATE_GREETING 1

/**
 * The server does not know who asks.
 */
#define MW_POP3_STATE_AUTHORIZATION 2

/**
 * The maildrop is open.
 */
#define MW_POP3_STATE_TRANSACTION 3

/**
 * QUIT was sent: messages are being deleted.
 */
#define MW_POP3_STATE_UPDATE 4

/**
 * It is over.
 */
#define MW_POP3_STATE_LOGOUT 5

/**
 * Bytes of a cursor, as it is kept.
 */
#define MW_CURSOR_SIZE 24

/**
 * Bytes of memory that a watcher over IMAP takes beside Rx, Tx, text, `MW_WATCHED_SIZE` for each
 * mailbox and two `mw_pair`s for each field of `id`, at most, wherever it begins.
 */
#define MW_WATCH_OVERHEAD 3072

/**
 * For each mailbox.
 */
#define MW_WATCHED_SIZE 80

/**
 * Bytes of memory that a watcher over POP3 takes beside Rx, Tx, text and record.
 */
#define MW_POP3_WATCH_OVERHEAD 4096

/**
 * The server agreed to TLS: do the handshake now, then call `…_tls_started`.
 */
#define MW_WATCH_START_TLS 1

/**
 * It is for the program to log in, by the watcher's connection.
 */
#define MW_WATCH_LOG_IN 2

/**
 * The server awaits a SASL response: `bytes`. Answer by the watcher's connection.
 */
#define MW_WATCH_CHALLENGE 3

/**
 * Logged in: `text`. The time for `mw_sasl_finish`.
 */
#define MW_WATCH_LOGGED_IN 4

/**
 * The mailbox is open: `mailbox`, `exists`, `yes`.
 */
#define MW_WATCH_OPEN 5

/**
 * A message came.
 */
#define MW_WATCH_ALERT 6

/**
 * There is nothing more to tell for now. Keep the cursor or record.
 */
#define MW_WATCH_CAUGHT_UP 7

/**
 * The server awaits `size` bytes of the program's own command `tag`.
 */
#define MW_WATCH_SEND_LITERAL 8

/**
 * The program's own append goes on as it wants.
 */
#define MW_WATCH_NEXT_PART 9

/**
 * The program's own command has ended: `tag`, `yes`, `text`.
 */
#define MW_WATCH_COMPLETED 10

/**
 * The server refused something that the watcher needs: `yes`, `mailbox`, `text`. Trying a login
 * again and again may lock the account.
 */
#define MW_WATCH_REFUSED 11

/**
 * The connection is of no more use: close it, wait until `at_ms`, connect anew, and call
 * `…_reconnect`; or, if no connection can be made, `…_unreachable`.
 */
#define MW_WATCH_RETRY 12

/**
 * What this version of the header has no name for.
 */
#define MW_WATCH_OTHER 13

/**
 * `mw_watch_event.cause`: something else.
 */
#define MW_CAUSE_OTHER 0

/**
 * `mw_watch_event.cause`: the connection failed: `error`.
 */
#define MW_CAUSE_CONNECTION 1

/**
 * `mw_watch_event.cause`: no connection could be made.
 */
#define MW_CAUSE_UNREACHABLE 2

/**
 * `mw_watch_event.cause`: the server refused something.
 */
#define MW_CAUSE_REFUSED 3

/**
 * `mw_watch_event.cause`: the server said goodbye.
 */
#define MW_CAUSE_BYE 4

/**
 * `mw_watch_event.cause`: the server let in without the TLS that was asked for: somebody may be in between.
 */
#define MW_CAUSE_IN_CLEAR 5

/**
 * `mw_watch_event.cause`: nothing: POP3 shows what came only to a new connection.
 */
#define MW_CAUSE_POLL 6

/**
 * Bytes of memory that one takes, at most, wherever it begins.
 */
#define MW_INFLATER_SIZE 45056

/**
 * The bytes of a connection on their way in and out: the same for IMAP, POP3 and the watcher, so
 * that a program's transport is written once. Got from a handle, and valid as long as it.
 */
typedef struct mw_buffers mw_buffers;

/**
 * An IMAP connection. Opaque. Not to be used by two threads at once.
 */
typedef struct mw_imap mw_imap;

/**
 * Decompresses what a server sends. Opaque.
 */
typedef struct mw_inflater mw_inflater;

/**
 * A POP3 connection. Opaque. Not to be used by two threads at once.
 */
typedef struct mw_pop3 mw_pop3;

/**
 * A watcher over POP3. Opaque. Not to be used by two threads at once.
 */
typedef struct mw_pop3_watch mw_pop3_watch;

/**
 * One signing in. Opaque. Make another one for the next.
 */
typedef struct mw_sasl mw_sasl;

/**
 * A watcher over IMAP. Opaque. Not to be used by two threads at once.
 */
typedef struct mw_watch mw_watch;

/**
 * What a call came to: negative for errors, else one of the four below. `mw_result_name` gives
 * its name.
 *
 * An error of the call itself (-1 to -19) and of memory (-20 to -39) changes nothing: the handle
 * is as it was before. After an error of the peer (-40 to -59) the handle is of no more use but
 * to be looked at and freed; it will say the same again. That a server says NO or -ERR is no
 * error but an event.
 */
typedef int32_t mw_result;

/**
 * Bytes that are lent: not terminated by NUL, may hold NUL. A `ptr` of NULL: there is no such
 * value; any other, and length 0: it is empty.
 */
typedef struct mw_bytes {
  /**
   * The first byte.
   */
  const uint8_t *ptr;
  /**
   * How many.
   */
  size_t len;
} mw_bytes;

/**
 * What a connection may be told before it begins. Set all to 0, then `size` to
 * `sizeof(mw_imap_config)`, then what is wanted; 0 always is the default.
 */
typedef struct mw_imap_config {
  /**
   * `sizeof(mw_imap_config)`: so the struct can grow.
   */
  size_t size;
  /**
   * Bytes of Rx: what the largest line or FETCH item that is wanted whole may take. Bodies are
   * streamed. 0: what the memory leaves; with `mw_imap_new` 16384.
   */
  size_t rx_size;
  /**
   * Bytes of Tx: what the largest command may take. 0: a quarter of the memory; with
   * `mw_imap_new` 4096.
   */
  size_t tx_size;
  /**
   * How long the server may be silent while it owes an answer, in ms. 0: one minute. MW_NEVER:
   * for ever.
   */
  uint64_t timeout_ms;
  /**
   * `MW_SEND_UNOFFERED` and others, or'ed.
   */
  uint32_t options;
  /**
   * What this server needs to be treated differently for: `MW_QUIRK_…`, or'ed; MW_QUIRK_NONE:
   * nothing. 0: it is guessed from what the server says of itself.
   */
  uint32_t quirks;
} mw_imap_config;

/**
 * What ties a command to its completion: not 0.
 */
typedef uint32_t mw_tag;

/**
 * A string of the server's, as it came. Most are plain bytes; `mw_string_copy` makes the value of
 * any. `ptr` is NULL for NIL, and for what was not told.
 */
typedef struct mw_string {
  /**
   * The first byte as it came.
   */
  const uint8_t *ptr;
  /**
   * How many bytes came.
   */
  size_t len;
  /**
   * How to read them: one of `MW_STRING_…`.
   */
  uint32_t form;
} mw_string;

/**
 * Sequence numbers or UIDs, as a row of ranges: a cursor. Copy it to walk more than once. Valid
 * as long as the event it came with. All zeros are none.
 */
typedef struct mw_numbers {
  /**
   * 0 for none; else mailwire's own.
   */
  uint32_t kind;
  /**
   * Mailwire's own.
   */
  size_t opaque[4];
} mw_numbers;

/**
 * A list of an event: a cursor. Copy it to walk more than once. Valid as long as the event it
 * came with. All zeros are an empty one.
 */
typedef struct mw_list {
  /**
   * 0 for an empty one; else mailwire's own.
   */
  uint32_t kind;
  /**
   * Mailwire's own.
   */
  size_t opaque[8];
} mw_list;

/**
 * A response code (RFC 9051 section 7.1): what a status response says to the program. All zeros
 * if there is none.
 */
typedef struct mw_code {
  /**
   * One of `MW_CODE_…`, whose comments say which fields are filled.
   */
  uint32_t kind;
  /**
   * A number.
   */
  uint64_t number;
  /**
   * Of MESSAGELIMIT the lowest UID that was dealt with, or 0.
   */
  uint32_t uid;
  /**
   * Of MW_CODE_OTHER its first word.
   */
  struct mw_string name;
  /**
   * A text.
   */
  struct mw_string value;
  /**
   * UIDs; of COPYUID those where the messages were.
   */
  struct mw_numbers numbers;
  /**
   * Of COPYUID the UIDs where they are now, in the same order.
   */
  struct mw_numbers destination;
  /**
   * Words.
   */
  struct mw_list list;
  /**
   * Of INPROGRESS how much there is to do.
   */
  uint64_t goal;
} mw_code;

/**
 * OK, NO, BAD, PREAUTH or BYE, and what goes with it.
 */
typedef struct mw_response {
  /**
   * One of `MW_STATUS_…`; 0 if there is only a code, or only code and text.
   */
  uint32_t status;
  /**
   * What it says to the program.
   */
  struct mw_code code;
  /**
   * What it says to people. Show that of MW_CODE_ALERT to the user.
   */
  struct mw_string text;
} mw_response;

/**
 * A mailbox, as LIST tells it.
 */
typedef struct mw_mailbox {
  /**
   * Its name: `mw_string_copy` makes it UTF-8.
   */
  struct mw_string name;
  /**
   * What divides levels of names, as a code point; 0 if the name has no levels.
   */
  uint32_t delimiter;
  /**
   * Whether it can be selected.
   */
  bool selectable;
  /**
   * Its attributes.
   */
  struct mw_list attributes;
  /**
   * What else LIST was asked for.
   */
  struct mw_list extended;
} mw_mailbox;

/**
 * Figures of a mailbox, as STATUS tells them. Numbers that were not told are MW_UNKNOWN.
 */
typedef struct mw_mailbox_status {
  /**
   * The mailbox.
   */
  struct mw_string name;
  /**
   * MESSAGES
   */
  uint64_t messages;
  /**
   * UIDNEXT
   */
  uint64_t uid_next;
  /**
   * UIDVALIDITY
   */
  uint64_t uid_validity;
  /**
   * UNSEEN
   */
  uint64_t unseen;
  /**
   * DELETED
   */
  uint64_t deleted;
  /**
   * RECENT
   */
  uint64_t recent;
  /**
   * SIZE, in octets
   */
  uint64_t size;
  /**
   * HIGHESTMODSEQ
   */
  uint64_t highest_mod_seq;
  /**
   * MAILBOXID; or a `ptr` of NULL
   */
  struct mw_string mailbox_id;
  /**
   * All that was told.
   */
  struct mw_list values;
} mw_mailbox_status;

/**
 * What SEARCH or SORT found, in the plain form.
 */
typedef struct mw_found_numbers {
  /**
   * The numbers; of VANISHED and UIDBATCHES, too.
   */
  struct mw_numbers numbers;
  /**
   * The highest mod-sequence of the messages found; MW_UNKNOWN if not told.
   */
  uint64_t mod_seq;
} mw_found_numbers;

/**
 * What a search found, in the extended form. Numbers that were not told are MW_UNKNOWN.
 */
typedef struct mw_found {
  /**
   * The lowest number.
   */
  uint64_t min;
  /**
   * The highest number.
   */
  uint64_t max;
  /**
   * How many there are.
   */
  uint64_t count;
  /**
   * The highest mod-sequence of the messages found.
   */
  uint64_t mod_seq;
  /**
   * Where the numbers are of, if several mailboxes were searched.
   */
  uint64_t uid_validity;
  /**
   * Likewise; or a `ptr` of NULL.
   */
  struct mw_string mailbox;
  /**
   * ALL, or those of PARTIAL.
   */
  struct mw_numbers numbers;
  /**
   * All that was told.
   */
  struct mw_list items;
} mw_found;

/**
 * Threads as a row of tokens: a cursor. "(3 6 (4)(5))" is OPEN 3 6 OPEN 4 CLOSE OPEN 5 CLOSE
 * CLOSE: 6 answers 3, and both 4 and 5 answer 6. Valid as long as the event it came with.
 */
typedef struct mw_threads {
  /**
   * 0 for none; else mailwire's own.
   */
  uint32_t kind;
  /**
   * How many are open where this begins: not 0 in a later part of a long response.
   */
  uint32_t depth;
  /**
   * Mailwire's own.
   */
  size_t opaque[3];
} mw_threads;

/**
 * The bytes of a section that follow as chunks.
 */
typedef struct mw_body {
  /**
   * `MW_BODY…`: what was fetched.
   */
  uint32_t kind;
  /**
   * One of `MW_SECTION_…`: which bytes of the part.
   */
  uint32_t text;
  /**
   * How they come.
   */
  uint32_t form;
  /**
   * The part's number, such as "1.2"; empty for the message itself. Ends in NUL. One that takes
   * more is cut.
   */
  char part[64];
  /**
   * Of MW_SECTION_OTHER the name.
   */
  struct mw_string name;
  /**
   * The names of MW_SECTION_HEADER_FIELDS and …_NOT.
   */
  struct mw_list fields;
  /**
   * Where in the section they begin; MW_UNKNOWN if all was asked for.
   */
  uint64_t origin;
  /**
   * How many will come; MW_UNKNOWN of a quoted string.
   */
  uint64_t size;
} mw_body;

/**
 * Addresses of an ENVELOPE: a cursor. Copy it to walk more than once. Valid as long as the event
 * it came with. All zeros are none.
 */
typedef struct mw_addresses {
  /**
   * 0 for none; else mailwire's own.
   */
  uint32_t kind;
  /**
   * Mailwire's own.
   */
  size_t opaque[2];
} mw_addresses;

/**
 * An ENVELOPE (RFC 9051 section 7.5.2). Strings that are NIL have a `ptr` of NULL; texts of
 * people (subject, names) are for `mw_string_decode`.
 */
typedef struct mw_envelope {
  /**
   * The Date field: for `mw_date_parse`.
   */
  struct mw_string date;
  /**
   * The subject.
   */
  struct mw_string subject;
  /**
   * In-Reply-To
   */
  struct mw_string in_reply_to;
  /**
   * Message-ID
   */
  struct mw_string message_id;
  /**
   * From
   */
  struct mw_addresses from;
  /**
   * Sender
   */
  struct mw_addresses sender;
  /**
   * Reply-To
   */
  struct mw_addresses reply_to;
  /**
   * To
   */
  struct mw_addresses to;
  /**
   * Cc
   */
  struct mw_addresses cc;
  /**
   * Bcc
   */
  struct mw_addresses bcc;
} mw_envelope;

/**
 * A moment.
 */
typedef struct mw_date_time {
  /**
   * Seconds since 1970-01-01 00:00:00 UTC.
   */
  int64_t unix_seconds;
  /**
   * The year.
   */
  uint16_t year;
  /**
   * 1 to 12
   */
  uint8_t month;
  /**
   * 1 to 31
   */
  uint8_t day;
  /**
   * 0 to 23
   */
  uint8_t hour;
  /**
   * 0 to 59
   */
  uint8_t minute;
  /**
   * 0 to 60
   */
  uint8_t second;
  /**
   * Whether there is a date at all. False: NIL, and all is 0.
   */
  bool valid;
  /**
   * Minutes that the local time above is ahead of UTC.
   */
  int16_t offset_minutes;
} mw_date_time;

/**
 * What mailwire has no type for.
 */
typedef struct mw_other {
  /**
   * Its name.
   */
  struct mw_string name;
  /**
   * What is behind it, as it came.
   */
  struct mw_string value;
} mw_other;

/**
 * A response of an extension, to be read by `mw_event_read`. Mailwire's own.
 */
typedef struct mw_extension {
  /**
   * Mailwire's own.
   */
  size_t opaque[5];
} mw_extension;

/**
 * What an event has beside numbers. Its kind says which one of these is filled.
 */
typedef union mw_event_data {
  /**
   * Status responses and codes.
   */
  struct mw_response response;
  /**
   * CAPABILITY, ENABLED, FLAGS; of FETCH_ITEM: FLAGS, GM_LABELS.
   */
  struct mw_list list;
  /**
   * LIST, LSUB.
   */
  struct mw_mailbox mailbox;
  /**
   * MAILBOX_STATUS.
   */
  struct mw_mailbox_status mailbox_status;
  /**
   * SEARCH, SORT, VANISHED, UID_BATCHES.
   */
  struct mw_found_numbers found_numbers;
  /**
   * ESEARCH.
   */
  struct mw_found found;
  /**
   * THREAD.
   */
  struct mw_threads threads;
  /**
   * FETCH_BODY; of FETCH_ITEM: BINARY_SIZE (`part`).
   */
  struct mw_body body;
  /**
   * Of FETCH_ITEM: ENVELOPE.
   */
  struct mw_envelope envelope;
  /**
   * Of FETCH_ITEM: BODY, BODYSTRUCTURE: for `mw_parts_of`.
   */
  struct mw_bytes structure;
  /**
   * Of FETCH_ITEM: INTERNALDATE, SAVEDATE.
   */
  struct mw_date_time date;
  /**
   * Of FETCH_ITEM: EMAILID, THREADID, PREVIEW. NIL has a `ptr` of NULL.
   */
  struct mw_string string;
  /**
   * OTHER, and FETCH_ITEM's OTHER: name and value.
   */
  struct mw_other other;
  /**
   * Responses of extensions: for `mw_event_read`.
   */
  struct mw_extension extension;
  /**
   * Room to grow.
   */
  size_t reserved[56];
} mw_event_data;

/**
 * One thing that the server said, or that the program has to do. Filled by `mw_imap_advance`,
 * in the caller's memory. What it points to stays until the handle is advanced or Rx is touched.
 */
typedef struct mw_event {
  /**
   * One of `MW_EVENT_…`, whose comments say what is filled. What is not filled is 0.
   */
  uint32_t kind;
  /**
   * `MW_MARK_…`, or'ed.
   */
  uint32_t marks;
  /**
   * The command that it belongs to; 0 for none.
   */
  mw_tag tag;
  /**
   * Of FETCH_ITEM: one of `MW_ITEM_…`.
   */
  uint32_t item;
  /**
   * A message's sequence number, or a count of messages.
   */
  uint32_t number;
  /**
   * A UID.
   */
  uint32_t uid;
  /**
   * A size, a mod-sequence or another large number.
   */
  uint64_t value;
  /**
   * Bytes: a chunk of a body, a challenge, or all of what is malformed, oversized or an
   * extension's.
   */
  struct mw_bytes bytes;
  /**
   * The rest.
   */
  union mw_event_data data;
} mw_event;

/**
 * More of an error. Filled by `mw_imap_last_error` and its like.
 */
typedef struct mw_error {
  /**
   * The last error of the handle; `MW_OK` if there was none.
   */
  mw_result result;
  /**
   * Which argument or capability; or empty. English, in static memory.
   */
  struct mw_bytes why;
  /**
   * For `MW_ERR_TX_FULL`: the bytes that the command needs.
   */
  size_t needed;
  /**
   * For `MW_ERR_TX_FULL` and `MW_ERR_RX_FULL`: the bytes that there are.
   */
  size_t capacity;
} mw_error;

/**
 * Limits that the server told in its capabilities. MW_UNKNOWN: none was told.
 */
typedef struct mw_limits {
  /**
   * Octets of the largest message that APPEND takes (RFC 7889).
   */
  uint64_t append_limit;
  /**
   * How many messages one command may touch (RFC 9738).
   */
  uint64_t message_limit;
  /**
   * How many messages SEARCH keeps (RFC 9738).
   */
  uint64_t save_limit;
} mw_limits;

/**
 * The selected mailbox, kept up to date by the connection. Numbers not told are MW_UNKNOWN.
 */
typedef struct mw_selected {
  /**
   * How many messages it holds.
   */
  uint32_t exists;
  /**
   * How many of them are new to this session.
   */
  uint32_t recent;
  /**
   * `MW_FLAG_…`, or'ed, that exist in it.
   */
  uint32_t flags;
  /**
   * Those that can be changed for good; 0xFFFFFFFF: not told, so all.
   */
  uint32_t permanent_flags;
  /**
   * Whether it cannot be changed.
   */
  bool read_only;
  /**
   * Whether UIDs do not last.
   */
  bool uid_not_sticky;
  /**
   * The first unseen message.
   */
  uint64_t unseen;
  /**
   * UIDs kept from before are good only if this is unchanged.
   */
  uint64_t uid_validity;
  /**
   * The next message's UID will not be lower.
   */
  uint64_t uid_next;
  /**
   * The highest mod-sequence.
   */
  uint64_t highest_mod_seq;
} mw_selected;

/**
 * Who signs in, and how. Set all to 0, then `size`. What it points to is not copied: it must stay
 * until the `mw_sasl` is wiped or freed.
 */
typedef struct mw_sasl_config {
  /**
   * `sizeof(mw_sasl_config)`
   */
  size_t size;
  /**
   * A mechanism such as "PLAIN" or "SCRAM-SHA-256". NULL: the best that both sides have and the
   * link allows; over IMAP the LOGIN command if the server has none at all.
   */
  const char *mechanism;
  /**
   * The user's name. Of ANONYMOUS: the trace.
   */
  const char *user;
  /**
   * The password; or NULL.
   */
  const char *password;
  /**
   * An OAuth 2 token, for OAUTHBEARER and XOAUTH2; or NULL.
   */
  const char *token;
  /**
   * Whom to act as, if somebody else; or NULL.
   */
  const char *authorization;
  /**
   * Of OAUTHBEARER: the server's host; or NULL.
   */
  const char *host;
  /**
   * Of OAUTHBEARER: the server's port, with `host`.
   */
  uint16_t port;
  /**
   * Whether the link is TLS, or as safe: else no password is sent as it is by the best
   * mechanism.
   */
  bool is_protected;
  /**
   * `MW_BINDING_…`: what `binding_data` is. With one, the link is taken to be protected.
   */
  uint32_t binding;
  /**
   * What SCRAM-…-PLUS binds to.
   */
  struct mw_bytes binding_data;
  /**
   * For SCRAM: 12 random bytes or more that were never used before.
   */
  struct mw_bytes nonce;
  /**
   * For SCRAM: the lowest iteration count of the server's that is accepted. 0: the default.
   */
  uint32_t iterations_min;
  /**
   * For SCRAM: the highest one. It is the server that says how long this side computes. 0: the
   * default.
   */
  uint32_t iterations_max;
} mw_sasl_config;

/**
 * One thing that the server said, or that the program has to do. Filled by `mw_pop3_advance`;
 * what it points to stays until the handle is advanced or Rx is touched.
 */
typedef struct mw_pop3_event {
  /**
   * One of `MW_POP3_…`, whose comments say what is filled. What is not filled is 0.
   */
  uint32_t kind;
  /**
   * `MW_MARK_TRUNCATED`, or 0.
   */
  uint32_t marks;
  /**
   * The command that it belongs to: one of `MW_POP3_CMD_…`.
   */
  uint32_t command;
  /**
   * A message's number, a count of messages, or another number.
   */
  uint32_t number;
  /**
   * Whether the server said +OK.
   */
  bool ok;
  /**
   * Of the capabilities LOGIN-DELAY and EXPIRE: it may be another one for this user; ask again
   * after the login.
   */
  bool per_user;
  /**
   * Why it said -ERR: one of `MW_POP3_CODE_…`.
   */
  uint32_t code;
  /**
   * Octets; MW_UNKNOWN if not told.
   */
  uint64_t size;
  /**
   * What the server says to people.
   */
  struct mw_string text;
  /**
   * A unique-id, a language's tag, a capability, or the name of MW_POP3_CODE_OTHER.
   */
  struct mw_string name;
  /**
   * Of the capability SASL: the mechanisms.
   */
  struct mw_list list;
  /**
   * Bytes: a chunk of a message, a challenge, the greeting's timestamp for APOP, or all of what
   * is malformed or oversized.
   */
  struct mw_bytes bytes;
  /**
   * Room to grow.
   */
  size_t reserved[4];
} mw_pop3_event;

/**
 * Options of SELECT and EXAMINE. Set all to 0, then `size`.
 */
typedef struct mw_select_options {
  /**
   * `sizeof(mw_select_options)`
   */
  size_t size;
  /**
   * CONDSTORE (RFC 7162): tell mod-sequences.
   */
  bool condstore;
  /**
   * QRESYNC (RFC 7162; ENABLE it first): tell what changed since `mod_seq`.
   */
  bool qresync;
  /**
   * Of QRESYNC: the UIDVALIDITY that is known.
   */
  uint64_t uid_validity;
  /**
   * Of QRESYNC: the mod-sequence that is known.
   */
  uint64_t mod_seq;
  /**
   * Of QRESYNC: the UIDs that are known; or NULL.
   */
  const char *known_uids;
  /**
   * Of QRESYNC: some sequence numbers; or NULL.
   */
  const char *seq_numbers;
  /**
   * Of QRESYNC: and the UIDs that they had; or NULL.
   */
  const char *seq_uids;
} mw_select_options;

/**
 * Options of LIST. Set all to 0, then `size`.
 */
typedef struct mw_list_options {
  /**
   * `sizeof(mw_list_options)`
   */
  size_t size;
  /**
   * What patterns are relative to; or NULL.
   */
  const char *reference;
  /**
   * More patterns; or NULL.
   */
  const char *const *more_patterns;
  /**
   * How many.
   */
  size_t more_patterns_count;
  /**
   * Which mailboxes: words such as "SUBSCRIBED RECURSIVEMATCH"; or NULL.
   */
  const char *selection;
  /**
   * What else to tell: words such as "CHILDREN SPECIAL-USE STATUS (MESSAGES UNSEEN)"; or NULL.
   */
  const char *returns;
} mw_list_options;

/**
 * Options of a message to be appended. Set all to 0, then `size`.
 */
typedef struct mw_append_options {
  /**
   * `sizeof(mw_append_options)`
   */
  size_t size;
  /**
   * Its flags, such as "\\Seen $Junk"; or NULL.
   */
  const char *flags;
  /**
   * One of `MW_APPEND_…`.
   */
  uint32_t form;
  /**
   * When it is said to have come, if `date.valid`; `date.unix_seconds` is not used.
   */
  struct mw_date_time date;
} mw_append_options;

/**
 * Some mailboxes, for ESEARCH and NOTIFY.
 */
typedef struct mw_scope {
  /**
   * One of `MW_SCOPE_…`.
   */
  uint32_t kind;
  /**
   * Their names, where the kind wants some; else NULL.
   */
  const char *const *mailboxes;
  /**
   * How many.
   */
  size_t mailboxes_count;
} mw_scope;

/**
 * Options of FETCH. Set all to 0, then `size`.
 */
typedef struct mw_fetch_options {
  /**
   * `sizeof(mw_fetch_options)`
   */
  size_t size;
  /**
   * Only what changed since this mod-sequence (CONDSTORE, RFC 7162), if `has_changed_since`.
   */
  uint64_t changed_since;
  /**
   * Whether `changed_since` counts.
   */
  bool has_changed_since;
  /**
   * With it, by UID: tell what vanished, too (QRESYNC).
   */
  bool vanished;
  /**
   * Only these of the messages (PARTIAL, RFC 9394): "1:50", or "-1:-50" from the end; or NULL.
   */
  const char *partial;
} mw_fetch_options;

/**
 * Options of STORE. Set all to 0, then `size`.
 */
typedef struct mw_store_options {
  /**
   * `sizeof(mw_store_options)`
   */
  size_t size;
  /**
   * Only of messages that did not change since this mod-sequence (CONDSTORE, RFC 7162), if
   * `has_unchanged_since`.
   */
  uint64_t unchanged_since;
  /**
   * Whether `unchanged_since` counts.
   */
  bool has_unchanged_since;
  /**
   * Do not tell the new flags.
   */
  bool silent;
} mw_store_options;

/**
 * A name and a value.
 */
typedef struct mw_pair {
  /**
   * The name.
   */
  const char *name;
  /**
   * The value.
   */
  const char *value;
} mw_pair;

/**
 * A limit of a quota.
 */
typedef struct mw_quota_limit {
  /**
   * "STORAGE" (in units of 1024 octets), "MESSAGE", …
   */
  const char *resource;
  /**
   * The limit.
   */
  uint64_t limit;
} mw_quota_limit;

/**
 * An annotation to be set.
 */
typedef struct mw_metadata_entry {
  /**
   * Its name, such as "/private/comment".
   */
  const char *name;
  /**
   * Its value. A `ptr` of NULL removes it.
   */
  struct mw_bytes value;
} mw_metadata_entry;

/**
 * Events in some mailboxes, for NOTIFY.
 */
typedef struct mw_notify_group {
  /**
   * Where.
   */
  struct mw_scope scope;
  /**
   * Which: words such as "MessageNew MessageExpunge FlagChange"; NULL or "": none.
   */
  const char *events;
} mw_notify_group;

/**
 * An argument of `mw_imap_custom`.
 */
typedef struct mw_argument {
  /**
   * One of `MW_ARGUMENT_…`.
   */
  uint32_t kind;
  /**
   * Its text, in UTF-8.
   */
  const char *text;
  /**
   * Its number.
   */
  uint64_t number;
  /**
   * Its bytes.
   */
  struct mw_bytes bytes;
} mw_argument;

/**
 * What a response of an extension says. What there is depends on the event:
 *
 * | event | name | identifier | value | list | others |
 * | --- | --- | --- | --- | --- | --- |
 * | NAMESPACE | | | | the user's own | those of others; and `shared`: of all |
 * | XLIST | mailbox | | | attributes | delimiter; others: as of LIST |
 * | ID | | | | fields | |
 * | ACL | mailbox | | | entries | |
 * | LIST_RIGHTS | mailbox | identifier | required rights | optional rights | |
 * | MY_RIGHTS | mailbox | | rights | | |
 * | METADATA | mailbox; empty: the server | | | values | names of what changed |
 * | LANGUAGE | | | | languages | |
 * | COMPARATOR | | | the active one | those that match | |
 * | JMAP_ACCESS | | | URL | | |
 * | GEN_URL_AUTH | | | | URLs | |
 * | URL_FETCH | | | | what the URLs name | |
 * | QUOTA | root | | | resources | |
 * | QUOTA_ROOT | mailbox | | | roots | |
 */
typedef struct mw_record {
  /**
   * See the table.
   */
  struct mw_string name;
  /**
   * See the table.
   */
  struct mw_string identifier;
  /**
   * See the table.
   */
  struct mw_string value;
  /**
   * See the table.
   */
  uint32_t delimiter;
  /**
   * See the table.
   */
  struct mw_list list;
  /**
   * See the table.
   */
  struct mw_list others;
  /**
   * See the table.
   */
  struct mw_list shared;
} mw_record;

/**
 * The numbers from `first` to `last`, both included; one number if they are equal. `*` is
 * `MW_STAR`.
 */
typedef struct mw_range {
  /**
   * The first.
   */
  uint32_t first;
  /**
   * The last, never below the first.
   */
  uint32_t last;
} mw_range;

/**
 * One entry of a list. What there is depends on the list:
 *
 * | list of | kind | name | value | number, limit | more |
 * | --- | --- | --- | --- | --- | --- |
 * | flags | MW_FLAG_… | without backslash | | | |
 * | attributes of a mailbox | MW_ATTRIBUTE_… | with backslash | | | |
 * | capabilities of an event | | the word | | | |
 * | `mw_imap_capabilities` | | without = and what is behind it | of AUTH the mechanism | of …LIMIT the number, or MW_UNKNOWN | |
 * | Gmail's labels | | the label | | | |
 * | strings, languages, URLs, field names | | the string | | | |
 * | extended items of LIST | | CHILDINFO, OLDNAME, … | OLDNAME's name, others as they came | | list: CHILDINFO's |
 * | STATUS values | | MESSAGES, … | ids, and others as they came | number | |
 * | ID fields, parameters of a part | | name | value, or NULL | | |
 * | metadata | | entry | value, or NULL for NIL | | |
 * | quota resources | | STORAGE, … | | usage, limit, or MW_UNKNOWN | |
 * | ACL | | identifier | rights | | |
 * | namespaces | | prefix | prefix in the language chosen, or NULL | delimiter (a code point; 0: none) | list: extensions |
 * | namespace extensions | | name | | | list: values |
 * | ESEARCH items | MW_FOUND_… | others' name | others' value | number; PARTIAL's range | numbers, list |
 * | ADDTO and REMOVEFROM | | | | position | numbers |
 * | relevancy | | | | score, 1 to 100 | |
 * | URLFETCH | | URL | body | number: 1 if value is binary | structure |
 */
typedef struct mw_entry {
  /**
   * Which one, where the table says so; else 0.
   */
  uint32_t kind;
  /**
   * See the table.
   */
  struct mw_string name;
  /**
   * See the table.
   */
  struct mw_string value;
  /**
   * See the table.
   */
  uint64_t number;
  /**
   * See the table. Of ESEARCH's PARTIAL the last of the range; it counts from the end if
   * `backwards`.
   */
  uint64_t limit;
  /**
   * Of ESEARCH's PARTIAL: whether the range counts from the last message.
   */
  bool backwards;
  /**
   * See the table.
   */
  struct mw_numbers numbers;
  /**
   * See the table.
   */
  struct mw_list list;
  /**
   * Of URLFETCH: a BODYSTRUCTURE for `mw_parts_of`.
   */
  struct mw_bytes structure;
} mw_entry;

/**
 * An address of an ENVELOPE (RFC 9051 section 7.5.2). A group begins with one that has only a
 * mailbox, the group's name, and ends with one that has nothing.
 */
typedef struct mw_address {
  /**
   * The name: for `mw_string_decode`.
   */
  struct mw_string name;
  /**
   * The source route. Nobody has one.
   */
  struct mw_string adl;
  /**
   * What is before the @.
   */
  struct mw_string mailbox;
  /**
   * What is behind it. NULL for the beginning and end of a group.
   */
  struct mw_string host;
} mw_address;

/**
 * The parts of a BODY or BODYSTRUCTURE, each before those that are in it: a cursor, made by
 * `mw_parts_of`. Copy it to walk more than once. Valid as long as the bytes it was made of.
 */
typedef struct mw_parts {
  /**
   * 0 for none; else mailwire's own.
   */
  uint32_t kind;
  /**
   * Mailwire's own.
   */
  size_t opaque[64];
} mw_parts;

/**
 * A part of a message (RFC 9051 section 7.5.2). Strings that are NIL or missing have a `ptr` of
 * NULL.
 */
typedef struct mw_part {
  /**
   * One of `MW_PART_…`.
   */
  uint32_t kind;
  /**
   * How many parts it lies in.
   */
  uint32_t depth;
  /**
   * Of a multipart: how many parts are in it.
   */
  uint32_t children;
  /**
   * One of `MW_ENCODING_…`.
   */
  uint32_t encoding;
  /**
   * Its number for FETCH, such as "1.2"; empty for the message itself. Ends in NUL.
   */
  char number[MW_PART_NUMBER_SIZE];
  /**
   * "text", …
   */
  struct mw_string media_type;
  /**
   * "plain", …
   */
  struct mw_string subtype;
  /**
   * Content-ID
   */
  struct mw_string id;
  /**
   * For `mw_string_decode`.
   */
  struct mw_string description;
  /**
   * The transfer encoding's name, if it is MW_ENCODING_OTHER.
   */
  struct mw_string encoding_name;
  /**
   * Its MD5 digest.
   */
  struct mw_string md5;
  /**
   * "inline", "attachment", …
   */
  struct mw_string disposition;
  /**
   * Content-Location
   */
  struct mw_string location;
  /**
   * Its size in octets, as it is encoded; MW_UNKNOWN if not told.
   */
  uint64_t size;
  /**
   * Its lines; MW_UNKNOWN if not told.
   */
  uint64_t lines;
  /**
   * Parameters: charset, name, …
   */
  struct mw_list params;
  /**
   * Parameters of the disposition: filename, …
   */
  struct mw_list disposition_params;
  /**
   * Languages.
   */
  struct mw_list language;
  /**
   * Of a message: its ENVELOPE, for `mw_envelope_of`.
   */
  struct mw_bytes envelope;
  /**
   * What extensions there are that mailwire does not know.
   */
  struct mw_bytes extension;
  /**
   * All of it, as it came.
   */
  struct mw_bytes raw;
} mw_part;

/**
 * What a connection may be told before it begins. Set all to 0, then `size`; 0 always is the
 * default.
 */
typedef struct mw_pop3_config {
  /**
   * `sizeof(mw_pop3_config)`
   */
  size_t size;
  /**
   * Bytes of Rx: what the longest line that is wanted whole may take. Messages are streamed. 0:
   * what the memory leaves; with `mw_pop3_new` 16384.
   */
  size_t rx_size;
  /**
   * Bytes of Tx. 0: a quarter of the memory; with `mw_pop3_new` 4096.
   */
  size_t tx_size;
  /**
   * How long the server may be silent while it owes an answer, in ms. 0: one minute. MW_NEVER:
   * for ever.
   */
  uint64_t timeout_ms;
  /**
   * `MW_SEND_UNOFFERED` or `MW_OBSERVER`; an observer is to be told the commands that the client
   * sent, by `mw_pop3_expect`.
   */
  uint32_t options;
  /**
   * Of an observer: where what it reads begins, one of `MW_POP3_STATE_…`. 0: at the greeting.
   */
  uint32_t observed_state;
} mw_pop3_config;

/**
 * What the server told of itself by CAPA (RFC 2449 sections 6.5 and 6.7). MW_UNKNOWN: not told.
 */
typedef struct mw_pop3_limits {
  /**
   * Seconds that must be between two logins.
   */
  uint64_t login_delay;
  /**
   * Days after which mail is deleted; 0xFFFFFFFF: never.
   */
  uint64_t expire;
  /**
   * Whether either may be another one for this user: CAPA after the login tells it.
   */
  bool per_user;
} mw_pop3_limits;

/**
 * What a cursor says: how far a mailbox was watched. `mw_cursor_read`, `mw_cursor_write`.
 */
typedef struct mw_cursor {
  /**
   * The mailbox's UIDVALIDITY; MW_UNKNOWN: it was never watched.
   */
  uint64_t uid_validity;
  /**
   * The mailbox's highest mod-sequence when all was looked at; 0 if it has none (RFC 7162).
   */
  uint64_t mod_seq;
  /**
   * The lowest UID that is still to be looked at.
   */
  uint32_t next_uid;
} mw_cursor;

/**
 * A mailbox to be watched.
 */
typedef struct mw_watched {
  /**
   * Its name, in UTF-8. It must stay as long as the watcher.
   */
  const char *mailbox;
  /**
   * How far it was watched: `MW_CURSOR_SIZE` bytes that `mw_watch_cursor` gave, which are
   * copied; NULL, or bytes that are damaged: it was never watched.
   */
  const uint8_t *cursor;
} mw_watched;

/**
 * What a watcher over IMAP is told. Set all to 0, then `size`; 0 always is the default. What it
 * points to must stay as long as the watcher, but for `mailboxes` itself and the cursors.
 */
typedef struct mw_watch_config {
  /**
   * `sizeof(mw_watch_config)`
   */
  size_t size;
  /**
   * Bytes of Rx, as `mw_imap_config.rx_size`.
   */
  size_t rx_size;
  /**
   * Bytes of Tx.
   */
  size_t tx_size;
  /**
   * Bytes for what an alert shows. 0: 512.
   */
  size_t text_size;
  /**
   * The user's name. NULL: MW_WATCH_LOG_IN asks the program to log in.
   */
  const char *user;
  /**
   * The password, with `user`.
   */
  const char *password;
  /**
   * The mailboxes. NULL: INBOX, never watched.
   */
  const struct mw_watched *mailboxes;
  /**
   * How many.
   */
  size_t mailboxes_count;
  /**
   * Only messages that match: a query as for `mw_imap_search`; NULL: all.
   */
  const char *filter;
  /**
   * How long one IDLE lasts, in ms. 0: 9 minutes. MW_NEVER: poll, never IDLE.
   */
  uint64_t idle_ms;
  /**
   * How long to wait between looks where IDLE is not offered, in ms. 0: one minute.
   */
  uint64_t poll_ms;
  /**
   * As `mw_imap_config.timeout_ms`.
   */
  uint64_t timeout_ms;
  /**
   * Ask for TLS by STARTTLS before logging in.
   */
  bool start_tls;
  /**
   * Of a mailbox that was never watched: tell all that is there, and not only what comes.
   */
  bool everything;
  /**
   * Make acknowledged messages \Seen.
   */
  bool mark_seen;
  /**
   * Do not fetch the beginning of the text.
   */
  bool no_preview;
  /**
   * For the waits after failures: a random number, so that not all devices come at once.
   */
  uint32_t seed;
  /**
   * How long to wait after the first failure, in ms; twice as long after each that follows it.
   * 0: one second. When the server refused something it is a minute at least.
   */
  uint64_t backoff_first_ms;
  /**
   * How long at most. 0: 15 minutes.
   */
  uint64_t backoff_most_ms;
  /**
   * Who the program is, for servers that want to know (ID, RFC 2971): at most 30 fields such as
   * "name" and "version". They, too, must stay. NULL: mailwire's name, only where needed.
   */
  const struct mw_pair *id;
  /**
   * How many.
   */
  size_t id_count;
  /**
   * `MW_SEND_UNOFFERED` and others, or'ed, but not MW_OBSERVER.
   */
  uint32_t options;
  /**
   * As `mw_imap_config.quirks`.
   */
  uint32_t quirks;
} mw_watch_config;

/**
 * Addresses in a header field: a cursor. Copy it to walk more than once. Valid as long as what it
 * came with. All zeros are none.
 */
typedef struct mw_mail_addresses {
  /**
   * 0 for none; else mailwire's own.
   */
  uint32_t kind;
  /**
   * Mailwire's own.
   */
  size_t opaque[16];
} mw_mail_addresses;

/**
 * A text that a sender wrote, not decoded yet: `mw_text_copy`. Copy it as you like. Valid as long
 * as what it came with. All zeros are an empty one.
 */
typedef struct mw_text {
  /**
   * 0 for an empty one; else mailwire's own.
   */
  uint32_t kind;
  /**
   * Mailwire's own.
   */
  size_t opaque[8];
} mw_text;

/**
 * What a watcher tells, over IMAP and over POP3. What it points to stays until the
 * watcher is advanced or Rx is touched; to acknowledge it leaves it as it is.
 */
typedef struct mw_watch_event {
  /**
   * One of `MW_WATCH_…`, whose comments say what is filled. What is not filled is 0.
   */
  uint32_t kind;
  /**
   * `MW_MARK_TRUNCATED`, or 0.
   */
  uint32_t marks;
  /**
   * The place of the mailbox among those that are watched.
   */
  size_t mailbox;
  /**
   * A UID; over POP3 the message's number on this connection.
   */
  uint32_t uid;
  /**
   * How many messages the mailbox holds.
   */
  uint32_t exists;
  /**
   * `MW_FLAG_…`, or'ed; over POP3 none.
   */
  uint32_t flags;
  /**
   * A command of the program's own.
   */
  mw_tag tag;
  /**
   * Of OPEN: the cursor was of no use, and begins anew. Of COMPLETED: the server did it. Of
   * REFUSED: it was the login.
   */
  bool yes;
  /**
   * Of RETRY: one of `MW_CAUSE_…`.
   */
  uint32_t cause;
  /**
   * Of RETRY with MW_CAUSE_CONNECTION: what went wrong.
   */
  mw_result error;
  /**
   * Of RETRY: when to connect anew, on the clock of `now_ms`.
   */
  uint64_t at_ms;
  /**
   * Of ALERT: octets, or MW_UNKNOWN. Of SEND_LITERAL: bytes that are still to be given.
   */
  uint64_t size;
  /**
   * Of ALERT: when it was sent.
   */
  struct mw_date_time date;
  /**
   * Of ALERT: whom it is from.
   */
  struct mw_mail_addresses from;
  /**
   * Of ALERT: its subject.
   */
  struct mw_text subject;
  /**
   * Of ALERT over POP3: its unique-id.
   */
  struct mw_string unique_id;
  /**
   * Of ALERT: the beginning of its text, on one line, in UTF-8; or a `ptr` of NULL.
   */
  struct mw_bytes preview;
  /**
   * What the server says to people.
   */
  struct mw_string text;
  /**
   * Of CHALLENGE: the challenge, in base64.
   */
  struct mw_bytes bytes;
  /**
   * Room to grow.
   */
  size_t reserved[4];
} mw_watch_event;

/**
 * What a watcher over POP3 is told. As `mw_watch_config`.
 */
typedef struct mw_pop3_watch_config {
  /**
   * `sizeof(mw_pop3_watch_config)`
   */
  size_t size;
  /**
   * Bytes of Rx.
   */
  size_t rx_size;
  /**
   * Bytes of Tx.
   */
  size_t tx_size;
  /**
   * Bytes for what an alert shows. 0: 512.
   */
  size_t text_size;
  /**
   * Bytes of memory for the record of what was acknowledged: 8, and 10 for each message that the
   * maildrop may have, up to 65535 of them. 0: 1288, for 128 messages.
   */
  size_t record_size;
  /**
   * What `mw_pop3_watch_record` gave; copied. NULL: never watched.
   */
  const uint8_t *record;
  /**
   * How many bytes of it.
   */
  size_t record_len;
  /**
   * The user's name. NULL: MW_WATCH_LOG_IN asks the program to log in.
   */
  const char *user;
  /**
   * The password, with `user`.
   */
  const char *password;
  /**
   * How long to wait between looks, in ms. 0: the default.
   */
  uint64_t poll_ms;
  /**
   * As `mw_imap_config.timeout_ms`.
   */
  uint64_t timeout_ms;
  /**
   * Lines of text to look at for the preview; 0: the default.
   */
  uint32_t preview_lines;
  /**
   * Ask for TLS by STLS before logging in.
   */
  bool start_tls;
  /**
   * At first: tell all that is there, and not only what comes.
   */
  bool everything;
  /**
   * Delete acknowledged messages from the server.
   */
  bool delete_acknowledged;
  /**
   * As `mw_watch_config.seed`.
   */
  uint32_t seed;
  /**
   * As `mw_watch_config.backoff_first_ms`.
   */
  uint64_t backoff_first_ms;
  /**
   * As `mw_watch_config.backoff_most_ms`.
   */
  uint64_t backoff_most_ms;
  /**
   * `MW_SEND_UNOFFERED`, or 0.
   */
  uint32_t options;
  /**
   * Do not look at the text.
   */
  bool no_preview;
} mw_pop3_watch_config;

/**
 * An address in a header field (RFC 5322 section 3.4).
 */
typedef struct mw_mail_address {
  /**
   * The name.
   */
  struct mw_text name;
  /**
   * local-part@domain
   */
  struct mw_text spec;
  /**
   * The group that it is in, if there is one.
   */
  struct mw_text group;
  /**
   * What is before the last @ of `spec`.
   */
  struct mw_text local_part;
  /**
   * What is behind it.
   */
  struct mw_text domain;
} mw_mail_address;

/**
 * The fields of a header: a cursor. All zeros are none.
 */
typedef struct mw_fields {
  /**
   * 0 for none; else mailwire's own.
   */
  uint32_t kind;
  /**
   * Mailwire's own.
   */
  size_t opaque[4];
} mw_fields;

/**
 * A header field.
 */
typedef struct mw_field {
  /**
   * Its name.
   */
  struct mw_bytes name;
  /**
   * Its value as it came, folded: for `mw_text_of`, `mw_mail_addresses_of`, `mw_date_of`,
   * `mw_content_type_is` and others.
   */
  struct mw_bytes value;
} mw_field;

/**
 * A field that a header is scanned for. Made by `mw_wanted_of`; mailwire's own until the end of
 * the scan.
 */
typedef struct mw_wanted {
  /**
   * 0 for none; else mailwire's own.
   */
  uint32_t kind;
  /**
   * Mailwire's own.
   */
  size_t opaque[8];
} mw_wanted;

/**
 * A header scanner: `mw_header_scanner_of`. Mailwire's own.
 */
typedef struct mw_header_scanner {
  /**
   * 0 for none; else mailwire's own.
   */
  uint32_t kind;
  /**
   * Mailwire's own.
   */
  size_t opaque[4];
} mw_header_scanner;

/**
 * Undoes a transfer encoding, piece by piece. Made by `mw_transfer_of`. Mailwire's own.
 */
typedef struct mw_transfer {
  /**
   * 0 for none; else mailwire's own.
   */
  uint32_t kind;
  /**
   * Mailwire's own.
   */
  size_t opaque[8];
} mw_transfer;

/**
 * Makes UTF-8 of a charset, piece by piece. Made by `mw_charset_of`. Mailwire's own.
 */
typedef struct mw_charset {
  /**
   * 0 for none; else mailwire's own.
   */
  uint32_t kind;
  /**
   * Mailwire's own.
   */
  size_t opaque[32];
} mw_charset;

/**
 * The beginning of a body's text on one line, for people. Made by `mw_preview_of`. Mailwire's
 * own.
 */
typedef struct mw_preview {
  /**
   * 0 for none; else mailwire's own.
   */
  uint32_t kind;
  /**
   * Mailwire's own.
   */
  size_t opaque[64];
} mw_preview;

/**
 * Done.
 */
#define MW_OK 0

/**
 * Of the `_advance` functions: there is an event.
 */
#define MW_EVENT 1

/**
 * Of the `_advance` functions: send what is pending, receive, and advance again.
 */
#define MW_NEED_INPUT 2

/**
 * Of the `_advance` functions: the connection has ended in order.
 */
#define MW_CLOSED 3

/**
 * A pointer that must not be NULL is.
 */
#define MW_ERR_NULL -1

/**
 * An argument is not what it must be: `mw_error.why` says which.
 */
#define MW_ERR_INVALID_ARGUMENT -2

/**
 * A bug in mailwire, which the library caught. The handle must only be freed.
 */
#define MW_ERR_INTERNAL -3

/**
 * Not in this state of the connection.
 */
#define MW_ERR_WRONG_STATE -4

/**
 * Not while what is in flight is: wait for its completion.
 */
#define MW_ERR_BUSY -5

/**
 * The server does not offer what this needs: `mw_error.why` names the capability.
 */
#define MW_ERR_NOT_OFFERED -6

/**
 * What the server offers is not known yet: advance, and try again.
 */
#define MW_ERR_CAPABILITIES_UNKNOWN -7

/**
 * The message is larger than the server takes.
 */
#define MW_ERR_TOO_BIG -8

/**
 * Bytes are left in Rx that belong to the layer below.
 */
#define MW_ERR_COMPRESSED_IN_RX -9

/**
 * The literal of an upload was given up.
 */
#define MW_ERR_LITERAL_ABANDONED -10

/**
 * The connection has ended.
 */
#define MW_ERR_CLOSED -11

/**
 * This event, string or list holds nothing of the kind.
 */
#define MW_ERR_WRONG_KIND -12

/**
 * This cannot be understood; its bytes are there all the same.
 */
#define MW_ERR_MALFORMED -13

/**
 * This needs what has to be enabled first, by `mw_imap_enable`: `mw_error.why` names it.
 */
#define MW_ERR_NOT_ENABLED -14

/**
 * Messages were removed while a command was sent in parts, so that its numbers name others.
 */
#define MW_ERR_NUMBERS_CHANGED -15

/**
 * A command does not fit the transmit buffer: `mw_error.needed` says what would. If something
 * is pending, send it and try again.
 */
#define MW_ERR_TX_FULL -20

/**
 * The receive buffer is too small for what must be kept whole.
 */
#define MW_ERR_RX_FULL -21

/**
 * More literals in one command than can wait for the server.
 */
#define MW_ERR_TOO_MANY_LITERALS -22

/**
 * More commands in flight than can be remembered: wait for a completion.
 */
#define MW_ERR_TOO_MANY_IN_FLIGHT -23

/**
 * The memory is too small, or there is none.
 */
#define MW_ERR_MEMORY -24

/**
 * The server closed the connection in the middle.
 */
#define MW_ERR_UNEXPECTED_EOF -40

/**
 * Where a response ends can no longer be told.
 */
#define MW_ERR_FRAME_LOST -41

/**
 * Bytes came before the TLS handshake: somebody is in between.
 */
#define MW_ERR_DATA_BEFORE_TLS -42

/**
 * What greets is no server of this protocol.
 */
#define MW_ERR_BAD_GREETING -43

/**
 * The server greeted by turning away.
 */
#define MW_ERR_REFUSED -44

/**
 * The server said goodbye.
 */
#define MW_ERR_BYE -45

/**
 * The server answered a command before it had come to its end.
 */
#define MW_ERR_ANSWERED_EARLY -46

/**
 * The compressed stream is broken.
 */
#define MW_ERR_BAD_COMPRESSION -47

/**
 * The server asks for SASL responses without end.
 */
#define MW_ERR_TOO_MANY_CHALLENGES -48

/**
 * The server kept silent for too long.
 */
#define MW_ERR_TIMEOUT -49

/**
 * SASL: the user name or password holds what the mechanism cannot send.
 */
#define MW_ERR_SASL_CREDENTIALS -60

/**
 * SASL: a challenge came that the mechanism does not expect. The exchange was cancelled.
 */
#define MW_ERR_SASL_UNEXPECTED_CHALLENGE -61

/**
 * SASL: the challenge cannot be understood. The exchange was cancelled.
 */
#define MW_ERR_SASL_INVALID_CHALLENGE -62

/**
 * SASL: the server did not prove that it knows the password: do not trust it.
 */
#define MW_ERR_SASL_SERVER_NOT_VERIFIED -63

/**
 * SASL: the server wants an iteration count out of bounds.
 */
#define MW_ERR_SASL_ITERATIONS -64

/**
 * SASL: the server refused, within the exchange.
 */
#define MW_ERR_SASL_REFUSED -65

/**
 * SASL: the server offers no mechanism for these credentials.
 */
#define MW_ERR_SASL_NO_MECHANISM -66

/**
 * SASL: the mechanisms that would do need TLS.
 */
#define MW_ERR_SASL_LINK_IN_CLEAR -67

/**
 * An error that this version of the header has no name for.
 */
#define MW_ERR_OTHER -99

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library as "MAJOR.MINOR.PATCH": static, ends in NUL, never NULL.
 */
const char *mw_version(void);

/**
 * The result's name, such as `"MW_ERR_TIMEOUT"`: static, ends in NUL, never NULL.
 */
const char *mw_result_name(mw_result result);

/**
 * Where to receive to: at most `*out_len` bytes at `*out_ptr`. Then call `mw_buffers_commit`.
 * Never empty after MW_NEED_INPUT. Valid until the next call on the handle or its buffers.
 * `MW_OK`, or `MW_ERR_NULL`.
 */
mw_result mw_buffers_rx(struct mw_buffers *buffers, uint8_t **out_ptr, size_t *out_len);

/**
 * Says that `count` bytes were received there. More than there was room for counts as all of it.
 * 0 is nothing, and not the end: see `mw_buffers_close`.
 */
mw_result mw_buffers_commit(struct mw_buffers *buffers,
                            size_t count);

/**
 * Copies received bytes in, as many as there is room for, and returns how many: for input that
 * is in memory of its own. 0 for NULL.
 */
size_t mw_buffers_fill(struct mw_buffers *buffers, const uint8_t *bytes, size_t len);

/**
 * Says that the other side closed the connection. Advance then, to hear what that means.
 */
mw_result mw_buffers_close(struct mw_buffers *buffers);

/**
 * The bytes that can be sent now: `*out_ptr`, `*out_len`; none are length 0. Then call
 * `mw_buffers_consume`. Valid until the next call on the handle or its buffers. `MW_OK`, or
 * `MW_ERR_NULL`.
 */
mw_result mw_buffers_pending(const struct mw_buffers *buffers,
                             const uint8_t **out_ptr,
                             size_t *out_len);

/**
 * Says that the first `count` of them were sent. Passwords among them are wiped.
 */
mw_result mw_buffers_consume(struct mw_buffers *buffers, size_t count);

/**
 * What was received and not read yet, as it came: to be looked at when something went wrong.
 * Valid until the next call on the handle or its buffers. Empty for NULL.
 */
struct mw_bytes mw_buffers_unread(const struct mw_buffers *buffers);

/**
 * How many bytes were received since the handle was made. 0 for NULL.
 */
uint64_t mw_buffers_received(const struct mw_buffers *buffers);

/**
 * Whether `mw_buffers_close` was called. False for NULL.
 */
bool mw_buffers_is_closed(const struct mw_buffers *buffers);

/**
 * How large the buffers are. Each may be NULL. `MW_OK`, or `MW_ERR_NULL`.
 */
mw_result mw_buffers_capacity(const struct mw_buffers *buffers, size_t *out_rx, size_t *out_tx);

/**
 * Moves up to `len` received bytes that were not read yet to `buffer`, and returns how many. Only
 * on MW_EVENT_COMPRESS, for those that are compressed already. 0 for NULL.
 */
size_t mw_buffers_take(struct mw_buffers *buffers,
                       uint8_t *buffer,
                       size_t len);

/**
 * Forgets what was received and what is to be sent, and wipes passwords among that. It is for the
 * end of a handle that was made by an `_init`, before its memory becomes something else's; the
 * `_free` functions do it by themselves. `MW_OK`, or `MW_ERR_NULL`.
 */
mw_result mw_buffers_clear(struct mw_buffers *buffers);

/**
 * Makes a connection in the caller's memory, of any alignment: `MW_IMAP_OVERHEAD` bytes, and
 * those of Rx and Tx. `config` may be NULL. The memory is mailwire's until the program forgets
 * the handle, by `mw_buffers_clear` if it may hold a password; nothing is to be freed. `MW_ERR_MEMORY`: it is too small (each buffer has 64 bytes
 * or more). On errors `*out_imap` is NULL.
 */
mw_result mw_imap_init(uint8_t *memory,
                       size_t len,
                       const struct mw_imap_config *config,
                       struct mw_imap **out_imap);

/**
 * Makes a connection by malloc. `config` may be NULL. To be ended by `mw_imap_free`. On errors
 * `*out_imap` is NULL. Not in builds without malloc.
 */
mw_result mw_imap_new(const struct mw_imap_config *config, struct mw_imap **out_imap);

/**
 * Ends what `mw_imap_new` made. NULL is allowed. Nothing is sent: see `mw_imap_logout`.
 */
void mw_imap_free(struct mw_imap *imap);

/**
 * The connection's bytes. NULL for NULL.
 */
struct mw_buffers *mw_imap_buffers(struct mw_imap *imap);

/**
 * Goes on to the next event. `now_ms` is a clock that never goes back, in milliseconds from any
 * moment. What the last event pointed to is gone after this.
 *
 * MW_EVENT: `*out_event` is one; MW_NEED_INPUT: there is none before more is received, and
 * `*out_event` is of kind 0; MW_CLOSED: the connection has ended in order; or an error. In any
 * case there may be bytes to be sent.
 */
mw_result mw_imap_advance(struct mw_imap *imap, uint64_t now_ms, struct mw_event *out_event);

/**
 * When `mw_imap_advance` must be called at the latest, though nothing was received, on the clock
 * of its `now_ms`; MW_NEVER if there is no such time, or for NULL. To call it earlier is harmless.
 */
uint64_t mw_imap_deadline(const struct mw_imap *imap);

/**
 * More of the last error of the handle. `MW_ERR_NULL` for NULL.
 */
mw_result mw_imap_last_error(const struct mw_imap *imap, struct mw_error *out_error);

/**
 * Where in RFC 9051 section 3 the connection stands: one of `MW_STATE_…`; 0 for NULL.
 */
uint32_t mw_imap_state(const struct mw_imap *imap);

/**
 * Whether the server offers a capability, such as "IDLE" or "AUTH=PLAIN", as far as it said.
 * Only registered ones are remembered; of others see MW_EVENT_CAPABILITY. False for NULL.
 */
bool mw_imap_has(const struct mw_imap *imap, const char *capability);

/**
 * Whether ENABLE switched it on (RFC 9051 section 6.3.1). False for NULL.
 */
bool mw_imap_enabled(const struct mw_imap *imap, const char *capability);

/**
 * Whether what the server offers is known, and nothing happened since that may have changed it:
 * only then LOGIN (when nothing else is in flight) and what needs a capability can be sent. The
 * connection asks by itself. False for NULL.
 */
bool mw_imap_knows_capabilities(const struct mw_imap *imap);

/**
 * Whether no command is in flight. False for NULL.
 */
bool mw_imap_is_quiet(const struct mw_imap *imap);

/**
 * Whether names and strings go as UTF-8: after UTF8=ACCEPT or IMAP4rev2 was enabled (RFC 6855).
 * False for NULL.
 */
bool mw_imap_is_utf8(const struct mw_imap *imap);

/**
 * What this server is treated differently for: `MW_QUIRK_…`, or'ed; 0 for nothing, or for NULL.
 */
uint32_t mw_imap_quirks(const struct mw_imap *imap);

/**
 * Says what it shall be treated differently for, from now on: `MW_QUIRK_…`, or'ed; 0 or
 * MW_QUIRK_NONE: nothing. No more is guessed. For a watcher, say it in its config.
 */
mw_result mw_imap_set_quirks(struct mw_imap *imap, uint32_t quirks);

/**
 * What the server offers, as far as it said: a list of capabilities, without those that
 * mailwire does not know. Valid until the next call on the handle that takes it without const.
 * Empty for NULL.
 */
struct mw_list mw_imap_capabilities(const struct mw_imap *imap);

/**
 * What ENABLE switched on: as `mw_imap_capabilities`.
 */
struct mw_list mw_imap_enabled_list(const struct mw_imap *imap);

/**
 * Whether the command with this tag has not been completed. False for NULL.
 */
bool mw_imap_is_in_flight(const struct mw_imap *imap, mw_tag tag);

/**
 * Whether the bytes go through a compressor. False for NULL.
 */
bool mw_imap_is_compressed(const struct mw_imap *imap);

/**
 * Fills in the limits. `MW_ERR_NULL` for NULL.
 */
mw_result mw_imap_limits(const struct mw_imap *imap, struct mw_limits *out_limits);

/**
 * Fills in what is known of the selected mailbox. `MW_ERR_WRONG_STATE` if none is, `MW_ERR_NULL`
 * for NULL.
 */
mw_result mw_imap_selected(const struct mw_imap *imap,
                           struct mw_selected *out_selected);

/**
 * Says that the handshake that MW_EVENT_START_TLS asked for is done.
 * `MW_ERR_DATA_BEFORE_TLS`: close the connection, somebody is in between.
 */
mw_result mw_imap_tls_started(struct mw_imap *imap);

/**
 * Says that both directions are compressed from now on, after MW_EVENT_COMPRESS.
 * `MW_ERR_COMPRESSED_IN_RX`: take what was received first.
 */
mw_result mw_imap_compress_started(struct mw_imap *imap);

/**
 * Says that neither direction is compressed any more, after MW_EVENT_COMPRESS_END.
 */
mw_result mw_imap_compress_ended(struct mw_imap *imap);

/**
 * Ends IDLE; its MW_EVENT_COMPLETED follows.
 */
mw_result mw_imap_done(struct mw_imap *imap);

/**
 * Gives up an AUTHENTICATE on MW_EVENT_CHALLENGE; its MW_EVENT_COMPLETED follows.
 */
mw_result mw_imap_cancel(struct mw_imap *imap);

/**
 * Answers MW_EVENT_CHALLENGE with bytes of the program's own (they are sent in base64, and
 * wiped): for mechanisms that `mw_sasl` does not have.
 */
mw_result mw_imap_respond_bytes(struct mw_imap *imap, const uint8_t *bytes, size_t len);

/**
 * Gives bytes of the message that MW_EVENT_SEND_LITERAL asks for: as many as there is room for.
 * `*out_taken` says how many; send what is pending and give the rest. Ask
 * `mw_imap_literal_remaining` whether more are wanted. More than was announced is not taken.
 */
mw_result mw_imap_write_literal(struct mw_imap *imap,
                                const uint8_t *bytes,
                                size_t len,
                                size_t *out_taken);

/**
 * How many bytes of the literal are still to be given; 0 if none are, or for NULL.
 */
uint64_t mw_imap_literal_remaining(const struct mw_imap *imap);

/**
 * Gives up the literal that is being sent, and with it the connection: there is no other way to
 * leave it open what the rest would have been.
 */
mw_result mw_imap_abandon_literal(struct mw_imap *imap);

/**
 * Ends an append on MW_EVENT_NEXT_PART: no more messages or parts.
 */
mw_result mw_imap_append_end(struct mw_imap *imap);

/**
 * Gives up an append in the middle: what was announced is filled up, and the server made to
 * refuse all of it, if that can be done on this server.
 */
mw_result mw_imap_append_cancel(struct mw_imap *imap);

/**
 * Prepares to sign in, in `MW_SASL_SIZE` bytes of the caller's memory, of any alignment. End it
 * by `mw_sasl_wipe`. On errors `*out_sasl` is NULL.
 */
mw_result mw_sasl_init(uint8_t *memory,
                       size_t len,
                       const struct mw_sasl_config *config,
                       struct mw_sasl **out_sasl);

/**
 * Wipes what `mw_sasl_init` made, keys and all. The memory is the caller's again. NULL is
 * allowed.
 */
void mw_sasl_wipe(struct mw_sasl *sasl);

/**
 * Prepares to sign in, by malloc. To be ended by `mw_sasl_free`. On errors `*out_sasl` is NULL.
 */
mw_result mw_sasl_new(const struct mw_sasl_config *config, struct mw_sasl **out_sasl);

/**
 * Wipes and ends what `mw_sasl_new` made. NULL is allowed.
 */
void mw_sasl_free(struct mw_sasl *sasl);

/**
 * Signs in over IMAP: sends AUTHENTICATE. On each MW_EVENT_CHALLENGE call `mw_imap_respond`; when
 * it was completed with OK, `mw_sasl_finish`. `out_tag` may be NULL.
 */
mw_result mw_imap_authenticate(struct mw_imap *imap,
                               struct mw_sasl *sasl,
                               mw_tag *out_tag);

/**
 * AUTHENTICATE (RFC 9051 section 6.2.2) by a mechanism that `mw_sasl` does not have. `initial`:
 * the first response, to be sent with it (in base64, and wiped) if the server offers SASL-IR; NULL
 * if there is none. MW_EVENT_CHALLENGE follows, which `mw_imap_respond_bytes` answers.
 */
mw_result mw_imap_authenticate_by(struct mw_imap *imap,
                                  const char *mechanism,
                                  const uint8_t *initial,
                                  size_t initial_len,
                                  mw_tag *out_tag);

/**
 * Answers MW_EVENT_CHALLENGE, which must be the last event. On errors the exchange was cancelled;
 * its MW_EVENT_COMPLETED follows.
 */
mw_result mw_imap_respond(struct mw_imap *imap,
                          struct mw_sasl *sasl,
                          const struct mw_event *event);

/**
 * Signs in over POP3: sends AUTH. Then as with IMAP, by `mw_pop3_respond`. The best mechanism is
 * chosen of those that CAPA told; without any use `mw_pop3_user` and `mw_pop3_pass`.
 */
mw_result mw_pop3_authenticate(struct mw_pop3 *pop3,
                               struct mw_sasl *sasl);

/**
 * Answers MW_POP3_CHALLENGE, which must be the last event. On errors the exchange was cancelled.
 */
mw_result mw_pop3_respond(struct mw_pop3 *pop3,
                          struct mw_sasl *sasl,
                          const struct mw_pop3_event *event);

/**
 * Chooses the mechanism for another protocol than IMAP and POP3: the one of the config, or the best
 * of those that `offered` names, words with spaces between them. Its name: `mw_sasl_mechanism`.
 * `MW_ERR_SASL_NO_MECHANISM`, `MW_ERR_SASL_LINK_IN_CLEAR` and others.
 */
mw_result mw_sasl_choose(struct mw_sasl *sasl,
                         const char *offered);

/**
 * The next response, for another protocol than IMAP and POP3: the bytes to be sent, not in base64
 * yet, go to `buffer`, and their number to `*out_len`; as they are secret, wipe them once they
 * were sent. `challenge` is what the server said, in base64. The first response of a mechanism
 * where the client begins ignores it (`*out_begins`, or NULL, is true then).
 * `MW_ERR_TX_FULL`: the buffer is too small, and the exchange is lost.
 */
mw_result mw_sasl_answer(struct mw_sasl *sasl,
                         struct mw_bytes challenge,
                         uint8_t *buffer,
                         size_t len,
                         size_t *out_len,
                         bool *out_begins);

/**
 * After the server's OK: lets the mechanism have the last word. `MW_OK`, or
 * `MW_ERR_SASL_SERVER_NOT_VERIFIED`: close the connection, the server does not know the password.
 */
mw_result mw_sasl_finish(struct mw_sasl *sasl);

/**
 * The name of the mechanism in use, or empty bytes. In static memory.
 */
struct mw_bytes mw_sasl_mechanism(const struct mw_sasl *sasl);

/**
 * What the server says of a token that it refused, in JSON; or empty bytes. Valid as long as
 * `sasl` and until the next call with it.
 */
struct mw_bytes mw_sasl_refusal(const struct mw_sasl *sasl);

/**
 * CAPABILITY (RFC 9051 section 6.1.1). The connection asks by itself where it must know.
 */
mw_result mw_imap_capability(struct mw_imap *imap, mw_tag *out_tag);

/**
 * NOOP (RFC 9051 section 6.1.2): hears what is new.
 */
mw_result mw_imap_noop(struct mw_imap *imap, mw_tag *out_tag);

/**
 * LOGOUT (RFC 9051 section 6.1.3): ends in order. MW_CLOSED follows.
 */
mw_result mw_imap_logout(struct mw_imap *imap, mw_tag *out_tag);

/**
 * STARTTLS (RFC 9051 section 6.2.1). After its MW_EVENT_COMPLETED comes MW_EVENT_START_TLS, and the
 * program does the handshake; if the server said NO, it does not come.
 */
mw_result mw_imap_starttls(struct mw_imap *imap,
                           mw_tag *out_tag);

/**
 * LOGIN (RFC 9051 section 6.2.3). Only inside TLS: the password is sent as it is. It is wiped
 * from Tx once sent. `MW_ERR_BUSY`, `MW_ERR_CAPABILITIES_UNKNOWN`: not until `mw_imap_is_quiet` and
 * `mw_imap_knows_capabilities`; advance, and try again. `MW_ERR_NOT_OFFERED`: the server lets
 * nobody in by it (LOGINDISABLED).
 */
mw_result mw_imap_login(struct mw_imap *imap,
                        const char *user,
                        const char *password,
                        mw_tag *out_tag);

/**
 * ENABLE (RFC 9051 section 6.3.1): words such as "CONDSTORE UTF8=ACCEPT".
 */
mw_result mw_imap_enable(struct mw_imap *imap, const char *capabilities, mw_tag *out_tag);

/**
 * UNAUTHENTICATE (RFC 8437): back to before the login.
 */
mw_result mw_imap_unauthenticate(struct mw_imap *imap, mw_tag *out_tag);

/**
 * COMPRESS (RFC 4978). After its MW_EVENT_COMPLETED comes MW_EVENT_COMPRESS.
 */
mw_result mw_imap_compress(struct mw_imap *imap, mw_tag *out_tag);

/**
 * SELECT (RFC 9051 section 6.3.2): opens a mailbox (its name in UTF-8). `options` may be NULL.
 * What is known of it then: `mw_imap_selected`.
 */
mw_result mw_imap_select(struct mw_imap *imap,
                         const char *mailbox,
                         const struct mw_select_options *options,
                         mw_tag *out_tag);

/**
 * EXAMINE (RFC 9051 section 6.3.3): the same, but nothing in it is changed.
 */
mw_result mw_imap_examine(struct mw_imap *imap,
                          const char *mailbox,
                          const struct mw_select_options *options,
                          mw_tag *out_tag);

/**
 * CREATE (RFC 9051 section 6.3.4). `special_use`: NULL, or attributes such as "\\Sent" (RFC
 * 6154).
 */
mw_result mw_imap_create(struct mw_imap *imap,
                         const char *mailbox,
                         const char *special_use,
                         mw_tag *out_tag);

/**
 * DELETE (RFC 9051 section 6.3.5).
 */
mw_result mw_imap_delete(struct mw_imap *imap, const char *mailbox, mw_tag *out_tag);

/**
 * RENAME (RFC 9051 section 6.3.6).
 */
mw_result mw_imap_rename(struct mw_imap *imap,
                         const char *from,
                         const char *to,
                         mw_tag *out_tag);

/**
 * SUBSCRIBE (RFC 9051 section 6.3.7).
 */
mw_result mw_imap_subscribe(struct mw_imap *imap, const char *mailbox, mw_tag *out_tag);

/**
 * UNSUBSCRIBE (RFC 9051 section 6.3.8).
 */
mw_result mw_imap_unsubscribe(struct mw_imap *imap, const char *mailbox, mw_tag *out_tag);

/**
 * LIST (RFC 9051 section 6.3.9): mailboxes whose names match `pattern`, in which * matches
 * anything and % anything within a level. Each is a MW_EVENT_LIST. `options` may be NULL.
 */
mw_result mw_imap_list(struct mw_imap *imap,
                       const char *pattern,
                       const struct mw_list_options *options,
                       mw_tag *out_tag);

/**
 * LSUB (RFC 3501 section 6.3.9): subscribed mailboxes. `reference` may be NULL.
 */
mw_result mw_imap_lsub(struct mw_imap *imap,
                       const char *reference,
                       const char *pattern,
                       mw_tag *out_tag);

/**
 * XLIST (Gmail, before SPECIAL-USE). `reference` may be NULL.
 */
mw_result mw_imap_xlist(struct mw_imap *imap,
                        const char *reference,
                        const char *pattern,
                        mw_tag *out_tag);

/**
 * RLIST (RFC 2193 section 5.1). `reference` may be NULL.
 */
mw_result mw_imap_rlist(struct mw_imap *imap,
                        const char *reference,
                        const char *pattern,
                        mw_tag *out_tag);

/**
 * RLSUB (RFC 2193 section 5.2). `reference` may be NULL.
 */
mw_result mw_imap_rlsub(struct mw_imap *imap,
                        const char *reference,
                        const char *pattern,
                        mw_tag *out_tag);

/**
 * NAMESPACE (RFC 9051 section 6.3.10): MW_EVENT_NAMESPACE.
 */
mw_result mw_imap_namespace(struct mw_imap *imap, mw_tag *out_tag);

/**
 * STATUS (RFC 9051 section 6.3.11): figures of a mailbox that need not be selected. `items`:
 * words such as "MESSAGES UIDNEXT UNSEEN". MW_EVENT_MAILBOX_STATUS.
 */
mw_result mw_imap_status(struct mw_imap *imap,
                         const char *mailbox,
                         const char *items,
                         mw_tag *out_tag);

/**
 * APPEND (RFC 9051 section 6.3.12): puts a message of `size` bytes into a mailbox.
 * MW_EVENT_SEND_LITERAL asks for the bytes. `options` may be NULL.
 */
mw_result mw_imap_append(struct mw_imap *imap,
                         const char *mailbox,
                         uint64_t size,
                         const struct mw_append_options *options,
                         mw_tag *out_tag);

/**
 * APPEND of several messages at once (MULTIAPPEND, RFC 3502): MW_EVENT_NEXT_PART asks for each
 * by `mw_imap_append_message`.
 */
mw_result mw_imap_multi_append(struct mw_imap *imap, const char *mailbox, mw_tag *out_tag);

/**
 * Answers MW_EVENT_NEXT_PART of `mw_imap_multi_append`: another message of `size` bytes.
 * `options` may be NULL.
 */
mw_result mw_imap_append_message(struct mw_imap *imap,
                                 uint64_t size,
                                 const struct mw_append_options *options);

/**
 * Answers MW_EVENT_NEXT_PART of a message that is put together: with `url`, what that names (and
 * `size` is not used); else `size` bytes, for which MW_EVENT_SEND_LITERAL asks. `utf8`: as
 * MW_APPEND_UTF8.
 */
mw_result mw_imap_append_part(struct mw_imap *imap,
                              const char *url,
                              uint64_t size,
                              bool utf8);

/**
 * REPLACE and UID REPLACE (RFC 8508): an APPEND in place of message `replaced`, whose number is
 * a UID with MW_BY_UID in `by`.
 */
mw_result mw_imap_replace(struct mw_imap *imap,
                          uint32_t replaced,
                          uint32_t by,
                          const char *mailbox,
                          uint64_t size,
                          const struct mw_append_options *options,
                          mw_tag *out_tag);

/**
 * IDLE (RFC 9051 section 6.3.13): MW_EVENT_IDLING, then what happens as events. End it by
 * `mw_imap_done`, after 29 minutes at the latest.
 */
mw_result mw_imap_idle(struct mw_imap *imap, mw_tag *out_tag);

/**
 * CHECK (RFC 3501 section 6.4.1).
 */
mw_result mw_imap_check(struct mw_imap *imap, mw_tag *out_tag);

/**
 * CLOSE (RFC 9051 section 6.4.1): leaves the mailbox and removes what is \Deleted.
 */
mw_result mw_imap_close(struct mw_imap *imap, mw_tag *out_tag);

/**
 * UNSELECT (RFC 9051 section 6.4.2): leaves the mailbox and removes nothing.
 */
mw_result mw_imap_unselect(struct mw_imap *imap, mw_tag *out_tag);

/**
 * EXPUNGE (RFC 9051 section 6.4.3): removes what is \Deleted.
 */
mw_result mw_imap_expunge(struct mw_imap *imap, mw_tag *out_tag);

/**
 * UID EXPUNGE (RFC 9051 section 6.4.9): of those.
 */
mw_result mw_imap_uid_expunge(struct mw_imap *imap, const char *uids, mw_tag *out_tag);

/**
 * SEARCH and UID SEARCH (RFC 9051 section 6.4.4). `query`: search keys as in the RFCs, such as
 * "UNSEEN FROM \"Ada L\" OR SINCE 1-Feb-2026 FLAGGED" (strings quoted or single words, in
 * UTF-8); "" and NULL are ALL. It is read, checked and written anew: 31 levels deep,
 * and quoted strings of 512 bytes if they have escapes, at most. `returns`: NULL for a
 * MW_EVENT_SEARCH, else what is wanted in a MW_EVENT_ESEARCH: words such as "MIN COUNT", "ALL",
 * "SAVE" (for the set "$"), "PARTIAL -1:-50", or "". `by`: MW_BY_UID or MW_BY_NUMBER, what the
 * answer shall hold.
 */
mw_result mw_imap_search(struct mw_imap *imap,
                         const char *query,
                         const char *returns,
                         uint32_t by,
                         mw_tag *out_tag);

/**
 * SORT and UID SORT (RFC 5256). `criteria`: words such as "REVERSE DATE SUBJECT". Others as for
 * SEARCH. MW_EVENT_SORT, or MW_EVENT_ESEARCH.
 */
mw_result mw_imap_sort(struct mw_imap *imap,
                       const char *criteria,
                       const char *query,
                       const char *returns,
                       uint32_t by,
                       mw_tag *out_tag);

/**
 * THREAD and UID THREAD (RFC 5256). `algorithm`: "ORDEREDSUBJECT", "REFERENCES" or "REFS".
 * `query` and `by` as for SEARCH. MW_EVENT_THREAD.
 */
mw_result mw_imap_thread(struct mw_imap *imap,
                         const char *algorithm,
                         const char *query,
                         uint32_t by,
                         mw_tag *out_tag);

/**
 * ESEARCH (MULTISEARCH, RFC 7377): searches several mailboxes. Each answers by a
 * MW_EVENT_ESEARCH with UIDs.
 */
mw_result mw_imap_esearch(struct mw_imap *imap,
                          const struct mw_scope *scopes,
                          size_t scopes_count,
                          const char *query,
                          const char *returns,
                          mw_tag *out_tag);

/**
 * CANCELUPDATE (RFC 5267): no more is to be told of those searches.
 */
mw_result mw_imap_cancel_update(struct mw_imap *imap,
                                const mw_tag *tags,
                                size_t tags_count,
                                mw_tag *out_tag);

/**
 * UIDBATCHES (RFC 10022): the mailbox in batches of about `size` messages; only those from the
 * `first` to the `last`, or all if both are 0. MW_EVENT_UID_BATCHES.
 */
mw_result mw_imap_uid_batches(struct mw_imap *imap,
                              uint32_t size,
                              uint32_t first,
                              uint32_t last,
                              mw_tag *out_tag);

/**
 * FETCH and UID FETCH (RFC 9051 section 6.4.5). `set`: a sequence set such as "1:5,9", "7:*" or
 * "$". `items`: such as "UID FLAGS ENVELOPE BODY.PEEK[HEADER.FIELDS (FROM TO)]<0.512>". `by`: what
 * the set holds, MW_BY_UID or MW_BY_NUMBER. `options` may be NULL. MW_EVENT_FETCH_START and others.
 */
mw_result mw_imap_fetch(struct mw_imap *imap,
                        const char *set,
                        const char *items,
                        uint32_t by,
                        const struct mw_fetch_options *options,
                        mw_tag *out_tag);

/**
 * STORE and UID STORE (RFC 9051 section 6.4.6): changes flags. `action`: one of `MW_STORE_…`;
 * `flags`: such as "\\Seen $Junk". `options` may be NULL.
 */
mw_result mw_imap_store(struct mw_imap *imap,
                        const char *set,
                        uint32_t action,
                        const char *flags,
                        uint32_t by,
                        const struct mw_store_options *options,
                        mw_tag *out_tag);

/**
 * STORE of X-GM-LABELS (Gmail): as STORE; the labels are in UTF-8.
 */
mw_result mw_imap_store_x_gm_labels(struct mw_imap *imap,
                                    const char *set,
                                    uint32_t action,
                                    const char *const *labels,
                                    size_t labels_count,
                                    uint32_t by,
                                    bool silent,
                                    mw_tag *out_tag);

/**
 * COPY and UID COPY (RFC 9051 section 6.4.7).
 */
mw_result mw_imap_copy(struct mw_imap *imap,
                       const char *set,
                       const char *mailbox,
                       uint32_t by,
                       mw_tag *out_tag);

/**
 * MOVE and UID MOVE (RFC 9051 section 6.4.8).
 */
mw_result mw_imap_move(struct mw_imap *imap,
                       const char *set,
                       const char *mailbox,
                       uint32_t by,
                       mw_tag *out_tag);

/**
 * ID (RFC 2971): says who the program is, in at most 30 fields, and asks who the server is. A
 * value of NULL is NIL. MW_EVENT_ID.
 */
mw_result mw_imap_id(struct mw_imap *imap,
                     const struct mw_pair *fields,
                     size_t fields_count,
                     mw_tag *out_tag);

/**
 * GETQUOTA (RFC 9208 section 4.1.1): MW_EVENT_QUOTA.
 */
mw_result mw_imap_get_quota(struct mw_imap *imap, const char *root, mw_tag *out_tag);

/**
 * GETQUOTAROOT (RFC 9208 section 4.1.2): MW_EVENT_QUOTA_ROOT and MW_EVENT_QUOTA.
 */
mw_result mw_imap_get_quota_root(struct mw_imap *imap, const char *mailbox, mw_tag *out_tag);

/**
 * SETQUOTA (RFC 9208 section 4.1.3): sets the limits of a quota root.
 */
mw_result mw_imap_set_quota(struct mw_imap *imap,
                            const char *root,
                            const struct mw_quota_limit *limits,
                            size_t limits_count,
                            mw_tag *out_tag);

/**
 * SETACL (RFC 4314 section 3.1). `rights`: "lrs"; "+lrs" adds, "-lrs" takes.
 */
mw_result mw_imap_set_acl(struct mw_imap *imap,
                          const char *mailbox,
                          const char *identifier,
                          const char *rights,
                          mw_tag *out_tag);

/**
 * DELETEACL (RFC 4314 section 3.2).
 */
mw_result mw_imap_delete_acl(struct mw_imap *imap,
                             const char *mailbox,
                             const char *identifier,
                             mw_tag *out_tag);

/**
 * GETACL (RFC 4314 section 3.3): MW_EVENT_ACL.
 */
mw_result mw_imap_get_acl(struct mw_imap *imap, const char *mailbox, mw_tag *out_tag);

/**
 * LISTRIGHTS (RFC 4314 section 3.4): MW_EVENT_LIST_RIGHTS.
 */
mw_result mw_imap_list_rights(struct mw_imap *imap,
                              const char *mailbox,
                              const char *identifier,
                              mw_tag *out_tag);

/**
 * MYRIGHTS (RFC 4314 section 3.5): MW_EVENT_MY_RIGHTS.
 */
mw_result mw_imap_my_rights(struct mw_imap *imap, const char *mailbox, mw_tag *out_tag);

/**
 * GETMETADATA (RFC 5464 section 4.2): `entries`, such as "/private/comment". An empty
 * mailbox is the server. `max_size`: bytes of a value, 0 for any. `depth`: 0, 1 or
 * MW_DEPTH_INFINITY. MW_EVENT_METADATA.
 */
mw_result mw_imap_get_metadata(struct mw_imap *imap,
                               const char *mailbox,
                               const char *const *entries,
                               size_t entries_count,
                               uint32_t max_size,
                               uint32_t depth,
                               mw_tag *out_tag);

/**
 * SETMETADATA (RFC 5464 section 4.3). A value with a `ptr` of NULL removes the entry.
 */
mw_result mw_imap_set_metadata(struct mw_imap *imap,
                               const char *mailbox,
                               const struct mw_metadata_entry *entries,
                               size_t entries_count,
                               mw_tag *out_tag);

/**
 * LANGUAGE (RFC 5255 section 3.2): language tags in the order of preference, such as "de en";
 * NULL asks which there are. MW_EVENT_LANGUAGE.
 */
mw_result mw_imap_language(struct mw_imap *imap, const char *ranges, mw_tag *out_tag);

/**
 * COMPARATOR (RFC 5255 section 4.7): names in the order of preference; NULL asks for the active
 * one. MW_EVENT_COMPARATOR.
 */
mw_result mw_imap_comparator(struct mw_imap *imap, const char *orders, mw_tag *out_tag);

/**
 * GETJMAPACCESS (RFC 9698): MW_EVENT_JMAP_ACCESS.
 */
mw_result mw_imap_get_jmap_access(struct mw_imap *imap, mw_tag *out_tag);

/**
 * GENURLAUTH (RFC 4467): URLs, each with its mechanism as value, such as "INTERNAL".
 * MW_EVENT_GEN_URL_AUTH.
 */
mw_result mw_imap_gen_url_auth(struct mw_imap *imap,
                               const struct mw_pair *urls,
                               size_t urls_count,
                               mw_tag *out_tag);

/**
 * RESETKEY (RFC 4467): makes URLs void. A mailbox of NULL means all; `mechanisms`: words, or
 * NULL.
 */
mw_result mw_imap_reset_key(struct mw_imap *imap,
                            const char *mailbox,
                            const char *mechanisms,
                            mw_tag *out_tag);

/**
 * URLFETCH (RFC 4467, RFC 5524): URLs, each with what is wanted as value: NULL, or words of
 * "BODY BINARY BODYPARTSTRUCTURE". MW_EVENT_URL_FETCH.
 */
mw_result mw_imap_url_fetch(struct mw_imap *imap,
                            const struct mw_pair *urls,
                            size_t urls_count,
                            mw_tag *out_tag);

/**
 * NOTIFY (RFC 5465): says of which events, in which mailboxes, the server shall tell at any
 * time; no group is NOTIFY NONE. `items`: what to fetch of new messages in the selected mailbox,
 * as for FETCH; or NULL. `status`: whether to tell at once how the mailboxes stand.
 */
mw_result mw_imap_notify(struct mw_imap *imap,
                         const struct mw_notify_group *groups,
                         size_t groups_count,
                         const char *items,
                         bool status,
                         mw_tag *out_tag);

/**
 * A command that mailwire does not know: its name, and arguments that are written so that none
 * can be taken for anything else. Nothing else may be in flight.
 */
mw_result mw_imap_custom(struct mw_imap *imap,
                         const char *name,
                         const struct mw_argument *arguments,
                         size_t arguments_count,
                         mw_tag *out_tag);

/**
 * Reads the response of an extension: `MW_OK`; `MW_ERR_WRONG_KIND` if the event is of no
 * extension; `MW_ERR_MALFORMED` if it cannot be understood (`event->bytes` has it all the same);
 * `MW_ERR_NULL`. The result is valid as long as the event.
 */
mw_result mw_event_read(const struct mw_event *event,
                        struct mw_record *out_record);

/**
 * Like snprintf for a string's value: copies what fits of it to `buffer`, ends it with NUL if
 * `len` is not 0, and returns how many bytes all of it has, without the NUL; if that is not less
 * than `len`, it was cut (between characters, if it is a mailbox name). Mailbox names come as
 * UTF-8, other values as the server's bytes, which may hold NUL. `buffer` may be NULL if `len` is
 * 0. For NULL, or a string whose `ptr` is NULL, the copy is empty.
 */
size_t mw_string_copy(const struct mw_string *string,
                      char *buffer,
                      size_t len);

/**
 * The same for text that a sender wrote, such as a subject or a name in an ENVELOPE: encoded
 * words (RFC 2047) are decoded, control characters come as spaces, and the copy is UTF-8, cut
 * between characters.
 */
size_t mw_string_decode(const struct mw_string *string, char *buffer, size_t len);

/**
 * Whether the string's value is `text`, letters A to Z being equal to a to z. Mailbox names other
 * than INBOX must be compared with regard to case: copy them. False for NULL.
 */
bool mw_string_is(const struct mw_string *string,
                  const char *text);

/**
 * Takes the next range. False, and nothing is written, if there is none. NULL: false.
 */
bool mw_numbers_next(struct mw_numbers *numbers, struct mw_range *out_range);

/**
 * Writes what is left of a cursor as a sequence set for a command, such as "1:3,7:*". Like
 * snprintf: as many whole ranges as fit, ended by NUL if `len` is not 0, and returned is how many
 * bytes all of them have. Nothing is taken from the cursor.
 */
size_t mw_numbers_copy(const struct mw_numbers *numbers,
                       char *buffer,
                       size_t len);

/**
 * How many numbers are left in a cursor; MW_UNKNOWN if that depends on a `*` or on what the
 * server keeps ("$"). 0 for NULL.
 */
uint64_t mw_numbers_count(const struct mw_numbers *numbers);

/**
 * Writes numbers as a sequence set for a command, such as "1:3,7", joining those that follow
 * each other: as many of the `count` as fit into `len` bytes with the NUL. Returns how many were
 * written, so that the others can be sent with another command; 0 if there is no room for one,
 * or at a number 0, which is none.
 */
size_t mw_set_write(const uint32_t *numbers,
                    size_t count,
                    char *buffer,
                    size_t len);

/**
 * Takes the next entry. False, and nothing is written, if there is none. NULL: false.
 */
bool mw_list_next(struct mw_list *list, struct mw_entry *out_entry);

/**
 * Looks for an entry by name, letters A to Z being equal to a to z, without moving the cursor.
 * Flags are named with their backslash, if they have one: "\\Seen", "$Forwarded". `out_entry`
 * may be NULL. False if there is none, or for NULL.
 */
bool mw_list_find(const struct mw_list *list, const char *name, struct mw_entry *out_entry);

/**
 * Takes the next token: returns one of `MW_THREAD_…`, or 0 at the end or for NULL.
 * `out_number` gets the number of MW_THREAD_NUMBER; it may be NULL.
 */
uint32_t mw_threads_next(struct mw_threads *threads, uint32_t *out_number);

/**
 * Takes the next address. False, and nothing is written, if there is none. NULL: false.
 */
bool mw_addresses_next(struct mw_addresses *addresses, struct mw_address *out_address);

/**
 * Reads an ENVELOPE out of `mw_part.envelope`. False, and nothing is written, if it is none.
 */
bool mw_envelope_of(struct mw_bytes envelope, struct mw_envelope *out_envelope);

/**
 * Begins to walk a structure: `event.data.structure`, or `mw_entry.structure`. False if it is
 * none, or for NULL; then `out_parts` has no parts.
 */
bool mw_parts_of(struct mw_bytes structure, struct mw_parts *out_parts);

/**
 * Takes the next part. False, and nothing is written, if there is none. NULL: false.
 */
bool mw_parts_next(struct mw_parts *parts, struct mw_part *out_part);

/**
 * Reads a date as in a message's Date field (RFC 5322 section 3.3), such as an ENVELOPE's.
 * Without one, `valid` is false.
 */
struct mw_date_time mw_date_parse(const struct mw_string *date);

/**
 * Goes on to the next events and writes each to `buffer` as a line of JSON that ends in LF, until
 * more input is needed or the program has to look. Each is an object; its field `event` is the
 * name of the `MW_EVENT_…` in small letters, such as "fetch_item"; others are named as in Rust,
 * where `serde` shows them. Texts that are not UTF-8 have U+FFFD in place of what is not. In an
 * ENVELOPE, subject and names are decoded, as by `mw_string_decode`.
 *
 * `*out_len` bytes were written, whatever the result is, and no line is cut:
 *
 * - MW_EVENT: go on after having looked. If `out_chunk->ptr` is not NULL, it lends bytes of a body
 *   (MW_EVENT_FETCH_CHUNK), which come after all the lines and are in no line. If it is NULL, the
 *   last line is an event that the program may have to act upon, or `buffer` is full.
 * - MW_NEED_INPUT, MW_CLOSED and errors: as of `mw_imap_advance`, after the lines.
 * - `MW_ERR_MEMORY`: not even one event fits `buffer`; `*out_len` is what it needs, and nothing was
 *   written. Nothing is lost: call it again, with more.
 *
 * `mw_imap_advance` may be called in turn with it. Not in builds without json.
 */
mw_result mw_imap_read_json(struct mw_imap *imap,
                            uint64_t now_ms,
                            uint8_t *buffer,
                            size_t len,
                            size_t *out_len,
                            struct mw_bytes *out_chunk);

/**
 * As `mw_imap_read_json`. Of a message, MW_POP3_MESSAGE_CHUNK is what `*out_chunk` lends; the
 * object of a greeting with a timestamp for APOP has it as `timestamp`.
 */
mw_result mw_pop3_read_json(struct mw_pop3 *pop3,
                            uint64_t now_ms,
                            uint8_t *buffer,
                            size_t len,
                            size_t *out_len,
                            struct mw_bytes *out_chunk);

/**
 * Writes what the connection knows of itself to `buffer` as one object, in JSON: `state`,
 * `selected` (null, or what `mw_selected` has), `capabilities`, `knows_capabilities`, `enabled`.
 * `*out_len` is how long it is; if that is more than `len`, nothing was written, and the result is
 * `MW_ERR_MEMORY`. Not in builds without json.
 */
mw_result mw_imap_state_json(struct mw_imap *imap,
                             uint8_t *buffer,
                             size_t len,
                             size_t *out_len);

/**
 * Makes a connection in the caller's memory, of any alignment: `MW_POP3_OVERHEAD` bytes, and
 * those of Rx and Tx. As `mw_imap_init`.
 */
mw_result mw_pop3_init(uint8_t *memory,
                       size_t len,
                       const struct mw_pop3_config *config,
                       struct mw_pop3 **out_pop3);

/**
 * Makes a connection by malloc. As `mw_imap_new`; to be ended by `mw_pop3_free`.
 */
mw_result mw_pop3_new(const struct mw_pop3_config *config, struct mw_pop3 **out_pop3);

/**
 * Ends what `mw_pop3_new` made. NULL is allowed. Nothing is sent: see `mw_pop3_quit`.
 */
void mw_pop3_free(struct mw_pop3 *pop3);

/**
 * The connection's bytes. NULL for NULL.
 */
struct mw_buffers *mw_pop3_buffers(struct mw_pop3 *pop3);

/**
 * Goes on to the next event: as `mw_imap_advance`.
 */
mw_result mw_pop3_advance(struct mw_pop3 *pop3,
                          uint64_t now_ms,
                          struct mw_pop3_event *out_event);

/**
 * As `mw_imap_deadline`.
 */
uint64_t mw_pop3_deadline(const struct mw_pop3 *pop3);

/**
 * More of the last error of the handle. `MW_ERR_NULL` for NULL.
 */
mw_result mw_pop3_last_error(const struct mw_pop3 *pop3, struct mw_error *out_error);

/**
 * Where in RFC 1939 the connection stands: one of `MW_POP3_STATE_…`; 0 for NULL.
 */
uint32_t mw_pop3_state(const struct mw_pop3 *pop3);

/**
 * Whether the server offers a capability, such as "TOP" or "STLS". False for NULL.
 */
bool mw_pop3_has(const struct mw_pop3 *pop3, const char *capability);

/**
 * Whether the server offers a SASL mechanism, such as "PLAIN". False for NULL.
 */
bool mw_pop3_has_mechanism(const struct mw_pop3 *pop3, const char *mechanism);

/**
 * The SASL mechanisms that the server offers, as far as mailwire knows them: a list of strings.
 * Valid until the next call on the handle that takes it without const. Empty for NULL.
 */
struct mw_list mw_pop3_mechanisms(const struct mw_pop3 *pop3);

/**
 * Fills in the limits. `MW_ERR_NULL` for NULL.
 */
mw_result mw_pop3_limits_of(const struct mw_pop3 *pop3, struct mw_pop3_limits *out_limits);

/**
 * Whether UTF-8 mode is on (RFC 6856 section 2.1). False for NULL.
 */
bool mw_pop3_is_utf8(const struct mw_pop3 *pop3);

/**
 * Tells an observer of a command that the client sent: one of `MW_POP3_CMD_…`. Without that its
 * answer is one line, MW_POP3_STATUS. `MW_ERR_TOO_MANY_IN_FLIGHT`: read events first.
 * `MW_ERR_WRONG_STATE`: it is no observer.
 */
mw_result mw_pop3_expect(struct mw_pop3 *pop3,
                         uint32_t command);

/**
 * Whether what the server offers is known. The connection asks by itself. False for NULL.
 */
bool mw_pop3_knows_capabilities(const struct mw_pop3 *pop3);

/**
 * How many commands are in flight. 0 for NULL.
 */
size_t mw_pop3_in_flight(const struct mw_pop3 *pop3);

/**
 * Says that the handshake that MW_POP3_START_TLS asked for is done.
 */
mw_result mw_pop3_tls_started(struct mw_pop3 *pop3);

/**
 * Gives up an AUTH on MW_POP3_CHALLENGE.
 */
mw_result mw_pop3_cancel(struct mw_pop3 *pop3);

/**
 * Answers MW_POP3_CHALLENGE with bytes of the program's own (they are sent in base64, and
 * wiped): for mechanisms that `mw_sasl` does not have.
 */
mw_result mw_pop3_respond_bytes(struct mw_pop3 *pop3, const uint8_t *bytes, size_t len);

/**
 * AUTH (RFC 5034 section 4) by a mechanism that `mw_sasl` does not have. `initial`: the first
 * response, to be sent with it (in base64, and wiped); NULL if the server begins.
 * MW_POP3_CHALLENGE follows, which `mw_pop3_respond_bytes` answers.
 */
mw_result mw_pop3_auth(struct mw_pop3 *pop3,
                       const char *mechanism,
                       const uint8_t *initial,
                       size_t initial_len);

/**
 * A command that mailwire does not know: its name and the words behind it, which hold no spaces.
 * `has_lines`: whether lines follow its +OK, up to a dot, each a MW_POP3_LINE.
 */
mw_result mw_pop3_custom(struct mw_pop3 *pop3,
                         const char *name,
                         const char *const *words,
                         size_t words_count,
                         bool has_lines);

/**
 * USER (RFC 1939 section 7). When it was completed, PASS.
 */
mw_result mw_pop3_user(struct mw_pop3 *pop3, const char *user);

/**
 * PASS (RFC 1939 section 7). Only inside TLS. The password is wiped from Tx once sent.
 */
mw_result mw_pop3_pass(struct mw_pop3 *pop3, const char *password);

/**
 * APOP (RFC 1939 section 7), with the timestamp that the greeting had in `bytes`, kept by the
 * program.
 */
mw_result mw_pop3_apop(struct mw_pop3 *pop3,
                       const char *user,
                       const char *password,
                       const uint8_t *timestamp,
                       size_t timestamp_len);

/**
 * CAPA (RFC 2449 section 5). The connection asks by itself.
 */
mw_result mw_pop3_capa(struct mw_pop3 *pop3);

/**
 * STLS (RFC 2595 section 4). After its MW_POP3_COMPLETED comes MW_POP3_START_TLS.
 */
mw_result mw_pop3_stls(struct mw_pop3 *pop3);

/**
 * STAT (RFC 1939 section 5). MW_POP3_STAT.
 */
mw_result mw_pop3_stat(struct mw_pop3 *pop3);

/**
 * RSET (RFC 1939 section 5): no message is to be deleted.
 */
mw_result mw_pop3_rset(struct mw_pop3 *pop3);

/**
 * NOOP (RFC 1939 section 5).
 */
mw_result mw_pop3_noop(struct mw_pop3 *pop3);

/**
 * QUIT (RFC 1939 section 5): deletes, and ends. MW_CLOSED follows.
 */
mw_result mw_pop3_quit(struct mw_pop3 *pop3);

/**
 * UTF8 (RFC 6856 section 2).
 */
mw_result mw_pop3_utf8(struct mw_pop3 *pop3);

/**
 * LIST (RFC 1939 section 5): sizes. `message` 0: of all. MW_POP3_LIST_ITEM.
 */
mw_result mw_pop3_list(struct mw_pop3 *pop3, uint32_t message);

/**
 * UIDL (RFC 1939 section 7): unique-ids. `message` 0: of all. MW_POP3_UIDL_ITEM.
 */
mw_result mw_pop3_uidl(struct mw_pop3 *pop3, uint32_t message);

/**
 * RETR (RFC 1939 section 5): a message. MW_POP3_MESSAGE_START and others.
 */
mw_result mw_pop3_retr(struct mw_pop3 *pop3, uint32_t message);

/**
 * TOP (RFC 1939 section 7): the header and the first `lines` of a message.
 */
mw_result mw_pop3_top(struct mw_pop3 *pop3, uint32_t message, uint32_t lines);

/**
 * DELE (RFC 1939 section 5): a message is deleted once QUIT was completed.
 */
mw_result mw_pop3_dele(struct mw_pop3 *pop3, uint32_t message);

/**
 * LANG (RFC 6856 section 3): a language's tag, or NULL to ask which there are. MW_POP3_LANGUAGE.
 */
mw_result mw_pop3_lang(struct mw_pop3 *pop3,
                       const char *language);

/**
 * Reads the `MW_CURSOR_SIZE` bytes of a cursor. False if they are damaged, and for NULL.
 */
bool mw_cursor_read(const uint8_t *cursor, struct mw_cursor *out_cursor);

/**
 * Writes the `MW_CURSOR_SIZE` bytes of a cursor, for `mw_watched`: to begin at a UID of the
 * program's choice. `MW_OK`, or `MW_ERR_NULL`.
 */
mw_result mw_cursor_write(const struct mw_cursor *cursor, uint8_t *out_cursor);

/**
 * Makes a watcher in the caller's memory, of any alignment. `config` must not be NULL. Connect,
 * then advance it. As `mw_imap_init`.
 */
mw_result mw_watch_init(uint8_t *memory,
                        size_t len,
                        const struct mw_watch_config *config,
                        struct mw_watch **out_watch);

/**
 * Makes a watcher by malloc. `config` must not be NULL. To be ended by `mw_watch_free`.
 */
mw_result mw_watch_new(const struct mw_watch_config *config, struct mw_watch **out_watch);

/**
 * Ends what `mw_watch_new` made. NULL is allowed. Nothing is sent: see `mw_watch_stop`.
 */
void mw_watch_free(struct mw_watch *watch);

/**
 * The watcher's bytes. NULL for NULL.
 */
struct mw_buffers *mw_watch_buffers(struct mw_watch *watch);

/**
 * Goes on to the next event: as `mw_imap_advance`. What goes wrong with the connection is
 * MW_WATCH_RETRY.
 */
mw_result mw_watch_advance(struct mw_watch *watch,
                           uint64_t now_ms,
                           struct mw_watch_event *out_event);

/**
 * As `mw_imap_deadline`.
 */
uint64_t mw_watch_deadline(const struct mw_watch *watch);

/**
 * More of the last error of the watcher's own calls. `MW_ERR_NULL` for NULL.
 */
mw_result mw_watch_last_error(const struct mw_watch *watch, struct mw_error *out_error);

/**
 * Says that the handshake that MW_WATCH_START_TLS asked for is done.
 */
mw_result mw_watch_tls_started(struct mw_watch *watch);

/**
 * Begins on a new transport, after MW_WATCH_RETRY. What is left in the buffers is dropped.
 */
mw_result mw_watch_reconnect(struct mw_watch *watch);

/**
 * Says that no transport could be had, or that it failed: MW_WATCH_RETRY comes next.
 */
mw_result mw_watch_unreachable(struct mw_watch *watch);

/**
 * Makes a watcher in the caller's memory, of any alignment. `config` must not be NULL. Connect,
 * then advance it. As `mw_imap_init`.
 */
mw_result mw_pop3_watch_init(uint8_t *memory,
                             size_t len,
                             const struct mw_pop3_watch_config *config,
                             struct mw_pop3_watch **out_watch);

/**
 * Makes a watcher by malloc. `config` must not be NULL. To be ended by `mw_pop3_watch_free`.
 */
mw_result mw_pop3_watch_new(const struct mw_pop3_watch_config *config,
                            struct mw_pop3_watch **out_watch);

/**
 * Ends what `mw_pop3_watch_new` made. NULL is allowed. Nothing is sent: see `mw_pop3_watch_stop`.
 */
void mw_pop3_watch_free(struct mw_pop3_watch *watch);

/**
 * The watcher's bytes. NULL for NULL.
 */
struct mw_buffers *mw_pop3_watch_buffers(struct mw_pop3_watch *watch);

/**
 * Goes on to the next event: as `mw_imap_advance`. What goes wrong with the connection is
 * MW_WATCH_RETRY.
 */
mw_result mw_pop3_watch_advance(struct mw_pop3_watch *watch,
                                uint64_t now_ms,
                                struct mw_watch_event *out_event);

/**
 * As `mw_imap_deadline`.
 */
uint64_t mw_pop3_watch_deadline(const struct mw_pop3_watch *watch);

/**
 * More of the last error of the watcher's own calls. `MW_ERR_NULL` for NULL.
 */
mw_result mw_pop3_watch_last_error(const struct mw_pop3_watch *watch,
                                   struct mw_error *out_error);

/**
 * Says that the handshake that MW_WATCH_START_TLS asked for is done.
 */
mw_result mw_pop3_watch_tls_started(struct mw_pop3_watch *watch);

/**
 * Begins on a new transport, after MW_WATCH_RETRY. What is left in the buffers is dropped.
 */
mw_result mw_pop3_watch_reconnect(struct mw_pop3_watch *watch);

/**
 * Says that no transport could be had, or that it failed: MW_WATCH_RETRY comes next.
 */
mw_result mw_pop3_watch_unreachable(struct mw_pop3_watch *watch);

/**
 * The watcher's connection: to log in on MW_WATCH_LOG_IN, or to send a command of one's own at
 * MW_WATCH_ALERT or MW_WATCH_CAUGHT_UP. Not to be advanced, and no other mailbox may be selected.
 * NULL for NULL.
 */
struct mw_imap *mw_watch_imap(struct mw_watch *watch);

/**
 * The watcher's connection: to log in on MW_WATCH_LOG_IN. Not to be advanced. NULL for NULL.
 */
struct mw_pop3 *mw_pop3_watch_pop3(struct mw_pop3_watch *watch);

/**
 * The alert of this UID, and those before it in the mailbox, need not come again. Keep the cursor
 * then.
 */
mw_result mw_watch_acknowledge(struct mw_watch *watch,
                               size_t mailbox,
                               uint32_t uid);

/**
 * The alert of this message number, and those before it, need not come again. Keep the record
 * then.
 */
mw_result mw_pop3_watch_acknowledge(struct mw_pop3_watch *watch, uint32_t message);

/**
 * How far a mailbox was watched: `MW_CURSOR_SIZE` bytes to be kept in flash or in a file, after
 * each acknowledgement, MW_WATCH_OPEN and MW_WATCH_CAUGHT_UP. `MW_ERR_INVALID_ARGUMENT` if there
 * is no such mailbox.
 */
mw_result mw_watch_cursor(const struct mw_watch *watch,
                          size_t mailbox,
                          uint8_t *out_cursor);

/**
 * What was acknowledged: bytes to be kept, after each acknowledgement and MW_WATCH_CAUGHT_UP.
 * Valid until the next call on the watcher. Empty for NULL.
 */
struct mw_bytes mw_pop3_watch_record(struct mw_pop3_watch *watch);

/**
 * How many messages the record holds, and how many it has room for: if the maildrop has more,
 * some are told again, so give it more memory. Each may be NULL. `MW_OK`, or `MW_ERR_NULL`.
 */
mw_result mw_pop3_watch_record_size(struct mw_pop3_watch *watch,
                                    size_t *out_count,
                                    size_t *out_capacity);

/**
 * Ends it in order: LOGOUT, then MW_CLOSED. `MW_ERR_TX_FULL`: send what is pending, try again.
 */
mw_result mw_watch_stop(struct mw_watch *watch);

/**
 * Ends it in order: QUIT, then MW_CLOSED.
 */
mw_result mw_pop3_watch_stop(struct mw_pop3_watch *watch);

/**
 * Makes a text of a header field's value, or of other bytes that a sender wrote.
 */
struct mw_text mw_text_of(struct mw_bytes value);

/**
 * Decodes a text to UTF-8, as `mw_string_decode` does: copies what fits, ends it with NUL, and
 * returns how many bytes all of it has.
 */
size_t mw_text_copy(const struct mw_text *text, char *buffer, size_t len);

/**
 * Whether there is nothing in a text. True for NULL.
 */
bool mw_text_is_empty(const struct mw_text *text);

/**
 * The addresses in a header field's value.
 */
struct mw_mail_addresses mw_mail_addresses_of(struct mw_bytes value);

/**
 * Takes the next address. False, and nothing is written, if there is none. NULL: false.
 */
bool mw_mail_addresses_next(struct mw_mail_addresses *addresses,
                            struct mw_mail_address *out_address);

/**
 * The header fields at the front of a message, or of as much of it as there is. Valid as long as
 * the bytes.
 */
struct mw_fields mw_fields_of(struct mw_bytes message);

/**
 * Takes the next field. False, and nothing is written, if there is none. NULL: false.
 */
bool mw_fields_next(struct mw_fields *fields, struct mw_field *out_field);

/**
 * Looks for a header field by name, letters A to Z being equal to a to z: the first, or with
 * `last` the last one. `out_field` may be NULL. False, and nothing is written, if there is none,
 * or for a name of NULL.
 */
bool mw_field_find(struct mw_bytes message,
                   const char *name,
                   bool last,
                   struct mw_field *out_field);

/**
 * What is behind the header of a message, as far as it is there.
 */
struct mw_bytes mw_message_body(struct mw_bytes message);

/**
 * Copies a field's value without its folds, and nothing decoded: for identifiers and the like.
 * Like snprintf: as much as fits, ended by NUL if `len` is not 0; returned is how many bytes all
 * of it has.
 */
size_t mw_unfold(struct mw_bytes value,
                 char *buffer,
                 size_t len);

/**
 * The date in a Date field's value. Without one, `valid` is false.
 */
struct mw_date_time mw_date_of(struct mw_bytes value);

/**
 * Whether a Content-Type field's value is of this type, such as "text" and "plain"; a subtype of
 * "*" is any.
 */
bool mw_content_type_is(struct mw_bytes value,
                        const char *media_type,
                        const char *subtype);

/**
 * A parameter of a Content-Type or Content-Disposition field's value, such as "charset". A `ptr`
 * of NULL: there is none.
 */
struct mw_string mw_content_type_parameter(struct mw_bytes value,
                                           const char *name);

/**
 * The file name in such a value; an empty text if there is none.
 */
struct mw_text mw_content_type_file_name(struct mw_bytes value);

/**
 * A field that is wanted, and memory for its value. Name and memory must stay as long as it. Of
 * kind 0 if one of them is NULL.
 */
struct mw_wanted mw_wanted_of(const char *name, uint8_t *buffer, size_t len);

/**
 * A scanner at the beginning of a header.
 */
struct mw_header_scanner mw_header_scanner_of(void);

/**
 * Reads on: the next piece of a message. `wanted`: the same fields each time. Returns how many
 * bytes belong to the header: all, until it has ended. 0 for NULL, for a field of kind 0, and for more
 * fields than there is memory for (see the first page).
 */
size_t mw_header_scan(struct mw_header_scanner *scanner,
                      const uint8_t *chunk,
                      size_t len,
                      struct mw_wanted *wanted,
                      size_t wanted_count);

/**
 * Whether the header has ended. False for NULL.
 */
bool mw_header_scanner_is_done(const struct mw_header_scanner *scanner);

/**
 * The value that was found: a `ptr` of NULL if there was none. `*out_truncated` (or NULL) says
 * whether the memory was too small for all of it.
 */
struct mw_bytes mw_wanted_value(const struct mw_wanted *wanted, bool *out_truncated);

/**
 * A decoder by the name of an encoding, such as "base64"; NULL or "" is none at all. Of kind 0,
 * which decodes nothing, if it is not known.
 */
struct mw_transfer mw_transfer_of(const char *encoding);

/**
 * Decodes what there is and has room: `*out_read` bytes were read and `*out_written` written. If
 * not all was read, go on with the rest and new room.
 */
mw_result mw_transfer_decode(struct mw_transfer *transfer,
                             const uint8_t *input,
                             size_t input_len,
                             uint8_t *output,
                             size_t output_len,
                             size_t *out_read,
                             size_t *out_written);

/**
 * The body has ended: writes what is left, and returns how many bytes. If all of the room was
 * needed, call it again. 0 for NULL.
 */
size_t mw_transfer_finish(struct mw_transfer *transfer, uint8_t *output, size_t output_len);

/**
 * A decoder by the name of a charset; NULL or "" is a text that does not say. Of kind 0, which
 * decodes nothing, if it is not known.
 */
struct mw_charset mw_charset_of(const char *label);

/**
 * As `mw_transfer_decode`; what is written are whole characters, and the room must be of four
 * bytes at least.
 */
mw_result mw_charset_decode(struct mw_charset *charset,
                            const uint8_t *input,
                            size_t input_len,
                            uint8_t *output,
                            size_t output_len,
                            size_t *out_read,
                            size_t *out_written);

/**
 * As `mw_transfer_finish`.
 */
size_t mw_charset_finish(struct mw_charset *charset, uint8_t *output, size_t output_len);

/**
 * A preview into `buffer`, which must stay as long as it, of a body with this transfer encoding
 * and charset (each may be NULL; unknown ones are taken for none), that is HTML or not. Of kind 0
 * if `buffer` is NULL.
 */
struct mw_preview mw_preview_of(uint8_t *buffer,
                                size_t len,
                                const char *encoding,
                                const char *charset,
                                bool html);

/**
 * Reads on: the next piece of the body. False once the memory is full, so that the rest need not
 * be fetched; or for NULL.
 */
bool mw_preview_feed(struct mw_preview *preview,
                     const uint8_t *chunk,
                     size_t len);

/**
 * The body has ended: its beginning, in UTF-8. In the memory that the preview was given. Empty
 * for NULL.
 */
struct mw_bytes mw_preview_finish(struct mw_preview *preview);

/**
 * Makes one in `MW_INFLATER_SIZE` bytes of the caller's memory, of any alignment; it needs as
 * much stack for a moment. Nothing is to be freed. On errors `*out_inflater` is NULL.
 */
mw_result mw_inflater_init(uint8_t *memory, size_t len, struct mw_inflater **out_inflater);

/**
 * Decompresses as much as there is room for inside; `*out_taken` bytes were taken. None, while
 * there is something to be read. `MW_ERR_BAD_COMPRESSION`: what comes is no DEFLATE.
 */
mw_result mw_inflater_feed(struct mw_inflater *inflater,
                           const uint8_t *input,
                           size_t len,
                           size_t *out_taken);

/**
 * Moves what was decompressed to `buffer`, such as the room of `mw_buffers_rx`, and returns how
 * much. 0: feed more. 0 for NULL.
 */
size_t mw_inflater_read(struct mw_inflater *inflater, uint8_t *buffer, size_t len);

/**
 * Begins a new stream. `MW_OK`, or `MW_ERR_NULL`.
 */
mw_result mw_inflater_reset(struct mw_inflater *inflater);

/**
 * Whether all that was fed was read, and the other side flushed there, so that nothing of what it
 * wrote is missing. Where compression ends (MW_EVENT_COMPRESS_END), what comes behind this is in
 * clear. False for NULL.
 */
bool mw_inflater_is_flushed(const struct mw_inflater *inflater);

/**
 * Whether the stream said that it ends, and all was read. False for NULL.
 */
bool mw_inflater_has_ended(const struct mw_inflater *inflater);

/**
 * Writes as much of `input` as fits to `output` as DEFLATE without compression, and returns how
 * many bytes were written, five more than `*out_read`. What a client sends needs no more. 0 if
 * `input` is empty, or `output` smaller than 6.
 */
size_t mw_deflate_store(const uint8_t *input,
                        size_t input_len,
                        uint8_t *output,
                        size_t output_len,
                        size_t *out_read);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* MAILWIRE_H */
