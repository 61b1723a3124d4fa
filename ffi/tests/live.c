/* What a real server makes of the C library: live HOST IMAP-PORT POP3-PORT CA.pem USER PASSWORD
 * The user's INBOX is empty, and is so again at the end. With -DWITH_TLS by OpenSSL; without it
 * STARTTLS and STLS are left out. */
#define _POSIX_C_SOURCE 200112L
#include <mailwire.h>

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifdef WITH_TLS
#include <openssl/ssl.h>
static SSL_CTX *tls_context;
#endif

static const char *doing = "";
static const char *host, *imap_port, *pop3_port, *user, *password;

#define CHECK(what) check((what), #what, __LINE__)
static void check(int ok, const char *what, int line) {
  if (ok) return;
  fprintf(stderr, "live.c:%d: %s: not so: %s\n", line, doing, what);
  exit(1);
}

#define OK(call) is_ok((call), #call, __LINE__)
static void is_ok(mw_result result, const char *what, int line) {
  if (result == MW_OK) return;
  fprintf(stderr, "live.c:%d: %s: %s\n", line, what, mw_result_name(result));
  exit(1);
}

/* ---- Bytes: a socket, perhaps TLS on it, perhaps compression on that. */

typedef struct link_ {
  int fd;
  void *tls;
  mw_inflater *inflater; /* NULL: not compressed */
  uint8_t raw[512];      /* received, still compressed */
  size_t raw_at, raw_len;
} link_;

static uint8_t inflater_memory[MW_INFLATER_SIZE];

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void open_link(link_ *link, const char *port) {
  struct addrinfo hints, *all;
  memset(link, 0, sizeof *link);
  memset(&hints, 0, sizeof hints);
  hints.ai_socktype = SOCK_STREAM;
  CHECK(getaddrinfo(host, port, &hints, &all) == 0);
  link->fd = socket(all->ai_family, all->ai_socktype, all->ai_protocol);
  CHECK(link->fd >= 0 && connect(link->fd, all->ai_addr, all->ai_addrlen) == 0);
  freeaddrinfo(all);
}

static void close_link(link_ *link) {
#ifdef WITH_TLS
  if (link->tls != NULL) SSL_free(link->tls);
#endif
  close(link->fd);
  memset(link, 0, sizeof *link);
}

static void handshake(link_ *link) {
#ifdef WITH_TLS
  SSL *tls = SSL_new(tls_context);
  SSL_set1_host(tls, "localhost");
  SSL_set_fd(tls, link->fd);
  CHECK(SSL_connect(tls) == 1);
  link->tls = tls;
#else
  (void)link;
  CHECK(!"TLS");
#endif
}

static void send_raw(link_ *link, const uint8_t *bytes, size_t len) {
  while (len > 0) {
    long sent;
#ifdef WITH_TLS
    if (link->tls != NULL)
      sent = SSL_write(link->tls, bytes, (int)len);
    else
#endif
      sent = (long)send(link->fd, bytes, len, MSG_NOSIGNAL);
    CHECK(sent > 0);
    bytes += sent;
    len -= (size_t)sent;
  }
}

/* 0 at the end of the stream, -1 if nothing came in time. */
static long receive_raw(link_ *link, uint8_t *room, size_t len, uint64_t deadline) {
  struct pollfd ready;
  uint64_t limit = now() + 20000, at;
#ifdef WITH_TLS
  if (link->tls != NULL && SSL_pending(link->tls) > 0) return SSL_read(link->tls, room, (int)len);
#endif
  if (deadline > limit) deadline = limit;
  at = now();
  ready.fd = link->fd;
  ready.events = POLLIN;
  if (poll(&ready, 1, deadline > at ? (int)(deadline - at) : 0) <= 0) {
    CHECK(now() < limit); /* else it hangs */
    return -1;
  }
#ifdef WITH_TLS
  if (link->tls != NULL) {
    int got = SSL_read(link->tls, room, (int)len);
    if (got > 0) return got;
    return SSL_get_error(link->tls, got) == SSL_ERROR_WANT_READ ? -1 : 0;
  }
#endif
  return (long)recv(link->fd, room, len, 0);
}

static void flush(link_ *link, mw_buffers *buffers) {
  const uint8_t *bytes;
  size_t len;
  while (mw_buffers_pending(buffers, &bytes, &len) == MW_OK && len > 0) {
    if (link->inflater != NULL) {
      uint8_t block[128];
      size_t read, written = mw_deflate_store(bytes, len, block, sizeof block, &read);
      send_raw(link, block, written);
      mw_buffers_consume(buffers, read);
    } else {
      send_raw(link, bytes, len);
      mw_buffers_consume(buffers, len);
    }
  }
}

static void receive(link_ *link, mw_buffers *buffers, uint64_t deadline) {
  uint8_t *room;
  size_t len;
  long got;
  OK(mw_buffers_rx(buffers, &room, &len));
  CHECK(len > 0);
  if (link->inflater == NULL) {
    got = receive_raw(link, room, len, deadline);
    if (got == 0) OK(mw_buffers_close(buffers));
    if (got > 0) OK(mw_buffers_commit(buffers, (size_t)got));
    return;
  }
  for (;;) {
    size_t taken, count = mw_inflater_read(link->inflater, room, len);
    if (count > 0) {
      OK(mw_buffers_commit(buffers, count));
      return;
    }
    if (link->raw_at == link->raw_len) {
      got = receive_raw(link, link->raw, sizeof link->raw, deadline);
      if (got == 0) OK(mw_buffers_close(buffers));
      if (got <= 0) return;
      link->raw_at = 0;
      link->raw_len = (size_t)got;
    }
    OK(mw_inflater_feed(link->inflater, link->raw + link->raw_at, link->raw_len - link->raw_at,
                        &taken));
    link->raw_at += taken;
  }
}

/* ---- IMAP: what came while a command was in flight. */

typedef struct mailbox_ {
  mw_imap *imap;
  link_ link;
  mw_sasl *sasl;
  const char *upload; /* what SEND_LITERAL is given, a byte repeated */
  mw_tag waited;
  uint32_t status, code;
  uint64_t code_number;
  size_t numbers, batches, threads, opened, uids_appended;
  uint32_t last_number, exists;
  size_t items, bodies, body_bytes, alerts;
  int idling, messages_left;
  char text[256];
} mailbox_;

static void walk_numbers(mailbox_ *it, mw_numbers numbers) {
  mw_range range;
  uint64_t count = mw_numbers_count(&numbers), seen = 0;
  while (mw_numbers_next(&numbers, &range)) {
    CHECK(range.first <= range.last);
    it->numbers += range.last - range.first + 1;
    seen += range.last - range.first + 1;
    it->last_number = range.last;
  }
  CHECK(count == seen);
}

static void on_event(mailbox_ *it, const mw_event *event) {
  mw_imap *imap = it->imap;
  mw_threads threads;
  uint32_t token, depth;
  size_t given, taken;
  switch (event->kind) {
  case MW_EVENT_COMPLETED:
    if (event->tag != it->waited) break;
    it->status = event->data.response.status;
    it->code = event->data.response.code.kind;
    it->code_number = event->data.response.code.number;
    if (it->code == MW_CODE_APPENDUID) {
      mw_numbers uids = event->data.response.code.numbers;
      it->uids_appended = (size_t)mw_numbers_count(&uids);
      CHECK(mw_numbers_copy(&uids, it->text, sizeof it->text) < sizeof it->text);
    }
    it->waited = 0;
    break;
  case MW_EVENT_SEARCH:
  case MW_EVENT_SORT:
    it->batches++;
    walk_numbers(it, event->data.found_numbers.numbers);
    break;
  case MW_EVENT_ESEARCH:
    it->batches++;
    walk_numbers(it, event->data.found.numbers);
    break;
  case MW_EVENT_THREAD:
    it->batches++;
    threads = event->data.threads;
    depth = threads.depth;
    CHECK(depth == it->opened);
    while ((token = mw_threads_next(&threads, &it->last_number)) != 0) {
      if (token == MW_THREAD_NUMBER) it->numbers++;
      if (token == MW_THREAD_OPEN) it->opened++;
      if (token == MW_THREAD_CLOSE && --it->opened == 0) it->threads++;
    }
    CHECK((event->marks & MW_MARK_MORE) != 0 || it->opened == 0);
    break;
  case MW_EVENT_EXISTS: it->exists = event->number; break;
  case MW_EVENT_FETCH_ITEM: it->items++; break;
  case MW_EVENT_FETCH_BODY: it->bodies++; break;
  case MW_EVENT_FETCH_CHUNK: it->body_bytes += event->bytes.len; break;
  case MW_EVENT_IDLING: it->idling = 1; break;
  case MW_EVENT_CHALLENGE: OK(mw_imap_respond(imap, it->sasl, event)); break;
  case MW_EVENT_SEND_LITERAL:
    CHECK(event->value == mw_imap_literal_remaining(imap));
    while ((given = (size_t)mw_imap_literal_remaining(imap)) > 0) {
      char block[1000];
      memset(block, it->upload[0], sizeof block);
      memcpy(block, it->upload, strlen(it->upload));
      if (given > sizeof block) given = sizeof block;
      OK(mw_imap_write_literal(imap, (const uint8_t *)block, given, &taken));
      flush(&it->link, mw_imap_buffers(imap));
    }
    break;
  case MW_EVENT_NEXT_PART:
    if (it->messages_left-- > 0)
      OK(mw_imap_append_message(imap, 64, NULL));
    else
      OK(mw_imap_append_end(imap));
    break;
  case MW_EVENT_START_TLS:
    handshake(&it->link);
    OK(mw_imap_tls_started(imap));
    break;
  case MW_EVENT_COMPRESS:
    OK(mw_inflater_init(inflater_memory, sizeof inflater_memory, &it->link.inflater));
    it->link.raw_len = mw_buffers_take(mw_imap_buffers(imap), it->link.raw, sizeof it->link.raw);
    OK(mw_imap_compress_started(imap));
    break;
  case MW_EVENT_MALFORMED:
  case MW_EVENT_OVERSIZED: CHECK(!"understood"); break;
  default: break;
  }
}

/* Goes on to the next event, or until nothing comes for a moment. */
static mw_result step(mailbox_ *it) {
  mw_event event;
  mw_buffers *buffers = mw_imap_buffers(it->imap);
  mw_result result = mw_imap_advance(it->imap, now(), &event);
  if (result == MW_EVENT) on_event(it, &event);
  flush(&it->link, buffers);
  if (result == MW_NEED_INPUT) receive(&it->link, buffers, mw_imap_deadline(it->imap));
  if (result < 0) fprintf(stderr, "%s\n", mw_result_name(result));
  CHECK(result >= 0);
  return result;
}

static void finish(mailbox_ *it, mw_result sent, mw_tag tag, const char *what, int line) {
  mw_error error;
  if (sent != MW_OK) {
    mw_imap_last_error(it->imap, &error);
    fprintf(stderr, "live.c:%d: %s: %s: %.*s\n", line, what, mw_result_name(sent),
            (int)error.why.len, (const char *)error.why.ptr);
    exit(1);
  }
  it->waited = tag;
  it->numbers = it->batches = it->threads = it->items = it->bodies = it->body_bytes = 0;
  while (it->waited != 0) step(it);
  if (it->status != MW_STATUS_OK) fprintf(stderr, "live.c:%d: %s: refused\n", line, what);
  CHECK(it->status == MW_STATUS_OK);
}
/* `call` ends with `&tag`. */
#define DO(it, call) \
  do { \
    mw_tag tag = 0; \
    mw_result sent_; \
    while (!mw_imap_knows_capabilities((it)->imap) || !mw_imap_is_quiet((it)->imap)) step(it); \
    sent_ = (call); \
    finish((it), sent_, tag, #call, __LINE__); \
  } while (0)

static void open_mailbox(mailbox_ *it, size_t rx, int tls) {
  mw_imap_config config;
  memset(it, 0, sizeof *it);
  memset(&config, 0, sizeof config);
  config.size = sizeof config;
  config.rx_size = rx;
  OK(mw_imap_new(&config, &it->imap));
  open_link(&it->link, imap_port);
  while (mw_imap_state(it->imap) == MW_STATE_GREETING) step(it);
  if (tls) {
    DO(it, mw_imap_starttls(it->imap, &tag));
    while (it->link.tls == NULL) step(it); /* MW_EVENT_START_TLS comes behind its completion */
  }
  DO(it, mw_imap_login(it->imap, user, password, &tag));
}

static void close_mailbox(mailbox_ *it) {
  mw_tag tag;
  OK(mw_imap_logout(it->imap, &tag));
  it->waited = tag;
  while (step(it) != MW_CLOSED) {
  }
  close_link(&it->link);
  mw_imap_free(it->imap);
}

static void appends(int tls) {
  mailbox_ it;
  mw_append_options options;
  mw_limits limits;
  mw_list offered;
  mw_entry entry;
  mw_selected selected;
  int plus = 0;
  open_mailbox(&it, 0, tls);
  offered = mw_imap_capabilities(it.imap);
  while (mw_list_next(&offered, &entry)) plus += mw_string_is(&entry.name, "LITERAL+");
  CHECK(plus == 1 && mw_imap_has(it.imap, "LITERAL+"));
  OK(mw_imap_limits(it.imap, &limits));
  memset(&options, 0, sizeof options);
  options.size = sizeof options;
  options.flags = "\\Seen $Live";
  it.upload = "Subject: small\r\n\r\n.";
  DO(&it, mw_imap_append(it.imap, "INBOX", 100, &options, &tag)); /* LITERAL+ */
  CHECK(it.uids_appended == 1);
  it.upload = "Subject: large\r\n\r\n.";
  DO(&it, mw_imap_append(it.imap, "INBOX", 100000, NULL, &tag)); /* waits for the + */
  CHECK(it.uids_appended == 1);
  it.upload = "Subject: many\r\n\r\n.";
  it.messages_left = 200;
  DO(&it, mw_imap_multi_append(it.imap, "INBOX", &tag));
  CHECK(it.uids_appended == 200);
  DO(&it, mw_imap_select(it.imap, "INBOX", NULL, &tag));
  OK(mw_imap_selected(it.imap, &selected));
  CHECK(selected.exists == 202);
  close_mailbox(&it);
}

static void numbers(void) {
  mailbox_ it;
  size_t i;
  char items[4096], sets[64];
  open_mailbox(&it, 256, 0);
  DO(&it, mw_imap_examine(it.imap, "INBOX", NULL, &tag));
  DO(&it, mw_imap_search(it.imap, "SEEN KEYWORD $Live", NULL, MW_BY_UID, &tag));
  CHECK(it.numbers == 1);
  DO(&it, mw_imap_search(it.imap, "SUBJECT many UNSEEN", NULL, MW_BY_NUMBER, &tag));
  CHECK(it.numbers == 200 && it.batches > 1 && it.last_number == 202);
  DO(&it, mw_imap_search(it.imap, NULL, "MIN MAX COUNT ALL", MW_BY_UID, &tag));
  CHECK(it.numbers == 202);
  DO(&it, mw_imap_search(it.imap, "LARGER 50000", "SAVE", MW_BY_UID, &tag));
  DO(&it, mw_imap_fetch(it.imap, "$", "UID RFC822.SIZE", MW_BY_UID, NULL, &tag));
  CHECK(it.items == 2);
  DO(&it, mw_imap_sort(it.imap, "REVERSE ARRIVAL SUBJECT", "ALL", NULL, MW_BY_NUMBER, &tag));
  CHECK(it.numbers == 202 && it.batches > 1);
  DO(&it, mw_imap_thread(it.imap, "REFERENCES", NULL, MW_BY_NUMBER, &tag));
  CHECK(it.numbers == 202 && it.batches > 1 && it.threads > 0 && it.opened == 0);
  /* More items than any fixed list would have held. */
  memset(items, 0, sizeof items);
  for (i = 0; i < 100; i++)
    snprintf(items + strlen(items), sizeof items - strlen(items), " BODY.PEEK[TEXT]<%d.9>", (int)i);
  DO(&it, mw_imap_fetch(it.imap, "2", items, MW_BY_NUMBER, NULL, &tag));
  CHECK(it.bodies == 100 && it.body_bytes == 900);
  DO(&it, mw_imap_fetch(it.imap, "2", "BODY.PEEK[]", MW_BY_NUMBER, NULL, &tag));
  CHECK(it.body_bytes == 100000);
  {
    uint32_t some[] = {1, 2, 3, 7, 9, 10};
    CHECK(mw_set_write(some, 6, sets, sizeof sets) == 6);
    DO(&it, mw_imap_fetch(it.imap, sets, "FLAGS", MW_BY_NUMBER, NULL, &tag));
    CHECK(it.items == 6);
  }
  close_mailbox(&it);
}

static void compressed(int tls) {
  mailbox_ it;
  open_mailbox(&it, 0, tls);
  DO(&it, mw_imap_compress(it.imap, &tag));
  while (it.link.inflater == NULL) step(&it);
  CHECK(mw_imap_is_compressed(it.imap) && it.link.inflater != NULL);
  DO(&it, mw_imap_examine(it.imap, "INBOX", NULL, &tag));
  DO(&it, mw_imap_fetch(it.imap, "1:*", "UID ENVELOPE BODYSTRUCTURE", MW_BY_NUMBER, NULL, &tag));
  CHECK(it.items == 3 * 202);
  DO(&it, mw_imap_fetch(it.imap, "2", "BODY.PEEK[]", MW_BY_NUMBER, NULL, &tag));
  CHECK(it.body_bytes == 100000);
  CHECK(mw_inflater_is_flushed(it.link.inflater) && !mw_inflater_has_ended(it.link.inflater));
  close_mailbox(&it);
}

static void signs_in(const char *mechanism) {
  mailbox_ it;
  mw_sasl_config config;
  mw_imap_config quirky;
  mw_bytes name;
  memset(&it, 0, sizeof it);
  memset(&config, 0, sizeof config);
  config.size = sizeof config;
  config.mechanism = mechanism;
  config.user = user;
  config.password = password;
  config.is_protected = true;
  config.nonce.ptr = (const uint8_t *)"0123456789abcdef";
  config.nonce.len = 16;
  memset(&quirky, 0, sizeof quirky);
  quirky.size = sizeof quirky;
  quirky.quirks = MW_QUIRK_NO_MOVE | MW_QUIRK_ID_AFTER_LOGIN;
  OK(mw_imap_new(&quirky, &it.imap));
  CHECK(mw_imap_quirks(it.imap) == quirky.quirks);
  OK(mw_sasl_new(&config, &it.sasl));
  open_link(&it.link, imap_port);
  while (mw_imap_state(it.imap) == MW_STATE_GREETING) step(&it);
  DO(&it, mw_imap_authenticate(it.imap, it.sasl, &tag));
  OK(mw_sasl_finish(it.sasl));
  name = mw_sasl_mechanism(it.sasl);
  CHECK(mechanism == NULL || (name.len == strlen(mechanism) && !memcmp(name.ptr, mechanism, name.len)));
  mw_sasl_free(it.sasl);
  DO(&it, mw_imap_select(it.imap, "INBOX", NULL, &tag));
  CHECK(!mw_imap_has(it.imap, "MOVE"));
  {
    mw_argument arguments[5];
    memset(arguments, 0, sizeof arguments);
    arguments[0].kind = MW_ARGUMENT_MAILBOX;
    arguments[0].text = "INBOX";
    arguments[1].kind = MW_ARGUMENT_OPEN;
    arguments[2].kind = MW_ARGUMENT_ATOM;
    arguments[2].text = "MESSAGES";
    arguments[3].kind = MW_ARGUMENT_ATOM;
    arguments[3].text = "UIDNEXT";
    arguments[4].kind = MW_ARGUMENT_CLOSE;
    DO(&it, mw_imap_custom(it.imap, "STATUS", arguments, 5, &tag));
  }
  close_mailbox(&it);
}

static void idles(void) {
  mailbox_ it, other;
  mw_tag tag;
  open_mailbox(&it, 0, 0);
  open_mailbox(&other, 0, 0);
  DO(&it, mw_imap_select(it.imap, "INBOX", NULL, &tag));
  it.exists = 0;
  OK(mw_imap_idle(it.imap, &tag));
  while (!it.idling) step(&it);
  other.upload = "Subject: while idle\r\n\r\n.";
  DO(&other, mw_imap_append(other.imap, "INBOX", 50, NULL, &tag));
  while (it.exists != 203) step(&it);
  OK(mw_imap_done(it.imap));
  it.waited = tag;
  while (it.waited != 0) step(&it);
  CHECK(it.status == MW_STATUS_OK);
  close_mailbox(&other);
  close_mailbox(&it);
}

static void append_one(const char *subject) {
  mailbox_ it;
  open_mailbox(&it, 0, 0);
  it.upload = subject;
  DO(&it, mw_imap_append(it.imap, "INBOX", 64, NULL, &tag));
  close_mailbox(&it);
}

static void empties(void) {
  mailbox_ it;
  mw_selected selected;
  open_mailbox(&it, 0, 0);
  DO(&it, mw_imap_select(it.imap, "INBOX", NULL, &tag));
  DO(&it, mw_imap_store(it.imap, "1:*", MW_STORE_ADD, "\\Deleted", MW_BY_NUMBER, NULL, &tag));
  DO(&it, mw_imap_expunge(it.imap, &tag));
  OK(mw_imap_selected(it.imap, &selected));
  CHECK(selected.exists == 0);
  close_mailbox(&it);
}

/* ---- The watchers. */

static void watches(int tls) {
  mw_watch_config config;
  mw_watched inbox;
  mw_pair id[2] = {{"name", "live"}, {"version", NULL}};
  mw_cursor cursor;
  uint8_t kept[MW_CURSOR_SIZE];
  mw_watch *watch;
  mw_watch_event event;
  link_ link;
  size_t alerts = 0, told_before = 3;
  char subject[64];
  mw_result result;
  append_one("Subject: first\r\n\r\n.");
  append_one("Subject: second\r\n\r\n.");
  append_one("Subject: third\r\n\r\n.");
  memset(&config, 0, sizeof config);
  config.size = sizeof config;
  config.user = user;
  config.password = password;
  config.start_tls = tls != 0;
  config.everything = true;
  config.mailboxes = &inbox;
  config.mailboxes_count = 1;
  config.id = id;
  config.id_count = 2;
  config.backoff_first_ms = 10;
  config.backoff_most_ms = 20;
  config.filter = "NOT SUBJECT second";
  inbox.mailbox = "INBOX";
  inbox.cursor = NULL;
  told_before--;
  OK(mw_watch_new(&config, &watch));
  open_link(&link, imap_port);
  for (;;) {
    mw_buffers *buffers = mw_watch_buffers(watch);
    result = mw_watch_advance(watch, now(), &event);
    CHECK(result >= 0);
    flush(&link, buffers);
    if (result == MW_CLOSED) break;
    if (result == MW_NEED_INPUT) {
      receive(&link, buffers, mw_watch_deadline(watch));
    } else if (event.kind == MW_WATCH_START_TLS) {
      handshake(&link);
      OK(mw_watch_tls_started(watch));
    } else if (event.kind == MW_WATCH_ALERT) {
      mw_text_copy(&event.subject, subject, sizeof subject);
      OK(mw_watch_acknowledge(watch, event.mailbox, event.uid));
      alerts++;
      if (alerts == told_before + 1) {
        CHECK(strcmp(subject, "at last") == 0);
        OK(mw_watch_stop(watch));
      }
    } else if (event.kind == MW_WATCH_CAUGHT_UP && alerts == told_before) {
      OK(mw_watch_cursor(watch, 0, kept));
      CHECK(mw_cursor_read(kept, &cursor) && cursor.next_uid > 3);
      append_one("Subject: at last\r\n\r\n."); /* comes by IDLE */
    } else {
      CHECK(event.kind != MW_WATCH_RETRY && event.kind != MW_WATCH_REFUSED);
    }
  }
  CHECK(alerts == told_before + 1);
  mw_watch_free(watch);
  close_link(&link);
  /* The server is gone: it waits as it was told. */
  inbox.cursor = kept;
  OK(mw_watch_new(&config, &watch));
  OK(mw_watch_unreachable(watch));
  CHECK(mw_watch_advance(watch, 1000, &event) == MW_EVENT && event.kind == MW_WATCH_RETRY);
  CHECK(event.cause == MW_CAUSE_UNREACHABLE && event.at_ms > 1000 && event.at_ms <= 1010);
  mw_watch_free(watch);
}

static void pop3_watches(int tls) {
  mw_pop3_watch_config config;
  mw_pop3_watch *watch;
  mw_watch_event event;
  link_ link;
  size_t alerts = 0, looks = 0, count = 0, capacity = 0;
  mw_result result;
  memset(&config, 0, sizeof config);
  config.size = sizeof config;
  config.user = user;
  config.password = password;
  config.start_tls = tls != 0;
  config.everything = true;
  config.delete_acknowledged = true;
  config.poll_ms = 50;
  OK(mw_pop3_watch_new(&config, &watch));
  open_link(&link, pop3_port);
  for (;;) {
    mw_buffers *buffers = mw_pop3_watch_buffers(watch);
    result = mw_pop3_watch_advance(watch, now(), &event);
    CHECK(result >= 0);
    flush(&link, buffers);
    if (result == MW_CLOSED) break;
    if (result == MW_NEED_INPUT) {
      receive(&link, buffers, mw_pop3_watch_deadline(watch));
    } else if (event.kind == MW_WATCH_START_TLS) {
      handshake(&link);
      OK(mw_pop3_watch_tls_started(watch));
    } else if (event.kind == MW_WATCH_ALERT) {
      alerts++;
      CHECK(event.unique_id.len > 0 && !mw_text_is_empty(&event.subject));
      OK(mw_pop3_watch_acknowledge(watch, event.uid));
      CHECK(mw_pop3_watch_record(watch).len > 0);
      OK(mw_pop3_watch_record_size(watch, &count, &capacity));
      CHECK(count > 0 && capacity >= count);
      if (alerts == 5) OK(mw_pop3_watch_stop(watch));
    } else if (event.kind == MW_WATCH_RETRY) {
      struct timespec wait = {0, 60000000};
      CHECK(event.cause == MW_CAUSE_POLL);
      close_link(&link);
      if (++looks == 1) {
        CHECK(alerts == 4);
        append_one("Subject: and one more\r\n\r\n.");
      }
      nanosleep(&wait, NULL);
      open_link(&link, pop3_port);
      OK(mw_pop3_watch_reconnect(watch));
    } else {
      CHECK(event.kind != MW_WATCH_REFUSED);
    }
  }
  CHECK(alerts == 5 && looks > 0);
  mw_pop3_watch_free(watch);
  close_link(&link);
}

/* ---- POP3. */

static void pop3(int tls) {
  mw_pop3_config config;
  mw_sasl_config who;
  mw_pop3 *pop;
  mw_sasl *sasl;
  mw_pop3_event event;
  mw_pop3_limits limits;
  mw_list mechanisms;
  mw_entry entry;
  link_ link;
  int stage = tls ? 0 : 1, uidls = 0, ended = 0;
  size_t bytes = 0, offered = 0;
  memset(&config, 0, sizeof config);
  config.size = sizeof config;
  config.rx_size = 512;
  OK(mw_pop3_new(&config, &pop));
  memset(&who, 0, sizeof who);
  who.size = sizeof who;
  who.user = user;
  who.password = password;
  who.is_protected = true;
  who.nonce.ptr = (const uint8_t *)"fedcba9876543210";
  who.nonce.len = 16;
  OK(mw_sasl_new(&who, &sasl));
  open_link(&link, pop3_port);
  for (;;) {
    mw_buffers *buffers = mw_pop3_buffers(pop);
    mw_result result = mw_pop3_advance(pop, now(), &event);
    CHECK(result >= 0);
    if (result == MW_EVENT) {
      switch (event.kind) {
      case MW_POP3_START_TLS:
        handshake(&link);
        OK(mw_pop3_tls_started(pop));
        break;
      case MW_POP3_CHALLENGE: OK(mw_pop3_respond(pop, sasl, &event)); break;
      case MW_POP3_UIDL_ITEM: uidls++; break;
      case MW_POP3_MESSAGE_CHUNK: bytes += event.bytes.len; break;
      case MW_POP3_MESSAGE_END: ended = 1; break;
      case MW_POP3_COMPLETED: CHECK(event.ok); break;
      default: break;
      }
    }
    if (mw_pop3_in_flight(pop) == 0 && mw_pop3_knows_capabilities(pop) && stage < 7 &&
        mw_pop3_state(pop) != MW_POP3_STATE_GREETING &&
        (stage != 1 || (link.tls != NULL) == (tls != 0))) {
      switch (stage++) {
      case 0: OK(mw_pop3_stls(pop)); break;
      case 1:
        mechanisms = mw_pop3_mechanisms(pop);
        while (mw_list_next(&mechanisms, &entry)) offered++;
        CHECK(offered > 1 && mw_pop3_has_mechanism(pop, "PLAIN"));
        OK(mw_pop3_authenticate(pop, sasl));
        break;
      case 2:
        OK(mw_sasl_finish(sasl));
        CHECK(mw_pop3_state(pop) == MW_POP3_STATE_TRANSACTION);
        OK(mw_pop3_limits_of(pop, &limits));
        OK(mw_pop3_uidl(pop, 0));
        break;
      case 3:
        CHECK(uidls == 203);
        OK(mw_pop3_retr(pop, 2));
        break;
      case 4:
        CHECK(ended && bytes >= 100000 && bytes <= 100000 + 2);
        OK(mw_pop3_custom(pop, "NOOP", NULL, 0, false));
        break;
      case 5: OK(mw_pop3_rset(pop)); break;
      default: OK(mw_pop3_quit(pop)); break;
      }
    }
    flush(&link, buffers);
    if (result == MW_CLOSED) break;
    if (result == MW_NEED_INPUT) receive(&link, buffers, mw_pop3_deadline(pop));
  }
  CHECK(stage == 7);
  mw_sasl_free(sasl);
  mw_pop3_free(pop);
  close_link(&link);
}

#define RUN(call) \
  do { \
    doing = #call; \
    call; \
  } while (0)

int main(int argc, char **argv) {
  int tls = 0;
  if (argc != 7) return 2;
  host = argv[1];
  imap_port = argv[2];
  pop3_port = argv[3];
  user = argv[5];
  password = argv[6];
#ifdef WITH_TLS
  tls = 1;
  tls_context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_verify(tls_context, SSL_VERIFY_PEER, NULL);
  CHECK(SSL_CTX_load_verify_locations(tls_context, argv[4], NULL) == 1);
#endif
  RUN(appends(tls));
  RUN(numbers());
  RUN(compressed(0));
  if (tls) RUN(compressed(1));
  RUN(signs_in(NULL));
  RUN(signs_in("SCRAM-SHA-256"));
  RUN(signs_in("PLAIN"));
  RUN(signs_in("CRAM-MD5"));
  RUN(idles());
  RUN(pop3(0));
  if (tls) RUN(pop3(1));
  RUN(empties());
  RUN(watches(tls));
  RUN(pop3_watches(tls));
#ifdef WITH_TLS
  SSL_CTX_free(tls_context);
#endif
  printf("live: all as it should be\n");
  return 0;
}
