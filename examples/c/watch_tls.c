/* Tells of new mail for as long as it runs: watch_tls HOST PORT USER PASSWORD CA.pem [COUNT]
 * By TLS of OpenSSL. The cursor is kept in ./mailwire.cursor. Ends after COUNT alerts, if given. */
#define _POSIX_C_SOURCE 200112L
#include "transport.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const FILE_NAME = "mailwire.cursor";

static void keep(mw_watch *watch) {
  uint8_t cursor[MW_CURSOR_SIZE];
  FILE *file;
  if (mw_watch_cursor(watch, 0, cursor) != MW_OK) return;
  file = fopen(FILE_NAME, "wb");
  if (file == NULL) return;
  fwrite(cursor, 1, sizeof cursor, file);
  fclose(file);
}

static int connect_tls(transport *link, SSL_CTX *context, const char *host, const char *port) {
  SSL *tls;
  if (transport_open(link, host, port) != 0) return -1;
  tls = SSL_new(context);
  if (tls == NULL) {
    transport_close(link);
    return -1;
  }
  SSL_set_tlsext_host_name(tls, host);
  SSL_set1_host(tls, host);
  SSL_set_fd(tls, link->fd);
  SSL_clear_mode(tls, SSL_MODE_AUTO_RETRY); /* see transport_receive */
  link->tls = tls;
  if (SSL_connect(tls) != 1) {
    fprintf(stderr, "the TLS handshake failed\n");
    transport_close(link);
    return -1;
  }
  return 0;
}

static void tell(const mw_watch_event *event) {
  char text[256];
  mw_mail_addresses from = event->from;
  mw_mail_address one;
  printf("mail %lu", (unsigned long)event->uid);
  while (mw_mail_addresses_next(&from, &one)) {
    mw_text_copy(&one.spec, text, sizeof text);
    printf(" from %s", text);
  }
  mw_text_copy(&event->subject, text, sizeof text);
  printf(": %s\n", text);
  if (event->preview.len > 0)
    printf("  %.*s\n", (int)event->preview.len, (const char *)event->preview.ptr);
  fflush(stdout);
}

int main(int argc, char **argv) {
  mw_watch_config config;
  mw_watched inbox;
  uint8_t cursor[MW_CURSOR_SIZE];
  mw_watch *watch;
  mw_watch_event event;
  mw_result result;
  transport link = {-1, NULL};
  SSL_CTX *context;
  FILE *file;
  long left;
  if (argc < 6) {
    fprintf(stderr, "usage: %s HOST PORT USER PASSWORD CA.pem [COUNT]\n", argv[0]);
    return 2;
  }
  left = argc > 6 ? atol(argv[6]) : -1;
  context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  if (SSL_CTX_load_verify_locations(context, argv[5], NULL) != 1) return 1;

  memset(&config, 0, sizeof config);
  config.size = sizeof config;
  config.user = argv[3];
  config.password = argv[4];
  config.mailboxes = &inbox;
  config.mailboxes_count = 1;
  config.everything = true;
  inbox.mailbox = "INBOX";
  inbox.cursor = NULL;
  file = fopen(FILE_NAME, "rb");
  if (file != NULL) {
    if (fread(cursor, 1, sizeof cursor, file) == sizeof cursor) inbox.cursor = cursor;
    fclose(file);
  }
  result = mw_watch_new(&config, &watch);
  if (result != MW_OK) {
    fprintf(stderr, "%s\n", mw_result_name(result));
    return 1;
  }
  if (connect_tls(&link, context, argv[1], argv[2]) != 0) mw_watch_unreachable(watch);
  for (;;) {
    mw_buffers *buffers = mw_watch_buffers(watch);
    int broken;
    result = mw_watch_advance(watch, transport_now(), &event);
    broken = link.fd >= 0 && transport_flush(&link, buffers) != 0;
    if (result == MW_CLOSED) break;
    if (result == MW_NEED_INPUT) {
      if (!broken) broken = transport_receive(&link, buffers, mw_watch_deadline(watch)) != 0;
    } else if (result != MW_EVENT) {
      fprintf(stderr, "%s\n", mw_result_name(result));
      return 1;
    } else if (event.kind == MW_WATCH_ALERT) {
      tell(&event);
      mw_watch_acknowledge(watch, event.mailbox, event.uid);
      keep(watch);
      if (left > 0 && --left == 0) mw_watch_stop(watch);
    } else if (event.kind == MW_WATCH_CAUGHT_UP || event.kind == MW_WATCH_OPEN) {
      keep(watch);
    } else if (event.kind == MW_WATCH_REFUSED) {
      fprintf(stderr, "the server refused\n");
      return 1;
    } else if (event.kind == MW_WATCH_RETRY) {
      uint64_t now = transport_now();
      struct timespec wait;
      transport_close(&link);
      wait.tv_sec = event.at_ms > now ? (time_t)((event.at_ms - now) / 1000) : 0;
      wait.tv_nsec = 1000000;
      nanosleep(&wait, NULL);
      broken = connect_tls(&link, context, argv[1], argv[2]) != 0;
      if (!broken) mw_watch_reconnect(watch);
    }
    /* Not before the event was looked at: what it lends is gone after this. */
    if (broken) mw_watch_unreachable(watch);
  }
  mw_watch_free(watch);
  transport_close(&link);
  SSL_CTX_free(context);
  return 0;
}
