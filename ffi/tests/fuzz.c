/* Any bytes of a server's and any text of a program's, through all of the library. The first byte
 * chooses what is tried. Each event is walked when it is fresh and once more when it is stale. For
 * libFuzzer; with main, for files. */
#include "walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct input {
  const uint8_t *data;
  size_t size, step;
} input;

/* Gives the next piece; false at the end. */
static bool feed(input *in, mw_buffers *buffers) {
  size_t piece = in->size < in->step ? in->size : in->step;
  size_t taken = mw_buffers_fill(buffers, in->data, piece);
  in->data += taken;
  in->size -= taken;
  return taken > 0;
}

/* Sends all; counts lines and says whether a literal was announced. */
static size_t flush(mw_buffers *buffers, bool *literal) {
  const uint8_t *bytes;
  size_t len, i, lines = 0;
  *literal = false;
  while (mw_buffers_pending(buffers, &bytes, &len) == MW_OK && len > 0) {
    for (i = 0; i < len; i++) lines += bytes[i] == '\n';
    if (memchr(bytes, '{', len) != NULL) *literal = true;
    mw_buffers_consume(buffers, len);
  }
  return lines;
}

static void imap_observed(input in) {
  static uint8_t memory[MW_IMAP_OVERHEAD + 512 + 256 + 8];
  mw_imap_config config;
  mw_imap *imap;
  mw_event event, stale;
  mw_result result;
  memset(&config, 0, sizeof config);
  memset(&stale, 0, sizeof stale);
  config.size = sizeof config;
  config.options = MW_OBSERVER;
  if (mw_imap_init(memory + (in.step & 7), sizeof memory - 8, &config, &imap) != MW_OK) abort();
  for (;;) {
    result = mw_imap_advance(imap, 0, &event);
    walk_event(&stale);
    if (result == MW_EVENT) {
      walk_event(&event);
      stale = event;
    } else if (result != MW_NEED_INPUT || mw_buffers_is_closed(mw_imap_buffers(imap))) {
      break;
    } else if (!feed(&in, mw_imap_buffers(imap))) {
      mw_buffers_close(mw_imap_buffers(imap));
    }
  }
  walk_list(mw_imap_capabilities(imap), 0);
}

static void walk_pop3(const mw_pop3_event *e) {
  walk_bytes(e->bytes);
  walk_string(&e->text);
  walk_string(&e->name);
  walk_list(e->list, 0);
}

static void pop3_observed(input in) {
  static uint8_t memory[MW_POP3_OVERHEAD + 256];
  mw_pop3_config config;
  mw_pop3 *pop3;
  mw_pop3_event event, stale;
  mw_result result;
  memset(&config, 0, sizeof config);
  memset(&stale, 0, sizeof stale);
  config.size = sizeof config;
  config.options = MW_OBSERVER;
  config.observed_state = in.size > 0 ? in.data[0] % 6 : 0;
  if (mw_pop3_init(memory, sizeof memory, &config, &pop3) != MW_OK) abort();
  for (;;) {
    result = mw_pop3_advance(pop3, 0, &event);
    walk_pop3(&stale);
    if (result == MW_EVENT) {
      walk_pop3(&event);
      stale = event;
    } else if (result != MW_NEED_INPUT || mw_buffers_is_closed(mw_pop3_buffers(pop3))) {
      break;
    } else {
      if (in.size > 0) mw_pop3_expect(pop3, in.data[0] % 24);
      if (!feed(&in, mw_pop3_buffers(pop3))) mw_buffers_close(mw_pop3_buffers(pop3));
    }
  }
  walk_list(mw_pop3_mechanisms(pop3), 0);
}

/* A text as an argument of each command: one line is sent, or an error is told. */
static void imap_commands(input in) {
  static uint8_t memory[MW_IMAP_OVERHEAD + 4096];
  static const char hello[] =
      "* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+ SORT ESEARCH NOTIFY METADATA LIST-EXTENDED "
      "LIST-STATUS SEARCHRES CONTEXT=SEARCH PARTIAL QUOTASET URLAUTH LANGUAGE MULTISEARCH] hi\r\n";
  static const char opened[] = "A1 OK\r\n";
  char text[1000];
  size_t len, lines;
  bool literal;
  mw_imap_config config;
  mw_imap *m;
  mw_event event;
  mw_result r;
  const char *texts[3];
  mw_pair pairs[2];
  mw_scope scope;
  mw_notify_group groups[2];
  mw_metadata_entry entry;
  mw_quota_limit limit;
  mw_list_options list;
  mw_fetch_options fetch;
  mw_select_options select;
  mw_argument arguments[3];
  uint8_t which = in.size > 0 ? in.data[0] : 0;
  if (in.size > 0) in.data++, in.size--;
  len = in.size < sizeof text - 1 ? in.size : sizeof text - 1;
  memcpy(text, in.data, len);
  text[len] = 0;
  memset(&config, 0, sizeof config);
  config.size = sizeof config;
  config.options = MW_SEND_UNOFFERED;
  config.quirks = which & 1 ? MW_QUIRK_NONE : 0;
  if (mw_imap_init(memory, sizeof memory, &config, &m) != MW_OK) abort();
  mw_buffers_fill(mw_imap_buffers(m), (const uint8_t *)hello, sizeof hello - 1);
  mw_imap_advance(m, 0, &event);
  mw_imap_select(m, "x", NULL, NULL);
  flush(mw_imap_buffers(m), &literal);
  mw_buffers_fill(mw_imap_buffers(m), (const uint8_t *)opened, sizeof opened - 1);
  mw_imap_advance(m, 0, &event);
  texts[0] = texts[2] = text;
  texts[1] = "b";
  pairs[0].name = pairs[1].value = text;
  pairs[0].value = NULL;
  pairs[1].name = "x";
  scope.kind = 1 + which % 9;
  scope.mailboxes = texts;
  scope.mailboxes_count = which % 4;
  groups[0].scope = groups[1].scope = scope;
  groups[0].events = text;
  groups[1].events = NULL;
  entry.name = text;
  entry.value.ptr = in.data;
  entry.value.len = in.size;
  limit.resource = text;
  limit.limit = len;
  memset(&list, 0, sizeof list);
  list.size = sizeof list;
  list.reference = list.selection = list.returns = text;
  list.more_patterns = texts;
  list.more_patterns_count = 3;
  memset(&fetch, 0, sizeof fetch);
  fetch.size = sizeof fetch;
  fetch.partial = text;
  memset(&select, 0, sizeof select);
  select.size = sizeof select;
  select.qresync = select.condstore = true;
  select.uid_validity = select.mod_seq = 1;
  select.known_uids = select.seq_numbers = select.seq_uids = text;
  memset(arguments, 0, sizeof arguments);
  arguments[0].kind = which % 16;
  arguments[0].text = text;
  arguments[0].bytes = entry.value;
  arguments[1].kind = len % 16;
  arguments[1].text = text;
  arguments[1].bytes = entry.value;
  switch (which % 40) {
  case 0: r = mw_imap_search(m, text, NULL, MW_BY_UID, NULL); break;
  case 1: r = mw_imap_fetch(m, "1", text, MW_BY_NUMBER, NULL, NULL); break;
  case 2: r = mw_imap_fetch(m, text, "UID", MW_BY_UID, NULL, NULL); break;
  case 3: r = mw_imap_store(m, "1", MW_STORE_ADD, text, MW_BY_UID, NULL, NULL); break;
  case 4: r = mw_imap_sort(m, text, NULL, NULL, MW_BY_UID, NULL); break;
  case 5: r = mw_imap_status(m, text, text, NULL); break;
  case 6: r = mw_imap_set_acl(m, text, text, text, NULL); break;
  case 7: r = mw_imap_enable(m, text, NULL); break;
  case 8: r = mw_imap_search(m, "ALL", text, MW_BY_NUMBER, NULL); break;
  case 9: r = mw_imap_list(m, text, &list, NULL); break;
  case 10: r = mw_imap_create(m, text, text, NULL); break;
  case 12: r = mw_imap_esearch(m, &scope, 1, text, text, NULL); break;
  case 13: r = mw_imap_notify(m, groups, 2, text, which & 64, NULL); break;
  case 14: r = mw_imap_set_metadata(m, text, &entry, 1, NULL); break;
  case 15: r = mw_imap_get_metadata(m, text, texts, 3, 0, 0, NULL); break;
  case 16: r = mw_imap_set_quota(m, text, &limit, 1, NULL); break;
  case 17: r = mw_imap_url_fetch(m, pairs, 2, NULL); break;
  case 18: r = mw_imap_gen_url_auth(m, pairs + 1, 1, NULL); break;
  case 19: r = mw_imap_reset_key(m, text, text, NULL); break;
  case 20: r = mw_imap_language(m, text, NULL); break;
  case 21: r = mw_imap_comparator(m, text, NULL); break;
  case 22: r = mw_imap_fetch(m, "1", "UID", MW_BY_UID, &fetch, NULL); break;
  case 23: r = mw_imap_select(m, text, &select, NULL); break;
  case 24: r = mw_imap_custom(m, "XYZ", arguments, 2, NULL); break;
  case 25: r = mw_imap_store_x_gm_labels(m, "1", MW_STORE_ADD, texts, 3, MW_BY_UID, true, NULL); break;
  case 26: r = mw_imap_copy(m, text, text, MW_BY_UID, NULL); break;
  case 27: r = mw_imap_rename(m, text, text, NULL); break;
  case 28: r = mw_imap_thread(m, "REFERENCES", text, MW_BY_UID, NULL); break;
  case 29: r = mw_imap_authenticate_by(m, text, in.data, in.size, NULL); break;
  case 30: r = mw_imap_uid_expunge(m, text, NULL); break;
  case 31: r = mw_imap_xlist(m, text, text, NULL); break;
  case 32: r = mw_imap_get_quota(m, text, NULL); break;
  case 33: r = mw_imap_custom(m, text, NULL, 0, NULL); break;
  case 34: r = mw_imap_sort(m, "DATE", text, text, MW_BY_NUMBER, NULL); break;
  case 35: r = mw_imap_append(m, text, len, NULL, NULL); break;
  case 36: r = mw_imap_lsub(m, text, text, NULL); break;
  case 37: r = mw_imap_delete_acl(m, text, text, NULL); break;
  case 38: r = mw_imap_subscribe(m, text, NULL); break;
  default: r = mw_imap_move(m, text, text, MW_BY_UID, NULL); break;
  }
  lines = flush(mw_imap_buffers(m), &literal);
  if (r != MW_OK && lines != 0) abort();
  /* Only literals may hold more lines, and they are announced. */
  if (lines > 1 && !literal) abort();
}

static void pop3_commands(input in) {
  static uint8_t memory[MW_POP3_OVERHEAD + 2048];
  static const char hello[] = "+OK hi <1@x>\r\n";
  static const char capabilities[] = "+OK\r\nPIPELINING\r\nUSER\r\nSASL PLAIN\r\n.\r\n";
  char text[500];
  const char *words[2];
  size_t len = in.size < sizeof text - 1 ? in.size : sizeof text - 1, lines;
  bool literal;
  mw_pop3_config config;
  mw_pop3 *p;
  mw_pop3_event event;
  mw_result r;
  memcpy(text, in.data, len);
  text[len] = 0;
  words[0] = text;
  words[1] = "x";
  memset(&config, 0, sizeof config);
  config.size = sizeof config;
  config.options = MW_SEND_UNOFFERED;
  if (mw_pop3_init(memory, sizeof memory, &config, &p) != MW_OK) abort();
  mw_buffers_fill(mw_pop3_buffers(p), (const uint8_t *)hello, sizeof hello - 1);
  while (mw_pop3_advance(p, 0, &event) == MW_EVENT) {
  }
  flush(mw_pop3_buffers(p), &literal);
  mw_buffers_fill(mw_pop3_buffers(p), (const uint8_t *)capabilities, sizeof capabilities - 1);
  while (mw_pop3_advance(p, 0, &event) == MW_EVENT) {
  }
  switch (in.step % 6) {
  case 0: r = mw_pop3_user(p, text); break;
  case 1: r = mw_pop3_apop(p, text, text, in.data, in.size); break;
  case 2: r = mw_pop3_custom(p, text, words, 2, in.step & 64); break;
  case 3: r = mw_pop3_lang(p, text); break;
  case 4: r = mw_pop3_auth(p, text, in.data, in.size); break;
  default: r = mw_pop3_custom(p, "XYZ", words, 2, false); break;
  }
  lines = flush(mw_pop3_buffers(p), &literal);
  if (lines > 1 || (r != MW_OK && lines != 0)) abort();
}

static void messages(input in) {
  mw_bytes all, found;
  mw_fields fields;
  mw_field field;
  mw_mail_addresses addresses;
  mw_mail_address one;
  mw_text text;
  mw_header_scanner scanner = mw_header_scanner_of();
  mw_wanted wanted[3];
  mw_transfer transfer = mw_transfer_of(in.step & 1 ? "base64" : "quoted-printable");
  mw_charset charset = mw_charset_of(in.step & 2 ? "utf-8" : in.step & 4 ? "iso-8859-1" : NULL);
  mw_preview preview;
  uint8_t values[3][24], memory[80], decoded[16], converted[16];
  char room[64];
  size_t piece, read, written, taken, put;
  bool truncated;
  all.ptr = in.data;
  all.len = in.size;
  walk_bytes(mw_message_body(all));
  fields = mw_fields_of(all);
  while (mw_fields_next(&fields, &field)) {
    text = mw_text_of(field.value);
    mw_text_copy(&text, room, sizeof room);
    mw_unfold(field.value, room, sizeof room);
    mw_date_of(field.value);
    addresses = mw_mail_addresses_of(field.value);
    while (mw_mail_addresses_next(&addresses, &one)) {
      mw_text_copy(&one.name, room, sizeof room);
      mw_text_copy(&one.spec, room, 5);
      mw_text_copy(&one.group, NULL, 0);
      mw_text_copy(&one.local_part, room, sizeof room);
      mw_text_copy(&one.domain, room, sizeof room);
    }
    mw_content_type_is(field.value, "text", "*");
    {
      mw_string charset_name = mw_content_type_parameter(field.value, "charset");
      walk_string(&charset_name);
    }
    text = mw_content_type_file_name(field.value);
    mw_text_copy(&text, room, sizeof room);
  }
  mw_field_find(all, "subject", in.step & 1, &field);
  wanted[0] = mw_wanted_of("Subject", values[0], sizeof values[0]);
  wanted[1] = mw_wanted_of("From", values[1], 1);
  wanted[2] = mw_wanted_of("Date", values[2], sizeof values[2]);
  preview = mw_preview_of(memory, sizeof memory, in.step & 8 ? "base64" : NULL, "utf-8", in.step & 16);
  while (in.size > 0) {
    piece = in.size < in.step ? in.size : in.step;
    mw_header_scan(&scanner, in.data, piece, wanted, 3);
    mw_preview_feed(&preview, in.data, piece);
    for (read = 0; read < piece; read += taken) {
      if (mw_transfer_decode(&transfer, in.data + read, piece - read, decoded, sizeof decoded, &taken,
                             &written) != MW_OK)
        abort();
      for (put = 0; put < written;) {
        size_t used, made;
        mw_charset_decode(&charset, decoded + put, written - put, converted, sizeof converted, &used, &made);
        if (used == 0 && made == 0) abort();
        put += used;
      }
      if (taken == 0 && written == 0) abort();
    }
    in.data += piece;
    in.size -= piece;
  }
  while (mw_transfer_finish(&transfer, decoded, sizeof decoded) == sizeof decoded) {
  }
  while (mw_charset_finish(&charset, converted, sizeof converted) == sizeof converted) {
  }
  walk_bytes(mw_preview_finish(&preview));
  for (piece = 0; piece < 3; piece++) {
    found = mw_wanted_value(&wanted[piece], &truncated);
    walk_bytes(found);
  }
}

static void sasl(input in) {
  static const char *const mechanisms[] = {"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "LOGIN",
                                           "OAUTHBEARER",   "XOAUTH2",     "PLAIN",    NULL};
  static uint8_t memory[MW_SASL_SIZE];
  mw_sasl_config config;
  mw_sasl *it;
  mw_bytes challenge;
  uint8_t room[2048];
  size_t len;
  int i;
  memset(&config, 0, sizeof config);
  config.size = sizeof config;
  config.mechanism = mechanisms[in.step % 8];
  config.user = "u";
  config.password = config.token = "p";
  config.is_protected = true;
  config.nonce.ptr = (const uint8_t *)"rOprNGfwEbeRWgbNEkqO";
  config.nonce.len = 20;
  config.iterations_max = 5000;
  if (mw_sasl_init(memory, sizeof memory, &config, &it) != MW_OK) abort();
  if (mw_sasl_choose(it, "SCRAM-SHA-256 OAUTHBEARER PLAIN") != MW_OK) abort();
  challenge.ptr = in.data;
  for (i = 0; i < 4; i++) {
    const uint8_t *end = in.size > 0 ? memchr(in.data, '\n', in.size) : NULL;
    challenge.ptr = in.data;
    challenge.len = end == NULL ? in.size : (size_t)(end - in.data);
    if (mw_sasl_answer(it, challenge, room, sizeof room, &len, NULL) != MW_OK) break;
    in.data += challenge.len + (end != NULL);
    in.size -= challenge.len + (end != NULL);
    walk_bytes(mw_sasl_refusal(it));
  }
  mw_sasl_finish(it);
  mw_sasl_wipe(it);
}

static void compressed(input in) {
  static uint8_t memory[MW_INFLATER_SIZE];
  static mw_inflater *it;
  uint8_t room[300];
  size_t taken, total = 0;
  if (it == NULL && mw_inflater_init(memory, sizeof memory, &it) != MW_OK) abort();
  mw_inflater_reset(it);
  while (in.size > 0 && total < 1000000) {
    size_t got, piece = in.size < in.step ? in.size : in.step;
    if (mw_inflater_feed(it, in.data, piece, &taken) != MW_OK) break;
    in.data += taken;
    in.size -= taken;
    got = mw_inflater_read(it, room, sizeof room);
    total += got;
    if (taken == 0 && got == 0 && !mw_inflater_has_ended(it)) abort();
    if (mw_inflater_has_ended(it)) break;
    mw_inflater_is_flushed(it);
  }
}

static void walk_watch(const mw_watch_event *e) {
  mw_mail_addresses from = e->from;
  mw_mail_address one;
  char room[64];
  walk_bytes(e->bytes);
  walk_bytes(e->preview);
  walk_string(&e->text);
  walk_string(&e->unique_id);
  mw_text_copy(&e->subject, room, sizeof room);
  while (mw_mail_addresses_next(&from, &one)) mw_text_copy(&one.spec, room, sizeof room);
}

static void imap_watched(input in) {
  static uint8_t memory[MW_WATCH_OVERHEAD + 2 * MW_WATCHED_SIZE + 2048];
  mw_watch_config config;
  mw_watched mailboxes[2];
  mw_watch *watch;
  mw_watch_event event, stale;
  uint8_t cursor[MW_CURSOR_SIZE];
  uint64_t now = 0;
  bool literal;
  int turns = 0;
  memset(&config, 0, sizeof config);
  memset(&stale, 0, sizeof stale);
  config.size = sizeof config;
  config.user = "u";
  config.password = "p";
  config.text_size = 128;
  config.everything = true;
  config.mark_seen = in.step & 1;
  config.start_tls = in.step & 2;
  config.no_preview = in.step & 4;
  config.filter = in.step & 8 ? "UNSEEN" : NULL;
  mailboxes[0].mailbox = "INBOX";
  mailboxes[1].mailbox = "b";
  mailboxes[0].cursor = mailboxes[1].cursor = NULL;
  config.mailboxes = mailboxes;
  config.mailboxes_count = 1 + (in.step >> 7 & 1);
  if (mw_watch_init(memory, sizeof memory, &config, &watch) != MW_OK) abort();
  while (turns++ < 2000) {
    mw_buffers *buffers = mw_watch_buffers(watch);
    mw_result result = mw_watch_advance(watch, now, &event);
    walk_watch(&stale);
    flush(buffers, &literal);
    if (result == MW_EVENT) {
      walk_watch(&event);
      stale = event;
      if (event.kind == MW_WATCH_ALERT) mw_watch_acknowledge(watch, event.mailbox, event.uid);
      if (event.kind == MW_WATCH_START_TLS) mw_watch_tls_started(watch);
      if (event.kind == MW_WATCH_RETRY) {
        now = event.at_ms;
        if (in.size == 0) break;
        mw_watch_reconnect(watch);
      }
      mw_watch_cursor(watch, 0, cursor);
    } else if (result == MW_NEED_INPUT) {
      if (!feed(&in, buffers)) {
        if (mw_buffers_is_closed(buffers)) break;
        mw_buffers_close(buffers);
      }
    } else {
      break;
    }
  }
}

static void pop3_watched(input in) {
  static uint8_t memory[MW_POP3_WATCH_OVERHEAD + 2048];
  mw_pop3_watch_config config;
  mw_pop3_watch *watch;
  mw_watch_event event, stale;
  uint64_t now = 0;
  bool literal;
  int turns = 0;
  memset(&config, 0, sizeof config);
  memset(&stale, 0, sizeof stale);
  config.size = sizeof config;
  config.user = "u";
  config.password = "p";
  config.text_size = 128;
  config.record_size = 72;
  config.everything = in.step & 1;
  config.delete_acknowledged = in.step & 2;
  config.no_preview = in.step & 4;
  if (mw_pop3_watch_init(memory, sizeof memory, &config, &watch) != MW_OK) abort();
  while (turns++ < 2000) {
    mw_buffers *buffers = mw_pop3_watch_buffers(watch);
    mw_result result = mw_pop3_watch_advance(watch, now, &event);
    walk_watch(&stale);
    flush(buffers, &literal);
    if (result == MW_EVENT) {
      walk_watch(&event);
      stale = event;
      if (event.kind == MW_WATCH_ALERT) mw_pop3_watch_acknowledge(watch, event.uid);
      if (event.kind == MW_WATCH_RETRY) {
        now = event.at_ms;
        if (in.size == 0) break;
        mw_pop3_watch_reconnect(watch);
      }
      walk_bytes(mw_pop3_watch_record(watch));
    } else if (result == MW_NEED_INPUT) {
      if (!feed(&in, buffers)) {
        if (mw_buffers_is_closed(buffers)) break;
        mw_buffers_close(buffers);
      }
    } else {
      break;
    }
  }
}

static void pieces(input in) {
  mw_bytes all;
  mw_envelope envelope;
  mw_cursor cursor;
  mw_string string;
  all.ptr = in.data;
  all.len = in.size;
  walk_structure(all);
  if (mw_envelope_of(all, &envelope)) walk_envelope(&envelope);
  if (in.size >= MW_CURSOR_SIZE) mw_cursor_read(in.data, &cursor);
  string.ptr = in.data;
  string.len = in.size;
  string.form = (uint32_t)in.step % 7;
  walk_string(&string);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  input in;
  uint8_t first;
  if (size < 2) return 0;
  first = data[0];
  in.data = data + 2;
  in.size = size - 2;
  in.step = 1 + (size_t)data[1];
  switch (first % 16) {
  case 1: pop3_observed(in); break;
  case 2:
  case 3: imap_commands(in); break;
  case 4: pop3_commands(in); break;
  case 5: messages(in); break;
  case 6: sasl(in); break;
  case 7: compressed(in); break;
  case 8: imap_watched(in); break;
  case 9: pop3_watched(in); break;
  case 10: pieces(in); break;
  default:
    in.data = data;
    in.size = size;
    imap_observed(in);
    break;
  }
  return 0;
}

#ifdef MAIN
/* Each file is tried as each of these. */
int main(int argc, char **argv) {
  static uint8_t data[1 << 20];
  int i, kind;
  for (i = 1; i < argc; i++) {
    size_t size;
    FILE *file = fopen(argv[i], "rb");
    if (file == NULL) return 1;
    size = fread(data + 2, 1, sizeof data - 2, file);
    fclose(file);
    for (kind = 0; kind < 12; kind++) {
      data[0] = (uint8_t)kind;
      data[1] = (uint8_t)(i * 7);
      LLVMFuzzerTestOneInput(data, (kind > 1 && size > 4000 ? 4000 : size) + 2);
    }
  }
  printf("%d files\n", argc - 1);
  return 0;
}
#endif
