/* Reads all mail by POP3, and deletes it if asked to: pop3_drain HOST PORT USER PASSWORD [-d]
 * Without TLS: for loopback only. */
#include "transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct drain {
  mw_pop3 *mail;
  transport link;
  uint32_t messages;
} drain;

static void fail(const char *what, mw_result result) {
  fprintf(stderr, "%s: %s\n", what, mw_result_name(result));
  exit(1);
}

static void next(drain *it, mw_pop3_event *event) {
  mw_buffers *buffers = mw_pop3_buffers(it->mail);
  for (;;) {
    mw_result result = mw_pop3_advance(it->mail, transport_now(), event);
    if (transport_flush(&it->link, buffers) != 0) fail("sending", MW_ERR_UNEXPECTED_EOF);
    if (result == MW_EVENT || result == MW_CLOSED) return;
    if (result != MW_NEED_INPUT) fail("connection", result);
    if (transport_receive(&it->link, buffers, mw_pop3_deadline(it->mail)) != 0)
      fail("receiving", MW_ERR_UNEXPECTED_EOF);
  }
}

/* Sees a command through. Others may end meanwhile: the connection asks for CAPA by itself. */
static void finish(drain *it, const char *what, uint32_t command, mw_result sent) {
  mw_pop3_event event;
  char text[256];
  if (sent != MW_OK) fail(what, sent);
  transport_flush(&it->link, mw_pop3_buffers(it->mail));
  do {
    next(it, &event);
    switch (event.kind) {
    case MW_POP3_STAT:
      it->messages = event.number;
      printf("%lu messages, %lu octets\n", (unsigned long)event.number, (unsigned long)event.size);
      break;
    case MW_POP3_UIDL_ITEM:
      mw_string_copy(&event.name, text, sizeof text);
      printf("message %lu is %s\n", (unsigned long)event.number, text);
      break;
    case MW_POP3_MESSAGE_CHUNK:
      fwrite(event.bytes.ptr, 1, event.bytes.len, stdout);
      break;
    default:
      break;
    }
  } while (event.kind != MW_POP3_COMPLETED || event.command != command);
  if (!event.ok) {
    mw_string_copy(&event.text, text, sizeof text);
    fprintf(stderr, "%s: the server says: %s\n", what, text);
    exit(1);
  }
}

int main(int argc, char **argv) {
  drain it;
  mw_pop3_event event;
  mw_result result;
  uint32_t message;
  if (argc < 5) {
    fprintf(stderr, "usage: %s HOST PORT USER PASSWORD [-d]\n", argv[0]);
    return 2;
  }
  memset(&it, 0, sizeof it);
  if (transport_open(&it.link, argv[1], argv[2]) != 0) return 1;
  result = mw_pop3_new(NULL, &it.mail);
  if (result != MW_OK) fail("no memory", result);
  do next(&it, &event);
  while (event.kind != MW_POP3_GREETING);
  finish(&it, "user", MW_POP3_CMD_USER, mw_pop3_user(it.mail, argv[3]));
  finish(&it, "password", MW_POP3_CMD_PASS, mw_pop3_pass(it.mail, argv[4]));
  finish(&it, "stat", MW_POP3_CMD_STAT, mw_pop3_stat(it.mail));
  finish(&it, "uidl", MW_POP3_CMD_UIDL, mw_pop3_uidl(it.mail, 0));
  for (message = 1; message <= it.messages; message++) {
    finish(&it, "retr", MW_POP3_CMD_RETR, mw_pop3_retr(it.mail, message));
    if (argc > 5 && strcmp(argv[5], "-d") == 0)
      finish(&it, "dele", MW_POP3_CMD_DELE, mw_pop3_dele(it.mail, message));
  }
  finish(&it, "quit", MW_POP3_CMD_QUIT, mw_pop3_quit(it.mail));
  mw_pop3_free(it.mail);
  transport_close(&it.link);
  return 0;
}
