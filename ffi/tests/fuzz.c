/* Any bytes of a server's, through an observer, with each event walked when it is fresh and once
 * more when it is stale; and any text as an argument. For libFuzzer; with main, for files. */
#include "walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t memory[MW_IMAP_OVERHEAD + 512 + 256];
  mw_imap_config config;
  mw_imap *imap;
  mw_event event, stale;
  size_t at = 0, step = size > 0 ? 1 + data[0] : 1;
  mw_result result;
  memset(&config, 0, sizeof config);
  memset(&stale, 0, sizeof stale);
  config.size = sizeof config;
  config.options = MW_OBSERVER;
  if (mw_imap_init(memory + (size & 7), sizeof memory - 7, &config, &imap) != MW_OK) abort();
  for (;;) {
    result = mw_imap_advance(imap, at, &event);
    walk_event(&stale);
    if (result == MW_EVENT) {
      walk_event(&event);
      stale = event;
    } else if (result == MW_NEED_INPUT && at < size) {
      size_t piece = size - at < step ? size - at : step;
      at += mw_buffers_fill(mw_imap_buffers(imap), data + at, piece);
    } else if (result == MW_NEED_INPUT && at == size) {
      mw_buffers_close(mw_imap_buffers(imap));
      at++;
    } else {
      break;
    }
  }
  {
    /* A text as each kind of argument: one line is sent, or an error is told. */
    char text[200];
    const uint8_t *sent;
    size_t len = size < sizeof text - 1 ? size : sizeof text - 1, i, lines = 0;
    mw_imap *mail;
    static const char hello[] = "* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+ SORT ESEARCH] hi\r\n";
    static const char opened[] = "A1 OK\r\n";
    memcpy(text, data, len);
    text[len] = 0;
    config.options = MW_SEND_UNOFFERED;
    if (mw_imap_init(memory, sizeof memory, &config, &mail) != MW_OK) abort();
    mw_buffers_fill(mw_imap_buffers(mail), (const uint8_t *)hello, sizeof hello - 1);
    mw_imap_advance(mail, 0, &event);
    mw_imap_select(mail, "x", NULL, NULL);
    mw_buffers_consume(mw_imap_buffers(mail), 1000);
    mw_buffers_fill(mw_imap_buffers(mail), (const uint8_t *)opened, sizeof opened - 1);
    mw_imap_advance(mail, 0, &event);
    switch (len > 0 ? data[0] % 8 : 0) {
    case 0: result = mw_imap_search(mail, text, NULL, MW_BY_UID, NULL); break;
    case 1: result = mw_imap_fetch(mail, "1", text, MW_BY_NUMBER, NULL, NULL); break;
    case 2: result = mw_imap_fetch(mail, text, "UID", MW_BY_UID, NULL, NULL); break;
    case 3: result = mw_imap_store(mail, "1", MW_STORE_ADD, text, MW_BY_UID, NULL, NULL); break;
    case 4: result = mw_imap_sort(mail, text, text, text, MW_BY_UID, NULL); break;
    case 5: result = mw_imap_status(mail, text, text, NULL); break;
    case 6: result = mw_imap_set_acl(mail, text, text, text, NULL); break;
    default: result = mw_imap_enable(mail, text, NULL); break;
    }
    mw_buffers_pending(mw_imap_buffers(mail), &sent, &len);
    if (result != MW_OK && len != 0) abort();
    for (i = 0; i < len; i++) lines += sent[i] == '\n';
    /* Only literals may hold more lines, and they are announced. */
    if (lines > 1 && memchr(sent, '{', len) == NULL) abort();
  }
  return 0;
}

#ifdef MAIN
int main(int argc, char **argv) {
  static uint8_t data[1 << 20];
  int i;
  for (i = 1; i < argc; i++) {
    FILE *file = fopen(argv[i], "rb");
    if (file == NULL) return 1;
    LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof data, file));
    fclose(file);
  }
  printf("%d files\n", argc - 1);
  return 0;
}
#endif
