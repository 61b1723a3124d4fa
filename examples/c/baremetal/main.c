/* A device without malloc and without an OS: reads what a server said, from memory that stands for
 * its UART or radio, and says what it understood. Runs in QEMU: see ffi/test. */
#include <mailwire.h>

#include <stdint.h>
#include <string.h>

/* To the host, by semihosting. */
static int host(int operation, const void *argument) {
  register int r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

static void print(const char *text) { host(0x04, text); }

static void leave(int ok) {
  host(0x18, (const void *)(uintptr_t)(ok ? 0x20026 : 0x20023));
  for (;;) {
  }
}

/* All the memory that mailwire gets. */
static uint8_t memory[MW_IMAP_OVERHEAD + 1024 + 256];

static const char *const server[] = {
    "* PREAUTH [CAPABILITY IMAP4rev1 IDLE] hello\r\n",
    "* 2 EXISTS\r\nA1 OK [READ-ONLY] selected\r\n",
    "* 2 FETCH (UID 7 ENVELOPE (NIL \"=?UTF-8?Q?Pump_3=3A_=C3=BCberhitzt?=\" ((\"Pump\" NIL \"pump\" "
    "\"example.org\")) NIL NIL NIL NIL NIL NIL NIL) BODY[TEXT]<0> {5}\r\n104 C)\r\nA2 OK\r\n",
};

int main(void) {
  mw_imap *mail;
  mw_event event;
  mw_buffers *bytes;
  mw_tag tag = 0;
  size_t heard = 0, step = 0;
  char text[80];
  if (mw_imap_init(memory, sizeof memory, NULL, &mail) != MW_OK) leave(0);
  bytes = mw_imap_buffers(mail);
  for (;;) {
    const uint8_t *out;
    size_t len;
    mw_result result = mw_imap_advance(mail, 0, &event);
    /* A device would send this; here nobody listens. */
    mw_buffers_pending(bytes, &out, &len);
    mw_buffers_consume(bytes, len);
    if (result == MW_NEED_INPUT) {
      /* A few bytes at a time, as from a UART. */
      size_t left;
      if (step == sizeof server / sizeof *server) leave(0);
      left = strlen(server[step]) - heard;
      heard += mw_buffers_fill(bytes, (const uint8_t *)server[step] + heard, left < 7 ? left : 7);
      if (heard == strlen(server[step])) {
        heard = 0;
        step++;
      }
      continue;
    }
    if (result != MW_EVENT) leave(0);
    if (event.kind == MW_EVENT_GREETING) {
      mw_imap_examine(mail, "INBOX", NULL, &tag);
    } else if (event.kind == MW_EVENT_COMPLETED && event.data.response.code.kind == MW_CODE_READ_ONLY) {
      mw_imap_fetch(mail, "2", "UID ENVELOPE BODY.PEEK[TEXT]<0.64>", MW_BY_NUMBER, NULL, &tag);
    } else if (event.kind == MW_EVENT_FETCH_ITEM && event.item == MW_ITEM_ENVELOPE) {
      mw_string_decode(&event.data.envelope.subject, text, sizeof text);
      print(text);
      print(" ");
    } else if (event.kind == MW_EVENT_FETCH_CHUNK) {
      len = event.bytes.len < sizeof text ? event.bytes.len : sizeof text - 1;
      memcpy(text, event.bytes.ptr, len);
      text[len] = 0;
      print(text);
    } else if (event.kind == MW_EVENT_COMPLETED) {
      print("\n");
      leave(1);
    }
  }
}
