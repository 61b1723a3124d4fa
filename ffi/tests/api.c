/* What a careless program may do: absurd lengths, too little memory, options of another size. */
#include "walk.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#undef NDEBUG

static int holds(const uint8_t *memory, size_t len, const char *text) {
  size_t i;
  for (i = 0; i + strlen(text) <= len; i++)
    if (memcmp(memory + i, text, strlen(text)) == 0) return 1;
  return 0;
}

static const char hello[] = "* OK [CAPABILITY IMAP4rev1] hi\r\n";

int main(void) {
  static union { uint8_t bytes[MW_WATCH_OVERHEAD + MW_WATCHED_SIZE + 4096]; uint64_t align; } place;
  uint8_t *const memory = place.bytes;
  mw_imap *imap;
  mw_pop3 *pop3;
  mw_watch *watch;
  mw_sasl *sasl;
  mw_imap_config config;
  mw_watch_config watched;
  mw_sasl_config who;
  mw_event event;
  mw_error error;
  mw_parts parts;
  mw_string string;
  mw_bytes bytes;
  char room[8];
  size_t i, taken;
  uint32_t numbers[] = {1, 2, 3, 9, 11, 12};
  const size_t absurd = (size_t)-1;

  for (i = 0; i < 1500; i++) {
    mw_result result = mw_imap_init(memory, i, NULL, &imap);
    assert(result == MW_OK || result == MW_ERR_MEMORY);
    assert((result == MW_OK) == (imap != NULL));
  }
  assert(mw_imap_init(memory, absurd, NULL, &imap) == MW_ERR_MEMORY && imap == NULL);
  memset(&config, 0, sizeof config);
  assert(mw_imap_init(memory, sizeof place.bytes, &config, &imap) == MW_ERR_INVALID_ARGUMENT);
  config.size = sizeof(size_t); /* a program of long ago */
  assert(mw_imap_init(memory, sizeof place.bytes, &config, &imap) == MW_OK);
  memset(memory, 0, 2 * sizeof config);
  memcpy(memory, &config, sizeof config);
  i = sizeof config + 9; /* a program of the future, with options that are not used ... */
  memcpy(memory, &i, sizeof i);
  assert(mw_imap_new((const mw_imap_config *)(const void *)memory, &imap) == MW_OK);
  mw_imap_free(imap);
  memory[sizeof config + 8] = 1; /* ... and with one that is */
  assert(mw_imap_new((const mw_imap_config *)(const void *)memory, &imap) == MW_ERR_INVALID_ARGUMENT);
  config.size = sizeof config;
  config.rx_size = absurd;
  config.tx_size = absurd;
  assert(mw_imap_new(&config, &imap) == MW_ERR_MEMORY);

  assert(mw_imap_init(memory + 3, sizeof place.bytes - 3, NULL, &imap) == MW_OK);
  assert(mw_imap_login(imap, "a", "b", NULL) == MW_ERR_WRONG_STATE);
  assert(mw_imap_last_error(imap, &error) == MW_OK && error.result == MW_ERR_WRONG_STATE);
  assert(mw_buffers_fill(mw_imap_buffers(imap), memory, absurd) == 0);
  mw_buffers_commit(mw_imap_buffers(imap), absurd);
  while (mw_imap_advance(imap, 0, &event) == MW_EVENT) walk_event(&event);
  assert(mw_imap_write_literal(imap, memory, absurd, &taken) == MW_ERR_INVALID_ARGUMENT);
  mw_buffers_consume(mw_imap_buffers(imap), absurd);
  assert(mw_buffers_take(mw_imap_buffers(imap), memory, absurd) == 0);

  /* Of a password that was never sent, nothing is left. */
  assert(mw_imap_init(memory, sizeof place.bytes, NULL, &imap) == MW_OK);
  mw_buffers_fill(mw_imap_buffers(imap), (const uint8_t *)hello, sizeof hello - 1);
  assert(mw_imap_advance(imap, 0, &event) == MW_EVENT && event.kind == MW_EVENT_GREETING);
  assert(mw_imap_login(imap, "a", "hunter2", NULL) == MW_OK && holds(memory, sizeof place.bytes, "hunter2"));
  assert(mw_buffers_clear(mw_imap_buffers(imap)) == MW_OK && !holds(memory, sizeof place.bytes, "hunter2"));

  bytes.ptr = memory;
  bytes.len = absurd;
  assert(!mw_parts_of(bytes, &parts));
  string.ptr = memory;
  string.len = absurd;
  string.form = 0xFFFFFFFF;
  assert(mw_string_copy(&string, room, sizeof room) == 0 && room[0] == 0);
  assert(mw_string_copy(&string, room, absurd) == 0);

  assert(mw_set_write(numbers, 6, room, sizeof room) == 4 && strcmp(room, "1:3,9") == 0);
  assert(mw_set_write(numbers, absurd, room, sizeof room) == 0);

  assert(mw_pop3_init(memory, sizeof place.bytes, NULL, &pop3) == MW_OK);
  assert(mw_pop3_retr(pop3, 1) == MW_ERR_WRONG_STATE);
  memset(&watched, 0, sizeof watched);
  watched.size = sizeof watched;
  watched.filter = "UNSEEN";
  assert(mw_watch_init(memory + 1, sizeof place.bytes - 1, &watched, &watch) == MW_OK);
  assert(mw_imap_advance(mw_watch_imap(watch), 0, &event) == MW_ERR_WRONG_STATE);
  assert(mw_watch_cursor(watch, 1, memory) == MW_ERR_INVALID_ARGUMENT);
  watched.mailboxes_count = absurd;
  assert(mw_watch_new(&watched, &watch) < 0);
  memset(&who, 0, sizeof who);
  who.size = sizeof who;
  who.mechanism = "NONSENSE";
  assert(mw_sasl_new(&who, &sasl) == MW_OK);
  assert(mw_imap_new(NULL, &imap) == MW_OK);
  assert(mw_imap_authenticate(imap, sasl, NULL) == MW_ERR_SASL_NO_MECHANISM);
  mw_sasl_free(sasl);
  mw_imap_free(imap);
  assert(strcmp(mw_result_name(MW_ERR_TX_FULL), "MW_ERR_TX_FULL") == 0);
  printf("all as it should be\n");
  return 0;
}
