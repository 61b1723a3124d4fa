/* Shows what is unread in the INBOX: inbox HOST PORT USER PASSWORD [-i]
 * With -i it stays, and tells of new mail by IDLE until one came. Without TLS: for loopback only. */
#include "transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct inbox {
  mw_imap *mail;
  transport link;
  uint32_t uids[64]; /* of the first unread messages */
  size_t found;
} inbox;

static void fail(const char *what, mw_result result, mw_imap *mail) {
  mw_error error;
  fprintf(stderr, "%s: %s", what, mw_result_name(result));
  if (mw_imap_last_error(mail, &error) == MW_OK && error.why.len > 0)
    fprintf(stderr, " (%.*s)", (int)error.why.len, (const char *)error.why.ptr);
  fputc('\n', stderr);
  exit(1);
}

static void show_envelope(const mw_envelope *envelope) {
  char text[256];
  mw_addresses from = envelope->from;
  mw_address one;
  while (mw_addresses_next(&from, &one)) {
    mw_string_decode(&one.name, text, sizeof text);
    printf("  from     %s", text);
    mw_string_copy(&one.mailbox, text, sizeof text);
    printf(" <%s", text);
    mw_string_copy(&one.host, text, sizeof text);
    printf("@%s>\n", text);
  }
  mw_string_decode(&envelope->subject, text, sizeof text);
  printf("  subject  %s\n", text);
}

static void show_structure(mw_bytes structure) {
  mw_parts parts;
  mw_part part;
  char type[64], subtype[64];
  mw_parts_of(structure, &parts);
  while (mw_parts_next(&parts, &part)) {
    mw_string_copy(&part.media_type, type, sizeof type);
    mw_string_copy(&part.subtype, subtype, sizeof subtype);
    printf("  part     %s %s/%s\n", part.number[0] ? part.number : "-", type, subtype);
  }
}

static void show(inbox *it, const mw_event *event) {
  char text[256];
  mw_numbers numbers;
  mw_range range;
  switch (event->kind) {
  case MW_EVENT_STATUS:
    if (event->data.response.code.kind == MW_CODE_ALERT) {
      mw_string_copy(&event->data.response.text, text, sizeof text);
      printf("the server says: %s\n", text);
    }
    break;
  case MW_EVENT_EXISTS:
    printf("%lu messages\n", (unsigned long)event->number);
    break;
  case MW_EVENT_SEARCH:
    numbers = event->data.found_numbers.numbers;
    while (mw_numbers_next(&numbers, &range))
      if (it->found < sizeof it->uids / sizeof *it->uids) it->uids[it->found++] = range.first;
    break;
  case MW_EVENT_FETCH_START:
    printf("message %lu\n", (unsigned long)event->number);
    break;
  case MW_EVENT_FETCH_ITEM:
    switch (event->item) {
    case MW_ITEM_ENVELOPE: show_envelope(&event->data.envelope); break;
    case MW_ITEM_BODYSTRUCTURE: show_structure(event->data.structure); break;
    case MW_ITEM_RFC822_SIZE: printf("  size     %lu\n", (unsigned long)event->value); break;
    case MW_ITEM_FLAGS:
      if (event->value & MW_FLAG_FLAGGED) printf("  flagged\n");
      break;
    default: break;
    }
    break;
  case MW_EVENT_FETCH_BODY:
    printf("  text     ");
    break;
  case MW_EVENT_FETCH_CHUNK:
    fwrite(event->bytes.ptr, 1, event->bytes.len, stdout);
    break;
  default:
    break;
  }
}

/* Goes on to the next event. */
static void next(inbox *it, mw_event *event) {
  mw_buffers *buffers = mw_imap_buffers(it->mail);
  for (;;) {
    mw_result result = mw_imap_advance(it->mail, transport_now(), event);
    if (transport_flush(&it->link, buffers) != 0) fail("sending", MW_ERR_UNEXPECTED_EOF, it->mail);
    if (result == MW_EVENT || result == MW_CLOSED) return;
    if (result != MW_NEED_INPUT) fail("connection", result, it->mail);
    if (transport_receive(&it->link, buffers, mw_imap_deadline(it->mail)) != 0)
      fail("receiving", MW_ERR_UNEXPECTED_EOF, it->mail);
  }
}

static bool ends(const mw_event *event, mw_tag tag) {
  return event->kind == MW_EVENT_COMPLETED && event->tag == tag;
}

/* Whether the server did it. */
static void check(const char *what, const mw_event *event) {
  char text[256];
  if (event->data.response.status == MW_STATUS_OK) return;
  mw_string_copy(&event->data.response.text, text, sizeof text);
  fprintf(stderr, "%s: the server says: %s\n", what, text);
  exit(1);
}

/* Sees a command through. */
static void finish(inbox *it, const char *what, mw_result sent, mw_tag tag) {
  mw_event event;
  if (sent != MW_OK) fail(what, sent, it->mail);
  transport_flush(&it->link, mw_imap_buffers(it->mail));
  do {
    next(it, &event);
    show(it, &event);
  } while (!ends(&event, tag));
  check(what, &event);
}

int main(int argc, char **argv) {
  inbox it;
  mw_event event;
  mw_tag tag;
  mw_result sent;
  char set[1024];
  if (argc < 5) {
    fprintf(stderr, "usage: %s HOST PORT USER PASSWORD [-i]\n", argv[0]);
    return 2;
  }
  memset(&it, 0, sizeof it);
  if (transport_open(&it.link, argv[1], argv[2]) != 0) return 1;
  sent = mw_imap_new(NULL, &it.mail);
  if (sent != MW_OK) fail("no memory", sent, NULL);

  do next(&it, &event);
  while (event.kind != MW_EVENT_GREETING);
  /* What the server can do is known at once, or asked for by the connection. */
  while (!mw_imap_knows_capabilities(it.mail)) next(&it, &event);

  sent = mw_imap_login(it.mail, argv[3], argv[4], &tag);
  finish(&it, "login", sent, tag);
  sent = mw_imap_examine(it.mail, "INBOX", NULL, &tag);
  finish(&it, "examine", sent, tag);
  sent = mw_imap_search(it.mail, "UNSEEN", NULL, MW_BY_UID, &tag);
  finish(&it, "search", sent, tag);
  if (it.found > 0) {
    mw_set_write(it.uids, it.found, set, sizeof set);
    sent = mw_imap_fetch(it.mail, set, "FLAGS RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[TEXT]<0.200>",
                         MW_BY_UID, NULL, &tag);
    finish(&it, "fetch", sent, tag);
  }
  if (argc > 5 && strcmp(argv[5], "-i") == 0) {
    sent = mw_imap_idle(it.mail, &tag);
    if (sent != MW_OK) fail("idle", sent, it.mail);
    transport_flush(&it.link, mw_imap_buffers(it.mail));
    do {
      next(&it, &event);
      if (event.kind == MW_EVENT_IDLING) {
        printf("waiting\n");
        fflush(stdout);
      }
      show(&it, &event);
    } while (event.kind != MW_EVENT_EXISTS && !ends(&event, tag));
    if (event.kind == MW_EVENT_EXISTS) {
      sent = mw_imap_done(it.mail);
      finish(&it, "done", sent, tag);
    } else {
      /* The server ended it, or has refused it. */
      check("idle", &event);
    }
  }
  sent = mw_imap_logout(it.mail, &tag);
  finish(&it, "logout", sent, tag);
  mw_imap_free(it.mail);
  transport_close(&it.link);
  return 0;
}
