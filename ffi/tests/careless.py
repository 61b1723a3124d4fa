#!/usr/bin/env python3
"""Writes a C program that calls every function of the header as carelessly as the header allows:
with NULL and 0; then, many times, with what is there: live handles, events and lists that are stale,
structs of zeros or of 0xFF, texts that are none of what is wanted, absurd lengths and numbers. The
first must say MW_ERR_NULL; nothing may be a crash. For a sanitizer to look at."""
import re
import sys

TEXT = re.sub(r"/\*.*?\*/", "", open(sys.argv[1]).read(), flags=re.S)
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 300

# Structs, to know which hold pointers that C fills in: those are never made of 0xFF.
STRUCTS = dict(re.findall(r"typedef struct (mw_\w+) \{(.*?)\n\}", TEXT, re.S))
HANDLES = ("mw_imap", "mw_pop3", "mw_watch", "mw_pop3_watch", "mw_sasl", "mw_inflater")
# What is walked: filled by mailwire, from events of long ago.
LENT = ("mw_event", "mw_pop3_event", "mw_list", "mw_numbers", "mw_threads",
        "mw_addresses", "mw_parts", "mw_string", "mw_text", "mw_mail_addresses", "mw_fields")


def functions():
    body = TEXT[TEXT.index('extern "C"'):]
    for kind, name, params in re.findall(r"\n([\w ]+?[ *]+)(mw_\w+)\(([^;]*?)\);", body):
        params = [] if params.strip() == "void" else [" ".join(p.split()) for p in params.split(",")]
        yield kind.strip(), name, [split(p) for p in params]


def split(param):
    """The type, and the name."""
    kind, name = re.match(r"(.*?)(\w+)$", param).groups()
    return kind.replace("struct ", "").strip(), name


def nothing(kind):
    if "*" in kind:
        return "NULL"
    return "no_bytes" if kind == "mw_bytes" else "0"


def counted(params, index):
    """Whether this pointer is followed by its length."""
    after = params[index + 1:index + 2]
    base = params[index][0].replace("const ", "").replace("*", "").strip()
    return (bool(after) and after[0][0] == "size_t" and "*" in params[index][0]
            and base not in HANDLES + ("mw_buffers",))


def value(function, params, index):
    """A careless value for a parameter: a C expression that chooses one."""
    kind, name = params[index]
    base = kind.replace("const ", "").replace("*", "").strip()
    stars = kind.count("*")
    if function.endswith(("_init", "_new")) and name == "config":
        # Of an older or newer header, and with nonsense where no pointer is.
        return f"config_of(sizeof({base}))"
    if stars == 2 and "char" in kind:
        return "pick(2) ? texts : NULL"
    if stars == 2:
        return f"(void *)&places[{index}]"
    if stars == 1 and base == "char" and "const" in kind:
        return "some_text()"
    if stars == 1 and base in ("char", "uint8_t"):
        if function.startswith("mw_cursor") or name == "out_cursor":
            return f"places[{index}].bytes"
        return f"pick(8) ? (void *)places[{index}].bytes : NULL"
    if stars == 1 and base in HANDLES:
        if function.endswith(("_free", "_wipe")):
            return "NULL"
        return f"pick(20) ? {base}_ : NULL"
    if stars == 1 and base == "mw_buffers":
        return "pick(20) ? some_buffers() : NULL"
    if stars == 1 and base in LENT and not name.startswith("out_"):
        return f"some_{base}({index})"
    if stars == 1 and base in STRUCTS and not name.startswith("out_"):
        if counted(params, index):
            return f"(void *)zeros({index}, 0)"
        return f"(void *)zeros({index}, sizeof({base}))"
    if stars == 1:
        return f"pick(4) ? (void *)&places[{index}] : NULL"
    if kind == "mw_bytes":
        return "some_bytes()"
    if kind == "size_t":
        if index > 0 and counted(params, index - 1):
            # As long as it is, or longer than anything can be.
            before = params[index - 1][0]
            one = before.replace("const ", "").replace("*", "").strip()
            small = "4" if one in STRUCTS or before.count("*") == 2 else "sizeof places[0]"
            if one == "mw_wanted":
                small = "1"
            return f"some_length({small})"
        return "some_size()"
    if kind == "bool":
        return "pick(2)"
    return f"({kind})some_number()"


def main():
    print(PRELUDE)
    every = list(functions())
    print("static void with_nothing(void) {")
    for kind, name, params in every:
        call = f"{name}({', '.join(nothing(p[0]) for p in params)})"
        if kind == "mw_result":
            print(f'  is_null("{name}", {call});')
        else:
            print(f"  (void){call};" if kind != "void" else f"  {call};")
    print("}\n\nstatic void with_something(void) {")
    for kind, name, params in every:
        if name.endswith("_new"):
            base = name[:-len("_new")]
            print(f'  doing = "{name}";\n  {{\n    {base} *made = NULL;')
            print(f"    (void){name}({value(name, params, 0)}, pick(9) ? &made : NULL);")
            print(f"    {base}_free(made);\n  }}")
            continue
        args = ", ".join(value(name, params, i) for i in range(len(params)))
        print(f'  doing = "{name}";\n  {"" if kind == "void" else "(void)"}{name}({args});')
    print("}\n")
    print(MAIN % (ROUNDS, len(every), ROUNDS))


PRELUDE = r"""
#include "walk.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int bad;
static const char *doing = "";
static uint32_t state = 1;

static uint32_t any(void) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

static uint32_t pick(uint32_t count) { return any() % count; }

static void is_null(const char *name, mw_result result) {
  if (result != MW_ERR_NULL) {
    printf("%s(NULL): %s\n", name, mw_result_name(result));
    bad = 1;
  }
}

/* What out parameters are written to, and what is read from: aligned for all, and large enough. */
static union place { uint8_t bytes[8192]; uint64_t align; void *pointer; } places[12];
static const mw_bytes no_bytes;
static uint8_t ground[65536];
static uint8_t inflater_memory[MW_INFLATER_SIZE];
static mw_imap *mw_imap_;
static mw_pop3 *mw_pop3_;
static mw_watch *mw_watch_;
static mw_pop3_watch *mw_pop3_watch_;
static mw_sasl *mw_sasl_;
static mw_inflater *mw_inflater_;

static const char *const words[] = {
    "", "INBOX", "1:*", "1,2,3:9", "$", "*", "0", "UID FLAGS BODY.PEEK[1.2]<0.9>", "UNSEEN OR SEEN (NOT ALL)",
    "\xff\xfe", "a\r\nb", "\"", "(", "))", "\\Seen $x", "REVERSE DATE", "MIN COUNT PARTIAL 1:2",
    "STATUS (MESSAGES", "BODY BINARY", "INTERNAL", "+lrs", "/private/x", "text", "*", "base64", "utf-8",
    "IDLE", "CONDSTORE", "\xc3\xbc", "PLAIN", "MessageNew", "REFERENCES"};
static const char *texts[4];

static const char *some_text(void) {
  uint32_t choice = pick(34);
  return choice < 32 ? words[choice] : NULL;
}

static size_t some_size(void) {
  static const size_t sizes[] = {0, 1, 2, 64, 5000, (size_t)-1, (size_t)-1 / 2, (size_t)-1 / 2 + 1};
  return sizes[pick(8)];
}

static size_t some_length(size_t real) {
  uint32_t choice = pick(4);
  return choice == 0 ? 0 : choice == 1 ? (size_t)-1 - pick(4) : pick((uint32_t)real + 1);
}

static uint64_t some_number(void) {
  static const uint64_t numbers[] = {0, 1, 2, 3, 7, 100, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF};
  uint32_t choice = pick(10);
  return choice < 8 ? numbers[choice] : any();
}

static mw_bytes some_bytes(void) {
  mw_bytes bytes;
  bytes.ptr = pick(8) ? ground + pick(64) : NULL;
  bytes.len = bytes.ptr == NULL ? 0 : some_length(1000);
  return bytes;
}

static void *zeros(int place, size_t size) {
  memset(places[place].bytes, 0, sizeof places[place].bytes);
  if (size > 0) memcpy(places[place].bytes, &size, sizeof size);
  return pick(5) ? places[place].bytes : NULL;
}

static void *config_of(size_t size) {
  static const size_t sizes[] = {0, 3, sizeof(size_t), 5000};
  return zeros(11, pick(3) ? size : sizes[pick(4)]);
}

static mw_buffers *some_buffers(void) {
  switch (pick(4)) {
  case 0: return mw_imap_buffers(mw_imap_);
  case 1: return mw_pop3_buffers(mw_pop3_);
  case 2: return mw_watch_buffers(mw_watch_);
  default: return mw_pop3_watch_buffers(mw_pop3_watch_);
  }
}

/* Events as they were, whose bytes have since been others'. */
static mw_event old[64];
static size_t old_count;

#define SOME(type, from) \
  static type *some_##type(int place) { \
    type it; \
    if (pick(8) == 0) return NULL; \
    memset(&it, 0, sizeof it); \
    if (pick(4) != 0) it = from; \
    memcpy(places[place].bytes, &it, sizeof it); \
    return (type *)places[place].bytes; \
  }

static mw_event *last(uint32_t kind) {
  size_t i, start = pick(64);
  for (i = 0; i < old_count; i++)
    if (old[(start + i) % old_count].kind == kind) return &old[(start + i) % old_count];
  return &old[0];
}

static mw_event *last_item(uint32_t item) {
  size_t i;
  for (i = 0; i < old_count; i++)
    if (old[i].kind == MW_EVENT_FETCH_ITEM && old[i].item == item) return &old[i];
  return &old[0];
}

static mw_pop3_event no_pop3(void) {
  mw_pop3_event it;
  memset(&it, 0, sizeof it);
  it.kind = MW_POP3_CHALLENGE;
  it.bytes = some_bytes();
  return it;
}

static mw_parts parts_of(void) {
  mw_parts it;
  mw_parts_of(last_item(MW_ITEM_BODYSTRUCTURE)->data.structure, &it);
  return it;
}

static mw_mail_addresses addresses_of(void) { return mw_mail_addresses_of(some_bytes()); }

SOME(mw_event, old[pick(64) % old_count])
SOME(mw_pop3_event, no_pop3())
SOME(mw_list, last(MW_EVENT_FLAGS)->data.list)
SOME(mw_numbers, last(MW_EVENT_SEARCH)->data.found_numbers.numbers)
SOME(mw_threads, last(MW_EVENT_THREAD)->data.threads)
SOME(mw_addresses, last_item(MW_ITEM_ENVELOPE)->data.envelope.from)
SOME(mw_parts, parts_of())
SOME(mw_string, last(MW_EVENT_LIST)->data.mailbox.name)
SOME(mw_text, mw_text_of(some_bytes()))
SOME(mw_mail_addresses, addresses_of())
SOME(mw_fields, mw_fields_of(some_bytes()))

static const char session[] =
    "* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n"
    "* FLAGS (\\Seen \\Answered $x)\r\n* LIST (\\HasChildren) \"/\" \"a&AOQ-\"\r\n* SEARCH 1 2 3 5 8\r\n"
    "* THREAD (1)(2 3 (4)(5))\r\n* ID (\"name\" \"x\")\r\n* QUOTA r (STORAGE 1 2)\r\n"
    "* ESEARCH (TAG \"A1\") UID ALL 1:4,9\r\n* VANISHED 1:4\r\n* STATUS x (MESSAGES 1 UIDNEXT 2)\r\n"
    "* 1 FETCH (FLAGS (\\Seen) ENVELOPE (NIL \"s\" ((\"n\" NIL \"m\" \"h\")) NIL NIL NIL NIL NIL NIL NIL) "
    "BODYSTRUCTURE ((\"text\" \"plain\" (\"charset\" \"x\") NIL NIL \"7bit\" 5 1)(\"a\" \"b\" NIL NIL NIL "
    "\"base64\" 3) \"mixed\") BODY[1] {3}\r\nabc)\r\n* OK [COPYUID 1 2:3 4:5] x\r\n";

/* Who takes the wrong member of the union, finds nothing in it. */
static void mistake(const mw_event *event) {
  mw_event_data data = event->data;
  mw_threads threads = data.threads;
  mw_address one;
  walk_list(data.list, 0);
  walk_list(data.response.code.list, 0);
  walk_list(data.mailbox.attributes, 0);
  walk_list(data.mailbox.extended, 0);
  walk_list(data.mailbox_status.values, 0);
  walk_list(data.found.items, 0);
  walk_list(data.body.fields, 0);
  walk_numbers(data.response.code.numbers);
  walk_numbers(data.response.code.destination);
  walk_numbers(data.found_numbers.numbers);
  walk_numbers(data.found.numbers);
  while (mw_threads_next(&threads, NULL) != 0) {
  }
  while (mw_addresses_next(&data.envelope.from, &one)) {
  }
  while (mw_addresses_next(&data.envelope.bcc, &one)) {
  }
}

static void remember(void) {
  static uint8_t memory[MW_IMAP_OVERHEAD + 2048];
  mw_imap_config config;
  mw_imap *imap;
  mw_event event;
  size_t at = 0;
  memset(&config, 0, sizeof config);
  config.size = sizeof config;
  config.options = MW_OBSERVER;
  if (mw_imap_init(memory, sizeof memory, &config, &imap) != MW_OK) abort();
  for (;;) {
    mw_result result = mw_imap_advance(imap, 0, &event);
    if (result == MW_EVENT) {
      walk_event(&event);
      mistake(&event);
      if (old_count < 64) old[old_count++] = event;
    } else if (result == MW_NEED_INPUT && at < sizeof session - 1) {
      at += mw_buffers_fill(mw_imap_buffers(imap), (const uint8_t *)session + at, sizeof session - 1 - at);
    } else {
      break;
    }
  }
}

static void make(void) {
  mw_watch_config watch;
  mw_pop3_watch_config pop3_watch;
  mw_sasl_config sasl;
  const uint8_t hello[] = "* PREAUTH [CAPABILITY IMAP4rev1 LITERAL+ AUTH=PLAIN] hi\r\n";
  mw_event event;
  memset(&watch, 0, sizeof watch);
  memset(&pop3_watch, 0, sizeof pop3_watch);
  memset(&sasl, 0, sizeof sasl);
  watch.size = sizeof watch;
  pop3_watch.size = sizeof pop3_watch;
  sasl.size = sizeof sasl;
  sasl.user = "u";
  sasl.password = "p";
  mw_imap_new(NULL, &mw_imap_);
  mw_pop3_new(NULL, &mw_pop3_);
  mw_watch_new(&watch, &mw_watch_);
  mw_pop3_watch_new(&pop3_watch, &mw_pop3_watch_);
  mw_sasl_new(&sasl, &mw_sasl_);
  mw_inflater_init(inflater_memory, sizeof inflater_memory, &mw_inflater_);
  if (pick(2)) {
    mw_buffers_fill(mw_imap_buffers(mw_imap_), hello, sizeof hello - 1);
    mw_imap_advance(mw_imap_, 0, &event);
  }
}

static void unmake(void) {
  mw_imap_free(mw_imap_);
  mw_pop3_free(mw_pop3_);
  mw_watch_free(mw_watch_);
  mw_pop3_watch_free(mw_pop3_watch_);
  mw_sasl_free(mw_sasl_);
}

static void tell(int signal) {
  fprintf(stderr, "in %s\n", doing);
  (void)signal;
  abort();
}
"""

MAIN = r"""
int main(void) {
  size_t i;
  int round;
  with_nothing();
  signal(SIGSEGV, tell);
  for (i = 0; i < sizeof ground; i++) ground[i] = (uint8_t)(i %% 7 == 0 ? ' ' : "<a@b>,;=?q\r\n"[i %% 12]);
  texts[0] = "a";
  texts[1] = "\xff";
  texts[2] = NULL;
  texts[3] = "INBOX";
  remember();
  for (round = 0; round < %d; round++) {
    make();
    with_something();
    unmake();
  }
  printf("%d functions with nothing, and %d times with something\n");
  return bad;
}
"""

main()
